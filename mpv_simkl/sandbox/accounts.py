"""Who may ask, and how much: sign-in, tokens, the daily quota (simkl-api 2, 14).

Pure state: the time comes in as `at`.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from mpv_simkl.sandbox.library import Library
from mpv_simkl.sandbox.messages import Refusal

ACCESS_LIFE = timedelta(days=7)
REFRESH_LIFE = timedelta(days=180)
CODE_LIFE = timedelta(minutes=15)
INTERVAL = timedelta(seconds=5)
WRITE = "media:read media:write"
QUOTAS = {"free": 500, "pro": 1_000, "vip": 10_000}  # requests a day, simkl-api 14
CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that looks like another


@dataclass
class Grant:
    """One sign-in: one live access token, one refresh token that stays the same (2.3)."""

    account: int
    scope: str
    refresh_token: str
    access_token: str
    access_until: datetime
    refresh_until: datetime
    calls: int = 0

    def answer(self) -> dict[str, object]:
        """The token answer, of the same shape for every way to get it."""
        return {
            "access_token": self.access_token,
            "token_type": "Bearer",
            "expires_in": int(ACCESS_LIFE.total_seconds()),
            "refresh_token": self.refresh_token,
            "scope": self.scope,
        }


@dataclass
class DeviceCode:
    """A sign-in that waits for the user."""

    device_code: str
    user_code: str
    scope: str
    until: datetime
    interval: timedelta
    next_poll: datetime
    account: int | None = None


@dataclass
class Accounts:
    """The users of the sandbox, what they signed in, and what they have asked for today."""

    client_id: str
    interval: timedelta = INTERVAL  # between two polls for a code
    libraries: dict[int, Library] = field(default_factory=dict)
    grants: list[Grant] = field(default_factory=list)
    codes: dict[str, DeviceCode] = field(default_factory=dict)
    spent: dict[int, tuple[date, int]] = field(default_factory=dict)

    def library(self, account: int) -> Library:
        """The library of an account, which comes to be when it is first asked for."""
        return self.libraries.setdefault(account, Library(account))

    def sign_in(self, account: int, scope: str, at: datetime) -> Grant:
        """A new grant, beside those that the user already has."""
        granted = WRITE if "media:write" in scope.split() else "media:read"
        grant = Grant(account, granted, _token("rt"), _token("at"), at + ACCESS_LIFE, at + REFRESH_LIFE)
        self.grants.append(grant)
        return grant

    def grant(self, token: str, at: datetime) -> Grant:
        """The grant of a living access token; refuses with 401 `invalid_token` (2.4)."""
        for grant in self.grants:
            if grant.access_token == token:
                if at < grant.access_until:
                    return grant
                raise unauthorized("invalid_token", "Access token has expired")
        raise unauthorized("invalid_token", "The access token is unknown")

    def device(self, scope: str, at: datetime) -> DeviceCode:
        """A code to show to the user; a misspelt scope silently becomes read-only (2.2)."""
        letters = "".join(secrets.choice(CODE_LETTERS) for _ in range(8))
        user_code = f"{letters[:4]}-{letters[4:]}"
        code = DeviceCode(secrets.token_urlsafe(32), user_code, scope, at + CODE_LIFE, self.interval, at)
        self.codes[code.device_code] = code
        return code

    def approve(self, user_code: str, account: int, at: datetime) -> None:
        """The user types the code on Simkl's page; raises KeyError if no such code waits."""
        waiting = {_typed(code.user_code): code for code in self.codes.values() if at < code.until}
        waiting[_typed(user_code)].account = account

    def poll(self, device_code: str, at: datetime) -> Grant:
        """The grant once the user has agreed; every other case is a refusal (2.2)."""
        code = self.codes.get(device_code)
        if code is None or at >= code.until:
            raise Refusal(400, "expired_token", "The device code is invalid or has expired")
        early = at < code.next_poll
        if early:
            code.interval += INTERVAL
        code.next_poll = at + code.interval  # every attempt arms the timer again
        if early:
            raise Refusal(400, "slow_down", "Polling too fast")
        if code.account is None:
            raise Refusal(400, "authorization_pending", "The user has not yet agreed")
        del self.codes[device_code]
        return self.sign_in(code.account, code.scope, at)

    def refresh(self, form: Mapping[str, str], at: datetime, *, rotates: bool = False) -> Grant:
        """The same grant with a new access token, or two; the old one is dead at once (2.3)."""
        token = form.get("refresh_token", "")
        grant = next((g for g in self.grants if g.refresh_token == token and at < g.refresh_until), None)
        if grant is None:
            raise Refusal(400, "invalid_grant", "The refresh token is expired, revoked or of another client")
        if not set(form.get("scope", "").split()) <= set(grant.scope.split()):
            raise Refusal(400, "invalid_scope", "A refresh cannot widen the scope")
        grant.access_token, grant.calls = _token("at"), 0
        grant.refresh_token = _token("rt") if rotates else token
        grant.access_until, grant.refresh_until = at + ACCESS_LIFE, at + REFRESH_LIFE
        return grant

    def revoke(self, token: str) -> None:
        """Ends the sign-in that this token belongs to, if there is one."""
        self.grants = [g for g in self.grants if token not in (g.access_token, g.refresh_token)]

    def spend(self, grant: Grant, at: datetime) -> dict[str, str]:
        """Counts one request; the quota's headers, or 429 once it is spent (14)."""
        limit = QUOTAS[self.library(grant.account).plan]
        today = new_york_day(at)
        day, count = self.spent.get(grant.account, (today, 0))
        count = count if day == today else 0
        if count >= limit:
            raise limit_refusal("user", at)
        self.spent[grant.account] = (today, count + 1)
        grant.calls += 1
        if grant.calls == 1:
            return {}  # absent on the first request of a new token
        return {"X-RateLimit-Limit": str(limit), "X-RateLimit-Remaining": str(limit - count - 1)}


def unauthorized(error: str, message: str) -> Refusal:
    """A 401 with the header that goes with it (2.4)."""
    challenge = f'Bearer realm="api.simkl.com", error="{error}"'
    return Refusal(401, error, message, headers={"WWW-Authenticate": challenge})


def limit_refusal(which: str, at: datetime) -> Refusal:
    """The 429 of a spent daily quota: of the `user`, or of the `app` (13, 14)."""
    wait = {"Retry-After": str(until_reset(at))}
    if which == "user":
        wait |= {"X-RateLimit-Remaining": "0"}
    return Refusal(429, f"{which}_limit_exceeded", f"Daily {which} limit exceeded", headers=wait)


def haste_refusal(at: datetime) -> Refusal:
    """The 429 of too many requests a second; its Retry-After is the daily reset all the same (13)."""
    return Refusal(429, "rate_limit", "Too many requests", headers={"Retry-After": str(until_reset(at))})


def new_york_day(at: datetime) -> date:
    """The date in New York; reckoned here because Windows has no zone data without a package."""
    return (at.astimezone(UTC) - _behind_utc(at)).date()


def until_reset(at: datetime) -> int:
    """Whole seconds until midnight in New York, when every quota starts anew (14)."""
    midnight = datetime.combine(new_york_day(at) + timedelta(days=1), datetime.min.time(), UTC)
    reset = midnight + _behind_utc(midnight + timedelta(hours=4, minutes=30))
    return max(1, int((reset - at).total_seconds()))


def _behind_utc(at: datetime) -> timedelta:
    """Summer time runs from the second Sunday of March to the first of November, from 2 o'clock."""
    at = at.astimezone(UTC)
    starts = _sunday(at.year, 3, 2) + timedelta(hours=7)
    ends = _sunday(at.year, 11, 1) + timedelta(hours=6)
    return timedelta(hours=4 if starts <= at < ends else 5)


def _sunday(year: int, month: int, which: int) -> datetime:
    first = datetime(year, month, 1, tzinfo=UTC)
    return first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (which - 1))


def _token(kind: str) -> str:
    return f"simkl_{kind}_{secrets.token_urlsafe(48)}"[:43]  # 43 characters today (2.2)


def _typed(code: str) -> str:
    return code.upper().replace("-", "").replace(" ", "")
