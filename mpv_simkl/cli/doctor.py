"""`mpv-simkl doctor`: what is wrong between mpv and Simkl, and the one thing to do about it."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path

from .. import doctor, places
from ..doctor import Finding, Result
from ..errors import MpvSimklError
from ..logs import shown
from .words import Colour, Commands, agreed, coloured, command, json_line

COLOURS: Mapping[Result, Colour] = {"ok": "green", "warning": "yellow", "problem": "red"}


def add(commands: Commands) -> None:
    """Add the command."""
    parser = command(
        commands,
        "doctor",
        examine,
        does="look for what is wrong, and say what to do about it",
        example="mpv-simkl doctor --fix",
    )
    parser.add_argument(
        "--fix", action="store_true", help="put an old loader right, and make our files private again"
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one array of objects")
    form.add_argument(
        "--report",
        type=Path,
        metavar="FILE",
        help="write what somebody who helps you needs, without secrets; shown before it is written",
    )
    parser.add_argument("--yes", action="store_true", help="write the report without asking")


def examine(args: argparse.Namespace) -> int:
    """Mend if wanted, look, tell; 1 if there is a problem."""
    machine = doctor.look()
    if args.fix:
        for done in doctor.repair(machine):
            print(shown(done), file=sys.stderr if args.json else sys.stdout)
    findings = doctor.examine(machine)
    if args.json:
        found = list(findings)
        print(json_line([asdict(finding) for finding in found]))
    elif args.report:
        found = list(findings)
        _report(doctor.bundle(machine, found), args.report, sure=args.yes)
    else:
        found = _tell(findings)
    return int(any(finding.result == "problem" for finding in found))


def _tell(findings: Iterable[Finding]) -> list[Finding]:
    """Print each line as it is found."""
    told = []
    for finding in findings:
        result = coloured(f"{finding.result:<8}", COLOURS[finding.result])
        print(f"{result} {finding.check:<12} {shown(finding.detail)}")
        if finding.cure:
            print(f"{'':<9}{'':<12} -> {shown(finding.cure)}", flush=True)
        told.append(finding)
    return told


def _report(text: str, file: Path, *, sure: bool) -> None:
    place, name = _place(file), shown(str(file))
    there = place.exists()
    print(text)
    question = f"There is a {name} already. Replace it with this?" if there else f"Write it to {name}?"
    if not sure and not agreed(f"This is all. {question}"):
        return
    try:
        places.write_whole(place, text)
    except OSError as error:
        raise MpvSimklError(f"{file} cannot be written ({error.strerror})") from error
    print(f"{'Replaced' if there else 'Written'}: {name}")


def _place(file: Path) -> Path:
    """Where a file lies, or would, behind all links; raises MpvSimklError for what is there and is none."""
    if file.is_dir():
        raise MpvSimklError(f"{file} is a folder; name a file in it")
    place = Path(os.path.realpath(file))
    if (file.exists() or place.is_symlink()) and not file.is_file():
        raise MpvSimklError(f"{file} is no file that could be replaced; name another one")
    return place
