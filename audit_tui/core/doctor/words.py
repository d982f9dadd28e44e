"""An examination in words: the first line, and one glyph per state, the same in commands and on screens."""

from audit_tui.core.doctor.model import Check, CheckState, DoctorReport
from audit_tui.core.words import INTACT, NOT_RUN, NOTICE, Mark, plural

HOLE = Mark("✗", "hole", "error")
OK = Mark(INTACT.glyph, "ok", INTACT.role)


def mark_of(check: Check) -> Mark:
    """The glyph, word and colour role of a check."""
    if check.state is CheckState.HOLE:
        return HOLE
    if check.state is CheckState.NOT_RUN:
        return NOT_RUN
    return NOTICE if check.is_notice else OK


def headline(report: DoctorReport) -> str:
    """The answer: `2 holes in 41 checks: trigger-disabled, settings-fsync. 3 could not be run.`"""
    total = plural(len(report.checks), "check")
    holes = report.holes
    open_ = len(report.not_run)
    rest = f" {open_} could not be run." if open_ else ""
    if holes:
        names = list(dict.fromkeys(hole.id for hole in holes))
        more = f" and {plural(len(names) - 4, 'more kind')}" if len(names) > 4 else ""
        return f"{plural(len(holes), 'hole')} in {total}: {', '.join(names[:4])}{more}.{rest}"
    return f"No hole in {total}.{rest}"
