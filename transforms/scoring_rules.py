"""Scores by rule: yes or no, texts with scores, steps of which the first that holds counts, and a formula.

Belongs here: ways of scoring that are no line and look at nobody else. Conditions and formulas are SQL over the value,
what it was made of, what it was before, and the anchors and references in force.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from scorecards.expressions import names_in
from scorecards.organisation import Scale
from scorecards.scoring import Step
from transforms.expressions import compile_sql
from transforms.grid import Floats, numbers, series
from transforms.scored import NO_SCORE, NOT_YES_OR_NO, TEXT_NOT_LISTED, Operands, Scored


def score_yes_or_no(value: Floats, scale: Scale, direction: str) -> Scored:
    """The target's score for 1 and the lowest for 0, or the reverse where lower is better."""
    yes, no = scale.target_score, scale.lowest
    if direction == "lower":
        yes, no = no, yes
    raw = np.where(value == 1, yes, np.where(value == 0, no, np.nan))
    return Scored(raw, ((np.isnan(raw), NOT_YES_OR_NO),))


def score_texts(value: Floats, texts: Mapping[str, float]) -> Scored:
    """The score of each text, where the value is the text's place in the list, from 1."""
    scores = np.array([np.nan, *texts.values()])
    is_listed = (value >= 1) & (value <= len(texts)) & (value == np.floor(value))
    raw = scores[np.where(is_listed, value, 0).astype(np.int64)]
    return Scored(raw, ((~is_listed, TEXT_NOT_LISTED),))


def score_steps(operands: Operands, steps: Sequence[Step], bands: Sequence[str]) -> Scored:
    """The score of the first step whose condition holds; one over what is not there does not hold."""
    frame = _frame(operands, [step.when for step in steps if step.when])
    chosen: pl.Expr = pl.lit(-1)
    for number, step in reversed(list(enumerate(steps))):
        holds = pl.lit(True) if step.when is None else compile_sql(step.when, frame.schema)
        chosen = pl.when(holds).then(pl.lit(number)).otherwise(chosen)
    number_of = frame.with_columns(chosen.cast(pl.Int64).alias("step"))["step"].to_numpy()
    raw = np.array([*(step.score for step in steps), np.nan])[number_of]
    own = np.array([*(bands.index(step.band) if step.band else -1 for step in steps), -1])[number_of]
    return Scored(raw, ((number_of < 0, NO_SCORE),), own)


def score_formula(operands: Operands, formula: str) -> Scored:
    """What the formula gives; where that is no finite number, there is no score."""
    frame = _frame(operands, [formula])
    result = compile_sql(formula, frame.schema).cast(pl.Float64)
    raw = numbers(frame.with_columns(pl.when(result.is_finite()).then(result).alias("raw"))["raw"])
    return Scored(raw, ((np.isnan(raw), NO_SCORE),))


def _frame(operands: Operands, texts: Sequence[str]) -> pl.DataFrame:
    """The columns that the expressions name; one that is nowhere in force is null."""
    names = sorted({name for text in texts for name in names_in(text)} - {"value"})
    missing = np.full(operands.value.shape, np.nan)
    columns = {name: series(operands.named.get(name, missing)) for name in names}
    return pl.DataFrame({"value": series(operands.value), **columns})
