"""Values of the database as spans: harmless, on one line, `–` for NULL."""

from rich.cells import cell_len, set_cell_size

from audit_tui.core.safe import safe_line
from audit_tui.tui.present.lines import Span, fit

SEPARATOR = " · "


def value(text: str | None, role: str = "", limit: int = 200) -> Span:
    """A value of the database as a span: one line, no control characters, `–` for NULL."""
    return Span("–", "muted") if text is None else Span(safe_line(text, limit), role)


def cell(text: str | None, width: int, role: str = "", *, right: bool = False) -> Span:
    """A value at exactly `width` cells."""
    return Span(fit("–" if text is None else safe_line(text, 400), width, right=right), role)


def short_hash(text: str | None) -> str:
    """`9b02…77c1`; what is too short for that stands whole."""
    if text is None:
        return "NULL"
    shown = safe_line(text, 80)
    return shown if len(shown) <= 9 else f"{shown[:4]}…{shown[-4:]}"


def middle(text: str, width: int) -> str:
    """At most `width` cells, with the middle left out where it is longer: ends tell ids apart."""
    if cell_len(text) <= width:
        return text
    if width < 5:
        return fit(text, width)
    head = width // 2
    return f"{set_cell_size(text, head).rstrip()}…{text[-(width - 1 - head) :]}"
