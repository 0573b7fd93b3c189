"""What happens in front of one mpv, file after file: the main loop's room. It never waits for a network.

How it flows: `hear` takes each event; what was opened is judged, the tracker says what Simkl should hear, the
journal has it first and the outbox second. What comes back from the sender is `News`, of which `outcome`
makes a notice.
"""

from __future__ import annotations

import contextlib
import logging
import math
import time
from dataclasses import replace
from datetime import UTC, datetime

from . import actions, auth, folder, ipc, logs, paused, pausing, presence
from .chronicle import name_of, note, note_opened
from .clocks import time_of_day
from .config import Current, Settings
from .errors import JournalError, MpvSimklError, by_hand
from .journal import Journal
from .judging import Judgement, Rules, Standing, judge
from .keeper import Keeper
from .media import Media
from .model import (
    Arrived,
    Asked,
    Ended,
    Event,
    Idled,
    Measured,
    Opened,
    Scrobble,
    Sitting,
)
from .notices import READ, Kind, Notices, Place
from .onscreen import ScreenLogin
from .outbox import Job, Outbox, Work
from .paused import Pausing
from .playback import State, Tracker
from .player import Player
from .presence import Presence, Untaken
from .prompts import Prompts
from .sidecars import read_sidecars

log = logging.getLogger(__name__)

NOT_JUDGED = Judgement(None, "")
AT_THE_BEGINNING = 5.0  # seconds: whoever begins further on was taken there by mpv itself


class Evening:
    """All that the main loop knows of one mpv."""

    def __init__(
        self, player: Player, prompts: Prompts, journal: Journal, current: Current, settings: Settings
    ) -> None:
        self.player = player
        self.journal = journal
        self.outbox = Outbox()
        self.prompts = prompts
        self.settings = settings
        self.notices = Notices(player.show)
        self.notices.level = settings.messages
        self.login = ScreenLogin(self.answer_from_afar, settings.client_id, done=self._welcome)
        self.keeper = Keeper(journal, self.outbox, self._journal_broken, self._journal_healed)
        self.tracker = Tracker(_rules(settings))
        self.judgement = NOT_JUDGED
        self.recognised: Media | None = None
        self.last_untaken: Untaken | None = None  # what Simkl did not take, here or before
        self.pausing: Pausing | None = None
        self.paused_file = paused.file()  # looked for with each event
        self.offer: float | None = None  # where another device stopped, in seconds
        self._current = current
        self._named: set[str] = set()  # complaints that stand in the log
        self._presence = Presence(player.publish)
        self.signed_in = auth.is_signed_in(settings.client_id)

    def hear(self, event: Event) -> None:
        """Do what an event asks for."""
        try:
            if not isinstance(event, Asked):  # whoever presses a key means what the screen says
                pausing.look_again(self)
            self._use(event)
        except JournalError as error:
            log.error("%s; see `mpv-simkl doctor`", error)
            self._journal_broken("Simkl: the journal cannot be used, see `mpv-simkl log`")
        except Exception:  # the edge of the main loop: one odd file must not end the evening
            log.exception("a fault in mpv-simkl; what comes next is followed")
        if self._presence.is_taken:
            self._presence.show(presence.values(self))

    def patience(self, at: float) -> float | None:
        """Seconds until something is to be done unasked; None: not before mpv says something."""
        waits = (self.tracker.patience(at), pausing.patience(self))
        return min((wait for wait in waits if wait is not None), default=None)

    def _use(self, event: Event) -> None:
        match event:
            case Opened():
                self._open(event)
            case Asked(what=ipc.CORRECTED):  # by another process of ours
                self.take_correction()
            case Asked():
                actions.act(self, event.what, event.words)
            case Arrived():
                event.use()
            case Idled():
                self.notices.at(Place.OURS)
            case Measured() if self.judgement.standing == "short":
                self._outgrow(event)
            case _:
                self._went_on(event)

    # Files

    def _open(self, event: Opened) -> None:
        """Recognise what was opened, and follow it; what is nothing for Simkl is told to the log only."""
        self._read_settings()
        now, again = time_of_day(event.at), self.judgement is not NOT_JUDGED
        judged = self._judge(event, now)
        corrected = self._corrected(event.clues.path, judged)
        note_opened(event, judged, corrected)
        self.recognised = judged.media
        media = corrected or judged.media
        self.judgement = replace(judged, media=media, standing="known" if media else judged.standing)
        self.notices.at(Place.FOREIGN if media is None else Place.OURS)
        self.pausing, self.offer = pausing.opened(self, now, again=again), None
        if media is not None and self.pausing is not None:
            self.keeper.keep_and_send(self.tracker.see(Ended(event.at), now))
            self.notices.say(Kind.RESULT, f"Simkl: scrobbling is {self.pausing}")
        elif media is not None:
            self.notices.say(Kind.RESULT, f"Simkl: {media}")
            self._begin(event, media, now)
        self.outbox.replay()

    def _judge(self, event: Opened, now: datetime) -> Judgement:
        """What a file is by its names, as the settings and its folder's `.simkl` want it."""
        clues = event.clues._replace(sidecars=read_sidecars(event.clues.path))
        wishes, complaints = folder.read_wishes(clues.path)
        self.complain(complaints)
        judged = judge(replace(event, clues=clues), self.tracker.rules, now.year)
        if not self.settings.enabled:
            judged = Judgement(None, "enabled=no", standing="excluded")
        return folder.apply(wishes, judged, name_of(event).rpartition(".")[0])

    def _begin(self, event: Opened, media: Media, now: datetime) -> None:
        """Simkl is asked for the place before it hears of the start, which clears it (simkl-api 5.3)."""
        scrobbles = self._follow(event, media, now)
        if self.settings.resume != "no" and (event.position or 0.0) < AT_THE_BEGINNING:
            actions.look_elsewhere(self, media)
        self.keeper.keep_and_send(scrobbles)

    def _outgrow(self, event: Measured) -> None:
        """What was too short may be a recording under way, or have no length in its header."""
        opened, length = self.player.now_playing(), event.duration or math.inf
        if opened is not None and not opened.network and length >= self.settings.min_duration:
            self._open(replace(opened, duration=length))

    def _follow(self, event: Opened, media: Media, now: datetime) -> list[Scrobble]:
        """What Simkl should hear from now on of what plays as `media`."""
        recognised = self.recognised
        self.tracker.earlier = self._earlier(event.clues.path, media)
        return self.tracker.open(event, media, now, recognised=recognised, corrected=media is not recognised)

    def follow_again(self) -> None:
        """Say of what plays what Simkl should hear, as if it were opened where it stands."""
        media, opened = self.judgement.media, self.player.now_playing()
        if media is not None and opened is not None:
            self.keeper.keep_and_send(self._follow(opened, media, time_of_day(opened.at)))

    def _earlier(self, path: str, media: Media) -> list[Sitting]:
        """Where the episodes of this file were left before."""
        journal = self.journal
        with contextlib.suppress(JournalError):
            return [left for one in media.split() for left in journal.sittings.of(path, one, journal.account)]
        return []

    @property
    def path(self) -> str | None:
        """The path of what plays, None between files."""
        opened = self.player.now_playing()
        return opened.clues.path if opened else None

    def _corrected(self, path: str, judged: Judgement) -> Media | None:
        """What the user says it is; nothing that is left out becomes ours by that."""
        if judged.media is None and not judged.nameless:
            return None
        with contextlib.suppress(JournalError):
            return self.journal.titles.corrected(path, judged.media)
        return None

    def take_correction(self) -> None:
        """The user has said what something is: perhaps what plays, perhaps what waits."""
        self._correct_what_plays()
        self.outbox.replay()

    def _correct_what_plays(self) -> None:
        opened = self.player.now_playing()
        if opened is None or self.judgement.standing not in ("known", "unknown"):
            return
        standing: Standing = "known" if self.recognised else "unknown"
        by_its_names = replace(self.judgement, media=self.recognised, standing=standing)
        media = self._corrected(opened.clues.path, by_its_names)
        if media is None:
            return
        self.judgement = replace(self.judgement, media=media, standing="known")
        self.notices.at(Place.OURS)
        if self.pausing is not None:
            return
        now = datetime.now(UTC)
        scrobbles = self.tracker.correct(media, time.monotonic(), now)
        if not scrobbles and self.tracker.state is State.IDLE:
            scrobbles = self._follow(opened, media, now)
        self.keeper.keep_and_send(scrobbles)

    def _went_on(self, event: Event) -> None:
        note(event)
        self.keeper.keep_and_send(self.tracker.see(event, time_of_day(event.at)))
        if isinstance(event, Ended):
            self._closed()

    def _closed(self) -> None:
        self.judgement, self.offer = NOT_JUDGED, None
        self.notices.at(Place.BETWEEN)
        pausing.closed(self)

    def _journal_broken(self, text: str) -> None:
        self.notices.problem("journal", text)

    def _journal_healed(self, text: str) -> None:
        self.player.post(lambda: self.notices.healed("journal", text))

    def _read_settings(self) -> None:
        """What was changed in the settings holds from the next file on."""
        self.settings, complaints = self._current.read(self.player.get("script-opts"))
        logs.start(self.settings.log_level)
        self.tracker.rules = _rules(self.settings)
        self.notices.level = self.settings.messages
        self.complain(complaints)

    def complain(self, complaints: list[str]) -> None:
        """Name what could not be used of the settings or of a folder's wishes, each sentence once."""
        for complaint in complaints:
            if complaint not in self._named:
                self._named.add(complaint)
                log.warning("%s", complaint)
            self.notices.problem(complaint, f"Simkl: {complaint}")

    # Other threads

    def _welcome(self) -> None:
        """Somebody has signed in; from another thread."""

        def use() -> None:
            self.signed_in = True

        self.player.post(use)
        self.outbox.replay()

    def answer_from_afar(self, text: str, seconds: float = READ) -> None:
        """Say what a key led to, from another thread."""
        self.player.post(lambda: self.notices.answer(text, seconds))

    def ask_simkl(self, failed: str, work: Work) -> None:
        """Have it done on the sender's thread; what goes wrong is said."""

        def say(error: MpvSimklError) -> None:
            log.warning("%s: %s", failed, error)
            self.answer_from_afar(f"{failed}: {by_hand(error)}")

        self.outbox.ask(Job(work, say))


def _rules(settings: Settings) -> Rules:
    return Rules(
        settings.min_duration,
        settings.min_played,
        settings.exclude,
        settings.include,
        settings.stream_hosts,
    )
