"""Reads season and episode where one word says both, S01E02 or 1x02, and the episodes behind: S01E02-E04."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..records import Record
from .names import Name, Token
from .vocabulary import AND_WORDS, TO_WORDS

LONGEST_RANGE = 100  # episodes in one file; more is a batch, or no range at all
EAST_ASIAN = r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]"
COUNT = r"(\d{1,5})(?:v\d)?[a-d]?"

_PAIR = (
    r"(?:season|se?|t)(\d{1,4}|o\d)(?:xe|x|episode|ep|e|b)(\d{1,5})"
    r"((?:(?:ep|e|x)\d{1,5})*)(?:v\d|of\d+)?[a-d]{0,2}"
)
_CROSS = r"(\d{1,4})x(\d{1,4})((?:[xe]\d{1,4})*)(?:v\d|of\d+)?[a-c]{0,2}"
_COMPACT = r"s([0-4]\d)(\d\d)|(\d\d)e(\d\d)"  # "S0615", "01e02"
_GLUED = r"s(\d{1,2})e(\d{1,4})((?:e\d\d)*)(?:[^\W\d]\w*)?"
_BEHIND_LETTERS = rf"((?:[^\W\d]{{2,}})?(?=s\d\de\d\d)){_GLUED}"  # "Those.About.to.DieS01E06", "S01E06BluRay"
_BEHIND_SIGNS = rf"(\w*{EAST_ASIAN}\d{{0,2}}){_GLUED}"  # "琅琊榜2S1E6"
_MARKED = r"(?:s\d{1,4})?(?:(?:episode|ep|e)(\d{1,5})|x(\d{1,2}))(?:v\d)?"
_JOIN = r"[ ._]*([-~+&,]?)[ ._]*"
_RANGE_SIGNS = frozenset(["-", "_", "~", "to"])


class Item(Record):
    """One number that a name explains, and where it stands."""

    start: int
    end: int
    season: int | None = None
    episodes: tuple[int, ...] = ()
    is_pair: bool = False


def read_pairs(name: Name) -> list[Item]:
    """Every pair of season and episode that a name says, in order."""
    pairs = [*_pairs(name)]
    if len(pairs) > 1 and _is_title(name, pairs[0]):
        del pairs[0]
    return [_with_first(name, pairs[0]), *pairs[1:]] if pairs else []


def _is_title(name: Name, pair: Item) -> bool:
    """Whether what looks like a pair begins a title, as another pair follows: "3x3 Eyes - 2x01"."""
    written, follows = name.text[: pair.end], name.text[pair.end : pair.end + 2]
    return re.fullmatch(r"\dx\d", written) is not None and re.fullmatch(r"[ ._][^\W\d]", follows) is not None


def _with_first(name: Name, pair: Item) -> Item:
    """The pair with the episode in front of it that is written in two words: "S6.E1-S6E2"."""
    last = name.at(pair.start)
    words = [token.folded for token in name.tokens[max(0, last - 2) : last]]
    found = re.fullmatch(r"s0?(\d{1,2}) ep?(\d{1,3})", " ".join(words))
    if (
        found is None
        or int(found[1]) != pair.season
        or not 0 < pair.episodes[0] - int(found[2]) < LONGEST_RANGE
    ):
        return pair
    episodes = (*range(int(found[2]), pair.episodes[0]), *pair.episodes)
    return pair._replace(start=name.tokens[last - 2].start, episodes=episodes)


def _pairs(name: Name) -> Iterator[Item]:
    done = 0
    for index, token in enumerate(name.tokens):
        if index >= done and (pair := _pair(name, index)):
            season, episodes, width = pair
            episodes, done = with_more(name, index + width, season, episodes)
            glued = _glued(token.folded)
            start = token.start + (glued.end(1) if glued else 0)
            yield Item(start, name.tokens[done - 1].end, season, episodes, is_pair=True)


def _pair(name: Name, index: int) -> tuple[int, tuple[int, ...], int] | None:
    token = name.tokens[index]
    if found := re.fullmatch(_PAIR, token.folded):
        season = int(found[1].replace("o", "0"))
        return season, (*_one_or_two(found[2]), *numbers_in(found[3])), 1
    if (found := re.fullmatch(_CROSS, token.folded)) and not _is_size(name, index, found[1], found[2]):
        return int(found[1]), (int(found[2]), *numbers_in(found[3])), 1
    if (found := re.fullmatch(_COMPACT, token.folded)) and not _is_year_of(name, index):
        season, episode = (int(group) for group in found.groups() if group)
        return season, (episode,), 1
    if found := _glued(token.folded):
        return int(found[2]), (int(found[3]), *numbers_in(found[4])), 1
    return _spaced_cross(name, index)


def _glued(word: str) -> re.Match[str] | None:
    """A pair in one word with what stands before or behind it."""
    behind_signs = None if word.isascii() else re.fullmatch(_BEHIND_SIGNS, word)
    return behind_signs or re.fullmatch(_BEHIND_LETTERS, word)


def _one_or_two(text: str) -> tuple[int, ...]:
    """Two episodes that follow each other without a sign, 3 and 4 of "S01E0304"; else the one."""
    both = (int(text[:2]), int(text[2:])) if len(text) == 4 and text[0] == "0" else (0, 0)
    return both if both[0] + 1 == both[1] else (int(text),)


def _is_year_of(name: Name, index: int) -> bool:
    """Whether "S2023" is a whole season: alone, or before its episode as in "S2023.E104"."""
    if len(name.tokens) == 1:
        return re.fullmatch(r"s(?:19|20)\d\d", name.tokens[0].folded) is not None
    return index + 1 < len(name.tokens) and re.match(r"ep?\d", name.tokens[index + 1].folded) is not None


def _spaced_cross(name: Name, index: int) -> tuple[int, tuple[int, ...], int] | None:
    """The form "1 x 03"."""
    words = [token.folded for token in name.tokens[index : index + 3]]
    if len(words) < 3 or words[1] != "x" or not (words[0] + words[2]).isdecimal():
        return None
    return (int(words[0]), (int(words[2]),), 3) if len(words[0]) <= 2 and len(words[2]) == 2 else None


def _is_size(name: Name, index: int, width: str, height: str) -> bool:
    """Whether 1920x800, 16x9, 0x539 or "5.1x2" only look like a season and an episode."""
    first, second = int(width), int(height)
    is_decimal = index > 0 and name.gap(index) == "." and re.fullmatch(r"\d", name.tokens[index - 1].folded)
    if is_decimal and len(height) < 2:
        return True
    if 1900 <= first <= 2100:
        return second >= 400
    return first > 99 or (first, height) == (16, "9") or (first == 0 and second > 99)


def numbers_in(text: str) -> tuple[int, ...]:
    """The numbers that are written in a text, in order."""
    return tuple(int(number) for number in re.findall(r"\d+", text))


# The episodes behind one


def with_more(
    name: Name, index: int, season: int | None, episodes: tuple[int, ...]
) -> tuple[tuple[int, ...], int]:
    """The episodes with those that follow them ("-E03", "-03", "E02", "1x03"), and the index behind them."""
    numbers = sorted(set(episodes))
    signs = [""] * (len(numbers) - 1)
    while step := _next_number(name, index, season, numbers[-1]):
        sign, number, index = step
        if number > numbers[-1]:
            numbers.append(number)
            signs.append(sign)
        if sign == "to":
            break  # "5 to 7" is whole
    if (
        len(numbers) == 2
        and (signs[0] in _RANGE_SIGNS or signs[0] == "")
        and numbers[1] - numbers[0] < LONGEST_RANGE
    ):
        return tuple(range(numbers[0], numbers[1] + 1)), index
    return tuple(numbers), index


def _next_number(name: Name, index: int, season: int | None, last: int) -> tuple[str, int, int] | None:
    if index >= len(name.tokens):
        return None
    gap, word = name.gap(index), name.tokens[index].folded
    if word in AND_WORDS | TO_WORDS and index + 1 < len(name.tokens) and gap in {" ", ".", "_", "-"}:
        number = marked(name, index + 1, season)
        if number is None and re.fullmatch(COUNT, name.tokens[index + 1].folded):
            bare = numbers_in(name.tokens[index + 1].folded)[0]
            number = bare if bare == last + 1 or _spans(name.tokens[index], season) else None
        return None if number is None else ("to" if word in TO_WORDS else "&", number, index + 2)
    join = re.fullmatch(_JOIN, gap)
    if join is None:
        return None
    number = marked(name, index, season)
    if number is not None:
        return join[1], number, index + 1
    number = _unmarked(name, index, last)
    return None if number is None else (gap.strip() or gap, number, index + 1)


def _spans(token: Token, season: int | None) -> bool:
    """Whether a word stands between two numbers for all between: "Cap. 5 a 7", not "S01E05 A 10 Day Wait"."""
    if token.folded not in TO_WORDS or (season is not None and not token.text.islower()):
        return False
    return token.text != "A" and (token.text != "a" or season is None)


def marked(name: Name, index: int, season: int | None) -> int | None:
    """The number of a token that says that it is another episode of the same season."""
    if index >= len(name.tokens):
        return None
    if pair := _pair(name, index):
        return pair[1][-1] if pair[0] == season else None
    found = re.fullmatch(_MARKED, name.tokens[index].folded)
    return int(found[1] or found[2]) if found else None


def _unmarked(name: Name, index: int, last: int) -> int | None:
    """A bare number right behind an episode: "-03", "_03", "+03", and ".22" behind 21."""
    found, gap = re.fullmatch(COUNT, name.tokens[index].folded), name.gap(index)
    if found is None or name.gap(index + 1)[:1] in {"!", "'"} or _starts_a_day(name, index):
        return None
    number = int(found[1])
    if gap == ".":
        return number if number == last + 1 and len(found[1]) == 2 else None
    sign = gap.strip(" ._") or gap.strip()
    if sign not in {"-", "_", "+", "~", "&", ","} or (sign in {"-", "_"} and len(gap) > 1):
        return None
    furthest = 50
    if gap == "_":  # "The_Show_S01E05_24_Hours" is one episode, and "S03E05_44" no range
        furthest = 1 if name.text.count("_") > 1 else 9
    return number if 0 < number - last <= furthest else None


def _starts_a_day(name: Name, index: int) -> bool:
    """Whether a number is the first of three joined by dots: "S01E02_21.03.14", "S01E02-04.28.2014"."""
    three = [token.folded for token in name.tokens[index : index + 3]]
    if len(three) < 3 or not name.gap(index + 1) == name.gap(index + 2) == ".":
        return False
    return "".join(three).isdecimal() and [*map(len, three)] in ([2, 2, 2], [2, 2, 4])
