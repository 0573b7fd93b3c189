"""The log: one file for all players, a plain line for each happening, never a secret.

A line is written by opening the file, appending and closing it again, all under a lock that every process of
ours takes: so lines never mix, and the file can be renamed away when it is full, on Windows too.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from . import places

MAX_BYTES = 1_000_000  # of the file in use; one older file is kept beside it
MAX_LINE = 4_000  # characters
LOOK_AGAIN = 0.25  # seconds between two looks at the file in `follow`

# Control characters and those that turn the direction of text would let a file name write into a terminal.
_BIDI = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))  # Unicode's Bidi_Control
_UNSAFE = (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029, *_BIDI)
_SHOWN = {code: f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" for code in _UNSAFE}
_SHOWN_IN_LINES = {code: shown for code, shown in _SHOWN.items() if code != ord("\n")}


def path() -> Path:
    """The log file, whether or not it exists yet."""
    return places.log_dir() / "mpv-simkl.log"


def shown(text: str) -> str:
    """A text from outside, fit for a terminal or a line of the log; lone surrogates become escapes too."""
    return text.translate(_SHOWN).encode("utf-8", "backslashreplace").decode("utf-8")


def start(level: str) -> None:
    """Write what the parts of this program log from now on, beginning with `level` (its name)."""
    handler = SharedFile(path())
    handler.setFormatter(Line())
    for name in ("mpv_simkl", "mpv-jsonipc"):
        logger = logging.getLogger(name)
        logger.handlers[:] = [handler]
        logger.setLevel(level.upper())
        logger.propagate = False


def tell() -> None:
    """Have warnings said on standard error, as a command does that writes no log."""
    if logging.lastResort is not None:
        logging.lastResort.setFormatter(Sentence())


class Sentence(logging.Formatter):
    """`mpv-simkl: set aside ...`, in place of a progress bar that may stand there."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, whatever it quotes."""
        return f"{_bare_line()}mpv-simkl: {shown(record.getMessage())}"


def _bare_line() -> str:
    """What takes a half-written line of standard error away; nothing where that is no terminal."""
    return "\r\x1b[K" if sys.stderr.isatty() and os.environ.get("TERM") != "dumb" else ""


class Line(logging.Formatter):
    """`2026-11-20T21:04:00Z INFO    4711 sent start ...`, time in UTC, the number is our process."""

    converter = staticmethod(time.gmtime)

    def __init__(self) -> None:
        super().__init__("%(asctime)sZ %(levelname)-7s %(process)d %(message)s", "%Y-%m-%dT%H:%M:%S")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """The line without a trace of control characters."""
        return shown(super().formatMessage(record))[:MAX_LINE]

    def formatException(self, ei: logging._SysExcInfoType) -> str:  # noqa: N802 - logging's name
        """The trace, over several lines."""
        return super().formatException(ei).translate(_SHOWN_IN_LINES)


class SharedFile(logging.Handler):
    """Appends to a file that several processes write, and renames it away when it is full."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record; a log that cannot be written is no reason to fail."""
        try:
            line = (self.format(record) + "\n").encode("utf-8", "backslashreplace")
            with places.locked(self._file.with_suffix(".lock")):
                self._append(line)
        except OSError:
            return
        except (TypeError, ValueError):  # a line that does not fit its fields
            self.handleError(record)

    def _append(self, line: bytes) -> None:
        if self._file.exists() and self._file.stat().st_size + len(line) > MAX_BYTES:
            self._file.replace(self._file.with_suffix(".log.1"))
        with open(self._file, "ab", opener=places.open_private) as file:
            file.write(line)


def last(file: Path, lines: int) -> list[str]:
    """The last lines of the log, the older file included; fewer if there are no more."""
    text = _text(_older(file)) + _text(file)
    return text.splitlines()[-lines:] if lines > 0 else []


def follow(file: Path, place: int | None = None, wait: float = LOOK_AGAIN) -> Iterator[str]:
    """Every line from a place in the file on (bytes; without one: that comes from now on), without end.

    An empty string stands for each look at the file that found nothing new.
    """
    place = end(file) if place is None else place
    begun, rest = _identity(file), b""
    while True:
        data, begun, place = _look(file, begun, place)
        if not data:
            yield ""
            time.sleep(wait)
            continue
        *lines, rest = (rest + data).split(b"\n")
        yield from (line.decode("utf-8", "replace") for line in lines)


def _look(file: Path, begun: int | None, place: int) -> tuple[bytes, int | None, int]:
    """What came after a place in the file that was `begun` then, though it be put aside since; and where to
    look on.
    """
    if not file.exists():
        return b"", begun, place
    with open(file, "rb") as stream:
        found = os.fstat(stream.fileno())
        rest = b""
        if begun not in (found.st_ino, None):
            rest, place = _from(_older(file), place), 0
        stream.seek(min(place, found.st_size))
        return rest + stream.read(), found.st_ino, stream.tell()


def _from(file: Path, place: int) -> bytes:
    return file.read_bytes()[place:] if file.exists() else b""


def _identity(file: Path) -> int | None:
    return file.stat().st_ino if file.exists() else None


def end(file: Path) -> int:
    """The place in the log after its last line, in bytes."""
    return file.stat().st_size if file.exists() else 0


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""


def _older(file: Path) -> Path:
    return file.with_suffix(".log.1")


def quiet_failures() -> None:
    """Keep logging's own complaints out of the user's terminal."""
    logging.raiseExceptions = False
    os.environ.pop("PYTHONWARNINGS", None)
