"""Tables as they obey the rule of small groups in force, whatever rule their months were computed by.

Belongs here: the one place where what is kept is narrowed before it is shown. A month stays as it was computed until it
is run again, which a closed one may never be. Until then its figures about people are told as withheld, with every
score that they counted into and all that is made of them.
"""

from __future__ import annotations

from datetime import date

import duckdb

from scorecards.groups import Telling
from scorecards.patterns import KeptPattern
from warehouse.reading import quoted
from warehouse.tables import (
    ANCHORS,
    BALANCE,
    BALANCE_FINDINGS,
    CERTAINTY,
    COMPARISONS,
    COVERAGE,
    EDITION_CHANGES,
    EDITION_KPI_VALUES,
    EDITION_PACKS,
    EDITION_SCORES,
    KPI_DEFINITIONS,
    KPI_INPUTS,
    KPI_VALUES,
    LINK_EVIDENCE,
    PACKS,
    SCORE_CHANGES,
    SCORES,
    SIGNALS,
    UNITS_WITHHELD,
    VALUE_CHANGES,
    Table,
)

# Periods and KPIs whose figures do not obey the rule, and the nodes that their scores counted into.
_KPIS, _NODES = "other_rule_kpis", "other_rule_nodes"
_NODE_KEY = ("scorecard", "period", "unit", "level", "node")


def _is_noted(notes: str, *columns: str, **values: str) -> str:
    """SQL: whether a row ``kept`` is among the notes, by these columns and by others with these values."""
    asked = {name: f"kept.{name}" for name in columns} | values
    return f"EXISTS (FROM {notes} AS n WHERE {' AND '.join(f'n.{name} = {value}' for name, value in asked.items())})"


_IS_KPI = _is_noted(_KPIS, "period", "kpi")
_IS_NODE = _is_noted(_NODES, *_NODE_KEY)
_IS_CARD = _is_noted(_NODES, "scorecard", "period", "unit", level="'scorecard'")
_VALUES = ("value", "text", "numerator", "denominator")
_SCORED = (
    "score", "raw_score", "band", "effective_share", "coverage", "leading_score", "lagging_score", "bad_count",
    "warning_count", "good_count", "scored_count",
)  # fmt: skip
_JUDGED = (
    "points", "mean", "mean_moving_range", "lower", "upper", "is_trial", "flagged", "outside", "label", "variation",
    "assurance",
)  # fmt: skip
OF_A_FILE = ("file", "digest", "pages", "bytes", "inputs")
"""What identifies the bytes of a pack: who guesses what it shows would know by it whether the guess is right."""
_EMPTIED = {
    KPI_VALUES: (_IS_KPI, _VALUES),
    EDITION_KPI_VALUES: (_IS_KPI, _VALUES),
    KPI_INPUTS: (_IS_KPI, ("value",)),
    COMPARISONS: (_IS_KPI, ("value", "reference", "change", "change_share")),
    SIGNALS: (_IS_KPI, _JUDGED),
    SCORES: (_IS_NODE, _SCORED),
    EDITION_SCORES: (_IS_NODE, _SCORED),
    PACKS: (_IS_CARD, ("score", *OF_A_FILE)),
    EDITION_PACKS: (_IS_CARD, ("score", *OF_A_FILE)),
}
"""Which rows are told without which figures."""
_LEFT_OUT = {
    ANCHORS: f"{_IS_KPI} AND origin LIKE 'formula %'",
    VALUE_CHANGES: _IS_KPI,
    SCORE_CHANGES: _IS_NODE,
    BALANCE: _IS_CARD,
    BALANCE_FINDINGS: _IS_CARD,
    # A rank tells of all that are ranked with it.
    CERTAINTY: _is_noted(_NODES, "scorecard", "period"),
    LINK_EVIDENCE: " OR ".join(
        _is_noted(_NODES, "scorecard", "period", "unit", level="'objective'", node=f"kept.{end}")
        for end in ("driver", "outcome")
    ),
    EDITION_CHANGES: f"{_IS_NODE} OR (level = 'value' AND {_is_noted(_KPIS, 'period', kpi='kept.node')})",
}
"""Which rows are not told."""


def other_rule_kpis(connection: duckdb.DuckDBPyConnection, telling: Telling) -> list[tuple[date, str]]:
    """The months and KPIs whose figures may tell what the rule in force withholds.

    They were computed by a rule that allows more, or tell of a month by a pattern that can be subtracted from another
    one by which it is told of since (``_subtractable``).
    """
    if not telling.sources:
        return []
    asked = f"SELECT period, kpi, withheld_by FROM {KPI_DEFINITIONS.full_name} ORDER BY period, kpi"
    kept = connection.execute(asked).fetchall()
    allowed = {rule: telling.allows(rule) for rule in {rule for *_, rule in kept}}
    others = _subtractable(connection, telling)
    return [
        (period, kpi)
        for period, kpi, rule in kept
        if not allowed[rule] or others.get(period, frozenset()) & telling.people_in(rule)
    ]


def made_of(connection: duckdb.DuckDBPyConnection, telling: Telling) -> dict[date, str]:
    """By month the digest of the rule in force and of what its cells were computed from (``UNITS_WITHHELD``)."""
    told = "source || ' ' || fingerprint, ';' ORDER BY source"
    statement = f"SELECT period, md5(string_agg({told}) || ?) FROM {COVERAGE.full_name} GROUP BY period"
    return dict(connection.execute(statement, [telling.rule]).fetchall())


def _subtractable(connection: duckdb.DuckDBPyConnection, telling: Telling) -> dict[date, set[str]]:
    """By month the measures that count people of whom it tells by a pattern that tells too much beside another one.

    One of them may be that of an edition, which its readers keep. Of two that stand here the older is not told, unless
    it is the same: figures may have been corrected with the people.
    """
    columns = "month, people, counted_by, made_of, units, withheld"
    rows = connection.execute(f"SELECT {columns}, list(period) FROM {UNITS_WITHHELD.full_name} GROUP BY ALL").fetchall()
    told: dict[tuple[date, str], list[tuple[str, str, KeptPattern, list[date]]]] = {}
    for month, people, counted_by, of, units, text, periods in rows:
        told.setdefault((month, people), []).append((counted_by, of, KeptPattern(units, text), periods))
    asked = {(people, month, one.text) for (month, people), each in told.items() for *_, one, _ in each}
    untold = telling.beside_published(asked) if telling.beside_published and asked else set()
    several = any(len({one for *_, one, _ in each}) > 1 for each in told.values())
    now = made_of(connection, telling) if several else {}
    found: dict[date, set[str]] = {}
    for (month, people), each in told.items():
        for counted_by, of, one, periods in each:
            is_older = several and of != now.get(month) and any(one != other for *_, other, _ in each)
            if is_older or (people, month, one.text) in untold:
                for period in periods:
                    found.setdefault(period, set()).add(counted_by)
    return found


def note_other_rules(connection: duckdb.DuckDBPyConnection, telling: Telling) -> list[tuple[date, str]]:
    """Note for this connection what does not obey the rule in force, so that ``obeying`` finds it; returns it.

    Where there is nothing, nothing is noted, and tables may be read as they are. The notes stand as long as the
    connection does, beside the tables and not among them.
    """
    found = other_rule_kpis(connection, telling)
    if not found:
        return found
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {_KPIS} (period DATE, kpi VARCHAR)")
    connection.execute(
        f"INSERT INTO {_KPIS} SELECT unnest(?), unnest(?)", [list(each) for each in zip(*found, strict=True)]
    )
    above = " UNION ".join(map(_counted_into, (SCORES, EDITION_SCORES)))
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {_NODES} AS {above}")
    return found


def _counted_into(table: Table) -> str:
    """The scores of these KPIs in a table, and all that they counted into."""
    edition = "kept.edition" if "edition" in table.columns else "0"
    columns = f"{', '.join(f'kept.{name}' for name in _NODE_KEY)}, kept.parent, {edition} AS edition"
    rows = f"SELECT {columns} FROM {table.full_name} AS kept"
    same = " AND ".join(f"kept.{name} = below.{name}" for name in ("scorecard", "period", "unit"))
    return f"""(
        WITH RECURSIVE below AS (
            {rows} WHERE level = 'kpi' AND score IS NOT NULL AND {_is_noted(_KPIS, "period", kpi="kept.node")}
            UNION
            {rows} JOIN below ON {same} AND {edition} = below.edition
                AND kept.level <> 'kpi' AND kept.node = below.parent
        )
        SELECT {", ".join(_NODE_KEY)} FROM below
    )"""


def obeying(table: Table) -> str:
    """The rows of a table, as FROM takes them, without what the rule in force withholds (``note_other_rules``)."""
    if table in _LEFT_OUT:
        return f"(SELECT * FROM {table.full_name} AS kept WHERE NOT ({_LEFT_OUT[table]}))"
    if table not in _EMPTIED:
        return table.full_name
    is_away, figures = _EMPTIED[table]
    each = [f"CASE WHEN NOT is_away THEN {quoted(name)} END AS {quoted(name)}" for name in figures]
    if "missing_reason" in table.columns:
        each.append("CASE WHEN is_away THEN 'small_group' ELSE missing_reason END AS missing_reason")
    if "months_present" in table.columns:
        each.append("CASE WHEN is_away THEN months_expected ELSE months_present END AS months_present")
    # Which parts there are is not told either.
    where = " WHERE NOT (is_away AND slice <> '')" if "slice" in table.columns else ""
    marked = f"(SELECT *, {is_away} AS is_away FROM {table.full_name} AS kept)"
    return f"(SELECT * EXCLUDE (is_away) REPLACE ({', '.join(each)}) FROM {marked}{where})"
