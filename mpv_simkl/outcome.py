"""What came of a scrobble at Simkl, and what is said of it on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import actions
from .errors import LoginNeeded, SomebodyElse
from .news import News
from .notices import Kind
from .presence import Doing, Untaken

if TYPE_CHECKING:
    from .evening import Evening


def learn(evening: Evening, news: News) -> None:
    """Tell the user what Simkl made of a scrobble."""
    _reached(evening, news)
    match news.what:
        case "watched":
            evening.notices.say(Kind.RESULT, f"Watched: {news.media}")
            _ask_rating(evening, news)
        case "kept":
            evening.notices.say(Kind.RESULT, f"Watched: {news.media}; Simkl is told later")
        case "unmatched" | "refused" | "doubtful":
            _not_taken(evening, news)
        case "sent":
            evening.notices.say(Kind.DETAIL, f"Simkl has heard of {news.media}")
        case "delivered":
            evening.notices.say(Kind.DETAIL, f"Simkl has {news.why} earlier watched")


def _reached(evening: Evening, news: News) -> None:
    """Say once why Simkl takes nothing, and once that it does, which it does for nobody unknown."""
    if news.trouble:
        evening.notices.problem("simkl", f"{news.trouble}; what you watch is kept and sent later")
    elif news.what in ("sent", "watched", "delivered"):
        evening.signed_in = True
        evening.notices.healed("sign-in")
        evening.notices.healed("simkl", "Simkl can be reached again")


def _ask_rating(evening: Evening, news: News) -> None:
    """At the end, if the user wants it; not over a file that is none of ours."""
    is_ours = evening.judgement.media is not None or evening.player.get("idle-active") is True
    if evening.settings.ask_rating and news.media is not None and is_ours:
        actions.ask_rating(evening, news.media)


def _not_taken(evening: Evening, news: News) -> None:
    if news.what == "refused":
        evening.notices.problem(news.viewing, f"Simkl refuses {news.media}; see `mpv-simkl log`")
        return
    doing: Doing = "unknown"
    why = f"Simkl does not know {news.media}"
    if news.what == "doubtful":
        doing, why = "doubtful", news.why
    evening.last_untaken = Untaken(news.viewing, doing, actions.say_what(evening, why))
    evening.notices.problem(news.viewing, evening.last_untaken.why)


def ask_to_sign_in(evening: Evening, why: LoginNeeded) -> None:
    """Say that Simkl takes nothing without a sign-in, or not by that of somebody else; for any thread."""

    def say() -> None:
        evening.signed_in = isinstance(why, SomebodyElse)
        how = "" if evening.signed_in else _how_to_sign_in(evening)
        evening.notices.problem("sign-in", f"Simkl: {why}{how}")

    evening.player.post(say)


def _how_to_sign_in(evening: Evening) -> str:
    key = evening.player.key_of("login") or evening.player.key_of("menu")
    return f"\nor press {key}" if key else "\nor bind a key to  script-binding simkl/login"
