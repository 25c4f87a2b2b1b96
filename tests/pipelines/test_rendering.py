"""The files of packs come from worker processes, however many there are."""

from __future__ import annotations

import subprocess
import sys

# In a process of its own: what waits for ever would hold up the other tests.
PRINT = """
from dataclasses import replace
from docs.draw_gallery import look_of
from pipelines.steps import rendering
from tests.reports.pack_factory import department_pack
rendering._FILES_A_WORKER = 2
pack, look = department_pack(), look_of("board")
jobs = [rendering.Job(replace(pack, unit=f"unit_{number}"), look, "xlsx") for number in range(9)]
print(*sorted(job.pack.unit for job, file in rendering.rendered_files(jobs, workers=2) if file.content))
"""


def test_more_files_than_the_workers_may_make_all_come() -> None:
    done = subprocess.run([sys.executable, "-c", PRINT], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.split() == [f"unit_{number}" for number in range(9)]
