"""A time as people write it -> UTC. Pure; what is now, and where, comes in.

How it flows: a text is a moment of its own (`2 hours ago`), or a day and a clock (`yesterday 21:00`), each
optional. Days and clocks are read by the tables below; whatever fits none of them is refused, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

from .errors import UsageError

# "Long ago, don't remember" (simkl-api 14); what is older than REMEMBERED means the same to Simkl.
LONG_AGO = datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)
REMEMBERED = datetime(2000, 1, 1, tzinfo=UTC)
CLOCKS_DIFFER = timedelta(minutes=2)  # a time so little in the future is taken for now
FORMS = "write for example `2026-11-20 21:04`, `yesterday 21:00`, `21:04` or `2 hours ago`"
LONGEST = 64  # characters

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY = re.compile(r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?")
_MONTH = r"(?P<name>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_UNITS = {
    "minute": timedelta(minutes=1),
    "min": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}

_AGO = re.compile(r"(?P<count>\d{1,4}|an?) (?P<unit>minute|min|hour|day|week)s? ago")
_OFFSET = re.compile(r"(?P<rest>.*\d) ?(?:(?P<utc>z|utc)|(?P<sign>[+-])(?P<hours>\d\d):?(?P<minutes>\d\d)?)")
_CLOCK = re.compile(
    r"(?:(?P<day>.*?)(?:,? at |, ?| |(?<=\d)t(?=\d)|^))??"
    r"(?P<hour>\d{1,2})(?::(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.\d+)?)?)? ?(?P<half>am|pm)?"
)
_DAYS: tuple[re.Pattern[str], ...] = (
    re.compile(r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})"),
    re.compile(r"(?P<day>\d{1,2})\. ?(?P<month>\d{1,2})\.(?: ?(?P<year>\d{4}))?"),
    re.compile(rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)? {_MONTH}(?:,? (?P<year>\d{{4}}))?"),
    re.compile(rf"{_MONTH} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,? (?P<year>\d{{4}}))?"),
)
_WORDS: dict[str, Callable[[date], date]] = {
    "today": lambda today: today,
    "yesterday": lambda today: today - timedelta(days=1),
}


def read_time(text: str, now: datetime, zone: tzinfo | None = None) -> datetime:
    """The moment in UTC, whole seconds, not in the future; a time without an offset is local.

    `now` is aware; `zone` is where the user is, None for what this machine is set to. A day without a clock
    is its noon, so that it stays the same day wherever it is read. Raises UsageError with a sentence.
    """
    plain = " ".join(text.lower().split())
    try:
        moment = None if len(text) > LONGEST else _moment(plain, now, zone)
    except (ValueError, OverflowError, OSError):  # no such day or hour; what the system's clock cannot hold
        moment = None
    if moment is None:
        raise UsageError(f"{text[:LONGEST]!r} is no time; {FORMS}")
    return _checked(text, moment.replace(microsecond=0), now.astimezone(UTC).replace(microsecond=0))


def read_day(text: str, now: datetime) -> datetime | None:
    """The first moment of a day that is named, here, as in `yesterday` or `20.11.2026`; None for anything
    else. Raises ValueError or OverflowError for a day that no calendar holds.
    """
    day = _day(" ".join(text.lower().split()), now.astimezone().date()) if len(text) <= LONGEST else None
    return None if day is None else datetime.combine(day, time()).astimezone()


def _moment(text: str, now: datetime, zone: tzinfo | None) -> datetime | None:
    if text == "now":
        return now.astimezone(UTC)
    if ago := _AGO.fullmatch(text):
        count = 1 if ago["count"] in ("a", "an") else int(ago["count"])
        return now.astimezone(UTC) - count * _UNITS[ago["unit"]]
    clock, offset = _without_offset(text)
    here = offset or zone
    today = now.astimezone(here).date()
    if (day := _day(clock, today)) is not None:
        noon = _in_utc(datetime.combine(day, time(12)), here)
        return min(noon, now.astimezone(UTC)) if day == today else noon
    found = _CLOCK.fullmatch(clock)
    hour = _hour(found) if found else None
    if found is None or hour is None:
        return None
    day = _day(found["day"], today) if found["day"] else today
    return None if day is None else _in_utc(datetime.combine(day, hour), here)


def _without_offset(text: str) -> tuple[str, timezone | None]:
    found = _OFFSET.fullmatch(text)
    if found is None or ":" not in found["rest"]:  # the end of 2026-11-20 is no offset
        return text, None
    if found["utc"]:
        return found["rest"], UTC
    offset = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"] or 0))
    return found["rest"], timezone(-offset if found["sign"] == "-" else offset)


def _day(text: str, today: date) -> date | None:
    if text in _WORDS:
        return _WORDS[text](today)
    word = text.removeprefix("last ").removeprefix("on ")
    if _WEEKDAY.fullmatch(word):
        back = (today.weekday() - _WEEKDAYS.index(word[:3])) % 7
        return today - timedelta(days=back or 7)
    for form in _DAYS:
        if found := form.fullmatch(word):
            return _dated(found.groupdict(), today)
    return None


def _dated(parts: dict[str, str | None], today: date) -> date:
    name = parts.get("name")
    month = _MONTHS.index(name) + 1 if name else int(parts["month"] or 0)
    day = int(parts["day"] or 0)
    if parts["year"]:
        return date(int(parts["year"]), month, day)
    this_year = date(today.year, month, day)
    return this_year if this_year <= today else date(today.year - 1, month, day)


def _hour(found: re.Match[str]) -> time | None:
    """The time of day; a lone number is none without `am` or `pm`."""
    hour, half = int(found["hour"]), found["half"]
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    elif found["minute"] is None:
        return None
    return time(hour, int(found["minute"] or 0), int(found["second"] or 0))


def _in_utc(local: datetime, zone: tzinfo | None) -> datetime:
    """Of an hour that is there twice in autumn the first; of one that spring leaves out, the hour after."""
    aware = local.astimezone() if zone is None else local.replace(tzinfo=zone)
    return aware.astimezone(UTC)


def _checked(text: str, moment: datetime, now: datetime) -> datetime:
    if moment > now + CLOCKS_DIFFER:
        raise UsageError(f"{text!r} is still to come; {_advice(text)}")
    if moment < REMEMBERED and moment != LONG_AGO:
        raise UsageError(
            f"{text!r} is too long ago for Simkl, which knows times from 2000 on; use --long-ago"
        )
    return min(moment, now)


def _advice(text: str) -> str:
    is_clock = re.fullmatch(r"[\d:]+", text)
    return f"did you mean `yesterday {text}`?" if is_clock else "say when it was watched"
