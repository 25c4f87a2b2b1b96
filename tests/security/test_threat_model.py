"""The threat model tells the truth about itself: the tests that it names exist, and so do its bounds."""

from __future__ import annotations

import re
from pathlib import Path

from report_templates.bounded_svg import MOST_ELEMENTS
from scorecards.expressions import MOST_LETTERS
from scorecards.pack_images import MOST_PIXELS
from scorecards.yaml_reader import MOST_BYTES as MOST_YAML
from tests.security.bounded import COSTS, GIB, KINDS
from tests.security.bounded import SECONDS as SECONDS_OF_A_PROCESS
from warehouse.confining import MEMORY_GIB, THREADS
from warehouse.headers import MOST_COLUMNS
from warehouse.parquet_bounds import FREE_BYTES as MOST_PARQUET
from warehouse.quarantine import MOST_OF_A_REFUSED
from warehouse.reading_json import MOST_BYTES as MOST_JSON
from warehouse.records import LONGEST_LINE, MOST_BROKEN
from warehouse.text_files import MOST_BYTES_OF_A_LINE
from warehouse.unpacking import FREE_BYTES, MOST_BYTES, MOST_TIMES, MOST_WORKBOOK_BYTES
from warehouse.workbook_errors import MOST_CELLS
from warehouse.workbook_process import MEMORY_GIB as READER_GIB
from warehouse.workbook_process import SECONDS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")


def test_every_test_that_the_page_names_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE)
    assert len(named) > 25
    missing = [
        f"{file}::{test}"
        for file, test in named
        if not (ROOT / file).is_file() or (test and f"def {test}(" not in (ROOT / file).read_text(encoding="utf-8"))
    ]
    assert missing == []


def test_every_module_of_hostile_things_is_on_the_page() -> None:
    modules = {path.name for path in Path(__file__).parent.glob("test_*.py")} - {Path(__file__).name}
    assert {name for name in modules if f"tests/security/{name}" not in PAGE} == set()


def test_the_bounds_on_the_page_are_those_of_the_code() -> None:
    for bound in (
        f"{MEMORY_GIB} GiB, or four fifths of a smaller machine; {THREADS} threads",
        f"{MOST_BYTES >> 30} GiB unpacked; beyond {FREE_BYTES >> 20} MiB, {MOST_TIMES} times its size",
        f"{MOST_WORKBOOK_BYTES >> 30} GiB unpacked, {MOST_CELLS // 1_000_000} million cells; "
        f"{READER_GIB} GiB of memory and {SECONDS // 60} minutes",
        f"different keys | {MOST_COLUMNS:,} |",
        f"{LONGEST_LINE:,} characters | a rejected row; beyond {MOST_BYTES_OF_A_LINE >> 20} MiB",
        f"{MOST_BROKEN:,}; 5,000 with an open quote",
        f"the first {MOST_OF_A_REFUSED:,} are kept",
        f"{MOST_BYTES >> 30} GiB of values written out; beyond {MOST_PARQUET >> 20} MiB, {MOST_TIMES} times its size",
        f"{MOST_JSON >> 20} MiB; {LONGEST_LINE:,} characters a value",
        f"{MOST_YAML >> 20} MiB, 200,000 values, 40 levels",
        f"{MOST_LETTERS:,} characters | an error",
        f"{MOST_ELEMENTS:,} elements, each as often",
        f"| {MOST_PIXELS // 1_000_000} million pixels |",
    ):
        assert bound in PAGE, bound


def test_the_page_states_what_a_refusal_of_each_kind_of_file_costs_below_what_a_process_may_take() -> None:
    assert set(COSTS) == {*KINDS.values(), "a first contract", "declarations", "image"}
    assert all(0 < cost.gib <= GIB and 0 < cost.seconds <= SECONDS_OF_A_PROCESS for cost in COSTS.values())
