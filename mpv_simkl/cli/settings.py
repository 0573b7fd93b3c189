"""`mpv-simkl settings`: what holds, and who chose it."""

from __future__ import annotations

import argparse
import math
import sys

from .. import config, installation, mpv_conf
from ..logs import shown
from .words import Commands, coloured, command, json_line


def add(commands: Commands) -> None:
    """Add the command."""
    parser = command(
        commands,
        "settings",
        show,
        does="show every setting, its value and where that comes from",
        example="mpv-simkl settings --json",
    )
    parser.add_argument("--json", action="store_true", help="one object: name -> value and source")


def show(args: argparse.Namespace) -> int:
    """Print the settings that an mpv of this user has; 1 if some of what was set cannot be used."""
    chosen, complaints = mpv_conf.choose_in(installation.current_dir())
    if args.json:
        rows = {name: {"value": _plain(one.value), "source": one.source} for name, one in chosen.items()}
        print(json_line(rows))
    else:
        for name, one in chosen.items():
            value = shown(config.written(one.value)) or "(empty)"
            print(f"{name:<14}  {value:<10}  {_origin(one)}")
    for complaint in complaints:
        print(f"mpv-simkl: {shown(complaint)}", file=sys.stderr)
    return 1 if complaints else 0


def _plain(value: object) -> object:
    """As JSON has it, which knows no endless number."""
    return config.written(value) if value == math.inf else value


def _origin(one: config.Chosen) -> str:
    if one.source == "default":
        return one.source
    where = f" ({shown(one.where)})" if one.where != one.source else ""
    return coloured(one.source, "bold") + where
