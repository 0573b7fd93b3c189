"""What really happened in one mpv, seen over a connection of our own: no code of the plugin has a part in it.

mpv says its `time-pos` with every frame; from that come the last position and the time really played. The
plugin never asks for this, so the two cannot be wrong together. A viewing ends at end-file, when the end is
held or looped, when mpv is gone, or when nobody of ours watches any more (our process was killed): what
counts is where it stood then (docs/design.md, "What counts as watched").
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

WATCHED_FROM = 0.8  # of the length
LEAST_PLAYED = 0.1  # of the length
TRUE_END = 2.0  # seconds: an end-file so close to the length is the end
LOOP_START = 5.0  # seconds: coming back to here from a watched end is loop-file going round
HITCH = 0.4  # seconds of film that one step of the position may be too long and still be playing
PERCEPTION = 0.4  # seconds in which two watchers may see the same thing
JUMP = 3.0  # seconds of film: whoever gets to the next episode by more has not played up to it
LAST_NOTE = 1.2  # seconds that a killed process may not have written down
LANDING = 0.5  # seconds after a jump in which a busy process may not have read where the film stands
A_GLANCE = 1.0  # seconds in which a busy process may not have read once where an episode stands
PLAYED_UNSURE = 0.6  # seconds of film around the least to be played: nobody saw the very first frames


@dataclass(slots=True)
class Seen:
    """One file as mpv showed it; positions are in seconds of film, `flipped` in those of time.monotonic()."""

    duration: float = 0.0
    position: float = 0.0
    played: float = 0.0
    glimpsed: float = 0.0  # of that, what a busy process may not have seen: just after a jump
    answer: bool = False  # is it a watch, as it stands
    flipped: float = 0.0  # when the answer last changed
    stepped: float = 0.0  # when the position last changed
    begun: float = field(default_factory=time.monotonic)
    ended_at: datetime | None = None
    how: str = ""
    unseen: bool = False  # it ended when our process was killed, not when the film did
    sure: bool = True
    episodes: list[list[Seen]] = field(default_factory=list)  # of a file with several: each time it was on
    here: int = -1  # which of them is on

    @property
    def episode(self) -> Seen | None:
        """The episode that is on, in a file with several."""
        return self.episodes[self.here][-1] if self.here >= 0 else None

    def is_watch(self) -> bool:
        """Far enough, and really played."""
        far = self.position >= WATCHED_FROM * self.duration > 0
        return far and self.played >= LEAST_PLAYED * self.duration


class Witness:
    """Listens to one mpv until it is gone; also the hand that steers it."""

    def __init__(self, path: Path, episodes: Sequence[int] = (), before: float = 0.0) -> None:
        """`episodes`: how many each file has; `before`: how much of the first one was played in an earlier
        player, seconds.
        """
        self._episodes = episodes
        self._before = before
        self.seen: dict[int, Seen] = {}
        self.entry = 0
        self.gone = False
        self.landed = 0
        self.changed = threading.Condition()
        self._watching = False  # does our process watch; before that nothing counts
        self._doomed = False
        self._seeking = False
        self._landed_at = 0.0
        self._speed = 1.0
        self._paused = False
        self._socket = _connect(path)
        for number, name in enumerate(("time-pos", "speed", "pause", "duration", "eof-reached"), start=1):
            self.say("observe_property", number, name)
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def say(self, *words: object) -> None:
        """Tell mpv to do something; no answer is waited for."""
        with suppress(OSError):
            self._socket.sendall(json.dumps({"command": words}).encode() + b"\n")

    def wait(self, wanted: Callable[[], bool], within: float) -> bool:
        """Wait until something is so, or mpv is gone; False if it took too long."""
        with self.changed:
            return self.changed.wait_for(lambda: self.gone or wanted(), within)

    def close(self) -> None:
        """Let go of mpv."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        self._socket.close()

    def attend(self) -> None:
        """Our process watches from now on."""
        with self.changed:
            self._watching = True

    def doom(self) -> None:
        """Our process is killed together with mpv: what it had not written down yet is lost with it."""
        with self.changed:
            self._doomed = True

    def desert(self) -> None:
        """Our process is gone; what still plays ends here as far as anybody could know."""
        with self.changed:
            self._watching = False
            if (seen := self._current()) is not None:
                seen.unseen = True
                self._end(seen, "nobody watches", LAST_NOTE)

    def _current(self) -> Seen | None:
        seen = self.seen.get(self.entry)
        return seen if seen is not None and seen.ended_at is None else None

    def _listen(self) -> None:
        with suppress(OSError, ValueError), self._socket.makefile() as lines:
            for line in lines:
                with self.changed:
                    self._hear(json.loads(line))
                    self.changed.notify_all()
        with self.changed:
            if (seen := self._current()) is not None:
                self._end(seen, "gone", LAST_NOTE if self._doomed else PERCEPTION)
            self.gone = True
            self.changed.notify_all()

    def _hear(self, said: dict[str, Any]) -> None:
        match said:
            case {"event": "start-file", "playlist_entry_id": int(entry)}:
                self.entry, self._seeking = entry, False
                if self._watching or entry == 1:
                    self._open(entry)
            case {"event": "property-change", "name": str(name), "data": data}:
                self._property(name, data)
            case {"event": "seek"}:
                self._seeking = True
            case {"event": "playback-restart"}:
                self._seeking, self._landed_at = False, time.monotonic()
                self.landed += 1
            case {"event": "end-file", "reason": str(reason)} if (seen := self._current()) is not None:
                if reason == "eof" and seen.duration - seen.position < TRUE_END:
                    self._place_at_its_end(seen)
                self._end(seen, reason, PERCEPTION)

    def _open(self, entry: int) -> None:
        before = self._before if entry == 1 else 0.0
        self.seen.setdefault(entry, Seen(played=before, stepped=time.monotonic()))

    def _property(self, name: str, data: object) -> None:
        if name == "pause":
            self._paused = data is True
        if name == "speed" and isinstance(data, float | int):
            self._speed = float(data)
        if self.entry == 0 and name in ("time-pos", "duration") and data is not None:
            self.entry = 1  # the first file began before we came
            self._open(1)
        if (seen := self._current()) is None:
            return
        if name == "duration" and isinstance(data, float | int):
            seen.duration = float(data)
        elif name == "time-pos" and isinstance(data, float | int):
            self._step(seen, float(data))
        elif name == "eof-reached" and data is True and (seen.episode or seen).is_watch():
            self._end(seen, "held", PERCEPTION)

    def _step(self, seen: Seen, position: float) -> None:
        now = time.monotonic()
        if position < LOOP_START < seen.position and seen.answer:
            self._end(seen, "looped", PERCEPTION)
            return
        gone = position - seen.position
        is_playing = self._watching and not self._seeking
        played = gone if is_playing and 0 < gone <= (now - seen.stepped) * self._speed + HITCH else 0.0
        glimpsed = played if now - self._landed_at < LANDING else 0.0
        self._step_episode(seen, position, played, glimpsed)
        seen.played += played
        seen.glimpsed += glimpsed
        seen.stepped = now
        self._place(seen, position)

    def _step_episode(self, seen: Seen, position: float, played: float, glimpsed: float) -> None:
        """The same within the episode that is on; one that is come back to is on for another time."""
        count = self._episodes[self.entry - 1] if self.entry <= len(self._episodes) else 1
        if count == 1 or not seen.duration:
            return
        length = seen.duration / count
        here = min(int(position / length), count - 1)
        if here != seen.here:
            self._change_episode(seen, position, count, here)
        if (episode := seen.episode) is not None and episode.ended_at is None:
            episode.played += played
            episode.glimpsed += glimpsed
            self._place(episode, position - here * length)

    def _change_episode(self, seen: Seen, position: float, count: int, here: int) -> None:
        if (before := seen.episode) is not None and before.ended_at is None:
            gone = position - seen.position
            if 0 < gone <= JUMP:
                self._place(before, before.duration)
            self._end(before, "crossed" if 0 < gone <= JUMP else "jumped", PERCEPTION)
        seen.episodes = seen.episodes or [[] for _ in range(count)]
        seen.here = here
        seen.episodes[here].append(Seen(duration=seen.duration / count, stepped=time.monotonic()))

    def _place_at_its_end(self, seen: Seen) -> None:
        for each in (seen, seen.episode):
            if each is not None:
                self._place(each, each.duration)

    def _place(self, seen: Seen, position: float) -> None:
        seen.position = position
        if seen.is_watch() != seen.answer:
            seen.answer, seen.flipped = not seen.answer, time.monotonic()

    def _end(self, seen: Seen, how: str, margin: float) -> None:
        if (episode := seen.episode) is not None and episode.ended_at is None:
            self._end(episode, how, margin)
        seen.ended_at, seen.how = datetime.now(UTC), how
        far, least = WATCHED_FROM * seen.duration, LEAST_PLAYED * seen.duration
        recent = time.monotonic() - seen.flipped < margin
        soon = not seen.answer and max(far - seen.position, least - seen.played) < margin * self._speed
        near = seen.position >= far and -PLAYED_UNSURE < seen.played - least < PLAYED_UNSURE + seen.glimpsed
        glanced = seen.answer and time.monotonic() - seen.begun < A_GLANCE
        seen.sure = not (recent or near or glanced or (soon and not self._paused))


def _connect(path: Path) -> socket.socket:
    link = socket.socket(socket.AF_UNIX)
    deadline = time.monotonic() + 15
    while True:
        try:
            link.connect(str(path))
        except OSError:
            if time.monotonic() > deadline:
                link.close()
                raise
            time.sleep(0.01)
            continue
        return link
