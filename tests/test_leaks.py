"""The search for tokens that goes with every test finds what it is for."""

from __future__ import annotations

from pathlib import Path

import pytest

from mpv_simkl import auth
from mpv_simkl.sandbox import Sandbox

from .leaks import no_secret_in, no_secret_in_files


@pytest.mark.parametrize("name", ["mpv-simkl.log", "journal.db", "sub/simkl.pace"])
def test_a_token_in_a_file_is_found(hasty: Sandbox, tmp_path: Path, name: str) -> None:
    """Whichever file of a home a token gets into, the test that wrote it fails."""
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"\xff\0 Bearer " + hasty.access_token.encode() + b"\0")
    with pytest.raises(AssertionError, match="a secret is in"):
        no_secret_in_files(tmp_path, hasty)


def test_the_sign_in_alone_may_keep_tokens(hasty: Sandbox, tmp_path: Path) -> None:
    """The file that keeps the sign-in is what they are for."""
    (tmp_path / auth.FILE).write_text(hasty.refresh_token)
    no_secret_in_files(tmp_path, hasty)


def test_a_token_on_a_terminal_is_found(hasty: Sandbox) -> None:
    """What a command prints is searched too."""
    with pytest.raises(AssertionError, match="a secret is in"):
        no_secret_in(f"token {hasty.refresh_token}", hasty, "what is printed")
