"""What mpv was told to show, after mpv's own log: texts, menus, and other programs' menus."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from pathlib import Path

from .harness import WITHIN

SHOWN = re.compile(r'Run command: show-text, .*?args=\[text="(.*?)", duration=')
DRAWN = re.compile(
    r'Run command: osd-overlay, .*?format="(none|ass-events)", data="(.*?)", res_x="0", res_y="720"'
)
IN_CONSOLE = re.compile(
    r'Run command: osd-overlay, .*?format="(none|ass-events)", data="(.*?)", '
    r'(?!res_x="0", res_y="720")res_x=.*? z="(?:0|2000)", hidden="no"'
)
STYLE = re.compile(r"\{[^}]*\}|m [-\d. mlb]+")


class Screen:
    """The screen of the mpv that is started with `options`."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "mpv.log"
        self.options: tuple[str, ...] = (f"--log-file={self._file}", "--msg-level=cplayer=trace")

    @property
    def log(self) -> str:
        """mpv's own log so far."""
        return self._file.read_text(encoding="utf-8", errors="replace") if self._file.exists() else ""

    def texts(self) -> list[str]:
        """Every text that was put on the screen, in order."""
        return [text for text in SHOWN.findall(self.log) if text]

    def lines(self) -> list[str]:
        """Every line that was put on the screen, each once, in order."""
        return list(dict.fromkeys(line for text in self.texts() for line in text.split("\\n")))

    def menus(self) -> list[list[str]]:
        """Every picture of a menu, as its lines; an empty one where it was taken away."""
        return self._drawn(DRAWN)

    def consoles(self) -> list[list[str]]:
        """The same of what mpv's own console drew: its lists and its text field."""
        return self._drawn(IN_CONSOLE)

    def _drawn(self, picture: re.Pattern[str]) -> list[list[str]]:
        found = (data if kind == "ass-events" else "" for kind, data in picture.findall(self.log))
        return [_lines(data) for data in found]

    def menu(self) -> list[str]:
        """The lines of the menu that stands on the screen now."""
        return (self.menus() or [[]])[-1]

    def wait_for(self, text: str) -> None:
        """Wait until a text was shown."""
        until(lambda: any(text in shown for shown in self.texts()), lambda: f"{text!r} in {self.texts()}")

    def wait_for_menu(self, text: str) -> list[str]:
        """Wait until the menu says something, and give all that it says."""
        until(lambda: any(text in line for line in self.menu()), lambda: f"{text!r} in {self.menus()[-3:]}")
        return self.menu()

    def wait_for_console(self, text: str) -> list[str]:
        """Wait until mpv's own list or text field says something, and give all that it says."""

        def now() -> list[str]:
            return (self.consoles() or [[]])[-1]

        until(lambda: any(text in line for line in now()), lambda: f"{text!r} in {self.consoles()[-3:]}")
        return now()

    def wait_for_no_menu(self) -> None:
        """Wait until there is no menu any more."""
        until(lambda: self.menu() == [] and self.menus() != [], lambda: f"no menu: {self.menus()[-3:]}")


def until(true: Callable[[], bool], what: Callable[[], str]) -> None:
    """Wait until something is true of a file; nothing announces that."""
    tick = threading.Event()
    for _ in range(int(WITHIN / 0.02)):
        if true():
            return
        tick.wait(0.02)
    raise AssertionError(f"never came: {what()}")


def _lines(data: str) -> list[str]:
    texts = (STYLE.sub("", line.replace("\\\\", "\\")) for line in data.split("\\n"))
    return [text.strip() for text in texts if text.strip()]
