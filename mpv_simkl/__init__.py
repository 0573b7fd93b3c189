"""mpv-simkl: what you watch in mpv, kept on Simkl."""

__version__ = "0.1.0"
