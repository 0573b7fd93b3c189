"""What plays: a film or episodes of a show, and the clues by which it is known.

Records and not dataclasses, for one reason: recognising names is also used by itself, and dataclasses cost it
2 MB and 10 ms (measured by scripts/bench identify).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from .records import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from typing import Any, Literal

ARCHIVE = "archive://"
FILES = ("smb://", "nfs://", "file://", ARCHIVE)  # a file on a server in the house is no stream
_SCHEME = r"[A-Za-z][\w+.-]+://"
HIDDEN = "?~"  # begins the mark that stands in an address for its keys

EMPTY: Mapping[str, str] = MappingProxyType({})


class Media(Record):
    """One film, or one or more episodes of one show.

    Years, seasons and episodes are as people count them (season 0 holds specials); `date` is ISO 8601, the
    day a show was aired; `absolute_episodes` count through all seasons, as anime groups do; `ids` are keyed
    as Simkl keys them (imdb, tmdb, tvdb, mal, anidb, anilist, simkl ...: simkl-api 11).
    """

    type: Literal["movie", "episode"]
    title: str
    year: int | None = None
    season: int | None = None
    episodes: tuple[int, ...] = ()
    absolute_episodes: tuple[int, ...] = ()
    date: str | None = None
    part: int | None = None
    country: str | None = None
    anime: bool = False
    ids: Mapping[str, str] = EMPTY

    def __str__(self) -> str:
        """The name a person would use: `Severance (2022) S01E03`, `One Piece 96`, `The Film part 1`."""
        part = f"part {self.file}" if self.file else ""
        words = [self.name, self._numbers(), self.date or "", part]
        return " ".join(word for word in words if word)

    @property
    def name(self) -> str:
        """The title with its year, if that is known."""
        return titled(self.title, self.year)

    def _numbers(self) -> str:
        if self.season is None:
            return _span(self.absolute_episodes or self.episodes, "")
        return f"S{self.season:02}{_span(self.episodes, 'E')}"

    @property
    def file(self) -> int | None:
        """Which of several files of one film it is; None where the title has it, as in "Dune Part Two"."""
        words = self.title.lower().split()
        return None if "part" in words or str(self.part) in words else self.part

    @property
    def key(self) -> str:
        """What tells one title from another: all that is known of it but the numbers."""
        ids = sorted(f"{name}:{value}" for name, value in self.ids.items())
        words = " ".join(self.title.casefold().split())
        parts = (self.type, words, self.year or "", self.country or "", "anime" if self.anime else "", *ids)
        return "|".join(map(str, parts))

    def split(self) -> tuple[Media, ...]:
        """The episodes one by one; a film and a single episode as they are."""
        numbers, absolute = self.episodes, self.absolute_episodes
        count = max(len(numbers), len(absolute))
        if count < 2:
            return (self,)
        return tuple(
            self._replace(episodes=numbers[place : place + 1], absolute_episodes=absolute[place : place + 1])
            for place in range(count)
        )

    def as_dict(self) -> dict[str, Any]:
        """The fields by name, fit for JSON: what `identify --json` prints and the journal keeps."""
        row = self._asdict() | {"ids": dict(self.ids)}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in row.items()}

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Media:
        """The Media that `as_dict` gave; keys of a newer version are left out."""
        known: dict[str, Any] = {name: row[name] for name in cls._fields if name in row}
        for name in ("episodes", "absolute_episodes"):
            known[name] = tuple(known.get(name, ()))
        return cls(**known)


class Clues(Record):
    """All that is known of a file before anyone is asked.

    `path` is as mpv has it (a local path, made absolute, or a URL without its secrets); `tags` is mpv's
    flat `metadata` map; `sidecars` are the texts of `.nfo` files, the nearest to the file first.
    """

    path: str = ""
    media_title: str = ""
    tags: Mapping[str, str] = EMPTY
    sidecars: tuple[str, ...] = ()


def titled(title: str, year: int | None) -> str:
    """What a person calls a title: `Severance (2022)`."""
    return f"{title} ({year})" if year else title


def without_secrets(path: str) -> str:
    """A path as it is; an address without the name and password before its host, and with a mark in place of
    what follows `?` or `#`, where keys stand: by that it is told from others still.
    """
    if path.startswith(ARCHIVE):  # what it lies in may be an address, which ends where the name within begins
        address, bar, inside = path.removeprefix(ARCHIVE).partition("|")
        return f"{ARCHIVE}{_address(address)}{bar}{inside}"
    return _address(path)


def _address(path: str) -> str:
    """One address, or one within another as in `lavf://https://host`."""
    if not re.match(_SCHEME, path):
        return path
    path = re.sub(rf"^((?:{_SCHEME})+)[^/?#]*@", r"\1", path)
    if path.startswith(FILES):
        return path  # both signs may stand in the name of a file
    return re.sub(r"[?#](?!~[0-9a-f]{12}\Z).*", _mark, path, flags=re.DOTALL)


def _mark(query: re.Match[str]) -> str:
    from hashlib import sha256  # it takes longer to import than all of this

    return HIDDEN + sha256(query[0].encode("utf-8", "replace")).hexdigest()[:12]


def _span(numbers: tuple[int, ...], mark: str) -> str:
    """`E01`, `E01E03` or `E01-E03`; without a mark `1`, `1, 3` or `1-3`."""
    width = 2 if mark else 1
    shown = [f"{mark}{number:0{width}}" for number in numbers]
    is_run = len(numbers) > 2 and list(numbers) == list(range(numbers[0], numbers[0] + len(numbers)))
    if is_run:
        return f"{shown[0]}-{shown[-1]}"
    return ("" if mark else ", ").join(shown)
