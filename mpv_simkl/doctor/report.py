"""A bundle for whoever helps: doctor's lines, versions, settings, the log's end; no secret, no name."""

from __future__ import annotations

import getpass
import os
import platform
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib import metadata

from .. import __version__, auth, config, logs
from ..errors import LoginNeeded
from .finding import Finding
from .machine import Machine

LOG_LINES = 200
PACKAGES = ("requests", "urllib3", "python-mpv-jsonipc", "appdirs")
# Tokens, client ids, device codes, and whatever else looks like one; what was set as client_id looks like
# anything, and a complaint quotes it.
SECRET = re.compile(
    r"\bsimkl_[a-z]{2}_[\w.~-]+|\b[A-Za-z0-9]{32,}\b|\b[\w-]{48,}\b"
    r"""|(?<=client_id=)(?:'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|\S+)"""
)
GIVEN = ("MPV_SIMKL_ACCESS_TOKEN", "MPV_SIMKL_CLIENT_ID")
SHORTEST_NAME = 3  # letters of a user name that is searched for; `me` stands in half of all words


def bundle(machine: Machine, findings: Iterable[Finding]) -> str:
    """The text of the bundle, fit to be shown to strangers; film titles in it stay."""
    text = "\n".join(
        logs.shown(line)
        for line in [
            "## mpv-simkl doctor",
            *(f"{found.result:<8} {found.check:<12} {found.detail}" for found in findings),
            "",
            "## Versions",
            *_versions(),
            "",
            "## Settings",
            *(f"{name}={config.written(getattr(machine.settings, name))}" for name in config.BY_NAME),
            "",
            f"## The last {LOG_LINES} lines of the log",
            *_log(),
            "",
        ]
    )
    return anonymous(text, machine.environment, logs.shown(str(machine.home)), machine.settings.client_id)


def _versions() -> Iterator[str]:
    yield f"mpv-simkl {__version__}"
    yield f"Python {platform.python_version()}, {platform.platform()}, {sys.executable}"
    for name in PACKAGES:
        try:
            yield f"{name} {metadata.version(name)}"
        except metadata.PackageNotFoundError:
            yield f"{name} is missing"


def _log() -> list[str]:
    try:
        return logs.last(logs.path(), LOG_LINES)
    except OSError as error:
        return [f"it cannot be read: {error.strerror}"]


def anonymous(text: str, environment: Mapping[str, str], home: str, client_id: str = "") -> str:
    """The text without tokens and client ids, without the home folder's path and the user's names."""
    for secret in filter(None, (client_id, *_secrets(environment))):
        text = text.replace(secret, "(secret)")
    if home not in ("", os.sep):
        text = text.replace(home, "~")
    text = SECRET.sub("(secret)", text)
    for name in _names(home):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "(user)", text)
    return text


def _secrets(environment: Mapping[str, str]) -> Iterator[str]:
    yield from (text for name in GIVEN if (text := environment.get(name, "").strip()))
    yield from filter(None, [auth.known_client_id()])
    try:
        kept = auth.load()
    except LoginNeeded:
        return
    if kept is not None:
        yield from filter(None, (kept.access_token, kept.refresh_token, kept.client_id))


def _names(home: str) -> set[str]:
    """What this user is called here and at Simkl."""
    names = {os.path.basename(home)}  # noqa: PTH119 - a text, of any system
    try:
        names.add(getpass.getuser())
        kept = auth.load()
        names.add(kept.name if kept else "")
    except (LoginNeeded, OSError, KeyError):  # KeyError: a user without an entry, before Python 3.13
        names.discard("")
    return {name for name in names if len(name) >= SHORTEST_NAME}
