"""A file cut into its episodes. Pure.

How it flows: what it is, how long, where its chapters begin -> the parts, in order and without a gap; a
place -> the part that plays there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from .media import Media

CUT_NEAR = 0.1  # of an episode's share: a chapter so close to where one should end is where it does


@dataclass(frozen=True, slots=True)
class Part:
    """One episode of a file, from `begin` to `end` in seconds."""

    media: Media
    begin: float
    end: float


def parts(media: Media, duration: float, chapters: Sequence[float] = ()) -> tuple[Part, ...]:
    """The episodes of a file, each with its share of the running time, cut where a chapter begins if one does
    so close by; one part for anything else (simkl-api 17.14).
    """
    each = media.split()
    share = duration / len(each)
    cuts = [_nearest(share * number, chapters, share * CUT_NEAR) for number in range(1, len(each))]
    edges = [0.0, *cuts, duration]
    return tuple(Part(one, *edge) for one, edge in zip(each, pairwise(edges), strict=True))


def _nearest(place: float, chapters: Sequence[float], within: float) -> float:
    near = [chapter for chapter in chapters if abs(chapter - place) <= within]
    return min(near, key=lambda chapter: abs(chapter - place), default=place)


def part_at(parts: Sequence[Part], position: float) -> int:
    """The number of the part that plays there; what lies beyond the end belongs to the last one."""
    last = len(parts) - 1
    return next((number for number in range(last) if position < parts[number].end), last)
