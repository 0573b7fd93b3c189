"""The bar: which answers of Simkl's are taken for what was recognised, and which are not."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpv_simkl import agreement
from mpv_simkl.agreement import Found, doubt, likeness
from mpv_simkl.media import Media

ARRIVAL = Media("movie", "Arrival", 2016)
SEVERANCE = Media("episode", "Severance", 2022, season=1, episodes=(3,))
TITAN = Media("episode", "Attack on Titan", season=3, episodes=(13,))


def show(title: str, year: int | None, season: int = 1, number: int = 3, **more: Any) -> Found:
    """A show's episode in an answer."""
    return Found("show", "1", title, year, season=season, number=number)._replace(**more)


def film(title: str, year: int | None, **more: Any) -> Found:
    """A film in an answer."""
    return Found("movie", "1", title, year)._replace(**more)


def anime(title: str, year: int | None, number: int, tvdb: tuple[int, int] | None = None) -> Found:
    """An anime's episode in an answer."""
    return Found("anime", "1", title, year, anime_type="tv", season=1, number=number, tvdb=tvdb)


# A name for each line of the table in `agreement`, what was recognised, and what Simkl answered.
AGREE = {
    "ids outweigh words": (
        ARRIVAL._replace(ids={"imdb": "tt1"}),
        film("Premier Contact", 2016, ids={"imdb": "tt1"}),
    ),
    "the same": (SEVERANCE, show("Severance", 2022)),
    "same words, no year to differ": (
        Media("episode", "The Office", season=5, episodes=(3,)),
        show("The Office (US)", 2005, 5),
    ),
    "years one apart": (Media("movie", "Nosferatu", 2023), film("Nosferatu", 2024)),
    "one of its names is the same": (
        Media("episode", "Money Heist", season=1, episodes=(3,)),
        show("La casa de papel", 2017, names=("Money Heist",)),
    ),
    "accents, case, signs": (
        Media("episode", "POKEMON concierge", season=1, episodes=(3,)),
        show("Pokémon: Concierge", 2023),
    ),
    "initials": (
        Media("episode", "Marvels Agents of S.H.I.E.L.D.", season=1, episodes=(3,)),
        show("Marvel's Agents of SHIELD", 2013),
    ),
    "nearly the same, and the year": (SEVERANCE._replace(title="Sevrance"), show("Severance", 2022)),
    "it goes on, and the year": (Media("movie", "Dune", 2021), film("Dune: Part One", 2021)),
    "a cour that TVDB calls S03E13": (
        TITAN._replace(year=2013),
        anime("Attack on Titan Season 3 Part 2", 2019, 1, (3, 13)),
    ),
    "a later cour, counted through": (
        Media("episode", "Attack on Titan", absolute_episodes=(30,), anime=True),
        anime("Attack on Titan Season 2", 2017, 5),
    ),
    "a cour with a name of its own that TVDB calls S04E01": (
        Media("episode", "Demon Slayer", 2019, season=4, episodes=(1,)),
        anime("Demon Slayer: Hashira Training Arc", 2024, 1, (4, 1)),
    ),
    "an anime's film": (
        Media("movie", "A Silent Voice", 2016),
        film("A Silent Voice", 2016)._replace(kind="anime", anime_type="movie"),
    ),
    "a season that is a year": (
        Media("episode", "Evening Talk", 2016, season=2016, episodes=(3,)),
        show("Evening Talk", 1999, 2016),
    ),
    "no number is told": (SEVERANCE, show("Severance", 2022)._replace(season=None, number=None)),
}
DOUBT = {
    "another id": (ARRIVAL._replace(ids={"tmdb": "438631"}), film("Arrival", 2016, ids={"tmdb": "841"})),
    "a film, not a show": (ARRIVAL, show("Arrival", 2016)),
    "a show, not a film": (SEVERANCE, film("Severance", 2022)),
    "no anime": (
        Media("episode", "One Piece", absolute_episodes=(1089,), anime=True),
        show("One Piece", 2023),
    ),
    "years apart": (Media("episode", "Castle", 2009, season=1, episodes=(3,)), show("Castle", 1998)),
    "nearly the same, and no year": (
        SEVERANCE._replace(title="Sevrance", year=None),
        show("Severance", 2022),
    ),
    "another number is another film": (Media("movie", "Rocky", 1979), film("Rocky II", 1979)),
    "another episode": (SEVERANCE, show("Severance", 2022, number=4)),
    "another season": (SEVERANCE, show("Severance", 2022, season=2)),
    "another title": (Media("movie", "Fargo", 1996), film("Cargo", 2009)),
    "another title of the same year": (Media("movie", "Fargo", 1996), film("The Rock", 1996)),
    "an anime series, not its film": (
        Media("movie", "Mob Psycho 100", 2016),
        anime("Mob Psycho 100", 2016, 1),
    ),
    "the second film of an anime": (
        Media("movie", "Attack on Titan", 2015),
        film("Attack on Titan Part 2", 2015)._replace(kind="anime", anime_type="movie"),
    ),
    "a show that only goes on like a cour": (SEVERANCE, show("Severance: The Series", 2022)),
    "another cour's episode": (TITAN, anime("Attack on Titan Season 3", 2018, 12, (3, 12))),
}


@pytest.mark.parametrize("case", AGREE)
def test_what_means_the_same_is_taken(case: str) -> None:
    """An answer in other words, another numbering or another language is no reason to ask the user."""
    assert doubt(*AGREE[case]) == ""


@pytest.mark.parametrize("case", DOUBT)
def test_what_may_mean_something_else_is_not_taken(case: str) -> None:
    """A remake, a namesake or the next episode does not count as what was watched."""
    assert doubt(*DOUBT[case])


def test_the_table_in_the_docstring_is_tested() -> None:
    """Whoever reads where the bar lies reads what holds."""
    verdicts = re.findall(r"  (agrees|doubt): (.+)$", agreement.__doc__ or "", re.MULTILINE)
    assert len(verdicts) > 10
    for verdict, reason in verdicts:
        assert reason in (AGREE if verdict == "agrees" else DOUBT), reason


def test_roman_and_arabic_numbers_are_the_same() -> None:
    """`Rocky II` and `Rocky 2` are one film, `Rocky III` is another one."""
    assert likeness("Rocky II", "Rocky 2") == "same"
    assert likeness("Rocky II", "Rocky III") == "other"


def test_what_only_some_write_tells_no_titles_apart() -> None:
    """A country or a year behind a title, whoever writes it, and accents, though the other title goes on."""
    assert likeness("The Office (US)", "The Office") == "same"
    assert likeness("The Office", "The Office (US)") == "same"
    assert likeness("Pokemon", "Pokémon Horizons") == "longer"
    assert likeness("???", "!!!") == "other"
    assert likeness("Mother!", "Mother") == "same"


@given(st.text(max_size=60))
def test_a_title_is_like_itself(title: str) -> None:
    """Whatever the script: what Simkl repeats as it was sent is the same."""
    assert likeness(title, title) == "same"


@given(st.text(max_size=80), st.text(max_size=80), st.integers(0, 9999) | st.none())
def test_any_answer_has_a_verdict(asked: str, told: str, year: int | None) -> None:
    """However strange the words, the comparison ends with a yes or a sentence."""
    assert isinstance(doubt(SEVERANCE._replace(title=asked, year=year), show(told, year)), str)
