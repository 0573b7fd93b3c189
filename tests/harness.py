"""A real mpv with the real plugin, in a home of its own, and a test's hand on it."""

from __future__ import annotations

import json
import os
import secrets
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import python_mpv_jsonipc as jsonipc

from mpv_simkl import installation, places
from mpv_simkl.sandbox import Sandbox

from .leaks import no_secret_in

CLIPS = Path(__file__).parent.parent / "fixtures" / "clips"
SEASON = CLIPS / "The Lighthouse Keepers (2021)" / "Season 01"
EPISODE_4 = SEASON / "The Lighthouse Keepers - S01E04 - The Long Swell.mkv"
EPISODE_5 = SEASON / "The Lighthouse Keepers - S01E05 - Fog Signal.mkv"
EPISODE_6 = SEASON / "The Lighthouse Keepers - S01E06 - Dead Reckoning.mkv"
FILM = CLIPS / "Arrival (2016).mkv"
WITHIN = 20.0  # seconds that anything may take before a test gives up

jsonipc.TIMEOUT = WITHIN


@contextmanager
def a_folder() -> Iterator[Path]:
    """A new folder; its name is short, for the sake of sockets, and nobody sees an episode in it."""
    letters = "".join(secrets.choice("bcdfghjk") for _ in range(8))
    folder = Path(tempfile.gettempdir()) / f"mpv-simkl-test-{letters}"
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def newest_first(path: str) -> str:
    """The programs of a user whose mpv is 0.39 or newer."""
    place = Path(__file__).parent.parent / ".newest" / "bin"
    assert (place / "mpv").exists(), "run scripts/newest-mpv"
    return f"{place}:{path}"


@cache
def without_console(path: str) -> str:
    """The option with which this mpv draws no lists of its own; 0.40 has another name for it."""
    mpv = shutil.which("mpv", path=path) or "mpv"
    listed = subprocess.run([mpv, "--list-options"], capture_output=True, text=True, check=True).stdout
    return "--load-console=no" if " --load-console " in listed else "--load-osd-console=no"


class Home:
    """One user's folders: mpv's configuration, our data and our log, with the plugin installed."""

    def __init__(self, folder: Path, simkl: Sandbox) -> None:
        self.folder = folder
        self.simkl = simkl
        self.mpv_dir = folder / "mpv"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("MPV")},
            places.HOME: str(folder),
            "MPV_SIMKL_API_URL": simkl.url,
            "MPV_SIMKL_CLIENT_ID": simkl.client_id,
            "MPV_SIMKL_ACCESS_TOKEN": simkl.access_token,
        }
        installation.install(self.mpv_dir)

    @property
    def log(self) -> str:
        """All that the log says so far."""
        file = self.folder / "log" / "mpv-simkl.log"
        return file.read_text(encoding="utf-8") if file.exists() else ""

    def set(self, text: str) -> None:
        """Write simkl.conf."""
        (self.mpv_dir / "script-opts" / "simkl.conf").write_text(text, encoding="utf-8")

    def cli(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command as a user of this home would."""
        done = run_cli(*words, environment=self.environment)
        no_secret_in(done.stdout + done.stderr, self.simkl, "what is printed")
        return done

    def waiting(self) -> list[dict[str, Any]]:
        """What `journal list --json` prints."""
        listed: list[dict[str, Any]] = json.loads(self.cli("journal", "list", "--json").stdout)
        return listed

    def followers(self) -> list[int]:
        """The processes of ours that run in this home."""
        mark = f"{places.HOME}={self.folder}".encode()
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                words = (folder / "cmdline").read_bytes().split(b"\0")
                if b"attach" in words and mark in (folder / "environ").read_bytes().split(b"\0"):
                    found.append(int(folder.name))
        return found

    def wait_until_quiet(self) -> None:
        """Wait until every process of ours has ended by itself."""
        for pid in self.followers():
            with suppress(ProcessLookupError):
                _wait_for_end(pid)


def run_cli(*words: str, environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run `mpv-simkl WORDS` in a process of its own."""
    line = [sys.executable, "-m", "mpv_simkl", *words]
    return subprocess.run(line, capture_output=True, text=True, env=environment, timeout=60, check=False)


class Mpv:
    """A running mpv, steered over its IPC socket."""

    def __init__(self, process: subprocess.Popen[bytes], path: Path) -> None:
        self.process = process
        self._ipc = _connect(path, process)

    def command(self, *words: object) -> Any:
        """Run a command of mpv's and give its answer."""
        return self._ipc.command(*words)

    def press(self, *keys: str) -> None:
        """Press keys, as the keyboard sends them to mpv."""
        for key in keys:
            self.command("keypress", key)

    def set(self, name: str, value: object) -> None:
        """Set a property."""
        self.command("set_property", name, value)

    def listen(self, name: str) -> list[Any]:
        """The values that a property has from now on, in order."""
        heard: list[Any] = []
        self._ipc.bind_property_observer(name, lambda _, value: heard.append(value))
        return heard

    def wait_for(self, name: str, wanted: Callable[[Any], bool] | bool) -> None:
        """Wait until a property has a value, or, if `wanted` is a function, one that it accepts."""
        reached = threading.Event()

        def look(_: str, value: object) -> None:
            if value is not None and (wanted(value) if callable(wanted) else value == wanted):
                reached.set()

        number = self._ipc.bind_property_observer(name, look)
        assert reached.wait(WITHIN), f"{name} never became what it should"
        with suppress(OSError):
            self._ipc.unbind_property_observer(number)

    def wait_for_position(self, seconds: float) -> None:
        """Wait until playback has come so far."""
        self.wait_for("time-pos", lambda position: position >= seconds)

    def seek(self, seconds: float) -> None:
        """Jump to a place and wait until playback goes on from there."""
        landed = threading.Event()
        self._ipc.bind_event("playback-restart", lambda _: landed.set())
        self.command("seek", seconds, "absolute+exact")
        assert landed.wait(WITHIN), "the seek never landed"
        self.wait_for_position(seconds + 0.3)

    def quit(self) -> None:
        """Press q."""
        with suppress(OSError, jsonipc.MPVError):
            self.command("quit")
        self.process.wait(WITHIN)

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait(WITHIN)

    def let_go(self) -> None:
        """Close the connection."""
        self._ipc.terminate(join=False)


@contextmanager
def idle_mpv(folder: Path, *options: str, cwd: Path | None = None) -> Iterator[Mpv]:
    """An mpv without a file, without a window and without the plugin."""
    environment = {**os.environ, "PWD": str(cwd or Path.cwd())}  # mpv believes it, as a shell sets it
    place = folder / "mpv.sock"
    line = ["mpv", "--no-config", "--idle=yes", "--no-terminal", "--vo=null", "--ao=null"]
    process = subprocess.Popen([*line, f"--input-ipc-server={place}", *options], cwd=cwd, env=environment)
    mpv = Mpv(process, place)
    try:
        yield mpv
    finally:
        process.kill()
        process.wait()
        mpv.let_go()


@contextmanager
def playing(home: Home, *files: Path, options: Sequence[str] = (), speed: float = 1) -> Iterator[Mpv]:
    """mpv with these files, playing; whatever is left of it ends with the block."""
    path = home.folder / f"test-{os.urandom(3).hex()}.sock"
    line = [
        *(
            "mpv",
            f"--config-dir={home.mpv_dir}",
            "--no-terminal",
            "--vo=null",
            "--ao=null",
            "--input-key-fifo-size=100",  # of keys that come faster than mpv takes them it drops all but 7
            f"--speed={speed}",
        ),
        *("--script-opts-append=simkl-min_duration=0", "--script-opts-append=simkl-resume=no"),
        *(f"--input-ipc-server={path}", *options, "--"),
        *map(str, files),
    ]
    process = subprocess.Popen(line, env=home.environment, stdin=subprocess.DEVNULL)
    mpv = Mpv(process, path)
    try:
        yield mpv
    finally:
        process.kill()
        process.wait()
        mpv.let_go()
        home.wait_until_quiet()


def _connect(path: Path, process: subprocess.Popen[bytes]) -> jsonipc.MPV:
    """mpv makes its socket a moment after it began; nothing announces it."""
    tick = threading.Event()
    while not _listens(path):
        assert process.poll() is None, "mpv ended before it could be reached"
        tick.wait(0.01)
    return jsonipc.MPV(start_mpv=False, ipc_socket=str(path))


def _listens(path: Path) -> bool:
    """Is somebody there; the file is made a moment before."""
    with socket.socket(socket.AF_UNIX) as trial:
        return trial.connect_ex(str(path)) == 0


def _wait_for_end(pid: int) -> None:
    descriptor = os.pidfd_open(pid)
    try:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        assert poll.poll(WITHIN * 1000), "mpv-simkl outlived its player"
    finally:
        os.close(descriptor)
