"""docs/troubleshooting.md tells the truth: each way to fail is brought about, and what is said compared."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mpv_simkl import logs
from mpv_simkl.sandbox import Sandbox

from .harness import Home
from .leaks import no_secret_in, no_secret_in_files
from .troubles import WAYS, Case

TABLE = Path(__file__).parent.parent / "docs" / "troubleshooting.md"
ANYTHING = "…"  # stands in the table for what differs from case to case
NOTHING = "–"
ON_THE_TERMINAL = "mpv: "


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    name: str
    cause: str
    log: str
    doctor: str
    cure: str


def rows() -> list[Row]:
    """The first table's lines, without its head."""
    first = TABLE.read_text(encoding="utf-8").partition("\n## ")[0]
    lines = [line for line in first.splitlines() if line.startswith("|")]
    return [Row(*(cell.strip() for cell in line.strip("|").split("|"))) for line in lines[2:]]


@pytest.fixture
def case(simkl: Sandbox, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Case]:
    """A home in which nothing is wrong yet; what a way leaves running ends with the test."""
    monkeypatch.delenv("MPV_SIMKL_ACCESS_TOKEN", raising=False)
    home.environment |= {"HOME": str(home.folder), "MPV_HOME": str(home.mpv_dir)}
    for name in ("XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "TMPDIR"):
        home.environment.pop(name, None)
    made = Case(home, simkl, tmp_path)
    yield made
    for end in made.after:
        end()


def says(text: str, pattern: str) -> bool:
    """Is that what stands in the table, `…` being whatever it may."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split(ANYTHING))), text) is not None


def last_trouble(home: Home) -> str:
    """The last line that warns or tells what was not scrobbled, without time and number."""
    told = [re.sub(r"^\S+Z ([A-Z]+) +\d+ ", r"\1 ", line) for line in home.log.splitlines()]
    found = [line for line in told if not line.startswith("INFO ") or "not scrobbled: " in line]
    return found[-1].partition(" ")[2] if found else NOTHING


def findings(case: Case) -> list[tuple[str, str]]:
    """What the doctor says, and the cure for it."""
    done = case.home.cli("doctor", "--json")
    assert done.stderr == ""
    found = json.loads(done.stdout)
    assert done.returncode == int(any(row["result"] == "problem" for row in found))
    no_secret_in(done.stdout, case.simkl, "what the doctor says")
    return [(f"{row['result']} {row['check']}: {row['detail']}", row["cure"]) for row in found]


def test_every_way_in_the_table_is_tried() -> None:
    """Nothing stands in the table that is not brought about here, and the other way round."""
    assert [row.name for row in rows()] == list(WAYS)
    assert len(WAYS) > 30


def test_where_nothing_is_wrong_the_doctor_finds_nothing(case: Case) -> None:
    """A healthy machine has no warning but that its token is not renewed and that nothing was played yet.

    What else runs and is installed on this machine is none of ours.
    """
    unwell = [said for said, _ in findings(case) if not said.startswith(("ok ", "warning running mpv: "))]
    unwell = [said for said in unwell if "(reported" not in said and "Celluloid" not in said]
    assert [said.partition(":")[0] for said in unwell] == ["warning sign-in", "warning log"]


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.name)
def test_what_is_wrong_is_said(case: Case, row: Row) -> None:
    """The log's line and the doctor's name the cause and the cure, in the words of the table."""
    WAYS[row.name](case)
    if row.log.startswith(ON_THE_TERMINAL):
        wanted = row.log.removeprefix(ON_THE_TERMINAL)
        lines = [line.strip() for line in case.said.splitlines() if line.startswith("[simkl]")]
        assert any(says(line, f"[simkl] {wanted}") for line in lines), case.said
    else:
        assert says(last_trouble(case.home), row.log), last_trouble(case.home)
    found = findings(case)
    assert any(says(said, row.doctor) and says(cure, row.cure) for said, cure in found), found
    no_secret_in_files(case.home.folder / "log", case.simkl)


def test_the_table_names_a_cause_and_a_cure_for_everything() -> None:
    """No cell of the table is empty, and no raw control sign stands in it."""
    for row in rows():
        assert all((row.name, row.cause, row.log, row.doctor, row.cure))
        assert logs.shown(row.log) == row.log
