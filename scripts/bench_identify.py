#!/usr/bin/env python3
"""Measure `identify`: a name, the worst name that a fuzzer finds, the import, the memory; beside guessit's.

    scripts/bench_identify.py [--seconds N] [--seed N]

guessit's column stays empty when it is not installed. The goals are ours: what a player does not feel.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from mpv_simkl.identify import identify  # noqa: E402 - the checkout, not an installed copy
from mpv_simkl.media import Clues  # noqa: E402

Recogniser = Callable[[str], object]
GOALS = {"a name, median ms": 1.0, "worst name, ms": 20.0, "import, ms": 15.0, "memory, MB": 4.0}
PIECES = [
    "[", "]", "(", ")", "[a]", "(b)", "{c}", "【", " - ", "-", ".", "_", " ", "/", "01", "1", "S01E01",
    "E01", "1x01", "Season 1", "2010", "1080p", "x264", "a", "The", "of", "part 1", "第1話", "www.", ".com",
    "&", "%", "'", "#", "5.1",
]  # fmt: skip
PROBE = """
import resource, sys, time
sys.path.insert(0, {root!r})
began = time.perf_counter()
{statement}
cost = (time.perf_counter() - began) * 1000
{use}
with open("/proc/self/statm") as file:
    pages = int(file.read().split()[1])
print(cost, pages * resource.getpagesize() / 2**20)
"""
OURS = (
    "from mpv_simkl.identify import identify",
    "from mpv_simkl.media import Clues\n"
    "for name in ('A.Show.S01E02.720p.mkv', 'A Film (2010).mkv', '[G] A - 05 [1080p].mkv'): "
    "identify(Clues(name), this_year=2026)",
)
THEIRS = ("from guessit import guessit", "guessit('A.Show.S01E02.720p.mkv')")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--seconds", type=float, default=20.0, help="how long the fuzzer searches (default 20)"
    )
    parser.add_argument("--seed", type=int, default=1, help="which way the fuzzer goes (default 1)")
    args = parser.parse_args()
    ours = _measure(_ours, OURS, args.seconds, args.seed)
    theirs = [""] * len(ours)
    if importlib.util.find_spec("guessit"):
        from guessit import guessit

        theirs = _measure(guessit, THEIRS, args.seconds, args.seed)
    print(f"{'':20} {'goal':>8} {'identify':>10} {'guessit':>10}")
    for (what, goal), our, their in zip(GOALS.items(), ours, theirs, strict=True):
        print(f"{what:20} {goal:8.1f} {our:>10} {their:>10}")


def _ours(path: str) -> object:
    return identify(Clues(path), this_year=2026)


def _measure(recognise: Recogniser, probe: tuple[str, str], seconds: float, seed: int) -> list[str]:
    cost, memory = _import(*probe)
    figures = [_median(recognise), _worst(recognise, seconds, random.Random(seed)), cost, memory]  # noqa: S311
    return [f"{figure:.2f}" for figure in figures]


def _names() -> list[str]:
    files = sorted((ROOT / "fixtures" / "names").glob("*.jsonl"))
    rows = [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]
    return [row["path"] for row in rows if "path" in row]


def _median(recognise: Recogniser) -> float:
    names = _names()
    for name in names:
        recognise(name)
    return statistics.median(_cost(recognise, name) for name in names)


def _cost(recognise: Recogniser, name: str) -> float:
    """The least of three tries, in ms: another process must not count."""
    tries = []
    for _ in range(3):
        began = time.perf_counter()
        recognise(name)
        tries.append((time.perf_counter() - began) * 1000)
    return min(tries)


def _worst(recognise: Recogniser, seconds: float, dice: random.Random) -> float:
    """Change the worst name so far, keep what is worse; 4,000 signs at most."""
    worst, name = 0.0, ""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        candidate = _changed(name, dice)[:4000]
        try:
            cost = _cost(recognise, candidate)
        except Exception as error:
            print(f"raised {error!r} for {candidate[:80]!r}", file=sys.stderr)
            raise
        if cost > worst:
            worst, name = cost, candidate
    print(f"worst: {name[:100]!r} ({len(name)} signs)", file=sys.stderr)
    return worst


def _changed(name: str, dice: random.Random) -> str:
    if dice.random() < 0.2 or not name:
        pieces = dice.choices(PIECES, k=dice.randint(1, 4))
        return "".join(pieces) * dice.randint(1, 400)
    at = dice.randrange(len(name))
    return name[:at] + dice.choice(PIECES) * dice.randint(1, 100) + name[at + dice.randint(0, 20) :]


def _import(statement: str, use: str) -> tuple[float, float]:
    """Milliseconds of the import and megabytes after a few names, over a bare interpreter; medians of 9.

    Compiled files are written first, as an installation has them.
    """
    with tempfile.TemporaryDirectory() as cache:
        _probe(statement, use, cache)
        full = [_probe(statement, use, cache) for _ in range(9)]
        bare = [_probe("pass", "pass", cache) for _ in range(9)]
    cost, memory = (statistics.median(figures) for figures in zip(*full, strict=True))
    return cost, memory - statistics.median(memory for _, memory in bare)


def _probe(statement: str, use: str, cache: str) -> tuple[float, float]:
    code = PROBE.format(root=str(ROOT), statement=statement, use=use)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-X", f"pycache_prefix={cache}", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    cost, memory = done.stdout.split()
    return float(cost), float(memory)


if __name__ == "__main__":
    main()
