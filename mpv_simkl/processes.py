"""The door to other processes: who is alive, when somebody ends, and what a program prints."""

from __future__ import annotations

import os
import select
import sys
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path

LOOK_EVERY = 10.0  # seconds (mpv-notes 1.6)


@cache  # it is asked for with each word to the journal
def boot_id() -> str:
    """What tells this run of the machine from the one before, or "" where nothing does."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def alive(pid: int) -> bool:
    """Does a process of that number run."""
    return _answers(pid) and not _is_zombie(pid)


def mark(pid: int) -> str:
    """What tells a process from all others that have or had its number, as far as the system knows: the run
    of the machine, and when it started in that.
    """
    started = _stat(pid)[19:20]  # starttime is field 22 of proc(5), the first of these is 3
    return " ".join([boot_id(), *started]).strip()


def own_mark() -> str:
    """The mark of the process itself, read once."""
    return _own_mark(os.getpid())


@cache
def _own_mark(pid: int) -> str:
    return mark(pid)


def runs(pid: int, as_marked: str) -> bool:
    """Does the process still run that had this mark; one without a start may be another by now."""
    return alive(pid) and as_marked in (boot_id(), mark(pid))


def _is_zombie(pid: int) -> bool:
    """Has it ended, and only nobody has asked how: it answers to signals for as long as that takes.

    What init is in a container may take its time, or never ask.
    """
    return _stat(pid)[:1] in (["Z"], ["X"])


def _stat(pid: int) -> list[str]:
    """What Linux says of a process after its name, which may have blanks and brackets; empty elsewhere."""
    try:
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].decode("ascii").split()
    except OSError:
        return []


def output(line: Sequence[str], within: float) -> str | None:
    """What a program prints; None if it cannot be started, fails, or takes longer than so many seconds."""
    import subprocess  # for commands, and for what is pasted: no film needs it

    try:
        done = subprocess.run(  # noqa: S603 - fixed words, and the user's own programs
            line, stdin=subprocess.DEVNULL, capture_output=True, timeout=within, check=True
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return done.stdout.decode("utf-8", "replace")


def wait_for_end(pid: int) -> bool:
    """Sleep until that process ends, without ever waking up where the kernel tells; False at once on Windows.

    There the end of the connection has to do: it comes late only where other programs can inherit mpv's
    sockets (mpv-notes 1.6).
    """
    return _wait(pid)


def _look_until_gone(pid: int) -> bool:
    marked = mark(pid)
    while runs(pid, marked):
        time.sleep(LOOK_EVERY)
    return True


if sys.platform == "win32":
    import ctypes

    def _answers(pid: int) -> bool:
        """`os.kill(pid, 0)` would send Ctrl-C there."""
        synchronize, timeout = 0x00100000, 0x102
        handle = ctypes.windll.kernel32.OpenProcess(synchronize, False, pid)
        if not handle:
            return False
        try:
            return bool(ctypes.windll.kernel32.WaitForSingleObject(handle, 0) == timeout)
        finally:
            ctypes.windll.kernel32.CloseHandle(handle)

    def _wait(_: int) -> bool:
        return False

else:

    def _answers(pid: int) -> bool:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:  # somebody else's
            return True
        return True


if sys.platform == "linux":

    def _wait(pid: int) -> bool:
        try:
            descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            return True
        except OSError:  # a kernel before 5.3, or a sandbox that forbids it
            return _look_until_gone(pid)
        try:
            poll = select.poll()
            poll.register(descriptor, select.POLLIN)
            poll.poll()
        finally:
            os.close(descriptor)
        return True

elif sys.platform != "win32":

    def _wait(pid: int) -> bool:
        queue = select.kqueue()
        end = select.kevent(pid, select.KQ_FILTER_PROC, select.KQ_EV_ADD, select.KQ_NOTE_EXIT)
        try:
            queue.control([end], 1)
        except ProcessLookupError:
            return True
        finally:
            queue.close()
        return True
