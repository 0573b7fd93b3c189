"""`mpv-simkl identify`: what we take a file for, and why."""

from __future__ import annotations

import argparse
import os
from datetime import UTC, datetime
from pathlib import Path

from ..identify import Reason, Verdict, identify
from ..logs import shown
from ..media import Clues, Media, without_secrets
from ..sidecars import read_sidecars
from .words import Commands, columns_of, command, json_line

UNKNOWN = Media("episode", "")  # of which nothing is known


def add(commands: Commands) -> None:
    """Add the command."""
    parser = command(
        commands,
        "identify",
        show,
        does="tell which film or episode a file is taken for",
        example='mpv-simkl identify --why "The Show (2019)/Season 02/03 - Name.mkv"',
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    parser.add_argument("--why", action="store_true", help="tell which source said what, and which won")
    parser.add_argument("paths", metavar="PATH", nargs="+", help="a path or URL; the file need not exist")


def show(args: argparse.Namespace) -> int:
    """Print one answer for each path; not to know is an answer too."""
    for path in args.paths:
        verdict = taken_for(path)
        if args.json:
            print(json_line(as_row(path, verdict)))
            continue
        print(shown(headline(verdict) + (f"  [{path}]" if len(args.paths) > 1 else "")))
        if args.why:
            print("\n".join(f"  {line}" for line in why(verdict)))
    return 0


def headline(verdict: Verdict) -> str:
    """One line: "The Show (2019) S01E02", or why it is neither a film nor an episode."""
    return str(verdict.media) if verdict.media else f"unknown: {verdict.reason}"


def why(verdict: Verdict) -> list[str]:
    """The reasons as aligned lines: what won, the field, the value, who said it, and how."""
    rows = [[shown(cell) for cell in _cells(reason)] for reason in verdict.why]
    widths = [max(map(columns_of, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map(_padded, row, widths)).rstrip() for row in rows]


def _padded(text: str, width: int) -> str:
    return text + " " * (width - columns_of(text))


def _cells(reason: Reason) -> tuple[str, ...]:
    return "+" if reason.won else "-", reason.field, reason.value, reason.source, reason.sentence


def taken_for(path: str) -> Verdict:
    """What we take a file for; of one that is there, or named from the root on, all folders speak too."""
    if os.path.isfile(path):  # noqa: PTH113 - never raises
        path = whole(path)
    return identify(Clues(_heard(path), sidecars=read_sidecars(path)), this_year=datetime.now(UTC).year)


def as_played(path: str) -> str:
    """A path as our process beside mpv hears of it, from the root on."""
    return without_secrets(_heard(whole(path)))


def whole(path: str) -> str:
    """A path from the root on; an address as it is."""
    if "://" in path or Path(path).is_absolute():
        return path
    return os.path.normpath(Path.cwd() / path)


def _heard(path: str) -> str:
    """Without what is no UTF-8, which mpv's answers do not bring us."""
    return os.fsencode(path).decode("utf-8", "ignore")


def as_row(path: str, verdict: Verdict) -> dict[str, object]:
    """The answer as `identify --json` prints it; what is not known is null, [] or {} (interface, JSON)."""
    media = verdict.media or verdict.about or UNKNOWN
    return {"path": path, **media.as_dict(), "title": media.title or None, "type": verdict.type}
