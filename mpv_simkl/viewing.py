"""One playing of one film or episode: how far it is, and is it a watch. Pure.

How it flows: an event -> the viewing as it leaves it, its reckoning moved on; a time and the rules ->
percent, watched or not, the seconds until it is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from .judging import Rules
from .media import Media
from .model import WATCHED_PERCENT, Ended, Event, Finished, Measured, Sitting
from .reckoning import Reckoning

UNSURE = 1.0  # seconds around the 80 % mark where a reckoned position claims nothing (mpv-notes 2.5)
GOES_ON = 1.0  # percent around where it was left: mpv begins at a keyframe before, and some go back a little
MEND_BEFORE = 15.0  # seconds before Simkl's clock completes it: more than lie between two samples
TOLERATED = 60.0  # seconds that Simkl's own clock may be ahead of the film
TRUE_END = 2.0  # seconds: an end-file so close to the duration is no broken stream (mpv-notes 2.3)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a viewing comes from: the file's path, what its names say, whether the user said what it is, and
    whether it comes over a network.
    """

    path: str = ""
    recognised: Media | None = None
    corrected: bool = False
    network: bool = False


@dataclass(frozen=True, slots=True)
class Viewing:
    """One playing of one film or episode: a file, or its part between `begin` and `end` (seconds)."""

    name: str
    media: Media
    begin: float
    end: float
    clock: Reckoning
    source: Source
    is_part: bool = False
    kept: bool = False  # what the journal holds: would it be a watch if it ended now?
    shown_until: float | None = None  # Simkl shows it as watched now; then its own clock stands at 80 %
    unasked: int = 0  # how often Simkl was told, though nobody did anything

    def after(self, event: Event) -> Viewing:
        """The viewing as an event leaves it."""
        clock = self.clock.moved(event)
        match event:
            case Measured(duration=float(duration)) if not self.is_part:
                return replace(self, clock=clock, end=duration)
            case Measured(duration=None):
                return replace(self, clock=clock, end=math.inf)  # no percentage means anything any more
            case Ended(reason="eof") | Finished() if self._grew and clock.position > self.begin:
                return replace(self, clock=clock, end=clock.position)
            case Ended(reason="eof") if self.end - clock.position < TRUE_END:
                return replace(self, clock=replace(clock, position=self.end))
        return replace(self, clock=clock)

    def going_on(self, earlier: Sequence[Sitting]) -> Viewing:
        """What an earlier sitting showed counts, if this one stands where that one was left."""
        for sitting in earlier:
            distance = abs(sitting.progress - self.progress(self.clock.at))
            if sitting.media == self.media and distance <= GOES_ON:
                before = min(sitting.played, self.clock.position - self.begin)
                return replace(self, clock=self.clock.shown_before(before))
        return self

    def progress(self, at: float) -> float:
        """Percent, 0 to 100, two decimals (simkl-api 5.2)."""
        position = self.clock.reckon(at)
        if abs(position - self._mark()) < UNSURE:
            position = self.clock.read  # so near the mark, claim only what was seen
        return round(min(max((position - self.begin) / self.length, 0.0), 1.0) * 100, 2)

    def watched(self, at: float, rules: Rules) -> bool:
        """Is it a watch if it ends now: far enough, and really played (a glimpse of the end is none); what
        grew has to be long enough by then.
        """
        played, is_film = self.clock.played(at), self.is_part or self.length >= rules.min_duration
        is_played = played > 0 and played >= self._least(rules)
        return is_film and is_played and self.progress(at) >= WATCHED_PERCENT

    def is_glimpse(self, at: float, rules: Rules) -> bool:
        """So far on and yet no watch: Simkl would count it as one if it could (simkl-api 5.3, 5.6)."""
        return self.progress(at) >= WATCHED_PERCENT and not self.watched(at, rules)

    def until_watched(self, at: float, rules: Rules) -> float:
        """Seconds of playing from now on that make it a watch; 0 or less if it is one."""
        far = self._mark() - self.clock.reckon(at)
        return max(far, self._least(rules) - self.clock.played(at)) / self.clock.speed

    def is_completed_soon(self, at: float, rules: Rules) -> bool:
        """Does Simkl's own clock complete it in a moment (simkl-api 5.6), or has it done so, long before it
        is a watch: after a jump back, in a loop, a stall, or played slowly?
        """
        if self.shown_until is None or self.length == math.inf or self.is_glimpse(at, rules):
            return False
        left = self.shown_until - at
        return left <= MEND_BEFORE and max(left, 0.0) + TOLERATED < self.until_watched(at, rules)

    def is_worth_showing(self, at: float, rules: Rules) -> bool:
        """May Simkl show it as watched now again? Not if it would have to be hidden at once, before Simkl's
        clock completes it, as in a loop around 80 % (a free account has 500 calls a day, simkl-api 14).
        """
        return self.watched(at, rules) or self._mark() - self.clock.reckon(at) > TOLERATED

    @property
    def shown(self) -> bool:
        """Does Simkl show it as being watched now?"""
        return self.shown_until is not None

    @property
    def length(self) -> float:
        """Its running time in seconds."""
        return self.end - self.begin

    @property
    def _grew(self) -> bool:
        """Was it a recording under way; mpv waits some seconds for more of it before it says that it ends."""
        return self.end == math.inf and not self.source.network

    def _mark(self) -> float:
        """The position from which on it counts as watched."""
        return self.begin + self.length * WATCHED_PERCENT / 100

    def _least(self, rules: Rules) -> float:
        return self.length * rules.min_played / 100
