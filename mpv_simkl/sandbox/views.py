"""How Simkl words what it knows: the objects inside its answers (simkl-api 4, 5.3, 9, 10)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from mpv_simkl.sandbox.catalogue import Episode, Item, Title
from mpv_simkl.sandbox.library import SECTIONS, Library, Playback

PAGES = {"movie": "movies", "tv": "tv", "anime": "anime"}  # in links and as endpoint_type
LISTS = ("plantowatch", "watching", "completed", "hold", "dropped")


def clock_time(at: datetime) -> str:
    """A time as Simkl sends most of them: UTC, whole seconds, `Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def pack_progress(progress: float) -> float | int:
    """75, not 75.00 (5.2)."""
    return int(progress) if progress == int(progress) else progress


def ids_view(title: Title) -> dict[str, object]:
    """Every id but Simkl's own is a text (11)."""
    return {"simkl": title.simkl, "slug": title.slug, **title.ids}


def title_view(title: Title) -> dict[str, object]:
    """A title inside another object."""
    return {"title": title.title, "year": title.year, "ids": ids_view(title)}


def item_view(item: Item) -> dict[str, object]:
    """The container that fits the catalogue, whatever was sent; anime has both numberings (5.3)."""
    title = item.title
    if title.type == "movie":
        return {"movie": title_view(title)}
    name = "anime" if title.type == "anime" else "show"
    about = title_view(title)
    if title.type == "anime":
        about["anime_type"] = title.anime_type
    view: dict[str, object] = {name: about}
    if item.episode:
        view["episode"] = episode_view(item.episode)
    return view


def episode_view(episode: Episode) -> dict[str, object]:
    """An episode in the answer to a scrobble and among the saved points."""
    return {
        "season": episode.season,
        "number": episode.number,
        "title": episode.title,
        "tvdb_season": episode.tvdb_season,
        "tvdb_number": episode.tvdb_number,
    }


def playback_view(point: Playback, *, old: bool = False) -> dict[str, object]:
    """One saved point; in `old` examples anime is a show, and an episode's number is called so (9)."""
    kind = "movie" if point.item.title.film else "episode"
    item = item_view(point.item)
    if old:
        item = {"show" if name == "anime" else name: about for name, about in item.items()}
        if point.item.episode:
            item["episode"] = {"season": point.item.episode.season, "episode": point.item.episode.number}
    return {
        "id": point.id,
        "progress": pack_progress(point.progress),
        "paused_at": clock_time(point.paused_at),
        "type": kind,
        **item,
    }


def details_view(title: Title) -> dict[str, object]:
    """`/tv/{id}` and its like."""
    about = {**title_view(title), "type": title.type, "country": title.country, "runtime": title.minutes}
    about["alt_titles"] = [{"name": name} for name in title.also]
    if title.type == "anime":
        about["anime_type"] = title.anime_type
    if not title.film:
        about |= {"status": title.status, "total_episodes": sum(e.season > 0 for e in title.episodes)}
    return about


def episode_row(title: Title, episode: Episode, at: datetime) -> dict[str, object]:
    """One row of an episode list; a special has neither season nor number (12)."""
    row: dict[str, object] = {"title": episode.title, "type": "episode" if episode.season else "special"}
    if episode.season:
        row |= {"season": episode.season} if title.type == "tv" else {}
        row |= {"episode": episode.number}
    if title.type == "anime":
        row["tvdb"] = {"season": episode.tvdb_season, "episode": episode.tvdb_number}
    row["aired"] = title.aired(episode, at)
    row["date"] = episode.date.isoformat() + "T00:00:00-05:00" if episode.date else None
    row["ids"] = {"simkl_id": title.simkl * 10_000 + episode.season * 1_000 + episode.number}
    return row


def search_view(title: Title) -> dict[str, object]:
    """One row of a text search; here the id is called simkl_id (10.2)."""
    ids: dict[str, object] = {"simkl_id": title.simkl, "slug": title.slug}
    if "tmdb" in title.ids:
        ids["tmdb"] = title.ids["tmdb"]
    row = {"title": title.title, "year": title.year, "endpoint_type": PAGES[title.type], "poster": None}
    if title.type == "anime":
        romaji = title.also[0] if title.also else title.title
        row |= {"type": title.anime_type, "title_en": title.title, "title_romaji": romaji}
    return {**row, "ids": ids}


def activities_view(library: Library) -> dict[str, object]:
    """`/sync/activities`; null for what never happened, and films are neither watched on nor held (9)."""
    sections: dict[str, object] = {}
    for section in dict.fromkeys(SECTIONS.values()):
        lists = [name for name in LISTS if section != "movies" or name not in {"watching", "hold"}]
        names = ("rated_at", "playback", *lists, "removed_from_list")
        seen = {name: library.activities.get((section, name)) for name in names}
        sections[section] = {"all": _newest(seen), **{name: _time(at) for name, at in seen.items()}}
    everything: Mapping[str, datetime | None] = {str(key): at for key, at in library.activities.items()}
    return {"all": _newest(everything), "settings": {"all": None}, **sections}


def _time(at: datetime | None) -> str | None:
    return clock_time(at) if at else None


def _newest(times: Mapping[str, datetime | None]) -> str | None:
    return _time(max((at for at in times.values() if at), default=None))
