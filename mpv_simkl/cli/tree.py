"""The commands as data, read off the parsers: what completion and the manual page are made from."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

FILES = ("FILE", "PATH", "VIDEO", "DIR")  # metavars of what is on the disk
FOLDER = "DIR"


@dataclass(frozen=True, slots=True)
class Option:
    """One option: `words` as they are typed, the short one first; `metavar` is empty if it takes nothing."""

    words: tuple[str, ...]
    help: str
    metavar: str = ""
    choices: tuple[str, ...] = ()
    optional: bool = False

    @property
    def takes_files(self) -> bool:
        """Whether its value lies on the disk."""
        return self.metavar in FILES


@dataclass(frozen=True, slots=True)
class Argument:
    """What stands without an option's name."""

    metavar: str
    help: str
    usage: str  # as the usage line shows it: `[FILE ...]`
    choices: tuple[str, ...] = ()

    @property
    def takes_files(self) -> bool:
        """Whether it lies on the disk."""
        return self.metavar in FILES


@dataclass(frozen=True, slots=True)
class Command:
    """One command and what belongs to it; `path` are its words, none for `mpv-simkl` itself."""

    path: tuple[str, ...]
    help: str
    example: str
    options: tuple[Option, ...]
    arguments: tuple[Argument, ...]
    commands: tuple[Command, ...]

    def walk(self) -> Iterator[Command]:
        """It and all below it."""
        yield self
        for each in self.commands:
            yield from each.walk()


def read(parser: argparse.ArgumentParser, path: tuple[str, ...] = (), help_: str = "") -> Command:
    """The command that a parser stands for, with all commands below it.

    argparse shows its tree only in attributes with an underscore; they have been there since Python 2.7.
    """
    options: list[Option] = []
    arguments: list[Argument] = []
    commands: list[Command] = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            helps = {choice.dest: choice.help or "" for choice in action._choices_actions}
            commands += [read(sub, (*path, name), helps[name]) for name, sub in _shown(action, helps)]
        elif action.option_strings:
            options.append(_option(action))
        else:
            arguments.append(_argument(action))
    example = (parser.epilog or "").partition(": ")[2]
    return Command(
        path, help_ or parser.description or "", example, tuple(options), tuple(arguments), tuple(commands)
    )


def _shown(
    action: argparse._SubParsersAction[argparse.ArgumentParser], helps: dict[str, str]
) -> list[tuple[str, argparse.ArgumentParser]]:
    return [(name, parser) for name, parser in action.choices.items() if name in helps]


def _option(action: argparse.Action) -> Option:
    choices = tuple(map(str, action.choices or ()))
    takes = action.nargs != 0
    return Option(
        tuple(sorted(action.option_strings, key=len)),
        _help(action),
        (str(action.metavar or ("|".join(choices) or action.dest.upper()))) if takes else "",
        choices,
        optional=action.nargs == "?",
    )


def _argument(action: argparse.Action) -> Argument:
    choices = tuple(map(str, action.choices or ()))
    metavar = str(action.metavar or action.dest.upper())
    many = {"*": f"[{metavar} ...]", "+": f"{metavar} ...", "?": f"[{metavar}]"}
    return Argument(metavar, _help(action), many.get(str(action.nargs), metavar), choices)


def _help(action: argparse.Action) -> str:
    return (action.help or "").replace("%%", "%")
