"""Killed at any instant: the player, our own process at every place it comes by, both at once."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Collection, Iterator
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from mpv_simkl.faultpoints import PLACES, VARIABLE
from mpv_simkl.journal import FILE, Journal
from mpv_simkl.media import Media
from mpv_simkl.model import Action

from ..harness import EPISODE_4, EPISODE_6, FILM, Mpv
from ..makers import heard, watch
from ..screen import until
from .evening import TITLE, Evening, at, evening, side_by_side


@dataclass(frozen=True)
class Case:
    """Where our process dies, in which evening, and whether the episode is watched."""

    place: str
    of: str
    watched: bool

    def __str__(self) -> str:
        return f"{self.place} of {self.of}"

    @property
    def answer_lost(self) -> bool:
        """Does it die when Simkl has answered and the journal does not know."""
        return self.place.startswith("sender.told")

    @property
    def leaves_it_open(self) -> bool:
        """Does the journal know of the viewing by then, and not of its end."""
        begun = (*AT_THE_START[1:], "journal.recording:2", "journal.recorded:2", "journal.recording:3")
        return self.place in begun or (self.of == HALF and self.place in AT_THE_PAUSE)


AT_THE_START = (
    "journal.recording:1",
    "journal.recorded:1",
    "sender.taken:1",
    "sender.telling:1",
    "sender.told:1",
)
AT_THE_PAUSE = ("journal.recording:2", "journal.recorded:2", "sender.taken:2", "sender.told:2")
WHOLE, HALF = "a whole episode", "half an episode"

# A place with a number is come by more than once: 1 is the start, 2 the mark of 80 % or, in half an episode,
# a pause, 3 the end. Whoever follows the player cannot go on after its own death: what it had not seen by
# then is not known.
CASES = (
    Case("journal.recording:1", WHOLE, watched=False),
    Case("journal.recorded:1", WHOLE, watched=False),
    Case("sender.taken:1", WHOLE, watched=False),
    Case("sender.telling:1", WHOLE, watched=False),
    Case("sender.told:1", WHOLE, watched=False),
    Case("journal.recording:2", WHOLE, watched=False),
    Case("journal.recorded:2", WHOLE, watched=True),
    Case("journal.recording:3", WHOLE, watched=True),
    Case("journal.recorded:3", WHOLE, watched=True),
    Case("sender.taken:2", WHOLE, watched=True),
    Case("sender.told:2", WHOLE, watched=True),
    Case("sender.settled:1", WHOLE, watched=True),
    Case("journal.recording:1", HALF, watched=False),
    Case("journal.recorded:1", HALF, watched=False),
    Case("sender.taken:1", HALF, watched=False),
    Case("sender.telling:1", HALF, watched=False),
    Case("sender.told:1", HALF, watched=False),
    Case("journal.recording:2", HALF, watched=False),
    Case("journal.recorded:2", HALF, watched=False),
    Case("sender.taken:2", HALF, watched=False),
    Case("sender.told:2", HALF, watched=False),
    Case("journal.recording:3", HALF, watched=False),
    Case("journal.recorded:3", HALF, watched=False),
    Case("sender.taken:3", HALF, watched=False),
    Case("sender.told:3", HALF, watched=False),
    Case("sender.settled:1", HALF, watched=False),
)


def run(case: Case) -> None:
    """Our process dies on the way; mpv plays on; the next morning brings what was watched."""
    with evening() as night:
        night.home.environment[VARIABLE] = case.place
        with night.playing(EPISODE_4, speed=4 if case.of == HALF else 8) as mpv:
            if case.of == HALF:
                _pause_and_leave(night, mpv, case.place)
            night.until_its_end(mpv)
        assert "mpv has ended" not in night.home.log, "it was not killed"
        del night.home.environment[VARIABLE]
        night.next_morning()
        night.check(*([4] if case.watched else []), most=5, answer_lost=case.answer_lost)
        assert ("ended without a word" in night.said) is case.leaves_it_open, night.said


def _pause_and_leave(night: Evening, mpv: Mpv, dies_at: str) -> None:
    """In the middle; the pause is long enough for Simkl to hear of it."""
    until(lambda: "attached" in night.home.log, lambda: night.home.log)
    if dies_at not in AT_THE_START:
        night.simkl.expect(1, "/scrobble/start")
        mpv.set("pause", True)
    if dies_at in (*AT_THE_START, *AT_THE_PAUSE):
        night.home.wait_until_quiet()
    else:
        night.simkl.expect(1, "/scrobble/pause")
    mpv.quit()


@pytest.fixture(scope="module")
def results(request: pytest.FixtureRequest) -> Iterator[dict[Case, Future[None]]]:
    with side_by_side(request, "test_our_process_is_killed", run) as results:
        yield results


@pytest.mark.parametrize("case", CASES, ids=str)
def test_our_process_is_killed(case: Case, results: dict[Case, Future[None]]) -> None:
    """kill -9 at every place: a watch that was seen is told once, and what was not seen is not made up."""
    results[case].result()


EPISODE = Media("episode", TITLE, 2021, season=1, episodes=(4,))
HALF_SEEN = Media("episode", TITLE, 2021, season=1, episodes=(5,))


@pytest.mark.parametrize("place", [place for place in PLACES if place.startswith("replay.")])
def test_a_replay_is_killed(place: str) -> None:
    """kill -9 in the middle of a replay: the next one sends the rest, and nothing twice."""
    with evening() as night:
        _leave(night)
        night.home.environment[VARIABLE] = place
        assert night.home.cli("journal", "replay").returncode == -signal.SIGKILL
        del night.home.environment[VARIABLE]
        night.next_morning()
        night.check(4, most=5, answer_lost=place == "replay.sent")


def _leave(night: Evening) -> None:
    """One episode watched without Simkl, another left in the middle with its session open there."""
    night.ended = datetime.now(UTC)
    with Journal.open(night.data) as journal:
        journal.record(at(night.ended, watch(EPISODE, "seen")))
        journal.record(at(night.ended, heard(Action.START, HALF_SEEN, "left")))
        journal.telling("left")
        journal.record(at(night.ended, heard(Action.STOP, HALF_SEEN, "left", progress=40, ended=True)))
    with sqlite3.connect(night.data / FILE) as db:
        db.execute("UPDATE viewing SET boot = 'before'")  # this process is not the player, and lives on
    db.close()


def _end_both(mpv: Mpv, ours: Collection[int]) -> None:
    assert len(ours) == 1
    os.kill(mpv.process.pid, signal.SIGKILL)
    for pid in ours:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("who", ["the player", "the player and our process"])
@pytest.mark.parametrize("place", [40, 87])
def test_killed_while_it_plays(who: str, place: int) -> None:
    """Whatever dies at 87 % leaves a watch, at 40 % none."""
    with evening() as night:
        with night.playing(EPISODE_4, speed=2) as mpv:
            night.simkl.expect(1, "/scrobble/start")
            mpv.wait_for_position(place * 0.2)
            mpv.kill() if who == "the player" else _end_both(mpv, night.home.followers())
            night.ended = datetime.now(UTC)
        night.next_morning()
        night.check(*([4] if place >= 80 else []), most=5)


def test_what_a_power_cut_interrupted_is_seen_to_its_end_another_day() -> None:
    """Both are killed at 73 %, and another day somebody looks on from there, no more than the last minute
    that makes it a watch.
    """
    with evening() as night:
        with night.playing(EPISODE_4, speed=4) as mpv:
            night.simkl.expect(1, "/scrobble/start")
            mpv.seek(12)
            mpv.wait_for_position(14.6)
            mpv.set("pause", True)
            night.simkl.expect(1, "/scrobble/pause")
            _end_both(mpv, night.home.followers())
            night.ended = datetime.now(UTC)
        (point,) = night.simkl.playbacks
        place = point.progress / 100 * 20
        with night.playing(EPISODE_4, speed=1, options=(f"--start={place}", "--pause")) as mpv:
            until(lambda: night.home.log.count("opened ") == 2, lambda: night.home.log)
            mpv.set("pause", False)
            mpv.wait_for_position(16.2)
            mpv.quit()
            night.until_its_end(mpv)
        night.next_morning()
        night.check(4, most=8)


def test_a_player_outlives_another_that_was_killed() -> None:
    """What was killed in one window is ended by the other, which lives on, before its next film begins:
    Simkl's own clock would make half a film a watch.
    """
    with evening() as night, night.playing(EPISODE_6, EPISODE_4, speed=1) as living:
        night.simkl.expect(1, "/scrobble/start")
        lives_on = set(night.home.followers())
        with night.playing(FILM, speed=1) as killed:
            night.simkl.expect(2, "/scrobble/start")
            _end_both(killed, set(night.home.followers()) - lives_on)
            night.ended = datetime.now(UTC)
            night.clock.passed = timedelta(hours=3)
            living.command("playlist-next")
            night.simkl.expect(3, "/scrobble/start")
            living.quit()
            night.ended = datetime.now(UTC)
        assert night.watched == [], night.home.log
        night.check_manners(most=7)
