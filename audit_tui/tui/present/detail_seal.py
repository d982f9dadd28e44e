"""The Seal tab: how the hash is made, what came out, and the commands with which anyone can check it."""

import shlex

from audit_tui.core.model import PARTS, CheckedEvent, Event, Part, State
from audit_tui.core.safe import safe_line
from audit_tui.core.seal import erased_parts, part_digest, part_text, preimage_v1, preimage_v2, salt_slice
from audit_tui.core.words import ERASED, NOT_RUN, OF_STATE, plural
from audit_tui.tui.present.lines import EMPTY, Line, Span, fit, line, mark
from audit_tui.tui.present.spans import VALUE_LIMIT, fold

LABEL = 12


def grouped(digest: str, group: int = 4) -> str:
    """A hash in groups of four, for comparing by eye."""
    return " ".join(digest[start : start + group] for start in range(0, len(digest), group))


def seal_lines(checked: CheckedEvent, width: int, limit: int = VALUE_LIMIT) -> list[Line]:
    """Verdicts, hashes, parts, the text under the hash, and the command that repeats it."""
    event = checked.event
    preimage = _preimage(checked)
    lines = [*_verdict_lines(checked), EMPTY, *_hash_lines(checked, width)]
    if event.hash_version == 2:
        lines += [EMPTY, *_part_lines(event, checked, width)]
    lines.append(EMPTY)
    if preimage is None:
        return [*lines, line(" ", Span("No text to hash: the event is not well-formed.", "error"))]
    lines += _labelled("sealed text", (Span(safe_line(preimage, limit)),), width)
    lines += [EMPTY, line(" ", Span("Check it yourself (y copies the command)", "muted"))]
    lines += fold(line("   ", _command(checked, limit)), width, 5)
    return lines


def _preimage(checked: CheckedEvent) -> str | None:
    event = checked.event
    if event.hash_version == 2:
        return preimage_v2(event)
    return preimage_v1(event, checked.check.zone_offset_seconds or 0) if event.hash_version == 1 else None


def _verdict_lines(checked: CheckedEvent) -> list[Line]:
    event, check = checked.event, checked.check
    content = {
        State.OK: "the columns give the stored hash",
        State.FAILED: "the columns give another hash than the stored one",
        State.INCONCLUSIVE: "the hash could not be recomputed",
        State.NOT_RUN: "the hash was not recomputed",
    }[check.content]
    before = f"event {event.sequence_number - 1}" if event.sequence_number is not None else "the event before"
    link = {
        State.OK: f"names the hash of {before}" if event.previous_hash else "the first of its chain",
        State.FAILED: f"does not name the hash of {before}",
        State.INCONCLUSIVE: f"the hash of {before} is no hash to compare with",
        State.NOT_RUN: f"{before} is not at hand",
    }[check.link]
    lines = [
        line(" ", mark(OF_STATE[check.content]), " ", Span(fit("content", LABEL), "muted"), content),
        line(" ", mark(OF_STATE[check.link]), " ", Span(fit("link", LABEL), "muted"), link),
    ]
    version = "NULL" if event.hash_version is None else str(event.hash_version)
    lines.append(
        line("   ", Span(fit("version", LABEL), "muted"), version, Span(_zone_words(checked), "muted"))
    )
    return lines


def _zone_words(checked: CheckedEvent) -> str:
    offset = checked.check.zone_offset_seconds
    if not offset:
        return ""
    sign, minutes = "-" if offset < 0 else "+", abs(offset) // 60
    return f"   sealed by a session at UTC{sign}{minutes // 60:02d}:{minutes % 60:02d}"


def _hash_lines(checked: CheckedEvent, width: int) -> list[Line]:
    event, expected = checked.event, checked.check.expected_hash
    stored = event.event_hash
    lines = _labelled("stored", _compared(stored, expected), width)
    if expected is None:
        lines += _labelled("recomputed", (Span("–  could not be recomputed", "muted"),), width)
    elif expected == stored:
        lines += _labelled("recomputed", (Span("the same", "success"),), width)
    else:
        lines += _labelled("recomputed", _compared(expected, stored), width)
    return lines + _labelled("previous", _compared(event.previous_hash, event.previous_hash), width)


def _compared(digest: str | None, other: str | None) -> Line:
    """A hash in groups of four; those that differ from the other's are marked."""
    if digest is None:
        return (Span("NULL", "muted"),)
    shown = safe_line(digest, 200)
    if other is None or len(shown) != 64:
        return (Span(grouped(shown)),)
    spans: list[Span] = []
    for start in range(0, len(shown), 4):
        mine, theirs = shown[start : start + 4], other[start : start + 4]
        spans += [Span(mine, "" if mine == theirs else "error"), Span(" ")]
    return tuple(spans[:-1])


def _part_lines(event: Event, checked: CheckedEvent, width: int) -> list[Line]:
    erased = erased_parts(event) or {}
    lines: list[Line] = []
    for part in PARTS:
        if part in checked.check.erased or part in erased:
            told = (
                Span(erased.get(part, "no digest"), ERASED.role),
                Span("erased; its digest stays under the seal", ERASED.role),
            )
            lines += _part_line(line(mark(ERASED)), part, told, width)
            continue
        lines += _part_line(line(" "), part, _part_words(event, part), width)
    return lines


def _part_words(event: Event, part: Part) -> Line:
    text = part_text(event, part)
    if text is None:
        return (Span("null: all its columns are NULL", "muted"),)
    digest = part_digest(event, part) if event.part_salts is not None else None
    if digest is None:
        return (Span(f"{NOT_RUN.glyph}  no salt, no digest", "error"),)
    salt = salt_slice(event, part).hex()
    return (Span(digest), Span(f"salt {salt} and {plural(len(text), 'character')}", "muted"))


def _part_line(glyph: Line, part: Part, told: Line, width: int) -> list[Line]:
    label = Span(" " + fit(part.value, LABEL), "muted")
    lines = list(fold((Span(" "), *glyph, label, told[0]), width, LABEL + 3))
    for span in told[1:]:
        lines += fold((Span(" " * (LABEL + 3)), span), width, LABEL + 3)
    return lines


def _labelled(label: str, told: Line, width: int) -> list[Line]:
    return list(fold((Span("   " + fit(label, LABEL), "muted"), *told), width, LABEL + 3))


def check_command(checked: CheckedEvent) -> str | None:
    """The shell command that prints the event's hash; None where there is no sealed text."""
    preimage = _preimage(checked)
    return None if preimage is None else f"printf '%s' {shlex.quote(preimage)} | sha256sum"


def _command(checked: CheckedEvent, limit: int) -> str:
    """What is drawn of the command: cut or altered it would only mislead."""
    command = check_command(checked) or ""
    if len(command) > limit or safe_line(command, limit) != command:
        return "the command is too long to draw: y copies it"
    return command
