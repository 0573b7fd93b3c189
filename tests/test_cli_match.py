"""`mpv-simkl match`: saying what a file is, so that it stays said."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mpv_simkl import places
from mpv_simkl.cli.identify import as_played
from mpv_simkl.config import CONF
from mpv_simkl.identify import identify
from mpv_simkl.journal import Journal
from mpv_simkl.matching import Matcher
from mpv_simkl.media import Clues, Media
from mpv_simkl.model import Action, Scrobble
from mpv_simkl.replay import replay_batch

from .hand import Hand
from .makers import FILM, belongs_to, connect, player_is_gone, watch
from .signing_in import sign_in_as

CASTLE = "https://simkl.com/tv/9200003/castle"
FILE = "/tv/Castle (1970)/Season 01/Castle S01E02.mkv"


def seen(path: str, name: str = "evening") -> Scrobble:
    """A file that was watched a minute ago, as our process beside mpv writes it down."""
    media = identify(Clues(path), this_year=2026).media
    assert media is not None
    ended = replace(watch(media, name), at=datetime.now(UTC))
    return replace(ended, path=path, recognised=media)


def in_journal_only(*scrobbles: Scrobble) -> None:
    """Write these down."""
    with Journal.open() as journal:
        for scrobble in scrobbles:
            journal.record(scrobble)


def in_journal(hand: Hand, *scrobbles: Scrobble) -> None:
    """Write these down and try to send them."""
    in_journal_only(*scrobbles)
    with Journal.open() as journal:
        while replay_batch(journal, connect(hand.simkl), Matcher(journal.titles)):
            pass


def states() -> list[str]:
    """The states of all that Simkl does not have."""
    with Journal.open() as journal:
        return [row.state for row in journal.unsent()]


def recalled(path: str) -> Media | None:
    """What a file is from now on."""
    with Journal.open() as journal:
        return journal.titles.corrected(path, identify(Clues(path), this_year=2026).media)


def test_a_doubtful_watch_is_confirmed_with_a_link(hand: Hand) -> None:
    """The show that Simkl was not believed to mean is named, and what waited is recorded."""
    in_journal(hand, seen(FILE))
    assert states() == ["doubtful"]
    said = hand.type("match", FILE, "--to", CASTLE, "--for", "title", "--yes")
    assert said.code == 0, said.err
    assert "taken for  Castle (1970) S01E02" in said.out
    assert "its year is another one" in said.out
    assert "1 viewing changed, 1 sent" in said.out
    assert hand.watched() == [("Castle", 1, 2)]
    assert hand.simkl.history[0].simkl == 9200003


def test_a_watch_of_which_simkl_knows_the_start_is_counted_as_sent(hand: Hand) -> None:
    """What `match` changes and sends is told as sent, also where Simkl had heard of its start."""
    with Journal.open() as journal:
        journal.record(seen(FILE))
        journal.telling("evening")
    said = hand.type("match", FILE, "--to", CASTLE, "--yes")
    assert "1 viewing changed, 1 sent" in said.out
    assert hand.watched() == [("Castle", 1, 2)]


def test_what_simkl_says_has_its_year_though_the_file_has_none(hand: Hand) -> None:
    """Whoever asks what a file is wants to know which one of its name."""
    said = hand.type("match", "/tv/Castle/Castle S01E02.mkv")
    assert "Simkl says Castle (2009)" in said.out
    said = hand.type("match", "/tv/Nobody Knows/Nobody Knows S01E02.mkv")
    assert "Simkl says it knows no such title or episode\n" in said.out


@pytest.mark.parametrize(("setting", "asked"), [("yes", 1), ("no", 0)])
def test_a_replay_tells_simkl_the_names_of_files_only_where_that_is_wanted(
    hand: Hand, setting: str, asked: int
) -> None:
    """With search_file=no no file's name leaves the machine, by a command neither."""
    conf = hand.folder / "mpv" / CONF
    conf.parent.mkdir(parents=True)
    conf.write_text(f"search_file={setting}\n")
    with Journal.open() as journal:
        journal.record(seen("/films/Nobody Knows This (2001).mkv"))
    hand.type("journal", "replay")
    assert states() == ["not_found"]
    assert [call.path for call in hand.simkl.calls].count("/search/file") == asked


@pytest.mark.parametrize(
    ("scope", "path", "holds"),
    [
        ("file", FILE, True),
        ("file", FILE.replace("E02", "E03"), False),
        ("folder", FILE.replace("E02", "E03"), True),
        ("folder", FILE.replace("/tv/", "/other/"), False),
        ("title", FILE.replace("/tv/", "/other/"), True),
        ("title", "/tv/Severance S01E02.mkv", False),
    ],
)
def test_it_holds_for_what_was_said(hand: Hand, scope: str, path: str, holds: bool) -> None:
    """A file, a show in one folder, or everything of a title: that and nothing else is corrected."""
    assert hand.type("match", FILE, "--to", CASTLE, "--for", scope, "--yes").code == 0
    found = recalled(path)
    assert (found is not None) == holds
    assert found is None or found.ids == {"simkl": "9200003"}


def test_a_number_of_tmdb_is_of_what_the_file_is(hand: Hand) -> None:
    """A film and a show may have one number there: the file says which is meant, or else the link does."""
    hand.type("match", FILE, "--tmdb", "329865", "--yes")
    hand.type("match", "/films/Arrival (2016).mkv", "--tmdb", "329865", "--yes")
    asked = [call.query for call in hand.simkl.calls if "tmdb" in call.query]
    assert [query.get("type") for query in asked] == ["tv", "movie"]
    said = hand.type("match", "/films/IMG_0001.MP4", "--tmdb", "329865", "--yes")
    assert said.code == 2
    assert "give the link to its page there" in said.err


@pytest.mark.parametrize(
    ("words", "there"),
    [
        (("--imdb", "tt1219024"), ("Castle", 1, 2)),
        (("--tvdb", "83462"), ("Castle", 1, 2)),
        (("--tmdb", "1419"), ("Castle", 1, 2)),
        (("--simkl", "9200003"), ("Castle", 1, 2)),
        (("--to", "https://www.imdb.com/title/tt1219024/"), ("Castle", 1, 2)),
        (("--to", CASTLE, "--season", "2"), ("Castle", 2, 2)),
        (("--to", CASTLE, "--offset", "5"), ("Castle", 1, 7)),
        (("--to", CASTLE + "/season-3/episode-4"), ("Castle", 3, 4)),
        (("--mal", "37510"), ("Mob Psycho 100 II", 1, 2)),
        (("--to", "https://simkl.com/movies/9300001/arrival"), ("Arrival", None, None)),
    ],
)
def test_it_takes_any_link_and_shifted_numbers(
    hand: Hand, words: tuple[str, ...], there: tuple[str, int | None, int | None]
) -> None:
    """Ids and links of every site, another season, numbers that are shifted, an episode's own page."""
    in_journal(hand, seen(FILE))
    said = hand.type("match", FILE, *words, "--yes")
    assert said.code == 0, said.err
    assert hand.watched() == [there]


@pytest.mark.parametrize(
    ("name", "words", "then", "there"),
    [
        ("S01E13", ("--to", CASTLE, "--season", "2", "--offset", "-12"), (), ("Castle", 2, 1)),
        ("S01E02", ("--simkl", "9300001"), ("--to", CASTLE), ("Castle", 1, 2)),
        ("S02E02", ("--mal", "37510"), ("--to", CASTLE), ("Castle", 2, 2)),
    ],
    ids=["the same again", "a film at first", "an anime at first"],
)
def test_the_second_correction_counts_from_what_the_file_says(
    hand: Hand, name: str, words: tuple[str, ...], then: tuple[str, ...], there: tuple[str, int, int]
) -> None:
    """Whoever says it twice, or something wrong at first, gets the episode that the last word means."""
    path = f"/tv/Castle/Castle {name}.mkv"
    in_journal(hand, seen(path))
    assert hand.type("match", path, *words, "--yes").code == 0
    said = hand.type("match", path, *(then or words), "--yes")
    assert said.code == 0, said.err
    assert hand.watched() == [there]
    assert states() == []


@pytest.mark.parametrize("scope", ["folder", "title"])
@pytest.mark.parametrize("sent", [False, True])
def test_what_was_said_of_one_file_stays_when_its_show_is_corrected(
    hand: Hand, scope: str, *, sent: bool
) -> None:
    """Whoever has said which episode a file is, and then what the show is, keeps that episode, be it that it
    waits or that it is marked.
    """
    path = "/tv/Castle/Castle S01E02.mkv"
    if not sent:
        hand.simkl.fail("cut", path="/sync/history")
    in_file = seen(path)
    in_journal_only(in_file)
    for words in (("--episode", "5", "--for", "file"), ("--for", scope)):
        said = hand.type("match", path, "--to", CASTLE, *words, "--yes")
        assert said.code == 0, said.err
    assert "Marked as something else" not in said.out
    assert states() == ([] if sent else ["waiting"])
    with Journal.open() as journal:
        row = journal.find(in_file.viewing)
    assert row is not None
    assert row.media == recalled(path)
    assert row.media.episodes == (5,)


def test_parts_of_a_file_that_was_shifted_stay_shifted(hand: Hand) -> None:
    """The two episodes of one file whose numbers were put right stay so when the show is corrected."""
    path = "/tv/Castle/Castle S01E01-E02.mkv"
    both = seen(path)
    parts = [replace(both, viewing=f"{n}", media=both.media._replace(episodes=(n,))) for n in (1, 2)]
    hand.simkl.fail("cut", path="/sync/history")
    in_journal_only(*parts)
    for words in (("--offset", "3", "--for", "file"), ("--for", "title")):
        assert hand.type("match", path, "--to", CASTLE, *words, "--yes").code == 0
    with Journal.open() as journal:
        assert [row.media.episodes for row in journal.unsent()] == [(4,), (5,)]


def test_what_was_said_is_sent_by_a_replay_too(hand: Hand) -> None:
    """Said in an mpv that was closed before it could be applied, it holds for `journal replay` as well."""
    path = "/tv/Castle/Castle S01E02.mkv"
    in_journal_only(seen(path))
    with Journal.open() as journal:
        journal.titles.correct(
            "file", path, "", Media("episode", "Castle", season=2, ids={"simkl": "9200003"})
        )
    hand.type("journal", "replay")
    assert hand.watched() == [("Castle", 2, 2)]


def test_a_wrong_mark_of_today_is_taken_back(hand: Hand) -> None:
    """What was recorded as something else an hour ago goes, exactly that, and the right thing comes."""
    path = "/tv/The Office/The Office S01E02.mkv"
    in_journal(hand, seen(path), seen("/tv/Severance/Severance S01E02.mkv", "other"))
    assert ("The Office", 1, 2) in hand.watched()
    assert hand.simkl.history[0].simkl == 9200002
    british = "https://simkl.com/tv/9200001/the-office"
    said = hand.type("match", path, "--to", british, "--for", "title", "--yes")
    assert "Marked as something else within the last day" in said.out
    assert sorted(each.simkl for each in hand.simkl.history) == [9200001, 9200004]
    (removal,) = hand.bodies("/sync/history/remove")
    (show,) = removal["shows"]
    assert show["seasons"] == [{"number": 1, "episodes": [{"number": 2}]}]


def test_a_wrong_mark_takes_no_right_one_away(hand: Hand) -> None:
    """A file that was taken for an episode that was really watched, another day, is put right: the episode
    stays watched.
    """
    path = "/tv/The Office/The Office S01E02.mkv"
    really = seen("/tv/old/The Office S01E02.mkv", "really")
    in_journal(hand, replace(really, at=really.at - timedelta(days=9)), seen(path))
    hand.type("match", path, "--to", "https://simkl.com/tv/9200001/the-office", "--for", "file", "--yes")
    assert sorted(each.simkl for each in hand.simkl.history) == [9200001, 9200002]
    assert hand.bodies("/sync/history/remove") == []


@pytest.mark.parametrize(
    ("name", "words", "there", "taken_back"),
    [
        ("Castle/Castle S01E02.mkv", (CASTLE, "--season", "2"), ("Castle", 2, 2), 1),
        ("Castle/Castle S01E02.mkv", (CASTLE, "--season", "1"), ("Castle", 1, 2), 0),
        (
            "One Piece/[Group] One Piece - 0096.mkv",
            ("https://simkl.com/anime/38636",),
            ("One Piece", 1, 96),
            0,
        ),
    ],
)
def test_an_episode_of_another_season_is_another_one(
    hand: Hand, name: str, words: tuple[str, ...], there: tuple[str, int, int], taken_back: int
) -> None:
    """Whoever says that it was the second season has that one marked, and the mark of the first is gone; what
    was marked rightly stays.
    """
    path = f"/tv/{name}"
    in_journal(hand, seen(path))
    said = hand.type("match", path, "--to", *words, "--yes")
    assert said.code == 0, said.err
    assert hand.watched() == [there]
    assert len(hand.bodies("/sync/history/remove")) == taken_back


@pytest.mark.parametrize("claimed", [False, True])
def test_a_correction_reaches_what_a_dead_player_left(hand: Hand, claimed: bool) -> None:
    """Killed in the credits or while it was being sent: said afterwards, the right title is recorded."""
    path = "/tv/Castle/Castle S01E01.mkv"
    with Journal.open() as journal:
        journal.record(replace(seen(path), ended=claimed))
        assert len(journal.claim(1)) == claimed
    player_is_gone(places.data_dir())
    said = hand.type("match", path, "--simkl", "9100003", "--for", "file", "--yes")
    assert "1 viewing changed, 1 sent" in said.out
    assert [(each.simkl, each.number) for each in hand.simkl.history] == [(9100003, 1)]


@pytest.mark.parametrize("state", ["waiting", "sending"])
def test_what_is_on_its_way_from_a_player_is_corrected_afterwards(
    hand: Hand, another_player: int, state: str
) -> None:
    """Said while another window tells Simkl of it, it comes too early, and that is said; said again, the
    wrong mark goes and the right one comes.
    """
    path = "/tv/Castle/Castle S01E01.mkv"
    with Journal.open() as journal:
        journal.record(seen(path))
        assert len(journal.claim(1)) == 1 or state == "waiting"
        if state == "waiting":
            journal.release([1])
    belongs_to(another_player, places.data_dir())
    words = ("match", path, "--simkl", "9100003", "--for", "file", "--yes")
    early = hand.type(*words)
    assert "Castle S01E01 is on its way to Simkl; say it again in a moment" in early.out
    assert "0 viewings changed, 0 sent" in early.out
    assert early.code == 1
    connect(hand.simkl).scrobble(Action.STOP, seen(path).media, 100)
    with Journal.open() as journal:
        journal.settle([1], "done")
    assert "Marked as something else within the last day" in hand.type(*words).out
    assert [(each.simkl, each.number) for each in hand.simkl.history] == [(9100003, 1)]


def test_what_a_dead_player_had_told_is_not_completed(hand: Hand) -> None:
    """Killed in the credits of what it took for another show: said afterwards, that one is not recorded."""
    path = "/tv/Castle/Castle S01E01.mkv"
    with Journal.open() as journal:
        open_still = replace(seen(path), ended=False)
        journal.record(open_still)
        journal.telling(open_still.viewing)
    player_is_gone(places.data_dir())
    connect(hand.simkl).scrobble(Action.START, open_still.media, 90)
    hand.type("match", path, "--simkl", "9100003", "--for", "file", "--yes")
    connect(hand.simkl).scrobble(Action.START, FILM, 0)
    assert [(each.simkl, each.number) for each in hand.simkl.history] == [(9100003, 1)]


def test_a_file_that_says_nothing_is_matched_all_the_same(hand: Hand) -> None:
    """A name without a title is no obstacle: the file is what the user says."""
    said = hand.type("match", "/films/IMG_2041.MOV", "--to", "https://simkl.com/movies/9300001", "--yes")
    assert said.code == 0, said.err
    assert "taken for  nothing" in said.out
    found = recalled("/films/IMG_2041.MOV")
    assert found is not None
    assert found.title == "Arrival"


@pytest.mark.parametrize("end", ["?at=1@2", "?api_key=hush", "#hush", ""])
def test_no_secret_in_an_address_is_kept(hand: Hand, end: str) -> None:
    """Of an address neither name and password are kept nor the keys at its end, and still it is told from
    others; what the list shows of it can be given to `match` again.
    """
    words = ("--to", "https://simkl.com/movies/9300001", "--yes")
    address = f"http://me:hush@media.example/films/IMG_2041.MOV{end}"
    said = hand.type("match", address, *words)
    found = recalled(as_played(address))
    assert found is not None
    assert found.title == "Arrival"
    assert recalled(as_played(f"{address}&x=1")) is None
    told = hand.type("match", "--list").out
    assert "hush" not in told + said.out + str((hand.folder / "data" / "journal.db").read_bytes())
    place = told.split()[2]
    assert as_played(place) == place == as_played(address)


def test_what_was_said_of_an_address_with_a_secret_still_holds(hand: Hand) -> None:
    """A correction of an older version, which kept the whole address, is shown without its key and holds,
    until something else is said.
    """
    address = "http://media.example/films/IMG_2041.MOV?api_key=hush"
    with Journal.open() as journal:
        journal.titles.correct("file", address, "", FILM)
    assert recalled(as_played(address)) == FILM
    assert "hush" not in hand.type("match", "--list").out
    hand.type("match", address, "--to", "https://simkl.com/movies/9300001", "--yes")
    found = recalled(as_played(address))
    assert found is not None
    assert found.ids == {"simkl": "9300001"}


def test_the_help_names_every_site_whose_links_it_takes(hand: Hand) -> None:
    """Nobody has to guess whether a link can be pasted."""
    told = " ".join(hand.type("match", "--help").out.split())
    assert "Simkl, IMDb, TMDB, TVDB, MyAnimeList, AniList or AniDB" in told
    assert "its id at MyAnimeList, or a link" in told


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        ((), 2, "say which file"),
        ((FILE,), 1, "say what it is with --to"),
        ((FILE, "--to", "https://example.com/x"), 2, "is no page"),
        ((FILE, "--imdb", "nonsense"), 2, "is no id of IMDb"),
        ((FILE, "--imdb", "tt0000001", "--yes"), 1, "knows nothing of tt0000001"),
        ((FILE, "--to", CASTLE, "--imdb", "tt1219024"), 2, "one link or one id"),
        (("/films/IMG_2041.MOV", "--to", CASTLE, "--yes"), 1, "which episode of Castle"),
        (("/films/IMG_2041.MOV", "--to", CASTLE, "--for", "title"), 2, "this file only"),
        ((FILE, "--to", "https://simkl.com/movies/9300001", "--season", "1"), 2, "is a film"),
        ((FILE, "--to", CASTLE, "--season", "-1", "--yes"), 2, "season is a number from 0"),
        ((FILE, "--to", CASTLE, "--episode", "0", "--yes"), 2, "episode is a number from 1"),
        ((FILE, "--to", CASTLE, "--episode", "100000", "--yes"), 2, "episode is a number from 1"),
        ((FILE, "--to", CASTLE, "--offset", f"1{'0' * 30}", "--yes"), 2, "offset is a number from -99999 to"),
        ((FILE, "--to", CASTLE, "--episode", "5", "--offset", "1", "--yes"), 2, "no number for --offset"),
        ((FILE, "--to", CASTLE + "/season-3/episode-4", "--offset", "1"), 2, "no number for --offset"),
        ((FILE, "--to", CASTLE, "--offset", "-50", "--yes"), 2, "--offset -50 leads to episode -48"),
        ((FILE, "--to", CASTLE, "--offset", "-2", "--yes"), 2, "--offset -2 leads to episode 0"),
        ((FILE, "--to", CASTLE, "--episode", "2", "--for", "title", "--yes"), 2, "for this file only"),
        ((FILE, "--to", CASTLE + "/season-3/episode-4", "--for", "folder", "--yes"), 2, "for this file only"),
        (("--forget", "7"), 1, "no correction 7"),
        (("--forget", "9" * 30), 1, "no correction 999"),
        (("--forget", "-" + "9" * 30), 1, "no correction -999"),
        (("--json",), 2, "--json goes with --list"),
        ((FILE, "--to", CASTLE, "--yes", "--json"), 2, "--json goes with --list"),
        (("--list", "--forget", "7"), 2, "either --list or --forget"),
    ],
)
def test_what_makes_no_sense_is_said(hand: Hand, words: tuple[str, ...], code: int, sentence: str) -> None:
    """A slip changes nothing and is named."""
    said = hand.type("match", *words)
    assert said.code == code
    assert sentence in said.err
    with Journal.open() as journal:
        assert journal.titles.corrections() == []


def test_corrections_are_listed_and_forgotten(hand: Hand) -> None:
    """What was said can be seen and taken back."""
    hand.type("match", FILE, "--to", CASTLE, "--for", "folder", "--offset", "2", "--yes")
    said = hand.type("match", "--list")
    assert "folder" in said.out
    assert "castle" in said.out
    (row,) = json.loads(hand.type("match", "--list", "--json").out)
    assert (row["for"], row["place"], row["offset"]) == ("folder", str(Path(FILE).parent), 2)
    assert hand.type("match", "--forget", str(row["id"])).code == 0
    assert recalled(FILE) is None


def test_on_a_terminal_one_searches_and_picks(hand: Hand) -> None:
    """Words, a number from the list, for what it holds, and yes."""
    in_journal(hand, seen(FILE))
    said = hand.answer("castle\n2\nt\ny", "match", FILE)
    assert said.code == 0, said.err
    assert "Castle (1998), show" in said.err
    assert "taken for  Castle (1970) S01E02" in said.err
    assert hand.simkl.history[0].simkl == 9100003


@pytest.mark.parametrize("given", [CASTLE, "9200003", "tt1219024", " tt1219024 "])
def test_a_bare_id_is_as_good_as_a_link(hand: Hand, given: str) -> None:
    """`--to` takes an id of Simkl's or of IMDb's too, and on the terminal an id of IMDb's can be pasted."""
    said = hand.type("match", FILE, "--to", given, "--yes")
    assert said.code == 0, said.err
    assert "this file is Castle (2009) S01E02" in said.out
    if not given.isdecimal():
        said = hand.answer(f"{given}\nf\ny", "match", FILE)
        assert said.code == 0, said.err
        assert "this file is Castle (2009) S01E02" in said.err


def test_a_search_that_finds_nothing_says_so(hand: Hand) -> None:
    """Whoever mistypes a title, or pastes a link of an unknown site, learns it before the next question."""
    said = hand.answer("https://example.com/x\ncastle\n1\nf\ny", "match", FILE)
    assert said.code == 0, said.err
    assert said.err.count("Simkl finds nothing of that name.") == 1


def test_a_number_that_is_not_in_the_list_takes_the_list_not_away(hand: Hand) -> None:
    """Whoever mistypes the number may type the right one of the same list."""
    said = hand.answer("castle\n777\n2\nf\ny", "match", FILE)
    assert said.code == 0, said.err
    assert "Simkl finds nothing of that name; the list above still holds." in said.err
    assert "this file is Castle (1998) S01E02" in said.err


def test_where_nothing_had_to_be_changed_nothing_is_counted(hand: Hand) -> None:
    """What is said before anything was watched is kept, and no row of noughts is printed."""
    said = hand.type("match", FILE, "--simkl", "9100003", "--yes")
    assert said.out.endswith("\nKept; it holds from the next play on.\n")


def test_what_simkl_does_not_know_is_not_sent_in_a_circle(hand: Hand) -> None:
    """`match` does not advise to run `match`."""
    said = hand.type("match", "/tv/Nobody Knows S01E02.mkv")
    assert "Simkl says it knows no such title or episode\n" in said.out


@pytest.mark.parametrize(
    ("typed", "played"),
    [
        ("03.mkv", "Season 01/03.mkv"),
        ("../Season 01/03.mkv", "Season 01/03.mkv"),
        (os.fsdecode(b"Half \xff\xc3 a letter.mkv"), "Season 01/Half  a letter.mkv"),
    ],
)
def test_a_file_has_the_name_by_which_mpv_plays_it(
    hand: Hand, monkeypatch: pytest.MonkeyPatch, typed: str, played: str
) -> None:
    """What is said of a file from inside its folder, or of a name with broken letters, holds in mpv."""
    season = hand.folder / "Castle (2009)" / "Season 01"
    season.mkdir(parents=True)
    (season / typed).touch()
    monkeypatch.chdir(season)
    said = hand.type("match", typed, "--to", CASTLE + "/season-2/episode-5", "--yes")
    assert said.code == 0, said.err
    right = recalled(str(season.parent / played))
    assert right is not None
    assert (right.season, right.episodes) == (2, (5,))


def test_it_is_said_of_what_the_folder_makes_of_it(hand: Hand) -> None:
    """Of a show for which its folder has a `.simkl`, a title is corrected by the name that mpv has for it."""
    file = hand.folder / "Castle" / "Castle S01E02.mkv"
    file.parent.mkdir()
    (file.parent / ".simkl").write_text("type=anime\n")
    said = hand.type("match", str(file), "--to", CASTLE, "--for", "title", "--yes")
    assert said.code == 0, said.err
    in_mpv = Media("episode", "Castle", season=1, episodes=(2,), anime=True)
    with Journal.open() as journal:
        assert journal.titles.corrected(str(file), in_mpv) is not None
    (file.parent / ".simkl").write_text("ignore=yes\n")
    said = hand.type("match", str(file), "--to", CASTLE, "--yes")
    assert (said.code, "is ignored, as" in said.err) == (1, True)


def test_only_marks_of_the_own_account_are_taken_back(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is signed in corrects what waits, and takes nothing out of a history for somebody else's watch."""
    monkeypatch.delenv("MPV_SIMKL_ACCESS_TOKEN")
    ours = sign_in_as(hand.simkl, timedelta(days=6)).account
    for account, name in ((ours, "mine"), ("77", "theirs")):
        with Journal.open(account=account) as journal:
            journal.record(seen(FILE, name))
            journal.settle([row.id for row in journal.unsent() if row.name == name], "done")
    with Journal.open(account=ours) as journal:
        journal.record(seen(FILE.replace("E02", "E03"), "waits"))
    said = hand.type("match", FILE, "--to", CASTLE, "--for", "title", "--yes")
    assert said.code == 0, said.err
    assert "2 viewings changed, 2 sent" in said.out
    assert sorted(each.number or 0 for each in hand.simkl.history) == [2, 3]
    with Journal.open() as journal:
        row = journal.find("theirs")
    assert row is not None
    assert row.media.year == 1970
