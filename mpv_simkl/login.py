"""Signing in with a code (simkl-api 2.2, RFC 8628): ask for a code, wait until the user has confirmed it.

How it flows: `next_step` says what an answer means (pure); `sign_in` asks, waits and asks again, one poll at
a time, and keeps what it was granted. A sign-in that cannot be finished is taken back.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Literal

from . import auth, oauth
from .auth import Credentials, Grant, SignIn
from .errors import LoginNeeded, TryLater
from .leaving import leave
from .oauth import Answer, Code

log = logging.getLogger(__name__)

SLOWER = 5.0  # seconds to add to the interval when Simkl says slow_down
EXPIRED = "nobody confirmed the code while it was good; try again"
NAME_TRIES = 3
NAME_AGAIN = 5.0  # seconds

# What ends the waiting. A refusal has no word of its own: it looks like a user who is slow (simkl-api 2.2).
ENDS = MappingProxyType(
    {
        "expired_token": EXPIRED,
        "invalid_client": oauth.WRONG_CLIENT,
        "invalid_request": "Simkl did not understand the question (invalid_request)",
        "invalid_grant": "Simkl does not know the code any more; try again",
        "unsupported_grant_type": "Simkl does not know this way to sign in (unsupported_grant_type)",
    }
)

SignedOut = Literal["heard", "unheard", "nobody"]  # by Simkl or not; or nobody was signed in


@dataclass(frozen=True, slots=True)
class Wait:
    """Not yet: ask again after so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Over:
    """It will not become a sign-in, and why."""

    reason: str


def next_step(answer: Answer | None, interval: float) -> Grant | Wait | Over:
    """What a poll's answer means; None: no answer came. `interval` is the present one, in seconds.

    Whatever is not Simkl's clear word (a lost network, 5xx, 429, a login page) is waited out.
    """
    if answer is None:
        return Wait(interval)
    if answer.status == 200 and (grant := auth.read_grant(answer.body)) is not None:
        return grant
    if answer.error == "slow_down":
        return Wait(interval + SLOWER)
    if answer.error in ENDS:
        return Over(ENDS[answer.error])
    return Wait(interval)


def sign_in(
    url: str,
    client_id: str,
    show: Callable[[Code], None],
    pause: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> SignIn:
    """Sign in, from the code to the file. `show` puts the code before the user; `pause` waits, in seconds.

    Raises SettingError for a wrong client id, LoginNeeded if nobody confirmed it or writing was not allowed,
    TryLater if Simkl cannot be asked or nothing can be kept here. Whatever `show` and `pause` raise ends it
    too, and so does Ctrl-C until the sign-in is kept.
    """
    with auth.lock():
        pass  # where nothing can be kept, nobody need look for a telephone
    code = oauth.ask_for_code(url, client_id)
    show(code)
    grant = _wait_for(code, pause, clock)
    try:
        new = _identified(grant, code, pause)
        old = _put_in_place(new)
    except BaseException:  # Ctrl-C too: nothing half done stays at Simkl
        with suppress(TryLater):
            oauth.revoke(url, client_id, grant.access_token)
        raise
    log.info("signed in as account %s", new.account)
    with suppress(KeyboardInterrupt):  # whoever waits no longer is signed in all the same
        _make_way(old, new)
    return new


def sign_out() -> SignedOut:
    """Forget the sign-in and tell Simkl; Ctrl-C ends the waiting for that.

    Raises TryLater or OSError if the file cannot be removed.
    """
    with auth.lock():
        kept = _kept()
        auth.forget()
    if kept is None:
        return "nobody"
    try:
        leave(kept)
        return "heard" if _revoke(kept) else "unheard"
    except KeyboardInterrupt:  # whoever does not wait for Simkl is signed out all the same
        return "unheard"


def _make_way(old: SignIn | None, new: SignIn) -> None:
    """The sign-in before this one ends, for what plays too."""
    if old is None:
        return
    if old.account != new.account:
        leave(old)
    if (old.api_url, old.client_id) == (new.api_url, new.client_id):
        _revoke(old)  # players that still use it find the new one


def _wait_for(code: Code, pause: Callable[[float], None], clock: Callable[[], float]) -> Grant:
    deadline, interval = clock() + code.lasts, code.interval
    while clock() + interval < deadline:
        pause(interval)
        step = next_step(_poll(code), interval)
        match step:
            case Grant():
                return step
            case Over():
                raise LoginNeeded(step.reason)
            case Wait():
                interval = step.seconds
    raise LoginNeeded(EXPIRED)


def _poll(code: Code) -> Answer | None:
    try:
        return oauth.poll(code)
    except TryLater as error:
        log.debug("no answer to a poll: %s", error)
        return None


def _identified(grant: Grant, code: Code, pause: Callable[[float], None]) -> SignIn:
    """The sign-in with whose it is: without that, another user's watches could go to it."""
    if not grant.can_write:
        raise LoginNeeded("Simkl allowed reading only, so nothing could be marked as watched; try again")
    account, name = _who(Credentials(code.url, code.client_id, grant.access_token), pause)
    now = datetime.now(UTC)
    return SignIn(code.url, code.client_id, account, name, "", "", now, now).renewed(grant, now)


def _put_in_place(new: SignIn) -> SignIn | None:
    """Keep a sign-in; gives the one before it."""
    with auth.lock():
        old = _kept()
        try:
            auth.save(new)
        except KeyboardInterrupt:
            if _kept() != new:  # or else it came a moment too late
                raise
    return old


def _who(who: Credentials, pause: Callable[[float], None]) -> tuple[str, str]:
    for _ in range(NAME_TRIES - 1):
        with suppress(TryLater):
            return oauth.who_is(who)
        pause(NAME_AGAIN)
    return oauth.who_is(who)


def _kept() -> SignIn | None:
    """The sign-in that is kept; a damaged one is no loss to who makes or ends one."""
    try:
        return auth.load()
    except LoginNeeded:
        return None


def _revoke(kept: SignIn) -> bool:
    """Tell Simkl that a sign-in is over; False if it did not hear."""
    token = kept.refresh_token or kept.access_token
    try:
        if token:
            oauth.revoke(kept.api_url, kept.client_id, token)
    except TryLater as error:
        log.info("Simkl did not hear of a sign-out: %s", error)
        return False
    return True
