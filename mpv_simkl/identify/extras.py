"""Tells what is no film and no episode: a camera's files, recordings, samples, trailers, extras."""

from __future__ import annotations

import re

from .names import Name, Token, clean, fold
from .release import Tag
from .vocabulary import (
    CAMERA_PREFIXES,
    COURSE_WORDS,
    EXTRA_FOLDERS,
    EXTRA_SUFFIXES,
    EXTRA_WORDS,
    FUNCTION_WORDS,
    HOME_WORDS,
)

_CAMERA = (
    r"(?:fb[_-])?([a-z]{2,5})[ _-]?(?:e\d)?\d{3,}.*|\d{8}[_-]\d{6}(?!\d{2}$).*|\d{8}[_-]wa\d+"
    r"|(?:p|g[hpx])\d{6,}|c\d{4}"
)
_MOMENT = (
    r"(?:19|20)\d\d([-_.]?)\d\d\1\d\d[ _T-]+(?:(?:at|à|a las|alle|às|om|o|в|kl\.) )?"
    r"(?:\d\d([-_.:])\d\d\2\d\d(?!\d)|\d\dh\d\dm|[0-2]\d[0-5]\d[0-5]\d(?!\d))"
)
_LESSON = r"([^\W\d_]+)[\s._-]*\d{1,3}(?!\d)"
_COUNTED = r"(?![\s._]*[(\[{]?(?:19|20)\d\d[)\]}]?$)(?:[\W\d_]|from|at|am|pm|um|vom)*"
_CREDITLESS = (
    r"nc(?:op|ed)\d{0,3}[a-z]?(?:v\d)?|(?:op|ed)(?:\d{1,2}[a-z]?(?:v\d)?|v\d)"
    r"|creditless|nc|(?:pv|cm|menu)\d{1,2}"
)
_SEQUENCES = (["opening"], ["ending"], ["op"], ["ed"])
_LEFT_OUT = r"[^a-z0-9]+"


def recording(text: str) -> str | None:
    """Why a name is one that a camera, a phone or a recorder gives, or a course its lessons; or None."""
    folded = fold(clean(text).strip())
    found = re.fullmatch(_CAMERA, folded)
    if found and (found[1] is None or found[1] in CAMERA_PREFIXES):
        return "a camera's own file name"
    if re.search(_MOMENT, folded):
        return "a recording, named by date and time of day"
    for word, reason in HOME_WORDS.items():
        if folded.startswith(word) and re.fullmatch(_COUNTED, folded[len(word) :]):
            return reason
    lesson = re.match(_LESSON, folded)
    return "a lesson of a course" if lesson and lesson[1] in COURSE_WORDS else None


def extra_folder(folder: str) -> str | None:
    """What a folder of this name holds beside the film, or None."""
    return EXTRA_FOLDERS.get(re.sub(_LEFT_OUT, "", fold(folder)))


def extra_name(name: Name, tags: list[Tag | None]) -> str | None:
    """Which kind of extra a name says that it is ("-interview", "Trailer 2 [1080p]", "sample-"), or None."""
    return _extra_at_end(name, _behind_words(name, tags)) or _extra_set_off(name)


def _behind_words(name: Name, tags: list[Tag | None]) -> int:
    """The index behind the last word that is neither about the release nor a short number."""
    tokens, last = name.tokens, len(name.tokens)
    while last > 1 and (
        tags[last - 1] or (tokens[last - 1].text.isdecimal() and len(tokens[last - 1].text) < 3)
    ):
        last -= 1
    return last


def _extra_at_end(name: Name, last: int) -> str | None:
    """What the one to three words before a token say: "Title Trailer", "title-deleted-scene"."""
    for width in (1, 2, 3):
        words = "".join(token.folded for token in name.tokens[max(0, last - width) : last])
        before = name.tokens[: last - width]
        if words in EXTRA_WORDS and _is_of_something(before):
            return EXTRA_WORDS[words]
        if words in EXTRA_SUFFIXES and last > width and re.fullmatch(r"\S*-", name.gap(last - width)):
            return EXTRA_SUFFIXES[words]
    return None


def _is_of_something(before: list[Token]) -> bool:
    """Whether words name what the extra belongs to: "Title Trailer", but not "05 - The Trailer"."""
    told = before[1:] if len(before) > 1 and before[0].text.isdecimal() else before
    return any(token.folded not in FUNCTION_WORDS for token in told)


def _extra_set_off(name: Name) -> str | None:
    """What a word in brackets says, or one in front that a sign joins: "Title (Trailer)", "sample-title"."""
    for index, token in enumerate(name.tokens):
        joints = {"-", ".", "_", ""} if token.folded == "sample" else {"-", ""}  # "Trailer.Park.Boys"
        is_marked = token.bracket >= 0 or (index == 0 and name.gap(1).strip(" ") in joints)
        is_apart = index > 0 or len(name.tokens) == 1 or name.gap(1) != " "
        if token.folded in {"sample", "trailer"} and is_marked and is_apart:
            return EXTRA_WORDS[token.folded]
    return None


def creditless(name: Name, limit: int) -> int | None:
    """The token before the limit that says that this is an opening or ending without credits, or None."""
    words = [token.folded for token in name.tokens[: limit + 1]]
    for index in range(min(limit, len(words))):
        if index == 0 and not words[0].startswith(("ncop", "nced")):
            continue  # a film may be called "OP1"
        is_clean = words[index] in {"clean", "textless"} and words[index + 1 : index + 2] in _SEQUENCES
        is_advert = words[index] in {"pv", "cm"} and _fills_bracket(name, index)
        if is_clean or is_advert or _is_sequence(name, index) or re.fullmatch(_CREDITLESS, words[index]):
            return index
    return None


def _is_sequence(name: Name, index: int) -> bool:
    """Whether a word behind a dash is all that is said of a file, or but for its number: "Title - OP 2"."""
    if name.tokens[index].text not in {"OP", "ED"} or not re.fullmatch(r"[\s_.]-[\s_.]", name.gap(index)):
        return False
    if index + 1 == len(name.tokens):
        return True
    follows = name.tokens[index + 1]
    return follows.bracket >= 0 or re.fullmatch(r"\d{1,2}(?:v\d)?", follows.folded) is not None


def _fills_bracket(name: Name, index: int) -> bool:
    bracket = name.tokens[index].bracket
    return bracket >= 0 and len(name.inside(bracket)) == 1
