"""Halving: a batch that is not taken, portion by portion."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from mpv_simkl.clocks import Stamp
from mpv_simkl.errors import Refused, ServerTrouble, SimklError
from mpv_simkl.halving import VAIN, Way
from mpv_simkl.journal import Row

from .makers import EPISODE, NOW

BATCHES = st.integers(1, 50).flatmap(lambda size: st.tuples(st.just(size), st.sets(st.integers(0, size - 1))))


def row(number: int) -> Row:
    """A watch that waits."""
    seen = Stamp(NOW, "boot", 0.0)
    return Row(
        *(number, f"{number}", EPISODE, "waiting", datetime.now(UTC), seen, 100.0, 60.0, 0, None),
        *("", "", None, False, None),
    )


def go(size: int, bad: Collection[int], error: type[SimklError]) -> tuple[Way, list[int], int]:
    """The way of a batch with these bad rows, each with words of its own: its end, what was taken, and in
    how many calls.
    """
    way, taken, calls = Way([row(number) for number in range(size)]), list[int](), 0
    while portion := way.next():
        calls += 1
        if failed := [each for each in portion if each.id in bad]:
            way.failed(portion, error(f"no: {failed[0].id}"))
        else:
            taken += numbers(portion)
            way.went([])
    return way, taken, calls


def numbers(rows: Sequence[Row]) -> list[int]:
    return [each.id for each in rows]


@given(BATCHES)
def test_no_watch_is_sent_twice_or_forgotten(batch: tuple[int, set[int]]) -> None:
    """Whichever rows are bad: each was taken, stands alone as bad, or goes yet; never two of these."""
    size, bad = batch
    way, taken, calls = go(size, bad, ServerTrouble)
    alone = [each.id for each, _ in way.alone]
    assert sorted([*taken, *alone, *numbers(way.ahead)]) == [*range(size)]
    assert set(alone) <= bad
    assert calls < 2 * size


@given(BATCHES)
def test_bad_rows_stand_alone_and_the_others_arrive_in_order(batch: tuple[int, set[int]]) -> None:
    """Rows that Simkl refuses, each for a reason of its own, keep none of the others back."""
    size, bad = batch
    way, taken, _ = go(size, bad, Refused)
    assert taken == [number for number in range(size) if number not in bad]
    assert {each.id for each, _ in way.alone} == bad
    assert way.trouble is None
    assert way.ahead == []


@given(st.integers(2, 50))
def test_where_nothing_goes_through_there_is_no_storm(size: int) -> None:
    """If Simkl fails on every call it is left alone after a few, and all that waits goes on waiting."""
    way, taken, calls = go(size, range(size), ServerTrouble)
    assert (taken, way.trouble is not None) == ([], True)
    assert calls <= VAIN
    assert sorted(numbers(way.unsettled)) == [*range(size)]
