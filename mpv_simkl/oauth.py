"""The door to Simkl's sign-in: codes, tokens, and who somebody is (simkl-api 2, AUTH V2).

No call here carries a token to any address but the one that it was issued for, nor in a place where it would
be written down: tokens go in the body or the Authorization header, and no error repeats them.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

from . import auth, web
from .auth import Credentials, SignIn
from .errors import LoginNeeded, MpvSimklError, SettingError, TryLater
from .logs import shown

log = logging.getLogger(__name__)

SCOPE = "media:read media:write"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
LONGEST_CODE = 3600  # seconds; Simkl's codes last 900
MAX_TEXT = 200  # characters of anything that is shown

WRONG_CLIENT = (
    "Simkl does not know this client id, or it is one of the old kind (AUTH V1), which can neither be used "
    "here nor converted; make a new app, free, at https://simkl.com/settings/developer/ "
    '("TV, devices & command line")'
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call came back with; `error` is Simkl's word, or "" if there is none."""

    status: int
    body: Mapping[str, object] = field(repr=False)

    @property
    def error(self) -> str:
        """Simkl's word for what is wrong."""
        return web.word_in(self.body)


@dataclass(frozen=True, slots=True)
class Code:
    """A sign-in that waits for the user, at one address, for one app. `link` is `page` with the code in it;
    times are in seconds.
    """

    url: str
    client_id: str
    device_code: str = field(repr=False)
    user_code: str
    page: str
    link: str
    lasts: float
    interval: float


def ask_for_code(url: str, client_id: str) -> Code:
    """A new code. Raises SettingError for a client id that Simkl does not take, else TryLater."""
    answer = _post(url, client_id, "device", scope=SCOPE)
    if answer.error == "invalid_client":
        raise SettingError(WRONG_CLIENT)
    code = read_code(answer.body, url, client_id) if answer.status == 200 else None
    if code is None:
        raise TryLater(f"Simkl gave no code ({answer.status} {answer.error}); try again in a minute")
    return code


def read_code(body: Mapping[str, object], url: str, client_id: str) -> Code | None:
    """The code in an answer, None if something is missing or not fit to be shown or opened."""
    texts = [body.get(name) for name in ("device_code", "user_code", "verification_uri")]
    if not all(isinstance(text, str) and _is_plain(text) for text in texts):
        return None
    device_code, user_code, page = map(str, texts)
    link = str(body.get("verification_uri_complete") or page)
    if not (_is_page(page) and _is_page(link)):
        return None
    lasts, interval = _seconds(body.get("expires_in"), 900), _seconds(body.get("interval"), 5)
    return Code(url, client_id, device_code, user_code, page, link, min(lasts, LONGEST_CODE), interval)


def poll(code: Code) -> Answer:
    """Has the user confirmed? Raises TryLater if no answer came."""
    return _post(code.url, code.client_id, "token", grant_type=DEVICE_GRANT, device_code=code.device_code)


def renew(failed: Credentials) -> Credentials:
    """Credentials with another token than the one that failed or is about to end.

    Of all who ask at once, in all processes, one asks Simkl, and the others find what it has kept: a renewal
    kills the token before it (simkl-api 2.3). Raises LoginNeeded if the user has to sign in again, TryLater
    if Simkl cannot be asked now.
    """
    if failed.renew_at is None:
        raise LoginNeeded("a token from MPV_SIMKL_ACCESS_TOKEN cannot be renewed; run `mpv-simkl login`")
    with auth.lock():
        kept = auth.load()
        if kept is None or not (kept.access_token and kept.refresh_token):
            raise LoginNeeded(auth.NOT_SIGNED_IN)
        if (kept.api_url, kept.client_id) != (failed.url, failed.client_id):
            raise LoginNeeded("the sign-in is for another address or app now")
        if kept.access_token == failed.token:
            kept = _renewed(kept)
        return kept.credentials()


def _renewed(kept: SignIn) -> SignIn:
    answer = _post(
        kept.api_url, kept.client_id, "token", grant_type="refresh_token", refresh_token=kept.refresh_token
    )
    grant = auth.read_grant(answer.body) if answer.status == 200 else None
    if grant is not None:
        renewed = kept.renewed(grant, datetime.now(UTC))
        _keep(renewed)
        log.info("the sign-in was renewed, until %s", f"{renewed.access_until:%Y-%m-%d}")
        return renewed
    if answer.error == "invalid_grant":
        _keep(kept.ended())
        raise LoginNeeded("Simkl has ended the sign-in; run `mpv-simkl login` again")
    if answer.error == "invalid_client":
        raise LoginNeeded(WRONG_CLIENT)
    raise TryLater(f"the sign-in cannot be renewed now: {answer.status} {answer.error}".rstrip())


def _keep(sign_in: SignIn) -> None:
    """Simkl has changed it already: a full disk must not stop the one who holds the new token."""
    try:
        auth.save(sign_in)
    except MpvSimklError as error:
        log.error("%s; make room or check the permissions", error)


def who_is(who: Credentials) -> tuple[str, str]:
    """The account's number and the user's name (simkl-api 2.4). Raises TryLater."""
    with web.session(who.client_id, who.token) as http:
        answer = web.ask(http, "GET", f"{who.url}/users/settings")
    body = web.json_object(answer) if answer.status_code == 200 else {}
    account, name = _text_in(body, "account", "id"), _text_in(body, "user", "name")
    if not account:
        raise TryLater(f"GET /users/settings: {answer.status_code} {web.word(answer)}".rstrip())
    return account, name


def revoke(url: str, client_id: str, token: str) -> None:
    """End a sign-in, by either of its tokens (simkl-api 2.3). Raises TryLater if Simkl did not hear it."""
    answer = _post(url, client_id, "revoke", token=token)
    if answer.status != 200:
        raise TryLater(f"POST /oauth2/revoke: {answer.status} {answer.error}".rstrip())


def _post(url: str, client_id: str, what: str, **form: str) -> Answer:
    """The client id goes both in the form and in the query, where every call has it (simkl-api 17.2)."""
    with web.session(client_id) as http:
        answer = web.ask(http, "POST", f"{url}/oauth2/{what}", data={"client_id": client_id, **form})
    return Answer(answer.status_code, web.json_object(answer))


def _text_in(body: Mapping[str, object], part: str, name: str) -> str:
    """A number or a text in one part of an answer, fit to be shown; "" if there is none."""
    found = body.get(part)
    value = found.get(name) if isinstance(found, dict) else None
    return shown(str(value))[:MAX_TEXT] if isinstance(value, int | str) and value else ""


def _is_plain(text: str) -> bool:
    return 0 < len(text) <= auth.MAX_TOKEN and text.isascii() and text.isprintable()


def _is_page(link: str) -> bool:
    """Is it a web page, and nothing else that a browser could be made to open?"""
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and _is_plain(link) and len(link) <= MAX_TEXT


def _seconds(value: object, usual: float) -> float:
    usable = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 86_400
    return float(value) if usable and isinstance(value, int | float) else usual
