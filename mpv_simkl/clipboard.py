"""What was copied elsewhere, as text: asked of the program that each system has for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

LARGEST = 4096  # characters
WITHIN = 2.0  # seconds


def text() -> str:
    """The text in the clipboard, "" if there is none or nothing to read it with. May take a moment."""
    for line in _programs():
        if shutil.which(line[0]) and (found := _output(line)) is not None:
            return found[:LARGEST]
    return ""


def _programs() -> list[list[str]]:
    if sys.platform == "win32":
        return [["powershell", "-NoProfile", "-Command", "Get-Clipboard"]]
    if sys.platform == "darwin":
        return [["pbpaste"]]
    wayland = [["wl-paste", "-n"]] if os.environ.get("WAYLAND_DISPLAY") else []
    return [*wayland, ["xclip", "-selection", "clipboard", "-out"], ["xsel", "--clipboard", "--output"]]


def _output(line: list[str]) -> str | None:
    try:
        done = subprocess.run(  # noqa: S603 - fixed words, the user's own programs
            line, capture_output=True, timeout=WITHIN, check=True, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode("utf-8", "replace")
