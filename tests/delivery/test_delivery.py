"""Delivering packs: to the outbox and to a real SMTP server on loopback, each pack once to each recipient."""

from __future__ import annotations

import email
import email.policy
import socket
from collections.abc import Iterator
from datetime import date
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from pipelines.cli.printing import Steps
from pipelines.cli.running import materialise
from pipelines.delivery.compose import compose
from pipelines.delivery.send import deliver
from pipelines.delivery.transport import transport_from_environment
from pipelines.steps.packs import build_packs
from pipelines.steps.setting import Setting
from scorecards.errors import CallError, DataRefused
from scorecards.people import Recipient
from tests.small_company import SmallCompany, small_company
from warehouse import journal

PERIOD = date(2025, 6, 1)


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> SmallCompany:
    company = small_company(tmp_path_factory.mktemp("delivered") / "small")
    materialise("month_end", company.root, None, None, [PERIOD], "last", Steps(None))
    return company


@pytest.fixture
def setting(rendered: SmallCompany, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Setting:
    """The rendered month in a home of its own, with no mail settings."""
    import shutil

    monkeypatch.delenv("SCOREPACK_SMTP_URL", raising=False)
    monkeypatch.delenv("SCOREPACK_MAIL_FROM", raising=False)
    shutil.copytree(rendered.root, tmp_path / "small")
    return SmallCompany(tmp_path / "small").setting()


class Server:
    """Takes messages, and refuses recipients as told: address to reply."""

    def __init__(self) -> None:
        self.received: list[tuple[str, EmailMessage]] = []
        self.replies: dict[str, str] = {}

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.replies:
            return self.replies[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        message: Any = email.message_from_bytes(envelope.content or b"", policy=email.policy.default)  # type: ignore[arg-type]
        self.received.append((envelope.rcpt_tos[0], message))
        return "250 taken"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    handler = Server()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    monkeypatch.setenv("SCOREPACK_SMTP_URL", f"smtp://127.0.0.1:{port}")
    monkeypatch.setenv("SCOREPACK_MAIL_FROM", "Scorepack <packs@example.com>")
    yield handler
    controller.stop()


def outbox(setting: Setting) -> dict[str, EmailMessage]:
    files = sorted(setting.home.outbox.rglob("*.eml"))
    return {path.name: email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in files}  # type: ignore[misc]


def test_without_a_server_every_message_is_a_file_with_text_html_and_the_pdf(setting: Setting) -> None:
    done = deliver(setting, PERIOD)
    assert [(one.unit, one.recipient.email, one.state, one.is_new) for one in done] == [
        ("company", "ada@example.com", "written", True),
        ("south", "joerg@example.com", "written", True),
    ]
    messages = outbox(setting)
    assert sorted(messages) == ["company-company-ada@example.com.eml", "company-south-joerg@example.com.eml"]
    message = messages["company-south-joerg@example.com.eml"]
    assert message["To"].addresses[0].display_name == "Jörg Groß"
    assert "June 2025" in message["Subject"]
    assert message["Auto-Submitted"] == "auto-generated"
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert "Shop Süd" in text.get_content()
    assert html is not None
    assert "<table" in html.get_content()
    (attached,) = message.iter_attachments()
    pdf = (setting.home.root / "packs/2025-06/company-south.pdf").read_bytes()
    assert (attached.get_filename(), attached.get_content_type(), attached.get_content()) == (
        "2025-06-company-south.pdf",
        "application/pdf",
        pdf,
    )


def test_text_and_html_bodies_show_the_same_scores(setting: Setting) -> None:
    deliver(setting, PERIOD)
    pack = next(one for one in build_packs(setting, PERIOD) if one.unit == "company")
    assert pack.node.score is not None
    message = outbox(setting)["company-company-ada@example.com.eml"]
    for kind in ("plain", "html"):
        body = message.get_body((kind,))
        assert body is not None
        assert str(round(pack.node.score)) in body.get_content()


def test_text_of_the_project_is_escaped_in_the_html_body(setting: Setting) -> None:
    deliver(setting, PERIOD)
    body = outbox(setting)["company-company-ada@example.com.eml"].get_body(("html",))
    assert body is not None
    assert "Small &amp; Company" in body.get_content()
    assert "Small & Company" not in body.get_content()


def test_a_second_send_sends_nothing(setting: Setting, server: Server) -> None:
    assert [one.state for one in deliver(setting, PERIOD)] == ["accepted", "accepted"]
    again = deliver(setting, PERIOD)
    assert [(one.state, one.is_new) for one in again] == [("accepted", False), ("accepted", False)]
    assert [address for address, _ in server.received] == ["ada@example.com", "joerg@example.com"]


def test_one_refused_address_neither_stops_nor_repeats_the_others(setting: Setting, server: Server) -> None:
    server.replies["ada@example.com"] = "550 no such user"
    assert [one.state for one in deliver(setting, PERIOD)] == ["refused", "accepted"]
    deliver(setting, PERIOD)
    assert [address for address, _ in server.received] == ["joerg@example.com"]


def test_a_temporary_failure_is_tried_again_for_its_recipient_only(setting: Setting, server: Server) -> None:
    server.replies["ada@example.com"] = "451 try later"
    assert [one.state for one in deliver(setting, PERIOD)] == ["failed", "accepted"]
    server.replies.clear()
    assert [(one.state, one.is_new) for one in deliver(setting, PERIOD)] == [("accepted", True), ("accepted", False)]
    assert [address for address, _ in server.received] == ["joerg@example.com", "ada@example.com"]


def test_a_message_whose_sending_was_cut_off_is_not_repeated(
    setting: Setting, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pipelines.delivery.transport as transport

    def cut_off(*_: object) -> tuple[str, str]:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(transport.Smtp, "send", cut_off)
        with pytest.raises(KeyboardInterrupt):
            deliver(setting, PERIOD)
    assert [one.state for one in deliver(setting, PERIOD)] == ["unknown", "accepted"]


def test_a_dry_run_shows_who_would_receive_what_and_leaves_no_trace(setting: Setting) -> None:
    assert [(one.recipient.email, one.state) for one in deliver(setting, PERIOD, dry_run=True)] == [
        ("ada@example.com", "planned"),
        ("joerg@example.com", "planned"),
    ]
    assert outbox(setting) == {}
    assert journal.entries(setting.home, "delivery") == []


def test_a_pack_that_is_not_the_one_rendered_is_not_sent(setting: Setting) -> None:
    path = setting.home.root / "packs/2025-06/company-company.pdf"
    path.write_bytes(path.read_bytes() + b"%tampered")
    with pytest.raises(DataRefused, match="not the pack that was rendered"):
        deliver(setting, PERIOD)
    assert outbox(setting) == {}


def test_a_month_without_packs_is_not_sent(setting: Setting) -> None:
    with pytest.raises(CallError, match="has no packs"):
        deliver(setting, date(2025, 5, 1))


def test_a_line_break_in_a_name_cannot_add_a_header(setting: Setting) -> None:
    pack = build_packs(setting, PERIOD)[0]
    recipient = Recipient(name='Eve"\r\nBcc: all@example.com', email="eve@example.com", units=("company",))
    message = compose(pack, b"%PDF-", recipient, "packs@example.com", setting_date())
    parsed = email.message_from_bytes(message.as_bytes(), policy=email.policy.default)
    assert parsed["Bcc"] is None
    assert [address.addr_spec for address in parsed["To"].addresses] == ["eve@example.com"]


def setting_date() -> Any:
    from datetime import UTC, datetime

    return datetime(2025, 7, 5, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize("url", ["ftp://host", "smtp://", "host:25"])
def test_a_wrong_server_address_is_told_without_its_password(
    setting: Setting, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("SCOREPACK_SMTP_URL", url)
    with pytest.raises(CallError, match=r"smtp\+starttls://"):
        transport_from_environment(setting.home, "2025-06")


def test_a_password_never_shows_in_the_transport(setting: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCOREPACK_SMTP_URL", "smtps://user:s3cret@mail.example.com")
    monkeypatch.setenv("SCOREPACK_MAIL_FROM", "packs@example.com")
    assert "s3cret" not in repr(transport_from_environment(setting.home, "2025-06"))
