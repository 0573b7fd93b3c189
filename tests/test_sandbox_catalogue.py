"""What the sandbox knows and how it finds it: matching, anime, lists, search, links (simkl-api 10-12)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from mpv_simkl.sandbox import Catalogue, Title
from tests.sandbox_talk import Talk, talking


@pytest.fixture
def talk() -> Iterator[Talk]:
    with talking() as talk:
        yield talk


def matched(talk: Talk, kind: str, about: Any, **episode: int) -> tuple[int, int | None]:
    """Simkl's id and the number (as Simkl counts) of what a start matches; (0, None) for 404."""
    body = {"progress": 1, kind: about} | ({"episode": episode} if episode else {})
    answer = talk.post("/scrobble/start", body)
    if answer.status_code == 404:
        return 0, None
    assert answer.status_code == 201, answer.text
    told = answer.json()
    (name,) = {"movie", "show", "anime"} & set(told)
    return told[name]["ids"]["simkl"], told.get("episode", {}).get("number")


@pytest.mark.parametrize(
    ("kind", "about", "expected"),
    [
        ("show", {"title": "The Office", "year": 2001}, 9200001),
        ("show", {"title": "The Office", "year": 2005}, 9200002),
        ("show", {"title": "The Office (UK)"}, 9200001),
        ("show", {"title": "the.office"}, 9200002),  # by the title alone the better known one
        ("show", {"title": "The Office", "year": 1990}, 9200002),  # a silent wrong match
        ("show", {"title": "Castle", "year": 1998}, 9100003),
        ("show", {"title": "Castle", "year": 2009}, 9200003),
        ("show", {"title": "La Casa de Papel"}, 9200014),
        ("show", {"title": "Mr Robot"}, 9200021),
        ("show", {"title": "Lighthouse Keeper"}, 9100001),  # nearly fits
        ("show", {"title": "Fargo"}, 9200023),
        ("movie", {"title": "Fargo"}, 9300018),
        ("movie", {"title": "Dune", "year": 1984}, 9300002),
        ("movie", {"title": "Dune"}, 9300003),
        ("movie", {"title": "Amelie"}, 9300011),
        ("movie", {"title": "Spirited Away"}, 9400021),  # an anime film sent as a film
        ("anime", {"title": "A Silent Voice", "year": 2016}, 9400020),
        ("movie", {"ids": {"imdb": "https://www.imdb.com/title/tt2543164/"}}, 9300001),
        ("movie", {"ids": {"tmdb": "329865"}}, 9300001),
        ("movie", {"title": "Dune", "year": 2021, "ids": {"simkl": 9300001}}, 9300001),  # simkl wins
        ("movie", {"ids": {"imdb": "tt1160419", "simkl": 9300001}}, 9300001),
        ("movie", {"title": "Dune", "year": 2021, "ids": {"imdb": "tt2543164"}}, 9300001),
        ("movie", {"title": "Arrival", "ids": {"imdb": "tt0000001"}}, 9300001),  # all that was sent is tried
        ("anime", {"ids": {"tmdb": "329865"}}, 0),  # a film's number; anime is among the shows
        ("movie", {"title": "Qwxz"}, 0),
        ("movie", {"title": "Breaking Bad"}, 0),
        ("show", {"title": "Arrival"}, 0),
        ("show", {"title": "A Silent Voice"}, 0),
    ],
)
def test_a_title_is_found_in_simkls_order(talk: Talk, kind: str, about: Any, expected: int) -> None:
    """Simkl's id first, then other ids, title and year, the title alone; at last what nearly fits."""
    episode = {"season": 1, "number": 1} if kind == "show" else {}
    assert matched(talk, kind, about, **episode)[0] == expected


def test_the_same_tmdb_number_is_a_film_and_a_show() -> None:
    """TMDB counts films and shows apart, so the wrapper decides; anime is among the shows."""
    film, show = (
        Title(1, "movie", "A", 2000, ids={"tmdb": "5"}),
        Title(2, "anime", "B", 2000, ids={"tmdb": "5"}),
    )
    with talking(catalogue=Catalogue([show, film])) as talk:
        assert matched(talk, "movie", {"ids": {"tmdb": 5}})[0] == 1


TITAN = {"title": "Attack on Titan", "ids": {"tvdb": 267440, "tmdb": 1429}}


@pytest.mark.parametrize(
    ("kind", "about", "episode", "expected"),
    [
        ("show", TITAN, {"season": 2, "number": 4}, (439744, 4)),
        ("show", TITAN, {"season": 3, "number": 13}, (931899, 1)),
        ("anime", TITAN, {"season": 3, "number": 13}, (931899, 1)),
        ("show", {"title": "Attack on Titan", "year": 2013}, {"season": 4, "number": 17}, (9400004, 1)),
        ("show", {"ids": {"tvdb": 81797}}, {"season": 10, "number": 4}, (38636, 199)),
        ("show", {"title": "One Piece", "year": 1999}, {"season": 1, "number": 96}, (0, None)),
        ("show", {"title": "One Piece", "year": 2023}, {"season": 1, "number": 3}, (9200018, 3)),
        ("anime", {"title": "One Piece"}, {"number": 96}, (38636, 96)),
        (
            "anime",
            {"title": "One Piece", "year": 2023},
            {"number": 3},
            (38636, 3),
        ),  # the cartoon, wrong or not
        ("anime", {"title": "The Office"}, {"number": 3}, (0, None)),
        ("anime", {"ids": {"tvdb": 267440}}, {"number": 3}, (9400001, 3)),
        ("anime", {"title": "Attack on Titan"}, {"number": 30}, (439744, 5)),  # counted through the cours
        ("anime", {"ids": {"mal": 16498}}, {"number": 30}, (0, None)),  # a native id is one cour
        ("anime", {"ids": {"mal": 37510}}, {"number": 4}, (9400006, 4)),
        ("show", {"ids": {"mal": 37510}}, {"number": 4}, (9400006, 4)),  # the wrapper does not route
        ("show", {"title": "Spy x Family", "year": 2022}, {"season": 1, "number": 14}, (9400009, 2)),
        ("show", {"title": "Breaking Bad"}, {"season": 6, "number": 1}, (0, None)),  # it is S05E09
        ("show", {"title": "The Office", "year": 2001}, {"season": 0, "number": 1}, (9200001, 1)),
    ],
)
def test_an_episode_is_found_by_either_way_of_counting(
    talk: Talk, kind: str, about: Any, episode: dict[str, int], expected: Any
) -> None:
    """TVDB's seasons lead to the cour and its own number; native ids count within one cour."""
    assert matched(talk, kind, about, **episode) == expected


def test_an_anime_sites_id_goes_with_a_plain_number(talk: Talk) -> None:
    """Its cour has no seasons; beside an id of the whole show a season is one of TVDB's."""
    season = {"episode": {"season": 2, "number": 4}}
    alone = talk.scrobble("start", 1, {"show": {"title": "Mob Psycho 100", "ids": {"mal": 37510}}, **season})
    assert (alone.status_code, alone.json()["error"]) == (400, "wrong_parameter")
    assert matched(talk, "show", {"ids": {"mal": 25777, "tvdb": 267440}}, season=2, number=4) == (439744, 4)


def test_an_anime_answer_has_both_numberings(talk: Talk) -> None:
    """The container is `anime`, whatever was sent, and TVDB's numbers stand beside the cour's."""
    body = {"progress": 1, "show": TITAN, "episode": {"season": 3, "number": 13}}
    told = talk.post("/scrobble/start", body).json()
    assert told["anime"]["anime_type"] == "tv"
    episode = told["episode"]
    assert [episode[key] for key in ("season", "number", "tvdb_season", "tvdb_number")] == [1, 1, 3, 13]
    assert all(isinstance(value, str) for key, value in told["anime"]["ids"].items() if key != "simkl")


def test_an_anime_series_needs_an_episode(talk: Talk) -> None:
    """Only an anime film goes without."""
    answer = talk.post("/scrobble/start", {"progress": 1, "anime": {"ids": {"mal": 21}}})
    assert (answer.status_code, answer.json()["error"]) == (400, "empty_field")


def test_everything_is_known_where_that_is_wished() -> None:
    """For `mpv-simkl try VIDEO` a title nobody has heard of comes to be, and keeps its id."""
    with talking(knows_everything=True) as talk:
        mine = {"title": "Our Holiday in Wales", "year": 2019}
        number, episode = matched(talk, "show", mine, season=7, number=120)
        assert (number, episode) == (8000001, 120)
        assert matched(talk, "show", mine, season=7, number=121)[0] == number
        assert matched(talk, "show", {"title": "Severance"}, season=9, number=40) == (9200004, 40)
        assert matched(talk, "anime", {"title": "Steins;Gate"}, number=99) == (9400017, 99)
        assert matched(talk, "movie", {"title": "Dune", "year": 2031})[0] == 8000002
        assert matched(talk, "movie", {"title": "Dune", "year": 2021})[0] == 9300003
        assert talk.scrobble("stop", 95, {"show": mine, "episode": {"season": 7, "number": 121}}).ok
        assert talk.watched() == [("Our Holiday in Wales", 7, 121)]
        found = talk.post("/search/file", {"file": "Home Film (2022).mkv"}).json()
        assert found["movie"]["title"] == "Home Film"


def test_the_runtime_is_that_of_the_title() -> None:
    """Without one Simkl reckons with 90 minutes for a film, 45 for an episode, 25 for anime."""
    assert [Title(1, kind, "A", 2000).minutes for kind in ("movie", "tv", "anime")] == [90, 45, 25]
    arrival = Catalogue.bundled().by_simkl(9300001)
    assert arrival is not None
    assert arrival.minutes == 116


def test_details_are_found_by_id_and_catalogue(talk: Talk) -> None:
    """An unknown id, or one of another catalogue, is an empty list."""
    told = talk.look("/tv/9200002")
    assert (told["title"], told["year"], told["country"]) == ("The Office", 2005, "US")
    assert talk.look("/anime/38636")["ids"]["mal"] == "21"
    assert talk.look("/movies/9300001")["runtime"] == 116
    assert talk.look("/movies/1") == talk.look("/tv/9300001") == talk.look("/tv/episodes/x") == []


def test_episode_lists_have_dates_and_specials_without_numbers(talk: Talk) -> None:
    """A date leads to the episode; a special has neither season nor number."""
    rows = talk.look("/tv/episodes/9200001")
    specials = [row for row in rows if row["type"] == "special"]
    assert len(rows) == 14
    assert len(specials) == 2
    assert not any("season" in row or "episode" in row for row in specials)
    (row,) = [row for row in rows if (row["date"] or "").startswith("2001-07-16")]
    assert (row["season"], row["episode"], row["aired"]) == (1, 2, True)
    assert {row["aired"] for row in talk.look("/tv/episodes/9200004")} == {True, False}


def test_anime_lists_have_tvdbs_numbers_beside_their_own(talk: Talk) -> None:
    """A cour's list tells where TVDB has each episode."""
    row = talk.look("/anime/episodes/931899")[0]
    assert (row["episode"], row["tvdb"]) == (1, {"season": 3, "episode": 13})
    assert "season" not in row


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("Severance.S01E03.1080p.WEB.h264-GRP.mkv", ("episode", 9200004, 1, 3, False)),
        ("Season 1/Severance - 1x03 - In Perpetuity.mkv", ("episode", 9200004, 1, 3, False)),
        ("24 (2001) S01E03 - 24 Hours.mkv", ("episode", 9200020, 1, 3, False)),
        ("The Office (2001) S02E01.mkv", ("episode", 9200001, 2, 1, False)),
        ("One.Piece.1999.S10E04.mkv", ("episode", 38636, 10, 4, False)),
        ("[Group] One Piece - 0199 [1080p].mkv", ("episode", 38636, 1, 199, False)),
        ("The Lighthouse Keepers S01E01E02.mkv", ("episode", 9100001, 1, 1, 1)),
        ("The Lighthouse Keepers S01E09.mkv", ("show", 9100001)),
        ("Dune.1984.1080p.BluRay.mkv", ("movie", 9300002)),
        ("Blade.Runner.2049.2017.2160p.mkv", ("movie", 9300007)),
    ],
)
def test_a_file_is_recognised_by_its_name(talk: Talk, file: str, expected: tuple[Any, ...]) -> None:
    """A film, an episode, or a show of which the episode is not known."""
    found = talk.post("/search/file", {"file": file}).json()
    about = found.get("movie") or found["show"]
    told: tuple[Any, ...] = (found["type"], about["ids"]["simkl"])
    if "episode" in found:
        told += tuple(found["episode"][key] for key in ("season", "episode", "multipart"))
    assert told == expected


def test_parts_of_a_file_are_asked_one_by_one(talk: Talk) -> None:
    """`multipart` is 1 while another part follows and 0 at the last."""
    file = "The Lighthouse Keepers S01E01-E03.mkv"
    parts = [talk.post("/search/file", {"file": file, "part": part}).json() for part in (1, 2, 3)]
    assert [(p["episode"]["episode"], p["episode"]["multipart"]) for p in parts] == [(1, 1), (2, 1), (3, 0)]


def test_file_ids_have_their_own_names(talk: Talk) -> None:
    """A show's TMDB id is called `tmdbtv` here, which a client must not pass on."""
    ids = talk.post("/search/file", {"file": "Severance S01E01.mkv"}).json()["show"]["ids"]
    assert ids["tmdbtv"] == "95396"
    assert "tmdb" not in ids


def test_no_match_is_a_list_and_no_body_is_null(talk: Talk) -> None:
    """`[]` and `null` come where an object is expected."""
    assert talk.post("/search/file", {"file": "VID_20190804.mp4"}).json() == []
    assert talk.post("/search/file", {}).json() is None
    assert talk.ask("POST", "/search/file").json() is None


@pytest.mark.parametrize(
    "file", ["/home/me/a.mkv", "C:\\Films\\a.mkv", "Films/Castle/Castle S01E01.mkv", "a\\b\\c.mkv"]
)
def test_a_path_is_refused(talk: Talk, file: str) -> None:
    """A file and its folder are all that Simkl may hear of."""
    answer = talk.post("/search/file", {"file": file})
    assert (answer.status_code, answer.json()["error"]) == (400, "wrong_parameter")


def test_words_find_titles_the_best_known_first(talk: Talk) -> None:
    """A search by hand: words in any case, with a year, a page at a time."""
    found = talk.get("/search/tv", q="the office").json()
    assert [row["year"] for row in found] == [2005, 2001]
    assert [row["year"] for row in talk.get("/search/tv", q="office 2001").json()] == [2001]
    (film,) = talk.get("/search/movie", q="arrival 2016").json()
    assert (film["endpoint_type"], film["ids"]["simkl_id"]) == ("movies", 9300001)
    (anime,) = talk.get("/search/anime", q="frieren").json()
    assert (anime["title_romaji"], anime["type"]) == ("Sousou no Frieren", "tv")
    assert len(talk.get("/search/anime", q="shingeki", limit="2").json()) == 2
    assert talk.get("/search/anime", q="shingeki", limit="2", page="4").json() == []


def test_a_search_without_words_or_of_a_bad_type_finds_nothing(talk: Talk) -> None:
    """`[]` without words, `null` for another type."""
    assert talk.get("/search/tv").json() == []
    assert talk.get("/search/people", q="x").json() is None


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ({"imdb": "tt2543164"}, "//simkl.com/movies/9300001/arrival"),
        ({"tmdb": "2316", "type": "tv"}, "//simkl.com/tv/9200002/the-office"),
        (
            {"tvdb": "73244", "season": "2", "episode": "1"},
            "//simkl.com/tv/9200002/the-office/season-2/episode-1",
        ),
        ({"mal": "21", "episode": "5"}, "//simkl.com/anime/38636/one-piece/episode-5"),
        ({"title": "Dune", "year": "1984", "type": "movie"}, "//simkl.com/movies/9300002/dune"),
        ({"imdb": "tt0000001"}, "//simkl.com"),
    ],
)
def test_a_link_leads_to_the_page_of_a_title(talk: Talk, query: dict[str, str], where: str) -> None:
    """301 with the place alone; what is not known leads to the front page."""
    answer = talk.ask("GET", "/redirect", {"to": "simkl", **query}, {"Authorization": None})
    assert (answer.status_code, answer.headers["Location"], answer.content) == (301, where, b"")


def test_a_link_leads_to_a_title_in_any_letters() -> None:
    """Whoever tries mpv-simkl with a file that has a Japanese name gets an answer."""
    with talking(knows_everything=True) as talk:
        answer = talk.ask("GET", "/redirect", {"to": "simkl", "title": "巨人", "type": "tv"})
    assert answer.headers["Location"] == "//simkl.com/tv/8000001/%E5%B7%A8%E4%BA%BA"


def test_a_link_says_where_it_is_to_lead(talk: Talk) -> None:
    """Without `to=simkl` it may lead to anywhere, and with a bare number of TMDB to a film or to a show."""
    assert talk.get("/redirect", imdb="tt2543164").status_code == 400
    assert talk.get("/redirect", to="simkl", tmdb="2316").status_code == 400
    assert talk.get("/redirect", to="simkl", tmdb="37854", type="anime").status_code == 400


def test_the_catalogue_is_sound() -> None:
    """No two titles share an id that names one thing, and every cour knows its place on TVDB."""
    titles = Catalogue.bundled().titles
    native = [(key, t.ids[key]) for t in titles for key in ("mal", "anidb", "anilist") if key in t.ids]
    assert len({t.simkl for t in titles}) == len(titles)
    assert len(set(native)) == len(native)
    places = [
        (t.ids.get("tvdb") or t.ids["tmdb"], e.tvdb_season, e.tvdb_number)
        for t in titles
        if t.type == "anime"
        for e in t.episodes
    ]
    assert len(set(places)) == len(places)
