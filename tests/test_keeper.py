"""Keeper: what is watched while the disk takes nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from mpv_simkl import places
from mpv_simkl.delivery import Sender
from mpv_simkl.errors import LoginNeeded
from mpv_simkl.journal import FILE, Journal, storage
from mpv_simkl.keeper import Keeper
from mpv_simkl.model import Action
from mpv_simkl.outbox import Outbox
from mpv_simkl.simkl import Simkl

from .makers import heard


def not_signed_in() -> Simkl:
    """There is no connection."""
    raise LoginNeeded("not signed in")


def test_what_the_disk_did_not_take_is_on_it_as_soon_as_it_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program holds the journal as a film begins: that is said, and when it lets go, where the film
    stands is on the disk although nobody has touched a key.
    """
    monkeypatch.setenv(places.HOME, str(tmp_path))
    monkeypatch.setattr(storage, "BUSY", 0.01)
    outbox, said = Outbox(), list[str]()
    with (
        Journal.open() as journal,
        closing(sqlite3.connect(places.data_dir() / FILE, isolation_level=None)) as other,
    ):
        keeper = Keeper(journal, outbox, said.append, said.append)
        other.execute("BEGIN IMMEDIATE")
        keeper.keep_and_send([heard()])
        assert not journal.on_disk
        other.execute("ROLLBACK")
        keeper.keep_and_send([heard(Action.NOTE, progress=5)])
        outbox.close()
        Sender(outbox, journal, not_signed_in).run()
        assert other.execute("SELECT progress FROM viewing").fetchall() == [(5,)]
    assert [text.rpartition(",")[0] or text for text in said] == [
        "Simkl: the journal cannot be written",
        "Simkl: the journal can be written again",
    ]
