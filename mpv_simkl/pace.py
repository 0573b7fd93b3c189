"""Simkl's patience, shared by all players of this user: one write at a time, 1.1 s apart, and rests that it
asked for.

How it flows: a writer takes the lock of one small file, reads in it from when on Simkl may be written to,
waits for that, writes, and leaves the next such time. The lock goes with its process, so a killed player
stops nobody.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO

from . import places
from .errors import LONGEST_REST, TryLater

WRITE_EVERY = 1.1  # seconds: one POST a second is allowed (simkl-api 14)
ON_ITS_WAY = 2.0  # seconds: so late a call may arrive whose process was killed in its turn
WORTH_WAITING = 30.0  # seconds; whoever would have to wait longer comes back another time

MAX_WHY = 300  # characters

FILE = "simkl.pace"


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
        self._why = ""  # Simkl asked for a rest
        self._is_turn = False
        self._free_at = 0.0  # time of day, seconds since 1970: the only clock that processes share everywhere

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn and keep it; raises TryLater at once if Simkl wants a long rest."""
        with ExitStack() as held:
            file = self._take(held)
            wait, why = self._wait(file)
            if wait > WORTH_WAITING:
                until = datetime.fromtimestamp(self._clock() + wait).astimezone()
                raise TryLater(f"Simkl asked for rest until {until:%Y-%m-%d %H:%M}: {why}", after=wait)
            self._sleep(wait)
            self._free_at, self._why = self._clock() + WRITE_EVERY, ""
            self._leave(file, ON_ITS_WAY)  # already now: whoever is killed in its turn has perhaps written
            self._is_turn = True
            try:
                yield
            finally:
                self._is_turn = False
                self._free_at = max(self._free_at, self._clock() + WRITE_EVERY)
                self._leave(file)

    def rest(self, seconds: float, why: str = "it was asked too often") -> None:
        """Nobody writes for so long, whichever call heard of it. The reason tells a long rest from the time
        between two writes.
        """
        self._free_at, self._why = self._clock() + seconds, why if seconds > WORTH_WAITING else ""
        if not self._is_turn:  # or else it is left as that ends
            with ExitStack() as held:
                file = self._take(held)
                wait, self._why = self._wait(file)  # a longer one may be known already
                self._free_at = self._clock() + wait
                self._leave(file)

    def long_rest(self) -> tuple[float, str] | None:
        """Until when (seconds since 1970) nobody may write, and why; None if nobody has to wait for long."""
        try:
            with open((self._folder or Path()) / FILE, encoding="utf-8") as file:
                wait, why = self._wait(file)
        except OSError:
            return None
        return (self._clock() + wait, why) if wait > WORTH_WAITING else None

    def _take(self, held: ExitStack) -> IO[str] | None:
        if self._folder is None:
            return None
        try:
            return held.enter_context(places.locked(places.private_dir(self._folder) / FILE))
        except OSError:  # a full or read-only disk: our own pace is better than none
            return None

    def _wait(self, file: IO[str] | None) -> tuple[float, str]:
        """How long, and why; the later of what this process and what the others know."""
        known = [(self._free_at, self._why)] if file is None else [(self._free_at, self._why), _read(file)]
        now = self._clock()
        return max((_believed(free_at - now, why), why) for free_at, why in known)

    def _leave(self, file: IO[str] | None, spare: float = 0.0) -> None:
        """Written over what stands there and then cut: whoever is killed in between leaves a time, too."""
        if file is not None:
            text = f"{self._free_at + spare:.3f} {self._why[:MAX_WHY]}".encode()
            with suppress(OSError):  # a full disk: what was sent was sent
                os.lseek(file.fileno(), 0, os.SEEK_SET)
                os.write(file.fileno(), text)
                os.ftruncate(file.fileno(), len(text))


def _believed(wait: float, why: str) -> float:
    """What is further ahead than Simkl ever asks for comes from a clock that was wrong."""
    longest = LONGEST_REST if why else WORTH_WAITING
    return wait if 0 < wait <= longest else 0.0


def _read(file: IO[str]) -> tuple[float, str]:
    """The time of day that a file holds, and the reason; 0 if there is none in it, or nonsense."""
    try:
        file.seek(0)
        free_at, _, why = file.read(32 + MAX_WHY).partition(" ")
        return float(free_at), why
    except ValueError:
        return 0.0, ""
