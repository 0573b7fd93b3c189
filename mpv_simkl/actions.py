"""What the keys do: a small function for each, called on the main loop with what came with the key.

What needs Simkl is a job for the sender's thread; its answer comes back as a notice. Every function says
something on the screen: a key that does nothing looks broken. What only one key needs is imported when that
is pressed, for it may never be.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from . import paused, pausing, presence
from .clocks import time_of_day
from .errors import SAY_WHAT, MpvSimklError
from .journal import UNDO_WITHIN, Row
from .media import Media
from .menu import Choice
from .notices import READ, Kind
from .outbox import Connect, Job

if TYPE_CHECKING:
    from .elsewhere import Stop
    from .evening import Evening
    from .simkl import Simkl

log = logging.getLogger(__name__)

NOTHING_PLAYS = "Simkl: nothing plays that is known"
EARLIER = "; that it was watched before stays"
FURTHER = 1.0  # percent that another device must be ahead

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Key:
    """One of the names that a key can be bound to, and what the menu says of it."""

    title: str
    act: Callable[[Evening, Words], None]


def act(evening: Evening, name: str, words: Words) -> None:
    """Do what a key or a message of the user's is for."""
    if name in KEYS:
        log.info("asked for: %s", name)
        KEYS[name].act(evening, words)
    elif name == "key" and len(words) == 2:
        evening.prompts.press(*words)
    elif name == "answer":
        evening.prompts.answer(words)
    else:
        log.warning("there is no %r to ask for", name)


def menu(evening: Evening, _: Words) -> None:
    """All that there is, for those who bind one key."""
    if evening.prompts.is_open:
        evening.prompts.close()
        return
    names = [name for name in KEYS if name != "menu"]
    choices = [Choice(KEYS[name].title, evening.player.key_of(name)) for name in names]
    evening.prompts.choose(_heading(evening), choices, lambda place: KEYS[names[place]].act(evening, ()))


def mark_watched(evening: Evening, _: Words) -> None:
    """What plays is watched, wherever it stands: first on the disk, then at Simkl."""
    media = evening.tracker.viewing and evening.tracker.viewing.media
    if media is None:
        evening.notices.answer(
            f"Simkl: scrobbling is {evening.pausing}" if evening.pausing else NOTHING_PLAYS
        )
        return
    evening.keeper.keep_and_send(evening.tracker.mark(time.monotonic(), datetime.now(UTC)))
    untaken = presence.untaken(evening)
    evening.notices.answer(untaken.why if untaken else f"Marked as watched: {media}")


def undo(evening: Evening, _: Words) -> None:
    """Take the last watch back, here and at Simkl: the very episode, for as long as a day."""
    journal, now = evening.journal, datetime.now(UTC)

    def work(connect: Connect) -> None:
        row = journal.last_watch()
        if row is None or row.watched_at is None:
            evening.answer_from_afar("Simkl: there is no watch to take back")
        elif now - row.watched_at > UNDO_WITHIN:
            evening.answer_from_afar(f"{row.media} was watched more than a day ago: see `mpv-simkl unmark`")
        else:
            stays = row.state == "done" and journal.was_watched_again(row)
            if row.state == "done" and not stays:
                _remove(connect(), row)
            if journal.take_back(row):
                log.info("taken back: %s%s", row.media, EARLIER if stays else "")
                evening.player.post(lambda: _taken_back(evening, row, stays=stays))
            else:
                evening.answer_from_afar(f"{row.media} is on its way to Simkl; take it back in a moment")

    evening.ask_simkl("It could not be taken back", work)


def _taken_back(evening: Evening, row: Row, *, stays: bool) -> None:
    """The last watch is none any more, an earlier one stays; what still plays of it is followed anew."""
    films = "; Simkl takes a film off its list with it" if row.media.type == "movie" else ""
    evening.notices.answer(f"Taken back: {row.media}{EARLIER if stays else films}", READ)
    if evening.tracker.take_back(row.name) and (opened := evening.player.now_playing()):
        evening.keeper.keep_and_send(evening.tracker.begin(opened, time_of_day(opened.at)))


def fix_match(evening: Evening, _: Words) -> None:
    """Say what it really is: words or a link, one of Simkl's titles, for how much it holds."""
    from . import fixing

    fixing.fix_match(evening)


def say_what(evening: Evening, why: str) -> str:
    """Why something is not taken, and how the user puts it right: with a key, if there is one."""
    key = evening.player.key_of("fix-match") or evening.player.key_of("menu")
    return why.removesuffix(SAY_WHAT) + (f"; press {key} to say what it is" if key else SAY_WHAT)


def pause_scrobbling(evening: Evening, words: Words) -> None:
    """Nothing of this file, or of the next hour, or until it is resumed; pressed again it goes on."""
    if evening.pausing is not None:
        pausing.end(evening)
        return
    chosen = [scope for scope in paused.SCOPES if scope in words]
    if chosen:
        pausing.begin(evening, chosen[0])
        return
    titles = {"file": "For this file", "hour": "For one hour", "resumed": "Until I resume it"}
    choices = [Choice(titles[scope]) for scope in paused.SCOPES]
    evening.prompts.choose(
        "Pause scrobbling", choices, lambda place: pausing.begin(evening, paused.SCOPES[place])
    )


def rate(evening: Evening, words: Words) -> None:
    """A rating from 1 to 10 for the title that plays, or that was watched last."""
    media = evening.judgement.media
    last = evening.journal.last_watch_of(media) if media else evening.journal.last_watch()
    if media is None and last is None:
        evening.notices.answer(NOTHING_PLAYS)
    elif last is None:
        evening.notices.answer("Simkl takes a rating for what is watched: rate it at the end", READ)
    elif not _is_sure(last):
        evening.notices.answer(f"Not rated: {_why_unsure(evening, last)}", READ)
    elif words and words[0].isdecimal() and 1 <= int(words[0]) <= 10:
        _send_rating(evening, last, int(words[0]))
    else:
        _ask_for_stars(evening, last)


def ask_rating(evening: Evening, media: Media) -> None:
    """Ask for a rating of what has just been watched."""
    last = evening.journal.last_watch_of(media)
    if last is not None and _is_sure(last):
        _ask_for_stars(evening, last)


def status(evening: Evening, _: Words) -> None:
    """How things stand, without asking anybody."""
    evening.notices.answer("\n".join(presence.lines(evening)), READ)


def open_page(evening: Evening, _: Words) -> None:
    """The page of what plays, at Simkl, in the browser."""
    media = evening.judgement.media
    if media is None:
        evening.notices.answer(NOTHING_PLAYS)
        return

    def work(connect: Connect) -> None:
        from .marking import kind
        from .marks import Mark

        page = connect().page(media, kind(Mark(media)))
        if page is None:
            evening.answer_from_afar(f"Simkl has no page of {media.name}")
            return
        evening.answer_from_afar(f"Opening {page.url}")
        threading.Thread(target=_browse, args=(page.url,), name="browser", daemon=True).start()

    evening.ask_simkl("The page cannot be found now", work)


def login(evening: Evening, _: Words) -> None:
    """Sign in, or take the code away again."""
    evening.login.press()


def resume(evening: Evening, _: Words) -> None:
    """Go to where another device stopped."""
    if evening.offer is None:
        evening.notices.answer("Simkl: no other device stopped further on in this")
    else:
        _go_on(evening, evening.offer)


def _go_on(evening: Evening, place: float) -> None:
    evening.player.seek(place)
    evening.notices.answer("Simkl: going on from there")
    evening.offer = None


def look_elsewhere(evening: Evening, media: Media) -> None:
    """Ask once where another device stopped; whatever goes wrong with that is no matter for the screen."""
    viewing = evening.tracker.viewing
    if viewing is None:
        return

    def work(connect: Connect) -> None:
        from . import elsewhere

        now = evening.tracker.viewing
        if now is None or now.name != viewing.name:
            return  # skipped meanwhile
        stop = elsewhere.ask(connect(), media)
        if stop is not None:
            evening.player.post(lambda: _found_elsewhere(evening, viewing.name, stop))

    evening.outbox.ask(Job(work, lambda error: log.info("not known where another device stopped: %s", error)))


def _found_elsewhere(evening: Evening, viewing: str, stop: Stop) -> None:
    """Another device was so far in this, or this one before: go there, or say with which key."""
    now = evening.tracker.viewing
    if now is None or now.name != viewing or stop.percent < now.progress(time.monotonic()) + FURTHER:
        return
    offer = evening.offer = now.begin + stop.percent / 100 * (now.end - now.begin)
    where = "here before" if stop.here else "on another device"
    log.info("paused at %g %% %s", stop.percent, where)
    if evening.settings.resume == "yes":
        _go_on(evening, offer)
        return
    key = evening.player.key_of("resume") or evening.player.key_of("menu")
    bind = "; to go there, bind a key to  script-binding simkl/resume"
    how = f": press {key} to go there" if key else bind
    evening.notices.say(Kind.OFFER, f"Paused at {stop.percent:.0f} % {where}{how}", READ)


KEYS: dict[str, Key] = {
    "menu": Key("All of these", menu),
    "mark-watched": Key("Mark as watched", mark_watched),
    "undo": Key("Take the last watch back", undo),
    "fix-match": Key("This is something else", fix_match),
    "pause-scrobbling": Key("Pause or resume scrobbling", pause_scrobbling),
    "rate": Key("Rate it", rate),
    "status": Key("How things stand", status),
    "open-page": Key("Open its page at Simkl", open_page),
    "resume": Key("Go to where another device stopped", resume),
    "login": Key("Sign in", login),
}


def _heading(evening: Evening) -> str:
    media = evening.judgement.media
    return f"Simkl: {media}" if media else "Simkl"


def _remove(simkl: Simkl, row: Row) -> None:
    """Raises MpvSimklError if Simkl did not take it back."""
    from . import marking
    from .marks import Mark

    mark, _ = marking.pinned(simkl, Mark(row.said or row.media))
    (verdict,) = marking.remove(simkl, [mark])
    if verdict.result in ("not_sent", "refused"):
        raise MpvSimklError(verdict.reason)


def _is_sure(row: Row) -> bool:
    """Is it known what this is at Simkl; a rating counts at once, as whatever Simkl takes its title for."""
    return row.state == "done" or row.said is not None


def _why_unsure(evening: Evening, row: Row) -> str:
    match row.state:
        case "doubtful" | "not_found":
            return say_what(evening, row.last_error or f"Simkl does not know {row.media}")
        case "refused":
            return f"Simkl refuses {row.media}; see `mpv-simkl log`"
    return f"{row.media} is not at Simkl yet; rate it when it is"


def _ask_for_stars(evening: Evening, row: Row) -> None:
    choices = [Choice(f"{stars}", "★" * stars) for stars in range(10, 0, -1)]
    heading = f"Rate {row.media.name}"
    evening.prompts.choose(heading, choices, lambda place: _send_rating(evening, row, 10 - place))


def _send_rating(evening: Evening, row: Row, stars: int) -> None:
    """Together with something that is watched: a bare show would be marked as a whole (simkl-api 7.2)."""

    def work(connect: Connect) -> None:
        from . import marks
        from .replay import when

        simkl = connect()
        watched_at = row.watched_at if row.state == "done" else when(row, simkl)  # Simkl has it
        body = marks.history([marks.Mark(row.said or row.media, watched_at=watched_at)])
        for entries in body.values():
            entries[0]["rating"] = stars
        if any(simkl.record(body).not_found.values()):
            evening.answer_from_afar(f"Simkl does not know {row.media}")
        else:
            evening.answer_from_afar(f"{stars} of 10 for {row.media.name}")

    evening.ask_simkl("The rating could not be sent", work)


def _browse(url: str) -> None:
    import webbrowser

    if not webbrowser.open(url):
        log.warning("no browser could be opened for %s", url)
