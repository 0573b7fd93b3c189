"""`requests`, without the guesser of text encodings that it brings along.

requests works without one and says so in a warning. All that we read is JSON, which needs no guessing; the
guesser costs 3.1 MB of memory and 20 ms of every start (measured with requests 2.34 and charset_normalizer
3.5). Before 2.32 it did not work without one, and there it has it.
"""

import sys
import warnings
from contextlib import suppress

_GUESSERS = ("chardet", "charset_normalizer")

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    _absent = [name for name in _GUESSERS if name not in sys.modules]
    for _name in _absent:
        sys.modules[_name] = None  # type: ignore[assignment]  # Python's own way to say: there is none
    with suppress(ImportError):
        import requests
    for _name in _absent:
        del sys.modules[_name]
    import requests

__all__ = ["requests"]
