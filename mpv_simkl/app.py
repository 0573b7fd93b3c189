"""Puts the parts together and follows one mpv: start reading here.

    mpv -> player.events() -> judge() and tracker.see() -> journal.record() -> outbox.put()
                                                                                  |
                                                      Sender.run(), another thread: simkl.scrobble() -> Simkl

An event never waits for the network: it becomes a fact on disk, then a letter in the outbox, and the sender
does the rest.
"""

from __future__ import annotations

import contextlib
import logging
import math
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from . import __version__, auth, config, logs, places
from .config import Settings
from .delivery import Sender
from .errors import JournalError, LoginNeeded, MpvSimklError
from .journal import Journal
from .journal.titles import Titles
from .media import Media
from .model import Action, Asked, Ended, Event, Finished, Opened, Paused, Resumed, Scrobble
from .onscreen import READ, ScreenLogin
from .outbox import Outbox
from .pace import Pace
from .playback import Judgement, Rules, Tracker, judge
from .player import Player
from .sidecars import read_sidecars

if TYPE_CHECKING:
    from .simkl import Simkl

log = logging.getLogger(__name__)

CORRECTED = "corrected"  # another process of ours says so, when the user has corrected something
LEAVE_WITHIN = 10.0  # seconds after mpv is gone; what Simkl has not taken by then waits in the journal


def run(socket: str, mpv_pid: int | None, *, own_socket: bool, script: str) -> None:
    """Follow one mpv until it quits. Raises PlayerError if it cannot be reached."""
    logs.start("info")
    try:
        with Player(socket, mpv_pid) as player:
            player.greet(script)
            settings = _settings(player)
            log.info("attached to %s, mpv-simkl %s", player.get("mpv-version"), __version__)
            if settings.enabled:
                follow(player, settings)
    finally:
        if own_socket:
            _remove(Path(socket))


def follow(player: Player, settings: Settings) -> None:
    """Turn what happens in mpv into what Simkl hears, to the end."""
    journal, outbox = _journal(player, settings), Outbox()
    journal.player = player.address
    login = ScreenLogin(player.show, settings.client_id, done=outbox.replay)
    sender = Sender(
        outbox,
        journal,
        lambda: _connect(settings, journal),
        lambda why: _complain(player, why),
        search_file=settings.search_file,
    )
    thread = threading.Thread(target=sender.run, name="sender", daemon=True)
    thread.start()
    rules = _rules(settings)
    tracker = Tracker(rules)
    for event in player.events(tracker.patience):
        now = _time_of(event)
        if isinstance(event, Opened):
            _keep_and_send(_open(tracker, event, rules, now, journal.titles), journal, outbox, player)
            outbox.replay()
        elif isinstance(event, Asked) and event.what == CORRECTED:
            _keep_and_send(_correct(tracker, event, now, journal.titles), journal, outbox, player)
            outbox.replay()
        elif isinstance(event, Asked):
            _answer(event, login)
        else:
            _note(event)
            _keep_and_send(tracker.see(event, now), journal, outbox, player)
    login.give_up()
    outbox.close()
    thread.join(LEAVE_WITHIN)
    if thread.is_alive():
        log.warning("Simkl has not answered within %g s; what it was to hear waits", LEAVE_WITHIN)
    _leave(journal)


def _time_of(event: Event) -> datetime:
    """The time of day when it happened: a disk that keeps us waiting makes no viewing end later."""
    return datetime.now(UTC) - timedelta(seconds=max(time.monotonic() - event.at, 0.0))


def _rules(settings: Settings) -> Rules:
    return Rules(
        settings.min_duration,
        settings.min_played,
        settings.exclude,
        settings.include,
        settings.stream_hosts,
    )


def _open(tracker: Tracker, event: Opened, rules: Rules, now: datetime, titles: Titles) -> list[Scrobble]:
    """Recognise what was opened; what is nothing for Simkl is told to the log only."""
    clues = event.clues._replace(sidecars=read_sidecars(event.clues.path))
    judgement = judge(replace(event, clues=clues), rules, now.year)
    corrected = _corrected(titles, event.clues.path, judgement)
    _note_opened(event, judgement, corrected)
    media = corrected or judgement.media
    if media is None:
        return []
    return tracker.open(event, media, now, recognised=judgement.media, corrected=corrected is not None)


def _corrected(titles: Titles, path: str, judgement: Judgement) -> Media | None:
    """What the user says it is; nothing that is left out becomes ours by that."""
    if judgement.media is None and not judgement.nameless:
        return None
    with contextlib.suppress(JournalError):
        return titles.corrected(path, judgement.media)
    return None


def _correct(tracker: Tracker, event: Asked, now: datetime, titles: Titles) -> list[Scrobble]:
    """The user has said what something is: perhaps what plays."""
    with contextlib.suppress(JournalError):
        if (media := titles.corrected(tracker.path, tracker.recognised)) is not None:
            return tracker.correct(media, event.at, now)
    return []


def _keep_and_send(scrobbles: list[Scrobble], journal: Journal, outbox: Outbox, player: Player) -> None:
    for scrobble in scrobbles:
        _record(scrobble, journal, player)
        if scrobble.action in (Action.KEEP, Action.NOTE):
            continue
        if not outbox.put(scrobble):
            with contextlib.suppress(JournalError):  # the next start forgets it, then
                journal.forget(scrobble.viewing)


def _record(scrobble: Scrobble, journal: Journal, player: Player) -> None:
    """On disk, or in memory if the disk cannot be written any more."""
    try:
        journal.record(scrobble)
    except JournalError as error:
        log.error("%s; what is watched is kept in memory until mpv ends: make room, check permissions", error)
        player.show("Simkl: the journal cannot be written, see `mpv-simkl log`")
        journal.move_to_memory()
        journal.record(scrobble)


def _settings(player: Player) -> Settings:
    conf = player.expand(f"~~/{config.CONF.as_posix()}")
    script_opts = player.get("script-opts")
    given = script_opts if isinstance(script_opts, Mapping) else {}
    settings, complaints = config.load(Path(conf) if conf else None, given)
    logs.start(settings.log_level)
    for complaint in complaints:
        log.warning("%s", complaint)
    return settings


def _journal(player: Player, settings: Settings) -> Journal:
    try:
        journal = Journal.open(account=_account())
        journal.take_over(starting=True)
        if settings.keep_history != math.inf:
            journal.prune(settings.keep_history)
    except JournalError as error:
        log.error("%s; what is watched now is kept in memory only", error)
        player.show("Simkl: the journal cannot be used, see `mpv-simkl log`")
        return Journal.in_memory()
    return journal


def _account() -> str | None:
    """Whose watches these are, as far as that is known without a network."""
    with contextlib.suppress(LoginNeeded):
        return auth.account()
    return None


def _connect(settings: Settings, journal: Journal) -> Simkl:
    """The sender's connection; imported here because requests takes longer than all else together."""
    who = auth.credentials(settings.client_id)
    journal.account = who.account
    from .simkl import Simkl

    return Simkl(who, Pace(places.data_dir()))


def _complain(player: Player, why: MpvSimklError) -> None:
    """What only the user can mend goes to the screen."""
    or_a_key = "\nor bind a key to  script-binding simkl/login" if isinstance(why, LoginNeeded) else ""
    player.show(f"Simkl: {why}{or_a_key}", READ)


def _answer(event: Asked, login: ScreenLogin) -> None:
    """Do what a key or a message of the user's is for."""
    if event.what == "login":
        login.press()
    else:
        log.warning("there is no %r to ask for", event.what)


def _remove(socket: Path) -> None:
    """mpv leaves its socket behind; the loader made a folder just for it."""
    with contextlib.suppress(OSError):
        socket.unlink()
        socket.parent.rmdir()


def _note_opened(event: Opened, judgement: Judgement, corrected: Media | None) -> None:
    length = f"{event.duration:.0f} s" if event.duration else "length unknown"
    log.info("opened %r, %s", _name(event), length)
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


def _name(event: Opened) -> str:
    """The file's name; of an address neither host nor query, where tokens stand (mpv-notes 3.4)."""
    path = event.clues.path.partition("?")[0] if "://" in event.clues.path else event.clues.path
    return path.replace("\\", "/").rstrip("/").rpartition("/")[2]


def _note(event: Event) -> None:
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


def _leave(journal: Journal) -> None:
    """The last words; what only memory holds goes to the disk, or at least into the log."""
    if not journal.on_disk:
        try:
            journal.move_to_disk()
        except JournalError as error:
            watched = (row for row in journal.unsent() if row.watched_at)
            lost = "; ".join(f"{row.media} at {row.seen.at:%Y-%m-%d %H:%M} UTC" for row in watched)
            log.error("%s; make room, check permissions%s", error, f"; not kept: {lost}" if lost else "")
    waiting = 0
    with contextlib.suppress(JournalError):
        waiting = journal.waiting() if journal.on_disk else 0
    log.info("mpv has ended%s", f"; {waiting} watched wait for Simkl in the journal" if waiting else "")
