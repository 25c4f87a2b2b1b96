"""Loading a project folder: every file read, every error found at once, one frozen ``Project`` out.

Belongs here: which files make a project and how they become models. Rules across files live in ``check.py``.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from scorecards.calendar import CALENDAR_FILE, Calendar
from scorecards.delivery import Delivery
from scorecards.doubts import Doubts
from scorecards.each import each_kpi, each_target, each_use, written_out
from scorecards.errors import CallError, DeclarationError, Problem, did_you_mean
from scorecards.explain_validation import problems_of
from scorecards.forecasts import FORECASTS_FILE, Forecast, read_forecasts
from scorecards.kpis import Kpi, KpiFile, Measure
from scorecards.organisation import Organisation
from scorecards.pack_files import pack_files
from scorecards.packs import STANDARD, Layout, Packs
from scorecards.people import Comment, Commentary, Recipient, Recipients, Role
from scorecards.periods import Frequency, last_date, month_end, parse_period
from scorecards.queries import QueryFlaw, is_query_file, query_text
from scorecards.sources import Source
from scorecards.strategy import Strategy
from scorecards.tables import (
    Action,
    DatedWeight,
    Target,
    Unit,
    read_actions,
    read_calendar,
    read_targets,
    read_units,
    read_weights,
)
from scorecards.units import UnitTree
from scorecards.yaml_reader import KeyPath, Lines, line_of, read_yaml

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Place:
    """Where a declaration stands: its file and the lines of its keys.

    ``written_for`` is the id of the declared KPI where this one is written out from it by ``each``.
    """

    file: str
    lines: Lines = field(repr=False, default_factory=dict)
    written_for: str = ""

    def line(self, path: KeyPath) -> int:
        """The line of a key path, or of the nearest enclosing key that stands there."""
        return line_of(self.lines, self.declared(path))

    def declared(self, path: KeyPath) -> KeyPath:
        """The key path as it is written: that of the one declaration, of a KPI that ``each`` writes out."""
        return (path[0], self.written_for, *path[2:]) if self.written_for and len(path) > 1 else path

    def problem(self, path: KeyPath, message: str, remedy: str = "", severity: Any = "error") -> Problem:
        """A problem at this key path of the file."""
        path = self.declared(path)
        return Problem(self.file, self.line(path), ".".join(map(str, path)), message, remedy, severity)

    def unknown(self, path: KeyPath, names: Iterable[str], known: Sequence[str], what: str) -> Iterator[Problem]:
        """A problem at this key path for every name that is not known; ``what`` is the kind of thing it names."""
        for name in names:
            if name not in known:
                yield self.problem(path, f"'{name}' is not a {what}.", did_you_mean(name, known))


@dataclass(frozen=True)
class Project:
    """Everything that an organisation declares, checked and frozen. ``places`` tells where each part stands.

    ``flaws`` are the errors of a month's commentary. That month has no comments then, and its packs are neither
    rendered nor sent; nothing else waits for them.
    """

    root: Path
    extracts: Path
    organisation: Organisation
    strategy: Strategy
    sources: Mapping[str, Source]
    measures: Mapping[str, Measure]
    kpis: Mapping[str, Kpi]
    units: tuple[Unit, ...]
    targets: tuple[Target, ...]
    weights: tuple[DatedWeight, ...]
    actions: tuple[Action, ...]
    recipients: tuple[Recipient, ...]
    comments: Mapping[date, tuple[Comment, ...]]
    calendar: Calendar
    places: Mapping[str, Place] = field(repr=False)
    warnings: tuple[Problem, ...] = ()
    flaws: Mapping[date, tuple[Problem, ...]] = field(default_factory=dict)
    alerts: tuple[str, ...] = ()
    packs: Packs = field(default_factory=Packs)
    delivery: Delivery = field(default_factory=Delivery)
    roles: tuple[Role, ...] = ()
    forecasts: tuple[Forecast, ...] = ()

    @property
    def unit_ids(self) -> list[str]:
        """Ids of all units that ever exist, in the order of ``units.csv``."""
        return list(dict.fromkeys(unit.id for unit in self.units))

    def tree(self, period: date) -> UnitTree:
        """The organisation tree at the end of the period."""
        return UnitTree.at(self.units, period, self.calendar)

    def target_day(self, period: date, frequency: Frequency) -> date:
        """The day whose targets a period is held against: the last of the month that its value is of."""
        month = last_date(period, frequency, self.organisation.fiscal_year_starts)
        is_known = not self.calendar.is_table or month in self.calendar.periods
        return self.calendar.last_day(month) if is_known else month_end(month)

    def layout_of(self, scorecard_id: str, unit_id: str, period: date) -> tuple[str, Layout]:
        """Id and layout of a pack: that of the first use that fits it, else the standard one."""
        tree = self.tree(period)
        fitting = (
            use.layout
            for use in self.packs.use
            if (not use.scorecards or scorecard_id in use.scorecards) and tree.matches(unit_id, use.units)
        )
        layout_id = next(fitting, STANDARD)
        return layout_id, self.packs.layout(layout_id)

    def declaration_files(self) -> list[Path]:
        """Every file that was read, in a fixed order."""
        return sorted(self.root / place.file for place in self.places.values() if (self.root / place.file).exists())

    def digest(self) -> str:
        """SHA-256 over the names and bytes of all declarations."""
        total = hashlib.sha256()
        for path in self.declaration_files():
            content = path.read_bytes()
            total.update(f"{path.relative_to(self.root)}\0{len(content)}\0".encode() + content)
        return total.hexdigest()


def load_project(root: Path, extracts: Path | None = None) -> Project:
    """Read and check a project folder.

    ``extracts`` replaces the folder ``extracts/`` of the project. Raises ``CallError`` where there is no project, and
    ``DeclarationError`` with every error of every file; warnings are kept on the project, and so are errors of a
    month's commentary as long as they are the only ones.
    """
    from scorecards.check import check_project

    if not (root / "scorecard.yaml").is_file():
        raise CallError(
            f"{root} holds no scorecard.yaml. Name the project folder with --project, or make one: scorepack init DIR."
        )
    loader = _Loader(root)
    project = loader.load(extracts or root / "extracts")
    if project is not None:
        loader.problems.extend(loader.doubts.remaining(check_project(project)))
    # A mistake of a declaration that stands for several KPIs is found once for each of them.
    problems = list(dict.fromkeys(loader.problems))
    flaws: dict[date | None, list[Problem]] = defaultdict(list)
    for problem in problems:
        if problem.severity == "error":
            flaws[_month_of(problem.file)].append(problem)
    if None in flaws or project is None:
        raise DeclarationError(problems)
    found = {
        "warnings": tuple(sorted(problem for problem in problems if problem.severity != "error")),
        "flaws": {month: tuple(sorted(problems)) for month, problems in flaws.items()},
        "comments": {month: comments for month, comments in project.comments.items() if month not in flaws},
    }
    return Project(**{**vars(project), **found})


def _month_of(file: str) -> date | None:
    """The month whose commentary the file is; None for every other file."""
    try:
        return parse_period(Path(file).stem) if file.startswith("commentary/") else None
    except ValueError:
        return None


# In the place of a table that is not read.
_NOTHING = ".none"


class _Loader:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.problems: list[Problem] = []
        self.places: dict[str, Place] = {}
        self.doubts = Doubts()

    def load(self, extracts: Path) -> Project | None:
        organisation = self._model("scorecard.yaml", Organisation)
        strategy = self._model("strategy.yaml", Strategy)
        sources = dict(self._sources())
        measures: dict[str, Measure] = {}
        kpis: dict[str, Kpi] = {}
        for name, declared in self._models("kpis/*.yaml", KpiFile):
            self._merge(measures, declared.measures, name, "measures")
            self._merge(kpis, declared.kpis, name, "kpis")
        ids = written_out(kpis)
        kpis = dict(self._written_out(kpis, ids))
        strategy = each_use(strategy, ids) if strategy is not None else None
        people = self._model("recipients.yaml", Recipients, optional=True)
        packs = self._model("packs.yaml", Packs, optional=True)
        delivery = self._model("delivery.yaml", Delivery, optional=True)
        for name in pack_files(self.root):
            self.places[name] = Place(name)
        comments = dict(self._comments())
        units = read_units(self.root / self._table("units.csv"), "units.csv", self.problems)
        calendar = read_calendar(self.root / self._table(CALENDAR_FILE), CALENDAR_FILE, self.problems)
        targets = read_targets(self.root / self._table("targets.csv"), "targets.csv", self.problems)
        targets = each_target(targets, ids)
        weights = read_weights(self.root / self._table("weights.csv"), "weights.csv", self.problems)
        actions = read_actions(self.root / self._table("actions.csv"), "actions.csv", self.problems)
        forecasts = read_forecasts(self.root / self._table(FORECASTS_FILE), FORECASTS_FILE, self.problems)
        if strategy is None:
            self.doubts.about("strategy.yaml")
        for name in ("units.csv", CALENDAR_FILE, "targets.csv", "weights.csv", "actions.csv", FORECASTS_FILE):
            if any(problem.file == name for problem in self.problems):
                self.doubts.about(name)
        if organisation is None:
            # Levels, perspectives and the scale are unknown: nearly every rule would speak of them.
            return None
        return Project(
            self.root,
            extracts,
            organisation,
            strategy or Strategy(scorecards={}), sources, measures, kpis, units, targets, weights, actions,
            people.recipients if people else (), comments, Calendar(calendar), self.places,
            alerts=people.alerts if people else (),
            packs=packs or Packs(),
            delivery=delivery or Delivery(),
            roles=people.from_sources if people else (),
            forecasts=forecasts,
        )  # fmt: skip

    def _written_out(self, kpis: Mapping[str, Kpi], ids: Mapping[str, list[str]]) -> Iterator[tuple[str, Kpi]]:
        """The KPIs, those with ``each`` once for every value; their place stays that of the declaration."""
        for kpi_id, kpi in kpis.items():
            place = self.places[f"kpis {kpi_id}"]
            for name, one in zip(ids[kpi_id], each_kpi(kpi), strict=True):
                if name != kpi_id and name in kpis:
                    message = f"'{name}' is a KPI of its own already."
                    self.problems.append(place.problem(("kpis", kpi_id, "each"), message, "Rename one of them."))
                    continue
                self.places[f"kpis {name}"] = place if name == kpi_id else replace(place, written_for=kpi_id)
                yield name, one

    def _sources(self) -> Iterator[tuple[str, Source]]:
        seen: dict[str, str] = {}
        for name, source in self._models("sources/*.yaml", Source):
            if source.source in seen:
                message = f"the source '{source.source}' is declared in {seen[source.source]} too."
                self.problems.append(self.places[name].problem(("source",), message, "Give it another id."))
            else:
                seen[source.source] = name
                self.places[f"source {source.source}"] = self.places[name]
                yield source.source, self._with_its_query(source)

    def _with_its_query(self, source: Source) -> Source:
        """The source with the text of its query, where a file holds it; that file is a declaration too."""
        if source.query is None or not is_query_file(source.query):
            return source
        try:
            text = query_text(self.root, source.query)
        except QueryFlaw as flaw:
            message = f"'{source.query}' {flaw.message}"
            self.problems.append(self.places[f"source {source.source}"].problem(("query",), message, flaw.remedy))
            return source
        self.places[f"query {source.source}"] = Place(source.query)
        return source.model_copy(update={"query": text})

    def _comments(self) -> Iterator[tuple[date, tuple[Comment, ...]]]:
        for name, commentary in self._models("commentary/*.yaml", Commentary):
            try:
                yield parse_period(Path(name).stem), commentary.comments
            except ValueError as error:
                self.problems.append(Problem(name, 0, "", f"is not named after a month: {error}."))

    def _merge(self, target: dict[str, Any], declared: Mapping[str, Any], name: str, kind: str) -> None:
        for key, value in declared.items():
            if key in target:
                other = self.places[f"{kind} {key}"].file
                self.problems.append(
                    self.places[name].problem((kind, key), f"is declared in {other} too.", "Rename one.")
                )
                continue
            target[key] = value
            self.places[f"{kind} {key}"] = self.places[name]

    def _models(self, pattern: str, model: type[Model]) -> Iterator[tuple[str, Model]]:
        for path in sorted(self.root.glob(pattern)):
            name = path.relative_to(self.root).as_posix()
            value = self._model(name, model)
            if value is not None:
                yield name, value

    def _model(self, name: str, model: type[Model], optional: bool = False) -> Model | None:
        path = self.root / name
        self.places[name] = Place(name)
        if self._leads_out(name):
            return None
        if not path.is_file():
            if not optional:
                near = did_you_mean(name, sorted(p.name for p in self.root.glob("*.y*ml")))
                self.problems.append(Problem(name, 0, "", "does not exist.", f"Every project has one. {near}"))
            return None
        try:
            data, lines = read_yaml(path, name)
        except DeclarationError as error:
            self.problems.extend(error.problems)
            self.doubts.about(name)
            return None
        self.places[name] = Place(name, lines)
        try:
            return model.model_validate(data)
        except ValidationError as error:
            self.problems.extend(problems_of(error, model, name, lines))
            return self._sound_part(model, data, error, name)

    def _sound_part(self, model: type[Model], data: Any, error: ValidationError, name: str) -> Model | None:
        """A file of KPIs without the entries that are wrong, so that what is right is checked too; else None."""
        wrong = {finding["loc"][:2] for finding in error.errors()}
        if model is not KpiFile or not all(len(loc) == 2 and loc[1] in (data[loc[0]] or ()) for loc in wrong):
            self.doubts.about(name, data)
            return None
        self.doubts.names |= {str(loc[1]) for loc in wrong}
        kept = {
            kind: {key: v for key, v in data[kind].items() if (kind, key) not in wrong} for kind in data if data[kind]
        }
        return model.model_validate(kept)

    def _table(self, name: str) -> str:
        self.places[name] = Place(name)
        return _NOTHING if self._leads_out(name) else name

    def _leads_out(self, name: str) -> bool:
        """Whether a declaration is a link out of the project, which is told: what lies there is no business of it."""
        path = self.root / name
        # One that leads to itself has no end: it is told as a file that cannot be read.
        if not path.is_symlink() or not path.exists() or path.resolve().is_relative_to(self.root.resolve()):
            return False
        message = "is a link that leads out of the project: it is not read."
        self.problems.append(Problem(name, 0, "", message, "Put the file itself there."))
        self.doubts.about(name)
        return True
