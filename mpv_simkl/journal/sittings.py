"""Where viewings were left that were no watch: whoever goes on from there has seen what was shown before.

Their rows are gone when Simkl has heard of their end; this is kept for a month, or until it is watched.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from ..media import Media
from ..model import Sitting
from .rows import OURS, as_json, as_text
from .store import Store

KEPT_FOR = timedelta(days=30)


class Sittings:
    """The memory of what was left, in the journal's own file."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, path: str, media: Media, account: str | None) -> list[Sitting]:
        """Where this file was left as this, one or none. Raises JournalError."""
        rows = self._store.select(
            f"SELECT * FROM sitting WHERE path = ? AND media = ? AND {OURS}",
            (path, as_json(media), account),
        )
        return [Sitting(media, row["progress"], row["played"]) for row in rows]

    def ended(self, viewing: str, at: datetime) -> None:
        """A viewing has ended, and its row says where; to be called within a transaction."""
        db = self._store.db
        db.execute("DELETE FROM sitting WHERE left_at < ?", (as_text(at - KEPT_FOR),))
        db.execute(
            "DELETE FROM sitting WHERE (path, media) = (SELECT path, media FROM viewing WHERE name = ?)",
            (viewing,),
        )
        db.execute(
            "INSERT INTO sitting SELECT path, media, account, progress, played, seen_at FROM viewing"
            " WHERE name = ? AND watched_at IS NULL",
            (viewing,),
        )
