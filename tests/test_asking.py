"""What somebody asks to be marked, from options and from JSON lines."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpv_simkl.asking import IDENTIFIED, OPTIONS, read, read_episodes, read_line, settle
from mpv_simkl.errors import UsageError
from mpv_simkl.marks import Mark
from mpv_simkl.media import Media
from mpv_simkl.times import LONG_AGO

NOW = datetime(2026, 11, 23, 10, 40, tzinfo=UTC)


def ask(**words: object) -> Mark:
    """The mark that these options mean."""
    return read(words, NOW, UTC)


def refused(**words: object) -> str:
    """The sentence with which these options are refused."""
    with pytest.raises(UsageError) as refusal:
        ask(**words)
    return str(refusal.value)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("3", (3,)),
        ("1-3", (1, 2, 3)),
        ("1-3,5", (1, 2, 3, 5)),
        (" 5 , 1 - 2 ", (1, 2, 5)),
        ("2,2-3", (2, 3)),
        ("0", (0,)),
    ],
)
def test_episodes_are_listed_as_people_list_them(text: str, numbers: tuple[int, ...]) -> None:
    """A number, a span, and both with commas between them."""
    assert read_episodes(text) == numbers


@pytest.mark.parametrize(
    "text", ["", "x", "3-1", "1-", "-1", "1,,2", "1.5", "1-99999", "1-4000,5000-9000", "٣"]
)
def test_a_list_that_names_no_episodes_is_refused(text: str) -> None:
    """A slip of the finger must not mark something else, nor thousands."""
    with pytest.raises(UsageError):
        read_episodes(text)


@given(st.sets(st.integers(0, 300), min_size=1, max_size=40))
def test_every_set_of_episodes_can_be_said(wanted: set[int]) -> None:
    """Spans and single numbers, in any order, name exactly the episodes written."""
    spans: list[list[int]] = []
    for number in sorted(wanted):
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    text = ",".join(f"{first}-{last}" if last > first else str(first) for first, last in reversed(spans))
    assert set(read_episodes(text)) == wanted


@given(st.text(alphabet="0123456789,- x", max_size=12))
def test_no_list_of_episodes_breaks_the_reader(text: str) -> None:
    """Whatever is typed, the answer is numbers or a sentence."""
    try:
        numbers = read_episodes(text)
    except UsageError:
        return
    assert numbers
    assert (
        set(map(str, numbers)) <= {str(int(n)) for n in text.replace("-", ",").split(",") if n.strip()}
        or "-" in text
    )


def test_a_title_says_what_it_is_of() -> None:
    """Title, year and ids of a film, a show and an anime, together or alone."""
    assert ask(movie="Arrival", year=2016).media == Media("movie", "Arrival", 2016)
    show = ask(show="Severance", season=2, episode="1-2", imdb="tt11280740")
    assert show.media == Media("episode", "Severance", None, 2, (1, 2), ids={"imdb": "tt11280740"})
    assert ask(anime="One Piece", episode="1000").media == Media(
        "episode", "One Piece", episodes=(1000,), anime=True
    )
    assert ask(mal="37510", episode=4).media == Media(
        "episode", "", episodes=(4,), anime=True, ids={"mal": "37510"}
    )
    assert ask(movie="", tmdb="603").media == Media("movie", "", ids={"tmdb": "603"})
    assert ask(imdb="tt11280740", season=1, episode=3).media.type == "episode"


def test_a_pasted_link_brings_its_numbers() -> None:
    """The address of an episode's page is all that is needed; options win over it."""
    link = "https://simkl.com/tv/9200004/severance/season-1/episode-3"
    assert ask(link=link).media == Media("episode", "", None, 1, (3,), ids={"simkl": "9200004"})
    assert ask(link=link, episode="5").media.episodes == (5,)
    assert ask(simkl=link).media == ask(link=link).media


def test_an_id_of_one_cour_takes_no_season() -> None:
    """MyAnimeList counts each season as a title of its own (simkl-api 12)."""
    assert ask(mal="37510", season=1, episode="4").media.season is None
    assert "one season only" in refused(mal="37510", season=2, episode="4")


def test_the_time_is_now_unless_it_is_told() -> None:
    """The hour of watching, long ago, or now."""
    assert ask(movie="Arrival").watched_at == NOW
    assert ask(movie="Arrival", watched_at="yesterday 21:00").watched_at == datetime(
        2026, 11, 22, 21, 0, tzinfo=UTC
    )
    assert ask(movie="Arrival", long_ago=True).watched_at == LONG_AGO
    assert "either --watched-at or --long-ago" in refused(movie="Arrival", long_ago=True, watched_at="9:00")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"show": "Severance"}, "which episodes"),
        ({"show": "Severance", "season": 2}, "which episodes"),
        ({"anime": "One Piece"}, "which episodes"),
        ({"show": "Severance", "episode": "3"}, "which season"),
        ({"show": "Severance", "whole_season": True}, "which season"),
        (
            {"show": "Severance", "whole_show": True, "whole_season": True, "season": 1},
            "either --whole-season",
        ),
        ({"show": "Severance", "whole_show": True, "season": 1, "episode": "1"}, "either --episode"),
        ({"show": "Severance", "status": "completed"}, "marks every episode"),
        ({"show": "Severance", "season": 1, "episode": "1", "status": "completed"}, "marks every episode"),
        ({"show": "Severance", "whole_show": True, "status": "hold"}, "does not go with a whole"),
        (
            {"show": "Severance", "season": 1, "whole_season": True, "status": "completed"},
            "does not go with a whole",
        ),
        ({"show": "Severance", "season": 1, "status": "hold"}, "which episodes"),
        ({"mal": "16498", "whole_show": True}, "say what the id is of"),
        ({"movie": "Arrival", "whole_show": True}, "a film is marked as it is"),
    ],
)
def test_nothing_reaches_further_than_it_says(words: dict[str, Any], sentence: str) -> None:
    """A whole season or show is meant only where these words stand, and nothing contradicts them."""
    assert sentence in refused(**words)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({}, "say what"),
        ({"show": ""}, "say what"),
        ({"movie": "A", "show": "B"}, "either a --movie"),
        ({"movie": "Arrival", "season": 1}, "a film has no seasons"),
        ({"movie": "Arrival", "status": "hold"}, "plantowatch, completed or dropped"),
        ({"movie": "Arrival", "status": "seen"}, "is one of"),
        ({"movie": "Arrival", "skip_auto_watching": True}, "only together with --status"),
        ({"movie": "Arrival", "status": "plantowatch", "watched_at": "9:00"}, "no time of watching"),
        ({"movie": "Arrival", "year": "2016"}, "year is a number"),
        ({"movie": "Arrival", "year": True}, "year is a number"),
        ({"movie": "Arrival", "year": 0}, "year is a number from 1 to 2200"),
        ({"type": "movie", "title": "Arrival", "year": 0}, "year is a number from 1 to 2200"),
        ({"movie": ["Arrival"]}, "movie is a text"),
        ({"movie": "A" * 600}, "longer than"),
        ({"movie": "Arriv\udcffal"}, "movie is no UTF-8"),
        ({"type": "movie", "title": "\ud800", "path": "Arriv\udcffal.mkv"}, "title is no UTF-8"),
        ({"movie": "Arrival", "whole_show": "yes"}, "true or false"),
        ({"movie": "Arrival", "rewatch": True}, "there is no 'rewatch'"),
        ({"shw": "Castle", "season": 1}, "there is no 'shw'; did you mean show?"),
        ({"tmdb": "603"}, "say --movie or --show"),
        ({"imdb": "603"}, "no id of IMDb"),
        ({"link": "https://evil.example/title/tt1"}, "no page"),
        ({"show": "X", "season": 1, "episode": "1", "episode_tvdb": "5"}, "by its number, or by one id"),
        ({"episode_tvdb": "x"}, "is a number"),
        ({"type": "unknown", "path": "a.mkv"}, "a.mkv was not recognised"),
        ({"type": "movie", "title": None}, "the title is missing"),
        ({"type": "episode", "title": "X", "episodes": [1, -2]}, "episode is a number"),
        ({"type": "episode", "title": "X", "episodes": "1"}, "array of numbers"),
        ({"type": "episode", "title": "X", "date": "2026-11-20"}, "which episodes"),
        ({"type": "movie", "title": "X", "ids": ["tt1"]}, "ids is an object"),
        ({"type": "movie", "title": "X", "ids": {"imdb": "\ud800"}}, "imdb is no UTF-8"),
        ({"type": "movie", "title": "X", "state": "done"}, "there is no 'state'"),
    ],
)
def test_what_makes_no_sense_is_explained(words: dict[str, Any], sentence: str) -> None:
    """Each mistake has a sentence that says what to do."""
    assert sentence in refused(**words)


def test_a_line_of_identify_is_taken_as_it_is() -> None:
    """`identify --json` goes straight into `mark -`, with a time of watching if one likes."""
    row = {"path": "/films/x.mkv", "type": "episode", "title": "Severance", "year": 2022, "season": 1}
    row |= {"episodes": [3, 4], "absolute_episodes": [], "date": None, "part": None, "country": None}
    mark = read({**row, "anime": False, "ids": {"tvdb": 371980}, "watched_at": "2026-11-20T21:04:00Z"}, NOW)
    assert mark.media == Media("episode", "Severance", 2022, 1, (3, 4), ids={"tvdb": "371980"})
    assert mark.watched_at == datetime(2026, 11, 20, 21, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"type": "movie", "title": "Arrival", "year": 2016, "season": 1, "episodes": [1]}, "a film has no"),
        ({"type": "movie", "title": "Arrival", "absolute_episodes": [1]}, "a film has no"),
        ({"type": "movie", "ids": {"slug": "arrival"}}, "the title is missing"),
        ({"type": "movie", "ids": {"imdb": ""}}, "the title is missing"),
        ({"type": "episode", "title": "", "season": 2, "episodes": [3], "ids": {"mal": "37510"}}, "missing"),
    ],
)
def test_a_line_of_identify_that_contradicts_itself_is_refused(row: dict[str, Any], sentence: str) -> None:
    """A line that calls an episode a film marks no film, and one that Simkl could not place is not sent."""
    assert sentence in refused(**row)


def test_a_line_of_identify_needs_no_title_with_an_id_that_names_it() -> None:
    """What an id names alone is marked without a title, and a show without seasons without a season."""
    assert ask(type="movie", ids={"imdb": "tt2543164"}).media.ids == {"imdb": "tt2543164"}
    assert ask(type="episode", season=1, episodes=[3], ids={"mal": "37510"}).numbers == (3,)
    assert ask(type="episode", title="Planet Earth", episodes=[3]).numbers == (3,)


def test_a_status_alone_moves_a_title_and_marks_nothing() -> None:
    """To plan or to drop a title is no watching; a film that is completed was watched."""
    plan = ask(show="Castle", year=2009, status="plantowatch")
    assert (plan.extent, plan.watched_at) == ("list", None)
    assert ask(movie="Dune", status="plantowatch").extent == "list"
    assert ask(movie="Dune", status="completed").extent == "named"
    quiet = ask(show="Castle", status="completed", skip_auto_watching=True)
    assert (quiet.extent, quiet.quiet) == ("list", True)
    assert ask(show="Castle", status="completed", whole_show=True).extent == "show"


def test_an_id_alone_is_of_any_kind_until_simkl_has_said_what_it_is() -> None:
    """An IMDb id does not tell a film from a show, and a show must never be marked by accident."""
    mark = ask(imdb="tt0903747")
    assert mark.of_any_kind
    assert not settle(mark, "movie", "it").of_any_kind
    with pytest.raises(UsageError, match="which episodes"):
        settle(mark, "show", "it")
    with pytest.raises(UsageError, match="say --movie"):
        settle(mark, "anime", "it")
    assert settle(ask(imdb="tt0903747", status="hold"), "show", "it").media.type == "episode"
    assert not ask(movie="", imdb="tt0903747").of_any_kind


def test_to_unmark_takes_no_status_and_no_time() -> None:
    """A removal names what goes, and nothing else."""
    assert read({"movie": "Arrival", "watched_at": "9:00"}, NOW, UTC, removing=True).watched_at is None
    with pytest.raises(UsageError, match="only `mark`"):
        read({"show": "Castle", "status": "hold"}, NOW, UTC, removing=True)
    with pytest.raises(UsageError, match="which episodes"):
        read({"show": "Castle"}, NOW, UTC, removing=True)


@pytest.mark.parametrize("text", ["", "[1]", "null", "{", '"x"', "[" * 20_000, "{" + " " * 30_000 + "}"])
def test_a_line_that_is_no_object_is_refused(text: str) -> None:
    """A JSON line is one object, of a sensible length."""
    with pytest.raises(UsageError):
        read_line(text)


VALUES: st.SearchStrategy[object] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=12),
    st.lists(st.integers(), max_size=3),
    st.sampled_from(["1-3", "completed", "hold", "tt0903747", "603", "movie", "episode", "9:00"]),
    st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=2),
)


@given(
    st.dictionaries(st.sampled_from(sorted(OPTIONS | IDENTIFIED)) | st.text(max_size=4), VALUES, max_size=8)
)
def test_any_object_is_a_mark_or_a_sentence(words: Mapping[str, object]) -> None:
    """Whatever a line holds, it is understood or refused; a bare show never comes of it."""
    try:
        mark = read(words, NOW, UTC)
    except UsageError:
        return
    if mark.extent in ("season", "show"):
        assert words.get(f"whole_{mark.extent}") is True
    elif mark.extent == "named" and mark.media.type == "episode":
        assert mark.numbers or mark.episode_ids
