"""The settings of an mpv that does not run: a folder of mpv's -> what its simkl.conf and its mpv.conf set.

A player that runs tells its script-opts itself; commands and the doctor read mpv.conf, as mpv does.
"""

from __future__ import annotations

import os
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
    match name:
        case "script-opts-append":
            found |= [_pair(text)]
        case "script-opts-remove":
            found.pop(text, None)
        case "script-opts-add":
            found |= map(_pair, text.split(","))
        case "script-opts" | "script-opts-set":
            found.clear()
            found |= map(_pair, text.split(","))


def _place(text: str, folder: Path) -> Path:
    """A path as mpv expands it; a relative one depends on where that mpv was started, and is left alone."""
    for own in ("~~/", "~~home/"):
        if text.startswith(own):
            return folder / text.removeprefix(own)
    return Path(os.path.expanduser(text))  # noqa: PTH111 - never raises


def _for_every_file(conf: Path) -> Iterable[tuple[str, str]]:
    """Names and values, as mpv reads them; what stands in a profile but `default` is left out."""
    holds = True
    for line in map(str.strip, _lines(conf)):
        if line.startswith("["):
            holds = line[1:].partition("]")[0] == "default"
        elif holds:
            name, text = _pair(line.removeprefix("--"))
            yield name, _value(text)


def _value(text: str) -> str:
    """What stands in quotes, or, without them, before a #."""
    quote = text[:1]
    return text[1:].partition(quote)[0] if quote in ("'", '"') else text.partition("#")[0].strip()


def _lines(conf: Path) -> list[str]:
    """A file that is not there or cannot be read sets nothing."""
    try:
        return config.lines_of(conf)
    except OSError:
        return []


def _pair(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name.strip(), value.strip()
