"""Personal columns as they are staged: hashed with a key, dropped, or as they are."""

from __future__ import annotations

import hashlib
import hmac

import duckdb
import pytest

from tests.warehouse.conftest import COLUMNS, HEADER, StageFile
from warehouse.hashing import HashKey, hash_sql

KEY = HashKey(b"k" * 32)


def test_the_hash_is_hmac_sha_256_as_others_compute_it() -> None:
    # RFC 4231, test cases 2 (a short key) and 6 (one longer than a block).
    short, long = HashKey(b"Jefe"), HashKey(b"\xaa" * 131)
    assert short.of("what do ya want for nothing?") == "5bdcc146bf60754e6a042426089575c7"
    text = "Test Using Larger Than Block-Size Key - Hash Key First"
    assert long.of(text) == "60e431591ee0b67f0d8a26aacbf5b77f"
    for key, value in ((short, "what do ya want for nothing?"), (long, text), (KEY, "Zoë\n😀"), (KEY, "")):
        connection = duckdb.connect()
        key.hand_to(connection)
        connection.execute("CREATE TABLE t AS SELECT ?::VARCHAR AS v UNION ALL SELECT NULL ORDER BY v", [value])
        found = connection.execute(f"SELECT {hash_sql('v')} FROM t, _pads").fetchall()
        assert found == [(hmac.new(key.secret, value.encode(), hashlib.sha256).hexdigest()[:32],), (None,)]


def test_a_hashed_column_is_checked_as_it_came_and_staged_as_its_hash(stage_file: StageFile) -> None:
    columns = {**COLUMNS, "id": {"type": "integer", "personal": True, "staged": "hashed", "minimum": 10}}
    rows = "12,2024-01-01,north,1\n 012 ,2024-01-02,north,1\n9,2024-01-03,north,1\n13,2024-01-04,south,1\n"
    found = stage_file(HEADER + rows, columns=columns, hash_key=KEY)
    assert found.ids == [KEY.of("12"), KEY.of("13")]
    assert found.reasons == ["id: conflicts with an earlier row of the same key", "id: the value is below 10"]


def test_a_dropped_column_is_checked_and_then_not_staged(stage_file: StageFile) -> None:
    columns = {**COLUMNS, "amount": {**COLUMNS["amount"], "personal": True, "staged": "dropped"}}
    found = stage_file(HEADER + "a,2024-01-01,north,1\nb,2024-01-02,north,x\n", columns=columns)
    assert found.accepted.columns == ["id", "day", "unit", "_unit", "_period", "_row"]
    assert (found.ids, found.lines) == (["a"], [3])


def test_the_key_is_in_no_text_of_it(stage_file: StageFile) -> None:
    assert "kkkk" not in repr(KEY) + str(KEY) + KEY.mark
    connection = duckdb.connect()
    KEY.hand_to(connection)
    with pytest.raises(duckdb.Error) as raised:
        connection.execute(f"SELECT {hash_sql('nothing')} FROM _pads").fetchall()
    assert "kkkk" not in str(raised.value)
    assert bytes(byte ^ 0x36 for byte in KEY.secret).decode() not in str(raised.value)


def test_rows_that_are_taken_for_a_header_are_not_shown_where_columns_are_personal(stage_file: StageFile) -> None:
    columns = {**COLUMNS, "id": {"type": "string", "personal": True}}
    found = stage_file("Anna Schmidt,2024-01-01,north,1\nBea,2024-01-01,north,1\n", columns=columns)
    assert found.staged.refused is not None
    assert "none of the columns 'id', 'day', 'unit', 'amount' is in the header" in found.staged.refused
    assert "Anna" not in found.staged.refused
    found = stage_file("ids,day,unit,amount\nBea,2024-01-01,north,1\n", columns=columns)
    assert "Did you mean 'ids'?" in str(found.staged.refused)
