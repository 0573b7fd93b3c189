"""Words typed in, sentences and exit codes out."""

from __future__ import annotations

import io
import json
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from mpv_simkl import __version__, cli
from mpv_simkl.cli.history import NOTHING_YET
from mpv_simkl.journal import Journal
from mpv_simkl.media import Media
from mpv_simkl.model import Action, Scrobble
from mpv_simkl.sandbox import Sandbox

from .hand import Hand
from .harness import Home, run_cli
from .makers import player_is_gone, without_a_home
from .terminal import terminal

EPISODE = Media("episode", "The Lighthouse Keepers", season=1, episodes=(4,))
FILM = Media("movie", "Arrival", 2016)
UNKNOWN = Media("episode", "The Lighthouse Keepers", season=9, episodes=(99,))
WATCHED_AT = datetime(2026, 3, 14, 20, 15, tzinfo=UTC)
WAYS = [
    *("install", "uninstall", "login", "logout", "try", "identify", "history", "log", "doctor"),
    *("mark", "unmark", "match", "status", "settings", "completion", "man"),
    *("journal", "journal list", "journal replay", "journal retry", "journal drop"),
]


def remember(home: Home, *watched: Media, at: datetime = WATCHED_AT) -> None:
    """Leave watches in the journal that Simkl has not heard of, by a player that is gone."""
    with Journal.open(home.folder / "data") as journal:
        for number, media in enumerate(watched):
            viewing = f"viewing-{number}"
            journal.record(Scrobble(Action.STOP, media, viewing, 95.0, 1200.0, True, True, at))
    player_is_gone(home.folder / "data")


def sentence(done: subprocess.CompletedProcess[str]) -> str:
    """What is said of a failure: one line on stderr, nothing on stdout, exit code 1."""
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("mpv-simkl: ")
    assert done.stderr.count("\n") == 1
    return done.stderr.removeprefix("mpv-simkl: ").rstrip()


# Help


def test_the_help_names_every_command() -> None:
    """`mpv-simkl --help` shows what there is, and not what only the loader needs."""
    done = run_cli("--help")
    assert done.returncode == 0
    assert all(f"\n    {name}" in done.stdout for name in cli.COMMANDS)
    assert "attach" not in done.stdout


@pytest.mark.parametrize("way", WAYS)
def test_every_command_has_help_with_an_example(way: str) -> None:
    """Each command says what it does and shows how it is typed."""
    done = run_cli(*way.split(), "--help")
    assert done.returncode == 0
    assert f"\nExample: mpv-simkl {way}" in done.stdout
    assert done.stdout.startswith(f"usage: mpv-simkl {way} ")


def test_no_command_is_forgotten_here() -> None:
    """Every command is tried by these tests."""
    assert {way.split()[0] for way in WAYS} == set(cli.COMMANDS)


def test_the_script_and_the_module_are_the_same() -> None:
    """`mpv-simkl` and `python -m mpv_simkl` do the same."""
    script = subprocess.run(
        [sys.executable, "-c", "from mpv_simkl.cli import run; run()", "--version"],
        capture_output=True,
        text=True,
        check=False,
    )
    module = run_cli("--version")
    assert module.stdout == script.stdout == f"mpv-simkl {__version__}\n"
    assert (module.returncode, script.returncode) == (0, 0)


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("watch",),
        ("--loud",),
        ("log", "--loud"),
        ("log", "more"),
        ("journal",),
        ("journal", "burn"),
        ("inst",),
    ],
    ids=" ".join,
)
def test_words_that_are_unknown_are_wrong_usage(words: tuple[str, ...]) -> None:
    """Whoever mistypes is shown how it goes, and the exit code is 2."""
    done = run_cli(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("usage: mpv-simkl")


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("hisotry", "history"),
        ("journal lst", "list"),
        ("history --jsno", "--json"),
        ("mark --movi=Arrival", "--movie"),
        ("match a.mkv --fro file", "--for"),
        ("match a.mkv --for fil", "file"),
        ("mark --status watchin", "watching"),
    ],
)
def test_a_slip_of_the_pen_is_answered_with_what_was_meant(words: str, meant: str) -> None:
    """A command, an option or a choice that is nearly right is told together with the right one."""
    done = run_cli(*words.split())
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith(f"; did you mean {meant}?\n")
    assert "choose from" not in done.stderr


def test_a_mistyped_option_is_told_beside_those_of_its_command() -> None:
    """The usage that is shown is the command's own, and not that of `mpv-simkl` alone."""
    assert run_cli("history", "--loud").stderr.startswith("usage: mpv-simkl history ")


@pytest.mark.parametrize(("words", "known"), [((), "history"), (("journal",), "replay")])
def test_where_no_command_is_given_all_are_shown(words: tuple[str, ...], known: str) -> None:
    """Who types only the name sees what there is, as in the help, and the exit code says wrong usage."""
    done = run_cli(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == run_cli(*words, "--help").stdout
    assert f"\n    {known}" in done.stderr


def test_what_is_no_number_is_said_without_jargon() -> None:
    """A number that is none is called that."""
    done = run_cli("journal", "drop", "x")
    assert done.returncode == 2
    assert done.stderr.endswith("argument ID: 'x' is not a number\n")


@pytest.mark.parametrize(
    "words", [("--version",), ("log", "--path"), ("log",), ("--help",), ("try", "--help")], ids=" ".join
)
def test_what_is_not_needed_is_not_loaded(home: Home, words: tuple[str, ...]) -> None:
    """A small question has its answer at once: nothing large is loaded for it."""
    if words == ("--help",):
        words = ("log", "--help")
    look = (
        "import sys\nfrom mpv_simkl import cli\n"
        "try: cli.main(sys.argv[1:])\nexcept SystemExit: pass\n"
        "large = {'requests', 'sqlite3', 'python_mpv_jsonipc', 'http.server'}\n"
        "print(sorted(large & set(sys.modules)), file=sys.stderr)"
    )
    line = [sys.executable, "-c", look, *words]
    done = subprocess.run(line, env=home.environment, capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"


@pytest.mark.parametrize(
    ("closed", "words", "code", "said"),
    [
        (">&-", "status", 0, ""),
        (">&-", "settings", 0, ""),
        (">&-", "history --csv", 0, ""),
        (">&-", "log", 0, ""),
        (">&-", "mark --movie Arrival", 0, ""),
        ("<&-", "mark -", 1, "there was no line on standard input"),
        ("<&-", "unmark --movie Arrival", 1, "this asks a question; say yes with --yes"),
        ("<&-", "match nothing.mkv", 1, "say what it is with --to LINK"),
        ("2>&-", "journal replay", 0, ""),
        (">&- 2>&- <&-", "journal drop 7", 1, ""),
    ],
)
def test_a_closed_stream_is_no_obstacle(home: Home, closed: str, words: str, code: int, said: str) -> None:
    """Where a script has closed input or output, a command does its work, or says in a sentence why not."""
    line = f"'{sys.executable}' -m mpv_simkl {words} {closed}"
    done = subprocess.run(
        ["bash", "-c", line], env=home.environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stderr
    assert done.stderr.startswith(f"mpv-simkl: {said}" if said else "")
    assert done.stderr.count("\n") == bool(said)


def in_a_shell(home: Home, line: str) -> subprocess.CompletedProcess[str]:
    """Run a line of bash, in which `$us` is our program."""
    environment = {**home.environment, "PYTHONUNBUFFERED": "", "us": f"{sys.executable} -m mpv_simkl"}
    return subprocess.run(
        ["bash", "-c", line], env=environment, capture_output=True, text=True, check=False, timeout=60
    )


def test_a_line_without_an_end_is_not_read_to_it(home: Home) -> None:
    """Whoever pipes the wrong thing into `mark` is told so, and keeps the memory of the machine."""
    done = in_a_shell(home, "ulimit -v 500000; $us mark - </dev/zero")
    assert sentence(done) == "line 1: it is longer than 80000 bytes; nothing was sent"


@pytest.mark.parametrize("words", ["--version", "--help", "settings", "status --json", "man", "doctor"])
def test_a_full_disk_is_one_sentence(home: Home, words: str) -> None:
    """What cannot be printed, because the disk behind `>` is full, is a failure that says so."""
    done = in_a_shell(home, f"$us {words} >/dev/full")
    assert sentence(done).endswith("No space left on device")


@pytest.mark.parametrize("words", ["--version", "--help", "mark --help", "settings", "man", "doctor"])
def test_a_reader_that_is_gone_is_no_failure(home: Home, words: str) -> None:
    """Whoever closes the pipe before anything comes, as `| true` does, hears no complaint."""
    done = in_a_shell(home, f"$us {words} | true; echo ${{PIPESTATUS[0]}}")
    assert (done.stdout, done.stderr) == ("0\n", "")


@pytest.mark.parametrize("closed", ["| true", "2>&1 | true"])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_command_does_its_work_whoever_reads(home: Home, closed: str, unbuffered: str) -> None:
    """What somebody deletes is deleted, though nobody reads what is said of it."""
    remember(home, *[EPISODE] * 300)  # more words than any buffer holds back
    ids = " ".join(map(str, range(1, 301)))
    line = f"export PYTHONUNBUFFERED={unbuffered}; $us journal drop {ids} --yes {closed}"
    done = in_a_shell(home, f"{line}; echo ${{PIPESTATUS[0]}}")
    assert (done.stdout, done.stderr) == ("0\n", "")
    assert home.waiting() == []


def test_a_problem_is_one_whoever_reads(home: Home) -> None:
    """A script that asks the doctor and throws away what it says learns that something is wrong."""
    home.set("python=/nowhere/python\n")
    done = in_a_shell(home, "$us doctor | true; echo ${PIPESTATUS[0]}")
    assert (done.stdout, done.stderr) == ("1\n", "")


def test_following_the_log_ends_with_its_reader(home: Home) -> None:
    """`mpv-simkl log -f | head -1` ends with the next line that nobody wants."""
    fill(home, 10_000)
    done = in_a_shell(home, "$us log -n 10000 -f | head -1; echo ${PIPESTATUS[0]}")
    assert (done.stdout, done.stderr) == ("line 0\n0\n", "")


@pytest.mark.parametrize("closed", ["2>&-", "2>/dev/full", "2> >(true)"])
def test_the_exit_code_does_not_hang_on_who_hears_the_complaint(home: Home, closed: str) -> None:
    """Where a complaint cannot be written, a script still learns from the exit code what happened."""
    done = in_a_shell(home, f"$us mark {closed}; echo $?; $us log --loud {closed}; echo $?")
    assert done.stdout == "2\n2\n"


@pytest.mark.parametrize(
    ("command", "path", "done"),
    [("mark", "/sync/history", "marked"), ("unmark", "/sync/history/remove", "unmarked")],
)
def test_ctrl_c_in_the_middle_of_sending_is_told(
    simkl: Sandbox, home: Home, command: str, path: str, done: str
) -> None:
    """Whoever stops a long list learns that a part of it may have gone, and that it can be run again."""
    simkl.fail("blackhole", path=path)
    line = [sys.executable, "-m", "mpv_simkl", command, "--movie", "Arrival", "--yes"]
    pipe = subprocess.PIPE
    with subprocess.Popen(line, env=home.environment, stdout=pipe, stderr=pipe, text=True) as process:
        simkl.expect(1, path)
        process.send_signal(2)
        _, complaints = process.communicate(timeout=20)
    told = f"mpv-simkl: perhaps not all was {done}; run it again later, nothing is counted twice\n"
    assert (process.returncode, complaints) == (130, f"\n{told}")


def test_a_failure_is_told_after_what_went_before(home: Home) -> None:
    """In a file that takes both, the sentence about a failure stands last, as it does on a terminal."""
    done = in_a_shell(home, "$us mark --movie 'Nobody Has Heard Of This' 2>&1")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("not found")
    assert lines[-1].startswith("mpv-simkl: Simkl does not know Nobody Has Heard Of This; check ")


@pytest.mark.parametrize(
    "words",
    [
        ("install", "--mpv-dir", "{}"),
        ("uninstall", "--mpv-dir", "{}"),
        ("install", "--mpv-dir", "{}/file"),
        ("doctor", "--yes", "--report", "{}/report"),
        ("doctor", "--report", "{}"),
        ("doctor", "--yes", "--report", "{}/nowhere/report"),
        ("try", "{}/gone.mkv"),
        ("log",),
        ("log", "--{}"),
        ("log", "{}"),
        ("match", "x.mkv", "--to", "{}"),
        ("match", "{}.mkv", "--imdb", "tt2543164", "--yes"),
    ],
    ids=" ".join,
)
def test_no_name_of_a_file_writes_into_the_terminal(home: Home, words: tuple[str, ...]) -> None:
    """A folder whose name has colours and turned letters in it is shown with escapes by every command."""
    folder = home.folder / "\x1b[31mred\u202e"
    folder.mkdir()
    (folder / "file").touch()
    if words == ("log",):
        home.environment["MPV_SIMKL_HOME"] = str(folder)
    done = home.cli(*(word.replace("{}", str(folder)) for word in words))
    assert r"\x1b[31mred" in done.stdout + done.stderr
    assert not {"\x1b", "\u202e"} & {*done.stdout, *done.stderr}


@pytest.mark.parametrize(
    "words", ["install", "uninstall", "doctor", "status", "log", "journal list", "history"]
)
def test_a_user_without_a_home_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: str
) -> None:
    """A service's user, who has no home folder, learns that; and no folder called ~ is made."""
    for name in ("MPV_SIMKL_HOME", "MPV_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    without_a_home(monkeypatch)
    monkeypatch.chdir(tmp_path)
    assert cli.main(words.split()) == 1
    assert capsys.readouterr() == ("", "mpv-simkl: this user has no home folder; set HOME\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["install", "uninstall"])
def test_a_home_that_nobody_has_is_one_sentence(home: Home, command: str) -> None:
    """Whoever mistypes a name after ~ learns that it is nobody's."""
    done = home.cli(command, "--mpv-dir", "~nobody-of-that-name/mpv")
    assert sentence(done) == "there is no home folder ~nobody-of-that-name"


# log


def fill(home: Home, lines: int) -> None:
    (home.folder / "log").mkdir()
    text = "".join(f"line {number}\n" for number in range(lines))
    (home.folder / "log/mpv-simkl.log").write_text(text, encoding="utf-8")


def test_the_log_shows_its_end(home: Home) -> None:
    """Without a number the last forty lines are shown, with one so many."""
    fill(home, 100)
    assert home.cli("log").stdout.splitlines() == [f"line {number}" for number in range(60, 100)]
    assert home.cli("log", "-n", "2").stdout == "line 98\nline 99\n"
    assert home.cli("log", "-n", "0").stdout == ""


def test_the_log_says_where_it_is(home: Home) -> None:
    """`log --path` prints one path and nothing else, even before there is a log."""
    assert home.cli("log", "--path").stdout == f"{home.folder}/log/mpv-simkl.log\n"


def test_an_empty_log_is_explained(home: Home) -> None:
    """Before the first video the user learns why there is nothing to see."""
    done = home.cli("log")
    assert done.returncode == 0
    assert done.stdout.startswith("The log is empty: no mpv has started mpv-simkl yet")


@pytest.mark.parametrize("number", ["-1", "many", "1.5"])
def test_a_number_of_lines_must_be_one(home: Home, number: str) -> None:
    """A wrong number is wrong usage, and the message speaks of numbers."""
    done = home.cli("log", f"-n={number}")
    assert done.returncode == 2
    assert "a number from 0 on" in done.stderr


def test_the_log_can_be_followed_until_ctrl_c(home: Home) -> None:
    """`log -f` shows what comes, and Ctrl-C ends it without a word."""
    fill(home, 1)
    line = [sys.executable, "-m", "mpv_simkl", "log", "-f"]
    pipe = subprocess.PIPE
    with subprocess.Popen(line, env=home.environment, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "line 0\n"
        with (home.folder / "log/mpv-simkl.log").open("a") as log:
            log.write("line 1\n")
        assert process.stdout.readline() == "line 1\n"
        process.send_signal(2)
        _, complaints = process.communicate(timeout=20)
    assert (process.returncode, complaints) == (130, "")


@pytest.mark.parametrize("words", ["log -n 10000", "log -n 5"])
def test_a_reader_that_has_seen_enough_is_no_failure(home: Home, words: str) -> None:
    """`mpv-simkl log | head -1` is quiet."""
    fill(home, 10_000)
    line = f"set -o pipefail; '{sys.executable}' -m mpv_simkl {words} | head -1"
    done = subprocess.run(
        ["bash", "-c", line], env=home.environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("\n") == 1


# journal


def test_an_empty_journal_is_explained(home: Home) -> None:
    """Whoever looks for what waits learns that nothing does."""
    assert home.cli("journal", "list").stdout == "Nothing waits: all that was watched is at Simkl.\n"
    assert home.cli("journal", "list", "--json").stdout == "[]\n"
    assert home.cli("journal", "replay").stdout == "Nothing waited.\n"


def test_the_journal_is_listed_for_scripts(home: Home) -> None:
    """`journal list --json` gives one array with everything about each watch, times in UTC."""
    remember(home, EPISODE)
    (row,) = json.loads(home.cli("journal", "list", "--json").stdout)
    assert row == {
        "id": 1,
        "type": "episode",
        "title": "The Lighthouse Keepers",
        "year": None,
        "season": 1,
        "episodes": [4],
        "watched_at": "2026-03-14T20:15:00Z",
        "state": "waiting",
        "attempts": 0,
        "last_error": None,
    }


def test_the_journal_is_listed_for_people(home: Home) -> None:
    """`journal list` names what was watched, and a hostile title cannot write into the terminal."""
    remember(home, EPISODE, Media("movie", "\x1b[31mRed\u202e", year=1994))
    lines = home.cli("journal", "list").stdout.splitlines()
    assert "waiting" in lines[0]
    assert lines[0].endswith("The Lighthouse Keepers S01E04")
    assert lines[1].endswith(r"\x1b[31mRed\u202e (1994)")


def test_a_terminal_without_the_letters_shows_the_title_all_the_same(home: Home) -> None:
    """A title in letters that the terminal lacks is shown in escapes, not as a failure."""
    remember(home, Media("movie", "千と千尋の神隠し", year=2001))
    home.environment["PYTHONIOENCODING"] = "ascii"
    done = home.cli("journal", "list")
    assert (done.returncode, done.stderr) == (0, "")
    assert r"\u5343\u3068" in done.stdout


def test_an_old_terminal_without_any_such_letter_gets_an_answer(home: Home) -> None:
    """Where the locale knows ASCII only, `status` works, though mpv's own words hold a © sign."""
    home.environment |= {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = home.cli("status", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["mpv_version"]


def test_what_waits_is_sent_on_request(simkl: Sandbox, home: Home) -> None:
    """`journal replay` brings what waits to Simkl with the time it was watched."""
    remember(home, EPISODE)
    done = home.cli("journal", "replay")
    assert (done.returncode, done.stdout, done.stderr) == (0, "Sent 1 watched.\n", "")
    assert [(watch.number, watch.watched_at) for watch in simkl.history] == [(4, WATCHED_AT)]
    assert home.waiting() == []


def test_a_watch_of_which_simkl_knows_the_start_is_counted(simkl: Sandbox, home: Home) -> None:
    """A watch whose end Simkl never heard of, though it heard of its start, is sent and told as sent."""
    remember(home, EPISODE)
    with Journal.open(home.folder / "data") as journal:
        journal.telling("viewing-0")
    assert home.cli("journal", "replay").stdout == "Sent 1 watched.\n"
    assert len(simkl.history) == 1


def test_a_replay_shows_that_it_asks_before_it_sends(home: Home) -> None:
    """The bar stands still while Simkl is asked what the titles of a batch are, and says so."""
    remember(home, FILM, EPISODE)
    with terminal("journal", "replay", environment=home.environment) as shown:
        shown.wait_for("] 0 of 2 sent, 2 asked about\r")
        shown.wait_for("] 2 of 2 sent, 2 asked about\nSent 2 watched.\n")
        assert shown.end() == 0


def test_what_was_put_off_is_sent_on_request(simkl: Sandbox, home: Home) -> None:
    """Whoever types `journal replay` need not wait until what failed twice would be tried again."""
    remember(home, EPISODE)
    simkl.fail("bad_gateway", path="/sync/history")
    for _ in range(3):
        assert "502" in sentence(home.cli("journal", "replay"))
    simkl.heal()
    assert home.cli("journal", "replay").stdout == "Sent 1 watched.\n"


def test_what_waits_on_is_told_with_its_reason(simkl: Sandbox, home: Home) -> None:
    """Where Simkl fails on one watch only, the other is sent, and it is said why the one still waits."""
    remember(home, EPISODE, FILM)
    simkl.fail("bad_gateway", path="/sync/history")
    for _ in range(2):
        home.cli("journal", "replay")
    simkl.heal()
    simkl.fail("bad_gateway", path="/sync/history", times=2)  # for both together, and for the first alone
    lines = home.cli("journal", "replay").stdout.splitlines()
    assert lines[0] == "Sent 1 watched."
    assert lines[1].startswith("1 still waits: POST /sync/history: 502: Simkl has trouble")


def test_another_accounts_reason_is_not_told_for_ours(home: Home) -> None:
    """Why a watch waits is said of one's own, whatever waits of somebody else who signed in here."""
    with Journal.open(home.folder / "data", account="77") as journal:
        journal.record(Scrobble(Action.STOP, FILM, "theirs", 95.0, 6000.0, True, True, WATCHED_AT))
        journal.put_off([1], "the sign-in of somebody else has ended")
    with Journal.open(home.folder / "data") as journal:
        journal.record(Scrobble(Action.STOP, EPISODE, "evening", 95.0, 1200.0, True, True, WATCHED_AT))
    done = home.cli("journal", "replay")
    assert done.stdout == "1 still waits: left to the player that is open\n"


def test_what_a_player_is_about_to_send_is_not_called_nothing(home: Home) -> None:
    """A watch that an open player has yet to send is left to it, and that is said."""
    with Journal.open(home.folder / "data") as journal:
        journal.record(Scrobble(Action.STOP, EPISODE, "evening", 95.0, 1200.0, True, True, WATCHED_AT))
    done = home.cli("journal", "replay")
    assert done.stdout == "1 still waits: left to the player that is open\n"


def test_what_simkl_does_not_know_is_not_called_sent(simkl: Sandbox, home: Home) -> None:
    """What could not be matched is counted apart from what arrived."""
    remember(home, EPISODE, UNKNOWN)
    done = home.cli("journal", "replay")
    assert done.stdout.splitlines() == [
        "Sent 1 watched.",
        "1 could not be matched or was refused: see `mpv-simkl journal list`",
    ]
    assert [row["state"] for row in home.waiting()] == ["not_found"]
    assert len(simkl.history) == 1
    assert home.cli("journal", "replay").stdout.splitlines() == [
        "Nothing waited.",
        "1 was set aside before: see `mpv-simkl journal list`",
    ]


def test_where_nothing_arrived_nothing_is_called_sent(home: Home) -> None:
    """Two watches that Simkl does not know are told as such, and no "Sent 0" stands before it."""
    remember(home, UNKNOWN, Media("movie", "Nobody Has Heard Of This", 1931))
    told = home.cli("journal", "replay").stdout
    assert told == "2 could not be matched or were refused: see `mpv-simkl journal list`\n"


def test_what_is_set_aside_is_named(home: Home) -> None:
    """`journal replay` says what could not be matched, each in a line that cannot write into the terminal."""
    remember(home, Media("movie", "\x1b[31mRed\u202e\n", year=1994), UNKNOWN)
    lines = home.cli("journal", "replay").stderr.splitlines()
    assert sorted(line.partition(": Simkl")[0] for line in lines) == [
        rf"mpv-simkl: set aside: {UNKNOWN}",
        r"mpv-simkl: set aside: \x1b[31mRed\u202e\x0a (1994)",
    ]


def test_what_was_set_aside_can_be_tried_again(simkl: Sandbox, home: Home) -> None:
    """Once Simkl knows a title, `journal retry` lets the watch wait again."""
    remember(home, FILM)
    simkl.fail("not_matched", times=1, path="/sync/history")
    home.cli("journal", "replay")
    assert [row["state"] for row in home.waiting()] == ["refused"]
    assert sentence(home.cli("journal", "retry", "1", "99")).startswith("there is no row 99 in the journal")
    assert [row["state"] for row in home.waiting()] == ["refused"]
    told = home.cli("journal", "retry")
    assert (told.returncode, told.stdout) == (0, "1 waits again: `mpv-simkl journal replay` sends it now.\n")
    assert [row["state"] for row in home.waiting()] == ["waiting"]


def test_where_nothing_was_set_aside_there_is_nothing_to_retry(home: Home) -> None:
    """`journal retry` does not speak of rows that wait again where there are none."""
    assert home.cli("journal", "retry").stdout == "Nothing was set aside.\n"
    remember(home, FILM)
    assert home.cli("journal", "retry", "1").stdout == "Nothing was set aside.\n"


def test_whoever_thinks_better_of_it_is_told_that_nothing_went(hand: Hand) -> None:
    """Without a yes nothing is deleted, and the exit code 1 has its sentence."""
    with Journal.open() as journal:
        journal.record(Scrobble(Action.STOP, FILM, "evening", 95.0, 1200.0, True, True, WATCHED_AT))
    said = hand.answer("n", "journal", "drop", "1")
    assert said.code == 1
    assert said.err.endswith("mpv-simkl: nothing was deleted\n")
    assert "Arrival" in hand.type("journal", "list").out


def test_a_row_can_be_dropped_after_a_question(home: Home) -> None:
    """What will never be sent can be deleted, but not by accident."""
    remember(home, EPISODE, FILM)
    kept = home.cli("journal", "drop", "1")
    assert kept.returncode == 1
    assert "--yes" in kept.stderr
    assert len(home.waiting()) == 2
    assert home.cli("journal", "drop", "1", "--yes").returncode == 0
    assert [row["id"] for row in home.waiting()] == [2]
    assert "no row 9" in home.cli("journal", "drop", "9", "--yes").stderr


def test_the_history_lists_what_was_delivered(home: Home) -> None:
    """What you watched is yours: as lines, as JSON and as a table, from any day on."""
    remember(home, EPISODE, FILM)
    home.cli("journal", "replay")
    assert [line[18:] for line in home.cli("history").stdout.splitlines()] == [str(EPISODE), str(FILM)]
    (episode, film) = json.loads(home.cli("history", "--json").stdout)
    assert (episode["state"], episode["season"], film["title"]) == ("done", EPISODE.season, FILM.title)
    header, *rows = home.cli("history", "--csv").stdout.splitlines()
    assert header == "id,watched_at,type,title,year,season,episodes,ids"
    assert len(rows) == 2
    assert home.cli("history", "--since", "2031-01-01").stdout == "Nothing since then.\n"
    assert home.cli("history", "--since", "soon").returncode == 2


def test_the_history_can_be_looked_at(home: Home) -> None:
    """`history --calendar` draws the last 12 months day by day, or since a day, and says if it is empty."""
    assert home.cli("history", "--calendar").stdout == f"{NOTHING_YET}\n"
    evening = datetime.now().astimezone().replace(hour=0, minute=0) - timedelta(days=3)
    remember(home, EPISODE, FILM, at=evening)
    home.cli("journal", "replay")
    drawn = home.cli("history", "--calendar").stdout
    assert "      · none  ░ 1  ▒ 2  ▓ 3-4  █ 5 or more\n2 watched since " in drawn
    assert drawn.endswith(f"; most on {evening:%Y-%m-%d}: 2\n")
    assert (drawn.count("▒"), "\x1b" in drawn) == (2, False)
    since = home.cli("history", "--calendar", "--since", "1999-12-31").stdout
    assert "\n2 watched since 1999-12-31;" in since
    assert sum(since.count(sign) for sign in "·▒") <= 4 + len("·▒")  # from the first one on
    assert home.cli("history", "--calendar", "--since", "yesterday").stdout == "Nothing since then.\n"
    with terminal("history", "--calendar", environment={**home.environment, "NO_COLOR": ""}) as shown:
        assert shown.end() == 0
    assert "\x1b[32m▒\x1b[0m" in shown.shown
    home.environment["PYTHONIOENCODING"] = "ascii"
    assert ". none  : 1  + 2" in home.cli("history", "--calendar").stdout
    assert home.cli("history", "--calendar", "--json").returncode == 2


def test_the_table_has_the_line_ends_of_the_system(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows, where a line ends in two letters, a spreadsheet finds no empty row after each."""
    remember(home, FILM)
    with Journal.open(home.folder / "data") as journal:
        journal.settle([row.id for row in journal.unsent()], "done")
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, newline="\r\n", write_through=True))
    assert cli.main(["history", "--csv"]) == 0
    assert [line.endswith("\r") for line in written.getvalue().decode().split("\r\n")] == [False] * 3


@pytest.mark.parametrize(("title", "cell"), [("=1+1", "'=1+1"), ("\t=1+1", r"\x09=1+1")])
def test_a_title_is_no_formula_for_a_spreadsheet(home: Home, title: str, cell: str) -> None:
    """A file name cannot smuggle a formula into the table."""
    remember(home, FILM._replace(title=title))
    with Journal.open(home.folder / "data") as journal:
        journal.settle([row.id for row in journal.unsent()], "done")
    assert f",{cell}," in home.cli("history", "--csv").stdout


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo"])
def test_days_are_named_as_a_time_of_watching_is(home: Home, zone: str) -> None:
    """What `mark --watched-at` takes for a day, `history --since` takes too: from its first minute on."""
    remember(home, FILM)
    home.cli("journal", "replay")
    home.environment["TZ"] = zone
    day = WATCHED_AT.astimezone(ZoneInfo(zone)).date()
    for form in ("%d.%m.%Y", "%d %B %Y", "%Y-%m-%d"):
        assert "Arrival" in home.cli("history", "--since", day.strftime(form)).stdout
        after = (day + timedelta(days=1)).strftime(form)
        assert "Arrival" not in home.cli("history", "--since", after).stdout
    assert home.cli("history", "--since", "yesterday").returncode == 0


@pytest.mark.parametrize("day", ["0000-01-01", "0001-01-01", "9999-12-31T23:59", "", "nan"])
def test_a_day_that_no_calendar_holds_is_wrong_usage(home: Home, day: str) -> None:
    """Whatever is typed as a date, a sentence says how it is written."""
    for zone in ("America/New_York", "Asia/Tokyo"):
        home.environment["TZ"] = zone
        done = home.cli("history", "--since", day)
        assert done.returncode == 2
        assert done.stderr.endswith("is no date; write it as 2026-11-20\n")


@pytest.mark.parametrize(
    "words", ["journal list --json", "history --json", "history --csv", "match --list --json"]
)
def test_what_scripts_read_is_fit_for_a_terminal_too(home: Home, words: str) -> None:
    """A hostile title writes into no terminal, and a smiling one stays JSON without its letter."""
    hostile = FILM._replace(title="\x1b[31mRed\x7f\x9b1m\u202e\U0001f600")
    remember(home, hostile)
    with Journal.open(home.folder / "data") as journal:
        journal.titles.correct("file", "/films/Red.mkv", "", hostile)
        if "history" in words:
            journal.settle([row.id for row in journal.unsent()], "done")
    home.environment["PYTHONIOENCODING"] = "ascii"
    done = home.cli(*words.split())
    assert done.returncode == 0
    assert done.stdout.replace("\n", "").isprintable()
    if "json" in words:
        (row,) = json.loads(done.stdout)
        assert hostile.title in (row.get("title"), row.get("said", "").removesuffix(" (2016)"))


def test_a_missing_sign_in_is_one_sentence(home: Home) -> None:
    """Without a sign-in nothing is sent, nothing is lost, and the user learns what to do."""
    remember(home, EPISODE)
    del home.environment["MPV_SIMKL_ACCESS_TOKEN"]
    assert sentence(home.cli("journal", "replay")).startswith("not signed in; ")
    assert [row["state"] for row in home.waiting()] == ["waiting"]


@pytest.mark.parametrize(
    "words", ["status", "login --no-browser", "mark --movie Arrival", "match Arrival.mkv"]
)
def test_without_a_network_nobody_is_told_of_calls(home: Home, words: str) -> None:
    """Who types a command is told what is wrong, and not by which call of Simkl's API that was seen."""
    home.environment["MPV_SIMKL_API_URL"] = "http://127.0.0.1:1"
    done = home.cli(*words.split())
    assert "no connection" in done.stdout + done.stderr
    assert not re.search(r"\b(GET|POST) /", done.stdout + done.stderr)


def test_an_unreachable_server_is_one_sentence(home: Home) -> None:
    """When Simkl cannot be reached the watch waits on, with the reason."""
    remember(home, EPISODE)
    home.environment["MPV_SIMKL_API_URL"] = "http://127.0.0.1:1"
    said = sentence(home.cli("journal", "replay"))
    (row,) = home.waiting()
    assert (row["state"], row["attempts"], row["last_error"]) == ("waiting", 1, f"GET /redirect: {said}")
    assert "Traceback" not in said


@pytest.mark.parametrize("fault", ["bad_gateway", "bad_request"])
@pytest.mark.parametrize("words", ["status", "match x.mkv --imdb tt2543164 --yes", "mark --movie Arrival"])
def test_nothing_is_promised_that_nobody_keeps(simkl: Sandbox, home: Home, words: str, fault: str) -> None:
    """What fails in front of the user is in no journal, and nobody tries it again: so neither is said."""
    simkl.fail(fault)
    done = home.cli(*words.split())
    told = done.stdout + done.stderr
    assert "502: Simkl has trouble; see https://" in told or "400 wrong_parameter: Simkl refuses it\n" in told
    assert "by itself" not in told
    assert "journal list" not in told


def test_a_server_that_must_not_be_used_is_one_sentence(home: Home) -> None:
    """The token never leaves the machine in the clear."""
    home.environment["MPV_SIMKL_API_URL"] = "http://api.example.org"
    said = sentence(home.cli("journal", "replay"))
    assert said == "MPV_SIMKL_API_URL='http://api.example.org' cannot be used; it takes an https:// address"


def test_a_journal_that_cannot_be_used_is_one_sentence(home: Home) -> None:
    """Where the journal should be is a folder: the sentence names it."""
    (home.folder / "data/journal.db").mkdir(parents=True)
    said = sentence(home.cli("journal", "list"))
    assert said.startswith(f"the journal {home.folder}/data/journal.db cannot be used: ")
    assert said.endswith("; run `mpv-simkl doctor`")


def test_a_journal_of_a_newer_version_says_itself_what_to_do(home: Home) -> None:
    """Whoever went back to an older mpv-simkl is told to update it, by every command and by the doctor."""
    remember(home, FILM)
    with closing(sqlite3.connect(home.folder / "data" / "journal.db")) as db:
        db.execute("PRAGMA user_version = 999")
    assert sentence(home.cli("journal", "list")).endswith("a newer mpv-simkl; update this one")
    (found,) = [
        each for each in json.loads(home.cli("doctor", "--json").stdout) if each["check"] == "journal"
    ]
    assert found["detail"].endswith("it was written by a newer mpv-simkl")
    assert found["cure"] == "update this one"


def test_a_file_that_cannot_be_written_is_named(home: Home) -> None:
    """Where the disk takes no more, `install` says which file it wanted to write."""
    folder = home.folder / "other"
    line = f"ulimit -f 0; trap '' XFSZ; $us install --mpv-dir {folder}"
    said = sentence(in_a_shell(home, line))
    assert said == f"File too large: {folder}/scripts/simkl.lua"


def test_a_failure_prints_no_escape_of_a_terminal(home: Home) -> None:
    """Whatever stands in a sentence from outside, such as a folder's name, it moves no cursor."""
    home.environment["MPV_SIMKL_HOME"] = f"{home.folder / 'no folder'}\x1b[2J"
    Path(home.environment["MPV_SIMKL_HOME"]).write_text("", encoding="utf-8")
    said = sentence(home.cli("journal", "list"))
    assert "\x1b" not in said
    assert "\\x1b[2J" in said


def test_a_client_id_that_cannot_be_used_is_one_sentence(home: Home) -> None:
    """A command that needs Simkl stops at a mistake in client_id and names its line."""
    del home.environment["MPV_SIMKL_CLIENT_ID"]
    home.set("\nclient_id=two words\n")
    said = sentence(home.cli("journal", "replay"))
    assert said.startswith(f"{home.mpv_dir}/script-opts/simkl.conf:2: client_id='two words' cannot be used")


def test_another_setting_that_cannot_be_used_stops_nothing(simkl: Sandbox, home: Home) -> None:
    """A mistake in simkl.conf is named once, with its line, and the command goes on with the default."""
    remember(home, EPISODE)
    home.set("\nmin_played=lots\n")
    done = home.cli("journal", "replay")
    told = f"mpv-simkl: {home.mpv_dir}/script-opts/simkl.conf:2: min_played='lots' cannot be used; it takes "
    assert (done.returncode, home.waiting()) == (0, [])
    assert (done.stderr.startswith(told), done.stderr.count("\n")) == (True, 1)
    assert len(simkl.history) == 1


def test_no_word_of_ours_is_printed_twice_by_a_missing_file(tmp_path: Path, home: Home) -> None:
    """A video that is not there is one sentence."""
    said = sentence(home.cli("try", str(tmp_path / "gone.mkv")))
    assert said == f"there is no file {tmp_path}/gone.mkv"
