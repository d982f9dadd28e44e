"""Witnesses as people read them."""

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
from pathlib import Path

from rich.text import Text

from audit_tui.cli.eventtext import short_hash
from audit_tui.cli.moments import in_zone
from audit_tui.cli.paper import STYLES, Paper, glyph, role
from audit_tui.cli.progress import duration
from audit_tui.cli.table import Column, print_table
from audit_tui.core import words
from audit_tui.core.clock import from_datetime
from audit_tui.core.witness import Source
from audit_tui.core.words import Mark, count, plural
from audit_tui.service.witnessing import (
    Accepted,
    Answer,
    Comparison,
    Exported,
    Imported,
    Listing,
    Remembered,
    Says,
)

_DAY = 86_400
_LISTED = 50
"""Witnesses that are listed one by one; of more, only those that do not simply fit."""

_CAME = {
    Source.CHECK: "check",
    Source.IMPORT: "import",
    Source.BASELINE: "baseline",
    Source.CLOSED: "closed",
}
_MARKS: dict[Says, tuple[Mark, str]] = {
    Says.INTACT: (words.INTACT, "as witnessed"),
    Says.MOVED: (words.NOTICE, "moved"),
    Says.REWOUND: (words.TAMPERED, "rewound"),
    Says.REWRITTEN: (words.TAMPERED, "rewritten"),
    Says.MISSING: (words.TAMPERED, "missing"),
    Says.RESTORED: (words.INCONCLUSIVE, "restored"),
    Says.ANOTHER_DATABASE: (words.INCONCLUSIVE, "another database"),
    Says.OUT_OF_REACH: (words.INCONCLUSIVE, "out of reach"),
}
_HEADLINES = (
    (frozenset({Says.REWOUND, Says.REWRITTEN, Says.MISSING}), words.TAMPERED, "do not fit the log"),
    (
        frozenset({Says.RESTORED, Says.ANOTHER_DATABASE}),
        words.INCONCLUSIVE,
        "are of what this log is not now",
    ),
    (frozenset({Says.OUT_OF_REACH}), words.INCONCLUSIVE, "can't be compared any more"),
)


def print_listing(paper: Paper, listing: Listing, zone: str, local: tzinfo) -> None:
    """The newest witness of each tenant, then the digest."""
    many = plural(len(listing.newest), "tenant")
    if not listing.newest:
        paper.paragraph(role(f"Nothing is remembered of {listing.target}: a complete check takes witnesses."))
        return
    events = sum(each.witness.sequence for each in listing.newest)
    paper.paragraph(role(f"{many} of {listing.target} are witnessed, {plural(events, 'event')} in all."))
    paper.line()
    columns = (
        Column("TENANT", least=12),
        Column("THROUGH", right=True),
        Column("HEAD", drop=2),
        Column(f"TAKEN ({zone})", drop=3),
        Column("AGE", right=True),
        Column("FROM", drop=1),
        Column("SIGNED BY", least=10),
    )
    print_table(paper, columns, [_listed(each, listing.now_us, local) for each in listing.newest])
    paper.line()
    paper.paragraph(role(f"Digest over these heads: {listing.digest}"))


def _listed(remembered: Remembered, now_us: int, local: tzinfo) -> tuple[Text, ...]:
    witness = remembered.witness
    return (
        role(witness.tenant_id),
        Text(str(witness.sequence)),
        role(short_hash(witness.event_hash)),
        in_zone(witness.taken_at, local, to_seconds=True),
        role(age(witness.taken_at, now_us)),
        role(_CAME[witness.source]),
        _signers(remembered.signers),
    )


def age(taken_at: str, now_us: int) -> str:
    """`5 min`, `3 days`; what lies ahead of this machine's clock says so: one of two clocks is wrong."""
    try:
        seconds = (now_us - from_datetime(datetime.fromisoformat(taken_at))) / 1_000_000
    except ValueError:
        return "unknown"
    if seconds < -60:
        return "in the future"
    return duration(seconds) if seconds < 2 * _DAY else plural(round(seconds / _DAY), "day")


def _signers(labels: Sequence[str]) -> Text:
    return role(", ".join(labels)) if labels else Text("–", style=STYLES["muted"])


def print_history(paper: Paper, history: Sequence[Remembered], zone: str, local: tzinfo) -> None:
    """Every witness of a tenant, the oldest first, each with its whole hash; then the reasons given."""
    paper.paragraph(
        role(f"{plural(len(history), 'witness', 'witnesses')} of {history[0].witness.tenant_id}.")
    )
    paper.line()
    columns = (
        Column("THROUGH", right=True),
        Column("HEAD", least=12),
        Column(f"TAKEN ({zone})"),
        Column("FROM"),
        Column("SIGNED BY", least=10, drop=1),
    )
    rows = [
        (
            Text(str(each.witness.sequence)),
            role(each.witness.event_hash),
            in_zone(each.witness.taken_at, local, to_seconds=True),
            role(_CAME[each.witness.source]),
            _signers(each.signers),
        )
        for each in history
    ]
    print_table(paper, columns, rows)
    for each in history:
        if each.witness.reason is not None:
            paper.line()
            told = f"{_CAME[each.witness.source]} at {each.witness.sequence}: {each.witness.reason}"
            paper.paragraph(role(told, limit=2100), hanging=2)


def print_comparison(paper: Paper, found: Comparison) -> None:
    """One line per witness, the sentence beneath where it does not simply fit."""
    _print_line(paper, *_headline(found.answers))
    few = len(found.answers) <= _LISTED
    told = [answer for answer in found.answers if few or answer.says is not Says.INTACT]
    for answer in told:
        if answer is told[0]:
            paper.line()
        _print_answer(paper, answer)
    if left := len(found.answers) - len(told):
        paper.paragraph(role(f"  and {count(left)} as witnessed (--json lists them)", "muted"))
    for note in _notes(found):
        paper.line()
        paper.paragraph(role(note, "muted", limit=1000))


def _notes(found: Comparison) -> list[str]:
    """What else the reader has to know about what was compared, and what was not."""
    passed = ((found.others, "of other logs"), (found.unverified, "that none of the keys signed"),
              (found.let_go, "that an accepted baseline stands in for"))  # fmt: skip
    told = [f"{plural(number, 'checkpoint')} {which} passed over." for number, which in passed if number]
    if found.unwitnessed:
        told.append(f"No witness yet of {_names(found.unwitnessed)}: a complete check takes one.")
    if found.answers:
        told.append("Heads alone were compared: whether the chains hold is what audit-tui verify checks.")
    return told


def _headline(answers: Sequence[Answer]) -> tuple[Mark, str]:
    if not answers:
        return words.INCONCLUSIVE, "There is no witness to compare with."
    many = plural(len(answers), "witness", "witnesses")
    for says, mark, told in _HEADLINES:
        if hit := sum(answer.says in says for answer in answers):
            return mark, f"{count(hit)} of {many} {told}."
    return words.INTACT, "The witness fits the log." if len(answers) == 1 else f"All {many} fit the log."


def _print_answer(paper: Paper, answer: Answer) -> None:
    mark, word = _MARKS[answer.says]
    witness = answer.witness
    told = f"{witness.tenant_id} through {witness.sequence}: {word}"
    paper.line(Text.assemble("  ", glyph(mark), " ", role(told, limit=400)))
    if answer.place is not None:
        paper.paragraph(role(answer.place, "muted", limit=500), indent=4)
    if answer.says is not Says.INTACT:
        paper.paragraph(role(answer.sentence, limit=800), indent=4)


def _names(tenants: Sequence[str]) -> str:
    shown = ", ".join(tenants[:5])
    return shown + (f" and {count(len(tenants) - 5)} more" if len(tenants) > 5 else "")


def print_accepted(paper: Paper, accepted: Iterable[Accepted]) -> None:
    """What stands in for what."""
    nothing = True
    for each in accepted:
        nothing = False
        old, new = each.old, each.new
        told = (
            f"{old.tenant_id} is gone, and its witness through {old.sequence} is due no more."
            if new.source is Source.CLOSED
            else f"{old.tenant_id} through {new.sequence} is the new baseline; "
            f"the witness through {old.sequence} ({_MARKS[each.says][1]}) stays in the history."
        )
        _print_line(paper, words.INTACT, told)
    if nothing:
        paper.paragraph(role("Nothing to accept: every witness fits the log."))


def print_exported(paper: Paper, exported: Iterable[Exported], output: Path | None) -> None:
    """One line per tenant."""
    for each in exported:
        if each.problem is not None or each.checkpoint is None:
            mark = words.OF_VERDICT[each.verdict]
            _print_line(paper, mark, f"Nothing is exported of {each.tenant_id}: {each.problem}.")
            continue
        by = f"signed by {each.signer}" if each.signer is not None else "unsigned"
        new = "" if output is not None or each.is_new else ", there already"
        where = output if output is not None else each.path
        told = f"{each.tenant_id} through {each.checkpoint.size}, {by}: {where}{new}"
        _print_line(paper, words.INTACT, told)


def print_imported(paper: Paper, imported: Iterable[Imported]) -> None:
    """One line per file; why it was refused, or what the log said."""
    for each in imported:
        if each.problem is not None or each.checkpoint is None:
            mark = words.TAMPERED if each.contradicts else words.INCONCLUSIVE
            _print_line(paper, mark, f"{each.path} is refused: {each.problem}.")
            continue
        by = f"signed by {', '.join(each.signers)}" if each.signers else "unsigned"
        what = "is remembered" if each.is_new else "was known already"
        told = f"{each.checkpoint.tenant_id} through {each.checkpoint.size}, {by}, {what}: {each.log_says}."
        _print_line(paper, words.INTACT if each.is_new else words.NOTICE, told)


def _print_line(paper: Paper, mark: Mark, sentence: str) -> None:
    paper.paragraph(Text.assemble(glyph(mark), " ", role(sentence, limit=1000)), hanging=2)
