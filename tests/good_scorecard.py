"""A small project in which no rule of `check` finds anything, and the ways in which tests spoil it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from scorecards.lint import lint
from scorecards.lint_facts import History
from scorecards.project import load_project
from tests.declared import write_project

TARGETS = """\
scorecard,kpi,unit,effective_from,anchor,value,per
,sales,,2025-01-01,floor,100,month
,sales,,2025-01-01,target,200,month
,effort,,2025-01-01,floor,9,
,effort,,2025-01-01,target,5,
"""
_MEASURES = {"revenue": {"value": "SUM(amount)"}, "work": {"value": "SUM(hours)"}, "pieces": {"value": "SUM(pieces)"}}
_KPIS = {
    "sales": {
        "name": "Sales",
        "definition": "Net amounts of all orders of the month.",
        "owner": "Head of Sales",
        "value": "revenue",
    },
    "effort": {
        "name": "Effort",
        "definition": "Hours of work over pieces made in the month.",
        "owner": "Head of Production",
        "value": "work / pieces",
        "measured_in": "hours",
        "direction": "lower",
        "leading": True,
    },
}
_STRATEGY = {
    "scorecards": {
        "main": {
            "name": "Main",
            "perspectives": {"money": {"name": "Money"}, "making": {"name": "Making"}},
            "objectives": {
                "sell": {"name": "Sell more", "perspective": "money", "kpis": ["sales"]},
                "make": {"name": "Make it well", "perspective": "making", "leads_to": ["sell"], "kpis": ["effort"]},
            },
        }
    },
    "initiatives": {
        "jigs": {"name": "Jigs", "objectives": ["make"], "owner": "Head", "due": "2025-12-31", "budget": 5000}
    },
}
Edit = Callable[[Any], object]


def good_scorecard(root: Path) -> Path:
    """Write the project."""
    return write_project(root, _MEASURES, _KPIS, strategy=_STRATEGY, targets=TARGETS)


def change(root: Path, name: str, edit: Edit) -> None:
    """Edit a YAML file of the project as data."""
    path = root / name
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    edit(data)
    path.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")


def found(root: Path, history: History | None = None) -> list[tuple[str, str, str]]:
    """Rule, key and message of every finding."""
    return [(p.rule, p.key, p.message) for p in lint(load_project(root), history)]


def rules_found(root: Path, history: History | None = None) -> list[str]:
    """The rules that find something, each once for every finding."""
    return [rule for rule, _, _ in found(root, history)]
