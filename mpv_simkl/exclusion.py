"""Which files the user wants left out. Pure: a path and the two lists -> the reason, or ""."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

_WINDOWS = re.compile(r"[A-Za-z]:[\\/]|\\\\")  # C:\ and \\server
_PATTERN = re.compile(r"[*?\[]")


def refusal(path: str, exclude: Iterable[str], include: Iterable[str]) -> str:
    """Why a path is left out, or "" if it is not; an entry is a whole folder, a pattern for any component, or
    a component's name. Never a mere beginning: /media/tv does not mean /media/tv-shows.
    """
    names = _components(path)
    for entry in exclude:
        if _is_in(entry, names, path):
            return f"excluded by exclude={entry}"
    wanted = tuple(include)
    if wanted and not any(_is_in(entry, names, path) for entry in wanted):
        return f"not in include={','.join(wanted)}"
    return ""


def _is_in(entry: str, names: list[str], path: str) -> bool:
    if entry.startswith("/") or _WINDOWS.match(entry):
        folder = _components(entry)
        return bool(_WINDOWS.match(entry)) == bool(_WINDOWS.match(path)) and names[: len(folder)] == folder
    wanted = entry.casefold().strip("/\\")
    if _PATTERN.search(wanted):
        return any(fnmatchcase(name.casefold(), wanted) for name in names)
    return any(name.casefold() == wanted for name in names)


def _components(path: str) -> list[str]:
    """The parts of a path; of an address without its host and query, on Windows whatever the case."""
    if "://" in path:
        path = path.partition("://")[2].partition("?")[0].partition("/")[2]
    is_windows = bool(_WINDOWS.match(path))
    parts = re.split(r"[\\/]+" if is_windows else "/+", path)
    return [part.casefold() if is_windows else part for part in parts if part]
