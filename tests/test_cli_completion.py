"""Completion in the shells; bash is asked for real, for it is everywhere."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from mpv_simkl.cli import completion, parser, tree

from .hand import Hand

ROOT = tree.read(parser())


def completed(script: Path, *words: str) -> set[str]:
    """What bash offers for the last word."""
    tab = 'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _mpv_simkl; printf "%s\\n" "${COMPREPLY[@]}"'
    line = f'source "{script}"; {tab}'
    bash = str(shutil.which("bash"))
    told = subprocess.run([bash, "-c", line, "bash", *words], capture_output=True, text=True, check=True)
    return set(told.stdout.splitlines())


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("mpv-simkl", "unm"), {"unmark"}),
        (("mpv-simkl", "journal", ""), {"list", "replay"}),
        (("mpv-simkl", "mark", "--status", "pl"), {"plantowatch"}),
        (("mpv-simkl", "mark", "--movie", "Arrival", "--long"), {"--long-ago"}),
        (("mpv-simkl", "journal", "list", "--j"), {"--json"}),
        (("mpv-simkl", "completion", ""), {"bash", "zsh", "fish"}),
    ],
)
def test_bash_completes_commands_options_and_values(
    hand: Hand, words: tuple[str, ...], offered: set[str]
) -> None:
    """A started word becomes the command, the option or the value that it begins."""
    script = hand.folder / "completion"
    script.write_text(hand.type("completion", "bash").out)
    assert completed(script, *words) >= offered
    assert all(word.startswith(words[-1]) for word in completed(script, *words))


def test_bash_completes_a_folder_with_a_space(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is offered is there: one folder, not the two words of its name."""
    script = hand.folder / "completion"
    script.write_text(hand.type("completion", "bash").out)
    (hand.folder / "My Mpv").mkdir()
    monkeypatch.chdir(hand.folder)
    assert completed(script, "mpv-simkl", "install", "--mpv-dir", "M") == {"My Mpv"}


def test_bash_completes_behind_an_equals_sign(hand: Hand) -> None:
    """bash takes `--status=pl` for three words; the value is completed all the same."""
    script = hand.folder / "completion"
    script.write_text(hand.type("completion", "bash").out)
    assert completed(script, "mpv-simkl", "mark", "--status", "=", "pl") == {"plantowatch"}
    assert completed(script, "mpv-simkl", "match", "--for", "=") == {"file", "folder", "title"}


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("mpv-simkl unm", {"unmark"}),
        ("mpv-simkl journal ", {"list", "replay", "retry", "drop"}),
        ("mpv-simkl journal list --j", {"--json"}),
        ("mpv-simkl mark --movie log --f", set()),
        ("mpv-simkl mark --show Status --whole", {"--whole-season", "--whole-show"}),
        ("mpv-simkl install --mpv-dir M", {"My Mpv/"}),
    ],
)
def test_fish_completes_what_there_is(hand: Hand, line: str, offered: set[str]) -> None:
    """A title that is called like a command brings no options of that command, and a folder is no file."""
    script = hand.folder / "completion"
    script.write_text(hand.type("completion", "fish").out)
    (hand.folder / "My Mpv").mkdir()
    (hand.folder / "My film.mkv").touch()
    ask = ["fish", "--no-config", "-c", f"source {script}; complete -C '{line}'"]
    told = subprocess.run(ask, capture_output=True, text=True, check=True, cwd=hand.folder)
    assert {each.partition("\t")[0] for each in told.stdout.splitlines()} == offered


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_command_and_option_can_be_completed(shell: str) -> None:
    """Nothing that can be typed is missing in any shell, and nothing hidden is in it."""
    script = completion.SHELLS[shell](ROOT)
    for each in ROOT.walk():
        assert not each.path or each.path[-1] in script
        for option in each.options:
            for word in option.words:
                bare = word.lstrip("-")
                assert (
                    (f"-l {bare} " in script or f"-s {bare} " in script)
                    if shell == "fish"
                    else word in script
                )
    assert "attach" not in script


def test_an_unknown_shell_is_refused(hand: Hand) -> None:
    """Only the three shells are known."""
    assert hand.type("completion", "tcsh").code == 2
