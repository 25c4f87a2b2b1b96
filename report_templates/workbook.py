"""The workbook twin of a pack: an XLSX file with the same figures as the PDF, to sort, filter and reckon with.

Belongs here: how a cell is written, shown and coloured. What stands where is ``workbook_sheets.py``. Numbers and days
are real ones; every text is a text, whatever it begins with, so that no cell can turn into a formula. The same pack
gives the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from report_templates.declared_words import in_its_language
from report_templates.look import OURS, Look
from report_templates.messages import who
from report_templates.palette import Palette
from report_templates.workbook_sheets import Cell, Figure, Sheet, sheets
from transforms.pack import BandShown, Pack

# What Excel takes into a cell; a longer text ends with a mark, since Excel would drop it without a word.
_MOST_CHARACTERS = 32_767
_CUT = " […]"
# A line's height in points, and the most lines that a row may take.
_LINE, _MOST_LINES = 15, 20
_A3 = 8
# Bands are decided on unrounded scores with this tolerance.
_TOLERANCE = 1e-9


def print_workbook(pack: Pack, look: Look = OURS) -> bytes:
    """The pack as an XLSX file: summary, scorecard, exceptions, KPI history, definitions and what else it holds.

    Its sheets are the same in every layout; bands have the look's colours.
    """
    from xlsxwriter import Workbook

    pack = in_its_language(pack)

    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = Workbook(content, options)
    # Excel asks for the day when a file was made; the clock would make equal packs differ.
    made = datetime(pack.period.year, pack.period.month, pack.period.day, tzinfo=UTC)
    book.set_properties({
        "title": f"{pack.unit_name}: {pack.scorecard_name}", "author": pack.organisation, "created": made,
        "comments": " · ".join(who(pack)),
    })  # fmt: skip
    forms = _Forms(book)
    for sheet in sheets(pack):
        _write_sheet(book.add_worksheet(sheet.name), sheet, forms, pack.bands, look.palette)
    book.close()
    return content.getvalue()


class _Forms:
    """The formats of a workbook, each made once."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, object], ...], Any] = {}

    def __call__(self, **properties: object) -> Any:
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(properties)
        return self._made[key]


def _write_sheet(to: Any, sheet: Sheet, forms: _Forms, bands: Sequence[BandShown], palette: Palette) -> None:
    for row, line in enumerate(sheet.lines):
        to.write_string(row, 0, _text(line), forms(bold=row == 0, font_size=14 if row == 0 else 11))
    head = len(sheet.lines) + 1 if sheet.lines else 0
    for place, column in enumerate(sheet.columns):
        to.set_column(place, place, column.width)
        has_figures = any(isinstance(cells[place], Figure) for cells in sheet.rows)
        side: dict[str, object] = {"align": "right"} if has_figures else {"align": "left", "indent": int(place > 0)}
        look = forms(bold=True, bottom=1, text_wrap=True, valign="bottom", **side)
        to.write_string(head, place, _text(column.title), look)
    for row, cells in enumerate(sheet.rows, start=head + 1):
        to.set_row(row, _LINE * _lines(cells, sheet))
        for place, cell in enumerate(cells):
            _write_cell(to, row, place, cell, forms)
    last = head + len(sheet.rows)
    if sheet.rows:
        to.autofilter(head, 0, last, len(sheet.columns) - 1)
    to.freeze_panes(head + 1, 1)
    for place, column in enumerate(sheet.columns):
        if column.has_bands and sheet.rows:
            _colour(to, (head + 1, place, last, place), forms, bands, palette)
    to.set_landscape()
    to.set_paper(_A3)
    to.fit_to_pages(1, 0)
    to.repeat_rows(head)


def _write_cell(to: Any, row: int, place: int, cell: Cell, forms: _Forms) -> None:
    if isinstance(cell, Figure):
        if cell.value is not None:
            to.write_number(row, place, cell.value, forms(num_format=cell.form, valign="top"))
    elif isinstance(cell, date):
        to.write_datetime(row, place, cell, forms(num_format="yyyy-mm-dd", align="left", valign="top", indent=1))
    elif cell:
        to.write_string(
            row, place, _text(cell), forms(text_wrap=True, valign="top", align="left", indent=int(place > 0))
        )


def _lines(cells: Sequence[Cell], sheet: Sheet) -> int:
    """The lines that the longest text of a row takes: a spreadsheet grows rows by itself only while one types."""
    texts = [(cell, column.width) for cell, column in zip(cells, sheet.columns, strict=True) if isinstance(cell, str)]
    return min(max((-(-len(text) // (width - 2)) for text, width in texts), default=1), _MOST_LINES) or 1


def _text(text: str) -> str:
    return text if len(text) <= _MOST_CHARACTERS else text[: _MOST_CHARACTERS - len(_CUT)] + _CUT


def _colour(
    to: Any, cells: tuple[int, int, int, int], forms: _Forms, bands: Sequence[BandShown], palette: Palette
) -> None:
    """The colours of the bands, the highest first; an empty cell has none."""
    to.conditional_format(*cells, {"type": "blanks", "stop_if_true": True, "format": forms()})
    for band in sorted(bands, key=lambda band: float("inf") if band.at_least is None else -band.at_least):
        look = forms(bg_color=palette.STATUS_TINTS[band.status], font_color=palette.STATUS_TEXT[band.status])
        rule: dict[str, object] = {"type": "cell", "criteria": ">=", "format": look, "stop_if_true": True}
        rule["value"] = -1e300 if band.at_least is None else band.at_least - _TOLERANCE
        to.conditional_format(*cells, rule)
