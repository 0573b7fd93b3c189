"""The door to Simkl: what is to be said -> an HTTP call, its answer -> a result or an error of ours.

Writes wait for their turn (pace) and wait out Simkl's write lock (simkl-api 5.5). A token that has ended is
renewed, and the call made once more (simkl-api 2.4).
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from . import answers, auth, bodies, web
from .agreement import Found
from .answers import Account, Aired, Changed, FileMatch
from .auth import Credentials
from .bodies import Watch
from .errors import LoginNeeded, NotMatched, QuotaSpent, Refused, SomebodyElse, TryLater
from .links import Kind, read_link
from .media import Media
from .model import Action, Call
from .not_found import rows_in
from .pace import EVERYBODY, WORTH_WAITING, WRITE_EVERY, Pace
from .refusals import ALREADY, PORTAL, TOO_OFTEN, raise_for

if TYPE_CHECKING:  # for its types; web.py alone speaks with it
    from .lean import requests

log = logging.getLogger(__name__)

READ_EVERY = 0.11  # seconds: ten GETs a second are allowed (simkl-api 14)
READ_WITHIN = (10.0, 10.0)  # seconds to connect and to answer; no lock holds it up (simkl-api 17.19)
LOCK_AGAIN = 2.5  # seconds before asking a locked Simkl again (simkl-api 5.5)
LOCK_LASTS = 22.0  # seconds: the lock's own limit is 20
TELLING = ("/scrobble/", "/sync/")  # what a watch is told by
NOT_SENT = "user_token_required"  # a fault of ours, which no new token mends (simkl-api 2.4)
SITE = "simkl.com"
LONGEST_SEARCH = 200  # characters
HITS = 20  # of one search
ELSEWHERE = range(300, 400)  # where /redirect leads, never followed (simkl-api 16)
CLOCK_OFF = timedelta(seconds=30)  # an answer may be on its way for nearly as long

# What Simkl calls them in /redirect (simkl-api 10.3), and in the details by number.
TYPES: Mapping[Kind, str] = {"movie": "movie", "show": "tv", "anime": "anime"}
PAGES: Mapping[Kind, str] = {"movie": "movies", "show": "tv", "anime": "anime"}


@dataclass(frozen=True, slots=True)
class Reply:
    """What Simkl made of a scrobble: `counted` says that it is marked watched now; `found` is what it took it
    for, None where it does not tell.
    """

    counted: bool
    found: Found | None = None

    def __str__(self) -> str:
        return str(self.found) if self.found else "ok"


@dataclass(frozen=True, slots=True)
class TitlePage:
    """A title's page on Simkl, where its number and its kind stand."""

    simkl: str
    kind: Kind
    url: str

    @property
    def words(self) -> str:
        """The title's words, which end the address; "" if it has none."""
        return self.url.partition(f"/{self.simkl}/")[2].partition("/")[0].replace("-", " ")


class Simkl:
    """A connection to Simkl for one user; not to be shared between threads."""

    def __init__(self, who: Credentials, pace: Pace, sleep: Callable[[float], None] = time.sleep) -> None:
        self._pace = pace
        self._sleep = sleep
        self.quota_left: int | None = None  # requests of today, as the last answer that told it said
        self._read_at = -READ_EVERY
        self._pages: dict[str, TitlePage | None] = {}
        self.ahead: timedelta | None = None  # this machine's clock less Simkl's, once that is known
        self._be(who)

    # Whose it is

    @property
    def owner(self) -> str | None:
        """The account whose connection this is, None if only Simkl knows."""
        return self._who.account

    @property
    def is_signed_in(self) -> bool:
        """Is that account the one that is signed in now, as far as this machine knows."""
        with suppress(LoginNeeded):  # a file that cannot be read says nothing
            return self.owner is None or auth.account() == self.owner
        return True

    @property
    def whose(self) -> str:
        """Whose connection this is, in words of ours."""
        return f"{self._who.account} at {self._who.url}"

    def account(self, within: float = web.CONNECT_WITHIN) -> Account:
        """Who is signed in, asked for so many seconds at most. Raises SimklError."""
        account = answers.read_account(_object(self._get("/users/settings", within=(within, within))))
        if account is None:
            raise TryLater("GET /users/settings: an answer without a user; it may not be Simkl's")
        return account

    # What is told

    def scrobble(
        self, action: Call, media: Media, progress: float, check: Callable[[], None] = lambda: None
    ) -> Reply:
        """Tell what playback does; raises SimklError (simkl-api 5), and what `check` raises just before it
        goes out: the turn, or the write lock, may have been waited for.
        """
        answer = self._write(f"/scrobble/{action}", bodies.scrobble(media, progress), check=check)
        if answer.status_code == ALREADY:
            log.info("Simkl has %s already (409)", media)
            return Reply(counted=True)
        told = _object(answer)
        return Reply(told.get("action") == "scrobble", answers.read_item(told))

    def end_session(self, media: Media, progress: float) -> bool:
        """Pause what Simkl may hold a session of, which it would complete by its own clock (simkl-api 5.6);
        False if it knows no such thing, and so holds none. Raises TryLater.
        """
        try:
            self.scrobble(Action.PAUSE, media, progress)
        except (NotMatched, Refused):
            return False
        return True

    def add_to_history(self, watches: Sequence[Watch]) -> set[int]:
        """Record watches with their times; gives the rows that Simkl could not match. Raises SimklError.

        At most 50 episodes go in one call (simkl-api 7.5). That the answer is 201 says nothing about an
        entry; only that it is not listed in `not_found` does (simkl-api 7.4).
        """
        not_found = self.record(bodies.history(watches)).not_found
        unknown = rows_in(not_found, watches)
        if unknown is None:  # each by itself is told apart: a repetition does no harm (simkl-api 7.5)
            raise Refused("POST /sync/history: what Simkl could not find is not what was sent")
        return unknown

    def record(self, body: bodies.Json, *, quiet: bool = False, again: bool = False) -> Changed:
        """POST /sync/history; `quiet` is skip_auto_watching, `again` allow_rewatch. Raises SimklError.

        A rewatch is never repeated by itself, not even behind a write lock (simkl-api 6).
        """
        flags = {"skip_auto_watching": quiet, "allow_rewatch": again}
        query = {name: "yes" for name, is_on in flags.items() if is_on}
        return _changed(self._write("/sync/history", body, query, patient=not again), "added")

    def remove(self, body: bodies.Json) -> Changed:
        """POST /sync/history/remove. Raises SimklError."""
        return _changed(self._write("/sync/history/remove", body), "deleted")

    # What is asked

    def activities(self, within: float) -> dict[str, object]:
        """When what last changed, by section; asked for so many seconds at most. Raises SimklError."""
        return _object(self._get("/sync/activities", within=(within, within)))

    def playbacks(self, which: str, most: int, within: float) -> list[object]:
        """The newest saved places of `episodes` or `movies`, "" for both (simkl-api 9). Raises SimklError."""
        path, query = f"/sync/playback/{which}".rstrip("/"), {"limit": str(most)}
        return _list(self._get(path, query, within=(within, within)))

    def page(self, media: Media, kind: Kind | None) -> TitlePage | None:
        """Where Simkl shows a title, None if it knows none such; costs nothing of the quota (simkl-api 10.3).

        Without a kind only the ids speak. Raises SimklError.
        """
        entry = bodies.title_entry(media)
        ids = {name: str(value) for name, value in entry.pop("ids", {}).items()}
        told = {"type": TYPES[kind]} if kind else {}
        if kind is None:
            ids.pop("tmdb", None)  # a film's and a show's alike, anime being among the shows (simkl-api 11)
        elif kind == "anime" and "tmdb" in ids:
            told = {"type": TYPES["show"]}
        query = {"to": "simkl", **entry, **ids, **told}
        asked = repr(sorted(query.items()))
        if asked not in self._pages:
            self._pages[asked] = _page(self._get("/redirect", query, leads=True))
        return self._pages[asked]

    def seasons(self, page: TitlePage) -> tuple[int, ...]:
        """The seasons that a show has, 0 for its specials; an anime has one (simkl-api 12)."""
        if page.kind == "anime":
            return (1,)
        return tuple(sorted({each.season for each in self.episodes(page.kind, page.simkl)}))

    def details(self, kind: Kind, simkl: str) -> Found | None:
        """A title with all its names, None if there is none of that number; costs nothing of the quota
        (simkl-api 14). Raises SimklError.
        """
        answer = self._get(f"/{PAGES[kind]}/{simkl}", anonymous=True)
        _must_be_told(answer)
        return answers.read_title(kind, web.json_object(answer))

    def episodes(self, kind: Kind, simkl: str) -> list[Aired]:
        """The episodes of a show with the days on which they were shown, specials as season 0; costs nothing
        of the quota. Raises SimklError.
        """
        answer = self._get(f"/{PAGES[kind]}/episodes/{simkl}", anonymous=True)
        return answers.read_episodes(_list(answer))

    def search_file(self, name: str) -> FileMatch | None:
        """What Simkl takes a file's name for, its folder's name before it; None: nothing (simkl-api 10.1).

        Raises SimklError.
        """
        answer = self._write("/search/file", {"file": name})
        _must_be_told(answer)
        return answers.read_file(web.json_object(answer))

    def search(self, kind: Kind, words: str) -> list[Found]:
        """The titles that somebody may mean, for choosing by hand (simkl-api 10.2). Raises SimklError."""
        answer = self._get(f"/search/{TYPES[kind]}", {"q": words[:LONGEST_SEARCH], "limit": str(HITS)})
        _must_be_told(answer)
        return answers.read_search(kind, web.json_list(answer))

    # How a call is made

    def _write(
        self,
        path: str,
        body: bodies.Json,
        query: Mapping[str, str] | None = None,
        *,
        patient: bool = True,
        check: Callable[[], None] = lambda: None,
    ) -> requests.Response:
        """One POST in its turn; the write lock is waited out, if one is patient."""

        def post() -> requests.Response:
            check()
            return self._ask("POST", path, json=body, params=query)

        with self._pace.turn(self.owner or EVERYBODY):
            answer = self._unlocked(path, post) if patient else post()
            try:
                raise_for(answer, f"POST {path}", telling=path.startswith(TELLING))
            except TryLater as error:
                self._leave_alone(error)
                raise
        return answer

    def _unlocked(self, path: str, post: Callable[[], requests.Response]) -> requests.Response:
        """The answer, asked for again while another write holds the lock, for as long as that can be."""
        answer, waited = post(), 0.0
        while _locked(answer) and waited < LOCK_LASTS:
            log.info("Simkl is busy with an earlier write; POST %s waits %g s", path, LOCK_AGAIN)
            self._sleep(LOCK_AGAIN)
            waited += LOCK_AGAIN
            answer = post()
        return answer

    def _get(
        self,
        path: str,
        query: Mapping[str, str] | None = None,
        *,
        within: tuple[float, float] | None = None,
        anonymous: bool = False,
        leads: bool = False,
    ) -> requests.Response:
        """One GET without a body, which would make it a write (simkl-api 1); not too soon after another.

        `leads`: what it asks for is where it leads.
        """
        self._sleep(max(0.0, self._read_at + READ_EVERY - time.monotonic()))
        self._read_at = time.monotonic()
        within = within or READ_WITHIN
        answer = self._ask("GET", path, anonymous=anonymous, params=query, within=within)
        try:
            if not (leads and answer.status_code in ELSEWHERE):
                raise_for(answer, f"GET {path}")
        except TryLater as error:
            if error.after > WORTH_WAITING:  # a block is one of writes, and every write makes it longer
                self._leave_alone(error)
            raise
        return answer

    def _leave_alone(self, error: TryLater) -> None:
        """What is asked of one account is asked of nobody else; without a name it may be anybody's."""
        whose = self.owner if isinstance(error, QuotaSpent) else None
        self._pace.rest(error.after, str(error), whose or EVERYBODY)

    def _ask(self, method: str, path: str, *, anonymous: bool = False, **sent: Any) -> requests.Response:
        """One call, and one more with a renewed token if Simkl says that this one has ended; `sent` as in
        `web.ask`.

        `anonymous`: without a token, as Simkl wants it where a cache answers for everybody (simkl-api 1).
        """
        self._freshen()
        if anonymous:
            sent["auth"] = web.Bearer()
        answer = web.ask(self._http, method, self._who.url + path, **sent)
        if self._who.renew_at is not None and answer.status_code == 401 and web.word(answer) != NOT_SENT:
            self._renew()
            answer = web.ask(self._http, method, self._who.url + path, **sent)
        self._note_quota(answer)
        if not anonymous:  # what a cache answers tells an older time
            self._compare_clocks(web.ahead(answer))
        return answer

    def _note_quota(self, answer: requests.Response) -> None:
        """An answer that does not tell it leaves it as it was (simkl-api 14)."""
        left = answer.headers.get("X-RateLimit-Remaining", "")
        if left.isdecimal() and len(left) < 10:
            self.quota_left = int(left)

    def _compare_clocks(self, ahead: timedelta | None) -> None:
        """Note how far this machine's clock is off, and say so when that has changed."""
        if ahead is None:
            return
        if abs(ahead - (self.ahead or timedelta())) > CLOCK_OFF:
            off = timedelta(seconds=round(abs(ahead).total_seconds()))
            way = "ahead of" if ahead > timedelta() else "behind"
            log.warning("this machine's clock is %s %s Simkl's, by which times of viewing are told", off, way)
        self.ahead = ahead

    def _freshen(self) -> None:
        """Renew a token that is about to end; if Simkl cannot do that now, it is good for a while yet."""
        if self._who.renew_at is None or time.time() < self._who.renew_at:
            return
        try:
            self._renew()
        except LoginNeeded:
            raise
        except TryLater as error:
            log.info("the sign-in is renewed another time: %s", error)

    def _renew(self) -> None:
        from . import oauth  # once in six days

        who = oauth.renew(self._who)
        if who.account != self._who.account:
            raise SomebodyElse
        self._http.close()
        self._be(who)
        self._sleep(WRITE_EVERY)  # a renewal is a POST too

    def _be(self, who: Credentials) -> None:
        self._who = who
        self._http = web.session(who.client_id, who.token)


def _locked(answer: requests.Response) -> bool:
    """Does another write still run; one line of Simkl's documents has it as 429 (simkl-api 16)."""
    return answer.status_code in (400, TOO_OFTEN) and web.word(answer) == "RATE_LIMIT"


def _object(answer: requests.Response) -> dict[str, object]:
    """The object that a success must carry; a web page with status 200 is a network's login page."""
    found = web.json_object(answer)
    if not found:
        raise _not_simkls(answer)
    return found


def _must_be_told(answer: requests.Response) -> None:
    """Raises TryLater for a web page: that there is none Simkl says with `[]` or `null` (simkl-api 1)."""
    if web.parsed(answer) is None and answer.content.strip() != b"null":
        raise _not_simkls(answer)


def _not_simkls(answer: requests.Response) -> TryLater:
    return TryLater(f"{_called(answer)}: the answer is not Simkl's, perhaps a {PORTAL}")


def _list(answer: requests.Response) -> list[object]:
    """The array that a success must carry: an empty one says that there is none, and nothing else does."""
    found = web.parsed(answer)
    if not isinstance(found, list):
        raise _not_simkls(answer)
    return found


def _page(answer: requests.Response) -> TitlePage | None:
    """The page that a redirect leads to; Simkl's front page is its way to say that it knows none."""
    where = answer.headers.get("Location", "")
    url = f"https:{where}" if where.startswith("//") else where
    if answer.status_code not in ELSEWHERE or not re.match(rf"https?://(www\.)?{re.escape(SITE)}(/|$)", url):
        raise _not_simkls(answer)
    link = read_link(url)
    if link is None or link.kind is None or "simkl" not in link.ids:
        return None
    return TitlePage(link.ids["simkl"], link.kind, url)


def _changed(answer: requests.Response, key: str) -> Changed:
    changed = answers.read_changed(_object(answer), key)
    if changed is None:
        raise TryLater(f"{_called(answer)}: an answer without not_found; it may not be Simkl's")
    return changed


def _called(answer: requests.Response) -> str:
    return f"{answer.request.method} {answer.request.path_url.partition('?')[0]}"
