"""Filling what packs say about movement, balance and certainty, from the tables of insight.

Belongs here: looking up and naming. Only parts of one kind are summed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from transforms.movement import LAST_YEAR, PREVIOUS_PERIOD
from transforms.pack_insight import Balance, Certainty, ChangePart, Contribution, Finding, UnitChange

Row = dict[str, Any]
_OF_KPI = ("value", "came", "went", "definition")


@dataclass(frozen=True)
class InsightTables:
    """The tables of insight for one period, as their steps give them."""

    score_changes: pl.DataFrame
    value_changes: pl.DataFrame
    balance: pl.DataFrame
    findings: pl.DataFrame
    certainty: pl.DataFrame

    @cached_property
    def _moved(self) -> dict[tuple[str, ...], list[Row]]:
        tops = self.score_changes.filter(pl.col("level") == "scorecard", pl.col("points").is_not_null())
        return _grouped(tops, "scorecard", "unit", "compared_with")

    @cached_property
    def _moved_perspectives(self) -> dict[tuple[str, ...], list[Row]]:
        known = self.score_changes.filter(pl.col("level") == "perspective", pl.col("points").is_not_null())
        return _grouped(known.filter(pl.col("compared_with") == PREVIOUS_PERIOD), "scorecard", "unit", "node")

    @cached_property
    def _values(self) -> dict[tuple[str, ...], list[Row]]:
        known = self.value_changes.filter(pl.col("change").is_not_null())
        return _grouped(known.filter(pl.col("compared_with") == PREVIOUS_PERIOD), "unit")

    @cached_property
    def _balance(self) -> dict[tuple[str, ...], list[Row]]:
        return _grouped(self.balance.filter(pl.col("perspectives") > 1), "scorecard", "unit")

    @cached_property
    def _findings(self) -> dict[tuple[str, ...], list[Row]]:
        return _grouped(self.findings, "scorecard", "unit")

    @cached_property
    def _certainty(self) -> dict[tuple[str, ...], list[Row]]:
        shown = self.certainty.filter(pl.col("level").is_in(["scorecard", "perspective"]))
        return _grouped(shown, "scorecard", "unit")

    def of(
        self, card: str, unit: str, names: Mapping[tuple[str, str], str], may_rank: bool, moving: Collection[str] = ()
    ) -> dict[str, Any]:
        """The fields of a pack.

        ``moving`` are the KPIs whose target moves at every date: their value's part is told together with the target's.
        ``names`` gives the name of every (level, id) and (``unit``, id), perspectives in the order of the page, and for
        (``of``, KPI) the KPI's perspective; ``may_rank`` says whether the unit is told its rank.
        """
        rows = self._certainty.get((card, unit), [])
        order = [node for level, node in names if level == "perspective"]
        rows = sorted(rows, key=lambda row: order.index(row["node"]) if row["level"] == "perspective" else -1)
        balance = self._balance.get((card, unit), [])
        return {
            "contributions": contributions(self._moved.get((card, unit, PREVIOUS_PERIOD), []), names, moving),
            "contributions_on_year": contributions(self._moved.get((card, unit, LAST_YEAR), []), names, moving),
            "balance": _balance(balance[0], names) if balance else None,
            "findings": tuple(_findings(self._findings.get((card, unit), []), names)),
            "certainty": tuple(_certainty(row, names, may_rank) for row in rows),
            "unit_changes": tuple(_unit_changes(self._values.get((unit,), []), names)),
        }

    def of_perspective(
        self,
        card: str,
        unit: str,
        perspective: str,
        names: Mapping[tuple[str, str], str],
        moving: Collection[str] = (),
    ) -> tuple[Contribution, ...]:
        """The parts of the change of a perspective's score since the previous period, as ``of`` gives the overall's."""
        return contributions(self._moved_perspectives.get((card, unit, perspective), []), names, moving)


def _grouped(frame: pl.DataFrame, *keys: str) -> dict[tuple[str, ...], list[Row]]:
    found: dict[tuple[str, ...], list[Row]] = {}
    for row in frame.iter_rows(named=True):
        found.setdefault(tuple(row[key] for key in keys), []).append(row)
    return found


def contributions(
    rows: Sequence[Row], names: Mapping[tuple[str, str], str], moving: Collection[str]
) -> tuple[Contribution, ...]:
    """Parts of KPIs, then those of all targets, units, weights and the roll-up, where there are any; the largest first.

    Of ``moving`` KPIs, value and target are one part.
    """
    joined = {row["kpi"] for row in rows if row["part"] == "value" and row["kpi"] in moving}
    with_target = {row["kpi"]: row["points"] for row in rows if row["part"] == "target" and row["kpi"] in joined}
    found = []
    for row in rows:
        kpi_id, part, points = row["kpi"], row["part"], row["points"]
        if kpi_id is None or part not in _OF_KPI:
            continue
        if part == "value" and kpi_id in with_target:
            part, points = "against target", points + with_target[kpi_id]
        named = names.get(("kpi", kpi_id), kpi_id), names.get(("of", kpi_id), "")
        found.append(Contribution(kpi_id, *named, points, part))
    apart: dict[ChangePart, list[float]] = {
        "target": [row["points"] for row in rows if row["part"] == "target" and row["kpi"] not in with_target],
        "units": [row["points"] for row in rows if row["part"] == "units"],
        "weights": [row["points"] for row in rows if row["part"] == "weights" and row["kpi"] is None],
        "definition": [row["points"] for row in rows if row["part"] == "definition" and row["kpi"] is None],
    }
    found += [Contribution(None, "", "", sum(points), part) for part, points in apart.items() if points]
    return tuple(sorted(found, key=lambda part: (-abs(part.points), part.kpi or "", part.part)))


def _balance(row: Row, names: Mapping[tuple[str, str], str]) -> Balance:
    best, worst, heaviest = (names.get(("perspective", row[name]), row[name]) for name in ("best", "worst", "heaviest"))
    return Balance(
        row["arithmetic"], row["geometric"], row["shortfall"], row["spread"], best, worst, heaviest,
        row["heaviest_share"],
    )  # fmt: skip


def _findings(rows: Iterable[Row], names: Mapping[tuple[str, str], str]) -> Iterator[Finding]:
    for row in rows:
        node = (row["level"], row["node"])
        yield Finding(row["finding"], names.get(("perspective", row["perspective"]), row["perspective"]),
                      names.get(node, row["node"] or ""), row["level"])  # fmt: skip


def _certainty(row: Row, names: Mapping[tuple[str, str], str], may_rank: bool) -> Certainty:
    name = "Overall" if row["level"] == "scorecard" else names.get(("perspective", row["node"]), row["node"])
    ranks = ("rank", "ranked", "rank_low", "rank_high", "rank_chance") if may_rank else ()
    return Certainty(name, *(row[key] for key in ("score", "low", "high", "band_chance", *ranks)))


def _unit_changes(rows: Iterable[Row], names: Mapping[tuple[str, str], str]) -> Iterator[UnitChange]:
    for row in rows:
        unit = row["sub_unit"]
        yield UnitChange(
            row["kpi"], None if unit is None else names.get(("unit", unit), unit), row["change"], row["rate"],
            row["mix"],
        )  # fmt: skip
