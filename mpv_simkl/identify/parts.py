"""Reads which part of a whole a name is: "Part 2", "Pt.II", "CD1", "disc 2"."""

from __future__ import annotations

import re

from ..records import Record
from .names import Name
from .vocabulary import AND_WORDS, DISC_WORDS, NUMBER_WORDS, PART_WORDS

_GLUED_PART = r"([^\W\d]+)(\d{1,2})"
_GLUED_DISC = r"(?:cd|disc|disk|dvd)0?([1-4])(?:of\d)?"


class Part(Record):
    """The numbers of one or more parts, the token where they start, and all tokens that they take."""

    numbers: tuple[int, ...]
    token: int
    tokens: frozenset[int]


def read_part(name: Name, first: int) -> Part | None:
    """The parts that a name counts behind its first token: "Part 2", "Part.1.and.Part.2"."""
    numbers: list[int] = []
    taken: list[int] = []
    for index in range(first + 1, len(name.tokens)):
        number, width = _part_at(name, index)
        if number is None or (numbers and name.tokens[index - 1].folded not in AND_WORDS):
            continue
        numbers.append(number)
        taken += range(index, index + width)
    return Part(tuple(numbers), taken[0], frozenset(taken)) if numbers else None


def _part_at(name: Name, index: int) -> tuple[int | None, int]:
    word = name.tokens[index].folded
    found = re.fullmatch(_GLUED_PART, word)
    if found and found[1] in PART_WORDS:
        return int(found[2]), 1
    if word not in PART_WORDS or index + 1 >= len(name.tokens):
        return None, 0
    after = name.tokens[index + 1].folded
    if after.isdecimal() and after.isascii() and len(after) < 3:
        return int(after), 2
    return NUMBER_WORDS.get(after), 2


def read_disc(name: Name, first: int) -> Part | None:
    """The disc that a film was split over: "CD1", "cd1of2", "disc 2"."""
    tokens = name.tokens
    for index in range(first + 1, len(tokens)):
        if found := re.fullmatch(_GLUED_DISC, tokens[index].folded):
            return Part((int(found[1]),), index, frozenset({index}))
        after = tokens[index + 1].folded if index + 1 < len(tokens) else ""
        if tokens[index].folded in DISC_WORDS and after in {"1", "2", "3", "4"}:
            return Part((int(after),), index, frozenset({index, index + 1}))
    return None
