"""What `check` says of contracts: derived columns, references, sets of columns, forms that change."""

from __future__ import annotations

from pathlib import Path

import pytest

from scorecards.errors import DeclarationError
from scorecards.project import load_project
from tests.small_company import small_company

SHOPS = (
    "source: shops\ndomain: finance\npath: shops.csv\nkey: code\nperiod: none\ncolumns:\n  code: {}\n  sales_id: {}\n"
)


def errors(tmp_path: Path, old: str, new: str, other: str = "") -> list[str]:
    """The errors after a change to the contract of the sales, beside one of shops."""
    company = small_company(tmp_path / "small", ())
    text = (company.root / "sources/sales.yaml").read_text()
    assert old in text
    company.write("sources/sales.yaml", text.replace(old, new, 1))
    company.write("sources/shops.yaml", other or SHOPS)
    try:
        load_project(company.root)
    except DeclarationError as error:
        return [str(problem) for problem in error.problems if problem.severity == "error"]
    return []


REJECTS = "rejects: {at_most: 10%}\n"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("  shop: {}\n", "  shop: {references: shops}\n", ""),
        ("  shop: {}\n", "  shop: {references: shop}\n",
         "sources/sales.yaml:10: columns.shop.references: 'shop' is not another source. Did you mean 'shops'?"),
        ("{type: integer}", "{type: integer, references: shops}",
         "columns.id.references: is of type integer, but the key of 'shops' is of type string."),
        ("  shop: {}\n", "  shop: {references: complaints}\n",
         "columns.shop.references: is of type string, but the key of 'complaints' is of type integer."),
        (REJECTS, "derived: {net: amount / 1.19}\n", ""),
        (REJECTS, "derived: {net: amout / 1.19}\n",
         "derived.net: 'amout' is not a column of sales. Did you mean 'amount'?"),
        (REJECTS, "derived: {big: amount > 5}\n",
         "derived.big: 'amount > 5' gives true or false, not a number. Declare the type of what it gives."),
        (REJECTS, "derived: {net: SUM(amount)}\n", "must not hold an aggregate such as SUM"),
        (REJECTS, "derived: {shop: LOWER(shop)}\n", "'shop' is a column of the file, and derived too"),
        ("columns:\n  id: {type: integer}\n  shop: {}\n",
         "derived: {who: {value: id, type: integer}}\n"
         "columns:\n  id: {type: integer, personal: true}\n  shop: {}\n",
         "derived.who: is derived from 'id', which is personal. Mark it personal: true as well."),
        (REJECTS, "unique: [[shop, sold_at]]\n",
         "unique.0: 'sold_at' is not a column of this source. Did you mean 'sold_on'?"),
        (REJECTS, "changed: [{from: 2025-03, columns: {shop: null}}]\n",
         "sources/sales.yaml:13: changed.0.columns: 'shop' is not a column of this source in this form."),
        ("{type: date}", "{type: date, format: '%d.%m.%Y'}", ""),
        ("{type: date}", "{type: date, format: [serial, '%Y %j']}", ""),
        ("{type: date}", "{type: datetime, format: '%H:%M'}", ""),
        ("{type: date}", "{type: month, format: ['Sept-%y', '%b-%y']}",
         "sources/sales.yaml:11: columns.sold_on.format: 'Sept-%y' does not say which month. "
         "Write %m, %b or %B for the month."),
        ("{type: date}", "{type: date, format: '%b %Y'}",
         "sources/sales.yaml:11: columns.sold_on.format: '%b %Y' does not say which day. Write %d for the day."),
        ("{type: date}", "{type: datetime, format: '%Y %H:%M'}",
         "does not say which month and day. Write %m, %b or %B for the month and %d for the day."),
        (REJECTS, "changed: [{from: 2025-03, columns: {sold_on: {type: date, format: '%d.%Y'}}}]\n",
         "sources/sales.yaml:13: changed.0.columns.sold_on.format: '%d.%Y' does not say which month."),
        (REJECTS, "changed: [{from: 2025-03, columns: {shopp: null}}]\n",
         "changed.0.columns.shopp: 'shopp' is taken away, but was never there. Did you mean 'shop'?"),
        (REJECTS, "changed: [{from: 2025-03, columns: {till: {}}, derived: {twice: till * 2}}]\n",
         "changed.0.derived.twice: 'till' is a text, not a number, in 'till * 2'"),
        (REJECTS, "changed: [{from: 2025-03, delimiter: ';', columns: {till: {type: integer}}}]\n", ""),
    ],
)  # fmt: skip
def test_a_contract_is_checked_before_anything_is_read(tmp_path: Path, old: str, new: str, told: str) -> None:
    found = errors(tmp_path, old, new)
    assert (len(found), told in "".join(found)) == (1 if told else 0, True), found


def test_sources_that_refer_to_each_other_are_told(tmp_path: Path) -> None:
    circle = SHOPS.replace("sales_id: {}", "sales_id: {type: integer, references: sales}")
    found = errors(tmp_path, "  shop: {}\n", "  shop: {references: shops}\n", circle)
    assert ["over its own references, refers back" in problem for problem in found] == [True, True]
