"""Every name of `fixtures/names` is taken for what it is; each file stands for one habit of naming."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mpv_simkl.identify import identify
from mpv_simkl.media import Clues

CLASSES = sorted((Path(__file__).parents[2] / "fixtures" / "names").glob("*.jsonl"))
THIS_YEAR = 2026


def _cases(file: Path) -> list[Any]:
    _, *lines = file.read_text("utf-8").splitlines()
    return [pytest.param(json.loads(line), id=f"{file.stem}:{number}") for number, line in enumerate(lines)]


@pytest.mark.parametrize("file", CLASSES, ids=lambda file: file.stem)
def test_each_class_says_which_habit_it_stands_for(file: Path) -> None:
    """The first line of a class of names is a sentence on the habit."""
    assert json.loads(file.read_text("utf-8").splitlines()[0])["habit"].endswith(".")


@pytest.mark.parametrize("case", [case for file in CLASSES for case in _cases(file)])
def test_a_name_is_taken_for_what_it_is(case: dict[str, Any]) -> None:
    """What a person reads in the name is what we read."""
    verdict = identify(Clues(case["path"]), this_year=THIS_YEAR)
    expected = dict(case["expect"])
    if expected["type"] == "unknown":
        assert verdict.media is None
        assert expected["why"] in verdict.reason
        return
    assert verdict.media is not None, verdict.reason
    got = verdict.media.as_dict()
    assert {field: got[field] for field in expected} == expected
