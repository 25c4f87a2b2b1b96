import itertools
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import pikepdf
import pytest

from report_templates.exceptions import exceptions
from report_templates.look import Look
from report_templates.printing import OwnFilesOnly
from report_templates.rendering import render_html, render_pdf
from scorecards.packs import Layout
from tests.reports.pack_factory import (
    BANDS,
    company_pack,
    department_pack,
    empty_pack,
    hostile_pack,
    large_pack,
    person_pack,
)
from transforms.pack import Pack, Remark

needs_pdftotext = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext (poppler-utils) is missing")


@pytest.fixture(scope="module")
def company() -> bytes:
    return render_pdf(company_pack())


def text_of(pdf: bytes, tmp_path: Path, *options: str) -> str:
    file = tmp_path / "pack.pdf"
    file.write_bytes(pdf)
    done = subprocess.run(["pdftotext", *options, str(file), "-"], capture_output=True, check=True)
    return done.stdout.decode()


def elements(pdf: pikepdf.Pdf) -> list[tuple[str, Any]]:
    """All structure elements in reading order, as (type, element)."""
    found: list[tuple[str, Any]] = []

    def walk(node: Any) -> None:
        if isinstance(node, pikepdf.Array):
            for child in node:
                walk(child)
        elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
            found.append((str(node.S), node))
            if "/K" in node:
                walk(node.K)

    walk(pdf.Root.StructTreeRoot.K)
    return found


def test_the_same_pack_gives_the_same_bytes(company: bytes) -> None:
    assert render_pdf(company_pack()) == company


def test_another_pack_is_another_file(company: bytes) -> None:
    other = render_pdf(replace(company_pack(), unit_name="Another unit"))
    with pikepdf.open(BytesIO(company)) as a, pikepdf.open(BytesIO(other)) as b:
        assert bytes(a.trailer.ID[0]) != bytes(b.trailer.ID[0])


def test_a_company_pack_has_nine_pages_and_a_persons_three(company: bytes) -> None:
    with pikepdf.open(BytesIO(company)) as pdf:
        assert len(pdf.pages) == 9
    with pikepdf.open(BytesIO(render_pdf(person_pack()))) as pdf:
        assert len(pdf.pages) == 3


@needs_pdftotext
def test_every_page_names_the_days_of_a_period_that_is_no_calendar_month(tmp_path: Path) -> None:
    pdf = render_pdf(replace(person_pack(), days=(date(2026, 9, 27), date(2026, 10, 24))))
    pages = text_of(pdf, tmp_path, "-layout").replace("\u00a0", " ").removesuffix("\f").split("\f")
    assert ["(27 Sep – 24 Oct 26)" in page.splitlines()[0] for page in pages] == [True] * 3


def test_it_is_tagged_titled_and_in_a_language(company: bytes) -> None:
    with pikepdf.open(BytesIO(company)) as pdf:
        assert bool(pdf.Root.MarkInfo.Marked)
        assert str(pdf.Root.Lang) == "en-GB"
        assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
        with pdf.open_metadata() as metadata:
            assert metadata["dc:title"] == "Meridian Outdoor – Whole company: Balanced Scorecard, October 2026"
            assert metadata["pdfuaid:part"] == "1"


def test_every_figure_has_an_alternative_text_with_numbers(company: bytes) -> None:
    with pikepdf.open(BytesIO(company)) as pdf:
        texts = [str(e.get("/Alt", "")) for kind, e in elements(pdf) if kind == "/Figure"]
    assert len(texts) > 60
    assert all(texts)
    assert any("Delivered on time is at 88.4\u202f%, 6.6\u202fpp below target in October 2026." in t for t in texts)
    assert any(t.startswith("Score from 84.2 to 84.7, contributions in points:") for t in texts)
    assert any(t.startswith("Links: ") and "Build skills to Deliver on time" in t for t in texts)


def test_headings_descend_without_a_gap(company: bytes) -> None:
    with pikepdf.open(BytesIO(company)) as pdf:
        levels = [int(kind[2]) for kind, _ in elements(pdf) if re.fullmatch(r"/H[1-6]", kind)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_table_cells_know_their_headers(company: bytes) -> None:
    with pikepdf.open(BytesIO(company)) as pdf:
        found = elements(pdf)
        headers = [e for kind, e in found if kind == "/TH"]
        cells = [e for kind, e in found if kind == "/TD"]
        assert all("/ID" in e for e in headers)
        assert all(len(e.A.get("/Headers", [])) >= 1 for e in cells)


def test_only_our_fonts_are_embedded(company: bytes) -> None:
    with pikepdf.open(BytesIO(company)) as pdf:
        names = {
            str(font.BaseFont) for page in pdf.pages for font in page.get("/Resources", {}).get("/Font", {}).values()
        }
    assert names
    assert all("Scorepack-Inter" in name.replace(" ", "-") for name in names), names


def test_bookmarks_name_the_pages_in_order(company: bytes) -> None:
    with pikepdf.open(BytesIO(company)) as pdf, pdf.open_outline() as outline:
        titles = [str(item.title) for item in outline.root]
    assert titles[0].startswith("The score ")
    assert titles[1] == "Strategy map"
    assert [t.split(" ")[0] for t in titles[2:6]] == ["Financial", "Customer", "Internal", "Learning"]
    assert titles[6:] == ["Initiatives and actions", "Definitions", "Data and method"]


def test_exceptions_link_to_the_page_of_their_perspective(company: bytes) -> None:
    with pikepdf.open(BytesIO(company)) as pdf:
        links = [a for a in pdf.pages[0].get("/Annots", []) if a.Subtype == "/Link"]
        assert len(links) >= 9
        assert all("/A" not in link or link.A.S != "/URI" for link in links)


@needs_pdftotext
def test_links_are_described_by_what_they_lead_to_and_not_by_an_id(company: bytes) -> None:
    pack, said = company_pack(), dict[str, str]()
    with pikepdf.open(BytesIO(company)) as pdf:
        for page in pdf.pages:
            for link in page.get("/Annots", []):
                said[str(link.Dest)] = str(link.Contents)
    assert said
    names = {f"perspective-{p.id}": p.name for p in pack.perspectives}
    names |= {f"objective-{o.id}": o.name for o in pack.objectives} | {f"kpi-{k.id}": k.name for k in pack.kpis}
    assert {place: words for place, words in said.items() if place in names} == {
        place: names[place] for place in said if place in names
    }
    assert not [words for place, words in said.items() if words == place]


def test_the_summary_says_what_the_numbers_say(company: bytes, tmp_path: Path) -> None:
    text = text_of(company, tmp_path, "-l", "1").replace("\n", " ")
    assert "The score rose by 0.5 to 85" in text
    assert "5 of 24 KPIs off target" in text
    assert "Second shift at Cologne from 24 November." in text
    assert "Units below, the lowest score first" in text


@needs_pdftotext
def test_every_kpi_and_objective_stands_in_the_pack(company: bytes, tmp_path: Path) -> None:
    text = " ".join(text_of(company, tmp_path).split())
    pack = company_pack()
    for name in [*(k.name for k in pack.kpis), *(o.name for o in pack.objectives), *(i.name for i in pack.initiatives)]:
        assert name in text
    assert "Delivered on time % 88.4 95.0 −6.6 −6.6 pp" in " ".join(text_of(company, tmp_path, "-layout").split())
    assert "31 × delivered_at is not a date" in text


@needs_pdftotext
def test_a_pack_without_data_says_so(tmp_path: Path) -> None:
    text = text_of(render_pdf(empty_pack()), tmp_path).replace("\n", " ")
    assert "No score for October 2026: none of 24 KPIs could be scored." in text
    assert "Without a value" in text
    assert "None" not in text.replace("None of", "")


@needs_pdftotext
def test_hostile_text_is_shown_and_never_run(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    pack = hostile_pack()
    html = render_html(pack)
    assert "<script>" not in html
    assert "<img" not in html
    text = text_of(render_pdf(pack), tmp_path)
    assert "<script>alert('x')</script>" in text.replace("\n", "")
    assert "{{ 7*7 }}" in text
    assert not [r for r in caplog.records if "Failed to load" in r.message or "Error fetching" in r.message]


@pytest.mark.slow
def test_a_hundred_kpis_flow_over_pages() -> None:
    with pikepdf.open(BytesIO(render_pdf(large_pack()))) as pdf:
        assert 12 <= len(pdf.pages) <= 22


@needs_pdftotext
def test_the_name_of_a_source_breaks_after_an_underscore_and_in_no_word(tmp_path: Path) -> None:
    pack, name = company_pack(), "satisfaction_of_all_customers"
    sources = (replace(pack.sources[0], source=name, files=(f"{name}_2026-10.csv",)),)
    layout = Layout(pages=("data",), orientation="portrait")
    text = text_of(render_pdf(replace(pack, sources=sources), Look(layout)), tmp_path, "-layout").replace("\u200b", "")
    pieces = [word for word in text.split() if re.search("sat|isf|cust|tomers", word)]
    assert len(pieces) >= 4
    whole = re.compile(r"(satisfaction_)?(of_)?(all_)?(customers(_|_2026-10\.csv)?)?")
    assert [piece for piece in pieces if not whole.fullmatch(piece)] == []


def test_late_initiatives_stand_first_and_finished_ones_last() -> None:
    pack = company_pack()
    late, on_track, planned = pack.initiatives
    done = replace(on_track, name="A finished one", status="done")
    html = render_html(replace(pack, initiatives=(done, planned, on_track, late)), Look(Layout(pages=("initiatives",))))
    places = [html.index(each.name) for each in (late, planned, on_track, done)]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("status", "elapsed", "told"),
    [
        ("on track", 0.79, "■ behind its time its owner says: on track"),
        ("on track", 1.0, "■ past its due day its owner says: on track"),
        ("late", 0.79, "■ late"),
    ],
)
def test_an_initiative_tells_what_its_days_say_and_what_its_owner_says(status: str, elapsed: float, told: str) -> None:
    late = replace(company_pack().initiatives[0], status=status, progress=0.6, elapsed=elapsed)
    pack = replace(company_pack(), initiatives=(late,), actions=())
    text = plain(render_html(pack, Look(Layout(pages=("initiatives",)))))
    assert f"Head of Logistics {told} 60\u202f% done" in text
    assert "1 of 1 initiative late or behind its time." in text
    assert ("It counts as late whatever its owner says." in text) is (status != "late")
    in_time = replace(late, status="on track", is_late=False)
    text = plain(render_html(replace(pack, initiatives=(in_time,)), Look(Layout(pages=("initiatives",)))))
    assert "Head of Logistics on track 60" in text
    assert "whatever its owner says" not in text


def plain(html: str) -> str:
    """The words of a page, without its marks and figures."""
    body = re.sub(r"<style.*?</style>|<title>.*?</title>|<svg.*?</svg>", "", html, flags=re.DOTALL)
    return re.sub(r"[ \n]+", " ", re.sub(r"<[^>]+>", " ", body))


def test_a_unit_without_initiatives_has_no_page_for_them() -> None:
    assert "Initiatives and actions" not in render_html(person_pack())


def test_a_perspective_without_a_kpi_has_a_line_on_the_summary_and_no_page(caplog: pytest.LogCaptureFixture) -> None:
    pack = company_pack()
    first = replace(pack.perspectives[0], kpis=())
    without = replace(pack, perspectives=(first, *pack.perspectives[1:]))
    html = render_html(without)
    assert "Financial: no KPI applies to this unit." in html
    assert 'id="perspective-financial"' not in html
    with pikepdf.open(BytesIO(render_pdf(without))) as pdf:
        assert len(pdf.pages) == 8
    assert not [r for r in caplog.records if "No anchor" in r.message]


def test_a_unit_called_like_its_organisation_stands_once_in_the_running_head() -> None:
    html = render_html(replace(company_pack(), unit_name="Meridian Outdoor"))
    assert "<b>Meridian Outdoor</b> · Balanced Scorecard<" in html


def test_no_page_but_the_last_is_more_than_half_empty(company: bytes, tmp_path: Path) -> None:
    for content in (company, render_pdf(person_pack())):
        boxes = text_of(content, tmp_path, "-bbox").split("<page ")[1:-1]
        for page in boxes:
            lowest = max(y for y in (float(m) for m in re.findall(r'yMax="([\d.]+)"', page)) if y < 555)
            assert lowest > 297.6


def test_exceptions_without_a_row_of_their_own_are_named() -> None:
    pack = company_pack()
    lines = [replace(k, band=BANDS[0], name=f"{k.name} again") for k in pack.perspectives[0].kpis]
    worse = replace(pack, perspectives=(replace(pack.perspectives[0], kpis=tuple(lines)), *pack.perspectives[1:]))
    summary = render_html(worse).split('id="perspective-')[0]
    assert "Also off target: " in summary
    for line in lines:
        assert line.name in summary


def test_what_was_written_stands_whole_on_the_summary_where_there_is_room() -> None:
    pack = department_pack()
    text = "A long explanation of what happened, with " + "one more detail and " * 4 + "an end."
    one = replace(pack, remarks=(Remark(exceptions(pack)[0].line.id, None, text, "", "", ""),))
    html = render_html(one).split('id="perspective-')[0]
    assert f"“{text}”" in html


def test_sources_are_named_by_id_and_described() -> None:
    html = render_html(company_pack())
    source = company_pack().sources[0]
    assert f'<th scope="row">{source.source}</th>\n<td>{source.description}</td>' in html


@pytest.mark.parametrize(
    "pack", [company_pack(), person_pack(), empty_pack(), hostile_pack()], ids=["company", "person", "empty", "hostile"]
)
def test_the_html_asks_for_nothing_from_outside(pack: Pack) -> None:
    html = render_html(pack)
    addresses = re.findall(
        r"(?:src|href)=[\"']([^\"']+)|url\([\"']?([^\"')]+)",
        re.sub(r"<(p|td|th|span|title|b|a)\b[^>]*>[^<]*", "", html),
    )
    for address in (a or b for a, b in addresses):
        assert address.startswith(("#", "file://")), address


@pytest.mark.parametrize(
    "url", ["https://example.org/x.png", "http://192.0.2.1/x", "file:///etc/passwd", "data:text/plain,x"]
)
def test_nothing_is_fetched_but_our_own_files(url: str) -> None:
    with pytest.raises(ValueError, match="only use its own fonts and files"):
        OwnFilesOnly().fetch(url)


def test_a_summary_with_many_units_and_long_texts_still_takes_one_page(tmp_path: Path) -> None:
    pack = company_pack()
    remark = Remark(None, None, "The recovery goes on, but it is not yet a result. " * 6, "", "Chief", "")
    many = tuple(replace(c, unit=f"u{i}", name=f"Account manager {i}") for i, c in enumerate(pack.children * 2))
    full = replace(pack, children=many[:6], remarks=(remark, *pack.remarks))
    second = text_of(render_pdf(full), tmp_path, "-f", "2", "-l", "2")
    assert "Strategy map" in second


@pytest.mark.parametrize("orientation", ["landscape", "portrait"])
def test_units_without_room_on_the_summary_begin_no_page_of_their_own(
    orientation: Literal["landscape", "portrait"], tmp_path: Path
) -> None:
    pack = company_pack()
    name = "Division number {} of the northern and eastern territories"
    children = tuple(replace(pack.children[0], name=name.format(i)) for i in range(25))
    long = "Kundenzufriedenheitsverbesserungsmaßnahmenperspektive"
    pages = tuple(replace(page, name=long) for page in pack.perspectives)
    remark = Remark(None, None, "What was written about the month. " * 30, "", "Chief", "")
    full = replace(pack, children=children, perspectives=pages, remarks=(remark, *pack.remarks))
    content = render_pdf(full, Look(Layout(pages=("summary", "cascade"), orientation=orientation)))
    first, second = (text_of(content, tmp_path, "-f", n, "-l", n) for n in ("1", "2"))
    assert "All 25 units stand on their own page." in first
    assert "Exceptions" in first
    assert "Cascade" in second
