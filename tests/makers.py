"""Small things that many tests need: titles that the sandbox knows, scrobbles, a connection to it."""

from __future__ import annotations

import pwd
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mpv_simkl import processes
from mpv_simkl.auth import Credentials
from mpv_simkl.journal import FILE
from mpv_simkl.media import Media
from mpv_simkl.model import Action, Scrobble
from mpv_simkl.pace import Pace
from mpv_simkl.sandbox import Sandbox
from mpv_simkl.simkl import Simkl

NOW = datetime(2026, 11, 20, 21, 4, tzinfo=UTC)

FILM = Media("movie", "Arrival", 2016)
EPISODE = Media("episode", "Severance", 2022, season=1, episodes=(3,))
DOUBLE = Media("episode", "Severance", 2022, season=1, episodes=(3, 4))
ANIME = Media("episode", "One Piece", absolute_episodes=(96,), anime=True)
UNKNOWN_FILM = Media("movie", "Nobody Has Heard Of This", 1931)
UNKNOWN_EPISODE = EPISODE._replace(episodes=(99,))


def heard(
    action: Action = Action.START,
    media: Media = EPISODE,
    viewing: str = "evening",
    *,
    progress: float = 0.0,
    watched: bool = False,
    ended: bool = False,
    minutes: float = 0.0,
) -> Scrobble:
    """A scrobble so many minutes after NOW."""
    at = NOW + timedelta(minutes=minutes)
    return Scrobble(action, media, viewing, progress, progress, watched, ended, at)


def watch(media: Media = EPISODE, viewing: str = "evening", *, minutes: float = 0.0) -> Scrobble:
    """The stop at the end of a viewing that is a watch."""
    return heard(Action.STOP, media, viewing, progress=100, watched=True, ended=True, minutes=minutes)


def no_sleep(_: float) -> None:
    """For what would wait: time does not matter here."""


def connect(simkl: Sandbox, pace: Pace | None = None, sleep: Callable[[float], None] = no_sleep) -> Simkl:
    """A connection to the sandbox that never waits."""
    who = Credentials(simkl.url, simkl.client_id, simkl.access_token)
    return Simkl(who, pace or Pace(None, sleep=no_sleep), sleep)


def player_is_gone(data: Path) -> None:
    """What stands in the journal was left there before the machine was started: this process is no player."""
    with closing(sqlite3.connect(data / FILE)) as db, db:
        db.execute("UPDATE viewing SET boot = 'an earlier day', clock = 'an earlier day'")


def belongs_to(pid: int, folder: Path) -> None:
    """All that the journal holds is that process's."""
    with sqlite3.connect(folder / FILE) as db:
        db.execute("UPDATE viewing SET pid = ?, boot = ?", (pid, processes.mark(pid)))
    db.close()


def without_a_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on this user has no home folder: neither HOME nor an entry in the table of users."""
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr(pwd, "getpwuid", {}.__getitem__)  # KeyError, as for a number that is nobody's
