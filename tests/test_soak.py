"""The soak itself: its plans, its verdict, and sixty viewings on every change (scripts/soak plays more)."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mpv_simkl.sandbox import Call, Watch

from .soak.plan import HomePlan, Round, Sitting, Subject, Viewing, homes, plan
from .soak.stage import Outcome, Story, up_to_the_watch
from .soak.verdict import judge, proves_little
from .soak.witness import Seen

ENDED = datetime(2026, 11, 20, 21, 4, tzinfo=UTC)
LATER = ENDED + timedelta(hours=9)  # when Simkl was told
SUBJECT = Subject("House (2004) - S03E04.mkv", "", ((9200011, 3, 4),), "House", 3, (4,))
WATCHED = Seen(duration=20, position=19, played=12, answer=True, ended_at=ENDED, how="quit")
LEFT = replace(WATCHED, position=9, answer=False)
MARK = Watch(4242, "tv", "House", 9200011, 3, 4, ENDED)
ROW = {"title": "House", "year": 2004, "season": 3, "episodes": [4], "watched_at": "2026-11-20T21:04:00Z"}
TOLD = Call(
    number=0,
    time=LATER,
    method="POST",
    path="/sync/history",
    query={},
    headers={},
    body={
        "shows": [{"title": "House", "year": 2004, "seasons": [{"number": 3, "episodes": [{"number": 4}]}]}]
    },
    status=201,
)


def story(seen: Seen | None, *, mark: Watch | None = MARK, rows: int = 1, told: int = 1) -> Story:
    """One viewing of one episode, and what became of it."""
    viewing = Viewing(SUBJECT, ())
    whole = HomePlan(0, (Round((Sitting((viewing,)),), 0, True, ()),), "")
    done: list[dict[str, Any]] = [ROW] * rows
    marks = [mark] if mark else []
    return Story(whole, [Outcome(viewing, seen, crashed=False)], marks, calls=[TOLD] * told, done=done)


def kinds(told: Story) -> list[str]:
    """What the verdict finds wrong, by kind."""
    return [fault.partition(":")[0] for fault in judge(told).faults]


@pytest.mark.faults
def test_sixty_random_viewings_lose_invent_and_double_nothing() -> None:
    """Whatever is done to players, network and our own process, the ledger says what was really watched."""
    line = [sys.executable, "-m", "tests.soak", "60", "--seed", "7", "--jobs", "6"]
    root = Path(__file__).parent.parent
    done = subprocess.run(line, cwd=root, capture_output=True, text=True, timeout=115, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "60 viewings" in done.stdout
    assert "0 lost, 0 invented, 0 doubled" in done.stdout


def test_the_same_seed_makes_the_same_plan() -> None:
    """A failure can be played again."""
    assert plan(1, 2, 10) == plan(1, 2, 10)
    assert plan(1, 2, 10) != plan(2, 2, 10)
    assert plan(1, 2, 10) != plan(1, 3, 10)


@pytest.mark.parametrize("viewings", [1, 9, 10, 60, 1001])
def test_a_soak_has_as_many_viewings_as_were_asked_for(viewings: int) -> None:
    """No home has too many, and none of them is watched twice."""
    plans = [plan(3, number, size) for number, size in enumerate(homes(viewings))]
    assert sum(len(each.viewings) for each in plans) == viewings
    for each in plans:
        keys = [key for viewing in each.viewings for key in viewing.subject.keys]
        assert len(keys) == len(set(keys))


def test_some_films_are_left_and_seen_to_their_end_later() -> None:
    """In a second player, which opens the file where the first one left it."""
    players = [player for number, size in enumerate(homes(200)) for player in plan(3, number, size).sittings]
    again = [player for player in players if player.later]
    assert 5 <= len(again) <= len(players) / 5
    assert all(len(player.viewings) == 1 and not player.die_at for player in again)


def test_the_truth_is_found_right() -> None:
    """What was watched is marked once, what was left half-way is not."""
    assert kinds(story(WATCHED)) == []
    assert kinds(story(LEFT, mark=None, rows=0, told=0)) == []
    assert kinds(story(None, mark=None, rows=0, told=0)) == []


def test_what_is_missing_is_lost() -> None:
    """At Simkl, or in our own log."""
    assert kinds(story(WATCHED, mark=None)) == ["lost"]
    assert kinds(story(WATCHED, rows=0)) == ["lost"]


def test_what_never_was_is_invented() -> None:
    """A film left half-way, and one that nobody played."""
    assert kinds(story(LEFT, rows=0)) == ["invented"]
    assert kinds(story(None, rows=0))[:1] == ["invented"]
    assert kinds(story(WATCHED, mark=replace(MARK, number=5))) == ["lost", "invented"]


def test_what_is_there_twice_is_doubled() -> None:
    """As two rows, and as a second telling of what was acknowledged."""
    assert kinds(story(WATCHED, rows=2)) == ["doubled"]
    assert kinds(story(WATCHED, told=2)) == ["doubled"]


def test_a_time_that_is_not_true_is_wrong() -> None:
    """The time of the telling is not the time of the watching."""
    assert kinds(story(WATCHED, mark=replace(MARK, watched_at=LATER))) == ["wrong"]


def test_an_episode_that_is_come_back_to_counts_at_its_first_watch() -> None:
    """Of the times that half a file was on, the first watch has the true time; one before it that may be a
    watch, too.
    """
    unsure = replace(WATCHED, sure=False)
    assert up_to_the_watch([LEFT, unsure, LEFT, WATCHED, WATCHED]) == [unsure, WATCHED]
    assert up_to_the_watch([LEFT, LEFT]) == [LEFT]
    assert up_to_the_watch([]) == []
    told = story(replace(WATCHED, ended_at=LATER))
    assert kinds(told) == ["wrong"] * 2
    told.outcomes[0].earlier.append(unsure)
    assert kinds(told) == []


@pytest.mark.parametrize("mark", [MARK, None])
def test_at_the_mark_either_answer_is_right(mark: Watch | None) -> None:
    """Two watchers may see the same moment a little differently; it is counted."""
    verdict = judge(story(replace(WATCHED, sure=False), mark=mark, rows=1 if mark else 0, told=0))
    assert verdict.faults == []
    assert verdict.counts["in the band"] == 1


@pytest.mark.parametrize(("unsure", "little"), [(0, False), (25, False), (26, True)])
def test_a_soak_that_judges_too_little_fails(unsure: int, little: bool) -> None:
    """If more than a quarter of all viewings may be right either way, nothing is proved."""
    counts = Counter({"watched": 60, "not watched": 40 - unsure, "in the band": unsure})
    assert proves_little(counts) is little
