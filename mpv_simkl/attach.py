"""`python -m mpv_simkl attach`: what the loader runs beside mpv. Everything it has to say goes to the log.

Its words are a program's and not a person's, so it is no command of `cli`, and does without argparse.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from pathlib import Path

from . import app, logs, processes
from .errors import MpvSimklError, PlayerError

log = logging.getLogger(__name__)


def attach(words: Iterable[str]) -> int:
    """Follow one mpv to its end; gives the exit code."""
    logs.quiet_failures()
    told = _read(words)
    pid = told.get("--mpv-pid", "")
    mpv_pid = int(pid) if pid.isdecimal() else None
    try:
        app.run(told.get("--socket", ""), mpv_pid, _loader(told))
    except PlayerError as error:
        if mpv_pid is None or processes.alive(mpv_pid):
            log.error("%s", error)
            return 1
        log.info("mpv had ended before it could be followed")
    except MpvSimklError as error:
        log.error("%s", error)
        return 1
    except Exception:  # the outermost edge: mpv started us, and nobody else would hear of it
        log.exception("a fault in mpv-simkl; playback goes on without it")
        return 1
    return 0


def _loader(told: Mapping[str, str]) -> app.Loader:
    return app.Loader(
        told.get("--script", "simkl"),
        own_socket="--own-socket" in told,
        has_input="--has-input" in told,
        mpv_dir=Path(told["--mpv-dir"]) if "--mpv-dir" in told else None,
    )


def _read(words: Iterable[str]) -> dict[str, str]:
    """`--name value` or `--name=value`, and flags, those too that only a newer loader knows."""
    told, open_name = dict[str, str](), ""
    for word in words:
        if word.startswith("--"):
            name, joined, told[name] = word.partition("=")
            open_name = "" if joined else name
        elif open_name:
            told[open_name], open_name = word, ""
    return told
