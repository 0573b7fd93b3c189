"""The settings of an mpv that does not run: a folder of mpv's -> what its simkl.conf and its mpv.conf set.

A player that runs tells its script-opts itself; commands and the doctor read mpv.conf, as mpv does.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from . import config
from .config import Chosen

FILE = "mpv.conf"  # in mpv's folder


def choose_in(
    folder: Path, environment: Mapping[str, str] = os.environ
) -> tuple[dict[str, Chosen], list[str]]:
    """As `config.choose`, for an mpv that reads this folder: what its mpv.conf sets holds too."""
    return config.choose(folder / config.CONF, script_opts_in(folder / FILE), environment)


def file_of(folder: Path, chosen: Chosen) -> Path:
    """The file in mpv's folder in which a setting is changed."""
    return folder / (FILE if chosen.source == "script-opts" else config.CONF)


def script_opts_in(conf: Path) -> dict[str, str]:
    """The script-opts that an mpv.conf sets for every file: what stands in no profile but `default`.

    Both ways to set them are read, `script-opts=a=1,b=2` and `script-opts-append=a=1` (mpv's manual, "Script
    options"); those of mpv's own command line are known to nobody but that mpv.
    """
    found: dict[str, str] = {}
    _take(conf, conf.parent, found, set())
    return found


def _take(conf: Path, folder: Path, found: dict[str, str], seen: set[Path]) -> None:
    """Add what one file sets, and then what the files set that it includes: mpv reads them last, as measured
    with 0.35.1 and 0.40. `folder` is mpv's; `seen` are the files that were read.
    """
    seen.add(conf)
    included = []
    for name, text in _for_every_file(conf):
        if name == "include":
            included.append(_place(text, folder))
        else:
            _set(name, text, found)
    for file in included:
        if file.is_absolute() and os.path.isfile(file) and file not in seen:  # noqa: PTH113 - never raises
            _take(file, folder, found, seen)


def _set(name: str, text: str, found: dict[str, str]) -> None:
    """Change what was found so far; what mpv refuses changes nothing."""
    match name:
        case "script-opts-append":
            key, equals, value = text.partition("=")
            found |= {key: value} if equals else {}
        case "script-opts-remove":
            found.pop(text, None)
        case "script-opts-add":
            found |= _pairs(text) or {}
        case "script-opts" | "script-opts-set" if (pairs := _pairs(text)) is not None:
            found.clear()
            found |= pairs


def _pairs(text: str) -> dict[str, str] | None:
    """What a list sets, in which a value with a comma stands in quotes or brackets, or behind its length:
    `a=1,b="2,3"`; None if it is no such list.
    """
    found: dict[str, str] = {}
    while text:
        name, equals, rest = text.partition("=")
        plain = rest.partition(",")[0]
        found[name], rest = _quoted(rest, '"[') or (plain, rest[len(plain) :])
        if not equals or rest[:1] not in ("", ","):
            return None
        text = rest[1:]
    return found


def _place(text: str, folder: Path) -> Path:
    """A path as mpv expands it; a relative one depends on where that mpv was started, as measured with 0.35.1
    and 0.40, and is left alone.
    """
    for own in ("~~/", "~~home/"):
        if text.startswith(own):
            return folder / text.removeprefix(own)
    return Path(os.path.expanduser(text))  # noqa: PTH111 - never raises


def _for_every_file(conf: Path) -> Iterable[tuple[str, str]]:
    """Names and values, as mpv reads them; what stands in a profile but `default` is left out."""
    holds = True
    for raw in _lines(conf):
        line = raw.lstrip().removesuffix("\r")
        if line.startswith("["):
            holds = line[1:].partition("]")[0] == "default"
        elif holds:
            name, _, text = line.removeprefix("--").partition("=")
            if (value := _value(text.lstrip())) is not None:
                yield name.rstrip(), value


def _value(text: str) -> str | None:
    """What stands in quotes or behind its length, or else before a #; None if mpv refuses the line."""
    if not text.startswith(("'", '"', "%")):
        return text.partition("#")[0].rstrip()
    value, rest = _quoted(text, "'\"") or ("", text)
    return None if rest.partition("#")[0].strip() else value


def _quoted(text: str, quotes: str) -> tuple[str, str] | None:
    """What begins a text in one of these quotes, or, as `%5%value`, behind its length in bytes, and what
    comes after it; Nix's home-manager writes every value with its length (its modules/programs/mpv.nix).
    """
    if text.startswith(tuple(quotes)):
        end = text.find("]" if text[0] == "[" else text[0], 1)
        return (text[1:end], text[end + 1 :]) if end > 0 else None
    length = re.match(r"%([0-9]{1,6})%", text)
    data = text[length.end() :].encode() if length else b""
    if length is None or int(length[1]) > len(data):
        return None
    value, rest = data[: int(length[1])], data[int(length[1]) :]
    return value.decode("utf-8", "replace"), rest.decode("utf-8", "replace")


def _lines(conf: Path) -> list[str]:
    """A file that is not there or cannot be read sets nothing."""
    try:
        return config.lines_of(conf)
    except OSError:
        return []
