"""Delivery under anything: watches, crashes, bad answers and the user's commands, in any order."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from mpv_simkl import correcting
from mpv_simkl.correcting import Choice
from mpv_simkl.delivery import Sender
from mpv_simkl.errors import MpvSimklError
from mpv_simkl.journal import Journal
from mpv_simkl.matching import Matcher
from mpv_simkl.media import Media
from mpv_simkl.model import Action
from mpv_simkl.outbox import Outbox
from mpv_simkl.replay import replay_all
from mpv_simkl.sandbox import Sandbox

from .makers import (
    ANIME,
    EPISODE,
    FILM,
    UNKNOWN_EPISODE,
    UNKNOWN_FILM,
    connect,
    heard,
    player_is_gone,
    watch,
)

Item = tuple[int, int | None, int | None]

# What is watched, and what that is at Simkl; nothing for what it does not know, and for a namesake.
FILMS: list[tuple[Media, set[Item]]] = [
    (FILM, {(9300001, None, None)}),
    (EPISODE, {(9200004, 1, 3)}),
    (Media("episode", "Breaking Bad", 2008, season=1, episodes=(1, 2)), {(9200005, 1, 1), (9200005, 1, 2)}),
    (ANIME, {(38636, 1, 96)}),
    (Media("episode", "Attack on Titan", season=3, episodes=(13,)), {(931899, 1, 1)}),
    (Media("episode", "Castle", 1970, season=1, episodes=(2,)), set()),
    (UNKNOWN_FILM, set()),
    (UNKNOWN_EPISODE, set()),
]
FAULTS = (
    *("internal", "unavailable", "too_fast", "blocked", "write_lock", "invalid_token", "not_matched"),
    *("bad_request", "portal", "null", "half_json", "cut", "cut_after", "truncated"),
)
PATHS = ("", "/scrobble", "/scrobble/stop", "/sync/history", "/redirect", "/tv")
MOST_CALLS = 60  # for one step: eight vain ones for a batch, and what is looked up
SAID = Media("movie", "The Thing", 1982, ids={"simkl": "9300004"})  # what the user says the unknown film is


class AnyDays(RuleBasedStateMachine):
    """One user, whose player may die at any time."""

    @initialize()
    def begin(self) -> None:
        self.all = ExitStack()
        self.folder = Path(self.all.enter_context(tempfile.TemporaryDirectory()))
        self.simkl = self.all.enter_context(Sandbox(throttle=False))
        self.watched: dict[str, tuple[int, datetime]] = {}
        self.dropped: set[str] = set()
        self.said = False
        self.calls = 0
        self.open()

    def open(self) -> None:
        self.journal = Journal.open(self.folder)
        self.journal.take_over(starting=True)
        self.sender = Sender(Outbox(), self.journal, lambda: connect(self.simkl))

    @rule(film=st.integers(0, len(FILMS) - 1), shown=st.booleans(), told=st.booleans())
    def watch(self, film: int, *, shown: bool, told: bool) -> None:
        name, media = f"{len(self.watched)}", FILMS[film][0]
        if media == UNKNOWN_FILM and self.said:
            return
        begun = replace(heard(Action.START, media, name), at=datetime.now(UTC), recognised=media, path=name)
        self.journal.record(begun)
        if shown:
            self.sender._deliver(begun)
        ended = replace(watch(media, name), at=datetime.now(UTC), recognised=media, path=name)
        self.watched[name] = film, ended.at
        self.journal.record(ended)
        if told:
            self.sender._deliver(ended)
        else:
            self.crash()

    @rule(film=st.integers(0, len(FILMS) - 1))
    def die_near_the_end(self, film: int) -> None:
        """What the journal holds as a watch by then is one."""
        name, media = f"{len(self.watched)}", FILMS[film][0]
        if media == UNKNOWN_FILM and self.said:
            return
        kept = heard(Action.KEEP, media, name, progress=90, watched=True)
        kept = replace(kept, at=datetime.now(UTC), recognised=media, path=name)
        self.watched[name] = film, kept.at
        self.journal.record(kept)
        self.crash()

    @rule(film=st.integers(0, len(FILMS) - 1), progress=st.sampled_from([0, 50, 95]), ends=st.booleans())
    def glimpse(self, film: int, progress: float, *, ends: bool) -> None:
        name, media = f"a glimpse {datetime.now(UTC)}", FILMS[film][0]
        for action, ended in ((Action.START, False), (Action.PAUSE, ends)):
            at = 0 if action is Action.START else progress
            scrobble = heard(action, media, name, progress=at, ended=ended)
            self.journal.record(scrobble)
            self.sender._deliver(scrobble)
        if not ends:
            self.crash()

    @rule()
    def crash(self) -> None:
        self.journal.__exit__(None, None, None)
        player_is_gone(self.folder)
        self.open()

    @rule(fault=st.sampled_from(FAULTS), times=st.integers(1, 9), path=st.sampled_from(PATHS))
    def fail(self, fault: str, times: int, path: str) -> None:
        self.simkl.fail(fault, times=times, path=path)

    @rule()
    def heal(self) -> None:
        self.simkl.heal()

    @rule(hurried=st.booleans())
    def replay(self, *, hurried: bool) -> None:
        """As it comes by itself, or by hand."""
        if hurried:
            self.journal.hurry()
        with suppress(MpvSimklError):
            list(replay_all(self.journal, connect(self.simkl), Matcher(self.journal.titles)))

    @rule()
    def retry(self) -> None:
        self.journal.retry()

    @rule()
    def drop_the_oldest(self) -> None:
        for row in self.journal.unsent()[:1]:
            if self.journal.drop([row.id]):
                self.dropped.add(row.name)

    @rule()
    def say_what_the_unknown_film_is(self) -> None:
        by = correcting.keep(self.journal, "title", "", UNKNOWN_FILM, Choice(SAID))
        correcting.apply(self.journal, by)
        self.said = True

    def items(self, name: str) -> set[Item]:
        media, items = FILMS[self.watched[name][0]]
        return {(9300004, None, None)} if self.said and media == UNKNOWN_FILM else items

    @invariant()
    def every_watch_is_here_or_there(self) -> None:
        if not hasattr(self, "simkl"):
            return
        there = {(each.simkl, each.season, each.number): each.watched_at for each in self.simkl.history}
        unsent = {row.name: row.state for row in self.journal.unsent()}
        assert "sending" not in unsent.values(), "nothing is sent for ever"
        for name in self.watched.keys() - self.dropped - unsent.keys():
            assert self.items(name) <= there.keys(), f"{self.watched[name]} is lost"
            assert self.items(name), f"{self.watched[name]} is done as something else"
        for item, at in there.items():
            times = [self.watched[name][1] for name in self.watched if item in self.items(name)]
            assert any(abs(at - each) <= timedelta(seconds=2) for each in times), f"{item} was not watched"

    @invariant()
    def simkl_is_not_stormed(self) -> None:
        if hasattr(self, "simkl"):
            before, self.calls = self.calls, len(self.simkl.calls)
            assert self.calls - before <= MOST_CALLS

    def teardown(self) -> None:
        if hasattr(self, "simkl"):
            with self.all:
                self.simkl.heal()
                self.journal.retry()
                self.replay(hurried=True)
                self.every_watch_is_here_or_there()
                left = {row.name: row.state for row in self.journal.unsent() if row.watched_at}
                assert left.keys() == {
                    name for name in self.watched.keys() - self.dropped if not self.items(name)
                }
                assert set(left.values()) <= {"not_found", "doubtful"}
                self.journal.__exit__(None, None, None)


AnyDays.TestCase.settings = settings(
    max_examples=12, stateful_step_count=25, derandomize=True, deadline=None, database=None
)
TestAnyDays = AnyDays.TestCase
