"""`mpv-simkl login` and `logout`, as they look on a terminal and behave in a script."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mpv_simkl import auth
from mpv_simkl.journal import Journal
from mpv_simkl.media import Media
from mpv_simkl.model import Action, Scrobble
from mpv_simkl.sandbox import ACCOUNT, Sandbox

from .harness import Home
from .leaks import no_secret_in, no_secret_in_files
from .makers import player_is_gone
from .terminal import Terminal, terminal

QR_TOP = "████ ▄▄▄▄▄ █"
GREETING = f"Hello Sandbox user {ACCOUNT}, you are signed in."


@pytest.fixture
def simkl() -> Iterator[Sandbox]:
    """A Simkl that lets a test poll as fast as it can."""
    with Sandbox(throttle=False, interval=0.05) as sandbox:
        yield sandbox


@pytest.fixture
def newcomer(home: Home, simkl: Sandbox) -> Iterator[Home]:
    """Somebody who has not signed in, and has no browser; no file of theirs may have a secret in the end."""
    for name in ("MPV_SIMKL_ACCESS_TOKEN", "BROWSER", "DISPLAY", "WAYLAND_DISPLAY", "NO_COLOR"):
        home.environment.pop(name, None)
    yield home
    no_secret_in_files(home.folder, simkl)


def kept(home: Home) -> dict[str, Any] | None:
    """The sign-in that a home keeps."""
    file = home.folder / "data" / auth.FILE
    found: dict[str, Any] | None = json.loads(file.read_text(encoding="utf-8")) if file.exists() else None
    return found


def confirm(simkl: Sandbox, account: int = ACCOUNT) -> str:
    """Do what the user does on Simkl's page; gives the link."""
    code = simkl.expect(1, "/oauth2/device")[-1].answer
    assert isinstance(code, dict)
    simkl.approve(code["user_code"], account)
    return str(code["verification_uri_complete"])


def sign_in(home: Home, simkl: Sandbox, *words: str, account: int = ACCOUNT) -> str:
    """`login` from its start to its end; gives all that it showed."""
    before = len([call for call in simkl.calls if call.path == "/oauth2/device"])
    with terminal("login", *words, environment=home.environment) as shown:
        simkl.expect(before + 1, "/oauth2/device")
        confirm(simkl, account)
        assert shown.end() == 0, shown.shown
    no_secret_in(shown.shown, simkl, "the terminal")
    return shown.shown


def waits(shown: Terminal) -> None:
    shown.wait_for("Ctrl-C stops.\n")


def test_signing_in_on_a_terminal(newcomer: Home, simkl: Sandbox) -> None:
    """It shows link, code and a QR code, waits, and greets by name."""
    with terminal("login", environment=newcomer.environment) as shown:
        waits(shown)
        link = confirm(simkl)
        assert shown.end() == 0
    code = link.partition("=")[2]
    lines = shown.shown.split("\n")
    assert lines[:4] == ["", f"Open  {link}", f"or go to  https://simkl.com/pin  and type  {code}", ""]
    assert QR_TOP in lines[6]
    assert lines[23] == "Waiting until it is confirmed there, 15 minutes at most; Ctrl-C stops."
    assert lines[25] == f"{GREETING} What you watch in mpv goes to Simkl from now on."
    found = kept(newcomer)
    assert found is not None
    assert (found["account"], found["name"]) == (str(ACCOUNT), f"Sandbox user {ACCOUNT}")
    no_secret_in(shown.shown, simkl, "the terminal")


def test_then_what_waited_is_sent(newcomer: Home, simkl: Sandbox) -> None:
    """Without a sign-in a command says what to do; with one it works."""
    done = newcomer.cli("journal", "replay")
    assert (done.returncode, done.stderr) == (1, "mpv-simkl: not signed in; run `mpv-simkl login`\n")
    sign_in(newcomer, simkl)
    assert newcomer.cli("journal", "replay").returncode == 0


@pytest.mark.parametrize(
    ("rows", "environment"), [(20, {}), (50, {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})]
)
def test_a_terminal_that_cannot_show_it_gets_no_qr_code(
    newcomer: Home, simkl: Sandbox, rows: int, environment: dict[str, str]
) -> None:
    """A terminal that is too low, or has no such letters, shows link and code only."""
    with terminal("login", environment={**newcomer.environment, **environment}, rows=rows) as shown:
        waits(shown)
        confirm(simkl)
        assert shown.end() == 0
    assert "https://simkl.com/pin?user_code=" in shown.shown
    assert not set("█▄▀") & set(shown.shown)
    assert len(shown.shown.split("\n")) < 10


def test_no_colour_means_none(newcomer: Home, simkl: Sandbox) -> None:
    """With NO_COLOR the QR code is drawn without colours."""
    newcomer.environment["NO_COLOR"] = "1"
    shown = sign_in(newcomer, simkl)
    assert QR_TOP in shown
    assert "\x1b" not in shown


def test_in_a_pipe_there_are_only_words(newcomer: Home, simkl: Sandbox) -> None:
    """Not on a terminal it shows neither colours nor pictures, and nothing is asked."""
    line = ["login"]
    with piped(newcomer, *line) as process:
        confirm(simkl)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, "")
    assert out.isascii()
    assert GREETING in out
    no_secret_in(out, simkl, "the pipe")


def piped(home: Home, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "mpv_simkl", *words],
        env=home.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(("words", "opened"), [((), True), (("--no-browser",), False)])
def test_the_browser_is_opened_unless_told_otherwise(
    newcomer: Home, simkl: Sandbox, words: tuple[str, ...], *, opened: bool
) -> None:
    """The page opens in the user's browser, with the code filled in, and the browser is not waited for."""
    seen, browser, open_for = (newcomer.folder / name for name in ("seen", "browser", "open_for"))
    os.mkfifo(open_for)
    still_open = os.open(open_for, os.O_RDWR)
    browser.write_text(
        f'#!/bin/sh\nexec > {seen}.part 2>&1 < {open_for}\necho "$1"; mv {seen}.part {seen}; exec cat\n'
    )
    browser.chmod(0o700)
    newcomer.environment["BROWSER"] = f"{browser} %s"
    with terminal("login", *words, environment=newcomer.environment) as shown:
        waits(shown)
        if opened:
            wait_for_file(seen)
        link = confirm(simkl)
        assert shown.end() == 0
    os.close(still_open)
    assert seen.exists() is opened
    assert not opened or seen.read_text() == f"{link}\n"


def wait_for_file(file: Path) -> None:
    tick = threading.Event()
    for _ in range(1000):
        if file.exists():
            return
        tick.wait(0.02)
    raise AssertionError(f"{file} never came")


def test_ctrl_c_is_clean(newcomer: Home, simkl: Sandbox) -> None:
    """Ctrl-C ends it with 130 and a word, without a trace, and nothing is kept."""
    with terminal("login", environment=newcomer.environment) as shown:
        waits(shown)
        shown.press_ctrl_c()
        assert shown.end() == 130
    assert shown.shown.endswith("\nNothing was changed.\n")
    assert "Traceback" not in shown.shown
    assert kept(newcomer) is None
    assert simkl.expect(1, "/oauth2/device")


def test_ctrl_c_does_not_wait_for_the_end_of_the_sign_in_before(newcomer: Home, simkl: Sandbox) -> None:
    """Once the new sign-in is kept, Ctrl-C only ends the waiting for the old one, and it greets."""
    sign_in(newcomer, simkl)
    simkl.fail("blackhole", path="/oauth2/revoke")
    with terminal("login", environment=newcomer.environment) as shown:
        simkl.expect(2, "/oauth2/device")
        confirm(simkl, 7)
        simkl.expect(1, "/oauth2/revoke")
        shown.press_ctrl_c()
        assert shown.end() == 0
    assert "Hello Sandbox user 7, you are signed in." in shown.shown
    assert "Nothing was changed" not in shown.shown


def test_ctrl_c_signs_out_without_waiting_for_simkl(newcomer: Home, simkl: Sandbox) -> None:
    """Whoever breaks off the waiting for Simkl is signed out here, and told where to end it there."""
    sign_in(newcomer, simkl)
    simkl.fail("blackhole", path="/oauth2/revoke")
    with terminal("logout", environment=newcomer.environment) as shown:
        simkl.expect(1, "/oauth2/revoke")
        shown.press_ctrl_c()
        assert shown.end() == 0
    assert shown.shown.startswith("Signed out.")
    assert "end the sign-in there too: https://simkl.com/settings/connected-apps/" in shown.shown
    assert kept(newcomer) is None


def test_ctrl_c_forgets_the_client_id_too(newcomer: Home, simkl: Sandbox) -> None:
    """Whoever breaks off signing in with another app of theirs stays with the app from before."""
    del newcomer.environment["MPV_SIMKL_CLIENT_ID"]
    with terminal("login", "--client-id", simkl.client_id, environment=newcomer.environment) as shown:
        waits(shown)
        shown.press_ctrl_c()
        assert shown.end() == 130
    assert shown.shown.endswith("\nNothing was changed.\n")
    assert not (newcomer.folder / "data" / auth.CLIENT_ID_FILE).exists()


def test_without_a_client_id_it_says_how_to_get_one(newcomer: Home, simkl: Sandbox) -> None:
    """Without a client id five lines explain it; the pasted one is used and need not be given again."""
    del newcomer.environment["MPV_SIMKL_CLIENT_ID"]
    with terminal("login", environment=newcomer.environment) as shown:
        shown.wait_for("Client id: ")
        explained = shown.shown.rstrip().split("\n")[:-1]
        shown.type(f"  {simkl.client_id} ")
        waits(shown)
        confirm(simkl)
        assert shown.end() == 0
    assert len(explained) == 5
    assert "https://simkl.com/settings/developer/" in explained[1]
    assert "Client id" not in sign_in(newcomer, simkl)
    assert "Client id" not in logged_out_and_in_again(newcomer, simkl)


def logged_out_and_in_again(home: Home, simkl: Sandbox) -> str:
    assert home.cli("logout").returncode == 0
    return sign_in(home, simkl)


def test_ctrl_d_instead_of_a_client_id_is_clean(newcomer: Home) -> None:
    """Whoever has no client id at hand ends the question with Ctrl-D: one sentence, and no trace."""
    del newcomer.environment["MPV_SIMKL_CLIENT_ID"]
    with terminal("login", environment=newcomer.environment) as shown:
        shown.wait_for("Client id: ")
        shown.press_ctrl_d()
        assert shown.end() == 1
    assert shown.shown.endswith("\nmpv-simkl: nothing was changed\n")
    assert "Traceback" not in shown.shown


def test_without_a_client_id_a_script_is_told(newcomer: Home) -> None:
    """Where nobody can paste, it says what is missing and ends with 1."""
    del newcomer.environment["MPV_SIMKL_CLIENT_ID"]
    with piped(newcomer, "login") as process:
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (1, "")
    assert err.startswith("mpv-simkl: there is no client id. ")
    assert err.endswith("`mpv-simkl login --client-id ID`\n")


def test_a_client_id_that_is_set_is_not_kept_a_second_time(newcomer: Home, simkl: Sandbox) -> None:
    """Whoever takes client_id out of the settings again is not held to it."""
    sign_in(newcomer, simkl)
    assert not (newcomer.folder / "data" / auth.CLIENT_ID_FILE).exists()


def test_signing_in_goes_on_with_a_setting_that_cannot_be_used(newcomer: Home, simkl: Sandbox) -> None:
    """A mistake in simkl.conf is named once, and whoever signs in is signed in."""
    newcomer.set("min_played=lots\n")
    shown = sign_in(newcomer, simkl)
    assert shown.count("simkl.conf:1: min_played='lots' cannot be used") == 1
    assert GREETING in shown


def test_a_client_id_in_mpv_conf_is_signed_in_with(newcomer: Home, simkl: Sandbox) -> None:
    """Whoever has set client_id in mpv.conf is not asked for it."""
    del newcomer.environment["MPV_SIMKL_CLIENT_ID"]
    setting = f"script-opts-append=simkl-client_id={simkl.client_id}\n"
    (newcomer.mpv_dir / "mpv.conf").write_text(setting, encoding="utf-8")
    sign_in(newcomer, simkl)
    assert newcomer.cli("journal", "replay").returncode == 0


def test_a_client_id_from_the_command_line_is_kept(newcomer: Home, simkl: Sandbox) -> None:
    """`--client-id` goes before everything else, and works in mpv afterwards without being set."""
    newcomer.environment["MPV_SIMKL_CLIENT_ID"] = "anOldOne"
    shown = sign_in(newcomer, simkl, "--client-id", simkl.client_id)
    assert "client_id is set to another app" in shown
    told = newcomer.cli("journal", "replay")
    assert "another client_id" in told.stderr
    del newcomer.environment["MPV_SIMKL_CLIENT_ID"]
    assert newcomer.cli("journal", "replay").returncode == 0


@pytest.mark.parametrize("client_id", ["anOldOne", "two words", ""])
def test_a_wrong_client_id_is_explained_and_not_kept(newcomer: Home, client_id: str) -> None:
    """An old client id, or none, is told as what it is; the next time it is asked for again."""
    del newcomer.environment["MPV_SIMKL_CLIENT_ID"]
    done = newcomer.cli("login", "--client-id", client_id)
    assert done.returncode == 1
    expected = "AUTH V1" if client_id == "anOldOne" else "not a client id"
    assert expected in done.stderr
    assert not (newcomer.folder / "data" / auth.CLIENT_ID_FILE).exists()


def test_where_nothing_can_be_kept_no_code_is_shown(newcomer: Home, simkl: Sandbox) -> None:
    """Whoever could not stay signed in is told before reaching for the telephone, and Simkl is not asked."""
    (newcomer.folder / "data").rename(newcomer.folder / "elsewhere")
    (newcomer.folder / "data").write_text("no folder")
    done = newcomer.cli("login")
    assert (done.returncode, done.stdout) == (1, "")
    assert "sign-in.lock cannot be locked (File exists)" in done.stderr
    assert simkl.calls == []


def test_somebody_else_is_told_what_stays(newcomer: Home, simkl: Sandbox) -> None:
    """Whoever signs in after somebody else is greeted by name, and the first sign-in is over."""
    sign_in(newcomer, simkl)
    first = kept(newcomer)
    assert "Hello Sandbox user 7" in sign_in(newcomer, simkl, account=7)
    second = kept(newcomer)
    assert first is not None
    assert second is not None
    assert second["account"] == "7"
    assert (simkl.calls[-1].path, simkl.calls[-1].body) == (
        "/oauth2/revoke",
        {"client_id": simkl.client_id, "token": first["refresh_token"]},
    )


def test_what_one_account_watched_never_goes_to_another(newcomer: Home, simkl: Sandbox) -> None:
    """What waits for the first account is told of, and waits until that one signs in again."""
    with Journal.open(newcomer.folder / "data", account=str(ACCOUNT)) as journal:
        media = Media("episode", "The Lighthouse Keepers", season=1, episodes=(4,))
        at = datetime(2026, 3, 14, 20, 15, tzinfo=UTC)
        journal.record(Scrobble(Action.STOP, media, "evening", 95.0, 1200.0, True, True, at))
    player_is_gone(newcomer.folder / "data")
    assert "\n1 watched under another account waits until that one signs in." in sign_in(
        newcomer, simkl, account=7
    )
    assert newcomer.cli("journal", "replay").returncode == 0
    assert simkl.history == []
    assert "\n1 watched before goes out with the next film, or now: `mpv-simkl journal replay`" in sign_in(
        newcomer, simkl
    )
    assert newcomer.cli("journal", "replay").returncode == 0
    assert [watch.watched_at for watch in simkl.library().watched.values()] == [at]
    assert simkl.library(7).watched == {}


def test_logging_out(newcomer: Home, simkl: Sandbox) -> None:
    """`logout` ends the sign-in here and at Simkl, and says so; the second time there is none."""
    sign_in(newcomer, simkl)
    done = newcomer.cli("logout")
    assert (done.returncode, done.stdout) == (0, "Signed out. What waits in the journal is kept.\n")
    assert kept(newcomer) is None
    assert simkl.calls[-1].path == "/oauth2/revoke"
    assert newcomer.cli("logout").stdout == "There was no sign-in to forget.\n"


def test_logging_out_without_a_network(newcomer: Home, simkl: Sandbox) -> None:
    """Without a network it is forgotten here, and the page is named where it can be ended."""
    sign_in(newcomer, simkl)
    simkl.fail("cut")
    done = newcomer.cli("logout")
    assert done.returncode == 0
    assert "https://simkl.com/settings/connected-apps/" in done.stdout
    assert kept(newcomer) is None


def test_signing_in_names_the_token_that_goes_before(newcomer: Home, simkl: Sandbox) -> None:
    """Whoever signs in while a token is set in the environment is told that the token is used."""
    assert "MPV_SIMKL_ACCESS_TOKEN" not in sign_in(newcomer, simkl)
    newcomer.environment["MPV_SIMKL_ACCESS_TOKEN"] = "hush"
    shown = sign_in(newcomer, simkl)
    assert "But MPV_SIMKL_ACCESS_TOKEN is set" in shown
    assert "hush" not in shown


def test_logging_out_names_the_token_that_stays(newcomer: Home) -> None:
    """A token in the environment is not ours to forget, and is named."""
    newcomer.environment["MPV_SIMKL_ACCESS_TOKEN"] = "hush"
    done = newcomer.cli("logout")
    assert "MPV_SIMKL_ACCESS_TOKEN is still set" in done.stdout
    assert "hush" not in done.stdout + done.stderr


def test_a_damaged_sign_in_is_replaced(newcomer: Home, simkl: Sandbox) -> None:
    """A damaged file stops no new sign-in."""
    file = newcomer.folder / "data" / auth.FILE
    file.write_text("{")
    assert "cannot be read (damaged)" in newcomer.cli("journal", "replay").stderr
    assert GREETING in sign_in(newcomer, simkl)
