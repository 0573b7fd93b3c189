"""Finds the absolute number in front of season and episode: "Title - 05 - S01E05"."""

from __future__ import annotations

import re

from .loose import DASHED
from .marks import Marks
from .names import Name
from .pairs import LONGEST_RANGE, Item


def number_before(marks: Marks) -> tuple[int, tuple[int, ...]] | None:
    """An absolute number before season and episode: where it starts, and it: "Title - 05 - S01E05"."""
    name = marks.name
    if not marks.items:
        return None
    last, first = name.at(marks.items[0].start) - 1, marks.first + marks.known
    if not (stand_as_pair(name, marks.items[:2]) or _repeats(name, last, marks.items[0])):
        return None
    begin = last
    while begin > first and name.tokens[begin - 1].folded.isdecimal() and name.gap(begin) in {"-", "."}:
        begin -= 1
    texts = [token.folded for token in name.tokens[begin : last + 1]]
    if begin <= marks.first or not all(text.isdecimal() for text in texts) or name.tokens[begin].bracket >= 0:
        return None
    if marks.year and begin <= marks.year.token <= last:
        return None
    is_range = len(texts) == 2 and name.gap(last) == "-" and _are_as_many(texts, marks.items)
    if not is_range and not re.fullmatch(DASHED, name.gap(begin)):
        return None
    return name.tokens[begin].start, _numbers(texts, is_range=is_range)


def _are_as_many(texts: list[str], items: list[Item]) -> bool:
    """Whether two numbers are a range of as many episodes as follow: "313-315 - S16E03-05"."""
    episodes = next((item.episodes for item in items if item.episodes), ())
    return 0 < int(texts[1]) - int(texts[0]) == len(episodes) - 1


def _numbers(texts: list[str], *, is_range: bool) -> tuple[int, ...]:
    """A single number, or a range from its first to its last; of anything else none."""
    first, last = int(texts[0]), int(texts[-1])
    if is_range:
        return tuple(range(first, min(last, first + LONGEST_RANGE) + 1))
    return (first,) if len(texts) == 1 else ()


def stand_as_pair(name: Name, items: list[Item]) -> bool:
    """Whether season and episode stand together, in one word or two: "S01E05", "S01 E05"."""
    if items[0].is_pair or len(items) < 2:
        return items[0].is_pair
    is_apart = name.at(items[0].end) != name.at(items[1].start)
    return items[0].season is not None and bool(items[1].episodes) and not is_apart


def _repeats(name: Name, index: int, item: Item) -> bool:
    """Whether a number is said once more with its word: "Title - 04. Episode 4"."""
    text = name.tokens[index].folded if index >= 0 else ""
    return text.isdecimal() and item.episodes == (int(text),)
