"""Delivery: what becomes of a watch, whether Simkl takes it or not."""

from __future__ import annotations

import json
import logging
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path

import pytest

from mpv_simkl import correcting
from mpv_simkl.bodies import BATCH, title_entry
from mpv_simkl.delivery import Sender
from mpv_simkl.errors import JournalError, LoginNeeded, MpvSimklError, NoAnswer, SettingError, TryLater
from mpv_simkl.halving import SUSPECT_AFTER, VAIN
from mpv_simkl.journal import FILE, Journal
from mpv_simkl.matching import Matcher
from mpv_simkl.media import Media
from mpv_simkl.model import Action, Scrobble
from mpv_simkl.news import News
from mpv_simkl.outbox import Outbox
from mpv_simkl.pace import Pace
from mpv_simkl.replay import finish_sessions, replay_all, replay_batch
from mpv_simkl.sandbox import Call, Fault, Sandbox
from mpv_simkl.simkl import Simkl

from .makers import (
    ANIME,
    DOUBLE,
    EPISODE,
    FILM,
    NOW,
    UNKNOWN_EPISODE,
    UNKNOWN_FILM,
    belongs_to,
    connect,
    heard,
    player_is_gone,
    watch,
)
from .sandbox_talk import Clock


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal.open(tmp_path) as journal:
        yield journal


def send(simkl: Sandbox, journal: Journal, *scrobbles: Scrobble) -> None:
    """Let a sender tell these, as they come from the tracker, and leave."""
    outbox = Outbox()
    sender = Sender(outbox, journal, lambda: connect(simkl))
    for scrobble in scrobbles:
        journal.record(scrobble)
        if not outbox.put(scrobble):
            journal.forget(scrobble.viewing)
    outbox.close()
    sender.run()


def test_a_connection_that_cannot_be_made_for_once_ends_no_evening(
    hasty: Sandbox, journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever opens mpv while its Python lacks a package for a moment, as in an update, finds that in the
    log, and what is watched at Simkl.
    """
    packages = ["a_package_of_tomorrow"]

    def connect_with_all() -> Simkl:
        while packages:
            import_module(packages.pop())
        return connect(hasty)

    outbox = Outbox()
    sender = Sender(outbox, journal, connect_with_all)
    journal.record(watch())
    outbox.put(watch())
    outbox.close()
    sender.run()
    assert [each.number for each in hasty.history] == [3]
    assert "a_package_of_tomorrow" in caplog.text


def wait_in(journal: Journal, *media: Media) -> None:
    """Watches from earlier evenings, one a minute."""
    for number, each in enumerate(media):
        journal.record(watch(each, f"{number}", minutes=number))


def episodes(count: int) -> list[Media]:
    """The first episodes of a show that has hundreds."""
    show = Media("episode", "The Harbour Report", 2024, season=1)
    return [show._replace(episodes=(number,)) for number in range(1, count + 1)]


def states(journal: Journal) -> dict[str, str]:
    """What Simkl does not have, with its state."""
    return {row.name: row.state for row in journal.unsent()}


def paths(simkl: Sandbox) -> list[str]:
    """The calls that Simkl got; left out what costs nothing, and the question for places."""
    told = ("/scrobble", "/sync/history", "/search")
    return [call.path for call in simkl.calls if call.path.startswith(told)]


def sent_numbers(call: Call) -> list[int]:
    """The episodes in a call to the history."""
    assert isinstance(call.body, dict)
    entries = [*call.body.get("shows", ()), *call.body.get("anime", ())]
    seasons = [season for entry in entries for season in entry.get("seasons", [entry])]
    return [episode["number"] for season in seasons for episode in season["episodes"]]


def to_history(simkl: Sandbox) -> list[Call]:
    """The calls to the history."""
    return [call for call in simkl.calls if call.path == "/sync/history"]


def test_a_watch_that_simkl_took_is_done(hasty: Sandbox, journal: Journal) -> None:
    """One call is enough: after the stop nothing waits and nothing is sent twice."""
    send(hasty, journal, watch())
    assert paths(hasty) == ["/scrobble/stop"]
    assert states(journal) == {}
    assert [(each.title, each.number) for each in hasty.history] == [("Severance", 3)]


def test_a_film_left_in_the_middle_is_told_and_forgotten(hasty: Sandbox, journal: Journal) -> None:
    """Simkl keeps the place, and nothing waits here."""
    send(hasty, journal, heard(Action.START))
    send(hasty, journal, heard(Action.PAUSE, progress=50))
    assert states(journal) == {"evening": "open"}
    assert [point.progress for point in hasty.playbacks] == [50]
    became = list[str]()
    sender = Sender(Outbox(), journal, lambda: connect(hasty), report=lambda news: became.append(news.what))
    journal.record(LEFT_NOW)
    sender._deliver(LEFT_NOW)
    assert became == ["sent"]
    assert states(journal) == {}


@pytest.mark.parametrize("action", [Action.KEEP, Action.NOTE])
def test_what_the_journal_alone_is_told_is_no_call(hasty: Sandbox, journal: Journal, action: Action) -> None:
    """A fact for the disk that got into the outbox by mistake is not said to Simkl in some way or other."""
    send(hasty, journal, heard(action))
    assert paths(hasty) == []
    with pytest.raises(ValueError, match=f"{action} is no call"):
        _ = heard(action).call


LATER = (
    *("internal", "bad_gateway", "unavailable", "user_limit", "app_limit", "too_fast", "blocked"),
    *("write_lock", "portal", "null", "list", "half_json", "redirect", "cut", "cut_after", "truncated"),
    *("invalid_token", "user_token_failed", "insufficient_scope"),
)


@pytest.mark.parametrize("fault", LATER)
def test_what_could_not_be_sent_arrives_later_and_once(hasty: Sandbox, journal: Journal, fault: str) -> None:
    """Whatever kept a watch from Simkl: it waits, with the reason, and goes along with the next success."""
    hasty.fail(fault)
    send(hasty, journal, replace(watch(), at=datetime.now(UTC)))
    (row,) = journal.unsent()
    assert row.watched_at is not None
    assert row.attempts == 1
    assert row.last_error
    hasty.heal()
    send(hasty, journal, heard(Action.START, FILM, "next"))
    assert paths(hasty)[-2:] == ["/scrobble/start", "/sync/history"]
    assert states(journal) == {"next": "open"}
    (there,) = hasty.history
    assert (there.title, there.number) == ("Severance", 3)
    assert abs(there.watched_at - row.watched_at) <= timedelta(seconds=2)  # HTTP tells whole seconds


@pytest.mark.parametrize(
    ("fault", "state"), [("not_matched", "not_found"), ("bad_request", "refused"), ("already_watched", None)]
)
def test_what_simkl_answers_for_good_is_not_sent_again(
    hasty: Sandbox, journal: Journal, fault: str, state: str | None
) -> None:
    """What Simkl does not know or refuses is set aside; what it has already is done."""
    hasty.fail(fault, path="/scrobble/stop")
    send(hasty, journal, watch())
    assert states(journal) == ({"evening": state} if state else {})
    hasty.heal()
    send(hasty, journal, heard(Action.START, FILM, "next"))
    assert paths(hasty) == ["/scrobble/stop", "/scrobble/start"]


NO_WATCH = Fault("no watch", status=201, body=b'{"id": 1, "action": "pause"}')


@pytest.mark.parametrize("took", ["the history", "nothing"])
def test_a_stop_that_did_not_count_goes_to_the_history(hasty: Sandbox, journal: Journal, took: str) -> None:
    """If Simkl takes a stop for a pause, the watch is told in the other way, at once; only what has arrived
    is said to be watched.
    """
    hasty.fail(NO_WATCH, path="/scrobble/stop")
    if took == "nothing":
        hasty.fail("cut", path="/sync/history")
    outbox, became = Outbox(), list[str]()
    sender = Sender(outbox, journal, lambda: connect(hasty), report=lambda news: became.append(news.what))
    put(journal, outbox, watch())
    outbox.close()
    sender.run()
    assert paths(hasty)[:2] == ["/scrobble/stop", "/sync/history"]
    assert ("watched" in became, "kept" in became) == (took == "the history", took == "nothing")
    assert len(hasty.history) == (1 if took == "the history" else 0)
    assert states(journal) == ({} if took == "the history" else {"evening": "waiting"})


@pytest.mark.parametrize("media", [DOUBLE, ANIME._replace(absolute_episodes=(96, 97))])
def test_every_part_of_a_double_episode_is_watched(hasty: Sandbox, journal: Journal, media: Media) -> None:
    """A file with two episodes is two watches."""
    numbers = list(media.episodes or media.absolute_episodes)
    send(hasty, journal, watch(media))
    assert paths(hasty) == ["/scrobble/stop", "/sync/history"]
    assert sent_numbers(to_history(hasty)[0]) == numbers
    assert [each.number for each in hasty.history] == numbers
    assert states(journal) == {}


@pytest.mark.parametrize("media", [DOUBLE, ANIME._replace(absolute_episodes=(96, 97))])
def test_every_part_is_watched_also_when_simkl_was_shown_it(
    hasty: Sandbox, journal: Journal, media: Media
) -> None:
    """Simkl names one episode of two when it hears of the start; both are watched at the end."""
    outbox = Outbox()
    sender = Sender(outbox, journal, lambda: connect(hasty))
    for scrobble in (heard(Action.START, media), watch(media)):
        journal.record(scrobble)
        sender._deliver(scrobble)
    outbox.close()
    sender.run()
    assert [each.number for each in hasty.history] == list(media.episodes or media.absolute_episodes)
    assert states(journal) == {}


@pytest.mark.parametrize(
    "last", [heard(Action.PAUSE, progress=5, ended=True), watch()], ids=["place", "watch"]
)
def test_what_was_dropped_does_not_count_by_simkls_own_clock(
    tmp_path: Path, journal: Journal, last: Scrobble
) -> None:
    """Simkl saw the start and not the end, and the row is dropped: hours later another film begins, and what
    was dropped is not marked as watched.
    """
    clock = Clock()
    with Sandbox(clock=clock, throttle=False) as simkl:
        send(simkl, journal, heard(Action.START))
        journal.record(last)
        player_is_gone(tmp_path)
        clock.step(hours=3)
        assert journal.drop([row.id for row in journal.unsent()]) == 1
        send(simkl, journal, heard(Action.START, FILM, "next"))
        assert simkl.history == []
    assert states(journal) == {"next": "open"}


def test_nothing_is_told_of_a_pause_that_failed(hasty: Sandbox, journal: Journal) -> None:
    """A start or a pause that did not arrive is not repeated: the next one carries the state."""
    hasty.fail("cut")
    send(hasty, journal, heard(Action.START))
    hasty.heal()
    send(hasty, journal, heard(Action.PAUSE, progress=10))
    assert paths(hasty) == ["/scrobble/start", "/scrobble/pause"]
    (row,) = journal.unsent()
    assert (row.state, row.attempts) == ("open", 0)


def test_without_a_sign_in_everything_is_kept(journal: Journal) -> None:
    """Whoever has not signed in loses nothing, and the reason is to be seen."""

    def nobody() -> Simkl:
        raise LoginNeeded("not signed in")

    outbox = Outbox()
    wait_in(journal, FILM)
    for scrobble in (heard(Action.START), watch()):
        journal.record(scrobble)
        outbox.put(scrobble)
    outbox.replay()
    outbox.close()
    Sender(outbox, journal, nobody).run()
    assert [(row.name, row.attempts, row.last_error) for row in journal.unsent()] == [
        ("0", 0, None),
        ("evening", 1, "not signed in"),
    ]


@pytest.mark.parametrize("why", [LoginNeeded("not signed in"), NoAnswer("no network", unheard=True)])
def test_what_was_left_and_nobody_heard_of_does_not_wait(journal: Journal, why: TryLater) -> None:
    """Not signed in, which is named each time, or without a network: a film that is left early is no
    watch, and no list says that it waits.
    """
    complaints = list[MpvSimklError]()

    def nobody() -> Simkl:
        raise why

    outbox = Outbox()
    scrobbles = [heard(Action.START), heard(Action.STOP, progress=20, ended=True)]

    def play_on() -> None:
        if scrobbles:
            journal.record(scrobbles[0])
            outbox.put(scrobbles.pop(0))
        else:
            outbox.close()

    play_on()  # and each time that the sender has reported of the one before
    Sender(outbox, journal, nobody, complain=complaints.append, report=lambda _: play_on()).run()
    assert journal.unsent() == []
    assert complaints == ([why, why] if isinstance(why, LoginNeeded) else [])


def test_a_wrong_setting_is_told_in_one_line(journal: Journal, caplog: pytest.LogCaptureFixture) -> None:
    """An address that cannot be used is no fault of mpv-simkl: the log has a sentence, not a trace."""

    def unusable() -> Simkl:
        raise SettingError("MPV_SIMKL_API_URL cannot be used")

    outbox = Outbox()
    wait_in(journal, FILM)
    outbox.replay()
    outbox.close()
    Sender(outbox, journal, unusable).run()
    assert ["MPV_SIMKL_API_URL" in record.getMessage() for record in caplog.records] == [True]
    assert caplog.records[0].exc_info is None
    assert states(journal) == {"0": "waiting"}


def test_a_dead_token_stops_a_replay_and_loses_nothing(hasty: Sandbox, journal: Journal) -> None:
    """After 401 there is no call that could work, and every watch waits on."""
    wait_in(journal, *episodes(120))
    hasty.fail("invalid_token")
    with pytest.raises(LoginNeeded):
        replay_batch(journal, connect(hasty), Matcher(journal.titles))
    assert len(hasty.calls) == 1
    assert journal.waiting() == 120


def test_after_a_dead_sign_in_the_next_turn_looks_for_a_new_one(hasty: Sandbox, journal: Journal) -> None:
    """Whoever has signed in anew meanwhile need not start mpv again: what waits goes out for them."""
    signed_in = list[Simkl]()

    def who_is_it() -> Simkl:
        signed_in.append(connect(hasty))
        return signed_in[-1]

    wait_in(journal, FILM)
    hasty.fail("invalid_token", times=1)
    sender = Sender(Outbox(), journal, who_is_it)
    for _ in range(2):
        sender._replay()
    assert len(signed_in) == 2
    assert [each.title for each in hasty.history] == ["Arrival"]


def test_a_journal_that_fails_does_not_silence_us(
    hasty: Sandbox, tmp_path: Path, journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    """If the disk fails while a film plays, Simkl is told all the same."""
    outbox = Outbox()
    for scrobble in (watch(viewing="first"), watch(FILM, "second")):
        outbox.put(scrobble)
    outbox.close()
    with sqlite3.connect(tmp_path / FILE) as db:
        db.execute("DROP TABLE viewing")
    db.close()
    Sender(outbox, journal, lambda: connect(hasty)).run()
    assert [each.title for each in hasty.history] == ["Severance", "Arrival"]
    assert any("journal" in record.message and record.levelno == logging.ERROR for record in caplog.records)
    assert not any(record.exc_info for record in caplog.records)


@pytest.mark.parametrize(
    "left", [watch(), heard(Action.STOP, progress=40, ended=True)], ids=["watch", "place"]
)
def test_what_the_journal_could_not_note_as_told_is_told_again(
    hasty: Sandbox, journal: Journal, monkeypatch: pytest.MonkeyPatch, left: Scrobble
) -> None:
    """The disk is full just when Simkl has taken what waited: that is told once more, which changes nothing
    there, and holds no other window up.
    """
    monkeypatch.setattr("mpv_simkl.delivery.BACK_OFF", (0.0,))
    note = "settle" if left.watched else "forget"
    well = getattr(Journal, note)

    def fail_once(*_: object, **__: object) -> None:
        monkeypatch.setattr(Journal, note, well)
        raise JournalError("the journal cannot be written: disk full")

    leave(journal, left)
    monkeypatch.setattr(Journal, note, fail_once)
    with sending(hasty, journal) as outbox:
        outbox.replay()
        hasty.expect(2, "/sync/history" if left.watched else "/sync/playback")
    assert states(journal) == {}
    assert len(hasty.history) == left.watched


@pytest.mark.parametrize(("fault", "path"), [("slow", "/scrobble/start"), ("write_lock", "/scrobble/stop")])
def test_a_watch_that_simkl_hears_of_late_has_its_own_time(
    hasty: Sandbox, journal: Journal, fault: str, path: str
) -> None:
    """However long Simkl is busy when a film ends: it is recorded with the time of its end, at once."""
    outbox, became = Outbox(), list[str]()
    sender = Sender(
        outbox,
        journal,
        lambda: connect(hasty, sleep=time.sleep),
        report=lambda news: became.append(news.what),
    )
    thread = threading.Thread(target=sender.run)
    thread.start()
    hasty.fail(fault, path=path, times=1, seconds=4)
    put(journal, outbox, heard(Action.START))
    hasty.expect(1, answered=False)
    ended = replace(watch(), at=datetime.now(UTC))
    put(journal, outbox, ended)
    outbox.close()
    thread.join()
    assert paths(hasty)[-2:] == ["/scrobble/pause", "/sync/history"]
    (there,) = hasty.history
    assert abs(there.watched_at - ended.at) <= timedelta(seconds=2)
    assert became == ["sent", "watched"]
    assert states(journal) == {}


# Replay


def replay(journal: Journal, simkl: Sandbox) -> None:
    """Send all that waits, as the command does."""
    client = connect(simkl)
    while replay_batch(journal, client, Matcher(journal.titles)) is not None:
        pass


def test_a_replay_keeps_the_order_in_batches_of_fifty(hasty: Sandbox, journal: Journal) -> None:
    """A fortnight offline arrives in the order of viewing, at most 50 episodes in one call."""
    wait_in(journal, *episodes(120))
    replay(journal, hasty)
    assert [len(sent_numbers(call)) for call in to_history(hasty)] == [50, 50, 20]
    assert [number for call in to_history(hasty) for number in sent_numbers(call)] == [*range(1, 121)]
    assert [each.number for each in hasty.history] == [*range(1, 121)]
    assert states(journal) == {}


@pytest.mark.parametrize("numbering", ["episodes", "absolute_episodes"])
def test_episodes_are_counted_not_files(hasty: Sandbox, journal: Journal, numbering: str) -> None:
    """Files with many episodes make smaller batches."""
    several = [tuple(range(first, first + 20)) for first in range(1, 81, 20)]
    show = Media("episode", "One Piece", 1999, season=1 if numbering == "episodes" else None)
    wait_in(journal, *(show._replace(**{numbering: numbers}) for numbers in several))  # type: ignore[arg-type]  # one of two
    replay(journal, hasty)
    assert [len(sent_numbers(call)) for call in to_history(hasty)] == [40, 40]
    assert all(len(sent_numbers(call)) <= BATCH for call in to_history(hasty))


def test_what_was_said_just_before_mpv_was_closed_holds_for_other_windows(
    hasty: Sandbox, tmp_path: Path, journal: Journal
) -> None:
    """Whoever says with the keys what a file is may close mpv at once: another window, which has been open
    all the time, sends it as what they said.
    """
    journal.record(replace(watch(), path="/tv/03.mkv"))
    journal.put_off([row.id for row in journal.unsent()], "Simkl was out of reach")
    with Journal.open(tmp_path) as closed:
        correcting.keep(closed, "file", "/tv/03.mkv", EPISODE, correcting.Choice(FILM))
    replay(journal, hasty)
    assert [(each.title, each.number) for each in hasty.history] == [("Arrival", None)]
    assert [row.media for row in journal.done()] == [FILM]


def test_what_simkl_does_not_know_is_set_aside_alone(hasty: Sandbox, journal: Journal) -> None:
    """Of many watches those that Simkl cannot match are set aside, and all others are delivered."""
    nameless = Media("episode", "A Daily Show", date="2026-11-20")
    wait_in(journal, FILM, UNKNOWN_FILM, EPISODE, UNKNOWN_EPISODE, nameless, ANIME)
    replay(journal, hasty)
    assert states(journal) == {"1": "not_found", "3": "not_found", "4": "not_found"}
    assert all(row.last_error for row in journal.unsent())
    assert {each.title for each in hasty.history} == {"Arrival", "Severance", "One Piece"}


# What has an id is not looked up before, and so the history is what says that it is not known.
BY_IDS = {
    "known": FILM._replace(ids={"imdb": "tt2543164"}),
    "unknown": UNKNOWN_FILM._replace(ids={"imdb": "tt9999901"}),
    "other": UNKNOWN_FILM._replace(title="Nor Of This", ids={"imdb": "tt9999902"}),
}


def test_what_simkl_calls_otherwise_is_not_taken_for_delivered(hasty: Sandbox, journal: Journal) -> None:
    """If Simkl does not find two titles, and names one of them in words that nobody sent, both are set aside
    and the others delivered.
    """
    wait_in(journal, BY_IDS["unknown"], BY_IDS["known"], BY_IDS["other"])
    lost = [title_entry(BY_IDS["unknown"]), {"title": "Nor of That"}]
    body = json.dumps({"added": {}, "not_found": {"movies": lost, "shows": []}}).encode()
    hasty.fail(Fault("otherwise", status=201, body=body), times=1, path="/sync/history")
    replay(journal, hasty)
    assert states(journal) == {"0": "not_found", "2": "not_found"}
    assert [each.title for each in hasty.history] == ["Arrival"]


@pytest.mark.parametrize("place", [0, 6, 12])
def test_one_watch_that_is_refused_holds_up_no_other(hasty: Sandbox, journal: Journal, place: int) -> None:
    """A batch that Simkl refuses is halved until the bad one is alone; that one is set aside."""
    media = episodes(12)
    media.insert(place, Media("movie", "/a title that looks like a path"))
    wait_in(journal, *media)
    replay(journal, hasty)
    assert states(journal) == {str(place): "refused"}
    assert [each.number for each in hasty.history] == [*range(1, 13)]
    assert len(to_history(hasty)) <= 9


def later(folder: Path, hours: float) -> None:
    """Hours go by: what was put off for so long may be tried."""
    with sqlite3.connect(folder / FILE) as db:
        change = "UPDATE viewing SET next_try = strftime('%Y-%m-%dT%H:%M:%fZ', next_try, ?)"
        db.execute(change, (f"-{hours * 60} minutes",))
    db.close()


def try_to_replay(journal: Journal, simkl: Sandbox) -> int:
    """The calls that it took to send what may be sent now, or to see that nothing goes."""
    before = len(simkl.calls)
    with suppress(TryLater):
        replay(journal, simkl)
    return len(simkl.calls) - before


TITLED = [episode._replace(ids={"simkl": "9100004"}) for episode in episodes(60)]  # not to be looked up


def poisoned(simkl: Sandbox, *numbers: int, fault: str = "internal") -> None:
    """Simkl fails on every call that holds one of these episodes."""
    for number in numbers:
        simkl.fail(fault, path="/sync/history", words=f'"number": {number}, "watched_at"')


@pytest.mark.parametrize("fault", ["internal", "cut"])
def test_one_watch_that_simkl_stumbles_over_holds_up_no_other(
    hasty: Sandbox, tmp_path: Path, journal: Journal, fault: str
) -> None:
    """If Simkl fails again and again on one watch, or does not answer, that one stands back alone."""
    wait_in(journal, *TITLED)
    poisoned(hasty, 7, fault=fault)
    for tries in range(SUSPECT_AFTER + 1):
        assert try_to_replay(journal, hasty) <= (1 if tries < SUSPECT_AFTER else 14)
        later(tmp_path, 0.1)
    assert [each.number for each in hasty.history] == [n for n in range(1, 61) if n != 7]
    assert states(journal) == {"6": "waiting"}
    assert try_to_replay(journal, hasty) == 0


@pytest.mark.parametrize(("place", "fault"), [(0, "internal"), (1, "internal"), (3, "cut")])
def test_one_title_that_cannot_be_looked_up_holds_up_no_other(
    hasty: Sandbox, tmp_path: Path, journal: Journal, place: int, fault: str
) -> None:
    """If Simkl fails again and again on the name of one film, all else that was watched arrives."""
    wait_in(journal, *TITLED[:place], FILM, *TITLED[place:3])
    hasty.fail(fault, path="/redirect")
    for _ in range(SUSPECT_AFTER + 1):
        try_to_replay(journal, hasty)
        later(tmp_path, 0.1)
    assert [each.number for each in hasty.history] == [1, 2, 3]
    assert states(journal) == {str(place): "waiting"}
    assert try_to_replay(journal, hasty) == 0


@pytest.mark.parametrize("fault", ["internal", "cut"])
def test_a_session_whose_title_cannot_be_looked_up_stops_no_replay_by_hand(
    hasty: Sandbox, journal: Journal, fault: str
) -> None:
    """Simkl fails again and again on the name of a film of which it has heard the beginning: whoever sends by
    hand what waits has all else recorded, and hears of an outage all the same.
    """
    leave(journal, watch(FILM, "left"))
    wait_in(journal, *TITLED[:3])
    hasty.fail(fault, path="/redirect")
    for _ in range(SUSPECT_AFTER):
        journal.hurry()
        with suppress(TryLater):
            list(replay_all(journal, connect(hasty), Matcher(journal.titles)))
    assert [each.number for each in hasty.history] == [1, 2, 3]
    assert states(journal) == {"left": "waiting"}
    journal.hurry()
    with pytest.raises(TryLater):
        list(replay_all(journal, connect(hasty), Matcher(journal.titles)))


def test_a_day_on_which_nothing_is_looked_up_costs_few_calls_and_no_watch(
    hasty: Sandbox, tmp_path: Path, journal: Journal
) -> None:
    """If Simkl can look up nothing, no film is to blame: it is not stormed, and all are told afterwards."""
    wait_in(journal, *(FILM._replace(title=f"Arrival {number}") for number in range(20)))
    hasty.fail("internal", path="/redirect")
    for _ in range(24):
        assert try_to_replay(journal, hasty) <= VAIN
        later(tmp_path, 0.1)
    assert set(states(journal).values()) == {"waiting"}
    assert len(hasty.calls) < 24 * 3
    hasty.heal()
    later(tmp_path, 1)
    replay(journal, hasty)
    assert set(states(journal).values()) == {"not_found"}


@pytest.mark.parametrize("fault", ["internal", "cut", "bad_request"])
def test_many_bad_watches_in_a_row_hold_the_others_up_for_hours_only(
    hasty: Sandbox, tmp_path: Path, journal: Journal, fault: str
) -> None:
    """However many of the first ones Simkl cannot take: by and by each of the others has its turn."""
    wait_in(journal, *TITLED)
    poisoned(hasty, *range(1, 11), fault=fault)
    for _ in range(40):
        assert try_to_replay(journal, hasty) <= 40
        later(tmp_path, 1)
    assert {each.number for each in hasty.history} == {*range(11, 61)}


@pytest.mark.parametrize("fault", ["internal", "bad_request"])
def test_a_day_on_which_nothing_goes_costs_few_calls_and_no_watch(
    hasty: Sandbox, tmp_path: Path, journal: Journal, fault: str
) -> None:
    """If Simkl takes nothing, it is no watch's fault: none is refused for good, Simkl is not stormed, and
    afterwards all of them are delivered.
    """
    wait_in(journal, *TITLED)
    hasty.fail(fault, path="/sync/history")
    for _ in range(24):
        assert try_to_replay(journal, hasty) <= VAIN
        later(tmp_path, 0.1)
    assert set(states(journal).values()) == {"waiting"}
    assert len(hasty.calls) < 24 * 3
    hasty.heal()
    later(tmp_path, 6)
    replay(journal, hasty)
    assert {each.number for each in hasty.history} == {*range(1, 61)}
    assert states(journal) == {}


@pytest.mark.parametrize("numbers", [{7}, {1, 2}, {11, 12}])
def test_watches_that_simkl_refuses_are_set_aside_and_all_others_arrive(
    hasty: Sandbox, journal: Journal, numbers: set[int]
) -> None:
    """Even if it has the same words for each of them."""
    wait_in(journal, *TITLED[:12])
    poisoned(hasty, *numbers, fault="bad_request")
    replay(journal, hasty)
    assert states(journal) == {f"{number - 1}": "refused" for number in numbers}
    assert [each.number for each in hasty.history] == [n for n in range(1, 13) if n not in numbers]


def test_days_without_a_sign_in_or_a_network_are_no_watchs_fault(hasty: Sandbox, journal: Journal) -> None:
    """However often nothing could be sent: each try is one call, and afterwards all goes out at once."""
    wait_in(journal, *TITLED[:12])
    with Sandbox() as gone:
        nowhere = connect(gone)
    for _ in range(SUSPECT_AFTER + 2):
        with pytest.raises(NoAnswer):
            replay_batch(journal, nowhere, Matcher(journal.titles))
    hasty.fail("invalid_token")
    assert [try_to_replay(journal, hasty) for _ in range(SUSPECT_AFTER + 2)] == [1] * (SUSPECT_AFTER + 2)
    hasty.heal()
    assert try_to_replay(journal, hasty) == 1
    assert states(journal) == {}


def test_what_a_replay_had_on_its_way_when_it_broke_off_waits(hasty: Sandbox, journal: Journal) -> None:
    """Watches that another one keeps from their verdict wait again, for other players too, and tell why."""
    wait_in(journal, FILM, UNKNOWN_FILM._replace(ids={"simkl": "1"}), *TITLED[:6])
    hasty.fail(Fault("too large", status=413), times=1, path="/sync/history")
    poisoned(hasty, 6, fault="invalid_token")
    assert try_to_replay(journal, hasty)
    assert {(row.state, row.attempts) for row in journal.unsent()} == {("waiting", 1)}
    assert states(journal).keys() == {"1", "4", "5", "6", "7"}


def test_what_fails_is_tried_again_ever_more_seldom_and_then_left_alone(journal: Journal) -> None:
    """After 1, 2, 4, 8 and 16 seconds, each a little more so that players do not come all at once, and then
    not before something else happens (simkl-api 13).
    """

    def connect_in_vain() -> Simkl:
        raise NoAnswer("no network")

    wait_in(journal, FILM)
    outbox, waits = Outbox(lambda: 0.0), list[float]()
    sender = Sender(outbox, journal, connect_in_vain)
    for _ in range(7):
        sender._replay()
        waits += [] if outbox._replay_at is None else [outbox._replay_at]
        outbox._replay_at = None
    assert [int(wait) for wait in waits] == [1, 2, 4, 8, 16]
    assert any(wait % 1 for wait in waits)


def test_a_watch_without_an_answer_that_holds_up_no_other_goes_out_soon(
    hasty: Sandbox, tmp_path: Path, journal: Journal
) -> None:
    """One watch that a bad network keeps from Simkl again and again does not stand back for an hour."""
    wait_in(journal, *TITLED[:1])
    hasty.fail("cut", path="/sync/history")
    for _ in range(SUSPECT_AFTER + 1):
        try_to_replay(journal, hasty)
        later(tmp_path, 0.1)
    hasty.heal()
    replay(journal, hasty)
    assert states(journal) == {}


def test_a_single_trouble_after_an_evening_offline_is_no_reason_to_wait(
    hasty: Sandbox, tmp_path: Path, journal: Journal
) -> None:
    """Only what Simkl has failed on in the same way before stands back for long."""
    wait_in(journal, FILM)
    for fault in ("cut", "cut", "bad_gateway"):
        hasty.fail(fault, times=1, path="/sync/history")
        try_to_replay(journal, hasty)
    later(tmp_path, 0.1)
    replay(journal, hasty)
    assert states(journal) == {}


def test_a_batch_that_is_too_large_is_halved(hasty: Sandbox, journal: Journal) -> None:
    """If Simkl wants less at once, it gets less at once."""
    wait_in(journal, *episodes(4))
    hasty.fail(Fault("too large", status=413), times=2, path="/sync")
    replay(journal, hasty)
    assert [len(sent_numbers(call)) for call in to_history(hasty)] == [4, 2, 1, 1, 2]
    assert states(journal) == {}


def test_a_replay_that_breaks_off_goes_on_where_it_was(hasty: Sandbox, journal: Journal) -> None:
    """What was acknowledged before the network went is not sent again."""
    wait_in(journal, *episodes(60))
    client = connect(hasty)
    assert replay_batch(journal, client, Matcher(journal.titles))
    hasty.fail("cut", times=1, path="/sync")
    with pytest.raises(TryLater):
        replay_batch(journal, client, Matcher(journal.titles))
    assert {row.attempts for row in journal.unsent()} == {1}
    replay(journal, hasty)
    assert [len(sent_numbers(call)) for call in to_history(hasty)] == [50, 10, 10]
    assert len(hasty.history) == 60


FILMS = [FILM, Media("movie", "Dune", 2021), Media("movie", "The Matrix", 1999)]


def test_what_is_sure_is_sent_before_all_is_looked_up(
    hasty: Sandbox, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If looking titles up takes long, what is sure goes at once: mpv may be closed soon."""
    monkeypatch.setattr("mpv_simkl.replay.LOOK_UP_FOR", -1.0)
    wait_in(journal, *FILMS)
    replay(journal, hasty)
    asked = [call.path for call in hasty.calls if call.path in ("/redirect", "/sync/history")]
    assert asked == ["/redirect", "/sync/history"] * 3
    assert states(journal) == {}


@pytest.mark.parametrize("lost", ["/sync/history", "/redirect"])
def test_what_was_looked_up_is_not_looked_up_again(journal: Journal, lost: str) -> None:
    """Another session goes on where one had to stop, in its look-ups or when it told the watches."""

    def lose_the_network(call: Call) -> None:
        if call.path.startswith("/movies/") and not any(each.fault for each in simkl.calls):
            simkl.fail("cut", path=lost)

    wait_in(journal, *FILMS)
    with Sandbox(throttle=False, on_call=lose_the_network) as simkl:
        try_to_replay(journal, simkl)
        assert [call.path for call in simkl.calls if call.fault] == [lost]
        assert [(row.state, row.attempts) for row in journal.unsent()] == [("waiting", 1)] * 3
        simkl.heal()
        replay(journal, simkl)
        assert [call.path for call in simkl.calls if not call.fault].count("/redirect") == 3
        assert states(journal) == {}


def test_what_plays_now_goes_before_the_rest_of_a_replay(journal: Journal) -> None:
    """A long replay does not keep Simkl from hearing what plays."""
    outbox = Outbox()

    def play_on(call: Call) -> None:
        if call.path == "/sync/history":
            outbox.put(heard(Action.START, FILM))
            outbox.close()

    wait_in(journal, *episodes(60))
    with Sandbox(throttle=False, on_call=play_on) as simkl:
        outbox.replay()
        Sender(outbox, journal, lambda: connect(simkl)).run()
        assert paths(simkl)[:3] == ["/sync/history", "/scrobble/start", "/sync/history"]


def test_a_replay_leaves_alone_what_is_about_to_be_told(journal: Journal) -> None:
    """A film that ends while a replay goes on is told once, by its own stop."""
    outbox = Outbox()
    journal.held = outbox.holds

    def end_the_film(call: Call) -> None:
        match [call.path, len(sent_numbers(call))] if call.path == "/sync/history" else []:
            case [_, 50]:
                journal.record(watch(FILM))
            case [_, 10]:
                outbox.put(watch(FILM))
                outbox.close()

    wait_in(journal, *episodes(60))
    with Sandbox(throttle=False, on_call=end_the_film) as simkl:
        journal.record(heard(Action.START, FILM))
        outbox.put(heard(Action.START, FILM))
        Sender(outbox, journal, lambda: connect(simkl)).run()
        assert paths(simkl) == ["/scrobble/start", "/sync/history", "/sync/history", "/scrobble/stop"]
        assert [call.body for call in simkl.calls if "movies" in str(call.body)] == []
        assert states(journal) == {}


def test_two_replays_at_once_record_each_watch_once(hasty: Sandbox, tmp_path: Path, journal: Journal) -> None:
    """Two players that come back to the network together do no harm."""
    wait_in(journal, *episodes(60))

    def work() -> None:
        with Journal.open(tmp_path) as own:
            replay(own, hasty)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(each.number or 0 for each in hasty.history) == [*range(1, 61)]
    assert states(journal) == {}


def test_a_clock_that_was_ahead_does_not_spoil_a_watch(hasty: Sandbox, journal: Journal) -> None:
    """What was watched on a clock that was wrong is told as watched now, not in the future."""
    journal.record(watch(minutes=1_000_000))
    replay(journal, hasty)
    assert states(journal) == {}
    (there,) = hasty.history
    assert there.watched_at <= datetime.now(UTC)


def test_a_wrong_clock_is_mended_by_simkls(hasty: Sandbox, journal: Journal) -> None:
    """What was watched just now, on a clock that was years behind, is told as watched now, and stands so
    in the user's own log.
    """
    journal.record(replace(watch(), at=NOW - timedelta(days=1000)))
    client = connect(hasty)
    client.scrobble(Action.START, FILM, 0)
    replay_batch(journal, client, Matcher(journal.titles))
    (there,), (here,) = hasty.history, journal.done()
    assert abs(there.watched_at - datetime.now(UTC)) < timedelta(seconds=3)
    assert here.watched_at is not None
    assert here.watched_at.replace(microsecond=0) == there.watched_at


def test_what_is_told_at_once_on_a_wrong_clock_has_its_true_time_in_the_log(
    hasty: Sandbox, journal: Journal
) -> None:
    """On a clock that is years behind, what Simkl takes when it ends stands in the log as watched now."""
    send(hasty, journal, heard(Action.START, FILM, "first"), replace(watch(), at=NOW - timedelta(days=1000)))
    (here,) = journal.done()
    assert here.watched_at is not None
    assert abs(here.watched_at - datetime.now(UTC)) < timedelta(seconds=5)


# What an earlier player left behind


def leave(journal: Journal, *scrobbles: Scrobble) -> None:
    """Viewings that Simkl heard the beginning of and that ended without it."""
    for scrobble in scrobbles:
        journal.record(heard(Action.START, scrobble.media, scrobble.viewing))
        journal.telling(scrobble.viewing)
        journal.record(scrobble)


LEFT_NOW = heard(Action.STOP, progress=40, ended=True)
LEFT = heard(Action.STOP, EPISODE, "left", progress=40, ended=True)
FILM_LEFT = replace(LEFT, media=FILM, viewing="first")


def test_before_a_start_simkl_hears_how_the_last_one_ended(hasty: Sandbox, journal: Journal) -> None:
    """A session that was left open is paused, and a watch recorded, before anything else begins; otherwise
    Simkl would finish it by its own clock.
    """
    leave(journal, LEFT, watch(ANIME, "seen", minutes=1))
    send(hasty, journal, heard(Action.START, FILM, "next"))
    assert paths(hasty) == ["/sync/history", "/scrobble/pause", "/scrobble/start"]
    assert [point.progress for point in hasty.playbacks] == [40]
    assert [each.title for each in hasty.history] == ["One Piece"]
    assert states(journal) == {"next": "open"}


@pytest.mark.parametrize("end", [LEFT_NOW, watch()])
@pytest.mark.parametrize("then", ["nothing", "not_matched", "bad_request", "phone"])
def test_what_the_user_denied_while_simkl_was_out_of_reach_is_not_completed(
    hasty: Sandbox, journal: Journal, end: Scrobble, then: str
) -> None:
    """A show that Simkl was told of and that it is not, as the user says offline, is paused before the next
    start, though Simkl may not want to hear of it, or a phone has gone on with the right one; only what it
    really was is recorded, if it was watched.
    """
    wrong = EPISODE._replace(title="Castle", year=2009)
    send(hasty, journal, heard(Action.START, wrong, progress=85))
    hasty.fail("cut")
    send(hasty, journal, replace(heard(Action.START, progress=10), corrected=True))
    journal.record(replace(end, corrected=True))
    hasty.heal()
    if then == "phone":
        connect(hasty).scrobble(Action.PAUSE, EPISODE._replace(episodes=(4,)), 60)
    elif then != "nothing":
        hasty.fail(then, times=1, path="/scrobble/pause")
    send(hasty, journal, heard(Action.START, FILM, "next"))
    paused = [call for call in hasty.calls if call.path == "/scrobble/pause" and "Castle" in str(call.body)]
    assert len(paused) == 2  # the first one without a network
    if not paused[1].fault:
        assert [each.title for each in hasty.history] == (["Severance"] if end.watched else [])
    assert states(journal) == {"next": "open"}


def test_before_a_start_another_players_end_is_told(hasty: Sandbox, tmp_path: Path, journal: Journal) -> None:
    """A player that was killed beside a living one: the next start of that one does not complete its film."""
    journal.record(heard(Action.START, EPISODE, "killed", progress=40))
    journal.telling("killed")
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    with sqlite3.connect(tmp_path / FILE) as db:
        db.execute("UPDATE viewing SET pid = ?", (gone.pid,))
    db.close()
    send(hasty, journal, heard(Action.START, FILM, "next"))
    assert paths(hasty) == ["/scrobble/pause", "/scrobble/start"]
    assert states(journal) == {"next": "open"}


@pytest.mark.parametrize("lost", [Action.PAUSE, Action.START])
def test_a_word_that_got_lost_makes_no_watch_of_another_players_film(
    tmp_path: Path, another_player: int, lost: Action
) -> None:
    """A film is paused in one window without a network; hours later another film begins in a second window:
    Simkl, whose clock went on for the first, is told first where that one stands.
    """
    passed = timedelta()
    with (
        Sandbox(throttle=False, clock=lambda: datetime.now(UTC) + passed) as simkl,
        Journal.open(tmp_path) as journal,
    ):
        send(simkl, journal, heard(Action.START, FILM, "first", progress=5))
        simkl.fail("cut")
        send(simkl, journal, heard(lost, FILM, "first", progress=30))
        belongs_to(another_player, tmp_path)
        simkl.heal()
        passed = timedelta(hours=3)
        send(simkl, journal, heard(Action.START, EPISODE, "second"))
        assert paths(simkl)[2:] == ["/scrobble/pause", "/scrobble/start"]
        assert simkl.history == []
        send(simkl, journal, heard(Action.PAUSE, EPISODE, "second", progress=5))
        send(simkl, journal, heard(Action.START, ANIME, "third"))
        assert paths(simkl)[4:] == ["/scrobble/pause", "/scrobble/start"]


def test_a_film_whose_end_got_lost_is_no_watch_by_another_players_start(
    tmp_path: Path, another_player: int
) -> None:
    """A film is closed at 40 % while Simkl has trouble, and its window stays open; hours later another film
    begins in a second window: Simkl, whose clock went on for the first, is told first that it has ended.
    """
    passed = timedelta()
    with (
        Sandbox(throttle=False, clock=lambda: datetime.now(UTC) + passed) as simkl,
        Journal.open(tmp_path) as journal,
    ):
        simkl.fail("unavailable", times=1, path="/scrobble/stop")
        with sending(simkl, journal) as outbox:
            put(journal, outbox, heard(Action.START, FILM, "first", progress=5))
            simkl.expect(1)
            put(journal, outbox, FILM_LEFT)
            simkl.expect(2)
        belongs_to(another_player, tmp_path)
        passed = timedelta(hours=3)
        send(simkl, journal, heard(Action.START, EPISODE, "second"))
        assert paths(simkl)[2:] == ["/scrobble/pause", "/scrobble/start"]
        assert simkl.history == []


def test_an_end_that_got_lost_is_told_as_soon_as_simkl_is_well(
    hasty: Sandbox, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever closes a film while the network is gone for a moment need not begin another one for its place
    to be kept at Simkl.
    """
    monkeypatch.setattr("mpv_simkl.delivery.BACK_OFF", (0.0,))
    hasty.fail("cut", times=1, path="/scrobble/stop")
    with sending(hasty, journal) as outbox:
        put(journal, outbox, heard(Action.START, FILM, "first", progress=5))
        hasty.expect(1)
        put(journal, outbox, FILM_LEFT)
        hasty.expect(3, "/scrobble")
    assert paths(hasty)[1:] == ["/scrobble/stop", "/scrobble/pause"]
    assert [point.progress for point in hasty.playbacks] == [40]
    assert states(journal) == {}


@pytest.mark.parametrize("lost", ["its end", "a pause"])
def test_what_another_player_fails_to_say_while_a_start_waits_is_said_first(
    hasty: Sandbox, tmp_path: Path, journal: Journal, another_player: int, lost: str
) -> None:
    """A start has to wait until another player has told the end of its film, or where it stands, and that
    player cannot: Simkl hears it before the start, which would complete that film at its own time.
    """
    failures = ["boot = 'it is gone'" if lost == "its end" else "last_error = 'no network'"]

    def fail_meanwhile(_: float) -> None:
        if failures:
            with sqlite3.connect(tmp_path / FILE) as db:
                db.execute(f"UPDATE viewing SET {failures.pop()} WHERE name = 'first'")  # noqa: S608 - ours
            db.close()

    ended = lost == "its end"
    journal.record(heard(Action.START, ANIME, "first", progress=90, watched=True))
    journal.telling("first")
    if ended:
        journal.record(watch(ANIME, "first"))
    belongs_to(another_player, tmp_path)
    waits = connect(hasty, Pace(None, sleep=fail_meanwhile))
    outbox = Outbox()
    journal.record(NEXT)
    outbox.put(NEXT)
    thread = threading.Thread(target=Sender(outbox, journal, lambda: waits).run)
    thread.start()
    hasty.expect(2)
    outbox.close()
    thread.join()
    assert paths(hasty)[:2] == ["/sync/history" if ended else "/scrobble/pause", "/scrobble/start"]


def test_a_word_that_was_told_again_is_not_owed(
    hasty: Sandbox, tmp_path: Path, journal: Journal, another_player: int
) -> None:
    """A pause got lost, and the film went on with a network: no other player has anything to say of it."""
    with sending(hasty, journal) as outbox:
        for number, progress in enumerate((5, 30, 31), start=1):
            word = heard(Action.PAUSE if number == 2 else Action.START, FILM, "first", progress=progress)
            hasty.fail("cut", times=1) if number == 2 else None
            journal.record(word)
            outbox.put(word)
            hasty.expect(number)
    belongs_to(another_player, tmp_path)
    assert journal.owed() == []


@pytest.mark.parametrize(("number", "progress"), [(4, 60), (3, 70)], ids=["next episode", "same episode"])
def test_a_later_place_of_another_device_is_not_overwritten(
    hasty: Sandbox, journal: Journal, number: int, progress: float
) -> None:
    """An episode was left here without a network, and a phone went on: Simkl keeps the phone's place."""
    leave(journal, LEFT, heard(Action.STOP, FILM, "film", progress=50, ended=True))
    connect(hasty).scrobble(Action.PAUSE, EPISODE._replace(episodes=(number,)), progress)
    send(hasty, journal, heard(Action.START, ANIME, "next"))
    assert paths(hasty)[1:] == ["/scrobble/pause", "/scrobble/start"]
    assert sorted(point.progress for point in hasty.playbacks) == [50, progress]
    assert states(journal) == {"next": "open"}
    send(hasty, journal, heard(Action.START, FILM, "after"))
    assert len([call for call in hasty.calls if call.path == "/sync/playback"]) == 1


def test_a_place_is_told_if_nobody_knows_of_a_later_one(hasty: Sandbox, journal: Journal) -> None:
    """If Simkl does not say where other devices stopped, it hears where this one did."""
    leave(journal, LEFT)
    hasty.fail("internal", path="/sync/playback")
    send(hasty, journal, heard(Action.START, FILM, "next"))
    assert paths(hasty) == ["/scrobble/pause", "/scrobble/start"]


@pytest.mark.parametrize("fault", ["not_matched", "bad_request"])
def test_a_place_that_simkl_does_not_want_is_forgotten(hasty: Sandbox, journal: Journal, fault: str) -> None:
    """Simkl took the start, so it is asked some times more; then it is left alone."""
    leave(journal, LEFT)
    hasty.fail(fault, path="/scrobble/pause")
    for _ in range(5):
        finish_sessions(journal, connect(hasty), Matcher(journal.titles))
        journal.retry()  # its hour is over
    assert paths(hasty) == ["/scrobble/pause"] * (SUSPECT_AFTER + 1)
    assert states(journal) == {}


def test_a_title_that_simkl_does_not_know_is_told_of_once(hasty: Sandbox, journal: Journal) -> None:
    """Where the start was refused for good there is no session, and its end is not told again."""
    hasty.fail("not_matched")
    outbox = Outbox()
    sender = Sender(outbox, journal, lambda: connect(hasty))
    thread = threading.Thread(target=sender.run)
    thread.start()
    journal.record(heard(Action.START))
    outbox.put(heard(Action.START))
    hasty.expect(1, "/scrobble/start")
    journal.record(LEFT_NOW)
    outbox.put(LEFT_NOW)
    outbox.close()
    thread.join()
    assert paths(hasty) == ["/scrobble/start"]
    assert states(journal) == {}


def test_a_start_of_unknown_fate_stays_owed(hasty: Sandbox, journal: Journal) -> None:
    """If the answer to a start got lost, a later word that did not even leave the machine changes nothing:
    Simkl may hold a session, and hears of its end.
    """
    outbox = Outbox()
    client = connect(hasty)
    sender = Sender(outbox, journal, lambda: client)
    thread = threading.Thread(target=sender.run)
    thread.start()
    hasty.fail("cut_after")
    journal.record(heard(Action.START))
    outbox.put(heard(Action.START))
    hasty.expect(1)
    hasty.__exit__(None, None, None)
    journal.record(LEFT_NOW)
    outbox.put(LEFT_NOW)
    outbox.close()
    thread.join()
    assert journal.claim_position() is not None


def test_a_place_that_cannot_be_told_now_holds_the_start_back(hasty: Sandbox, journal: Journal) -> None:
    """Without the end of the last one no start goes out, for that is what would complete it."""
    leave(journal, LEFT)
    hasty.fail("cut", times=1, path="/scrobble")
    send(hasty, journal, heard(Action.START, FILM, "next"))
    assert paths(hasty) == ["/scrobble/pause"]
    assert states(journal)["left"] == "waiting"
    send(hasty, journal, heard(Action.START, FILM, "after"))
    assert paths(hasty)[1:] == ["/scrobble/pause", "/scrobble/start"]


@contextmanager
def sending(simkl: Sandbox, journal: Journal) -> Iterator[Outbox]:
    """A player's sender at work until the end of the block."""
    outbox = Outbox()
    thread = threading.Thread(target=Sender(outbox, journal, lambda: connect(simkl)).run)
    thread.start()
    try:
        yield outbox
    finally:
        outbox.close()
        thread.join()


def put(journal: Journal, outbox: Outbox, scrobble: Scrobble) -> None:
    """What a player does with something to be told."""
    journal.record(scrobble)
    outbox.put(scrobble)


NEXT = heard(Action.START, FILM, "next")


@pytest.mark.parametrize(
    ("film", "ended"),
    [(UNKNOWN_FILM, []), (Media("movie", "Only In Anime", 2020), [30])],
    ids=["none", "anime"],
)
def test_a_title_that_simkl_does_not_know_holds_no_start_back(
    hasty: Sandbox, journal: Journal, film: Media, ended: list[float]
) -> None:
    """Where the answer to a start got lost, and Simkl does not know the title as it ends, the next film is
    shown at once; and if it was told as something else, that has been ended.
    """
    said = 2 if ended else 1
    hasty.fail("cut_after", times=1, path="/scrobble/start", words='"anime"' if ended else "")
    with sending(hasty, journal) as outbox:
        put(journal, outbox, heard(Action.START, film, "lost"))
        hasty.expect(said, "/scrobble/start")
        put(journal, outbox, heard(Action.STOP, film, "lost", progress=30, ended=True))
        put(journal, outbox, NEXT)
        hasty.expect(said + 1, "/scrobble/start")
    assert [point.progress for point in hasty.playbacks] == ended


def test_a_start_that_was_held_back_is_told_when_it_may_be(hasty: Sandbox, journal: Journal) -> None:
    """As soon as Simkl has taken the end of the last film it shows the one that plays, at its place now."""
    leave(journal, LEFT)
    hasty.fail("cut", times=1, path="/scrobble")
    with sending(hasty, journal) as outbox:
        put(journal, outbox, NEXT)
        hasty.expect(1, "/scrobble")
        journal.record(replace(NEXT, action=Action.NOTE, progress=5))
        hasty.expect(3, "/scrobble")
    assert paths(hasty) == ["/scrobble/pause", "/scrobble/pause", "/scrobble/start"]
    assert isinstance(hasty.calls[-1].body, dict)
    assert hasty.calls[-1].body["progress"] == 5


def test_a_start_that_was_held_back_waits_for_an_end_that_stands_back(
    hasty: Sandbox, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long Simkl is left alone with the end of the last film: after that it hears of what plays."""
    monkeypatch.setattr("mpv_simkl.delivery.BACK_OFF", (0.0,))
    leave(journal, LEFT)
    (row,) = journal.unsent()
    journal.put_off([row.id], "Simkl has trouble with it", 1)
    with sending(hasty, journal) as outbox:
        put(journal, outbox, NEXT)
        hasty.expect(2, "/scrobble")
    assert paths(hasty) == ["/scrobble/pause", "/scrobble/start"]


@pytest.mark.parametrize(
    "since",
    [replace(NEXT, action=Action.KEEP, progress=90), replace(LEFT_NOW, viewing="next", media=FILM)],
    ids=["at its ending", "closed"],
)
def test_a_start_that_is_not_true_any_more_is_not_told(journal: Journal, since: Scrobble) -> None:
    """A film that was closed meanwhile, or stands where a start would make it a watch, is not shown."""

    def go_on(_: Call) -> None:
        if journal.find("next") and len(paths(simkl)) == 1:
            put(journal, outbox, since) if since.ended else journal.record(since)

    leave(journal, LEFT)
    with Sandbox(throttle=False, on_call=go_on) as simkl:
        simkl.fail("cut", times=1, path="/scrobble")
        with sending(simkl, journal) as outbox:
            put(journal, outbox, NEXT)
            simkl.expect(2 + since.ended, "/scrobble")
        assert [call.path for call in simkl.calls if call.path == "/scrobble/start"] == []
        assert 40 in [point.progress for point in simkl.playbacks]


def test_a_film_that_is_closed_while_its_start_waits_for_its_turn_is_no_trouble(
    hasty: Sandbox, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever skips through some episodes to find theirs is not told that Simkl takes nothing now."""
    turn = Pace.turn

    def end_it(pace: Pace, whose: str) -> object:
        journal.record(replace(LEFT_NOW, viewing="next", media=FILM))
        return turn(pace, whose)

    monkeypatch.setattr(Pace, "turn", end_it)
    told = list[News]()
    sender = Sender(Outbox(), journal, lambda: connect(hasty), report=told.append)
    journal.record(NEXT)
    sender._deliver(NEXT)
    assert paths(hasty) == []
    assert told == []


@pytest.mark.parametrize("is_soon", [True, False], ids=["while it waits", "after it has given up"])
@pytest.mark.parametrize("end", [LEFT_NOW, watch()], ids=["no watch", "watch"])
def test_an_episode_that_was_skipped_keeps_the_place_of_the_one_before(
    hasty: Sandbox,
    journal: Journal,
    monkeypatch: pytest.MonkeyPatch,
    end: Scrobble,
    is_soon: bool,
) -> None:
    """Whoever skips through a show loses no place: what was closed before Simkl heard of it is not told, for
    Simkl keeps one place of a show; a watch is told all the same.
    """
    outbox, turn = Outbox(), Pace.turn

    def end_it(pace: Pace, whose: str) -> object:
        journal.record(end)
        if is_soon:
            outbox.put(end)
        return turn(pace, whose)

    sender = Sender(outbox, journal, lambda: connect(hasty))
    put(journal, outbox, heard(Action.START))
    with monkeypatch.context() as patch:
        patch.setattr(Pace, "turn", end_it)
        start = outbox.take()
        assert isinstance(start, Scrobble)
        sender._deliver(start)
    if not is_soon:
        assert outbox.put(end) == end.watched
    outbox.close()
    sender.run()
    assert paths(hasty) == ["/scrobble/stop"] * end.watched
    assert journal.unsent() == []


def test_a_start_that_was_held_back_is_not_told_of_a_film_that_has_ended(journal: Journal) -> None:
    """The end is on the disk before the sender hears of it: what it held back until then is not true."""

    def end_it(call: Call) -> None:
        if call.path == "/scrobble/pause" and journal.find("next"):
            journal.record(replace(LEFT_NOW, viewing="next", media=FILM))

    leave(journal, LEFT)
    with Sandbox(throttle=False, on_call=end_it) as simkl:
        simkl.fail("cut", times=1, path="/scrobble")
        with sending(simkl, journal) as outbox:
            put(journal, outbox, NEXT)
            simkl.expect(2, "/scrobble")
        assert "/scrobble/start" not in [call.path for call in simkl.calls]


@pytest.mark.parametrize("ending", [LEFT, watch(ANIME, "left")], ids=["no watch", "watch"])
def test_an_end_that_is_put_off_holds_the_start_back(
    hasty: Sandbox, journal: Journal, ending: Scrobble
) -> None:
    """Even if it stands back for an hour: a start would complete what Simkl holds, at a wrong time."""
    leave(journal, ending)
    row = journal.find("left")
    assert row is not None
    journal.put_off([row.id], "Simkl has trouble with it", 3600)
    send(hasty, journal, heard(Action.START, FILM, "next"))
    assert paths(hasty) == []
    journal.retry()
    send(hasty, journal, heard(Action.START, FILM, "after"))
    assert paths(hasty)[1:] == ["/scrobble/start"]


def test_a_start_that_never_left_the_machine_leaves_no_session(journal: Journal) -> None:
    """If not even a connection came about, Simkl holds nothing, and nothing has to be ended later."""
    with Sandbox() as simkl:
        client = connect(simkl)
    outbox = Outbox()
    journal.record(heard(Action.START))
    outbox.put(heard(Action.START))
    outbox.close()
    Sender(outbox, journal, lambda: client).run()
    (row,) = journal.unsent()
    assert not row.told
