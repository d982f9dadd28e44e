"""What log and files hold together: the accounts that archiving must keep straight."""

import gzip
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from audit_tui.store.archive_folder import LOCK_NAME

HALF_US = 1_688_169_600_000_000
"""2023-07-01 UTC, half way."""

TENANTS = ("t1", "t2", "t3")


@dataclass(frozen=True)
class Account:
    """Sequences of one tenant: in the table, in the files (as often as they occur), and the records."""

    table: list[int]
    filed: Counter[int]
    records: list[tuple[int, int]]

    @property
    def everything(self) -> set[int]:
        return set(self.table) | set(self.filed)


def account(dsn: str, folder: Path, tenant: str) -> Account:
    with psycopg.connect(dsn, autocommit=True) as conn:
        sequences = conn.execute(
            "SELECT sequence_number FROM audit.logs WHERE tenant_id = %s ORDER BY 1", [tenant]
        ).fetchall()
        records = conn.execute(
            "SELECT (metadata ->> 'first_sequence')::int, (metadata ->> 'last_sequence')::int FROM audit.logs"
            " WHERE tenant_id = %s AND event_type = 'audit.archived' ORDER BY sequence_number",
            [tenant],
        ).fetchall()
    filed = Counter(
        event["sequence_number"] for event in filed_events(folder) if event["tenant_id"] == tenant
    )
    return Account([number for (number,) in sequences], filed, [(row[0], row[1]) for row in records])


def manifests(folder: Path) -> list[dict[str, Any]]:
    """The manifests of all complete archives, oldest first."""
    return [json.loads(path.read_bytes()) for path in sorted(folder.glob("[0-9]*/manifest.json"))]


def filed_events(folder: Path) -> list[dict[str, Any]]:
    """The events in all files of all complete archives."""
    files = sorted(folder.glob("[0-9]*/*.ndjson.gz"))
    return [json.loads(line) for file in files for line in gzip.open(file)]


def intact(dsn: str) -> bool:
    """Whether audit.verify_chain finds every chain intact."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        row = conn.execute(
            "SELECT bool_and(v.is_valid) FROM (SELECT DISTINCT tenant_id FROM audit.logs) t,"
            " audit.verify_chain(t.tenant_id) v"
        ).fetchone()
    return bool(row and row[0])


def check_accounts(
    dsn: str, folder: Path, through: int, last: int, tenants: tuple[str, ...] = TENANTS
) -> None:
    """After a finished run: 1..through are in the files once, the rest in the table, one record each."""
    for tenant in tenants:
        found = account(dsn, folder, tenant)
        assert found.filed == Counter(range(1, through + 1)), tenant
        assert found.table == list(range(through + 1, last + 2)), tenant
        assert found.records == [(1, through)], tenant
    assert not list(folder.glob(".growing*"))
    assert intact(dsn)


def untouched(dsn: str, folder: Path, last: int = 121) -> None:
    """Nothing was archived, and nothing is left of the attempt."""
    for tenant in TENANTS:
        assert account(dsn, folder, tenant).table == list(range(1, last + 1))
    assert not folder.is_dir() or [path.name for path in folder.iterdir() if path.name != LOCK_NAME] == []
