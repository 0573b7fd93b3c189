"""`mpv-simkl status`: signed in as whom, what waits, where it is loaded. Works without a network too."""

from __future__ import annotations

import argparse
import re
import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from .. import auth, installation, paused, processes
from ..bodies import stamp
from ..errors import SEE_LIST, JournalError, LoginNeeded, MpvSimklError, SimklError, by_hand
from ..journal import Journal, Row
from ..logs import shown
from .connection import connect
from .journal import as_dict
from .words import SIMKL, Commands, coloured, command, json_line

WITHIN = 3.0  # seconds for an answer of Simkl's, and of mpv's
VERSION = re.compile(r"^mpv v?(\S+)", re.MULTILINE)


def add(commands: Commands) -> None:
    """Add the command."""
    parser = command(
        commands,
        "status",
        show,
        does="tell who is signed in, what waits, and where mpv-simkl is loaded",
        example="mpv-simkl status --json",
    )
    parser.add_argument("--json", action="store_true", help="one object; what is not known is null")


def show(args: argparse.Namespace) -> int:
    """Print how things stand; not to know is an answer too."""
    row = {
        **_account(),
        "mpv_version": mpv_version(),
        "loader": [str(path) for path in installation.loaders()],
    }
    why = row.pop("why")
    row |= _journal() | _scrobbling()
    if args.json:
        print(json_line(row))
        return 0
    for name, value in _lines(row, shown(why)):
        print(f"{name:<15}{value}")
    return 0


def _account() -> dict[str, Any]:
    """Who is signed in, as Simkl says; what it does not say now is None, and `why` tells the reason."""
    unknown: dict[str, Any] = {"user": None, "account_id": None, "plan": None, "quota_left": None}
    try:
        simkl = connect()
    except MpvSimklError as error:
        return {"signed_in": False, **unknown, "why": str(error)}
    try:
        account = simkl.account(WITHIN)
    except LoginNeeded as error:
        return {"signed_in": False, **unknown, "quota_left": simkl.quota_left, "why": by_hand(error)}
    except SimklError as error:
        return {"signed_in": True, **unknown, "quota_left": simkl.quota_left, "why": by_hand(error)}
    return {
        "signed_in": True,
        "user": account.name or None,
        "account_id": account.id,
        "plan": account.plan or None,
        "quota_left": simkl.quota_left,
        "why": "",
    }


def mpv_version() -> str | None:
    """The version of the mpv that is found first, None if there is none or it does not say."""
    mpv = shutil.which("mpv")
    told = processes.output([mpv, "--no-config", "--version"], WITHIN) if mpv else None
    found = VERSION.search(told or "")
    return found[1] if found else None


def _journal() -> dict[str, Any]:
    try:
        with Journal.open(account=auth.known_account()) as journal:
            return {
                "waiting": journal.waiting(),
                "set_aside": journal.set_aside(),
                "last_scrobble": _scrobble(journal.latest()),
            }
    except JournalError:
        return {"waiting": None, "set_aside": None, "last_scrobble": None}


def _scrobbling() -> dict[str, Any]:
    """Is it paused, in mpv with a key, and for how long."""
    pausing = paused.read(paused.file(), datetime.now(UTC))
    return {"scrobbling": str(pausing) if pausing else "on"}


def _scrobble(row: Row | None) -> dict[str, Any] | None:
    if row is None or row.watched_at is None:
        return None
    told = as_dict(row)
    names = ("type", "title", "year", "season", "episodes")
    return {
        **{name: told[name] for name in names},
        "watched_at": stamp(row.watched_at),
        "name": str(row.media),
    }


def _lines(row: Mapping[str, Any], why: str) -> Iterator[tuple[str, str]]:
    """What a person reads: a name and a sentence each."""
    yield "signed in", _who(row, why)
    if row["quota_left"] is not None:
        yield "quota", f"{row['quota_left']} requests left today, for all apps of this account"
    yield "mpv", shown(row["mpv_version"] or "") or coloured("not found", "yellow")
    yield (
        "loaded from",
        shown(", ".join(row["loader"])) or coloured("nowhere; run `mpv-simkl install`", "red"),
    )
    if row["waiting"] is None:
        yield "waiting", coloured("the journal cannot be read; run `mpv-simkl doctor`", "red")
    else:
        yield "waiting", f"{row['waiting']} watched and still to be sent"
    if row["set_aside"]:
        yield "set aside", coloured(f"{row['set_aside']} that Simkl did not take{SEE_LIST}", "yellow")
    if row["scrobbling"] != "on":
        yield "scrobbling", coloured(shown(row["scrobbling"]), "yellow")
    if last := row["last_scrobble"]:
        when = datetime.fromisoformat(last["watched_at"]).astimezone()
        yield "last scrobble", f"{shown(last['name'])}, {when:%Y-%m-%d %H:%M}"
    else:
        yield "last scrobble", "none yet"
    yield "Simkl", SIMKL


def _who(row: Mapping[str, Any], why: str) -> str:
    if not row["signed_in"]:
        return coloured(f"no: {why}".replace("no: not signed in;", "no;"), "red")
    if why:
        return f"yes, but Simkl could not be asked as whom: {why}"
    plan = shown(row["plan"] or "unknown")
    return f"{coloured(shown(row['user'] or 'yes'), 'green')}, account {row['account_id']}, plan {plan}"
