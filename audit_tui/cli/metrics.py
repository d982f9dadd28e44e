"""`verify --metrics FILE`: the verdict for Prometheus, as node_exporter's textfile collector reads it.

The text format is https://prometheus.io/docs/instrumenting/exposition_formats/, version 0.0.4.
"""

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from audit_tui import __version__
from audit_tui.core.clock import microseconds
from audit_tui.core.errors import AuditError, UsageError
from audit_tui.core.findings import SEVERITY, Report, TenantReport, Verdict

Labels = Mapping[str, str]
Sample = tuple[Labels, float]


@dataclass(frozen=True, slots=True)
class Run:
    """What a check left behind: its report, how long it took, when it ended (seconds since 1970 UTC), the
    times of the tenants' last events as the server printed them, and who is silent (None: not asked).
    """

    report: Report
    seconds: float
    ended: float
    last_times: Mapping[str, str | None]
    silent: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Family:
    """One metric: all of them are gauges, since each run says how things stand."""

    name: str
    about: str
    samples: tuple[Sample, ...]


def check_target(path: Path) -> None:
    """UsageError where the file could not be written: said before the check, which may take an hour."""
    if path.is_dir():
        raise UsageError(f"--metrics names a folder: {path}", "name a file, e.g. audit_tui.prom")
    folder = path.parent
    if not folder.is_dir():
        raise UsageError(f"there is no folder {folder} for --metrics", "make it, or name another file")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(f"the folder {folder} of --metrics cannot be written to", "name another file")


def write_metrics(path: Path, text: str) -> None:
    """Replaces the file in one step: a collector reads the old text or the new one, never half of it.

    AuditError where it cannot be written; the old file then stands as it was.
    """
    draft: Path | None = None
    try:
        # Not named *.prom, so that the collector passes it over while it grows.
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
        draft = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8", "backslashreplace"))
            file.flush()
            os.fsync(file.fileno())
        draft.chmod(0o644)  # the collector is another user
        draft.replace(path)
    except OSError as error:
        if draft is not None:
            with contextlib.suppress(OSError):
                draft.unlink()
        title = f"the metrics could not be written to {path}: {error.strerror or error}"
        raise AuditError(title, "the file that was there before is unchanged") from error


def render(run: Run) -> str:
    """The whole text, one family after the other, ending with a line feed."""
    return "".join(line + "\n" for family in families(run) for line in _lines(family))


def families(run: Run) -> tuple[Family, ...]:
    """Every metric of a run, in the order of the file."""
    return (*_of_the_run(run), *_of_the_tenants(run))


def _of_the_run(run: Run) -> Iterator[Family]:
    tenants = run.report.tenants
    verdicts = [tenant.verdict for tenant in tenants]
    yield _one("audit_tui_build_info", "The program that wrote this file.", 1, {"version": __version__})
    yield _one(
        "audit_tui_verify_timestamp_seconds", "When the last check that came to a verdict ended.", run.ended
    )
    yield _one("audit_tui_verify_duration_seconds", "How long that check took.", run.seconds)
    yield Family(
        "audit_tui_verify_verdict",
        "1 for the verdict on the whole log, 0 for the others.",
        tuple(({"verdict": verdict}, float(run.report.verdict is verdict)) for verdict in Verdict),
    )
    yield Family(
        "audit_tui_verify_tenants",
        "Tenants by verdict.",
        tuple(({"verdict": verdict}, float(verdicts.count(verdict))) for verdict in Verdict),
    )
    yield _one(
        "audit_tui_verify_events", "Events that were read.", float(sum(tenant.events for tenant in tenants))
    )
    yield _one(
        "audit_tui_verify_nameless_rows",
        "Rows without tenant or sequence: each is tampering.",
        float(len(run.report.orphans)),
    )


def _of_the_tenants(run: Run) -> Iterator[Family]:
    tenants = run.report.tenants
    yield Family(
        "audit_tui_tenant_verdict",
        "1 for the verdict on a tenant's chain, 0 for the others.",
        tuple(
            ({"tenant": t.tenant_id, "verdict": verdict}, float(t.verdict is verdict))
            for t in tenants
            for verdict in Verdict
        ),
    )
    yield _each("audit_tui_tenant_events", "Events that were read.", tenants, lambda t: float(t.events))
    yield _each(
        "audit_tui_tenant_head_sequence",
        "Sequence of the last event.",
        tenants,
        lambda t: _number(t.last_sequence),
    )
    yield _each(
        "audit_tui_tenant_proven_through_sequence",
        "Through this sequence nothing was tampered with; 0 where nothing is proven.",
        tenants,
        lambda t: float(t.proven_through or 0),
    )
    yield _each(
        "audit_tui_tenant_last_event_timestamp_seconds",
        "When the last event was logged.",
        tenants,
        lambda t: _seconds(run.last_times.get(t.tenant_id)),
    )
    yield Family(
        "audit_tui_tenant_findings",
        "Findings by kind; a kind that is not listed was not found.",
        tuple(
            ({"tenant": t.tenant_id, "kind": kind, "severity": SEVERITY[kind]}, float(number))
            for t in tenants
            for kind, number in sorted(t.finding_counts.items())
            if number
        ),
    )
    silent = run.silent
    if silent is not None:
        yield _each(
            "audit_tui_tenant_silent",
            "1 where a tenant that usually logs has not for longer than --silence.",
            tenants,
            lambda t: float(t.tenant_id in silent),
        )


def _one(name: str, about: str, value: float, labels: Labels | None = None) -> Family:
    return Family(name, about, ((labels or {}, value),))


def _each(
    name: str, about: str, tenants: Iterable[TenantReport], value: Callable[[TenantReport], float | None]
) -> Family:
    found = ((tenant.tenant_id, value(tenant)) for tenant in tenants)
    return Family(name, about, tuple(({"tenant": name_}, n) for name_, n in found if n is not None))


def _number(value: int | None) -> float | None:
    return None if value is None else float(value)


def _seconds(server_text: str | None) -> float | None:
    us = microseconds(server_text)
    return None if us is None else us / 1_000_000


def _lines(family: Family) -> Iterator[str]:
    if not family.samples:
        return
    yield f"# HELP {family.name} {family.about}"
    yield f"# TYPE {family.name} gauge"
    for labels, value in family.samples:
        written = ",".join(f'{name}="{_escaped(text)}"' for name, text in labels.items())
        yield (
            f"{family.name}{{{written}}} {_written(value)}" if written else f"{family.name} {_written(value)}"
        )


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _written(value: float) -> str:
    """Whole numbers without a point, others with all their digits; never in a locale's form."""
    return str(int(value)) if value == int(value) else repr(value)
