"""Times what Scorepack promises: the help within 0.3 s, the demonstration within 60 s on two cores.

Run by ``make bench``; exits with 1 when a promise is broken. The first call of each warms the disk and is not counted
for the help; the demonstration runs once, in a folder of its own, as a user's first one does.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

SCOREPACK = Path(sys.executable).with_name("scorepack")
HELP_SECONDS = 0.3
DEMO_SECONDS = 60


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="scorepack-bench-") as folder:
        seconds = {
            "scorepack --help": (min(_seconds(folder, "--help") for _ in range(6)), HELP_SECONDS),
            "scorepack demo": (_seconds(folder, "demo"), DEMO_SECONDS),
        }
    for command, (taken, promised) in seconds.items():
        print(f"{command:18} {taken:7.2f} s   promised {promised} s   {'kept' if taken <= promised else 'BROKEN'}")
    return int(any(taken > promised for taken, promised in seconds.values()))


def _seconds(folder: str, *arguments: str) -> float:
    start = time.perf_counter()
    subprocess.run([SCOREPACK, *arguments], cwd=folder, check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
