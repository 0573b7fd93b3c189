"""`mpv-simkl status` and `settings`."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from mpv_simkl import installation
from mpv_simkl.journal import Journal
from mpv_simkl.media import Media
from mpv_simkl.model import Action, Scrobble

from .hand import Hand
from .signing_in import sign_in_as

EPISODE = Media("episode", "Severance", 2022, 1, (3,))
AT = datetime(2026, 11, 20, 21, 4, tzinfo=UTC)
NAMES = [
    "signed_in",
    "user",
    "account_id",
    "plan",
    "quota_left",
    "mpv_version",
    "loader",
    "waiting",
    "set_aside",
    "last_scrobble",
    "scrobbling",
]


def status(hand: Hand) -> dict[str, object]:
    """What a script reads."""
    said = hand.type("status", "--json")
    assert said.code == 0
    row: dict[str, object] = json.loads(said.out)
    assert list(row) == NAMES
    return row


def watched(viewing: str, media: Media = EPISODE, account: str | None = None) -> None:
    """One more watch in the journal."""
    with Journal.open(account=account) as journal:
        journal.record(Scrobble(Action.STOP, media, viewing, 100.0, 2_000.0, True, True, AT))


def test_status_says_who_is_signed_in_and_how_things_stand(hand: Hand) -> None:
    """Account, plan, quota, mpv, loader and what waits, in one look."""
    installation.install(hand.folder / "mpv")
    hand.type("mark", "--movie", "Arrival")
    row = status(hand)
    assert row["signed_in"] is True
    assert (row["user"], row["account_id"], row["plan"]) == ("Sandbox user 4242", 4242, "free")
    assert row["quota_left"] == 498
    assert str(row["mpv_version"])[0].isdigit()
    assert row["loader"] == [str(hand.folder / "mpv" / "scripts" / "simkl.lua")]
    assert (row["waiting"], row["last_scrobble"]) == (0, None)
    told = hand.type("status").out
    assert "Sandbox user 4242, account 4242, plan free" in told
    assert "https://simkl.com" in told


def test_status_knows_what_waits_and_what_went(hand: Hand) -> None:
    """The number of watches not yet at Simkl, and the last one that is."""
    watched("a")
    watched("b", Media("movie", "Arrival", 2016))
    with Journal.open() as journal:
        journal.settle([1], "done")
    row = status(hand)
    assert row["waiting"] == 1
    assert row["last_scrobble"] == {
        "type": "episode",
        "title": "Severance",
        "year": 2022,
        "season": 1,
        "episodes": [3],
        "watched_at": "2026-11-20T21:04:00Z",
        "name": "Severance (2022) S01E03",
    }
    assert "Severance (2022) S01E03" in hand.type("status").out


def test_status_counts_what_waits_for_who_is_signed_in(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has signed in sees how many of their watches wait, and not those of another account."""
    monkeypatch.delenv("MPV_SIMKL_ACCESS_TOKEN")
    ours = sign_in_as(hand.simkl, timedelta(days=6)).account
    watched("mine", account=ours)
    watched("theirs", account="77")
    assert status(hand)["waiting"] == 1
    assert "1 watched and still to be sent" in hand.type("status").out


def test_status_tells_what_simkl_did_not_take(hand: Hand) -> None:
    """What was set aside is not at Simkl either: `status` does not pass it over."""
    assert "set aside" not in hand.type("status").out
    watched("a")
    with Journal.open() as journal:
        journal.settle([1], "doubtful", "Simkl took it for something else")
    assert (status(hand)["waiting"], status(hand)["set_aside"]) == (0, 1)
    assert "set aside      1 that Simkl did not take; see `mpv-simkl journal list`" in hand.type("status").out


def test_status_without_a_journal_says_who_knows_more(hand: Hand) -> None:
    """A journal that cannot be read is not in the log of a command; the doctor says what is wrong with it."""
    (hand.folder / "data" / "journal.db").mkdir(parents=True)
    assert status(hand)["waiting"] is None
    assert "the journal cannot be read; run `mpv-simkl doctor`" in hand.type("status").out


def test_a_spent_quota_is_zero(hand: Hand) -> None:
    """When the day's requests are used up, that is what it says, and the sign-in still holds."""
    hand.simkl.spend_quota(500)
    row = status(hand)
    assert (row["signed_in"], row["quota_left"], row["user"]) == (True, 0, None)


def test_status_works_without_a_network(hand: Hand) -> None:
    """Offline, what only Simkl knows is null, and the rest is there."""
    hand.set({"MPV_SIMKL_API_URL": "http://127.0.0.1:1"})
    row = status(hand)
    assert (row["signed_in"], row["user"], row["plan"], row["quota_left"]) == (True, None, None, None)
    assert row["waiting"] == 0
    assert "no connection" in hand.type("status").out


def test_status_works_for_who_is_not_signed_in(hand: Hand) -> None:
    """Signed out, or with a token that Simkl no longer takes, it says so and nobody is asked twice."""
    hand.set({"MPV_SIMKL_ACCESS_TOKEN": ""})
    row = status(hand)
    assert (row["signed_in"], row["user"], row["account_id"]) == (False, None, None)
    assert hand.simkl.calls == []
    assert "signed in      no; run `mpv-simkl login`\n" in hand.type("status").out
    hand.set({"MPV_SIMKL_ACCESS_TOKEN": "simkl_at_dead"})
    assert status(hand)["signed_in"] is False
    assert "signed in      no: " in hand.type("status").out


def test_status_without_an_mpv_says_so(hand: Hand) -> None:
    """No mpv, no loader: both are told, and what to do about it."""
    hand.set({"PATH": str(hand.folder)})
    assert (status(hand)["mpv_version"], status(hand)["loader"]) == (None, [])
    assert "nowhere; run `mpv-simkl install`" in hand.type("status").out


def test_settings_tell_where_each_value_comes_from(hand: Hand) -> None:
    """Default, simkl.conf, mpv.conf's script-opts and the environment, the later over the earlier."""
    folder = hand.folder / "mpv"
    installation.install(folder)
    (folder / "script-opts" / "simkl.conf").write_text("min_duration=5\nmin_played=7\nlog_level=debug\n")
    (folder / "mpv.conf").write_text(
        "# mine\nscript-opts=osc-x=1,simkl-min_played=1\nscript-opts-append=simkl-min_played=20\n"
        "[profile]\nscript-opts-append=simkl-log_level=error\n"
    )
    rows = json.loads(hand.type("settings", "--json").out)
    assert rows["min_duration"] == {"value": 5.0, "source": "file"}
    assert rows["min_played"] == {"value": 20.0, "source": "script-opts"}
    assert rows["log_level"] == {"value": "debug", "source": "file"}
    assert rows["client_id"] == {"value": hand.simkl.client_id, "source": "environment"}
    assert rows["enabled"] == {"value": True, "source": "default"}
    told = hand.type("settings").out
    assert "simkl.conf:1" in told
    assert "MPV_SIMKL_CLIENT_ID" in told


def test_settings_are_json_that_every_program_reads(hand: Hand) -> None:
    """A history that is kept forever is told as in simkl.conf: JSON knows no endless number."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    rows = json.loads(hand.type("settings", "--json").out, parse_constant=refuse)
    assert rows["keep_history"] == {"value": "forever", "source": "default"}
    installation.install(hand.folder / "mpv")
    (hand.folder / "mpv" / "script-opts" / "simkl.conf").write_text("keep_history=90\n")
    assert json.loads(hand.type("settings", "--json").out)["keep_history"]["value"] == 90


@pytest.mark.parametrize("line", ["min_duration=x", "nonsense=1", "just words"])
def test_a_setting_that_cannot_be_used_is_named(hand: Hand, line: str) -> None:
    """Every setting is shown all the same, and the exit code says that something is wrong."""
    folder = hand.folder / "mpv"
    installation.install(folder)
    (folder / "script-opts" / "simkl.conf").write_text(f"{line}\n")
    said = hand.type("settings")
    assert said.code == 1
    assert "simkl.conf:1" in said.err
    assert "min_duration    300         default" in said.out


def test_a_setting_that_cannot_be_used_signs_nobody_out(hand: Hand) -> None:
    """With a mistake in simkl.conf `status` says who is signed in, and names the mistake aside."""
    folder = hand.folder / "mpv"
    installation.install(folder)
    (folder / "script-opts" / "simkl.conf").write_text("min_played=lots\n")
    assert status(hand)["signed_in"] is True
    assert hand.type("status").err.count("min_played='lots' cannot be used") == 1


def test_a_client_id_in_mpv_conf_is_that_of_the_commands_too(
    hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What mpv.conf sets holds for `status` as it does in mpv, a mistake in it included."""
    monkeypatch.delenv("MPV_SIMKL_CLIENT_ID")
    assert status(hand)["signed_in"] is False
    (hand.folder / "mpv").mkdir()
    (hand.folder / "mpv" / "mpv.conf").write_text(
        f"script-opts-append=simkl-client_id={hand.simkl.client_id}\nscript-opts-append=simkl-min_played=lots\n"
    )
    assert status(hand)["signed_in"] is True
    assert "script-opts: min_played='lots' cannot be used" in hand.type("status").err
