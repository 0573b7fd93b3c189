"""A hand on the commands: words in, what is printed and the exit code out."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import pytest

from mpv_simkl import cli, places
from mpv_simkl.pace import FILE
from mpv_simkl.sandbox import Sandbox

from .leaks import no_secret_in


@dataclass(frozen=True)
class Said:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str


class Hand:
    """Types commands, in a home of its own, to a Simkl of its own."""

    def __init__(
        self,
        simkl: Sandbox,
        folder: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        self.simkl, self.folder = simkl, folder
        self._monkeypatch, self._capsys = monkeypatch, capsys
        self.set(
            {**simkl.environment, places.HOME: str(folder), "MPV_HOME": str(folder / "mpv"), "NO_COLOR": "1"}
        )

    def set(self, environment: Mapping[str, str]) -> None:
        """Set variables of the environment."""
        for name, value in environment.items():
            self._monkeypatch.setenv(name, value)

    def type(self, *words: str, lines: str | bytes | None = None) -> Said:
        """Run a command; `lines` are piped into it. Simkl's second between two writes has passed before."""
        with suppress(FileNotFoundError):
            (places.data_dir() / FILE).unlink()
        raw = lines.encode() if isinstance(lines, str) else lines or b""
        return self._run(words, io.TextIOWrapper(io.BytesIO(raw)))

    def answer(self, answer: str, *words: str) -> Said:
        """Run a command in front of a terminal, and type an answer to its question."""
        with a_terminal() as (hand, screen):
            os.write(hand, f"{answer}\n".encode())
            return self._run(words, screen)

    def _run(self, words: tuple[str, ...], stdin: TextIO) -> Said:
        self._monkeypatch.setattr(sys, "stdin", stdin)
        try:
            code = cli.main(words)
        except SystemExit as ending:  # argparse's own way out
            code = int(str(ending.code))
        told = self._capsys.readouterr()
        no_secret_in(told.out + told.err, self.simkl, "what is printed")
        return Said(code, told.out, told.err)

    def bodies(self, path: str) -> list[Any]:
        """What was sent to an address of Simkl's."""
        return [call.body for call in self.simkl.calls if call.path == path]

    def watched(self) -> list[tuple[str, int | None, int | None]]:
        """What Simkl holds as watched: title, season, number."""
        return [(watch.title, watch.season, watch.number) for watch in self.simkl.history]


@contextmanager
def a_terminal() -> Iterator[tuple[int, TextIO]]:
    """A terminal: the end where the person sits, and the one that a program reads from."""
    hand, line = os.openpty()
    with os.fdopen(line, encoding="utf-8") as screen:
        try:
            yield hand, screen
        finally:
            os.close(hand)
