"""An examination as text: one row a check, and what stands under the rows about the one with the cursor."""

from collections.abc import Sequence
from dataclasses import dataclass

from audit_tui.core.doctor.model import Check, CheckState, DoctorReport
from audit_tui.core.doctor.words import HOLE, headline, mark_of
from audit_tui.core.safe import safe, safe_line
from audit_tui.core.words import INTACT, NOT_RUN, plural
from audit_tui.tui.present.lines import EMPTY, Line, Span, crop, fit, line, mark, wrap

_WEIGHT = 8
_ID_MOST = 30
_TEXT_LIMIT = 600
_REMEDY_LIMIT = 4000


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list; headings and blanks have no check."""

    check: Check | None
    heading: str = ""


def answer(report: DoctorReport) -> Line:
    """The first line: is everything that was installed still there and switched on?"""
    meaning = HOLE if report.holes else NOT_RUN if report.not_run else INTACT
    role = "error" if report.holes else "strong"
    return line(" ", mark(meaning), " ", Span(safe_line(headline(report), 300), role))


def list_rows(report: DoctorReport, *, everything: bool) -> list[Row]:
    """Holes first, then what could not be looked at, what is worth knowing and, if asked for, the rest."""
    sections: list[tuple[str, Sequence[Check]]] = [
        ("Holes", report.holes),
        ("Not run", report.not_run),
        ("Worth knowing", report.notices),
    ]
    if everything:
        sections.append(("As installed", report.passed))
    rows: list[Row] = []
    for title, checks in sections:
        if checks:
            rows += [Row(None)] if rows else []
            rows.append(Row(None, f"{title} ({len(checks)})"))
            rows += [Row(check) for check in checks]
    hidden = 0 if everything else len(report.passed)
    if hidden:
        told = f"{plural(hidden, 'check')} found everything as it was installed: a shows them"
        rows += ([Row(None)] if rows else []) + [Row(None, told)]
    return rows


def id_width(rows: Sequence[Row]) -> int:
    """Cells for the column of ids."""
    return min(_ID_MOST, max((len(row.check.id) for row in rows if row.check is not None), default=0))


def row_line(row: Row, ids: int, width: int) -> Line:
    """One row at this width; on narrow screens the id stays and the sentence is cut."""
    check = row.check
    if check is None:
        return line(Span(safe_line(row.heading, 200), "muted")) if row.heading else EMPTY
    weight = check.weight.value if check.state is CheckState.HOLE else ""
    weigh = _WEIGHT if width >= 100 else 0
    return crop(
        line(
            mark(mark_of(check)), " ",
            Span(fit(weight, weigh), "muted"),
            Span(fit(safe_line(check.id, 80), ids), "strong" if check.state is CheckState.HOLE else ""),
            "  ", safe_line(check.message, _TEXT_LIMIT),
        ),
        width,
    )  # fmt: skip


def detail(check: Check | None, width: int, height: int) -> list[Line]:
    """What is so, what someone could do with it, and the remedy, in exactly `height` lines."""
    if check is None:
        return [EMPTY] * height
    room = max(20, width - 14)
    lines: list[Line] = [EMPTY]
    parts = [("", check.message), ("an attacker", check.attack), ("needs", check.needs)]
    for label, text in parts:
        if text:
            lines += _labelled(label, wrap(safe_line(text, _TEXT_LIMIT), room), "")
    if check.remedy:
        told = safe(check.remedy, _REMEDY_LIMIT).split("\n")
        lines += _labelled("remedy", [piece for text in told for piece in wrap(text, room)], "accent")
    if len(lines) > height:
        rest = f"… {len(lines) - height + 1} more lines; y copies the whole remedy"
        lines = [*lines[: height - 1], line(" ", fit("", 12), Span(rest, "muted"))]
    return [*lines, *[EMPTY] * (height - len(lines))]


def _labelled(label: str, texts: Sequence[str], role: str) -> list[Line]:
    return [
        line(" ", Span(fit(label if number == 0 else "", 12), "muted"), Span(text, role))
        for number, text in enumerate(texts)
    ]
