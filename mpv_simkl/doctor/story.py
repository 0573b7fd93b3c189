"""What the log has to tell: the last trouble, and why the last file was not scrobbled."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .. import logs
from .cures import NOT_SCROBBLED, SAID, cure
from .finding import Finding, ok, warning
from .machine import Machine

LINES = 500  # an evening or two
LINE = re.compile(r"^(?P<at>\S+Z) (?P<level>[A-Z]+) +(?P<pid>\d+) (?P<said>.*)$")
WELL = ("sent ", "delivered ")  # after these, what was wrong before has passed
LOUD = ("WARNING", "ERROR", "CRITICAL")
IN_VAIN = "not scrobbled: "


def troubles(_: Machine) -> Iterator[Finding]:
    """The last line that warns, if nothing went well after it; and why the last file was not scrobbled."""
    file = logs.path()
    try:
        lines = [found for line in logs.last(file, LINES) if (found := LINE.match(line))]
    except OSError as error:
        yield warning("log", f"{file} cannot be read: {error.strerror}", "check who may read it")
        return
    if not lines:
        yield warning("log", "empty: no mpv has started mpv-simkl yet", "play a film or an episode in mpv")
        return
    trouble = _last_trouble(lines)
    if trouble is None:
        yield ok("log", "no trouble since something was last sent")
    else:
        told = logs.shown(trouble["said"])
        yield warning("log", f"{trouble['at']} {told}", cure(told, SAID))
    if (reason := _last_in_vain(lines)) is not None:
        yield warning("last file", f"not scrobbled: {reason}", cure(reason, NOT_SCROBBLED))


def _last_trouble(lines: list[re.Match[str]]) -> re.Match[str] | None:
    for line in reversed(lines):
        if line["said"].startswith(WELL):
            return None
        if line["level"] in LOUD:
            return line
    return None


def _last_in_vain(lines: list[re.Match[str]]) -> str | None:
    """Why the file that was opened last is not scrobbled; None if it is."""
    for line in reversed(lines):
        if line["said"].startswith("taken for "):
            return None
        if line["said"].startswith(IN_VAIN):
            return logs.shown(line["said"].removeprefix(IN_VAIN))
    return None
