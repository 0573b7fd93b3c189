"""Replay: what waits in the journal is told to Simkl, with its own time, each row by its own verdict.

How it flows: rows are claimed, oldest first; each is sent as what it surely is, in batches to /sync/history;
what Simkl refuses, or fails on again and again, is halved until the bad row stands alone, unless nothing at
all goes through; what it does not know or took for something else is set aside. Sessions whose end Simkl
never heard of come first (simkl-api 5.6).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from . import clocks, elsewhere
from .bodies import BATCH, Watch
from .clocks import true_time
from .elsewhere import Point
from .errors import (
    Doubtful,
    MpvSimklError,
    NoAnswer,
    NotMatched,
    Refused,
    ServerTrouble,
    SimklError,
    TryLater,
)
from .faultpoints import reach
from .halving import ASIDE_FOR, SUSPECT_AFTER, VAIN, Way, may_be_a_rows, stubborn
from .journal import SET_ASIDE, Journal, Row
from .matching import UNKNOWN, Matcher
from .media import Media
from .model import Action

if TYPE_CHECKING:  # it imports requests, which is for the sender's thread to wait for
    from .simkl import Simkl

log = logging.getLogger(__name__)

LOOK_UP_FOR = 3.0  # seconds; what is sure by then goes at once, for mpv may end before all of it is
SOON = 300.0  # seconds in which a network may be well again


@dataclass(frozen=True, slots=True)
class Batch:
    """What became of one batch: how many watches were delivered, and how many set aside."""

    delivered: int
    set_aside: int


def replay_batch(journal: Journal, simkl: Simkl, matcher: Matcher) -> Batch | None:
    """Send the oldest waiting watches, at most 50 episodes; None if there was nothing to send.

    Raises TryLater when Simkl takes nothing now; the journal holds the reason.
    """
    catch_up(journal, journal.due)
    rows = journal.claim(BATCH)
    return _Replayer(journal, simkl, matcher).batch(rows) if rows else None


def finish_sessions(journal: Journal, simkl: Simkl, matcher: Matcher) -> Batch:
    """Tell Simkl how the viewings ended whose end it never heard of, another player's that died meanwhile
    too, and where those stand of which a word got lost; gives what became of the watches among them. Raises
    TryLater if it cannot be told now.
    """
    journal.take_over()
    catch_up(journal, lambda: journal.due(told=True))
    replayer = _Replayer(journal, simkl, matcher)
    watches = replayer.batch(journal.claim(BATCH, told=True))
    replayer.send_positions()
    replayer.send_owed()
    return watches


def replay_all(journal: Journal, simkl: Simkl, matcher: Matcher) -> Iterator[Batch]:
    """All that waits, the ends of sessions first, batch by batch; what Simkl fails on may be the title of one
    session, for which no other watch has to wait. Raises TryLater as `replay_batch`.
    """
    trouble: TryLater | None = None
    try:
        yield finish_sessions(journal, simkl, matcher)
    except (NoAnswer, ServerTrouble) as error:
        trouble = error
    while (batch := replay_batch(journal, simkl, matcher)) is not None:
        trouble = None
        yield batch
    if trouble is not None:
        raise trouble


def catch_up(journal: Journal, rows: Callable[[], Sequence[Row]]) -> None:
    """Let what waits be what the user has said it is: a player that was closed at once has kept that, and may
    not have come to change what it speaks of. Raises JournalError.
    """
    if journal.titles.corrections():
        from . import correcting  # seldom needed, and it brings much with it

        correcting.catch_up(journal, rows())


class _Replayer:
    """Tells Simkl what waits, and the journal what Simkl makes of it."""

    def __init__(self, journal: Journal, simkl: Simkl, matcher: Matcher) -> None:
        self._journal = journal
        self._simkl = simkl
        self._matcher = matcher

    def batch(self, rows: Sequence[Row]) -> Batch:
        """Send claimed rows; what became of them. Raises TryLater."""
        self._settle(rows)
        settled = [row.state for row in self._journal.these([row.id for row in rows])]
        return Batch(settled.count("done"), sum(state in SET_ASIDE for state in settled))

    def send_positions(self) -> None:
        """Where earlier viewings were left; where another device has been since is asked once, if at all.

        Raises TryLater.
        """
        points: list[Point] | None = None
        while (row := self._journal.claim_position()) is not None:
            points = elsewhere.newest(self._simkl) if points is None else points
            is_ours = row.told_as is None  # or else what Simkl was told is to be ended too
            if is_ours and elsewhere.is_replaced(points, row.said or row.media, when(row, self._simkl)):
                log.info("not sent: pause %s at %g %%: a later place is saved", row.media, row.progress)
                # The later place may be our own, of which the answer got lost.
                elsewhere.left_here(row.media, row.progress)
                self._journal.forget(row.name)
            else:
                self._send_position(row)

    def send_owed(self) -> None:
        """Where other players stand whose last word got lost: the next start would complete what Simkl's own
        clock has taken beyond 80 % (simkl-api 5.6). Raises TryLater.
        """
        for row in self._journal.owed():
            if self._simkl.end_session(row.said or row.media, row.progress):
                log.info("sent pause %s at %g %%: another player could not", row.media, row.progress)
            self._journal.owe(row.name, None)

    def _send_position(self, row: Row) -> None:
        """Tell Simkl where a viewing was left; what it refuses is tried again.

        Raises TryLater; then it waits.
        """
        try:
            self._end_mistaken(row)
            self._simkl.scrobble(Action.PAUSE, row.said or row.media, row.progress)
            elsewhere.left_here(row.media, row.progress)
            log.info("sent pause %s at %g %%: where an earlier player left it", row.media, row.progress)
        except TryLater as error:
            self._put_off([row], error)
            raise
        except (NotMatched, Refused) as error:
            log.warning("not sent: pause %s: %s", row.media, error)
            if row.attempts < SUSPECT_AFTER:  # it did take the start
                self._journal.put_off([row.id], str(error), ASIDE_FOR)
                return
        self._journal.forget(row.name)

    def _settle(self, rows: Sequence[Row]) -> None:
        """Send claimed rows, each as what it surely is; what is not sure or not known is set aside.

        Raises TryLater; then all that is not settled waits again.
        """
        left = list(rows)
        while left:
            sure = self._look_up(left)
            try:
                self._send(sure)
            except TryLater:
                self._journal.release([row.id for row in left])
                raise

    def _look_up(self, left: list[Row]) -> list[Row]:
        """Take rows off until some are to be sent; those that are sure, which the journal knows from now on.
        What Simkl fails on again and again stands back alone, if anything else is sure.

        Raises TryLater; then all of them wait again.
        """
        sure: list[Row] = []
        failed: list[tuple[Row, TryLater]] = []
        until = time.monotonic() + LOOK_UP_FOR
        try:
            while left and not (sure and time.monotonic() > until):
                sure += self._as_it_is(left[0], failed)
                del left[0]
            if failed and not sure:
                raise failed[-1][1]
        except TryLater as error:
            self._put_off([*sure, *left, *(row for row, _ in failed)], error)
            raise
        finally:
            self._journal.are_sure([(row.name, row.media, row.said) for row in sure if row.said])
        for row, why in failed:
            self._journal.put_off([row.id], str(why), ASIDE_FOR)
        return sure

    def _as_it_is(self, row: Row, failed: list[tuple[Row, TryLater]]) -> list[Row]:
        """The row with what Simkl is to be told, or none if it is set aside or has `failed` too often. Raises
        TryLater.
        """
        try:
            self._end_mistaken(row)
            return [replace(row, said=self._matcher.still(row.media, row.said) or self._surely(row))]
        except TryLater as error:
            if len(failed) + 1 == VAIN or not may_be_a_rows([row], error):
                raise
            failed.append((row, error))
        except SimklError as error:
            self._set_aside(row, error)
        return []

    def _end_mistaken(self, row: Row) -> None:
        """End the session of what Simkl was told before the user said what it is: it would be completed."""
        if row.told_as is None:
            return
        if self._simkl.end_session(row.told_as, row.progress):
            log.info("sent pause %s at %g %%: it was something else", row.told_as, row.progress)
        self._journal.untold(row.name)

    def _surely(self, row: Row) -> Media:
        return self._matcher.surely(self._simkl, row.media, row.path, row.progress, listed=False)

    def _set_aside(self, row: Row, error: SimklError) -> None:
        """A row that cannot be sent as it is; a session that Simkl took for something else is ended first."""
        if isinstance(error, Doubtful) and row.told:
            self._simkl.end_session(row.media, row.progress)
            self._journal.untold(row.name)
        self._journal.settle([row.id], final(error) or "refused", str(error))
        log.error("set aside: %s: %s", row.media, error)

    def _send(self, rows: Sequence[Row]) -> None:
        """Send claimed rows in one call and settle each by its own verdict.

        What fails is halved until the bad row is alone (simkl-api 17.8), or until it is clear that it is no
        row's fault. Raises TryLater; then all that is not settled waits again.
        """
        way = Way(rows)
        while portion := way.next():
            self._send_next(way, portion)
        self._end_of(way)
        self._unknown(way.unknown)
        if way.trouble:
            raise way.trouble

    def _send_next(self, way: Way, portion: Sequence[Row]) -> None:
        """Raises TryLater for what is no row's fault; then all that is on the way waits again."""
        watches = [Watch(row.id, row.said or row.media, when(row, self._simkl)) for row in portion]
        try:
            unknown = self._simkl.add_to_history(watches)
        except (Refused, NotMatched) as error:
            way.failed(portion, error)
        except TryLater as error:
            if way.is_of_one or not may_be_a_rows(portion, error):
                self._put_off([*portion, *way.unsettled], error)
                raise
            way.failed(portion, error)
        else:
            self._delivered([watch for watch in watches if watch.row not in unknown])
            for row in portion:
                if row.said and row.id not in unknown:
                    self._matcher.taken(row.media, row.said)
            log.info("delivered watched=%d not_found=%d", len(portion) - len(unknown), len(unknown))
            way.went([row for row in portion if row.id in unknown])

    def _delivered(self, watches: Sequence[Watch]) -> None:
        reach("replay.sent")
        told = {watch.row: watch.watched_at for watch in watches}
        self._journal.settle(list(told), "done", told=told)
        reach("replay.settled")

    def _end_of(self, way: Way) -> None:
        """Settle what failed alone, and put off what did not go; where that is left, what failed alone stands
        back longer, so that by and by each has its turn.
        """
        for row, error in way.alone:
            if isinstance(error, TryLater) or (way.trouble and isinstance(error, Refused)):
                # Within a day, or it is due at once.
                hours = min(max(row.attempts, 2), 23) if way.ahead else 1
                self._journal.put_off([row.id], str(error), hours * ASIDE_FOR)
            else:
                self._journal.settle([row.id], "refused", str(error))
                log.error("set aside: %s: %s", row.media, error)
        seconds = SOON if isinstance(way.trouble, NoAnswer) else ASIDE_FOR
        self._journal.put_off([row.id for row in way.ahead], str(way.trouble), seconds)

    def _unknown(self, rows: Sequence[Row]) -> None:
        """Rows that Simkl does not know; what may be something else yet is looked up afresh and sent, once.

        Raises TryLater; then those wait again.
        """
        again = [row for row in rows if self._matcher.forget_guess(row.media, row.said)]
        self._matcher.look_closely([row.media for row in again])
        self._journal.settle([row.id for row in rows if row not in again], "not_found", UNKNOWN)
        if again:
            self._settle(again)

    def _put_off(self, rows: Sequence[Row], error: TryLater) -> None:
        """Let rows wait; those that Simkl itself keeps failing on stand back, so that the others flow."""
        seconds = ASIDE_FOR if isinstance(error, ServerTrouble) and stubborn(rows, error) else error.after
        self._journal.put_off([row.id for row in rows], str(error), seconds)


def when(row: Row, simkl: Simkl) -> datetime:
    """When a viewing really ended, whatever the machine's clock said then (simkl-api 14)."""
    return true_time(row.seen, clocks.now(), simkl.ahead)


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
