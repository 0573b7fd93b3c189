"""Scrobbling is paused with a key, and goes on: what that means for the film that plays."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from . import paused
from .model import Ended
from .notices import READ, Kind
from .paused import Pausing, Scope

if TYPE_CHECKING:
    from .evening import Evening

log = logging.getLogger(__name__)

GOES_ON = "Simkl: scrobbling goes on"


def begin(evening: Evening, scope: Scope) -> None:
    """Say no more of this file, and of others if the user wants that."""
    now = datetime.now(UTC)
    try:
        evening.pausing = paused.begin(scope, str(evening.judgement.media or ""), now)
    except OSError as error:
        evening.notices.answer(f"Simkl: it could not be paused: {error}", READ)
        return
    evening.keeper.keep_and_send(evening.tracker.leave(time.monotonic(), now))
    log.info("scrobbling is %s", evening.pausing)
    evening.notices.answer(f"Simkl: scrobbling is {evening.pausing}")


def end(evening: Evening) -> None:
    """Scrobble again, what plays now too."""
    if evening.pausing is not None and evening.pausing.is_for_all:
        try:
            paused.end()
        except OSError as error:
            evening.notices.answer(f"Simkl: it could not be resumed: {error}", READ)
            return
    evening.pausing = None
    evening.notices.answer(GOES_ON)
    _go_on(evening)


def opened(evening: Evening, now: datetime, *, again: bool) -> Pausing | None:
    """What holds for a file that is judged, `again` where it was before and its length is known only now."""
    ours = evening.pausing
    if ours is None or ours.is_for_all:
        return paused.read(evening.paused_file, now, ours)
    return ours if again else paused.read(evening.paused_file, now)


def closed(evening: Evening) -> None:
    """The file that may have been left out is closed."""
    if evening.pausing is not None and not evening.pausing.is_for_all:
        evening.pausing = None


def patience(evening: Evening) -> float | None:
    """Seconds until the hour is over; None: nothing is paused, or without an end."""
    until = evening.pausing.until if evening.pausing else None
    return max((until - datetime.now(UTC)).total_seconds(), 0.0) if until else None


def look_again(evening: Evening) -> None:
    """Pause if another player has paused all of them, and go on when that is over; a file that is left out
    here stays so.
    """
    before, now = evening.pausing, datetime.now(UTC)
    if before is not None and not before.is_for_all:
        return
    evening.pausing = paused.read(evening.paused_file, now, before)
    if before is None and evening.pausing is not None:
        _held_up(evening, now)
    elif before is not None and evening.pausing is None:
        evening.notices.say(Kind.RESULT, GOES_ON)
        _go_on(evening)


def _held_up(evening: Evening, now: datetime) -> None:
    """What was a watch before the user paused stays one: nobody said anything of this film."""
    tracker, at = evening.tracker, time.monotonic()
    if tracker.viewing is None:
        return
    is_watch = tracker.viewing.watched(at, tracker.rules)
    told = tracker.see(Ended(at, None, "stop"), now) if is_watch else tracker.leave(at, now)
    evening.keeper.keep_and_send(told)
    log.info("scrobbling is %s, by another player", evening.pausing)
    evening.notices.say(Kind.RESULT, f"Simkl: scrobbling is {evening.pausing}")


def _go_on(evening: Evening) -> None:
    log.info("scrobbling goes on")
    evening.follow_again()
