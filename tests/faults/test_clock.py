"""The machine's clock is wrong while a film plays, or set then, and right in the morning."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ..harness import EPISODE_4
from .evening import TITLE, Evening, evening

# Starts us as the loader does. Python sleeps until a moment, libfaketime 0.9.10 takes that moment for a false
# one and fails; `select` is given a length of time.
AWAKE = """
import runpy, select, sys, time
time.sleep = lambda seconds: select.select([], [], [], seconds) and None
del sys.argv[: sys.argv.index("mpv_simkl")]
runpy.run_module("mpv_simkl", run_name="__main__", alter_sys=True)
"""

MOST = 3


@contextmanager
def false_clock(night: Evening, by: str) -> Iterator[Path]:
    """Every clock reading of our process that follows mpv is off by so much, but for those that cannot be
    set; what is written into the file sets it anew.
    """
    library = next(
        path for root in ("/usr/lib", "/usr/local/lib") for path in Path(root).rglob("libfaketime.so.1")
    )
    clock, python, awake = (night.home.folder / name for name in ("clock", "python", "awake.py"))
    clock.write_text(by)
    awake.write_text(AWAKE)
    false = {
        "LD_PRELOAD": library,
        "FAKETIME_TIMESTAMP_FILE": clock,
        "FAKETIME_NO_CACHE": 1,
        "FAKETIME_FORCE_MONOTONIC_FIX": 0,  # with it threads wait for each other for seconds
        "FAKETIME_DONT_FAKE_MONOTONIC": 1,
    }
    words = " ".join(f"{name}={value}" for name, value in false.items())
    python.write_text(f'#!/bin/sh\nexec env {words} {sys.executable} -I {awake} "$@"\n')
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
        night.check(4, most=MOST)


CLOCK = "this machine's clock is "
SET = {
    "back": ("+0", "-3h", "-3h"),
    "forth": ("+0", "+3h", "+3h"),
    "forth and back": ("+0", "+2d", "-2d"),
    "right, from behind": ("-400d", "-400d", "+0"),
    "right, from ahead": ("+3h", "+3h", "+0"),
}


@pytest.mark.parametrize("how", SET)
@pytest.mark.parametrize("simkl", ["there", "away"])
def test_the_clock_is_set_while_it_plays(how: str, simkl: str) -> None:
    """A film during which the clock is set is one watch, told with its true time: at once if Simkl is there,
    and in the morning if it is away.
    """
    first, *settings = SET[how]
    with evening() as night:
        if simkl == "away":
            night.simkl.fail("cut")
        with false_clock(night, first) as clock, night.playing(EPISODE_4, speed=1) as mpv:
            night.simkl.expect(1, "/scrobble/start")
            mpv.set("speed", 4)
            for place, setting in zip((10, 17), settings, strict=True):
                mpv.wait_for_position(place)
                clock.write_text(setting)
            night.until_its_end(mpv)
        assert night.watched == ([(TITLE, 4)] if simkl == "there" else []), night.home.log
        assert (CLOCK in night.home.log) is (simkl == "there"), night.home.log
        night.next_morning()
        night.check(4, most=MOST)
