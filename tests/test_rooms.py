"""The house is as docs/design.md draws it: who is there, who keeps what, and arrows point one way."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HOUSE = ROOT / "mpv_simkl"
FILES = sorted(HOUSE.rglob("*.py"))
DESIGN = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
KEEPERS = {
    "appdirs": "places",
    "argparse": "cli",
    "python_mpv_jsonipc": "ipc",
    "requests": "lean",
    "sqlite3": "journal",
    "urllib3": "web",
}


class Imports(ast.NodeVisitor):
    """What a module imports when it runs, at its top or in a function; what is for type checkers left out."""

    def __init__(self, file: Path) -> None:
        self.found: set[str] = set()
        self._package = file.parent.relative_to(ROOT).parts
        self.visit(ast.parse(file.read_text(encoding="utf-8")))

    def visit_If(self, node: ast.If) -> None:
        if ast.unparse(node.test) != "TYPE_CHECKING":
            self.generic_visit(node)

    def visit_Import(self, node: ast.Import) -> None:
        self.found.update(each.name for each in node.names)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        above = self._package[: len(self._package) + 1 - node.level] if node.level else ()
        base = ".".join([*above, *([node.module] if node.module else [])])
        self.found.update(f"{base}.{each.name}" for each in node.names)


def name_of(file: Path) -> str:
    """The module's name, its package's for an `__init__`."""
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def room_of(module: str) -> str:
    """The first name below the house."""
    return module.split(".")[1] if "." in module else ""


NAMES = {name_of(file): file for file in FILES}


def ours(file: Path) -> Iterator[str]:
    """The modules of the house that one imports."""
    for name in Imports(file).found:
        module = name if name in NAMES else name.rpartition(".")[0]
        if module in NAMES and module not in ("mpv_simkl", name_of(file)):
            yield module


def test_every_room_stands_in_the_table() -> None:
    """Whoever reads docs/design.md has seen the whole house, and nothing that is no more."""
    listed = set(re.findall(r"`([a-z_]+)/?`", "".join(re.findall(r"^\|([^|]+)\|", DESIGN, re.MULTILINE))))
    assert {room_of(name) for name in NAMES} - {"", "__main__"} == listed


def test_arrows_point_one_way() -> None:
    """No room imports one that imports it, not even in a function or over others."""
    order = TopologicalSorter({name: set(ours(file)) for name, file in NAMES.items()})
    order.prepare()  # raises CycleError, which names them


@pytest.mark.parametrize("library", KEEPERS)
def test_each_outside_thing_has_one_keeper(library: str) -> None:
    """What changes in a library concerns one room."""
    users = {room_of(name) for name, file in NAMES.items() if library in map(_top, Imports(file).found)}
    assert users == {KEEPERS[library]}


def _top(name: str) -> str:
    return name.partition(".")[0]


def test_who_may_open_which_door() -> None:
    """A Simkl of our own that knew our code would forgive its faults; no rule hangs on a command."""
    arrows = {(room_of(name), room_of(other)) for name, file in NAMES.items() for other in ours(file)}
    assert {other for room, other in arrows if room == "sandbox"} == {"sandbox"}
    assert {room for room, other in arrows if other == "doctor"} == {"cli", "doctor"}
    assert {room for room, other in arrows if other == "cli"} == {"cli", "__main__"}
    assert {room for room, other in arrows if other == "lean"} == {"web"}
