"""Where a film stands between two words of mpv's. Pure: the time comes in with each event.

How it flows: an event moves the reckoning on; asked at any time, it tells the place from the last position,
the speed and the clock, and how much was really shown.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from .model import Ended, Event, Finished, Landed, Ran, Sampled, Sought, SpeedSet, Stalled, Woke

TRUST_FOR = 20.0  # seconds without a word from mpv: it may be stopped, or the machine asleep (mpv-notes 2.5)

Stretch = tuple[float, float]  # of a film, from where to where


@dataclass(frozen=True, slots=True)
class Reckoning:
    """Where a film stands, told from the last position, the speed and the clock (mpv-notes 2.5).

    `position` held at `at`; `read` is the last position that mpv itself named; `shown` is what was really
    shown, jumps left out. All in seconds of the film, but for `at` and `heard`, the time of mpv's last word.
    `adrift`: a seek has landed, and mpv has not said where.
    """

    position: float
    at: float
    running: bool
    speed: float
    read: float
    heard: float
    shown: tuple[Stretch, ...] = ()
    adrift: bool = False

    def played(self, at: float) -> float:
        """How much of the film was really shown by then; a scene that went round and round counts once."""
        shown = _with(self.shown, self.position, self.reckon(at))
        return sum(end - begin for begin, end in shown)

    def reckon(self, at: float) -> float:
        """The position at that time."""
        if not self.running:
            return self.position
        return self.position + max(min(at, self.heard + TRUST_FOR) - self.at, 0.0) * self.speed

    def shown_before(self, seconds: float) -> Reckoning:
        """With so much more of the film shown, up to where it stands."""
        return replace(self, shown=_with(self.shown, self.position - seconds, self.position))

    def moved(self, event: Event) -> Reckoning:
        """The reckoning after an event."""
        reckoned = self.reckon(event.at)
        position = reckoned if event.position is None else event.position
        return Reckoning(
            position=position,
            at=max(event.at, self.at),  # what mpv told us may be older than what we asked it
            running=_running(event, self.running),
            speed=event.speed if isinstance(event, SpeedSet) else self.speed,
            read=self.read if event.position is None else position,
            heard=self.heard if _is_unanswered(event) else max(event.at, self.heard),
            shown=_with(self.shown, self.position, min(reckoned, position)),
            adrift=event.position is None and (self.adrift or isinstance(event, Landed)),
        )


def _is_unanswered(event: Event) -> bool:
    """Was mpv asked where it stands, and has not said it: what we ask is no word of its own."""
    return isinstance(event, Sampled | Woke) and event.position is None


def _with(shown: tuple[Stretch, ...], begin: float, end: float) -> tuple[Stretch, ...]:
    """What was shown, and one stretch more; those that touch it become one with it."""
    if end <= begin:
        return shown
    apart = list[Stretch]()
    for stretch in shown:
        if stretch[1] < begin or end < stretch[0]:
            apart.append(stretch)
        else:
            begin, end = min(begin, stretch[0]), max(end, stretch[1])
    return (*apart, (begin, end))


def _running(event: Event, before: bool) -> bool:
    match event:
        case Landed(running=running):
            return running
        case Ran():
            return True
        case Stalled() | Sought() | Finished() | Ended():
            return False
    return before
