"""`mpv-simkl log`: what happened, and why something was not scrobbled."""

from __future__ import annotations

import argparse
import sys

from .. import logs
from .output import for_a_reader_only
from .words import Commands, command

LINES = 40


def add(commands: Commands) -> None:
    """Add the command."""
    parser = command(commands, "log", show, does="show the end of the log", example="mpv-simkl log -f")
    parser.add_argument("--path", action="store_true", help="print where the log is, and nothing else")
    parser.add_argument("-f", "--follow", action="store_true", help="go on with every line that comes")
    parser.add_argument(
        "-n", type=_count, default=LINES, metavar="LINES", help=f"so many lines (default {LINES})"
    )


def show(args: argparse.Namespace) -> int:
    """Print the place, the end, or what comes."""
    file = logs.path()
    if args.path:
        print(file)
        return 0
    if args.follow:
        for_a_reader_only()
    place = logs.end(file)  # taken before the end is shown: a line may come while it is
    lines = logs.last(file, args.n)
    for line in lines:
        print(logs.shown(line))
    if not lines and not args.follow and args.n:
        print(f"The log is empty: no mpv has started mpv-simkl yet ({logs.shown(str(file))}).")
    if args.follow:
        sys.stdout.flush()
        for line in logs.follow(file, place):
            if line:
                print(logs.shown(line), flush=True)
    return 0


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 on")
    return int(text)
