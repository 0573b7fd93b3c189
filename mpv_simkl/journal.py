"""The journal: what was watched and what Simkl has acknowledged of it. The door to the disk, SQLite's only
keeper.

One viewing is one row, from the moment it begins. Where a row may go:

    open ----ended, watched----> waiting ----acknowledged----> done
     |                            |   ^
     |                            |   '--- no answer: attempts + 1, last_error
     |                            |------- not matched -------> not_found
     |                            '------- refused -----------> refused
     '------ended, unwatched----> (gone: Simkl holds the position, there is nothing to deliver)

A row that is open while its player is dead was left by a crash: `take_over` ends it as the last fact says.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from . import places, processes
from .errors import JournalError
from .model import Action, Media, Scrobble

log = logging.getLogger(__name__)

FILE = "journal.db"
BUSY = 5.0  # seconds to wait for another process's write
MAX_ERROR = 300  # characters kept of a last_error

MIGRATIONS = (
    """
    CREATE TABLE viewing (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        media TEXT NOT NULL,                       -- JSON of model.Media
        state TEXT NOT NULL DEFAULT 'open',
        began_at TEXT NOT NULL,                    -- times are UTC, ISO 8601 with Z
        seen_at TEXT NOT NULL,
        watched_at TEXT,                           -- NULL: it would be no watch if it ended now
        progress REAL NOT NULL,                    -- percent
        played REAL NOT NULL,                      -- seconds
        pid INTEGER NOT NULL,                      -- who writes this row while it is open
        boot TEXT NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        last_error TEXT
    ) STRICT
    """,
    "CREATE INDEX viewing_by_state ON viewing (state, seen_at)",
)

State = Literal["open", "waiting", "done", "not_found", "refused"]
UNSENT = ("open", "waiting", "not_found", "refused")


@dataclass(frozen=True, slots=True)
class Row:
    """One viewing as the journal holds it; `watched_at` is UTC, None while it would be no watch."""

    id: int
    name: str
    media: Media
    state: State
    watched_at: datetime | None
    seen_at: datetime
    progress: float
    attempts: int
    last_error: str | None

    @property
    def at(self) -> datetime:
        """The time of the watch, or when it was last seen playing."""
        return self.watched_at or self.seen_at


class Journal:
    """The journal, to be shared by the threads of one process; a context manager that closes it."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._turn = threading.Lock()

    @classmethod
    def open(cls, folder: Path | None = None) -> Journal:
        """The journal on disk, made if there is none; a broken one is moved aside. Raises JournalError."""
        file = (folder or places.data_dir()) / FILE
        try:
            with places.locked(places.private_dir(file.parent) / "journal.lock"):
                return cls(_sound(file))
        except (OSError, sqlite3.Error) as error:
            raise JournalError(f"the journal {file} cannot be used: {error}") from error

    @classmethod
    def in_memory(cls) -> Journal:
        """A journal that lasts as long as this process: for a disk that cannot be written."""
        return cls(_prepared(_connect(":memory:")))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()

    def record(self, scrobble: Scrobble) -> None:
        """Write down where a viewing stands, before anybody is told. Raises JournalError."""
        with self._writing():
            if scrobble.ended and not scrobble.watched:
                self._db.execute("DELETE FROM viewing WHERE name = ?", (scrobble.viewing,))
            else:
                self._db.execute(_RECORD, _as_row(scrobble))

    def take_over(self) -> list[Scrobble]:
        """End the viewings whose process died; gives what Simkl has to hear of those that were no watch.

        They end as a pause: Simkl would count a session left open up to 100 % by its own clock (simkl-api
        5.6, 5.7).
        """
        left: list[Scrobble] = []
        with self._writing():
            for columns in self._db.execute("SELECT * FROM viewing WHERE state = 'open'").fetchall():
                if columns["boot"] == processes.boot_id() and processes.alive(columns["pid"]):
                    continue
                if columns["watched_at"] is not None:
                    self._db.execute("UPDATE viewing SET state = 'waiting' WHERE id = ?", (columns["id"],))
                else:
                    self._db.execute("DELETE FROM viewing WHERE id = ?", (columns["id"],))
                    left.append(_abandoned(columns))
        return left

    def waiting(self) -> list[Row]:
        """What Simkl has not acknowledged and may be sent now, in the order of viewing."""
        return self._rows("state = 'waiting' ORDER BY watched_at, id")

    def unsent(self) -> list[Row]:
        """All that Simkl does not have, whatever the reason, in the order of viewing."""
        marks = ", ".join("?" * len(UNSENT))
        return self._rows(f"state IN ({marks}) ORDER BY seen_at, id", UNSENT)

    def find(self, viewing: str) -> Row | None:
        """The row of a viewing by its name."""
        return next(iter(self._rows("name = ?", (viewing,))), None)

    def settle(
        self, ids: Sequence[int], state: Literal["done", "not_found", "refused"], reason: str | None = None
    ) -> None:
        """Simkl has answered for good. Raises JournalError."""
        self._mark(ids, f"state = '{state}', last_error = ?", reason)

    def put_off(self, ids: Sequence[int], reason: str) -> None:
        """It was tried in vain and waits on. Raises JournalError."""
        self._mark(ids, "state = 'waiting', attempts = attempts + 1, last_error = ?", reason)

    def _mark(self, ids: Sequence[int], change: str, reason: str | None) -> None:
        text = None if reason is None else reason[:MAX_ERROR]
        with self._writing():
            self._db.executemany(f"UPDATE viewing SET {change} WHERE id = ?", [(text, row) for row in ids])  # noqa: S608

    def _rows(self, where: str, values: Sequence[object] = ()) -> list[Row]:
        with self._turn:
            found = self._db.execute(f"SELECT * FROM viewing WHERE {where}", values).fetchall()  # noqa: S608 - our words
        return [_row(columns) for columns in found]

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            with self._turn:
                self._db.execute("BEGIN IMMEDIATE")
                with self._db:
                    yield
        except sqlite3.Error as error:
            raise JournalError(f"the journal cannot be written: {error}") from error


_RECORD = """
    INSERT INTO viewing (name, media, state, began_at, seen_at, watched_at, progress, played, pid, boot)
    VALUES (:name, :media, :state, :at, :at, :watched_at, :progress, :played, :pid, :boot)
    ON CONFLICT (name) DO UPDATE SET state = excluded.state, seen_at = excluded.seen_at,
        watched_at = excluded.watched_at, progress = excluded.progress, played = excluded.played
"""


def _as_row(scrobble: Scrobble) -> dict[str, object]:
    at = _text(scrobble.at)
    return {
        "name": scrobble.viewing,
        "media": json.dumps(scrobble.media.as_dict(), ensure_ascii=False),
        "state": "waiting" if scrobble.ended else "open",
        "at": at,
        "watched_at": at if scrobble.watched else None,
        "progress": scrobble.progress,
        "played": scrobble.played,
        "pid": os.getpid(),
        "boot": processes.boot_id(),
    }


def _row(columns: sqlite3.Row) -> Row:
    watched_at = columns["watched_at"]
    return Row(
        columns["id"],
        columns["name"],
        _media(columns),
        columns["state"],
        None if watched_at is None else datetime.fromisoformat(watched_at),
        datetime.fromisoformat(columns["seen_at"]),
        columns["progress"],
        columns["attempts"],
        columns["last_error"],
    )


def _abandoned(columns: sqlite3.Row) -> Scrobble:
    seen_at = datetime.fromisoformat(columns["seen_at"])
    progress, played = columns["progress"], columns["played"]
    return Scrobble(Action.PAUSE, _media(columns), columns["name"], progress, played, False, True, seen_at)


def _media(columns: sqlite3.Row) -> Media:
    return Media.from_dict(json.loads(columns["media"]))


def _text(when: datetime) -> str:
    return when.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _sound(file: Path) -> sqlite3.Connection:
    """A connection to a journal that passed its check; whatever else lies there is moved aside, never
    overwritten.
    """
    try:
        return _prepared(_connect(str(file)))
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):  # locked, read-only, full: not broken
            raise
        aside = _move_aside(file)
        log.error("the journal was not readable (%s); it is kept as %s, a new one is begun", error, aside)
        return _prepared(_connect(str(file)))


def _connect(name: str) -> sqlite3.Connection:
    if name != ":memory:":
        os.close(
            places.open_private(name, os.O_CREAT | os.O_RDWR)
        )  # SQLite would make it readable for others
    db = sqlite3.connect(name, timeout=BUSY, isolation_level=None, check_same_thread=False)
    db.row_factory = sqlite3.Row
    return db


def _prepared(db: sqlite3.Connection) -> sqlite3.Connection:
    """The connection, checked and brought to the newest schema; closed if that fails.

    WAL lets one thread write while another reads; `synchronous=FULL` because a watch has to outlive a power
    cut, and it costs little: a viewing is written a handful of times.
    """
    try:
        (verdict,) = db.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise sqlite3.DatabaseError(verdict)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        _migrate(db)
    except BaseException:
        db.close()
        raise
    return db


def _migrate(db: sqlite3.Connection) -> None:
    """Bring the schema up to date, each step together with the mark that it is done."""
    db.execute("BEGIN IMMEDIATE")  # a second mpv may be starting at this very moment
    with db:
        (done,) = db.execute("PRAGMA user_version").fetchone()
        if done > len(MIGRATIONS):
            raise sqlite3.OperationalError("it was written by a newer mpv-simkl; update this one")
        for number, step in enumerate(MIGRATIONS[done:], start=done + 1):
            db.execute(step)
            db.execute(f"PRAGMA user_version = {number}")


def _move_aside(file: Path) -> Path:
    aside = file.with_name(f"{file.stem}.broken-{time.strftime('%Y%m%dT%H%M%S')}-{os.getpid()}{file.suffix}")
    for suffix in ("", "-wal", "-shm"):
        part = file.with_name(file.name + suffix)
        if part.exists():
            part.replace(aside.with_name(aside.name + suffix))
    return aside
