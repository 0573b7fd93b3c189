"""Scrobbling is paused: for one file, for an hour, or until it is resumed. The door to the file that says so.

All players of a user and `mpv-simkl status` read it. A pause for one file is only its own player's and not in
it, where it would take the place of one that holds for all.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal, get_args

from . import places

FILE = "paused.json"
HOUR = timedelta(hours=1)

Scope = Literal["file", "hour", "resumed"]
SCOPES: tuple[Scope, ...] = get_args(Scope)


@dataclass(frozen=True, slots=True)
class Pausing:
    """That nothing is scrobbled, for how long; `until` is UTC, only for an hour, `title` only for a file."""

    scope: Scope
    until: datetime | None = None
    title: str = ""

    def __str__(self) -> str:
        """How long, as a person would say it."""
        match self.scope:
            case "file":
                return f"paused for {self.title or 'this file'}"
            case "hour" if self.until:
                return f"paused until {self.until.astimezone():%H:%M}"
        return "paused until you resume it"

    @property
    def is_for_all(self) -> bool:
        """Does it hold for every player and every file."""
        return self.scope != "file"

    def holds(self, now: datetime) -> bool:
        """Is it not over by itself; an hour that a wrong clock made longer is."""
        if self.scope == "hour":
            return self.until is not None and now < self.until <= now + HOUR
        return True


def file() -> Path:
    """The file, whether or not it exists."""
    return places.data_dir() / FILE


def begin(scope: Scope, title: str, now: datetime) -> Pausing:
    """Pause from now on; for all players, unless it is for a file. Raises OSError."""
    if scope == "file":
        return Pausing(scope, title=title)
    pausing = Pausing(scope, now + HOUR if scope == "hour" else None)
    until = pausing.until.isoformat() if pausing.until else None
    text = json.dumps({"scope": scope, "until": until})
    places.write_whole(places.private_dir(places.data_dir()) / FILE, text)
    return pausing


def end() -> None:
    """Nothing is paused for all players any more. Raises OSError."""
    file().unlink(missing_ok=True)


def read(where: Path, now: datetime, before: Pausing | None = None) -> Pausing | None:
    """What is paused for all players at this time; None if nothing is, and for a file that makes no sense.
    `before` still holds where the file cannot be read: Windows lets nobody in while another one replaces it.
    """
    try:
        pausing = _pausing(places.read_json(where))
        return pausing if pausing is not None and pausing.holds(now) else None
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        return before if before is not None and before.holds(now) else None
    except (ValueError, OverflowError):  # times and numbers beyond all measure
        return None


def _pausing(told: object) -> Pausing | None:
    match told:
        case {"scope": "hour" | "resumed" as scope, "until": until}:
            moment = datetime.fromisoformat(until).astimezone(UTC) if isinstance(until, str) else None
            return Pausing(scope, moment)
    return None
