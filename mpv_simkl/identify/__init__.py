"""Recognises a film or an episode from its path, its metadata and the files beside it.

Pure: no file is opened and no clock is read. Start reading at `decide`; a new naming habit that is a word
belongs in `vocabulary`, one that is a way of numbering in `pairs`, `counted` or `loose`.
"""

from __future__ import annotations

from ..media import Clues
from .decide import decide
from .paths import local_names
from .verdict import Reason, Verdict

__all__ = ["Reason", "Verdict", "identify", "local_names"]


def identify(clues: Clues, *, this_year: int) -> Verdict:
    """What the clues speak of, and why; a `this_year` bounds the numbers that can be years."""
    return decide(clues, this_year)
