"""The sandbox as tests and `mpv-simkl try` hold it: calls recorded, faults played out, answers sent."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

from mpv_simkl.sandbox.accounts import WRITE, Accounts, Grant
from mpv_simkl.sandbox.catalogue import Catalogue, Item
from mpv_simkl.sandbox.faults import Fault, FaultBox, named
from mpv_simkl.sandbox.library import Library, Plan, Playback, Watch
from mpv_simkl.sandbox.messages import Request
from mpv_simkl.sandbox.scrobbles import Rules
from mpv_simkl.sandbox.server import Handler, Server
from mpv_simkl.sandbox.service import Service, Throttle, WriteLock

POLL = 0.01  # seconds until the end of the block is noticed
ACCOUNT = 4242  # who is signed in from the start


@dataclass(frozen=True, slots=True)
class Call:
    """One request and what came of it.

    Header names are in lower case. `body` is the JSON or form that was sent. `status` is None while there is
    no answer yet and 0 where none was ever given; `fault` names the fault that the call met.
    """

    number: int
    time: datetime
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: object
    status: int | None = None
    answer: object = None
    fault: str = ""


class Sandbox:
    """A small Simkl on a free port of 127.0.0.1, for as long as the `with` block lasts.

    `clock` gives an aware time and lets a test step through hours and days; `timer` counts the seconds that
    the throttle and the write lock go by. `knows_everything` invents what the catalogue lacks.
    `throttle=False` lets a test talk fast; `block` is how many seconds a throttling block lasts, `interval`
    how many must lie between two polls for a code. `on_call` hears of each call just before it is answered,
    in the thread that serves it.
    """

    def __init__(  # noqa: PLR0913 - all by name, each with a default
        self,
        *,
        catalogue: Catalogue | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        timer: Callable[[], float] = time.monotonic,
        knows_everything: bool = False,
        throttle: bool = True,
        block: float = 3.0,
        interval: float = 5.0,
        plan: Plan = "free",
        on_call: Callable[[Call], None] | None = None,
    ) -> None:
        self.client_id = "sandbox" + secrets.token_hex(28)
        self._clock = clock
        self._on_call = on_call
        self._accounts = Accounts(self.client_id, timedelta(seconds=interval))
        known = catalogue or Catalogue.bundled(knows_everything=knows_everything)
        self._service = Service(
            known, self._accounts, WriteLock(timer), Throttle(block, timer) if throttle else None
        )
        self._faults = FaultBox()
        self._calls: list[Call] = []
        self._working: set[int] = set()
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self.plan = plan
        self._signed_in = self._accounts.sign_in(ACCOUNT, WRITE, clock())
        self._server = Server(self._serve)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(POLL,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.close_connections()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """Where it listens: `http://127.0.0.1:PORT`."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def environment(self) -> dict[str, str]:
        """The variables that make mpv-simkl talk to this sandbox, signed in."""
        return {
            "MPV_SIMKL_API_URL": self.url,
            "MPV_SIMKL_CLIENT_ID": self.client_id,
            "MPV_SIMKL_ACCESS_TOKEN": self.access_token,
        }

    @property
    def access_token(self) -> str:
        """The living access token of the user who is signed in from the start."""
        return self._signed_in.access_token

    @property
    def refresh_token(self) -> str:
        """The refresh token that belongs to `access_token`."""
        return self._signed_in.refresh_token

    @property
    def plan(self) -> Plan:
        """The plan of the first user: free, pro or vip."""
        return self.library().plan

    @plan.setter
    def plan(self, plan: Plan) -> None:
        with self._service.state:
            self.library().plan = plan

    @property
    def calls(self) -> list[Call]:
        """Every request so far, in the order of arrival."""
        with self._changed:
            return list(self._calls)

    @property
    def history(self) -> list[Watch]:
        """What is watched, of all accounts, in the order of marking."""
        with self._service.state:
            return [watch for lib in self._accounts.libraries.values() for watch in lib.watched.values()]

    @property
    def playbacks(self) -> list[Playback]:
        """The saved points of the first user, newest first."""
        with self._service.state:
            return self.library().playbacks(self._clock())

    @property
    def watching(self) -> tuple[Item, float] | None:
        """What "Watching now" shows of the first user, and the percentage that Simkl believes in."""
        with self._service.state:
            return self.library().watching(self._clock())

    @property
    def rules(self) -> Rules:
        """What it does where the documents differ, for example `rules.conflict_form = "old"`."""
        return self._service.rules

    def library(self, account: int = ACCOUNT) -> Library:
        """All that is kept of one user: ratings, statuses, saved points."""
        return self._accounts.library(account)

    def sign_in(self, account: int = ACCOUNT, scope: str = WRITE) -> Grant:
        """One more sign-in, of this user or another; `scope="media:read"` cannot write."""
        with self._service.state:
            return self._accounts.sign_in(account, scope, self._clock())

    def approve(self, user_code: str, account: int = ACCOUNT) -> None:
        """The user agrees on Simkl's page; raises KeyError if no such code waits."""
        with self._service.state:
            self._accounts.approve(user_code, account, self._clock())

    def revoke(self, token: str) -> None:
        """The user takes the app's access away on Simkl's page."""
        with self._service.state:
            self._accounts.revoke(token)

    def spend_quota(self, requests: int) -> None:
        """Counts requests of the first user's other apps against today's quota."""
        with self._service.state:
            other_app = self._accounts.sign_in(ACCOUNT, WRITE, self._clock())
            for _ in range(requests):
                self._accounts.spend(other_app, self._clock())

    def fail(
        self,
        fault: str | Fault,
        *,
        times: int | None = None,
        path: str | None = None,
        seconds: float | None = None,
        words: str = "",
    ) -> None:
        """Switches a fault on (its names: `FAULTS`) for the next `times` calls, or until `heal`.

        With `path`, only for calls whose path begins so, with `words` only where the body holds them;
        `seconds` is the delay of "slow" and "drip". Raises KeyError for an unknown name.
        """
        make = named(fault) if isinstance(fault, str) else lambda _: fault
        if seconds is None:
            self._faults.switch_on(make, times, path, words)
        else:
            self._faults.switch_on(lambda at: replace(make(at), seconds=seconds), times, path, words)

    def heal(self) -> None:
        """Switches every fault off."""
        self._faults.clear()

    def expect(
        self, count: int = 1, path: str = "", timeout: float = 10.0, *, answered: bool = True
    ) -> list[Call]:
        """The calls whose path begins with `path`, as soon as there are `count` of them.

        `answered=False` counts a call once its work begins, when a write holds its lock.
        Raises AssertionError after `timeout` seconds.
        """

        def found() -> list[Call]:
            fitting = [call for call in self._calls if call.path.startswith(path)]
            begun = self._working if not answered else ()
            return [call for call in fitting if call.status is not None or call.number in begun]

        with self._changed:
            self._changed.wait_for(lambda: len(found()) >= count, timeout)
            calls = found()
            seen = [f"{call.method} {call.path} {call.status}" for call in self._calls]
        if len(calls) < count:
            raise AssertionError(f"waited for {count} calls of {path or 'any path'}, saw {seen}")
        return calls

    def _serve(self, handler: Handler) -> None:
        request = handler.read(self._clock())
        if request is None:
            handler.send_error(413)
            return
        fault = self._faults.take(request.path, request.at, request.raw)
        call = self._arrived(request, fault.name if fault else "")
        if fault is None or fault.how in {"slow", "truncated", "cut_after"}:
            self._work(handler, request, call, fault)
        elif fault.how == "answer":
            self._answered(call, fault.status, _seen(fault))
            handler.reply(fault.status, fault.body, fault.headers)
        else:
            self._answered(call, 0, None)
            if fault.how == "blackhole":
                self._closing.wait()
            if fault.how == "drip":
                handler.drip(lambda: not self._closing.wait(fault.seconds))
            handler.cut()

    def _work(self, handler: Handler, request: Request, call: Call, fault: Fault | None) -> None:
        answer = self._service.answer(request, lambda: self._begun(call, fault.seconds if fault else 0.0))
        if fault and fault.how == "cut_after":
            self._answered(call, 0, answer.body)
            handler.cut()
            return
        self._answered(call, answer.status, answer.body)
        raw = b"" if answer.empty else json.dumps(answer.body, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json; charset=utf-8", **answer.headers}
        handler.reply(answer.status, raw, headers, whole=fault is None or fault.how != "truncated")

    def _begun(self, call: Call, delay: float) -> None:
        with self._changed:
            self._working.add(call.number)
            self._changed.notify_all()
        if delay:
            self._closing.wait(delay)

    def _arrived(self, request: Request, fault: str) -> Call:
        with self._changed:
            call = Call(
                number=len(self._calls),
                time=request.at,
                method=request.method,
                path=request.path,
                query=dict(request.query),
                headers=dict(request.headers),
                body=request.body,
                fault=fault,
            )
            self._calls.append(call)
            self._changed.notify_all()
        return call

    def _answered(self, call: Call, status: int, answer: object) -> None:
        """Records the answer just before it is sent, so that a client that has it finds it in `calls`."""
        done = replace(call, status=status, answer=answer)
        with self._changed:
            self._calls[call.number] = done
            self._changed.notify_all()
        if self._on_call:
            self._on_call(done)


def _seen(fault: Fault) -> object:
    try:
        parsed: object = json.loads(fault.body)
    except (ValueError, RecursionError):
        return fault.body.decode("utf-8", "replace")
    return parsed
