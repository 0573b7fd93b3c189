"""Finds where a title can begin, behind a group or notes in brackets, and what is surely its own."""

from __future__ import annotations

import re

from ..records import Record
from .dates import Year
from .loose import DASHED
from .names import Name
from .pairs import Item
from .release import Tag
from .vocabulary import FUNCTION_WORDS, NUMBER_TITLES

LONGEST_TITLE = 7  # tokens of the longest title in the table of titles with numbers
YEAR = r"(?:18|19|20)\d\d"
_NOISE = (
    r"\d{1,2}月新番|国漫|國漫|国创|(?:\d{2,4}年)?(?:\d{1,2}月)?(?:[日韩韓美泰英国國][剧劇漫]|新番|动画|動畫)"
)
_ISO_DAY = r"\d{4}-\d\d-\d\d"


class Around(Record):
    """What folders say of a name in them: season, title, folded, and whether the title's year is there."""

    season: int | None = None
    title: str = ""
    is_dated: bool = False


class Front:
    """Where a name's title can begin, by what was found in the name so far."""

    __slots__ = ("around", "items", "name", "tags", "years")

    def __init__(
        self, name: Name, tags: list[Tag | None], items: list[Item], years: list[Year], around: Around
    ) -> None:
        self.name = name
        self.around = around
        self.tags = tags
        self.items = items
        self.years = years

    def first_token(self) -> int:
        """Where a title can begin: behind a group in brackets, notes in brackets, a codec in front."""
        name, index = self.name, 0
        stop = self.items[0].start if self.items else len(name.text)
        while index < len(name.tokens) and name.tokens[index].start < stop:
            token = name.tokens[index]
            if token.bracket == 1 and self._names_show(token.bracket):
                return index
            if token.bracket >= 0 and self._is_note(token.bracket):
                index = name.inside(token.bracket)[-1] + 1
            elif is_noise(name.tokens[index].text) or (index == 0 and self._is_codec(index)):
                index += 1
            else:
                break
        return 0 if index and self._is_title_in_brackets(index) else index

    def _is_title_in_brackets(self, index: int) -> bool:
        """Whether a single bracket in front is all that can be the title: "[REC] (2007)"."""
        if self._is_weak_title(index):
            return False
        name, years = self.name, {year.token for year in self.years}
        rest = [i for i in range(index, self._end_of_words(index)) if not self.tags[i]]
        rest = [i for i in rest if name.tokens[i].bracket < 0]
        is_number, behind = name.tokens[0].text.isdecimal(), name.tokens[index - 1].end + 2
        rest = [i for i in rest if i not in years or (name.tokens[i].text in NUMBER_TITLES and not is_number)]
        in_front = [i for i, bracket in enumerate(name.brackets) if bracket.end < behind]
        told = [i for i in in_front if i == 0 or not years.issuperset(name.inside(i))]  # "[REC] [2007]"
        return not rest and len(told) == 1 and index < len(name.tokens) and not self.items

    def _end_of_words(self, index: int) -> int:
        """Where a film's words end: at the release's, if its year stands behind the bracket in front."""
        behind = self.name.inside(0).stop if self.name.brackets else 0
        is_dated = any(year.token == behind for year in self.years)
        found = (i for i in range(index, len(self.tags)) if (tag := self.tags[i]) and tag.strong)
        return next(found, len(self.tags)) if is_dated else len(self.tags)

    def _is_weak_title(self, index: int) -> bool:
        """Whether a word means a title because the release is told in brackets: "[Group] Hybrid [1080p]"."""
        tag = self.tags[index] if index < len(self.tags) else None
        if tag is None or (tag.strong and tag.kind != "edition") or self.name.tokens[index].bracket >= 0:
            return False
        behind = index + 1
        while behind < len(self.tags) and self.tags[behind] is tag:
            behind += 1
        return any(sign in self.name.gap(behind) for sign in "[(")

    def _names_show(self, bracket: int) -> bool:
        """Whether a bracket is the title, though its word means something else too: "[Group][86][05]"."""
        name, inside = self.name, self.name.inside(bracket)
        behind = name.inside(bracket + 1) if bracket + 1 < len(name.brackets) else range(0)
        if not inside or not behind or self.tags[behind[0]]:
            return False
        if not re.match(r"\d{1,4}(?!\d)", name.tokens[behind[0]].text):
            return False
        is_service = all((tag := self.tags[i]) and tag.kind == "service" and not tag.strong for i in inside)
        return is_service or " ".join(name.tokens[i].folded for i in inside) in NUMBER_TITLES

    def _is_note(self, bracket: int) -> bool:
        """Whether a bracket in front is no title: a group's, or words of the release; 《》 quote titles."""
        sign, inside = self.name.brackets[bracket].sign, self.name.inside(bracket)
        return sign not in "(《" or all(self.tags[index] for index in inside)

    def _is_codec(self, index: int) -> bool:
        tag, is_depth = self.tags[index], self.name.tokens[index].text[0].isdecimal()  # "8-Bit Lamps"
        return tag is not None and tag.kind == "video" and len(self.tags) > index + 2 and not is_depth

    def behind_show(self, first: int) -> int:
        """The first token behind the title, where a folder names it too; 0 where none does."""
        title = self.around.title.split()
        words = [token.folded for token in self.name.tokens[first : first + len(title)]]
        return first + len(title) if title and words == title else 0

    def known_title(self, first: int) -> int:
        """How many tokens from the first one are a title that holds a number, or is one."""
        return self._known_words(first) or self._number_in_brackets(first)

    def _known_words(self, first: int) -> int:
        """How many tokens from the first one are a title in the table, or the folder's."""
        words = [token.folded for token in self.name.tokens[first : first + LONGEST_TITLE]]
        for width in range(len(words), 0, -1):
            title = " ".join(words[:width])
            is_folder = self.around.is_dated and title == self.around.title
            is_known = is_folder or (title in NUMBER_TITLES and not self._counts(first, title))
            if is_known and (width > 1 or self._stands_alone(first)):
                return width
        return 0

    def _counts(self, first: int, title: str) -> bool:
        """Whether the number in front of a known title is an episode of another show, by its folders."""
        is_lone = " " not in title or not title[0].isdecimal() or first > 0
        is_said = any(item.episodes for item in self.items)
        if is_lone or is_said or title == self.around.title:
            return False
        is_dashed = re.fullmatch(DASHED, self.name.gap(first + 1)) is not None
        return self.around.season is not None or (bool(self.around.title) and is_dashed)

    def _number_in_brackets(self, first: int) -> int:
        """1 where a number in brackets in front is a film's title, as its year says: "[1408] (2007)"."""
        tokens = self.name.tokens
        is_title = first == 0 and bool(tokens) and tokens[0].bracket >= 0 and tokens[0].text.isdecimal()
        is_film = any(year.token == 1 for year in self.years) and not self.items
        is_year = any(year.token == 0 for year in self.years) and len(tokens) > 1 and tokens[1].bracket < 0
        return 1 if is_title and is_film and not is_year and "]" in self.name.gap(1) else 0

    def _stands_alone(self, first: int) -> bool:
        """Whether a number is followed by no word, so that it is the title: "24 - S01E04", "1917.mkv"."""
        tokens, after = self.name.tokens, first + 1
        if tokens[first].bracket >= 0:
            return first > 0
        if after >= len(tokens) or any(item.start == tokens[after].start for item in self.items):
            return True
        gap, tag = self.name.gap(after), self.tags[after]
        is_dashed = re.fullmatch(DASHED, gap) is not None
        if tag is not None:  # "24 1080p", but not "21. Extended Stay"
            return tag.strong or not (is_dashed or gap == ". ")
        if not tokens[after].text.isdecimal() or (first > 0 and not is_dashed):
            return tokens[after].bracket >= 0 and re.fullmatch(YEAR, tokens[after].text) is not None
        behind = after + 1
        if is_dashed and first == 0:  # "86 - 03 [1080p]", "86 - 03 - Days", but not "24 - 100 Days"
            is_end = behind >= len(tokens) or self.tags[behind] is not None or tokens[behind].bracket >= 0
            is_day = re.match(_ISO_DAY, self.name.text[tokens[after].start :]) is not None
            return is_end or is_day or re.fullmatch(DASHED, self.name.gap(behind)) is not None
        return is_dashed or len(tokens[after].text) > 2

    def beginning(self, first: int, known: int) -> int:
        """The first token that need not be the title's: "The Final Cut" is one, whatever its words mean."""
        tokens, index = self.name.tokens, first
        while index < len(tokens) - 1:
            tag, gap = self.tags[index + 1], self.name.gap(index + 1)
            is_edition = tag is not None and tag.strong and tag.kind == "edition"
            is_listed = self._is_listed(index, gap) and (is_edition or (tag is not None and not tag.strong))
            is_article = tokens[index].folded in FUNCTION_WORDS and (is_edition or not (tag and tag.strong))
            if not (is_listed or is_article):  # "07 - Final Cut", "The Final Cut", but not "From.1080p"
                break
            index += 1
        begun = index + 1
        while begun < len(tokens) and self.tags[begun] is not None and self.tags[begun] is self.tags[index]:
            begun += 1  # the other words of one phrase
        return max(begun, first + known)

    def _is_listed(self, index: int, gap: str) -> bool:
        """Whether a number before a gap only gives a place in a row: "07. Title", "07 - Title"."""
        is_number = self.name.tokens[index].text.isdecimal()
        return is_number and (gap == ". " or re.fullmatch(DASHED, gap) is not None)


def is_noise(text: str) -> bool:
    """Whether a word only says when or where an anime came out: "10月新番"."""
    return bool(re.fullmatch(_NOISE, text))
