"""The nouns: what plays, what mpv told us, and what Simkl should hear.

Events are facts about mpv and carry `at`, the reading of `time.monotonic()` when mpv spoke (seconds).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

MediaType = Literal["movie", "episode"]


@dataclass(frozen=True, slots=True)
class Media:
    """One film, or one or more episodes of one show.

    Years, seasons and episodes are as people count them (season 0 holds specials); `date` is ISO 8601, the
    day a show was aired; `absolute_episodes` count through all seasons, as anime groups do; `ids` are keyed
    as Simkl keys them (imdb, tmdb, tvdb, mal, anidb, anilist, simkl ...: simkl-api 11).
    """

    type: MediaType
    title: str
    year: int | None = None
    season: int | None = None
    episodes: tuple[int, ...] = ()
    absolute_episodes: tuple[int, ...] = ()
    date: str | None = None
    part: int | None = None
    country: str | None = None
    anime: bool = False
    ids: Mapping[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        """The fields by name, tuples as lists: what `identify --json` prints and the journal keeps."""
        row = asdict(self)
        return {**row, "episodes": list(self.episodes), "absolute_episodes": list(self.absolute_episodes)}

    @classmethod
    def from_dict(cls, row: Mapping[str, object]) -> Media:
        """The Media that `as_dict` gave; unknown keys are left out."""
        known = {name: row[name] for name in cls.__slots__ if name in row}
        for name in ("episodes", "absolute_episodes"):
            known[name] = tuple(known.get(name) or ())  # type: ignore[call-overload]
        return cls(**known)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Clues:
    """All that is known of a file before anyone is asked.

    `path` is as mpv has it (a local path, made absolute, or a URL); `tags` is mpv's flat `metadata` map;
    `sidecars` are the texts of `.nfo` files, the nearest to the file first.
    """

    path: str
    media_title: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    sidecars: tuple[str, ...] = ()
