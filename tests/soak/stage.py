"""One home of a soak, played: a sandbox with a clock that can jump, and real players with the real plugin."""

from __future__ import annotations

import json
import os
import re
import select
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from mpv_simkl import faultpoints, places
from mpv_simkl.auth import Credentials
from mpv_simkl.errors import MpvSimklError
from mpv_simkl.media import Media
from mpv_simkl.model import Action
from mpv_simkl.pace import WRITE_EVERY, Pace
from mpv_simkl.sandbox import Call, Sandbox, Watch
from mpv_simkl.simkl import Simkl

from ..harness import CLIPS, Home, a_folder
from .plan import Fault, HomePlan, Round, Sitting, Step, Subject, Viewing
from .witness import Seen, Witness

T = TypeVar("T")

STUCK = 30.0  # seconds in which anything that should happen has happened
LOOK = 0.03  # seconds between two looks at what announces itself to nobody
REPLAYS = 4  # at the end; each must get on, or the rest is lost
PATIENCE = 9.0  # seconds that it waits for Simkl at the end, app.LEAVE_WITHIN less what it is slow
LAST_WORDS = "mpv has ended"  # what our log says last of all
ANOTHER = Media("movie", "Sintel", 2010)  # none of the plan's
NOWHERE = "http://127.0.0.1:9"  # nobody listens there


class Stuck(Exception):
    """Something that had to happen did not."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One viewing and what the witness saw of it; `crashed`: our process was killed at some time; `earlier`:
    the times that its episode was on before, any of which may have counted; `anew`: another process of ours
    came to it after the first was killed, and what that one saw is not known here.
    """

    viewing: Viewing
    seen: Seen | None
    crashed: bool
    earlier: list[Seen] = field(default_factory=list)
    anew: bool = False


@dataclass
class Story:
    """All that is known of a home at its end."""

    plan: HomePlan
    outcomes: list[Outcome] = field(default_factory=list)
    marks: list[Watch] = field(default_factory=list)
    rewatched: list[Watch] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    done: list[dict[str, Any]] = field(default_factory=list)
    unsent: list[dict[str, Any]] = field(default_factory=list)
    set_aside: int = 0
    answered: dict[int, float] = field(default_factory=dict)  # number of a call -> time.time() of its answer
    deaths: list[float] = field(default_factory=list)  # time.time() at which processes of ours were killed
    leaving: list[float] = field(default_factory=list)  # seconds from mpv's end to ours
    log: str = ""


Played = tuple[Viewing, Seen | None, "Follower"]


class Stage:
    """A home and its Simkl, for one plan."""

    def __init__(self, folder: Path, simkl: Sandbox, clock: Clock) -> None:
        self.home = Home(folder, simkl)
        self.simkl = simkl
        self.clock = clock
        self.videos = folder / "videos"
        self.videos.mkdir()
        self.watchers: list[Follower] = []
        self.answered: dict[int, float] = {}
        self._played: list[Played] = []

    def play(self, story: Story) -> None:
        """The whole plan, up to the last replay."""
        for part in story.plan.rounds:
            self._wait_hours(part)
            self._play_round(part)
        self._settle(story)

    def _wait_hours(self, part: Round) -> None:
        """Time passes only while nobody plays: the rest that Simkl asked for is over by then."""
        if part.hours:
            self._quiet()
            self.clock.ahead += timedelta(hours=part.hours)
            self._rest_is_over()
        if part.heals:
            self.simkl.heal()
        for fault in part.faults:
            self.switch_on(fault)

    def _play_round(self, part: Round) -> None:
        errors: list[BaseException] = []

        def play(sitting: Sitting) -> None:
            try:
                self._play_sitting(sitting)
            except Exception as error:  # noqa: BLE001 - of a thread, told below
                errors.append(error)

        threads = [threading.Thread(target=play, args=(sitting,)) for sitting in part.sittings]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if errors:
            raise errors[0]

    def _play_sitting(self, sitting: Sitting) -> None:
        files = [self._file(viewing.subject) for viewing in sitting.viewings]
        if not sitting.later:
            self._played += self._play_files(sitting, files)
            return
        ((viewing, left, first),) = self._play_files(sitting, files)
        first.wait(STUCK)  # it is another day
        if left is None or left.ended_at is None:
            raise Stuck(f"{viewing.subject.file} was never left")
        second = replace(sitting, viewings=(replace(viewing, steps=sitting.later),), later=())
        ((viewing, seen, follower),) = self._play_files(second, files, left)
        if seen is not None:
            seen.sure = seen.sure and left.sure
        self._played.append((viewing, seen, follower))

    def _play_files(self, sitting: Sitting, files: list[Path], left: Seen | None = None) -> list[Played]:
        """One player, from its start to its end; `left` is where its first file was left before."""
        socket = self.home.folder / f"s{os.urandom(3).hex()}.sock"
        mpv = subprocess.Popen(
            _command_line(self.home, socket, sitting, files, left),
            env=self._environment(sitting),
            stdin=subprocess.DEVNULL,
        )
        try:
            counts = [len(viewing.subject.keys) for viewing in sitting.viewings]
            witness = Witness(socket, counts, left.played if left else 0.0)
            follower = self._follower(mpv, witness)
            Hand(self, mpv, witness, follower).play(sitting)
            witness.close()
        finally:
            mpv.kill()
            mpv.wait()
        viewings = enumerate(sitting.viewings, start=1)
        return [(viewing, witness.seen.get(entry), follower) for entry, viewing in viewings]

    def _file(self, subject: Subject) -> Path:
        file = self.videos / subject.file
        shutil.copy(CLIPS / subject.clip, file)
        return file

    def _environment(self, sitting: Sitting) -> dict[str, str]:
        changes = {faultpoints.VARIABLE: sitting.die_at} if sitting.die_at else {}
        if sitting.offline:
            changes["MPV_SIMKL_API_URL"] = NOWHERE
        return {**self.home.environment, **changes}

    def _follower(self, mpv: subprocess.Popen[bytes], witness: Witness) -> Follower:
        """Our process beside that mpv, once it has opened the first file (or has been killed over it)."""
        pid = _wait_for(lambda: _attached_to(mpv.pid), "our process never started")
        follower = Follower(pid, mpv, witness)
        self.watchers.append(follower)
        opened = f" {pid} opened "
        _wait_for(lambda: opened in self.home.log or follower.died_at, "our process never saw the file")
        if not follower.died_at:
            witness.attend()
        return follower

    def switch_on(self, fault: Fault) -> None:
        """Let the sandbox have a bad moment."""
        self.simkl.fail(fault.name, times=fault.times, seconds=fault.seconds)

    def _quiet(self) -> None:
        for follower in self.watchers:
            if not follower.wait(STUCK):
                raise Stuck(f"our process {follower.pid} outlived its player")
        self.home.wait_until_quiet()  # those that the loader started anew, too
        self.simkl.expect(len(self.simkl.calls), timeout=STUCK)  # who asked may be killed

    def _rest_is_over(self) -> None:
        pace = self.home.folder / "data" / "simkl.pace"
        soon = time.time() + WRITE_EVERY  # the sandbox's patience is not put forward with its clock
        if pace.exists() and float((pace.read_text().split() or ["0"])[0]) > soon:
            pace.write_text(f"{soon:.3f}")
        self.home.environment["MPV_SIMKL_ACCESS_TOKEN"] = self.simkl.sign_in().access_token

    def _settle(self, story: Story) -> None:
        """Health, hours later: what waits is replayed, what was refused for no reason tried again."""
        self._quiet()
        self.simkl.heal()
        self.clock.ahead += timedelta(hours=40)
        self._rest_is_over()
        story.set_aside = sum(row["state"] in ("not_found", "refused") for row in self.home.waiting())
        self._cli("journal", "retry")
        if story.plan.last_die_at:
            self.home.environment[faultpoints.VARIABLE] = story.plan.last_die_at
            if self.home.cli("journal", "replay").returncode < 0:
                story.deaths.append(time.time())
            del self.home.environment[faultpoints.VARIABLE]
        for _ in range(REPLAYS):
            self._cli("journal", "replay")
            story.unsent = self.home.waiting()
            if not story.unsent:
                break
        story.done = json.loads(self._cli("history", "--json"))
        self._start_another()

    def _start_another(self) -> None:
        """A session that was left open would be completed now."""
        token = self.home.environment["MPV_SIMKL_ACCESS_TOKEN"]
        who = Credentials(self.simkl.url, self.simkl.client_id, token)
        Simkl(who, Pace(self.home.folder / "data")).scrobble(Action.START, ANOTHER, 0)

    def _cli(self, *words: str) -> str:
        done = self.home.cli(*words)
        if done.returncode:
            raise Stuck(f"mpv-simkl {' '.join(words)}: {done.returncode}: {done.stderr}")
        return done.stdout

    def tell(self, story: Story) -> None:
        """What is known at the end, or at the point where it stuck."""
        story.marks = self.simkl.history
        story.rewatched = self.simkl.library().rewatched
        story.calls = self.simkl.calls
        story.log = self.home.log
        story.answered = self.answered
        story.deaths += [each.died_at for each in self.watchers if each.killed(story.log) or each.cut_short]
        for viewing, seen, follower in self._played:
            anew = self._came_anew(viewing)
            for part, times in _parts(viewing, seen):
                counts = times[-1] if times else None
                story.outcomes.append(Outcome(part, counts, follower.killed(story.log), times[:-1], anew))
        story.leaving = [follower.leaving for follower in self.watchers if follower.leaving is not None]

    def _came_anew(self, viewing: Viewing) -> bool:
        """Did a process come to that file which the loader started after ours was killed."""
        name = re.escape(viewing.subject.file)
        pids = re.findall(rf" (\d+) opened .{name}", self.home.log)
        return bool(set(map(int, pids)) - {each.pid for each in self.watchers})


class Clock:
    """The sandbox's time of day, which can be put forward."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


class Follower:
    """One process of ours, watched until it ends."""

    def __init__(self, pid: int, mpv: subprocess.Popen[bytes], witness: Witness) -> None:
        self.pid = pid
        self.died_at = 0.0  # time.time()
        self._mpv_gone_at = 0.0
        self._witness = witness
        self._ended = threading.Event()
        for process, then in ((pid, self._we_ended), (mpv.pid, self._mpv_ended)):
            threading.Thread(target=_watch, args=(process, then), daemon=True).start()

    def _we_ended(self) -> None:
        self.died_at = time.time()
        self._witness.desert()
        self._ended.set()

    def _mpv_ended(self) -> None:
        self._mpv_gone_at = time.time()

    def wait(self, within: float) -> bool:
        """Has it ended; waits for that."""
        return self._ended.wait(within)

    def kill(self) -> None:
        """kill -9."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def killed(self, log: str) -> bool:
        """Did it end without its last words."""
        return f" {self.pid} {LAST_WORDS}" not in log

    @property
    def cut_short(self) -> bool:
        """Did it leave in the middle of a call: Simkl's answer came too late for it."""
        return (self.leaving or 0.0) > PATIENCE

    @property
    def leaving(self) -> float | None:
        """Seconds that it stayed after mpv, if both are gone."""
        return self.died_at - self._mpv_gone_at if self.died_at and self._mpv_gone_at else None


class Hand:
    """Does to one player what the plan says."""

    def __init__(
        self, stage: Stage, mpv: subprocess.Popen[bytes], witness: Witness, follower: Follower
    ) -> None:
        self._stage, self._mpv, self._witness, self._follower = stage, mpv, witness, follower

    def play(self, sitting: Sitting) -> None:
        """Every step of every file, until mpv is gone."""
        for entry, viewing in enumerate(sitting.viewings, start=1):
            self._wait_for(None, partial(self._begun, entry))
            for step in viewing.steps:
                if self._witness.gone:
                    break
                self._do(step, entry)
        if sitting.viewings[-1].steps[-1].does == "kill us":
            self._witness.say("quit")
        self._mpv.wait(STUCK)

    def _begun(self, entry: int) -> bool:
        return self._witness.entry >= entry and (self._length(entry) > 0 or self._over(entry))

    def _length(self, entry: int) -> float:
        seen = self._witness.seen.get(entry)
        return seen.duration if seen else 1.0

    def _over(self, entry: int) -> bool:
        seen = self._witness.seen.get(entry)
        return self._witness.entry != entry or seen is None or seen.ended_at is not None

    def _wait_for(self, entry: int | None, wanted: Callable[[], bool]) -> None:
        """Wait until something is so, or that file is over, or mpv gone."""
        if not self._witness.wait(lambda: (entry is not None and self._over(entry)) or wanted(), STUCK):
            raise Stuck(f"mpv never came on, {self._witness.seen}")

    def _do(self, step: Step, entry: int) -> None:
        match step.does:
            case "to":
                place = step.value * self._length(entry)
                self._wait_for(entry, lambda: self._witness.seen[entry].position >= place)
            case "to the end":
                self._wait_for(entry, lambda: False)
            case "dwell":
                self._witness.wait(lambda: False, step.value)
            case "fault" | "heal":
                self._weather(step)
            case "seek" | "pause" | "hold" | "go on" | "speed":
                self._steer(step, entry)
            case _:
                self._leave(step, entry)

    def _steer(self, step: Step, entry: int) -> None:
        say = self._witness.say
        if step.does == "speed":
            say("set_property", "speed", step.value)
        elif step.does in ("hold", "go on"):
            say("set_property", "pause", step.does == "hold")
        elif step.does == "pause":
            say("set_property", "pause", True)
            time.sleep(step.value)
            say("set_property", "pause", False)
        elif not self._over(entry):
            landed = self._witness.landed
            say("seek", step.value * self._length(entry), "absolute+exact")
            self._wait_for(entry, lambda: self._witness.landed > landed)

    def _weather(self, step: Step) -> None:
        if step.fault is None:
            self._stage.simkl.heal()
        else:
            self._stage.switch_on(step.fault)

    def _leave(self, step: Step, entry: int) -> None:
        if step.does == "next":
            self._witness.say("playlist-next")
            self._wait_for(None, lambda: self._witness.entry != entry)
        elif step.does == "quit":
            self._witness.say("quit")
        elif step.does == "close the window":
            self._witness.say("keypress", "CLOSE_WIN")
        elif step.does == "kill the player":
            self._mpv.kill()
        elif step.does == "kill us":
            self._follower.kill()
            self._follower.wait(STUCK)
        elif step.does == "kill both":
            self._witness.doom()
            self._follower.kill()
            self._mpv.kill()


@contextmanager
def staged() -> Iterator[Stage]:
    """A home and a Simkl of its own, gone afterwards."""
    clock = Clock()
    answered: dict[int, float] = {}

    def note(call: Call) -> None:
        answered[call.number] = time.time()

    with (
        a_folder() as folder,
        Sandbox(clock=clock, plan="vip", block=1.0, on_call=note) as simkl,
    ):
        os.environ[places.HOME] = str(folder)
        stage = Stage(folder, simkl, clock)
        stage.answered = answered
        try:
            yield stage
        finally:
            for follower in stage.watchers:
                follower.kill()


def run(plan: HomePlan) -> tuple[Story, str]:
    """Play a plan; gives its story, and a sentence if it got stuck."""
    story = Story(plan)
    with staged() as stage:
        stuck = ""
        try:
            stage.play(story)
        except (Stuck, OSError, AssertionError, MpvSimklError, subprocess.TimeoutExpired) as error:
            stuck = f"{type(error).__name__}: {error}"
        stage.tell(story)
    return story, stuck


def _parts(viewing: Viewing, seen: Seen | None) -> Iterator[tuple[Viewing, list[Seen]]]:
    """Each episode of a file as a viewing of its own, with the times that it was on."""
    subject = viewing.subject
    if len(subject.keys) == 1:
        yield viewing, [seen] if seen else []
        return
    for number, (key, episode) in enumerate(zip(subject.keys, subject.episodes, strict=True)):
        times = seen.episodes[number] if seen and seen.episodes else []
        part = replace(viewing, subject=replace(subject, keys=(key,), episodes=(episode,)))
        yield part, up_to_the_watch(times)


def up_to_the_watch(times: list[Seen]) -> list[Seen]:
    """The times that may have counted: those that may be watches, up to the first that surely is one; if
    there is none of either, the last.
    """
    may_count: list[Seen] = []
    for seen in times:
        if not seen.sure or seen.is_watch():
            may_count.append(seen)
        if seen.sure and seen.is_watch():
            return may_count
    return may_count or times[-1:]


def _command_line(
    home: Home, socket: Path, sitting: Sitting, files: list[Path], left: Seen | None
) -> list[str]:
    again = [f"--start={left.position}", "--hr-seek=yes", "--pause"] if left else []
    hold = {"keep-open": ["--keep-open"], "loop-file": ["--loop-file=inf"], "": []}[sitting.hold]
    quiet = [f"--config-dir={home.mpv_dir}", "--no-terminal", "--vo=null", "--ao=null"]
    ours = ["--script-opts-append=simkl-min_duration=0", f"--input-ipc-server={socket}"]
    return ["mpv", *quiet, *ours, *hold, *again, "--", *map(str, files)]


def _attached_to(mpv_pid: int) -> int:
    """The process of ours that follows this mpv, 0 if there is none yet."""
    wanted = [b"attach", b"--mpv-pid", str(mpv_pid).encode()]
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (folder / "cmdline").read_bytes().split(b"\0")
            if all(word in words for word in wanted) and b"-c" not in words:
                return int(folder.name)
    return 0


def _wait_for(found: Callable[[], T], otherwise: str) -> T:
    deadline = time.monotonic() + STUCK
    while not (answer := found()):
        if time.monotonic() > deadline:
            raise Stuck(otherwise)
        time.sleep(LOOK)
    return answer


def _watch(pid: int, then: Callable[[], None]) -> None:
    with suppress(ProcessLookupError):
        descriptor = os.pidfd_open(pid)
        try:
            poll = select.poll()
            poll.register(descriptor, select.POLLIN)
            poll.poll()
        finally:
            os.close(descriptor)
    then()
