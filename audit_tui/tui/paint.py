"""Colour roles as terminal styles, and lines as strips: the one place where meaning becomes colour.

Roles use the terminal's own sixteen colours, so that dark, light and personal palettes all work; a theme
with colours of its own gets them converted by Textual. Weight and dimness stay where NO_COLOR takes the rest.
"""

from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from audit_tui.tui.present.lines import Line

ROLES: dict[str, Style] = {
    "success": Style(color="green"),
    "error": Style(color="red", bold=True),
    "warning": Style(color="yellow"),
    "warning-dim": Style(color="yellow", dim=True),
    "muted": Style(dim=True),
    "muted-italic": Style(dim=True, italic=True),
    "accent": Style(color="cyan"),
    "accent-dim": Style(color="cyan", dim=True),
    "strong": Style(bold=True),
    "heading": Style(dim=True),
    "key": Style(bold=True),
    "differs": Style(color="red", bold=True, underline=True),
    "added": Style(color="green"),
    "removed": Style(color="red"),
    "changed": Style(color="yellow"),
    "reverse": Style(reverse=True),
    "underline": Style(underline=True),
    "selected": Style(bold=True),
}


@lru_cache(maxsize=512)
def style_of(role: str) -> Style:
    """The style of one or several roles joined by spaces; an unknown role draws in the plain foreground."""
    style = Style.null()
    for name in role.split():
        style += ROLES.get(name, Style.null())
    return style


def strip_of(line: Line, width: int, base: Style, selected: bool = False) -> Strip:
    """A line as a strip of exactly `width` cells over a base style."""
    over = base + ROLES["selected"] if selected else base
    segments = [Segment(span.text, over + style_of(span.role)) for span in line if span.text]
    return Strip(segments).adjust_cell_length(width, over)
