"""The log: safe to look at, whole when several players write, and never a reason to fail."""

from __future__ import annotations

import logging
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpv_simkl import logs, places

HOSTILE = "\x1b]0;owned\x07\r\n\x9b31m\u202egnp.exe\u2066\u061c\u200f\u2028\udcff\x7f\x00.mkv"
WRITE = """
import logging, sys
from mpv_simkl import logs
logs.MAX_BYTES = int(sys.argv[1])
logs.start("info")
for number in range(200):
    logging.getLogger("mpv_simkl.test").info("%s-%03d %s", sys.argv[2], number, "x" * 100)
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loggers: None) -> Path:  # noqa: ARG001
    """The log file of a home of its own."""
    monkeypatch.setenv(places.HOME, str(tmp_path))
    return logs.path()


def write(*lines: str) -> None:
    for line in lines:
        logging.getLogger("mpv_simkl.test").info("%s", line)


def texts(file: Path) -> list[str]:
    """The lines without time, level and process."""
    return [line.split(maxsplit=3)[3] for line in file.read_text(encoding="utf-8").splitlines()]


def test_a_file_name_cannot_write_into_a_terminal(file: Path) -> None:
    """Whatever a file is called, its name is one harmless line of the log."""
    logs.start("info")
    write(HOSTILE)
    written = file.read_bytes().decode("utf-8")
    assert written.count("\n") == 1
    assert written.rstrip("\n").isprintable()
    assert r"\x1b]0;owned\x07\x0d\x0a" in written


@given(st.text(st.characters(exclude_categories=())))
def test_what_is_shown_is_printable_and_can_be_encoded(text: str) -> None:
    """No text whatever brings a control character, a turned direction or an error onto the screen."""
    safe = logs.shown(text)
    safe.encode()
    assert not set(safe) & {chr(code) for code in (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029)}
    assert not set(safe) & set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@pytest.mark.parametrize("title", ["Amélie", "千と千尋の神隠し", "Сталкер", "שתיסאל", "👩‍🚀 Ω"])
def test_titles_of_every_script_stay_as_they_are(title: str) -> None:
    """Only what is dangerous is changed."""
    assert logs.shown(title) == title


def test_a_line_has_a_limit(file: Path) -> None:
    """One endless title does not fill the log."""
    logs.start("info")
    write("x" * 1_000_000)
    assert len(file.read_text()) == logs.MAX_LINE + 1


def test_a_fault_is_written_with_its_trace(file: Path) -> None:
    """A trace keeps its lines, and nothing else in it is raw."""
    logs.start("info")
    try:
        raise ValueError(HOSTILE.replace("\n", ""))
    except ValueError:
        logging.getLogger("mpv_simkl.test").exception("a fault")
    written = file.read_bytes().decode("utf-8")
    assert "Traceback (most recent call last):\n" in written
    assert all(line.isprintable() for line in written.splitlines())


def test_the_level_decides_what_is_written(file: Path) -> None:
    """With log_level=warning the log is silent about what goes well."""
    logs.start("warning")
    write("all is well")
    logging.getLogger("mpv_simkl.test").warning("it is not")
    assert texts(file) == ["it is not"]


def test_several_players_write_one_log(file: Path) -> None:
    """Four players at once, over several full files: no line is broken, and none is there twice."""
    room = 4 * 200 * 150 // 2 + 2000  # of the lines of four players a little more than half
    line = [sys.executable, "-c", WRITE, str(room)]
    writers = [subprocess.Popen([*line, name]) for name in "abcd"]
    assert [writer.wait() for writer in writers] == [0, 0, 0, 0]
    found = texts(file.with_suffix(".log.1")) + texts(file)
    assert sorted(found) == [f"{name}-{number:03} {'x' * 100}" for name in "abcd" for number in range(200)]


def test_one_older_log_is_kept(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full log is put aside, the one put aside before it goes."""
    monkeypatch.setattr(logs, "MAX_BYTES", 200)
    logs.start("info")
    write("one" + "x" * 120, "two" + "x" * 120, "three" + "x" * 120)
    assert [text[:3] for text in (*texts(file.with_suffix(".log.1")), *texts(file))] == ["two", "thr"]
    assert sorted(path.name for path in file.parent.glob("*.log*")) == [file.name, f"{file.name}.1"]


def test_nobody_else_can_read_the_log(file: Path) -> None:
    """What one watches is nobody else's business."""
    logs.start("info")
    write("a secret passion")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (file, file.parent)}
    assert modes == {file.name: 0o600, file.parent.name: 0o700}


def test_a_log_that_cannot_be_written_is_no_failure(file: Path) -> None:
    """Without a place for the log everything else goes on."""
    file.parent.write_text("a file where the folder should be")
    logs.start("info")
    write("nobody hears this")
    assert file.parent.read_text() == "a file where the folder should be"


def test_the_end_of_the_log_reaches_into_the_older_file(file: Path) -> None:
    """Just after the log was put aside its end is still there to be read."""
    file.parent.mkdir()
    file.with_suffix(".log.1").write_text("one\ntwo\n")
    file.write_text("three\n")
    assert logs.last(file, 2) == ["two", "three"]
    assert logs.last(file, 0) == []
    assert logs.last(file, 10) == ["one", "two", "three"]
    assert logs.last(file.with_name("none.log"), 5) == []


def take(lines: Iterator[str]) -> list[str]:
    """What there is until nothing new is found."""
    found: list[str] = []
    while line := next(lines):
        found.append(line)
    return found


def test_following_gives_each_line_that_comes(file: Path) -> None:
    """`log -f` shows what is written from now on, half a line only when it is whole."""
    file.parent.mkdir()
    file.write_text("old\n")
    lines = logs.follow(file, wait=0)
    assert take(lines) == []
    with file.open("a") as log:
        log.write("one\ntwo\nthr")
    assert take(lines) == ["one", "two"]
    with file.open("a") as log:
        log.write("ee\n")
    assert take(lines) == ["three"]


def test_following_begins_before_there_is_a_log(file: Path) -> None:
    """`log -f` may be started before the first video."""
    lines = logs.follow(file, wait=0)
    assert take(lines) == []
    logs.start("info")
    write("first")
    assert [line.split(maxsplit=3)[3] for line in take(lines)] == ["first"]


def test_following_loses_nothing_when_the_log_is_put_aside(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lines that came just before the log was put aside are shown too, however long the new one is."""
    monkeypatch.setattr(logs, "MAX_BYTES", 400)
    logs.start("info")
    write("one")
    lines = logs.follow(file, 0, wait=0)
    assert len(take(lines)) == 1
    write("two", "three" + "x" * 300)
    assert [line.split(maxsplit=3)[3][:3] for line in take(lines)] == ["two", "thr"]
