"""What `check` finds and tells: the judgement of a project, and the rules by which it judges.

Belongs here: putting declarations and computed months before the rules, and their text at 80 columns. Does not belong
here: any rule (``scorecards/lint.py``).
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from pathlib import Path

from scorecards.errors import CallError, DeclarationError, HomeBusy, Problem, did_you_mean
from scorecards.lint import RULES, SUBJECTS, lint
from scorecards.lint_facts import History
from scorecards.lint_rule import Rule
from scorecards.pack_files import is_of_mail, pack_files
from scorecards.packs import STANDARD_LAYOUT
from scorecards.project import Project, load_project

_WIDTH = 80


def judge(root: Path, home: Path | None, extracts: Path | None) -> tuple[Project, list[Problem], str]:
    """The project, all that is found, and a sentence about the rules that could not be applied, if any.

    Raises ``DeclarationError`` with everything found as soon as one of it is an error.
    """
    project = load_project(root, extracts)
    history, why = _history(project, home or root / ".scorepack")
    flaws = [problem for problems in project.flaws.values() for problem in problems]
    problems = sorted([*project.warnings, *flaws, *lint(project, history), *_without_key(project)])
    if any(problem.severity == "error" for problem in problems):
        raise DeclarationError(problems)
    _require_fillable_messages(project)
    if history is not None:
        return project, problems, ""
    count = sum(rule.needs_history for rule in RULES.values())
    return project, problems, f"{why}: the {count} rules that compare with computed months were left out."


def _require_fillable_messages(project: Project) -> None:
    """Fill the project's own templates of messages, if it has any: else an error in one would show as packs go out."""
    if not any(is_of_mail(name) for name in pack_files(project.root)):
        return
    from pipelines.delivery.fillable import require_fillable
    from report_templates.look import mail_look

    require_fillable(mail_look(project.root, STANDARD_LAYOUT))


def _without_key(project: Project) -> Iterator[Problem]:
    """A warning for every source that cannot be staged in this environment, since personal columns need a key."""
    from pipelines.steps.hash_key import FILE, KEY, hash_key

    needing = [source_id for source_id, source in project.sources.items() if source.hashed]
    if not needing or hash_key() is not None:
        return
    for source_id in needing:
        name = project.sources[source_id].hashed[0]
        message = f"is staged hashed, and {KEY} is not set here: without it nothing of this source is taken in."
        remedy = f"Set it in the environment, or as a line {KEY}=… of a file that {FILE} names, before `run`."
        at = ("columns", name, "staged")
        yield project.places[f"source {source_id}"].problem(at, message, remedy, "warning")


def _history(project: Project, folder: Path) -> tuple[History | None, str]:
    from warehouse.home import Home

    home = Home(folder)
    if not home.warehouse.is_file():
        return None, "No month has been computed yet"
    from pipelines.steps.judging import known_history

    try:
        return known_history(project, home), "No month has been computed yet"
    except HomeBusy as busy:
        return None, str(busy).split(". ")[0]


def list_rules(as_json: bool) -> None:
    """Every rule with its severity and what it says."""
    if as_json:
        print(json.dumps([_described(rule) for rule in RULES.values()], indent=2))
        return
    for subject, rules in SUBJECTS.items():
        print(f"{subject}\n")
        for rule in rules:
            print(f"  {rule.id} ({rule.severity})")
            print(textwrap.fill(rule.says, _WIDTH, initial_indent="    ", subsequent_indent="    "))
        print()
    print(
        "More about one: scorepack check --explain RULE\nSwitch one off, in scorecard.yaml: rules_off: {RULE: reason}"
    )


def explain_rule(rule_id: str, as_json: bool) -> None:
    """What a rule says, why, what to do, where it comes from. Raises ``CallError`` for an unknown one."""
    rule = RULES.get(rule_id)
    if rule is None:
        raise CallError(
            f"'{rule_id}' is not a rule. {did_you_mean(rule_id, list(RULES))} All: scorepack check --rules."
        )
    if as_json:
        print(json.dumps(_described(rule), indent=2))
        return
    history = " It needs computed months." if rule.needs_history else ""
    print(f"{rule.id} ({rule.severity})\n")
    print("\n\n".join(textwrap.fill(text, _WIDTH) for text in (rule.says + history, rule.why, rule.remedy)))
    print("\n" + textwrap.fill(f"Source: {rule.source}.", _WIDTH))
    print(f"\nSwitch it off, in scorecard.yaml:\n  rules_off:\n    {rule.id}: the reason")


def _described(rule: Rule) -> dict[str, object]:
    return {key: value for key, value in vars(rule).items() if key != "find"}
