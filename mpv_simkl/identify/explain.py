"""Puts an answer and its reasons into words for people."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from .verdict import Reason, Verdict

if TYPE_CHECKING:
    from ..model import Media

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def printable(text: str) -> str:
    """The text as a terminal may show it: no control sign, no half of a character, no turned direction."""
    return "".join("\ufffd" if unicodedata.category(sign) in _HIDDEN else sign for sign in text)


def headline(verdict: Verdict) -> str:
    """One line: "The Show (2019) · S01E02", or why it is neither a film nor an episode."""
    if verdict.media:
        return printable(describe(verdict.media))
    return printable(f"unknown: {verdict.reason}")


def describe(media: Media) -> str:
    """A film or episode as people write it: "The Film (2010) · part 1", "The Show · S01E02-E03"."""
    name = f"{media.title} ({media.year})" if media.year else media.title
    told = [name, _numbers(media), media.date or "", f"part {media.part}" if media.part else ""]
    return " · ".join(each for each in told if each)


def _numbers(media: Media) -> str:
    episodes = _span(media.episodes)
    if media.season is None:
        return f"episode {episodes}" if episodes else ""
    season = f"S{media.season:02}"
    return season + "".join(f"E{episode:02}" for episode in media.episodes[:1]) + _rest(media.episodes)


def _rest(episodes: tuple[int, ...]) -> str:
    if len(episodes) < 2:
        return ""
    return (
        f"-E{episodes[-1]:02}" if _is_run(episodes) else "".join(f"E{episode:02}" for episode in episodes[1:])
    )


def _span(episodes: tuple[int, ...]) -> str:
    if len(episodes) > 1 and _is_run(episodes):
        return f"{episodes[0]}-{episodes[-1]}"
    return ", ".join(map(str, episodes))


def _is_run(episodes: tuple[int, ...]) -> bool:
    return list(episodes) == list(range(episodes[0], episodes[0] + len(episodes)))


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
