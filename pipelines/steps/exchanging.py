"""The exchange rates of some months, from the rows of the source that ``rates`` in ``scorecard.yaml`` names."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date

import polars as pl

from pipelines.steps.placed import batches, placed_rows
from pipelines.steps.setting import Setting
from transforms.converting import Exchange, exchange
from transforms.dating import dating_of


def rates_of(setting: Setting, months: Sequence[date]) -> Exchange | None:
    """The rates of ``months`` as their current loads give them; None where no measure has a currency."""
    organisation = setting.project.organisation
    has_currency = any(variant.measure.currency for variant in setting.plan.variants.values())
    if organisation.rates is None or not has_currency:
        return None
    source = setting.project.sources[organisation.rates.source]
    found = [
        exchange(
            organisation, source, placed_rows(setting, source, batch), dating_of(setting.project, source), batch.months
        )
        for batch in batches(setting, source, months)
    ]
    rates = pl.concat([each.rates for each in found]).sort("currency", "period") if found else None
    return None if rates is None else Exchange(organisation, rates)


def digest_of_rates(found: Exchange | None, month: date) -> str:
    """Digest of all that the conversion of one month depends on: its rates, how they are quoted, the own currency."""
    if found is None:
        return ""
    rates = found.rates.filter(pl.col("period") == month).write_csv(float_precision=None)
    declared = found.organisation.rates
    quoted = declared.quoted if declared is not None else ""
    return hashlib.sha256(f"{found.organisation.currency}\0{quoted}\0{rates}".encode()).hexdigest()
