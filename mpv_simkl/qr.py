"""A link as a QR code for a terminal (pure).

Byte mode, error correction L, versions 1 to 5 of ISO/IEC 18004: these keep all their data in one block and
have at most one alignment pattern, which is enough for 106 characters and keeps this to one reading. The link
is drawn by `drawn(text)`; `modules(text)` is the code itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

VERSIONS = ((19, 7), (34, 10), (55, 15), (80, 20), (108, 26))  # codewords of data, of error correction
QUIET = 4  # modules of blank margin that a reader wants
BLOCKS = {(True, True): "█", (True, False): "▀", (False, True): "▄", (False, False): " "}
WHITE_ON_BLACK, PLAIN = "\x1b[38;5;231;48;5;16m", "\x1b[0m"  # whatever the terminal's own colours are

# Which modules each of the eight masks turns over.
MASKS: tuple[Callable[[int, int], bool], ...] = (
    lambda row, column: (row + column) % 2 == 0,
    lambda row, _: row % 2 == 0,
    lambda _, column: column % 3 == 0,
    lambda row, column: (row + column) % 3 == 0,
    lambda row, column: (row // 2 + column // 3) % 2 == 0,
    lambda row, column: row * column % 2 + row * column % 3 == 0,
    lambda row, column: (row * column % 2 + row * column % 3) % 2 == 0,
    lambda row, column: ((row + column) % 2 + row * column % 3) % 2 == 0,
)

Grid = dict[tuple[int, int], bool]  # (row, column) -> is it dark


def drawn(text: str, *, colours: bool = True) -> list[str]:
    """The lines to print, two modules in one character; without colours, for a dark terminal.

    Raises ValueError for a text of more than 106 bytes.
    """
    code = modules(text)
    around = range(-QUIET, len(code) + QUIET)
    light = {
        (r, c): not (0 <= r < len(code) and 0 <= c < len(code) and code[r][c]) for r in around for c in around
    }
    rows = ["".join(BLOCKS[light[r, c], light.get((r + 1, c), False)] for c in around) for r in around[::2]]
    return [f"{WHITE_ON_BLACK}{row}{PLAIN}" for row in rows] if colours else rows


def width(lines: Sequence[str]) -> int:
    """How many columns a drawn code takes."""
    return len(lines[0].removeprefix(WHITE_ON_BLACK).removesuffix(PLAIN))


def modules(text: str) -> list[list[bool]]:
    """The code's rows, True for a dark module; of all masks the one that is easiest to read."""
    data = text.encode()
    fitting = (number for number, (room, _) in enumerate(VERSIONS, start=1) if len(data) + 2 <= room)
    version = next(fitting, None)
    if version is None:
        raise ValueError(f"{len(data)} bytes are too many for one QR code")
    size = 17 + 4 * version
    fixed = _fixed(version, size)
    free = [place for place in _path(size) if place not in fixed]
    bits = [byte >> shift & 1 == 1 for byte in _codewords(data, version) for shift in range(7, -1, -1)]
    bits += [False] * (len(free) - len(bits))
    return min((_masked(fixed, free, bits, mask, size) for mask in range(len(MASKS))), key=_penalty)


def _codewords(data: bytes, version: int) -> bytes:
    """Mode 4 (bytes), length, data and end, filled up, and the remainder that repairs what is misread."""
    room, repair = VERSIONS[version - 1]
    message = ((4 << 8 | len(data)) << 8 * len(data) | int.from_bytes(data)) << 4
    head = message.to_bytes(len(data) + 2)
    filled = head + (b"\xec\x11" * room)[: room - len(head)]
    return filled + _remainder(filled, repair)


def _remainder(data: bytes, count: int) -> bytes:
    """Reed-Solomon over GF(256): what is left of the data divided by the generator of that degree."""
    generator = [1]
    for power in range(count):
        root = _power(power)
        generator = [a ^ _times(b, root) for a, b in zip([*generator, 0], [0, *generator], strict=True)]
    rest = [*data, *([0] * count)]
    for start in range(len(data)):
        lead = rest[start]
        for offset, factor in enumerate(generator):
            rest[start + offset] ^= _times(factor, lead)
    return bytes(rest[len(data) :])


def _times(a: int, b: int) -> int:
    """The product in the field of 256 that QR codes use (x^8 + x^4 + x^3 + x^2 + 1)."""
    product = 0
    while b:
        product ^= a if b & 1 else 0
        a = a << 1 ^ (0x11D if a & 0x80 else 0)
        b >>= 1
    return product


def _power(exponent: int) -> int:
    value = 1
    for _ in range(exponent):
        value = _times(value, 2)
    return value


def _fixed(version: int, size: int) -> Grid:
    """What is there whatever the data: finders, timing, alignment, and room for the format."""
    fixed: Grid = {}
    for index in range(size):
        fixed[6, index] = fixed[index, 6] = index % 2 == 0
    if version > 1:
        _square(fixed, size - 7, size - 7, 2, size)
    for row, column in ((3, 3), (3, size - 4), (size - 4, 3)):
        _square(fixed, row, column, 4, size)
    return fixed | dict.fromkeys(_format_places(size), False) | {(size - 8, 8): True}


def _square(fixed: Grid, row: int, column: int, reach: int, size: int) -> None:
    """Dark rings around a centre, light ones 2 and 4 away from a finder's, 1 away from an alignment's."""
    light = {4: (2, 4), 2: (1,)}[reach]
    for r in range(row - reach, row + reach + 1):
        for c in range(column - reach, column + reach + 1):
            if 0 <= r < size and 0 <= c < size:
                fixed[r, c] = max(abs(r - row), abs(c - column)) not in light


def _format_places(size: int) -> list[tuple[int, int]]:
    """Where the 15 bits of the format stand, the highest first, and then where they stand again."""
    near = [(8, column) for column in (0, 1, 2, 3, 4, 5, 7, 8)] + [(row, 8) for row in (7, 5, 4, 3, 2, 1, 0)]
    far = [(row, 8) for row in range(size - 1, size - 8, -1)] + [
        (8, column) for column in range(size - 8, size)
    ]
    return near + far


def _format_bits(mask: int) -> list[bool]:
    """Level L and the mask, with the remainder that repairs them."""
    level_and_mask = 0b01000 | mask
    rest = level_and_mask << 10
    for shift in range(4, -1, -1):
        rest ^= 0x537 << shift if rest >> 10 + shift & 1 else 0
    bits = (level_and_mask << 10 | rest) ^ 0x5412
    return [bits >> shift & 1 == 1 for shift in range(14, -1, -1)]


def _path(size: int) -> Iterator[tuple[int, int]]:
    """The way that the data takes: two columns at a time from the right, up and down in turn."""
    upwards = True
    for right in [*range(size - 1, 6, -2), 5, 3, 1]:
        for row in range(size - 1, -1, -1) if upwards else range(size):
            yield row, right
            yield row, right - 1
        upwards = not upwards


def _masked(
    fixed: Grid, free: Sequence[tuple[int, int]], bits: Sequence[bool], mask: int, size: int
) -> list[list[bool]]:
    grid = fixed | {place: bit != MASKS[mask](*place) for place, bit in zip(free, bits, strict=True)}
    grid |= dict(zip(_format_places(size), _format_bits(mask) * 2, strict=True))
    return [[grid[row, column] for column in range(size)] for row in range(size)]


def _penalty(code: Sequence[Sequence[bool]]) -> int:
    """How hard a code is to read: long runs, blocks, false finders, too much of one colour."""
    size = len(code)
    rows = ["".join("#" if dark else "." for dark in row) for row in code]
    lines = rows + ["".join(column) for column in zip(*rows, strict=True)]
    runs = sum(len(run[0]) - 2 for line in lines for run in re.finditer(r"#{5,}|\.{5,}", line))
    finders = sum(len(re.findall(r"(?=\.{4}#\.###\.#|#\.###\.#\.{4})", line)) for line in lines)
    corners = [(row, column) for row in range(size - 1) for column in range(size - 1)]
    blocks = sum(
        len({rows[r][c], rows[r][c + 1], rows[r + 1][c], rows[r + 1][c + 1]}) == 1 for r, c in corners
    )
    dark = 100 * sum(line.count("#") for line in rows) / size**2
    return runs + 3 * blocks + 40 * finders + 10 * int(abs(dark - 50) / 5)
