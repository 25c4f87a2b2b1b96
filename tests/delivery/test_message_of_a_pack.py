"""What a message is: its files, bodies, headers and ids, and what a project's own templates make of it."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from pipelines.delivery.compose import Parts, compose
from pipelines.delivery.proofs import send_proofs
from pipelines.delivery.send import deliver
from pipelines.steps.packs import build_packs
from report_templates.email import Letter
from report_templates.pack_message import message_of
from tests.delivery.conftest import PERIOD, RETRIES
from tests.delivery.mail_server import Script
from tests.delivery.what_left import ADA, JOERG, NOON, body, outbox, states
from tests.small_company import SmallCompany
from warehouse.editions import editions
from warehouse.ledger import Key


@pytest.mark.parametrize(
    "subject",
    [
        "Sales team scorecard October 2026: Accounts Central Europe 97, on target",
        "Korrektur: Vertrieb für Österreich und die Schweiz, Oktober 2026: Großkunden Süd 71, Ziel verfehlt",
        "Short",
    ],
)
def test_a_subject_begins_on_its_first_line_and_survives(company: SmallCompany, subject: str) -> None:
    said = replace(message_of(build_packs(company.setting(), PERIOD)[0]), unit="", standing="")
    said = replace(said, scorecard=subject, month="")
    key = Key(PERIOD, "company", 1, "company", ADA, "file")
    made = compose(key, "Ada", ADA, Parts(said, Letter("Ada")), "packs@example.com", datetime.now(UTC))
    raw = made.as_bytes()
    line = next(line for line in raw.split(b"\r\n") if line.startswith(b"Subject:"))
    assert re.match(rb"Subject: \S+ ?", line)
    assert max(map(len, raw.split(b"\r\n\r\n")[0].split(b"\r\n"))) <= 78
    assert str(email.message_from_bytes(raw, policy=email.policy.default)["Subject"]).startswith(subject)


def test_without_a_server_every_message_is_a_file_with_text_html_and_the_approved_pdf(company: SmallCompany) -> None:
    setting = company.setting()
    done = deliver(setting, PERIOD)
    assert [(one.planned.key.unit, one.planned.key.recipient, one.state, one.is_new) for one in done] == [
        ("company", ADA, "written", True),
        ("south", JOERG, "written", True),
    ]
    messages = outbox(company)
    assert sorted(messages) == ["company-company-ada@example.com.eml", "company-south-joerg@example.com.eml"]
    message = messages["company-south-joerg@example.com.eml"]
    assert message["To"].addresses[0].display_name == "Jörg Groß"
    assert "June 2025" in message["Subject"]
    assert message["Auto-Submitted"] == "auto-generated"
    assert "Shop Süd" in body(message, "plain")
    assert "<table" in body(message, "html")
    (attached,) = message.iter_attachments()
    (edition,) = editions(setting.home)
    assert attached.get_filename() == "2025-06-company-south.pdf"
    assert attached.get_content_type() == "application/pdf"
    digest = next(one.planned.digest for one in done if one.planned.key.unit == "south")
    assert attached.get_content() == (setting.home.landing / digest[:2] / digest).read_bytes()
    assert edition.number == 1


def test_the_messages_of_the_outbox_stand_on_a_page_in_frames_that_run_nothing(company: SmallCompany) -> None:
    deliver(company.setting(), PERIOD)
    page = (company.root / ".scorepack/outbox/2025-06/index.html").read_text()
    assert page.count("<iframe sandbox") == 2
    assert "Jörg Groß" in page
    assert "<script" not in page
    assert 'href="company-south-joerg%40example.com.eml"' in page


def test_text_and_html_bodies_show_the_same_scores(company: SmallCompany) -> None:
    deliver(company.setting(), PERIOD)
    pack = next(one for one in build_packs(company.setting(), PERIOD) if one.unit == "company")
    assert pack.node.score is not None
    message = outbox(company)["company-company-ada@example.com.eml"]
    for kind in ("plain", "html"):
        assert str(round(pack.node.score)) in body(message, kind)


def test_text_of_the_project_is_escaped_in_the_html_body(company: SmallCompany) -> None:
    deliver(company.setting(), PERIOD)
    html = body(outbox(company)["company-company-ada@example.com.eml"], "html")
    assert "Small &amp; Company" in html
    assert "Small & Company" not in html


def test_messages_say_what_their_edition_says_whatever_was_computed_since(company: SmallCompany) -> None:
    before = message_of(next(one for one in build_packs(company.setting(), PERIOD) if one.unit == "company"))
    company.write("delivery.yaml", RETRIES + "freshness: any\n")
    company.sales("2025-06", "1,north,2025-06-01,1.00\n", "20250720")
    from pipelines.cli.printing import Steps
    from pipelines.cli.running import materialise

    materialise("month_end", company.root, None, None, [PERIOD], "none", Steps(None))
    now = message_of(next(one for one in build_packs(company.setting(), PERIOD) if one.unit == "company"))
    assert now.standing != before.standing
    deliver(company.setting(), PERIOD)
    text = body(outbox(company)["company-company-ada@example.com.eml"], "plain")
    assert " ".join(before.headline.split()[:6]) in " ".join(text.split())


def test_a_line_break_in_a_name_cannot_add_a_header(company: SmallCompany) -> None:
    pack = build_packs(company.setting(), PERIOD)[0]
    parts = Parts(message_of(pack), Letter("x", ("x.pdf",)), (("x.pdf", b"%PDF-"),))
    key = Key(PERIOD, "company", 1, "company", "eve@example.com", "smtp")
    message = compose(
        key,
        'Eve"\r\nBcc: all@example.com',
        "eve@example.com",
        parts,
        "packs@example.com",
        datetime(2025, 7, 5, tzinfo=UTC),
    )
    parsed = email.message_from_bytes(message.as_bytes(), policy=email.policy.default)
    assert parsed["Bcc"] is None
    assert [address.addr_spec for address in parsed["To"].addresses] == ["eve@example.com"]


def test_the_same_message_has_the_same_id_and_all_months_of_a_scorecard_one_thread(company: SmallCompany) -> None:
    pack = build_packs(company.setting(), PERIOD)[0]
    made = [
        compose(
            Key(period, "company", 1, "company", address, "smtp"), "Ada", address,
            Parts(message_of(pack), Letter("Ada")), "Packs <packs@bücher.example>", NOON.replace(minute=number),
        )
        for number, (period, address) in enumerate([(PERIOD, ADA)] * 2 + [(date(2025, 5, 1), ADA), (PERIOD, JOERG)])
    ]  # fmt: skip
    ids = [message["Message-ID"] for message in made]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3
    assert ids[0].endswith("@xn--bcher-kva.example>")
    assert made[0]["References"] == made[2]["References"] != made[3]["References"]
    assert made[0].as_bytes().isascii()


def test_two_addresses_never_become_one_file_of_the_outbox(company: SmallCompany) -> None:
    addresses = ("a+b@x.example", "a_b@x.example", "a!b@x.example")
    lines = "".join(f"  - {{name: X, email: '{one}', units: [south]}}\n" for one in addresses)
    company.write("recipients.yaml", "recipients:\n" + lines)
    deliver(company.setting(), PERIOD)
    assert len(outbox(company)) == 3
    send_proofs(company.setting(), PERIOD, "me@example.com")
    assert len(outbox(company, "2025-06-proofs")) == 3
    assert len({message["Message-ID"] for message in outbox(company, "2025-06-proofs").values()}) == 3


def test_a_project_writes_its_own_subject_in_the_sandbox(company: SmallCompany) -> None:
    company.write("templates/email_message/subject.txt", "{{ message.unit }} & co: {{ message.standing }}\n")
    deliver(company.setting(), PERIOD)
    message = outbox(company)["company-company-ada@example.com.eml"]
    assert message["Subject"].startswith("Small & Company & co: ")


def test_a_template_that_fails_is_told_with_its_line_and_nothing_is_sent(company: SmallCompany, server: Script) -> None:
    from scorecards.errors import DeclarationError

    company.write("templates/email_message/message.txt", "\n{{ message.nothing }}\n")
    with pytest.raises(DeclarationError, match=r"templates/email_message/message.txt:2: cannot be filled"):
        deliver(company.setting(), PERIOD)
    assert server.received == []


@pytest.mark.parametrize("sender", ["Büro <packs@bücher.example>", "Büro <zählen@example.com>"])
def test_a_sender_with_umlauts_stands_in_the_outbox_as_it_is(
    company: SmallCompany, monkeypatch: pytest.MonkeyPatch, sender: str
) -> None:
    monkeypatch.setenv("SCOREPACK_MAIL_FROM", sender)
    assert states(company) == ["written", "written"]
    for message in outbox(company).values():
        [address] = message["From"].addresses
        assert address.display_name == "Büro"
        written = address.addr_spec.encode("utf-8", "surrogateescape").decode()
        assert written == sender[6:-1].replace("bücher", "xn--bcher-kva")
