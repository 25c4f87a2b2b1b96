from dataclasses import replace

from report_templates.history import months_shown
from report_templates.look import OURS
from report_templates.page_plan import LEAST_CHART, MOST_CHART, plan_pages
from report_templates.text_fit import fitted, line_count, text_width
from tests.reports.pack_factory import company_pack, empty_pack, large_pack, person_pack

PAGE = OURS.page


def test_perspectives_with_few_kpis_share_a_page() -> None:
    assert [p.starts_page for p in plan_pages(person_pack(), PAGE)] == [True, False]


def test_perspectives_with_many_kpis_have_their_own_page() -> None:
    assert all(p.starts_page for p in plan_pages(company_pack(), PAGE))


def test_charts_stay_readable_and_never_fill_a_page_alone() -> None:
    for pack in (company_pack(), person_pack(), large_pack()):
        assert all(LEAST_CHART <= p.grid.chart_height <= MOST_CHART for p in plan_pages(pack, PAGE))


def test_few_charts_grow_wider_than_many() -> None:
    few, many = plan_pages(person_pack(), PAGE)[0].grid, plan_pages(large_pack(), PAGE)[0].grid
    assert few.chart_width > many.chart_width
    assert (few.columns, many.columns) == (2, 4)


def test_kpis_without_any_value_get_no_chart() -> None:
    assert all(p.grid.columns == 1 for p in plan_pages(empty_pack(), PAGE))


def test_many_kpis_without_any_value_take_a_page_and_no_charts() -> None:
    pack = large_pack()
    unknown = tuple(
        replace(page, kpis=tuple(replace(line, value=None, history=()) for line in page.kpis))
        for page in pack.perspectives
    )
    placements = plan_pages(replace(pack, perspectives=unknown), PAGE)
    assert [p.starts_page for p in placements] == [True] * 4
    assert not any(p.charts_start_page for p in placements)


def test_a_fitted_name_fits_and_says_that_it_was_cut() -> None:
    name = "Revenue from products under two years old"
    cut = fitted(name, 30.0, 2.7)
    assert cut.endswith("…")
    assert text_width(cut, 2.7) <= 30.0
    assert fitted("Revenue", 30.0, 2.7) == "Revenue"


def test_words_and_overlong_words_are_broken_into_lines() -> None:
    assert line_count("one two", 100.0, 3.0) == 1
    assert line_count("Chief Financial Officer", 15.6, 2.65) == 3
    assert line_count("x" * 100, 15.0, 3.0) >= 10


def test_a_table_and_its_charts_share_one_page() -> None:
    assert not any(p.charts_start_page for p in plan_pages(company_pack(), PAGE))


def test_a_perspective_without_a_kpi_takes_no_place() -> None:
    pack = company_pack()
    without = replace(pack, perspectives=(replace(pack.perspectives[0], kpis=()), *pack.perspectives[1:]))
    assert len(plan_pages(without, PAGE)) == 3


def test_charts_begin_with_the_first_month_in_which_anything_is_known() -> None:
    pack = company_pack()
    assert months_shown(pack) == 24
    node = replace(pack.node, history=pack.node.history[-9:])
    young = tuple(
        replace(page, kpis=tuple(replace(line, history=line.history[-9:]) for line in page.kpis))
        for page in pack.perspectives
    )
    assert months_shown(replace(pack, node=node, perspectives=young)) == 9
    assert months_shown(empty_pack()) == 6
