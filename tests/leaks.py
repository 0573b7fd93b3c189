"""No token is in any file or line that a test leaves behind: looked for after every test that has a home.

Whatever runs in a home (mpv, our process beside it, commands) writes into its folder, and what commands print
goes through a `Hand` or a `Home`, which look too.
"""

from __future__ import annotations

from pathlib import Path

from mpv_simkl import auth
from mpv_simkl.sandbox import Sandbox

SECRETS = ("access_token", "refresh_token", "device_code")


def secrets_of(simkl: Sandbox) -> set[str]:
    """Every token and device code that this Simkl has handed out or been shown."""
    found = {simkl.access_token, simkl.refresh_token}
    for call in simkl.calls:
        for part in (call.answer, call.body):
            if isinstance(part, dict):
                found |= {str(part[name]) for name in SECRETS if part.get(name)}
        found.add(call.headers.get("authorization", "").partition(" ")[2])
    return found - {""}


def no_secret_in_files(folder: Path, simkl: Sandbox) -> None:
    """Search every file in a folder; the one that keeps the sign-in may have its tokens, and no code."""
    for file in folder.rglob("*"):
        if file.is_file() and file.name != auth.FILE:
            no_secret_in(file.read_text(encoding="utf-8", errors="replace"), simkl, str(file))


def no_secret_in(text: str, simkl: Sandbox, where: str) -> None:
    """Search one text."""
    assert not [secret for secret in secrets_of(simkl) if secret in text], f"a secret is in {where}"
