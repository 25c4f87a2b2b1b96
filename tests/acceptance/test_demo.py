"""The main job as a stranger runs it: ``scorepack demo``, then the commands that it names."""

from __future__ import annotations

import email
import email.policy
import io
import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pikepdf
import polars as pl
import pytest

from report_templates.rendering import print_pack

SCOREPACK = Path(sys.executable).with_name("scorepack")
UNTIL = "2026-10"


def scorepack(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The command as a process of its own, without settings from outside."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SCOREPACK_", "DAGSTER_"))}
    return subprocess.run(
        [str(SCOREPACK), *arguments], cwd=cwd, env=environment, capture_output=True, text=True, timeout=600, check=False
    )


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    done = scorepack("demo", "--until", UNTIL, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert "35 packs" in done.stdout
    return folder


def exported(demo: Path, table: str) -> pl.DataFrame:
    done = scorepack("export", table, "--project", "demo", cwd=demo)
    assert done.returncode == 0, done.stderr
    return pl.read_csv(io.StringIO(done.stdout), infer_schema_length=None)


def test_every_unit_has_its_packs_and_they_are_what_the_table_says(demo: Path) -> None:
    files = exported(demo, "packs")
    others = files.filter(pl.col("format") != "pdf")
    assert set(others.select("unit", "format").iter_rows()) == {("meridian", "html"), ("meridian", "xlsx")}
    packs = files.filter(pl.col("format") == "pdf")
    assert packs.height == 35
    assert 0 < packs.filter("is_private").height < 35
    for row in packs.iter_rows(named=True):
        file = f"packs/{row['period'][:7]}/{row['scorecard']}-{row['unit']}.pdf"
        with pikepdf.open(demo / "demo" / ".scorepack" / file) as pdf:
            # Of a pack with a person's own figures the exported table tells nothing but that it is there.
            told = (None, None) if row["is_private"] else (file, len(pdf.pages))
            assert (row["file"], row["pages"]) == told
            assert len(pdf.pages) >= (10 if row["unit"] == "meridian" else 1)
            assert str(pdf.Root.Lang).startswith("en")
            assert pdf.Root.MarkInfo.Marked
            assert len(pdf.attachments) == (4 if row["unit"] == "meridian" else 0)


def test_the_story_shows_in_the_scores(demo: Path) -> None:
    scores = exported(demo, "scores").filter(pl.col("unit") == "meridian", pl.col("scorecard") == "company")
    overall = dict(scores.filter(pl.col("level") == "scorecard").select("period", "score").iter_rows())
    assert overall["2025-10-01"] > 90 > 80 > overall["2026-10-01"] > overall["2026-06-01"]


def test_the_company_has_the_perspectives_objectives_and_kpis_it_should_have(demo: Path) -> None:
    scores = exported(demo, "scores").filter(pl.col("period") == "2026-10-01", pl.col("unit") == "meridian")
    counts = dict(scores.group_by("level").len().iter_rows())
    assert counts["perspective"] == 4
    assert counts["objective"] >= 14
    assert counts["kpi"] >= 24


def test_no_scored_kpi_lacks_a_value_and_every_missing_one_has_a_reason(demo: Path) -> None:
    values = exported(demo, "kpi_values")
    assert values.filter(pl.col("value").is_null() & pl.col("missing_reason").is_null()).is_empty()
    assert values.filter(pl.col("value").is_not_null() & pl.col("missing_reason").is_not_null()).is_empty()


def test_the_ledger_with_decimal_commas_was_refused_and_its_correction_counts(demo: Path) -> None:
    ledger = exported(demo, "loads").filter(pl.col("source") == "ledger")
    (refused,) = ledger.filter(pl.col("refused").is_not_null()).iter_rows(named=True)
    assert "decimal comma" in refused["refused"]
    same_month = ledger.filter(pl.col("period") == refused["period"], pl.col("refused").is_null())
    assert same_month["is_current"].to_list() == [True]


def test_every_rejected_row_is_in_quarantine_with_its_reason(demo: Path) -> None:
    loads, rejects = exported(demo, "loads"), exported(demo, "rejects")
    counted = rejects.filter(pl.col("rule") != "lookup").group_by("load").len()
    expected = loads.filter(pl.col("rejected") > 0).select("load", "rejected")
    assert dict(counted.iter_rows()) == dict(expected.iter_rows())
    assert rejects.filter(pl.col("reason").is_null() | (pl.col("reason") == "")).is_empty()


def test_the_outbox_holds_a_message_per_pack_and_recipient(demo: Path) -> None:
    files = sorted((demo / "demo" / ".scorepack" / "outbox" / UNTIL).glob("*.eml"))
    deliveries = exported(demo, "deliveries").filter(pl.col("state") == "written")
    assert len(files) == deliveries.height > 20
    message = email.message_from_bytes(files[0].read_bytes(), policy=email.policy.default)
    (attached,) = message.iter_attachments()  # type: ignore[attr-defined]
    assert attached.get_content()[:5] == b"%PDF-"


def test_sending_again_writes_nothing_new(demo: Path) -> None:
    before = exported(demo, "deliveries").height
    done = scorepack("send", "latest", "--project", "demo", cwd=demo)
    assert done.returncode == 0, done.stderr
    assert exported(demo, "deliveries").height == before


def test_show_prints_the_scorecard_plainly_into_a_pipe(demo: Path) -> None:
    done = scorepack("show", "meridian", "latest", "--project", "demo", cwd=demo)
    assert done.returncode == 0, done.stderr
    for word in ("Meridian Outdoor", "Financial", "Customer", "Internal process", "Learning and growth", "Revenue"):
        assert word in done.stdout
    assert "\x1b" not in done.stdout


def test_status_tells_the_newest_months_as_json(demo: Path) -> None:
    done = scorepack("status", "--project", "demo", "--months", "2", "--json", cwd=demo)
    newest, before = json.loads(done.stdout)
    assert (newest["period"], newest["packs"], newest["refused"]) == (UNTIL, 35, [])
    assert (before["packs"], before["delivered"]) == (0, 0)


@pytest.mark.parametrize("form", ["csv", "parquet", "json", "xlsx"])
def test_a_table_is_exported_in_every_format(demo: Path, tmp_path: Path, form: str) -> None:
    target = tmp_path / f"scores.{form}"
    done = scorepack("export", "scores", "--to", str(target), "--project", "demo", cwd=demo)
    assert done.returncode == 0, done.stderr
    rows = exported(demo, "scores").height
    if form == "csv":
        assert pl.read_csv(target, infer_schema_length=None).height == rows
    elif form == "parquet":
        assert pl.read_parquet(target).height == rows
    elif form == "json":
        assert pl.read_json(target, infer_schema_length=None).height == rows
    else:
        from python_calamine import CalamineWorkbook

        sheet = CalamineWorkbook.from_path(str(target)).get_sheet_by_index(0).to_python()
        assert len(sheet) == rows + 1
        assert sheet[0][:3] == ["scorecard", "period", "unit"]


def test_the_companys_pack_can_be_read_in_german_on_at_most_one_page_more(demo: Path) -> None:
    from pipelines.cli.options import setting_of
    from pipelines.steps.packs import build_packs

    company = build_packs(setting_of(demo / "demo", None), date(2026, 10, 1))[0]
    for page in company.perspectives:
        assert sum(part.points for part in page.contributions) == pytest.approx(page.node.change)
    english, german = (print_pack(replace(company, locale=locale)) for locale in ("en_GB", "de_DE"))
    with pikepdf.open(io.BytesIO(german.content)) as pdf:
        assert str(pdf.Root.Lang) == "de-DE"
        assert str(pdf.docinfo.Title).endswith("Oktober 2026")
    assert english.pages <= german.pages <= english.pages + 1
