"""What a check gives: one thing that was looked at, how it is, and the one thing to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Result = Literal["ok", "warning", "problem"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A line of the doctor's (interface: JSON); `cure` is "" where nothing is to be done."""

    check: str
    result: Result
    detail: str
    cure: str = ""


def ok(check: str, detail: str) -> Finding:
    """It is as it should be."""
    return Finding(check, "ok", detail)


def warning(check: str, detail: str, cure: str) -> Finding:
    """It works, but not for everything or not for ever."""
    return Finding(check, "warning", detail, cure)


def problem(check: str, detail: str, cure: str) -> Finding:
    """As long as it is so, something is not scrobbled."""
    return Finding(check, "problem", detail, cure)
