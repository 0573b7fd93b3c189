"""`mpv-simkl man`: the manual page, made from the parsers and the table of settings themselves."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from .. import config
from . import EXIT_CODES, parser, tree
from .tree import Command, Option
from .words import Commands, command

FILES = (
    ("~/.config/mpv/scripts/simkl.lua", "what mpv loads; mpv-simkl install writes it"),
    ("~/.config/mpv/script-opts/simkl.conf", "the settings, each with its meaning"),
    ("~/.local/share/mpv-simkl/", "the journal, with all that was watched, and the sign-in"),
    ("~/.cache/mpv-simkl/log/", "the log; mpv-simkl log --path names it"),
)
ENVIRONMENT = (
    ("MPV_SIMKL_CLIENT_ID", "the client id of another Simkl app"),
    ("MPV_SIMKL_ACCESS_TOKEN", "an access token for that app"),
    ("MPV_SIMKL_API_URL", "another address than https://api.simkl.com"),
    ("MPV_HOME, XDG_CONFIG_HOME", "where mpv keeps its configuration"),
    ("XDG_DATA_HOME, XDG_CACHE_HOME", "other folders than ~/.local/share and ~/.cache"),
    ("BROWSER", "the browser that mpv-simkl login opens"),
    ("NO_COLOR", "if set, nothing is coloured"),
)
ABOUT = (
    "mpv-simkl tells Simkl (https://simkl.com) what is watched in mpv: films, series and anime. Inside mpv "
    "it works by itself; the commands here set it up, show what it did, and do by hand what it does not."
)


def add(commands: Commands) -> None:
    """Add the command."""
    command(commands, "man", show, does="print the manual page", example="mpv-simkl man | man -l -")


def show(_: argparse.Namespace) -> int:
    """Print it as roff."""
    print(page(), end="")
    return 0


def page() -> str:
    """The whole page, for man(1)."""
    root = tree.read(parser())
    return "\n".join(_requests(root)) + "\n"


def _requests(root: Command) -> Iterator[str]:
    yield '.\\" Made by `mpv-simkl man` from the program itself; do not edit.'
    yield '.TH MPV-SIMKL 1 "" "" "User Commands"'
    yield ".ad l"
    yield ".SH NAME"
    yield _text("mpv-simkl - scrobble what is watched in mpv to Simkl")
    yield ".SH SYNOPSIS"
    yield f"{_bold('mpv-simkl')} \\fICOMMAND\\fR [\\fIOPTION\\fR ...]"
    yield ".SH DESCRIPTION"
    yield _text(ABOUT)
    yield ".SH COMMANDS"
    for each in root.walk():
        if each.path and not each.commands:
            yield from _command(each)
    yield from _list("SETTINGS", [(option.name, _meaning(option)) for option in config.OPTIONS])
    yield from _list("ENVIRONMENT", ENVIRONMENT)
    yield from _list("FILES", FILES)
    yield from _list("EXIT STATUS", [(str(code), meaning) for code, meaning in EXIT_CODES.items()])
    yield ".SH SEE ALSO"
    yield f"{_bold('mpv')}(1), https://simkl.com"


def _command(each: Command) -> Iterator[str]:
    usage = " ".join(["mpv-simkl", *each.path, *(["[OPTION ...]"] if len(each.options) > 1 else [])])
    yield f".SS {_text(' '.join([usage, *(argument.usage for argument in each.arguments)]))}"
    yield _text(each.help[0].upper() + each.help[1:] + ".")
    for argument in each.arguments:
        yield from _item(_text(argument.metavar), argument.help)
    for option in each.options:
        if "--help" not in option.words:
            yield from _item(_words(option), option.help)
    yield from (".PP", ".nf", ".RS", _bold(each.example), ".RE", ".fi")


def _words(option: Option) -> str:
    names = ", ".join(_bold(word) for word in option.words)
    if not option.metavar:
        return names
    value = f"\\fI{_text(option.metavar)}\\fR"
    return f"{names} {f'[{value}]' if option.optional else value}"


def _list(heading: str, rows: list[tuple[str, str]] | tuple[tuple[str, str], ...]) -> Iterator[str]:
    yield f".SH {heading}"
    for name, meaning in rows:
        yield from _item(_bold(name), meaning)


def _item(term: str, meaning: str) -> Iterator[str]:
    yield ".TP"
    yield term
    yield _text(meaning)


def _meaning(option: config.Option) -> str:
    default = config.written(getattr(config.Settings(), option.name)) or "empty"
    return f"{' '.join(option.meaning.split())} Default: {default}. Accepted: {option.accepts}."


def _bold(text: str) -> str:
    return f"\\fB{_text(text)}\\fR"


def _text(text: str) -> str:
    r"""A text that roff takes as it is: no request at its start, hyphens that can be copied."""
    safe = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{safe}" if safe.startswith((".", "'")) else safe
