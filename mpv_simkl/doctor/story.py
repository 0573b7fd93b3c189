"""What the log has to tell: the last trouble, and why the last file was not scrobbled."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .. import logs
from .finding import Finding, ok, warning
from .machine import Machine

LINES = 500  # an evening or two
LINE = re.compile(r"^(?P<at>\S+Z) (?P<level>[A-Z]+) +(?P<pid>\d+) (?P<said>.*)$")
WELL = ("sent ", "delivered ")  # after these, what was wrong before has passed
LOUD = ("WARNING", "ERROR", "CRITICAL")
IN_VAIN = "not scrobbled: "

# What stands in a line of the log -> what to do; the first that fits.
CURES = (
    ("not signed in", "run `mpv-simkl login`"),
    ("token is not good", "run `mpv-simkl login`, and unset MPV_SIMKL_ACCESS_TOKEN"),
    ("may read but not write", "run `mpv-simkl login` again"),
    ("another client_id", "run `mpv-simkl login` again"),
    ("client id is wrong or blocked", "wait some minutes; if it lasts, check client_id"),
    ("used up", "wait for midnight in New York; what waits is sent then"),
    ("DNS", "check the network and its name server"),
    ("login page", "open a browser and log in to the network"),
    ("encrypted connection", "check the clock, and what inspects this network's encryption"),
    ("no connection", "check the network; what is watched is kept and sent later"),
    ("no answer in time", "check the network; what is watched is kept and sent later"),
    ("knows no such", "look at the name with `mpv-simkl identify --why FILE`"),
    ("set aside", "see `mpv-simkl journal list`"),
    ("the journal was damaged", "nothing; compare `mpv-simkl history`"),
    ("the journal", "make room on the disk, or check who may write there"),
    ("cannot be used; it takes", "correct that setting"),
    ("there is no setting", "correct that setting"),
    ("cannot talk to mpv", "start mpv anew"),
    (": 5", "wait; see https://status.simkl.com/"),
    ("", "read `mpv-simkl log`"),
)
NOT_SCROBBLED_CURES = (
    ("min_duration", "set min_duration lower in simkl.conf, if it should count"),
    ("not a video", "nothing: only videos are scrobbled"),
    ("length is unknown", "nothing: live streams are not scrobbled"),
    ("stream", "give the stream a title with season and episode, or play the file"),
    ("", "look at the name with `mpv-simkl identify --why FILE`, and rename it"),
)


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
        yield warning("log", f"{trouble['at']} {told}", cure(told, CURES))
    if (reason := _last_in_vain(lines)) is not None:
        yield warning("last file", f"not scrobbled: {reason}", cure(reason, NOT_SCROBBLED_CURES))


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


def cure(said: str, cures: tuple[tuple[str, str], ...]) -> str:
    """What to do about what the log said."""
    return next(cure for words, cure in cures if words in said)
