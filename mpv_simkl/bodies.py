"""Media -> the JSON that Simkl takes (simkl-api 5.1 and 7.1). Pure.

Title, year and every id go into every body. A show never goes without an explicit episode: to Simkl that
would mean the whole show (simkl-api 7.2), so the builders raise instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from .errors import NotMatched
from .media import Media

Json = dict[str, Any]

BATCH = 50  # episodes in one call (simkl-api 7.5)

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
    body: dict[str, dict[str, Json]] = {"movies": {}, "shows": {}, "anime": {}}
    for place, watch in enumerate(watches):
        at = {"watched_at": stamp(watch.watched_at)}
        if watch.media.type == "movie":
            array = "anime" if watch.media.anime else "movies"  # films that Simkl knows as anime only
            body[array][f"film {place}"] = {**_film_entry(watch.media), **at}
            continue
        array, entry = episodes_entry(watch.media, at)
        known = body[array].setdefault(title_key(entry), entry)
        if known is not entry:
            gather(known, entry)
    return {array: list(entries.values()) for array, entries in body.items() if entries}


def episodes_entry(media: Media, at: Json) -> tuple[str, Json]:
    """The array of /sync/history that its episodes go into, and their entry there; `at` goes with each."""
    title = title_entry(media)
    kind, season, numbers = numbering(media)
    episodes = [{"number": number, **at} for number in numbers]
    if season is None:
        return kind, {**title, "episodes": episodes}
    return "shows", {**title, **seasoned(title), "seasons": [{"number": season, "episodes": episodes}]}


def gather(known: Json, entry: Json) -> None:
    """Put the episodes of one entry into another one of the same title."""
    if "episodes" in entry:
        known["episodes"].extend(entry["episodes"])
    for season in entry.get("seasons", ()):
        same = next((each for each in known["seasons"] if each["number"] == season["number"]), None)
        if same:
            same["episodes"].extend(season["episodes"])
        else:
            known["seasons"].append(season)


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
