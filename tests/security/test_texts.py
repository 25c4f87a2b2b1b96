"""Text of extracts and declarations is data wherever it is shown: in a terminal, a spreadsheet, a template, a pack."""

from __future__ import annotations

import csv
import re
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from pipelines.cli.printing import say
from pipelines.steps.export import write_table
from report_templates import bounded_svg
from report_templates.look import Look
from report_templates.printing import OwnFilesOnly, print_document
from report_templates.screen import own_file
from report_templates.templates import environment, told
from scorecards.check_packs import check_pack_files
from scorecards.errors import DeclarationError
from scorecards.packs import STANDARD_LAYOUT
from tests.security.bounded import bounded, refused
from tests.small_company import small_company

HOSTILE = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", '=HYPERLINK("http://x")']


def test_a_cell_of_an_exported_csv_that_begins_like_a_formula_is_a_text(tmp_path: Path) -> None:
    frame = pl.DataFrame({"text": [*HOSTILE, "plain", "-5", "+3,5", None, "a=b"], "number": [-1.5] * 11})
    write_table(frame, "x", "csv", tmp_path / "x.csv")
    with (tmp_path / "x.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    texts = [row["text"] for row in rows]
    assert texts == [*(f"'{text}" for text in HOSTILE), "plain", "-5", "+3,5", "", "a=b"]
    assert {row["number"] for row in rows} == {"-1.5"}
    write_table(frame, "x", "parquet", tmp_path / "x.parquet")
    assert pl.read_parquet(tmp_path / "x.parquet").equals(frame)


def test_no_text_steers_the_terminal_or_shows_as_another(capsys: pytest.CaptureFixture[str]) -> None:
    say("a\x1b[2J\x1b]0;title\x07b\rc\x9bd\u202egnp.exe [bold]x[/bold]")
    shown = capsys.readouterr().out
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", shown)
    assert "[bold]x[/bold]" in shown


ESCAPES = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ view.__init__.__globals__ }}",
    "{{ fmt.number.__globals__ }}",
    "{{ cycler.__init__.__globals__.os }}",
    "{{ lipsum.__globals__['os'].popen('id').read() }}",
    "{{ self._TemplateReference__context }}",
    "{{ ''|attr('__class__') }}",
    "{{ '%s'|format(''.__class__) }}",
    "{{ '{0.__class__.__mro__}'.format('') }}",
    "{{ [].append(1) }}",
    "{% set x = {} %}{{ x.update(a=1) }}",
    "{% include '/etc/passwd' %}",
    "{% include '../../../../../../etc/passwd' %}",
    "{% import 'os' as os %}",
    "{% for n in range(10000000) %}x{% endfor %}",
]


@pytest.mark.parametrize("text", ESCAPES)
def test_a_template_of_a_project_cannot_leave_the_sandbox(text: str) -> None:
    name = "templates/pack/summary.html"
    look = Look(STANDARD_LAYOUT, templates=((name, text),), digest=text)
    with pytest.raises(DeclarationError, match=rf"{name}:1: cannot be filled: ") as refused, told(look):
        environment(look).get_template("pack/summary.html").render(view={}, pack={}, locale="en_GB")
    assert "root:" not in str(refused.value)


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "file://localhost/etc/passwd",
        "http://127.0.0.1:9/x.png",
        "https://example.com/x.png",
        "ftp://127.0.0.1/x",
        "//127.0.0.1/x",
        "gopher://127.0.0.1/x",
        "{root}/scorecard.yaml",
        "{root}/assets/../scorecard.yaml",
        "{root}/assets/%2e%2e/scorecard.yaml",
        "{root}/assets/link.png",
        "{root}/assets/folder/passwd",
        "data:text/html,<script>alert(1)</script>",
    ],
)
def test_a_pack_reads_no_file_and_no_address_but_its_own(tmp_path: Path, address: str) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "scorecard.yaml").write_text("x")
    (tmp_path / "assets" / "link.png").symlink_to("/etc/passwd")
    (tmp_path / "assets" / "folder").symlink_to("/etc")
    (tmp_path / "assets" / "own.png").write_bytes(pixels(9, 9))
    fetcher = OwnFilesOnly(tmp_path)
    assert fetcher.fetch((tmp_path / "assets" / "own.png").as_uri()).read() == pixels(9, 9)
    with pytest.raises(ValueError, match="may only use its own fonts and files"):
        fetcher.fetch(address.format(root=tmp_path.as_uri()))


_LAUGHS = '<!ENTITY l0 "ha">' + "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
_OPEN = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/1999/xlink" width="50" height="20">'
_USES = "".join(f'<g id="b{n}">' + f'<use x:href="#b{n - 1}"/>' * 10 + "</g>" for n in range(1, 9))
_BOMB = f'{_OPEN}<defs><rect id="b0" width="1" height="1"/>{_USES}</defs>%s</svg>'
_PAGE = '<html lang="en"><head><title>t</title></head><body><p>%s</p></body></html>'


def printed(root: Path, svg: bytes, inside: str = '<img src="assets/a.svg" alt="x"/>') -> None:
    (root / "assets").mkdir(exist_ok=True)
    (root / "assets" / "a.svg").write_bytes(svg)
    print_document("<!DOCTYPE html>" + _PAGE % inside, "", b"0" * 16, root)


@pytest.mark.parametrize("entities", ['<!ENTITY l6 "one">', _LAUGHS, '<!ENTITY % p "x"><!ENTITY l6 SYSTEM "a">'])
@pytest.mark.parametrize("code", ["utf-8", "utf-16"])
def test_an_image_that_declares_entities_is_refused(tmp_path: Path, entities: str, code: str) -> None:
    svg = f"<!DOCTYPE svg [{entities}]>{_OPEN}<text>&l6;</text></svg>".encode(code)
    with pytest.raises(DeclarationError, match=r"assets/a\.svg declares entities.*Save it without a DOCTYPE"):
        printed(tmp_path, svg)
    with pytest.raises(DeclarationError, match=r"assets/a\.svg: cannot be shown: it declares entities"):
        own_file(Look(STANDARD_LAYOUT, root=tmp_path), "assets/a.svg")


def test_a_page_that_declares_entities_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match=r"the page declares entities.*Take <!ENTITY out"):
        print_document(f"<!DOCTYPE html [{_LAUGHS}]>{_PAGE % '&l6;'}", "", b"0" * 16, tmp_path)


@pytest.mark.parametrize(
    "drawn",
    [
        '<use x:href="#b8"/>',
        '<symbol id="s"><use x:href="#b8"/></symbol><use x:href="#s"/>',
        '<mask id="m"><use x:href="#b8"/></mask><rect width="9" height="9" mask="url(#m)"/>',
        '<pattern id="p" width="1" height="1"><use x:href="#b8"/></pattern><rect width="9" height="9" fill="url(#p)"/>',
    ],
)
def test_an_image_whose_elements_use_each_other_without_end_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, drawn: str
) -> None:
    monkeypatch.setattr(bounded_svg, "MOST_ELEMENTS", 500)
    with pytest.raises(DeclarationError, match=r"assets/a\.svg draws more than 500 elements.*fewer elements"):
        printed(tmp_path, (_BOMB % drawn).encode())
    with pytest.raises(DeclarationError, match=r"an SVG of a template draws more than 500 elements"):
        printed(tmp_path, b"", _BOMB % drawn)


def test_what_an_image_takes_until_it_is_refused_is_bounded(tmp_path: Path) -> None:
    company = small_company(tmp_path / "small", ("2025-01",))
    assert bounded("-m", "pipelines.cli.app", "run", "2025-01", "--project", str(company.root)).code == 0
    company.write("assets/a.svg", _BOMB % '<use x:href="#b8"/>')
    company.write("packs.yaml", "style: {logo: assets/a.svg}\n")
    ended = refused("image", "preview", "company", "2025-01", "--project", str(company.root))
    assert "assets/a.svg draws more than 25,000 elements" in " ".join(ended.err.split())
    company.write("assets/a.svg", f"<!DOCTYPE svg [{_LAUGHS}]>{_OPEN}<text>&l6;</text></svg>")
    ended = refused("image", "preview", "company", "2025-01", "--project", str(company.root))
    assert "assets/a.svg: cannot be shown: it declares entities" in " ".join(ended.err.split())
    (company.root / "assets" / "b.png").write_bytes(pixels(40_000, 40_000))
    company.write("packs.yaml", "style: {logo: assets/b.png}\n")
    (company.root / "assets" / "a.svg").unlink()
    ended = refused("image", "preview", "company", "2025-01", "--project", str(company.root))
    assert "assets/b.png: cannot be shown: it has more than 25,000,000 pixels. Save it smaller." in ended.err


_SOUND = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.png", lambda: pixels(5_001, 5_000), "has 5,001 times 5,000 pixels, more than 25,000,000 together"),
        ("a.png", lambda: pixels(900, 900)[:60], "cannot be read as an image"),
        ("a.png", lambda: b"no image", "cannot be read as an image"),
        ("a.jpg", lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "cannot be read as an image"),
        ("a.svg", lambda: _SOUND.encode()[:-1], "is no SVG that can be read"),
        ("a.svg", lambda: b"<html/>", "is no SVG: it begins otherwise"),
        ("a.tiff", lambda: b"II*", "has the ending of no image"),
        ("a.png", lambda: pixels(5_000, 5_000), None),
        ("a.svg", _SOUND.encode, None),
    ],
)
def test_an_image_that_would_be_left_out_of_the_page_is_told_instead(
    tmp_path: Path, name: str, content: Callable[[], bytes], told: str | None
) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / name).write_bytes(content())
    page = "<!DOCTYPE html>" + _PAGE % f'<img src="assets/{name}" alt="x"/>'
    problems = [f"{one.file}: {one.message}" for one in check_pack_files(tmp_path)]
    if told is None:
        assert print_document(page, "", b"0" * 16, tmp_path) is not None
        assert problems == []
        return
    with pytest.raises(DeclarationError, match=rf"cannot be printed: assets/{name} {told}"):
        print_document(page, "", b"0" * 16, tmp_path)
    with pytest.raises(DeclarationError, match=rf"assets/{name}: cannot be shown: it {told}"):
        own_file(Look(STANDARD_LAYOUT, root=tmp_path), f"assets/{name}")
    assert name == "a.tiff" or problems[0].startswith(f"assets/{name}: cannot be shown: it {told}")


def pixels(width: int, height: int) -> bytes:
    """A PNG of so many black pixels, of which hardly any byte is needed."""
    row = zlib.compressobj(9)
    content = b"".join(row.compress(bytes((width + 7) // 8 + 1)) for _ in range(height)) + row.flush()
    parts = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)), (b"IDAT", content), (b"IEND", b"")]
    coded = [struct.pack(">I", len(of)) + kind + of + struct.pack(">I", zlib.crc32(kind + of)) for kind, of in parts]
    return b"\x89PNG\r\n\x1a\n" + b"".join(coded)


def test_images_in_images_are_counted_together(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    for number in range(1, 9):
        inner = f'<image href="{number - 1}.svg" width="9" height="9"/>' * 10
        (tmp_path / "assets" / f"{number}.svg").write_text(f"{_OPEN}{inner}</svg>")
    (tmp_path / "assets" / "0.svg").write_text(f'{_OPEN}<rect width="1" height="1"/></svg>')
    with pytest.raises(DeclarationError, match="draws more than 25,000 elements"):
        printed(tmp_path, b"", '<img src="assets/8.svg" alt="x"/>')


def test_an_image_with_the_doctype_of_its_editor_that_uses_its_own_elements_is_printed(tmp_path: Path) -> None:
    doctype = '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
    printed(tmp_path, (doctype + _BOMB % '<use x:href="#b3"/>').encode())


def test_no_name_no_header_and_no_value_begins_a_line_of_its_own(tmp_path: Path) -> None:
    forged = "2025-01: 9 scorecards scored."
    company = small_company(tmp_path / "small", ("2025-01",))
    rows = "".join(f'{n},north,2025-01-0{n},1.00,"x"\n' for n in range(1, 10))
    bad = f'"a\n{forged}",north,2025-01-09,1.00,"x"\n'
    company.write("extracts/sales_2025-01_20250203.csv", f'id,shop,sold_on,amount,"y\n{forged}"\n{rows}{bad}')
    company.write(f"extracts/sales_2025-01_20250204\n{forged}.csv", "id\n1\n")
    company.write("commentary/2025-01.yaml", f'comments: [{{unit: "north\\n{forged}", text: x}}]\n')
    told = ""
    for words in (["check"], ["run", "2025-01", "--packs", "none"], ["status"], ["rejects"]):
        ended = subprocess.run(
            [sys.executable, "-m", "pipelines.cli.app", *words, "--project", str(company.root)],
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        told += ended.stdout + ended.stderr
    assert "Traceback" not in told
    assert told.count(forged) >= 5
    assert not re.search(rf"^\s*{re.escape(forged)}", told, re.MULTILINE)
    assert "its name holds control characters" in told
