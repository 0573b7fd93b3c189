"""Simkl's answers about titles are read, whatever they look like."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpv_simkl import answers
from mpv_simkl.answers import Aired
from mpv_simkl.logs import shown

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


def texts(found: object) -> Iterator[str]:
    """Every text in what was read."""
    if isinstance(found, str):
        yield found
    elif isinstance(found, dict):
        yield from texts(list(found.values()))
    elif isinstance(found, list | tuple):
        for each in found:
            yield from texts(each)


@given(st.dictionaries(NAMES, ANYTHING, max_size=8), st.lists(ANYTHING, max_size=6))
def test_no_answer_is_too_strange(answer: dict[str, Any], rows: list[Any]) -> None:
    """Half of a JSON, null, lists for objects, signs that move a terminal's cursor: it is read as far as it
    makes sense, nothing breaks, and nothing that was read can do harm.
    """
    found = answers.read_search("anime", rows)
    episodes = answers.read_episodes(rows)
    read = [answers.read_item(answer), answers.read_file(answer), answers.read_title("show", answer)]
    for text in texts([read, answers.read_ids(answer), answers.read_ids(rows), found, episodes]):
        assert shown(text) == text
        assert len(text) <= 200
    assert all(each.simkl and each.title for each in found)
    assert all(isinstance(each, Aired) for each in episodes)


@pytest.mark.parametrize("number", ["٣", "²", "3.0", "-3", "1" * 7, 3.0, True, 10**6, None])
def test_what_is_no_number_numbers_no_episode(number: object) -> None:
    """A number is one, or the digits of one; whatever else stands there, the episode is not told."""
    found = answers.read_item({"show": SHOW, "episode": {"season": 1, "number": number}})
    assert found is not None
    assert found.number is None


@pytest.mark.parametrize("simkl", [0, -1, True, 1.0, 1e999, "", "1.5", "x", "../users", "1\n", "9" * 13, {}])
def test_what_is_no_number_of_simkls_names_no_title(simkl: object) -> None:
    """Simkl's own number is a whole one (simkl-api 11); with anything else a title could not be asked for."""
    assert answers.read_title("show", {"title": "Castle", "ids": {"simkl": simkl}}) is None


def test_a_title_is_read_without_what_moves_a_terminal() -> None:
    """Colours, bells and turned letters in a title are shown as what they are."""
    found = answers.read_title("show", {"title": "Ca\x1b[31m\u202estle\ud800", "ids": {"simkl": 1}})
    assert found is not None
    assert found.title == "Ca\\x1b[31m\\u202estle\\ud800"


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
