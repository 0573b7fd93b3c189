"""The JSON that Simkl takes: its shapes, and what must never be in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpv_simkl import bodies
from mpv_simkl.bodies import KNOWN_IDS, Json, Watch
from mpv_simkl.errors import NotMatched
from mpv_simkl.judging import Rules, judge
from mpv_simkl.media import Clues, Media
from mpv_simkl.model import Opened

from .makers import ANIME, DOUBLE, EPISODE, FILM, NOW

STAMP = "2026-11-20T21:04:00Z"


def history(*media: Media) -> Json:
    """The body for these, all watched NOW."""
    return bodies.history(Watch(row, each, NOW) for row, each in enumerate(media))


# The shapes (simkl-api 5.1, 7.1)


@pytest.mark.parametrize(
    "site", ["mal", "anidb", "anilist", "kitsu", "anisearch", "livechart", "animeplanet"]
)
def test_a_cours_one_season_is_a_plain_number(site: str) -> None:
    """An anime site's id names one cour, and goes with a number and no season (simkl-api 5.1, 11, 12)."""
    cour = Media("episode", "Titan", season=1, episodes=(3,), absolute_episodes=(28,), ids={site: "10944"})
    assert history(cour._replace(season=None, absolute_episodes=())) == history(cour)
    title = {"title": "Titan", "ids": {site: "10944"}}
    assert bodies.scrobble(cour, 0) == {"progress": 0, "anime": title, "episode": {"number": 3}}
    assert history(cour) == {"anime": [{**title, "episodes": [{"number": 3, "watched_at": STAMP}]}]}


@pytest.mark.parametrize(
    ("season", "others"), [(2, {}), (0, {}), (1, {"tvdb": "1"}), (2, {"simkl": "5"}), (None, {"tvdb": "1"})]
)
def test_a_season_of_tvdbs_goes_without_a_cours_id(season: int | None, others: dict[str, str]) -> None:
    """Where TVDB counts, an id of one cour would say something else, and the flag does not go with it
    (simkl-api 7.3).
    """
    media = Media("episode", "Titan", season=season, episodes=(4,), ids={"mal": "25777", **others})
    assert bodies.scrobble(media, 0)["show"].get("ids", {}) == others
    (show,) = history(media)["shows"]
    assert show.get("ids", {}) == others
    assert show["use_tvdb_anime_seasons"] is True


def test_a_film_is_one_object() -> None:
    """A film goes with title, year and ids."""
    film = FILM._replace(ids={"imdb": "tt2543164", "tmdb": "329865"})
    title = {"title": "Arrival", "year": 2016, "ids": {"imdb": "tt2543164", "tmdb": "329865"}}
    assert bodies.scrobble(film, 12.5) == {"progress": 12.5, "movie": title}
    assert history(film) == {"movies": [{**title, "watched_at": STAMP}]}


def test_an_episode_names_its_season_and_its_number() -> None:
    """An episode goes with its show, its season and its number."""
    title = {"title": "Severance", "year": 2022}
    episode = {"season": 1, "number": 3}
    assert bodies.scrobble(EPISODE, 0) == {"progress": 0, "show": title, "episode": episode}
    seasons = [{"number": 1, "episodes": [{"number": 3, "watched_at": STAMP}]}]
    assert history(EPISODE) == {"shows": [{**title, "use_tvdb_anime_seasons": True, "seasons": seasons}]}


def test_an_absolute_number_goes_without_a_season() -> None:
    """Episode 96 of an anime is number 96, not season 1, episode 96."""
    assert bodies.scrobble(ANIME, 5) == {
        "progress": 5,
        "anime": {"title": "One Piece"},
        "episode": {"number": 96},
    }
    episodes = [{"number": 96, "watched_at": STAMP}]
    assert history(ANIME) == {"anime": [{"title": "One Piece", "episodes": episodes}]}


def test_seasons_win_over_absolute_numbers() -> None:
    """An anime file named S10E04 is told as such, even where its absolute number is known."""
    both = ANIME._replace(season=10, episodes=(4,))
    assert bodies.numbering(both) == ("show", 10, (4,))
    assert bodies.numbering(both._replace(season=None)) == ("anime", None, (96,))
    assert bodies.numbering(ANIME._replace(anime=False)) == ("anime", None, (96,))


def test_a_season_that_is_a_year_is_not_the_year_of_the_show() -> None:
    """Of "S2016E05" Simkl does not hear that the show began in 2016."""
    (show,) = history(EPISODE._replace(year=2016, season=2016))["shows"]
    assert "year" not in show
    assert show["seasons"][0]["number"] == 2016


def test_a_special_keeps_season_0() -> None:
    """Season 0 is a season."""
    special = EPISODE._replace(season=0, episodes=(1,))
    assert bodies.scrobble(special, 0)["episode"] == {"season": 0, "number": 1}


def test_a_show_without_seasons_has_one() -> None:
    """Episode 3 of a show that is no anime is the first season's third."""
    assert bodies.numbering(EPISODE._replace(season=None)) == ("show", 1, (3,))
    assert bodies.numbering(EPISODE._replace(season=None, anime=True)) == ("anime", None, (3,))


def test_a_double_episode_is_one_scrobble_and_two_watches() -> None:
    """While a double episode plays, its first part stands for both; in the history both are named."""
    assert bodies.scrobble(DOUBLE, 0)["episode"] == {"season": 1, "number": 3}
    (show,) = history(DOUBLE)["shows"]
    assert [episode["number"] for episode in show["seasons"][0]["episodes"]] == [3, 4]


def test_the_episodes_of_one_show_share_one_entry() -> None:
    """A weekend with one show is one entry, season by season, however its name was written."""
    second = EPISODE._replace(season=2, episodes=(1,))
    body = history(EPISODE, second, EPISODE._replace(title="SEVERANCE", episodes=(4,)), FILM)
    (show,) = body["shows"]
    numbers = [(s["number"], [e["number"] for e in s["episodes"]]) for s in show["seasons"]]
    assert numbers == [(1, [3, 4]), (2, [1])]
    assert len(body["movies"]) == 1


def test_shows_of_the_same_name_stay_apart() -> None:
    """The Office of 2001 and that of 2005 are two shows, and so are two with other ids."""
    office = Media("episode", "The Office", 2001, season=1, episodes=(1,))
    others = (office._replace(year=2005), office._replace(ids={"tvdb": "78107"}))
    assert len(history(office, *others)["shows"]) == 3


def test_every_id_goes_and_no_other_word() -> None:
    """Simkl gets every id that it knows, and none that it does not; a slug is never sent."""
    ids = dict.fromkeys(KNOWN_IDS, "1")
    body = bodies.scrobble(FILM._replace(ids={**ids, "slug": "arrival", "path": "/home", "imdb": ""}), 0)
    assert body["movie"]["ids"].keys() == KNOWN_IDS - {"imdb"}


@pytest.mark.parametrize(
    "when",
    [
        datetime(2026, 11, 20, 21, 4, 0, 999_999, tzinfo=UTC),
        datetime(2026, 11, 20, 22, 4, tzinfo=timezone(timedelta(hours=1))),
        datetime(2026, 11, 20, 16, 4, tzinfo=timezone(timedelta(hours=-5))),
    ],
)
def test_times_are_whole_seconds_in_utc(when: datetime) -> None:
    """Wherever it was watched, Simkl gets whole seconds, in UTC, with a Z."""
    assert bodies.stamp(when) == STAMP


# Any media at all

NUMBERS = st.lists(st.integers(0, 3000), max_size=4).map(tuple)
IDS = st.dictionaries(st.sampled_from((*sorted(KNOWN_IDS), "slug", "x")), st.text(max_size=9), max_size=4)
MEDIA = st.builds(
    Media,
    type=st.sampled_from(("movie", "episode")),
    title=st.text(max_size=12),
    year=st.none() | st.integers(0, 9999),
    season=st.none() | st.integers(0, 99),
    episodes=NUMBERS,
    absolute_episodes=NUMBERS,
    date=st.none() | st.just("2026-11-20"),
    anime=st.booleans(),
    ids=IDS,
)


def built(*media: Media) -> Json | None:
    """The body of the history, or None where there is none."""
    try:
        return history(*media)
    except NotMatched:
        return None


def episodes_of(entry: Json) -> Iterator[tuple[int | None, list[Json]]]:
    """The seasons of an entry, each with its episodes."""
    if "episodes" in entry:
        yield None, entry["episodes"]
    for season in entry.get("seasons", ()):
        yield season["number"], season["episodes"]


def keys_of(value: Any) -> Iterator[str]:
    """Every key in a body, however deep."""
    if isinstance(value, dict):
        yield from value
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from keys_of(inner)


@given(MEDIA)
def test_a_show_never_goes_without_an_episode(media: Media) -> None:
    """A show alone would mean the whole show to Simkl; so there is always an episode, or no body at all."""
    body = built(media)
    if body is None:
        with pytest.raises(NotMatched):
            bodies.history([Watch(1, media, NOW)])
        is_shy_film = media.type == "movie" and media.anime and "simkl" not in media.ids
        assert is_shy_film or media.episodes == media.absolute_episodes == ()
        return
    told = bodies.scrobble(media, 0)
    if media.type == "movie":
        assert "episode" not in told
        return
    assert isinstance(told["episode"]["number"], int)
    for entry in (*body.get("shows", ()), *body.get("anime", ())):
        seasons = list(episodes_of(entry))
        assert seasons
        assert all(isinstance(episode["number"], int) for _, episodes in seasons for episode in episodes)
        assert all(episodes for _, episodes in seasons)
    assert sum(len(entries) for entries in body.values()) == 1


@given(st.lists(MEDIA, max_size=5))
def test_each_entry_is_numbered_in_one_way(media: list[Media]) -> None:
    """A season stands under `show`, with the flag for TVDB seasons; a number without one under `anime`."""
    body = built(*media) or {}
    for entry in body.get("shows", ()):
        assert entry["use_tvdb_anime_seasons"] is True
        assert "episodes" not in entry
    for entry in body.get("anime", ()):
        assert not {"seasons", "season", "use_tvdb_anime_seasons"} & set(keys_of(entry))


@given(st.lists(MEDIA, max_size=5))
def test_nothing_else_is_ever_in_a_body(media: list[Media]) -> None:
    """Only title, year, ids, numbers and times leave the machine."""
    known = {*KNOWN_IDS, "movies", "shows", "anime", "title", "year", "ids", "seasons", "episodes", "number"}
    known |= {"watched_at", "use_tvdb_anime_seasons"}
    body = built(*media) or {}
    assert set(keys_of(body)) <= known
    for stamp in re.findall(r'"watched_at": "([^"]*)"', json.dumps(body)):
        assert stamp == STAMP


@pytest.mark.parametrize(
    "path",
    [
        "/home/ann/secret place/Severance/Season 1/Severance.S01E03.1080p.mkv",
        r"C:\Users\ann\secret place\Severance S01E03.mkv",
        "/home/ann/secret place/Arrival (2016)/Arrival (2016).mkv",
        "/home/ann/secret place/[Group] One Piece - 96 [1080p].mkv",
    ],
)
def test_no_path_is_ever_in_a_body(path: str) -> None:
    """Where a film lies on the user's disk is nobody's business."""
    opened = Opened(0.0, 0.0, clues=Clues(path), duration=3000.0)
    media = judge(opened, Rules(), 2026).media
    assert media is not None
    for body in (bodies.scrobble(media, 0), history(media)):
        text = json.dumps(body)
        assert not any(word in text for word in ("ann", "secret", "home", "Users", ".mkv", "\\\\"))


def test_an_anime_film_goes_to_the_history_by_simkls_own_number_alone() -> None:
    """By its title alone it could be a series, and that without an episode would be all of it."""
    film = Media("movie", "A Silent Voice", 2016, anime=True)
    with pytest.raises(NotMatched):
        history(film)
    assert history(film._replace(ids={"simkl": "9400020"})) == {
        "anime": [
            {
                "title": "A Silent Voice",
                "year": 2016,
                "ids": {"simkl": "9400020"},
                "watched_at": "2026-11-20T21:04:00Z",
            }
        ]
    }
