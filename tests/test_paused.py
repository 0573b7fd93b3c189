"""Scrobbling is paused: for how long, for whom, and whatever may stand in the file that says so."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpv_simkl import paused
from mpv_simkl.paused import HOUR, Scope

from .makers import NOW


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of our own; gives the file in it."""
    monkeypatch.setenv("MPV_SIMKL_HOME", str(tmp_path))
    return tmp_path / "data" / paused.FILE


@pytest.mark.parametrize(
    ("scope", "said", "is_for_all"),
    [
        ("file", "paused for Arrival (2016)", False),
        ("hour", "paused until ", True),
        ("resumed", "paused until you resume it", True),
    ],
)
def test_what_is_begun_is_read_by_everybody(scope: Scope, said: str, is_for_all: bool) -> None:
    """The status and every player know of it, until it is ended."""
    begun = paused.begin(scope, "Arrival (2016)", NOW)
    found = paused.read(NOW)
    assert found == begun
    assert str(found).startswith(said)
    assert found is not None
    assert found.is_for_all is is_for_all
    paused.end()
    paused.end()
    assert paused.read(NOW) is None


def test_an_hour_is_an_hour() -> None:
    """After it scrobbling goes on by itself; without an end it does not."""
    paused.begin("hour", "", NOW)
    assert paused.read(NOW + HOUR - timedelta(seconds=1)) is not None
    assert paused.read(NOW + HOUR) is None
    paused.begin("resumed", "", NOW)
    assert paused.read(NOW + 1000 * HOUR) is not None


def test_the_pause_of_a_file_goes_with_its_player(home: Path) -> None:
    """A player that was killed leaves nothing paused."""
    gone = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    paused.begin("file", "x", NOW)
    assert paused.read(NOW) is not None
    told = json.loads(home.read_text())
    assert told["pid"] == os.getpid()
    for pid in (int(gone.stdout), 0, -1):  # by the last two the system knows more processes than one
        home.write_text(json.dumps({**told, "pid": pid}))
        assert paused.read(NOW) is None


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["scope", "until", "title", "pid"]), inner)
    ),
    max_leaves=10,
)


@given(anything, st.sampled_from(["file", "hour", "resumed", "x"]))
def test_a_file_that_makes_no_sense_pauses_nothing_and_breaks_nothing(told: Any, scope: str) -> None:
    """Whatever stands there, reading it raises nothing."""
    file = paused._file()
    file.parent.mkdir(exist_ok=True, parents=True)
    huge = {"scope": scope, "title": "", "pid": 10**30, "until": "0001-01-01T00:00:00+23:00"}
    for text in (
        json.dumps(told),
        json.dumps(huge),
        json.dumps({"scope": scope, "title": "", "pid": 1, "until": told}),
        "[" * 9000,
    ):
        file.write_text(text, encoding="utf-8")
        str(paused.read(NOW))
