"""A word that was mistyped, and those that there are -> the one that was meant. Pure."""

from __future__ import annotations

from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean status?`, to end a sentence about that word; empty where nothing comes close."""
    from difflib import get_close_matches  # it imports re's patterns, for mistakes only

    close = get_close_matches(word, list(known), n=1)
    return f"; did you mean {close[0]}?" if close else ""
