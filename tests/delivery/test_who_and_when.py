"""Who is served, and what has to be looked at again: mailboxes in two spellings, days, readers who come back."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from pipelines.delivery.calendar import standing
from pipelines.delivery.gate import approve, gates, newest_edition
from pipelines.delivery.send import deliver
from pipelines.steps.ingest import ingest
from pipelines.steps.withdrawing import Asked, withdraw
from tests.delivery.conftest import PERIOD
from tests.delivery.mail_server import Script
from tests.delivery.test_readers import DAY as READ_ON
from tests.delivery.test_readers import heads, matrix, received, with_persons
from tests.small_company import SmallCompany

ADA, JOERG = "ada@example.com", "joerg@example.com"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ann@bücher.example", "ann@xn--bcher-kva.example"),
        ("zoë@example.com", "zoe\u0308@example.com"),
        ("ann@example.com", "ａｎｎ@example.com"),
    ],
)
def test_one_mailbox_in_two_spellings_is_no_two_persons(company: SmallCompany, one: str, other: str) -> None:
    with_persons(company)
    rows = f"shop,head,mail\np1,Ann,{one}\np2,Bob,{other}\n"
    heads(company, "'{period}'", rows, "_2025-06", wishes=", scope: only themselves")
    assert received(company) == {ADA: ["company"]}
    unusable = matrix(company.setting(), PERIOD, READ_ON).unusable
    assert [told[:10] for told in unusable] == ["heads: p1:", "heads: p2:"]
    assert all("stands for 2 persons" in told for told in unusable)


def test_an_address_of_a_source_that_is_declared_for_another_person_is_nobodys(company: SmallCompany) -> None:
    with_persons(company)
    rows = "shop,head,mail\np1,Ann,ann@example.com\n"
    heads(company, "'{period}'", rows, "_2025-06", wishes=", scope: only themselves")
    text = (company.root / "recipients.yaml").read_text()
    declared = "{name: Bob, email: Ann@example.com, units: [p2], scope: only themselves}"
    company.write("recipients.yaml", text.replace("units: [company]}", f"units: [company]}}, {declared}"))
    assert received(company) == {ADA: ["company"]}


def test_the_day_of_sending_is_the_organisations(company: SmallCompany) -> None:
    hour = datetime.now(UTC).hour
    zone = "Pacific/Kiritimati" if hour >= 10 else "Etc/GMT+12"
    text = (company.root / "scorecard.yaml").read_text()
    company.write("scorecard.yaml", f"time_zone: {zone}\n{text}")
    day = datetime.now(ZoneInfo(zone)).date()
    assert day != datetime.now(UTC).date()
    reader = f"{{name: A, email: {ADA}, units: [company], from: {day}, until: {day}}}"
    company.write("recipients.yaml", f"recipients: [{reader}]\n")
    assert [one.planned.key.recipient for one in deliver(company.setting(), PERIOD)] == [ADA]


def test_what_could_leave_by_the_due_hour_is_asked_of_the_organisations_day(company: SmallCompany) -> None:
    text = (company.root / "scorecard.yaml").read_text()
    company.write("scorecard.yaml", f"time_zone: Pacific/Kiritimati\n{text}")
    company.write("delivery.yaml", "due: {working_day: 1, at: '08:00'}\n")
    company.write("recipients.yaml", f"recipients: [{{name: A, email: {ADA}, units: [company], from: 2025-07-06}}]\n")
    found = standing(company.setting(), datetime(2025, 7, 5, 12, tzinfo=UTC))
    assert found is not None
    assert found.ready == 1


def test_a_reader_who_was_taken_away_and_comes_back_is_served(company: SmallCompany, server: Script) -> None:
    server.scripts[ADA] = ["451 later"] * 3
    deliver(company.setting(), PERIOD)
    both = (company.root / "recipients.yaml").read_text()
    company.write("recipients.yaml", f"recipients: [{{name: J, email: {JOERG}, units: [south]}}]\n")
    deliver(company.setting(), PERIOD)
    company.write("recipients.yaml", both)
    assert [one.state for one in deliver(company.setting(), PERIOD)] == ["accepted", "accepted"]
    assert server.addresses == [JOERG, ADA]


def test_a_delivery_that_was_withdrawn_since_holds_its_edition_back(company: SmallCompany) -> None:
    setting = company.setting()
    withdraw(setting, Asked("sales", "sales_2025-06_20250703.csv", "", "Ada", "of another company"))
    words = "sales_2025-06_20250703.csv was withdrawn after edition 1: run and publish the month again"
    shut = {one.shut for one in gates(company.setting(), PERIOD, newest_edition(setting, PERIOD))}
    assert shut == {(words,)}
    assert [one.state for one in deliver(company.setting(), PERIOD)] == [None, None]


def test_what_is_decided_while_a_month_is_sent_holds_for_what_has_not_left(
    company: SmallCompany, server: Script
) -> None:
    def hold(done: int, total: int) -> None:
        approve(company.setting(), PERIOD, "Grace", "a wrong figure", units=["south"], is_given=False)

    done = deliver(company.setting(), PERIOD, progress=hold)
    assert server.addresses == [ADA]
    assert done[1].state == "planned"
    assert "it is held back by Grace: a wrong figure" in done[1].words


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (
            "1,north,2025-06-01,9.00\n2,south,2025-06-01,9.00\n",
            "data came after edition 1 ({})",
        ),
        ("x,north,2025-06-01,1\n", "data of the month were refused ({})"),
    ],
)
def test_data_taken_in_while_a_month_is_sent_hold_back_what_has_not_left(
    company: SmallCompany, server: Script, rows: str, words: str
) -> None:
    def take_in(done: int, total: int) -> None:
        company.sales("2025-06", rows, "20250720")
        ingest(company.setting(), "sales", [PERIOD])

    done = deliver(company.setting(), PERIOD, progress=take_in)
    assert server.addresses == [ADA]
    assert words.format("sales_2025-06_20250720.csv") in done[1].words


def test_a_reader_who_is_taken_away_while_a_month_is_sent_receives_nothing(
    company: SmallCompany, server: Script
) -> None:
    def remove(done: int, total: int) -> None:
        company.write("recipients.yaml", f"recipients: [{{name: A, email: {ADA}, units: [company]}}]\n")

    deliver(company.setting(), PERIOD, progress=remove)
    assert server.addresses == [ADA]


def test_one_message_that_cannot_be_written_stops_no_other(company: SmallCompany, server: Script) -> None:
    text = "{% if letter.recipient == 'Ada' %}{{ message.nothing }}{% endif %}x\n"
    company.write("templates/email_message/message.txt", text)
    company.write(
        "recipients.yaml",
        f"recipients: [{{name: Ada, email: {ADA}, units: [company]}}, {{name: J, email: {JOERG}, units: [south]}}]\n",
    )
    done = deliver(company.setting(), PERIOD)
    assert [one.state for one in done] == ["failed", "accepted"]
    assert "message.txt:1: cannot be filled" in done[0].words


def test_a_file_that_cannot_be_written_is_a_failure_and_no_unknown(
    company: SmallCompany, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("pipelines.delivery.outbox.replace_bytes", full)
        patched.setattr("pipelines.delivery.outbox.Outbox.close", lambda _: None)
        done = deliver(company.setting(), PERIOD, wait=lambda _: None)
    assert {one.state for one in done} == {"failed"}
    assert "the outbox cannot be written: No space left on device" in done[0].words
    assert [one.state for one in deliver(company.setting(), PERIOD)] == ["written", "written"]


def test_the_longest_address_has_a_file_of_the_outbox(company: SmallCompany) -> None:
    address = f"{'ü' * 32}@{'a' * 60}.{'b' * 60}.{'c' * 40}.example"
    company.write("recipients.yaml", f"recipients: [{{name: L, email: '{address}', units: [company]}}]\n")
    assert [one.state for one in deliver(company.setting(), PERIOD)] == ["written"]


def test_who_is_named_by_a_source_receives_nothing_at_another_domain_than_packs_may_go_to(
    company: SmallCompany, server: Script
) -> None:
    company.write("delivery.yaml", "domains: [example.com]\n")
    rows = "shop,head,mail\nnorth,Nora,nora@elsewhere.example\nsouth,Sam,sam@example.com\n"
    heads(company, "'{period}'", rows, "_2025-06")
    deliver(company.setting(), PERIOD)
    assert sorted(server.addresses) == [ADA, "sam@example.com"]
