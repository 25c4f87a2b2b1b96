"""Dagster's event log in SQLite with connections that stay open: a long run writes thousands of events, one by one."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine


class OpenEventLog(SqliteEventLogStorage):
    """The same files and tables as Dagster's own log; ``dispose`` closes the connections.

    Dagster opens and closes its databases for every event, and whoever closes one last brings its write-ahead log into
    it: that took two thirds of the time that a run of many months spent on Dagster.
    """

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: dict[str, Engine] = {}
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

    def dispose(self) -> None:
        """Close all that is open."""
        for engine in self._engines.values():
            engine.dispose()
        super().dispose()
