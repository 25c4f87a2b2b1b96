"""Packs in the reader's language: made by a run, frozen, approved and sent, each reader theirs and no other."""

from __future__ import annotations

import io
import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pikepdf
import pytest

from pipelines.cli.printing import Steps
from pipelines.cli.running import materialise
from pipelines.delivery.gate import approve
from pipelines.delivery.plan import forms_for
from pipelines.delivery.send import deliver
from pipelines.steps.editions import publish
from tests.delivery.conftest import PERIOD
from tests.small_company import SmallCompany, small_company
from warehouse.editions import editions, frozen_packs
from warehouse.ledger import records
from warehouse.store import open_warehouse
from warehouse.tables import PACKS

PASSWORD = "Geheim ☂ 7"
READERS = """\
recipients:
  - {name: Ada, email: ada@example.com, units: [south], formats: [pdf, link]}
  - {name: Jörg, email: joerg@example.com, units: [south], language: de_CH, formats: [pdf, link]}
  - {name: Eva, email: eva@example.com, units: [south], language: de_DE, password: EVAS_PASSWORD}
  - {name: Luc, email: luc@example.com, units: [south], language: fr_FR, formats: [pdf, link]}
"""
READ_IN = {
    "ada@example.com": "en-GB",
    "joerg@example.com": "de-DE",
    "eva@example.com": "de-DE",
    "luc@example.com": "en-GB",
}


@pytest.mark.parametrize(
    ("own", "wanted", "expected"),
    [
        ("en_GB", None, "own"),
        ("en_GB", "en_GB", "own"),
        ("en_GB", "en_US", "own"),
        ("en_GB", "de_DE", "de_DE"),
        ("en_GB", "de-DE", "de_DE"),
        ("en_GB", "de", "de_CH"),
        ("en_GB", "de_AT", "de_CH"),
        ("en_GB", "fr_FR", "own"),
        ("de_AT", "de_AT", "own"),
        ("de_AT", "de_DE", "de_DE"),
        ("de_AT", "de_LU", "own"),
    ],
)
def test_a_reader_has_the_file_in_their_language_the_nearest_or_the_packs_own(
    own: str, wanted: str | None, expected: str
) -> None:
    files = {"pdf": ("own", 1), "de_DE.pdf": ("de_DE", 2), "de_CH.pdf": ("de_CH", 3)}
    assert files[forms_for(files, wanted, own)["pdf"]][0] == expected


def test_each_reader_receives_the_pack_in_their_language_as_it_was_approved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    company = small_company(tmp_path / "small")
    company.write("packs.yaml", "style: {languages: [de_DE, en_GB]}\nlayouts: {standard: {pages: [one_page]}}\n")
    company.write("recipients.yaml", READERS)
    company.write("delivery.yaml", "link: https://x.example/{period}/{file}\n")
    monkeypatch.setenv("EVAS_PASSWORD", PASSWORD)
    materialise("month_end", company.root, None, None, [PERIOD], "last", Steps(None))
    setting = company.setting()
    with open_warehouse(setting.home) as warehouse:
        made = warehouse.read(PACKS, [PERIOD])
    forms = made.filter(made["unit"] == "south")["format"].to_list()
    assert sorted(forms) == ["de_DE.pdf", "pdf"]
    assert all((setting.home.root / file).is_file() for file in made["file"])
    publish(setting, PERIOD, "Ada")
    frozen = frozen_packs(setting.home, editions(setting.home, PERIOD)[-1]).filter(made["unit"] == "south")
    digests = dict(frozen.select("format", "digest").iter_rows())
    approve(setting, PERIOD, "Grace")
    assert {one.state for one in deliver(company.setting(), PERIOD)} == {"written"}
    sent = {one.key.recipient: one.digest for one in records(setting.home) if one.state == "written"}
    assert sent == {
        "ada@example.com": digests["pdf"],
        "joerg@example.com": digests["de_DE.pdf"],
        "eva@example.com": digests["de_DE.pdf"],
        "luc@example.com": digests["pdf"],
    }
    tongues = {to: tongue(company, to) for to in sent}
    assert tongues == READ_IN


def tongue(company: SmallCompany, to: str) -> str:
    """The language of the PDF that was attached for an address; Eva's opens with her password alone."""
    (file,) = (company.root / ".scorepack/outbox/2025-06").glob(f"*{to}.eml")
    message: EmailMessage = message_from_bytes(file.read_bytes(), policy=default)  # type: ignore[assignment]
    (attached,) = message.iter_attachments()
    form = "de_DE.pdf" if READ_IN[to] == "de-DE" else "pdf"
    assert attached.get_filename() == f"2025-06-company-south.{form}"
    if not to.startswith("eva"):
        assert_linked(company, message, form)
    content = io.BytesIO(attached.get_content())
    if to.startswith("eva"):
        with pytest.raises(pikepdf.PasswordError):
            pikepdf.open(content)
    with pikepdf.open(content, password=PASSWORD if to.startswith("eva") else "") as pdf:
        return str(pdf.Root.Lang)


def assert_linked(company: SmallCompany, message: EmailMessage, form: str) -> None:
    # What the link names is a file that the run has made.
    link = re.search(r"https://x\.example/(\S+)", str(message.get_body(("plain",)).get_content()))  # type: ignore[union-attr]
    assert link is not None
    assert link[1] == f"2025-06/company-south.{form}"
    assert (company.root / ".scorepack/packs" / link[1]).is_file()
