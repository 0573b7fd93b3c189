"""What the user chose: `script-opts/simkl.conf`, mpv's own script-opts and the environment -> Settings.

One table, OPTIONS, says what there is; the file that `install` writes, the checks and the messages all come
from it.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple

from .nearest import did_you_mean

PREFIX = "simkl-"  # of our names among mpv's script-opts
CONF = Path("script-opts") / "simkl.conf"  # below mpv's directory
MAX_CONF = 100_000  # characters
BLANKS = " \t\v\f\r"  # of a line: what the loader takes for them, Lua's %s
QUOTED = 200  # characters of what cannot be used


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting with its default; what it means stands in OPTIONS."""

    enabled: bool = True
    min_duration: float = 300.0  # seconds
    min_played: float = 10.0  # percent
    exclude: tuple[str, ...] = ()
    include: tuple[str, ...] = ()  # empty: everywhere
    stream_hosts: tuple[str, ...] = ()
    search_file: bool = True
    messages: str = "results"
    resume: str = "ask"
    ask_rating: bool = False
    keep_history: float = math.inf  # days
    client_id: str = ""
    log_level: str = "info"
    python: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """One line of simkl.conf: `read` gives the value or raises ValueError, `accepts` says what it wants.

    A value that `is_faulty` holds all the same: a list, for what its other entries name.
    """

    name: str
    meaning: str
    accepts: str
    read: Callable[[str], object]
    environment: str = ""
    is_faulty: Callable[[Any], bool] = lambda _: False


def _yes_or_no(text: str) -> bool:
    return {"yes": True, "no": False}[text.lower()]


def _number(low: float, high: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        value = float(text)
        if not low <= value <= high:  # NaN is not in any range
            raise ValueError(text)
        return value

    return read


def _days(text: str) -> float:
    return math.inf if text.lower() == "forever" else _number(0, 36_500)(text)


def _one_of(*words: str) -> Callable[[str], str]:
    return lambda text: words[words.index(text.lower())]


def _word(text: str) -> str:
    if len(text) > 512 or not text.isprintable() or " " in text:
        raise ValueError(text)
    return text


def _list(text: str) -> tuple[str, ...]:
    return tuple(part for part in map(str.strip, text.split(",")) if part)


def _places(text: str) -> tuple[str, ...]:
    return tuple(_expanded(part) if part.startswith("~") else part for part in _list(text))


def _expanded(place: str) -> str:
    return str(Path(os.path.expanduser(place)))  # noqa: PTH111 - leaves a home that nobody has as it is


def _have_mistakes(places: tuple[str, ...]) -> bool:
    return any(map(_matches_nothing, places))


def _matches_nothing(place: str) -> bool:
    """No path has an address in it, or a step to where one stands; a ~ that is left is of no user here."""
    is_step = bool({".", ".."} & set(re.split(r"[\\/]", place)))
    return place.startswith("~") or "://" in place or is_step


def _hosts(text: str) -> tuple[str, ...]:
    hosts = tuple(host.lower() for host in _list(text))
    if not all(re.fullmatch(r"[a-z0-9.:\[\]_-]+", host) for host in hosts):
        raise ValueError(text)
    return hosts


LEVELS = ("debug", "info", "warning", "error")
MESSAGES = ("silent", "problems", "results", "all")
OPTIONS = (
    Option("enabled", "no: nothing is started and nothing scrobbled.", "yes or no", _yes_or_no),
    Option(
        "min_duration",
        "Seconds. Shorter files are clips and trailers, and are not scrobbled.",
        "a number of seconds up to a day",
        _number(0, 86_400),
    ),
    Option(
        "min_played",
        "Percent of the running time that must really have been played before a file that ends beyond\n"
        "80 % counts as watched: a glimpse of the ending is not a watched film.",
        "a number from 0 to 100",
        _number(0, 100),
    ),
    Option(
        "exclude",
        "What is not scrobbled: names of folders, wherever they are (Lectures, Own/Films), patterns of\n"
        "* and ? for any part of the path (*.sample.*), or whole folders (/media/private, ~/Videos/own).",
        "names, patterns and folders, with commas between them",
        _places,
        is_faulty=_have_mistakes,
    ),
    Option(
        "include",
        "The same, for what alone is scrobbled; empty: everything that is not excluded.",
        "names, patterns and folders, with commas between them",
        _places,
        is_faulty=_have_mistakes,
    ),
    Option(
        "stream_hosts",
        "Hosts whose streams are scrobbled by their names; from others only what is certain is, by an id or\n"
        "a title with season and episode.",
        "names of hosts (media.example, 192.168.0.5), with commas between them",
        _hosts,
    ),
    Option(
        "search_file",
        "May Simkl be asked about the names of a file and of its folder, once, if it knows no such title.",
        "yes or no",
        _yes_or_no,
    ),
    Option(
        "messages",
        "What is shown on mpv's screen: nothing; what is wrong; also what a file was taken for and that it\n"
        "is watched now; also each thing that Simkl is told. Answers to your own keys are always shown.",
        ", ".join(MESSAGES),
        _one_of(*MESSAGES),
    ),
    Option(
        "resume",
        "When another device stopped further on in what you open: ask shows the place and a key goes there,\n"
        "yes goes there by itself, no does not look.",
        "ask, yes or no",
        _one_of("ask", "yes", "no"),
    ),
    Option("ask_rating", "yes: asks for a rating from 1 to 10 at the end.", "yes or no", _yes_or_no),
    Option(
        "keep_history",
        "How long the list of what you watched (`mpv-simkl history`) goes back.",
        "forever, or a number of days",
        _days,
    ),
    Option(
        "client_id",
        "Another Simkl app than the published one (simkl.com/settings/developer). A sign-in belongs to\n"
        "the app that it was made with. It holds from the next start of mpv.",
        "the client id as Simkl shows it, one word",
        _word,
        environment="MPV_SIMKL_CLIENT_ID",
    ),
    Option("log_level", "How much the log tells.", ", ".join(LEVELS), _one_of(*LEVELS)),
    Option(
        "python",
        "Another Python than the one that `mpv-simkl install` was run with; it must have mpv-simkl.",
        "the absolute path of a Python interpreter",
        str,
    ),
)
BY_NAME = {option.name: option for option in OPTIONS}


Source = Literal["default", "file", "script-opts", "environment"]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The value that holds for one setting, and who chose it; `where` is the file and line, or the name.

    `refused` is the sentence about a later value that could not be used.
    """

    value: Any
    source: Source = "default"
    where: str = ""
    refused: str = ""


class _Given(NamedTuple):
    """A text that was given for a setting, whether there is one of that name or not."""

    source: Source
    where: str
    name: str
    text: str


def load(
    conf: Path | None,
    script_opts: Mapping[str, str] | None = None,
    environment: Mapping[str, str] = os.environ,
) -> tuple[Settings, list[str]]:
    """The settings, and a sentence for each thing that could not be used (its default holds then)."""
    chosen, complaints = choose(conf, script_opts, environment)
    return settings_of(chosen), complaints


def settings_of(chosen: Mapping[str, Chosen]) -> Settings:
    """The values alone."""
    return Settings(**{name: choice.value for name, choice in chosen.items()})


def choose(
    conf: Path | None,
    script_opts: Mapping[str, str] | None = None,
    environment: Mapping[str, str] = os.environ,
) -> tuple[dict[str, Chosen], list[str]]:
    """Every setting by its name, with its source, and a sentence for each thing that could not be used.

    The later of these wins: default, file, mpv's script-opts, environment (interface: Settings).
    """
    chosen = {option.name: Chosen(getattr(Settings(), option.name)) for option in OPTIONS}
    complaints: list[str] = []
    for given in _given(conf, script_opts or {}, environment, complaints):
        if given.name not in BY_NAME:
            cure = did_you_mean(given.name, BY_NAME) or f"; known are {', '.join(BY_NAME)}"
            complaints.append(f"{given.where}: there is no setting {_quoted(given.name)}{cure}")
            continue
        chosen[given.name] = _read(given, before=chosen[given.name])
        if refused := chosen[given.name].refused:
            complaints.append(refused)
    return chosen, complaints


def _read(given: _Given, *, before: Chosen) -> Chosen:
    """What holds of a setting when that was given for it; `before` does still if it cannot be used."""
    option, what = BY_NAME[given.name], f"{given.name}={_quoted(given.text)}"
    try:
        value = option.read(given.text)
    except (ValueError, KeyError):
        return replace(before, refused=f"{given.where}: {what} cannot be used; it takes {option.accepts}")
    refused = f"{given.where}: not all of {what} can be used; it takes {option.accepts}"
    return Chosen(value, given.source, given.where, refused if option.is_faulty(value) else "")


def _quoted(text: str) -> str:
    """Enough of it to find it again: a file that is no settings at all may be one line."""
    return repr(text[:QUOTED])


class Current:
    """The settings of a player that lives for days: read again when the file or mpv's script-opts changed."""

    def __init__(self, conf: Path | None) -> None:
        self._conf = conf
        self._seen: object = None
        self._given: Mapping[str, str] = {}
        self._settings = Settings()

    def read(self, script_opts: object) -> tuple[Settings, list[str]]:
        """The settings now, and what could not be used of them where they have changed."""
        if not isinstance(script_opts, Mapping):  # mpv is gone: what it said last still holds
            script_opts = self._given
        given = self._given = {str(name): str(text) for name, text in script_opts.items()}
        state = (_state_of(self._conf), given)
        if state == self._seen:
            return self._settings, []
        self._seen = state
        self._settings, complaints = load(self._conf, given)
        return self._settings, complaints


def _state_of(conf: Path | None) -> object:
    """What changes when a file is written."""
    try:
        found = conf.stat() if conf else None
    except OSError:
        return None
    return found and (found.st_mtime_ns, found.st_size, found.st_ino)


def _given(
    conf: Path | None, script_opts: Mapping[str, str], environment: Mapping[str, str], complaints: list[str]
) -> Iterable[_Given]:
    """Everything that was set, in the order of precedence: the later wins."""
    if conf is not None:
        yield from _written_in(conf, complaints)
    for name, text in script_opts.items():
        if name.startswith(PREFIX):
            yield _Given("script-opts", "script-opts", name.removeprefix(PREFIX), str(text).strip())
    for option in OPTIONS:
        if option.environment and (text := environment.get(option.environment, "").strip()):
            yield _Given("environment", option.environment, option.name, text)


def _written_in(conf: Path, complaints: list[str]) -> Iterable[_Given]:
    for number, raw in enumerate(_lines(conf, complaints), start=1):
        line = raw.strip(BLANKS)
        if not line or line.startswith("#"):
            continue
        name, equals, text = line.partition("=")
        if equals:
            yield _Given("file", f"{conf}:{number}", name.rstrip(BLANKS), text.lstrip(BLANKS))
        else:
            complaints.append(f"{conf}:{number}: {_quoted(line)} is no setting; write name=value")


def _lines(conf: Path, complaints: list[str]) -> list[str]:
    """The lines of the file; a file that is not there has none."""
    try:
        return lines_of(conf)
    except FileNotFoundError:
        return []
    except OSError as error:
        complaints.append(f"{conf} cannot be read ({error.strerror}); the defaults are used")
        return []


def lines_of(conf: Path) -> list[str]:
    """The lines of simkl.conf or mpv.conf, as they stand there. Raises OSError."""
    with open(conf, encoding="utf-8-sig", errors="replace", newline="") as file:  # Notepad writes a mark
        return file.read(MAX_CONF).split("\n")


def commented() -> str:
    """The text of a new simkl.conf: every setting explained, none set."""
    head = "# Settings of mpv-simkl. Take the # away in front of a setting to change it.\n"
    return head + "".join(_commented(option) for option in OPTIONS)


def _commented(option: Option) -> str:
    meaning = "".join(f"# {line}\n" for line in option.meaning.splitlines())
    default = written(getattr(Settings(), option.name))
    return f"\n{meaning}# Accepted: {option.accepts}.\n#{option.name}={default}\n"


def written(value: object) -> str:
    """A setting's value as it stands in the file."""
    match value:
        case bool():
            return "yes" if value else "no"
        case float():
            return "forever" if value == math.inf else f"{value:g}"
        case tuple():
            return ",".join(map(str, value))
    return str(value)
