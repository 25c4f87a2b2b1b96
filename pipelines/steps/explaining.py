"""Explaining a number: from a KPI value that was computed, or published, down to the rows that it came from.

Belongs here: finding the value, its declaration and its scores. What stands behind each operand is
``explaining_inputs.py``. Values are read as they were committed; nothing is computed that could differ from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from pipelines.steps.edition_comparing import left_of, tables_then
from pipelines.steps.explained import (
    EditionExplained,
    Explanation,
    ScoreExplained,
)
from pipelines.steps.explaining_data import Behind
from pipelines.steps.explaining_formula import used_kpis
from pipelines.steps.explaining_inputs import explain_input
from pipelines.steps.explaining_scores import scores_explained
from pipelines.steps.outcome import not_computed
from pipelines.steps.setting import Setting, setting_then
from report_templates.formatting import RowScale, figure_scale
from report_templates.language import ENGLISH
from report_templates.reasons import reason_words
from scorecards.errors import CallError, did_you_mean
from scorecards.periods import period_text
from scorecards.project import Project
from transforms.definitions import definition_digest
from transforms.groups import kpis_about_people
from transforms.plan import Evaluation
from warehouse import journal
from warehouse.editions import FROZEN, KIND, Edition, editions
from warehouse.store import Warehouse, open_warehouse
from warehouse.tables import ANCHORS, KPI_DEFINITIONS, KPI_INPUTS, KPI_VALUES, SCORES

Tables = Mapping[str, pl.DataFrame]
Row = dict[str, Any]


@dataclass(frozen=True)
class Question:
    """What is asked: a KPI of a unit in a month, of an edition or as it is now (0), over a window, of one slice."""

    kpi: str
    unit: str
    period: date
    edition: int = 0
    scorecard: str = ""
    window: str = ""
    slice: str = ""


def explain(setting: Setting, asked: Question) -> Explanation:
    """All that stands behind a value. Raises ``CallError`` where there is no such value, saying what there is."""
    if not setting.home.warehouse.exists():
        raise not_computed(setting, asked.period)
    with open_warehouse(setting.home, telling=setting.telling) as warehouse:
        if not asked.edition:
            frames = {table.name: _read(warehouse, asked, table.name) for table in FROZEN}
            return _Explainer(setting, setting, asked, frames, warehouse, None).explanation()
        edition, seq = _edition(setting, asked)
        then = setting_then(setting.home, edition.declarations, setting.project.extracts, seq)
        left = left_of(setting, tables_then(setting, edition), _read(warehouse, asked, KPI_VALUES.name))
        return _Explainer(then, setting, asked, left, warehouse, edition).explanation()


def _read(warehouse: Warehouse, asked: Question, name: str) -> pl.DataFrame:
    table = next(table for table in FROZEN if table.name == name)
    wanted = {"unit": [asked.unit]} if "unit" in table.columns else {}
    return warehouse.read(table, [asked.period], **wanted)


def _edition(setting: Setting, asked: Question) -> tuple[Edition, int]:
    """The edition that is asked for, and the place in the journal at which it was published."""
    found = {edition.number: edition for edition in editions(setting.home, asked.period)}
    name = period_text(asked.period)
    if asked.edition not in found:
        known = f"It has {', '.join(map(str, found))}." if found else "It has none yet: scorepack publish."
        raise CallError(f"{name} has no edition {asked.edition}. {known}")
    entries = journal.entries(setting.home, KIND, name)
    return found[asked.edition], next(entry.seq for entry in entries if entry.body["number"] == asked.edition)


def _tells_months(project: Project) -> bool:
    """Whether a window that is shown has only months that are shown."""
    rule = project.organisation.small_groups
    return rule is None or rule.across_months


class _Explainer:
    def __init__(
        self, setting: Setting, now: Setting, asked: Question, tables: Tables, warehouse: Warehouse,
        edition: Edition | None,
    ) -> None:  # fmt: skip
        self.setting, self.now, self.asked, self.warehouse, self.edition = setting, now, asked, warehouse, edition
        self.project, self.organisation = setting.project, setting.project.organisation
        cards = list(self.project.strategy.scorecards)
        for kind, name, known in (
            ("KPI", asked.kpi, list(self.project.kpis)),
            ("unit", asked.unit, self.project.unit_ids),
            ("scorecard", asked.scorecard or cards[0], cards),
        ):
            if name not in known:
                raise CallError(f"'{name}' is not a {kind}. {did_you_mean(name, known)}")
        if tables[KPI_DEFINITIONS.name].is_empty():
            raise not_computed(setting, asked.period)
        self.tables, self.kpi = tables, self.project.kpis[asked.kpi]
        own = tables[KPI_VALUES.name].filter(pl.col("kpi") == asked.kpi, pl.col("unit") == asked.unit)
        self.row = self._value(own)
        self.evaluation = self._evaluation()
        inputs = tables[KPI_INPUTS.name].filter(
            pl.col("kpi") == asked.kpi, pl.col("unit") == asked.unit,
            pl.col("window") == self.row["window"], pl.col("slice") == self.row["slice"],
        )  # fmt: skip
        self.inputs = {str(row["input"]): row for row in inputs.iter_rows(named=True)}
        self.anchors = tables[ANCHORS.name].filter(pl.col("kpi") == asked.kpi, pl.col("unit") == asked.unit)
        self.scale = self._scale()

    def _value(self, own: pl.DataFrame) -> Row:
        """The row of the value that is asked for."""
        asked, name = self.asked, f"{self.asked.kpi} of {self.asked.unit} in {period_text(self.asked.period)}"
        if own.is_empty():
            cards = [
                card_id
                for card_id, card in self.project.strategy.scorecards.items()
                if any(asked.kpi in objective.kpis for objective in card.objectives.values())
            ]
            told = f"stands on {', '.join(cards)}, but does not apply to it" if cards else "stands on no scorecard"
            raise CallError(f"There is no {name}: the KPI {told}.")
        is_asked = pl.col("is_main")
        if asked.window or asked.slice:
            window = asked.window or str(self.kpi.window)
            is_asked = (pl.col("window") == window) & (pl.col("slice") == asked.slice)
        found = own.filter(is_asked)
        if found.is_empty():
            windows = sorted(set(own.filter(pl.col("slice") == "")["window"]))
            slices = sorted(set(own["slice"]) - {""})
            known = f"Its windows: {', '.join(windows)}. "
            known += f"Its slices: {', '.join(slices[:8])}." if slices else "It has no slices."
            raise CallError(f"There is no {name} over '{asked.window or self.kpi.window}', '{asked.slice}'. {known}")
        return found.row(0, named=True)

    def _evaluation(self) -> Evaluation:
        by = str(self.row["slice"]).partition("=")[0] or None
        return next(
            one
            for one in self.setting.plan.evaluations
            if (one.kpi, one.window, one.by) == (self.asked.kpi, self.row["window"], by)
        )

    def _scale(self) -> RowScale:
        targets = self.anchors.filter(pl.col("anchor").str.ends_with("target"))["value"].to_list()
        values = [float(v) for v in (self.row["value"], *targets) if isinstance(v, (int, float))]
        locale, currency = self.organisation.locale, self.organisation.currency
        return figure_scale(values, self.kpi.measured_in, self.kpi.decimals, currency, locale)

    def explanation(self) -> Explanation:
        """The whole of it."""
        kpi, asked, row = self.kpi, self.asked, self.row
        place = self.project.places[f"kpis {asked.kpi}"]
        value, reason = row["value"], row["missing_reason"]
        behind = Behind(
            self.setting, self.warehouse, asked.period, asked.unit, str(row["slice"]), bool(self.edition),
            asked.kpi in kpis_about_people(self.now.project, self.now.plan), _tells_months(self.now.project),
        )  # fmt: skip
        declared = [one for one in self.evaluation.inputs if one.name in self.inputs]
        inputs = tuple(explain_input(behind, one, self.inputs[one.name]) for one in declared)
        return Explanation(
            kpi=asked.kpi,
            name=kpi.name,
            definition=kpi.definition,
            owner=kpi.owner,
            unit=asked.unit,
            unit_name=self._unit_name(asked.unit),
            period=asked.period,
            window=str(row["window"]),
            slice=str(row["slice"]),
            as_of=self.setting.home.as_of,
            edition=self._published(),
            measured_in=kpi.measured_in,
            value=value,
            shown=self._shown(value),
            text=row["text"],
            numerator=row["numerator"],
            denominator=row["denominator"],
            value_period=row["value_period"],
            missing_reason=reason,
            missing_words=reason_words(reason, ENGLISH) if reason else None,
            formula=kpi.value,
            declared_at=f"{place.file}:{place.line(('kpis', asked.kpi))}",
            used_kpis=tuple(used_kpis(self.project, self.evaluation, self.inputs)),
            scores=self._scores() if row["is_main"] else (),
            inputs=inputs,
            warehouse=str(self.setting.home.warehouse),
            notes=tuple(self._notes(behind)),
        )

    def _unit_name(self, unit: str) -> str:
        units = self.project.tree(self.asked.period).units
        return units[unit].name if unit in units else unit

    def _shown(self, value: float | None) -> str:
        text = self.row["text"]
        if text is not None:
            return str(text)
        return self.scale.text(value)

    def _published(self) -> EditionExplained | None:
        found = self.edition
        return None if found is None else EditionExplained(found.number, found.at, found.by, found.reason)

    def _scores(self) -> tuple[ScoreExplained, ...]:
        rows = self.tables[SCORES.name].filter(
            pl.col("unit") == self.asked.unit,
            pl.col("level") == "kpi",
            pl.col("node") == self.asked.kpi,
        )
        if self.asked.scorecard:
            rows = rows.filter(pl.col("scorecard") == self.asked.scorecard)
        return tuple(scores_explained(self.project, self.kpi, self.scale, rows, self.anchors, self.row["value"]))

    def _notes(self, behind: Behind) -> list[str]:
        """What has changed since the value was computed, and what else one should know."""
        notes = []
        if self.edition is None:
            declared = self.tables[KPI_DEFINITIONS.name].filter(pl.col("kpi") == self.asked.kpi)["digest"].to_list()
            if declared != [definition_digest(self.project, self.kpi)]:
                notes.append("The KPI is declared otherwise now than when it was computed: run the month again.")
            stale = sorted(behind.stale)
            if stale:
                what = ", ".join(stale)
                notes.append(f"Deliveries or declarations of {what} have changed since: run the month again.")
        else:
            notes.append("Units and months are computed anew from the deliveries that counted for the edition.")
        if not self.row["is_main"]:
            notes.append("Only the KPI as declared is scored: its own window, the whole.")
        return notes
