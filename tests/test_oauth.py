"""Renewing: one process asks, all others read; a dead sign-in asks the user; a bad network loses nothing."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mpv_simkl import auth, oauth
from mpv_simkl.errors import LoginNeeded, SimklError, SomebodyElse, TryLater
from mpv_simkl.model import Action
from mpv_simkl.pace import Pace
from mpv_simkl.sandbox import ACCOUNT, Fault, Sandbox
from mpv_simkl.simkl import Simkl

from .leaks import no_secret_in
from .makers import EPISODE, connect, no_sleep
from .signing_in import Newcomer, newcomer, sign_in_as

DAYS = timedelta(days=1)

# One player: it says that it is there, waits for the start, and makes one call that needs a living token.
PLAYER = """
import sys
from mpv_simkl import auth, oauth
who = auth.credentials("")
print("ready", flush=True)
sys.stdin.readline()
who = oauth.renew(who)
print(oauth.who_is(who)[0])
"""


@pytest.fixture
def someone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Iterator[Newcomer]:
    """Somebody with a data folder; nothing that is printed may be a secret."""
    with newcomer(tmp_path, monkeypatch) as found:
        yield found
        assert capfd.readouterr() == ("", "")


def player() -> Simkl:
    """What one player uses to talk to Simkl, with the sign-in that it finds."""
    return Simkl(auth.credentials(""), Pace(None, sleep=no_sleep), no_sleep)


def play(simkl: Simkl) -> None:
    """One call that needs a living token."""
    simkl.scrobble(Action.START, EPISODE, 10)


def renewals(simkl: Sandbox) -> int:
    """How often Simkl was asked for a new token."""
    return sum(call.path == "/oauth2/token" for call in simkl.calls)


def test_eight_players_with_one_dead_token_make_one_renewal(someone: Newcomer) -> None:
    """Eight players that find the token dead at the same moment ask Simkl once, and all go on."""
    sign_in_as(someone.simkl, lasts=6 * DAYS)
    someone.clock.step(days=8)
    line = [sys.executable, "-c", PLAYER]
    pipe = subprocess.PIPE
    with ExitStack() as stack:
        players = [
            stack.enter_context(
                subprocess.Popen(line, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT, text=True)
            )
            for _ in range(8)
        ]
        for each in players:
            assert each.stdout is not None
            assert each.stdout.readline() == "ready\n"
        said = [each.communicate("go\n", timeout=60)[0] for each in players]
    assert said == [f"{ACCOUNT}\n"] * 8
    assert renewals(someone.simkl) == 1
    no_secret_in("".join(said), someone.simkl, "what the players print")


def test_a_player_finds_what_another_has_renewed(someone: Newcomer) -> None:
    """A renewal kills the token of every other player; these read the new one and ask for none."""
    sign_in_as(someone.simkl, lasts=7 * DAYS)
    one, other = player(), player()
    someone.clock.step(days=7)
    play(one)
    play(other)
    assert renewals(someone.simkl) == 1
    assert [call.status for call in someone.simkl.calls] == [401, 200, 201, 401, 201]


@pytest.mark.parametrize(("lasts", "asked"), [(2 * DAYS, 0), (DAYS / 2, 1), (-DAYS, 1)])
def test_it_is_renewed_when_a_day_remains(someone: Newcomer, lasts: timedelta, asked: int) -> None:
    """With less than a day left it is renewed before the next call, which then needs no second try."""
    before = sign_in_as(someone.simkl, lasts)
    play(player())
    after = auth.load()
    assert renewals(someone.simkl) == asked
    assert someone.simkl.calls[-1].status == 201
    assert after is not None
    assert (after.access_token != before.access_token) is bool(asked)
    assert auth.credentials("").renew_at == pytest.approx(time.time() + (6 if asked else 1) * 86_400, abs=60)


def test_a_new_refresh_token_takes_the_place_of_the_old_one(someone: Newcomer) -> None:
    """Whatever refresh token comes back is kept, should Simkl ever give a new one (simkl-api 2.3)."""
    before = sign_in_as(someone.simkl, lasts=6 * DAYS)
    someone.simkl.rules.new_refresh_tokens = True
    one = player()
    for _ in range(2):
        someone.clock.step(days=8)
        play(one)
    after = auth.load()
    assert after is not None
    assert after.refresh_token != before.refresh_token
    assert renewals(someone.simkl) == 2


def test_a_token_of_a_short_life_is_not_renewed_with_every_call(someone: Newcomer) -> None:
    """If Simkl once gives tokens for an hour, that is not less than the day before the end."""
    kept = sign_in_as(someone.simkl, lasts=DAYS / 2)
    body = {"access_token": kept.access_token, "refresh_token": kept.refresh_token, "expires_in": 3600}
    someone.simkl.fail(Fault("short", body=json.dumps(body).encode()), path="/oauth2/")
    one = player()
    play(one)
    play(one)
    play(player())
    assert renewals(someone.simkl) == 1


def test_a_call_leaves_a_second_after_a_renewal(someone: Newcomer) -> None:
    """A renewal is a POST like any other, and there may be one in a second."""
    sign_in_as(someone.simkl, lasts=DAYS / 2)
    waits: list[float] = []
    play(Simkl(auth.credentials(""), Pace(None, no_sleep), waits.append))
    assert waits == [1.1]


@pytest.mark.parametrize("fault", ["cut", "internal", "portal", "too_fast", "redirect"])
def test_a_renewal_that_has_time_does_not_stop_a_call(someone: Newcomer, fault: str) -> None:
    """If it cannot be renewed now but is good for hours, the call goes out."""
    sign_in_as(someone.simkl, lasts=DAYS / 2)
    someone.simkl.fail(fault, path="/oauth2/")
    play(player())
    assert someone.simkl.calls[-1].status == 201


@pytest.mark.parametrize(
    "fault", ["cut", "internal", "bad_gateway", "portal", "null", "too_fast", "redirect"]
)
def test_a_network_that_fails_never_signs_out(someone: Newcomer, fault: str) -> None:
    """With a dead token and no way to renew it now, it is tried later and the sign-in is kept."""
    kept = sign_in_as(someone.simkl, lasts=6 * DAYS)
    someone.clock.step(days=8)
    someone.simkl.fail(fault, path="/oauth2/")
    simkl = player()
    with pytest.raises(TryLater) as told:
        play(simkl)
    assert not isinstance(told.value, LoginNeeded)
    assert auth.load() == kept
    someone.simkl.heal()
    play(simkl)


def test_a_sign_in_that_simkl_has_ended_is_asked_for_once(someone: Newcomer) -> None:
    """When the user has taken the access away, Simkl is asked once and not by every player again."""
    kept = sign_in_as(someone.simkl, lasts=6 * DAYS)
    simkl, other = player(), player()
    someone.simkl.revoke(kept.refresh_token)
    with pytest.raises(LoginNeeded, match="has ended the sign-in"):
        play(simkl)
    with pytest.raises(LoginNeeded, match="not signed in"):
        play(other)
    assert renewals(someone.simkl) == 1
    assert auth.account() == str(ACCOUNT)
    with pytest.raises(LoginNeeded, match="not signed in"):
        auth.credentials("")


def test_without_a_refresh_token_one_signs_in_again(someone: Newcomer) -> None:
    """A sign-in that cannot be renewed is asked for, and Simkl is not asked in vain."""
    kept = sign_in_as(someone.simkl, lasts=6 * DAYS)
    with auth.lock():
        auth.save(replace(kept, refresh_token=""))
    someone.clock.step(days=8)
    with pytest.raises(LoginNeeded, match="not signed in"):
        play(player())
    assert renewals(someone.simkl) == 0


def test_after_half_a_year_one_signs_in_again(someone: Newcomer) -> None:
    """A sign-in that was not used for 180 days has ended, and says so."""
    sign_in_as(someone.simkl, lasts=6 * DAYS)
    someone.clock.step(days=181)
    with pytest.raises(LoginNeeded, match="has ended the sign-in"):
        play(player())


def test_an_app_that_is_gone_is_explained(someone: Newcomer) -> None:
    """If Simkl does not know the app any more, the sign-in is kept and the reason named."""
    kept = sign_in_as(someone.simkl, lasts=-DAYS)
    told = Fault("told", status=401, body=json.dumps({"error": "invalid_client"}).encode())
    someone.simkl.fail(told, path="/oauth2/")
    with pytest.raises(LoginNeeded, match="client id"):
        play(player())
    assert auth.load() == kept


def test_a_token_that_cannot_write_is_not_renewed(someone: Newcomer) -> None:
    """A read-only token is no dead one: only signing in again helps, and the sentence says so."""
    granted = someone.simkl.sign_in(scope="media:read")
    kept = sign_in_as(someone.simkl, lasts=6 * DAYS)
    with auth.lock():
        auth.save(replace(kept, access_token=granted.access_token))
    with pytest.raises(LoginNeeded, match="may read but not write; sign in again"):
        play(player())
    assert renewals(someone.simkl) == 0


def test_a_call_that_was_made_without_its_token_costs_no_sign_in(someone: Newcomer) -> None:
    """That no token was sent is a fault of ours, and the one that is kept is as good as before
    (simkl-api 2.4).
    """
    sign_in_as(someone.simkl, lasts=6 * DAYS)
    body = json.dumps({"error": "user_token_required", "code": 401}).encode()
    someone.simkl.fail(Fault("bare", status=401, body=body), path="/scrobble/")
    with pytest.raises(LoginNeeded):
        play(player())
    assert renewals(someone.simkl) == 0


def test_nothing_goes_to_the_account_of_somebody_else(someone: Newcomer) -> None:
    """If somebody else signs in while a player runs, what that player was about to say is kept."""
    first = sign_in_as(someone.simkl, lasts=6 * DAYS)
    simkl = player()
    sign_in_as(someone.simkl, lasts=6 * DAYS, account=7)
    someone.simkl.revoke(first.access_token)
    with pytest.raises(SomebodyElse):
        play(simkl)
    assert [call.status for call in someone.simkl.calls] == [401]


@pytest.mark.parametrize("other", [{"client_id": "another"}, {"api_url": "https://simkl.example"}])
def test_a_player_does_not_change_over_to_another_app_or_address(
    someone: Newcomer, other: dict[str, Any]
) -> None:
    """A sign-in is good for its address and its app: what plays for one goes on with no token of another."""
    kept = sign_in_as(someone.simkl, lasts=6 * DAYS)
    simkl = player()
    someone.simkl.revoke(kept.access_token)
    with auth.lock():
        auth.save(replace(kept, access_token="simkl_at_new", **other))
    with pytest.raises(LoginNeeded, match="another address or app"):
        play(simkl)
    assert [call.status for call in someone.simkl.calls] == [401]


def test_a_token_from_the_environment_is_never_renewed(someone: Newcomer) -> None:
    """A dead token in the environment is named; the sign-in in the file is not touched."""
    kept = sign_in_as(someone.simkl, lasts=6 * DAYS)
    simkl = connect(someone.simkl)
    someone.simkl.revoke(someone.simkl.access_token)
    with pytest.raises(LoginNeeded, match=r"^POST /scrobble/start: 401 .* without MPV_SIMKL_ACCESS_TOKEN"):
        play(simkl)
    assert auth.load() == kept
    assert renewals(someone.simkl) == 0


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("path", ["/scrobble", "/oauth2", "/users"])
def test_no_token_follows_a_redirect(someone: Newcomer, path: str, status: int) -> None:
    """A network that sends us elsewhere gets no token there."""
    kept = sign_in_as(someone.simkl, lasts=-DAYS)
    with Sandbox() as elsewhere:
        headers = {"Location": elsewhere.url + "/scrobble/start"}
        someone.simkl.fail(Fault("elsewhere", status=status, headers=headers), path=path)
        for call in (
            lambda: play(player()),
            lambda: oauth.who_is(kept.credentials()),
            lambda: oauth.renew(kept.credentials()),
            lambda: oauth.revoke(kept.api_url, kept.client_id, kept.refresh_token),
        ):
            try:
                call()
            except SimklError as error:
                no_secret_in(str(error), someone.simkl, "an error")
        assert elsewhere.calls == []


def test_no_netrc_speaks_for_us(someone: Newcomer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A password that the user keeps for that host is not sent."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login ada password hush\n")
    monkeypatch.setenv("NETRC", str(netrc))
    someone.sign_in()
    sent = [call.headers.get("authorization", "").partition(" ")[0] for call in someone.simkl.calls]
    assert sent == ["", "", "Bearer"]


def test_a_locked_folder_is_told(someone: Newcomer) -> None:
    """If the lock cannot be had, nothing is renewed and the sentence names the file."""
    kept = sign_in_as(someone.simkl, lasts=6 * DAYS)
    lock = auth.path().with_name(auth.LOCK)
    lock.unlink()
    lock.mkdir()
    with pytest.raises(TryLater, match=r"sign-in\.lock cannot be locked"):
        oauth.renew(kept.credentials())
    assert renewals(someone.simkl) == 0
