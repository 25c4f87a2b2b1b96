"""Rules about a delivery as a whole: row counts, change against the month before, control totals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pydantic import ValidationError

from scorecards.source_expects import ControlTotal
from scorecards.sources import Source
from tests.warehouse.conftest import contract
from warehouse import journal
from warehouse.controls import take_in_controls
from warehouse.deliveries import deliveries
from warehouse.home import Home
from warehouse.selection import TODAY, Load, View, all_loads
from warehouse.table_rules import judged
from warehouse.taking_in import Desk, take_in

CONTROL = {"path": "control_{period}.csv", "column": "amount", "rows": "lines"}


@dataclass
class Office:
    """A home, an extracts folder and a source that expects something of its deliveries."""

    home: Home
    extracts: Path
    connection: duckdb.DuckDBPyConnection
    expects: dict[str, Any]
    declared: dict[str, Any] = field(default_factory=lambda: {"path": "orders_{period}.csv"})

    @property
    def source(self) -> Source:
        return contract(**self.declared, expects=self.expects)

    def deliver(self, month: str, *amounts: str) -> None:
        rows = "".join(f"{i},{month}-05,north,{amount}\n" for i, amount in enumerate(amounts))
        (self.extracts / f"orders_{month}.csv").write_text("id,day,unit,amount\n" + rows)
        self.take_in()

    def take_in(self) -> None:
        desk = Desk(self.home, self.source, "c1", date(2024, 1, 1), ["north"])
        take_in(desk, deliveries(self.source, self.extracts))
        take_in_controls(self.home, self.source, self.extracts)

    def judged(self, view: View = TODAY) -> list[Load]:
        return judged(self.home, self.source, all_loads(self.home), view)

    def refused(self) -> dict[str, str]:
        """What the newest delivery of every month is refused for."""
        newest = {f"{load.period:%Y-%m}": load.refused for load in self.judged()}
        return {month: words for month, words in newest.items() if words is not None}


@pytest.fixture
def office(tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> Callable[..., Office]:
    (tmp_path / "extracts").mkdir()
    return lambda **expects: Office(Home(tmp_path / "home").create(), tmp_path / "extracts", connection, expects)


def test_what_comes_every_quarter_is_compared_with_the_quarter_before(office: Callable[..., Office]) -> None:
    shop = office(change={"at_most": 0.5})
    shop.declared["frequency"] = "quarter"
    shop.deliver("2024-03", "1", "2")
    shop.deliver("2024-06", "1", "2", "3", "4")
    assert shop.refused() == {
        "2024-06": "orders_2024-06.csv: 2024-06 has 4 rows, 100% more than 2 in 2024-03; expected is a change of at "
        "most 50%."
    }
    shop.declared["frequency"] = "month"
    assert shop.refused() == {}


def test_too_few_or_too_many_rows_refuse_a_delivery_until_it_is_replaced(office: Callable[..., Office]) -> None:
    shop = office(rows={"at_least": 2, "at_most": 3})
    shop.deliver("2024-01", "1", "x")
    shop.deliver("2024-02", "1", "2", "3", "4")
    assert shop.refused() == {
        "2024-01": "orders_2024-01.csv: 1 row accepted, fewer than expected (at least 2).",
        "2024-02": "orders_2024-02.csv: 4 rows accepted, more than expected (at most 3).",
    }
    shop.deliver("2024-01", "1", "2")
    shop.deliver("2024-02", "1", "2", "3")
    assert shop.refused() == {}


def test_a_rule_that_warns_notes_and_accepts(office: Callable[..., Office]) -> None:
    shop = office(rows={"at_least": 2, "severity": "warn"})
    shop.deliver("2024-01", "1")
    [load] = shop.judged()
    assert (load.refused, load.noted) == (
        None, ("orders_2024-01.csv: 1 row accepted, fewer than expected (at least 2).",),
    )  # fmt: skip


@pytest.mark.parametrize("order", [("2024-01", "2024-02", "2024-03"), ("2024-03", "2024-02", "2024-01")])
def test_the_change_of_a_month_is_judged_alike_in_whatever_order_months_come(
    office: Callable[..., Office], order: tuple[str, ...]
) -> None:
    shop = office(change={"at_most": "30%"})
    rows = {"2024-01": 10, "2024-02": 13, "2024-03": 4}
    for month in order:
        shop.deliver(month, *["1"] * rows[month])
    assert shop.refused() == {
        "2024-03": "orders_2024-03.csv: 2024-03 has 4 rows, 69% fewer than 13 in 2024-02; expected is a change of at "
        "most 30%."
    }


def test_a_corrected_month_changes_the_judgement_of_the_next_one(office: Callable[..., Office]) -> None:
    shop = office(change={"at_most": "50%", "of": "amount"})
    shop.deliver("2024-01", "10", "10")
    shop.deliver("2024-02", "100.5", "x")
    assert shop.refused()["2024-02"] == (
        "orders_2024-02.csv: amount of 2024-02 is 100.50, 402% more than 20.00 in 2024-01; expected is a change of at "
        "most 50%."
    )
    shop.deliver("2024-01", "80")
    assert shop.refused() == {}
    before = len(journal.entries(shop.home, "load"))
    shop.take_in()
    assert len(journal.entries(shop.home, "load")) == before == 3


def test_a_refused_month_is_nothing_to_compare_the_next_one_with(office: Callable[..., Office]) -> None:
    shop = office(change={"at_most": "50%"})
    for month, rows in (("2024-01", 10), ("2024-02", 1), ("2024-03", 10)):
        shop.deliver(month, *["1"] * rows)
    assert list(shop.refused()) == ["2024-02"]


def test_a_file_of_many_months_is_judged_by_its_newest(office: Callable[..., Office]) -> None:
    shop = office(change={"at_most": "50%"})
    shop.declared = {"path": "orders.csv"}
    days = ["2024-01-01"] * 9 + ["2024-02-01"] * 2 + ["2024-03-01"] * 3
    text = "id,day,unit,amount\n" + "".join(f"{i},{day},north,1\n" for i, day in enumerate(days))
    (shop.extracts / "orders.csv").write_text(text)
    shop.take_in()
    assert [load.refused for load in shop.judged()] == [None]
    (shop.extracts / "orders.csv").write_text(text + "99,2024-03-02,north,1\n")
    shop.take_in()
    assert "2024-03 has 4 rows, 100% more than 2 in 2024-02" in str(shop.judged()[-1].refused)


def test_rows_must_add_up_to_the_control_total_whenever_it_comes(office: Callable[..., Office]) -> None:
    shop = office(control=CONTROL)
    shop.deliver("2024-01", "10.10", "x", "5")
    lacking = "for 2024-01 no control total has come (control_{period}.csv). Ask for the control file."
    assert shop.refused() == {"2024-01": f"orders_2024-01.csv: {lacking}"}
    (shop.extracts / "control_2024-01.csv").write_text("period,total,lines\n2024-01,20.10,3\n")
    shop.take_in()
    assert shop.refused() == {
        "2024-01": "orders_2024-01.csv: 2024-01 has 2 accepted rows (1 row rejected); the control file says 3 "
        "(control_2024-01.csv line 2). amount of 2024-01 adds up to 15.10 (1 row rejected); the control file says "
        "20.10 (control_2024-01.csv line 2): 5.00 too little."
    }
    shop.deliver("2024-01", "10.10", "5", "5")
    assert shop.refused() == {}
    (shop.extracts / "control_2024-01.csv").unlink()
    shop.take_in()
    assert shop.refused() == {}
    assert len(journal.entries(shop.home, "control")) == 1


def test_a_control_total_counts_from_the_day_on_which_it_was_known(office: Callable[..., Office]) -> None:
    shop = office(control={"path": "control_{file_date}.csv", "column": "amount", "total": "sum", "tolerance": 0.5})
    (shop.extracts / "control_20240203.csv").write_text("period,sum\n2024-01,1.5\n")
    (shop.extracts / "control_20240209.csv").write_text("period,sum\n2024-01,9\n")
    shop.deliver("2024-01", "1")
    assert "the control file says 9 (control_20240209.csv line 2): 8.00 too little" in shop.refused()["2024-01"]
    assert shop.judged(View(date(2024, 2, 5)))[0].refused is None
    assert "no control total has come" in str(shop.judged(View(date(2024, 2, 1)))[0].refused)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("month,total\n", "control_2024-01.csv: the control file has no column 'period'. Its columns: month, total."),
        ("period,total,lines\n2024-01,much,3\n",
         "line 2 of the control file cannot be used: period '2024-01', total 'much', lines '3'."),
    ],
)  # fmt: skip
def test_a_control_file_that_cannot_be_used_is_told(office: Callable[..., Office], text: str, words: str) -> None:
    shop = office(control=CONTROL)
    (shop.extracts / "control_2024-01.csv").write_text(text)
    shop.deliver("2024-01", "1")
    assert words in shop.refused()["2024-01"]


def test_floats_are_summed_exactly(office: Callable[..., Office]) -> None:
    shop = office(control={"path": "control_{period}.csv", "column": "amount"})
    shop.declared["columns"] = {**contract().model_dump(exclude_unset=True)["columns"], "amount": {"type": "float"}}
    (shop.extracts / "control_2024-01.csv").write_text("period,total\n2024-01,1\n")
    shop.deliver("2024-01", *["0.1"] * 10)
    assert shop.refused() == {}


def test_a_tolerance_is_an_amount_or_a_share() -> None:
    share = ControlTotal(path="c.csv", column="a", tolerance="1%")  # type: ignore[arg-type]
    assert [share.accepts(Decimal(99), Decimal(100)), share.accepts(Decimal("98.99"), Decimal(100))] == [True, False]
    amount = ControlTotal(path="c.csv", column="a", tolerance="0.5")  # type: ignore[arg-type]
    assert [amount.accepts(Decimal("-99.5"), Decimal(-100)), amount.accepts(Decimal(-99), Decimal(-100))] == [
        True,
        False,
    ]
    for wrong in ({"due": "5"}, {"control": {"path": "c.csv"}}, {"change": {"at_most": "much"}}):
        with pytest.raises(ValidationError):
            contract(expects=wrong)
