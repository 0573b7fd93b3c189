"""Does each mpv load us, and can what it loads start us?"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from shlex import quote

from .. import __version__, installation, mpv_conf, processes
from .finding import Finding, ok, problem, warning
from .machine import Machine
from .players import Player

ANSWER_WITHIN = 10.0  # seconds for mpv or Python to say its version
OLDEST_MPV = (0, 33)  # `subprocess` with `detach` (mpv-notes 1.1)
VERSION = re.compile(r"\bmpv v?(\d+)\.(\d+)\S*")
PROBE = 'io.write(mp.get_property("mpv-version"), "\\n") io.flush() mp.command("quit")\n'
PYTHON = re.compile(r'^    python = "((?:[^"\\]|\\\d{3})*)",$', re.MULTILINE)
INSTALL = "run `mpv-simkl install`"


def mpv(machine: Machine) -> Iterator[Finding]:
    """Is there an mpv, new enough and with Lua? It is asked itself, without the user's configuration."""
    if not machine.players:
        yield problem("mpv", "no mpv was found on this machine", "install mpv 0.33 or newer")
    for player in machine.players:
        if player.native:
            yield _version(player.program)
        elif player.program:
            yield ok("mpv", f"{player.name}: {player.program}{_reported(player)}")


def _version(program: str) -> Finding:
    with_lua = _mpv_says(program, lua=True)
    said = with_lua or _mpv_says(program, lua=False)
    version = VERSION.search(said)
    if version is None:
        return problem("mpv", f"{program} does not say its version", "see whether it starts by itself")
    if (int(version[1]), int(version[2])) < OLDEST_MPV:
        return problem("mpv", f"{program} is {version[0]}", "install mpv 0.33 or newer")
    if not with_lua:
        return problem("mpv", f"{program} is {version[0]}, built without Lua", "install an mpv with Lua")
    return ok("mpv", f"{program} is {version[0]}, with Lua")


def _mpv_says(program: str, *, lua: bool) -> str:
    """What mpv prints of its version: through a script, which only Lua can run, or by itself.

    `null://` cannot be played, so an mpv that runs no script ends at once.
    """
    quiet = [program, "--no-config", "--vo=null", "--ao=null"]
    if not lua:
        return _said([*quiet, "--version"])
    with tempfile.TemporaryDirectory() as folder:
        probe = Path(folder) / "probe.lua"
        probe.write_text(PROBE, encoding="utf-8")
        return _said([*quiet, "--no-terminal", f"--script={probe}", "--", "null://"])


def _said(line: list[str]) -> str:
    return processes.output(line, ANSWER_WITHIN) or ""


def loaders(machine: Machine) -> Iterator[Finding]:
    """Is the loader in each player's folder, ours, whole and alone?"""
    known = [player for player in machine.players if player.folder is not None]
    anywhere = any(_loader_of(player).exists() for player in known)
    for player in machine.players:
        yield from _loader(player, anywhere=anywhere)
    folders = (machine.home / ".mpv", machine.home / ".config" / "mpv")
    if all(installation.is_ours(folder / installation.LOADER) for folder in folders):
        cure = f"run `mpv-simkl uninstall --mpv-dir {quote(str(folders[0]))}`"
        yield warning("loader", f"mpv reads {folders[0]} and {folders[1]}, and both load it", cure)


def _loader(player: Player, *, anywhere: bool) -> Iterator[Finding]:
    if player.folder is None:
        yield warning("loader", f"{player.name} reads a folder that only it knows (reported)", player.advice)
    elif player.sandboxed:
        cannot = f"{player.name} cannot start programs outside its sandbox (reported)"
        yield warning("loader", cannot, "play with an mpv that is installed the usual way")
    else:
        yield _loader_in(player.folder, player, anywhere=anywhere)
        yield from _namesakes(player.folder)


def _loader_of(player: Player) -> Path:
    return (player.folder or Path()) / installation.LOADER


def _loader_in(folder: Path, player: Player, *, anywhere: bool) -> Finding:
    file = folder / installation.LOADER
    cure = INSTALL if player.native else f"{INSTALL[:-1]} --mpv-dir {quote(str(folder))}`"
    if not os.path.lexists(file):
        missing = f"{player.name} does not load it: there is no {file}{_reported(player)}"
        return warning("loader", missing, cure) if anywhere else problem("loader", missing, cure)
    if not installation.is_ours(file):
        return problem("loader", f"{file} is another program's script", f"move it away, then {cure}")
    if is_current(file):
        return ok("loader", f"{player.name} loads {file}{_reported(player)}")
    return warning("loader", f"{file} is of another version of mpv-simkl, or was changed", cure)


def is_current(file: Path) -> bool:
    """Is that the loader that we would write today, for whatever interpreter."""
    python = _named_in(file)
    return bool(python) and _text(file) == installation.loader(python)


def _namesakes(folder: Path) -> Iterator[Finding]:
    """mpv calls the second script of a name simkl2, and ours keeps silent then."""
    for name in ("simkl", "simkl.js", "simkl.so", "simkl.dll"):
        if (other := folder / "scripts" / name).exists():
            yield problem("loader", f"{other} has the name of ours", "move it away")


def _reported(player: Player) -> str:
    return " (reported, not tried)" if player.reported else ""


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _named_in(file: Path) -> str:
    """The interpreter in a loader, as `installation` has written it; "" if there is none."""
    found = PYTHON.search(_text(file))
    if not found:
        return ""
    raw = re.sub(rb"\\(\d{3})", lambda code: bytes([int(code[1]) & 0xFF]), found[1].encode())
    return os.fsdecode(raw)


def pythons(machine: Machine) -> Iterator[Finding]:
    """Does the interpreter exist that a loader starts, and has it this mpv-simkl?"""
    for player in machine.players:
        if player.folder is None or player.sandboxed or not installation.is_ours(_loader_of(player)):
            continue
        python = mpv_conf.choose_in(player.folder, {})[0]["python"]
        where = f"python= in {mpv_conf.file_of(player.folder, python)}" if python.value else "the loader"
        cure = "correct it, or put # before it" if python.value else INSTALL
        yield _python(python.value or _named_in(_loader_of(player)), where, cure)


def _python(python: str, where: str, cure: str) -> Finding:
    if not Path(python).is_file():
        return problem("python", f"there is no Python at {python}, which {where} names", cure)
    version = _said([python, "-I", "-m", "mpv_simkl", "--version"]).strip()
    if not version:
        return problem("python", f"{python}, which {where} names, does not have mpv-simkl", cure)
    if version != f"mpv-simkl {__version__}":
        return warning("python", f"{python} has {version}, this is {__version__}", cure)
    return ok("python", f"{python} has {version}")


def running(machine: Machine) -> Iterator[Finding]:
    """Was an mpv that runs now started so that it does not load us, or gives us no connection (Linux)?"""
    if machine.platform != "linux":
        return
    for folder in Path("/proc").glob("[0-9]*"):
        words = _command_line(folder)
        if not words or Path(words[0]).name != "mpv":
            continue
        for option, what in KEPT_OUT.items():
            if any(word.startswith(option) for word in words[1:]):
                told = f"mpv {folder.name} was started with {option.rstrip('=')}: {what}"
                yield warning("running mpv", told, "start mpv by itself, or change that program's settings")


KEPT_OUT = {
    "--input-ipc-client=": "the program that started it owns its IPC channel, and nothing is scrobbled",
    "--no-config": "it reads no folder, and so loads no script",
    "--config=no": "it reads no folder, and so loads no script",
    "--load-scripts=no": "it loads no script",
    "--no-load-scripts": "it loads no script",
}


def _command_line(process: Path) -> list[str]:
    try:
        if process.stat().st_uid != os.getuid():
            return []
        return (process / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
    except OSError:  # it has ended
        return []
