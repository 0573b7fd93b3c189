"""The journal: what was watched and what Simkl has acknowledged of it. The door to the disk, SQLite's only
keeper. Here is all that changes it; what only looks into it is `reader`'s.

One viewing is one row, from the moment it begins. Where a row may go:

    open ------ended------> waiting ----claimed----> sending ----acknowledged----> done
     |                       ^    ^                    |
     |                       |    '-----no answer------+--not matched---> not_found --retry--> waiting
     '--its process died-----'                         +--namesake------> doubtful ---match--> waiting
                                                       '--refused-------> refused ----retry--> waiting

`match` lets any of these three wait again as what the user says, and a `done` row whose mark is taken back.
A viewing that ended as no watch waits too, as a *position* (its `watched_at` is NULL): Simkl may still hold a
session of it, which would count up to 100 % by Simkl's clock (simkl-api 5.6). It is gone when Simkl has heard
of its end, or at once if Simkl never heard of it. Rows that are `done` are the user's own watch log.

How a write survives: facts are committed with `synchronous=FULL`, so that a power cut cannot take them back;
the position, noted every ten seconds, with NORMAL, which a kill -9 cannot take back and which wakes no disk.
If the disk cannot be written any more (full, read-only, the file deleted under us), the journal goes on in
memory, and back to the disk as soon as that takes it (keeper.Keeper).
"""

from __future__ import annotations

import itertools
import logging
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from .. import places, processes
from ..errors import LONGEST_REST
from ..faultpoints import reach
from ..media import Media
from ..model import Action, Scrobble
from .reader import LOOKED_AT, Reader
from .rows import (
    OURS,
    SET_ASIDE,
    UNSENT,
    Row,
    Settled,
    as_columns,
    as_json,
    as_place,
    as_text,
    is_being_told,
    is_mine,
    is_on_its_way,
    readable,
    with_another,
)
from .sittings import Sittings
from .store import Store
from .titles import Titles

log = logging.getLogger(__name__)

MAX_ERROR = 300  # characters kept of a last_error
UNDO_WITHIN = timedelta(days=1)  # a watch older than that may stand on purpose


class Journal(Reader):
    """The journal, to be shared by the threads of one process; a context manager that closes it."""

    def __init__(self, store: Store, account: str | None = None) -> None:
        super().__init__(store, account)
        self.titles = Titles(store)
        self.sittings = Sittings(store)
        # Both are set by whoever follows an mpv.
        self.held: Callable[[str], bool] = lambda _: False  # viewings whose end this process is about to tell
        self.player = ""  # the IPC address of the mpv whose viewings are recorded

    @classmethod
    def open(cls, folder: Path | None = None, account: str | None = None) -> Journal:
        """The journal on disk, made if there is none; a broken one is moved aside, and what can be read of it
        kept.

        Rows of `account` and of nobody are ours to send. Raises JournalError.
        """
        return cls(Store.open(folder or places.data_dir()), account)

    @classmethod
    def in_memory(cls, account: str | None = None) -> Journal:
        """A journal that lasts as long as this process: for a disk that cannot be written."""
        return cls(Store.in_memory(), account)

    @property
    def on_disk(self) -> bool:
        """Will what is written here outlive this process."""
        return self._store.on_disk

    def move_to_memory(self) -> None:
        """Go on without the disk, with what this process plays and has yet to tell."""
        self._store.move_to_memory()

    def move_to_disk(self, folder: Path | None = None) -> None:
        """Bring what was kept in memory to the disk. Raises JournalError."""
        self._store.move_to_disk(folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._store.close()

    # A viewing goes on

    def record(self, scrobble: Scrobble) -> None:
        """Write down where a viewing stands, before anybody is told. Raises JournalError."""
        reach("journal.recording")
        is_note = scrobble.action is Action.NOTE
        with self._store.writing(durable=not is_note):
            if not (is_note and self._is_noted(scrobble)):
                self._store.db.execute(_RECORD, as_columns(scrobble, self.account, self.player))
            if scrobble.ended:
                self.sittings.ended(scrobble.viewing, scrobble.at)
        reach("journal.recorded")

    def _is_noted(self, scrobble: Scrobble) -> bool:
        """Was the place all that had to be written: no more of its row, no page of the index."""
        if scrobble.watched:  # its time changes as well
            return False
        return self._store.db.execute(_NOTE, as_place(scrobble, self.account)).rowcount == 1

    def telling(self, viewing: str) -> None:
        """Simkl may hear of a viewing from now on, which is this account's by that. Raises JournalError."""
        with self._store.writing() as db:
            db.execute("UPDATE viewing SET told = TRUE, account = ? WHERE name = ?", (self.account, viewing))

    def untold(self, viewing: str) -> None:
        """Simkl holds no unfinished session of a viewing. Raises JournalError."""
        with self._store.writing() as db:
            db.execute("UPDATE viewing SET told = FALSE, told_as = NULL WHERE name = ?", (viewing,))

    def are_sure(self, viewings: Iterable[tuple[str, Media, Media]]) -> None:
        """What Simkl is to be told from now on of viewings, each by its name and what it was taken for: what
        the user has corrected meanwhile stays so. Raises JournalError.
        """
        with self._store.writing(durable=False) as db:
            db.executemany(
                "UPDATE viewing SET said = ? WHERE name = ? AND media = ?",
                [(as_json(said), viewing, as_json(media)) for viewing, media, said in viewings],
            )

    def owe(self, viewing: str, reason: str | None) -> None:
        """Simkl has not heard the last word about a viewing that goes on, and counts on by its own clock;
        with None it has. Raises JournalError.
        """
        with self._store.writing():
            self._store.db.execute(
                "UPDATE viewing SET last_error = ? WHERE name = ? AND state = 'open' AND told",
                (reason and reason[:MAX_ERROR], viewing),
            )

    def forget(self, viewing: str) -> None:
        """A viewing that was no watch is over, for Simkl too. Raises JournalError."""
        with self._store.writing():
            self._store.db.execute(f"{self._delete} WHERE name = ? AND watched_at IS NULL", (viewing,))

    def take_over(self, *, starting: bool = False) -> int:
        """End the viewings whose process died; gives how many. What it was sending waits again.

        To a process that is `starting`, what bears its own number already is a dead one's, too. Costs a read
        if nobody died. Raises JournalError.
        """
        if not self._orphans(starting):
            return 0
        with self._store.writing():
            left = self._orphans(starting)
            for row in left:
                if row["state"] == "open":
                    self.sittings.ended(row["name"], datetime.now(UTC))
            self._release([row["id"] for row in left])
            unheard = [(row["id"],) for row in left if row["watched_at"] is None and not row["told"]]
            self._store.db.executemany("DELETE FROM viewing WHERE id = ?", unheard)
        ended = [row for row in left if row["state"] == "open"]
        if named := "; ".join(f"{row.media} at {row.progress:g} %" for row in readable(ended)):
            log.warning("a player ended without a word; its viewings are ended now: %s", named)
        return len(ended)

    def _orphans(self, starting: bool) -> list[sqlite3.Row]:
        rows = self._store.select(
            "SELECT * FROM viewing WHERE state IN ('open', 'sending')"
            " OR (state IN ('waiting', 'done') AND watched_at IS NULL AND NOT told)"
        )
        return [row for row in rows if not with_another(row) and (starting or not is_mine(row))]

    # Delivery

    def claim(self, episodes: int, *, told: bool = False) -> list[Row]:
        """Take the oldest waiting watches for one call, at most so many episodes in all; with `told`, only
        those that Simkl may hold an unfinished session of.

        Nothing while another living process is sending: one is enough, and it keeps the order of viewing.
        What a dead process had claimed is waiting again. Raises JournalError.
        """
        only = " AND watched_at IS NOT NULL" + (" AND told" if told else "")
        rows = self._claim(only + " ORDER BY watched_at, id", episodes)
        reach("replay.claimed")
        return rows

    def claim_position(self) -> Row | None:
        """Take the oldest ended viewing that was no watch and that Simkl may hold an unfinished session of;
        else as `claim`.
        """
        rows = self._claim(" AND watched_at IS NULL AND told ORDER BY seen_at, id", 1)
        return rows[0] if rows else None

    def due(self, *, told: bool = False) -> list[Row]:
        """The first of the waiting watches that may be claimed next; with `told`, whatever Simkl may hold an
        unfinished session of.
        """
        which = (
            " AND told ORDER BY seen_at, id"
            if told
            else " AND watched_at IS NOT NULL ORDER BY watched_at, id"
        )
        return list(readable(itertools.islice(self._due(which), LOOKED_AT)))

    def _claim(self, which: str, episodes: int) -> list[Row]:
        with self._store.writing():
            sending = self._store.select("SELECT * FROM viewing WHERE state = 'sending'")
            if any(with_another(row) for row in sending):
                return []
            self._release([row["id"] for row in sending], tried=1)  # or its player would be waited for
            free = (row for row in self._due(which) if not is_being_told(row) and not self.held(row["name"]))
            rows = _no_more_than(episodes, readable(free))
            self._take([row.id for row in rows])
        return rows

    def _due(self, which: str) -> Iterator[sqlite3.Row]:
        """A few at a time, for thousands may wait."""
        query, values = f"SELECT * FROM viewing WHERE {_DUE}{which} LIMIT ? OFFSET ?", _not_due()
        for past in itertools.count(step=LOOKED_AT):
            found = self._store.select(query, (self.account, *values, LOOKED_AT, past))
            yield from found
            if len(found) < LOOKED_AT:
                return

    def settle(
        self,
        ids: Sequence[int],
        state: Settled,
        reason: str | None = None,
        told: Mapping[int, datetime] | None = None,
    ) -> None:
        """Simkl has answered for good; `told`: at what time it was told each was watched, which the row holds
        from now on. Raises JournalError.
        """
        times = {row: as_text(at) for row, at in (told or {}).items()}
        with self._store.writing() as db:
            db.executemany(_SETTLE, [(state, reason, times.get(row), row) for row in ids])

    def put_off(self, ids: Sequence[int], reason: str, seconds: float = 0.0) -> None:
        """It was tried in vain and waits on, for so long at least. Raises JournalError."""
        next_try = as_text(datetime.now(UTC) + timedelta(seconds=seconds)) if seconds else None
        with self._store.writing() as db:
            db.executemany(_PUT_OFF, [(reason[:MAX_ERROR], next_try, row) for row in ids])

    def release(self, ids: Sequence[int]) -> None:
        """Give back what was claimed and not tried. Raises JournalError."""
        with self._store.writing():
            self._release(ids)

    # By the user's hand

    def retry(self, ids: Sequence[int] = ()) -> int:
        """Let rows that were set aside wait again, all or these; gives how many. Raises JournalError."""
        with self._store.writing():
            rows = self._rows(f"state IN {SET_ASIDE}")
            again = [row.id for row in rows if not ids or row.id in ids]
            self._release(again)
            self.titles.forget_misses()
            self._store.db.execute(_HURRY)
        return len(again)

    def hurry(self) -> None:
        """Whatever waits may be tried at once, however long it was put off. Raises JournalError."""
        with self._store.writing():
            self._store.db.execute(_HURRY)

    def correct(self, row: Row, media: Media) -> bool:
        """The user says what a viewing was; one that Simkl has, or that was set aside, waits again.

        False while another player sends it, and if it is not what it was. Raises JournalError.
        """
        with self._store.writing() as db:
            if not self._is_free(row):
                return False
            db.execute(
                "UPDATE viewing SET recognised = coalesce(recognised, media), media = ?, said = ?,"
                " attempts = min(attempts, 1), last_error = NULL, next_try = NULL,"
                " told_as = CASE WHEN told AND state <> 'done' THEN coalesce(told_as, said, media) END,"
                " state = CASE WHEN state IN ('open', 'sending') THEN state ELSE 'waiting' END WHERE id = ?",
                (as_json(media), as_json(media), row.id),
            )
            return True

    def drop(self, ids: Sequence[int]) -> int:
        """Delete rows that Simkl does not have, open ones left out; gives how many. Of an unfinished session
        that Simkl may hold, and would complete by itself (simkl-api 5.6), the place is left to be told.
        Raises JournalError.
        """
        with self._store.writing():
            rows = self._rows(f"state IN {UNSENT} AND state NOT IN ('open', 'sending')")
            gone = [(row.id,) for row in rows if row.id in ids]
            self._store.db.executemany("DELETE FROM viewing WHERE id = ? AND NOT told", gone)
            self._store.db.executemany(_LEAVE_ITS_PLACE, gone)
        return len(gone)

    def take_back(self, row: Row) -> bool:
        """It was no watch after all; of what Simkl may hold an unfinished session of, the place is left to be
        told. False while another player sends it, and if it is not what it was. Raises JournalError.
        """
        with self._store.writing() as db:
            if not self._is_free(row):
                return False
            change = "UPDATE viewing SET watched_at = NULL WHERE id = ? AND state = 'waiting' AND told"
            if db.execute(change, (row.id,)).rowcount == 0:
                db.execute(f"{self._delete} WHERE id = ? AND state <> 'open'", (row.id,))
            return True

    def _is_free(self, row: Row) -> bool:
        """Is a row what it was, and nobody about to tell Simkl of it."""
        now = self._store.select("SELECT * FROM viewing WHERE id = ?", (row.id,))
        if not now or now[0]["state"] != row.state or is_on_its_way(now[0]):
            return False
        return row.state != "waiting" or not self.held(row.name)

    def prune(self, days: float) -> None:
        """Forget what was done so many days before the last thing that was: a clock that runs ahead for an
        evening must not empty the log. Raises JournalError.
        """
        with self._store.writing() as db:
            db.execute(_PRUNE, (f"-{days} days", as_text(datetime.now(UTC))))

    @property
    def _delete(self) -> str:
        """In memory it is only marked, for the disk may hold it too, as `done` perhaps, which only another
        `done` undoes there; the next start deletes it.
        """
        state = "CASE state WHEN 'done' THEN state ELSE 'waiting' END"
        mark = f"UPDATE viewing SET state = {state}, told = FALSE, watched_at = NULL"
        return "DELETE FROM viewing" if self.on_disk else mark

    def _take(self, ids: Sequence[int]) -> None:
        """What is being sent has no next try; there it says since when (`with_another`)."""
        mine = os.getpid(), processes.own_mark(), as_text(datetime.now(UTC))
        self._store.db.executemany(
            "UPDATE viewing SET state = 'sending', pid = ?, boot = ?, next_try = ? WHERE id = ?",
            [(*mine, row) for row in ids],
        )

    def _release(self, ids: Sequence[int], tried: int = 0) -> None:
        """`tried`: how often at least."""
        self._store.db.executemany(
            "UPDATE viewing SET state = 'waiting', next_try = NULL, attempts = max(attempts, ?) WHERE id = ?",
            [(tried, row) for row in ids],
        )


_DUE = f"state = 'waiting' AND {OURS} AND (next_try IS NULL OR NOT next_try BETWEEN ? AND ?)"
_UNLESS_DONE = "WHERE id = ? AND state <> 'done'"  # no receipt is taken back: another player may have had it
_HURRY = "UPDATE viewing SET next_try = NULL WHERE state = 'waiting'"
_LEAVE_ITS_PLACE = "UPDATE viewing SET state = 'waiting', watched_at = NULL, next_try = NULL WHERE id = ?"
_SETTLE = f"""
    UPDATE viewing SET state = ?, attempts = max(attempts, 1), last_error = ?, next_try = NULL,
        seen_at = coalesce(?3, seen_at), watched_at = coalesce(?3, watched_at) {_UNLESS_DONE}
"""
_PUT_OFF = f"""
    UPDATE viewing SET state = 'waiting', attempts = attempts + 1, last_error = ?, next_try = ? {_UNLESS_DONE}
"""

_PRUNE = """
    DELETE FROM viewing WHERE state = 'done' AND watched_at < (
        SELECT strftime('%Y-%m-%dT%H:%M:%fZ', max(watched_at), ?) FROM viewing
        WHERE state = 'done' AND watched_at <= ?)
"""

_RECORD = """
    INSERT INTO viewing (name, account, media, state, began_at, seen_at, uptime, clock, watched_at, progress,
        played, pid, boot, path, title, said, player, recognised)
    VALUES (:name, :account, :media, :state, :at, :at, :uptime, :clock, :watched_at, :progress,
        :played, :pid, :boot, :path, :title, :said, :player, :recognised)
    ON CONFLICT (name) DO UPDATE SET state = excluded.state, seen_at = excluded.seen_at,
        uptime = excluded.uptime, clock = excluded.clock, watched_at = excluded.watched_at,
        progress = excluded.progress, played = excluded.played,
        account = CASE WHEN told THEN account ELSE excluded.account END,
        media = CASE WHEN excluded.said IS NULL THEN media ELSE excluded.media END,
        said = coalesce(excluded.said, said),
        told_as = CASE WHEN told AND excluded.said <> coalesce(said, media)
            THEN coalesce(told_as, said, media) ELSE told_as END
"""

_NOTE = """
    UPDATE viewing SET seen_at = :at, uptime = :uptime, progress = :progress, played = :played
    WHERE name = :name AND state = 'open' AND watched_at IS NULL AND account IS :account
"""


def _no_more_than(episodes: int, rows: Iterable[Row]) -> list[Row]:
    """The first rows that together have no more episodes than that, one row at least."""
    taken: list[Row] = []
    for row in rows:
        episodes -= max(len(row.media.episodes), len(row.media.absolute_episodes), 1)
        if taken and episodes < 0:
            break
        taken.append(row)
    return taken


def _not_due() -> tuple[str, str]:
    """The first and the last time at which a row may still have to wait."""
    now = datetime.now(UTC)
    return as_text(now), as_text(now + timedelta(seconds=LONGEST_REST))
