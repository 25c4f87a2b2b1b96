"""What is known of links, as the strategy map draws and tells it: by line, sign and word, never by colour alone."""

from __future__ import annotations

import re
from dataclasses import replace

from report_templates.figure_messages import links_message
from report_templates.map_links import STYLES, drawn_links, evidence_sentence, links_legend
from report_templates.method import method_lines
from report_templates.rendering import render_html
from report_templates.strategy_map import strategy_map
from tests.reports.pack_factory import company_pack
from transforms.pack import MapLink, Pack


def with_evidence() -> Pack:
    """The whole company's pack with one link supported, one contradicted, one undecided; the others are untested."""
    pack = company_pack()
    links = (
        MapLink("deliver_on_time", "keep_our_promises", "supported", 36, 2, 0.61, 0.002),
        MapLink("keep_our_promises", "be_recommended", "contradicted", 36, 1, -0.55, 0.004),
        MapLink("renew_the_range", "win_and_keep_customers", "undecided", 36, 4, 0.2, 0.7),
    )
    return replace(pack, links=links)


def test_every_status_has_a_line_of_its_own_and_those_that_claim_something_a_sign() -> None:
    looks = [(style.width, style.dashes, style.sign) for style in STYLES.values()]
    assert len(set(looks)) == len(STYLES)
    assert [style.sign != "" for style in STYLES.values()] == [True, True, False, False]
    assert len({style.sign for style in STYLES.values() if style.sign}) == 2


def test_links_are_drawn_by_their_status_and_the_sign_stands_on_its_line() -> None:
    pack = with_evidence()
    drawn = drawn_links(pack, strategy_map(pack.perspectives, 273.0, 150.0).links)
    by_ends = {(one.link.source, one.link.target): one for one in drawn}
    assert by_ends["deliver_on_time", "keep_our_promises"].style is STYLES["supported"]
    assert by_ends["keep_our_promises", "be_recommended"].style is STYLES["contradicted"]
    assert by_ends["renew_the_range", "win_and_keep_customers"].style is STYLES["undecided"]
    assert by_ends["build_skills", "work_safely"].style is STYLES["untested"]
    assert [one.style.width for one in drawn] == sorted(one.style.width for one in drawn)
    one = by_ends["deliver_on_time", "keep_our_promises"]
    (x0, y0), (x1, y1) = one.link.pieces[0][0], one.link.pieces[-1][-1]
    assert min(x0, x1) <= one.middle[0] <= max(x0, x1)
    assert min(y0, y1) < one.middle[1] < max(y0, y1)


def test_the_legend_counts_each_status_in_words() -> None:
    words = [(entry.word, entry.looks) for entry in links_legend(with_evidence())]
    total = sum(len(card.leads_to) for card in with_evidence().objectives)
    assert words == [
        ("1 supported", "thick line with a plus"),
        ("1 contradicted", "thick broken line with a minus"),
        ("1 undecided", "thin line"),
        (f"{total - 3} untested", "dotted line"),
    ]


def test_the_sentence_names_what_the_months_say_and_claims_nothing_else() -> None:
    assert evidence_sentence(with_evidence()) == (
        "Deliver on time to Keep our promises: supported, after 2 months (rank correlation +0.61 over 36 months); "
        "Keep our promises to Be recommended: contradicted, after 1 month (rank correlation −0.55 over 36 months)."
    )
    assert evidence_sentence(company_pack()) == ""


def test_the_alternative_text_tells_the_status_of_every_link() -> None:
    told = links_message(with_evidence())
    for card in with_evidence().objectives:
        for to in card.leads_to:
            name = next(other.name for other in with_evidence().objectives if other.id == to)
            assert re.search(rf"{card.name} to {name}: (supported|contradicted|undecided|untested)", told)


def test_the_page_draws_the_signs_and_the_method_is_told_where_a_link_was_tested() -> None:
    page = render_html(with_evidence())
    assert page.count('stroke-dasharray="2.4 .7 .6 .7"') == 2
    assert "no proof of cause" in " ".join(method_lines(with_evidence()))
    assert "no proof of cause" not in " ".join(method_lines(company_pack()))
