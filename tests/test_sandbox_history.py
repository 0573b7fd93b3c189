"""The sandbox's `/sync/history` and its removal, over real HTTP (simkl-api 7, 8)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox_talk import Talk, talking

KEEPERS = {"title": "The Lighthouse Keepers", "year": 2021}


@pytest.fixture
def talk() -> Iterator[Talk]:
    with talking() as talk:
        yield talk


def add(talk: Talk, **arrays: Any) -> Any:
    """Marks, and gives the answer's body."""
    answer = talk.post("/sync/history", arrays)
    assert answer.status_code == 201
    return answer.json()


def remove(talk: Talk, **arrays: Any) -> Any:
    """Unmarks, and gives the answer's body."""
    answer = talk.post("/sync/history/remove", arrays)
    assert answer.status_code == 201
    return answer.json()


def counts(answer: Any, key: str = "added") -> tuple[int, int, int]:
    """Films, shows, episodes."""
    return answer[key]["movies"], answer[key]["shows"], answer[key]["episodes"]


def test_episodes_are_marked_with_their_times(talk: Talk) -> None:
    """Each episode of a batch has the time at which it was watched."""
    episodes = [
        {"number": 3, "watched_at": "2026-11-19T19:10:00Z"},
        {"number": 4, "watched_at": "2026-11-19T20:02:00Z"},
    ]
    answer = add(talk, shows=[{**KEEPERS, "seasons": [{"number": 1, "episodes": episodes}]}])
    assert counts(answer) == (0, 1, 2)
    assert [f"{watch.watched_at:%d %H:%M}" for watch in talk.simkl.history] == ["19 19:10", "19 20:02"]
    (status,) = answer["added"]["statuses"]
    assert status["request"] == {"title": "The Lighthouse Keepers", "type": "show"}
    assert status["response"] == {"status": "watching", "simkl_type": "tv", "anime_type": None}


def test_without_a_time_the_request_is_the_time(talk: Talk) -> None:
    """Simkl takes the moment of the call, which is why a journal always sends a time."""
    add(talk, movies=[{"title": "Arrival"}])
    assert talk.simkl.history[0].watched_at == talk.clock.now


def test_marking_again_changes_nothing(talk: Talk) -> None:
    """A batch that is sent twice counts once, and the first time stays."""
    film = {"title": "Arrival", "year": 2016, "watched_at": "2026-11-18T10:00:00Z"}
    assert counts(add(talk, movies=[film])) == (1, 0, 0)
    again = add(talk, movies=[{**film, "watched_at": "2026-11-19T10:00:00Z"}])
    assert counts(again) == (0, 0, 0)
    assert again["not_found"] == {"movies": [], "shows": [], "episodes": []}
    assert [watch.watched_at.day for watch in talk.simkl.history] == [18]


def test_an_empty_body_counts_nothing(talk: Talk) -> None:
    """`{}` is 201 with zeros."""
    assert counts(add(talk)) == (0, 0, 0)


def test_a_show_without_episodes_is_marked_whole(talk: Talk) -> None:
    """The great danger: a lost episode list marks the whole finished show as completed."""
    answer = add(talk, shows=[KEEPERS])
    assert counts(answer) == (0, 1, 6)
    assert answer["added"]["statuses"][0]["response"]["status"] == "completed"


@pytest.mark.parametrize("lost", [{"episodes": []}, {"seasons": []}, {"seasons": None}])
def test_a_show_whose_episodes_got_lost_is_marked_whole(talk: Talk, lost: dict[str, object]) -> None:
    """A client that loses the list of episodes, and sends an empty one, has marked all of the show."""
    assert counts(add(talk, shows=[{**KEEPERS, **lost}]))[2] > 2


def test_a_season_whose_episodes_got_lost_is_marked_whole(talk: Talk) -> None:
    """The same holds for a season."""
    assert counts(add(talk, shows=[{**KEEPERS, "seasons": [{"number": 1, "episodes": []}]}]))[2] > 2


def test_removing_a_show_whose_episodes_got_lost_takes_it_out(talk: Talk) -> None:
    """And a removal takes it out of the library altogether (8)."""
    add(talk, shows=[{**KEEPERS, "rating": 8, "episodes": [{"number": 1}]}])
    talk.post("/sync/history/remove", {"shows": [{**KEEPERS, "seasons": []}]})
    assert talk.simkl.library().ratings == {}


@pytest.mark.parametrize("path", ["/sync/history", "/sync/history/remove"])
def test_more_than_fifty_things_are_more_than_one_call(talk: Talk, path: str) -> None:
    """Episodes are counted, not shows: 50 in one call are what Simkl's documents show (7.5)."""
    rows = [{"number": number} for number in range(1, 50)]
    fitting = {"movies": [{"title": "Arrival"}], "shows": [{**KEEPERS, "episodes": rows}]}
    assert talk.post(path, fitting).status_code == 201
    talk.clock.step(seconds=2)
    more = {**fitting, "anime": [], "shows": [{**KEEPERS, "episodes": [*rows, {"number": 50}]}]}
    assert talk.post(path, more).status_code == 413


def test_tvdbs_seasons_do_not_go_with_an_anime_sites_id(talk: Talk) -> None:
    """Its cour has none; beside an id of the whole show they are meant."""
    flagged = {"use_tvdb_anime_seasons": True, "seasons": [{"number": 2, "episodes": [{"number": 4}]}]}
    assert talk.post("/sync/history", {"shows": [{"ids": {"mal": 25777}, **flagged}]}).status_code == 400
    talk.clock.step(seconds=2)
    assert counts(add(talk, shows=[{"ids": {"mal": 25777, "tvdb": 267440}, **flagged}])) == (0, 1, 1)


def test_a_loose_episode_in_the_future_is_refused(talk: Talk) -> None:
    """Its time is held to the same rules as any other."""
    loose = {"ids": {"tvdb": "99100012"}, "watched_at": "2026-11-20T19:05:00Z"}
    assert talk.post("/sync/history", {"episodes": [loose]}).status_code == 400


def test_an_airing_show_without_episodes_is_marked_up_to_today(talk: Talk) -> None:
    """Of a show that still runs only what was aired is marked, and it is being watched."""
    answer = add(talk, shows=[{"title": "Severance"}])
    assert counts(answer) == (0, 1, 19)
    assert answer["added"]["statuses"][0]["response"]["status"] == "watching"


def test_an_unreleased_show_is_only_put_on_the_list(talk: Talk) -> None:
    """Nothing can be watched of what does not exist yet."""
    answer = add(talk, shows=[{"title": "The Quiet Orbit"}])
    assert counts(answer) == (0, 1, 0)
    assert answer["added"]["statuses"][0]["response"]["status"] == "watching"


def test_a_season_without_episodes_is_marked_whole(talk: Talk) -> None:
    """A season alone means all of it, the specials not."""
    answer = add(talk, shows=[{"title": "The Office", "year": 2001, "seasons": [{"number": 2}]}])
    assert counts(answer) == (0, 1, 6)
    assert {watch.season for watch in talk.simkl.history} == {2}


def test_a_season_that_is_not_out_yet_marks_nothing(talk: Talk) -> None:
    """It is known, so it is not lost, but nobody can have watched it."""
    answer = add(talk, shows=[{"title": "Severance", "seasons": [{"number": 3}, {"number": 4}]}])
    assert counts(answer) == (0, 0, 0)
    assert answer["not_found"]["shows"] == [{"title": "Severance", "seasons": [{"number": 4}]}]


def test_an_airing_show_is_not_completed_by_its_last_episode(talk: Talk) -> None:
    """All that was shown is watched, but there is more to come."""
    entry = {"title": "One Piece", "year": 2023, "seasons": [{"number": 1}, {"number": 2}]}
    assert counts(add(talk, shows=[entry])) == (0, 1, 16)
    assert talk.simkl.library().statuses == {9200018: "watching"}


def test_a_whole_show_leaves_specials_out(talk: Talk) -> None:
    """Season 0 is marked only when it is named."""
    add(talk, shows=[{"title": "The Office", "year": 2001}])
    assert {watch.season for watch in talk.simkl.history} == {1, 2}
    special = {"title": "The Office", "year": 2001, "seasons": [{"number": 0, "episodes": [{"number": 1}]}]}
    assert counts(add(talk, shows=[special])) == (0, 1, 1)


def test_a_status_moves_the_list_and_marks_nothing(talk: Talk) -> None:
    """`plantowatch` and its like mark no episode; `completed` marks all."""
    assert counts(add(talk, shows=[{**KEEPERS, "status": "hold"}])) == (0, 1, 0)
    assert talk.simkl.library().statuses[9100001] == "hold"
    assert counts(add(talk, shows=[{**KEEPERS, "status": "completed"}])) == (0, 1, 6)


def test_completed_on_an_airing_show_becomes_watching(talk: Talk) -> None:
    """A show that still runs cannot be completed."""
    add(talk, shows=[{"title": "Severance", "status": "completed"}])
    assert talk.simkl.library().statuses[9200004] == "watching"
    assert len(talk.simkl.history) == 19


def test_skip_auto_watching_works_only_with_a_status(talk: Talk) -> None:
    """The switch is heeded beside an explicit status, and else does nothing."""
    quiet = {"skip_auto_watching": "yes"}
    talk.post("/sync/history", {"shows": [{**KEEPERS, "status": "completed"}]}, **quiet)
    assert talk.simkl.history == []
    talk.post("/sync/history", {"shows": [KEEPERS]}, **quiet)
    assert len(talk.simkl.history) == 6


def test_what_is_unknown_comes_back_as_it_was_sent(talk: Talk) -> None:
    """201 says nothing: each entry that was not matched is repeated, anime among the shows."""
    film, show, anime = {"title": "Qwxz"}, {"title": "Zzyx", "seasons": [{"number": 1}]}, {"ids": {"mal": 9}}
    answer = add(talk, movies=[film, {"title": "Arrival"}], shows=[show], anime=[anime])
    assert answer["not_found"] == {"movies": [film], "shows": [show, anime], "episodes": []}
    assert counts(answer) == (1, 0, 0)


def test_an_unknown_episode_is_named_and_the_others_are_marked(talk: Talk) -> None:
    """An episode that the show does not have comes back alone."""
    rows = [{"number": 6, "watched_at": "2026-11-19T19:10:00Z"}, {"number": 7}]
    answer = add(talk, shows=[{**KEEPERS, "seasons": [{"number": 1, "episodes": rows}]}])
    assert counts(answer) == (0, 1, 1)
    lost = {**KEEPERS, "seasons": [{"number": 1, "episodes": [{"number": 7}]}]}
    special = {
        **KEEPERS,
        "seasons": [{"number": 0, "episodes": [{"number": 1, "watched_at": "2026-11-19T19:10:00Z"}]}],
    }
    short = {**KEEPERS, "episodes": [{"number": 8}]}
    assert add(talk, shows=[special, short])["not_found"]["shows"] == [special, short]
    assert answer["not_found"]["shows"] == [lost]
    talk.simkl.rules.names_lost_episodes = False
    assert add(talk, shows=[lost])["not_found"]["shows"] == []


def test_a_film_is_no_show_and_a_show_no_film(talk: Talk) -> None:
    """An id of the other catalogue does not mark anything."""
    answer = add(talk, movies=[{"ids": {"imdb": "tt0903747"}}], shows=[{"ids": {"imdb": "tt2543164"}}])
    assert talk.simkl.history == []
    assert (len(answer["not_found"]["movies"]), len(answer["not_found"]["shows"])) == (1, 1)


def test_seasons_of_anime_are_tvdbs_only_with_the_flag(talk: Talk) -> None:
    """Without `use_tvdb_anime_seasons` a season of an anime is its own, and there is only one."""
    titan = {"ids": {"tvdb": "267440"}, "seasons": [{"number": 3, "episodes": [{"number": 13}]}]}
    assert len(add(talk, shows=[titan])["not_found"]["shows"]) == 1
    assert counts(add(talk, shows=[{**titan, "use_tvdb_anime_seasons": True}])) == (0, 1, 1)
    assert [(watch.simkl, watch.number) for watch in talk.simkl.history] == [(931899, 1)]


def test_a_whole_tvdb_season_of_anime_spans_its_cours(talk: Talk) -> None:
    """Season 3 of Attack on Titan is two titles on Simkl."""
    titan = {"ids": {"tvdb": "267440"}, "seasons": [{"number": 3}]}
    assert add(talk, shows=[titan])["not_found"]["shows"] == [titan]
    answer = add(talk, shows=[{**titan, "use_tvdb_anime_seasons": True}])
    assert counts(answer) == (0, 1, 22)
    assert answer["added"]["statuses"][0]["response"]["status"] == "completed"
    assert {watch.simkl for watch in talk.simkl.history} == {9400002, 931899}


def test_the_flag_is_a_no_op_on_ordinary_shows(talk: Talk) -> None:
    """It may stand on every entry."""
    entry = {**KEEPERS, "use_tvdb_anime_seasons": True, "episodes": [{"number": 2}]}
    assert counts(add(talk, shows=[entry])) == (0, 1, 1)


def test_a_native_id_names_one_cour(talk: Talk) -> None:
    """With MyAnimeList's id a plain number counts within that cour only."""
    mob = {"ids": {"mal": 37510}, "episodes": [{"number": 4}, {"number": 14}]}
    answer = add(talk, anime=[mob])
    assert [(watch.title, watch.number) for watch in talk.simkl.history] == [("Mob Psycho 100 II", 4)]
    assert len(answer["not_found"]["shows"]) == 1


def test_an_anime_film_has_no_episodes(talk: Talk) -> None:
    """It may be sent as a film or as an anime."""
    assert counts(add(talk, movies=[{"title": "Your Name", "year": 2016}])) == (1, 0, 0)
    assert counts(add(talk, anime=[{"ids": {"mal": 199}}])) == (1, 0, 0)


def test_loose_episodes_go_by_their_ids(talk: Talk) -> None:
    """A top-level episode is found by its TVDB id, or repeated."""
    answer = add(talk, episodes=[{"ids": {"tvdb": "99100012"}}, {"ids": {"tvdb": "1"}}])
    assert talk.watched() == [("The Lighthouse Keepers", 1, 2)]
    assert answer["not_found"]["episodes"] == [{"ids": {"tvdb": "1"}}]


def test_a_rating_is_kept(talk: Talk) -> None:
    """A rating from 1 to 10 rides along with a mark."""
    add(talk, movies=[{"title": "Arrival", "rating": 9}])
    assert talk.simkl.library().ratings == {9300001: 9}
    assert talk.get("/sync/activities").json()["movies"]["rated_at"] == "2026-11-20T19:00:00Z"


@pytest.mark.parametrize(
    "entry",
    [
        {"title": "Arrival", "rating": 11},
        {"title": "Arrival", "rating": 0},
        {"title": "Arrival", "rating": 7.5},
        {"title": "Arrival", "status": "seen"},
        {"title": "Arrival", "status": "hold"},
        {"title": "Arrival", "status": "watching"},
        {"title": "Arrival", "slug": "arrival"},
        {"title": "Arrival", "memo": {"text": "x" * 141}},
        {"title": "Arrival", "watched_at": "2026-11-20T21:04:00"},
        {"title": "Arrival", "watched_at": "2026-11-20 18:04:00Z"},
        {"title": "Arrival", "watched_at": "2026-11-20T18:04:00.000Z"},
        {"title": "Arrival", "watched_at": "2026-13-20T18:04:00Z"},
        {"title": "Arrival", "watched_at": "2026-11-20T19:05:00Z"},
        {"title": "Arrival", "watched_at": "1970-01-01T00:05:00Z"},
        {"title": "Arrival", "watched_at": "1999-12-31T23:59:59Z"},
        {"title": "Arrival", "watched_at": 1700000000},
        {"title": "file:///home/me/Arrival.mkv"},
        "Arrival",
    ],
)
def test_a_faulty_entry_is_refused_whole(talk: Talk, entry: object) -> None:
    """A bad field refuses the call, and the good entries beside it are not marked."""
    answer = talk.post("/sync/history", {"movies": [{"title": "Dune"}, entry]})
    assert (answer.status_code, answer.json()["error"]) == (400, "wrong_parameter")
    assert talk.simkl.history == []


def test_long_ago_has_a_time_of_its_own(talk: Talk) -> None:
    """Whoever does not remember says so with one certain second of 1970."""
    assert add(talk, movies=[{"title": "Arrival", "watched_at": "1970-01-01T00:00:01Z"}])
    assert talk.simkl.history[0].watched_at.year == 1970


@pytest.mark.parametrize("seasons", [[{}], [{"number": 1, "episodes": [{}]}]])
def test_a_season_and_an_episode_need_a_number(talk: Talk, seasons: list[object]) -> None:
    """A season or an episode without a number is an empty field, not a whole show."""
    answer = talk.post("/sync/history", {"shows": [{**KEEPERS, "seasons": seasons}]})
    assert (answer.status_code, answer.json()["error"]) == (400, "empty_field")


def test_a_bad_loose_episode_refuses_the_whole_call(talk: Talk) -> None:
    """Nothing is marked before everything was read."""
    sent = {"movies": [{"title": "Dune"}], "episodes": [{"ids": {"tvdb": "99100012"}, "watched_at": "today"}]}
    assert talk.post("/sync/history", sent).status_code == 400
    assert talk.simkl.history == []


def test_a_bad_time_deep_inside_is_refused(talk: Talk) -> None:
    """The time of one episode is held to the same rules as that of a film."""
    rows = [{"number": 1, "watched_at": "2027-01-01T00:00:00Z"}]
    answer = talk.post(
        "/sync/history", {"shows": [{**KEEPERS, "seasons": [{"number": 1, "episodes": rows}]}]}
    )
    assert answer.json()["error"] == "wrong_parameter"


def test_a_rewatch_is_silently_nothing_on_a_free_account(talk: Talk) -> None:
    """Zero counts and no word about it, until the plan allows it."""
    film = {"title": "Arrival", "watched_at": "2026-11-10T10:00:00Z"}
    add(talk, movies=[film])
    again = {"movies": [{**film, "watched_at": "2026-11-15T10:00:00Z", "is_rewatch": True}]}
    assert counts(talk.post("/sync/history", again, allow_rewatch="yes").json()) == (0, 0, 0)
    talk.simkl.plan = "vip"
    assert counts(talk.post("/sync/history", again).json()) == (0, 0, 0)
    assert counts(talk.post("/sync/history", again, allow_rewatch="yes").json()) == (1, 0, 0)
    assert len(talk.simkl.library().rewatched) == 1


def test_explicit_episodes_are_unmarked_alone(talk: Talk) -> None:
    """Undoing one episode leaves the rest; a number that does not exist is silently ignored."""
    add(talk, shows=[KEEPERS])
    rows = [{"number": 2}, {"number": 77}]
    answer = remove(talk, shows=[{**KEEPERS, "seasons": [{"number": 1, "episodes": rows}]}])
    assert counts(answer, "deleted") == (0, 0, 1)
    assert answer["not_found"] == {"movies": [], "shows": []}
    assert len(talk.simkl.history) == 5
    assert talk.simkl.library().statuses[9100001] == "watching"


def test_a_season_is_unmarked_and_the_show_stays(talk: Talk) -> None:
    """Undoing a season keeps the title and its rating."""
    add(talk, shows=[{**KEEPERS, "rating": 8}])
    assert counts(remove(talk, shows=[{**KEEPERS, "seasons": [{"number": 1}]}]), "deleted") == (0, 0, 6)
    assert talk.simkl.library().ratings == {9100001: 8}


def test_removing_a_bare_show_takes_it_out_of_the_library(talk: Talk) -> None:
    """The other great danger: history, list, rating and saved point are gone."""
    add(talk, shows=[{**KEEPERS, "rating": 8}])
    talk.scrobble("pause", 10)
    assert counts(remove(talk, shows=[KEEPERS]), "deleted") == (0, 1, 0)
    library = talk.simkl.library()
    assert (library.watched, library.ratings, library.statuses, library.saved) == ({}, {}, {}, {})


def test_a_title_that_is_only_on_a_list_is_removed_once(talk: Talk) -> None:
    """What was planned counts as removed; what is not in the library does not."""
    add(talk, shows=[{**KEEPERS, "status": "plantowatch"}])
    assert counts(remove(talk, shows=[KEEPERS]), "deleted") == (0, 1, 0)
    assert counts(remove(talk, shows=[KEEPERS]), "deleted") == (0, 0, 0)


def test_a_film_is_removed_and_an_unknown_one_named(talk: Talk) -> None:
    """Films and what was not found are told apart."""
    add(talk, movies=[{"title": "Arrival"}])
    answer = remove(talk, movies=[{"title": "Arrival"}, {"title": "Qwxz"}])
    assert counts(answer, "deleted") == (1, 0, 0)
    assert answer["not_found"]["movies"] == [{"title": "Qwxz"}]
    assert talk.simkl.history == []


def test_an_anime_array_is_ignored_on_removal(talk: Talk) -> None:
    """Anime is undone under `shows`; under `anime` nothing happens, without a word."""
    mob = {"ids": {"mal": 37510}, "episodes": [{"number": 4}]}
    add(talk, anime=[mob])
    assert remove(talk, anime=[mob]) == {
        "deleted": {"movies": 0, "shows": 0, "episodes": 0},
        "not_found": {"movies": [], "shows": []},
    }
    assert counts(
        remove(talk, shows=[{**mob, "seasons": [{"number": 1, "episodes": [{"number": 4}]}]}]), "deleted"
    ) == (0, 0, 1)


def test_removal_reads_tvdb_seasons_of_anime_with_the_flag(talk: Talk) -> None:
    """What was marked by TVDB's numbers is undone by them."""
    titan = {
        "ids": {"tvdb": "267440"},
        "use_tvdb_anime_seasons": True,
        "seasons": [{"number": 2, "episodes": [{"number": 4}]}],
    }
    add(talk, shows=[titan])
    assert counts(remove(talk, shows=[titan]), "deleted") == (0, 0, 1)
