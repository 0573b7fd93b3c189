"""Reads numbers that do not say what they are, by where they stand: "Title - 05", "[05]", "title.103"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..records import Record
from .names import Name
from .pairs import with_more
from .release import Tag
from .spelling import has_east_asian, is_cyrillic
from .vocabulary import ENDING_WORDS, OVA_WORDS, TV_SOURCES

_NUMBER = r"(\d{1,4})(?:v\d)?[a-d]?(end|fin|完|完结|終|终|先行版?|修正版?)?"
LONGEST_SEASON = 40  # episodes of a season that a number like 140 can mean
LEAST_BATCH = 10  # episodes from another than the first that no one file holds
SPLIT_NUMBER = "season and episode in one number"
_BESIDE_NUMBER = ENDING_WORDS | OVA_WORDS | {"v2", "v3", "v4", "修正"}  # "[12 END]", "[02 V2]", "[13(OAD)]"
HALF = r"\.5(?=[\s_\])}-]|v\d|$)"  # what stands behind the number of a recap between two episodes
_HYPHENS = r"[^\s._]+"  # "the-12-lamps": a name with hyphens for spaces
DASHED = r".*[\s_.]-[\s_.(\[]+|.*[:#][\s_]+"  # what stands before a number behind a dash


class Loose(Record):
    """A number that is an episode by its place; the higher the weight, the surer."""

    weight: int
    start: int
    end: int
    season: int | None
    episodes: tuple[int, ...]
    absolute: tuple[int, ...]
    habit: str


class Number(Record):
    """A number of a name: its first token, the index behind it and what belongs to it, its digits."""

    first: int
    behind: int
    digits: str


class Scene(Record):
    """What the place of a number is judged by."""

    name: Name
    tags: list[Tag | None]
    taken: frozenset[int]  # tokens that are a year, or part of a known title
    limit: int  # the first token that surely says something about the release
    dash_limit: int  # the same, without notes in brackets that more of the name follows
    is_anime: bool
    has_checksum: bool
    folder_season: int | None
    behind_show: int  # the token behind the title that a folder names too
    has_season: bool  # the name has one by itself


def read_loose(scene: Scene) -> Loose | None:
    """The likeliest episode among the numbers that say nothing of themselves; the first of equals."""
    best: Loose | None = None
    for loose in _candidates(scene):
        if best is None or loose.weight > best.weight:
            best = loose
    return best


def _candidates(scene: Scene) -> Iterator[Loose]:
    name = scene.name
    done = 0
    for index, token in enumerate(name.tokens):
        if (
            index < done
            or scene.tags[index]
            or index in scene.taken
            or not re.fullmatch(_NUMBER, token.folded)
        ):
            continue
        found = _couple(scene, index) or _single(scene, index)
        if found:
            yield found
            done = name.at(found.end)


def _couple(scene: Scene, index: int) -> Loose | None:
    """Season and episode as two numbers: "4-13 Cursed", "office_03_19", "[5.01]"."""
    name = scene.name
    if index + 1 >= len(name.tokens) or scene.tags[index + 1]:
        return None
    one, two, gap = name.tokens[index], name.tokens[index + 1], name.gap(index + 1)
    if not (one.folded + two.folded).isdecimal() or len(two.folded) > 3 or int(one.folded) > 40:
        return None
    if len(gap) != 1:
        habit = _couple_between_dashes(scene, index)
    else:
        habit = _dashed_couple(scene, index) if gap == "-" else _dotted_couple(scene, index)
    weight = 91 if len(gap) > 1 else 70
    return (
        Loose(weight, one.start, two.end, int(one.folded), (int(two.folded),), (), habit) if habit else None
    )


def _couple_between_dashes(scene: Scene, index: int) -> str:
    """The form "Show - 1 - 05 - Name"."""
    name = scene.name
    is_between = all(re.fullmatch(r"[\s_.]-[\s_.]", name.gap(place)) for place in range(index, index + 3))
    is_short = len(name.tokens[index].text) < 3 and len(name.tokens[index + 1].text) == 2
    is_followed = index + 2 < len(name.tokens) and not scene.is_anime
    return "season and episode between dashes" if index and is_between and is_short and is_followed else ""


def _dashed_couple(scene: Scene, index: int) -> str:
    one, two = scene.name.tokens[index].folded, scene.name.tokens[index + 1].folded
    is_last = _is_last(scene, index + 2)
    is_told = two[0] == "0" or int(one) == scene.folder_season  # neither "Inside 9-11" nor "Title 1-26"
    is_shown = is_last and is_told and not scene.is_anime
    is_between = two[0] == "0" != one and _stands_between_dashes(scene, index, index + 2)  # "- 2-05 -"
    if (len(one), len(two)) == (1, 2) and (index == 0 or is_shown or is_between):
        return "season and episode joined by a dash"
    if is_shown and len(one) == len(two) == 2 and one >= two and index:
        return "season and episode joined by a dash"  # "Title 11-03": no range falls
    is_first = one in {"00", "01"} or one[0] != "0" or re.fullmatch(DASHED, scene.name.gap(index))
    if is_last and len(one) == len(two) == 2 and index and not (is_first or scene.is_anime):
        # "Title 02-18": so many from the second on are no file's
        return "season and episode joined by a dash" if int(two) - int(one) >= LEAST_BATCH else ""
    if is_last and len(two) == 2 and is_cyrillic(scene.name.tokens[0].text):
        return "season and episode joined by a dash, as Russian names have them"
    return ""


def _stands_between_dashes(scene: Scene, first: int, behind: int) -> bool:
    """Whether dashes set tokens off from the words on both sides."""
    return all(re.fullmatch(DASHED, scene.name.gap(place)) for place in (first, behind))


def _dotted_couple(scene: Scene, index: int) -> str:
    name = scene.name
    one, two = name.tokens[index], name.tokens[index + 1]
    lengths, is_dot = (len(one.text), len(two.text)), name.gap(index + 1) == "."
    is_last = _is_last(scene, index + 2)
    is_spaced = name.gap(index + 1) == " " and one.text[0] == "0" and not scene.is_anime
    if (
        lengths == (2, 2)
        and index
        and (is_last or name.gap(index + 2)[:1] == "-")
        and (name.gap(index + 1) in "._" or is_spaced)
    ):
        return "season and episode as two numbers of two digits"
    is_between = _stands_between_dashes(scene, index, index + 2)
    is_end = is_last and two.text[0] == "0" and not scene.is_anime
    if is_dot and index and ((lengths in {(1, 2), (2, 2)} and is_between) or (lengths == (1, 2) and is_end)):
        return "season and episode joined by a dot"
    if is_dot and index == 0 and lengths[1] == 2 and int(one.text) == scene.folder_season:
        return "season and episode joined by a dot, in that season's folder"
    if is_dot and lengths[1] > 1 and one.bracket >= 0 and name.inside(one.bracket) == range(index, index + 2):
        return "season and episode in brackets"
    return ""


def _single(scene: Scene, index: int) -> Loose | None:
    name, token = scene.name, scene.name.tokens[index]
    digits = token.folded[: len(token.folded) - len(token.folded.lstrip("0123456789"))]
    episodes, behind = with_more(name, index + 1, None, (int(digits),))
    episodes, behind = _with_hundreds(scene, behind, episodes)
    weight, habit = _weigh(scene, Number(index, behind, digits))
    if not weight:
        return None
    end = name.tokens[behind - 1].end
    if _is_split(scene, index, digits, weight):
        season = episodes[0] // 100
        split = tuple(each % 100 for each in episodes if each // 100 == season)
        absolute = episodes if behind >= len(name.tokens) and scene.folder_season is None else ()
        return Loose(weight, token.start, end, season, split, absolute, SPLIT_NUMBER)
    is_absolute = scene.folder_season is None or len(digits) > 2
    return Loose(weight, token.start, end, None, episodes, episodes if is_absolute else (), habit)


def _weigh(scene: Scene, number: Number) -> tuple[int, str]:
    """How surely the number is an episode, and the habit that says so; 0 when it is not."""
    name, token = scene.name, scene.name.tokens[number.first]
    is_year = len(number.digits) == 4 and 1700 <= int(number.digits) <= 2199  # though no film's: "Title 2099"
    is_year = is_year and int(number.digits) // 100 != scene.folder_season  # "Season 21/Title 2103"
    is_none = _is_decimal(scene, number) or name.gap(number.behind).startswith("%")
    is_noted = token.bracket >= 0 and name.brackets[token.bracket].sign == "("
    if is_none or (is_year and (is_noted or not scene.is_anime)):
        return 0, ""
    if weighed := _weigh_dashed(scene, number):
        return weighed
    if token.bracket >= 0:
        return _weigh_bracketed(scene, number)
    if number.first < scene.limit or (scene.limit == 0 and len(number.digits) >= 2):
        return _weigh_leading(scene, number) if number.first == 0 else _weigh_inner(scene, number)
    is_end = number.behind == len(name.tokens) and name.gap(number.first) in {"_", " ", "."}
    is_counting = scene.has_season and len(number.digits) == 2 and int(number.digits) <= LONGEST_SEASON
    return (47, "a number behind a season's release") if is_end and is_counting else (0, "")


def _weigh_dashed(scene: Scene, number: Number) -> tuple[int, str] | None:
    name = scene.name
    if not number.first or not re.fullmatch(DASHED, name.gap(number.first)):
        return None
    is_end = number.behind >= len(name.tokens) or re.fullmatch(DASHED, name.gap(number.behind)) is not None
    if number.first <= scene.dash_limit:
        is_alone = len(number.digits) > 1 and (is_end or _is_last(scene, number.behind))
        return (91 if is_alone else 90), "a number behind a dash"  # the 05 of "Title - 100 Days - 05"
    if is_end and 1 < len(number.digits) < 4 and name.tokens[number.first].bracket < 0:
        return 65, "a number behind a dash, behind the release"
    return None


def _weigh_bracketed(scene: Scene, number: Number) -> tuple[int, str]:
    name = scene.name
    bracket = name.tokens[number.first].bracket
    if not _fills_bracket(scene, number.first):
        return 0, ""
    if name.brackets[bracket].sign in "[【":
        return 85, "a number in brackets of its own"
    if number.behind == len(name.tokens) and scene.limit < number.first and len(number.digits) == 1:
        return 0, ""  # "Title [1080p] (1)": a copy
    is_in_front = number.first == 0 and scene.folder_season is not None  # "Season 1/(03) Name"
    if is_in_front or (number.first > 0 and (scene.is_anime or len(number.digits) > 1)):
        return 50, "a number in brackets of its own"
    return 0, ""  # "Title (1)": a copy


def _weigh_leading(scene: Scene, number: Number) -> tuple[int, str]:
    after, habit = scene.name.gap(number.behind), "a number at the start"
    if re.match(r"[\s_.]+-[\s_.]", after):
        return 92, habit
    is_east_asian = len(number.digits) > 1 and after in {".", "、"} and has_east_asian(scene.name.text)
    if re.match(r"\s*[.)]?\s*-|[.)]\s", after) or (number.digits[0] == "0" and after) or is_east_asian:
        return 80, habit
    return (30, habit) if scene.folder_season is not None or not after else (0, "")


def _weigh_inner(scene: Scene, number: Number) -> tuple[int, str]:
    name, long = scene.name, len(number.digits) >= 2
    before, after = name.gap(number.first), name.gap(number.behind)
    is_hyphen = before.endswith("-") and not re.fullmatch(_HYPHENS, name.text)
    if is_hyphen and long and not _is_last(scene, number.behind) and not scene.is_anime:
        return 45, "a number behind a hyphen"
    if _is_last(scene, number.behind) or re.match(r"[\s_.]-[\s_.]", after):
        return _weigh_last(scene, number)
    if number.digits[0] == "0" and long:
        return 50, "a number with a leading zero"
    if before == after and _may_split(scene, number.digits, before):
        return 48, "a number of three digits between words"
    is_behind_title = scene.is_anime and name.tokens[number.first - 1].bracket < 0
    return (40, "a number behind a group's title") if is_behind_title and long else (0, "")


def _weigh_last(scene: Scene, number: Number) -> tuple[int, str]:
    needs_it = scene.name.tokens[number.first - 1].folded in {"of", "the"}  # "Summer of 69"
    needs_it = needs_it and number.first != scene.behind_show
    is_whole = scene.behind_show == number.behind == len(scene.name.tokens)  # "Level 13/Level 13"
    is_whole = is_whole and len(number.digits) == 2 and not scene.is_anime and scene.folder_season is None
    if (needs_it or is_whole) and number.digits[0] != "0":
        return 0, ""
    if len(number.digits) >= 2:
        return 60, "a number at the end of the title"
    return (55, "a number between title and checksum") if _is_before_checksum(scene, number) else (0, "")


def _is_before_checksum(scene: Scene, number: Number) -> bool:
    """Whether a checksum follows, and nothing else unless folders name the show: "Title 2 [BD][ABCD1234]"."""
    if scene.has_checksum and (scene.folder_season is not None or number.first == scene.behind_show):
        return True
    tag = scene.tags[number.behind] if number.behind < len(scene.tags) else None
    return tag is not None and tag.kind == "checksum"


def _may_split(scene: Scene, digits: str, gap: str) -> bool:
    """Whether a number between words can be season and episode: ".103.", 1203 in a folder of season 12."""
    is_written_so = (len(digits) == 3 and gap in {".", "_"}) or int(digits) // 100 == scene.folder_season
    return is_written_so and len(digits) > 2 and 0 < int(digits) % 100 <= LONGEST_SEASON


def _is_decimal(scene: Scene, number: Number) -> bool:
    """Whether the number is half of one like 3.33; names with dots for spaces have none."""
    name = scene.name
    if " " not in name.text and "_" not in name.text:
        return False
    index = number.first
    if scene.is_anime and len(number.digits) == 2 and re.match(HALF, name.text[name.tokens[index].end :]):
        return False  # "[Group] Title 06.5 (1080p)"
    left = (
        index > 0
        and name.gap(index) == "."
        and len(name.tokens[index - 1].folded) < 3
        and name.tokens[index - 1].folded.isdecimal()
    )
    right = (
        number.behind < len(name.tokens)
        and name.gap(number.behind) == "."
        and name.tokens[number.behind].folded.isdecimal()
    )
    return left or (right and not re.fullmatch(DASHED, name.gap(index)))


def _fills_bracket(scene: Scene, index: int) -> bool:
    name = scene.name
    inside = name.inside(name.tokens[index].bracket)
    if len(inside) > 1 and name.tokens[inside[0]].folded == "tv":
        inside = inside[1:]  # "[TV 05]", beside "[OVA 05]"
    return (
        len(inside) < 4
        and inside[0] == index
        and all(
            re.fullmatch(_NUMBER, name.tokens[i].folded) or name.tokens[i].folded in _BESIDE_NUMBER
            for i in inside
        )
    )


def _is_last(scene: Scene, index: int) -> bool:
    """Whether nothing that can be part of a title follows: the end, a release word, or a bracket."""
    name = scene.name
    if index >= len(name.tokens):
        return True
    if scene.tags[index] is not None or name.tokens[index].folded in ENDING_WORDS:
        return True
    return any(sign in "([{【" for sign in name.gap(index))


def _is_bare(scene: Scene, index: int) -> bool:
    """Whether nothing outside of brackets speaks of a release from there on."""
    return all(token.bracket >= 0 for token in scene.name.tokens[index:])


def is_broadcast(name: Name) -> bool:
    """Whether the name says that it was recorded from television."""
    return any(token.folded in TV_SOURCES for token in name.tokens)


def _with_hundreds(scene: Scene, behind: int, episodes: tuple[int, ...]) -> tuple[tuple[int, ...], int]:
    """103 and 104 of "103.104", where each is season and episode in one."""
    name, found = scene.name, list(episodes)
    while not scene.is_anime and behind < len(name.tokens) and name.gap(behind) == ".":
        text = name.tokens[behind].folded
        if not text.isdecimal() or len(text) != 3 or int(text) != found[-1] + 1:
            break
        found.append(int(text))
        behind += 1
    return tuple(found), behind


def _is_split(scene: Scene, index: int, digits: str, weight: int) -> bool:
    """Whether the number is season and episode in one: 103, 0106, 2401."""
    number = int(digits)
    if len(digits) < 3 or number % 100 == 0 or number < 100:
        return False
    if scene.folder_season is not None:
        return number // 100 == scene.folder_season and not scene.is_anime
    is_long = number > 999 and scene.name.gap(index) == " " and not is_broadcast(scene.name)
    follows = scene.tags[index + 1] if index + 1 < len(scene.tags) else None
    is_subtitled = follows is not None and follows.kind == "subtitle"
    if is_long or is_subtitled or (number % 100 > LONGEST_SEASON and _is_bare(scene, index + 1)):
        return False  # "One Piece 1015 VOSTFR", "Naruto 245 [720p]"
    is_written_out = len(digits) == 4 and digits[0] != "0" and index + 1 == len(scene.name.tokens)
    behind_group = scene.name.text.partition("]")[2].strip()  # "[site] the.show.103.hdtv-grp"
    is_scene = not any(sign in behind_group for sign in " [(") and is_broadcast(scene.name)
    return weight in {48, 50, 60} and (is_scene or not scene.is_anime) and index > 0 and not is_written_out
