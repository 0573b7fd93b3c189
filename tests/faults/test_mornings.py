"""The morning of a user who types no command: the next film is opened, and the evening before arrives."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future

import pytest

from mpv_simkl.faultpoints import VARIABLE

from ..harness import FILM, playing
from ..soak.stage import NOWHERE
from .evening import AT_THE_LATEST, Evening, evening, side_by_side

FAULTS = (
    "cut",
    "cut_after",
    "blackhole",
    "portal",
    "write_lock",
    "invalid_token",
    "too_fast",
    "internal",
    "bad_gateway",
)
DEATHS = ("journal.recorded:2", "sender.told:2")
NEVER_HEARD = "no connection all evening"
CASES = (*FAULTS, *DEATHS, NEVER_HEARD)


def run(case: str) -> None:
    """An evening that breaks, and a film the morning after."""
    with evening() as night:
        if case in FAULTS:
            night.half_of_one_and_all_of_another(meanwhile=lambda: night.simkl.fail(case))
        elif case == NEVER_HEARD:
            night.home.environment["MPV_SIMKL_API_URL"] = NOWHERE
            night.play_to_the_end()
        else:
            night.home.environment[VARIABLE] = case
            night.play_to_the_end()
            del night.home.environment[VARIABLE]
        open_a_film(night)
        night.check(4, most=11, answer_lost=case == "sender.told:2", leaves_within=AT_THE_LATEST)


def open_a_film(night: Evening) -> None:
    """All is well again, and nobody does anything but watch."""
    night.all_is_well()
    before = len([call for call in night.writes if call.path == "/sync/history"])
    with playing(night.home, FILM) as mpv:
        night.simkl.expect(before + 1, "/sync/history")
        mpv.quit()


@pytest.fixture(scope="module")
def results(request: pytest.FixtureRequest) -> Iterator[dict[str, Future[None]]]:
    with side_by_side(request, "test_a_film_is_opened", run) as results:
        yield results


@pytest.mark.parametrize("case", CASES)
def test_a_film_is_opened(case: str, results: dict[str, Future[None]]) -> None:
    """What was watched the evening before arrives when the next film begins, with its time, once."""
    results[case].result()
