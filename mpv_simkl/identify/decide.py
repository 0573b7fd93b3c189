"""Weighs what the sources say into one answer.

Trust falls in this order: ids, whole sets of episode tags in the container, the file's name, the folders
above it, the title that mpv shows, `.nfo` files. A source speaks for the show or film as a whole only when
it is the main one; the others fill what it leaves open.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ..model import Clues, Media
from .extras import extra_folder, recording
from .metadata import read_nfo, read_tags
from .names import fold
from .paths import Place, place
from .reading import Reading, read_name
from .vocabulary import EXTRA_WORDS, OVA_WORDS, SHELVES, SPECIAL_FOLDERS, USELESS_TITLES

_LETTERS = r"[\W_]+"
_CODE = r"(?=\w{8})(?:[a-z]+\d+[a-z]\w*|\d+[a-z]+\d\w*)|[0-9a-f]{16,}"  # letters and digits in turn
_SHOUT = r"[A-Z]{8,}\d+|[a-z]{8,}\d{3}"
_DISC_FILE = r"vts_\d\d_\d|video_ts|\d{5}"  # as discs name their streams
_REVERSED = r"(?i)\d{2,3}e-?\d{2}s(?![a-z0-9])|p(?:027|0801)(?![a-z0-9])"
_ADVERT = (
    r"(?i)https?:|www\.|\bt\.me\b|@|(?:encoded|ripped|rip|uploaded|downloaded|released|muxed) (?:by|from)"
    r"|[\w-]+\.(?:com|net|org)\b"
)


class Reason(NamedTuple):
    """What one source said of one field, and whether that is in the answer."""

    source: str
    field: str
    value: str
    won: bool
    sentence: str


class Verdict(NamedTuple):
    """The answer, or None, and why.

    `about` is what is known where there is no answer: the film that a trailer belongs to, or the episode of a
    show that nobody names (its title is empty then).
    """

    media: Media | None
    why: tuple[Reason, ...]
    about: Media | None = None

    @property
    def type(self) -> str:
        """The kind of it: "movie", "episode", or "unknown"; an episode of a nameless show is an episode."""
        if self.media:
            return self.media.type
        is_nameless = self.about is not None and not self.about.title and self.about.type == "episode"
        return "episode" if is_nameless else "unknown"

    @property
    def reason(self) -> str:
        """Why there is no answer, in words; empty when there is one."""
        return "" if self.media else self.why[-1].sentence


def decide(clues: Clues, this_year: int) -> Verdict:
    """The film or episode that the clues speak of."""
    where = place(clues.path)
    folders = _read_folders(where, this_year)
    season = next((folder.season for folder in folders if folder.season is not None), None)
    text = _unreversed(where.file)
    file = read_name(text, "file name", this_year, season)
    others = [read_tags(clues.tags), _read_media_title(clues, where, this_year)]
    others += [read_nfo(sidecar) for sidecar in clues.sidecars]
    sources = [source for source in others if source]
    reason = _no_film(where, file, folders)
    answer = _Answer(where, file, folders, sources)
    if reason and not any(source.is_firm for source in sources):
        media = answer.media()
        return Verdict(None, (Reason("path", "type", "unknown", True, reason),), media)
    media = answer.media()
    if media is None or not media.title:
        return Verdict(
            None,
            (*answer.reasons(media), Reason("path", "type", "unknown", True, "no source names a title")),
            media,
        )
    return Verdict(media, answer.reasons(media))


def _read_folders(where: Place, this_year: int) -> list[Reading]:
    found = []
    for folder in where.folders:
        key = re.sub(_LETTERS, "", fold(folder))
        if key in SHELVES or len(key) < 2:
            continue
        if key in SPECIAL_FOLDERS:
            found.append(Reading(_source(folder), season=0))
        elif key in OVA_WORDS:
            continue
        else:
            found.append(_read_folder(folder, this_year))
    return found


def _read_folder(folder: str, this_year: int) -> Reading:
    reading = read_name(folder, _source(folder), this_year)
    if reading.season is not None and reading.is_firm and reading.leads:
        reading = reading._replace(title="")  # "Season 2 - The Name of the Season"
    if reading.season is not None and 1900 <= reading.season <= 2100:
        reading = reading._replace(year=None)
    if reading.episodes and not (reading.is_firm and reading.season is not None and reading.is_pair):
        reading = reading._replace(episodes=(), absolute=())  # a batch: "Show 01-12"
    return reading


def _unreversed(text: str) -> str:
    """Some posts on Usenet carry their names backwards."""
    return (
        text[::-1]
        if re.search(_REVERSED, text) and not re.search(r"s\d\de\d\d", text, re.IGNORECASE)
        else text
    )


def _read_media_title(clues: Clues, where: Place, this_year: int) -> Reading | None:
    """The title that mpv shows, unless it is the file's name again, or an advertisement."""
    title = clues.media_title.strip()
    if not title or where.file in title or re.search(_ADVERT, title) or fold(title) in USELESS_TITLES:
        return None
    return read_name(title, "media-title", this_year)


def _no_film(where: Place, file: Reading, folders: list[Reading]) -> str | None:
    """Why a path is that of no film and no episode, or None."""
    if reason := _in_extras(where, file, folders) or recording(where.file):
        return reason
    if file.extra and not (file.is_pair and file.extra != EXTRA_WORDS["sample"]):
        return f"the name says that it is {file.extra}"
    if file.is_creditless and not file.is_pair:
        return "an opening or ending without credits"
    in_season = bool(folders) and folders[0].is_firm and not folders[0].title
    if in_season and not file.is_numbered and file.season is None and not where.file[:4].isdecimal():
        return f"the {folders[0].source} holds episodes, and the name has no number"
    return None


def _in_extras(where: Place, file: Reading, folders: list[Reading]) -> str | None:
    """Why the folder tells that the file is an extra; "Extras" is a show too, with seasons below it."""
    for folder in where.folders[:2]:
        held = extra_folder(folder)
        if held and _key(file.title) != _key(folder):
            return f"the folder {folder!r} holds {held}"
        if any(reading.season is not None and reading.source == _source(folder) for reading in folders):
            return None
    return None


def _source(folder: str) -> str:
    return f"folder {folder!r}"


def is_gibberish(text: str) -> bool:
    """Whether a name is a hash or a code rather than words: at most three tokens, and one of them a code."""
    tokens = re.split(r"[\W_]+", text)
    if len(tokens) > 4 or "[" in text:
        return False
    return any(re.fullmatch(_CODE, fold(token)) for token in tokens) or re.fullmatch(_SHOUT, text) is not None


def is_useless(text: str, file: Reading) -> bool:
    """Whether a file's name says nothing of what it holds."""
    if file.is_firm or file.is_release or file.year:
        return False
    if (
        is_gibberish(text)
        or fold(file.title or text) in USELESS_TITLES
        or re.fullmatch(_DISC_FILE, fold(text))
    ):
        return True
    return not file.title and not file.is_numbered


def _key(title: str) -> str:
    return re.sub(_LETTERS, "", fold(title))


class _Answer:
    """The fields of the answer, each from the source most trusted of those that fill it."""

    def __init__(self, where: Place, file: Reading, folders: list[Reading], others: list[Reading]) -> None:
        self.where, self.file, self.folders, self.others = where, file, folders, others
        self.main = self._main()
        self.show = self._show()

    def _main(self) -> Reading:
        """The source that speaks for the whole: the file's name unless it is useless."""
        tagged = next((source for source in self.others if source.source == "tags" and source.is_firm), None)
        if tagged:
            return tagged
        parent = self.folders[0] if self.folders else None
        if parent and self._speaks_better(parent):
            return parent
        if is_useless(self.where.file, self.file):
            telling = [folder for folder in self.folders if folder.year or folder.is_release]
            telling += [source for source in self.others if not is_gibberish(source.title)]
            return next((source for source in telling if source.title), Reading("file name"))
        is_opaque = self.where.is_url and not (
            self.file.is_release or self.file.is_numbered or self.file.year
        )
        if is_opaque and (titled := next((source for source in self.others if source.title), None)):
            return titled
        return self.file

    def _speaks_better(self, parent: Reading) -> bool:
        file = self.file
        if parent.is_pair and not file.is_pair:
            return True
        if not (parent.is_release and parent.title) or file.is_pair:
            return False
        if is_useless(self.where.file, file):
            return True
        if not file.is_release and not file.is_numbered and not file.year:
            return True
        same_kind = not parent.is_numbered and not file.is_numbered and parent.season is None
        return (
            same_kind
            and file.year is None
            and " " not in file.title
            and _key(file.title) != _key(parent.title)
        )

    def _show(self) -> Reading | None:
        """The nearest folder that names a show or film."""
        return next((folder for folder in self.folders if folder.title and folder is not self.main), None)

    def media(self) -> Media | None:
        main = self.main
        season = main.season
        if season is None and (main.episodes or main.absolute):
            season = next((each.season for each in self._behind() if each.season is not None), None)
        is_episode = bool(main.is_numbered or main.season is not None)
        if not is_episode and self._number_alone():
            return self._numbered_file()
        title, year = self._title_and_year(is_episode=is_episode)
        absolute = main.absolute
        if main.season is None and season is not None and max(absolute, default=0) < 50:
            absolute = ()
        return Media(
            "episode" if is_episode else "movie",
            _printable(title),
            year,
            season if is_episode else None,
            main.episodes,
            absolute,
            main.date or next((each.date for each in self._behind() if each.date and is_episode), None),
            main.part,
            main.country or (self.show.country if self.show and is_episode else None),
            main.is_anime,
            self._ids(),
        )

    def _behind(self) -> list[Reading]:
        return [*([self.file] if self.main is not self.file else []), *self.folders, *self.others]

    def _number_alone(self) -> bool:
        """Whether the file's name is a number, in a folder that names a show: "The Show/12.avi"."""
        return (
            self.main is self.file
            and self.where.file.isdecimal()
            and len(self.where.file) < 4
            and self.show is not None
            and _key(self.show.title) != self.where.file
        )

    def _numbered_file(self) -> Media:
        show = self.show or self.main
        number = int(self.where.file)
        season = next((folder.season for folder in self.folders if folder.season is not None), None)
        return Media(
            "episode",
            _printable(show.title),
            show.year,
            season,
            (number,),
            () if season is not None else (number,),
            ids=self._ids(),
        )

    def _title_and_year(self, *, is_episode: bool) -> tuple[str, int | None]:
        main, show = self.main, self.show
        if is_episode:
            title = main.title
            if show and (not title or main.leads):
                title = show.title
            year = main.year
            if year is None and show and (show.title == title or _related(show.title, title)):
                year = show.year
            if not title:
                title = next((each.title for each in self.others if each.title), "")
            return title, year
        if show and show.year and main.year is None and not show.is_numbered and show.season is None:
            return show.title, show.year
        if not main.title:
            behind = next((each for each in self._behind() if each.title), main)
            return behind.title, main.year or behind.year
        return main.title, main.year or next(
            (each.year for each in self.others if _related(each.title, main.title)), None
        )

    def _ids(self) -> dict[str, str]:
        ids: dict[str, str] = {}
        for each in (*reversed(self.others), *reversed(self.folders), self.file):
            ids.update(each.ids)
        return ids

    def reasons(self, media: Media | None) -> tuple[Reason, ...]:
        """Each thing that each source said, and whether it is in the answer."""
        if media is None:
            return ()
        told = []
        for reading in (self.file, *self.folders, *self.others):
            for field in ("title", "year", "season", "episodes", "date"):
                value = getattr(reading, field)
                if value not in {"", None, ()}:
                    told.append(self._reason(reading, field, value, media))
            told += [
                Reason(reading.source, kind, value, media.ids.get(kind) == value, "an id")
                for kind, value in reading.ids
            ]
        return tuple(told)

    def _reason(self, reading: Reading, field: str, value: object, media: Media) -> Reason:
        won = getattr(media, field) == value
        text = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
        sentence = (
            reading.habit
            if field in {"season", "episodes"} and reading.habit
            else ("" if won else "another source is trusted more")
        )
        return Reason(reading.source, field, text, won, sentence)


def _related(one: str, other: str) -> bool:
    first, second = _key(one), _key(other)
    return bool(first and second) and (first.startswith(second) or second.startswith(first))


def _printable(title: str) -> str:
    """The title without halves of characters, which no one could print or send."""
    return title.encode("utf-8", "replace").decode("utf-8").strip()
