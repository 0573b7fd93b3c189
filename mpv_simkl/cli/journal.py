"""`mpv-simkl journal list|replay|retry|drop`: what was watched and is not yet at Simkl."""

from __future__ import annotations

import argparse
from collections.abc import Collection
from typing import Any

from ..bodies import stamp
from ..errors import MpvSimklError
from ..journal import Journal, Row
from ..logs import shown
from ..matching import Matcher
from ..replay import catch_up, replay_all
from .connection import connect, settings
from .words import Commands, Progress, agreed, before_the_user, command, counted, integer, json_line

_SEE_LIST = "see `mpv-simkl journal list`"


def add(commands: Commands) -> None:
    """Add the command with its own commands."""
    parser = command(
        commands,
        "journal",
        None,
        does="what was watched and is not yet at Simkl",
        example="mpv-simkl journal list",
    )
    own = parser.add_subparsers(metavar="COMMAND")
    lists = command(
        own, "list", show, does="show what waits, and why", example="mpv-simkl journal list --json"
    )
    lists.add_argument("--json", action="store_true", help="one array of objects")
    command(own, "replay", replay, does="send what waits to Simkl now", example="mpv-simkl journal replay")
    again = command(
        own, "retry", retry, does="let what was set aside wait again", example="mpv-simkl journal retry 12"
    )
    again.add_argument(
        "ids", nargs="*", type=integer, metavar="ID", help="a number from the list; without one, all"
    )
    gone = command(
        own, "drop", drop, does="delete rows that will never be sent", example="mpv-simkl journal drop 12"
    )
    gone.add_argument("ids", nargs="+", type=integer, metavar="ID", help="a number from the list")
    gone.add_argument("--yes", action="store_true", help="do not ask")


def show(args: argparse.Namespace) -> int:
    """Print what Simkl does not have yet."""
    with Journal.open() as journal:
        rows = journal.unsent()
    if args.json:
        print(json_line([as_dict(row) for row in rows]))
        return 0
    for row in rows:
        print(shown(line(row)))
    if not rows:
        print("Nothing waits: all that was watched is at Simkl.")
    return 0


def replay(_: argparse.Namespace) -> int:
    """Send what waits, batch by batch, whatever was put off too."""
    simkl = connect()
    delivered = set_aside = 0
    with Journal.open(account=simkl.owner) as journal, Progress("sent", journal.waiting()) as progress:
        journal.take_over(starting=True)
        catch_up(journal, journal.unsent)
        journal.hurry()
        matcher = Matcher(journal.titles, lambda: settings().search_file, progress.asking)
        for batch in replay_all(journal, simkl, matcher):
            delivered, set_aside = delivered + batch.delivered, set_aside + batch.set_aside
            progress.show(delivered + set_aside)
        waiting, why, aside = journal.waiting(), _why(journal), journal.set_aside()
    if delivered:
        print(f"Sent {delivered} watched.")
    elif not (waiting or set_aside):
        print("Nothing waited.")
    if waiting:
        print(shown(f"{counted(waiting, 'still waits', 'still wait')}{why}"))
    if set_aside:
        not_taken = "could not be matched or"
        print(f"{counted(set_aside, f'{not_taken} was refused', f'{not_taken} were refused')}: {_SEE_LIST}")
    elif aside:
        print(f"{counted(aside, 'was set aside', 'were set aside')} before: {_SEE_LIST}")
    return 0


def _why(journal: Journal) -> str:
    """Why the oldest of what waits and is ours does so; without a reason a player that runs is at it."""
    oldest = next((row for row in journal.unsent() if row.waits and row.is_of(journal.account)), None)
    return f": {oldest.last_error or 'left to the player that is open'}" if oldest else "."


def retry(args: argparse.Namespace) -> int:
    """Let rows wait again; they go with the next play, or with `replay`."""
    with Journal.open() as journal:
        _named(journal, args.ids)
        count = journal.retry(args.ids)
    if count:
        told = counted(count, "waits again: {} sends it", "wait again: {} sends them")
        print(f"{told.format('`mpv-simkl journal replay`')} now.")
    else:
        print("Nothing was set aside.")
    return 0


def drop(args: argparse.Namespace) -> int:
    """Delete rows, after a question."""
    with Journal.open() as journal:
        for row in _named(journal, args.ids):
            print(shown(line(row)), file=before_the_user(asks=not args.yes))
        if not args.yes and not agreed("Delete for good?"):
            raise MpvSimklError("nothing was deleted")
        print(f"{journal.drop(args.ids)} deleted.")
        if any(row.id in args.ids for row in journal.unsent()):
            print("Simkl saw the start, so it is told with the next film that this does not play any more.")
    return 0


def _named(journal: Journal, ids: Collection[int]) -> list[Row]:
    """The rows of these numbers; raises MpvSimklError for a number that none has."""
    rows = [row for row in journal.unsent() if row.id in ids]
    if missing := sorted(set(ids) - {row.id for row in rows}):
        raise MpvSimklError(f"there is no row {missing[0]} in the journal: {_SEE_LIST}")
    return rows


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


def line(row: Row) -> str:
    """A row as people read it."""
    place = f"at {row.progress:.0f} %"
    when = f"{row.watched_at.astimezone():%Y-%m-%d %H:%M}" if row.watched_at else place
    tried = f", tried {row.attempts}x" if row.attempts else ""
    why = f": {row.last_error}" if row.last_error else ""
    return f"{row.id:>4}  {when:<16}  {row.state:<9}  {row.media}{tried}{why}"
