"""A check of archives, reduced to what a test compares."""

from pathlib import Path

from audit_tui.bootstrap import open_archives, open_service
from audit_tui.core.findings import Finding, Report, Verdict

TAMPERED = Verdict.TAMPERED


def prove(*places: Path, dsn: str | None = None, tenants: tuple[str, ...] | None = None) -> Report:
    """The report on the archives in these folders, beside the log where there is one."""
    files = open_archives(places)
    if dsn is None:
        return files.verify(tenants)
    service = open_service(dsn)
    try:
        return files.verify(tenants, service)
    finally:
        service.close()


def findings(report: Report) -> list[Finding]:
    """Every finding but notices, those of no tenant first."""
    everything = [*report.orphans, *(finding for tenant in report.tenants for finding in tenant.findings)]
    return [finding for finding in everything if finding.severity != "notice"]


def places(report: Report) -> list[tuple[str, int | None, int | None]]:
    """(kind, first, last) of every finding but notices."""
    return [(str(f.kind), f.first_sequence, f.last_sequence) for f in findings(report)]


def told(report: Report) -> str:
    """All messages, one per line."""
    return "\n".join(finding.message for finding in findings(report))
