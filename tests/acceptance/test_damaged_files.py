"""Text files that were damaged on their way, month by month in one backfill: every line is accounted for."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from scorecards.periods import months_between, parse_period, period_text
from tests.acceptance.conftest import Command
from tests.acceptance.registers import Account, Register

HEADER = "id,trust,day,amount"
CONTRACT = """\
path: register_{period}.csv*
format: csv
key: id
unit: trust
period: day
columns:
  id: {}
  trust: {}
  day: {type: date}
  amount: {type: decimal, scale: 2}
rejects: {at_most: 100%}
"""
DAMAGED = {
    "12.3.4": "is not a number", "1O5": "is not a number", "1,234,5": "is not a number", "-": "is not a number",
    "(45)": "is not a number", "12 %": "has a percent sign: declare percent: true", "£5": "has a currency sign",
    "1 234": "is not a number", "0x10": "is not a number", "NaN": "is not a number", "--5": "is not a number",
    "5-": "is not a number", "99999999999999999999": "has more than 16 digits", "": "is empty", "1e5": "",
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A delivered file and the truth about it.

    ``good`` lines are to be accepted, ``bad`` ones rejected for a reason that has these words; ``told`` are words of a
    note, ``refused`` why the file is refused as a whole. ``skipped`` lines are neither, and told by their number.
    """

    content: str | bytes
    good: int = 0
    bad: dict[int, str] = field(default_factory=dict)
    told: str = ""
    refused: str = ""
    skipped: int = 0
    suffix: str = ""


def rows(month: str, count: int, first: int = 1) -> list[str]:
    return [f"R{n},{('north', 'south')[n % 2]},{month}-{n % 28 + 1:02d},{n}.25" for n in range(first, first + count)]


def text(*lines: str, end: str = "\n") -> str:
    return end.join([HEADER, *lines]) + end


def ghosts_and_damaged_decimals(month: str) -> Case:
    """300 rows, some wrong, above 60,000 ghosts: 50,000 rows of delimiters and blanks, then blank lines."""
    real, bad = rows(month, 300), dict[int, str]()
    for place, (written, words) in enumerate(DAMAGED.items()):
        number = 7 + 11 * place
        real[number] = f'R{number + 1},north,{month}-03,"{written}"'
        if words:
            bad[number + 2] = words
    blanks = (",,,", "  , ,  ,", "   ", "\t,\t,,", '"",,,', "")
    ghosts = [blanks[n % len(blanks)] for n in range(60_000)]
    lines = text(*real, *ghosts, end="\r\n")
    told = "50,000 rows without any value are passed over"
    return Case(lines, good=300 - len(bad), bad=bad, told=told, skipped=60_000)


def a_padded_column(month: str) -> Case:
    pad = " " * 4000
    return Case(
        text(
            *rows(month, 3),
            f"R7{pad},north{pad},{month}-05{pad},{pad}5",
            f"R8,north,{month}-05,x{'y' * 4000}",
            f"R9,north,{month}-05,{pad}z",
        ),
        good=4,
        bad={6: "is not a number", 7: "'z' is not a number"},
    )


def conflicting_duplicates(month: str) -> Case:
    again = [
        f"R1,south,{month}-02,1.25",
        f"R1,south,{month}-02,9.25",
        f" R1 ,south,{month}-02,1.250",
        f"r1,south,{month}-02,1",
    ]
    bad = {5: "repeats an earlier row", 6: "conflicts with an earlier row of the same key", 7: "repeats an earlier row"}
    return Case(text(*rows(month, 3), *again), good=4, bad=bad)


def a_header_in_the_middle(month: str) -> Case:
    return Case(text(*rows(month, 3), HEADER, *rows(month, 3, 10)), good=6, bad={5: "day: 'day' is not a date"})


def nul_bytes(month: str) -> Case:
    broken = [f"R7,nor\0th,{month}-05,5", f"R8\0,north,{month}-05,5", f"R9,north,{month}-05,5\0"]
    return Case(text(*rows(month, 3), *broken), good=3, bad=dict.fromkeys((5, 6, 7), "holds a NUL character"))


def unbalanced_quotes(month: str) -> Case:
    lines = [
        f'"R7,north,{month}-05,5', f"R8,north,{month}-05,5", f'R9,"north,{month}-05,5', f'R10,north,{month}-05,"5',
        f'R11,"no"rth,{month}-05,5', f'"R12"x,north,{month}-05,5', f"R13,north,{month}-05,5",
    ]  # fmt: skip
    bad = dict.fromkeys((5, 7, 8), "a quote that is not closed") | dict.fromkeys((9, 10), "text after a closing quote")
    return Case(text(*rows(month, 3), *lines), good=5, bad=bad)


def a_cut_within_a_row(month: str) -> Case:
    whole = text(*rows(month, 100))
    return Case(
        whole[: whole.index("R80,") + 9],
        good=79,
        bad={81: "fewer than the header's 4"},
        told="the last line has no end: the file may be cut off",
    )


def a_cut_within_the_last_value(month: str) -> Case:
    """Nothing in the row tells that 5.2 was 5.25: that the line has no end is told."""
    return Case(text(*rows(month, 5))[:-2], good=5, told="the last line has no end: the file may be cut off")


def packed_and_cut(month: str) -> Case:
    content = gzip.compress(text(*rows(month, 2000)).encode(), mtime=0)[:-300]
    return Case(content, refused="is damaged and cannot be unpacked", suffix=".gz")


def a_zip_of_two_files(month: str) -> Case:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in ("a.csv", "b.csv"):
            archive.writestr(name, text(*rows(month, 3)))
    return Case(content.getvalue(), refused="the zip archive holds 2 files, where one is wanted", suffix=".zip")


def no_bytes(_: str) -> Case:
    return Case(b"", refused="the file is empty (0 bytes)")


def a_mark_and_nothing_else(_: str) -> Case:
    return Case(b"\xef\xbb\xbf", refused="the file has no header row")


def blank_lines_only(_: str) -> Case:
    return Case("\n  \n\n", refused="the file has no header row")


def a_header_alone(_: str) -> Case:
    return Case(text())


KINDS: list[Callable[[str], Case]] = [
    ghosts_and_damaged_decimals, a_padded_column, conflicting_duplicates, a_header_in_the_middle, nul_bytes,
    unbalanced_quotes, a_cut_within_a_row, a_cut_within_the_last_value, packed_and_cut, a_zip_of_two_files, no_bytes,
    a_mark_and_nothing_else, blank_lines_only, a_header_alone,
]  # fmt: skip


def test_every_line_of_a_damaged_file_is_accepted_rejected_with_its_reason_or_told(
    tmp_path: Path, scorepack: Command
) -> None:
    register = Register(tmp_path / "register", scorepack)
    register.declare(CONTRACT)
    first = parse_period("2021-04")
    months = [period_text(month) for month in months_between(first, parse_period("2022-12"))][: len(KINDS)]
    cases = {month: kind(month) for month, kind in zip(months, KINDS, strict=True)}
    files = {month: f"register_{month}.csv{case.suffix}" for month, case in cases.items()}
    for month, case in cases.items():
        register.deliver(files[month], case.content)
    answer = register.run(months[0], months[-1])
    assert answer.code == 1
    assert (
        f"{sum(bool(case.refused) for case in cases.values())} of {len(months)} months were not computed" in answer.err
    )
    accounts, counted = register.accounts(), register.values("rows")
    assert accounts.keys() == set(files.values())
    for month, case in cases.items():
        account = accounts[files[month]]
        if case.refused:
            assert case.refused in account.refused, month
            assert case.refused in answer.err, month
            assert month not in counted
        else:
            assert not account.refused, (month, account.refused)
            require_that_it_adds_up(case, account)
            assert counted.get(month, 0) == account.accepted == case.good, month


def require_that_it_adds_up(case: Case, account: Account) -> None:
    content = case.content if isinstance(case.content, str) else case.content.decode()
    lines = content.replace("\r\n", "\n").split("\n")
    lines = lines if lines[-1] else lines[:-1]
    assert account.rows == case.good + len(case.bad) == len(lines) - 1 - case.skipped
    assert account.reasons.keys() == case.bad.keys()
    for line, words in case.bad.items():
        assert [words in reason for reason in account.reasons[line]] == [True], (line, account.reasons[line])
        assert account.raw[line] == [lines[line - 1]]


def test_what_is_no_row_and_what_may_be_cut_off_is_told_by_the_run_and_by_status(
    tmp_path: Path, scorepack: Command
) -> None:
    register = Register(tmp_path / "register", scorepack)
    register.declare(CONTRACT)
    kinds = {
        "2021-04": ghosts_and_damaged_decimals,
        "2021-05": a_cut_within_a_row,
        "2021-06": a_cut_within_the_last_value,
    }
    cases = {month: kind(month) for month, kind in kinds.items()}
    for month, case in cases.items():
        register.deliver(f"register_{month}.csv", case.content)
    answer = register.run("2021-04", "2021-06")
    assert answer.code == 0
    for told in (" ".join(answer.out.split()), register.status()):
        for month, case in cases.items():
            assert f"note: register: register_{month}.csv: {case.told}" in told
