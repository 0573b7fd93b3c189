"""`mpv-simkl identify`."""

from __future__ import annotations

import argparse
import json
import os

import pytest

from mpv_simkl.cli import identify

FIELDS = {"path", "type", "title", "year", "season", "episodes", "absolute_episodes", "date", "part"}
FIELDS |= {"country", "anime", "ids"}


def _run(capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    parser = argparse.ArgumentParser()
    identify.add(parser.add_subparsers())
    args = parser.parse_args(["identify", *words])
    assert args.command(args) == 0
    return capsys.readouterr().out.splitlines()


def test_a_path_is_answered_with_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """The line names show, year, season and episode."""
    assert _run(capsys, "The Show (2019)/Season 02/03 - Name.mkv") == ["The Show (2019) S02E03"]


def test_json_holds_exactly_the_fields_of_the_interface(capsys: pytest.CaptureFixture[str]) -> None:
    """Scripts get the same fields for every path, empty where nothing is known."""
    known, unknown = (
        json.loads(line) for line in _run(capsys, "--json", "--", "Show.S01E02.mkv", "IMG_2041.MOV")
    )
    assert set(known) == set(unknown) == FIELDS
    assert (known["type"], known["title"], known["season"], known["episodes"]) == ("episode", "Show", 1, [2])
    assert (known["date"], known["ids"], known["absolute_episodes"]) == (None, {}, [])
    assert unknown["type"] == "unknown"


def test_what_is_unknown_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    """One reason, in words."""
    assert _run(capsys, "IMG_2041.MOV") == ["unknown: a camera's own file name"]


def test_why_tells_who_said_what(capsys: pytest.CaptureFixture[str]) -> None:
    """Each line names the source; what won is marked."""
    lines = _run(capsys, "--why", "The Show (2019)/Season 02/The Show (2020) - 03.mkv")
    assert any(line.split()[:3] == ["+", "season", "2"] and "Season 02" in line for line in lines)
    assert any(line.split()[:3] == ["-", "year", "2019"] and "file name is trusted" in line for line in lines)


def test_a_hostile_name_neither_crashes_nor_commands_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Bytes that are no text, escapes and turned directions are shown as signs."""
    path = os.fsdecode(b"Show\xff \x1b[31m\xe2\x80\xae S01E02.mkv")
    out = "\n".join(_run(capsys, "--why", path, "other.mkv"))
    out.encode("utf-8")
    assert not set(out) & set("\x1b\u202e")
    assert json.loads(_run(capsys, "--json", path)[0])["path"] == path
