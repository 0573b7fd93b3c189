"""The sign-in that is kept: private, whole, and good for one address and one app only."""

from __future__ import annotations

import json
import os
import stat
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from requests import Request, RequestException
from urllib3.util import parse_url

from mpv_simkl import auth, places
from mpv_simkl.auth import SignIn
from mpv_simkl.errors import LoginNeeded, MpvSimklError, SettingError

NOW = datetime(2026, 11, 20, 21, 4, tzinfo=UTC)
ADA = SignIn(
    api_url=auth.API_URL,
    client_id="ourApp",
    account="4242",
    name="Ada ✨",
    access_token="simkl_at_secret",
    refresh_token="simkl_rt_secret",
    access_until=NOW + timedelta(days=7),
    refresh_until=NOW + timedelta(days=180),
)
NOBODY: dict[str, str] = {}


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the sign-in of a new user will be kept."""
    monkeypatch.setenv(places.HOME, str(tmp_path))
    before = os.umask(0)
    yield auth.path()
    os.umask(before)


def keep(sign_in: SignIn) -> None:
    with auth.lock():
        auth.save(sign_in)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_only_the_user_can_read_it(file: Path) -> None:
    """The tokens are in one file that nobody else may read, whatever the umask."""
    keep(ADA)
    auth.remember_client_id("ourApp")
    assert {mode(found) for found in file.parent.iterdir()} == {0o600}
    assert mode(file.parent) == 0o700


def test_a_file_that_others_could_read_is_replaced_by_a_private_one(file: Path) -> None:
    """A sign-in copied by hand with lax permissions is private again after the next renewal."""
    keep(ADA)
    file.chmod(0o644)
    keep(ADA)
    assert mode(file) == 0o600


def test_it_comes_back_as_it_was_kept(file: Path) -> None:
    """What was kept is what is used, and a printed form shows no token."""
    assert auth.load() is None
    keep(ADA)
    assert auth.load() == ADA
    who = auth.credentials("", NOBODY)
    assert (who.token, who.account, who.client_id) == ("simkl_at_secret", "4242", "ourApp")
    assert who.renew_at == (NOW + timedelta(days=6)).timestamp()
    assert "secret" not in f"{ADA!r} {who!r} {ADA} {who}"
    assert file.name == "sign-in.json"


def test_a_sign_in_that_cannot_be_kept_is_told(file: Path) -> None:
    """Whoever has signed in where nothing can be written hears of it, and in which file it was to be."""
    file.mkdir(parents=True)
    with pytest.raises(MpvSimklError, match="cannot be written") as told:
        keep(ADA)
    assert str(file) in str(told.value)


def test_nobody_ever_reads_half_of_it(file: Path) -> None:
    """While it is being replaced again and again, every reader finds a whole sign-in."""
    keep(ADA)
    done = threading.Event()

    def write() -> None:
        for number in range(100):
            keep(replace(ADA, name="A" * (number * 50)))
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    reads = 0
    while not done.is_set():
        found = auth.load()
        assert found is not None
        assert found.account == "4242"
        reads += 1
    writer.join()
    assert reads
    assert [found.name for found in file.parent.iterdir() if found.suffix == ".new"] == []


WHOLE = {
    "api_url": auth.API_URL,
    "client_id": "ourApp",
    "account": "4242",
    "name": "Ada",
    "access_token": "simkl_at_secret",
    "refresh_token": "simkl_rt_secret",
    "access_until": "2026-11-27T21:04:00+00:00",
    "refresh_until": "2027-05-19T21:04:00+00:00",
}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"access_token": "simkl_at_secret"}',
        json.dumps(WHOLE)[:-20],
        json.dumps({**WHOLE, "access_token": 17}),
        json.dumps({**WHOLE, "access_token": "two\nlines"}),
        json.dumps({**WHOLE, "access_until": "soon"}),
        json.dumps({**WHOLE, "access_until": "0001-01-01T00:00:00+05:00"}),
        json.dumps({**WHOLE, "api_url": "http://api.simkl.com"}),
        json.dumps({**WHOLE, "api_url": "https://["}),
        "[" * 60_000,
        "x" * 200_000,
    ],
)
def test_a_damaged_file_is_told_in_a_sentence(file: Path, text: str) -> None:
    """A file that is no sign-in is named, with what to do; no token in it is repeated."""
    places.private_dir(file.parent)
    file.write_text(text)
    with pytest.raises(LoginNeeded) as told:
        auth.credentials("", NOBODY)
    assert str(told.value) == f"{file} cannot be read (damaged); run `mpv-simkl login` again"


def test_the_whole_one_is_read(file: Path) -> None:
    """The same file without damage is used."""
    places.private_dir(file.parent)
    file.write_text(json.dumps({**WHOLE, "of a newer version": [1]}))
    assert auth.credentials("", NOBODY).token == "simkl_at_secret"


@given(st.binary(max_size=300))
def test_no_garbage_is_a_fault(tmp_path_factory: pytest.TempPathFactory, garbage: bytes) -> None:
    """Whatever bytes are in the file, it is a sentence and no trace."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(places.HOME, str(tmp_path_factory.mktemp("home")))
        places.private_dir(auth.path().parent)
        auth.path().write_bytes(garbage)
        with pytest.raises(LoginNeeded, match="cannot be read"):
            auth.load()


def test_it_is_not_used_for_another_address(file: Path) -> None:
    """A token for Simkl never goes to a sandbox, nor the other way round; the user is told why."""
    keep(ADA)
    with pytest.raises(LoginNeeded, match=r"is for https://api\.simkl\.com, not for http://127\.0\.0\.1:1"):
        auth.credentials("", {"MPV_SIMKL_API_URL": "http://127.0.0.1:1"})
    assert auth.credentials("", {"MPV_SIMKL_API_URL": "https://api.simkl.com/"}).token
    assert file.exists()


def test_it_is_not_used_with_another_client_id(file: Path) -> None:
    """A token works with the app that it was made for; with another one set, the user is told."""
    keep(ADA)
    with pytest.raises(LoginNeeded, match="another client_id"):
        auth.credentials("anotherApp", NOBODY)
    assert auth.credentials("ourApp", NOBODY).token
    assert file.exists()


def test_a_sign_in_that_has_ended_still_says_whose_it_was(file: Path) -> None:
    """When Simkl has ended it, what is watched meanwhile still belongs to the same account."""
    keep(ADA.ended())
    assert "secret" not in file.read_text()
    assert auth.account() == "4242"
    with pytest.raises(LoginNeeded, match="not signed in"):
        auth.credentials("", NOBODY)
    with auth.lock():
        auth.forget()
    assert auth.account() is None


@pytest.mark.parametrize(
    ("set_here", "kept", "used"), [("anOldOne", "", "anOldOne"), ("", "kept", "kept"), ("set", "kept", "set")]
)
@pytest.mark.usefixtures("file")
def test_a_token_from_the_environment_still_works(set_here: str, kept: str, used: str) -> None:
    """An old token in the environment goes before everything, with the client id that is known."""
    keep(ADA)
    if kept:
        auth.remember_client_id(kept)
    who = auth.credentials(set_here, {"MPV_SIMKL_ACCESS_TOKEN": " an-old-token "})
    assert (who.token, who.client_id, who.account, who.renew_at) == ("an-old-token", used, None, None)


@pytest.mark.parametrize("token", ["two words", "two\nlines", "tökén", "x" * 5000])
@pytest.mark.usefixtures("file")
def test_a_token_that_is_none_is_told(token: str) -> None:
    """What cannot be a token is named, not sent, and not repeated."""
    with pytest.raises(MpvSimklError, match="MPV_SIMKL_ACCESS_TOKEN") as told:
        auth.credentials("ourApp", {"MPV_SIMKL_ACCESS_TOKEN": token})
    assert token not in str(told.value)


@pytest.mark.usefixtures("file")
def test_a_token_without_a_client_id_is_told() -> None:
    """A token alone is not enough."""
    with pytest.raises(LoginNeeded, match="client id"):
        auth.credentials("", {"MPV_SIMKL_ACCESS_TOKEN": "an-old-token"})


@pytest.mark.parametrize(
    "url", ["http://api.simkl.com", "ftp://x", "https://", "simkl", "https://[", "file:///x"]
)
def test_an_address_that_is_not_encrypted_is_refused(url: str) -> None:
    """A token travels encrypted or stays on this machine."""
    with pytest.raises(SettingError, match="MPV_SIMKL_API_URL"):
        auth.api_url({"MPV_SIMKL_API_URL": url})


@example("\\@", "127.0.0.1")
@given(
    st.text(r"\@:/?#[]%.; a1é" + "\t\n", max_size=12), st.sampled_from(["127.0.0.1", "localhost", "[::1]"])
)
def test_a_token_goes_to_the_host_that_was_looked_at(between: str, host: str) -> None:
    """However an address is twisted, what passes for this machine is asked there, or nothing is."""
    for url in (f"http://evil.example{between}{host}", f"http://{host}{between}evil.example"):
        with suppress(SettingError, RequestException):
            asked = Request("GET", auth.api_url({"MPV_SIMKL_API_URL": url})).prepare().url
            assert parse_url(asked or "").host in {"127.0.0.1", "localhost", "[::1]"}


@pytest.mark.parametrize(
    ("pasted", "read"),
    [
        (" abc123\n", "abc123"),
        ("a-b_c", "a-b_c"),
        ("two words", ""),
        ("", ""),
        ("x\x1b[2J", ""),
        ("x" * 600, ""),
    ],
)
def test_a_pasted_client_id_is_looked_at(pasted: str, read: str) -> None:
    """Spaces around a pasted client id do no harm, and what is none is not kept."""
    assert auth.read_client_id(pasted) == read


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        ({"access_token": "a", "expires_in": 60}, 60),
        ({"access_token": "a"}, auth.ACCESS_LIFE),
        ({"access_token": "a", "expires_in": -1}, auth.ACCESS_LIFE),
        ({"access_token": "a", "expires_in": True}, auth.ACCESS_LIFE),
        ({"access_token": "a", "expires_in": 10**30, "token_type": "bEaReR"}, auth.ACCESS_LIFE),
        ({"access_token": "a", "token_type": "mac"}, None),
        ({"access_token": "a", "refresh_token": "two words"}, None),
        ({"access_token": ""}, None),
        ({"access_token": "a" * 5000}, None),
        ({"access_token": "two\nlines"}, None),
        ({}, None),
    ],
)
def test_an_answer_is_a_grant_or_none(answer: dict[str, object], seconds: int | None) -> None:
    """Tokens are taken from an answer only if they can be tokens."""
    grant = auth.read_grant(answer)
    assert (grant.seconds if grant else None) == seconds


def test_the_old_refresh_token_stays_if_no_new_one_comes() -> None:
    """A renewal that brings no new refresh token keeps the old one."""
    grant = auth.read_grant({"access_token": "new"})
    assert grant is not None
    renewed = ADA.renewed(grant, NOW)
    assert (renewed.access_token, renewed.refresh_token) == ("new", ADA.refresh_token)
    assert renewed.access_until == NOW + timedelta(days=7)
