"""`mpv-simkl mark` and `unmark`, typed by hand and piped by scripts, against a Simkl on loopback."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mpv_simkl.sandbox import Fault, Sandbox

from .hand import Hand
from .harness import EPISODE_4, Home
from .terminal import terminal

KEEPERS = ("--show", "The Lighthouse Keepers", "--year", "2021")


def test_episodes_are_marked_with_the_time_of_watching(hand: Hand) -> None:
    """Whoever watched three episodes yesterday says so in one line, and sees what was recorded where."""
    said = hand.type(
        "mark", *KEEPERS, "--season", "1", "--episode", "1-2,4", "--watched-at", "yesterday 21:00"
    )
    assert (said.code, said.err) == (0, "")
    assert hand.watched() == [("The Lighthouse Keepers", 1, number) for number in (1, 2, 4)]
    yesterday = (datetime.now().astimezone() - timedelta(days=1)).replace(
        hour=21, minute=0, second=0, microsecond=0
    )
    assert {watch.watched_at for watch in hand.simkl.history} == {yesterday.astimezone(UTC)}
    assert "recorded" in said.out
    assert "https://simkl.com/tv/9100001/the-lighthouse-keepers" in said.out
    assert len(hand.bodies("/sync/history")) == 1


def test_what_was_there_already_is_told(hand: Hand) -> None:
    """Marking again changes nothing, and says so; what is new among it is counted."""
    hand.type("mark", *KEEPERS, "--season", "1", "--episode", "1-2")
    assert "already there" in hand.type("mark", *KEEPERS, "--season", "1", "--episode", "1-2").out
    assert "1 of 2" in hand.type("mark", *KEEPERS, "--season", "1", "--episode", "2-3").out


def test_a_file_says_itself_what_it_is(hand: Hand) -> None:
    """A file is recognised as mpv-simkl always does, the `.nfo` beside it included."""
    assert hand.type("mark", str(EPISODE_4)).code == 0
    film = hand.folder / "weird name.mkv"
    film.touch()
    nfo = '<movie><uniqueid type="imdb">tt2543164</uniqueid></movie>'
    film.with_suffix(".nfo").write_text(nfo, encoding="utf-8")
    assert hand.type("mark", str(film), "--long-ago").code == 0
    assert hand.watched() == [("The Lighthouse Keepers", 1, 4), ("Arrival", None, None)]
    assert hand.bodies("/sync/history")[1]["movies"][0]["watched_at"] == "1970-01-01T00:00:01Z"


def test_a_file_is_recognised_by_its_folders_from_within(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever stands in the season's folder marks `03.mkv` as what mpv takes it for."""
    season = hand.folder / "Castle (2009)" / "Season 01"
    season.mkdir(parents=True)
    (season / "03.mkv").touch()
    monkeypatch.chdir(season)
    said = hand.type("mark", "03.mkv")
    assert (said.code, hand.watched()) == (0, [("Castle", 1, 3)])


def test_the_folder_one_stands_in_is_no_film(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    """`mark .` by mistake marks nothing, whatever the folder is called."""
    folder = hand.folder / "Arrival (2016)"
    folder.mkdir()
    monkeypatch.chdir(folder)
    said = hand.type("mark", ".")
    assert (said.code, hand.watched()) == (2, [])
    assert "was not recognised" in said.err


def test_a_file_is_marked_as_what_the_user_has_said(hand: Hand) -> None:
    """What was said with `match` holds for `mark` and `unmark` of that file too, as it does in mpv."""
    file = hand.folder / "Severance S01E02.mkv"
    file.touch()
    link = "https://simkl.com/tv/9200003/castle/season-3/episode-4"
    said = hand.type("match", str(file), "--to", link, "--yes")
    assert said.code == 0, said.err
    said = hand.type("mark", str(file))
    assert (said.code, hand.watched()) == (0, [("Castle", 3, 4)]), said.err
    assert hand.type("unmark", str(file), "--yes").code == 0
    assert hand.watched() == []


def test_what_a_folder_says_of_its_files_holds_for_a_mark(
    hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A `.simkl` two folders above says what the files are; with ignore=yes none of them is marked."""
    season = hand.folder / "Own" / "Castle (1970)" / "Season 01"
    season.mkdir(parents=True)
    (season / "03.mkv").touch()
    monkeypatch.chdir(season)
    wishes = hand.folder / "Own" / ".simkl"
    wishes.write_text("match=https://simkl.com/tv/9200003/castle\ncolour=blue\n")
    said = hand.type("mark", "03.mkv")
    assert (said.code, hand.watched()) == (0, [("Castle", 1, 3)]), said.err
    assert f"{wishes}: 'colour'='blue' cannot be used" in said.err
    wishes.write_text("ignore=yes\n")
    said = hand.type("unmark", "03.mkv", "--yes")
    assert (said.code, hand.watched()) == (2, [("Castle", 1, 3)])
    assert said.err.startswith(f"mpv-simkl: 03.mkv is ignored, as {wishes} says")


@pytest.mark.parametrize("name", ["", "a" * 300])
def test_what_is_no_file_is_said(hand: Hand, name: str) -> None:
    """An empty name, as of a variable that is not set, and one that no disk takes, name no file."""
    said = hand.type("mark", name)
    assert (said.code, said.err.startswith("mpv-simkl: there is no file")) == (2, True)


def test_several_files_go_in_one_call(hand: Hand) -> None:
    """A folder's worth of files is one request."""
    files = [str(file) for file in sorted(EPISODE_4.parent.glob("*.mkv"))]
    said = hand.type("mark", *files)
    assert said.code == 0
    assert len(hand.bodies("/sync/history")) == 1
    assert len(said.out.splitlines()) == len(files) + 1


def test_the_names_of_files_stand_in_a_column(hand: Hand) -> None:
    """Wide letters, accents of their own and what is shown as an escape leave the next column where it is."""
    names = ("海賊王 Qwxz S01E01.mkv", "Cafe\u0301 Qwxz S01E01.mkv", "Qwxz\x1b\u202e S01E01.mkv")
    for name in names:
        (hand.folder / name).touch()
    said = hand.type("mark", *(str(hand.folder / name) for name in names))
    assert [line.partition("not found")[0] for line in said.out.splitlines()[:-1]] == [
        "海賊王 Qwxz S01E01.mkv     ",
        "Cafe\u0301 Qwxz S01E01.mkv       ",
        r"Qwxz\x1b\u202e S01E01.mkv  ",
    ]


@pytest.mark.parametrize(
    ("words", "watched"),
    [
        (("--movie", "Arrival", "--year", "2016"), ("Arrival", None, None)),
        (("--imdb", "tt2543164"), ("Arrival", None, None)),
        (("--imdb", "https://www.imdb.com/title/tt2543164/"), ("Arrival", None, None)),
        (("--movie", "--tmdb", "329865"), ("Arrival", None, None)),
        (("--simkl", "9300001"), ("Arrival", None, None)),
        (("--tvdb", "9910001", "--season", "1", "--episode", "2"), ("The Lighthouse Keepers", 1, 2)),
        (("https://simkl.com/tv/9100001/x/season-1/episode-3",), ("The Lighthouse Keepers", 1, 3)),
        (("--mal", "37510", "--episode", "4"), ("Mob Psycho 100 II", 1, 4)),
        (("--anidb", "10944", "--episode", "4"), ("Attack on Titan Season 2", 1, 4)),
        (("--anilist", "https://anilist.co/anime/101338/", "--episode", "4"), ("Mob Psycho 100 II", 1, 4)),
        (("--anime", "One Piece", "--episode", "1000"), ("One Piece", 1, 1000)),
        (("--tvdb", "267440", "--season", "3", "--episode", "13"), ("Attack on Titan Season 3 Part 2", 1, 1)),
        (("--movie", "--mal", "28851"), ("A Silent Voice", None, None)),
        (("--show", "Breaking Bad", "--episode-tvdb", "349232"), ("Breaking Bad", 1, 1)),
        (("--episode-tvdb", "99100012"), ("The Lighthouse Keepers", 1, 2)),
        (("--show", "The Office", "--year", "2005", "--season", "0", "--episode", "1"), ("The Office", 0, 1)),
    ],
)
def test_a_title_is_found_by_whatever_is_known_of_it(
    hand: Hand, words: tuple[str, ...], watched: tuple[str, int | None, int | None]
) -> None:
    """Title and year, an id of any site, a pasted link, an episode's own id: each finds the same thing."""
    assert hand.type("mark", *words).code == 0
    assert hand.watched() == [watched]


def test_what_an_id_alone_names_is_told_by_its_title(hand: Hand) -> None:
    """Whoever marks or unmarks by an id sees which title that was, at no cost of the day's requests."""
    said = hand.type("mark", "--imdb", "tt2543164", "--long-ago")
    assert said.out.splitlines()[0] == "recorded       Arrival (2016), long ago"
    paid = [call.path for call in hand.simkl.calls if call.path not in ("/redirect", "/movies/9300001")]
    assert paid == ["/sync/history"]
    said = hand.type("mark", "--tvdb", "9910001", "--season", "1", "--episode", "2", "--long-ago")
    assert said.out.startswith("recorded       The Lighthouse Keepers (2021) S01E02, long ago\n")
    told = hand.answer("y", "unmark", "--tvdb", "9910001", "--season", "1", "--whole-season")
    assert "season 1 of The Lighthouse Keepers (2021), and the show stays" in told.out + told.err
    asked = hand.answer("n", "mark", "--tvdb", "9910001", "--season", "1", "--whole-season").err
    assert "season 1 of The Lighthouse Keepers (2021)?" in asked


def test_an_id_stays_an_id_where_simkl_does_not_say_more(hand: Hand) -> None:
    """What was recorded is told as what was asked for, if the title cannot be had just then."""
    hand.simkl.fail("internal", path="/movies/")
    said = hand.type("mark", "--imdb", "tt2543164", "--long-ago")
    assert (said.code, said.out.splitlines()[0]) == (0, "recorded       imdb tt2543164, long ago")


def test_whoever_does_not_wait_for_the_title_hears_that_it_is_recorded(home: Home, simkl: Sandbox) -> None:
    """Ctrl-C while Simkl does not answer what an id is of takes no word away of what it has recorded."""
    simkl.fail("blackhole", path="/movies/")
    with terminal("mark", "--imdb", "tt2543164", environment=home.environment) as shown:
        simkl.expect(path="/movies/", answered=False)
        shown.press_ctrl_c()
        assert shown.end() == 130
    assert re.search("recorded.* imdb tt2543164, watched", shown.shown)
    assert "Traceback" not in shown.shown


def test_nothing_is_looked_up_before_a_write(hand: Hand) -> None:
    """Simkl finds titles itself; a search first would only spend the user's quota (simkl-api 7.1)."""
    hand.type("mark", *KEEPERS, "--season", "1", "--episode", "1")
    assert [call.path for call in hand.simkl.calls] == ["/sync/history", "/redirect"]


def test_an_unknown_title_is_a_failure(hand: Hand) -> None:
    """A title or an episode that Simkl does not have is named, and the exit code is 1."""
    said = hand.type("mark", "--movie", "Qwxz", "--year", "2020")
    assert (said.code, said.err) == (
        1,
        "mpv-simkl: Simkl does not know Qwxz (2020); check title and year, or give a link to its page\n",
    )
    said = hand.type("mark", *KEEPERS, "--season", "1", "--episode", "5-8")
    assert (said.code, said.err) == (
        1,
        "mpv-simkl: Simkl does not know episodes 7, 8 of The Lighthouse Keepers (2021)\n",
    )
    assert "in part" in said.out
    assert len(hand.watched()) == 2


def test_many_unknown_episodes_are_told_in_short(hand: Hand) -> None:
    """A range that goes far beyond the last episode does not fill the terminal with numbers."""
    said = hand.type("mark", *KEEPERS, "--season", "1", "--episode", "5-99")
    assert said.err == "mpv-simkl: Simkl does not know episodes 7-99 of The Lighthouse Keepers (2021)\n"
    assert said.out.splitlines()[0].endswith(", Simkl does not know episodes 7-99")


def test_a_link_to_an_anime_is_of_an_anime(hand: Hand) -> None:
    """Its page says what it is, so --whole-show is enough; without it nothing is marked."""
    link = "https://myanimelist.net/anime/16498/Shingeki_no_Kyojin"
    assert hand.type("mark", link).code == 2
    assert hand.type("mark", link, "--whole-show", "--yes").code == 0
    assert len(hand.watched()) == 25


def test_an_id_of_a_show_alone_marks_nothing(hand: Hand) -> None:
    """Pasting the page of a show does not mark the whole show; it asks for the episodes."""
    said = hand.type("mark", "--imdb", "tt0903747")
    assert said.code == 2
    assert "which episodes" in said.err
    assert hand.bodies("/sync/history") == []
    assert "does not know imdb tt99999999" in hand.type("mark", "--imdb", "tt99999999").err


def test_a_whole_season_is_marked_after_a_question(hand: Hand) -> None:
    """All of a season goes in one call, if the user says yes; else nothing is sent."""
    words = ("mark", "--show", "The Office", "--year", "2001", "--season", "2", "--whole-season")
    refused = hand.answer("n", *words)
    assert (refused.code, hand.watched()) == (1, [])
    assert "Mark every episode aired so far: season 2 of The Office (2001)? [y/N]" in refused.err
    assert "6 episodes" in hand.answer("y", *words).out
    assert hand.watched() == [("The Office", 2, number) for number in range(1, 7)]


@pytest.mark.parametrize(
    ("title", "episodes", "status"),
    [("Firefly", 14, "completed"), ("Severance", 19, "watching"), ("The Quiet Orbit", 0, "watching")],
)
def test_a_whole_show_is_what_has_been_aired(hand: Hand, title: str, episodes: int, status: str) -> None:
    """A finished show is completed, of an airing one what was shown, of an unreleased one nothing (7.2)."""
    said = hand.type("mark", "--show", title, "--whole-show", "--yes")
    assert said.code == 0
    assert len(hand.watched()) == episodes
    assert f"list           {status}" in said.out


def test_without_anybody_to_ask_a_whole_show_needs_a_yes(hand: Hand) -> None:
    """A script cannot mark a whole show by mistake."""
    said = hand.type("mark", "--show", "Firefly", "--whole-show")
    assert (said.code, hand.watched()) == (1, [])
    assert "--yes" in said.err


@pytest.mark.parametrize("status", ["watching", "plantowatch", "hold", "dropped"])
def test_a_status_moves_a_show_and_marks_nothing(hand: Hand, status: str) -> None:
    """A show goes to a list of the user's without one episode being marked (7.3)."""
    said = hand.type("mark", *KEEPERS, "--status", status)
    assert said.code == 0
    assert hand.simkl.library().statuses == {9100001: status}
    assert hand.watched() == []
    assert "moved" in said.out


def test_completed_marks_everything_or_with_the_switch_nothing(hand: Hand) -> None:
    """`completed` is every episode and wants --whole-show; --skip-auto-watching keeps it to the list."""
    assert hand.type("mark", *KEEPERS, "--status", "completed").code == 2
    assert hand.type("mark", *KEEPERS, "--status", "completed", "--skip-auto-watching").code == 0
    assert hand.watched() == []
    assert hand.simkl.calls[0].query["skip_auto_watching"] == "yes"
    assert hand.type("mark", *KEEPERS, "--status", "completed", "--whole-show", "--yes").code == 0
    assert len(hand.watched()) == 6


def test_a_status_goes_along_with_episodes(hand: Hand) -> None:
    """One can watch an episode and put the show on hold in one line."""
    hand.type("mark", *KEEPERS, "--season", "1", "--episode", "2", "--status", "hold")
    assert hand.watched() == [("The Lighthouse Keepers", 1, 2)]
    assert hand.simkl.library().statuses == {9100001: "hold"}


def test_a_rewatch_needs_a_plan_and_says_so(hand: Hand) -> None:
    """On a free account nothing is sent, and the reason is told; the plan is asked for once (simkl-api 6)."""
    said = hand.type("mark", "--movie", "Arrival", "--rewatch")
    assert said.code == 1
    assert "PRO and VIP" in said.err
    assert hand.bodies("/sync/history") == []


def test_a_rewatch_is_counted_for_who_may(hand: Hand) -> None:
    """With a plan a film is watched a second time; a third time within two days is refused and explained."""
    hand.simkl.plan = "pro"
    hand.type("mark", "--movie", "Arrival", "--watched-at", "2026-10-01 20:00")
    assert hand.type("mark", "--movie", "Arrival", "--rewatch").code == 0
    assert len(hand.simkl.library().rewatched) == 1
    assert hand.simkl.calls[-2].query["allow_rewatch"] == "yes"
    again = hand.type("mark", "--movie", "Arrival", "--rewatch", "--rewatch-id", "7")
    assert again.code == 1
    assert "two days between" in again.err
    assert hand.bodies("/sync/history")[-1]["movies"][0]["rewatch_id"] == 7


@pytest.mark.parametrize("number", ["0", "-1"])
def test_a_rewatch_that_cannot_be_begins_no_new_one(hand: Hand, number: str) -> None:
    """A number that no rewatch has is wrong usage: nothing is sent, and no new rewatch begins."""
    hand.simkl.plan = "pro"
    hand.type("mark", "--movie", "Arrival", "--watched-at", "2026-10-01 20:00")
    said = hand.type("mark", "--movie", "Arrival", "--rewatch", f"--rewatch-id={number}")
    assert said.code == 2
    assert "1 or more" in said.err
    assert hand.simkl.library().rewatched == []


def test_a_rewatch_is_never_tried_twice(hand: Hand) -> None:
    """Behind a lock it is left alone: a phantom rewatch is worse than none (simkl-api 6)."""
    hand.simkl.plan = "pro"
    hand.simkl.fail("write_lock", path="/sync/history")
    said = hand.type("mark", "--movie", "Arrival", "--rewatch")
    assert said.code == 1
    assert "before you try again" in said.err
    assert len(hand.bodies("/sync/history")) == 1
    hand.simkl.heal()
    many = hand.type("mark", "--anime", "One Piece", "--episode", "1-60", "--rewatch")
    assert (many.code, len(hand.bodies("/sync/history"))) == (2, 1)
    hand.simkl.fail(
        Fault("refusal", "answer", 400, body=b'{"error": "wrong_parameter"}'), path="/sync/history"
    )
    two = hand.type("mark", "-", "--rewatch", lines='{"movie": "Arrival"}\n{"movie": "Dune"}\n')
    assert (two.code, len(hand.bodies("/sync/history"))) == (1, 2)


def test_lines_of_json_are_marked_in_one_call(hand: Hand) -> None:
    """Films, shows and anime piped in together are one request, with a verdict for each line."""
    rows: list[dict[str, object]] = [
        {
            "show": "The Lighthouse Keepers",
            "season": 1,
            "episode": "1-2",
            "watched_at": "2026-11-19T20:00:00Z",
        },
        {"movie": "Dune", "year": 2021, "long_ago": True},
        {"movie": "Qwxz"},
        {"mal": 37510, "episode": [1, 2]},
        {"show": "Castle", "year": 2009, "status": "plantowatch"},
    ]
    said = hand.type("mark", "-", lines="\n".join(map(json.dumps, rows)) + "\n\n")
    assert (said.code, said.err) == (1, "mpv-simkl: 1 of 5 were not marked\n")
    (body,) = hand.bodies("/sync/history")
    assert set(body) == {"movies", "shows", "anime"}
    words = [line.split("  ")[1].strip() for line in said.out.splitlines()[:-1]]
    assert words == ["at Simkl", "at Simkl", "not found", "at Simkl", "moved"]
    assert len(hand.watched()) == 5


def test_identify_feeds_mark(hand: Hand) -> None:
    """`identify --json FILE... | mark -` marks what was recognised."""
    rows = hand.type("identify", "--json", str(EPISODE_4), "Arrival (2016).mkv").out
    said = hand.type("mark", "-", "--long-ago", lines=rows)
    assert said.code == 0
    assert hand.watched() == [("Arrival", None, None), ("The Lighthouse Keepers", 1, 4)]
    assert {watch.watched_at.year for watch in hand.simkl.history} == {1970}


def test_the_time_of_a_line_wins_over_the_option(hand: Hand) -> None:
    """`--long-ago` is for the lines that say no time themselves."""
    lines = '{"movie": "Arrival", "watched_at": "2026-11-01T20:00:00Z"}\n{"movie": "Dune", "year": 2021}\n'
    assert hand.type("mark", "-", "--long-ago", lines=lines).code == 0
    assert [watch.watched_at.year for watch in hand.simkl.history] == [2026, 1970]


@pytest.mark.parametrize(
    "bad", ["{", '{"movie": "Dune", "year": "x"}', '{"show": "Castle"}', '{"rewatch": true}', b"\xff{}", "3"]
)
def test_a_bad_line_is_named_and_nothing_is_sent(hand: Hand, bad: str | bytes) -> None:
    """All lines are read before the first one is sent."""
    raw = bad if isinstance(bad, bytes) else bad.encode()
    said = hand.type("mark", "-", lines=b'{"movie": "Arrival"}\n\n' + raw + b"\n")
    assert said.code == 1
    assert "line 3: " in said.err
    assert "nothing was sent" in said.err
    assert hand.simkl.calls == []


def test_many_lines_go_in_as_few_calls_as_can_be(hand: Hand) -> None:
    """At most fifty episodes go in one call, and a long list in one line is cut."""
    lines = '{"anime": "One Piece", "episode": "1-60"}\n{"anime": "One Piece", "episode": "61-70"}\n'
    said = hand.type("mark", "-", lines=lines)
    assert said.code == 0
    sizes = [len(body["anime"][0]["episodes"]) for body in hand.bodies("/sync/history")]
    assert sizes == [50, 20]
    assert len(hand.watched()) == 70


def test_a_call_that_is_refused_is_halved_until_the_bad_line_is_alone(hand: Hand) -> None:
    """One line that Simkl chokes on does not keep the others away, however many there are."""
    refusal = Fault("refusal", "answer", 400, body=b'{"error": "wrong_parameter"}')
    hand.simkl.fail(refusal, path="/sync/history", times=3)
    lines = [{"movie": "Arrival"}, *({"show": "Severance", "season": 1, "episode": n} for n in (1, 2, 3))]
    said = hand.type("mark", "-", lines="\n".join(map(json.dumps, lines)))
    assert said.code == 1
    told = [line.split("  ")[1].strip() for line in said.out.splitlines()[:4]]
    assert told == ["refused", "recorded", "recorded", "recorded"]
    assert len(hand.watched()) == 3


def test_an_answer_about_something_else_is_no_success(hand: Hand) -> None:
    """If Simkl could not find what nobody sent, nothing is called recorded."""
    body = b'{"added": {"movies": 1}, "not_found": {"movies": [{"title": "Dune"}]}}'
    hand.simkl.fail(Fault("answer", "answer", 201, body=body), path="/sync/history")
    said = hand.type("mark", "--movie", "Arrival")
    assert said.code == 1
    assert "is not what was sent" in said.err


def test_what_simkl_calls_otherwise_beside_another_is_not_recorded(hand: Hand) -> None:
    """Of two films that Simkl does not know it calls one by another name: neither is said to be recorded."""
    titles = [{"title": "Nobody Knows This"}, {"title": "Law &amp; Nowhere"}]
    body = json.dumps({"added": {"movies": 1}, "not_found": {"movies": titles}}).encode()
    hand.simkl.fail(Fault("answer", "answer", 201, body=body), path="/sync/history", times=1)
    lines = '{"movie": "Nobody Knows This"}\n{"movie": "Law & Nowhere"}\n{"movie": "Arrival"}\n'
    said = hand.type("mark", "-", lines=lines)
    assert said.code == 1
    told = [line.split("  ")[1].strip() for line in said.out.splitlines()[:3]]
    assert told == ["not found", "not found", "recorded"]


def test_without_a_network_nothing_is_claimed(hand: Hand) -> None:
    """What could not be sent is told as not sent, and can be sent again without harm."""
    hand.set({"MPV_SIMKL_API_URL": "http://127.0.0.1:1"})
    said = hand.type("mark", "--movie", "Arrival")
    assert said.code == 1
    assert "not sent" in said.out
    assert "no connection; check the network; nothing was marked; run it again later" in said.err


@pytest.mark.parametrize("words", [("mark", "--movie", "Arrival"), ("unmark", "--movie", "Arrival", "--yes")])
@pytest.mark.parametrize("path", ["/sync/history", "/"])
def test_trouble_at_simkl_is_not_mended_by_itself(hand: Hand, words: tuple[str, ...], path: str) -> None:
    """While Simkl has trouble nothing is marked, and the user learns that it is to be run again later."""
    hand.simkl.fail("unavailable", path=path)
    said = hand.type(*words)
    assert said.code == 1
    assert "503 unavailable: Simkl has trouble; see https://status.simkl.com/; nothing was " in said.err
    assert "run it again later" in said.err
    assert "by itself" not in said.out + said.err


def test_trouble_in_the_middle_is_told_as_such(hand: Hand) -> None:
    """Where some episodes were marked before Simkl had trouble, nobody is told that none was."""
    hand.simkl.fail(Fault("fine", "slow"), path="/sync/history", times=1)
    hand.simkl.fail("unavailable", path="/sync/history")
    said = hand.type("mark", "--anime", "One Piece", "--episode", "1-70")
    assert said.code == 1
    assert "; not all was marked; run it again later" in said.err
    assert len(hand.watched()) == 50


def test_who_is_not_signed_in_is_told_so(hand: Hand) -> None:
    """Without a sign-in nothing can be marked."""
    hand.set({"MPV_SIMKL_ACCESS_TOKEN": ""})
    said = hand.type("mark", "--movie", "Arrival")
    assert said.code == 1
    assert "not signed in" in said.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "say what"),
        (("no-such-file.mkv",), "there is no file"),
        (("-", "--movie", "Arrival"), "leave out --movie"),
        ((str(EPISODE_4), "--season", "2"), "leave out --season"),
        (("--movie", "Arrival", "--watched-at", "tomorrow"), "is no time"),
        (("--movie", "Arrival", "--watched-at", ""), "'' is no time"),
        (("--movie", "Arrival", "--watched-at", "", "--long-ago"), "either --watched-at or --long-ago"),
        (("--movie", "Arrival", "--rewatch-id", "3"), "goes with --rewatch"),
        (("--show", "Castle", "--whole-show", "--rewatch"), "named episodes only"),
        (("--movie", "Arrival", "--status", "seen"), "invalid choice"),
    ],
)
def test_wrong_usage_is_explained(hand: Hand, words: tuple[str, ...], sentence: str) -> None:
    """Exit code 2, a sentence, and nothing sent."""
    said = hand.type("mark", *words)
    assert said.code == 2
    assert sentence in said.err
    assert hand.simkl.calls == []


def test_control_characters_of_a_title_never_reach_the_terminal(hand: Hand) -> None:
    """A title from a script cannot write into the terminal."""
    said = hand.type("mark", "-", lines='{"movie": "Arr\\u001b[2Jival"}')
    assert "\x1b" not in said.out + said.err


def test_a_question_is_seen_wherever_the_output_goes(hand: Hand) -> None:
    """Whoever sends the output of `unmark` into a file sees what will go before saying yes."""
    hand.type("mark", *KEEPERS, "--season", "1", "--episode", "1-2")
    words = ("unmark", *KEEPERS, "--season", "1", "--episode")
    said = hand.answer("y", *words, "1")
    assert said.err.startswith(
        "To be taken out of your history at Simkl:\n  The Lighthouse Keepers (2021) S01E01 "
    )
    assert said.err.endswith("\nGo on? [y/N] ")
    assert "taken out" not in said.out
    assert "To be taken out of your history at Simkl:\n" in hand.type(*words, "2", "--yes").out


def test_unmark_says_what_goes_and_asks(hand: Hand) -> None:
    """The titles and their pages are shown; only a yes takes them out."""
    hand.type("mark", *KEEPERS, "--season", "1", "--episode", "1-3")
    words = ("unmark", *KEEPERS, "--season", "1", "--episode", "2")
    said = hand.answer("", *words)
    assert (said.code, len(hand.watched())) == (1, 3)
    assert "The Lighthouse Keepers (2021) S01E02  https://simkl.com/tv/9100001/" in said.err
    assert "removed" in hand.answer("y", *words).out
    assert [number for _, _, number in hand.watched()] == [1, 3]
    assert "was not there" in hand.type(*words, "--yes").out


def test_a_whole_show_is_unmarked_season_by_season_and_stays(hand: Hand) -> None:
    """Marks go, specials too; the show keeps its rating and its place, which a bare show would lose."""
    hand.type("mark", "--show", "The Office", "--year", "2001", "--whole-show", "--yes")
    hand.type("mark", "--show", "The Office", "--year", "2001", "--season", "0", "--episode", "1")
    hand.simkl.library().ratings[9200001] = 9
    said = hand.type("unmark", "--show", "The Office", "--year", "2001", "--whole-show", "--yes")
    assert said.code == 0
    assert hand.watched() == []
    assert hand.simkl.library().ratings == {9200001: 9}
    assert 9200001 in hand.simkl.library().statuses
    (body,) = hand.bodies("/sync/history/remove")
    assert [season["number"] for season in body["shows"][0]["seasons"]] == [0, 1, 2]


@pytest.mark.parametrize(
    "words",
    [
        ("--mal", "37510", "--episode", "4"),
        ("--anime", "One Piece", "--episode", "1000"),
        ("--anime", "Cowboy Bebop", "--episode", "5"),
        ("--tvdb", "267440", "--season", "3", "--episode", "13"),
        ("--show", "Breaking Bad", "--episode-tvdb", "349232"),
        ("--movie", "--mal", "28851"),
        ("--show", "The Office", "--year", "2001", "--season", "2", "--whole-season"),
        ("--anime", "--mal", "16498", "--whole-show"),
    ],
)
def test_what_was_marked_is_unmarked_by_the_same_words(hand: Hand, words: tuple[str, ...]) -> None:
    """Anime too, which Simkl would silently ignore under its own name (simkl-api 8)."""
    assert hand.type("mark", *words, "--yes").code == 0
    assert hand.watched()
    assert hand.type("unmark", *words, "--yes").code == 0
    assert hand.watched() == []
    assert set(hand.bodies("/sync/history/remove")[0]) <= {"movies", "shows"}


def test_an_anime_is_unmarked_by_the_number_of_its_page(hand: Hand) -> None:
    """Under `shows`, a title alone could be the series of the same name; the page that was shown is meant."""
    hand.type("mark", "--anime", "One Piece", "--episode", "1000")
    hand.type("unmark", "--anime", "One Piece", "--episode", "1000", "--yes")
    (body,) = hand.bodies("/sync/history/remove")
    assert str(body["shows"][0]["ids"]["simkl"]) == "38636"


def test_a_film_is_taken_out_altogether_and_that_is_said(hand: Hand) -> None:
    """Of a film, rating and list go too (simkl-api 8); the question says it."""
    hand.type("mark", "--movie", "Arrival")
    said = hand.type("unmark", "--movie", "Arrival")
    assert said.code == 1
    assert "with its rating and its place on your lists" in said.out
    assert hand.type("unmark", "--movie", "Arrival", "--yes").code == 0
    assert hand.watched() == []


def test_a_bare_show_is_never_unmarked(hand: Hand) -> None:
    """Without episodes, --whole-season or --whole-show nothing goes, not even with a yes."""
    said = hand.type("unmark", *KEEPERS, "--yes")
    assert said.code == 2
    assert "which episodes" in said.err
    assert hand.simkl.calls == []


def test_what_is_not_known_cannot_be_unmarked(hand: Hand) -> None:
    """A title that Simkl does not have is named before anything is asked."""
    said = hand.type("unmark", "-", "--yes", lines='{"movie": "Arrival"}\n{"movie": "Qwxz"}\n')
    assert (said.code, said.err) == (1, "mpv-simkl: line 2: Simkl does not know Qwxz\n")
    assert hand.bodies("/sync/history/remove") == []


def test_an_episode_without_its_show_cannot_be_unmarked(hand: Hand) -> None:
    """Simkl takes an episode's own id for a mark, but for a removal only within its show (simkl-api 8)."""
    said = hand.type("unmark", "--episode-tvdb", "99100012", "--yes")
    assert said.code == 1
    assert "say of which show" in said.err


def test_the_same_lines_mark_and_unmark(hand: Hand) -> None:
    """A file of JSON lines undoes what it did."""
    lines = '{"movie": "Arrival", "watched_at": "2026-11-01 20:00"}\n{"mal": 37510, "episode": "1-3"}\n'
    hand.type("mark", "-", lines=lines)
    assert len(hand.watched()) == 4
    assert hand.type("unmark", "-", "--yes", lines=lines).code == 0
    assert hand.watched() == []


def test_a_path_never_leaves_the_machine(hand: Hand) -> None:
    """Of a file Simkl hears its title, not where it lies."""
    folder = hand.folder / "secret folder"
    folder.mkdir()
    file = folder / "Arrival (2016).mkv"
    file.touch()
    assert hand.type("mark", str(file)).code == 0
    assert "secret" not in json.dumps([call.body for call in hand.simkl.calls])
    assert Path(file).exists()
