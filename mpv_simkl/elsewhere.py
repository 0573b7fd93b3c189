"""Where another device stopped: Simkl's saved places, asked for only when one has moved (simkl-api 9).

What Simkl said last is kept on disk: as long as the activities show no change, that is still what holds.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, NamedTuple

from . import places
from .agreement import are_same
from .answers import read_ids, whole
from .errors import SimklError
from .media import Media

if TYPE_CHECKING:
    from .simkl import Simkl

log = logging.getLogger(__name__)

FILE = "places.json"
WITHIN = 1.0  # seconds that the start of a film waits for the answer
WITHIN_A_REPLAY = 3.0  # seconds, where a place may be lost by not knowing
MOST = 100  # places kept, the newest
TITLES = ("show", "anime", "movie")  # where the title of a place stands
HERE = "here"  # the key of what this machine told

Which = Literal["episodes", "movies"]
MOVED_IN: Mapping[Which, tuple[str, ...]] = {"episodes": ("tv_shows", "anime"), "movies": ("movies", "anime")}


class Point(NamedTuple):
    """A saved place: of what title, as which numbers that episode is known, how far in percent; `paused_at`
    in seconds since 1970, 0 if that is not known.
    """

    title: str
    year: int | None
    ids: Mapping[str, str]
    numbers: Sequence[Sequence[int | None]]
    progress: float
    paused_at: float = 0.0


class Stop(NamedTuple):
    """Where a film was stopped, in percent; `here`: this machine was it."""

    percent: float
    here: bool


def ask(simkl: Simkl, media: Media) -> Stop | None:
    """Where this was stopped before; None if Simkl holds no place.

    The places are asked for only if one has moved. Raises SimklError, after about a second at the latest.
    """
    which: Which = "movies" if media.type == "movie" else "episodes"
    until = time.monotonic() + WITHIN
    moved = _moved(simkl.activities(_left(until)), which)
    kept = _read()
    mine = kept.get(which)
    if not isinstance(mine, dict) or mine.get("moved") != moved or mine.get("who") != simkl.whose:
        points = list(_points(simkl.playbacks(which, MOST, _left(until))))
        _write({**kept, which: {"who": simkl.whose, "moved": moved, "points": points}})
    else:
        points = list(_kept(mine.get("points")))
    percent = place_of(media, points)
    return None if percent is None else Stop(percent, _is_left_here(kept.get(HERE), media, percent))


def newest(simkl: Simkl) -> list[Point]:
    """The newest places of films and episodes; none if Simkl does not say."""
    with suppress(SimklError):
        return list(_points(simkl.playbacks("", MOST, WITHIN_A_REPLAY)))
    return []


def is_replaced(points: Sequence[Point], media: Media, left_at: datetime) -> bool:
    """Was a place in this title, whichever episode, saved since this one was left.

    Simkl keeps one session and one place for a title (simkl-api 5.6, 9), and tells whole seconds.
    """
    since = left_at.replace(microsecond=0).timestamp()
    is_film = media.type == "movie"
    return any(
        point.paused_at >= since and is_film == (not point.numbers) and _is_of_title(point, media)
        for point in points
    )


def left_here(media: Media, percent: float) -> None:
    """Remember that this machine told Simkl of that place."""
    kept = _read()
    told = kept.get(HERE)
    before = told if isinstance(told, list) else []
    _write({**kept, HERE: [[str(media), percent], *before][:MOST]})


def _is_left_here(left: object, media: Media, percent: float) -> bool:
    """The last word of this machine on it, however Simkl rounds."""
    for row in left if isinstance(left, list) else []:
        match row:
            case [str(named), int() | float() as told] if named == str(media):
                return abs(told - percent) < 1
    return False


def place_of(media: Media, points: Sequence[Point]) -> float | None:
    """The place of this very film or episode among them."""
    return next((point.progress for point in points if _is_of(point, media)), None)


def _is_of(point: Point, media: Media) -> bool:
    return _is_of_title(point, media) and (media.type == "movie" or _has_number(point, media))


def _is_of_title(point: Point, media: Media) -> bool:
    """By an id that both have, else by title and year."""
    shared = point.ids.keys() & media.ids.keys()
    if shared:
        return any(str(point.ids[key]) == str(media.ids[key]) for key in shared)
    years = point.year is None or media.year is None or abs(point.year - media.year) <= 1
    return years and bool(point.title) and are_same(point.title, media.title)


def _has_number(point: Point, media: Media) -> bool:
    numbers = media.episodes or media.absolute_episodes
    if not numbers:
        return False
    seasons = (None, 1) if media.season is None else (media.season,)
    wanted = {(season, numbers[0]) for season in seasons}
    return any(tuple(known) in wanted for known in point.numbers)


def _left(until: float) -> float:
    return max(until - time.monotonic(), 0.05)


def _moved(activities: Mapping[str, object], which: Which) -> list[str]:
    """When places last moved, as Simkl says it; "" for never."""
    sections = (activities.get(name) for name in MOVED_IN[which])
    return [str(found.get("playback") or "")[:40] if isinstance(found, dict) else "" for found in sections]


def _points(rows: Sequence[object]) -> Iterator[Point]:
    """What can be used of an answer; the episode's number has two names, the title three (simkl-api 9)."""
    for row in rows[:MOST]:
        if not isinstance(row, dict):
            continue
        title = next((row[kind] for kind in TITLES if isinstance(row.get(kind), dict)), None)
        progress = row.get("progress")
        if title is None or isinstance(progress, bool) or not isinstance(progress, int | float):
            continue
        if 0 < progress < 100:
            yield Point(
                str(title.get("title") or "")[:300],
                whole(title.get("year")),
                read_ids(title.get("ids")),
                _numbers(row.get("episode")),
                float(progress),
                _moment(row.get("paused_at")),
            )


def _numbers(episode: object) -> list[tuple[int | None, int | None]]:
    if not isinstance(episode, dict):
        return []
    own = (whole(episode.get("season")), whole(episode.get("number", episode.get("episode"))))
    tvdb = (whole(episode.get("tvdb_season")), whole(episode.get("tvdb_number")))
    return [pair for pair in (own, tvdb) if pair[1] is not None]


def _moment(told: object) -> float:
    with suppress(ValueError):
        moment = datetime.fromisoformat(str(told))
        return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
    return 0.0


def _kept(points: object) -> Iterator[Point]:
    for row in points if isinstance(points, list) else []:
        match row:
            case [str(title), year, dict(ids), list(numbers), int() | float() as progress, *_]:
                pairs = [pair for pair in numbers if isinstance(pair, list)]
                yield Point(title, whole(year), read_ids(ids), pairs, float(progress))


def _read() -> dict[str, object]:
    try:
        kept = places.read_json(places.data_dir() / FILE)
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _write(kept: Mapping[str, object]) -> None:
    """It only spares a request; a disk that is full takes nothing away."""
    try:
        places.write_whole(places.private_dir(places.data_dir()) / FILE, json.dumps(kept))
    except OSError as error:
        log.info("where other devices stopped is not kept: %s", error)
