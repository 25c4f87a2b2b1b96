import re
from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from report_templates.reasons import reason_words
from report_templates.terminal import scorecard_table, scorecard_text
from tests.reports.pack_factory import company_pack, empty_pack, hostile_pack, person_pack
from transforms.pack import Pack


def printed(pack: Pack, *, colours: bool = False) -> str:
    out = StringIO()
    Console(file=out, width=80, force_terminal=colours, color_system="standard" if colours else None).print(
        scorecard_table(pack)
    )
    return out.getvalue()


def with_first_kpi(**changes: object) -> Pack:
    pack = company_pack()
    page = pack.perspectives[0]
    first = replace(page.kpis[0], **changes)  # type: ignore[arg-type]
    return replace(pack, perspectives=(replace(page, kpis=(first, *page.kpis[1:])), *pack.perspectives[1:]))


@pytest.mark.parametrize(
    "pack", [company_pack(), person_pack(), empty_pack(), hostile_pack()], ids=["company", "person", "empty", "hostile"]
)
def test_it_fits_eighty_columns(pack: Pack) -> None:
    assert max(len(line) for line in printed(pack).splitlines()) <= 80
    table = scorecard_text(pack).split("\n\n")[1]
    assert max(len(line) for line in table.splitlines()) <= 80


def test_every_kpi_stands_with_its_numbers_and_its_sign() -> None:
    for text in (printed(company_pack()), scorecard_text(company_pack())):
        line = next(row for row in text.splitlines() if row.startswith("  Delivered on time"))
        assert [word for word in ("88.4 %", "95.0", "−6.6", "■  40") if word not in line] == []
        assert sum(row.startswith("  ") and not row.startswith("    ") for row in text.splitlines()) == 24


def test_a_missing_value_has_no_unit_and_a_unit_in_words_has_its_own_line() -> None:
    pack = company_pack()
    page = pack.perspectives[0]
    kpis = (
        replace(page.kpis[0], value=None, score=None, band=None, missing_reason="no_data"),
        replace(page.kpis[1], measured_in="per 1,000 purchases"),
        *page.kpis[2:],
    )
    lines = scorecard_text(replace(pack, perspectives=(replace(page, kpis=kpis), *pack.perspectives[1:]))).splitlines()
    assert re.match(r"  Revenue +– +44\.0 ", next(row for row in lines if row.startswith("  Revenue ")))
    growth = next(i for i, row in enumerate(lines) if row.startswith("  Revenue growth on last year"))
    assert lines[growth + 1] == "    per 1,000 purchases"


def test_a_pipe_gets_no_control_codes_even_from_hostile_names() -> None:
    pack = replace(company_pack(), unit_name="\x1b[31mred\x07")
    assert "\x1b" not in scorecard_text(pack)
    assert "\x07" not in printed(pack)
    assert "\x1b" in printed(company_pack(), colours=True)


def test_markup_of_the_terminal_library_in_a_name_is_only_text() -> None:
    pack = company_pack()
    page = pack.perspectives[0]
    kpis = (replace(page.kpis[0], name="[bold red]Revenue[/]"), *page.kpis[1:])
    assert "[bold red]Revenue[/]" in printed(
        replace(pack, perspectives=(replace(page, kpis=kpis), *pack.perspectives[1:]))
    )


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("no_data", "No value: no data was delivered."),
        ("window_incomplete", "No value: months of its window are missing."),
    ],
)
def test_a_missing_value_says_why_in_the_line_below(reason: str, words: str) -> None:
    pack = with_first_kpi(value=None, score=None, band=None, missing_reason=reason)
    for text in (printed(pack), scorecard_text(pack)):
        lines = [line.rstrip() for line in text.splitlines()]
        revenue = next(i for i, line in enumerate(lines) if line.startswith("  Revenue "))
        assert lines[revenue + 1] == f"    {words}"
        assert lines[revenue + 2].startswith("  Revenue growth")


def test_a_long_reason_is_broken_within_eighty_columns() -> None:
    pack = with_first_kpi(score=None, band=None, missing_reason="no_logarithm")
    for text in (printed(pack), scorecard_text(pack)):
        lines = [line.rstrip() for line in text.split("\n\n")[1].splitlines()]
        said = next(i for i, line in enumerate(lines) if line.startswith("    No score: its scale is logarithmic"))
        assert lines[said + 1] == "    less."
        assert max(map(len, lines)) <= 80


def test_a_perspective_without_a_score_says_why() -> None:
    text = scorecard_text(empty_pack())
    reason = reason_words(empty_pack().node.missing_reason, "en_GB")
    assert f"no score: {reason}" in text.splitlines()[2]
