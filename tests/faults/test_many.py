"""Many at once and very much at once: several replays, and ten thousand entries."""

from __future__ import annotations

import os
import pty
import sqlite3
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from mpv_simkl.journal import FILE, Journal
from mpv_simkl.media import Media

from ..makers import player_is_gone, watch
from .evening import WITHIN_2_S, Evening, at, evening

SHOW = "The Harbour Report"


def wait_in(night: Evening, count: int, year: int | None = 2024) -> dict[int | None, datetime]:
    """So many episodes that wait, one a minute; gives their times."""
    began = datetime.now(UTC)
    times: dict[int | None, datetime] = {}
    with Journal.open(night.data) as journal:
        for number in range(1, count + 1):
            episode = Media("episode", SHOW, year, season=1, episodes=(number,))
            times[number] = began - timedelta(minutes=count - number + 1)
            journal.record(at(times[number], watch(episode, f"{number}")))
    player_is_gone(night.data)
    return times


def have_their_times(night: Evening, times: dict[int | None, datetime]) -> None:
    """All of these are watched, in this order, and were so then."""
    assert [each.number for each in night.simkl.history] == [*times]
    wrong = [each for each in night.simkl.history if abs(each.watched_at - times[each.number]) > WITHIN_2_S]
    assert wrong == []


@pytest.mark.parametrize("players", [2, 8])
def test_replaying_at_once(players: int) -> None:
    """Several players that come back to the network together: each watch is sent once, in few calls."""
    with evening() as night:
        times = wait_in(night, 120)
        line = [sys.executable, "-m", "mpv_simkl", "journal", "replay"]
        processes = [
            subprocess.Popen(
                line, env=night.home.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
            )
            for _ in range(players)
        ]
        told = [process.communicate()[1] for process in processes]
        assert [process.returncode for process in processes] == [0] * players, told
        night.home.cli("journal", "replay")
        have_their_times(night, times)
        assert len(night.writes) == 3
        assert {call.status for call in night.writes} == {201}
        assert night.home.waiting() == []


# What `mpv-simkl journal replay` does, with nothing slept away between two calls; ends with its peak in KiB.
REPLAY = """
import resource, sys
from mpv_simkl import cli, pace
pace.WRITE_EVERY = 0.0
code = cli.main(["journal", "replay"])
print("peak", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
sys.exit(code)
"""
MORE = 8_000  # KiB that ten thousand entries may cost over fifty; a list of them would be twice that and more


def replay_on_a_terminal(night: Evening) -> tuple[str, int]:
    """What a replay shows on a terminal, and its peak in KiB."""
    ours, theirs = pty.openpty()
    line = [sys.executable, "-c", REPLAY]
    process = subprocess.Popen(line, env=night.home.environment, stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = bytearray()
    with suppress(OSError):  # the terminal's end, when nobody holds it any more
        while some := os.read(ours, 65_536):
            shown += some
    os.close(ours)
    assert process.wait() == 0, shown.decode()
    text, _, peak = shown.decode().rpartition("peak ")
    return text, int(peak)


@pytest.mark.parametrize(
    ("year", "is_new", "looked_up"), [(2024, False, 0), (None, True, 1), (2024, True, 2)]
)
def test_ten_thousand_entries(year: int | None, is_new: bool, looked_up: int) -> None:
    """Years without a network: 200 calls, for a title never met before one that finds it and a second one if
    a year is to be compared, the memory of fifty entries, and a bar that shows how far it is.
    """
    with evening(throttle=False, knows_everything=True) as night:
        times = wait_in(night, 50, year)
        _, small = replay_on_a_terminal(night)
        assert len(night.writes) == 1
        before, asked = len(night.writes), len(night.simkl.calls)
        fill(night, 10_000)
        if is_new:
            forget_titles(night)
        shown, large = replay_on_a_terminal(night)
        assert len(night.writes) - before == 200
        assert len(night.simkl.calls) - asked == 200 + looked_up
        assert night.home.waiting() == []
        have_their_times(night, times)
        assert large - small < MORE
        assert "[####" in shown
        assert "10000 of 10000 sent" in shown
        assert "Sent 10000 watched." in shown


def forget_titles(night: Evening) -> None:
    """As if Simkl had never been asked of this show."""
    with Journal.open(night.data) as journal:
        journal.titles.forget(Media("episode", SHOW, 2024, season=1, episodes=(1,)))
        journal.titles.forget(Media("episode", SHOW, season=1, episodes=(1,)))


def fill(night: Evening, count: int) -> None:
    """So many more episodes, made of the ones that were delivered."""
    with sqlite3.connect(night.data / FILE) as db:
        columns = (
            "account, media, state, began_at, seen_at, uptime, clock, watched_at, progress, played, pid, boot"
        )
        kept = columns.replace("state", "'waiting'")
        rest = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
        db.execute(
            f"{rest} INSERT INTO viewing (name, {columns}) SELECT 'more ' || i, {kept} FROM n, viewing "  # noqa: S608 - our own words
            "WHERE viewing.id = 1 + i % 50",
            (count,),
        )
    db.close()
