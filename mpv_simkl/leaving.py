"""Whoever signs out is shown as watching no more: what plays is paused at their Simkl, by their own token.

Nobody else could end it there, and Simkl would complete it by its own clock (simkl-api 5.6), though it was
left in the middle, or goes on for somebody else. A thread of its own does it: a network that swallows all, or
a player that waits for Simkl in its turn, could hold up the end of a sign-in for minutes.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import replace

from . import elsewhere, places
from .auth import SignIn
from .errors import MpvSimklError
from .journal import Journal
from .pace import Pace
from .replay import when
from .simkl import Simkl

log = logging.getLogger(__name__)

WITHIN = 10.0  # seconds that the end of a sign-in waits for it


def leave(old: SignIn) -> None:
    """Pause what plays for them, in whichever player; without a network it stays as it is."""
    if not old.access_token:  # Simkl has ended it
        return
    pausing = threading.Thread(target=_leave, args=(old,), name="leaving", daemon=True)
    pausing.start()
    pausing.join(WITHIN)
    if pausing.is_alive():
        log.info("what plays was not paused within %g s for account %s", WITHIN, old.account)


def _leave(old: SignIn) -> None:
    try:
        with Journal.open(account=old.account) as journal:
            _pause_all(journal, old)
    except MpvSimklError as error:
        log.info("what plays could not be paused for account %s: %s", old.account, error)
    except Exception:  # the edge of a thread: whoever signs out is signed out all the same
        log.exception("a fault in mpv-simkl; what plays stays as it is for account %s", old.account)


def _pause_all(journal: Journal, old: SignIn) -> None:
    rows = journal.playing()
    who = replace(old.credentials(), renew_at=None)  # its tokens are over in a moment
    simkl = Simkl(who, Pace(places.data_dir()))
    points = elsewhere.newest(simkl) if rows else []
    for row in rows:
        said = row.said or row.media
        if elsewhere.is_replaced(points, said, when(row, simkl)):  # it stands paused here, since before that
            continue
        if simkl.end_session(said, row.progress):
            log.info("sent pause %s at %g %%: account %s leaves", said, row.progress, old.account)
