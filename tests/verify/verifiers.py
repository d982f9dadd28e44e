"""The two verifiers side by side, reduced to what both must name."""

from pathlib import Path
from typing import Any, NamedTuple

import psycopg

from audit_tui.bootstrap import open_service
from audit_tui.core.findings import Kind, Report, TenantReport, Verdict
from audit_tui.service.api import VerifyRequest
from tests.verify.chains import ACME

Place = tuple[str, int, int]
"""Kind, first and last sequence of a finding."""


class Named(NamedTuple):
    """A finding as both verifiers must name it, to the letter.

    The reason why an event could not be read is each verifier's own: there the sentence is left out.
    """

    kind: str
    severity: str
    first: int
    last: int
    event_id: str | None
    expected: str | None
    found: str | None
    columns: tuple[str, ...]
    message: str = ""

    @property
    def place(self) -> Place:
        return self.kind, self.first, self.last


class Told(NamedTuple):
    """What one verifier says of a tenant: the verdict (None: nothing can be said) and the findings."""

    valid: bool | None
    findings: tuple[Named, ...]

    @property
    def places(self) -> tuple[Place, ...]:
        return tuple(finding.place for finding in self.findings)


def run_client(dsn: str, state_dir: Path, *tenants: str) -> Report:
    """The client's report on some tenants (none: on all), without remembering any head."""
    service = open_service(dsn, state_dir=state_dir)
    try:
        return service.verify(VerifyRequest.of_chains(tenants or None, record_witness=False))
    finally:
        service.close()


def report_of(dsn: str, state_dir: Path, tenant: str = ACME) -> TenantReport:
    """The client's report on one tenant."""
    return run_client(dsn, state_dir, tenant).tenants[0]


def client_says(report: TenantReport) -> Told:
    """A report reduced to what the SQL verifier can also say."""
    named = tuple(
        Named(
            f.kind, f.severity, f.first_sequence or 0, f.last_sequence or 0, f.event_id, f.expected, f.found,
            f.columns, "" if f.kind is Kind.UNREADABLE_EVENT else f.message,
        )
        for f in report.findings
    )  # fmt: skip
    return Told(report.verdict is Verdict.INTACT, named)


def sql_says(dsn: str, tenant: str = ACME) -> Told:
    """The rows of audit.verify_chain, as the role that is meant to run it and in an odd session."""
    with psycopg.connect(dsn) as conn:
        conn.execute("SET TimeZone = 'America/St_Johns'")
        conn.execute("SET DateStyle = 'German'")
        conn.execute("SET standard_conforming_strings = off")
        conn.execute("SET ROLE audit_admin")
        return sql_told(conn, tenant)


def sql_told(conn: psycopg.Connection[Any], tenant: str) -> Told:
    """The rows of audit.verify_chain in whatever session this is."""
    rows: list[tuple[Any, ...]] = conn.execute("SELECT * FROM audit.verify_chain(%s)", (tenant,)).fetchall()
    verdicts = {row[0] for row in rows}
    assert len(verdicts) == 1, "is_valid is the chain's verdict, the same on every row"
    assert all(row[1] == row[6] and row[3] for row in rows), "the guide's columns say the same"
    named = [row for row in rows if row[4] is not None]
    assert named or len(rows) == 1
    return Told(
        rows[0][0],
        tuple(
            Named(
                r[4], r[5], r[6], r[7], r[2], r[8], r[9], tuple(r[10] or ()),
                "" if r[4] == Kind.UNREADABLE_EVENT else r[3],
            )
            for r in named
        ),
    )  # fmt: skip


def both_say(dsn: str, state_dir: Path, tenant: str = ACME) -> Told:
    """What both verifiers say; fails where they differ in a finding, its order or the verdict."""
    by_client = client_says(report_of(dsn, state_dir, tenant))
    by_sql = sql_says(dsn, tenant)
    assert by_sql == by_client
    return by_client
