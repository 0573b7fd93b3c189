"""The sandbox as a test holds it: calls recorded and waited for, faults switched on and off."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mpv_simkl.sandbox import FAULTS, Call, Catalogue, Fault, Sandbox
from mpv_simkl.sandbox.accounts import WRITE, Accounts
from mpv_simkl.sandbox.messages import Request
from mpv_simkl.sandbox.service import Service, WriteLock
from tests.sandbox_talk import EPISODE, NEXT_EPISODE, Clock, Talk, talking

WRITES = ("/scrobble/start", "/scrobble/stop", "/sync/history", "/sync/history/remove", "/search/file")
KEYS = (
    *(
        "movie",
        "show",
        "anime",
        "episode",
        "progress",
        "movies",
        "shows",
        "episodes",
        "seasons",
        "file",
        "part",
    ),
    *("title", "year", "ids", "simkl", "imdb", "tvdb", "mal", "season", "number", "watched_at", "rating"),
    *("status", "memo", "text", "use_tvdb_anime_seasons"),
)


@pytest.fixture
def talk() -> Iterator[Talk]:
    with talking() as talk:
        yield talk


@pytest.mark.parametrize(
    ("name", "status", "error", "header"),
    [
        ("write_lock", 400, "RATE_LIMIT", None),
        ("bad_request", 400, "wrong_parameter", None),
        (
            "invalid_token",
            401,
            "invalid_token",
            ("WWW-Authenticate", 'Bearer realm="api.simkl.com", error="invalid_token"'),
        ),
        ("user_token_failed", 401, "user_token_failed", None),
        ("insufficient_scope", 403, "insufficient_scope", None),
        ("not_matched", 404, "id_err", None),
        ("already_watched", 409, "already_watched", None),
        ("blocked", 412, "client_id_failed", None),
        ("too_fast", 429, "rate_limit", ("Retry-After", "36000")),
        ("user_limit", 429, "user_limit_exceeded", ("Retry-After", "36000")),
        ("app_limit", 429, "app_limit_exceeded", ("Retry-After", "36000")),
        ("internal", 500, "internal", None),
        ("unavailable", 503, "unavailable", ("Retry-After", "2")),
    ],
)
def test_every_status_can_be_had(talk: Talk, name: str, status: int, error: str, header: Any) -> None:
    """A fault is answered in place of the work, which is not done."""
    talk.simkl.fail(name)
    answer = talk.scrobble("stop", 95)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert header is None or answer.headers[header[0]] == header[1]
    assert talk.simkl.history == []
    (call,) = talk.simkl.calls
    assert (call.status, call.fault) == (status, name)


@pytest.mark.parametrize(
    ("name", "status", "start"),
    [
        ("portal", 200, "<!DOCTYPE"),
        ("bad_gateway", 502, "<html"),
        ("null", 200, "null"),
        ("list", 200, "[]"),
        ("half_json", 200, '{"id"'),
    ],
)
def test_nonsense_can_be_had(talk: Talk, name: str, status: int, start: str) -> None:
    """A hotel's page, a proxy's page, and JSON that is not what was asked for."""
    talk.simkl.fail(name)
    answer = talk.scrobble("stop", 95)
    assert answer.status_code == status
    assert answer.text.startswith(start)
    assert talk.simkl.history == []


def test_a_redirect_leads_away(talk: Talk) -> None:
    """A portal may send a client, token and all, to another host."""
    talk.simkl.fail("redirect")
    answer = talk.get("/users/settings")
    assert (answer.status_code, answer.headers["Location"]) == (302, "http://portal.invalid/login")


def test_a_fault_of_ones_own(talk: Talk) -> None:
    """Any status with any body, beside those that have a name."""
    talk.simkl.fail(Fault("teapot", status=418, body=b"short", headers={"X-Pot": "tea"}))
    answer = talk.get("/users/settings")
    assert (answer.status_code, answer.text, answer.headers["X-Pot"]) == (418, "short", "tea")
    with pytest.raises(KeyError):
        talk.simkl.fail("teapot")


def test_a_fault_lasts_as_long_as_it_was_asked_for(talk: Talk) -> None:
    """For so many calls, for one path, or until `heal`."""
    talk.simkl.fail("internal", times=2, path="/scrobble/")
    assert talk.get("/users/settings").status_code == 200
    assert [talk.scrobble("start", 1).status_code for _ in range(3)] == [500, 500, 201]
    talk.simkl.fail("internal")
    talk.simkl.fail("null", times=1)
    assert [talk.get("/users/settings").status_code for _ in range(3)] == [500, 500, 500]
    talk.simkl.heal()
    assert talk.get("/users/settings").json()["user"]["name"]


@pytest.mark.parametrize(("name", "count"), [("cut", 0), ("cut_after", 1), ("truncated", 1)])
def test_a_connection_breaks(talk: Talk, name: str, count: int) -> None:
    """Before the work nothing is marked; after it the watch stands though no whole answer came."""
    talk.simkl.fail(name, times=1)
    with pytest.raises(requests.RequestException) as broken:
        talk.scrobble("stop", 95)
    assert "timed out" not in str(broken.value)
    assert len(talk.simkl.history) == count
    assert talk.scrobble("stop", 95).status_code == (409 if count else 201)


def test_a_black_hole_never_answers(talk: Talk) -> None:
    """The client has to give up by itself."""
    talk.simkl.fail("blackhole", times=1)
    with pytest.raises(requests.ReadTimeout):
        requests.get(talk.simkl.url + "/users/settings", timeout=0.1)
    talk.simkl.expect(1, "/users/settings")
    assert talk.get("/users/settings").status_code == 200


def test_the_sandbox_ends_what_it_holds() -> None:
    """A client that waits in a black hole is let go when the block ends, and the port is closed."""
    with talking() as talk:
        talk.simkl.fail("blackhole")
        errors: list[Exception] = []
        waiting = threading.Thread(target=_collect, args=(talk, errors))
        waiting.start()
        talk.simkl.expect(1)
    waiting.join(10)
    assert len(errors) == 1
    with pytest.raises(requests.ConnectionError):
        requests.get(talk.simkl.url, timeout=1)


def test_a_connection_that_was_kept_alive_ends_too() -> None:
    """A client that held on to its connection meets nobody once the sandbox is gone."""
    with talking() as talk:
        talk.get("/users/settings")
    with pytest.raises(requests.ConnectionError):
        talk.get("/users/settings")


def _collect(talk: Talk, errors: list[Exception]) -> None:
    try:
        requests.get(talk.simkl.url, timeout=60)
    except requests.RequestException as error:
        errors.append(error)


def test_a_slow_answer_comes_after_its_time(talk: Talk) -> None:
    """The work of a slow call is done once the delay is over, and the answer is whole."""
    talk.simkl.fail("slow", times=1, seconds=0.05)
    assert talk.scrobble("stop", 95).json()["action"] == "scrobble"
    assert len(talk.simkl.history) == 1


def test_calls_are_recorded_whole(talk: Talk) -> None:
    """Method, path, query, headers, body, status, answer and time of each request, in order."""
    talk.scrobble("start", 1)
    talk.clock.step(minutes=1)
    answer = talk.get("/users/settings", x="1")
    first, second = talk.simkl.calls
    assert (first.method, first.path, first.status, first.fault) == ("POST", "/scrobble/start", 201, "")
    assert first.body == {"progress": 1, **EPISODE}
    assert first.headers["user-agent"] == "mpv-simkl/1.2.0"
    assert first.query["client_id"] == talk.simkl.client_id
    assert (second.answer, second.query["x"], second.body) == (answer.json(), "1", None)
    assert (second.time - first.time).total_seconds() == 60


def test_a_test_waits_for_calls(talk: Talk) -> None:
    """`expect` gives the calls of a path as soon as there are enough, or says what it saw instead."""
    sender = threading.Thread(
        target=lambda: [talk.scrobble("start", 1), talk.scrobble("stop", 5, NEXT_EPISODE)]
    )
    sender.start()
    start, stop = talk.simkl.expect(2, "/scrobble/")
    sender.join()
    assert (start.path, stop.path) == ("/scrobble/start", "/scrobble/stop")
    with pytest.raises(AssertionError, match="POST /scrobble/start 201"):
        talk.simkl.expect(1, "/sync/history", timeout=0.0)


def test_a_listener_hears_each_call() -> None:
    """`try` prints every call as it happens."""
    heard: list[Call] = []
    with talking(on_call=heard.append) as talk:
        talk.scrobble("start", 1)
        assert [(call.path, call.status) for call in heard] == [("/scrobble/start", 201)]


def test_a_fault_of_the_sandbox_itself_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """A bug in the sandbox or in a listener must not look like a bad network."""

    def broken(call: Call) -> None:
        raise RuntimeError(call.path)

    with talking(on_call=broken) as talk, pytest.raises(requests.ConnectionError):
        talk.scrobble("start", 1)
    assert "RuntimeError: /scrobble/start" in caplog.text


@pytest.mark.parametrize("number", ["9" * 5000, "-1", "1.5", "²"])
def test_a_number_of_any_length_is_no_trouble(talk: Talk, number: str) -> None:
    """Numbers in a URL are bounded before they are read."""
    assert talk.look(f"/tv/{number}") == []
    assert talk.ask("DELETE", f"/sync/playback/{number}").status_code == 404
    assert talk.get("/search/tv", q="castle", page=number).status_code == 200
    assert talk.get("/sync/playback", limit=number).status_code == 400


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("tt2543164"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(path=st.sampled_from(WRITES), body=st.dictionaries(st.sampled_from(KEYS), ODD, max_size=5))
def test_no_body_however_odd_is_left_without_an_answer(path: str, body: dict[str, object]) -> None:
    """Whatever is sent is done or refused with a reason."""
    clock = Clock()
    accounts = Accounts("app")
    token = accounts.sign_in(1, WRITE, clock.now).access_token
    service = Service(Catalogue.bundled(), accounts, WriteLock(clock.seconds), None)
    query = {"client_id": "app", "app-name": "a", "app-version": "1"}
    headers = {"user-agent": "a/1", "authorization": f"Bearer {token}", "content-type": "application/json"}
    answer = service.answer(Request("POST", path, query, headers, json.dumps(body).encode(), clock.now))
    assert answer.status in {200, 201, 400, 404}
    json.dumps(answer.body)


def test_two_sandboxes_do_not_know_each_other() -> None:
    """Each has its own port, app and history."""
    with talking() as one, talking() as other:
        one.scrobble("stop", 95)
        assert other.simkl.history == []
        assert other.ask("GET", "/users/settings", {"client_id": one.simkl.client_id}).status_code == 412


def test_it_listens_on_loopback_only() -> None:
    """Nobody else on the network can reach it."""
    with Sandbox() as simkl:
        assert simkl.url.startswith("http://127.0.0.1:")


def test_the_environment_leads_to_it(talk: Talk) -> None:
    """A program started with these variables talks to the sandbox."""
    assert talk.simkl.environment == {
        "MPV_SIMKL_API_URL": talk.simkl.url,
        "MPV_SIMKL_CLIENT_ID": talk.simkl.client_id,
        "MPV_SIMKL_ACCESS_TOKEN": talk.token,
    }


def test_a_huge_body_is_refused_unread(talk: Talk) -> None:
    """A client that sends megabytes has gone wrong."""
    assert talk.ask("POST", "/sync/history", headers={"Content-Length": "9000000"}).status_code == 413


def test_every_fault_can_be_made(talk: Talk) -> None:
    """Each name in the table gives a fault, and a call that meets it is recorded with that name."""
    assert all(isinstance(make(talk.clock.now), Fault) for make in FAULTS.values())
    talk.simkl.fail("internal", times=1)
    talk.ask("GET", "/users/settings")
    assert talk.simkl.calls[-1].fault == "internal"
