"""Hashes as people compare them: in groups of four, the groups that differ marked."""

from audit_tui.core.safe import safe_line
from audit_tui.tui.present.lines import Line, Span

GROUP = 4
GROUPS = 16
"""Groups of a whole SHA-256 in hex."""


def groups(text: str) -> list[str]:
    """The text in groups of four characters."""
    return [text[at : at + GROUP] for at in range(0, len(text), GROUP)]


def grouped(text: str | None, other: str | None = None, shown: int = GROUPS) -> Line:
    """The first `shown` groups; those that differ from `other` (where there is one) stand out.

    NULL and what is no hash are shown as they are.
    """
    if text is None:
        return (Span("NULL", "differs"),)
    spans = _marked(text, other)
    cut = (Span(" …"),) if len(spans) > shown else ()
    return (*_spaced(spans[:shown]), *cut)


def whole(text: str | None, other: str | None = None, per_line: int = GROUPS) -> list[Line]:
    """All groups, over as many lines as they need."""
    if text is None:
        return [grouped(None)]
    spans = _marked(text, other)
    return [tuple(_spaced(spans[at : at + per_line])) for at in range(0, max(len(spans), 1), per_line)]


def _marked(text: str, other: str | None) -> list[Span]:
    mine = groups(safe_line(text, 128))
    if other is None:
        return [Span(group) for group in mine]
    theirs = groups(safe_line(other, 128))
    same = [index < len(theirs) and theirs[index] == group for index, group in enumerate(mine)]
    return [Span(group, "" if equal else "differs") for group, equal in zip(mine, same, strict=True)]


def _spaced(spans: list[Span]) -> list[Span]:
    return [part for number, span in enumerate(spans) for part in ((Span(" "), span) if number else (span,))]
