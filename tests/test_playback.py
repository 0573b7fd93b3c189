"""What Simkl is told, from plain events: no mpv, no clock."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpv_simkl.judging import Rules, judge
from mpv_simkl.media import Clues, Media
from mpv_simkl.model import (
    Action,
    Ended,
    Event,
    Finished,
    Landed,
    Measured,
    Opened,
    Paused,
    Ran,
    Resumed,
    Sampled,
    Scrobble,
    Sitting,
    Sought,
    SpeedSet,
    Stalled,
    Woke,
)
from mpv_simkl.playback import SOON, TRANSITIONS, Tracker

from .makers import EPISODE, FILM, NOW

CALLS = (Action.START, Action.PAUSE, Action.STOP)
RULES = Rules(min_duration=300, min_played=10)
LENGTH = 1000.0  # seconds: ten of them are one percent
OPENED = Opened(0.0, 0.0, duration=LENGTH, running=True)


class Evening:
    """One mpv that is followed; `told` is all that was said."""

    def __init__(self, opened: Opened = OPENED, earlier: Sequence[Sitting] = ()) -> None:
        names = itertools.count()
        self.tracker = Tracker(RULES, lambda: f"viewing {next(names)}")
        self.told: list[Scrobble] = []
        self.noted: list[Scrobble] = []  # where it stood, for the journal alone
        self.open(opened, earlier)

    def open(self, opened: Opened = OPENED, earlier: Sequence[Sitting] = ()) -> list[str]:
        """The next file."""
        self.tracker.earlier = earlier
        return self._heard(self.tracker.open(opened, FILM, NOW))

    def see(self, *events: Event) -> list[str]:
        """What these events say."""
        return [word for event in events for word in self._heard(self.tracker.see(event, NOW))]

    def _heard(self, scrobbles: list[Scrobble]) -> list[str]:
        self.noted += [scrobble for scrobble in scrobbles if scrobble.action is Action.NOTE]
        said = [scrobble for scrobble in scrobbles if scrobble.action is not Action.NOTE]
        self.told += said
        return [short(scrobble) for scrobble in said]


def short(scrobble: Scrobble) -> str:
    """`stop 85 watched ended`."""
    marks = " watched" * scrobble.watched + " ended" * scrobble.ended
    return f"{scrobble.action} {scrobble.progress:g}{marks}"


def played(first: float, last: float, *, at: float | None = None, speed: float = 1.0) -> list[Event]:
    """The samples of playing from one place to another; by default the clock shows the position."""
    begin = first if at is None else at
    places = [*range(int(first) + 10, int(last), 10), last]
    return [Sampled(begin + (place - first) / speed, float(place)) for place in places]


def jump(at: float, place: float) -> list[Event]:
    """A seek that is done at once."""
    return [Sought(at), Stalled(at), Landed(at, place, running=False), Ran(at, place)]


# Each state as the events that lead to it, all of them at 85 %, and the place where its clock stands.
STATES: dict[str, tuple[Opened, list[Event]]] = {
    "idle": (OPENED, [*played(0, 850), Ended(850)]),
    "ready": (replace(OPENED, position=850.0, paused=True, running=False), []),
    "playing": (OPENED, played(0, 850)),
    "paused": (OPENED, [*played(0, 850), Paused(850, 850.0), Stalled(850)]),
    "ended": (OPENED, [*played(0, 850), Finished(850)]),
}
STOP = ["stop 85 watched ended"]
STEPS = [
    ("idle", Resumed, [], []),
    ("idle", Paused, [], []),
    ("idle", Finished, [], []),
    ("idle", Ended, [], []),
    ("ready", Resumed, ["keep 85"], ["pause 85 ended"]),
    ("ready", Paused, [], []),
    ("ready", Finished, [], []),
    ("ready", Ended, [], []),
    ("playing", Paused, ["pause 85 watched"], STOP),
    ("playing", Resumed, [], STOP),
    ("playing", Finished, STOP, []),
    ("playing", Ended, STOP, []),
    ("playing", Woke, ["start 85 watched"], STOP),
    ("paused", Woke, [], STOP),
    ("paused", Resumed, ["start 85 watched"], STOP),
    ("paused", Paused, [], STOP),
    ("paused", Finished, STOP, []),
    ("paused", Ended, STOP, []),
    ("ended", Resumed, [], []),
    ("ended", Paused, [], []),
    ("ended", Finished, [], []),
    ("ended", Ended, [], []),
]


@pytest.mark.parametrize(("state", "event", "said", "at_its_end"), STEPS)
def test_each_step_is_told_once(
    state: str, event: type[Event], said: list[str], at_its_end: list[str]
) -> None:
    """Play, pause and the end are each told once, whatever mpv repeats."""
    opened, before = STATES[state]
    evening = Evening(opened)
    evening.see(*before)
    assert evening.see(event(850)) == said
    assert evening.see(Ended(850)) == at_its_end


def test_every_step_of_the_table_is_tried_here() -> None:
    """No step of the table of transitions is without its test."""
    tried = {(state, event) for state, event, _, _ in STEPS}
    known = {(state.name.lower(), event) for state, row in TRANSITIONS.items() for event in row}
    assert known <= tried


def test_the_place_is_noted_for_a_crash() -> None:
    """A crash costs the last seconds at most: every reading and every jump is noted."""
    evening = Evening()
    evening.see(*played(0, 30), *jump(30, 500))
    assert [short(noted) for noted in evening.noted] == ["note 1", "note 2", "note 3", "note 50"]
    evening.see(Paused(31, 500.0), Ended(31))
    assert len(evening.noted) == 4


def test_start_is_told_when_a_file_opens() -> None:
    """As soon as a film plays, Simkl shows it, with the place where it begins."""
    (start,) = Evening().told
    told = Scrobble(Action.START, FILM, "viewing 0", 0.0, 0.0, False, False, NOW)
    assert start == replace(told, shown_until=800.0, recognised=FILM)
    assert [short(said) for said in Evening(replace(OPENED, position=250.0)).told] == ["start 25"]


def test_nothing_is_told_of_a_file_opened_paused() -> None:
    """A film that waits on its first frame is not being watched."""
    evening = Evening(replace(OPENED, paused=True, running=False))
    assert evening.told == []
    assert evening.see(Resumed(60, 0.0), Ran(60, 0.0)) == ["start 0"]


def test_a_file_closed_before_it_played_was_never_there() -> None:
    """A film opened paused and closed again leaves no trace."""
    evening = Evening(replace(OPENED, paused=True, running=False))
    assert evening.see(*jump(1, 900), Ended(2)) == []


def test_pause_and_resume_tell_where_the_film_stands() -> None:
    """While it is paused the film does not move on."""
    evening = Evening()
    assert evening.see(Paused(5, 5.0), Stalled(5)) == ["pause 0.5"]
    assert evening.see(Resumed(500), Ran(500)) == ["start 0.5"]
    assert evening.see(Ended(510)) == ["stop 1.5 ended"]


def test_a_film_played_to_its_end_is_watched_to_the_full() -> None:
    """The last position that mpv tells is a little short; a true end is 100 %."""
    evening = Evening()
    assert evening.see(*played(0, 990)) == ["keep 80 watched"]
    assert evening.see(Stalled(999.2), Ended(999.3, None, "eof")) == ["stop 100 watched ended"]


def test_a_stream_that_breaks_keeps_its_place() -> None:
    """mpv says end of file for a broken connection too; that is no watch."""
    evening = Evening()
    evening.see(*played(0, 400), Stalled(405))
    assert evening.see(Ended(425, None, "eof")) == ["stop 40.5 ended"]


def test_quitting_near_the_end_claims_no_more_than_was_seen() -> None:
    """Only an end of file is 100 %; whoever quits a second before it stopped there."""
    evening = Evening()
    evening.see(*played(0, 999))
    assert evening.see(Ended(999, None, "quit")) == ["stop 99.9 watched ended"]


def test_a_glimpse_of_the_end_is_told_as_a_pause() -> None:
    """Simkl takes any stop from 80 % on for a watch, so a glimpse of the ending ends with a pause."""
    evening = Evening()
    evening.see(*played(0, 20), *jump(20, 900))
    assert evening.see(Ended(930)) == ["pause 92 ended"]


def test_a_film_opened_at_its_ending_is_not_shown_as_watched_now() -> None:
    """Simkl counts a session that stands at 80 % or beyond when another player begins: a glimpse begins none,
    however often it is paused.
    """
    evening = Evening(replace(OPENED, position=900.0))
    assert [short(said) for said in evening.told] == ["keep 90"]
    assert evening.see(Paused(5, 905.0), Stalled(5)) == ["keep 90.5"]
    assert evening.see(Resumed(50), Ran(50)) == ["keep 90.5"]
    assert evening.see(Ended(60)) == ["pause 91.5 ended"]


def test_a_pause_at_the_ending_is_not_taken_back() -> None:
    """Whoever jumps to the ending and pauses there is shown as paused, and so it stays when it plays on."""
    evening = Evening()
    assert evening.see(*jump(5, 900), Paused(6, 901.0), Stalled(6)) == ["pause 90.1"]
    assert evening.see(Resumed(50), Ran(50)) == ["keep 90.1"]
    assert evening.see(*jump(55, 300)) == ["start 30"]


def test_a_glimpse_is_not_shown_after_a_sleep_of_the_machine() -> None:
    """Simkl's clock went on while the machine slept: its session of a glimpse is ended, not begun anew."""
    evening = Evening()
    assert evening.see(*jump(5, 900), Woke(6)) == ["pause 90.1"]
    assert evening.see(Woke(7)) == ["keep 90.2"]


def test_what_began_as_a_glimpse_is_shown_when_it_is_none_any_more() -> None:
    """Whoever goes back from the ending watches the film, and so does who plays enough of the rest."""
    evening = Evening(replace(OPENED, position=900.0))
    assert evening.see(*jump(5, 300)) == ["start 30"]
    evening = Evening(replace(OPENED, position=850.0))
    assert evening.see(*played(850, 970, at=0)) == ["start 95 watched"]
    assert evening.see(Ended(120)) == ["stop 97 watched ended"]


def test_what_is_shown_is_no_watch_by_the_clock_of_simkl() -> None:
    """Whoever goes on at 75 % is shown as watching, but not on from 80 % before enough of it is played: the
    next player's start would make a watch of it (simkl-api 5.6).
    """
    evening = Evening(replace(OPENED, position=750.0))
    assert evening.see(*played(750, 790, at=0)) == []
    assert evening.see(Sampled(50, 800.0), Sampled(60, 810.0)) == ["pause 80"]
    assert evening.see(*played(810, 850, at=60)) == ["start 85 watched"]
    evening = Evening(replace(OPENED, position=750.0))
    assert evening.see(*played(750, 830, at=0), Ended(80)) == ["pause 80", "pause 83 ended"]


def test_a_look_at_the_ending_is_not_told() -> None:
    """Simkl's clock stands where the film was told to be, however far one jumps from there."""
    evening = Evening()
    assert evening.see(*jump(5, 900), Sampled(15, 910.0), *jump(16, 20)) == []


def test_a_tenth_of_the_film_must_have_been_played() -> None:
    """A watch needs min_played percent of real playing, and not a second more."""
    for seconds, said in ((99, "pause 94.9 ended"), (100, "stop 95 watched ended")):
        evening = Evening()
        evening.see(*jump(0, 850), *played(850, 850 + seconds, at=0))
        assert evening.see(Ended(seconds)) == [said]


def test_nothing_is_watched_of_which_nothing_was_played() -> None:
    """With min_played=0 a second is enough, and less than that is no watch yet."""
    for seconds, said in ((0, "pause 90 ended"), (1, "stop 90.1 watched ended")):
        evening = Evening()
        evening.tracker.rules = replace(RULES, min_played=0)
        evening.see(*jump(0, 900))
        assert evening.see(Ended(seconds)) == [said]


def test_the_journal_hears_at_once_when_a_viewing_becomes_a_watch() -> None:
    """From 80 % on even a power cut loses nothing; whoever goes back takes it back."""
    evening = Evening()
    assert evening.see(*played(0, 795)) == []
    assert evening.see(Sampled(800, 800.0), Sampled(810, 810.0)) == ["keep 80 watched"]
    assert evening.see(*jump(810, 300), Sampled(820, 310.0)) == ["start 30"]
    assert evening.see(*jump(820, 900)) == ["keep 90 watched"]


def test_a_pause_beyond_the_mark_is_kept_without_a_second_word() -> None:
    """What a pause has already told to the journal is not told again."""
    evening = Evening()
    evening.see(*played(0, 795))
    assert evening.see(Paused(802, 802.0), Stalled(802), Sampled(802, 802.0)) == ["pause 80.2 watched"]


def test_going_back_while_paused_takes_the_watch_back() -> None:
    """A seek tells the journal too when the film is paused."""
    evening = Evening()
    evening.see(*played(0, 850), Paused(850, 850.0), Stalled(850))
    assert evening.see(Sought(851), Landed(851, 100.0, running=False)) == ["keep 10"]
    assert evening.see(Ended(852)) == ["stop 10 ended"]


def test_a_film_that_loops_is_one_watch() -> None:
    """loop-file goes round without an end of file: the first round is a watch, the next ones say nothing."""
    evening = Evening()
    evening.see(*played(0, 995))
    assert evening.see(Sought(1000), Landed(1000, 0.0, running=True)) == ["stop 100 watched ended"]
    assert evening.see(*played(0, 995, at=1000), *jump(2000, 0), Paused(2001), Ended(2002)) == []


def test_a_film_that_loops_is_one_watch_even_if_mpv_still_seeks_when_it_says_that_it_landed() -> None:
    """The first position after the jump may come with the next event only."""
    evening = Evening()
    evening.see(*played(0, 995))
    evening.see(Sought(1000), Landed(1000, None, running=False))
    assert evening.see(Ran(1000.1, 0.1)) == ["stop 100 watched ended"]


def test_a_loop_over_the_ending_alone_is_no_watch() -> None:
    """A few seconds that went round are none of the film."""
    evening = Evening()
    evening.see(*jump(0, 950), *played(950, 990, at=0))
    assert evening.see(Sought(41), Landed(41, 0.0, running=True)) == []
    assert evening.see(Ended(46)) == ["stop 0.5 ended"]


def test_a_scene_that_goes_round_is_played_once() -> None:
    """Whoever has a scene near the end go round for ten minutes has not watched the film (ab-loop)."""
    evening = Evening()
    assert evening.see(*jump(5, 840)) == []
    for at in range(5, 605, 20):
        assert evening.see(*played(840, 860, at=at), *jump(at + 20, 840)) == []
    assert evening.see(Ended(605)) == ["pause 84 ended"]
    assert evening.told[-1].played == 25


def test_who_crosses_the_mark_again_and_again_has_watched_it_once() -> None:
    """A scene around 80 % that goes round is for the journal alone; Simkl hears of one watch, or of none."""
    for last, end in ((845, "stop 84.5 watched ended"), (785, "stop 78.5 ended")):
        evening = Evening()
        evening.see(*played(0, 850))
        for at in range(850, 1550, 70):
            told = evening.see(*jump(at, 780), *played(780, 850, at=at))
            assert told == ["keep 78", "keep 80 watched"]
        evening.see(*jump(1550, 780), *played(780, last, at=1550))
        assert evening.see(Ended(1550 + last - 780)) == [end]


def test_going_back_to_the_middle_is_no_loop() -> None:
    """Only a jump to the very beginning is taken for a loop."""
    evening = Evening()
    evening.see(*played(0, 900))
    assert evening.see(*jump(900, 6)) == ["start 0.6"]


def test_the_end_held_open_is_the_end() -> None:
    """With keep-open mpv pauses on the last frame; that film is watched, not paused."""
    evening = Evening()
    evening.see(*played(0, 995))
    assert evening.see(Stalled(1000), Finished(1000)) == ["stop 100 watched ended"]
    assert evening.see(Paused(1000.1, 1000.0), Resumed(1010), Ended(1020)) == []


def test_a_glimpse_held_open_is_only_paused() -> None:
    """With keep-open, too, a jump to the end is no watch."""
    evening = Evening()
    evening.see(*jump(5, 998))
    assert evening.see(Stalled(7), Finished(7), Paused(7.1, 1000.0)) == ["pause 100"]
    assert evening.see(Ended(20)) == ["pause 100 ended"]


def test_a_growing_file_has_no_percentage() -> None:
    """Whoever leaves a recording or a live stream while it keeps growing has not seen the end of it."""
    for network, reason in ((False, "quit"), (True, "eof")):
        evening = Evening(replace(OPENED, network=network))
        evening.see(*played(0, 850))
        assert evening.see(Measured(851, 851.0, None)) == ["keep 0"]
        assert evening.see(Ended(900, None, reason)) == ["stop 0 ended"]


@pytest.mark.parametrize("end", [Finished(1500), Ended(1500, None, "eof")])
def test_a_recording_under_way_is_watched_when_its_end_is_reached(end: Event) -> None:
    """Whoever follows a recording to its end has watched it, but not who jumps there."""
    evening = Evening()
    evening.see(*played(0, 1000), Measured(1001, 1001.0, None), *played(1001, 1500))
    assert evening.see(end) == ["stop 100 watched ended"]
    evening = Evening()
    evening.see(Measured(1, 1.0, None), *jump(1, 1480))
    assert "watched" not in " ".join(evening.see(replace(end, at=21.0)))


def test_a_duration_that_changes_moves_the_mark() -> None:
    """The percentage is always that of the running time as it is known now."""
    evening = Evening()
    evening.see(*played(0, 700))
    assert evening.see(Measured(700, 700.0, 800.0)) == ["keep 87.5 watched"]
    assert evening.see(Measured(701, 701.0, 2000.0)) == ["keep 35.05"]


def test_what_is_taken_back_is_as_long_as_it_has_become() -> None:
    """Followed anew after an undo, the percentage is that of the running time as it is known now."""
    evening = Evening()
    evening.see(Measured(1, 1.0, 800.0), *played(1, 790), Finished(799))
    assert evening.tracker.take_back("viewing 0")
    (start,) = evening.tracker.begin(Opened(810, 400.0, duration=800.0, running=True), NOW)
    assert short(start) == "start 50"


def test_at_double_speed_the_film_goes_twice_as_fast() -> None:
    """Speed counts in the position and in what was played."""
    evening = Evening()
    assert evening.see(SpeedSet(0, 0.0, speed=2.0), Paused(10), SpeedSet(10, speed=0.5)) == ["pause 2"]
    assert evening.see(Resumed(10), Ended(20)) == ["start 2", "stop 2.5 ended"]
    assert evening.told[-1].played == 25


def test_a_player_that_was_frozen_watched_nothing() -> None:
    """After Ctrl-Z or sleep the film stands where it stood; at most 20 s without a word are believed."""
    evening = Evening()
    evening.see(Sampled(10, 10.0))
    assert evening.see(Ended(70)) == ["stop 3 ended"]
    assert evening.told[-1].played == 30


@pytest.mark.parametrize("asked", [Sampled, Woke])
def test_a_frozen_player_that_is_asked_again_and_again_watched_nothing(asked: type[Event]) -> None:
    """Whoever stops mpv with Ctrl-Z and closes the terminal an hour later has not watched the rest."""
    evening = Evening()
    evening.see(Sampled(10, 10.0), *[asked(at) for at in range(20, 3600, 10)])
    assert evening.see(Ended(3600, reason="gone"))[-1] == "stop 3 ended"
    assert evening.told[-1].played == 30


def test_what_mpv_says_without_its_place_is_a_word_of_its_own() -> None:
    """A film that goes on after a long pause is played on, though mpv was seeking just then."""
    evening = Evening()
    evening.see(Sampled(10, 10.0), Paused(10, 10.0), Stalled(10, 10.0), Resumed(3600), Ran(3600))
    assert evening.see(Ended(3608)) == ["stop 1.8 ended"]


def test_a_sample_corrects_what_was_reckoned() -> None:
    """What mpv says counts, backwards too, and only what was shown counts as played."""
    evening = Evening()
    evening.see(Sampled(10, 10.0), Sampled(70, 10.6))
    assert evening.see(Ended(70)) == ["stop 1.06 ended"]
    assert evening.told[-1].played == pytest.approx(10.6)


def test_a_seek_is_not_played() -> None:
    """Jumping over a scene is not watching it, and jumping back plays nothing twice."""
    evening = Evening()
    evening.see(*played(0, 50), *jump(50, 700), *played(700, 730, at=50), *jump(80, 20))
    evening.see(*played(20, 60, at=80), Ended(120))
    assert evening.told[-1].played == 90


def test_a_position_that_leaps_without_a_seek_is_not_played() -> None:
    """A chapter that mpv skips by itself adds a place, not time, and a leap back takes none away."""
    evening = Evening()
    evening.see(Sampled(10, 600.0), Sampled(20, 50.0), Ended(25))
    assert evening.told[-1].played == 15


def test_the_time_that_a_seek_takes_is_not_played() -> None:
    """A stream that needs a minute to jump has shown nothing meanwhile."""
    evening = Evening()
    evening.see(Sampled(10, 10.0), Sought(10), Landed(25, 500.0, running=True), Ended(30))
    assert evening.told[-1].played == 15


def test_the_last_frame_is_not_played_for_ever() -> None:
    """With keep-open and without its pause, what stands on the screen is no longer playing."""
    evening = Evening()
    assert evening.see(*jump(5, 998), Finished(7), Ended(25)) == ["pause 100 ended"]
    assert evening.told[-1].played == 7


def test_near_the_mark_only_what_mpv_said_counts() -> None:
    """Within a second of 80 % nothing is claimed that was not seen."""
    evening = Evening()
    evening.see(*played(0, 791))
    assert evening.see(Ended(800.5)) == ["stop 79.1 ended"]
    evening.open()
    evening.see(*played(0, 791))
    assert evening.see(Ended(801.5)) == ["stop 80.15 watched ended"]


def test_of_what_is_over_nothing_more_is_said() -> None:
    """In an empty window nothing can be left out or said to be something else, before a film or after it."""
    tracker = Tracker(RULES)
    assert tracker.leave(0, NOW) == tracker.correct(FILM, 0, NOW) == []
    evening = Evening()
    evening.see(*played(0, 400), Ended(400))
    assert evening.tracker.correct(FILM, 410, NOW) == evening.tracker.leave(410, NOW) == []


def test_patience_is_endless_while_nothing_moves() -> None:
    """Nothing is asked of mpv while there is nothing to learn."""
    evening = Evening()
    evening.see(Ran(2), Paused(3))
    assert evening.tracker.patience(3) is None
    evening.see(Resumed(4), *played(0, 900, at=4), Finished(950))
    assert evening.tracker.patience(950) is None
    evening.see(Ended(960))
    assert evening.tracker.patience(960) is None
    assert Tracker(RULES).patience(0) is None


def test_patience_is_ten_seconds_or_until_the_mark() -> None:
    """The position is read every ten seconds, and once more when 80 % should be reached."""
    evening = Evening()
    assert evening.tracker.patience(0) == 10
    evening.see(Sampled(2, 2.0))
    assert evening.tracker.patience(5) == 7
    evening.see(*played(2, 796))
    assert evening.tracker.patience(796) == pytest.approx(4.1)
    evening.see(SpeedSet(796, 796.0, speed=2.0))
    assert evening.tracker.patience(796) == pytest.approx(2.1)


def test_what_is_corrected_before_it_plays_is_told_when_it_does() -> None:
    """Whoever opens a film paused, says what it is and closes it leaves nothing open in the journal; whoever
    plays it then has Simkl hear what was said.
    """
    opened = replace(OPENED, paused=True, running=False)
    evening = Evening(opened)
    assert evening.tracker.correct(EPISODE, 5, NOW) == []
    assert evening.see(Ended(6)) == []
    evening.open(opened)
    evening.tracker.correct(EPISODE, 8, NOW)
    assert evening.see(Resumed(9)) == ["start 0"]
    assert (evening.told[-1].media, evening.told[-1].corrected) == (EPISODE, True)


@pytest.mark.parametrize("paused", [False, True])
def test_where_a_seek_landed_is_soon_known(paused: bool) -> None:
    """mpv may seek still when it says that it has landed; who quits a moment later was there all the same."""
    evening = Evening()
    if paused:
        evening.see(Paused(5.0, 5.0), Stalled(5.0))
    evening.see(Sought(6.0), Landed(6.1, None, running=False))
    assert evening.tracker.patience(6.1) == SOON
    evening.see(Sampled(6.3, 700.0))
    assert evening.tracker.patience(6.3) != SOON
    assert evening.see(Ended(6.4, None, "quit")) == ["stop 70 ended"]


def test_a_reading_when_patience_ends_makes_the_watch() -> None:
    """Whoever follows patience learns of the watch within a moment of 80 %."""
    evening = Evening()
    at, told = 0.0, list[str]()
    while not told:
        at += evening.tracker.patience(at) or 10
        told = evening.see(Sampled(at, at))
    assert told == ["keep 80 watched"]
    assert 800 <= at < 801
    assert evening.tracker.patience(at) == 10


@pytest.mark.parametrize(
    ("last", "wait"), [(Sampled(790, 790.0), 10), (Sampled(796, 796.0), 4.1), (Landed(790), SOON)]
)
def test_other_scripts_that_never_fall_silent_hold_up_no_reading(last: Event, wait: float) -> None:
    """While another script sends its messages with every frame, a film is followed as it is without them."""
    evening = Evening()
    evening.see(*played(0, 780), last)
    assert evening.tracker.patience(last.at + wait - 0.01) == pytest.approx(0.01)
    assert evening.tracker.patience(last.at + wait + 0.01) == 0


def test_patience_waits_for_min_played_too() -> None:
    """After a jump to 90 % it is the real playing that is waited for."""
    evening = Evening()
    evening.see(*jump(0, 850), *played(850, 944, at=0))
    assert evening.tracker.patience(94) == pytest.approx(6.1)
    assert evening.tracker.patience(97) == pytest.approx(3.1)  # as when Simkl has answered meanwhile


def test_a_new_file_ends_the_one_before() -> None:
    """Even if mpv never said that the first file ended, it ends before the second begins."""
    evening = Evening()
    evening.see(*played(0, 300))
    assert evening.open(replace(OPENED, at=305.0)) == ["stop 30.5 ended", "start 0"]
    assert [said.viewing for said in evening.told] == ["viewing 0", "viewing 0", "viewing 1"]


def test_an_event_that_comes_late_plays_nothing_twice() -> None:
    """mpv's events may be older than its answers; the clock does not go back for them."""
    evening = Evening()
    evening.see(*(event for at in range(10, 60, 10) for event in (Sampled(at, at), SpeedSet(at - 5))))
    evening.see(Ended(50))
    assert evening.told[-1].played == 50


# Simkl's own clock


def followed(evening: Evening, place: Callable[[float], float], begin: float, until: float) -> list[str]:
    """What is said while the position is read as often as patience says."""
    at, told = begin, list[str]()
    while (wait := evening.tracker.patience(at)) is not None and (at := at + wait) < until:
        told += evening.see(Sampled(at, place(at)))
    return told


def test_simkls_clock_is_set_right_before_it_completes_a_film_that_was_set_back() -> None:
    """Whoever goes back from 70 % to 10 % has not watched the film ten minutes later, when another player
    begins something: Simkl is told once where it stands.
    """
    evening = Evening()
    evening.see(*played(0, 700), *jump(700, 100))
    assert followed(evening, lambda at: at - 600, 700, 1390) == ["start 19"]


def test_a_film_that_is_set_back_from_beyond_the_mark_is_set_right_at_once() -> None:
    """Whoever goes back from 85 % to 10 % watches it from there: Simkl hears it, whose session stands beyond
    80 %, or the start of any other player would make a watch of it.
    """
    evening = Evening()
    evening.see(*played(0, 850))
    assert evening.see(*jump(850, 100)) == ["start 10"]
    assert followed(evening, lambda at: at - 750, 850, 1540) == []


def test_a_film_played_at_half_speed_is_set_right_a_few_times() -> None:
    """Simkl's clock runs at full speed: it is set right before it arrives, and left alone when it is near."""
    evening = Evening()
    evening.see(SpeedSet(0, 0.0, speed=0.5))
    told = followed(evening, lambda at: at / 2, 0, 1590)
    assert [word.split()[0] for word in told] == ["start"] * 4
    assert evening.see(Ended(1590, 795.0)) == ["stop 79.5 ended"]


def test_a_film_that_stands_still_unpaused_is_set_right() -> None:
    """For want of data a film stands at a third for hours: Simkl's clock does not complete it."""
    evening = Evening()
    evening.see(*played(0, 330), Stalled(330, 330.0))
    wait = evening.tracker.patience(330)
    assert wait == pytest.approx(455)
    assert evening.see(Sampled(330 + (wait or 0), 330.0)) == ["start 33"]


def looped(evening: Evening, first: float, last: float, *, since: float, until: float) -> list[str]:
    """What is said while a scene goes round and round (ab-loop) and is followed as patience says."""
    told = list[str]()
    for begin in range(int(since), int(until), int(last - first)):
        end = begin + last - first
        told += followed(evening, partial(operator.add, first - begin), begin, end)
        told += evening.see(*jump(end, first))
    return told


def test_a_loop_around_the_mark_is_hidden_once() -> None:
    """Whoever opens a film near 80 % and has half a minute around that place go round for two hours uses up
    no calls: it is paused once, and shown again when they go well back.
    """
    evening = Evening(replace(OPENED, position=785.0))
    assert looped(evening, 785, 815, since=0, until=7200) == ["start 79.5", "pause 80.5"]
    assert evening.see(*jump(7200, 735)) == ["start 73.5"]


def test_a_loop_all_night_uses_up_no_calls() -> None:
    """Whatever goes round all night, Simkl hears of it some twenty times, and that it is paused at last."""
    for first, last in ((735, 815), (735, 780), (100, 900)):
        evening = Evening(replace(OPENED, position=float(first)))
        told = looped(evening, first, last, since=0, until=36000)
        words = [word.split()[0] for word in told if not word.startswith("keep")]
        assert len(words) <= 21
        assert words[-1] == "pause"


def test_a_film_that_stands_still_all_night_is_paused_at_last() -> None:
    """What stands at 70 % for want of data all night uses up no calls, and is no watch in the morning; and
    whoever plays on is shown as watching again.
    """
    evening = Evening()
    evening.see(*played(0, 700), Stalled(700, 700.0))
    told = followed(evening, lambda _: 700.0, 700, 36000)
    assert told == ["start 70"] * 20 + ["pause 70"]
    assert evening.see(Paused(36000, 700.0), Resumed(36001, 700.0)) == ["keep 70", "start 70"]


def test_a_glimpse_that_stands_at_the_end_is_no_watch_by_the_clock_of_simkl() -> None:
    """Whoever jumps to the end and lets mpv stand there unpaused (keep-open-pause=no) has not watched it:
    Simkl shows it as paused before its clock comes to 80 %.
    """
    evening = Evening()
    evening.see(*jump(5, 998), Finished(7), Stalled(7, 1000.0))
    assert followed(evening, lambda _: 1000.0, 7, 5000) == ["pause 100"]


def test_simkls_clock_is_left_alone_where_it_is_right() -> None:
    """Played as it is, a little back and forth, nothing is told but its beginning and its end."""
    evening = Evening()
    told = evening.see(*played(0, 400), *jump(400, 370))
    told += followed(evening, lambda at: at - 30, 400, 825)
    assert told == []


# In two sittings


def left_at(progress: float, seconds: float, *, media: Media = FILM) -> list[Sitting]:
    """What the journal has of an earlier sitting."""
    return [Sitting(media, progress, seconds)]


def test_a_film_seen_in_two_sittings_is_a_watch() -> None:
    """Whoever left at 78 % and goes on from there has seen the film, though little of it was played today."""
    for position in (780.0, 775.0):
        evening = Evening(replace(OPENED, position=position), left_at(78, 780))
        evening.see(*played(position, 830, at=0))
        assert evening.see(Ended(50)) == ["stop 83 watched ended"]
        assert evening.told[-1].played == 830


def test_who_jumps_to_where_the_film_was_left_goes_on_from_there() -> None:
    """It does not matter whether mpv or the user went back to that place."""
    evening = Evening(earlier=left_at(78, 780))
    evening.see(*jump(5, 780), *played(780, 830, at=5))
    assert evening.see(Ended(55)) == ["stop 83 watched ended"]


@pytest.mark.parametrize(
    "earlier",
    [left_at(78, 780), left_at(83, 20), left_at(82, 820, media=FILM._replace(year=1996))],
    ids=["left elsewhere", "a glimpse", "another film"],
)
def test_what_goes_on_from_nowhere_inherits_nothing(earlier: list[Sitting]) -> None:
    """An earlier sitting counts only where it was left, as what it was, and with what was really played."""
    evening = Evening(replace(OPENED, position=820.0), earlier)
    evening.see(*played(820, 860, at=0))
    assert evening.see(Ended(40)) == ["pause 86 ended"]


def test_a_film_seen_again_from_its_start_is_a_viewing_of_its_own() -> None:
    """Whoever left at 78 % once, and now begins anew and looks at the ending, has not watched it now."""
    evening = Evening(earlier=left_at(78, 780))
    evening.see(*played(0, 30), *jump(30, 880))
    assert evening.see(Ended(45)) == ["pause 89.5 ended"]
    assert evening.told[-1].played == 45


# Any evening at all

STEP = st.floats(-1, 60)
PLACE = st.none() | st.floats(-10, 2000)
EVENTS = st.one_of(
    st.builds(
        lambda kind, step, place: kind(step, place),
        st.sampled_from((Paused, Resumed, Stalled, Ran, Sampled, Sought)),
        STEP,
        PLACE,
    ),
    st.builds(Landed, STEP, PLACE, st.booleans()),
    st.builds(SpeedSet, STEP, PLACE, st.floats(0.01, 100)),
    st.builds(Measured, STEP, PLACE, st.none() | st.floats(1, 5000)),
    st.builds(Finished, STEP),
    st.builds(Ended, STEP, st.none(), st.sampled_from(("eof", "stop", "quit", "gone"))),
    st.builds(
        Opened,
        STEP,
        PLACE,
        duration=st.floats(300, 5000),
        paused=st.booleans(),
        running=st.booleans(),
        speed=st.floats(0.01, 100),
    ),
)


def at_their_times(steps: Iterable[Event]) -> list[Event]:
    """The events, one after the other; mpv's own stamps may lie a little behind ours."""
    at = 100.0
    events = []
    for step in steps:
        at += step.at
        events.append(replace(step, at=at))
    return events


def run(events: Iterable[Event]) -> list[Scrobble]:
    """All that an evening of these events says."""
    names = itertools.count()
    tracker = Tracker(RULES, lambda: f"viewing {next(names)}")
    told, latest = [], 0.0
    for event in events:
        if isinstance(event, Opened):
            told += tracker.open(event, FILM, NOW)
        else:
            told += tracker.see(event, NOW)
        latest = max(latest, event.at)
        viewing = tracker.viewing
        patience = tracker.patience(viewing.clock.at if viewing else latest)  # as after a reading
        assert patience is None or patience > 0
        assert patience is None or patience <= 11 or (viewing and not viewing.clock.running)
    return told


@given(st.lists(EVENTS, max_size=40))
def test_whatever_happens_simkl_hears_sense(steps: list[Event]) -> None:
    """No order of events makes a word that Simkl could misread."""
    told = run(at_their_times(steps))
    for scrobble in told:
        assert 0 <= scrobble.progress <= 100
        assert round(scrobble.progress, 2) == scrobble.progress
        assert scrobble.watched or scrobble.action is not Action.STOP or scrobble.progress < 80
        assert scrobble.watched or scrobble.action is not Action.START or scrobble.progress < 80
        assert scrobble.watched <= (scrobble.progress >= 80)
        assert scrobble.ended or scrobble.action is not Action.STOP


@given(st.lists(EVENTS, max_size=40))
def test_whatever_happens_each_viewing_is_told_in_order(steps: list[Event]) -> None:
    """A viewing begins with a start, or as a glimpse, is paused once until it starts again, and ends at most
    once, before the next; no glimpse begins a session.
    """
    by_viewing = itertools.groupby(run(at_their_times(steps)), lambda scrobble: scrobble.viewing)
    viewings = [(name, list(told)) for name, told in by_viewing]
    assert len({name for name, _ in viewings}) == len(viewings)
    for index, (_, told) in enumerate(viewings):
        words = [scrobble.action for scrobble in told if scrobble.action in CALLS]
        assert told[0].action in (Action.START, Action.KEEP)
        assert (Action.PAUSE, Action.PAUSE) not in itertools.pairwise(words[:-1])
        assert not any(scrobble.ended for scrobble in told[:-1])
        assert told[-1].ended or index == len(viewings) - 1


@given(st.lists(EVENTS, max_size=40))
def test_whatever_happens_no_more_was_played_than_time_has_passed(steps: list[Event]) -> None:
    """Nobody has played more of a film than the clock and the speed allow."""
    events = at_their_times(steps)
    passed = max((event.at for event in events), default=0) - min((event.at for event in events), default=0)
    fastest = max((event.speed for event in events if isinstance(event, SpeedSet | Opened)), default=1)
    assert all(scrobble.played <= passed * fastest + 1e-6 for scrobble in run(events))


# What is scrobbled at all

SHOW = Opened(
    0.0, 0.0, clues=Clues("/video/Severance/Severance.S01E03.1080p.mkv"), duration=3000.0, running=True
)
REFUSED = {
    "music, not a video": replace(SHOW, kind="music"),
    "picture, not a video": replace(SHOW, kind="picture"),
    "a device or a pipe, not a file": replace(SHOW, clues=Clues("av://v4l2:/dev/video0")),
    "its length is unknown, as a live stream's is": replace(SHOW, duration=None),
    "200 s long, shorter than min_duration=300": replace(SHOW, duration=200.0),
    "the first of several files of a film; the next one counts": replace(
        SHOW, clues=Clues("/films/Arrival (2016) CD1.avi")
    ),
    "a stream whose title is not certain": replace(
        SHOW, clues=Clues("https://example.org/Arrival.2016.1080p.BluRay.x264.mkv"), network=True
    ),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_is_not_scrobbled_has_a_reason(reason: str) -> None:
    """Whoever wonders why a file is not on Simkl finds one sentence about it."""
    judgement = judge(REFUSED[reason], RULES, 2026)
    assert (judgement.media, judgement.reason) == (None, reason)


@pytest.mark.parametrize("path", ["-", "tv://1", "dvb://ZDF", "fd://3", "/dev/sr0", "edl://a.mkv;b.mkv"])
def test_devices_and_pipes_are_left_alone(path: str) -> None:
    """A camera, a tuner or a pipe has no name that says what plays."""
    assert judge(replace(SHOW, clues=Clues(path)), RULES, 2026).media is None


def test_a_file_in_a_memory_disk_is_a_file() -> None:
    """What plays from /dev/shm is known by its name."""
    path = "/dev/shm/Severance S01E03.mkv"  # noqa: S108 - nothing is written there
    assert judge(replace(SHOW, clues=Clues(path)), RULES, 2026).media is not None


@pytest.mark.parametrize(
    "name", ["Arrival (2016) CD2.avi", "Dune Part One (2021).mkv", "Mockingjay pt 1 (2014).mkv"]
)
def test_a_film_counts_with_its_later_file_and_when_its_title_has_a_part(name: str) -> None:
    """Of a film on two discs the second one counts; a film that is called part one is a whole one."""
    media = judge(replace(SHOW, clues=Clues(name)), RULES, 2026).media
    assert media is not None
    assert media.type == "movie"


@pytest.mark.parametrize("duration", [0.0, -1.0])
def test_a_length_that_is_none_is_unknown(duration: float) -> None:
    """mpv gives 0 for what has no length."""
    assert "unknown" in judge(replace(SHOW, duration=duration), RULES, 2026).reason


def test_a_name_that_says_nothing_is_refused_with_a_reason() -> None:
    """A holiday video is not scrobbled, and the reason is not empty."""
    judgement = judge(replace(SHOW, clues=Clues("/video/VID-20230101-WA0003.mp4")), RULES, 2026)
    assert judgement.media is None
    assert judgement.reason


def test_a_stream_with_an_id_in_its_name_is_certain() -> None:
    """An id leaves no doubt, even for a film from the web."""
    path = "https://example.org/Arrival (2016) {imdb-tt2543164}.mkv"
    media = judge(replace(SHOW, clues=Clues(path), network=True), RULES, 2026).media
    assert media is not None
    assert media.ids == {"imdb": "tt2543164"}


@pytest.mark.parametrize(
    ("server", "is_trusted"),
    [
        ("nas.example", True),
        ("me:secret@NAS.example:8096", True),
        ("[::1]:8096", True),
        ("nas.example.org", False),
        ("evil.example/nas.example", False),
    ],
)
def test_a_server_that_the_user_trusts_is_no_web_video(server: str, is_trusted: bool) -> None:
    """From a host of stream_hosts a film counts by its title alone, and from no other."""
    rules = replace(RULES, stream_hosts=("nas.example", "[::1]"))
    clues = Clues(f"https://{server}/Arrival.2016.1080p.BluRay.x264.mkv")
    assert (judge(replace(SHOW, clues=clues, network=True), rules, 2026).media is not None) is is_trusted


def test_an_episode_is_taken_for_what_it_is() -> None:
    """A well-named episode is scrobbled, from the disk and from a stream."""
    for opened in (SHOW, replace(SHOW, network=True)):
        judgement = judge(opened, RULES, 2026)
        assert judgement.media is not None
        assert (judgement.media.title, judgement.media.season, judgement.media.episodes) == (
            "Severance",
            1,
            (3,),
        )
        assert (judgement.reason, bool(judgement.why)) == ("", True)


def test_the_shortest_film_allowed_is_min_duration() -> None:
    """A file of exactly min_duration counts."""
    assert judge(replace(SHOW, duration=300.0), RULES, 2026).media is not None
