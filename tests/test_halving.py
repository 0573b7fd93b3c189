"""Halving: a batch that is not taken, portion by portion."""

from __future__ import annotations

import subprocess
import sys
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
        *(number, f"{number}", EPISODE, "waiting", datetime.now(UTC), seen, 100.0, 0, None),
        *("", "", None, False, None),
    )


def go(
    size: int,
    bad: Collection[int],
    error: type[SimklError],
    words: str = "no: {}",
    unknown: Collection[int] = (),
) -> tuple[Way, list[int], int]:
    """The way of a batch with these bad rows, each with words of its own, and these that Simkl does not know:
    its end, what was taken, and in how many calls.
    """
    way, taken, calls = Way([row(number) for number in range(size)]), list[int](), 0
    while portion := way.next():
        calls += 1
        if failed := [each for each in portion if each.id in bad]:
            way.failed(portion, error(words.format(failed[0].id)))
        else:
            taken += [each.id for each in portion if each.id not in unknown]
            way.went([each for each in portion if each.id in unknown])
    return way, taken, calls


def numbers(rows: Sequence[Row]) -> list[int]:
    return [each.id for each in rows]


@given(BATCHES, st.sets(st.integers(0, 49)))
def test_no_watch_is_sent_twice_or_forgotten(batch: tuple[int, set[int]], unknown: set[int]) -> None:
    """Whichever rows are bad or not known: each was taken, was not known, stands alone as bad, or goes yet;
    never two of these.
    """
    size, bad = batch
    way, taken, calls = go(size, bad, ServerTrouble, unknown=unknown)
    assert sorted([*taken, *numbers(way.unsettled)]) == [*range(size)]
    assert set(numbers(way.unknown)) <= unknown
    assert {each.id for each, _ in way.alone} <= bad
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


@given(BATCHES)
def test_what_is_refused_alike_is_to_blame_if_something_else_goes(batch: tuple[int, set[int]]) -> None:
    """Rows that Simkl refuses in the same words are to blame where it takes others, and where it is one
    alone; if it refuses all, none is.
    """
    size, bad = batch
    way, taken, calls = go(size, bad, Refused, words="no")
    if taken or size == 1:
        assert way.trouble is None
        assert {each.id for each, _ in way.alone} == bad
    else:
        assert way.trouble is not None
        assert calls <= VAIN


def test_a_simkl_that_fails_in_the_middle_is_left_alone() -> None:
    """If nothing goes through any more, the rest waits, whatever went before."""
    way, taken, calls = go(50, range(25, 50), ServerTrouble)
    assert (taken, way.trouble is not None) == ([*range(25)], True)
    assert calls == 2 + VAIN


@given(st.integers(2, 50))
def test_where_nothing_goes_through_there_is_no_storm(size: int) -> None:
    """If Simkl fails on every call it is left alone after a few, and all that waits goes on waiting."""
    way, taken, calls = go(size, range(size), ServerTrouble)
    assert (taken, way.trouble is not None) == ([], True)
    assert calls <= VAIN
    assert sorted(numbers(way.unsettled)) == [*range(size)]


def test_halving_needs_no_disk() -> None:
    """What only reckons is quick to begin: SQLite is not loaded for it."""
    code = "import sys, mpv_simkl.halving; sys.exit('sqlite3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
