"""A pack's files are the same bytes on whatever machine: its clock, zone, language, hash seed and number of workers."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import pytest

from docs.draw_gallery import look_of
from pipelines.steps.rendering import Job, rendered_files
from report_templates.pack_files import print_file
from scorecards.packs import PDF
from tests.reports.pack_factory import company_pack, department_pack

ELSEWHERE = {
    "UTC": {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0"},
    "Auckland": {"TZ": "Pacific/Auckland", "LC_ALL": "de_DE.UTF-8", "LANGUAGE": "de", "PYTHONHASHSEED": "7"},
}
# Moves the clock of Python on by so many seconds before anything of ours or of WeasyPrint is imported.
PRINT = """
import datetime, hashlib, sys, time
ahead = float(sys.argv[1])
real, local, universal = time.time, time.localtime, time.gmtime
time.time = lambda: real() + ahead
time.localtime = lambda seconds=None: local(time.time() if seconds is None else seconds)
time.gmtime = lambda seconds=None: universal(time.time() if seconds is None else seconds)
class Moved(datetime.datetime):
    now = classmethod(lambda cls, tz=None: cls.fromtimestamp(time.time(), tz))
    utcnow = classmethod(lambda cls: cls.fromtimestamp(time.time(), datetime.UTC).replace(tzinfo=None))
    today = classmethod(lambda cls: cls.fromtimestamp(time.time()))
datetime.datetime = Moved
assert abs(datetime.datetime.now().timestamp() - real() - ahead) < 60
from docs.draw_gallery import look_of
from report_templates.pack_files import print_file
from tests.reports.pack_factory import company_pack
for form in ("pdf", "html", "xlsx"):
    print(form, hashlib.sha256(print_file(company_pack(), look_of("board"), form).content).hexdigest())
"""


def printed(environment: dict[str, str], ahead: float) -> dict[str, str]:
    """The digests of a pack's files, printed by a process with another environment and another clock."""
    own = {name: value for name, value in os.environ.items() if name not in ("SOURCE_DATE_EPOCH", "LANG", "LANGUAGE")}
    command = [sys.executable, "-c", PRINT, str(ahead)]
    told = subprocess.run(command, env={**own, **environment}, capture_output=True, text=True, check=True).stdout
    return dict(line.split() for line in told.splitlines())


@pytest.mark.slow
def test_the_same_pack_gives_the_same_bytes_whatever_the_clock_the_zone_the_language_and_the_hash_seed() -> None:
    here = printed(ELSEWHERE["UTC"], 0)
    assert set(here) == {"pdf", "html", "xlsx"}
    assert printed(ELSEWHERE["Auckland"], 400 * 86_400) == here


@pytest.mark.slow
def test_the_same_packs_give_the_same_bytes_whatever_the_number_of_workers() -> None:
    look = look_of("board")
    jobs = [Job(pack, look, form) for pack in (company_pack(), department_pack()) for form in (PDF, "html", "xlsx")]
    one = {(job.pack.unit_name, job.form): digest(file.content) for job, file in rendered_files(jobs, workers=1)}
    assert len(one) == len(jobs)
    assert {
        (job.pack.unit_name, job.form): digest(file.content) for job, file in rendered_files(jobs, workers=2)
    } == one
    last = jobs[-1]
    assert digest(print_file(last.pack, look, "xlsx").content) == one[last.pack.unit_name, "xlsx"]


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
