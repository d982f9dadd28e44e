"""The picture of the link view: the events around a break, and between them what holds or does not."""

from collections.abc import Sequence
from dataclasses import dataclass

from audit_tui.core.findings import Finding, Kind, Story, StoryKind
from audit_tui.core.model import CheckedEvent, Event
from audit_tui.core.words import count
from audit_tui.tui.present.hashes import GROUPS, grouped, whole
from audit_tui.tui.present.lines import Line, Span, cells, line
from audit_tui.tui.present.link_events import event_columns, event_line
from audit_tui.tui.zone import Zone

REMARKS: dict[StoryKind, str] = {
    StoryKind.EDITED_IN_PLACE: "edited",
    StoryKind.EDITED_AND_REHASHED: "rewritten",
    StoryKind.REWRITTEN_TO_HEAD: "not the one witnessed",
    StoryKind.SWAPPED: "swapped",
    StoryKind.INSERTED: "inserted",
    StoryKind.RENUMBERED: "renumbered",
    StoryKind.DUPLICATED: "occurs twice",
    StoryKind.HASH_DAMAGED: "hash damaged",
    StoryKind.ERASED_WITHOUT_AUTHORITY: "erased",
    StoryKind.DOWNGRADED: "version changed",
    StoryKind.FORGED_START: "forged start",
    StoryKind.UNREADABLE: "not readable",
}


@dataclass(frozen=True, slots=True)
class PictureRow:
    """A line of the picture; `event` is the one that it shows, where it shows one."""

    line: Line
    event: Event | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """How to draw: at which width, in which zone, hashes whole or their beginning."""

    width: int
    zone: Zone
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Compared:
    """Two hashes that should be one, each with what it is."""

    first: str | None
    first_is: str
    second: str | None
    second_is: str


def picture(story: Story, events: Sequence[CheckedEvent], look: Look) -> list[PictureRow]:
    """The events in order with links between them; a break is a ╳ with both hashes."""
    remark = REMARKS.get(story.kind, "")
    columns = event_columns(look.width, events, len(remark) + 2 if remark else 0)
    indent = columns.sequence
    rows: list[PictureRow] = [*_missing_before(story, events, indent, look)]
    previous: Event | None = None
    for checked in events:
        event = checked.event
        if previous is not None:
            rows += _between(previous, event, story, indent, look)
        hit = _concerns(story, event)
        rows.append(PictureRow(event_line(checked, columns, look.zone, remark if hit else ""), event))
        rows += _broken_content(checked, story, indent, look)
        previous = event
    return [*rows, *_missing_after(story, previous, indent, look)]


def _concerns(story: Story, event: Event) -> bool:
    sequence = event.sequence_number or 0
    if story.kind is StoryKind.SWAPPED:
        return sequence in (story.first_sequence, story.last_sequence)
    if story.kind is StoryKind.REWRITTEN_TO_HEAD:
        return sequence == story.first_sequence
    return story.first_sequence <= sequence <= story.last_sequence


def _finding(story: Story, sequence: int | None, *kinds: Kind) -> Finding | None:
    return next((f for f in story.findings if f.kind in kinds and f.first_sequence == sequence), None)


def _between(before: Event, event: Event, story: Story, indent: int, look: Look) -> list[PictureRow]:
    last, sequence = before.sequence_number or 0, event.sequence_number or 0
    if sequence > last + 1:
        return _gap(before, event, story, indent, look)
    if sequence == last:
        return [PictureRow(_cross(indent, "both claim to be the same number"))]
    if event.previous_hash != before.event_hash:
        return _comparison(
            Compared(
                before.event_hash, f"is the hash of event {last} now",
                event.previous_hash, f"is what event {sequence} recorded when it was logged",
            ), indent, look,
        )  # fmt: skip
    start = line(" " * (indent - 1), Span("│   ", "muted"))
    rows = _hash_rows(start, event.previous_hash, None, f"named by {sequence}", look)
    return [PictureRow(tuple(Span(span.text, "muted") for span in row.line)) for row in rows]


def _gap(before: Event, event: Event, story: Story, indent: int, look: Look) -> list[PictureRow]:
    first, last = (before.sequence_number or 0) + 1, (event.sequence_number or 0) - 1
    if _finding(story, first, Kind.SEQUENCE_GAP) is None:
        return [PictureRow(line(" " * (indent - 1), Span("⋮", "muted")))]
    return [
        PictureRow(_cross(indent, missing_words(first, last))),
        *_comparison(
            Compared(
                before.event_hash, f"is the hash of event {first - 1}",
                event.previous_hash, f"is what event {last + 1} names: the hash of {last}",
            ), indent, look, cross=False,
        ),
    ]  # fmt: skip


def missing_words(first: int, last: int) -> str:
    """`event 301 is missing`, `3 events are missing, 301 to 303`."""
    if first == last:
        return f"event {first} is missing"
    return f"{count(last - first + 1)} events are missing, {first} to {last}"


def _broken_content(checked: CheckedEvent, story: Story, indent: int, look: Look) -> list[PictureRow]:
    event, sequence = checked.event, checked.event.sequence_number
    rewritten = _finding(story, sequence, Kind.HEAD_REWRITTEN)
    if rewritten is not None:
        pair = Compared(
            event.event_hash, "is its hash now", rewritten.expected, "is the hash that was witnessed"
        )
        return _comparison(pair, indent, look)
    if _finding(story, sequence, Kind.CONTENT_MISMATCH, Kind.MALFORMED_HASH) is None:
        return []
    recomputed = checked.check.expected_hash
    if recomputed is None:
        return [
            PictureRow(_cross(indent, "its columns can't be hashed: they are not of a form that is sealed"))
        ]
    pair = Compared(
        event.event_hash,
        "is the hash stored with it",
        recomputed,
        "is what its columns give when hashed again",
    )
    return _comparison(pair, indent, look)


def _missing_before(
    story: Story, events: Sequence[CheckedEvent], indent: int, look: Look
) -> list[PictureRow]:
    if not events:
        return []
    named = events[0].event.previous_hash
    if story.kind is StoryKind.START_DELETED:
        words = missing_words(story.first_sequence, story.last_sequence)
        return [
            PictureRow(_cross(indent, words)),
            *_one_hash(named, f"is what event {story.last_sequence + 1} names: it is gone", indent, look),
        ]
    if story.kind is StoryKind.FORGED_START:
        return [
            PictureRow(_cross(indent, "nothing can come before the first event")),
            *_one_hash(named, "is the hash that it names all the same", indent, look),
        ]
    return []


def _missing_after(story: Story, head: Event | None, indent: int, look: Look) -> list[PictureRow]:
    if story.kind not in (StoryKind.TAIL_CUT, StoryKind.TENANT_REMOVED):
        return []
    finding = story.findings[0] if story.findings else None
    last = story.last_sequence
    rows = [PictureRow(_cross(indent, missing_words(story.first_sequence, last)))]
    if head is not None:
        rows += _one_hash(
            head.event_hash, f"is the hash of event {head.sequence_number}, the head now", indent, look
        )
    if finding is not None and finding.expected is not None:
        rows += _one_hash(finding.expected, f"is the hash of event {last} as it was witnessed", indent, look)
    return rows


def _cross(indent: int, words: str) -> Line:
    return line(" " * (indent - 1), Span("╳", "error"), "   ", Span(words, "error"))


def _one_hash(text: str | None, words: str, indent: int, look: Look) -> list[PictureRow]:
    return _hash_rows(line(" " * (indent + 3)), text, None, words, look)


def _comparison(pair: Compared, indent: int, look: Look, *, cross: bool = True) -> list[PictureRow]:
    start = line(" " * (indent - 1), Span("╳" if cross else " ", "error"), "   ")
    longest = max(len(pair.first_is), len(pair.second_is))
    return [
        *_hash_rows(start, pair.first, pair.second, pair.first_is, look, longest),
        *_hash_rows(line(" " * (indent + 3)), pair.second, pair.first, pair.second_is, look, longest),
    ]


def _hash_rows(
    start: Line, text: str | None, other: str | None, words: str, look: Look, longest: int = 0
) -> list[PictureRow]:
    """A hash and what it is beside it; below it where the hash is whole and fills the line.

    `longest` is the length of the longest such words of a pair, so that both stand at the same place.
    """
    told = Span(words, "muted")
    if not look.whole:
        room = look.width - cells(start) - max(len(words), longest) - len(" …   ")
        most = 8 if look.width >= 116 else 6 if look.width >= 96 else 4
        shown = grouped(text, other, max(1, min(most, room // 5)))
        return [PictureRow(line(start, shown, "   ", told))]
    under = line(" " * cells(start))
    room = look.width - cells(start)
    lines = whole(text, other, GROUPS if room >= GROUPS * 5 else GROUPS // 2)
    rows = [line(start if number == 0 else under, part) for number, part in enumerate(lines)]
    if cells(rows[-1]) + 3 + max(len(words), longest) <= look.width:
        rows[-1] = line(rows[-1], "   ", told)
    else:
        rows.append(line(under, told))
    return [PictureRow(row) for row in rows]
