"""Where viewings were left that were no watch: whoever goes on from there has seen what was shown before.

Their rows are gone when Simkl has heard of their end; this is kept for a month, or until it is watched.
"""

from __future__ import annotations

from datetime import UTC, timedelta

from ..media import Media
from ..model import Scrobble, Sitting
from .rows import as_json
from .store import Store

KEPT_FOR = timedelta(days=30)


class Sittings:
    """The memory of what was left, in the journal's own file."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, path: str, media: Media, account: str | None) -> list[Sitting]:
        """Where this file was left as this, one or none. Raises JournalError."""
        rows = self._store.select(
            "SELECT * FROM sitting WHERE path = ? AND media = ? AND (account IS NULL OR account IS ?)",
            (path, as_json(media), account),
        )
        return [Sitting(media, row["progress"], row["played"]) for row in rows]

    def ended(self, scrobble: Scrobble, account: str | None) -> None:
        """A viewing has ended; to be called within a transaction."""
        db, at, media = self._store.db, scrobble.at.astimezone(UTC), as_json(scrobble.media)
        db.execute("DELETE FROM sitting WHERE left_at < ?", ((at - KEPT_FOR).isoformat(),))
        db.execute("DELETE FROM sitting WHERE path = ? AND media = ?", (scrobble.path, media))
        if not scrobble.watched:
            db.execute(
                "INSERT INTO sitting VALUES (?, ?, ?, ?, ?, ?)",
                (scrobble.path, media, account, scrobble.progress, scrobble.played, at.isoformat()),
            )
