"""The partitions of a log over a PostgreSQL."""

import psycopg

from audit_tui.service.partitions import Partition
from audit_tui.store import partitions as store


class LivePartitions:
    """`service.partitions.PartitionService`. Construct with `bootstrap.open_partitions`."""

    def __init__(self, conn: psycopg.Connection) -> None:
        """UnsupportedSchemaError for a log of another layout; `conn` is closed by `close`."""
        store.refuse_other_layouts(conn)
        self._conn = conn

    def list_partitions(self) -> tuple[Partition, ...]:
        return store.list_partitions(self._conn)

    def create_months(self, months: int, first_us: int | None = None) -> tuple[str, ...]:
        return store.create_months(self._conn, months, first_us)

    def settle_default(self) -> tuple[str, ...]:
        return store.settle_default(self._conn)

    def close(self) -> None:
        self._conn.close()
