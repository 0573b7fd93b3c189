"""The machine's clock is wrong while a film plays, or set then, and right in the morning."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ..harness import EPISODE_4, WITHIN, playing
from .evening import Evening, evening


@contextmanager
def false_clock(night: Evening, by: str) -> Iterator[Path]:
    """Every clock reading of our process that follows mpv is off by so much, but for those that cannot be
    set; what is written into the file sets it anew.
    """
    library = next(
        path for root in ("/usr/lib", "/usr/local/lib") for path in Path(root).rglob("libfaketime.so.1")
    )
    clock, python = night.home.folder / "clock", night.home.folder / "python"
    clock.write_text(by)
    false = {
        "LD_PRELOAD": library,
        "FAKETIME_TIMESTAMP_FILE": clock,
        "FAKETIME_NO_CACHE": 1,
        "FAKETIME_DONT_FAKE_MONOTONIC": 1,
    }
    words = " ".join(f"{name}={value}" for name, value in false.items())
    python.write_text(f'#!/bin/sh\nexec env {words} {sys.executable} "$@"\n')
    python.chmod(0o700)
    night.home.set(f"python={python}")
    yield clock
    night.home.set("")


@pytest.mark.parametrize("by", ["-400d", "-20y", "+400d", "+3m"])
def test_the_clock_was_wrong(by: str) -> None:
    """A film watched on a clock that was set wrong is told with its true time."""
    with evening() as night:
        night.simkl.fail("cut")
        with false_clock(night, by):
            night.play_to_the_end(speed=4)
        night.next_morning()
        night.check(4)


SET = {
    "back": ("+0", "-3h", "-3h"),
    "forth": ("+0", "+3h", "+3h"),
    "forth and back": ("+0", "+2d", "-2d"),
    "right": ("-400d", "-400d", "+0"),
}


@pytest.mark.parametrize("how", SET)
@pytest.mark.parametrize("simkl", ["there", "away"])
def test_the_clock_is_set_while_it_plays(how: str, simkl: str) -> None:
    """A film during which the clock is set is one watch, told with its true time."""
    first, *settings = SET[how]
    with evening() as night:
        if simkl == "away":
            night.simkl.fail("cut")
        with false_clock(night, first) as clock, playing(night.home, EPISODE_4, speed=4) as mpv:
            for place, setting in zip((6, 17), settings, strict=True):
                mpv.wait_for_position(place)
                clock.write_text(setting)
            mpv.process.wait(WITHIN)
            night.ended = datetime.now(UTC)
        night.next_morning()
        night.check(4)
