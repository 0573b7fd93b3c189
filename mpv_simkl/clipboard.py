"""What was copied elsewhere, as text: asked of the program that each system has for it."""

from __future__ import annotations

import os
import shutil
import sys

from . import processes

LARGEST = 4096  # characters
WITHIN = 2.0  # seconds


def text() -> str:
    """The text in the clipboard, "" if there is none or nothing to read it with. May take a moment."""
    for line in _programs():
        if shutil.which(line[0]) and (found := processes.output(line, WITHIN)) is not None:
            return found[:LARGEST]
    return ""


def _programs() -> list[list[str]]:
    if sys.platform == "win32":
        return [["powershell", "-NoProfile", "-Command", "Get-Clipboard"]]
    if sys.platform == "darwin":
        return [["pbpaste"]]
    wayland = [["wl-paste", "-n"]] if os.environ.get("WAYLAND_DISPLAY") else []
    return [*wayland, ["xclip", "-selection", "clipboard", "-out"], ["xsel", "--clipboard", "--output"]]
