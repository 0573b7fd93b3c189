"""What holds in an mpv that does not run: its folder is read as it would read it."""

from __future__ import annotations

from pathlib import Path

from mpv_simkl import config, mpv_conf
from mpv_simkl.config import Settings

from .harness import idle_mpv


def test_what_mpv_conf_sets_holds_for_an_mpv_of_that_folder(tmp_path: Path) -> None:
    """simkl.conf and mpv.conf are read together, and it is known where a setting is changed."""
    (tmp_path / config.CONF).parent.mkdir()
    (tmp_path / config.CONF).write_text("min_played=5\nenabled=no\n", encoding="utf-8")
    (tmp_path / "mpv.conf").write_text("script-opts-append=simkl-enabled=yes\n", encoding="utf-8")
    chosen, complaints = mpv_conf.choose_in(tmp_path, {})
    assert (config.settings_of(chosen), complaints) == (Settings(min_played=5.0), [])
    assert mpv_conf.file_of(tmp_path, chosen["enabled"]) == tmp_path / "mpv.conf"
    assert mpv_conf.file_of(tmp_path, chosen["min_played"]) == tmp_path / config.CONF


def test_mpv_conf_is_read_as_mpv_reads_it(tmp_path: Path) -> None:
    """A remark behind a value, [default] and an included file mean to the commands what they mean to mpv."""
    (tmp_path / "own.conf").write_text("script-opts-append=simkl-min_played=7\n[x]\n", encoding="utf-8")
    lines = (
        "script-opts-append=simkl-client_id=abc  # my app",
        "script-opts-append='simkl-exclude=a # b' # private",
        "include=~~home/own.conf # mine",
        "include=~~/mpv.conf",
        "script-opts-append=simkl-search_file=no",
        "script-opts-remove=simkl-search_file",
        "include=\0",
        "script-opts-append=simkl-min_played=6",
        "[big] # [default]",
        "script-opts-append=simkl-enabled=no",
        "[default] # again",
        '--script-opts-append="simkl-messages=all"',
    )
    (tmp_path / "mpv.conf").write_text("\n".join(lines), encoding="utf-8")
    assert mpv_conf.script_opts_in(tmp_path / "mpv.conf") == {
        "simkl-client_id": "abc",
        "simkl-exclude": "a # b",
        "simkl-min_played": "7",
        "simkl-messages": "all",
    }


def test_quotes_mean_to_the_commands_what_they_mean_to_mpv(tmp_path: Path) -> None:
    """Values behind their length, as Nix's home-manager writes all of them, and lists with commas in a value
    are read as this machine's mpv reads them; what mpv refuses sets nothing.
    """
    lines = (
        "script-opts=%51%simkl-exclude=%12%/films/a,/xx,simkl-log_level=info  # with its length",
        'script-opts-add=simkl-stream_hosts="a.tv,b.tv",simkl-include=[/c,/d],simkl-messages=%3%all',
        "script-opts-append = %19%simkl-ask_rating=é",
        "include=%11%~~/own.conf",
        "script-opts-append=%2%simkl-resume=no",
        "script-opts-append=%99%simkl-resume=no",
        "script-opts-append='simkl-search_file=no",
        "script-opts-append='simkl-search_file=no' or yes",
        'script-opts-add=simkl-search_file="no"t',
        "script-opts=simkl-search_file",
    )
    (tmp_path / "mpv.conf").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "own.conf").write_text("script-opts-append=%16%simkl-enabled=no\n", encoding="utf-8")
    with idle_mpv(tmp_path, "--config=yes", f"--config-dir={tmp_path}", "--load-scripts=no") as mpv:
        heard = mpv.command("get_property", "options/script-opts")
    assert mpv_conf.script_opts_in(tmp_path / "mpv.conf") == heard
    assert heard == {
        "simkl-exclude": "/films/a,/xx",
        "simkl-log_level": "info",
        "simkl-stream_hosts": "a.tv,b.tv",
        "simkl-include": "/c,/d",
        "simkl-messages": "all",
        "simkl-ask_rating": "é",
        "simkl-enabled": "no",
    }
