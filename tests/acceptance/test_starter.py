"""The template of ``scorepack init``: it can be copied, checked and run as its own messages say."""

from __future__ import annotations

import re
import subprocess
import sys
from email import message_from_bytes
from pathlib import Path

import pikepdf
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
STARTER = ROOT / "examples" / "starter"
UNITS = ["ferrybridge", "harbour", "hill", "market", "station"]


def scorepack(*arguments: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "pipelines.cli.app", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env=_environment(),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _environment() -> dict[str, str]:
    import os

    kept = {name: value for name, value in os.environ.items() if not name.startswith("SCOREPACK_")}
    return {**kept, "PYTHONPATH": str(ROOT)}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the starter, run by the very lines that ``init`` prints."""
    folder = tmp_path_factory.mktemp("starter")
    said = scorepack("init", "acme", folder=folder)
    lines = re.findall(r"^  scorepack (.+)$", said, re.MULTILINE)
    assert [line.split()[0] for line in lines] == ["check", "backfill"]
    for line in lines:
        scorepack(*line.split(), folder=folder)
    return folder / "acme"


def test_every_workshop_has_a_pack_of_the_last_month_with_text_on_every_page(copy: Path) -> None:
    packs = sorted((copy / ".scorepack" / "packs" / "2025-09").glob("*.pdf"))
    assert [path.stem for path in packs] == [f"workshops-{unit}" for unit in UNITS]
    for path in packs:
        with pikepdf.open(path) as pdf:
            assert len(pdf.pages) >= (6 if path.stem == "workshops-ferrybridge" else 1)
            assert all("/Font" in page.Resources for page in pdf.pages)


def test_everything_of_the_last_month_is_scored_and_all_weight_has_data(copy: Path) -> None:
    rows = [line.split(",") for line in scorepack("export", "scores", folder=copy).splitlines()]
    header, *values = rows
    last = [dict(zip(header, row, strict=True)) for row in values if row[header.index("period")] == "2025-09-01"]
    assert {row["unit"] for row in last} == set(UNITS)
    scored = [row for row in last if row["missing_reason"] != "unscored"]
    assert all(float(row["coverage"]) == 1 and row["score"] for row in scored)
    # 8 KPIs, 6 objectives, 4 perspectives and the scorecard, for each unit; 3 more KPIs are shown for information only.
    assert len(scored) == 5 * (8 + 6 + 4 + 1)
    assert {row["node"] for row in last if row not in scored} == {
        "income_repairs", "income_parts", "nobody_waited_long",
    }  # fmt: skip


def test_the_story_shows_station_off_target_and_the_company_not(copy: Path) -> None:
    rows = [line.split(",") for line in scorepack("export", "scores", folder=copy).splitlines()]
    at = {name: index for index, name in enumerate(rows[0])}
    bands = {
        row[at["unit"]]: row[at["band"]]
        for row in rows
        if row[at["period"]] == "2025-09-01" and row[at["level"]] == "scorecard"
    }
    assert bands == {"ferrybridge": "amber", "harbour": "green", "hill": "green", "market": "amber", "station": "red"}


def test_the_one_bad_row_is_in_quarantine_and_named_with_its_line(copy: Path) -> None:
    _, *rejects = scorepack("export", "rejects", folder=copy).splitlines()
    assert len(rejects) == 1
    assert "repairs_2025-06" in rejects[0]
    assert "31/06/2025" in rejects[0]


def test_each_recipient_gets_the_packs_of_their_units(copy: Path) -> None:
    for command in ("publish", "approve"):
        scorepack(command, "2025-09", "--by", "Ada", folder=copy)
    scorepack("send", "2025-09", folder=copy)
    messages = [
        message_from_bytes(path.read_bytes()) for path in (copy / ".scorepack" / "outbox" / "2025-09").glob("*.eml")
    ]
    assert len(messages) == 5 + 1 + 4
    assert all(any(part.get_content_type() == "application/pdf" for part in message.walk()) for message in messages)


def test_every_yaml_file_names_its_schema_and_is_commented() -> None:
    kinds = {
        "scorecard": "scorecard",
        "strategy": "strategy",
        "recipients": "recipients",
        "sources": "source",
        "kpis": "kpis",
        "commentary": "commentary",
        "packs": "packs",
    }
    for path in STARTER.rglob("*.yaml"):
        first, *rest = path.read_text(encoding="utf-8").splitlines()
        is_below = path.parent != STARTER
        kind = kinds[path.parent.name if is_below else path.stem]
        assert first == f"# yaml-language-server: $schema={'../' if is_below else ''}schema/{kind}.json"
        assert any("# " in line for line in rest), f"{path.name} explains nothing"


def test_the_starter_shows_every_key_that_a_first_project_is_likely_to_need() -> None:
    declared = yaml.safe_load((STARTER / "scorecard.yaml").read_text(encoding="utf-8"))
    from scorecards.organisation import Organisation

    # Exchange rates need a source of their own; databases and remote files come later;
    # none of the months of a first project waits for commentary.
    later = {"rates", "connections", "locations", "required_commentary"}
    assert set(declared) == set(Organisation.model_fields) - later


def test_the_starter_stays_small() -> None:
    assert sum(path.stat().st_size for path in (STARTER / "extracts").rglob("*.csv")) < 64_000
