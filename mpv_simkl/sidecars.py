"""The door to the `.nfo` files that Kodi and its kin keep beside a film and above an episode."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

log = logging.getLogger(__name__)

LARGEST = 64 * 1024  # bytes read of one file; Kodi's are a few kB, scene posters of art no more than that
HIGHEST = 2  # folders above the file in which a show keeps its `tvshow.nfo`


def read_sidecars(path: str) -> tuple[str, ...]:
    """The texts of the `.nfo` files that speak of a local media file, the nearest first; never raises.

    Beside the file: its own name with `.nfo`, then `movie.nfo`; there and up to two folders above:
    `tvshow.nfo` (kodi.wiki, "NFO files"). A URL has none.
    """
    if "://" in path or "\0" in path:
        return ()
    return tuple(text for candidate in _candidates(Path(path)) if (text := _read(candidate)))


def _candidates(media: Path) -> Iterator[Path]:
    if media.name:
        yield media.with_suffix(".nfo")
    yield media.parent / "movie.nfo"
    folders = [media.parent, *media.parent.parents]
    for folder in folders[: HIGHEST + 1]:
        yield folder / "tvshow.nfo"


def _read(path: Path) -> str:
    try:
        if not path.is_file():
            return ""
        with path.open("rb") as file:
            return _decode(file.read(LARGEST))
    except (OSError, ValueError) as error:
        log.debug("sidecar not read path=%s error=%s", os.fsencode(path), error)
        return ""


def _decode(data: bytes) -> str:
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig")):
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
