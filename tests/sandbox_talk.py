"""A well-behaved client for the tests of the sandbox, and a clock that they can turn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from mpv_simkl.sandbox import Sandbox

EPISODE: Mapping[str, Any] = {
    "show": {"title": "The Lighthouse Keepers", "year": 2021},
    "episode": {"season": 1, "number": 3},
}
NEXT_EPISODE: Mapping[str, Any] = {**EPISODE, "episode": {"season": 1, "number": 4}}
FILM: Mapping[str, Any] = {"movie": {"title": "Arrival", "year": 2016, "ids": {"imdb": "tt2543164"}}}


class Clock:
    """A time that moves only when it is told to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 19, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def step(self, **amount: float) -> None:
        """Lets time pass: `step(minutes=5)`."""
        self.now += timedelta(**amount)

    def seconds(self) -> float:
        """The same time as a plain count, for throttle and lock."""
        return self.now.timestamp()


class Talk:
    """Calls to one sandbox, each with everything that Simkl wants to see."""

    def __init__(self, simkl: Sandbox, clock: Clock) -> None:
        self.simkl, self.clock = simkl, clock
        self.token = simkl.access_token
        self._http = requests.Session()

    def ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, str | None] | None = None,
        headers: Mapping[str, str | None] | None = None,
        **more: Any,
    ) -> requests.Response:
        """One request; a value of None takes a parameter or a header away."""
        told = {"client_id": self.simkl.client_id, "app-name": "mpv-simkl", "app-version": "1.2.0"}
        spoken = {"User-Agent": "mpv-simkl/1.2.0", "Authorization": f"Bearer {self.token}"}
        return self._http.request(
            method,
            self.simkl.url + path,
            params={**told, **(query or {})},
            headers={**spoken, **(headers or {})},
            timeout=10,
            allow_redirects=False,
            **more,
        )

    def get(self, path: str, **query: str) -> requests.Response:
        """A GET with the token."""
        return self.ask("GET", path, query)

    def look(self, path: str, **query: str) -> Any:
        """What an endpoint that wants no token answers."""
        return self.ask("GET", path, query, {"Authorization": None}).json()

    def post(self, path: str, body: object, **query: str) -> requests.Response:
        """A POST with a JSON body."""
        return self.ask("POST", path, query, json=body)

    def scrobble(self, action: str, progress: float, item: Mapping[str, Any] = EPISODE) -> requests.Response:
        """One of the three scrobble calls."""
        return self.post(f"/scrobble/{action}", {"progress": progress, **item})

    def form(self, path: str, **fields: str) -> requests.Response:
        """A call to `/oauth2/*`, which carries no token."""
        sent = {"client_id": self.simkl.client_id, **fields}
        return self.ask("POST", path, headers={"Authorization": None}, data=sent)

    def watched(self) -> list[tuple[str, int | None, int | None]]:
        """What is in the history: title, season, number."""
        return [(watch.title, watch.season, watch.number) for watch in self.simkl.history]


@contextmanager
def talking(**options: Any) -> Iterator[Talk]:
    """A sandbox with a clock to turn, that lets a test talk fast unless told otherwise."""
    clock = Clock()
    with Sandbox(**{"clock": clock, "timer": clock.seconds, "throttle": False, **options}) as simkl:
        yield Talk(simkl, clock)
