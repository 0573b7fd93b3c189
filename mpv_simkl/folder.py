"""The door to `.simkl`, the file with which a folder says what its videos are: ignore, match, type.

It is written as simkl.conf is. The nearest one above a video holds; two folders above it may have one, as a
show keeps its seasons. What one of them ignores stays so until a nearer one says `ignore=no`. What cannot be
used is named, and the rest holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from .judging import Judgement
from .links import Kind, Link, read_link_or_id
from .media import Media

NAME = ".simkl"
LARGEST = 4096  # characters read
HIGHEST = 2  # folders above that of the video
MOST_NAMED = 3  # lines that are no use: a file with more of them means something else
KINDS: tuple[Kind, ...] = ("anime", "show", "movie")
ACCEPTS = {
    "ignore": "yes or no",
    "match": "a link to the title's page, or an id such as tt2543164",
    "type": ", ".join(KINDS),
}


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a folder says of its videos; `ignore` is None where it says nothing of that."""

    ignore: bool | None = None
    match: Link | None = None
    kind: Kind | None = None
    said: str = ""  # by which file


def read_wishes(path: str) -> tuple[Wishes, list[str]]:
    """What the folder of a local video says, and a sentence for each of the first lines that are no use;
    never raises.
    """
    files = [] if "://" in path or "\0" in path else _files(Path(path))
    complaints: list[str] = []
    said = [_read_file(file, complaints) for file in files]
    nearest = said[0] if said else Wishes()
    deciding = next((wishes for wishes in said if wishes.ignore is not None), nearest)
    return deciding if deciding.ignore else nearest, complaints[:MOST_NAMED]


def _read_file(file: Path, complaints: list[str]) -> Wishes:
    wishes = Wishes(said=str(file))
    for line in _lines(file):
        name, _, value = (part.strip() for part in line.partition("="))
        read = _read(wishes, name, value)
        if read is None:
            accepts = ACCEPTS.get(name)
            cure = f"it takes {accepts}" if accepts else f"known are {', '.join(ACCEPTS)}"
            complaints.append(f"{file}: {name[:40]!r}={value[:80]!r} cannot be used; {cure}")
        else:
            wishes = read
    return wishes


def apply(wishes: Wishes, judgement: Judgement, name: str) -> Judgement:
    """The judgement as the folder wants it; `name` is the video's, for a film of which no more is known."""
    if wishes.ignore:
        return Judgement(None, f"ignored, as {wishes.said} says", standing="excluded")
    media = judgement.media
    if media is None and judgement.standing == "unknown" and _kind(wishes) == "movie":
        media = Media("movie", name)
    if media is None or not wishes.said:
        return judgement
    return replace(judgement, media=_wanted(wishes, media), reason="", standing="known")


def _kind(wishes: Wishes) -> Kind | None:
    """A link says for sure what it is of."""
    return (wishes.match.kind if wishes.match else None) or wishes.kind


def _wanted(wishes: Wishes, media: Media) -> Media:
    kind = _kind(wishes)
    if kind == "movie" and media.type == "episode":
        media = Media("movie", media.title, media.year, ids=media.ids)
    elif kind and media.type == "episode":
        media = media._replace(anime=kind == "anime")
    if wishes.match:  # the ids of another title would contradict it
        media = media._replace(ids=dict(wishes.match.ids))
    return media


def _files(media: Path) -> list[Path]:
    """The nearest first."""
    folders = [media.parent, *media.parent.parents][: HIGHEST + 1]
    try:
        return [folder / NAME for folder in folders if (folder / NAME).is_file()]
    except (OSError, ValueError):
        return []


def _lines(file: Path) -> Iterator[str]:
    try:
        with open(file, encoding="utf-8-sig", errors="replace") as text:
            lines = text.read(LARGEST).splitlines()
    except OSError:
        return
    yield from (line for line in lines if line.strip() and not line.lstrip().startswith("#"))


def _read(wishes: Wishes, name: str, value: str) -> Wishes | None:
    """The wishes with what one more line says, None if that cannot be used."""
    match name, value.lower():
        case "ignore", ("yes" | "no") as word:
            return replace(wishes, ignore=word == "yes")
        case "type", ("anime" | "show" | "movie") as kind:
            return replace(wishes, kind=kind)
        case "match", _ if link := read_link_or_id(value):
            return replace(wishes, match=link)
    return None
