"""What the user wants left out."""

from __future__ import annotations

import unicodedata
from typing import Literal

import pytest

from mpv_simkl.exclusion import refusal

EPISODE = "/media/tv/The Show/Season 01/The.Show.S01E01.sample.mkv"


@pytest.mark.parametrize(
    ("entry", "path"),
    [
        ("tv", EPISODE),
        ("TV", EPISODE),
        ("The Show", EPISODE),
        ("*.sample.*", EPISODE),
        ("season ??", EPISODE),
        ("/media/tv", EPISODE),
        ("/media/tv/", EPISODE),
        ("/", EPISODE),
        ("C:\\Films", "c:\\films\\Arrival.mkv"),
        ("private", "C:/Users/ada/Private/Arrival.mkv"),
        ("\\\\nas\\films", "\\\\NAS\\Films\\Arrival.mkv"),
        ("Shows/The Show", "C:\\Shows\\The Show\\x.mkv"),
        ("the show/season 01", EPISODE),
        ("tv/*/Season ??/*.mkv", EPISODE),
        ("/media/*/The Show", EPISODE),
        ("C:\\*\\Private", "c:\\Films\\private\\x.mkv"),
        ("shows", "https://media.example/shows/The%20Show.mkv?token=tv"),
    ],
)
def test_a_name_a_pattern_or_a_folder_leaves_out(entry: str, path: str) -> None:
    """A folder's name, a pattern or a whole folder in `exclude` keeps a file to oneself."""
    assert refusal(path, [entry], []) == f"excluded by exclude={entry}"
    assert refusal(path, [], [entry]) == ""


@pytest.mark.parametrize(
    ("entry", "path"),
    [
        ("/media/t", EPISODE),
        ("/media/tv/The", EPISODE),
        ("Show", EPISODE),
        ("sample", EPISODE),
        ("/media/tv", "/media/tv-shows/x.mkv"),
        ("media/The Show", EPISODE),
        ("v/The Show", EPISODE),
        ("tv/The", EPISODE),
        ("/tv/The Show", EPISODE),
        ("/media/*/Season 01", EPISODE),
        ("C:\\Films", "D:\\Films\\x.mkv"),
        ("media.example", "https://media.example/shows/x.mkv"),
        ("tv", "https://media.example/shows/x.mkv?token=tv"),
    ],
)
def test_a_mere_beginning_leaves_nothing_out(entry: str, path: str) -> None:
    """/media/tv does not mean /media/tv-shows, and `Show` not `The Show`."""
    assert refusal(path, [entry], []) == ""
    assert refusal(path, [], [entry]) == f"not in include={entry}"


def test_what_is_excluded_is_not_included() -> None:
    """Of two lists the one that leaves out wins."""
    assert refusal(EPISODE, ["Season 01"], ["tv"]) == "excluded by exclude=Season 01"


ANIME = "/media/[SubsPlease] Frieren/[SubsPlease] Frieren - 01 [1080p].mkv"


@pytest.mark.parametrize(
    "entry", ["[SubsPlease] Frieren", "[subsplease]*", "*[1080p].mkv", "/media/[SubsPlease] Frieren"]
)
def test_brackets_stand_for_themselves(entry: str) -> None:
    """A folder of a release group is named as it is written, and nothing else is left out with it."""
    assert refusal(ANIME, [entry], []) == f"excluded by exclude={entry}"
    assert refusal(ANIME, [], [entry]) == ""
    assert refusal("/media/S Frieren/Severance.S01E01.mkv", [entry], []) == ""


@pytest.mark.parametrize("entry", ["Müll", "m?ll", "/media/Müll"])
@pytest.mark.parametrize(("of_file", "of_entry"), [("NFD", "NFC"), ("NFC", "NFD"), ("NFD", "NFD")])
def test_an_accent_is_the_same_however_it_is_stored(
    entry: str, of_file: Literal["NFC", "NFD"], of_entry: Literal["NFC", "NFD"]
) -> None:
    """A folder named on a Mac, where ü is u and two dots, is left out by the name that a keyboard types."""
    path = unicodedata.normalize(of_file, "/media/Müll/Arrival.mkv")
    entry = unicodedata.normalize(of_entry, entry)
    assert refusal(path, [entry], []) == f"excluded by exclude={entry}"
    assert refusal(path, [], [entry]) == ""
