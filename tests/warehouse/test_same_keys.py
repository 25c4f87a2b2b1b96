"""Whether rows of a file share a key is told from one number a row, in whatever order they stand."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecards.sources import Source
from tests.warehouse.conftest import contract
from warehouse.checking import any_same, sign_of

whole = st.integers(-(2**63), 2**63 - 1)


@given(st.lists(whole | st.integers(0, 9)), st.booleans())
def test_any_same_tells_what_a_set_tells(numbers: list[int], in_order: bool) -> None:
    signs = sorted(numbers) if in_order else numbers
    assert any_same(pl.Series(signs, dtype=pl.Int64)) == (len(set(signs)) < len(signs))


@pytest.mark.parametrize("signs", [[None, None], [1, None], [2**53, None, 2**53 + 1]])
def test_what_is_empty_may_be_the_same(signs: list[int | None]) -> None:
    assert any_same(pl.Series(signs, dtype=pl.Int64))


@pytest.mark.parametrize(
    ("key", "sign"), [(["id"], 'hash("id")'), (["amount"], '"amount"'), (["id", "day"], 'hash("id", "day")')]
)
def test_a_whole_number_is_its_own_sign(key: list[str], sign: str) -> None:
    source: Source = contract(
        key=key, columns={"id": {}, "day": {"type": "date"}, "amount": {"type": "integer"}, "unit": {}}
    )
    assert sign_of(source, source.key) == sign
