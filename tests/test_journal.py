"""The journal: nothing that was watched is lost, whatever happens to the process or to the file."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpv_simkl.errors import JournalError
from mpv_simkl.journal import Journal, Row
from mpv_simkl.journal.journal import FILE, MAX_ERROR
from mpv_simkl.journal.storage import MIGRATIONS
from mpv_simkl.model import Action, Media

from .makers import ANIME, DOUBLE, EPISODE, FILM, NOW, heard, watch


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def journal(folder: Path) -> Iterator[Journal]:
    with Journal.open(folder) as journal:
        yield journal


def names(rows: list[Row]) -> list[str]:
    """The viewings of these rows."""
    return [row.name for row in rows]


def waiting(journal: Journal) -> list[Row]:
    """The watches that wait for their delivery."""
    rows = [row for row in journal.unsent() if row.state == "waiting" and row.watched_at]
    assert journal.waiting() == len(rows)
    return rows


STOPPED = heard(Action.STOP, progress=50, ended=True)


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
        assert row.seen.at == scrobble.at
    later = timedelta(minutes=1)
    assert states == [
        ("open", 0, None),
        ("open", 50, None),
        ("open", 80, NOW + 40 * later),
        ("waiting", 100, NOW + 50 * later),
    ]
    (row,) = waiting(journal)
    assert (row.media, row.attempts, row.last_error) == (EPISODE, 0, None)
    journal.settle([row.id], "done")
    assert (waiting(journal), journal.unsent()) == ([], [])
    done = journal.find("evening")
    assert done is not None
    assert done.state == "done"


def test_what_was_not_watched_leaves_nothing(journal: Journal) -> None:
    """A film left in the middle waits until Simkl has heard of its end; then nothing of it is left."""
    journal.record(heard(Action.START))
    journal.record(STOPPED)
    (row,) = journal.unsent()
    assert (row.state, row.watched_at, row.progress) == ("waiting", None, 50)
    assert journal.claim(50) == []
    journal.forget("evening")
    assert journal.unsent() == []


def test_simkl_is_owed_the_end_of_what_it_heard_of(journal: Journal) -> None:
    """Only of what Simkl was told it has to hear the end."""
    for viewing in ("told", "surely not", "never"):
        journal.record(replace(STOPPED, viewing=viewing))
    journal.telling("told")
    journal.telling("surely not")
    journal.telling("surely not", told=False)
    assert names(journal.owed()) == ["told"]


def test_a_watch_is_not_forgotten(journal: Journal) -> None:
    """Only what was no watch can be forgotten."""
    journal.record(watch())
    journal.forget("evening")
    assert names(waiting(journal)) == ["evening"]


def test_a_watch_that_was_taken_back_is_none(journal: Journal) -> None:
    """Whoever goes back after 80 % and leaves has not watched it."""
    journal.record(heard(Action.KEEP, progress=80, watched=True))
    journal.record(heard(Action.KEEP, progress=30))
    (row,) = journal.unsent()
    assert row.watched_at is None


def test_only_what_has_ended_waits(journal: Journal) -> None:
    """What still plays is not sent as watched, even beyond 80 %."""
    journal.record(heard(Action.KEEP, progress=80, watched=True))
    assert waiting(journal) == []
    assert names(journal.unsent()) == ["evening"]


@pytest.mark.parametrize("state", ["not_found", "refused"])
def test_what_simkl_will_not_take_is_set_aside_with_the_reason(
    journal: Journal, state: Literal["not_found", "refused"]
) -> None:
    """A row that Simkl refused is no longer sent, but can be seen, with the reason."""
    journal.record(watch())
    journal.settle([1], state, "Simkl knows no such title")
    assert waiting(journal) == []
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
    assert waiting(journal) == []


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
    assert names(journal.claim(50)) == ["early", "also early", "between", "late"]
    assert names(journal.unsent()) == ["early", "also early", "between", "late"]


@pytest.mark.parametrize(
    "media",
    [
        FILM,
        DOUBLE,
        ANIME,
        Media("movie", "Caf\udce9"),
        replace(EPISODE, title="名探偵 'x' \"y\" \n😀", ids={"imdb": "tt1"}, country="US"),
    ],
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
from tests.makers import heard
journal = Journal.open(pathlib.Path(sys.argv[1]))
journal.record(heard(Action.PAUSE, viewing="left", progress=50))
journal.telling("left")
journal.record(heard(Action.START, viewing="never told"))
journal.record(heard(Action.KEEP, viewing="watched", progress=80, watched=True))
print("written", flush=True)
sys.stdin.read()
"""


def recorder(folder: Path) -> subprocess.Popen[str]:
    """A player of its own that has begun three viewings and plays on."""
    line = [sys.executable, "-c", RECORD, str(folder)]
    process = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "written\n"
    return process


def test_what_a_killed_player_left_is_ended(folder: Path) -> None:
    """After kill -9 a watch is delivered, and of the other film Simkl hears that it is paused."""
    with recorder(folder) as player:
        player.kill()
    with Journal.open(folder) as journal:
        assert journal.take_over() == 3
        assert [(row.name, row.progress) for row in journal.owed()] == [("left", 50)]
        (row,) = waiting(journal)
        assert (row.name, row.watched_at) == ("watched", NOW)
        assert len(journal.unsent()) == 2
        assert journal.take_over() == 0


def test_what_a_living_player_plays_is_left_alone(folder: Path) -> None:
    """A second mpv does not end what the first one plays."""
    with recorder(folder) as player, Journal.open(folder) as journal:
        assert journal.take_over() == 0
        assert [row.state for row in journal.unsent()] == ["open", "open", "open"]
        assert journal.owed() == []
        player.communicate("")


def test_after_a_restart_of_the_machine_nobody_is_alive(folder: Path, journal: Journal) -> None:
    """A number of a process means nothing once the machine was started anew."""
    journal.record(watch())
    journal.record(heard(Action.KEEP, viewing="open", watched=True))
    sqlite3.connect(folder / FILE).execute("UPDATE viewing SET boot = 'yesterday'").connection.commit()
    assert journal.take_over() == 1
    assert names(waiting(journal)) == ["evening", "open"]


CLAIM = """
import pathlib, sys
from mpv_simkl.journal import Journal
print(len(Journal.open(pathlib.Path(sys.argv[1])).claim(50)), flush=True)
sys.stdin.read()
"""


def test_one_player_delivers_at_a_time(folder: Path, journal: Journal) -> None:
    """What one player is sending no other sends; if it is killed meanwhile, it waits again."""
    journal.record(watch())
    line = [sys.executable, "-c", CLAIM, str(folder)]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout
        assert other.stdout.readline() == "1\n"
        assert journal.claim(50) == []
        assert [row.state for row in journal.unsent()] == ["sending"]
        other.kill()
    assert names(journal.claim(50)) == ["evening"]


def test_what_was_claimed_can_be_given_back(journal: Journal) -> None:
    """A batch that was not tried after all waits as before."""
    journal.record(watch())
    (row,) = journal.claim(50)
    assert journal.claim(50) == []
    journal.release([row.id])
    (again,) = journal.claim(50)
    assert again == row


def test_a_batch_has_no_more_episodes_than_asked_for(journal: Journal) -> None:
    """Episodes are counted, not files; one file goes even if it has too many."""
    long = replace(ANIME, absolute_episodes=tuple(range(1, 61)))
    for number, media in enumerate((FILM, DOUBLE, EPISODE, long)):
        journal.record(watch(media, f"{number}", minutes=number))
    batches = []
    while rows := journal.claim(3):
        batches.append(names(rows))
        journal.settle([row.id for row in rows], "done")
    assert batches == [["0", "1"], ["2"], ["3"]]


def test_what_was_put_off_waits_its_time(journal: Journal) -> None:
    """A row that stands back for an hour holds up no other; `journal retry` sends it at once."""
    journal.record(watch())
    journal.record(watch(FILM, "film", minutes=1))
    journal.put_off([1], "Simkl stumbled", seconds=3600)
    assert names(journal.claim(50)) == ["film"]
    journal.retry()
    assert names(journal.claim(50)) == ["evening"]


def test_each_account_has_its_own_watches(folder: Path) -> None:
    """What one user of a machine watched is not sent to the account of another."""
    for account in ("ann", "ben", None):
        with Journal.open(folder, account) as journal:
            journal.record(watch(viewing=f"{account}"))
    with Journal.open(folder, "ben") as journal:
        assert journal.waiting() == 2
        assert names(journal.claim(50)) == ["ben", "None"]


# What the user does with it


def test_what_was_set_aside_can_be_tried_again_or_dropped(journal: Journal) -> None:
    """A corrected row waits again; one that is not wanted goes; what Simkl has stays in the watch log."""
    for number, state in enumerate(("not_found", "refused", "done", "not_found"), start=1):
        journal.record(watch(viewing=f"{number}", minutes=number))
        journal.settle([number], state)  # type: ignore[arg-type]  # a tuple of texts
    assert journal.retry([1, 3]) == 1
    assert journal.drop([2, 3]) == 1
    assert [(row.name, row.state) for row in journal.unsent()] == [("1", "waiting"), ("4", "not_found")]
    assert names(list(journal.done())) == ["3"]
    assert list(journal.done(NOW + timedelta(minutes=4))) == []
    assert journal.retry() == 1


# The disk goes away


def test_a_file_deleted_under_us_is_written_again(folder: Path, journal: Journal) -> None:
    """Whoever deletes the journal while a film plays loses nothing that still waits."""
    journal.record(watch())
    for file in folder.glob(f"{FILE}*"):
        file.unlink()
    journal.record(watch(FILM, "film", minutes=1))
    with Journal.open(folder) as other:
        assert names(waiting(other)) == ["evening", "film"]


def test_from_the_disk_to_memory_and_back(folder: Path, journal: Journal) -> None:
    """While the disk cannot be written the journal goes on in memory, and then back."""
    journal.record(watch())
    journal.move_to_memory()
    assert not journal.on_disk
    journal.record(watch(FILM, "film", minutes=1))
    journal.move_to_disk(folder)
    assert journal.on_disk
    with Journal.open(folder) as other:
        assert names(waiting(other)) == ["evening", "film"]


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
        saved = len(journal.unsent())
        journal.record(watch())
    assert has(folder, DAMAGES[damage])
    with Journal.open(folder) as journal:
        assert "evening" in names(waiting(journal))
        assert len(journal.unsent()) == saved + 1


def test_what_can_be_read_of_a_broken_journal_is_saved(folder: Path) -> None:
    """If only the frame is damaged, every watch comes along to the new journal."""
    folder.mkdir()
    (folder / FILE).write_bytes(DAMAGES["a schema number lost"])
    with Journal.open(folder) as journal:
        assert len(waiting(journal)) == 40
    assert has(folder, DAMAGES["a schema number lost"])


def test_every_broken_journal_is_kept(folder: Path) -> None:
    """If it breaks twice in a row, there are two old ones."""
    folder.mkdir()
    for raw in (b"first " * 99, b"second " * 99):
        (folder / FILE).write_bytes(raw)
        Journal.open(folder).__exit__(None, None, None)
    assert has(folder, b"first " * 99)
    assert has(folder, b"second " * 99)


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
        assert len(rows) > 1 or has(folder, raw) or length < 512  # SQLite takes less than a page for nothing


def test_one_damaged_row_hides_no_other(folder: Path, journal: Journal) -> None:
    """A row that cannot be read stays in the file; all others are delivered."""
    for viewing in ("first", "damaged", "undecodable", "timeless", "last"):
        journal.record(watch(viewing=viewing))
    with sqlite3.connect(folder / FILE) as db:
        db.execute("UPDATE viewing SET media = '{\"type\": ' WHERE name = 'damaged'")
        db.execute("UPDATE viewing SET media = CAST(x'7bff' AS TEXT) WHERE name = 'undecodable'")
        db.execute("UPDATE viewing SET seen_at = 'noon' WHERE name = 'timeless'")
    db.close()
    assert names(journal.unsent()) == ["first", "last"]
    assert names(journal.claim(50)) == ["first", "last"]


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
                journal.unsent()
        except BaseException as error:
            failed.append(error)
            raise

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (failed, journal.unsent()) == ([], [])
