"""What the loader starts, before and without a player."""

from __future__ import annotations

import subprocess
import sys

import pytest

from .harness import Home


def test_a_player_that_was_closed_at_once_is_no_fault(home: Home) -> None:
    """Whoever opens the wrong film and closes it in the same moment finds no error in the log."""
    with subprocess.Popen(["true"]) as mpv:
        mpv.wait()
    done = home.cli("attach", "--socket", str(home.folder / "nowhere.sock"), "--mpv-pid", str(mpv.pid))
    assert done.returncode == 0
    assert "INFO" in home.log
    assert "mpv had ended before it could be followed" in home.log
    assert "ERROR" not in home.log


def test_a_player_that_cannot_be_reached_is_only_logged(home: Home) -> None:
    """What the loader starts says nothing on any terminal; the log has the sentence."""
    done = home.cli("attach", "--socket", str(home.folder / "nowhere.sock"))
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")
    assert "cannot talk to mpv at " in home.log
    assert "Traceback" not in home.log


def test_what_a_film_does_not_need_is_not_loaded(home: Home) -> None:
    """Beside the player runs no more than watching a film takes: nothing for commands, no network yet."""
    look = (
        "import sys\nfrom mpv_simkl.attach import attach\n"
        "attach(sys.argv[1:])\n"
        "large = {'argparse', 'gettext', 'shutil', 'requests', 'ssl', 'zoneinfo', 'html', 'mpv_simkl.cli'}\n"
        "print(sorted(large & set(sys.modules)))"
    )
    line = [sys.executable, "-I", "-c", look, "--socket", "/dev/null"]
    done = subprocess.run(line, env=home.environment, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_what_the_loader_says_is_understood_in_both_ways(home: Home) -> None:
    """A loader of any version is understood: a value stands behind its name, or behind an equals sign."""
    file = home.folder / "a=b"
    file.touch()
    for socket in (["--socket", str(file)], [f"--socket={file}"]):
        done = home.cli("attach", *socket, "--has-input", "--script", "simkl")
        assert done.returncode == 1
    assert home.log.count(f"cannot talk to mpv at {file}: it is not a socket") == 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--of-another-version", "--socket", "/dev/null", "--script", "simkl"], "at /dev/null: "),
        (["--socket=/dev/null", "--of-another-version", "value", "--script"], "at /dev/null: "),
        (["--socket", "/dev/null", "--mpv-pid", "none"], "at /dev/null: "),
        (["--own-socket", "--socket"], "at : it is not a socket"),
        ([], "at : it is not a socket"),
    ],
)
def test_words_that_make_no_sense_stop_nothing_and_are_not_silent(
    home: Home, words: list[str], told: str
) -> None:
    """A loader of another version, or one that somebody has changed, leaves a sentence in the log."""
    assert home.cli("attach", *words).returncode == 1
    assert f"cannot talk to mpv {told}" in home.log
