"""Signing in inside a real mpv: what its screen says, and what happens by itself afterwards."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from mpv_simkl.sandbox import ACCOUNT, Sandbox

from .harness import CLIPS, EPISODE_4, EPISODE_5, EPISODE_6, WITHIN, Home, Mpv, playing
from .leaks import no_secret_in_files
from .screen import Screen, until
from .signing_in import sign_in_as

NOT_SIGNED_IN = "Simkl: not signed in; run `mpv-simkl login`"


@pytest.fixture
def simkl() -> Iterator[Sandbox]:
    """A Simkl that lets a test poll as fast as it can."""
    with Sandbox(throttle=False, interval=0.2) as sandbox:
        yield sandbox


@pytest.fixture
def newcomer(home: Home, simkl: Sandbox) -> Iterator[Home]:
    """Somebody who has not signed in; no file, not even mpv's own log, may have a secret in the end."""
    del home.environment["MPV_SIMKL_ACCESS_TOKEN"]
    home.set("log_level=debug\n")
    yield home
    no_secret_in_files(home.folder, simkl)


@pytest.fixture
def screen(newcomer: Home) -> Screen:
    """The screen of the mpv that the test starts with `screen.options`."""
    return Screen(newcomer.folder)


def code_of(simkl: Sandbox, which: int = 1) -> dict[str, str]:
    """The code that Simkl gave when it was asked for one so many times."""
    answer = simkl.expect(which, "/oauth2/device")[-1].answer
    assert isinstance(answer, dict)
    return answer


def press(mpv: Mpv) -> None:
    """Press the key that the user has bound to it."""
    mpv.command("script-binding", "simkl/login")


def test_the_key_signs_in_and_what_waited_is_sent(newcomer: Home, simkl: Sandbox, screen: Screen) -> None:
    """The key shows code and link; when it is confirmed, the episode that was watched before arrives."""
    with playing(newcomer, EPISODE_4, speed=8, options=(*screen.options, "--keep-open=yes")) as mpv:
        mpv.wait_for("eof-reached", wanted=True)
        until(lambda: [row["state"] for row in newcomer.waiting()] == ["waiting"], lambda: newcomer.log)
        press(mpv)
        code = code_of(simkl)
        screen.wait_for(f"Simkl: open {code['verification_uri_complete']}")
        screen.wait_for(f"or type {code['user_code']} at https://simkl.com/pin")
        assert simkl.history == []
        simkl.approve(code["user_code"])
        screen.wait_for(f"Simkl: hello Sandbox user {ACCOUNT}, you are signed in")
        simkl.expect(1, "/sync/history")
        mpv.quit()
    assert [(watch.title, watch.number) for watch in simkl.history] == [("The Lighthouse Keepers", 4)]
    assert newcomer.waiting() == []


def test_what_is_playing_goes_on_to_simkl(newcomer: Home, simkl: Sandbox, screen: Screen) -> None:
    """Whoever signs in during an episode has it in the history at its end."""
    with playing(newcomer, EPISODE_4, options=screen.options) as mpv:
        screen.wait_for(NOT_SIGNED_IN)
        mpv.command("script-message-to", "simkl", "login")
        simkl.approve(code_of(simkl)["user_code"])
        screen.wait_for("you are signed in")
        mpv.set("speed", 8)
        mpv.process.wait(WITHIN)
        simkl.expect(1, "/scrobble/stop")
    assert [watch.number for watch in simkl.history] == [4]
    assert newcomer.waiting() == []


def test_a_key_that_signs_in_is_named(newcomer: Home, screen: Screen) -> None:
    """Whoever has bound a key to sign in, or to the menu, is told to press it."""
    (newcomer.mpv_dir / "input.conf").write_text("F7 script-binding simkl/login\n", encoding="utf-8")
    with playing(newcomer, EPISODE_4, options=screen.options) as mpv:
        screen.wait_for(f"{NOT_SIGNED_IN}\\nor press F7")
        mpv.quit()


def test_it_is_said_once_and_then_never_again(newcomer: Home, simkl: Sandbox, screen: Screen) -> None:
    """Whoever has not signed in is told so at the first film of an evening, and then left alone."""
    files = (EPISODE_4, EPISODE_5, EPISODE_6)
    with playing(newcomer, *files, speed=8, options=screen.options) as mpv:
        mpv.process.wait(WITHIN)
    said = [line for line in screen.lines() if "sign" in line or "bind" in line or "Simkl cannot" in line]
    assert said == [NOT_SIGNED_IN, "or bind a key to  script-binding simkl/login"]
    assert simkl.calls == []
    assert [row["episodes"] for row in newcomer.waiting()] == [[4], [5], [6]]


def test_for_what_is_no_film_nothing_is_said(newcomer: Home, screen: Screen, tmp_path: Path) -> None:
    """A holiday video does not ask anybody to sign in."""
    video = tmp_path / "VID-20230101-WA0003.mkv"
    video.write_bytes(EPISODE_4.read_bytes())
    with playing(newcomer, video, speed=8, options=screen.options) as mpv:
        mpv.process.wait(WITHIN)
    assert "not scrobbled" in newcomer.log
    assert not [text for text in screen.texts() if "Simkl" in text]


def test_the_key_works_before_any_film(newcomer: Home, simkl: Sandbox, screen: Screen) -> None:
    """In an mpv that plays nothing yet, the key starts Python; the film after it starts no second one."""
    with playing(newcomer, options=(*screen.options, "--idle=yes")) as mpv:
        press(mpv)
        simkl.approve(code_of(simkl)["user_code"])
        screen.wait_for("you are signed in")
        mpv.command("loadfile", str(EPISODE_4))
        simkl.expect(1, "/scrobble/start")
        assert len(newcomer.followers()) == 1
        mpv.quit()


def test_music_needs_no_python_until_the_key_is_pressed(
    newcomer: Home, simkl: Sandbox, screen: Screen
) -> None:
    """The key is there while music plays, and only then something is started."""
    music = CLIPS / "other" / "01 - Tidewater.flac"
    with playing(newcomer, music, options=(*screen.options, "--loop-file=inf")) as mpv:
        mpv.wait_for_position(0.2)
        assert newcomer.followers() == []
        press(mpv)
        screen.wait_for(f"or type {code_of(simkl)['user_code']}")
        mpv.quit()


def test_the_same_key_takes_the_code_away(newcomer: Home, simkl: Sandbox, screen: Screen) -> None:
    """Pressed again, the key takes the code from the screen; nothing more is asked."""
    with playing(newcomer, EPISODE_4, options=screen.options) as mpv:
        press(mpv)
        screen.wait_for(code_of(simkl)["user_code"])
        press(mpv)
        until(lambda: screen.texts()[-1] == "Simkl: not signed in", lambda: str(screen.texts()))
        polls = len(simkl.expect(0, "/oauth2/token"))
        mpv.wait_for_position(3)
        assert len(simkl.expect(0, "/oauth2/token")) == polls
        press(mpv)
        simkl.approve(code_of(simkl, 2)["user_code"])
        screen.wait_for("you are signed in")
        mpv.quit()


def test_whoever_is_signed_in_is_told_so(home: Home, simkl: Sandbox) -> None:
    """The key asks nobody to sign in a second time."""
    screen = Screen(home.folder)
    with playing(home, EPISODE_4, options=screen.options) as mpv:
        simkl.expect(1, "/scrobble/start")
        press(mpv)
        screen.wait_for("Simkl: you are signed in")
        mpv.quit()
    assert simkl.expect(0, "/oauth2/device") == []


def test_without_a_client_id_the_screen_says_what_to_do(
    newcomer: Home, simkl: Sandbox, screen: Screen
) -> None:
    """Nobody can paste a client id into mpv: the terminal is named."""
    del newcomer.environment["MPV_SIMKL_CLIENT_ID"]
    with playing(newcomer, EPISODE_4, options=screen.options) as mpv:
        press(mpv)
        screen.wait_for("there is no client id yet; run `mpv-simkl login` in a terminal")
        mpv.quit()
    assert simkl.calls == []


def test_without_a_network_the_screen_says_so(newcomer: Home, simkl: Sandbox, screen: Screen) -> None:
    """If Simkl cannot be reached, the key says so, and can be pressed again."""
    simkl.fail("cut", times=1)
    with playing(newcomer, EPISODE_4, options=screen.options) as mpv:
        press(mpv)
        screen.wait_for("no connection")
        press(mpv)
        screen.wait_for(f"or type {code_of(simkl, 2)['user_code']}")
        mpv.quit()


def test_somebody_else_can_sign_in_during_a_film(newcomer: Home, simkl: Sandbox) -> None:
    """What was to be told for the first account is not told to the second; what comes after it is."""
    first = sign_in_as(simkl, timedelta(days=6))
    with playing(newcomer, EPISODE_4) as mpv:
        simkl.expect(1, "/scrobble/start")
        simkl.revoke(first.access_token)
        sign_in_as(simkl, timedelta(days=6), account=7)
        mpv.set("pause", True)
        (pause,) = simkl.expect(1, "/scrobble/pause")
        mpv.set("pause", False)
        start = simkl.expect(2, "/scrobble/start")[-1]
        mpv.quit()
    assert (pause.status, start.status) == (401, 201)
    assert "somebody else has signed in" in newcomer.log


def test_what_begins_after_a_sign_out_without_a_network_is_the_next_accounts(
    newcomer: Home, simkl: Sandbox
) -> None:
    """Even if Simkl never heard of the sign-out, whoever signs in after it has what is watched then."""
    sign_in_as(simkl, timedelta(days=6))
    with playing(newcomer, EPISODE_4, EPISODE_5) as mpv:
        simkl.expect(1, "/scrobble/start")
        simkl.fail("cut", path="/oauth2")
        assert newcomer.cli("logout").returncode == 0
        simkl.heal()
        sign_in_as(simkl, timedelta(days=6), account=7)
        mpv.command("playlist-next")
        simkl.expect(2, "/scrobble/start")
        simkl.fail("cut", path="/scrobble/stop", times=1)
        mpv.set("speed", 8)
        mpv.process.wait(WITHIN)
    newcomer.wait_until_quiet()
    newcomer.cli("journal", "replay")
    assert [(watch.account, watch.number) for watch in simkl.history] == [(7, 5)]


def test_a_sign_in_that_ends_during_a_film_is_asked_for_once(
    newcomer: Home, simkl: Sandbox, screen: Screen
) -> None:
    """When the access is taken away, the screen says so once and what is watched is kept."""
    with playing(newcomer, options=(*screen.options, "--idle=yes")) as mpv:
        press(mpv)
        simkl.approve(code_of(simkl)["user_code"])
        screen.wait_for("you are signed in")
        token = json.loads((newcomer.folder / "data" / "sign-in.json").read_text())["access_token"]
        simkl.revoke(token)
        mpv.set("speed", 8)
        mpv.set("keep-open", "always")
        for file in (EPISODE_4, EPISODE_5):
            mpv.command("loadfile", str(file))
            mpv.wait_for("filename", wanted=file.name.__eq__)
            mpv.wait_for("eof-reached", wanted=True)
        mpv.quit()
    said = [line for line in screen.lines() if "ended" in line or "not signed in" in line]
    assert len(said) == 1
    assert "Simkl has ended the sign-in; run `mpv-simkl login` again" in said[0]
    assert [row["episodes"] for row in newcomer.waiting()] == [[4], [5]]


def status(mpv: Mpv, screen: Screen) -> list[str]:
    """Press the key for it, and give all lines that were on the screen until now."""
    mpv.command("script-binding", "simkl/status")
    return screen.lines()


def test_a_sign_in_from_a_terminal_is_known_in_mpv_and_so_is_its_end(
    newcomer: Home, simkl: Sandbox, screen: Screen
) -> None:
    """Whoever signs in with `mpv-simkl login` during a film is signed in on mpv's screen too; when that ends
    in the same evening, the screen says so.
    """
    with playing(newcomer, EPISODE_4, options=(*screen.options, "--speed=0.2")) as mpv:
        screen.wait_for(NOT_SIGNED_IN)
        kept = sign_in_as(simkl, timedelta(days=6))
        for paused in (True, False):
            mpv.set("pause", paused)
            simkl.expect(1, "/scrobble/start" if not paused else "/scrobble/pause")
        until(
            lambda: "signed in; 0 watched and still to be sent" in status(mpv, screen), lambda: newcomer.log
        )
        simkl.revoke(kept.access_token)
        mpv.set("pause", True)
        screen.wait_for("Simkl has ended the sign-in; run `mpv-simkl login` again")
        mpv.quit()
