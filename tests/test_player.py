"""What mpv says, and what becomes of it: a real mpv, steered by hand, and the facts that come out."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

import pytest

from mpv_simkl import ipc, loaded
from mpv_simkl import player as door
from mpv_simkl.chronicle import name_of
from mpv_simkl.errors import PlayerError
from mpv_simkl.model import (
    Ended,
    Event,
    Finished,
    Idled,
    Landed,
    Measured,
    Opened,
    Paused,
    Ran,
    Resumed,
    Sampled,
    Sought,
    SpeedSet,
    Stalled,
)
from mpv_simkl.player import Player

from .harness import CLIPS, EPISODE_4, EPISODE_5, FILM, WITHIN, Mpv, idle_mpv
from .troubles import Quiet, serving

Fact = TypeVar("Fact", bound=Event)
OTHER = CLIPS / "other"


class Listener:
    """Takes what `Player.events()` gives, on a thread, so that a test can wait for a fact."""

    def __init__(self, player: Player, patience: float | None = None) -> None:
        self._facts: list[Event] = []
        self._changed = threading.Condition()
        self._over = False
        self._listening = threading.Event()
        self._awake = threading.Event()
        self._awake.set()
        self._patience = patience
        self._thread = threading.Thread(target=self._listen, args=(player,), daemon=True)
        self._thread.start()
        assert self._listening.wait(WITHIN), "it never began to listen"

    def _listen(self, player: Player) -> None:
        for fact in player.events(self._patient):
            if isinstance(fact, Idled):  # an mpv without a file says so when one begins to listen
                continue
            with self._changed:
                self._facts.append(fact)
                self._changed.notify_all()
        with self._changed:
            self._over = True
            self._changed.notify_all()

    def _patient(self, _: float) -> float | None:
        """It is first asked when the observers stand."""
        self._listening.set()
        self._awake.wait()
        return self._patience

    @contextmanager
    def late(self) -> Iterator[None]:
        """What happens in this block is heard after it, as on a machine that is busy."""
        self._awake.clear()
        yield
        self._awake.set()

    def until(self, fact: type[Fact], count: int = 1) -> Fact:
        """The fact of that kind, as soon as there are so many of them."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self._of(fact)) >= count, WITHIN), self.names()
            return self._of(fact)[count - 1]

    def to_the_end(self) -> list[str]:
        """What was heard until mpv was gone."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._over, WITHIN), f"no end of {self.names()}"
        return self.names()

    def _of(self, fact: type[Fact]) -> list[Fact]:
        return [heard for heard in self._facts if isinstance(heard, fact)]

    def all(self) -> list[Event]:
        """Every fact so far."""
        with self._changed:
            return list(self._facts)

    def names(self) -> list[str]:
        """The facts by name, without the flicker of a decoder that waits for a moment."""
        return [type(fact).__name__ for fact in self.all() if not isinstance(fact, Stalled | Ran)]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short path, for the sake of sockets."""
    with tempfile.TemporaryDirectory(prefix="mpv-simkl-test-") as name:
        yield Path(name)


@contextmanager
def attached(folder: Path, *options: str, patience: float | None = None) -> Iterator[tuple[Mpv, Listener]]:
    """mpv, and somebody who listens to it from before the first file."""
    with (
        idle_mpv(folder, *options) as mpv,
        Player(str(folder / "mpv.sock"), mpv.process.pid) as player,
    ):
        yield mpv, Listener(player, patience)


def load(mpv: Mpv, file: Path, how: str = "replace") -> None:
    mpv.command("loadfile", str(file), how)


def in_order(facts: Sequence[Event]) -> bool:
    """A fact with a position has the time of reading it, and one without the time when it was heard, which
    may be while another one is read.
    """
    read = [fact.at for fact in facts if fact.position is not None]
    heard = [fact.at for fact in facts if fact.position is None]
    return read == sorted(read) and heard == sorted(heard)


def test_a_file_that_plays_to_its_end_is_opened_and_ended(folder: Path) -> None:
    """A file is told of once when it begins, with all that is known of it, and once when it is over."""
    with attached(folder, "--start=19") as (mpv, heard):
        load(mpv, EPISODE_4)
        opened = heard.until(Opened)
        ended = heard.until(Ended)
        mpv.quit()
        assert heard.to_the_end() == ["Opened", "Ended"]
    assert opened.clues.path == str(EPISODE_4)
    assert (opened.kind, opened.network, opened.paused, opened.speed) == ("video", False, False, 1.0)
    assert opened.duration == pytest.approx(20, abs=0.2)
    assert opened.position == pytest.approx(19, abs=0.5)
    assert ended.reason == "eof"
    assert in_order(heard.all())


def test_pausing_is_told_with_its_place(folder: Path) -> None:
    """The space bar is a fact, each time, and says where it was pressed."""
    with attached(folder) as (mpv, heard):
        load(mpv, EPISODE_4)
        mpv.wait_for_position(0.5)
        mpv.set("pause", True)
        paused = heard.until(Paused)
        at_rest = mpv.command("get_property", "time-pos")
        mpv.set("pause", False)
        heard.until(Resumed)
        mpv.quit()
        assert heard.to_the_end() == ["Opened", "Paused", "Resumed", "Ended"]
    assert paused.position == pytest.approx(at_rest, abs=0.1)


def test_a_pause_is_told_though_somebody_has_asked_what_plays_meanwhile(folder: Path) -> None:
    """Whoever pauses just while a correction is at work has paused all the same."""
    with idle_mpv(folder) as mpv, Player(str(folder / "mpv.sock"), mpv.process.pid) as player:
        heard = Listener(player)
        load(mpv, EPISODE_4)
        heard.until(Opened)
        with heard.late():
            mpv.set("speed", 1.1)
            heard.until(SpeedSet)
            mpv.set("pause", True)
            now = player.now_playing()
        heard.until(Paused)
        mpv.quit()
    assert now is not None
    assert now.paused


def test_pausing_stops_the_reckoning(folder: Path) -> None:
    """While it is paused the position stands still, and is known to."""
    with attached(folder, patience=0.3) as (mpv, heard):
        load(mpv, EPISODE_4)
        mpv.wait_for_position(0.2)
        mpv.set("pause", True)
        stalled = heard.until(Stalled)
        heard.until(Sampled, heard.names().count("Sampled") + 2)
        mpv.set("pause", False)
        ran = heard.until(Ran)
    assert ran.position == pytest.approx(stalled.position, abs=0.1)


def test_a_seek_is_told_when_it_begins_and_when_it_has_landed(folder: Path) -> None:
    """A jump says where it landed; where it wanted to go is never taken for a place that was seen."""
    with attached(folder) as (mpv, heard):
        load(mpv, EPISODE_4)
        heard.until(Opened)
        mpv.command("seek", 12, "absolute+exact")
        sought, landed = heard.until(Sought), heard.until(Landed)
        mpv.quit()
        assert heard.to_the_end() == ["Opened", "Sought", "Landed", "Ended"]
    assert sought.position is None
    assert landed.position == pytest.approx(12, abs=0.5)
    assert landed.running


def test_the_target_of_a_seek_past_the_end_is_never_a_position(folder: Path) -> None:
    """Whoever jumps to minute 16 of a clip of 20 seconds was never there."""
    with attached(folder) as (mpv, heard):
        load(mpv, EPISODE_4)
        heard.until(Opened)
        mpv.command("seek", 1000, "absolute")
        heard.until(Ended)
        mpv.quit()
        heard.to_the_end()
    places = [fact.position for fact in heard.all() if fact.position is not None]
    assert max(places) <= 20.1
    assert heard.until(Sought).position is None


def test_speed_is_told_when_it_changes(folder: Path) -> None:
    """Playing faster is a fact; playing at the speed that it had from the start is none."""
    with attached(folder, "--speed=1.5") as (mpv, heard):
        load(mpv, EPISODE_4)
        opened = heard.until(Opened)
        mpv.set("speed", 2.0)
        speed = heard.until(SpeedSet)
        mpv.quit()
        assert heard.to_the_end() == ["Opened", "SpeedSet", "Ended"]
    assert (opened.speed, speed.speed) == (1.5, 2.0)
    assert speed.position is not None


def test_the_next_file_ends_the_one_before(folder: Path) -> None:
    """Skipping on is one file ended and another opened, each under its own name."""
    with attached(folder) as (mpv, heard):
        load(mpv, EPISODE_4)
        load(mpv, FILM, "append")
        first = heard.until(Opened)
        mpv.command("playlist-next")
        second = heard.until(Opened, 2)
        mpv.quit()
        assert heard.to_the_end() == ["Opened", "Ended", "Opened", "Ended"]
    assert [Path(fact.clues.path).name for fact in (first, second)] == [EPISODE_4.name, FILM.name]
    assert [heard.until(Ended, number).reason for number in (1, 2)] == ["stop", "quit"]


def test_the_place_in_the_next_file_is_not_taken_for_one_in_the_last(folder: Path) -> None:
    """However late we hear of it: a file ends where it was, not where the next one is by now."""
    with attached(folder) as (mpv, heard):
        load(mpv, EPISODE_4)
        load(mpv, FILM, "append")
        heard.until(Opened)
        mpv.seek(10)
        mpv.set("pause", True)
        heard.until(Paused)
        with heard.late():
            mpv.set("pause", False)
            mpv.command("playlist-next")
            mpv.wait_for("path", lambda path: path == str(FILM))
            mpv.wait_for_position(0.5)
        heard.until(Opened, 2)
    facts = heard.all()
    first = facts[: facts.index(heard.until(Ended))]
    assert [fact for fact in first if fact.position is not None and fact.position < 9] == first[:1]


def test_a_film_that_moves_within_the_playlist_plays_on(folder: Path) -> None:
    """Whoever sorts the playlist in the middle of a film watches on where they are."""
    with attached(folder) as (mpv, heard):
        load(mpv, EPISODE_4)
        load(mpv, FILM, "append")
        heard.until(Opened)
        mpv.command("playlist-move", 0, 2)
        mpv.wait_for("playlist-playing-pos", lambda place: place == 1)
        mpv.seek(10)
        mpv.set("pause", True)
        paused = heard.until(Paused)
        mpv.command("playlist-move", 1, 0)
        mpv.wait_for("playlist-playing-pos", lambda place: place == 0)
        mpv.set("pause", False)
        resumed = heard.until(Resumed)
    for fact in (paused, resumed):
        assert fact.position == pytest.approx(10, abs=2)


def test_the_target_of_a_seek_that_we_have_not_heard_of_is_no_position(folder: Path) -> None:
    """However late we hear of it: a place that mpv is only on its way to is not where it is."""
    with attached(folder) as (mpv, heard):
        load(mpv, EPISODE_4)
        heard.until(Opened)
        with heard.late():
            mpv.set("speed", 1.1)
            mpv.command("seek", 1000, "absolute")
            mpv.wait_for("idle-active", wanted=True)
        heard.until(Ended)
    places = [fact.position for fact in heard.all() if fact.position is not None]
    assert max(places) < 10
    assert in_order(heard.all())


@pytest.mark.parametrize(
    ("leave", "reasons"),
    [
        (Mpv.quit, {"quit", "gone"}),  # mpv may close the connection before it says why (mpv-notes 1.5)
        (Mpv.kill, {"gone"}),
        (lambda mpv: mpv.process.terminate(), {"quit", "gone"}),
        (lambda mpv: mpv.process.send_signal(signal.SIGHUP), {"gone"}),
    ],
    ids=["q", "kill -9", "SIGTERM", "SIGHUP"],
)
def test_however_mpv_ends_the_file_has_ended(
    folder: Path, leave: Callable[[Mpv], None], reasons: set[str]
) -> None:
    """Closed, killed or gone with its terminal: the file is ended, once, and listening is over."""
    with attached(folder) as (mpv, heard):
        load(mpv, EPISODE_4)
        heard.until(Opened)
        leave(mpv)
        assert heard.to_the_end() == ["Opened", "Ended"]
    assert heard.until(Ended).reason in reasons


def test_why_a_file_ended_is_heard_though_the_connection_was_gone_before(folder: Path) -> None:
    """The news that mpv is gone may come before its last words, which are waited for (mpv-notes 4.3)."""
    with idle_mpv(folder) as mpv, Player(str(folder / "mpv.sock"), mpv.process.pid) as player:
        heard = Listener(player)
        load(mpv, EPISODE_4)
        heard.until(Opened)
        with heard.late():
            player._hear("gone", {})
            mpv.command("stop")
            mpv.wait_for("idle-active", wanted=True)
        assert heard.to_the_end() == ["Opened", "Ended"]
    assert heard.until(Ended).reason == "stop"


def test_that_the_machine_has_slept_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A film that goes on after an hour of sleep is told where it stands, for Simkl's clock went on; a moment
    of it is nothing (simkl-api 17.13).
    """
    slept = [0.0]
    monkeypatch.setattr(time, "clock_gettime", lambda _: time.monotonic() + slept[0])  # CLOCK_BOOTTIME
    with attached(folder) as (mpv, heard):
        load(mpv, EPISODE_4)
        heard.until(Opened)
        for seconds, pauses in ((50, 1), (3600, 2)):
            slept[0] += seconds
            mpv.set("pause", value=True)
            heard.until(Paused, pauses)
            mpv.set("pause", value=False)
            heard.until(Resumed, pauses)
    assert heard.names() == ["Opened", "Paused", "Resumed", "Woke", "Paused", "Resumed"]


def test_the_end_is_noticed_though_another_program_holds_the_connection(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A helper of another plugin inherits mpv's sockets and outlives it; mpv's end is noticed, and nothing is
    asked there any more, for no answer would come.
    """
    monkeypatch.setattr(ipc, "ANSWER_WITHIN", 600)
    with idle_mpv(folder) as mpv, Player(str(folder / "mpv.sock"), mpv.process.pid) as player:
        heard = Listener(player)
        load(mpv, EPISODE_4)
        heard.until(Opened)
        fifo = folder / "until"
        os.mkfifo(fifo)
        mpv.command("run", "sh", "-c", f"read line <'{fifo}'")
        mpv.kill()
        try:
            assert heard.to_the_end() == ["Opened", "Ended"]
            assert player.get("pause") is None
        finally:
            until = os.open(fifo, os.O_RDWR)  # it waits for no reader
            os.write(until, b"\n")
            os.close(until)


def test_a_socket_that_is_still_being_made_is_waited_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """mpv makes its socket on a thread of its own, a moment after it was asked for it (mpv-notes 1.3)."""
    monkeypatch.setattr(ipc, "CONNECT_WITHIN", WITHIN)
    found: list[object] = []

    def connect() -> None:
        with Player(str(folder / "mpv.sock")) as player:
            found.append(player.get("idle"))

    waiting = threading.Thread(target=connect, daemon=True)
    waiting.start()
    with idle_mpv(folder):
        waiting.join(WITHIN)
    assert found == [True]


def test_a_file_held_open_has_reached_its_end(folder: Path) -> None:
    """With keep-open the last frame stays: the file has finished but has not ended."""
    with attached(folder, "--start=19", "--keep-open=yes") as (mpv, heard):
        load(mpv, EPISODE_4)
        heard.until(Finished)
        mpv.wait_for("pause", wanted=True)
        mpv.quit()
        names = heard.to_the_end()
    assert names[:2] == ["Opened", "Finished"]
    assert names[-1] == "Ended"
    assert names.count("Finished") == names.count("Ended") == 1


def test_a_loop_lands_at_the_beginning(folder: Path) -> None:
    """A file that loops is not opened again: it seeks back to its beginning."""
    with attached(folder, "--start=19", "--loop-file=inf") as (mpv, heard):
        load(mpv, EPISODE_4)
        landed = heard.until(Landed)
        mpv.quit()
        assert heard.to_the_end() == ["Opened", "Sought", "Landed", "Ended"]
    assert landed.position is not None
    assert landed.position < 1


def test_a_playlist_of_one_file_opens_it_each_time(folder: Path) -> None:
    """With loop-playlist each round is a file of its own, though mpv gives it the same number."""
    with attached(folder, "--start=19", "--loop-playlist=inf") as (mpv, heard):
        load(mpv, EPISODE_4)
        heard.until(Opened, 2)
        mpv.quit()
        assert heard.to_the_end()[:3] == ["Opened", "Ended", "Opened"]


def test_a_file_that_cannot_be_played_is_no_file(folder: Path) -> None:
    """What mpv cannot open was never opened, and so does not end either; the next file is as usual."""
    broken = folder / "broken.mkv"
    broken.write_bytes(b"no video at all")
    with attached(folder) as (mpv, heard):
        load(mpv, folder / "missing.mkv")
        load(mpv, broken, "append-play")
        load(mpv, EPISODE_4, "append-play")
        opened = heard.until(Opened)
        mpv.quit()
        assert heard.to_the_end() == ["Opened", "Ended"]
    assert opened.clues.path == str(EPISODE_4)


def test_a_playlist_file_is_not_a_viewing(folder: Path) -> None:
    """An .m3u is only the way to its videos."""
    playlist = folder / "evening.m3u"
    playlist.write_text(f"{EPISODE_4}\n{EPISODE_5}\n", encoding="utf-8")
    with attached(folder) as (mpv, heard):
        load(mpv, playlist)
        first = heard.until(Opened)
        mpv.command("playlist-next")
        second = heard.until(Opened, 2)
        mpv.quit()
        assert heard.to_the_end() == ["Opened", "Ended", "Opened", "Ended"]
    assert [fact.clues.path for fact in (first, second)] == [str(EPISODE_4), str(EPISODE_5)]


def test_whoever_comes_late_is_told_of_the_file_that_plays(folder: Path) -> None:
    """Attached in the middle of a file, we know it, where it stands and how fast it goes."""
    with idle_mpv(folder, "--speed=2") as mpv:
        load(mpv, EPISODE_4)
        mpv.wait_for_position(3)
        with Player(str(folder / "mpv.sock"), mpv.process.pid) as player:
            heard = Listener(player)
            opened = heard.until(Opened)
            mpv.quit()
            assert heard.to_the_end() == ["Opened", "Ended"]
    assert opened.clues.path == str(EPISODE_4)
    assert opened.position is not None
    assert opened.position >= 3
    assert (opened.running, opened.speed) == (True, 2.0)


def test_whoever_comes_late_to_a_paused_file_knows_that_it_is_paused(folder: Path) -> None:
    """A file that was paused before we came is open, paused and at rest."""
    with idle_mpv(folder, "--pause") as mpv:
        load(mpv, EPISODE_4)
        mpv.wait_for("seeking", wanted=False)
        with Player(str(folder / "mpv.sock")) as player:
            heard = Listener(player)
            opened = heard.until(Opened)
            mpv.quit()
            assert heard.to_the_end() == ["Opened", "Ended"]
    assert (opened.paused, opened.running) == (True, False)


@pytest.mark.parametrize("patience", [9.6e9, 1e300])
def test_an_absurd_wait_ends_nothing(folder: Path, patience: float) -> None:
    """A file that claims to be a thousand years long is followed like any other: a pause in it is heard."""
    with attached(folder, patience=patience) as (mpv, heard):
        load(mpv, EPISODE_4)
        heard.until(Opened)
        mpv.set("pause", True)
        heard.until(Paused)
        mpv.quit()


def test_the_position_is_read_when_patience_ends(folder: Path) -> None:
    """Between two words of mpv's the position is read now and then, and moves on."""
    with attached(folder, patience=0.2) as (mpv, heard):
        load(mpv, EPISODE_4)
        first, second = heard.until(Sampled), heard.until(Sampled, 2)
        mpv.quit()
    assert first.position is not None
    assert second.position is not None
    assert second.position > first.position


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("01 - Tidewater.flac", "music"),
        ("02 - Ebb, with its cover.mp3", "music"),
        ("harbour.png", "picture"),
        ("waves.gif", "picture"),
        (f"harbour.png,{OTHER}/harbour.png", "picture"),
    ],
)
def test_music_and_pictures_are_told_apart_from_videos(folder: Path, name: str, kind: str) -> None:
    """A cover is music, and pictures that move or follow each other are pictures."""
    with attached(folder, "--image-display-duration=inf") as (mpv, heard):
        mpv.command("loadfile", f"{'mf://' if ',/' in name else ''}{OTHER}/{name}")
        assert heard.until(Opened).kind == kind


@pytest.mark.usefixtures("either")
def test_an_episode_whose_video_was_off_at_its_start_is_one_when_it_is_on(folder: Path) -> None:
    """Whoever has the video off while mpv's window is out of sight, and looks again, sees an episode."""
    with attached(folder, "--vid=no") as (mpv, heard):
        load(mpv, EPISODE_4)
        assert heard.until(Opened).kind == "music"
        mpv.set("vid", "auto")
        opened = heard.until(Opened, 2)
        mpv.quit()
        assert heard.to_the_end()[-2:] == ["Opened", "Ended"]
    assert (opened.kind, opened.clues.path) == ("video", str(EPISODE_4))


def test_huge_tags_are_cut(folder: Path) -> None:
    """A file with tags like telephone books costs a few of their pages."""
    tags = folder / "tags.txt"
    lines = [f"BOOK_{number}={'x' * 5000}" for number in range(200)]
    tags.write_text("\n".join([";FFMETADATA1", *lines]), encoding="utf-8")
    file = folder / "tagged.mkv"
    line = ["ffmpeg", "-v", "error", "-i", str(EPISODE_4), "-i", str(tags), "-map_metadata", "1"]
    subprocess.run([*line, "-c", "copy", str(file)], check=True)
    with attached(folder) as (mpv, heard):
        load(mpv, file)
        clues = heard.until(Opened).clues
    assert len(clues.tags) == loaded.MAX_TAGS
    assert {len(text) for text in clues.tags.values()} <= set(range(ipc.MAX_TEXT + 1))
    assert max(len(text) for text in clues.tags.values()) == ipc.MAX_TEXT


@pytest.mark.usefixtures("either")
def test_a_relative_path_becomes_absolute(folder: Path) -> None:
    """A file that was typed as `../x.mkv` is known by where it lies, under the name that it has there."""
    (folder / "here").mkdir()
    file = folder / "A Film (2001).mkv"
    file.symlink_to(EPISODE_4)
    with idle_mpv(folder, cwd=folder / "here") as mpv, Player(str(folder / "mpv.sock")) as player:
        heard = Listener(player)
        load(mpv, Path("..") / file.name)
        assert heard.until(Opened).clues.path == str(file)


@pytest.mark.parametrize("end", ["?api_key=hu%20sh", "#hush", "?a=/hush"])
def test_an_address_is_told_without_its_keys(folder: Path, end: str) -> None:
    """What stands behind an address is told by a mark alone, also where mpv takes it for the title."""
    with serving(partial(Quiet, directory=str(EPISODE_4.parent))) as server:
        place = f"{server}/{quote(EPISODE_4.name)}"
        with attached(folder, f"{place}{end}") as (mpv, heard):
            opened = heard.until(Opened)
            mpv.quit()
    assert re.fullmatch(r"\?~[0-9a-f]{12}", opened.clues.path.removeprefix(place))
    assert "sh" not in opened.clues.media_title
    assert name_of(opened) == quote(EPISODE_4.name)


def test_what_lies_in_an_archive_is_told_without_the_keys_of_its_address(folder: Path) -> None:
    """mpv calls a file in a zip by the whole address of that zip, password and keys with it."""
    with zipfile.ZipFile(folder / "The.Show.zip", "w") as archive:
        archive.write(EPISODE_4, "S01E02.mkv")
    with serving(partial(Quiet, directory=str(folder))) as server:
        place = f"{server.removeprefix('http://')}/The.Show.zip"
        with attached(folder, f"http://me:hush@{place}?key=hush") as (mpv, heard):
            path = heard.until(Opened).clues.path
            mpv.quit()
    assert re.fullmatch(rf"archive://http://{re.escape(place)}\?~[0-9a-f]{{12}}\|/S01E02\.mkv", path)


def test_an_address_is_told_without_its_password(folder: Path) -> None:
    """The name and the password for a server at home are mpv's business."""
    with serving(partial(Quiet, directory=str(EPISODE_4.parent))) as server:
        place = f"{server.removeprefix('http://')}/{quote(EPISODE_4.name)}"
        with attached(folder, f"http://me:hush@{place}") as (mpv, heard):
            assert heard.until(Opened).clues.path == f"http://{place}"
            mpv.quit()


def test_a_file_name_that_is_no_text_is_still_a_file(folder: Path) -> None:
    """A name in an old encoding is told of without its broken letters, and nothing ends."""
    name = os.fsdecode(b"Caf\xe9 \xff - S01E02.mkv")
    (folder / name).symlink_to(EPISODE_4)
    with attached(folder, str(folder / name)) as (mpv, heard):
        path = heard.until(Opened).clues.path
        mpv.quit()
        assert heard.to_the_end()[-1] == "Ended"
    assert path.startswith(f"{folder}/Caf")
    assert path.endswith(" - S01E02.mkv")
    path.encode()


@pytest.mark.usefixtures("either")
def test_a_folder_whose_name_is_no_text_ends_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does mpv-simkl end where a file is opened by its bare name in a folder that has such a name."""
    place = folder / os.fsdecode(b"Caf\xe9")
    place.mkdir()
    (place / "Cafe - S01E02.mkv").symlink_to(EPISODE_4)
    monkeypatch.chdir(place)
    with idle_mpv(folder, cwd=place) as mpv, Player(str(folder / "mpv.sock")) as player:
        heard = Listener(player)
        load(mpv, Path("Cafe - S01E02.mkv"))
        path = heard.until(Opened).clues.path
    assert path.endswith("/Cafe - S01E02.mkv")
    path.encode()


@contextmanager
def growing(place: Path) -> Iterator[Path]:
    """A stream that comes as fast as it plays."""
    os.mkfifo(place)
    line = ["ffmpeg", "-v", "error", "-y", "-re", "-i", str(EPISODE_4), "-c", "copy", "-f", "mpegts"]
    writer = subprocess.Popen([*line, str(place)], stdin=subprocess.DEVNULL)
    try:
        yield place
    finally:
        writer.kill()
        writer.wait()


def test_a_growing_file_is_live_and_the_one_after_it_is_measured_again(folder: Path) -> None:
    """A recording under way has no length; that says nothing about the next file."""
    with attached(folder) as (mpv, heard):
        for number, name in enumerate(("one.ts", "two.ts"), start=1):
            with growing(folder / name) as stream:
                load(mpv, stream)
                heard.until(Opened, number)
                heard.until(Measured, number * door.LIVE_AFTER)
    lengths = [fact.duration for fact in heard.all() if isinstance(fact, Measured)]
    assert [length is None for length in lengths] == [False, False, True] * 2


def test_a_recording_whose_clock_goes_on_begins_at_its_beginning(folder: Path) -> None:
    """With rebase-start-time=no mpv's clock is that of the broadcast; the place in the film is not."""
    late = folder / "late.ts"
    line = ["ffmpeg", "-v", "error", "-i", str(EPISODE_4), "-c", "copy", "-output_ts_offset", "5000"]
    subprocess.run([*line, "-f", "mpegts", str(late)], check=True, stdin=subprocess.DEVNULL)
    options = (str(late), "--rebase-start-time=no", "--pause")
    with idle_mpv(folder, *options) as mpv, Player(str(folder / "mpv.sock"), mpv.process.pid) as player:
        mpv.wait_for("time-pos", wanted=lambda place: place > 5000)
        heard = Listener(player)
        assert heard.until(Opened).position == pytest.approx(0, abs=0.1)
        player.seek(10)
        assert heard.until(Landed).position == pytest.approx(10, abs=1.5)
        mpv.quit()


def test_a_recording_under_way_is_as_long_as_it_has_become(folder: Path) -> None:
    """A recording that was opened when half of it was there is twice as long when all of it is, and of no
    known length where mpv comes to the end that it knew.
    """
    whole, part = folder / "whole.ts", folder / "part.ts"
    line = ["ffmpeg", "-v", "error", "-i", str(EPISODE_4), "-c", "copy", "-f", "mpegts", str(whole)]
    subprocess.run(line, check=True, stdin=subprocess.DEVNULL)
    recorded = whole.read_bytes()
    part.write_bytes(recorded[: len(recorded) // 2])
    with attached(folder, str(part), "--speed=4", patience=0.1) as (mpv, heard):
        half = heard.until(Opened).duration or 0.0
        with part.open("ab") as file:
            file.write(recorded[len(recorded) // 2 :])
        longer = heard.until(Measured)
        mpv.wait_for("duration", wanted=lambda length: length > half + 3)
        mpv.quit()
        heard.to_the_end()
    assert longer.duration == pytest.approx(2 * half, rel=0.01)
    lengths = [fact.duration for fact in heard.all() if isinstance(fact, Measured)]
    assert set(lengths) == {longer.duration, None}


def pump(source: socket.socket, sink: socket.socket, copy: bytearray) -> None:
    with suppress(OSError):  # the other side may have gone
        while data := source.recv(4096):
            copy += data
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


@contextmanager
def overheard(folder: Path) -> Iterator[tuple[Path, bytearray]]:
    """A socket that stands for mpv's, and all that is said to mpv through it."""
    place, said = folder / "between.sock", bytearray()

    def carry() -> None:
        server.accept()[0].close()  # the first call only looks whether somebody is there
        ours, _ = server.accept()
        with ours, socket.socket(socket.AF_UNIX) as theirs:
            theirs.connect(str(folder / "mpv.sock"))
            back = threading.Thread(target=pump, args=(theirs, ours, bytearray()))
            back.start()
            pump(ours, theirs, said)
            back.join()

    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(place))
        server.listen()
        thread = threading.Thread(target=carry)
        thread.start()
        yield place, said
        thread.join(WITHIN)


def test_only_what_changes_seldom_is_observed(folder: Path) -> None:
    """mpv is never asked to say where it is 24 times a second."""
    with idle_mpv(folder) as mpv, overheard(folder) as (place, said), Player(str(place)) as player:
        heard = Listener(player)
        load(mpv, EPISODE_4)
        heard.until(Opened)
        mpv.set("pause", True)
        heard.until(Paused)
        mpv.quit()
        heard.to_the_end()
    commands = [json.loads(line)["command"] for line in said.splitlines()]
    assert {command[2] for command in commands if command[0].startswith("observe")} == set(door.OBSERVED)
    assert "time-pos" not in door.OBSERVED


def test_a_frozen_mpv_simkl_does_not_keep_mpv_from_quitting(folder: Path) -> None:
    """Even when our process hangs, q closes the player."""
    listen = "import sys; from mpv_simkl.player import Player\n"
    listen += "for event in Player(sys.argv[1]).events(lambda _: None): print(event, flush=True)"
    with idle_mpv(folder) as mpv:
        ours = subprocess.Popen(
            [sys.executable, "-c", listen, str(folder / "mpv.sock")], stdout=subprocess.PIPE
        )
        try:
            load(mpv, EPISODE_4)
            assert ours.stdout is not None
            assert ours.stdout.readline().startswith(b"Opened")
            ours.send_signal(signal.SIGSTOP)
            for _ in range(20):
                mpv.command("seek", 1, "absolute")
                mpv.command("cycle", "pause")
            mpv.quit()
        finally:
            ours.kill()
            ours.communicate()


# Sockets that are none of mpv's


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing will come, so it need not be waited for."""
    monkeypatch.setattr(ipc, "CONNECT_WITHIN", 0.1)
    monkeypatch.setattr(ipc, "ANSWER_WITHIN", 0.2)


@pytest.mark.usefixtures("impatient")
def test_a_socket_that_is_not_there_is_an_error(folder: Path) -> None:
    """Without mpv there is one sentence that names the socket."""
    with pytest.raises(PlayerError, match=r"nowhere\.sock"):
        Player(str(folder / "nowhere.sock"))


@pytest.mark.usefixtures("impatient")
def test_a_file_that_is_no_socket_is_an_error(folder: Path) -> None:
    """A text file where the socket should be is refused and left as it is."""
    file = folder / "notes.txt"
    file.write_text("dear diary")
    with pytest.raises(PlayerError, match="not a socket of this user"):
        Player(str(file))
    assert file.read_text() == "dear diary"


@pytest.mark.usefixtures("impatient")
def test_a_socket_that_nobody_listens_at_is_an_error(folder: Path) -> None:
    """mpv leaves its socket behind; what it left is no mpv."""
    place = folder / "left.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(place))
    with pytest.raises(PlayerError, match=r"left\.sock"):
        Player(str(place))


@pytest.mark.usefixtures("impatient")
def test_a_socket_that_never_answers_is_an_error(folder: Path) -> None:
    """Whoever takes the call and stays silent is given up after a while."""
    place = folder / "mute.sock"
    with socket.socket(socket.AF_UNIX) as mute:
        mute.bind(str(place))
        mute.listen()
        with pytest.raises(PlayerError, match=r"mute\.sock"):
            Player(str(place))


def test_a_socket_that_another_mpv_has_taken_is_an_error(folder: Path) -> None:
    """Whoever has two windows and one input-ipc-server for both: no film is followed twice."""
    with idle_mpv(folder), pytest.raises(PlayerError, match=r"mpv\.sock: another mpv has taken that socket"):
        Player(str(folder / "mpv.sock"), os.getpid())


@pytest.mark.usefixtures("impatient")
def test_a_socket_of_another_user_is_refused(folder: Path) -> None:
    """Nobody else may pose as our mpv."""
    place = folder / "theirs.sock"
    with socket.socket(socket.AF_UNIX) as theirs:
        theirs.bind(str(place))
        theirs.listen()
        if os.getuid() == 0:
            os.chown(place, 12345, -1)
            with pytest.raises(PlayerError, match="not a socket of this user"):
                Player(str(place))
        theirs.settimeout(0)
        with pytest.raises(BlockingIOError):
            theirs.accept()


@pytest.mark.usefixtures("impatient")
@pytest.mark.skipif(os.getuid() != 0, reason="only root can be somebody else")
def test_a_socket_without_a_file_of_another_user_is_refused(folder: Path) -> None:
    """Nor by taking the name of one that everybody can reach."""
    with socket.socket(socket.AF_UNIX) as theirs:
        theirs.bind(f"\0{folder.name}")
        os.seteuid(12345)
        theirs.listen()
        os.seteuid(0)
        with pytest.raises(PlayerError, match="not a socket of this user"):
            Player(f"@{folder.name}")
