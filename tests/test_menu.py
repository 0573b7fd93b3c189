"""The list on the screen, without a screen: what keys do to it, and what is drawn."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpv_simkl import menu
from mpv_simkl.menu import LONGEST_LINE, LONGEST_TEXT, ROWS, Choice, Menu, press, render

FRUIT = Menu("Fruit", tuple(Choice(name) for name in ("Apple", "Banana", "Cherry")))
MANY = Menu("Many", tuple(Choice(f"Number {number}") for number in range(40)))
EMPTY = Menu("Say")


def after(start: Menu, *keys: str) -> Menu | menu.End:
    """The menu after keys; one letter types itself."""
    now: Menu | menu.End = start
    for key in keys:
        assert isinstance(now, Menu), f"it was over before {key}"
        now = press(now, key, key if len(key) == 1 else "")
    return now


@pytest.mark.parametrize(
    ("keys", "chosen"),
    [
        (["ENTER"], 0),
        (["DOWN", "ENTER"], 1),
        (["DOWN", "DOWN", "DOWN", "ENTER"], 0),
        (["UP", "KP_ENTER"], 2),
        (["END", "ENTER"], 2),
        (["PGDWN", "HOME", "ENTER"], 0),
        (["WHEEL_DOWN", "ENTER"], 1),
        (["n", "a", "n", "ENTER"], 1),
        (["DOWN", "c", "ENTER"], 2),
        (["x", "BS", "DOWN", "ENTER"], 1),
        (["x", "y", "Ctrl+u", "ENTER"], 0),
        (["ESC"], None),
        (["a", "Ctrl+c"], None),
    ],
)
def test_keys_lead_to_a_choice(keys: list[str], chosen: int | None) -> None:
    """Walking, jumping, typing and leaving do what they do in every list."""
    assert after(FRUIT, *keys) == chosen


def test_where_nothing_fits_enter_does_nothing() -> None:
    """Whoever has typed what is not in the list can go on typing."""
    assert isinstance(after(FRUIT, "z", "ENTER"), Menu)
    assert isinstance(after(EMPTY, "ENTER"), Menu)


def test_a_text_is_typed_corrected_and_taken() -> None:
    """Letters of every script, a word taken back, a paste with line ends: the text is what one sees."""
    assert after(EMPTY, "ö", "漢", "x", "BS", "ENTER") == "ö漢"
    assert after(Menu("Say", typed="one two"), "Ctrl+w", "ENTER") == "one"
    pasted = menu.paste(EMPTY, " https://simkl.com/tv/1\r\n\x00x ")
    assert press(pasted, "ENTER") == "https://simkl.com/tv/1 x"


@given(st.text(max_size=3000), st.lists(st.sampled_from([*menu.KEYS, "F1", "é"]), max_size=30))
def test_no_key_and_no_text_breaks_it(text: str, keys: list[str]) -> None:
    """Whatever is pasted and pressed: the text is bounded, the cursor on a line that is there."""
    now: Menu | menu.End = menu.paste(FRUIT, text)
    for key in keys:
        if not isinstance(now, Menu):
            break
        assert len(now.typed) <= LONGEST_TEXT
        assert 0 <= now.cursor < max(len(now.seen), 1)
        render(now)
        now = press(now, key, key if len(key) == 1 else "")


@given(st.text(max_size=500), st.text(max_size=500))
def test_what_is_drawn_is_never_a_command(title: str, typed: str) -> None:
    """A title from a file name or from Simkl can draw nothing of its own: no tags, no further lines."""
    picture = render(Menu(title, (Choice(title, typed), Choice("x")), typed))
    for line in picture.split("\n"):
        style, _, text = line.partition("}")
        assert style.startswith("{\\an")
        shown = text.removesuffix("{\\p0}")
        assert "\\N" not in shown
        assert not re.search(r"(?<!\\)[{}]", shown)
        assert not re.search(r"\\[a-zA-Z0-9]", shown)
        assert len(shown) <= 3 * LONGEST_LINE


def test_of_a_long_list_a_part_is_drawn_with_the_cursor_in_it() -> None:
    """Forty lines do not fit on a screen: ten are seen, the one with the cursor among them."""
    for steps in (0, 5, 20, 39):
        now = after(MANY, *["DOWN"] * steps)
        assert isinstance(now, Menu)
        picture = render(now)
        assert picture.count("Number ") == ROWS
        assert f"}}Number {steps}\n" in picture + "\n"
        assert f"{steps + 1} of 40" in picture
