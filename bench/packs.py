"""What packs cost: 200 packs of about 10 pages with 30 KPIs each, printed by two workers, beside headless Chromium.

All packs have the same KPIs, as units of one organisation do, and each has figures of its own, no two KPIs the same.

Prints pages a second, the largest worker's memory, how the time for all packs compares with that for a tenth of them,
and, of the same packs' HTML twins, how fast Chromium prints them (one browser, one page after the other). Run:
``python -m bench.packs [--packs N] [--runs N]``.
"""

from __future__ import annotations

import argparse
import random
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from pipelines.steps.rendering import Job, rendered_files
from report_templates.look import OURS
from report_templates.twin_page import print_twin
from scorecards.packs import PDF
from tests.reports.pack_factory import Objectives, Spec, build_pack, company_pack
from transforms.pack import Pack

KPIS, PERSPECTIVES, WORKERS = 30, 4, 2
OWNERS = ("Sales", "Finance", "Service", "Logistics", "People", "Quality", "Purchasing")
PAGES_A_SECOND, MEGABYTES, GROWTH = 15.0, 600.0, 1.1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--packs", type=int, default=200)
    parser.add_argument("--runs", type=int, default=3)
    chosen = parser.parse_args()
    packs = [unit_pack(number) for number in range(chosen.packs)]
    few = packs[: max(len(packs) // 10, 1)]
    ours, tenths, chromium = list[float](), list[float](), list[float]()
    for _ in range(chosen.runs):
        tenths.append(timed(print_packs, few)[1])
        pages, seconds = timed(print_packs, packs)
        ours.append(pages / seconds)
        tenths[-1] = seconds / (tenths[-1] * len(packs) / len(few))
        if shutil.which("chromium"):
            pages, seconds = timed(print_by_chromium, few)
            chromium.append(pages / seconds)
    tell("pages a second", ours, f"at least {PAGES_A_SECOND:g}")
    tell("time of all over ten tenths", tenths, f"under {GROWTH:g}")
    megabytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"{'largest worker, MB':30} {megabytes:8.0f}; asked: under {MEGABYTES:g}")
    if chromium:
        tell("pages a second, Chromium", chromium, "")
        tell("as fast as Chromium", [a / b for a, b in zip(ours, chromium, strict=True)], "")
    return 0


def unit_pack(number: int) -> Pack:
    """A pack of 30 KPIs with all that a division's has: units below, initiatives, actions, remarks, sources."""
    company, chance = company_pack(), random.Random(number)
    spec: dict[str, tuple[str, Objectives]] = {}
    for place in range(PERSPECTIVES):
        lines: list[Spec] = [one_kpi(chance, nth) for nth in range(place, KPIS, PERSPECTIVES)]
        spec[f"Perspective {place}"] = ("", {f"Objective {place}.{nth}": lines[nth::5] for nth in range(5)})
    made = build_pack(f"Unit {number}", "division", spec, seed=number)
    parts = {name: getattr(company, name) for name in ("children", "initiatives", "actions", "sources")}
    return replace(made, unit=f"unit_{number}", **parts)


def one_kpi(chance: random.Random, nth: int) -> Spec:
    """A KPI in percent: its target, its floor and its values are of this unit alone."""
    floor, target = chance.uniform(0.3, 0.6), chance.uniform(0.8, 0.95)
    first, last = chance.uniform(0.4, 0.9), chance.uniform(0.4, 0.98)
    owner = f"Head of {OWNERS[nth % len(OWNERS)]}"
    return f"KPI number {nth}", "percent", "higher", target, floor, first, last, "month", nth % 2 == 0, owner


def timed(work: Callable[[Sequence[Pack]], int], packs: Sequence[Pack]) -> tuple[int, float]:
    """The pages that ``work`` made of packs, and its seconds."""
    start = time.perf_counter()
    pages = work(packs)
    return pages, time.perf_counter() - start


def print_packs(packs: Sequence[Pack]) -> int:
    """Print packs as a run does, in worker processes; returns the number of pages."""
    return sum(made.pages or 0 for _, made in rendered_files([Job(pack, OURS, PDF) for pack in packs], WORKERS))


def print_by_chromium(packs: Sequence[Pack]) -> int:
    """Print the twins of packs by a headless browser; returns the number of pages."""
    import pikepdf
    from playwright.sync_api import sync_playwright

    pages = 0
    with tempfile.TemporaryDirectory(prefix="scorepack-packs-") as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_page()
        for pack in packs:
            file = Path(folder) / f"{pack.unit}.html"
            file.write_text(print_twin(pack), encoding="utf-8")
            page.goto(file.as_uri())
            page.pdf(path=file.with_suffix(".pdf"), format="A4", landscape=True)
            with pikepdf.open(file.with_suffix(".pdf")) as printed:
                pages += len(printed.pages)
        browser.close()
    return pages


def tell(name: str, values: Sequence[float], asked: str) -> None:
    found = sorted(values)
    told = f"{statistics.median(found):8.2f} ({found[0]:.2f} to {found[-1]:.2f})"
    print(f"{name:30} {told}{f'; asked: {asked}' if asked else ''}")


if __name__ == "__main__":
    sys.exit(main())
