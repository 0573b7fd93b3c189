"""What was watched and what Simkl has acknowledged: `journal` has the rows' life, `storage` their file."""

from .journal import FILE, SET_ASIDE, Journal, Row, State

__all__ = ["FILE", "SET_ASIDE", "Journal", "Row", "State"]
