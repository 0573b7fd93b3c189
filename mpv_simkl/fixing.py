"""A wrong match is put right on mpv's screen: words or a link, one of Simkl's titles, and how far it holds.

Each step is a question whose answer leads to the next; what is asked of Simkl is done by the sender's thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from . import correcting
from .errors import JournalError, NotMatched
from .ipc import CORRECTED, nudge
from .links import read_typed
from .media import Media
from .menu import Choice
from .notices import READ

if TYPE_CHECKING:
    from .evening import Evening
    from .journal import Row
    from .journal.titles import Correction, Scope
    from .outbox import Connect
    from .simkl import Simkl

MOST = 30  # titles to choose from
LONGEST_TITLE = 200  # characters of what mpv calls a file
NOTHING_PLAYS = "Simkl: nothing plays that could be something else"
SCOPES: dict[Scope, str] = {
    "file": "Only this file",
    "folder": "This show in this folder",
    "title": "Everything of this title",
}


def fix_match(evening: Evening) -> None:
    """Ask what it really is."""
    if evening.judgement.standing not in ("known", "unknown"):
        evening.notices.answer(NOTHING_PLAYS)
        return
    media = evening.judgement.media
    typed = media.title if media else _title_by_mpv(evening)
    heading = "What is it? A title, or a link to its page"
    evening.prompts.write(heading, typed, lambda words: _search(evening, words))


def _title_by_mpv(evening: Evening) -> str:
    """What mpv calls what plays, where we know no title."""
    title = evening.player.get("media-title")
    return title[:LONGEST_TITLE] if isinstance(title, str) else ""


def _search(evening: Evening, words: str) -> None:
    evening.notices.answer(f"Asking Simkl for {words!r} ...", READ)

    def work(connect: Connect) -> None:
        found = _titles(connect(), words)
        evening.player.post(lambda: _pick(evening, words, found))

    evening.ask_simkl("Simkl could not be asked", work)


def _titles(simkl: Simkl, words: str) -> list[Media]:
    """What Simkl knows under these words; of a link, what it is of. Raises SimklError."""
    link = read_typed(words)
    if link is None:
        return [one.media for one in correcting.candidates(simkl, words)[:MOST]]
    try:
        return [correcting.title_of(simkl, link)]
    except NotMatched:
        return []


def _pick(evening: Evening, words: str, found: Sequence[Media]) -> None:
    if not found:
        evening.notices.answer(f"Simkl found nothing for {words!r}", READ)
        return
    evening.notices.clear()
    choices = [Choice(str(title), _kind(title)) for title in found]
    evening.prompts.choose("Which one is it?", choices, lambda place: _how_far(evening, found[place]))


def _kind(title: Media) -> str:
    if title.type == "movie":
        return "film"
    return "anime" if title.anime else "show"


def _how_far(evening: Evening, title: Media) -> None:
    """What nobody could name is known by its place alone."""
    scopes: list[Scope] = list(SCOPES) if evening.recognised else ["file"]
    choices = [Choice(SCOPES[scope]) for scope in scopes]
    heading = f"{title} is right for"
    evening.prompts.choose(heading, choices, lambda place: _correct(evening, title, scopes[place]))


def _correct(evening: Evening, title: Media, scope: Scope) -> None:
    """It holds at once for what plays, and soon for what waits to be sent."""
    path, journal = evening.path, evening.journal
    if path is None:
        evening.notices.answer(NOTHING_PLAYS)
        return
    try:
        by = correcting.keep(journal, scope, path, evening.recognised, correcting.Choice(title))
    except (JournalError, NotMatched) as error:
        evening.notices.answer(f"It could not be corrected: {error}", READ)
        return
    _apply(evening, by)
    evening.take_correction()
    evening.notices.answer(f"From now on it is {evening.judgement.media or title}", READ)


def _apply(evening: Evening, by: Correction) -> None:
    """To what was watched, by the thread that sends: nothing of it is told to Simkl meanwhile."""

    def work(_: Connect) -> None:
        wrong = correcting.wrongly_marked(evening.journal, by)
        _changed, busy = correcting.apply(evening.journal, by)
        for row in busy:
            evening.answer_from_afar(f"{row.media} is on its way to Simkl; say it again in a moment")
        if wrong:
            evening.player.post(lambda: _ask_to_take_back(evening, by, wrong))
        for address in evening.journal.players():
            nudge(address, CORRECTED)

    evening.ask_simkl("What was watched could not be corrected", work)


def _ask_to_take_back(evening: Evening, by: Correction, wrong: Sequence[Row]) -> None:
    """What was marked as something else within a day goes only if the user says so."""

    def work(connect: Connect) -> None:
        gone = correcting.take_back(connect(), evening.journal, by, wrong)
        evening.answer_from_afar(f"{gone} taken back, and marked rightly")
        evening.outbox.replay()

    heading = f"Take back what was marked: {', '.join(str(row.said or row.media) for row in wrong[:3])}"
    choices = [Choice("Yes, and mark it rightly"), Choice("No, it stays")]

    def answer(place: int) -> None:
        if place == 0:
            evening.ask_simkl("It could not be taken back", work)

    evening.prompts.choose(heading, choices, answer)
