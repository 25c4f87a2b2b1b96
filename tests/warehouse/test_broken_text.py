"""Delimited text that is broken, odd, or in another encoding: what is kept, and where rejected rows are found."""

from __future__ import annotations

import random

import pytest

from tests.warehouse.conftest import HEADER, StageFile

GOOD = "2024-01-05,north,1\n"


def test_line_numbers_hold_after_embedded_newlines_blank_lines_and_broken_rows(stage_file: StageFile) -> None:
    found = stage_file(
        HEADER + f'1,{GOOD}"2\nx",{GOOD}\n3,bad,north,2\n4,2024-01-05,west,1\n\n\n5,2024-01-05\n6,2024-01-05\n'
        f'6,2024-01-05\n"7""q\n,z",x,north,1\n8,{GOOD}'
    )
    assert found.ids == ["1", "2\nx", "8"]
    assert list(zip(found.lines, found.rejects["rule"], found.raw, strict=True)) == [
        (6, "type", "3,bad,north,2"),
        (7, "unit", "4,2024-01-05,west,1"),
        (10, "form", "5,2024-01-05"),
        (11, "form", "6,2024-01-05"),
        (12, "form", "6,2024-01-05"),
        (13, "type", '"7""q\n,z",x,north,1'),
    ]


def test_every_line_of_a_random_file_is_found_again(stage_file: StageFile) -> None:
    dice = random.Random(7)
    line, text, expected, good = 2, [HEADER], [], 0
    for number in range(3000):
        kind = dice.choice(["good", "good", "blank", "newline", "type", "few", "many", "stray", "twice"])
        written = {
            "good": f"{number},{GOOD}",
            "blank": "\n",
            "newline": f'"{number}\n""\n",{GOOD}',
            "type": f"{number},2024-02-30,north,1\n",
            "few": f"{number},x\n",
            "many": f"{number},2024-01-05,north,1,1\n",
            "stray": f'{number},"2024-01-05,north,1\n',
            "twice": "1,2\n",
        }[kind]
        good += kind in ("good", "newline")
        if kind in ("type", "few", "many", "stray", "twice"):
            expected.append((line, written.rstrip("\n")))
        text.append(written)
        line += written.count("\n")
    found = stage_file("".join(text))
    assert found.accepted.height == good
    assert list(zip(found.lines, found.raw, strict=True)) == expected


def test_a_few_broken_lines_among_many_rows_are_found_where_they_are(stage_file: StageFile) -> None:
    broken, odd = {7: "7,x", 150_000: "1,2,3,4,5", 150_001: "1,2,3,4,5", 299_999: "a"}, {9: "west", 299_998: "west"}
    lines = [broken.get(i, f"{i},2024-01-05,{odd.get(i, 'north')},1") for i in range(300_000)]
    found = stage_file(HEADER + "\n".join(lines) + "\n")
    assert list(zip(found.lines, found.raw, strict=True)) == [(i + 2, lines[i]) for i in sorted({**broken, **odd})]
    assert found.accepted.height == 300_000 - 6


def test_a_quote_that_never_closes_costs_its_own_line_only(stage_file: StageFile) -> None:
    found = stage_file(HEADER + f'1,{GOOD}2,"2024-01-05,north,1\n3,{GOOD}4,{GOOD}')
    assert (found.ids, found.lines) == (["1", "3", "4"], [3])
    assert found.reasons == ["the row has a quote that is not closed"]


def test_a_stray_quote_does_not_swallow_the_rows_up_to_the_next_one(stage_file: StageFile) -> None:
    found = stage_file(HEADER + f'1,{GOOD}2,"2024-01-05,north,1\n3,"2024-01-05",north,1\n4,{GOOD}')
    assert (found.ids, found.lines, found.raw) == (["1", "3", "4"], [3], ['2,"2024-01-05,north,1'])


def test_what_stands_inside_closed_quotes_is_no_row_of_its_own(stage_file: StageFile) -> None:
    found = stage_file(HEADER + f'1,{GOOD}2,2024-01-05,north,1,"more\n3,2024-01-05,north,9"\n4,{GOOD}')
    assert (found.ids, found.lines) == (["1", "4"], [3])
    assert found.reasons == ["the row has 5 fields, more than the header's 4"]
    assert found.raw == ['2,2024-01-05,north,1,"more\n3,2024-01-05,north,9"']


def test_rows_that_a_missing_quote_makes_a_text_are_told(stage_file: StageFile) -> None:
    swallowed = "".join(f"{i},{GOOD}" for i in range(2, 5))
    found = stage_file(HEADER + f'"1\n{swallowed}5",{GOOD}6,{GOOD}')
    assert found.ids[-1] == "6"
    assert found.staged.notes == (
        "3 lines inside quoted values look like a row: a quote may be missing, and what follows be taken for its text",
    )


def test_a_text_of_several_lines_is_not_taken_for_rows(stage_file: StageFile) -> None:
    found = stage_file(HEADER + f'"one, two\nand, so, on",{GOOD}"x\n\ny",{GOOD}')
    assert (len(found.ids), found.staged.notes) == (2, ())


def test_a_file_cut_in_mid_row_loses_that_row_to_quarantine(stage_file: StageFile) -> None:
    found = stage_file(HEADER + f"1,{GOOD}2,2024-0")
    assert (found.ids, found.lines, found.raw) == (["1"], [3], ["2,2024-0"])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system_give_the_same_rows(stage_file: StageFile, end: str) -> None:
    found = stage_file((HEADER + f"1,{GOOD}\n2,{GOOD}3,x,north,1\n").replace("\n", end))
    assert (found.ids, found.lines, found.raw) == (["1", "2"], [5], ["3,x,north,1"])


def test_a_header_with_a_line_end_of_another_kind_is_told(stage_file: StageFile) -> None:
    found = stage_file(HEADER.replace("\n", "\r") + f"1,{GOOD}2,{GOOD}")
    assert "the header holds a carriage return, and other lines end in line feeds." in str(found.staged.refused)


def test_mixed_line_ends_lose_no_row(stage_file: StageFile) -> None:
    found = stage_file(HEADER + f"1,{GOOD}2,2024-01-05,north,1\r\n\r\n3,x,north,1\r\n4,{GOOD}")
    assert (found.ids, found.lines) == (["1", "2", "4"], [5])


def test_delimiters_and_doubled_quotes_inside_quotes_are_part_of_the_value(stage_file: StageFile) -> None:
    assert stage_file(HEADER + f'"a, ""b""",{GOOD}').ids == ['a, "b"']


def test_a_quote_in_the_middle_of_a_plain_value_is_a_letter(stage_file: StageFile) -> None:
    assert stage_file(HEADER + f'12" pipe,{GOOD}').ids == ['12" pipe']


def test_spaces_round_values_and_headers_do_not_count(stage_file: StageFile) -> None:
    assert stage_file(" id ,day , unit,amount\n 1 , 2024-01-05 ,north , 1 \n").ids == ["1"]


def test_a_block_of_nul_is_a_broken_row_and_no_other_encoding(stage_file: StageFile) -> None:
    found = stage_file(HEADER + f"1,{GOOD}" + "\0" * 3000 + f"\n2,{GOOD}")
    assert (found.ids, found.lines, found.reasons) == (["1", "2"], [3], ["the row holds a NUL character"])


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_text_without_a_mark_is_told(stage_file: StageFile, encoding: str) -> None:
    found = stage_file((HEADER + f"1,{GOOD}").encode(encoding))
    assert "looks like utf-16 text" in str(found.staged.refused)


def test_a_nul_and_an_endless_line_are_rejected_alone(stage_file: StageFile) -> None:
    found = stage_file(HEADER + f"1,{GOOD}2\0,{GOOD}3,2024-01-05,north,{'9' * 5_000_000}\n4,{GOOD}")
    assert (found.ids, found.lines) == (["1", "4"], [3, 4])
    assert found.reasons == [
        "the row holds a NUL character",
        "the row is too long to be a row (5,000,019 characters)",
    ]
    assert len(found.raw[1]) < 300


def test_a_delimiter_at_the_end_of_rows_is_no_further_field(stage_file: StageFile) -> None:
    found = stage_file(HEADER + "1,2024-01-05,north,1,\n2,2024-01-05,north\n3,2024-01-05,north,1,\n")
    assert (found.ids, found.lines) == (["1", "3"], [3])


def test_a_file_of_one_column_skips_blank_lines(stage_file: StageFile) -> None:
    columns = {"id": {"type": "integer"}}
    found = stage_file("id\n1\n\nx\n\n2\n", columns=columns, unit={"always": "north"}, period="none")
    assert (found.ids, found.lines, found.staged.rows) == ([1, 2], [4], 3)


def test_lines_above_the_header_count_as_lines(stage_file: StageFile) -> None:
    found = stage_file('A "note\n\n\n' + HEADER + f"1,{GOOD}2,x,north,1\n", skip_rows=2)
    assert (found.ids, found.lines) == (["1"], [6])


def test_a_header_over_two_lines_shifts_the_rows(stage_file: StageFile) -> None:
    found = stage_file('id,day,unit,"amount\n",more\n1,2024-01-05,north,1,z\n2,x,north,1,z\n')
    assert (found.ids, found.lines, found.staged.extra_columns) == (["1"], [4], ("more",))


def test_a_header_alone_is_a_month_without_rows(stage_file: StageFile) -> None:
    found = stage_file(HEADER)
    assert (found.staged.rows, found.staged.refused, found.accepted.height) == (0, None, 0)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty (0 bytes)"),
        (b"\n\n\n", "no header row"),
        (b"id;day;unit;amount\n1;2024-01-05;north;1\n", "separated by ';': correct 'delimiter'"),
        (b"id,day,unit,amout\n", "'amount' is missing from the header. Did you mean 'amout'?"),
        (b"id,day,unit,amount,amount\n", "names 'amount' twice"),
        ((HEADER + GOOD).encode("utf-16"), "Declare encoding: utf-16"),
        ((HEADER + "Müller," + GOOD).encode("cp1252"), "line 2 holds the byte 0xfc, which is not utf-8"),
        (b"PK\x03\x04 and so on", "a workbook or a zip archive, not text"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_a_way_out(
    stage_file: StageFile, content: bytes, words: str
) -> None:
    found = stage_file(content)
    assert found.staged.refused
    assert words in found.staged.refused
    assert found.staged.refused.startswith("orders.csv: ")
    assert found.staged.rows == 0


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-16-le", "utf-8-sig", "latin-1"])
def test_declared_encodings_keep_every_letter(stage_file: StageFile, encoding: str) -> None:
    declared = "utf-8" if encoding == "utf-8-sig" else encoding
    found = stage_file((HEADER + f"Müller,{GOOD}é,x,north,1\n").encode(encoding), encoding=declared)
    assert (found.ids, found.raw, found.lines) == (["Müller"], ["é,x,north,1"], [3])


def test_utf_8_declared_as_cp1252_is_refused_instead_of_garbled(stage_file: StageFile) -> None:
    refused = stage_file(HEADER + f"Müller,{GOOD}", encoding="cp1252").staged.refused
    assert refused == "orders.csv: the file is utf-8 text, not cp1252. Declare encoding: utf-8 in the contract."


def test_half_a_character_is_told(stage_file: StageFile) -> None:
    cut = (HEADER + f"1,{GOOD}").encode("utf-16")[:-1]
    assert "in the middle of a character" in str(stage_file(cut, encoding="utf-16").staged.refused)


def test_a_new_column_is_noted_and_its_place_does_not_matter(stage_file: StageFile) -> None:
    found = stage_file("unit,new,id,amount,day\nnorth,?,1,2,2024-01-05\n")
    assert (found.ids, found.staged.extra_columns, found.staged.refused) == (["1"], ("new",), None)
