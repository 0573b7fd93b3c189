"""Is a file scrobbled, and as what. Pure: what mpv opened, the settings -> a judgement, and why.

What is no video, too short, left out by the user or a stream of doubtful name is refused with one reason; for
the rest `identify` says what it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from .exclusion import refusal
from .identify import Reason, identify
from .media import FILES, Media
from .model import Opened

DEVICES = ("av://", "tv://", "dvb://", "memory://", "fd://", "fdclose://", "lavf://", "edl://", "-", "/dev/")
IN_MEMORY = "/dev/shm/"  # noqa: S108 - the folder under /dev that has files in it

# What a file is to us: one that we know or do not know, that is to be left alone, that is no film at all, or
# none for as long as it is so short.
Standing = Literal["known", "unknown", "excluded", "foreign", "short"]


@dataclass(frozen=True, slots=True)
class Rules:
    """What counts: the settings that decide about a viewing."""

    min_duration: float = 300.0  # seconds; shorter files are clips
    min_played: float = 10.0  # percent of the running time that must really have been played
    exclude: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    stream_hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a file was taken for; without `media`, `reason` is the one reason why nothing is sent."""

    media: Media | None
    reason: str
    why: tuple[Reason, ...] = ()
    standing: Standing = "foreign"

    @property
    def nameless(self) -> bool:
        """It would be scrobbled if it were known what it is."""
        return self.standing == "unknown"


def judge(event: Opened, rules: Rules, this_year: int) -> Judgement:
    """Is this file scrobbled, and as what."""
    if (refused := _not_ours(event, rules)) is not None:
        return refused
    if reason := refusal(event.clues.path, rules.exclude, rules.include):
        return Judgement(None, reason, standing="excluded")
    verdict = identify(event.clues, this_year=this_year)
    if verdict.media is None:
        return Judgement(None, verdict.reason, verdict.why, "unknown")
    if verdict.media.type == "movie" and verdict.media.file == 1:
        reason = "the first of several files of a film; the next one counts"
        return Judgement(None, reason, verdict.why, "unknown")
    is_trusted = _certain(verdict.media) or _host(event.clues.path) in rules.stream_hosts
    if _is_stream(event) and not is_trusted:
        return Judgement(None, "a stream whose title is not certain", verdict.why)
    return Judgement(verdict.media, "", verdict.why, "known")


def _not_ours(event: Opened, rules: Rules) -> Judgement | None:
    if reason := _no_film(event):
        return Judgement(None, reason)
    length = event.duration or 0.0
    if length < rules.min_duration:
        reason = f"{length:.0f} s long, shorter than min_duration={rules.min_duration:g}"
        return Judgement(None, reason, standing="short")
    return None


def _no_film(event: Opened) -> str:
    if event.kind != "video":
        return f"{event.kind}, not a video"
    if event.clues.path.startswith(DEVICES) and not event.clues.path.startswith(IN_MEMORY):
        return "a device or a pipe, not a file"
    if not event.duration or event.duration <= 0:
        return "its length is unknown, as a live stream's is"
    return ""


def _is_stream(event: Opened) -> bool:
    """A file on a server in the house is no stream (mpv-notes 3.3)."""
    return event.network and not event.clues.path.startswith(FILES)


def _host(path: str) -> str:
    """The host of an address, without name and password and port."""
    authority = path.partition("://")[2].partition("/")[0].rpartition("@")[2]
    return re.sub(r":\d*$", "", authority).lower()


def _certain(media: Media) -> bool:
    """An id or a numbered episode: what web videos hardly ever have by chance (mpv-notes 3.4)."""
    return bool(media.ids) or bool(media.season is not None and media.episodes)
