"""JSON arrays, nested objects, and the lines on which rejected objects begin."""

from __future__ import annotations

import json
import random
from decimal import Decimal
from typing import Any

import pytest

from scorecards.sources import Source
from tests.warehouse.conftest import COLUMNS, StageFile, held_only
from warehouse import reading_jsonl

JSON: dict[str, Any] = {"path": "orders.json"}
GOOD = '{"id": "1", "day": "2024-01-05", "unit": "north", "amount": 1234567890123456.78}'
NESTED = {
    **COLUMNS,
    "unit": {"type": "string", "header": "place.unit"},
    "amount": {"type": "decimal", "scale": 2, "nullable": True, "header": "money.net.eur"},
}
PERSONAL = {**COLUMNS, "id": {"type": "string", "personal": True}}


def test_an_array_of_objects_is_read_and_bad_ones_found_on_their_line(stage_file: StageFile) -> None:
    text = f"""[
      {GOOD},
      {{"id": 2,
        "day": "x", "unit": "north"}},
      7, {{"id": "3", "id": "4", "day": "2024-01-05", "unit": "north"}},
      {{"id": "5", "day": "2024-01-05", "unit": "north", "amount": NaN}},
      {{"id": "6", "day": "2024-01-05", "unit": ["north"]}},
      {{"id": "7", "day": "2024-01-05", "unit": "north", "more": {{}}}}]"""
    found = stage_file(text, **JSON)
    assert found.accepted.select("id", "amount").rows() == [("1", Decimal("1234567890123456.78")), ("7", None)]
    assert list(zip(found.lines, found.reasons, strict=True)) == [
        (3, "day: 'x' is not a date"),
        (5, "the row is not a JSON object"),
        (5, "the row names the key 'id' twice"),
        (6, "the row holds NaN, which is not JSON"),
        (7, "the row has a nested value in 'unit', where one value is wanted"),
    ]
    assert found.rejects["record"].to_list() == [2, 3, 4, 5, 6]
    assert found.raw[0] == '{"id": 2,\n        "day": "x", "unit": "north"}'
    assert found.staged.extra_columns == ("more",)


def test_records_of_an_array_on_one_line_are_told_by_their_number(stage_file: StageFile) -> None:
    rows = [GOOD, GOOD.replace('"1"', '"2"').replace("north", "west"), "7", GOOD.replace('"1"', '"3"')]
    found = stage_file(f"[{','.join(rows)}]", **JSON)
    assert found.ids == ["1", "3"]
    assert found.rejects.select("line", "record", "rule").rows() == [(1, 2, "unit"), (1, 3, "form")]
    refused = stage_file(f"[{','.join(rows)}]", **JSON, rejects={"at_most": 0}).staged.refused
    assert refused
    assert "First: record 2, line 1: unit: 'west'" in refused


def test_the_array_may_lie_at_a_declared_path(stage_file: StageFile) -> None:
    text = f'{{"meta": {{"items": [1]}},\n "data": {{"total": 1, "items": [\n{GOOD}]}}, "next": null}}'
    found = stage_file(text, records="data.items", **JSON)
    assert (found.ids, found.staged.refused) == (["1"], None)


@pytest.mark.parametrize("path", ["orders.json", "orders.jsonl"])
def test_nested_fields_are_named_with_points(stage_file: StageFile, path: str) -> None:
    rows = [
        '{"id":"1","day":"2024-01-05","place":{"unit":"north"},"money":{"net":{"eur":1.5}}}',
        '{"id":"2","day":"2024-01-05","place.unit":"south","money":null}',
        '{"id":"3","day":"2024-01-05","place":{"unit":"west"},"other":1}',
        '{"id":"4","day":"2024-01-05","place":"north"}',
    ]
    found = stage_file(
        "[" + ",\n".join(rows) + "]" if path == "orders.json" else "\n".join(rows), path=path, columns=NESTED
    )
    assert found.accepted.select("id", "unit", "amount").rows() == [
        ("1", "north", Decimal("1.50")),
        ("2", "south", None),
    ]
    assert list(zip(found.lines, found.reasons, strict=True)) == [
        (3, "unit: 'west' is not a declared unit"),
        (4, "the row has no object above 'unit' of 'place.unit'"),
    ]
    assert found.staged.extra_columns == ("other",)


@pytest.mark.parametrize(
    ("text", "records", "words"),
    [
        (GOOD, None, "the file holds no JSON array. Declare with 'records' where the array of rows lies."),
        ("[]", None, "the array holds no object."),
        ("[1]", None, "no element of the array can be used. First: record 1, line 1, is not a JSON object."),
        ('{"data": {}}', "data", "'data' is no JSON array."),
        ('{"date": []}', "data", "the JSON has no 'data'. Did you mean 'date'?"),
        ('{"data": [], "data": []}', "data", "the key 'data' comes twice."),
        ("[]", "data", "there is no 'data', for the file is no JSON object."),
        (f"[{GOOD},\n{GOOD[:-9]}", None, "the file is not JSON from line 2 on: expecting"),
        (f"[{GOOD}\n{GOOD}]", None, "the file is not JSON from line 2 on: expecting ','."),
        (f"[{GOOD}]\n]", None, "the file is not JSON from line 2 on: there is more after its end."),
        (f"[{GOOD},]", None, "the file is not JSON from line 1 on: expecting value."),
        (f"[{GOOD}, {'[' * 100_000}", None, "nested too deeply"),
        (f'{{"data": [{GOOD}]', "data", "the file is not JSON from line 1 on: expecting ','."),
        ("id,day\n1,2\n", None, "the file holds no JSON array."),
        (f"[{GOOD.replace('day', 'dai')}]", None, "the column 'day' is missing from the header. Did you mean 'dai'?"),
    ],
)  # fmt: skip
def test_json_of_another_shape_is_refused(stage_file: StageFile, text: str, records: str | None, words: str) -> None:
    assert words in str(stage_file(text, records=records, **JSON).staged.refused)


def test_personal_values_are_masked_in_objects_of_an_array(stage_file: StageFile) -> None:
    text = '[{"id": "E77", "day": null, "unit": "north", "who": {"name": "Anna"}},\n {"id": ["E77"], "day": 1}]'
    found = stage_file(text, columns=PERSONAL, **JSON)
    assert (
        found.raw
        == [
            '{"id": "***", "day": null, "unit": "north", "who": "***"}',
            '{"xx": ["x99"], "xxx": 9}',
        ]
        or found.lines == []
    )


LINE = '{"id":"1","day":"2024-01-05","unit":"north","amount":1}'


@pytest.mark.parametrize("seed", range(4))
def test_plain_lines_are_read_by_the_engine_as_they_are_object_by_object(
    stage_file: StageFile, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    dice = random.Random(seed)
    columns = {**NESTED, "flag": {"type": "boolean", "nullable": True}, "note": {"type": "string", "nullable": True},
               "many": {"type": "integer", "nullable": True}, "rate": {"type": "float", "nullable": True}}  # fmt: skip
    texts = ["", " x ", 'a "quote"', "back\\slash", "é € 😀", "line\nend", "\u00a0", "1.5", "{}", "null", "a]"]
    lines = []
    for number in range(2_000):
        row: dict[str, Any] = {"id": str(number), "day": dice.choice(["2024-01-05", "x", None, 20240105])}
        row["place"] = dice.choice([{"unit": "north"}, {"unit": "west", "x": [1]}, {}, None])
        row["money"] = {"net": {"eur": dice.choice([1, -2.25, 0.1, 1e-7, 123456789.125, "1.5", "1,5", None])}}
        row["flag"] = dice.choice([True, False, None, "yes"])
        row["many"] = dice.choice([1, -7, 2**49 + 1, "12", None])
        row["rate"] = dice.choice([0.1, 3, 1e300, -0.0, "1.25", None])
        row |= {key: dice.choice(texts) for key in ("note", "more") if dice.random() < 0.7}
        for key in [key for key in row if key != "id" and dice.random() < 0.05]:
            del row[key]
        lines.append(json.dumps(row, ensure_ascii=dice.random() < 0.5))
        lines += [""] * (dice.random() < 0.02)
    changes = {"path": "orders.jsonl", "columns": columns}
    with monkeypatch.context() as patched:
        patched.setattr(reading_jsonl, "read_carefully", held_only(reading_jsonl.read_carefully))
        quick = stage_file("\n".join(lines), **changes)
    monkeypatch.setattr(reading_jsonl, "read_plain_jsonl", lambda *_: None)
    careful = stage_file("\n".join(lines), **changes)
    assert 30 < quick.accepted.height < 1_900
    assert quick.rejects.rows() == careful.rejects.rows()
    assert quick.accepted.equals(careful.accepted)
    assert set(quick.staged.extra_columns) == set(careful.staged.extra_columns) == {"more"}


@pytest.mark.parametrize(
    "odd",
    [
        LINE[:-1], LINE[:-1] + ",}", LINE + LINE, LINE.replace(':1}', ":NaN}"), LINE.replace(':1}', ":-Infinity}"),
        LINE.replace('"id":"1"', '"id":"1","id":"2"'), LINE.replace('"id":"1"', '"id":1.10'), "[1]", "  ",
        LINE.replace(":1}", ":1234567890123456.78}"), LINE.replace('"north"', '["north"]'), LINE.replace("1", "\0", 1),
    ],
)  # fmt: skip
def test_a_line_that_is_not_plain_is_judged_object_by_object(
    stage_file: StageFile, monkeypatch: pytest.MonkeyPatch, odd: str
) -> None:
    seen = []
    careful = reading_jsonl.read_carefully

    def note(connection: Any, text: Any, source: Source, *, held: bool = False) -> Any:
        seen.extend([1] * (not held))
        return careful(connection, text, source, held=held)

    monkeypatch.setattr(reading_jsonl, "read_carefully", note)
    stage_file("\n".join([LINE, odd, LINE]), path="orders.jsonl")
    assert seen == [1]
