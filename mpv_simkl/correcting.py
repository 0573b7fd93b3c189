"""The user says what a file is: that is kept, and what was marked wrongly is taken back.

How it flows: a link, an id or a hit of a search becomes a title by Simkl's own number; that is kept for a
file, a show in a folder or a title everywhere (`journal.titles`); every viewing that it speaks of is changed,
and the players are told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from . import marking
from .agreement import Found
from .errors import NotMatched, TryLater
from .journal import UNDO_WITHIN, Journal, Row
from .journal.titles import Correction, Scope, folders, narrowest, numbered
from .links import Kind, Link
from .marks import Mark
from .media import Media, titled

if TYPE_CHECKING:  # it imports requests
    from .simkl import Simkl


class Candidate(NamedTuple):
    """A title that somebody may mean."""

    simkl: str
    kind: Kind
    title: str
    year: int | None

    def __str__(self) -> str:
        return f"{titled(self.title, self.year)}, {'film' if self.kind == 'movie' else self.kind}"

    @property
    def media(self) -> Media:
        """The title without numbers."""
        return Media(
            "movie" if self.kind == "movie" else "episode",
            self.title,
            self.year,
            anime=self.kind == "anime",
            ids={"simkl": self.simkl},
        )


@dataclass(frozen=True, slots=True)
class Choice:
    """What the user says: a title, and which of its episodes; `season` None keeps the file's own, `shift` is
    added to its number, `episode` stands in for one.
    """

    title: Media
    season: int | None = None
    shift: int = 0
    episode: int | None = None

    @property
    def said(self) -> Media:
        """The title as it is kept."""
        if self.title.type == "movie":
            return self.title
        if self.episode is None:
            return self.title._replace(season=None if self.title.anime else self.season)
        if self.title.anime:
            return self.title._replace(absolute_episodes=(self.episode,))
        season = 1 if self.season is None else self.season
        return self.title._replace(season=season, episodes=(self.episode,))


def candidates(simkl: Simkl, words: str) -> list[Candidate]:
    """What Simkl finds for a few words, films, shows and anime. Raises SimklError."""
    kinds: tuple[Kind, ...] = ("show", "movie", "anime")
    hits = [hit for each in kinds for hit in simkl.search(each, words)]
    return [_candidate(hit) for hit in hits]


def title_of(simkl: Simkl, link: Link) -> Media:
    """The title of a link or an id. Raises NotMatched; TryLater if only Simkl can tell what it is of."""
    bare = Media("movie" if link.kind == "movie" else "episode", "", anime=link.kind == "anime", ids=link.ids)
    try:
        page = simkl.page(bare, link.kind)
        found = simkl.details(page.kind, page.simkl) if page else None
    except TryLater:
        if link.kind is None:
            raise
        return bare._replace(title=" ".join(link.ids.values()))
    if found is None:
        raise NotMatched(
            f"Simkl knows nothing of {' '.join(link.ids.values())}; check it, or search by words"
        )
    return _candidate(found).media


def _candidate(found: Found) -> Candidate:
    """An anime's film is watched as a film, wherever it was found."""
    return Candidate(found.simkl, "movie" if found.is_film else found.kind, found.title, found.year)


def keep(journal: Journal, scope: Scope, path: str, recognised: Media | None, choice: Choice) -> Correction:
    """Keep it. Raises JournalError; NotMatched for a show of which no episode is known."""
    said = choice.said
    shown = numbered(said, choice.shift, recognised)
    if shown.type == "episode" and not (shown.episodes or shown.absolute_episodes):
        raise NotMatched(f"which episode of {shown.title} is it? say --episode N")
    title = recognised.key if recognised and scope != "file" else ""
    place = {"file": path, "folder": next(folders(path), ""), "title": ""}[scope]
    journal.titles.correct(scope, place, title, said, choice.shift)
    return Correction(0, scope, place, title, said, choice.shift)


def wrongly_marked(journal: Journal, by: Correction) -> list[Row]:
    """What Simkl was told within the last day, and was something else."""
    return [row for row in _concerned(journal, by) if row.state == "done" and is_other(row, by)]


def apply(journal: Journal, by: Correction) -> tuple[int, list[Row]]:
    """Change all that Simkl does not have yet; gives how many, and what it is being told of just now, which
    stays as it is. Not for a thread beside the one that sends. Raises JournalError.

    What plays is its own process's to change, unless that died.
    """
    journal.take_over()
    rows = [row for row in _concerned(journal, by) if row.state not in ("done", "open")]
    busy = [row for row in rows if not journal.correct(row, corrected(row, by))]
    return len(rows) - len(busy), busy


def catch_up(journal: Journal, rows: Iterable[Row]) -> None:
    """Change what waits or was set aside, where the process in which the user said what it is ended before
    that was applied. For one that starts or is about to send. Raises JournalError.
    """
    kept = journal.titles.corrections()
    for row in rows:
        if row.state == "open" or row.recognised is None:  # an older version's may have been shifted already
            continue
        now = _by_all(row, kept)
        if now is not None and now != row.media:
            journal.correct(row, now)


def _concerned(journal: Journal, by: Correction) -> list[Row]:
    """What it speaks of, and what no narrower one says otherwise of (journal.titles); it is kept by now."""
    kept = journal.titles.corrections()
    rows = journal.concerned(by, datetime.now(UTC) - UNDO_WITHIN)
    return [row for row in rows if _by_all(row, kept) == corrected(row, by)]


def _by_all(row: Row, kept: Sequence[Correction]) -> Media | None:
    """What a viewing was by all that the user said, None if nothing was said of it."""
    by = narrowest(kept, row.path, row.title)
    return corrected(row, by) if by else None


def take_back(simkl: Simkl, journal: Journal, by: Correction, rows: Sequence[Row]) -> int:
    """Take back exactly these marks, but for one that another viewing made too, and let them wait as what
    they were; gives how many.

    Raises SimklError, JournalError.
    """
    ids = [row.id for row in rows]
    gone = [row for row in rows if journal.was_watched_again(row, ids)]
    alone = [row for row in rows if row not in gone]
    verdicts = marking.remove(simkl, [Mark(row.said or row.media) for row in alone])
    gone += [row for row, verdict in zip(alone, verdicts, strict=True) if verdict.result == "done"]
    return sum(journal.correct(row, corrected(row, by)) for row in gone)


def corrected(row: Row, by: Correction) -> Media:
    """What a viewing was, as the user says."""
    return numbered(by.said, by.shift, row.recognised or row.media)


def is_other(row: Row, by: Correction) -> bool:
    """Was Simkl told something else of it."""
    said, now = row.said or row.media, corrected(row, by)
    same_title = bool(said.ids) and said.ids.get("simkl") == now.ids.get("simkl")
    return not same_title or _place(said) != _place(now)


def _place(media: Media) -> tuple[int | None, tuple[int, ...]]:
    """Which episode of its title; to Simkl anime has no seasons (simkl-api 12)."""
    return None if media.anime else media.season, media.episodes or media.absolute_episodes
