"""What other scripts can read: `user-data/simkl`; a relay stands in for an mpv that is new enough for it."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from mpv_simkl.presence import NAME, Presence
from mpv_simkl.sandbox import Sandbox

from .harness import EPISODE_4, WITHIN, Home, Mpv, playing
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


class Newer:
    """Stands between us and mpv and takes what an mpv of 0.36 would take."""

    def __init__(self, folder: Path) -> None:
        self.place, self._mpv = folder / "newer.sock", folder / "mpv.sock"
        self.told: list[dict[str, Any]] = []
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(self.place))
        self._server.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def states(self) -> list[str]:
        """The states that were told, in order, each as long as it lasted."""
        states = [str(value["state"]) for value in self.told]
        return [state for place, state in enumerate(states) if place == 0 or states[place - 1] != state]

    def _serve(self) -> None:
        with self._server:
            self._server.accept()[0].close()  # the first call only looks whether somebody is there
            ours, _ = self._server.accept()
        with ours, socket.socket(socket.AF_UNIX) as theirs:
            theirs.connect(str(self._mpv))
            threading.Thread(target=_copy, args=(theirs, ours), daemon=True).start()
            with ours.makefile("rb") as lines, suppress(OSError):
                for line in lines:
                    self._pass_on(line, ours, theirs)

    def _pass_on(self, line: bytes, ours: socket.socket, theirs: socket.socket) -> None:
        said = json.loads(line)
        if said["command"][:2] == ["set_property", PROPERTY]:
            self.told.append(said["command"][2])
            answer = {"request_id": said["request_id"], "error": "success", "data": None}
            ours.sendall(json.dumps(answer).encode() + b"\n")
        else:
            theirs.sendall(line)


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_RDWR)


@contextmanager
def newer_mpv(home: Home) -> Iterator[tuple[Mpv, Newer]]:
    """An mpv without a file that we follow through the relay."""
    line = ["mpv", "--no-config", "--idle=yes", "--no-terminal", "--vo=null", "--ao=null"]
    options = [
        "--script-opts=simkl-min_duration=0,simkl-resume=no",
        f"--input-ipc-server={home.folder}/mpv.sock",
    ]
    process = subprocess.Popen([*line, *options])
    mpv = Mpv(process, home.folder / "mpv.sock")
    newer = Newer(home.folder)
    words = ["attach", "--socket", str(newer.place), "--mpv-pid", str(process.pid)]
    line = [sys.executable, "-m", "mpv_simkl", *words]
    follower = subprocess.Popen(line, env=home.environment)
    try:
        yield mpv, newer
    finally:
        process.kill()
        process.wait()
        mpv.let_go()
        follower.wait(WITHIN)


def test_other_scripts_see_what_is_watched(simkl: Sandbox, home: Home) -> None:
    """A button of another script knows whether something is watched, what, how far, and who is signed in."""
    with newer_mpv(home) as (mpv, newer):
        until(lambda: newer.states() == ["idle"], lambda: str(newer.told))
        mpv.command("loadfile", str(EPISODE_4))
        simkl.expect(1, "/scrobble/start")
        mpv.set("pause", True)
        simkl.expect(1, "/scrobble/pause")
        mpv.command("script-message", "simkl-pause-scrobbling", "file")
        until(lambda: newer.states()[-1] == "off", lambda: str(newer.told))
        mpv.command("script-message", "simkl-pause-scrobbling")
        until(lambda: newer.states()[-1] != "off", lambda: str(newer.told))
        mpv.command("stop")
        until(lambda: newer.states()[-1] == "idle", lambda: str(newer.told))
    assert newer.states() == ["idle", "watching", "paused", "off", "paused", "idle"]
    watching = next(value for value in newer.told if value["state"] == "watching")
    assert watching == {
        "state": "watching",
        "title": "The Lighthouse Keepers (2021) S01E04",
        "progress": 0,
        "waiting": 0,
        "signed_in": True,
    }


def test_what_is_not_known_and_what_is_ignored_is_told(home: Home, tmp_path: Path) -> None:
    """A video that nobody can name is `unknown`, one in an ignored folder `excluded`."""
    holiday, private = tmp_path / "VID-20230101-WA0003.mkv", tmp_path / "private" / EPISODE_4.name
    private.parent.mkdir()
    (private.parent / ".simkl").write_text("ignore=yes\n")
    for video in (holiday, private):
        video.write_bytes(EPISODE_4.read_bytes())
    with newer_mpv(home) as (mpv, newer):
        until(lambda: newer.states() == ["idle"], lambda: str(newer.told))
        for video, state in ((holiday, "unknown"), (private, "excluded")):
            mpv.command("loadfile", str(video))
            until(lambda state=state: newer.states()[-1] == state, lambda: str(newer.told))  # type: ignore[misc]


def test_an_older_mpv_is_asked_once(home: Home, simkl: Sandbox) -> None:
    """Where there is no user-data nothing is said of it, and it is not tried again and again."""
    home.set("log_level=debug\n")
    screen = Screen(home.folder)
    with playing(home, EPISODE_4, speed=8, options=screen.options) as mpv:
        has_it = mpv.command("get_property", "mpv-version").split()[1].lstrip("v") >= "0.36"
        mpv.process.wait(WITHIN)
    simkl.expect(1, "/scrobble/stop")
    refused = home.log.count(f"did not answer ('set_property', '{PROPERTY}')")
    assert refused == (0 if has_it else 1)
