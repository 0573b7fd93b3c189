"""Where mpv stands, and in which file: one question for both, because it is asked all through the film.

How it flows: the player says which file's end it has not heard of yet (`entry`); each answer of mpv's is held
against that, for mpv may have gone on to another file before we hear of it. Places are in seconds of the
film.
"""

from __future__ import annotations

from .ipc import Line

# mpv expands these into one text; the place in the playlist is filled in by us.
QUESTION = (
    "${{=time-pos}}|${{=seeking}}|${{=playlist-playing-pos}}|${{=playlist/{}/id}}"
    "|${{=file-size}}|${{=rebase-start-time}}|${{=demuxer-start-time}}"
)
NO_ANSWER = "|" * QUESTION.count("|")  # behind what mpv says, so that each of the seven is there, empty


class Whereabouts:
    """The file that plays, and the place in it, as mpv says when it is asked."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self.entry: int | None = None  # mpv's number of the file being played (playlist_entry_id)
        self.index = -1  # where it stood in the playlist when we asked last
        self.zero = 0.0  # where the file begins by mpv's clock, with rebase-start-time=no
        self._sizes: list[float] = []  # of the file: as it was opened, and now

    def begin(self, entry: int | None) -> None:
        """Another file is being played from here on."""
        self.entry = entry
        self._sizes = []

    @property
    def growth(self) -> float:
        """How many times larger the file is than when it was opened; 1.0 if it does not grow."""
        return max(self._sizes[-1] / self._sizes[0], 1.0) if self._sizes else 1.0

    def is_known(self) -> bool:
        """Is mpv still in the file that we know of."""
        return self.current_entry() == self.entry

    def current_entry(self) -> int | None:
        """mpv's number of the file that it is in, None between files."""
        place = self._line.get("playlist-playing-pos")
        self.index = place if isinstance(place, int) else -1
        number = self._line.get(f"playlist/{self.index}/id") if self.index >= 0 else None
        return number if isinstance(number, int) else None

    def position(self) -> float | None:
        """Where mpv stands. None while it seeks, or has gone on to another file: both may be before we have
        heard of it.
        """
        told = f"{self._line.ask('expand-text', QUESTION.format(self.index))}{NO_ANSWER}".split("|")
        place, seeking, index, entry, size, rebased, start = told[:7]
        if (index, entry) != (str(self.index), str(self.entry)) and not self.is_known():
            return None
        if length := _number_in(size):
            self._sizes = [*self._sizes[:1], length]
        self.zero = (_number_in(start) or 0.0) if rebased == "no" else 0.0
        position = _number_in(place) if seeking == "no" else None
        return None if position is None else position - self.zero


def _number_in(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:  # mpv has no such value now
        return None
