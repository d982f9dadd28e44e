"""An AuditService over events in memory: the real core judges, only PostgreSQL is fake."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from audit_tui.core.checked import Checked
from audit_tui.core.clock import microseconds, rfc3339
from audit_tui.core.coverage import Coverage, parse_groups
from audit_tui.core.doctor.model import DoctorReport
from audit_tui.core.errors import AuditError, UnknownEventError, UnknownTenantError
from audit_tui.core.evidence import Evidence
from audit_tui.core.filters import EventFilter
from audit_tui.core.findings import (
    SEVERITY,
    AxisResult,
    Finding,
    Kind,
    Report,
    TenantReport,
    VerifyStatus,
)
from audit_tui.core.judging import judge_content
from audit_tui.core.model import (
    V1_UNCOVERED_COLUMNS,
    CheckedEvent,
    Event,
    EventCheck,
    SchemaKind,
    State,
    TenantSummary,
)
from audit_tui.core.seal import erased_parts
from audit_tui.core.segments import build_segments
from audit_tui.core.state import Reconstruction
from audit_tui.core.verdict import report_on, worst
from audit_tui.core.walk import Walk
from audit_tui.service.api import (
    Cancel,
    Capability,
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

NOW_US = 1_793_641_267_000_000
"""2026-11-02 17:41:07 UTC: the clock of every test."""


class FakeService:
    """`chains` maps tenants to their events; tests change them between calls as an intruder would.

    `witnesses` maps tenants to (sequence, hash). `fail_next` is raised by the next call; `gate`, when set to
    a `threading.Event`, holds `verify` before its second tenant until it is set.
    """

    def __init__(
        self,
        chains: Mapping[str, Sequence[Event]],
        *,
        name: str = "incident-prod",
        witnesses: Mapping[str, tuple[int, str]] | None = None,
        capabilities: tuple[Capability, ...] = (),
        kind: SchemaKind = SchemaKind.OURS,
    ) -> None:
        self.chains: dict[str, list[Event]] = {tenant: list(events) for tenant, events in chains.items()}
        self.witnesses = dict(witnesses or {})
        self.fail_next: AuditError | None = None
        self.gate: threading.Event | None = None
        self.calls: list[str] = []
        self.closed = False
        self.silent: tuple[Silence, ...] = ()
        self.evidence: Evidence | None = None
        self.examination = DoctorReport(kind, 1, "plain", "audit_owner", rfc3339(NOW_US), ())
        self._connection = Connection(
            name, f"analyst@db.example:5432/{name}", "analyst", name, "18.6", True, kind, 1, capabilities
        )

    @property
    def connection(self) -> Connection:
        return self._connection

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if self.fail_next is not None:
            error, self.fail_next = self.fail_next, None
            raise error

    def _chain(self, tenant_id: str) -> list[Event]:
        if tenant_id not in self.chains or not self.chains[tenant_id]:
            raise UnknownTenantError(f"no tenant is called {tenant_id}")
        return self.chains[tenant_id]

    def doctor(self) -> DoctorReport:
        self._called("doctor")
        return self.examination

    def list_tenants(self) -> tuple[TenantSummary, ...]:
        self._called("list_tenants")
        return tuple(self._summary(tenant) for tenant in sorted(self.chains) if self.chains[tenant])

    def _summary(self, tenant_id: str) -> TenantSummary:
        events = self._chain(tenant_id)
        activity = [0] * 30
        for event in events:
            activity[(event.sequence_number or 0) * 7 % 30] += 1
        return TenantSummary(
            tenant_id,
            events[0].sequence_number or 0,
            events[-1].sequence_number or 0,
            events[0].timestamp,
            events[-1].timestamp,
            events[-1].event_hash,
            tuple(activity),
        )

    def get_tenant(self, tenant_id: str) -> TenantSummary:
        self._called("get_tenant")
        return self._summary(tenant_id)

    def list_witnesses(self) -> tuple[WitnessNote, ...]:
        self._called("list_witnesses")
        return tuple(WitnessNote(t, s, h, rfc3339(NOW_US)) for t, (s, h) in sorted(self.witnesses.items()))

    def compare_witnesses(self) -> tuple[Finding, ...]:
        self._called("compare_witnesses")
        return tuple(f for tenant in sorted(self.witnesses) for f in self._witness_findings(tenant))

    def _witness_findings(self, tenant_id: str) -> list[Finding]:
        if tenant_id not in self.witnesses:
            return []
        sequence, event_hash = self.witnesses[tenant_id]
        events = self.chains.get(tenant_id) or []
        head = (events[-1].sequence_number or 0) if events else 0
        if not events:
            return [_witness(Kind.TENANT_MISSING, tenant_id, 1, sequence, event_hash, None)]
        if head < sequence:
            found = events[-1].event_hash
            return [_witness(Kind.HEAD_REWOUND, tenant_id, head + 1, sequence, event_hash, found)]
        at = next((e for e in events if e.sequence_number == sequence), None)
        if at is None or at.event_hash != event_hash:
            found = at.event_hash if at else None
            return [_witness(Kind.HEAD_REWRITTEN, tenant_id, sequence, sequence, event_hash, found)]
        return []

    def list_events(self, request: PageRequest) -> EventPage:
        self._called("list_events")
        checked = self._matching(request.tenant_id, request.filter)
        if request.direction is Direction.FORWARD:
            inside = [c for c in checked if (c.event.sequence_number or 0) >= request.anchor]
            return EventPage(tuple(inside[: request.limit]), len(inside) > request.limit, 1.0)
        inside = [c for c in checked if (c.event.sequence_number or 0) <= request.anchor]
        return EventPage(tuple(inside[-request.limit :]), len(inside) > request.limit, 1.0)

    def _matching(self, tenant_id: str, wanted: EventFilter) -> list[CheckedEvent]:
        events = self._chain(tenant_id)
        coverage = _coverage(events)
        return [
            _check(event, events[index - 1] if index else None, coverage)
            for index, event in enumerate(events)
            if _matches(event, wanted)
        ]

    def count_events(self, tenant_id: str, event_filter: EventFilter, limit: int = 10_000) -> MatchCount:
        self._called("count_events")
        found = len(self._matching(tenant_id, event_filter))
        return MatchCount(min(found, limit), found <= limit, 1.0)

    def stream_events(
        self, tenant_id: str, event_filter: EventFilter, limit: int | None = None
    ) -> Iterator[CheckedEvent]:
        self._called("stream_events")
        yield from self._matching(tenant_id, event_filter)[:limit]

    def get_event(self, tenant_id: str | None, key: str) -> CheckedEvent:
        self._called("get_event")
        tenants = [tenant_id] if tenant_id is not None else list(self.chains)
        for tenant in tenants:
            for checked in self._matching(tenant, EventFilter()):
                if checked.event.event_id == key or str(checked.event.sequence_number) == key:
                    return checked
        raise UnknownEventError(f"no event {key}")

    def list_neighbours(self, tenant_id: str, sequence: int, around: int = 1) -> tuple[CheckedEvent, ...]:
        self._called("list_neighbours")
        checked = self._matching(tenant_id, EventFilter())
        at = next(
            (i for i, c in enumerate(checked) if (c.event.sequence_number or 0) >= sequence), len(checked)
        )
        return tuple(checked[max(0, at - around) : at + around + 1])

    def find_sequence_at(self, tenant_id: str, at_us: int) -> int | None:
        self._called("find_sequence_at")
        for event in self._chain(tenant_id):
            if (microseconds(event.timestamp) or 0) >= at_us:
                return event.sequence_number
        return None

    def list_resource_events(
        self,
        tenant_id: str,
        resource_type: str,
        resource_id: str,
        before: int | None = None,
        limit: int = 1000,
    ) -> ResourceHistory:
        self._called("list_resource_events")
        wanted = EventFilter(resource_type=resource_type, resource_id=resource_id)
        found = [
            c
            for c in self._matching(tenant_id, wanted)
            if before is None or (c.event.sequence_number or 0) < before
        ]
        return ResourceHistory(tuple(found[-limit:]), len(found) > limit, 1.0)

    def reconstruct(
        self,
        tenant_id: str,
        resource_type: str,
        resource_id: str,
        at_us: int | None = None,
        through: int | None = None,
    ) -> Reconstruction:
        from audit_tui.core.fold import fold

        self._called("reconstruct")
        wanted = EventFilter(resource_type=resource_type, resource_id=resource_id)
        return fold(
            [c.event for c in self._matching(tenant_id, wanted)],
            tenant_id=tenant_id,
            resource_type=resource_type,
            resource_id=resource_id,
            at=rfc3339(at_us if at_us is not None else NOW_US),
            until_us=at_us,
            through=through,
        )

    def verify(
        self,
        request: VerifyRequest,
        on_status: Callable[[VerifyStatus], None] | None = None,
        cancel: Cancel | None = None,
    ) -> Report:
        self._called("verify")
        known = set(self.chains) | set(self.witnesses)
        tenants = sorted(request.tenants if request.tenants is not None else known)
        total = sum(len(self.chains.get(tenant, ())) for tenant in tenants)
        reports: list[TenantReport] = []
        done = 0
        for number, tenant in enumerate(tenants):
            if number == 1 and self.gate is not None:
                self.gate.wait()
            stopped = cancel is not None and cancel.is_set()
            reports.append(self._verify_tenant(tenant, stopped=stopped))
            done += reports[-1].events
            if on_status is not None:
                on_status(self._status(tenant, number + 1, len(tenants), done, total, reports))
        checked_at = rfc3339(NOW_US)
        verdict = worst(report.verdict for report in reports)
        return Report(verdict, f"{verdict}: as of {checked_at}", checked_at, tuple(reports))

    def _status(
        self, tenant: str, number: int, of: int, done: int, total: int, reports: list[TenantReport]
    ) -> VerifyStatus:
        last = reports[-1].last_sequence or 0
        segments = build_segments(1, last, ((1, last),), reports[-1].findings) if last else ()
        return VerifyStatus(
            tenant, number, of, done, total, 71_400.0, (total - done) / 71_400,
            segments, reports[-1].findings, tuple(reports),
        )  # fmt: skip

    def _verify_tenant(self, tenant_id: str, *, stopped: bool) -> TenantReport:
        events = self.chains.get(tenant_id) or []
        walk = Walk(tenant_id, _coverage(events))
        for event in events if not stopped else ():
            walk.step(event)
        witness = self._witness_findings(tenant_id)
        findings = tuple(sorted([*walk.finish(), *witness], key=lambda f: f.order))
        counts = dict(walk.counts) | {f.kind: 1 for f in witness}
        return report_on(
            Checked(
                tenant_id=tenant_id,
                events=walk.events,
                first_sequence=events[0].sequence_number if events else None,
                last_sequence=events[-1].sequence_number if events else None,
                head_hash=events[-1].event_hash if events else None,
                findings=findings,
                counts=counts,
                boundary=walk.boundary,
                erased_events=walk.erased_events,
                first_unproven=walk.first_unproven,
                cut_off="stopped before the head" if stopped else None,
                witness=AxisResult(State.FAILED if witness else State.OK),
                witness_note="against the witness of yesterday",
                checked_at=rfc3339(NOW_US),
                version_1=any(e.hash_version == 1 for e in events),
                unchecked={},
            )
        )

    def list_evidence(self, tenant_id: str, sequence: int, *, compare_paths: bool = False) -> Evidence:
        self._called("list_evidence")
        self._chain(tenant_id)
        return self.evidence or Evidence(tenant_id, sequence, rfc3339(NOW_US), ())

    def list_silent(self, tenants: tuple[str, ...] | None, seconds: int) -> tuple[Silence, ...]:
        self._called("list_silent")
        return tuple(each for each in self.silent if tenants is None or each.tenant_id in tenants)

    def reproduce_command(self, tenant_id: str | None) -> str:
        tenant = f" --tenant {tenant_id}" if tenant_id else ""
        return f"audit-tui verify --dsn service={self._connection.name}{tenant}"

    def cancel(self) -> None:
        self.calls.append("cancel")

    def reconnect(self) -> None:
        self._called("reconnect")

    def close(self) -> None:
        self.closed = True


def _witness(kind: Kind, tenant: str, first: int, last: int, expected: str, found: str | None) -> Finding:
    message = f"Events {first} to {last} were witnessed and are gone."
    return Finding(kind, SEVERITY[kind], tenant, first, last, None, message, expected, found)


def _coverage(events: Iterable[Event]) -> Coverage:
    return Coverage(tuple(group for event in events for group in parse_groups(event)))


def _check(event: Event, before: Event | None, coverage: Coverage) -> CheckedEvent:
    judged = judge_content(event, before)
    erased = tuple(erased_parts(event) or ())
    adjacent = before is not None and event.sequence_number == (before.sequence_number or 0) + 1
    first = before is None and event.sequence_number == 1
    link = State.NOT_RUN
    if first or (before is not None and adjacent):
        named = before.event_hash if before is not None else None
        link = State.OK if event.previous_hash == named else State.FAILED
    return CheckedEvent(
        event,
        EventCheck(
            content=State.FAILED if judged.tampered else State.OK,
            link=link,
            expected_hash=judged.expected_hash,
            erased=erased,
            covered=not coverage.offending(event) if erased else None,
            uncovered_columns=V1_UNCOVERED_COLUMNS if event.hash_version == 1 else (),
        ),
    )


def _matches(event: Event, wanted: EventFilter) -> bool:
    moment = microseconds(event.timestamp) or 0
    text = " ".join(str(column) for column in event if isinstance(column, str)).lower()
    return (
        (wanted.event_type is None or fnmatchcase(event.event_type or "", wanted.event_type))
        and (
            wanted.actor is None
            or fnmatchcase(event.actor_id or "", wanted.actor)
            or fnmatchcase(event.actor_email or "", wanted.actor)
        )
        and (wanted.resource_type is None or event.resource_type == wanted.resource_type)
        and (wanted.resource_id is None or event.resource_id == wanted.resource_id)
        and (wanted.ip is None or event.actor_ip_address == wanted.ip)
        and (wanted.since_us is None or moment >= wanted.since_us)
        and (wanted.until_us is None or moment < wanted.until_us)
        and (wanted.text is None or wanted.text.lower() in text)
    )
