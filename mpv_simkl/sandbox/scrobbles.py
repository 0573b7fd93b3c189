"""`/scrobble/*` and `/sync/history*`: a body is read, the title found, the library changed, the answer told.

Where the documents are silent: an episode that its title does not have is 404 for a scrobble and is named in
`not_found.shows` for the history, as the entry that was sent with only the episodes that were not found.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from mpv_simkl.sandbox import bodies
from mpv_simkl.sandbox.bodies import Entry, EpisodeSpec, Season
from mpv_simkl.sandbox.catalogue import Catalogue, Found, Item, Kind, Title
from mpv_simkl.sandbox.library import WATCHED_FROM, AlreadyWatched, Library
from mpv_simkl.sandbox.messages import Answer, Refusal, items, mapping
from mpv_simkl.sandbox.views import clock_time, item_view, pack_progress

ConflictForm = Literal["guide", "reference", "old"]
Chosen: TypeAlias = tuple[Item, datetime]  # what is to be marked, and when it was watched
Lost: TypeAlias = EpisodeSpec | Season

ARRAYS: Mapping[str, Kind] = {"movies": "movie", "shows": "show", "anime": "anime"}


@dataclass(slots=True)
class Rules:
    """Where sources differ or are silent, what the sandbox does; a test may turn each."""

    conflict_form: ConflictForm = "guide"  # which of the three documented bodies a 409 has (5.4)
    pause_conflicts: bool = False  # one source has 409 for a pause at 80 % or later too (5.4)
    names_lost_episodes: bool = True  # or the history says nothing of an episode that is not known
    redirect: int = 301  # the status of /redirect; one source has 302 (16)
    old_playbacks: bool = False  # the saved points look as in older examples (9)
    new_refresh_tokens: bool = False  # a renewal gives one, though today's stay the same (2.3)


@dataclass(frozen=True, slots=True)
class Scrobbler:
    """The three scrobble calls of one user at one moment."""

    catalogue: Catalogue
    library: Library
    at: datetime
    rules: Rules

    def start(self, body: object, query: Mapping[str, str]) -> Answer:
        """A session; it answers id 0 (5.3)."""
        _no_rewatch(query)
        item, progress = self._read(body)
        self.library.start(item, progress, self.at)
        return self._answer(0, "start", progress, item)

    def pause(self, body: object, query: Mapping[str, str]) -> Answer:
        """A saved point."""
        _no_rewatch(query)
        item, progress = self._read(body)
        if self.rules.pause_conflicts and progress >= WATCHED_FROM:
            try:
                self.library.check_finished(item, self.at)
            except AlreadyWatched as done:
                return conflict(done, self.rules.conflict_form)
        return self._answer(self.library.pause(item, progress, self.at), "pause", progress, item)

    def stop(self, body: object, query: Mapping[str, str]) -> Answer:
        """Watched from 80 % on, a saved point below; 409 within the hour (5.4)."""
        item, progress = self._read(body)
        seen = item.key in self.library.watched
        try:
            number, action = self.library.stop(item, progress, self.at)
        except AlreadyWatched as done:
            return conflict(done, self.rules.conflict_form)
        answer = self._answer(number, action, progress, item)
        if query.get("allow_rewatch") != "yes" or action != "scrobble":
            return answer
        status = self.library.rewatch(item, self.at) if seen else "first_watch"
        saved = len(self.library.rewatched) if status in {"active", "completed"} else None
        told = mapping(answer.body, "answer")
        return replace(answer, body={**told, "rewatch_id": saved, "rewatch_status": status})

    def _read(self, body: object) -> tuple[Item, float]:
        sent = bodies.scrobble(body)
        found = self.catalogue.find(sent.kind, sent.wanted)
        item = None
        if sent.episode and (sent.episode.ids or found):
            item = _episode_item(self.catalogue, found, sent.episode, tvdb_seasons=True)
        elif found and found.title.film:
            item = Item(found.title)
        elif found and sent.kind == "anime":
            raise Refusal(400, "empty_field", "an anime series needs an episode")
        if item is None:
            raise Refusal(404, "id_err", "Nothing matches what was sent")
        return item, sent.progress

    def _answer(self, number: int, action: str, progress: float, item: Item) -> Answer:
        told = {"id": number, "action": action, "progress": pack_progress(progress)}
        return Answer(201, {**told, **item_view(item)})


def conflict(done: AlreadyWatched, form: ConflictForm) -> Answer:
    """409 in one of its three documented forms (5.4)."""
    times = {"watched_at": done.watched_at, "expires_at": done.expires_at}
    if form == "guide":
        return Answer(409, {"error": "already_watched", **{k: clock_time(v) for k, v in times.items()}})
    if form == "old":
        return Answer(409, {k: clock_time(v).replace("Z", ".000Z") for k, v in times.items()})
    eastern = timedelta(hours=5)
    return Answer(409, {k: clock_time(v - eastern).replace("Z", "-05:00") for k, v in times.items()})


@dataclass
class Tally:
    """What a history call changed, and what it could not find."""

    movies: int = 0
    shows: int = 0
    episodes: int = 0
    statuses: list[object] = field(default_factory=list)
    lost: dict[str, list[object]] = field(default_factory=lambda: {"movies": [], "shows": [], "episodes": []})

    def add(self, title: Title, episodes: int, *, changed: bool) -> None:
        """Counts one entry of the call."""
        self.episodes += episodes
        self.movies += changed and title.film
        self.shows += changed and not title.film

    def counts(self) -> dict[str, object]:
        """The three numbers as Simkl tells them; there is none for anime (7.4)."""
        return {"movies": self.movies, "shows": self.shows, "episodes": self.episodes}


@dataclass
class History:
    """`/sync/history` and its removal, of one user at one moment."""

    catalogue: Catalogue
    library: Library
    at: datetime
    rules: Rules
    tally: Tally = field(default_factory=Tally)

    def add(self, body: object, query: Mapping[str, str]) -> Answer:
        """Marks what is named; 201 says nothing of any single entry (7.4)."""
        fields = mapping(body, "the body")
        entries = self._entries(fields, ("movies", "shows", "anime"))
        rows = [mapping(row, "episode") for row in items(fields.get("episodes"), "episodes")]
        loose = [bodies.read_episode(row, None) for row in rows]
        bodies.check_past((spec.watched_at for spec in loose), self.at)
        bodies.check_size(entries, len(loose))
        for entry in entries:
            self._each(entry, lambda e, found: self._add(e, found, query))
        for spec in loose:
            self._add_loose(spec)
        added = {**self.tally.counts(), "statuses": self.tally.statuses}
        return Answer(201, {"added": added, "not_found": self.tally.lost})

    def remove(self, body: object) -> Answer:
        """Takes marks away, or whole titles; an `anime` array is ignored (8)."""
        entries = self._entries(mapping(body, "the body"), ("movies", "shows"))
        bodies.check_size(entries, 0)
        for entry in entries:
            self._each(entry, self._remove)
        lost = {key: self.tally.lost[key] for key in ("movies", "shows")}
        return Answer(201, {"deleted": self.tally.counts(), "not_found": lost})

    def _entries(self, fields: Mapping[str, object], names: tuple[str, ...]) -> list[Entry]:
        rows = [(ARRAYS[name], row) for name in names for row in items(fields.get(name), name)]
        return [bodies.read_entry(kind, row, self.at) for kind, row in rows]

    def _each(self, entry: Entry, change: Callable[[Entry, Found], None]) -> None:
        found = self.catalogue.find(entry.kind, entry.wanted)
        if found is None or not _sent_rightly(entry, found.title):
            # anime that is not found stands among the shows (7.4)
            self.tally.lost["movies" if entry.kind == "movie" else "shows"].append(dict(entry.sent))
        else:
            change(entry, found)

    def _add(self, entry: Entry, found: Found, query: Mapping[str, str]) -> None:
        quiet = query.get("skip_auto_watching") == "yes" and entry.status is not None
        chosen, lost = self._chosen(entry, found, marking=True, quiet=quiet)
        again = query.get("allow_rewatch") == "yes"
        new = sum(self._mark(item, watched_at, again=again) for item, watched_at in chosen)
        changed = self._annotate(entry, found.title) or new > 0
        self.tally.add(found.title, 0 if found.title.film else new, changed=changed)
        if lost and self.rules.names_lost_episodes:
            self.tally.lost["shows"].append(_narrowed(entry, lost))
        if chosen or not lost:
            title = chosen[0][0].title if chosen else found.title
            self.tally.statuses.append(self._status(entry, title))

    def _mark(self, item: Item, watched_at: datetime, *, again: bool) -> bool:
        if again and item.key in self.library.watched:
            return self.library.rewatch(item, watched_at) in {"active", "completed"}
        return self.library.mark(item, watched_at, self.at)

    def _annotate(self, entry: Entry, title: Title) -> bool:
        if entry.rating is not None:
            self.library.rate(title, entry.rating, self.at)
        bare = entry.seasons is None and not title.film
        status = entry.status
        if title.status != "ended" and not title.film:
            # an airing show cannot be completed; one without a status is being watched (7.2, 7.3)
            status = "watching" if status == "completed" or (bare and status is None) else status
        return self.library.set_status(title, status, self.at) if status else False

    def _chosen(
        self, entry: Entry, found: Found, *, marking: bool, quiet: bool = False
    ) -> tuple[list[Chosen], list[Lost]]:
        """What an entry names, with the time of each, and what of it is not known."""
        moves_only = marking and (quiet or entry.status not in {None, "completed"})
        default = entry.watched_at or self.at
        if found.title.film:
            return ([] if moves_only else [(Item(found.title), default)]), []
        if entry.seasons is None:
            whole = [] if moves_only else [e for e in found.title.episodes if e.season > 0]
            return [(Item(found.title, e), default) for e in whole if found.title.aired(e, self.at)], []
        chosen: list[Chosen] = []
        lost: list[Lost] = []
        for season in entry.seasons:
            self._choose_season(entry, found, season, chosen, lost)
        return chosen, lost

    def _choose_season(
        self, entry: Entry, found: Found, season: Season, chosen: list[Chosen], lost: list[Lost]
    ) -> None:
        default = season.watched_at or entry.watched_at or self.at
        if season.episodes is None:
            whole = self.catalogue.season(found, season.number, tvdb_seasons=entry.tvdb_seasons)
            chosen += [(i, default) for i in whole if i.episode and i.title.aired(i.episode, self.at)]
            lost += [] if whole else [season]
        for spec in season.episodes or ():
            item = _episode_item(self.catalogue, found, spec, tvdb_seasons=entry.tvdb_seasons)
            if item:
                chosen.append((item, spec.watched_at or default))
            else:
                lost.append(spec)

    def _add_loose(self, spec: EpisodeSpec) -> None:
        if item := self.catalogue.by_episode_id(spec.ids):
            new = self.library.mark(item, spec.watched_at or self.at, self.at)
            self.tally.add(item.title, int(new), changed=new)
        else:
            self.tally.lost["episodes"].append(spec.sent)

    def _remove(self, entry: Entry, found: Found) -> None:
        title = found.title
        if entry.seasons is None:
            self.tally.add(title, 0, changed=self.library.forget(title, self.at))
            return
        chosen, _ = self._chosen(entry, found, marking=False)
        self.tally.episodes += self.library.unmark((item for item, _ in chosen), self.at)

    def _status(self, entry: Entry, title: Title) -> dict[str, object]:
        request = {key: entry.sent[key] for key in ("title", "ids") if key in entry.sent}
        return {
            "request": {**request, "type": entry.kind},
            "response": {
                "status": self.library.statuses.get(title.simkl),
                "simkl_type": title.type,
                "anime_type": title.anime_type,
            },
        }


def _episode_item(
    catalogue: Catalogue, found: Found | None, spec: EpisodeSpec, *, tvdb_seasons: bool
) -> Item | None:
    """The episode meant; its ids win over its number, so a stale id finds nothing (5.1)."""
    if spec.ids:
        return catalogue.by_episode_id(spec.ids)
    if found is None or spec.number is None:
        return None
    if found.title.type == "tv" and spec.season is None:
        raise Refusal(400, "empty_field", "an episode of a show needs a season")
    return catalogue.episode(found, spec.season, spec.number, tvdb_seasons=tvdb_seasons)


def _narrowed(entry: Entry, lost: list[Lost]) -> dict[str, object]:
    """The entry as it was sent, with only what was not found left in it."""
    if "seasons" not in entry.sent:
        return {**entry.sent, "episodes": [part.sent for part in lost]}
    seasons = [part.sent for part in lost if isinstance(part, Season)]
    episodes = [part for part in lost if isinstance(part, EpisodeSpec)]
    for number in dict.fromkeys(spec.season for spec in episodes):
        rows = [spec.sent for spec in episodes if spec.season == number]
        seasons.append({"number": number, "episodes": rows})
    return {**entry.sent, "seasons": seasons}


def _sent_rightly(entry: Entry, title: Title) -> bool:
    """A show is no film, and a film no show; an anime film may be sent as either."""
    return title.film if entry.kind == "movie" else title.type != "movie"


def _no_rewatch(query: Mapping[str, str]) -> None:
    if "allow_rewatch" in query:
        # Simkl may then log a rewatch of another title (6); stricter on purpose.
        raise Refusal(400, "wrong_parameter", "allow_rewatch belongs to stop and to the history")
