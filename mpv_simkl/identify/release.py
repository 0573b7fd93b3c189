"""Reads what a release says about itself: resolution, source, codec, language, edition ..."""

from __future__ import annotations

import re

from ..records import Record
from . import vocabulary
from .names import Name, Token

WIDEST = 4  # tokens that one release word may be written in: "DTS-HD MA 5.1"


class Tag(Record):
    """What a token says about the release; a strong one can be no word of a title."""

    kind: str
    strong: bool


def _table() -> dict[str, Tag]:
    table: dict[str, Tag] = {}
    for kind, words in vocabulary.WEAK.items():
        table |= dict.fromkeys(words, Tag(kind, strong=False))
    table |= dict.fromkeys(vocabulary.EDITIONS, Tag("edition", strong=True))
    for kind, words in vocabulary.STRONG.items():
        table |= dict.fromkeys(words, Tag(kind, strong=True))
    return table


_TABLE = _table()
_SHAPES = (
    ("resolution", r"(?:\d{3,4}|1o8o|[248]k)[pi](?:\d\d)?|[2458]k\d*"),
    ("video", r"[xh]26\d|(?:8|10|12)bits?|(?:divx|xvid|mpeg)\d"),
    (
        "audio",
        r"(?:ddp?a?|aac|e?ac3|dts(?:hd|x|ma)?|flac|truehd|atmos|opus|lpcm|he-?aac|ma|mp2)[0-9x]\d?|[1-8]ch",
    ),
    ("size", r"\d+(?:[mg]i?b|kbps|kbit|khz|fps|hz|[mg]b?ps)"),
    ("checksum", r"(?=\d*[a-f])(?=[a-f]*\d)[0-9a-f]{8}"),
    ("subtitle", r"\w{2,4}sub(?:bed|s)?"),
)
_GLUED_TO_SIGNS = r"([0-9a-z]*[a-z][0-9a-z]*)[\u3400-\u9fff]+"  # "1080p高清", "HD国语中字"
_GLUED = r"(.{3,}?)(x26[45]|h26[45]|xvid|divx)"  # "HDTVx264"
_DIMENSIONS = r"(\d{3,4})[x×](\d{3,4})[pi]?"
_WORDS_TOO = frozenset(["it", "de", "es", "en", "se", "fr", "ee", "festival"])  # only in capitals, and "iT"
_DAY = r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"  # "Show 20210312 [20210316-2000]"
_HEIGHTS = frozenset(["480", "576", "720", "1080"])
_UNITS = frozenset(["mb", "gb", "mib", "gib", "kbps", "fps", "bit", "bits", "ch", "khz"])
_SIZE = Tag("size", strong=True)
_CHANNEL_DIGITS = frozenset("0125678")
_SURE_CHANNELS = frozenset({"51", "61", "71"})
_CHANNELS = frozenset(["10", "20", "21", "40", "50", "51", "60", "61", "71"])


def read_release(name: Name) -> list[Tag | None]:
    """For each token what it says about the release, or None; words of several tokens mark them all."""
    tags: list[Tag | None] = [None] * len(name.tokens)
    index = 0
    while index < len(name.tokens):
        tag, width = _longest(name, index)
        own = tag and Tag(tag.kind, tag.strong)  # by `is` the words of one phrase know each other
        tags[index : index + width] = [own] * width
        index += width
    _join_numbers(name, tags)
    _lone_channels(name, tags)
    if tags and (name.tokens[-1].text == "HD" or (len(tags) > 2 and name.tokens[-1].folded == "hd")):
        tags[-1] = Tag("resolution", strong=True)
    if len(tags) > 2 and name.tokens[-2].text == "WEB" and name.gap(len(tags) - 1) == "-":
        tags[-2] = Tag("source", strong=True)  # "The.Film.WEB-GRP"
    _free_episodes(name, tags)
    return tags


def _free_episodes(name: Name, tags: list[Tag | None]) -> None:
    """The 1080th episode is no resolution: "One Piece - 1080 (720p)"."""
    for index, token in enumerate(name.tokens):
        gap = name.gap(index or 1)  # a dash before the number, or behind one in front
        if token.folded in _HEIGHTS and re.fullmatch(r"[^\w]*?[\s_.]+-[\s_.]+", gap):
            tags[index] = None


def _longest(name: Name, index: int) -> tuple[Tag | None, int]:
    """The release word of most tokens that starts here; an unknown token is one of itself."""
    key, best = "", (_shaped(name.tokens[index]), 1)
    for width, token in enumerate(name.tokens[index : index + WIDEST], start=1):
        if width > 1 and len(name.gap(index + width - 1)) > 2:
            break
        key += token.folded.replace("'", "")
        if width == len(key) and width > 1:
            continue  # single letters are an acronym: "V.H.S"
        if (found := _TABLE.get(key)) and not (key in _WORDS_TOO and token.text[-1].islower()):
            best = (found, width)
    return best


def _shaped(token: Token) -> Tag | None:
    text = token.folded
    if not text.isascii() and (before_signs := re.fullmatch(_GLUED_TO_SIGNS, text)):
        return _before_signs(before_signs[1])
    if len(text) < 2 or text.isalpha():
        return _glued(text)
    size = re.fullmatch(_DIMENSIONS, text)
    if size and int(size[1]) >= 240 and int(size[2]) >= 240:
        return Tag("resolution", strong=True)
    if token.bracket >= 0 and len(text) == 8 and text.isdecimal() and not re.fullmatch(_DAY, text):
        return Tag("checksum", strong=True)
    for kind, shape in _SHAPES:
        if re.fullmatch(shape, text):
            return Tag(kind, strong=True)
    return _glued(text)


def _before_signs(text: str) -> Tag | None:
    """What a word says that Chinese signs go on with: its picture or its source, and nothing else."""
    is_picture = text == "hd" or re.fullmatch(_SHAPES[0][1], text)
    tag = Tag("resolution", strong=True) if is_picture else _TABLE.get(text)
    return tag if tag and tag.strong and tag.kind in {"resolution", "source"} else None


def _glued(text: str) -> Tag | None:
    found = re.fullmatch(_GLUED, text)
    return Tag("video", strong=True) if found and found[1] in _TABLE else None


def _join_numbers(name: Name, tags: list[Tag | None]) -> None:
    """Numbers that belong to a release word beside them: "1.4 GB", "AAC 5.1", "23.976 FPS"."""
    for index, token in enumerate(name.tokens):
        if token.folded in _UNITS and _joins(name, tags, index - 1, " ._-"):
            tags[index] = tags[index - 1] = _SIZE
        tag = tags[index]
        if tag == _SIZE and _joins(name, tags, index - 1 - (token.folded in _UNITS), "."):
            tags[index - 1 - (token.folded in _UNITS)] = tag
        elif tag is not None and tag.kind == "audio":
            _join_channels(name, tags, index)


def _join_channels(name: Name, tags: list[Tag | None], index: int) -> None:
    following = [token.folded for token in name.tokens[index + 1 : index + 3]]
    if following and tags[index + 1] is None and name.gap(index + 1) in {".", " ", "-", "+"}:
        if following[0] in _CHANNEL_DIGITS:
            tags[index + 1] = tags[index]
        if len(following) == 2 and "".join(following) in _CHANNELS:
            tags[index : index + 3] = [Tag("audio", strong=True)] * 3  # "DD+7.1"


def _lone_channels(name: Name, tags: list[Tag | None]) -> None:
    """The channels that stand by themselves, in brackets or before other release words: "5.1.x264"."""
    for index in range(1, len(tags)):
        pair = name.tokens[index - 1].folded + name.tokens[index].folded
        bracket = name.tokens[index - 1].bracket
        is_alone = bracket >= 0 and name.inside(bracket) == range(index - 1, index + 1)  # "[5.1]"
        is_told = is_alone or (index + 1 < len(tags) and tags[index + 1] is not None)
        if pair in _SURE_CHANNELS and name.gap(index) == "." and is_told:
            tags[index - 1] = tags[index] = Tag("audio", strong=False)


def _joins(name: Name, tags: list[Tag | None], index: int, signs: str) -> bool:
    """Whether the token at `index` is a free number, and only one of the signs stands behind it."""
    if index < 0 or tags[index] is not None or not _is_number(name.tokens[index]):
        return False
    gap = name.gap(index + 1)
    return len(gap) == 1 and gap in signs


def _is_number(token: Token) -> bool:
    return token.folded.isdecimal() and token.folded.isascii()
