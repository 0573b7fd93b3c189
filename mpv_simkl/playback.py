r"""Events -> what Simkl should hear. Pure: no mpv, no clock, no disk, no network.

How it flows: `parts` cuts the file that was opened into its episodes, and the one that plays is a `Viewing`,
which every event moves on (`reckoning`: where it stands now, how much of it was really played); the table
TRANSITIONS says what a change of state tells Simkl; and whenever the answer to "would this be a watch if it
ended now?" flips, the fact goes to the journal at once, without a word to Simkl.

    READY --Resumed--> PLAYING <--Paused, Resumed--> PAUSED
      |                 |   \                        /  |
      |               Ended  Finished        Finished  Ended
      |                 |        \              /       |
      '------Ended--> IDLE <----- Ended ----- ENDED    IDLE
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from enum import Enum, auto

from .judging import Rules
from .media import Media
from .model import (
    WATCHED_PERCENT,
    Action,
    Ended,
    Event,
    Finished,
    Landed,
    Opened,
    Paused,
    Resumed,
    Sampled,
    Scrobble,
    Sitting,
    Woke,
)
from .parts import Part, part_at, parts
from .reckoning import Reckoning
from .viewing import MEND_BEFORE, Source, Viewing

SAMPLE_EVERY = 10.0  # seconds, mpv-notes 2.5
SOON = 0.2  # seconds: mpv may still seek when it says that it has landed
JUMP = 3.0  # seconds: who gets to the next episode by more than that has not played up to it
MOST_UNASKED = 20  # words: even a film of two hours at half speed needs six
MOST_AGAIN = MOST_UNASKED // 2  # parts that play once more: a start and a stop each
LOOP_START = 5.0  # seconds: a jump from beyond 80 % to here is loop-file going round (mpv-notes 7)


class State(Enum):
    """Where a viewing stands."""

    IDLE = auto()  # nothing plays that concerns us
    READY = auto()  # opened paused: Simkl has not been told yet
    PLAYING = auto()
    PAUSED = auto()
    ENDED = auto()  # watched to its end and still open (keep-open, loop-file): nothing more to say


# An event missing from a row changes nothing: mpv repeats itself, e.g. `pause` before any file is open.
TRANSITIONS: dict[State, dict[type[Event], tuple[State, Action | None]]] = {
    State.IDLE: {},
    State.READY: {Resumed: (State.PLAYING, Action.START), Ended: (State.IDLE, None)},
    State.PLAYING: {
        Paused: (State.PAUSED, Action.PAUSE),
        Finished: (State.ENDED, Action.STOP),
        Ended: (State.IDLE, Action.STOP),
        # Simkl's session went on while the machine slept (simkl-api 17.13).
        Woke: (State.PLAYING, Action.START),
    },
    State.PAUSED: {
        Resumed: (State.PLAYING, Action.START),
        Finished: (State.ENDED, Action.STOP),
        Ended: (State.IDLE, Action.STOP),
    },
    State.ENDED: {Ended: (State.IDLE, None)},
}


class Tracker:
    """Follows one mpv, file after file, and says what Simkl should hear."""

    def __init__(self, rules: Rules, new_name: Callable[[], str] = lambda: os.urandom(8).hex()) -> None:
        self.rules = rules
        self.earlier: Sequence[Sitting] = ()  # where the file that is opened next was left
        self._new_name = new_name
        self._state = State.IDLE
        self._viewing: Viewing | None = None
        self._source = Source()
        self._chapters: tuple[float, ...] = ()
        self._parts: tuple[Part, ...] = ()
        self._here = 0  # the part that plays
        self._begun = 0  # how often one of them began to play
        self._watched: dict[int, str] = {}  # the parts that were told as watched, and in which viewing
        self._paused = False

    def open(
        self,
        event: Opened,
        media: Media,
        now: datetime,
        *,
        recognised: Media | None = None,
        corrected: bool = False,
    ) -> list[Scrobble]:
        """What to say of a file that has just begun to play as `media`, and of one that is still open.

        `corrected`: it is what the user says, and not what was `recognised`.
        """
        before = self.see(Ended(event.at), now)
        by_its_names = recognised if corrected else media
        self._source = Source(event.clues.path, by_its_names, corrected, event.network)
        self._chapters = event.chapters
        self._parts = parts(media, event.duration or math.inf, self._chapters)
        self._watched, self._begun = {}, 0
        return [*before, *self.begin(event, now)]

    def begin(self, event: Opened, now: datetime) -> list[Scrobble]:
        """What to say of the file that plays as if nothing of it had been followed; parts that were watched
        stay watched.
        """
        self._paused = event.paused
        if len(self._parts) == 1:  # its length may have changed since it was opened
            self._parts = (replace(self._parts[0], end=event.duration or math.inf),)
        position = event.position or 0.0
        clock = Reckoning(position, event.at, event.running, event.speed, position, event.at)
        return self._begin_part(part_at(self._parts, position), clock, now)

    def correct(self, media: Media, at: float, now: datetime) -> list[Scrobble]:
        """What to say when the user has said that the file which plays is something else."""
        if self._viewing is None:
            return []
        corrected = media.split()
        if len(corrected) == len(self._parts):
            pairs = zip(self._parts, corrected, strict=True)
            self._parts = tuple(replace(part, media=one) for part, one in pairs)
        else:
            self._cut_anew(self._viewing, media, at)
        self._source = replace(self._source, corrected=True)
        here = self._parts[self._here].media
        viewing = self._viewing = replace(self._viewing, media=here, source=self._source_of(self._here))
        if self._state in (State.READY, State.ENDED):  # what it was told as is taken back elsewhere
            return []
        action = Action.START if self._state is State.PLAYING else Action.KEEP
        return [self._tell(action, viewing, at, now)]

    def _cut_anew(self, viewing: Viewing, media: Media, at: float) -> None:
        """The file has more or fewer parts than it was taken for; what plays is still the same viewing."""
        duration = self._parts[-1].end if viewing.is_part else viewing.end
        told = self._watched.get(self._here)
        self._parts = parts(media, duration, self._chapters)
        self._here = part_at(self._parts, viewing.clock.reckon(at))
        self._watched = {} if told is None else {self._here: told}
        part = self._parts[self._here]
        self._viewing = replace(viewing, begin=part.begin, end=part.end, is_part=len(self._parts) > 1)

    def _begin_part(self, number: int, clock: Reckoning, now: datetime) -> list[Scrobble]:
        """A part begins to play, or stands paused; one that was watched already has nothing to say, nor has
        one that began so often that it may be a loop over the border of two (simkl-api 14).
        """
        part, self._here = self._parts[number], number
        source, is_part = self._source_of(number), len(self._parts) > 1
        self._begun += 1
        unasked = MOST_UNASKED if self._begun > len(self._parts) + MOST_AGAIN else 0
        viewing = self._viewing = Viewing(
            self._new_name(), part.media, part.begin, part.end, clock, source, is_part, unasked=unasked
        ).going_on(self.earlier)
        if number in self._watched:
            self._state = State.ENDED
        else:
            self._state = State.READY if self._paused else State.PLAYING
        action = Action.KEEP if unasked else Action.START
        return [self._tell(action, viewing, clock.at, now)] if self._state is State.PLAYING else []

    def _source_of(self, number: int) -> Source:
        """Where a part comes from: it has its own of the episodes that the file's names say."""
        recognised = self._source.recognised
        each = recognised.split() if recognised else ()
        if len(each) != len(self._parts):
            return self._source
        return replace(self._source, recognised=each[number])

    def _cross(self, before: Viewing, event: Event, now: datetime) -> list[Scrobble] | None:
        """What to say when another part of the file plays from here on; None if none does."""
        if event.position is None or isinstance(event, Ended):
            return None
        number = part_at(self._parts, event.position)
        if number == self._here:
            return None
        back = event.position < before.end
        jumped = back or abs(event.position - before.clock.reckon(event.at)) > JUMP
        told: list[Scrobble] = []
        if self._state in (State.PLAYING, State.PAUSED):
            end = Ended(event.at, None, "stop") if jumped else Ended(event.at, before.end, "eof")
            told = [self._tell(Action.STOP, before.after(end), event.at, now)]
        clock = replace(before.clock.moved(event), read=event.position, shown=())
        return [*told, *self._begin_part(number, clock, now)]

    def see(self, event: Event, now: datetime) -> list[Scrobble]:
        """What to say after any other event; mostly nothing."""
        if self._viewing is None:
            return []
        if isinstance(event, Paused | Resumed):
            self._paused = isinstance(event, Paused)
        before, viewing = self._viewing, self._viewing.after(event).going_on(self.earlier)
        if (crossed := self._cross(before, event, now)) is not None:
            return crossed
        if self._looped(before, event):
            told = self._tell(Action.STOP, before, event.at, now)
            self._state, self._viewing = State.ENDED, viewing  # its clock goes on: more parts may follow
            return [told]
        self._viewing = viewing
        step = TRANSITIONS[self._state].get(type(event))
        if step is None or (isinstance(event, Finished) and not viewing.watched(event.at, self.rules)):
            return self._meanwhile(viewing, event, now)
        self._state, action = step
        if self._state is State.IDLE:
            self._viewing = None
        return [self._tell(action, viewing, event.at, now)] if action else []

    def leave(self, at: float, now: datetime) -> list[Scrobble]:
        """What to say when the user wants no more said of it: the place, and that it is no watch."""
        viewing, state = self._viewing, self._state
        self._viewing, self._state = None, State.IDLE
        if viewing is None or state is State.ENDED:
            return []
        left = replace(viewing, kept=False, shown_until=None)
        return [_report(Action.PAUSE, left, at, now, ended=True)]

    def mark(self, at: float, now: datetime) -> list[Scrobble]:
        """What to say when the user says that it is watched: the true place to Simkl, a watch to the history,
        and nothing more of it.
        """
        if self._viewing is None:
            return []
        if self._state is State.ENDED:  # it was told; whatever became of that, it is said once more
            self._viewing = replace(self._viewing, name=self._new_name())
        self._state = State.ENDED
        self._watched[self._here] = self._viewing.name
        marked = replace(self._viewing, kept=True, shown_until=None)
        return [_report(Action.PAUSE, marked, at, now, ended=True)]

    def take_back(self, name: str) -> bool:
        """Forget that a viewing was told as watched; was it one of what plays now."""
        part = next((part for part, viewing in self._watched.items() if viewing == name), None)
        if part is not None:
            del self._watched[part]  # or else it would have nothing to say when it plays again
        return self._viewing is not None and part == self._here

    @property
    def state(self) -> State:
        """Where the viewing stands that is followed now."""
        return self._state

    @property
    def viewing(self) -> Viewing | None:
        """The viewing that is followed now."""
        return self._viewing

    def patience(self, at: float) -> float | None:
        """Seconds until the position should be read again; None: not before mpv says something."""
        viewing = self._viewing
        if viewing is None:
            return None
        since = at - viewing.clock.at  # whatever wakes us meanwhile puts no reading off
        if viewing.clock.adrift and self._state in (State.PLAYING, State.PAUSED):
            return max(SOON - since, 0.0)
        if not viewing.clock.running or not self._is_followed():
            return self._until_mending(viewing, at)
        wait = SAMPLE_EVERY - since
        if self._here < len(self._parts) - 1:
            wait = min(wait, (viewing.end - viewing.clock.reckon(at)) / viewing.clock.speed + 0.1)
        until = viewing.until_watched(viewing.clock.at, self.rules)  # since mpv's last word, not since any
        if until > 0:
            wait = min(wait, until + 0.1 - since)
        return max(wait, 0.1 - since, 0.0)

    def _until_mending(self, viewing: Viewing, at: float) -> float | None:
        """While the film stands still unpaused, as for want of data, only Simkl's clock goes on."""
        if self._state is not State.PLAYING or viewing.shown_until in (None, math.inf):
            return None
        wait = viewing.shown_until - MEND_BEFORE - at
        return wait if wait > 0 else None

    def _is_followed(self) -> bool:
        """Can anything still become of what plays: of this part, or of one that comes after it."""
        more = len(self._watched) < len(self._parts) > 1
        return self._state is State.PLAYING or (self._state is State.ENDED and more)

    def _looped(self, before: Viewing, event: Event) -> bool:
        """Any event may be the first with a position again: mpv may seek still when it says it landed."""
        back = event.position is not None and event.position < LOOP_START
        is_under_way = self._state in (State.PLAYING, State.PAUSED)
        return is_under_way and back and before.watched(event.at, self.rules)

    def _meanwhile(self, viewing: Viewing, event: Event, now: datetime) -> list[Scrobble]:
        """What to say while its state stays as it is: to the journal when the viewing became a watch or is
        none any more, and where it stands; to Simkl when what began as a glimpse is one no more, when what it
        shows has become one, or before its own clock completes it too soon.
        """
        if self._state not in (State.PLAYING, State.PAUSED):
            return []
        if self._state is State.PLAYING and (action := self._set_right(viewing, event.at)):
            unasked = replace(viewing, unasked=viewing.unasked + 1)
            return [self._tell(action, unasked, event.at, now)]
        if viewing.kept != viewing.watched(event.at, self.rules):
            return [self._tell(Action.KEEP, viewing, event.at, now)]
        if isinstance(event, Sampled | Landed):
            return [self._tell(Action.NOTE, viewing, event.at, now)]
        return []

    def _set_right(self, viewing: Viewing, at: float) -> Action | None:
        """What Simkl hears unasked of what plays, so that its own clock completes only what is a watch. After
        many words, as in a loop or a stall all night, it is paused there until somebody plays on: a free
        account has 500 calls a day (simkl-api 14).
        """
        may_show = viewing.unasked < MOST_UNASKED
        if viewing.is_glimpse(at, self.rules):
            is_soon = viewing.shown_until is not None and viewing.shown_until <= at + MEND_BEFORE
            return Action.PAUSE if is_soon else None
        if viewing.is_completed_soon(at, self.rules):
            return Action.START if may_show else Action.PAUSE
        to_show = may_show and not viewing.shown and viewing.is_worth_showing(at, self.rules)
        return Action.START if to_show else None

    def _tell(self, action: Action, viewing: Viewing, at: float, now: datetime) -> Scrobble:
        watched = viewing.watched(at, self.rules)
        ended = action is Action.STOP
        action = _sayable(action, shown=viewing.shown, glimpse=viewing.is_glimpse(at, self.rules))
        told = replace(viewing, kept=watched, shown_until=_shown_until(action, viewing, at))
        if self._viewing is not None:
            self._viewing = told
        if ended and watched:
            self._watched[self._here] = viewing.name
        return _report(action, told, at, now, ended=ended)


def _sayable(action: Action, *, shown: bool, glimpse: bool) -> Action:
    """What to say so that no glimpse of the ending becomes a watch: any stop from 80 % on is one to Simkl
    (simkl-api 5.3), and so is a session that stands there when the next one begins (simkl-api 5.6).
    """
    match action:
        case Action.START if glimpse:
            return Action.PAUSE if shown else Action.KEEP
        case Action.STOP if glimpse:
            return Action.PAUSE
        case Action.PAUSE if not shown:
            return Action.KEEP
    return action


def _shown_until(action: Action, viewing: Viewing, at: float) -> float | None:
    """When Simkl would complete the viewing by its own clock after that was told (simkl-api 5.6); None: it
    does not show it as being watched now.
    """
    if action in (Action.KEEP, Action.NOTE):
        return viewing.shown_until
    if action is not Action.START:
        return None
    return at + (WATCHED_PERCENT - viewing.progress(at)) / 100 * viewing.length


def _report(action: Action, viewing: Viewing, at: float, now: datetime, *, ended: bool) -> Scrobble:
    """What to say of a viewing, from where it stands and as what it is `kept` from now on."""
    source = viewing.source
    return Scrobble(
        action=action,
        media=viewing.media,
        viewing=viewing.name,
        progress=viewing.progress(at),
        played=viewing.clock.played(at),
        watched=viewing.kept,
        ended=ended,
        at=now,
        path=source.path,
        corrected=source.corrected,
        shown_until=viewing.shown_until,
        recognised=source.recognised,
    )
