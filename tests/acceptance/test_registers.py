"""Files as public registers deliver them: a sheet with months as columns, and one HR file in five national forms."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import pytest
import xlsxwriter

from tests.acceptance.conftest import Command
from tests.acceptance.registers import Register

PERFORMANCE = """\
path: performance.xlsx
sheet: Performance
range: A4:J
header_rows: 2
fill_down: trust
unit: trust
key: [trust, measure, month]
period: month
nulls: [No Data, n/a, ".."]
unpivot: {columns: "2021/22 *", name: month, value: amount}
footer: "[a-z]\\\\. |Source|AAA"
columns:
  trust: {header: Trust}
  measure: {header: Measure}
  month: {type: month, format: "2021/22 %B %Y"}
  amount: {type: decimal}
rejects: {at_most: 100%}
"""
MONTHS = ["April 2021", "May 2021", "June 2021", "Sept 2021 (13)", "31 June 2021", "2021-04", "June 21"]
NO_MONTHS = MONTHS[3:]
NULLS = ("No Data", "n/a", "..", "", None, "  ")
# Of each row of the sheet: the trust where its merged cell begins, the measure, and the cells of the months.
TABLE: dict[int, tuple[str, str, list[object]]] = {
    6: ("north", "A&E", [0.91, 0.9, "No Data", 1, 2, 3, 4]),
    7: ("", "RTT", [0.5, "AAA", "n/a", "..", "", None, "  "]),
    8: ("south", "A&E", ["12.5%", "0,9", "-", "  ", "No data", "..", 7]),
    9: ("", "RTT", [1, "1O5", 3, None, None, "AAA", "n/a"]),
}
FOOTNOTES = ["a. September has 13 weeks", "Source: the trusts' own returns", "AAA: suppressed"]


def performance_register() -> bytes:
    """A sheet that people made for people: titles, merged headers and groups, months, footnotes, a second sheet."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.add_worksheet("Read me").write(0, 0, "Figures are provisional")
        sheet, share = book.add_worksheet("Performance"), book.add_format({"num_format": "0.0%"})
        sheet.write(0, 0, "Performance register")
        sheet.write(1, 0, "Published 12 July 2021")
        sheet.merge_range(3, 0, 4, 0, "Trust")
        sheet.merge_range(3, 1, 4, 1, "Measure")
        sheet.merge_range(3, 2, 3, 1 + len(MONTHS), "2021/22")
        sheet.write_row(4, 2, MONTHS)
        for row, (trust, measure, cells) in TABLE.items():
            if trust:
                sheet.merge_range(row - 1, 0, row, 0, trust)
            sheet.write(row - 1, 1, measure)
            for place, cell in enumerate(cells, start=2):
                if cell is not None:
                    sheet.write(row - 1, place, cell, share if isinstance(cell, float) else None)
        for row, words in enumerate(FOOTNOTES, start=11):
            sheet.write(row, 0, words)
    return out.getvalue()


def test_each_cell_of_a_performance_register_is_a_row_or_rejected_with_its_reason_or_counted_as_empty(
    tmp_path: Path, scorepack: Command
) -> None:
    register = Register(tmp_path / "register", scorepack)
    register.declare(PERFORMANCE)
    register.deliver("performance.xlsx", performance_register())
    answer = register.run("2021-04", "2021-06")
    assert answer.code == 0, answer.err
    cells = [
        (row, month, cell) for row, (_, _, found) in TABLE.items() for month, cell in zip(MONTHS, found, strict=True)
    ]
    filled = [(row, month, cell) for row, month, cell in cells if cell not in NULLS]
    good = [cell for _, month, cell in filled if month not in NO_MONTHS and isinstance(cell, (int, float))]
    bad = {(row, month): cell for row, month, cell in filled if month in NO_MONTHS or isinstance(cell, str)}
    account = register.accounts()["performance.xlsx"]
    assert (account.rows, account.rejected) == (len(filled), len(bad))
    assert sum(register.values("rows").values()) == account.accepted == len(good) == 5
    for (row, month), cell in bad.items():
        trust = {6: "north", 7: "north", 8: "south", 9: "south"}[row]
        raw = f"{trust},{TABLE[row][1]},2021/22 {month},{cell}"
        (place,) = [place for place, found in enumerate(account.raw[row]) if found == raw]
        reason = account.reasons[row][place]
        if month in NO_MONTHS:
            assert reason == f"month: '2021/22 {month}' is not a month (2021/22 %B %Y)"
        else:
            assert reason.startswith(f"amount: '{cell}' ")
    told = register.status()
    assert "3 footer lines passed over, the first 'a. September has 13 weeks'" in told
    assert f"{len(cells) - len(filled)} empty cells of the turned columns made no row" in told


# The contract's keys of each form, then rows (day, pay) that are accepted with what they are worth, then rejected ones.
@dataclass(frozen=True)
class Form:
    """How a country writes an HR file: the contract's keys, bytes round the rows, and rows with their fate."""

    keys: str
    day: str
    symbol: str
    delimiter: str
    encoding: str
    end: str
    good: list[tuple[str, str, float]]
    bad: list[tuple[str, str, str]]


NARROW, NO_BREAK = "\u202f", "\u00a0"
FORMS = {
    "uk": Form(
        'encoding: cp1252\nthousands: ","\n', ', format: "%d/%m/%Y"', "[£, GBP]", ",", "cp1252", "\r\n",
        [("03/04/2021", "£1,234.50", 1234.5), ("13/04/2021", "£12,345,678.90", 12345678.9),
         ("30/04/2021", "-£45.00", -45), ("30/04/2021", "£-45.00", -45), ("30/04/2021", "GBP 7", 7),
         ("30/04/2021", "45.5", 45.5)],
        [("04/13/2021", "£5", "is not a date (%d/%m/%Y)"), ("31/04/2021", "£1", "is not a date"),
         ("01/04/2021", "£1,23.50", "is not a number"), ("01/04/2021", "(£45.00)", "is not a number"),
         ("01/04/2021", "$9", "has another currency sign than the declared £ or GBP"),
         ("01/04/2021", "€9", "has another currency sign"), ("01/04/2021", "£", "is not a number")],
    ),
    "us": Form(
        'thousands: ","\n', ', format: "%m/%d/%Y"', "[$, USD]", ",", "utf-8-sig", "\n",
        [("4/3/2021", "$1,234.50", 1234.5), ("04/13/2021", "$12,345,678.90", 12345678.9), ("4/3/2021", "$.5", 0.5),
         ("4/3/2021", "USD 5.00", 5), ("4/3/2021", "5.00 USD", 5)],
        [("13/4/2021", "$5", "is not a date (%m/%d/%Y)"), ("4/3/2021", "$5.00-", "is not a number"),
         ("4/31/2021", "$5", "is not a date")],
    ),
    "german": Form(
        'encoding: cp1252\ndelimiter: ";"\ndecimal: ","\nthousands: "."\n', ', format: "%d.%m.%Y"', "[€, EUR]", ";",
        "cp1252", "\r\n",
        [("03.04.2021", "1.234,50 €", 1234.5), ("13.04.2021", "12.345.678,90 €", 12345678.9),
         ("3.4.2021", "1.234", 1234), ("03.04.2021", "-1.234,50 €", -1234.5), ("03.04.2021", "€ 5", 5),
         ("03.04.2021", "1234,5", 1234.5)],
        [("03.04.21", "5", "is not a date (%d.%m.%Y)"), ("2021-04-03", "5", "is not a date"),
         ("03.04.2021", "1,234.50", "is not a number"), ("31.04.2021", "5", "is not a date"),
         ("03.04.2021", "5 £", "has another currency sign")],
    ),
    "iso": Form(
        'encoding: utf-16\ndelimiter: "\\t"\ndecimal: ","\nthousands: " "\n', "", "€", "\t", "utf-16", "\n",
        [("2021-04-03", f"1{NARROW}234,50", 1234.5),
         ("2021-04-13", f"12{NO_BREAK}345{NO_BREAK}678,90{NO_BREAK}€", 12345678.9),
         ("2021-04-03T00:00:00", "1 234", 1234), ("2021-04-03", "\u22125", -5)],
        [("20210403", "5", "is not a date"), ("2021-04-31", "5", "is not a date"),
         ("2021-04-03", f"1{NARROW}23", "is not a number"),
         ("2021-W14", "5", "is not a date")],
    ),
    "swiss": Form(
        'delimiter: ";"\nthousands: "\'"\n', "", "[CHF, Fr.]", ";", "utf-8", "\n",
        [("2021-04-03", "1'234.50", 1234.5), ("2021-04-03", "12’345’678.90", 12345678.9),
         ("2021-04-03", "CHF 1'234.50", 1234.5), ("2021-04-03", "Fr. 5", 5)],
        [("2021-04-03", "1'23.50", "is not a number"), ("2021-04-03", "1'234.-", "is not a number")],
    ),
}  # fmt: skip
HR = """\
key: id
unit: trust
period: hired
columns:
  id: {{}}
  trust: {{}}
  hired: {{type: date{day}}}
  pay: {{type: decimal, scale: 2, symbol: {symbol}}}
rejects: {{at_most: 100%}}
"""
KPI = """\
  {name}:
    name: Pay ({name})
    definition: Pay of those hired in the month, in the currency of the file.
    owner: Registrar
    value: {name}
    measured_in: currency
    direction: lower
    scored: false
"""


def test_one_hr_file_in_five_national_forms_is_worth_the_same_everywhere(tmp_path: Path, scorepack: Command) -> None:
    register = Register(tmp_path / "register", scorepack)
    names = list(FORMS)
    measures = "".join(f"  {name}: {{source: {name}, value: SUM(pay)}}\n" for name in names)
    strategy = (
        "scorecards:\n  main:\n    name: Pay\n    objectives:\n"
        f"      pay: {{name: Pay, perspective: customer, kpis: [{', '.join(names)}]}}\n"
    )
    files = {
        "kpis/all.yaml": f"measures:\n{measures}kpis:\n{''.join(KPI.format(name=name) for name in names)}",
        "strategy.yaml": strategy,
    }
    written: dict[str, list[str]] = {}
    for name, form in FORMS.items():
        contract = f"path: hr_{name}.csv\n{form.keys}{HR.format(day=form.day, symbol=form.symbol)}"
        register.declare(contract, name, files)
        fields = [(day, pay) for day, pay, _ in (*form.good, *form.bad)]
        rows = [
            form.delimiter.join((f"P{n}", "north", day, f'"{pay}"' if form.delimiter in pay else pay))
            for n, (day, pay) in enumerate(fields)
        ]
        written[name] = [form.delimiter.join(("id", "trust", "hired", "pay")), *rows]
        register.deliver(f"hr_{name}.csv", (form.end.join(written[name]) + form.end).encode(form.encoding))
    answer = register.run("2021-04", "2021-04")
    assert answer.code == 0, answer.err
    accounts = register.accounts()
    for name, form in FORMS.items():
        account = accounts[f"hr_{name}.csv"]
        assert (account.rows, account.rejected) == (len(form.good) + len(form.bad), len(form.bad)), name
        for line, (_, _, words) in enumerate(form.bad, start=2 + len(form.good)):
            assert [words in reason for reason in account.reasons[line]] == [True], (name, line, account.reasons[line])
            assert account.raw[line] == [written[name][line - 1]]
        assert register.values(name) == {"2021-04": pytest.approx(sum(worth for *_, worth in form.good))}
    # 04/13/2021 shows that the other order was written too: 03/04 may have been meant as 4 March.
    assert "hired: 1 rejected value, such as '04/13/2021', would be a day if day and month changed places" in (
        register.status()
    )
