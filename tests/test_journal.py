"""The journal: nothing that was watched is lost, whatever happens to the process or to the file."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mpv_simkl import clocks, processes
from mpv_simkl.errors import JournalError
from mpv_simkl.faultpoints import SALVAGE_PLACES, VARIABLE
from mpv_simkl.journal import FILE, Journal, Row
from mpv_simkl.journal.journal import MAX_ERROR
from mpv_simkl.journal.rows import Settled
from mpv_simkl.journal.salvage import sound
from mpv_simkl.journal.storage import MIGRATIONS, connect, copy, prepared
from mpv_simkl.journal.store import LOCK
from mpv_simkl.media import Media
from mpv_simkl.model import Action, Scrobble, Sitting

from .harness import WITHIN
from .makers import ANIME, DOUBLE, EPISODE, FILM, NOW, heard, player_is_gone, watch


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def journal(folder: Path) -> Iterator[Journal]:
    with Journal.open(folder) as journal:
        yield journal


def names(rows: Iterable[Row]) -> list[str]:
    """The viewings of these rows."""
    return [row.name for row in rows]


def waiting(journal: Journal) -> list[Row]:
    """The watches that wait to be sent, in the order of viewing."""
    return [row for row in journal.unsent() if row.state in ("waiting", "sending") and row.watched_at]


def change(folder: Path, query: str, *values: object) -> None:
    """What some other program does to the file."""
    with sqlite3.connect(folder / FILE) as db:
        db.execute(query, values)
    db.close()


# A row's life


def test_a_viewing_is_one_row_from_its_beginning_to_its_receipt(journal: Journal) -> None:
    """A viewing is written down when it begins, waits once it was watched, and is done once Simkl has it."""
    states = []
    for scrobble in (
        heard(Action.START),
        heard(Action.PAUSE, progress=50, minutes=20),
        heard(Action.KEEP, progress=80, watched=True, minutes=40),
        watch(minutes=50),
    ):
        journal.record(scrobble)
        (row,) = journal.unsent()
        states.append((row.state, row.progress, row.watched_at))
    later = timedelta(minutes=1)
    assert states == [
        ("open", 0, None),
        ("open", 50, None),
        ("open", 80, NOW + 40 * later),
        ("waiting", 100, NOW + 50 * later),
    ]
    assert (row.media, row.attempts, row.last_error, row.seen.at) == (EPISODE, 0, None, NOW + 50 * later)
    assert journal.waiting() == 1
    journal.settle([row.id], "done")
    assert (journal.waiting(), journal.unsent(), names(journal.done())) == (0, [], ["evening"])


def test_a_disk_that_kept_us_waiting_makes_no_viewing_end_later(journal: Journal) -> None:
    """An end that is written down half a minute late is told with its own time."""
    ended = datetime.now(UTC) - timedelta(seconds=30)
    journal.record(replace(watch(), at=ended))
    (row,) = journal.unsent()
    assert abs(clocks.true_time(row.seen, clocks.now(), timedelta(0)) - ended) <= clocks.AGREES


def test_what_was_not_watched_waits_until_simkl_has_heard_its_end(journal: Journal) -> None:
    """A film left in the middle is no watch; its place is kept only as long as Simkl may need it."""
    journal.record(heard(Action.START))
    journal.telling("evening")
    journal.record(heard(Action.STOP, progress=50, ended=True))
    assert (journal.waiting(), journal.claim(50)) == (0, [])
    row = journal.claim_position()
    assert row is not None
    assert (row.name, row.progress) == ("evening", 50)
    journal.forget("evening")
    assert journal.unsent() == []


def test_what_simkl_never_heard_of_is_not_owed(journal: Journal) -> None:
    """Of a film that began without a network Simkl holds nothing, so nothing has to be ended."""
    journal.record(heard(Action.START))
    journal.telling("evening")
    journal.untold("evening")
    journal.record(heard(Action.STOP, progress=50, ended=True))
    assert journal.claim_position() is None


def test_a_watch_that_was_taken_back_is_none(journal: Journal) -> None:
    """Whoever goes back after 80 % and leaves has not watched it."""
    journal.record(heard(Action.KEEP, progress=80, watched=True))
    journal.record(heard(Action.KEEP, progress=30))
    (row,) = journal.unsent()
    assert (row.watched_at, row.seen.at) == (None, NOW)
    journal.record(heard(Action.STOP, progress=30, ended=True))
    assert journal.waiting() == 0
    journal.forget("evening")
    assert journal.unsent() == []


def test_the_last_watch_can_be_taken_back(journal: Journal) -> None:
    """That is the last one that has ended, not what still plays; of what Simkl may hold a session of, the
    place is left to be told, and anything else is gone.
    """
    for number, name in enumerate(("told", "done", "unheard")):
        journal.record(watch(viewing=name, minutes=number))
    journal.record(heard(Action.KEEP, viewing="plays", progress=85, watched=True, minutes=3))
    for name in ("told", "done", "plays"):
        journal.telling(name)
    journal.settle([2], "done")
    last = journal.last_watch()
    assert last is not None
    assert last.name == "unheard"
    for row in journal.these(range(1, 5)):
        journal.take_back(row)
    assert [(row.name, row.watched_at is None) for row in journal.unsent()] == [
        ("told", True),
        ("plays", False),
    ]
    assert journal.find("done") is None


def test_the_last_watch_of_a_title_may_be_long_ago(journal: Journal) -> None:
    """A film can be rated, however much of other things was watched since."""
    journal.record(watch(FILM, "film"))
    for number in range(101):
        journal.record(watch(viewing=f"{number}", minutes=number + 1))
    last = journal.last_watch_of(FILM)
    assert last is not None
    assert last.name == "film"
    assert journal.last_watch_of(EPISODE._replace(title="Sever")) is None
    assert journal.last_watch_of(EPISODE._replace(title="severance", episodes=(9,), country="US")) is not None


def test_what_is_damaged_holds_nothing_back(folder: Path, journal: Journal) -> None:
    """Rows that make no sense stand in nobody's way, however many of them are older than the good one."""
    for number in range(101):
        journal.record(watch(viewing=f"{number}"))
    change(folder, "UPDATE viewing SET media = '{'")
    journal.record(watch(viewing="good", minutes=1))
    assert names(journal.claim(50)) == ["good"]


def test_a_watch_is_never_forgotten(journal: Journal) -> None:
    """Only what was no watch can be forgotten."""
    journal.record(watch())
    journal.forget("evening")
    assert journal.waiting() == 1


def test_only_what_has_ended_waits(journal: Journal) -> None:
    """What still plays is not sent as watched, even beyond 80 %."""
    journal.record(heard(Action.KEEP, progress=80, watched=True))
    assert (journal.waiting(), journal.claim(50)) == (0, [])
    assert names(journal.unsent()) == ["evening"]


@pytest.mark.parametrize("state", ["not_found", "refused"])
def test_what_simkl_will_not_take_is_set_aside_with_the_reason(journal: Journal, state: Settled) -> None:
    """A row that Simkl refused is no longer sent, but can be seen, with the reason."""
    journal.record(watch())
    journal.settle([1], state, "Simkl knows no such title")
    assert journal.waiting() == 0
    (row,) = journal.unsent()
    assert (row.state, row.last_error) == (state, "Simkl knows no such title")


def test_each_try_in_vain_is_counted(journal: Journal) -> None:
    """What could not be sent waits on, with the last reason, cut to a length that can be shown."""
    journal.record(watch())
    journal.put_off([1], "no connection")
    journal.put_off([1], "x" * 10_000)
    (row,) = waiting(journal)
    assert (row.attempts, row.last_error) == (2, "x" * MAX_ERROR)


def test_a_receipt_is_not_taken_back(journal: Journal) -> None:
    """If one player has delivered a watch while another one tried in vain, it is delivered."""
    journal.record(watch())
    journal.settle([1], "done")
    journal.put_off([1], "no connection")
    assert journal.waiting() == 0


def test_many_rows_are_settled_at_once(journal: Journal) -> None:
    """An answer of Simkl's is about a whole batch."""
    for number in range(4):
        journal.record(watch(viewing=f"{number}"))
    journal.settle([1, 3], "done")
    journal.settle([], "done")
    assert names(waiting(journal)) == ["1", "3"]


def test_watches_wait_in_the_order_of_viewing(journal: Journal) -> None:
    """What was watched first is sent first, however it was written down."""
    for viewing, minutes in (("late", 300.0), ("early", 0.0), ("between", 100.5), ("also early", 0.0)):
        journal.record(watch(viewing=viewing, minutes=minutes))
    assert names(waiting(journal)) == ["early", "also early", "between", "late"]
    assert names(journal.unsent()) == ["early", "also early", "between", "late"]


@pytest.mark.parametrize(
    "media",
    [FILM, DOUBLE, ANIME, EPISODE._replace(title="名探偵 'x' \"y\" \n😀", ids={"imdb": "tt1"}, country="US")],
)
def test_a_title_comes_back_as_it_went_in(journal: Journal, media: Media) -> None:
    """Film, episode or anime, in any script: the journal keeps all that is known."""
    journal.record(watch(media))
    (row,) = waiting(journal)
    assert row.media == media


def test_the_journal_outlives_the_process(folder: Path) -> None:
    """What waits today waits tomorrow."""
    with Journal.open(folder) as journal:
        journal.record(watch())
        before = waiting(journal)
    with Journal.open(folder) as journal:
        assert waiting(journal) == before


def test_a_journal_in_memory_does_all_the_same() -> None:
    """Where the disk cannot be used, what is watched now is delivered all the same."""
    with Journal.in_memory() as journal:
        journal.record(watch())
        assert names(waiting(journal)) == ["evening"]


# Crashes

RECORD = """
import pathlib, sys
from mpv_simkl.journal import Journal
from mpv_simkl.model import Action
from tests.makers import heard, watch
journal = Journal.open(pathlib.Path(sys.argv[1]))
journal.record(heard(Action.PAUSE, viewing="unheard", progress=50, minutes=-1))
journal.record(heard(Action.PAUSE, viewing="left", progress=50))
journal.telling("left")
journal.record(heard(Action.KEEP, viewing="watched", progress=80, watched=True))
if "claim" in sys.argv:
    journal.record(watch(viewing="claimed", minutes=1))
    assert len(journal.claim(50)) == 1
print("written", flush=True)
sys.stdin.read()
"""


def recorder(folder: Path, *words: str) -> subprocess.Popen[str]:
    """A player of its own that has begun three viewings, Simkl has heard of one, and plays on."""
    line = [sys.executable, "-c", RECORD, str(folder), *words]
    process = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "written\n"
    return process


def test_what_a_killed_player_left_is_ended(folder: Path) -> None:
    """After kill -9 a watch is delivered, and Simkl hears where the other film was left, if it knew of it."""
    with recorder(folder) as player:
        player.kill()
    with Journal.open(folder) as journal:
        assert journal.take_over() == 3
        assert names(journal.unsent()) == ["left", "watched"]
        left = journal.claim_position()
        assert left is not None
        assert (left.name, left.progress) == ("left", 50)
        (row,) = waiting(journal)
        assert row.watched_at == NOW
        assert journal.take_over() == 0


def test_the_players_that_live_are_known_by_their_addresses(folder: Path, journal: Journal) -> None:
    """A correction is told to the players that run, and neither to those that are gone nor to one's own."""
    journal.player = "/own"
    journal.record(heard(Action.START, viewing="mine"))
    with recorder(folder) as player:
        change(folder, "UPDATE viewing SET player = '/other' WHERE player = ''")
        assert journal.players() == ["/other"]
        player.kill()
    assert journal.players() == []


def test_what_a_living_player_plays_is_left_alone(folder: Path) -> None:
    """A second mpv does not end what the first one plays."""
    with recorder(folder) as player, Journal.open(folder) as journal:
        assert journal.take_over() == 0
        assert [row.state for row in journal.unsent()] == ["open"] * 3
        player.communicate("")


@pytest.mark.parametrize("state", ["waiting", "sending"])
def test_what_another_player_is_sending_cannot_be_taken_back(folder: Path, state: str) -> None:
    """A watch that is on its way to Simkl just now would arrive there in spite of it; once it is there it can
    be taken back, and what was read before that is no longer true.
    """
    with recorder(folder, "claim") as player, Journal.open(folder) as journal:
        change(folder, "UPDATE viewing SET state = ? WHERE name = 'claimed'", state)
        row = journal.find("claimed")
        assert row is not None
        assert not journal.take_back(row)
        journal.settle([row.id], "done")
        assert not journal.take_back(row)
        assert [journal.take_back(now) for now in journal.these([row.id])] == [True]
        player.communicate("")


def test_after_a_restart_of_the_machine_nobody_is_alive(folder: Path, journal: Journal) -> None:
    """A number of a process means nothing once the machine was started anew."""
    with recorder(folder) as player:
        change(folder, "UPDATE viewing SET boot = 'yesterday'")
        assert journal.take_over() == 3
        player.communicate("")


def test_a_number_that_comes_back_is_another_process(folder: Path, journal: Journal) -> None:
    """In a container a new process often has a dead one's number; what that one played is ended all the
    same.
    """
    with recorder(folder, "claim") as player:
        player.kill()
    change(folder, "UPDATE viewing SET pid = ?", os.getpid())
    assert journal.take_over(starting=True) == 3
    assert names(journal.claim(50)) == ["watched", "claimed"]


def test_a_number_that_another_program_has_now_holds_nothing_back(folder: Path, journal: Journal) -> None:
    """A dead player's number may soon be another program's, which would hold all back."""
    with recorder(folder, "claim") as player:
        player.kill()
    change(folder, "UPDATE viewing SET pid = ?", os.getppid())
    assert journal.take_over() == 3
    assert names(journal.claim(50)) == ["watched", "claimed"]


@pytest.mark.parametrize(("minutes", "claimed"), [(-5, []), (-61, ["claimed"]), (61, ["claimed"])])
def test_what_a_number_alone_claims_is_free_after_an_hour(
    folder: Path, journal: Journal, minutes: float, claimed: list[str]
) -> None:
    """Where the system does not say when a process began, one that seems to send for an hour is another."""
    with recorder(folder, "claim") as player:
        earlier = "UPDATE viewing SET boot = ?, next_try = datetime(next_try, ? || ' minutes') || 'Z'"
        change(folder, earlier, processes.boot_id(), minutes)
        assert names(journal.claim(50)) == claimed
        assert journal.take_over() == 0
        player.communicate("")


def test_a_player_that_cannot_write_down_what_it_sent_holds_the_others_up_for_an_hour_only(
    folder: Path, journal: Journal
) -> None:
    """A disk was full for a moment in one window, which is then left alone: what is watched in the others
    does not wait until that one is closed.
    """
    with recorder(folder, "claim") as player:
        journal.record(watch())
        change(folder, "UPDATE viewing SET next_try = datetime(next_try, '-61 minutes') || 'Z'")
        assert names(journal.claim(50)) == ["evening", "claimed"]
        player.communicate("")


@pytest.mark.parametrize(("minutes", "claimed"), [(-5, []), (-61, ["claimed"])])
def test_what_a_number_alone_was_to_tell_is_free_after_an_hour(
    folder: Path, journal: Journal, minutes: float, claimed: list[str]
) -> None:
    """There, what ended an hour ago is told although a process of its player's number runs."""
    with recorder(folder, "claim") as player:
        at = (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat()
        change(folder, "UPDATE viewing SET boot = ?, seen_at = ?", processes.boot_id(), at)
        change(folder, "UPDATE viewing SET state = 'waiting' WHERE state = 'sending'")
        assert names(journal.claim(50)) == claimed
        player.communicate("")


def test_a_player_takes_over_from_another_and_not_from_itself(folder: Path, journal: Journal) -> None:
    """A player that runs for days beside one that was killed ends what that one played, and plays on; what
    bears its number when it starts is not its own.
    """
    journal.record(heard(Action.START, viewing="mine"))
    with recorder(folder) as player:
        player.kill()
    assert journal.take_over() == 3
    assert names(row for row in journal.unsent() if row.state == "open") == ["mine"]
    assert journal.take_over(starting=True) == 1


def test_what_another_player_is_ending_is_owed_until_it_has(folder: Path, journal: Journal) -> None:
    """While one player tells Simkl where a dead one stopped, another one begins no film beside it."""
    with recorder(folder) as player:
        player.kill()
    journal.take_over()
    of_another = "UPDATE viewing SET pid = ?, boot = ?, state = 'sending' WHERE name = 'left'"
    change(folder, of_another, os.getppid(), processes.mark(os.getppid()))
    assert journal.claim_position() is None
    assert journal.unfinished() is not None


# Claims: one process sends at a time


def test_rows_are_claimed_by_one_process_at_a_time(folder: Path, journal: Journal) -> None:
    """While one player sends, another one waits its turn; when it died, its rows are taken over."""
    with recorder(folder, "claim") as player:
        journal.record(watch())
        assert journal.claim(50) == []
        player.kill()
    assert names(journal.claim(50)) == ["evening", "claimed"]


def test_what_a_player_is_just_telling_is_not_told_by_another(folder: Path, journal: Journal) -> None:
    """A film that another window has just ended is its to tell, unless it tried in vain."""
    with recorder(folder) as player:
        change(folder, "UPDATE viewing SET state = 'waiting' WHERE told")
        assert journal.claim_position() is None
        change(folder, "UPDATE viewing SET attempts = 1 WHERE told")
        assert journal.claim_position() is not None
        player.communicate("")


@pytest.mark.parametrize("let_go", ["retry", "match"])
def test_what_was_set_aside_and_let_go_again_waits_for_no_player(
    folder: Path, journal: Journal, let_go: str
) -> None:
    """What Simkl did not take goes out when the user wants it again, also while the mpv that recorded it is
    open.
    """
    with recorder(folder) as player:
        open_still = journal.find("watched")
        assert open_still is not None
        journal.settle([open_still.id], "doubtful", "Simkl took it for something else")
        (row,) = journal.these([open_still.id])
        if let_go == "retry":
            journal.retry()
        else:
            journal.correct(row, FILM)
        assert names(journal.claim(50)) == ["watched"]
        player.communicate("")


def test_a_claim_takes_the_oldest_up_to_so_many_episodes(journal: Journal) -> None:
    """Episodes are counted, not files; one file with too many goes alone."""
    many = EPISODE._replace(episodes=tuple(range(60)))
    for number, media in enumerate((DOUBLE, EPISODE, many, FILM)):
        journal.record(watch(media, f"{number}", minutes=number))
    claims = []
    while rows := journal.claim(3):
        claims.append(names(rows))
        journal.settle([row.id for row in rows], "done")
    assert claims == [["0", "1"], ["2"], ["3"]]


def test_what_was_given_back_waits_again(journal: Journal) -> None:
    """Rows that were claimed and not tried wait as if nothing had been."""
    journal.record(watch())
    (row,) = journal.claim(50)
    journal.release([row.id])
    (again,) = waiting(journal)
    assert (again.state, again.attempts) == ("waiting", 0)


def test_what_was_put_off_waits_for_its_time(journal: Journal) -> None:
    """A row that Simkl wants later is not sent before, and still counts as waiting."""
    journal.record(watch())
    journal.put_off([1], "the daily quota is used up", 3600)
    assert (journal.claim(50), journal.waiting()) == ([], 1)
    assert journal.retry() == 0
    assert names(journal.claim(50)) == ["evening"]


@pytest.mark.parametrize(("hours", "due"), [(-1, True), (23, False), (25, True), (400 * 24, True)])
def test_what_a_wrong_clock_put_off_is_due(folder: Path, journal: Journal, hours: float, due: bool) -> None:
    """What was put off by a clock that ran ahead is not held back until then, and no film that begins is."""
    journal.record(heard(Action.START, viewing="left"))
    journal.telling("left")
    journal.record(heard(Action.STOP, viewing="left", progress=50, ended=True))
    journal.record(watch())
    journal.put_off([1, 2], "the connection failed", 60)
    until = (datetime.now(UTC) + timedelta(hours=hours)).isoformat(timespec="milliseconds")
    change(folder, "UPDATE viewing SET next_try = ?", until.replace("+00:00", "Z"))
    rest = journal.unfinished()
    assert rest is not None
    assert (rest == 0) is due
    assert (names(journal.claim(50)) == ["evening"]) is due
    assert (journal.claim_position() is not None) is due


def test_a_claim_keeps_when_a_viewing_was(folder: Path, journal: Journal) -> None:
    """A try in vain after a restart of the machine does not change the time of viewing."""
    journal.record(watch())
    change(folder, "UPDATE viewing SET boot = 'yesterday', clock = 'yesterday', uptime = 5")
    (before,) = journal.claim(50)
    journal.put_off([before.id], "no connection")
    (after,) = journal.claim(50)
    assert after.seen == before.seen


# Accounts


def test_another_accounts_rows_wait_for_that_account(folder: Path) -> None:
    """What was watched while somebody else was signed in is theirs; what nobody was signed in for is ours."""
    for account in (None, "4242", "7"):
        with Journal.open(folder, account) as journal:
            journal.record(watch(viewing=f"{account}"))
    with Journal.open(folder, "7") as journal:
        assert journal.waiting() == 2
        assert names(journal.claim(50)) == ["None", "7"]
        assert len(journal.unsent()) == 3


# What users do with rows


def test_set_aside_rows_wait_again_on_request(journal: Journal) -> None:
    """Retry lets one or all rows that were set aside wait again."""
    for number in range(3):
        journal.record(watch(viewing=f"{number}"))
    journal.settle([1, 2], "not_found", "no such title")
    journal.settle([3], "done")
    assert (journal.retry([2, 3]), journal.waiting()) == (1, 1)
    assert (journal.retry(), journal.waiting()) == (1, 2)


def test_what_was_delivered_or_plays_cannot_be_dropped(journal: Journal) -> None:
    """Drop deletes what waits or was set aside, and nothing else."""
    for name in ("waits", "aside", "done"):
        journal.record(watch(viewing=name))
    journal.record(heard(Action.START, viewing="plays"))
    journal.settle([2], "refused", "no")
    journal.settle([3], "done")
    assert journal.drop([1, 2, 3, 4, 99]) == 2
    assert names(journal.unsent()) == ["plays"]
    assert names(journal.done()) == ["done"]


def test_the_log_of_what_was_watched_is_in_order_and_can_be_cut(journal: Journal) -> None:
    """The watch log begins where one asks, and is kept for as long as one wants."""
    day = 24 * 60
    for name, minutes in (("later", day), ("first", 0), ("waits", 2 * day)):
        journal.record(watch(viewing=name, minutes=minutes))
    journal.settle([1, 2], "done")
    assert names(journal.done()) == ["first", "later"]
    assert journal.latest() == journal.find("later")
    assert names(journal.done(NOW + timedelta(hours=1))) == ["later"]
    journal.prune(0.5)
    assert names(journal.done()) == ["later"]
    assert names(waiting(journal)) == ["waits"]


@pytest.mark.parametrize("clock", [timedelta(0), timedelta(days=400)])
def test_a_clock_that_ran_ahead_does_not_empty_the_log(journal: Journal, clock: timedelta) -> None:
    """A machine that takes the last month for a year ago, or has a watch of the next year in its log, keeps
    the last month's watches all the same.
    """
    today = datetime.now(UTC)
    for name, days in (("old", 50), ("this month", 20), ("yesterday", 1)):
        journal.record(replace(watch(viewing=name), at=today - clock - timedelta(days=days)))
    journal.record(replace(watch(viewing="next year"), at=today + timedelta(days=300)))
    journal.settle([1, 2, 3, 4], "done")
    journal.prune(30)
    assert names(journal.done()) == ["this month", "yesterday", "next year"]


def test_the_log_has_the_time_that_simkl_was_told(journal: Journal) -> None:
    """After an evening on a clock that was a year late, the user's own log says what Simkl's history says."""
    for name in ("late", "right"):
        journal.record(watch(viewing=name))
    a_year_later = NOW + timedelta(days=365)
    journal.settle([1, 2], "done", told={1: a_year_later})
    assert [(row.name, row.watched_at, row.seen.at) for row in journal.done()] == [
        ("right", NOW, NOW),
        ("late", a_year_later, a_year_later),
    ]
    journal.settle([2], "done", told={2: a_year_later})
    assert journal.these([2])[0].watched_at == NOW


def test_what_is_being_told_is_not_corrected_under_the_hand(folder: Path, journal: Journal) -> None:
    """While Simkl is told of a film as what it was taken for, the journal does not come to call it something
    else; nor does it afterwards, when Simkl has that.
    """
    with recorder(folder) as player:
        change(folder, "UPDATE viewing SET state = 'waiting' WHERE name = 'watched'")
        row = journal.find("watched")
        assert row is not None
        assert not journal.correct(row, FILM)
        journal.settle([row.id], "done")
        assert not journal.correct(row, FILM)
        player.communicate("")
    journal.record(watch(viewing="own"))
    journal.held = lambda name: name == "own"
    (own,) = waiting(journal)
    assert not journal.correct(own, FILM)
    assert [each.media for each in (*journal.done(), *waiting(journal))] == [row.media, EPISODE]


def test_what_the_user_says_outlasts_what_was_being_looked_up(journal: Journal) -> None:
    """A film is corrected while it is asked about what it was taken for: it stays what the user says."""
    for name, said in (("corrected", FILM), ("evening", None)):
        journal.record(watch(viewing=name))
        if said and (row := journal.find(name)):
            journal.correct(row, said)
    journal.are_sure([(name, EPISODE, EPISODE) for name in ("corrected", "evening")])
    assert [row.said for row in journal.unsent()] == [FILM, EPISODE]


@pytest.mark.parametrize("way", ["memory", "salvage"])
def test_what_a_file_says_outlasts_every_correction(folder: Path, journal: Journal, way: str) -> None:
    """Corrected before it is written down or after, and whatever became of the disk, it is known what the
    file says.
    """
    said_at_once = replace(watch(FILM, "at once"), corrected=True, recognised=EPISODE)
    for scrobble in (said_at_once, watch(viewing="later"), watch(viewing="of an older version")):
        journal.record(scrobble)
    change(folder, "UPDATE viewing SET recognised = NULL WHERE name LIKE '%older%'")
    for row in journal.unsent():
        for said in (FILM, DOUBLE):
            journal.correct(row, said)
    if way == "memory":
        journal.move_to_memory()
        journal.move_to_disk(folder)
    else:
        change(folder, "PRAGMA wal_checkpoint(TRUNCATE)")
        with (folder / FILE).open("r+b") as file:
            file.write(b"no head at all")
    with Journal.open(folder) as other:
        assert [(row.media, row.recognised) for row in other.unsent()] == [(DOUBLE, EPISODE)] * 3


# In several sittings

FILE_OF_IT = "/tv/severance 3.mkv"


def left(viewing: str, progress: float, *, minutes: float = 0.0, path: str = FILE_OF_IT) -> Scrobble:
    """The end of a viewing that was no watch."""
    ended = heard(Action.STOP, viewing=viewing, progress=progress, ended=True, minutes=minutes)
    return replace(ended, path=path)


def test_where_it_was_left_is_known_until_it_is_watched(journal: Journal) -> None:
    """A file that was left goes on where it was left last, however often, and is over once it is watched."""
    for number, progress in enumerate((20.0, 78.0)):
        journal.record(left(f"{number}", progress))
        journal.forget(f"{number}")
        assert journal.sittings.of(FILE_OF_IT, EPISODE, None) == [Sitting(EPISODE, progress, progress)]
    assert journal.sittings.of("/tv/another.mkv", EPISODE, None) == []
    assert journal.sittings.of(FILE_OF_IT, FILM, None) == []
    journal.record(replace(watch(), path=FILE_OF_IT))
    assert journal.sittings.of(FILE_OF_IT, EPISODE, None) == []


def test_what_still_plays_was_not_left(journal: Journal) -> None:
    """Only a viewing that has ended is an earlier one."""
    journal.record(replace(heard(Action.PAUSE, progress=50), path=FILE_OF_IT))
    assert journal.sittings.of(FILE_OF_IT, EPISODE, None) == []


def test_where_a_killed_player_stood_is_known(folder: Path) -> None:
    """A power cut at 78 %: whoever goes on from there has seen what was shown before."""
    with Journal.open(folder) as journal:
        journal.record(replace(heard(Action.NOTE, progress=78), path=FILE_OF_IT))
    player_is_gone(folder)
    with Journal.open(folder) as journal:
        assert journal.take_over() == 1
        assert journal.sittings.of(FILE_OF_IT, EPISODE, None) == [Sitting(EPISODE, 78, 78)]


@pytest.mark.parametrize("before", ["place", "end", "account", "watch", "nothing"])
def test_a_note_of_the_place_leaves_a_row_as_any_other_word_does(journal: Journal, before: str) -> None:
    """Every ten seconds the place is noted: of a viewing that another process took for dead, that somebody
    has signed in for since, or that was a watch, and of one that is not there, all the rest is put right too.
    """
    viewing = [heard(), heard(Action.KEEP, progress=9)]
    if before == "watch":
        viewing = [heard(), heard(Action.KEEP, progress=90, watched=True)]
    for name in ("a", "b"):
        for scrobble in viewing if before != "nothing" else ():
            journal.record(replace(scrobble, viewing=name))
        if before == "end":
            journal.record(heard(Action.STOP, viewing=name, ended=True))
    journal.account = "one" if before == "account" else None
    for name, action in (("a", Action.NOTE), ("b", Action.KEEP)):
        journal.record(heard(action, viewing=name, progress=40, minutes=5))
    noted, kept = journal.unsent()
    same = replace(noted, id=kept.id, name="b", seen=replace(noted.seen, uptime=kept.seen.uptime))
    assert same == kept
    assert (noted.state, noted.progress, noted.watched_at) == ("open", 40, None)
    assert noted.seen.uptime == pytest.approx(kept.seen.uptime, abs=WITHIN)


def test_a_note_wakes_no_disk_and_a_fact_does(folder: Path, journal: Journal) -> None:
    """A power cut takes no fact back, whatever was noted before, nor after the file was deleted under us; and
    a place that is noted has no disk spin up.
    """
    levels = dict[Action, set[int]]()
    for action in (
        Action.START,
        Action.NOTE,
        Action.NOTE,
        Action.KEEP,
        Action.NOTE,
        None,
        Action.NOTE,
        Action.KEEP,
    ):
        if action is None:
            (folder / FILE).unlink()
            continue
        journal.record(heard(action))
        (level,) = journal._store.db.execute("PRAGMA synchronous").fetchone()
        levels.setdefault(action, set()).add(level)
    normal, full = {1}, {2}  # sqlite.org/pragma.html#pragma_synchronous
    assert levels == {Action.START: full, Action.KEEP: full, Action.NOTE: normal}


def test_what_a_killed_player_had_shown_as_a_watch_is_no_sitting(folder: Path) -> None:
    """Nobody who opens an episode again that was watched to its end goes on with it."""
    with Journal.open(folder) as journal:
        journal.record(replace(heard(Action.KEEP, progress=90, watched=True), path=FILE_OF_IT))
    player_is_gone(folder)
    with Journal.open(folder) as journal:
        assert journal.take_over() == 1
        assert journal.sittings.of(FILE_OF_IT, EPISODE, None) == []


def test_where_somebody_else_left_it_is_theirs(journal: Journal) -> None:
    """Who signs in as somebody else goes on from nowhere; what nobody was signed in for is everybody's."""
    journal.account = "one"
    journal.record(left("evening", 78))
    assert journal.sittings.of(FILE_OF_IT, EPISODE, "one") != []
    assert journal.sittings.of(FILE_OF_IT, EPISODE, "other") == []
    journal.account = None
    journal.record(left("another evening", 79))
    assert journal.sittings.of(FILE_OF_IT, EPISODE, "other") != []


def test_what_was_left_a_month_ago_is_forgotten(journal: Journal) -> None:
    """Where files were left is kept for a month, and no list of it grows for ever."""
    journal.record(left("evening", 78))
    journal.record(left("some weeks later", 5, minutes=29 * 24 * 60, path="/tv/another.mkv"))
    assert journal.sittings.of(FILE_OF_IT, EPISODE, None) != []
    journal.record(left("next month", 5, minutes=31 * 24 * 60, path="/tv/another.mkv"))
    assert journal.sittings.of(FILE_OF_IT, EPISODE, None) == []
    assert journal.sittings.of("/tv/another.mkv", EPISODE, None) != []


# Without the disk


def test_memory_takes_over_from_a_disk_that_fails_and_gives_back(folder: Path, journal: Journal) -> None:
    """If the disk fails in the middle of a film, the viewing goes on in memory and comes back to the disk
    as it ended.
    """
    for name in ("watched", "left", "told"):
        journal.record(heard(Action.START, viewing=name))
    journal.telling("told")
    journal.move_to_memory()
    assert not journal.on_disk
    journal.record(watch(viewing="watched"))
    journal.record(watch(viewing="new"))
    for name in ("left", "told"):
        journal.record(heard(Action.STOP, viewing=name, progress=50, ended=True))
    journal.forget("left")
    journal.move_to_disk(folder)
    assert journal.on_disk
    assert names(waiting(journal)) == ["watched", "new"]
    with Journal.open(folder) as other:
        change(folder, "UPDATE viewing SET boot = 'yesterday'")
        other.take_over()
        assert sorted(names(other.unsent())) == ["new", "told", "watched"]


def test_what_was_delivered_from_memory_is_delivered(folder: Path, journal: Journal) -> None:
    """A receipt that came while the disk was full is on the disk later, and nothing is sent again."""
    journal.record(heard(Action.KEEP, progress=80, watched=True))
    journal.move_to_memory()
    journal.record(watch())
    journal.settle([row.id for row in journal.claim(50)], "done")
    journal.move_to_disk(folder)
    assert names(journal.done()) == ["evening"]
    assert journal.waiting() == 0


def test_what_was_taken_back_in_memory_does_not_come_back(folder: Path, journal: Journal) -> None:
    """A watch that the user takes back while the disk is full is none when there is room again, though it
    stands on the disk as one.
    """
    journal.record(heard(Action.KEEP, FILM, progress=81, watched=True))
    journal.move_to_memory()
    journal.record(watch(FILM, minutes=20))
    (row,) = journal.unsent()
    journal.settle([row.id], "done")
    assert journal.take_back(next(journal.done()))
    assert journal.last_watch() is None
    journal.move_to_disk(folder)
    player_is_gone(folder)
    journal.take_over(starting=True)
    assert journal.unsent() == []


def test_a_receipt_that_is_taken_back_in_memory_is_none_on_the_disk(folder: Path, journal: Journal) -> None:
    """What was delivered while the disk was well and is taken back while it is full is in no history later,
    and nothing else is gone from it.
    """
    for name in ("stays", "taken back"):
        journal.record(watch(FILM, name))
    journal.settle([1, 2], "done")
    journal.move_to_memory()
    (row,) = [row for row in journal.done() if row.name == "taken back"]
    assert journal.take_back(row)
    assert journal.last_watch() == journal.latest() == journal.find("stays")
    journal.move_to_disk(folder)
    assert names(journal.done()) == ["stays"]
    player_is_gone(folder)
    journal.take_over(starting=True)
    assert journal.find("taken back") is None


def test_what_another_player_did_meanwhile_stands(folder: Path, journal: Journal) -> None:
    """Coming back from memory takes no receipt of another player's back, and brings nothing back that it
    ended.
    """
    with recorder(folder) as player:
        journal.record(watch(viewing="own"))
        journal.move_to_memory()
        change(folder, "DELETE FROM viewing WHERE told")
        change(folder, "UPDATE viewing SET state = 'done' WHERE name = 'watched'")
        journal.move_to_disk(folder)
        assert names(journal.unsent()) == ["unheard", "own"]
        assert names(journal.done()) == ["watched"]
        player.communicate("")


def test_a_row_keeps_its_number_on_the_way(folder: Path, journal: Journal) -> None:
    """A sender that holds a row's number while the journal moves settles that row and no other."""
    for name in ("done", "held"):
        journal.record(watch(viewing=name))
    journal.settle([1], "done")
    (held,) = journal.claim(50)
    journal.move_to_memory()
    journal.record(watch(viewing="other"))
    journal.settle([held.id], "done")
    assert names(waiting(journal)) == ["other"]
    journal.move_to_disk(folder)
    assert names(waiting(journal)) == ["other"]


@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_journal_deleted_while_open_is_written_again(folder: Path, journal: Journal, what: str) -> None:
    """If somebody deletes our files while a film plays, neither it nor what waited is lost."""
    journal.record(watch(viewing="before"))
    shutil.rmtree(folder) if what == "folder" else (folder / FILE).unlink()
    journal.record(watch(viewing="after"))
    with Journal.open(folder) as other:
        assert names(waiting(other)) == ["before", "after"]


def test_a_journal_deleted_for_good_is_an_error(folder: Path, journal: Journal) -> None:
    """Where no new file can be made, the caller hears of it, and memory takes over with all that waited."""
    journal.record(watch(viewing="before"))
    shutil.rmtree(folder)
    folder.write_text("in the way")
    with pytest.raises(JournalError, match="cannot be written"):
        journal.record(watch(viewing="after"))
    journal.move_to_memory()
    journal.record(watch(viewing="after"))
    assert names(waiting(journal)) == ["before", "after"]


def test_two_players_whose_file_is_deleted_keep_each_others_rows(folder: Path) -> None:
    """Each brings what it knows; what one has delivered is not sent again by the other."""
    with Journal.open(folder) as one, Journal.open(folder) as other:
        for name in ("delivered", "waits"):
            one.record(watch(viewing=name))
        (folder / FILE).unlink()
        one.settle([1], "done")
        other.record(watch(viewing="new"))
        assert names(waiting(one)) == ["waits", "new"]
        assert names(other.done()) == ["delivered"]


# A broken file

DAMAGES = {
    "no database at all": b"This was never a journal. " * 50,
    "a page of text": b"x" * 512,
    "nothing but zeros": bytes(8192),
    "only the header": b"SQLite format 3\0",
}


def whole_file() -> bytes:
    """A good journal with many rows."""
    with tempfile.TemporaryDirectory() as place:
        with Journal.open(Path(place)) as journal:
            for number in range(40):
                journal.record(watch(viewing=f"{number}"))
        return (Path(place) / FILE).read_bytes()


GOOD = whole_file()


def damaged(file: bytes, places: dict[int, bytes]) -> bytes:
    """A file with other bytes at these places."""
    for place, raw in places.items():
        file = file[:place] + raw + file[place + len(raw) :]
    return file


DAMAGES |= {
    "half of a journal": GOOD[: len(GOOD) // 2],
    "a page torn": damaged(GOOD, {4096: b"\xff" * 4096}),
    "a format unknown": damaged(GOOD, {44: b"\0\0\0\x09"}),
    "a schema that is no text": damaged(GOOD, {GOOD.index(b"CREATE TABLE"): b"\xea\xff"}),
    "a schema number lost": damaged(GOOD, {60: bytes(4)}),
}


def has(folder: Path, raw: bytes) -> bool:
    """Is a file with these bytes still in the folder."""
    return any(raw == file.read_bytes() for file in folder.iterdir())


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_broken_journal_is_moved_aside(folder: Path, damage: str) -> None:
    """A broken journal is kept, never written over, and a new one works at once."""
    folder.mkdir()
    (folder / FILE).write_bytes(DAMAGES[damage])
    with Journal.open(folder) as journal:
        saved = names(journal.unsent())
        journal.record(watch())
    assert has(folder, DAMAGES[damage])
    assert set(saved) <= {f"{number}" for number in range(40)}
    with Journal.open(folder) as journal:
        assert sorted(names(waiting(journal))) == sorted([*saved, "evening"])


def test_what_can_be_read_of_a_broken_journal_is_saved(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """One torn page costs the rows on it and no others, and the log says how many were saved."""
    folder.mkdir()
    last = GOOD.rindex(b'"Severance"') // 4096 * 4096
    (folder / FILE).write_bytes(damaged(GOOD, {last: b"\xff" * 4096}))
    with Journal.open(folder) as journal:
        saved = len(journal.unsent())
    assert 20 <= saved < 40
    assert f"{saved} viewings of it were saved" in caplog.text


def test_every_broken_journal_is_kept(folder: Path) -> None:
    """If it breaks twice in a row, there are two old ones."""
    folder.mkdir()
    for raw in (b"first " * 99, b"second " * 99):
        (folder / FILE).write_bytes(raw)
        Journal.open(folder).__exit__(None, None, None)
    assert has(folder, b"first " * 99)
    assert has(folder, b"second " * 99)


def test_a_damaged_journal_of_an_older_version_keeps_its_viewings(folder: Path) -> None:
    """Damage that is found after an update costs no watch that can still be read."""
    with Journal.open(folder) as journal:
        journal.record(watch(viewing="old"))
    change(folder, "ALTER TABLE viewing DROP COLUMN recognised")
    change(folder, "ALTER TABLE viewing DROP COLUMN told_as")
    change(folder, "DROP TABLE sitting")
    change(folder, f"PRAGMA user_version = {len(MIGRATIONS) - 3}")
    with closing(sqlite3.connect(folder / FILE)) as db:
        (page,) = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'viewing_by_state'").fetchone()
        (size,) = db.execute("PRAGMA page_size").fetchone()
    with (folder / FILE).open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"no index at all")
    with Journal.open(folder) as journal:
        assert names(journal.unsent()) == ["old"]


OPEN = """
import pathlib, sys
from mpv_simkl.journal import Journal
Journal.open(pathlib.Path(sys.argv[1]))
"""


def opener(folder: Path, *, limit: int = 0, die_at: str = "") -> subprocess.CompletedProcess[str]:
    """A player of its own that opens the journal, and can write no file beyond a limit."""
    too_large = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))"
    line = [sys.executable, "-c", (too_large if limit else "") + OPEN, str(folder)]
    return subprocess.run(
        line, env=os.environ | {VARIABLE: die_at}, capture_output=True, text=True, check=False
    )


def without_index(folder: Path) -> bytes:
    """Put a journal there in which every viewing is sound and an index is not; gives its bytes."""
    folder.mkdir()
    (folder / FILE).write_bytes(GOOD)
    with closing(sqlite3.connect(folder / FILE)) as db:
        (page,) = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'viewing_by_state'").fetchone()
    raw = damaged(GOOD, {(page - 1) * 4096: b"no index at all"})
    (folder / FILE).write_bytes(raw)
    return raw


@pytest.mark.parametrize("place", SALVAGE_PLACES)
def test_a_salvage_that_is_killed_is_done_by_the_next_start(folder: Path, place: str) -> None:
    """kill -9 while a broken journal is being saved costs no row, and leaves nothing lying about."""
    raw = without_index(folder)
    assert opener(folder, die_at=place).returncode == -signal.SIGKILL
    with Journal.open(folder) as journal:
        assert len(waiting(journal)) == 40
        assert has(folder, raw)
        assert len([each for each in folder.iterdir() if each.name.startswith("journal.")]) == 5


def test_a_salvage_without_room_is_done_when_there_is_some(folder: Path) -> None:
    """A broken journal on a full disk stays as it is, and is saved once there is room."""
    raw = without_index(folder)
    full = opener(folder, limit=len(raw) // 2)
    assert "JournalError: the journal" in full.stderr
    assert {file.name for file in folder.iterdir()} <= {LOCK, FILE, f"{FILE}-wal", f"{FILE}-shm"}
    assert (folder / FILE).read_bytes() == raw
    with Journal.open(folder) as journal:
        assert len(waiting(journal)) == 40


def test_rows_that_find_no_room_are_not_taken_for_damaged(folder: Path, journal: Journal) -> None:
    """Bringing rows to a disk that is full fails as a whole, so that it can be tried again."""
    for number in range(40):
        journal.record(watch(viewing=f"{number}"))
    with closing(sqlite3.connect(folder / FILE)) as old, closing(prepared(connect(None))) as new:
        old.row_factory = sqlite3.Row
        new.execute("PRAGMA max_page_count = 1")  # it grows no more
        with pytest.raises(sqlite3.OperationalError, match="full"):
            copy(old.execute("SELECT * FROM viewing"), new)


def test_what_is_written_during_a_salvage_is_not_lost(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken journal that a player still writes to is not replaced under it; the next start saves all."""
    without_index(folder)
    make_folder = tempfile.mkdtemp  # in which the new one is made

    def write_too(*named: str | None) -> str:
        with (folder / FILE).open("ab") as file:
            file.write(b"more")
        return make_folder(*named)

    monkeypatch.setattr("tempfile.mkdtemp", write_too)
    with pytest.raises(JournalError, match="written to"):
        sound(folder / FILE)
    monkeypatch.undo()
    with Journal.open(folder) as journal:
        assert len(waiting(journal)) == 40


@example(places={GOOD.index(b"boot "): b"\x80"}, length=len(GOOD))
@given(
    places=st.dictionaries(
        st.one_of(st.integers(0, 99), st.integers(0, len(GOOD) - 1)), st.binary(min_size=1, max_size=4)
    ),
    length=st.one_of(st.just(len(GOOD)), st.integers(0, len(GOOD))),
)
def test_no_damage_raises_anything_foreign(places: dict[int, bytes], length: int) -> None:
    """Whatever happens to the bytes on the disk: the journal opens, or says in our words why not, and if it
    begins anew the old bytes are kept.
    """
    raw = damaged(GOOD, places)[:length]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / FILE).write_bytes(raw)
        try:
            with Journal.open(folder) as journal:
                journal.record(watch(viewing="new"))
                rows = journal.unsent()
                journal.take_over()
        except JournalError:
            return
        assert "new" in names(rows)
        assert len(rows) > 30 or has(folder, raw) or length < 512  # SQLite takes less than a page for nothing


def test_one_damaged_row_hides_no_other(folder: Path, journal: Journal) -> None:
    """A row that cannot be read stays in the file; all others are delivered."""
    for viewing in ("first", "damaged", "undecodable", "timeless", "last"):
        journal.record(watch(viewing=viewing))
    with sqlite3.connect(folder / FILE) as db:
        db.execute("UPDATE viewing SET media = '{\"type\": ' WHERE name = 'damaged'")
        db.execute("UPDATE viewing SET media = CAST(x'7bff' AS TEXT) WHERE name = 'undecodable'")
        db.execute("UPDATE viewing SET seen_at = 'noon' WHERE name = 'timeless'")
    db.close()
    assert names(waiting(journal)) == ["first", "last"]


@pytest.mark.parametrize(
    "damage",
    [
        'UPDATE correction SET said = \'{"type": "epi\' WHERE id = 1',
        "UPDATE correction SET said = 'null' WHERE id = 1",
        "UPDATE correction SET scope = 'season' WHERE id = 1",
    ],
)
def test_one_damaged_correction_stops_no_other(
    folder: Path, journal: Journal, caplog: pytest.LogCaptureFixture, damage: str
) -> None:
    """What the user said of one file holds although what was said of another cannot be read; that is logged
    once.
    """
    for path in ("/tv/damaged.mkv", "/tv/sound.mkv"):
        journal.titles.correct("file", path, "", FILM)
    change(folder, damage)
    assert journal.titles.corrected("/tv/sound.mkv", None) == FILM
    assert journal.titles.corrected("/tv/damaged.mkv", EPISODE) is None
    assert [each.place for each in journal.titles.corrections()] == ["/tv/sound.mkv"]
    assert caplog.text.count("correction 1 is not readable") == 1


def test_a_damaged_memory_of_a_title_is_asked_for_anew(
    folder: Path, journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    """What Simkl made of a title is asked again if it cannot be read, and not taken from an earlier part."""
    first, second = (ANIME._replace(title=title, absolute_episodes=(1,)) for title in ("Part 1", "Part 2"))
    journal.titles.remember(ANIME._replace(absolute_episodes=(1,)), first)
    journal.titles.remember(ANIME._replace(absolute_episodes=(13,)), second)
    change(folder, 'UPDATE known SET said = \'{"type": "epi\' WHERE first = 13')
    for _ in range(2):
        assert journal.titles.recall(ANIME._replace(absolute_episodes=(14,))) is None
    assert caplog.text.count("is not readable in the journal") == 1
    journal.titles.remember(ANIME._replace(absolute_episodes=(13,)), second)
    again = journal.titles.recall(ANIME._replace(absolute_episodes=(14,)))
    assert again is not None
    assert again.said is not None
    assert again.said.title == "Part 2"


def test_a_journal_that_breaks_while_open_says_so(folder: Path, journal: Journal) -> None:
    """If the table vanishes while we play, that is a JournalError, in reading and in writing."""
    with sqlite3.connect(folder / FILE) as db:
        db.execute("DROP TABLE viewing")
    db.close()
    with pytest.raises(JournalError, match="read"):
        journal.waiting()
    with pytest.raises(JournalError, match="written"):
        journal.record(watch())


def test_a_journal_of_a_newer_version_is_left_alone(folder: Path) -> None:
    """Whoever goes back to an older mpv-simkl keeps the journal of the newer one, and is told."""
    Journal.open(folder).__exit__(None, None, None)
    with sqlite3.connect(folder / FILE) as db:
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    db.close()
    before = (folder / FILE).read_bytes()
    with pytest.raises(JournalError, match=r"journal\.db cannot be used: .*newer mpv-simkl; update this one"):
        Journal.open(folder)
    assert (folder / FILE).read_bytes() == before
    assert not list(folder.glob("*broken*"))


def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    """Where the folder should be lies a file: the sentence names the journal."""
    (tmp_path / "data").write_text("not a folder")
    with pytest.raises(JournalError, match=r"data/journal\.db cannot be used"):
        Journal.open(tmp_path / "data")


def test_a_folder_in_place_of_the_file_is_a_clear_error(folder: Path) -> None:
    """Where the file should be lies a folder; it is not moved away."""
    (folder / FILE).mkdir(parents=True)
    with pytest.raises(JournalError, match=r"journal\.db cannot be used"):
        Journal.open(folder)
    assert (folder / FILE).is_dir()


def test_a_journal_in_use_is_not_broken(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that another program holds is not moved aside; what is in it comes back later."""
    with Journal.open(folder) as journal:
        journal.record(watch())
    monkeypatch.setattr("mpv_simkl.journal.storage.BUSY", 0.0)  # seconds to wait for it
    other = sqlite3.connect(folder / FILE, isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(JournalError, match="locked"):
        Journal.open(folder)
    other.close()
    with Journal.open(folder) as journal:
        assert names(waiting(journal)) == ["evening"]


def test_files_are_private(folder: Path, journal: Journal) -> None:
    """What one watches is nobody else's business."""
    journal.record(watch())
    assert folder.stat().st_mode & 0o777 == 0o700
    modes = {file.name: file.stat().st_mode & 0o777 for file in folder.iterdir()}
    assert FILE in modes
    assert set(modes.values()) == {0o600}


# The schema


def test_a_migration_happens_whole_or_not_at_all(folder: Path) -> None:
    """If a step fails, the steps before it are undone with it, and the old file is kept as it was."""
    folder.mkdir()
    with sqlite3.connect(folder / FILE) as db:  # the name of the second step's index is taken
        db.execute("CREATE TABLE other (x)")
        db.execute("CREATE INDEX viewing_by_state ON other (x)")
    db.close()
    Journal.open(folder).__exit__(None, None, None)
    (aside,) = folder.glob("*broken*.db")
    db = sqlite3.connect(aside)
    assert db.execute("PRAGMA user_version").fetchone() == (0,)
    assert db.execute("SELECT name FROM sqlite_master WHERE name = 'viewing'").fetchall() == []
    db.close()


@pytest.mark.parametrize("done", range(len(MIGRATIONS)))
def test_an_older_schema_is_brought_up_to_date(folder: Path, done: int) -> None:
    """A journal of any older version goes on where it was."""
    folder.mkdir()
    with sqlite3.connect(folder / FILE) as db:
        for step in MIGRATIONS[:done]:
            db.execute(step)
        db.execute(f"PRAGMA user_version = {done}")
    db.close()
    with Journal.open(folder) as journal:
        journal.record(watch())
        assert names(waiting(journal)) == ["evening"]
    assert not list(folder.glob("*broken*"))


# Many at once

WRITE = """
import pathlib, sys
from mpv_simkl.journal import Journal
from tests.makers import watch
with Journal.open(pathlib.Path(sys.argv[1])) as journal:
    for number in range(30):
        journal.record(watch(viewing=f"{sys.argv[2]} {number}"))
"""


def test_several_players_write_at_once(folder: Path) -> None:
    """Three windows that open a new journal and write at the same moment lose nothing."""
    players = [
        subprocess.Popen([sys.executable, "-c", WRITE, str(folder), name], stderr=subprocess.PIPE, text=True)
        for name in "abc"
    ]
    assert [(player.communicate()[1], player.returncode) for player in players] == [("", 0)] * 3
    with Journal.open(folder) as journal:
        assert journal.waiting() == 90
    assert not list(folder.glob("*broken*"))


def test_threads_share_one_journal(journal: Journal) -> None:
    """The player's thread writes while the sender's reads and settles."""
    failed: list[BaseException] = []

    def work(name: str) -> None:
        try:
            for number in range(25):
                viewing = f"{name} {number}"
                journal.record(watch(viewing=viewing))
                row = journal.find(viewing)
                assert row is not None
                journal.settle([row.id], "done")
                journal.waiting()
        except BaseException as error:
            failed.append(error)
            raise

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (failed, journal.unsent()) == ([], [])


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_a_long_history_costs_a_player_no_memory(folder: Path) -> None:
    """Whoever has watched for years has no larger process beside the player than whoever begins."""
    look = (
        "import sys\nfrom pathlib import Path\nfrom mpv_simkl.journal import Journal\n"
        "with Journal.open(Path(sys.argv[1])):\n"
        "    print(Path('/proc/self/statm').read_text().split()[5])"
    )

    def pages() -> int:
        line = [sys.executable, "-I", "-c", look, str(folder)]
        return int(subprocess.run(line, capture_output=True, text=True, check=True).stdout)

    with Journal.open(folder) as journal:
        before = pages()
        for number in range(4000):
            journal.record(heard(Action.NOTE, viewing=f"viewing-{number}"))
    assert (pages() - before) * os.sysconf("SC_PAGE_SIZE") < 1_000_000
