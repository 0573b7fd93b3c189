"""The machine's clock is wrong while a film plays, and right in the morning."""

from __future__ import annotations

from pathlib import Path

import pytest

from .evening import Evening, evening


def set_clock(night: Evening, by: str) -> None:
    """Every clock reading of mpv and of ours is off by so much, but for those that cannot be set."""
    library = next(
        path for root in ("/usr/lib", "/usr/local/lib") for path in Path(root).rglob("libfaketime.so.1")
    )
    night.home.environment |= {
        "LD_PRELOAD": str(library),
        "FAKETIME": by,
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }


@pytest.mark.parametrize("by", ["-400d", "-20y", "+400d", "+3m"])
def test_the_clock_was_wrong(by: str) -> None:
    """A film watched on a clock that was set wrong is told with its true time."""
    with evening() as night:
        set_clock(night, by)
        night.simkl.fail("cut")
        night.play_to_the_end(speed=4)  # a faked clock takes its time
        for name in ("LD_PRELOAD", "FAKETIME"):
            del night.home.environment[name]
        night.next_morning()
        night.check(4)
