"""What holds for every name, however it is written."""

from __future__ import annotations

import json
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mpv_simkl.cli.identify import headline, why
from mpv_simkl.identify import identify
from mpv_simkl.logs import shown
from mpv_simkl.media import Clues, Media

THIS_YEAR = 2026
PIECES = [
    "S01E02", "s1", "E03", "1x02", " - 05 ", "[Group]", "(2010)", "2049", "1080p", "x264", "WEB-DL", "5.1",
    "Season 2", "第3話", "Серия", "Part", "of", "-", ".", "_", " ", "/", "\\", "[", "]", "(", ")", "【", "a",
    "The", "Show", "01-12", "2019.03.04", "{imdb-tt1234567}", "sample", "NCOP1", "&", "%", "v2", "é",
    "www.site.com", "\ud800", "\u202e", "S6.E1-S6E3E2", "1x05x03",
]  # fmt: skip
NAMES = st.one_of(st.text(max_size=80), st.lists(st.sampled_from(PIECES), max_size=40).map("".join))


@given(NAMES, NAMES)
@settings(max_examples=400, deadline=None)
def test_any_text_gets_an_answer(path: str, media_title: str) -> None:
    """No name raises an error, and every answer can be told and sent."""
    verdict = identify(Clues(path, media_title), this_year=THIS_YEAR)
    assert (verdict.media is None) == bool(verdict.reason)
    shown(headline(verdict)).encode("utf-8")
    "".join(why(verdict)).encode("utf-8")
    if verdict.media:
        assert verdict.media.title.strip()
        json.dumps(verdict.media.as_dict()).encode("utf-8")


@given(st.dictionaries(st.text(max_size=12), st.text(max_size=40), max_size=5), st.lists(NAMES, max_size=3))
@settings(max_examples=150, deadline=None)
def test_any_tags_and_sidecars_get_an_answer(tags: dict[str, str], sidecars: list[str]) -> None:
    """Tags and `.nfo` files that make no sense change nothing."""
    known = {**tags, "TITLE": next(iter(tags.values()), ""), "show": "x"}
    verdict = identify(Clues("A Name S01E02.mkv", "", known, tuple(sidecars)), this_year=THIS_YEAR)
    assert verdict.media


def test_recognising_a_name_imports_little() -> None:
    """Who asks for a name pays for patterns, and for none of the big modules of the standard library."""
    code = "import sys; import mpv_simkl.identify; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert not {"typing", "dataclasses", "inspect", "datetime", "logging", "json"} & set(done.stdout.split())


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "(",
        "[",
        "[a](b)",
        "S01E01",
        " - 01",
        "1.",
        "第1",
        "x/",
        "(/",
        "(1",
        "german ",
        "e1",
        "-",
        "www.a.",
    ],
)
def test_a_long_name_costs_no_more_than_its_beginning(piece: str) -> None:
    """The work for a name is bounded, however long it is."""

    def work(length: int) -> int:
        calls = 0

        def count(*_: object) -> None:
            nonlocal calls
            calls += 1

        sys.setprofile(count)
        identify(Clues((piece * length)[:length]), this_year=THIS_YEAR)
        sys.setprofile(None)
        return calls

    work(8_000)  # patterns are compiled when a name first needs them
    assert work(40_000) <= work(8_000) + 1000 < 250_000


STYLES = [
    "{title} ({year})/Season {season:02}/{title} - S{season:02}E{episode:02}.mkv",
    "{title} ({year})/Season {season}/{episode:02} - Name.mkv",
    "{title} ({year})/S{season:02}/E{episode:02}.mkv",
    "{title} ({year})/Season {season}/Episode {episode}.mkv",
    "{title} ({year}) - S{season:02}E{episode:02} - Name.mkv",
    "{title} ({year}) - {season}x{episode:02} - Name.mkv",
    "{title} ({year}) [{season}x{episode:02}].mkv",
    "{dotted}.{year}.S{season:02}E{episode:02}.Name.1080p.WEB-DL.DD5.1.H.264-GRP.mkv",
    "{dotted}.{year}.s{season:02}.e{episode:02}.720p.hdtv.x264-grp.mkv",
    "{underscored}_({year})_-_{season}x{episode:02}_-_Name.avi",
    "{title} ({year}) Season {season} Episode {episode}.mkv",
    "{title} ({year}) S{season} E{episode}.mkv",
    "{title} ({year}) Saison {season} Épisode {episode}.mkv",
    "{title} ({year}) Staffel {season} Folge {episode}.mkv",
    "{title} ({year}) Temporada {season} Capitulo {episode}.mkv",
    "{title} ({year}) Stagione {season} Episodio {episode}.mkv",
    "{title} ({year}) Сезон {season} Серия {episode}.mkv",
    "[Group] {title} ({year}) - S{season:02}E{episode:02} [1080p][ABCD1234].mkv",
    "https://host.example/tv/{title}%20({year})%20S{season:02}E{episode:02}.mkv?token=x",
    "C:\\TV\\{title} ({year})\\Season {season:02}\\S{season:02}E{episode:02} Name.mkv",
]


@pytest.mark.parametrize("style", STYLES)
@given(
    words=st.lists(
        st.sampled_from(["Harbour", "Lights", "Quiet", "Lamp", "Paper", "Moon", "Keeper"]),
        min_size=1,
        max_size=3,
    ),
    year=st.integers(1930, THIS_YEAR),
    season=st.integers(1, 30),
    episode=st.integers(1, 99),
)
@settings(max_examples=15, deadline=None)
def test_what_is_written_in_any_style_is_read_back(
    style: str, words: list[str], year: int, season: int, episode: int
) -> None:
    """An episode named in each of twenty styles is the same episode when it is read."""
    title = " ".join(words)
    path = style.format(
        title=title,
        dotted=".".join(words),
        underscored="_".join(words),
        year=year,
        season=season,
        episode=episode,
    )
    media = identify(Clues(path), this_year=THIS_YEAR).media
    assert media == Media("episode", title, year, season, (episode,), anime=style.startswith("[Group]"))


KNOWN = [
    json.loads(line)["path"]
    for file in sorted((Path(__file__).parents[2] / "fixtures" / "names").glob("*.jsonl"))
    for line in file.read_text("utf-8").splitlines()[1:]
]
WAYS: dict[str, Callable[[str], str]] = {
    "another container": lambda name: name.removesuffix(".mkv") + ".avi" if name.endswith(".mkv") else name,
    "a folder on Windows": lambda name: "D:\\Downloads\\" + name,
    "a folder of a home": lambda name: "/home/me/Downloads/complete/" + name,
    "accents in signs of their own": lambda name: unicodedata.normalize("NFD", name),
}


@pytest.mark.parametrize("way", WAYS)
def test_what_says_nothing_of_a_name_changes_nothing(way: str) -> None:
    """A known name stays what it is in another folder, container or spelling of its accents."""
    names = [path for path in KNOWN if not {"/", "\\"} & set(path)]
    changed = [
        name
        for name in names
        if identify(Clues(WAYS[way](name)), this_year=THIS_YEAR).media
        != identify(Clues(name), this_year=THIS_YEAR).media
    ]
    assert len(names) > 1000
    assert changed == []
