"""The line to mpv: one connection, questions and their answers. The only keeper of python-mpv-jsonipc.

How it flows: the library reads the socket on a thread of its own and calls what was bound there; a question
waits for its answer, or for nothing when mpv hangs or is gone.
"""

from __future__ import annotations

import logging
import os
import socket
import stat
import struct
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import python_mpv_jsonipc as jsonipc

from .errors import PlayerError

log = logging.getLogger(__name__)

CONNECT_WITHIN = 2.0  # seconds: the socket appears a moment after mpv was asked for it (mpv-notes 1.3)
ANSWER_WITHIN = 5  # seconds: a leaked listener accepts a connection and never answers (mpv-notes 1.6)
FROM_LOADER = "simkl-"  # how the messages begin that it passes on
CORRECTED = "corrected"  # the message by which our processes tell each other of a correction
PIPES = "\\\\.\\pipe\\"  # where Windows has its named pipes; the library puts it before a name by itself
MAX_TEXT = 4096  # characters of any one string that mpv hands us

# The library tells of a reset connection with a trace; to us it is one of the ways in which mpv ends.
logging.getLogger("mpv-jsonipc").addFilter(lambda record: "connection died" not in str(record.msg))


class Line:
    """A connection to one running mpv; `gone` hears when it is lost. Raises PlayerError."""

    def __init__(self, path: str, gone: Callable[[], None]) -> None:
        self._gone = gone
        self._is_dead = False
        self._mpv = _connect(path, self.lost)

    def end(self) -> None:
        """Hang up."""
        self._mpv.terminate(join=False)

    def bind(self, event: str, heard: Callable[[Mapping[str, Any]], None]) -> None:
        """Have each event of that name told, on the library's own thread."""
        self._mpv.bind_event(event, heard)

    def ask(self, *command: object, otherwise: object = None) -> object:
        """mpv's answer, or else `otherwise`: when it hangs or is gone, the end is told by itself."""
        if self._is_dead:  # a socket that others inherited would still take the question (mpv-notes 1.6)
            return otherwise
        try:
            answer: object = self._mpv.command(*command)
        except (jsonipc.MPVError, TimeoutError, OSError) as error:
            log.debug("mpv did not answer %s: %s", command[:2], error)
            return otherwise
        return answer

    def get(self, name: str) -> object:
        """A property of mpv, None if it has none of that name or no value for it now."""
        return self.ask("get_property", name)

    def number(self, name: str) -> float | None:
        """A property that is a number, None if it is none now."""
        value = self.get(name)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

    def text(self, name: str) -> str:
        """A property that is a text, "" if it is none now."""
        value = self.get(name)
        return value[:MAX_TEXT] if isinstance(value, str) else ""

    def lost(self) -> None:
        """Nobody is there any more."""
        self._is_dead = True
        self._gone()


def nudge(ipc_path: str, what: str) -> bool:
    """Tell our process beside another mpv something, through that mpv; False if nobody is there."""
    try:
        mpv = _connect(ipc_path, lambda: None)
        mpv.command("script-message", FROM_LOADER + what)
        mpv.terminate(join=False)
    except (PlayerError, jsonipc.MPVError, OSError):
        return False
    return True


def _connect(path: str, gone: Callable[[], None]) -> jsonipc.MPV:
    """The connection; retried for a moment, because mpv makes the socket on a thread of its own."""
    jsonipc.TIMEOUT = ANSWER_WITHIN
    name = path.removeprefix(PIPES)
    if name.startswith("@") and sys.platform == "linux":  # a socket that is no file (mpv-notes 1.3)
        name = f"\0{name[1:]}"
    deadline = time.monotonic() + CONNECT_WITHIN
    while True:
        try:
            _answered_by_us(name)
            return jsonipc.MPV(start_mpv=False, ipc_socket=name, quit_callback=gone)
        except (OSError, jsonipc.MPVError) as error:  # TimeoutError is an OSError
            if time.monotonic() > deadline or isinstance(error, PermissionError | TimeoutError):
                raise PlayerError(f"cannot talk to mpv at {path}: {error}") from error
            time.sleep(0.01)


def _answered_by_us(path: str) -> None:
    """Another user may have put a socket at a predictable place, and a dead mpv leaves one behind (mpv-notes
    1.3); jsonipc would leave a thread and a socket of its own behind for each failed try.
    """
    if sys.platform == "win32":  # pipes are their user's own there
        return
    if not path.startswith("\0"):
        found = Path(path).stat()
        if not stat.S_ISSOCK(found.st_mode) or found.st_uid != os.getuid():
            raise PermissionError("it is not a socket of this user")
    with socket.socket(socket.AF_UNIX) as trial:
        trial.connect(path)
        if path.startswith("\0") and _peer(trial) != os.getuid():
            raise PermissionError("it is not a socket of this user")


def _peer(connection: socket.socket) -> int:
    """The user at the other end; only Linux has sockets that are no files."""
    told = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    user: int = struct.unpack("3i", told)[1]  # pid, uid, gid: unix(7)
    return user
