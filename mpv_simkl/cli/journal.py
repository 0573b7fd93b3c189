"""`mpv-simkl journal list|replay`: what was watched and is not yet at Simkl."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from .. import auth, config, installation, places
from ..bodies import stamp
from ..delivery import replay_batch
from ..journal import Journal, Row
from ..logs import shown
from ..pace import Pace
from .words import Commands, command


def add(commands: Commands) -> None:
    """Add the command with its own commands."""
    parser = command(
        commands,
        "journal",
        None,
        does="what was watched and is not yet at Simkl",
        example="mpv-simkl journal list",
    )
    own = parser.add_subparsers(metavar="COMMAND", required=True)
    lists = command(
        own, "list", show, does="show what waits, and why", example="mpv-simkl journal list --json"
    )
    lists.add_argument("--json", action="store_true", help="one array of objects")
    command(own, "replay", replay, does="send what waits to Simkl now", example="mpv-simkl journal replay")


def show(args: argparse.Namespace) -> int:
    """Print what Simkl does not have yet."""
    with Journal.open() as journal:
        rows = journal.unsent()
    if args.json:
        print(json.dumps([as_dict(row) for row in rows], ensure_ascii=False))
        return 0
    for row in rows:
        print(shown(_line(row)))
    if not rows:
        print("Nothing waits: all that was watched is at Simkl.")
    return 0


def replay(_: argparse.Namespace) -> int:
    """Send what waits, batch by batch."""
    settings = config.load_strictly(installation.current_dir() / config.CONF)
    who = auth.credentials(settings.client_id)
    from ..simkl import Simkl

    with Journal.open() as journal:
        before = len(journal.waiting())
        simkl = Simkl(who, Pace(places.data_dir()))
        while replay_batch(journal, simkl):
            if sys.stderr.isatty():
                print(f"\r{before - len(journal.waiting())} of {before}", end="", file=sys.stderr)
        apart = [row for row in journal.unsent() if row.state in ("not_found", "refused")]
    print(f"Sent {before} watched." if before else "Nothing waited.")
    if apart:
        print(f"{len(apart)} could not be matched or were refused: see mpv-simkl journal list")
    return 0


def as_dict(row: Row) -> dict[str, Any]:
    """A row as scripts read it (interface: JSON)."""
    media = row.media
    return {
        "id": row.id,
        "type": media.type,
        "title": media.title,
        "year": media.year,
        "season": media.season,
        "episodes": list(media.episodes or media.absolute_episodes),
        "watched_at": stamp(row.watched_at) if row.watched_at else None,
        "state": row.state,
        "attempts": row.attempts,
        "last_error": row.last_error,
    }


def _line(row: Row) -> str:
    when = (
        row.watched_at.astimezone().strftime("%Y-%m-%d %H:%M")
        if row.watched_at
        else f"at {row.progress:.0f} %"
    )
    tried = f", tried {row.attempts}x" if row.attempts else ""
    why = f": {row.last_error}" if row.last_error else ""
    return f"{row.id:>4}  {when:<16}  {row.state:<9}  {row.media}{tried}{why}"
