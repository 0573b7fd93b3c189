"""Simkl's patience, shared by all players of this user: one write at a time, 1.1 s apart, and rests that it
asked for.

How it flows: a writer takes the lock of one small file, reads in it from when on Simkl may be written to,
waits for that, writes, and leaves the next such time. The lock goes with its process, so a killed player
stops nobody. A rest that one account was asked for, for its quota of a day, holds up no other that signs in.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO, NamedTuple

from . import places
from .errors import LONGEST_REST, TryLater

WRITE_EVERY = 1.1  # seconds: one POST a second is allowed (simkl-api 14)
ON_ITS_WAY = 2.0  # seconds: so late a call may arrive whose process was killed in its turn
WORTH_WAITING = 30.0  # seconds; whoever would have to wait longer comes back another time

MAX_WHY = 300  # characters
MAX_WHOSE = 200  # the same
EVERYBODY = ""

FILE = "simkl.pace"


class Rest(NamedTuple):
    """From when on Simkl may be written to, why if it asked for a rest, and which account has to wait. A time
    of day, in seconds since 1970: that is the only clock that processes share everywhere.
    """

    free_at: float = 0.0
    why: str = ""
    whose: str = EVERYBODY

    def wait(self, now: float, whose: str) -> float:
        """How long an account has to wait; what is further ahead than Simkl ever asks for comes from a clock
        that was wrong.
        """
        wait, longest = self.free_at - now, LONGEST_REST if self.why else WORTH_WAITING
        return wait if 0 < wait <= longest and self.whose in (EVERYBODY, whose) else 0.0


class Pace:
    """Turns at writing to Simkl. Without a folder to share them through, they are this process's own."""

    def __init__(
        self,
        folder: Path | None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._folder = folder
        self._sleep = sleep
        self._clock = clock
        self._rest = Rest()
        self._is_turn = False

    @contextmanager
    def turn(self, whose: str = EVERYBODY) -> Iterator[None]:
        """Wait for an account's turn and keep it; raises TryLater at once if Simkl wants a long rest."""
        with ExitStack() as held:
            file = self._take(held)
            rest, wait = self._longest(file, whose)
            if wait > WORTH_WAITING:
                until = datetime.fromtimestamp(self._clock() + wait).astimezone()
                raise TryLater(f"Simkl asked for rest until {until:%Y-%m-%d %H:%M}: {rest.why}", after=wait)
            self._sleep(wait)
            self._rest = Rest(self._clock() + WRITE_EVERY)
            self._leave(file, ON_ITS_WAY)  # already now: whoever is killed in its turn has perhaps written
            self._is_turn = True
            try:
                yield
            finally:
                self._is_turn = False
                free_at = max(self._rest.free_at, self._clock() + WRITE_EVERY)
                self._rest = self._rest._replace(free_at=free_at)
                self._leave(file)

    def rest(self, seconds: float, why: str = "it was asked too often", whose: str = EVERYBODY) -> None:
        """Nobody writes for so long, or not this account, whichever call heard of it. The reason tells a long
        rest from the time between two writes.
        """
        free_at = self._clock() + seconds
        self._rest = Rest(free_at, why, whose) if seconds > WORTH_WAITING else Rest(free_at)
        if not self._is_turn:  # or else it is left as that ends
            with ExitStack() as held:
                file = self._take(held)
                rest, wait = self._longest(file, whose)  # a longer one may be known already
                self._rest = rest._replace(free_at=self._clock() + wait)
                self._leave(file)

    def long_rest(self, whose: str = EVERYBODY) -> tuple[float, str] | None:
        """Until when (seconds since 1970) an account may not write, and why; None if it has not to wait for
        long.
        """
        try:
            with open((self._folder or Path()) / FILE, encoding="utf-8") as file:
                rest, wait = self._longest(file, whose)
        except OSError:
            return None
        return (self._clock() + wait, rest.why) if wait > WORTH_WAITING else None

    def _take(self, held: ExitStack) -> IO[str] | None:
        if self._folder is None:
            return None
        try:
            return held.enter_context(places.locked(self._folder / FILE))
        except OSError:  # a full or read-only disk: our own pace is better than none
            return None

    def _longest(self, file: IO[str] | None, whose: str) -> tuple[Rest, float]:
        """What an account waits for, and how long; the later of what this process and the others know."""
        known = [self._rest] if file is None else [self._rest, _read(file)]
        now = self._clock()
        return max(((rest, rest.wait(now, whose)) for rest in known), key=lambda known: known[1])

    def _leave(self, file: IO[str] | None, spare: float = 0.0) -> None:
        """Written over what stands there and then cut: whoever is killed in between leaves a time, too."""
        if file is not None:
            free_at, why, whose = self._rest
            text = f"{free_at + spare:.3f} {why[:MAX_WHY]}\t{whose[:MAX_WHOSE]}".encode()
            with suppress(OSError):  # a full disk: what was sent was sent
                os.lseek(file.fileno(), 0, os.SEEK_SET)
                os.write(file.fileno(), text)
                os.ftruncate(file.fileno(), len(text))


def _read(file: IO[str]) -> Rest:
    """What a file holds; no rest if there is nothing in it, or nonsense."""
    try:
        file.seek(0)
        free_at, _, rest = file.read(32 + MAX_WHY + MAX_WHOSE).partition(" ")
        why, _, whose = rest.partition("\t")
        return Rest(float(free_at), why, whose)
    except ValueError:
        return Rest()
