"""Words typed in, sentences and exit codes out: one short module for each command, and no rule of its own.

What commands share: `words` (their parsers, questions, colours), `output` (streams whose reader may go),
`connection` (to Simkl), `said` (what a FILE is), `tree` (all commands as data, for `completion` and `man`).
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn

from .. import __version__
from ..errors import JournalError, MpvSimklError, UsageError, by_hand
from ..nearest import did_you_mean
from . import output
from .output import ReaderGone
from .words import all_there_is

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

# Command -> its module, in the order of the help. A module is imported only for its own command, or for the
# help.
COMMANDS = {
    "install": "install",
    "uninstall": "install",
    "try": "try_",
    "login": "login",
    "logout": "login",
    "identify": "identify",
    "mark": "mark",
    "unmark": "mark",
    "match": "match",
    "journal": "journal",
    "history": "history",
    "log": "log",
    "doctor": "doctor",
    "status": "status",
    "settings": "settings",
    "completion": "completion",
    "man": "man",
}
EXIT_CODES = {
    0: "done",
    1: "it could not be done; one sentence on standard error says why",
    2: "wrong usage",
    130: "interrupted with Ctrl-C",
}


def run() -> None:
    """The console script `mpv-simkl`."""
    _open_streams()
    try:
        code = main()
    except SystemExit as ending:  # argparse's way out, after the help and after wrong usage
        code = int(ending.code or 0)
    sys.exit(_let_out(code))


def _open_streams() -> None:
    """Give streams for those that are closed, as by `>&-` and under pythonw.exe."""
    sys.stdin = sys.stdin or open(os.devnull, encoding="utf-8")  # noqa: SIM115 - for as long as we run
    sys.stdout, sys.stderr = output.over(sys.stdout), output.over(sys.stderr)


def _let_out(code: int) -> int:
    """Write what is still to be written; gives the exit code, which is 1 where there is no room for that."""
    try:
        sys.stdout.flush()
    except ReaderGone:
        output.lead_nowhere(sys.stdout)
    except OSError as error:
        output.lead_nowhere(sys.stdout)
        code = code or _fail(f"what was to be printed cannot be written: {error.strerror}")
    try:
        sys.stderr.flush()
    except OSError:
        output.lead_nowhere(sys.stderr)
    return code


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the words say; gives the exit code."""
    words = sys.argv[1:] if argv is None else list(argv)
    try:
        args = parser(words).parse_args(words)
        _tell_warnings()
        code: int = args.command(args)
    except ReaderGone:  # `mpv-simkl log -f | head`
        return 0
    except (MpvSimklError, OSError) as error:
        return _fail(_sentence(error), 2 if isinstance(error, UsageError) else 1)
    except KeyboardInterrupt:
        return 130
    return code


def _sentence(error: MpvSimklError | OSError) -> str:
    """What happened and what to do."""
    if isinstance(error, JournalError) and "; " not in str(error):
        return f"{error}; run `mpv-simkl doctor`"
    if isinstance(error, OSError):
        what = error.strerror or str(error)
        return f"{what}: {error.filename}" if error.filename else what
    return by_hand(error)


def _fail(sentence: str, code: int = 1) -> int:
    """Say why, after all that was said before."""
    with suppress(OSError):
        sys.stdout.flush()
    with suppress(OSError):
        print(f"mpv-simkl: {_shown(sentence)}", file=sys.stderr)
    return code


def _tell_warnings() -> None:
    from ..logs import tell  # not for --version, and not for the help

    tell()


def _shown(text: str) -> str:
    """The lines of a text that may quote what was typed, or the name of a file."""
    from ..logs import shown

    return "\n".join(map(shown, text.split("\n")))


class _Parser(argparse.ArgumentParser):
    """As argparse's, but what it quotes cannot write into the terminal."""

    def error(self, message: str) -> NoReturn:
        super().error(_shown(message))

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        try:
            super()._check_value(action, value)
        except argparse.ArgumentError as error:
            if meant := did_you_mean(str(value), map(str, action.choices or ())):
                error.message = f"invalid choice: {value!r}{meant}"
            raise

    def parse_known_args(  # type: ignore[override]  # argparse has an overload for each kind of namespace
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """As argparse does, but a command tells itself what it does not know, and not `mpv-simkl` for it."""
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}{self._meant(unknown)}")
        return found, unknown

    def _meant(self, unknown: Sequence[str]) -> str:
        """What to say of the first of these that looks like an option."""
        known = [word for action in self._actions for word in action.option_strings]
        option = next((word for word in unknown if word.startswith("--")), "")
        return did_you_mean(option.partition("=")[0], known)

    # The exit code holds, whoever hears the complaint: argparse of Python 3.11.2 lets a full disk through.

    def print_usage(self, file: SupportsWrite[str] | None = None) -> None:
        with suppress(OSError):
            super().print_usage(file)

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        with suppress(OSError):
            super().exit(status, message)
        sys.exit(status)


def parser(words: Sequence[str] = ()) -> argparse.ArgumentParser:
    """The parser for these words: with that one command in it that they name, or with all that are shown."""
    whole = _Parser(
        prog="mpv-simkl",
        description="Scrobbles what you watch in mpv to Simkl.",
        epilog="Start with: mpv-simkl try",
        allow_abbrev=False,
    )
    whole.add_argument("--version", action="version", version=f"mpv-simkl {__version__}")
    whole.set_defaults(command=all_there_is(whole))
    commands = whole.add_subparsers(metavar="COMMAND")
    for module in _needed(words):
        importlib.import_module(f".{module}", __name__).add(commands)
    return whole


def _needed(words: Sequence[str]) -> Iterable[str]:
    """The modules of the command that is asked for; of all, where the help may have to name them."""
    first = next(iter(words), "")
    if first == "--version":
        return []
    return [COMMANDS[first]] if first in COMMANDS else dict.fromkeys(COMMANDS.values())
