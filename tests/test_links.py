"""Ids and pasted links."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpv_simkl.errors import UsageError
from mpv_simkl.links import ID_KEYS, SITES, Link, read_id, read_link, read_link_or_id


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("https://simkl.com/tv/53536/severance/season-1/episode-3", Link({"simkl": "53536"}, "show", 1, 3)),
        ("simkl.com/movies/472214/arrival", Link({"simkl": "472214"}, "movie")),
        (
            "https://simkl.com/anime/38636/one-piece/episode-1000",
            Link({"simkl": "38636"}, "anime", None, 1000),
        ),
        ("https://www.imdb.com/title/tt2543164/?ref_=nv", Link({"imdb": "tt2543164"})),
        ("https://m.imdb.com/de/title/tt2543164/reference", Link({"imdb": "tt2543164"})),
        ("https://www.themoviedb.org/movie/329865-arrival", Link({"tmdb": "329865"}, "movie")),
        (
            "https://www.themoviedb.org/tv/1396-breaking-bad/season/1/episode/2?language=de",
            Link({"tmdb": "1396"}, "show", 1, 2),
        ),
        ("https://thetvdb.com/series/severance", Link({"tvdb": "severance"}, "show")),
        ("https://thetvdb.com/dereferrer/series/371980", Link({"tvdb": "371980"}, "show")),
        ("https://thetvdb.com/movies/arrival", Link({"tvdb": "arrival"}, "movie")),
        ("https://myanimelist.net/anime/37510/Mob_Psycho_100_II", Link({"mal": "37510"}, "anime")),
        ("https://anilist.co/anime/101338/Mob-Psycho-100-II/", Link({"anilist": "101338"}, "anime")),
        ("https://anidb.net/anime/9541", Link({"anidb": "9541"}, "anime")),
        ("https://anidb.net/a9541", Link({"anidb": "9541"}, "anime")),
        ("https://anidb.net/perl-bin/animedb.pl?show=anime&aid=9541", Link({"anidb": "9541"}, "anime")),
    ],
)
def test_a_link_to_a_page_names_its_title(text: str, link: Link) -> None:
    """A page of Simkl, IMDb, TMDB, TheTVDB, MyAnimeList, AniList or AniDB can be pasted."""
    assert read_link(text) == link


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Severance S01E01.mkv",
        "https://imdb.com.evil.example/title/tt2543164",
        "https://evil.example/title/tt2543164",
        "https://simkl.com/",
        "https://simkl.com/tv/x",
        "http://[bad",
        "https://simkl.com/tv/" + "9" * 3000,
    ],
)
def test_anything_else_is_no_link(text: str) -> None:
    """A file's name, another site, and nonsense name no title."""
    assert read_link(text) is None


def test_an_id_is_taken_bare_or_as_a_link() -> None:
    """`--imdb` takes what stands in the address, or the address."""
    assert read_id("imdb", "tt2543164") == Link({"imdb": "tt2543164"})
    assert read_id("imdb", "https://www.imdb.com/title/tt2543164/") == Link({"imdb": "tt2543164"})
    assert read_id("tmdb", " 603 ") == Link({"tmdb": "603"})


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("tt2543164", {"imdb": "tt2543164"}),
        ("9300001", {"simkl": "9300001"}),
        ("https://simkl.com/movies/9300001", {"simkl": "9300001"}),
        ("tt1", None),
        ("٣٠٠٠٠٠", None),
        ("Castle", None),
        ("", None),
    ],
)
def test_a_bare_id_says_whose_it_is(text: str, ids: dict[str, str] | None) -> None:
    """IMDb's ids begin with tt, a number is Simkl's; anything else has to be a link."""
    found = read_link_or_id(text)
    assert (found.ids if found else None) == ids


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("imdb", "2543164"),
        ("imdb", "https://simkl.com/tv/1"),
        ("tmdb", "tt1"),
        ("mal", "-1"),
        ("simkl", "٣"),
        ("simkl", "9" * 13),
        ("tvdb", "a b"),
        ("tvdb", ""),
    ],
)
def test_what_is_no_id_is_refused(key: str, text: str) -> None:
    """An id of another site, or a broken one, is named and not sent."""
    with pytest.raises(UsageError, match=f"no id of {SITES[key]}"):
        read_id(key, text)


@given(st.sampled_from(ID_KEYS), st.text(max_size=60))
def test_no_text_breaks_the_reader(key: str, text: str) -> None:
    """Whatever is pasted, the answer is an id or a sentence."""
    try:
        link = read_id(key, text)
    except UsageError:
        return
    assert list(link.ids) == [key]
