"""Units that were renamed or removed since an edition was published: what is lost by it is told, and is no success."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pipelines.cli.printing import Steps
from pipelines.cli.running import materialise
from pipelines.cli.send_command import send
from pipelines.delivery.calendar import standing
from pipelines.delivery.gate import approve
from pipelines.delivery.proofs import send_proofs
from pipelines.delivery.send import deliver
from pipelines.steps.editions import publish
from scorecards.errors import CallError, DataRefused
from tests.delivery.conftest import PERIOD
from tests.small_company import SmallCompany
from warehouse.ledger import last_records

LOST = "nobody can receive company of south: no unit of 2025-06 has this pack any more. Run and publish 2025-06 again."
NONE_OF_IT = "edition 1 has no pack of it: run and publish the month again"


def renamed(company: SmallCompany) -> None:
    """The south has another id now, and so have its reader and its rows."""
    for name in ("units.csv", "recipients.yaml", "extracts/sales_2025-06_20250703.csv"):
        path = company.root / name
        path.write_text(path.read_text().replace("south", "sued"))


def removed(company: SmallCompany) -> None:
    """The south is no unit any more, and has no reader."""
    units, readers = company.root / "units.csv", company.root / "recipients.yaml"
    for path in (units, readers):
        path.write_text("".join(line for line in path.read_text().splitlines(keepends=True) if "south" not in line))


def sent(company: SmallCompany, capsys: pytest.CaptureFixture[str], is_dry: bool = False) -> str:
    """What ``send`` prints, with its last words where it fails."""
    words = ""
    try:
        send("2025-06", company.root, dry_run=is_dry)
    except DataRefused as error:
        words = str(error)
    return " ".join((capsys.readouterr().out + words).split())


def test_a_unit_that_was_renamed_after_approval_is_told_and_is_no_success(
    company: SmallCompany, capsys: pytest.CaptureFixture[str]
) -> None:
    renamed(company)
    told = sent(company, capsys, is_dry=True)
    assert NONE_OF_IT in told
    assert LOST in told
    told = sent(company, capsys)
    assert NONE_OF_IT in told
    assert LOST in told
    assert told.endswith("Not every message could leave: something stands in its way, as told above.")
    assert "Nothing to do" not in sent(company, capsys)


def test_its_reader_is_served_once_the_month_is_published_again(
    company: SmallCompany, capsys: pytest.CaptureFixture[str]
) -> None:
    renamed(company)
    deliver(company.setting(), PERIOD)
    materialise("month_end", company.root, None, None, [PERIOD], "none", Steps(None))
    publish(company.setting(), PERIOD, "Ada", "the south is called otherwise")
    approve(company.setting(), PERIOD, "Grace")
    assert "nobody can receive" not in sent(company, capsys)
    assert ("sued", 2) in {(key.unit, key.edition) for key in last_records(company.setting().home)}


def test_a_unit_that_was_removed_after_approval_is_told_unless_its_pack_has_left_or_is_held_back(
    company: SmallCompany, capsys: pytest.CaptureFixture[str]
) -> None:
    removed(company)
    assert LOST in sent(company, capsys)
    approve(company.setting(), PERIOD, "Grace", "it is none", units=["south"], is_given=False)
    assert "nobody can receive" not in sent(company, capsys)
    assert LOST in sent(company, capsys, is_dry=True)


def test_a_unit_that_was_removed_once_its_pack_had_left_is_nobodys_concern(
    company: SmallCompany, capsys: pytest.CaptureFixture[str]
) -> None:
    deliver(company.setting(), PERIOD)
    removed(company)
    assert sent(company, capsys) == ""
    assert "nobody can receive" not in sent(company, capsys, is_dry=True)


def test_the_owner_is_told_of_both_by_the_due_hour(company: SmallCompany) -> None:
    company.write("delivery.yaml", "due: {working_day: 1, at: '08:00'}\n")
    renamed(company)
    found = standing(company.setting(), datetime(2025, 7, 5, 12, tzinfo=UTC))
    assert found is not None
    assert dict(found.held) == {NONE_OF_IT: 1, "it is of no unit any more: run and publish the month again": 1}


def test_no_proof_is_made_of_a_pack_that_is_not_there(company: SmallCompany) -> None:
    renamed(company)
    assert [one.planned.key.unit for one in send_proofs(company.setting(), PERIOD, "me@example.com")] == ["company"]
    with pytest.raises(CallError, match="'sued' is not a unit with a reader"):
        send_proofs(company.setting(), PERIOD, "me@example.com", ["sued"])
