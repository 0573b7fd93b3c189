"""`mpv-simkl identify`."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

import pytest

from mpv_simkl.cli import identify, main

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


def test_the_reasons_stand_in_columns_whatever_letters_a_title_has(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A title in wide letters leaves the columns behind it where they are."""
    main(["identify", "--why", "進撃の巨人 S01E02.mkv"])
    title, season, *_ = capsys.readouterr().out.splitlines()[1:]
    assert title.startswith("  +  title     進撃の巨人  file name")
    assert season.startswith("  +  season    1           file name")


def test_a_hostile_name_neither_crashes_nor_commands_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Bytes that are no text, escapes and turned directions are shown as signs."""
    path = os.fsdecode(b"Show\xff \x1b[31m\xe2\x80\xae S01E02.mkv")
    out = "\n".join(_run(capsys, "--why", path, "other.mkv"))
    out.encode("utf-8")
    assert not set(out) & set("\x1b\u202e")
    assert json.loads(_run(capsys, "--json", path)[0])["path"] == path


def test_a_file_that_is_there_is_taken_for_what_mpv_takes_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From inside a season's folder too: the folders above speak, and the path is told as it was typed."""
    season = tmp_path / "Castle (2009)" / "Season 01"
    season.mkdir(parents=True)
    (season / "03.mkv").touch()
    monkeypatch.chdir(season)
    assert _run(capsys, "03.mkv") == ["Castle (2009) S01E03"]
    row = json.loads(_run(capsys, "--json", "03.mkv")[0])
    assert (row["path"], row["title"]) == ("03.mkv", "Castle")
    assert _run(capsys, "04.mkv") == ["unknown: no source names a title"]


def test_letters_that_do_not_reach_us_from_mpv_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    """What is no UTF-8 in a name is missing from mpv's answers, and so it is here."""
    assert _run(capsys, os.fsdecode(b"Arriv\xff\xc3al (2016).mkv")) == ["Arrival (2016)"]


def test_what_lies_beside_a_show_speaks_within_its_folders_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whoever stands in a season's folder is told of `03.mkv` what the show's `.nfo` above it says."""
    season = tmp_path / "Castle" / "Season 02"
    season.mkdir(parents=True)
    (season / "03.mkv").touch()
    nfo = '<tvshow><title>Castle</title><uniqueid type="tvdb">83462</uniqueid></tvshow>'
    (season.parent / "tvshow.nfo").write_text(nfo, encoding="utf-8")
    monkeypatch.chdir(season)
    assert json.loads(_run(capsys, "--json", "03.mkv")[0])["ids"] == {"tvdb": "83462"}
