"""An evening on which something breaks, and the healthy morning after it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mpv_simkl.media import Media
from mpv_simkl.model import Action, Scrobble
from mpv_simkl.pace import Pace
from mpv_simkl.sandbox import Call, Sandbox

from ..harness import EPISODE_4, EPISODE_5, WITHIN, Home, a_folder, playing
from ..leaks import no_secret_in_files
from ..makers import connect

AT_ONCE = 4  # cases that run side by side: they mostly wait
ONE_AT_A_TIME = threading.Lock()  # installing the plugin, which notes where it did, for this process
WITHIN_2_S = timedelta(seconds=2)
LOOKED_UP = 6  # GETs at most: which title of Simkl's it is, asked once and once more after a death
TITLE = "The Lighthouse Keepers"
OTHER_FILM = Media("movie", "Arrival", 2016)


class Clock:
    """Simkl's clocks: ours, and the hours that a test lets pass."""

    def __init__(self) -> None:
        self.passed = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.passed

    def seconds(self) -> float:
        """By which it sees whether two calls came too soon after each other."""
        return time.monotonic() + self.passed.total_seconds()


@dataclass
class Evening:
    """One user's home and one Simkl; `ended` is when the last film was closed."""

    home: Home
    simkl: Sandbox
    clock: Clock
    ended: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def data(self) -> Path:
        """The folder of the journal."""
        return self.home.folder / "data"

    @property
    def watched(self) -> list[tuple[str, int | None]]:
        """Title and number of all that Simkl holds as watched."""
        return [(watch.title, watch.number) for watch in self.simkl.history]

    @property
    def writes(self) -> list[Call]:
        """What Simkl was told, without what it was asked."""
        return [call for call in self.simkl.calls if call.method == "POST"]

    def half_of_one_and_all_of_another(self, meanwhile: Callable[[], None]) -> None:
        """Episode 5 is left in the middle, episode 4 played to its end; something breaks `meanwhile`, when
        Simkl has heard of episode 5 and not yet of its end.
        """
        with playing(self.home, EPISODE_5, EPISODE_4, speed=8) as mpv:
            self.simkl.expect(1, "/scrobble/start")
            meanwhile()
            mpv.command("playlist-next")
            mpv.process.wait(WITHIN)
            self.ended = datetime.now(UTC)

    def play_to_the_end(self, speed: float = 8) -> None:
        """Episode 4, from its first second to its last."""
        with playing(self.home, EPISODE_4, speed=speed) as mpv:
            mpv.process.wait(WITHIN)
            self.ended = datetime.now(UTC)

    def next_morning(self) -> None:
        """All is well again: what waits is sent, and another film begins.

        By then Simkl's own clock would have completed any session that was left open.
        """
        self.simkl.heal()
        self.clock.passed = timedelta(hours=3)
        self.home.environment["MPV_SIMKL_API_URL"] = self.simkl.url
        self._rest()
        self.home.cli("journal", "retry")
        replay = self.home.cli("journal", "replay")
        assert replay.returncode == 0, replay.stderr
        connect(self.simkl, Pace(self.data), time.sleep).scrobble(Action.START, OTHER_FILM, 0)

    def _rest(self) -> None:
        """As long as Simkl asked for, if it did: the hours of a test pass at Simkl alone."""
        pace = self.data / "simkl.pace"
        until, _, why = pace.read_text().partition(" ") if pace.exists() else ("0", "", "")
        if why and float(until) > time.time() + 30:
            pace.unlink()

    def check(self, *numbers: int, most: int = 12) -> None:
        """Exactly these episodes are watched, each once and at its time; Simkl was not stormed."""
        assert self.watched == [(TITLE, number) for number in numbers], self.home.log
        for watch in self.simkl.history:
            assert abs(watch.watched_at - self.ended) < WITHIN_2_S, f"told as {watch.watched_at}"
        assert self.home.waiting() == []
        calls = [f"{call.path} {call.status} {call.fault}" for call in self.simkl.calls]
        assert len(self.writes) <= most, calls
        assert len(calls) - len(self.writes) <= LOOKED_UP, calls
        assert not [call for call in self.simkl.calls if call.status == 412 and not call.fault], calls


@contextmanager
def evening(*, throttle: bool = True, knows_everything: bool = False) -> Iterator[Evening]:
    """A home with the plugin installed, signed in to a Simkl of its own."""
    clock = Clock()
    sandbox = Sandbox(clock=clock, timer=clock.seconds, throttle=throttle, knows_everything=knows_everything)
    with a_folder() as folder, sandbox as simkl:
        with ONE_AT_A_TIME:
            home = Home(folder, simkl)
        yield Evening(home, simkl, clock)
        no_secret_in_files(folder, simkl)


@contextmanager
def side_by_side(
    request: pytest.FixtureRequest, test: str, run: Callable[[Any], None]
) -> Iterator[dict[Any, Future[None]]]:
    """The cases of one test that were asked for, run a few at a time; what one raises is its result's."""
    items = [item for item in request.session.items if isinstance(item, pytest.Function)]
    cases = [item.callspec.params["case"] for item in items if item.originalname == test]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {case: pool.submit(run, case) for case in cases}


def at(moment: datetime, scrobble: Scrobble) -> Scrobble:
    """The same, at another time."""
    return replace(scrobble, at=moment)
