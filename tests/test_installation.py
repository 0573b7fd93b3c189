"""Putting the loader into mpv's folder and taking it back, and nothing else."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from mpv_simkl import cli, installation, places

LOADER, CONF = Path("scripts/simkl.lua"), Path("script-opts/simkl.conf")
FOREIGN = "-- scrobbles with another program\n"


class User:
    """Somebody with a home of their own, and a shell."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(home)}

    def run(self, *words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        """`mpv-simkl WORDS`, by a user whom file permissions hold back even if it is root."""
        plain = ["setpriv", "--inh-caps=-all", "--bounding-set=-all"] if os.geteuid() == 0 else []
        return subprocess.run(
            [*plain, sys.executable, "-m", "mpv_simkl", *words],
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            errors="surrogateescape",
            check=False,
        )

    def files(self) -> set[str]:
        """All that lies in the home, without what mpv-simkl keeps for itself."""
        kept = self.home / ".local"
        found = (path for path in self.home.rglob("*") if path.is_file() and kept not in path.parents)
        return {str(path.relative_to(self.home)) for path in found}


@pytest.fixture
def user(tmp_path: Path) -> User:
    """A new user."""
    return User(tmp_path)


@pytest.fixture
def mpv_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """mpv's folder, not there yet; what we remember lies beside it."""
    monkeypatch.setenv(places.HOME, str(tmp_path / "ours"))
    return tmp_path / "mpv"


def both(folder: str) -> set[str]:
    return {f"{folder}/{LOADER}", f"{folder}/{CONF}"}


@pytest.mark.parametrize(
    ("variables", "there", "folder"),
    [
        ({}, (), ".config/mpv"),
        ({}, (".mpv",), ".mpv"),
        ({}, (".mpv", ".config/mpv"), ".config/mpv"),
        ({"XDG_CONFIG_HOME": "{home}/xdg"}, (), "xdg/mpv"),
        ({"XDG_CONFIG_HOME": "relative"}, (), ".config/mpv"),
        ({"XDG_CONFIG_HOME": "{home}/xdg", "MPV_HOME": "{home}/own"}, (".mpv",), "own"),
    ],
    ids=["usual", "old", "both", "XDG", "XDG relative", "MPV_HOME"],
)
def test_it_goes_where_mpv_looks(
    user: User, variables: Mapping[str, str], there: tuple[str, ...], folder: str
) -> None:
    """Without a word about it the loader lands in the folder that mpv reads, and goes from there again."""
    for name in there:
        (user.home / name).mkdir(parents=True)
    environment = {name: value.format(home=user.home) for name, value in variables.items()}
    done = user.run("install", **environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert user.files() == both(folder)
    assert f"wrote: {user.home / folder / LOADER}\n" in done.stdout
    undone = user.run("uninstall")  # it remembers the folder, whatever the variables say by now
    assert undone.returncode == 0
    assert user.files() == set()


def test_a_folder_can_be_named(user: User) -> None:
    """--mpv-dir puts it into that folder and no other, and takes it from there."""
    assert user.run("install", "--mpv-dir", user.home / "portable").returncode == 0
    assert user.files() == both("portable")
    assert user.run("uninstall", "--mpv-dir", user.home / "portable").returncode == 0
    assert user.files() == set()


def test_it_says_what_comes_next(user: User) -> None:
    """After `install` there is one thing left to do, which is named; who has signed in has only to play."""
    assert user.run("install").stdout.endswith("play something.\nSign in once: `mpv-simkl login`\n")
    known = {"MPV_SIMKL_CLIENT_ID": "app", "MPV_SIMKL_ACCESS_TOKEN": "token"}
    assert user.run("install", **known).stdout.endswith("play something.\n")


@pytest.mark.parametrize("command", ["install", "uninstall"])
def test_an_empty_name_is_no_folder(
    mpv_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    """A variable that is not set, after --mpv-dir, does not stand for where one is."""
    monkeypatch.chdir(mpv_dir.parent)
    with pytest.raises(SystemExit, match="2"):
        cli.main([command, "--mpv-dir", ""])
    assert "argument --mpv-dir: '' names no folder" in capsys.readouterr().err
    assert list(mpv_dir.parent.iterdir()) == []


def test_mpv_itself_loads_it_from_there(user: User) -> None:
    """mpv, asked by name for its folder, finds the loader that install put there."""
    user.run("install")
    line = ["mpv", "--idle=once", "--vo=null", "--ao=null", "--msg-level=all=debug", "--length=0.1"]
    said = subprocess.run(
        [*line, "av://lavfi:testsrc"], env=user.environment, capture_output=True, text=True, check=False
    )
    assert str(user.home / ".config/mpv" / LOADER) in said.stdout


def test_done_twice_it_changes_nothing(mpv_dir: Path) -> None:
    """Whoever installs again to be sure gets the very same files, untouched."""
    installation.install(mpv_dir)
    before = [(file.stat().st_mtime_ns, file.read_bytes()) for file in (mpv_dir / LOADER, mpv_dir / CONF)]
    steps = installation.install(mpv_dir)
    after = [(file.stat().st_mtime_ns, file.read_bytes()) for file in (mpv_dir / LOADER, mpv_dir / CONF)]
    assert after == before
    assert [step.said for step in steps] == ["already there", "kept your settings"]
    assert installation.remembered() == [mpv_dir]


def test_an_older_loader_of_ours_is_brought_up_to_date(mpv_dir: Path) -> None:
    """After an update, or with another Python, install replaces what it wrote before."""
    installation.install(mpv_dir)
    (mpv_dir / LOADER).write_text(installation.loader("/old/python"))
    assert installation.install(mpv_dir)[0].said == "updated"
    assert (mpv_dir / LOADER).read_text() == installation.loader()


def test_only_what_was_put_there_is_taken_back(mpv_dir: Path) -> None:
    """Other scripts and other settings are none of our business."""
    others = [mpv_dir / name for name in ("mpv.conf", "scripts/other.lua", "script-opts/osc.conf")]
    for file in others:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("mine")
    installation.install(mpv_dir)
    list(installation.uninstall(mpv_dir))
    assert {file for file in mpv_dir.rglob("*") if file.is_file()} == set(others)


def test_changed_settings_stay(mpv_dir: Path) -> None:
    """What the user wrote is kept over uninstall and install."""
    installation.install(mpv_dir)
    (mpv_dir / CONF).write_text("min_played=5\n")
    steps = list(installation.uninstall(mpv_dir))
    assert [str(step) for step in steps] == [
        f"removed: {mpv_dir / LOADER}",
        f"left your settings: {mpv_dir / CONF}",
    ]
    installation.install(mpv_dir)
    assert (mpv_dir / CONF).read_text() == "min_played=5\n"


def test_a_folder_in_the_place_of_the_settings_is_left(user: User) -> None:
    """Where simkl.conf is a folder the loader is taken back, and the folder named."""
    conf = user.home / ".config/mpv" / CONF
    user.run("install")
    conf.unlink()
    conf.mkdir()
    done = user.run("uninstall")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"left, for it is no file: {conf}\n" in done.stdout
    assert not (user.home / ".config/mpv" / LOADER).exists()
    assert user.run("uninstall").returncode == 0


def test_a_script_of_somebody_else_is_left_alone(user: User) -> None:
    """There may be another simkl.lua: it is neither overwritten nor removed, and one sentence says so."""
    loader = user.home / ".config/mpv" / LOADER
    loader.parent.mkdir(parents=True)
    loader.write_text(FOREIGN)
    done = user.run("install")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"mpv-simkl: {loader} ")
    assert done.stderr.count("\n") == 1
    user.run("uninstall")
    assert loader.read_text() == FOREIGN
    assert user.files() == {f".config/mpv/{LOADER}"}


@pytest.mark.parametrize("command", ["install", "uninstall"])
def test_a_folder_that_may_not_be_written_is_one_sentence(user: User, command: str) -> None:
    """Where it may not write it says so, with the file, and ends with 1."""
    user.run("install")
    folder = user.home / ".config/mpv/scripts"
    if command == "install":
        (folder / LOADER.name).unlink()
    folder.chmod(0o555)
    done = user.run(command)
    folder.chmod(0o755)
    assert done.returncode == 1
    assert done.stderr.startswith("mpv-simkl: Permission denied: ")
    assert str(folder / LOADER.name) in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_folder_of_mpv_that_was_moved_is_found(user: User) -> None:
    """Whoever has moved ~/.mpv to ~/.config/mpv gets rid of the loader there too."""
    (user.home / ".mpv").mkdir()
    user.run("install")
    (user.home / ".config").mkdir()
    (user.home / ".mpv").rename(user.home / ".config/mpv")
    done = user.run("uninstall")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"removed: {user.home / '.config/mpv' / LOADER}\n" in done.stdout
    assert user.files() == set()


def test_a_folder_that_may_not_be_written_keeps_no_other_from_being_cleared(user: User) -> None:
    """All that can be taken back is taken back and told; what cannot be is named, and the code is 1."""
    for name in ("one", "two", "three"):
        user.run("install", "--mpv-dir", user.home / name)
    locked = user.home / "two" / "scripts"
    locked.chmod(0o555)
    done = user.run("uninstall")
    locked.chmod(0o755)
    assert done.returncode == 1
    assert done.stderr == f"mpv-simkl: Permission denied: {locked / 'simkl.lua'}\n"
    removed = {f"removed: {user.home / file}" for file in both("one") | both("three")}
    assert set(done.stdout.splitlines()) == removed
    assert user.run("uninstall").returncode == 0  # that folder is remembered
    assert user.files() == set()


def test_installs_at_the_same_time_are_all_remembered(mpv_dir: Path) -> None:
    """A script that installs into many folders at once can take all of it back with one `uninstall`."""
    folders = [mpv_dir / str(number) for number in range(12)]
    line = [sys.executable, "-m", "mpv_simkl", "install", "--mpv-dir"]
    installs = [subprocess.Popen([*line, folder], stdout=subprocess.DEVNULL) for folder in folders]
    assert [process.wait() for process in installs] == [0] * 12
    assert set(installation.remembered()) == set(folders)


def test_a_folder_whose_name_is_no_text_is_a_folder(user: User) -> None:
    """A folder named in an old encoding is installed into like any other."""
    done = user.run("install", "--mpv-dir", user.home / "caf\udce9", PYTHONIOENCODING="utf-8:strict")
    assert (done.returncode, done.stderr) == (0, "")
    assert user.files() == both("caf\udce9")
    assert user.run("uninstall").returncode == 0
    assert user.files() == set()


def test_a_folder_given_from_where_one_stands_is_remembered(user: User) -> None:
    """MPV_HOME may be relative, as mpv reads it; uninstall finds it from anywhere."""
    place = Path(os.path.relpath(user.home / "own"))
    assert user.run("install", MPV_HOME=str(place)).returncode == 0
    remembered = (user.home / ".local/share/mpv-simkl" / installation.REMEMBERED).read_text()
    assert remembered == f'["{user.home}/own"]'


def test_a_broken_memory_is_no_failure(mpv_dir: Path) -> None:
    """When the list of folders is damaged, install begins a new one."""
    file = places.private_dir(places.data_dir()) / installation.REMEMBERED
    for text in ("", "{", '{"a": 1}', "[1, null]", "[" * 200_000, r'["\u0000"]'):
        file.write_text(text)
        assert installation.remembered() == []
    installation.install(mpv_dir)
    assert installation.remembered() == [mpv_dir]
    assert installation.current_dir() == mpv_dir


def test_nothing_to_uninstall_is_said(user: User) -> None:
    """Whoever has nothing installed is told where was looked."""
    done = user.run("uninstall")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"Nothing of mpv-simkl was found in {user.home / '.config/mpv'}\n"


def test_the_loader_is_whole(mpv_dir: Path) -> None:
    """What an installation fills into the loader leaves no gap there."""
    installation.install(mpv_dir)
    text = (mpv_dir / LOADER).read_text()
    assert not re.search("@[A-Z]+@", text)


def test_on_windows_no_console_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is a Python beside the other one that never opens a window of its own (mpv-notes 1.5)."""
    python = tmp_path / "python.exe"
    monkeypatch.setattr(sys, "platform", "win32")
    assert "python.exe" in installation.loader(str(python))
    python.with_name("pythonw.exe").touch()
    assert "pythonw.exe" in installation.loader(str(python))
