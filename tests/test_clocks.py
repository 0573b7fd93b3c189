"""Clocks: when something was watched, told truly even by a machine whose clock was wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpv_simkl.clocks import AGREES, OLDEST, Stamp, now, true_time

TRUE = datetime(2026, 11, 20, 21, 4, tzinfo=UTC)  # when it really was
LATER = 3_600.0  # seconds until it is sent
NONE = timedelta(0)


def stamp(wrong: timedelta = NONE, boot: str = "this") -> Stamp:
    """The moment of viewing, on a clock that is so far ahead."""
    return Stamp(TRUE + wrong, boot, 500.0)


def present(wrong: timedelta = NONE, boot: str = "this") -> Stamp:
    """The moment of sending, on a clock that is so far ahead."""
    return Stamp(TRUE + timedelta(seconds=LATER) + wrong, boot, 500.0 + LATER)


spans = st.timedeltas(timedelta(days=-20_000), timedelta(days=20_000))


@given(then=spans, after=spans)
def test_once_simkls_clock_is_known_any_wrong_clock_is_mended(then: timedelta, after: timedelta) -> None:
    """However the clock was set before and between: with Simkl's time the true time of viewing is found."""
    assert abs(true_time(stamp(then), present(after), after) - TRUE) <= AGREES


@given(then=spans, after=spans)
def test_without_simkls_clock_nothing_is_in_the_future_or_long_ago(then: timedelta, after: timedelta) -> None:
    """What Simkl would take for "long ago" is never sent by mistake, nor a time still to come."""
    asked = present(after)
    told = true_time(stamp(then), asked, None)
    assert told <= asked.at
    assert told >= min(OLDEST, asked.at) - timedelta(seconds=LATER)


@given(then=spans, after=spans, ahead=st.none() | spans, uptime=st.floats(0, 1e8))
def test_after_a_restart_a_time_is_never_in_the_future(
    then: timedelta, after: timedelta, ahead: timedelta | None, uptime: float
) -> None:
    """The uptime of another run says nothing; the stamp is taken as it is, if it can be."""
    asked = present(after, "next")
    told = true_time(Stamp(TRUE + then, "this", uptime), asked, ahead)
    trusted = asked.at - (ahead or NONE)
    assert told == (min(TRUE + then, trusted) if TRUE + then >= OLDEST else trusted)


@pytest.mark.parametrize("wrong", [timedelta(days=900), timedelta(days=-400), timedelta(days=-20_000)])
def test_a_clock_that_was_mended_meanwhile_needs_no_simkl(wrong: timedelta) -> None:
    """If the clock was set and the machine ran on, the time is counted back from the present."""
    assert true_time(stamp(wrong), present(), None) == TRUE


def test_a_right_clock_is_believed_to_the_second() -> None:
    """A second on the way to Simkl changes no time of viewing."""
    assert true_time(stamp(), present(), timedelta(seconds=1.5)) == TRUE


def test_a_system_without_a_name_for_its_run_counts_nothing_back() -> None:
    """Where no boot id exists, uptimes of two runs could be taken for one."""
    assert true_time(stamp(boot=""), present(boot=""), timedelta(days=-1)) == TRUE


def test_the_present_is_utc_and_goes_on() -> None:
    """Two looks at the clocks: time and uptime go forward, within the same run."""
    first, second = now(), now()
    assert first.at.tzinfo is UTC
    assert first.boot == second.boot
    assert first.uptime <= second.uptime
