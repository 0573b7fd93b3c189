"""What every command's parser has in common."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TypeAlias

Commands: TypeAlias = (
    "argparse._SubParsersAction[argparse.ArgumentParser]"  # argparse has no public name for it
)
Run = Callable[[argparse.Namespace], int]


def command(
    commands: Commands, name: str, run: Run | None, *, does: str, example: str
) -> argparse.ArgumentParser:
    """A new command: its help ends with an example; `run` does it."""
    parser = commands.add_parser(
        name,
        help=does,
        description=does[0].upper() + does[1:] + ".",
        epilog=f"Example: {example}",
        allow_abbrev=False,
    )
    if run is not None:
        parser.set_defaults(command=run)
    return parser
