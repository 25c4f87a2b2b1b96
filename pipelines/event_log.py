"""Dagster's event log in SQLite for long runs, which log thousands of events: what comes together is stored together.

Belongs here: how events are written. Files, tables and rows are those of Dagster's own log, which reads them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from dagster import AssetKey, AssetRecordsFilter, EventLogEntry, EventRecordsResult
from dagster._core.definitions.asset_checks.asset_check_evaluation import AssetCheckEvaluationPlanned
from dagster._core.events import ASSET_CHECK_EVENTS, ASSET_EVENTS
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable, SqlEventLogStorageTable
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData, serialize_value
from sqlalchemy import Connection, Engine, create_engine

# Dagster gathers up to so many events before it stores them.
BATCHED = {"DAGSTER_EVENT_BATCH_SIZE": "5000"}


class OpenEventLog(SqliteEventLogStorage):
    """The same files and tables as Dagster's own log; ``dispose`` closes the connections.

    Dagster opens and closes its databases for every event, and whoever closes one last brings its write-ahead log into
    it: that took two thirds of the time that a run of many months spent on Dagster. The events of a step's months, and
    those of what a run is about to do, come as a batch where the environment sets ``BATCHED``; Dagster's own log stores
    each of them in three transactions nevertheless.
    """

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: dict[str, Engine] = {}
        self._found: dict[str, EventRecordsResult] = {}
        self._there: set[tuple[str, ...]] = set()
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> "OpenEventLog":
        """The storage of a folder, as named in an instance's configuration."""
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            if shard not in self._engines:
                arguments = {"timeout": SQLITE_BUSY_TIMEOUT_SECONDS}
                self._engines[shard] = create_engine(self.conn_string_for_shard(shard), connect_args=arguments)
            if shard not in self._initialized_dbs:
                self._initdb(self._engines[shard])
                self._initialized_dbs.add(shard)
            with self._engines[shard].begin() as connection:
                yield connection

    def has_table(self, table_name: str) -> bool:
        """As Dagster's own, which opens the database anew for it before every event of a check."""
        return self._is_there(("table", table_name), lambda: super(OpenEventLog, self).has_table(table_name))

    def has_secondary_index(self, name: str) -> bool:
        """As Dagster's own, asked once for what is there."""
        return self._is_there(("index", name), lambda: super(OpenEventLog, self).has_secondary_index(name))

    def _has_asset_key_col_on_connection(self, conn: Connection, column_name: str) -> bool:
        """As Dagster's own, which reads the table's columns anew before every event of an asset."""
        ask = super()._has_asset_key_col_on_connection
        return self._is_there(("column", column_name), lambda: ask(conn, column_name))

    def _is_there(self, what: tuple[str, ...], ask: Callable[[], bool]) -> bool:
        """Whether the database has a part: what is there stays, so that it is asked for once."""
        if what not in self._there and ask():
            self._there.add(what)
        return what in self._there

    def store_event(self, event: EventLogEntry) -> None:
        """Store an event, and forget what was found before where that is of assets."""
        super().store_event(event)
        if event.dagster_event_type in ASSET_EVENTS:
            self._found.clear()

    def fetch_materializations(
        self,
        records_filter: AssetKey | AssetRecordsFilter,
        limit: int,
        cursor: str | None = None,
        ascending: bool = False,
    ) -> EventRecordsResult:
        """As Dagster's own; asked twice for each check of a step, which are the same question, it looks once."""
        asked = repr((records_filter, limit, cursor, ascending))
        if asked not in self._found:
            self._found[asked] = super().fetch_materializations(records_filter, limit, cursor, ascending)
        return self._found[asked]

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Store what would be stored event by event, in one transaction a database."""
        kinds = {event.dagster_event_type for event in events}
        if len({event.run_id for event in events}) > 1 or not kinds <= ASSET_EVENTS | ASSET_CHECK_EVENTS:
            super().store_event_batch(events)
            return
        self._found.clear()
        rows = [self._event_to_row(event) for event in events]
        insert = SqlEventLogStorageTable.insert()
        with self.run_connection(events[0].run_id) as connection:
            connection.execute(insert, rows)
        returning = insert.returning(SqlEventLogStorageTable.c.id, sort_by_parameter_order=True)
        with self.index_connection() as connection:
            stored = list(zip(events, connection.execute(returning, rows).scalars(), strict=True))
            of_assets = [one for one in stored if one[0].dagster_event_type in ASSET_EVENTS]
            self._store_asset_event_tags(connection, [event for event, _ in of_assets], [id_ for _, id_ in of_assets])
            # Of an asset's events of one kind the last leaves what all of them would.
            last = {
                (event.get_dagster_event().asset_key, event.dagster_event_type): (event, id_)
                for event, id_ in of_assets
            }
            for event, id_ in sorted(last.values(), key=lambda one: one[1]):
                self._store_asset_event(connection, event, id_)
        for event, id_ in stored:
            if event.dagster_event_type in ASSET_CHECK_EVENTS:
                self.store_asset_check_event(event, id_)

    def _store_asset_check_evaluation_planned(self, event: EventLogEntry, event_id: int | None) -> None:
        """One row a month, of which Dagster's own log would serialise the same event for each."""
        planned = event.get_dagster_event().event_specific_data
        assert isinstance(planned, AssetCheckEvaluationPlanned)
        subset = planned.partitions_subset
        row = {
            "asset_key": planned.asset_key.to_string(),
            "check_name": planned.check_name,
            "run_id": event.run_id,
            "execution_status": AssetCheckExecutionRecordStatus.PLANNED.value,
            "evaluation_event": serialize_value(event),
            "evaluation_event_timestamp": self._event_insert_timestamp(event),  # type: ignore[no-untyped-call]
            "evaluation_event_storage_id": event_id,
        }
        months = list(subset.get_partition_keys()) if subset else [None]
        with self.index_connection() as connection:
            connection.execute(AssetCheckExecutionsTable.insert(), [{**row, "partition": month} for month in months])

    def dispose(self) -> None:
        """Close all that is open."""
        for engine in self._engines.values():
            engine.dispose()
        super().dispose()
