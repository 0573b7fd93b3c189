"""A damaged journal: whatever still stands in it is in the one that takes its place."""

from __future__ import annotations

import random
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mpv_simkl.journal import FILE, Journal
from mpv_simkl.journal.pages import records
from mpv_simkl.journal.storage import MIGRATIONS
from mpv_simkl.model import Action

from .makers import EPISODE, FILM, heard, watch

MANY = 2500  # viewings with long paths: two pages lead to theirs, and one to these two
PAGE = 4096


def rows_made(db: sqlite3.Connection, columns: str) -> None:
    """Many viewings like the first one, delivered but for the last five."""
    count = "WITH RECURSIVE number (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM number WHERE i < ?)"
    made = f"INSERT INTO viewing (name, state, {columns})"
    like = f"SELECT 'viewing ' || i, iif(i > ? - 5, 'waiting', 'done'), {columns} FROM number, viewing"  # noqa: S608 - ours
    db.execute(f"{count} {made} {like} WHERE viewing.id = 1", (MANY, MANY))


COLUMNS = "media, began_at, seen_at, uptime, clock, watched_at, progress, played, pid, boot"


def a_long_history() -> bytes:
    """The file of a journal that was used for years."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        with Journal.open(folder) as journal:
            journal.record(watch(viewing="viewing 1"))
            journal.settle([1], "done")
        with closing(sqlite3.connect(folder / FILE)) as db, db:
            db.execute("UPDATE viewing SET path = hex(zeroblob(600))")
            rows_made(db, f"{COLUMNS}, path, title")
        return (folder / FILE).read_bytes()


LONG = a_long_history()


def pages(file: bytes, kind: int) -> list[int]:
    """Where the pages of a kind are, the schema's left out: 2 and 10 are an index's, 5 and 13 a table's."""
    return [place for place in range(PAGE, len(file), PAGE) if file[place] == kind]


def destroyed(file: bytes, place: int, length: int = 64) -> bytes:
    """The file with noise in one place."""
    noise = random.Random(place).randbytes(length)  # noqa: S311 - the same damage every time
    return file[:place] + noise + file[place + length :]


def opened(folder: Path, file: bytes) -> tuple[int, int]:
    """How many viewings, and how many watches that wait, a journal has that was made of this file."""
    folder.mkdir()
    (folder / FILE).write_bytes(file)
    with Journal.open(folder) as journal:
        return len(list(journal.done())) + len(journal.unsent()), journal.waiting()


HIGHER_PAGES: dict[str, Callable[[], int]] = {
    "the page over all others": lambda: pages(LONG, 5)[0],
    "the page over the older ones": lambda: pages(LONG, 5)[1],
    "the page over the newer ones": lambda: pages(LONG, 5)[-1],
    "a page over those of an index": lambda: pages(LONG, 2)[-1],
    "a page of an index": lambda: pages(LONG, 10)[-1],
    "the first page": lambda: 0,
}


@pytest.mark.parametrize("page", HIGHER_PAGES)
def test_a_page_that_only_leads_to_others_costs_no_viewing(tmp_path: Path, page: str) -> None:
    """A damaged page without rows of its own costs none, above all none that waits, however long the
    history is.
    """
    broken = destroyed(LONG, HIGHER_PAGES[page](), length=PAGE)
    assert opened(tmp_path / "data", broken) == (MANY, 5)


@settings(max_examples=6)
@given(page=st.integers(0, len(LONG) // PAGE - 1))
def test_whichever_page_is_damaged_costs_at_most_its_own_viewings(page: int) -> None:
    """A hole anywhere in the file costs the few viewings that stood there."""
    with tempfile.TemporaryDirectory() as place:
        found, waiting = opened(Path(place) / "data", destroyed(LONG, page * PAGE, length=PAGE))
    assert found >= MANY - 20
    assert waiting == 5 or found < MANY


def test_a_page_of_viewings_costs_those_on_it(tmp_path: Path) -> None:
    """Where viewings themselves are damaged, all others are kept."""
    middle = pages(LONG, 13)[300]
    found, waiting = opened(tmp_path / "data", destroyed(LONG, middle, length=PAGE))
    assert MANY - 20 < found < MANY
    assert waiting == 5


def test_a_viewing_longer_than_a_page_is_kept_as_far_as_a_way_leads_to_it(tmp_path: Path) -> None:
    """A path of thousands of letters outlives a damaged page elsewhere."""
    with Journal.open(tmp_path) as journal:
        journal.record(watch(viewing="viewing 1"))
        journal.record(replace(watch(viewing="viewing 2"), path="/films/" + "a" * 3 * PAGE))
    raw = (tmp_path / FILE).read_bytes()
    broken = destroyed(raw, pages(raw, 10)[0], length=PAGE)
    assert opened(tmp_path / "data", broken) == (2, 2)


def test_a_damaged_viewing_costs_no_other_on_its_page(tmp_path: Path) -> None:
    """Of a page that nothing leads to any more, each viewing is read by itself."""
    title = LONG.index(b'"Severance"', pages(LONG, 13)[300])
    found, _ = opened(tmp_path / "data", destroyed(destroyed(LONG, pages(LONG, 5)[0]), title, length=9))
    assert found == MANY - 1


@pytest.mark.parametrize("lost", [[""], ["", "-wal"], ["-wal"]], ids=["the file", "both", "its log"])
def test_a_journal_that_becomes_noise_while_it_is_in_use_is_saved(tmp_path: Path, lost: list[str]) -> None:
    """What is written afterwards stands in SQLite's log, whatever that begins with: each viewing is saved as
    it was last.
    """
    with Journal.open(tmp_path / "old") as journal:
        journal.record(watch(viewing="before"))
        for suffix in lost:
            with (tmp_path / "old" / f"{FILE}{suffix}").open("r+b") as raw:
                raw.write(b"\xff" * PAGE)
        journal.record(watch(viewing="seen", minutes=1))
        journal.record(watch(viewing="told", minutes=2))
        journal.settle([3], "done")
        shutil.copytree(tmp_path / "old", tmp_path / "data")
    with Journal.open(tmp_path / "data") as journal:
        assert [row.name for row in journal.unsent()] == ["before", "seen"]
        assert [row.name for row in journal.done()] == ["told"]


@pytest.mark.parametrize("damaged", ["the first page", "the log"])
def test_what_the_user_said_outlives_the_damage(tmp_path: Path, damaged: str) -> None:
    """What a file is, as the user said, what Simkl made of titles and where films were left: all of that is
    in the new journal too; what the user took back is not.
    """
    left = replace(heard(Action.STOP, viewing="left", progress=78, ended=True), path="/tv/left.mkv")
    with Journal.open(tmp_path / "old") as journal:
        journal.titles.correct("file", "/tv/1.mkv", "", FILM)
        journal.titles.correct("file", "/tv/2.mkv", "", FILM)
        assert journal.titles.take_back(journal.titles.corrections()[1].id)
        journal.titles.remember(EPISODE, EPISODE._replace(ids={"simkl": "1"}))
        journal.record(left)
        (tmp_path / "new").mkdir()
        for name in (FILE, f"{FILE}-wal"):
            shutil.copy(tmp_path / "old" / name, tmp_path / "new")
    if damaged == "the first page":
        with closing(sqlite3.connect(tmp_path / "new" / FILE)) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    broken = tmp_path / "new" / (FILE if damaged == "the first page" else f"{FILE}-wal")
    broken.write_bytes(destroyed(broken.read_bytes(), 0, length=16))
    with Journal.open(tmp_path / "new") as journal:
        assert [each.place for each in journal.titles.corrections()] == ["/tv/1.mkv"]
        assert journal.titles.recall(EPISODE) is not None
        assert journal.sittings.of("/tv/left.mkv", EPISODE, None) != []


def test_what_lies_beside_a_deleted_journal_keeps_no_new_one_from_being_made(tmp_path: Path) -> None:
    """Whoever deletes the journal and leaves SQLite's damaged log behind has an empty journal again."""
    (tmp_path / f"{FILE}-wal").write_bytes(b"noise" * PAGE)
    with Journal.open(tmp_path) as journal:
        assert journal.unsent() == []


@pytest.mark.parametrize("begun_anew", [False, True])
def test_a_viewing_that_a_lost_log_has_dropped_does_not_come_back(tmp_path: Path, begun_anew: bool) -> None:
    """Of a log whose head is lost, what it says last of each page counts, and not what stands there from
    before it was begun anew.
    """
    with Journal.open(tmp_path / "old") as journal:
        for number in range(30):
            journal.record(watch(viewing=f"{number}"))
        if begun_anew:
            with closing(sqlite3.connect(tmp_path / "old" / FILE)) as db:
                db.execute("PRAGMA wal_checkpoint(RESTART)")
        assert journal.drop(range(1, 30)) == 29
        shutil.copytree(tmp_path / "old", tmp_path / "data")
    wal = tmp_path / "data" / f"{FILE}-wal"
    wal.write_bytes(destroyed(wal.read_bytes(), 0, length=32))
    with Journal.open(tmp_path / "data") as journal:
        assert [row.name for row in journal.unsent()] == ["29"]


def test_a_deleted_viewing_does_not_come_back(tmp_path: Path) -> None:
    """What the user dropped is not brought back from pages that are not in use any more."""
    with Journal.open(tmp_path / "old") as journal:
        for number in range(60):
            journal.record(watch(viewing=f"{number}"))
        assert journal.drop(range(1, 41, 2)) == 20  # what is left of a page is moved to its neighbour
        assert journal.drop(range(2, 41, 2)) == 20
    file = (tmp_path / "old" / FILE).read_bytes()
    assert opened(tmp_path / "data", destroyed(file, pages(file, 5)[0])) == (20, 20)


def test_an_older_journal_without_its_uppermost_page_is_saved(tmp_path: Path) -> None:
    """Viewings of the first version have fewer columns, and are all brought over."""
    at = "2026-11-20T21:04:00.000Z"
    first = ('{"type": "movie", "title": "Arrival"}', at, at, 5.5, "a", at, 100, 60.5, 1, "a")
    with closing(sqlite3.connect(tmp_path / "old.db")) as db:
        with db:
            for step in MIGRATIONS[:2]:
                db.execute(step)
            db.execute("PRAGMA user_version = 2")
            query = f"INSERT INTO viewing (name, {COLUMNS}) VALUES ('viewing 1'{', ?' * 10})"  # noqa: S608 - the words are ours
            db.execute(query, first)
            rows_made(db, COLUMNS)
        file = (tmp_path / "old.db").read_bytes()
    found, waiting = opened(tmp_path / "data", destroyed(file, pages(file, 5)[0]))
    assert (found, waiting) == (MANY, 5)


def test_half_a_viewing_is_none(tmp_path: Path) -> None:
    """What does not stand on one page as a whole is not taken for a viewing with half its words."""
    with Journal.open(tmp_path / "old") as journal:
        for number in range(40):
            journal.record(replace(watch(viewing=f"{number}"), path="/tv/" + "x" * 5000 * (number == 7)))
    file = (tmp_path / "old" / FILE).read_bytes()
    assert opened(tmp_path / "data", destroyed(file, pages(file, 5)[0])) == (39, 39)


@example(places={8: b"\xff\xff"}, page=pages(LONG, 13)[1])
@given(
    places=st.dictionaries(st.integers(0, PAGE - 1), st.binary(min_size=1, max_size=8)),
    page=st.sampled_from([0, pages(LONG, 13)[1], pages(LONG, 5)[0]]),
)
def test_no_page_is_too_damaged_to_be_read_past(places: dict[int, bytes], page: int) -> None:
    """Whatever the bytes of a page are, the viewings on all others are found."""
    file = LONG[: 40 * PAGE]
    whole = sum(1 for _ in records(file))
    for place, raw in places.items():
        file = file[: page + place] + raw + file[page + place + len(raw) :]
    assert sum(1 for _ in records(file)) >= whole - 20
