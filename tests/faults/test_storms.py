"""Simkl is away for long while the player stays open: it is asked again, later and later, and not stormed."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from ..harness import EPISODE_4, FILM
from .evening import evening, side_by_side

LOOKS = 13.0  # seconds; of a film of twenty, at whose end Simkl would be told in any case


@dataclass(frozen=True)
class Case:
    """A fault, its words in the log, and the least and the most calls in those seconds."""

    fault: str
    logged: str
    least: int
    most: int


# The end of an episode and the start of a film; what waits, after 1 to 2 seconds, 2 to 3 more, and 4 to 5
# more; the next time would be after 8 more. Or else Simkl asks for a rest, and has it.
CASES = (
    Case("cut", "no connection", 4, 5),
    Case("cut_after", "no connection", 4, 5),
    Case("portal", "the answer is not Simkl's", 4, 5),
    Case("internal", "500 internal", 2, 3),
    Case("too_fast", "429 rate_limit", 2, 3),
)


def run(case: Case) -> None:
    """An episode ends while Simkl fails, and the film after it plays on."""
    with evening() as night:
        with night.playing(EPISODE_4, FILM) as mpv:
            night.simkl.expect(1, "/scrobble/start")
            night.simkl.fail(case.fault)
            before = len(night.simkl.calls)
            mpv.wait_for("playlist-pos", lambda place: place == 1)
            watched_at = datetime.now(UTC)
            mpv.set("speed", 1)
            mpv.wait_for_position(LOOKS)
            calls = night.simkl.calls[before:]
            told = [f"{call.time:%M:%S.%f} {call.method} {call.path} {call.status}" for call in calls]
            mpv.quit()
            night.until_its_end(mpv)
        assert case.least <= len(told) <= case.most, told
        assert case.logged in night.home.log
        night.ended = watched_at
        night.next_morning()
        night.check(4, most=case.most + 6)


@pytest.fixture(scope="module")
def results(request: pytest.FixtureRequest) -> Iterator[dict[Case, Future[None]]]:
    with side_by_side(request, "test_simkl_stays_away", run) as results:
        yield results


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.fault)
def test_simkl_stays_away(case: Case, results: dict[Case, Future[None]]) -> None:
    """While it fails, what waits is tried again a few times and not in a storm."""
    results[case].result()
