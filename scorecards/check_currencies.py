"""Rules about currencies: that rates have a source with the columns they name, and that measures can be converted."""

from __future__ import annotations

from collections.abc import Iterator

from scorecards.check_data import columns_of
from scorecards.errors import Problem, did_you_mean
from scorecards.expression_types import KIND_OF_COLUMN
from scorecards.project import Project


def check_currencies(project: Project) -> Iterator[Problem]:
    """Problems of ``rates`` in ``scorecard.yaml`` and of measures with a currency."""
    yield from _rates(project)
    for measure_id, measure in project.measures.items():
        place, at = project.places[f"measures {measure_id}"], ("measures", measure_id)
        rates = project.organisation.rates
        if measure.currency is None:
            if measure.convert is not None:
                message = "says at which rate amounts are converted, but the measure names no currency."
                yield place.problem((*at, "convert"), message, "Give the column: currency: <column>.")
            continue
        source = project.sources.get(measure.source)
        if source is not None:
            columns = columns_of(project, source)
            wrong = _wrong(measure.currency, columns, "text", f"column of {measure.source}")
            if wrong:
                yield place.problem((*at, "currency"), *wrong)
        if rates is None:
            message = "has no rates to convert at."
            yield place.problem((*at, "currency"), message, "Declare rates in scorecard.yaml, or drop the currency.")
        elif getattr(rates, measure.rate) is None:
            other = "end" if measure.rate == "average" else "average"
            why = "" if measure.convert else f" Unless convert is declared, this one is converted at {measure.rate}."
            message = f"needs the '{measure.rate}' rate, which scorecard.yaml does not declare.{why}"
            remedy = f"Declare rates.{measure.rate} there, or write convert: {other}."
            yield place.problem((*at, "convert" if measure.convert else "currency"), message, remedy)


def _rates(project: Project) -> Iterator[Problem]:
    rates = project.organisation.rates
    if rates is None:
        return
    place, source = project.places["scorecard.yaml"], project.sources.get(rates.source)
    if source is None:
        remedy = did_you_mean(rates.source, list(project.sources))
        yield place.problem(("rates", "source"), f"'{rates.source}' is not a source.", remedy)
        return
    if source.is_reference:
        message = f"'{rates.source}' has no period, so no rate of a month."
        yield place.problem(("rates", "source"), message, "Give it a period: the column of the day.")
    if not source.key:
        message = f"is empty, so that a currency could have two rates on one day ('{rates.source}' gives the rates)."
        remedy = "Declare it, such as [currency, day]."
        yield project.places[f"source {rates.source}"].problem(("key",), message, remedy)
    columns = columns_of(project, source)
    for key, name, kind in (
        ("currency", rates.currency, "text"), ("average", rates.average, "number"), ("end", rates.end, "number"),
    ):  # fmt: skip
        wrong = _wrong(name, columns, kind, f"column of {rates.source}") if name else None
        if wrong:
            yield place.problem(("rates", key), *wrong)


def _wrong(name: str, columns: dict[str, str], kind: str, what: str) -> tuple[str, str] | None:
    """What is wrong with a column that should be there and of the kind, and the remedy; None where it is right."""
    if name not in columns:
        return f"'{name}' is not a {what}.", did_you_mean(name, list(columns))
    if KIND_OF_COLUMN[columns[name]] != kind:
        return f"'{name}' is of type {columns[name]}, not a {kind}.", f"Name a {kind} column."
    return None
