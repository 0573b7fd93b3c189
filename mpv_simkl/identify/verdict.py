"""The answer, and what led to it."""

from __future__ import annotations

from ..media import Media
from ..records import Record


class Reason(Record):
    """What one source said of one field, whether that is in the answer, and a sentence on it."""

    source: str
    field: str
    value: str
    won: bool
    sentence: str


class Verdict(Record):
    """The film or episode, or None, and why.

    `about` is what is known where there is no answer: the film that a trailer belongs to, or the episode of a
    show that nobody names (its title is empty then).
    """

    media: Media | None
    why: tuple[Reason, ...]
    about: Media | None = None

    @property
    def type(self) -> str:
        """The kind of it: "movie", "episode" or "unknown"; an episode of a nameless show is an episode."""
        if self.media:
            return self.media.type
        is_nameless = self.about is not None and not self.about.title and self.about.type == "episode"
        return "episode" if is_nameless else "unknown"

    @property
    def reason(self) -> str:
        """Why there is no answer, in words; empty when there is one."""
        return "" if self.media else self.why[-1].sentence
