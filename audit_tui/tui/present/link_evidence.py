"""What the server itself keeps about a row, under the link view: evidence beside a finding, no verdict."""

from audit_tui.core.evidence import Evidence, EvidenceState, Piece
from audit_tui.core.safe import safe_line
from audit_tui.core.words import NOT_RUN, NOTICE, SUSPICIOUS, Mark
from audit_tui.tui.present.lines import EMPTY, Line, Span, line, mark, wrap

_MARKS: dict[EvidenceState, Mark] = {
    EvidenceState.ODD: SUSPICIOUS,
    EvidenceState.QUIET: NOTICE,
    EvidenceState.NOT_AVAILABLE: NOT_RUN,
}


def evidence_lines(evidence: Evidence, width: int) -> list[Line]:
    """Each piece with its mark; beneath what is odd, what else it can mean."""
    title = f" What the server keeps about the row of event {evidence.sequence}"
    lines: list[Line] = [EMPTY, line(Span(title, "strong"), Span("  evidence, never a verdict", "muted"))]
    for piece in evidence.pieces:
        lines += _piece_lines(piece, width)
    if not evidence.pieces:
        lines.append(line(Span(" Nothing is kept.", "muted")))
    return lines


def _piece_lines(piece: Piece, width: int) -> list[Line]:
    is_odd, room = piece.state is EvidenceState.ODD, max(20, width - 4)
    told = [(safe_line(piece.sentence, 600), "" if is_odd else "muted")]
    told += [(safe_line("; ".join(piece.details), 1200), "muted")] if piece.details else []
    told += [(piece.caveat, "muted")] if is_odd else []
    shown = [(text, role) for words, role in told for text in wrap(words, room)]
    start = line(" ", mark(_MARKS[piece.state]), " ")
    return [line(start if n == 0 else "   ", Span(text, role)) for n, (text, role) in enumerate(shown)]
