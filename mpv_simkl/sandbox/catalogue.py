"""What the sandbox's Simkl knows of films, shows and anime, and how it finds a title (simkl-api 11, 12)."""

from __future__ import annotations

import difflib
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache, cached_property
from importlib import resources
from typing import Literal, TypedDict

Kind = Literal["movie", "show", "anime"]
TitleType = Literal["movie", "tv", "anime"]

# Order of trying: simkl-api 11. The ids of anime databases name one cour, the others a whole show.
NATIVE_IDS = ("mal", "anidb", "anilist", "kitsu", "anisearch", "livechart", "animeplanet")
SHARED_IDS = ("imdb", "tmdb", "tvdb", "letterboxd", "traktslug", "netflix", "crunchyroll", "hulu")
ID_KEYS = ("simkl", *SHARED_IDS, *NATIVE_IDS)
RUNTIMES: Mapping[TitleType, int] = {"movie": 90, "tv": 45, "anime": 25}  # minutes, simkl-api 5.6
NEAR = 0.88  # how alike two titles must be to be taken for one another
FIRST_INVENTED = 8_000_001


class Row(TypedDict, total=False):
    """One title in catalogue.json; the file's own note explains the columns."""

    simkl: int
    type: TitleType
    title: str
    year: int
    also: list[str]
    country: str
    runtime: int
    status: str
    popularity: int
    anime_type: str
    anime_only: bool
    ids: dict[str, str]
    episodes: int
    seasons: dict[str, list[int | str]]
    tvdb_seasons: list[list[int]]
    names: dict[str, str]
    dates: dict[str, str]
    episode_ids: dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Episode:
    """One episode: its own number, and its TVDB coordinates (the same for ordinary shows)."""

    season: int
    number: int
    title: str
    date: date | None
    tvdb_season: int
    tvdb_number: int
    ids: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Title:
    """One entry of the catalogue; an anime is one cour, its episodes counted from 1 as season 1."""

    simkl: int
    type: TitleType
    title: str
    year: int
    also: tuple[str, ...] = ()
    country: str = ""
    runtime: int = 0
    status: str = "ended"
    popularity: int = 0
    anime_type: str | None = None
    ids: Mapping[str, str] = field(default_factory=dict)
    episodes: tuple[Episode, ...] = ()
    anime_only: bool = False  # a film that is not known as one
    boundless: bool = False  # invented as it was asked for: every episode exists

    @property
    def film(self) -> bool:
        """True for whatever is watched as one piece, an anime film included."""
        return self.type == "movie" or self.anime_type == "movie"

    @property
    def slug(self) -> str:
        """The title as it stands in a Simkl link."""
        return "-".join(words(self.title, articles=True)) or "title"

    @property
    def minutes(self) -> int:
        """The running time of one episode or of the film."""
        return self.runtime or RUNTIMES[self.type]

    def episode(self, season: int, number: int) -> Episode | None:
        """The episode with this number of the title's own counting."""
        if self.boundless:
            return invented_episode(season, number)
        return next((e for e in self.episodes if (e.season, e.number) == (season, number)), None)

    def tvdb_episode(self, season: int, number: int) -> Episode | None:
        """The episode at these TVDB coordinates."""
        if self.boundless:
            return self.episode(season, number)
        return next((e for e in self.episodes if (e.tvdb_season, e.tvdb_number) == (season, number)), None)

    def aired(self, episode: Episode, at: datetime) -> bool:
        """True if the episode had been shown by `at`."""
        return self.status != "tba" and (episode.date is None or episode.date <= at.date())

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Every name of the title, as titles are compared."""
        return tuple(plain(name) for name in (self.title, *self.also))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a client says about a title."""

    title: str | None = None
    year: int | None = None
    ids: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """A title, and what it was found by: an id's key, or `title`."""

    title: Title
    by: str

    @property
    def one_cour(self) -> bool:
        """True if the client named exactly this cour, not a show that may have several."""
        return self.by == "simkl" or self.by in NATIVE_IDS


@dataclass(frozen=True, slots=True)
class Item:
    """What can be watched: a film, or one episode."""

    title: Title
    episode: Episode | None = None

    @property
    def key(self) -> tuple[int, int, int]:
        """What tells two items apart."""
        return (self.title.simkl, *((self.episode.season, self.episode.number) if self.episode else (-1, -1)))


class Catalogue:
    """All titles; `knows_everything` invents what it lacks, episodes too, for `mpv-simkl try VIDEO`."""

    def __init__(self, titles: Iterable[Title], *, knows_everything: bool = False) -> None:
        self.titles = list(titles)
        self._knows_everything = knows_everything

    @classmethod
    def bundled(cls, *, knows_everything: bool = False) -> Catalogue:
        """The catalogue that comes with the package."""
        return cls(_bundled_titles(), knows_everything=knows_everything)

    def by_simkl(self, simkl: int) -> Title | None:
        """The title with this Simkl id."""
        return next((title for title in self.titles if title.simkl == simkl), None)

    def find(self, kind: Kind, wanted: Wanted) -> Found | None:
        """The best match in Simkl's order; by the title alone it may be the wrong one (simkl-api 11)."""
        found = self._by_id(kind, wanted.ids) or self._by_title(kind, wanted)
        if found is None and self._knows_everything:
            found = self._invent(kind, wanted)
        return found

    def episode(
        self, found: Found, season: int | None, number: int, *, tvdb_seasons: bool = True
    ) -> Item | None:
        """The episode meant; `tvdb_seasons` reads an anime's season as TVDB counts (simkl-api 12)."""
        if season is None:
            item = self._flat(found, number) if found.title.type == "anime" else None
        else:
            item = self._numbered(found, season, number, tvdb_seasons)
        if item is None and self._knows_everything and not found.title.film:
            item = Item(found.title, invented_episode(1 if season is None else season, number))
        return item

    def season(self, found: Found, season: int, *, tvdb_seasons: bool) -> list[Item]:
        """Every episode of a season, whichever cours it is spread over."""
        if found.title.type == "anime" and tvdb_seasons and not found.one_cour:
            pairs = [(cour, e) for cour in self.cours(found.title) for e in cour.episodes]
            return [Item(cour, e) for cour, e in pairs if e.tvdb_season == season]
        return [Item(found.title, e) for e in found.title.episodes if e.season == season]

    def by_episode_id(self, ids: Mapping[str, str]) -> Item | None:
        """The episode with one of these ids; tvdb is tried first (simkl-api 5.1)."""
        for key in ("tvdb", "anidb"):
            for title in self.titles:
                for episode in title.episodes:
                    if key in ids and episode.ids.get(key) == ids[key]:
                        return Item(title, episode)
        return None

    def cours(self, title: Title) -> list[Title]:
        """The anime titles that TVDB keeps as one show with this one, in order."""
        if title.type != "anime":
            return [title]
        family = [t for t in self.titles if t is title or (t.type == "anime" and _one_show(t, title))]
        return sorted(family, key=_first_aired)

    def _numbered(self, found: Found, season: int, number: int, tvdb_seasons: bool) -> Item | None:
        title = found.title
        own = _item(title, title.episode(season, number))
        if title.type != "anime" or not tvdb_seasons:
            return own
        cours = [title] if found.one_cour else self.cours(title)
        on_tvdb = ((cour, cour.tvdb_episode(season, number)) for cour in cours)
        item = next((Item(cour, episode) for cour, episode in on_tvdb if episode), None)
        return item or (own if found.one_cour else None)

    def _flat(self, found: Found, number: int) -> Item | None:
        """A number without a season: of this cour, or else counted through all cours."""
        if own := found.title.episode(1, number):
            return Item(found.title, own)
        if found.one_cour:
            return None
        through = [Item(cour, e) for cour in self.cours(found.title) for e in cour.episodes]
        return through[number - 1] if 0 < number <= len(through) else None

    def _by_id(self, kind: Kind, ids: Mapping[str, str]) -> Found | None:
        for key in ID_KEYS:
            if key not in ids:
                continue
            matches = [
                t for t in self.titles if _has_id(t, key, ids[key]) and (key != "tmdb" or _fits(t, kind))
            ]
            if matches:
                return Found(min(matches, key=_first_aired), key)
        return None

    def _by_title(self, kind: Kind, wanted: Wanted) -> Found | None:
        if not wanted.title:
            return None
        known = [t for t in self.titles if _fits(t, kind) and (kind != "anime" or t.type == "anime")]
        named = [t for t in known if plain(wanted.title) in t.names]
        dated = [t for t in named if t.year == wanted.year]
        if self._knows_everything:
            named = named if wanted.year is None else dated  # a stranger's film must not become one of ours
        else:
            named = named or _near(plain(wanted.title), wanted.year, known)
        best = max(dated or named, key=lambda t: t.popularity, default=None)
        return Found(best, "title") if best else None

    def _invent(self, kind: Kind, wanted: Wanted) -> Found:
        name = wanted.title or " ".join(wanted.ids.values()) or "Untitled"
        types: Mapping[Kind, TitleType] = {"movie": "movie", "show": "tv", "anime": "anime"}
        number = FIRST_INVENTED + sum(t.boundless for t in self.titles)
        title = Title(number, types[kind], name, wanted.year or 2020, ids=dict(wanted.ids), boundless=True)
        self.titles.append(title)
        return Found(title, "title")


@cache
def _bundled_titles() -> tuple[Title, ...]:
    text = resources.files(__package__).joinpath("catalogue.json").read_text(encoding="utf-8")
    rows: list[Row] = json.loads(text)["titles"]
    return tuple(map(read_row, rows))


def invented_episode(season: int, number: int) -> Episode:
    """An episode of which nothing is known but its numbers."""
    return Episode(season, number, f"Episode {number}", None, season, number)


def plain(title: str) -> str:
    """A title as Simkl compares it: without case, accents, punctuation and articles."""
    return " ".join(words(title))


def words(title: str, *, articles: bool = False) -> list[str]:
    """The words of a title, lower-case and without accents."""
    letters = unicodedata.normalize("NFKD", title.casefold().replace("&", " and "))
    letters = "".join(c for c in letters if not unicodedata.combining(c)).replace("'", "").replace("’", "")
    found = re.findall(r"\w+", letters.replace("_", " "))
    kept = [word for word in found if articles or word not in {"the", "a", "an"}]
    return kept or found


def read_row(row: Row) -> Title:
    """A row of catalogue.json as a Title."""
    return Title(
        simkl=row["simkl"],
        type=row["type"],
        title=row["title"],
        year=row["year"],
        also=tuple(row.get("also", ())),
        country=row.get("country", ""),
        runtime=row.get("runtime", 0),
        status=row.get("status", "ended"),
        popularity=row.get("popularity", 0),
        anime_type=row.get("anime_type", "tv" if row["type"] == "anime" else None),
        ids=row.get("ids", {}),
        anime_only=row.get("anime_only", False),
        episodes=tuple(_anime_episodes(row) if row["type"] == "anime" else _tv_episodes(row)),
    )


def _tv_episodes(row: Row) -> Iterable[Episode]:
    for season, (count, *calendar) in row.get("seasons", {}).items():
        days = _calendar(calendar)
        for number in range(1, int(count) + 1):
            yield _episode(row, int(season), number, next(days), (int(season), number))


def _anime_episodes(row: Row) -> Iterable[Episode]:
    coordinates = {
        here + step: (season, first + step)
        for season, first, count, here in row.get("tvdb_seasons", [])
        for step in range(count)
    }
    days = _calendar(row.get("seasons", {}).get("1", [0])[1:])
    for number in range(1, row.get("episodes", 0) + 1):
        yield _episode(row, 1, number, next(days), coordinates.get(number, (1, number)))


def _episode(row: Row, season: int, number: int, day: date | None, tvdb: tuple[int, int]) -> Episode:
    key = f"{season}x{number}"
    title = row.get("names", {}).get(key, f"Episode {number}")
    day = date.fromisoformat(row["dates"][key]) if key in row.get("dates", {}) else day
    return Episode(season, number, title, day, *tvdb, ids=row.get("episode_ids", {}).get(key, {}))


def _calendar(calendar: Sequence[int | str]) -> Iterator[date | None]:
    """Day after day of a season: `[]` knows none, `[day, 7]` is weekly from that day."""
    day = date.fromisoformat(str(calendar[0])) if calendar else None
    while True:
        yield day
        day = day + timedelta(days=int(calendar[1])) if day else None


def _item(title: Title, episode: Episode | None) -> Item | None:
    return Item(title, episode) if episode else None


def _one_show(one: Title, other: Title) -> bool:
    if one.film or other.film:
        return False
    return any(one.ids.get(key) == other.ids[key] for key in ("tvdb", "tmdb") if key in other.ids)


def _first_aired(title: Title) -> tuple[int, int]:
    first = next((e for e in title.episodes), None)
    return (first.tvdb_season, first.tvdb_number) if first else (1, 1)


def _has_id(title: Title, key: str, value: str) -> bool:
    return str(title.simkl) == value if key == "simkl" else title.ids.get(key) == value


def _fits(title: Title, kind: Kind) -> bool:
    """True if a title can stand under this wrapper; an anime film can under `movie` and under `anime`."""
    if kind == "movie":
        return title.film and not title.anime_only
    return not title.film or (kind == "anime" and title.type == "anime")


def _near(name: str, year: int | None, known: Sequence[Title]) -> list[Title]:
    """Titles that nearly fit, those of the same year before the others."""
    scored = [
        (max(difflib.SequenceMatcher(None, name, other).ratio() for other in t.names), t) for t in known
    ]
    near = [title for score, title in sorted(scored, key=lambda pair: -pair[0]) if score >= NEAR]
    return [t for t in near if t.year == year] or near[:1]
