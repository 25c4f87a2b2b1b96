"""The figures of health, and how Prometheus reads them: names, meanings, and the text format of its exporters.

Belongs here: which figures there are. Where they come from is ``health.py``. No figure of a scorecard is among them,
and no name of a unit or a person: who may look at a monitor need not be a reader of packs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """A figure of health: its name, with its unit as Prometheus wants it, its meaning, and the labels that it has."""

    name: str
    meaning: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sample:
    """One figure: of which measure, with which labels. A time is in seconds since 1970."""

    measure: str
    value: float
    labels: Mapping[str, str]


_ALL = (
    Measure("scorepack_info", "Always 1; the version that wrote this.", ("version",)),
    Measure("scorepack_health_timestamp_seconds", "When this was written."),
    Measure(
        "scorepack_health_part_known", "Whether a part of these figures could be read; 0: it is left out.", ("part",)
    ),
    Measure("scorepack_declarations_sound", "Whether the project's declarations have no error."),
    Measure(
        "scorepack_run_ended_timestamp_seconds", "When a run last ended, by how; 0: none ever did.", ("job", "ended")
    ),
    Measure("scorepack_daemon_alive_timestamp_seconds", "When a daemon of Dagster was last alive.", ("daemon",)),
    Measure("scorepack_home_held", "Whether a process is at work on the home."),
    Measure("scorepack_home_held_since_timestamp_seconds", "Since when; absent where none is."),
    Measure("scorepack_sending", "Whether a process is sending."),
    Measure("scorepack_rebuild_unfinished", "Whether a rebuild was cut off, so that nothing can be run."),
    Measure("scorepack_disk_free_bytes", "Free bytes on the home's disk."),
    Measure("scorepack_disk_size_bytes", "Size of the home's disk."),
    Measure("scorepack_journal_sound", "Whether the journal is there and not damaged."),
    Measure("scorepack_journal_version_known", "Whether this version can read the journal; 0: another wrote it."),
    Measure("scorepack_journal_entries", "Entries of the journal. They never become fewer."),
    Measure(
        "scorepack_extract_taken_in_timestamp_seconds", "When a source's newest delivery was taken in.", ("source",)
    ),
    Measure("scorepack_checks_failed", "Sources or scorecards for which a check does not hold.", ("period", "check")),
    Measure("scorepack_scorecards", "Scorecards of units that a month has.", ("period",)),
    Measure("scorepack_edition", "The newest edition of a month; 0: it is not published.", ("period",)),
    Measure("scorepack_closed", "Whether a month is closed.", ("period",)),
    Measure("scorepack_due_timestamp_seconds", "By when the packs of the newest month are due.", ("period",)),
    Measure("scorepack_gate_open_messages", "Messages that could leave now.", ("period",)),
    Measure("scorepack_gate_shut_messages", "Messages that are held back.", ("period",)),
    Measure("scorepack_late", "Whether the due hour has passed and not all has left.", ("period",)),
    Measure("scorepack_messages", "Messages of the newest edition by their last state.", ("period", "state")),
    Measure("scorepack_alert_mails", "Mails to those who look after the project, by their last state.", ("state",)),
)
MEASURES = {measure.name: measure for measure in _ALL}
"""Every figure of health by its name. All are gauges."""


def text_of(samples: Iterable[Sample]) -> str:
    """The samples in Prometheus' text format: each measure once with its meaning, its samples below it."""
    return "".join(f"{line}\n" for line in _lines(samples))


def _lines(samples: Iterable[Sample]) -> Iterator[str]:
    by_measure: dict[str, list[Sample]] = {}
    for sample in samples:
        by_measure.setdefault(sample.measure, []).append(sample)
    for name, measure in MEASURES.items():
        if name in by_measure:
            yield f"# HELP {name} {measure.meaning}"
            yield f"# TYPE {name} gauge"
        for sample in by_measure.get(name, ()):
            labels = ",".join(f'{label}="{_escaped(sample.labels[label])}"' for label in measure.labels)
            yield f"{name}{{{labels}}} {sample.value:.15g}" if labels else f"{name} {sample.value:.15g}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
