"""The Tenants screen as text: the table's columns at a width, a row, the answer, the detail of one tenant."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from audit_tui.core.findings import Finding, TenantReport
from audit_tui.core.model import TenantSummary
from audit_tui.core.safe import safe_line
from audit_tui.core.words import count
from audit_tui.tui.present.lines import EMPTY, Line, Span, crop, fit, line, mark, wrap
from audit_tui.tui.present.spark import spark
from audit_tui.tui.present.times import moment
from audit_tui.tui.present.values import middle
from audit_tui.tui.present.verdicts import Said
from audit_tui.tui.zone import Zone

DETAIL_LINES = 3
VERDICT_WANTED = 43
PROOF = len("FULL PROOF")
BARS_LEAST = 10
_TENANT_MOST = 32
_VERDICT_MOST = 72


@dataclass(frozen=True, slots=True)
class Columns:
    """Widths in cells; 0 for a column that found no room. The verdict always has some."""

    tenant: int
    verdict: int
    events: int
    last: int
    spark: int
    gap: int
    proof: int = 0


@dataclass(frozen=True, slots=True)
class Measure:
    """What the widths depend on: the longest name, the most events, the slots of activity."""

    longest: int
    most: int
    slots: int


def measure(tenants: Sequence[TenantSummary]) -> Measure:
    """Read once per list, so that verdicts which arrive later move nothing."""
    return Measure(
        max((cell_len(safe_line(tenant.tenant_id, 400)) for tenant in tenants), default=0),
        max((tenant.events for tenant in tenants), default=0),
        max((len(tenant.activity or ()) for tenant in tenants), default=0),
    )


def fit_columns(width: int, over: Measure) -> Columns:
    """The age of the proof gives way first, then bars, then the seconds, hours and day of the last event."""
    gap = 3 if width >= 96 else 2
    tenant = min(max(over.longest, len("TENANT")), _TENANT_MOST, max(10, width // 4))
    events = max(len("EVENTS"), len(count(over.most)))
    left = width - 2 - tenant - gap - events - gap
    last = 0
    for wanted in (19, 16, 10):
        if left - wanted - gap >= (VERDICT_WANTED if wanted > 10 else 30):
            last = wanted
            break
    left -= last + gap if last else 0
    bars, proof = 0, 0
    spare = left - VERDICT_WANTED - gap if last == 19 else 0
    if spare >= PROOF + gap + min(BARS_LEAST, over.slots):
        proof = PROOF
        left, spare = left - PROOF - gap, spare - PROOF - gap
    if spare >= BARS_LEAST:
        bars = min(over.slots, spare)
    verdict = left - (bars + gap if bars else 0)
    return Columns(tenant, min(max(verdict, 8), _VERDICT_MOST), events, last, bars, gap, proof)


def heading(columns: Columns, activity_days: int) -> Line:
    """The titles over the table."""
    gap = " " * columns.gap
    words = "  " + fit("TENANT", columns.tenant) + gap + fit("VERDICT", columns.verdict)
    words += gap + fit("EVENTS", columns.events, right=True)
    words += gap + fit("LAST EVENT", columns.last) if columns.last else ""
    words += gap + fit("FULL PROOF", columns.proof) if columns.proof else ""
    words += gap + fit(f"{activity_days} DAYS", columns.spark) if columns.spark else ""
    return line(Span(words, "muted"))


def row(
    tenant: TenantSummary,
    said: Said,
    columns: Columns,
    zone: Zone,
    *,
    counted: int | None = None,
    proof: str = "",
) -> Line:
    """One tenant; a tenant that vanished has no events and no last one. `counted` is how many events a
    check really read: fewer than the sequences promise where some are missing. `proof` is how old the last
    proof of the whole chain is.
    """
    gap = " " * columns.gap
    role = said.mark.role if said.is_bad else _quiet(said)
    name = middle(safe_line(tenant.tenant_id, 400), columns.tenant)
    spans: list[Span | str] = [
        mark(said.mark),
        " ",
        fit(name, columns.tenant),
        gap,
        Span(fit(safe_line(said.words, 400), columns.verdict), role),
        gap,
        fit(count(tenant.events if counted is None else counted), columns.events, right=True),
    ]
    if columns.last:
        shown = moment(tenant.last_time, zone)
        spans += [gap, Span(fit(shown[: columns.last], columns.last), "")]
    if columns.proof:
        spans += [gap, Span(fit(proof, columns.proof), "muted")]
    if columns.spark:
        bars = "–" if tenant.activity is None else spark(tenant.activity, columns.spark)
        spans += [gap, Span(fit(bars, columns.spark), "muted")]
    return line(*spans)


def _quiet(said: Said) -> str:
    return "muted" if said.mark.role == "muted" else ""


def detail(
    report: TenantReport | None, witness: Sequence[Finding], width: int, proof: str = ""
) -> list[Line]:
    """Two or three lines on the tenant under the cursor: what happened, then what the verdict rests on.

    `proof` says how old the last full proof is, where no column does.
    """
    room = max(20, width - 2)
    if report is None:
        told = [finding.message for finding in witness[:1]]
        told_lines = [line(" ", text) for words in told for text in wrap(safe_line(words, 600), room)]
        told_lines += [line(" ", Span(proof, "muted"))] if proof else []
        return _at_most(told_lines, width)
    lines: list[Line] = []
    if report.stories:
        lines += [line(" ", text) for text in wrap(safe_line(report.stories[0].sentence, 600), room)[:2]]
    claim = wrap(f"{proof} {safe_line(report.claim, 1000)}".strip(), room)
    return _at_most([*lines, *(line(" ", Span(text, "muted")) for text in claim)], width)


def _at_most(lines: list[Line], width: int) -> list[Line]:
    """The first lines of a paragraph; the last of them says so where there were more."""
    if len(lines) <= DETAIL_LINES:
        return lines
    last = lines[DETAIL_LINES - 1]
    return [*lines[: DETAIL_LINES - 1], (*crop(last, width - 2), Span(" …", "muted"))]


def no_match(wanted: str) -> Line:
    """What stands in an empty table: nothing, or why the filter leaves nothing."""
    if not wanted:
        return EMPTY
    told = f"No tenant's name holds `{safe_line(wanted, 60)}`."
    return line(told, Span("  esc drops the filter", "muted"))
