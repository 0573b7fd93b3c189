"""How we speak HTTP with Simkl: what every call carries, what an answer may be, foreign errors made ours.

A call carries what simkl-api 1 asks for. Redirects are never followed, so that a token stays with the host it
is for.
"""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from urllib3.exceptions import LocationParseError, NewConnectionError

from . import __version__
from .auth import LOOPBACK
from .errors import NoAnswer
from .lean import requests

log = logging.getLogger(__name__)

APP_NAME = "mpv-simkl"
CONNECT_WITHIN, ANSWER_WITHIN = 10, 25  # seconds; a write may stand behind another one (simkl-api 16)
SLOW = 1.5  # seconds that an answer may take before the log names it
MAX_ANSWER = 4_000_000  # bytes
PIECE = 16_384  # bytes read at once; compressed as far as can be, they are 16 MB
LONGEST_WORD = 80  # characters of Simkl's own word for an error
YEARS = range(2020, 2100)  # of a time that somebody's clock can tell now
NO_NAME = "no connection: Simkl's name cannot be looked up (DNS); check the network"


class Bearer(requests.auth.AuthBase):
    """The token as an auth object: with a mere header, requests would prefer a ~/.netrc entry to it.

    Without a token it sends none, and no ~/.netrc entry either.
    """

    def __init__(self, token: str = "") -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class Direct(requests.Session):
    """A session without redirects; with `allow_redirects=False` requests would still read where they lead,
    and fail on an address that makes no sense.
    """

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Nowhere."""


def session(client_id: str, token: str = "") -> requests.Session:
    """A connection that says in every call who we are."""
    http = Direct()
    http.auth = Bearer(token)
    http.headers.update({"User-Agent": f"{APP_NAME}/{__version__}", "Accept": "application/json"})
    http.params = {"client_id": client_id, "app-name": APP_NAME, "app-version": __version__}
    return http


def ask(
    http: requests.Session,
    method: str,
    url: str,
    *,
    within: tuple[float, float] | None = None,
    **sent: Any,
) -> requests.Response:
    """The answer to a call, whatever its status, within so many seconds to connect and to answer; `sent`:
    what requests calls `json`, `data`, `params`. Raises NoAnswer if none came.
    """
    timeout = within or (CONNECT_WITHIN, ANSWER_WITHIN)
    call, began = f"{method} {urlsplit(url).path}", time.monotonic()
    answer = _begin(http, method, url, call, timeout=timeout, **sent)
    try:
        _read(answer, timeout[1])
    except OSError as error:  # as those of requests are
        answer.close()
        raise NoAnswer(f"{call}: {_cause(error)}") from error
    if (took := time.monotonic() - began) > SLOW:
        log.info("Simkl took %.1f s to answer %s", took, call)
    return answer


def _begin(http: requests.Session, method: str, url: str, call: str, **sent: Any) -> requests.Response:
    """An answer of which only the head is read. Raises NoAnswer that names the call."""
    if urlsplit(url).hostname in LOOPBACK:  # a token for this machine does not leave it, to no proxy either
        sent["proxies"] = {"no_proxy": "*"}
    try:
        return http.request(method, url, stream=True, **sent)
    except requests.RequestException as error:
        raise NoAnswer(f"{call}: {_cause(error)}", unheard=_unheard(error)) from error
    except (OSError, LocationParseError) as error:
        # There is no file of certificates: cert_verify() of requests/adapters.py. Or the host's name is none:
        # create_connection() of urllib3/util/connection.py, whose error requests lets through.
        raise NoAnswer(f"{call}: no connection: {error}", unheard=True) from error


def _read(answer: requests.Response, within: float) -> None:
    """Read all of an answer; its connection is ended after so many seconds, for the timeout of requests is
    one between two bytes, and an answer that drips would never end. Raises RequestException.
    """
    if answer.raw.closed:  # it has no body
        return
    with socket.fromfd(answer.raw.fileno(), socket.AF_INET, socket.SOCK_STREAM) as connection:
        ended = threading.Event()
        timer = threading.Timer(within, _end, (connection, ended))
        timer.start()
        try:
            _keep(answer)
        except requests.RequestException:
            if not ended.is_set():
                raise
        finally:
            timer.cancel()
            timer.join()
    if ended.is_set():  # one without a length seems to be whole
        raise requests.ReadTimeout


def _keep(answer: requests.Response) -> None:
    """Read no more of an answer than any of Simkl's could have; the rest, or what swells when it is unpacked,
    would fill the memory. Raises RequestException.
    """
    kept = bytearray()
    try:
        for piece in answer.iter_content(PIECE):
            kept += piece
            if len(kept) > MAX_ANSWER:
                answer.close()
                break
    except ValueError as error:  # urllib3 lets a piece of negative length through
        raise requests.exceptions.ChunkedEncodingError from error
    answer._content = bytes(kept)  # where requests has it from then on


def _end(connection: socket.socket, ended: threading.Event) -> None:
    ended.set()
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def json_object(answer: requests.Response) -> dict[str, object]:
    """The object that was answered; {} for everything else, such as a login page of the network."""
    found = parsed(answer)
    return found if isinstance(found, dict) else {}


def json_list(answer: requests.Response) -> list[object]:
    """The array that was answered; [] for everything else."""
    found = parsed(answer)
    return found if isinstance(found, list) else []


def parsed(answer: requests.Response) -> object:
    """The JSON that was answered; None for everything else, and for what is too long."""
    if len(answer.content) > MAX_ANSWER:
        return None
    try:
        found: object = json.loads(answer.content)
    except (ValueError, RecursionError):
        return None
    return found


def ahead(answer: requests.Response) -> timedelta | None:
    """The machine's time of day less Simkl's, if the answer is Simkl's and says what time it is there.

    An answer from a cache has the date of when it was fetched, or a new one, and tells only its age: what of
    that span is nearest to the machine's time is believed.
    """
    there = date(answer, "Date") if parsed(answer) is not None else None
    if there is None:
        return None
    here, age = datetime.now(UTC), answer.headers.get("Age", "")
    latest = there + timedelta(seconds=int(age) if age.isdecimal() and len(age) < 8 else 0)
    return here - min(max(here, there), latest)


def date(answer: requests.Response, header: str) -> datetime | None:
    """The time that a header tells, with its zone; None if it tells none that can be true."""
    try:
        told = parsedate_to_datetime(answer.headers[header])
    except (KeyError, ValueError, OverflowError):
        return None
    return told if told.tzinfo and told.year in YEARS else None


def word(answer: requests.Response) -> str:
    """Simkl's own word for an error, or "" if the answer is none of Simkl's."""
    return word_in(json_object(answer))


def word_in(body: Mapping[str, object]) -> str:
    """The same, of an answer that was read already."""
    found = body.get("error")
    return found[:LONGEST_WORD] if isinstance(found, str) and found.isascii() and found.isprintable() else ""


def _cause(error: OSError) -> str:
    """What happened, in a few words; requests' own text repeats the address with all its parameters."""
    match error:
        case requests.exceptions.SSLError():
            return "the encrypted connection cannot be trusted; check the clock and the network"
        case requests.ConnectTimeout() | requests.ReadTimeout():
            return "no answer in time; check the network"
        case requests.ConnectionError():
            return NO_NAME if _nameless(error) else "no connection; check the network"
        case requests.exceptions.ChunkedEncodingError() | requests.exceptions.ContentDecodingError():
            return "the connection broke off in the middle of the answer"
    return type(error).__name__


def _nameless(error: BaseException | None) -> bool:
    """Was it the name server that did not know the name; it stands somewhere below the foreign errors."""
    while error is not None:
        if isinstance(error, socket.gaierror):
            return True
        error = error.__cause__ or error.__context__
    return False


def _unheard(error: requests.RequestException) -> bool:
    """Did not even a connection come about?"""
    if isinstance(error, requests.ConnectTimeout):
        return True
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, NewConnectionError)
