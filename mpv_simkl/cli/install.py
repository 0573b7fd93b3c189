"""`mpv-simkl install` and `uninstall`."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from .. import auth, installation, places
from ..errors import MpvSimklError
from ..logs import shown
from .connection import settings
from .words import Commands, command


def add(commands: Commands) -> None:
    """Add both commands."""
    takes = "mpv's folder; without it MPV_HOME, XDG_CONFIG_HOME and the usual places are looked at"
    put = command(commands, "install", install, does="let mpv load mpv-simkl", example="mpv-simkl install")
    put.add_argument("--mpv-dir", type=_named, metavar="DIR", help=takes)
    take = command(
        commands, "uninstall", uninstall, does="take back what install did", example="mpv-simkl uninstall"
    )
    take.add_argument("--mpv-dir", type=_named, metavar="DIR", help="only from this folder")


def install(args: argparse.Namespace) -> int:
    """Put the loader into one folder and say so."""
    folder = _folder(args.mpv_dir)
    for step in installation.install(folder):
        print(shown(str(step)))
    print("From now on mpv loads it by itself; play something.")
    if not auth.is_signed_in(settings().client_id):
        print("Sign in once: `mpv-simkl login`")
    return 0


def uninstall(args: argparse.Namespace) -> int:
    """Take the loader out of one folder, or of mpv's and every folder that install put it into.

    Raises MpvSimklError for what cannot be taken back, after all that can be.
    """
    usual = _folder(args.mpv_dir)
    folders = [usual] if args.mpv_dir else dict.fromkeys([*installation.remembered(), usual])
    found, failures = False, []
    for folder in folders:
        try:
            for step in installation.uninstall(folder):
                print(shown(str(step)))
                found = True
        except OSError as error:
            failures.append(f"{error.strerror}: {error.filename}")
    if failures:
        raise MpvSimklError("\n".join(failures))
    if not found:
        print("Nothing of mpv-simkl was found in", shown(", ".join(map(str, folders))))
    return 0


def _named(text: str) -> Path:
    """A folder that was typed; an empty name, as of an unset variable, would be the current one."""
    if not text.strip():
        raise argparse.ArgumentTypeError(f"{text!r} names no folder")
    return Path(text)


def _folder(given: Path | None) -> Path:
    """Absolute and without `..`, because it is remembered."""
    return Path(os.path.abspath(places.expanded(given or installation.mpv_dir())))  # noqa: PTH100 - keeps links
