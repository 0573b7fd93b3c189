"""Questions in the way that an mpv has for them: with uosc, with mpv's own input, and with ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from mpv_simkl.actions import KEYS
from mpv_simkl.sandbox import Sandbox

from .harness import EPISODE_4, Home, Mpv, playing
from .screen import Screen, until

NAMED = "The Lighthouse Keepers (2021) S01E04"

# What uosc does with a menu, without drawing it: it runs the value of the item that is picked, and hands what
# is typed to `on_search`, with the menu's name, and leaves that menu open (uosc's wiki, "Menu API").
UOSC = """
local utils = require "mp.utils"
local menu
mp.register_script_message("open-menu", function(json)
    menu = utils.parse_json(json)
    local file = io.open(os.getenv("MPV_SIMKL_HOME") .. "/uosc.json", "w")
    file:write(json)
    file:close()
end)
mp.register_script_message("pick", function(place) mp.commandv(unpack(menu.items[tonumber(place)].value)) end)
mp.register_script_message("type", function(text)
    local words = {}
    for place, word in ipairs(menu.on_search) do words[place] = word end
    words[#words + 1] = text
    words[#words + 1] = "{root}"
    mp.commandv(unpack(words))
end)
mp.register_script_message("close-menu", function(name)
    local file = io.open(os.getenv("MPV_SIMKL_HOME") .. "/closed", "w")
    file:write(name == menu.type and "closed" or "another one")
    file:close()
end)
"""


@pytest.fixture
def simkl() -> Iterator[Sandbox]:
    """A Simkl that lets a test write as fast as it can."""
    with Sandbox(throttle=False) as sandbox:
        yield sandbox


def put(file: Path, text: str) -> None:
    """Write a script into mpv's folder."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def asked(file: Path) -> Any:
    """What was asked last."""
    until(lambda: file.exists() and file.read_bytes().endswith(b"}"), lambda: f"no {file.name}")
    return json.loads(file.read_text(encoding="utf-8"))


def press(mpv: Mpv, *keys: str) -> None:
    """Press keys in mpv's own list or text field, which draws itself a moment before it has bound them."""
    bound = partial(mpv.command, "get_property", "input-bindings")
    until(lambda: "_console_text" in str(bound()), lambda: "mpv's console has no keys")
    mpv.press(*keys)


def test_with_uosc_the_menu_is_one_of_uosc(simkl: Sandbox, home: Home, screen: Screen) -> None:
    """Whoever has uosc gets its menus; what is picked there is done, and a text can be typed."""
    put(home.mpv_dir / "scripts" / "uosc.lua", UOSC)
    seen = home.folder / "uosc.json"
    with playing(home, EPISODE_4, options=screen.options) as mpv:
        simkl.expect(1, "/scrobble/start")
        mpv.command("script-binding", "simkl/menu")
        menu = asked(seen)
        assert menu["title"] == f"Simkl: {NAMED}"
        titles = [item["title"] for item in menu["items"]]
        assert titles == [KEYS[name].title for name in KEYS if name != "menu"]
        mpv.command("script-message-to", "uosc", "pick", "1")
        screen.wait_for(f"Marked as watched: {NAMED}")
        seen.unlink()
        mpv.command("script-binding", "simkl/fix-match")
        assert asked(seen)["search_suggestion"] == "The Lighthouse Keepers"
        mpv.command("script-message-to", "uosc", "type", "The Office")
        screen.wait_for("Asking Simkl for 'The Office' ...")
        assert (home.folder / "closed").read_text() == "closed"
        mpv.quit()
    assert screen.menus() == []


def test_with_mpvs_own_lists_the_menu_is_one_of_them(
    simkl: Sandbox, newest: Home, screen: Screen, window: list[str]
) -> None:
    """An mpv that has lists of its own shows ours with them, and what is chosen there is done."""
    with playing(newest, EPISODE_4, options=(*screen.options, *window)) as mpv:
        simkl.expect(1, "/scrobble/start")
        mpv.command("script-binding", "simkl/menu")
        menu = screen.wait_for_console("Mark as watched")
        assert f"Simkl: {NAMED}:" in menu
        assert {key.title for name, key in KEYS.items() if name != "menu"} <= set(menu)
        press(mpv, "DOWN", "UP", "ENTER")
        screen.wait_for(f"Marked as watched: {NAMED}")
        mpv.quit()
    assert screen.menus() == []


def test_in_mpvs_own_text_field_a_match_is_fixed(
    simkl: Sandbox, newest: Home, screen: Screen, window: list[str], tmp_path: Path
) -> None:
    """Typed, found and picked with mpv's own lists, the right one of two shows is told at once."""
    video = tmp_path / "Castle - S01E01.mkv"
    video.write_bytes(EPISODE_4.read_bytes())
    with playing(newest, video, options=(*screen.options, *window)) as mpv:
        simkl.expect(1, "/scrobble/start")
        mpv.command("script-binding", "simkl/fix-match")
        assert "What is it? A title, or a link to its page: Castle" in screen.wait_for_console("What is it?")
        press(mpv, "Ctrl+u", *"castle", "ENTER")
        assert "Castle (1998)  (show)" in screen.wait_for_console("Which one is it?:")
        press(mpv, *"1998", "ENTER")
        screen.wait_for_console("is right for")
        press(mpv, *"file", "ENTER")
        screen.wait_for("From now on it is Castle (1998) S01E01")
        (_, start) = simkl.expect(2, "/scrobble/start")
        mpv.quit()
    assert isinstance(start.body, dict)
    assert start.body["show"]["ids"] == {"simkl": "9100003"}
    assert screen.menus() == []


def test_a_list_that_follows_another_at_once_is_heard(
    simkl: Sandbox, newest: Home, screen: Screen, window: list[str]
) -> None:
    """Whatever is picked in the menu may ask on, also where mpv tells late that the menu has closed."""
    pause = [name for name in KEYS if name != "menu"].index("pause-scrobbling") + 1
    with playing(newest, EPISODE_4, options=(*screen.options, *window)) as mpv:
        simkl.expect(1, "/scrobble/start")
        mpv.command("script-binding", "simkl/menu")
        screen.wait_for_console("Mark as watched")
        mpv.command("script-message-to", "simkl", "input-event", "submit", f"[{pause}]")
        mpv.command("script-binding", "simkl/status")
        screen.wait_for("Simkl: watching")
        mpv.command("script-message-to", "simkl", "input-event", "closed", "[]")
        screen.wait_for_console("Pause scrobbling:")
        press(mpv, "ENTER")
        screen.wait_for(f"scrobbling is paused for {NAMED}")
        mpv.quit()


def test_without_the_console_that_draws_them_the_lists_are_ours(
    simkl: Sandbox, newest: Home, screen: Screen
) -> None:
    """Whoever has switched mpv's console off has our menu."""
    with playing(newest, EPISODE_4, options=screen.options) as mpv:
        simkl.expect(1, "/scrobble/start")
        mpv.command("script-binding", "simkl/menu")
        assert screen.wait_for_menu("Mark as watched")[0] == f"Simkl: {NAMED}"
        mpv.quit()
    assert screen.consoles() == []


def test_without_either_a_text_is_typed_into_ours(simkl: Sandbox, home: Home, screen: Screen) -> None:
    """What the title is can be typed over what it was taken for, in any script."""
    with playing(home, EPISODE_4, options=screen.options) as mpv:
        simkl.expect(1, "/scrobble/start")
        mpv.command("script-binding", "simkl/fix-match")
        assert screen.wait_for_menu("What is it?")[1] == "> The Lighthouse Keepers▏"
        mpv.press("Ctrl+u", "O", "n", "e", "SPACE", "漢", "ENTER")
        screen.wait_for("Asking Simkl for 'One 漢' ...")
        assert screen.menu() == []
        mpv.quit()


def test_what_was_copied_is_pasted(simkl: Sandbox, home: Home, screen: Screen, tmp_path: Path) -> None:
    """A link copied in the browser goes into the line with Ctrl+v."""
    put(tmp_path / "xclip", "#!/bin/sh\nprintf 'https://simkl.com/tv/11121\\n'\n")
    (tmp_path / "xclip").chmod(0o755)
    home.environment |= {"PATH": f"{tmp_path}:{home.environment['PATH']}", "WAYLAND_DISPLAY": ""}
    with playing(home, EPISODE_4, options=screen.options) as mpv:
        simkl.expect(1, "/scrobble/start")
        mpv.command("script-binding", "simkl/fix-match")
        screen.wait_for_menu("What is it?")
        mpv.press("Ctrl+u", "Ctrl+v")
        assert screen.wait_for_menu("https:")[1] == "> https://simkl.com/tv/11121▏"
        mpv.quit()


def test_an_old_answer_is_none(simkl: Sandbox, home: Home, screen: Screen) -> None:
    """A menu that was left open in another script and is used later changes nothing."""
    put(home.mpv_dir / "scripts" / "uosc.lua", UOSC)
    with playing(home, EPISODE_4, options=screen.options) as mpv:
        simkl.expect(1, "/scrobble/start")
        mpv.command("script-binding", "simkl/menu")
        asked(home.folder / "uosc.json")
        for words in ("0 choice 0", "1 choice 99", "1 choice x", "7 text hello", "1 text"):
            mpv.command("script-message", "simkl-answer", *words.split())
        mpv.command("script-binding", "simkl/status")
        screen.wait_for("Simkl: watching")
        mpv.quit()
    assert not [line for line in screen.lines() if "Marked" in line]
