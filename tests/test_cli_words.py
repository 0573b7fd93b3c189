"""Colours and progress bars are for a person at a terminal."""

from __future__ import annotations

import fcntl
import io
import os
import struct
import sys
import termios
from collections.abc import Callable

import pytest

from mpv_simkl.cli.words import Progress, coloured, typed

from .hand import a_terminal


def test_colours_are_for_terminals_that_want_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe gets none, NO_COLOR and a dumb terminal turn them off (no-color.org)."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert coloured("ok", "green", io.StringIO()) == "ok"
    with a_terminal() as (_, screen):
        assert coloured("ok", "green", screen) == "\x1b[32mok\x1b[0m"
        monkeypatch.setenv("TERM", "dumb")
        assert coloured("ok", "green", screen) == "ok"
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setenv("NO_COLOR", "1")
        assert coloured("ok", "green", screen) == "ok"


@pytest.mark.parametrize(("columns", "signs"), [(0, 40), (200, 40), (40, 17), (10, 0)])
def test_a_bar_stays_in_its_line(monkeypatch: pytest.MonkeyPatch, columns: int, signs: int) -> None:
    """On a narrow terminal the bar is shorter, and leaves no trail of half bars behind."""
    drawn = what_is_drawn(monkeypatch, columns, lambda progress: progress.show(1200))
    assert drawn == [f"[{'.' * signs}] 0 of 1200 marked", f"[{'#' * signs}] 1200 of 1200 marked"]


@pytest.mark.parametrize(
    ("columns", "signs", "beside"),
    [(80, 40, ", 1 asked about"), (50, 12, ", 1 asked about"), (37, 14, "")],
)
def test_a_bar_that_stands_still_says_that_simkl_is_asked(
    monkeypatch: pytest.MonkeyPatch, columns: int, signs: int, beside: str
) -> None:
    """While titles are looked up before the first watch is sent, the line says so, if it has room."""

    def ask(progress: Progress) -> None:
        progress.asking()
        progress.show(1200)

    whole = f"1200 of 1200 marked{beside}"
    drawn = what_is_drawn(monkeypatch, columns, ask)
    assert drawn[1:] == [f"[{'.' * signs}] 0 of 1200 marked{beside}", f"[{'#' * signs}] {whole}"]
    assert len(drawn[-1]) < columns


def what_is_drawn(
    monkeypatch: pytest.MonkeyPatch, columns: int, change: Callable[[Progress], None]
) -> list[str]:
    """What a bar of 1200 draws, one after the other, on a terminal of so many columns."""
    with a_terminal() as (hand, screen), open(os.dup(screen.fileno()), "w", encoding="utf-8") as shown:
        fcntl.ioctl(hand, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        monkeypatch.setattr(sys, "stderr", shown)
        with Progress("marked", 1200) as progress:
            change(progress)
        written = ""
        while not written.endswith("\n"):  # it may come in pieces
            written += os.read(hand, 4096).decode()
    return written.strip().split("\r")


@pytest.mark.parametrize("errors", ["strict", "surrogateescape"])  # by the locale
def test_half_a_letter_is_no_answer(monkeypatch: pytest.MonkeyPatch, errors: str) -> None:
    """On a terminal where Backspace leaves half an é behind, an answer is what else was typed."""
    with (
        a_terminal() as (hand, screen),
        open(os.dup(screen.fileno()), encoding="utf-8", errors=errors) as ours,
    ):
        monkeypatch.setattr(sys, "stdin", ours)
        os.write(hand, b"caf\xc3 noir \n")
        assert typed("Words: ") == "caf noir"
