"""Delivery: send now, keep what failed, replay it later. One thread of its own does all of it.

How it flows: the tracker's scrobbles arrive in the journal first and in the outbox second; the sender takes
them out one at a time and tells Simkl; a watch that Simkl acknowledges is settled in the journal, any other
stays there and is replayed to /sync/history, with its own time, after the next success. Before a `start`,
whatever Simkl may still hold an unfinished session of is finished, or Simkl would do that by its own clock
(simkl-api 5.6).
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from . import clocks
from .bodies import Watch
from .clocks import true_time
from .errors import (
    Doubtful,
    JournalError,
    LoginNeeded,
    MpvSimklError,
    NotMatched,
    Refused,
    ServerTrouble,
    SimklError,
    TryLater,
)
from .faultpoints import reach
from .journal import SET_ASIDE, Journal, Row
from .matching import UNKNOWN, Matcher
from .media import Media
from .model import WATCHED_PERCENT, Action, Scrobble
from .news import News, What
from .outbox import Job, Order, Outbox

if TYPE_CHECKING:  # it imports requests, which is for the sender's thread to wait for
    from .simkl import Reply, Simkl

log = logging.getLogger(__name__)

BATCH = 50  # episodes in one call (simkl-api 7.5)
BACK_OFF = (
    1.0,
    2.0,
    4.0,
    8.0,
    16.0,
)  # seconds, and up to one more; then not before the next event (simkl-api 13)
SUSPECT_AFTER = 2  # vain tries after which a row, and not Simkl, may be what is wrong (simkl-api 17.8)
ASIDE_FOR = 3600.0  # seconds that such a row stands back, so that the others flow


class Sender:
    """Takes from the outbox and tells Simkl; `connect` gives the connection or raises why there is none.

    `complain` hears what only the user can mend: LoginNeeded once, Doubtful once for a viewing; what
    `tell` is set to hears what became of each scrobble.
    """

    def __init__(
        self,
        outbox: Outbox,
        journal: Journal,
        connect: Callable[[], Simkl],
        complain: Callable[[MpvSimklError], None] = lambda _: None,
        *,
        search_file: bool = True,
    ) -> None:
        self._outbox = outbox
        self._journal = journal
        journal.held = outbox.holds
        self._connect = connect
        self._complain = complain
        self.tell: Callable[[News], None] = lambda _: None
        self._asked = False
        self._matcher = Matcher(journal.titles, search_file=search_file)
        self._sure: dict[str, Media] = {}  # viewings, and what Simkl is told of them
        self._doubts: dict[str, Doubt] = {}
        self._told_of: set[str] = set()  # viewings whose doubt the user has heard of
        self._simkl: Simkl | None = None
        self._heard: set[str] = set()  # viewings that Simkl may have heard of
        self._unknown: set[str] = set()  # viewings that Simkl could not match: asked once (simkl-api 5.8)
        self._vain = 0  # tries since the last success
        self._held_back: Scrobble | None = None  # a start that waits for the end of an earlier viewing

    def run(self) -> None:
        """Work until the outbox is closed and empty."""
        with suppress(MpvSimklError):  # whoever is not signed in is told when there is something to send
            self._client()
        while (order := self._outbox.take()) is not None:
            try:
                self._do(order)
            except JournalError as error:
                log.error("%s; make room or check the permissions", error)
            except Exception:
                log.exception("a fault in mpv-simkl; what was watched is in the journal")

    def _do(self, order: Scrobble | Job | Literal[Order.REPLAY]) -> None:
        match order:
            case Scrobble():
                self._deliver(order)
            case Job():
                self._work(order)
            case Order.REPLAY:
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
        return self._simkl

    def _deliver(self, scrobble: Scrobble) -> None:
        reach("sender.taken")
        what = f"{scrobble.action} {scrobble.media} at {scrobble.progress:g} %"
        self._held_back = None  # this is newer
        try:
            reply = self._tell(scrobble)
        except MpvSimklError as error:
            self._failed(scrobble, what, error)
            return
        log.info("sent %s: Simkl answered %s%s", what, reply, ", watched" if reply.counted else "")
        self._vain = 0
        if scrobble.ended:
            self._finish(scrobble, reply)
        is_watched = scrobble.ended and scrobble.watched and reply.counted
        self.tell(News("watched" if is_watched else "sent", scrobble.media, scrobble.viewing))
        if self._journal.waiting():
            self._outbox.replay()

    def _tell(self, scrobble: Scrobble) -> Reply:
        if scrobble.viewing in self._unknown and not scrobble.ended and not scrobble.corrected:
            raise NotMatched(UNKNOWN)
        simkl = self._client()
        self._end_in_doubt(simkl, scrobble)
        if scrobble.action is Action.START:
            self._held_back = scrobble
            finish_sessions(self._journal, simkl, self._matcher)
            if (wait := self._journal.unfinished()) is not None:
                raise TryLater("how an earlier viewing ended has to be told first", after=wait)
            self._held_back = None
        said = self._said(simkl, scrobble)
        if not scrobble.ended and scrobble.viewing not in self._heard:
            self._journal.telling(scrobble.viewing)
            reach("sender.telling")
        try:
            said, reply = self._say(simkl, scrobble, said)
        except SimklError as error:
            if isinstance(error, TryLater) and not error.unheard:
                self._heard.add(scrobble.viewing)
            elif scrobble.viewing not in self._heard:
                self._journal.telling(scrobble.viewing, told=False)
            raise
        reach("sender.told")
        self._heard.add(scrobble.viewing)
        self._check(simkl, scrobble, said, reply)
        return reply

    def _said(self, simkl: Simkl, scrobble: Scrobble) -> Media:
        """What Simkl is told that it is; what counts at once has to be sure."""
        if scrobble.corrected:
            self._stands_corrected(simkl, scrobble)
        if said := self._sure.get(scrobble.viewing):
            return said
        if scrobble.action is Action.STOP and scrobble.watched:
            return self._surely(simkl, scrobble)
        return self._matcher.sayable(simkl, scrobble.media)

    def _stands_corrected(self, simkl: Simkl, scrobble: Scrobble) -> None:
        """The user said what it is; what Simkl took it for before does not play."""
        before = self._sure.get(scrobble.viewing)
        if before not in (None, scrobble.media) and scrobble.viewing in self._heard:
            simkl.scrobble(Action.PAUSE, before, scrobble.progress)
        self._sure[scrobble.viewing] = scrobble.media

    def _surely(self, simkl: Simkl, scrobble: Scrobble) -> Media:
        """Raises Doubtful; if Simkl may hold a session of it, that is ended first."""
        try:
            said = self._matcher.surely(simkl, scrobble.media, scrobble.path, scrobble.progress)
        except Doubtful as error:
            ended = scrobble.viewing not in self._heard
            self._doubts[scrobble.viewing] = Doubt(scrobble.media, scrobble.media, str(error), ended)
            self._end_in_doubt(simkl, scrobble)
            raise
        self._is_sure(scrobble, said)
        return said

    def _say(self, simkl: Simkl, scrobble: Scrobble, said: Media) -> tuple[Media, Reply]:
        """Tell it, as something else if Simkl knows no such thing; what it was told as, and the answer."""
        try:
            return said, simkl.scrobble(scrobble.action, said, scrobble.progress)
        except NotMatched:
            if scrobble.action is Action.STOP or scrobble.viewing in self._sure:
                raise
        for other in self._matcher.others(simkl, scrobble.media, said, scrobble.path):
            with suppress(NotMatched, Refused):  # a show's number without its season is refused
                return other, simkl.scrobble(scrobble.action, other, scrobble.progress)
        self._matcher.missed(scrobble.media)
        raise NotMatched(UNKNOWN)

    def _check(self, simkl: Simkl, scrobble: Scrobble, said: Media, reply: Reply) -> None:
        """Hold the answer against what was recognised; a session of something else is ended at once.

        Raises Doubtful.
        """
        if scrobble.viewing in self._sure:
            return
        trusted = said == self._remembered(scrobble.media)
        try:
            settled = self._matcher.check(simkl, scrobble.media, said, reply.found, trusted=trusted)
        except Doubtful as error:
            self._doubts[scrobble.viewing] = Doubt(scrobble.media, said, str(error))
            self._end_in_doubt(simkl, scrobble)
            raise
        if reply.found is not None:
            self._is_sure(scrobble, settled)

    def _remembered(self, media: Media) -> Media | None:
        with suppress(NotMatched):
            return self._matcher.known(media)
        return None

    def _is_sure(self, scrobble: Scrobble, said: Media) -> None:
        self._sure[scrobble.viewing] = said
        with suppress(JournalError):  # whoever replays it looks it up once more
            self._journal.are_sure([(scrobble.viewing, said)])

    def _end_in_doubt(self, simkl: Simkl, scrobble: Scrobble) -> None:
        """Nothing more is told of what Simkl took for something else, but that it does not play: Simkl would
        complete it by its own clock (simkl-api 5.6). Raises Doubtful.
        """
        doubt = self._doubts.get(scrobble.viewing)
        if doubt is None or doubt.media != scrobble.media:  # it was corrected meanwhile
            return
        if not doubt.ended:
            with suppress(NotMatched, Refused):
                simkl.scrobble(Action.PAUSE, doubt.said, scrobble.progress)
            doubt.ended = True
            self._heard.discard(scrobble.viewing)
            self._journal.telling(scrobble.viewing, told=False)
        raise Doubtful(doubt.reason)

    def _finish(self, scrobble: Scrobble, reply: Reply) -> None:
        """Simkl has heard the end of a viewing; a watch that it did not count goes to the history as one."""
        row = self._journal.find(scrobble.viewing)
        if not scrobble.watched:
            self._journal.forget(scrobble.viewing)
        elif row is not None and reply.counted and _is_whole(scrobble.media):
            self._journal.settle([row.id], "done")
        reach("sender.settled")

    def _failed(self, scrobble: Scrobble, what: str, error: MpvSimklError) -> None:
        if isinstance(error, Doubtful) and scrobble.viewing not in self._told_of:
            self._told_of.add(scrobble.viewing)
            self._complain(error)
        if isinstance(error, NotMatched):
            self._unknown.add(scrobble.viewing)
        if isinstance(error, LoginNeeded):
            self._signed_out(error)
        self.tell(_bad_news(scrobble, error))
        row = self._journal.find(scrobble.viewing) if scrobble.ended else None
        if row is None or not scrobble.watched:
            log.warning("not sent: %s: %s", what, error)
            if row is not None and not isinstance(error, TryLater) and scrobble.viewing not in self._heard:
                self._journal.forget(scrobble.viewing)
            if self._held_back is not None:
                self._try_again(error)
        elif (state := final(error)) is not None:
            self._journal.settle([row.id], state, str(error))
            log.error("set aside: %s: %s", what, error)
        else:
            self._journal.put_off([row.id], str(error))
            log.warning("kept for later: %s: %s", what, error)
            self._try_again(error)

    def _signed_out(self, error: LoginNeeded) -> None:
        """Whoever signs in next may be somebody else: the connection begins anew."""
        self._simkl = None
        if not self._asked:
            self._asked = True
            self._complain(error)

    def _replay(self) -> None:
        """One batch; the next one waits until scrobbles that came meanwhile are out."""
        try:
            simkl = self._client()
            finish_sessions(self._journal, simkl, self._matcher)
            if (batch := replay_batch(self._journal, simkl, self._matcher)) is not None:
                self.tell(News("delivered", why=str(batch.delivered)))
                self._outbox.replay()
            self._vain = 0
            self._tell_held_back()
        except MpvSimklError as error:
            waiting = self._journal.waiting()
            if waiting or isinstance(error, SimklError):
                log.warning("%d watched, not yet at Simkl: %s", waiting, error)
                self.tell(News("failed", why=str(error), unreachable=_is_unreachable(error)))
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
        that was held back is worth waking up for.
        """
        if isinstance(error, LoginNeeded):
            self._simkl = None  # the next event looks whether there is a new one
        elif isinstance(error, TryLater) and error.after <= BACK_OFF[-1] and self._vain < len(BACK_OFF):
            self._outbox.replay(BACK_OFF[self._vain] + random.random())  # noqa: S311 - jitter
            self._vain += 1
        elif isinstance(error, TryLater) and self._held_back and error.after > BACK_OFF[-1]:
            self._outbox.replay(error.after)


@dataclass(slots=True)
class Doubt:
    """What a viewing was recognised and told as when Simkl took it for something else; `ended`: Simkl has
    heard that it does not play.
    """

    media: Media
    said: Media
    reason: str
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """What became of one batch: how many watches were delivered, and how many set aside."""

    delivered: int
    set_aside: int


def replay_batch(journal: Journal, simkl: Simkl, matcher: Matcher) -> Batch | None:
    """Send the oldest waiting watches, at most 50 episodes; None if there was nothing to send.

    Raises TryLater when Simkl takes nothing now; the journal holds the reason.
    """
    rows = journal.claim(BATCH)
    if not rows:
        return None
    _settle(journal, simkl, matcher, rows)
    settled = [row.state for row in journal.these([row.id for row in rows])]
    return Batch(settled.count("done"), sum(state in SET_ASIDE for state in settled))


def finish_sessions(journal: Journal, simkl: Simkl, matcher: Matcher) -> None:
    """Tell Simkl how the viewings ended whose end it never heard of, another player's that died meanwhile
    too; raises TryLater if it cannot be told now.
    """
    journal.take_over()
    if watches := journal.claim(BATCH, told=True):
        _settle(journal, simkl, matcher, watches)
    while (row := journal.claim_position()) is not None:
        _send_position(journal, simkl, row)


def _send_position(journal: Journal, simkl: Simkl, row: Row) -> None:
    """Tell Simkl where a viewing was left; what it refuses is tried again. Raises TryLater; then it waits."""
    try:
        simkl.scrobble(Action.PAUSE, row.said or row.media, row.progress)
        log.info("sent pause %s at %g %%: where an earlier player left it", row.media, row.progress)
    except TryLater as error:
        _put_off(journal, [row], error)
        raise
    except (NotMatched, Refused) as error:
        log.warning("not sent: pause %s: %s", row.media, error)
        if row.attempts < SUSPECT_AFTER:  # it did take the start
            journal.put_off([row.id], str(error), ASIDE_FOR)
            return
    journal.forget(row.name)


def _settle(journal: Journal, simkl: Simkl, matcher: Matcher, rows: Sequence[Row]) -> None:
    """Send claimed rows, each as what it surely is; what is not sure or not known is set aside.

    Raises TryLater; then all that is not settled waits again.
    """
    sendable: list[Row] = []
    for place, row in enumerate(rows):
        try:
            sendable.append(replace(row, said=row.said or _surely(simkl, matcher, row)))
        except TryLater as error:
            _put_off(journal, [*sendable, *rows[place:]], error)
            raise
        except SimklError as error:
            _set_aside(journal, simkl, row, error)
    if sendable:
        _send(journal, simkl, matcher, sendable)


def _surely(simkl: Simkl, matcher: Matcher, row: Row) -> Media:
    return matcher.surely(simkl, row.media, row.path, row.progress)


def _set_aside(journal: Journal, simkl: Simkl, row: Row, error: SimklError) -> None:
    """A row that cannot be sent as it is; a session that Simkl took for something else is ended first."""
    if isinstance(error, Doubtful) and row.told:
        with suppress(NotMatched, Refused):
            simkl.scrobble(Action.PAUSE, row.media, row.progress)
        journal.telling(row.name, told=False)
    journal.settle([row.id], final(error) or "refused", str(error))
    log.error("set aside: %s: %s", row.media, error)


def _send(journal: Journal, simkl: Simkl, matcher: Matcher, rows: Sequence[Row]) -> None:
    """Send claimed rows in one call and settle each by its own verdict.

    Refused rows are halved until the bad one is alone (simkl-api 17.8). Raises TryLater; then all of these
    rows wait again.
    """
    ids = [row.id for row in rows]
    try:
        unknown = simkl.add_to_history([_watch(row, simkl) for row in rows])
    except TryLater as error:
        if isinstance(error, ServerTrouble) and _suspect(rows):
            _send_halves(journal, simkl, matcher, rows)
            return
        _put_off(journal, rows, error)
        raise
    except (Refused, NotMatched) as error:
        if len(rows) > 1:
            _send_halves(journal, simkl, matcher, rows)
            return
        journal.settle(ids, "refused", str(error))
        log.error("set aside: %s: %s", rows[0].media, error)
        return
    reach("replay.sent")
    journal.are_sure([(row.name, row.said) for row in rows if row.said and row.id not in unknown])
    journal.settle([row for row in ids if row not in unknown], "done")
    _unknown(journal, matcher, [row for row in rows if row.id in unknown])
    reach("replay.settled")
    log.info("delivered watched=%d not_found=%d", len(ids) - len(unknown), len(unknown))


def _unknown(journal: Journal, matcher: Matcher, rows: Sequence[Row]) -> None:
    """Rows that Simkl does not know; one told by what was remembered of another is looked up afresh once."""
    again = [row for row in rows if matcher.forget(row.media, row.said)]
    journal.release([row.id for row in again])
    journal.settle([row.id for row in rows if row not in again], "not_found", UNKNOWN)


def _put_off(journal: Journal, rows: Sequence[Row], error: TryLater) -> None:
    """Let rows wait; those that Simkl itself keeps failing on stand back, so that the others flow."""
    seconds = ASIDE_FOR if isinstance(error, ServerTrouble) and _stubborn(rows) else error.after
    journal.put_off([row.id for row in rows], str(error), seconds)


def _send_halves(journal: Journal, simkl: Simkl, matcher: Matcher, rows: Sequence[Row]) -> None:
    """Each half by itself: the trouble of one is not the other's. Raises TryLater if both had it."""
    halves = rows[: len(rows) // 2], rows[len(rows) // 2 :]
    failed: list[TryLater] = []
    for half in halves:
        try:
            _send(journal, simkl, matcher, half)
        except TryLater as error:
            failed.append(error)
            if not isinstance(error, ServerTrouble):
                journal.release([row.id for other in halves for row in other if other is not half])
                raise
    if len(failed) == len(halves):
        raise failed[0]


def _suspect(rows: Sequence[Row]) -> bool:
    """Has Simkl failed on all of these so often that one of them may be the cause?"""
    return len(rows) > 1 and _stubborn(rows)


def _stubborn(rows: Sequence[Row]) -> bool:
    return all(row.attempts >= SUSPECT_AFTER for row in rows)


def _watch(row: Row, simkl: Simkl) -> Watch:
    return Watch(row.id, row.said or row.media, true_time(row.seen, clocks.now(), simkl.ahead))


def final(error: MpvSimklError) -> Literal["not_found", "doubtful", "refused"] | None:
    """The state of a row after an error, None if it may be tried again."""
    match error:
        case NotMatched():
            return "not_found"
        case Doubtful():
            return "doubtful"
        case Refused():
            return "refused"
    return None


def _bad_news(scrobble: Scrobble, error: MpvSimklError) -> News:
    what: What = "kept" if scrobble.ended and scrobble.watched else "failed"
    match error:
        case NotMatched():
            what = "unmatched"
        case Refused():
            what = "refused"
        case Doubtful():
            what = "doubtful"
    return News(what, scrobble.media, scrobble.viewing, str(error), _is_unreachable(error))


def _is_unreachable(error: MpvSimklError) -> bool:
    return isinstance(error, TryLater) and not isinstance(error, LoginNeeded)


def _is_whole(media: Media) -> bool:
    """Does one scrobble speak for all that was watched (simkl-api 17.14)?"""
    return max(len(media.episodes), len(media.absolute_episodes)) <= 1
