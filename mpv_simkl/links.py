"""Ids as people paste them: a link to a title's page, or the bare id -> what Simkl takes. Pure.

One table, PAGES, says which pages are known; a link of any other site is no link to us.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

from .errors import UsageError

Kind = Literal["movie", "show", "anime"]
LONGEST = 2_000  # characters of a link


@dataclass(frozen=True, slots=True)
class Link:
    """What a page is about; `kind` is None where the page does not tell, numbers where it names none."""

    ids: dict[str, str] = field(default_factory=dict)
    kind: Kind | None = None
    season: int | None = None
    episode: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """The pages of one site: `path` names what stands in their address, `kinds` translates its word."""

    host: str
    key: str
    path: str
    kinds: dict[str, Kind] = field(default_factory=dict)
    kind: Kind | None = None


_TITLE = r"/(?P<kind>movies|tv|anime)/(?P<id>\d{1,12})"
_EPISODE = r"(?:/[^/]*)?(?:/season-(?P<season>\d{1,4}))?(?:/episode-(?P<episode>\d{1,5}))?"
PAGES = (
    Page(
        "simkl.com",
        "simkl",
        _TITLE + _EPISODE,
        {"movies": "movie", "tv": "show", "anime": "anime"},
    ),
    Page("imdb.com", "imdb", r"(?:/[a-z]{2})?/title/(?P<id>tt\d{5,12})(?:/.*)?"),
    Page(
        "themoviedb.org",
        "tmdb",
        r"/(?P<kind>movie|tv)/(?P<id>\d{1,12})[^/]*(?:/season/(?P<season>\d{1,4}))?(?:/episode/(?P<episode>\d{1,5}))?",
        {"movie": "movie", "tv": "show"},
    ),
    Page(
        "thetvdb.com",
        "tvdb",
        r"/(?:dereferrer/)?(?P<kind>movie|series)s?/(?P<id>[\w-]+)(?:/seasons/official/(?P<season>\d{1,4}))?",
        {"movie": "movie", "series": "show"},
    ),
    Page("myanimelist.net", "mal", r"/anime/(?P<id>\d{1,12})(?:/.*)?", kind="anime"),
    Page("anilist.co", "anilist", r"/anime/(?P<id>\d{1,12})(?:/.*)?", kind="anime"),
    Page("anidb.net", "anidb", r"/(?:anime/|a)(?P<id>\d{1,12})", kind="anime"),
)

# How the ids of each site look (simkl-api 11); a number longer than these is no id.
_NUMBER = r"\d{1,12}"
_SHAPES = {"imdb": r"tt\d{5,12}", "tvdb": r"[\w-]{1,100}"}
SITES = {
    "imdb": "IMDb",
    "tmdb": "TMDB",
    "tvdb": "TVDB",
    "mal": "MyAnimeList",
    "anidb": "AniDB",
    "anilist": "AniList",
    "simkl": "Simkl",
}
ID_KEYS = tuple(SITES)


def read_link(text: str) -> Link | None:
    """What a pasted link is about, or None if it is none of the PAGES."""
    if len(text) > LONGEST:
        return None
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
    except ValueError:
        return None
    if host == "anidb.net" and (number := dict(parse_qsl(parts.query)).get("aid", "")).isdecimal():
        return Link({"anidb": number}, "anime")
    for page in PAGES:
        if page.host == host and (found := re.fullmatch(page.path, parts.path.rstrip("/"))):
            return _link(page, found.groupdict())
    return None


def read_link_or_id(text: str) -> Link | None:
    """As `read_link`, and of bare ids those that tell their site: IMDb's by `tt`, Simkl's by nothing."""
    for key in ("imdb", "simkl"):
        if text.isascii() and re.fullmatch(_SHAPES.get(key, _NUMBER), text):
            return Link({key: text})
    return read_link(text)


def read_typed(text: str) -> Link | None:
    """As `read_link_or_id`, of what may be words to search for too: "1917" is a film."""
    return None if text.isdecimal() else read_link_or_id(text)


def read_id(key: str, text: str) -> Link:
    """What `--KEY TEXT` says: a bare id of that site, or a link to one of its pages. Raises UsageError."""
    bare = text.strip()
    if re.fullmatch(_SHAPES.get(key, _NUMBER), bare) and bare.isascii():
        return Link({key: bare})
    link = read_link(bare)
    if link is None or key not in link.ids:
        looks = "one such as tt2543164" if key == "imdb" else "a number"
        raise UsageError(
            f"{text[:80]!r} is no id of {SITES[key]}; it takes {looks}, or a link to the title's page"
        )
    return link


def _link(page: Page, found: dict[str, str | None]) -> Link:
    kind = page.kinds.get(found.get("kind") or "", page.kind)
    return Link(
        {page.key: found["id"] or ""}, kind, _whole(found.get("season")), _whole(found.get("episode"))
    )


def _whole(text: str | None) -> int | None:
    return int(text) if text else None
