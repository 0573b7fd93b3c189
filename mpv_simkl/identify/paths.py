"""A path or URL as the names of its file and folders, whatever system it comes from."""

from __future__ import annotations

import re

from ..records import Record
from .vocabulary import EXTENSIONS

LONGEST_PATH = 4096  # characters: PATH_MAX; of a longer one the end is read
DEEPEST = 6  # folders above the file that may say something about it
MOST_PARTS = 20  # of a path that may have been cut at slashes inside its names

_SCHEME = r"(?i)[a-z][a-z0-9+.-]{1,20}://"
_DRIVE = r"(?i)[a-z]:[\\/]"
_PERCENT = r"(?i)(?:%[0-9a-f]{2})+"
_PLUS = r"(?<=[^\W\d_])\+(?=[^\W\d_])"
_PLUS_BEFORE_SIGN = r"\+[-(\[]"  # "The+Film+(1999)", "Show+-+05"
_EXTENSION = r"(?i)[.\s]([a-z0-9]{2,5})['\"]?$"


class Place(Record):
    """Where a file lies: its name without extension, and the folders above it, the nearest first."""

    file: str
    folders: tuple[str, ...] = ()
    is_url: bool = False


def place(path: str) -> Place:
    """The names in a path; of a URL neither host nor query, percent signs decoded once (mpv-notes 3.4)."""
    scheme = re.match(_SCHEME, path)
    if scheme is None:
        return _place(_local_parts(path))
    if scheme[0].lower() == "archive://":  # archive:///films/a.zip|/The.Show.S01E02.mkv
        return _place(_archive_parts(path[scheme.end() :]))
    return _place(_address_parts(path), is_url=scheme[0].lower() != "file://")


def local_names(path: str) -> list[str]:
    """The names in a local path that may say something of the film, the file's own last."""
    return _telling(_local_parts(path))


def _place(parts: list[str], *, is_url: bool = False) -> Place:
    names = _telling(parts)
    if not names:
        return Place("", (), is_url)
    if not is_url:  # a name saved as it stood in a link
        names = [_unlinked(name) for name in names]
    *folders, file = names
    return Place(without_extension(file), tuple(reversed(folders[-DEEPEST:])), is_url)


def _archive_parts(path: str) -> list[str]:
    address, _, inside = path.partition("|")
    if not re.match(_SCHEME, address):
        return _local_parts(path.replace("|", "/"))
    return [*_address_parts(address), *_local_parts(inside)]


def _address_parts(path: str) -> list[str]:
    rest = re.split(r"[?#]", path.partition("://")[2], maxsplit=1)[0].partition("/")[2]
    return [_unquote(part) for part in rest[-LONGEST_PATH:].split("/")]


def _telling(parts: list[str]) -> list[str]:
    names = [part.strip() for part in parts if part.strip() not in {"", ".", ".."}]
    if names[:2] == ["var", "home"]:  # where Fedora's atomic desktops have their homes
        names = names[1:]
    if len(names) > 2 and names[0].lower() in {"home", "users"}:
        names = names[2:]  # whose files they are says nothing of the film
    return names


def _local_parts(path: str) -> list[str]:
    path = path[-LONGEST_PATH:] if len(path) > LONGEST_PATH else path
    if re.match(_DRIVE, path):
        return re.split(r"[\\/]", path)[1:]
    if path.startswith(("\\\\", "//")):  # a server and its share
        return re.split(r"[\\/]", path)[4:]
    if "/" not in path:
        return path.split("\\")
    parts = re.split(r"[\\/]", path) if "\\" in path else path.split("/")
    return parts if path.startswith("/") else _rejoin(parts[-MOST_PARTS:])


def _rejoin(parts: list[str]) -> list[str]:
    """A name given without its folder may hold a slash: "A / B (2019)", "[720p/AAC]"."""
    whole: list[str] = []
    for index, part in enumerate(parts):
        if whole and (part.startswith(" ") or whole[-1].endswith(" ") or _torn(whole[-1], parts[index:])):
            whole[-1] += "/" + part
        else:
            whole.append(part)
    return whole


def _unlinked(name: str) -> str:
    """Without the signs that stand for spaces in links: "The%20Film", "The+Show+S01E02"."""
    if " " in name:
        return name
    plain = _unquote(name) if "%20" in name else name
    is_linked = len(re.findall(_PLUS, name)) > 1 or re.search(_PLUS_BEFORE_SIGN, name)
    return plain.replace("+", " ") if is_linked else plain


def _unquote(text: str) -> str:
    plain = re.sub(
        _PERCENT, lambda found: bytes.fromhex(found[0].replace("%", "")).decode("utf-8", "replace"), text
    )
    return plain.replace("/", " ")


def _torn(left: str, rest: list[str]) -> bool:
    """Whether a slash fell inside a pair of brackets."""
    return any(
        left.count(a) > left.count(b) and any(part.count(b) > part.count(a) for part in rest)
        for a, b in ("[]", "()", "【】")
    )


def without_extension(name: str) -> str:
    """The name without a video file's extension, also one that lost its dot: "Show S01E02 mkv"."""
    found = re.search(_EXTENSION, name)
    if found and found[1].lower() in EXTENSIONS and found.start() > 0:
        return name[: found.start()].rstrip()
    return name
