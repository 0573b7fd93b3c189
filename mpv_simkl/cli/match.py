"""`mpv-simkl match`: what a file is taken for, what Simkl says, and what the user says instead."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from .. import correcting
from ..asking import HIGHEST
from ..correcting import Candidate, Choice, candidates
from ..errors import SAY_WHAT, Doubtful, MpvSimklError, NotMatched, SimklError, TryLater, UsageError, by_hand
from ..journal import Journal
from ..journal.titles import SCOPES, Correction, Scope, numbered
from ..links import ID_KEYS, SITES, Link, read_id, read_link_or_id, read_typed
from ..logs import shown
from ..matching import Matcher
from ..media import Media
from ..replay import replay_all
from .connection import connect, settings
from .identify import as_played, whole
from .said import by_its_folder
from .words import SIMKL, Commands, agreed, before_the_user, command, counted, integer, json_line, typed

if TYPE_CHECKING:
    from ..simkl import Simkl

MEANT: dict[Scope, str] = {
    "file": "this file",
    "folder": "this show in this folder",
    "title": "everything of that title",
}
MOST = 15  # titles to choose from: what a terminal shows without scrolling


def add(commands: Commands) -> None:
    """Add the command."""
    parser = command(
        commands,
        "match",
        match,
        does="show what a file is taken for, and say what it is",
        example='mpv-simkl match "Show/03.mkv" --to https://simkl.com/tv/1/show --for folder --season 2',
    )
    parser.add_argument("path", nargs="?", metavar="FILE", help="the file; it need not exist any more")
    what = parser.add_argument_group("what it is")
    what.add_argument(
        "--to",
        metavar="LINK",
        help="a link to its page at Simkl, IMDb, TMDB, TVDB, MyAnimeList, AniList or AniDB; or an id of"
        " Simkl or IMDb",
    )
    for key, name in SITES.items():
        what.add_argument(f"--{key}", metavar="ID", help=f"its id at {name}, or a link to its page there")
    what.add_argument("--season", type=integer, metavar="N", help="the season at Simkl, if it is another one")
    what.add_argument("--offset", type=integer, default=0, metavar="N", help="added to the episode's number")
    what.add_argument("--episode", type=integer, metavar="N", help="the episode of this one file")
    parser.add_argument("--for", dest="scope", choices=SCOPES, help="what it holds for; else it asks")
    parser.add_argument("--yes", action="store_true", help="yes to what it asks")
    parser.add_argument("--list", action="store_true", help="show what you said before")
    parser.add_argument("--json", action="store_true", help="with --list: one array of objects")
    parser.add_argument("--forget", type=integer, metavar="N", help="forget one of these")


def match(args: argparse.Namespace) -> int:
    """Correct a file, or list and forget what was corrected."""
    if args.list and args.forget is not None:
        raise UsageError("it is either --list or --forget")
    if args.list:
        return _list(as_json=args.json)
    if args.forget is not None:
        return _forget(args.forget)
    if args.json:
        raise UsageError("--json goes with --list")
    if not args.path:
        raise UsageError("say which file: `mpv-simkl match FILE`")
    return 0 if _correct(args) else 1


def _correct(args: argparse.Namespace) -> bool:
    """Show, choose, apply; was all of it done."""
    _check_numbers(args)
    path = as_played(args.path)
    judged = by_its_folder(whole(args.path))
    if judged.standing == "excluded":
        raise MpvSimklError(f"{shown(path)} is {judged.reason}")
    recognised = judged.media
    link = _of_its_kind(_link(args), recognised)
    simkl = connect()
    with Journal.open(account=simkl.owner) as journal:
        _show(journal, simkl, path, recognised, before_the_user(asks=link is None or not args.yes))
        title, link = _choose(simkl, recognised, link)
        choice = _numbered(title, link, args)
        _check_shift(choice, recognised)
        scope = _scope(args, choice, recognised)
        if not _agreed(args, choice, scope, recognised):
            raise MpvSimklError("nothing was changed")
        by = correcting.keep(journal, scope, path, recognised, choice)
        return _apply(args, journal, simkl, by)


def _show(journal: Journal, simkl: Simkl, path: str, recognised: Media | None, stream: TextIO) -> None:
    """What it is taken for, and what Simkl makes of that."""
    taken_for = shown(str(recognised)) if recognised else "nothing: see `mpv-simkl identify --why FILE`"
    lines = [f"file       {shown(Path(path).name)}", f"taken for  {taken_for}"]
    if (said := journal.titles.corrected(path, recognised)) is not None:
        lines += [f"you said   {shown(str(said))}"]
    elif recognised:
        lines += [f"Simkl says {shown(_what_simkl_says(journal, simkl, recognised))}"]
    print(*lines, f"           {SIMKL}", sep="\n", file=stream)


def _what_simkl_says(journal: Journal, simkl: Simkl, recognised: Media) -> str:
    matcher = Matcher(journal.titles)
    try:
        return str(matcher.look_up(simkl, recognised))
    except (Doubtful, NotMatched, TryLater) as error:
        told = by_hand(error).removesuffix(SAY_WHAT)  # which is what happens here
        return told.replace("Simkl knows", "it knows", 1)


def _link(args: argparse.Namespace) -> Link | None:
    """The page or id that was given; raises UsageError for one that is none."""
    given = [(key, getattr(args, key)) for key in ID_KEYS if getattr(args, key)]
    if len(given) + bool(args.to) > 1:
        raise UsageError("say one link or one id")
    if given:
        return read_id(*given[0])
    if not args.to:
        return None
    return _read(args.to)


def _of_its_kind(link: Link | None, recognised: Media | None) -> Link | None:
    """On TMDB films and shows have the same numbers (simkl-api 11): the file is what tells which is meant.
    Raises UsageError where it does not.
    """
    if link is None or link.kind is not None or "tmdb" not in link.ids:
        return link
    if recognised is None:
        raise UsageError("on TMDB films and shows have the same numbers: give the link to its page there")
    return replace(link, kind="movie" if recognised.type == "movie" else "show")


def _read(text: str) -> Link:
    link = read_link_or_id(text.strip())
    if link is None:
        raise UsageError(f"{text[:80]!r} is no page of a film or show that is known here; or say --simkl ID")
    return link


def _choose(simkl: Simkl, recognised: Media | None, link: Link | None) -> tuple[Media, Link | None]:
    if link is not None:
        return correcting.title_of(simkl, link), link
    if not sys.stdin.isatty():
        raise MpvSimklError("say what it is with --to LINK, or run it on a terminal")
    words = recognised.title if recognised else ""
    text = typed(f"Words to search for, or a link [{shown(words)}]: ") or words
    hits: Sequence[Candidate] = []
    while True:
        pasted = read_typed(text)
        if pasted is not None:
            return correcting.title_of(simkl, pasted), pasted
        found = candidates(simkl, text)[:MOST] if text else []
        for number, hit in enumerate(found, start=1):
            print(f"{number:>3}  {shown(str(hit))}", file=before_the_user())
        if text and not found:
            still = "; the list above still holds" if hits else ""
            print(f"Simkl finds nothing of that name{still}.", file=before_the_user())
        hits = found or hits
        text = typed("A number, other words, or a link: ")
        if text.isdecimal() and 0 < int(text) <= len(hits):
            return hits[int(text) - 1].media, None


def _numbered(title: Media, link: Link | None, args: argparse.Namespace) -> Choice:
    """The title with the numbers that were given, or that stand in the link."""
    if title.type == "movie" and (args.season is not None or args.episode is not None or args.offset):
        raise UsageError(f"{title} is a film, and has no seasons and episodes")
    season = args.season if args.season is not None else link.season if link else None
    episode = args.episode if args.episode is not None else link.episode if link else None
    if episode is not None and args.offset:
        raise UsageError(
            "the episode is said, so there is no number for --offset to shift: leave one of them out"
        )
    return Choice(title, season, args.offset, episode)


def _check_numbers(args: argparse.Namespace) -> None:
    """Raises UsageError for what no season and no episode has for a number."""
    last = HIGHEST["episode"]
    for name, least, most in (
        ("season", 0, HIGHEST["season"]),
        ("episode", 1, last),
        ("offset", -last, last),
    ):
        number = getattr(args, name)
        if number is not None and not least <= number <= most:
            raise UsageError(f"{name} is a number from {least} to {most}")


def _check_shift(choice: Choice, recognised: Media | None) -> None:
    example = numbered(choice.said, choice.shift, recognised)
    for number in example.episodes or example.absolute_episodes:
        if choice.shift and not 1 <= number <= HIGHEST["episode"]:
            raise UsageError(f"--offset {choice.shift} leads to episode {number}, which there cannot be")


def _scope(args: argparse.Namespace, choice: Choice, recognised: Media | None) -> Scope:
    if args.scope not in (None, "file") and choice.episode is not None:
        raise UsageError("an episode can be said for this file only: leave it out, or say --for file")
    if args.scope and args.scope != "file" and recognised is None:
        raise UsageError("nothing was recognised in its name, so it can be said for this file only")
    if args.scope:
        scope: Scope = args.scope
        return scope
    if recognised is None or recognised.type == "movie" or choice.episode is not None:
        return "file"
    if not sys.stdin.isatty():
        return "file"
    answer = typed("For this file, for this show in this folder, or for everything of that title? [f/o/t] ")
    named: dict[str, Scope] = {"o": "folder", "t": "title"}
    return named.get(answer.lower()[:1], "file")


def _agreed(args: argparse.Namespace, choice: Choice, scope: Scope, recognised: Media | None) -> bool:
    example = numbered(choice.said, choice.shift, recognised)
    meant = f"From now on {MEANT[scope]} is {shown(str(example))}."
    print(meant, file=before_the_user(asks=not args.yes))
    return args.yes or agreed("Right?")


def _apply(args: argparse.Namespace, journal: Journal, simkl: Simkl, by: Correction) -> bool:
    """To what waits, what plays, and what was marked wrongly within a day; False if some of it could not be
    changed yet.
    """
    wrong = correcting.wrongly_marked(journal, by)
    waiting, busy = correcting.apply(journal, by)
    for row in busy:
        print(f"{shown(str(row.media))} is on its way to Simkl; say it again in a moment.")
    if wrong:
        names = [f"  {shown(str(row.said or row.media))}" for row in wrong]
        stream = before_the_user(asks=not args.yes)
        print("Marked as something else within the last day:", *names, sep="\n", file=stream)
        if args.yes or agreed("Take that out of your history at Simkl, and mark it rightly?"):
            waiting += correcting.take_back(simkl, journal, by, wrong)
    from ..ipc import CORRECTED, nudge  # with the library for mpv, which nothing else here needs

    told = sum(nudge(address, CORRECTED) for address in journal.players())
    delivered = sum(_replay(journal, simkl)) if waiting else 0
    if waiting or busy or told:
        viewings, players = counted(waiting, "viewing", "viewings"), counted(told, "player", "players")
        print(f"Kept. {viewings} changed, {delivered} sent, {players} told.")
    else:
        print("Kept; it holds from the next play on.")
    return not busy


def _replay(journal: Journal, simkl: Simkl) -> Iterator[int]:
    """How many each batch delivered; what Simkl does not take now goes with the next film."""
    matcher = Matcher(journal.titles, lambda: settings().search_file)
    with suppress(SimklError):
        for batch in replay_all(journal, simkl, matcher):
            yield batch.delivered


def _list(*, as_json: bool) -> int:
    with Journal.open() as journal:
        kept = journal.titles.corrections()
    if as_json:
        print(json_line([_as_dict(each) for each in kept]))
        return 0
    for each in kept:
        print(shown(_line(each)))
    if not kept:
        print("Nothing was corrected. `mpv-simkl match FILE` does it.")
    return 0


def _as_dict(each: Correction) -> dict[str, object]:
    """A correction as scripts read it."""
    return {
        "id": each.id,
        "for": each.scope,
        "place": each.place or None,
        "title": _title(each) or None,
        "said": str(each.said),
        "ids": dict(each.said.ids),
        "offset": each.shift,
    }


def _line(each: Correction) -> str:
    """A correction as people read it."""
    where = " ".join(part for part in (_title(each), each.place) if part)
    shift = f", numbers {each.shift:+}" if each.shift else ""
    return f"{each.id:>4}  {each.scope:<6}  {where}  is  {each.said}{shift}"


def _title(each: Correction) -> str:
    """The title in a key (media.Media.key), as it was recognised; "" without a key."""
    return each.title.partition("|")[2].partition("|")[0]


def _forget(number: int) -> int:
    with Journal.open() as journal:
        is_id = number.bit_length() < 64  # SQLite takes no other
        if not (is_id and journal.titles.take_back(number)):
            raise MpvSimklError(f"there is no correction {number}: see `mpv-simkl match --list`")
    print("Forgotten. What was recorded by it stays.")
    return 0
