"""Marks -> Simkl, in as few calls as can be, and what came of each.

How it flows: `marks.batches` puts them together; each batch is one call; a call that Simkl refuses is halved
until the bad mark is alone (simkl-api 17.8); when Simkl takes nothing now, the rest is told as not sent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from . import marks
from .asking import settle
from .bodies import BATCH
from .errors import NotMatched, Refused, SimklError, TryLater, UsageError, by_hand
from .links import Kind
from .marks import Mark, Rewatch

if TYPE_CHECKING:  # it imports requests, which only a command that sends has to wait for
    from .answers import Changed
    from .simkl import Simkl, TitlePage

Result = Literal["done", "not_found", "refused", "not_sent"]
Batch = Sequence[tuple[int, Mark]]
PLANS = ("pro", "vip")  # that keep rewatches (simkl-api 6)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one mark: `new` is how many things it changed, None where the call does not tell them
    apart; `missing` are the episodes that Simkl does not know, none if it does not know the title.
    """

    result: Result
    new: int | None = None
    missing: tuple[int, ...] = ()
    lists: tuple[str, ...] = ()
    reason: str = ""

    def and_then(self, other: Verdict) -> Verdict:
        """The verdict on a mark that went out in parts."""
        worse = max(self, other, key=lambda verdict: _BADNESS.index(verdict.result))
        new = None if self.new is None or other.new is None else self.new + other.new
        return replace(worse, new=new, missing=self.missing + other.missing)


_BADNESS: tuple[Result, ...] = ("done", "refused", "not_found", "not_sent")
Send = Callable[[Batch], "Changed"]
Told = Callable[[int], None]


def record(
    simkl: Simkl, wanted: Sequence[Mark], rewatch: Rewatch | None = None, told: Told = lambda _: None
) -> list[Verdict]:
    """Mark them; a verdict for each, in their order. `told` hears how many things have been sent."""
    batches = list(marks.batches(wanted))
    if rewatch and rewatch.session is None and len(batches) > 1:
        raise UsageError(f"at most {BATCH} episodes can be counted again in one go")

    def send(batch: Batch) -> Changed:
        body = marks.history((mark for _, mark in batch), rewatch)
        return simkl.record(body, quiet=batch[0][1].quiet, again=rewatch is not None)

    return _in_batches(batches, send, len(wanted), told, may_halve=rewatch is None)


def remove(simkl: Simkl, wanted: Sequence[Mark], told: Told = lambda _: None) -> list[Verdict]:
    """Unmark them; a verdict for each, in their order."""

    def send(batch: Batch) -> Changed:
        return simkl.remove(marks.removal(mark for _, mark in batch))

    return _in_batches(list(marks.batches(wanted)), send, len(wanted), told, may_halve=True)


def settled(simkl: Simkl, mark: Mark) -> Mark:
    """The mark, after Simkl has said what an id is of that does not tell; raises NotMatched, UsageError."""
    if not mark.of_any_kind:
        return mark
    page = found(simkl, mark)
    return settle(mark, page.kind, f"{mark} is {page.url}")


def pinned(simkl: Simkl, mark: Mark) -> tuple[Mark, TitlePage]:
    """A mark to be taken away, and the page of the title that it means; raises NotMatched.

    A removal takes anime as shows (simkl-api 8): what only a title and a plain number name is given Simkl's
    own number of the page, and so is a whole show, of which the seasons are looked up.
    """
    page = found(simkl, mark)
    media = mark.media
    if mark.extent == "show":
        ids = {**media.ids, "simkl": page.simkl}
        return replace(mark, media=media._replace(ids=ids), seasons=simkl.seasons(page)), page
    if not media.ids and media.type == "episode" and media.season is None:
        return replace(mark, media=media._replace(ids={"simkl": page.simkl})), page
    return mark, page


def found(simkl: Simkl, mark: Mark) -> TitlePage:
    """The page of a mark's title; raises NotMatched."""
    if not mark.title:
        raise NotMatched(f"{mark}: say of which show; an episode's id alone names no page")
    page = simkl.page(mark.media, kind(mark))
    if page is None:
        raise NotMatched(f"Simkl does not know {mark.title}")
    return page


def named(simkl: Simkl, mark: Mark) -> Mark:
    """A mark that only ids name, with the title and the year that Simkl has for them, to be told to a person;
    as it is if Simkl cannot say so now. Costs nothing of the quota (simkl-api 14).
    """
    if mark.media.title:
        return mark
    with suppress(SimklError):
        page = found(simkl, mark)
        if title := simkl.details(page.kind, page.simkl):
            return replace(mark, media=mark.media._replace(title=title.title, year=title.year))
    return mark


def kind(mark: Mark) -> Kind | None:
    """What a mark is of; None while that is not known."""
    if mark.of_any_kind:
        return None
    if mark.media.type == "movie":
        return "movie"
    return "anime" if mark.media.anime else "show"


def check_plan(simkl: Simkl) -> None:
    """Raises Refused, with an explanation, if this account keeps no rewatches."""
    plan = simkl.account().plan
    if plan not in PLANS:
        raise Refused(
            f"Simkl keeps rewatches of PRO and VIP accounts only, and this one is {plan or 'of no plan'}; "
            "nothing was sent"
        )


def _in_batches(
    batches: Sequence[Batch], send: Send, count: int, told: Told, *, may_halve: bool
) -> list[Verdict]:
    verdicts: list[Verdict | None] = [None] * count
    sent, stopped = 0, ""
    for batch in batches:
        try:
            news = _not_sent(batch, stopped) if stopped else _send(batch, send, may_halve=may_halve)
        except TryLater as error:
            stopped = by_hand(error)
            news = _not_sent(batch, stopped)
        for (place, mark), verdict in zip(batch, news, strict=True):
            before = verdicts[place]
            verdicts[place] = before.and_then(verdict) if before else verdict
            sent += mark.size
        told(sent)
    return [verdict for verdict in verdicts if verdict]


def _send(batch: Batch, send: Send, *, may_halve: bool) -> list[Verdict]:
    try:
        return _verdicts(batch, send(batch))
    except (Refused, NotMatched) as error:
        if len(batch) == 1 or not may_halve:
            return [Verdict("refused", 0, reason=by_hand(error))] * len(batch)
    half = len(batch) // 2
    return _send(batch[:half], send, may_halve=True) + _send(batch[half:], send, may_halve=True)


def _verdicts(batch: Batch, changed: Changed) -> list[Verdict]:
    """What one answer says of each mark; its counts are of all of them together (simkl-api 7.4)."""
    unknown = [marks.lost(mark, changed.not_found) for _, mark in batch]
    if marks.strays((mark for _, mark in batch), changed.not_found):
        raise Refused("what Simkl could not find is not what was sent; see its page before trying again")
    known = [_known(mark, gone) for (_, mark), gone in zip(batch, unknown, strict=True)]
    moved = changed.shows if all(mark.extent == "list" for _, mark in batch) else 0
    new = changed.movies + changed.episodes + moved
    exact = all(mark.extent == "named" for _, mark in batch) and new == sum(known)
    return [
        Verdict(
            "done" if gone is None else "not_found",
            new if len(batch) == 1 or new == 0 else size if exact else None,
            gone or (),
            changed.lists,
        )
        for gone, size in zip(unknown, known, strict=True)
    ]


def _known(mark: Mark, gone: tuple[int, ...] | None) -> int:
    """How many things of a mark Simkl knows."""
    return 0 if gone == () else mark.size - len(gone or ())


def _not_sent(batch: Batch, reason: str) -> list[Verdict]:
    return [Verdict("not_sent", 0, reason=reason)] * len(batch)
