"""What the log says of what happens in mpv: events and judgements -> its lines."""

from __future__ import annotations

import logging
import math

from .judging import Judgement
from .media import Media, without_secrets
from .model import Ended, Event, Finished, Opened, Paused, Resumed

log = logging.getLogger(__name__)


def note_opened(event: Opened, judgement: Judgement, corrected: Media | None) -> None:
    """Which file was opened, what it is taken for, and by which evidence."""
    is_known = event.duration and event.duration < math.inf
    length = f"{event.duration:.0f} s" if is_known else "length unknown"
    log.info("opened %r, %s", name_of(event), length)
    if corrected is not None:
        log.info("taken for %s: as you said with `mpv-simkl match`", corrected)
        return
    if judgement.media is None:
        log.info("not scrobbled: %s", judgement.reason)
        return
    log.info("taken for %s: %s", judgement.media, _evidence(judgement))


def _evidence(judgement: Judgement) -> str:
    """Which source said what: `title, season from file name; year from folder 'X (2021)'`."""
    fields: dict[str, list[str]] = {}
    for reason in judgement.why:
        if reason.won:
            fields.setdefault(reason.source, []).append(reason.field)
    return "; ".join(f"{', '.join(said)} from {source}" for source, said in fields.items())


def name_of(event: Opened) -> str:
    """The file's name; of an address neither host nor query, where tokens stand (mpv-notes 3.4)."""
    path = without_secrets(event.clues.path)
    path = path.partition("?")[0] if "://" in path else path
    return path.replace("\\", "/").rstrip("/").rpartition("/")[2]


def note(event: Event) -> None:
    """What happened to the file that plays."""
    match event:
        case Paused() | Resumed():
            log.info("%s at %s", type(event).__name__.lower(), _clock(event.position))
        case Finished():
            log.info("reached the end, held open")
        case Ended(reason=reason):
            log.info("closed: %s", reason)
        case _:
            log.debug("%s", event)


def _clock(seconds: float | None) -> str:
    if seconds is None:
        return "an unknown place"
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"
