"""Standard output and standard error whose reader may go, as that of `| head` does."""

from __future__ import annotations

import io
import os
import sys
from typing import TextIO


class ReaderGone(BrokenPipeError):
    """Nobody reads on, and the command was for a reader only."""


class Output(io.TextIOWrapper):
    """What cannot be heard goes nowhere, and the command goes on: its work and its exit code count."""

    ends_with_reader = False

    def write(self, text: str) -> int:
        """As any stream does, but for a pipe that is closed."""
        try:
            return super().write(text)
        except BrokenPipeError:
            self._reader_has_gone()
            return len(text)

    def flush(self) -> None:
        """As above."""
        try:
            super().flush()
        except BrokenPipeError:
            self._reader_has_gone()

    def _reader_has_gone(self) -> None:
        if self.ends_with_reader:
            raise ReaderGone
        lead_nowhere(self)


def lead_nowhere(stream: TextIO) -> None:
    """Let nothing fail from now on: Python tries once more at its end, and would show a traceback."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def over(stream: TextIO | None) -> TextIO:
    """The stream for our words, over one that must live as long; without one they go nowhere.

    A title must not fail on a terminal that lacks its letters.
    """
    if stream is None:
        return open(os.devnull, "w", encoding="utf-8", errors="backslashreplace")
    if not isinstance(stream, io.TextIOWrapper):
        return stream
    return Output(
        stream.buffer,
        stream.encoding,
        errors="backslashreplace",
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


def for_a_reader_only() -> None:
    """Let the command end when nobody reads: it shows what comes, and has no other work."""
    if isinstance(sys.stdout, Output):
        sys.stdout.ends_with_reader = True
