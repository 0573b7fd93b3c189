"""The bodies of scrobbles and of the history, read strictly (simkl-api 5.1, 5.2, 7.1, 7.3).

Stricter than Simkl on purpose, so that a fault in a client shows: `slug` and unknown ids are refused, and
so is anything that looks like a path of this computer, a time without `Z`, one that lies in the future, or
one before 2000 that is not Simkl's own for "long ago", as of a dead clock (simkl-api 14); a film with an
episode, or on a list that films do not have (simkl-api 9); an anime site's id, and no other, with a season
or TVDB's numbering; and more than 50 things in one call, for which nobody knows where Simkl's own limit is
(simkl-api 7.5). A list that is empty is none: that of a show without its episodes means all of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from mpv_simkl.sandbox.catalogue import ID_KEYS, NATIVE_IDS, Kind, Wanted
from mpv_simkl.sandbox.messages import Refusal, items, mapping, whole

WRAPPERS: tuple[Kind, ...] = ("movie", "show", "anime")
STATUSES = ("watching", "plantowatch", "hold", "completed", "dropped")
NOT_OF_FILMS = ("watching", "hold")
LOCAL_PATH = re.compile(r"^(/|\\\\|[A-Za-z]:[\\/]|file:|~/)")
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
CLOCKS_DIFFER = timedelta(minutes=1)
LONG_AGO, REMEMBERED = datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC), datetime(2000, 1, 1, tzinfo=UTC)
LONGEST_MEMO = 140
MOST = 50  # episodes and films in one call


@dataclass(frozen=True, slots=True)
class EpisodeSpec:
    """Which episode a client means: by number, or by ids that win over it."""

    season: int | None
    number: int | None
    ids: Mapping[str, str]
    watched_at: datetime | None
    sent: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Scrobble:
    """What plays and how far, in percent."""

    kind: Kind
    wanted: Wanted
    episode: EpisodeSpec | None
    progress: float


@dataclass(frozen=True, slots=True)
class Season:
    """A season of a history entry; without `episodes` the whole of it is meant."""

    number: int
    episodes: tuple[EpisodeSpec, ...] | None
    watched_at: datetime | None
    sent: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Entry:
    """One title of a history call; without `seasons` the whole of it is meant."""

    kind: Kind
    sent: Mapping[str, object]
    wanted: Wanted
    seasons: tuple[Season, ...] | None
    watched_at: datetime | None
    status: str | None
    rating: int | None
    tvdb_seasons: bool


def scrobble(body: object) -> Scrobble:
    """The body of `/scrobble/*`; refuses what is missing, doubled or out of bounds."""
    fields = mapping(body, "the body")
    kinds = [kind for kind in WRAPPERS if kind in fields]
    if len(kinds) != 1:
        raise Refusal(400, "empty_field", "exactly one of movie, show, anime is needed")
    kind = kinds[0]
    wanted = read_wanted(mapping(fields[kind], kind))
    episode = None
    if kind != "movie" and "episode" in fields:
        episode = read_episode(mapping(fields["episode"], "episode"), None)
    if kind == "show" and episode is None:
        raise Refusal(400, "empty_field", "a show needs an episode")
    if kind == "movie" and "episode" in fields:
        raise Refusal(400, "wrong_parameter", "a film has no episodes")
    if episode and episode.season is not None and names_a_cour(wanted):
        raise Refusal(400, "wrong_parameter", "an anime site's id goes with a plain number")
    return Scrobble(kind, wanted, episode, read_progress(fields.get("progress")))


def read_progress(value: object) -> float:
    """A percentage from 0 to 100 with at most two decimals."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:
        raise Refusal(400, "wrong_parameter", "progress must be a number from 0 to 100")
    if round(value, 2) != value:
        raise Refusal(400, "wrong_parameter", "progress has more than two decimals")
    return value


def read_wanted(fields: Mapping[str, object]) -> Wanted:
    """Title, year and ids as a client sends them."""
    if "slug" in fields:
        raise Refusal(400, "wrong_parameter", "slug is never sent")
    title = fields.get("title")
    if title is not None and not isinstance(title, str):
        raise Refusal(400, "wrong_parameter", "title must be text")
    ids = read_ids(fields.get("ids"), ID_KEYS)
    return Wanted(title or None, whole(fields.get("year"), "year"), ids)


def names_a_cour(wanted: Wanted) -> bool:
    """True if only ids of anime sites say what is meant: of one cour, which has no seasons (simkl-api 12)."""
    return bool(wanted.ids) and wanted.ids.keys() <= set(NATIVE_IDS)


def read_ids(value: object, known: tuple[str, ...]) -> Mapping[str, str]:
    """Ids as texts; a number and a text are the same, an IMDb link is its id (simkl-api 11)."""
    ids: dict[str, str] = {}
    for key, given in mapping(value if value is not None else {}, "ids").items():
        key = "simkl" if key == "simkl_id" else key  # noqa: PLW2901 - two names of one id
        if key not in known:
            raise Refusal(400, "wrong_parameter", f"ids.{key} is not a known id")
        if isinstance(given, bool) or not isinstance(given, int | str):
            raise Refusal(400, "wrong_parameter", f"ids.{key} must be a number or text")
        ids[key] = str(given)
    if imdb := re.search(r"tt\d+", ids.get("imdb", "")):
        ids["imdb"] = imdb.group()
    return ids


def read_episode(fields: Mapping[str, object], season: int | None) -> EpisodeSpec:
    """One episode: its number, or an id of TVDB or AniDB."""
    given = fields.get("ids")
    ids = read_ids(given, ("tvdb", "anidb")) if given is not None else {}
    number = whole(fields.get("number"), "episode.number")
    if number is None and not ids:
        raise Refusal(400, "empty_field", "an episode needs a number")
    season = whole(fields.get("season"), "episode.season") if season is None else season
    return EpisodeSpec(season, number, ids, read_time(fields.get("watched_at")), fields)


def read_time(value: object) -> datetime | None:
    """A time in UTC to the second, `2026-11-20T21:04:00Z`; None where none was sent."""
    if value is None:
        return None
    if not isinstance(value, str) or not TIME.match(value):
        raise Refusal(400, "wrong_parameter", "watched_at must be like 2026-11-20T21:04:00Z")
    try:
        moment = datetime.fromisoformat(value).astimezone(UTC)
    except ValueError:
        raise Refusal(400, "wrong_parameter", "watched_at is not a date") from None
    if moment < REMEMBERED and moment != LONG_AGO:
        raise Refusal(400, "wrong_parameter", "watched_at is before 2000, and not the one for long ago")
    return moment


def read_entry(kind: Kind, value: object, at: datetime) -> Entry:
    """One title of `/sync/history`; `episodes` on the title is short for season 1 (7.1)."""
    fields = mapping(value, kind)
    seasons = fields.get("seasons") or None
    if seasons is None and fields.get("episodes") and kind != "movie":
        seasons = [{"number": 1, "episodes": fields["episodes"]}]
    status = _status(kind, fields.get("status"))
    _check_memo(fields.get("memo"))
    entry = Entry(
        kind=kind,
        sent=fields,
        wanted=read_wanted(fields),
        seasons=None if seasons is None else tuple(_season(row) for row in items(seasons, "seasons")),
        watched_at=read_time(fields.get("watched_at")),
        status=status,
        rating=_rating(fields.get("rating")),
        tvdb_seasons=fields.get("use_tvdb_anime_seasons") is True,
    )
    if entry.tvdb_seasons and names_a_cour(entry.wanted):
        raise Refusal(400, "wrong_parameter", "use_tvdb_anime_seasons does not go with an anime site's id")
    _check_times(entry, at)
    return entry


def check_size(entries: Iterable[Entry], loose: int) -> None:
    """Refuses what would better be several calls."""
    seasons = [season for entry in entries for season in entry.seasons or (None,)]
    if loose + sum(len(season.episodes or (0,)) if season else 1 for season in seasons) > MOST:
        raise Refusal(413, "wrong_parameter", f"more than {MOST} things in one call")


def texts(value: object) -> Iterator[str]:
    """Every text in a body, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


def check_no_paths(body: object) -> None:
    """Refuses a body that gives away where a file lies on the user's disk."""
    for text in texts(body):
        if LOCAL_PATH.match(text):
            raise Refusal(400, "wrong_parameter", "a path of this computer must not leave it")


def _season(value: object) -> Season:
    fields = mapping(value, "season")
    number = whole(fields.get("number"), "season.number")
    if number is None:
        raise Refusal(400, "empty_field", "a season needs a number")
    episodes = None
    if rows := items(fields.get("episodes"), "episodes"):
        episodes = tuple(read_episode(mapping(row, "episode"), number) for row in rows)
    return Season(number, episodes, read_time(fields.get("watched_at")), fields)


def _status(kind: Kind, value: object) -> str | None:
    if value is not None and value not in STATUSES:
        raise Refusal(400, "wrong_parameter", f"status must be one of {', '.join(STATUSES)}")
    if kind == "movie" and value in NOT_OF_FILMS:
        raise Refusal(400, "wrong_parameter", f"a film has no status {value}")
    return None if value is None else str(value)


def _rating(value: object) -> int | None:
    rating = whole(value, "rating")
    if rating is not None and not 1 <= rating <= 10:
        raise Refusal(400, "wrong_parameter", "rating must be from 1 to 10")
    return rating


def _check_memo(value: object) -> None:
    if value is not None and len(str(mapping(value, "memo").get("text", ""))) > LONGEST_MEMO:
        raise Refusal(400, "wrong_parameter", f"a memo has at most {LONGEST_MEMO} letters")


def _check_times(entry: Entry, at: datetime) -> None:
    seasons = entry.seasons or ()
    times = [entry.watched_at, *(season.watched_at for season in seasons)]
    times += [episode.watched_at for season in seasons for episode in season.episodes or ()]
    check_past(times, at)


def check_past(times: Iterable[datetime | None], at: datetime) -> None:
    """Refuses what is still to come."""
    if any(time and time > at + CLOCKS_DIFFER for time in times):
        raise Refusal(400, "wrong_parameter", "watched_at lies in the future")
