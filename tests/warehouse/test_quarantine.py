"""What quarantine keeps of files with more rejected rows than anybody looks through."""

from __future__ import annotations

import pytest

from tests.warehouse.conftest import StageFile
from warehouse import quarantine

ROWS = (
    "id,day,unit,amount\n1,2024-01-05,north,1\n1,2024-01-05,north,1\n2,2024-01-05,north,x\n3,2024-01-05,north,1\n"
    "3,2024-01-05,north,1\n4,2024-01-05,north,y\n"
)


@pytest.mark.parametrize(
    ("at_most", "kept", "words"), [(3, [3, 4], "4 of 6 rows are rejected"), (4, [3, 4, 6, 7], None)]
)
def test_many_rejected_rows_are_kept_of_a_file_that_is_accepted_and_the_first_of_one_that_is_refused(
    stage_file: StageFile, monkeypatch: pytest.MonkeyPatch, at_most: int, kept: list[int], words: str | None
) -> None:
    monkeypatch.setattr(quarantine, "MOST_OF_A_REFUSED", 2)
    monkeypatch.setattr(quarantine, "_PIECE", 1)
    found = stage_file(ROWS, rejects={"at_most": at_most})
    assert found.lines == kept
    assert (found.staged.rows, found.staged.rejected) == (6, 4)
    assert found.staged.reasons == {"duplicate: id: repeats an earlier row": 2, "type: amount: … is not a number": 2}
    told = found.staged.refused or ""
    assert (words or "") in told
    assert ("Quarantine keeps the first 2." in told) is (words is not None)
