"""A batch that Simkl does not take is halved, until the bad row stands alone (simkl-api 17.8). Pure.

How it flows: `Way.next` gives the portion to send; what came of it is told with `went` or `failed`, which
halves it; that goes on until nothing is left, or until it is clear that no row is to blame but Simkl or we
(`trouble`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .errors import NoAnswer, Refused, ServerTrouble, SimklError, TryLater

if TYPE_CHECKING:  # it imports sqlite3
    from .journal import Row

SUSPECT_AFTER = 2  # vain tries after which a row, and not Simkl, may be what is wrong
ASIDE_FOR = 3600.0  # seconds that such a row stands back, so that the others flow
VAIN = 8  # calls in a row that fail: two rows of fifty are alone by then; more of it would be a storm


class Way:
    """How far a batch is on its way: what Simkl did not know, and the rows that failed `alone`."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.unknown: list[Row] = []
        self.alone: list[tuple[Row, SimklError]] = []
        self.is_of_one = len(rows) == 1
        self._portions = [rows]
        self._vain = 0  # calls since one that went through
        self._gets_through = False

    def next(self) -> Sequence[Row]:
        """The portion to be sent now; none when all were sent, or when more of it would be vain."""
        if not self._portions or (self._vain >= VAIN and self.trouble):
            return ()
        return self._portions.pop(0)

    @property
    def ahead(self) -> list[Row]:
        """The rows that are still to go out."""
        return [row for portion in self._portions for row in portion]

    @property
    def unsettled(self) -> list[Row]:
        """The rows that Simkl has not said that it took."""
        return [*self.ahead, *self.unknown, *(row for row, _ in self.alone)]

    @property
    def trouble(self) -> TryLater | None:
        """What is wrong with Simkl or with us, and with no row: nothing goes through, or nothing any more; or
        several are refused and each in the same words.
        """
        failed = [error for _, error in self.alone if isinstance(error, TryLater)]
        if failed and (self._portions or not self._gets_through):
            return failed[-1]
        words = [str(error) for _, error in self.alone if isinstance(error, Refused)]
        if self._gets_through or len(words) <= 1 or len(set(words)) > 1:
            return None
        return TryLater(f"each watch is refused alike, so all of them wait: {words[0]}", after=ASIDE_FOR)

    def went(self, unknown: Sequence[Row]) -> None:
        """A portion was taken."""
        self.unknown.extend(unknown)
        self._vain, self._gets_through = 0, True

    def failed(self, portion: Sequence[Row], error: SimklError) -> None:
        """A portion was not taken: each half by itself, for the trouble of one is not the other's."""
        self._vain += 1
        if len(portion) == 1:
            self.alone.append((portion[0], error))
        else:
            self._portions[:0] = portion[: len(portion) // 2], portion[len(portion) // 2 :]


def may_be_a_rows(rows: Sequence[Row], error: TryLater) -> bool:
    """May one of these be what Simkl fails on, each having failed before in the same way?

    What did not even reach Simkl is not theirs. A call without an answer is: it may be what takes so long.
    """
    was_heard = isinstance(error, ServerTrouble | NoAnswer) and not error.unheard
    return was_heard and stubborn(rows, error)


def stubborn(rows: Sequence[Row], error: TryLater) -> bool:
    """Has each of these failed like that again and again."""
    return all(row.attempts >= SUSPECT_AFTER and row.last_error == str(error) for row in rows)
