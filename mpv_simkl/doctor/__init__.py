"""The doctor: looks at everything between mpv and Simkl, and says of each thing what is to be done.

    machine.look() -> Machine -> CHECKS, one function a thing -> Finding, Finding, ...

A check takes what is known of the machine, gives findings and changes nothing; only `repair` does.
"""

from .checks import examine
from .finding import Finding, Result
from .machine import Machine, look
from .repair import repair
from .report import bundle

__all__ = ["Finding", "Machine", "Result", "bundle", "examine", "look", "repair"]
