"""``make torture``: many kills, and the page that says where they hit and what was found."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.torture.commands import ROOT, STEPS, warmed
from tests.torture.comparing import company_under_fire
from tests.torture.rounds import PACKS, WAYS, Reference, Round, reference, rounds

PAGE = ROOT / "docs" / "torture.md"
_WORDS = {"time": "by the clock", "act": "before an act on files", "main": "main process only"}


def main(kills: int, seed: int) -> int:
    """Kill so many times, write the page; 1 where anything was found."""
    with TemporaryDirectory(prefix="torture-") as folder, warmed() as warm:
        work = Path(folder)
        project = company_under_fire(work / "small", "company", "north").root
        undisturbed = {packs: reference(warm, project, work, packs) for packs in PACKS}
        done: list[Round] = []
        start = time.monotonic()
        for one in rounds(warm, project, work, undisturbed, seed, kills):
            done.append(one)
            hits = ", ".join(f"{kill.step} ({_WORDS[kill.way]})" for kill in one.kills) or "no kill hit"
            print(f"{one.number}: {hits}: {'; '.join(one.faults) or 'as undisturbed'}", flush=True)
            # Written each time: a run that is broken off has found something too.
            PAGE.write_text(_page(done, undisturbed, seed))
        print(f"{time.monotonic() - start:.0f} seconds", flush=True)
    return int(any(one.faults for one in done))


def _page(done: list[Round], undisturbed: Mapping[str, Reference], seed: int) -> str:
    hits = Counter((kill.step, kill.way) for one in done for kill in one.kills)
    with_packs = sum(one.packs == "last" for one in done)
    bad = [one for one in done if one.faults]
    steps = [step for step in ("before the first step", *STEPS) if any(hits[step, way] for way in WAYS)]
    rows = [f"| {step} | {' | '.join(str(hits[step, way]) for way in WAYS)} |" for step in steps]
    totals = " | ".join(str(sum(hits[step, way] for step in steps)) for way in WAYS)
    told = [f"- Round {one.number}: {'; '.join(one.faults)}" for one in bad]
    return "\n".join([
        "# Killed runs",
        "",
        f"Written by `make torture` (seed {seed}). A backfill of four months is killed with `SIGKILL` at random",
        "moments, up to four times in one home, then run once more to its end. Its whole process group is killed by",
        "the clock or before the n-th act on files; or its main process alone by the clock, as by a kernel out of",
        "memory.",
        "",
        f"{hits.total()} kills hit {len(done)} homes. {with_packs} of these have the packs of the last month rendered,",
        f"in worker processes; an undisturbed run does {undisturbed['last'].acts} acts on files there, and",
        f"{undisturbed['none'].acts} in a home without packs.",
        "",
        "| step that was hit | " + " | ".join(_WORDS[way] for way in WAYS) + " |",
        "|---|" + "--:|" * len(WAYS),
        *rows,
        f"| all | {totals} |",
        "",
        "Compared with an undisturbed run after each round: every table row by row, every pack byte by byte, the list",
        "of all files (landing, staging, quarantine, states, packs), temporary files in the home and where the system",
        "has them, the journal's chain and its loads, the analysts' copies, unfinished runs in Dagster's history.",
        "",
        f"Homes that differed: {len(bad)} of {len(done)}.",
        *told,
        "",
    ])  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else 200, int(sys.argv[2]) if sys.argv[2:] else 1))
