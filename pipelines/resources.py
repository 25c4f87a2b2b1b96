"""Where the project and its home are: the one resource of all assets."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import dagster as dg

from pipelines.instance import begin_run, note_process
from pipelines.steps.hash_key import stamp
from pipelines.steps.setting import Setting, open_setting
from scorecards.periods import parse_period
from warehouse.working import at_work

# Names and times of all declaration files, and a mark of the hash key; with the place, the state of a project.
_Stamp = tuple[tuple[str, int], ...]
_State = tuple[str, str, str, str, _Stamp]
_REPOSITORY = Path(__file__).resolve().parent.parent


class ProjectPlace(dg.ConfigurableResource[None]):
    """A project folder, its home and its extracts folder; the last two are the project's own when empty.

    ``as_of`` is the day as of which things are computed; empty: today. Nothing is held: sending is kept apart by the
    ledger's own lock, so that a run may go on beside it.
    """

    project: str
    home: str = ""
    extracts: str = ""
    as_of: str = ""

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[Any]:
        """Note which process the run is of, so that one whose process was killed can be closed."""
        if context.instance is not None and context.run is not None:
            note_process(context.instance, context.run.run_id)
        yield self

    def open(self) -> Setting:
        """The checked project with its home; read once for each state of its files."""
        state = self._state()
        return _KEPT.get(state) or _open(*state)

    @contextmanager
    def kept(self, setting: Setting) -> Iterator[None]:
        """Let ``open`` give what was just read, as long as the files stay as they are.

        Only for a while: its paths may be relative to where the process is now.
        """
        state = self._state()
        _KEPT[state] = setting
        try:
            yield
        finally:
            del _KEPT[state]

    def _state(self) -> _State:
        return self.project, self.home, self.extracts, self.as_of, _stamp(Path(self.project))


class ProjectResource(ProjectPlace):
    """The same, with the home held from a run's first step to its last."""

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[Any]:
        """Hold the home from a run's first step to its last, and close runs whose processes were killed."""
        home = self.open().home
        with at_work(home):
            if context.instance is not None and context.run is not None:
                begin_run(context.instance, context.run.run_id)
            yield self

    @property
    def place(self) -> ProjectPlace:
        """The same project without the home being held."""
        return ProjectPlace(project=self.project, home=self.home, extracts=self.extracts, as_of=self.as_of)


_KEPT: dict[_State, Setting] = {}


@lru_cache(maxsize=4)
def _open(project: str, home: str, extracts: str, as_of: str, _stamp: _Stamp) -> Setting:
    day = date.fromisoformat(as_of) if as_of else None
    return open_setting(Path(project), Path(home) if home else None, Path(extracts) if extracts else None, day)


def _stamp(root: Path) -> _Stamp:
    """Names and times of all declaration files, and a mark of the hash key.

    So that a long-running process reads again what was edited.
    """
    files = [
        *root.glob("*.yaml"),
        *root.glob("*.csv"),
        *root.glob("sources/*.yaml"),
        *root.glob("kpis/*.yaml"),
        *root.glob("commentary/*.yaml"),
    ]
    return (stamp(), *sorted((str(path), path.stat().st_mtime_ns) for path in files))


def default_project() -> Path:
    """The project that is served: the environment's, the working directory's, the demo, or Meridian."""
    named = os.environ.get("SCOREPACK_PROJECT")
    candidates = (
        [Path(named)]
        if named
        else [Path.cwd(), Path.cwd() / "demo", _REPOSITORY / "demo", _REPOSITORY / "examples" / "meridian"]
    )
    found = next((path for path in candidates if (path / "scorecard.yaml").is_file()), candidates[-1])
    return found.resolve()


def resource_from_environment() -> ProjectResource:
    """The resource as SCOREPACK_PROJECT, SCOREPACK_HOME and SCOREPACK_EXTRACTS say."""
    return ProjectResource(
        project=str(default_project()),
        home=os.environ.get("SCOREPACK_HOME", ""),
        extracts=os.environ.get("SCOREPACK_EXTRACTS", ""),
    )


def period_of(key: str) -> date:
    """A partition key, such as 2025-09-01, as a period."""
    return parse_period(key[:7])
