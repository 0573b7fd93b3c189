"""`mpv-simkl history`: the user's own watch log, with or without Simkl."""

from __future__ import annotations

import argparse
import csv
import re
import shutil
import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from .. import weeks
from ..journal import Journal, Row
from ..logs import shown
from ..times import read_day
from .journal import as_dict
from .words import Commands, coloured, command, json_line

COLUMNS = ("id", "watched_at", "type", "title", "year", "season", "episodes", "ids")
A_YEAR = 365  # days of a picture, unless the user says since when
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
    form.add_argument(
        "--calendar", action="store_true", help="a picture: the days of the last 12 months, or since DATE"
    )
    parser.add_argument(
        "--since", type=_day, metavar="DATE", help="from that day on: 2026-11-20, yesterday, friday ..."
    )


def show(args: argparse.Namespace) -> int:
    """Print what was watched and delivered, oldest first."""
    otherwise = "Nothing since then." if args.since else NOTHING_YET
    with Journal.open() as journal:
        rows = journal.done(args.since)
        if args.json:
            print(json_line([_with_ids(row) for row in rows]))
        elif args.csv:
            _write_csv(rows)
        elif args.calendar:
            _draw(rows, args.since, otherwise)
        else:
            _write_lines(rows, otherwise)
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


def _draw(rows: Iterable[Row], since: datetime | None, otherwise: str) -> None:
    """A picture of the days until today: of 12 months, or of all that have any since a day."""
    watched = weeks.by_day(row.seen.at for row in rows)
    today = datetime.now().astimezone().date()
    first = since.astimezone().date() if since else today - timedelta(days=A_YEAR - 1)
    shown_days = {day: count for day, count in watched.items() if first <= day <= today}
    if not shown_days:
        print("Nothing in the last 12 months." if watched and not since else otherwise)
        return
    begin = min(shown_days) if since else first
    columns = shutil.get_terminal_size().columns
    for line in weeks.picture(shown_days, begin, today, columns, _signs()):
        print(re.sub(f"[{weeks.SHADES[1:]}]+", lambda found: coloured(found[0], "green"), line))
    most = max(shown_days, key=lambda day: shown_days[day])
    print(f"{sum(shown_days.values())} watched since {first}; most on {most}: {shown_days[most]}")


def _signs() -> str:
    """Signs that this terminal has."""
    try:
        weeks.SHADES.encode(sys.stdout.encoding)
    except UnicodeEncodeError:
        return weeks.PLAIN
    return weeks.SHADES


def _day(text: str) -> datetime:
    try:
        return read_day(text, datetime.now(UTC)) or datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError):  # OverflowError: its midnight lies in no year there is
        raise argparse.ArgumentTypeError(f"{text!r} is no date; write it as 2026-11-20") from None
