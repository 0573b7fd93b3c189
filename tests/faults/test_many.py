"""Many at once and very much at once: several replays, and ten thousand entries."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from mpv_simkl.journal import Journal
from mpv_simkl.media import Media

from ..makers import watch
from .evening import Evening, at, evening

SHOW = "The Harbour Report"
FIRST = datetime(2026, 3, 1, tzinfo=UTC)


def wait_in(night: Evening, count: int) -> None:
    """So many episodes that wait, one a minute."""
    episodes = [Media("episode", SHOW, 2024, season=1, episodes=(number,)) for number in range(1, count + 1)]
    with Journal.open(night.data) as journal:
        for number, episode in enumerate(episodes):
            then = datetime.now(UTC) - timedelta(minutes=count - number)
            journal.record(at(then, watch(episode, f"{number}")))
        journal.release([])


@pytest.mark.parametrize("players", [2, 8])
def test_replaying_at_once(players: int) -> None:
    """Several players that come back to the network together: each watch is sent once, in few calls."""
    with evening() as night:
        wait_in(night, 120)
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
        assert [each.number for each in night.simkl.history] == [*range(1, 121)]
        assert len(night.simkl.calls) == 3
        assert {call.status for call in night.simkl.calls} == {201}
        assert night.home.waiting() == []
