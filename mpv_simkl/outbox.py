"""The outbox: what Simkl is still to be told, between the thread that follows mpv and the one that sends."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .errors import MpvSimklError
from .model import Scrobble

if TYPE_CHECKING:
    from .simkl import Simkl

SETTLES = 1.5  # seconds: a pause taken back within this time is no pause (simkl-api 5.7)
NEAR = 10.0  # seconds: Simkl's clock is set right 15 before it completes a film (viewing.MEND_BEFORE)
LAST_REPLAY = 2.0  # seconds after the end of mpv in which one more batch may still be begun


Connect = Callable[[], "Simkl"]  # gives the connection, or raises why there is none
Work = Callable[[Connect], None]


@dataclass(frozen=True, slots=True)
class Job:
    """What a user waits for: `work` gets what connects to Simkl, `failed` hears why it was not done."""

    work: Work
    failed: Callable[[MpvSimklError], None]


@dataclass(frozen=True, slots=True)
class Replay:
    """A batch of what waits in the journal is to be sent."""


Order = Scrobble | Job | Replay  # what the sender may be asked to do


@dataclass(frozen=True, slots=True)
class Letter:
    """A scrobble, the monotonic time from which it may go, and whether it took the place of another one."""

    scrobble: Scrobble
    due: float
    replaced: bool


class Outbox:
    """At most one thing about each viewing, the oldest viewing first.

    A newer word about a viewing takes the place of one that has not gone out: rapid pausing sends the last
    state only, and a file that was skipped before Simkl heard of it is never mentioned.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._letters: dict[str, Letter] = {}
        self._jobs: list[Job] = []
        self._told: dict[str, Scrobble] = {}  # the last word of each viewing that goes on
        self._replay_at: float | None = None
        self._closed_at: float | None = None

    def put(self, scrobble: Scrobble) -> bool:
        """Leave something to be told, without waiting; False if there is nothing to tell of this viewing at
        all.
        """
        with self._changed:
            told = scrobble.viewing in self._told
            before = self._letters.get(scrobble.viewing)
            if scrobble.ended and not scrobble.watched and not told:
                self._letters.pop(scrobble.viewing, None)
                return False
            due = self._clock() + (SETTLES if told and not scrobble.ended else 0.0)
            self._letters[scrobble.viewing] = Letter(scrobble, due, replaced=before is not None)
            self._changed.notify()
            return True

    def unsay(self, viewing: str) -> None:
        """Simkl was not told of a viewing after all: its end is nothing to tell, if it is no watch."""
        with self._changed:
            self._told.pop(viewing, None)
            letter = self._letters.get(viewing)
            if letter is not None and letter.scrobble.ended and not letter.scrobble.watched:
                del self._letters[viewing]

    def ask(self, job: Job) -> None:
        """Have something done before anything else but the end of a viewing, which came before it."""
        with self._changed:
            self._jobs.append(job)
            self._changed.notify()

    def replay(self, after: float = 0.0) -> None:
        """Ask for what waits in the journal to be sent, in so many seconds, when nothing is more urgent."""
        with self._changed:
            at = self._clock() + after
            self._replay_at = at if self._replay_at is None else min(at, self._replay_at)
            self._changed.notify()

    def holds(self, viewing: str) -> bool:
        """Is the end of a viewing still to be told from here."""
        with self._changed:
            return viewing in self._told or viewing in self._letters

    def close(self) -> None:
        """Nothing more will come; what is here goes out at once."""
        with self._changed:
            self._closed_at = self._clock()
            self._changed.notify()

    def take(self) -> Order | None:
        """The next thing to do, waited for; None after the last one."""
        with self._changed:
            while True:
                now = self._clock()
                letter = next(iter(self._letters.values()), None)
                if self._jobs and not (letter and letter.scrobble.ended):
                    return self._jobs.pop(0)
                if letter is not None and (self._closed_at is not None or letter.due <= now):
                    if (scrobble := self._pop(letter)) is not None:
                        return scrobble
                elif self._may_replay(now):
                    self._replay_at = None
                    return Replay()
                elif self._closed_at is not None:
                    return None
                else:
                    self._changed.wait(self._until_next(now, letter))

    def _may_replay(self, now: float) -> bool:
        if self._replay_at is None or self._replay_at > now:
            return False
        return self._closed_at is None or now < self._closed_at + LAST_REPLAY

    def _until_next(self, now: float, letter: Letter | None) -> float | None:
        moments = [at for at in (letter.due if letter else None, self._replay_at) if at is not None]
        return max(min(moments) - now, 0.0) if moments else None

    def _pop(self, letter: Letter) -> Scrobble | None:
        """The scrobble to tell; None if it only takes back what it took the place of."""
        scrobble = letter.scrobble
        del self._letters[scrobble.viewing]
        if scrobble.ended:
            self._told.pop(scrobble.viewing, None)
            return scrobble
        told = self._told.get(scrobble.viewing)
        if letter.replaced and told is not None and _says_the_same(told, scrobble):
            return None
        self._told[scrobble.viewing] = scrobble
        return scrobble


def _says_the_same(told: Scrobble, now: Scrobble) -> bool:
    """Does Simkl know it already: the user has not corrected the media meanwhile, nor jumped, so that Simkl's
    own clock (simkl-api 5.6) stands about where the film does.
    """
    untils = (told.shown_until or 0.0, now.shown_until or 0.0)
    is_same = (told.action, told.media) == (now.action, now.media)
    return is_same and math.isclose(*untils, rel_tol=0.0, abs_tol=NEAR)
