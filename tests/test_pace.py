"""Turns at writing to Simkl, shared by all players of a user. No test waits: clock and sleep are given."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mpv_simkl.errors import LONGEST_REST, TryLater
from mpv_simkl.pace import FILE, WORTH_WAITING, WRITE_EVERY, Pace


class Time:
    """A clock that sleeping moves on; `slept` is every wait."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        """Move on."""
        assert seconds >= 0
        self.slept.append(seconds)
        self.now += seconds

    def clock(self) -> float:
        """The time of day."""
        return self.now

    def pace(self, folder: Path | None) -> Pace:
        """A pace that goes by this time."""
        return Pace(folder, self.sleep, self.clock)


@pytest.fixture
def time() -> Time:
    return Time()


def write(pace: Pace, *, rest: float | None = None) -> None:
    """One turn, and the rest that Simkl asks for in it."""
    with pace.turn():
        if rest is not None:
            pace.rest(rest)


def test_writes_are_more_than_a_second_apart(time: Time, tmp_path: Path) -> None:
    """Simkl takes one write a second and blocks whoever is faster."""
    pace = time.pace(tmp_path)
    for _ in range(3):
        write(pace)
    assert time.slept == pytest.approx([0, WRITE_EVERY, WRITE_EVERY], abs=0.002)
    assert WRITE_EVERY > 1


def test_whoever_was_slow_does_not_wait(time: Time, tmp_path: Path) -> None:
    """Only the rest of the time is waited."""
    pace = time.pace(tmp_path)
    write(pace)
    time.now += 1
    write(pace)
    time.now += 60
    write(pace)
    assert time.slept == pytest.approx([0, WRITE_EVERY - 1, 0], abs=0.002)


def test_a_turn_that_fails_counts_as_one(time: Time, tmp_path: Path) -> None:
    """A write that ended in an error was a write all the same."""
    pace = time.pace(tmp_path)
    with pytest.raises(ZeroDivisionError), pace.turn():
        _ = 1 / 0
    write(pace)
    assert time.slept[1] == pytest.approx(WRITE_EVERY, abs=0.002)


def test_two_players_share_the_pace(time: Time, tmp_path: Path) -> None:
    """What one player wrote makes the other wait."""
    one, other = time.pace(tmp_path), time.pace(tmp_path)
    for pace in (one, other, one, other):
        write(pace)
    assert time.slept == pytest.approx([0, WRITE_EVERY, WRITE_EVERY, WRITE_EVERY], abs=0.002)


def test_two_players_share_a_rest(time: Time, tmp_path: Path) -> None:
    """If Simkl asks one player for five minutes, the other leaves it alone too, and asks again afterwards."""
    write(time.pace(tmp_path), rest=300)
    with pytest.raises(TryLater):
        write(time.pace(tmp_path))
    time.now += 299
    write(time.pace(tmp_path))
    assert time.slept == pytest.approx([0, 1], abs=0.002)


def test_a_rest_that_a_question_heard_of_is_everybodys(time: Time, tmp_path: Path) -> None:
    """If Simkl blocks one player's question, which takes no turn, no other player writes meanwhile."""
    write(time.pace(tmp_path))
    time.pace(tmp_path).rest(300, "too fast")
    with pytest.raises(TryLater, match="too fast"):
        write(time.pace(tmp_path))
    time.now += 300
    write(time.pace(tmp_path), rest=3600)
    time.pace(tmp_path).rest(300, "too fast")
    time.now += 3000
    with pytest.raises(TryLater, match="rest"):
        write(time.pace(tmp_path))


def test_a_rest_of_one_account_is_no_rest_of_another(time: Time, tmp_path: Path) -> None:
    """In one player, and in another one, only the account that was asked to rest waits; doctor is told so."""
    pace = time.pace(tmp_path)
    pace.rest(3600, "used up", "1")
    assert [bool(time.pace(tmp_path).long_rest(whose)) for whose in ("1", "2", "")] == [True, False, False]
    for player in (pace, time.pace(tmp_path)):
        with pytest.raises(TryLater, match="used up"), player.turn("1"):
            pass
    for player in (time.pace(tmp_path), pace):
        with player.turn("2"):
            pass
    assert time.slept == pytest.approx([0, WRITE_EVERY], abs=0.002)


def test_another_process_shares_the_pace(time: Time, tmp_path: Path) -> None:
    """The pace is one for all processes of a user; what another one left is read here."""
    program = (
        "import pathlib, sys; from mpv_simkl.pace import Pace\n"
        "pace = Pace(pathlib.Path(sys.argv[1]), lambda _: None, lambda: 1_800_000_000.0)\n"
        "with pace.turn(): pace.rest(20)"
    )
    subprocess.run([sys.executable, "-c", program, tmp_path], check=True)
    write(time.pace(tmp_path))
    assert time.slept == [20]


HOLDER = """
import pathlib, sys
from mpv_simkl.pace import Pace
diary = pathlib.Path(sys.argv[1], "diary")
print("here", flush=True)
with Pace(diary.parent, lambda _: None).turn():
    print("begun", flush=True)
    sys.stdin.read()
    with diary.open("a") as file:
        file.write(f"{sys.argv[2]} ")
"""


def holder(folder: Path, name: str) -> subprocess.Popen[str]:
    """A process that takes a turn, keeps it until its input ends, and then writes its name down."""
    line = [sys.executable, "-c", HOLDER, str(folder), name]
    return subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def says(process: subprocess.Popen[str]) -> str:
    """The next word of a process."""
    assert process.stdout
    return process.stdout.readline().strip()


def test_only_one_process_has_the_turn(tmp_path: Path) -> None:
    """While one process has its turn, another one waits for it."""
    with holder(tmp_path, "first") as first:
        assert (says(first), says(first)) == ("here", "begun")
        with holder(tmp_path, "second") as second:
            assert says(second) == "here"
            assert second.stdin
            second.stdin.close()  # it may go as soon as it has its turn
            first.communicate("")
    assert (tmp_path / "diary").read_text() == "first second "


def test_a_turn_holds_the_lock_of_its_file(time: Time, tmp_path: Path) -> None:
    """The turn is held by a lock that every process meets, and given back with the turn."""
    with time.pace(tmp_path).turn(), (tmp_path / FILE).open() as file, pytest.raises(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    with (tmp_path / FILE).open() as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_killed_process_holds_nobody_up(tmp_path: Path) -> None:
    """The turn goes with the process that had it."""
    with holder(tmp_path, "first") as first:
        assert (says(first), says(first)) == ("here", "begun")
        with holder(tmp_path, "second") as second:
            first.kill()
            second.communicate("")
    assert (tmp_path / "diary").read_text() == "second "


@pytest.mark.parametrize("instant", ["write", "ftruncate"])
def test_whoever_is_killed_while_it_gives_its_turn_back_has_had_it(
    time: Time, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, instant: str
) -> None:
    """At no instant does the file say that nobody wrote: Simkl blocks whoever is faster."""

    def die(*_: object) -> None:
        raise SystemExit

    turn = time.pace(tmp_path).turn()
    turn.__enter__()
    monkeypatch.setattr(os, instant, die)
    with pytest.raises(SystemExit):
        turn.__exit__(None, None, None)
    monkeypatch.undo()
    write(time.pace(tmp_path))
    assert time.slept[-1] >= WRITE_EVERY - 0.002


def test_whoever_is_killed_in_its_turn_may_have_written_late(time: Time, tmp_path: Path) -> None:
    """A call that took a second to get there was made then, and the next one keeps its distance to that."""
    with time.pace(tmp_path).turn():
        time.now += 1
        left = float((tmp_path / FILE).read_text().split()[0])
    assert left - time.now >= WRITE_EVERY
    write(time.pace(tmp_path))
    assert time.slept[-1] == pytest.approx(WRITE_EVERY, abs=0.002)


def test_a_long_rest_is_told_at_once(time: Time, tmp_path: Path) -> None:
    """Nobody waits hours for a turn: it can be tried later, and the message says when."""
    pace = time.pace(tmp_path)
    write(pace, rest=3600)
    with pytest.raises(TryLater, match=r"rest until 20\d\d-") as caught:
        write(pace)
    assert caught.value.after == pytest.approx(3600, abs=1)
    assert time.slept == [0]


def test_a_short_rest_is_waited_for(time: Time, tmp_path: Path) -> None:
    """A rest that is worth waiting for is waited for."""
    pace = time.pace(tmp_path)
    write(pace, rest=WORTH_WAITING)
    write(pace)
    assert time.slept == [0, WORTH_WAITING]


def test_whoever_was_sent_away_makes_the_rest_no_longer(time: Time, tmp_path: Path) -> None:
    """Asking again and again does not push the end of the rest away."""
    pace = time.pace(tmp_path)
    write(pace, rest=300)
    for _ in range(5):
        with pytest.raises(TryLater):
            write(pace)
    time.now += 300
    write(pace)
    assert len(time.slept) == 2


def test_a_clock_that_was_wrong_stops_nobody(time: Time, tmp_path: Path) -> None:
    """A rest longer than a day comes from a clock that was set back, and is ignored."""
    pace = time.pace(tmp_path)
    write(pace, rest=100)
    time.now -= LONGEST_REST
    write(pace)
    write(pace)
    assert time.slept == pytest.approx([0, 0, WRITE_EVERY], abs=0.002)


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("rest", [None, 1])
def test_a_clock_that_is_put_right_stops_nobody(
    time: Time, tmp_path: Path, shared: bool, rest: float | None
) -> None:
    """A write on a clock that was three hours ahead keeps nobody waiting when it is put right."""
    pace = time.pace(tmp_path if shared else None)
    write(pace, rest=rest)
    time.now -= 3 * 3600
    write(pace)
    write(pace)
    assert time.slept == pytest.approx([0, 0, WRITE_EVERY], abs=0.002)


def test_a_clock_that_is_put_right_ends_no_rest(time: Time, tmp_path: Path) -> None:
    """Where one player goes by a clock that was wrong, the rest that another was asked for holds."""
    ours, theirs = time.pace(tmp_path), time.pace(tmp_path)
    time.now += 3 * 3600
    write(ours)
    time.now -= 3 * 3600
    write(theirs, rest=300)
    with pytest.raises(TryLater, match=r": it was asked too often$"):
        write(ours)


@pytest.mark.parametrize(
    "nonsense",
    [
        b"",
        b"soon",
        b".",
        b"1.2.3",
        b"-5",
        b"nan",
        b"inf",
        b"\xff\xfe",
        b"\0" * 40,
        "²".encode(),
        "١٢٣".encode(),
        b"9" * 5000,
    ],
)
def test_nonsense_in_the_file_is_ignored(time: Time, tmp_path: Path, nonsense: bytes) -> None:
    """A damaged file costs nothing: the turn is taken, and the file is right again."""
    (tmp_path / FILE).write_bytes(nonsense)
    write(time.pace(tmp_path))
    write(time.pace(tmp_path))
    assert time.slept == pytest.approx([0, WRITE_EVERY], abs=0.002)


def test_no_folder_is_needed(time: Time) -> None:
    """Without a folder the pace is this process's own."""
    pace = time.pace(None)
    write(pace)
    write(pace)
    write(time.pace(None))
    assert time.slept == pytest.approx([0, WRITE_EVERY, 0])


def test_a_folder_that_cannot_be_used_costs_no_write(time: Time, tmp_path: Path) -> None:
    """Where the folder should be lies a file; writing to Simkl goes on at our own pace."""
    (tmp_path / "data").write_text("not a folder")
    pace = time.pace(tmp_path / "data")
    write(pace)
    write(pace)
    assert time.slept == pytest.approx([0, WRITE_EVERY])


def test_a_full_disk_costs_no_write(time: Time, tmp_path: Path) -> None:
    """When nothing more can be written to the disk, writing to Simkl goes on at our own pace."""
    (tmp_path / FILE).symlink_to("/dev/full")
    pace = time.pace(tmp_path)
    write(pace)
    write(pace)
    assert time.slept == pytest.approx([0, WRITE_EVERY])


def test_the_file_is_private(time: Time, tmp_path: Path) -> None:
    """Other users of the machine learn nothing from it."""
    write(time.pace(tmp_path / "data"))
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "data" / FILE).stat().st_mode & 0o777 == 0o600
