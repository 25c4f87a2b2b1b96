"""A pack for archives: PDF/A-3a and PDF/UA-1 in one file, with its numbers attached for machines."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from report_templates.formatting import number
from report_templates.kpi_rows import kpi_row
from report_templates.look import Look, look_in
from report_templates.numbers import attachments
from report_templates.rendering import print_pack, render_html, render_pdf
from scorecards.packs import STANDARD_LAYOUT, Layout
from tests.reports.pack_factory import company_pack, empty_pack, hostile_pack, person_pack
from transforms.pack import EditionNote, Point

ARCHIVE = Look(STANDARD_LAYOUT.model_copy(update={"archive": True}))
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
NAMES = ["history.csv", "kpis.csv", "pack.json", "scores.csv"]


@pytest.fixture(scope="module")
def content() -> bytes:
    return render_pdf(company_pack(), ARCHIVE)


def rows_of(pdf: pikepdf.Pdf, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(pdf.attachments[name].get_file().read_bytes().decode(), newline="")))


def test_it_says_that_it_is_pdf_a_and_pdf_ua_in_one_block_of_metadata(content: bytes) -> None:
    with pikepdf.open(BytesIO(content)) as pdf:
        text = pdf.Root.Metadata.read_bytes().decode()
        with pdf.open_metadata() as metadata:
            claims = {name: metadata[name] for name in ("pdfaid:part", "pdfaid:conformance", "pdfuaid:part")}
            assert metadata["dc:title"] == str(pdf.docinfo.Title)
            assert metadata["dc:description"] == str(pdf.docinfo.Subject)
            assert metadata["pdf:Producer"] == str(pdf.docinfo.Producer)
            assert metadata["xmp:CreatorTool"] == str(pdf.docinfo.Creator)
    assert claims == {"pdfaid:part": "3", "pdfaid:conformance": "A", "pdfuaid:part": "1"}
    assert text.count("<rdf:RDF") == 1
    assert "<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>" in text


def test_colours_have_an_output_intent_and_every_font_is_embedded(content: bytes) -> None:
    with pikepdf.open(BytesIO(content)) as pdf:
        (intent,) = pdf.Root.OutputIntents
        assert str(intent.S) == "/GTS_PDFA1"
        profile = intent.DestOutputProfile
        assert int(profile.N) == 3
        assert profile.read_bytes()[16:20] == b"RGB "
        fonts = {
            font.objgen: font for page in pdf.pages for font in page.get("/Resources", {}).get("/Font", {}).values()
        }
        for font in fonts.values():
            descriptor = font.DescendantFonts[0].FontDescriptor
            assert any(name in descriptor for name in ("/FontFile2", "/FontFile3"))
            assert "/ToUnicode" in font


def test_it_is_tagged_as_a_pack_for_reading_is(content: bytes) -> None:
    with pikepdf.open(BytesIO(content)) as pdf, pikepdf.open(BytesIO(render_pdf(company_pack()))) as plain:
        assert bool(pdf.Root.MarkInfo.Marked)
        assert str(pdf.Root.Lang) == "en-GB"
        assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
        assert kinds(pdf) == kinds(plain)
        assert len(pdf.pages) == len(plain.pages)


def kinds(pdf: pikepdf.Pdf) -> list[tuple[str, str]]:
    """Every structure element in reading order, with its alternative text."""
    found: list[tuple[str, str]] = []

    def walk(node: Any) -> None:
        if isinstance(node, pikepdf.Array):
            for child in node:
                walk(child)
        elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
            found.append((str(node.S), str(node.get("/Alt", ""))))
            walk(node.get("/K"))

    walk(pdf.Root.StructTreeRoot.K)
    return found


def test_nothing_in_it_is_forbidden_in_archives(content: bytes) -> None:
    with pikepdf.open(BytesIO(content)) as pdf:
        assert not pdf.is_encrypted
        assert "/ID" in pdf.trailer
        assert not {"/JavaScript", "/AcroForm", "/OpenAction", "/AA"} & set(pdf.Root.keys())
        for page in pdf.pages:
            for note in page.get("/Annots", []):
                assert int(note.F) & 4
                assert not int(note.F) & 0b10_0011
                assert str(note.get("/Contents", ""))
        for one in pdf.objects:
            if isinstance(one, pikepdf.Stream):
                assert "/LZWDecode" not in str(one.get("/Filter", ""))
                assert not one.get("/Interpolate", False)


def test_every_attached_file_is_associated_once_with_its_kind_day_and_relation(content: bytes) -> None:
    with pikepdf.open(BytesIO(content)) as pdf:
        assert list(pdf.attachments) == NAMES
        assert [str(each.UF) for each in pdf.Root.AF] == NAMES
        for each in pdf.Root.AF:
            assert str(each.AFRelationship) == "/Data"
            assert str(each.F) == str(each.UF)
            assert str(each.Desc)
            file = each.EF.F
            assert str(file.Subtype) == ("/application/json" if str(each.UF).endswith("json") else "/text/csv")
            assert str(file.Params.ModDate) == "D:20261104000000Z"
            assert int(file.Params.Size) == len(file.read_bytes())


def test_the_same_pack_gives_the_same_bytes_and_other_numbers_behind_equal_figures_another_file(
    content: bytes,
) -> None:
    pack = company_pack()
    assert render_pdf(pack, ARCHIVE) == content
    page = pack.perspectives[0]
    line = page.kpis[0]
    assert line.value is not None
    nearly = replace(line, value=line.value * (1 + 1e-13))
    other = replace(pack, perspectives=(replace(page, kpis=(nearly, *page.kpis[1:])), *pack.perspectives[1:]))
    assert render_html(other) == render_html(pack)
    changed = render_pdf(other, ARCHIVE)
    with pikepdf.open(BytesIO(changed)) as a, pikepdf.open(BytesIO(content)) as b:
        assert bytes(a.trailer.ID[0]) != bytes(b.trailer.ID[0])


def test_the_attached_figures_are_those_of_the_page_with_all_their_digits(content: bytes) -> None:
    pack = company_pack()
    with pikepdf.open(BytesIO(content)) as pdf:
        kpis, scores, history = (rows_of(pdf, f"{name}.csv") for name in ("kpis", "scores", "history"))
        document = json.loads(pdf.attachments["pack.json"].get_file().read_bytes())
    html = render_html(pack)
    by_id = {row["kpi"]: row for row in kpis}
    assert list(by_id) == [line.id for line in pack.kpis]
    for line in pack.kpis:
        row = kpi_row(pack, line, 24)
        written = by_id[line.id]["value"]
        value = float(written) if written else None
        assert value == line.value
        assert row.scale.figure(value) == row.actual
        assert row.actual in html
    points = [(line.id, point.period.isoformat(), point.value) for line in pack.kpis for point in line.history]
    past = [row for row in history if not row["forecast"]]
    assert [(r["kpi"], r["period"], float(r["value"]) if r["value"] else None) for r in past] == points
    overall = next(row for row in scores if row["level"] == "scorecard")
    assert f">{number(float(overall['score']), 0)}<" in html
    assert [row["node"] for row in scores if row["level"] == "objective"] == [card.id for card in pack.objectives]
    assert document["scores"][0]["score"] == pack.node.score
    assert [row["value"] for row in document["kpis"]] == [line.value for line in pack.kpis]
    assert document["names"][pack.kpis[0].id]["name"] == pack.kpis[0].name


def test_forecast_months_stand_after_the_others_and_have_no_value() -> None:
    pack = company_pack()
    page = pack.perspectives[0]
    line = replace(page.kpis[0], forecast=(Point(date(2026, 11, 1), 42.5, 44.0, None),))
    changed = replace(pack, perspectives=(replace(page, kpis=(line,)),))
    (history,) = (file.content for file in attachments(changed) if file.name == "history.csv")
    rows = list(csv.DictReader(io.StringIO(history, newline="")))
    assert [row["forecast"] for row in rows[:-1]] == [""] * len(line.history)
    assert (rows[-1]["period"], rows[-1]["value"], rows[-1]["forecast"]) == ("2026-11-01", "", "42.5")


def test_an_edition_and_a_pack_without_data_say_so_in_their_numbers() -> None:
    pack = replace(empty_pack(), edition=EditionNote(2, "Late sales", ()))
    files = {file.name: file.content for file in attachments(pack)}
    document = json.loads(files["pack.json"])
    assert document["edition"] == 2
    rows = list(csv.DictReader(io.StringIO(files["kpis.csv"], newline="")))
    assert rows
    assert all(row["value"] == "" and row["missing_reason"] for row in rows)


def test_no_text_of_a_project_stands_in_a_cell_that_a_spreadsheet_could_run() -> None:
    for pack in (hostile_pack(), company_pack(), person_pack()):
        for file in attachments(pack):
            if file.name.endswith(".csv"):
                for row in csv.reader(io.StringIO(file.content, newline="")):
                    assert all(re.fullmatch(r"[\w .-]*|-?[\d.e+-]+", cell) for cell in row), row
                    assert not any(cell.startswith(("=", "+", "@")) for cell in row)


def test_a_single_page_for_archives_stays_a_single_page_and_a_picture_is_not_smoothed(tmp_path: Path) -> None:
    from PIL import Image

    (tmp_path / "assets").mkdir()
    Image.new("RGB", (40, 20), "#14213d").save(tmp_path / "assets" / "logo.png")
    layout = Layout(pages=("one_page",), archive=True, logo="assets/logo.png")
    printed = print_pack(person_pack(), look_in(tmp_path, layout))
    assert printed.pages == 1
    with pikepdf.open(BytesIO(printed.content)) as pdf:
        images = [one for one in pdf.objects if isinstance(one, pikepdf.Stream) and one.get("/Subtype") == "/Image"]
        assert images
        assert not any(one.get("/Interpolate", False) for one in images)
        assert list(pdf.attachments) == NAMES


@pytest.mark.skipif(shutil.which("verapdf") is None, reason="veraPDF is not installed")
@pytest.mark.parametrize("flavour", ["3a", "ua1"])
def test_a_validator_finds_nothing(content: bytes, tmp_path: Path, flavour: str) -> None:
    file = tmp_path / "pack.pdf"
    file.write_bytes(content)
    done = subprocess.run(
        ["verapdf", "--format", "text", "--flavour", flavour, str(file)], capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith("PASS"), done.stdout + done.stderr
