"""The recorded answers in fixtures/simkl, and that the sandbox's real answers have the same shapes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.sandbox_talk import FILM, Talk, talking

FOLDER = Path(__file__).parent.parent / "fixtures" / "simkl"
SEVERANCE: Mapping[str, Any] = {
    "show": {"title": "Severance", "year": 2022, "ids": {"tvdb": "371980"}},
    "episode": {"season": 1, "number": 3},
}
TITAN: Mapping[str, Any] = {"show": {"ids": {"tvdb": "267440"}}, "episode": {"season": 3, "number": 13}}
WATCHED: Mapping[str, Any] = {
    **SEVERANCE["show"],
    "seasons": [{"number": 1, "episodes": [{"number": 3}, {"number": 4}]}],
}
LOST_FILM = {"title": "Holiday in Wales", "year": 2019, "watched_at": "2026-11-20T18:02:00Z"}
LOST_ANIME = {"ids": {"mal": 999}, "episodes": [{"number": 4, "watched_at": "2026-11-20T18:02:00Z"}]}
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


@pytest.fixture
def talk() -> Iterator[Talk]:
    with talking() as talk:
        yield talk


def failing(name: str) -> Callable[[Talk], requests.Response]:
    """A stop that meets a fault."""

    def ask(talk: Talk) -> requests.Response:
        talk.simkl.fail(name)
        return talk.scrobble("stop", 95)

    return ask


def stopped_twice(form: Any) -> Callable[[Talk], requests.Response]:
    """The 409 of a second stop."""

    def ask(talk: Talk) -> requests.Response:
        talk.simkl.rules.conflict_form = form
        talk.scrobble("stop", 95)
        return talk.scrobble("stop", 95)

    return ask


def signing_in(
    *, scope: str = "media:read media:write", approve: bool = True, polls: int = 1, minutes: int = 0
) -> Callable[[Talk], requests.Response]:
    """The last poll of a device sign-in."""

    def ask(talk: Talk) -> requests.Response:
        code = talk.form("/oauth2/device", scope=scope).json()
        if approve:
            talk.simkl.approve(code["user_code"])
        talk.clock.step(minutes=minutes)
        for _ in range(polls):
            answer = talk.form("/oauth2/token", grant_type=DEVICE_GRANT, device_code=code["device_code"])
        return answer

    return ask


def refreshing(**more: str) -> Callable[[Talk], requests.Response]:
    """A refresh."""
    return lambda talk: talk.form(
        "/oauth2/token", **{"grant_type": "refresh_token", "refresh_token": talk.simkl.refresh_token, **more}
    )


def paused(talk: Talk) -> requests.Response:
    """The list of saved points, an episode and a film."""
    talk.scrobble("pause", 10, FILM)
    talk.clock.step(minutes=1)
    return talk.scrobble("pause", 42.2, SEVERANCE)


def after_a_pause(method: str, path: str) -> Callable[[Talk], requests.Response]:
    """A call made while there are saved points."""

    def ask(talk: Talk) -> requests.Response:
        number = paused(talk).json()["id"]
        return talk.ask(method, path.format(number))

    return ask


def unmarked(talk: Talk) -> requests.Response:
    """The undoing of one episode."""
    talk.post("/sync/history", {"shows": [WATCHED]})
    return talk.post("/sync/history/remove", {"shows": [{**SEVERANCE["show"], "episodes": [{"number": 3}]}]})


def finished_and_paused(talk: Talk) -> requests.Response:
    """The times of what moved."""
    talk.scrobble("stop", 95, SEVERANCE)
    paused(talk)
    talk.simkl.library().activities = {
        key: at for key, at in talk.simkl.library().activities.items() if key[0] == "tv_shows"
    }
    return talk.get("/sync/activities")


def open_get(path: str, **query: str) -> Callable[[Talk], requests.Response]:
    """A GET that wants no token."""
    return lambda talk: talk.ask("GET", path, query, {"Authorization": None})


def read_only(talk: Talk) -> requests.Response:
    """A write with a token that only reads."""
    talk.token = talk.simkl.sign_in(scope="media:read").access_token
    return talk.scrobble("start", 1)


ASK: Mapping[str, Callable[[Talk], requests.Response]] = {
    "start_start": lambda talk: talk.scrobble("start", 0, SEVERANCE),
    "start_anime": lambda talk: talk.scrobble("start", 42.2, TITAN),
    "start_movie": lambda talk: talk.scrobble("start", 12.5, FILM),
    "pause_pause": lambda talk: talk.scrobble("pause", 30, SEVERANCE),
    "stop_pause": lambda talk: talk.scrobble("stop", 30, SEVERANCE),
    "stop_scrobble": lambda talk: talk.scrobble("stop", 95.5, SEVERANCE),
    "stop_409": stopped_twice("guide"),
    "stop_409_reference": stopped_twice("reference"),
    "stop_409_old": stopped_twice("old"),
    "start_404": lambda talk: talk.scrobble("start", 1, {"movie": {"title": "Qwxz"}}),
    "start_empty_field_400": lambda talk: talk.scrobble("start", 1, {}),
    "start_wrong_parameter_400": lambda talk: talk.scrobble("start", 101),
    "write_lock_400": failing("write_lock"),
    "history_added": lambda talk: talk.post("/sync/history", {"shows": [WATCHED]}),
    "history_not_found": lambda talk: talk.post(
        "/sync/history", {"movies": [LOST_FILM], "anime": [LOST_ANIME]}
    ),
    "history_empty": lambda talk: talk.post("/sync/history", {}),
    "history_remove": unmarked,
    "playback_list": after_a_pause("GET", "/sync/playback"),
    "playback_none": lambda talk: talk.get("/sync/playback"),
    "playback_deleted_204": after_a_pause("DELETE", "/sync/playback/{}"),
    "playback_404": lambda talk: talk.ask("DELETE", "/sync/playback/1"),
    "playback_url_404": lambda talk: talk.ask("DELETE", "/sync/playback/x"),
    "settings_free": lambda talk: talk.get("/users/settings"),
    "activities": finished_and_paused,
    "device_code": lambda talk: talk.form("/oauth2/device", scope="media:read"),
    "token_granted": signing_in(),
    "token_read_only": signing_in(scope="media:wirte"),
    "token_pending": signing_in(approve=False),
    "token_slow_down": signing_in(approve=False, polls=2),
    "token_expired": signing_in(minutes=15),
    "token_invalid_client_401": lambda talk: talk.form("/oauth2/token", client_id="another"),
    "token_invalid_request": lambda talk: talk.form("/oauth2/token"),
    "refresh_invalid_grant": refreshing(refresh_token="gone"),
    "refresh_invalid_scope": refreshing(scope="everything"),
    "revoke_done": lambda talk: talk.form("/oauth2/revoke", token="any"),
    "invalid_token_401": lambda talk: talk.ask(
        "GET", "/users/settings", headers={"Authorization": "Bearer x"}
    ),
    "user_token_required_401": open_get("/users/settings"),
    "insufficient_scope_403": read_only,
    "unauthorized_client_400": lambda talk: talk.get("/oauth/pin"),
    "client_id_failed_412": lambda talk: talk.get("/users/settings", client_id="another"),
    "rate_limit_429": failing("too_fast"),
    "user_limit_429": lambda talk: talk.get("/users/settings", debug_limit="user"),
    "app_limit_429": lambda talk: talk.get("/users/settings", debug_limit="app"),
    "internal_500": failing("internal"),
    "bad_gateway_502": failing("bad_gateway"),
    "unavailable_503": failing("unavailable"),
    "search_file_episode": lambda talk: talk.post("/search/file", {"file": "Severance.S01E03.mkv"}),
    "search_file_multipart": lambda talk: talk.post("/search/file", {"file": "Severance.S01E03E04.mkv"}),
    "search_file_movie": lambda talk: talk.post("/search/file", {"file": "Arrival (2016).mkv"}),
    "search_file_show": lambda talk: talk.post("/search/file", {"file": "Severance.S09E01.mkv"}),
    "search_file_nothing": lambda talk: talk.post("/search/file", {"file": "VID_0001.mp4"}),
    "search_file_null": lambda talk: talk.post("/search/file", {}),
    "search_movie": lambda talk: talk.get("/search/movie", q="arrival 2016"),
    "search_anime": lambda talk: talk.get("/search/anime", q="frieren"),
    "search_bad_type": lambda talk: talk.get("/search/people", q="x"),
    "redirect_301": open_get("/redirect", to="simkl", imdb="tt2543164"),
    "redirect_unknown_301": open_get("/redirect", to="simkl", imdb="tt0000001"),
    "episodes_tv": open_get("/tv/episodes/9200001"),
    "episodes_anime": open_get("/anime/episodes/931899"),
    "details_movie": open_get("/movies/9300001"),
    "details_unknown": open_get("/movies/1"),
}
MOMENT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(.*)$")


def shape(value: object) -> object:
    """What a value looks like, whatever it says; ids differ by title, so only the kind of each is kept."""
    if isinstance(value, dict):
        return {key: _ids(inner) if key == "ids" else shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return sorted({json.dumps(shape(inner), sort_keys=True) for inner in value})
    if isinstance(value, str):
        moment = MOMENT.match(value)
        return f"time{moment[1]}" if moment else "text"
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else value


def _ids(ids: dict[str, object]) -> object:
    ours = {key: type(value).__name__ for key, value in ids.items() if key.startswith("simkl")}
    return [ours, sorted({type(value).__name__ for key, value in ids.items() if key not in ours})]


def read(answer: requests.Response) -> object:
    """The body: JSON, a page's text, or None."""
    if not answer.content:
        return None
    parsed: object = answer.json() if "json" in answer.headers["Content-Type"] else answer.text
    return parsed


def told(body: object) -> object:
    """The part of an error that a client may branch on (simkl-api 13)."""
    return body.get("error") if isinstance(body, dict) else None


@pytest.mark.parametrize("name", sorted(ASK))
def test_the_sandbox_answers_in_the_documented_shape(talk: Talk, name: str) -> None:
    """Status, the headers that matter, the error's name and every key are as they were recorded."""
    recorded = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    answer = ASK[name](talk)
    body = read(answer)
    assert answer.status_code == recorded["status"]
    assert told(body) == told(recorded["body"])
    assert without_message(shape(body)) == without_message(shape(recorded["body"]))
    for header, value in recorded["headers"].items():
        assert re.sub(r"\d+", "N", answer.headers[header]) == re.sub(r"\d+", "N", value)


def without_message(shaped: object) -> object:
    """An error's message is optional (simkl-api 13)."""
    return {k: v for k, v in shaped.items() if k != "message"} if isinstance(shaped, dict) else shaped


def test_every_recorded_answer_is_held_to() -> None:
    """A new fixture cannot lie about without the sandbox being asked for it."""
    assert {path.stem for path in FOLDER.glob("*.json")} == set(ASK)
