"""`python -m mpv_simkl`: what the loader runs, and the same as the command `mpv-simkl`."""

import os
import sys


def _let_go() -> None:
    """Keep nothing of the mpv that started us but its name.

    Its sockets are inherited, and a copy of them would keep other programs' connections, and our own, alive
    after mpv's death (mpv-notes 1.6); its terminal is the user's.
    """
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.closerange(3, max(os.sysconf("SC_OPEN_MAX") if hasattr(os, "sysconf") else 0, 8192))


if __name__ == "__main__":
    if sys.argv[1:2] == ["attach"]:
        _let_go()
        from .attach import attach

        sys.exit(attach(sys.argv[2:]))
    from .cli import run

    run()
