"""Path, tags and sidecars -> Media, or None. Pure: no file, no clock, no network."""
