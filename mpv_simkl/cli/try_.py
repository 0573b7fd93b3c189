"""`mpv-simkl try`: a real mpv, the real plugin, and a small Simkl on this machine, in a folder that goes away
again.

How it flows: the sandbox listens on 127.0.0.1; the loader is put into a temporary mpv folder; mpv plays with
it; what our log says and what the sandbox is asked is printed as it comes; at the end, what the sandbox
knows.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import installation, logs, places
from ..errors import MpvSimklError
from .output import for_a_reader_only
from .words import Commands, command, has_screen

if TYPE_CHECKING:
    from ..sandbox import Call, Item, Sandbox

CLIP = (
    "clips",
    "The Lighthouse Keepers (2021)",
    "Season 01",
    "The Lighthouse Keepers - S01E03 - Storm Glass.mkv",
)
LAST_LINES = ("mpv has ended", "mpv had ended")  # what our log says last of all
STARTS_WITHIN = 6.0  # seconds from mpv's end to our first line: Python may just be starting
LEAVES_WITHIN = 15.0  # seconds from mpv's end to the last one
LOOK = 0.05  # seconds between two looks at the log
SHOWN = 160  # characters of a call's body
_ENDINGS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]

_printing = threading.Lock()


def add(commands: Commands) -> None:
    """Add the command."""
    parser = command(
        commands,
        "try",
        run,
        does="watch a real mpv scrobble a real file to a small Simkl on this machine",
        example="mpv-simkl try --window 'Severance S01E03.mkv'",
    )
    parser.add_argument(
        "videos", nargs="*", type=Path, metavar="VIDEO", help="your own files; else a clip of 15 s"
    )
    parser.add_argument("--window", action="store_true", help="show the picture and play the sound")


def run(args: argparse.Namespace) -> int:
    """Play, tell what happens, and say what Simkl knows in the end."""
    from ..sandbox import Sandbox  # a web server, which no help should wait for

    for_a_reader_only()
    mpv = _mpv()
    videos = [_existing(video) for video in args.videos] or [_clip()]
    with (
        tempfile.TemporaryDirectory(prefix="mpv-simkl-try-") as folder,
        Sandbox(knows_everything=bool(args.videos), on_call=_tell_call) as simkl,
    ):
        print(f"A small Simkl listens at {simkl.url}; your own mpv and Simkl are not touched.")
        print("Ctrl-C ends it." if args.videos else "It plays for 15 seconds; Ctrl-C ends it.", flush=True)
        os.environ.update({places.HOME: folder, **simkl.environment})
        installation.install(Path(folder) / "mpv")
        interrupted = _play([mpv, *_options(Path(folder), window=args.window), "--", *map(str, videos)])
        started = logs.path().exists()
        _tell_state(simkl)
        found = bool(simkl.history)
    if interrupted:
        return 130
    if not started:
        raise MpvSimklError("mpv never started mpv-simkl; is it built with Lua, and are the files videos?")
    return 0 if found or args.videos else 1


def _mpv() -> str:
    found = shutil.which("mpv")
    if found is None:
        raise MpvSimklError("mpv is not installed; get it from your system's packages, or run scripts/try")
    return found


def _existing(video: Path) -> Path:
    if not video.is_file():
        raise MpvSimklError(f"there is no file {logs.shown(str(video))}")
    return video.absolute()


def _clip() -> Path:
    """The clip that comes with the package."""
    return Path(str(resources.files("mpv_simkl").joinpath(*CLIP)))


def _options(folder: Path, *, window: bool) -> list[str]:
    quiet = ["--no-terminal", "--script-opts-append=simkl-min_duration=0", f"--config-dir={folder / 'mpv'}"]
    if window and has_screen():
        return quiet
    if window:
        print("There is no display here; it plays unseen.")
    return [*quiet, "--vo=null", "--ao=null"]


def _play(line: Sequence[str]) -> bool:
    """Run mpv to its end and ours, whatever comes; True if the user ended it."""
    mpv = subprocess.Popen(line, stdin=subprocess.DEVNULL)  # noqa: S603 - the mpv that the user has
    with _signals_close(mpv) as ended:
        try:
            _follow(mpv, _say)
        except BaseException:  # whatever ends us, as in `try | head`, must not leave a player; it goes on
            mpv.terminate()
            _follow(mpv, lambda *_: None)
            raise
    if mpv.returncode and not ended.is_set():
        _say("mpv", f"ended with exit code {mpv.returncode}")
    return ended.is_set()


@contextmanager
def _signals_close(mpv: subprocess.Popen[bytes]) -> Iterator[threading.Event]:
    """Let Ctrl-C, or a terminal that is closed, close the player and not us: what comes of it is still to be
    told, and the folder to be removed. Gives whether one came.
    """
    ended = threading.Event()

    def close(*_: object) -> None:
        ended.set()
        mpv.terminate()

    before = {number: signal.signal(number, close) for number in _ENDINGS}
    try:
        yield ended
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _follow(mpv: subprocess.Popen[bytes], say: Callable[[str, str], None]) -> None:
    """Say what our log does until its last line; without one, until mpv has been gone for a while."""
    gone_at = None
    for line in logs.follow(logs.path(), 0, LOOK):
        if line:
            text = line.split(maxsplit=3)[-1]
            say("mpv-simkl", text)
            if text.startswith(LAST_LINES):
                mpv.wait()
                return
        elif mpv.poll() is not None:
            gone_at = gone_at or time.monotonic()
            patience = LEAVES_WITHIN if logs.path().exists() else STARTS_WITHIN
            if time.monotonic() > gone_at + patience:
                return


def _tell_call(call: Call) -> None:
    body = call.body if isinstance(call.body, dict) else {}
    _say("  -> Simkl", f"{call.method} {call.path} {_short(body)}")
    # Of a question it is enough that it was answered.
    told = call.answer if call.method != "GET" and isinstance(call.answer, dict) else {}
    _say("  <- Simkl", f"{call.status} {_short(told)}")


def _short(values: dict[str, Any]) -> str:
    """The leaves of a JSON object as `name=value`, cut to one line."""
    text = logs.shown(" ".join(_leaves(values)))
    return text if len(text) <= SHOWN else text[:SHOWN].rpartition(" ")[0] + " ..."


def _leaves(values: dict[str, Any], path: str = "") -> Iterator[str]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{path}{name}.")
        elif isinstance(value, list):
            for item in value:
                yield from (
                    _leaves(item, f"{path}{name}.") if isinstance(item, dict) else [f"{path}{name}={item}"]
                )
        else:
            yield f"{path}{name}={value}"


def _tell_state(simkl: Sandbox) -> None:
    print("\nWhat Simkl knows now")
    watching = simkl.watching
    _say("watching", f"{_item(watching[0])} at {watching[1]:.0f} %" if watching else "nothing")
    points = [f"{_item(point.item)} at {point.progress:.0f} %" for point in simkl.playbacks]
    _say("positions", ", ".join(points) or "none saved")
    for watch in simkl.history:
        number = "" if watch.number is None else f" S{watch.season or 0:02}E{watch.number:02}"
        _say("history", f"{watch.title}{number}, watched {watch.watched_at.astimezone():%Y-%m-%d %H:%M:%S}")
    if not simkl.history:
        _say("history", "nothing watched")


def _item(item: Item) -> str:
    episode = item.episode
    return f"{item.title.title}" + (f" S{episode.season:02}E{episode.number:02}" if episode else "")


def _say(who: str, what: str) -> None:
    with _printing:
        print(f"{who:>10}  {logs.shown(what)}".rstrip(), flush=True)
