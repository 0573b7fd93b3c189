"""What to do about what was said: tables of words that stand in a sentence, and the cure for it."""

from __future__ import annotations

# What stands in a line of the log or an error of ours -> what to do; the first that fits.
SAID = (
    ("not signed in", "run `mpv-simkl login`"),
    ("token is not good", "run `mpv-simkl login`, and unset MPV_SIMKL_ACCESS_TOKEN"),
    ("may read but not write", "run `mpv-simkl login` again"),
    ("the sign-in is for", "run `mpv-simkl login` again"),
    ("client id is wrong or blocked", "wait some minutes; if it lasts, check client_id"),
    ("the client id that it was made for", "set client_id in simkl.conf, or run `mpv-simkl login`"),
    ("used up", "wait for midnight in New York; what waits is sent then"),
    ("DNS", "check the network and its name server"),
    ("login page", "open a browser and log in to the network"),
    ("encrypted connection", "check the clock, and what inspects this network's encryption"),
    ("certificate bundle", "correct or unset REQUESTS_CA_BUNDLE; if it is not set, install mpv-simkl again"),
    ("no connection", "check the network; what is watched is kept and sent later"),
    ("no answer", "check the network; what is watched is kept and sent later"),
    ("`mpv-simkl match`", "say what it is with `mpv-simkl match FILE`"),
    ("refuses it", "see `mpv-simkl journal list`"),
    ("ModuleNotFoundError", "install mpv-simkl again"),
    ("the journal was damaged", "nothing; compare `mpv-simkl history`"),
    ("the journal", "make room on the disk, or check who may write there"),
    ("it takes an https", "correct MPV_SIMKL_API_URL, or unset it"),
    ("cannot be used; it takes", "correct that setting"),
    ("there is no setting", "correct that setting"),
    ("cannot talk to mpv", "start mpv anew"),
    ("Simkl has trouble", "wait; see https://status.simkl.com/"),
    ("run `mpv-simkl login`", "run `mpv-simkl login`"),
    ("", "read `mpv-simkl log`"),
)
NOT_SCROBBLED = (  # what names a folder or an entry of the user's stands first: any word may be in that
    ("ignored, as ", "take ignore=yes out of that file, if it should count"),
    ("excluded by", "take it out of exclude in simkl.conf, if it should count"),
    ("not in include", "put it into include in simkl.conf, if it should count"),
    ("enabled=no", "set enabled=yes in simkl.conf"),
    ("min_duration", "set min_duration lower in simkl.conf, if it should count"),
    ("not a video", "nothing: only videos are scrobbled"),
    ("a device or a pipe", "play the file itself"),
    ("length is unknown", "nothing: live streams are not scrobbled"),
    ("the first of several files", "nothing: the next file of that film counts"),
    ("stream", "give the stream a title with season and episode, or play the file"),
    ("", "look at the name with `mpv-simkl identify --why FILE`, and rename it"),
)


def cure(said: str, cures: tuple[tuple[str, str], ...]) -> str:
    """What to do about what the log or an error says, by one of the tables."""
    return next(cure for words, cure in cures if words in said)
