"""What the user chose: where it may stand, which of it holds, and what is said of a mistake."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mpv_simkl import config
from mpv_simkl.config import Settings

GOOD = [
    ("enabled", "no", False),
    ("enabled", "YES", True),
    ("min_duration", "0", 0.0),
    ("min_duration", "90.5", 90.5),
    ("min_played", "0", 0.0),
    ("min_played", "100", 100.0),
    ("client_id", "0123abcd", "0123abcd"),
    ("log_level", "debug", "debug"),
    ("log_level", "Warning", "warning"),
    ("python", "/opt/my python/bin/python3", "/opt/my python/bin/python3"),
]
BAD = [
    *[("enabled", text) for text in ("", "true", "1", "maybe")],
    *[("min_duration", text) for text in ("", "five", "-1", "nan", "5 min", "0x10")],
    *[("min_played", text) for text in ("", "101", "-0.1", "nan", "inf", "80%")],
    *[("client_id", text) for text in ("two words", "bell\x07", "x" * 513)],
    *[("log_level", text) for text in ("", "loud", "trace")],
]


@pytest.fixture
def conf(tmp_path: Path) -> Path:
    """A simkl.conf that is not there yet."""
    return tmp_path / "simkl.conf"


def loaded(
    conf: Path | None, script_opts: dict[str, str] | None = None, environment: dict[str, str] | None = None
) -> tuple[Settings, list[str]]:
    return config.load(conf, script_opts, environment or {})


@pytest.mark.parametrize(("name", "text", "value"), GOOD)
def test_what_is_set_holds(conf: Path, name: str, text: str, value: object) -> None:
    """A setting that is well written is the setting that is used."""
    conf.write_text(f"# mine\n\n  # indented\n{name} = {text}\n", encoding="utf-8")
    settings, complaints = loaded(conf)
    assert complaints == []
    assert getattr(settings, name) == value


@pytest.mark.parametrize(("name", "text"), BAD)
def test_a_mistake_is_named_with_its_place_and_what_would_do(conf: Path, name: str, text: str) -> None:
    """One sentence says which line is wrong and what it takes; until then the default holds."""
    conf.write_text(f"# mine\n{name}={text}\n", encoding="utf-8")
    settings, (complaint,) = loaded(conf)
    assert complaint.startswith(f"{conf}:2: {name}=")
    assert complaint.endswith(f"it takes {config.BY_NAME[name].accepts}")
    assert complaint.isprintable()
    assert settings == Settings()


def test_a_name_that_is_none_is_named_with_those_that_are(conf: Path) -> None:
    """A setting that there never was is not silently without effect."""
    conf.write_text("colour=5\nmin_played=5\n", encoding="utf-8")
    settings, (complaint,) = loaded(conf)
    assert complaint.startswith(f"{conf}:1: there is no setting 'colour'; known are ")
    assert all(name in complaint for name in config.BY_NAME)
    assert settings == Settings(min_played=5.0)


def test_a_slip_of_the_pen_is_answered_with_the_setting_that_was_meant(conf: Path) -> None:
    """What is nearly a setting is told with its right name, in a sentence that fits on mpv's screen."""
    conf.write_text("min_duratoin=5\n", encoding="utf-8")
    _, (complaint,) = loaded(conf)
    assert complaint == f"{conf}:1: there is no setting 'min_duratoin'; did you mean min_duration?"


def test_a_line_without_a_setting_is_named(conf: Path) -> None:
    """A line that sets nothing is told, the others hold."""
    conf.write_text("min_played 5\nmin_duration=5\n", encoding="utf-8")
    settings, (complaint,) = loaded(conf)
    assert complaint == f"{conf}:1: 'min_played 5' is no setting; write name=value"
    assert settings == Settings(min_duration=5.0)


def test_the_later_place_wins(conf: Path) -> None:
    """The file overrules the default, the command line the file, and the environment both."""
    given_by_file, by_mpv, by_shell = "client_id=file\n", {"simkl-client_id": "mpv"}, "shell"
    conf.write_text(given_by_file, encoding="utf-8")
    shell = {"MPV_SIMKL_CLIENT_ID": by_shell}
    found = [
        loaded(None)[0].client_id,
        loaded(conf)[0].client_id,
        loaded(conf, by_mpv)[0].client_id,
        loaded(conf, by_mpv, shell)[0].client_id,
    ]
    assert found == ["", "file", "mpv", "shell"]


def test_the_last_of_two_lines_wins(conf: Path) -> None:
    """As everywhere in mpv, what is said later holds."""
    conf.write_text("min_played=5\nmin_played=7\n", encoding="utf-8")
    assert loaded(conf)[0].min_played == 7


def test_a_bad_value_does_not_undo_a_good_one(conf: Path) -> None:
    """A mistake on the command line leaves the file's value in force, and is told as what it is."""
    conf.write_text("min_played=5\n", encoding="utf-8")
    settings, (complaint,) = loaded(conf, {"simkl-min_played": "lots"})
    assert settings.min_played == 5
    assert complaint.startswith("script-opts: min_played='lots' cannot be used")


def test_options_of_other_scripts_are_none_of_ours() -> None:
    """mpv hands over every script's options; only ours are looked at."""
    assert loaded(None, {"osc-visibility": "never", "simklet-x": "1"}) == (Settings(), [])


def test_a_bad_variable_is_named() -> None:
    """A mistake in the environment is told under the variable's name."""
    _, (complaint,) = loaded(None, None, {"MPV_SIMKL_CLIENT_ID": "two words"})
    assert complaint.startswith("MPV_SIMKL_CLIENT_ID: client_id='two words' cannot be used")


@pytest.mark.parametrize("start", [b"\xef\xbb\xbf", b""], ids=["with a byte order mark", "plain"])
def test_a_file_from_windows_is_read(conf: Path, start: bytes) -> None:
    """What Notepad saves is as good as any other."""
    conf.write_bytes(start + b"min_played=5\r\n# a remark\r\nmin_duration=6\r\n")
    assert loaded(conf) == (Settings(min_played=5.0, min_duration=6.0), [])


def test_a_line_is_a_line_for_the_loader_too(conf: Path) -> None:
    """What only Python takes for a blank or for the end of a line is none: the loader reads the file too."""
    conf.write_bytes("messages=all\u2028min_played=5\nmin_duration\u00a0=6\n".encode())
    settings, complaints = loaded(conf)
    assert settings == Settings()
    assert len(complaints) == 2


def test_a_file_that_is_not_there_means_the_defaults(conf: Path) -> None:
    """Nobody has to write a simkl.conf."""
    assert loaded(conf) == (Settings(), [])


def test_a_file_that_cannot_be_read_is_told(conf: Path) -> None:
    """A simkl.conf that cannot be opened is named, and the defaults are used."""
    conf.mkdir()
    settings, (complaint,) = loaded(conf)
    assert complaint == f"{conf} cannot be read (Is a directory); the defaults are used"
    assert settings == Settings()


def test_it_is_known_of_each_setting_whether_its_last_value_was_refused(conf: Path) -> None:
    """A mistake that a later place sets right is told, but keeps nothing from going on."""
    conf.write_text("client_id=two words\nmin_played=lots\n", encoding="utf-8")
    chosen, complaints = config.choose(conf, {"simkl-client_id": "good"}, {})
    assert (chosen["client_id"].value, chosen["client_id"].refused) == ("good", "")
    assert (chosen["min_played"].value, chosen["min_played"].refused) == (10, complaints[1])


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace")))
@example(b"\x00\xff\xfe=\x00\n=\n==\nenabled\n#\n \x0b=\x1c\x85")
def test_no_file_whatever_is_too_broken(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Garbage in simkl.conf is complained of in printable sentences, and never ends anything."""
    conf = tmp_path_factory.getbasetemp() / "garbage.conf"
    conf.write_bytes(content)
    settings, complaints = loaded(conf)
    assert isinstance(settings, Settings)
    assert all(complaint.isprintable() for complaint in complaints)


@given(st.dictionaries(st.sampled_from([f"simkl-{name}" for name in config.BY_NAME]), st.text()))
def test_no_script_opts_whatever_are_too_broken(script_opts: dict[str, str]) -> None:
    """Whatever stands on mpv's command line, there are settings."""
    settings, complaints = loaded(None, script_opts)
    assert len(complaints) <= len(script_opts)
    assert 0 <= settings.min_played <= 100
    assert settings.min_duration >= 0


def test_an_endless_file_is_not_read_to_its_end(conf: Path) -> None:
    """A film saved as simkl.conf costs no memory."""
    conf.write_text("min_played=5\n" + "#" * config.MAX_CONF + "\nmin_played=6\n", encoding="utf-8")
    assert loaded(conf)[0].min_played == 5


def test_the_new_file_explains_every_setting_and_sets_none(conf: Path) -> None:
    """The file that install writes names every setting with its meaning, and changes nothing."""
    conf.write_text(config.commented(), encoding="utf-8")
    assert loaded(conf) == (Settings(), [])
    for option in config.OPTIONS:
        assert f"\n#{option.name}=" in config.commented()
        assert f"# Accepted: {option.accepts}.\n" in config.commented()


@pytest.mark.parametrize("option", config.OPTIONS, ids=lambda option: option.name)
def test_taking_the_mark_away_gives_the_default(conf: Path, option: config.Option) -> None:
    """Each line of the new file holds what is the case without it."""
    conf.write_text(config.commented().replace(f"\n#{option.name}=", f"\n{option.name}="), encoding="utf-8")
    assert loaded(conf) == (Settings(), [])


def test_every_setting_is_an_option_and_every_option_a_setting() -> None:
    """There is no setting that cannot be set, and none that has no effect."""
    assert set(config.BY_NAME) == {field.name for field in fields(Settings)}
    assert len(config.BY_NAME) == len(config.OPTIONS)


@pytest.mark.parametrize("text", ["~nobody-of-that-name/films", "films,~0"])
def test_the_folder_of_nobody_cannot_be_excluded(text: str) -> None:
    """A home that does not exist is named, and the rest of the list holds."""
    settings, (complaint,) = config.load(None, {"simkl-exclude": f"{text},~/private"}, {})
    assert settings.exclude == (*text.split(","), str(Path.home() / "private"))
    assert "exclude" in complaint


@pytest.mark.parametrize(
    "text", ["../films", "tv,./films", "/media/../films", ".", "https://media.example/tv"]
)
def test_what_can_be_in_no_path_is_named(text: str) -> None:
    """An address or a relative path in `exclude` is told, and the other folders stay left out."""
    settings, (complaint,) = config.load(None, {"simkl-exclude": text}, {})
    assert settings.exclude == tuple(text.split(","))
    accepts = config.BY_NAME["exclude"].accepts
    assert complaint == f"script-opts: not all of exclude={text!r} can be used; it takes {accepts}"


@pytest.mark.parametrize(
    "text", ["Own/Films", "/media/*/private", "[SubsPlease] X", "*.sample.*", "a..b", "C:\\tv"]
)
def test_what_can_be_in_a_path_is_kept(text: str) -> None:
    """Names, runs of names, patterns and whole folders are taken as they are written."""
    assert loaded(None, {"simkl-exclude": text}) == (Settings(exclude=(text,)), [])


def test_an_mpv_that_is_gone_takes_no_setting_with_it(tmp_path: Path) -> None:
    """What mpv has set holds to the end, also when it can no longer be asked: what is left out stays so."""
    current = config.Current(tmp_path / "simkl.conf")
    given, _ = current.read({"simkl-exclude": "private"})
    assert current.read(None) == (given, [])
    assert given.exclude == ("private",)


@pytest.mark.parametrize("text", ["\0" * 90_000, "min_played=" + "9" * 90_000, "x" * 90_000 + "=1"])
def test_a_file_that_is_no_settings_does_not_fill_the_screen(tmp_path: Path, text: str) -> None:
    """Of a line without an end only its beginning is quoted."""
    conf = tmp_path / "simkl.conf"
    conf.write_text(text, encoding="utf-8")
    _, (complaint,) = config.load(conf, {}, {})
    assert complaint.startswith(f"{conf}:1: ")
    assert len(complaint) < 2_000
