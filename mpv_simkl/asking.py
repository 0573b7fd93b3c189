"""What somebody asks to be marked -> a Mark, or a sentence about what is wrong with it. Pure.

How it flows: the options of a command, and each JSON line, are one mapping from names to values; `read` makes
a Mark of it. A mapping with `type` has the shape of `identify --json`, any other that of the options
(interface: Commands). Nothing is guessed that Simkl would take for more than was meant (simkl-api 7.2).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from typing import Any

from .bodies import NATIVE_IDS, title_entry
from .errors import UsageError
from .links import ID_KEYS, Kind, Link, read_id, read_link
from .marks import Extent, Mark
from .media import EMPTY, Media
from .nearest import did_you_mean
from .times import LONG_AGO, read_time

STATUSES = ("watching", "plantowatch", "hold", "completed", "dropped")  # simkl-api 7.3
NOT_OF_FILMS = ("watching", "hold")  # simkl-api 9
KINDS: tuple[Kind, ...] = ("movie", "show", "anime")
EPISODE_IDS = {"episode_tvdb": "tvdb", "episode_anidb": "anidb"}  # simkl-api 5.1

COMMON = frozenset(("whole_season", "whole_show", "watched_at", "long_ago", "status", "skip_auto_watching"))
OPTIONS = COMMON | {*KINDS, *ID_KEYS, *EPISODE_IDS, "link", "year", "season", "episode"}
IDENTIFIED = COMMON | {
    *("path", "type", "title", "year", "season", "episodes", "absolute_episodes", "date", "part", "country"),
    *("anime", "ids"),
}
LONGEST_LINE = 20_000  # characters
LONGEST_TITLE = 500  # characters
LONGEST_NAME = 40  # characters of a word that is none of ours
QUOTED = 80  # characters of what makes no sense
MOST_EPISODES = 5_000
LOWEST = {"year": 1}  # 0 would be sent as no year at all
HIGHEST = {"year": 2200, "season": 9_999, "episode": 99_999}

_SPAN = re.compile(r"(\d{1,5})(?:\s*-\s*(\d{1,5}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Target:
    """What is spoken of; `kind` is None where only an id was given, which does not tell."""

    media: Media
    kind: Kind | None
    episode_ids: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_film(self) -> bool:
        """True for a film, and for an id that may be one."""
        return self.media.type == "movie"

    @property
    def is_numbered(self) -> bool:
        """True if it says which episodes."""
        return bool(self.media.episodes or self.media.absolute_episodes or self.episode_ids)


def read_line(text: str) -> dict[str, Any]:
    """The words of one JSON line; raises UsageError for anything but an object."""
    if len(text) > LONGEST_LINE:
        raise UsageError(f"it is longer than {LONGEST_LINE} characters")
    try:
        words = json.loads(text)
    except (ValueError, RecursionError):
        raise UsageError("it is no JSON") from None
    if not isinstance(words, dict):
        raise UsageError('it is no JSON object; write {"show": "...", "season": 1, "episode": "1-2"}')
    return words


def read(
    words: Mapping[str, object], now: datetime, zone: tzinfo | None = None, *, removing: bool = False
) -> Mark:
    """What the words ask for; raises UsageError with a sentence that says how to ask."""
    target = _identified(words) if "type" in words else _asked(words)
    status, quiet = _status(words, target), _flag(words, "skip_auto_watching")
    if removing and (status or quiet):
        raise UsageError("status moves a title to a list; only `mark` does that")
    extent = _extent(words, target, status, quiet=quiet)
    return Mark(
        media=target.media,
        extent=extent,
        watched_at=None if removing else _watched_at(words, extent, now, zone),
        status=status,
        quiet=quiet,
        episode_ids=target.episode_ids,
        of_any_kind=target.kind is None,
    )


def settle(mark: Mark, kind: Kind, title: str) -> Mark:
    """The mark, once Simkl has said of what its id is; raises UsageError if that needs more words."""
    if kind == "movie":
        return replace(mark, of_any_kind=False)
    if mark.extent != "list":
        film = " If it is a film, say --movie too." if kind == "anime" else ""
        raise UsageError(
            f"{title}: which episodes? say --season N --episode N, --whole-season or --whole-show.{film}"
        )
    media = mark.media._replace(type="episode", anime=kind == "anime")
    return replace(mark, media=media, of_any_kind=False)


def read_episodes(text: str) -> tuple[int, ...]:
    """The numbers in `3`, `1-3` or `1-3,5`, in order and each once; raises UsageError."""
    numbers: set[int] = set()
    for part in text.split(","):
        span = _SPAN.fullmatch(part.strip())
        first = int(span[1]) if span else 1
        last = int(span[2] or span[1]) if span else 0
        if last < first or last - first >= MOST_EPISODES:
            raise UsageError(f"{text[:QUOTED]!r} names no episodes; write 3, or 1-3, or 1-3,5")
        numbers.update(range(first, last + 1))
    if len(numbers) > MOST_EPISODES:
        raise UsageError(f"more than {MOST_EPISODES} episodes at once are a mistake")
    return tuple(sorted(numbers))


def _identified(words: Mapping[str, object]) -> Target:
    """What `identify --json` recognised."""
    _check_names(words, IDENTIFIED)
    kind = words.get("type")
    if kind not in ("movie", "episode"):
        raise UsageError(f"{_text(words, 'path') or 'it'} was not recognised; say --movie, --show or --anime")
    ids = words.get("ids") or {}
    if not isinstance(ids, dict) or not all(isinstance(value, str | int) for value in ids.values()):
        raise UsageError("ids is an object of texts")
    media = Media(
        "movie" if kind == "movie" else "episode",
        _text(words, "title"),
        year=_number(words, "year"),
        season=_number(words, "season"),
        episodes=_numbers(words, "episodes"),
        absolute_episodes=_numbers(words, "absolute_episodes"),
        anime=_flag(words, "anime"),
        ids={str(key): _text(ids, key) for key in ids},
    )
    if not {"title", "ids"} & title_entry(media).keys():
        raise UsageError("the title is missing, or an id that Simkl takes without one")
    _check_film(media)
    return Target(media, "movie" if kind == "movie" else "show")


def _asked(words: Mapping[str, object]) -> Target:
    """What the options name."""
    _check_names(words, OPTIONS)
    said, links = _said_kind(words), _links(words)
    title = _text(words, said) if said else ""
    ids = {key: value for link in links for key, value in link.ids.items()}
    episode_ids = {site: _text(words, name) for name, site in EPISODE_IDS.items() if words.get(name)}
    if not (title or ids or (episode_ids and not said)):
        raise UsageError("say what: a file, --movie, --show or --anime with a title, or an id such as --imdb")
    season = _first(_number(words, "season"), *(link.season for link in links))
    episodes = _episodes(words, links)
    kind = said or _kind(links, ids, numbered=bool(episodes or episode_ids or season is not None))
    media = Media(
        "movie" if kind in ("movie", None) else "episode",
        title,
        year=_number(words, "year"),
        season=season,
        episodes=episodes,
        anime=kind == "anime",
        ids=ids,
    )
    return Target(_checked(media, kind, episode_ids), kind, episode_ids)


def _said_kind(words: Mapping[str, object]) -> Kind | None:
    """Which of --movie, --show and --anime was given, with a title or beside an id."""
    said = [kind for kind in KINDS if words.get(kind) is not None]
    if len(said) > 1:
        raise UsageError("it is either a --movie or a --show or an --anime")
    return said[0] if said else None


def _links(words: Mapping[str, object]) -> list[Link]:
    links = [read_id(key, _text(words, key)) for key in ID_KEYS if words.get(key)]
    if pasted := _text(words, "link"):
        link = read_link(pasted)
        if link is None:
            raise UsageError(f"{pasted[:QUOTED]!r} is no page of a film or show that is known here")
        links.append(link)
    return links


def _kind(links: list[Link], ids: Mapping[str, str], *, numbered: bool) -> Kind | None:
    """What it is, from its pages or from its numbers; None where nothing tells. Raises UsageError for an id
    that means one title among films and another among shows.
    """
    told = next((link.kind for link in links if link.kind), None)
    if told is None and numbered:
        return "anime" if NATIVE_IDS & ids.keys() else "show"
    if told is None and ids.keys() == {"tmdb"}:
        raise UsageError("on TMDB films and shows have the same numbers: say --movie or --show too")
    return told


def _checked(media: Media, kind: Kind | None, episode_ids: Mapping[str, str]) -> Media:
    """The media, if its numbers fit what it is."""
    _check_film(media, episode_ids)
    if episode_ids and (media.episodes or len(episode_ids) > 1):
        raise UsageError("an episode is named by its number, or by one id of its own")
    if not all(value.isdecimal() and value.isascii() and len(value) <= 12 for value in episode_ids.values()):
        raise UsageError("the id of an episode is a number")
    if kind == "show" and media.episodes and media.season is None:
        raise UsageError("which season? say --season N; numbers through all seasons go with --anime")
    if NATIVE_IDS & media.ids.keys() and media.season not in (None, 1):
        raise UsageError("an id of an anime site names one season only: leave --season out")
    if NATIVE_IDS & media.ids.keys() and media.episodes:
        return media._replace(season=None, anime=True)
    return media


def _check_film(media: Media, episode_ids: Mapping[str, str] = EMPTY) -> None:
    """Raises UsageError for a film of which only a part is meant."""
    numbers = media.episodes or media.absolute_episodes or episode_ids
    if media.type == "movie" and (numbers or media.season is not None):
        raise UsageError("a film has no seasons and episodes: say --show or --anime")


def _extent(words: Mapping[str, object], target: Target, status: str, *, quiet: bool) -> Extent:
    """How far it reaches; beyond what is named only where that was asked for in so many words."""
    if _flag(words, "whole_season") or _flag(words, "whole_show"):
        return _whole(words, target, status)
    if target.is_film:
        return "list" if status and (quiet or status != "completed") else "named"
    if status == "completed" and not quiet:
        raise UsageError("completed marks every episode: say --whole-show, or --skip-auto-watching")
    if target.is_numbered:
        return "named"
    if status and target.media.season is None:
        return "list"
    raise UsageError("which episodes? say --episode N, --whole-season or --whole-show; a film: --movie")


def _whole(words: Mapping[str, object], target: Target, status: str) -> Extent:
    season, show = _flag(words, "whole_season"), _flag(words, "whole_show")
    if season and show:
        raise UsageError("it is either --whole-season or --whole-show")
    if words.get("episode") is not None or target.episode_ids:
        raise UsageError("it is either --episode, or a whole season or show")
    if target.kind is None and show:
        raise UsageError("say what the id is of: --show or --anime")
    if target.is_film:
        raise UsageError("a film is marked as it is, without --whole-show")
    if season and target.media.season is None:
        raise UsageError("which season? say --season N")
    if status and (season or status != "completed"):
        raise UsageError(f"--status {status} does not go with a whole season or show")
    return "season" if season else "show"


def _status(words: Mapping[str, object], target: Target) -> str:
    status = _text(words, "status")
    if not status and _flag(words, "skip_auto_watching"):
        raise UsageError("--skip-auto-watching does something only together with --status")
    if status and status not in STATUSES:
        raise UsageError(f"--status is one of {', '.join(STATUSES)}")
    if target.kind == "movie" and status in NOT_OF_FILMS:
        raise UsageError("a film is not watched on and not held: plantowatch, completed or dropped")
    return status


def _watched_at(
    words: Mapping[str, object], extent: Extent, now: datetime, zone: tzinfo | None
) -> datetime | None:
    told = None if words.get("watched_at") is None else _text(words, "watched_at")
    long_ago = _flag(words, "long_ago")
    if told is not None and long_ago:
        raise UsageError("it is either --watched-at or --long-ago")
    if extent == "list":
        if told is not None or long_ago:
            raise UsageError("this status marks nothing watched, so there is no time of watching")
        return None
    if long_ago:
        return LONG_AGO
    return read_time("now" if told is None else told, now, zone)


def _check_names(words: Mapping[str, object], known: frozenset[str]) -> None:
    if unknown := [str(name)[:LONGEST_NAME] for name in words if name not in known]:
        cure = did_you_mean(unknown[0], known) or f"; known are {', '.join(sorted(known))}"
        raise UsageError(f"there is no {unknown[0]!r}{cure}")


def _text(words: Mapping[str, object], name: str) -> str:
    value = words.get(name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise UsageError(f"{name} is a text")
    told = str(value).strip()
    if name == "path":  # only ever shown
        return told
    if len(told) > LONGEST_TITLE:
        raise UsageError(f"{name} is longer than {LONGEST_TITLE} characters")
    if any("\ud800" <= letter <= "\udfff" for letter in told):  # what Python makes of a stray byte
        raise UsageError(f"{name} is no UTF-8")
    return told


def _flag(words: Mapping[str, object], name: str) -> bool:
    value = words.get(name)
    if value is None or isinstance(value, bool):
        return bool(value)
    raise UsageError(f"{name} is true or false")


def _number(words: Mapping[str, object], name: str) -> int | None:
    value = words.get(name)
    if value is None:
        return None
    least, most = LOWEST.get(name, 0), HIGHEST[name]
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise UsageError(f"{name} is a number from {least} to {most}")
    return value


def _numbers(words: Mapping[str, object], name: str) -> tuple[int, ...]:
    value = words.get(name) or ()
    if not isinstance(value, list | tuple) or len(value) > MOST_EPISODES:
        raise UsageError(f"{name} is an array of numbers")
    return tuple(dict.fromkeys(_number({"episode": item}, "episode") or 0 for item in value))


def _episodes(words: Mapping[str, object], links: list[Link]) -> tuple[int, ...]:
    """From `episode`: a text such as "1-3,5", a number, or an array of numbers; or from a pasted link."""
    told = words.get("episode")
    if isinstance(told, list):
        return _numbers(words, "episode")
    if told is not None:
        return read_episodes(_text(words, "episode"))
    number = _first(*(link.episode for link in links))
    return () if number is None else (number,)


def _first(*values: int | None) -> int | None:
    return next((value for value in values if value is not None), None)
