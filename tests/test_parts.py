"""Several episodes in one file: each is a viewing of its own, one after the other."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpv_simkl.judging import Rules
from mpv_simkl.media import Media
from mpv_simkl.model import (
    Action,
    Ended,
    Event,
    Finished,
    Landed,
    Measured,
    Opened,
    Paused,
    Resumed,
    Sampled,
    Scrobble,
    Sitting,
    Sought,
    Stalled,
)
from mpv_simkl.outbox import Outbox
from mpv_simkl.parts import parts
from mpv_simkl.playback import Tracker

from .makers import NOW
from .test_playback import jump, played

DOUBLE = Media("episode", "Severance", 2022, season=1, episodes=(1, 2))
OTHERS = DOUBLE._replace(episodes=(8, 9))
SINGLE = DOUBLE._replace(episodes=(7,))
LENGTH = 1000.0
OPENED = Opened(0.0, 0.0, duration=LENGTH, running=True)


class Evening:
    """One mpv with a double episode; each thing said as `stop 1 100 watched`."""

    def __init__(self, opened: Opened = OPENED, media: Media = DOUBLE, *earlier: Sitting) -> None:
        names = itertools.count()
        self.tracker = Tracker(Rules(min_duration=300, min_played=10), lambda: f"viewing {next(names)}")
        self.tracker.earlier = earlier
        self.told: list[str] = []
        self.sent: list[str] = []  # what went out of it: of what Simkl was not told, no end is
        self._outbox = Outbox(itertools.count(step=10).__next__)
        self.recognised: list[Media | None] = []  # what the file says of each thing that was said
        self._hear(self.tracker.open(opened, media, NOW))

    def see(self, *events: Event) -> list[str]:
        """What was said since the last look, what is for the journal alone left out."""
        for event in events:
            self._hear(self.tracker.see(event, NOW))
        told, self.told = self.told, []
        return told

    def play(self, at: float, position: float, until: float) -> list[str]:
        """What was said while it played on, read only when the tracker asks for it."""
        while position < until and (wait := self.tracker.patience(at)) is not None:
            at, position = at + wait, min(position + wait, until)
            self._hear(self.tracker.see(Sampled(at, position), NOW))
        return self.see()

    def begin(self, opened: Opened) -> list[str]:
        """What was said when what plays was followed anew."""
        self._hear(self.tracker.begin(opened, NOW))
        return self.see()

    def correct(self, media: Media, at: float) -> list[str]:
        """What was said when the user said what it is."""
        self._hear(self.tracker.correct(media, at, NOW))
        return self.see()

    def _hear(self, scrobbles: list[Scrobble]) -> None:
        said = [each for each in scrobbles if each.action not in (Action.NOTE, Action.KEEP)]
        self.told += map(short, said)
        self.sent += [short(each) for each in said if self._outbox.put(each) and self._outbox.take()]
        self.recognised += [each.recognised for each in said]


def short(scrobble: Scrobble) -> str:
    """`stop 1 100 watched`."""
    watched = " watched" * scrobble.watched
    return f"{scrobble.action} {scrobble.media.episodes[0]} {scrobble.progress:g}{watched}"


def test_each_part_is_shown_while_it_plays_and_watched_when_it_is_over() -> None:
    """Of S01E01E02 Simkl shows the first half as episode 1 and the second as episode 2."""
    evening = Evening()
    assert evening.see() == ["start 1 0"]
    assert evening.see(*played(0, 490)) == []
    assert evening.see(Sampled(501, 501.0)) == ["stop 1 100 watched", "start 2 0.2"]
    assert evening.see(*played(501, 890), Ended(890, None, "quit")) == ["stop 2 78"]
    evening = Evening()
    assert evening.see(*played(0, 1000), Ended(1000, None, "eof"))[-1] == "stop 2 100 watched"


def test_the_position_is_read_where_a_part_ends() -> None:
    """The change to the next episode is seen when it happens, not ten seconds later."""
    evening = Evening()
    evening.see(*played(0, 495))
    wait = evening.tracker.patience(495.0)
    assert wait is not None
    assert 5 < wait < 5.5


def test_who_jumps_on_has_not_watched_the_first_part() -> None:
    """A jump into the second episode leaves the first where it was."""
    evening = Evening()
    assert evening.see(*played(0, 100), *jump(100, 700)) == ["start 1 0", "stop 1 20", "start 2 40"]


def test_who_jumps_on_from_the_credits_has_watched_it() -> None:
    """A jump over the credits of the first episode takes nothing from it."""
    evening = Evening()
    assert evening.see(*played(0, 450), *jump(450, 510)) == ["start 1 0", "stop 1 90 watched", "start 2 2"]


def test_a_part_that_was_watched_is_not_told_again() -> None:
    """Going back to the first episode for a scene makes no second watch of it."""
    evening = Evening()
    evening.see(*played(0, 600))
    assert evening.see(*jump(600, 100), *played(100, 480, at=600)) == ["stop 2 20"]
    assert evening.see(Sampled(1001, 501.0)) == ["start 2 0.2"]


def test_back_at_the_start_from_the_credits_of_the_first_part_the_second_is_to_come() -> None:
    """Whoever goes back to the very beginning from the first episode's credits gets to the second later."""
    evening = Evening()
    assert evening.see(*played(0, 460), *jump(460, 0)) == ["start 1 0", "stop 1 92 watched"]
    assert evening.play(460, 0, 950)[-1].startswith("start 2 ")
    assert evening.see(Ended(1410, None, "quit")) == ["stop 2 90 watched"]


def test_back_at_the_start_from_the_credits_of_the_second_part_the_first_plays() -> None:
    """Whoever saw the second episode first goes back to the beginning and watches the other."""
    evening = Evening(replace(OPENED, position=510.0))
    assert evening.see(*played(510, 910, at=0)) == ["start 2 2"]
    assert evening.see(*jump(400, 0)) == ["stop 2 82 watched", "start 1 0"]
    assert evening.play(400, 0, 510) == ["stop 1 100 watched"]


def test_the_first_part_plays_after_the_end_of_the_second_was_held_open() -> None:
    """With keep-open, too, the first episode is watched after the second one."""
    evening = Evening(replace(OPENED, position=510.0))
    assert evening.see(*played(510, 1000, at=0), Finished(490))[-1] == "stop 2 100 watched"
    assert evening.see(*jump(500, 0)) == ["start 1 0"]
    assert evening.play(500, 0, 510) == ["stop 1 100 watched"]


def test_a_double_episode_that_loops_is_two_watches() -> None:
    """However often loop-file goes round, each episode is one watch."""
    evening = Evening()
    assert evening.see(*played(0, 995), Sought(1000), Landed(1000, 0.0, running=True)) == [
        "start 1 0",
        "stop 1 100 watched",
        "start 2 0",
        "stop 2 100 watched",
    ]
    assert evening.see(*played(0, 995, at=1000), *jump(2000, 0), Ended(2001)) == []


def test_a_part_that_was_taken_back_counts_when_it_is_watched_again() -> None:
    """Whoever takes the first episode back while the second plays can watch the first once more."""
    evening = Evening()
    evening.see(*played(0, 600))
    assert not evening.tracker.take_back("viewing 0")
    assert evening.see(*jump(600, 0)) == ["stop 2 20", "start 1 0"]
    assert evening.play(600, 0, 505)[0] == "stop 1 100 watched"


def test_a_part_that_was_taken_back_while_it_plays_once_more_is_one_of_what_plays() -> None:
    """Back in an episode that was watched before, taking it back has it followed from there on."""
    evening = Evening()
    evening.see(*played(0, 600), *jump(600, 100))
    assert evening.tracker.take_back("viewing 0")


def test_a_part_that_is_taken_back_takes_no_other_with_it() -> None:
    """Whoever takes the second episode back sees it anew; back in the first, that one is not told again."""
    evening = Evening()
    evening.see(*played(0, 1000), Finished(1000))
    assert evening.tracker.take_back("viewing 1")
    assert evening.begin(replace(OPENED, at=1001.0, position=700.0)) == ["start 2 40"]
    assert evening.see(*jump(1002, 100), *played(100, 490, at=1002)) == ["stop 2 40.2"]
    assert evening.play(1400, 490, 950)[-1] == "start 2 0.02"


def test_a_small_step_back_into_the_first_part_is_no_end_of_the_second() -> None:
    """Whoever goes back a second from the beginning of the second episode has not watched that one."""
    evening = Evening()
    evening.see(*played(0, 600), *jump(600, 501))
    assert evening.see(*jump(601, 499)) == ["stop 2 0.4"]


@pytest.mark.parametrize(("first", "last"), [(480, 520), (380, 520), (480, 850), (0, 520)])
def test_a_loop_over_the_border_all_night_uses_up_no_calls(first: int, last: int) -> None:
    """A scene that goes round and round over the border of two episodes is told some twenty times, and not in
    every round; and whoever plays on is shown as watching, and has watched what they see to its end.
    """
    evening = Evening(replace(OPENED, position=float(first)))
    rounds = 36000 // (last - first)
    for at in range(0, rounds * (last - first), last - first):
        evening.play(at, first, last)
        evening.see(*jump(at + last - first, first))
    assert len(evening.sent) <= 20 + 4
    evening.see(*jump(36000, 700), Paused(36000, 700.0))
    assert evening.see(Resumed(36000, 700.0)) == ["start 2 40"]
    assert evening.see(*played(700, 1000, at=36000), Ended(36300, 1000.0, "eof")) == ["stop 2 100 watched"]


def test_a_file_of_many_episodes_shows_each_of_them() -> None:
    """However many episodes a file has: played through, each is shown and counts."""
    many = DOUBLE._replace(episodes=tuple(range(1, 31)))
    evening = Evening(replace(OPENED, duration=30000.0), many)
    told = evening.play(0, 0, 30000)
    assert told == [
        "start 1 0",
        *(
            f"{step}"
            for number in range(1, 30)
            for step in (f"stop {number} 100 watched", f"start {number + 1} 0")
        ),
    ]


def test_a_pause_belongs_to_the_part_that_plays() -> None:
    """Paused in the second episode, Simkl keeps the place in the second."""
    evening = Evening()
    evening.see(*played(0, 600))
    assert evening.see(Paused(600, 600.0), Stalled(600)) == ["pause 2 20"]
    assert evening.see(Sought(610), Landed(610, 100.0)) == ["stop 2 20"]
    assert evening.see(Resumed(620, 100.0)) == []  # the first was watched


def test_opened_in_the_second_part() -> None:
    """Resumed in the middle, only the second episode is told."""
    evening = Evening(replace(OPENED, position=700.0))
    assert evening.see(*played(700, 1000, at=0), Finished(300)) == ["start 2 40", "stop 2 100 watched"]


def test_each_part_goes_on_from_where_it_was_left() -> None:
    """Whoever left in the second episode sees the rest of it another day; for the first nothing counts."""
    left = Sitting(DOUBLE.split()[1], 78.0, 390.0)
    evening = Evening(replace(OPENED, position=890.0), DOUBLE, left)
    assert evening.see(*played(890, 910, at=0)) == ["start 2 78"]
    assert evening.see(*jump(20, 390), Ended(40)) == ["stop 2 82 watched", "start 1 78", "pause 1 82"]


def test_a_file_that_is_one_episode_after_all_is_one_watch() -> None:
    """Whoever says that a double episode is a single one has that one watched, and nothing else."""
    evening = Evening()
    assert evening.see(*played(0, 400)) == ["start 1 0"]
    assert evening.correct(SINGLE, 400) == ["start 7 40"]
    assert evening.see(*played(400, 1000), Ended(1000, None, "eof")) == ["stop 7 100 watched"]


def test_what_was_played_counts_for_what_it_is_said_to_be() -> None:
    """Whoever says it shortly before the end has watched it all the same."""
    evening = Evening()
    evening.see(*played(0, 950))
    assert evening.correct(SINGLE, 950) == ["start 7 95 watched"]
    assert evening.see(Ended(960, None, "quit")) == ["stop 7 96 watched"]


def test_a_file_that_is_two_episodes_after_all_is_two_watches() -> None:
    """Whoever says that a single episode is a double one has each watched."""
    evening = Evening(media=SINGLE)
    evening.see(*played(0, 300))
    assert evening.correct(DOUBLE, 300) == ["start 1 60"]
    assert evening.see(*played(300, 500)) == ["stop 1 100 watched", "start 2 0"]


@pytest.mark.parametrize(
    ("media", "first", "last"), [(OTHERS, *DOUBLE.split()), (SINGLE, DOUBLE, DOUBLE)], ids=["two", "one"]
)
def test_each_part_knows_which_episode_the_file_says(media: Media, first: Media, last: Media) -> None:
    """Whatever the user says it is, the numbers in the file's name stay known, for each of its parts."""
    evening = Evening()
    evening.see(*played(0, 100))
    evening.correct(media, 100)
    assert evening.recognised[-1] == first
    evening.see(*played(100, 600), Ended(600))
    assert evening.recognised[-1] == last


@pytest.mark.parametrize(("media", "said"), [(OTHERS, ["start 9 0"]), (SINGLE, [])])
def test_after_a_mark_what_is_to_come_is_what_the_user_says(media: Media, said: list[str]) -> None:
    """Said of a part that is marked already, it holds for those to come; of that one nothing more is told."""
    evening = Evening()
    evening.see(*played(0, 100))
    evening.tracker.mark(100, NOW)
    assert evening.correct(media, 100) == []
    assert evening.see(*played(100, 500)) == said


def test_chapters_cut_where_they_fit() -> None:
    """If a chapter begins close to the middle, the second episode begins there, at the nearest one if there
    are several; else at the middle.
    """
    assert [part.begin for part in parts(DOUBLE, 1000, (0, 90, 470, 940))] == [0, 470]
    assert [part.begin for part in parts(DOUBLE, 1000, (0, 460, 510, 940))] == [0, 510]
    assert [part.begin for part in parts(DOUBLE, 1000, (0, 90, 300, 940))] == [0, 500]


def test_a_length_that_is_told_anew_leaves_each_part_its_own() -> None:
    """Whoever watches the first of two episodes has watched that one, however often mpv tells the length."""
    evening = Evening()
    evening.see(*played(0, 200), Measured(200, 200.0, LENGTH))
    assert evening.see(*played(200, 500)) == ["stop 1 100 watched", "start 2 0"]


NUMBERS = st.lists(st.integers(1, 999), min_size=1, max_size=12, unique=True)


@given(NUMBERS, st.floats(300, 20_000), st.lists(st.floats(0, 20_000), max_size=30))
def test_parts_cover_the_file_in_order(numbers: list[int], length: float, chapters: list[float]) -> None:
    """Whatever the chapters: the parts follow each other without a gap, each one episode."""
    cut = parts(DOUBLE._replace(episodes=tuple(numbers)), length, sorted(chapters))
    assert [number for part in cut for number in part.media.episodes] == numbers
    assert [part.begin for part in cut[1:]] == [part.end for part in cut[:-1]]
    assert (cut[0].begin, cut[-1].end) == (0, length)
    assert all(part.begin < part.end for part in cut)


def test_the_look_at_the_mark_is_put_off_by_nothing() -> None:
    """What Simkl answers just when a part has become a watch does not make the journal learn of it late."""
    night = Evening()
    night.see(*(Sampled(at, at) for at in range(5, 400, 10)))
    assert night.tracker.patience(399.0) == pytest.approx(1.1)
    assert night.tracker.patience(400.05) == pytest.approx(0.05)
    night.see(Sampled(400.15, 400.15))
    assert night.tracker.patience(400.15) == pytest.approx(10.0)
