"""How something that could not be done is told: what happened, then what to do."""

from audit_tui.core.errors import AuditError
from audit_tui.core.safe import safe_line
from audit_tui.core.words import INCONCLUSIVE
from audit_tui.tui.present.lines import EMPTY, Line, Span, line, mark, wrap


def failure_line(error: AuditError) -> Line:
    """One line: ` ? no server answers at db.example:5432   start it, or check the port`."""
    told: list[Span | str] = [" ", mark(INCONCLUSIVE), " ", Span(safe_line(error.title, 300))]
    if error.hint:
        told.append(Span("   " + safe_line(error.hint, 300), "muted"))
    return line(*told)


def failure_lines(error: AuditError, width: int) -> list[Line]:
    """A paragraph: the title, then the hint below it."""
    lines = [line(text) for text in wrap(_sentence(error.title), width)]
    if error.hint:
        lines += [EMPTY, *(line(Span(text, "muted")) for text in wrap(_sentence(error.hint), width))]
    return lines


def _sentence(text: str) -> str:
    """Errors are written to follow a colon; where they stand alone they begin with a capital."""
    told = safe_line(text, 1000)
    return told[:1].upper() + told[1:]
