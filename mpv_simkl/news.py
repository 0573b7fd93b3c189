"""What became of a scrobble at Simkl: the facts that the sender tells the main loop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .media import Media

What = Literal["sent", "watched", "kept", "failed", "unmatched", "refused", "doubtful", "delivered"]


@dataclass(frozen=True, slots=True)
class News:
    """One fact: a scrobble was `sent`; it is `watched` there now; a watch is `kept` for later; a scrobble
    `failed` for want of Simkl; a title is `unmatched`, `refused`, `doubtful`; kept watches are `delivered`.

    `why` is the reason in words; `trouble`: why Simkl takes nothing now, for the screen.
    """

    what: What
    media: Media | None = None
    viewing: str = ""
    why: str = ""
    trouble: str = ""
