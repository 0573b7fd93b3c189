"""Simkl's answers about titles are read, whatever they look like."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpv_simkl import answers
from mpv_simkl.answers import Aired

SHOW = {"title": "Castle", "year": 2009, "ids": {"simkl": 9200003, "imdb": "tt1219024"}}

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
NAMES = st.sampled_from(
    [
        "show",
        "anime",
        "movie",
        "episode",
        "title",
        "year",
        "ids",
        "simkl",
        "season",
        "number",
        "type",
        "alt_titles",
    ]
) | st.text(max_size=10)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=8),
    max_leaves=30,
)


@given(st.dictionaries(NAMES, ANYTHING, max_size=8), st.lists(ANYTHING, max_size=6))
def test_no_answer_is_too_strange(answer: dict[str, Any], rows: list[Any]) -> None:
    """Half of a JSON, null, lists for objects: it is read as far as it makes sense, and nothing breaks."""
    answers.read_item(answer)
    answers.read_file(answer)
    answers.read_title("show", answer)
    answers.read_ids(rows)
    for found in answers.read_search("anime", rows):
        assert found.simkl
        assert found.title
    assert all(isinstance(each, Aired) for each in answers.read_episodes(rows))


@pytest.mark.parametrize("simkl", [9200003, "9200003"])
@pytest.mark.parametrize("key", ["simkl", "simkl_id"])
@pytest.mark.parametrize("number", ["number", "episode"])
def test_both_names_and_both_forms_are_read(simkl: object, key: str, number: str) -> None:
    """Ids are numbers or texts, and the number of an episode has two names (simkl-api 9, 11)."""
    told = {"show": {**SHOW, "ids": {key: simkl}}, "episode": {"season": "1", number: 2}, "new": [1]}
    found = answers.read_item(told)
    assert found is not None
    assert (found.simkl, found.season, found.number) == ("9200003", 1, 2)


def test_an_anime_is_one_under_any_wrapper() -> None:
    """Older answers say `show` of an anime; its type tells (simkl-api 9)."""
    found = answers.read_item({"show": {**SHOW, "anime_type": "movie"}})
    assert found is not None
    assert found.kind == "anime"
    assert found.is_film


@pytest.mark.parametrize("names", [["Haus des Geldes"], [{"name": "Haus des Geldes", "lang": 7}]])
def test_all_names_of_a_title_are_read(names: list[object]) -> None:
    """English, romaji and other titles are names, too."""
    found = answers.read_title("show", {**SHOW, "title_romaji": "Kasuru", "alt_titles": names})
    assert found is not None
    assert found.names == ("Kasuru", "Haus des Geldes")


def test_names_are_bounded() -> None:
    """An answer with endless titles takes neither time nor memory."""
    found = answers.read_title("show", {**SHOW, "title": "x" * 10_000, "alt_titles": ["y" * 999] * 10_000})
    assert found is not None
    assert len(found.title) == answers.LONGEST
    assert len(found.names) == answers.MOST


def test_specials_are_season_0() -> None:
    """A special stands in a list without season, and at times without number (simkl-api 12)."""
    rows = [
        {"type": "special", "date": "2003-12-26T00:00:00-05:00"},
        {"type": "special", "episode": 5},
        {"type": "episode", "season": 2, "episode": 3, "date": "2002-10-14"},
    ]
    assert answers.read_episodes(rows) == [
        Aired(0, 1, "2003-12-26"),
        Aired(0, 5, ""),
        Aired(2, 3, "2002-10-14"),
    ]
