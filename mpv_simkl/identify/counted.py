"""Reads numbers that stand with a word: "Season 2", "Сезон 1 Серия 2", "Ep 5", "5 of 9", 第3話."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..records import Record
from .names import Name
from .pairs import COUNT, EAST_ASIAN, LONGEST_RANGE, Item, marked, numbers_in, with_more
from .release import read_release
from .vocabulary import (
    CJK_DIGITS,
    EPISODE_WEAK,
    EPISODE_WORDS,
    NUMBER_FIRST,
    NUMBER_WORDS,
    OF_WORDS,
    ORDINAL_ENDINGS,
    ORDINAL_WORDS,
    ORDINALS_BEHIND,
    PART_WORDS,
    SEASON_WEAK,
    SEASON_WORDS,
    SPLIT_EPISODE_WORDS,
    TEENS,
)

_EPISODES = r"ep?\d{1,4}(?:ep?\d{1,4})+"  # "E01E02"
_WORD_NUMBER = r"([^\W\d]+)(\d{1,5})(?:v\d|of\d+|(?:(?<=s\d)|(?<=s\d\d))d\d\d?)?[a-d]?"  # "S02D01" is a disc
_DISC = r"s\d\d?d\d\d?"
_ORDINAL = r"(\d{1,2})(?:st|nd|rd|th|º|ª|°|a|e|re|er|ère|eme|ème)"
_FIRST = r"(\d{1,5})[а-яё]{0,2}"  # "5я серия"
_OF = r"(\d{1,3})(?:of|из)(\d{1,3})"
_AFTER_SEASON = frozenset(["x", "c"])  # "T02 C05"
_PARTS = frozenset(["الجزء", "ج"])  # of films too; a folder that is called so is a season
_TV_SERIES = frozenset(["tv", "тв"])  # "Title TV-2 - 05", as Russian anime sites number what follows
_SIGNS = (
    r"[第제][\s._]*(\d{1,4}|[零〇一二三四五六七八九十百两兩]{1,5})(?:\s?[-~]\s?(\d{1,4}))?\s*([季期기话話集回화회])"
    r"|(?<!\d)(?<!\d\.)(\d{1,4})\s?([季期기话話集回화회])(?![^\W_])"
    # behind the title's last sign: "琅琊榜05", "琅琊榜05.名字", "琅琊榜05.HD1080p", no film: "片名08.2017"
    r"|(?<=[\u3040-\u30ff\u3400-\u9fff])(\d{2,3}$|0\d{1,2}(?=[.、][\u3040-\u30ff\u3400-\u9fff])"
    r"|0[1-9](?=[\s._\[【-]+[^\s._-])(?!.*(?<!\d)(?:19|20)\d\d(?!\d)))"
    rf"|(?<={EAST_ASIAN})[Ee][Pp]?(\d{{1,4}})(?![^\W_])"  # "琅琊榜EP05"
    rf"|(?<={EAST_ASIAN})[Ss](\d{{1,2}})(?=$|[\s._]*[-\d\[Ee第])"  # "琅琊榜S2 - 05"
    r"|(?<=[\u3040-\u30ff\u3400-\u9fff][\s._])第(\d{1,3})(?=[\s.、](?![部卷区區章辑輯]))"  # " 第15 名字"
)
_SEASON_SIGNS = frozenset("季期기")


class Counted(Record):
    """A word and its numbers, from token `first` up to, not including, token `behind`."""

    word: str
    numbers: tuple[int, ...]
    first: int
    behind: int


def read_counted(name: Name) -> list[Item]:
    """Every number of a name that stands with its word, in order."""
    return sorted([*_signs(name), *read_words(name), *_ofs(name)], key=lambda item: item.start)


def read_words(name: Name) -> Iterator[Item]:
    """Numbers with a word: "Season 2", "2nd Season", "2. évad", "S2", "Ep 5", "E05", "#5"."""
    done, season = 0, None
    for index in range(len(name.tokens)):
        if index < done:
            continue
        counted = _counted(name, index, done) or _after_tv(name, index)
        counted = counted or (None if season is None else _bare(name, index))
        found = _item(name, counted, season) if counted else None
        season = found[0].season if found and not found[0].episodes else None
        if found:
            done = found[1]
            yield found[0]


def _item(name: Name, counted: Counted, season: int | None) -> tuple[Item, int] | None:
    """What a counted word stands for, right behind a season or not, and the index behind it."""
    word, numbers, first, behind = counted
    after_season = season is not None
    if word in SEASON_WORDS:
        return _season_item(name, counted)
    is_lone = word in EPISODE_WEAK and behind > first + 1 and not after_season
    if is_lone or (word in PART_WORDS and not _part_counts(name, counted, after_season=after_season)):
        return None
    if word in SPLIT_EPISODE_WORDS and numbers[0] > 100 and season in {None, numbers[0] // 100}:
        return _split_item(name, counted)
    if not after_season and word in EPISODE_WORDS | {"#"} and (pair := _dotted_pair(name, counted)):
        return pair
    if word in EPISODE_WORDS | PART_WORDS or word in {"#", ""} or (after_season and word in _AFTER_SEASON):
        episodes, behind = with_more(name, behind, None, numbers)
        return Item(name.tokens[first].start, name.tokens[behind - 1].end, episodes=episodes), behind
    return None


def _part_counts(name: Name, counted: Counted, *, after_season: bool) -> bool:
    """Whether a part is an episode: "Season 2 Part 3", "Part 3 - Name", but not "Season 2 Part 2 - 05"."""
    behind = counted.behind
    follows = name.tokens[behind].folded if behind < len(name.tokens) else ""
    if after_season and (follows in EPISODE_WORDS or marked(name, behind, None) is not None):
        return False  # "S05 Part 2 E10"
    is_dashed = re.fullmatch(r"[)\]]?[\s_.]-[\s_.]", name.gap(behind)) is not None
    if behind < len(name.tokens) and is_dashed and after_season:
        return re.fullmatch(COUNT, name.tokens[behind].folded) is None
    return after_season or (counted.first == 0 and is_dashed)


def _dotted_pair(name: Name, counted: Counted) -> tuple[Item, int] | None:
    """Season 1, episode 22 of "Episode 1.22", and of IMDb's "Episode #1.22"."""
    season, behind = counted.numbers[0], counted.behind
    if (
        behind >= len(name.tokens)
        or name.gap(behind) != "."
        or season > 40
        or counted.first + 1 == behind != 1
    ):
        return None
    text, is_marked = name.tokens[behind].folded, "#" in name.gap(behind - 1)
    if not text.isdecimal() or not (len(text) == 2 or (is_marked and len(text) == 1)):
        return None
    item = Item(name.tokens[counted.first].start, name.tokens[behind].end, season, (int(text),), is_pair=True)
    return item, behind + 1


def _season_item(name: Name, counted: Counted) -> tuple[Item, int] | None:
    """A season; words that mean other things too, and years, need an episode behind them."""
    word, numbers, first, behind = counted
    if first and name.tokens[first - 1].folded in {"final", "last"} and behind > first + 1:
        return None  # "The Final Season 05": the fifth episode
    if (word == "t" or (word in _PARTS and first)) and not _episode_follows(name, behind):
        return None
    is_apart = behind > first + 1 and name.tokens[first].folded == word  # "series 2", but not "2. série"
    is_weak = word in SEASON_WEAK and is_apart
    if is_weak and first and numbers[0] > 1900:
        return None  # "My Series 2024", "(TV Series 2019)"
    is_doubtful = is_weak or numbers[0] > 1900
    if is_doubtful and behind < len(name.tokens) and not _episode_follows(name, behind):
        return None
    return Item(name.tokens[first].start, name.tokens[behind - 1].end, season=numbers[0]), behind


def _split_item(name: Name, counted: Counted) -> tuple[Item, int]:
    """Season 4, episode 8 of "Cap.408"; season 1, episodes 12 to 14 of "Cap.112_114"."""
    numbers, behind = with_more(name, counted.behind, None, counted.numbers)
    season = numbers[0] // 100
    episodes = tuple(number % 100 for number in numbers if number // 100 == season)
    start, end = name.tokens[counted.first].start, name.tokens[behind - 1].end
    return Item(start, end, season, episodes, is_pair=True), behind


def _episode_follows(name: Name, index: int) -> bool:
    if index >= len(name.tokens):
        return False
    text = name.tokens[index].folded
    is_listed = text.isdecimal() and name.gap(index + 1)[:1] == "."  # "Series 67 - 3. Name"
    if re.fullmatch(r"[\s_.]-[\s_.]", name.gap(index)) and (re.fullmatch(r"\d\d", text) or is_listed):
        return True
    found = re.fullmatch(_WORD_NUMBER, text)
    is_counted = (found[1] if found else text) in EPISODE_WORDS | PART_WORDS | _AFTER_SEASON
    is_counted = is_counted or re.fullmatch(_OF, text) is not None
    return is_counted or any(token.folded in SPLIT_EPISODE_WORDS for token in name.tokens)


# Which number a word counts


def _counted(name: Name, index: int, done: int) -> Counted | None:
    """The word with its number that starts at a token; a number may stand before the word."""
    token = name.tokens[index]
    if name.gap(index).endswith("#") and (found := re.fullmatch(COUNT, token.folded)):
        return Counted("#", (int(found[1]),), index, index + 1)
    if found := re.fullmatch(_WORD_NUMBER, token.folded):
        return Counted(found[1], (int(found[2]),), index, index + 1)
    if (found := re.fullmatch(_EPISODES, token.folded)) and not (token.bracket >= 0 and len(found[0]) == 8):
        return Counted("e", numbers_in(found[0]), index, index + 1)
    word = token.folded
    is_counting = word in SEASON_WORDS or word in EPISODE_WORDS or word in PART_WORDS
    if not is_counting or (len(word) == 1 and ends_acronym(name, index)):
        return None
    after, before = _number_after(name, index), _number_before(name, index, done)
    is_dotted = name.gap(index) == ". " and not _episode_follows(name, index + 2)  # "2. Staffel 05"
    is_ordinal = before and (is_dotted or _is_ordinal(name.tokens[before[0]].folded))
    is_apart = after is None or re.search("[-:,]", name.gap(index + 1)) is not None
    if before and (is_ordinal or is_apart or _is_counter(name, index + 2)):
        return _with_range_before(name, Counted(word, (before[1],), before[0], index + 1), done)
    return None if after is None else Counted(word, (after,), index, index + 2)


def _after_tv(name: Name, index: int) -> Counted | None:
    """The season of "Title TV-2 - 05"; a channel is "TV 2" and in "Fox TV-4 News", an episode "TV-05"."""
    text = name.tokens[index + 1].folded if 0 < index < len(name.tokens) - 1 else ""
    is_numbered = name.tokens[index].folded in _TV_SERIES and name.gap(index + 1) == "-"
    found = re.fullmatch(r"[1-9]", text) if is_numbered and not _title_goes_on(name, index + 2) else None
    return Counted("season", (int(text),), index, index + 2) if found else None


def _title_goes_on(name: Name, index: int) -> bool:
    """Whether a word of the title begins at a token, and not an episode or what a release says of itself."""
    word = name.tokens[index].folded if index < len(name.tokens) else ""
    is_word = word.isalpha() and word not in EPISODE_WORDS and name.gap(index) in {" ", ".", "_"}
    return is_word and read_release(name)[index] is None


def _with_range_before(name: Name, counted: Counted, done: int) -> Counted:
    """The counted with what its number ends: all of "1-8 серии"."""
    first, begin = _range_before(name, counted.first, counted.numbers[0])
    if first < done or counted.word in SEASON_WORDS or counted.numbers[0] - begin >= LONGEST_RANGE:
        return counted
    return counted._replace(numbers=tuple(range(begin, counted.numbers[0] + 1)), first=first)


def ends_acronym(name: Name, index: int) -> bool:
    """Whether a letter is the last one of "S.W.A.T. 69"."""
    before = name.tokens[index - 1].text if index else ""
    return name.gap(index) == "." and len(before) == 1 and before.isalpha()


def _bare(name: Name, index: int) -> Counted | None:
    """The number behind a season: "S2 - 03", "S01.07", "Season 11 01", "(Season 2) - 33"."""
    found = re.fullmatch(COUNT, name.tokens[index].folded)
    if found is None or name.gap(index).strip(" ._-()[]") or name.gap(index + 1).startswith("%"):
        return None
    if name.gap(index) == "-" and re.fullmatch(_DISC, name.tokens[index - 1].folded):
        return None  # "S07D1-2": both discs
    number = int(found[1])
    is_other = 1900 <= number <= 2100 or number in {480, 576, 720, 1080, 2160}
    return None if is_other else Counted("", (number,), index, index + 1)


def _number_after(name: Name, index: int) -> int | None:
    gap = name.gap(index + 1)
    if index + 1 >= len(name.tokens) or len(gap) > 3 or any(sign in "()[]" for sign in gap):
        return None
    word, text = name.tokens[index].folded, name.tokens[index + 1].folded
    if re.fullmatch(r"[\s_.]-[\s_.]", gap) and word in SEASON_WORDS:
        return None  # "Final Season - 05": the fifth episode
    if found := re.fullmatch(COUNT, text):
        is_year = 1900 <= int(found[1]) <= 2100 and word not in SEASON_WORDS | SPLIT_EPISODE_WORDS
        return None if is_year else int(found[1])
    if text in ORDINALS_BEHIND:
        is_teen = index + 2 < len(name.tokens) and name.tokens[index + 2].folded in TEENS
        return None if is_teen else ORDINALS_BEHIND[text]
    number = NUMBER_WORDS.get(text)
    if number is None or word in SEASON_WORDS - SEASON_WEAK or word in PART_WORDS or len(name.tokens) == 2:
        return number
    is_behind = word in EPISODE_WORDS and any(token.folded in SEASON_WORDS for token in name.tokens[:index])
    return number if is_behind else None  # "Season Two Episode Four", but not "Episode One"


def _number_before(name: Name, index: int, done: int) -> tuple[int, int] | None:
    """Where the number before a word stands, and the number: "2nd Season", "5-й сезон", "60.Bolum"."""
    before = index - 1
    if before >= done and name.tokens[before].folded in ORDINAL_ENDINGS:
        before -= 1
    if before < done or len(name.gap(index)) > 2:
        return None
    text, word = name.tokens[before].folded, name.tokens[index].folded
    is_season = word in SEASON_WORDS and len(word) > 3  # no "2a se"
    if is_season and _is_ordinal(text):
        return before, ORDINAL_WORDS.get(text) or numbers_in(text)[0]
    found = re.fullmatch(_FIRST, text) if word in NUMBER_FIRST else None
    return (before, int(found[1])) if found and not 1900 <= int(found[1]) <= 2100 else None


def _is_ordinal(text: str) -> bool:
    """Whether a word counts: "2nd", "2ª", "second"."""
    return text in ORDINAL_WORDS or re.fullmatch(_ORDINAL, text) is not None


def _is_counter(name: Name, index: int) -> bool:
    """Whether a number before a token belongs to the word there: "3 сезон 2 серия", "3 сезон 1-8 серии"."""
    if index < len(name.tokens) and name.gap(index) == "-" and name.tokens[index].text.isdecimal():
        index += 1
    words = [token.folded for token in name.tokens[index : index + 2]]
    if words and words[0] in ORDINAL_ENDINGS:
        index, words = index + 1, words[1:]
    return bool(words) and words[0] in NUMBER_FIRST and _number_after(name, index) is None


# Numbers out of a total


def _ofs(name: Name) -> Iterator[Item]:
    """The form "5of9", "01_of_24", "part 1 of 10"."""
    tokens = name.tokens
    for index, token in enumerate(tokens):
        if found := re.fullmatch(_OF, token.folded):
            number, total, width = int(found[1]), int(found[2]), 1
        elif token.folded.isdecimal() and index + 1 < len(tokens) and tokens[index + 1].folded in OF_WORDS:
            last = tokens[index + 2].folded if index + 2 < len(tokens) else ""
            number, total, width = int(token.folded[:4]), int(last) if last.isdecimal() else 0, 3
        else:
            continue
        if 0 < number <= total <= 999:
            first, begin = _range_before(name, index, number)
            first -= first > 0 and tokens[first - 1].folded in PART_WORDS
            yield Item(
                tokens[first].start, tokens[index + width - 1].end, episodes=tuple(range(begin, number + 1))
            )


def _range_before(name: Name, index: int, last: int) -> tuple[int, int]:
    """Where the numbers up to `last` begin, and with which: "1-3 of 6"."""
    text = name.tokens[index - 1].folded if index else ""
    if text.isdecimal() and len(text) < 4 and name.gap(index) == "-" and int(text) < last:
        return index - 1, int(text)
    return index, last


# Numbers with East Asian signs


def _signs(name: Name) -> Iterator[Item]:
    """Numbers with a Chinese, Japanese or Korean sign: "第3話", "第二季", "琅琊榜05"."""
    if name.text.isascii():
        return
    season = None
    for found in re.finditer(_SIGNS, name.text):
        number = _sign_number(found[1] or found[4] or found[6] or found[7] or found[8] or found[9])
        sign = found[3] or found[5] or ""
        is_issue = sign == "期" and season not in {None, number}  # "第八季 第05期"
        if found[8] or (sign in _SEASON_SIGNS and not is_issue):
            season = number
            yield Item(found.start(), found.end(), season=number)
        else:
            last = min(int(found[2] or number), number + LONGEST_RANGE)
            yield Item(found.start(), found.end(), episodes=tuple(range(number, max(last, number) + 1)))


def _sign_number(text: str) -> int:
    """23 of "23" and of "二十三"."""
    if text.isdecimal():
        return int(text)
    total, digit = 0, 0
    for sign in text:
        if sign in "十百":
            total += (digit or 1) * (10 if sign == "十" else 100)
            digit = 0
        else:
            digit = CJK_DIGITS[sign]
    return total + digit
