"""Exceptions on a page of their own: every one keeps its answers, and the chart says why it has no usual range."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from report_templates.exception_cards import MOST_CHARTS, ExceptionCard, exception_cards
from report_templates.exceptions import exceptions
from report_templates.language import ENGLISH
from report_templates.look import Look
from report_templates.ranges import without_range
from report_templates.rendering import render_html, render_pdf
from report_templates.summary_plan import left_out_sentence
from scorecards.packs import Layout
from tests.reports.pack_factory import company_pack, large_pack, watched_pack
from transforms.pack import ActionRow, KpiLine, Pack, Remark, Signal

LOOK = Look(Layout(pages=("exceptions",)))
PORTRAIT = Look(Layout(pages=("exceptions",), orientation="portrait"))


def much_off_target() -> Pack:
    """More exceptions than cards with a chart, each with a remark of its own, and an action for every objective."""
    pack = large_pack()
    remarks = tuple(
        Remark(line.id, None, f"Because of {line.name}.", f"We mend {line.name}.", f"Head of {line.name}", "30 Nov")
        for line in pack.kpis
    )
    actions = tuple(
        ActionRow(f"Promise for {card.name}", card.name, f"Doer of {card.name}", None, "open", False)
        for card in pack.objectives
    )
    return replace(pack, remarks=remarks, actions=actions)


def cards_of(pack: Pack, look: Look = LOOK) -> tuple[ExceptionCard, ...]:
    return exception_cards(pack, look.page, exceptions(pack), 24).cards


def pages_of_text(content: bytes, folder: Path) -> list[str]:
    file = folder / "pack.pdf"
    file.write_bytes(content)
    done = subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, check=True)
    return done.stdout.decode().split("\f")[:-1]


@pytest.mark.parametrize("look", [LOOK, PORTRAIT], ids=["landscape", "portrait"])
def test_no_exception_loses_its_response_however_many_there_are(look: Look) -> None:
    pack = much_off_target()
    found = exceptions(pack)
    assert len(found) > MOST_CHARTS
    assert [card.told.line.id for card in cards_of(pack, look)] == [row.line.id for row in found]
    html = render_html(pack, look)
    objectives = {card.id: card.name for card in pack.objectives}
    for row in found:
        name = row.line.name
        for words in (f"Because of {name}.", f"We mend {name}.", f"Head of {name}", row.doing, row.why):
            assert words in html
        assert f"Promise for {objectives[row.line.objective]}" in html
    assert "Also off target" not in html


def test_so_many_charts_are_drawn_and_the_cards_after_them_are_texts_alone() -> None:
    drawn = [card.chart is not None for card in cards_of(much_off_target())]
    assert drawn == [True] * MOST_CHARTS + [False] * (len(drawn) - MOST_CHARTS)


def test_the_summary_names_the_page_that_has_the_answers() -> None:
    rows = exceptions(company_pack())
    assert left_out_sentence(rows, ("exceptions", "perspectives"), ENGLISH).endswith("; see the page of exceptions.")
    assert left_out_sentence(rows, ("perspectives",), ENGLISH).endswith("; see the pages of the perspectives.")
    names = ", ".join(row.line.name for row in rows)
    assert left_out_sentence(rows, ("scorecard",), ENGLISH) == f"Also off target: {names}."


def line() -> KpiLine:
    return next(line for line in watched_pack().kpis if line.signal is not None and not line.signal.is_overlapping)


def judged() -> Signal:
    found = line().signal
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (replace(line(), signal=replace(judged(), is_overlapping=True)), "Not judged: its values share months."),
        (replace(line(), signal=None), "Not judged: too few values yet."),
        (
            replace(line(), signal=replace(judged(), points=1, lower=None, upper=None)),
            "Not judged: too few values yet.",
        ),
        (replace(line(), signal=replace(judged(), lower=None)), "No usual range: its values hardly ever change."),
        (replace(line(), signal=None, texts=("poor", "fair", "good")), "Not judged: its values are words."),
    ],
)
def test_a_chart_without_a_usual_range_says_why(changed: KpiLine, said: str) -> None:
    assert without_range(changed, ENGLISH) == said


def test_the_card_of_a_kpi_that_is_not_judged_says_so_and_that_of_a_judged_one_does_not() -> None:
    pack = watched_pack()
    cards = cards_of(pack)
    assert {card.without_range for card in cards if card.chart and card.chart.xmr} == {""}
    columns = [card for card in cards if card.chart and card.chart.columns]
    assert columns
    assert {card.without_range for card in columns} == {"Not judged: its values share months."}
    assert render_html(pack, LOOK).count("Not judged: its values share months.") == len(columns)


def test_a_card_says_once_that_most_months_are_special_causes_and_draws_columns() -> None:
    pack = watched_pack()
    judged = next(card.row.line for card in cards_of(pack) if card.chart and card.chart.xmr)
    assert judged.signal is not None
    changed = replace(judged, signal=replace(judged.signal, flagged=20))
    pages = tuple(
        replace(page, kpis=tuple(changed if line.id == judged.id else line for line in page.kpis))
        for page in pack.perspectives
    )
    card = next(card for card in cards_of(replace(pack, perspectives=pages)) if card.row.line.id == judged.id)
    assert card.told.doing.endswith("; no usual range (20 of 25 months by special cause).")
    assert card.without_range == ""
    assert card.chart is not None
    assert (card.chart.columns is None, card.chart.xmr) == (False, None)


SENTENCE = "The warehouse changed its system and parcels were late, so we agreed weekly checks with the carrier. "


def written_at_length(characters: int) -> Pack:
    """A pack whose first exception has a comment of so many characters, which ends with a word of its own."""
    pack = company_pack()
    first = exceptions(pack)[0].line.id
    text = (SENTENCE * (characters // len(SENTENCE) + 1))[:characters] + " Lastly."
    return replace(pack, remarks=(Remark(first, None, text, "We check weekly.", "Head", ""),))


@pytest.mark.parametrize("look", [LOOK, PORTRAIT], ids=["landscape", "portrait"])
@pytest.mark.parametrize("characters", [400, 1150, 2200, 9000])
def test_a_long_comment_strands_no_heading_and_breaks_no_other_card(
    look: Look, characters: int, tmp_path: Path
) -> None:
    pack = written_at_length(characters)
    pages = pages_of_text(render_pdf(pack, look), tmp_path)
    names = [row.line.name for row in exceptions(pack)]
    assert "Exceptions" in pages[0]
    assert names[0] in pages[0]
    assert "weekly checks" in pages[0]
    assert "Lastly." in "".join(pages)
    continued = [page for page in pages if f"{names[0]}, continued" in page]
    assert bool(continued) == (characters == 9000)
    for page in pages:
        assert ("weekly checks" in page) == (names[0] in page)


def test_a_comment_cut_at_the_end_of_a_page_loses_no_word() -> None:
    pack = written_at_length(9000)
    texts = cards_of(pack)[0].texts
    said = " ".join(passage.text for part in texts.pages for passage in part)
    assert said == f"“{pack.remarks[0].text}”"
    assert len(texts.pages) > 1


def test_on_a_screen_no_page_ends_and_a_long_comment_is_whole() -> None:
    assert "continued" not in render_html(written_at_length(9000), LOOK.on_screen)


def test_a_card_that_may_fill_a_page_without_its_comment_may_be_split() -> None:
    pack = company_pack()
    objective = next(card.name for card in pack.objectives if card.id == exceptions(pack)[0].line.objective)
    many = tuple(ActionRow(SENTENCE, objective, "Head", None, "open", False) for _ in range(30))
    assert 'class="card-row tall"' in render_html(replace(pack, actions=many), LOOK)
    assert 'class="card-row tall"' not in render_html(pack, LOOK)


def test_only_columns_on_the_page_have_a_part_in_its_scales() -> None:
    pack = company_pack()
    shown = {row.line.id for row in exceptions(pack)}
    other = next(line for line in pack.kpis if line.measured_in == "percent" and line.id not in shown)
    raised = replace(other, history=tuple(replace(point, value=1.9) for point in other.history))
    pages = tuple(
        replace(page, kpis=tuple(raised if line.id == raised.id else line for line in page.kpis))
        for page in pack.perspectives
    )
    charts = [card.chart for card in cards_of(pack) if card.row.line.measured_in == "percent"]
    assert charts
    assert charts == [
        card.chart for card in cards_of(replace(pack, perspectives=pages)) if card.row.line.measured_in == "percent"
    ]
