"""What we keep on this machine: settings, the folder for the socket, our files, the journal."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from .. import auth, places
from ..errors import JournalError
from .finding import Finding, ok, problem, warning
from .machine import Machine

if TYPE_CHECKING:
    from ..journal import Row

LONGEST_SOCKET = 103  # bytes of a socket's path on macOS; Linux has four more (mpv-notes 1.3)
SOCKET = "/mpv-simkl.XXXXXX/mpv.sock"  # as the loader makes it, which passes over what is too long
TRIAL = b"\0" * 65_536  # what the journal wants when it grows


def settings(machine: Machine) -> Iterator[Finding]:
    """Can every setting be used, and is scrobbling on?"""
    for complaint in machine.complaints:
        yield warning("settings", complaint, f"correct it in {machine.conf}, or where it was set")
    if not machine.settings.enabled:
        yield warning("settings", "enabled=no: nothing is scrobbled", f"set enabled=yes in {machine.switch}")
    elif not machine.complaints:
        there = "" if machine.conf.exists() else " is not there, so the defaults are used"
        yield ok("settings", f"{machine.conf}{there}")


def socket(machine: Machine) -> Finding:
    """Can the loader make a folder that only this user can enter?"""
    if machine.platform == "win32":
        return ok("socket", "a named pipe, which Windows keeps private")
    if shutil.which("mktemp", path=machine.environment.get("PATH")) is None:
        return problem("socket", "the program mktemp is missing", "install it (coreutils)")
    named = [machine.environment.get(name, "") for name in ("XDG_RUNTIME_DIR", "TMPDIR")]
    for place in [*filter(None, named), "/tmp"]:  # noqa: S108 - a private folder is made in it
        fits = len(os.fsencode(place + SOCKET)) <= LONGEST_SOCKET
        if fits and Path(place).is_dir() and os.access(place, os.W_OK | os.X_OK):
            return ok("socket", f"in {place}")
    return problem("socket", "no folder for mpv's socket can be written", "check XDG_RUNTIME_DIR and /tmp")


def files(machine: Machine) -> Iterator[Finding]:
    """Are our folders and files this user's alone?"""
    if machine.platform == "win32":
        yield ok("files", "in the user's own profile")
        return
    foreign = [path for path in ours() if path.lstat().st_uid != os.getuid()]
    for path in foreign:
        cure = f"run `sudo chown -R $(id -u) {quote(str(path))}`"
        yield problem("files", f"{path} belongs to another user", cure)
    for path in open_to_others():
        told = f"{path} can be read by others"
        secret = path.name == auth.FILE
        yield (problem if secret else warning)("files", told, "run `mpv-simkl doctor --fix`")
    if not foreign and not open_to_others():
        yield ok("files", f"{places.data_dir()} is this user's alone")


def ours() -> list[Path]:
    """Our folders and what lies in them; no links, which lead elsewhere."""
    found: list[Path] = []
    for folder in dict.fromkeys((places.data_dir(), *places.own_dirs(places.log_dir()))):
        with suppress(OSError):  # of a folder that is another user's only itself can be told
            if folder.is_dir():
                found.append(folder)
                found += sorted(path for path in folder.iterdir() if path.is_file())
    return [path for path in found if not path.is_symlink()]


def open_to_others() -> list[Path]:
    """Those of our folders and files that somebody else may enter or read."""
    return [path for path in ours() if stat.S_IMODE(path.lstat().st_mode) & 0o077]


def disk(_: Machine) -> Finding:
    """Can the journal be written? Tried with a file that is gone again."""
    folder = places.data_dir()
    trial = folder / f"doctor.{os.getpid()}.new"
    try:
        with open(places.private_dir(folder) / trial.name, "wb", opener=places.open_private) as file:
            file.write(TRIAL)
    except OSError as error:
        cure = "make room on the disk, or check who may write there"
        return problem("disk", f"{folder} cannot be written: {error.strerror}", cure)
    finally:
        _remove(trial)
    return ok("disk", f"{folder} can be written")


def _remove(file: Path) -> None:
    try:
        file.unlink(missing_ok=True)
    except OSError:  # the folder is none
        return


def journal(_: Machine) -> Iterator[Finding]:
    """Does it open, and what waits in it?"""
    from ..journal import FILE, Journal  # not above: without sqlite3 all else can be looked at still

    folder = places.data_dir()
    if not os.path.lexists(folder / FILE):
        yield ok("journal", "empty: nothing was watched yet")
        return
    try:
        with Journal.open() as book:
            rows = book.unsent()
    except JournalError as error:
        told, *cure = str(error).split("; ", 1)
        yield problem("journal", told, *(cure or ["check the file and the folder that it is in"]))
        return
    for broken in sorted(folder.glob("journal.broken-*.db")):
        told = f"a damaged one was set aside as {broken}; what could be read of it was kept"
        yield warning("journal", told, "compare `mpv-simkl history`, then delete that file")
    yield from _left(rows)


def _left(rows: Sequence[Row]) -> Iterator[Finding]:
    """What of it is not at Simkl: set aside, or waiting."""
    from ..journal import SET_ASIDE

    unsent = [row for row in rows if row.waits]
    account = auth.known_account()
    waiting = [row for row in unsent if row.is_of(account)]
    aside = [row for row in rows if row.state in SET_ASIDE]
    if aside:
        how = "see `mpv-simkl journal list`; say what it is with `mpv-simkl match FILE`, or `journal retry`"
        yield warning("journal", f"{len(aside)} set aside{_last_error(aside)}", how)
    if waiting:
        oldest = min(row.watched_at for row in waiting if row.watched_at is not None)
        told = f"{len(waiting)} watched, waiting since {_time(oldest)}{_last_error(waiting)}"
        yield warning("journal", told, "run `mpv-simkl journal replay`")
    if others := len(unsent) - len(waiting):
        yield warning(
            "journal", f"{others} watched under another account", "sign in with it: `mpv-simkl login`"
        )
    if not unsent and not aside:
        yield ok("journal", "all that was watched is at Simkl")


def _last_error(rows: Sequence[Row]) -> str:
    known = [row.last_error for row in rows if row.last_error]
    return f": {known[-1]}" if known else ""


def _time(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
