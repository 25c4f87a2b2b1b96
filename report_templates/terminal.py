"""The scorecard in a terminal: for a person with colours, for a pipe as plain aligned text. Both fit 80 columns.

Belongs here: laying out lines of text. What the sentences say is ``messages.py``.
"""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from report_templates.counts import counted, spans
from report_templates.declared_words import in_its_language
from report_templates.exceptions import exceptions
from report_templates.first_page_notes import first_page_notes
from report_templates.formatting import SIGNS
from report_templates.headline import headline
from report_templates.kpi_rows import kpi_row, node_verdict
from report_templates.language import language
from report_templates.messages import arrow, period_words, who
from report_templates.reasons import reason_words
from scorecards.words import on_one_line
from transforms.pack import NodeScore, Pack, Status

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

WIDTH = 80
TREND_MONTHS = 12
REST_WIDTH = 12 + 7 + 7 + TREND_MONTHS + 5  # the columns between name and score, and the gaps
SHORT_UNIT = 5
_INDENT = "    "
_BLOCKS = "▁▂▃▄▅▆▇█"
_STYLES: dict[Status | None, str] = {"good": "cyan", "warning": "yellow", "bad": "red", None: "dim"}


@dataclass(frozen=True)
class _Line:
    """A line of the table; ``is_perspective`` lines carry a node's score, the others a KPI's.

    ``note`` says below it, over the whole width, why something is missing, or of which month the value is.
    """

    cells: tuple[str, str, str, str, str, str]
    status: Status | None
    is_perspective: bool
    note: str = ""

    @property
    def note_lines(self) -> list[str]:
        """The note, indented and broken where the table ends."""
        return textwrap.wrap(_plain(self.note), WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT)


def scorecard_table(pack: Pack) -> RenderableType:
    """The scorecard for a rich console: headline, overall score, a table by perspective, and what is off target."""
    from rich.console import Group
    from rich.text import Text

    pack = in_its_language(pack)
    heads = _heads(pack.locale)
    width = _score_width(pack)
    # A note spans all columns, which a row cannot: the table goes on below it as another one of the same widths.
    blocks: list[RenderableType] = [table := _table(heads, width, has_heads=True)]
    for line in _lines(pack):
        style = "bold" if line.is_perspective else ""
        cells = [Text(cell, style=style) for cell in line.cells]
        cells[5].stylize(_STYLES[line.status])
        table.add_row(*cells)
        if line.note:
            blocks += [Text("\n".join(line.note_lines), style="dim"), table := _table(heads, width, has_heads=False)]
    off = [
        Text.assemble((f"{SIGNS[row.status]} ", _STYLES[row.status]), (row.line.name, "bold"), f": {row.doing}")
        for row in exceptions(pack)
    ]
    return Group(
        Text(_title(pack), style="dim"),
        Text(_plain(headline(pack)), style="bold"),
        *(Text(note) for note in first_page_notes(pack)),
        Text(_overall(pack), style=_STYLES[node_verdict(pack, pack.node).status]),
        Text(""),
        *blocks,
        *([Text(""), *off] if off else []),
    )


def _heads(locale: str) -> tuple[str, str, str, str, str, str]:
    say = language(locale)
    return (
        say("KPI"), say("Actual"), say.pgettext("narrow column", "Target"), "Δ",
        spans(TREND_MONTHS, "month", locale), say("Score"),
    )  # fmt: skip


def _table(heads: Sequence[str], score_width: int, *, has_heads: bool) -> Table:
    from rich.table import Table

    table = Table(
        box=None, padding=(0, 1, 0, 0), width=WIDTH, header_style="dim", pad_edge=False, show_header=has_heads
    )
    table.add_column(heads[0], width=WIDTH - REST_WIDTH - score_width, no_wrap=True, overflow="ellipsis")
    for head, width in zip(heads[1:4], (12, 7, 7), strict=True):
        table.add_column(head, justify="right", width=width, overflow="fold")
    table.add_column(heads[4], width=TREND_MONTHS, no_wrap=True)
    table.add_column(heads[5], justify="right", width=score_width, no_wrap=True)
    return table


def scorecard_text(pack: Pack) -> str:
    """The same as plain text, one line per KPI, ending with a newline."""
    pack = in_its_language(pack)
    lines = [_title(pack), _plain(headline(pack)), *map(_plain, first_page_notes(pack)), _overall(pack), ""]
    lines.append(_aligned(_heads(pack.locale), _score_width(pack)))
    lines += [text for line in _lines(pack) for text in (_aligned(line.cells, _score_width(pack)), *line.note_lines)]
    off = [f"{SIGNS[row.status]} {_plain(row.line.name)}: {row.doing}" for row in exceptions(pack)]
    return "\n".join([*lines, *(["", *off] if off else [])]) + "\n"


def _title(pack: Pack) -> str:
    return _plain(" · ".join([*who(pack), period_words(pack)]))


def _overall(pack: Pack) -> str:
    verdict = node_verdict(pack, pack.node)
    count = f" · {counted(pack.node, 'bad', pack.locale)}" if pack.node.applicable else ""
    because = f": {reason_words(pack.node.missing_reason, pack.locale)}" if pack.node.missing_reason else ""
    return f"{SIGNS[verdict.status]} {verdict.score} {verdict.word}{because}{count}"


def _lines(pack: Pack) -> Iterator[_Line]:
    say = language(pack.locale)
    for page in pack.perspectives:
        verdict, reason = node_verdict(pack, page.node), page.node.missing_reason
        score = f"{SIGNS[verdict.status]} {verdict.score:>{_figure_width(pack)}}"
        name = f"{_plain(page.name)} {arrow(pack, page.node)}".rstrip()
        why = say("No score: %(reason)s.", reason=reason_words(reason, pack.locale)) if reason else ""
        yield _Line((name, verdict.word, "", "", _trend(_recent(page.node)), score), verdict.status, True, why)
        for kpi in page.kpis:
            row = kpi_row(pack, kpi)
            short = row.measured_in if len(row.measured_in) <= SHORT_UNIT and kpi.value is not None else ""
            mark = f"{SIGNS[row.verdict.status]} {row.verdict.score:>{_figure_width(pack)}}"
            has_long_unit = len(row.measured_in) > SHORT_UNIT
            yield _Line(
                (f"  {_plain(kpi.name)}", f"{row.actual} {short}".strip(), row.target, row.variance,
                 _trend([p.value for p in kpi.history][-TREND_MONTHS:]), mark),
                row.verdict.status,
                False,
                "" if has_long_unit else row.note,
            )  # fmt: skip
            if has_long_unit:
                yield _Line((f"{_INDENT}{_plain(row.measured_in)}", "", "", "", "", ""), None, False, row.note)


def _recent(node: NodeScore) -> list[float | None]:
    return list(node.history)[-TREND_MONTHS:]


def _trend(values: Sequence[float | None]) -> str:
    present = [v for v in values if v is not None]
    if not present:
        return ""
    low, high = min(present), max(present)
    step = (high - low) / (len(_BLOCKS) - 1)
    return "".join(" " if v is None else _BLOCKS[round((v - low) / step) if step else 3] for v in values)


def _figure_width(pack: Pack) -> int:
    """The characters of a score: ``100``, ``10.0``, ``1.000``."""
    return (3, 4, 5, 5)[pack.score_digits]


def _score_width(pack: Pack) -> int:
    return max(_figure_width(pack) + 2, 6)


def _aligned(cells: Sequence[str], score_width: int) -> str:
    name, actual, target, variance, trend, score = cells
    width = WIDTH - REST_WIDTH - score_width
    short = name if _columns(name) <= width else f"{name[: width - 1]}…"
    padded = short + " " * (width - _columns(short))
    return f"{padded} {actual:>12} {target:>7} {variance:>7} {trend:<{TREND_MONTHS}} {score:>{score_width}}".rstrip()


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _plain(text: str) -> str:
    """Without control characters, which could steer a terminal, and line breaks."""
    return "".join(c if unicodedata.category(c)[0] != "C" else " " for c in on_one_line(text, " ")).strip()
