"""`mpv-simkl history`: the user's own watch log, with or without Simkl."""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from ..journal import Journal, Row
from ..logs import shown
from ..times import read_day
from .journal import as_dict
from .words import Commands, command, json_line

COLUMNS = ("id", "watched_at", "type", "title", "year", "season", "episodes", "ids")

NOTHING_YET = "Nothing yet: what you watch in mpv and Simkl has taken stands here."


def add(commands: Commands) -> None:
    """Add the command."""
    parser = command(
        commands,
        "history",
        show,
        does="list what you watched in mpv",
        example="mpv-simkl history --since 2026-11-01",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one array of objects")
    form.add_argument("--csv", action="store_true", help="a table for a spreadsheet")
    parser.add_argument(
        "--since", type=_day, metavar="DATE", help="from that day on: 2026-11-20, yesterday, friday ..."
    )


def show(args: argparse.Namespace) -> int:
    """Print what was watched and delivered, oldest first."""
    with Journal.open() as journal:
        rows = journal.done(args.since)
        if args.json:
            print(json_line([_with_ids(row) for row in rows]))
        elif args.csv:
            _write_csv(rows)
        else:
            _write_lines(rows, "Nothing since then." if args.since else NOTHING_YET)
    return 0


def _with_ids(row: Row) -> dict[str, Any]:
    kept = {name: value for name, value in as_dict(row).items() if name not in ("attempts", "last_error")}
    return {**kept, "ids": {**row.media.ids, **(row.said.ids if row.said else {})}}


def _write_csv(rows: Iterable[Row]) -> None:
    # On Windows standard output makes "\r\n" of "\n", and of csv's own "\r\n" (docs of csv) "\r\r\n".
    writer = csv.DictWriter(sys.stdout, COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for row in rows:
        values = _with_ids(row)
        episodes = " ".join(map(str, values["episodes"]))
        ids = " ".join(f"{name}:{value}" for name, value in values["ids"].items())
        writer.writerow({**values, "title": _inert(shown(row.media.title)), "episodes": episodes, "ids": ids})


def _inert(title: str) -> str:
    """A title that no spreadsheet takes for a formula."""
    return f"'{title}" if title.startswith(("=", "+", "-", "@")) else title


def _write_lines(rows: Iterable[Row], otherwise: str) -> None:
    seen = False
    for row in rows:
        seen = True
        print(shown(f"{row.seen.at.astimezone():%Y-%m-%d %H:%M}  {row.media}"))
    if not seen:
        print(otherwise)


def _day(text: str) -> datetime:
    try:
        return read_day(text, datetime.now(UTC)) or datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError):  # OverflowError: its midnight lies in no year there is
        raise argparse.ArgumentTypeError(f"{text!r} is no date; write it as 2026-11-20") from None
