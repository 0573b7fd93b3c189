"""`mpv-simkl attach`: what the loader runs beside mpv. Everything it has to say goes to the log."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

from ..errors import MpvSimklError, PlayerError
from .words import Commands


def add(commands: Commands) -> None:
    """Add the command, unseen in the help."""
    parser = commands.add_parser("attach")
    parser.add_argument("--socket", required=True)
    parser.add_argument("--mpv-pid", type=int)
    parser.add_argument("--script", default="simkl")
    parser.add_argument("--own-socket", action="store_true")
    parser.add_argument("--has-input", action="store_true")
    parser.add_argument("--mpv-dir", type=Path)
    parser.set_defaults(command=attach)


def attach(args: argparse.Namespace) -> int:
    """Follow one mpv to its end."""
    from .. import app, logs, processes

    logs.quiet_failures()
    try:
        loader = app.Loader(
            args.script, own_socket=args.own_socket, has_input=args.has_input, mpv_dir=args.mpv_dir
        )
        app.run(args.socket, args.mpv_pid, loader)
    except PlayerError as error:
        if args.mpv_pid is None or processes.alive(args.mpv_pid):
            logging.getLogger("mpv_simkl").error("%s", error)
            return 1
        logging.getLogger("mpv_simkl").info("mpv had ended before it could be followed")
    except MpvSimklError as error:
        logging.getLogger("mpv_simkl").error("%s", error)
        return 1
    except Exception:  # the outermost edge: mpv started us, and nobody else would hear of it
        logging.getLogger("mpv_simkl").exception("a fault in mpv-simkl; playback goes on without it")
        return 1
    return 0
