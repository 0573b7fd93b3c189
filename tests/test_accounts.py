"""Whose watches they are, when somebody signs out or somebody else signs in while mpv is open."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from mpv_simkl import app, auth, places
from mpv_simkl.config import Settings
from mpv_simkl.delivery import Sender
from mpv_simkl.model import Action, Scrobble
from mpv_simkl.outbox import Outbox
from mpv_simkl.pace import Pace
from mpv_simkl.sandbox import ACCOUNT, Sandbox

from .makers import EPISODE, FILM, heard, no_sleep, player_is_gone, watch
from .signing_in import sign_in_as

SOMEBODY_ELSE = 7


class Window:
    """A window of mpv that stays open, whoever signs in."""

    def __init__(self, simkl: Sandbox, folder: Path) -> None:
        self._simkl = simkl
        self._folder = folder
        self.sign_in(ACCOUNT)
        self.open()

    def open(self) -> None:
        """A new one, in place of the one before."""
        journal = self.journal = app._journal(Settings())
        self._sender = Sender(Outbox(), journal, lambda: app._connect(Settings(), journal))

    def close(self) -> None:
        """It is gone."""
        self.journal.__exit__(None, None, None)
        player_is_gone(self._folder)

    def sign_in(self, account: int) -> None:
        """Somebody signs in, in a terminal."""
        self._token = sign_in_as(self._simkl, timedelta(days=6), account).access_token

    def sign_out(self) -> None:
        """They sign out there."""
        self._simkl.revoke(self._token)
        auth.forget()

    def tell(self, *scrobbles: Scrobble) -> None:
        """What happens in it."""
        for scrobble in scrobbles:
            self.journal.record(scrobble)
            self._sender._deliver(scrobble)

    def watched_by(self, account: int) -> list[str]:
        """The titles that are in somebody's history at Simkl."""
        return [each.title for each in self._simkl.library(account).watched.values()]


@pytest.fixture
def window(hasty: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Window]:
    """A window of somebody who is signed in."""
    monkeypatch.setenv(places.HOME, str(tmp_path))
    monkeypatch.setenv("MPV_SIMKL_API_URL", hasty.url)
    monkeypatch.setattr("mpv_simkl.app.Pace", lambda _: Pace(None, sleep=no_sleep))
    window = Window(hasty, places.data_dir())
    yield window
    window.journal.__exit__(None, None, None)


def at(action: Action, progress: float) -> Scrobble:
    """A film stands there."""
    return heard(action, FILM, "film", progress=progress, watched=progress >= 80)


def test_a_film_that_was_begun_for_one_account_does_not_end_in_another(window: Window) -> None:
    """Somebody else signs in during a film, which is paused near its end and closed: it waits for the account
    that it was begun for, and is recorded there.
    """
    window.tell(at(Action.START, 0))
    window.sign_out()
    window.sign_in(SOMEBODY_ELSE)
    window.tell(at(Action.PAUSE, 90), watch(FILM, "film"))
    assert window.watched_by(SOMEBODY_ELSE) == []
    window.close()
    window.sign_in(ACCOUNT)
    window.open()
    window.tell(heard(Action.START, EPISODE, "next"))
    window._sender._replay()
    assert (window.watched_by(ACCOUNT), window.watched_by(SOMEBODY_ELSE)) == (["Arrival"], [])


def test_a_film_that_goes_on_for_another_account_is_that_ones(window: Window) -> None:
    """Somebody else signs in during a film and lets it go on: it is theirs from then on, also if its end
    does not reach Simkl at once.
    """
    window.tell(at(Action.START, 0))
    window.sign_out()
    window.sign_in(SOMEBODY_ELSE)
    window.tell(at(Action.PAUSE, 40), at(Action.START, 40))
    window._simkl.fail("cut", path="/scrobble/stop")
    window.tell(watch(FILM, "film"))
    assert [row.state for row in window.journal.unsent()] == ["waiting"]
    window._sender._replay()
    assert (window.watched_by(ACCOUNT), window.watched_by(SOMEBODY_ELSE)) == ([], ["Arrival"])


def test_what_is_watched_after_a_sign_out_is_of_whoever_signs_in(window: Window) -> None:
    """A window stays open after a sign-out: what is watched there, and before anybody signs in, goes to the
    one who does, as it would from a new window.
    """
    window.tell(heard(Action.START), watch())
    window.sign_out()
    window.tell(at(Action.START, 0), watch(FILM, "film"))
    window.sign_in(SOMEBODY_ELSE)
    window._sender._replay()
    assert (window.watched_by(ACCOUNT), window.watched_by(SOMEBODY_ELSE)) == (["Severance"], ["Arrival"])


def test_what_is_watched_after_a_sign_in_has_ended_is_of_that_account(window: Window, hasty: Sandbox) -> None:
    """Simkl ends a sign-in, and nobody signed out: what is watched then waits for that account."""
    window.tell(heard(Action.START), watch())
    kept = auth.load()
    assert kept is not None
    auth.save(kept.ended())
    hasty.revoke(kept.access_token)
    window.tell(at(Action.START, 0), watch(FILM, "film"))
    window.sign_in(SOMEBODY_ELSE)
    window._sender._replay()
    assert window.watched_by(SOMEBODY_ELSE) == []
