"""The nouns: what plays, what mpv told us, and what Simkl should hear."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

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

    def __str__(self) -> str:
        """The name a person would use: `Severance (2022) S01E03`."""
        year = f" ({self.year})" if self.year else ""
        return f"{self.title}{year}{self._numbers()}"

    def _numbers(self) -> str:
        if self.type == "movie":
            return ""
        if self.episodes and self.season is not None:
            return f" S{self.season:02}" + "".join(f"E{number:02}" for number in self.episodes)
        numbers = self.absolute_episodes or self.episodes
        return " " + (", ".join(str(number) for number in numbers) or self.date or "")

    def as_dict(self) -> dict[str, Any]:
        """The fields by name, fit for JSON: what `identify --json` prints and the journal keeps."""
        row = asdict(self)
        return {name: list(value) if isinstance(value, tuple) else value for name, value in row.items()}

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Media:
        """The Media that `as_dict` gave; keys of a newer version are left out."""
        known: dict[str, Any] = {name: row[name] for name in cls.__slots__ if name in row}
        for name in ("episodes", "absolute_episodes"):
            known[name] = tuple(known.get(name, ()))
        return cls(**known)


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


@dataclass(frozen=True, slots=True)
class Event:
    """A fact about mpv.

    `at` is the reading of `time.monotonic()` that goes with it; `position` is where mpv stood then (seconds
    into the file), or None where mpv could not say or was on its way to another place.
    """

    at: float
    position: float | None = None


@dataclass(frozen=True, slots=True)
class Opened(Event):
    """A file plays, or would if it were not paused: mpv has shown its first frame.

    `duration` is in seconds, None if unknown; `kind` is what mpv decodes, as mpv-notes 3.3 tells it.
    """

    clues: Clues = Clues("")
    duration: float | None = None
    kind: Literal["video", "music", "picture"] = "video"
    network: bool = False
    seekable: bool = True
    paused: bool = False
    running: bool = False
    speed: float = 1.0


@dataclass(frozen=True, slots=True)
class Paused(Event):
    """The user paused."""


@dataclass(frozen=True, slots=True)
class Resumed(Event):
    """The user let it play on."""


@dataclass(frozen=True, slots=True)
class Stalled(Event):
    """The position stands still, for whatever reason (mpv's core-idle)."""


@dataclass(frozen=True, slots=True)
class Ran(Event):
    """The position moves again."""


@dataclass(frozen=True, slots=True)
class SpeedSet(Event):
    """The position moves at another speed from here on."""

    speed: float = 1.0


@dataclass(frozen=True, slots=True)
class Sought(Event):
    """A seek began; until it has landed, mpv's position is only a wish (mpv-notes 2.3)."""


@dataclass(frozen=True, slots=True)
class Landed(Event):
    """A seek is done."""

    running: bool = False


@dataclass(frozen=True, slots=True)
class Sampled(Event):
    """The position was read, as it is every ten seconds of playing."""


@dataclass(frozen=True, slots=True)
class Woke(Event):
    """The machine slept for a while; what plays goes on from where it was."""


@dataclass(frozen=True, slots=True)
class Measured(Event):
    """The duration became known or changed; None: it keeps growing, as a live stream's does."""

    duration: float | None = None


@dataclass(frozen=True, slots=True)
class Finished(Event):
    """The end was reached and mpv holds the last frame (keep-open)."""


@dataclass(frozen=True, slots=True)
class Ended(Event):
    """The file is closed; `reason` is mpv's word for it, or "gone" if mpv itself is no more."""

    reason: str = "stop"


@dataclass(frozen=True, slots=True)
class Asked(Event):
    """The user pressed a key of ours, or sent a message to us: `what` is its name."""

    what: str = ""


class Action(StrEnum):
    """What to do with a scrobble: one of Simkl's three calls, or none and only the journal is told."""

    START = "start"
    PAUSE = "pause"
    STOP = "stop"
    KEEP = "keep"  # it became a watch, or is none any more: a power cut must not take that back
    NOTE = "note"  # where it stands, for a crash


@dataclass(frozen=True, slots=True)
class Scrobble:
    """What Simkl should hear about one viewing, and what the journal should keep of it.

    `viewing` names one playing of one file; `progress` is in percent of the running time, `played` in
    seconds of it that were really shown; `watched` says that a viewing that ends here is a watch; `ended`
    that it did end here; `at` is the time of day (UTC).
    """

    action: Action
    media: Media
    viewing: str
    progress: float
    played: float
    watched: bool
    ended: bool
    at: datetime
