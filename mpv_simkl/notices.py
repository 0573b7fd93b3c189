"""What is said on mpv's screen, and when it is better to say nothing. The one place that decides it.

Every notice has a kind, and `messages` says which kinds are shown. Nothing is said over a file that is not
ours to speak about: what comes between two files waits until it is known what the next one is, and a problem
until one is ours. An answer to a key that the user pressed is always shown.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from enum import Enum, auto

from .logs import shown

log = logging.getLogger(__name__)

BRIEF = 3.0  # seconds for a few words
READ = 8.0  # seconds to read a sentence
MOST_LINES = 3  # notices at once; the oldest gives way
LONGEST = 300  # characters of one notice


class Kind(Enum):
    """What a notice is about."""

    ANSWER = auto()  # to a key that was pressed
    PROBLEM = auto()  # something broke, or works again
    RESULT = auto()  # what a file was taken for, and what became of it
    OFFER = auto()  # what can be done now with a key
    DETAIL = auto()  # each thing that Simkl was told


LEVELS: Mapping[str, frozenset[Kind]] = {
    "silent": frozenset(),
    "problems": frozenset({Kind.PROBLEM}),
    "results": frozenset({Kind.PROBLEM, Kind.RESULT, Kind.OFFER}),
    "all": frozenset(Kind),
}


class Place(Enum):
    """What is on the screen that a notice would be put on."""

    OURS = auto()  # a film of ours, or mpv's empty window
    FOREIGN = auto()  # music, a picture, what the user has excluded
    BETWEEN = auto()  # one file has ended, and the next one is not known yet


class Notices:
    """The lines on the screen; for one thread."""

    def __init__(
        self, show: Callable[[str, float], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.level = "results"
        self._show = show
        self._clock = clock
        self._place = Place.BETWEEN
        self._lines: list[tuple[float, str]] = []  # until when, and what
        self._held: list[tuple[Kind, str, float]] = []
        self._problems: dict[str, str] = {}  # that nobody has been told yet: what is broken, and the text
        self._broken: set[str] = set()

    def at(self, place: Place) -> None:
        """What is on the screen now: over what is ours all is said that was held back; over what is not it is
        dropped, but for the problems.
        """
        self._place = place
        if place is Place.FOREIGN:
            self._held = []
            self.clear()
        elif place is Place.OURS:
            self._say_what_waited()

    def _say_what_waited(self) -> None:
        held, self._held = self._held, []
        problems, self._problems = self._problems, {}
        for notice in held:
            self.say(*notice)
        for what, text in problems.items():
            self.problem(what, text)

    def say(self, kind: Kind, text: str, seconds: float = BRIEF) -> None:
        """Show it beside what is still to be read, if the user wants to know such things."""
        if kind not in LEVELS[self.level]:
            log.debug("not shown: %s", text)
        elif self._place is Place.BETWEEN:
            self._held.append((kind, text, seconds))
        elif self._place is Place.OURS:
            self._put([*self._alive(), (self._clock() + seconds, text[:LONGEST])])

    def answer(self, text: str, seconds: float = BRIEF) -> None:
        """Show what a pressed key led to, in place of everything else."""
        self._put([(self._clock() + seconds, text)])

    def clear(self) -> None:
        """Take away what stands there."""
        if self._alive():
            self._lines = []
            self._show("", 0.0)

    def problem(self, what: str, text: str) -> None:
        """Say once that something is broken; `what` names it until it is healed."""
        if self._place is not Place.OURS:
            self._problems[what] = text
        elif what not in self._broken:
            self._broken.add(what)
            self.say(Kind.PROBLEM, text, READ)

    def healed(self, what: str, text: str = "") -> None:
        """Say once that it works again, if it was said to be broken and there is something to say."""
        self._problems.pop(what, None)
        if what in self._broken:
            self._broken.discard(what)
            if text:
                self.say(Kind.PROBLEM, text)

    def _alive(self) -> list[tuple[float, str]]:
        return [line for line in self._lines if line[0] > self._clock()]

    def _put(self, lines: list[tuple[float, str]]) -> None:
        self._lines = [line for place, line in enumerate(lines) if line[1] not in _texts(lines[place + 1 :])]
        self._lines = self._lines[-MOST_LINES:]
        text = _legible("\n".join(_texts(self._lines)))
        log.debug("shown: %s", text)
        self._show(text, max(until for until, _ in self._lines) - self._clock())


def _texts(lines: list[tuple[float, str]]) -> list[str]:
    return [text for _, text in lines]


def _legible(text: str) -> str:
    """The name of a file or a folder in it may hold anything, half a letter too, which mpv would not take."""
    return "\n".join(map(shown, text.split("\n")))
