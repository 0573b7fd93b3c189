"""Tells what is no film and no episode: a camera's files, samples, trailers, extras."""

from __future__ import annotations

import re

from .names import Name, fold
from .vocabulary import CAMERA_PREFIXES, EXTRA_ENDINGS, EXTRA_FOLDERS, HOME_WORDS

_CAMERA = re.compile(r"([a-z]{2,5})[ _-]?(?:e\d)?\d{3,}.*|\d{8}[_-]\d{6}.*|\d{8}[_-]wa\d+|(?:p|g[hpx])\d{6,}")
_COUNTED = re.compile(r"(?!\s*[(\[]?(?:19|20)\d\d[)\]]?$)(?:[\W\d_]|from|at|am|pm|um|vom)*")
_CREDITLESS = re.compile(r"nc(?:op|ed)\d{0,3}[a-z]?(?:v\d)?|(?:op|ed)\d{1,2}[a-z]?(?:v\d)?|creditless|nc")
_JUNK = re.compile(r"[^a-z0-9]+")


def camera(text: str) -> str | None:
    """Why a name is one that a camera, a phone or a screen recorder gives, or None."""
    folded = fold(text.strip())
    found = _CAMERA.fullmatch(folded)
    if found and (found[1] is None or found[1] in CAMERA_PREFIXES):
        return "a camera's own file name"
    for word, reason in HOME_WORDS.items():
        if folded.startswith(word) and _COUNTED.fullmatch(folded[len(word) :]):
            return reason
    return None


def extra_folder(folder: str) -> str | None:
    """What a folder of this name holds beside the film, or None."""
    return EXTRA_FOLDERS.get(_JUNK.sub("", fold(folder)))


def extra_name(name: Name) -> str | None:
    """Which kind of extra a name says that it is ("-trailer", "sample-", "NCOP1"), or None."""
    words = [token.folded for token in name.tokens]
    for width in (1, 2, 3):
        kind = EXTRA_ENDINGS.get("".join(words[-width:]))
        if kind and len(words) > width and name.gap(len(words) - width).strip(" )]") in {"-", ".", "_", "("}:
            return kind
    if (
        words
        and words[0] in {"sample", "trailer"}
        and (len(words) == 1 or name.gap(1).strip(" ") in {"-", ".", "_"})
    ):
        return EXTRA_ENDINGS[words[0]]
    if "sample" in words and name.tokens[words.index("sample")].bracket >= 0:
        return EXTRA_ENDINGS["sample"]
    return None


def creditless(name: Name) -> int | None:
    """The token that says that this is an opening or ending without credits, or None."""
    return next((i for i, token in enumerate(name.tokens) if i and _CREDITLESS.fullmatch(token.folded)), None)
