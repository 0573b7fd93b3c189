"""What other scripts can read: `user-data/simkl`, in an mpv that is new enough for it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from mpv_simkl import paused
from mpv_simkl.paused import HOUR
from mpv_simkl.presence import NAME, Presence
from mpv_simkl.sandbox import Sandbox

from .harness import EPISODE_4, WITHIN, Home, playing
from .screen import Screen, until

PROPERTY = f"user-data/{NAME}"


def test_it_is_told_when_it_has_changed_and_never_twice() -> None:
    """A status line is not woken for nothing; an mpv that takes no such thing is asked once."""
    told: list[Mapping[str, object]] = []

    def take(name: str, value: Mapping[str, object]) -> bool:
        told.append(value)
        return name == NAME

    presence = Presence(take)
    for state in ("idle", "idle", "watching", "watching", "idle"):
        presence.show({"state": state})
    assert [value["state"] for value in told] == ["idle", "watching", "idle"]
    older = Presence(lambda _, value: not take(NAME, value))
    older.show({"state": "old"})
    older.show({"state": "older"})
    assert told[-1] == {"state": "old"}


def test_what_mpv_did_not_take_once_is_told_again() -> None:
    """An mpv that was too busy once shows how things stand at the next change, and is not given up."""
    answers = iter((True, False, True))
    told: list[object] = []

    def take(_: str, value: object) -> bool:
        told.append(value)
        return next(answers)

    presence = Presence(take)
    for state in ("idle", "watching", "watching", "watching"):
        presence.show({"state": state})
    assert told == [{"state": "idle"}, {"state": "watching"}, {"state": "watching"}]


def states(told: list[Any]) -> list[str]:
    """The states that were told, in order, each as long as it lasted."""
    return [state for state, _ in itertools.groupby(value["state"] for value in told if value)]


def test_other_scripts_see_what_is_watched(simkl: Sandbox, newest: Home) -> None:
    """A button of another script knows whether something is watched, what, how far, and who is signed in."""
    with playing(newest, EPISODE_4, options=["--idle=yes", "--pause"]) as mpv:
        told = mpv.listen(PROPERTY)
        mpv.set("pause", False)
        simkl.expect(1, "/scrobble/start")
        until(lambda: states(told)[-1:] == ["watching"], lambda: str(told))
        mpv.set("pause", True)
        simkl.expect(1, "/scrobble/pause")
        mpv.command("script-message-to", "simkl", "pause-scrobbling", "file")
        until(lambda: states(told)[-1] == "off", lambda: str(told))
        mpv.command("script-message-to", "simkl", "pause-scrobbling")
        until(lambda: states(told)[-1] != "off", lambda: str(told))
        mpv.command("stop")
        until(lambda: states(told)[-1] == "idle", lambda: str(told))
    assert states(told)[-5:] == ["watching", "paused", "off", "paused", "idle"]
    watching = next(value for value in told if value and value["state"] == "watching")
    assert 0 <= watching.pop("progress") < 20
    assert watching == {
        "state": "watching",
        "title": "The Lighthouse Keepers (2021) S01E04",
        "waiting": 0,
        "signed_in": True,
    }


def test_what_does_not_count_is_told(newest: Home, tmp_path: Path) -> None:
    """A video that nobody can name is `unknown`, one in an ignored folder `excluded`, one that is taken for
    something else `doubtful`.
    """
    namesake = tmp_path / "Castle (1970) - S01E02.mkv"
    holiday, private = tmp_path / "VID-20230101-WA0003.mkv", tmp_path / "private" / EPISODE_4.name
    private.parent.mkdir()
    (private.parent / ".simkl").write_text("ignore=yes\n")
    for video in (holiday, private, namesake):
        video.write_bytes(EPISODE_4.read_bytes())
    with playing(newest, holiday) as mpv:
        told = mpv.listen(PROPERTY)
        until(lambda: states(told)[-1:] == ["unknown"], lambda: str(told))
        mpv.command("loadfile", str(private))
        until(lambda: states(told)[-1:] == ["excluded"], lambda: str(told))
        mpv.command("loadfile", str(namesake))
        until(lambda: states(told)[-1:] == ["doubtful"], lambda: str(told))


def test_the_end_of_an_hours_pause_is_told_in_an_empty_window(newest: Home) -> None:
    """Paused for one hour, a status line says `off` no longer than that, also when nothing plays any more."""
    paused.begin("hour", "", datetime.now(UTC) - HOUR + timedelta(seconds=5))
    with playing(newest, EPISODE_4, options=["--idle=yes"]) as mpv:
        told = mpv.listen(PROPERTY)
        until(lambda: states(told)[-1:] == ["off"], lambda: str(told))
        mpv.command("stop")
        until(lambda: states(told)[-1:] == ["idle"], lambda: str(told))
        mpv.quit()


def test_an_older_mpv_is_asked_once(home: Home, simkl: Sandbox) -> None:
    """Where there is no user-data nothing is said of it, and it is not tried again and again."""
    home.set("log_level=debug\n")
    screen = Screen(home.folder)
    with playing(home, EPISODE_4, speed=8, options=screen.options) as mpv:
        has_it = mpv.command("get_property", "mpv-version").split()[1].lstrip("v") >= "0.36"
        mpv.process.wait(WITHIN)
    simkl.expect(1, "/scrobble/stop")
    refused = home.log.count(f"did not answer ('set_property', '{PROPERTY}')")
    assert refused == 1 or has_it
