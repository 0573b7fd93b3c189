"""Marks -> the bodies of /sync/history and /sync/history/remove, and what an answer says of each. Pure.

To Simkl a show without episodes is the whole show (simkl-api 7.2, 8). So a Mark says how far it reaches:
beyond the episodes that it names only where somebody asked for that in so many words (`asking` sees to it),
and a removal never holds a bare show at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from .bodies import BATCH, Json, episodes_entry, gather, numbering, seasoned, stamp, title_entry, title_key
from .errors import NotMatched
from .media import Media, titled
from .not_found import Key, keys_in

# A film or the episodes named; a whole season or show; or nothing is watched and the title changes its list.
Extent = Literal["named", "season", "show", "list"]


@dataclass(frozen=True, slots=True)
class Mark:
    """One title, and how much of it; `watched_at` is UTC, None where nothing is marked watched.

    `quiet` is Simkl's skip_auto_watching; `episode_ids` name one episode and win over its number (simkl-api
    7.3). `of_any_kind`: an id alone, which does not say whether it is of a film or of a show. `seasons` are
    those of the show, known only when all of it is to be unmarked.
    """

    media: Media
    extent: Extent = "named"
    watched_at: datetime | None = None
    status: str = ""
    quiet: bool = False
    episode_ids: Mapping[str, str] = field(default_factory=dict)
    of_any_kind: bool = False
    seasons: tuple[int, ...] = ()

    def __str__(self) -> str:
        """As a person would say it: `Severance (2022) S02E03`, `season 2 of Severance (2022)`."""
        title = self.title
        match self.extent:
            case "season":
                return f"season {self.media.season} of {title}"
            case "show":
                return f"all of {title}"
            case "list":
                return title
        if self.episode_ids:
            return f"{title}{', ' if title else ''}episode {_spelled(self.episode_ids)}"
        return str(self.media._replace(title=title, year=None))

    @property
    def title(self) -> str:
        """The title with its year, or its ids where it has no title."""
        return titled(self.media.title or _spelled(self.media.ids), self.media.year)

    @property
    def numbers(self) -> tuple[int, ...]:
        """The episodes it names, as they will be sent; none for a film and for what reaches further."""
        named = self.extent == "named" and self.media.type == "episode" and not self.episode_ids
        return numbering(self.media)[2] if named else ()

    @property
    def size(self) -> int:
        """How many things it names: what a call has room for, and what Simkl may count."""
        return max(1, len(self.numbers))


@dataclass(frozen=True, slots=True)
class Rewatch:
    """That things watched before were watched again; `session` names one already begun (simkl-api 6)."""

    session: int | None = None


def batches(marks: Sequence[Mark]) -> Iterator[list[tuple[int, Mark]]]:
    """As few calls as can be, in order: each mark with its place in `marks`, at most 50 episodes a call.

    A mark with more episodes than that comes in parts; whatever wants another query has a call of its own.
    """
    batch: list[tuple[int, Mark]] = []
    parts = ((place, part) for place, mark in enumerate(marks) for part in _parts(mark))
    for place, part in parts:
        size = sum(known.size for _, known in batch) + part.size
        if batch and (size > BATCH or batch[0][1].quiet != part.quiet):
            yield batch
            batch = []
        batch.append((place, part))
    if batch:
        yield batch


def history(marks: Iterable[Mark], rewatch: Rewatch | None = None) -> Json:
    """The body of /sync/history, the episodes of one title gathered in one entry (simkl-api 7.1).

    Raises NotMatched for what would mark more than was asked for.
    """
    body: dict[str, dict[str, Json]] = {"movies": {}, "shows": {}, "anime": {}, "episodes": {}}
    for place, mark in enumerate(marks):
        at: Json = {"watched_at": stamp(mark.watched_at)} if mark.watched_at else {}
        array, entry = _entry(_bounded(mark), at)
        told = {"status": mark.status} if mark.status else {}
        key = f"{title_key(entry)} {mark.status}" if mark.numbers else f"alone {place}"
        known = body[array].get(key)
        if known is None:
            body[array][key] = {**entry, **told, **_again(rewatch)}
        else:
            gather(known, entry)
    return {array: list(entries.values()) for array, entries in body.items() if entries}


def removal(marks: Iterable[Mark]) -> Json:
    """The body of /sync/history/remove: anime stands among the shows (simkl-api 8).

    Raises NotMatched for what would be a bare show, and for an episode that is known by its id alone.
    """
    movies: list[Json] = []
    shows: list[Json] = []
    for mark in marks:
        array, entry = _entry(mark, {})
        if array == "movies":
            movies.append(entry)
            continue
        flat = entry.pop("episodes", None)
        if flat:
            entry["seasons"] = [{"number": 1, "episodes": flat}]
        if mark.extent == "show":
            entry["seasons"] = [{"number": season} for season in mark.seasons]
        if not entry.get("seasons") or array == "episodes":
            raise NotMatched(f"{mark}: without a title and a season nothing can be unmarked")
        shows.append(entry)
    return {array: entries for array, entries in {"movies": movies, "shows": shows}.items() if entries}


def lost(mark: Mark, not_found: Mapping[str, object]) -> tuple[int, ...] | None:
    """The episodes of a mark that Simkl does not know; `()`: not even the title; None: it knows all."""
    keys = keys_in(not_found)
    if keys.intersection(_keys(mark, None)):
        return ()
    return tuple(number for number in mark.numbers if _keys(mark, number)[-1] in keys) or None


def strays(batch: Iterable[Mark], not_found: Mapping[str, object]) -> bool:
    """Does an answer name anything that belongs to none of these?"""
    ours = {key for mark in batch for number in (None, *mark.numbers) for key in _keys(mark, number)}
    return not keys_in(not_found) <= ours


def _keys(mark: Mark, number: int | None) -> list[Key]:
    """Where an answer may name a mark, or one of its numbers: the title, the season or number within it."""
    array, entry = _entry(mark, {})
    season = numbering(mark.media)[1] if mark.numbers else mark.media.season
    within = None if season is None and number is None else (season, number)
    return [(array == "movies", title_key(entry), place) for place in (None, within)]


def _parts(mark: Mark) -> Iterator[Mark]:
    """The mark, cut into as many as its episodes need."""
    numbers, media = mark.numbers, mark.media
    if len(numbers) <= BATCH:
        yield mark
        return
    for first in range(0, len(numbers), BATCH):
        some = numbers[first : first + BATCH]
        if numbers == media.absolute_episodes:
            yield replace(mark, media=media._replace(absolute_episodes=some))
        else:
            yield replace(mark, media=media._replace(episodes=some))


def _entry(mark: Mark, at: Json) -> tuple[str, Json]:
    """The array that a mark goes into, and its entry there."""
    media, title = mark.media, title_entry(mark.media)
    if media.type == "movie":
        return "movies", {**title, **at}
    if mark.episode_ids:
        return _by_episode_id(mark, title, at)
    if mark.extent != "named":
        return _reaching_further(mark, title, at)
    return episodes_entry(media, at)


def _reaching_further(mark: Mark, title: Json, at: Json) -> tuple[str, Json]:
    if mark.extent == "season":
        return "shows", {**title, **seasoned(title), "seasons": [{"number": mark.media.season, **at}]}
    return "anime" if mark.media.anime else "shows", {**title, **at}


def _bounded(mark: Mark) -> Mark:
    """The mark, if its status takes it no further: `completed` is every episode, and no status with no
    episodes is too (simkl-api 7.2, 7.3).
    """
    is_all = mark.status == "completed" and not mark.quiet
    is_show = mark.media.type == "episode"
    if (mark.extent == "list" and not mark.status) or (is_all and is_show and mark.extent != "show"):
        raise NotMatched(f"{mark}: that would mark every episode")
    return mark


def _by_episode_id(mark: Mark, title: Json, at: Json) -> tuple[str, Json]:
    """An episode named by an id of its own: within its show if that is known, else on its own."""
    episode = {"ids": dict(mark.episode_ids), **at}
    if not title:
        return "episodes", episode
    season = 1 if mark.media.season is None else mark.media.season
    return "shows", {**title, "seasons": [{"number": season, "episodes": [episode]}]}


def _again(rewatch: Rewatch | None) -> Json:
    if rewatch is None:
        return {}
    return {"is_rewatch": True} | ({} if rewatch.session is None else {"rewatch_id": rewatch.session})


def _spelled(ids: Mapping[str, str]) -> str:
    return " ".join(f"{key} {value}" for key, value in list(ids.items())[:1])
