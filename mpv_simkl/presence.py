"""What other scripts can read of us: mpv's `user-data/simkl`, from mpv 0.36 on (docs/in-mpv.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from .playback import State

Doing = Literal["idle", "watching", "paused", "excluded", "unknown", "doubtful", "off"]
NAME = "simkl"

DOING: Mapping[State, Doing] = {
    State.IDLE: "idle",
    State.READY: "paused",
    State.PLAYING: "watching",
    State.PAUSED: "paused",
    State.ENDED: "idle",
}


class Presence:
    """Tells mpv how things stand, whenever that has changed; an mpv that never took it is asked once."""

    def __init__(self, publish: Callable[[str, Mapping[str, object]], bool]) -> None:
        self._publish = publish
        self._told: Mapping[str, object] = {}
        self.is_taken = True

    def show(self, now: Mapping[str, object]) -> None:
        """How things stand now."""
        if self.is_taken and now != self._told:
            if self._publish(NAME, now):
                self._told = now
            elif not self._told:
                self.is_taken = False
