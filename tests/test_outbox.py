"""The outbox: what Simkl is told, and in which order. No test waits: the clock is given."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from mpv_simkl.model import Action, Scrobble
from mpv_simkl.outbox import LAST_REPLAY, SETTLES, Job, Outbox, Replay

from .makers import FILM, heard, watch


class Time:
    """A clock that a test moves on."""

    def __init__(self) -> None:
        self.now = 0.0

    def clock(self) -> float:
        """Monotonic seconds."""
        return self.now


def taken(outbox: Outbox) -> list[Scrobble]:
    """All that may go now. A replay comes when nothing else does, so that nothing is waited for."""
    outbox.replay()
    told: list[Scrobble] = []
    while isinstance(order := outbox.take(), Scrobble):
        told.append(order)
    return told


def words(scrobbles: list[Scrobble]) -> list[str]:
    """`start evening` for each."""
    return [f"{scrobble.action} {scrobble.viewing}" for scrobble in scrobbles]


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def outbox(time: Time) -> Outbox:
    return Outbox(time.clock)


@pytest.fixture
def told(outbox: Outbox) -> Outbox:
    """An outbox whose first viewing Simkl knows to be playing."""
    outbox.put(heard(Action.START))
    assert words(taken(outbox)) == ["start evening"]
    return outbox


STOPPED = heard(Action.STOP, progress=50, ended=True)  # left in the middle


# What goes out, and when


def test_a_start_goes_at_once(outbox: Outbox) -> None:
    """As soon as a film plays, Simkl is told."""
    outbox.put(heard(Action.START))
    assert words(taken(outbox)) == ["start evening"]
    assert taken(outbox) == []


def test_a_pause_is_told_once_it_has_lasted(told: Outbox, time: Time) -> None:
    """A pause of a second is none."""
    told.put(heard(Action.PAUSE))
    time.now = SETTLES - 0.1
    assert taken(told) == []
    time.now = SETTLES
    assert words(taken(told)) == ["pause evening"]


def test_a_pause_taken_back_is_never_told(told: Outbox, time: Time) -> None:
    """Pause and play in quick succession leave Simkl in peace."""
    told.put(heard(Action.PAUSE))
    told.put(heard(Action.START))
    time.now = 100
    assert taken(told) == []


def test_a_correction_within_a_short_pause_is_told(told: Outbox, time: Time) -> None:
    """Whoever says during a pause of a second what it really is has Simkl show that from then on."""
    corrected = heard(Action.START, FILM)
    told.put(heard(Action.PAUSE))
    told.put(corrected)
    time.now = SETTLES
    assert taken(told) == [corrected]


@pytest.mark.parametrize(
    ("first", "second", "words_told"),
    [(360.0, 361.2, []), (360.0, 5700.0, ["start evening"]), (math.inf, math.inf, [])],
    ids=["in place", "after a jump", "of unknown length"],
)
def test_a_jump_within_a_short_pause_is_told(
    outbox: Outbox, time: Time, first: float, second: float, words_told: list[str]
) -> None:
    """Whoever pauses, goes back to the beginning and plays on within a second is watching from there, and so
    Simkl hears: its own clock stands far beyond.
    """
    outbox.put(replace(heard(Action.START), shown_until=first))
    assert words(taken(outbox)) == ["start evening"]
    outbox.put(heard(Action.PAUSE))
    outbox.put(replace(heard(Action.START), shown_until=second))
    time.now = SETTLES
    assert words(taken(outbox)) == words_told


def test_of_rapid_presses_the_last_one_counts(told: Outbox, time: Time) -> None:
    """Whoever hits the space bar eleven times sends one pause, with the place of the last one."""
    for press in range(11):
        time.now += 0.2
        told.put(heard((Action.PAUSE, Action.START)[press % 2], progress=press))
    assert taken(told) == []
    time.now += SETTLES
    assert taken(told) == [heard(Action.PAUSE, progress=10)]


def test_the_end_goes_at_once(told: Outbox) -> None:
    """A stop waits for nothing, and a pause before it need not be told."""
    told.put(heard(Action.PAUSE))
    told.put(STOPPED)
    assert taken(told) == [STOPPED]


def test_a_skipped_file_is_never_mentioned(outbox: Outbox) -> None:
    """A file that was closed before Simkl heard of it was never there."""
    outbox.put(heard(Action.START))
    outbox.put(STOPPED)
    outbox.put(heard(Action.START, viewing="next"))
    assert words(taken(outbox)) == ["start next"]


def test_a_watch_is_told_even_if_nothing_was_told_before(outbox: Outbox) -> None:
    """A watched stop is never dropped, and makes up for the start."""
    outbox.put(heard(Action.START))
    outbox.put(watch())
    assert taken(outbox) == [watch()]


def test_the_oldest_viewing_goes_first(told: Outbox) -> None:
    """The end of one film is told before the start of the next."""
    told.put(watch())
    told.put(heard(Action.START, viewing="second"))
    told.put(watch(viewing="second"))
    told.put(heard(Action.START, viewing="third"))
    assert words(taken(told)) == ["stop evening", "stop second", "start third"]


def test_what_is_not_told_is_said_to_be_nothing(outbox: Outbox) -> None:
    """Whoever leaves a letter learns if there is anything to tell of the viewing at all."""
    assert outbox.put(heard(Action.START))
    assert not outbox.put(STOPPED)
    assert outbox.put(watch(viewing="next"))


def test_a_replay_waits_for_its_time(outbox: Outbox, time: Time) -> None:
    """After a failure it is tried again some seconds later, and a new wish does not put that off."""
    outbox.replay(5)
    outbox.replay(60)
    outbox.put(heard(Action.START))
    assert outbox.take() == heard(Action.START)
    time.now = 5
    assert outbox.take() == Replay()


def test_the_end_of_mpv_is_not_held_up_by_replays(outbox: Outbox, time: Time) -> None:
    """When mpv has gone, a batch is begun for a moment only; the rest waits for the next play."""
    outbox.close()
    outbox.replay()
    assert outbox.take() == Replay()
    time.now = LAST_REPLAY
    outbox.replay()
    assert outbox.take() is None


def test_on_leaving_everything_goes_at_once(told: Outbox) -> None:
    """When mpv quits, nothing is held back, what was asked for is done, and then it is over."""
    told.put(heard(Action.PAUSE))
    told.put(heard(Action.START, viewing="next"))
    told.replay()
    told.close()
    orders = [told.take() for _ in range(4)]
    assert words([order for order in orders if isinstance(order, Scrobble)]) == [
        "pause evening",
        "start next",
    ]
    assert orders[2:] == [Replay(), None]
    assert told.take() is None


def test_a_replay_asked_for_twice_is_one(outbox: Outbox) -> None:
    """One replay sends all that waits."""
    outbox.replay()
    outbox.replay()
    outbox.close()
    assert [outbox.take(), outbox.take()] == [Replay(), None]


@pytest.mark.parametrize("wake", [lambda box: box.put(watch()), Outbox.replay, Outbox.close])
def test_whoever_waits_is_woken(wake: Callable[[Outbox], None]) -> None:
    """The sender sleeps until there is something to do."""
    outbox, orders = Outbox(), list[object]()
    sender = threading.Thread(target=lambda: orders.append(outbox.take()))
    sender.start()
    wake(outbox)
    sender.join(10)
    assert len(orders) == 1


class AnyEvening(RuleBasedStateMachine):
    """Films begin, pause and end in any order, while a sender takes what may go, now and then."""

    @initialize()
    def begin(self) -> None:
        self.time = Time()
        self.outbox = Outbox(self.time.clock)
        self.puts: dict[str, list[tuple[float, Scrobble]]] = {}
        self.told: dict[str, list[Scrobble]] = {}
        self.open: str | None = None
        self.owed: set[str] = set()  # the watches

    @rule()
    @precondition(lambda self: self.open is None)
    def start(self) -> None:
        self.open = f"{len(self.puts)}"
        self.say(heard(Action.START, viewing=self.open))

    @rule()
    @precondition(lambda self: self.open is not None)
    def press(self) -> None:
        playing = self.puts[str(self.open)][-1][1].action is Action.START
        self.say(heard(Action.PAUSE if playing else Action.START, viewing=str(self.open)))

    @rule(watched=st.booleans())
    @precondition(lambda self: self.open is not None)
    def end(self, *, watched: bool) -> None:
        name, self.open = str(self.open), None
        if watched:
            self.owed.add(name)
        self.say(heard(Action.STOP, viewing=name, watched=watched, ended=True))

    @rule(seconds=st.floats(0.1, 3))
    def wait(self, seconds: float) -> None:
        self.time.now += seconds

    @rule()
    def take(self) -> None:
        self.hear()

    def say(self, scrobble: Scrobble) -> None:
        self.puts.setdefault(scrobble.viewing, []).append((self.time.now, scrobble))
        self.told.setdefault(scrobble.viewing, [])
        self.outbox.put(scrobble)

    def hear(self) -> list[Scrobble]:
        heard_now = taken(self.outbox)
        for scrobble in heard_now:
            self.check(scrobble)
            self.told[scrobble.viewing].append(scrobble)
        assert len({scrobble.viewing for scrobble in heard_now}) == len(heard_now)
        order = [int(scrobble.viewing) for scrobble in heard_now]
        assert order == sorted(order)
        return heard_now

    def check(self, scrobble: Scrobble) -> None:
        since, last = self.puts[scrobble.viewing][-1]
        before = self.told[scrobble.viewing]
        assert scrobble == last, "only the last word about a viewing goes out"
        assert not any(told.ended for told in before), "nothing follows an end"
        if before:
            assert scrobble.action is not before[-1].action, "nothing is told twice"
            assert scrobble.ended or self.time.now - since >= SETTLES - 1e-6, "a pause has to last"

    def teardown(self) -> None:
        if not hasattr(self, "outbox"):
            return
        self.time.now += SETTLES
        self.hear()
        for name, puts in self.puts.items():
            _, last = puts[-1]
            if name in self.owed:
                assert self.told[name][-1:] == [last], "a watch is never dropped"
            elif self.told[name]:
                assert self.told[name][-1].action is last.action, "Simkl knows how it ended"
            else:
                assert last.ended, "only what was skipped is never mentioned"


AnyEvening.TestCase.settings = settings(max_examples=60, stateful_step_count=30)
TestAnyEvening = AnyEvening.TestCase


def test_what_a_user_waits_for_comes_before_a_start_and_after_an_end() -> None:
    """An end on its way is told before the key that came after it is obeyed, and the next start after it."""
    outbox = Outbox()
    job = Job(lambda _: None, lambda _: None)
    outbox.put(heard(Action.STOP, viewing="first", watched=True, ended=True))
    outbox.ask(job)
    outbox.put(heard(viewing="second"))
    taken = [outbox.take() for _ in range(3)]
    assert taken[1] is job
    told = [letter.viewing for letter in (taken[0], taken[2]) if isinstance(letter, Scrobble)]
    assert told == ["first", "second"]
