"""Clocks: which time of day a thing happened at, when the machine's own clock may have been wrong.

Durations are never taken from the time of day (playback reckons with `time.monotonic`). For "when was this
watched", a stamp holds both the time of day and the seconds since the machine started; the second cannot be
set, so it tells the true time later, once Simkl's own clock is known from an answer.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from . import processes

OLDEST = datetime(2020, 1, 1, tzinfo=UTC)  # before this program existed: a clock that lost its battery
AGREES = timedelta(seconds=2)  # two clocks that differ by no more tell the same time


@dataclass(frozen=True, slots=True)
class Stamp:
    """A moment: the time of day (UTC), and the seconds since the machine started; `boot` names that start."""

    at: datetime
    boot: str
    uptime: float


def now() -> Stamp:
    """The present, as the machine's clocks have it."""
    return Stamp(datetime.now(UTC), processes.boot_id(), uptime())


def uptime() -> float:
    """Seconds since some fixed moment before; sleep counts where the system can tell (Linux)."""
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


def time_of_day(at: float) -> datetime:
    """When a moment of `time.monotonic` was: a disk that keeps us waiting makes no viewing end later."""
    return datetime.now(UTC) - timedelta(seconds=max(time.monotonic() - at, 0.0))


def true_time(then: Stamp, present: Stamp, ahead: timedelta | None) -> datetime:
    """When `then` really was, asked at `present`, whose time of day is `ahead` of Simkl's (None: not known).

    Within one run of the machine the uptime decides: a clock that was set meanwhile was mostly set right, and
    once Simkl has answered its time is known. Otherwise the stamp is taken as it is, but never from the
    future, and never from a dead clock: that would become Simkl's "long ago" (simkl-api 14).
    """
    trusted = present.at - ahead if ahead is not None else present.at
    if then.boot and then.boot == present.boot:
        counted = trusted - timedelta(seconds=present.uptime - then.uptime)
        if abs(counted - then.at) > AGREES and (ahead is not None or trusted >= OLDEST):
            return min(counted, trusted)
    return min(then.at, trusted) if then.at >= OLDEST else trusted
