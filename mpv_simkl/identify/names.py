"""A name cut into tokens, with what stood between them kept.

[Group] A Show's Name - 03v2 (1080p)
 ^0      ^1 ^2    ^3     ^4    ^5      six tokens; 0 and 5 stand in brackets of their own
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right

from ..records import Record

LONGEST = 300  # characters read of one name; file systems end at 255 bytes, and time must stay bounded
MOST_TOKENS = 80  # words and numbers read of one name; the longest that people write have about 30
MOST_BRACKETS = 32  # pairs looked at in one name

_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}  # full-width forms of ASCII
_INVISIBLE = [0x200B, 0x200C, 0x200D, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF]
_CLEAN: dict[int, int | None] = {
    **_WIDE,
    **dict.fromkeys([*range(0x20), *range(0x7F, 0xA0), 0xA0, 0x3000], 0x20),
    **dict.fromkeys(_INVISIBLE, None),
    0x2019: 0x27,  # the curly apostrophe of "Ocean’s"
    0xD7: 0x78,  # the times sign of "1×05"
    **dict.fromkeys([0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2015], 0x2D),  # all the dashes
}
# `\w` leaves out the vowel signs of Hebrew, Arabic, Indian scripts and Thai, which stand inside words.
_SIGNS = r"[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0903\u093a-\u094f\u0981-\u0d4d\u0e31-\u0e4e]"
_WORD = rf"[^\W_](?:[^\W_]+|{_SIGNS})*(?:'(?:[^\W_]+|{_SIGNS})+)*"
_BRACKETS = {"(": ")", "[": "]", "{": "}", "【": "】", "《": "》"}


class Token(Record):
    """One run of letters and digits; `bracket` is the index of the innermost bracket around it, or -1."""

    text: str
    folded: str
    start: int
    end: int
    bracket: int


class Bracket(Record):
    """A pair of brackets in a name: where its inside starts and ends, and the sign that opens it."""

    start: int
    end: int
    sign: str


class Name:
    """One component of a path, cleaned and cut; readers put their marks beside it, never into it."""

    __slots__ = ("_ends", "_starts", "brackets", "folded", "text", "tokens")

    def __init__(self, text: str) -> None:
        self.text = clean(text)
        spans = [found.span() for found in re.finditer(_WORD, self.text)][:MOST_TOKENS]
        if len(spans) == MOST_TOKENS:
            self.text = self.text[: spans[-1][1]]
        self.folded = fold(self.text)
        self.brackets = _brackets(self.text)
        around = [-1] * len(self.text)
        for index, (start, end, _) in enumerate(self.brackets):
            around[start:end] = [index] * (end - start)
        self.tokens = [Token(self.text[a:b], self.folded[a:b], a, b, around[a]) for a, b in spans]
        self._starts = [start for start, _ in spans]
        self._ends = [end for _, end in spans]

    def gap(self, index: int) -> str:
        """What stands before token `index`, back to the one before it; also behind the last."""
        start = self._ends[index - 1] if index > 0 else 0
        end = self._starts[index] if index < len(self.tokens) else len(self.text)
        return self.text[start:end]

    def inside(self, bracket: int) -> range:
        """The indices of the tokens that stand in a bracket, or in one inside it."""
        start, end, _ = self.brackets[bracket]
        return range(bisect_left(self._starts, start), bisect_left(self._starts, end))

    def at(self, position: int) -> int:
        """The index of the first token that ends after a position; the number of tokens when none does."""
        return bisect_right(self._ends, position)


def clean(text: str) -> str:
    """The text bounded, composed, on one line; full-width forms, odd dashes and all digits made plain."""
    plain = unicodedata.normalize("NFC", text[:LONGEST]).translate(_CLEAN)
    if "  " in plain:
        plain = re.sub("  +", " ", plain)
    if plain.isascii():
        return plain
    return "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in plain)


def fold(text: str) -> str:
    """The text in lower case, character for character: positions stay what they were."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)


def _brackets(text: str) -> list[Bracket]:
    """The pairs in the order in which they open; one that never closes reaches to the end."""
    found: list[Bracket] = []
    open_now: list[int] = []
    for position, sign in enumerate(text):
        if sign in _BRACKETS and len(found) < MOST_BRACKETS:
            open_now.append(len(found))
            found.append(Bracket(position + 1, len(text), sign))
        elif open_now and sign == _BRACKETS[found[open_now[-1]].sign]:
            index = open_now.pop()
            found[index] = found[index]._replace(end=position)
    return found
