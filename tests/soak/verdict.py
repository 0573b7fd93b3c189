"""The witness against Simkl's ledger and our journal. Pure: a story -> what is wrong with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from mpv_simkl.sandbox import Call

from .plan import REFUSALS, Key, Subject
from .stage import Outcome, Story

TRUE_TIME = 2.0  # seconds between a time that was told and the true one; a second is lost to rounding
NOTED = 12.0  # seconds before its death that a killed process may have last written (playback.SAMPLE_EVERY)
WATCHED_FROM = 80.0  # percent, simkl-api 5.3
LEAVES_WITHIN = 12.0  # seconds after mpv; 10 of them are ours, the rest is a busy machine's
REQUESTS = 12  # for each viewing, and as many again for the home, and for each fault and death: no storm
A_FAULT = 10  # requests: the write lock is asked for again every 2.5 s for 22 s

UNJUDGED = 0.25  # of the viewings, at most, where either answer is right; about a tenth are

EXCUSED = 3.0  # seconds around an answer in which a process that dies may not have written it down

Told = tuple[str, int | None, int | None]  # title, season, number: as it is sent


@dataclass
class Verdict:
    """What is wrong with a home, each a sentence, and what was counted."""

    lost: list[str] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def faults(self) -> list[str]:
        """Every sentence, with its kind."""
        kinds = ("lost", "invented", "doubled", "wrong")
        return [f"{kind}: {text}" for kind in kinds for text in getattr(self, kind)]


def proves_little(counts: Counter[str]) -> bool:
    """Was too much not judged: a verdict that excuses everything finds nothing wrong."""
    judged = counts["watched"] + counts["not watched"]
    return counts["in the band"] > UNJUDGED * (judged + counts["in the band"])


def judge(story: Story) -> Verdict:
    """Hold a story against what really happened."""
    verdict = Verdict()
    marks = {(mark.simkl, mark.season, mark.number): mark.watched_at for mark in story.marks}
    verdict.counts["viewings"] = len({outcome.viewing.subject.file for outcome in story.outcomes})
    for outcome in story.outcomes:
        _judge_viewing(outcome, marks, story, verdict)
    known = {key for viewing in story.plan.viewings for key in viewing.subject.keys}
    verdict.invented += [f"{key} was never played" for key in marks if key not in known]
    verdict.doubled += [f"{mark.title} {mark.number} as a rewatch" for mark in story.rewatched]
    _judge_journal(story, verdict)
    _judge_manners(story, verdict)
    return verdict


def _judge_viewing(outcome: Outcome, marks: dict[Key, datetime], story: Story, verdict: Verdict) -> None:
    subject, seen = outcome.viewing.subject, outcome.seen
    marked = [key for key in subject.keys if key in marks]
    rows = _rows_of(subject, story.done)
    if len(rows) > 1:
        verdict.doubled.append(f"{subject.file}: {len(rows)} rows are done")
    if outcome.anew:
        verdict.counts["in the band"] += 1
        return
    if seen is not None and not seen.sure:
        verdict.counts["in the band"] += 1
    elif seen is None or not seen.is_watch():
        verdict.counts["not watched"] += 1
        if marked or rows:
            verdict.invented.append(f"{subject.file}: {_told(outcome)}")
    else:
        verdict.counts["watched"] += 1
        if len(marked) < len(subject.keys) or not rows:
            verdict.lost.append(f"{subject.file}: {_told(outcome)}; marked {marked}, {len(rows)} rows done")
    for time, what in _untrue(outcome, [marks[key] for key in marked], rows, story.calls):
        verdict.wrong.append(
            f"{subject.file}: {what} {time}, ended {seen and seen.ended_at}; {_told(outcome)}"
        )


def _untrue(
    outcome: Outcome, marks: Iterable[datetime], rows: Iterable[dict[str, Any]], calls: Iterable[Call]
) -> Iterator[tuple[datetime, str]]:
    """Times that are not the true one. Told live, Simkl has its own time; told later, it must be the true
    one, and in our own log always.
    """
    titles = _titles(outcome.viewing.subject)
    own = [call for call in calls if names(call) & titles]
    live = [call.time for call in own if call.path == "/scrobble/stop"]
    refused = any(call.fault in REFUSALS for call in own)  # set aside, Simkl is left to itself
    for marked in marks:
        told_live = refused or any(abs((marked - time).total_seconds()) < TRUE_TIME for time in live)
        if not told_live and not _true(marked, outcome):
            yield marked, "marked"
    for row in rows:
        at = datetime.fromisoformat(row["watched_at"]).astimezone(UTC)
        if not _true(at, outcome):
            yield at, "in our log"


def _true(told: datetime, outcome: Outcome) -> bool:
    times = [*outcome.earlier, outcome.seen] if outcome.seen else []
    early = NOTED if outcome.crashed else TRUE_TIME + 1
    late = [(told - seen.ended_at).total_seconds() for seen in times if seen.ended_at]
    return any(-early <= seconds <= TRUE_TIME for seconds in late)


def _judge_journal(story: Story, verdict: Verdict) -> None:
    for row in story.unsent:
        verdict.lost.append(f"{row['title']} {row['episodes']} is still {row['state']}: {row['last_error']}")
    refusals = sum(call.fault in REFUSALS for call in story.calls)
    if story.set_aside > refusals:
        verdict.wrong.append(f"{story.set_aside} set aside, and Simkl refused {refusals} times")


def _judge_manners(story: Story, verdict: Verdict) -> None:
    """No storm of requests, no haste, nothing told again that Simkl had acknowledged, no long good-bye."""
    faults = sum(bool(call.fault) for call in story.calls)
    verdict.counts.update(requests=len(story.calls), faults=faults, deaths=len(story.deaths))
    bound = REQUESTS * (len(story.outcomes) + 1 + len(story.deaths)) + A_FAULT * faults
    if len(story.calls) > bound:
        verdict.wrong.append(f"{len(story.calls)} requests, more than {bound}")
    if hasty := [call for call in story.calls if call.status in (412, 429) and not call.fault]:
        verdict.wrong.append(f"{len(hasty)} requests came too fast: {[call.time for call in hasty]}")
    late = [seconds for seconds in story.leaving if seconds > LEAVES_WITHIN]
    if late:
        verdict.wrong.append(f"our process stayed {max(late):.1f} s after mpv")
    for viewing in story.plan.viewings:
        if again := _needless(story, viewing.subject):
            verdict.doubled.append(f"{viewing.subject.file} was told again {again} times")


def _needless(story: Story, subject: Subject) -> int:
    """How often Simkl was told again of a watch that it had acknowledged, and no death excuses it.

    Of a file with two episodes it is told twice: one scrobble speaks for the first alone (simkl-api 17.14).
    """
    said_yes = (call for call in story.calls if is_acknowledged(call))
    about = [call for call in said_yes if is_watch(call) and names(call) & _titles(subject)]
    if about and about[-1].path == "/scrobble/stop":
        about.pop()  # it was on its way when a replay took the watch along, and ends "watching now" too
    heard = [story.answered.get(call.number, 0.0) for call in about][len(subject.keys) - 1 :]
    return sum(all(abs(death - at) > EXCUSED for death in story.deaths) for at in heard[:-1])


def is_acknowledged(call: Call) -> bool:
    """Did Simkl say yes, and nothing keep that from us."""
    return call.status in (200, 201, 409) and call.fault in ("", "slow")


def is_watch(call: Call) -> bool:
    """Does a call tell of something watched."""
    if call.path == "/scrobble/stop" and isinstance(call.body, dict):
        return float(call.body["progress"]) >= WATCHED_FROM
    return call.path == "/sync/history"


def names(call: Call) -> set[Told]:
    """What a call is about, by the name that was told and by Simkl's number if that was."""
    return set(_named(call.body)) if isinstance(call.body, dict) else set()


def _named(body: dict[str, Any]) -> Iterator[Told]:
    for kind in ("movie", "show", "anime"):
        if isinstance(title := body.get(kind), dict):
            episode = body.get("episode", {})
            yield from _as_told(title, episode.get("season"), episode.get("number"))
    for film in body.get("movies", []):
        yield from _as_told(film, None, None)
    for show in [*body.get("shows", []), *(body["anime"] if isinstance(body.get("anime"), list) else [])]:
        for episode in show.get("episodes", []):
            yield from _as_told(show, None, episode["number"])
        for season in show.get("seasons", []):
            for episode in season["episodes"]:
                yield from _as_told(show, season["number"], episode["number"])


def _as_told(title: dict[str, Any], season: int | None, number: int | None) -> Iterator[Told]:
    yield _name(title), season, number
    if simkl := title.get("ids", {}).get("simkl"):
        yield str(simkl), season, number


def _name(title: dict[str, Any]) -> str:
    return f"{title['title']} ({title['year']})" if title.get("year") else str(title["title"])


def _titles(subject: Subject) -> set[Told]:
    name = subject.file.removesuffix(".mkv").partition(" - ")[0]
    numbers = subject.episodes or (None,)
    return {(each, subject.season, number) for each in (name, str(subject.keys[0][0])) for number in numbers}


def _rows_of(subject: Subject, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    wanted = {(name, season) for name, season, _ in _titles(subject)}
    fitting = (row for row in rows if tuple(row["episodes"]) == subject.episodes)
    return [row for row in fitting if (_name(row), row["season"]) in wanted]


def _told(outcome: Outcome) -> str:
    seen = outcome.seen
    if seen is None:
        return "nobody watched"
    place = f"{seen.position:.1f} of {seen.duration:.0f} s, {seen.played:.1f} s played"
    return f"{seen.how} at {place}{', our process was killed' if outcome.crashed else ''}"
