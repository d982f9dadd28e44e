"""The link view as text: the sentence, the picture, and the answers to what a person asks next."""

from collections.abc import Sequence

from audit_tui.core.findings import Story, TenantReport
from audit_tui.core.model import CheckedEvent
from audit_tui.core.safe import safe, safe_line
from audit_tui.core.shell import split_words
from audit_tui.core.words import OF_CONFIDENCE, OF_SEVERITY
from audit_tui.tui.present.lines import EMPTY, Line, Span, cells, line, mark, wrap
from audit_tui.tui.present.link_chain import Look, PictureRow, picture

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


def answers(story: Story, report: TenantReport | None) -> list[tuple[str, str]]:
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
    for label, text in answers(story, report):
        rows += [PictureRow(words) for words in paragraph(label, text, look.width)]
    return [*rows, *(PictureRow(words) for words in command_lines(command, look.width))]


def command_lines(command: str, width: int) -> list[Line]:
    """The command that repeats the check, broken where a shell reads on: it runs as it stands."""
    words = safe(command, 4000)
    if cells(line(words)) <= max(20, width - _LABEL - 1):
        return [line(Span(f" {'To repeat it':<{_LABEL}}", "muted"), words)]
    lines: list[str] = []
    for word in split_words(words):
        if lines and cells(line(lines[-1], " ", word)) <= width - 6:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    shown = [f"  {text}" + (" \\" if number < len(lines) - 1 else "") for number, text in enumerate(lines)]
    return [line(Span(" To repeat it", "muted")), *(line(text) for text in shown)]
