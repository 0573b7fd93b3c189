"""What the tests share: a Simkl of their own and a home of their own."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from mpv_simkl.sandbox import Sandbox

from .display import a_display
from .hand import Hand
from .harness import Home, a_folder, newest_first, without_console
from .leaks import no_secret_in_files
from .screen import Screen

# A CI that runs in the background ignores Ctrl-C, or the end of its terminal, and so would every program that
# the tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

settings.register_profile("unhurried", deadline=None)  # a busy machine makes no test fail
settings.load_profile("unhurried")


@pytest.fixture(scope="session", autouse=True)
def no_home_of_the_tester(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Whatever a test forgets to put elsewhere lands in no real home."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MPV_SIMKL_HOME", str(tmp_path_factory.mktemp("nobody")))
        yield


@pytest.fixture
def simkl() -> Iterator[Sandbox]:
    """A Simkl on loopback, for one test."""
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def hasty() -> Iterator[Sandbox]:
    """A Simkl that lets a test write as fast as it can."""
    with Sandbox(throttle=False) as sandbox:
        yield sandbox


@pytest.fixture
def home(simkl: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """A home with the plugin installed; its path is short, for the sake of sockets."""
    with a_folder() as folder:
        monkeypatch.setenv("MPV_SIMKL_HOME", str(folder))
        yield Home(folder, simkl)
        no_secret_in_files(folder, simkl)


@pytest.fixture
def screen(home: Home) -> Screen:
    """The screen of the mpv that the test starts with `screen.options`: its lists are ours."""
    screen = Screen(home.folder)
    screen.options += (without_console(home.environment["PATH"]),)
    return screen


@pytest.fixture
def newest(home: Home) -> Home:
    """The home of a user whose mpv is 0.39 or newer."""
    home.environment["PATH"] = newest_first(home.environment["PATH"])
    return home


@pytest.fixture(params=["", "newest"])
def either(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the system's mpv, and with a newer one."""
    if request.param:
        monkeypatch.setenv("PATH", newest_first(os.environ["PATH"]))


@pytest.fixture
def window(newest: Home) -> Iterator[list[str]]:
    """The options with which that mpv has a window, where nobody sees it, and its own lists there."""
    with a_display("640x360") as display:
        newest.environment["DISPLAY"] = display
        yield ["--vo=x11", "--geometry=640x360+0+0", "--no-border", "--load-console=yes"]


@pytest.fixture
def loggers() -> Iterator[None]:
    """For a test that starts the log: our loggers are as before afterwards."""
    ours = [logging.getLogger(name) for name in ("mpv_simkl", "mpv-jsonipc")]
    before = [(logger.handlers[:], logger.level, logger.propagate) for logger in ours]
    yield
    for logger, (handlers, level, propagate) in zip(ours, before, strict=True):
        logger.handlers[:], logger.propagate = handlers, propagate
        logger.setLevel(level)


@pytest.fixture
def hand(
    hasty: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Hand]:
    """A user of the command line, signed in."""
    yield Hand(hasty, tmp_path, monkeypatch, capsys)
    no_secret_in_files(tmp_path, hasty)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What breaks things for minutes runs when it is asked for: scripts/test -m faults."""
    for item in items:
        if "faults" in item.path.parts:
            item.add_marker("faults")


@pytest.fixture
def another_player() -> Iterator[int]:
    """A process that lives, by its number."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        yield other.pid
        other.communicate(b"\n")
