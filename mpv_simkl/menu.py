"""A list to choose from, or a line to type, on mpv's screen: keys -> the next state, a state -> ASS. Pure.

`press` gives the menu as a key leaves it, or how it ended: the number of what was chosen, the text that was
typed, or None if it was left. A list is narrowed down by typing; a menu without choices asks for a text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

LONGEST_TEXT = 200  # characters that can be typed or pasted
LONGEST_LINE = 60  # characters of a line that are shown
ROWS = 10  # choices that are seen at once
PAGE = ROWS - 1

# The look: in units of a screen so high (osd-overlay's res_y), whatever the window has; colours as ASS has
# them (BBGGRR).
SCREEN = 720
LEFT, TOP, WIDTH, ROW, EDGE, SIZE = 40, 40, 740, 38, 18, 25
BELOW, ABOVE = 8, 4  # the panel ends so far below its last row, a bar begins so far above its text
PANEL, BAR, BRIGHT, DIM = "202020", "6B4A1E", "FFFFFF", "B0B0B0"
VEILED, SOLID = "28", "00"  # how much of the film is seen through a box, as ASS has it: FF is all
CURSOR = "▏"


@dataclass(frozen=True, slots=True)
class Choice:
    """One line to choose: what it is, and a word beside it."""

    title: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Menu:
    """What is asked, what can be chosen, what was typed, and on which of the lines seen the cursor stands."""

    heading: str
    choices: tuple[Choice, ...] = ()
    typed: str = ""
    cursor: int = 0

    @property
    def seen(self) -> list[int]:
        """The numbers of the choices that what was typed leaves."""
        words = self.typed.casefold().split()
        return [number for number, choice in enumerate(self.choices) if _fits(choice, words)]


End = int | str | None


def press(menu: Menu, key: str, text: str = "") -> Menu | End:
    """The menu after a key, as mpv names it, and the letter that goes with it; or how it ended."""
    if key in ENDS:
        return ENDS[key](menu)
    if key in STEPS:
        return _moved(menu, STEPS[key])
    if key in EDITS:
        return replace(menu, typed=EDITS[key](menu.typed), cursor=0)
    return paste(menu, text)


def paste(menu: Menu, text: str) -> Menu:
    """The menu after a text was typed or pasted; line ends become spaces, and nothing unseen gets in."""
    seen = "".join(letter if letter.isprintable() else " " for letter in text[:LONGEST_TEXT])
    if not seen:
        return menu
    joined = menu.typed + (seen if len(text) == 1 else " ".join(seen.split()))
    return replace(menu, typed=joined[:LONGEST_TEXT], cursor=0)


def _finish(menu: Menu) -> Menu | End:
    """Enter: nothing happens where there is nothing to take."""
    if not menu.choices:
        return menu.typed.strip() or menu
    seen = menu.seen
    return seen[min(menu.cursor, len(seen) - 1)] if seen else menu


def _leave(menu: Menu) -> End:  # noqa: ARG001 - one shape of ending
    return None


def _without_letter(typed: str) -> str:
    return typed[:-1]


def _without_word(typed: str) -> str:
    return typed.rstrip().rpartition(" ")[0]


def _moved(menu: Menu, step: int) -> Menu:
    """A step of one goes round; a longer one stops at the end."""
    last = len(menu.seen) - 1
    cursor = menu.cursor + step
    if abs(step) == 1 and last >= 0:
        return replace(menu, cursor=cursor % (last + 1))
    return replace(menu, cursor=max(0, min(cursor, last)))


ENDS: dict[str, Callable[[Menu], Menu | End]] = {
    "ENTER": _finish,
    "KP_ENTER": _finish,
    "ESC": _leave,
    "Ctrl+c": _leave,
    "MBTN_RIGHT": _leave,
}
STEPS = {
    "UP": -1,
    "DOWN": 1,
    "WHEEL_UP": -1,
    "WHEEL_DOWN": 1,
    "PGUP": -PAGE,
    "PGDWN": PAGE,
    "HOME": -LONGEST_TEXT * PAGE,
    "END": LONGEST_TEXT * PAGE,
}
EDITS: dict[str, Callable[[str], str]] = {
    "BS": _without_letter,
    "Shift+BS": _without_letter,
    "Ctrl+BS": _without_word,
    "Ctrl+w": _without_word,
    "Ctrl+u": lambda _: "",
}
PASTES = ("Ctrl+v", "Shift+INS", "Meta+v")
ANY_LETTER = "any_unicode"  # mpv's name for every key that writes something
KEYS = (*ENDS, *STEPS, *EDITS, *PASTES, ANY_LETTER)


def render(menu: Menu) -> str:
    """The menu as ASS events, one a line, for a screen `SCREEN` high."""
    lines = [_text(0, menu.heading, BRIGHT, bold=True), *_typed(menu)]
    first = len(lines)
    seen = menu.seen
    start = max(0, min(menu.cursor - ROWS // 2, len(seen) - ROWS))
    for row, number in enumerate(seen[start : start + ROWS], first):
        is_here = start + row - first == menu.cursor
        lines += _row(row, menu.choices[number], is_here=is_here)
    rows = first + min(len(seen), ROWS)
    if len(seen) > ROWS:
        lines.append(_text(rows, f"{menu.cursor + 1} of {len(seen)}", DIM))
    elif menu.choices and not seen:
        lines.append(_text(rows, "nothing like that", DIM))
    rows += len(seen) > ROWS or not seen
    return "\n".join([_box(TOP, rows * ROW + EDGE + BELOW, PANEL, VEILED), *lines])


def escape(text: str) -> str:
    """A text that means nothing to ASS: one line, no tags, not longer than a line is wide."""
    line = "".join(letter if letter.isprintable() else " " for letter in text[: 4 * LONGEST_LINE])
    if len(line) > LONGEST_LINE:
        line = line[: LONGEST_LINE - 1] + "…"
    return line.replace("\\", "\\\u2060").replace("{", "\\{").replace("}", "\\}")


def _fits(choice: Choice, words: list[str]) -> bool:
    known = f"{choice.title} {choice.hint}".casefold()
    return all(word in known for word in words)


def _typed(menu: Menu) -> list[str]:
    if not menu.choices or menu.typed:
        tail = menu.typed[-LONGEST_LINE + 1 :]
        return [_text(1, f"> {tail}{CURSOR}", BRIGHT)]
    return []


def _row(row: int, choice: Choice, *, is_here: bool) -> list[str]:
    bar = [_box(TOP + EDGE + row * ROW - ABOVE, ROW, BAR, SOLID)] if is_here else []
    hint = [_text(row, choice.hint, DIM, at_right=True)] if choice.hint else []
    return [*bar, _text(row, choice.title, BRIGHT), *hint]


def _text(row: int, text: str, colour: str, *, bold: bool = False, at_right: bool = False) -> str:
    x = LEFT + WIDTH - EDGE if at_right else LEFT + EDGE
    y = TOP + EDGE + row * ROW
    style = (
        f"\\an{9 if at_right else 7}\\pos({x},{y})\\fs{SIZE}\\b{int(bold)}\\bord0\\shad0\\q2\\1c&H{colour}&"
    )
    return f"{{{style}\\clip({LEFT},0,{LEFT + WIDTH},{SCREEN})}}{escape(text)}"


def _box(top: int, height: int, colour: str, see_through: str) -> str:
    shape = f"m 0 0 l {WIDTH} 0 l {WIDTH} {height} l 0 {height}"
    style = f"\\an7\\pos({LEFT},{top})\\bord0\\shad0\\1c&H{colour}&\\1a&H{see_through}&\\p1"
    return f"{{{style}}}{shape}{{\\p0}}"
