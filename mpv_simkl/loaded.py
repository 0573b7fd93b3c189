"""What mpv knows of the file that it plays, bounded: whoever made the file has written most of it.

How it flows: `player` asks while one file plays, and asks once more whether that still plays.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Literal

from .ipc import MAX_TEXT, Line
from .media import HIDDEN, Clues, without_secrets

PICTURES = ("gif", "mf")  # formats of pictures that mpv does not always call an image
PIPE = "-"  # the name that mpv has for what it is fed
MAX_TAGS = 64
MAX_CHAPTERS = 500


def clues(line: Line, index: int) -> Clues:
    """What tells which title it is, of the file in this place of the playlist."""
    path = _path(line, index)
    return Clues(path, _title(line, path), _tags(line))


def chapters(line: Line) -> list[float]:
    """Where its chapters begin, in seconds by mpv's clock."""
    listed = line.get("chapter-list")
    rows = listed[:MAX_CHAPTERS] if isinstance(listed, list) else []
    begins = [row.get("time") for row in rows if isinstance(row, dict)]
    return [float(begin) for begin in begins if isinstance(begin, int | float)]


def kind(line: Line, duration: float | None) -> Literal["video", "music", "picture"]:
    """What there is to see; a gif says that it is no image, and a cover that it is one (mpv-notes 3.3)."""
    track = "current-tracks/video"
    if line.get(f"{track}/albumart") is True or line.get(f"{track}/id") is None:
        return "music"
    is_image = line.get(f"{track}/image") is True or line.text("file-format") in PICTURES
    return "picture" if is_image or duration == 0 else "video"


def _path(line: Line, index: int) -> str:
    """As it was named: as `path` of a relative name mpv 0.40 gives what its links lead to, and an older one
    the name as it was typed (mpv-notes 3.1). A pipe has none.
    """
    path = line.text(f"playlist/{index}/filename") or line.text("path")
    if "://" in path or Path(path).is_absolute() or path in ("", PIPE):
        return without_secrets(path)
    lies = [os.path.normpath(folder / path) for folder in _folders(line)]
    return next(filter(os.path.lexists, lies), lies[0])


def _folders(line: Line) -> Iterator[Path]:
    """Where mpv may have been started: mpv 0.35 believes PWD, which not every program sets that starts
    another in a folder (measured; 0.40 asks the system), and our own folder is mpv's.
    """
    yield Path(line.text("working-directory"))
    with suppress(OSError, UnicodeError):  # it was deleted, or its name is no text
        yield Path(os.fsencode(Path.cwd()).decode())


def _title(line: Line, path: str) -> str:
    """What mpv calls it; nothing where that is the end of an address, with its keys."""
    title = line.text("media-title")
    return "" if HIDDEN in path and title == line.text("filename") else title


def _tags(line: Line) -> dict[str, str]:
    tags = line.get("metadata")
    if not isinstance(tags, dict):
        return {}
    return {str(key)[:MAX_TEXT]: str(value)[:MAX_TEXT] for key, value in list(tags.items())[:MAX_TAGS]}
