"""Fitting and wrapping of styled text: cells are counted, so a wide character never pushes its neighbour
out of the column. What stands in a span has been through `core.safe`.
"""

from collections.abc import Iterable, Iterator

from rich.cells import cell_len, chop_cells

from audit_tui.tui.present.lines import Line, Span, cells, fit

VALUE_LIMIT = 2000
"""Characters of one value that are drawn before `… N more`; a key opens the whole."""
WHOLE_LIMIT = 1_000_000


def plain(of: Line) -> str:
    return "".join(span.text for span in of)


def text_of(lines: Iterable[Line]) -> str:
    """What a person reads, without roles: for tests and for copying."""
    return "\n".join(plain(of).rstrip() for of in lines)


def fit_line(of: Line, width: int) -> Line:
    """The line at exactly `width` cells, its last visible cell `…` where it was cut."""
    if cells(of) <= width:
        return (*of, Span(" " * (width - cells(of))))
    kept: list[Span] = []
    left = width
    for span in of:
        size = cell_len(span.text)
        if size >= left:
            kept.append(Span(fit(span.text + " ", left), span.role))
            break
        kept.append(span)
        left -= size
    return tuple(kept)


def bounded(text: str, limit: int = VALUE_LIMIT) -> tuple[str, int]:
    """The text up to `limit` characters, and how many were left out."""
    return (text, 0) if len(text) <= limit else (text[:limit], len(text) - limit)


def fold(of: Line, width: int, indent: int = 0) -> Iterator[Line]:
    """The line broken at cells to lines of at most `width`; continued lines are indented.

    Broken anywhere: hashes and JSON have no words, and a copy of what is on screen must not lose blanks.
    """
    width = max(width, indent + 8)
    current: list[Span] = []
    used = 0
    for span in of:
        text = span.text
        while text:
            head = _head(text, width - used)
            if not head and used > indent:
                yield tuple(current)
                current, used = [Span(" " * indent)] if indent else [], indent
                continue
            # A character wider than a whole line is drawn all the same: nothing is left out.
            head = head or text[:1]
            current.append(Span(head, span.role))
            used += cell_len(head)
            text = text[len(head) :]
    yield tuple(current)


def fold_wide(lines: Iterable[Line], width: int) -> list[Line]:
    """The lines, those that are too wide broken."""
    return [part for of in lines for part in ([of] if cells(of) <= width else fold(of, width, 3))]


def _head(text: str, room: int) -> str:
    """As much of the beginning as fits into the room; empty where not even one character does."""
    if room <= 0:
        return ""
    return text if cell_len(text) <= room else next(iter(chop_cells(text, room)), "")
