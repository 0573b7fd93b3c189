"""What will happen in one home, drawn from a seed before anything plays. Pure: the same seed, the same plan.

A home holds rounds; a round is one player, or two at once; a player shows one to three files, and each file
has steps. Places in a film are fractions of its length. The steps steer clear of the marks (80 % reached,
10 % played): where reading the position a moment earlier or later changes the answer, either answer is right.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Literal

from mpv_simkl.faultpoints import PLACES

Key = tuple[int, int | None, int | None]  # the sandbox's title, season and number; films have no numbers
Does = Literal[
    "to",  # play on to a place
    "seek",  # jump to a place
    "pause",  # for so many seconds, then go on
    "hold",  # pause, and stay so
    "go on",
    "speed",
    "dwell",  # let it play for so many seconds
    "to the end",
    "fault",
    "heal",
    "next",
    "quit",
    "close the window",
    "kill the player",
    "kill us",
    "kill both",
]
Hold = Literal["", "keep-open", "loop-file"]

IN_A_HOME = 10  # viewings
EPISODE_CLIP = "Metropolis (1927).mkv"  # 20 s
LONG_CLIP = "The General (1926).mkv"  # 40 s

# title and year as the file has them, the sandbox's number, episodes of each season
SERIES = (
    ("The Harbour Report (2024)", 9100004, (366, 365)),
    ("House (2004)", 9200011, (22, 24, 24, 16, 24, 22, 23, 22)),
    ("The Office (2005)", 9200002, (6, 22, 23, 14, 26, 24, 24, 24, 23)),
    ("Breaking Bad (2008)", 9200005, (7, 13, 13, 13, 16)),
)
ANIME = (("One Piece", 38636, 1000), ("Death Note", 9400014, 37))
FILMS = (
    ("Arrival (2016)", 9300001),
    ("Dune (1984)", 9300002),
    ("Dune (2021)", 9300003),
    ("The Thing (1982)", 9300004),
    ("Blade Runner (1982)", 9300006),
    ("1917 (2019)", 9300009),
    ("The Matrix (1999)", 9300010),
    ("Fargo (1996)", 9300018),
)

# How often each fault is drawn; None: until it is healed. `already_watched` is left out: a Simkl that says it
# has what it has not can only be believed.
FAULTS: tuple[tuple[str, int | None, int], ...] = (
    ("cut", None, 8),
    ("cut", 1, 8),
    ("cut_after", 1, 12),
    ("cut_after", 2, 6),
    ("truncated", 1, 8),
    ("truncated", 2, 4),
    ("internal", None, 5),
    ("internal", 2, 6),
    ("bad_gateway", 2, 4),
    ("unavailable", 2, 4),
    ("portal", None, 4),
    ("half_json", 1, 3),
    ("null", 1, 2),
    ("list", 1, 2),
    ("redirect", 2, 3),
    ("slow", 2, 8),
    ("slow", None, 3),
    ("write_lock", 1, 5),
    ("invalid_token", 2, 5),
    ("user_token_failed", 1, 3),
    ("insufficient_scope", 1, 2),
    ("not_matched", 1, 3),
    ("bad_request", 1, 3),
    ("blocked", 1, 2),
    ("too_fast", 1, 4),
    ("user_limit", 1, 2),
    ("app_limit", 1, 2),
    ("blackhole", 1, 2),
)
REFUSALS = frozenset({"not_matched", "bad_request"})  # after these a row may be set aside


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of the sandbox, for so many calls; `seconds` is for a slow one."""

    name: str
    times: int | None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that somebody does; what `value` is depends on it."""

    does: Does
    value: float = 0.0
    fault: Fault | None = None

    def __str__(self) -> str:
        told = f" {self.fault.name} x{self.fault.times}" if self.fault else ""
        return f"{self.does}{told}{f' {self.value:.2f}' if self.value else ''}"


@dataclass(frozen=True, slots=True)
class Subject:
    """A file of its own for one viewing, and what it is to Simkl and to our journal."""

    file: str
    clip: str
    keys: tuple[Key, ...]
    title: str
    season: int | None
    episodes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Viewing:
    """One file and what is done while it plays."""

    subject: Subject
    steps: tuple[Step, ...]

    def __str__(self) -> str:
        return f"{self.subject.file}: {', '.join(map(str, self.steps))}"


@dataclass(frozen=True, slots=True)
class Sitting:
    """One player from its start to its end. `die_at` is where our process beside it is killed, or "".

    `later`: what is done in a second player that opens its only file again where it was left.
    """

    viewings: tuple[Viewing, ...]
    hold: Hold = ""
    die_at: str = ""
    offline: bool = False
    later: tuple[Step, ...] = ()

    def __str__(self) -> str:
        traits = [self.hold, self.die_at and f"dies at {self.die_at}", "offline" if self.offline else ""]
        told = "; ".join(trait for trait in traits if trait)
        again = [f"      again from there: {', '.join(map(str, self.later))}"] if self.later else []
        return "\n".join([f"    player {told}", *(f"      {viewing}" for viewing in self.viewings), *again])


@dataclass(frozen=True, slots=True)
class Round:
    """Players at the same time, after `hours` in which nobody watched (0: at once after the round before)."""

    sittings: tuple[Sitting, ...]
    hours: int
    heals: bool
    faults: tuple[Fault, ...]

    def __str__(self) -> str:
        faults = ", ".join(f"{fault.name} x{fault.times}" for fault in self.faults)
        head = (
            f"  after {self.hours} h, {'health' if self.heals else 'as before'}, faults: {faults or 'none'}"
        )
        return "\n".join([head, *map(str, self.sittings)])


@dataclass(frozen=True, slots=True)
class HomePlan:
    """All that happens in one home. `last_die_at` is where the first replay at the end is killed, or ""."""

    number: int
    rounds: tuple[Round, ...]
    last_die_at: str

    @property
    def sittings(self) -> list[Sitting]:
        """Every player, in order."""
        return [sitting for part in self.rounds for sitting in part.sittings]

    @property
    def viewings(self) -> list[Viewing]:
        """Every viewing, in order."""
        return [viewing for sitting in self.sittings for viewing in sitting.viewings]

    def __str__(self) -> str:
        replay = (
            f"  then the last replay{f', killed at {self.last_die_at} first' if self.last_die_at else ''}"
        )
        return "\n".join([f"home {self.number}", *map(str, self.rounds), replay])


def homes(viewings: int) -> list[int]:
    """How many viewings each home has, so that they add up."""
    whole, rest = divmod(viewings, IN_A_HOME)
    return [IN_A_HOME] * whole + ([rest] if rest else [])


def plan(seed: int, number: int, viewings: int) -> HomePlan:
    """What happens in the home of that number."""
    chance = Random(f"{seed}/{number}")  # noqa: S311 - a plan, no secret
    subjects = _subjects(chance)
    rounds: list[Round] = []
    while viewings > 0:
        files = min(chance.choices((1, 2, 3), (6, 2, 1))[0], viewings)
        sittings = [_sitting(chance, subjects, files)]
        viewings -= files
        if viewings and chance.random() < 0.15:
            sittings.append(_sitting(chance, subjects, 1))
            viewings -= 1
        rounds.append(_round(chance, sittings))
    last = chance.choice(PLACES[-3:]) if chance.random() < 0.2 else ""
    return HomePlan(number, tuple(rounds), last)


def _round(chance: Random, sittings: list[Sitting]) -> Round:
    hours = 0 if chance.random() < 0.3 else chance.randint(2, 30)
    faults = [_fault(chance) for _ in range(chance.choices((0, 1, 2), (6, 3, 1))[0])]
    return Round(tuple(sittings), hours, chance.random() < 0.6, tuple(faults))


def _fault(chance: Random) -> Fault:
    name, times, _ = chance.choices(FAULTS, [weight for *_, weight in FAULTS])[0]
    return Fault(name, times, chance.uniform(0.3, 2.0) if name == "slow" else None)


def _sitting(chance: Random, subjects: Iterator[Subject], files: int) -> Sitting:
    if files == 1 and chance.random() < 0.1:
        return _two_sittings(chance, next(subject for subject in subjects if len(subject.keys) == 1))
    hold: Hold = chance.choice(("keep-open", "loop-file")) if files == 1 and chance.random() < 0.12 else ""
    viewings = [
        _viewing(chance, next(subjects), last=number == files - 1, hold=hold) for number in range(files)
    ]
    die_at = f"{chance.choice(PLACES)}:{chance.choice((1, 1, 2, 3, 4))}" if chance.random() < 0.2 else ""
    return Sitting(tuple(viewings), hold, die_at, offline=chance.random() < 0.06)


def _viewing(chance: Random, subject: Subject, *, last: bool, hold: Hold) -> Viewing:
    way = chance.choices((_watch, _leave_early, _glimpse, _turn_back), (8, 3, 1, 2))[0]
    if hold:
        way = _watch
    steps = list(way(chance))
    if chance.random() < 0.2:
        steps.insert(chance.randrange(len(steps)), Step("fault", fault=_fault(chance)))
    if chance.random() < 0.15:
        steps.insert(chance.randrange(len(steps)), Step("heal"))
    return Viewing(subject, (*steps, *_end(chance, way is _watch, last=last, hold=hold)))


def _two_sittings(chance: Random, subject: Subject) -> Sitting:
    """Left before 80 %, and seen to its end in a second player, which alone shows less than makes a watch."""
    ends: tuple[Does, ...] = ("quit", "close the window", "kill the player", "kill both")
    leave = (
        Step("speed", 1),  # or else ao=null runs on for a moment when it is paused
        Step("seek", chance.uniform(0.7, 0.75)),
        Step("hold"),
        Step("dwell", 1.4),
        Step(chance.choice(ends)),
    )
    rest = (
        *(Step("go on"), Step("seek", 0.79)),
        *(Step("to", 0.81), Step("speed", 2), Step("dwell", 0.55), Step("quit")),
    )
    return Sitting(
        (Viewing(replace(subject, clip=EPISODE_CLIP), (*_begin(chance), *leave)),),
        offline=chance.random() < 0.2,
        later=rest,
    )


def _begin(chance: Random) -> Iterator[Step]:
    yield Step("speed", chance.choice((3, 4, 5)))
    yield Step("to", chance.uniform(0.18, 0.3))
    if chance.random() < 0.3:
        yield Step("pause", chance.choice((0.1, 0.3, 0.5, 1.8)))
    if chance.random() < 0.2:
        yield Step("seek", chance.uniform(0.3, 0.5))
    if chance.random() < 0.15:
        yield Step("speed", chance.choice((2, 4, 5)))


def _watch(chance: Random) -> Iterator[Step]:
    yield from _begin(chance)
    if chance.random() < 0.5:
        yield Step("seek", chance.uniform(0.6, 0.7))
        if chance.random() < 0.2:
            yield Step("pause", chance.choice((0.2, 1.8)))
    else:
        yield Step("seek", chance.uniform(0.85, 0.87))
    yield from (Step("to", 0.81), Step("speed", 2), Step("dwell", chance.uniform(0.5, 0.6)))
    if chance.random() < 0.1:
        yield Step("pause", chance.choice((0.3, 1.8)))


def _leave_early(chance: Random) -> Iterator[Step]:
    yield from _begin(chance)
    if chance.random() < 0.6:
        yield Step("seek", chance.uniform(0.3, 0.55))
        yield Step("dwell", chance.uniform(0.1, 0.3))
    if chance.random() < 0.2:
        yield Step("pause", chance.choice((0.3, 1.8)))


def _glimpse(chance: Random) -> Iterator[Step]:
    yield Step("speed", 1)
    yield Step("seek", chance.uniform(0.88, 0.9))
    yield Step("dwell", chance.uniform(0.1, 0.5))


def _turn_back(chance: Random) -> Iterator[Step]:
    yield from _watch(chance)
    yield Step("seek", chance.uniform(0.3, 0.5))
    yield Step("speed", 1)
    yield Step("dwell", chance.uniform(0.7, 1.0))


def _end(chance: Random, watched: bool, *, last: bool, hold: Hold) -> list[Step]:
    """How it ends. Before our process is killed there is time for it to see where the film stands."""
    if hold:
        return [
            Step("to the end"),
            Step("dwell", 0.6),
            Step(chance.choice(("quit", "kill the player", "kill us"))),
        ]
    if not last:
        return [Step("to the end" if watched and chance.random() < 0.4 else "next")]
    if watched and chance.random() < 0.3:
        return [Step("to the end")]
    ends: tuple[Does, ...] = ("quit", "close the window", "kill the player", "kill us", "kill both")
    does = chance.choices(ends, (8, 2, 4, 3, 3))[0]
    settle = [Step("speed", 1), Step("dwell", 1.4)] if does in ("kill us", "kill both") else []
    return [*settle, Step(does)]


def _subjects(chance: Random) -> Iterator[Subject]:
    """Files without end, no episode twice in a home."""
    used: set[Key] = set()
    while True:
        draw = chance.choices((_episode, _anime, _film, _double), (10, 3, 2, 1))[0]
        subject = draw(chance)
        if used.isdisjoint(subject.keys):
            used.update(subject.keys)
            yield subject


def _clip(chance: Random) -> str:
    return LONG_CLIP if chance.random() < 0.1 else EPISODE_CLIP


def _episode(chance: Random) -> Subject:
    name, simkl, seasons = chance.choice(SERIES)
    season = chance.randrange(len(seasons)) + 1
    number = chance.randint(1, seasons[season - 1])
    file = f"{name} - S{season:02}E{number:02}.mkv"
    return Subject(file, _clip(chance), ((simkl, season, number),), name[:-7], season, (number,))


def _double(chance: Random) -> Subject:
    name, simkl, seasons = chance.choice(SERIES)
    season = chance.randrange(len(seasons)) + 1
    number = chance.randint(1, seasons[season - 1] - 1)
    numbers = (number, number + 1)
    file = f"{name} - S{season:02}E{number:02}E{number + 1:02}.mkv"
    keys = tuple((simkl, season, each) for each in numbers)
    return Subject(file, EPISODE_CLIP, keys, name[:-7], season, numbers)


def _anime(chance: Random) -> Subject:
    name, simkl, episodes = chance.choice(ANIME)
    number = chance.randint(1, episodes)
    return Subject(f"{name} - {number:03}.mkv", _clip(chance), ((simkl, 1, number),), name, None, (number,))


def _film(chance: Random) -> Subject:
    name, simkl = chance.choice(FILMS)
    return Subject(f"{name}.mkv", _clip(chance), ((simkl, None, None),), name[:-7], None, ())
