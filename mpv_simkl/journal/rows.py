"""The rows of the journal: what a viewing's columns mean, and whose it is."""

from __future__ import annotations

import json
import logging
import os
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from .. import clocks, processes
from ..clocks import Stamp
from ..media import Media, without_secrets
from ..model import Scrobble

log = logging.getLogger(__name__)

LATEST = 60.0  # seconds between a fact and its row: a busy disk; more is a clock that was set
LONGEST_CLAIM = 3600.0  # seconds; a batch is one call, which takes minutes at the worst (simkl-api 13)

State = Literal["open", "waiting", "sending", "done", "not_found", "doubtful", "refused"]
Settled = Literal["done", "not_found", "doubtful", "refused"]
UNSENT = ("open", "waiting", "sending", "not_found", "doubtful", "refused")
SET_ASIDE = ("not_found", "doubtful", "refused")
OURS = "(account IS NULL OR account IS ?)"  # a condition of a query: Row.is_of


@dataclass(frozen=True, slots=True)
class Row:
    """One viewing as the journal holds it; `watched_at` is UTC, None while it would be no watch.

    `media` is what the file is taken for, `said` what Simkl is told of, None until that is sure; `path` is
    for this machine alone, `recognised` what the file's names say, whatever the user said of it, and `title`
    the key of that. `told`: Simkl may have heard of it, `told_as` as what, if the user has said since that it
    is something else. `account`: whose it is, None if that is not known.
    """

    id: int
    name: str
    media: Media
    state: State
    watched_at: datetime | None
    seen: Stamp
    progress: float
    attempts: int
    last_error: str | None
    path: str
    title: str
    said: Media | None
    told: bool
    told_as: Media | None
    account: str | None = None
    recognised: Media | None = None

    @property
    def waits(self) -> bool:
        """Is it a watch that Simkl has yet to be told of, now or later."""
        return self.state in ("waiting", "sending") and self.watched_at is not None

    def is_of(self, account: str | None) -> bool:
        """Is it that account's to send: its own, or nobody's."""
        return self.account in (None, account)


# Columns


def as_columns(scrobble: Scrobble, account: str | None, player: str) -> dict[str, object]:
    """What a scrobble makes of its row."""
    at, recognised = as_text(scrobble.at), scrobble.recognised if scrobble.corrected else scrobble.media
    return {
        **as_place(scrobble, account),
        "media": as_json(scrobble.media),
        "state": "waiting" if scrobble.ended else "open",
        "watched_at": at if scrobble.watched else None,
        "pid": os.getpid(),
        "clock": processes.boot_id(),
        "boot": processes.own_mark(),
        "path": scrobble.path,
        "title": scrobble.title,
        "said": as_json(scrobble.media) if scrobble.corrected else None,
        "player": player,
        "recognised": as_json(recognised) if recognised else None,
    }


def as_place(scrobble: Scrobble, account: str | None) -> dict[str, object]:
    """What a scrobble says of where its viewing stands, and for which row."""
    present = clocks.now()
    late = (present.at - scrobble.at).total_seconds()
    return {
        "name": scrobble.viewing,
        "account": account,
        "at": as_text(scrobble.at),
        "uptime": present.uptime - (late if 0 < late < LATEST else 0.0),
        "progress": scrobble.progress,
        "played": scrobble.played,
    }


def readable(found: Iterable[sqlite3.Row]) -> Iterator[Row]:
    """The rows that make sense; one that was damaged stays where it is and stops none of the others."""
    for columns in found:
        try:
            yield read_row(columns)
        except (ValueError, TypeError) as error:
            log.warning("row %s of the journal is not readable: %s", columns["id"], error)


def read_row(columns: sqlite3.Row) -> Row:
    """The viewing that a row holds. Raises ValueError or TypeError for a damaged one."""
    watched_at = columns["watched_at"]
    return Row(
        id=columns["id"],
        name=columns["name"],
        media=as_media(columns["media"]),
        state=columns["state"],
        watched_at=None if watched_at is None else datetime.fromisoformat(watched_at),
        seen=Stamp(datetime.fromisoformat(columns["seen_at"]), columns["clock"], columns["uptime"]),
        progress=columns["progress"],
        attempts=columns["attempts"],
        last_error=columns["last_error"],
        path=without_secrets(columns["path"]),  # an older version kept them
        title=columns["title"],
        said=_media_or_none(columns["said"]),
        told=bool(columns["told"]),
        told_as=_media_or_none(columns["told_as"]),
        account=columns["account"],
        recognised=_media_or_none(columns["recognised"]),
    )


def as_json(media: Media) -> str:
    """As a column holds it."""
    return json.dumps(media.as_dict())


def as_media(text: str) -> Media:
    """What a column holds. Raises ValueError or TypeError for a damaged one."""
    return Media.from_dict(json.loads(text))


def _media_or_none(text: str | None) -> Media | None:
    return as_media(text) if text else None


def as_text(when: datetime) -> str:
    """A time as a column holds it: UTC, ISO 8601 with Z."""
    return when.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


# Whose it is


def with_another(columns: sqlite3.Row) -> bool:
    """Does a row belong to another process that lives and may still have to do with it."""
    return is_of_another(columns) and not _is_given_up(columns)


def is_of_another(columns: sqlite3.Row) -> bool:
    """Does a row belong to another process that lives."""
    pid: int = columns["pid"]
    return pid != os.getpid() and processes.runs(pid, columns["boot"])


def _is_given_up(columns: sqlite3.Row) -> bool:
    """Is it long since a process should have told Simkl: it could not write down that it has, or it is known
    by its number only, which another program may have by now.
    """
    state, is_only_a_number = columns["state"], columns["boot"] == processes.boot_id()
    since = {"open": None, "sending": columns["next_try"]}.get(state, columns["seen_at"])
    return bool((state == "sending" or is_only_a_number) and abs(seconds_until(since)) > LONGEST_CLAIM)


def seconds_until(when: str | None) -> float:
    """0.0 for no time, and for one that is damaged."""
    try:
        return (datetime.fromisoformat(when) - datetime.now(UTC)).total_seconds() if when else 0.0
    except (ValueError, TypeError):
        return 0.0


def is_mine(columns: sqlite3.Row) -> bool:
    """Does a row belong to this process."""
    return bool(columns["pid"] == os.getpid() and columns["boot"] == processes.own_mark())


def is_on_its_way(columns: sqlite3.Row) -> bool:
    """Is another player that lives telling Simkl of it, or about to."""
    may_be = {"waiting": is_being_told, "sending": with_another}.get(columns["state"])
    return may_be is not None and may_be(columns)


def is_being_told(columns: sqlite3.Row) -> bool:
    """Has another player that lives yet to tell Simkl of it for the first time."""
    return columns["attempts"] == 0 and with_another(columns)
