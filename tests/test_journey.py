"""The whole way, with a real mpv: what people do to a player, and what Simkl hears of it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mpv_simkl.sandbox import Call, Sandbox

from .harness import CLIPS, EPISODE_4, EPISODE_5, EPISODE_6, FILM, WITHIN, Home, Mpv, playing
from .screen import Screen, until


def told(simkl: Sandbox) -> list[str]:
    """What Simkl heard, as `start 4`, `stop 4`: the call and the episode."""
    return [_short(call) for call in simkl.calls if call.path.startswith("/scrobble/")]


def _short(call: Call) -> str:
    assert isinstance(call.body, dict)
    number = call.body.get("episode", {}).get("number", "film")
    return f"{call.path.rpartition('/')[2]} {number}"


def progress(call: Call) -> float:
    """The percentage in a scrobble."""
    assert isinstance(call.body, dict)
    return float(call.body["progress"])


def watched(simkl: Sandbox) -> list[tuple[str, int | None]]:
    """Title and number of all that Simkl holds as watched."""
    return [(watch.title, watch.number) for watch in simkl.history]


def test_an_episode_played_to_its_end_is_watched(simkl: Sandbox, home: Home) -> None:
    """Whoever plays an episode to its end finds it on Simkl, and two calls were enough."""
    with playing(home, EPISODE_4, speed=8) as mpv:
        mpv.process.wait(WITHIN)
        simkl.expect(1, "/scrobble/stop")
    assert told(simkl) == ["start 4", "stop 4"]
    assert progress(simkl.calls[-1]) == 100
    assert watched(simkl) == [("The Lighthouse Keepers", 4)]
    assert home.waiting() == []


def test_a_film_is_told_as_a_film(simkl: Sandbox, home: Home) -> None:
    """A film goes to Simkl with its title and its year."""
    with playing(home, FILM, speed=8) as mpv:
        mpv.process.wait(WITHIN)
        simkl.expect(1, "/scrobble/stop")
    body = simkl.calls[0].body
    assert isinstance(body, dict)
    assert body["movie"] == {"title": "Arrival", "year": 2016}
    assert watched(simkl) == [("Arrival", None)]


def test_quitting_half_way_saves_the_place(simkl: Sandbox, home: Home) -> None:
    """Whoever quits in the middle can go on elsewhere, and nothing is marked watched."""
    with playing(home, EPISODE_4) as mpv:
        simkl.expect(1, "/scrobble/start")
        mpv.seek(10)
        mpv.quit()
        (stop,) = simkl.expect(1, "/scrobble/stop")
    assert progress(stop) == pytest.approx(50, abs=3)
    assert [playback.progress for playback in simkl.playbacks] == [progress(stop)]
    assert simkl.history == []
    assert home.waiting() == []


def test_quitting_at_the_credits_is_watched(simkl: Sandbox, home: Home) -> None:
    """Whoever quits at 85 % has watched it."""
    with playing(home, EPISODE_4) as mpv:
        simkl.expect(1, "/scrobble/start")
        mpv.seek(14.5)
        mpv.wait_for_position(17.4)
        mpv.quit()
        (stop,) = simkl.expect(1, "/scrobble/stop")
    assert progress(stop) == pytest.approx(87, abs=1)
    assert watched(simkl) == [("The Lighthouse Keepers", 4)]


def test_a_player_killed_at_the_credits_loses_nothing(simkl: Sandbox, home: Home) -> None:
    """Even when mpv is killed at 85 %, the episode is watched."""
    with playing(home, EPISODE_4) as mpv:
        simkl.expect(1, "/scrobble/start")
        mpv.seek(14.5)
        mpv.wait_for_position(17.4)
        mpv.kill()
        (stop,) = simkl.expect(1, "/scrobble/stop")
    assert progress(stop) == pytest.approx(87, abs=1)
    assert watched(simkl) == [("The Lighthouse Keepers", 4)]


def test_an_episode_seen_in_two_sittings_is_watched(simkl: Sandbox, home: Home, screen: Screen) -> None:
    """Whoever leaves shortly before the end and sees the rest another day has watched it."""
    with playing(home, EPISODE_4) as mpv:
        simkl.expect(1, "/scrobble/start")
        mpv.seek(12)
        mpv.wait_for_position(14.6)
        mpv.quit()
        (stop,) = simkl.expect(1, "/scrobble/stop")
    place = progress(stop) / 100 * 20
    with playing(home, EPISODE_4, options=(*screen.options, f"--start={place}", "--pause")) as mpv:
        screen.wait_for("Simkl: The Lighthouse Keepers")
        mpv.set("pause", False)
        mpv.wait_for_position(16.2)
        mpv.quit()
        simkl.expect(2, "/scrobble/stop")
    assert watched(simkl) == [("The Lighthouse Keepers", 4)]


def test_a_glimpse_of_the_ending_is_not_a_watch(simkl: Sandbox, home: Home) -> None:
    """Whoever jumps to the last minute to see how it ends has not watched it."""
    with playing(home, EPISODE_4) as mpv:
        simkl.expect(1, "/scrobble/start")
        mpv.seek(19)
        mpv.process.wait(WITHIN)
        (pause,) = simkl.expect(1, "/scrobble/pause")
    assert progress(pause) >= 95
    assert simkl.history == []
    assert home.waiting() == []


def test_pause_and_resume_are_told(simkl: Sandbox, home: Home) -> None:
    """While it is paused, Simkl does not say that it is being watched."""
    with playing(home, EPISODE_4) as mpv:
        simkl.expect(1, "/scrobble/start")
        mpv.set("pause", True)
        simkl.expect(1, "/scrobble/pause")
        assert simkl.watching is None
        mpv.set("pause", False)
        simkl.expect(2, "/scrobble/start")
        assert simkl.watching is not None
    assert told(simkl)[:3] == ["start 4", "pause 4", "start 4"]


def test_rapid_pausing_sends_the_last_state_only(simkl: Sandbox, home: Home) -> None:
    """Whoever hits the space bar ten times in a row sends Simkl one pause."""
    with playing(home, EPISODE_4) as mpv:
        simkl.expect(1, "/scrobble/start")
        for press in range(11):
            mpv.set("pause", press % 2 == 0)
        simkl.expect(1, "/scrobble/pause")
        mpv.quit()
        simkl.expect(1, "/scrobble/stop")
    assert told(simkl) == ["start 4", "pause 4", "stop 4"]


def test_seeking_and_speed_send_nothing(simkl: Sandbox, home: Home) -> None:
    """Simkl hears of play, pause and stop, not of every jump."""
    with playing(home, EPISODE_4) as mpv:
        simkl.expect(1, "/scrobble/start")
        for place in (5, 2, 12, 8):
            mpv.seek(place)
        mpv.set("speed", 2)
        mpv.quit()
        simkl.expect(1, "/scrobble/stop")
    assert told(simkl) == ["start 4", "stop 4"]


def test_a_program_that_starts_mpv_in_a_folder(
    simkl: Sandbox, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that another program opens by its bare name is the one in the folder where mpv really is."""
    monkeypatch.chdir(EPISODE_4.parent)  # and PWD stays what it was
    with playing(home, Path(EPISODE_4.name), speed=8) as mpv:
        mpv.process.wait(WITHIN)
        (call, *_) = simkl.expect(2, "/scrobble/")
    assert isinstance(call.body, dict)
    assert call.body["show"]["year"] == 2021  # from a folder above


def test_what_comes_through_a_pipe_is_left_alone(simkl: Sandbox, home: Home) -> None:
    """What another program feeds to mpv counts as nothing, whatever its tags say: they are anybody's."""
    options = (
        "--no-terminal",
        "--vo=null",
        "--ao=null",
        "--speed=8",
        "--script-opts-append=simkl-min_duration=0",
    )
    with (CLIPS / "tagged" / "title_t00.mkv").open("rb") as film:
        line = ["mpv", f"--config-dir={home.mpv_dir}", *options, "-"]
        subprocess.run(line, stdin=film, env=home.environment, timeout=WITHIN, check=True)
    home.wait_until_quiet()
    assert "not scrobbled: a device or a pipe, not a file" in home.log
    assert told(simkl) == []


def test_a_playlist_of_three_is_three_watches(simkl: Sandbox, home: Home) -> None:
    """An evening of three episodes: each is told, each is watched, in order."""
    with playing(home, EPISODE_4, EPISODE_5, EPISODE_6, speed=4) as mpv:
        mpv.process.wait(40)
        simkl.expect(3, "/scrobble/stop")
    assert told(simkl) == ["start 4", "stop 4", "start 5", "stop 5", "start 6", "stop 6"]
    assert [number for _, number in watched(simkl)] == [4, 5, 6]


def test_skipping_on_ends_the_file_at_its_place(simkl: Sandbox, home: Home) -> None:
    """Going to the next file stops the first where it was, not where the next one begins."""
    with playing(home, EPISODE_4, EPISODE_5) as mpv:
        simkl.expect(1, "/scrobble/start")
        mpv.seek(6)
        mpv.command("playlist-next")
        (stop,) = simkl.expect(1, "/scrobble/stop")
        simkl.expect(2, "/scrobble/start")
    assert progress(stop) == pytest.approx(30, abs=4)
    assert told(simkl)[:3] == ["start 4", "stop 4", "start 5"]


def test_a_file_that_loops_is_watched_once(simkl: Sandbox, home: Home) -> None:
    """An episode left to loop all night is one watch and no stream of calls."""
    with playing(home, EPISODE_4, speed=8, options=("--loop-file=inf",)) as mpv:
        simkl.expect(1, "/scrobble/stop")
        mpv.wait_for("time-pos", lambda position: 8 < position < 12)
        mpv.wait_for("time-pos", lambda position: position < 4)
        mpv.quit()
    assert told(simkl) == ["start 4", "stop 4"]
    assert watched(simkl) == [("The Lighthouse Keepers", 4)]


def test_a_file_held_open_at_its_end_is_watched(simkl: Sandbox, home: Home) -> None:
    """With keep-open the end of the film is its end, not a pause."""
    with playing(home, EPISODE_4, speed=8, options=("--keep-open=yes",)) as mpv:
        simkl.expect(1, "/scrobble/stop")
        mpv.wait_for("pause", wanted=True)
        mpv.quit()
    assert told(simkl) == ["start 4", "stop 4"]
    assert watched(simkl) == [("The Lighthouse Keepers", 4)]


@contextmanager
def recording(home: Home, folder: Path, least: int) -> Iterator[tuple[Mpv, Callable[[], None]]]:
    """A recording of twenty seconds that was opened in its first ten, and what has it grow and play to its
    end.
    """
    whole, part = folder / "whole.ts", folder / "The Lighthouse Keepers (2021) - S01E04.ts"
    line = ["ffmpeg", "-v", "error", "-i", str(EPISODE_4), "-c", "copy", "-f", "mpegts", str(whole)]
    subprocess.run(line, check=True, stdin=subprocess.DEVNULL)
    recorded = whole.read_bytes()
    part.write_bytes(recorded[: len(recorded) // 2])
    with playing(home, part, options=(f"--script-opts-append=simkl-min_duration={least}", "--pause")) as mpv:
        until(lambda: "not scrobbled: 10 s long" in home.log, lambda: home.log)

        def play_to_the_end() -> None:
            with part.open("ab") as file:
                file.write(recorded[len(recorded) // 2 :])
            mpv.set("speed", 4)
            mpv.set("pause", False)
            mpv.process.wait(WITHIN)

        yield mpv, play_to_the_end


@pytest.mark.parametrize(("least", "numbers"), [(12, [4]), (30, [])])
def test_a_recording_opened_in_its_first_minutes_is_watched_when_it_has_grown(
    simkl: Sandbox, home: Home, tmp_path: Path, least: int, numbers: list[int]
) -> None:
    """Whoever follows a recording from its first minutes on has watched it, unless it stays a clip."""
    with recording(home, tmp_path, least) as (_, play_to_the_end):
        play_to_the_end()
    assert [number for _, number in watched(simkl)] == numbers
    assert home.waiting() == []


def test_a_recording_that_is_left_out_stays_so_when_it_has_grown(
    simkl: Sandbox, home: Home, tmp_path: Path
) -> None:
    """Left out with the key in its first minutes, it is told and counted no more when it is long enough."""
    with recording(home, tmp_path, 12) as (mpv, play_to_the_end):
        mpv.command("script-message-to", "simkl", "pause-scrobbling", "file")
        until(lambda: "scrobbling is paused for this file" in home.log, lambda: home.log)
        play_to_the_end()
    assert "taken for The Lighthouse Keepers" in home.log
    assert simkl.calls == []


def test_two_players_at_once_do_not_disturb_each_other(simkl: Sandbox, home: Home) -> None:
    """Two windows, two episodes: both are watched."""
    with playing(home, EPISODE_4, speed=4) as one, playing(home, EPISODE_5, speed=4) as other:
        one.process.wait(WITHIN)
        other.process.wait(WITHIN)
    home.cli("journal", "replay")
    assert sorted(watched(simkl)) == [("The Lighthouse Keepers", 4), ("The Lighthouse Keepers", 5)]
    assert home.waiting() == []


def test_watched_without_a_network_arrives_later_with_its_time(simkl: Sandbox, home: Home) -> None:
    """What was watched while Simkl was away arrives at the next play, once, with the time of viewing."""
    simkl.fail("cut")
    with playing(home, EPISODE_4, speed=8) as mpv:
        mpv.process.wait(WITHIN)
        ended = datetime.now(UTC)
    (row,) = home.waiting()
    assert (row["state"], row["episodes"], row["attempts"]) == ("waiting", [4], 1)
    assert simkl.history == []
    simkl.heal()
    with playing(home, EPISODE_5) as mpv:
        simkl.expect(1, "/sync/history")
        mpv.quit()
    (watch,) = simkl.history
    assert (watch.title, watch.number) == ("The Lighthouse Keepers", 4)
    assert abs(watch.watched_at - ended) < timedelta(seconds=2)
    assert len(simkl.expect(1, "/sync/history")) == 1
    assert home.waiting() == []


OTHER = CLIPS / "other"
MUSIC_AND_PICTURES = {
    "music": f"{OTHER}/01 - Tidewater.flac",
    "music with a cover": f"{OTHER}/02 - Ebb, with its cover.mp3",
    "a picture": f"{OTHER}/harbour.png",
    "a moving picture": f"{OTHER}/waves.gif",
    "pictures in a row": f"mf://{OTHER}/harbour.png,{OTHER}/harbour.png",
}


@pytest.mark.parametrize("what", MUSIC_AND_PICTURES)
def test_music_and_pictures_start_nothing(simkl: Sandbox, home: Home, what: str, tmp_path: Path) -> None:
    """Whoever listens to music or looks at pictures never meets mpv-simkl."""
    mpv_log = tmp_path / "mpv.log"
    options = (f"--log-file={mpv_log}", "--image-display-duration=0.2", "--length=0.5")
    with playing(home, options=(*options, MUSIC_AND_PICTURES[what])) as mpv:
        mpv.process.wait(WITHIN)
    assert "playback restart complete" in mpv_log.read_text()
    assert "Run command: subprocess" not in mpv_log.read_text()
    assert simkl.calls == []
    assert home.log == ""


def test_an_unknown_file_is_left_alone_with_a_reason(simkl: Sandbox, home: Home, tmp_path: Path) -> None:
    """A holiday video is not scrobbled, and the log says why."""
    video = tmp_path / "VID-20230101-WA0003.mkv"
    video.write_bytes(EPISODE_4.read_bytes())
    with playing(home, video, speed=8) as mpv:
        mpv.process.wait(WITHIN)
    assert simkl.calls == []
    assert "not scrobbled: " in home.log
