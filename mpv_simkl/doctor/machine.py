"""What the checks look at, found out once: where we are, which players there are, what Simkl answered."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from .. import auth, config, installation, mpv_conf, places
from ..config import Settings
from ..errors import SettingError, TryLater
from .players import Player, players

WHOLE_CALL = 8.0  # seconds; looking up a name has no limit of its own
CONNECT_WITHIN, ANSWER_WITHIN = 4.0, 6.0  # seconds
TITLE = "/movies/343104"  # a title's details: not counted, and no token is wanted (simkl-api 2.6 and 14)


@dataclass(frozen=True, slots=True)
class Reached:
    """What came of the one call: a status and Simkl's word for an error, or `trouble` if no answer came.

    `sense` says that JSON was answered, as Simkl does; `ahead` is this machine's clock less Simkl's.
    """

    host: str
    status: int = 0
    word: str = ""
    sense: bool = False
    ahead: timedelta | None = None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Machine:
    """What the checks take what they need from; `switch` is the file that switches scrobbling on and off."""

    environment: Mapping[str, str]
    home: Path
    platform: str
    players: list[Player]
    conf: Path
    switch: Path
    settings: Settings
    complaints: list[str]
    reached: Reached


def look(environment: Mapping[str, str] = os.environ) -> Machine:
    """Find out; the network is asked once, for a few seconds at the most.

    Raises MpvSimklError where nobody knows a home folder.
    """
    home = places.home()
    folder = installation.current_dir()
    chosen, complaints = mpv_conf.choose_in(folder, environment)
    settings = config.settings_of(chosen)
    return Machine(
        environment=environment,
        home=home,
        platform=sys.platform,
        players=players(environment, home, sys.platform),
        conf=folder / config.CONF,
        switch=mpv_conf.file_of(folder, chosen["enabled"]),
        settings=settings,
        complaints=complaints,
        reached=_reach(environment, settings.client_id or auth.known_client_id()),
    )


def _reach(environment: Mapping[str, str], client_id: str) -> Reached:
    """One call in a thread that may be left behind: the command ends when its time is up."""
    try:
        url = auth.api_url(environment)
    except SettingError as error:
        return Reached("", trouble=str(error))
    host = url.partition("://")[2]
    answers: list[Reached] = []
    thread = threading.Thread(target=lambda: answers.append(_call(url, host, client_id)), daemon=True)
    thread.start()
    thread.join(WHOLE_CALL)
    return answers[0] if answers else Reached(host, trouble=f"no answer within {WHOLE_CALL:.0f} s")


def _call(url: str, host: str, client_id: str) -> Reached:
    try:
        from .. import web  # without requests all else can be looked at still

        within = (CONNECT_WITHIN, ANSWER_WITHIN)
        answer = web.ask(web.session(client_id), "GET", url + TITLE, within=within)
    except TryLater as error:
        return Reached(host, trouble=str(error).partition(": ")[2].partition("; ")[0])
    except Exception as error:  # noqa: BLE001 - whatever an odd network or library does, it is told
        return Reached(host, trouble=f"{type(error).__name__}: {error}")
    sense = web.parsed(answer) is not None  # [] for a title that it does not know
    return Reached(host, answer.status_code, web.word(answer), sense, web.ahead(answer))
