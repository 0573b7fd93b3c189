"""The table of checks, in the order of the way from mpv to Simkl."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator

from . import keeping, loading, simkl, story
from .finding import Finding, warning
from .machine import Machine

log = logging.getLogger(__name__)

Check = Callable[[Machine], Finding | Iterable[Finding]]
CHECKS: tuple[tuple[str, Check], ...] = (
    ("mpv", loading.mpv),
    ("running mpv", loading.running),
    ("loader", loading.loaders),
    ("python", loading.pythons),
    ("settings", keeping.settings),
    ("socket", keeping.socket),
    ("files", keeping.files),
    ("disk", keeping.disk),
    ("journal", keeping.journal),
    ("network", simkl.network),
    ("clock", simkl.clock),
    ("sign-in", simkl.sign_in),
    ("quota", simkl.quota),
    ("log", story.troubles),
)


def examine(machine: Machine) -> Iterator[Finding]:
    """What every check finds, as it is found; raises nothing."""
    for name, check in CHECKS:
        try:
            found = check(machine)
            yield from [found] if isinstance(found, Finding) else found
        except Exception as error:  # noqa: BLE001 - an odd machine, which is when the other checks are wanted most
            told = f"this could not be looked at: {type(error).__name__}: {error}"
            yield warning(name, told, "please report it, with `mpv-simkl doctor --report FILE`")
