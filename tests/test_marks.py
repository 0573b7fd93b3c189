"""Marks as bodies of Simkl's calls, and what an answer says of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpv_simkl.bodies import BATCH, Json
from mpv_simkl.errors import NotMatched
from mpv_simkl.marks import Mark, Rewatch, batches, history, lost, removal
from mpv_simkl.media import Media

AT = datetime(2026, 11, 20, 21, 4, tzinfo=UTC)
STAMP = "2026-11-20T21:04:00Z"
KEEPERS = Media("episode", "The Lighthouse Keepers", 2021, 1, (3, 4))
ARRIVAL = Media("movie", "Arrival", 2016)
MOB = Media("episode", "Mob Psycho 100 II", episodes=(4,), anime=True, ids={"mal": "37510"})

Claim = tuple[object, ...]


def claims(body: Json, *, quiet: bool = False) -> Iterator[Claim]:
    """What Simkl would do with a body, read word for word as simkl-api 7.2 and 7.3 have it."""
    for film in body.get("movies", []):
        yield (
            ("list" if film.get("status", "completed") != "completed" or quiet else "film"),
            film["title"].casefold(),
        )
    for array in ("shows", "anime"):
        for entry in body.get(array, []):
            yield from _of_show(entry, quiet=quiet)


def _of_show(entry: Json, *, quiet: bool) -> Iterator[Claim]:
    title, status = entry["title"].casefold(), entry.get("status")
    if status == "completed" and not quiet:
        yield "show", title
        return
    if "seasons" not in entry and "episodes" not in entry:
        yield ("list" if status else "show"), title
    for season in entry.get("seasons", [{"number": 1, "episodes": entry.get("episodes", [])}]):
        if "episodes" not in season:
            yield "season", title, season["number"]
        for episode in season.get("episodes", []):
            yield "episode", title, season["number"], episode["number"]


def asked(mark: Mark) -> Iterator[Claim]:
    """What a mark asks for, no more and no less."""
    title, media = mark.media.title.casefold(), mark.media
    if mark.extent != "named":
        yield (mark.extent, title, media.season) if mark.extent == "season" else (mark.extent, title)
    elif media.type == "movie":
        yield "film", title
    else:
        season = 1 if media.season is None else media.season  # none is short for it (simkl-api 7.1)
        yield from (("episode", title, season, number) for number in media.episodes)


def _media(kind: Any, title: str, **known: Any) -> Media:
    """Hypothesis would make up the fields of a named tuple that have a default."""
    return Media(kind, title, **known)


TITLES = st.sampled_from(["Severance", "Castle", "castle", "24", "Mob"])
NUMBERS = st.lists(st.integers(1, 200), min_size=1, max_size=70, unique=True).map(tuple)
IDS = st.sampled_from([{}, {"tvdb": "1"}, {"mal": "2"}])
FILMS = st.builds(Mark, st.builds(_media, st.just("movie"), TITLES, ids=IDS), watched_at=st.just(AT))
SHOWS = st.builds(_media, st.just("episode"), TITLES, season=st.integers(0, 3), episodes=NUMBERS, ids=IDS)
COURS = st.builds(_media, st.just("episode"), TITLES, episodes=NUMBERS, anime=st.just(True), ids=IDS)
NAMED = st.builds(Mark, SHOWS | COURS, watched_at=st.just(AT), status=st.sampled_from(["", "watching"]))
WHOLE = st.builds(Mark, SHOWS, st.sampled_from(["season", "show"]), watched_at=st.just(AT))
MOVED = st.builds(
    Mark, SHOWS, st.just("list"), status=st.sampled_from(["hold", "completed"]), quiet=st.just(True)
)
MARKS = st.lists(FILMS | NAMED | WHOLE | MOVED, max_size=12)


@given(MARKS)
def test_no_body_marks_more_or_less_than_was_asked(wanted: list[Mark]) -> None:
    """Films, episodes, whole seasons and shows in any mixture: Simkl hears exactly what was asked for."""
    heard: Counter[Claim] = Counter()
    for batch in batches(wanted):
        body = history(mark for _, mark in batch)
        heard.update(claims(body, quiet=batch[0][1].quiet))
    assert heard == Counter(claim for mark in wanted for claim in asked(mark))


@given(MARKS)
def test_no_removal_takes_away_more_than_was_asked(wanted: list[Mark]) -> None:
    """A show is never named without its seasons: that would delete the title and its rating (simkl-api 8)."""
    marks = [replace(mark, seasons=(0, 1, 2)) for mark in wanted if mark.extent != "list"]
    heard: Counter[Claim] = Counter()
    for batch in batches(marks):
        body = removal(mark for _, mark in batch)
        assert set(body) <= {"movies", "shows"}
        assert all(entry["seasons"] for entry in body.get("shows", []))
        heard.update(claims(body))
    assert heard == Counter(claim for mark in marks for claim in _asked_back(mark))


def _asked_back(mark: Mark) -> Iterable[Claim]:
    """A whole show goes season by season, and the plain numbers of anime are season 1."""
    if mark.extent == "show":
        return [("season", mark.media.title.casefold(), season) for season in mark.seasons]
    return [
        ("episode", claim[1], 1, claim[3]) if claim[0] == "episode" and claim[2] is None else claim
        for claim in asked(mark)
    ]


@given(MARKS)
def test_no_call_holds_more_than_fifty_episodes_and_none_is_wasted(wanted: list[Mark]) -> None:
    """Calls are full before another one is made, and each mark goes out once, in its order."""
    calls = list(batches(wanted))
    sizes = [sum(mark.size for _, mark in call) for call in calls]
    assert all(size <= BATCH for size in sizes)
    assert [place for call in calls for place, _ in call] == sorted(
        place for call in calls for place, _ in call
    )
    assert {place for call in calls for place, _ in call} == set(range(len(wanted)))
    for first, second in pairwise(calls):
        is_full = sum(mark.size for _, mark in first) + second[0][1].size > BATCH
        assert is_full or first[0][1].quiet != second[0][1].quiet


def test_kinds_are_mixed_in_one_call() -> None:
    """Films, shows and anime go out together, each in its array, with its time."""
    (call,) = batches([Mark(ARRIVAL, watched_at=AT), Mark(KEEPERS, watched_at=AT), Mark(MOB, watched_at=AT)])
    assert history(mark for _, mark in call) == {
        "movies": [{"title": "Arrival", "year": 2016, "watched_at": STAMP}],
        "shows": [
            {
                "title": "The Lighthouse Keepers",
                "year": 2021,
                "use_tvdb_anime_seasons": True,
                "seasons": [
                    {
                        "number": 1,
                        "episodes": [{"number": 3, "watched_at": STAMP}, {"number": 4, "watched_at": STAMP}],
                    }
                ],
            }
        ],
        "anime": [
            {
                "title": "Mob Psycho 100 II",
                "ids": {"mal": "37510"},
                "episodes": [{"number": 4, "watched_at": STAMP}],
            }
        ],
    }


def test_episodes_of_one_show_stand_in_one_entry() -> None:
    """Two seasons from three lines are one show to Simkl."""
    media = [KEEPERS._replace(episodes=(1,)), KEEPERS._replace(season=2, episodes=(1,)), KEEPERS]
    (show,) = history(Mark(each, watched_at=AT) for each in media)["shows"]
    numbers = [(season["number"], [e["number"] for e in season["episodes"]]) for season in show["seasons"]]
    assert numbers == [(1, [1, 3, 4]), (2, [1])]


def test_a_call_is_full_at_fifty() -> None:
    """Fifty go in one call, and the fifty-first in the next."""
    marks = [
        Mark(KEEPERS._replace(episodes=tuple(range(1, 31)))),
        Mark(KEEPERS._replace(episodes=tuple(range(31, 51)))),
    ]
    assert len(list(batches(marks))) == 1
    assert len(list(batches([*marks, Mark(ARRIVAL)]))) == 2


def test_a_status_goes_with_its_own_line_only() -> None:
    """Two lines about one show, one of which moves it to a list, are two entries."""
    marks = [Mark(KEEPERS, watched_at=AT), Mark(KEEPERS._replace(season=2), watched_at=AT, status="hold")]
    assert [show.get("status") for show in history(marks)["shows"]] == [None, "hold"]


def test_a_title_known_by_its_ids_alone_has_no_empty_title() -> None:
    """An id is enough; an empty title beside it could be matched to anything."""
    assert history([Mark(Media("movie", "", ids={"imdb": "tt1"}), watched_at=AT)]) == {
        "movies": [{"ids": {"imdb": "tt1"}, "watched_at": STAMP}]
    }


def test_the_id_of_an_episode_goes_with_its_show_or_alone() -> None:
    """Specials and oddly counted anime can be named by an id of their own (simkl-api 7.3)."""
    named = Mark(KEEPERS._replace(episodes=(), season=0), watched_at=AT, episode_ids={"tvdb": "99"})
    (show,) = history([named])["shows"]
    assert show["seasons"] == [{"number": 0, "episodes": [{"ids": {"tvdb": "99"}, "watched_at": STAMP}]}]
    alone = Mark(Media("episode", ""), watched_at=AT, episode_ids={"anidb": "7"})
    assert history([alone]) == {"episodes": [{"ids": {"anidb": "7"}, "watched_at": STAMP}]}
    with pytest.raises(NotMatched):
        removal([alone])


def test_ids_of_one_cour_go_without_tvdbs_seasons() -> None:
    """The flag for TVDB's seasons stands on every season but on those of anime sites' ids (simkl-api 7.3)."""
    season = Mark(KEEPERS._replace(episodes=(), ids={"anidb": "1"}), "season", AT)
    (show,) = history([season])["shows"]
    assert show["ids"] == {"anidb": "1"}
    assert "use_tvdb_anime_seasons" not in show


def test_a_rewatch_says_so_and_names_its_session() -> None:
    """What is watched again carries the session it belongs to (simkl-api 6)."""
    (film,) = history([Mark(ARRIVAL, watched_at=AT)], Rewatch(77))["movies"]
    assert (film["is_rewatch"], film["rewatch_id"]) == (True, 77)
    (film,) = history([Mark(ARRIVAL, watched_at=AT)], Rewatch())["movies"]
    assert "rewatch_id" not in film


@pytest.mark.parametrize(
    "mark",
    [
        Mark(Media("episode", "Severance"), watched_at=AT),
        Mark(KEEPERS, "list"),
        Mark(KEEPERS, "list", status="completed"),
        Mark(KEEPERS, watched_at=AT, status="completed"),
        Mark(KEEPERS, "season", watched_at=AT, status="completed"),
    ],
)
def test_a_lost_episode_list_marks_nothing(mark: Mark) -> None:
    """Whatever went wrong before: a show without its episodes is not sent as the whole show."""
    with pytest.raises(NotMatched):
        history([mark])


@pytest.mark.parametrize(
    "mark", [Mark(Media("episode", "Severance")), Mark(KEEPERS, "show"), Mark(KEEPERS, "list", status="hold")]
)
def test_a_lost_episode_list_removes_nothing(mark: Mark) -> None:
    """A removal that would be a bare show is not built."""
    with pytest.raises(NotMatched):
        removal([mark])


def sent_back(entry: Json, *numbers: int) -> Json:
    """An entry as `not_found` repeats it, with only these episodes left."""
    seasons = [{"number": 1, "episodes": [{"number": number} for number in numbers]}]
    return {**entry, "seasons": seasons} if numbers else entry


@pytest.mark.parametrize(
    ("not_found", "verdict"),
    [
        ({"shows": []}, None),
        ({"shows": [sent_back({"title": "The Lighthouse Keepers", "year": 2021}, 4)]}, (4,)),
        ({"shows": [sent_back({"title": "the lighthouse keepers", "year": 2021}, 3, 4)]}, (3, 4)),
        ({"shows": [sent_back({"title": "The Lighthouse Keepers", "year": 2021})]}, ()),
        ({"shows": [sent_back({"title": "The Lighthouse Keepers", "year": 2021}, 9)]}, None),
        ({"shows": [sent_back({"title": "Castle"})]}, None),
        ({"movies": [{"title": "The Lighthouse Keepers", "year": 2021}]}, None),
        ({"shows": "nonsense", "anime": [None, 3]}, None),
        ({"shows": [{"title": "The Lighthouse Keepers", "year": 2021, "seasons": [{"number": [1]}]}]}, None),
    ],
)
def test_not_found_names_the_episodes_that_simkl_does_not_know(
    not_found: dict[str, Any], verdict: Sequence[int] | None
) -> None:
    """What Simkl repeats as not found is matched with what was asked: title, or single episodes."""
    assert lost(Mark(KEEPERS, watched_at=AT), not_found) == verdict


def test_a_film_and_a_show_of_one_name_are_told_apart() -> None:
    """A film that is not found says nothing of the show that is called like it."""
    film = Mark(ARRIVAL, watched_at=AT)
    assert lost(film, {"movies": [{"title": "Arrival", "year": 2016}]}) == ()
    assert lost(film, {"shows": [{"title": "Arrival", "year": 2016}]}) is None


def test_a_whole_season_that_is_not_known_is_told_from_its_show() -> None:
    """A season that comes back alone was that season; the show is known."""
    entry = {"title": "The Lighthouse Keepers", "year": 2021, "seasons": [{"number": 4}]}
    assert lost(Mark(KEEPERS._replace(season=4), "season", AT), {"shows": [entry]}) == ()
    assert lost(Mark(KEEPERS, "season", AT), {"shows": [entry]}) is None
    assert lost(Mark(KEEPERS, "show", AT), {"shows": [entry]}) is None


def test_marks_are_told_as_people_say_them() -> None:
    """`Severance (2022) S02E01-E03`, `season 2 of ...`, `all of ...`, and ids where there is no title."""
    media = Media("episode", "Severance", 2022, 2, (1, 2, 3))
    assert str(Mark(media)) == "Severance (2022) S02E01-E03"
    assert str(Mark(media, "season")) == "season 2 of Severance (2022)"
    assert str(Mark(media, "show")) == "all of Severance (2022)"
    assert str(Mark(media, "list", status="hold")) == "Severance (2022)"
    assert str(Mark(Media("movie", "", ids={"imdb": "tt1"}))) == "imdb tt1"
    assert str(Mark(Media("episode", ""), episode_ids={"tvdb": "9"})) == "episode tvdb 9"
