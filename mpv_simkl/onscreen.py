"""Signing in inside mpv: a key shows the code on the screen, and the rest happens by itself.

A thread of its own asks Simkl; mpv and the tracker never wait for it. The same key takes the code away again.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from . import auth
from .errors import LoginNeeded, MpvSimklError
from .notices import READ

if TYPE_CHECKING:
    from .oauth import Code

log = logging.getLogger(__name__)

Show = Callable[[str, float], None]  # a text, and for how many seconds
OVERLAP = 1.0  # seconds that the code stays beyond the next poll, so that it does not flicker


class GivenUp(MpvSimklError):
    """The user does not want to sign in now."""


class ScreenLogin:
    """What happens when the key for it is pressed; `done` is called when somebody has signed in."""

    def __init__(self, show: Show, client_id: str, done: Callable[[], None]) -> None:
        self._show = show
        self._client_id = client_id
        self._done = done
        self._busy = False
        self._given_up = threading.Event()
        self._text = ""

    def press(self) -> None:
        """Begin, or give up what has begun; returns at once."""
        if self._busy:
            self._given_up.set()
            return
        self._busy = True
        self._given_up.clear()
        threading.Thread(target=self._run, name="login", daemon=True).start()

    def give_up(self) -> None:
        """Stop waiting: mpv is gone."""
        self._given_up.set()

    def _run(self) -> None:
        try:
            said = self._sign_in()
        except MpvSimklError as error:
            log.warning("no sign-in: %s", error)
            said = str(error)
        except Exception:  # the edge of a thread: whoever waits for an answer on the screen gets one
            log.exception("a fault in mpv-simkl while signing in")
            said = "signing in failed, see `mpv-simkl log`"
        self._busy = False
        self._show(f"Simkl: {said}", READ)

    def _sign_in(self) -> str:
        """What to say in the end. Raises MpvSimklError."""
        if self._is_signed_in():
            return "you are signed in"
        client_id = self._client_id or auth.known_client_id()
        if not client_id:
            raise LoginNeeded("there is no client id yet; run `mpv-simkl login` in a terminal")
        from .login import sign_in

        self._show("Simkl: asking for a code ...", READ)
        new = sign_in(auth.api_url(), client_id, self._show_code, self._pause)
        self._done()
        return f"hello {new.name or new.account}, you are signed in"

    def _is_signed_in(self) -> bool:
        try:
            auth.credentials(self._client_id)
        except LoginNeeded:
            return False
        return True

    def _show_code(self, code: Code) -> None:
        self._text = f"Simkl: open {code.link}\nor type {code.user_code} at {code.page}"
        log.info("waiting for the code to be confirmed: %s", code.link)

    def _pause(self, seconds: float) -> None:
        """The code stays on the screen; raises GivenUp if the key is pressed again."""
        self._show(self._text, seconds + OVERLAP)
        if self._given_up.wait(seconds):
            raise GivenUp("not signed in")
