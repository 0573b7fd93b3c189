"""Where our files live: private, whole, and locked against each other."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mpv_simkl import places

from .harness import WITHIN

HOLD = """
import sys
from pathlib import Path
from mpv_simkl import places
with places.locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_our_folders_are_where_the_system_wants_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Data and log lie in the folders that the user's system has for them."""
    monkeypatch.delenv(places.HOME, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", "/somewhere/data")
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere/cache")
    assert places.data_dir() == Path("/somewhere/data/mpv-simkl")
    assert places.log_dir() == Path("/somewhere/cache/mpv-simkl/log")


@pytest.mark.parametrize("told", ["", "~/.local/share", "share"])
def test_our_folders_do_not_go_with_the_folder_that_mpv_is_started_in(
    monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    """Whose XDG_DATA_HOME is empty, or has a ~ that nobody has resolved, has one journal, and not one for
    each folder of films.
    """
    monkeypatch.delenv(places.HOME, raising=False)
    monkeypatch.setenv("HOME", "/home/someone")
    monkeypatch.setenv("XDG_DATA_HOME", told)
    monkeypatch.setenv("XDG_CACHE_HOME", told)
    assert places.data_dir() == Path("/home/someone/.local/share/mpv-simkl")
    assert places.log_dir() == Path("/home/someone/.cache/mpv-simkl/log")


def test_one_folder_can_hold_all(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """For trying out, one folder takes the place of all of the system's."""
    monkeypatch.setenv(places.HOME, str(tmp_path))
    assert (places.data_dir(), places.log_dir()) == (tmp_path / "data", tmp_path / "log")
    assert list(tmp_path.iterdir()) == []


def test_a_new_folder_is_private(tmp_path: Path) -> None:
    """Nobody else can look into our folder; one that is there already stays as it is."""
    folder = places.private_dir(tmp_path / "a" / "b")
    assert mode(folder) == 0o700
    folder.chmod(0o755)
    places.private_dir(folder)
    assert mode(folder) == 0o755


def test_all_folders_of_ours_are_private_and_no_others(tmp_path: Path) -> None:
    """Nobody else sees when something was logged; a folder of the user's that is missing is made as usual."""
    before = os.umask(0o022)
    try:
        log = places.private_dir(tmp_path / "cache" / places.APP / "log")
    finally:
        os.umask(before)
    assert (mode(log), mode(log.parent), mode(log.parent.parent)) == (0o700, 0o700, 0o755)


def test_a_written_file_is_private_unless_it_is_said_otherwise(tmp_path: Path) -> None:
    """A token is for its owner only, the loader may be read by all."""
    places.write_whole(tmp_path / "token", "secret")
    places.write_whole(tmp_path / "loader", "public", mode=0o644)
    assert (mode(tmp_path / "token"), mode(tmp_path / "loader")) == (0o600, 0o644)


def test_a_reader_never_sees_half_a_file(tmp_path: Path) -> None:
    """Whoever reads while we write sees the old text or the new one."""
    file, seen, done = tmp_path / "file", set[str](), threading.Event()
    versions = [letter * 200_000 for letter in "abcdefgh"]
    places.write_whole(file, versions[0])

    def read() -> None:
        while not done.is_set():
            seen.add(file.read_text(encoding="utf-8"))

    reader = threading.Thread(target=read)
    reader.start()
    for text in versions:
        places.write_whole(file, text)
    done.set()
    reader.join()
    assert seen <= set(versions)
    assert file.read_text() == versions[-1]


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    """What cannot be written whole is not written at all, and no draft is left lying about."""
    file = tmp_path / "file"
    places.write_whole(file, "old")
    with pytest.raises(UnicodeEncodeError):
        places.write_whole(file, "new \udcff")
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


@contextmanager
def held_elsewhere(lock: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Another process holds the lock."""
    line = [sys.executable, "-c", HOLD, str(lock)]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        try:
            yield holder
        finally:
            holder.kill()


def test_a_lock_keeps_other_processes_out_until_it_is_given_back(tmp_path: Path) -> None:
    """Two players never do at once what only one may do."""
    lock, entered = tmp_path / "lock", threading.Event()

    def enter() -> None:
        with places.locked(lock):
            entered.set()

    with held_elsewhere(lock) as holder:
        waiting = threading.Thread(target=enter, daemon=True)
        waiting.start()
        assert not entered.wait(0.2)
        assert holder.stdin is not None
        holder.stdin.close()
        assert entered.wait(WITHIN)
        waiting.join()


def test_a_lock_goes_with_the_process_that_held_it(tmp_path: Path) -> None:
    """A killed player leaves no lock behind."""
    lock = tmp_path / "lock"
    with held_elsewhere(lock) as holder:
        holder.send_signal(signal.SIGKILL)
        with places.locked(lock) as file:
            assert holder.wait(WITHIN) == -signal.SIGKILL
            file.write("ours")
    assert lock.read_text() == "ours"
    assert mode(lock) == 0o600


def test_a_lock_is_given_back_after_an_error(tmp_path: Path) -> None:
    """Whatever goes wrong inside, the next one gets in."""
    with pytest.raises(ZeroDivisionError), places.locked(tmp_path / "lock"):
        _ = 1 / 0
    with places.locked(tmp_path / "lock") as file:
        file.write("again")


def test_a_private_file_is_private_whatever_the_umask(tmp_path: Path) -> None:
    """A careless umask opens nothing to others."""
    before = os.umask(0)
    try:
        os.close(places.open_private(tmp_path / "file", os.O_CREAT | os.O_RDWR))
        places.private_dir(tmp_path / "folder")
    finally:
        os.umask(before)
    assert (mode(tmp_path / "file"), mode(tmp_path / "folder")) == (0o600, 0o700)


@pytest.mark.parametrize("told", ["", "{", "[" * 100_000, "1" * 300_000, "\ud800"])
def test_a_file_that_is_no_json_is_told_in_one_way(tmp_path: Path, told: str) -> None:
    """Whatever was done to a file of ours, whoever reads it has one error to expect."""
    file = tmp_path / "kept.json"
    file.write_bytes(told.encode("utf-8", "surrogatepass"))
    with pytest.raises(ValueError, match=r"."):
        places.read_json(file)
