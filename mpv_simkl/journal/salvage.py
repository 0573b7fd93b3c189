"""A damaged journal gives way to a new one, with all that can still be read of it.

How nothing is lost on the way: the new one is made in a folder of its own beside the old one. Once it is
whole and on the disk it is named `journal.saved-...`, then the old one makes way as `journal.broken-...`,
then the new one takes its place. Whoever is killed in between leaves the old one where it was, or none and
the new one whole; the next start goes on from either. What fails raises, and the old one stays.

Every start looks in here, and hardly any finds damage: what only that needs is imported then.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import JournalError
from ..faultpoints import reach
from .storage import (
    BESIDE,
    BESIDE_VIEWINGS,
    FAILING,
    NOT_BROKEN,
    code,
    columns,
    connect,
    copy,
    copy_beside,
    migrate,
    past_damage,
    prepared,
)

if TYPE_CHECKING:
    from .pages import Record, Value

log = logging.getLogger(__name__)

UNREADABLE = 1000  # rows in a row that may fail before the rest of their table is left to `pages`
TABLES = ("viewing", *BESIDE_VIEWINGS)
LEAST = {"viewing": 18}  # columns, in its first version
HEADS = (b"SQLite format 3\0",)  # how a database begins (sqlite.org/fileformat2.html, 1.3)
LOG_HEADS = (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")  # and its log (4.1)
WORKSHOP = "journal.salvage-"  # a folder, gone when the new journal is made


def sound(file: Path) -> sqlite3.Connection:
    """A connection to a journal that passed its check; a damaged one is replaced and kept beside it.

    For one process at a time. Raises OSError, sqlite3.Error, JournalError.
    """
    _tidy(file)
    try:
        _look_at_heads(file)
        return prepared(connect(file))
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:  # SQLite's message may quote what is broken
        if code(error) in NOT_BROKEN:
            raise
        whole, saved = _salvaged(file)
        aside = _aside(whole)
        file.replace(aside)
        reach("salvage.aside")
        _take_place(whole, file)
        log.error(
            "the journal was damaged (%s): kept as %s, %d viewings of it were saved", error, aside, saved
        )
        return prepared(connect(file))


def _look_at_heads(file: Path) -> None:
    """SQLite removes the log of what it takes for no database, and a log that it takes for none, without a
    word. Raises sqlite3.DatabaseError.
    """
    if not file.exists():  # then what lies beside it is nobody's
        return
    for part, heads in zip(_parts(file), (HEADS, LOG_HEADS), strict=False):
        with suppress(FileNotFoundError), part.open("rb") as raw:
            if raw.read(len(heads[0])) not in (*heads, b""):
                raise sqlite3.DatabaseError(f"{part.name} does not begin as such a file does")


def _tidy(file: Path) -> None:
    """End what a salvage that was killed had begun."""
    for workshop in file.parent.glob(f"{WORKSHOP}*"):
        import shutil

        shutil.rmtree(workshop)
    for whole in file.parent.glob(f"{file.stem}.saved-*{file.suffix}"):
        if file.exists():  # somebody may have written to it since
            whole.unlink()
        else:
            _take_place(whole, file)


def _take_place(whole: Path, file: Path) -> None:
    """The new journal becomes the journal; what SQLite had beside the old one would spoil it."""
    aside = _aside(whole)
    for old, kept in zip(_parts(file)[1:], _parts(aside)[1:], strict=True):
        if old.exists():
            old.replace(kept)
    whole.replace(file)


def _aside(whole: Path) -> Path:
    return whole.with_name(whole.name.replace(".saved-", ".broken-"))


def _parts(file: Path) -> list[Path]:
    return [file.with_name(file.name + suffix) for suffix in ("", *BESIDE)]


def _salvaged(file: Path) -> tuple[Path, int]:
    """A new journal, whole and on the disk, and how many viewings it has."""
    import tempfile

    mark = f"{time.strftime('%Y%m%dT%H%M%S')}-{os.urandom(3).hex()}"
    whole = file.with_name(f"{file.stem}.saved-{mark}{file.suffix}")
    before = _looks(file)
    with tempfile.TemporaryDirectory(prefix=WORKSHOP, dir=file.parent) as folder:
        new = Path(folder) / "new.db"
        saved = _fill(new, _copied(file, Path(folder)))
        reach("salvage.filled")
        if _looks(file) != before:
            raise JournalError("it is damaged, and was written to while it was being saved; try again")
        new.replace(whole)
    reach("salvage.whole")
    return whole, saved


def _looks(file: Path) -> list[tuple[int, int]]:
    """What differs after a player that still has it open has written."""
    found = [part.stat() for part in _parts(file)[:2] if part.exists()]
    return [(part.st_size, part.st_mtime_ns) for part in found]


def _copied(file: Path, folder: Path) -> Path:
    """A copy to read from: SQLite changes what it opens."""
    import shutil

    for part in _parts(file)[:2]:
        if part.exists():
            shutil.copy(part, folder)
    return folder / file.name


def _fill(new: Path, old: Path) -> int:
    """Make a journal with what can be read of another; gives how many viewings."""
    from .pages import records

    _bring_in_log(old)
    raw = old.read_bytes()  # before SQLite makes tables where it sees none
    with closing(prepared(connect(new))) as db:
        db.execute("PRAGMA journal_mode = MEMORY")  # one file, and nothing is to be undone in it
        db.execute("PRAGMA synchronous = FULL")  # on the disk with the end of each transaction
        copy(_rows(old, "viewing"), db)
        has = {row["name"] for row in _all(db, "viewing")}
        with closing(_strays(records(raw))) as strays:
            copy((row for row in _all(strays, "viewing") if row["name"] not in has), db)
            for table in BESIDE_VIEWINGS:
                copy_beside(_rows(old, table), db, table)
                copy_beside(_all(strays, table), db, table)
        (saved,) = db.execute("SELECT count(*) FROM viewing").fetchone()
    return int(saved)


def _bring_in_log(old: Path) -> None:
    """Put the newer pages into their places, by hand where SQLite would make nothing of the log."""
    file, log_of_it = _parts(old)[:2]
    try:
        _look_at_heads(old)
    except sqlite3.DatabaseError:
        if log_of_it.exists():
            _write_pages(file, log_of_it.read_bytes())
            log_of_it.unlink()
    else:
        with past_damage(), closing(connect(old)) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _write_pages(file: Path, wal: bytes) -> None:
    from .pages import PAGE, logged

    pages = logged(wal)
    most = file.stat().st_size // PAGE + len(pages)
    with file.open("r+b") as raw:
        for number, page in pages.items():
            if 0 < number <= most:
                raw.seek((number - 1) * PAGE)
                raw.write(page)


def _all(db: sqlite3.Connection, table: str) -> Iterable[sqlite3.Row]:
    return db.execute(f"SELECT * FROM {table}")


def _rows(file: Path, table: str) -> Iterator[sqlite3.Row]:
    """Every row of a damaged journal's table that can still be read."""
    with closing(connect(file)) as db:
        with past_damage():  # an older one has fewer columns
            migrate(db)
        yield from _rows_one_by_one(db, table)


def _strays(found: Iterable[Record]) -> sqlite3.Connection:
    """A journal in memory of rows to which no way leads any more; of several states of one the last.

    A row has as many columns as its table had when it was made, the first one empty where that is its number;
    each takes its own kind of value only: by that it is known of which table it is.
    """
    strays = prepared(connect(None))
    named = {table: columns(strays, table) for table in TABLES}
    for number, values in found:
        whole = [number if value is None else value for value in values[:1]] + values[1:]
        for table, names in named.items():
            if LEAST.get(table, len(names)) <= len(values) <= len(names):
                with past_damage():
                    _insert(strays, table, names[: len(values)], whole)
    return strays


def _insert(db: sqlite3.Connection, table: str, names: list[str], values: list[Value]) -> None:
    """Raises sqlite3.Error for values of the wrong kind: our tables are STRICT."""
    marks = ", ".join("?" * len(values))
    db.execute(f"INSERT OR REPLACE INTO {table} ({', '.join(names)}) VALUES ({marks})", values)


def _rows_one_by_one(db: sqlite3.Connection, table: str) -> Iterator[sqlite3.Row]:
    """The rows that can be read, past those that cannot."""
    number, failed = 0, 0
    query = f"SELECT rowid AS row, * FROM {table} WHERE rowid > ? ORDER BY rowid LIMIT 1"
    while failed < UNREADABLE:
        try:
            row = db.execute(query, (number,)).fetchone()
        except OverflowError:  # past the largest number there is
            return
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            if code(error) in FAILING:
                raise
            number, failed = number + 1, failed + 1
            continue
        if row is None:
            return
        if row["row"] <= number:  # the pages are out of order, and would be read round and round
            number, failed = number + 1, failed + 1
            continue
        number, failed = row["row"], 0
        yield row
