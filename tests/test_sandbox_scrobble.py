"""The sandbox's `/scrobble/*` and saved points, over real HTTP (simkl-api 5, 9)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from tests.sandbox_talk import EPISODE, FILM, NEXT_EPISODE, Talk, talking


@pytest.fixture
def talk() -> Iterator[Talk]:
    with talking() as talk:
        yield talk


def test_start_shows_watching_now_and_marks_nothing(talk: Talk) -> None:
    """What has just begun is being watched, not watched."""
    answer = talk.scrobble("start", 12.5)
    assert (answer.status_code, answer.json()["id"], answer.json()["action"]) == (201, 0, "start")
    assert talk.simkl.watching is not None
    item, progress = talk.simkl.watching
    assert (item.title.title, progress) == ("The Lighthouse Keepers", 12.5)
    assert talk.simkl.history == []


@pytest.mark.parametrize(("progress", "action", "count"), [(79.99, "pause", 0), (80, "scrobble", 1)])
def test_stop_marks_watched_from_80_percent_on(talk: Talk, progress: float, action: str, count: int) -> None:
    """Only a stop at 80 % or later counts as watched; below it a point to resume from is kept."""
    answer = talk.scrobble("stop", progress)
    assert answer.json()["action"] == action
    assert answer.json()["id"] > 0
    assert len(talk.simkl.history) == count
    assert len(talk.simkl.playbacks) == 1 - count


def test_stop_leaves_watching_now(talk: Talk) -> None:
    """What was watched to the end is not playing any more."""
    talk.scrobble("start", 70)
    talk.scrobble("stop", 95)
    assert talk.simkl.watching is None


def test_pause_never_marks_watched(talk: Talk) -> None:
    """A pause at 95 % leaves the episode unwatched and leaves "Watching now"."""
    talk.scrobble("start", 90)
    assert talk.scrobble("pause", 95).json()["action"] == "pause"
    assert talk.simkl.history == []
    assert talk.simkl.watching is None


def test_progress_comes_back_normalised(talk: Talk) -> None:
    """75.0 is answered as 75, 75.12 as it is."""
    assert '"progress": 75,' in talk.scrobble("pause", 75.0).text
    assert talk.scrobble("pause", 75.12).json()["progress"] == 75.12


def test_a_title_has_one_saved_point_and_start_clears_it(talk: Talk) -> None:
    """Pausing the next episode replaces the point of the one before; playing on takes it away."""
    talk.scrobble("pause", 40)
    talk.scrobble("pause", 10, NEXT_EPISODE)
    (point,) = talk.get("/sync/playback").json()
    assert (point["progress"], point["episode"]["number"], point["type"]) == (10, 4, "episode")
    talk.scrobble("start", 10, NEXT_EPISODE)
    assert talk.get("/sync/playback").json() == []


def test_finishing_a_title_clears_its_saved_point(talk: Talk) -> None:
    """Nothing is left to resume once it was watched to the end."""
    talk.scrobble("pause", 40)
    talk.scrobble("stop", 99)
    assert talk.simkl.playbacks == []


def test_start_completes_the_previous_session_that_simkl_believes_over(talk: Talk) -> None:
    """Progress goes on with the clock, so the next start marks an abandoned episode watched."""
    talk.scrobble("start", 20)
    talk.clock.step(minutes=26)  # 42 minutes an episode: 20 % + 62 %
    talk.scrobble("start", 0, FILM)
    assert talk.watched() == [("The Lighthouse Keepers", 1, 3)]
    assert talk.simkl.history[0].watched_at == talk.clock.now


def test_an_abandoned_session_is_over_when_its_running_time_is(talk: Talk) -> None:
    """Hours later the next start marks the episode watched at the time at which it must have ended."""
    begun = talk.clock.now
    talk.scrobble("start", 0)
    talk.clock.step(hours=9)
    talk.scrobble("start", 0, FILM)
    assert (talk.simkl.history[0].watched_at - begun).total_seconds() == 42 * 60


def test_start_leaves_a_previous_session_below_80_percent_alone(talk: Talk) -> None:
    """An episode left in the middle is not marked by the next start."""
    talk.scrobble("start", 20)
    talk.clock.step(minutes=25)
    talk.scrobble("start", 0, FILM)
    assert talk.watched() == []


def test_a_paused_session_is_not_completed_later(talk: Talk) -> None:
    """After a pause Simkl's clock stands still."""
    talk.scrobble("start", 20)
    talk.scrobble("pause", 30)
    talk.clock.step(hours=5)
    talk.scrobble("start", 0, FILM)
    assert talk.watched() == []


def test_a_start_of_the_same_episode_does_not_mark_it(talk: Talk) -> None:
    """Start marks nothing watched for the item that it names, however late it comes."""
    talk.scrobble("start", 20)
    talk.clock.step(hours=5)
    talk.scrobble("start", 30)
    assert talk.watched() == []


def test_watching_now_advances_and_ends_with_the_running_time(talk: Talk) -> None:
    """The banner moves by itself and goes away when the episode must be over."""
    talk.scrobble("start", 50)
    talk.clock.step(minutes=10.5)
    assert talk.simkl.watching is not None
    assert talk.simkl.watching[1] == pytest.approx(75)
    talk.clock.step(minutes=10.5)
    assert talk.simkl.watching is None


def test_times_are_kept_to_the_second(talk: Talk) -> None:
    """What Simkl tells of a time is what it keeps."""
    talk.clock.step(microseconds=5)
    talk.scrobble("stop", 90)
    assert talk.simkl.history[0].watched_at.microsecond == 0


def test_a_second_stop_within_the_hour_is_409(talk: Talk) -> None:
    """What was finished less than an hour ago is not finished again; after the hour it is no conflict."""
    talk.scrobble("stop", 90)
    talk.clock.step(minutes=59)
    answer = talk.scrobble("stop", 95)
    assert answer.status_code == 409
    assert answer.json()["watched_at"] == "2026-11-20T19:00:00Z"
    assert answer.json()["expires_at"] == "2026-11-20T20:00:00Z"
    talk.clock.step(minutes=1)
    answer = talk.scrobble("stop", 95)
    assert (answer.status_code, answer.json()["action"]) == (201, "scrobble")
    assert len(talk.simkl.history) == 1


def test_a_second_stop_of_what_was_watched_long_ago_is_409(talk: Talk) -> None:
    """Of a film seen years ago too the hour counts from when Simkl heard of its end."""
    film = {**FILM["movie"], "watched_at": "2009-07-20T20:17:00Z"}
    talk.post("/sync/history", {"movies": [film]})
    talk.clock.step(hours=1)
    assert talk.scrobble("stop", 95, FILM).status_code == 201
    answer = talk.scrobble("stop", 95, FILM)
    assert answer.status_code == 409
    assert answer.json()["watched_at"] == "2009-07-20T20:17:00Z"
    assert answer.json()["expires_at"] == "2026-11-20T21:00:00Z"


def test_409_after_the_user_marked_it_elsewhere(talk: Talk) -> None:
    """An episode marked on the website while it plays gives 409 at its stop."""
    show = {**EPISODE["show"], "episodes": [{"number": 3}]}
    talk.post("/sync/history", {"shows": [show]})
    assert talk.scrobble("stop", 95).status_code == 409


@pytest.mark.parametrize(("form", "fields"), [("guide", 3), ("reference", 2), ("old", 2)])
def test_the_409_body_comes_in_three_forms(talk: Talk, form: Any, fields: int) -> None:
    """Each documented body of a 409 can be had, and all name the same moment."""
    talk.simkl.rules.conflict_form = form
    talk.scrobble("stop", 90)
    body = talk.scrobble("stop", 90).json()
    assert len(body) == fields
    assert datetime.fromisoformat(body["watched_at"]) == talk.clock.now
    assert ("-05:00" in body["watched_at"], ".000Z" in body["watched_at"]) == (
        form == "reference",
        form == "old",
    )


def test_a_pause_over_80_percent_conflicts_where_the_old_rule_is_on(talk: Talk) -> None:
    """One source has 409 for a late pause too; a test can have it so."""
    talk.scrobble("stop", 90)
    assert talk.scrobble("pause", 90).status_code == 201
    talk.simkl.rules.pause_conflicts = True
    assert talk.scrobble("pause", 79).status_code == 201
    assert talk.scrobble("pause", 80).status_code == 409


@pytest.mark.parametrize("progress", [None, "50", True, -0.01, 100.01, 12.345, float("nan")])
@pytest.mark.parametrize("action", ["start", "pause", "stop"])
def test_a_bad_progress_is_refused(talk: Talk, action: str, progress: object) -> None:
    """Progress is a number from 0 to 100 with two decimals at most."""
    text = f'{{"progress": {"null" if progress is None else repr(progress).replace("True", "true")}, '
    text = text.replace("'50'", '"50"').replace("nan", "NaN")
    body = text + '"movie": {"title": "Arrival", "year": 2016}}'
    answer = talk.ask("POST", f"/scrobble/{action}", data=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["error"]) == (400, "wrong_parameter")


def test_a_film_with_an_episode_is_refused(talk: Talk) -> None:
    """Whoever sends that means something else than a film."""
    answer = talk.scrobble("start", 1, {**FILM, "episode": {"season": 1, "number": 1}})
    assert (answer.status_code, answer.json()["error"]) == (400, "wrong_parameter")


def test_missing_progress_is_refused(talk: Talk) -> None:
    """A scrobble always says how far playback is."""
    assert talk.post("/scrobble/start", dict(FILM)).json()["error"] == "wrong_parameter"


@pytest.mark.parametrize(
    "item", [{}, {**FILM, **EPISODE}, {"show": EPISODE["show"]}, {"episode": {"number": 1}}]
)
def test_exactly_one_thing_is_scrobbled(talk: Talk, item: dict[str, Any]) -> None:
    """No item, two items, or a show without its episode is an empty field."""
    answer = talk.scrobble("start", 1, item)
    assert (answer.status_code, answer.json()["error"], answer.json()["code"]) == (400, "empty_field", 400)


@pytest.mark.parametrize("episode", [{"season": 2, "number": 1}, {"season": 1, "number": 7}])
def test_an_episode_that_does_not_exist_is_404(talk: Talk, episode: dict[str, int]) -> None:
    """A season or number that the show does not have is not guessed."""
    answer = talk.scrobble("stop", 95, {**EPISODE, "episode": episode})
    assert (answer.status_code, answer.json()["error"]) == (404, "id_err")
    assert talk.simkl.history == []


@pytest.mark.parametrize("number", [True, -1, 3.0, "3"])
@pytest.mark.parametrize("field", ["season", "number"])
def test_seasons_and_numbers_are_whole_numbers(talk: Talk, field: str, number: object) -> None:
    """A number in quotes, a fraction or a truth value is a client's mistake."""
    answer = talk.scrobble("start", 1, {**EPISODE, "episode": {"season": 1, "number": 1, field: number}})
    assert (answer.status_code, answer.json()["error"]) == (400, "wrong_parameter")


def test_an_unknown_title_is_404(talk: Talk) -> None:
    """A title that nothing in the catalogue is like is not matched."""
    answer = talk.scrobble("start", 1, {"movie": {"title": "Holiday in Wales 2014"}})
    assert (answer.status_code, answer.json()["error"]) == (404, "id_err")
    assert talk.simkl.watching is None


def test_an_episode_of_a_show_needs_its_season(talk: Talk) -> None:
    """A number alone says nothing for an ordinary show."""
    answer = talk.scrobble("start", 1, {**EPISODE, "episode": {"number": 3}})
    assert answer.json()["error"] == "empty_field"


def test_episode_ids_win_over_numbers(talk: Talk) -> None:
    """An episode's TVDB id decides, and a stale one finds nothing."""
    by_id = {**EPISODE, "episode": {"season": 1, "number": 1, "ids": {"tvdb": 99100015}}}
    assert talk.scrobble("start", 1, by_id).json()["episode"]["number"] == 5
    stale = {**EPISODE, "episode": {"season": 1, "number": 1, "ids": {"tvdb": 1}}}
    assert talk.scrobble("start", 1, stale).status_code == 404


@pytest.mark.parametrize(
    "movie",
    [
        {"title": "Arrival", "slug": "arrival"},
        {"title": "Arrival", "ids": {"slug": "arrival"}},
        {"title": "Arrival", "ids": {"tmdbtv": "1"}},
        {"title": "Arrival", "year": "2016"},
        {"title": ["Arrival"]},
        {"title": "/home/me/Arrival.mkv"},
        {"title": "C:\\Films\\Arrival.mkv"},
        {"title": "Arrival", "ids": {"imdb": "file:///home/me/a.mkv"}},
        "Arrival",
    ],
)
def test_what_a_faulty_client_would_send_is_refused(talk: Talk, movie: object) -> None:
    """Slugs, unknown ids, wrong types and paths of this computer never pass, and are recorded."""
    answer = talk.post("/scrobble/start", {"progress": 1, "movie": movie})
    assert (answer.status_code, answer.json()["error"]) == (400, "wrong_parameter")
    assert talk.simkl.calls[-1].body == {"progress": 1, "movie": movie}


def test_a_body_that_is_not_json_is_refused(talk: Talk) -> None:
    """Half a body is not taken for an empty one."""
    answer = talk.ask(
        "POST", "/scrobble/start", data='{"progress": 1', headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "wrong_parameter")


def test_a_path_in_the_url_is_refused(talk: Talk) -> None:
    """A path of this computer may stand in no parameter either."""
    assert talk.get("/search/movie", q="/home/me/Arrival.mkv").json()["error"] == "wrong_parameter"


def test_json_has_to_be_called_json(talk: Talk) -> None:
    """A body without its Content-Type, or a form, is refused."""
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        answer = talk.ask("POST", "/sync/history", data="{}", headers={"Content-Type": kind})
        assert (answer.status_code, answer.json()["error"]) == (400, "wrong_parameter")


def test_points_fade_with_the_plan(talk: Talk) -> None:
    """A free account keeps its points for 7 days, a PRO account for 30."""
    talk.scrobble("pause", 40)
    talk.clock.step(days=8)
    talk.token = talk.simkl.sign_in().access_token
    assert talk.get("/sync/playback").json() == []
    talk.simkl.plan = "pro"
    assert len(talk.get("/sync/playback").json()) == 1


def test_points_are_listed_by_kind_newest_first(talk: Talk) -> None:
    """Films and episodes can be asked for apart; an unknown kind is a wrong URL."""
    talk.scrobble("pause", 40)
    talk.clock.step(minutes=1)
    talk.scrobble("pause", 50, FILM)
    assert [point["type"] for point in talk.get("/sync/playback").json()] == ["movie", "episode"]
    assert [point["type"] for point in talk.get("/sync/playback/episodes").json()] == ["episode"]
    assert [point["type"] for point in talk.get("/sync/playback/movies").json()] == ["movie"]
    assert len(talk.get("/sync/playback", limit="1").json()) == 1
    assert [talk.get("/sync/playback", limit=odd).status_code for odd in ("0", "10001")] == [400, 400]
    assert len(talk.get("/sync/playback", date_from="2026-11-20T19:01:00Z").json()) == 1
    assert len(talk.get("/sync/playback", date_to="2026-11-20T19:01:00Z").json()) == 1
    assert talk.get("/sync/playback/anime").json()["error"] == "url_failed"


def test_points_may_look_as_in_older_examples(talk: Talk) -> None:
    """There the episode's number is called `episode`, and anime is a show."""
    talk.simkl.rules.old_playbacks = True
    talk.scrobble("pause", 40, {"anime": {"title": "One Piece"}, "episode": {"number": 96}})
    (point,) = talk.get("/sync/playback").json()
    assert (point["show"]["title"], point["episode"]) == ("One Piece", {"season": 1, "episode": 96})
    assert "anime" not in point


def test_a_watched_point_is_hidden_until_it_is_paused_anew(talk: Talk) -> None:
    """A point older than the watch is hidden; one set while viewing again is shown."""
    talk.scrobble("pause", 40)
    talk.clock.step(minutes=1)
    talk.post("/sync/history", {"shows": [{**EPISODE["show"], "episodes": [{"number": 3}]}]})
    assert talk.get("/sync/playback").json() == []
    assert len(talk.get("/sync/playback", hide_watched="false").json()) == 1
    talk.clock.step(minutes=1)
    talk.scrobble("pause", 10)
    assert len(talk.get("/sync/playback").json()) == 1


def test_a_point_is_deleted_by_its_id(talk: Talk) -> None:
    """DELETE takes one point away; what is no id, or no longer one, is 404."""
    number = talk.scrobble("pause", 40).json()["id"]
    assert talk.ask("DELETE", "/sync/playback/0").json()["error"] == "url_failed"
    assert talk.ask("DELETE", "/sync/playback/x").json()["error"] == "url_failed"
    assert talk.post(f"/sync/playback/{number}", {}).json()[0]["id"] == number  # any other method lists
    answer = talk.ask("DELETE", f"/sync/playback/{number}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert talk.ask("DELETE", f"/sync/playback/{number}").json()["error"] == "empty"


def test_activities_move_with_what_happens(talk: Talk) -> None:
    """A pause moves the time of saved points of its section, and nothing else."""
    before = talk.get("/sync/activities").json()
    assert (before["all"], before["tv_shows"]["playback"]) == (None, None)
    assert "watching" not in before["movies"]
    talk.scrobble("pause", 40)
    after = talk.get("/sync/activities").json()
    assert after["tv_shows"]["playback"] == after["all"] == "2026-11-20T19:00:00Z"
    assert after["movies"] == before["movies"]


def test_rewatching_needs_the_flag_and_a_plan(talk: Talk) -> None:
    """A free account is told `pro_required`; a VIP's second watch is kept from two days on."""
    stop = {"progress": 95, **EPISODE}
    assert talk.post("/scrobble/stop", stop, allow_rewatch="yes").json()["rewatch_status"] == "first_watch"
    talk.clock.step(days=1)
    assert talk.post("/scrobble/stop", stop, allow_rewatch="yes").json()["rewatch_status"] == "pro_required"
    talk.simkl.plan = "vip"
    talk.clock.step(hours=1)
    assert talk.post("/scrobble/stop", stop, allow_rewatch="yes").json()["rewatch_status"] == "too_soon"
    talk.clock.step(days=1)
    assert talk.post("/scrobble/stop", stop, allow_rewatch="yes").json()["rewatch_status"] == "active"
    assert len(talk.simkl.library().rewatched) == 1
    assert talk.post("/scrobble/start", stop, allow_rewatch="yes").status_code == 400
