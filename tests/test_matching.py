"""What Simkl is told a file is, against a catalogue full of traps."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import pytest

from mpv_simkl.agreement import Found
from mpv_simkl.correcting import candidates
from mpv_simkl.delivery import Sender
from mpv_simkl.errors import Doubtful, MpvSimklError, NotMatched, TryLater
from mpv_simkl.journal import Journal
from mpv_simkl.matching import Matcher, file_name
from mpv_simkl.media import Media
from mpv_simkl.model import Action, Scrobble
from mpv_simkl.news import News
from mpv_simkl.outbox import Outbox
from mpv_simkl.replay import finish_sessions, replay_batch
from mpv_simkl.sandbox import Fault, Sandbox

from .makers import connect, heard, watch

CASTLE = Media("episode", "Castle", 2009, season=1, episodes=(2,))
OLD_CASTLE = CASTLE._replace(year=1970)
RENAMED = Media("episode", "La casa de papel", 2017, season=1, episodes=(2,))
COUR = Media("episode", "Attack on Titan", 2013, season=3, episodes=(13,))
COUNTED = Media("episode", "Attack on Titan", absolute_episodes=(30,), anime=True)
DATED = Media("episode", "The Late Show with Stephen Colbert", date="2015-09-10")
REMAKE = Media("movie", "Dune", 2000)
ANIME_FILM = Media("movie", "Only In Anime", 2020)


SITES = {"anidb": "10944"}  # AniDB's number of the second season


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal.open(tmp_path) as journal:
        yield journal


def one_by_one(simkl: Sandbox, journal: Journal, *scrobbles: Scrobble) -> list[str]:
    """Let a sender tell these, each before the next one happens; what the user is told of it."""
    doubts: list[str] = []
    now = [0.0]
    outbox = Outbox(lambda: now[0])

    def report(news: News) -> None:
        if news.what == "doubtful":
            doubts.append(news.why)

    sender = Sender(outbox, journal, lambda: connect(simkl), report=report, search_file=lambda: True)
    for scrobble in scrobbles:
        now[0] += 100
        journal.record(scrobble)
        sender._deliver(scrobble)
    return list(dict.fromkeys(doubts))


def evening(media: Media, path: str = "", viewing: str = "evening") -> tuple[Scrobble, Scrobble]:
    """A start and the stop at its end."""
    begin = heard(Action.START, media, viewing)
    return replace(begin, path=path), replace(watch(media, viewing), path=path)


def said(simkl: Sandbox) -> list[str]:
    """The calls that tell something, in short."""
    return [call.path for call in simkl.calls if call.path.startswith(("/scrobble", "/sync", "/search"))]


def states(journal: Journal) -> list[str]:
    """The states of what Simkl does not have."""
    return [row.state for row in journal.unsent()]


def marked(simkl: Sandbox) -> list[tuple[str, int | None, int | None]]:
    """What Simkl holds as watched."""
    return [(each.title, each.season, each.number) for each in simkl.history]


# The answer is checked


@pytest.mark.parametrize(
    "media", [OLD_CASTLE, REMAKE, Media("episode", "Battlestar Galactica", 1990, season=1, episodes=(2,))]
)
def test_a_namesake_of_another_year_does_not_count(hasty: Sandbox, journal: Journal, media: Media) -> None:
    """What Simkl takes for a show or film of another year is set aside, and its session is ended."""
    for viewing in ("evening", "tomorrow"):
        (complaint,) = one_by_one(hasty, journal, *evening(media, viewing=viewing))
        assert "its year is another one" in complaint
    assert said(hasty) == ["/scrobble/start", "/scrobble/pause"] * 2
    assert states(journal) == ["doubtful"] * 2
    assert marked(hasty) == []
    assert hasty.watching is None


def test_the_live_action_series_is_not_the_anime(hasty: Sandbox, journal: Journal) -> None:
    """One Piece (2023) is a series, and a file that says so is not counted for the anime."""
    one_by_one(hasty, journal, *evening(Media("episode", "One Piece", 2023, season=1, episodes=(2,))))
    assert marked(hasty) == [("One Piece", 1, 2)]
    assert hasty.history[0].simkl == 9200018


@pytest.mark.parametrize(
    ("media", "there"),
    [
        (CASTLE, ("Castle", 1, 2)),
        (RENAMED, ("Money Heist", 1, 2)),
        (COUR, ("Attack on Titan Season 3 Part 2", 1, 1)),
        (COUNTED, ("Attack on Titan Season 2", 1, 5)),
        (DATED, ("The Late Show with Stephen Colbert", 1, 3)),
        (Media("movie", "A Silent Voice", 2016), ("A Silent Voice", None, None)),
        (Media("movie", "Chegada", ids={"imdb": "tt2543164"}), ("Arrival", None, None)),
        (Media("episode", "Sherlock", 2010, season=0, episodes=(2,)), ("Sherlock", 0, 2)),
    ],
)
@pytest.mark.parametrize("heard_of", ["its start and its end", "its end alone", "later"])
def test_each_kind_of_file_is_recorded_as_what_it_is(
    hasty: Sandbox, journal: Journal, media: Media, there: tuple[str, int | None, int | None], heard_of: str
) -> None:
    """Watched with Simkl at hand, with a network only as it ended, or sent later from the journal: the same
    thing is recorded, once.
    """
    if heard_of == "later":
        journal.record(watch(media))
        while replay_batch(journal, connect(hasty), Matcher(journal.titles)):
            pass
    else:
        told = evening(media) if heard_of == "its start and its end" else evening(media)[1:]
        assert one_by_one(hasty, journal, *told) == []
    assert marked(hasty) == [there]
    assert states(journal) == []


@pytest.mark.parametrize(
    ("media", "asked"),
    [
        (CASTLE._replace(year=None), ["/redirect"]),
        (CASTLE, ["/redirect", "/tv/9200003"]),
        (Media("movie", "Arrival"), ["/redirect"]),
    ],
)
def test_a_title_is_found_in_as_few_questions_as_can_be(
    hasty: Sandbox, journal: Journal, media: Media, asked: list[str]
) -> None:
    """A watch that waited is sent after one question, or two where a year has to be compared; the list of its
    episodes is not read for it.
    """
    journal.record(watch(media))
    assert replay_batch(journal, connect(hasty), Matcher(journal.titles))
    assert [call.path for call in hasty.calls if call.path != "/sync/history"] == asked


def test_what_was_watched_offline_is_checked_too(hasty: Sandbox, journal: Journal) -> None:
    """A namesake does not count either when the watch is sent later."""
    journal.record(watch(OLD_CASTLE))
    replay_batch(journal, connect(hasty), Matcher(journal.titles))
    assert states(journal) == ["doubtful"]
    assert marked(hasty) == []


@pytest.mark.parametrize("fault", [None, "not_matched", "bad_request"])
def test_a_doubtful_session_left_by_a_crash_is_ended(
    hasty: Sandbox, journal: Journal, fault: str | None
) -> None:
    """Simkl would complete a session of the wrong show by its own clock (simkl-api 5.6); if it does not want
    to hear of it, it has none. It hears of that show no more when the user says what it is.
    """
    journal.record(watch(OLD_CASTLE))
    journal.telling("evening")
    connect(hasty).scrobble(Action.START, OLD_CASTLE, 10)
    if fault:
        hasty.fail(fault, path="/scrobble/pause", times=1)
    replay_batch(journal, connect(hasty), Matcher(journal.titles))
    assert said(hasty)[-1] == "/scrobble/pause"
    assert fault or hasty.watching is None
    assert states(journal) == ["doubtful"]
    (row,) = journal.unsent()
    journal.correct(row, CASTLE)
    replay_batch(journal, connect(hasty), Matcher(journal.titles))
    assert said(hasty) == ["/scrobble/start", "/scrobble/pause", "/sync/history"]


NO_TITLE = Fault("no title", status=201, body=b'{"id": 1, "action": "start"}')


@pytest.mark.parametrize("answer", ["cut_after", NO_TITLE], ids=["lost", "no title"])
@pytest.mark.parametrize("fault", [None, "not_matched", "bad_request"])
def test_a_session_of_which_no_answer_told_is_ended_when_it_is_doubtful(
    hasty: Sandbox, journal: Journal, answer: str | Fault, fault: str | None
) -> None:
    """Simkl took the start for another show and did not say so; at the end the title is looked up, and what
    Simkl holds of the other show is ended.
    """
    begin, end = evening(OLD_CASTLE)
    hasty.fail(answer, path="/scrobble/start")
    if fault:
        hasty.fail(fault, path="/scrobble/pause")
    (complaint,) = one_by_one(hasty, journal, begin, end)
    assert "its year is another one" in complaint
    assert said(hasty)[-1] == "/scrobble/pause"
    assert fault or hasty.watching is None
    assert states(journal) == ["doubtful"]


@pytest.mark.parametrize("said_by", ["nobody", "the user"])
def test_of_a_doubtful_session_nothing_is_owed_until_the_user_says_what_it_is(
    hasty: Sandbox, journal: Journal, said_by: str
) -> None:
    """After a crash Simkl is told of no show that does not play; of what the user says it is told."""
    corrected = replace(heard(Action.START, CASTLE, progress=5), corrected=True)
    one_by_one(
        hasty, journal, heard(Action.START, OLD_CASTLE), *([corrected] if said_by == "the user" else [])
    )
    row = journal.find("evening")
    assert row is not None
    assert (row.told, row.told_as) == (said_by == "the user", None)


@pytest.mark.parametrize("answered", [True, False])
@pytest.mark.parametrize("fault", [None, "not_matched", "bad_request"])
def test_what_the_user_denies_while_it_plays_is_ended_at_once(
    hasty: Sandbox, journal: Journal, fault: str | None, answered: bool
) -> None:
    """Simkl hears that the one show does not play and that the other one does, whether it had answered or
    not, and whether it wants to hear of the first one or not; only the other one is watched.
    """
    if not answered:
        hasty.fail("cut_after", path="/scrobble/start", times=1)
    if fault:
        hasty.fail(fault, path="/scrobble/pause", times=1)
    denied = replace(heard(Action.START, CASTLE, progress=10), corrected=True)
    one_by_one(hasty, journal, heard(Action.START), denied, replace(denied, action=Action.PAUSE, progress=20))
    row = journal.find("evening")
    assert row is not None
    assert (row.told, row.told_as) == (True, None)
    one_by_one(hasty, journal, replace(watch(CASTLE), corrected=True))
    assert [path.removeprefix("/scrobble/") for path in said(hasty)] == [
        "start",
        "pause",
        "start",
        "pause",
        "stop",
    ]
    assert "Severance" in json.dumps(hasty.calls[1].body) or "9200004" in json.dumps(hasty.calls[1].body)
    assert marked(hasty) == [("Castle", 1, 2)]
    assert states(journal) == []


@pytest.mark.parametrize("phone", [None, 60.0])
def test_a_place_left_without_a_network_is_of_the_show_as_simkl_calls_it(
    hasty: Sandbox, journal: Journal, phone: float | None
) -> None:
    """A show has another name at Simkl: its place goes to that show, unless a phone went on with it."""
    one_by_one(hasty, journal, heard(Action.START, RENAMED))
    journal.record(heard(Action.STOP, RENAMED, progress=40, ended=True))
    there = Media("episode", "Money Heist", 2017, season=1, episodes=(3,))
    if phone:
        connect(hasty).scrobble(Action.PAUSE, there, phone)
    finish_sessions(journal, connect(hasty), Matcher(journal.titles))
    assert [point.progress for point in hasty.playbacks] == [phone or 40]
    assert phone or '"simkl": "' in json.dumps(hasty.calls[-1].body)
    assert journal.unsent() == []


# Memory


@pytest.mark.parametrize(("season", "number"), [(1, 3), (1, 1), (2, 1)])
def test_the_next_play_costs_no_question(hasty: Sandbox, journal: Journal, season: int, number: int) -> None:
    """What Simkl made of a show is remembered: any other episode goes out by its number, offline too."""
    one_by_one(hasty, journal, *evening(CASTLE))
    before = len(hasty.calls)
    journal.record(watch(CASTLE._replace(season=season, episodes=(number,)), "tomorrow", minutes=1500))
    replay_batch(journal, connect(hasty), Matcher(journal.titles))
    (call,) = hasty.calls[before:]
    assert call.path == "/sync/history"
    assert isinstance(call.body, dict)
    assert call.body["shows"][0]["ids"] == {"simkl": "9200003"}


@pytest.mark.parametrize(
    ("media", "next_one", "simkl"),
    [
        (CASTLE, CASTLE._replace(season=2, episodes=(1,)), "9200003"),
        (CASTLE._replace(year=None), CASTLE._replace(year=None, episodes=(3,)), "9200003"),
        (Media("movie", "Arrival", 2016), Media("movie", "Arrival", 2016), "9300001"),
    ],
)
def test_what_an_evening_offline_was_found_to_be_is_remembered(
    hasty: Sandbox, journal: Journal, media: Media, next_one: Media, simkl: str
) -> None:
    """A title looked up for a watch that waited is not looked up again another day."""
    journal.record(watch(media))
    assert replay_batch(journal, connect(hasty), Matcher(journal.titles))
    before = len(hasty.calls)
    journal.record(watch(next_one, "tomorrow", minutes=1500))
    assert replay_batch(journal, connect(hasty), Matcher(journal.titles))
    (call,) = hasty.calls[before:]
    assert isinstance(call.body, dict)
    assert [each["ids"] for kind in call.body.values() for each in kind] == [{"simkl": simkl}]


def test_what_was_looked_up_for_a_stop_is_remembered(hasty: Sandbox, journal: Journal) -> None:
    """An end that is the first that Simkl hears of a title teaches as much as a beginning."""
    one_by_one(hasty, journal, watch(CASTLE))
    before = len(hasty.calls)
    one_by_one(hasty, journal, watch(CASTLE._replace(episodes=(3,)), "tomorrow", minutes=1500))
    assert [call.path for call in hasty.calls[before:]] == ["/scrobble/stop"]
    assert marked(hasty) == [("Castle", 1, 2), ("Castle", 1, 3)]


def test_what_the_history_does_not_know_is_not_remembered(hasty: Sandbox, journal: Journal) -> None:
    """An episode that the title found for it has not may be of another title: that is looked up again."""
    journal.record(watch(CASTLE._replace(episodes=(99,))))
    replay_batch(journal, connect(hasty), Matcher(journal.titles))
    assert states(journal) == ["not_found"]
    assert journal.titles.recall(CASTLE) is None


def test_the_next_cour_is_not_the_last_one(hasty: Sandbox, journal: Journal) -> None:
    """Where an anime's next cour is another title, what is remembered of the last is not believed."""
    first = COUR._replace(episodes=(12,))
    one_by_one(hasty, journal, *evening(first))
    one_by_one(hasty, journal, heard(Action.START, COUR, "next"), watch(COUR, "next", minutes=1500))
    assert marked(hasty) == [("Attack on Titan Season 3", 1, 12), ("Attack on Titan Season 3 Part 2", 1, 1)]


def test_a_cour_says_nothing_of_another_season(hasty: Sandbox, journal: Journal) -> None:
    """What is remembered of an anime holds within one season of its show."""
    one_by_one(hasty, journal, *evening(COUR))
    assert journal.titles.recall(COUR._replace(episodes=(14,))) is not None
    assert journal.titles.recall(COUR._replace(season=4, episodes=(14,))) is None


@pytest.mark.parametrize(("season", "number", "next_one"), [(1, 14, (1, 15)), (1, 1, (1, 2)), (2, 1, (2, 2))])
def test_the_next_episode_is_counted_as_simkl_counts_the_last_one(
    hasty: Sandbox, journal: Journal, season: int, number: int, next_one: tuple[int, int]
) -> None:
    """Where Simkl counts a show's seasons otherwise than the files do, the next file is the next episode
    there.
    """
    asked = CASTLE._replace(season=2, episodes=(1,))
    found = Found("show", "9200003", "Castle", 2009, season=season, number=number, tvdb=(2, 1))
    matcher = Matcher(journal.titles)
    matcher.check(connect(hasty), asked, asked, found)
    known = matcher.known(asked._replace(episodes=(2,)))
    assert known is not None
    assert (known.season, *known.episodes) == next_one


def test_the_show_of_the_next_day_is_not_the_last_one(hasty: Sandbox, journal: Journal) -> None:
    """A show by its date is looked up anew for each day; a day without an episode is asked about once."""
    one_by_one(hasty, journal, *evening(DATED))
    one_by_one(hasty, journal, *evening(DATED._replace(date="2015-09-11"), viewing="next"))
    assert [number for _, _, number in marked(hasty)] == [3, 4]
    before = len(hasty.calls)
    none = heard(Action.START, DATED._replace(date="2015-09-12"), "none")
    one_by_one(hasty, journal, none, replace(none, action=Action.PAUSE, progress=10))
    assert [call.path for call in hasty.calls[before:]].count("/tv/episodes/9200017") == 1
    assert len(said(hasty)) == 4


def test_the_next_cour_watched_offline(hasty: Sandbox, journal: Journal) -> None:
    """The same, sent later: it is looked up afresh once and recorded as what it is."""
    one_by_one(hasty, journal, *evening(COUR._replace(episodes=(12,))))
    journal.record(watch(COUR, "next", minutes=1500))
    while replay_batch(journal, connect(hasty), Matcher(journal.titles)):
        pass
    assert marked(hasty)[-1] == ("Attack on Titan Season 3 Part 2", 1, 1)


def test_the_next_cour_is_found_however_often_the_network_goes(hasty: Sandbox, journal: Journal) -> None:
    """What Simkl did not know as the last cour is not told so again, if looking it up had to wait."""
    one_by_one(hasty, journal, *evening(COUR._replace(episodes=(12,))))
    journal.record(watch(COUR, "next", minutes=1500))
    simkl, matcher = connect(hasty), Matcher(journal.titles)
    hasty.fail("cut", path="/redirect")
    with pytest.raises(TryLater):
        replay_batch(journal, simkl, matcher)
    hasty.heal()
    replay_batch(journal, simkl, matcher)
    assert marked(hasty)[-1] == ("Attack on Titan Season 3 Part 2", 1, 1)


# Not found


def test_a_file_that_simkl_does_not_know_is_asked_about_once(hasty: Sandbox, journal: Journal) -> None:
    """Its name and its folder's name, nothing more of the path; then it waits where the user sees it."""
    unknown = Media("episode", "Nobody Knows This", season=1, episodes=(1,))
    path = "/home/ada/tv/Nobody Knows This/Nobody.Knows.This.S01E01.mkv"
    for name in ("first", "again"):
        begin, end = evening(unknown, path)
        one_by_one(hasty, journal, replace(begin, viewing=name), replace(end, viewing=name))
    asked = [call.body for call in hasty.calls if call.path == "/search/file"]
    assert asked == [{"file": "Nobody Knows This/Nobody.Knows.This.S01E01.mkv"}]
    assert set(states(journal)) == {"not_found"}
    assert len(said(hasty)) == 2


def watch_what_its_file_tells(simkl: Sandbox, journal: Journal, media: Media, title: str, year: int) -> None:
    """A film is watched twice that Simkl knows by its file's name alone, and takes for that title."""
    found = {"type": "movie", "movie": {"title": title, "year": year, "ids": {"simkl": 9300001}}}
    simkl.fail(Fault("a film", status=200, body=json.dumps(found).encode()), path="/search/file")
    for name in ("first", "again"):
        begin, end = evening(media, f"/films/{media.title}.mkv")
        one_by_one(simkl, journal, replace(begin, viewing=name), replace(end, viewing=name))


def test_a_film_that_simkl_calls_by_less_is_found_by_its_file(hasty: Sandbox, journal: Journal) -> None:
    """A title that Simkl does not know is found by what Simkl reads in the file's name, and remembered."""
    longer = Media("movie", "Arrival and the Visitors from the Sky", 2016)
    watch_what_its_file_tells(hasty, journal, longer, "Arrival", 2016)
    assert said(hasty).count("/search/file") == 1
    assert {title for title, _, _ in marked(hasty)} == {"Arrival"}
    assert states(journal) == []


def test_a_file_whose_name_means_something_else_to_simkl_is_not_asked_about_again(
    hasty: Sandbox, journal: Journal
) -> None:
    """What Simkl read in a file's name is held against what was recognised too, and asked for once."""
    unknown = Media("movie", "Nobody Knows This", 2001)
    watch_what_its_file_tells(hasty, journal, unknown, "Cargo", 2009)
    assert said(hasty).count("/search/file") == 1
    assert marked(hasty) == []
    assert "done" not in states(journal)


def test_nothing_is_asked_about_files_where_that_is_not_wanted(hasty: Sandbox, journal: Journal) -> None:
    """With search_file=no no file's name goes to Simkl."""
    matcher = Matcher(journal.titles)
    simkl = connect(hasty)
    with pytest.raises(NotMatched):
        matcher.surely(simkl, Media("movie", "Nobody Knows This"), "/tv/Nobody/x.mkv", 90)
    assert "/search/file" not in said(hasty)


def test_a_miss_is_asked_again_after_a_day(journal: Journal) -> None:
    """Simkl may have learned of it meanwhile."""
    unknown = Media("movie", "Nobody Knows This")
    journal.titles.remember_miss(unknown)
    known = journal.titles.recall(unknown)
    assert known is not None
    assert known.said is None
    assert journal.titles.recall(unknown, datetime.now(UTC) + timedelta(hours=25)) is None


def test_a_miss_of_an_evening_on_a_wrong_clock_is_asked_again(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What Simkl did not know while the clock was months ahead is asked for when it is right again."""
    unknown = Media("movie", "Nobody Knows This")

    class Ahead(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Ahead:
            return super().now(tz) + timedelta(days=300)

    monkeypatch.setattr("mpv_simkl.journal.titles.datetime", Ahead)
    journal.titles.remember_miss(unknown)
    monkeypatch.undo()
    assert journal.titles.recall(unknown) is None


def test_who_wants_it_sent_again_has_it_asked_again(journal: Journal) -> None:
    """`journal retry` forgets what Simkl did not know, and nothing that it knew."""
    unknown = Media("movie", "Nobody Knows This")
    journal.titles.remember_miss(unknown)
    journal.titles.remember(CASTLE, CASTLE._replace(ids={"simkl": "9200003"}))
    journal.retry()
    assert journal.titles.recall(unknown) is None
    assert journal.titles.recall(CASTLE) is not None


def test_a_question_that_is_refused_is_no_verdict_on_the_watch(hasty: Sandbox, journal: Journal) -> None:
    """If Simkl does not take the question which title it is, a scrobble that counts nothing asks it."""
    hasty.fail("bad_request", times=1, path="/redirect")
    one_by_one(hasty, journal, evening(CASTLE)[1])
    assert said(hasty) == ["/scrobble/pause", "/scrobble/stop"]
    assert marked(hasty) == [("Castle", 1, 2)]


def test_what_is_refused_in_every_way_is_refused(hasty: Sandbox, journal: Journal) -> None:
    """That is not the same as a title that Simkl does not know: it is not remembered for a day."""
    hasty.fail("bad_request")
    one_by_one(hasty, journal, evening(CASTLE)[1])
    assert states(journal) == ["refused"]
    assert journal.titles.recall(CASTLE) is None


def test_what_the_history_does_not_take_is_looked_for_once(journal: Journal) -> None:
    """A Simkl that finds an episode and does not take it is not asked for ever."""
    matcher = Matcher(journal.titles)
    found = COUNTED._replace(absolute_episodes=(5,), ids={"simkl": "9"})
    assert matcher.forget_guess(COUNTED, found)
    matcher.look_closely([COUNTED])
    journal.titles.remember(COUNTED, found)
    assert not matcher.forget_guess(COUNTED, found)


def test_an_episode_of_a_known_show_is_tried_in_the_other_numbering(hasty: Sandbox, journal: Journal) -> None:
    """A file numbered S01E40 of an anime that TVDB keeps in more seasons is found by its number alone."""
    media = Media("episode", "One Piece", 1999, season=1, episodes=(40,))
    one_by_one(hasty, journal, *evening(media, "/tv/One Piece/One Piece S01E40.mkv"))
    assert marked(hasty) == [("One Piece", 1, 40)]


def test_an_anime_film_that_is_no_film_to_simkl(hasty: Sandbox, journal: Journal) -> None:
    """A film that Simkl keeps among its anime alone is found there (simkl-api 17.4)."""
    one_by_one(hasty, journal, *evening(ANIME_FILM))
    assert marked(hasty) == [("Only In Anime", None, None)]
    journal.record(watch(ANIME_FILM, "later", minutes=3000))
    replay_batch(journal, connect(hasty), Matcher(journal.titles))
    assert states(journal) == []


# Bad answers


@pytest.mark.parametrize(
    "body",
    [
        b"null",
        b"[]",
        b"<html>",
        b'{"id": 1',
        b'{"id": 1, "action": "start", "show": null}',
        b'{"id": 1, "action": "start", "show": {"title": "Castle"}}',
        b'{"id": 1, "action": "start", "show": {"title": ["x"], "ids": []}, "episode": 3}',
        b'{"id": "x", "action": {}, "show": {"title": "Castle", "year": "2009", "ids": {"simkl": "1"}}}',
    ],
)
def test_answers_that_make_no_sense_lose_nothing(hasty: Sandbox, journal: Journal, body: bytes) -> None:
    """Whatever the start was answered with, the watch is recorded, as what it is."""
    hasty.fail(Fault("nonsense", status=201, body=body), times=1, path="/scrobble/start")
    one_by_one(hasty, journal, *evening(CASTLE))
    while replay_batch(journal, connect(hasty), Matcher(journal.titles)):
        pass
    assert marked(hasty) == [("Castle", 1, 2)]


@pytest.mark.parametrize("title", ["Frieren", "Death Note"])
def test_a_season_that_simkl_does_not_know_is_not_taken_for_the_first(
    hasty: Sandbox, journal: Journal, title: str
) -> None:
    """That the show is known says nothing of the episode (simkl-api 10.1): S02E03 is never counted as the
    third of all.
    """
    media = Media("episode", title, season=2, episodes=(3,))
    one_by_one(hasty, journal, *evening(media, f"/films/{title} S02E03.mkv"))
    assert marked(hasty) == []
    assert states(journal) == ["not_found"]


def test_a_number_through_all_seasons_that_is_written_as_season_one_is_found(
    hasty: Sandbox, journal: Journal
) -> None:
    """`One Piece S01E96` is the 96th of all, for its first season is not so long."""
    media = Media("episode", "One Piece", 1999, season=1, episodes=(96,))
    one_by_one(hasty, journal, *evening(media, "/films/One Piece S01E96.mkv"))
    assert marked(hasty) == [("One Piece", 1, 96)]


def test_an_animes_number_is_never_written_as_season_one(hasty: Sandbox, journal: Journal) -> None:
    """Simkl would file it under a wrong season (simkl-api 12, 17.5)."""
    media = Media("episode", "Frieren", absolute_episodes=(96,), anime=True)
    one_by_one(hasty, journal, *evening(media, "/films/Frieren - 96.mkv"))
    assert not [call for call in hasty.calls if "'season'" in str(call.body)]


@pytest.mark.parametrize("number", [3, 4])
def test_each_part_of_a_file_is_its_own_episode(hasty: Sandbox, journal: Journal, number: int) -> None:
    """Asked about the name of a file with two episodes, Simkl tells the first; the second is not that one."""
    media = Media("episode", "Severance", 2022, episodes=(number,), absolute_episodes=(number,))
    one_by_one(hasty, journal, *evening(media, "/films/Severance.S01E03E04.mkv"))
    assert marked(hasty) == [("Severance", 1, number)]


def test_a_wrong_title_in_an_answer_is_in_any_script(hasty: Sandbox, journal: Journal) -> None:
    """A title in another script that Simkl has no other name for is no proof."""
    show = {"title": "城堡", "year": 2009, "ids": {"simkl": 1}}
    body = json.dumps({"id": 0, "action": "start", "show": show, "episode": {"season": 1, "number": 2}})
    hasty.fail(Fault("another script", status=201, body=body.encode()), times=1, path="/scrobble/start")
    (complaint,) = one_by_one(hasty, journal, *evening(CASTLE))
    assert "城堡" in complaint


@pytest.mark.parametrize("path", ["/a/b/c.mkv", "C:\\a\\b\\c.mkv", "b/c.mkv", "b//c.mkv"])
def test_only_two_names_of_a_path_leave_the_machine(path: str) -> None:
    """Where a file lies is nobody's business."""
    assert file_name(path) == "b/c.mkv"
    assert file_name("https://user:secret@host/b/c.mkv?token=x") == ""


@pytest.mark.parametrize(
    "path",
    [
        "/home/alice/Film.mkv",
        "/var/home/alice/Film.mkv",
        "/Users/alice/Film.mkv",
        r"C:\Users\alice\Film.mkv",
        r"C:\Film.mkv",
        r"\\server\alice\Film.mkv",
    ],
)
def test_whose_files_they_are_is_not_told(path: str) -> None:
    """The name that somebody logs in with, a drive and a share say nothing of a film, and go nowhere."""
    assert file_name(path) == "Film.mkv"
    between = "\\" if "\\" in path else "/"
    assert file_name(path.replace("Film", f"Show{between}03")) == "Show/03.mkv"


def test_a_search_by_hand_finds_all_kinds(hasty: Sandbox) -> None:
    """`one piece` is an anime and a series, and each says which it is."""
    hits = candidates(connect(hasty), "one piece")
    assert {str(hit) for hit in hits} == {"One Piece (2023), show", "One Piece (1999), anime"}
    (film,) = candidates(connect(hasty), "a silent voice")
    assert (str(film), film.media.type) == ("A Silent Voice (2016), film", "movie")


def test_doubtful_and_unknown_are_errors_of_simkls() -> None:
    """Whoever catches what Simkl says catches these too."""
    assert issubclass(Doubtful, MpvSimklError)


@pytest.mark.parametrize(("season", "number"), [(1, 3), (2, 4)])
@pytest.mark.parametrize("is_away", [False, True])
def test_an_anime_sites_id_is_recorded_as_the_cour_that_it_names(
    hasty: Sandbox, journal: Journal, season: int, number: int, is_away: bool
) -> None:
    """`S01E03` and `S02E04` of a folder with AniDB's number are the third and fourth of its cour, with Simkl
    there at once or only later.
    """
    media = Media("episode", "Attack on Titan", season=season, episodes=(number,), ids=SITES)
    if is_away:
        journal.record(watch(media))
        replay_batch(journal, connect(hasty), Matcher(journal.titles))
    else:
        assert one_by_one(hasty, journal, *evening(media)) == []
    assert [(each.simkl, each.number) for each in hasty.history] == [(439744, number)]
    assert not [call for call in hasty.calls if call.status == 400]
