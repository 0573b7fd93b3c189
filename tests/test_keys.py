"""The keys in a real mpv: pressed, and what the screen, the journal and Simkl say of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mpv_simkl import paused
from mpv_simkl.actions import KEYS
from mpv_simkl.paused import HOUR
from mpv_simkl.sandbox import Sandbox

from .harness import CLIPS, EPISODE_4, EPISODE_5, FILM, WITHIN, Home, Mpv, playing
from .screen import Screen, until

MUSIC = CLIPS / "other" / "01 - Tidewater.flac"
NAMED = "The Lighthouse Keepers (2021) S01E04"


@pytest.fixture
def simkl() -> Iterator[Sandbox]:
    """A Simkl that lets a test write as fast as it can."""
    with Sandbox(throttle=False) as sandbox:
        yield sandbox


@pytest.fixture
def home(home: Home) -> Home:
    """A home with a log that tells everything."""
    home.set("log_level=debug\n")
    return home


def press(mpv: Mpv, name: str) -> None:
    """Press the key that the user has bound to one of our names."""
    mpv.command("script-binding", f"simkl/{name}")


def watched(simkl: Sandbox) -> list[tuple[str, int | None]]:
    """Title and number of all that Simkl holds as watched."""
    return [(watch.title, watch.number) for watch in simkl.history]


def test_the_menu_has_every_key_and_does_what_is_chosen(simkl: Sandbox, home: Home, screen: Screen) -> None:
    """Whoever has bound one key finds all others in its menu, walks down to one, and it is done."""
    with playing(home, EPISODE_4, options=screen.options) as mpv:
        simkl.expect(1, "/scrobble/start")
        mpv.command("keybind", "F9", "script-binding simkl/undo")
        press(mpv, "menu")
        menu = screen.wait_for_menu("Mark as watched")
        assert menu[0] == f"Simkl: {NAMED}"
        assert set(menu[1:]) == {key.title for name, key in KEYS.items() if name != "menu"} | {"F9"}
        mpv.press("DOWN", "UP", "ENTER")
        screen.wait_for(f"Marked as watched: {NAMED}")
        assert screen.menu() == []
        mpv.quit()


def test_typing_narrows_the_menu_down_and_escape_leaves_it(
    simkl: Sandbox, home: Home, screen: Screen
) -> None:
    """Letters find a line; they are the menu's while it is there, and mpv's again afterwards."""
    with playing(home, EPISODE_4, options=screen.options) as mpv:
        simkl.expect(1, "/scrobble/start")
        press(mpv, "menu")
        screen.wait_for_menu("Mark as watched")
        mpv.press("q", "BS", "s", "t", "a", "n")
        until(lambda: screen.menu()[2:] == ["How things stand"], lambda: str(screen.menu()))
        mpv.press("ESC")
        screen.wait_for_no_menu()
        mpv.press("p")
        mpv.wait_for("pause", wanted=True)
        assert mpv.process.poll() is None
        mpv.quit()
    assert not [line for line in screen.lines() if "waiting" in line]


def test_marked_in_the_middle_it_is_watched_once(simkl: Sandbox, home: Home, screen: Screen) -> None:
    """The key marks what plays at once; whatever is played of it afterwards adds nothing."""
    with playing(home, EPISODE_4, options=screen.options) as mpv:
        simkl.expect(1, "/scrobble/start")
        press(mpv, "mark-watched")
        screen.wait_for(f"Marked as watched: {NAMED}")
        simkl.expect(1, "/sync/history")
        assert watched(simkl) == [("The Lighthouse Keepers", 4)]
        mpv.set("speed", 8)
        mpv.process.wait(WITHIN)
    assert [call.path for call in simkl.calls] == ["/scrobble/start", "/scrobble/pause", "/sync/history"]
    assert home.waiting() == []


def test_marked_without_a_network_it_waits_on_the_disk(simkl: Sandbox, home: Home, screen: Screen) -> None:
    """What the key marks is a fact before Simkl hears of it."""
    simkl.fail("cut")
    with playing(home, EPISODE_4, options=screen.options) as mpv:
        simkl.expect(1, "/scrobble/start")
        press(mpv, "mark-watched")
        screen.wait_for(f"Marked as watched: {NAMED}")
        mpv.kill()
    assert [row["episodes"] for row in home.waiting()] == [[4]]


@pytest.mark.parametrize("file", [EPISODE_4, FILM])
def test_the_last_watch_is_taken_back(simkl: Sandbox, home: Home, screen: Screen, file: Path) -> None:
    """Undo takes the very episode or film from Simkl and from the journal, and it does not come back."""
    with playing(home, file, speed=8, options=(*screen.options, "--keep-open=yes")) as mpv:
        screen.wait_for("Watched: ")
        press(mpv, "undo")
        screen.wait_for("Taken back: ")
        assert watched(simkl) == []
        press(mpv, "undo")
        screen.wait_for("there is no watch to take back")
        mpv.quit()
    assert home.waiting() == []
    assert json.loads(home.cli("history", "--json").stdout) == []
    home.cli("journal", "replay")
    assert watched(simkl) == []


def test_what_was_taken_back_at_its_end_counts_when_it_is_seen_again(
    simkl: Sandbox, home: Home, screen: Screen
) -> None:
    """An episode that mpv holds at its end is undone, stays undone, and counts once it was played again."""
    options = (*screen.options, "--keep-open=yes", "--script-opts-append=simkl-min_played=0")
    with playing(home, EPISODE_4, speed=8, options=options) as mpv:
        screen.wait_for("Watched: ")
        press(mpv, "undo")
        screen.wait_for("Taken back: ")
        assert watched(simkl) == []
        mpv.command("seek", 0, "absolute")
        mpv.set("pause", False)
        simkl.expect(2, "/scrobble/stop")
        mpv.quit()
    assert watched(simkl) == [("The Lighthouse Keepers", 4)]


@pytest.mark.parametrize("min_played", ["0", "10"])
def test_what_was_taken_back_at_its_end_stays_so(
    simkl: Sandbox, home: Home, screen: Screen, min_played: str
) -> None:
    """Closing the player after an undo is no watch, whatever counts as one."""
    options = (*screen.options, "--keep-open=yes", f"--script-opts-append=simkl-min_played={min_played}")
    with playing(home, EPISODE_4, speed=8, options=options) as mpv:
        screen.wait_for("Watched: ")
        press(mpv, "undo")
        screen.wait_for("Taken back: ")
        mpv.quit()
    assert watched(simkl) == []
    assert home.waiting() == []


def test_undo_takes_the_last_of_two(simkl: Sandbox, home: Home, screen: Screen) -> None:
    """The episode before the last one stays watched."""
    files = (EPISODE_4, EPISODE_5)
    with playing(home, *files, speed=8, options=(*screen.options, "--keep-open=yes")) as mpv:
        simkl.expect(2, "/scrobble/stop")
        screen.wait_for("Watched: The Lighthouse Keepers (2021) S01E05")
        press(mpv, "undo")
        screen.wait_for("Taken back: The Lighthouse Keepers (2021) S01E05")
        mpv.quit()
    assert watched(simkl) == [("The Lighthouse Keepers", 4)]
    assert [row["episodes"] for row in json.loads(home.cli("history", "--json").stdout)] == [[4]]


def test_a_mark_taken_back_is_followed_again(simkl: Sandbox, home: Home, screen: Screen) -> None:
    """Whoever marked by mistake takes it back, and the episode counts when it has really been seen."""
    with playing(home, EPISODE_4, options=screen.options) as mpv:
        simkl.expect(1, "/scrobble/start")
        press(mpv, "mark-watched")
        simkl.expect(1, "/sync/history")
        press(mpv, "undo")
        screen.wait_for(f"Taken back: {NAMED}")
        simkl.expect(2, "/scrobble/start")
        mpv.set("speed", 8)
        mpv.process.wait(WITHIN)
        simkl.expect(1, "/scrobble/stop")
    assert watched(simkl) == [("The Lighthouse Keepers", 4)]


def test_what_waits_is_taken_back_without_simkl(simkl: Sandbox, home: Home, screen: Screen) -> None:
    """A watch that Simkl has not heard of can be taken back without a network."""
    simkl.fail("cut")
    options = (*screen.options, "--keep-open=yes")
    with playing(home, EPISODE_4, speed=8, options=options) as mpv:
        screen.wait_for("Simkl is told later")
        press(mpv, "undo")
        screen.wait_for(f"Taken back: {NAMED}")
        mpv.quit()
    simkl.heal()
    home.cli("journal", "replay")  # of what Simkl may have heard the beginning it hears the end
    assert home.waiting() == []
    assert watched(simkl) == []


@pytest.mark.parametrize(("fault", "path"), [("cut", None), ("bad_request", "/sync/history/remove")])
def test_what_simkl_does_not_take_back_stays(
    simkl: Sandbox, home: Home, screen: Screen, fault: str, path: str | None
) -> None:
    """If Simkl cannot be asked, or refuses, nothing is taken back, here neither."""
    with playing(home, EPISODE_4, speed=8, options=(*screen.options, "--keep-open=yes")) as mpv:
        screen.wait_for("Watched: ")
        simkl.fail(fault, path=path)
        press(mpv, "undo")
        screen.wait_for("It could not be taken back: ")
        mpv.quit()
    assert not any("POST /" in line or "GET /" in line for line in screen.lines()), "the call is for the log"
    simkl.heal()
    assert watched(simkl) == [("The Lighthouse Keepers", 4)]
    assert [row["episodes"] for row in json.loads(home.cli("history", "--json").stdout)] == [[4]]


@pytest.mark.parametrize(
    ("steps", "said"), [(0, f"paused for {NAMED}"), (1, "paused until "), (2, "paused until you resume it")]
)
def test_scrobbling_is_paused_and_resumed(
    simkl: Sandbox, home: Home, screen: Screen, steps: int, said: str
) -> None:
    """Paused, the file is no watch and Simkl no longer shows it; the screen says so, and so does the status
    of whatever holds for more than this file.
    """
    with playing(home, EPISODE_4, options=screen.options) as mpv:
        simkl.expect(1, "/scrobble/start")
        press(mpv, "pause-scrobbling")
        screen.wait_for_menu("For one hour")
        mpv.press(*["DOWN"] * steps, "ENTER")
        screen.wait_for(f"Simkl: scrobbling is {said}")
        simkl.expect(1, "/scrobble/pause")
        everywhere = said if steps else "on"
        assert (said in home.cli("status").stdout) is (said == everywhere)
        assert everywhere in json.loads(home.cli("status", "--json").stdout)["scrobbling"]
        press(mpv, "status")
        screen.wait_for(f"Scrobbling is {said}")
        press(mpv, "pause-scrobbling")
        screen.wait_for("Simkl: scrobbling goes on")
        simkl.expect(2, "/scrobble/start")
        assert json.loads(home.cli("status", "--json").stdout)["scrobbling"] == "on"
        mpv.quit()


@pytest.mark.parametrize(("scope", "next_one"), [("file", 5), ("hour", None), ("resumed", None)])
def test_a_pause_holds_as_long_as_was_said(
    simkl: Sandbox, home: Home, screen: Screen, scope: str, next_one: int | None
) -> None:
    """A file that was left out is no watch; the next one is, unless more was paused."""
    files = (EPISODE_4, EPISODE_5)
    with playing(home, *files, options=screen.options) as mpv:
        simkl.expect(1, "/scrobble/start")
        mpv.command("script-message-to", "simkl", "pause-scrobbling", scope)
        screen.wait_for("Simkl: scrobbling is paused")
        mpv.set("speed", 8)
        mpv.process.wait(WITHIN)
    home.wait_until_quiet()
    assert watched(simkl) == ([("The Lighthouse Keepers", next_one)] if next_one else [])
    assert home.waiting() == []
    simkl.heal()
    calls = len(simkl.calls)
    with playing(home, EPISODE_5, options=screen.options) as mpv:
        if next_one is None:
            screen.wait_for("Simkl: scrobbling is paused until")
        else:
            simkl.expect(calls + 1)
        mpv.quit()
    assert (len(simkl.calls) > calls) is (next_one is not None)


def test_when_the_hour_is_over_what_plays_is_scrobbled(simkl: Sandbox, home: Home, screen: Screen) -> None:
    """Paused for one hour in a long film, its rest is scrobbled: the hour ends in the middle of it."""
    paused.begin("hour", "", datetime.now(UTC) - HOUR + timedelta(seconds=5))
    with playing(home, EPISODE_4, options=screen.options) as mpv:
        screen.wait_for("Simkl: scrobbling is paused until")
        (start,) = simkl.expect(1, "/scrobble/start")
        screen.wait_for("Simkl: scrobbling goes on")
        press(mpv, "status")
        screen.wait_for(f"Simkl: watching {NAMED}, ")
        mpv.quit()
    assert isinstance(start.body, dict)
    assert start.body["progress"] > 0


def test_leaving_out_one_film_keeps_the_pause_of_another_player(
    simkl: Sandbox, home: Home, screen: Screen
) -> None:
    """Paused in one window until it is resumed, it stays so, even if a film that stood paused already in
    another window is left out there and closed.
    """
    with playing(home, FILM, options=(*screen.options, "--idle=yes")) as mpv:
        simkl.expect(1, "/scrobble/start")
        mpv.set("pause", True)
        simkl.expect(1, "/scrobble/pause")
        with playing(home, EPISODE_4) as other:
            simkl.expect(2, "/scrobble/start")
            other.command("script-message-to", "simkl", "pause-scrobbling", "resumed")
            simkl.expect(2, "/scrobble/pause")
            mpv.command("script-message-to", "simkl", "pause-scrobbling", "file")
            simkl.expect(3, "/scrobble/pause")
            mpv.command("stop")
            until(lambda: "closed: stop" in home.log, lambda: home.log)
            other.command("loadfile", str(EPISODE_5))
            other.set("speed", 8)
            other.process.wait(WITHIN)
            mpv.quit()
    assert watched(simkl) == []
    assert "paused until you resume it" in home.cli("status").stdout


def test_a_pause_for_all_ends_what_plays_in_another_window(
    simkl: Sandbox, home: Home, screen: Screen
) -> None:
    """Paused in one window, what plays in another is no watch, and Simkl shows neither; resumed, it is shown
    again.
    """
    with playing(home, FILM, options=screen.options) as mpv, playing(home, EPISODE_4) as other:
        simkl.expect(2, "/scrobble/start")
        other.command("script-message-to", "simkl", "pause-scrobbling", "resumed")
        simkl.expect(1, "/scrobble/pause")
        mpv.seek(3)
        screen.wait_for("Simkl: scrobbling is paused until you resume it")
        simkl.expect(2, "/scrobble/pause")
        other.command("script-message-to", "simkl", "pause-scrobbling")
        simkl.expect(3, "/scrobble/start")
        mpv.seek(4)
        screen.wait_for("Simkl: scrobbling goes on")
        simkl.expect(4, "/scrobble/start")
        mpv.quit()
        other.quit()


def test_a_rating_goes_to_what_was_watched(simkl: Sandbox, home: Home, screen: Screen) -> None:
    """At the end a number from the list is the rating; no further episode is marked by it."""
    with playing(home, EPISODE_4, speed=8, options=(*screen.options, "--keep-open=yes")) as mpv:
        screen.wait_for("Watched: ")
        press(mpv, "rate")
        screen.wait_for_menu("Rate The Lighthouse Keepers (2021)")
        mpv.press("DOWN", "DOWN", "ENTER")
        screen.wait_for("8 of 10 for The Lighthouse Keepers (2021)")
        mpv.quit()
    assert list(simkl.library().ratings.values()) == [8]
    assert watched(simkl) == [("The Lighthouse Keepers", 4)]


def test_before_the_end_nothing_is_rated(simkl: Sandbox, home: Home, screen: Screen) -> None:
    """A rating marks what it goes with as watched: of what is not watched none is sent."""
    with playing(home, EPISODE_4, options=screen.options) as mpv:
        simkl.expect(1, "/scrobble/start")
        press(mpv, "rate")
        screen.wait_for("Simkl takes a rating for what is watched")
        mpv.quit()
    assert watched(simkl) == []


def test_what_simkl_took_for_something_else_is_not_rated(
    simkl: Sandbox, home: Home, screen: Screen, tmp_path: Path
) -> None:
    """A rating of a doubtful watch would mark the namesake: none is sent, and the screen says what helps."""
    video = Path(shutil.copy(EPISODE_4, tmp_path / "Castle (1970) - S01E02.mkv"))
    with playing(home, video, speed=8, options=(*screen.options, "--keep-open=yes")) as mpv:
        until(lambda: [row["state"] for row in home.waiting()] == ["doubtful"], lambda: home.log)
        mpv.command("keybind", "F8", "script-binding simkl/fix-match")
        mpv.command("script-message-to", "simkl", "rate", "8")
        screen.wait_for(
            "Not rated: Simkl took it for Castle (2009) S01E02, and its year is another one; press F8"
        )
        press(mpv, "status")
        screen.wait_for("0 watched and still to be sent, 1 set aside: see `mpv-simkl journal list`")
        mpv.quit()
    assert watched(simkl) == []
    assert not simkl.library().ratings


def test_what_waits_unchecked_is_not_rated(simkl: Sandbox, home: Home, screen: Screen) -> None:
    """Watched without Simkl at hand it may be a namesake yet: it is rated when Simkl has it."""
    simkl.fail("cut")
    with playing(home, EPISODE_4, speed=8, options=(*screen.options, "--keep-open=yes")) as mpv:
        screen.wait_for("Simkl is told later")
        press(mpv, "rate")
        screen.wait_for(f"Not rated: {NAMED} is not at Simkl yet")
        mpv.quit()


def test_whoever_wants_to_be_asked_is_asked_at_the_end(simkl: Sandbox, home: Home, screen: Screen) -> None:
    """With ask_rating=yes the list comes by itself when something has been watched."""
    home.set("ask_rating=yes\n")
    with playing(home, EPISODE_4, speed=8, options=(*screen.options, "--keep-open=yes")) as mpv:
        screen.wait_for_menu("Rate The Lighthouse Keepers (2021)")
        mpv.press("ENTER")
        screen.wait_for("10 of 10")
        mpv.quit()
    assert list(simkl.library().ratings.values()) == [10]


def test_the_status_says_how_things_stand(simkl: Sandbox, home: Home, screen: Screen) -> None:
    """What is watched, who is signed in and what waits is on the screen without any request."""
    with playing(home, EPISODE_4, options=screen.options) as mpv:
        simkl.expect(1, "/scrobble/start")
        calls = len(simkl.calls)
        press(mpv, "status")
        screen.wait_for(f"Simkl: watching {NAMED}, ")
        screen.wait_for("signed in; 0 watched and still to be sent")
        assert len(simkl.calls) == calls
        mpv.quit()


def test_the_page_opens_in_the_browser(simkl: Sandbox, home: Home, screen: Screen, tmp_path: Path) -> None:
    """The key opens the title's page at Simkl."""
    browser, opened = tmp_path / "browser", tmp_path / "opened"
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}\n')
    browser.chmod(0o755)
    home.environment["BROWSER"] = str(browser)
    with playing(home, EPISODE_4, options=screen.options) as mpv:
        simkl.expect(1, "/scrobble/start")
        press(mpv, "open-page")
        screen.wait_for("Opening https://simkl.com/tv/9100001")
        until(lambda: opened.exists() and opened.read_text() != "", lambda: home.log)
        mpv.quit()
    assert opened.read_text().startswith("https://simkl.com/tv/9100001")


@pytest.mark.parametrize("files", [(), (MUSIC,)])
def test_every_key_answers_when_nothing_of_ours_plays(
    simkl: Sandbox, home: Home, screen: Screen, files: tuple[Path, ...]
) -> None:
    """In an empty window and with music each key says something, and asks Simkl nothing."""
    options = (*screen.options, "--idle=yes", "--loop-file=inf")
    with playing(home, *files, options=options) as mpv:
        if files:
            mpv.wait_for_position(0.2)
        for name in KEYS:
            seen = len(screen.texts()) + len(screen.menus())
            press(mpv, name)
            until(lambda seen=seen: len(screen.texts()) + len(screen.menus()) > seen, lambda: home.log)  # type: ignore[misc]
        mpv.quit()
    assert simkl.calls == []


def test_what_nobody_knows_is_no_harm(simkl: Sandbox, home: Home) -> None:
    """Messages of other scripts, half ones and long ones change nothing."""
    with playing(home, EPISODE_4) as mpv:
        simkl.expect(1, "/scrobble/start")
        for words in (
            ["simkl-nonsense"],
            ["simkl-key"],
            ["simkl-answer", "1"],
            ["simkl-answer", "1", "choice", "9"],
        ):
            mpv.command("script-message", *words)
        mpv.command("script-message", "simkl-rate", "x" * 10_000)
        mpv.set("pause", True)
        simkl.expect(1, "/scrobble/pause")
        mpv.quit()
    assert "a fault" not in home.log
