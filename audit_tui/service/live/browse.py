"""The real service: one browsing connection, and a connection of its own for every long piece of work."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from threading import RLock

import psycopg

from audit_tui.core.clock import rfc3339
from audit_tui.core.doctor.model import DoctorReport
from audit_tui.core.errors import UnknownEventError, UnknownTenantError, UsageError
from audit_tui.core.evidence import Evidence
from audit_tui.core.filters import EventFilter
from audit_tui.core.findings import Finding, Report, Verdict, VerifyStatus
from audit_tui.core.fold import fold
from audit_tui.core.model import MAX_SEQUENCE, CheckedEvent, TenantSummary
from audit_tui.core.shell import join_words
from audit_tui.core.state import Reconstruction
from audit_tui.service.api import (
    Cancel,
    Connection,
    Direction,
    EventPage,
    MatchCount,
    PageRequest,
    ResourceHistory,
    Silence,
    VerifyRequest,
    WitnessNote,
)
from audit_tui.service.archived import Opened
from audit_tui.service.live.described import describe
from audit_tui.service.live.doctor import examine
from audit_tui.service.live.evidence import Collector
from audit_tui.service.live.pages import Pages
from audit_tui.service.live.verify import Unfinished, Verifier
from audit_tui.service.live.witnesses import WitnessBook, target_of
from audit_tui.store import connect as connecting
from audit_tui.store import events as reads
from audit_tui.store import tenants
from audit_tui.store.conditions import build_conditions
from audit_tui.store.probe import Probe, probe
from audit_tui.store.session import NO_TIMEOUT, reading, translated
from audit_tui.store.silence import list_silent
from audit_tui.store.tenants import is_valid_text, list_heads
from audit_tui.store.witness_file import WitnessFile


class LiveService:
    """`service.api.AuditService` over a PostgreSQL. Construct with `bootstrap.open_service`."""

    def __init__(
        self,
        dsn: connecting.Dsn,
        *,
        name: str,
        state_dir: Path | None,
        now_us: Callable[[], int],
        repeat_with: tuple[str, ...] = ("audit-tui",),
        opened: Opened | None = None,
    ) -> None:
        """Connects and probes. `repeat_with` are the words that start a command which repeats a check;
        `opened` tells that the database is a copy of archives.
        """
        self._repeat_with, self._opened = repeat_with, opened
        self._dsn, self._name, self._state_dir, self._now_us = dsn, name, state_dir, now_us
        self._lock = RLock()
        self._unfinished = Unfinished()
        self._conn: psycopg.Connection
        self._seen: Probe
        self._book: WitnessBook
        self._pages: Pages
        self._connection: Connection
        self._open()

    def _open(self) -> None:
        conn = connecting.connect(self._dsn)
        try:
            seen = probe(conn)
            remarks = self._opened.notes if self._opened is not None else ()
            self._seen = replace(seen, notes=(*seen.notes, *remarks))
        except BaseException:
            conn.close()
            raise
        self._conn = conn
        file = WitnessFile(self._state_dir) if self._state_dir is not None else None
        seen = self._seen
        self._book = WitnessBook(file, target_of(conn), seen.identity, self._now_us, isolated=seen.isolated)
        self._pages = Pages(seen, open_end=self._opened is not None)
        self._connection = describe(conn, self._seen, self._name)

    @property
    def connection(self) -> Connection:
        return self._connection

    def list_tenants(self) -> tuple[TenantSummary, ...]:
        with self._reading() as conn:
            return tenants.list_summaries(conn, self._seen)

    def list_witnesses(self) -> tuple[WitnessNote, ...]:
        newest = self._book.list_newest()
        return tuple(
            WitnessNote(tenant, witness.sequence, witness.event_hash, witness.taken_at, witness.full_at)
            for tenant, witness in sorted(newest.items())
        )

    def compare_witnesses(self) -> tuple[Finding, ...]:
        with self._reading() as conn:
            return self._book.glance(conn)

    def get_tenant(self, tenant_id: str) -> TenantSummary:
        with self._reading() as conn:
            found = tenants.get_summary(conn, tenant_id)
            if found is not None:
                return found
            names = [head.tenant_id for head in tenants.list_heads(conn)]
        close = get_close_matches(tenant_id, names, n=3)
        near = close or names[:3]
        hint = (
            f"{'did you mean' if close else 'there is'}: {', '.join(near)}"
            if near
            else "the log holds no events"
        )
        if self._seen.isolated:
            hint += "; tenants that were not granted to this role are out of its sight"
        raise UnknownTenantError(f"there is no tenant {tenant_id}", hint)

    def list_events(self, request: PageRequest) -> EventPage:
        backward = request.direction is Direction.BACKWARD
        conditions = reads.page_conditions(
            request.tenant_id, request.filter, min(request.anchor, MAX_SEQUENCE), backward=backward
        )
        began = time.perf_counter()
        with self._reading() as conn:
            found = self._pages.read(conn, conditions, request.limit + 1, descending=backward)
        more = len(found) > request.limit
        if more:
            found = found[1:] if backward else found[:-1]
        return EventPage(tuple(found), more, _milliseconds(began))

    def count_events(self, tenant_id: str, event_filter: EventFilter, limit: int = 10_000) -> MatchCount:
        began = time.perf_counter()
        with self._reading() as conn:
            matched = reads.count_matches(conn, build_conditions(tenant_id, event_filter), limit)
        return MatchCount(min(matched, limit), matched <= limit, _milliseconds(began))

    def stream_events(
        self, tenant_id: str, event_filter: EventFilter, limit: int | None = None
    ) -> Iterator[CheckedEvent]:
        conditions = build_conditions(tenant_id, event_filter)
        with closing(self._connect()) as conn, reading(conn, timeout=NO_TIMEOUT, snapshot=True):
            coverage = self._pages.coverage(conn, tenant_id)
            for placed in reads.stream_placed(conn, self._seen.layout, conditions, limit):
                yield self._pages.check(placed, coverage)

    def get_event(self, tenant_id: str | None, key: str) -> CheckedEvent:
        if key.isascii() and key.isdigit() and int(key) > MAX_SEQUENCE:
            raise UsageError(f"the sequence {key} is out of range", f"sequences end at {MAX_SEQUENCE}")
        with self._reading() as conn:
            found = self._pages.read(conn, reads.key_conditions(tenant_id, key), 1)
        if not found:
            where = f" in tenant {tenant_id}" if tenant_id is not None else ""
            raise UnknownEventError(f"there is no event {key}{where}", "list events with: audit-tui timeline")
        return found[0]

    def list_neighbours(self, tenant_id: str, sequence: int, around: int = 1) -> tuple[CheckedEvent, ...]:
        nothing = EventFilter()
        up_to = reads.page_conditions(tenant_id, nothing, min(sequence, MAX_SEQUENCE), backward=True)
        after = reads.page_conditions(tenant_id, nothing, min(sequence + 1, MAX_SEQUENCE), backward=False)
        with self._reading() as conn:
            lower = self._pages.read(conn, up_to, around + 1, descending=True)
            upper = self._pages.read(conn, after, around)
        return (*lower, *upper)

    def find_sequence_at(self, tenant_id: str, at_us: int) -> int | None:
        with self._reading() as conn:
            return reads.find_sequence_at(conn, tenant_id, at_us)

    def list_resource_events(
        self,
        tenant_id: str,
        resource_type: str,
        resource_id: str,
        before: int | None = None,
        limit: int = 1000,
    ) -> ResourceHistory:
        conditions = reads.resource_conditions(tenant_id, resource_type, resource_id)
        last = MAX_SEQUENCE if before is None else before - 1
        conditions.add("l.sequence_number <= %(last)s", last=last)
        began = time.perf_counter()
        with self._reading() as conn:
            found = self._pages.read(conn, conditions, limit + 1, descending=True)
        more = len(found) > limit
        return ResourceHistory(tuple(found[1:] if more else found), more, _milliseconds(began))

    def reconstruct(
        self,
        tenant_id: str,
        resource_type: str,
        resource_id: str,
        at_us: int | None = None,
        through: int | None = None,
    ) -> Reconstruction:
        conditions = reads.resource_conditions(tenant_id, resource_type, resource_id)
        at = rfc3339(self._now_us() if at_us is None else at_us)
        with self._reading() as conn:
            return fold(
                reads.stream_matches(conn, self._seen.layout, conditions),
                tenant_id=tenant_id, resource_type=resource_type, resource_id=resource_id,
                at=at, until_us=at_us, through=through,
            )  # fmt: skip

    def verify(
        self,
        request: VerifyRequest,
        on_status: Callable[[VerifyStatus], None] | None = None,
        cancel: Cancel | None = None,
    ) -> Report:
        excerpts = self._opened.excerpts if self._opened is not None else {}
        verifier = Verifier(
            self._connect,
            self._seen,
            self._book,
            self._now_us,
            excerpts,
            unfinished=self._unfinished,
        )
        return verifier.run(request, on_status, cancel)

    def remember(self, report: Report) -> None:
        """Takes a witness of the heads that a report calls intact. AuditError where that cannot be done."""
        intact = [each for each in report.tenants if each.verdict is Verdict.INTACT and each.head_hash]
        self._book.record(intact, self._seen.identity)

    def doctor(self) -> DoctorReport:
        with closing(self._connect()) as conn:
            return examine(conn, self._now_us)

    def list_evidence(self, tenant_id: str, sequence: int, *, compare_paths: bool = False) -> Evidence:
        with closing(self._connect()) as conn, reading(conn, snapshot=True):
            collector = Collector(conn, self._pages, tenant_id, min(sequence, MAX_SEQUENCE))
            return collector.collect(self._now_us(), compare_paths=compare_paths)

    def list_silent(self, tenants: tuple[str, ...] | None, seconds: int) -> tuple[Silence, ...]:
        with self._reading() as conn:
            heads = list_heads(conn) if tenants is None else ()
            names = tenants or [head.tenant_id for head in heads if is_valid_text(head.tenant_id)]
            return tuple(Silence(*found) for found in list_silent(conn, names, seconds))

    def reproduce_command(self, tenant_id: str | None) -> str:
        words = [*self._repeat_with, "verify"]
        if self._opened is None:
            words += ["--dsn", self._dsn.without_secrets]
        else:
            words += [word for place in self._opened.places for word in ("--archive", place)]
        if tenant_id is not None:
            words += ["--tenant", tenant_id]
        return join_words(words)

    def cancel(self) -> None:
        if not self._conn.closed:
            self._conn.cancel_safe(timeout=5)

    def reconnect(self) -> None:
        with self._lock:
            self._conn.close()
            self._open()

    def close(self) -> None:
        self._conn.close()

    def _connect(self) -> psycopg.Connection:
        return connecting.connect(self._dsn)

    @contextmanager
    def _reading(self) -> Iterator[psycopg.Connection]:
        with self._lock, translated(self._conn), reading(self._conn) as conn:
            yield conn


def _milliseconds(began: float) -> float:
    return (time.perf_counter() - began) * 1000
