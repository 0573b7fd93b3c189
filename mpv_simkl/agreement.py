"""Does what Simkl matched agree with what was recognised? Pure.

Simkl resolves whatever it is sent, and a match by the title alone can be wrong without any error (simkl-api
5.3, 11). `doubt` is the one place that says where the bar lies; the tests hold it to this table:

    recognised                   Simkl's answer                          verdict
    ---------------------------  --------------------------------------  ------------------------------
    any title, imdb tt1          imdb tt1, whatever its title            agrees: ids outweigh words
    Dune (2021), tmdb 438631     Dune (2021), tmdb 841                   doubt: another id
    Arrival (2016), a film       Arrival, a show                         doubt: a film, not a show
    One Piece 1089, anime        One Piece (2023), a show                doubt: no anime
    Severance (2022) S01E03      Severance (2022) S01E03                 agrees
    The Office S05E03            The Office (US) (2005) S05E03           agrees: same words, no year to differ
    Castle (2009) S01E02         Castle (1998) S01E02                    doubt: years apart
    Nosferatu (2023)             Nosferatu (2024)                        agrees: years one apart
    Money Heist S01E01           La casa de papel, also: Money Heist     agrees: one of its names is the same
    Pokemon S01E01               Pokémon S01E01                          agrees: accents, case, signs
    Sevrance (2022) S01E03       Severance (2022) S01E03                 agrees: nearly the same, and the year
    Sevrance S01E03              Severance (2022) S01E03                 doubt: nearly the same, and no year
    Dune (2021)                  Dune: Part One (2021)                   agrees: it goes on, and the year
    Rocky (1979)                 Rocky II (1979)                         doubt: another number is another film
    Attack on Titan S03E13       Attack on Titan Season 3 Part 2 1       agrees: a cour that TVDB calls S03E13
    Attack on Titan 30           Attack on Titan Season 2 5              agrees: a later cour, counted through
    Severance (2022) S01E03      Severance (2022) S01E04                 doubt: another episode
    Fargo (1996)                 Cargo (2009)                            doubt: another title
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from .bodies import KNOWN_IDS, numbering
from .errors import NotMatched
from .links import Kind
from .media import EMPTY, Media, titled

YEARS_APART = 1  # a film's years differ between festivals and countries, a show's between pilot and run
NEAR = 0.85  # how alike two titles are that a slip of the pen tells apart
COMPARED = 200  # characters of two titles: the time that it takes grows with their product
Likeness = Literal["same", "near", "longer", "cour", "other"]

# What a cour's title adds to the show's.
_COUR = frozenset(("season", "part", "cour", "the", "final", "2nd", "3rd", "4th", "5th", "series"))
_ROMAN = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9"}
_ARTICLES = frozenset(("the", "a", "an"))
_QUALIFIER = re.compile(r"\s*\((?:[A-Za-z]{2}|\d{4})\)\s*$")  # The Office (US), Castle (2009)
_JOINED = re.compile(r"\b(?:\w )+\w\b")  # S H I E L D


class Found(NamedTuple):
    """What Simkl matched. `names` are its other names; an anime has both numberings, its own and TVDB's
    (simkl-api 5.3); what an answer leaves out is None or empty.
    """

    kind: Kind
    simkl: str
    title: str
    year: int | None = None
    ids: Mapping[str, str] = EMPTY
    names: tuple[str, ...] = ()
    anime_type: str = ""
    season: int | None = None
    number: int | None = None
    tvdb: tuple[int, int] | None = None

    def __str__(self) -> str:
        """As a person would say it: `Castle (1998) S01E02`."""
        name = titled(self.title, self.year)
        if self.number is None:
            return name
        if self.kind == "anime":
            return f"{name} {self.number}"
        return f"{name} S{self.season or 0:02}E{self.number:02}"

    @property
    def is_film(self) -> bool:
        """Is it watched as one piece."""
        return self.kind == "movie" or self.anime_type == "movie"


def doubt(asked: Media, found: Found) -> str:
    """Why the answer may mean something else, or "": it agrees. The table above says where the bar lies."""
    known = {name: value for name, value in asked.ids.items() if name in KNOWN_IDS}
    common = [name for name in known if name in found.ids]
    if other := [name for name in common if str(found.ids[name]).casefold() != known[name].casefold()]:
        return f"its {other[0]} id is {found.ids[other[0]]}, not {known[other[0]]}"
    if reason := _kind_differs(asked, found):
        return reason
    if not common and (reason := _title_differs(asked, found)):
        return reason
    return "" if _numbers_agree(asked, found) else "it is another episode"


def likeness(one: str, other: str) -> Likeness:
    """How alike two titles are; `longer`: `other` goes on where `one` ends, `cour`: with a season's words."""
    if are_same(one, other):
        return "same"
    first, second = plain(one), plain(other)
    if first and second.startswith(f"{first} "):
        return _likeness_of_longer(first, second)
    if _numbers(first) != _numbers(second):
        return "other"
    return "near" if first.startswith(f"{second} ") or _ratio(first, second) >= NEAR else "other"


def are_same(one: str, other: str) -> bool:
    """Are two titles the same to a person: but for case, accents and signs, and for a country or a year that
    one of them has in brackets.
    """
    first, second = plain(one), plain(other)
    if first.replace(" ", "") == second.replace(" ", ""):
        return True
    return first == plain(_QUALIFIER.sub("", other)) or plain(_QUALIFIER.sub("", one)) == second


def _likeness_of_longer(short: str, long: str) -> Likeness:
    if _is_cour(short, long):
        return "cour"
    return "longer" if _numbers(short) == _numbers(long) else "other"


def plain(title: str) -> str:
    """A title as it is compared: without case, accents, articles; roman numbers as arabic ones; and without
    signs, if it has anything else.
    """
    letters = unicodedata.normalize("NFKD", title.casefold().replace("&", " and "))
    letters = "".join(letter for letter in letters if not unicodedata.combining(letter))
    letters = letters.replace("'", "").replace("’", "").replace("_", " ")
    found = [_ROMAN.get(word, word) for word in re.findall(r"\w+", letters) or letters.split()]
    kept = " ".join([word for word in found if word not in _ARTICLES] or found)
    return _JOINED.sub(lambda run: run[0].replace(" ", ""), kept)


def _kind_differs(asked: Media, found: Found) -> str:
    if asked.type == "movie" and not found.is_film:
        return "it is not a film"
    if asked.type == "episode" and found.kind == "movie":
        return "it is a film"
    if asked.type == "episode" and asked.anime and found.kind != "anime":
        return "it is no anime"
    return ""


def _title_differs(asked: Media, found: Found) -> str:
    best = _best(likeness(asked.title, name) for name in (found.title, *found.names) if name)
    year = None if asked.year == asked.season else asked.year  # S2016E05 names a season, no year
    apart = abs(year - found.year) if year and found.year else None
    if best in ("longer", "cour") and _is_later_cour(asked, found, best):
        return ""
    if best in ("cour", "other"):
        return "its title is another one"
    if apart is not None and apart > YEARS_APART:
        return "its year is another one"
    if best == "same" or apart is not None:
        return ""
    return "its title is not quite the same, and no year is known"


def _best(found: Iterable[Likeness]) -> Likeness:
    order: tuple[Likeness, ...] = ("same", "near", "longer", "cour", "other")
    return min(found, key=order.index, default="other")


def _is_later_cour(asked: Media, found: Found, best: Likeness) -> bool:
    """Is it a part of the same anime: TVDB's numbers say so, or nothing but a cour's words are added."""
    if found.kind != "anime" or asked.type != "episode":
        return False
    return best == "cour" or (bool(asked.episodes) and found.tvdb == (asked.season, asked.episodes[0]))


def _is_cour(short: str, long: str) -> bool:
    added = long.removeprefix(short).split()
    return all(word in _COUR or word.isdecimal() for word in added)


def _numbers_agree(asked: Media, found: Found) -> bool:
    if asked.type == "movie" or found.number is None:
        return True
    try:
        _, season, numbers = numbering(asked)
    except NotMatched:  # a show by its air date: what was sent was taken from its list
        return True
    if season is None:  # counted through all cours, or within this one
        return numbers[0] >= found.number
    told = [found.tvdb] if found.tvdb else []
    if found.kind == "anime" and not told:
        return True  # its own numbering is not the one that was asked for
    return (season, numbers[0]) in (*told, (found.season, found.number))


def _numbers(words: str) -> list[str]:
    return [word for word in words.split() if word.isdecimal()]


def _ratio(one: str, other: str) -> float:
    import difflib  # only for titles that differ

    return difflib.SequenceMatcher(None, one[:COMPARED], other[:COMPARED]).ratio()
