"""Whether what was measured keeps what is promised: told on a line, and answered for the exit code."""


def is_kept(what: str, found: float, promised: float, unit: str = "") -> bool:
    """Print what was found beside what is promised at most, and whether that is kept."""
    kept = found <= promised
    print(f"{what}: {found:.2f}{unit}   promised {promised:g}{unit}   {'kept' if kept else 'BROKEN'}")
    return kept
