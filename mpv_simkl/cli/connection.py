"""The connection of a command that talks to Simkl."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import auth, config, installation, places
from ..pace import Pace

if TYPE_CHECKING:
    from ..simkl import Simkl


def settings() -> config.Settings:
    """The settings of this user. Raises SettingError."""
    return config.load_strictly(installation.current_dir() / config.CONF)


def connect() -> Simkl:
    """The connection, with the sign-in and the settings of this user. Raises LoginNeeded, SettingError."""
    who = auth.credentials(settings().client_id)
    from ..simkl import Simkl  # requests takes longer to import than all else together

    return Simkl(who, Pace(places.data_dir()))
