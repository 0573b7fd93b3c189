"""The bad days of a network and of Simkl, each by name, for a test to switch on (simkl-api 5.4, 13, 14)."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from mpv_simkl.sandbox.accounts import haste_refusal, limit_refusal, unauthorized
from mpv_simkl.sandbox.library import AlreadyWatched
from mpv_simkl.sandbox.messages import Answer, Refusal
from mpv_simkl.sandbox.scrobbles import conflict

Transport = Literal["answer", "slow", "blackhole", "drip", "cut", "cut_after", "truncated"]
PORTAL = b"<!DOCTYPE html><title>Hotel Wi-Fi</title><form><input name=room><button>Log in</button></form>"


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with a call.

    `how`: "answer" sends `status`, `headers` and `body` in place of the work; "slow" works after `seconds`,
    holding the write lock; "blackhole" never answers; "drip" answers one byte every `seconds`; "cut" closes
    the connection before the work, "cut_after" once it is done; "truncated" does the work and sends half of
    the answer.
    """

    name: str = ""
    how: Transport = "answer"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    seconds: float = 0.0


def _told(answer: Answer, headers: Mapping[str, str] | None = None) -> Fault:
    kept = {**answer.headers, "Content-Type": "application/json; charset=utf-8", **(headers or {})}
    return Fault(status=answer.status, headers=kept, body=json.dumps(answer.body).encode())


def _raw(status: int, body: bytes, **headers: str) -> Fault:
    kept = {key.replace("_", "-"): value for key, value in headers.items()}
    return Fault(status=status, body=body, headers=kept)


# Each name with the fault as it is at a given time: a quota's Retry-After, for one, runs to midnight.
FAULTS: Mapping[str, Callable[[datetime], Fault]] = {
    "write_lock": lambda _: _told(Refusal(400, "RATE_LIMIT").answer()),
    "bad_request": lambda _: _told(Refusal(400, "wrong_parameter").answer()),
    "invalid_token": lambda _: _told(unauthorized("invalid_token", "expired").answer()),
    "user_token_failed": lambda _: _told(unauthorized("user_token_failed", "").answer()),
    "insufficient_scope": lambda _: _told(Refusal(403, "insufficient_scope").answer()),
    "not_matched": lambda _: _told(Refusal(404, "id_err").answer()),
    "already_watched": lambda at: _told(
        conflict(AlreadyWatched(at - timedelta(minutes=5), at + timedelta(minutes=55)), "guide"),
    ),
    "blocked": lambda _: _told(Refusal(412, "client_id_failed").answer()),
    "too_fast": lambda at: _told(haste_refusal(at).answer()),
    "user_limit": lambda at: _told(limit_refusal("user", at).answer()),
    "app_limit": lambda at: _told(limit_refusal("app", at).answer()),
    "internal": lambda _: _told(Refusal(500, "internal").answer()),
    "bad_gateway": lambda _: _raw(502, b"<html><h1>502 Bad Gateway</h1></html>", Content_Type="text/html"),
    "unavailable": lambda _: _told(Answer(503, {"error": "unavailable"}), {"Retry-After": "2"}),
    "portal": lambda _: _raw(200, PORTAL, Content_Type="text/html"),
    "null": lambda _: _raw(200, b"null", Content_Type="application/json"),
    "list": lambda _: _raw(200, b"[]", Content_Type="application/json"),
    "half_json": lambda _: _raw(200, b'{"id": 1, "act', Content_Type="application/json"),
    "redirect": lambda _: _raw(302, b"", Location="http://portal.invalid/login"),
    "slow": lambda _: Fault(how="slow", seconds=2.0),
    "blackhole": lambda _: Fault(how="blackhole"),
    "drip": lambda _: Fault(how="drip", seconds=1.0),
    "cut": lambda _: Fault(how="cut"),
    "cut_after": lambda _: Fault(how="cut_after"),
    "truncated": lambda _: Fault(how="truncated"),
}


def named(name: str) -> Callable[[datetime], Fault]:
    """The fault of that name, as it is at a given time. Raises KeyError if there is none."""
    make = FAULTS[name]
    return lambda at: replace(make(at), name=name)


@dataclass
class _Switched:
    make: Callable[[datetime], Fault]
    times: int | None
    path: str | None
    words: str


class FaultBox:
    """The faults that are switched on, in the order in which that was done."""

    def __init__(self) -> None:
        self._on: list[_Switched] = []
        self._guard = threading.Lock()

    def switch_on(
        self, make: Callable[[datetime], Fault], times: int | None, path: str | None, words: str = ""
    ) -> None:
        """Keeps a fault for the next `times` calls (None: until `clear`), of paths that begin with `path` and
        bodies that hold `words`.
        """
        with self._guard:
            self._on.append(_Switched(make, times, path, words))

    def clear(self) -> None:
        """Everything works again."""
        with self._guard:
            self._on.clear()

    def take(self, path: str, at: datetime, body: bytes = b"") -> Fault | None:
        """The fault that this call meets, if any."""
        with self._guard:
            for fault in self._on:
                if path.startswith(fault.path or "") and fault.words.encode() in body:
                    if fault.times is not None:
                        fault.times -= 1
                        if fault.times <= 0:
                            self._on.remove(fault)
                    return fault.make(at)
        return None
