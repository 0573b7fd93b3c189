"""One viewing, told to Simkl: as what, and does the answer mean the same.

How it flows: a scrobble goes out as what it surely is, by an earlier answer or by looking it up, or else as
it was recognised; the answer is held against that (`matching`). What Simkl took for something else is ended
at once and told no more, for Simkl would complete it by its own clock (simkl-api 5.6).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from . import clocks
from .errors import Doubtful, JournalError, NotMatched, Refused, SimklError, TooLate, TryLater
from .faultpoints import reach
from .journal import Journal
from .matching import UNKNOWN, Matcher
from .media import Media
from .model import Action, Scrobble

if TYPE_CHECKING:  # it imports requests, which is for the sender's thread to wait for
    from .simkl import Reply, Simkl

log = logging.getLogger(__name__)

LATEST_STOP = 1.5  # seconds after its end: half a second is left for the way


@dataclass(slots=True)
class Doubt:
    """What a viewing was recognised and told as when Simkl took it for something else; `ended`: Simkl has
    heard that it does not play.
    """

    media: Media
    said: Media
    reason: str
    ended: bool = False


class Teller:
    """Knows what Simkl has heard of the viewings of this process."""

    def __init__(self, journal: Journal, matcher: Matcher) -> None:
        self._journal = journal
        self._matcher = matcher
        self._sure: dict[str, Media] = {}  # viewings, and what Simkl is told of them
        self._doubts: dict[str, Doubt] = {}
        self._heard: set[str] = set()  # viewings that Simkl may have heard of
        self._account: str | None = None

    def tell(self, simkl: Simkl, scrobble: Scrobble, may_begin: Callable[[], None]) -> Reply:
        """Simkl's answer. Raises SimklError, Doubtful with it; and what `may_begin` raises just before a
        start goes out.
        """
        said = self._said(simkl, scrobble)
        if not scrobble.ended and scrobble.viewing not in self._heard:
            self._journal.telling(scrobble.viewing)
            reach("sender.telling")
        try:
            said, reply = self._say(simkl, scrobble, said, may_begin)
        except SimklError as error:
            self._failed(scrobble.viewing, error)
            raise
        reach("sender.told")
        self._heard.add(scrobble.viewing)
        self._check(simkl, scrobble, said, reply)
        return reply

    def _failed(self, viewing: str, error: SimklError) -> None:
        """May Simkl hold a session now: of a title that it does not know it has none, whatever became of an
        earlier word about it.
        """
        if isinstance(error, TryLater) and not error.unheard:
            self._heard.add(viewing)
        elif isinstance(error, NotMatched) and viewing not in self._sure:
            self._heard.discard(viewing)
        if viewing not in self._heard:
            self._journal.untold(viewing)

    def speaks_for(self, account: str | None) -> None:
        """Whose Simkl is told from now on; somebody else's has heard of nothing yet."""
        if account != self._account:
            self._heard.clear()
        self._account = account

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
        before = self._told_before(scrobble)
        if before not in (None, scrobble.media):
            simkl.end_session(before, scrobble.progress)
            self._heard.discard(scrobble.viewing)
            self._journal.untold(scrobble.viewing)
        self._sure[scrobble.viewing] = scrobble.media

    def _told_before(self, scrobble: Scrobble) -> Media | None:
        """What Simkl may hold a session of that is this viewing's."""
        row = self._journal.find(scrobble.viewing)
        if row is not None and row.told_as is not None:
            return row.told_as
        return self._sure.get(scrobble.viewing) if scrobble.viewing in self._heard else None

    def _surely(self, simkl: Simkl, scrobble: Scrobble) -> Media:
        """Raises Doubtful; if Simkl may hold a session of it, that is ended first."""
        try:
            said = self._matcher.surely(simkl, scrobble.media, scrobble.path, scrobble.progress)
        except Doubtful as error:
            ended = scrobble.viewing not in self._heard
            self._doubts[scrobble.viewing] = Doubt(scrobble.media, scrobble.media, str(error), ended)
            self.end_in_doubt(simkl, scrobble)
            raise
        self._is_sure(scrobble, said)
        return said

    def _say(
        self, simkl: Simkl, scrobble: Scrobble, said: Media, may_begin: Callable[[], None]
    ) -> tuple[Media, Reply]:
        """Tell it, as something else if Simkl knows no such thing; what it was told as, and the answer."""
        check = may_begin if scrobble.action is Action.START else partial(self._in_time, scrobble)
        try:
            return said, simkl.scrobble(scrobble.call, said, scrobble.progress, check)
        except TooLate:
            if scrobble.action is Action.START:
                raise
            log.info("too late for a stop: a pause in its place, and the watch goes to the history")
            return said, simkl.scrobble(Action.PAUSE, said, scrobble.progress)
        except NotMatched:
            if (scrobble.watched and scrobble.action is Action.STOP) or scrobble.viewing in self._sure:
                raise
        for other in self._matcher.others(simkl, scrobble.media, said, scrobble.path):
            with suppress(NotMatched, Refused):  # a show's number without its season is refused
                return other, simkl.scrobble(scrobble.call, other, scrobble.progress, check)
        self._matcher.missed(scrobble.media)
        raise NotMatched(UNKNOWN)

    def _in_time(self, scrobble: Scrobble) -> None:
        """Raises TooLate for a stop that would be told late: Simkl records its watch as of its arrival, for a
        scrobble carries no time (simkl-api 5.1). The history takes that watch, with the time that it has.
        """
        if scrobble.action is Action.STOP and scrobble.watched:
            with suppress(JournalError):  # what is not in the journal is told late rather than never
                row = self._journal.find(scrobble.viewing)
                if row and clocks.uptime() > row.seen.uptime + LATEST_STOP:
                    raise TooLate("its time is over")

    def _check(self, simkl: Simkl, scrobble: Scrobble, said: Media, reply: Reply) -> None:
        """Hold the answer against what was recognised; a session of something else is ended at once.

        Raises Doubtful.
        """
        if scrobble.viewing in self._sure:
            self._matcher.taken(scrobble.media, said)
            return
        trusted = said == self._remembered(scrobble.media)
        try:
            settled = self._matcher.check(simkl, scrobble.media, said, reply.found, trusted=trusted)
        except Doubtful as error:
            self._doubts[scrobble.viewing] = Doubt(scrobble.media, said, str(error))
            self.end_in_doubt(simkl, scrobble)
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
            self._journal.are_sure([(scrobble.viewing, scrobble.media, said)])

    def end_in_doubt(self, simkl: Simkl, scrobble: Scrobble) -> None:
        """Nothing more is told of what Simkl took for something else, but that it does not play: Simkl would
        complete it by its own clock (simkl-api 5.6). Raises Doubtful.
        """
        doubt = self._doubts.get(scrobble.viewing)
        if doubt is None or doubt.media != scrobble.media:  # it was corrected meanwhile
            return
        if not doubt.ended:
            simkl.end_session(doubt.said, scrobble.progress)
            doubt.ended = True
            self._heard.discard(scrobble.viewing)
            self._journal.untold(scrobble.viewing)
        raise Doubtful(doubt.reason)
