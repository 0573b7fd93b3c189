"""Delivery: send now, keep what failed, have it replayed later. One thread of its own does all of it.

How it flows: the tracker's scrobbles arrive in the journal first and in the outbox second; the sender takes
them out one at a time and tells Simkl; a watch that Simkl acknowledges is settled in the journal, any other
stays there and is replayed to /sync/history, with its own time, after the next success. Before a `start`,
whatever Simkl may still hold an unfinished session of is finished, or Simkl would do that by its own clock
(simkl-api 5.6).
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from . import elsewhere
from .errors import (
    Doubtful,
    JournalError,
    LoginNeeded,
    MpvSimklError,
    NoAnswer,
    NotMatched,
    Refused,
    SimklError,
    SomebodyElse,
    TooLate,
    TryLater,
    without_call,
)
from .faultpoints import reach
from .journal import Journal, Row
from .matching import UNKNOWN, Matcher
from .media import Media
from .model import WATCHED_PERCENT, Action, Scrobble
from .news import News, What
from .outbox import Connect, Job, Order, Outbox, Replay
from .replay import final, finish_sessions, replay_batch, when
from .telling import Teller

if TYPE_CHECKING:  # it imports requests, which is for the sender's thread to wait for
    from .simkl import Reply, Simkl

log = logging.getLogger(__name__)

# Seconds, and up to one more; then not before the next event (simkl-api 13).
BACK_OFF = (1.0, 2.0, 4.0, 8.0, 16.0)


class Sender:
    """Takes from the outbox and tells Simkl; `connect` gives the connection or raises why there is none.

    `complain` hears each time that the user has to sign in, `report` what became of each scrobble;
    `search_file` says whether Simkl may be asked about file names.
    """

    def __init__(  # noqa: PLR0913 - whoever listens is told by name, and may be left out
        self,
        outbox: Outbox,
        journal: Journal,
        connect: Connect,
        *,
        complain: Callable[[LoginNeeded], None] = lambda _: None,
        report: Callable[[News], None] = lambda _: None,
        search_file: Callable[[], bool] = lambda: False,
    ) -> None:
        self._outbox = outbox
        self._journal = journal
        self._connect = connect
        self._complain = complain
        self._report = report
        self._matcher = Matcher(journal.titles, search_file)
        self._teller = Teller(journal, self._matcher)
        self._simkl: Simkl | None = None
        self._owed: set[str] = set()  # viewings that go on, and of which it has not heard the last word
        self._begun: set[str] = set()  # viewings of which something was to be told
        self._unknown: set[str] = set()  # viewings that Simkl could not match: asked once (simkl-api 5.8)
        self._vain = 0  # tries since the last success
        self._held_back: Scrobble | None = None  # a start that waits for the end of an earlier viewing

    def run(self) -> None:
        """Work until the outbox is closed and empty."""
        # Whoever is not signed in is told when there is something to send.
        order: Order | None = Job(_look_for_a_connection, lambda _: None)
        while order is not None:
            try:
                self._do(order)
            except JournalError as error:
                log.error("%s; make room or check the permissions", error)
            except Exception:  # the edge of a thread: one bad order must not end the sending of all others
                log.exception("a fault in mpv-simkl; what was watched is in the journal")
            order = self._outbox.take()

    def _do(self, order: Order) -> None:
        match order:
            case Scrobble():
                self._deliver(order)
            case Job():
                self._work(order)
            case Replay():
                self._replay()

    def _work(self, job: Job) -> None:
        try:
            job.work(self._client)
        except MpvSimklError as error:
            if isinstance(error, LoginNeeded):
                self._simkl = None
            job.failed(error)

    def _client(self) -> Simkl:
        if self._simkl is None:
            self._simkl = self._connect()
            self._teller.speaks_for(self._simkl.owner)
        return self._simkl

    def _client_for(self, scrobble: Scrobble) -> Simkl:
        """What begins is for who is signed in now: a sign-out without a network left the old token alive.
        What was begun for somebody else neither goes on nor ends for them (simkl-api 2.4).

        Raises LoginNeeded, SomebodyElse too.
        """
        if scrobble.action is Action.START:
            if self._simkl is not None and not self._simkl.is_signed_in:
                self._simkl = None
            return self._client()
        simkl = self._client()
        with suppress(JournalError):  # what is not in the journal was begun by nobody else
            if self._journal.is_anothers(scrobble.viewing):
                raise SomebodyElse
        return simkl

    def _deliver(self, scrobble: Scrobble) -> None:
        reach("sender.taken")
        what = f"{scrobble.action} {scrobble.media} at {scrobble.progress:g} %"
        self._held_back = None  # this is newer
        is_first = scrobble.viewing not in self._begun
        self._begun.add(scrobble.viewing)
        try:
            reply = self._tell(scrobble)
        except TooLate as error:
            self._held_back = None
            log.info("not sent: %s: %s", what, error)
            if is_first:
                self._skip(scrobble.viewing)
        except MpvSimklError as error:
            self._failed(scrobble, what, error)
        else:
            log.info("sent %s: Simkl answered %s%s", what, reply, ", watched" if reply.counted else "")
            self._succeeded(scrobble, reply)

    def _skip(self, viewing: str) -> None:
        """It was closed before its start had its turn: its place would only replace the one at which the show
        was left before (simkl-api 9, 17.20).
        """
        self._outbox.unsay(viewing)
        self._journal.forget(viewing)

    def _tell(self, scrobble: Scrobble) -> Reply:
        if scrobble.viewing in self._unknown and not scrobble.ended and not scrobble.corrected:
            raise NotMatched(UNKNOWN)
        simkl = self._client_for(scrobble)
        self._teller.end_in_doubt(simkl, scrobble)
        if scrobble.action is Action.START:
            self._finish_earlier(simkl, scrobble)
        return self._teller.tell(simkl, scrobble, lambda: self._must_be_free(scrobble))

    def _finish_earlier(self, simkl: Simkl, start: Scrobble) -> None:
        """Raises TryLater; then the start is held back until that is told."""
        self._held_back = start
        finish_sessions(self._journal, simkl, self._matcher)
        self._must_be_free(start)

    def _must_be_free(self, start: Scrobble) -> None:
        """Raises TryLater while Simkl has yet to hear how an earlier viewing ended. Asked again when the
        start has its turn: by then another player may have told its last word in vain. Raises TooLate if the
        film itself has ended meanwhile, which is no earlier viewing.
        """
        row = self._journal.find(start.viewing)
        if row is not None and row.state != "open":
            raise TooLate("it has ended meanwhile")
        self._held_back = start
        self._journal.take_over()
        wait = 0.0 if self._journal.owed() else self._journal.unfinished()
        if wait is not None:
            raise TryLater("how an earlier viewing ended has to be told first", after=wait, unheard=True)
        self._held_back = None

    def _succeeded(self, scrobble: Scrobble, reply: Reply) -> None:
        """Simkl has heard it: nothing more is owed of it, and what waits may go out too."""
        self._vain = 0
        if scrobble.ended:
            self._finish(scrobble, reply)
        elif scrobble.viewing in self._owed:
            self._owed.discard(scrobble.viewing)
            self._journal.owe(scrobble.viewing, None)
        self._report(News(self._became(scrobble, reply), scrobble.media, scrobble.viewing))
        if self._journal.waiting():
            self._outbox.replay()

    def _finish(self, scrobble: Scrobble, reply: Reply) -> None:
        """Simkl has heard the end of a viewing; a watch that it did not count goes to the history as one."""
        row = self._journal.find(scrobble.viewing)
        if not scrobble.watched:
            elsewhere.left_here(scrobble.media, scrobble.progress)
            self._journal.forget(scrobble.viewing)
        elif row is not None and reply.counted and _is_whole(scrobble.media):
            told = {row.id: when(row, self._client())}
            self._journal.settle([row.id], "done", told=told)
        reach("sender.settled")

    def _became(self, scrobble: Scrobble, reply: Reply) -> What:
        """What is to be said of it. A watch that its stop did not make goes to the history first: after the
        end of mpv there may be no other turn.
        """
        if not (scrobble.ended and scrobble.watched):
            return "sent"
        if scrobble.action is Action.STOP and not reply.counted:
            self._replay()
            row = self._journal.find(scrobble.viewing)
            return "watched" if row is not None and row.state == "done" else "kept"
        return "watched" if reply.counted else "sent"

    def _failed(self, scrobble: Scrobble, what: str, error: MpvSimklError) -> None:
        """Simkl has not heard it: what has ended waits or is set aside, of anything else only the log is
        told.
        """
        self._remember(scrobble, error)
        self._report(_bad_news(scrobble, error))
        row = self._journal.find(scrobble.viewing) if scrobble.ended else None
        if row is not None and (scrobble.watched or row.told):
            self._keep(row, scrobble, what, error)
            return
        log.warning("not sent: %s: %s", what, error)
        if row is not None:  # Simkl holds nothing of it that would have to end
            self._journal.forget(scrobble.viewing)
        if self._held_back is not None:
            self._try_again(error)

    def _keep(self, row: Row, scrobble: Scrobble, what: str, error: MpvSimklError) -> None:
        """A viewing has ended, and Simkl has to hear of it yet, from whoever comes first: with the next start
        of any player it would end a session by its own clock (simkl-api 5.6).
        """
        state = final(error)
        if scrobble.watched and state is not None:
            self._journal.settle([row.id], state, str(error))
            log.error("set aside: %s: %s", what, error)
        else:
            self._journal.put_off([row.id], str(error))
            log.warning("%s: %s: %s", "kept for later" if scrobble.watched else "not sent", what, error)
            self._try_again(error)

    def _remember(self, scrobble: Scrobble, error: MpvSimklError) -> None:
        """What the error means for all that is still to be told."""
        if isinstance(error, NotMatched):
            self._unknown.add(scrobble.viewing)
        if isinstance(error, LoginNeeded):
            self._simkl = None  # whoever signs in next may be somebody else: the connection begins anew
            self._complain(error)
        if isinstance(error, TryLater) and not scrobble.ended:  # another player's start must not complete it
            self._owed.add(scrobble.viewing)
            self._journal.owe(scrobble.viewing, str(error))

    def _replay(self) -> None:
        """One batch; the next one waits until scrobbles that came meanwhile are out."""
        try:
            simkl = self._client()
            finish_sessions(self._journal, simkl, self._matcher)
            if (batch := replay_batch(self._journal, simkl, self._matcher)) is not None:
                self._report(News("delivered", why=str(batch.delivered)))
                self._outbox.replay()
            self._vain = 0
            self._tell_held_back()
        except MpvSimklError as error:
            waiting = self._journal.waiting()
            if waiting or isinstance(error, SimklError | JournalError):
                what = f"{waiting} watched, not yet at Simkl" if waiting else "Simkl can be told nothing now"
                log.warning("%s: %s", what, error)
                self._report(News("failed", why=str(error), trouble=_trouble(error)))
                self._try_again(error)

    def _tell_held_back(self) -> None:
        """The start that was held back, from where the film stands now, if it still plays and nothing is owed
        any more.
        """
        scrobble = self._held_back
        row = self._journal.find(scrobble.viewing) if scrobble else None
        if scrobble is None or row is None or row.state != "open":
            return
        if (wait := self._journal.unfinished()) is not None:
            self._outbox.replay(max(wait, BACK_OFF[-1]))
        elif row.watched_at is not None or row.progress < WATCHED_PERCENT:  # a glimpse begins no session
            self._deliver(replace(scrobble, progress=row.progress))

    def _try_again(self, error: MpvSimklError) -> None:
        """Come back soon, a few times; a missing sign-in or a long rest is not mended by asking, but a start
        that was held back is worth waking up for. What Simkl has and the journal could not note stays claimed
        until then, and is sent once more, which does no harm (simkl-api 7.5).
        """
        after = error.after if isinstance(error, TryLater) else 0.0
        if isinstance(error, LoginNeeded):
            self._simkl = None  # the next event looks whether there is a new one
        elif after > BACK_OFF[-1]:
            if self._held_back:
                self._outbox.replay(after)
        elif isinstance(error, TryLater | JournalError) and self._vain < len(BACK_OFF):
            self._outbox.replay(BACK_OFF[self._vain] + random.random())  # noqa: S311 - jitter
            self._vain += 1


def _look_for_a_connection(connect: Connect) -> None:
    connect()


def _bad_news(scrobble: Scrobble, error: MpvSimklError) -> News:
    what: What = "kept" if scrobble.ended and scrobble.watched else "failed"
    match error:
        case NotMatched():
            what = "unmatched"
        case Refused():
            what = "refused"
        case Doubtful():
            what = "doubtful"
    return News(what, scrobble.media, scrobble.viewing, str(error), _trouble(error))


def _trouble(error: MpvSimklError) -> str:
    """Why Simkl takes nothing now, without the name of the call; "" if it does."""
    if not isinstance(error, TryLater) or isinstance(error, LoginNeeded):
        return ""
    if isinstance(error, NoAnswer):
        return "Simkl cannot be reached"
    return f"Simkl takes nothing now: {without_call(error)}"


def _is_whole(media: Media) -> bool:
    """Does one scrobble speak for all that was watched (simkl-api 17.14)?"""
    return max(len(media.episodes), len(media.absolute_episodes)) <= 1
