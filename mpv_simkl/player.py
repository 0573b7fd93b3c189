"""The door to mpv: what it says becomes events, and words go to its screen. Nothing else knows mpv's commands
and properties, but `loaded` those of the file and `whereabouts` those of the place in it; the line itself is
`ipc`'s.

How it flows: the line calls us on a thread of its own; our callbacks stamp the time and put what came on one
queue, nothing more (mpv-notes 1.7: a client that does not read makes mpv spin). `events()` takes from that
queue and turns names and properties into facts, reading the position where a fact needs one. `time-pos` is
never observed.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import TracebackType
from typing import Any, Self

from . import clocks, loaded, processes
from .errors import PlayerError
from .ipc import FROM_LOADER, MAX_TEXT, Line
from .menu import SCREEN
from .model import (
    Arrived,
    Asked,
    Ended,
    Event,
    Finished,
    Idled,
    Landed,
    Measured,
    Opened,
    Paused,
    Ran,
    Resumed,
    Sampled,
    Sought,
    SpeedSet,
    Stalled,
    Woke,
)
from .whereabouts import Whereabouts

log = logging.getLogger(__name__)

LAST_WORDS = 0.3  # seconds: end-file may arrive after the news that the connection is gone (mpv-notes 4.3)
A_NAP = 60.0  # seconds: a sleep so long is a pause for Simkl, whose session went on
LIVE_AFTER = 3  # changes of its duration make a file a live stream or a recording under way (mpv-notes 2.1)
EVENTS = ("start-file", "seek", "playback-restart", "video-reconfig", "end-file", "property-change")
OBSERVED = ("pause", "core-idle", "speed", "duration", "eof-reached", "idle-active")
DURATION = OBSERVED.index("duration") + 1  # the number that its observer has
MAX_WORDS = 4  # that come with a message
MAX_KEY = 40
OVERLAY = 1  # our number for what we draw; every client has its own
SECTION = "simkl-keys"  # of the keys that are ours while a menu is there

Said = tuple[float, str, Mapping[str, Any]]  # when it was heard, the name of mpv's event, what came with it


class Player:
    """A connection to one running mpv; a context manager that ends it."""

    def __init__(self, ipc_path: str, pid: int | None = None) -> None:
        self._said: queue.SimpleQueue[Said] = queue.SimpleQueue()
        self.address = ipc_path
        self._line = Line(ipc_path, lambda: self._hear("gone", {}))
        self._line.bind("client-message", lambda data: self._hear("client-message", data))
        self._where = Whereabouts(self._line)
        self._open = False  # is there a file that Opened was told of?
        self._running = False
        self._paused = False
        self._speed = 1.0
        self._duration: float | None = None
        self._kind = ""  # of the file, as it was opened
        self._measured = 0
        self._slept = clocks.uptime() - time.monotonic()
        if pid is not None:
            self._must_be(pid)
            threading.Thread(target=self._watch, args=(pid,), name="mpv-pid", daemon=True).start()

    def _must_be(self, pid: int) -> None:
        """Of two players whose settings name one socket the later one has taken it (mpv-notes 1.3); an mpv
        before 0.34 does not say its number.
        """
        if self._line.get("pid") not in (pid, None):
            self._line.end()
            how = "let each have its own, or leave input-ipc-server out of mpv.conf"
            raise PlayerError(
                f"cannot talk to mpv at {self.address}: another mpv has taken that socket; {how}"
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._line.end()

    # Listening

    def events(self, patience: Callable[[float], float | None]) -> Iterator[Event]:
        """All that happens, from the file that plays already to the end of mpv.

        `patience(now)` says for how many seconds to wait before something is told unasked; None: for ever.
        """
        self._listen()
        yield from self._already_playing()
        while True:
            try:
                at, name, data = self._next(patience(time.monotonic()))
            except queue.Empty:
                yield from self._after_sleep()
                yield from self._sample()
                continue
            yield from self._after_sleep()
            if name == "gone":
                yield from self._last_words(at)
                return
            yield from self._tell(at, name, data)
            if name == "end-file" and data.get("reason") == "quit":
                return

    def _next(self, wait: float | None) -> Said:
        """What is said next. Raises queue.Empty if nothing is in so many seconds, or in the longest time that
        a thread can wait: a file may claim any length.
        """
        return self._said.get(timeout=None if wait is None else min(wait, threading.TIMEOUT_MAX))

    def _hear(self, name: str, data: Mapping[str, Any]) -> None:
        self._said.put((time.monotonic(), name, data))

    def post(self, use: Callable[[], None]) -> None:
        """Have something done where `events()` is read; from any thread, returns at once."""
        self._hear("posted", {"use": use})

    def _watch(self, pid: int) -> None:
        if processes.wait_for_end(pid):
            self._line.lost()

    def _listen(self) -> None:
        for name in EVENTS:
            self._line.bind(name, lambda data: self._hear(str(data.get("event")), data))
        for number, name in enumerate(OBSERVED, start=1):
            self._line.ask("observe_property", number, name)

    def _after_sleep(self) -> Iterator[Event]:
        """Has the machine slept since we looked last: `monotonic` stands still then, `uptime` does not."""
        slept, self._slept = self._slept, clocks.uptime() - time.monotonic()
        if self._slept - slept > A_NAP:
            yield from self._here(Woke, time.monotonic())

    def _already_playing(self) -> Iterator[Event]:
        """The file that was playing before we came."""
        self._where.begin(self._where.current_entry())
        if self._where.entry is not None and self._line.number("time-pos") is not None:
            yield from self._restarted(time.monotonic())

    def _last_words(self, at: float) -> Iterator[Event]:
        deadline = time.monotonic() + LAST_WORDS
        while self._open and (left := deadline - time.monotonic()) > 0:
            try:
                said_at, name, data = self._said.get(timeout=left)
            except queue.Empty:
                break
            yield from self._tell(said_at, name, data)
        yield from self._ended(at, "gone")

    # Names and properties -> facts

    def _tell(self, at: float, name: str, data: Mapping[str, Any]) -> Iterator[Event]:
        match name:
            case "property-change":
                yield from self._changed(at, str(data.get("name")), data.get("data"))
            case "client-message":
                yield from _asked(at, data.get("args"))
            case "posted":
                yield Arrived(at, use=data["use"])
            case _:
                yield from self._went_on(at, name, data)

    def _went_on(self, at: float, name: str, data: Mapping[str, Any]) -> Iterator[Event]:
        match name:
            case "start-file":
                yield from self._ended(at, "stop")
                self._where.begin(_entry_of(data))
                self._measure_anew()
            case "seek" if self._open:
                yield Sought(at)
            case "playback-restart":
                yield from self._restarted(at)
            case "video-reconfig" if self._open and self._is_seen_at_last():
                yield from filter(None, [self._opened()])
            case "end-file" if _entry_of(data) in (self._where.entry, None):
                yield from self._ended(at, str(data.get("reason")))

    def _restarted(self, at: float) -> Iterator[Event]:
        self._running = self._line.get("core-idle") is False
        if self._open:
            yield Landed(*self._place(at), self._running)
        elif (opened := self._opened()) is not None:
            self._open = True
            yield opened

    def _is_seen_at_last(self) -> bool:
        """Was the video off when the file was opened, as for a window out of sight, and is on now."""
        return self._kind == "music" and loaded.kind(self._line, self._duration) == "video"

    def _changed(self, at: float, name: str, value: object) -> Iterator[Event]:
        match name, value:
            case "pause", bool(paused) if paused != self._paused:
                self._paused = paused
                yield from self._here(Paused if paused else Resumed, at)
            case "core-idle", bool(idle) if idle == self._running:
                self._running = not idle
                yield from self._here(Stalled if idle else Ran, at)
            case "eof-reached", True if self._open:
                yield Finished(at)
            case "idle-active", True:
                yield Idled(at)
            case "speed", int() | float() if value != self._speed:
                self._speed = float(value)
                if self._open:
                    yield SpeedSet(*self._place(at), self._speed)
            case "duration", int() | float():
                yield from self._resized(float(value), at)

    def _here(self, fact: type[Event], at: float) -> Iterator[Event]:
        if self._open:
            yield fact(*self._place(at))

    def _resized(self, duration: float, at: float) -> Iterator[Event]:
        if not self._open or duration <= 0 or abs(duration - (self._duration or 0.0)) < 1:
            return
        if self._duration is None and (opened := self._opened()) is not None:
            yield opened  # only now can it be judged
            return
        self._duration = duration
        self._measured = LIVE_AFTER if self._where.growth > 1 else self._measured + 1
        live = self._measured >= LIVE_AFTER
        if live:
            self._line.ask("unobserve_property", DURATION)  # up to 40 changes a second
        yield Measured(*self._place(at), None if live else duration)

    def _measure_anew(self) -> None:
        if self._measured >= LIVE_AFTER:
            self._line.ask("observe_property", DURATION, "duration")
        self._measured = 0

    def _sample(self) -> Iterator[Event]:
        if not self._open:
            yield Sampled(time.monotonic())
            return
        yield Sampled(*self._place(time.monotonic()))
        if (longer := self._longer()) is not None:
            yield Measured(*self._place(time.monotonic()), longer)

    def _longer(self) -> float | None:
        """The length of a recording under way, by its size: of a file without a header mpv knows the length
        that it had when it was opened, until it has played so far.
        """
        if self._measured or self._duration is None or self._where.growth == 1:
            return None
        is_without = self._line.text("file-format") == "mpegts"
        return self._duration * self._where.growth if is_without else None

    def _ended(self, at: float, reason: str) -> Iterator[Event]:
        if self._open:
            self._open = self._running = False
            yield Ended(at, None, reason)

    # Asking

    def show(self, text: str, seconds: float = 3.0) -> None:
        """Put a line on mpv's screen; it is plain text, `${...}` in it means nothing (mpv-notes 5.1)."""
        self._line.ask("show-text", text, int(seconds * 1000))

    def draw(self, ass: str) -> None:
        """Put a picture of ASS events over the film, for a screen `SCREEN` high, or take it away."""
        self._line.ask("osd-overlay", OVERLAY, "ass-events" if ass else "none", ass, 0, SCREEN)

    def take_keys(self, keys: Iterable[str]) -> None:
        """Have these keys for ourselves; the section goes with us if we go (mpv-notes 5.2)."""
        lines = "\n".join(f"{key} script-binding {SECTION}" for key in keys)
        self._line.ask("define-section", SECTION, lines, "force")
        self._line.ask("enable-section", SECTION, "allow-hide-cursor+allow-vo-dragging")

    def release_keys(self) -> None:
        """Give the keys back."""
        self._line.ask("disable-section", SECTION)

    def send(self, script: str, *words: str) -> bool:
        """Send a message to another script; is there one of that name."""
        return self._line.ask("script-message-to", script, *words, otherwise=False) is not False

    def key_of(self, name: str) -> str:
        """The key that the user has bound to `script-binding simkl/NAME` or its message, "" if to none."""
        bindings = self._line.get("input-bindings")
        for binding in bindings if isinstance(bindings, list) else []:
            match binding:
                case {"key": str(key), "cmd": str(command)} if _runs(command, name):
                    return key[:MAX_KEY]
        return ""

    def now_playing(self) -> Opened | None:
        """The file that plays, as if it were opened where it stands; None between files."""
        return self._read_file() if self._open else None

    def seek(self, seconds: float) -> None:
        """Go to a place in the film."""
        self._line.ask("seek", seconds + self._where.zero, "absolute")

    def publish(self, name: str, value: Mapping[str, object]) -> bool:
        """Put a value where other scripts find it, `user-data` (mpv-notes 5.1); did mpv take it."""
        return self._line.ask("set_property", f"user-data/{name}", dict(value), otherwise=False) is not False

    def greet(self, script: str) -> None:
        """Tell the loader that started us that we are here, and by which name it can see if we still are."""
        self._line.ask("script-message-to", script, "attached", str(self._line.ask("client_name")))

    def get(self, name: str) -> object:
        """A property of mpv, None if it has none of that name or no value for it now."""
        return self._line.get(name)

    def expand(self, path: str) -> str:
        """A path in mpv's own notation (`~~/script-opts/simkl.conf`) as a path of the file system, or ""."""
        return str(self._line.ask("expand-path", path) or "")

    def _place(self, at: float) -> tuple[float, float | None]:
        """When and where mpv stands: now, or, if it cannot say, the time when the fact was heard."""
        position = self._where.position()
        return (at if position is None else time.monotonic()), position

    def _opened(self) -> Opened | None:
        """What plays now; what mpv says from then on is a change to that."""
        opened = self._read_file()
        if opened is not None:
            self._duration, self._paused, self._speed = opened.duration, opened.paused, opened.speed
            self._kind = opened.kind
        return opened

    def _read_file(self) -> Opened | None:
        """What plays now; None if mpv has gone on to another file before or while we asked."""
        if not self._where.is_known():
            return None
        duration = self._line.number("duration")
        opened = Opened(
            clues=loaded.clues(self._line, self._where.index),
            duration=duration,
            kind=loaded.kind(self._line, duration),
            network=self._line.get("demuxer-via-network") is True,
            paused=self._line.get("pause") is True,
            running=self._running,
            speed=self._line.number("speed") or 1.0,
            position=self._where.position(),
            at=time.monotonic(),
            chapters=tuple(at - self._where.zero for at in loaded.chapters(self._line)),
        )
        return opened if self._where.is_known() else None


def _asked(at: float, words: object) -> Iterator[Asked]:
    """What our loader passes on; every client hears every message of other scripts too (mpv-notes 5.2)."""
    match words:
        case ["key-binding", str(name), str(state), str(key), *letter] if (
            name == SECTION and state[:1] != "u"
        ):
            yield Asked(at, what="key", words=(key, str(letter[0]) if letter else ""))
        case [str(name), *rest] if name.startswith(FROM_LOADER):
            given = tuple(str(word)[:MAX_TEXT] for word in rest[:MAX_WORDS])
            yield Asked(at, what=name.removeprefix(FROM_LOADER)[:MAX_TEXT], words=given)


def _runs(command: str, name: str) -> bool:
    words = command.split()
    return f"simkl/{name}" in words or ("simkl" in words and name in words)


def _entry_of(data: Mapping[str, Any]) -> int | None:
    entry = data.get("playlist_entry_id")
    return entry if isinstance(entry, int) else None
