"""Delivery: send now, keep what failed, replay it later. One thread of its own does all of it.

How it flows: the tracker's scrobbles arrive in the journal first and in the outbox second; the sender takes
them out one at a time and tells Simkl; a watch that Simkl acknowledges is settled in the journal, any other
stays there and is replayed to /sync/history after the next success. The player never waits for any of it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Literal

from .bodies import Watch, numbering
from .errors import JournalError, MpvSimklError, NotMatched, Refused, TryLater
from .journal import Journal, Row
from .model import Action, Media, Scrobble

if TYPE_CHECKING:  # it imports requests, which is for the sender's thread to wait for
    from .simkl import Simkl

log = logging.getLogger(__name__)

SETTLES = 1.5  # seconds: a pause taken back within this time is no pause (simkl-api 5.7)
BATCH = 50  # episodes in one call (simkl-api 7.5)


class Order(Enum):
    """What the sender is asked to do besides telling a scrobble."""

    REPLAY = auto()


@dataclass(frozen=True, slots=True)
class Letter:
    """A scrobble in the outbox, and the monotonic time from which it may go."""

    scrobble: Scrobble
    due: float


class Outbox:
    """What Simkl is still to be told: at most one thing about each viewing, the oldest viewing first.

    A newer word about a viewing takes the place of one that has not gone out: rapid pausing sends the last
    state only, and a file that was skipped before Simkl heard of it is never mentioned.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._letters: dict[str, Letter] = {}
        self._told: dict[str, Action] = {}
        self._replay = self._closed = False

    def put(self, scrobble: Scrobble, *, told_before: bool = False) -> None:
        """Leave something to be told; never waits. `told_before`: an earlier process began to tell of this
        viewing.
        """
        with self._changed:
            told = told_before or scrobble.viewing in self._told
            if scrobble.ended and not scrobble.watched and not told:
                self._letters.pop(scrobble.viewing, None)
                return
            due = self._clock() + (SETTLES if told and not scrobble.ended else 0.0)
            self._letters[scrobble.viewing] = Letter(scrobble, due)
            self._changed.notify()

    def replay(self) -> None:
        """Ask for what waits in the journal to be sent, once nothing more urgent is left."""
        with self._changed:
            self._replay = True
            self._changed.notify()

    def close(self) -> None:
        """Nothing more will come; what is here goes out at once."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def take(self) -> Scrobble | Literal[Order.REPLAY] | None:
        """The next thing to do, waited for; None after the last one."""
        with self._changed:
            while True:
                letter = next(iter(self._letters.values()), None)
                wait = None if letter is None else letter.due - self._clock()
                if letter is not None and (self._closed or letter.due <= self._clock()):
                    if (scrobble := self._pop(letter)) is not None:
                        return scrobble
                elif self._replay:
                    self._replay = False
                    return Order.REPLAY
                elif self._closed:
                    return None
                else:
                    self._changed.wait(wait)

    def _pop(self, letter: Letter) -> Scrobble | None:
        """The scrobble to tell; None if Simkl was told just that before."""
        scrobble = letter.scrobble
        del self._letters[scrobble.viewing]
        if scrobble.ended:
            self._told.pop(scrobble.viewing, None)
        elif self._told.get(scrobble.viewing) is scrobble.action:
            return None
        else:
            self._told[scrobble.viewing] = scrobble.action
        return scrobble


class Sender:
    """Takes from the outbox and tells Simkl; `connect` gives the connection or raises why there is none."""

    def __init__(self, outbox: Outbox, journal: Journal, connect: Callable[[], Simkl]) -> None:
        self._outbox = outbox
        self._journal = journal
        self._connect = connect
        self._simkl: Simkl | None = None

    def run(self) -> None:
        """Work until the outbox is closed and empty."""
        with suppress(MpvSimklError):  # whoever is not signed in is told when there is something to send
            self._client()
        while (order := self._outbox.take()) is not None:
            try:
                self._replay() if order is Order.REPLAY else self._deliver(order)
            except JournalError as error:
                log.error("%s; make room or check the permissions", error)
            except Exception:
                log.exception("a fault in mpv-simkl; what was watched is in the journal")

    def _client(self) -> Simkl:
        if self._simkl is None:
            self._simkl = self._connect()
        return self._simkl

    def _deliver(self, scrobble: Scrobble) -> None:
        what = f"{scrobble.action} {scrobble.media} at {scrobble.progress:g} %"
        try:
            reply = self._client().scrobble(scrobble.action, scrobble.media, scrobble.progress)
        except MpvSimklError as error:
            self._failed(scrobble, what, error)
            return
        log.info("sent %s: Simkl answered %s%s", what, reply, ", watched" if reply.counted else "")
        if scrobble.ended and scrobble.watched and reply.counted and _is_whole(scrobble.media):
            self._settle(scrobble)
        if self._journal.waiting():
            self._outbox.replay()

    def _settle(self, scrobble: Scrobble) -> None:
        if (row := self._journal.find(scrobble.viewing)) is not None:
            self._journal.settle([row.id], "done")

    def _failed(self, scrobble: Scrobble, what: str, error: MpvSimklError) -> None:
        row = self._journal.find(scrobble.viewing) if scrobble.ended and scrobble.watched else None
        if row is None:
            log.warning("not sent: %s: %s", what, error)
            return
        if (state := _final(error)) is not None:
            self._journal.settle([row.id], state, str(error))
            log.error("set aside: %s: %s", what, error)
        else:
            self._journal.put_off([row.id], str(error))
            log.warning("kept for later: %s: %s", what, error)

    def _replay(self) -> None:
        """One batch; the next one waits until scrobbles that came meanwhile are out."""
        try:
            if replay_batch(self._journal, self._client()):
                self._outbox.replay()
        except TryLater as error:
            log.warning("waiting on: %d watched, not yet at Simkl: %s", len(self._journal.waiting()), error)


def replay_batch(journal: Journal, simkl: Simkl) -> bool:
    """Send the oldest waiting watches, at most 50 episodes; True if any may be left.

    Raises TryLater when Simkl takes nothing now; the journal holds the reason.
    """
    rows, left = _batch(journal.waiting())
    sendable = [row for row in rows if not _unsayable(journal, row)]
    if sendable:
        _send(journal, simkl, sendable)
    return left


def _batch(waiting: Sequence[Row]) -> tuple[list[Row], bool]:
    episodes, rows = 0, list[Row]()
    for row in waiting:
        episodes += max(len(row.media.episodes), 1)
        if rows and episodes > BATCH:
            return rows, True
        rows.append(row)
    return rows, False


def _unsayable(journal: Journal, row: Row) -> bool:
    """Set a row aside that no body can be built from."""
    try:
        row.media.type == "movie" or numbering(row.media)
    except NotMatched as error:
        journal.settle([row.id], "not_found", str(error))
        return True
    return False


def _send(journal: Journal, simkl: Simkl, rows: Sequence[Row]) -> None:
    """Send rows in one call; if they are refused, halve them until the bad one is alone (simkl-api 17.8)."""
    ids = [row.id for row in rows]
    try:
        unknown = simkl.add_to_history([Watch(row.id, row.media, row.at) for row in rows])
    except TryLater as error:
        journal.put_off(ids, str(error))
        raise
    except (Refused, NotMatched) as error:
        if len(rows) == 1:
            journal.settle(ids, "refused", str(error))
            log.error("set aside: %s: %s", rows[0].media, error)
            return
        _send(journal, simkl, rows[: len(rows) // 2])
        _send(journal, simkl, rows[len(rows) // 2 :])
        return
    journal.settle([row for row in ids if row not in unknown], "done")
    journal.settle(
        [row for row in ids if row in unknown], "not_found", "Simkl knows no such title or episode"
    )
    log.info("replayed watched=%d not_found=%d", len(ids) - len(unknown), len(unknown))


def _final(error: MpvSimklError) -> Literal["not_found", "refused"] | None:
    match error:
        case NotMatched():
            return "not_found"
        case Refused():
            return "refused"
    return None


def _is_whole(media: Media) -> bool:
    """Does one scrobble speak for all that was watched (simkl-api 17.14)?"""
    return max(len(media.episodes), len(media.absolute_episodes)) <= 1
