"""The journal's disk fails: full, read-only, held by others, damaged, deleted."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mpv_simkl.journal import FILE, Journal
from mpv_simkl.media import Media

from ..harness import EPISODE_4, WITHIN
from ..makers import watch
from ..screen import Screen
from .evening import AT_THE_LATEST, TITLE, Evening, at, evening

IN_MEMORY = "kept in memory"


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    """A disk of its own for a folder; CI and containers run as root, who may mount one."""
    folder.mkdir(parents=True, exist_ok=True)
    _run("mount", "-t", "tmpfs", "-o", f"size={size}", "mpv-simkl-test", str(folder))
    try:
        yield
    finally:
        _run("umount", "--lazy", str(folder))


def _run(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True)


def fill(folder: Path) -> Path:
    """Leave not a byte free; gives the file that does it."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return ballast


def play(night: Evening, breaks: Callable[[], object], then: Callable[[], object] = lambda: None) -> None:
    """Episode 4 to its end; the disk breaks once Simkl has heard of it, and Simkl is away from then on."""
    with night.playing(EPISODE_4) as mpv:
        night.simkl.expect(1, "/scrobble/start")
        night.simkl.fail("cut")
        breaks()
        night.until_its_end(mpv)
        then()


def test_the_disk_is_full_for_a_while() -> None:
    """The disk fills up while a film plays, and there is room again when it ends: nothing is lost."""
    with evening() as night, small_disk(night.data, "512k"):
        screen = Screen(night.home.folder)
        with night.playing(EPISODE_4, speed=4, options=screen.options) as mpv:
            night.simkl.expect(1, "/scrobble/start")
            night.simkl.fail("cut")
            ballast = fill(night.data)
            mpv.wait_for_position(17)
            ballast.unlink()
            night.until_its_end(mpv)
        night.next_morning()
        night.check(4, most=5)
        assert IN_MEMORY in night.home.log
        assert "Simkl: the journal cannot be written, see `mpv-simkl log`" in screen.lines()


def test_the_disk_is_full_and_simkl_is_there() -> None:
    """Without any room, not even for the turns at writing, Simkl is told all the same."""
    with evening(throttle=False) as night, small_disk(night.data, "512k"):
        fill(night.data)
        night.play_to_the_end()
        assert "cannot be used" in night.home.log
        (night.data / "ballast").unlink()
        night.next_morning()
        night.check(4, most=4)


def test_the_disk_stays_full_and_simkl_is_away() -> None:
    """If neither disk nor Simkl takes a watch, the log holds it, by name and time."""
    with evening() as night, small_disk(night.data, "512k"):
        fill(night.data)
        night.simkl.fail("cut")
        night.play_to_the_end()
        assert f"not kept: {TITLE} (2021) S01E04 at {night.ended:%Y-%m-%d}" in night.home.log
        (night.data / "ballast").unlink()
        night.next_morning()
        night.check(most=3)


def test_the_disk_is_read_only_for_a_while() -> None:
    """The disk is read-only, as after an error, and writable again when the film ends."""
    with evening() as night, small_disk(night.data, "4m"):
        _run("mount", "-o", "remount,ro", str(night.data))
        with night.playing(EPISODE_4, speed=4) as mpv:
            night.simkl.expect(1, "/scrobble/start")
            night.simkl.fail("cut")
            mpv.wait_for_position(17)
            _run("mount", "-o", "remount,rw", str(night.data))
            night.until_its_end(mpv)
        night.next_morning()
        night.check(4, most=5)
        assert IN_MEMORY in night.home.log


def test_a_file_lies_where_the_folder_should_be() -> None:
    """Where no journal can be made at all, Simkl is told what plays, and log and screen say what is wrong."""
    with evening() as night:
        night.data.write_text("in the way")
        screen = Screen(night.home.folder)
        with night.playing(EPISODE_4, options=screen.options) as mpv:
            night.until_its_end(mpv)
        assert "cannot be used" in night.home.log
        assert "Simkl: the journal cannot be used, see `mpv-simkl log`" in screen.lines()
        night.data.unlink()
        night.check(4, most=3)


def test_another_program_holds_the_journal() -> None:
    """A backup program that locks the file while a film plays costs nothing."""
    with evening() as night:
        Journal.open(night.data).__exit__(None, None, None)
        other = sqlite3.connect(night.data / FILE, isolation_level=None)
        with night.playing(EPISODE_4, speed=4) as mpv:
            night.simkl.expect(1, "/scrobble/start")
            other.execute("BEGIN IMMEDIATE")
            night.until_its_end(mpv)
            other.close()
        night.next_morning()
        night.check(4, most=4)
        assert "database is locked" in night.home.log


@pytest.mark.parametrize("lets_go", ["before we leave", "after we left"])
def test_another_program_holds_the_journal_for_long(lets_go: str) -> None:
    """A lock that outlasts our patience: what was watched is written down when we leave, and if even that
    cannot be waited for, the log holds it, by name and time; nobody waits for each write anew.
    """
    with evening() as night:
        Journal.open(night.data).__exit__(None, None, None)
        with closing(sqlite3.connect(night.data / FILE, isolation_level=None)) as other:
            play(night, lambda: other.execute("BEGIN IMMEDIATE"), then=lambda: _let_go(other, night, lets_go))
        night.next_morning()
        night.check(*([4] if lets_go == "before we leave" else []), most=5, leaves_within=AT_THE_LATEST)
        assert "database is locked" in night.home.log
        named = f"not kept: {TITLE} (2021) S01E04 at {night.ended:%Y-%m-%d %H:%M}" in night.home.log
        assert named is (lets_go == "after we left")


def test_a_lock_that_ends_leaves_nothing_in_memory() -> None:
    """A backup program holds the journal when a film begins and lets go of it; our process is killed later:
    what was watched until then is on the disk.
    """
    with evening() as night:
        Journal.open(night.data).__exit__(None, None, None)
        night.simkl.fail("cut")
        with closing(sqlite3.connect(night.data / FILE, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with night.playing(EPISODE_4, speed=1, options=["--start=3"]) as mpv:
                _log_says(night, "taken for")
                assert IN_MEMORY in night.home.log
                other.execute("ROLLBACK")
                mpv.set("pause", value=True)
                _log_says(night, "the journal is on the disk again")
                mpv.command("seek", 14, "absolute+exact")
                mpv.set("pause", value=False)
                mpv.wait_for_position(17.5)
                mpv.set("pause", value=True)
                night.ended = datetime.now(UTC)
                _log_says(night, f"not sent: pause {TITLE} (2021) S01E04 at 8")
                for follower in night.home.followers():
                    os.kill(follower, signal.SIGKILL)
        night.next_morning()
        night.check(4, most=5)


def _log_says(night: Evening, words: str) -> None:
    tick, until = threading.Event(), time.monotonic() + WITHIN
    while words not in night.home.log:
        assert time.monotonic() < until, night.home.log
        tick.wait(0.05)


def _let_go(other: sqlite3.Connection, night: Evening, when: str) -> None:
    if when == "before we leave":
        _log_says(night, IN_MEMORY)
        other.execute("ROLLBACK")


@pytest.mark.parametrize("what", ["journal.db", "journal.db and its neighbours", "the folder"])
def test_deleted_while_it_plays(what: str) -> None:
    """Somebody deletes our files in the middle of a film: it is there in the morning."""
    with evening() as night:
        play(night, lambda: _delete(night.data, what))
        night.next_morning()
        night.check(4, most=5)
        assert "deleted or replaced while in use" in night.home.log


def _delete(data: Path, what: str) -> None:
    if what == "the folder":
        shutil.rmtree(data)
    for file in data.glob("journal.db*" if "neighbours" in what else "journal.db"):
        file.unlink()


LONG_AGO = datetime(2026, 9, 1, 20, 0, tzinfo=UTC)
SEASON = [Media("episode", "The Harbour Report", 2024, season=1, episodes=(n,)) for n in range(1, 101)]


def season(night: Evening) -> None:
    """A hundred episodes that wait, one an hour, from an earlier run of the machine."""
    with Journal.open(night.data) as journal:
        for number, episode in enumerate(SEASON):
            then = LONG_AGO + timedelta(hours=number)
            journal.record(at(then, watch(episode, f"{number}")))
    with sqlite3.connect(night.data / FILE) as db:
        db.execute("UPDATE viewing SET clock = 'before', boot = 'before'")
    db.close()


@pytest.mark.parametrize("seed", range(6))
def test_damaged_at_random(seed: int) -> None:
    """Random bytes in the file: what can still be read is delivered with its time, and the rest is kept."""
    dice = random.Random(seed)  # noqa: S311 - the same damage every time
    with evening() as night:
        season(night)
        file = night.data / FILE
        raw = bytearray(file.read_bytes())
        for _ in range(3):
            place = dice.randrange(4096, len(raw) - 64)
            raw[place : place + 64] = dice.randbytes(64)
        file.write_bytes(raw)
        night.next_morning()
        told = {watch.number: watch.watched_at for watch in night.simkl.history}
        truth = {n + 1: LONG_AGO + timedelta(hours=n) for n in range(100)}
        assert {n: when for n, when in told.items() if truth.get(n or 0) != when} == {}
        assert len(told) >= 97, "98 or more are saved with these seeds"
        kept = [bytes(raw) == aside.read_bytes() for aside in night.data.glob("journal.broken-*.db")]
        assert any(kept) is ("the journal was damaged" in night.said)
        assert any(kept) or len(told) == 100 or "of the journal is not readable" in night.said
        assert len(night.simkl.calls) <= 6


@pytest.mark.parametrize("files", [[FILE], [FILE, f"{FILE}-wal"]], ids=["the file", "and its log"])
def test_damaged_while_it_plays(files: list[str]) -> None:
    """A file that is damaged while a film plays: the film is there in the morning."""
    with evening() as night:
        play(night, lambda: _overwrite(*(night.data / file for file in files)))
        night.next_morning()
        night.check(4, most=5)


def _overwrite(*files: Path) -> None:
    for file in files:
        with file.open("r+b") as raw:
            raw.write(b"\xff" * file.stat().st_size)
