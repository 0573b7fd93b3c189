"""`mpv-simkl completion`: what a shell needs to complete our commands, made from the parsers themselves.

The scripts are whole: a shell asks nothing of us while somebody types.
"""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Callable, Iterator

from . import parser, tree
from .tree import FOLDER, Argument, Command, Option
from .words import Commands, command

NAME = "mpv-simkl"


def add(commands: Commands) -> None:
    """Add the command."""
    own = command(
        commands,
        "completion",
        show,
        does="print the completion script of a shell",
        example="mpv-simkl completion bash > ~/.local/share/bash-completion/completions/mpv-simkl",
    )
    own.add_argument("shell", choices=tuple(SHELLS), metavar="SHELL", help="bash, zsh or fish")


def show(args: argparse.Namespace) -> int:
    """Print the script."""
    print(SHELLS[args.shell](tree.read(parser())), end="")
    return 0


def bash(root: Command) -> str:
    """A script for bash's programmable completion."""
    lines = [
        "# Completion of mpv-simkl for bash, printed by `mpv-simkl completion bash`.",
        "_mpv_simkl() {",
        "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} at= i words=",
        "    [[ $cur != = ]] || cur=",  # bash takes --option=value for three words
        "    [[ $prev != = ]] || prev=${COMP_WORDS[COMP_CWORD-2]}",
        "    for ((i = 1; i < COMP_CWORD; i++)); do",
        '        case "$at ${COMP_WORDS[i]}" in',
        *(f"            {shlex.quote(_at(each))}) at={shlex.quote(_at(each))} ;;" for each in _below(root)),
        "        esac",
        "    done",
        '    case "$at" in',
        *(line for each in root.walk() for line in _bash_command(each)),
        "    esac",
        '    [[ -z $words ]] || COMPREPLY=($(compgen -W "$words" -- "$cur"))',
        "}",
        f"complete -o default -F _mpv_simkl {NAME}",
    ]
    return "\n".join(lines) + "\n"


def _bash_command(each: Command) -> Iterator[str]:
    yield f"        {shlex.quote(_at(each))})"
    taking = [option for option in each.options if option.metavar and not option.optional]
    if taking:
        yield '            case "$prev" in'
        for option in taking:
            yield f"                {'|'.join(option.words)}) {_bash_value(option)} return ;;"
        yield "            esac"
    options = " ".join(word for option in each.options for word in option.words)
    plain = " ".join(below.path[-1] for below in each.commands) or " ".join(
        choice for argument in each.arguments for choice in argument.choices
    )
    otherwise = (
        f'words="{plain}"' if plain else ":" if _takes_files(each) else "compopt +o default 2>/dev/null"
    )
    yield f'            if [[ $cur == -* ]]; then words="{options}"; else {otherwise}; fi ;;'


def _bash_value(option: Option) -> str:
    if option.choices:
        return f'COMPREPLY=($(compgen -W "{" ".join(option.choices)}" -- "$cur"));'
    if option.metavar == FOLDER:
        folders = "local IFS=$'\\n'; COMPREPLY=($(compgen -d -- \"$cur\"));"  # a name may have spaces
        return f"{folders} compopt -o filenames 2>/dev/null;"
    return "" if option.takes_files else "compopt +o default 2>/dev/null;"


def zsh(root: Command) -> str:
    """A script for zsh's compsys; each command is a function of its own."""
    lines = [
        "#compdef mpv-simkl",
        "# Completion of mpv-simkl for zsh, printed by `mpv-simkl completion zsh`.",
    ]
    for each in reversed(list(root.walk())):
        lines += _zsh_command(each)
    lines.append(
        'if [ "$funcstack[1]" = _mpv-simkl ]; then _mpv-simkl "$@"; else compdef _mpv-simkl mpv-simkl; fi'
    )
    return "\n".join(lines) + "\n"


def _zsh_command(each: Command) -> Iterator[str]:
    specs = [_zsh_option(option) for option in each.options]
    yield f"{_function(each)}() {{"
    if not each.commands:
        specs += [_zsh_argument(argument) for argument in each.arguments]
        yield "    _arguments -s -S \\"
        yield from _continued(specs)
        yield "}"
        return
    yield "    local line state; typeset -A opt_args"
    yield "    _arguments -C -s -S \\"
    yield from _continued([*specs, "'1:command:->command'", "'*::argument:->argument'"])
    named = " ".join(shlex.quote(f"{_zsh_colon(below.path[-1])}:{below.help}") for below in each.commands)
    yield '    case "$state" in'
    yield f"    command) local -a known=({named}); _describe command known ;;"
    yield '    argument) case "$line[1]" in'
    for below in each.commands:
        yield f"        {below.path[-1]}) {_function(below)} ;;"
    yield "        esac ;;"
    yield "    esac"
    yield "}"


def _continued(specs: list[str]) -> Iterator[str]:
    for number, spec in enumerate(specs, start=1):
        yield f"        {spec}{' ' + chr(92) if number < len(specs) else ''}"


def _zsh_option(option: Option) -> str:
    text = option.help.translate({ord("["): "(", ord("]"): ")"})
    value = ""
    if option.metavar:
        colons = "::" if option.optional else ":"
        value = f"{colons}{_zsh_colon(option.metavar)}:{_zsh_values(option)}"
    together = " ".join(option.words)
    return "".join(
        [f"'({together})'", "{" + ",".join(option.words) + "}" if len(option.words) > 1 else option.words[0]]
    ) + shlex.quote(f"[{text}]{value}")


def _zsh_argument(argument: Argument) -> str:
    return shlex.quote(f"*:{_zsh_colon(argument.metavar)}:{_zsh_values(argument)}")


def _zsh_values(taken: Option | Argument) -> str:
    if taken.choices:
        return f"({' '.join(taken.choices)})"
    if taken.metavar == FOLDER:
        return "_files -/"
    return "_files" if taken.takes_files else " "


def _zsh_colon(text: str) -> str:
    return text.replace(":", "\\:").replace("[", "(").replace("]", ")")


def _function(each: Command) -> str:
    return "_" + "_".join((NAME, *each.path))


def fish(root: Command) -> str:
    """A script for fish: one line for each word that can be completed."""
    lines = [
        "# Completion of mpv-simkl for fish, printed by `mpv-simkl completion fish`.",
        "function __mpv_simkl_at",
        "    set -l words (commandline -opc)[2..-1]",
        "    set -l depth (count $argv)",
        '    test "$argv" = "$words[1..$depth]"',
        "end",
        "function __mpv_simkl_only",
        "    set -l words (commandline -opc)[2..-1]",
        '    test "$argv" = "$words"',
        "end",
        f"complete -c {NAME} -f",
        *(
            f"complete -c {NAME} -n {_fish_condition(each)} {what}"
            for each in root.walk()
            for what in _fish_command(each)
        ),
    ]
    return "\n".join(lines) + "\n"


def _fish_command(each: Command) -> Iterator[str]:
    for below in each.commands:
        yield f"-a {below.path[-1]} -d {_fish(below.help)}"
    for option in each.options:
        yield _fish_option(option)
    for argument in each.arguments:
        yield "-F" if argument.takes_files else f"-a {_fish(' '.join(argument.choices))}"


def _fish_condition(each: Command) -> str:
    """Not fish's `__fish_seen_subcommand_from`: it takes a title, as in `mark --movie Log`, for a command."""
    return _fish(" ".join(["__mpv_simkl_only" if each.commands else "__mpv_simkl_at", *each.path]))


def _fish_option(option: Option) -> str:
    words = " ".join(f"-l {word[2:]}" if word.startswith("--") else f"-s {word[1:]}" for word in option.words)
    value = ""
    if option.metavar and not option.optional:
        value = " -r -F" if option.takes_files else " -x"
    if option.metavar == FOLDER:
        value = " -x -a '(__fish_complete_directories)'"
    if option.choices:
        value = f" -x -a {_fish(' '.join(option.choices))}"
    return f"{words}{value} -d {_fish(option.help)}"


def _fish(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _below(root: Command) -> list[Command]:
    return [each for each in root.walk() if each.path]


def _at(each: Command) -> str:
    """A command's place as the bash script keeps it: its words, each with a space in front."""
    return "".join(f" {word}" for word in each.path)


def _takes_files(each: Command) -> bool:
    return any(argument.takes_files for argument in each.arguments)


SHELLS: dict[str, Callable[[Command], str]] = {"bash": bash, "zsh": zsh, "fish": fish}
