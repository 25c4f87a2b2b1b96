"""By when packs are due, and that they leave at that hour, or as soon as they may later on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import dagster as dg
import pytest

from pipelines.definitions import build_definitions
from pipelines.delivery.gate import approve
from pipelines.delivery.send import deliver
from pipelines.resources import ProjectResource
from scorecards.delivery import Due
from scorecards.working_days import due_moment, working_day_after
from tests.delivery.conftest import PERIOD
from tests.small_company import SmallCompany

DUE = "due: {working_day: 3, at: '07:00', time_zone: Europe/Berlin, country: DE, region: BY}\n"


@pytest.mark.parametrize(
    ("declared", "last_day", "expected"),
    [
        ({}, date(2025, 6, 30), date(2025, 7, 3)),
        ({}, date(2025, 8, 31), date(2025, 9, 3)),
        # Friday the 3rd is German Unity Day, then comes a weekend.
        ({"country": "DE"}, date(2025, 9, 30), date(2025, 10, 6)),
        ({"country": "DE"}, date(2025, 12, 31), date(2026, 1, 6)),
        # Epiphany is a holiday in Bavaria.
        ({"country": "DE", "region": "BY"}, date(2025, 12, 31), date(2026, 1, 7)),
        ({"free": (date(2025, 7, 2),)}, date(2025, 6, 30), date(2025, 7, 4)),
        ({"weekend": ("friday", "saturday")}, date(2025, 7, 31), date(2025, 8, 5)),
        ({"working_day": 1}, date(2025, 6, 28), date(2025, 6, 30)),
    ],
)
def test_the_working_day_is_counted_without_weekends_holidays_and_declared_days(
    declared: dict[str, Any], last_day: date, expected: date
) -> None:
    assert working_day_after(Due(**declared), last_day) == expected


def test_the_hour_is_that_of_the_clocks_there_in_summer_and_in_winter() -> None:
    due = Due(at="07:00", time_zone="Europe/Berlin")  # type: ignore[arg-type]
    assert due_moment(due, date(2025, 6, 30), "UTC") == datetime(2025, 7, 3, 5, tzinfo=UTC)
    assert due_moment(due, date(2025, 10, 31), "UTC") == datetime(2025, 11, 5, 6, tzinfo=UTC)
    assert due_moment(Due(), date(2025, 6, 30), "Asia/Tokyo") == datetime(2025, 7, 2, 22, tzinfo=UTC)


def test_a_country_whose_holidays_nobody_knows_is_told(published: SmallCompany) -> None:
    from scorecards.errors import DeclarationError

    published.write("delivery.yaml", "due: {country: DE, region: XX}\n")
    with pytest.raises(DeclarationError, match=r"delivery.yaml:1: due.country: the public holidays of DE-XX"):
        published.setting()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("due: {at: 7}", "'7' is not a time of day; write it as 07:00"),
        ("due: {at: '24:00'}", "'24:00' is not a time of day"),
        ("due: {weekend: [sunday, caturday]}", "'caturday' is not a day of the week"),
        ("due: {region: BY}", "a region needs its country"),
        ("domains: [example]", "'example' is not a domain"),
        ("link: http://x/{file}", "a link begins with https://"),
        ("link: 'https://x/{name}'", "has a field that is not known"),
        ("approval: maybe", "'maybe' is not one of"),
    ],
)
def test_what_cannot_be_declared_is_told(published: SmallCompany, text: str, told: str) -> None:
    from scorecards.errors import DeclarationError

    published.write("delivery.yaml", text + "\n")
    with pytest.raises(DeclarationError) as caught:
        published.setting()
    assert told in str(caught.value)


Asked = Callable[[SmallCompany, datetime], dg.SensorResult | Any]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Callable[[SmallCompany, datetime], list[str]]:
    """What the sensor asks for at a moment: the months of its runs."""

    def ask(company: SmallCompany, at: datetime) -> list[str]:
        monkeypatch.setattr("pipelines.delivery.calendar.now", lambda: at)
        for module in ("pipelines.steps.approved", "pipelines.delivery.send"):
            monkeypatch.setattr(f"{module}.newest_over", lambda project: PERIOD)
        definitions = build_definitions(ProjectResource(project=str(company.root)))
        with dg.DagsterInstance.ephemeral() as instance:
            context = dg.build_sensor_context(instance=instance, definitions=definitions)
            found = definitions.resolve_sensor_def("delivery_sensor").evaluate_tick(context)
        return [request.partition_key or "" for request in found.run_requests or ()]

    return ask


BEFORE, AFTER = datetime(2025, 7, 3, 4, 59, tzinfo=UTC), datetime(2025, 7, 3, 5, 0, tzinfo=UTC)


def mails(company: SmallCompany) -> list[EmailMessage]:
    files = sorted((company.root / ".scorepack/outbox/alerts").glob("*.eml"))
    return [message_from_bytes(path.read_bytes(), policy=default) for path in files]  # type: ignore[misc]


def test_what_is_approved_leaves_at_the_due_hour_and_not_before(
    company: SmallCompany, asked: Callable[[SmallCompany, datetime], list[str]]
) -> None:
    company.write("delivery.yaml", DUE)
    assert asked(company, BEFORE) == []
    assert asked(company, AFTER) == ["2025-06-01"]
    deliver(company.setting(), PERIOD)
    assert asked(company, AFTER) == []
    assert mails(company) == []


def test_with_early_it_leaves_as_soon_as_it_may(
    company: SmallCompany, asked: Callable[[SmallCompany, datetime], list[str]]
) -> None:
    company.write("delivery.yaml", DUE.replace("}", ", early: true}"))
    assert asked(company, BEFORE) == ["2025-06-01"]


def test_what_is_not_approved_by_the_hour_is_told_once_and_leaves_when_it_is(
    published: SmallCompany, asked: Callable[[SmallCompany, datetime], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    noticed: list[tuple[str, str, str]] = []
    monkeypatch.setenv("SCOREPACK_NOTICES", "json://localhost")
    monkeypatch.setattr("pipelines.delivery.notices.notify", lambda *told: noticed.append(told) or True)
    published.write("delivery.yaml", DUE + "owner: [office@example.com]\n")
    assert asked(published, BEFORE) == []
    assert noticed == []
    assert mails(published) == []
    assert asked(published, AFTER) == []
    assert asked(published, datetime(2025, 7, 3, 9, tzinfo=UTC)) == []
    (mail,) = mails(published)
    assert mail["To"] == "office@example.com"
    assert "2025-06: packs are late" in mail["Subject"]
    assert "2 × it is not approved" in mail.get_content()
    ((title, text, kind),) = noticed
    assert (title, kind) == ("Scorepack: packs of 2025-06 are late", "warning")
    assert text.startswith("2 held back.")
    approve(published.setting(), PERIOD, "Grace")
    assert asked(published, datetime(2025, 7, 3, 10, tzinfo=UTC)) == ["2025-06-01"]


def test_channels_are_told_whoever_is_mailed_and_again_where_one_did_not_take_it(
    published: SmallCompany, asked: Callable[[SmallCompany, datetime], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    noticed: list[tuple[str, ...]] = []
    monkeypatch.setenv("SCOREPACK_NOTICES", "json://localhost")
    monkeypatch.setattr("pipelines.delivery.notices.notify", lambda *told: noticed.append(told) or len(noticed) > 1)
    published.write("delivery.yaml", DUE)
    asked(published, AFTER)
    asked(published, AFTER)
    assert len(noticed) == 1, "after a while, not at once"
    monkeypatch.setattr("pipelines.delivery.notices.is_fresh", lambda *_: False)
    asked(published, AFTER)
    asked(published, AFTER)
    assert len(noticed) == 2
    assert mails(published) == []


def test_a_report_whose_mail_did_not_leave_is_sent_again(
    published: SmallCompany, asked: Callable[[SmallCompany, datetime], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    published.write("delivery.yaml", DUE + "owner: [office@example.com]\n")
    monkeypatch.setenv("SCOREPACK_SMTP_URL", "smtp://127.0.0.1:9")
    monkeypatch.setenv("SCOREPACK_MAIL_FROM", "packs@example.com")
    asked(published, AFTER)
    monkeypatch.delenv("SCOREPACK_SMTP_URL")
    asked(published, AFTER)
    assert mails(published) == [], "after a while, not at once"
    monkeypatch.setattr("pipelines.delivery.reporting.is_fresh", lambda *_: False)
    asked(published, AFTER)
    asked(published, AFTER)
    (mail,) = mails(published)
    assert "2025-06: packs are late" in mail["Subject"]


def test_a_month_that_is_not_published_by_the_hour_is_told(
    published: SmallCompany, asked: Callable[[SmallCompany, datetime], list[str]]
) -> None:
    published.write("delivery.yaml", DUE + "owner: [office@example.com]\n")
    assert asked(published, datetime(2025, 8, 10, tzinfo=UTC)) == []
    (mail,) = mails(published)
    assert "2025-07: packs are late" in mail["Subject"]
    assert "the month is not published" in mail.get_content()


def test_the_schedule_and_the_sensor_run_where_an_hour_is_declared_and_only_there(published: SmallCompany) -> None:
    resource = ProjectResource(project=str(published.root))
    idle = build_definitions(resource)
    assert idle.resolve_schedule_def("delivery_schedule").default_status == dg.DefaultScheduleStatus.STOPPED
    assert idle.resolve_sensor_def("delivery_sensor").default_status == dg.DefaultSensorStatus.STOPPED
    published.write("delivery.yaml", DUE.replace("07:00", "07:30"))
    busy = build_definitions(resource)
    schedule = busy.resolve_schedule_def("delivery_schedule")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("30 7 * * *", "Europe/Berlin")
    assert schedule.default_status == dg.DefaultScheduleStatus.RUNNING
    assert busy.resolve_sensor_def("delivery_sensor").default_status == dg.DefaultSensorStatus.RUNNING
