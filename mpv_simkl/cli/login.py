"""`mpv-simkl login` and `logout`."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import threading
import webbrowser
from typing import TYPE_CHECKING

from .. import auth, qr
from ..auth import SignIn
from ..errors import MpvSimklError, SettingError
from ..journal import Journal
from ..logs import shown
from .connection import told_settings
from .words import Commands, before_the_user, command, counted, has_screen, typed

if TYPE_CHECKING:  # it imports requests, which no help should wait for
    from ..oauth import Code

NO_CLIENT_ID = """\
mpv-simkl needs the client id of a Simkl app, which is free and takes a minute:
  1. open https://simkl.com/settings/developer/ and sign in there
  2. make a new app of the type "TV, devices & command line"; its name is up to you
  3. copy its client id (no secret, no redirect address and no approval are needed)
  4. give it here; it is kept, so that you need it only once"""
CONNECTED_APPS = "https://simkl.com/settings/connected-apps/"
ROOM = 8  # lines of a terminal that are wanted beside the QR code


def add(commands: Commands) -> None:
    """Add both commands."""
    parser = command(
        commands, "login", login, does="sign in to Simkl", example="mpv-simkl login --no-browser"
    )
    parser.add_argument("--no-browser", action="store_true", help="only show the link, do not open it")
    parser.add_argument("--client-id", metavar="ID", help="sign in with this Simkl app of yours; it is kept")
    command(commands, "logout", logout, does="sign out of Simkl", example="mpv-simkl logout")


def login(args: argparse.Namespace) -> int:
    """Show a code, wait until it is confirmed, and greet."""
    from ..login import sign_in

    settings = told_settings()
    known = settings.client_id or auth.known_client_id()
    client_id = _client_id(args.client_id, known)

    def show(code: Code) -> None:
        _show(code)
        if not args.no_browser:
            _open(code.link)

    try:
        new = sign_in(auth.api_url(), client_id, show)
    except KeyboardInterrupt:
        print("\nNothing was changed.", file=sys.stderr)
        raise
    if client_id != known:
        auth.remember_client_id(client_id)
    _greet(new)
    if os.environ.get("MPV_SIMKL_ACCESS_TOKEN"):
        print("But MPV_SIMKL_ACCESS_TOKEN is set, and is used instead.")
    elif settings.client_id not in ("", client_id):
        print("But client_id is set to another app, and with that this sign-in is not used: take it out.")
    return 0


def logout(_: argparse.Namespace) -> int:
    """Tell Simkl and forget."""
    from ..login import sign_out

    signed_out = sign_out()
    if signed_out == "nobody":
        print("There was no sign-in to forget.")
    else:
        print("Signed out. What waits in the journal is kept.")
    if signed_out == "unheard":
        print(f"Simkl could not be told; end the sign-in there too: {CONNECTED_APPS}")
    if os.environ.get("MPV_SIMKL_ACCESS_TOKEN"):
        print("MPV_SIMKL_ACCESS_TOKEN is still set, and is used.")
    return 0


def _client_id(given: str | None, known: str) -> str:
    """From the command line, else the one that is known, else by asking."""
    if given is not None:
        return _checked(given)
    if known:
        return known
    if not sys.stdin.isatty():
        raise MpvSimklError(f"there is no client id. {NO_CLIENT_ID}: `mpv-simkl login --client-id ID`")
    print(NO_CLIENT_ID, file=before_the_user())
    return _checked(typed("Client id: "))


def _checked(text: str) -> str:
    if client_id := auth.read_client_id(text):
        return client_id
    raise SettingError("that is not a client id: it is one word of letters and digits, without a space")


def _show(code: Code) -> None:
    print(f"\nOpen  {code.link}\nor go to  {code.page}  and type  {code.user_code}\n")
    for line in _picture(code.link):
        print(line)
    minutes = f"{code.lasts / 60:.0f}"
    print(f"Waiting until it is confirmed there, {minutes} minutes at most; Ctrl-C stops.", flush=True)


def _picture(link: str) -> list[str]:
    """The link as a QR code, if this is a terminal that can show one."""
    if not sys.stdout.isatty() or os.environ.get("TERM") == "dumb":
        return []
    try:
        lines = qr.drawn(link, colours=not os.environ.get("NO_COLOR"))
        "".join(lines).encode(sys.stdout.encoding)
    except ValueError:  # too long for a code, or this terminal has no such letters
        return []
    columns, rows = shutil.get_terminal_size()
    return lines if columns >= qr.width(lines) and rows >= len(lines) + ROOM else []


def _open(link: str) -> None:
    """Show the page. Without a screen `webbrowser` would start a browser for the terminal, in the way of all
    that is shown; and a browser may take its time: it is not waited for.
    """
    if not (os.environ.get("BROWSER") or has_screen()):
        return
    threading.Thread(target=webbrowser.open, args=(link,), name="browser", daemon=True).start()


def _greet(new: SignIn) -> None:
    name = new.name or f"account {new.account}"
    print(f"\nHello {shown(name)}, you are signed in. What you watch in mpv goes to Simkl from now on.")
    with Journal.open(account=new.account) as journal:
        ours = journal.waiting()
        unsent = sum(row.waits for row in journal.unsent())
    if ours:
        go = counted(ours, "watched before goes", "watched before go")
        print(f"{go} out with the next film, or now: `mpv-simkl journal replay`")
    if others := unsent - ours:
        wait = counted(others, "watched under another account waits", "watched under another account wait")
        print(f"{wait} until that one signs in.")
