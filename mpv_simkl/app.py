"""Puts the parts together and follows one mpv: start reading here.

    mpv -> player.events() -> evening.hear(): judge(), tracker.see() -> keeper: journal.record(), outbox.put()
             ^                                                                                      |
             '---post(news)--- Sender.run(), another thread: matcher, simkl.scrobble() -> Simkl

An event never waits for the network: it becomes a fact on disk, then a letter in the outbox, and the sender
does the rest.
"""

from __future__ import annotations

import contextlib
import logging
import math
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from . import __version__, auth, config, logs, outcome, places
from .config import Settings
from .delivery import Sender
from .errors import JournalError
from .evening import Evening
from .journal import BUSY, Journal
from .pace import Pace
from .player import Player
from .prompts import Prompts
from .replay import catch_up

if TYPE_CHECKING:
    from .simkl import Simkl

log = logging.getLogger(__name__)

LEAVE_WITHIN = 10.0  # seconds after mpv is gone; what Simkl has not taken by then waits in the journal


@dataclass(frozen=True, slots=True)
class Loader:
    """The script that started us, and what it knows of its mpv."""

    script: str  # its name in mpv, by which it gets messages
    own_socket: bool  # it made the socket, in a folder just for it
    has_input: bool  # it can ask questions (mp.input)
    mpv_dir: Path | None = None  # where its settings lie, if mpv itself has no folder


def run(socket: str, mpv_pid: int | None, loader: Loader) -> None:
    """Follow one mpv until it quits. Raises PlayerError if it cannot be reached."""
    logs.start("info")
    try:
        with Player(socket, mpv_pid) as player:
            player.greet(loader.script)
            current = config.Current(_conf(player, loader))
            settings, complaints = current.read(player.get("script-opts"))
            logs.start(settings.log_level)
            log.info("attached to %s, mpv-simkl %s", player.get("mpv-version"), __version__)
            if settings.enabled:
                prompts = Prompts(player, loader.script, has_input=loader.has_input)
                evening = _evening(player, prompts, current, settings)
                evening.complain(complaints)
                follow(evening)
    finally:
        if loader.own_socket:
            _remove(Path(socket))


def _conf(player: Player, loader: Loader) -> Path | None:
    """The simkl.conf of this mpv, whether it is there or not; None if it has no folder to look in."""
    if player.get("config") is False:  # mpv without a folder, as under Celluloid
        return loader.mpv_dir / config.CONF if loader.mpv_dir else None
    conf = player.expand(f"~~/{config.CONF.as_posix()}")
    return Path(conf) if conf else None


def follow(evening: Evening) -> None:
    """Turn what happens in mpv into what Simkl hears, to the end."""
    sender = _start_sender(evening)
    for event in evening.player.events(evening.patience):
        evening.hear(event)
    evening.login.give_up()
    evening.outbox.close()
    _wait_for(sender, evening.journal)
    _bring_to_disk(evening.journal)
    _say_what_waits(evening.journal)


def _start_sender(evening: Evening) -> threading.Thread:
    """The thread that takes from the outbox and talks to Simkl; its news comes back to the main loop."""
    journal = evening.journal
    sender = Sender(
        evening.outbox,
        journal,
        lambda: _connect(evening.settings, journal),
        complain=lambda why: outcome.ask_to_sign_in(evening, why),
        report=lambda news: evening.player.post(lambda: outcome.learn(evening, news)),
        search_file=lambda: evening.settings.search_file,
    )
    thread = threading.Thread(target=sender.run, name="sender", daemon=True)
    thread.start()
    return thread


def _wait_for(sender: threading.Thread, journal: Journal) -> None:
    """mpv's window is gone, and nobody waits for us: for some seconds what is in the outbox may go out."""
    within = LEAVE_WITHIN - (0 if journal.on_disk else BUSY)  # what is in memory is still to be written
    sender.join(within)
    if sender.is_alive():
        log.warning("Simkl has not answered within %g s; what it was to hear waits", within)


def _evening(player: Player, prompts: Prompts, current: config.Current, settings: Settings) -> Evening:
    """The main loop's room, with a journal on the disk or else in memory."""
    try:
        journal = _journal(settings)
    except JournalError as error:
        log.error("%s; what is watched is kept in memory until it can be used", error)
        journal = Journal.in_memory(auth.known_account())
    evening = Evening(player, prompts, journal, current, settings)
    journal.held, journal.player = evening.outbox.holds, player.address
    if not journal.on_disk:
        evening.notices.problem("journal", "Simkl: the journal cannot be used, see `mpv-simkl log`")
    return evening


def _journal(settings: Settings) -> Journal:
    """The one on the disk, with what earlier players left in it put in order. Raises JournalError."""
    journal = Journal.open(account=auth.known_account())
    journal.take_over(starting=True)
    catch_up(journal, journal.unsent)
    if settings.keep_history != math.inf:
        journal.prune(settings.keep_history)
    return journal


def _connect(settings: Settings, journal: Journal) -> Simkl:
    """The sender's connection; imported here because requests takes longer than all else together."""
    journal.account = auth.account()  # nobody's after a sign-out, of which the next line raises
    who = auth.credentials(settings.client_id)
    journal.account = who.account
    from .simkl import Simkl

    return Simkl(who, Pace(places.data_dir()))


def _remove(socket: Path) -> None:
    """mpv leaves its socket behind; the loader made a folder just for it."""
    with contextlib.suppress(OSError):
        socket.unlink()
        socket.parent.rmdir()


def _bring_to_disk(journal: Journal) -> None:
    """What only memory holds goes to the disk, or at least into the log."""
    if journal.on_disk:
        return
    try:
        journal.move_to_disk()
    except JournalError as error:
        watched = (row for row in journal.unsent() if row.watched_at)
        lost = "; ".join(f"{row.media} at {row.seen.at:%Y-%m-%d %H:%M} UTC" for row in watched)
        log.error("%s; make room, check permissions%s", error, f"; not kept: {lost}" if lost else "")


def _say_what_waits(journal: Journal) -> None:
    waiting = 0
    with contextlib.suppress(JournalError):
        waiting = journal.waiting() if journal.on_disk else 0
    log.info("mpv has ended%s", f"; {waiting} watched wait for Simkl in the journal" if waiting else "")
