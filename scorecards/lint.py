"""What a good scorecard needs: the registry of all rules, and their findings on a project.

Belongs here: which rules there are, and switching them off. Rules that stop a run are in ``check.py`` and its
neighbours; these here are told by `scorepack check` only, and each can be switched off with a reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from types import ModuleType

from scorecards import (
    lint_history,
    lint_initiatives,
    lint_kpis,
    lint_map,
    lint_people,
    lint_sizes,
    lint_strategy,
    lint_targets,
    lint_twins,
    lint_units,
)
from scorecards.errors import Problem, did_you_mean
from scorecards.lint_facts import Facts, History
from scorecards.lint_rule import Rule
from scorecards.project import Project

_SUBJECTS: dict[str, tuple[ModuleType, ...]] = {
    "The scorecard": (lint_strategy, lint_sizes, lint_units),
    "The strategy map": (lint_map,),
    "KPIs": (lint_kpis, lint_twins, lint_people),
    "Targets": (lint_targets,),
    "Initiatives": (lint_initiatives,),
    "What the computed months tell": (lint_history,),
}
SUBJECTS: dict[str, tuple[Rule, ...]] = {
    subject: tuple(value for module in modules for value in vars(module).values() if isinstance(value, Rule))
    for subject, modules in _SUBJECTS.items()
}
RULES: dict[str, Rule] = {rule.id: rule for rules in SUBJECTS.values() for rule in rules}
_FILE = "scorecard.yaml"


def lint(project: Project, history: History | None = None) -> Iterator[Problem]:
    """Every finding of every rule that is not switched off, and what is wrong with the switches themselves.

    Rules that need a ``history`` are left out where none is given.
    """
    off = project.organisation.rules_off
    facts = Facts(project, history)
    silenced: set[str] = set()
    for rule in RULES.values():
        if rule.needs_history and history is None:
            silenced.add(rule.id)
            continue
        # A declaration that stands for several KPIs has one owner to lack.
        for finding in dict.fromkeys(rule.find(facts)):
            if rule.id in off:
                silenced.add(rule.id)
                break
            yield replace(finding, severity=rule.severity, remedy=finding.remedy or rule.remedy, rule=rule.id)
    yield from _switches(project, silenced)


def _switches(project: Project, silenced: set[str]) -> Iterator[Problem]:
    place = project.places[_FILE]
    for rule_id, reason in project.organisation.rules_off.items():
        at = ("rules_off", rule_id)
        if rule_id not in RULES:
            yield place.problem(at, f"'{rule_id}' is not a rule.", did_you_mean(rule_id, list(RULES)))
        elif not reason:
            yield place.problem(at, "is switched off without a reason.", "Write why, for those who come after you.")
        elif rule_id not in silenced:
            yield place.problem(at, "silences nothing: the rule finds nothing here.", "Delete the line.", "note")
