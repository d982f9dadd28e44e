"""Styled text without a toolkit: a line is a tuple of spans, a span is text with the name of a colour role.

What stands in a span has been through `core.safe`.
"""

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len, chop_cells, set_cell_size

from audit_tui.core.words import Mark


class Span(NamedTuple):
    """`role` is one of `paint.ROLES`, or several joined by spaces."""

    text: str
    role: str = ""


Line = tuple[Span, ...]
EMPTY: Line = ()


def line(*parts: str | Span | Line) -> Line:
    """A line of spans; bare strings take the default role, lines are taken in."""
    spans: list[Span] = []
    for part in parts:
        if isinstance(part, str):
            spans.append(Span(part))
        elif isinstance(part, Span):
            spans.append(part)
        else:
            spans.extend(part)
    return tuple(spans)


def mark(meaning: Mark) -> Span:
    """The glyph of a meaning in its colour."""
    return Span(meaning.glyph, meaning.role)


def fit(text: str, width: int, *, right: bool = False) -> str:
    """Exactly `width` cells: cut with `…` or padded with spaces (on the left where `right`)."""
    if width <= 0:
        return ""
    size = cell_len(text)
    if size > width:
        return set_cell_size(set_cell_size(text, width - 1).rstrip() + "…", width)
    return " " * (width - size) + text if right else text + " " * (width - size)


def wrap(text: str, width: int) -> list[str]:
    """The text broken at blanks to lines of at most `width` cells; a longer word is broken anywhere."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        current = ""
        for word in paragraph.split(" "):
            pieces = chop_cells(word, max(width, 1)) if cell_len(word) > width else [word]
            for piece in pieces:
                joined = f"{current} {piece}" if current else piece
                if cell_len(joined) > width and current:
                    lines.append(current)
                    joined = piece
                current = joined
        lines.append(current)
    return lines


def cells(of: Line) -> int:
    """How many terminal cells it takes."""
    return sum(cell_len(span.text) for span in of)


def crop(of: Line, width: int) -> Line:
    """At most `width` cells; what was cut shows as `…`."""
    if cells(of) <= width:
        return of
    kept: list[Span] = []
    left = width - 1
    for span in of:
        size = cell_len(span.text)
        if size > left:
            kept.append(Span(set_cell_size(span.text, max(left, 0)) + "…", span.role))
            break
        kept.append(span)
        left -= size
    return tuple(kept)


def join(lines: Sequence[Line], separator: str) -> Line:
    """The lines in a row with the separator between."""
    spans: list[Span] = []
    for number, part in enumerate(lines):
        if number:
            spans.append(Span(separator))
        spans.extend(part)
    return tuple(spans)


def ends(left: Line, right: Sequence[Line], width: int) -> Line:
    """`left` at the left and `right` at the right end; parts of the right go first where it is narrow."""
    shown = [part for part in right if part]
    while shown:
        tail = join(shown, " · ")
        room = width - cells(left) - cells(tail)
        if room >= 2:
            return (*left, Span(" " * room), *tail)
        shown.pop(0)
    return crop(left, width)
