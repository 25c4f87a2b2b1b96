"""The page of the rules by which `check` judges a scorecard, from their registry."""

from __future__ import annotations

from pages.markdown import GENERATED, table
from scorecards.lint import SUBJECTS
from scorecards.lint_rule import Rule

_INTRODUCTION = """\
# Rules of a good scorecard

`scorepack check` validates the declarations, and then judges them by these rules. An **error** makes the command fail;
a **warning** should be mended or explained; a **note** is worth knowing. None of them stops a run.

    scorepack check --rules
    scorepack check --explain kpi-twice

tell the same in the terminal, and `--json` gives all of it to scripts: every finding names file, line, key and rule.

A rule is switched off for a project in `scorecard.yaml`, with the reason:

    rules_off:
      unit-without-scorecard: Persons see their team's pack.

A reason must be given, a switch for an unknown rule is an error, and one that silences nothing is noted.

Rules marked with * compare the declarations with computed months: `check` applies them where the home holds any, and
judges as of the newest."""


def page() -> str:
    """The whole page."""
    parts = [GENERATED, _INTRODUCTION]
    for subject, rules in SUBJECTS.items():
        rows = [(f"[{rule.id}](#{rule.id}){'*' * rule.needs_history}", rule.severity, rule.says) for rule in rules]
        parts += [f"## {subject}", table(("rule", "severity", "what a finding says"), rows).rstrip()]
        parts += [_section(rule) for rule in rules]
    return "\n\n".join(parts).strip() + "\n"


def _section(rule: Rule) -> str:
    return f"### {rule.id}\n\n{rule.why}\n\n**What to do:** {rule.remedy}\n\nSource: {rule.source}."
