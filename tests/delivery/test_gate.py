"""The gate: what holds a pack back, who lets it go, and that what was approved is what is sent."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import dagster as dg
import pytest

from pipelines.cli.printing import Steps
from pipelines.cli.running import materialise
from pipelines.cli.send_command import approve as approve_by_command
from pipelines.cli.send_command import send
from pipelines.definitions import build_definitions
from pipelines.delivery.calendar import newest_to_send
from pipelines.delivery.gate import approve, gates, newest_edition
from pipelines.delivery.send import deliver
from pipelines.resources import ProjectResource
from pipelines.steps.approved import AUTOMATIC
from pipelines.steps.auditing import told
from pipelines.steps.editions import publish
from pipelines.steps.status import month_states
from scorecards.errors import CallError, DeclarationError
from tests.delivery.conftest import PERIOD
from tests.delivery.what_left import ADA, JOERG
from tests.small_company import SmallCompany
from warehouse import journal
from warehouse.editions import editions
from warehouse.ledger import records


def shut(company: SmallCompany) -> dict[str, tuple[str, ...]]:
    setting = company.setting()
    return {one.unit: one.shut for one in gates(setting, PERIOD, newest_edition(setting, PERIOD))}


def sent(company: SmallCompany) -> list[str]:
    return [one.planned.key.unit for one in deliver(company.setting(), PERIOD) if one.state == "written"]


def approved(company: SmallCompany) -> dict[date, int]:
    """By published month how many packs the status tells as approved."""
    return {
        month.period: month.approved for month in month_states(company.setting(), 6, date(2025, 7, 31)) if month.edition
    }


def test_nothing_leaves_before_somebody_has_approved_it(published: SmallCompany) -> None:
    assert set(shut(published).values()) == {("it is not approved",)}
    assert sent(published) == []
    assert records(published.setting().home) == []


def test_what_is_approved_leaves_and_what_is_not_stays(published: SmallCompany) -> None:
    done = approve(published.setting(), PERIOD, "Grace", units=["south"])
    assert done.packs == [("company", "south")]
    assert shut(published) == {"company": ("it is not approved",), "north": ("it is not approved",), "south": ()}
    assert sent(published) == ["south"]
    approve(published.setting(), PERIOD, "Grace")
    assert sent(published) == ["company", "south"]


def test_an_approval_is_in_the_audit_log_with_the_digest_of_each_file(published: SmallCompany) -> None:
    approve(published.setting(), PERIOD, " Grace ", "looks right")
    (entry,) = journal.entries(published.setting().home, "approval")
    assert told(entry) == "2025-06: 3 packs of edition 1 approved by Grace: looks right"
    assert [len(digest) for *_, digest in entry.body["files"]] == [64] * 3


def test_the_status_counts_the_packs_of_the_newest_edition_that_are_approved(published: SmallCompany) -> None:
    assert approved(published) == {PERIOD: 0}
    approve(published.setting(), PERIOD, "Grace", units=["south"])
    assert approved(published) == {PERIOD: 1}
    approve(published.setting(), PERIOD, "Grace")
    assert approved(published) == {PERIOD: 3}
    approve(published.setting(), PERIOD, "Grace", "wait", units=["north"], is_given=False)
    assert approved(published) == {PERIOD: 2}
    published.sales("2025-06", "1,north,2025-06-01,7.00\n", "20250710")
    materialise("month_end", published.root, None, None, [PERIOD], "last", Steps(None))
    publish(published.setting(), PERIOD, "Ada", "sales were corrected")
    assert approved(published) == {PERIOD: 0}, "edition 1 was approved, edition 2 was not"


def test_an_approval_can_be_taken_back_until_the_pack_has_left(company: SmallCompany) -> None:
    approve(company.setting(), PERIOD, "Ada", "wrong currency", units=["south"], is_given=False)
    assert shut(company)["south"] == ("it is held back by Ada: wrong currency",)
    assert sent(company) == ["company"]
    approve(company.setting(), PERIOD, "Grace", units=["south"])
    assert sent(company) == ["company", "south"]


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ({"by": " "}, "Say who approves"),
        ({"units": ["nroth"]}, "'nroth' is not a unit with a pack in edition 1 of 2025-06. Did you mean 'north'"),
        ({"scorecards": ["x"]}, "'x' is not a scorecard with a pack"),
    ],
)
def test_an_approval_by_nobody_or_of_nothing_is_refused(
    published: SmallCompany, named: dict[str, object], words: str
) -> None:
    with pytest.raises(CallError, match=words):
        approve(published.setting(), PERIOD, **({"by": "Grace"} | named))  # type: ignore[arg-type]


def test_the_same_approval_twice_and_one_without_an_edition_are_refused(company: SmallCompany) -> None:
    with pytest.raises(CallError, match="approved already"):
        approve(company.setting(), PERIOD, "Grace")
    with pytest.raises(CallError, match=r"2025-05 is not published.*scorepack publish 2025-05 --by NAME"):
        approve(company.setting(), date(2025, 5, 1), "Grace")


def test_a_new_edition_needs_an_approval_of_its_own(company: SmallCompany) -> None:
    company.sales("2025-06", "1,north,2025-06-01,9.00\n2,south,2025-06-01,9.00\n", "20250720")
    materialise("month_end", company.root, None, None, [PERIOD], "none", Steps(None))
    publish(company.setting(), PERIOD, "Ada", "corrected")
    assert set(shut(company).values()) == {("it is not approved",)}


def test_refused_data_hold_back_every_pack_of_their_month(company: SmallCompany) -> None:
    company.sales("2025-06", "x,north,2025-06-01,1\n", "20250720")
    with pytest.raises(Exception, match="not computed"):
        materialise("month_end", company.root, None, None, [PERIOD], "none", Steps(None))
    assert all("data of the month were refused" in reasons[0] for reasons in shut(company).values())
    assert sent(company) == []


def test_data_that_came_after_the_edition_hold_it_back_unless_the_project_says_otherwise(
    company: SmallCompany,
) -> None:
    company.sales("2025-06", "1,north,2025-06-01,9.00\n2,south,2025-06-01,9.00\n", "20250720")
    materialise("month_end", company.root, None, None, [PERIOD], "none", Steps(None))
    words = "data came after edition 1 (sales_2025-06_20250720.csv): run and publish the month again"
    assert set(shut(company).values()) == {(words,)}
    assert sent(company) == []
    company.write("delivery.yaml", "freshness: any\n")
    assert sent(company) == ["company", "south"]


def test_an_edition_stands_with_data_that_came_after_it_and_changed_nothing(company: SmallCompany) -> None:
    _, *rows = (company.root / "extracts/sales_2025-06_20250703.csv").read_text().splitlines()
    company.sales("2025-06", "\n".join(reversed(rows)) + "\n", "20250720")
    with pytest.raises(CallError, match="Nothing has changed"):
        publish(company.setting(), PERIOD, "Ada")
    materialise("month_end", company.root, None, None, [PERIOD], "none", Steps(None))
    assert all("data came after edition 1" in reasons[0] for reasons in shut(company).values())
    assert publish(company.setting(), PERIOD, "Ada").number == 1
    assert told(journal.entries(company.setting().home)[-1]) == (
        "2025-06: edition 1 stands with what came since, by Ada"
    )
    assert sent(company) == ["company", "south"]
    with pytest.raises(CallError, match="Nothing has changed in 2025-06 since edition 1"):
        publish(company.setting(), PERIOD, "Ada")


def test_data_of_which_no_figure_is_made_hold_nothing_back(company: SmallCompany) -> None:
    company.write(
        "sources/heads.yaml",
        "source: heads\ndomain: hr\npath: heads.csv\nunit: shop\nperiod: none\nkey: [shop]\n"
        "columns:\n  shop: {}\n  head: {}\n  mail: {}\n",
    )
    company.write("extracts/heads.csv", "shop,head,mail\nnorth,Nora,nora@example.com\n")
    materialise("month_end", company.root, None, None, [PERIOD], "none", Steps(None))
    assert company.setting().loads("heads")
    assert set(shut(company).values()) == {()}


def test_a_source_with_a_due_day_that_has_nothing_for_the_month_holds_back_the_scorecards_that_draw_on_it(
    published: SmallCompany, tmp_path: Path
) -> None:
    text = (published.root / "sources/complaints.yaml").read_text()
    published.write("sources/complaints.yaml", text + "expects: {due: 5 days}\n")
    approve(published.setting(), PERIOD, "Grace")
    # Under the new contract the month's delivery has not been taken in again: nothing is there for it.
    assert set(shut(published).values()) == {("complaints has not come, due on 2025-07-05",)}
    materialise("month_end", published.root, None, None, [PERIOD], "none", Steps(None))
    assert set(shut(published).values()) == {()}


def test_a_pack_with_less_coverage_than_declared_stays(company: SmallCompany) -> None:
    company.write("delivery.yaml", "coverage: 76%\n")
    words = "only 75% of its weight had data; delivery.yaml asks for 76%"
    assert set(shut(company).values()) == {(words,)}
    assert sent(company) == []
    company.write("delivery.yaml", "coverage: 75%\n")
    assert sent(company) == ["company", "south"]


def test_an_approval_tells_what_cannot_leave_all_the_same(
    published: SmallCompany, capsys: pytest.CaptureFixture[str]
) -> None:
    published.write("delivery.yaml", "coverage: 76%\n")
    approve_by_command("2025-06", "Grace", unit=["south"], project=published.root)
    told = " ".join(capsys.readouterr().out.split())
    assert "1 approved pack cannot leave now: only 75% of its weight had data; delivery.yaml asks for 76%." in told
    published.write("delivery.yaml", "coverage: 75%\n")
    approve_by_command("2025-06", "Grace", project=published.root)
    assert "cannot leave" not in capsys.readouterr().out


def test_errors_in_the_commentary_of_the_month_stop_its_sending(company: SmallCompany) -> None:
    company.write("commentary/2025-06.yaml", "comments: [{unit: nowhere, text: x}]\n")
    with pytest.raises(DeclarationError, match="is not a unit"):
        deliver(company.setting(), PERIOD)


def test_an_automatic_approval_publishes_and_sends_the_newest_month_and_no_older_one(
    published: SmallCompany, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    published.write("delivery.yaml", "approval: automatic\n")
    assert set(shut(published).values()) == {("it is not approved",)}, "June 2025 is long over"
    for module in ("pipelines.steps.approved", "pipelines.delivery.send"):
        monkeypatch.setattr(f"{module}.newest_over", lambda project: PERIOD)
    assert sent(published) == ["company", "south"]
    may = date(2025, 5, 1)
    with pytest.raises(CallError, match="is not published"):
        deliver(published.setting(), may)
    for module in ("pipelines.steps.approved", "pipelines.delivery.send"):
        monkeypatch.setattr(f"{module}.newest_over", lambda project: may)
    materialise("month_end", published.root, None, None, [may], "none", Steps(None))
    send("2025-05", published.root, dry_run=True)
    shown = " ".join(capsys.readouterr().out.split())
    assert "2025-05 is not published. scorepack send publishes it first (approval: automatic) and then sends 2" in shown
    assert ADA in shown
    assert JOERG in shown
    assert editions(published.setting().home, may) == []
    assert [one.state for one in deliver(published.setting(), may)] == ["written", "written"]
    assert editions(published.setting().home, may)[0].by == AUTOMATIC
    # Once both are older, what was published by itself still counts as approved; June was published by hand.
    for module in ("pipelines.steps.approved", "pipelines.delivery.send"):
        monkeypatch.setattr(f"{module}.newest_over", lambda project: date(2025, 7, 1))
    assert approved(published) == {PERIOD: 0, may: 3}


@pytest.fixture
def holding(published: SmallCompany, monkeypatch: pytest.MonkeyPatch) -> SmallCompany:
    """The newest month, approved automatically but for the pack of the south, which Ada holds back."""
    published.write("delivery.yaml", "approval: automatic\n")
    monkeypatch.setattr("pipelines.steps.approved.newest_over", lambda project: PERIOD)
    approve(published.setting(), PERIOD, "Ada", "wait", units=["south"], is_given=False)
    return published


def test_somebody_may_hold_back_what_is_approved_automatically(holding: SmallCompany) -> None:
    assert shut(holding)["south"] == ("it is held back by Ada: wait",)
    assert shut(holding)["company"] == ()


def test_what_is_held_back_stays_so_until_its_unit_is_named(holding: SmallCompany) -> None:
    holding.sales("2025-06", "1,north,2025-06-01,7.00\n", "20250710")
    materialise("month_end", holding.root, None, None, [PERIOD], "none", Steps(None))
    assert publish(holding.setting(), PERIOD, "Ada", "sales were corrected").number == 2
    held = "it is held back by Ada: wait"
    assert (held in shut(holding)["south"], held in shut(holding)["north"]) == (True, False)
    assert approve(holding.setting(), PERIOD, "Grace").packs == [("company", "company"), ("company", "north")]
    assert held in shut(holding)["south"]
    with pytest.raises(CallError, match="What is held back is let go by --unit"):
        approve(holding.setting(), PERIOD, "Grace")
    approve(holding.setting(), PERIOD, "Grace", units=["south"])
    assert held not in shut(holding)["south"]


def test_the_newest_month_to_send_is_the_newest_computed_one_where_nobody_has_to_publish_it(
    published: SmallCompany, monkeypatch: pytest.MonkeyPatch
) -> None:
    july = date(2025, 7, 1)
    monkeypatch.setattr("pipelines.delivery.calendar.newest_over", lambda project: july)
    published.write("delivery.yaml", "approval: automatic\n")
    assert newest_to_send(published.setting()) == PERIOD
    materialise("month_end", published.root, None, None, [july], "none", Steps(None))
    assert newest_to_send(published.setting()) == july
    published.write("delivery.yaml", "approval: required\n")
    assert newest_to_send(published.setting()) == PERIOD


def deliver_job(company: SmallCompany, tags: dict[str, str], *before: dict[str, str]) -> bool:
    """Whether a run with these tags succeeds, after others by their tags, each a retry of the one before."""
    definitions = build_definitions(ProjectResource(project=str(company.root)))
    with dg.DagsterInstance.ephemeral() as instance:
        for number, known in enumerate(before):
            instance.add_run(dg.DagsterRun(job_name="deliver", run_id=RUNS[number], tags={**known, **retry(number)}))
        result = definitions.resolve_job_def("deliver").execute_in_process(
            instance=instance, raise_on_error=False, partition_key="2025-06-01", tags=tags,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )  # fmt: skip
    return result.success


RUNS = [f"{number:08d}-0000-4000-8000-000000000000" for number in range(4)]


def retry(number: int) -> dict[str, str]:
    """The tags that Dagster gives to the last of a row of retries, which ``number`` runs come before."""
    return {"dagster/parent_run_id": RUNS[number - 1], "dagster/root_run_id": RUNS[0]} if number else {}


def test_the_job_of_a_month_delivers_and_a_backfill_of_it_does_not(company: SmallCompany) -> None:
    assert not deliver_job(company, {"dagster/backfill": "abc"})
    assert records(company.setting().home) == []
    assert deliver_job(company, {})
    assert {one.state for one in records(company.setting().home)} == {"planned", "sending", "written"}


@pytest.mark.parametrize(
    "before",
    [[{"dagster/backfill": "abc"}], [{"dagster/backfill": "abc"}, {}, {}], [{}, {"dagster/backfill": "abc"}, {}]],
)
def test_a_retry_of_a_backfill_delivers_nothing_either(company: SmallCompany, before: list[dict[str, str]]) -> None:
    assert not deliver_job(company, retry(len(before)), *before)
    assert records(company.setting().home) == []


def test_a_retry_of_a_run_of_its_own_delivers_and_one_of_a_run_that_is_gone_does_not(company: SmallCompany) -> None:
    assert not deliver_job(company, retry(1))
    assert records(company.setting().home) == []
    assert deliver_job(company, retry(2), {}, {})
    assert {one.state for one in records(company.setting().home)} == {"planned", "sending", "written"}


def test_what_sending_writes_is_private(company: SmallCompany) -> None:
    sent(company)
    for name in ("sending.lock", "outbox/2025-06/index.html", "outbox/2025-06/company-company-ada@example.com.eml"):
        assert (company.root / ".scorepack" / name).stat().st_mode & 0o077 == 0, name
