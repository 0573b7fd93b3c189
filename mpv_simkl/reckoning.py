"""Where a film stands between two words of mpv's. Pure: the time comes in with each event.

How it flows: an event moves the reckoning on; asked at any time, it tells the place from the last position,
the speed and the clock, and how much was really shown.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from .model import Ended, Event, Finished, Landed, Ran, Sought, SpeedSet, Stalled

TRUST_FOR = 20.0  # seconds without a word from mpv: it may be stopped, or the machine asleep (mpv-notes 2.5)


@dataclass(frozen=True, slots=True)
class Reckoning:
    """Where a film stands, told from the last position, the speed and the clock (mpv-notes 2.5).

    `position` held at `at`; `read` is the last position that mpv itself named; `played` adds up what was
    really shown, jumps left out. All in seconds of the film, but for `at`. `adrift`: a seek has landed, and
    mpv has not said where.
    """

    position: float
    at: float
    running: bool
    speed: float
    read: float
    played: float = 0.0
    adrift: bool = False

    def reckon(self, at: float) -> float:
        """The position at that time."""
        if not self.running:
            return self.position
        return self.position + min(max(at - self.at, 0.0), TRUST_FOR) * self.speed

    def moved(self, event: Event) -> Reckoning:
        """The reckoning after an event."""
        reckoned = self.reckon(event.at)
        position = reckoned if event.position is None else event.position
        return replace(
            self,
            position=position,
            at=max(event.at, self.at),  # what mpv told us may be older than what we asked it
            running=_running(event, self.running),
            speed=event.speed if isinstance(event, SpeedSet) else self.speed,
            read=self.read if event.position is None else position,
            played=self.played + max(min(reckoned, position) - self.position, 0.0),
            adrift=event.position is None and (self.adrift or isinstance(event, Landed)),
        )


def _running(event: Event, before: bool) -> bool:
    match event:
        case Landed(running=running):
            return running
        case Ran():
            return True
        case Stalled() | Sought() | Finished() | Ended():
            return False
    return before
