"""The journal's file: opened, checked, brought up to date, and rows brought from one to another.

The only rooms that know sqlite3 are this one and its neighbours.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .. import places
from ..errors import JournalError
from .rows import read_row

BUSY = 4.0  # seconds to wait for another process's write; twice that is less than app.LEAVE_WITHIN
BUSY_STILL = 0.25  # seconds to wait for one that was waited for in vain
NOT_BROKEN = (  # what ails a disk or a moment, not the file
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_READONLY,
)
DAMAGE = (sqlite3.Error, ValueError, TypeError, KeyError, IndexError, JournalError)
BESIDE = ("-wal", "-shm")  # SQLite's own files beside a journal
FAILING = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)  # a disk, under whatever is read or written

MIGRATIONS = (
    """
    CREATE TABLE viewing (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        account TEXT,                              -- Simkl's account.id; NULL: nobody was signed in
        media TEXT NOT NULL,                       -- JSON of media.Media
        state TEXT NOT NULL DEFAULT 'open',
        began_at TEXT NOT NULL,                    -- times are UTC, ISO 8601 with Z
        seen_at TEXT NOT NULL,
        uptime REAL NOT NULL,                      -- seconds, goes with seen_at (clocks.Stamp)
        clock TEXT NOT NULL,                       -- the run of the machine that uptime counts from
        watched_at TEXT,                           -- NULL: it would be no watch if it ended now
        progress REAL NOT NULL,                    -- percent
        played REAL NOT NULL,                      -- seconds
        told INTEGER NOT NULL DEFAULT 0,           -- may Simkl have heard of it
        pid INTEGER NOT NULL,                      -- whose row it is while it is open or sending
        boot TEXT NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        last_error TEXT,
        next_try TEXT
    ) STRICT
    """,
    "CREATE INDEX viewing_by_state ON viewing (state, watched_at, id)",
    "ALTER TABLE viewing ADD COLUMN path TEXT NOT NULL DEFAULT ''",  # of the file; never leaves this machine
    "ALTER TABLE viewing ADD COLUMN title TEXT NOT NULL DEFAULT ''",  # key of what it was taken for
    "ALTER TABLE viewing ADD COLUMN said TEXT",  # JSON of the Media that Simkl is told of, once that is sure
    "ALTER TABLE viewing ADD COLUMN player TEXT NOT NULL DEFAULT ''",  # the IPC address of its mpv
    """
    CREATE TABLE known (                           -- what Simkl made of titles (titles.Titles)
        title TEXT NOT NULL,
        season INTEGER NOT NULL,
        first INTEGER NOT NULL,                    -- the number from which on it holds
        said TEXT,                                 -- JSON of a Media without numbers; NULL: Simkl knows none
        shift INTEGER NOT NULL DEFAULT 0,
        asked_at TEXT NOT NULL,
        PRIMARY KEY (title, season, first)
    ) STRICT
    """,
    """
    CREATE TABLE correction (                      -- what the user says it is
        id INTEGER PRIMARY KEY,
        scope TEXT NOT NULL,                       -- file, folder, title
        place TEXT NOT NULL,
        title TEXT NOT NULL,
        said TEXT NOT NULL,
        shift INTEGER NOT NULL DEFAULT 0,
        made_at TEXT NOT NULL,
        UNIQUE (scope, place, title)
    ) STRICT
    """,
    "ALTER TABLE viewing ADD COLUMN told_as TEXT",  # JSON of what Simkl heard of and the user denied
    """
    CREATE TABLE sitting (                         -- where viewings were left (sittings.Sittings)
        path TEXT NOT NULL,
        media TEXT NOT NULL,
        account TEXT,
        progress REAL NOT NULL,
        played REAL NOT NULL,
        left_at TEXT NOT NULL,
        PRIMARY KEY (path, media)
    ) STRICT
    """,
    "ALTER TABLE viewing ADD COLUMN recognised TEXT",  # JSON of the Media that the file's names say
)
BESIDE_VIEWINGS = ("known", "correction", "sitting")


def connect(file: Path | None) -> sqlite3.Connection:
    """A connection to the file, made readable for this user alone if there is none; without one, to memory.

    Raises OSError, sqlite3.Error.
    """
    if file is not None:
        if not file.exists():
            _remove_leftovers(file)
        with suppress(FileExistsError):  # made here, because SQLite would make it readable for others
            os.close(places.open_private(file, os.O_CREAT | os.O_EXCL | os.O_RDWR))
    db = sqlite3.connect(file or ":memory:", timeout=BUSY, isolation_level=None, check_same_thread=False)
    db.row_factory = sqlite3.Row
    db.execute("PRAGMA secure_delete = ON")  # many builds do not: a salvage would find what was deleted
    db.text_factory = lambda raw: raw.decode("utf-8", "replace")  # one damaged letter must not hide all rows
    return db


def _remove_leftovers(file: Path) -> None:
    """What lies beside a deleted file is the shared memory of those who have it open still: whoever joined
    in with another file would spoil both.
    """
    for suffix in BESIDE:
        file.with_name(file.name + suffix).unlink(missing_ok=True)


def prepared(db: sqlite3.Connection) -> sqlite3.Connection:
    """The connection, checked and brought to the newest schema; closed if that fails. WAL: readers never
    wait.

    The whole check, not `quick_check`: a damaged index would hide rows that are sound.
    """
    try:
        db.execute("PRAGMA cache_size = -256")  # kB; SQLite's own 2 MB would stay full of what is checked
        (verdict,) = db.execute("PRAGMA integrity_check(1)").fetchone()  # 15 ms for 20,000 rows
        if verdict != "ok":
            raise sqlite3.DatabaseError(verdict)
        db.execute("PRAGMA journal_mode = WAL")
        migrate(db)
        _read_names(db)
    except BaseException:  # whatever it is goes on; the file is not to stay open
        db.close()
        raise
    return db


def _read_names(db: sqlite3.Connection) -> None:
    """A column's name may be damaged where the check sees nothing."""
    try:
        db.execute("SELECT * FROM viewing, known, correction, sitting LIMIT 0")
    except UnicodeDecodeError as error:
        raise sqlite3.DatabaseError("the name of a column is no text") from error


def migrate(db: sqlite3.Connection) -> None:
    """Bring the schema up to date, each step together with the mark that it is done."""
    db.execute("BEGIN IMMEDIATE")  # a second mpv may be starting at this very moment
    with db:
        (done,) = db.execute("PRAGMA user_version").fetchone()
        if done > len(MIGRATIONS):
            raise JournalError("it was written by a newer mpv-simkl; update this one")
        for number, step in enumerate(MIGRATIONS[done:], start=done + 1):
            db.execute(step)
            db.execute(f"PRAGMA user_version = {number}")


def code(error: BaseException) -> int:
    """What SQLite calls an error, 0 for one that is not its own."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


@contextmanager
def past_damage() -> Iterator[None]:
    """Go on past what is damaged, but not past a disk that fails: it would pass for damage of every row."""
    try:
        yield
    except DAMAGE as error:
        if code(error) in FAILING:
            raise


def copy(rows: Iterable[sqlite3.Row], db: sqlite3.Connection) -> int:
    """Put viewings of another journal into this one, those that make sense; gives how many.

    Rows keep their numbers, by which a sender may be holding them, unless another row has it here. A row that
    is here already gives way to a later state of the same viewing, a receipt only if it was taken back.
    """
    names = [name for name in columns(db, "viewing") if name != "id"]
    insert = f"""
        INSERT INTO viewing (id, {", ".join(names)})
        VALUES ((SELECT :id WHERE NOT EXISTS (SELECT 1 FROM viewing WHERE id = :id)),
            {", ".join(f":{name}" for name in names)})
        ON CONFLICT (name) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in names)}
        WHERE viewing.seen_at <= excluded.seen_at
            AND (viewing.state <> 'done' OR (excluded.state = 'done' AND excluded.watched_at IS NULL))
    """
    saved = 0
    db.execute("BEGIN IMMEDIATE")
    with db:
        for row in rows:
            with past_damage():
                read_row(row)
                db.execute(insert, {name: row[name] for name in ("id", *names)})
                saved += 1
    return saved


def copy_beside(rows: Iterable[sqlite3.Row], db: sqlite3.Connection, table: str) -> None:
    """Put the rows of another journal's table into this one; what stands here already stays."""
    names = [name for name in columns(db, table) if name != "id"]
    insert = f"INSERT OR IGNORE INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
    db.execute("BEGIN IMMEDIATE")
    with db:
        for row in rows:
            with past_damage():
                db.execute(insert, [row[name] for name in names])


def columns(db: sqlite3.Connection, table: str) -> list[str]:
    """The names of a table's columns, in their order."""
    return [column["name"] for column in db.execute(f"PRAGMA table_info({table})")]


def inode(file: Path | None) -> tuple[int, int] | None:
    """What tells a file from another one of its name; None if there is none."""
    try:
        found = file.stat() if file else None
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if found else None
