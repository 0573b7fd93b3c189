"""What was watched and what Simkl has acknowledged: `journal` has the rows' life and all that changes it,
`reader` what can be asked of them, `rows` what they hold, `titles` what their titles are at Simkl, `sittings`
where they were left, `store` the connection, `storage` the file, `salvage` what becomes of a damaged one,
`pages` what is read there without SQLite.
"""

from .journal import UNDO_WITHIN, Journal
from .rows import SET_ASIDE, Row, State
from .storage import BUSY
from .store import FILE

__all__ = ["BUSY", "FILE", "SET_ASIDE", "UNDO_WITHIN", "Journal", "Row", "State"]
