"""The Event tab: every column as the server printed it, each with what the seal says about it."""

from audit_tui.core.clock import microseconds
from audit_tui.core.model import CheckedEvent, EventCheck, SchemaKind, State
from audit_tui.core.safe import safe
from audit_tui.core.words import ERASED, INCONCLUSIVE, NOT_COVERED, NOT_RUN, TAMPERED, Mark, plural
from audit_tui.tui.present.lines import EMPTY, Line, Span, fit, line, mark, wrap
from audit_tui.tui.present.marks import mark_of_column
from audit_tui.tui.present.spans import VALUE_LIMIT, fold
from audit_tui.tui.present.times import moment
from audit_tui.tui.zone import Zone

GROUPS: tuple[tuple[str, ...], ...] = (
    ("event_type", "timestamp"),
    ("actor_type", "actor_id", "actor_email", "actor_ip_address", "session_id", "user_agent"),
    ("resource_type", "resource_id", "http_method", "endpoint", "request_id"),
    ("changes", "resource_before", "resource_after", "metadata"),
    ("tenant_id", "sequence_number", "event_id", "id"),
    ("previous_hash", "event_hash", "hash_version", "erased_parts"),
)
"""What a person asks first comes first; blank lines part the groups."""
OURS_ONLY = frozenset({"hash_version", "erased_parts"})
LABEL = 18


def event_lines(
    checked: CheckedEvent, zone: Zone, width: int, schema: SchemaKind, limit: int = VALUE_LIMIT
) -> list[Line]:
    """Troubles first, then every column of the event."""
    lines = trouble_lines(checked, width)
    for group in GROUPS:
        if lines:
            lines.append(EMPTY)
        for column in group:
            if schema is SchemaKind.OURS or column not in OURS_ONLY:
                lines += _column_lines(checked, column, zone, width, limit)
    return lines


def trouble_lines(checked: CheckedEvent, width: int) -> list[Line]:
    """One sentence for each thing about this event that is not simply intact."""
    lines: list[Line] = []
    for meaning, words in _troubles(checked.check, checked.event.hash_version):
        first, *rest = wrap(words, max(width - 4, 20))
        lines.append(line(" ", mark(meaning), " ", Span(first, meaning.role)))
        lines += [line("   ", Span(text, meaning.role)) for text in rest]
    return lines


def _troubles(check: EventCheck, version: int | None) -> list[tuple[Mark, str]]:
    found: list[tuple[Mark, str]] = []
    if check.content is State.FAILED:
        found.append(
            (
                TAMPERED,
                "Its columns give another hash than the sealed one; which of them was edited can't be told.",
            )
        )
    elif check.content is State.INCONCLUSIVE:
        found.append((INCONCLUSIVE, "Its seal could not be recomputed."))
    elif check.content is State.NOT_RUN:
        found.append((NOT_RUN, "Its seal was not looked at."))
    if check.link is State.FAILED:
        found.append(
            (TAMPERED, "It names a predecessor that is not there: the event before has another hash.")
        )
    elif check.link is State.INCONCLUSIVE:
        found.append((INCONCLUSIVE, "Its link to the event before could not be decided."))
    elif check.link is State.NOT_RUN:
        found.append((NOT_RUN, "Its link was not looked at: the event before it is not at hand."))
    if check.erased:
        found.append(_erasure(check))
    if check.uncovered_columns:
        words = f"Version {version or 1}: {plural(len(check.uncovered_columns), 'column')} outside the seal"
        found.append((NOT_COVERED, f"{words} ({NOT_COVERED.glyph}): they could be edited unseen."))
    return found


def _erasure(check: EventCheck) -> tuple[Mark, str]:
    parts = ", ".join(part.value for part in check.erased)
    if check.covered is False:
        return TAMPERED, f"Erased without authority: {parts}. No intact audit.erased event names it."
    if check.covered is None:
        return ERASED, f"Erased: {parts}. Which audit.erased event covers it was not looked at here."
    return ERASED, f"Erased with authority: {parts}. The digests stay under the seal."


def _column_lines(checked: CheckedEvent, column: str, zone: Zone, width: int, limit: int) -> list[Line]:
    value = getattr(checked.event, column)
    meaning = mark_of_column(checked, column)
    label = (Span(" "), mark(meaning), Span(f" {fit(column, LABEL)} ", "muted"))
    if value is None:
        words = Span("erased", ERASED.role) if meaning is ERASED else Span("NULL", "muted")
        return [(*label, words)]
    text = safe(str(value), limit)
    if column == "timestamp":
        text = _time(str(value), zone)
    lines: list[Line] = []
    for number, paragraph in enumerate(text.split("\n")):
        head = label if number == 0 else (Span(" " * (LABEL + 4)),)
        lines += fold((*head, Span(paragraph)), width, LABEL + 4)
    return lines


def _time(server_text: str, zone: Zone) -> str:
    """The server's own text is the evidence; another zone stands beside it."""
    printed = safe(server_text, 60)
    if zone.name == "UTC" or microseconds(server_text) is None:
        return printed
    return f"{printed}   {moment(server_text, zone, precise=True)} {zone.name}"
