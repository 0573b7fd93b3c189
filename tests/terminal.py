"""A terminal with one of our commands in it, and a test's eyes and hands."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from .harness import WITHIN


class Terminal:
    """What `mpv-simkl WORDS` shows on a terminal of 100 columns."""

    def __init__(self, words: tuple[str, ...], environment: Mapping[str, str], rows: int) -> None:
        self.shown = ""
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, 100, 0, 0))
        ours = {name: value for name, value in environment.items() if name not in ("COLUMNS", "LINES")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mpv_simkl", *words],
            env={**ours, "TERM": "xterm-256color", "PYTHONUTF8": "1"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)

    def wait_for(self, text: str) -> None:
        """Wait until it shows a text."""
        deadline = time.monotonic() + WITHIN
        while text not in self.shown:
            assert self._read(deadline - time.monotonic()), f"{text!r} never came, but {self.shown!r}"

    def type(self, line: str) -> None:
        """Type a line."""
        os.write(self._ours, f"{line}\n".encode())

    def press_ctrl_d(self) -> None:
        """What ends the input."""
        os.write(self._ours, b"\x04")

    def press_ctrl_c(self) -> None:
        """What the terminal does when Ctrl and C are pressed."""
        self.process.send_signal(signal.SIGINT)

    def end(self) -> int:
        """Wait for the end; gives the exit code."""
        deadline = time.monotonic() + WITHIN
        while self._read(deadline - time.monotonic()):
            pass
        return self.process.wait(WITHIN)

    def close(self) -> None:
        """Whatever is left of it ends."""
        self.process.kill()
        self.process.wait()
        os.close(self._ours)

    def _read(self, within: float) -> bool:
        """Take what came; False at the end."""
        if not select.select([self._ours], [], [], max(within, 0))[0]:
            return False
        with suppress(OSError):  # Linux says EIO when nobody has the other side open any more
            if data := os.read(self._ours, 65536):
                self.shown += data.decode("utf-8", "replace").replace("\r\n", "\n")
                return True
        return False


@contextmanager
def terminal(*words: str, environment: Mapping[str, str], rows: int = 50) -> Iterator[Terminal]:
    """A terminal for the length of a block."""
    opened = Terminal(words, environment, rows)
    try:
        yield opened
    finally:
        opened.close()
