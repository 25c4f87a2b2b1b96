"""Change sound inputs at random and hand them to their loaders, for some time.

``python -m tests.fuzz [SECONDS] [SEED]``. What a loader may do is to succeed, or to raise its own errors; anything
else is a finding, and so is a call of more than twenty seconds. Inputs that found something are kept in ``fuzz/``.
"""

from __future__ import annotations

import io
import random
import signal
import struct
import sys
import time
from collections import Counter
from pathlib import Path
from types import FrameType
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from tests.fuzz.targets import Target, targets

LONGEST = 20
KEPT = Path("fuzz")
_PIECES = (
    b"\0", b"\xff", b'"', b"'", b"\\", b"\n", b"\r", b"{", b"}", b"[", b"]", b"(", b")", b"<!DOCTYPE x>", b"&a",
    b"!!python/object:os.system", b"9" * 400, b"-", b"%", b"1e999", b"NaN", b"\xed\xa0\x80", b"\xe2\x80\xae", b":",
    b"*a", b"\xef\xbb\xbf", b"--", b";", b"=1+1", b"0000-00-00", b"9999-99-99", b"\t", b"- ", b"? ", b"*",
    b"{period}", b"%B", b",",
)  # fmt: skip


class TooLong(Exception):
    """A call took longer than any input is worth."""


def main(seconds: float, seed: int) -> int:
    """Fuzz; returns the number of findings."""
    chance, end = random.Random(seed), time.monotonic() + seconds
    tried, found = Counter[str](), dict[str, str]()
    with targets() as known:
        while time.monotonic() < end:
            target = known[sum(tried.values()) % len(known)]
            content = changed(chance.choice(list(target.seeds)), chance)
            tried[target.name] += 1
            told = finding(target, content)
            if told and told not in found:
                KEPT.mkdir(exist_ok=True)
                place = KEPT / f"{target.name.replace(' ', '-')}-{len(found)}"
                place.write_bytes(content)
                found[told] = str(place)
                print(f"{told}  (kept in {place})", flush=True)
    print(f"{sum(tried.values()):,} inputs of seed {seed}: " + ", ".join(f"{name} {n}" for name, n in tried.items()))
    print(f"{len(found)} findings")
    return len(found)


def finding(target: Target, content: bytes) -> str:
    """What is wrong with how a target takes an input; empty where nothing is."""
    signal.signal(signal.SIGALRM, _end)
    signal.alarm(LONGEST)
    try:
        target.call(content)
    except target.errors:
        return ""
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        frame = error.__traceback__
        while frame and frame.tb_next:
            frame = frame.tb_next
        line = f"{Path(frame.tb_frame.f_code.co_filename).name}:{frame.tb_lineno}" if frame else "?"
        return f"{target.name}: {type(error).__name__} at {line}: {str(error)[:100]!r}"
    finally:
        signal.alarm(0)
    return ""


def changed(content: bytes, chance: random.Random) -> bytes:
    """The input with some of it changed; inside an archive, inside one of its parts."""
    if content.startswith(b"PK") and chance.random() < 0.9:
        try:
            return _changed_part(content, chance)
        except BadZipFile:
            return content
    made = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 4, 8))):
        start = chance.randrange(len(made) + 1)
        stop = min(len(made), start + chance.choice((0, 1, 2, 8, 40)))
        way = chance.randrange(5)
        if way == 0:
            made[start:stop] = chance.choice(_PIECES)
        elif way == 1:
            made[start:start] = made[start:stop] * chance.choice((1, 2, 50))
        elif way == 2:
            del made[start:stop]
        elif way == 3 and made:
            made[min(start, len(made) - 1)] = chance.randrange(256)
        else:
            made[start : start + 4] = struct.pack("<I", chance.choice((0, 1, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)))
    return bytes(made)


def _changed_part(content: bytes, chance: random.Random) -> bytes:
    out = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as given, ZipFile(out, "w", ZIP_DEFLATED) as made:
        names = given.namelist()
        chosen = chance.choice(names)
        for name in names:
            part = given.read(name)
            made.writestr(name, changed(part, chance) if name == chosen else part)
    return out.getvalue()


def _end(_number: int, _frame: FrameType | None) -> None:
    raise TooLong(f"more than {LONGEST} seconds")


if __name__ == "__main__":
    given = sys.argv[1:]
    sys.exit(min(1, main(float(given[0]) if given else 120, int(given[1]) if len(given) > 1 else int(time.time()))))
