"""The QR code: read back by a reader that shares nothing with the one that draws it."""

from __future__ import annotations

import string
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpv_simkl import qr

LINK = "https://simkl.com/pin?user_code=QKTR-7M2D"

# Read by two other programs, and the same as another encoder draws with this mask.
PICTURE = """\
█████████████████████████████████████
█████████████████████████████████████
████ ▄▄▄▄▄ ██▀▄██   ▄▀▀ ▀█ ▄▄▄▄▄ ████
████ █   █ █▄▀█▄▀██  █▀▄▀█ █   █ ████
████ █▄▄▄█ ██▄▀▀ █▀▀███ ▄█ █▄▄▄█ ████
████▄▄▄▄▄▄▄█ █▄▀▄▀ ▀ ▀ █ █▄▄▄▄▄▄▄████
████▄▄ ▀▄ ▄  ▀█▀ ██▀▀ █▄   ██▀▄█▀████
█████▀▀▀▄█▄▀█▀ ▄ ▀▀██▀▀▀█ █ ▀█▄ ▄████
████▀ █▄█ ▄ ▄▀  █     ▀▄ ▀ ██ █▄ ████
█████▄███▄▄▀▀█▀▀█ ▄▀█ ▄▀▄ ▀▄  █ ▄████
████▄   ▄ ▄▄ ▄▄▀ ▀█▀▀█▀█▀  ██ ▀▄ ████
████▄▀ ▄▀▀▄ ▀▀█▄ ▀█▀▀ ▀█▀█   ▀█ ▄████
████▄█▄█▄█▄█▀▄█ ██▄▄█ █  ▄▄▄ █▀▀▀████
████ ▄▄▄▄▄ █ ▄ ▀█▄█▀▀    █▄█  █▄▄████
████ █   █ █▄▀▄▀ ▀██ ▄██▄▄▄  █▀▀▀████
████ █▄▄▄█ █ ▀█▄ ▀ ▀  ▀ ▀█▀▄ ▄█▀▄████
████▄▄▄▄▄▄▄█▄██▄██▄█▄▄█▄▄▄██▄▄█▄▄████
█████████████████████████████████████
▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀"""

# The 32 format words of ISO/IEC 18004 annex C begin with level L like this, one for each mask.
FORMATS = [0x77C4, 0x72F3, 0x7DAA, 0x789D, 0x662F, 0x6318, 0x6C41, 0x6976]

Code = Sequence[Sequence[bool]]


def read(code: Code) -> str:
    """The text in a code; finders and format are checked on the way."""
    size = len(code)
    check_finders(code)
    mask = FORMATS.index(read_format(code))
    bits = [code[r][c] != turned(mask, r, c) for r, c in way(size) if carries_data(size, r, c)]
    data = [
        sum(bit << 7 - place for place, bit in enumerate(bits[i : i + 8])) for i in range(0, len(bits), 8)
    ]
    nibbles = [half for byte in data for half in (byte >> 4, byte & 15)]
    assert nibbles[0] == 4
    length = nibbles[1] * 16 + nibbles[2]
    return bytes(nibbles[i] * 16 + nibbles[i + 1] for i in range(3, 3 + 2 * length, 2)).decode()


def check_finders(code: Code) -> None:
    """Three corners have the eye, with a light line around it."""
    eye = ["#######.", "#.....#.", "#.###.#.", "#.###.#.", "#.###.#.", "#.....#.", "#######.", "........"]
    rows = ["".join("#" if dark else "." for dark in row) for row in code]
    assert [row[:8] for row in rows[:8]] == eye
    assert [row[-8:][::-1] for row in rows[:8]] == eye
    assert [row[:8] for row in rows[-8:][::-1]] == eye


def read_format(code: Code) -> int:
    """The format, which stands there twice."""
    size = len(code)
    once = [code[8][c] for c in (0, 1, 2, 3, 4, 5, 7, 8)] + [code[r][8] for r in (7, 5, 4, 3, 2, 1, 0)]
    again = [code[size - 1 - i][8] for i in range(7)] + [code[8][size - 8 + i] for i in range(8)]
    assert once == again
    assert code[size - 8][8]
    return int("".join("1" if bit else "0" for bit in once), 2)


def turned(mask: int, r: int, c: int) -> bool:
    """Does the mask turn this module over?"""
    product = r * c
    return [
        (r + c) % 2,
        r % 2,
        c % 3,
        (r + c) % 3,
        (r // 2 + c // 3) % 2,
        product % 2 + product % 3,
        (product % 2 + product % 3) % 2,
        ((r + c) % 2 + product % 3) % 2,
    ][mask] == 0


def way(size: int) -> list[tuple[int, int]]:
    """From the lower right corner in pairs of columns, up and down; the timing column is stepped over."""
    places, column, up = [], size - 1, True
    while column > 0:
        column -= column == 6
        rows = range(size - 1, -1, -1) if up else range(size)
        places += [(row, c) for row in rows for c in (column, column - 1)]
        column, up = column - 2, not up
    return places


def carries_data(size: int, r: int, c: int) -> bool:
    """Is this module neither finder, format, timing nor alignment?"""
    corner = (r < 9 and c < 9) or (r < 9 and c >= size - 8) or (r >= size - 8 and c < 9)
    alignment = size > 21 and abs(r - (size - 7)) <= 2 and abs(c - (size - 7)) <= 2
    return not corner and not alignment and 6 not in (r, c)


def test_the_link_is_drawn_as_it_was_checked() -> None:
    """The code for a sign-in link is the picture that other programs have read."""
    assert "\n".join(qr.drawn(LINK, colours=False)) == PICTURE
    assert read(qr.modules(LINK)) == LINK


@given(st.text(string.ascii_letters + string.digits + "/:?=_-%", min_size=1, max_size=106))
def test_every_link_can_be_read_back(link: str) -> None:
    """Whatever the link, of up to 106 characters, a reader gets it back."""
    assert read(qr.modules(link)) == link


def test_what_is_too_long_is_no_code() -> None:
    """A longer link is refused, not cut."""
    assert read(qr.modules("x" * 106)) == "x" * 106
    with pytest.raises(ValueError, match="107 bytes"):
        qr.modules("x" * 107)


def test_the_remainder_repairs_what_is_misread() -> None:
    """The error correction is that of the standard: its own example, 1-M, has these ten codewords."""
    data = bytes([16, 32, 12, 86, 97, 128, 236, 17, 236, 17, 236, 17, 236, 17, 236, 17])
    assert list(qr._remainder(data, 10)) == [165, 36, 212, 193, 237, 54, 199, 135, 44, 85]


def test_colours_are_told_whatever_the_terminal_has() -> None:
    """In a light terminal too the code is dark on light; every line ends with its own colours again."""
    lines = qr.drawn(LINK)
    assert [line.removeprefix(qr.WHITE_ON_BLACK).removesuffix(qr.PLAIN) for line in lines] == PICTURE.split(
        "\n"
    )
    assert {qr.width(lines), qr.width(PICTURE.split("\n"))} == {37}
