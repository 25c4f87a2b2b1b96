"""Which months the small charts of a pack show: at most two years, from the first month in which anything is known.

Belongs here: the one time axis that all charts of a pack share, so that equal places are equal months.
"""

from __future__ import annotations

from collections.abc import Sequence

from transforms.pack import Pack

MOST_MONTHS = 24
LEAST_MONTHS = 6


def months_shown(pack: Pack) -> int:
    """How many months back, this one included, the charts of ``pack`` begin."""
    histories: list[Sequence[float | None]] = [[p.value for p in line.history] for line in pack.kpis]
    histories.append(pack.node.history)
    known = [len(values) - i for values in histories for i, value in enumerate(values) if value is not None]
    return min(max([*known, LEAST_MONTHS]), MOST_MONTHS)
