"""Named places at which a test can have this process killed: the proof that no instant loses a watch.

`MPV_SIMKL_DIE_AT=journal.recorded` ends the process, as kill -9 would, the first time that it gets there;
`journal.recorded:3` the third time. Without the variable a place costs one comparison.
"""

from __future__ import annotations

import os
import signal
import sys

VARIABLE = "MPV_SIMKL_DIE_AT"

# Every place, in the order in which one viewing comes by.
PLACES = (
    "journal.recording",  # a fact is about to be written
    "journal.recorded",  # it is on the disk
    "sender.taken",  # out of the outbox, not yet at Simkl
    "sender.telling",  # the journal knows that Simkl may hear of this viewing
    "sender.told",  # Simkl has answered, the journal does not know
    "sender.settled",  # the journal knows
    "replay.claimed",  # rows are taken for a batch
    "replay.sent",  # Simkl has answered, no row is settled
    "replay.settled",  # rows are settled
)

# Where a damaged journal gives way to a new one, in the order of that.
SALVAGE_PLACES = (
    "salvage.filled",  # the new one has all its rows, in a folder of its own
    "salvage.whole",  # it stands beside the old one
    "salvage.aside",  # the old one has made way, the new one has not taken its place
)

_name, _, _times = os.environ.get(VARIABLE, "").partition(":")
_left = int(_times) if _times.isdigit() else 1


def _die() -> None:
    if sys.platform == "win32":
        os._exit(9)
    os.kill(os.getpid(), signal.SIGKILL)


def reach(place: str) -> None:
    """We are at a place; the process ends here if a test wants it to."""
    global _left  # noqa: PLW0603 - a count for the whole process
    if place != _name:
        return
    _left -= 1
    if _left == 0:
        _die()
