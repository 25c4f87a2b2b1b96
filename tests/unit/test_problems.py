"""Loading a project: every error at once, each with file, line, key, message and remedy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from scorecards.errors import CallError, DeclarationError, Problem
from scorecards.project import load_project
from tests.declared import UNITS, declare, write_project


def problems(root: Path) -> list[Problem]:
    with pytest.raises(DeclarationError) as refused:
        load_project(root)
    return [problem for problem in refused.value.problems if problem.severity == "error"]


def change(root: Path, name: str, edit: Callable[[Any], object]) -> None:
    data = yaml.safe_load((root / name).read_text())
    edit(data)
    (root / name).write_text(yaml.safe_dump(data, sort_keys=False))


def test_a_time_zone_that_does_not_exist_is_told(tmp_path: Path) -> None:
    (found,) = problems(write_project(tmp_path, scorecard={"time_zone": "Europe/Ber lin"}))
    assert found.message == "'Europe/Ber lin' is not a time zone; write its IANA name, such as Europe/Berlin."


@pytest.mark.parametrize(
    ("wrong", "advice"),
    [
        ("GREEN", ". Write 'green' here; what people read is the name."),
        ("Near target", ". Write 'near_target' here; what people read is the name."),
        ("90", "."),
    ],
)
def test_what_is_no_id_is_told_with_the_nearest_id(tmp_path: Path, wrong: str, advice: str) -> None:
    bands = [
        {"id": "red", "name": "off", "status": "bad"},
        {"id": wrong, "name": "on", "at_least": 90, "status": "good"},
    ]
    (found,) = problems(write_project(tmp_path, scorecard={"bands": bands}))
    assert (found.file, found.key) == ("scorecard.yaml", "bands.1.id")
    rule = "use lower-case letters, digits and _, beginning with a letter"
    assert found.message == f"'{wrong}' is not an id; {rule}{advice}"


def line_of(root: Path, name: str, text: str) -> int:
    return next(number for number, line in enumerate((root / name).read_text().splitlines(), 1) if text in line)


@pytest.mark.parametrize(
    ("name", "edit", "line_with", "key", "message", "remedy"),
    [
        (
            "kpis/all.yaml",
            lambda d: d["kpis"]["revenue_kpi"].update(windw="month"),
            "windw",
            "kpis.revenue_kpi.windw",
            "is not a known key here.",
            "Did you mean 'window'?",
        ),
        (
            "kpis/all.yaml",
            lambda d: d["kpis"]["revenue_kpi"].update(direction="highr"),
            "direction",
            "kpis.revenue_kpi.direction",
            "'highr' is not one of 'higher', 'lower' or 'within'.",
            "Did you mean 'higher'?",
        ),
        (
            "kpis/all.yaml",
            lambda d: d["kpis"]["revenue_kpi"].update(window="fortnight"),
            "window",
            "kpis.revenue_kpi.window",
            "'fortnight' is not a window; write month, quarter, quarter to date, year, year to date or trailing 12 months.",  # noqa: E501
            "",
        ),
        (
            "kpis/all.yaml",
            lambda d: d["kpis"]["revenue_kpi"].update(value="revenu * 2"),
            "revenu * 2",
            "kpis.revenue_kpi.value",
            "'revenu' is not a measure or input. Did you mean 'revenue'?",
            "",
        ),
        (
            "kpis/all.yaml",
            lambda d: d["kpis"]["revenue_kpi"].update(value="1 + 1"),
            "1 + 1",
            "kpis.revenue_kpi.value",
            "'1 + 1' names no measure.",
            "",
        ),
        (
            "kpis/all.yaml",
            lambda d: d["measures"]["revenue"].update(source="rws"),
            "source: rws",
            "measures.revenue.source",
            "'rws' is not a source.",
            "Did you mean 'rows'?",
        ),
        (
            "kpis/all.yaml",
            lambda d: d["measures"].update({"target": d["measures"]["revenue"]}),
            "target:",
            "measures.target",
            "'target' is a reserved word.",
            "Give the measure another id.",
        ),
        (
            "kpis/all.yaml",
            lambda d: d["kpis"]["revenue_kpi"].update(inputs={"then": {"measure": "revenue"}}),
            "then:",
            "kpis.revenue_kpi.inputs.then",
            "'then' is a reserved word.",
            "Rename the input.",
        ),
        (
            "sources/rows.yaml",
            lambda d: d.update(period="reason"),
            "period: reason",
            "period",
            "'reason' is a string, not a date or month.",
            "Name a date column.",
        ),
        (
            "sources/rows.yaml",
            lambda d: d.update(unit="unti"),
            "unit: unti",
            "unit",
            "'unti' is not a column of this source.",
            "Did you mean 'unit'?",
        ),
        (
            "strategy.yaml",
            lambda d: d["scorecards"]["main"]["objectives"]["goal"].update(perspective="finance"),
            "perspective",
            "scorecards.main.objectives.goal.perspective",
            "'finance' is not a perspective.",
            "Did you mean 'financial'?",
        ),
        (
            "strategy.yaml",
            lambda d: d["scorecards"]["main"]["objectives"]["goal"].update(kpis=["revenue_kp"]),
            "kpis:",
            "scorecards.main.objectives.goal.kpis.revenue_kp",
            "'revenue_kp' is not a KPI.",
            "Did you mean 'revenue_kpi'?",
        ),
        (
            "strategy.yaml",
            lambda d: d["scorecards"]["main"]["objectives"]["goal"].update(weight="inf"),
            "weight",
            "scorecards.main.objectives.goal.weight",
            "'inf' is not a finite number.",
            "",
        ),
        (
            "scorecard.yaml",
            lambda d: d.update(fiscal_year_starts="4"),
            "fiscal_year_starts",
            "fiscal_year_starts",
            "'4' is not a month's name; write january to december.",
            "",
        ),
        (
            "scorecard.yaml",
            lambda d: d.update(roll_up={"minimum_coverage": {"scorecard": "150%"}}),
            "scorecard: 150%",
            "roll_up.minimum_coverage.scorecard",
            "'150%' is not a share; write it as 12%, from 0% to 100%.",
            "",
        ),
    ],
)
def test_an_error_names_file_line_key_and_remedy(
    tmp_path: Path, name: str, edit: Callable[[Any], object], line_with: str, key: str, message: str, remedy: str
) -> None:
    change(write_project(tmp_path), name, edit)
    (found,) = [problem for problem in problems(tmp_path) if problem.key == key]
    assert (found.file, found.line, found.message, found.remedy) == (
        name,
        line_of(tmp_path, name, line_with),
        message,
        remedy,
    )


@pytest.mark.parametrize(
    ("table", "text", "line", "key", "message", "remedy"),
    [
        (
            "targets.csv",
            "kpi,anchor,value\n\nrevenue_kp,target,1\n",
            3,
            "kpi",
            "'revenue_kp' is not a KPI.",
            "Did you mean 'revenue_kpi'?",
        ),
        (
            "targets.csv",
            "kpi,anchor,value\nrevenue_kpi,goal,1\n",
            2,
            "anchor",
            "'goal' is not an anchor of the scale.",
            "Known: 'floor', 'target'. Or declare it in 'scale.references' of scorecard.yaml.",
        ),
        (
            "targets.csv",
            "kpi,anchor,value\nrevenue_kpi,target,12%\n",
            2,
            "value",
            "12% is a percentage, but 'revenue_kpi' is measured in points.",
            "Write the number without %.",
        ),
        (
            "targets.csv",
            'kpi,anchor,value\nrevenue_kpi,target,"1,5"\n',
            2,
            "value",
            "'1,5' is not a number.",
            "Write 1250.5, or 12% for a percentage.",
        ),
        (
            "targets.csv",
            "kpi,anchor,value\nrevenue_kpi,floor,9\nrevenue_kpi,target,5\n",
            3,
            "value",
            "'target' (5) must be above 'floor' (9), since higher is better.",
            "Swap or change them.",
        ),
        ("targets.csv", "kpi;anchor;value\n", 1, "", "has semicolons between its columns.", "Save it with commas."),
        ("targets.csv", "kpi,anchor,value,kpi\n", 1, "kpi", "stands twice in the header.", "Delete one."),
        ("targets.csv", "kpi,anchr,value\n", 1, "anchr", "is not a column of this table.", "Did you mean 'anchor'?"),
        (
            "targets.csv",
            "kpi,anchor,value\nrevenue_kpi,target\n",
            2,
            "",
            "does not have as many fields as the header.",
            "Quote commas.",
        ),
        (
            "units.csv",
            "id,name,level,parent\nc,C,company,\nd,D,division,e\ne,E,division,d\n",
            3,
            "parent",
            "the tree runs in a circle: d → e → d.",
            "Give one of them another parent.",
        ),
        (
            "units.csv",
            "id,name,level,parent\nc,C,company,\nd,D,company,\n",
            3,
            "parent",
            "'c' and 'd' are both top units on 2023-01-31.",
            "Give all but one a parent.",
        ),
        (
            "units.csv",
            "id,name,level,parent,valid_to\nc,C,company,,\nd,D,division,c,2024-01-31\ne,E,team,d,\n",
            4,
            "parent",
            "'d' does not exist on 2024-02-29, but 'e' below it does.",
            "End the row, and give the unit another parent from then on.",
        ),
        (
            "units.csv",
            "id,name,level,parent\nc,C,company,\nc,C,company,\n",
            3,
            "id",
            "'c' is declared twice for the same day.",
            "End one row.",
        ),
        (
            "units.csv",
            "id,name,level,parent\nc,C,compny,\n",
            2,
            "level",
            "'compny' is not a level.",
            "Did you mean 'company'?",
        ),
    ],
)
def test_an_error_in_a_table_names_its_line(
    tmp_path: Path, table: str, text: str, line: int, key: str, message: str, remedy: str
) -> None:
    write_project(tmp_path)
    (tmp_path / table).write_text(text)
    told = [(p.line, p.key, p.message, p.remedy) for p in problems(tmp_path) if p.file == table]
    assert (line, key, message, remedy) in told


def test_all_errors_of_all_files_are_told_at_once_and_none_is_an_echo(tmp_path: Path) -> None:
    kpis = {"j": {"value": "broken_measure * 2"}, "k": {"value": "revenue + typo"}}
    write_project(
        tmp_path, {"revenue": {"value": "SUM(amount)"}, "broken_measure": {"value": "COUNT(*)", "empty": "nil"}}, kpis
    )
    (tmp_path / "targets.csv").write_text("kpi,anchor,value\nk,target,x\nkk,target,1\n")
    (tmp_path / "sources" / "bad.yaml").write_text("source: bad\ncolumns: [1\n")
    (tmp_path / "commentary").mkdir()
    (tmp_path / "commentary" / "2024-1.yaml").write_text("comments: []\n")
    assert [(p.file, p.key) for p in problems(tmp_path)] == [
        ("commentary/2024-1.yaml", ""),
        ("kpis/all.yaml", "measures.broken_measure.empty"),
        ("kpis/all.yaml", "kpis.k.value"),
        ("sources/bad.yaml", ""),
        ("targets.csv", "value"),
        ("targets.csv", "kpi"),
    ]


def test_what_could_be_better_is_no_matter_of_loading(tmp_path: Path) -> None:
    assert load_project(write_project(tmp_path)).warnings == ()


def test_every_unknown_name_of_a_formula_is_told(tmp_path: Path) -> None:
    (problem,) = problems(write_project(tmp_path, kpis={"k": {"value": "revenu / ordrs + revenue"}}))
    assert problem.message == (
        "'ordrs' is not a measure or input. Known: 'revenue'. "
        "'revenu' is not a measure or input. Did you mean 'revenue'?"
    )


def test_a_folder_without_a_project_is_an_error_of_the_call(tmp_path: Path) -> None:
    with pytest.raises(CallError, match=r"holds no scorecard\.yaml"):
        load_project(tmp_path)


def test_the_digest_changes_with_any_declaration(tmp_path: Path) -> None:
    before = load_project(write_project(tmp_path)).digest()
    (tmp_path / "targets.csv").write_text("kpi,anchor,value\n")
    assert load_project(tmp_path).digest() != before


def test_a_name_that_would_read_as_another_is_refused(tmp_path: Path) -> None:
    turned = "Ward \u202egnp.exe"
    units = UNITS.replace("North,", f"{turned},")
    with pytest.raises(DeclarationError, match=r"units.csv:3: name: holds a sign .*\(U\+202E\)"):
        declare(tmp_path, units=units)
    kpis = {"revenue_kpi": {"value": "revenue", "name": turned}}
    with pytest.raises(DeclarationError, match=r"revenue_kpi\.name: holds a sign"):
        declare(tmp_path / "b", kpis=kpis)
    hebrew = "\u05e7\u05d1\u05d5\u05e6\u05d4 \u200f\u05d0"
    assert declare(tmp_path / "c", units=UNITS.replace("North,", f"{hebrew},")).units
