"""What an answer of Simkl's that is no success means: its status, its word, its headers -> an error of ours,
with what to do and how long to leave Simkl alone (simkl-api 13, 14). Pure, but for the clock where Simkl does
not tell the time.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from types import MappingProxyType
from typing import TYPE_CHECKING

from . import web
from .errors import (
    BY_ITSELF,
    LONGEST_REST,
    SAY_WHAT,
    SEE_LIST,
    LoginNeeded,
    NotMatched,
    QuotaSpent,
    Refused,
    ServerTrouble,
    TryLater,
)

if TYPE_CHECKING:  # for its types; web.py alone speaks with it
    from .lean import requests

TROUBLE_LASTS = 60.0  # seconds at most between tries in trouble of Simkl's (simkl-api 13)
NEW_YORK = "America/New_York"  # at whose midnight the quota is new (simkl-api 14)
BLOCKED_FOR = 300.0  # seconds: 412 may be a block for too fast writes (simkl-api 13)
OURS = ("unauthorized_client", "url_failed")  # whatever is told, it is refused (simkl-api 13)
NEWER = "Simkl does not take this call from this version any more; look for a newer mpv-simkl"
TROUBLE = f"Simkl has trouble; {BY_ITSELF}see https://status.simkl.com/"
PORTAL = "login page of this network; open a browser and log in to the network"
TOO_OFTEN = 429
ALREADY = 409  # finished within the hour: Simkl has it (simkl-api 5.4)

ENDED = "the token is not good (any more): run `mpv-simkl login`, without MPV_SIMKL_ACCESS_TOKEN"
TOMORROW = "it is midnight in New York that gives new ones, and what waits is sent then"
OF_USER = "user_limit_exceeded"
QUOTAS = (OF_USER, "app_limit_exceeded")

# Answers that want a sentence of their own; the rest is told by its status (simkl-api 13).
EXPLAINED = MappingProxyType(
    {
        OF_USER: f"the daily number of requests of this account is used up; {TOMORROW}",
        "app_limit_exceeded": f"the daily number of requests of this app is used up; {TOMORROW}",
        "invalid_token": ENDED,
        "user_token_failed": ENDED,
        "insufficient_scope": "the sign-in may read but not write; sign in again with `mpv-simkl login`",
        **dict.fromkeys(OURS, NEWER),
        "client_id_failed": "the client id is wrong or blocked for some minutes; if it lasts, check it",
    }
)


def raise_for(answer: requests.Response, call: str, *, telling: bool = False) -> None:
    """Raise the error that an answer stands for; none for a success (simkl-api 13).

    `telling`: it tells of a watch, which waits until such calls are taken again.
    """
    status, word = answer.status_code, web.word(answer)
    if 200 <= status < 300 or status == ALREADY:
        return
    message = f"{call}: {status} {EXPLAINED.get(word, word)}".rstrip()
    if 300 <= status < 400:
        raise TryLater(f"{message}: sent elsewhere, perhaps by a {PORTAL}")
    if status == 401 or (status == 403 and word):
        raise LoginNeeded(message)
    if status == 404 and word == "id_err":
        raise NotMatched(f"{call}: Simkl knows no such title or episode{SAY_WHAT}")
    if status == TOO_OFTEN and word == OF_USER:
        raise QuotaSpent(message, after=_rest(answer, word))
    if status in (408, 412, TOO_OFTEN) or word == "RATE_LIMIT" or (telling and word in OURS):
        raise TryLater(message, after=_rest(answer, word))
    if status >= 500 or (not word and status != 413):  # not a word of Simkl's: something between us refused
        raise ServerTrouble(f"{message}: {TROUBLE}", after=_rest(answer, word))
    raise Refused(f"{message}: Simkl refuses it{SEE_LIST}")


def _rest(answer: requests.Response, word: str) -> float:
    """Seconds to leave Simkl alone; Retry-After means nothing on the per-second limit (simkl-api 13)."""
    if answer.status_code == 412 or word in OURS:
        return BLOCKED_FOR
    told = _retry_after(answer)
    if word in QUOTAS:
        return min(told or until_new_quota(_told_at(answer)), LONGEST_REST)
    if word.lower() == "rate_limit" or told is None:
        return 1.0
    return min(told, LONGEST_REST if answer.status_code == TOO_OFTEN else TROUBLE_LASTS)


def _retry_after(answer: requests.Response) -> float | None:
    """In how many seconds Simkl wants to be asked again, told as a number or as a time to come."""
    told = answer.headers.get("Retry-After", "")
    if told.isdecimal():
        return float(told)
    when = web.date(answer, "Retry-After")
    seconds = (when - _told_at(answer)).total_seconds() if when else 0.0
    return seconds if seconds > 0 else None


def _told_at(answer: requests.Response) -> datetime:
    """Simkl's time, or this machine's if it does not tell."""
    return web.date(answer, "Date") or datetime.now(UTC)


def until_new_quota(at: datetime) -> float:
    """The seconds until the daily quota is new, in winter's time where no zones are known."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # few days need it

    try:
        zone: tzinfo = ZoneInfo(NEW_YORK)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        zone = timezone(timedelta(hours=-5))
    tomorrow = at.astimezone(zone).date() + timedelta(days=1)
    midnight = datetime.combine(tomorrow, datetime.min.time(), zone)
    return (midnight.astimezone(UTC) - at).total_seconds()
