"""Where our files live, and how they are kept: private, whole, and shared by several players."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import appdirs

from .errors import MpvSimklError

APP = "mpv-simkl"
HOME = "MPV_SIMKL_HOME"  # one folder for data and log instead of the system's: for trying out and for tests
LARGEST = 200_000  # characters of a JSON file of ours


def data_dir() -> Path:
    """The folder of the journal and the sign-in; made, for this user only, when something is written."""
    return _place("data", appdirs.user_data_dir(APP, appauthor=False), f".local/share/{APP}")


def log_dir() -> Path:
    """The folder of the log."""
    return _place("log", appdirs.user_log_dir(APP, appauthor=False), f".cache/{APP}/log")


def _place(name: str, usual: str, in_home: str) -> Path:
    """The folder. An XDG_DATA_HOME or XDG_CACHE_HOME that is relative or empty is passed over, as the XDG
    specification has it: each folder that mpv is started in would have a journal of its own.
    """
    if ours := os.environ.get(HOME):
        return Path(ours) / name
    return Path(usual) if Path(usual).is_absolute() else home() / in_home


def home() -> Path:
    """The user's home folder. Raises MpvSimklError where nobody knows it."""
    return expanded("~")


def expanded(path: str | Path) -> Path:
    """The path, with the home folder that its ~ stands for. Raises MpvSimklError where nobody knows that."""
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        whose = Path(path).parts[0]
        told = (
            "this user has no home folder; set HOME" if whose == "~" else f"there is no home folder {whose}"
        )
        raise MpvSimklError(told) from error


def own_dirs(path: Path) -> tuple[Path, ...]:
    """A folder of ours, after the one above it if that has our name; what is above is the user's."""
    return (path.parent, path) if path.parent.name == APP else (path,)


def private_dir(path: Path) -> Path:
    """The folder, made with mode 0700 if it is missing. Raises OSError."""
    for folder in own_dirs(path):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def open_private(path: str | Path, flags: int) -> int:
    """A file descriptor; a file that is made has mode 0600. Fits `open(..., opener=open_private)`."""
    return os.open(path, flags, 0o600)


def read_json(file: Path) -> object:
    """What a JSON file of ours holds. Raises OSError, and ValueError for what is no JSON or far too long."""
    with open(file, encoding="utf-8") as text:
        try:
            held: object = json.loads(text.read(LARGEST))
        except RecursionError as error:
            raise ValueError("it is nested without end") from error
    return held


def _made_private(path: str, flags: int) -> int:
    return open_private(path, flags | os.O_CREAT)


def write_whole(path: Path, text: str, mode: int = 0o600) -> None:
    """Put a text in place of a file at once: a reader sees the old one or the new one, never half of it.

    Raises OSError that names the file.
    """
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        with open(
            draft, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, mode)
        ) as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:  # whoever hears of it knows the file, and not its draft
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        with suppress(OSError):
            draft.unlink()


@contextmanager
def locked(path: Path) -> Iterator[IO[str]]:
    """Hold a lock that all our processes know; it goes with the process that holds it, however that ends.

    Gives the locked file, open for reading and writing; it and its folder are made private if they are
    missing. Raises OSError.
    """
    private_dir(path.parent)
    with open(path, "r+", encoding="utf-8", opener=_made_private) as file:
        _lock(file.fileno())
        try:
            yield file
        finally:
            _unlock(file.fileno())


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
