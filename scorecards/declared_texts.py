"""What a project says in its own words, wherever it is declared.

Belongs here: finding every text. What becomes of one is not known here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import chain

from scorecards.project import Project


def declared_texts(project: Project) -> Iterator[str]:
    """Every text of the organisation, the strategy, KPIs, units, actions and commentary, in this order."""
    models = (project.organisation, project.strategy, *project.kpis.values())
    for model in models:
        yield from _texts(model.model_dump(mode="json"))
    for unit in project.units:
        yield from _texts(asdict(unit))
    for action in project.actions:
        yield from _texts(asdict(action))
    for comment in chain.from_iterable(project.comments.values()):
        yield from _texts(comment.model_dump(mode="json"))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, Sequence):
        for each in value:
            yield from _texts(each)
