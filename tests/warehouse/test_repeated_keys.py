"""Files that count side by side for a month may not have rows of the same key."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.warehouse.conftest import contract
from warehouse.deliveries import deliveries
from warehouse.home import Home
from warehouse.repeated_keys import told_apart
from warehouse.selection import TODAY, View, all_loads
from warehouse.taking_in import Desk, take_in

A, B = "id,day,unit,amount\n1,2024-03-05,north,10\n2,2024-03-06,north,5\n", "id,day,unit,amount\n3,2024-03-07,north,7\n"


class Office:
    """A home that takes in every delivery on a day of its own."""

    def __init__(self, root: Path, **declared: object) -> None:
        self.home, self.extracts = Home(root / "home").create(), root / "extracts"
        self.extracts.mkdir()
        files = {"path": "orders_{period}_{file_date}_*.csv", "known_on": "{file_date}"}
        self.source = contract(**{**files, "key": ["id"], **declared})

    def deliver(self, name: str, text: str) -> None:
        (self.extracts / f"orders_{name}.csv").write_text(text)
        desk = Desk(self.home, self.source, "c1", date(2024, 1, 1), ["north"])
        take_in(desk, deliveries(self.source, self.extracts))

    def refused(self, view: View = TODAY) -> dict[str, str]:
        found = told_apart(self.home, self.source, all_loads(self.home), view)
        return {load.name: load.refused for load in found if load.refused}


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def test_two_files_of_a_month_with_keys_of_their_own_both_count(office: Office) -> None:
    office.deliver("2024-03_20240402_a", A)
    office.deliver("2024-03_20240403_b", B)
    assert office.refused() == {}


def test_a_copy_under_another_name_is_refused_and_so_is_a_file_that_repeats_one_key(office: Office) -> None:
    office.deliver("2024-03_20240402_a", A)
    office.deliver("2024-03_20240403_b", A)
    office.deliver("2024-03_20240404_c", B + "2,2024-03-06,north,6\n")
    found = office.refused()
    assert list(found) == ["orders_2024-03_20240403_b.csv", "orders_2024-03_20240404_c.csv"]
    assert found["orders_2024-03_20240403_b.csv"] == (
        "orders_2024-03_20240403_b.csv: 2 rows of 2024-03 with a key that orders_2024-03_20240402_a.csv has too. "
        "Deliver it again without them, a mere copy with its header alone, or add to the key what tells the files "
        "apart."
    )
    assert ": 1 row of 2024-03 with" in found["orders_2024-03_20240404_c.csv"]
    # As seen before it came, nothing is wrong.
    assert office.refused(View(date(2024, 4, 2))) == {}


def test_the_later_file_counts_once_it_is_delivered_without_the_rows(office: Office) -> None:
    office.deliver("2024-03_20240402_a", A)
    office.deliver("2024-03_20240403_b", A)
    office.deliver("2024-03_20240405_b", B)
    now = {load.name for load in told_apart(office.home, office.source, all_loads(office.home), TODAY) if load.refused}
    assert "orders_2024-03_20240405_b.csv" not in now


def test_the_same_key_in_another_month_or_in_a_second_delivery_repeats_nothing(office: Office) -> None:
    office.deliver("2024-03_20240402_a", A)
    office.deliver("2024-03_20240409_a", A.replace(",10", ",11"))
    office.deliver("2024-04_20240502_a", A.replace("2024-03", "2024-04"))
    assert office.refused() == {}


def test_files_of_no_row_are_no_copies(office: Office) -> None:
    header = A.splitlines()[0] + "\n"
    office.deliver("2024-03_20240402_a", header)
    office.deliver("2024-03_20240403_b", header)
    assert office.refused() == {}


def test_where_deliveries_add_rows_the_newer_row_of_a_key_counts_and_nothing_is_refused(tmp_path: Path) -> None:
    office = Office(tmp_path, path="orders_{file_date}_*.csv", replaces="nothing")
    office.deliver("20240402_a", A)
    office.deliver("20240403_b", A)
    assert office.refused() == {}


def test_files_of_many_months_are_compared_month_by_month(tmp_path: Path) -> None:
    office = Office(tmp_path, path="orders_{file_date}_*.csv", replaces="months")
    office.deliver("20240402_a", A)
    office.deliver("20240503_b", "id,day,unit,amount\n1,2024-04-05,north,7\n")
    office.deliver("20240504_c", "id,day,unit,amount\n9,2024-03-05,north,7\n1,2024-04-06,north,7\n")
    assert list(office.refused()) == ["orders_20240504_c.csv"]
