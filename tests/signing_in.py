"""What the tests of signing in share: a Simkl that nobody has signed in to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mpv_simkl import auth, login, places
from mpv_simkl.auth import Grant, SignIn
from mpv_simkl.oauth import Code
from mpv_simkl.sandbox import ACCOUNT, Call, Sandbox

from .leaks import no_secret_in_files
from .sandbox_talk import Clock


class Newcomer:
    """Somebody with a data folder of their own, who has not signed in yet; waiting takes no time."""

    def __init__(self, folder: Path, simkl: Sandbox, clock: Clock) -> None:
        self.folder, self.simkl, self.clock = folder, simkl, clock
        self.waits: list[float] = []

    def pause(self, seconds: float) -> None:
        """Wait, on the sandbox's clock."""
        self.waits.append(seconds)
        self.clock.step(seconds=seconds)

    def sign_in(self, account: int = ACCOUNT) -> SignIn:
        """Confirm the code at once."""
        return login.sign_in(
            self.simkl.url,
            self.simkl.client_id,
            lambda code: self.simkl.approve(code.user_code, account),
            self.pause,
            self.clock.seconds,
        )

    def wait_in_vain(self) -> SignIn:
        """Never confirm it."""
        return login.sign_in(
            self.simkl.url, self.simkl.client_id, lambda _: None, self.pause, self.clock.seconds
        )

    def confirm_later(self, after: int) -> SignIn:
        """Confirm the code while the program waits for the poll after so many."""
        codes: list[Code] = []

        def pause(seconds: float) -> None:
            if len(self.waits) == after:
                self.simkl.approve(codes[0].user_code)
            self.pause(seconds)

        return login.sign_in(self.simkl.url, self.simkl.client_id, codes.append, pause, self.clock.seconds)

    def polls(self) -> list[Call]:
        """The polls and renewals that Simkl heard."""
        return [call for call in self.simkl.calls if call.path == "/oauth2/token"]


@contextmanager
def newcomer(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Newcomer]:
    """A newcomer and a Simkl; whatever was written in the folder is searched for secrets at the end."""
    clock = Clock()
    with Sandbox(clock=clock, timer=clock.seconds, throttle=False) as simkl:
        monkeypatch.setenv(places.HOME, str(folder))
        monkeypatch.setenv("MPV_SIMKL_API_URL", simkl.url)
        monkeypatch.delenv("MPV_SIMKL_ACCESS_TOKEN", raising=False)
        monkeypatch.delenv("MPV_SIMKL_CLIENT_ID", raising=False)
        yield Newcomer(folder, simkl, clock)
        no_secret_in_files(folder, simkl)


def sign_in_as(simkl: Sandbox, lasts: timedelta, account: int = ACCOUNT) -> SignIn:
    """Keep a sign-in that was made earlier, and that ends after so long by this computer's clock."""
    granted = simkl.sign_in(account)
    now = datetime.now(UTC)
    grant = Grant(granted.access_token, granted.refresh_token, granted.scope, auth.ACCESS_LIFE)
    kept = SignIn(simkl.url, simkl.client_id, str(account), "Ada", "", "", now, now)
    kept = kept.renewed(grant, now + lasts - timedelta(seconds=auth.ACCESS_LIFE))
    with auth.lock():
        auth.save(kept)
    return kept


def told(calls: Iterable[Call]) -> list[str]:
    """The paths that were called."""
    return [call.path for call in calls]
