"""Physical evidence for one place of a chain, as far as rights and extensions reach."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

import psycopg

from audit_tui.core.clock import rfc3339
from audit_tui.core.errors import UnknownTenantError
from audit_tui.core.evidence import (
    Evidence,
    EvidenceName,
    Piece,
    RowMark,
    index_disagreement,
    judge_commit_time,
    judge_counters,
    judge_paths,
    judge_transaction,
    not_available,
)
from audit_tui.core.findings import Finding
from audit_tui.core.heap import judge_dead_rows
from audit_tui.core.model import CheckedEvent
from audit_tui.core.safe import safe_line
from audit_tui.service.live.pages import Pages
from audit_tui.store import evidence as reads
from audit_tui.store.events import key_conditions
from audit_tui.store.session import translate
from audit_tui.store.tenants import get_head, is_valid_text, list_heads

_NOT_ASKED = "the whole table is read only when that is asked for"


@dataclass(slots=True)
class Collector:
    """Gathers the pieces one by one: what one lacks keeps none of the others from being read."""

    conn: psycopg.Connection
    pages: Pages
    tenant_id: str
    sequence: int

    def collect(self, now_us: int, *, compare_paths: bool) -> Evidence:
        """Everything, inside the caller's transaction of one snapshot. UnknownTenantError; and psycopg's
        errors once the connection is lost.
        """
        head = get_head(self.conn, self.tenant_id)
        if head is None:
            raise UnknownTenantError(f"there is no tenant {self.tenant_id}")
        rows: list[RowMark] = []
        pieces = [*self._of_rows(rows), self._try(EvidenceName.COUNTERS, self._counters)]
        finding: Finding | None = None
        if compare_paths:
            path, finding = self._paths()
            pieces.append(path)
        else:
            pieces.append(not_available(EvidenceName.INDEX, _NOT_ASKED))
        pieces += self._beneath(rows)
        return Evidence(self.tenant_id, self.sequence, rfc3339(now_us), tuple(pieces), finding)

    def _of_rows(self, rows: list[RowMark]) -> list[Piece]:
        """Transactions and commit times; leaves what was read in `rows`."""

        def transactions() -> Piece:
            rows.extend(reads.read_rows(self.conn, self.pages.seen.layout, self.tenant_id, self.sequence))
            return judge_transaction(rows, self.sequence, covered=self._covered(event))

        def times() -> Piece:
            tracked = reads.is_tracking(self.conn)
            known = reads.read_commit_times(self.conn, [row.transaction for row in rows]) if tracked else {}
            timed = [replace(row, committed_us=known.get(row.transaction)) for row in rows]
            stamp = event.event.timestamp if event is not None else None
            return judge_commit_time(
                timed, self.sequence, tracked=tracked, covered=self._covered(event), timestamp=stamp
            )

        event = self._event()
        return [
            self._try(EvidenceName.TRANSACTION, transactions),
            self._try(EvidenceName.COMMIT_TIME, times),
        ]

    def _event(self) -> CheckedEvent | None:
        with suppress(psycopg.Error, UnicodeDecodeError), self.conn.transaction():
            found = self.pages.read(self.conn, key_conditions(self.tenant_id, str(self.sequence)), 1)
            return found[0] if found else None
        return None

    @staticmethod
    def _covered(event: CheckedEvent | None) -> bool:
        return event is not None and bool(event.check.erased) and event.check.covered is True

    def _counters(self) -> Piece:
        tenants = [head.tenant_id for head in list_heads(self.conn) if is_valid_text(head.tenant_id)]
        return judge_counters(reads.read_counters(self.conn, tenants))

    def _paths(self) -> tuple[Piece, Finding | None]:
        found: list[Finding | None] = [None]

        def compare() -> Piece:
            head = get_head(self.conn, self.tenant_id)
            if head is None:
                return not_available(EvidenceName.INDEX, "the tenant has no events")
            seen = reads.count_by_both_paths(self.conn, head)
            found[0] = index_disagreement(self.tenant_id, seen)
            return judge_paths(seen)

        return self._try(EvidenceName.INDEX, compare), found[0]

    def _beneath(self, rows: list[RowMark]) -> list[Piece]:
        """Dead rows by pageinspect; of pg_walinspect it is only said that it is there."""
        extensions: dict[str, tuple[str, bool]] = {}
        with suppress(psycopg.Error), self.conn.transaction():
            extensions = reads.list_extensions(self.conn)
        wal = "the extension pg_walinspect is not installed"
        if "pg_walinspect" in extensions:
            wal = (
                "it is not read here; pg_walinspect is installed, and pg_get_wal_records_info() lists records"
            )
        dead = self._try(EvidenceName.DEAD_ROWS, lambda: self._dead_rows(rows, extensions.get("pageinspect")))
        return [dead, not_available(EvidenceName.WAL, wal)]

    def _dead_rows(self, rows: list[RowMark], pageinspect: tuple[str, bool] | None) -> Piece:
        name = EvidenceName.DEAD_ROWS
        if pageinspect is None:
            return not_available(name, "the extension pageinspect is not installed")
        schema, may = pageinspect
        if not may:
            return not_available(name, "pageinspect needs a superuser")
        if not rows:
            return not_available(name, "no row is left to say which pages to look at")
        table = min(rows, key=lambda row: abs(row.sequence - self.sequence)).table
        pages = [row.page for row in rows if row.table == table]
        wanted = range(max(0, min(pages) - 1), min(max(pages) + 1, min(pages) + reads.PAGES_CAP - 2) + 1)
        size = reads.count_pages(self.conn, table)
        found = reads.read_dead_rows(self.conn, schema, table, [page for page in wanted if page < size])
        return judge_dead_rows(found, self.tenant_id, self.sequence)

    def _try(self, name: EvidenceName, read: Callable[[], Piece]) -> Piece:
        """A piece, or why it is not available. What ended the connection is raised."""
        try:
            with self.conn.transaction():
                return read()
        except psycopg.Error as error:
            if self.conn.closed or self.conn.broken:
                raise
            return not_available(name, safe_line(translate(error, lost=False).title))
        except reads.PathUnavailableError as error:
            return not_available(name, str(error))
