"""What mpv loads: it starts us when a video plays, and is otherwise not to be noticed."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mpv_simkl import installation
from mpv_simkl.config import CONF
from mpv_simkl.sandbox import Sandbox

from .harness import CLIPS, EPISODE_4, EPISODE_5, WITHIN, Home, Mpv, playing

MUSIC = CLIPS / "other" / "01 - Tidewater.flac"
MIN_DURATION = "--script-opts-append=simkl-min_duration=0"


def play(home: Home, *words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """mpv from its start to its end, with all that it wrote on the terminal; ours has ended too."""
    folder = [f"--config-dir={home.mpv_dir}"] if "HOME" not in environment else []
    line = ["mpv", *folder, "--vo=null", "--ao=null", "--no-input-terminal", "--msg-level=statusline=no"]
    done = subprocess.run(
        [*line, *words],
        env={**home.environment, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=WITHIN,
        check=False,
    )
    home.wait_until_quiet()
    return done


def play_until_simkl_hears(simkl: Sandbox, home: Home, *options: str, **environment: str) -> None:
    """mpv with an episode, until Simkl hears of that; ours has ended too."""
    line = ["mpv", f"--config-dir={home.mpv_dir}", "--no-terminal", "--vo=null", "--ao=null", MIN_DURATION]
    with subprocess.Popen(
        [*line, *options, EPISODE_4], env={**home.environment, **environment}, stdin=subprocess.DEVNULL
    ) as mpv:
        try:
            simkl.expect(1, "/scrobble/start", timeout=WITHIN)
        finally:
            mpv.terminate()
    home.wait_until_quiet()


def starts(protocol: Path) -> int:
    """How often the loader started Python, after mpv's own protocol."""
    return protocol.read_text(encoding="utf-8", errors="replace").count("-m,mpv_simkl,attach")


def use_python(home: Home, python: str | Path) -> None:
    """Let the loader start another interpreter."""
    (home.mpv_dir / installation.LOADER).write_text(installation.loader(str(python)), encoding="utf-8")


def impatient(home: Home) -> None:
    """Let the loader wait for our answer for a second, not for twenty."""
    loader = home.mpv_dir / installation.LOADER
    text = loader.read_text(encoding="utf-8")
    assert "local ANSWER_WITHIN = 20" in text
    loader.write_text(text.replace("local ANSWER_WITHIN = 20", "local ANSWER_WITHIN = 0.5"), encoding="utf-8")


@pytest.fixture
def protocol(tmp_path: Path) -> Path:
    """mpv's own protocol."""
    return tmp_path / "mpv.log"


@pytest.fixture
def runtime_dir(home: Home) -> Path:
    """The folder in which sockets are made."""
    folder = home.folder / "run"
    folder.mkdir()
    home.environment["XDG_RUNTIME_DIR"] = str(folder)
    return folder


def errors(done: subprocess.CompletedProcess[str]) -> list[str]:
    """What our loader wrote on the terminal."""
    return [line.rstrip() for line in (done.stdout + done.stderr).splitlines() if line.startswith("[simkl]")]


# What it starts, and with what


def test_a_socket_of_the_users_own_is_kept_and_used(simkl: Sandbox, home: Home) -> None:
    """Whoever has an input-ipc-server keeps it: we are one more guest at it, and leave it there."""
    with playing(home, EPISODE_4) as mpv:
        simkl.expect(1, "/scrobble/start")
        socket = Path(mpv.command("get_property", "input-ipc-server"))
        assert socket.parent == home.folder
        mpv.quit()
    home.wait_until_quiet()
    assert socket.exists()


@pytest.mark.parametrize("place", ["~~/mpv.sock", "~/mpv.sock"])
def test_a_socket_is_found_wherever_mpv_itself_finds_it(simkl: Sandbox, home: Home, place: str) -> None:
    """Whoever has input-ipc-server=~~/mpv.sock in mpv.conf is scrobbled at that socket."""
    (home.mpv_dir / "mpv.conf").write_text(f"input-ipc-server={place}\n")
    play(home, MIN_DURATION, "--speed=4", EPISODE_4, MPV_HOME=str(home.mpv_dir), HOME=str(home.folder))
    assert home.log.count("attached to mpv") == 1
    assert [each.number for each in simkl.history] == [4]


@pytest.mark.usefixtures("either")
def test_a_socket_that_is_no_file_is_used_too(simkl: Sandbox, home: Home) -> None:
    """Whoever has input-ipc-server=@mpv in mpv.conf, a socket without a file, is scrobbled at that socket."""
    play(home, MIN_DURATION, "--speed=8", f"--input-ipc-server=@{home.folder.name}", EPISODE_4)
    assert [each.number for each in simkl.history] == [4]


@pytest.mark.parametrize("leave", [Mpv.quit, Mpv.kill], ids=["q", "kill -9"])
def test_a_socket_of_ours_is_private_and_goes_with_mpv(
    simkl: Sandbox, home: Home, runtime_dir: Path, leave: Callable[[Mpv], None]
) -> None:
    """Without one there is a socket that nobody else can reach, and afterwards no trace of it."""
    line = ["mpv", f"--config-dir={home.mpv_dir}", "--no-terminal", "--vo=null", "--ao=null", MIN_DURATION]
    with subprocess.Popen([*line, EPISODE_4], env=home.environment, stdin=subprocess.DEVNULL) as process:
        simkl.expect(1, "/scrobble/start")
        (folder,) = runtime_dir.iterdir()
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        (socket,) = folder.iterdir()
        mpv = Mpv(process, socket)
        leave(mpv)
        mpv.let_go()
    home.wait_until_quiet()
    assert list(runtime_dir.iterdir()) == []


def test_a_runtime_folder_that_is_not_there_is_no_obstacle(simkl: Sandbox, home: Home) -> None:
    """After `su` XDG_RUNTIME_DIR names a folder that is somebody else's; another one does."""
    done = play(home, "--speed=8", MIN_DURATION, EPISODE_4, XDG_RUNTIME_DIR="/nonexistent/run")
    assert errors(done) == []
    simkl.expect(1, "/scrobble/stop")


def test_a_runtime_folder_with_a_long_name_is_no_obstacle(simkl: Sandbox, home: Home) -> None:
    """A socket's path may have a hundred letters: where XDG_RUNTIME_DIR has more, another place does."""
    long = home.folder / ("x" * 100)
    long.mkdir()
    done = play(home, "--speed=8", MIN_DURATION, EPISODE_4, XDG_RUNTIME_DIR=str(long))
    assert errors(done) == []
    assert [each.number for each in simkl.history] == [4]
    assert list(long.iterdir()) == []


def test_python_is_started_once_for_a_playlist(home: Home, protocol: Path) -> None:
    """However many files there are, one process of ours follows them."""
    play(home, "--length=0.5", f"--log-file={protocol}", EPISODE_4, EPISODE_5, EPISODE_4)
    assert starts(protocol) == 1


def test_a_video_after_music_starts_it(home: Home, protocol: Path) -> None:
    """Music first does not mean that the film goes unnoticed."""
    play(home, "--length=0.5", f"--log-file={protocol}", MUSIC, EPISODE_4)
    assert starts(protocol) == 1


@pytest.mark.usefixtures("either")
def test_loaded_in_the_middle_of_a_film_it_follows_that_film(simkl: Sandbox, home: Home) -> None:
    """Whoever loads the plugin by hand while an episode plays has that one scrobbled, not only the next."""
    with playing(home, EPISODE_4, options=("--load-scripts=no",)) as mpv:
        mpv.wait_for_position(1)
        mpv.command("load-script", str(home.mpv_dir / installation.LOADER))
        simkl.expect(1, "/scrobble/start")


def test_settings_of_mpvs_command_line_reach_us(simkl: Sandbox, home: Home) -> None:
    """What is set in mpv.conf or on its command line holds, and mpv takes it for no mistake."""
    given = ["min_duration=21", "min_played=lots"]
    options = [f"--script-opts-append=simkl-{setting}" for setting in given]
    done = play(home, "--length=2", *options, EPISODE_4)
    assert errors(done) == []
    assert "unknown key" not in done.stdout + done.stderr
    assert "script-opts: min_played='lots' cannot be used" in home.log
    assert "shorter than min_duration=21" in home.log
    assert simkl.calls == []


def test_settings_of_the_file_are_no_mistake_to_mpv(simkl: Sandbox, home: Home) -> None:
    """All that simkl.conf explains may be set there."""
    home.set("enabled=yes\nmin_duration=0\nmin_played=5\nlog_level=info\nclient_id=x\n")
    done = play(home, "--speed=8", EPISODE_4)
    assert "unknown key" not in done.stdout + done.stderr
    simkl.expect(1, "/scrobble/stop")


@pytest.mark.parametrize("name", ["a b", "it's", 'quo"ted', "back\\slash", "é漢", "$(x) `y` ; & %s"])
def test_an_interpreter_may_be_called_anything(home: Home, name: str) -> None:
    """The path to Python may have every character that a path can have."""
    folder = home.folder / name
    folder.mkdir()
    python = folder / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    use_python(home, python)
    done = play(home, "--length=2", EPISODE_4)  # a busy machine takes its time to start Python
    assert errors(done) == []
    assert "attached to mpv" in home.log


@pytest.mark.parametrize("and_its_socket", [False, True])
def test_after_ours_was_killed_the_next_film_has_another(
    simkl: Sandbox, home: Home, runtime_dir: Path, *, and_its_socket: bool
) -> None:
    """Whatever ends our process, the next film is scrobbled all the same, and no socket is left behind."""
    line = ["mpv", f"--config-dir={home.mpv_dir}", "--vo=null", "--ao=null", "--no-terminal", MIN_DURATION]
    with subprocess.Popen([*line, "--speed=6", EPISODE_4, EPISODE_5], env=home.environment) as mpv:
        simkl.expect(1, "/scrobble/start")
        for pid in home.followers():
            os.kill(pid, signal.SIGKILL)
        if and_its_socket:
            shutil.rmtree(next(runtime_dir.iterdir()))
        assert mpv.wait(WITHIN) == 0
    home.wait_until_quiet()
    assert [each.number for each in simkl.history] == [5]
    assert list(runtime_dir.iterdir()) == []


def test_a_python_of_somebody_elses_does_not_get_in_between(home: Home) -> None:
    """What PYTHONPATH names for other programs, a json.py in it for one, is none of ours."""
    (home.folder / "json.py").write_text("raise SystemExit\n", encoding="utf-8")
    play(home, "--length=2", EPISODE_4, PYTHONPATH=str(home.folder))
    assert "attached to mpv" in home.log


def sockets(pid: int) -> set[str]:
    """The sockets that a process has open, by their numbers."""
    found = (str(place.readlink()) for place in Path(f"/proc/{pid}/fd").iterdir())
    return {name for name in found if name.startswith("socket:")}


def test_our_process_holds_nothing_of_mpvs(simkl: Sandbox, home: Home) -> None:
    """What mpv has open is inherited by all that it starts; kept, it would hold up other programs' ends."""
    with playing(home, EPISODE_4) as mpv:
        simkl.expect(1, "/scrobble/start")
        (pid,) = home.followers()
        assert sockets(mpv.process.pid)
        assert not sockets(mpv.process.pid) & sockets(pid)


QUICK = """
mp.register_event("playback-restart", function()
    mp.add_timeout(0.1, function() mp.set_property("input-ipc-server", "FOLDER/quick.sock") end)
end)
"""


def test_a_socket_that_another_script_makes_meanwhile_is_kept(
    simkl: Sandbox, home: Home, runtime_dir: Path, protocol: Path
) -> None:
    """While the folder for ours is made another plugin opens its own: that one is used, and none of ours."""
    slow = home.folder / "bin"
    slow.mkdir()
    (slow / "mktemp").write_text('#!/bin/sh\nsleep 0.5\nexec /usr/bin/mktemp "$@"\n', encoding="utf-8")
    (slow / "mktemp").chmod(0o755)
    quick = home.mpv_dir / "scripts" / "quick.lua"
    quick.write_text(QUICK.replace("FOLDER", str(home.folder)), encoding="utf-8")
    path = f"{slow}:{home.environment['PATH']}"
    play_until_simkl_hears(simkl, home, f"--log-file={protocol}", PATH=path)
    assert f'input-ipc-server="{runtime_dir}' not in protocol.read_text()
    assert list(runtime_dir.iterdir()) == []


THIEF = """
mp.observe_property("input-ipc-server", "string", function(_, socket)
    if socket:match("/mpv%.sock$") then mp.set_property("input-ipc-server", "FOLDER/other.sock") end
end)
"""


def test_a_socket_that_another_script_replaces_is_looked_for_again(
    simkl: Sandbox, home: Home, runtime_dir: Path
) -> None:
    """Of two plugins that open a socket at the same moment the later one wins, and both find mpv."""
    thief = home.mpv_dir / "scripts" / "thief.lua"
    thief.write_text(THIEF.replace("FOLDER", str(home.folder)), encoding="utf-8")
    impatient(home)
    play_until_simkl_hears(simkl, home)
    assert list(runtime_dir.iterdir()) == []


# When it starts nothing


@pytest.mark.parametrize(
    "options",
    [
        ("--no-config",),
        ("--load-scripts=no",),
        ("--script-opts-append=simkl-enabled=no",),
    ],
    ids=" ".join,
)
def test_whoever_wants_no_plugin_has_none(
    simkl: Sandbox, home: Home, protocol: Path, options: tuple[str, ...]
) -> None:
    """mpv's own ways of playing without plugins, and our own, start nothing."""
    done = play(home, "--length=0.5", MIN_DURATION, f"--log-file={protocol}", *options, EPISODE_4)
    assert "playback restart complete" in protocol.read_text()
    assert starts(protocol) == 0
    assert (errors(done), home.log, simkl.calls) == ([], "", [])


def test_enabled_no_in_the_file_starts_nothing(home: Home, protocol: Path) -> None:
    """A plugin that is switched off is not there."""
    home.set("enabled=no\n")
    done = play(home, "--length=0.5", f"--log-file={protocol}", EPISODE_4)
    assert (starts(protocol), errors(done), home.log) == (0, [], "")


@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "as Notepad saves it"])
def test_spaces_around_the_equals_sign_are_as_good_as_none(home: Home, protocol: Path, mark: str) -> None:
    """`enabled = no` switches it off, also in a file of Notepad's, and mpv complains of nothing."""
    home.set(f"{mark}enabled = No\nmin_played = 5\n")
    done = play(home, "--length=0.5", f"--log-file={protocol}", EPISODE_4)
    assert (starts(protocol), errors(done), home.log) == (0, [], "")
    home.set(f"{mark}python = /nowhere/python\n")
    done = play(home, "--length=0.5", EPISODE_4)
    assert "there is no Python at /nowhere/python" in errors(done)[0]
    assert "unknown key" not in done.stdout + done.stderr


@pytest.mark.usefixtures("either")
def test_an_mpv_without_a_folder_has_the_settings_beside_the_loader(home: Home, protocol: Path) -> None:
    """Under Celluloid, which gives mpv no folder and loads scripts itself, the settings there hold."""
    words = ("--no-config", f"--script={home.mpv_dir / installation.LOADER}", f"--log-file={protocol}")
    home.set("enabled=no\n")
    assert errors(play(home, "--length=0.5", *words, EPISODE_4)) == []
    assert (starts(protocol), home.log) == (0, "")
    home.set("# mine\nmin_duration=25\n")
    play(home, "--length=2", *words, EPISODE_4)
    assert "20 s long, shorter than min_duration=25" in home.log
    home.set("python=/nowhere/python\n")
    assert "there is no Python at /nowhere/python" in errors(play(home, "--length=0.5", *words, EPISODE_4))[0]


def conf_is_a_folder(home: Home) -> None:
    """Put a folder where simkl.conf should be."""
    (home.mpv_dir / CONF).unlink()
    (home.mpv_dir / CONF).mkdir()


@pytest.mark.parametrize("alone", [False, True], ids=["mpv", "Celluloid"])
def test_settings_that_cannot_be_read_are_one_line(simkl: Sandbox, home: Home, alone: bool) -> None:
    """With a folder called simkl.conf mpv says so in one line, and what plays is scrobbled all the same."""
    conf_is_a_folder(home)
    words = ("--no-config", f"--script={home.mpv_dir / installation.LOADER}") if alone else ()
    done = play(home, "--speed=8", MIN_DURATION, *words, EPISODE_4)
    assert errors(done) == ["[simkl] simkl.conf cannot be read (Is a directory); the defaults are used"]
    assert "traceback" not in done.stdout + done.stderr
    simkl.expect(1, "/scrobble/stop")


def test_mpv_without_a_readable_simkl_conf_can_be_switched_off(home: Home, protocol: Path) -> None:
    """What mpv.conf and the command line set holds, whatever is wrong with simkl.conf."""
    conf_is_a_folder(home)
    off = "--script-opts-append=simkl-enabled=no"
    play(home, "--length=0.5", f"--log-file={protocol}", off, EPISODE_4)
    assert (starts(protocol), home.log) == (0, "")
    there = "--script-opts-append=simkl-python=/nowhere/python"
    done = play(home, "--length=0.5", f"--log-file={protocol}", there, EPISODE_4)
    assert "there is no Python at /nowhere/python" in errors(done)[-1]


def test_two_copies_start_once(home: Home, protocol: Path) -> None:
    """mpv loads what lies in ~/.mpv and in ~/.config/mpv; only one of the two follows the film."""
    for folder in (home.folder / ".mpv", home.folder / ".config/mpv"):
        shutil.copytree(home.mpv_dir, folder)
    home.environment.pop("XDG_CONFIG_HOME", None)
    play(home, "--length=0.5", f"--log-file={protocol}", EPISODE_4, HOME=str(home.folder))
    assert "scripts/simkl.lua as simkl2" in protocol.read_text() or "[simkl2]" in protocol.read_text()
    assert starts(protocol) == 1


def test_a_program_that_owns_the_channel_is_left_alone(home: Home, protocol: Path) -> None:
    """Under a program that drives mpv over its own connection nothing starts, and it hears nothing twice."""
    ours, theirs = socket.socketpair()
    line = ["mpv", f"--config-dir={home.mpv_dir}", "--vo=null", "--ao=null", "--no-input-terminal"]
    with ours, theirs:
        done = subprocess.run(
            [
                *line,
                "--length=0.5",
                f"--log-file={protocol}",
                f"--input-ipc-client=fd://{theirs.fileno()}",
                EPISODE_4,
            ],
            env=home.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=WITHIN,
            pass_fds=[theirs.fileno()],
            check=False,
        )
        theirs.close()
        heard = b"".join(iter(lambda: ours.recv(65536), b""))
    assert heard.count(b'"event":"start-file"') == 1
    assert starts(protocol) == 0
    assert errors(done) == ["[simkl] the program that started mpv owns its IPC channel; nothing is scrobbled"]


def test_under_a_program_that_owns_the_channel_a_key_says_why_nothing_happens(
    home: Home, protocol: Path
) -> None:
    """Whoever presses a key of ours there reads on the screen why it does nothing, each time."""
    press = home.mpv_dir / "scripts" / "press.lua"
    press.write_text(
        'local both = "script-binding simkl/menu; script-binding simkl/menu"\n'
        "mp.add_timeout(0.2, function() mp.command(both) end)\n"
    )
    ours, theirs = socket.socketpair()
    options = ["--length=0.5", f"--log-file={protocol}", "--msg-level=cplayer=trace"]
    line = ["mpv", f"--config-dir={home.mpv_dir}", "--vo=null", "--ao=null", "--no-terminal", *options]
    with ours, theirs:
        subprocess.run(
            [*line, f"--input-ipc-client=fd://{theirs.fileno()}", EPISODE_4],
            env=home.environment,
            stdin=subprocess.DEVNULL,
            timeout=WITHIN,
            pass_fds=[theirs.fileno()],
            check=True,
        )
    said = "Simkl: the program that started mpv owns its IPC channel; nothing is scrobbled"
    assert protocol.read_text().count(said) == 2
    assert starts(protocol) == 0


# When Python does not come


def test_a_missing_interpreter_is_one_clear_line(home: Home, protocol: Path) -> None:
    """After Python has gone away there is one line, on the screen too, and the film plays to its end."""
    use_python(home, "/nowhere/python3")
    done = play(home, "--length=1", f"--log-file={protocol}", "--msg-level=all=trace", EPISODE_4)
    said = "there is no Python at /nowhere/python3; run `mpv-simkl install` again"
    assert f"[simkl] {said}" in done.stdout
    assert f'text="Simkl: {said}"' in protocol.read_text()
    assert done.returncode == 0
    assert starts(protocol) == 0


@pytest.mark.parametrize("python", ["~/x", "python3", '"/usr/bin/python3"'])
def test_a_python_of_the_settings_that_is_not_there_is_named_with_its_setting(
    home: Home, python: str
) -> None:
    """Whoever wrote python= in simkl.conf is told to change that line: installing again would not help."""
    home.set(f"python={python}\n")
    done = play(home, "--length=0.5", EPISODE_4)
    cure = "set python= in simkl.conf to a full path, or take the line out"
    assert errors(done) == [f"[simkl] there is no Python at {python}; {cure}"]


def test_an_empty_python_in_the_settings_is_the_installed_one(home: Home) -> None:
    """Taking the mark away from `#python=` changes nothing."""
    home.set("python=\n")
    done = play(home, "--length=2", EPISODE_4)
    assert errors(done) == []
    assert "attached to mpv" in home.log


@pytest.mark.parametrize("python", ["/bin/true", "/bin/false", "/usr/bin/env"])
def test_an_interpreter_without_us_is_one_clear_line(home: Home, runtime_dir: Path, python: str) -> None:
    """A Python that lacks mpv-simkl says nothing itself; the loader says it, once, and cleans up."""
    use_python(home, python)
    impatient(home)
    done = play(home, "--length=1.5", EPISODE_4)
    assert errors(done) == ["[simkl] Python started, but did not answer; see `mpv-simkl log`"]
    assert "env:" not in done.stdout + done.stderr
    assert done.returncode == 0
    assert list(runtime_dir.iterdir()) == []


def test_whoever_quits_before_python_answered_leaves_nothing_behind(home: Home, runtime_dir: Path) -> None:
    """mpv may end while Python is still on its way: no socket stays."""
    use_python(home, "/bin/true")
    done = play(home, "--length=0.5", EPISODE_4)
    assert errors(done) == []
    assert list(runtime_dir.iterdir()) == []


def without_its_hooks(done: subprocess.CompletedProcess[str]) -> tuple[str, str]:
    """What mpv printed; 0.40 also says now and then, by itself, that its own script was slow to begin."""
    return done.stdout.replace("client removed during hook handling\n", ""), done.stderr


@pytest.mark.usefixtures("either")
def test_whatever_fails_nothing_of_ours_is_in_the_terminal(simkl: Sandbox, home: Home) -> None:
    """A dead server, a broken journal, no log, bad settings: mpv's output is what it is without us."""
    shutil.rmtree(home.folder / "data")
    (home.folder / "data").write_text("no folder")
    (home.folder / "log").write_text("no folder")
    home.set("min_played=lots\nlog_level=\nclient_id=two words\n")
    unreachable = {"MPV_SIMKL_API_URL": "http://127.0.0.1:1", "MPV_SIMKL_CLIENT_ID": ""}
    options = ("--length=1.5", MIN_DURATION, EPISODE_4, "/nowhere/missing.mkv")
    with_us = play(home, *options, **unreachable)
    without = play(home, "--load-scripts=no", *options, **unreachable)
    assert without_its_hooks(with_us) == without_its_hooks(without)
    assert with_us.returncode == without.returncode
    assert simkl.calls == []
