"""A wrong match is put right from the sofa: keys only, and it takes effect at once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mpv_simkl.sandbox import Sandbox

from .harness import EPISODE_4, Home, Mpv, playing
from .screen import Screen, until

ELSE = "script-binding simkl/fix-match"


@pytest.fixture
def simkl() -> Iterator[Sandbox]:
    """A Simkl that lets a test write as fast as it can."""
    with Sandbox(throttle=False) as sandbox:
        yield sandbox


def episode(folder: Path, name: str) -> Path:
    """A video of that name."""
    folder.mkdir(exist_ok=True)
    return Path(shutil.copy(EPISODE_4, folder / name))


def say(mpv: Mpv, *keys: str) -> None:
    """Press keys; words are typed letter by letter."""
    for key in keys:
        letters = [key] if key.isupper() or "+" in key else key
        mpv.press(*({" ": "SPACE", "#": "SHARP"}.get(one, one) for one in letters))


def pick(mpv: Mpv, screen: Screen, words: str, line: str, scope: str) -> None:
    """Say what it is, choose the line, and for how much it holds."""
    mpv.command(*ELSE.split())
    screen.wait_for_menu("What is it?")
    say(mpv, "Ctrl+u", words, "ENTER")
    screen.wait_for_menu("Which one is it?")
    say(mpv, *line, "ENTER")
    screen.wait_for_menu("is right for")
    say(mpv, scope, "ENTER")
    screen.wait_for("From now on it is ")


def told(simkl: Sandbox, count: int) -> list[Any]:
    """The numbers that Simkl gives the titles it was told of."""
    calls = simkl.expect(count, "/scrobble/start")
    return [
        (call.body or {}).get("show", {}).get("ids", {}).get("simkl")
        for call in calls
        if isinstance(call.body, dict)
    ]


def test_another_show_of_that_name_is_picked_for_its_folder(
    simkl: Sandbox, home: Home, screen: Screen, tmp_path: Path
) -> None:
    """Of two shows of one name the right one is told at once, and with the next episode too."""
    first, second = (episode(tmp_path / "Castle", f"Castle - S01E0{number}.mkv") for number in (1, 2))
    with playing(home, first, second, options=screen.options) as mpv:
        simkl.expect(1, "/scrobble/start")
        pick(mpv, screen, "castle", "1998", "folder")
        assert told(simkl, 2)[-1] == "9100003"
        mpv.command("playlist-next")
        assert told(simkl, 3)[-1] == "9100003"
        mpv.quit()
    assert "From now on it is Castle (1998) S01E01" in screen.lines()


@pytest.mark.parametrize("pasted", ["https://www.imdb.com/title/tt2543164/", "tt2543164"])
def test_what_nobody_could_name_is_named_by_a_link_or_an_id(
    simkl: Sandbox, home: Home, screen: Screen, tmp_path: Path, pasted: str
) -> None:
    """A film whose file says nothing is told from then on, as the page that was pasted."""
    video = episode(tmp_path / "x", "VID-20230101-WA0003.mkv")
    with playing(home, video, options=screen.options) as mpv:
        mpv.wait_for_position(0.5)
        pick(mpv, screen, pasted, "", "file")
        (start,) = simkl.expect(1, "/scrobble/start")
        mpv.quit()
    assert isinstance(start.body, dict)
    assert start.body["movie"]["ids"] == {"simkl": "9300001"}


def test_what_simkl_does_not_have_is_said_and_nothing_is_changed(
    simkl: Sandbox, home: Home, screen: Screen
) -> None:
    """Words that nothing is found for, and a Simkl that cannot be reached, are named."""
    with playing(home, EPISODE_4, options=screen.options) as mpv:
        simkl.expect(1, "/scrobble/start")
        mpv.command(*ELSE.split())
        screen.wait_for_menu("What is it?")
        say(mpv, "Ctrl+u", "xyzzy", "ENTER")
        screen.wait_for("Simkl found nothing for 'xyzzy'")
        simkl.fail("cut", path="/search")
        mpv.command(*ELSE.split())
        screen.wait_for_menu("What is it?")
        say(mpv, "ENTER")
        screen.wait_for("Simkl could not be asked: ")
        mpv.quit()
    assert len(simkl.expect(1, "/scrobble/start")) == 1


def test_what_simkl_took_for_something_else_is_said_with_the_key_that_helps(
    simkl: Sandbox, home: Home, screen: Screen, tmp_path: Path
) -> None:
    """A namesake is named on the screen, once, and how things stand says that it does not count; nor is it
    called marked when it is not.
    """
    video = episode(tmp_path / "x", "Castle (1970) - S01E02.mkv")
    with playing(home, video, options=screen.options) as mpv:
        mpv.command("keybind", "F8", ELSE)
        reason = "Simkl took it for Castle (2009) S01E02, and its year is another one"
        sentence = f"{reason}; press F8 to say what it is"
        screen.wait_for(sentence)
        mpv.command("script-binding", "simkl/status")
        screen.wait_for("Simkl: doubtful Castle (1970) S01E02")
        mpv.set("pause", True)
        mpv.set("pause", False)
        assert not screen.texts()[-1].endswith(sentence)
        mpv.command("script-binding", "simkl/mark-watched")
        until(lambda: screen.texts()[-1].endswith(sentence), lambda: str(screen.texts()))
        mpv.quit()
    assert not [line for line in screen.lines() if "Marked" in line]
    assert simkl.history == []


@contextmanager
def watched_as_another(home: Home, screen: Screen, folder: Path) -> Iterator[Mpv]:
    """An episode that counted for another show of that name, and the question what is to become of it."""
    video = episode(folder / "Castle", "Castle - S01E01.mkv")
    with playing(home, video, speed=8, options=(*screen.options, "--keep-open=yes")) as mpv:
        screen.wait_for("Watched: Castle S01E01")
        pick(mpv, screen, "castle", "1998", "file")
        question = screen.wait_for_menu("Take back what was marked: Castle (2009) S01E01")
        assert question[1:] == ["Yes, and mark it rightly", "No, it stays"]
        yield mpv
        mpv.quit()


def test_a_wrong_mark_is_taken_back_by_keys(
    simkl: Sandbox, home: Home, screen: Screen, tmp_path: Path
) -> None:
    """Whoever says at the end that it was another show may have the watch moved to that one."""
    with watched_as_another(home, screen, tmp_path) as mpv:
        assert [watch.simkl for watch in simkl.history] == [9200003]
        say(mpv, "ENTER")
        screen.wait_for("1 taken back, and marked rightly")
        simkl.expect(1, "/sync/history")
    assert [(watch.simkl, watch.number) for watch in simkl.history] == [(9100003, 1)]
    assert home.waiting() == []


@pytest.mark.parametrize("keys", [("DOWN", "ENTER"), ("ESC",)], ids=["no", "left"])
def test_a_wrong_mark_stays_if_the_user_wants_it(
    simkl: Sandbox, home: Home, screen: Screen, tmp_path: Path, keys: tuple[str, ...]
) -> None:
    """Whoever says no, or leaves the question, keeps what is marked."""
    with watched_as_another(home, screen, tmp_path) as mpv:
        say(mpv, *keys)
        screen.wait_for_no_menu()
    assert [watch.simkl for watch in simkl.history] == [9200003]
