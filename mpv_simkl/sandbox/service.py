"""One request -> one answer: who asks, may they, and which part of Simkl replies (simkl-api 1, 2, 13, 14).

Stricter than Simkl on purpose: Simkl only leaves out of the developer's log what lacks `app-name`,
`app-version` or a `User-Agent` (section 1); here that is 400. A `User-Agent` must begin with the two. A token
on the edge-cached endpoints is 400 too, and so is a path of this computer in any body, or a GET with a body.
"""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from mpv_simkl.sandbox import bodies, search
from mpv_simkl.sandbox.accounts import Accounts, Grant, haste_refusal, limit_refusal, unauthorized
from mpv_simkl.sandbox.catalogue import Catalogue
from mpv_simkl.sandbox.library import Library
from mpv_simkl.sandbox.messages import Answer, Refusal, Request, numeral
from mpv_simkl.sandbox.scrobbles import History, Rules, Scrobbler
from mpv_simkl.sandbox.views import (
    activities_view,
    clock_time,
    details_view,
    episode_row,
    playback_view,
)

OPEN = ("movies", "tv", "anime")  # edge-cached; they need no token (1, 2.6)
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
V1_PATHS = ("/oauth/pin", "/oauth/token", "/oauth/authorize")
LOCKED = ("/scrobble/", "/sync/history")
LOCK_CEILING = 20.0  # seconds, 5.5
POST_SPACING = 0.9  # seconds: one POST a second (14), and a little for the road
GETS_A_SECOND = 10
MOST_PLAYBACKS = 10_000  # in one answer, 9


class Throttle:
    """Simkl's answer to haste: 429 for GET, a block of everything for POST (14).

    `block` is in seconds, and so is what `timer` reads.
    """

    def __init__(self, block: float, timer: Callable[[], float]) -> None:
        self._block, self._timer = block, timer
        self._last_post: dict[int, float] = {}
        self._blocked_until: dict[int, float] = {}
        self._gets: dict[int, deque[float]] = {}

    def check(self, account: int, request: Request) -> None:
        """Refuses a call that comes too soon; haste during a block makes the block longer."""
        now = self._timer()
        blocked = now < self._blocked_until.get(account, -math.inf)
        if request.method == "POST":
            hasty = now - self._last_post.get(account, -math.inf) < POST_SPACING
            self._last_post[account] = now
            if hasty or blocked:
                self._blocked_until[account] = now + self._block
                blocked = True
        if blocked:
            raise Refusal(412, "client_id_failed", "Too many POSTs; blocked for a while")
        if request.method == "GET":
            self._count_get(account, now, request)

    def _count_get(self, account: int, now: float, request: Request) -> None:
        recent = self._gets.setdefault(account, deque(maxlen=GETS_A_SECOND))
        if len(recent) == GETS_A_SECOND and now - recent[0] < 1.0:
            raise haste_refusal(request.at)
        recent.append(now)


class WriteLock:
    """One write a user at a time; a lock older than 20 s is free again (5.5)."""

    def __init__(self, timer: Callable[[], float]) -> None:
        self._timer = timer
        self._guard = threading.Lock()
        self._since: dict[int, float] = {}

    def take(self, account: int) -> float:
        """Holds the lock; refuses with RATE_LIMIT while another write runs."""
        now = self._timer()
        with self._guard:
            if now - self._since.get(account, -math.inf) < LOCK_CEILING:
                raise Refusal(400, "RATE_LIMIT", "Another write of this user is still running")
            self._since[account] = now
        return now

    def free(self, account: int, taken: float) -> None:
        """Frees the lock that was taken at `taken`."""
        with self._guard:
            if self._since.get(account) == taken:
                del self._since[account]


@dataclass
class Service:
    """Simkl, without its sockets."""

    catalogue: Catalogue
    accounts: Accounts
    lock: WriteLock
    throttle: Throttle | None
    rules: Rules = field(default_factory=Rules)
    state: threading.RLock = field(default_factory=threading.RLock)

    def answer(self, request: Request, before_work: Callable[[], None] = lambda: None) -> Answer:
        """What Simkl says; `before_work` runs after every check, while a write holds its lock."""
        oauth = request.path.startswith("/oauth2/")
        try:
            self._check_debug(request)
            self._check_parameters(request)
            bodies.check_no_paths([request.body, dict(request.query)])
            if oauth or not _needs_token(request.path):
                before_work()
                with self.state:
                    return self._oauth(request) if oauth else self._open(request)
            return self._for_user(request, before_work)
        except Refusal as refusal:
            return refusal.answer(oauth=oauth)

    def _check_debug(self, request: Request) -> None:
        which = request.query.get("debug_limit")
        if which in {"user", "app"}:
            raise limit_refusal(which, request.at)

    def _check_parameters(self, request: Request) -> None:
        sent = request.query.get("client_id") or request.headers.get("simkl-api-key")
        if sent != self.accounts.client_id:
            if request.path.startswith("/oauth2/"):
                raise Refusal(401, "invalid_client", "Unknown client_id")
            raise Refusal(412, "client_id_failed", "Unknown client_id")
        if request.path.startswith(V1_PATHS):
            raise Refusal(400, "unauthorized_client", "use POST /oauth2/device instead of /oauth/pin")
        for name in ("app-name", "app-version"):
            if not request.query.get(name):
                raise Refusal(400, "empty_field", f"{name} is missing from the URL")
        agent = f"{request.query['app-name']}/{request.query['app-version']}"
        if request.path != "/redirect" and not request.headers.get("user-agent", "").startswith(agent):
            raise Refusal(400, "wrong_parameter", f"User-Agent must begin with {agent}")

    def _for_user(self, request: Request, before_work: Callable[[], None]) -> Answer:
        with self.state:
            grant = self._grant(request)
        locks = request.method == "POST" and request.path.startswith(LOCKED) and "remove" not in request.path
        taken = self.lock.take(grant.account) if locks else None
        quota: Mapping[str, str] = {}
        try:
            with self.state:
                if self.throttle:
                    self.throttle.check(grant.account, request)
                quota = self.accounts.spend(grant, request.at)
            before_work()
            with self.state:
                answer = self._work(request, self.accounts.library(grant.account))
        except Refusal as refusal:
            answer = refusal.answer()
        finally:
            if taken is not None:
                self.lock.free(grant.account, taken)
        return replace(answer, headers={**quota, **answer.headers})

    def _grant(self, request: Request) -> Grant:
        """The sign-in behind a request, if its scope is enough (2.4, 2.5)."""
        if request.token is None:
            raise unauthorized("user_token_required", "This endpoint needs a user's token")
        grant = self.accounts.grant(request.token, request.at)
        writes = request.method != "GET" or bool(request.raw) or request.path.startswith("/scrobble/")
        if writes and "media:write" not in grant.scope.split():
            raise Refusal(403, "insufficient_scope", "media:write is needed")
        if request.method == "GET" and request.raw:
            raise Refusal(400, "wrong_parameter", "a GET has no body")
        return grant

    def _oauth(self, request: Request) -> Answer:
        if request.method != "POST":
            raise Refusal(404, "url_failed", "No such URL")
        if not isinstance(request.body, dict) or not all(isinstance(v, str) for v in request.body.values()):
            raise Refusal(400, "invalid_request", "A form of plain strings is needed")
        form: Mapping[str, str] = request.body
        if "client_id" not in form:
            raise Refusal(400, "invalid_request", "client_id is missing from the body")
        if form["client_id"] != self.accounts.client_id:
            raise Refusal(401, "invalid_client", "Unknown client_id")
        steps = {"/oauth2/device": self._device, "/oauth2/token": self._token, "/oauth2/revoke": self._revoke}
        if request.path not in steps:
            raise Refusal(404, "url_failed", "No such URL")
        return steps[request.path](form, request)

    def _device(self, form: Mapping[str, str], request: Request) -> Answer:
        code = self.accounts.device(form.get("scope", ""), request.at)
        page = "https://simkl.com/pin"
        interval = code.interval / timedelta(seconds=1)
        body = {
            "device_code": code.device_code,
            "user_code": code.user_code,
            "verification_uri": page,
            "verification_uri_complete": f"{page}?user_code={code.user_code}",
            "expires_in": int((code.until - request.at).total_seconds()),
            "interval": int(interval) if interval.is_integer() else interval,
        }
        return Answer(200, body)

    def _token(self, form: Mapping[str, str], request: Request) -> Answer:
        kind = form.get("grant_type")
        needed = {DEVICE_GRANT: "device_code", "refresh_token": "refresh_token"}
        if not kind:
            raise Refusal(400, "invalid_request", "grant_type is missing")
        if kind not in needed:
            raise Refusal(400, "unsupported_grant_type", "The sandbox knows the device flow and refresh")
        if not form.get(needed[kind]):
            raise Refusal(400, "invalid_request", f"{needed[kind]} is missing")
        if kind == DEVICE_GRANT:
            return Answer(200, self.accounts.poll(form["device_code"], request.at).answer())
        rotates = self.rules.new_refresh_tokens
        return Answer(200, self.accounts.refresh(form, request.at, rotates=rotates).answer())

    def _revoke(self, form: Mapping[str, str], request: Request) -> Answer:  # noqa: ARG002 - one shape of step
        if not form.get("token"):
            raise Refusal(400, "invalid_request", "token is missing")
        self.accounts.revoke(form["token"])
        return Answer(200, empty=True)

    def _open(self, request: Request) -> Answer:
        if request.method != "GET":
            raise Refusal(404, "url_failed", "No such URL")
        if request.path == "/redirect":
            if request.query.get("to") != "simkl":
                raise Refusal(400, "wrong_parameter", "where to? the sandbox knows the way to simkl only")
            where = search.link(self.catalogue, request.query)
            return Answer(self.rules.redirect, headers={"Location": where}, empty=True)
        if request.token is not None:
            raise Refusal(400, "wrong_parameter", "leave the token off the cached endpoints")
        if request.raw:
            raise unauthorized("user_token_required", "A GET with a body counts as a write")
        return Answer(200, self._details(request))

    def _details(self, request: Request) -> object:
        section, *rest = request.path.strip("/").split("/")
        title = self.catalogue.by_simkl(numeral(rest[-1]) or 0)
        if title is None or title.type != {"movies": "movie"}.get(section, section):
            return []
        if len(rest) == 1:
            return details_view(title)
        return [episode_row(title, episode, request.at) for episode in title.episodes]

    def _work(self, request: Request, library: Library) -> Answer:
        path, body = request.path.rstrip("/"), request.body
        if path.startswith("/sync/playback"):
            return _playback(request, library, old=self.rules.old_playbacks)
        if request.method == "GET":
            return self._read(request, library)
        if request.raw and (body is None or "json" not in request.headers.get("content-type", "")):
            raise Refusal(400, "wrong_parameter", "the body is not JSON, or does not say that it is")
        scrobbler = Scrobbler(self.catalogue, library, request.at, self.rules)
        history = History(self.catalogue, library, request.at, self.rules)
        writes: Mapping[str, Callable[[], Answer]] = {
            "/scrobble/start": lambda: scrobbler.start(body, request.query),
            "/scrobble/pause": lambda: scrobbler.pause(body, request.query),
            "/scrobble/stop": lambda: scrobbler.stop(body, request.query),
            "/sync/history": lambda: history.add(body, request.query),
            "/sync/history/remove": lambda: history.remove(body),
            "/search/file": lambda: Answer(200, search.search_file(self.catalogue, body)),
        }
        if request.method != "POST" or path not in writes:
            raise Refusal(404, "url_failed", "No such URL")
        return writes[path]()

    def _read(self, request: Request, library: Library) -> Answer:
        if request.path == "/users/settings":
            return Answer(200, _settings(library))
        if request.path == "/sync/activities":
            return Answer(200, activities_view(library))
        if request.path.startswith("/search/"):
            kind = request.path.removeprefix("/search/")
            return Answer(200, search.search_text(self.catalogue, kind, request.query))
        raise Refusal(404, "url_failed", "No such URL")


def _needs_token(path: str) -> bool:
    parts = path.strip("/").split("/")
    details = parts[0] in OPEN and (len(parts) == 2 or (len(parts) == 3 and parts[1] == "episodes"))
    return not details and path != "/redirect" and not path.startswith(V1_PATHS)


def _playback(request: Request, library: Library, *, old: bool) -> Answer:
    """The list for every method but DELETE; a DELETE wants a number (4, 9)."""
    _, _, which = request.path.rstrip("/").removeprefix("/sync/").partition("/")
    if request.method == "DELETE":
        return _delete_playback(request, library, numeral(which))
    if which and numeral(which) is None and which not in {"episodes", "movies"}:
        raise Refusal(404, "url_failed", "episodes or movies")
    hide = request.query.get("hide_watched", "true") != "false"
    points = library.playbacks(request.at, hide_watched=hide)
    films = {"movies": True, "episodes": False}.get(which)
    points = [p for p in points if films is None or p.item.title.film is films]
    first, last = request.query.get("date_from", ""), request.query.get("date_to", "9999")
    points = [p for p in points if first <= clock_time(p.paused_at) < last]
    limit = numeral(request.query.get("limit", str(MOST_PLAYBACKS)))
    if not limit or limit > MOST_PLAYBACKS:
        raise Refusal(400, "wrong_parameter", f"limit is from 1 to {MOST_PLAYBACKS}")
    return Answer(200, [playback_view(point, old=old) for point in points[:limit]])


def _delete_playback(request: Request, library: Library, number: int | None) -> Answer:
    if not number:
        raise Refusal(404, "url_failed", "A playback's id is needed")
    if not library.delete_playback(number, request.at):
        raise Refusal(404, "empty", "No such playback")
    return Answer(204, empty=True)


def _settings(library: Library) -> dict[str, object]:
    user = {"name": f"Sandbox user {library.account}", "joined_at": "2020-05-04T10:00:00Z"}
    account = {"id": library.account, "timezone": "Europe/Dublin", "type": library.plan}
    return {"user": user, "account": account, "connections": {}}
