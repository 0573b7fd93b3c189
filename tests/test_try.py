"""`mpv-simkl try`: seeing it work before trusting it, and nothing left of it afterwards."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from .harness import EPISODE_5, WITHIN


class Trial:
    """A user with a configuration of their own, and a folder for what is temporary."""

    def __init__(self, folder: Path) -> None:
        self.temporary = folder / "tmp"
        self.temporary.mkdir()
        self.home = folder / "home"
        self.conf = self.home / ".config/mpv/mpv.conf"
        self.conf.parent.mkdir(parents=True)
        self.conf.write_text("pause=yes\n")
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "TMPDIR": str(self.temporary),
            "PYTHONUNBUFFERED": "1",
        }

    @contextmanager
    def started(self, *words: str | Path) -> Iterator[subprocess.Popen[str]]:
        """`mpv-simkl try WORDS` on a terminal of its own."""
        line = [sys.executable, "-m", "mpv_simkl", "try", *words]
        pipe = subprocess.PIPE
        with subprocess.Popen(
            line, env=self.environment, stdout=pipe, stderr=pipe, text=True, start_new_session=True
        ) as process:
            try:
                yield process
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)

    def run(self, *words: str | Path) -> tuple[int, str, str]:
        """Exit code, output and complaints."""
        with self.started(*words) as process:
            output, complaints = process.communicate(timeout=3 * WITHIN)
        return process.returncode, output, complaints

    def processes(self) -> list[int]:
        """Everything that runs with this user's folder for what is temporary."""
        mark = f"TMPDIR={self.temporary}".encode()
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if mark in (folder / "environ").read_bytes().split(b"\0"):
                    found.append(int(folder.name))
        return found

    def command_lines(self) -> list[bytes]:
        """How these were started."""
        found = []
        for pid in self.processes():
            with suppress(OSError):
                found.append(Path(f"/proc/{pid}/cmdline").read_bytes())
        return found

    def is_untouched(self) -> bool:
        """The user's own files are as before, nothing temporary is left, and nothing runs."""
        tick, patience = threading.Event(), WITHIN  # our process is gone a moment after its last word
        while self.processes() and patience > 0:
            tick.wait(0.05)
            patience -= 0.05
        files = [path for path in self.home.rglob("*") if path.is_file()]
        left = [*self.temporary.iterdir(), *self.processes()]
        return files == [self.conf] and self.conf.read_text() == "pause=yes\n" and not left


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    """A new user."""
    return Trial(tmp_path)


def test_the_clip_is_watched_before_ones_eyes(trial: Trial) -> None:
    """`try` plays its clip and shows what it took it for, what Simkl was told, and what Simkl knows then."""
    code, output, complaints = trial.run()
    assert (code, complaints) == (0, "")
    assert "taken for The Lighthouse Keepers (2021) S01E03" in output
    assert "POST /scrobble/start" in output
    assert "POST /scrobble/stop" in output
    assert "It plays for 15 seconds; Ctrl-C ends it.\n" in output
    (answer,) = [
        line for line in output.splitlines() if "<- Simkl  201" in line and "action=scrobble" in line
    ]
    assert re.search(r" show\.ids\.imdb=tt99100001| \.\.\.$", answer), "a value is shown whole or not at all"
    assert not re.search(r" $", output, re.MULTILINE)
    assert "history  The Lighthouse Keepers S01E03, watched 20" in output
    assert output.index("/scrobble/start") < output.index("/scrobble/stop") < output.index("What Simkl knows")
    assert trial.is_untouched()


def test_ones_own_file_can_be_tried(trial: Trial, tmp_path: Path) -> None:
    """A file of one's own is played the same way; the small Simkl knows every title."""
    video = tmp_path / "Some Show Nobody Knows - S02E07.mkv"
    line = ["ffmpeg", "-v", "error", "-i", str(EPISODE_5), "-t", "3", "-c", "copy", str(video)]
    subprocess.run(line, check=True)
    code, output, complaints = trial.run(video)
    assert (code, complaints) == (0, "")
    assert "taken for Some Show Nobody Knows S02E07" in output
    assert "history  Some Show Nobody Knows S02E07, watched 20" in output
    assert trial.is_untouched()


def test_what_is_no_video_is_a_failure(trial: Trial, tmp_path: Path) -> None:
    """Where nothing came of it, the exit code says so too, and a sentence what to look at."""
    text = tmp_path / "Some Show Nobody Knows - S02E08.mkv"
    text.write_text("no video")
    code, output, complaints = trial.run(text)
    assert (code, "history  nothing watched" in output) == (1, True)
    assert complaints.startswith("mpv-simkl: mpv never started mpv-simkl; ")
    assert complaints.count("\n") == 1
    assert trial.is_untouched()


def test_without_mpv_it_says_how_to_get_it(trial: Trial, tmp_path: Path) -> None:
    """Where there is no mpv, one sentence says so."""
    trial.environment["PATH"] = str(tmp_path)
    code, output, complaints = trial.run()
    assert (code, output) == (1, "")
    assert complaints.startswith("mpv-simkl: mpv is not installed; ")
    assert complaints.count("\n") == 1


def test_ctrl_c_ends_it_in_order(trial: Trial) -> None:
    """Ctrl-C in the middle: the player closes, what Simkl knows by then is told, and nothing is left."""
    with trial.started() as process:
        assert process.stdout is not None
        assert any("<- Simkl  201" in line for line in process.stdout)
        os.killpg(process.pid, signal.SIGINT)  # as the terminal does: to us and to mpv
        output, complaints = process.communicate(timeout=WITHIN)
    assert (process.returncode, complaints) == (130, "")
    assert "POST /scrobble/stop" in output
    assert "mpv has ended" in output
    assert "history  nothing watched" in output
    assert trial.is_untouched()


def test_nothing_is_left_after_ctrl_c_in_the_first_second(trial: Trial) -> None:
    """Whoever thinks better of it while Python is still starting finds no folder left in /tmp."""
    with trial.started() as process:
        while not any(b"attach" in line for line in trial.command_lines()):
            assert process.poll() is None
        os.killpg(process.pid, signal.SIGINT)
        _, complaints = process.communicate(timeout=WITHIN)
    assert (process.returncode, complaints) == (130, "")
    assert trial.is_untouched()


def test_nothing_is_left_when_nobody_reads_on(trial: Trial) -> None:
    """`mpv-simkl try | head -1`: the player ends with its reader, and nothing is left."""
    with trial.started() as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("A small Simkl listens at ")
        process.stdout.close()
        assert process.wait(WITHIN) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""
    assert trial.is_untouched()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_nothing_is_left_when_it_is_ended_from_outside(trial: Trial, number: signal.Signals) -> None:
    """A terminal that is closed, or a plain `kill`, ends the player and removes the folder too."""
    with trial.started() as process:
        assert process.stdout is not None
        assert any("<- Simkl  201" in line for line in process.stdout)
        process.send_signal(number)
        _, complaints = process.communicate(timeout=WITHIN)
    assert (process.returncode, complaints) == (130, "")
    assert trial.is_untouched()
