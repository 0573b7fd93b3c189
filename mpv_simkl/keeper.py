"""A scrobble's way: to the disk first, to the sender second.

As long as the disk takes nothing, memory holds what is watched; whatever only memory holds is brought to the
disk as soon as that takes it.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable

from .errors import JournalError
from .journal import Journal
from .model import Action, Scrobble
from .outbox import Job, Outbox

log = logging.getLogger(__name__)

DISK_AGAIN = 30.0  # seconds between two tries to get a position back to the disk; a fact is tried at once


class Keeper:
    """Writes scrobbles down and passes them on; `broken` hears when the disk fails, `healed` when it is well
    again, on the sender's thread.
    """

    def __init__(
        self, journal: Journal, outbox: Outbox, broken: Callable[[str], None], healed: Callable[[str], None]
    ) -> None:
        self._journal = journal
        self._outbox = outbox
        self._broken = broken
        self._healed = healed
        self._disk_at = 0.0

    def keep_and_send(self, scrobbles: list[Scrobble]) -> None:
        """First to the disk, then to the sender."""
        for scrobble in scrobbles:
            self._record(scrobble)
            if scrobble.action in (Action.KEEP, Action.NOTE):
                continue
            if not self._outbox.put(scrobble):
                with contextlib.suppress(JournalError):  # the next start forgets it, then
                    self._journal.forget(scrobble.viewing)

    def _record(self, scrobble: Scrobble) -> None:
        """On disk, or in memory for as long as the disk cannot be written."""
        try:
            self._journal.record(scrobble)
        except JournalError as error:
            log.error(
                "%s; what is watched is kept in memory until it can: make room, check permissions", error
            )
            self._broken("Simkl: the journal cannot be written, see `mpv-simkl log`")
            self._journal.move_to_memory()
            self._journal.record(scrobble)
        else:
            self._back_to_disk(scrobble)

    def _back_to_disk(self, scrobble: Scrobble) -> None:
        """What only memory holds goes to the disk as soon as that takes it; by the sender, for it holds rows
        by their numbers, which may change.
        """
        now = time.monotonic()
        if self._journal.on_disk or (scrobble.action is Action.NOTE and now < self._disk_at):
            return
        self._disk_at = now + DISK_AGAIN
        self._outbox.ask(Job(lambda _: self._move_to_disk(), lambda error: log.info("%s", error)))

    def _move_to_disk(self) -> None:
        if not self._journal.on_disk:
            self._journal.move_to_disk()
            log.info("the journal is on the disk again")
            self._healed("Simkl: the journal can be written again")
