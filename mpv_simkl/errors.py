"""The errors that mpv-simkl raises, grouped by what the caller does next.

    MpvSimklError            a command prints it as one sentence and ends with 1
      UsageError             the words of a command make no sense: it ends with 2
      SettingError           a setting or an environment variable cannot be used
      InstallError           mpv's folder holds what is not ours
      PlayerError            mpv cannot be reached
      JournalError           the journal cannot be opened, read or written
      SimklError             a call to Simkl did not do what it was for
        TryLater             write lock, 412, 429: keep it, it may work later
          QuotaSpent         429: this account has none left today, another one may have
          NoAnswer           no network, or nobody there
          ServerTrouble      5xx, or a 4xx without Simkl's own word: it may also be one entry's fault
          LoginNeeded        401, 403: keep it; the user has to sign in
            SomebodyElse     another account is signed in: keep it for its own
        NotMatched           404 id_err, or in not_found: set it aside, let the user correct it
        Doubtful             Simkl took it for something else: set it aside until it is confirmed or corrected
        Refused              any other 4xx: set it aside with the reason
        TooLate              it was not sent, for it would not be true any more: tell it in another way

Foreign errors become one of these at the door that met them.
"""

from __future__ import annotations

import re

SAY_WHAT = "; say what it is with `mpv-simkl match`"  # ends what only the user can put right
BY_ITSELF = "it is tried again by itself, "  # true of what the journal keeps, and of nothing else
SEE_LIST = "; see `mpv-simkl journal list`"  # the same

# Seconds that Simkl asks for at most, for the daily quota (simkl-api 14); more is by a clock that was wrong.
LONGEST_REST = 86_400.0

_CALL = re.compile(r"\b(?:GET|POST) /[\w/.-]+: ")  # how a sentence names the call by which it was seen (web)


class MpvSimklError(Exception):
    """One sentence that names what happened and what to do."""


class UsageError(MpvSimklError):
    """What was asked for cannot be asked for; the sentence says how it is asked for."""


class SettingError(MpvSimklError):
    """A setting that cannot be used; the sentence names file, key and accepted values."""


class InstallError(MpvSimklError):
    """The loader's place in mpv's folder is taken; the sentence names the file."""


class PlayerError(MpvSimklError):
    """mpv did not answer on its IPC socket."""


class JournalError(MpvSimklError):
    """The journal cannot be opened, read or written; the sentence names the file."""


class SimklError(MpvSimklError):
    """A call to Simkl did not do what it was for."""


class TryLater(SimklError):
    """Nothing was refused for good; `after` is the least time in seconds before another try.

    `unheard`: no connection came about, so Simkl cannot have acted on it.
    """

    def __init__(self, message: str, *, after: float = 0.0, unheard: bool = False) -> None:
        super().__init__(message)
        self.after = after
        self.unheard = unheard


class QuotaSpent(TryLater):
    """The daily requests of the account are used up, which is no rest for anybody else (simkl-api 14)."""


class NoAnswer(TryLater):
    """Nothing came back: no network, or nobody there."""


class ServerTrouble(TryLater):
    """Simkl failed on this call; if it goes on, one of the entries may be the cause (simkl-api 17.8)."""


class LoginNeeded(TryLater):
    """Simkl does not accept the sign-in; what was to be sent is kept."""


class SomebodyElse(LoginNeeded):
    """Another account is signed in than the one that it was begun for: nobody has to sign in for what is
    begun now, but the connection begins anew.
    """

    def __init__(self) -> None:
        super().__init__("somebody else has signed in meanwhile; what was watched before is kept")


class NotMatched(SimklError):
    """Simkl knows nothing that fits what was sent (simkl-api 5.8)."""


class Doubtful(SimklError):
    """Simkl took what was sent for something else; nothing counts until the user has said what it is."""


class Refused(SimklError):
    """Simkl will not take this, however often it is sent."""


class TooLate(SimklError):
    """What was to be said holds for a moment only, and that has passed; nothing was sent."""


def by_hand(error: MpvSimklError) -> str:
    """The sentence for somebody who waits for it: nothing of it is kept, nor tried again by itself."""
    return without_call(error).replace(BY_ITSELF, "").removesuffix(SEE_LIST)


def without_call(error: MpvSimklError) -> str:
    """The sentence for people; by which call it was seen is for the log."""
    return _CALL.sub("", str(error))
