"""The nouns: what mpv told us, and what Simkl should hear; what plays stands in `media`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from .media import Clues, Media

WATCHED_PERCENT = 80.0  # simkl-api 5.3: a stop from here on marks watched


@dataclass(frozen=True, slots=True)
class Event:
    """A fact about mpv.

    `at` is the reading of `time.monotonic()` that goes with it; `position` is where mpv stood then (seconds
    into the file), or None where mpv could not say or was on its way to another place. A fact that says no
    more than that needs no decorator, which takes half a millisecond of each start.
    """

    at: float
    position: float | None = None


@dataclass(frozen=True, slots=True)
class Opened(Event):
    """A file plays, or would if it were not paused: mpv has shown its first frame.

    `duration` is in seconds, None if unknown; `kind` is what mpv decodes, as mpv-notes 3.3 tells it.
    """

    clues: Clues = field(default_factory=Clues)
    duration: float | None = None
    kind: Literal["video", "music", "picture"] = "video"
    network: bool = False
    paused: bool = False
    running: bool = False
    speed: float = 1.0
    chapters: tuple[float, ...] = ()  # where they begin, in seconds


class Paused(Event):
    """The user paused."""


class Resumed(Event):
    """The user let it play on."""


class Stalled(Event):
    """The position stands still, for whatever reason (mpv's core-idle)."""


class Ran(Event):
    """The position moves again."""


@dataclass(frozen=True, slots=True)
class SpeedSet(Event):
    """The position moves at another speed from here on."""

    speed: float = 1.0


class Sought(Event):
    """A seek began; until it has landed, mpv's position is only a wish (mpv-notes 2.3)."""


@dataclass(frozen=True, slots=True)
class Landed(Event):
    """A seek is done."""

    running: bool = False


class Sampled(Event):
    """A wait is over: the position was read, as it is every ten seconds of playing, if a file is open."""


class Woke(Event):
    """The machine slept for a while; what plays goes on from where it was."""


@dataclass(frozen=True, slots=True)
class Measured(Event):
    """The duration became known or changed; None: it keeps growing, as a live stream's does."""

    duration: float | None = None


class Finished(Event):
    """The end was reached and mpv holds the last frame (keep-open)."""


@dataclass(frozen=True, slots=True)
class Ended(Event):
    """The file is closed; `reason` is mpv's word for it, or "gone" if mpv itself is no more."""

    reason: str = "stop"


@dataclass(frozen=True, slots=True)
class Asked(Event):
    """The user pressed a key of ours, or sent a message to us: `what` is its name, `words` came with it."""

    what: str = ""
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Arrived(Event):
    """Something that was waited for on another thread is there; `use` is what to do with it on this one."""

    use: Callable[[], None] = lambda: None


class Idled(Event):
    """mpv plays nothing, and waits."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """Where an earlier viewing was left that was no watch: `progress` in percent of the running time, and
    `played`, the seconds of it that were really shown.
    """

    media: Media
    progress: float
    played: float


class Action(StrEnum):
    """What to do with a scrobble: one of Simkl's three calls, or none and only the journal is told."""

    START = "start"
    PAUSE = "pause"
    STOP = "stop"
    KEEP = "keep"  # it became a watch, or is none any more: a power cut must not take that back
    NOTE = "note"  # where it stands, for a crash


Call = Literal[Action.START, Action.PAUSE, Action.STOP]  # what Simkl can hear


@dataclass(frozen=True, slots=True)
class Scrobble:
    """What Simkl should hear about one viewing, and what the journal should keep of it.

    `viewing` names one playing of one file; `progress` is in percent of the running time, `played` in
    seconds of it that were really shown; `watched` says that a viewing that ends here is a watch; `ended`
    that it did end here; `at` is the time of day (UTC). `path` is the file's, for this machine alone;
    `recognised` is what its names say, and `corrected` says that the user named the media. `shown_until` is
    the monotonic time at which Simkl's own clock completes what it shows as watched now.
    """

    action: Action
    media: Media
    viewing: str
    progress: float
    played: float
    watched: bool
    ended: bool
    at: datetime
    path: str = ""
    corrected: bool = False
    shown_until: float | None = None
    recognised: Media | None = None

    @property
    def title(self) -> str:
        """The key of what the file's names say, "" if they say nothing."""
        return self.recognised.key if self.recognised else ""

    @property
    def call(self) -> Call:
        """Which of Simkl's calls tells it. Raises ValueError of what is the journal's alone."""
        if self.action is Action.KEEP or self.action is Action.NOTE:
            raise ValueError(f"{self.action} is no call of Simkl's")
        return self.action
