"""Who receives what: scopes, days, languages, formats, passwords, and what the owner is told."""

from __future__ import annotations

import io
import json
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, HTTPServer

import pikepdf
import pytest

from pipelines.cli.deliveries_command import recipients as recipients_command
from pipelines.cli.printing import Steps
from pipelines.cli.running import materialise
from pipelines.cli.send_command import send, unread_told
from pipelines.delivery.notices import notify_sent
from pipelines.delivery.readers import matrix, readers_of
from pipelines.delivery.reporting import report_refusals
from pipelines.delivery.send import deliver
from pipelines.steps.rebuilding import rebuild
from scorecards.errors import CallError, DeclarationError, HomeBusy
from scorecards.people import THEMSELVES
from scorecards.periods import add_months
from tests.delivery.conftest import PERIOD, RETRIES
from tests.delivery.mail_server import Script
from tests.small_company import SmallCompany
from warehouse.home import Home
from warehouse.ledger import NO_READER, Key, Record, State, write

DAY = date(2025, 7, 3)
PASSWORD = "Straße ☂ 7"


def recipients(company: SmallCompany, *lines: str) -> None:
    company.write("recipients.yaml", "recipients:\n" + "".join(f"  - {{{line}}}\n" for line in lines))


def units(company: SmallCompany, day: date = DAY) -> list[str]:
    return [one.unit for one in readers_of(company.setting(), PERIOD, day)]


def outbox(company: SmallCompany, folder: str = "2025-06") -> list[EmailMessage]:
    files = sorted((company.root / ".scorepack/outbox" / folder).glob("*.eml"))
    return [message_from_bytes(path.read_bytes(), policy=default) for path in files]  # type: ignore[misc]


def said(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert isinstance(found, EmailMessage)
    return str(found.get_content())


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("units: [company]", ["company"]),
        ("units: [company], scope: subtree", ["company", "north", "south"]),
        ("units: [company], scope: direct reports", ["north", "south"]),
        ("units: [north, south], scope: direct reports", []),
        ("units: [south, company]", ["company", "south"]),
        ("units: [company], from: 2025-07-04", []),
        ("units: [company], from: 2025-07-03, until: 2025-07-03", ["company"]),
        ("units: [company], until: 2025-07-02", []),
    ],
)
def test_a_recipient_receives_the_packs_of_their_scope_on_their_days(
    company: SmallCompany, line: str, expected: list[str]
) -> None:
    recipients(company, f"name: A, email: a@example.com, {line}")
    assert units(company) == expected


PERSONS = "p1,A person,person,north\np2,Another,person,north\n"


def with_persons(company: SmallCompany) -> None:
    """Two people in the north, each a unit."""
    company.write("units.csv", (company.root / "units.csv").read_text() + PERSONS)


def received(company: SmallCompany) -> dict[str, list[str]]:
    """By address the units whose packs are received."""
    found: dict[str, list[str]] = {}
    for one in readers_of(company.setting(), PERIOD, DAY):
        found.setdefault(one.recipient.email, []).append(one.unit)
    return found


def test_who_receives_what_is_about_themselves_receives_nothing_else(company: SmallCompany) -> None:
    with_persons(company)
    recipients(company, "name: A, email: a@example.com, units: [p1], scope: only themselves",
               "name: B, email: b@example.com, units: [p2], scope: only themselves")  # fmt: skip
    assert received(company) == {"a@example.com": ["p1"], "b@example.com": ["p2"]}


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["name: A, email: a@example.com, units: [north]"], "'north' is a department"),
        (["name: A, email: a@example.com, units: [p1, p2]"], "with 2 units: nobody is several persons"),
        (
            ["name: A, email: a@example.com, units: [p1]", "name: B, email: A@example.com, units: [p2]"],
            "'A@example.com' is another person's address above",
        ),
    ],
)
def test_only_themselves_is_for_one_person_with_an_address_of_their_own(
    company: SmallCompany, lines: list[str], told: str
) -> None:
    with_persons(company)
    recipients(company, *(f"{line}, scope: only themselves" for line in lines))
    with pytest.raises(DeclarationError) as caught:
        company.setting()
    assert told in str(caught.value)


def test_a_person_receives_their_own_pack_whatever_else_they_see(company: SmallCompany) -> None:
    with_persons(company)
    lead = "name: Lead, email: A@example.com, units: [company], scope: subtree"
    recipients(company, lead, "name: A, email: a@example.com, units: [p1], scope: only themselves")
    scopes = {one.unit: one.recipient.scope for one in readers_of(company.setting(), PERIOD, DAY)}
    assert scopes == {"company": "subtree", "north": "subtree", "south": "subtree", "p1": THEMSELVES, "p2": "subtree"}


def test_two_addresses_of_one_person_are_told(company: SmallCompany) -> None:
    with_persons(company)
    alone = "units: [p1], scope: only themselves"
    recipients(company, f"name: A, email: a@example.com, {alone}", f"name: A, email: home@example.com, {alone}")
    told = [one.message for one in company.setting().project.warnings]
    assert told == ["'a@example.com' above is the same person: what is for them alone goes to two addresses."]


def test_who_is_named_twice_receives_a_pack_once(company: SmallCompany) -> None:
    recipients(company, "name: A, email: a@example.com, units: [company], scope: subtree",
               "name: A, email: A@example.com, units: [south]")  # fmt: skip
    assert units(company) == ["company", "north", "south"]


def test_recipients_shows_addresses_whole_and_says_what_month_it_is(
    company: SmallCompany, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    address = "board@the-golden-crumbs-bakery-of-the-north.example.com"
    recipients(company, f"name: The Board of Directors, email: {address}, units: [company], language: de")
    monkeypatch.setattr("pipelines.cli.printing._WIDTH_IN_PIPES", 80)
    recipients_command("2025-06", project=company.root)
    told = capsys.readouterr().out
    heading, *lines = told.splitlines()
    assert heading.split() == ["unit", "scorecard", "recipient", "receives", "in"]
    start, end = heading.index("recipient"), heading.index("receives")
    assert f"<{address}>" in "".join(line[start:end].strip() for line in lines)
    assert "not published" not in told
    recipients_command("2025-05", project=company.root)
    assert "2025-05 is not published yet: these would receive its packs" in capsys.readouterr().out
    recipients_command("2025-01", project=company.root)
    first = capsys.readouterr().out
    assert "2025-01: 1 message; it is the first month of the project (first_period), with none before" in first
    assert "2024-12" not in first


def test_the_matrix_names_what_is_new_and_gone_unread_and_idle(company: SmallCompany) -> None:
    recipients(
        company,
        "name: New, email: new@example.com, units: [company], from: 2025-06-20",
        "name: Old, email: old@example.com, units: [company], until: 2025-06-30",
        "name: Both, email: both@example.com, units: [south]",
    )
    found = matrix(company.setting(), PERIOD, DAY)
    assert [one.recipient.name for one in found.new] == ["New"]
    assert found.gone == (("old@example.com", "company", "company"),)
    assert not found.was_sent
    assert found.unread == (("company", "north"),)
    assert [one.name for one in found.idle] == ["Old"]


def test_the_month_before_is_compared_as_it_was_sent(company: SmallCompany) -> None:
    recipients(
        company,
        "name: Mallory, email: mallory@example.com, units: [company], scope: subtree",
        "name: Both, email: Both@example.com, units: [south]",
    )
    before = add_months(PERIOD, -1)
    said: dict[str, State] = {"old@example.com": "accepted", "both@example.com": "refused"}
    keys = {who: Key(before, "company", 1, "south", who, "outbox") for who in (*said, "never@example.com", "me@x.org")}
    records = [Record(keys[who], state) for who, state in said.items()]
    records.append(Record(keys["never@example.com"], "skipped", NO_READER))
    records.append(Record(replace(keys["me@x.org"], edition=0), "accepted"))
    write(company.setting().home, records)
    found = matrix(company.setting(), PERIOD, DAY)
    # The packs of the other units were not sent: there it is today's recipients that count.
    assert [one.pair for one in found.new] == [("mallory@example.com", "company", "south")]
    assert found.gone == (("old@example.com", "company", "south"),)
    assert found.was_sent


HEADS = """\
source: heads
domain: hr
path: heads{month}.csv
unit: shop
period: {period}
columns:
  shop: {{}}
  head: {{}}
  mail: {{}}
{more}"""


def heads(company: SmallCompany, period: str, rows: str, month: str = "", more: str = "", wishes: str = "") -> None:
    """A source that names the head of each shop, taken in."""
    company.write("sources/heads.yaml", HEADS.format(period=period, month="_{period}" if month else "", more=more))
    company.write(f"extracts/heads{month}.csv", rows)
    company.write(
        "recipients.yaml",
        f"from_sources: [{{source: heads, name: head, email: mail{wishes}}}]\n"
        "recipients: [{name: Ada, email: ada@example.com, units: [company]}]\n",
    )
    materialise("month_end", company.root, None, None, [PERIOD], "none", Steps(None))


def named(company: SmallCompany, day: date = DAY) -> list[tuple[str, str]]:
    return [(one.unit, one.recipient.email) for one in readers_of(company.setting(), PERIOD, day)]


def test_a_monthly_source_names_who_heads_each_unit(company: SmallCompany) -> None:
    rows = "shop,head,mail\nnorth,Nora,nora@example.com\nsouth,Sam,sam@@example.com\n"
    heads(company, "'{period}'", rows, "_2025-06")
    assert named(company) == [("company", "ada@example.com"), ("north", "nora@example.com")]
    assert matrix(company.setting(), PERIOD, DAY).unusable == ("heads: south: 'sam@@example.com' is not an address",)


def test_rows_of_a_role_that_are_not_there_are_told_with_what_brings_them_back(company: SmallCompany) -> None:
    heads(company, "'{period}'", "shop,head,mail\nnorth,Nora,nora@example.com\n", "_2025-06")
    shutil.rmtree(company.root / ".scorepack/staging/heads")
    with pytest.raises(HomeBusy, match=r"The rows of heads: heads_2025-06.csv are not in .*: scorepack rebuild"):
        named(company)
    rebuild(Home(company.root / ".scorepack"), company.root / "extracts")
    assert named(company) == [("company", "ada@example.com"), ("north", "nora@example.com")]


def test_whom_a_source_names_with_a_domain_that_packs_may_not_go_to_is_told_before_anything_is_sent(
    company: SmallCompany,
) -> None:
    heads(
        company, "'{period}'", "shop,head,mail\nnorth,Nora,nora@example.com\nsouth,Sam,sam@other.example\n", "_2025-06"
    )
    company.write("delivery.yaml", "domains: [example.com]\n")
    told = unread_told(company.setting(), PERIOD, DAY)
    assert told == ["packs may not go to this domain (domains in delivery.yaml): Sam <sam@other.example>"]


def test_a_line_break_in_a_name_forges_no_line(company: SmallCompany) -> None:
    rows = 'shop,head,mail\nnorth,"Nora\nsouth  company  boss@example.com",nora@example.com\nsouth,Sam,"s\n@@x"\n'
    heads(company, "'{period}'", rows, "_2025-06")
    (_, nora) = readers_of(company.setting(), PERIOD, DAY)
    assert nora.recipient.name == "Nora south company boss@example.com"
    (told,) = matrix(company.setting(), PERIOD, DAY).unusable
    assert "\n" not in told


def test_a_source_whose_rows_hold_over_a_time_names_who_it_is_on_the_day_of_sending(company: SmallCompany) -> None:
    more = "  since: {type: date}\n  till: {type: date, nullable: true}\n"
    rows = (
        "shop,head,mail,since,till\n"
        "north,Nora,nora@example.com,2020-01-01,2025-07-02\n"
        "north,Nils,nils@example.com,2025-07-03,\n"
    )
    heads(company, "{start: since, end: till}", rows, more=more)
    assert named(company, date(2025, 7, 2))[1:] == [("north", "nora@example.com")]
    assert named(company, date(2025, 7, 3))[1:] == [("north", "nils@example.com")]


@pytest.mark.parametrize(
    ("role", "told"),
    [
        ("source: haeds, name: head, email: mail", "'haeds' is not a source"),
        ("source: sales, name: head, email: id", "'head' is not a column of sales"),
    ],
)
def test_a_role_of_a_source_that_cannot_name_anybody_is_told(company: SmallCompany, role: str, told: str) -> None:
    company.write("recipients.yaml", f"from_sources: [{{{role}}}]\n")
    with pytest.raises(DeclarationError) as caught:
        company.setting()
    assert told in str(caught.value)


def test_an_error_of_delivery_is_told_once_and_not_by_those_who_would_be_sent_a_link(company: SmallCompany) -> None:
    recipients(company, "name: A, email: a@example.com, units: [north], formats: [link]")
    company.write("delivery.yaml", "link: 'https://example.com/{file}'\ndue: {working_day: 21}\n")
    with pytest.raises(DeclarationError) as caught:
        company.setting()
    assert [problem.file for problem in caught.value.problems] == ["delivery.yaml"]


@pytest.mark.parametrize(
    ("line", "delivery", "told"),
    [
        ("email: a..b@example.com, units: [company]", "", "'a..b@example.com' is not an address"),
        ("email: '=?x?q?b?=@example.com', units: [company]", "", "programs would read another in it"),
        ("email: a@example, units: [company]", "", "recipients.0.email"),
        ("email: a@other.example, units: [company]", "domains: [example.com]", "domain that packs may not go to"),
        ("email: a@b.example.com, units: [company]", "domains: [example.com]", "domain that packs may not go to"),
        ("email: a@example.com, units: [nroth]", "", "'nroth' is not a unit. Did you mean 'north'"),
        ("email: a@example.com, units: [north], formats: [link]", "", "needs a 'link' in delivery.yaml"),
        ("email: a@example.com, units: [north], formats: [word]", "", "'word' is not one of"),
        ("email: a@example.com, units: [north], formats: [pdf, xlsx], password: P", "", "only PDFs are encrypted"),
        ("email: a@example.com, units: [north], from: 2025-02-01, until: 2025-01-01", "", "before it begins"),
        ("email: a@example.com, units: [north], from: soon", "", "'soon' is not a day"),
    ],
)
def test_a_recipient_that_cannot_be_is_told(company: SmallCompany, line: str, delivery: str, told: str) -> None:
    recipients(company, f"name: A, {line}")
    company.write("delivery.yaml", delivery or "approval: required")
    with pytest.raises(DeclarationError) as caught:
        company.setting()
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("file", "line"), [("recipients.yaml", "alerts: [a@other.example]"), ("delivery.yaml", "owner: [a@other.example]")]
)
def test_who_is_told_of_readers_is_of_a_domain_that_packs_may_go_to(
    company: SmallCompany, file: str, line: str
) -> None:
    company.write("recipients.yaml", "recipients: []\n")
    company.write("delivery.yaml", "domains: [example.com]\n")
    company.setting()
    path = company.root / file
    path.write_text(f"{path.read_text()}{line}\n")
    with pytest.raises(
        DeclarationError, match=f"{file}:2: .*'a@other.example' is of a domain that packs may not go to"
    ):
        company.setting()


def test_domains_below_one_that_is_named_with_a_dot_are_allowed(company: SmallCompany) -> None:
    company.write("delivery.yaml", "domains: [.example.com, b.example]")
    found = company.root / "recipients.yaml"
    found.write_text("recipients: [{name: A, email: a@x.example.com, units: [south]}]")
    assert company.setting().project.delivery.allows("X@B.example")


def test_each_reads_the_message_in_their_language(company: SmallCompany) -> None:
    recipients(
        company,
        "name: A, email: a@example.com, units: [company], language: de_AT",
        "name: B, email: b@example.com, units: [company]",
        "name: C, email: c@example.com, units: [company], language: fr_FR",
    )
    deliver(company.setting(), PERIOD)
    german, own, other = outbox(company)
    assert "Juni 2025" in german["Subject"]
    assert "June 2025" in own["Subject"]
    assert "June 2025" in other["Subject"]


def test_a_pack_with_a_password_opens_with_it_and_not_without(
    company: SmallCompany, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipients(company, "name: A, email: a@example.com, units: [company], password: ADA_PASSWORD")
    held = deliver(company.setting(), PERIOD)
    assert [one.words for one in held] == ["the secret ADA_PASSWORD is not set, and the pack is not sent without it"]
    secrets = company.write("secrets", f"# passwords\nADA_PASSWORD={PASSWORD}\n")
    monkeypatch.setenv("SCOREPACK_SECRETS", str(secrets))
    secrets.chmod(0o644)
    with pytest.raises(CallError, match="can be read by others"):
        deliver(company.setting(), PERIOD)
    secrets.chmod(0o600)
    assert [one.state for one in deliver(company.setting(), PERIOD)] == ["written"]
    (message,) = outbox(company)
    (attached,) = message.iter_attachments()
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(io.BytesIO(attached.get_content()))
    with pikepdf.open(io.BytesIO(attached.get_content()), password=PASSWORD) as pdf:
        assert (pdf.encryption.R, pdf.encryption.bits) == (6, 256)
        assert len(pdf.pages) > 1
    assert "opens with the password" in said(message, "plain")
    everything = b"".join(path.read_bytes() for path in (company.root / ".scorepack").rglob("*") if path.is_file())
    assert PASSWORD.encode() not in everything


def test_a_message_says_no_figure_where_its_pack_is_locked(
    company: SmallCompany, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADA_PASSWORD", PASSWORD)
    recipients(
        company,
        "name: A, email: a@example.com, units: [company], password: ADA_PASSWORD",
        "name: B, email: b@example.com, units: [company]",
    )
    deliver(company.setting(), PERIOD)
    locked, plain = outbox(company)
    assert "target" in said(plain, "plain")
    assert str(locked["Subject"]) == "Scorecard June 2025: Small & Company"
    assert "target" in str(plain["Subject"])
    for kind in ("plain", "html"):
        text = re.sub(r"<style.*?</style>|<[^>]*>|Data known on[^.]*", " ", said(locked, kind), flags=re.DOTALL)
        assert "target" not in text
        assert set(re.findall(r"\d+", text)) <= {"2025"}
        assert "The file opens with the password that you were given." in " ".join(text.split())


def test_a_pack_that_is_too_large_is_linked_or_held_back(company: SmallCompany) -> None:
    company.write("delivery.yaml", "attached_at_most_mb: 0.001\n")
    assert {one.state for one in deliver(company.setting(), PERIOD)} == {None}
    assert "no link can take its place" in deliver(company.setting(), PERIOD)[0].words
    company.write("delivery.yaml", "attached_at_most_mb: 0.001\nlink: 'https://x.example/{period}/{unit}/{file}'\n")
    assert {one.state for one in deliver(company.setting(), PERIOD)} == {"written"}
    message = outbox(company)[0]
    assert list(message.iter_attachments()) == []
    assert "https://x.example/2025-06/company/company-company.pdf" in said(message, "html")


def test_formats_say_what_comes_with_the_message(company: SmallCompany) -> None:
    company.write("delivery.yaml", "link: 'https://x.example/{file}'\n")
    recipients(
        company,
        "name: A, email: a@example.com, units: [company], formats: []",
        "name: B, email: b@example.com, units: [company], formats: [link]",
        "name: C, email: c@example.com, units: [company], formats: [pdf, link]",
        "name: D, email: d@example.com, units: [company], formats: [xlsx]",
    )
    done = deliver(company.setting(), PERIOD)
    assert [len(list(message.iter_attachments())) for message in outbox(company)] == [0, 0, 1]
    linked = ["https://x.example/" in said(message, "plain") for message in outbox(company)]
    assert linked == [False, True, True]
    assert done[3].words == "its pack has no xlsx: its layout in packs.yaml does not make one"


def test_the_owner_is_told_of_each_refusal_once(company: SmallCompany, server: Script) -> None:
    company.write("delivery.yaml", RETRIES + "owner: [office@example.com]\n")
    server.scripts = {"ada@example.com": ["550 no such user"], "joerg@example.com": ["swallow"]}
    done = deliver(company.setting(), PERIOD)
    assert report_refusals(company.setting(), PERIOD, done) == [("office@example.com", "accepted")]
    (_, mail) = server.received[-1]
    assert mail["Message-ID"]
    text = mail.get_content()
    assert "ada@example.com: company of company: refused: 550 no such user" in text
    assert "joerg@example.com: company of south: unknown" in text
    for remedy in ("--only-failed", "--unknown repeat", "--unknown let-be"):
        assert f"scorepack send 2025-06 {remedy}" in text
    assert report_refusals(company.setting(), PERIOD, deliver(company.setting(), PERIOD)) == []


@pytest.mark.parametrize(
    ("answer", "remedy", "other"), [("550 no", "--only-failed", "--unknown"), ("swallow", "--unknown", "--only-failed")]
)
def test_the_owner_is_told_the_remedy_of_what_happened_and_no_other(
    company: SmallCompany, server: Script, answer: str, remedy: str, other: str
) -> None:
    company.write("delivery.yaml", RETRIES + "owner: [office@example.com]\n")
    server.scripts = {"joerg@example.com": [answer]}
    report_refusals(company.setting(), PERIOD, deliver(company.setting(), PERIOD))
    (_, mail) = server.received[-1]
    assert remedy in mail.get_content()
    assert other not in mail.get_content()


def test_the_owner_is_not_told_which_address_goes_with_which_person(company: SmallCompany, server: Script) -> None:
    company.write("delivery.yaml", RETRIES + "owner: [office@example.com]\n")
    server.scripts = {"joerg@example.com": ["550 no such user"]}
    done = [replace(one, planned=replace(one.planned, is_private=True)) for one in deliver(company.setting(), PERIOD)]
    report_refusals(company.setting(), PERIOD, done)
    (_, mail) = server.received[-1]
    assert "joerg@example.com: company of their own: refused: 550" in mail.get_content()
    assert "south" not in mail.get_content()


@contextmanager
def webhook() -> Iterator[tuple[int, list[str]]]:
    came: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            came.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port, came
    finally:
        server.shutdown()
        server.server_close()


def test_a_notice_tells_counts_and_no_person_no_unit_and_no_figure(
    company: SmallCompany, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = deliver(company.setting(), PERIOD)
    with webhook() as (port, came):
        monkeypatch.setenv("SCOREPACK_NOTICES", f"json://127.0.0.1:{port}")
        assert notify_sent(PERIOD, done)
        assert notify_sent(PERIOD, deliver(company.setting(), PERIOD))
    (told,) = came
    assert json.loads(told)["message"] == "2 messages: 2 written. scorepack deliveries 2025-06"
    for word in ("ada", "joerg", "south", "example.com"):
        assert word not in told.lower()


def test_a_channel_that_is_none_is_told_without_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    from pipelines.delivery.notices import notify

    monkeypatch.setenv("SCOREPACK_NOTICES", "nonsense://s3cret")
    with pytest.raises(CallError, match="Address 1 in SCOREPACK_NOTICES") as caught:
        notify("x", "y")
    assert "s3cret" not in str(caught.value)


def test_a_source_of_persons_sends_each_their_own_and_none_where_an_address_is_shared(company: SmallCompany) -> None:
    with_persons(company)
    rows = "shop,head,mail\np1,Ann,ann@example.com\np2,Bob,bob@example.com\nnorth,Ned,ned@example.com\n"
    heads(company, "'{period}'", rows, "_2025-06", wishes=", scope: only themselves")
    ada = {"ada@example.com": ["company"]}
    assert received(company) == {**ada, "ann@example.com": ["p1"], "bob@example.com": ["p2"]}
    unusable = matrix(company.setting(), PERIOD, DAY).unusable
    assert unusable == ("heads: north: is not a person, and 'only themselves' is for persons",)
    heads(company, "'{period}'", rows.replace("bob@", "ANN@"), "_2025-06", wishes=", scope: only themselves")
    assert received(company) == ada
    unusable = matrix(company.setting(), PERIOD, DAY).unusable
    assert "heads: p1: 'ann@example.com' stands for 2 persons" in unusable


def test_an_address_of_a_forbidden_domain_from_a_source_is_told_and_fails_no_sending(
    company: SmallCompany, capsys: pytest.CaptureFixture[str]
) -> None:
    company.write("delivery.yaml", RETRIES + "domains: [example.com]\n")
    heads(company, "'{period}'", "shop,head,mail\nsouth,Sue,sue@other.example\n", "_2025-06")
    send("2025-06", project=company.root)
    assert "packs may not go to this domain (domains in delivery.yaml)" in capsys.readouterr().out
    send("2025-06", project=company.root)
    assert capsys.readouterr() == ("", "")
