"""The journal: what was watched and what Simkl has acknowledged of it. `journal` has its life, `file` its file."""

from .journal import Journal, Row, State

__all__ = ["Journal", "Row", "State"]
