"""Puts an answer and its reasons into words for people."""

from __future__ import annotations

import unicodedata

from .verdict import Reason, Verdict

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def printable(text: str) -> str:
    """The text as a terminal may show it: no control sign, no half of a character, no turned direction."""
    return "".join("\ufffd" if unicodedata.category(sign) in _HIDDEN else sign for sign in text)


def headline(verdict: Verdict) -> str:
    """One line: "The Show (2019) S01E02", or why it is neither a film nor an episode."""
    if verdict.media:
        return printable(str(verdict.media))
    return printable(f"unknown: {verdict.reason}")


def why(verdict: Verdict) -> list[str]:
    """The reasons as aligned lines: what won, the field, the value, who said it, and how."""
    rows = [
        (_sign(reason), reason.field, reason.value, reason.source, reason.sentence) for reason in verdict.why
    ]
    cells = [[printable(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in cells]


def _sign(reason: Reason) -> str:
    return "+" if reason.won else "-"
