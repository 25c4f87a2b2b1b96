"""The figures of health: what they say of a home, that Prometheus reads them, and that they tell nobody's business."""

from __future__ import annotations

import json
import sqlite3
import stat
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from pipelines.cli.printing import Steps
from pipelines.cli.running import materialise
from pipelines.delivery.alerting import Failure, alert
from pipelines.delivery.send import deliver
from pipelines.operating.health import health
from pipelines.operating.measures import MEASURES, Sample, text_of
from pipelines.steps.ingest import ingest
from scorecards.errors import CallError, DataRefused
from tests.disks import fill
from tests.operating.conftest import PERIOD
from tests.small_company import SmallCompany
from warehouse.home import Home
from warehouse.working import at_work, begin_rebuild

NOW = datetime(2025, 7, 10, 12, tzinfo=UTC)
DUE = "due: {working_day: 3, at: '07:00'}\n"
Figures = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture(autouse=True)
def _in_july(monkeypatch: pytest.MonkeyPatch) -> None:
    class Then(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:
            return NOW

    monkeypatch.setattr("pipelines.operating.health.datetime", Then)


def read(text: str) -> Figures:
    """The figures as Prometheus reads them."""
    found: Figures = {}
    for family in text_string_to_metric_families(text):
        assert family.type == "gauge"
        assert family.documentation == MEASURES[family.name].meaning
        for sample in family.samples:
            assert sample.timestamp is None, "node exporter refuses files with times of their own"
            key = sample.name, tuple(sorted(sample.labels.items()))
            assert key not in found
            found[key] = sample.value
    return found


def figures(company: SmallCompany, home: Path | None = None) -> Figures:
    return read(text_of(health(company.root, home)))


def of(found: Figures, measure: str, **labels: str) -> float:
    return found[f"scorepack_{measure}", tuple(sorted(labels.items()))]


def test_a_month_that_was_delivered_shows_as_such(company: SmallCompany) -> None:
    company.write("delivery.yaml", DUE)
    before = figures(company)
    assert of(before, "gate_open_messages", period="2025-06") == 2
    assert of(before, "late", period="2025-06") == 1
    assert of(before, "messages", period="2025-06", state="written") == 0
    deliver(company.setting(), PERIOD)
    after = figures(company)
    assert of(after, "gate_open_messages", period="2025-06") == 0
    assert of(after, "late", period="2025-06") == 0
    assert of(after, "messages", period="2025-06", state="written") == 2
    assert of(after, "edition", period="2025-06") == 1
    assert of(after, "edition", period="2025-05") == 0
    assert of(after, "due_timestamp_seconds", period="2025-06") == datetime(2025, 7, 3, 7, tzinfo=UTC).timestamp()
    ended = of(after, "run_ended_timestamp_seconds", job="month_end", ended="well")
    assert ended < of(after, "extract_taken_in_timestamp_seconds", source="sales") + 3600
    assert all(value == 1 for (name, _), value in after.items() if name == "scorepack_health_part_known")


def test_the_hour_and_the_gate_have_figures_only_where_an_hour_is_declared(company: SmallCompany) -> None:
    of_hours = {f"scorepack_{name}" for name in (
        "due_timestamp_seconds", "gate_open_messages", "gate_shut_messages", "late",
    )}  # fmt: skip
    assert of_hours & {name for name, _ in figures(company)} == set()
    company.write("delivery.yaml", DUE)
    assert of_hours <= {name for name, _ in figures(company)}


def test_checks_that_do_not_hold_are_counted_by_month(company: SmallCompany) -> None:
    company.sales("2025-05", "x,north,2025-05-01,1\n", delivered="20250609")
    company.write(
        "sources/complaints.yaml", (company.root / "sources/complaints.yaml").read_text() + "expects: {due: 3 days}\n"
    )
    found = figures(company)
    assert of(found, "checks_failed", period="2025-05", check="complete") == 2
    assert of(found, "checks_failed", period="2025-05", check="in_time") == 1
    setting = company.setting()
    for source in setting.project.sources:
        ingest(setting, source, [date(2025, 5, 1)])
    found = figures(company)
    assert of(found, "checks_failed", period="2025-05", check="within_contract") == 1
    assert of(found, "checks_failed", period="2025-05", check="complete") == 0
    assert of(found, "checks_failed", period="2025-05", check="every_scorecard_is_scored") == 3
    assert of(found, "checks_failed", period="2025-06", check="every_scorecard_is_scored") == 0


def test_every_measure_occurs_and_none_tells_of_units_people_or_scores(company: SmallCompany) -> None:
    from dagster._daemon.types import DaemonHeartbeat

    from pipelines.instance import open_instance

    company.write("delivery.yaml", DUE)
    company.write("recipients.yaml", (company.root / "recipients.yaml").read_text() + "alerts: [ops@example.com]\n")
    alert(company.setting(), Failure("month_end", (PERIOD,), "no"))
    home = Home(company.root / ".scorepack")
    with open_instance(home) as instance:
        instance.add_daemon_heartbeat(DaemonHeartbeat(NOW.timestamp(), "SENSOR", "1", []))
    with at_work(home):
        text = text_of(health(company.root))
    found = read(text)
    assert {name for name, _ in found} == set(MEASURES)
    assert of(found, "home_held") == 1
    assert of(found, "alert_mails", state="written") == 1
    assert of(found, "daemon_alive_timestamp_seconds", daemon="sensor") == NOW.timestamp()
    for word in ("north", "Ada", "example.com", "revenue", "Small"):
        assert word not in text


def test_what_cannot_be_read_is_left_out_and_said_to_be(company: SmallCompany) -> None:
    home = Home(company.root / ".scorepack")
    begin_rebuild(home)
    home.journal.write_bytes(b"no journal at all" * 1000)
    found = figures(company)
    assert of(found, "journal_sound") == 0
    assert of(found, "rebuild_unfinished") == 1
    assert of(found, "health_part_known", part="months") == 0
    assert of(found, "health_part_known", part="runs") == 1
    assert of(found, "disk_free_bytes") > 0
    company.write("delivery.yaml", "due: {at: noon}\n")
    assert of(figures(company), "declarations_sound") == 0


def test_rules_about_runs_have_their_figures_where_no_run_ever_ended_well(
    company: SmallCompany, tmp_path: Path
) -> None:
    """Prometheus compares nothing with a series that is not there: a rule would be silent from the first day on."""
    company.sales("2025-06", "x,north,2025-06-01,1\n", delivered="20250709")
    never = figures(company, tmp_path / "new")
    assert {value for (name, _), value in never.items() if name == "scorepack_run_ended_timestamp_seconds"} == {0}
    with pytest.raises(DataRefused):
        materialise("month_end", company.root, tmp_path / "new", None, [PERIOD], "none", Steps(None))
    found = figures(company, tmp_path / "new")
    well = of(found, "run_ended_timestamp_seconds", job="month_end", ended="well")
    assert of(found, "run_ended_timestamp_seconds", job="month_end", ended="badly") > well == 0
    assert of(found, "run_ended_timestamp_seconds", job="deliver", ended="badly") == 0


def test_a_journal_of_a_newer_version_is_no_damaged_one(company: SmallCompany) -> None:
    assert of(figures(company), "journal_version_known") == 1
    with sqlite3.connect(Home(company.root / ".scorepack").journal) as connection:
        connection.execute("PRAGMA user_version = 9")
    connection.close()
    found = figures(company)
    assert (of(found, "journal_sound"), of(found, "journal_version_known")) == (1, 0)
    assert of(found, "health_part_known", part="months") == 0


def test_a_home_that_is_not_there_is_not_made(company: SmallCompany, tmp_path: Path) -> None:
    found = figures(company, tmp_path / "none")
    assert of(found, "messages", period="2025-06", state="written") == 0
    assert not (tmp_path / "none").exists()


def test_a_label_with_quotes_line_breaks_and_backslashes_is_read_as_it_was() -> None:
    strange = 'a "b"\n\\n'
    found = read(text_of([Sample("scorepack_info", 1, {"version": strange})]))
    assert found == {("scorepack_info", (("version", strange),)): 1.0}


def test_the_file_is_whole_readable_by_the_monitor_and_kept_where_it_cannot_be_written_anew(
    company: SmallCompany, disk: Path
) -> None:
    from pipelines.cli.health_command import health as command

    target = disk / "scorepack.prom"
    command(to=target, project=company.root, home=None, extracts=None, as_json=False)
    before = target.read_text()
    assert read(before)
    assert stat.S_IMODE(target.stat().st_mode) == 0o644
    fill(disk)
    with pytest.raises(CallError, match="cannot be written: No space left"):
        command(to=target, project=company.root, home=None, extracts=None, as_json=False)
    assert target.read_text() == before
    assert sorted(path.name for path in disk.iterdir()) == ["full", "scorepack.prom"]


def test_json_has_the_same_figures_and_another_ending_is_refused(company: SmallCompany, tmp_path: Path) -> None:
    from pipelines.cli.health_command import health as command

    command(to=tmp_path / "health.json", project=company.root, home=None, extracts=None, as_json=False)
    rows = json.loads((tmp_path / "health.json").read_text())
    assert {row["measure"] for row in rows} <= set(MEASURES)
    with pytest.raises(CallError, match=r"does not end in \.prom or \.json"):
        command(to=tmp_path / "health.txt", project=company.root, home=None, extracts=None, as_json=False)
