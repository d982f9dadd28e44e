"""What stands under the findings: what left with authority, each axis with its reason, the claim."""

from audit_tui.core.findings import Severity, TenantReport
from audit_tui.core.model import State
from audit_tui.core.safe import safe_line
from audit_tui.core.words import INCONCLUSIVE, NOT_RUN, NOTICE, OF_STATE, SUSPICIOUS, Mark
from audit_tui.tui.present.found import Entry
from audit_tui.tui.present.lines import Line, Span, crop, fit, line, mark, wrap

_PLACE = 13
_AXIS = 11
_ORDER = tuple(Severity)


_PLACE = 13
_AXIS = 11


def boundary_rows(report: TenantReport, width: int) -> list[Entry]:
    """What left the log with authority, where the chain does not begin at 1."""
    boundary = report.boundary
    if boundary is None:
        return []
    words = f"archived; {safe_line(boundary.event_id, 80)} is the sealed record of it"
    told = line(
        mark(NOTICE), " ", fit(f"1–{boundary.last_sequence}", _PLACE), Span(fit("genesis", _AXIS), "muted"),
        Span(words, "muted"),
    )  # fmt: skip
    return [Entry(words=crop(told, width))]


def axis_rows(report: TenantReport, width: int) -> list[Entry]:
    """What was checked and what was not: those that are well on one line, the others with their reason."""
    well = [axis for axis, result in report.axes.items() if result.state is State.OK]
    lines: list[Line] = []
    if well:
        lines += [
            line(mark(OF_STATE[State.OK]) if number == 0 else " ", " ", Span(text, "muted"))
            for number, text in enumerate(wrap("as it should be: " + ", ".join(well), max(20, width - 2)))
        ]
    for (meaning, words), names in _not_well(report).items():
        named = ", ".join(names)
        shown = wrap(words, max(20, width - 2 - _PLACE))
        if len(named) >= _PLACE:
            lines.append(line(mark(meaning), " ", crop(line(named), width - 2)))
            lines += [line("  ", fit("", _PLACE), Span(text, "muted")) for text in shown]
            continue
        lines.append(line(mark(meaning), " ", fit(named, _PLACE), Span(shown[0], "muted")))
        lines += [line("  ", fit("", _PLACE), Span(text, "muted")) for text in shown[1:]]
    return [Entry(words=text) for text in lines]


def _not_well(report: TenantReport) -> dict[tuple[Mark, str], list[str]]:
    """Axes that are not ok, those with the same reason together."""
    grouped: dict[tuple[Mark, str], list[str]] = {}
    for axis, result in report.axes.items():
        if result.state is not State.OK:
            words = result.reason or {State.NOT_RUN: "not run", State.FAILED: "failed"}.get(result.state, "")
            told = safe_line(words, 400).replace("_", " ")
            grouped.setdefault((_axis_mark(report, axis, result.state), told), []).append(axis)
    return grouped


def _axis_mark(report: TenantReport, axis: str, state: State) -> Mark:
    if state is State.NOT_RUN:
        return NOT_RUN
    if state is State.INCONCLUSIVE:
        return INCONCLUSIVE
    tampering = any(f.axis == axis and f.severity is Severity.TAMPERED for f in report.findings)
    return OF_STATE[State.FAILED] if tampering else SUSPICIOUS


def claim_rows(claim: str, width: int) -> list[Entry]:
    """What the verdict rests on."""
    return [
        Entry(words=line(Span(text, "muted"))) for text in wrap(safe_line(claim, 1500), max(20, width - 1))
    ]


GAP = Entry()
