"""Colours are for a person at a terminal."""

from __future__ import annotations

import io

import pytest

from mpv_simkl.cli.words import coloured

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
