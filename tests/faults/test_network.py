"""Simkl and the network fail in the middle of an evening: the table of all the ways, and what is left."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from mpv_simkl.media import Media
from mpv_simkl.model import Action
from mpv_simkl.pace import Pace

from ..makers import connect
from .evening import AT_THE_LATEST, LEAVES_WITHIN, TITLE, WITHIN_2_S, Evening, evening, side_by_side


@dataclass(frozen=True)
class Case:
    """A fault, the words for it in the log, how often Simkl may be told something in the whole evening and
    morning (that is what it takes, and one more), and in what time we leave.
    """

    name: str
    fault: str
    logged: str
    most: int
    leaves_within: int = LEAVES_WITHIN


CASES = (
    Case("cut before the work", "cut", "no connection", 9),
    Case("cut after commit", "cut_after", "no connection", 9),
    Case("answer cut in half", "truncated", "in the middle of the answer", 9),
    Case("slow", "slow", "Simkl took 2", 6, AT_THE_LATEST),
    Case("blackhole", "blackhole", "Simkl has not answered", 6, AT_THE_LATEST),
    Case("HTML login page", "portal", "the answer is not Simkl's", 9),
    Case("redirect to a login page", "redirect", "perhaps by a login page", 9),
    Case("half of a JSON", "half_json", "the answer is not Simkl's", 9),
    Case("null", "null", "the answer is not Simkl's", 9),
    Case(
        "400 write lock", "write_lock", "busy with an earlier write; POST /scrobble/stop", 10, AT_THE_LATEST
    ),
    Case("400 refused", "bad_request", "set aside: stop The Lighthouse Keepers", 8),
    Case("401 token expired", "invalid_token", "401 ", 9),
    Case("401 token revoked", "user_token_failed", "401 ", 9),
    Case("403 may only read", "insufficient_scope", "sign in again", 9),
    Case("404 no such title", "not_matched", "Simkl knows no such title or episode", 8),
    Case("412 blocked", "blocked", "412 ", 6),
    Case("429 too fast", "too_fast", "429 rate_limit", 8),
    Case(
        "429 daily quota of the user", "user_limit", "daily number of requests of this account is used up", 6
    ),
    Case("429 daily quota of the app", "app_limit", "daily number of requests of this app is used up", 6),
    Case("500", "internal", "500 internal", 8),
    Case("502", "bad_gateway", "502", 8),
    Case("503", "unavailable", "503 unavailable", 8),
)


def run(case: Case) -> None:
    """The evening breaks when Simkl has heard of one episode, half of which is watched."""
    with evening() as night:
        night.half_of_one_and_all_of_another(meanwhile=lambda: night.simkl.fail(case.fault))
        night.next_morning()
        night.check(4, most=case.most, leaves_within=case.leaves_within)
        assert case.logged in night.home.log, (
            night.home.log,
            [(c.path, c.status, c.fault) for c in night.simkl.calls],
        )


@pytest.fixture(scope="module")
def results(request: pytest.FixtureRequest) -> Iterator[dict[Case, Future[None]]]:
    with side_by_side(request, "test_simkl_fails_during_an_evening", run) as results:
        yield results


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_simkl_fails_during_an_evening(case: Case, results: dict[Case, Future[None]]) -> None:
    """Whatever Simkl answers: by the next morning what was watched is there, once and with its time, and the
    half of an episode is no watch.
    """
    results[case].result()


def offline(url: str, logged: str) -> None:
    """An evening that Simkl never hears of."""
    with evening() as night:
        night.home.environment["MPV_SIMKL_API_URL"] = url
        night.play_to_the_end()
        assert night.simkl.calls == []
        night.next_morning()
        night.check(4, most=2)
        assert logged in night.home.log


def test_connection_refused() -> None:
    """Nothing listens where Simkl should be: the watch arrives later."""
    with socket.socket() as nobody:  # bound, so that nobody else takes the port, and deaf
        nobody.bind(("127.0.0.1", 0))
        offline(f"http://127.0.0.1:{nobody.getsockname()[1]}", "no connection")


def test_no_such_host() -> None:
    """The name of Simkl is not to be found: the watch arrives later."""
    offline("https://simkl.invalid", "cannot be looked up (DNS)")


def test_409_finished_already() -> None:
    """What Simkl has already, from a phone perhaps, is done here too and not told again."""
    with evening() as night:
        _watched_elsewhere(night)
        then = datetime.now(UTC)
        night.play_to_the_end()
        assert [call.status for call in night.simkl.calls] == [201, 201, 409]
        assert f"Simkl has {TITLE} (2021) S01E04 already (409)" in night.home.log
        assert night.home.waiting() == []
        night.next_morning()
        assert night.watched == [(TITLE, 4)]
        assert abs(night.simkl.history[0].watched_at - then) < WITHIN_2_S
        assert len(night.simkl.calls) == 4
        night.check_manners(most=4)


def _watched_elsewhere(night: Evening) -> None:
    episode = Media("episode", TITLE, 2021, season=1, episodes=(4,))
    connect(night.simkl, Pace(night.data)).scrobble(Action.STOP, episode, 100)


def test_the_trap_is_real() -> None:
    """Half of an episode whose end is never told does become a watch at Simkl: these tests can fail."""
    with evening() as night:
        night.half_of_one_and_all_of_another(meanwhile=lambda: night.simkl.fail("cut"))
        (night.data / "journal.db").unlink()
        night.next_morning()
        assert night.watched == [(TITLE, 5)]
