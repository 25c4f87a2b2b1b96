"""Charts of NHS England's accident and emergency figures, from declarations alone, through the real steps.

The expected figures are those of the NHS-R community's package for the same months.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from pipelines.steps.compute import compute_kpis, compute_measures, compute_scores
from pipelines.steps.ingest import ingest
from pipelines.steps.setting import open_setting
from pipelines.steps.signals import compute_signals
from scorecards.periods import months_between, parse_period
from tests.reference.adventure_works_sql import shared_data
from tests.xmr_by_hand import chart_by_hand

SHARED = shared_data()
pytestmark = pytest.mark.skipif(
    SHARED is None or not (SHARED / "nhs_ae").is_dir(),
    reason="no NHS files: neither ../shared/data beside the checkout nor SCOREPACK_SHARED_DATA is there",
)
FILES: dict[str, Any] = {
    "scorecard.yaml": {"organisation": "NHS England", "first_period": "2016-04"},
    "strategy.yaml": {
        "scorecards": {
            "main": {
                "name": "Accident and emergency",
                "units": {"levels": ["department"]},
                "objectives": {
                    "waiting": {"name": "Nobody waits long", "perspective": "customer", "kpis": ["breaches"]}
                },
            }
        }
    },
    "sources/attendances.yaml": {
        "source": "attendances",
        "domain": "process",
        "path": "ae_attendances.csv",
        "unit": "org_code",
        "period": "period",
        "columns": {
            "period": {"type": "date"},
            "org_code": {"type": "string"},
            "type": {"type": "string"},
            "attendances": {"type": "decimal", "scale": 1},
            "breaches": {"type": "decimal", "scale": 1},
            "admissions": {"type": "decimal", "scale": 1},
        },
    },
    "kpis/breaches.yaml": {
        "measures": {
            "type_1_breaches": {"source": "attendances", "value": "SUM(breaches)", "where": "type = '1'"},
        },
        "kpis": {
            "breaches": {
                "name": "Waits over four hours",
                "definition": "Attendances at type 1 departments that took more than four hours.",
                "owner": "Chief Operating Officer",
                "value": "type_1_breaches",
                "measured_in": "attendances",
                "direction": "lower",
            }
        },
    },
}


@pytest.fixture(scope="module")
def signals(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, dict[str, Any]]:
    """The signals of March 2019 by organisation."""
    assert SHARED is not None
    root = tmp_path_factory.mktemp("nhs")
    for name, content in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    (root / "targets.csv").write_text("kpi,anchor,value\nbreaches,floor,5000\nbreaches,target,500\n", encoding="utf-8")
    (root / "extracts").mkdir()
    extract = root / "extracts" / "ae_attendances.csv"
    shutil.copyfile(SHARED / "nhs_ae" / "ae_attendances.csv", extract)
    with extract.open(encoding="utf-8", newline="") as handle:
        codes = sorted({row["org_code"] for row in csv.DictReader(handle)})
    units = "".join(f"{code},{code},department,england\n" for code in codes)
    (root / "units.csv").write_text(f"id,name,level,parent\nengland,England,company,\n{units}", encoding="utf-8")
    setting, months = open_setting(root), months_between(parse_period("2016-04"), parse_period("2019-03"))
    ingest(setting, "attendances", months)
    compute_measures(setting, months)
    compute_kpis(setting, months)
    compute_scores(setting, months)
    found = compute_signals(setting, months)
    return {row["unit"]: row for row in found.iter_rows(named=True) if row["period"] == months[-1]}


@pytest.fixture(scope="module")
def breaches() -> Mapping[str, list[int]]:
    """Type 1 breaches by organisation, in order of the months, straight from the file."""
    assert SHARED is not None
    with (SHARED / "nhs_ae" / "ae_attendances.csv").open(encoding="utf-8", newline="") as handle:
        rows = sorted(csv.DictReader(handle), key=lambda row: row["period"])
    found: dict[str, list[int]] = {}
    for row in rows:
        if row["type"] == "1":
            found.setdefault(row["org_code"], []).append(int(float(row["breaches"])))
    return found


def test_rjz_is_of_concern_and_consistently_fails(signals: Mapping[str, dict[str, Any]]) -> None:
    found = signals["RJZ"]
    limits = [found["mean"], found["lower"], found["upper"]]
    assert limits == pytest.approx([4423.27778, 2846.12578, 6000.42978], abs=5e-6)
    assert (found["points"], found["flagged"], found["is_trial"]) == (36, 30, False)
    assert (found["variation"], found["assurance"]) == ("concern", "consistently fails")


def test_ras_ends_with_common_cause_after_two_points_outside(signals: Mapping[str, dict[str, Any]]) -> None:
    found = signals["RAS"]
    limits = [found["mean"], found["lower"], found["upper"]]
    assert limits == pytest.approx([2161.16667, 1508.17467, 2814.15867], abs=5e-6)
    assert (found["points"], found["flagged"], found["outside"]) == (36, 20, 2)
    assert (found["label"], found["variation"]) == ("common cause", "common cause")


def test_every_organisation_is_judged_as_by_hand(
    signals: Mapping[str, dict[str, Any]], breaches: Mapping[str, list[int]]
) -> None:
    whole = {code: values for code, values in breaches.items() if len(values) == 36}
    assert len(whole) > 100
    for code, values in whole.items():
        by_hand, found = chart_by_hand(values), signals[code]
        assert found["mean"] == pytest.approx(float(by_hand.mean))
        assert found["label"] == by_hand.labels[-1]
        assert found["flagged"] == sum(label != "common cause" for label in by_hand.labels)
        assert found["outside"] == by_hand.labels.count("outside")
        assert (found["lower"], found["upper"]) == pytest.approx(
            (None, None)
            if by_hand.lower is None or by_hand.upper is None
            else (float(by_hand.lower), float(by_hand.upper))
        )
