"""The doctor, beyond what docs/troubleshooting.md has of it: mending, reporting, machines that are odd."""

from __future__ import annotations

import getpass
import json
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mpv_simkl import auth, doctor, installation, places
from mpv_simkl.doctor import checks, cures, keeping, loading, machine, players, report
from mpv_simkl.doctor.machine import Machine, Reached
from mpv_simkl.errors import MpvSimklError
from mpv_simkl.journal import Journal
from mpv_simkl.sandbox import Sandbox

from .harness import Home
from .leaks import no_secret_in
from .makers import NOW, watch, without_a_home
from .signing_in import sign_in_as
from .terminal import terminal
from .test_loader import use_python


@pytest.fixture
def mine(home: Home) -> Home:
    """A home that the doctor takes for the user's own."""
    home.environment |= {"HOME": str(home.folder), "MPV_HOME": str(home.mpv_dir)}
    return home


@pytest.fixture
def healthy(mine: Home, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """What is known of a machine on which nothing is wrong, for one check at a time."""
    for name in ("HOME", "MPV_HOME"):
        monkeypatch.setenv(name, mine.environment[name])
    return machine.look(mine.environment)


def said(found: Machine) -> dict[str, str]:
    """Every check with its worst result."""
    order = ("ok", "warning", "problem")
    worst: dict[str, str] = {}
    for finding in doctor.examine(found):
        worst[finding.check] = max(worst.get(finding.check, "ok"), finding.result, key=order.index)
    return worst


# What it says, and how


def test_there_is_one_thing_to_do_for_whatever_is_not_well(mine: Home) -> None:
    """Every warning and every problem has its cure, and nothing that is well has one."""
    done = mine.cli("doctor", "--json")
    found = json.loads(done.stdout)
    assert all(set(row) == {"check", "result", "detail", "cure"} for row in found)
    assert all((row["result"] == "ok") == (row["cure"] == "") for row in found)
    assert all(row["detail"] for row in found)


def test_the_exit_code_is_for_problems_only(mine: Home) -> None:
    """A warning is no failure; a problem is one."""
    assert mine.cli("doctor").returncode == 0
    del mine.environment["MPV_SIMKL_ACCESS_TOKEN"]
    done = mine.cli("doctor")
    assert done.returncode == 1
    assert done.stderr == ""
    assert "problem  sign-in      not signed in\n" in done.stdout
    assert " -> run `mpv-simkl login`\n" in done.stdout


def test_there_is_one_call_and_it_carries_no_token(simkl: Sandbox, mine: Home) -> None:
    """The doctor costs no quota: one call for a title's details, without anybody's token."""
    mine.cli("doctor")
    (call,) = simkl.calls
    assert (call.method, call.path.partition("/")[2].partition("/")[0]) == ("GET", "movies")
    assert "authorization" not in call.headers


def test_a_library_that_is_missing_is_named(mine: Home) -> None:
    """Where the part that speaks with Simkl is broken, the doctor says so, and not that nobody answers."""
    look = (
        "import sys\nsys.modules['requests'] = None\n"
        "from mpv_simkl import doctor\nprint(doctor.look().reached.trouble)"
    )
    line = [sys.executable, "-I", "-c", look]
    done = subprocess.run(line, env=mine.environment, capture_output=True, text=True, check=True)
    assert "requests" in done.stdout
    assert cures.cure(done.stdout, cures.SAID) == "install mpv-simkl again"
    assert done.stderr == ""


def test_whoever_does_not_answer_is_not_waited_for(
    simkl: Sandbox, mine: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Simkl that takes the call and says nothing is given up, and the other checks are made."""
    simkl.fail("blackhole")
    monkeypatch.setattr(machine, "WHOLE_CALL", 0.2)
    looked = machine.look(mine.environment)
    assert looked.reached.trouble.startswith("no answer within ")
    found = said(looked)
    assert found["network"] == "problem"
    assert set(found) >= {"mpv", "loader", "python", "journal", "sign-in", "log"}


def test_a_check_that_fails_stops_no_other(healthy: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine so odd that a check itself fails, the others are made, and it is said."""

    def broken(_: Machine) -> Iterator[doctor.Finding]:
        raise RuntimeError("odd")

    monkeypatch.setattr(checks, "CHECKS", (("first", broken), *checks.CHECKS))
    (first, *others) = doctor.examine(healthy)
    assert (first.check, first.result) == ("first", "warning")
    assert "RuntimeError: odd" in first.detail
    assert len(others) >= len(checks.CHECKS) - 2


@pytest.mark.parametrize("text", ["", "\x00", "no lines of ours\n" * 5, "é" * 10_000])
def test_a_log_full_of_nonsense_is_no_obstacle(mine: Home, text: str) -> None:
    """Whatever stands in the log, the doctor goes on."""
    (mine.folder / "log").mkdir(exist_ok=True)
    (mine.folder / "log" / "mpv-simkl.log").write_text(text, encoding="utf-8")
    done = mine.cli("doctor")
    assert (done.returncode, done.stderr) == (0, "")
    assert "warning  log          empty" in done.stdout


def test_a_file_name_cannot_write_into_the_terminal(mine: Home) -> None:
    """What the log or a setting holds reaches no terminal raw."""
    mine.set("min_played=\x1b[31mlots\n")
    done = mine.cli("doctor")
    assert "\x1b" not in done.stdout
    assert r"\x1b[31mlots" in done.stdout


def test_trouble_that_has_passed_is_not_told(mine: Home) -> None:
    """Once something was sent again, an old failure is history."""
    (mine.folder / "log").mkdir(exist_ok=True)
    lines = "2026-11-20T21:04:00Z WARNING 47 not sent: no connection\n"
    log = mine.folder / "log" / "mpv-simkl.log"
    log.write_text(lines, encoding="utf-8")
    assert "warning  log" in mine.cli("doctor").stdout
    log.write_text(lines + "2026-11-20T21:05:00Z INFO    47 sent stop X at 90 %: ok\n", encoding="utf-8")
    assert "ok       log" in mine.cli("doctor").stdout


@pytest.mark.parametrize(
    ("ahead", "result"),
    [(0, "ok"), (100, "ok"), (-100, "ok"), (200, "problem"), (-200, "problem"), (10**8, "problem")],
)
def test_a_clock_is_wrong_from_two_minutes_on(healthy: Machine, ahead: float, result: str) -> None:
    """A minute may be the network; three are the clock's own fault."""
    reached = Reached("simkl", 200, sense=True, ahead=timedelta(seconds=ahead))
    assert said(replace(healthy, reached=reached))["clock"] == result


def test_colours_are_for_terminals_and_for_those_who_want_them(mine: Home) -> None:
    """On a terminal a problem is red; with NO_COLOR, or in a file, it is not."""
    assert "\x1b[" not in mine.cli("doctor").stdout
    mine.environment.pop("NO_COLOR", None)
    with terminal("doctor", environment=mine.environment) as screen:
        screen.wait_for("\x1b[32mok")
    mine.environment["NO_COLOR"] = "1"
    with terminal("doctor", environment=mine.environment) as screen:
        screen.wait_for("ok       mpv")


@pytest.mark.parametrize(("days", "result"), [(100, "ok"), (10, "warning"), (-1, "problem")])
def test_a_sign_in_that_ends_is_told_in_time(
    simkl: Sandbox, mine: Home, monkeypatch: pytest.MonkeyPatch, days: int, result: str
) -> None:
    """Two weeks before it ends there is a warning; afterwards it is a problem."""
    del mine.environment["MPV_SIMKL_ACCESS_TOKEN"]
    monkeypatch.setattr(auth, "REFRESH_LIFE", timedelta(days=days, hours=1))
    sign_in_as(simkl, timedelta())
    found = json.loads(mine.cli("doctor", "--json").stdout)
    assert [row["result"] for row in found if row["check"] == "sign-in"] == [result]


@pytest.mark.parametrize(
    ("says", "result", "detail"),
    [
        (None, "problem", "there is no Python at"),
        ("mpv-simkl 0.0.1", "warning", "has mpv-simkl 0.0.1, this is"),
    ],
    ids=["gone", "older"],
)
def test_the_python_of_the_settings_is_looked_at(
    mine: Home, tmp_path: Path, says: str | None, result: str, detail: str
) -> None:
    """Whoever names another interpreter in simkl.conf learns when it is gone, or has another mpv-simkl."""
    python = tmp_path / "python"
    if says is not None:
        python.write_text(f"#!/bin/sh\necho {says}\n")
        python.chmod(0o755)
    mine.set(f"python={python}\n")
    (row,) = (row for row in json.loads(mine.cli("doctor", "--json").stdout) if row["check"] == "python")
    assert (row["result"], row["cure"]) == (result, "correct it, or put # before it")
    assert detail in row["detail"]


@pytest.mark.parametrize(
    ("setting", "detail", "cure"),
    [
        ("enabled=no", "enabled=no: nothing is scrobbled", "set enabled=yes in {}/mpv.conf"),
        (
            "min_played=lots",
            "script-opts: min_played='lots' cannot be used; it takes a number",
            "correct it in ",
        ),
        (
            "python=/nowhere",
            "there is no Python at /nowhere, which python= in {}/mpv.conf",
            "correct it, or ",
        ),
    ],
)
def test_what_mpv_conf_sets_is_looked_at(mine: Home, setting: str, detail: str, cure: str) -> None:
    """A setting in mpv.conf that keeps mpv-simkl from working is found as one in simkl.conf is."""
    (mine.mpv_dir / "mpv.conf").write_text(f"script-opts-append=simkl-{setting}\n", encoding="utf-8")
    found = json.loads(mine.cli("doctor", "--json").stdout)
    (row,) = (row for row in found if row["detail"].startswith(detail.format(mine.mpv_dir)))
    assert row["result"] != "ok"
    assert row["cure"].startswith(cure.format(mine.mpv_dir))


def test_what_waits_is_counted_with_its_oldest(mine: Home) -> None:
    """What Simkl does not have yet is told with since when, why, and how to send it."""
    with Journal.open(mine.folder / "data") as journal:
        for number in (1, 0):
            journal.record(watch(viewing=f"evening {number}", minutes=number))
        journal.put_off([1], "no connection; check the network")
    (row,) = (row for row in json.loads(mine.cli("doctor", "--json").stdout) if row["check"] == "journal")
    why = "no connection; check the network"
    assert row["detail"] == f"2 watched, waiting since {NOW:%Y-%m-%d %H:%M} UTC: {why}"
    assert (row["result"], row["cure"]) == ("warning", "run `mpv-simkl journal replay`")


def test_what_waits_for_another_account_is_not_ours_to_send(mine: Home) -> None:
    """Whoever has signed in as somebody else is not told to send what only the other account can."""
    with Journal.open(mine.folder / "data", account="77") as journal:
        journal.record(watch())
    (row,) = (row for row in json.loads(mine.cli("doctor", "--json").stdout) if row["check"] == "journal")
    assert row["detail"] == "1 watched under another account"
    assert row["cure"] == "sign in with it: `mpv-simkl login`"


@pytest.mark.parametrize("name", ["simkl", "simkl.js"])
def test_a_script_of_the_same_name_is_found(mine: Home, name: str) -> None:
    """mpv would call ours simkl2, and it would keep silent."""
    (mine.mpv_dir / "scripts" / name).mkdir()
    assert f"scripts/{name} has the name of ours" in mine.cli("doctor").stdout


def test_a_place_for_the_socket_is_looked_for(mine: Home, tmp_path: Path) -> None:
    """A place that is not there is passed over, and one whose path is too long for a socket."""
    mine.environment["XDG_RUNTIME_DIR"] = "/nonexistent"
    mine.environment.pop("TMPDIR", None)
    assert "ok       socket       in /tmp\n" in mine.cli("doctor").stdout
    long = tmp_path / ("x" * 100)
    long.mkdir()
    mine.environment["XDG_RUNTIME_DIR"] = str(long)
    assert "ok       socket       in /tmp\n" in mine.cli("doctor").stdout


@pytest.mark.parametrize("folder", [".mpv", ".config/celluloid"])
def test_a_cure_can_be_pasted_whatever_the_folder_is_called(home: Home, folder: str) -> None:
    """Whose home has a space and an apostrophe in its name can paste the line that the doctor says."""
    own = home.folder / "it's my home"
    (own / folder).mkdir(parents=True)
    installation.install(own / ".config/mpv")
    if folder == ".mpv":
        installation.install(own / folder)
    del home.environment[places.HOME]
    home.environment["HOME"] = str(own)
    cures = [finding["cure"] for finding in json.loads(home.cli("doctor", "--json").stdout)]
    lines = [cure.split("`")[1] for cure in cures if "--mpv-dir" in cure]
    pasted = "\n".join(['mpv-simkl() { echo "$3"; }', *lines])
    named = subprocess.check_output(["bash", "-e", "-c", pasted], text=True)
    assert str(own / folder) in named.splitlines()


# Mending


def test_what_is_safe_is_mended_and_told(mine: Home) -> None:
    """An old loader is written anew where it was installed, and our files are the user's alone again."""
    loader = mine.mpv_dir / installation.LOADER
    new = loader.read_text(encoding="utf-8")
    loader.write_text(new + "-- of last year\n", encoding="utf-8")
    data = mine.folder / "data"
    data.chmod(0o755)
    (data / installation.REMEMBERED).chmod(0o644)
    done = mine.cli("doctor", "--fix")
    assert done.returncode == 0
    assert done.stdout.splitlines()[:3] == [
        f"made private: {data}",
        f"made private: {data / installation.REMEMBERED}",
        f"updated: {loader}",
    ]
    assert loader.read_text(encoding="utf-8") == new
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert stat.S_IMODE((data / installation.REMEMBERED).stat().st_mode) == 0o600
    assert "made private" not in mine.cli("doctor", "--fix").stdout


def test_the_folder_around_the_log_is_looked_at_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder of ours that others may enter is found, wherever it lies; the user's own is left alone."""
    for name in ("XDG_CACHE_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.delenv(places.HOME, raising=False)
    (ours := places.private_dir(places.log_dir()).parent).chmod(0o755)
    assert keeping.open_to_others() == [ours]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a folder away")
@pytest.mark.parametrize("words", [("doctor",), ("doctor", "--fix")], ids=" ".join)
def test_a_folder_that_root_has_made_is_named(mine: Home, words: tuple[str, ...]) -> None:
    """Whoever once ran mpv with sudo is told whose the folder is, and the line that gives it back."""
    data = mine.folder / "data"
    os.chown(data, 12345, -1)
    plain = ["setpriv", "--inh-caps=-all", "--bounding-set=-all", sys.executable, "-m", "mpv_simkl"]
    done = subprocess.run([*plain, *words], env=mine.environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    assert f"files        {data} belongs to another user\n" in done.stdout
    assert f"-> run `sudo chown -R $(id -u) {data}`\n" in done.stdout
    assert "please report it" not in done.stdout


def test_what_is_not_ours_is_left_as_it_is(mine: Home, tmp_path: Path) -> None:
    """Another's script, a loader for another Python, what was taken away, what a link leads to."""
    foreign = mine.mpv_dir / installation.LOADER
    foreign.write_text("-- somebody's", encoding="utf-8")
    elsewhere = tmp_path / "diary.txt"
    elsewhere.write_text("dear diary")
    elsewhere.chmod(0o644)
    (mine.folder / "data" / "link").symlink_to(elsewhere)
    mine.cli("doctor", "--fix")
    assert foreign.read_text() == "-- somebody's"
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o644
    use_python(mine, "/usr/bin/env")
    before = foreign.read_text()
    mine.cli("doctor", "--fix")
    assert foreign.read_text() == before
    foreign.unlink()
    mine.cli("doctor", "--fix")
    assert not foreign.exists()


# The report


def test_a_report_tells_no_secret_and_no_name(simkl: Sandbox, mine: Home) -> None:
    """What goes to a helper has versions, settings and the log, but no token, no home folder and no name."""
    del mine.environment["MPV_SIMKL_ACCESS_TOKEN"]
    kept = sign_in_as(simkl, timedelta(days=7))
    (mine.folder / "log").mkdir(exist_ok=True)
    opened = f"opened {mine.folder}/x {kept.access_token} Ada {getpass.getuser()}"
    (mine.folder / "log" / "mpv-simkl.log").write_text(
        f"2026-11-20T21:04:00Z INFO    47 {opened}\n", encoding="utf-8"
    )
    file = mine.folder / "report.txt"
    done = mine.cli("doctor", "--report", str(file), "--yes")
    text = file.read_text(encoding="utf-8")
    assert text in done.stdout
    no_secret_in(text, simkl, "the report")
    for hidden in (str(mine.folder), simkl.client_id, "Ada", f" {getpass.getuser()}\n"):
        assert hidden not in text, hidden
    for shown in ("ok       mpv", "requests ", "min_played=10", "opened ~/x (secret) (user) (user)"):
        assert shown in text
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_report_is_not_written_unasked(mine: Home) -> None:
    """Where nobody can be asked, and where the answer is no, nothing is written."""
    file = mine.folder / "report.txt"
    done = mine.cli("doctor", "--report", str(file))
    assert done.returncode == 1
    assert "--yes" in done.stderr
    assert "## The last" in done.stdout
    with terminal("doctor", "--report", str(file), environment=mine.environment) as screen:
        screen.wait_for("Write it to")
        screen.type("n")
        screen.end()
    assert not file.exists()


def test_a_report_that_cannot_be_written_is_one_sentence(mine: Home) -> None:
    """A folder that is not there is named."""
    done = mine.cli("doctor", "--report", str(mine.folder / "nowhere" / "x"), "--yes")
    assert done.returncode == 1
    assert done.stderr.startswith(f"mpv-simkl: {mine.folder}/nowhere/x cannot be written")


def test_a_report_replaces_a_file_only_after_a_question(mine: Home) -> None:
    """Whoever names a file that is there already is asked first, and told with --yes."""
    file = mine.folder / "report.txt"
    file.write_text("mine", encoding="utf-8")
    with terminal("doctor", "--report", str(file), environment=mine.environment) as screen:
        screen.wait_for("report.txt already. Replace it with this?")
        screen.type("n")
        screen.end()
    assert file.read_text(encoding="utf-8") == "mine"
    assert f"Replaced: {file}\n" in mine.cli("doctor", "--report", str(file), "--yes").stdout
    assert "## Versions" in file.read_text(encoding="utf-8")


def test_a_report_goes_where_a_link_leads(mine: Home) -> None:
    """A link stays a link, be the file behind it there or not."""
    link = mine.folder / "report.txt"
    link.symlink_to("kept.txt")
    for _ in range(2):
        assert mine.cli("doctor", "--report", str(link), "--yes").stdout.endswith(f": {link}\n")
        assert link.is_symlink()
        assert "## Versions" in (mine.folder / "kept.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "said"),
    [("pipe", "is no file"), ("link", "is no file"), ("loop", "is no file"), (".", "is a folder")],
)
def test_a_report_replaces_nothing_but_a_file(mine: Home, name: str, said: str) -> None:
    """A device, a pipe or a folder, behind a link too, is left as it is, and there is one sentence."""
    pipe, link, loop = (mine.folder / each for each in ("pipe", "link", "loop"))
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    loop.symlink_to(loop)
    done = mine.cli("doctor", "--report", str(mine.folder / name), "--yes")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"mpv-simkl: {mine.folder / name} {said}")
    assert done.stderr.count("\n") == 1
    assert stat.S_ISFIFO(pipe.lstat().st_mode)
    assert link.is_symlink()
    assert loop.is_symlink()


@pytest.mark.parametrize("name", ["", ".", "/"])
def test_a_report_to_no_name_is_one_sentence(mine: Home, name: str) -> None:
    """Whoever names a folder, or nothing, is told so without a trace."""
    done = mine.cli("doctor", "--report", name, "--yes")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"mpv-simkl: {name or '.'} is a folder; name a file in it\n"


@pytest.mark.parametrize(
    "secret",
    ["simkl_rt_a-b.c~d", "f" * 64, "Zx9" * 11, "aB3-_" * 12],
    ids=["prefix", "hex", "word", "base64"],
)
def test_what_looks_like_a_secret_is_one(secret: str) -> None:
    """A token of which nobody knows any more is found by its looks."""
    assert secret not in report.anonymous(f"got {secret}, at last", {}, "/home/ada")


@pytest.mark.parametrize("client_id", ["0f1e2d3c 4b5a6978", "it's 4b5a6978", "0f1e-2d3c-4b5a6978"])
@pytest.mark.parametrize("file", ["script-opts/simkl.conf", "mpv.conf", ""])
def test_a_report_tells_no_client_id_however_it_is_written(mine: Home, client_id: str, file: str) -> None:
    """A client id that was pasted wrongly, or is short, is left out of the settings, complaints and log."""
    del mine.environment["MPV_SIMKL_CLIENT_ID"]
    if file:
        option = "script-opts-append=simkl-client_id" if file == "mpv.conf" else "client_id"
        (mine.mpv_dir / file).write_text(f"{option}={client_id}\n", encoding="utf-8")
    else:
        mine.environment["MPV_SIMKL_CLIENT_ID"] = client_id
    (mine.folder / "log").mkdir(exist_ok=True)
    told = f"simkl.conf:1: client_id={client_id!r} cannot be used; it takes one word"
    (mine.folder / "log" / "mpv-simkl.log").write_text(
        f"2026-11-20T21:04:00Z WARNING 47 {told}\n", encoding="utf-8"
    )
    text = mine.cli("doctor", "--report", str(mine.folder / "report.txt"), "--yes").stdout
    assert "client_id=(secret) cannot be used" in text
    assert "4b5a6978" not in text


# Every mpv

FLATPAK = ".var/app/io.mpv.Mpv/config/mpv"


@pytest.mark.parametrize(
    ("platform", "made", "name", "folder"),
    [
        ("linux", ".var/app/io.mpv.Mpv", "mpv in a Flatpak", FLATPAK),
        (
            "linux",
            ".local/share/flatpak/app/io.mpv.Mpv",
            "mpv in a Flatpak",
            ".var/app/io.mpv.Mpv/config/mpv",
        ),
        ("linux", "snap/mpv/current", "mpv in a Snap", "snap/mpv/current/.config/mpv"),
        ("linux", ".config/celluloid", "Celluloid", ".config/celluloid"),
        ("linux", ".mpv", "mpv, its old folder", ".mpv"),
        ("win32", "roaming/mpv.net", "mpv.net", "roaming/mpv.net"),
        ("darwin", "Applications/IINA.app", "IINA", None),
    ],
)
def test_every_player_is_found_by_what_it_leaves(
    tmp_path: Path, platform: str, made: str, name: str, folder: str | None
) -> None:
    """Each program with mpv in it is found, and the folder that it reads is known."""
    (tmp_path / made).mkdir(parents=True)
    environment = {"PATH": os.environ["PATH"], "APPDATA": str(tmp_path / "roaming")}
    found = {player.name: player for player in players.players(environment, tmp_path, platform)}
    assert found[name].folder == (None if folder is None else tmp_path / folder)


def test_an_mpv_that_hangs_is_given_up(
    mine: Home, healthy: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An mpv that never ends is asked for a moment only."""
    program = tmp_path / "mpv"
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o755)
    monkeypatch.setattr(loading, "ANSWER_WITHIN", 0.2)
    found = replace(healthy, players=[players.Player("mpv", str(program), mine.mpv_dir, native=True)])
    assert said(found)["mpv"] == "problem"


def test_the_users_own_configuration_is_not_touched_by_asking(mine: Home) -> None:
    """mpv is asked without its configuration: a socket that a running mpv listens at stays its own."""
    place = mine.folder / "users.sock"
    (mine.mpv_dir / "mpv.conf").write_text(f"input-ipc-server={place}\n")
    with socket.socket(socket.AF_UNIX) as running:
        running.bind(str(place))
        running.listen()
        before = place.stat().st_ino
        assert "with Lua" in mine.cli("doctor").stdout
        assert place.stat().st_ino == before


def test_a_user_without_a_home_is_told_so(mine: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody knows a home folder there is one sentence, and no trace."""
    without_a_home(monkeypatch)
    with pytest.raises(MpvSimklError, match="set HOME"):
        machine.look(mine.environment)
