"""Scrobbling is paused: for how long, for whom, and whatever may stand in the file that says so."""

from __future__ import annotations

import json
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
    ("scope", "said"), [("hour", "paused until "), ("resumed", "paused until you resume it")]
)
def test_what_is_begun_is_read_by_everybody(scope: Scope, said: str) -> None:
    """The status and every player know of it, until it is ended."""
    begun = paused.begin(scope, "Arrival (2016)", NOW)
    found = paused.read(paused.file(), NOW)
    assert found == begun
    assert found is not None
    assert found.is_for_all
    assert str(found).startswith(said)
    paused.end()
    paused.end()
    assert paused.read(paused.file(), NOW) is None


def test_an_hour_is_an_hour() -> None:
    """After it scrobbling goes on by itself; without an end it does not."""
    paused.begin("hour", "", NOW)
    assert paused.read(paused.file(), NOW + HOUR - timedelta(seconds=1)) is not None
    assert paused.read(paused.file(), NOW + HOUR) is None
    paused.begin("resumed", "", NOW)
    assert paused.read(paused.file(), NOW + 1000 * HOUR) is not None


def test_one_film_left_out_is_nobody_elses_matter(home: Path) -> None:
    """Whoever leaves one film out in one player changes nothing of what is paused for all of them."""
    begun = paused.begin("file", "Arrival (2016)", NOW)
    assert str(begun) == "paused for Arrival (2016)"
    assert not begun.is_for_all
    assert not home.exists()
    everywhere = paused.begin("resumed", "", NOW)
    paused.begin("file", "Arrival (2016)", NOW)
    assert paused.read(paused.file(), NOW) == everywhere


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["scope", "until"]), inner),
    max_leaves=10,
)


@given(anything, st.sampled_from(["file", "hour", "resumed", "x"]))
def test_a_file_that_makes_no_sense_pauses_nothing_and_breaks_nothing(told: Any, scope: str) -> None:
    """Whatever stands there, reading it raises nothing."""
    file = paused.file()
    file.parent.mkdir(exist_ok=True, parents=True)
    huge = {"scope": scope, "until": "0001-01-01T00:00:00+23:00"}
    for text in (json.dumps(told), json.dumps({"scope": scope, "until": told})):
        file.write_text(text, encoding="utf-8")
        str(paused.read(paused.file(), NOW))
    for text in (json.dumps(huge), "[" * 9000):
        file.write_text(text, encoding="utf-8")
        assert paused.read(paused.file(), NOW) is None
