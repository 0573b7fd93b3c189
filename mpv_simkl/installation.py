"""mpv's own folder: which one it is, and putting the loader there and taking it back."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from . import config, places
from .errors import InstallError

LOADER = Path("scripts") / "simkl.lua"
MARK = "-- mpv-simkl:"  # the first words of every loader of ours
REMEMBERED = "mpv-dirs.json"  # where the loader was put, the newest last
LOCK = "mpv-dirs.lock"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing done to the file system, or found not to be needed: a sentence and the file."""

    said: str
    file: Path

    def __str__(self) -> str:
        return f"{self.said}: {self.file}"


def mpv_dir(environment: Mapping[str, str] = os.environ) -> Path:
    """The folder that mpv reads its configuration from (mpv-notes 1.2 and 6); it need not exist."""
    if home := environment.get("MPV_HOME"):
        return places.expanded(home)
    if sys.platform == "win32":
        return _portable() or places.expanded(environment.get("APPDATA", "~")) / "mpv"
    base = environment.get("XDG_CONFIG_HOME", "")
    usual = (Path(base) if base.startswith("/") else places.home() / ".config") / "mpv"
    old = places.home() / ".mpv"
    return old if old.is_dir() and not usual.is_dir() else usual


def _portable() -> Path | None:
    """`portable_config` beside mpv.exe is used instead of everything else, if it is there."""
    mpv = shutil.which("mpv")
    folder = Path(mpv).resolve().parent / "portable_config" if mpv else None
    return folder if folder is not None and folder.is_dir() else None


def current_dir() -> Path:
    """The folder whose settings the commands read: where `install` was last, else mpv's usual one."""
    found = [folder for folder in remembered() if (folder / LOADER).exists()]
    return found[-1] if found else mpv_dir()


def loaders() -> list[Path]:
    """The loaders of ours that are in mpv's folders, as far as we know these."""
    folders = dict.fromkeys([*remembered(), mpv_dir()])
    return [folder / LOADER for folder in folders if is_ours(folder / LOADER)]


def install(folder: Path) -> list[Step]:
    """Put the loader into mpv's folder, and settings if there are none; done twice it changes nothing.

    Raises InstallError where another program's script has the loader's name, and OSError.
    """
    if (folder / LOADER).exists() and not is_ours(folder / LOADER):
        raise InstallError(f"{folder / LOADER} is not ours; move it away, or choose a folder with --mpv-dir")
    steps = [_write(folder / LOADER, loader())]
    conf = folder / config.CONF
    steps.append(Step("kept your settings", conf) if conf.exists() else _write(conf, config.commented()))
    _remember(lambda known: [*(other for other in known if other != folder), folder])
    return steps


def uninstall(folder: Path) -> Iterator[Step]:
    """Take back what install put there, one step after the other; settings that were changed stay.

    Raises OSError.
    """
    if is_ours(folder / LOADER):
        yield _remove(folder / LOADER)
    conf = folder / config.CONF
    if conf.is_file():
        untouched = conf.read_text(encoding="utf-8", errors="replace") == config.commented()
        yield _remove(conf) if untouched else Step("left your settings", conf)
    elif conf.exists():
        yield Step("left, for it is no file", conf)
    _remember(lambda known: [other for other in known if other != folder])


def remembered() -> list[Path]:
    """The folders that the loader was put into, the newest last."""
    try:
        names = places.read_json(places.data_dir() / REMEMBERED)
    except (OSError, ValueError):
        return []
    return [Path(name) for name in names if _is_path(name)] if isinstance(names, list) else []


def _is_path(name: object) -> bool:
    return isinstance(name, str) and "\0" not in name


def loader(python: str = sys.executable) -> str:
    """The loader's text, with the interpreter that has mpv-simkl.

    The path is not resolved: the python of a virtual environment is a link, and it is the link that knows its
    packages.
    """
    text = resources.files(__package__).joinpath("loader", "main.lua").read_text(encoding="utf-8")
    return text.replace("@PYTHON@", _lua_string(_windowless(python)))


def is_ours(file: Path) -> bool:
    """Is that a loader which we wrote."""
    try:
        with open(file, encoding="utf-8", errors="replace") as text:
            return text.read(len(MARK)) == MARK
    except OSError:
        return False


def _windowless(python: str) -> str:
    """On Windows the interpreter that never shows a console (mpv-notes 1.5)."""
    windowless = Path(python).with_name("pythonw.exe")
    return str(windowless) if sys.platform == "win32" and windowless.exists() else python


def _lua_string(text: str) -> str:
    r"""A quoted Lua string: `"C:\\Users\\x"`; every byte that is not plain goes as \ddd."""
    plain = {byte: chr(byte) for byte in range(0x20, 0x7F) if chr(byte) not in '"\\'}
    return '"' + "".join(plain.get(byte, f"\\{byte:03}") for byte in os.fsencode(text)) + '"'


def _write(file: Path, text: str) -> Step:
    if file.exists() and file.read_text(encoding="utf-8", errors="replace") == text:
        return Step("already there", file)
    said = "updated" if file.exists() else "wrote"
    file.parent.mkdir(parents=True, exist_ok=True)
    places.write_whole(file, text, mode=0o644)
    return Step(said, file)


def _remove(file: Path) -> Step:
    file.unlink()
    return Step("removed", file)


def _remember(change: Callable[[list[Path]], list[Path]]) -> None:
    """Change the list of folders; under a lock, for others may do so at the same time."""
    file = places.data_dir() / REMEMBERED
    if change(remembered()) == remembered():
        return
    with places.locked(file.with_name(LOCK)):
        places.write_whole(file, json.dumps([str(folder) for folder in change(remembered())]))
