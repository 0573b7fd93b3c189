"""What can be mended without asking: our loader where `install` put it, and who may read our files."""

from __future__ import annotations

import os
from collections.abc import Iterator

from .. import installation
from ..errors import MpvSimklError
from . import keeping
from .loading import is_current
from .machine import Machine


def repair(machine: Machine) -> Iterator[str]:
    """Mend, and say of each thing what was done, or why it could not be."""
    if machine.platform != "win32":
        yield from _permissions()
    yield from _loaders()


def _permissions() -> Iterator[str]:
    for path in keeping.open_to_others():
        if path.lstat().st_uid != os.getuid():
            continue
        try:
            path.chmod(0o700 if path.is_dir() else 0o600)
            yield f"made private: {path}"
        except OSError as error:
            yield f"could not be made private ({error.strerror}): {path}"


def _loaders() -> Iterator[str]:
    """Only where our loader is still: who has taken it away has meant it."""
    for folder in installation.remembered():
        file = folder / installation.LOADER
        if not installation.is_ours(file) or is_current(file):
            continue
        try:
            yield from (str(step) for step in installation.install(folder) if step.file == file)
        except (OSError, MpvSimklError) as error:
            yield f"could not be installed again ({error}): {file}"
