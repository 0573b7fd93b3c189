"""The connection of a command that talks to Simkl."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from .. import auth, config, installation, mpv_conf, places
from ..errors import SettingError
from ..logs import shown
from ..pace import Pace

if TYPE_CHECKING:
    from ..simkl import Simkl


def settings() -> config.Settings:
    """The settings of this user; a default holds for what cannot be used."""
    return config.settings_of(mpv_conf.choose_in(installation.current_dir())[0])


def told_settings() -> config.Settings:
    """The settings of this user; tells what cannot be used, and raises SettingError for the client id."""
    chosen, complaints = mpv_conf.choose_in(installation.current_dir())
    if refused := chosen["client_id"].refused:  # with another one it would be another app's sign-in
        raise SettingError(refused)
    for complaint in complaints:
        print(f"mpv-simkl: {shown(complaint)}", file=sys.stderr)
    return config.settings_of(chosen)


def connect() -> Simkl:
    """The connection, with the sign-in and the settings of this user. Raises LoginNeeded, SettingError."""
    who = auth.credentials(told_settings().client_id)
    from ..simkl import Simkl  # requests takes longer to import than all else together

    return Simkl(who, Pace(places.data_dir()))
