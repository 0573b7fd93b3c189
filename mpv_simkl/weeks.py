"""What was watched, day by day -> a picture of it: weeks by weekdays, in signs of any terminal. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo

SHADES = "·░▒▓█"
PLAIN = ".:+*#"  # for a terminal without those
STEPS = (1, 2, 3, 5)  # watched on a day, from which on it has the next sign
LEGEND = ("none", "1", "2", "3-4", "5 or more")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
LABEL = 6  # columns in front of the weeks
NAME = 3  # columns of a month's
FEWEST = 4  # weeks in a row, however narrow the terminal

Week = tuple[date, tuple[int | None, ...]]  # its Monday; watched on each of its days, None outside the time


def by_day(times: Iterable[datetime], zone: tzinfo | None = None) -> Counter[date]:
    """How much was watched on each day where the user is; `zone` as in `datetime.astimezone`."""
    return Counter(each.astimezone(zone).date() for each in times)


def grid(watched: Mapping[date, int], first: date, last: date) -> list[Week]:
    """The weeks that have a day from `first` to `last`."""

    def week(monday: date) -> tuple[int | None, ...]:
        days = [monday + timedelta(each) for each in range(7)]
        return tuple(watched.get(day, 0) if first <= day <= last else None for day in days)

    monday = first - timedelta(first.weekday())
    mondays = [monday + timedelta(7 * each) for each in range((last - monday).days // 7 + 1)]
    return [(each, week(each)) for each in mondays]


def picture(
    watched: Mapping[date, int], first: date, last: date, columns: int = 80, signs: str = SHADES
) -> Iterator[str]:
    """The lines of the picture, none longer than so many columns: as many weeks in a row as have room there,
    months with what was watched in them above; at the end what the signs mean.
    """
    weeks = grid(watched, first, last)
    wide = 2 if LABEL + 2 * len(weeks) <= columns else 1
    fitting = max((columns - LABEL) // wide, FEWEST)
    for start in range(0, len(weeks), fitting):
        yield from _rows(weeks[start : start + fitting], wide, columns - LABEL, signs)
        yield ""
    known = "  ".join(f"{sign} {meaning}" for sign, meaning in zip(signs, LEGEND, strict=True))
    yield f"{'':{LABEL}}{known}" if LABEL + len(known) <= columns else known


def _rows(weeks: Sequence[Week], wide: int, room: int, signs: str) -> Iterator[str]:
    names, counts = _months(weeks, wide, room)
    yield f"{(weeks[0][0] + timedelta(6)).year:<{LABEL}}{names}"
    yield f"{'':{LABEL}}{counts}".rstrip()
    for weekday, name in enumerate(WEEKDAYS):
        cells = (_sign(week[weekday], signs).ljust(wide) for _, week in weeks)
        yield f"{name:<{LABEL}}{''.join(cells)}".rstrip()


def _sign(count: int | None, signs: str) -> str:
    return " " if count is None else signs[bisect_right(STEPS, count)]


def _months(weeks: Sequence[Week], wide: int, room: int) -> tuple[str, str]:
    """The months' names and, below them, what was watched in those weeks; where one does not fit, neither."""
    days = [(monday + timedelta(n), count) for monday, week in weeks for n, count in enumerate(week)]
    months: Counter[date] = Counter()
    for day, count in days:
        if count is not None:
            months[day.replace(day=1)] += count
    places = [max((month - weeks[0][0]).days // 7, 0) * wide for month in months]
    names = counts = ""
    for (month, count), place, following in zip(months.items(), places, [*places[1:], room + 1], strict=True):
        if following - place > NAME and place + NAME <= room:
            names, counts = f"{names:<{place}}{month:%b}", f"{counts:<{place}}{count:<{NAME}}"
    return names, counts.rstrip()
