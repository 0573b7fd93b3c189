"""Ways to fail, each done for real: what tests/test_troubleshooting.py compares docs/troubleshooting.md with.

A way takes a `Case` and brings it about; what is left of it, in the log and for the doctor, is looked at
afterwards.
"""

from __future__ import annotations

import os
import resource
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from mpv_simkl import auth, installation, logs
from mpv_simkl.sandbox import Sandbox

from .harness import CLIPS, EPISODE_4, FILM, WITHIN, Home, playing
from .signing_in import sign_in_as
from .test_loader import impatient, use_python

TROUBLE = (" WARNING ", " ERROR ", "not scrobbled: ")


@dataclass
class Case:
    """A user's home and its Simkl; `said` is what mpv wrote on the terminal, `after` ends what still runs."""

    home: Home
    simkl: Sandbox
    tmp: Path
    said: str = ""
    after: list[Callable[[], object]] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """The variables of everything that runs here."""
        return self.home.environment

    def play(self, *files: Path, options: tuple[str, ...] = (), to_the_end: bool = False) -> None:
        """Play in a real mpv: until the log tells of trouble, or to the end."""
        with playing(self.home, *files, options=options, speed=8 if to_the_end else 1) as mpv:
            if to_the_end:
                mpv.process.wait(WITHIN)
            else:
                self.wait_for_trouble()
                mpv.quit()

    def wait_for_trouble(self) -> None:
        """Read the log as it is written, to the first line that tells of trouble."""
        for line in logs.follow(self.home.folder / "log" / "mpv-simkl.log", 0, wait=0.02):
            if any(sign in line for sign in TROUBLE):
                return

    def mpv(self, *words: str | Path) -> list[str | Path]:
        """The line that starts mpv on a terminal."""
        quiet = ("--vo=null", "--ao=null", "--no-input-terminal", "--msg-level=statusline=no")
        return ["mpv", f"--config-dir={self.home.mpv_dir}", *quiet, *words]

    def terminal(self, *words: str | Path) -> str:
        """Start mpv to its end and give what it wrote."""
        done = subprocess.run(
            self.mpv(*words),
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=WITHIN,
            check=False,
        )
        self.home.wait_until_quiet()
        return done.stdout + done.stderr

    def program(self, name: str, does: str) -> None:
        """Put a stand-in before all other programs of its name."""
        folder = self.home.folder / "bin"
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(f"#!/bin/sh\n{does}\n", encoding="utf-8")
        (folder / name).chmod(0o755)
        self.environment["PATH"] = f"{folder}:{os.environ['PATH']}"


Way = Callable[[Case], None]
WAYS: dict[str, Way] = {}


def way(name: str) -> Callable[[Way], Way]:
    """Register a way under its name in the table."""

    def register(function: Way) -> Way:
        assert name not in WAYS, name
        WAYS[name] = function
        return function

    return register


# mpv and the loader


@way("no mpv")
def no_mpv(case: Case) -> None:
    case.environment["PATH"] = str(case.home.folder)
    shutil.rmtree(case.home.mpv_dir)


@way("mpv too old")
def old_mpv(case: Case) -> None:
    case.program("mpv", 'echo "mpv 0.32.0 Copyright (C) 2000-2020"')


@way("mpv without Lua")
def no_lua(case: Case) -> None:
    """Such an mpv knows no script with the ending .lua, and has nothing to play then."""
    does = 'case "$*" in *--script=*) exit 2 ;; *) echo "mpv 0.35.1 Copyright (C) 2000-2023" ;; esac'
    case.program("mpv", does)


@way("not installed")
def not_installed(case: Case) -> None:
    (case.home.mpv_dir / installation.LOADER).unlink()


@way("old loader")
def old_loader(case: Case) -> None:
    loader = case.home.mpv_dir / installation.LOADER
    loader.write_text(loader.read_text(encoding="utf-8") + "-- of last year\n", encoding="utf-8")


@way("another simkl.lua")
def foreign_loader(case: Case) -> None:
    (case.home.mpv_dir / installation.LOADER).write_text('print("somebody else")\n', encoding="utf-8")


@way("two copies")
def two_copies(case: Case) -> None:
    del case.environment["MPV_HOME"]
    for folder in (case.home.folder / ".mpv", case.home.folder / ".config" / "mpv"):
        installation.install(folder)


@way("Python is gone")
def python_gone(case: Case) -> None:
    use_python(case.home, case.tmp / "gone" / "bin" / "python")
    case.said = case.terminal("--length=0.5", EPISODE_4)


@way("another Python that is not there")
def another_python_gone(case: Case) -> None:
    case.home.set("python=~/venv/bin/python\n")
    case.said = case.terminal("--length=0.5", EPISODE_4)


@way("Python without mpv-simkl")
def python_without(case: Case) -> None:
    python = getattr(sys, "_base_executable", sys.executable)
    use_python(case.home, python)
    impatient(case.home)
    case.said = case.terminal("--length=1.5", EPISODE_4)
    use_python(case.home, python)


@way("the host owns the IPC")
def host_owns(case: Case) -> None:
    ours, theirs = socket.socketpair()
    line = case.mpv(f"--input-ipc-client=fd://{theirs.fileno()}", EPISODE_4)
    process = subprocess.Popen(
        line,
        env=case.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        pass_fds=(theirs.fileno(),),
    )

    def end() -> None:
        process.kill()
        process.communicate()
        ours.close()
        theirs.close()

    case.after.append(end)
    assert process.stdout is not None
    case.said = next(line for line in process.stdout if "[simkl]" in line)


@way("mpv without its folder")
def no_config(case: Case) -> None:
    line = ["mpv", "--no-config", "--vo=null", "--ao=null", "--no-terminal", "--idle=yes"]
    process = subprocess.Popen(line, env=case.environment, stdin=subprocess.DEVNULL)
    case.after += [process.kill, process.wait]


@way("mpv in a Flatpak")
def flatpak(case: Case) -> None:
    (case.home.folder / ".var/app/io.mpv.Mpv/config/mpv").mkdir(parents=True)


@way("a setting that cannot be used")
def wrong_setting(case: Case) -> None:
    case.home.set("min_played=lots\n")
    case.play(EPISODE_4)


@way("switched off")
def switched_off(case: Case) -> None:
    case.home.set("enabled=no\n")


# The file


@way("too short")
def too_short(case: Case) -> None:
    case.play(EPISODE_4, options=("--script-opts-append=simkl-min_duration=300",))


@way("a file without a title")
def unknown_file(case: Case) -> None:
    video = case.tmp / "VID-20230101-WA0003.mkv"
    shutil.copy(EPISODE_4, video)
    case.play(video)


@way("not a video")
def not_a_video(case: Case) -> None:
    case.play(EPISODE_4, CLIPS / "other" / "01 - Tidewater.flac", to_the_end=True)


@way("a stream")
def stream(case: Case) -> None:
    with serving(partial(Quiet, directory=str(FILM.parent))) as url:
        case.play(options=(f"{url}/{FILM.name.replace(' ', '%20')}",))


@way("not found at Simkl")
def not_found(case: Case) -> None:
    video = case.tmp / "The Lighthouse Keepers (2021) S09E99.mkv"
    shutil.copy(EPISODE_4, video)
    case.play(video, to_the_end=True)


@way("taken for something else")
def doubtful(case: Case) -> None:
    video = case.tmp / "Castle (1970) S01E02.mkv"
    shutil.copy(EPISODE_4, video)
    case.play(video, to_the_end=True)


@way("left out")
def excluded(case: Case) -> None:
    case.home.set("exclude=Season 01\n")
    case.play(EPISODE_4)


@way("an ignored folder")
def ignored(case: Case) -> None:
    folder = case.tmp / "streams"
    folder.mkdir()
    (folder / ".simkl").write_text("ignore=yes\n")
    case.play(Path(shutil.copy(EPISODE_4, folder)))


# The sign-in


@way("not signed in")
def not_signed_in(case: Case) -> None:
    del case.environment["MPV_SIMKL_ACCESS_TOKEN"]
    case.play(EPISODE_4, to_the_end=True)


@way("a token that is not good any more")
def revoked_token(case: Case) -> None:
    case.simkl.revoke(case.simkl.access_token)
    case.play(EPISODE_4)


@way("the sign-in has ended")
def ended_sign_in(case: Case) -> None:
    del case.environment["MPV_SIMKL_ACCESS_TOKEN"]
    kept = sign_in_as(case.simkl, timedelta(days=7))
    case.simkl.revoke(kept.refresh_token)
    case.play(EPISODE_4)


@way("a read-only token")
def read_only_token(case: Case) -> None:
    case.environment["MPV_SIMKL_ACCESS_TOKEN"] = case.simkl.sign_in(scope="media:read").access_token
    case.play(EPISODE_4)


@way("a sign-in for another app")
def other_app(case: Case) -> None:
    del case.environment["MPV_SIMKL_ACCESS_TOKEN"]
    sign_in_as(case.simkl, timedelta(days=7))
    case.environment["MPV_SIMKL_CLIENT_ID"] = "another"
    case.play(EPISODE_4)


@way("no client id")
def no_client_id(case: Case) -> None:
    del case.environment["MPV_SIMKL_CLIENT_ID"]
    case.play(EPISODE_4)


# The way to Simkl


@way("no network")
def no_network(case: Case) -> None:
    case.environment["MPV_SIMKL_API_URL"] = "http://127.0.0.1:1"
    case.play(EPISODE_4)


@way("no name server")
def no_name_server(case: Case) -> None:
    case.environment["MPV_SIMKL_API_URL"] = "https://simkl.invalid"
    case.play(EPISODE_4)


@way("a login page")
def portal(case: Case) -> None:
    case.simkl.fail("portal")
    case.play(EPISODE_4)


@way("no trust in the encryption")
def no_trust(case: Case) -> None:
    """A server that does not speak TLS stands for every TLS that fails."""
    case.environment["MPV_SIMKL_API_URL"] = case.simkl.url.replace("http:", "https:")
    case.play(EPISODE_4)


@way("no certificates")
def no_certificates(case: Case) -> None:
    case.environment["MPV_SIMKL_API_URL"] = "https://simkl.invalid"
    case.environment["REQUESTS_CA_BUNDLE"] = "/nowhere/all.pem"
    case.play(EPISODE_4)


@way("a wrong clock")
def wrong_clock(case: Case) -> None:
    """It is all the same whether this clock is behind or the other ahead."""
    server = serving(Ahead)
    case.environment["MPV_SIMKL_API_URL"] = server.__enter__()
    case.after.append(lambda: server.__exit__(None, None, None))


@way("Simkl has trouble")
def server_trouble(case: Case) -> None:
    case.simkl.fail("bad_gateway")
    case.play(EPISODE_4)


@way("blocked")
def blocked(case: Case) -> None:
    case.simkl.fail("blocked")
    case.play(EPISODE_4)


@way("no requests left")
def quota(case: Case) -> None:
    case.simkl.fail("user_limit", path="/scrobble")
    case.play(EPISODE_4)


@way("refused")
def refused(case: Case) -> None:
    case.simkl.fail("bad_request", path="/scrobble")
    case.play(EPISODE_4, to_the_end=True)


# This machine


@way("the disk is full")
def disk_full(case: Case) -> None:
    """No file may grow beyond 30 kB: more than the log wants, less than the journal."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, hard))
    case.after.append(lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard)))
    case.play(EPISODE_4)


@way("the folder cannot be written")
def no_folder(case: Case) -> None:
    data = case.home.folder / "data"
    shutil.rmtree(data)
    data.write_text("in the way", encoding="utf-8")
    case.play(EPISODE_4)


@way("the journal is damaged")
def damaged(case: Case) -> None:
    journal = case.home.folder / "data" / "journal.db"
    journal.write_bytes(b"no database at all" * 500)
    journal.chmod(0o600)
    case.play(EPISODE_4)


@way("others can read the sign-in")
def open_to_others(case: Case) -> None:
    sign_in_as(case.simkl, timedelta(days=7))
    auth.path().chmod(0o644)


# Servers


class Quiet(SimpleHTTPRequestHandler):
    """Files of a folder, without a word on the terminal."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Nothing."""


class Ahead(BaseHTTPRequestHandler):
    """A Simkl whose clock is three hours ahead of ours."""

    def do_GET(self) -> None:
        """Answer with a title."""
        self.send_response_only(200)
        self.send_header("Date", format_datetime(datetime.now(UTC) + timedelta(hours=3), usegmt=True))
        self.end_headers()
        self.wfile.write(b'{"title": "Arrival"}')

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Nothing."""


@contextmanager
def serving(handler: Callable[..., BaseHTTPRequestHandler]) -> Iterator[str]:
    """A server on loopback for as long as the block lasts; gives its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()
