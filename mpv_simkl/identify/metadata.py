"""Reads what a container's tags and Kodi's `.nfo` files say."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .reading import Reading

LONGEST_TAG = 500  # characters; a title is shorter, and a synopsis says nothing here
LONGEST_NFO = 64 * 1024  # characters
# Elements with names and ids of their own.
OTHERS = ("actor", "set", "director", "credits", "fileinfo", "ratings")

_IMDB = r"tt\d{7,9}"
_NUMBER = r"\d{1,5}"
_ROOT = r"<(movie|tvshow|episodedetails)\b"
_ELEMENT = r"<(\w{2,13})\b([^<>]{0,200})>([^<>]{1,500})</\1>"
_ID_TYPE = r"type\s*=\s*[\"'](\w{2,12})[\"']"
_ENTITY = r"&(?:amp|lt|gt|quot|apos|#\d{1,6}|#x[0-9a-fA-F]{1,6});"
_ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'"}
_LINK = r"(?:imdb\.com/title/(tt\d{7,9})|themoviedb\.org/(?:movie|tv)/(\d{1,8}))"
_ID_SITES = frozenset({"imdb", "tmdb", "tvdb", "anidb", "anilist", "mal"})


def read_tags(tags: Mapping[str, str]) -> Reading | None:
    """What mpv's flat map of tags says: iTunes atoms, Matroska's joined levels, ids (mpv-notes 3.2)."""
    known = {key.lower(): value[:LONGEST_TAG] for key, value in tags.items() if isinstance(value, str)}
    ids = _tag_ids(known)
    itunes = _itunes(known)
    if itunes:
        return itunes._replace(ids=ids)
    levels = _levels(known)
    if levels:
        return levels._replace(ids=ids)
    return Reading("tags", ids=ids) if ids else None


def _itunes(tags: Mapping[str, str]) -> Reading | None:
    """The atoms tvsh, tvsn and tves, by the names that ffmpeg gives them."""
    show = tags.get("show", "").strip()
    season, episode = _number(tags.get("season_number")), _number(tags.get("episode_sort"))
    if not show:
        return None
    if episode is None:
        return Reading("tags", show, habit="tags of a show")
    return Reading("tags", show, season=season, episodes=(episode,), is_firm=True, habit="tags of a show")


def _levels(tags: Mapping[str, str]) -> Reading | None:
    """Collection, season and episode: TITLE "The Show / Season Two / Pilot" and PART_NUMBER "2 / 5"."""
    titles = [part.strip() for part in tags.get("title", "").split(" / ")]
    numbers = [_number(part) for part in tags.get("part_number", "").split(" / ")]
    if len(titles) != 3 or len(numbers) != 2 or numbers[0] is None or numbers[1] is None or not titles[0]:
        return None
    habit = "tags of collection, season and episode"
    return Reading("tags", titles[0], season=numbers[0], episodes=(numbers[1],), is_firm=True, habit=habit)


def _tag_ids(tags: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The ids of Matroska's tags; TVDB alone may be an episode's or a show's, so only TVDB2 counts."""
    ids = {}
    if found := re.search(_IMDB, tags.get("imdb", "")):
        ids["imdb"] = found[0]
    for tag, site, kinds in (("tmdb", "tmdb", "movie|tv"), ("tvdb2", "tvdb", "series|movies")):
        if found := re.match(rf"(?:{kinds})/(\d{{1,8}})\b", tags.get(tag, "").strip()):
            ids[site] = found[1]
    return tuple(ids.items())


def read_nfo(text: str) -> Reading | None:
    """What a `.nfo` says: Kodi's elements, or a bare link to IMDb or TMDB.

    Only flat elements of bounded length are looked for, so that no entity is ever expanded and no nesting
    followed. The ids beside an episode are the episode's own, and are left out.
    """
    text = text[:LONGEST_NFO]
    root = re.search(_ROOT, text)
    if root is None:
        links = [found.groups() for found in re.finditer(_LINK, text)]
        ids = {
            site: value for link in links for site, value in zip(("imdb", "tmdb"), link, strict=True) if value
        }
        return Reading(".nfo", ids=tuple(ids.items())) if ids else None
    elements = [
        (tag, attributes, re.sub(_ENTITY, _plain, value.strip()))
        for tag, attributes, value in re.findall(_ELEMENT, _without_others(text[root.start() :]))
    ]
    first = {tag: value for tag, _, value in reversed(elements)}
    if root[1] == "episodedetails":
        return _episode(first, elements)
    reading = Reading(
        f".nfo of a {'film' if root[1] == 'movie' else 'show'}",
        first.get("title", ""),
        year=_number(first.get("year") or first.get("premiered", "")[:4]),
        ids=_nfo_ids(elements, root[1]),
    )
    return reading if reading.title or reading.ids else None


def _without_others(text: str) -> str:
    """The text without the elements that speak of people and files."""
    for other in OTHERS:
        head, *blocks = text.split(f"<{other}")
        text = head + "".join(block.partition(f"</{other}>")[2] for block in blocks)
    return text


def _episode(first: Mapping[str, str], elements: list[tuple[str, str, str]]) -> Reading | None:
    episodes = [_number(value) for tag, _, value in elements if tag == "episode"]
    numbers = tuple(number for number in dict.fromkeys(episodes) if number is not None)
    if not numbers:
        return None
    season = _number(first.get("season"))
    return Reading(
        ".nfo of an episode",
        first.get("showtitle", ""),
        season=season,
        episodes=numbers,
        is_firm=True,
        habit="elements of an episode",
    )


def _nfo_ids(elements: list[tuple[str, str, str]], root: str) -> tuple[tuple[str, str], ...]:
    ids: dict[str, str] = {}
    for tag, attributes, value in elements:
        site = tag.removesuffix("id")
        if tag == "uniqueid":
            kind = re.search(_ID_TYPE, attributes)
            site = kind[1].lower() if kind else ""
        elif tag == "id":
            site = "imdb" if value.startswith("tt") else ("tvdb" if root == "tvshow" else "")
        if site in _ID_SITES and re.fullmatch(r"tt\d{7,9}" if site == "imdb" else r"\d{1,9}", value):
            ids.setdefault(site, value)
    return tuple(ids.items())


def _number(text: str | None) -> int | None:
    found = re.fullmatch(_NUMBER, (text or "").strip())
    return int(found[0]) if found else None


def _plain(entity: re.Match[str]) -> str:
    text = entity[0]
    if text in _ENTITIES:
        return _ENTITIES[text]
    number = int(text[3:-1], 16) if text[2] in "xX" else int(text[2:-1])
    return chr(number) if 0x20 <= number < 0x110000 else " "
