"""Every mpv of this machine: programs and the folders that they read (mpv-notes 6).

Only mpv itself and Celluloid, on Linux, were tried. What other programs read is from their manuals, and is
told as reported.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from .. import installation, places

FLATPAK = "io.mpv.Mpv"
FLATPAK_ROOTS = ("/var/lib/flatpak/app", "~/.local/share/flatpak/app")


@dataclass(frozen=True, slots=True)
class Player:
    """A program with mpv in it: `folder` is what it reads, `native` is mpv itself, started by its own name.

    `sandboxed`: it cannot start programs of the machine. `reported`: nobody has tried it here.
    """

    name: str
    program: str
    folder: Path | None
    native: bool = False
    sandboxed: bool = False
    reported: bool = False
    advice: str = ""


def players(environment: Mapping[str, str], home: Path, platform: str) -> list[Player]:
    """All that are found; of each folder only the first that reads it."""
    found: list[Player] = []
    for player in _all(environment, home, platform):
        if player.folder is None or player.folder not in [known.folder for known in found]:
            found.append(player)
    return found


def _all(environment: Mapping[str, str], home: Path, platform: str) -> Iterator[Player]:
    path = environment.get("PATH")
    folder = installation.mpv_dir(environment)
    if mpv := shutil.which("mpv", path=path):
        yield Player("mpv", mpv, folder, native=True)
        if (old := home / ".mpv").is_dir() and not environment.get("MPV_HOME"):
            yield Player("mpv, its old folder", mpv, old)
    yield from _sandboxed(home)
    if platform == "win32":
        yield from _mpv_net(environment, path)
    elif platform == "darwin":
        yield from _iina(home)
    yield from _celluloid(environment, home, path)
    for place in filter(Path.is_dir, installation.remembered()):
        yield Player("an mpv with this folder", "", place)


def _sandboxed(home: Path) -> Iterator[Player]:
    data = home / ".var" / "app" / FLATPAK
    roots = [Path(root.replace("~", str(home), 1)) / FLATPAK for root in FLATPAK_ROOTS]
    if any(root.is_dir() for root in [data, *roots]):
        yield Player("mpv in a Flatpak", FLATPAK, data / "config" / "mpv", sandboxed=True, reported=True)
    snap = home / "snap" / "mpv" / "current"
    if snap.is_dir() or Path("/snap/bin/mpv").exists():
        yield Player("mpv in a Snap", "mpv", snap / ".config" / "mpv", sandboxed=True, reported=True)


def _mpv_net(environment: Mapping[str, str], path: str | None) -> Iterator[Player]:
    program = shutil.which("mpvnet", path=path)
    portable = Path(program).parent / "portable_config" if program else None
    usual = places.expanded(environment.get("APPDATA", "~")) / "mpv.net"
    folder = Path(environment["MPVNET_HOME"]) if environment.get("MPVNET_HOME") else usual
    if portable is not None and portable.is_dir() and not environment.get("MPVNET_HOME"):
        folder = portable
    if program or folder.is_dir():
        yield Player("mpv.net", program or "", folder, reported=True)


def _iina(home: Path) -> Iterator[Player]:
    for applications in (Path("/Applications"), home / "Applications"):
        if (app := applications / "IINA.app").exists():
            advice = 'in IINA: Settings, Advanced, "Use config directory", and name mpv\'s folder there'
            yield Player("IINA", str(app), None, reported=True, advice=advice)


def _celluloid(environment: Mapping[str, str], home: Path, path: str | None) -> Iterator[Player]:
    base = environment.get("XDG_CONFIG_HOME", "")
    folder = (Path(base) if os.path.isabs(base) else home / ".config") / "celluloid"  # noqa: PTH117 - a text
    program = shutil.which("celluloid", path=path)
    if program or folder.is_dir():
        yield Player("Celluloid", program or "", folder)
