"""Reads one name, of a file or a folder, and says what it holds."""

from __future__ import annotations

import re

from ..records import Record
from .absolute import number_before
from .extras import extra_name
from .front import Around
from .loose import SPLIT_NUMBER
from .marks import Marks
from .names import LONGEST, Name
from .titles import find_title, leads
from .vocabulary import RECAP

PART_OF_SERIES = "a part of a series"
_ID = r"(?i)[\[{(]\s*(imdb|tmdb|tvdb|anidb|anilist|mal|kitsu|simkl)(?:id)?\d?\s*[-=: ]\s*(\w{1,20})\s*[\]})]"
_BARE_IMDB = r"(?i)[\[{(]?\b(tt\d{7,9})\b[\]})]?"
_TOP_DOMAINS = "com|org|net|info|tv|to|me|my|cc|mx|uk|nz|au|za|in|ru|re|xn--p1ai"
_HOST = rf"(?:www[.,][\w-]+(?:\.\w+)*|[\w-]+(?:\.[\w-]+)*\.(?:{_TOP_DOMAINS}))"
_STREAMED = (  # "AnimePahe_Title_-_05", "Watch Title Episode 5 Online"
    r"(?i)(?:(?:animepahe|gogoanime|kissanime|9anime|aniwatch|hianime|animekisa|animixplay)(?:[\s_.]+-)?"
    r"|watch(?=[\s_.-].*[\s_.-]online\b)"
    r"|مسلسل|فيلم|انمي|أنمي|سریال|فیلم|انیمه)[\s_.-]+"  # "series", "film", "anime"
)
_SITE = (
    rf"\W{{0,5}}(?:from\s{{1,3}})?(?:[\[(]\s{{0,3}}{_HOST}\s{{0,3}}[\])][\s._-]*"
    rf"|{_HOST}(?:\s+[-–—]+\s+|_-+_)"
    rf"|www[.,][\w-]+(?:\.\w+)+\.+-+\.+"
    r"|[\u4e00-\u9fff]{0,8}www\.[a-z0-9-]+\.(?:com|org|net)[._]+"
    r"|[a-z0-9-]+\.(?:com|org|net)_+|@\w{3,30}[\s-]+|@[^\W_]{3,30}_+)"
)
_SITES_IN_FRONT = f"(?i)(?:{_SITE}){{1,2}}"  # who indexes a release puts a name before the sharer's
_HAND = r"[A-Za-z]+ - (?=[^\s.]+(?:\.[^\s.]+){2,}\.(?:(?:19|20)\d\d|[Ss]\d\d[Ee]\d\d)\.\S+$)"
_SITE_IN_BRACKETS = rf"(?i)[\[(]\s{{0,3}}{_HOST}\s{{0,3}}[\])]"
# Notes between a Chinese title and its English one: "片名[国语配音][加长版].The.Title.2011".
_NOTES_BETWEEN = (
    r"(?<=[\u3040-\u30ff\u3400-\u9fff])"
    r"(?:[\[(【](?=[^\[\]()【】]*[\u3400-\u9fff])(?![^\[\]()【】]*第)[^\[\]()【】]{1,40}[\])】])+(?=\.\w)"
)
_BEHIND = (  # a site, a disc's title, what systems call a copy and Usenet posters add
    r"(?i)(?:_t(?:itle)?\d{1,2}|[\s._-]+www\.[\w-]+\.\w{2,4}|\s-\s(?:copy|kopie|copie|copia)(?:\s\(\d\))?"
    r"|-(?:xpost|postbot|buymore|wrteam|rakuv\w*|asrequested|obfuscat(?:ed|ion)|scrambled|4p(?:lanet)?|nzbgeek))$"
)
_GROUP_IN_UNDERSCORES = (
    r"_([^\W_]+)__(?=[^\W_].*__)"  # "_Group__Title_05__1080p_": brackets, as some systems save them
)
_COPY = (
    # "The.Film.2011 (1)", "[Group][Title] (1)": what a second download is called; "Title_S01 (1)" is no copy
    r"(\S+(?<![Ss]\d\d)|.*[\])}])\s\(\d\)"
)
_LISTED_WITH_UNDERSCORE = r"^(\d{1,3}(?:-\d{1,3})?)\._(?=\w)"  # "03._Title": "03. Title"
_NOTHING_AROUND = Around()


class Reading(Record):
    """What one source says; empty where it says nothing."""

    source: str
    title: str = ""
    year: int | None = None
    season: int | None = None
    episodes: tuple[int, ...] = ()
    absolute: tuple[int, ...] = ()
    date: str | None = None
    part: int | None = None
    country: str | None = None
    ids: tuple[tuple[str, str], ...] = ()
    habit: str = ""  # how the numbers are written, in words
    is_firm: bool = False  # the numbers say themselves what they are
    is_span: bool = False  # the year is the first of several: "(2001-2011)"
    is_anime: bool = False
    is_release: bool = False  # resolution, source or codec are named
    is_creditless: bool = False
    extra: str = ""  # what the name says that it is beside a film: "a trailer"
    leads: bool = False  # the number stands in front of all words

    @property
    def is_numbered(self) -> bool:
        """Whether the source says which episode it is."""
        return bool(self.episodes or self.date)

    @property
    def is_pair(self) -> bool:
        """Whether the source states both season and episode outright."""
        return self.is_firm and self.season is not None and bool(self.episodes)


def read_name(
    text: str, source: str, this_year: int, around: Around = _NOTHING_AROUND, *, is_folder: bool = False
) -> Reading:
    """Everything that one name says, among the folders around it."""
    text, ids = _take_ids(text[:LONGEST])
    marks = Marks(Name(_without_notes(_without_sites(text))), this_year, around, is_folder=is_folder)
    season, episodes, absolute, habit = _numbers(marks)
    title, country = find_title(marks)
    is_all = len(marks.name.brackets) == 1 and not title.isascii() and marks.name.text[1:].startswith(title)
    year = marks.year.value if marks.year else None
    if year is None and season is not None and season >= 1900:
        year = season  # "S2016E05"
    part = marks.disc or (None if episodes else marks.part)
    return Reading(
        source=source,
        title=title,
        year=year,
        season=season,
        episodes=episodes,
        absolute=absolute,
        date=marks.day.iso if marks.day else None,
        part=part.numbers[0] if part else None,
        country=country,
        ids=ids,
        habit=habit,
        is_firm=bool(marks.items),
        is_span=bool(marks.year and marks.year.is_span),
        is_anime=marks.is_anime and marks.is_numbered and habit != SPLIT_NUMBER and not is_all,
        is_release=marks.is_release,
        is_creditless=marks.creditless is not None,
        extra=extra_name(marks.name, marks.tags) or (RECAP if marks.is_half else ""),
        leads=leads(marks),
    )


def _take_ids(text: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    ids = {found[1].lower(): found[2].lower() for found in re.finditer(_ID, text)}
    text = re.sub(_ID, " ", text)
    if found := re.search(_BARE_IMDB, text):
        ids["imdb"] = found[1].lower()
        text = re.sub(_BARE_IMDB, " ", text)
    return text, tuple(ids.items())


def _without_sites(text: str) -> str:
    """The name without the site that it was fetched from and what was added to it on its way."""
    text = re.sub(_BEHIND, "", text) or text
    if streamed := re.match(_STREAMED, text):
        text = text[streamed.end() :] or text
    text = _as_it_was(text)
    if not any(sign in text for sign in ".,@"):
        return text
    found = re.match(_SITES_IN_FRONT, text) or re.match(_HAND, text)
    rest = re.sub(_SITE_IN_BRACKETS, " ", text[found.end() :] if found else text)
    return rest.strip() or text


def _as_it_was(text: str) -> str:
    """The name as it was before a browser or a system saved it."""
    if copied := re.fullmatch(_COPY, text) if text.endswith(")") else None:
        text = copied[1]
    if "_" not in text:
        return text
    return re.sub(_LISTED_WITH_UNDERSCORE, r"\1. ", re.sub(f"^{_GROUP_IN_UNDERSCORES}", r"[\1] ", text))


def _without_notes(text: str) -> str:
    """The name without the notes in brackets that tear its title in two languages apart."""
    return text if text.isascii() else re.sub(_NOTES_BETWEEN, "", text)


def _numbers(marks: Marks) -> tuple[int | None, tuple[int, ...], tuple[int, ...], str]:
    """Season, episodes, absolute numbers, and how they are written."""
    season = next((item.season for item in marks.items if item.season is not None), None)
    if item := next((item for item in marks.items if item.episodes), None):
        if item.is_pair:
            before = number_before(marks)
            return item.season, item.episodes, before[1] if before else (), "season and episode"
        return season, item.episodes, () if season is not None else item.episodes, "a number with its word"
    if loose := marks.loose:
        return season if loose.season is None else loose.season, loose.episodes, loose.absolute, loose.habit
    if marks.part_is_episode and marks.part and season is None:
        return None, marks.part.numbers, (), PART_OF_SERIES
    return season, (), (), "a season" if season is not None else ""
