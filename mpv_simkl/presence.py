"""How things stand, for a person and for other scripts: those read mpv's `user-data/simkl`, from mpv 0.36 on
(docs/in-mpv.md).
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from .errors import SEE_LIST, JournalError
from .playback import State

if TYPE_CHECKING:
    from .evening import Evening

Doing = Literal["idle", "watching", "paused", "excluded", "unknown", "doubtful", "off"]
NAME = "simkl"

DOING: Mapping[State, Doing] = {
    State.IDLE: "idle",
    State.READY: "paused",
    State.PLAYING: "watching",
    State.PAUSED: "paused",
    State.ENDED: "idle",
}


@dataclass(frozen=True, slots=True)
class Untaken:
    """A viewing that Simkl did not take, the word for that, and a sentence why."""

    viewing: str
    doing: Doing
    why: str


class Presence:
    """Tells mpv how things stand, whenever that has changed; an mpv that never took it is asked once."""

    def __init__(self, publish: Callable[[str, Mapping[str, object]], bool]) -> None:
        self._publish = publish
        self._told: Mapping[str, object] = {}
        self.is_taken = True

    def show(self, now: Mapping[str, object]) -> None:
        """How things stand now."""
        if self.is_taken and now != self._told:
            if self._publish(NAME, now):
                self._told = now
            elif not self._told:
                self.is_taken = False


def untaken(evening: Evening) -> Untaken | None:
    """What Simkl did not take, if it is what plays."""
    last, viewing = evening.last_untaken, evening.tracker.viewing
    is_here = last is not None and viewing is not None and last.viewing == viewing.name
    return last if is_here else None


def lines(evening: Evening) -> list[str]:
    """How things stand, for a person."""
    viewing = evening.tracker.viewing
    done = evening.tracker.state is State.ENDED and untaken(evening) is None
    doing = f"Simkl: {'watched' if done else _doing(evening)}"
    place = f", {viewing.progress(time.monotonic()):.0f} %" if viewing else ""
    named = f" {evening.judgement.media}" if evening.judgement.media else ""
    pausing = [f"Scrobbling is {evening.pausing}"] if evening.pausing else []
    signed_in = "signed in" if evening.signed_in else "not signed in"
    waiting = f"{signed_in}; {_waiting(evening)} watched and still to be sent{_set_aside(evening)}"
    return [f"{doing}{named}{place}", *pausing, waiting]


def values(evening: Evening) -> Mapping[str, object]:
    """How things stand, for other scripts."""
    viewing = evening.tracker.viewing
    return {
        "state": _doing(evening),
        "title": str(evening.judgement.media or ""),
        "progress": int(viewing.progress(time.monotonic())) if viewing else 0,
        "waiting": _waiting(evening),
        "signed_in": evening.signed_in,
    }


def _doing(evening: Evening) -> Doing:
    """One word for what we do now."""
    if evening.pausing is not None or not evening.settings.enabled:
        return "off"
    if (standing := evening.judgement.standing) in ("unknown", "excluded"):
        return standing
    missed = untaken(evening)
    return missed.doing if missed else DOING[evening.tracker.state]


def _waiting(evening: Evening) -> int:
    with contextlib.suppress(JournalError):
        return evening.journal.waiting()
    return 0


def _set_aside(evening: Evening) -> str:
    with contextlib.suppress(JournalError):
        if count := evening.journal.set_aside():
            return f", {count} set aside{SEE_LIST.replace(';', ':')}"
    return ""
