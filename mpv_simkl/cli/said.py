"""What a FILE is to a command: by its names, as its folder's `.simkl` wants it, and as the user has said."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from .. import folder
from ..journal import Journal
from ..judging import Judgement
from ..logs import shown
from .identify import as_played, taken_for, whole


def by_its_folder(path: str) -> Judgement:
    """What a file is by its names and its folder's `.simkl`; what of that is no use is told."""
    verdict = taken_for(path)
    judged = Judgement(verdict.media, verdict.reason, verdict.why, "known" if verdict.media else "unknown")
    wishes, complaints = folder.read_wishes(whole(path))
    for complaint in complaints:
        print(f"mpv-simkl: {shown(complaint)}", file=sys.stderr)
    return folder.apply(wishes, judged, Path(path).stem)


def as_said(path: str) -> Judgement:
    """The same, or what the user says instead; nothing that is left out becomes ours by that, as in mpv.

    Raises JournalError.
    """
    judged = by_its_folder(path)
    if judged.media is None and not judged.nameless:
        return judged
    with Journal.open() as journal:
        said = journal.titles.corrected(as_played(path), judged.media)
    return judged if said is None else replace(judged, media=said, standing="known")
