"""The columns of the tables of KPIs: which ones, in which order, how wide, on which page.

Belongs here: the choice, and what it means for the height of a row. Heads and cells are ``pack/kpi_table.html``.

Widths are shares of the table. On a narrow page what the KPI is measured in, and its owner, stand below its name, and
columns that say least are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from report_templates.geometry import POINTS, Page
from report_templates.text_fit import line_count, text_width
from transforms.pack import KpiLine

_BODY, _SMALL = 8 * POINTS, 6.5 * POINTS
LEAST_ROW = 5.9
_PADDING = 1.6
# Bold type is a little wider.
_BOLD = 1.04
_IN_BOLD, _IN_SMALL = {"actual", "score", "weight"}, {"variation", "assurance", "judged", "known_on"}
# Estimates are a little high: what is over by less than that is not.
_ESTIMATED_HIGH = 0.96
# So much of its width keeps a column whose texts may be broken, or which is drawn.
_LEAST = 0.65


@dataclass(frozen=True)
class Column:
    """A column by its name, and its width in millimetres before the table is fitted to the page."""

    name: str
    width: float


@dataclass(frozen=True)
class Columns:
    """The columns of one table; ``is_stacked`` says whether unit and owner stand below the name."""

    columns: tuple[Column, ...]
    is_stacked: bool

    @property
    def is_close(self) -> bool:
        """Whether it is a table of all KPIs, which is set closer."""
        return any(column.name == "known_on" for column in self.columns)

    @property
    def whole(self) -> float:
        """The sum of the widths."""
        return sum(column.width for column in self.columns)

    def index(self, name: str) -> int:
        """The place of a column, from 0. Raises ``ValueError`` where the table does not have it."""
        return [column.name for column in self.columns].index(name)

    def share(self, column: Column) -> str:
        """The width of a column as CSS understands it."""
        return f"{column.width / self.whole * 100:.2f}%"

    def room(self, name: str, page: Page) -> float:
        """What a column holds, in millimetres; nothing where the table does not have it."""
        found = next((column for column in self.columns if column.name == name), None)
        return 0.0 if found is None else found.width * page.width / self.whole - _PADDING


def _made(is_stacked: bool, **widths: float) -> Columns:
    return Columns(tuple(Column(name, width) for name, width in widths.items()), is_stacked)


_WIDE = _made(
    False, kpi=37.5, measured_in=28, actual=14, target=12, variance=12, variance_share=13, previous=12, last_year=12,
    months=18.5, bands=16, score=10.5, variation=18.5, assurance=14, weight=11, owner=34, kind=10,
)  # fmt: skip
_NARROW = _made(
    True, kpi=45, actual=13, target=12, variance=12, variance_share=13.5, previous=12.5, last_year=12.5, months=18,
    score=11, judged=18.5, weight=12,
)  # fmt: skip
_ALL_WIDE = _made(
    False, kpi=39.5, measured_in=24, actual=13, target=11.5, variance=11.5, variance_share=13.5, previous=11.5,
    last_year=11.5, to_date=12, to_date_target=11.5, months=17.5, score=11, variation=19.5, assurance=14, weight=11,
    owner=32, known_on=10.5,
)  # fmt: skip
_ALL_NARROW = _made(
    True, kpi=39, actual=12.5, target=12, variance=11.5, variance_share=13, previous=12, last_year=12, to_date_both=14,
    months=15, score=10.5, judged=17.5, weight=11, known_on=12,
)  # fmt: skip


def columns_for(page: Page, digits: int) -> Columns:
    """The columns of a perspective's table; ``digits`` are those of the scores."""
    return _with_digits(_NARROW if page.is_narrow else _WIDE, digits)


def scorecard_columns(page: Page, digits: int, has_to_date: bool) -> Columns:
    """The columns of the scorecard on one page; those of the year to date only where there is any."""
    columns = _with_digits(_ALL_NARROW if page.is_narrow else _ALL_WIDE, digits)
    if has_to_date:
        return columns
    kept = tuple(column for column in columns.columns if not column.name.startswith("to_date"))
    return Columns(kept, columns.is_stacked)


def _with_digits(columns: Columns, digits: int) -> Columns:
    """With room for scores of so many decimals; every column gives a little."""
    wider = (replace(one, width=one.width + 1.3 * digits) if one.name == "score" else one for one in columns.columns)
    return Columns(tuple(wider), columns.is_stacked)


def fitting(columns: Columns, texts: Mapping[str, Iterable[str]], page: Page) -> Columns:
    """The columns with room for these texts of theirs, which are never broken; every other column gives what it can."""
    wanted = {name: max((_needed(name, text) for text in found), default=0.0) for name, found in texts.items()}
    room = {one.name: one.width * page.width / columns.whole for one in columns.columns}
    lacking = {name: wanted[name] - width for name, width in room.items() if wanted.get(name, 0.0) > width}
    if not any(wanted[name] * _ESTIMATED_HIGH > room[name] for name in lacking):
        return columns
    spare = {name: max(width - wanted.get(name, width * _LEAST), 0.0) for name, width in room.items()}
    given = min(sum(lacking.values()) / (sum(spare.values()) or 1.0), 1.0)
    widths = {name: width + lacking.get(name, -given * spare[name]) for name, width in room.items()}
    made = tuple(replace(one, width=round(widths[one.name], 2)) for one in columns.columns)
    return Columns(made, columns.is_stacked)


def _needed(name: str, text: str) -> float:
    """The width of a column for this text, with the space beside it."""
    size = _SMALL if name in _IN_SMALL else _BODY * (_BOLD if name in _IN_BOLD else 1.0)
    return text_width(text, size) + _PADDING


def lines_of(line: KpiLine, columns: Columns, page: Page, note: str = "") -> tuple[int, int]:
    """How many lines of body text and of small text a KPI's row takes, as estimated."""
    # A verdict on trial takes two lines of its column.
    has_note = line.value is None or line.score is None
    note = note or (" " + "x" * 30 if has_note else "")
    name = columns.room("kpi", page)
    is_long = line.signal is not None and line.signal.is_trial and line.variation not in (None, "common cause")
    body = line_count(line.name + note, name, _BODY)
    if columns.is_stacked:
        return max(body, 2 if is_long else 1), line_count(f"{line.measured_in} · {line.owner}", name, _SMALL)
    owner = line_count(line.owner, columns.room("owner", page), _SMALL)
    unit_size = _SMALL if columns.is_close else 7.2 * POINTS
    unit = line_count(line.measured_in, columns.room("measured_in", page), unit_size)
    return max(body, unit, 2 if is_long else 1), owner


def row_height(line: KpiLine, columns: Columns, page: Page) -> float:
    """The height of a KPI's row in a perspective's table."""
    body, small = lines_of(line, columns, page)
    if columns.is_stacked:
        return max(LEAST_ROW, 2.2 + 3.8 * body + 3.1 * small)
    return max(LEAST_ROW, 2.2 + 3.8 * body, 2.2 + 3.1 * small)
