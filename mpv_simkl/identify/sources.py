"""Collects what every source says: the file's name, its folders, the tags, the shown title, the sidecars."""

from __future__ import annotations

import re

from ..media import Clues
from ..records import Record
from .front import Around
from .loose import SPLIT_NUMBER
from .metadata import read_nfo, read_tags
from .names import LONGEST, Name, fold
from .paths import Place, place
from .reading import PART_OF_SERIES, Reading, read_name
from .vocabulary import (
    ANIME_SHELVES,
    COUNTING_WORDS,
    NUMBER_TITLES,
    OVA_WORDS,
    PART_WORDS,
    SHELVES,
    SPECIAL_FOLDERS,
    USELESS_TITLES,
)

_SEASON_FOLDER = r"(?i)(?:s|season|staffel|saison|stagione|temporada)\W*\d"
_SHORT_NUMBER = r"(.*?)[\W_]+(?:(?i:part|pt|teil|parte)[\W_]*)?(\d{1,2})"
_NUMBER_OF_SPECIAL = r"(.*?)[\W_]+(?i:special|sp|ova|oad)[\W_]*(\d{1,2})"
_NUMBER_AND_WORDS = r"(.*?)[\W_]+(\d{1,2})[\s._-]+[^\W\d_].*"
_SEASON_BY_NUMBER = r"[Tt]?(\d{1,2})"
_COLLECTION = r"(?i)[\s._-](?:collection|trilogy|quadrilogy|pentalogy|hexalogy)$"
_COLLECTION_OF_RELEASES = r"(?i)[\s._-](?:collection|\w+ology|trilogy|quadrilogy)[\s._(\[-]"
_FILM_OF_ITS_OWN = r"[\s._(\[](?:19|20)\d\d(?:[\s._)\]]|$)"
_PLACE_IN_IT = r"\d{1,2}(?:[\s_]+-[\s_]+|[\s_]*-[\s_]*(?!\d)|\.[\s_]+)"  # "4 - Film IV"
_NUMBER_IN_FRONT = r"(\d{2,3})\s+[^\W\d].*"
_NUMBER_OR_GROUP = r"[\[【(\d]"
_COUNTED = r"([^\W\d_]+)[\W_]*(\d{1,3})"
_ORDER = r"0\d"  # "01 - Season 1": the first of the folders
_NO_LETTER = r"[\W_]+"
_CODE = r"(?=\w{8})(?:[a-z]+\d+[a-z]\w*|\d+[a-z]+\d\w*)|[0-9a-f]{16,}"  # letters and digits in turn
_WORD_WITH_NUMBER = r"[a-z]{2,}\d{1,2}[a-z]{2,}"  # "Thir13en"
_SHOUT = r"[A-Z]{8,}\d+|[a-z]{8,}\d{3}"
_DISC_FILE = r"vts_\d\d_\d|video_ts|\d{5}|(?:title|[a-z]\d)_t\d\d"  # as discs and MakeMKV name their streams
_BACKWARDS = r"(?i)\d{2,3}e-?\d{2}s(?![a-z0-9])|p(?:027|0801)(?![a-z0-9])"
_ADVERT = (
    r"(?i)https?:|www\.|\bt\.me\b|@|(?:encoded|ripped|rip|uploaded|downloaded|released|muxed) (?:by|from)"
    r"|[\w-]+\.(?:com|net|org)\b"
)


class Sources(Record):
    """All readings; the folders from the nearest up, the sidecars as they were given."""

    where: Place
    file: Reading
    folders: tuple[Reading, ...]
    tags: Reading | None
    shown: Reading | None
    sidecars: tuple[Reading, ...]

    @property
    def show(self) -> Reading | None:
        """The nearest folder that names a show or a film."""
        day = self.file.date or ""
        return next((each for each in self.folders if each.title and each.title != day[:4]), None)

    @property
    def season(self) -> int | None:
        """The season that the nearest folder with one has."""
        return next((folder.season for folder in self.folders if folder.season is not None), None)

    @property
    def metadata(self) -> list[Reading]:
        """What is not in the path, the most trusted first."""
        return [reading for reading in (self.tags, self.shown, *self.sidecars) if reading]


def collect(clues: Clues, this_year: int) -> Sources:
    """What each source says by itself."""
    where = _without_repetition(place(clues.path))
    folders = tuple(
        reading for depth in range(len(where.folders)) if (reading := _folder(where, depth, this_year))
    )
    text = _without_place(_forwards(where.file), where)
    file = read_name(text, "file name", this_year, _around(folders))
    folders = _with_number_title(folders, file)
    if any(key(folder) in ANIME_SHELVES for folder in where.folders):
        file = _counted_through(file) if file.absolute else _counted_in_front(file, where, folders)
    sidecars = tuple(reading for text in clues.sidecars if (reading := read_nfo(text)))
    sources = Sources(where, file, folders, read_tags(clues.tags), _shown(clues, where, this_year), sidecars)
    return sources._replace(file=_without_arc(sources._replace(file=_number_alone(sources))))


def _without_repetition(where: Place) -> Place:
    """Without a folder called as the file in it, as "[Group] 05 - Title/[Group] 05 - Title.mkv" has one."""
    is_repeated = where.folders[:1] == (where.file,) and re.match(_NUMBER_OR_GROUP, where.file)
    return where._replace(folders=where.folders[1:]) if is_repeated else where


_BARE_NUMBER = "a folder that is only a number"


def _with_number_title(folders: tuple[Reading, ...], file: Reading) -> tuple[Reading, ...]:
    """A folder's number is a show's title where its file says another season: "24/8x21"."""
    parent = folders[0] if folders else None
    if parent is None or parent.habit != _BARE_NUMBER or not file.is_pair or parent.season == file.season:
        return folders
    number = str(parent.season)
    if number not in NUMBER_TITLES:
        return folders
    return (parent._replace(title=number, season=None, habit="", is_firm=False), *folders[1:])


def _around(folders: tuple[Reading, ...]) -> Around:
    """What a file's folders say of it: the nearest season, and the words of the nearest title, or of the show
    that this is an episode of: "Show/Show 12".
    """
    season = next((folder.season for folder in folders if folder.season is not None), None)
    titles = [(_words_of(folder.title), folder) for folder in folders if folder.title]
    if not titles:
        return Around(season)
    nearest = titles[0][0]
    words, named = next((title for title in titles if title[0] == nearest[:-1]), titles[0])
    return Around(season, " ".join(words), named.year is not None and not named.is_span)


def _words_of(title: str) -> list[str]:
    return [token.folded for token in Name(title).tokens]


def _counted_through(file: Reading) -> Reading:
    """In a folder of anime 135 is no season 1, episode 35."""
    is_split = file.habit == SPLIT_NUMBER
    return (
        file._replace(season=None, episodes=file.absolute, habit="a number at the end") if is_split else file
    )


def _counted_in_front(file: Reading, where: Place, folders: tuple[Reading, ...]) -> Reading:
    """In the folder of an anime the number in front of words counts: "Anime/Paper Moon/13 The Keeper"."""
    found = re.fullmatch(_NUMBER_IN_FRONT, where.file)
    is_told = file.is_numbered or file.year or file.is_release or file.title in NUMBER_TITLES
    if found is None or is_told or not (folders and folders[0].title):
        return file
    number = (int(found[1]),)
    return file._replace(episodes=number, absolute=number, leads=True, habit="a number at the start")


def key(title: str) -> str:
    """The letters and digits of a title, by which titles are compared; "&" is "and"."""
    return re.sub(_NO_LETTER, "", fold(title.replace("&", "and")))


def folder_source(folder: str) -> str:
    """How a folder is called as a source."""
    return f"folder {folder!r}"


def is_useless(sources: Sources) -> bool:
    """Whether the file's name says nothing of what it holds."""
    text, file = sources.where.file, sources.file
    if file.is_firm or file.is_release or file.year or file.part:
        return False
    says_nothing = re.sub(r"[\W\d_]+", "", fold(text)) in USELESS_TITLES or re.fullmatch(
        _DISC_FILE, fold(text)
    )
    return bool(says_nothing) or is_gibberish(text) or not (file.title or file.is_numbered)


def is_gibberish(text: str) -> bool:
    """Whether a name is a hash or a code: a token that is one, and hardly a word beside it."""
    tokens = re.split(_NO_LETTER, text)
    words = sum(token.isalpha() for token in tokens)
    if "[" in text or words > 1:
        return False
    if words:
        tokens = [token for token in tokens if not re.fullmatch(_WORD_WITH_NUMBER, fold(token))]
    return any(re.fullmatch(_CODE, fold(token)) for token in tokens) or re.fullmatch(_SHOUT, text) is not None


def _folder(where: Place, depth: int, this_year: int) -> Reading | None:
    folders = where.folders
    folder, above = folders[depth], folders[depth + 1 : depth + 2]
    name = key(folder)
    holds_season = depth > 0 and re.match(_SEASON_FOLDER, folders[depth - 1]) is not None
    if _is_shelf(name) and not (name.isdecimal() or (len(name) == 1 and holds_season)):
        return None
    is_top = holds_season and not (above and not _is_shelf(key(above[0])))
    is_show = name == "special" and is_top and not _names_show(where.file, this_year)  # "tv/Special/Season 1"
    if name in SPECIAL_FOLDERS and not is_show:
        return Reading(folder_source(folder), season=0, habit="a folder of specials", is_firm=True)
    number = re.fullmatch(_SEASON_BY_NUMBER, folder)
    if number and above and not _is_shelf(key(above[0])):
        return Reading(folder_source(folder), season=int(number[1]), habit=_BARE_NUMBER)
    reading = read_name(folder, folder_source(folder), this_year, is_folder=True)
    if reading.season is not None:
        is_name_of_season = reading.is_firm and reading.leads  # "Season 2 - The Name of the Season"
        reading = reading._replace(
            title="" if is_name_of_season or re.fullmatch(_ORDER, reading.title) else reading.title,
            year=None if reading.season == reading.year else reading.year,
        )
    if reading.habit == SPLIT_NUMBER:
        reading = reading._replace(season=None)  # "Show 921-928" is no season 9
    return reading if reading.is_pair else reading._replace(episodes=(), absolute=())  # a batch: "Show 01-12"


def _names_show(text: str, this_year: int) -> bool:
    """Whether a file in a season's folder says by itself of which show it is."""
    file = read_name(text, "file name", this_year, Around(1))
    return bool(file.title) and not file.leads


def _is_shelf(name: str) -> bool:
    """Whether a folder only sorts: "movies", "A"; one of OVAs says nothing of the season."""
    return name in SHELVES or len(name) < 2 or name in OVA_WORDS - SPECIAL_FOLDERS


def _without_place(text: str, where: Place) -> str:
    """In a folder of a collection of films the number in front only sorts them."""
    folder = where.folders[0] if where.folders else ""
    is_collected = re.search(_COLLECTION, folder) or (
        re.search(_COLLECTION_OF_RELEASES, folder) and re.search(_FILM_OF_ITS_OWN, text)
    )
    return re.sub(f"^{_PLACE_IN_IT}", "", text) if is_collected else text


def _forwards(text: str) -> str:
    """Some posts on Usenet carry their names backwards."""
    is_backwards = re.search(_BACKWARDS, text) and not re.search(r"(?i)s\d\de\d\d", text)
    return text[::-1] if is_backwards else text


def _shown(clues: Clues, where: Place, this_year: int) -> Reading | None:
    """The title that mpv shows, unless it is the file's name again, or an advertisement."""
    title = clues.media_title.strip()
    is_file = title == where.file or title.startswith(f"{where.file}.")
    if not title or is_file or re.search(_ADVERT, title) or fold(title) in USELESS_TITLES:
        return None
    return None if is_gibberish(title) else read_name(title, "media-title", this_year)


def _behind_show(text: str, show: Reading, season: int) -> str:
    """What a name in a season's folder says behind its show's title: 3 of "The Show 3", of "Chapter 3"."""
    if (found := re.fullmatch(_COUNTED, fold(text))) and found[1] in COUNTING_WORDS | PART_WORDS:
        return found[2]
    found = re.fullmatch(_SHORT_NUMBER, text) or re.fullmatch(_NUMBER_AND_WORDS, text)
    if season == 0 and (special := re.fullmatch(_NUMBER_OF_SPECIAL, text)):
        found = special
    return found[2] if found and key(found[1]) == key(show.title) else text


def _without_arc(sources: Sources) -> Reading:
    """The file's reading; "Season 1/The Cove Part 2" is a part of a story, and which episode nobody says."""
    file, show = sources.file, sources.show
    if file.habit != PART_OF_SERIES or sources.season is None or show is None or not file.title:
        return file
    return file if key(show.title) in key(file.title) else file._replace(episodes=(), habit="")


def _number_alone(sources: Sources) -> Reading:
    """The file's reading, where its name is only a number and a folder names the show: "The Show/12.avi"."""
    show, season = sources.show, sources.season
    text = sources.where.file
    if season is not None and show is not None and len(text) <= LONGEST:
        text = _behind_show(text, show, season)
    if (title := sources.file.title).isdecimal() and not sources.file.year and title not in NUMBER_TITLES:
        text = title  # "The Show/12 [ENG].avi"
    is_title = show is not None and key(show.title).isdecimal()  # "24/Season 1/24 - 05"
    if (
        sources.file.is_pair
        or (sources.file.is_numbered and text != sources.where.file and not is_title)
        or not text.isdecimal()
        or len(text) > 3
        or (show is None and season is None)
        or (show and key(show.title) == text)
    ):
        return sources.file
    number = (int(text),)
    is_split = season is not None and len(text) == 3 and number[0] // 100 == season
    episodes = (number[0] % 100,) if is_split else number
    absolute = number if season is None else ()
    return sources.file._replace(
        title="", episodes=episodes, absolute=absolute, leads=True, habit="a number alone in a show's folder"
    )
