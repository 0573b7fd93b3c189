"""Which files the user wants left out. Pure: a path and the two lists -> the reason, or ""."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from fnmatch import fnmatchcase

_WINDOWS = re.compile(r"[A-Za-z]:[\\/]|\\\\")  # C:\ and \\server


def refusal(path: str, exclude: Iterable[str], include: Iterable[str]) -> str:
    """Why a path is left out, or "" if it is not; an entry is a whole folder, or names with slashes between
    them, or patterns, for any part of the path. Never a mere beginning: /media/tv is not /media/tv-shows.
    """
    path = _composed(path)
    names = _components(path)
    for entry in exclude:
        if _is_in(entry, names, path):
            return f"excluded by exclude={entry}"
    wanted = tuple(include)
    if wanted and not any(_is_in(entry, names, path) for entry in wanted):
        return f"not in include={','.join(wanted)}"
    return ""


def _is_in(entry: str, names: list[str], path: str) -> bool:
    entry = _composed(entry)
    is_windows = bool(_WINDOWS.match(path))
    if entry.startswith("/") or _WINDOWS.match(entry):
        return bool(_WINDOWS.match(entry)) == is_windows and _begins(names, _components(entry))
    wanted = _split(entry.casefold().strip("/\\"), is_windows)
    folded = [name.casefold() for name in names]
    return bool(wanted) and any(_begins(folded[start:], wanted) for start in range(len(folded)))


def _composed(text: str) -> str:
    """With each accent in its letter: macOS names files with the two apart, and keyboards type one."""
    return unicodedata.normalize("NFC", text)


def _begins(names: list[str], wanted: list[str]) -> bool:
    """Is each of the first names the one that is wanted there, or of its pattern."""
    return len(names) >= len(wanted) and all(map(_is_named, names, wanted))


def _is_named(name: str, wanted: str) -> bool:
    """Brackets are letters, as in the names of releases: only * and ? stand for others."""
    return name == wanted or fnmatchcase(name, wanted.replace("[", "[[]"))


def _components(path: str) -> list[str]:
    """The parts of a path; of an address without its host and query, on Windows whatever the case."""
    if "://" in path:
        path = path.partition("://")[2].partition("?")[0].partition("/")[2]
    is_windows = bool(_WINDOWS.match(path))
    return _split(path.casefold() if is_windows else path, is_windows)


def _split(path: str, is_windows: bool) -> list[str]:
    return [part for part in re.split(r"[\\/]+" if is_windows else "/+", path) if part]
