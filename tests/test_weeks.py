"""A picture of what was watched: nothing is lost in it, and a day is the user's."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpv_simkl import weeks

FIRST, LAST = date(2024, 2, 10), date(2026, 11, 26)
DAYS = st.lists(st.dates(FIRST, LAST), max_size=40)


@given(days=DAYS, first=st.dates(FIRST, LAST))
def test_every_watch_of_the_time_is_in_one_cell(days: list[date], first: date) -> None:
    """The cells together are what was watched from the first day to the last, each at its own weekday."""
    grid = weeks.grid(Counter(days), first, LAST)
    cells = {
        monday + timedelta(place): count for monday, week in grid for place, count in enumerate(week) if count
    }
    assert cells == Counter(day for day in days if day >= first)
    assert sum(count is not None for _, week in grid for count in week) == (LAST - first).days + 1


@given(days=DAYS, first=st.dates(FIRST, LAST), columns=st.integers(0, 200))
def test_the_picture_fits_and_shows_each_day_once(days: list[date], first: date, columns: int) -> None:
    """On any terminal there is a sign for each day, and no line is longer than the terminal is wide."""
    *lines, legend = weeks.picture(Counter(days), first, LAST, columns)
    drawn = [line[weeks.LABEL :] for line in lines if line.startswith(weeks.WEEKDAYS)]
    signs = Counter("".join(drawn).replace(" ", ""))
    shown = Counter(days)
    of_time = [first + timedelta(place) for place in range((LAST - first).days + 1)]
    meant = {0: "·", 1: "░", 2: "▒", 3: "▓", 4: "▓"}
    assert signs == Counter(meant.get(shown[day], "█") for day in of_time)
    least = weeks.LABEL + weeks.FEWEST
    assert all(len(line) <= max(columns, least) for line in lines)
    assert legend.lstrip() == "· none  ░ 1  ▒ 2  ▓ 3-4  █ 5 or more"


def test_what_it_looks_like() -> None:
    """Weeks by weekdays, with the months and what was watched in them above."""
    watched = {date(2026, 9, 30): 1, date(2026, 10, 1): 2, date(2026, 11, 25): 12}
    lines = list(weeks.picture(watched, date(2026, 9, 2), date(2026, 11, 26), 30, weeks.PLAIN))
    assert lines == [
        "2026  Sep Oct Nov",
        "      1   2   12",
        "Mon    ............",
        "Tue    ............",
        "Wed   ....:.......#",
        "Thu   ....+........",
        "Fri   ............",
        "Sat   ............",
        "Sun   ............",
        "",
        ". none  : 1  + 2  * 3-4  # 5 or more",
    ]


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2026, 3, 28, 23, 30, tzinfo=UTC), date(2026, 3, 29)),  # an hour before the clocks change
        (datetime(2026, 3, 29, 21, 59, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 3, 29, 22, 0, tzinfo=UTC), date(2026, 3, 30)),
        (datetime(2026, 10, 24, 22, 0, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 10, 25, 22, 59, tzinfo=UTC), date(2026, 10, 25)),  # a day of 25 hours
        (datetime(2026, 10, 25, 23, 0, tzinfo=UTC), date(2026, 10, 26)),
    ],
)
def test_a_day_is_the_users(at: datetime, day: date) -> None:
    """What was watched after midnight is the next day's, also where the clocks change that night."""
    assert weeks.by_day([at], ZoneInfo("Europe/Berlin")) == {day: 1}


def test_a_month_outside_the_time_is_not_named() -> None:
    """The days around the time, in its first and its last week, give no month a name nor a count."""
    watched = {date(2024, 2, 29): 2}
    names, counts, *_ = weeks.picture(watched, date(2024, 2, 29), date(2024, 2, 29))
    assert (names.split(), counts.split()) == (["2024", "Feb"], ["2"])
    names, *_ = weeks.picture({}, date(2025, 12, 2), date(2026, 11, 30))
    assert names.split()[-1] == "Nov"
