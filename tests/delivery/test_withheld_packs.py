"""The gate and what is withheld: no lack of data, but a pack that shows nothing else helps nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.cli.printing import Steps
from pipelines.cli.running import materialise
from pipelines.delivery.gate import PUBLISHED_BY_ANOTHER_RULE, approve, gates, newest_edition
from pipelines.delivery.proofs import send_proofs
from pipelines.steps.editions import publish
from pipelines.steps.setting import open_setting
from scorecards.errors import CallError
from scorecards.periods import parse_period
from tests.small_groups import MONTHS, SCORECARD, quiet_company

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


def test_packs_that_were_published_without_the_rule_do_not_leave_nor_as_proofs_until_published_again(
    tmp_path: Path,
) -> None:
    root = quiet_company(tmp_path / "project")
    (root / "scorecard.yaml").write_text(SCORECARD.replace("small_groups", "# small_groups"))
    assert set(shut(root).values()) == {()}
    (root / "scorecard.yaml").write_text(SCORECARD)
    setting = open_setting(root)
    approve(setting, PERIOD, "Grace")
    [why] = {one.shut for one in gates(setting, PERIOD, newest_edition(setting, PERIOD))}
    assert why == (PUBLISHED_BY_ANOTHER_RULE,)
    with pytest.raises(CallError, match="No proof of 2025-01 is sent: it was published by another rule"):
        send_proofs(setting, PERIOD, "lead@example.com")
    materialise("month_end", root, None, None, [PERIOD], "none", Steps(None))
    publish(setting, PERIOD, "Ada", "the rule")
    assert {one.shut for one in gates(setting, PERIOD, newest_edition(setting, PERIOD))} == {("it is not approved",)}


def test_a_pack_in_which_everything_is_withheld_does_not_leave(tmp_path: Path) -> None:
    root = quiet_company(tmp_path / "project")
    strategy = (root / "strategy.yaml").read_text()
    (root / "strategy.yaml").write_text("".join(strategy.splitlines(keepends=True)[:-1]))
    assert shut(root) == {
        **dict.fromkeys(("company", "north", "south", "works", "p_1", "p_2"), ()),
        **dict.fromkeys(("lab", "line"), ("all that it would show is withheld (small_groups)",)),
    }
