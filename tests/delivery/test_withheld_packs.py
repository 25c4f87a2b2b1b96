"""The gate and what is withheld: no lack of data, but a pack that shows nothing else helps nobody."""

from __future__ import annotations

from pathlib import Path

from pipelines.cli.printing import Steps
from pipelines.cli.running import materialise
from pipelines.delivery.gate import gates, newest_edition
from pipelines.steps.editions import publish
from pipelines.steps.setting import open_setting
from scorecards.periods import parse_period
from tests.small_groups import MONTHS, quiet_company

PERIOD = parse_period(MONTHS[0])


def shut(root: Path) -> dict[str, tuple[str, ...]]:
    """What holds back the packs of the first month, beside that nobody has approved them."""
    (root / "packs.yaml").write_text("layouts: {standard: {pages: [summary], formats: [pdf]}}\n")
    (root / "recipients.yaml").unlink()
    materialise("month_end", root, None, None, [PERIOD], "none", Steps(None))
    setting = open_setting(root)
    publish(setting, PERIOD, "Ada")
    return {one.unit: one.shut[:-1] for one in gates(setting, PERIOD, newest_edition(setting, PERIOD))}


def test_what_is_withheld_counts_towards_the_coverage_that_is_asked_for(tmp_path: Path) -> None:
    root = quiet_company(tmp_path / "project")
    (root / "delivery.yaml").write_text("coverage: 80%\n")
    assert set(shut(root).values()) == {()}


def test_a_pack_in_which_everything_is_withheld_does_not_leave(tmp_path: Path) -> None:
    root = quiet_company(tmp_path / "project")
    strategy = (root / "strategy.yaml").read_text()
    (root / "strategy.yaml").write_text("".join(strategy.splitlines(keepends=True)[:-1]))
    assert shut(root) == {
        **dict.fromkeys(("company", "north", "south", "works", "p_1", "p_2"), ()),
        **dict.fromkeys(("lab", "line"), ("all that it would show is withheld (small_groups)",)),
    }
