"""The journal's connection: transactions, all or nothing, on the disk or, if that fails, in memory."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from .. import places, processes
from ..errors import JournalError
from . import salvage, storage

log = logging.getLogger(__name__)

FILE = "journal.db"
LOCK = "journal.lock"


class Store:
    """One database, shared by the threads of one process; without a file it is in memory."""

    def __init__(self, db: sqlite3.Connection, file: Path | None) -> None:
        self.db = db
        self.turn = threading.RLock()
        self._file = file
        self._inode = storage.inode(file)
        self._patience = storage.BUSY  # for another program that holds the file
        self._tuned: tuple[bool, float] | None = None  # to what the connection is set now

    @classmethod
    def open(cls, folder: Path) -> Store:
        """The one on disk, made if there is none; a broken one gives way to what can be read of it.

        Raises JournalError.
        """
        file = folder / FILE
        try:
            return cls(_sound(file), file)
        except (OSError, sqlite3.Error, JournalError) as error:
            raise JournalError(f"the journal {file} cannot be used: {error}") from error

    @classmethod
    def in_memory(cls) -> Store:
        """One that lasts as long as this process."""
        return cls(storage.prepared(storage.connect(None)), None)

    @property
    def on_disk(self) -> bool:
        """Will what is written here outlive this process."""
        return self._file is not None

    def close(self) -> None:
        """Let go of the file."""
        with self.turn:
            self.db.close()

    def select(self, query: str, values: Sequence[object] = ()) -> list[sqlite3.Row]:
        """The rows that a query finds. Raises JournalError."""
        try:
            with self.turn:
                return self.db.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise JournalError(f"the journal cannot be read: {error}") from error

    @contextmanager
    def writing(self, *, durable: bool = True) -> Iterator[sqlite3.Connection]:
        """A transaction; all or nothing. Raises JournalError.

        Whoever found the file locked waits less the next times, until a write succeeds: mpv may have ended.
        """
        with self.turn:
            self._stay_on_the_disk()
            try:
                self._tune(durable)
                self.db.execute("BEGIN IMMEDIATE")
                with self.db:
                    yield self.db
                    self.db.execute("COMMIT")  # kept compiled, which the one of `with` is not
                self._patience = storage.BUSY
            except sqlite3.Error as error:
                self._patience = storage.BUSY_STILL
                raise JournalError(f"the journal cannot be written: {error}") from error

    def _tune(self, durable: bool) -> None:
        """Set the connection; only what is set otherwise, for SQLite compiles a PRAGMA anew each time."""
        wanted = durable, self._patience
        if wanted != self._tuned:
            self.db.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            self.db.execute(f"PRAGMA busy_timeout = {self._patience * 1000:.0f}")
            self._tuned = wanted

    def move_to_memory(self) -> None:
        """Go on without the disk, with what this process plays and has yet to tell."""
        with self.turn:
            self._move_to(storage.prepared(storage.connect(None)), None)

    def move_to_disk(self, folder: Path | None = None) -> None:
        """Bring what was kept in memory to the disk. Raises JournalError."""
        file = (folder or places.data_dir()) / FILE
        with self.turn:
            try:
                self._move_to(_sound(file), file)
            except (OSError, sqlite3.Error, JournalError) as error:
                raise JournalError(f"the journal {file} cannot be written: {error}") from error

    def _stay_on_the_disk(self) -> None:
        """If the file was deleted or replaced under us, what we wrote is in no folder any more: write it
        again.
        """
        if self._file is not None and self._is_displaced():
            log.error("the journal %s was deleted or replaced while in use; a new one is begun", self._file)
            self.move_to_disk(self._file.parent)

    def _is_displaced(self) -> bool:
        return self._inode != storage.inode(self._file)

    def _move_to(self, db: sqlite3.Connection, file: Path | None) -> None:
        """Take along what is ours; what is others' stays, if its file is in its folder still."""
        ours = "TRUE" if self._file is None or self._is_displaced() else "pid = ? AND boot = ?"
        values = (os.getpid(), processes.own_mark()) if ours != "TRUE" else ()
        try:
            rows = self.select(f"SELECT * FROM viewing WHERE {ours}", values)
            beside = {table: self.select(f"SELECT * FROM {table}") for table in storage.BESIDE_VIEWINGS}
        except JournalError:
            rows, beside = [], {}  # the old one cannot even be read
        storage.copy(rows, db)
        for table, kept in beside.items():
            storage.copy_beside(kept, db, table)
        self.db.close()
        self.db, self._file, self._inode, self._tuned = db, file, storage.inode(file), None


def _sound(file: Path) -> sqlite3.Connection:
    """The database of a file, opened by one process at a time: it may have to be replaced."""
    with places.locked(file.with_name(LOCK)):
        return salvage.sound(file)
