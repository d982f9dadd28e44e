"""What the connection is, as text: who, where, which schema, what the role may do and what it may not."""

from audit_tui.core.model import SchemaKind
from audit_tui.core.safe import safe_line
from audit_tui.core.words import INTACT, NOT_RUN, SUSPICIOUS
from audit_tui.service.api import Connection
from audit_tui.tui.present.lines import EMPTY, Line, Span, fit, line, mark, wrap

_LABEL = 12
_SCHEMAS = {
    SchemaKind.OURS: "this tool's own",
    SchemaKind.GUIDE: "built by hand from the guide: version 1 seals, some columns outside them",
}


def about_lines(connection: Connection, width: int) -> list[Line]:
    """Facts, rights, remarks; every value harmless."""
    version = "" if connection.schema_version is None else f", version {connection.schema_version}"
    facts = [
        ("Target", connection.target),
        ("User", connection.user),
        ("Server", f"PostgreSQL {connection.server_version}"),
        ("Protection", _protection(connection.encrypted)),
        ("Schema", _SCHEMAS[connection.schema] + version),
    ]
    lines = [line(Span(fit(label, _LABEL), "muted"), safe_line(text, 300)) for label, text in facts]
    if connection.capabilities:
        lines += [EMPTY, line(Span("What this role may do", "strong"))]
    for capability in connection.capabilities:
        meaning = INTACT if capability.allowed else NOT_RUN
        told = safe_line(capability.name, 60)
        reason = "" if capability.allowed else f"  {safe_line(capability.reason or 'this role may not', 300)}"
        lines.append(
            line(mark(meaning), " ", Span(told, "" if capability.allowed else "muted"), Span(reason, "muted"))
        )
    if connection.notes:
        lines += [EMPTY, line(Span("Remarks", "strong"))]
    for note in connection.notes:
        for number, text in enumerate(wrap(safe_line(note, 600), max(20, width - 2))):
            lines.append(line(mark(SUSPICIOUS) if number == 0 else " ", " ", text))
    return lines


def _protection(encrypted: bool | None) -> str:
    if encrypted is None:
        return "local socket: nothing leaves this machine"
    return "TLS" if encrypted else "none: everything travels readable"


def note_line(connection: Connection | None) -> Line:
    """The first remark about the schema in one line; `i` has all."""
    if connection is None or not connection.notes:
        return EMPTY
    more = f"  and {len(connection.notes) - 1} more: i" if len(connection.notes) > 1 else ""
    return line(" ", mark(SUSPICIOUS), " ", safe_line(connection.notes[0], 300), Span(more, "muted"))
