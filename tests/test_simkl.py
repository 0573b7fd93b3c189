"""The door to Simkl, against the sandbox: what every call carries, and what every answer becomes."""

from __future__ import annotations

import json
import sys
import time
import traceback
import zoneinfo
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Literal
from zoneinfo import ZoneInfo

import pytest

from mpv_simkl import __version__
from mpv_simkl.answers import Account, Changed
from mpv_simkl.auth import Credentials, Grant, SignIn
from mpv_simkl.bodies import Watch
from mpv_simkl.errors import (
    LoginNeeded,
    NoAnswer,
    NotMatched,
    QuotaSpent,
    Refused,
    ServerTrouble,
    SimklError,
    TryLater,
)
from mpv_simkl.lean import requests
from mpv_simkl.model import Action
from mpv_simkl.oauth import Answer, Code
from mpv_simkl.pace import Pace
from mpv_simkl.refusals import until_new_quota
from mpv_simkl.sandbox import FAULTS, Fault, Sandbox
from mpv_simkl.sandbox.accounts import until_reset
from mpv_simkl.simkl import Reply, Simkl, TitlePage
from mpv_simkl.web import MAX_ANSWER

from .makers import ANIME, DOUBLE, EPISODE, FILM, NOW, UNKNOWN_EPISODE, UNKNOWN_FILM, connect, no_sleep
from .sandbox_talk import Clock

WATCHES = [Watch(1, FILM, NOW), Watch(2, EPISODE, NOW)]
CALLS: dict[str, Callable[[Simkl], object]] = {
    "/scrobble/start": lambda simkl: simkl.scrobble(Action.START, EPISODE, 0.0),
    "/scrobble/pause": lambda simkl: simkl.scrobble(Action.PAUSE, EPISODE, 42.17),
    "/scrobble/stop": lambda simkl: simkl.scrobble(Action.STOP, EPISODE, 100.0),
    "/sync/history": lambda simkl: simkl.add_to_history(WATCHES),
}

EMPTY: tuple[object, ...] = (None, [])


def stop(simkl: Simkl, progress: float = 100.0) -> Reply:
    """The end of an episode."""
    return simkl.scrobble(Action.STOP, EPISODE, progress)


def answering(hasty: Sandbox, body: object, status: int = 201, **headers: str) -> Simkl:
    """A connection to a Simkl that has one answer for everything."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    hasty.fail(Fault("answer", status=status, headers=told, body=raw))
    return connect(hasty)


# What every call carries


@pytest.mark.parametrize("path", CALLS)
def test_every_call_says_who_we_are(hasty: Sandbox, path: str) -> None:
    """Each call carries the three parameters and the headers that Simkl asks every app for."""
    CALLS[path](connect(hasty))
    (call,) = hasty.calls
    assert (call.method, call.path, call.status) == ("POST", path, 201)
    assert call.query == {"client_id": hasty.client_id, "app-name": "mpv-simkl", "app-version": __version__}
    assert call.headers["user-agent"] == f"mpv-simkl/{__version__}"
    assert call.headers["content-type"] == "application/json"
    assert call.headers["accept"] == "application/json"
    assert call.headers["authorization"] == f"Bearer {hasty.access_token}"


def test_the_position_arrives_as_it_was_told(hasty: Sandbox) -> None:
    """Simkl saves the place where the film stands, to two decimals."""
    connect(hasty).scrobble(Action.PAUSE, EPISODE, 42.17)
    assert [point.progress for point in hasty.playbacks] == [42.17]


def test_watches_arrive_with_the_time_of_viewing(hasty: Sandbox) -> None:
    """What is told later has the time at which it was watched, not that of telling."""
    assert connect(hasty).add_to_history([*WATCHES, Watch(3, DOUBLE, NOW)]) == set()
    assert [(watch.title, watch.number) for watch in hasty.history] == [
        ("Arrival", None),
        ("Severance", 3),
        ("Severance", 4),
    ]
    assert {watch.watched_at for watch in hasty.history} == {NOW}


def test_what_simkl_does_not_know_is_named_by_its_row(hasty: Sandbox) -> None:
    """That the answer is 201 says nothing; what is in not_found was not recorded."""
    watches = [*WATCHES, Watch(30, UNKNOWN_FILM, NOW), Watch(40, UNKNOWN_EPISODE, NOW)]
    assert connect(hasty).add_to_history(watches) == {30, 40}


def test_a_netrc_file_does_not_replace_the_token(
    hasty: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A ~/.netrc with a line for Simkl's host changes nothing."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login ann password secret\ndefault login ann password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    stop(connect(hasty))
    assert hasty.calls[0].headers["authorization"] == f"Bearer {hasty.access_token}"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("path", CALLS)
def test_the_token_goes_to_no_other_host(hasty: Sandbox, path: str, status: int) -> None:
    """A redirect is not followed: neither the token nor the title reaches another server."""
    with Sandbox() as stranger:
        simkl = answering(hasty, b"", status, Location=stranger.url + path)
        with pytest.raises(TryLater, match="elsewhere"):
            CALLS[path](simkl)
        assert stranger.calls == []
    assert len(hasty.calls) == 1


def test_the_token_goes_to_no_proxy_either(hasty: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Simkl on this machine, as `mpv-simkl try` has one, is reached without the proxy for the world."""
    with Sandbox() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert stop(connect(hasty)).counted
        assert proxy.calls == []


# What every answer becomes

OUTCOMES: dict[str, type[SimklError] | None] = {
    "write_lock": TryLater,
    "bad_request": Refused,
    "invalid_token": LoginNeeded,
    "user_token_failed": LoginNeeded,
    "insufficient_scope": LoginNeeded,
    "not_matched": NotMatched,
    "blocked": TryLater,
    "too_fast": TryLater,
    "user_limit": QuotaSpent,
    "app_limit": TryLater,
    "internal": ServerTrouble,
    "bad_gateway": ServerTrouble,
    "unavailable": ServerTrouble,
    "portal": TryLater,
    "null": TryLater,
    "list": TryLater,
    "half_json": TryLater,
    "redirect": TryLater,
    "blackhole": NoAnswer,
    "drip": NoAnswer,
    "cut": NoAnswer,
    "cut_after": NoAnswer,
    "truncated": NoAnswer,
    "slow": None,
}


def test_every_bad_day_is_tried_here() -> None:
    """No fault that the sandbox can play is left out, but for 409, which is none."""
    assert OUTCOMES.keys() == FAULTS.keys() - {"already_watched"}


@pytest.mark.parametrize("path", CALLS)
@pytest.mark.parametrize("fault", OUTCOMES)
def test_every_bad_day_has_its_error(
    hasty: Sandbox, fault: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong becomes one of our errors, whose text gives no secret away."""
    if fault in ("blackhole", "drip"):  # any other answers, however busy the machine is
        monkeypatch.setattr("mpv_simkl.web.ANSWER_WITHIN", 0.2)
    hasty.fail(fault, seconds=0.01)
    expected = OUTCOMES[fault]
    if expected is None:
        CALLS[path](connect(hasty))
        return
    with pytest.raises(SimklError) as caught:
        CALLS[path](connect(hasty))
    assert type(caught.value) is expected
    assert str(caught.value).startswith(f"POST {path}: ")
    assert len(str(caught.value)) < 200
    everything = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert hasty.access_token not in everything
    assert hasty.client_id not in str(caught.value)


def test_an_answer_that_drips_holds_no_other_player_up(
    hasty: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However slowly an answer comes: it is given up, and the turn is another player's."""
    monkeypatch.setattr("mpv_simkl.web.ANSWER_WITHIN", 0.2)
    hasty.fail("drip", times=1, seconds=0.01)
    with pytest.raises(NoAnswer, match="no answer in time"):
        stop(connect(hasty, Pace(tmp_path, no_sleep)))
    assert stop(connect(hasty, Pace(tmp_path, no_sleep))).counted


def test_nobody_home_is_an_error_of_ours() -> None:
    """Without a network there is no stray exception."""
    with Sandbox() as gone:
        simkl = connect(gone)
    with pytest.raises(TryLater, match=r"POST /scrobble/stop: no connection; check the network$"):
        stop(simkl)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"0",
        b'"ok"',
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"a": ' + b"9" * 6000 + b"}",
        b"<html>" * 50_000,
        b'{"action": "scrobble", "x": "' + b"x" * MAX_ANSWER + b'"}',
    ],
    ids=lambda body: repr(body[:12]),
)
@pytest.mark.parametrize("path", CALLS)
def test_an_answer_without_sense_is_no_success(hasty: Sandbox, path: str, body: bytes) -> None:
    """A success must say what was done; anything else may be a login page, and it is tried again later."""
    with pytest.raises(TryLater):
        CALLS[path](answering(hasty, body, 200))


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (302, {"Location": "http://["}, b""),
        (302, {"Location": "http://127.0.0.1/\xff\xfe"}, b""),
        (200, {"Content-Encoding": "gzip"}, b"no gzip"),
        (400, {}, b'{"error": "\\ud800"}'),
        (400, {}, b'{"error": {"id": 1}}'),
        (500, {}, b'{"error": "' + b"x" * 5000 + b'"}'),
        (600, {}, b"{}"),
    ],
)
def test_an_odd_answer_is_an_error_of_ours(
    hasty: Sandbox, status: int, headers: dict[str, str], body: bytes
) -> None:
    """Whatever a broken proxy makes up, the text of our error is short and can be written to a file."""
    with pytest.raises(SimklError) as caught:
        stop(answering(hasty, body, status, **headers))
    assert len(str(caught.value).encode()) < 200


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (402, ServerTrouble),
        (404, ServerTrouble),
        (413, Refused),
        (401, LoginNeeded),
        (403, ServerTrouble),
        (408, TryLater),
        (507, ServerTrouble),
    ],
)
def test_a_status_alone_decides_too(hasty: Sandbox, status: int, expected: type[SimklError]) -> None:
    """Answers without Simkl's own word are told by their status; what is too large will not shrink."""
    with pytest.raises(SimklError) as caught:
        stop(answering(hasty, b"<html>", status))
    assert type(caught.value) is expected


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("7", 7),
        ("0", 0),
        ("86400", 60),
        ("99999999999", 60),
        ("9" * 5000, 60),
        ("-1", 1),
        ("1.5", 1),
        ("soon", 1),
        ("\xb2", 1),
        ("Fri, 20 Nov 2015 21:04:00 GMT", 1),
        ("Fri, 20 Nov 2099 21:04:00 GMT", 60),
        ("Fri, 20 Nov 2099 21:04:00 -0000", 1),
        ("Fri, 20 Nov 99999999999 21:04:00 GMT", 1),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 1),
        ("Fri, 20 Nov 2026 21:04:00 +99999999999999", 1),
        ("", 1),
    ],
)
def test_simkl_says_for_how_long_to_leave_it_alone(hasty: Sandbox, told: str, seconds: float) -> None:
    """In trouble of Simkl's Retry-After is heeded, a number of seconds or a date, for a minute at most."""
    with pytest.raises(TryLater) as caught:
        stop(answering(hasty, {"error": "unavailable"}, 503, Retry_After=told))
    assert caught.value.after == seconds


def test_too_fast_is_a_second_whatever_the_header_says(hasty: Sandbox) -> None:
    """On the per-second limit Retry-After carries the reset of the day; a second is enough."""
    hasty.fail("too_fast")
    with pytest.raises(TryLater) as caught:
        stop(connect(hasty))
    assert caught.value.after == 1


@pytest.mark.parametrize("fault", ["user_limit", "app_limit"])
def test_a_spent_quota_waits_for_the_next_day(hasty: Sandbox, fault: str) -> None:
    """The daily quota comes back at midnight in New York, and not a call is spent before."""
    now = datetime.now(UTC).timestamp()
    simkl = connect(hasty, Pace(None, no_sleep, lambda: now))
    hasty.fail(
        Fault(
            "quota",
            status=429,
            headers={"Retry-After": "3600"},
            body=b'{"error": "%s"}'
            % {"user_limit": b"user_limit_exceeded", "app_limit": b"app_limit_exceeded"}[fault],
        )
    )
    for _ in range(3):
        with pytest.raises(TryLater) as caught:
            stop(simkl)
        assert caught.value.after == 3600
    assert len(hasty.calls) == 1


@pytest.mark.parametrize(("fault", "others_wait"), [("user_limit", False), ("app_limit", True)])
@pytest.mark.parametrize("asked", ["/scrobble/stop", "/users/settings"])
def test_a_spent_quota_is_nobody_elses(
    hasty: Sandbox, tmp_path: Path, fault: str, asked: str, *, others_wait: bool
) -> None:
    """Whoever signs in after somebody whose requests of the day are used up does not wait until midnight, but
    what the app has used up is used up for all; and the first one is not asked about again.
    """

    def connected(account: str) -> Simkl:
        who = Credentials(hasty.url, hasty.client_id, hasty.access_token, account)
        return Simkl(who, Pace(tmp_path, no_sleep), no_sleep)

    hasty.fail(fault, times=1)
    first = connected("1")
    with pytest.raises(TryLater):
        first.account() if asked == "/users/settings" else stop(first)
    with pytest.raises(TryLater, match="Simkl asked for rest until"):
        stop(connected("1"))
    assert len(hasty.calls) == 1
    if others_wait:
        with pytest.raises(TryLater, match="Simkl asked for rest until"):
            stop(connected("2"))
        return
    assert stop(connected("2")).counted


@pytest.mark.parametrize("zones", [True, False])
@pytest.mark.parametrize("told", [None, "0", "-5", "soon", "Fri, 20 Nov 2015 21:04:00 GMT"])
def test_a_spent_quota_waits_for_midnight_in_new_york(
    hasty: Sandbox, monkeypatch: pytest.MonkeyPatch, told: str | None, zones: bool
) -> None:
    """If Simkl does not say in how many seconds there is a new quota, it is known all the same; where the
    machine knows no zones, it is an hour late in summer.
    """
    if not zones:
        monkeypatch.setitem(sys.modules, "tzdata", None)
        ZoneInfo.clear_cache()
        zoneinfo.reset_tzpath(to=[])
    try:
        headers = {} if told is None else {"Retry_After": told}
        with pytest.raises(TryLater) as caught:
            stop(answering(hasty, {"error": "user_limit_exceeded"}, 429, **headers))
        left = until_reset(datetime.now(UTC))
        assert caught.value.after == pytest.approx(left, abs=60 if zones else 3660)
        assert until_new_quota(datetime(2026, 12, 1, 4, 59, tzinfo=UTC)) == 60
        assert until_new_quota(datetime(2026, 7, 1, 3, 59, tzinfo=UTC)) == (60 if zones else 3660)
    finally:
        zoneinfo.reset_tzpath()


def test_a_spent_quota_may_end_on_a_date(hasty: Sandbox) -> None:
    """Retry-After may be a date, too."""
    then = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    with pytest.raises(TryLater) as caught:
        stop(answering(hasty, {"error": "user_limit_exceeded"}, 429, Retry_After=then))
    assert caught.value.after == pytest.approx(3600, abs=60)


def test_a_block_is_left_in_peace_for_minutes(hasty: Sandbox) -> None:
    """412 means too fast writes: every further try would make the block longer, so there is none."""
    simkl = connect(hasty, Pace(None, no_sleep, lambda: 1_800_000_000.0))
    hasty.fail("blocked", times=1)
    for _ in range(3):
        with pytest.raises(TryLater) as caught:
            stop(simkl)
        assert caught.value.after == 300
    assert len(hasty.calls) == 1


def test_a_block_that_a_question_meets_is_left_in_peace_too(hasty: Sandbox) -> None:
    """A block is one of writes: once any answer tells of it, nothing is written for minutes."""
    simkl = connect(hasty, Pace(None, no_sleep, lambda: 1_800_000_000.0))
    hasty.fail("blocked", times=1)
    with pytest.raises(TryLater):
        simkl.account()
    with pytest.raises(TryLater) as caught:
        stop(simkl)
    assert caught.value.after == 300
    assert len(hasty.calls) == 1


def test_a_question_is_not_waited_for_as_long_as_a_write(
    hasty: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A write may stand behind another one for 20 seconds; what is only asked is given up before."""
    monkeypatch.setattr("mpv_simkl.simkl.READ_WITHIN", (0.1, 0.1))
    hasty.fail("blackhole")
    began = time.monotonic()
    simkl = connect(hasty)
    with pytest.raises(NoAnswer):
        simkl.page(FILM, "movie")
    with pytest.raises(NoAnswer):
        simkl.details("movie", "1")
    assert time.monotonic() - began < 10


def test_a_write_is_waited_for_longer_than_its_lock_lasts(
    hasty: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A write that stands behind another one may take 20 seconds; a question has 10 (simkl-api 16, 17.19)."""
    waits = dict[str, object]()

    def send(_: requests.Session, request: requests.PreparedRequest, **how: object) -> requests.Response:
        waits[str(request.method)] = how["timeout"]
        raise requests.ReadTimeout

    monkeypatch.setattr(requests.Session, "send", send)
    with pytest.raises(NoAnswer):
        connect(hasty).page(FILM, "movie")
    with pytest.raises(NoAnswer):
        stop(connect(hasty))
    assert waits == {"GET": (10, 10), "POST": (10, 25)}


def test_simkl_is_never_asked_too_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking up many titles in a row meets no limit: ten questions a second are allowed (simkl-api 14)."""
    clock = Clock()
    monkeypatch.setattr("mpv_simkl.simkl.time", SimpleNamespace(monotonic=clock.seconds))
    with Sandbox(clock=clock, timer=clock.seconds) as simkl:
        asker = connect(simkl, sleep=lambda seconds: clock.step(seconds=seconds))
        for _ in range(25):
            asker.activities(1.0)


@pytest.mark.parametrize("word", ["unauthorized_client", "url_failed"])
@pytest.mark.parametrize("path", CALLS)
def test_a_call_that_simkl_takes_from_nobody_is_made_another_time(
    hasty: Sandbox, path: str, word: str
) -> None:
    """If Simkl takes no such call any more, that is no fault of what was watched: it is kept, and Simkl left
    in peace for minutes.
    """
    simkl = connect(hasty, Pace(None, no_sleep, lambda: 1_800_000_000.0))
    hasty.fail(Fault("gone", status=404, body=json.dumps({"error": word}).encode()))
    for _ in range(3):
        with pytest.raises(TryLater, match="newer mpv-simkl") as caught:
            CALLS[path](simkl)
        assert caught.value.after == 300
    assert len(hasty.calls) == 1


def test_a_question_that_simkl_takes_from_nobody_stops_no_watch(hasty: Sandbox) -> None:
    """If only the question for file names is gone, watches are told as before."""
    simkl = connect(hasty)
    hasty.fail(Fault("gone", status=404, body=b'{"error": "url_failed"}'), path="/search/file")
    with pytest.raises(Refused):
        simkl.search_file("Severance.S01E03.mkv")
    assert stop(simkl).counted


# The write lock


@pytest.mark.parametrize("path", CALLS)
def test_the_write_lock_is_waited_out(hasty: Sandbox, path: str) -> None:
    """RATE_LIMIT means that another write is still running: ask again shortly, and it works."""
    slept: list[float] = []
    hasty.fail("write_lock", times=3)
    CALLS[path](connect(hasty, sleep=slept.append))
    assert slept == [2.5, 2.5, 2.5]
    assert [call.status for call in hasty.calls] == [400, 400, 400, 201]


def test_a_lock_that_is_told_as_429_is_waited_out_too(hasty: Sandbox) -> None:
    """One line of Simkl's documents says 429 (simkl-api 16); its Retry-After is the reset of the day, and not
    the lock's.
    """
    slept: list[float] = []
    body, headers = b'{"error": "RATE_LIMIT"}', {"Retry-After": "40000"}
    hasty.fail(Fault("lock", status=429, body=body, headers=headers), times=2)
    assert stop(connect(hasty, sleep=slept.append)).counted
    assert slept == [2.5, 2.5]
    hasty.fail(Fault("lock", status=429, body=body, headers=headers))
    with pytest.raises(TryLater) as caught:
        stop(connect(hasty))
    assert caught.value.after == 1


def test_a_lock_that_stays_is_given_up(hasty: Sandbox) -> None:
    """The lock ends after 20 seconds by itself; whatever lasts longer is tried another time."""
    slept: list[float] = []
    hasty.fail("write_lock")
    with pytest.raises(TryLater, match="RATE_LIMIT"):
        stop(connect(hasty, sleep=slept.append))
    assert 20 < sum(slept) < 25


# Which answers say watched


@pytest.mark.parametrize(("progress", "counted"), [(79.99, False), (80.0, True), (100.0, True)])
def test_simkl_decides_whether_a_stop_is_a_watch(hasty: Sandbox, progress: float, counted: bool) -> None:
    """A stop counts if Simkl's answer says so."""
    assert stop(connect(hasty), progress).counted is counted
    assert bool(hasty.history) is counted


@pytest.mark.parametrize(
    ("body", "counted"),
    [
        ({"action": "pause", "progress": 100}, False),
        ({"action": "scrobble"}, True),
        ({"action": None}, False),
        ({"progress": 100}, False),
    ],
)
@pytest.mark.parametrize("status", [200, 201])
def test_the_word_action_decides_not_the_status(
    hasty: Sandbox, body: object, counted: bool, status: int
) -> None:
    """A success that does not say `scrobble` has marked nothing."""
    assert stop(answering(hasty, body, status)).counted is counted


@pytest.mark.parametrize("form", ["guide", "reference", "old"])
def test_watched_within_the_hour_is_a_success(
    hasty: Sandbox, form: Literal["guide", "reference", "old"]
) -> None:
    """409 means that Simkl has it already, in whichever form it says so."""
    hasty.rules.conflict_form = form
    simkl = connect(hasty)
    assert [stop(simkl).counted for _ in range(2)] == [True, True]
    assert [call.status for call in hasty.calls] == [201, 409]
    assert len(hasty.history) == 1


def test_a_pause_after_the_watch_is_a_success(hasty: Sandbox) -> None:
    """Simkl may answer 409 to a pause too."""
    hasty.rules.pause_conflicts = True
    simkl = connect(hasty)
    stop(simkl)
    simkl.scrobble(Action.PAUSE, EPISODE, 85.0)
    assert hasty.calls[-1].status == 409


@pytest.mark.parametrize("body", [b"", b"<html>", b"null", b"[]"])
def test_a_409_needs_no_body(hasty: Sandbox, body: bytes) -> None:
    """None of the fields of a 409 is relied on."""
    assert stop(answering(hasty, body, 409)).counted


def test_the_answer_tells_what_was_matched(hasty: Sandbox) -> None:
    """The log shows what Simkl took a file for."""
    simkl = connect(hasty)
    assert str(stop(simkl)) == "Severance (2022) S01E03"
    assert str(simkl.scrobble(Action.START, FILM, 0.0)) == "Arrival (2016)"


@pytest.mark.parametrize(
    "body",
    [
        {
            "action": "scrobble",
            "show": {"title": "x" * 9999},
            "episode": {"season": "y" * 9999, "number": []},
        },
        {"action": "scrobble", "movie": [], "show": {"title": {}}, "episode": {"season": None}},
        {"action": "scrobble", "anime": "x", "episode": "1"},
    ],
)
def test_an_answer_is_shown_in_one_line(hasty: Sandbox, body: object) -> None:
    """Whatever stands in an answer, it counts as it says and does not flood the log."""
    reply = stop(answering(hasty, body))
    assert reply.counted
    assert len(str(reply)) < 300


# History


@pytest.mark.parametrize("not_found", [None, [], "none"])
def test_a_history_answer_must_say_what_was_not_found(hasty: Sandbox, not_found: object) -> None:
    """Without the list of what was not found nobody knows what was recorded; it is sent again later."""
    simkl = answering(hasty, {"added": {"movies": 1}, "not_found": not_found})
    with pytest.raises(TryLater):
        simkl.add_to_history(WATCHES)


@pytest.mark.parametrize("status", [200, 201])
def test_any_success_records_a_history(hasty: Sandbox, status: int) -> None:
    """The older documents say 200 where the newer ones say 201."""
    lost = {"movies": [{"title": "Arrival", "year": 2016}], "shows": []}
    simkl = answering(hasty, {"added": {}, "not_found": lost}, status)
    assert simkl.add_to_history(WATCHES) == {1}


# Secrets


def test_the_token_is_in_no_printed_form(hasty: Sandbox) -> None:
    """Neither the sign-in, however it is held, nor the connection shows a token when it is printed."""
    who = Credentials(hasty.url, hasty.client_id, hasty.access_token)
    grant = Grant(hasty.access_token, hasty.access_token, "write", 60)
    soon = datetime.now(UTC)
    kept = SignIn(who.url, who.client_id, "1", "Ada", who.token, who.token, soon, soon)
    code = Code(who.url, who.client_id, who.token, "ABCDE", "page", "link", 60, 5)
    simkl = connect(hasty)
    for holder in (who, grant, kept, code, Answer(200, {"access_token": who.token}), simkl, vars(simkl)):
        assert hasty.access_token not in f"{holder!r} {holder}"


# What is asked, not told


def test_who_is_signed_in_is_told(hasty: Sandbox) -> None:
    """Name, number and plan of the account, in one GET without a body; later also the quota."""
    simkl = connect(hasty)
    assert simkl.account() == Account("Sandbox user 4242", 4242, "free")
    assert simkl.quota_left is None
    simkl.account()
    assert simkl.quota_left == 498
    assert (hasty.calls[0].method, hasty.calls[0].body) == ("GET", None)


@pytest.mark.parametrize("body", [[], {}, {"user": 3, "account": {}}, {"user": {}}, b"<html>"])
def test_an_account_that_makes_no_sense_is_none(hasty: Sandbox, body: object) -> None:
    """A login page of the network is nobody's account."""
    with pytest.raises(TryLater):
        answering(hasty, body, 200).account()


def test_a_name_that_moves_a_terminal_is_shown_as_what_it_is(hasty: Sandbox) -> None:
    """Whatever somebody calls himself at Simkl, no escape of it reaches a terminal."""
    odd = {"user": {"name": "\x1b[2JAda"}, "account": {"id": 1, "type": "\x9bPRO"}}
    assert answering(hasty, odd, 200).account() == Account("\\x1b[2JAda", 1, "\\x9bpro")


@pytest.mark.parametrize("status", [301, 302, 307])
def test_a_title_has_a_page_that_is_asked_for_once(hasty: Sandbox, status: int) -> None:
    """The page tells number and kind, and costs one request however often it is needed."""
    hasty.rules.redirect = status
    simkl = connect(hasty)
    page = simkl.page(EPISODE, "show")
    assert page == TitlePage("9200004", "show", "https://simkl.com/tv/9200004/severance")
    assert simkl.page(EPISODE, "show") is page
    (call,) = hasty.calls
    assert "authorization" in call.headers  # which V2 may want there (simkl-api 10.3, 16)
    assert simkl.page(UNKNOWN_FILM, "movie") is None


def test_a_number_of_tmdb_is_a_films_or_a_shows(hasty: Sandbox) -> None:
    """There anime is a show, and what may be either is found by its other ids (simkl-api 10.3, 11)."""
    simkl = connect(hasty)
    piece = simkl.page(ANIME._replace(title="", ids={"tmdb": "37854"}), "anime")
    assert piece == TitlePage("38636", "anime", "https://simkl.com/anime/38636/one-piece")
    office = simkl.page(EPISODE._replace(title="", ids={"tmdb": "2316", "imdb": "tt0386676"}), None)
    assert office == TitlePage("9200002", "show", "https://simkl.com/tv/9200002/the-office")


def test_a_title_that_simkl_does_not_know_leads_to_its_front_page(hasty: Sandbox) -> None:
    """Simkl's front page is its way to say that it knows none such (simkl-api 10.3)."""
    for where in ("//simkl.com", "//simkl.com/tv/x"):
        assert answering(hasty, {}, 301, Location=where).page(FILM, "movie") is None


@pytest.mark.parametrize(
    "where", ["", "https://evil.example/tv/1/x", "https://simkl.com.evil/", "http://[bad"]
)
def test_a_redirect_to_anywhere_else_is_not_simkls(hasty: Sandbox, where: str) -> None:
    """A login page of the network is no word of Simkl's, and no redirect is followed."""
    with pytest.raises(TryLater):
        answering(hasty, {}, 302, Location=where).page(FILM, "movie")
    assert len(hasty.calls) == 1


def test_only_a_page_is_told_by_where_an_answer_leads(hasty: Sandbox) -> None:
    """Any other question that is sent elsewhere was not answered."""
    simkl = answering(hasty, [], 302, Location="//simkl.com/movies/1/x")
    with pytest.raises(TryLater, match="sent elsewhere"):
        simkl.episodes("show", "1")


def test_the_seasons_of_a_show_are_read_without_the_token(hasty: Sandbox) -> None:
    """Specials are season 0, an anime has one season; Simkl keeps that list for everybody (simkl-api 1)."""
    simkl = connect(hasty)
    assert simkl.seasons(TitlePage("9200001", "show", "")) == (0, 1, 2)
    assert simkl.seasons(TitlePage("38636", "anime", "")) == (1,)
    (call,) = hasty.calls
    assert "authorization" not in call.headers


@pytest.mark.parametrize("body", [[], [3, None], [{"season": "1"}, {"season": [2]}]])
def test_an_episode_list_that_makes_no_sense_has_no_seasons(hasty: Sandbox, body: object) -> None:
    """What cannot be read names no season, so that nothing is unmarked by it."""
    assert answering(hasty, body, 200).seasons(TitlePage("1", "show", "")) == ()


@pytest.mark.parametrize("body", [{}, None, 3, b"<html>", b'[{"id": 1', b""])
def test_what_is_no_list_does_not_say_that_there_is_none(hasty: Sandbox, body: object) -> None:
    """A login page of the network has no episodes and no saved places, and so it is asked for again."""
    simkl = answering(hasty, body, 200)
    with pytest.raises(TryLater, match="not Simkl's"):
        simkl.episodes("show", "1")
    with pytest.raises(TryLater, match="not Simkl's"):
        simkl.playbacks("movies", 100, 5.0)


@pytest.mark.parametrize(
    ("ask", "none"),
    [
        (lambda simkl: simkl.search_file("x.mkv"), None),
        (lambda simkl: simkl.details("movie", "1"), None),
        (lambda simkl: simkl.search("show", "castle"), []),
    ],
    ids=["a file", "a title", "words"],
)
def test_what_is_no_answer_does_not_say_that_nothing_is_known(
    hasty: Sandbox, ask: Callable[[Simkl], object], none: object
) -> None:
    """`null` and `[]` are Simkl's words for that (simkl-api 1, 4), a login page of the network is none."""
    for word in EMPTY:
        assert ask(answering(hasty, word, 200)) == none
        hasty.heal()
    for page in (b"<html>", b"", b'{"title": "Cas'):
        with pytest.raises(TryLater, match="not Simkl's"):
            ask(answering(hasty, page, 200))
        hasty.heal()


def test_a_change_is_told_in_numbers(hasty: Sandbox) -> None:
    """What a call changed, and the list on which the title stands; nonsense counts as nothing."""
    simkl = connect(hasty)
    assert simkl.record({"movies": [{"title": "Arrival"}]}) == Changed(
        1, 0, 0, ("completed",), {"movies": [], "shows": [], "episodes": []}
    )
    odd = {"added": {"movies": -1, "shows": "2", "statuses": [3, {"response": 1}]}, "not_found": {}}
    assert answering(hasty, odd).record({}) == Changed(0, 0, 0, (), {})
