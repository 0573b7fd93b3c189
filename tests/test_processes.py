"""Who is alive, and when somebody ends."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from mpv_simkl import processes

from .harness import WITHIN


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    """A process that waits to be ended."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def test_a_running_process_is_alive_and_an_ended_one_is_not(child: subprocess.Popen[bytes]) -> None:
    """What a dead player left is known to be left."""
    assert processes.alive(child.pid)
    child.kill()
    child.wait()
    assert not processes.alive(child.pid)


@contextmanager
def somebody_else() -> Iterator[int]:
    """A process that we may not touch: root's, or, if we are root, one of another user."""
    if os.geteuid() != 0:
        yield 1
        return
    with subprocess.Popen(["sleep", "60"], user=65534) as process:
        try:
            yield process.pid
        finally:
            process.kill()


def test_a_process_of_somebody_else_is_alive() -> None:
    """That it must not be touched does not make it dead."""
    plain = ["setpriv", "--inh-caps=-all", "--bounding-set=-all"] if os.geteuid() == 0 else []
    look = "import sys; from mpv_simkl import processes; print(processes.alive(int(sys.argv[1])))"
    with somebody_else() as pid:
        line = [*plain, sys.executable, "-c", look, str(pid)]
        assert subprocess.run(line, capture_output=True, text=True, check=True).stdout == "True\n"


@pytest.fixture(params=["the kernel tells", "the kernel is old", "a sandbox forbids it"])
def kernel(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel that tells when a process ends, or one that does not."""
    refused = {"the kernel is old": errno.ENOSYS, "a sandbox forbids it": errno.EPERM}.get(request.param)

    def pidfd_open(_: int) -> int:
        assert refused
        raise OSError(refused, os.strerror(refused))

    if refused:
        monkeypatch.setattr(os, "pidfd_open", pidfd_open)
        monkeypatch.setattr(processes, "LOOK_EVERY", 0.01)


@pytest.mark.usefixtures("kernel")
def test_the_end_of_a_process_is_noticed(child: subprocess.Popen[bytes]) -> None:
    """Waiting lasts as long as the process does, and no longer, whatever the kernel can do."""
    ended = threading.Event()

    def wait() -> None:
        assert processes.wait_for_end(child.pid)
        ended.set()

    waiting = threading.Thread(target=wait, daemon=True)
    waiting.start()
    assert not ended.wait(0.1)
    child.kill()
    assert ended.wait(WITHIN)
    waiting.join()


@pytest.mark.usefixtures("kernel")
def test_waiting_for_one_who_is_gone_is_over_at_once(child: subprocess.Popen[bytes]) -> None:
    """Whoever comes too late need not wait."""
    child.kill()
    child.wait()
    assert processes.wait_for_end(child.pid)


def test_the_run_of_the_machine_has_a_name_that_stays() -> None:
    """Two players of one evening know that the machine was not started anew between them."""
    assert processes.boot_id() == processes.boot_id()
    assert len(processes.boot_id()) == 36


def test_a_process_that_nobody_has_buried_is_dead(child: subprocess.Popen[bytes]) -> None:
    """In a container the dead may stay in the process table; what they left is taken over all the same."""
    child.kill()
    assert processes.wait_for_end(child.pid)
    assert child.returncode is None
    assert not processes.alive(child.pid)


def test_a_number_that_comes_back_is_another_process(child: subprocess.Popen[bytes]) -> None:
    """Two processes are told apart even if the second has the first one's number."""
    other = processes.mark(os.getpid())
    assert other == processes.mark(os.getpid())
    assert processes.runs(os.getpid(), other)
    assert not processes.runs(child.pid, other)
    assert processes.runs(child.pid, processes.boot_id())


def test_a_process_may_have_any_name() -> None:
    """Blanks and brackets in a program's name do not make it another one."""
    rename = "open('/proc/self/comm', 'w').write('a) 1 (b 2'); print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", rename], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        before = processes.mark(process.pid)
        assert process.stdout
        process.stdout.readline()
        assert processes.mark(process.pid) == before
        process.kill()
