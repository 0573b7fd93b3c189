"""What is said on mpv's screen and what is not: the rules by plain calls, then a real mpv."""

from __future__ import annotations

from pathlib import Path

import pytest

from mpv_simkl.notices import BRIEF, READ, Kind, Notices, Place
from mpv_simkl.sandbox import Sandbox

from .harness import CLIPS, EPISODE_4, EPISODE_5, WITHIN, Home, playing
from .screen import Screen, until

MUSIC = CLIPS / "other" / "01 - Tidewater.flac"


class Glass:
    """A screen that remembers what it was told to show, and a clock that is set by hand."""

    def __init__(self, level: str = "results", place: Place = Place.OURS) -> None:
        self.shown: list[str] = []
        self.now = 0.0
        self.notices = Notices(lambda text, _: self.shown.append(text), lambda: self.now)
        self.notices.level = level
        self.notices.at(place)


@pytest.mark.parametrize(
    ("level", "kinds"),
    [
        ("silent", []),
        ("problems", ["problem"]),
        ("results", ["problem", "result", "offer"]),
        ("all", ["problem", "result", "offer", "detail"]),
    ],
)
def test_messages_says_which_kinds_are_shown(level: str, kinds: list[str]) -> None:
    """Whoever wants only problems sees only problems, and so on; an answer to a key is always shown."""
    glass = Glass(level)
    for kind in (Kind.PROBLEM, Kind.RESULT, Kind.OFFER, Kind.DETAIL):
        glass.now += READ
        glass.notices.say(kind, kind.name.lower())
    glass.now += READ
    glass.notices.answer("answer")
    assert glass.shown == [*kinds, "answer"]


def test_the_name_of_a_folder_does_nothing_to_the_screen() -> None:
    """Whatever a name holds that is no letter is seen as that; a sentence may still have two lines."""
    glass = Glass()
    glass.notices.problem("conf", "Simkl: /films\x1b[2J/\udcff/.simkl\nis odd")
    assert glass.shown == ["Simkl: /films\\x1b[2J/\\udcff/.simkl\nis odd"]


def test_a_problem_is_said_once_and_so_is_its_end() -> None:
    """A network that is gone all evening is named once; when it is back, that is said once."""
    glass = Glass()
    glass.notices.healed("simkl", "back")
    for _ in range(3):
        glass.notices.problem("simkl", "gone")
    glass.now += READ
    for _ in range(3):
        glass.notices.healed("simkl", "back")
    glass.now += READ
    glass.notices.problem("simkl", "gone again")
    assert glass.shown == ["gone", "back", "gone again"]


def test_over_a_foreign_file_nothing_is_said() -> None:
    """Music is not spoken over; a problem is named at the next film."""
    glass = Glass(place=Place.FOREIGN)
    glass.notices.say(Kind.RESULT, "Watched: the film before")
    glass.notices.problem("simkl", "gone")
    assert glass.shown == []
    glass.notices.at(Place.OURS)
    assert glass.shown == ["gone"]


def test_what_comes_between_two_files_waits_for_the_next() -> None:
    """The last watch is named over the next episode, and not over the song after it."""
    glass = Glass(place=Place.BETWEEN)
    glass.notices.say(Kind.RESULT, "Watched: 4")
    assert glass.shown == []
    glass.notices.at(Place.OURS)
    assert glass.shown == ["Watched: 4"]
    glass.notices.at(Place.BETWEEN)
    glass.notices.say(Kind.RESULT, "Watched: 5")
    glass.notices.at(Place.FOREIGN)
    assert glass.shown == ["Watched: 4", ""]


def test_a_problem_between_two_files_is_named_at_the_next_film() -> None:
    """Whoever goes from a film to music learns at the next film what broke in between, unless it is well
    again by then.
    """
    glass = Glass(place=Place.BETWEEN)
    glass.notices.problem("journal", "broken")
    glass.notices.problem("simkl", "gone")
    glass.notices.at(Place.FOREIGN)
    glass.notices.healed("simkl", "back")
    glass.notices.at(Place.BETWEEN)
    assert glass.shown == []
    for _ in range(2):
        glass.notices.at(Place.OURS)
        glass.notices.problem("journal", "broken")
    assert glass.shown == ["broken"]


def test_what_is_still_to_be_read_stays() -> None:
    """Two things at once stand below each other; what has been read goes."""
    glass = Glass()
    glass.notices.say(Kind.RESULT, "Watched: 4")
    glass.notices.say(Kind.RESULT, "5")
    glass.notices.say(Kind.RESULT, "5")
    glass.now += BRIEF
    glass.notices.say(Kind.RESULT, "6")
    assert glass.shown == ["Watched: 4", "Watched: 4\n5", "Watched: 4\n5", "6"]


# A real mpv


@pytest.fixture
def screen(home: Home) -> Screen:
    """The screen of the mpv that the test starts with `screen.options`."""
    home.set("log_level=debug\n")
    return Screen(home.folder)


def test_it_says_what_it_takes_a_file_for_and_that_it_is_watched(
    simkl: Sandbox, home: Home, screen: Screen
) -> None:
    """At the start an episode is named, and at its end it is said to be watched; nothing else."""
    with playing(home, EPISODE_4, speed=8, options=(*screen.options, "--keep-open=yes")) as mpv:
        simkl.expect(1, "/scrobble/stop")
        screen.wait_for("Watched: The Lighthouse Keepers (2021) S01E04")
        mpv.quit()
    assert screen.lines() == [
        "Simkl: The Lighthouse Keepers (2021) S01E04",
        "Watched: The Lighthouse Keepers (2021) S01E04",
    ]


def test_a_network_that_comes_and_goes_is_named_once_each(simkl: Sandbox, home: Home, screen: Screen) -> None:
    """Without a network one sentence says that all is kept; when it is back, one says that."""
    simkl.fail("cut")
    with playing(home, EPISODE_4, options=(*screen.options, "--pause")) as mpv:
        mpv.wait_for_position(0)
        for paused in (False, True, False):
            calls = len(simkl.expect(0, "/scrobble"))
            mpv.set("pause", paused)
            simkl.expect(calls + 1, "/scrobble")
        screen.wait_for("Simkl cannot be reached; what you watch is kept and sent later")
        simkl.heal()
        mpv.set("pause", True)
        screen.wait_for("Simkl can be reached again")
        mpv.quit()
    assert len([line for line in screen.lines() if "reached" in line]) == 2


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ("blocked", "412 the client id is wrong or blocked for some minutes; if it lasts, check it"),
        ("portal", "the answer is not Simkl's, perhaps a login page of this network; open a browser"),
    ],
)
def test_an_answer_that_helps_nothing_is_named_with_its_cure(
    simkl: Sandbox, home: Home, screen: Screen, fault: str, why: str
) -> None:
    """A wrong client id and a hotel's login page are no missing network: each is said with what to do."""
    simkl.fail(fault)
    with playing(home, EPISODE_4, options=screen.options) as mpv:
        screen.wait_for(f"Simkl takes nothing now: {why}")
        mpv.quit()


@pytest.mark.parametrize("level", ["silent", "problems"])
def test_whoever_wants_silence_has_it(simkl: Sandbox, home: Home, screen: Screen, level: str) -> None:
    """With messages=silent or problems nothing is said of an episode for which all goes well."""
    home.set(f"messages={level}\n")
    with playing(home, EPISODE_4, speed=8, options=screen.options) as mpv:
        mpv.process.wait(WITHIN)
    simkl.expect(1, "/scrobble/stop")
    assert screen.texts() == []


def test_nothing_is_said_over_music_and_what_is_not_known(
    simkl: Sandbox, home: Home, screen: Screen, tmp_path: Path
) -> None:
    """After an episode comes a holiday video: it is spoken of neither the one nor the other over it."""
    video = tmp_path / "VID-20230101-WA0003.mkv"
    video.write_bytes(EPISODE_4.read_bytes())
    with playing(home, EPISODE_4, video, MUSIC, speed=8, options=screen.options) as mpv:
        mpv.wait_for("filename", wanted=video.name.__eq__)
        simkl.expect(1, "/scrobble/stop")
        mpv.process.wait(WITHIN)
    assert screen.lines() == ["Simkl: The Lighthouse Keepers (2021) S01E04"]


def test_what_simkl_does_not_know_is_said_once(home: Home, screen: Screen, tmp_path: Path) -> None:
    """A title that Simkl does not have is named once, with what can be done about it, and is unknown in the
    status.
    """
    video = tmp_path / "Nobody Has Heard Of This - S01E01.mkv"
    video.write_bytes(EPISODE_4.read_bytes())
    with playing(home, video, options=(*screen.options, "--speed=8")) as mpv:
        screen.wait_for("; say what it is with `mpv-simkl match`")
        mpv.command("script-binding", "simkl/status")
        screen.wait_for("Simkl: unknown Nobody Has Heard Of This S01E01")
        mpv.set("pause", True)
        mpv.set("pause", False)
        mpv.process.wait(WITHIN)
    said = [line for line in screen.lines() if "does not know" in line]
    assert said == [
        "Simkl does not know Nobody Has Heard Of This S01E01; say what it is with `mpv-simkl match`"
    ]


def test_switched_off_during_an_evening_nothing_more_is_told(
    simkl: Sandbox, home: Home, screen: Screen
) -> None:
    """With enabled=no written into the file, the next episode is left alone."""
    with playing(home, options=(*screen.options, "--idle=yes")) as mpv:
        mpv.command("loadfile", str(EPISODE_4))
        simkl.expect(1, "/scrobble/start")
        home.set("enabled=no\nlog_level=debug\n")
        mpv.command("loadfile", str(EPISODE_5))
        until(lambda: "not scrobbled: enabled=no" in home.log, lambda: home.log)
        mpv.quit()
    assert len(simkl.expect(1, "/scrobble/start")) == 1


def test_settings_changed_during_an_evening_hold_from_the_next_file_on(
    simkl: Sandbox, home: Home, screen: Screen
) -> None:
    """A setting that is written while mpv runs needs no restart, and a mistake in it is named once."""
    with playing(home, options=(*screen.options, "--idle=yes")) as mpv:
        mpv.command("loadfile", str(EPISODE_4))
        simkl.expect(1, "/scrobble/start")
        screen.wait_for("Simkl: The Lighthouse Keepers (2021) S01E04")
        home.set("messages=problems\nmin_played=lots\nlog_level=debug\n")
        for file in (EPISODE_5, EPISODE_4):
            mpv.command("loadfile", str(file))
            mpv.wait_for("filename", wanted=file.name.__eq__)
            mpv.wait_for_position(0.2)
        until(lambda: home.log.count(f"opened '{EPISODE_4.name}'") == 2, lambda: home.log)
        mpv.quit()
    assert "Simkl: The Lighthouse Keepers (2021) S01E05" not in screen.lines()
    assert len([line for line in screen.lines() if "min_played='lots' cannot be used" in line]) == 1
