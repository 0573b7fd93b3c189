"""The clips that the other tests play, and the one that `mpv-simkl try` plays."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent


class Listed(NamedTuple):
    """One line of `scripts/make-fixtures --list`."""

    kind: str
    seconds: int
    path: Path


def output_of(*command: str | Path) -> list[str]:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


def listed() -> list[Listed]:
    lines = output_of(sys.executable, ROOT / "scripts/make-fixtures", "--list")
    rows = [line.split("\t") for line in lines]
    return [Listed(kind, int(seconds), ROOT / path) for kind, seconds, path in rows]


def probed(path: Path, *what: str) -> list[str]:
    return output_of("ffprobe", "-v", "error", *what, "-of", "csv=print_section=0", path)


def duration(path: Path) -> float:
    return float(probed(path, "-show_entries", "format=duration")[0])


def packets(path: Path) -> Sequence[tuple[float, bool]]:
    """Each picture's time in seconds, and whether a seek can land on it."""
    lines = probed(path, "-select_streams", "v:0", "-show_entries", "packet=pts_time,flags")
    rows = [line.split(",") for line in lines]
    return [(float(row[0]), "K" in row[1]) for row in rows]


CLIPS = listed()
PLAYABLE = [clip for clip in CLIPS if clip.kind in ("video", "truncated")]


def named(clip: Listed) -> str:
    return clip.path.name


def test_every_clip_of_the_list_is_there_and_no_other() -> None:
    """Whoever clones the repository has each clip that the script makes, and none that it does not."""
    folders = (ROOT / "fixtures/clips", ROOT / "mpv_simkl/clips")
    found = {path for folder in folders for path in folder.rglob("*") if path.is_file()}
    assert found == {clip.path for clip in CLIPS}


def test_the_clips_are_small() -> None:
    """Cloning takes no longer for the clips: none has more than 100 kB, all have less than 1 MB."""
    sizes = [clip.path.stat().st_size for clip in CLIPS]
    assert max(sizes) < 100_000
    assert sum(sizes) < 1_000_000


@pytest.mark.parametrize("clip", PLAYABLE, ids=named)
def test_a_seek_can_land_on_each_second(clip: Listed) -> None:
    """A test may seek to any whole second and be there, not at the start."""
    seen = packets(clip.path)
    last, _ = seen[-1]
    assert [at for at, key in seen if key] == pytest.approx(list(range(int(last) + 1)), abs=0.01)


@pytest.mark.parametrize("clip", [clip for clip in CLIPS if clip.seconds], ids=named)
def test_a_clip_is_as_long_as_the_list_says(clip: Listed) -> None:
    """A test that plays half of a clip knows how long that takes."""
    assert duration(clip.path) == pytest.approx(clip.seconds, abs=0.2)


@pytest.mark.parametrize("clip", PLAYABLE, ids=named)
def test_only_the_truncated_clip_ends_before_its_time(clip: Listed) -> None:
    """The truncated clip promises more than it holds, as a broken download does; the others are whole."""
    last, _ = packets(clip.path)[-1]
    assert (last < clip.seconds / 2) == (clip.kind == "truncated")
