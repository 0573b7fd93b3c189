"""`mpv-simkl mark` and `unmark`: say what was watched, or that it was not."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import asking, marking
from ..bodies import BATCH
from ..errors import MpvSimklError, NotMatched, ServerTrouble, SimklError, UsageError, by_hand
from ..links import SITES, read_link
from ..logs import shown
from ..marking import Verdict
from ..marks import Mark, Rewatch
from ..times import LONG_AGO
from .connection import connect
from .said import as_said
from .words import (
    SIMKL,
    Colour,
    Commands,
    Progress,
    agreed,
    before_the_user,
    coloured,
    columns_of,
    command,
    integer,
)

if TYPE_CHECKING:
    from ..simkl import Simkl

LINES = "-"  # instead of a file: JSON lines on standard input
MOST_LINES = 50_000
LONGEST_LINE = 4 * asking.LONGEST_LINE  # bytes

_OF = {"movie": "film", "show": "show", "anime": "show of anime"}
_TIMES = ("watched_at", "long_ago")

Asked = tuple[str, Mark]  # where it was asked for ("line 3", a file's name, or ""), and what


def add(commands: Commands) -> None:
    """Add both commands."""
    puts = command(
        commands,
        "mark",
        mark,
        does="say that something was watched",
        example='mpv-simkl mark --show Severance --season 2 --episode 1-3 --watched-at "yesterday 21:00"',
    )
    _add_title(puts)
    how = puts.add_argument_group("when and how")
    how.add_argument(
        "--watched-at", metavar="TIME", help="2026-11-20 21:04, yesterday 21:00, 21:04 ...; else now"
    )
    how.add_argument("--long-ago", action="store_true", help="long ago, nobody knows when")
    how.add_argument("--status", choices=asking.STATUSES, help="put the title on this list of yours")
    how.add_argument(
        "--skip-auto-watching", action="store_true", help="with --status: no episode is marked by it"
    )
    how.add_argument("--rewatch", action="store_true", help="count it once more; for PRO and VIP accounts")
    how.add_argument(
        "--rewatch-id", type=integer, metavar="N", help="with --rewatch: go on with this rewatch"
    )
    takes = command(
        commands,
        "unmark",
        unmark,
        does="take back that something was watched",
        example="mpv-simkl unmark --show Severance --season 2 --episode 3",
    )
    _add_title(takes)


def _add_title(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files",
        nargs="*",
        metavar="FILE",
        help="a file, or a link to a title's page; -: JSON lines from stdin",
    )
    what = parser.add_argument_group("what, instead of a file")
    for kind, of in _OF.items():
        what.add_argument(f"--{kind}", nargs="?", const="", metavar="TITLE", help=f"the title of a {of}")
    what.add_argument("--year", type=integer, metavar="Y", help="the year in which it came out")
    for key, name in SITES.items():
        what.add_argument(f"--{key}", metavar="ID", help=f"its id at {name}, or a link to its page there")
    much = parser.add_argument_group("how much of it")
    much.add_argument("--season", type=integer, metavar="N", help="the season; 0 holds the specials")
    much.add_argument("--episode", metavar="N[-M][,K]", help="the episodes: 3, or 1-3, or 1-3,5")
    for name, site in asking.EPISODE_IDS.items():
        option = f"--{name.replace('_', '-')}"
        much.add_argument(option, metavar="ID", help=f"one episode by its own id at {SITES[site]}")
    much.add_argument("--whole-season", action="store_true", help="every episode of the season; asks first")
    much.add_argument("--whole-show", action="store_true", help="every episode of the show; asks first")
    parser.add_argument("--yes", action="store_true", help="yes to what it asks")


@contextmanager
def _nothing_sent() -> Iterator[None]:
    """For what is asked before anything is sent: says that it is to be run again."""
    try:
        yield
    except ServerTrouble as error:
        raise MpvSimklError(f"{by_hand(error)}; nothing was sent, run it again later") from error


def mark(args: argparse.Namespace) -> int:
    """Mark what was asked for, and say what came of it."""
    rewatch = _rewatch(args)
    asked = _asked(args, removing=False)
    if rewatch and any(each.extent != "named" for _, each in asked):
        raise UsageError("--rewatch takes films and named episodes only")
    simkl = connect()
    asked = _each(asked, lambda each: marking.settled(simkl, each))
    whole = [each for _, each in asked if each.extent in ("season", "show")]
    if whole and not (args.yes or agreed(_question(simkl, whole))):
        raise MpvSimklError("nothing was marked")
    if rewatch:
        with _nothing_sent():
            marking.check_plan(simkl)
    wanted = [each for _, each in asked]
    cure = _LOOK if rewatch else _AGAIN
    with _told_if_stopped("marked", cure), Progress("marked", _size(wanted)) as progress:
        verdicts = marking.record(simkl, wanted, rewatch, progress.show)
    _tell(simkl, asked, verdicts, _RECORDED)
    if rewatch and all(verdict.result == "done" and verdict.new == 0 for verdict in verdicts):
        raise MpvSimklError("no rewatch was recorded: Simkl wants it watched before, and two days between")
    return _end(asked, verdicts, "marked", cure)


def _question(simkl: Simkl, whole: Sequence[Mark]) -> str:
    named = [str(marking.named(simkl, each)) for each in whole]
    return shown(f"Mark every episode aired so far: {'; '.join(named)}?")


def unmark(args: argparse.Namespace) -> int:
    """Say what will go, ask, and take it back."""
    asked = _asked(args, removing=True)
    simkl = connect()
    asked = _each(asked, lambda each: marking.settled(simkl, each))
    lines = []

    def pin(each: Mark) -> Mark:
        pinned, page = marking.pinned(simkl, each)
        lines.append(f"  {_goes(marking.named(simkl, pinned))}  {page.url}")
        return pinned

    asked = _each(asked, pin)
    head = "To be taken out of your history at Simkl:"
    print(head, *map(shown, lines), sep="\n", file=before_the_user(asks=not args.yes))
    if not (args.yes or agreed("Go on?")):
        raise MpvSimklError("nothing was taken out")
    wanted = [each for _, each in asked]
    with _told_if_stopped("unmarked", _AGAIN), Progress("unmarked", _size(wanted)) as progress:
        verdicts = marking.remove(simkl, wanted, progress.show)
    _tell(simkl, asked, verdicts, _REMOVED)
    return _end(asked, verdicts, "unmarked", _AGAIN)


@contextmanager
def _told_if_stopped(done: str, cure: str) -> Iterator[None]:
    """Ctrl-C while it is sent leaves a part of it at Simkl: says what to do about the rest."""
    try:
        yield
    except KeyboardInterrupt:
        print(f"\nmpv-simkl: {cure.format('perhaps not all', done)}", file=sys.stderr)
        raise


def _size(wanted: Sequence[Mark]) -> int:
    """How many things a bar has to show; none for what is a single call."""
    size = sum(each.size for each in wanted)
    return size if size > BATCH else 0


def _goes(each: Mark) -> str:
    if each.media.type == "movie":
        return f"{each}: the film, with its rating and its place on your lists"
    return f"{each}, and the show stays" if each.extent != "named" else str(each)


def _rewatch(args: argparse.Namespace) -> Rewatch | None:
    if args.rewatch_id is not None and not args.rewatch:
        raise UsageError("--rewatch-id goes with --rewatch")
    if args.rewatch_id is not None and args.rewatch_id < 1:
        raise UsageError("--rewatch-id is the number of a rewatch, 1 or more")
    return Rewatch(args.rewatch_id) if args.rewatch else None


def _asked(args: argparse.Namespace, *, removing: bool) -> list[Asked]:
    """All that was asked for; raises UsageError, for a bad line MpvSimklError. Nothing is sent before."""
    now = datetime.now(UTC)
    given = _given(args)
    if args.files == [LINES]:
        return list(_lines(given, now, removing=removing))
    found = [(Path(file).name, _of_file(file, given)) for file in args.files] or [("", given)]
    return [
        (name if len(found) > 1 else "", asking.read(words, now, removing=removing)) for name, words in found
    ]


def _given(args: argparse.Namespace) -> dict[str, Any]:
    """The options that were given, by their names in `asking`."""
    words = vars(args).items()
    known = {name: value for name, value in words if name in asking.OPTIONS}
    return {name: value for name, value in known.items() if value is not None and value is not False}


def _of_file(file: str, given: Mapping[str, Any]) -> dict[str, Any]:
    if not os.path.exists(file):  # noqa: PTH110 - never raises, whatever was typed
        if read_link(file):
            return {**given, "link": file}
        raise UsageError(f"there is no file {shown(file)}; a title goes with --movie, --show or --anime")
    if other := sorted(given.keys() - asking.COMMON):
        raise UsageError(f"a file says itself what it is; leave out --{other[0].replace('_', '-')}")
    judged = as_said(file)
    if judged.standing == "excluded":
        raise UsageError(f"{shown(file)} is {judged.reason}; say --movie, --show or --anime instead")
    found = judged.media.as_dict() if judged.media else {"type": "unknown"}
    return {"path": file, **found, **given}


def _lines(given: Mapping[str, Any], now: datetime, *, removing: bool) -> Iterator[Asked]:
    if other := sorted(given.keys() - asking.COMMON):
        raise UsageError(f"the lines say themselves what they are; leave out --{other[0].replace('_', '-')}")
    count = 0
    read_line = partial(sys.stdin.buffer.readline, LONGEST_LINE + 1)
    for number, line in enumerate(iter(read_line, b""), start=1):
        if not line.strip():
            continue
        count += 1
        try:
            if count > MOST_LINES:
                raise UsageError(f"more than {MOST_LINES} lines; send them in parts")
            words = asking.read_line(_text(line))
            own_time = any(words.get(name) for name in _TIMES)
            common = {key: value for key, value in given.items() if not (own_time and key in _TIMES)}
            yield f"line {number}", asking.read({**common, **words}, now, removing=removing)
        except UsageError as error:
            raise MpvSimklError(f"line {number}: {shown(str(error))}; nothing was sent") from error
    if not count:
        raise MpvSimklError("there was no line on standard input")


def _text(line: bytes) -> str:
    """What a line of standard input says; raises UsageError."""
    if len(line) > LONGEST_LINE:
        raise UsageError(f"it is longer than {LONGEST_LINE} bytes")
    try:
        return line.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError("it is no UTF-8") from None


def _each(asked: Sequence[Asked], change: Callable[[Mark], Mark]) -> list[Asked]:
    """Every mark changed; an error says which one it was."""
    changed = []
    for name, each in asked:
        try:
            with _nothing_sent():
                changed.append((name, change(each)))
        except (NotMatched, UsageError) as error:
            raise type(error)(f"{name}: {error}" if name else str(error)) from error
    return changed


# How a verdict is told: its word, and the colour of it.
_RECORDED = ("recorded", "already there", "at Simkl")
_REMOVED = ("removed", "was not there", "removed or not there")
_FAILED: Mapping[str, tuple[str, Colour]] = {
    "not_found": ("not found", "red"),
    "refused": ("refused", "red"),
    "not_sent": ("not sent", "yellow"),
}


def _tell(simkl: Simkl, asked: Sequence[Asked], verdicts: Sequence[Verdict], words: Sequence[str]) -> None:
    """A line for each thing; of a single one, its page and its list too."""
    width = max(columns_of(shown(name)) for name, _ in asked)
    alone = len(asked) == 1 and verdicts[0].result == "done"
    for (name, each), verdict in zip(asked, verdicts, strict=True):
        label = f"{shown(name)}{' ' * (width - columns_of(shown(name)))}  " if width else ""
        word, colour = _word(each, verdict, words)
        what = each
        try:
            what = marking.named(simkl, each) if alone else each
        finally:  # whoever does not wait for its name hears all the same that it is done
            told = shown(f"{what}{_detail(each, verdict)}")
            print(f"{label}{coloured(f'{word:<13}', colour)}  {told}")
    if alone:
        _tell_page(simkl, asked[0][1], verdicts[0])
    else:
        print(f"Simkl: {SIMKL}")


def _word(each: Mark, verdict: Verdict, words: Sequence[str]) -> tuple[str, Colour]:
    if verdict.missing and verdict.new:
        return "in part", "yellow"
    if verdict.result != "done":
        return _FAILED[verdict.result]
    new, known, unclear = words
    if each.extent == "list":
        return ("moved", "green") if verdict.new != 0 else (known, "green")
    return (unclear if verdict.new is None else new if verdict.new else known), "green"


def _detail(each: Mark, verdict: Verdict) -> str:
    told = []
    if each.watched_at and verdict.new != 0:
        told.append("long ago" if each.watched_at == LONG_AGO else f"watched {_clock(each.watched_at)}")
    if each.extent in ("season", "show") and verdict.new:
        told.append(f"{verdict.new} episode{'s' * (verdict.new != 1)}")
    elif verdict.new and verdict.new < each.size:
        told.append(f"{verdict.new} of {each.size}")
    if verdict.missing:
        told.append(f"Simkl does not know {_episodes(verdict.missing)}")
    if verdict.reason:
        told.append(verdict.reason)
    return "".join(f", {each}" for each in told)


def _episodes(numbers: Sequence[int]) -> str:
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    told = [f"{run[0]}-{run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs]
    return f"episode{'s' * (len(numbers) > 1)} {', '.join(told)}"


def _clock(when: datetime) -> str:
    return when.astimezone().strftime("%Y-%m-%d %H:%M")


def _tell_page(simkl: Simkl, each: Mark, verdict: Verdict) -> None:
    """Which title Simkl took it for; a title alone can be taken for another one without any error."""
    if verdict.lists:
        print(f"{'list':<13}  {shown(verdict.lists[0])}")
    try:
        url = marking.found(simkl, each).url if each.title else SIMKL
    except SimklError:
        url = SIMKL
    print(f"{'Simkl':<13}  {shown(url)}")


# What to do after no answer: Simkl may have acted on the call all the same (simkl-api 5.7, 6).
_AGAIN = "{} was {}; run it again later, nothing is counted twice"
_LOOK = "look at its page on Simkl before you try again: it may have been counted"


def _end(asked: Sequence[Asked], verdicts: Sequence[Verdict], done: str, cure: str) -> int:
    """0 if all went well; else the sentence for stderr is raised."""
    failed = [pair for pair in zip(asked, verdicts, strict=True) if pair[1].result != "done"]
    if not failed:
        return 0
    (_, first), verdict = failed[0]
    if len(asked) > 1:
        raise MpvSimklError(f"{len(failed)} of {len(asked)} were not {done}")
    match verdict.result:
        case "not_found" if verdict.missing:
            raise NotMatched(shown(f"Simkl does not know {_episodes(verdict.missing)} of {first.title}"))
        case "not_found":
            what = "title and year, or give a link to its page" if first.title else "the id"
            raise NotMatched(shown(f"Simkl does not know {first}; check {what}"))
        case "not_sent":
            how_much = "nothing" if verdict.new == 0 else "not all"
            raise MpvSimklError(f"{verdict.reason}; {cure.format(how_much, done)}")
    raise MpvSimklError(verdict.reason)
