"""Reads years and the days on which shows were aired."""

from __future__ import annotations

import re

from ..records import Record
from .names import Name, Token
from .vocabulary import MONTHS

FIRST_FILM = 1888
FIRST_DAILY = 1950  # air dates before this are numbers that only look like one

_YEAR = r"(\d{4})(?:г|年)?"
_EAST_ASIAN_DAY = r"(\d{4})[年년](\d{1,2})[月월](\d{1,2})[日일](?:\d{1,2}[時时]\d{1,2}分(?:\d{1,2}秒)?)?"
_MOMENT = r"20\d{6}(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?"  # "201904122300-Title", as recorders write
_GLUED_DAY = r".*[\u4e00-\u9fff]((?:19|20)\d{6})期?"  # "极限挑战20150614期"
_TIME_OF_DAY = r"[ _]\d\d-\d\d[ _]"
# "2024-03-15 20-00 Title"; set-top boxes put the channel behind it: "20240315 2000 - CHANNEL - Title"
_TIME_IN_FRONT = (
    r"[ _.](?:[01]\d|2[0-3])(?:[-.:][0-5]\d|[0-5]\d(?:[ _.]-[ _.][^-]+(?=[ _.]-[ _.]))?)(?=[ _.])"
)
_DAY = r"(\d{1,2})(?:st|nd|rd|th)?"
_NUMBER_AND_DAY = rf"\d{{1,3}} (\w+) {_DAY} (?:19|20)\d\d"
_LENGTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class Year(Record):
    """A number that can be a year: its token, whether it stands at a bracket, whether another follows."""

    value: int
    token: int
    bracketed: bool
    is_span: bool


class Day(Record):
    """A date as ISO 8601, and the part of the name that says it."""

    start: int
    end: int
    iso: str


def read_years(name: Name, this_year: int) -> list[Year]:
    """The tokens that can be years: none before the first film, none in the future."""
    years: list[Year] = []
    for index, token in enumerate(name.tokens):
        found = re.fullmatch(_YEAR, token.folded)
        if found and FIRST_FILM <= int(found[1]) <= this_year:
            before, after = name.gap(index)[-1:], name.gap(index + 1)
            bracketed = token.bracket >= 0 and (
                before in {"(", "[", "{"} or after[:1] in {")", "]", "}", "】"}
            )
            is_span = _is_span(name, index)
            if years and years[-1].is_span and years[-1].token == index - 1:
                continue  # the last year of "1996-2007" is not when the show began
            years.append(Year(int(found[1]), index, bracketed, is_span))
    return years


def _is_span(name: Name, index: int) -> bool:
    """Whether another year follows as the end: "1996-2007", but not "2012-2009", "the-film-1984-2020"."""
    if index + 1 == len(name.tokens) or name.gap(index + 1) != "-":
        return False
    last = re.fullmatch(_YEAR, name.tokens[index + 1].folded)
    is_joined = index > 0 and name.gap(index) == "-"
    return last is not None and last[1] > name.tokens[index].folded[:4] and not is_joined


def read_day(name: Name, this_year: int) -> Day | None:
    """The air date in a name; day before month unless that cannot be, for two-digit years month first."""
    for index, token in enumerate(name.tokens):
        glued = None if token.text.isascii() else re.fullmatch(_GLUED_DAY, token.text)
        if glued and (iso := _in_one(glued[1], this_year)):
            return Day(token.start + glued.start(1), token.end, iso)
        if not token.text[0].isdecimal() and token.folded not in MONTHS:
            continue
        three = [each for each in name.tokens[index : index + 5] if each.folded not in {"de", "of"}][:3]
        parts = [each.folded for each in three]
        if iso := _in_one(parts[0], this_year) if token.bracket < 0 or len(parts[0]) == 8 else None:
            return Day(token.start, _behind_time(name, token.start, token.end), iso)
        if len(parts) < 3 or _is_parted(name, three) or _is_before_day(name, index):
            continue
        is_even = name.gap(index + 1) == name.gap(index + 2) and len(name.gap(index + 1)) == 1
        if is_even and re.match(_TIME_OF_DAY, name.text[three[2].end :]):
            parts.reverse()  # as recorders write it: "21.03.14_20-15"
        if iso := _with_month(parts, this_year) or (_in_three(parts, this_year) if is_even else None):
            return Day(token.start, _behind_time(name, token.start, three[2].end), iso)
    return None


def _is_parted(name: Name, three: list[Token]) -> bool:
    """Whether a bracket opens between three words, as in a film called "7 de septiembre (2010)"."""
    return re.search(r"[(\[{]", name.text[three[0].end : three[2].start]) is not None


def _is_before_day(name: Name, index: int) -> bool:
    """Whether a number is the title's, before a whole day: the 5 of "Title 5 - Apr 26, 2019"."""
    words = " ".join(token.folded for token in name.tokens[index : index + 4])
    found = re.fullmatch(_NUMBER_AND_DAY, words)
    return found is not None and found[1] in MONTHS


def _behind_time(name: Name, start: int, end: int) -> int:
    """Where a day in front ends, with the time that stands behind it."""
    found = re.match(_TIME_IN_FRONT, name.text[end:]) if start == 0 else None
    return end + found.end() if found else end


def _in_one(text: str, this_year: int) -> str | None:
    """The forms "20190304", "190304", "201903042015" and "2019年3月4日"."""
    if found := re.fullmatch(_EAST_ASIAN_DAY, text):
        return _iso(found[1], found[2], found[3], this_year)
    if re.fullmatch(_MOMENT, text):
        text = text[:8]
    text = text.removesuffix("期")
    if not text.isdecimal() or len(text) not in {6, 8}:
        return None
    return _iso(text[:-4] if len(text) == 8 else "20" + text[:2], text[-4:-2], text[-2:], this_year)


def _with_month(parts: list[str], this_year: int) -> str | None:
    """The forms "4th March 2019", "4-Mar-19", "March 4 2019" and "2019 Mar 04"."""
    if parts[0] in MONTHS and len(parts[2]) == 4:
        parts = [parts[1], parts[0], parts[2]]
    if len(parts[0]) == 4 and parts[0].isdecimal():
        parts.reverse()
    day = re.fullmatch(_DAY, parts[0])
    if day is None or parts[1] not in MONTHS:
        return None
    return _iso(_century(parts[2]), str(MONTHS[parts[1]]), day[1], this_year)


def _in_three(parts: list[str], this_year: int) -> str | None:
    if not all(part.isdecimal() and part.isascii() for part in parts):
        return None
    first, second, third = parts
    lengths = tuple(map(len, parts))
    if lengths == (4, 2, 2):
        return _iso(first, second, third, this_year) or _iso(first, third, second, this_year)
    if lengths == (2, 2, 4):
        return _iso(third, second, first, this_year) or _iso(third, first, second, this_year)
    if lengths == (2, 2, 2):
        year = _century(third)
        return (
            _iso(year, first, second, this_year)
            or _iso(year, second, first, this_year)
            or _iso(_century(first), second, third, this_year)
        )
    return None


def _century(text: str) -> str:
    return "20" + text if len(text) == 2 else text


def _iso(year: str, month: str, day: str, this_year: int) -> str | None:
    if not (year + month + day).isdecimal() or not FIRST_DAILY <= int(year) <= this_year:
        return None
    if 1 <= int(month) <= 12 and 1 <= int(day) <= _LENGTHS[int(month) - 1]:
        return f"{int(year):04}-{int(month):02}-{int(day):02}"
    return None
