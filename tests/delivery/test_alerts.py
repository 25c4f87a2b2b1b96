"""Alerts: a failed run is mailed to those who are declared, once, with its first error and the command to retry."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import dagster as dg
import pytest

from pipelines.alerts import failure_of
from pipelines.cli.printing import Steps
from pipelines.cli.running import materialise
from pipelines.definitions import build_definitions
from pipelines.delivery.alerting import Failure, alert
from pipelines.resources import ProjectResource
from scorecards.errors import DataRefused
from tests.small_company import SmallCompany, small_company
from warehouse import journal

BROKEN = "x,north,2025-03-01,1\n"


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallCompany:
    for name in ("SCOREPACK_SMTP_URL", "SCOREPACK_MAIL_FROM"):
        monkeypatch.delenv(name, raising=False)
    found = small_company(tmp_path / "small")
    found.write("recipients.yaml", "alerts: [ops@example.com]\n")
    return found


def mails(company: SmallCompany) -> list[tuple[str, str, str]]:
    """To, subject and text of every alert that was written."""
    found = []
    for path in sorted((company.root / ".scorepack/outbox/alerts").glob("*.eml")):
        message = message_from_bytes(path.read_bytes(), policy=default)
        found.append((message["To"], message["Subject"], message.get_content()))
    return found


def run(company: SmallCompany) -> None:
    periods = [date(2025, 2, 1), date(2025, 3, 1)]
    with pytest.raises(DataRefused):
        materialise("month_end", company.root, None, None, periods, "none", Steps(None))


def test_a_failed_run_that_nobody_looks_at_is_mailed_once_with_its_first_error_and_the_retry(
    company: SmallCompany,
) -> None:
    company.sales("2025-03", BROKEN)
    run(company)
    run(company)
    ((to, subject, text),) = mails(company)
    assert to == "ops@example.com"
    assert subject == "Scorepack: month_end of 2025-02 to 2025-03 failed – Small & Company <Ltd>"
    assert "1 of 2 months were not computed, because data were refused:\n2025-03: sales: " in text.replace("\r", "")
    assert "'x'" in text
    assert "scorepack backfill 2025-02 2025-03" in text
    assert [entry.body["state"] for entry in journal.entries(company.setting().home, "alert")] == ["sending", "written"]


def test_a_long_error_is_told_by_its_first_lines_and_another_refused_file_is_another_failure(
    company: SmallCompany,
) -> None:
    setting, months = company.setting(), (date(2025, 3, 1),)
    lines = [f"2025-03: sales: sales_{number}.csv: line 2: 'x' is no number." for number in range(20)]
    assert alert(setting, Failure("month_end", months, "\n".join(["Refused:", *lines])))
    assert alert(setting, Failure("month_end", months, "\n".join(["Refused:", *lines]))) == []
    assert alert(setting, Failure("month_end", months, "\n".join(["Refused:", *lines[3:]])))
    text = next(text for _, _, text in mails(company) if "sales_0.csv" in text)
    assert "sales_10.csv" in text
    assert "sales_11.csv" not in text
    assert "… and 9 more lines" in text


def test_an_address_of_a_domain_with_an_umlaut_is_written_as_servers_take_it(company: SmallCompany) -> None:
    company.write("recipients.yaml", "alerts: [ops@büro.example.org]\n")
    alert(company.setting(), Failure("month_end", (date(2025, 3, 1),), "broken"))
    ((to, _, _),) = mails(company)
    assert to == "ops@xn--bro-hoa.example.org"


def test_the_same_failure_is_told_again_after_a_day_and_another_at_once(company: SmallCompany) -> None:
    setting, now = company.setting(), datetime.now(UTC)
    first = Failure("month_end", (date(2025, 3, 1),), "the disk is full\nand more")
    assert alert(setting, first, now) == [("ops@example.com", "written")]
    assert alert(setting, first, now + timedelta(hours=23)) == []
    other = Failure("month_end", first.periods, "the lock is held")
    assert alert(setting, other, now) == [("ops@example.com", "written")]
    assert alert(setting, first, now + timedelta(hours=25)) == [("ops@example.com", "written")]


def test_the_same_failure_of_another_run_or_met_by_another_process_is_the_same(company: SmallCompany) -> None:
    setting, months = company.setting(), (date(2025, 3, 1),)
    ids = ("0a1b2c3d-0000-4000-8000-0123456789ab", "ffffffff-0000-4000-8000-0123456789ab")
    told = [
        alert(setting, Failure("month_end", months, words.format(each)))
        for words, names in (("The run {} failed: 7 rows.", ids), ("The home is held by process {}.", (12, 3456)))
        for each in names
    ]
    assert [len(one) for one in told] == [1, 0, 1, 0]
    assert len(alert(setting, Failure("month_end", months, f"The run {ids[0]} failed: 8 rows."))) == 1


def test_a_clock_that_was_ahead_and_is_right_again_silences_nothing(company: SmallCompany) -> None:
    setting, now = company.setting(), datetime.now(UTC)
    failure = Failure("month_end", (date(2025, 3, 1),), "no")
    alert(setting, failure)
    assert alert(setting, failure, now - timedelta(days=400)) != []
    assert alert(setting, failure, now - timedelta(seconds=5)) == []


def test_a_mail_that_did_not_leave_is_tried_again_after_a_quarter_of_an_hour(
    company: SmallCompany, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCOREPACK_SMTP_URL", "smtp://127.0.0.1:9")
    monkeypatch.setenv("SCOREPACK_MAIL_FROM", "pack@example.com")
    setting, now = company.setting(), datetime.now(UTC)
    failure = Failure("deliver", (date(2025, 3, 1),), "no")
    assert alert(setting, failure, now) == [("ops@example.com", "failed")]
    assert alert(setting, failure, now + timedelta(minutes=10)) == []
    assert alert(setting, failure, now + timedelta(minutes=20)) == [("ops@example.com", "failed")]


def test_the_sensor_tells_what_dagster_saw_fail_and_a_run_told_already_is_not_told_again(company: SmallCompany) -> None:
    company.sales("2025-03", BROKEN)
    resource = ProjectResource(project=str(company.root))
    definitions = build_definitions(resource)
    with dg.DagsterInstance.ephemeral() as instance:
        result = definitions.resolve_job_def("month_end").execute_in_process(
            instance=instance, raise_on_error=False, partition_key="2025-03-01",
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )  # fmt: skip
        assert not result.success
        context = dg.build_run_status_sensor_context(
            "failure_alert", dagster_event=result.get_run_failure_event(), dagster_instance=instance,
            dagster_run=result.dagster_run, context=None,
        ).for_run_failure()  # fmt: skip
        failure = failure_of(context)
        assert (failure.job, failure.span, failure.retry) == ("month_end", "2025-03", "scorepack run 2025-03")
        assert failure.told
        sensor = definitions.resolve_sensor_def("failure_alert")
        sensor(context)
        sensor(context)
    assert len(mails(company)) == 1


def test_nobody_declared_nobody_told(company: SmallCompany) -> None:
    company.write("recipients.yaml", "recipients: []\n")
    assert alert(company.setting(), Failure("month_end", (date(2025, 3, 1),), "no")) == []
