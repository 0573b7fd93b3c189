"""Who we are to Simkl: the client id, the user's token, and the host that they go to."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from .errors import LoginNeeded, SettingError

API_URL = "https://api.simkl.com"
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a call needs; the token is kept out of every printed form."""

    url: str
    client_id: str
    token: str = field(repr=False)
    account: str | None = None  # Simkl's account.id; None: not known, as with a token from the environment


def credentials(client_id: str, environment: Mapping[str, str] = os.environ) -> Credentials:
    """The sign-in to use; raises LoginNeeded if there is none, SettingError for an unsafe address."""
    token = environment.get("MPV_SIMKL_ACCESS_TOKEN", "").strip()
    url = _checked(environment.get("MPV_SIMKL_API_URL", "").strip() or API_URL)
    if not client_id:
        raise LoginNeeded("there is no client id: set client_id in simkl.conf or MPV_SIMKL_CLIENT_ID")
    if not token:
        raise LoginNeeded("not signed in: set MPV_SIMKL_ACCESS_TOKEN")
    if not (token.isascii() and token.isprintable()):
        raise SettingError("MPV_SIMKL_ACCESS_TOKEN is not a token: it has characters that no token has")
    return Credentials(url.rstrip("/"), client_id, token)


def _checked(url: str) -> str:
    """A token travels encrypted, or does not leave the machine."""
    try:
        parts = urlsplit(url)
        safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    except ValueError:
        safe = False
    if not safe or not parts.hostname:
        raise SettingError(f"MPV_SIMKL_API_URL={url!r} cannot be used; it takes an https:// address")
    return url
