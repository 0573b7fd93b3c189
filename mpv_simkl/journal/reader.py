"""What the journal answers: the commands, the screen and the sender look into it here, and change nothing.

Rows come as `Row`; one that was damaged is left out and named in the log (`rows.readable`). Whose rows are
meant is said by each question: all, or those that this account may send, its own and nobody's. Each may raise
JournalError.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from ..errors import LONGEST_REST
from ..media import Media
from .rows import (
    OURS,
    SET_ASIDE,
    UNSENT,
    Row,
    as_text,
    is_being_told,
    is_of_another,
    readable,
    seconds_until,
    with_another,
)
from .store import Store
from .titles import Correction, applies

LOOKED_AT = 100  # rows at once
_WATCHES = f"watched_at IS NOT NULL AND state <> 'open' AND {OURS} ORDER BY watched_at DESC, id DESC"


class Reader:
    """The journal as it is looked into; `journal.Journal` is one that is written to as well."""

    def __init__(self, store: Store, account: str | None = None) -> None:
        self._store = store
        self.account = account  # set anew by the sender, which learns who has signed in

    # Lists

    def unsent(self) -> list[Row]:
        """All that Simkl does not have, whatever the reason, in the order of viewing."""
        return self._rows(f"state IN {UNSENT} ORDER BY seen_at, id")

    def done(self, since: datetime | None = None) -> Iterator[Row]:
        """The user's own watch log, oldest first: all that was watched and that Simkl has."""
        start = as_text(since) if since else ""
        return iter(self._rows("state = 'done' AND watched_at >= ? ORDER BY watched_at, id", (start,)))

    def concerned(self, by: Correction, since: datetime) -> list[Row]:
        """The viewings that a correction speaks of: all that Simkl does not have, and what it was told since
        then of this account.
        """
        told = f"state = 'done' AND watched_at >= ? AND {OURS}"
        rows = self._rows(f"state IN {UNSENT} OR ({told})", (as_text(since), self.account))
        return [row for row in rows if applies(by, row.path, row.title)]

    def these(self, ids: Sequence[int]) -> list[Row]:
        """Rows by their numbers, as they are now."""
        return [row for number in ids for row in self._rows("id = ?", (number,))]

    # One row

    def find(self, viewing: str) -> Row | None:
        """The row of a viewing by its name."""
        return next(iter(self._rows("name = ?", (viewing,))), None)

    def latest(self) -> Row | None:
        """The last watch that Simkl has, of whatever account."""
        watches = "state = 'done' AND watched_at IS NOT NULL"
        return next(iter(self._rows(f"{watches} ORDER BY watched_at DESC, id DESC LIMIT 1")), None)

    def last_watch(self) -> Row | None:
        """The last thing of this account that was watched and has ended, delivered or not."""
        return next(iter(self._rows(f"{_WATCHES} LIMIT {LOOKED_AT}", (self.account,))), None)

    def last_watch_of(self, media: Media) -> Row | None:
        """The last watch of a title by this account, whichever episode."""
        words = json.dumps(media.title).lower()
        alike = self._rows(f"instr(lower(media), ?) AND {_WATCHES}", (words, self.account))
        return next((row for row in alike if _title_of(row.media) == _title_of(media)), None)

    def was_watched_again(self, row: Row, besides: Collection[int] = ()) -> bool:
        """Does another viewing than these speak for what Simkl holds of this row: of a thing that is watched
        twice it has one mark (simkl-api 7.5).
        """
        query = """
            SELECT other.id FROM viewing AS other, viewing AS it
            WHERE it.id = ? AND other.state = 'done' AND other.watched_at IS NOT NULL
                AND other.account IS it.account AND (other.media = it.media OR other.said = it.said)
        """
        others = {found["id"] for found in self._store.select(query, (row.id,))}
        return bool(others - {row.id, *besides})

    # How things stand

    def waiting(self) -> int:
        """How many watches wait for their delivery and are ours to send."""
        watches = "state IN ('waiting', 'sending') AND watched_at IS NOT NULL"
        query = f"SELECT count(*) FROM viewing WHERE {watches} AND {OURS}"
        return int(self._store.select(query, (self.account,))[0][0])

    def set_aside(self) -> int:
        """How many viewings of ours Simkl did not take, and wait for the user."""
        query = f"SELECT count(*) FROM viewing WHERE state IN {SET_ASIDE} AND {OURS}"
        return int(self._store.select(query, (self.account,))[0][0])

    def owed(self) -> list[Row]:
        """The viewings that other players go on with, and of which Simkl has not heard the last word."""
        owed = f"SELECT * FROM viewing WHERE state = 'open' AND told AND last_error IS NOT NULL AND {OURS}"
        rows = self._store.select(owed, (self.account,))
        return list(readable(row for row in rows if with_another(row)))

    def playing(self) -> list[Row]:
        """The viewings that any player goes on with, and that Simkl has heard of for this account."""
        return self._rows("state = 'open' AND told AND account = ?", (self.account,))

    def unfinished(self) -> float | None:
        """None if Simkl knows how all viewings ended that it has heard of; else the seconds until it may be
        told of the rest. What is put off, or being sent by another process, is owed too: with the next
        `start` Simkl would end it by its own clock (simkl-api 5.6).
        """
        owed = f"SELECT * FROM viewing WHERE state IN ('waiting', 'sending') AND told AND {OURS}"
        found = self._store.select(owed, (self.account,))
        rows = [row for row in found if row["state"] == "sending" or not is_being_told(row)]
        if not rows:
            return None
        rests = [seconds_until(row["next_try"]) for row in rows]
        return max(rest if 0 < rest <= LONGEST_REST else 0.0 for rest in rests)

    def is_anothers(self, viewing: str) -> bool:
        """Is a viewing of an account that is not signed in."""
        query = f"SELECT 1 FROM viewing WHERE name = ? AND NOT {OURS}"
        return bool(self._store.select(query, (viewing, self.account)))

    def players(self) -> list[str]:
        """The IPC addresses of the players that live, the one of this process left out; what was told as
        watched may play there still.
        """
        rows = self._store.select("SELECT DISTINCT player, pid, boot FROM viewing")
        return sorted({row["player"] for row in rows if row["player"] and is_of_another(row)})

    def _rows(self, where: str, values: Sequence[object] = ()) -> list[Row]:
        return list(readable(self._store.select(f"SELECT * FROM viewing WHERE {where}", values)))


def _title_of(media: Media) -> tuple[str, str, int | None]:
    return media.type, media.title.casefold(), media.year
