"""What was watched and what Simkl has acknowledged: `journal` has the rows' life, `storage` their file."""

from .journal import Journal, Row, State

__all__ = ["Journal", "Row", "State"]
