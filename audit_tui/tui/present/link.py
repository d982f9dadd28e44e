"""The link view as text: the sentence, the picture, and the answers to what a person asks next."""

from collections.abc import Sequence

from audit_tui.core.findings import Story, TenantReport
from audit_tui.core.model import CheckedEvent
from audit_tui.core.safe import safe, safe_line
from audit_tui.core.words import OF_CONFIDENCE, OF_SEVERITY
from audit_tui.tui.present.lines import EMPTY, Line, Span, line, mark, wrap
from audit_tui.tui.present.link_chain import Look, PictureRow, picture
from audit_tui.tui.present.spans import plain

_LABEL = 17


def worst_mark(story: Story) -> Span:
    """The mark of the story's gravest finding."""
    return mark(OF_SEVERITY[story.findings[0].severity]) if story.findings else Span("✗", "error")


def sentence_lines(story: Story, width: int) -> list[Line]:
    """The first thing to read, over as many lines as it needs."""
    glyph = worst_mark(story)
    first, *more = wrap(safe_line(story.sentence, 600), max(20, width - 4))
    role = "error" if glyph.text == "✗" else "warning"
    return [line(" ", glyph, " ", Span(first, role)), *(line("   ", Span(text, role)) for text in more)]


def answers(story: Story, report: TenantReport | None, command: str) -> list[tuple[str, str]]:
    """Label and text of each paragraph under the picture."""
    told = [("What it means", story.meaning), ("Still proven", story.still_proven)]
    told.append(("Not known", story.not_known))
    told.append(("How sure", f"{OF_CONFIDENCE[story.confidence]}.".capitalize()))
    if story.alternative:
        told.append(("Could also be", story.alternative))
    for number, finding in enumerate(story.findings[:4]):
        told.append(("Evidence" if number == 0 else "", finding.message))
    if len(story.findings) > 4:
        told.append(("", f"and {len(story.findings) - 4} more findings of the same cause"))
    if report is not None:
        told.append(("What was checked", report.claim))
    told.append(("To repeat it", command))
    return told


def paragraph(label: str, text: str, width: int) -> list[Line]:
    """A muted label in its own column, the text wrapped beside it."""
    room = max(20, width - _LABEL - 1)
    lines = wrap(safe(text, 1500), room)
    return [
        line(Span(f" {label if number == 0 else '':<{_LABEL}}", "muted"), words)
        for number, words in enumerate(lines)
    ]


def link_rows(
    story: Story,
    events: Sequence[CheckedEvent],
    report: TenantReport | None,
    command: str,
    look: Look,
) -> list[PictureRow]:
    """Everything under the sentence, row by row."""
    rows = [*picture(story, events, look), PictureRow(EMPTY)]
    for label, text in answers(story, report, command):
        rows += [PictureRow(words) for words in paragraph(label, text, look.width)]
    return rows


def copy_text(
    tenant_id: str,
    story: Story,
    events: Sequence[CheckedEvent],
    report: TenantReport | None,
    command: str,
    look: Look,
) -> str:
    """The whole view as plain text with whole hashes, for a ticket or a mail."""
    whole = Look(max(look.width, 120), look.zone, whole=True)
    rows = link_rows(story, events, report, command, whole)
    head = [f"{safe_line(tenant_id)}: {safe_line(story.sentence, 600)}", f"Times in {look.zone.name}.", ""]
    return "\n".join([*head, *(plain(row.line).rstrip() for row in rows)])
