"""What Simkl says that it could not find: which of the watches that were sent it means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpv_simkl import bodies
from mpv_simkl.bodies import Json, Watch
from mpv_simkl.media import Media
from mpv_simkl.not_found import rows_in
from mpv_simkl.sandbox import Sandbox

from .makers import ANIME, DOUBLE, EPISODE, FILM, NOW, UNKNOWN_EPISODE, UNKNOWN_FILM, connect


def refused(simkl: Sandbox, *media: Media) -> set[int]:
    """The places of those that Simkl could not match, as the door to Simkl tells."""
    return connect(simkl).add_to_history([Watch(row, each, NOW) for row, each in enumerate(media)])


def title_of(media: Media) -> Media:
    """The same numbers of a show that nobody knows."""
    return media._replace(title="Nobody Has Heard Of This")


MIXES: dict[str, tuple[list[Media], set[int]]] = {
    "all known": ([FILM, EPISODE, DOUBLE, ANIME], set()),
    "a film": ([FILM, UNKNOWN_FILM, EPISODE], {1}),
    "an episode": ([EPISODE, UNKNOWN_EPISODE, FILM], {1}),
    "one part of a double": ([DOUBLE._replace(episodes=(9, 10)), EPISODE], {0}),
    "a season": ([EPISODE._replace(season=77), EPISODE], {0}),
    "a show": ([EPISODE, title_of(EPISODE), title_of(DOUBLE)], {1, 2}),
    "an anime": ([ANIME, title_of(ANIME)], {1}),
    "an absolute number": ([ANIME, ANIME._replace(absolute_episodes=(99_999,))], {1}),
    "an anime's season": ([ANIME._replace(season=77, episodes=(1,)), ANIME], {0}),
    "a film named as a show": ([FILM._replace(title="Severance", year=2022), EPISODE], {0}),
    "a show named as a film": ([FILM, EPISODE._replace(title="Arrival", year=2016)], {1}),
}


@pytest.mark.parametrize("mix", MIXES)
def test_exactly_what_simkl_did_not_find_is_set_aside(hasty: Sandbox, mix: str) -> None:
    """Of many watches in one call, those that Simkl does not know are told apart from the others."""
    media, unknown = MIXES[mix]
    assert refused(hasty, *media) == unknown


@given(st.lists(st.sampled_from([each for media, _ in MIXES.values() for each in media]), max_size=8))
def test_what_comes_back_as_it_was_sent_is_found_again(media: list[Media]) -> None:
    """If Simkl finds nothing at all, every watch is named."""
    watches = [Watch(row, each, NOW) for row, each in enumerate(media)]
    sent = bodies.history(watches)
    lost = {"movies": sent.get("movies", []), "shows": [*sent.get("shows", []), *sent.get("anime", [])]}
    assert rows_in(lost, watches) == set(range(len(media)))


@pytest.mark.parametrize(
    "odd",
    [
        {"movies": None, "shows": "all"},
        {"shows": [None, "x", 1, []]},
        {"shows": [{}]},
        {"shows": [{"title": None, "ids": [], "seasons": [None, {"number": "1", "episodes": None}]}]},
        {"shows": [{"title": "Severance", "seasons": [{"number": 1, "episodes": [{"number": "x"}]}]}]},
        {"episodes": [{"season": 1, "number": 3, "show": {"title": "Severance"}}]},
        {"movies": [{"title": "Arrival", "year": 1916}]},
    ],
)
def test_an_answer_that_tells_too_little_is_no_word(odd: Json) -> None:
    """If Simkl names something that was not sent, nobody knows what it recorded; of a watch that was told
    alone there is no doubt.
    """
    exact = {"title": "One Piece", "episodes": [{"number": 96}]}
    watches = [Watch(1, EPISODE, NOW), Watch(2, FILM, NOW), Watch(3, ANIME, NOW)]
    assert rows_in({"anime": [exact], **odd}, watches) is None
    assert rows_in(odd, watches[:1]) == {1}


@pytest.mark.parametrize(
    ("entry", "number"),
    [
        ({"title": "Law & Nowhere"}, 7),
        ({"title": "Law &amp;  Nowhere", "year": "2021"}, 7),
        ({"title": "law & nowhere", "year": 2021, "ids": {"simkl": 5}}, 7),
        ({"title": "Something else", "ids": {"simkl": 5, "tvdb": 371980}}, 7),
        ({"title": "Law & Nowhere", "year": 2021, "ids": {"tvdb": "371980"}}, "7"),
    ],
)
def test_what_comes_back_in_other_words_is_found_again(entry: Json, number: int | str) -> None:
    """Simkl may repeat a title without its year, with one more id, as HTML, or a number as text: the watch is
    set aside all the same, and no other one.
    """
    show = Media("episode", "Law & Nowhere", 2021, season=2, episodes=(7,), ids={"tvdb": "371980"})
    watches = [Watch(1, EPISODE, NOW), Watch(2, show, NOW), Watch(3, show._replace(episodes=(8,)), NOW)]
    exact = {"title": "Severance", "year": 2022, "seasons": [{"number": 1, "episodes": [{"number": 3}]}]}
    named = {**entry, "seasons": [{"number": str(2), "episodes": [{"number": number}]}]}
    assert rows_in({"shows": [exact, named]}, watches) == {1, 2}


def test_a_flat_number_may_come_back_as_it_was_sent() -> None:
    """Of two absolute numbers the one that was not found is named, and only that."""
    watches = [Watch(1, ANIME, NOW), Watch(2, ANIME._replace(absolute_episodes=(97,)), NOW)]
    lost = {"title": "One Piece", "episodes": [{"number": 97}]}
    assert rows_in({"shows": [lost]}, watches) == {2}


def test_a_title_that_comes_back_alone_means_all_of_it() -> None:
    """If Simkl does not know a show, none of its episodes was recorded."""
    watches = [Watch(1, EPISODE, NOW), Watch(2, DOUBLE, NOW), Watch(3, FILM, NOW)]
    assert rows_in({"shows": [{"title": "Severance", "year": 2022}]}, watches) == {1, 2}


def test_ids_may_come_back_as_numbers() -> None:
    """Simkl repeats what was sent; that an id or a year changes its type on the way does no harm."""
    film = FILM._replace(ids={"simkl": "9300001", "tmdb": "329865"})
    entry = {"title": "ARRIVAL", "year": "2016", "ids": {"tmdb": 329865, "simkl": "9300001"}}
    assert rows_in({"movies": [entry]}, [Watch(7, film, NOW)]) == {7}


def test_a_title_that_is_nearly_the_same_is_another_one() -> None:
    """Of one film in two spellings Simkl may know one: what it names is the other, and only that."""
    watches = [Watch(1, FILM._replace(title="Rocky II"), NOW), Watch(2, FILM._replace(title="Rocky 2"), NOW)]
    assert rows_in({"movies": [{"title": "ROCKY 2"}]}, watches) == {2}
