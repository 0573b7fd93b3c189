"""Questions on mpv's screen, asked in the best way that this mpv has, and their answers.

With uosc it is a menu of uosc's; where mpv has `mp.input` the loader asks with that (mpv-notes 5.2); else the
list is our own: drawn as an overlay, its keys taken for as long as it is there.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict

from . import menu
from .menu import Choice, Menu
from .player import Player

log = logging.getLogger(__name__)

UOSC = "uosc"
ANSWER = "simkl-answer"  # the message with which uosc and the loader answer: its number, then what was chosen

Choose = Callable[[int], None]
Write = Callable[[str], None]


class Prompts:
    """At most one question at a time; a new one takes the place of the one before. For one thread."""

    def __init__(self, player: Player, script: str, *, has_input: bool) -> None:
        self._player = player
        self._script = script
        self._has_input = has_input
        self._number = 0
        self._menu: Menu | None = None
        self._count = 0
        self._in_uosc = False
        self._choose: Choose = _nothing
        self._write: Write = _nothing

    def choose(self, heading: str, choices: Sequence[Choice], then: Choose) -> None:
        """Let one be chosen; `then` hears its number, or nothing if the list is left."""
        self._ask(Menu(heading, tuple(choices)), then, _nothing)

    def write(self, heading: str, typed: str, then: Write) -> None:
        """Let a text be typed, or what stands there already be taken."""
        self._ask(Menu(heading, (), typed), _nothing, then)

    @property
    def is_open(self) -> bool:
        """Is a list of our own on the screen."""
        return self._menu is not None

    def close(self) -> None:
        """Take our own list away."""
        if self._menu is not None:
            self._menu = None
            self._player.release_keys()
            self._player.draw("")

    def press(self, key: str, letter: str) -> None:
        """A key that was ours while the list is there."""
        if self._menu is None:
            return
        if key in menu.PASTES:
            self._paste()
            return
        after = menu.press(self._menu, key, letter)
        if isinstance(after, Menu):
            self._draw(after)
            return
        self.close()
        self._end(after)

    def answer(self, words: Sequence[str]) -> None:
        """What uosc or the loader answers: `NUMBER choice INDEX`, `NUMBER text TEXT`, with uosc its menu
        too; an old one is none.
        """
        match words:
            case [number, "choice", index] if number == str(self._number) and index.isdecimal():
                self._number += 1
                self._end(int(index))
            case [number, "text", text, *_] if number == str(self._number) and text.strip():
                if self._in_uosc:  # there it stays until it is closed
                    self._player.send(UOSC, "close-menu", _type(self._number))
                self._number += 1
                self._end(text.strip()[: menu.LONGEST_TEXT])

    def _ask(self, question: Menu, choose: Choose, write: Write) -> None:
        self.close()
        self._number += 1
        self._choose, self._write = choose, write
        self._count = len(question.choices)
        log.debug("asked: %s", question.heading)
        self._in_uosc = self._player.send(UOSC, "open-menu", self._for_uosc(question))
        if self._in_uosc:
            return
        if self._has_input and self._player.send(self._script, "ask", self._for_loader(question)):
            return
        self._player.take_keys(menu.KEYS)
        self._draw(question)

    def _end(self, answer: menu.End) -> None:
        if isinstance(answer, int) and answer < self._count:
            self._choose(answer)
        elif isinstance(answer, str):
            self._write(answer)

    def _draw(self, now: Menu) -> None:
        self._menu = now
        self._player.draw(menu.render(now))

    def _paste(self) -> None:
        """The clipboard is another program's: it may take its time."""
        number = self._number

        def read() -> None:
            from . import clipboard

            text = clipboard.text()
            self._player.post(lambda: self._pasted(number, text))

        known = self._player.get("clipboard/text")  # mpv 0.40 has it
        if isinstance(known, str):
            self._pasted(number, known)
        else:
            threading.Thread(target=read, name="clipboard", daemon=True).start()

    def _pasted(self, number: int, text: str) -> None:
        if self._menu is not None and number == self._number:
            self._draw(menu.paste(self._menu, text))

    def _for_uosc(self, question: Menu) -> str:
        """uosc's wiki, "Menu API"; a text is what is typed into its search field."""
        said = ["script-message", ANSWER, str(self._number)]
        items = [
            {"title": choice.title, "hint": choice.hint, "value": [*said, "choice", str(number)]}
            for number, choice in enumerate(question.choices)
        ]
        told: dict[str, object] = {
            "type": _type(self._number),
            "title": question.heading,
            "items": items,
        }
        if not items:  # what is typed stands in the title's place
            told |= {
                "items": [{"title": question.heading, "selectable": False, "value": "ignore"}],
                "search_style": "palette",
                "search_debounce": "submit",
                "search_suggestion": question.typed,
                "on_search": [*said, "text"],
            }
        return json.dumps(told)

    def _for_loader(self, question: Menu) -> str:
        return json.dumps({"number": self._number, **asdict(question)})


def _type(number: int) -> str:
    """A name for each menu: older versions close a menu whose name is opened again."""
    return f"simkl-{number}"


def _nothing(_: object) -> None:
    """For the end that cannot come."""
