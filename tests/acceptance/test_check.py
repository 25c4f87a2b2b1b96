"""`scorepack check` as a judge: what it says, in which order, with which code, and what it knows of computed months."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from scorecards.lint import RULES
from tests.acceptance.conftest import Command
from tests.small_company import SmallCompany

ROOT = Path(__file__).resolve().parents[2]
NO_OWNER = ("kpis/kpis.yaml", "owner: Head of Service", 'owner: ""')


def change(company: SmallCompany, file: str, old: str, new: str) -> None:
    text = (company.root / file).read_text()
    assert old in text
    company.write(file, text.replace(old, new, 1))


@pytest.mark.parametrize("example", ["starter", "meridian", "adventure_works"])
def test_the_examples_keep_every_rule_that_needs_no_months(scorepack: Command, tmp_path: Path, example: str) -> None:
    answer = scorepack("check", "--home", str(tmp_path / "none"), project=ROOT / "examples" / example)
    assert (answer.code, answer.err) == (0, "")
    assert "No errors, 0 warnings." in answer.out
    assert "No month has been computed yet: the 6 rules that compare with computed months were left out." in answer.out
    assert not (tmp_path / "none").exists()


def test_a_template_of_messages_that_cannot_be_filled_is_found_before_anything_is_sent(
    company: SmallCompany, scorepack: Command
) -> None:
    own = "templates/email_message/message.txt"
    company.write(own, "{% for line in message.scores %}{{ line.name }}{% endfor %}{{ letter.link }}\n")
    assert scorepack("check").code == 0
    company.write(own, "\n{% if letter.corrects %}{{ message.correction }}{% endif %}\n")
    answer = scorepack("check")
    assert answer.code != 0
    assert f"{own}:2: cannot be filled" in answer.err


def test_a_finding_names_place_remedy_and_rule_and_does_not_fail(company: SmallCompany, scorepack: Command) -> None:
    change(company, *NO_OWNER)
    answer = scorepack("check")
    told = "warning: kpis/kpis.yaml:25: kpis.complaint_rate.owner: names no owner. Name the role or person that answers for it. [kpi-without-owner]"  # noqa: E501
    assert told in answer.err.splitlines()
    assert answer.code == 0
    assert re.search(r"No errors, \d+ warnings, \d+ notes?\.", answer.out)


def test_findings_of_one_rule_stand_together_within_80_columns(company: SmallCompany, scorepack: Command) -> None:
    text = (company.root / "kpis/kpis.yaml").read_text()
    company.write("kpis/kpis.yaml", re.sub("owner: .*", 'owner: ""', text))
    answer = scorepack("check")
    assert answer.code == 0
    lines = answer.err.splitlines()
    start = lines.index("warning: A KPI has no owner. Name the role or person that answers for it.")
    assert lines[start + 1 : start + 5] == [
        "  [kpi-without-owner]",
        "  kpis/kpis.yaml:10: kpis.revenue.owner",
        "  kpis/kpis.yaml:17: kpis.average_sale.owner",
        "  kpis/kpis.yaml:25: kpis.complaint_rate.owner",
    ]
    assert answer.err.count("has no owner") == 1
    assert len(json.loads(scorepack("check", "--json").out)) == sum(
        map(int, re.findall(r"(\d+) (?:warn|note)", answer.out))
    )


def test_a_switch_silences_a_rule_and_json_tells_the_rest(company: SmallCompany, scorepack: Command) -> None:
    change(company, *NO_OWNER)
    before = {problem["rule"] for problem in json.loads(scorepack("check", "--json").out)}
    assert "kpi-without-owner" in before
    (company.root / "scorecard.yaml").open("a").write("rules_off:\n  kpi-without-owner: The board owns it.\n")
    after = json.loads(scorepack("check", "--json").out)
    assert {problem["rule"] for problem in after} == before - {"kpi-without-owner"}
    assert set(after[0]) == {"file", "line", "key", "message", "remedy", "severity", "rule"}


def test_a_rule_of_severity_error_fails_check_but_not_a_run(company: SmallCompany, scorepack: Command) -> None:
    company.write("scorecard.yaml", (company.root / "scorecard.yaml").read_text() + "rules_off: {kpi-twic: x}\n")
    answer = scorepack("check")
    assert answer.code == 2
    assert (
        "error: scorecard.yaml:7: rules_off.kpi-twic: 'kpi-twic' is not a rule. Did you mean 'kpi-twice'?" in answer.err
    )
    assert [p["severity"] for p in json.loads(scorepack("check", "--json").out)].count("error") == 1
    assert scorepack("run", "2025-01", "--packs", "none").code == 0


def test_rules_are_listed_and_explained_within_80_columns(scorepack: Command) -> None:
    listed = scorepack("check", "--rules").out
    explained = [scorepack("check", "--explain", rule).out for rule in RULES]
    assert max(len(line) for text in [listed, *explained] for line in text.splitlines()) <= 80
    for rule, text in zip(RULES.values(), explained, strict=True):
        assert f"  {rule.id} ({rule.severity})\n" in listed
        assert " ".join(rule.why.split()) in " ".join(text.split())
    assert [rule["id"] for rule in json.loads(scorepack("check", "--rules", "--json").out)] == list(RULES)
    answer = scorepack("check", "--explain", "kpi-twic")
    assert (answer.code, "Did you mean 'kpi-twice'?" in answer.err) == (2, True)


def test_computed_months_are_judged_as_of_the_newest(company: SmallCompany, scorepack: Command) -> None:
    initiative = "initiatives:\n  save: {name: Save, objectives: [please], owner: O, budget: 1, due: 2025-02-28}\n"
    company.write("strategy.yaml", (company.root / "strategy.yaml").read_text() + initiative)
    company.write("targets.csv", (company.root / "targets.csv").read_text().replace("target,400", "target,9000"))
    assert scorepack("run", "2025-01", "--packs", "none").code == 0
    assert "overdue" not in scorepack("check").err
    assert scorepack("run", "2025-02", "--packs", "none").code == 0
    answer = scorepack("check")
    assert "was due on 2025-02-28, is planned, and it is 2025-02-28." in answer.err
    assert "objectives.sell: is off target for company in 2025-02." in answer.err
    assert "computed months" not in answer.out


def test_an_error_in_a_months_commentary_stops_the_packs_of_that_month_only(
    company: SmallCompany, scorepack: Command
) -> None:
    company.write("commentary/2025-02.yaml", "comments:\n  - {unit: nort, text: Snow.}\n")
    told = "error: commentary/2025-02.yaml:2: comments.0.unit: 'nort' is not a unit. Did you mean 'north'?"
    answer = scorepack("check")
    assert (answer.code, told in answer.err) == (2, True)
    assert scorepack("backfill", "2025-01", "2025-02", "--packs", "none").code == 0
    assert scorepack("show", "north", "2025-02").code == 0
    answer = scorepack("backfill", "2025-01", "2025-02", "--packs", "all")
    assert (answer.code, told in answer.err) == (2, True)
    assert "The packs of the month are not rendered and not sent." in answer.err
    packs = company.root / ".scorepack" / "packs"
    assert [path.name for path in packs.iterdir() if any(path.iterdir())] == ["2025-01"]
    for command in ("publish", "approve"):
        assert scorepack(command, "2025-01", "--by", "Ada").code == 0
        assert scorepack(command, "2025-02", "--by", "Ada").code == 2
    assert scorepack("send", "2025-01").code == 0
    assert scorepack("send", "2025-02").code == 2
