"""Everything that the readers found in one name, each step knowing what the earlier ones took."""

from __future__ import annotations

import re

from .counted import read_counted, read_words
from .dates import Day, Year, read_day, read_years
from .extras import creditless
from .front import YEAR, Around, Front
from .loose import DASHED, HALF, Loose, Scene, is_broadcast, read_loose
from .names import Name
from .pairs import Item, read_pairs
from .parts import Part, read_disc, read_part
from .release import Tag, read_release
from .spelling import has_east_asian
from .vocabulary import (
    COUNTING_WORDS,
    COUNTRIES,
    EVENT_WORDS,
    FILM_WORDS,
    NUMBER_TITLES,
    PART_WORDS,
    SEASON_WORDS,
    VOLUME_WORDS,
)

_LEADING_NUMBER = r"\d{1,3}(?:\.\s|[\s_.]+-[\s_.])"
_YEAR_AND_BRACKET = r"[\s_.]*\((?:19|20)\d\d\)[\s_.]*\["


MOST_FILMS = 9  # parts of a film; "Main Event 2013 Part 18" on television is an episode


class Marks:
    """A name and what its tokens were found to be."""

    __slots__ = (
        "beginning",
        "behind_show",
        "creditless",
        "day",
        "disc",
        "first",
        "is_folder",
        "is_in_season",
        "is_in_show",
        "items",
        "known",
        "limit",
        "loose",
        "name",
        "part",
        "tags",
        "year",
    )

    def __init__(self, name: Name, this_year: int, around: Around, *, is_folder: bool = False) -> None:
        self.name = name
        self.is_folder = is_folder
        self.is_in_season = around.season is not None
        self.is_in_show = bool(around.title)
        self.tags: list[Tag | None] = read_release(name)
        years = read_years(name, this_year)
        self.items = self._counted(years)
        front = Front(name, self.tags, self.items, years, around)
        self.first = front.first_token()
        self.behind_show = front.behind_show(self.first)
        self.known = self._known(front)
        self.items = self._behind_known()
        self.beginning = front.beginning(self.first, self.known)
        self.limit = self._limit()
        self.creditless = creditless(name, self.limit)
        self.part: Part | None = read_part(name, self.first)
        self.disc: Part | None = read_disc(name, self.first)
        self.day: Day | None = self._day(this_year)
        self.year: Year | None = self._year(years)
        self.loose: Loose | None = self._loose_beside(around.season)

    # What the marks say together

    @property
    def lead(self) -> int:
        """Where the first number that counts or dates an episode starts; the end of the name without one."""
        found = [item.start for item in self.items] + [each.start for each in (self.loose, self.day) if each]
        return min(found, default=len(self.name.text))

    @property
    def lead_of_episodes(self) -> int:
        """The same without the seasons, which may stand in the title's own brackets."""
        found = [item.start for item in self.items if item.episodes]
        found += [each.start for each in (self.loose, self.day) if each]
        return min(found, default=self.lead)

    @property
    def is_numbered(self) -> bool:
        """Whether the name says that it is one of many."""
        return bool(self.items or self.loose or self.day) or self.part_is_episode

    @property
    def is_half(self) -> bool:
        """Whether the number lies between two episodes: "Title - 12.5", "S01E11.5"."""
        numbered = [item for item in self.items if item.episodes] + ([self.loose] if self.loose else [])
        return any(re.match(HALF, self.name.text[found.end :]) for found in numbered)

    @property
    def part_is_episode(self) -> bool:
        """Whether the part is an episode: several parts, "Part 02", one on television, and no film's year."""
        if self.part is None or self.items or self.loose or self.day:
            return False
        if self.year and not (self.part.numbers[0] > MOST_FILMS and is_broadcast(self.name)):
            return False
        is_padded = any(re.search(r"(?<!\d)0\d", self.name.tokens[index].text) for index in self.part.tokens)
        behind = self.name.gap(max(self.part.tokens) + 1)
        is_padded = is_padded and (self.limit < len(self.tags) or re.fullmatch(DASHED, behind) is not None)
        return len(self.part.numbers) > 1 or is_padded or self.is_in_season or is_broadcast(self.name)

    @property
    def is_anime(self) -> bool:
        """Whether the name is built as fansub groups build theirs: a group in front, or a checksum."""
        if self.has_checksum:
            return True
        brackets, text = self.name.brackets, self.name.text
        if not brackets or any(item.is_pair for item in self.items):
            return False
        return brackets[0].sign in "[【" and not text[: brackets[0].start - 1].strip(" .-_'")

    @property
    def has_checksum(self) -> bool:
        """Whether the name ends in the sum that fansub groups put there."""
        return any(tag is not None and tag.kind == "checksum" for tag in self.tags)

    @property
    def is_release(self) -> bool:
        """Whether resolution, source or codec are named."""
        return any(tag is not None and tag.strong and tag.kind != "checksum" for tag in self.tags)

    # The steps

    def _counted(self, years: list[Year]) -> list[Item]:
        """The explicit numbers, without what only looks like one: a season's part, a letter of the title."""
        items = _without_sagas(self.name, _items(self.name), years)
        if self.is_in_season and re.match(_LEADING_NUMBER, self.name.text):
            items = [item for item in items if item.is_pair]  # "03 - Episode 5": the third
        is_other = self._is_part if self.is_folder else self._is_letter
        return [item for item in items if not is_other(item)]

    def _known(self, front: Front) -> int:
        """How many tokens a known title has, from the first on; 0 without one."""
        known = front.known_title(self.first)
        is_bare = self.first < len(self.name.tokens) and self.name.tokens[self.first].bracket < 0
        if known == 1 and self.is_in_season and is_bare and not self.items:
            return 0  # "Season 1/21 - Extended Stay.mkv" is no film called 21
        return known

    def _behind_known(self) -> list[Item]:
        """The explicit numbers that are no part of a known title."""
        if not self.known:
            return self.items
        end = self.name.tokens[self.first + self.known - 1].end
        return [item for item in self.items if item.start >= end]

    def _loose_beside(self, folder_season: int | None) -> Loose | None:
        """A bare number that counts an episode, where no explicit one does."""
        if any(item.episodes for item in self.items):
            return None
        found = self._loose(folder_season)
        is_single = found is not None and len(found.episodes) < 2
        return None if self.is_folder and is_single else found  # "Level 13": such a folder is named otherwise

    def _is_part(self, item: Item) -> bool:
        """Whether an item is a part: no single episode where a folder is called so, "Season 4 Part 2"."""
        word = self.name.tokens[self.name.at(item.start)].folded.rstrip("0123456789")
        return word in PART_WORDS and not item.is_pair

    def _is_letter(self, item: Item) -> bool:
        """Whether a file's season is its title's letter and a number: "Blend S 13", or a group's."""
        word = self.name.tokens[self.name.at(item.start)].folded
        is_letter = word == "s" or (word.rstrip("0123456789") == "s" and self._is_in_release(item))
        is_end = self.name.at(item.end) == len(self.name.tokens)
        return is_letter and not item.episodes and (is_end or self._is_in_release(item))

    def _is_in_release(self, item: Item) -> bool:
        """Whether an item stands behind words of the release in their bracket: "(1080p WEB x265 S90 AC3)"."""
        index = self.name.at(item.start)
        bracket = self.name.tokens[index].bracket
        before = range(self.name.inside(bracket).start, index) if bracket >= 0 else range(0)
        return any((tag := self.tags[i]) and tag.strong for i in before)

    def _limit(self) -> int:
        """The first token behind the title's beginning that surely speaks of the release."""
        found = (
            i
            for i in range(self.beginning, len(self.tags))
            if (tag := self.tags[i]) is not None and tag.strong
        )
        return next(found, len(self.tags))

    def _dash_limit(self) -> int:
        """The same, but notes may stand before: "Title (DVD) - 01", "Title - Director's Cut - 01"."""
        for index in range(self.limit, len(self.tags)):
            tag = self.tags[index]
            is_note = tag is not None and (tag.kind == "edition" or self.name.tokens[index].bracket >= 0)
            if tag is not None and tag.strong and not is_note:
                return index
        return len(self.tags)

    def _day(self, this_year: int) -> Day | None:
        day = read_day(self.name, this_year)
        if day is None or any(item.start <= day.start < item.end for item in self.items):
            return None
        is_title = self.known and day.start < self.name.tokens[self.first + self.known - 1].end
        return None if is_title else day

    def _year(self, years: list[Year]) -> Year | None:
        """The year of the film or show; of several the last before the release words, in brackets first."""
        free = [year for year in years if not self._is_taken(year)]
        if self.items or self.day:
            return self._year_beside_numbers(free)
        if bracketed := next((year for year in free if year.bracketed), None):
            return bracketed
        if free and self._is_set_off(free[0]):
            return free[0]
        inner = [year for year in free if year.token > self.first]
        if inner:
            return next((year for year in reversed(inner) if year.token < self.limit), inner[0])
        return free[0] if free and self._sorts(free[0]) else None

    def _is_taken(self, year: Year) -> bool:
        start = self.name.tokens[year.token].start
        is_title = self.first <= year.token < self.first + self.known
        return is_title or any(begin <= start < end for begin, end in self._spans())

    def _spans(self) -> list[tuple[int, int]]:
        spans = [(item.start, item.end) for item in self.items]
        return [*spans, (self.day.start, self.day.end)] if self.day else spans

    def _year_beside_numbers(self, free: list[Year]) -> Year | None:
        """A show's year stands before its numbers; behind them only at the start of a bracket."""
        stop, tokens = self._lead_of_numbers(), self.name.tokens
        before = [year for year in free if tokens[year.token].start < stop]
        before = [year for year in before if year.bracketed or self._ends_title(year, stop)]
        behind = [year for year in free if tokens[year.token].start > stop and self._opens_bracket(year)]
        return next(iter(before[-1:] + behind[-1:]), None)

    def _ends_title(self, year: Year, stop: int) -> bool:
        """Whether a year is no word of the title, as that of "Scam 1992 The Story S01E05" is."""
        tokens = self.name.tokens
        between = [i for i in range(year.token + 1, self.name.at(stop)) if not self.tags[i]]
        words = [i for i in between if not tokens[i].text.isdecimal() and tokens[i].folded not in COUNTRIES]
        counts = any(tokens[i].folded in SEASON_WORDS | COUNTING_WORDS for i in words)  # "The Final Season"
        goes_on = len(words) > 1 and words[0] == year.token + 1 and self.name.gap(words[0]) in {" ", ".", "_"}
        return year.token > self.first and (counts or not goes_on)

    def _lead_of_numbers(self) -> int:
        """Where the first explained number or date starts."""
        return min([item.start for item in self.items] + ([self.day.start] if self.day else []))

    def _opens_bracket(self, year: Year) -> bool:
        return self.name.text[: self.name.tokens[year.token].start].rstrip().endswith(("(", "["))

    def _is_set_off(self, year: Year) -> bool:
        """Whether a year stands in front of a title: "2022 - Title [1080p]", but not "1994 - 05 [1080p]"."""
        behind = year.token + 1
        is_dashed = re.fullmatch(DASHED, self.name.gap(behind)) is not None
        if year.token or not is_dashed or behind >= min(self.limit, len(self.tags)):
            return False
        one, two = self.name.tokens[year.token].text, self.name.tokens[behind].text
        is_episode = re.fullmatch(r"\d\d", two) is not None and self.name.gap(behind + 1) != " "
        return one not in NUMBER_TITLES and not is_episode

    def _sorts(self, year: Year) -> bool:
        """Whether a year in front sorts files, rather than being a title: "2008 The Title of It"."""
        gap = self.name.gap(year.token + 1)
        is_dashed = gap == ". " or re.fullmatch(DASHED, gap) is not None
        if self.limit < len(self.name.tokens):  # "2008.The.Title.1080p"
            return gap in {" ", "."} and self.limit > year.token + 2
        return is_dashed or self.limit > year.token + 2 or has_east_asian(self.name.text)

    def _loose(self, folder_season: int | None) -> Loose | None:
        scene = Scene(
            name=self.name,
            tags=self.tags,
            taken=self._taken(),
            limit=self.limit,
            dash_limit=self._dash_limit(),
            is_anime=self.is_anime,
            has_checksum=self.has_checksum,
            folder_season=folder_season,
            behind_show=self.behind_show,
            has_season=any(item.season is not None for item in self.items),
        )
        found = read_loose(scene)
        if found is None or (self.day and found.weight < 85) or self._is_behind_leading_year(found):
            return None
        if self.year and not self.is_anime and not self.items and folder_season is None:
            if found.start > self.name.tokens[self.year.token].start:
                return self._behind_year(found)
            # "Title 2 (2006)": a number before the year belongs to a film's title
            return found if self._is_before_group(found) else None
        return found

    def _is_behind_leading_year(self, found: Loose) -> bool:
        """Whether a number is the title's, behind the year by which films are sorted: "1995 - Level 13".

        An episode's begins with 0, or dashes set it off from other words: "[2019] Title - 12".
        """
        if self.year is None or self.year.token > 0 or self.items or self.is_in_season:
            return False
        written, index = self.name.text[found.start : found.end], self.name.at(found.start)
        is_set_off = found.weight >= 85 if index > 1 else re.match(DASHED, self.name.gap(index + 1))
        return not (is_set_off or written[0] == "0" or len(found.episodes) > 1)

    def _is_before_group(self, found: Loose) -> bool:
        """Whether a number counts though a year follows: "Title - 07 (2016) [Group]"."""
        text, behind = self.name.text, self.year.token + 1 if self.year else len(self.tags)
        if self.year and found.start == 0 and self.name.tokens[self.year.token - 1].folded in {"ova", "oad"}:
            return self.year.token > 2 and found.weight >= 80  # "3. Title - OVA [2000]"
        counts = found.weight >= 90 and (text[found.start] == "0" or len(found.episodes) > 1)
        is_next = re.match(_YEAR_AND_BRACKET, text[found.end :]) is not None
        return counts and is_next and behind < len(self.tags) and self.tags[behind] is None

    def _behind_year(self, found: Loose) -> Loose | None:
        """Behind a film's year in brackets no number is season and episode: "(1997) - Group 2019"."""
        if self.name.at(found.start) > self._dash_limit():
            return None
        is_next = self.year is not None and self.name.at(found.start) == self.year.token + 1
        return found if found.season is None or is_next or not self.year or not self.year.bracketed else None

    def _has_year_behind(self, item: Item) -> bool:
        """Whether a season's year follows it: "Title.S5.2016.1080p", but not "Title S5 - 2016"."""
        index = self.name.at(item.end)
        is_joined = index < len(self.tags) and "-" not in self.name.gap(index)
        return is_joined and re.fullmatch(YEAR, self.name.tokens[index].text) is not None

    def _taken(self) -> frozenset[int]:
        """The tokens whose numbers are spoken for: a known title, year, date, part, disc, film count."""
        tokens = self.name.tokens
        taken = set(range(self.first, self.first + self.known))
        taken |= {
            index
            for index in range(1, len(tokens))
            if tokens[index - 1].folded in PART_WORDS | FILM_WORDS | EVENT_WORDS or self._is_volume(index)
        }
        if self.first < len(tokens) and tokens[self.first].folded in EVENT_WORDS:
            taken |= set(range(self.first, self.limit))  # "UFC Fight Night 240"
        taken |= self.disc.tokens if self.disc else set()
        taken |= self._before_year()
        taken |= {self.name.at(item.end) for item in self.items if self._has_year_behind(item)}
        spans = self._spans()
        taken |= {i for i, token in enumerate(tokens) if any(a <= token.start < b for a, b in spans)}
        return frozenset(taken | ({self.year.token} if self.year else set()))

    def _is_volume(self, index: int) -> bool:
        """Whether a number counts volumes: "Title Vol. 2", but neither "The Volume 2" nor "Title Vol - 2"."""
        is_word = self.name.tokens[index - 1].folded in VOLUME_WORDS
        return is_word and index > self.first + 2 and "-" not in self.name.gap(index)

    def _before_year(self) -> set[int]:
        """The number that ends a title right before its year in brackets: "[Group] Level 13 (2010)"."""
        if self.year is None or not self.year.bracketed or self.items or self.is_in_season:
            return set()
        last = self.year.token - 1
        if last <= self.first or last == self.behind_show:
            return set()
        is_number = re.fullmatch(r"[1-9]\d?", self.name.tokens[last].text) is not None
        is_set_off = re.fullmatch(DASHED, self.name.gap(last)) or self.name.tokens[last].bracket >= 0
        return {last} if is_number and not is_set_off else set()


def _items(name: Name) -> list[Item]:
    """Every explained number of a name in order; pairs of season and episode are what a name says best."""
    if pairs := read_pairs(name):
        return [*pairs, *(item for item in read_words(name) if _is_season_of(item, pairs[0]))]
    return read_counted(name)


def _is_season_of(item: Item, pair: Item) -> bool:
    """Whether a season is said once more before its pair: "Title (Season 2) - S02E05"."""
    return not item.episodes and item.season == pair.season and item.end <= pair.start


def _without_sagas(name: Name, items: list[Item], years: list[Year]) -> list[Item]:
    """A saga's film may call itself an episode: "Star Wars Episode 2 L'Attaque des clones 2002"."""
    if len(items) != 1 or items[0].is_pair or items[0].season is not None or len(items[0].episodes) != 1:
        return items
    written = name.folded[items[0].start : items[0].end]
    is_saga = written.startswith("episode") and "0" not in written and items[0].episodes[0] < 10
    return [] if is_saga and any(name.tokens[year.token].start > items[0].end for year in years) else items
