"""Media -> the JSON that Simkl takes (simkl-api 5.1 and 7.1). Pure.

Title, year and every id go into every body. A show never goes without an explicit episode: to Simkl that
would mean the whole show (simkl-api 7.2), so the builders raise instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from .errors import NotMatched
from .media import Media

Json = dict[str, Any]

Number = tuple[int | None, int | None] | None  # season and episode; None: the title as such
Key = tuple[bool, str, Number]  # what an answer may call a thing: is it a film, its title, its number
UNREADABLE = -1  # an episode's number that no episode has

# What Simkl takes for titles, the slugs left out (simkl-api 11); an anime site's name one cour, which has no
# seasons (simkl-api 12).
NATIVE_IDS = frozenset(("mal", "anidb", "anilist", "kitsu", "anisearch", "livechart", "animeplanet"))
SHARED_IDS = frozenset(("simkl", "imdb", "tmdb", "tvdb"))
KNOWN_IDS = NATIVE_IDS | SHARED_IDS


@dataclass(frozen=True, slots=True)
class Watch:
    """A row of the journal as delivery needs it: `row` names it, `watched_at` is in UTC."""

    row: int
    media: Media
    watched_at: datetime


def scrobble(media: Media, progress: float) -> Json:
    """The body of /scrobble/start, pause and stop; of several episodes in a file the first stands for all.

    Raises NotMatched for what cannot be said in one.
    """
    if media.type == "movie":
        # An anime's film may be known as anime only, and has no episode (simkl-api 17.4).
        return {"progress": progress, "anime" if media.anime else "movie": title_entry(media)}
    kind, season, numbers = numbering(media)
    episode: Json = {"number": numbers[0]}
    if season is not None:
        episode = {"season": season, "number": numbers[0]}
    return {"progress": progress, kind: title_entry(media), "episode": episode}


def history(watches: Iterable[Watch]) -> Json:
    """The body of /sync/history, the episodes of one show gathered in one entry."""
    movies: list[Json] = []
    anime: list[Json] = []  # films that Simkl knows as anime only
    shows: dict[str, Json] = {}
    for watch in watches:
        if watch.media.type == "movie":
            films = anime if watch.media.anime else movies
            films.append({**_film_entry(watch.media), "watched_at": stamp(watch.watched_at)})
        else:
            _add_episodes(shows, watch)
    body = {"movies": movies, "shows": [], "anime": anime}
    for entry in shows.values():
        body["anime" if "episodes" in entry else "shows"].append(entry)
    return {kind: entries for kind, entries in body.items() if entries}


def numbering(media: Media) -> tuple[str, int | None, tuple[int, ...]]:
    """The container Simkl wants, the season if it wants one, and the episodes.

    SxxEyy goes under `show`, for anime too; a number through all seasons goes under `anime` and never with a
    season (simkl-api 12, 17.5), and so does the one season of a cour. A show without seasons has one.
    """
    is_cour = _is_cour(media)
    if media.season is not None and media.episodes and not is_cour:
        return "show", media.season, media.episodes
    numbers = (is_cour and media.episodes) or media.absolute_episodes or media.episodes
    if not numbers:
        raise NotMatched(f"no episode number is known for {media}")
    if media.anime or media.absolute_episodes or is_cour:
        return "anime", None, numbers
    return "show", 1, numbers


def stamp(when: datetime) -> str:
    """Whole seconds in UTC with a Z, the only form that every source agrees on (simkl-api 14)."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def refused_rows(watches: Sequence[Watch], not_found: Mapping[str, Any]) -> set[int] | None:
    """Which rows are named in the `not_found` of an answer; None if it names something that is none of these.

    It repeats what was sent (simkl-api 7.4), not always to the letter.
    """
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


def lost_keys(not_found: Mapping[str, Any]) -> set[Key]:
    """What the `not_found` of an answer names, to be compared with what was sent."""
    return {(is_film, title_key(entry), number) for is_film, entry, number in _named(not_found)}


def whole(value: object) -> int | None:
    """A number, told as one or as a text."""
    if isinstance(value, str) and value.isdecimal() and value.isascii() and len(value) < 7:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**6 else None


def title_entry(media: Media) -> Json:
    """All that is known of a title, in Simkl's words."""
    sayable = sayable_ids(media)
    ids = {name: value for name, value in media.ids.items() if name in sayable and value}
    entry: Json = {"title": media.title} if media.title else {}
    if media.year and media.year != media.season:  # "S2016E05" names a season, not the show's first year
        entry["year"] = media.year
    if ids:
        entry["ids"] = ids  # as texts: Simkl takes numbers and texts alike (simkl-api 11)
    return entry


def sayable_ids(media: Media) -> set[str]:
    """The names of its ids that Simkl takes: a cour's do not go with a season, which TVDB has counted
    (simkl-api 5.1, 7.3).
    """
    is_flat = media.anime or media.absolute_episodes or not media.episodes
    has_season = media.season is not None or not is_flat
    return media.ids.keys() & (SHARED_IDS if has_season and not _is_cour(media) else KNOWN_IDS)


def seasoned(title: Json) -> Json:
    """Seasons of anime as TVDB counts them: a no-op on ordinary shows, wrong for ids of one cour
    (simkl-api 7.3).
    """
    return {} if NATIVE_IDS & title.get("ids", {}).keys() else {"use_tvdb_anime_seasons": True}


def title_key(entry: Mapping[str, Any]) -> str:
    """What tells one title we sent from another, as it comes back."""
    ids = entry.get("ids")
    shown = sorted((str(name), str(value)) for name, value in ids.items()) if isinstance(ids, dict) else []
    return repr((str(entry.get("title", "")).casefold(), str(entry.get("year") or ""), shown))


def _is_cour(media: Media) -> bool:
    """Is it named by nothing but an anime site, with no season or with the only one that a cour has."""
    ids = KNOWN_IDS & media.ids.keys()
    return media.season in (None, 1) and bool(ids) and ids <= NATIVE_IDS


def _film_entry(media: Media) -> Json:
    """Raises NotMatched for an anime's film without Simkl's number: its title may mean a series, and that
    without an episode would be all of it (simkl-api 7.2).
    """
    if media.anime and "simkl" not in media.ids:
        raise NotMatched(f"{media} may be a film or a series")
    return title_entry(media)


def _add_episodes(shows: dict[str, Json], watch: Watch) -> None:
    kind, season, numbers = numbering(watch.media)
    title = title_entry(watch.media)
    at = stamp(watch.watched_at)
    episodes = [{"number": number, "watched_at": at} for number in numbers]
    entry = shows.setdefault(f"{kind} {title_key(title)}", title)
    if season is None:
        entry.setdefault("episodes", []).extend(episodes)
        return
    entry.update(seasoned(title))
    seasons = entry.setdefault("seasons", [])
    for known in seasons:
        if known["number"] == season:
            known["episodes"].extend(episodes)
            return
    seasons.append({"number": season, "episodes": episodes})


def _named(not_found: Mapping[str, Any]) -> Iterator[tuple[bool, Json, Number]]:
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


def _of_title(watches: Iterable[Watch], entry: Mapping[str, Any]) -> set[int]:
    """The rows of a title: those that were sent in the same words, or else all that it may be."""
    titles = {watch.row: title_entry(watch.media) for watch in watches}
    same = {row for row, sent in titles.items() if title_key(sent) == title_key(entry)}
    return same or {row for row, sent in titles.items() if _is_title(sent, entry)}


def _is_title(sent: Mapping[str, Any], named: Mapping[str, Any]) -> bool:
    """By an id that both have, else by title and year, however these are written."""
    ours, theirs = _ids(sent), _ids(named)
    if shared := ours.keys() & theirs.keys():
        return any(ours[key] == theirs[key] for key in shared)
    years = {str(each["year"]) for each in (sent, named) if each.get("year")}
    return len(years) < 2 and _words(sent) == _words(named) != ""


def _ids(entry: Mapping[str, Any]) -> dict[str, str]:
    ids = entry.get("ids")
    return {key: str(value).casefold() for key, value in ids.items()} if isinstance(ids, dict) else {}


def _words(entry: Mapping[str, Any]) -> str:
    from html import unescape  # 0.3 MB, for what is rarely wanted

    return " ".join(unescape(str(entry.get("title") or "")).casefold().split())


def _numbers_in(entry: Mapping[str, Any]) -> list[Number]:
    """The episodes and whole seasons that an entry names, or the title as such if it names none."""
    named: list[Number] = [(None, number) for number in _numbers(entry.get("episodes"))]
    for season in _dicts(entry.get("seasons")):
        told = whole(season.get("number"))
        named.extend((told, episode) for episode in _numbers(season.get("episodes")) or (None,))
    return named or [None]


def _numbers(episodes: object) -> list[int]:
    found = (whole(episode.get("number")) for episode in _dicts(episodes))
    return [UNREADABLE if number is None else number for number in found]


def _dicts(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
