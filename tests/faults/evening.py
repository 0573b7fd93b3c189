"""An evening on which something breaks, and the healthy morning after it."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
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

from ..harness import EPISODE_4, EPISODE_5, WITHIN, Home, Mpv, a_folder, playing
from ..leaks import no_secret_in_files
from ..makers import connect
from ..soak.verdict import is_acknowledged, is_watch, names

AT_ONCE = 4  # cases that run side by side: they mostly wait
ONE_AT_A_TIME = threading.Lock()  # installing the plugin, which notes where it did, for this process
WITHIN_2_S = timedelta(seconds=2)
LOOKED_UP = 6  # GETs at most: which title of Simkl's it is, asked once and once more after a death
LEAVES_WITHIN, AT_THE_LATEST = 5, 10  # seconds after mpv: if Simkl answers, and if it does not or is slow
BUSY = 2  # seconds more for a busy machine
OUR_FAULTS = ("Traceback", "a fault in mpv-simkl")
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
    stayed: float = 0.0  # seconds for which our process stayed after mpv, the longest time
    said: str = ""  # in the morning, about what is wrong

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

    @contextmanager
    def playing(self, *files: Path, speed: float = 8, options: Sequence[str] = ()) -> Iterator[Mpv]:
        """mpv with these files; the block waits for its end with `until_its_end`, or sets `ended`."""
        with playing(self.home, *files, speed=speed, options=options) as mpv:
            yield mpv
        self.stayed = max(self.stayed, (datetime.now(UTC) - self.ended).total_seconds())

    def until_its_end(self, mpv: Mpv) -> None:
        """Wait until mpv has ended."""
        mpv.process.wait(WITHIN)
        self.ended = datetime.now(UTC)

    def half_of_one_and_all_of_another(self, meanwhile: Callable[[], None]) -> None:
        """Episode 5 is left in the middle, episode 4 played to its end; something breaks `meanwhile`, when
        Simkl has heard of episode 5 and not yet of its end.
        """
        with self.playing(EPISODE_5, EPISODE_4) as mpv:
            self.simkl.expect(1, "/scrobble/start")
            meanwhile()
            mpv.command("playlist-next")
            self.until_its_end(mpv)

    def play_to_the_end(self, speed: float = 8) -> None:
        """Episode 4, from its first second to its last."""
        with self.playing(EPISODE_4, speed=speed) as mpv:
            self.until_its_end(mpv)

    def next_morning(self) -> None:
        """All is well again: what waits is sent, and another film begins.

        By then Simkl's own clock would have completed any session that was left open.
        """
        self.all_is_well()
        retry = self.home.cli("journal", "retry")
        replay = self.home.cli("journal", "replay")
        assert replay.returncode == 0, replay.stderr
        self.said = retry.stderr + replay.stderr
        connect(self.simkl, Pace(self.data), time.sleep).scrobble(Action.START, OTHER_FILM, 0)

    def all_is_well(self) -> None:
        """Hours have passed, and nothing is broken any more."""
        self.simkl.heal()
        self.clock.passed = timedelta(hours=3)
        self.home.environment["MPV_SIMKL_API_URL"] = self.simkl.url
        self._rest()

    def _rest(self) -> None:
        """As long as Simkl asked for, if it did: the hours of a test pass at Simkl alone."""
        pace = self.data / "simkl.pace"
        until, _, why = pace.read_text().partition(" ") if pace.exists() else ("0", "", "")
        if why and float(until) > time.time() + 30:
            pace.unlink()

    def check(
        self, *numbers: int, most: int, leaves_within: float = LEAVES_WITHIN, answer_lost: bool = False
    ) -> None:
        """Exactly these episodes are watched, each at its time and told once, or twice if the answer was lost
        with our process; Simkl was called `most` times at most, and we left in time.
        """
        assert self.watched == [(TITLE, number) for number in numbers], self.home.log
        for watch in self.simkl.history:
            assert abs(watch.watched_at - self.ended) < WITHIN_2_S, f"told as {watch.watched_at}"
        assert self.home.waiting() == []
        assert max(self._acknowledged().values(), default=0) <= 1 + answer_lost, self._acknowledged()
        self.check_manners(most, leaves_within)

    def _acknowledged(self) -> Counter[int | None]:
        """How often each episode was told as watched and Simkl said yes."""
        yes = [call for call in self.writes if is_watch(call) and is_acknowledged(call)]
        return Counter(number for call in yes for number in {number for *_, number in names(call)})

    def check_manners(self, most: int, leaves_within: float = LEAVES_WITHIN) -> None:
        """Simkl was not stormed, the player not outlived, and none of our own faults is in the log."""
        calls = [f"{call.method} {call.path} {call.status} {call.fault}" for call in self.simkl.calls]
        assert len(self.writes) <= most, calls
        assert len(calls) - len(self.writes) <= LOOKED_UP, calls
        assert not [call for call in self.simkl.calls if call.status == 412 and not call.fault], calls
        assert self.stayed < leaves_within + BUSY, self.home.log
        assert not [words for words in OUR_FAULTS if words in self.home.log], self.home.log


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
