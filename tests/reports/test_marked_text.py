"""Commentary is Markdown: its marks show where there are pages, are left out where there are none, and lead nowhere."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from report_templates.email import Letter, render_email
from report_templates.marked_text import marked, plain, shortened_marked
from report_templates.pack_message import message_of
from report_templates.rendering import render_html
from report_templates.twin_page import print_twin
from report_templates.workbook_sheets import sheets
from tests.reports.pack_factory import company_pack
from transforms.pack import Pack

SAID = "**Freight** is *dear*: `a < b`, see [us](https://example.com/x) <b>now</b> & voluntary_turnover 2 * 3 * 4."
PLAIN = "Freight is dear: a < b, see [us](https://example.com/x) <b>now</b> & voluntary_turnover 2 * 3 * 4."
MARKED = (
    "<strong>Freight</strong> is <em>dear</em>: <code>a &lt; b</code>, see [us](https://example.com/x) "
    "&lt;b&gt;now&lt;/b&gt; &amp; voluntary_turnover 2 * 3 * 4."
)


@pytest.fixture
def pack() -> Pack:
    """A pack in which every remark says it."""
    usual = company_pack()
    return replace(usual, remarks=tuple(replace(remark, text=SAID, response=SAID) for remark in usual.remarks))


def test_stress_and_code_are_marked_and_all_else_is_escaped() -> None:
    assert marked(SAID) == MARKED
    assert plain(SAID) == PLAIN


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "![x](https://example.com/track.png)",
        "<https://example.com>",
        "&lt;img src=x onerror=alert(1)&gt;",
        "[a]: https://example.com\n[a]",
        "`<img src=x>`",
        "**<a href='x'>**",
    ],
)
def test_nothing_of_it_is_active_or_leads_anywhere(hostile: str) -> None:
    assert set(re.findall(r"<(/?\w+)", marked(hostile))) <= {"strong", "/strong", "em", "/em", "code", "/code"}
    assert "=" not in "".join(re.findall(r"<[^>]*>", marked(hostile)))


def test_a_shortened_text_loses_its_marks_and_never_half_of_one() -> None:
    assert shortened_marked("**Freight** is dear", 20) == "<strong>Freight</strong> is dear"
    assert shortened_marked("**Freight is very** dear", 12) == "Freight is…"


def test_page_twin_workbook_and_message_show_it_each_in_its_way(pack: Pack) -> None:
    assert MARKED in render_html(pack)
    assert MARKED in print_twin(pack)
    message = render_email(message_of(pack), Letter("Ada"))
    assert MARKED in message.html
    assert PLAIN in " ".join(message.text.split())
    cells = [cell for sheet in sheets(pack) for row in sheet.rows for cell in row]
    assert PLAIN in cells
    assert not any("**" in str(cell) for cell in cells)


def test_no_text_turns_the_direction_of_what_stands_beside_it(pack: Pack) -> None:
    turning = [chr(sign) for sign in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))]
    said = f"**מכירות**\u200f ירדו {''.join(turning)}cod.exe"
    kept = "<strong>מכירות</strong>\u200f ירדו cod.exe"
    remarks = tuple(replace(one, text=said, response=said, owner=f"A{turning[4]}da") for one in pack.remarks)
    hostile = replace(pack, remarks=remarks)
    message = render_email(message_of(hostile), Letter("Ada"))
    for shown in (render_html(hostile), print_twin(hostile), message.html):
        assert kept in shown
        assert not set(turning) & set(shown)
    cells = [str(cell) for sheet in sheets(hostile) for row in sheet.rows for cell in row]
    assert "מכירות\u200f ירדו cod.exe" in cells
    assert not set(turning) & set(message.text + "".join(marked(said)) + plain(said))
