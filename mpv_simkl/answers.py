"""Simkl's answers -> what they say: of titles, of an account, of what a call has changed. Pure, and ready for
anything: null, [], texts for numbers, either name of a key, unknown fields (simkl-api 1, 5.3, 9, 10, 11).
Whatever it gives is fit to be shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from .agreement import Found
from .bodies import KNOWN_IDS
from .links import Kind
from .logs import shown

LONGEST = 200  # characters of a title, or of a name
LONGEST_WORD = 40  # characters of a word of Simkl's own
MOST = 100  # names of one title
ALIASES = {"simkl_id": "simkl", "tmdbtv": "tmdb"}  # simkl-api 10.1, 11
NAMES = ("title_en", "en_title", "title_romaji", "romaji")
KINDS: Mapping[str, Kind] = {"movie": "movie", "show": "show", "anime": "anime"}
NUMBER = re.compile(r"[1-9][0-9]{0,11}")  # of Simkl's
ID = re.compile(r"[!-~]{1,100}")  # of anybody's


class Aired(NamedTuple):
    """One episode of a list: `day` is ISO 8601 where it was shown, "" if that is not known."""

    season: int
    number: int
    day: str


class FileMatch(NamedTuple):
    """What Simkl takes a file for: a title, and which episode, None if it is a film or if only the show is
    known; of several in one file it is the first.
    """

    found: Found
    season: int | None
    number: int | None
    has_more: bool = False


class Account(NamedTuple):
    """Who is signed in: `plan` is free, pro or vip; what Simkl does not tell is empty (simkl-api 4)."""

    name: str
    id: int | None
    plan: str


class Changed(NamedTuple):
    """What a call changed; 0 of everything says that it was so before (simkl-api 7.4, 8).

    `lists` are the lists on which titles stand now; `not_found` repeats what Simkl does not know.
    """

    movies: int
    shows: int
    episodes: int
    lists: tuple[str, ...]
    not_found: Mapping[str, object]


def read_item(answer: Mapping[str, object]) -> Found | None:
    """The title and the episode in the answer to a scrobble (simkl-api 5.3)."""
    for name, kind in KINDS.items():
        if (found := read_title(kind, _object(answer.get(name)))) is not None:
            episode = _object(answer.get("episode"))
            return found._replace(
                season=whole(episode.get("season")),
                number=whole(episode.get("number", episode.get("episode"))),
                tvdb=_pair(episode.get("tvdb_season"), episode.get("tvdb_number")),
            )
    return None


def read_title(kind: Kind, told: Mapping[str, object]) -> Found | None:
    """A title as it stands in any answer; None without a number of Simkl's."""
    ids = read_ids(told.get("ids"))
    simkl = ids.get("simkl", "")
    title = _text(told.get("title")) or _text(told.get("title_en")) or _text(told.get("title_romaji"))
    if not NUMBER.fullmatch(simkl) or not title:
        return None
    return Found(
        kind="anime" if told.get("anime_type") else kind,
        simkl=simkl,
        title=title,
        year=whole(told.get("year")),
        ids=ids,
        names=tuple(_names(told))[:MOST],
        anime_type=_text(told.get("anime_type")),
    )


def read_ids(told: object) -> dict[str, str]:
    """Ids as texts under the names that Simkl takes; whatever else is left out."""
    named = ((ALIASES.get(str(name), str(name)), value) for name, value in _object(told).items())
    return {name: str(value) for name, value in named if name in KNOWN_IDS and _is_id(value)}


def read_episodes(rows: list[object]) -> list[Aired]:
    """The episodes of a list; a special stands there without season and, at times, without number."""
    specials = 0
    found = []
    for row in map(_object, rows):
        special = row.get("type") == "special"
        specials += special
        season = 0 if special else whole(row.get("season", 1))
        number = whole(row.get("episode", row.get("number")))
        number = specials if number is None and special else number
        if season is not None and number is not None:
            found.append(Aired(season, number, _text(row.get("date"))[:10]))
    return found


def read_file(answer: Mapping[str, object]) -> FileMatch | None:
    """What /search/file took a file for (simkl-api 10.1)."""
    kind: Kind = "movie" if answer.get("type") == "movie" else "show"
    found = read_title(kind, _object(answer.get("movie" if kind == "movie" else "show")))
    if found is None:
        return None
    episode = _object(answer.get("episode"))
    return FileMatch(
        found,
        whole(episode.get("season")),
        whole(episode.get("episode", episode.get("number"))),
        has_more=whole(episode.get("multipart")) is not None,  # false: there is but one
    )


def read_search(kind: Kind, rows: list[object]) -> list[Found]:
    """The hits of a text search (simkl-api 10.2)."""
    hits = []
    for row in map(_object, rows):
        anime = {"anime_type": row.get("type") or "tv"} if kind == "anime" else {}
        if (found := read_title(kind, {**row, **anime})) is not None:
            hits.append(found)
    return hits


def read_account(answer: Mapping[str, object]) -> Account | None:
    """Who /users/settings says is signed in; None if it speaks of nobody."""
    user, account = answer.get("user"), answer.get("account")
    if not isinstance(user, dict) or not isinstance(account, dict):
        return None
    number, plan = account.get("id"), str(account.get("type") or "").lower()
    name = shown(str(user.get("name") or ""))[:LONGEST]
    return Account(name, number if isinstance(number, int) else None, shown(plan)[:LONGEST_WORD])


def read_changed(answer: Mapping[str, object], key: str) -> Changed | None:
    """The counts, which stand under `added` or `deleted`, and what was not found; None without that: then it
    is no answer of Simkl's (simkl-api 7.4).
    """
    counts, not_found = _object(answer.get(key)), answer.get("not_found")
    if not isinstance(not_found, dict):
        return None
    return Changed(
        movies=_count(counts.get("movies")),
        shows=_count(counts.get("shows")),
        episodes=_count(counts.get("episodes")),
        lists=tuple(_lists(counts.get("statuses"))),
        not_found=not_found,
    )


def _count(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0


def _lists(statuses: object) -> Iterator[str]:
    for told in statuses if isinstance(statuses, list) else []:
        status = _object(_object(told).get("response")).get("status")
        if isinstance(status, str):
            yield shown(status)[:LONGEST_WORD]


def whole(value: object) -> int | None:
    """A number, told as one or as a text."""
    if isinstance(value, str) and value.isdecimal() and value.isascii() and len(value) < 7:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**6 else None


def _names(told: Mapping[str, object]) -> Iterator[str]:
    for name in NAMES:
        if text := _text(told.get(name)):
            yield text
    others = told.get("alt_titles")
    for other in others[:MOST] if isinstance(others, list) else []:
        if text := _text(other) or _text(_object(other).get("name")):
            yield text


def _object(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return shown(value[:LONGEST].strip())[:LONGEST] if isinstance(value, str) else ""


def _is_id(value: object) -> bool:
    usable = isinstance(value, int | str) and not isinstance(value, bool)
    return usable and ID.fullmatch(str(value)) is not None


def _pair(one: object, other: object) -> tuple[int, int] | None:
    first, second = whole(one), whole(other)
    return None if first is None or second is None else (first, second)
