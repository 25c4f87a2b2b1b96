"""Words that the code does not carry: meanings of keys that speak for themselves to an editor, and of SQL functions.

A key that a model describes itself needs nothing here. A test fails for a key with no words, and for words with no key.
"""

from __future__ import annotations

MEANINGS = {
    "Perspective.name": "Shown on the page.",
    "Band.id": "The band's name in tables; for letters `{id: a, name: A}`.",
    "Organisation.scale": "Which score each anchor stands for, and where scores are clamped.",
    "KpiUse.weight": "Relative weight within the objective.",
    "Objective.name": "Shown on the page and on the map.",
    "Objective.perspective": "The perspective that it stands in, by id.",
    "Objective.description": "A sentence for the reader.",
    "Objective.owner": "Who answers for it.",
    "Objective.theme": "A theme, by id.",
    "Scorecard.name": "Shown on the page.",
    "Scorecard.objectives": "The objectives by id, in the order of the page.",
    "Theme.name": "Shown on the page.",
    "Theme.description": "A sentence for the reader.",
    "Initiative.name": "Shown on the page.",
    "Initiative.owner": "Who answers for it.",
    "Initiative.start": "First day.",
    "Initiative.due": "Day by which it is to be done.",
    "Initiative.status": "How it stands.",
    "Initiative.progress": "Share that is done.",
    "Strategy.themes": "Themes by id.",
    "Strategy.scorecards": "Scorecards by id, in the order in which packs are listed.",
    "Strategy.initiatives": "Initiatives by id.",
    "UnitRule.column": "The column that names the unit; one that a lookup brings is allowed.",
    "Validity.start": "The column of the first day on which the row holds.",
    "Lookup.source": "The other source, by id.",
    "Span.first": "First month, such as 2010-12.",
    "Span.last": "Last month.",
    "Measure.source": "The source whose rows are aggregated, by id.",
    "Measure.description": "A sentence for the reader.",
    "Kpi.name": "Shown on the page.",
    "Kpi.inputs": "Inputs of the formula by name, where a measure needs a window, offset or filter of its own.",
    "KpiFile.measures": "Measures by id. Ids are unique over all files.",
    "KpiFile.kpis": "KPIs by id. Ids are unique over all files.",
    "Recipient.name": "The name in the address line, and in the greeting.",
    "Recipient.email": "The address.",
    "Recipients.recipients": "Everybody who receives packs.",
    "Comment.unit": "The unit whose pack shows it, by id.",
    "Comment.scorecard": "Only on this scorecard, by id.",
    "Comment.kpi": "The KPI that it is about, by id.",
    "Comment.objective": "The objective that it is about, by id.",
    "Commentary.comments": "Remarks on the month after which the file is named.",
}

TYPES = {
    "Band.id": "id (lower-case)",
    "Style.margins": "length such as 12mm, or [Margins](#margins)",
    "Layout.margins": "length such as 12mm, or [Margins](#margins)",
    "Margins.top": "length such as 12mm",
    "Margins.right": "length such as 12mm",
    "Margins.bottom": "length such as 12mm",
    "Margins.left": "length such as 12mm",
    "Style.logo": "file in `assets/`",
    "Layout.logo": "file in `assets/`",
    "Organisation.fiscal_year_starts": "name of a month",
    "Organisation.first_period": "month such as 2025-09",
    "Span.first": "month such as 2025-09",
    "Span.last": "month such as 2025-09",
    "Measure.value": "[SQL](#sql) with aggregates",
    "Measure.where": "[SQL](#sql) condition",
    "Input.window": "[window](#windows)",
    "Input.offset": "[offset](#offsets)",
    "Input.where": "[SQL](#sql) condition",
    "Kpi.value": "[SQL](#sql) without aggregates",
    "Kpi.window": "[window](#windows)",
    "Kpi.anchors": "mapping from anchor to [SQL](#sql)",
    "Rejects.at_most": "share such as 2%, or whole number",
    "Objective.kpis": "list of KPI ids, or mapping from KPI id to [KpiUse](#kpiuse)",
}

DEFAULTS = {
    "Margins.top": "`12mm`",
    "Margins.right": "`12mm`",
    "Margins.bottom": "`12mm`",
    "Margins.left": "`12mm`",
    "Layout.formats": "`[pdf]`",
    "Recipient.formats": "`[pdf]`",
    "Role.formats": "`[pdf]`",
    "Due.at": "`07:00`",
    "Due.weekend": "`saturday`, `sunday`",
    "Organisation.fiscal_year_starts": "`january`",
    "Organisation.perspectives": "the usual four: `financial`, `customer`, `internal_process`, `learning_and_growth`",
    "Organisation.bands": "`red`, `amber` from 70, `green` from 95",
    "Organisation.levels": "`company`, `division`, `department`, `team`, `person`",
    "Input.offset": "–",
    "KpiUse.applies_to": "every unit of the scorecard",
    "Scorecard.units": "every unit",
    "Initiative.progress": "`0%`",
    "Scale.anchors": "`floor: 0`, `target: 100`",
}

FUNCTIONS = {
    "SUM": "Sum.", "COUNT": "`COUNT(*)` counts rows, `COUNT(x)` those where x is not null, `COUNT(DISTINCT x)` values.",
    "AVG": "Mean. It rolls up as the sum over the count.", "MIN": "Least.", "MAX": "Greatest.",
    "MEDIAN": "Median, recomputed from the values at every level.",
    "QUANTILE_CONT": "`QUANTILE_CONT(x, 0.9)`: percentile, interpolated, recomputed from the values at every level.",
    "ANY_VALUE": "The one text that all rows have; missing where they have several.",
    "ABS": "Without its sign.", "ROUND": "`ROUND(x, 2)`, halves away from zero.", "FLOOR": "Next whole number down.",
    "TRUNC": "Without its digits after the point.",
    "CEIL": "Next whole number up.", "GREATEST": "The greatest of its arguments, nulls left out.",
    "LEAST": "The least of its arguments, nulls left out.", "COALESCE": "The first argument that is not null.",
    "NULLIF": "`NULLIF(x, y)`: null where they are equal, else x.", "LN": "Natural logarithm; null for zero and less.",
    "EXP": "Power of e.", "SQRT": "Square root; null for less than zero.", "POWER": "`POWER(x, y)`.",
    "LOWER": "In lower case.", "UPPER": "In upper case.", "TRIM": "Without spaces at both ends.",
    "LENGTH": "Number of characters.",
    "DATE_DIFF": "`DATE_DIFF('day', a, b)`: boundaries of day, month or year crossed from a to b.",
}  # fmt: skip

CSV_TABLES: dict[str, tuple[str, dict[str, tuple[bool, str]]]] = {
    "units.csv": (
        "The organisation tree. Required. A unit that moves has several rows with different days.",
        {
            "id": (True, "Used everywhere else."),
            "name": (True, "Shown on the page."),
            "level": (True, "One of `levels` in scorecard.yaml."),
            "parent": (True, "The id of the unit above; empty for the top unit."),
            "valid_from": (False, "First day of the row; empty: since ever."),
            "valid_to": (False, "Last day of the row, included; empty: still. A month has the tree of its last day."),
            "head": (False, "Who leads the unit."),
        },
    ),
    "calendar.csv": (
        "Which days belong to a period, for 4-4-5 and other calendars. Optional; without it periods are calendar "
        "months. Every month from `first_period` to the last has one row; quarters and years follow the months' names.",
        {
            "period": (True, "The month that names the period, such as 2025-01."),
            "first_day": (True, "Its first day: the one after the last day of the period before."),
            "last_day": (True, "Its last day, included."),
        },
    ),
    "targets.csv": (
        "Targets: one row for each anchor. The row for the scorecard is preferred to one for all, then the one for the "
        "nearest unit, then the latest in force. Rows here come before formulas under `anchors` of a KPI, one by one.",
        {
            "scorecard": (False, "Only on this scorecard; empty: on all."),
            "kpi": (True, "The KPI, by id."),
            "unit": (False, "The unit, and those below it that have no row of their own; empty: all units."),
            "effective_from": (
                False,
                "Day from which the row holds; it counts for months that end on it or later. Empty: since ever.",
            ),
            "anchor": (
                True,
                "A name of `scale.anchors`, such as `floor` or `target`, or of `scale.references`. For a KPI whose "
                "direction is within: `lower_floor`, `lower_target`, `upper_target`, `upper_floor` and so on.",
            ),
            "value": (True, "In the KPI's own terms: `12%` for one that is measured in percent, else a number."),
            "per": (
                False,
                "`month`: multiplied by the months of the KPI's window. `window`, the default: as it stands.",
            ),
        },
    ),
    "weights.csv": (
        "Weights that hold from a day on or for some units, before those in `strategy.yaml`. Optional. Which row holds "
        "is found as for targets.",
        {
            "scorecard": (False, "Only on this scorecard; empty: on all."),
            "level": (True, "`kpi`, `objective` or `perspective`."),
            "node": (True, "The KPI, objective or perspective, by id."),
            "unit": (False, "The unit, and those below it that have no row of their own; empty: all units."),
            "effective_from": (False, "Day from which the row holds. Empty: since ever."),
            "weight": (True, "A number above 0, relative to the other parts of the same node."),
        },
    ),
    "forecasts.csv": (
        "What is expected of KPIs in months to come. Optional. Charts of columns show it hatched, up to a quarter of "
        "their axis.",
        {
            "kpi": (True, "The KPI, by id."),
            "unit": (True, "The unit, by id."),
            "period": (True, "The month that it is of, such as 2025-11."),
            "value": (True, "Such as 1250.5, or 12% for a KPI in percent."),
            "made_on": (
                False,
                "The day on which it was made. A pack shows the newest made by the end of the month after its own.",
            ),
        },
    ),
    "actions.csv": (
        "Steps that somebody promised. Optional. They reappear each month until they are closed.",
        {
            "id": (True, "Identifies the row."),
            "action": (True, "What is to be done."),
            "objective": (True, "The objective, by id."),
            "unit": (True, "The unit, by id."),
            "owner": (False, "Who does it."),
            "due": (False, "By when."),
            "status": (
                False,
                "A word such as open, in progress or closed, shown as written; empty: open or closed.",
            ),
            "closed_on": (False, "The day on which it was closed."),
        },
    ),
}
