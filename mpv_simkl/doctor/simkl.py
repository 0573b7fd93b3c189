"""The way to Simkl: the network, the clock, the sign-in, the quota."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from .. import auth, places
from ..clocks import OLDEST
from ..errors import LoginNeeded, SettingError
from ..pace import EVERYBODY, Pace
from .cures import SAID, cure
from .finding import Finding, ok, problem, warning
from .machine import Machine, Reached

STATUS = "https://status.simkl.com/"
CLOCK_OFF = timedelta(minutes=2)  # a watch is told with its minute
ENDS_SOON = timedelta(days=14)


def network(machine: Machine) -> Finding:
    """Does Simkl answer, and is it Simkl?"""
    found = machine.reached
    if found.trouble:
        return problem("network", f"{found.host or 'Simkl'}: {found.trouble}", cure(found.trouble, SAID))
    if found.status == 412:
        return _client_id(machine, found)
    if found.status == 429:
        told = f"{found.host}: too many requests ({found.word})"
        return warning("network", told, "wait; it goes on by itself")
    if found.status >= 500:
        return warning("network", f"{found.host} has trouble ({found.status})", f"wait; see {STATUS}")
    if not found.sense or 300 <= found.status < 400:
        told = f"{found.host}: the answer is not Simkl's, perhaps a login page of this network"
        return problem("network", told, "open a browser and log in to the network")
    return ok("network", f"{found.host} answers")


def _client_id(machine: Machine, found: Reached) -> Finding:
    if not (machine.settings.client_id or auth.known_client_id()):
        return ok("network", f"{found.host} answers")  # that there is no client id is the sign-in's to say
    told = f"{found.host}: the client id is wrong or blocked for some minutes"
    return problem("network", told, "wait some minutes; if it lasts, check client_id")


def clock(machine: Machine) -> Finding:
    """Is the machine's clock right: by itself, and by Simkl's answer?"""
    now, ahead = datetime.now(UTC), machine.reached.ahead
    how = "let the system set the clock from the network"
    if now < OLDEST:
        return problem("clock", f"it is not {now:%Y-%m-%d}", how)
    if ahead is None:
        return ok("clock", f"{now:%Y-%m-%d %H:%M} UTC; Simkl's was not heard")
    if abs(ahead) > CLOCK_OFF:
        told = f"{'ahead of' if ahead > timedelta() else 'behind'} Simkl's by {_time(abs(ahead))}"
        return problem("clock", told, how)
    return ok("clock", f"{now:%Y-%m-%d %H:%M} UTC, as Simkl's")


def _time(span: timedelta) -> str:
    """Rounded to what matters of it."""
    minutes = round(span.total_seconds() / 60)
    if minutes >= 2 * 24 * 60:
        return f"{minutes // (24 * 60)} days"
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"


def sign_in(machine: Machine) -> Iterator[Finding]:
    """Is somebody signed in, for this address and this app, and for how long?"""
    try:
        who = auth.credentials(machine.settings.client_id, machine.environment)
        kept = auth.load()
    except LoginNeeded as error:
        yield problem("sign-in", _cause(error), cure(str(error), SAID))
        return
    except SettingError as error:
        yield problem("sign-in", str(error), "correct it, or unset it")
        return
    if who.account is None:
        told = "MPV_SIMKL_ACCESS_TOKEN is used, which is not renewed"
        yield warning("sign-in", told, "unset it and run `mpv-simkl login`")
    elif kept is not None:
        yield _lasting(kept.refresh_until - datetime.now(UTC))


def _lasting(left: timedelta) -> Finding:
    if left <= timedelta():
        return problem("sign-in", "it was not used for half a year and has ended", "run `mpv-simkl login`")
    told = f"signed in, for {left.days} days more; each renewal begins that time anew"
    return ok("sign-in", told) if left > ENDS_SOON else warning("sign-in", told, "play something soon")


def _cause(error: LoginNeeded) -> str:
    """Without the cure, which has a place of its own; a sign-in that Simkl has ended is told apart."""
    try:
        kept = auth.load()
    except LoginNeeded:
        kept = None
    if kept is not None and not kept.access_token:
        return "Simkl has ended the sign-in"
    return str(error).partition("; ")[0]


def quota(_: Machine) -> Finding:
    """Has Simkl asked for rest? What is left is told only with a counted call, which this is not."""
    if (rest := Pace(places.data_dir()).long_rest(auth.known_account() or EVERYBODY)) is not None:
        at, why = datetime.fromtimestamp(rest[0]).astimezone(), rest[1].partition("; ")[0]
        told = f"Simkl asked for rest until {at:%Y-%m-%d %H:%M}: {why}"
        return warning("quota", told, "wait; what is watched is sent then")
    return ok("quota", "Simkl has not asked for rest")
