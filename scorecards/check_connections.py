"""Rules about databases and remote folders: sources name declared ones, and their queries can be asked."""

from __future__ import annotations

from collections.abc import Iterator

from scorecards.errors import Problem, did_you_mean
from scorecards.project import Project
from scorecards.queries import QueryFlaw, is_query_file, read_query


def check_connections(project: Project) -> Iterator[Problem]:
    """Problems of the connections, queries and locations that sources name."""
    organisation = project.organisation
    for source_id, source in project.sources.items():
        place = project.places[f"source {source_id}"]
        for key, name, known in (
            ("connection", source.connection, list(organisation.connections)),
            ("location", source.location, list(organisation.locations)),
        ):
            if name is not None and name not in known:
                remedy = f"{did_you_mean(name, known)} Declare it under '{key}s' in scorecard.yaml."
                yield place.problem((key,), f"'{name}' is not a declared {key}.", remedy)
        if source.query is None or is_query_file(source.query):
            # A path is still here only where the file could not be read, which was told when it was opened.
            continue
        file = project.places.get(f"query {source_id}")
        try:
            read_query(source.query)
        except QueryFlaw as flaw:
            if file is not None:
                yield Problem(file.file, flaw.line, "", flaw.message, flaw.remedy)
            else:
                yield place.problem(("query",), flaw.message, flaw.remedy)
            continue
        if source.period == "{period}" and not source.names_month:
            message = "is {period}, but the query does not ask for a month."
            yield place.problem(("period",), message, "Use :period or :period_end in the query, or name a date column.")
        if source.is_snapshot and source.names_month:
            message = "is {known_on}, for how things stand now, but the query asks for a month."
            yield place.problem(("period",), message, "Leave :period out of the query, or name a date column.")
