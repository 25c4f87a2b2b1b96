"""``scorepack run latest``, as a timer calls it: the newest month that is over, and no other."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from pipelines.steps.setting import newest_over
from scorecards.periods import period_text
from tests.small_company import SmallCompany
from warehouse import journal
from warehouse.home import Home


def test_latest_is_the_newest_month_that_is_over(company: SmallCompany) -> None:
    month = period_text(newest_over(company.setting().project))
    assert month < f"{datetime.now(UTC):%Y-%m}"
    company.sales(month, f"1,north,{month}-01,50.00\n2,south,{month}-02,60.00\n")
    company.complaints(month)
    command = [str(Path(sys.executable).with_name("scorepack")), "run", "latest", "--packs", "none"]
    done = subprocess.run([*command, "--project", str(company.root)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, f"{month}: 3 scorecards scored.\n"), done.stderr
    assert journal.entries(Home(company.root / ".scorepack"), "run")[-1].body["periods"] == [month]
