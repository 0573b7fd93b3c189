"""The `not_found` of an answer -> which of the things sent it names. Pure.

It repeats what was sent (simkl-api 7.4), not always to the letter: what is in other words is looked for by an
id, or by title and year.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from .answers import whole
from .bodies import Json, Watch, numbering, title_entry, title_key
from .media import Media

Number = tuple[int | None, int | None] | None  # season and episode; None: the title as such
Key = tuple[bool, str, Number]  # what an answer may call a thing: is it a film, its title, its number
UNREADABLE = -1  # an episode's number that no episode has


def rows_in(not_found: Mapping[str, object], watches: Sequence[Watch]) -> set[int] | None:
    """The rows that it names; None if it names something that is none of these."""
    if len(watches) == 1:
        return {watches[0].row} if any(not_found.values()) else set()
    rows: set[int] = set()
    for is_film, entry, number in _named(not_found):
        fitting = [watch for watch in watches if (is_film, number) in _places(watch.media)]
        found = _of_title(fitting, entry)
        if not found:
            return None
        rows |= found
    return rows


def keys_in(not_found: Mapping[str, object]) -> set[Key]:
    """All that it names, to be compared with what was sent."""
    return {(is_film, title_key(entry), number) for is_film, entry, number in _named(not_found)}


def _named(not_found: Mapping[str, object]) -> Iterator[tuple[bool, Json, Number]]:
    """All that an answer names: is it a film, its title, its number; what cannot be read has no title."""
    for kind, told in not_found.items():
        for entry in told if isinstance(told, list) else [told] * bool(told):
            title = entry if isinstance(entry, dict) else {}
            yield from ((kind == "movies", title, number) for number in _numbers_in(title))


def _places(media: Media) -> set[tuple[bool, Number]]:
    """Where an answer may name it within its title, and whether that is a film's."""
    if media.type == "movie":
        return {(not media.anime, None)}
    _, season, numbers = numbering(media)
    seasons = (None, 1) if season is None else (season,)  # no season is short for season 1 (simkl-api 7.1)
    return {(False, None), *((False, (each, number)) for each in seasons for number in (*numbers, None))}


def _of_title(watches: Iterable[Watch], entry: Mapping[str, object]) -> set[int]:
    """The rows of a title: those that were sent in the same words, or else all that it may be."""
    titles = {watch.row: title_entry(watch.media) for watch in watches}
    same = {row for row, sent in titles.items() if title_key(sent) == title_key(entry)}
    return same or {row for row, sent in titles.items() if _is_title(sent, entry)}


def _is_title(sent: Mapping[str, object], named: Mapping[str, object]) -> bool:
    """By an id that both have, else by title and year, however these are written."""
    ours, theirs = _ids(sent), _ids(named)
    if shared := ours.keys() & theirs.keys():
        return any(ours[key] == theirs[key] for key in shared)
    years = {str(each["year"]) for each in (sent, named) if each.get("year")}
    return len(years) < 2 and _words(sent) == _words(named) != ""


def _ids(entry: Mapping[str, object]) -> dict[str, str]:
    ids = entry.get("ids")
    return {key: str(value).casefold() for key, value in ids.items()} if isinstance(ids, dict) else {}


def _words(entry: Mapping[str, object]) -> str:
    """A title of ours in what may be other letters; no more than that is forgiven, for of two titles that are
    nearly the same Simkl knows one and not the other.
    """
    from html import unescape  # 0.3 MB, for what is rarely wanted

    return " ".join(unescape(str(entry.get("title") or "")).casefold().split())


def _numbers_in(entry: Mapping[str, object]) -> list[Number]:
    """The episodes and whole seasons that an entry names, or the title as such if it names none."""
    named: list[Number] = [(None, number) for number in _numbers(entry.get("episodes"))]
    for season in _dicts(entry.get("seasons")):
        told = whole(season.get("number"))
        named.extend((told, episode) for episode in _numbers(season.get("episodes")) or (None,))
    return named or [None]


def _numbers(episodes: object) -> list[int]:
    found = (whole(episode.get("number")) for episode in _dicts(episodes))
    return [UNREADABLE if number is None else number for number in found]


def _dicts(value: object) -> list[dict[str, object]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
