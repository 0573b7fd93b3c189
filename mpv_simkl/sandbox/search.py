"""`/search/*` and `/redirect`: a file's name or a few words -> titles (simkl-api 10)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from mpv_simkl.sandbox.catalogue import ID_KEYS, Catalogue, Found, Kind, Title, Wanted, words
from mpv_simkl.sandbox.messages import Refusal, mapping, numeral, whole
from mpv_simkl.sandbox.views import PAGES, search_view

KINDS: Mapping[str, Kind] = {"movie": "movie", "tv": "show", "anime": "anime"}
LONGEST_NAME = 500  # letters; what comes after is not read
SUFFIX = re.compile(r"\.\w{2,4}$")
EPISODES = re.compile(
    r"[sS](\d{1,2})[ ._-]?[eE](\d{1,3})((?:[ ._]?[eE]\d{1,3}|-[eE]?\d{1,3}(?![\dp]))*)|(\d{1,2})x(\d{2,3})"
)
ABSOLUTE = re.compile(r"^(.*?)\s+-\s+(\d{2,4})(?:v\d)?(?=\s|$|\[|\()")
YEAR = re.compile(r"[(\[. ]((?:19|20)\d\d)(?=[)\]. ]|$)")
NOISE = re.compile(
    r"\b(2160p|1080p|720p|480p|web|web-dl|webrip|bluray|bdrip|hdtv|x264|x265|h264)\b.*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Named:
    """What a file's name says."""

    title: str
    year: int | None
    season: int | None
    episodes: tuple[int, ...]


def read_name(name: str) -> Named:
    """Title, year, season and episodes of a file name; only as clever as the sandbox needs."""
    base = SUFFIX.sub("", name.replace("\\", "/").rsplit("/", 1)[-1][:LONGEST_NAME])
    base = re.sub(r"^\[[^\]]*\]\s*", "", base)
    spaced = re.sub(r"[._]+", " ", base)
    if match := EPISODES.search(base):
        season = int(match[1] or match[4])
        return _named(base[: match.start()], season, _numbers(match))
    if absolute := ABSOLUTE.match(spaced):
        return _named(absolute[1], None, (int(absolute[2]),))
    return _named(base, None, ())


def search_file(catalogue: Catalogue, body: object) -> object:
    """What `/search/file` answers: a film, an episode, a show, `[]`, or None for an empty body (10.1)."""
    if not isinstance(body, dict) or not body:
        return None
    fields = mapping(body, "the body")
    name = fields.get("file", fields.get("File"))
    if not isinstance(name, str) or not name:
        return None
    if len(re.split(r"[\\/]+", name)) > 2:
        raise Refusal(400, "wrong_parameter", "a path of this computer must not leave it")
    part = whole(fields.get("part"), "part") or 1
    named = read_name(name)
    wanted = Wanted(named.title, named.year)
    if not named.episodes:
        film = catalogue.find("movie", wanted)
        return _film(film.title) if film else _show_alone(catalogue.find("show", wanted))
    kind: Kind = "show" if named.season is not None else "anime"
    found = catalogue.find(kind, wanted)
    return _episode(catalogue, found, named, part) if found else []


def search_text(catalogue: Catalogue, kind: str, query: Mapping[str, str]) -> object:
    """The answer to `/search/{type}`: None for another type, `[]` without words (10.2)."""
    if kind not in KINDS:
        return None
    asked = words(query.get("q", ""))
    page, limit = _bounded(query.get("page", "1"), 20), _bounded(query.get("limit", "10"), 50)
    hits = [t for t in catalogue.titles if t.type == kind and asked and _has_words(t, asked)]
    hits.sort(key=lambda t: t.popularity, reverse=True)
    return [search_view(title) for title in hits[(page - 1) * limit : page * limit]]


def link(catalogue: Catalogue, query: Mapping[str, str]) -> str:
    """Where `/redirect` leads; a title that is not known leads to the front page (10.3)."""
    ids = {key: query[key] for key in ID_KEYS if key in query}
    if "tmdb" in ids and query.get("type") not in ("movie", "tv"):
        raise Refusal(400, "wrong_parameter", "TMDB has one number for a film and a show, and none for anime")
    asked = [KINDS[query["type"]]] if query.get("type") in KINDS else list(KINDS.values())
    wanted = Wanted(query.get("title"), numeral(query.get("year", "")), ids)
    found = next((f for kind in asked if (f := catalogue.find(kind, wanted))), None)
    if found is None:
        return "//simkl.com"
    title = found.title
    return f"//simkl.com/{PAGES[title.type]}/{title.simkl}/{quote(title.slug)}{_page(title, query)}"


def _page(title: Title, query: Mapping[str, str]) -> str:
    if "episode" not in query or title.film:
        return ""
    season = "" if title.type == "anime" else f"/season-{query.get('season', '1')}"
    return f"{season}/episode-{query['episode']}"


def _named(text: str, season: int | None, episodes: tuple[int, ...]) -> Named:
    years = list(YEAR.finditer(text))
    year = int(years[-1][1]) if years and years[-1].start() > 0 else None
    text = text[: years[-1].start()] if year else text
    title = NOISE.sub("", re.sub(r"[._]+", " ", text)).strip(" -([")
    return Named(title, year, season, episodes)


def _numbers(match: re.Match[str]) -> tuple[int, ...]:
    first = int(match[2] or match[5])
    more = [int(number) for number in re.findall(r"\d+", match[3] or "")]
    if len(more) == 1 and "-" in (match[3] or "") and more[0] > first:
        return tuple(range(first, more[0] + 1))
    return (first, *(number for number in more if number > first))


def _film(title: Title) -> dict[str, object]:
    return {"type": "movie", "movie": {"title": title.title, "year": title.year, "ids": _ids(title)}}


def _show_alone(found: Found | None) -> object:
    return {"type": "show", "show": _show(found.title)} if found else []


def _show(title: Title) -> dict[str, object]:
    return {"title": title.title, "year": title.year, "ids": _ids(title)}


def _ids(title: Title) -> dict[str, object]:
    """Here a show's TMDB id is called tmdbtv, and slugs of other sites stand beside it (10.1)."""
    ids = dict(title.ids)
    if not title.film and "tmdb" in ids:
        ids["tmdbtv"] = ids.pop("tmdb")
    return {"simkl": title.simkl, "slug": title.slug, **ids, "tvdbslug": title.slug}


def _episode(catalogue: Catalogue, found: Found, named: Named, part: int) -> object:
    number = named.episodes[part - 1] if 0 < part <= len(named.episodes) else None
    item = catalogue.episode(found, named.season, number) if number is not None else None
    if item is None or item.episode is None:
        return _show_alone(found)
    more: bool | int = False if len(named.episodes) == 1 else int(part < len(named.episodes))
    episode = {
        "title": item.episode.title,
        "season": named.season if named.season is not None else item.episode.season,
        "episode": number,
        "multipart": more,
        "ids": {"simkl": item.title.simkl * 10_000 + item.episode.season * 1_000 + item.episode.number},
    }
    return {"type": "episode", "show": _show(item.title), "episode": episode}


def _has_words(title: Title, asked: list[str]) -> bool:
    known = {word for name in title.names for word in name.split()} | {str(title.year)}
    return all(any(word.startswith(start) for word in known) for start in asked)


def _bounded(text: str, most: int) -> int:
    return min(max(numeral(text) or 1, 1), most)
