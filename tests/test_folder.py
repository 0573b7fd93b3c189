"""What a folder says of its videos: `.simkl`, read as it may be written, and then in a real mpv."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpv_simkl import folder
from mpv_simkl.folder import Wishes, apply, read_wishes
from mpv_simkl.judging import Judgement
from mpv_simkl.links import Link
from mpv_simkl.media import Media
from mpv_simkl.sandbox import Sandbox

from .harness import EPISODE_4, EPISODE_5, WITHIN, Home, playing
from .makers import EPISODE, FILM
from .screen import Screen

KNOWN = Judgement(EPISODE, "", standing="known")
UNKNOWN = Judgement(None, "no title", standing="unknown")
MUSIC = Judgement(None, "music, not a video")
SAID = "/films/.simkl"


def say(place: Path, text: str) -> Path:
    """Write the file, and give the path of a video beside it."""
    place.mkdir(parents=True, exist_ok=True)
    (place / folder.NAME).write_text(text, encoding="utf-8")
    return place / "video.mkv"


@pytest.mark.parametrize(
    ("text", "wishes"),
    [
        ("ignore=yes\n", Wishes(ignore=True)),
        ("# mine\n\n ignore = no \ntype=anime", Wishes(ignore=False, kind="anime")),
        ("match=https://simkl.com/anime/38636/one-piece", Wishes(match=Link({"simkl": "38636"}, "anime"))),
        ("match=tt2543164", Wishes(match=Link({"imdb": "tt2543164"}))),
        ("match=38636", Wishes(match=Link({"simkl": "38636"}))),
    ],
)
def test_what_is_written_is_what_is_wished(tmp_path: Path, text: str, wishes: Wishes) -> None:
    """Each line of the file means what it says."""
    video = say(tmp_path, text)
    read, complaints = read_wishes(str(video))
    assert complaints == []
    assert (read.ignore, read.match, read.kind) == (wishes.ignore, wishes.match, wishes.kind)


@pytest.mark.parametrize(
    "line", ["ignore=perhaps", "type=opera", "match=http://example.com/1", "colour=red", "x"]
)
def test_a_mistake_is_named_and_the_rest_holds(tmp_path: Path, line: str) -> None:
    """One sentence says what is wrong and what would do."""
    read, complaints = read_wishes(str(say(tmp_path, f"{line}\ntype=show\n")))
    assert read.kind == "show"
    assert len(complaints) == 1
    assert "cannot be used; " in complaints[0]


def test_a_file_full_of_nonsense_is_named_and_floods_nothing(tmp_path: Path) -> None:
    """A `.simkl` in a downloaded folder that means something else is named in three sentences at most, and
    nothing in them steers a screen or a terminal.
    """
    read, complaints = read_wishes(str(say(tmp_path, "\x1b[2J=x\n" + "a\n" * 2000 + "type=show\n")))
    assert read.kind == "show"
    assert len(complaints) == 3
    assert all(complaint.isprintable() for complaint in complaints)


def test_a_private_folder_stays_private(tmp_path: Path) -> None:
    """What a folder in a private one says of its videos makes them public only if it says just that."""
    private, show = tmp_path / "Private", tmp_path / "Private" / "Show"
    say(private, "ignore=yes\n")
    video = str(say(show, "type=show\n"))
    assert read_wishes(video) == (Wishes(ignore=True, said=str(private / folder.NAME)), [])
    say(show / "Season 01", "match=38636\n")
    assert read_wishes(str(show / "Season 01" / "x.mkv"))[0].ignore
    say(show, "type=show\nignore=no\n")
    assert read_wishes(video)[0] == Wishes(ignore=False, kind="show", said=str(show / folder.NAME))
    assert not read_wishes(str(show / "Season 01" / "x.mkv"))[0].ignore


def test_the_nearest_file_holds_two_folders_up_at_most(tmp_path: Path) -> None:
    """A show says it once for all its seasons; what stands higher up is somebody else's."""
    say(tmp_path / "a", "type=anime")
    say(tmp_path / "a" / "b" / "c", "type=show")
    assert read_wishes(str(tmp_path / "a" / "b" / "x.mkv"))[0].kind == "anime"
    assert read_wishes(str(tmp_path / "a" / "b" / "c" / "x.mkv"))[0] == Wishes(
        kind="show", said=str(tmp_path / "a" / "b" / "c" / folder.NAME)
    )
    assert read_wishes(str(tmp_path / "a" / "b" / "d" / "e" / "x.mkv"))[0] == Wishes()


@given(st.binary(max_size=3000))
def test_whatever_stands_in_it_does_no_harm(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """A file of that name that means something else is named, and no more."""
    place = tmp_path_factory.mktemp("films")
    (place / folder.NAME).write_bytes(content)
    wishes, complaints = read_wishes(str(place / "x.mkv"))
    assert apply(wishes, KNOWN, "x").media is not None or wishes.ignore
    assert all(len(complaint) < 500 for complaint in complaints)


@pytest.mark.parametrize("path", ["", "x\0y", "https://example.com/x.mkv", "/nonexistent/x.mkv"])
def test_where_there_is_no_folder_nothing_is_wished(path: str) -> None:
    """A stream has no folder."""
    assert read_wishes(path) == (Wishes(), [])


def test_where_mpv_was_started_says_nothing_of_a_stream(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever starts mpv in a folder that is left out has the stream scrobbled that it opens."""
    say(tmp_path, "ignore=yes")
    monkeypatch.chdir(tmp_path)
    assert read_wishes("https://example.com/x.mkv") == (Wishes(), [])


@pytest.mark.parametrize(
    ("wishes", "before", "after"),
    [
        (Wishes(kind="anime", said=SAID), KNOWN, EPISODE._replace(anime=True)),
        (Wishes(kind="movie", said=SAID), KNOWN, Media("movie", "Severance", 2022)),
        (Wishes(kind="show", said=SAID), Judgement(FILM, "", standing="known"), FILM),
        (
            Wishes(match=Link({"simkl": "1"}, "anime"), said=SAID),
            KNOWN,
            EPISODE._replace(anime=True, ids={"simkl": "1"}),
        ),
        (
            Wishes(match=Link({"imdb": "tt2543164"}, "movie"), said=SAID),
            UNKNOWN,
            Media("movie", "x", ids={"imdb": "tt2543164"}),
        ),
        (Wishes(match=Link({"simkl": "1"}, "show"), said=SAID), UNKNOWN, None),
        (Wishes(match=Link({"simkl": "1"}, "movie"), said=SAID), MUSIC, None),
        (Wishes(ignore=True, said=SAID), KNOWN, None),
    ],
)
def test_a_wish_changes_what_a_video_is_taken_for(
    wishes: Wishes, before: Judgement, after: Media | None
) -> None:
    """The folder's word goes before the file's name; it makes no film of a song."""
    assert apply(wishes, before, "x").media == after


@pytest.mark.parametrize(
    ("wish", "setting"), [("ignore=yes\n", ""), ("", "exclude=Home\n"), ("", "include=Films\n")]
)
def test_what_is_left_out_is_left_alone(
    simkl: Sandbox, home: Home, tmp_path: Path, wish: str, setting: str
) -> None:
    """Nothing is sent, asked and said of what lies in a folder that the user has left out."""
    screen = Screen(home.folder)
    home.set(f"messages=all\n{setting}")
    say(tmp_path / "Home", wish)
    video = Path(shutil.copy(EPISODE_4, tmp_path / "Home"))
    with playing(home, video, speed=8, options=screen.options) as mpv:
        mpv.process.wait(WITHIN)
    assert "not scrobbled: " in home.log
    assert simkl.calls == []
    assert screen.texts() == []


def test_a_link_in_the_folder_names_the_title(simkl: Sandbox, home: Home, tmp_path: Path) -> None:
    """Simkl gets the id of the link, whatever the file is called."""
    say(tmp_path / "x", "match=https://simkl.com/tv/9100001/the-lighthouse-keepers\n")
    video = Path(shutil.copy(EPISODE_4, tmp_path / "x" / "Keepers.S01E02.mkv"))
    with playing(home, video) as mpv:
        (start,) = simkl.expect(1, "/scrobble/start")
        mpv.quit()
    assert isinstance(start.body, dict)
    assert start.body["show"]["ids"] == {"simkl": "9100001"}
    assert start.status == 201


def test_a_mistake_in_a_folder_is_named_once_an_evening(simkl: Sandbox, home: Home, tmp_path: Path) -> None:
    """Whoever watches a whole season finds a mistake in its `.simkl` once in the log, not at each episode."""
    say(tmp_path / "Season 01", "colour=red\n")
    videos = [Path(shutil.copy(file, tmp_path / "Season 01")) for file in (EPISODE_4, EPISODE_5)]
    with playing(home, *videos) as mpv:
        for number in (1, 2):
            simkl.expect(number, "/scrobble/start")
            mpv.command("playlist-next", "force")
        mpv.process.wait(WITHIN)
    assert home.log.count("cannot be used") == 1
