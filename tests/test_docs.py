"""What is written about the commands is true: README, manual page and help."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mpv_simkl import config
from mpv_simkl.cli import COMMANDS, EXIT_CODES, main, man, parser, tree

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGE = ROOT / "docs" / "mpv-simkl.1"
TREE = tree.read(parser())
LEAVES = [each for each in TREE.walk() if each.path and not each.commands]


@pytest.mark.parametrize("command", LEAVES, ids=lambda each: " ".join(each.path))
def test_every_command_has_help_with_an_example(
    command: tree.Command, capsys: pytest.CaptureFixture[str]
) -> None:
    """`mpv-simkl COMMAND --help` says what it does, what each option is for, and shows one that works."""
    with pytest.raises(SystemExit) as ending:
        main([*command.path, "--help"])
    told = " ".join(capsys.readouterr().out.split())
    assert ending.value.code == 0
    assert f"Example: {' '.join(command.example.split())}" in told
    assert command.example.startswith(f"mpv-simkl {' '.join(command.path)}")
    for option in command.options:
        assert option.help
        assert option.words[-1] in told


@pytest.mark.parametrize("command", LEAVES, ids=lambda each: " ".join(each.path))
def test_every_example_is_a_line_that_is_understood(command: tree.Command) -> None:
    """Nobody copies an example that ends in a usage message."""
    words = re.findall(r'"[^"]*"|\'[^\']*\'|\S+', command.example)
    line = [word.strip("\"'") for word in words[1:]]
    end = next((place for place, word in enumerate(line) if word in (">", "|")), len(line))
    assert parser(line).parse_args(line[:end])


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_stands_in_the_readme(command: str) -> None:
    """The README leaves no command out."""
    assert f"mpv-simkl {command}" in README


@pytest.mark.parametrize("setting", config.BY_NAME)
def test_every_setting_stands_in_the_readme(setting: str) -> None:
    """The README's table has every setting."""
    assert f"| `{setting}` |" in README


def test_every_exit_code_stands_in_the_readme() -> None:
    """What a script may rely on is written down."""
    for code in EXIT_CODES:
        assert f"| {code} |" in README


def test_the_manual_page_is_up_to_date() -> None:
    """The committed page is what `mpv-simkl man > docs/mpv-simkl.1` writes now."""
    assert PAGE.read_text(encoding="utf-8") == man.page()


def test_the_manual_page_has_every_command_option_and_setting() -> None:
    """man mpv-simkl leaves nothing out."""
    text = man.page().replace("\\-", "-").replace("\\fB", "").replace("\\fR", "")
    for command in LEAVES:
        assert f".SS mpv-simkl {' '.join(command.path)}" in text
        for option in command.options:
            assert option.words[-1] in text or option.words[-1] == "--help"
    for setting in config.BY_NAME:
        assert f"\n{setting}\n" in text


def test_the_manual_page_prints_itself(capsys: pytest.CaptureFixture[str]) -> None:
    """`mpv-simkl man` is the page."""
    assert main(["man"]) == 0
    assert capsys.readouterr().out == man.page()


def test_completion_is_set_up_as_the_readme_says(tmp_path: Path) -> None:
    """The lines for completion and the manual page can be pasted by somebody whose home is new."""
    block = re.search(r"Completion and the manual page:\n\n((?:    .*\n)+)", README)
    assert block
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-e", "-c", block[1]],
        env={"HOME": str(tmp_path), "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    written = {file.name for file in tmp_path.rglob("*") if file.is_file()}
    assert {"mpv-simkl", "_mpv-simkl", "mpv-simkl.fish", "mpv-simkl.1"} <= written
