"""What prints packs quicker prints them as WeasyPrint does: the same bytes, and charts that look the same."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pikepdf
import pydyf
import pytest
from PIL import Image
from weasyprint.html import HTML_HANDLERS, handle_svg

from report_templates import printing, quicker_printing
from report_templates.chart_paths import path_operators
from report_templates.chart_reading import SVG, Words, read_chart
from report_templates.rendering import render_html, render_pdf
from tests.reports.pack_factory import company_pack, empty_pack, hostile_pack, person_pack
from transforms.pack import Pack

needs_poppler = pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="poppler-utils is missing")


@pytest.fixture
def _as_ever(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    quicker_printing.be_as_ever()
    monkeypatch.setattr(printing, "written_once", None)
    # Only how hard a file is packed is another.
    pydyf.zlib = quicker_printing.PACKING
    yield
    quicker_printing.be_quick()


@pytest.mark.parametrize("made", [company_pack, person_pack, empty_pack, hostile_pack])
def test_a_pack_is_the_same_file_with_and_without_what_makes_it_quicker(
    made: Callable[[], Pack], request: pytest.FixtureRequest
) -> None:
    quick = render_pdf(made())
    request.getfixturevalue("_as_ever")
    assert render_pdf(made()) == quick


TEXTS = [
    "figures",
    "many figures in a sentence that is longer than its line",
    "Haushaltskonsolidierungsmassnahmen und Haushalte",
    "two\nlines",
    "tab\tand  spaces ",
    "مرحبا 12 figures",
    "soft\u00adhyphen",
    "⚠ 漢字",
    "",
]
WAYS = [
    "", "width: 40px", "width: 40px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis",
    "width: 100px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis", "white-space: nowrap",
    "width: 90px; text-align: justify", "white-space: pre-line", "white-space: pre", "letter-spacing: 1px",
    "word-spacing: 3px; width: 60px", "overflow-wrap: anywhere; width: 30px", "hyphens: auto; width: 60px",
    "direction: rtl; width: 80px", "font-weight: bold; font-size: 9px", "text-decoration: underline", "float: left",
    "display: table-cell", "display: inline-block; max-width: 50%", "max-height: 30px; block-ellipsis: auto",
]  # fmt: skip


@pytest.mark.parametrize(
    "more", ["", "p::first-line { font-size: 20px; letter-spacing: 2px }", "p::first-letter { font-weight: bold }"]
)
def test_texts_that_recur_in_other_widths_and_ways_are_set_as_ever(more: str, request: pytest.FixtureRequest) -> None:
    paragraphs = "".join(f'<p style="{way}">{text}</p>' for _ in range(2) for way in WAYS for text in TEXTS)
    document = f'<html lang="de"><head><title>Texts</title></head><body>{paragraphs}</body></html>'
    style = f"@page {{ size: 300px 400px }} body {{ font-family: sans-serif; font-size: 12px }} {more}"
    quick = printing.print_document(document, style, b"equal")
    request.getfixturevalue("_as_ever")
    assert quick is not None
    assert quick[1] > 5
    assert printing.print_document(document, style, b"equal") == quick


@needs_poppler
def test_charts_look_as_weasyprint_draws_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pack = company_pack()
    ours = pictures(render_pdf(pack), tmp_path / "ours.pdf")
    monkeypatch.setitem(HTML_HANDLERS, f"{SVG}svg", whole_svg)
    theirs = pictures(render_pdf(pack), tmp_path / "theirs.pdf")
    assert len(ours) == len(theirs) >= 8
    for one, other in zip(ours, theirs, strict=True):
        # Where letters stand differs by the kerning that WeasyPrint leaves out: a few points at the edges of figures.
        assert (np.abs(one.astype(int) - other.astype(int)).max(axis=2) > 64).mean() < 0.0015


def whole_svg(element: ElementTree.Element, *rest: object) -> object:
    return handle_svg(printing._charts[element], *rest)


def pictures(pdf: bytes, file: Path) -> list[np.ndarray]:
    file.write_bytes(pdf)
    subprocess.run(["pdftoppm", "-r", "80", "-png", str(file), str(file.with_suffix(""))], check=True)
    return [np.asarray(Image.open(path).convert("RGB")) for path in sorted(file.parent.glob(f"{file.stem}-*.png"))]


def test_every_chart_of_our_templates_is_drawn_the_quick_way() -> None:
    charts = [
        ElementTree.fromstring(svg) for svg in re.findall(r"<svg.*?</svg>", render_html(company_pack()), re.DOTALL)
    ]
    assert len(charts) > 90
    assert [chart for chart in charts if read_chart(chart) is None] == []


@needs_poppler
def test_the_words_of_a_chart_are_words_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "pack.pdf"
    file.write_bytes(render_pdf(company_pack()))
    text = subprocess.run(["pdftotext", "-f", "4", "-l", "4", str(file), "-"], capture_output=True, check=True)
    assert "target 4.50" in text.stdout.decode().replace("\u202f", " ")


@pytest.mark.parametrize(
    "inside",
    [
        '<circle cx="5" cy="5" r="4"/>',
        '<path d="M0 0Q5 5 9 0"/>',
        '<path d="M0 0h9" transform="scale(2)"/>',
        '<path d="M0 0h9" fill="url(#x)"/>',
        '<text x="1" y="5"><tspan>x</tspan></text>',
        '<text x="1" y="5">no size</text>',
        '<path d="M0 0A4 2 0 0 1 9 0"/>',
        "<g/>",
    ],
)
def test_an_svg_with_anything_else_is_left_to_weasyprint(inside: str) -> None:
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><path d="M0 0h9v9z"/>{inside}</svg>'
    assert read_chart(ElementTree.fromstring(svg)) is None


def test_an_anchored_text_keeps_its_anchor_and_takes_the_size_of_its_chart() -> None:
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10" font-size="2.2" font-family="A">'
        '<text x="4" y="5" text-anchor="end"> a\n b </text></svg>'
    )
    chart = read_chart(ElementTree.fromstring(svg))
    assert chart is not None
    (words,) = chart.marks
    assert isinstance(words, Words)
    assert (words.text, words.x, words.share, words.size, words.weight) == ("a b", 4, 1, 2.2, 400)


@pytest.mark.parametrize(
    ("data", "operators"),
    [
        ("M1 2h3v4H0V.5z", "1 2 m\n4 2 l\n4 6 l\n0 6 l\n0 0.5 l\nh"),
        ("M1 1l2-1L0 0", "1 1 m\n3 0 l\n0 0 l"),
        ("m1 1 2 0 0 2zl5 5", "1 1 m\n3 1 l\n3 3 l\nh\n6 6 l"),
        ("M0 0c1 0 2 1 2 2C3 3 4 4 5 5", "0 0 m\n1 0 2 1 2 2 c\n3 3 4 4 5 5 c"),
        ("M1e1 0h1e-1", "10 0 m\n10.1 0 l"),
    ],
)
def test_a_path_is_drawn_where_its_commands_say(data: str, operators: str) -> None:
    assert path_operators(data) == operators.encode()


@pytest.mark.parametrize("data", ["M0", "M0 0Q1 1 2 2", "M0 0h", "0 0 m", "M0 0a1 2 0 1 0 2 0", "M0 0 h;"])
def test_a_path_of_another_kind_is_not_drawn_here(data: str) -> None:
    assert path_operators(data) is None


def test_two_half_circles_are_a_circle_within_a_thousandth_of_its_radius() -> None:
    drawn = path_operators("M-10 0a10 10 0 1 0 20 0a10 10 0 1 0-20 0z")
    assert drawn is not None
    curves = [list(map(float, line.split()[:-1])) for line in drawn.decode().splitlines() if line.endswith("c")]
    assert len(curves) == 4
    at, sides = (-10.0, 0.0), set()
    for x1, y1, x2, y2, x3, y3 in curves:
        for t in (0.25, 0.5, 0.75):
            weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
            x = sum(w * v for w, v in zip(weights, (at[0], x1, x2, x3), strict=True))
            y = sum(w * v for w, v in zip(weights, (at[1], y1, y2, y3), strict=True))
            assert abs((x * x + y * y) ** 0.5 - 10) < 0.01
            sides.add((x > 0, y > 0))
        at = (x3, y3)
    assert len(sides) == 4


def test_the_file_is_whole_and_its_digest_is_of_its_content() -> None:
    first, second = render_pdf(company_pack()), render_pdf(person_pack())
    with pikepdf.open(BytesIO(first)) as one, pikepdf.open(BytesIO(second)) as other:
        assert one.check_pdf_syntax() == []
        assert bytes(one.trailer.ID[1]) != bytes(other.trailer.ID[1])
