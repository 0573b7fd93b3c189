"""What Simkl remembers of one user: what plays now, saved points, what was watched (simkl-api 5, 7, 8, 9).

Pure state: every method takes the time as `at`, and none knows of HTTP. Progress is in percent.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from mpv_simkl.sandbox.catalogue import Item, Title

Plan = Literal["free", "pro", "vip"]

WATCHED_FROM = 80.0  # percent; simkl-api 5.3
FINISHED_FOR = timedelta(hours=1)  # simkl-api 5.4
BETWEEN_REWATCHES = timedelta(days=2)  # simkl-api 6
PLAYBACK_DAYS = {"free": 7, "pro": 30, "vip": 90}  # simkl-api 9
SECTIONS = {"movie": "movies", "tv": "tv_shows", "anime": "anime"}  # as /sync/activities names them


class AlreadyWatched(Exception):
    """The item was finished within the hour, as of whatever time it counts as watched."""

    def __init__(self, watched_at: datetime, expires_at: datetime) -> None:
        super().__init__(watched_at, expires_at)
        self.watched_at, self.expires_at = watched_at, expires_at


@dataclass(frozen=True, slots=True)
class Watch:
    """One thing watched; `season` and `number` count as the Simkl title does, None for a film."""

    account: int
    type: Literal["movie", "tv", "anime"]
    title: str
    simkl: int
    season: int | None
    number: int | None
    watched_at: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """What plays now, as Simkl reckons it: progress goes on with the clock (simkl-api 5.6)."""

    item: Item
    progress: float
    since: datetime

    @property
    def ends(self) -> datetime:
        """When the rest of the running time is over."""
        return self.since + timedelta(minutes=self.item.title.minutes) * ((100.0 - self.progress) / 100.0)

    def progress_at(self, at: datetime) -> float:
        """The percentage that Simkl believes has been reached."""
        gone = (at - self.since) / timedelta(minutes=self.item.title.minutes) * 100.0
        return min(100.0, self.progress + gone)


@dataclass(frozen=True, slots=True)
class Playback:
    """A saved point to resume from."""

    id: int
    item: Item
    progress: float
    paused_at: datetime


@dataclass
class Library:
    """One user's library."""

    account: int
    plan: Plan = "free"
    session: Session | None = None
    saved: dict[int, Playback] = field(default_factory=dict)  # by title: one saved point each
    watched: dict[tuple[int, int, int], Watch] = field(default_factory=dict)
    finished: dict[tuple[int, int, int], datetime] = field(default_factory=dict)  # when Simkl heard of it
    rewatched: list[Watch] = field(default_factory=list)
    statuses: dict[int, str] = field(default_factory=dict)
    ratings: dict[int, int] = field(default_factory=dict)
    activities: dict[tuple[str, str], datetime] = field(default_factory=dict)
    _ids: itertools.count[int] = field(default_factory=lambda: itertools.count(10916890))

    def start(self, item: Item, progress: float, at: datetime) -> None:
        """A new session; the previous one, if Simkl believes it over 80 %, becomes watched (5.6)."""
        before = self.session
        if before and before.item.key != item.key and before.progress_at(at) >= WATCHED_FROM:
            self.mark(before.item, min(at, before.ends), at)
            self._forget_point(before.item.title, at)
        self._forget_point(item.title, at)
        self.session = Session(item, progress, at)

    def pause(self, item: Item, progress: float, at: datetime) -> int:
        """The id of the point saved; nothing becomes watched, not even at 95 % (5.3)."""
        self._end_session(item.title)
        point = Playback(next(self._ids), item, progress, at)
        self.saved[item.title.simkl] = point
        self._moved(item.title, "playback", at)
        return point.id

    def stop(self, item: Item, progress: float, at: datetime) -> tuple[int, Literal["pause", "scrobble"]]:
        """An id and what was done; raises AlreadyWatched within the hour (5.3, 5.4)."""
        self.check_finished(item, at)
        if progress < WATCHED_FROM:
            return self.pause(item, progress, at), "pause"
        self._end_session(item.title)
        self._forget_point(item.title, at)
        self.mark(item, at, at)
        self.finished[item.key] = at  # of what was watched before, too
        return next(self._ids), "scrobble"

    def check_finished(self, item: Item, at: datetime) -> None:
        """Raises AlreadyWatched if the item was finished within the hour before `at`."""
        watch = self.watched.get(item.key)
        if watch and at < (until := self.finished[item.key] + FINISHED_FOR):
            raise AlreadyWatched(watch.watched_at, until)

    def watching(self, at: datetime) -> tuple[Item, float] | None:
        """What "Watching now" shows, and its percentage; None once the running time is over."""
        if self.session is None or at >= self.session.ends:
            return None
        return self.session.item, self.session.progress_at(at)

    def playbacks(self, at: datetime, *, hide_watched: bool = False) -> list[Playback]:
        """The saved points that the plan still keeps, newest first; a point set after the watch stays (9)."""
        oldest = at - timedelta(days=PLAYBACK_DAYS[self.plan])
        kept = [point for point in self.saved.values() if point.paused_at >= oldest]
        if hide_watched:
            kept = [point for point in kept if not self._watched_since(point)]
        return sorted(kept, key=lambda point: (point.paused_at, point.id), reverse=True)

    def delete_playback(self, number: int, at: datetime) -> bool:
        """True if there was such a point."""
        point = next((p for p in self.playbacks(at) if p.id == number), None)
        if point:
            self._forget_point(point.item.title, at)
        return point is not None

    def mark(self, item: Item, watched_at: datetime, at: datetime) -> bool:
        """True if this was new; marking again changes nothing, the date neither (7.5)."""
        if item.key in self.watched:
            return False
        self.watched[item.key] = self._watch(item, watched_at)
        self.finished[item.key] = at
        self._list(item.title, at)
        return True

    def rewatch(self, item: Item, watched_at: datetime) -> str:
        """The `rewatch_status` of watching an item again (6)."""
        if self.plan == "free":
            return "pro_required"
        seen = [watch for watch in [self.watched.get(item.key), *self.rewatched] if _of(watch, item)]
        if not seen:
            return "first_watch"
        if any(abs(watched_at - watch.watched_at) < BETWEEN_REWATCHES for watch in seen if watch):
            return "too_soon"
        self.rewatched.append(self._watch(item, watched_at))
        return "completed" if item.episode is None else "active"

    def unmark(self, entries: Iterable[Item], at: datetime) -> int:
        """How many marks were taken away; the title stays in the library (8)."""
        gone = [item for item in entries if self.watched.pop(item.key, None)]
        for item in gone:
            if self.statuses.get(item.title.simkl) == "completed":
                self.set_status(item.title, "watching", at)
        return len(gone)

    def forget(self, title: Title, at: datetime) -> bool:
        """Takes a title out of the library altogether, with its rating; True if it was in it (8)."""
        keys = [key for key in self.watched if key[0] == title.simkl]
        known = bool(keys) or title.simkl in self.statuses or title.simkl in self.ratings
        for key in keys:
            del self.watched[key]
        self.statuses.pop(title.simkl, None)
        self.ratings.pop(title.simkl, None)
        self.saved.pop(title.simkl, None)
        if known:
            self._moved(title, "removed_from_list", at)
        return known

    def set_status(self, title: Title, status: str, at: datetime) -> bool:
        """Moves a title to a list; True if it was not there."""
        if self.statuses.get(title.simkl) == status:
            return False
        self.statuses[title.simkl] = status
        self._moved(title, status, at)
        return True

    def rate(self, title: Title, rating: int, at: datetime) -> None:
        """Keeps a rating from 1 to 10."""
        self.ratings[title.simkl] = rating
        self._moved(title, "rated_at", at)

    def _list(self, title: Title, at: datetime) -> None:
        regular = [e for e in title.episodes if e.season > 0]
        whole = title.film or all(Item(title, e).key in self.watched for e in regular)
        finished = title.film or (title.status == "ended" and not title.boundless)
        self.set_status(title, "completed" if whole and finished else "watching", at)

    def _watch(self, item: Item, watched_at: datetime) -> Watch:
        title, episode = item.title, item.episode
        season, number = (episode.season, episode.number) if episode else (None, None)
        moment = watched_at.replace(microsecond=0)
        return Watch(self.account, title.type, title.title, title.simkl, season, number, moment)

    def _watched_since(self, point: Playback) -> bool:
        watch = self.watched.get(point.item.key)
        return watch is not None and watch.watched_at >= point.paused_at

    def _end_session(self, title: Title) -> None:
        if self.session and self.session.item.title.simkl == title.simkl:
            self.session = None

    def _forget_point(self, title: Title, at: datetime) -> None:
        if self.saved.pop(title.simkl, None):
            self._moved(title, "playback", at)

    def _moved(self, title: Title, what: str, at: datetime) -> None:
        self.activities[SECTIONS[title.type], what] = at


def _of(watch: Watch | None, item: Item) -> bool:
    if watch is None:
        return False
    season, number = (item.episode.season, item.episode.number) if item.episode else (None, None)
    return (watch.simkl, watch.season, watch.number) == (item.title.simkl, season, number)
