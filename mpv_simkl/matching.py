"""What Simkl is told a file is, and whether its answer means the same.

How it flows: what is remembered or was corrected is said as it is; anything else is said as it was
recognised, and Simkl's answer is held against that (`agreement.doubt`) before anything may count; what agrees
is remembered. What counts at once (a `stop` from 80 % on, the history) goes out only for what is sure: by an
answer before, by ids, or by looking the title up, which costs nothing of the quota (simkl-api 10.3, 14).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING

from .agreement import Found, doubt
from .bodies import KNOWN_IDS, sayable_ids
from .errors import SAY_WHAT, Doubtful, JournalError, NotMatched, Refused, SimklError, TryLater
from .identify import local_names
from .journal.titles import Titles, numbered
from .links import Kind
from .media import Media
from .model import Action

if TYPE_CHECKING:  # they import requests, which is for the sender's thread to wait for
    from .answers import FileMatch
    from .simkl import Simkl, TitlePage

log = logging.getLogger(__name__)

LONGEST_NAME = 500  # characters of a file's name and its folder's that Simkl is shown

UNKNOWN = f"Simkl knows no such title or episode{SAY_WHAT}"
ASKED = f"Simkl knows no such title or episode, as it said within a day{SAY_WHAT}"


class Matcher:
    """What is told and checked, for one connection; `search_file` says whether Simkl may be asked about file
    names now, `asking` hears of each watch before Simkl is asked what it is.
    """

    def __init__(
        self,
        titles: Titles,
        search_file: Callable[[], bool] = lambda: False,
        asking: Callable[[], None] = lambda: None,
    ) -> None:
        self._titles = titles
        self._search_file = search_file
        self._asking = asking
        self._looked_up: dict[tuple[str, bool], Found] = {}
        self._listed: dict[str, set[tuple[int, int]]] = {}  # the episodes of titles
        self._missed_titles: set[str] = set()  # of which the history did not know an episode, by their keys
        self._missed_episodes: set[str] = set()  # those episodes, as a person would call them

    def known(self, media: Media) -> Media | None:
        """What is remembered of it; raises NotMatched if Simkl said within a day that it knows none such."""
        known = self._titles.recall(media)
        if known is None:
            return None
        if known.said is None:
            raise NotMatched(ASKED)
        return numbered(known.said, known.shift, media)

    def sayable(self, simkl: Simkl, media: Media) -> Media:
        """What to scrobble it as. Raises SimklError."""
        if said := self.known(media):
            return said
        return self._dated(simkl, media) if _is_dated(media) else media

    def surely(self, simkl: Simkl, media: Media, path: str, progress: float, *, listed: bool = True) -> Media:
        """What to record it as: nothing that may be something else. Raises SimklError, Doubtful with it.

        `listed=False`: an episode that the title may not have does no harm, the answer will tell.
        """
        if said := self.known(media):
            return said
        if sayable_ids(media) and not _is_dated(media):
            return media
        self._asking()
        if _is_dated(media):
            return self._dated(simkl, media)
        with suppress(NotMatched, Refused):  # a question that is refused is no verdict on the watch
            return self._as_looked_up(simkl, media, listed=listed or media.key in self._missed_titles)
        return self._find(simkl, media, path, progress)

    def _as_looked_up(self, simkl: Simkl, media: Media, *, listed: bool) -> Media:
        """Raises NotMatched for what only a scrobble finds, too: the history counts through no cours."""
        found = self.look_up(simkl, media, fully=False)
        if media.type == "episode" and found.kind == "anime" and media.season is not None:
            return media  # which cour a season of TVDB's is, Simkl knows
        if media.type == "episode" and listed and not self._has(simkl, found, media):
            raise NotMatched(UNKNOWN)
        return _settled(media, media, found)

    def _has(self, simkl: Simkl, found: Found, media: Media) -> bool:
        """Does a title count so far by itself; each list is read once."""
        if found.simkl not in self._listed:
            self._listed[found.simkl] = {
                (each.season, each.number) for each in simkl.episodes(found.kind, found.simkl)
            }
        season = 1 if media.season is None else media.season
        numbers = media.absolute_episodes or media.episodes
        return {(season, number) for number in numbers} <= self._listed[found.simkl]

    def _find(self, simkl: Simkl, media: Media, path: str, progress: float) -> Media:
        """Ask with a `pause`, which counts nothing, and whose answer tells what Simkl takes it for."""
        failed: list[SimklError] = []
        for said in chain([media], self.others(simkl, media, media, path)):
            try:
                reply = simkl.scrobble(Action.PAUSE, said, progress)
                return self.check(simkl, media, said, reply.found)
            except (NotMatched, Refused) as error:  # a show's number without its season is refused
                failed.append(error)
        if all(isinstance(error, Refused) for error in failed):
            raise failed[0]
        self.missed(media)
        raise NotMatched(UNKNOWN)

    def check(
        self, simkl: Simkl, media: Media, said: Media, found: Found | None, *, trusted: bool = False
    ) -> Media:
        """The media as Simkl knows it, from its answer to what was said; it is remembered.

        `trusted`: what was said was remembered or corrected. Raises Doubtful if it may be something else.
        """
        if found is None:
            return said
        asked = said if trusted else said._replace(title=media.title, year=media.year, ids=media.ids)
        if reason := doubt(asked, found):
            reason = doubt(asked, self._with_names(simkl, found))
        if reason:
            if said != media and not trusted:
                self.missed(media)
            raise Doubtful(f"Simkl took it for {found}, and {reason}{SAY_WHAT}")
        settled = _settled(media, said, found)
        self._remember(media, settled)
        return settled

    def taken(self, media: Media, said: Media) -> None:
        """Simkl has taken what was looked up: remembered from now on."""
        with suppress(JournalError):
            if "simkl" in said.ids and not sayable_ids(media) and self._titles.recall(media) is None:
                self._titles.remember(media, said)

    def _remember(self, media: Media, said: Media) -> None:
        with suppress(JournalError):  # it is asked once more another time
            self._titles.remember(media, said)

    def others(self, simkl: Simkl, media: Media, said: Media, path: str) -> Iterator[Media]:
        """What else it may be said as, after Simkl did not know it (simkl-api 5.8, 17.4).

        Raises SimklError.
        """
        if said != media and not _is_dated(media):
            with suppress(JournalError):
                self._titles.forget(media)
            yield media
        if media.type == "movie" and not media.anime:
            yield media._replace(anime=True)
        match = self._ask_about(simkl, path)
        if match is None or match.found.is_film != (media.type == "movie"):
            return
        named = _named(match, media)
        if named is not None:
            yield named
        if (other := _renumbered(media, match.found)) is not None and other != named:
            yield other

    def forget_guess(self, media: Media, said: Media | None) -> bool:
        """The history did not know what was told as `said`: was that a guess, so that a closer look may find
        it? A guess is what was remembered of another episode, which is forgotten now, and what was looked up
        without reading the title's list of episodes.
        """
        if said is None or sayable_ids(media) or str(media) in self._missed_episodes:
            return False
        known = self._titles.recall(media)
        if known is None:
            return said != media and media.key not in self._missed_titles
        if known.said is None or not said.anime or said != numbered(known.said, known.shift, media):
            return False
        self._titles.forget(media)
        return True

    def still(self, media: Media, said: Media | None) -> Media | None:
        """What it was to be told as, unless the history has said since that it does not know that."""
        return None if str(media) in self._missed_episodes else said

    def look_closely(self, missed: Sequence[Media]) -> None:
        """From now on an episode of these titles has to stand in their lists; these are missed only once."""
        self._missed_titles.update(media.key for media in missed)
        self._missed_episodes.update(str(media) for media in missed)

    def missed(self, media: Media) -> None:
        """Nothing of it is known to Simkl: not to be asked again today."""
        with suppress(JournalError):
            self._titles.remember_miss(media)

    def _with_names(self, simkl: Simkl, found: Found) -> Found:
        """The same with all the names that Simkl has for it, if it can be asked now."""
        with suppress(TryLater):
            details = simkl.details(found.kind, found.simkl)
            if details is not None:
                return found._replace(names=(*found.names, details.title, *details.names))
        return found

    def look_up(self, simkl: Simkl, media: Media, *, fully: bool = True) -> Found:
        """The title, if it is the right one; with names and year only if `fully`. Raises SimklError."""
        title = (media.key, fully)
        if title not in self._looked_up:
            self._looked_up[title] = _page_of(simkl, media, fully=fully)
        found = self._looked_up[title]
        ids = {name: media.ids[name] for name in sayable_ids(media)}  # by another one it was not found
        if reason := doubt(media._replace(ids=ids), found):
            raise Doubtful(f"Simkl takes it for {found}, and {reason}{SAY_WHAT}")
        return found

    def _dated(self, simkl: Simkl, media: Media) -> Media:
        """The episode that was shown on that day. Raises SimklError."""
        found = self.look_up(simkl, media)
        aired = [each for each in simkl.episodes(found.kind, found.simkl) if each.day == media.date]
        regular = [each for each in aired if each.season > 0] or aired
        if len(regular) != 1:
            many = f"{len(regular)} episodes" if regular else "no episode"
            raise NotMatched(f"Simkl knows {many} of {found} of {media.date}; see `mpv-simkl match`")
        told = found._replace(season=regular[0].season, number=regular[0].number)
        said = _settled(media, media, told)
        self._remember(media, said)
        return said

    def _ask_about(self, simkl: Simkl, path: str) -> FileMatch | None:
        """What Simkl takes the file's name for; None where that is not to be known."""
        name = file_name(path)
        return simkl.search_file(name) if name and self._search_file() else None


def file_name(path: str) -> str:
    """The file's name and its folder's, all that Simkl may see of a path, and of the folder nothing where it
    is a drive or somebody's home; "" for an address.
    """
    return "" if "://" in path else "/".join(local_names(path)[-2:])[:LONGEST_NAME]


def _is_dated(media: Media) -> bool:
    """Is its day all that is known of its number."""
    return bool(media.date) and not media.episodes and not media.absolute_episodes


def _page_of(simkl: Simkl, media: Media, *, fully: bool) -> Found:
    kind: Kind = "anime" if media.anime or media.absolute_episodes else "show"
    page = simkl.page(media, "movie" if media.type == "movie" else kind)
    if page is None and kind == "show" and media.type == "episode":
        page = simkl.page(media, "anime")
    if page is None:
        raise NotMatched(UNKNOWN)
    if not fully and media.year is None and not media.ids and _is_named(media, page):
        return Found(page.kind, page.simkl, media.title)
    found = simkl.details(page.kind, page.simkl)
    if found is None:
        raise TryLater(f"what Simkl has of {page.url} cannot be read now")
    return found


def _is_named(media: Media, page: TitlePage) -> bool:
    """Has the page's address the title's words: without a year there is no more to compare, and one request
    less to make.
    """
    return not doubt(media, Found(page.kind, page.simkl, page.words))


def _settled(media: Media, said: Media, found: Found) -> Media:
    """The media by Simkl's own number, so that nothing else can be meant from now on."""
    ids = {"simkl": found.simkl}
    if media.type == "movie":
        return Media("movie", found.title, found.year, anime=said.anime, ids=ids)
    show = Media("episode", found.title, found.year, anime=found.kind == "anime", ids=ids)
    if found.kind == "anime":
        numbers = said.absolute_episodes or said.episodes
        return show._replace(absolute_episodes=_from(found.number, numbers))
    if found.number is not None and found.season is not None:
        numbers = said.episodes or said.absolute_episodes
        return show._replace(season=found.season, episodes=_from(found.number, numbers))
    return show._replace(season=1 if said.season is None else said.season, episodes=said.episodes)


def _from(first: int | None, numbers: tuple[int, ...]) -> tuple[int, ...]:
    """The numbers counted from what Simkl calls the first: of several in a file it was told of that one."""
    if first is None:
        return numbers
    return tuple(first + number - numbers[0] for number in numbers) or (first,)


def _named(match: FileMatch, media: Media) -> Media | None:
    """What Simkl read in the file's name; None if it saw no episode there."""
    ids = {name: value for name, value in match.found.ids.items() if name in KNOWN_IDS}
    if media.type == "movie":
        return media._replace(title=match.found.title, year=match.found.year, ids=ids)
    told = (match.season, match.number)
    if match.number is None or (media.season is not None and told != (media.season, *media.episodes[:1])):
        return None
    if match.has_more and match.number not in (media.absolute_episodes or media.episodes)[:1]:
        return None  # what plays is another part of the file than the first
    title = media._replace(title=match.found.title, year=match.found.year, ids=ids, date=None)
    if match.season is None:
        return title._replace(season=None, episodes=(), absolute_episodes=(match.number,))
    return title._replace(season=match.season, episodes=(match.number,), absolute_episodes=())


def _renumbered(media: Media, found: Found) -> Media | None:
    """The other numbering of an episode whose show is known: through all seasons, or within the first. Of a
    later season neither says anything, and an anime's number is no season's (simkl-api 17.5).
    """
    numbers = media.absolute_episodes or media.episodes
    is_other = media.season == 1 or (media.season is None and not media.anime)
    if media.type == "movie" or not numbers or not is_other:
        return None
    title = media._replace(title=found.title, year=found.year, ids=dict(found.ids))
    if media.season is None:
        return title._replace(season=1, episodes=numbers, absolute_episodes=(), anime=False)
    return title._replace(season=None, episodes=(), absolute_episodes=numbers, anime=True)
