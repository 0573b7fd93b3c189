"""Cuts the title out of a name once it is known where everything else stands."""

from __future__ import annotations

import re

from ..records import Record
from .absolute import number_before, stand_as_pair
from .counted import ends_acronym
from .front import is_noise
from .marks import Marks
from .names import Name
from .spelling import has_east_asian, has_latin, polish
from .vocabulary import (
    BEFORE_PRONOUN,
    COMPOUND_PREFIXES,
    COUNTING_WORDS,
    COUNTRIES,
    DATE_WORDS,
    FUNCTION_WORDS,
    GROUP_WORDS,
    STRONG,
    VERSION_WORDS,
    WEAK,
    WEEKDAYS,
)

_ANY_KIND = frozenset({*STRONG, *WEAK})
_BEFORE_YEAR = frozenset({"language", "edition", "release", "subtitle"})  # may stand between title and year
_ARTICLES = FUNCTION_WORDS - {"die"}  # an English verb too: "No Time to Die German"
_ENDS_TITLE = r"[\s_.]-[\s_.]|\s-$|[(\[]"
_OTHER_NAME = r"\s[/|]\s"
_COUNTRY_IN_BRACKETS = r"(?i)\s*[(\[](US|UK|GB|AU|NZ|CA)[)\]]"
_COUNTRY_AT_END = r"(?<=[\w!'])[\s._-]+(US|[Uu][Kk]|GB|AU|N[Zz]|CA|us|au|nz)[\s._(\[{-]*$"
_COMPLETE = r"(?i)(?<=\w)[\s._(\[-]+(?:the[\s._]+)?(?:complet[ea]|int[eé]grale|komplett)[\s._(\[-]*$"
_NO_TITLE_SIGNS = "[组組社]|字幕|压制|壓制|高清|超清|国语|國語|双语|中字|자막"  # of groups, of a release
_NOTHING_BUT_COMPLETE = r"(?i)(?:the[\s._]+)?complete[\s._-]*"  # "Complete Season 01"
_THE_BEFORE_SEASON = r"(?i)(?<=\w)[\s._-]+the[\s._]*$"  # "Title - The Second Season"
_ORDER = (
    r"\(\d{1,2}\)(?=[^\W\d])|\d{1,2}\.[\s_]+(?=\S)"
    r"|0\d{1,2}[\s_.](?:-[\s_.])?(?=[^\W\d])|0\d[\s_.]-[\s_.](?=\d)|0\d-(?=[^\W\d])"
)
_LISTED = (
    r"(?:\d{1,2}\.[ _]+|0\d[ _.]-[ _.])(?=[^\W\d])"
    r"|(?:\d{1,2}|(?i:top|no\.)\d{1,3})[.、|](?=[\u3040-\u30ff\u3400-\u9fff])"  # "10.片名", "Top013.片名"
)
_OPENING_SIGNS = frozenset("('¡¿「…[")
_SCENE_GROUP = r"[A-Za-z0-9]{2,6}-(?=[^\W_]+(?:-[^\W_]+)?\.)"
_DOTTED_WITH_GROUP = r"[^\s.]+(?:\.[^\s.]+){2,}-[A-Z][A-Z0-9]{2,7}"  # "The.Quiet.Lamp-GRP"
_GROUP_AT_END = r"-[A-Za-z0-9]+(?:\[[^\[\]]+\])?$"


class Zone(Record):
    """The stretch of a name that its title is cut from."""

    start: int
    end: int


def find_title(marks: Marks) -> tuple[str, str | None]:
    """The title, or "" when the name holds none, and the country that stands beside it."""
    raw, country = _take_country(_without_completeness(_raw_title(marks), marks), marks)
    return polish(_without_group(raw, marks), is_film=not marks.is_numbered), country


def leads(marks: Marks) -> bool:
    """Whether a number that counts stands in front of all words: "03 - Name", "S01E02 Name", "[03] Name"."""
    begin = _position(marks.name, marks.first)
    if marks.items and marks.items[0].start < begin:
        return False  # the title's own bracket was passed: "[Group][Title S2][05]"
    is_first = marks.loose is not None and marks.loose.start < begin < len(marks.name.text)
    return is_first or _behind_lead(marks) > marks.first


def _raw_title(marks: Marks) -> str:
    name, tokens, first = marks.name, marks.name.tokens, marks.first
    cut = _cut(marks)
    is_ahead = first < len(tokens) and tokens[first].start < min(cut, marks.lead + 1)
    if is_ahead and first == _behind_lead(marks):
        return name.text[_with_sign(marks) : cut] + _other_name(marks, cut)
    if zone := _in_brackets(marks):
        return name.text[zone.start : zone.end]
    first = _behind_lead(marks)
    if first < len(tokens) and not (_is_episode_title(marks, first) or _is_release(marks, first)):
        return name.text[tokens[first].start : _cut_behind(marks, first)]
    return _bracket_in_front(marks) if marks.is_numbered else name.text


def _is_release(marks: Marks, first: int) -> bool:
    """Whether the words behind a number only speak of the release: "[Title] - 05 1080p", "05 English Sub"."""
    tag = marks.tags[first]
    return marks.is_numbered and (
        all(marks.tags[first:]) or bool(tag and tag.strong and tag.kind != "edition")
    )


def _bracket_in_front(marks: Marks) -> str:
    """What brackets say before a number, where no word outside can be the title: "[A New Title] - 05".

    One or two words are as likely a group's: "[Nice Group] - 05", but hardly so in "[片名] 第05集".
    """
    name = marks.name
    in_front = [name.inside(i) for i, bracket in enumerate(name.brackets) if bracket.end < marks.lead]
    told = [inside for inside in in_front if not all(marks.tags[i] for i in inside)]
    if not told:
        return ""
    words = [name.tokens[i].folded for i in told[-1]]
    title = name.text[name.tokens[told[-1][0]].start : name.tokens[told[-1][-1]].end]
    is_foreign = not title.isascii() and not marks.is_in_show and not re.search(_NO_TITLE_SIGNS, title)
    if (len(words) < 3 and not is_foreign) or not GROUP_WORDS.isdisjoint(words):
        return ""
    return "" if "-" in title else title


# Where the title begins and ends


def _cut(marks: Marks) -> int:
    """The position where a title that starts at the first token has ended at the latest."""
    tokens, begin = marks.name.tokens, _position(marks.name, marks.first)
    cuts = [item.start for item in marks.items]
    cuts += [found.start for found in (marks.day, marks.loose) if found]
    cuts += [tokens[index].start for index in (_counting_word(marks), _date_word(marks)) if index is not None]
    ends = [_release_start(marks)]
    ends += [_tagged_bracket(marks), _remarks(marks, marks.name.at(marks.lead))] if marks.is_numbered else []
    ends += [marks.year.token] if marks.year else []
    ends += [marks.disc.token] if marks.disc else []
    ends += [marks.creditless] if marks.creditless is not None else []
    ends += [marks.part.token] if marks.part and marks.part_is_episode else []
    cuts += [tokens[index].start for index in ends if index < len(tokens)]
    if before := number_before(marks):
        cuts.append(before[0])
    cuts += _brackets_that_end(marks)
    return min((cut for cut in cuts if cut > begin), default=len(marks.name.text))


def _brackets_that_end(marks: Marks) -> list[int]:
    """Where brackets end the title: the one that holds it, or the first before a number in its own."""
    name, tokens = marks.name, marks.name.tokens
    bracket = tokens[marks.first].bracket if marks.first < len(tokens) else -1
    if bracket >= 0 and (marks.first > 0 or name.brackets[bracket].sign == "《"):
        return [name.brackets[bracket].end]  # "[Group][86][05]", "《片名》#1"
    is_apart = marks.loose is not None and tokens[name.at(marks.loose.start)].bracket > 0
    if bracket >= 0 or marks.is_anime or not is_apart:
        return []
    return [each.start - 1 for each in name.brackets if each.sign in "[【"][:1]  # "片名 [Group][Title][05]"


def _counting_word(marks: Marks) -> int | None:
    """The word before a bare number that only counts: "Title Chapter 05", "Title No. 5"."""
    index = marks.name.at(marks.loose.start) - 1 if marks.loose else 0
    if index <= marks.first or "-" in marks.name.gap(index + 1):
        return None
    return index if marks.name.tokens[index].folded in COUNTING_WORDS else None


def _date_word(marks: Marks) -> int | None:
    """The word between a title and its day: "Title vom 12.03.2021", "Title Fri 12 Mar 2021"."""
    if marks.day is None:
        return None
    index, written = marks.name.at(marks.day.start) - 1, marks.name.text[marks.day.start : marks.day.end]
    words = DATE_WORDS | WEEKDAYS if re.search(r"[^\W\d]{3}", written) else DATE_WORDS
    return index if index > marks.first and marks.name.tokens[index].folded in words else None


def _release_start(marks: Marks) -> int:
    """Where the words about the release begin: weak ones count when a strong one or the year follows."""
    anchor, crossed = marks.limit, _ANY_KIND
    if marks.year and marks.first < marks.year.token < anchor:
        anchor, crossed = marks.year.token, _before_year(marks, is_bracketed=marks.year.bracketed)
    if anchor == len(marks.tags):
        return min(_tagged_bracket(marks), _remarks(marks, anchor))
    start = anchor
    while start > marks.beginning:
        tag = marks.tags[start - 1]
        if tag is None or tag.kind not in crossed:
            break
        if crossed != _ANY_KIND and _is_said_again(marks, start - 1, anchor):
            break
        if tag.kind == "service" and not marks.name.tokens[start].folded.startswith("web"):
            break  # "Show About Now": a service is named right before the word WEB
        start -= 1
    while start < anchor and _goes_on(marks, start):
        start += 1
    tag = marks.tags[start] if start < len(marks.tags) else None
    is_edition = tag is not None and tag.strong and tag.kind == "edition"
    return start - (is_edition and start > marks.beginning and marks.name.tokens[start - 1].folded == "the")


def _before_year(marks: Marks, *, is_bracketed: bool) -> frozenset[str]:
    """The kinds of words that are none of the title's before a year; before a show's in brackets all are."""
    if not is_bracketed:
        return _BEFORE_YEAR
    return frozenset() if marks.is_numbered else _BEFORE_YEAR - {"language"}


def _is_said_again(marks: Marks, index: int, year: int) -> bool:
    """Whether the release says behind the year what a word before it says: "Polish Wedding 1998 GERMAN"."""
    tag, word, behind = marks.tags[index], marks.name.tokens[index].folded, range(year, len(marks.tags))
    if tag and tag.kind == "language":
        return any(other.kind == "language" for other in marks.tags[year : year + 4] if other)
    is_edition = tag is not None and tag.kind == "edition"  # "Piranha 3D (2010) [3D]"
    return is_edition and any(marks.tags[i] and marks.name.tokens[i].folded == word for i in behind)


def _goes_on(marks: Marks, index: int) -> bool:
    """Whether a word belongs to the title by the one before it: "Get Him to the Greek", "The Convert"."""
    name, word, before = marks.name, marks.name.tokens[index].text, marks.name.tokens[index - 1]
    if before.folded not in _ARTICLES or not word.isalpha() or ends_acronym(name, index - 1):
        return False  # "Escape from L.A. Extended"
    return not _stands_out(word, name.text[_position(name, marks.first) : name.tokens[index].start])


def _tagged_bracket(marks: Marks) -> int:
    """The first bracket that holds nothing but weak words about the release: "[FR]", "(Uncut)"."""
    for index in range(marks.first + 1, len(marks.tags)):
        bracket = marks.name.tokens[index].bracket
        if bracket >= 0 and all(marks.tags[inside] for inside in marks.name.inside(bracket)):
            return index
    return len(marks.tags)


def _remarks(marks: Marks, behind: int) -> int:
    """Where remarks on the version begin that end before a token: "Title GERMAN S01E05", "Title Rus Eng"."""
    name, start = marks.name, behind
    while start > marks.beginning and (tag := marks.tags[start - 1]) and tag.kind in _BEFORE_YEAR:
        start -= 1
    words = [token.text for token in name.tokens[start:behind]]
    title = name.text[_position(name, marks.first) : _position(name, start)]
    is_remark = len(words) > 1 or any(
        word.lower() in VERSION_WORDS or _stands_out(word, title) for word in words
    )
    return start if is_remark else len(marks.tags)


def _stands_out(word: str, title: str) -> bool:
    """Whether a word is in capitals and the title before it is not; "iTALiAN" is as groups write them."""
    if len(word) < 3 or not word.replace("i", "").isupper():
        return False
    return not word.isupper() or title.upper() != title or not any(map(str.isalpha, title))


def _behind_lead(marks: Marks) -> int:
    """The first token behind a number, date or year that the name starts with."""
    first = marks.first
    for found in (*marks.items[:2], marks.loose, marks.day):
        if found and found.start <= _position(marks.name, first) < found.end:
            first = marks.name.at(found.end)  # "Season 3 Ep 20 - Name": behind both
            first += first == marks.first and marks.name.tokens[first].bracket >= 0  # "[第01话修正]"
    if first > marks.first:
        return first
    if marks.year and marks.year.token <= marks.first and marks.year.token + 1 < len(marks.name.tokens):
        return marks.year.token + 1
    return marks.first


def _cut_behind(marks: Marks, first: int) -> int:
    """Where a title ends that follows its number: at a dash, a bracket, a release word.

    Behind nothing but the year it goes on after a dash: "2022 - The Title - Its Subtitle".
    """
    name, tokens = marks.name, marks.name.tokens
    begin = first + 1
    while begin < len(tokens) and marks.tags[first] is not None and marks.tags[begin] is marks.tags[first]:
        begin += 1  # "2004 Final Cut": a phrase
    cuts = [tokens[i].start for i in range(begin, len(tokens)) if (tag := marks.tags[i]) and tag.strong]
    cuts += [item.start for item in marks.items if item.start > tokens[first].start]
    if marks.year and marks.year.token > first:
        cuts.append(tokens[marks.year.token].start)
    found = re.search(_ENDS_TITLE, name.text[tokens[first].end :]) if marks.is_numbered else None
    if found:
        cuts.append(tokens[first].end + found.start())
    return min(cuts, default=len(name.text))


def _is_episode_title(marks: Marks, first: int) -> bool:
    """Whether words behind a leading number name the episode: "S01E02 Name", "03 - Name" and no more."""
    is_behind_items = bool(marks.items) and marks.items[0].start < marks.name.tokens[first].start
    if is_behind_items and stand_as_pair(marks.name, marks.items[:2]):
        return True
    if marks.is_anime or marks.year or marks.day or any(item.season is not None for item in marks.items):
        return False
    gap, text = marks.name.gap(first), marks.name.text
    if marks.items:
        return "-" in gap
    return not re.search(r"[\s_]-[\s_]", text[marks.name.tokens[first].end :])


def _with_sign(marks: Marks) -> int:
    """The start of the first token, with a sign that belongs to it, behind an order number: "(500) Days"."""
    token, sign = marks.name.tokens[marks.first], marks.name.gap(0)[-1:]
    start = token.start
    is_quoted = sign == "[" and (token.text.isdecimal() or len(marks.name.inside(0)) > 1)  # "[1408]"
    if marks.first == 0 and sign in _OPENING_SIGNS and not is_quoted:
        start -= 1
    found = re.match(_ORDER, marks.name.text[start:])
    if found and marks.year and marks.year.bracketed:
        return start + found.end()
    is_sure = marks.year is not None or any(item.is_pair for item in marks.items)
    found = re.match(_LISTED, marks.name.text[start:]) if is_sure else None
    return start + found.end() if found else start


def _position(name: Name, token: int) -> int:
    return name.tokens[token].start if token < len(name.tokens) else len(name.text)


# Titles among brackets, in two languages, with a country or a group


def _in_brackets(marks: Marks) -> Zone | None:
    """The title among brackets that stand side by side: "[Group][片名][Title][05]"."""
    name, lead = marks.name, marks.lead_of_episodes
    behind = _behind_lead(marks)
    if not marks.is_numbered and behind < len(name.tokens) and name.tokens[behind].bracket < 0:
        return None  # "(1995) Title [site]"
    zones = [zone for index in range(len(name.brackets)) if (zone := _bracket_zone(marks, index, lead))]
    in_bracket = any(bracket.sign != "(" and bracket.start <= lead < bracket.end for bracket in name.brackets)
    if len(zones) < 2 and not in_bracket and marks.is_numbered:
        return None
    zones = zones[1:] or zones
    latin = [zone for zone in zones if has_latin(name.text[zone.start : zone.end])]
    pure = [zone for zone in latin if not has_east_asian(name.text[zone.start : zone.end])]
    return next(iter(pure + latin + zones), None)


def _bracket_zone(marks: Marks, index: int, lead: int) -> Zone | None:
    name, (start, end, sign) = marks.name, marks.name.brackets[index]
    inside = name.inside(index)
    if sign == "(" or not inside or start >= lead or _says_nothing(name.text[start:end].strip(" ★")):
        return None
    if all(marks.tags[i] or name.tokens[i].text.isdecimal() for i in inside):
        return None
    strong = [name.tokens[i].start for i in inside if (tag := marks.tags[i]) and tag.strong]
    seasons = [item.start for item in marks.items if start < item.start < end]
    years = [name.tokens[marks.year.token].start] if marks.year and marks.year.token in inside[1:] else []
    years = [year for year in years if name.text[year - 1] == "("]  # but "[Paper Moon 2000]"
    return Zone(start, min([end, *strong, *seasons, *years]))


def _says_nothing(text: str) -> bool:
    return is_noise(text) or text.lower() == "movie"


def _other_name(marks: Marks, cut: int) -> str:
    """What other languages say behind the numbers of the first: "Имя (S2E1) / Name (S2E1)"."""
    text = marks.name.text
    found = re.search(_OTHER_NAME, text[cut : cut + 20])
    if found is None:
        return ""
    start, begin = cut + found.start(), cut + found.end()
    stops = [item.start for item in marks.items if item.start > begin]
    stops += [marks.loose.start] if marks.loose else []
    if not stops:
        return ""
    stop = max(begin, min([*stops, _position(marks.name, _release_start(marks))]))
    return text[start:stop] + _other_name(marks, stop)


def _without_completeness(raw: str, marks: Marks) -> str:
    """A folder's remark that nothing is missing: "Title Complete", "Title - The Complete First Season"."""
    first = marks.items[0] if marks.items else None
    if first and first.season is not None and not first.is_pair and first.end - first.start > len("S01"):
        raw = re.sub(_THE_BEFORE_SEASON, "", raw)
    if marks.is_folder and marks.items and re.fullmatch(_NOTHING_BUT_COMPLETE, raw):
        return ""
    return re.sub(_COMPLETE, "", raw) if marks.is_folder or marks.items else raw


def _take_country(raw: str, marks: Marks) -> tuple[str, str | None]:
    """A country's code at the end of a show's title, or in brackets, is no word of it."""
    if not marks.is_numbered:
        return raw, None
    if found := re.search(_COUNTRY_IN_BRACKETS, raw) or _country_at_end(raw):
        return raw[: found.start()], COUNTRIES[found[1].lower()]
    ahead = marks.name.text[: marks.lead] if marks.year else ""
    behind_year = re.search(_COUNTRY_IN_BRACKETS, ahead) or _country_at_end(ahead)
    return raw, COUNTRIES[behind_year[1].lower()] if behind_year else None


def _country_at_end(text: str) -> re.Match[str] | None:
    """The country at the end of "Ghosts.US" or "euphoria.us", but not the pronoun of "this.is.us"."""
    found = re.search(_COUNTRY_AT_END, text)
    if found is None:
        return None
    title = text[: found.start()]
    is_pronoun = found[1].lower() == "us" and re.split(r"[\W_]+", title)[-1].lower() in BEFORE_PRONOUN
    return None if is_pronoun or (found[1].islower() and title != title.lower()) else found


def _without_group(raw: str, marks: Marks) -> str:
    """Without a group at the end, or one in front, which only names have that end without: "grp-the.film"."""
    whole, found = marks.name.text, re.match(_SCENE_GROUP, raw)
    if re.fullmatch(_DOTTED_WITH_GROUP, whole) and raw == whole and not raw.isupper():
        return raw.rpartition("-")[0]
    if found is None or " " in whole or whole[0] in "[(【" or re.search(_GROUP_AT_END, whole):
        return raw
    group = found[0][:-1]
    is_mixed = group[0].islower() or (group[-1].isupper() and not group.isupper())
    is_name = (
        raw[found.end() :].strip(" ._-").isdecimal()
        or group.isdecimal()
        or group in COMPOUND_PREFIXES
        or has_east_asian(raw)
    )
    return raw[found.end() :] if is_mixed and not is_name else raw
