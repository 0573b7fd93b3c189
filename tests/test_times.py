"""A time as people write it, read for Simkl."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpv_simkl.errors import UsageError
from mpv_simkl.times import LONG_AGO, REMEMBERED, read_time

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 10, 40, 12, 500, tzinfo=UTC)  # a Monday, 11:40 in Berlin


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("now", "2026-11-23 10:40:12"),
        ("2026-11-20 21:04", "2026-11-20 20:04:00"),
        ("2026-11-20T21:04", "2026-11-20 20:04:00"),
        ("2026-11-20T21:04:05Z", "2026-11-20 21:04:05"),
        ("2026-11-20T21:04:05.678Z", "2026-11-20 21:04:05"),
        ("2026-11-20 21:04 UTC", "2026-11-20 21:04:00"),
        ("2026-11-20T21:04:05-0500", "2026-11-21 02:04:05"),
        ("2026-11-20 21:04+05:30", "2026-11-20 15:34:00"),
        ("2026-11-20T21:04+01", "2026-11-20 20:04:00"),
        ("2026/11/20 9:04 pm", "2026-11-20 20:04:00"),
        ("9:04", "2026-11-23 08:04:00"),
        ("12am", "2026-11-22 23:00:00"),
        ("yesterday 21:00", "2026-11-22 20:00:00"),
        ("Yesterday at 9pm", "2026-11-22 20:00:00"),
        ("yesterday, 21:00", "2026-11-22 20:00:00"),
        ("20.11.2026", "2026-11-20 11:00:00"),
        ("20.11.2026 21:04", "2026-11-20 20:04:00"),
        ("24.12. 20:15", "2025-12-24 19:15:00"),
        ("20 Nov 2026", "2026-11-20 11:00:00"),
        ("Nov 20, 2026 at 9:04 pm", "2026-11-20 20:04:00"),
        ("20th november 21:04", "2026-11-20 20:04:00"),
        ("friday 21:00", "2026-11-20 20:00:00"),
        ("last friday 21:00", "2026-11-20 20:00:00"),
        ("Tue 20:15", "2026-11-17 19:15:00"),
        ("wednesday", "2026-11-18 11:00:00"),
        ("monday", "2026-11-16 11:00:00"),
        ("2 hours ago", "2026-11-23 08:40:12"),
        ("an hour ago", "2026-11-23 09:40:12"),
        ("3 days ago", "2026-11-20 10:40:12"),
        ("2 weeks ago", "2026-11-09 10:40:12"),
        ("2026-07-01 21:04", "2026-07-01 19:04:00"),  # summer time
        ("2026-03-29 02:30", "2026-03-29 01:30:00"),  # an hour that spring leaves out
        ("2026-10-25 02:30", "2026-10-25 00:30:00"),  # an hour that autumn has twice
    ],
)
def test_a_time_may_be_written_as_people_write_it(text: str, utc: str) -> None:
    """Dates, clocks, weekdays and offsets become UTC; what has no offset is the user's own time."""
    assert read_time(text, NOW, BERLIN) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "9",
        "25:00",
        "13pm",
        "2026",
        "2026-02-30",
        "11/20/2026",
        "tomorrow",
        "2026-11-20 21",
        "monur",
        "x" * 99,
        "99999999 days ago",
        "21:04:99",
        "0:60",
        "-1:00",
        "2026-11-20T21:04+99",
        "٣٣:٩٩",
    ],
)
def test_what_is_no_time_is_refused_and_not_guessed(text: str) -> None:
    """Nonsense, and dates that could be two, are refused with examples of how to write one."""
    with pytest.raises(UsageError, match="write for example"):
        read_time(text, NOW, BERLIN)


def test_a_time_to_come_is_refused_with_the_likely_meaning() -> None:
    """Nobody has watched anything this evening yet; yesterday evening is offered."""
    with pytest.raises(UsageError, match="did you mean `yesterday 21:04`"):
        read_time("21:04", NOW, BERLIN)
    with pytest.raises(UsageError, match="still to come"):
        read_time("2027-01-01", NOW, BERLIN)


def test_a_clock_that_is_a_little_fast_is_forgiven() -> None:
    """A minute ahead is now: Simkl refuses what lies in the future."""
    assert read_time("11:41", NOW, BERLIN) == NOW.replace(microsecond=0)
    assert read_time("today", NOW, BERLIN) == NOW.replace(microsecond=0)


def test_what_is_older_than_simkl_remembers_has_its_own_word() -> None:
    """A time before 2000 would be shown as long ago, so it is asked for by that name."""
    with pytest.raises(UsageError, match="--long-ago"):
        read_time("1999-12-31 10:00", NOW, BERLIN)
    assert read_time("1970-01-01T00:00:01Z", NOW, BERLIN) == LONG_AGO


@given(st.text(max_size=40) | st.from_regex(r"[0-9a-z :.,+T/-]{0,30}", fullmatch=True))
def test_any_text_is_a_time_or_a_sentence(text: str) -> None:
    """Whatever is typed, the answer is a past time in UTC or an explanation."""
    try:
        moment = read_time(text, NOW, BERLIN)
    except UsageError:
        return
    assert moment.utcoffset() == timedelta(0)
    assert moment.microsecond == 0
    assert moment == LONG_AGO or REMEMBERED <= moment <= NOW


@given(
    st.datetimes(datetime(2000, 1, 2), datetime(2026, 11, 22)),
    st.sampled_from(["%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M"]),
)
def test_every_minute_can_be_written(local: datetime, form: str) -> None:
    """A local minute, written and read, is the same minute; of the hour that comes twice, the first one."""
    moment = read_time(local.strftime(form), NOW, BERLIN)
    expected = local.replace(second=0, microsecond=0, tzinfo=BERLIN, fold=0)
    assert moment == expected.astimezone(UTC)
