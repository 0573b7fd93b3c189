"""A small Simkl on loopback, for `mpv-simkl try` and for our own tests; it answers as simkl-api says.

messages (request, answer, refusal) <- catalogue (titles, matching) <- library (one user's state)
<- accounts (sign-in, quota) <- bodies, views, scrobbles, search <- service (one request -> one answer)
<- faults, server (sockets) <- sandbox (the door). What stands before faults is plain values, and the time
comes in as `at`.

    with Sandbox() as simkl:
        ...  # talk to simkl.url with simkl.client_id and simkl.access_token
        simkl.expect(1, "/scrobble/stop")
        print(simkl.history)
"""

from mpv_simkl.sandbox.catalogue import Catalogue, Episode, Item, Title, Wanted
from mpv_simkl.sandbox.faults import FAULTS, Fault
from mpv_simkl.sandbox.library import Playback, Watch
from mpv_simkl.sandbox.sandbox import ACCOUNT, Call, Sandbox
from mpv_simkl.sandbox.scrobbles import Rules

__all__ = [
    "ACCOUNT",
    "FAULTS",
    "Call",
    "Catalogue",
    "Episode",
    "Fault",
    "Item",
    "Playback",
    "Rules",
    "Sandbox",
    "Title",
    "Wanted",
    "Watch",
]
