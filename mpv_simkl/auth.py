"""Who we are to Simkl: the client id, the sign-in and where it is kept, and the host that it goes to.

    oauth.py -> Grant -> SignIn -> sign-in.json -> credentials() -> Simkl

A sign-in is good for one address and one client id only, and is kept with both (simkl-api 2.1). Nothing here
uses the network: login.py signs in, oauth.py renews.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from . import places
from .errors import LoginNeeded, MpvSimklError, SettingError, TryLater

CLIENT_ID = ""  # of the published app, which is public (simkl-api 2.1); empty until it is registered
API_URL = "https://api.simkl.com"
LOOPBACK = ("127.0.0.1", "localhost", "::1")

ACCESS_LIFE = 7 * 86_400  # seconds, if Simkl does not say (simkl-api 2.3)
LONGEST_LIFE = 10 * 365 * 86_400  # seconds; what is beyond that is no lifetime
REFRESH_LIFE = timedelta(days=180)  # from each renewal on (simkl-api 2.3)
RENEW_BEFORE = timedelta(days=1)  # the end, or half its life if that is shorter
MAX_TOKEN = 4096  # characters
SEEN = re.compile(r"[!-~]+")  # nothing but the characters of ASCII that leave a mark on paper

FILE, LOCK, CLIENT_ID_FILE = "sign-in.json", "sign-in.lock", "client-id"
NOT_SIGNED_IN = "not signed in; run `mpv-simkl login`"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a call needs; the token is kept out of every printed form.

    `account` is the user's number at Simkl, None if only a token was given. `renew_at` is the time (seconds
    since 1970) from which the token is to be renewed, None if it cannot be.
    """

    url: str
    client_id: str
    token: str = field(repr=False)
    account: str | None = None
    renew_at: float | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """What Simkl gives for a confirmed code or a refresh token, for so many seconds (simkl-api 2.2)."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    scope: str
    seconds: int

    @property
    def can_write(self) -> bool:
        """May it write? A misspelt scope silently becomes read-only (simkl-api 2.2)."""
        return "media:write" in self.scope.split()


@dataclass(frozen=True, slots=True)
class SignIn:
    """A sign-in as it is kept: for which address and app, whose, its tokens and when they end.

    Without tokens Simkl has ended it; whose it was is still known.
    """

    api_url: str
    client_id: str
    account: str
    name: str
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    access_until: datetime
    refresh_until: datetime

    def credentials(self) -> Credentials:
        """What a call needs."""
        lasts = self.access_until - self.refresh_until + REFRESH_LIFE
        renew_at = self.access_until.timestamp() - min(RENEW_BEFORE, lasts / 2).total_seconds()
        return Credentials(self.api_url, self.client_id, self.access_token, self.account, renew_at)

    def renewed(self, grant: Grant, at: datetime) -> SignIn:
        """With new tokens; the old refresh token stays if no new one came (simkl-api 2.3)."""
        at = at.replace(microsecond=0)  # as it is written down
        return replace(
            self,
            access_token=grant.access_token,
            refresh_token=grant.refresh_token or self.refresh_token,
            access_until=at + timedelta(seconds=grant.seconds),
            refresh_until=at + REFRESH_LIFE,
        )

    def ended(self) -> SignIn:
        """Without tokens."""
        return replace(self, access_token="", refresh_token="")


def credentials(client_id: str, environment: Mapping[str, str] = os.environ) -> Credentials:
    """The sign-in to use; `client_id` is what the user has set, or "".

    Raises LoginNeeded if there is none, or none for this address and app; SettingError for an unsafe address.
    """
    url = api_url(environment)
    token = environment.get("MPV_SIMKL_ACCESS_TOKEN", "").strip()
    if token:
        return _given(url, client_id, token)
    kept = load()
    if kept is None or not kept.access_token:
        raise LoginNeeded(NOT_SIGNED_IN)
    if kept.api_url != url:
        raise LoginNeeded(f"the sign-in is for {kept.api_url}, not for {url}; run `mpv-simkl login` for that")
    if client_id and client_id != kept.client_id:
        raise LoginNeeded(
            "the sign-in is for another client_id than the one set; run `mpv-simkl login` again"
        )
    return kept.credentials()


def is_signed_in(client_id: str) -> bool:
    """Is there a sign-in to use, as far as that is known without a network."""
    try:
        credentials(client_id)
    except (LoginNeeded, SettingError):
        return False
    return True


def _given(url: str, client_id: str, token: str) -> Credentials:
    client_id = client_id or known_client_id()
    if not client_id:
        raise LoginNeeded("MPV_SIMKL_ACCESS_TOKEN needs the client id that it was made for: set client_id")
    if not _is_token(token):
        raise SettingError("MPV_SIMKL_ACCESS_TOKEN is not a token: it has characters that no token has")
    return Credentials(url, client_id, token)


def account(environment: Mapping[str, str] = os.environ) -> str | None:
    """Whose watches these are: the account of the last sign-in, ended or not.

    None after a logout, and with a token from the environment, of which nobody knows whose it is. Raises
    LoginNeeded if the file cannot be read.
    """
    if environment.get("MPV_SIMKL_ACCESS_TOKEN", "").strip():
        return None
    kept = load()
    return kept.account if kept else None


def known_account() -> str | None:
    """The same, as far as it is known: None too if the file cannot be read."""
    with suppress(LoginNeeded):
        return account()
    return None


def api_url(environment: Mapping[str, str] = os.environ) -> str:
    """The address of Simkl's API; raises SettingError for one that a token must not go to."""
    url = environment.get("MPV_SIMKL_API_URL", "").strip() or API_URL
    if not _is_safe(url):
        raise SettingError(f"MPV_SIMKL_API_URL={url!r} cannot be used; it takes an https:// address")
    return url.rstrip("/")


def _is_safe(url: str) -> bool:
    r"""A token travels encrypted, or does not leave the machine.

    What is read in different ways is no address: of `elsewhere\@127.0.0.1` urlsplit says that it is this
    machine, and requests asks elsewhere.
    """
    if not SEEN.fullmatch(url) or "\\" in url or "@" in url:
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    loopback = parts.scheme == "http" and parts.hostname in LOOPBACK
    return bool(parts.hostname) and (parts.scheme == "https" or loopback)


def _is_token(value: object) -> bool:
    return isinstance(value, str) and len(value) <= MAX_TOKEN and SEEN.fullmatch(value) is not None


# What Simkl answers


def read_grant(answer: Mapping[str, object]) -> Grant | None:
    """The tokens in an answer of `/oauth2/token`, None if there are none (simkl-api 2.2)."""
    token, renewal = answer.get("access_token"), answer.get("refresh_token") or ""
    bearer = str(answer.get("token_type", "bearer")).lower() == "bearer"
    if not (bearer and _is_token(token) and (renewal == "" or _is_token(renewal))):
        return None
    seconds, scope = answer.get("expires_in"), answer.get("scope")
    if isinstance(seconds, bool) or not isinstance(seconds, int) or not 0 < seconds <= LONGEST_LIFE:
        seconds = ACCESS_LIFE
    return Grant(str(token), str(renewal), scope if isinstance(scope, str) else "", seconds)


# The file


def path() -> Path:
    """Where the sign-in is kept."""
    return places.data_dir() / FILE


def load() -> SignIn | None:
    """The sign-in that is kept, None if there is none; raises LoginNeeded if it cannot be read."""
    try:
        return _read(places.read_json(path()))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, OverflowError) as error:
        why = error.strerror if isinstance(error, OSError) else "damaged"
        raise LoginNeeded(f"{path()} cannot be read ({why}); run `mpv-simkl login` again") from None


def _read(row: object) -> SignIn:
    """Raises KeyError, TypeError, ValueError or OverflowError for anything that is no sign-in of ours."""
    if not isinstance(row, dict):
        raise TypeError
    known: dict[str, Any] = {part.name: row[part.name] for part in fields(SignIn)}
    if not all(isinstance(value, str) for value in known.values()):
        raise TypeError
    for name in ("access_until", "refresh_until"):
        known[name] = datetime.fromisoformat(known[name]).astimezone(UTC)
    kept = SignIn(**known)
    tokens = [token for token in (kept.access_token, kept.refresh_token) if token]
    if not _is_safe(kept.api_url) or not all(map(_is_token, tokens)):
        raise ValueError
    return kept


def save(sign_in: SignIn) -> None:
    """Keep a sign-in; to be called under `lock()`. Raises MpvSimklError that names the file."""
    row = asdict(sign_in)
    for name in ("access_until", "refresh_until"):
        row[name] = row[name].isoformat(timespec="seconds")
    _write(path(), json.dumps(row, indent=1) + "\n")


def forget() -> None:
    """Keep no sign-in; to be called under `lock()`. Raises OSError."""
    path().unlink(missing_ok=True)


@contextmanager
def lock() -> Iterator[None]:
    """Hold the lock of all who change the sign-in, in every process; raises TryLater if it cannot be had."""
    file = places.data_dir() / LOCK
    with ExitStack() as held:
        try:
            held.enter_context(places.locked(file))
        except OSError as error:
            raise TryLater(f"{file} cannot be locked ({error.strerror})") from error
        yield


def known_client_id() -> str:
    """The client id for whoever has set none: what was given to `mpv-simkl login`, or the published app's."""
    try:
        with open(places.data_dir() / CLIENT_ID_FILE, encoding="utf-8") as file:
            return read_client_id(file.read(1000)) or CLIENT_ID
    except (OSError, ValueError):
        return CLIENT_ID


def read_client_id(text: str) -> str:
    """A client id as it was typed or pasted; "" if it cannot be one."""
    text = text.strip()
    return text if re.fullmatch(r"[\w.~-]{1,512}", text, re.ASCII) else ""


def remember_client_id(client_id: str) -> None:
    """Keep a client id, so that it need not be given again. Raises MpvSimklError that names the file."""
    _write(places.data_dir() / CLIENT_ID_FILE, client_id + "\n")


def _write(file: Path, text: str) -> None:
    try:
        places.write_whole(places.private_dir(file.parent) / file.name, text)
    except OSError as error:
        raise MpvSimklError(f"{file} cannot be written ({error.strerror})") from error
