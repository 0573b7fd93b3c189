"""Where another device stopped: what is found for what plays, and the way there in a real mpv."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpv_simkl import elsewhere
from mpv_simkl.auth import Credentials
from mpv_simkl.elsewhere import Point, Stop, place_of
from mpv_simkl.errors import TryLater
from mpv_simkl.model import Action
from mpv_simkl.pace import Pace
from mpv_simkl.sandbox import Sandbox
from mpv_simkl.simkl import Simkl

from .harness import CLIPS, EPISODE_4, EPISODE_5, FILM, WITHIN, Home, Mpv, playing
from .makers import ANIME, EPISODE, connect, no_sleep
from .makers import FILM as ARRIVAL
from .sandbox_talk import Clock
from .screen import Screen

MUSIC = CLIPS / "other" / "01 - Tidewater.flac"
LIGHTHOUSE = {"title": "The Lighthouse Keepers", "year": 2021}
OTHER_DEVICE = {"show": LIGHTHOUSE, "episode": {"season": 1, "number": 4}, "progress": 42.0}
SEVERANCE = Point("Severance", 2022, {"imdb": "tt11280740", "simkl": "9200004"}, [(1, 3)], 42.2)
THERE = Stop(30, here=False)

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("point", "media", "place"),
    [
        (SEVERANCE, EPISODE, 42.2),
        (SEVERANCE, EPISODE._replace(episodes=(4,)), None),
        (SEVERANCE, EPISODE._replace(season=2), None),
        (SEVERANCE, EPISODE._replace(title="severance!", year=None), 42.2),
        (SEVERANCE, EPISODE._replace(year=1999), None),
        (SEVERANCE, EPISODE._replace(title="Abtrennung", ids={"imdb": "tt11280740"}), 42.2),
        (SEVERANCE, EPISODE._replace(ids={"imdb": "tt1"}), None),
        (Point("One Piece", 1999, {}, [(1, 96), (4, 5)], 10), ANIME, 10),
        (Point("One Piece", 1999, {}, [(1, 95), (4, 96)], 10), ANIME, None),
        (Point("Arrival", 2016, {}, [], 10), ARRIVAL, 10),
        (Point("Pokémon (2022)", 2022, {}, [(1, 3)], 10), EPISODE._replace(title="Pokemon"), 10),
        (Point("Severance II", 2022, {}, [(1, 3)], 10), EPISODE, None),
        (Point("", 2016, {}, [], 10), ARRIVAL._replace(title=""), None),
        (Point("?", 2016, {}, [], 10), ARRIVAL._replace(title="!"), None),
    ],
)
def test_a_place_belongs_to_one_title_and_one_episode(point: Point, media: Any, place: float | None) -> None:
    """A place is offered in the very episode it was saved in, under whatever name, and in no other."""
    assert place_of(media, [point]) == place


LEFT_AT = datetime(2026, 11, 20, 21, 4, 5, 700_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("media", "paused_at", "is_replaced"),
    [
        (EPISODE._replace(episodes=(2,)), "2026-11-20T21:04:05Z", True),
        (EPISODE, "2026-11-20T16:04:05-05:00", True),
        (EPISODE, "2026-11-20T22:04:04+01:00", False),
        (EPISODE, "2026-11-20T21:04:05.000Z", True),
        (EPISODE, "2026-11-20T21:04:04Z", False),
        (EPISODE, None, False),
        (EPISODE._replace(title="Abtrennung", ids={"simkl": "9200004"}), "2026-11-20T21:05:00Z", True),
        (EPISODE._replace(ids={"simkl": "1"}), "2026-11-20T21:05:00Z", False),
        (ANIME, "2026-11-20T21:05:00Z", False),
        (ARRIVAL._replace(title="Severance", year=2022), "2026-11-20T21:05:00Z", False),
    ],
)
def test_a_later_place_in_the_same_show_stands_in_for_an_earlier_one(
    media: Any, paused_at: str | None, is_replaced: bool
) -> None:
    """Simkl keeps one place of a show, so the last one counts, in whichever episode it is."""
    show = {"title": "Severance", "year": 2022, "ids": {"simkl": 9200004}}
    row = {"show": show, "episode": {"season": 1, "number": 3}, "progress": 42, "paused_at": paused_at}
    assert elsewhere.is_replaced(list(elsewhere._points([row])), media, LEFT_AT) is is_replaced


def test_ids_and_numbers_may_be_written_as_in_any_answer() -> None:
    """Simkl has two names for some ids, and tells numbers as texts at times."""
    show = {"title": "Abtrennung", "year": "2022", "ids": {"simkl_id": 9200004, "tmdbtv": "95396"}}
    row = {"show": show, "episode": {"season": "1", "number": "3"}, "progress": 42}
    assert place_of(EPISODE._replace(ids={"tmdb": "95396"}), list(elsewhere._points([row]))) == 42


@pytest.mark.parametrize("progress", [0, 100, 120, -1, True, "42", None])
def test_a_beginning_and_an_end_are_no_places(progress: object) -> None:
    """Where another device was through, or had not begun, there is nothing to go to."""
    assert list(elsewhere._points([{"movie": {"title": "Arrival"}, "progress": progress}])) == []


@given(st.lists(anything, max_size=5))
def test_whatever_is_answered_does_no_harm(rows: list[Any]) -> None:
    """Places that make no sense are no places."""
    assert [point for point in elsewhere._points(rows) if not 0 < point.progress < 100] == []


def test_the_places_are_asked_for_only_when_one_has_moved(
    hasty: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As long as nothing has moved, what Simkl said last holds; a broken note of it is made anew."""
    monkeypatch.setenv("MPV_SIMKL_HOME", str(tmp_path))
    pause(hasty, {"movie": {"title": "Arrival", "year": 2016}, "progress": 30})
    client = connect(hasty)
    assert [elsewhere.ask(client, ARRIVAL) for _ in range(3)] == [THERE] * 3
    assert asked(hasty) == 1
    (tmp_path / "data" / elsewhere.FILE).write_text('{"movies": [')
    assert elsewhere.ask(client, ARRIVAL) == THERE
    assert asked(hasty) == 2
    (tmp_path / "data" / elsewhere.FILE).write_text(json.dumps({"movies": {"moved": None, "points": [[1]]}}))
    assert elsewhere.ask(client, ARRIVAL) == THERE


def test_an_answer_that_makes_no_sense_is_not_remembered_as_none(
    hasty: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is kept says how things stood when they were asked for with success (simkl-api 9)."""
    monkeypatch.setenv("MPV_SIMKL_HOME", str(tmp_path))
    pause(hasty, {"movie": {"title": "Arrival", "year": 2016}, "progress": 30})
    hasty.fail("portal", times=1, path="/sync/playback")
    with pytest.raises(TryLater):
        elsewhere.ask(connect(hasty), ARRIVAL)
    assert elsewhere.ask(connect(hasty), ARRIVAL) == THERE


def test_the_last_word_of_this_machine_is_known(
    hasty: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A place that was left here is no other device's, until another one has moved on."""
    monkeypatch.setenv("MPV_SIMKL_HOME", str(tmp_path))
    elsewhere.left_here(ARRIVAL, 12)
    elsewhere.left_here(ARRIVAL, 30.24)
    elsewhere.left_here(EPISODE, 50)
    pause(hasty, {"movie": {"title": "Arrival", "year": 2016}, "progress": 30.2})
    assert elsewhere.ask(connect(hasty), ARRIVAL) == Stop(30.2, here=True)
    elsewhere.left_here(ARRIVAL, 12)
    assert elsewhere.ask(connect(hasty), ARRIVAL) == Stop(30.2, here=False)
    (tmp_path / "data" / elsewhere.FILE).write_text(json.dumps({"here": [[1], None, "x"]}))
    assert elsewhere.ask(connect(hasty), ARRIVAL) == Stop(30.2, here=False)


def test_a_place_that_has_moved_is_asked_for_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who went on watching elsewhere meanwhile finds the new place, not the one of yesterday."""
    monkeypatch.setenv("MPV_SIMKL_HOME", str(tmp_path))
    clock = Clock()
    with Sandbox(clock=clock, throttle=False) as simkl:
        for progress in (30, 60):
            pause(simkl, {"movie": {"title": "Arrival", "year": 2016}, "progress": progress})
            assert elsewhere.ask(connect(simkl), ARRIVAL) == Stop(progress, here=False)
            clock.step(minutes=5)


SILENT_VOICE = {"title": "A Silent Voice", "year": 2016}


@pytest.mark.parametrize("old", [False, True], ids=["as described", "as in older examples"])
@pytest.mark.parametrize(
    ("body", "media"),
    [
        ({"anime": {"title": "One Piece"}, "episode": {"number": 96}}, ANIME),
        ({"anime": SILENT_VOICE}, ARRIVAL._replace(title="A Silent Voice", year=2016)),
        ({"show": {"title": "Severance", "year": 2022}, "episode": {"season": 1, "number": 3}}, EPISODE),
    ],
    ids=["anime", "a film of anime", "a show"],
)
def test_a_place_is_found_however_simkl_tells_it(
    hasty: Sandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    body: Mapping[str, Any],
    media: Any,
    old: bool,
) -> None:
    """The episode's number has two names and anime stands under two, and its films move where shows do."""
    monkeypatch.setenv("MPV_SIMKL_HOME", str(tmp_path))
    hasty.rules.old_playbacks = old
    client = connect(hasty)
    assert elsewhere.ask(client, media) is None
    pause(hasty, {**body, "progress": 30})
    assert elsewhere.ask(client, media) == THERE


def test_the_places_of_one_account_are_no_other_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who signs in after somebody else is led to their own place, though both moved in the same second."""
    monkeypatch.setenv("MPV_SIMKL_HOME", str(tmp_path))
    with Sandbox(clock=Clock(), throttle=False) as simkl:
        for account, progress in ((1, 30), (2, 60)):
            who = Credentials(simkl.url, simkl.client_id, simkl.sign_in(account).access_token, str(account))
            client = Simkl(who, Pace(None, no_sleep), no_sleep)
            client.scrobble(Action.PAUSE, ARRIVAL, progress)
            assert elsewhere.ask(client, ARRIVAL) == Stop(progress, here=False)


def asked(simkl: Sandbox) -> int:
    """How often the places were asked for."""
    return len([call for call in simkl.calls if call.path.startswith("/sync/playback")])


def pause(simkl: Sandbox, body: Mapping[str, Any]) -> None:
    """Another device pauses."""
    connect(simkl)._write("/scrobble/pause", dict(body))


# A real mpv


@pytest.fixture
def simkl() -> Iterator[Sandbox]:
    """A Simkl at which another device stopped at 42 % of an episode."""
    with Sandbox(throttle=False) as sandbox:
        pause(sandbox, OTHER_DEVICE)
        yield sandbox


@contextmanager
def watching(home: Home, screen: Screen, file: Path, *options: str, resume: str = "ask") -> Iterator[Mpv]:
    """mpv, with the setting."""
    given = (*screen.options, f"--script-opts-append=simkl-resume={resume}", *options)
    with playing(home, file, options=given) as mpv:
        yield mpv


def paths(simkl: Sandbox) -> list[str]:
    """What Simkl was asked, the other device left out."""
    return [call.path for call in simkl.calls][1:]


def position(mpv: Mpv) -> float:
    """Where mpv stands."""
    return float(mpv.command("get_property", "time-pos"))


def test_a_key_goes_where_another_device_stopped(simkl: Sandbox, home: Home, screen: Screen) -> None:
    """The place is looked up before the start, which clears it; the screen names it and its key."""
    (home.mpv_dir / "input.conf").write_text("F9 script-binding simkl/resume\n")
    with watching(home, screen, EPISODE_4, "--pause") as mpv:
        screen.wait_for("Paused at 42 % on another device: press F9 to go there")
        assert position(mpv) < 1
        mpv.press("F9")
        mpv.wait_for("time-pos", wanted=lambda at: at > 5)
        screen.wait_for("Simkl: going on from there")
        length = float(mpv.command("get_property", "duration"))
        assert position(mpv) == pytest.approx(0.42 * length, abs=1.5)
        mpv.set("pause", False)
        simkl.expect(1, "/scrobble/start")
        mpv.quit()
    assert paths(simkl)[:3] == ["/sync/activities", "/sync/playback/episodes", "/scrobble/start"]


def test_told_to_it_goes_there_by_itself(home: Home, screen: Screen) -> None:
    """With resume=yes nobody has to press anything."""
    with watching(home, screen, EPISODE_4, resume="yes") as mpv:
        mpv.wait_for("time-pos", wanted=lambda at: at > 5)
        mpv.quit()


def test_without_a_key_the_screen_says_how_to_have_one(home: Home, screen: Screen) -> None:
    """Whoever has bound no key learns its name; the message does as well."""
    with watching(home, screen, EPISODE_4, "--pause") as mpv:
        screen.wait_for("bind a key to  script-binding simkl/resume")
        mpv.command("script-message-to", "simkl", "resume")
        mpv.wait_for("time-pos", wanted=lambda at: at > 5)
        mpv.quit()


@pytest.mark.parametrize(
    ("resume", "file", "option"),
    [("no", EPISODE_4, "--start=0"), ("ask", EPISODE_4, "--start=00:10"), ("ask", MUSIC, "--length=1")],
)
def test_where_it_is_not_wanted_nothing_is_asked(
    simkl: Sandbox, home: Home, resume: str, file: Path, option: str
) -> None:
    """With resume=no, when mpv itself went on where it was, and with music, no place is asked for."""
    screen = Screen(home.folder)
    with watching(home, screen, file, option, "--speed=8", resume=resume) as mpv:
        mpv.process.wait(WITHIN)
    home.wait_until_quiet()
    assert not [path for path in paths(simkl) if path.startswith("/sync/")]
    assert not [line for line in screen.lines() if "another device" in line]


@pytest.mark.parametrize("file", [EPISODE_5, FILM])
def test_another_episode_is_offered_nothing(simkl: Sandbox, home: Home, screen: Screen, file: Path) -> None:
    """The place of episode 4 is none in episode 5, and none in a film; one request is made for it."""
    with watching(home, screen, file) as mpv:
        simkl.expect(1, "/scrobble/start")
        mpv.quit()
    home.wait_until_quiet()
    assert len([path for path in paths(simkl) if path.startswith("/sync/playback")]) == 1
    assert not [line for line in screen.lines() if "another device" in line]


def test_a_slow_answer_does_not_hold_the_start_back(simkl: Sandbox, home: Home, screen: Screen) -> None:
    """If Simkl never says where others stopped, the start is told without it, and nothing is said."""
    simkl.fail("blackhole", path="/sync/activities")
    with watching(home, screen, EPISODE_4) as mpv:
        simkl.expect(1, "/scrobble/start")
        mpv.quit()
    assert "not known where another device stopped" in home.log
    assert not [line for line in screen.lines() if "reached" in line]


def test_who_comes_back_to_a_film_on_this_machine_is_not_told_of_another(
    simkl: Sandbox, home: Home, screen: Screen
) -> None:
    """A film that was closed at the half is offered from there, as what was left here."""
    with playing(home, EPISODE_4) as mpv:
        simkl.expect(1, "/scrobble/start")
        mpv.seek(10)
        mpv.quit()
        simkl.expect(1, "/scrobble/stop")
    with watching(home, screen, EPISODE_4, "--pause") as mpv:
        screen.wait_for("% here before")
        mpv.quit()
