"""Named tuples as `typing` has them, without importing it: which takes 3 of the 15 ms that `identify` may.

A `Record` is written, used and type-checked like a `NamedTuple`. Its module says `from __future__ import
annotations`, so that no annotation is evaluated either (5 ms for all of `identify`).
"""

from __future__ import annotations

from collections import namedtuple

__all__ = ["TYPE_CHECKING", "Record"]

TYPE_CHECKING = False  # a type checker knows the name, and takes it as true

if TYPE_CHECKING:
    from typing import NamedTuple as Record
else:

    class _Maker(type):
        def __new__(cls, name, _bases, body):
            fields = body["__annotations__"]
            defaults = [body.pop(field) for field in fields if field in body]
            plain = namedtuple(name, fields, defaults=defaults, module=body["__module__"])
            return type(name, (plain,), {"__slots__": (), **body})

    Record = type.__new__(_Maker, "Record", (), {})
