"""With a real mpv: several episodes in a file, namesakes, corrections while it plays."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mpv_simkl.sandbox import Sandbox

from .harness import EPISODE_4, SEASON, WITHIN, Home, playing
from .test_journey import told, watched

DOUBLE = SEASON / "The Lighthouse Keepers - S01E01E02 - First Light.mkv"
CASTLE = "https://simkl.com/tv/9200003/castle"


def named(home: Home, name: str) -> Path:
    """A clip of 20 seconds under another name."""
    file = home.folder / "videos" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(EPISODE_4, file)
    return file


def test_two_episodes_in_a_file_are_two_watches(simkl: Sandbox, home: Home) -> None:
    """Simkl shows the first episode and then the second, and at the end both are watched, each once."""
    with playing(home, DOUBLE, speed=4) as mpv:
        mpv.process.wait(WITHIN)
        simkl.expect(2, "/scrobble/stop")
    assert told(simkl) == ["start 1", "stop 1", "start 2", "stop 2"]
    assert watched(simkl) == [("The Lighthouse Keepers", 1), ("The Lighthouse Keepers", 2)]
    assert home.waiting() == []


def test_who_leaves_in_the_second_episode_has_watched_the_first(simkl: Sandbox, home: Home) -> None:
    """Closed in the middle of the second episode, the first counts and the second keeps its place."""
    with playing(home, DOUBLE, speed=2) as mpv:
        simkl.expect(2, "/scrobble/start")
        mpv.quit()
        simkl.expect(2, "/scrobble/stop")
    assert watched(simkl) == [("The Lighthouse Keepers", 1)]
    assert [point.item.episode.number for point in simkl.playbacks if point.item.episode] == [2]


def test_a_namesake_is_told_of_and_does_not_count(simkl: Sandbox, home: Home) -> None:
    """A file that Simkl takes for a show of another year is not watched there, and the log says why."""
    with playing(home, named(home, "Castle (1970) - S01E02.mkv"), speed=4) as mpv:
        mpv.process.wait(WITHIN)
    assert told(simkl) == ["start 2", "pause 2"]
    assert watched(simkl) == []
    (row,) = home.waiting()
    assert row["state"] == "doubtful"
    assert "Simkl took it for Castle (2009)" in home.log
    assert "its year is another one" in home.log


@pytest.mark.parametrize(
    "name", ["Castle (1970) - S01E02.mkv", "Castle (1998) - S01E02.mkv", "Nobody Knows - S01E02.mkv"]
)
def test_a_correction_holds_for_what_plays(simkl: Sandbox, home: Home, name: str) -> None:
    """Said while it plays, it takes effect at once: whatever Simkl took it for before."""
    file = named(home, f"{name} - S01E02.mkv")
    with playing(home, file, speed=4) as mpv:
        simkl.expect(1, "/scrobble/start")
        said = home.cli("match", str(file), "--to", CASTLE, "--for", "title", "--yes")
        assert said.returncode == 0, said.stderr
        assert "1 player told" in said.stdout
        mpv.process.wait(WITHIN)
        simkl.expect(1, "/scrobble/stop")
    assert [(each.simkl, each.number) for each in simkl.history] == [(9200003, 2)]
    assert home.waiting() == []


def test_a_correction_holds_for_the_episode_to_come(simkl: Sandbox, home: Home) -> None:
    """Said when the first episode of the file is marked already, it holds for the second one too."""
    file = named(home, "Castle (1998) - S01E01E02.mkv")
    with playing(home, file) as mpv:
        simkl.expect(1, "/scrobble/start")
        mpv.command("script-binding", "simkl/mark-watched")
        simkl.expect(1, "/sync/history")
        said = home.cli("match", str(file), "--to", CASTLE, "--for", "title", "--yes")
        assert "1 player told" in said.stdout
        mpv.set("speed", 4)
        mpv.process.wait(WITHIN)
        simkl.expect(1, "/scrobble/stop")
    assert sorted((each.simkl, each.number) for each in simkl.history) == [(9200003, 1), (9200003, 2)]


def test_a_correction_holds_for_the_next_play(simkl: Sandbox, home: Home) -> None:
    """A name that says nothing is scrobbled once the user has said what it is, by Simkl's own number."""
    file = named(home, "IMG_2041.mkv")
    assert (
        home.cli("match", str(file), "--to", CASTLE, "--season", "2", "--episode", "5", "--yes").returncode
        == 0
    )
    with playing(home, file, speed=4) as mpv:
        mpv.process.wait(WITHIN)
        simkl.expect(1, "/scrobble/stop")
    assert [(each.simkl, each.season, each.number) for each in simkl.history] == [(9200003, 2, 5)]
    assert "as you said with `mpv-simkl match`" in home.log


def test_the_second_episode_goes_out_by_its_number(simkl: Sandbox, home: Home) -> None:
    """What was resolved once is remembered from one evening to the next."""
    for name in ("Castle (2009) - S01E02.mkv", "Castle (2009) - S01E03.mkv"):
        with playing(home, named(home, name), speed=4) as mpv:
            mpv.process.wait(WITHIN)
    starts = [call.body for call in simkl.calls if call.path == "/scrobble/start"]
    assert [body["show"].get("ids") for body in starts if isinstance(body, dict)] == [
        None,
        {"simkl": "9200003"},
    ]
    assert [(each.simkl, each.number) for each in simkl.history] == [(9200003, 2), (9200003, 3)]


def test_the_next_file_is_asked_about_as_the_user_wants_it_by_then(simkl: Sandbox, home: Home) -> None:
    """Who switches search_file on in the middle of the evening has the next name asked about."""
    home.set("search_file=no\n")
    with playing(home, *(named(home, f"Nobody Knows {word} (2001).mkv") for word in ("This", "That"))) as mpv:
        simkl.expect(2, "/scrobble/start")  # as a film, and as one that only the anime have
        home.set("search_file=yes\n")
        mpv.command("playlist-next")
        (call,) = simkl.expect(1, "/search/file")
        mpv.quit()
    assert call.body == {"file": "videos/Nobody Knows That (2001).mkv"}


def test_an_excluded_folder_is_nobodys_business(simkl: Sandbox, home: Home) -> None:
    """Nothing of a folder in `exclude` reaches Simkl, and the log says so in one line."""
    home.set("exclude=videos\n")
    with playing(home, named(home, "Castle (2009) - S01E02.mkv"), speed=8) as mpv:
        mpv.process.wait(WITHIN)
    assert simkl.calls == []
    assert home.log.count("not scrobbled: excluded by exclude=videos") == 1
    assert home.waiting() == []
