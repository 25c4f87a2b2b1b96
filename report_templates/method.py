"""How a pack's figures are made, a sentence each, from what is declared for its own KPIs and nodes.

Belongs here: the order of the sentences, and those that follow from the scale and the bands. How values become scores
is ``method_of_scores.py``, how scores are combined ``method_of_nodes.py``, what a signal is ``method_of_signals.py``.
"""

from __future__ import annotations

from report_templates.formatting import percent
from report_templates.language import language
from report_templates.map_links import known_links
from report_templates.method_of_nodes import node_lines
from report_templates.method_of_scores import score_lines
from report_templates.method_of_signals import signal_lines
from report_templates.score_figures import exact_figure
from transforms.pack import LEAST_MONTHS_OF_LINKS, BandShown, Pack


def method_lines(pack: Pack) -> tuple[str, ...]:
    """Scoring, clamping, combining, bands, missing data, signals and rounding: a sentence each, as they concern it."""
    say = language(pack.locale)
    low, high = (exact_figure(pack, v) for v in (pack.scale_lowest, pack.scale_highest))
    return (
        *score_lines(pack),
        say(
            "Clamping: scores below %(low)s count as %(low)s and scores above %(high)s as %(high)s before they are "
            "combined.",
            low=low, high=high,
        ),
        *node_lines(pack),
        say("Bands: %(bands)s.", bands=", ".join(_bands(pack))),
        say(
            "Missing is not zero: coverage is the share of the weight that has data, here %(coverage)s.",
            coverage=percent(pack.node.coverage, 0, pack.locale),
        ),
        *signal_lines(pack),
        *_links(pack),
        say("Rounding: a difference is that of the figures shown, the exact one where these look equal and are not."),
    )  # fmt: skip


def _links(pack: Pack) -> tuple[str, ...]:
    """How the links of the strategy map are tested, where any has been."""
    if all(link.status == "untested" for link in known_links(pack).values()):
        return ()
    say = language(pack.locale)
    return (
        say(
            "Links of the map: rank correlation of the driver's monthly changes of score with the outcome's 1 to 6 "
            "months later, or as declared, over up to 60 months; untested under %(least)s. Of those supported or "
            "contradicted one in ten may be chance, and going together is no proof of cause.",
            least=LEAST_MONTHS_OF_LINKS,
        ),
    )


def _bands(pack: Pack) -> list[str]:
    ends = [*(band.at_least for band in pack.bands[1:]), None]
    return [_band(pack, band, end) for band, end in zip(pack.bands, ends, strict=True)]


def _band(pack: Pack, band: BandShown, end: float | None) -> str:
    say, name = language(pack.locale), band.name
    low, high = exact_figure(pack, band.at_least), exact_figure(pack, end)
    if band.at_least is None and end is None:
        return say("%(band)s throughout", band=name)
    if end is None:
        return say("%(band)s from %(low)s", band=name, low=low)
    if band.at_least is None:
        return say("%(band)s below %(high)s", band=name, high=high)
    return say("%(band)s %(low)s to below %(high)s", band=name, low=low, high=high)
