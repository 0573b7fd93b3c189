"""scripts/try on machines that lack this or that; the programs there are stand-ins that note their calls."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ORDINARY = ("cat", "chmod", "cksum", "cp", "dirname", "env", "ls", "mkdir", "touch")

PYTHON = """
for last; do :; done
case $* in
--version) echo "Python $VERSION" ;;
*version_info*) [ "$VERSION" != 3.9.2 ] ;;
"-m venv"*)
    mkdir -p "$last/bin"
    cp "$0" "$last/bin/python"
    printf '#!/bin/sh\\necho mpv-simkl "$@"\\n' >"$last/bin/mpv-simkl"
    chmod +x "$last/bin/mpv-simkl"
    ;;
"-m pip install"*) [ -z "${OFFLINE-}" ] || { echo "pip's own words"; exit 1; } ;;
esac
"""
MANAGER = """
for last; do :; done
case $last in
update) [ -z "${OFFLINE-}" ] ;;
mpv) touch "$BIN/mpv" && chmod +x "$BIN/mpv" ;;
esac
"""


class Machine:
    """A clone, and a PATH of our own."""

    def __init__(self, folder: Path) -> None:
        self.clone = folder / "a clone"
        self.bin = folder / "bin"
        self.log = folder / "log"
        self.env = {"PATH": str(self.bin), "BIN": str(self.bin), "LOG": str(self.log), "VERSION": "3.11.2"}
        self.bin.mkdir()
        shutil.copytree(ROOT / "scripts", self.clone / "scripts")
        shutil.copy(ROOT / "pyproject.toml", self.clone)
        for name in ORDINARY:
            (self.bin / name).symlink_to(str(shutil.which(name)))

    def has(self, name: str, does: str = "") -> None:
        """Put a program there; it notes its name and arguments."""
        self.bin.joinpath(name).write_text(f'#!/bin/sh\necho "{name} $*" >>"$LOG"\n{does}\n')
        self.bin.joinpath(name).chmod(0o755)

    def tries(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run scripts/try, from somewhere else."""
        command = [str(self.clone / "scripts/try"), *arguments]
        return subprocess.run(
            command,
            env=self.env,
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def calls(self, start: str) -> list[str]:
        """The noted calls that begin so, since the last question."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return [line for line in lines if line.startswith(start)]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Debian, with a Python and without mpv; the user is root."""
    machine = Machine(tmp_path)
    machine.has("id", "echo 0")
    machine.has("python3", PYTHON)
    machine.has("apt-get", MANAGER)
    return machine


def without_rights(machine: Machine) -> None:
    machine.has("id", "echo 1000")


def test_a_missing_mpv_is_announced_and_installed(machine: Machine) -> None:
    """On a machine without mpv, the script says what it installs, installs it, and starts."""
    done = machine.tries("film.mkv")
    assert done.returncode == 0
    assert "Installing mpv, with: apt-get install -y --no-install-recommends mpv" in done.stderr
    assert done.stdout == "mpv-simkl try film.mkv\n"
    assert machine.calls("apt-get") == ["apt-get update", "apt-get install -y --no-install-recommends mpv"]


def test_what_is_there_is_used_at_once(machine: Machine) -> None:
    """The second time nothing is installed, nothing is asked of the network and nothing is said."""
    machine.tries()
    machine.calls("")
    machine.env["OFFLINE"] = "yes"
    done = machine.tries()
    assert (done.returncode, done.stdout, done.stderr) == (0, "mpv-simkl try\n", "")
    assert [call for call in machine.calls("") if "install" in call or "update" in call] == []


def test_new_requirements_are_installed(machine: Machine) -> None:
    """After a pull that changes what mpv-simkl needs, the environment follows."""
    machine.tries()
    machine.calls("")
    with machine.clone.joinpath("pyproject.toml").open("a") as project:
        project.write("# changed\n")
    machine.tries()
    assert len(machine.calls("python3 -m pip install")) == 1


@pytest.mark.parametrize(
    ("manager", "line"),
    [
        ("apt-get", "sudo apt-get install -y --no-install-recommends mpv"),
        ("dnf", "sudo dnf install -y mpv"),
        ("pacman", "sudo pacman -S --needed --noconfirm mpv"),
        ("zypper", "sudo zypper --non-interactive install mpv"),
    ],
)
def test_without_the_right_to_install_the_line_is_printed(machine: Machine, manager: str, line: str) -> None:
    """Who may not install is told the one line that an administrator has to run."""
    without_rights(machine)
    machine.bin.joinpath("apt-get").unlink()
    machine.has(manager)
    machine.has("sudo", "exit 1  # it would ask for a password")
    done = machine.tries()
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].strip() == line
    assert machine.calls(manager) == []


def test_without_sudo_the_line_does_without(machine: Machine) -> None:
    """A Debian without sudo has su."""
    without_rights(machine)
    done = machine.tries()
    assert done.stderr.splitlines()[-1].strip() == "su -c 'apt-get install -y --no-install-recommends mpv'"


def test_sudo_is_used_when_it_asks_for_no_password(machine: Machine) -> None:
    """Who may become root without a password gets mpv installed so."""
    without_rights(machine)
    machine.has("sudo", '[ "$1" = -n ] || "$@"')
    assert machine.tries().returncode == 0
    assert machine.calls("apt-get install") == ["apt-get install -y --no-install-recommends mpv"]


def test_homebrew_never_runs_as_root(machine: Machine) -> None:
    """On a Mac, Homebrew installs mpv as the user who asked."""
    without_rights(machine)
    machine.bin.joinpath("apt-get").unlink()
    machine.has("brew", MANAGER)
    machine.has("sudo")
    assert machine.tries().returncode == 0
    assert machine.calls("").count("brew install mpv") == 1


def test_old_package_lists_do_not_stop_the_installation(machine: Machine) -> None:
    """When the package lists cannot be renewed, the ones that are there may still do."""
    machine.has("apt-get", MANAGER.replace('[ -z "${OFFLINE-}" ]', "echo unreachable; exit 100"))
    done = machine.tries()
    assert done.returncode == 0
    assert "unreachable" in done.stderr


def test_too_old_a_python_is_named(machine: Machine) -> None:
    """Who has an old Python is told which one, and which is needed."""
    machine.env["VERSION"] = "3.9.2"
    done = machine.tries()
    assert done.returncode == 1
    assert "needs Python 3.11 or newer, and this is Python 3.9.2" in done.stderr


def test_a_failed_installation_shows_all_that_pip_said(machine: Machine) -> None:
    """When the environment cannot be made, the reason is shown, and the next time it is tried again."""
    machine.has("mpv")
    machine.env["OFFLINE"] = "yes"
    done = machine.tries()
    assert done.returncode == 1
    assert "pip's own words" in done.stderr
    del machine.env["OFFLINE"]
    assert machine.tries().stdout == "mpv-simkl try\n"


def test_debian_without_venv_gets_it(machine: Machine) -> None:
    """Debian keeps a part of Python in python3-venv; it is installed along with mpv."""
    machine.has("python3", 'case $* in *ensurepip*) [ -e "$BIN/mpv" ] || exit 1 ;; esac\n' + PYTHON)
    machine.has("apt-get", MANAGER.replace("mpv)", "python3-venv)"))
    assert machine.tries().returncode == 0
    assert machine.calls("apt-get install") == ["apt-get install -y --no-install-recommends mpv python3-venv"]
