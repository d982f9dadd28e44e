"""What `archive` prints: the plan and the result, for people and as fields of a document."""

from collections.abc import Sequence
from datetime import UTC
from typing import Any

from rich.text import Text

from audit_tui.cli.moments import in_zone
from audit_tui.cli.paper import STYLES, Paper, glyph, role
from audit_tui.cli.table import Column, print_table
from audit_tui.core import words
from audit_tui.core.clock import rfc3339_of
from audit_tui.core.words import count, plural
from audit_tui.service.archiving import (
    Archived,
    ArchivePlan,
    ArchiveResult,
    PlannedStep,
    PlannedTenant,
    Unfinished,
)


def size(number: int) -> str:
    """`812 bytes`, `3.4 MB`: powers of a thousand, as disks are sold."""
    amount = float(number)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "bytes" or amount >= 100 else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"


def print_plan(paper: Paper, plan: ArchivePlan, *, skip: bool) -> None:
    """What would go, what cannot, what is unfinished; and the words that make it happen."""
    tenants = [tenant for step in plan.steps for tenant in step.tenants]
    going = len({tenant.tenant_id for step in plan.steps for tenant in step.going})
    if plan.obstacles and not skip:
        headline = f"Nothing would be archived: {plural(len(plan.obstacles), 'tenant')} cannot be."
    elif going:
        headline = (
            f"{plural(plan.events, 'event')} of {plural(going, 'tenant')} would be archived to {plan.folder}."
        )
    else:
        headline = "There is nothing to archive."
    paper.paragraph(role(headline, "heading", limit=400))
    by_partition = any(step.partition is not None for step in plan.steps)
    if by_partition:
        through = f"{plan.before[:19]}Z"
        sentence = f"This log is archived by whole partitions: those that end by {through}, one archive each."
        paper.paragraph(role(sentence))
    if tenants:
        paper.line()
        columns = (Column("PARTITION"), *_COLUMNS) if by_partition else _COLUMNS
        print_table(paper, columns, [row for step in plan.steps for row in _rows(step, by_partition)])
    for sentence in _in_the_way(plan, ":"):
        _remark(paper, words.INCONCLUSIVE, sentence)
    for sentence in plan.missing:
        _remark(paper, words.SUSPICIOUS, sentence)
    for unfinished in plan.unfinished:
        _remark(paper, words.NOTICE, _unfinished_sentence(unfinished))
    paper.line()
    if plan.obstacles and not skip:
        last = "Nothing is done while a tenant cannot be archived; --skip leaves it out."
    elif going or plan.unfinished:
        last = "Nothing was written. The same command with --write does it."
    else:
        last = "Nothing was written."
    paper.paragraph(role(last, "muted"))


_COLUMNS = (
    Column(""),
    Column("TENANT", least=12),
    Column("SEQUENCES"),
    Column("EVENTS", right=True),
    Column("STAY", right=True),
    Column("ROWS", right=True, drop=2),
    Column("FIRST (UTC)", drop=1),
    Column("LAST (UTC)"),
)


def _rows(step: PlannedStep, by_partition: bool) -> list[tuple[Text, ...]]:
    rows = [_row(tenant, goes=tenant in step.going) for tenant in step.tenants]
    return [(role(step.partition or ""), *row) for row in rows] if by_partition else rows


def _in_the_way(plan: ArchivePlan, was: str) -> list[str]:
    """What stays and why; of a log by time range with everybody's events in the partition and after it."""
    return [
        f"{tenant.tenant_id}{was} {tenant.obstacle}"
        if step.partition is None
        else f"{step.partition} stays, with all partitions after it: {tenant.tenant_id}: {tenant.obstacle}"
        for step in plan.steps
        for tenant in step.tenants
        if tenant.obstacle is not None
    ]


def _row(tenant: PlannedTenant, *, goes: bool) -> tuple[Text, ...]:
    mark = words.INTACT if goes else words.NOT_RUN
    if tenant.obstacle is not None:
        mark = words.INCONCLUSIVE
    nothing = Text("–", style=STYLES["muted"])
    span = f"{tenant.first_sequence}–{tenant.last_sequence}"
    return (
        glyph(mark),
        role(tenant.tenant_id),
        Text(span) if tenant.events else nothing,
        Text(count(tenant.events)),
        Text(count(tenant.stay)),
        Text(f"about {size(tenant.bytes)}") if tenant.events else nothing,
        in_zone(tenant.first_time, UTC, to_seconds=True),
        in_zone(tenant.last_time, UTC, to_seconds=True),
    )


def _unfinished_sentence(unfinished: Unfinished) -> str:
    unrecorded = [each for each in unfinished.tenants if each.event_id is None]
    events = sum(each.events for each in unfinished.tenants)
    return (
        f"Archive {unfinished.archive} is unfinished: {plural(events, 'event')} of "
        f"{plural(len(unfinished.tenants), 'tenant')} are still in the log, "
        f"{plural(len(unrecorded), 'tenant')} not recorded yet. The next run with --write finishes it first."
    )


def print_result(paper: Paper, result: ArchiveResult) -> None:
    """What was archived, an archive a paragraph."""
    for archived in result.finished:
        mark = Text.assemble(glyph(words.INTACT), " ", role(_sentence(archived), "heading", limit=600))
        paper.paragraph(mark, hanging=2)
        rows = [
            (role(t.tenant_id), Text(f"{t.first_sequence}–{t.last_sequence}"), Text(count(t.events)),
             role(t.event_id))
            for t in archived.tenants
        ]  # fmt: skip
        print_table(
            paper,
            (Column("TENANT", least=12), Column("SEQUENCES"), Column("EVENTS", right=True),
             Column("RECORDED BY", drop=1)),
            rows,
        )  # fmt: skip
        paper.paragraph(role(f"manifest {archived.manifest}", "muted"))
    if result.report is not None:
        paper.paragraph(role("Nothing was archived: the chains have to be intact first.", "heading"))
        return
    if result.plan is not None:
        for sentence in _in_the_way(result.plan, " was left out:"):
            _remark(paper, words.INCONCLUSIVE, sentence)
    if not (result.finished or result.refused):
        paper.paragraph(role("There was nothing to archive.", "heading"))


def _sentence(archived: Archived) -> str:
    how = "Finished" if archived.resumed else "Archived"
    return (
        f"{how}: {plural(archived.events, 'event')} of {plural(len(archived.tenants), 'tenant')} are in "
        f"{archived.folder}/{archived.archive} ({size(archived.bytes)}) and no longer in the log."
    )


def _remark(paper: Paper, mark: words.Mark, sentence: str) -> None:
    paper.paragraph(Text.assemble(glyph(mark), " ", role(sentence, limit=800)), indent=2, hanging=4)


def plan_fields(plan: ArchivePlan) -> dict[str, Any]:
    """The plan as a document's fields."""
    return {
        "written": False,
        "before": plan.before,
        "folder": plan.folder,
        "layout": plan.layout,
        "events": plan.events,
        "steps": [
            {"partition": step.partition, "tenants": [_planned(tenant) for tenant in step.tenants]}
            for step in plan.steps
        ],
        "unfinished": [
            {"archive": one.archive, "tenants": [_span(t) | {"recorded_by": t.event_id} for t in one.tenants]}
            for one in plan.unfinished
        ],
        "missing": list(plan.missing),
    }


def _planned(tenant: PlannedTenant) -> dict[str, Any]:
    return _span(tenant) | {
        "stay": tenant.stay,
        "first_time": rfc3339_of(tenant.first_time),
        "last_time": rfc3339_of(tenant.last_time),
        "row_bytes": tenant.bytes,
        "obstacle": tenant.obstacle,
    }


def _span(tenant: Any) -> dict[str, Any]:
    return {
        "tenant_id": tenant.tenant_id,
        "first_sequence": tenant.first_sequence,
        "last_sequence": tenant.last_sequence,
        "events": tenant.events,
    }


def result_fields(result: ArchiveResult) -> dict[str, Any]:
    """What was done as a document's fields."""
    return {
        "written": bool(result.finished),
        "archives": [_archived_fields(archived) for archived in result.finished],
        "left_out": _left_out(result.plan.obstacles if result.plan is not None else ()),
        "refused": list(result.refused),
        "notes": list(result.notes),
    }


def _archived_fields(archived: Archived) -> dict[str, Any]:
    return {
        "archive": archived.archive,
        "folder": archived.folder,
        "manifest": archived.manifest,
        "bytes": archived.bytes,
        "events": archived.events,
        "resumed": archived.resumed,
        "tenants": [_span(tenant) | {"recorded_by": tenant.event_id} for tenant in archived.tenants],
    }


def _left_out(tenants: Sequence[PlannedTenant]) -> list[dict[str, Any]]:
    return [{"tenant_id": each.tenant_id, "why": each.obstacle} for each in tenants]
