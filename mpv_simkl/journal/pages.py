"""What stands on the pages of a damaged database and of its log, read without SQLite, where SQLite is lost.

As sqlite.org/fileformat2.html has it: a leaf page of a table begins with 13, at 3 it has the number of its
cells, from 8 on their places. A cell is the length of its record, the number of its row, and the record,
which is the length of its head, a type for each column, and the values. A row longer than a page is not read.
A log has frames: the number of a page, the size of the database if a transaction ends here or else 0, the
mark of the log's present round, and the page; those of earlier rounds may stand behind.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import suppress

PAGE = 4096  # bytes; SQLite's own choice, for which we set no other
LOG_HEAD, FRAME = 32, 24 + PAGE  # bytes before all pages of a write-ahead log, and of each with its own head
ENDS, MARK = slice(4, 8), slice(8, 16)  # where a frame has the end of a transaction, and its round
LEAF = b"\x0d"
LENGTHS = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0)  # bytes of a value by its type, where that tells
CONSTANTS = {0: None, 8: 0, 9: 1}
REAL, TEXT = 7, 12  # types; texts are from there on, each byte counting two

Value = int | float | str | None
Record = tuple[int, list[Value]]


def records(file: bytes) -> Iterator[Record]:
    """Each row that is whole, of whatever table and in no order: its number and its values."""
    for start in range(PAGE, len(file), PAGE):  # the first page has the schema
        page = file[start : start + PAGE]
        if page[:1] == LEAF:
            yield from _records_on(page)


def logged(wal: bytes) -> dict[int, bytes]:
    """The pages that a log has newer than the database, by their numbers from 1 on: what was committed."""
    frames = [wal[at : at + FRAME] for at in range(LOG_HEAD, len(wal) - FRAME + 1, FRAME)]
    present = _present_round(wal, [frame[MARK] for frame in frames])
    written = [frame for frame in frames if frame[MARK] == present]
    while written and not any(written[-1][ENDS]):
        written.pop()
    return {_integer(frame[:4]): frame[-PAGE:] for frame in written}


def _present_round(wal: bytes, marks: list[bytes]) -> bytes:
    """The mark of the log's head; if that is lost, the first one that is no chance."""
    told = wal[16:24]
    if told in marks and len(set(told)) > 1:  # no sector that was wiped
        return told
    return next((mark for mark in marks if marks.count(mark) > 1 and len(set(mark)) > 1), told)


def _records_on(page: bytes) -> Iterator[Record]:
    for place in range(8, min(8 + 2 * _integer(page[3:5]), PAGE), 2):
        record = None
        with suppress(IndexError, ValueError, struct.error):
            record = _record(page, _integer(page[place : place + 2]))
        if record:
            yield record


def _record(page: bytes, at: int) -> Record:
    length, at = _varint(page, at)
    row, at = _varint(page, at)
    return row, _values(page[at : at + length], length)


def _values(record: bytes, length: int) -> list[Value]:
    head, at = _varint(record, 0)
    kinds, values = [], []
    while at < head:
        kind, at = _varint(record, at)
        kinds.append(kind)
    for kind in kinds:
        end = at + (LENGTHS[kind] if kind < TEXT else (kind - TEXT) // 2)
        values.append(_value(kind, record[at:end]))
        at = end
    if at != length or length > len(record):
        raise ValueError("it is longer than the page, or no record")
    return values


def _value(kind: int, raw: bytes) -> Value:
    if kind >= TEXT:  # or bytes, of which we have none
        return raw.decode("utf-8", "replace")
    if kind == REAL:
        return float(struct.unpack(">d", raw)[0])
    return CONSTANTS[kind] if kind in CONSTANTS else int.from_bytes(raw, "big", signed=True)


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    """A number of up to eight bytes, of which each but the last begins with a set bit, and what follows."""
    value = 0
    for place in range(at, at + 8):
        value = value << 7 | raw[place] & 0x7F
        if raw[place] < 0x80:
            return value, place + 1
    raise ValueError("it is larger than any of ours")


def _integer(raw: bytes) -> int:
    return int.from_bytes(raw, "big")
