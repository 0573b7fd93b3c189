"""What comes in and what goes out: one request, one answer, and the refusal that becomes an answer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from urllib.parse import parse_qsl


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer; `body` becomes JSON unless `empty`."""

    status: int
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    empty: bool = False


class Refusal(Exception):
    """A request that Simkl would not accept, with the error that it answers (simkl-api 13)."""

    def __init__(
        self, status: int, error: str, message: str = "", *, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(f"{status} {error}: {message}")
        self.status, self.error, self.message = status, error, message
        self.headers = headers or {}

    def answer(self, *, oauth: bool = False) -> Answer:
        """The envelope of simkl-api 13: that of `/oauth2/*` has no `code`."""
        if oauth:
            return Answer(self.status, {"error": self.error, "error_description": self.message}, self.headers)
        body: dict[str, object] = {"error": self.error, "code": self.status}
        if self.message:
            body["message"] = self.message
        return Answer(self.status, body, self.headers)


@dataclass(frozen=True)
class Request:
    """One HTTP request as it came; header names are in lower case, `at` is the sandbox's clock."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    raw: bytes
    at: datetime

    @cached_property
    def body(self) -> object:
        """The body as JSON or as a form; None where there is none, or nothing that can be read."""
        if not self.raw:
            return None
        try:
            text = self.raw.decode("utf-8")
            if self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
                return dict(parse_qsl(text))
            parsed: object = json.loads(text)
        except (ValueError, RecursionError):
            return None
        return parsed

    @property
    def token(self) -> str | None:
        """The bearer token; the name of the scheme is read in any case, the token is not (simkl-api 1)."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def mapping(value: object, name: str) -> Mapping[str, object]:
    """`value` as a JSON object, or a refusal that names it."""
    if not isinstance(value, dict):
        raise Refusal(400, "wrong_parameter", f"{name} must be an object")
    return value


def items(value: object, name: str) -> Sequence[object]:
    """`value` as a JSON array (an absent one is empty), or a refusal that names it."""
    if value is None:
        return ()
    if not isinstance(value, list):
        raise Refusal(400, "wrong_parameter", f"{name} must be an array")
    return value


def numeral(text: str) -> int | None:
    """The number that a text writes out in digits, or None; longer ones than any id are none."""
    return int(text) if text.isdecimal() and len(text) <= 18 else None


def whole(value: object, name: str) -> int | None:
    """`value` as a whole number from 0 (None stays None), or a refusal that names it."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise Refusal(400, "wrong_parameter", f"{name} must be a whole number")
    return value
