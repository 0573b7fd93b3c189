"""Tags, the shown title, folders and `.nfo` files: who is believed when they disagree."""

from __future__ import annotations

import pytest

from mpv_simkl.identify import Verdict, identify
from mpv_simkl.media import Clues, Media

THIS_YEAR = 2026
EPISODE_NFO = """<?xml version="1.0"?>
<episodedetails><title>The Keeper</title><showtitle>Harbour Lights</showtitle><season>2</season>
<episode>5</episode><uniqueid type="tvdb">55501</uniqueid></episodedetails>"""
SHOW_NFO = """<tvshow><title>Harbour &amp; Lights</title><year>2014</year><uniqueid type="tvdb">777</uniqueid>
<uniqueid type="imdb">tt7654321</uniqueid><actor><name>A Person</name><tmdbid>1</tmdbid></actor></tvshow>"""
FILM_NFO = (
    '<movie><title>The Quiet Lamp</title><year>2011</year><uniqueid type="tmdb">4321</uniqueid></movie>'
)


def _verdict(path: str, media_title: str = "", tags: dict[str, str] | None = None, *sidecars: str) -> Verdict:
    return identify(Clues(path, media_title, tags or {}, sidecars), this_year=THIS_YEAR)


def _media(path: str, media_title: str = "", tags: dict[str, str] | None = None, *sidecars: str) -> Media:
    verdict = _verdict(path, media_title, tags, *sidecars)
    assert verdict.media, verdict.reason
    return verdict.media


def test_whole_itunes_tags_name_the_episode_of_a_file_that_says_nothing() -> None:
    """A file called after nothing is known by the show, season and episode in its tags."""
    tags = {"show": "Harbour Lights", "season_number": "2", "episode_sort": "5", "title": "The Keeper"}
    assert _media("/x/abc.m4v", "The Keeper", tags) == Media("episode", "Harbour Lights", None, 2, (5,))


def test_what_a_tag_hides_in_a_title_is_no_part_of_it() -> None:
    """What steers a terminal, breaks a line or is not to be seen goes neither to Simkl nor to the screen."""
    show = "\x1b]0;Harbour\x07 Li\u200bghts\n\x9b2J\u202e"
    tags = {"show": show, "season_number": "2", "episode_sort": "5"}
    assert _media("/x/abc.m4v", "", tags).title == "]0;Harbour Lights 2J"


def test_matroska_levels_are_read_as_mpv_joins_them() -> None:
    """mpv joins collection, season and episode with slashes, and that names the episode (mpv-notes 3.2)."""
    tags = {
        "TITLE": "Harbour Lights / Season Two / The Keeper",
        "PART_NUMBER": "2 / 5",
        "IMDB": "tt7654321",
        "TMDB": "tv/1396",
        "TVDB": "349232",
        "TVDB2": "series/81189",
    }
    media = _media("/x/abc.mkv", tags["TITLE"], tags)
    assert (media.title, media.season, media.episodes) == ("Harbour Lights", 2, (5,))
    assert media.ids == {"imdb": "tt7654321", "tmdb": "1396", "tvdb": "81189"}


def test_tags_that_contradict_a_numbered_file_name_lose() -> None:
    """Joined levels are ambiguous: they count only when the file name's own numbers agree (mpv-notes 3.2)."""
    tags = {"TITLE": "A / B / C", "PART_NUMBER": "9 / 9"}
    media = _media("/tv/Harbour Lights/Harbour.Lights.S02E05.mkv", "A / B / C", tags)
    assert (media.title, media.season, media.episodes) == ("Harbour Lights", 2, (5,))


@pytest.mark.parametrize("title", ["Encoded by someone", "www.site.example.com", "ripped by X", "Untitled"])
def test_a_title_that_advertises_loses_to_the_file_name(title: str) -> None:
    """A title tag that names an encoder or a site says nothing of the film."""
    media = _media("/films/The.Quiet.Lamp.2011.1080p.mkv", title, {"title": title})
    assert (media.title, media.year) == ("The Quiet Lamp", 2011)


@pytest.mark.parametrize("title", ["Encoded by someone", "www.site.example.com"])
def test_an_advertisement_does_not_rescue_a_useless_file_name(title: str) -> None:
    """Rather no answer than an advertisement taken for a film."""
    assert _verdict("/x/0e895c37245186812cb08aab1529cf8e.mkv", title).media is None


def test_a_good_title_rescues_a_useless_file_name() -> None:
    """What mpv shows names the film when the file is called after a hash."""
    media = _media("/x/0e895c37245186812cb08aab1529cf8e.mkv", "The Quiet Lamp (2011)")
    assert (media.title, media.year) == ("The Quiet Lamp", 2011)


def test_a_server_url_is_known_by_its_title_only() -> None:
    """The path of a media server names no film; its title does."""
    media = _media("http://box:8096/Videos/abcdef0123456789/stream.mkv?api_key=x", "Harbour Lights S02E05")
    assert (media.title, media.season, media.episodes) == ("Harbour Lights", 2, (5,))
    assert _verdict("http://box:8096/Videos/abcdef0123456789/stream.mkv?api_key=x").media is None


@pytest.mark.parametrize("end", ["", "?~0123456789ab", "?key=hush"])
def test_the_address_of_an_archive_names_a_show_without_its_keys(end: str) -> None:
    """Of a zip on a server neither host nor keys are a part of the title."""
    media = _media(f"archive://https://box:8096/Harbour%20Lights{end}|/Season 2/S02E05.mkv")
    assert (media.title, media.season, media.episodes) == ("Harbour Lights", 2, (5,))


def test_an_episode_title_does_not_replace_the_show() -> None:
    """The title tag of an episode often holds the episode's own title."""
    media = _media("/tv/Harbour Lights/Season 2/05.mkv", "The Keeper", {"title": "The Keeper"})
    assert (media.title, media.season, media.episodes) == ("Harbour Lights", 2, (5,))


def test_a_show_s_nfo_adds_its_ids_and_its_year() -> None:
    """`tvshow.nfo` names the show as its library knows it; the people in it are left out."""
    media = _media("/tv/hl/hl.s02e05.mkv", "", {}, SHOW_NFO)
    assert media.ids == {"tvdb": "777", "imdb": "tt7654321"}


def test_an_episode_s_nfo_names_a_file_that_says_nothing() -> None:
    """The `.nfo` beside a file is asked when the name is a hash; an episode's own ids are not the show's."""
    media = _media("/x/0e895c37245186812cb08aab1529cf8e.mkv", "", {}, EPISODE_NFO, SHOW_NFO)
    assert (media.title, media.season, media.episodes) == ("Harbour Lights", 2, (5,))
    assert media.ids["tvdb"] == "777"


def test_a_film_s_nfo_gives_title_year_and_id() -> None:
    """`movie.nfo` names the film of a disc's stream."""
    media = _media("/x/BDMV/STREAM/00001.m2ts", "", {}, FILM_NFO)
    assert media == Media("movie", "The Quiet Lamp", 2011, ids={"tmdb": "4321"})


def test_an_nfo_of_a_bare_link_gives_the_id() -> None:
    """Kodi also reads an `.nfo` that is nothing but a link."""
    media = _media("/films/The Quiet Lamp (2011).mkv", "", {}, "https://www.imdb.com/title/tt1234567/")
    assert media.ids == {"imdb": "tt1234567"}


@pytest.mark.parametrize(
    "bomb",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><movie><title>&b;</title></movie>',
        "<movie>" * 50_000,
        "<movie><title>" + " " * 500_000,
        "<movie>" + "<actor>" * 100_000,
    ],
)
def test_a_hostile_nfo_changes_nothing(bomb: str) -> None:
    """Entities are not expanded and nesting is not followed."""
    media = _media("/films/The Quiet Lamp (2011).mkv", "", {}, bomb)
    assert (media.title, media.year) == ("The Quiet Lamp", 2011)


def test_an_id_in_the_path_beats_one_in_the_tags() -> None:
    """The user wrote the id into the folder; the container's may be a muxer's mistake."""
    media = _media("/films/The Quiet Lamp (2011) {tmdb-1}/x.mkv", "", {"TMDB": "movie/2"})
    assert media.ids == {"tmdb": "1"}


def test_a_release_folder_names_a_scrambled_file() -> None:
    """Usenet posts keep the name in the folder and scramble the file's."""
    media = _media("/dl/Harbour.Lights.S02E05.1080p.WEB.h264-GRP/abc.xyz.af6021c37f7852.mkv")
    assert (media.title, media.season, media.episodes) == ("Harbour Lights", 2, (5,))


def test_a_show_called_extras_is_no_extra() -> None:
    """Only what lies right in a folder of extras is one."""
    media = _media("/tv/Extras/Season 1/Extras - S01E02.mkv")
    assert (media.title, media.season, media.episodes) == ("Extras", 1, (2,))


def test_a_file_without_a_number_in_a_season_is_no_film() -> None:
    """An episode whose number nobody tells is not credited as a film of its title."""
    assert "has no number" in _verdict("/tv/Harbour Lights/Season 2/The Keeper.mkv").reason


def test_an_episode_of_a_nameless_show_is_told_but_not_taken() -> None:
    """Season and episode without a show cannot be scrobbled; what is known stays visible."""
    verdict = _verdict("S02E05.mkv")
    assert verdict.media is None
    assert verdict.about
    assert (verdict.about.season, verdict.about.episodes) == (2, (5,))
    assert verdict.type == "episode"
