"""The main loop's room, with a real mpv before it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NoReturn

import pytest

from mpv_simkl import actions, app, auth, correcting, fixing, ipc, outcome, paused, places, presence
from mpv_simkl.config import Current, Settings
from mpv_simkl.delivery import Sender
from mpv_simkl.errors import LoginNeeded
from mpv_simkl.evening import Evening
from mpv_simkl.journal.rows import Settled
from mpv_simkl.journal.store import FILE
from mpv_simkl.media import Clues
from mpv_simkl.model import Action, Arrived, Asked, Ended, Opened, Paused, Sampled
from mpv_simkl.notices import Place
from mpv_simkl.outbox import Job, Replay
from mpv_simkl.player import Player
from mpv_simkl.prompts import Prompts

from .harness import a_folder, idle_mpv
from .makers import EPISODE, FILM, NOW, connect, heard, watch
from .signing_in import Newcomer, newcomer, sign_in_as


@pytest.fixture
def user(monkeypatch: pytest.MonkeyPatch, loggers: None) -> Iterator[Newcomer]:  # noqa: ARG001
    """Somebody with a home, and with a log in it."""
    with a_folder() as folder, newcomer(folder, monkeypatch) as somebody:
        yield somebody


@pytest.fixture
def player(user: Newcomer) -> Iterator[Player]:
    """A connection to an mpv that plays nothing."""
    with idle_mpv(user.folder) as mpv, Player(str(user.folder / "mpv.sock"), mpv.process.pid) as player:
        yield player


def begin(player: Player) -> Evening:
    """What runs beside mpv, without its sender."""
    return app._evening(player, Prompts(player, "simkl", has_input=False), Current(None), Settings())


def opened(name: str, length: float | None) -> Opened:
    """A video that begins to play."""
    return Opened(0.0, 0.0, Clues(f"/films/{name}"), duration=length, running=True)


def fail() -> NoReturn:
    """A fault that nobody has thought of."""
    raise ZeroDivisionError


def test_one_odd_event_does_not_end_the_evening(player: Player, caplog: pytest.LogCaptureFixture) -> None:
    """If a file trips us, the log says so, and what is played after it is followed."""
    evening, used = begin(player), []
    evening.hear(Arrived(0.0, use=fail))
    evening.hear(Arrived(0.0, use=lambda: used.append("next")))
    assert used == ["next"]
    assert "a fault in mpv-simkl" in caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_an_idle_mpv_sends_what_was_corrected(player: Player) -> None:
    """Whoever says in a terminal what a file is has it sent by the mpv that stands open, also if that plays
    nothing.
    """
    evening = begin(player)
    evening.hear(Asked(0.0, what=ipc.CORRECTED))
    evening.outbox.close()
    assert evening.outbox.take() == Replay()


def test_what_is_about_to_be_told_is_not_sent_by_a_replay(player: Player) -> None:
    """What has just ended is told from the outbox, and not a second time from the journal."""
    evening = begin(player)
    evening.journal.record(watch())
    assert evening.outbox.put(watch())
    assert evening.journal.claim(50) == []
    evening.outbox.close()
    assert evening.outbox.take() == watch()
    assert len(evening.journal.claim(50)) == 1


@pytest.mark.parametrize("length", [None, 20.0], ids=["unknown", "short"])
def test_a_pause_for_a_file_holds_though_its_length_is_known_late(
    player: Player, length: float | None
) -> None:
    """Whoever leaves out a file whose length mpv does not know yet, or that still grows, has left it out; the
    next file is scrobbled.
    """
    evening = begin(player)
    evening.hear(opened("Arrival (2016).mkv", length))
    evening.hear(Asked(1.0, what="pause-scrobbling", words=("file",)))
    evening.hear(opened("Arrival (2016).mkv", 6000.0))
    assert str(evening.pausing) == "paused for this file"
    assert evening.journal.unsent() == []
    evening.hear(Ended(3.0))
    evening.hear(opened("Heat (1995).mkv", 6000.0))
    assert [row.media.title for row in evening.journal.unsent()] == ["Heat"]


def test_a_pause_asked_for_between_two_files_is_none_for_the_next(player: Player) -> None:
    """Whoever leaves out a file while nothing plays has left out none."""
    evening = begin(player)
    evening.hear(Asked(0.0, what="pause-scrobbling", words=("file",)))
    evening.hear(opened("Heat (1995).mkv", 6000.0))
    assert [row.media.title for row in evening.journal.unsent()] == ["Heat"]


def test_a_pause_for_all_holds_in_other_windows(player: Player, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever pauses scrobbling in one window has paused it in the others too, in the middle of a film, which
    says so there; and when it is resumed, it is everywhere.
    """
    evening, said = begin(player), list[str]()
    monkeypatch.setattr(evening.notices, "say", lambda _kind, text, *_: said.append(text))
    evening.hear(opened("Arrival (2016).mkv", 6000.0))
    paused.begin("resumed", "", NOW)
    evening.hear(Sampled(5000.0, 5000.0))
    evening.hear(Ended(6000.0, 6000.0, "eof"))
    assert evening.journal.unsent() == []
    evening.hear(opened("Heat (1995).mkv", 6000.0))
    paused.end()
    evening.hear(Paused(9000.0, 10.0))
    assert evening.pausing is None
    assert said == [
        "Simkl: Arrival (2016)",
        "Simkl: scrobbling is paused until you resume it",
        "Simkl: scrobbling is paused until you resume it",
        "Simkl: scrobbling goes on",
    ]


def test_a_pause_for_all_takes_no_watch_from_another_window(player: Player) -> None:
    """Whoever has seen a film, lets its last minute stand in one window and pauses scrobbling in another one
    has seen it: it counts with the time at which that is noticed, and once.
    """
    evening, began = begin(player), time.monotonic() - 800
    evening.hear(replace(opened("Arrival (2016).mkv", 6000.0), at=began, position=5000.0))
    for seconds in range(10, 800, 10):
        evening.hear(Sampled(began + seconds, 5000.0 + seconds))
    evening.hear(Paused(began + 790, 5790.0))
    paused.begin("resumed", "", NOW)
    evening.hear(Ended(began + 800, None, "quit"))
    assert [(row.media.title, row.state, row.watched_at is not None) for row in evening.journal.unsent()] == [
        ("Arrival", "waiting", True)
    ]


def test_what_is_paused_stays_so_while_nobody_can_read_that(player: Player) -> None:
    """Whatever keeps a player from reading for a moment that all is paused, nothing is told meanwhile of what
    plays and of the next film; it goes on when it is resumed.
    """
    evening, file = begin(player), places.data_dir() / paused.FILE
    paused.begin("resumed", "", NOW)
    evening.hear(opened("Arrival (2016).mkv", 6000.0))
    file.unlink()
    file.mkdir()
    evening.hear(Sampled(10.0, 10.0))
    evening.hear(Ended(20.0))
    evening.hear(opened("Heat (1995).mkv", 6000.0))
    assert str(evening.pausing) == "paused until you resume it"
    assert evening.journal.unsent() == []
    file.rmdir()
    evening.hear(Sampled(30.0, 30.0))
    assert evening.pausing is None


def test_what_cannot_be_resumed_stays_paused(player: Player, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the disk does not let go what says that all is paused, the screen says so and does not claim that it
    goes on.
    """
    paused.begin("resumed", "", NOW)
    evening, said = begin(player), list[str]()
    monkeypatch.setattr(evening.notices, "answer", lambda text, *_: said.append(text))
    evening.hear(opened("Heat (1995).mkv", 6000.0))
    file = places.data_dir() / paused.FILE
    file.unlink()
    file.mkdir()
    evening.hear(Asked(1.0, what="pause-scrobbling"))
    assert evening.pausing is not None
    assert [text.partition(": [")[0] for text in said] == ["Simkl: it could not be resumed"]


def test_what_is_sent_just_now_is_corrected_afterwards(player: Player) -> None:
    """Said with the keys while an episode is being sent, it waits for the end of that: nothing is sent as one
    thing and kept as another.
    """
    evening = begin(player)
    evening.journal.record(replace(watch(), path="/tv/03.mkv"))
    by = correcting.keep(evening.journal, "file", "/tv/03.mkv", EPISODE, correcting.Choice(FILM))
    fixing._apply(evening, by)
    (row,) = evening.journal.unsent()
    evening.outbox.close()
    job = evening.outbox.take()
    assert isinstance(job, Job)
    job.work(fail)
    (then,) = evening.journal.unsent()
    assert (row.media, then.media) == (EPISODE, FILM)


@pytest.mark.parametrize("state", [None, "doubtful", "not_found", "refused"])
def test_what_was_said_just_before_mpv_was_closed_holds_at_the_next_start(
    player: Player, state: Settled | None
) -> None:
    """Said with the keys while Simkl does not answer, and mpv closed at once: what waits or was set aside is
    what the user said when mpv is opened again, and nothing else has become of what was right.
    """
    evening = begin(player)
    journal = evening.journal
    for name in ("03", "04"):
        journal.record(replace(watch(viewing=name), path=f"/tv/{name}.mkv", recognised=EPISODE))
    other = journal.find("04")
    if (row := journal.find("03")) and state:
        journal.settle([row.id], state)
    by = correcting.keep(journal, "file", "/tv/03.mkv", EPISODE, correcting.Choice(FILM))
    fixing._apply(evening, by)
    then = begin(player).journal
    now = then.find("03")
    assert now is not None
    assert (now.state, now.media, now.said) == ("waiting", FILM, FILM)
    assert then.find("04") == other


def test_what_was_shifted_is_shifted_once(player: Player) -> None:
    """Whoever has said that a file's numbers are off by ten may open mpv as often as they like."""
    journal = begin(player).journal
    journal.record(replace(watch(), path="/tv/03.mkv", recognised=EPISODE))
    show = FILM._replace(type="episode", ids={"simkl": "9200004"})
    correcting.keep(journal, "title", "/tv/03.mkv", EPISODE, correcting.Choice(show, shift=10))
    for _ in range(2):
        (row,) = begin(player).journal.unsent()
        assert row.media.episodes == (13,)


def test_whoever_has_signed_in_is_not_asked_to_sign_in(
    user: Newcomer, player: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else signs in during a film, which is paused twice then: the screen says once why Simkl is not
    told, and not how to sign in, and other scripts see that somebody is signed in.
    """
    first = sign_in_as(user.simkl, timedelta(days=6))
    evening, said = begin(player), list[str]()
    journal = evening.journal
    sender = Sender(
        evening.outbox,
        journal,
        lambda: app._connect(Settings(), journal),
        complain=lambda why: outcome.ask_to_sign_in(evening, why),
    )
    evening.notices.at(Place.OURS)
    monkeypatch.setattr(evening.notices, "say", lambda _kind, text, _seconds: said.append(text))
    monkeypatch.setattr(player, "post", lambda use: use())
    journal.record(heard(Action.START))
    sender._deliver(heard(Action.START))
    sign_in_as(user.simkl, timedelta(days=6), account=7)
    user.simkl.revoke(first.access_token)
    for progress in (40, 50):
        journal.record(heard(Action.PAUSE, progress=progress))
        sender._deliver(heard(Action.PAUSE, progress=progress))
        assert evening.signed_in
    assert said == ["Simkl: somebody else has signed in meanwhile; what was watched before is kept"]
    assert journal.account == "7"


def test_a_sign_in_that_has_ended_is_no_sign_in(
    user: Newcomer, player: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Simkl ends the sign-in during a film: whoever asks how things stand, or a script, is told that too."""
    sign_in_as(user.simkl, timedelta(days=6))
    evening = begin(player)
    evening.notices.at(Place.OURS)
    monkeypatch.setattr(player, "post", lambda use: use())
    monkeypatch.setattr(player, "key_of", lambda _name: "F9")
    assert presence.values(evening)["signed_in"]
    outcome.ask_to_sign_in(evening, LoginNeeded("the sign-in has ended"))
    assert not presence.values(evening)["signed_in"]
    assert presence.lines(evening)[-1].startswith("not signed in; ")


def test_what_only_memory_holds_has_its_owner_too(user: Newcomer, player: Player) -> None:
    """Whoever signs in next does not get what was watched before, while the disk could not be used and the
    sign-in had ended.
    """
    kept = sign_in_as(user.simkl, timedelta(days=1))
    with auth.lock():
        auth.save(kept.ended())
    Path(places.data_dir() / FILE).mkdir()
    evening = begin(player)
    assert not evening.journal.on_disk
    assert evening.journal.account == kept.account


def test_an_undo_leaves_what_was_watched_before(user: Newcomer, player: Player) -> None:
    """Whoever opens an episode of last year's by mistake and takes that back has still watched it last year;
    taken back once more, it is gone.
    """
    user.clock.now = datetime.now(UTC)
    evening = begin(player)
    sender = Sender(evening.outbox, evening.journal, lambda: connect(user.simkl))
    for name, at in (("before", user.clock.now - timedelta(hours=2)), ("now", user.clock.now)):
        for scrobble in (heard(Action.START, EPISODE, name), replace(watch(EPISODE, name), at=at)):
            evening.journal.record(scrobble)
            sender._deliver(scrobble)
    left = []
    for _ in range(2):
        actions.undo(evening, ())
        order = evening.outbox.take()
        assert isinstance(order, Job)
        order.work(lambda: connect(user.simkl))
        left.append(([row.name for row in evening.journal.done()], len(user.simkl.history)))
    assert left == [(["before"], 1), ([], 0)]


def test_a_rating_does_not_bring_the_time_of_a_wrong_clock_to_simkl(user: Newcomer, player: Player) -> None:
    """A film that was watched just now, on a clock that was years behind, is rated before it is recorded: its
    time at Simkl is the true one, which nothing told later would change.
    """
    user.clock.now = datetime.now(UTC)
    sign_in_as(user.simkl, timedelta(days=6))
    evening = begin(player)
    evening.journal.record(replace(watch(FILM), at=NOW - timedelta(days=1000)))
    (row,) = evening.journal.unsent()
    actions._send_rating(evening, row, 8)
    order = evening.outbox.take()
    assert isinstance(order, Job)
    order.work(lambda: app._connect(Settings(), evening.journal))
    (there,) = user.simkl.history
    assert abs(there.watched_at - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_rating_brings_the_time_that_simkl_was_told(user: Newcomer, player: Player) -> None:
    """A film that is at Simkl already is rated with the time that was told, whatever clock said when."""
    user.clock.now = datetime.now(UTC)
    sign_in_as(user.simkl, timedelta(days=6))
    evening = begin(player)
    evening.journal.record(replace(watch(FILM), at=NOW - timedelta(days=1000)))
    (row,) = evening.journal.unsent()
    evening.journal.settle([row.id], "done", told={row.id: NOW})
    (row,) = evening.journal.these([row.id])
    actions._send_rating(evening, row, 8)
    order = evening.outbox.take()
    assert isinstance(order, Job)
    order.work(lambda: app._connect(Settings(), evening.journal))
    assert [there.watched_at for there in user.simkl.history] == [NOW]
