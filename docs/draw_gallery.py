"""The gallery: pages of every layout as small pictures, and the page that shows them. Run by ``make gallery``.

The packs are those of the tests' made-up company, so that the pictures need no run of a project; the layouts and the
logo are Meridian's. ``tests/reports/test_gallery.py`` draws them again and compares.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image

from report_templates.look import Look, look_in
from report_templates.rendering import print_pack
from scorecards.packs import Layout
from scorecards.project import load_project
from tests.reports.pack_factory import company_pack, department_pack, person_pack, restated_pack, watched_pack
from transforms.pack import Pack

ROOT = Path(__file__).resolve().parent.parent
GALLERY = ROOT / "docs" / "gallery"
EXAMPLE = ROOT / "examples" / "meridian"
DOTS_AN_INCH, TONES = 100, 256


@dataclass(frozen=True)
class Shown:
    """Pages of one pack: the layout, the pack, and for each page that is shown its number, its file and a line."""

    layout: str
    pack: Callable[[], Pack]
    pages: tuple[tuple[int, str, str], ...]


SHOWN = (
    Shown(
        "board",
        company_pack,
        (
            (1, "board-summary", "Board pack, summary: the message, the scores, what moved them, the exceptions"),
            (2, "board-scorecard", "Board pack, scorecard on one page: every KPI, with its month, year and signals"),
            (3, "board-strategy-map", "Board pack, strategy map: objectives and what drives them"),
            (4, "board-exceptions", "Board pack, exceptions: what each is doing, why, and the response"),
            (6, "board-perspective", "Board pack, a perspective: its KPIs, and charts in IBCS notation"),
            (10, "board-cascade", "Board pack, cascade: the units below side by side, the lowest score first"),
            (11, "board-definitions", "Board pack, definitions: a card for each KPI, with target, scale and sources"),
        ),
    ),
    Shown(
        "watched",
        watched_pack,
        (
            (1, "x-matrix", "X-matrix: long-term objectives, objectives, initiatives, KPIs and who answers for them"),
            (2, "xmr-exceptions", "Exceptions with XmR charts: the usual range, and what is no noise"),
        ),
    ),
    Shown("single_page", company_pack, ((1, "single-page-company", "A pack of a single page, for a company"),)),
    Shown("single_page", person_pack, ((1, "single-page-person", "The same layout for a person's own scorecard"),)),
    Shown(
        "upright",
        company_pack,
        (
            (1, "upright-summary", "Upright, summary"),
            (2, "upright-scorecard", "Upright, scorecard: unit and owner stand below the name"),
        ),
    ),
    Shown(
        "hr_department",
        department_pack,
        (
            (1, "department-summary", "A department's own scorecard, summary, and what it supports"),
            (2, "department-scorecard", "A department's own scorecard on one page"),
        ),
    ),
    Shown(
        "standard",
        lambda: replace(company_pack(), locale="de_DE"),
        ((1, "german-summary", "The standard layout in German: words, numbers and dates"),),
    ),
    Shown(
        "edition", restated_pack, ((1, "restated", "A restated month: what changed, by how much, and because of what"),)
    ),
)


def main() -> int:
    """Write the folder ``docs/gallery`` anew; returns 1 where poppler is missing."""
    if shutil.which("pdftoppm") is None:
        print("The gallery needs pdftoppm: install poppler-utils.", file=sys.stderr)
        return 1
    GALLERY.mkdir(exist_ok=True)
    for old in GALLERY.glob("*.png"):
        old.unlink()
    for name, picture in pictures():
        picture.quantize(TONES, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
            GALLERY / f"{name}.png", optimize=True
        )
    (GALLERY / "README.md").write_text(readme(), encoding="utf-8")
    return 0


def pictures() -> Iterator[tuple[str, Image.Image]]:
    """Every page of the gallery, drawn now: its name and its picture in full colour."""
    with tempfile.TemporaryDirectory(prefix="scorepack-gallery-") as folder:
        for shown in SHOWN:
            file = Path(folder) / "pack.pdf"
            file.write_bytes(print_pack(shown.pack(), look_of(shown.layout)).content)
            for page, name, _ in shown.pages:
                drawn = Path(folder) / name
                one = ["-f", str(page), "-l", str(page), "-singlefile", "-r", str(DOTS_AN_INCH), "-png"]
                subprocess.run(["pdftoppm", *one, str(file), str(drawn)], check=True)
                with Image.open(drawn.with_suffix(".png")) as picture:
                    yield name, picture.convert("RGB")


def look_of(layout: str) -> Look:
    """A layout of Meridian's, or one that Meridian does not declare, with Meridian's logo."""
    packs = load_project(EXAMPLE).packs
    further = {
        "upright": Layout(pages=("summary", "scorecard"), orientation="portrait"),
        "edition": Layout(pages=("edition",)),
        "watched": Layout(pages=("x_matrix", "exceptions")),
    }
    if layout in further:
        return look_in(EXAMPLE, further[layout].model_copy(update={"logo": packs.style.logo}))
    return look_in(EXAMPLE, packs.layout(layout))


def readme() -> str:
    """The page that shows the pictures."""
    lines = [
        "# Gallery",
        "",
        "Pages of packs, drawn by `make gallery` from made-up figures; a test draws them again and compares.",
        "How packs are made to look so: [How packs look](../how-to/packs.md).",
    ]
    for shown in SHOWN:
        for _, name, line in shown.pages:
            lines += ["", f"{line}.", "", f"![{line}]({name}.png)"]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
