"""Who may ask the sandbox, how much: papers, sign-in, scope, quota, throttle, lock (simkl-api 1, 2, 14)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from mpv_simkl.sandbox.accounts import new_york_day, until_reset
from tests.sandbox_talk import EPISODE, FILM, Talk, talking

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


@pytest.fixture
def talk() -> Iterator[Talk]:
    with talking() as talk:
        yield talk


def error(answer: requests.Response) -> tuple[int, str]:
    """Status and error."""
    return answer.status_code, answer.json()["error"]


@pytest.mark.parametrize(
    ("query", "headers", "expected"),
    [
        ({"client_id": None}, {}, (412, "client_id_failed")),
        ({"client_id": "another"}, {}, (412, "client_id_failed")),
        ({"app-name": None}, {}, (400, "empty_field")),
        ({"app-version": None}, {}, (400, "empty_field")),
        ({}, {"User-Agent": None}, (400, "wrong_parameter")),
        ({}, {"User-Agent": "python-requests/2.31"}, (400, "wrong_parameter")),
        ({}, {"User-Agent": "mpv-simkl/1.1.9"}, (400, "wrong_parameter")),
        ({}, {"Authorization": None}, (401, "user_token_required")),
        ({}, {"Authorization": "Bearer simkl_at_wrong"}, (401, "invalid_token")),
    ],
)
def test_a_call_without_its_papers_is_refused(talk: Talk, query: Any, headers: Any, expected: Any) -> None:
    """Every call says which app it is, and whose."""
    answer = talk.ask("GET", "/users/settings", query, headers)
    assert error(answer) == expected
    assert ("WWW-Authenticate" in answer.headers) == (expected[0] == 401)


def test_the_client_id_may_stand_in_a_header(talk: Talk) -> None:
    """The older header is accepted in place of the parameter; the scheme's case does not matter."""
    headers = {"simkl-api-key": talk.simkl.client_id, "Authorization": f"bearer {talk.token}"}
    assert talk.ask("GET", "/users/settings", {"client_id": None}, headers).status_code == 200


def test_settings_tell_who_is_signed_in(talk: Talk) -> None:
    """Name, account and plan of the user."""
    talk.simkl.plan = "vip"
    told = talk.get("/users/settings").json()
    assert (told["account"]["id"], told["account"]["type"]) == (4242, "vip")
    assert told["user"]["name"]


@pytest.mark.parametrize("path", ["/tv/9100001", "/tv/episodes/9100001", "/movies/9300001", "/anime/38636"])
def test_the_cached_endpoints_want_no_token(talk: Talk, path: str) -> None:
    """A token is left off where Simkl caches; sending one is refused here."""
    assert talk.get(path).status_code == 400
    assert talk.ask("GET", path, headers={"Authorization": None}).status_code == 200


def test_a_get_with_a_body_is_a_write_even_where_it_is_cached(talk: Talk) -> None:
    """Nobody without a token writes."""
    answer = talk.ask("GET", "/tv/9100001", headers={"Authorization": None}, json={})
    assert error(answer) == (401, "user_token_required")


def test_a_get_has_no_body_though_it_may_write(talk: Talk) -> None:
    """Simkl would take it for a write (2.5); a client must not find that out by a read-only sign-in."""
    assert error(talk.ask("GET", "/users/settings", json={})) == (400, "wrong_parameter")


@pytest.mark.parametrize("path", ["/search/tv", "/sync/activities", "/sync/playback", "/users/settings"])
def test_everything_else_wants_a_token(talk: Talk, path: str) -> None:
    """Search needs the user's token too, on V2."""
    assert error(talk.ask("GET", path, headers={"Authorization": None})) == (401, "user_token_required")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/scrobble/start", {"progress": 1, **FILM}),
        ("POST", "/sync/history", {}),
        ("POST", "/search/file", {"file": "a.mkv"}),
        ("DELETE", "/sync/playback/1", None),
        ("GET", "/users/settings", {}),
    ],
)
def test_writing_needs_the_write_scope(talk: Talk, method: str, path: str, body: object) -> None:
    """A read-only sign-in reads; everything else, and a GET with a body, is 403."""
    talk.token = talk.simkl.sign_in(scope="media:read").access_token
    assert talk.get("/users/settings").status_code == 200
    assert error(talk.ask(method, path, json=body)) == (403, "insufficient_scope")


@pytest.mark.parametrize("path", ["/oauth/pin", "/oauth/pin/ABCDE", "/oauth/token"])
def test_the_old_sign_in_is_closed_to_a_v2_app(talk: Talk, path: str) -> None:
    """A V2 client id on a V1 endpoint is `unauthorized_client`."""
    assert error(talk.ask("GET", path)) == (400, "unauthorized_client")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/scrobble/start"),
        ("POST", "/users/settings"),
        ("POST", "/sync/nothing"),
        ("GET", "/nothing"),
        ("POST", "/scrobble/checkin"),
    ],
)
def test_a_url_that_does_not_exist_is_404(talk: Talk, method: str, path: str) -> None:
    """What the client has no business with is not there."""
    assert error(talk.ask(method, path)) == (404, "url_failed")


def device(talk: Talk, scope: str = "media:read media:write") -> Any:
    """The first step of the device flow."""
    answer = talk.form("/oauth2/device", scope=scope)
    assert answer.status_code == 200
    return answer.json()


def poll(talk: Talk, code: Any) -> requests.Response:
    """One poll."""
    return talk.form("/oauth2/token", grant_type=DEVICE_GRANT, device_code=code["device_code"])


def test_the_device_flow_ends_in_tokens_that_work(talk: Talk) -> None:
    """Code, waiting, approval, tokens; a consumed code is worth nothing."""
    code = device(talk)
    assert (code["expires_in"], code["interval"], len(code["user_code"])) == (900, 5, 9)
    assert isinstance(code["interval"], int)  # as Simkl has it
    assert code["verification_uri_complete"].endswith(code["user_code"])
    assert error(poll(talk, code)) == (400, "authorization_pending")
    talk.simkl.approve(code["user_code"].lower().replace("-", " "), account=7)
    talk.clock.step(seconds=5)
    tokens = poll(talk, code).json()
    assert (tokens["scope"], tokens["expires_in"]) == ("media:read media:write", 604800)
    assert len(tokens["access_token"]) == len(tokens["refresh_token"]) == 43
    talk.token = tokens["access_token"]
    assert talk.get("/users/settings").json()["account"]["id"] == 7
    talk.clock.step(seconds=5)
    assert error(poll(talk, code)) == (400, "expired_token")


def test_polling_too_fast_slows_down_and_arms_the_timer_again(talk: Talk) -> None:
    """Each early poll adds five seconds and starts the wait anew, so haste locks out even an agreed code."""
    code = device(talk)
    poll(talk, code)
    talk.simkl.approve(code["user_code"])
    talk.clock.step(seconds=4)
    assert error(poll(talk, code)) == (400, "slow_down")  # now 10 s from here
    talk.clock.step(seconds=9)
    assert error(poll(talk, code)) == (400, "slow_down")  # now 15 s from here
    talk.clock.step(seconds=14.9)
    assert error(poll(talk, code)) == (400, "slow_down")
    talk.clock.step(seconds=20)
    assert poll(talk, code).status_code == 200


def test_a_code_expires_after_fifteen_minutes(talk: Talk) -> None:
    """Whoever comes too late starts over."""
    code = device(talk)
    talk.clock.step(minutes=15)
    with pytest.raises(KeyError):
        talk.simkl.approve(code["user_code"])
    assert error(poll(talk, code)) == (400, "expired_token")


@pytest.mark.parametrize("scope", ["", "media:wirte", "Media:Write", "media:read"])
def test_a_missing_or_misspelt_scope_is_read_only(talk: Talk, scope: str) -> None:
    """Sign-in succeeds and says so in its `scope` alone."""
    code = device(talk, scope)
    talk.simkl.approve(code["user_code"])
    assert poll(talk, code).json()["scope"] == "media:read"


@pytest.mark.parametrize(
    ("path", "form", "expected"),
    [
        ("/oauth2/device", {"client_id": "another"}, (401, "invalid_client")),
        ("/oauth2/token", {"client_id": "another"}, (401, "invalid_client")),
        ("/oauth2/token", {}, (400, "invalid_request")),
        ("/oauth2/revoke", {"access_token": "x"}, (400, "invalid_request")),
        ("/oauth2/token", {"grant_type": DEVICE_GRANT}, (400, "invalid_request")),
        ("/oauth2/token", {"grant_type": "password"}, (400, "unsupported_grant_type")),
        ("/oauth2/token", {"grant_type": "refresh_token", "refresh_token": "x"}, (400, "invalid_grant")),
        ("/oauth2/token", {"grant_type": DEVICE_GRANT, "device_code": "x"}, (400, "expired_token")),
    ],
)
def test_oauth_errors_have_their_own_envelope(talk: Talk, path: str, form: Any, expected: Any) -> None:
    """An error of `/oauth2/*` has a description and no code."""
    answer = talk.form(path, **form)
    assert error(answer) == expected
    assert sorted(answer.json()) == ["error", "error_description"]


def test_oauth_takes_json_of_plain_strings_only(talk: Talk) -> None:
    """JSON is as good as a form, as long as every value is text, and the client id is among them."""
    sent = {"client_id": talk.simkl.client_id, "scope": "media:read"}
    bare = talk.ask("POST", "/oauth2/device", json={"scope": "media:read"})
    assert error(bare) == (400, "invalid_request")
    assert talk.ask("POST", "/oauth2/device", json=sent).status_code == 200
    assert error(talk.ask("POST", "/oauth2/device", json={**sent, "scope": ["media:read"]})) == (
        400,
        "invalid_request",
    )
    assert error(talk.ask("POST", "/oauth2/device", {"client_id": "another"}, json=sent)) == (
        401,
        "invalid_client",
    )


def refresh(talk: Talk, **more: str) -> requests.Response:
    """Refreshes the first sign-in."""
    return talk.form(
        "/oauth2/token", grant_type="refresh_token", refresh_token=talk.simkl.refresh_token, **more
    )


def test_refreshing_kills_the_previous_access_token(talk: Talk) -> None:
    """One sign-in has one living access token; the refresh token stays the same."""
    tokens = refresh(talk).json()
    assert error(talk.get("/users/settings")) == (401, "invalid_token")
    assert tokens["refresh_token"] == talk.simkl.refresh_token
    talk.token = tokens["access_token"]
    assert talk.get("/users/settings").status_code == 200


def test_a_refresh_may_give_a_new_refresh_token(talk: Talk) -> None:
    """Where that rule is on, the one before it is dead."""
    talk.simkl.rules.new_refresh_tokens = True
    before = talk.simkl.refresh_token
    assert refresh(talk).json()["refresh_token"] == talk.simkl.refresh_token != before
    again = talk.form("/oauth2/token", grant_type="refresh_token", refresh_token=before)
    assert error(again) == (400, "invalid_grant")


def test_a_refresh_cannot_widen_the_scope(talk: Talk) -> None:
    """More rights need a new sign-in."""
    assert refresh(talk, scope="media:read").json()["scope"] == "media:read media:write"
    assert error(refresh(talk, scope="media:read admin")) == (400, "invalid_scope")


def test_tokens_age(talk: Talk) -> None:
    """Access lasts 7 days, a refresh token 180 days from its last use."""
    talk.clock.step(days=7)
    assert error(talk.get("/users/settings")) == (401, "invalid_token")
    talk.clock.step(days=172)
    assert refresh(talk).status_code == 200
    talk.clock.step(days=179)
    assert refresh(talk).status_code == 200
    talk.clock.step(days=180)
    assert error(refresh(talk)) == (400, "invalid_grant")


@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
def test_revoking_ends_this_sign_in_only(talk: Talk, which: str) -> None:
    """Either token ends both; another device stays signed in; an unknown token is 200 as well."""
    other = talk.simkl.sign_in().access_token
    answer = talk.form("/oauth2/revoke", token=getattr(talk.simkl, which))
    assert (answer.status_code, answer.content) == (200, b"")
    assert error(talk.get("/users/settings")) == (401, "invalid_token")
    assert error(refresh(talk)) == (400, "invalid_grant")
    talk.token = other
    assert talk.get("/users/settings").status_code == 200
    assert talk.form("/oauth2/revoke", token="unknown").status_code == 200


def test_two_accounts_have_two_histories(talk: Talk) -> None:
    """What one user watched is not the other's."""
    talk.scrobble("stop", 90)
    talk.token = talk.simkl.sign_in(account=7).access_token
    assert talk.scrobble("stop", 90).status_code == 201
    assert [watch.account for watch in talk.simkl.history] == [4242, 7]


def test_the_daily_quota_runs_out_and_returns_at_midnight_in_new_york(talk: Talk) -> None:
    """The 501st request of a free account waits until 05:00 UTC in winter."""
    first = talk.get("/users/settings")
    assert "X-RateLimit-Limit" not in first.headers  # the first request of a new token
    second = talk.get("/users/settings")
    assert (second.headers["X-RateLimit-Limit"], second.headers["X-RateLimit-Remaining"]) == ("500", "498")
    talk.simkl.spend_quota(497)
    last = talk.get("/users/settings")
    assert (last.status_code, last.headers["X-RateLimit-Remaining"]) == (200, "0")
    assert "Retry-After" not in last.headers
    spent = talk.get("/users/settings")
    assert error(spent) == (429, "user_limit_exceeded")
    assert spent.headers["Retry-After"] == str(10 * 3600)  # from 19:00 to 05:00 UTC
    talk.clock.step(hours=10)
    assert talk.get("/users/settings").status_code == 200


@pytest.mark.parametrize(("plan", "limit"), [("free", 500), ("pro", 1000), ("vip", 10000)])
def test_the_quota_follows_the_plan(talk: Talk, plan: Any, limit: int) -> None:
    """PRO and VIP may ask more."""
    talk.simkl.plan = plan
    talk.get("/users/settings")
    assert talk.get("/users/settings").headers["X-RateLimit-Limit"] == str(limit)


def test_a_refused_call_is_counted_too(talk: Talk) -> None:
    """A 404 costs a request and says how many are left."""
    talk.get("/users/settings")
    answer = talk.scrobble("start", 1, {"movie": {"title": "Qwxz"}})
    assert (answer.status_code, answer.headers["X-RateLimit-Remaining"]) == (404, "498")


def test_catalogue_calls_are_not_counted(talk: Talk) -> None:
    """Details, episode lists and links cost nothing, even with the quota spent."""
    talk.simkl.spend_quota(500)
    assert talk.look("/tv/9100001")["title"] == "The Lighthouse Keepers"
    assert talk.ask("GET", "/redirect", {"to": "simkl", "imdb": "tt2543164"}).status_code == 301


@pytest.mark.parametrize("which", ["user", "app"])
def test_debug_limit_gives_the_genuine_429(talk: Talk, which: str) -> None:
    """The limits can be tried without spending anything."""
    answer = talk.get("/users/settings", debug_limit=which)
    assert error(answer) == (429, f"{which}_limit_exceeded")
    assert answer.headers["Retry-After"] == "36000"
    talk.get("/users/settings")
    assert talk.get("/users/settings").headers["X-RateLimit-Remaining"] == "498"


@pytest.mark.parametrize(
    ("at", "day", "seconds"),
    [
        (datetime(2026, 7, 1, 3, 59, 59, tzinfo=UTC), 30, 1),
        (datetime(2026, 7, 1, 4, 0, tzinfo=UTC), 1, 24 * 3600),
        (datetime(2026, 12, 1, 4, 59, tzinfo=UTC), 30, 60),
        (datetime(2026, 3, 8, 5, 0, tzinfo=UTC), 8, 23 * 3600),
        (datetime(2026, 11, 1, 4, 0, tzinfo=UTC), 1, 25 * 3600),
    ],
)
def test_midnight_in_new_york_knows_summer_time(at: datetime, day: int, seconds: int) -> None:
    """The reset is at 04:00 UTC in summer and 05:00 in winter, and two days are not 24 hours long."""
    assert (new_york_day(at).day, until_reset(at)) == (day, seconds)


def test_hasty_posts_are_blocked_for_a_while() -> None:
    """Two POSTs within a second block the user, reads included; haste makes the block longer."""
    with talking(throttle=True, block=10.0) as talk:
        assert talk.scrobble("start", 1).status_code == 201
        talk.clock.step(seconds=0.5)
        assert error(talk.scrobble("pause", 2)) == (412, "client_id_failed")
        assert error(talk.get("/users/settings")) == (412, "client_id_failed")
        talk.clock.step(seconds=9)
        assert talk.scrobble("pause", 2).status_code == 412  # ten seconds more
        talk.clock.step(seconds=9)
        assert talk.get("/users/settings").status_code == 412
        talk.clock.step(seconds=1)
        assert talk.scrobble("pause", 2).status_code == 201


def test_one_post_a_second_is_fine() -> None:
    """Whoever waits a second between two POSTs is never blocked, nor is another user."""
    with talking(throttle=True) as talk:
        for _ in range(5):
            talk.clock.step(seconds=1)
            assert talk.scrobble("start", 1).status_code == 201
        talk.token = talk.simkl.sign_in(account=7).access_token
        assert talk.scrobble("start", 1).status_code == 201


def test_hasty_gets_are_429() -> None:
    """The eleventh GET within a second is refused, with the daily reset as a misleading Retry-After."""
    with talking(throttle=True) as talk:
        assert {talk.get("/users/settings").status_code for _ in range(10)} == {200}
        refused = talk.get("/users/settings")
        assert error(refused) == (429, "rate_limit")
        assert refused.headers["Retry-After"] == "36000"
        talk.clock.step(seconds=1)
        assert talk.get("/users/settings").status_code == 200


def test_a_second_write_meets_the_lock_until_its_ceiling(talk: Talk) -> None:
    """While one write runs, another of the same user is RATE_LIMIT, for 20 seconds at most."""
    talk.simkl.fail("slow", times=1, seconds=600.0)
    threading.Thread(target=_quietly, args=(talk,), daemon=True).start()
    talk.simkl.expect(1, "/scrobble/start", answered=False)
    assert error(talk.post("/sync/history", {})) == (400, "RATE_LIMIT")
    assert error(talk.scrobble("stop", 90)) == (400, "RATE_LIMIT")
    assert talk.post("/sync/history/remove", {}).status_code == 201
    assert talk.get("/users/settings").status_code == 200
    talk.token, own = talk.simkl.sign_in(account=7).access_token, talk.token
    assert talk.scrobble("start", 1).status_code == 201
    talk.token = own
    talk.clock.step(seconds=20)
    assert talk.post("/sync/history", {}).status_code == 201


def test_the_lock_is_free_once_the_write_is_done(talk: Talk) -> None:
    """A write that was refused or matched nothing does not lock the next one out."""
    assert talk.scrobble("start", 101).status_code == 400
    assert talk.scrobble("start", 1, {"movie": {"title": "Qwxz"}}).status_code == 404
    assert talk.scrobble("start", 1).status_code == 201


def _quietly(talk: Talk) -> None:
    try:
        Talk(talk.simkl, talk.clock).scrobble("start", 1, EPISODE)
    except requests.RequestException:
        return  # the sandbox ended first
