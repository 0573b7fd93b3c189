"""What Simkl made of titles, and what the user says they are: remembered, so that nobody is asked twice.

A title's key is all that was recognised of it but its numbers. What Simkl matched holds for a film, for all
seasons of a show, or, for anime, from one number of one season on: each cour is a title of its own there
(simkl-api 12). That Simkl knows none holds for a day. What the user says holds for a file, for a show in a
folder, or for a title everywhere, the narrower before the wider.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath, PureWindowsPath
from typing import Literal

from ..media import Media, without_secrets
from .rows import as_json, as_media, as_text
from .store import Store

log = logging.getLogger(__name__)

Scope = Literal["file", "folder", "title"]
SCOPES: tuple[Scope, ...] = ("file", "folder", "title")
MISS_LASTS = timedelta(days=1)  # after that Simkl may have learned of it
ANY, ABSOLUTE, DATED, FILM = -4, -3, -2, -1  # in place of a season


@dataclass(frozen=True, slots=True)
class Known:
    """What a title is at Simkl: `said` is a Media without numbers, None if Simkl knows none such."""

    said: Media | None
    shift: int = 0


@dataclass(frozen=True, slots=True)
class Correction:
    """What the user says; `place` is a file or a folder, `title` a key; `shift` is added to the numbers."""

    id: int
    scope: Scope
    place: str
    title: str
    said: Media
    shift: int


class Titles:
    """The memory of titles, in the journal's own file."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._damaged: set[str] = set()

    # What Simkl made of it

    def recall(self, media: Media, now: datetime | None = None) -> Known | None:
        """What is known of it; None: nothing, so ask. Raises JournalError."""
        season, number = _coordinate(media)
        rows = self._store.select(
            "SELECT * FROM known WHERE title = ? AND (season = ? AND first <= ? OR season = ?)"
            " ORDER BY season DESC, first DESC",
            (media.key, season, number, ANY),
        )
        now = now or datetime.now(UTC)
        # What is in the future was noted by a wrong clock.
        since, until = as_text(now - MISS_LASTS), as_text(now)
        for row in rows:
            exact = row["first"] == number
            if row["said"] is None and (not exact or not since <= row["asked_at"] <= until):
                continue
            if row["season"] == DATED and not exact:  # each day has an episode of its own
                continue
            return self._known(row)
        return None

    def _known(self, row: sqlite3.Row) -> Known | None:
        """None for a damaged row: one that holds from another number on may be of another title."""
        try:
            return Known(as_media(row["said"]) if row["said"] is not None else None, row["shift"])
        except (ValueError, TypeError) as error:
            self._damage(f"what is known of {row['title']}", error)
            return None

    def remember(self, media: Media, said: Media) -> None:
        """`said` is what `media` is at Simkl, with its numbers. Raises JournalError."""
        season, number = _coordinate(media)
        shift = _number(said) - number if season not in (FILM, DATED) else 0
        bare = said if season == DATED else bared(said, keep_season=said.season != media.season)
        if media.season is not None and not said.anime and said.season == media.season and shift == 0:
            season, number = ANY, 0
        self._put(media.key, season, number, as_json(bare), shift)

    def remember_miss(self, media: Media) -> None:
        """Simkl knows no such thing. Raises JournalError."""
        self._put(media.key, *_coordinate(media), None, 0)

    def forget(self, media: Media) -> None:
        """Ask again, whatever was found of this title. Raises JournalError."""
        with self._store.writing() as db:
            db.execute("DELETE FROM known WHERE title = ?", (media.key,))

    def forget_misses(self) -> None:
        """Ask again for what Simkl did not know; within a transaction."""
        self._store.db.execute("DELETE FROM known WHERE said IS NULL")

    def _put(self, title: str, season: int, first: int, said: str | None, shift: int) -> None:
        with self._store.writing(durable=False) as db:
            db.execute(
                "INSERT OR REPLACE INTO known VALUES (?, ?, ?, ?, ?, ?)",
                (title, season, first, said, shift, as_text(datetime.now(UTC))),
            )

    # What the user says it is

    def correct(self, scope: Scope, place: str, title: str, said: Media, shift: int = 0) -> None:
        """Keep what the user says, in place of what was said before of the same. Raises JournalError."""
        values = (scope, place, title, as_json(said), shift, as_text(datetime.now(UTC)))
        with self._store.writing() as db:
            db.execute(
                "INSERT OR REPLACE INTO correction (scope, place, title, said, shift, made_at)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                values,
            )

    def corrections(self) -> list[Correction]:
        """All that the user said, oldest first; a damaged one stays where it is and stops none of the others.

        Raises JournalError.
        """
        found = []
        for row in self._store.select("SELECT * FROM correction ORDER BY made_at, id"):
            try:
                found.append(_correction(row))
            except (ValueError, TypeError) as error:
                self._damage(f"correction {row['id']}", error)
        return found

    def take_back(self, number: int) -> bool:
        """Forget a correction; False if there is none of that number. Raises JournalError."""
        with self._store.writing() as db:
            return db.execute("DELETE FROM correction WHERE id = ?", (number,)).rowcount > 0

    def corrected(self, path: str, media: Media | None) -> Media | None:
        """What the user says a file is, None if nothing was said. Raises JournalError."""
        by = narrowest(self.corrections(), path, media.key if media else "")
        return numbered(by.said, by.shift, media) if by else None

    def _damage(self, what: str, error: Exception) -> None:
        """Said once: corrections are read at every file."""
        if what not in self._damaged:
            self._damaged.add(what)
            log.warning("%s is not readable in the journal: %s", what, error)


def narrowest(corrections: Sequence[Correction], path: str, title: str) -> Correction | None:
    """Which of them, oldest first, holds for a file; `title` as in `applies`."""
    fitting = [each for each in reversed(corrections) if applies(each, path, title)]
    return min(fitting, key=lambda each: (SCOPES.index(each.scope), -len(each.place)), default=None)


def applies(correction: Correction, path: str, title: str) -> bool:
    """Is a file what a correction speaks of; `title`: the key of what it was taken for, "" if for nothing."""
    if correction.scope == "file":
        return correction.place == path
    if not title or title != correction.title:
        return False
    return correction.scope == "title" or correction.place in folders(path)


def folders(path: str) -> Iterator[str]:
    """The folders that a file lies in, the nearest first, as text."""
    flavour = PureWindowsPath if "\\" in path and "/" not in path else PurePosixPath
    return map(str, flavour(path).parents)


def numbered(said: Media, shift: int, media: Media | None) -> Media:
    """A title at Simkl, with the numbers that a file of it was recognised by."""
    if said.type == "movie" or media is None or said.episodes or said.absolute_episodes:
        return said
    numbers = tuple(number + shift for number in media.episodes or media.absolute_episodes)
    if said.anime:
        return said._replace(season=None, absolute_episodes=numbers)
    season = said.season if said.season is not None else media.season
    return said._replace(season=1 if season is None else season, episodes=numbers)


def bared(said: Media, *, keep_season: bool) -> Media:
    """A title without its numbers."""
    season = said.season if keep_season and not said.anime else None
    return said._replace(season=season, episodes=(), absolute_episodes=(), date=None)


def _coordinate(media: Media) -> tuple[int, int]:
    """Season and number, or what stands for them."""
    if media.type == "movie":
        return FILM, 0
    if media.episodes or media.absolute_episodes:
        return (ABSOLUTE if media.season is None else media.season), _number(media)
    if media.date:
        return DATED, int(media.date.replace("-", ""))
    return ANY, 0


def _number(media: Media) -> int:
    return next(iter(media.episodes or media.absolute_episodes), 0)


def _correction(row: sqlite3.Row) -> Correction:
    scope: Scope = row["scope"]
    if scope not in SCOPES:
        raise ValueError(f"there is no scope {scope!r}")
    place = without_secrets(row["place"])  # an older version kept them
    return Correction(row["id"], scope, place, row["title"], as_media(row["said"]), row["shift"])
