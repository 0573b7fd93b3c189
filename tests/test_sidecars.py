"""The `.nfo` files beside and above a media file."""

from __future__ import annotations

from pathlib import Path

import pytest

from mpv_simkl.sidecars import read_sidecars


@pytest.fixture
def episode(tmp_path: Path) -> Path:
    """A show's folder with an episode in a season's folder."""
    season = tmp_path / "Harbour Lights" / "Season 1"
    season.mkdir(parents=True)
    return season / "S01E02.mkv"


def test_the_nearest_comes_first(episode: Path) -> None:
    """The file's own `.nfo` speaks before the show's."""
    episode.with_suffix(".nfo").write_text("own", "utf-8")
    (episode.parent / "movie.nfo").write_text("film", "utf-8")
    (episode.parent.parent / "tvshow.nfo").write_text("show", "utf-8")
    assert read_sidecars(str(episode)) == ("own", "film", "show")


def test_other_files_are_not_read(episode: Path) -> None:
    """Only names that Kodi gives its files count, and no show far above."""
    (episode.parent / "other.nfo").write_text("other", "utf-8")
    (episode.parents[3] / "tvshow.nfo").write_text("far", "utf-8")
    assert read_sidecars(str(episode)) == ()


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("é".encode(), "é"),
        ("é".encode("cp1252"), "é"),
        ("é".encode("utf-16"), "é"),
        ("é".encode("utf-8-sig"), "é"),
    ],
)
def test_any_encoding_is_read(episode: Path, data: bytes, text: str) -> None:
    """Old tools wrote Windows' encodings."""
    episode.with_suffix(".nfo").write_bytes(data)
    assert read_sidecars(str(episode)) == (text,)


def test_only_the_beginning_of_a_huge_file_is_read(episode: Path) -> None:
    """A file that is no `.nfo` at all costs no more than one that is."""
    episode.with_suffix(".nfo").write_bytes(b"x" * 200_000)
    assert [len(text) for text in read_sidecars(str(episode))] == [64 * 1024]


def test_a_folder_of_that_name_and_a_url_are_passed_over(episode: Path) -> None:
    """What cannot be read is as if it were not there."""
    episode.with_suffix(".nfo").mkdir()
    assert read_sidecars(str(episode)) == ()
    assert read_sidecars("https://host.example/S01E02.mkv") == ()
    assert read_sidecars("\0") == ()
    assert read_sidecars("") == ()
    assert read_sidecars("x" * 5000) == ()
