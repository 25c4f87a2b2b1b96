"""The documentation against the product: generated pages are up to date, and what the how-to pages show happens."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
BLOCK = re.compile(r"^```(\S+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
STEPS = {"opening", "staging", "measures", "KPI values", "scores", "packs", "outcome"}


@dataclass
class Shell:
    """Runs what a page shows: files are written, commands run, and what they say is kept."""

    folder: Path
    said: str = ""
    errors: list[str] = field(default_factory=list)

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def run(self, line: str) -> int:
        if line.startswith("cd "):
            self.folder = self.folder / line[3:]
            return 0
        if line.startswith("scorepack "):
            code, self.said = scorepack(self.folder, *shlex.split(line)[1:])
            return code
        done = subprocess.run(["sh", "-c", line], cwd=self.folder, capture_output=True, text=True, check=False)
        self.said = done.stdout + done.stderr
        return done.returncode


def scorepack(folder: Path, *arguments: str) -> tuple[int, str]:
    """The command line in this process: its exit code, and all it says but the names of steps."""
    from pipelines.cli.app import main

    said, before, argv = io.StringIO(), Path.cwd(), sys.argv
    code = 0
    os.chdir(folder)
    sys.argv = ["scorepack", *arguments]
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            main()
    except SystemExit as stop:
        code = int(stop.code or 0)
    finally:
        os.chdir(before)
        sys.argv = argv
    return code, "\n".join(line for line in said.getvalue().splitlines() if line not in STEPS)


@pytest.fixture(autouse=True)
def _nobody_else_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "SCOREPACK_PROJECT",
        "SCOREPACK_HOME",
        "SCOREPACK_EXTRACTS",
        "SCOREPACK_SMTP_URL",
        "SCOREPACK_MAIL_FROM",
    ):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    "page",
    [
        "your-own-data.md",
        "month-end.md",
        "delivery.md",
        "calendars-and-currencies.md",
        "databases-and-remote-files.md",
        "good-scorecard.md",
        "history.md",
        "explain.md",
        "packs.md",
        "strategy.md",
        "on-screen.md",
    ],
)
def test_every_command_of_the_how_to_pages_does_what_the_page_says(page: str, tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    for kind, argument, text in blocks(DOCS / "how-to" / page):
        if kind == "sh":
            *first, last = text.strip().splitlines()
            for line in first:
                assert shell.run(line) == 0, f"{line}\n{shell.said}"
            wanted = int(argument.removeprefix("exit=")) if argument else 0
            assert shell.run(last) == wanted, f"{last}\n{shell.said}"
        elif kind == "text":
            assert shows(shell.said, text), f"shown:\n{text}\nsaid:\n{shell.said}"
        else:
            shell.write(argument, text)


def blocks(page: Path) -> Iterator[tuple[str, str, str]]:
    for match in BLOCK.finditer(page.read_text(encoding="utf-8")):
        yield match[1], match[2] or "", match[3]


def shows(said: str, shown: str) -> bool:
    """Whether every line that the page shows was said, in whatever order; … stands for anything."""
    lines = (re.escape(line).replace("…", ".*") for line in shown.strip().splitlines())
    return all(re.search(line, said) is not None for line in lines)


def test_the_generated_reference_is_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, "docs/build.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_link_between_pages_leads_somewhere() -> None:
    dead = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in [*DOCS.rglob("*.md"), ROOT / "README.md", *(ROOT / "examples").glob("*/README.md")]
        for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert dead == []


def test_every_key_of_the_language_has_words_and_no_words_lack_a_key() -> None:
    sys.path.insert(0, str(DOCS))
    from pages.language import FILES
    from pages.models import meaning, models_of
    from pages.words import DEFAULTS, MEANINGS, TYPES

    models = {model.__name__: model for root, _ in FILES.values() for model in models_of(root)}
    assert all(meaning(model, name) for model in models.values() for name in model.model_fields)
    keys = {f"{name}.{key}" for name, model in models.items() for key in model.model_fields}
    assert set(MEANINGS) | set(DEFAULTS) | set(TYPES) <= keys
    described = {
        f"{name}.{key}"
        for name, model in models.items()
        for key, field in model.model_fields.items()
        if field.description
    }
    assert set(MEANINGS) & described == set()


def test_every_model_of_the_language_stands_on_the_page() -> None:
    from scorecards import delivery, kpis, organisation, packs, people, sources, strategy
    from scorecards.base import Declared

    page = (DOCS / "reference" / "language.md").read_text(encoding="utf-8")
    declared = {
        value.__name__
        for module in (delivery, kpis, organisation, packs, people, sources, strategy)
        for value in vars(module).values()
        # What others are built on shows its keys with them.
        if isinstance(value, type) and issubclass(value, Declared) and not value.__subclasses__()
    }
    assert {name for name in declared if f"### {name}\n" not in page} == set()


@pytest.mark.parametrize(
    ("name", "reader"),
    [
        ("units.csv", "read_units"),
        ("targets.csv", "read_targets"),
        ("actions.csv", "read_actions"),
        ("forecasts.csv", "read_forecasts"),
    ],
)
def test_the_page_names_every_column_of_a_csv_table(name: str, reader: str, tmp_path: Path) -> None:
    sys.path.insert(0, str(DOCS))
    from pages.words import CSV_TABLES

    from scorecards import forecasts, tables
    from scorecards.errors import Problem

    (tmp_path / name).write_text("nonsense\n", encoding="utf-8")
    problems: list[Problem] = []
    getattr(forecasts if name == "forecasts.csv" else tables, reader)(tmp_path / name, name, problems)
    lacking = [problem for problem in problems if "missing from the header" in problem.message]
    known = lacking[0].remedy.removeprefix("Columns: ").rstrip(".").split(", ")
    _, columns = CSV_TABLES[name]
    assert set(columns) == set(known)
    assert {column for column, (required, _) in columns.items() if required} == {problem.key for problem in lacking}


@pytest.fixture(scope="module")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("concepts")
    assert scorepack(folder, "init", "acme")[0] == 0
    assert scorepack(folder / "acme", "backfill", "2025-07", "2025-09", "--packs", "none")[0] == 0
    return folder / "acme"


def exported(folder: Path, name: str) -> list[dict[str, str]]:
    code, said = scorepack(folder, "export", name)
    assert code == 0, said
    header, *rows = [line.split(",") for line in said.splitlines()]
    return [found for row in rows if (found := dict(zip(header, row, strict=True)))["period"] == "2025-09-01"]


def rows_of(page: Path) -> list[list[str]]:
    lines = [
        line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("| ") and "---" not in line
    ]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines]


def test_the_figures_of_the_concepts_page_are_those_of_the_product(starter: Path) -> None:
    values = {(row["unit"], row["kpi"]): row for row in exported(starter, "kpi_values")}
    scores = {row["node"]: row for row in exported(starter, "scores") if row["unit"] == "ferrybridge"}
    checked = set()
    for cells in rows_of(DOCS / "concepts.md"):
        found = values.get((cells[0], "on_time_share"))
        if found and len(cells) == 4:
            assert cells[1:] == [
                f"{float(found['numerator']):.0f}",
                f"{float(found['denominator']):.0f}",
                f"{float(found['value']):.2%}",
            ]
            checked.add(cells[0])
        elif cells[0] in scores and len(cells) in (3, 5):
            assert cells[-1] == f"{float(scores[cells[0]]['score']):.2f}", cells
            checked.add(cells[0])
        if len(cells) == 5 and cells[0] in scores:
            value, target = float(values["ferrybridge", cells[0]]["value"]), float(scores[cells[0]]["target"])
            assert cells[1] == (f"{value:.2%}" if "%" in cells[1] else f"{value:.2f}")
            assert cells[3] == (f"{target:.0%}" if "%" in cells[3] else f"{target:g}")
    assert len(checked) == 5 + 3 + 7


def test_the_page_names_every_column_of_the_deliveries(starter: Path) -> None:
    _, said = scorepack(starter, "export", "deliveries")
    page = (DOCS / "reference" / "tables.md").read_text(encoding="utf-8")
    section = page.split("### deliveries", 1)[1].split("\n## ", 1)[0]
    assert re.findall(r"^\| `(\w+)`", section, re.MULTILINE) == said.strip().split(",")


def test_the_concepts_page_is_right_about_a_survey_that_does_not_come(starter: Path, tmp_path: Path) -> None:
    import shutil

    folder = tmp_path / "acme"
    shutil.copytree(starter, folder, ignore=shutil.ignore_patterns(".scorepack"))
    (folder / "extracts" / "customer" / "survey.csv").unlink()
    assert scorepack(folder, "backfill", "2025-07", "2025-09", "--packs", "none")[0] == 0
    scores = {row["node"]: row for row in exported(folder, "scores") if row["unit"] == "ferrybridge"}
    (shown,) = [cells for cells in rows_of(DOCS / "concepts.md") if len(cells) == 4 and cells[0] == "workshops"]
    top = scores["workshops"]
    assert shown[2:] == [f"{float(top['score']):.2f}", f"{float(top['coverage']):.0%}"]
    assert scores["customer"]["score"] == ""
