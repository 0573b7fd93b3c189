"""Weighs what the sources say into one answer.

Trust falls in this order: ids, whole sets of episode tags in the container, the file's name, the folders
above it, the title that mpv shows, `.nfo` files. One source speaks for the whole; the others fill what it
leaves open.
"""

from __future__ import annotations

import re

from ..media import Clues, Media
from .extras import extra_folder, recording
from .reading import Reading
from .sources import Sources, collect, folder_source, is_useless, key
from .verdict import Reason, Verdict
from .vocabulary import COURSE_SHELVES, EXTRA_WORDS, FUNCTION_WORDS, RECAP

FIELDS = ("title", "year", "season", "episodes", "date", "part", "country")
HOW = {
    "year": "a number that can be a year",
    "date": "the day on which it was aired",
    "part": "a part of the whole",
    "country": "a country's code",
}
NOBODY = Reading("nobody")
_RECORDED = r"(?:19|20)\d\d(?:_\d\d){5}(?!\d)"  # Jellyfin's and Emby's, of a show that has no numbers
_PLACE_IN_ROW = r"0\d{1,2}(?<!007)"  # "The Show/024 S02E01 Name"


def decide(clues: Clues, this_year: int) -> Verdict:
    """The film or episode that the clues speak of."""
    sources = collect(clues, this_year)
    main = _main(sources)
    fields = _fields(sources, main)
    media = _media(sources, main, fields)
    refusal = _no_film(sources) if main.source != "tags" else None
    if refusal:
        belongs = bool(sources.file.extra or sources.file.is_creditless)
        return Verdict(None, (_refused(refusal),), media if belongs else None)
    reasons = _reasons(sources, fields, media)
    if not media.title:
        return Verdict(None, (*reasons, _refused("no source names a title")), media)
    return Verdict(media, reasons)


def _refused(sentence: str) -> Reason:
    return Reason("all", "type", "unknown", won=True, sentence=sentence)


# Which source speaks for the whole


def _main(sources: Sources) -> Reading:
    file, tags = sources.file, sources.tags
    if tags and tags.is_firm and not (file.is_pair and _numbers(file) != _numbers(tags)):
        return tags
    parent = sources.folders[0] if sources.folders else None
    if parent and _speaks_better(parent, sources):
        return parent
    if is_useless(sources):
        telling = [folder for folder in sources.folders if folder.year or folder.is_release]
        return next((reading for reading in (*telling, *sources.metadata) if reading.title), NOBODY)
    is_opaque = sources.where.is_url and not (file.is_release or file.is_numbered or file.year)
    return (is_opaque and next((reading for reading in sources.metadata if reading.title), None)) or file


def _numbers(reading: Reading) -> tuple[int | None, tuple[int, ...]]:
    return reading.season, reading.episodes


def _speaks_better(parent: Reading, sources: Sources) -> bool:
    """Whether the folder is a release's whole name, and the file's is a short or scrambled one."""
    file = sources.file
    if file.is_pair or parent.is_pair:
        is_a_film_of_its_own = file.title and file.year and not _is_related(file.title, parent.title)
        return not (file.is_pair or is_a_film_of_its_own or _is_one_of(file, parent))
    if not parent.is_release or not parent.title:
        return False
    if is_useless(sources) or not (file.is_release or file.is_numbered or file.year):
        return True
    is_film = parent.year and not parent.is_numbered and parent.season is None
    if is_film and not (file.is_firm or file.is_release or _is_related(file.title, parent.title)):
        return True  # "Film.2010.1080p.BluRay-GRP/grp-film300.mkv"
    if parent.is_numbered or file.is_numbered or file.year or parent.season is not None:
        return False
    one, other = key(file.title), key(parent.title)
    behind_group = "-" in sources.where.file and one.endswith(other)  # "grp-repack-film"
    return one != other and (" " not in file.title or behind_group)


def _is_one_of(file: Reading, parent: Reading) -> bool:
    """Whether the file says which of its folder's episodes it is: "Show S01E01-E03/E02 - Name"."""
    return bool(file.episodes) and set(file.episodes) < set(parent.episodes)


# Which source each field is taken from


def _fields(sources: Sources, main: Reading) -> dict[str, Reading]:
    is_episode = main.is_numbered or main.season is not None
    titled = _show_titled(sources, main) if is_episode else _film_titled(sources, main)
    fields = {"title": titled, "year": _dated(sources, main, titled), "part": main}
    if not is_episode:
        return fields
    behind = [main, sources.file, *sources.folders, *sources.metadata]
    for field in ("season", "date"):
        fields[field] = next((reading for reading in behind if getattr(reading, field) is not None), main)
    if not (main.episodes or main.absolute):
        fields["season"] = main
    named = (reading for reading in (main, titled, sources.show) if reading and reading.country)
    return {**fields, "episodes": main, "country": next(named, main)}


def _show_titled(sources: Sources, main: Reading) -> Reading:
    """Who names the show: a folder rather than words behind a number in front, which name the episode."""
    show = sources.show
    is_unnamed = main.leads or not main.title or re.fullmatch(_PLACE_IN_ROW, main.title)
    if show and show is not main and (is_unnamed or _is_abbreviated(sources, main)):
        return show
    if show and show is not main and _names_episode(sources, main):
        return show
    if main.title:
        return main
    telling = [reading for reading in sources.metadata if reading is not sources.shown or reading.is_numbered]
    return next((reading for reading in telling if reading.title), main)


def _names_episode(sources: Sources, main: Reading) -> bool:
    """Whether the words before the numbers are the episode's: "The Show/Season 1/Pilot - 1x01"."""
    parent, show = sources.folders[0], sources.show
    is_sorted = parent.season == main.season is not None and not parent.title and not parent.is_release
    is_plain = main.is_pair and not (main.is_release or main.is_anime or main.year)
    return is_sorted and is_plain and show is not None and not _is_related(main.title, show.title)


def _is_abbreviated(sources: Sources, main: Reading) -> bool:
    """Whether a folder spells out what the file shortens: "Lamp.Show.S01.1080p-GRP/grp-ls.s01e02"."""
    parent, show = sources.folders[0], sources.show
    if show and _shortens(main.title, show.title):
        return True
    is_whole = parent.is_release and bool(parent.title) and parent.season == main.season is not None
    is_spelled_out = parent.is_pair or key(main.title) == key(parent.title)  # "grp-lampshow.s01e02"
    is_one_word = " " not in main.title
    return is_whole and is_one_word and (is_spelled_out or not _is_related(main.title, parent.title))


def _shortens(short: str, title: str) -> bool:
    """Whether one word, behind a group's name or not, is a title or its initials: "grp-lamp", "LotS"."""
    group, _, last = short.rpartition("-")
    words = [key(word) for word in title.split() if key(word)]
    telling = [word for word in words if word not in FUNCTION_WORDS]
    initials = {"".join(word[0] for word in some) for some in (words, words[1:], telling)}
    is_whole = bool(group) and key(last) == key(title)
    return " " not in short and (is_whole or (len(last) > 1 and key(last) in initials))


def _film_titled(sources: Sources, main: Reading) -> Reading:
    """Who names the film: a folder "Film (1999)" rather than a file without a year."""
    show = sources.show
    if show and show.year and not (main.year or show.is_span or show.is_numbered) and show.season is None:
        return show
    if main.title:
        return main
    return next((reading for reading in sources.metadata if reading.title), main)


def _dated(sources: Sources, main: Reading, titled: Reading) -> Reading:
    """Who tells the year: the main source, or another that means the same show or film."""
    others = [reading for reading in (sources.show, *sources.metadata) if reading and reading.year]
    related = [reading for reading in others if _is_related(reading.title, titled.title)]
    own = [] if main.leads else [main]  # "03 - Name (2015)": the episode's year
    ahead = [*own, titled, *related]
    return next((reading for reading in ahead if reading.year), NOBODY)


def _is_related(one: str, other: str) -> bool:
    first, second = key(one), key(other)
    return bool(first and second) and (first.startswith(second) or second.startswith(first))


# The answer and its reasons


def _sayable(title: str) -> str:
    """Half a character is none, a control sign in a tag is a blank, and what nobody sees is nothing."""
    whole = title.encode("utf-8", "replace").decode("utf-8")
    seen = (sign if sign.isprintable() else " " * (sign < "\xa0" or sign.isspace()) for sign in whole)
    return " ".join("".join(seen).split())


def _media(sources: Sources, main: Reading, fields: dict[str, Reading]) -> Media:
    is_episode = "episodes" in fields
    season = fields["season"].season if is_episode else None
    counts_through = main.season is not None or season is None or not main.is_firm
    return Media(
        type="episode" if is_episode else "movie",
        title=_sayable(fields["title"].title),
        year=fields["year"].year,
        season=season,
        episodes=main.episodes,
        absolute_episodes=main.absolute if counts_through else (),
        date=fields["date"].date if is_episode else None,
        part=main.part,
        country=fields["country"].country if is_episode else None,
        anime=main.is_anime,
        ids=_ids(sources),
    )


def _ids(sources: Sources) -> dict[str, str]:
    """The ids of all; where two contradict, the path's before the tags', the tags' before a sidecar's."""
    ids: dict[str, str] = {}
    for reading in (*reversed(sources.metadata), *reversed(sources.folders), sources.file):
        ids.update(reading.ids)
    return ids


def _reasons(sources: Sources, fields: dict[str, Reading], media: Media) -> tuple[Reason, ...]:
    told = []
    for reading in (sources.file, *sources.folders, *sources.metadata):
        for field in FIELDS:
            value = getattr(reading, field)
            if value not in {"", None, ()}:
                told.append(_reason(reading, field, value, fields.get(field)))
        for site, value in reading.ids:
            won = media.ids.get(site) == value
            told.append(
                Reason(reading.source, site, value, won, "an id" if won else "an id nearer to the file won")
            )
    return tuple(told)


def _reason(reading: Reading, field: str, value: object, taken: Reading | None) -> Reason:
    text = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    if taken is not None and getattr(taken, field) == value:
        return Reason(reading.source, field, text, won=True, sentence=_how(reading, field))
    is_outdone = taken is not None and getattr(taken, field)
    sentence = f"{taken.source} is trusted more" if taken and is_outdone else "not said of the whole"
    return Reason(reading.source, field, text, won=False, sentence=sentence)


def _how(reading: Reading, field: str) -> str:
    """How the source says it."""
    if field in {"season", "episodes"}:
        return reading.habit
    if field != "title":
        return HOW[field]
    if reading.source != "file name":
        return "the folder's name" if reading.source.startswith("folder") else "a title"
    if reading.is_numbered:
        return "the words behind the number" if reading.leads else "the words before the numbers"
    return "the words before the year" if reading.year else "the words that say nothing of the file"


# What is no film


def _no_film(sources: Sources) -> str | None:
    """Why a path is that of no film and no episode, or None."""
    where, file, folders = sources.where, sources.file, sources.folders
    if reason := _in_extras(sources) or (None if _is_recorded_show(sources) else recording(where.file)):
        return reason
    if any(key(folder) in COURSE_SHELVES for folder in where.folders[1:]):
        return "a lesson of a course, as its folders say"
    if file.extra and not (file.is_pair and file.extra not in {EXTRA_WORDS["sample"], RECAP}):
        return f"the name says that it is {file.extra}"
    if file.is_creditless and not file.is_pair:
        return "an opening or ending without credits"
    in_season = bool(folders) and folders[0].is_firm and not (folders[0].title or folders[0].is_pair)
    if in_season and not file.is_numbered and file.season is None:
        return f"the {folders[0].source} holds episodes, and the name has no number"
    return None


def _is_recorded_show(sources: Sources) -> bool:
    """Whether a media server recorded it in its show's folder: "Show/Season 3/Show 2021_03_12_20_15_00"."""
    show, file = sources.show, sources.file
    is_moment = re.search(_RECORDED, sources.where.file) is not None
    return is_moment and show is not None and key(show.title) == key(file.title)


def _in_extras(sources: Sources) -> str | None:
    """Why the folder tells that the file is an extra; "Extras" is a show too, with seasons below it."""
    seasons = {folder.source for folder in sources.folders if folder.season is not None}
    for folder in sources.where.folders[:2]:
        held = extra_folder(folder)
        if held and key(sources.file.title) != key(folder):
            return f"the folder {folder!r} holds {held}"
        if folder_source(folder) in seasons:
            return None
    return None
