"""Plain delimited files: taken whole they hold what they hold record by record."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import example, given
from hypothesis import strategies as st

from warehouse.records import Dialect, Skipped, plain_fields, records

LINES = st.lists(
    st.one_of(st.sampled_from(["a;b", "1;", ";", "", " ; ", "c;d;", '"e;f";g', "h", "#i;j"]), st.text('ab;"\0 \r\t#')),
    max_size=6,
)


@given(LINES, st.booleans(), st.integers(0, 2), st.sampled_from(["", '"']), st.sampled_from([(), ("#",)]))
@example(["head;er", "a;b", "", "c;d"], True, 1, '"', ())
@example(["a;b", "c;d;"], True, 0, '"', ())
@example(["a;b", " ; "], True, 0, '"', ())
def test_a_file_that_is_taken_whole_has_the_fields_of_its_records_and_skips_none(
    lines: list[str], has_end: bool, before: int, quote: str, comment: tuple[str, ...]
) -> None:
    dialect, skipped = Dialect(";", quote, comment=comment, width=2, lines_before=before), Skipped()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "file.csv"
        path.write_text("\n".join(lines) + "\n" * has_end, encoding="utf-8", newline="\n")
        whole, found = plain_fields(path, dialect), list(records(path, dialect, skipped))
    if whole is not None:
        assert [record.fields for record in found] == whole
        assert skipped.empty == 0
        assert not any(record.broken for record in found)


def test_a_plain_file_is_taken_whole(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("h;i\na;b\n\nc;\n", encoding="utf-8", newline="\n")
    assert plain_fields(path, Dialect(";", width=2, lines_before=1)) == [["a", "b"], ["c", ""]]
