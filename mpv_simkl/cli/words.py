"""What commands have in common: their parsers, questions, colours, JSON lines, a progress bar."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Literal, Self, TextIO, TypeAlias

from ..errors import MpvSimklError

# argparse has no public name for it.
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
Run = Callable[[argparse.Namespace], int]

SIMKL = "https://simkl.com"  # a link goes with whatever is shown of Simkl's (simkl-api 15)
WIDTH = 40  # signs of a progress bar at most
USUAL_COLUMNS = 80  # of a terminal that does not say
Colour = Literal["green", "yellow", "red", "bold"]
_CODES: Mapping[Colour, str] = {"green": "32", "yellow": "33", "red": "31", "bold": "1"}


def command(
    commands: Commands, name: str, run: Run | None, *, does: str, example: str
) -> argparse.ArgumentParser:
    """A new command: its help ends with an example; `run` does it."""
    parser = commands.add_parser(
        name,
        help=does,
        description=does[0].upper() + does[1:] + ".",
        epilog=f"Example: {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,  # a broken line could not be copied
        allow_abbrev=False,
    )
    parser.set_defaults(command=run or all_there_is(parser))
    return parser


def all_there_is(parser: argparse.ArgumentParser) -> Run:
    """For words that name no command: shows all of them."""

    def show(_: argparse.Namespace) -> int:
        with suppress(OSError):
            parser.print_help(sys.stderr)
        return 2

    return show


def integer(text: str) -> int:
    """A whole number that was typed."""
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None


def agreed(question: str) -> bool:
    """Has the user said yes; without a terminal to ask on, nobody has. Raises MpvSimklError there."""
    if not sys.stdin.isatty():
        raise MpvSimklError("this asks a question; say yes with --yes, or run it on a terminal")
    try:
        return _answer(f"{question} [y/N] ").lower() in ("y", "yes")
    except EOFError:
        return False


def typed(question: str) -> str:
    """What the user types in answer. Raises MpvSimklError if that is the end of input."""
    try:
        return _answer(question)
    except EOFError:
        raise MpvSimklError("nothing was changed") from None


def before_the_user(*, asks: bool = True) -> TextIO:
    """Where to print what a question is about: before the eyes of who answers it, if it `asks` anybody."""
    elsewhere = asks and sys.stdin.isatty() and not sys.stdout.isatty()
    return sys.stderr if elsewhere else sys.stdout


def _answer(question: str) -> str:
    """One line. Raises EOFError for Ctrl-D, which ends no line."""
    print(question, end="", file=before_the_user(), flush=True)
    line = sys.stdin.buffer.readline()
    if not line:
        print(file=before_the_user())
        raise EOFError
    # A terminal that knows no UTF-8 (termios(3): IUTF8) erases half a letter.
    return line.decode(sys.stdin.encoding, "ignore").strip()


def coloured(text: str, colour: Colour, stream: TextIO | None = None) -> str:
    """The text in a colour, on a terminal that shows colours and a user who wants them (no-color.org)."""
    stream = sys.stdout if stream is None else stream
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or not stream.isatty()
    return text if plain else f"\x1b[{_CODES[colour]}m{text}\x1b[0m"


def has_screen() -> bool:
    """Is there a desktop on which a window could be shown."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def json_line(value: object) -> str:
    """One line of JSON for any terminal and any pipe: all but plain letters are escapes."""
    return json.dumps(value, allow_nan=False).replace("\x7f", r"\u007f")


def counted(number: int, one: str, more: str) -> str:
    """`1 waits`, `2 wait`."""
    return f"{number} {one if number == 1 else more}"


def columns_of(text: str) -> int:
    """How much room a text takes in a line of a terminal, where East Asian letters are two columns wide."""
    from unicodedata import combining, east_asian_width  # only for what stands in columns

    return sum(0 if combining(sign) else 1 + (east_asian_width(sign) in "WF") for sign in text)


class Progress:
    """A bar on the terminal for something long; nothing anywhere else."""

    def __init__(self, what: str, whole: int) -> None:
        self._what, self._whole = what, whole
        self._done = self._asked = 0
        self._shown = sys.stderr.isatty() and whole > 0

    def __enter__(self) -> Self:
        self.show(0)
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            print(file=sys.stderr)

    def show(self, done: int) -> None:
        """Draw how far it is."""
        self._done = done
        self._draw()

    def asking(self) -> None:
        """Draw that Simkl is asked about one thing more before any of it is done, where there is room."""
        self._asked += 1
        self._draw()

    def _draw(self) -> None:
        """In one line of the terminal: a longer one would leave a trail."""
        if not self._shown:
            return
        asked = f", {self._asked} asked about" if self._asked else ""
        room = _columns() - len(f"[] {self._whole} of {self._whole} {self._what} ")
        asked = asked if len(asked) <= room else ""
        width = min(WIDTH, room - len(asked))
        filled = width * min(self._done, self._whole) // self._whole
        bar = "#" * filled + "." * (width - filled)
        line = f"[{bar}] {self._done} of {self._whole} {self._what}{asked}"
        print(f"\r{line}", end="", file=sys.stderr, flush=True)


def _columns() -> int:
    """How wide the terminal is that shows what is no output."""
    return os.get_terminal_size(sys.stderr.fileno()).columns or USUAL_COLUMNS
