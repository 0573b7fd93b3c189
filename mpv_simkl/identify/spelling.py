"""Writes a title as people write it: one script, spaces for dots and underscores, no loose ends."""

from __future__ import annotations

import re

MOST_NOTES = 8  # notes in brackets behind a film's title

_ALTERNATIVE = r"\s+[/|]\s+|\s_\s|(?<=[\w!?！？。])/(?=\w)"
_ALL_IN_BRACKETS = r"\(([^()]+)\)"
_ARTICLE_BEHIND = r"(.+), (The|the|THE|A|An)"
_ARTICLE_AT_END = r"^(\S+ \S.*) (The)$"  # "Quiet Lamp The 2011"
_AKA = r"(?i)(?<=\S)[\s._]+a\.?k\.?a\.?[\s._]+(?=\S)"
_ACRONYM = r"(?<![^\W_])(?:[^\W\d_]\.){2,}(?:[^\W\d_](?![^\W_]))?"
_LONE_DOT = r"(?<!\.)\.(?!\.)"
_NUMBER_DOTS = r"\d+(?:\.\d+)+"
_EAST_ASIAN = r"[\u3040-\u30ff\u3400-\u9fff]"  # kana and Han; Korean titles hold Latin words
_CYRILLIC = r"[\u0400-\u04ff]"
_VERSION_AT_END = (  # "片名加长版", "片名120分钟版"
    rf"(?<={_EAST_ASIAN})[\s._]*"
    r"(?:\d{2,3}分[钟鐘]|导演剪辑|導演剪輯|加长|加長|未删减|未刪減|无删减|完整|蓝光|藍光|高清|修复|修復|国语|國語|粤语|粵語){1,3}版$"
)
_COPY_AT_END = (  # "片名BD中英双字", "片名2HD1080P国语中字": what download sites glue to a title
    rf"(?<={_EAST_ASIAN})(\d?)(?:[\s._]*(?:[BH]D|T[SC]|DVD|WEB|4K|(?:480|720|1080|1280|2160)[Pp]?)){{1,3}}[\s._]*"
    r"(?:高清|超清|蓝光|国语|国粤|国英|粤语|英语|日语|韩语|中英|双语|双字|中字|字幕|无水印){0,5}$"
)
_LATIN = r"[A-Za-z]{3}"
_NO_TITLE = (  # "片名 最终季 Part2", "片名 The Final Season"
    r"(?i)(?:part|pt|ova|oad|ona|sp|tv|movie|final)[ ._-]?\d{0,2}|(?:the )?final season"
)
_NOTE_AT_END = r"\S[\s._-]*[(\[{][^()\[\]{}]*[)\]}]*[\s._-]*$"
_GOES_ON = r"(?i)[\s._](?:or|and|of|the|in)$"  # "Birdman or (The Unexpected Virtue of Ignorance)"
_KEEPS_DOT = r"(?:\.{3}|\b[^\W\d_]\.[^\W\d_]\.|\b(?:Co|Bros|Jr|Sr|Inc)\.)$"
_LOOSE_ENDS = ' \t._-+,;:~|/\\&#*@="“”„«»•·→★☆'
_BRACKETS = (("(", ")"), ("[", "]"), ("{", "}"), ("【", "】"))


def has_latin(text: str) -> bool:
    """Whether there is a word in Latin letters."""
    return re.search(_LATIN, text) is not None


def has_east_asian(text: str) -> bool:
    """Whether there are Chinese or Japanese signs; a pattern with so many takes 1.5 ms to compile."""
    return not text.isascii() and re.search(_EAST_ASIAN, text) is not None


def is_cyrillic(text: str) -> bool:
    """Whether there are Cyrillic letters."""
    return re.search(_CYRILLIC, text) is not None


def polish(raw: str, *, is_film: bool) -> str:
    """The title that a stretch of a name holds; a film's loses the notes in brackets at its end."""
    text = _closed(re.split(_AKA, raw, maxsplit=1)[0])
    if is_film:
        text = _without_notes(text)
    text = _one_script(text)
    if not text.isascii():
        text = re.sub(_COPY_AT_END, r"\1", re.sub(_VERSION_AT_END, "", text))
    text = text.replace("_", " ")
    if " " not in text.replace(" - ", "").strip(_LOOSE_ENDS):
        text = _undotted(text)
    trimmed = _trimmed(" ".join(_closed(text).split()))
    return re.sub(_ARTICLE_AT_END, r"\2 \1", trimmed) if is_film else trimmed


def _trimmed(text: str) -> str:
    kept = re.search(_KEEPS_DOT, text.rstrip(" -_"))
    trimmed = text.strip(_LOOSE_ENDS + ("'" if text.count("'") == 1 and text[:1] == "'" else ""))
    if found := re.fullmatch(_ALL_IN_BRACKETS, trimmed):
        return found[1].strip()
    if found := re.fullmatch(_ARTICLE_BEHIND, trimmed):
        return f"{found[2]} {found[1]}"
    return trimmed + "." * len(kept[0]) if kept and kept[0] == "..." else trimmed + ("." if kept else "")


def _undotted(text: str) -> str:
    """Dots to spaces, but "S.W.A.T.", "11.22.63" and "What If..." keep theirs."""
    if re.fullmatch(_NUMBER_DOTS, text.strip(_LOOSE_ENDS)):
        return text
    kept = re.sub(_ACRONYM, lambda found: found[0].replace(".", "\0") + " ", text)
    return re.sub(_LONE_DOT, " ", kept).replace("\0", ".")


def _without_notes(text: str) -> str:
    """Without notes in brackets at the end: "Le Prestige (The Prestige)"."""
    text = text.rstrip(" ([{-_")
    for _ in range(MOST_NOTES):
        found = re.search(_NOTE_AT_END, text)
        if found is None or re.search(_GOES_ON, text[: found.start() + 1]):
            break
        text = text[: found.start() + 1]
    return text


def _closed(text: str) -> str:
    """Without a bracket that never closes, or closes what was never opened."""
    for opened, closed in _BRACKETS:
        if text.count(opened) > text.count(closed):
            head, _, tail = text.rpartition(opened)
            text = head if head.strip(_LOOSE_ENDS) else tail
        elif text.count(closed) > text.count(opened):
            text = text.replace(closed, " ")
    return text


def _one_script(text: str) -> str:
    """Of a title in several scripts the one in Latin letters, by which most sites know it."""
    parts = [part for part in re.split(_ALTERNATIVE, text) if part.strip(_LOOSE_ENDS)]
    if len(parts) < 2:
        return _latin_side(text)
    pure = [part for part in parts if has_latin(part) and not has_east_asian(part) and not is_cyrillic(part)]
    if " _ " in text and not (has_east_asian(parts[0]) or is_cyrillic(parts[0])):
        return parts[0]  # where a site wrote "|"
    if pure and " _ " in text:
        return pure[0]
    mixed = [part for part in parts if has_latin(part)]
    return " / ".join(pure) if pure else _latin_side((mixed or parts[-1:])[0])


def _latin_side(text: str) -> str:
    """The Latin words beside Chinese or Japanese ones, when something stands between them."""
    if not has_east_asian(text) or not has_latin(text):
        return text
    words = [word for word in re.split(r"[\s._·/]+", text) if word.strip("-~")]
    is_east = [has_east_asian(word) for word in words]
    if (
        is_east[0]
        and not is_east[-1]
        and not has_latin("".join(w for w, e in zip(words, is_east, strict=True) if e))
    ):
        last = len(is_east) - 1 - is_east[::-1].index(True)
        latin = " ".join(words[last + 1 :])
        return text if re.fullmatch(_NO_TITLE, latin) else latin
    if is_east[-1] and not is_east[0]:
        return " ".join(words[: is_east.index(True)])
    return text
