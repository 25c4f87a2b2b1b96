"""How text files may be written: quotes, comments, footers, headers of no row or of several, rows without a value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.warehouse.conftest import COLUMNS, HEADER, StageFile, held_only
from warehouse import reading_csv

GOOD = "2024-01-05,north,1\n"
PERSONAL = {**COLUMNS, "id": {"type": "string", "personal": True}}


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch, stage_file: StageFile) -> StageFile:
    """Stage a file; it fails where the file is read record by record, although it is staged by itself."""
    monkeypatch.setattr(reading_csv._File, "read_carefully", held_only(reading_csv._File.read_carefully))
    return stage_file


@pytest.fixture
def carefully(monkeypatch: pytest.MonkeyPatch, stage_file: StageFile) -> StageFile:
    """Stage a file record by record."""
    careful = reading_csv._File.read_carefully
    monkeypatch.setattr(reading_csv._File, "read_quickly", lambda self, body: careful(self))
    return stage_file


@pytest.fixture(params=["quickly", "carefully"])
def either_way(request: pytest.FixtureRequest) -> StageFile:
    found: StageFile = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize("delimiter", [";", "\t", "|", "~", "§", " ", "'"])
def test_any_one_character_may_stand_between_fields(either_way: StageFile, delimiter: str) -> None:
    text = (HEADER + f'1,{GOOD}"a,b",{GOOD}3,x,north,1\n').replace(",", delimiter)
    found = either_way(text, delimiter=delimiter)
    assert (found.ids, found.lines, found.raw) == (
        ["1", f"a{delimiter}b"],
        [4],
        ["3,x,north,1".replace(",", delimiter)],
    )


def test_a_tsv_file_has_tabs_without_a_word(either_way: StageFile) -> None:
    assert either_way((HEADER + f"1,{GOOD}").replace(",", "\t"), path="orders.tsv").ids == ["1"]


def test_another_quote_character_is_kept_to(either_way: StageFile) -> None:
    found = either_way(HEADER + f"'it''s, \"x\"',{GOOD}'two\nlines',{GOOD}", quote="'")
    assert found.ids == ['it\'s, "x"', "two\nlines"]


def test_without_quoting_a_quote_is_a_letter(either_way: StageFile) -> None:
    found = either_way(HEADER + f'"a"x,{GOOD}"b,{GOOD}c",{GOOD}"",x,north,1\n', quote="none")
    assert (found.ids, found.lines, found.raw) == (['"a"x', '"b', 'c"'], [5], ['"",x,north,1'])


def test_a_backslash_escapes_inside_quotes_and_is_a_letter_outside(either_way: StageFile) -> None:
    rows = ['"a\\"b, c"', '"d\\\\"', "e\\f", '"g\\\nh"', '"i\nj"', '"k\\l"']
    found = either_way(HEADER + "".join(f"{row},{GOOD}" for row in rows), escape="backslash")
    assert found.ids == ['a"b, c', "d\\", "e\\f", "g\nh", "i\nj", "kl"]


def test_broken_quotes_with_backslashes_are_rejected_by_themselves(stage_file: StageFile) -> None:
    found = stage_file(HEADER + f'1,{GOOD}"a\\",{GOOD}"b"c,{GOOD}"d"  ,{GOOD} "e",{GOOD}', escape="backslash")
    assert found.ids == ["1", "d", "e"]
    assert list(zip(found.lines, found.reasons, strict=True)) == [
        (3, "the row has a quote that is not closed"),
        (4, "the row has text after a closing quote"),
    ]


def test_comment_lines_are_no_rows_wherever_they_stand(either_way: StageFile) -> None:
    text = f"# made by X\n\n{HEADER}# a, b, c, d\n1,{GOOD} # indented\n2#,{GOOD}3,x,north,1\nTotal,,,4\n# end\n"
    found = either_way(text, comment=["#", "Total"])
    assert (found.ids, found.lines, found.staged.rows) == (["1", "2#"], [8], 3)


def test_a_quoted_value_that_begins_like_a_comment_is_a_row(stage_file: StageFile) -> None:
    assert stage_file(HEADER + f'"#1",{GOOD}# no,{GOOD}2,{GOOD}', comment="#").ids == ["#1", "2"]


def test_a_comment_with_a_quote_swallows_nothing(stage_file: StageFile) -> None:
    found = stage_file(HEADER + f'1,{GOOD}# the, "odd, one, x\n2,{GOOD}3,{GOOD}', comment="#")
    assert found.ids == ["1", "2", "3"]


def test_without_a_declared_comment_such_a_line_is_a_row(either_way: StageFile) -> None:
    assert either_way(HEADER + f"1,{GOOD}#2,{GOOD}").ids == ["1", "#2"]


@pytest.mark.parametrize("footer", [2, "Total|Printed"])
def test_footer_lines_are_passed_over_and_told(either_way: StageFile, footer: int | str) -> None:
    text = HEADER + f'1,{GOOD}Total a,{GOOD}2,x,north,1\n,,"Total",5\n\n,,,\nPrinted on Monday\n\n'
    found = either_way(text, footer=footer)
    assert (found.ids, found.lines) == (["1", "Total a"], [4])
    assert found.staged.notes == ("2 footer lines passed over, the first ',,\"Total\",5'",)


def test_a_pattern_that_no_line_at_the_end_has_cuts_nothing(either_way: StageFile) -> None:
    found = either_way(HEADER + f"Total,{GOOD}2,{GOOD}", footer="Total")
    assert (found.ids, found.staged.notes) == (["Total", "2"], ())


def test_a_footer_is_masked_where_columns_are_personal(stage_file: StageFile) -> None:
    assert stage_file(HEADER + f"1,{GOOD}Anna 7\n", footer=1, columns=PERSONAL).staged.notes == (
        "1 footer line passed over, the first 'xxxx 9'",
    )


def test_a_file_with_fewer_lines_than_its_footer_is_refused(stage_file: StageFile) -> None:
    assert "fewer than the 9 footer lines" in str(stage_file(HEADER + f"1,{GOOD}", footer=9).staged.refused)


def test_a_footer_longer_than_what_is_held_of_the_end_is_cut_where_it_begins(stage_file: StageFile) -> None:
    long = "x" * 30_000
    found = stage_file(HEADER + "".join(f"{i}{long},{GOOD}" for i in range(50)) + "Total\n", footer="Total")
    assert found.staged.rows == 50
    assert found.staged.refused is None


def test_columns_without_a_header_are_found_by_their_place(either_way: StageFile) -> None:
    found = either_way(f"1,{GOOD}2,x,north,1\n", header_rows=0)
    assert (found.ids, found.lines) == (["1"], [2])
    columns = {**COLUMNS, "id": {"header": "3"}, "day": {"type": "date", "header": "1"}}
    columns |= {"unit": {"header": "2"}, "amount": {"type": "decimal", "nullable": True, "header": "5"}}
    found = either_way(
        "note\n" + "2024-01-05,north,7,?,1\n2024-01-05,north,8\n", header_rows=0, skip_rows=1, columns=columns
    )
    assert (found.ids, found.lines, found.staged.extra_columns) == (["7"], [3], ("4",))


def test_a_file_too_narrow_for_its_places_is_refused(stage_file: StageFile) -> None:
    refused = stage_file("1,2024-01-05,north\n", header_rows=0).staged.refused
    assert refused == (
        "orders.csv: the first row has 3 fields, too few for the column 'amount' at place 4. "
        "Check 'delimiter' and 'header_rows' in the contract."
    )


def test_a_header_of_two_rows_is_joined(either_way: StageFile) -> None:
    columns = {
        name: {**column, "header": header}
        for (name, column), header in zip(
            COLUMNS.items(), ["id", "Person day", "Person unit", "Money EUR"], strict=True
        )
    }
    found = either_way(
        ",Person,,Money,\nid,day,unit,EUR,USD\n1,2024-01-05,north,1,2\n2,x,north,1,2\n", header_rows=2, columns=columns
    )
    assert (found.ids, found.lines, found.staged.extra_columns) == (["1"], [4], ("Money USD",))


def test_a_line_end_in_a_header_costs_no_speed(quickly: StageFile) -> None:
    found = quickly('id,day,unit,amount,"more\nof it"\n1,2024-01-05,north,1,z\n2,2024-01-05\n3,x,north,1,z\n')
    assert (found.ids, found.lines, found.staged.extra_columns) == (["1"], [4, 5], ("more\nof it",))


def test_a_delimiter_at_the_end_of_header_and_rows_is_no_column(either_way: StageFile) -> None:
    found = either_way("id,day,unit,amount,\n1,2024-01-05,north,1,\n2,2024-01-05,north,,\n3,x,north,1,\n")
    assert (found.ids, found.lines, found.staged.extra_columns) == (["1", "2"], [4], ())


@pytest.mark.parametrize(
    ("rows", "notes"),
    [
        ("0,1,2024-01-05,north,1\n ,2,2024-01-05,north,1\n2,x,north,1\n3,4,2024-01-05,north,1\n", ("2 cells",)),
        (',"1",2024-01-05,north,1\n\t,2,2024-01-05,north,1\n', ()),
    ],
)
def test_values_in_a_column_without_a_name_are_told(either_way: StageFile, rows: str, notes: tuple[str, ...]) -> None:
    found = either_way("," + HEADER + rows)
    assert found.ids[0] == "1"
    assert found.staged.notes == tuple(f"{cells} in columns without a header not read" for cells in notes)


def test_a_comment_before_the_rows_is_no_value_of_a_column_without_a_name(either_way: StageFile) -> None:
    found = either_way(f",{HEADER}#x,,,,\n7,1,{GOOD}", comment="#")
    assert (found.ids, found.staged.notes) == (["1"], ("1 cell in columns without a header not read",))


def test_a_delimiter_at_the_end_of_the_header_only_is_no_column(either_way: StageFile) -> None:
    assert either_way(f"id,day,unit,amount,\n1,{GOOD}2,{GOOD}").ids == ["1", "2"]


def test_rows_without_any_value_are_counted_not_rejected(either_way: StageFile) -> None:
    found = either_way(HEADER + f'1,{GOOD},,,\n  , ,,\t\n,,\n\n"","",,""\n2,x,north,1\n,,,\n')
    assert (found.ids, found.lines, found.staged.rows) == (["1"], [8], 2)
    assert found.staged.notes == ("5 rows without any value are passed over",)


def test_a_row_with_a_value_in_an_undeclared_column_is_not_without_a_value(either_way: StageFile) -> None:
    found = either_way("id,day,unit,amount,more\n1,2024-01-05,north,1,\n,,,,x\n,,,,\n")
    assert (found.ids, found.lines, found.reasons) == (["1"], [3], ["id: is empty"])
    assert found.staged.notes == ("1 row without any value is passed over",)


def test_sixty_thousand_rows_of_delimiters_cost_nothing(quickly: StageFile) -> None:
    found = quickly(HEADER + f"1,{GOOD}" + ",,,\n" * 60_000 + f"2,{GOOD}3,x,north,1\n")
    assert (found.ids, found.lines, found.staged.rows) == (["1", "2"], [60_004], 3)
    assert found.staged.notes == ("60,000 rows without any value are passed over",)


def test_line_ends_inside_quotes_cost_no_speed(quickly: StageFile) -> None:
    text = HEADER + "".join(f'"{i}\n\n\nx",{GOOD}' for i in range(100)) + f"\n\n,,,\nlast,{GOOD}z,x,north,1\n"
    found = quickly(text)
    assert (found.accepted.height, found.ids[-1], found.lines) == (101, "last", [406])


def test_padded_values_are_trimmed_before_they_are_judged(either_way: StageFile) -> None:
    def wide(text: str) -> str:
        return text.ljust(4_000)

    rows = "".join(f"{wide(str(i))},2024-01-05{' ' * 3990},{wide('north')},{wide('1')}\n" for i in range(300))
    found = either_way(HEADER + rows + f"{wide('x')},{wide('no day')},{wide('north')},1\n")
    assert (found.accepted.height, found.ids[7], found.lines) == (300, "7", [302])
    assert found.reasons == ["day: 'no day' is not a date"]


def utf_16(mark: bytes, order: str) -> Callable[[str], bytes]:
    return lambda text: mark + text.encode(f"utf-16-{order}")


@pytest.mark.parametrize(
    "write",
    [utf_16(b"\xff\xfe", "le"), utf_16(b"\xfe\xff", "be"), utf_16(b"", "le"), utf_16(b"", "be")],
    ids=["little endian, marked", "big endian, marked", "little endian", "big endian"],
)
def test_utf_16_is_read_with_and_without_its_mark(stage_file: StageFile, write: Callable[[str], bytes]) -> None:
    found = stage_file(write(HEADER + f"Müller €,{GOOD}é,x,north,1\n"), encoding="utf-16")
    assert (found.ids, found.lines) == (["Müller €"], [3])


def test_a_byte_order_mark_before_a_quoted_header_is_no_letter(stage_file: StageFile) -> None:
    text = f'\ufeff"id","day",unit,amount\n1,{GOOD}'
    assert stage_file(text).ids == ["1"]
    assert stage_file(text.encode("utf-16-le"), encoding="utf-16-le").ids == ["1"]


@pytest.mark.parametrize(
    ("text", "changes", "amount"),
    [("1.234,5", {"decimal": ",", "thousands": "."}, "1234.50"),
     ("1 234,5", {"decimal": ",", "thousands": " "}, "1234.50"),
     ("1\u202f234.5", {"thousands": " "}, "1234.50"), ("1'234.5", {"thousands": "'"}, "1234.50")],
)  # fmt: skip
def test_numbers_are_read_with_the_declared_signs(
    stage_file: StageFile, text: str, changes: dict[str, Any], amount: str
) -> None:
    found = stage_file(f"id;day;unit;amount\n1;2024-01-05;north;{text}\n", delimiter=";", **changes)
    assert [str(value) for value in found.accepted["amount"]] == [amount]


def test_what_is_personal_is_masked_in_every_dialect(stage_file: StageFile) -> None:
    text = "id|day|unit|amount\n'An|na'|x|north|1\n'Bob\nson'|x|north|1\nCarl|2024\n"
    found = stage_file(text, delimiter="|", quote="'", columns=PERSONAL)
    assert found.raw == ["***|x|north|1", "***|x|north|1", "xxxx|9999"]


def test_a_broken_row_after_quoted_line_ends_and_blank_lines_is_not_taken_for_an_empty_one(
    stage_file: StageFile,
) -> None:
    text = HEADER + f'1,{GOOD}2,2024-01-05,north,"2\n"\n3,{GOOD}\n4,2024-01-05,north\n5,{GOOD}'
    found = stage_file(text)
    assert (found.ids, found.lines, found.raw) == (["1", "2", "3", "5"], [7], ["4,2024-01-05,north"])
    assert found.staged.notes == ()
