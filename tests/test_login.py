"""Signing in with a code: every answer that Simkl documents, over real HTTP; waiting takes no time."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpv_simkl import auth, login, oauth
from mpv_simkl.auth import Grant
from mpv_simkl.errors import LoginNeeded, SettingError, TryLater
from mpv_simkl.journal import FILE, Journal
from mpv_simkl.login import Over, Wait, next_step
from mpv_simkl.media import Media
from mpv_simkl.model import Action
from mpv_simkl.oauth import Answer
from mpv_simkl.pace import Pace
from mpv_simkl.sandbox import ACCOUNT, Fault
from mpv_simkl.simkl import Simkl

from .makers import EPISODE, FILM, UNKNOWN_FILM, heard, no_sleep
from .signing_in import Newcomer, newcomer, told

SOMEBODY_ELSE = 7


@pytest.fixture
def someone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Iterator[Newcomer]:
    """Somebody who has not signed in yet; nothing that is printed may be a secret."""
    with newcomer(tmp_path, monkeypatch) as found:
        yield found
        assert capfd.readouterr() == ("", "")


def answering(status: int, **body: Any) -> Fault:
    """An answer in place of the sandbox's own."""
    return Fault("told", status=status, body=json.dumps(body).encode())


def test_a_confirmed_code_signs_in(someone: Newcomer) -> None:
    """Whoever confirms the code is signed in, with name and account, after one look at who they are."""
    kept = someone.sign_in()
    assert (kept.name, kept.account) == (f"Sandbox user {ACCOUNT}", str(ACCOUNT))
    assert told(someone.simkl.calls) == ["/oauth2/device", "/oauth2/token", "/users/settings"]
    assert auth.load() == kept
    assert auth.credentials("").token == kept.access_token
    assert someone.simkl.calls[0].body == {"client_id": someone.simkl.client_id, "scope": oauth.SCOPE}


def test_it_asks_as_often_as_simkl_wants(someone: Newcomer) -> None:
    """Until the user has confirmed it, it asks every five seconds, and then no more."""
    someone.confirm_later(after=3)
    assert someone.waits == [5, 5, 5, 5]
    assert [call.status for call in someone.polls()] == [400, 400, 400, 200]
    times = [call.time for call in someone.polls()]
    assert [(b - a).total_seconds() for a, b in itertools.pairwise(times)] == [5, 5, 5]


def test_slow_down_is_waited_out(someone: Newcomer) -> None:
    """When Simkl says that it is too fast, it asks more slowly from then on."""
    someone.simkl.fail(answering(400, error="slow_down"), times=2, path="/oauth2/token")
    someone.confirm_later(after=4)
    assert someone.waits == [5, 10, 15, 15, 15]


def test_a_code_that_nobody_confirms_ends(someone: Newcomer) -> None:
    """After fifteen minutes it gives up with a sentence, and keeps nothing."""
    with pytest.raises(LoginNeeded, match="nobody confirmed"):
        someone.wait_in_vain()
    assert 890 <= sum(someone.waits) < 900
    assert auth.load() is None


def test_a_lost_network_is_waited_out(someone: Newcomer) -> None:
    """A network that comes and goes, a hotel's login page and Simkl's bad minutes do not end it."""
    for fault in ("cut", "bad_gateway", "unavailable", "portal", "too_fast", "redirect", "null", "half_json"):
        someone.simkl.fail(fault, times=1, path="/oauth2/token")
    someone.simkl.fail(answering(200, access_token=17), times=1, path="/oauth2/token")
    someone.confirm_later(after=10)
    assert someone.waits == [5] * 11
    assert auth.load() is not None


def test_no_network_at_all_ends_with_the_code(someone: Newcomer) -> None:
    """Without a network it asks until the code would have ended, not for ever."""
    someone.simkl.fail("cut", path="/oauth2/token")
    with pytest.raises(LoginNeeded, match="nobody confirmed"):
        someone.sign_in()
    assert 890 <= sum(someone.waits) < 900


@pytest.mark.parametrize(
    ("status", "error", "sentence"),
    [
        (400, "expired_token", "try again"),
        (401, "invalid_client", "old kind"),
        (400, "invalid_request", "invalid_request"),
        (400, "unsupported_grant_type", "unsupported_grant_type"),
        (400, "invalid_grant", "try again"),
    ],
)
def test_an_answer_that_ends_it_is_explained(
    someone: Newcomer, status: int, error: str, sentence: str
) -> None:
    """When Simkl says that it will not work, it stops asking at once and says why."""
    someone.simkl.fail(answering(status, error=error), path="/oauth2/token")
    with pytest.raises(LoginNeeded, match=sentence):
        someone.sign_in()
    assert len(someone.polls()) == 1
    assert auth.load() is None


def test_an_old_client_id_is_explained(someone: Newcomer) -> None:
    """A client id of the old kind is named as such, with the page where a new one is made."""
    with pytest.raises(SettingError, match=r"AUTH V1.*settings/developer"):
        login.sign_in(someone.simkl.url, "anOldOne", lambda _: None, someone.pause)
    assert len(someone.simkl.calls) == 1


@pytest.mark.parametrize("fault", ["cut", "bad_gateway", "portal", "internal", "too_fast", "redirect"])
def test_without_an_answer_there_is_no_code(someone: Newcomer, fault: str) -> None:
    """If Simkl cannot be reached, signing in says so and can be tried again."""
    someone.simkl.fail(fault)
    with pytest.raises(TryLater):
        someone.sign_in()
    assert someone.waits == []


def test_reading_only_is_not_signed_in(someone: Newcomer) -> None:
    """A sign-in that cannot write is no success: it is taken back and nothing is kept."""
    granted = someone.simkl.sign_in(scope="media:read")
    someone.simkl.fail(answering(200, **granted.answer()), times=1, path="/oauth2/token")
    with pytest.raises(LoginNeeded, match="reading only"):
        someone.sign_in()
    assert auth.load() is None
    assert told(someone.simkl.calls)[-1] == "/oauth2/revoke"


def test_who_it_is_is_asked_again(someone: Newcomer) -> None:
    """A network that fails just after the code was confirmed does not spoil it."""
    someone.simkl.fail("cut", times=2, path="/users/settings")
    assert someone.sign_in().account == str(ACCOUNT)


def test_without_knowing_who_it_is_nothing_is_kept(someone: Newcomer) -> None:
    """As long as nobody knows whose account it is, no watch could be sent to the right one."""
    someone.simkl.fail("internal", path="/users/settings")
    with pytest.raises(TryLater, match="users/settings"):
        someone.sign_in()
    assert auth.load() is None
    assert someone.simkl.calls[-1].path == "/oauth2/revoke"


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({"account": {"id": 17}, "user": {"name": "Ada\x1b[2J"}}, ("17", "Ada\\x1b[2J")),
        ({"account": {"id": "17"}, "user": None}, ("17", "")),
        ({"account": {"id": None}, "user": {"name": "Ada"}}, None),
        ({"account": [17]}, None),
    ],
)
def test_who_it_is_may_be_odd(
    someone: Newcomer, settings: dict[str, Any], found: tuple[str, str] | None
) -> None:
    """A name cannot write into a terminal, and an account without a number is none."""
    someone.simkl.fail(answering(200, **settings), path="/users/settings")
    if found is None:
        with pytest.raises(TryLater, match="users/settings"):
            someone.sign_in()
    else:
        kept = someone.sign_in()
        assert (kept.account, kept.name) == found


def test_ctrl_c_leaves_nothing_half_done(someone: Newcomer) -> None:
    """Ctrl-C between the code and the file takes the sign-in back at Simkl."""
    someone.simkl.fail("cut", path="/users/settings")

    def pause(_: float) -> None:
        if someone.polls():
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        login.sign_in(
            someone.simkl.url,
            someone.simkl.client_id,
            lambda code: someone.simkl.approve(code.user_code),
            pause,
        )
    assert auth.load() is None
    assert someone.simkl.calls[-1].path == "/oauth2/revoke"


def test_a_new_sign_in_ends_the_one_before(someone: Newcomer) -> None:
    """Whoever signs in as somebody else leaves no living sign-in of the first behind."""
    first = someone.sign_in()
    second = someone.sign_in(SOMEBODY_ELSE)
    assert (auth.account(), auth.credentials("").account) == (str(SOMEBODY_ELSE), str(SOMEBODY_ELSE))
    assert oauth.who_is(second.credentials())[0] == str(SOMEBODY_ELSE)
    with pytest.raises(TryLater, match="401"):
        oauth.who_is(first.credentials())


@contextmanager
def a_film_plays(someone: Newcomer, taken_for: Media = FILM) -> Iterator[Simkl]:
    """A film at 40 % in some player, which their Simkl has heard of, and an episode of somebody else's."""
    someone.clock.now = datetime.now(UTC)
    simkl = Simkl(someone.sign_in().credentials(), Pace(None, sleep=no_sleep), no_sleep)
    with Journal.open(account=str(ACCOUNT)) as journal:
        for account, viewing, media in (
            (SOMEBODY_ELSE, "another's", EPISODE),
            (ACCOUNT, "theirs", taken_for),
        ):
            journal.account = str(account)
            journal.record(heard(Action.START, media, viewing))
            journal.telling(viewing)
        simkl.scrobble(Action.START, FILM, 0)
        journal.record(heard(Action.NOTE, taken_for, "theirs", progress=40))
        yield simkl


LEAVE: dict[str, tuple[Callable[[Newcomer], object], list[float]]] = {
    "out": (lambda _: login.sign_out(), [40]),
    "somebody else": (lambda someone: someone.sign_in(SOMEBODY_ELSE), [40]),
    "again": (lambda someone: someone.sign_in(), []),
}


@pytest.mark.parametrize(("leave", "places"), LEAVE.values(), ids=LEAVE)
def test_what_plays_is_paused_for_whoever_leaves(
    someone: Newcomer, leave: Callable[[Newcomer], object], places: list[float]
) -> None:
    """Whoever signs out in the middle of a film, or makes way for somebody else, finds it paused at their
    Simkl: nothing completes it there by Simkl's clock.
    """
    with a_film_plays(someone):
        leave(someone)
    assert [point.progress for point in someone.simkl.playbacks] == places
    assert sum(call.path == "/scrobble/pause" for call in someone.simkl.calls) == len(places)


def test_what_plays_is_paused_as_what_simkl_was_told(someone: Newcomer) -> None:
    """A film that Simkl knows by another title is paused as well for whoever signs out."""
    with a_film_plays(someone, taken_for=UNKNOWN_FILM):
        with Journal.open(account=str(ACCOUNT)) as journal:
            journal.are_sure([("theirs", UNKNOWN_FILM, FILM)])
        login.sign_out()
    assert [point.progress for point in someone.simkl.playbacks] == [40]


def test_a_later_place_of_another_device_outlasts_signing_out(someone: Newcomer) -> None:
    """Whoever left a film paused here, saw more of it elsewhere and signs out here, goes on from there."""
    with a_film_plays(someone) as elsewhere:
        elsewhere.scrobble(Action.PAUSE, FILM, 60)
        login.sign_out()
    assert [point.progress for point in someone.simkl.playbacks] == [60]


def test_signing_out_ends_also_without_a_network_or_a_disk(someone: Newcomer) -> None:
    """What plays cannot be paused then, and the sign-in is over all the same."""
    with a_film_plays(someone):
        someone.simkl.fail("cut", path="/scrobble")
        assert login.sign_out() == "heard"
    someone.sign_in()
    (someone.folder / "data" / FILE).unlink()
    (someone.folder / "data" / FILE).mkdir()
    assert login.sign_out() == "heard"


def test_signing_out_does_not_wait_for_a_player(someone: Newcomer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever signs out while a player waits for an answer of Simkl's is signed out soon, at Simkl too."""
    monkeypatch.setattr("mpv_simkl.leaving.WITHIN", 0.2)
    with a_film_plays(someone):
        with Pace(someone.folder / "data", no_sleep).turn():
            assert login.sign_out() == "heard"
        for thread in threading.enumerate():
            if thread.name == "leaving":
                thread.join()
    assert someone.simkl.playbacks == []


def test_a_sign_in_that_simkl_has_ended_is_forgotten_without_a_call(someone: Newcomer) -> None:
    """Whoever signs out after Simkl has ended the sign-in sends nothing without a token."""
    with a_film_plays(someone):
        ended = someone.sign_in().ended()
        with auth.lock():
            auth.save(ended)
        before = len(someone.simkl.calls)
        assert login.sign_out() == "heard"
    assert someone.simkl.calls[before:] == []


def test_ctrl_c_a_moment_too_late_signs_in(someone: Newcomer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C at the very moment at which the sign-in is kept leaves it whole, here and at Simkl."""
    replace = Path.replace

    def late(draft: Path, target: Path) -> Path:
        replace(draft, target)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", late)
        new = someone.sign_in()
    assert auth.load() == new
    assert oauth.who_is(new.credentials())[0] == str(ACCOUNT)


def test_signing_out_revokes_and_forgets(someone: Newcomer) -> None:
    """After signing out the token is worth nothing, here or at Simkl."""
    kept = someone.sign_in()
    assert login.sign_out() == "heard"
    assert auth.load() is None
    with pytest.raises(TryLater, match="401"):
        oauth.who_is(kept.credentials())
    assert login.sign_out() == "nobody"


@pytest.mark.parametrize("fault", ["cut", "internal", "redirect"])
def test_signing_out_without_a_network_forgets_all_the_same(someone: Newcomer, fault: str) -> None:
    """Signing out works without a network, and says that Simkl does not know of it."""
    someone.sign_in()
    someone.simkl.fail(fault, path="/oauth2/revoke")
    assert login.sign_out() == "unheard"
    assert auth.load() is None


@pytest.mark.parametrize(
    "change",
    [
        {"verification_uri": "file:///etc/passwd"},
        {"verification_uri_complete": "javascript:alert(1)"},
        {"verification_uri_complete": "ftp://simkl.com/pin"},
        {"verification_uri_complete": "https://simkl.com/\x1b[2J"},
        {"user_code": "AB\x1b[2J"},
        {"user_code": ""},
        {"device_code": None},
        {"device_code": "a" * 10_000},
    ],
)
def test_a_hostile_code_is_not_shown(someone: Newcomer, change: dict[str, Any]) -> None:
    """What would open a file or write into the terminal is no code."""
    good = {"device_code": "abc", "user_code": "AB", "verification_uri": "https://simkl.com/pin"}
    assert oauth.read_code(good, someone.simkl.url, "app") is not None
    someone.simkl.fail(answering(200, **{**good, **change}))
    with pytest.raises(TryLater, match="no code"):
        someone.sign_in()


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
ANYTHING = SCALARS | st.lists(SCALARS, max_size=3) | st.dictionaries(st.text(), SCALARS, max_size=3)
FIELDS = st.sampled_from(
    ["error", "access_token", "refresh_token", "scope", "expires_in", "interval", "token_type", "user_code"]
)


@given(st.integers(100, 599), st.dictionaries(FIELDS, ANYTHING), st.floats(0.1, 100))
def test_any_answer_has_a_meaning(status: int, body: dict[str, Any], interval: float) -> None:
    """Whatever is answered, it is a sign-in, an end, or a wait that is no shorter than before."""
    match next_step(Answer(status, body), interval):
        case Wait(seconds):
            assert seconds >= interval
        case Over(reason):
            assert reason
        case Grant() as grant:
            assert grant.access_token.isascii()
            assert grant.seconds > 0
    oauth.read_code(body, "https://api.simkl.com", "app")
