"""What `verify --against` prints below the report: the second source, its tenants, events side by side."""

from rich.text import Text

from audit_tui.cli.edits import edit_lines
from audit_tui.cli.eventtext import short_hash
from audit_tui.cli.jsonout import JSON_COLUMNS
from audit_tui.cli.paper import STYLES, Paper, glyph, role
from audit_tui.cli.table import Column, print_table
from audit_tui.core import words
from audit_tui.core.contents import read_json
from audit_tui.core.diff import diff
from audit_tui.core.findings import TenantReport
from audit_tui.core.model import Event
from audit_tui.core.second.fields import CHAIN_COLUMNS, EventPair, FieldDifference, FieldState
from audit_tui.core.second.joining import tally
from audit_tui.core.second.judging import summary
from audit_tui.core.second.model import Comparison, Method, Relation, Source, TenantComparison
from audit_tui.core.words import Mark, count, plural

_MARKS: dict[Relation, Mark] = {
    Relation.SAME: words.INTACT,
    Relation.BEHIND: words.INTACT,
    Relation.DIFFERENT: words.TAMPERED,
    Relation.OTHER_LOG: words.INCONCLUSIVE,
    Relation.NOT_COMPARED: words.INCONCLUSIVE,
}
_VALUE_LIMIT = 300
_REMARKS_SHOWN = 6
_TENANTS_SHOWN = 5
"""Tenants whose events are shown side by side; --json has them all."""


def print_comparison(paper: Paper, comparison: Comparison) -> None:
    """Prints what the second source says, below the report on the log."""
    paper.line()
    paper.line(Text("Second source", style=STYLES["heading"]))
    paper.paragraph(Text.assemble("this log      ", _named(comparison.here)), indent=2, hanging=16)
    paper.paragraph(Text.assemble("second source ", _named(comparison.there)), indent=2, hanging=16)
    if comparison.verdict is not None:
        told = f"by its own check {comparison.verdict}"
        paper.paragraph(role(told, words.OF_VERDICT[comparison.verdict].role), indent=16)
    for remark in comparison.remarks:
        paper.paragraph(Text.assemble(glyph(words.NOTICE), " ", role(remark, limit=400)), indent=2, hanging=4)
    if comparison.tenants:
        paper.line()
        print_table(paper, _COLUMNS, [_row(each) for each in comparison.tenants])
    differing = [each for each in comparison.tenants if each.pairs]
    for tenant in differing[:_TENANTS_SHOWN]:
        _print_pairs(paper, tenant)
    if len(differing) > _TENANTS_SHOWN:
        more = plural(len(differing) - _TENANTS_SHOWN, "more tenant")
        paper.line(role(f"and {more} with events that differ (--json shows them)", "muted"))
    _print_remarks(paper, comparison)


def _named(source: Source) -> Text:
    parts = [source.target]
    if source.is_standby:
        parts.append("a standby")
    if not source.sees_all:
        parts.append("not every tenant is in sight")
    return role(", ".join(parts), limit=300)


_COLUMNS = (
    Column(""),
    Column("TENANT", least=12),
    Column("COMPARED", least=30),
    Column("HERE", right=True),
    Column("THERE", right=True),
    Column("HOW", drop=1),
)


def _row(tenant: TenantComparison) -> tuple[Text, ...]:
    return (
        glyph(_mark(tenant)),
        role(tenant.tenant_id),
        role(summary(tenant)),
        Text(_last(tenant.here)),
        Text(_last(tenant.there)),
        role(_how(tenant), "muted"),
    )


def _mark(tenant: TenantComparison) -> Mark:
    if tenant.missing is not None or tenant.first_difference is not None:
        return _MARKS.get(tenant.relation, words.TAMPERED)
    if tenant.reason is not None:
        return words.INCONCLUSIVE
    return _MARKS.get(tenant.relation, words.NOTICE)


def _last(report: TenantReport | None) -> str:
    return "–" if report is None or report.last_sequence is None else str(report.last_sequence)


def _how(tenant: TenantComparison) -> str:
    parts = []
    if tenant.comparisons:
        what = "comparison" if tenant.method is not Method.HEADS else "comparison of heads"
        parts.append(plural(tenant.comparisons, what, f"{what}s" if what == "comparison" else None))
    if tenant.in_line:
        parts.append(f"{plural(tenant.in_line, 'event')} one by one")
    return ", ".join(parts)


def _print_pairs(paper: Paper, tenant: TenantComparison) -> None:
    paper.line()
    head = Text.assemble(role(tenant.tenant_id, "heading"), ", side by side: here │ there")
    paper.line(head)
    for pair in tenant.pairs:
        _print_pair(paper, pair)
    if (rest := _rest(tenant)) is not None:
        paper.paragraph(role(rest, "muted", limit=400), indent=2)


def _print_pair(paper: Paper, pair: EventPair) -> None:
    title = Text.assemble(f"event {pair.sequence}  ", role(_title(pair), "muted"))
    paper.paragraph(title, indent=2)
    if pair.here is None or pair.there is None:
        where = "there" if pair.here is None else "here"
        paper.paragraph(Text(f"stands only {where}"), indent=4)
        return
    width = max(len(each.column) for each in pair.fields) if pair.fields else 0
    for difference in pair.fields:
        for line in _field(difference, width):
            paper.paragraph(line, indent=4, hanging=6 + width)


def _title(pair: EventPair) -> str:
    here, there = _event(pair.here), _event(pair.there)
    if here is None or there is None or here == there:
        return here or there or ""
    return f"{here} │ {there}"


def _event(event: Event | None) -> str | None:
    if event is None:
        return None
    return f"{event.event_id} {event.event_type} {event.timestamp}"


def _field(difference: FieldDifference, width: int) -> list[Text]:
    label = Text(f"{difference.column:<{width}}  ", style=STYLES["muted"])
    if difference.state is not FieldState.DIFFERS:
        where = "here" if difference.state is FieldState.ERASED_HERE else "there"
        return [Text.assemble(label, glyph(words.ERASED), f" erased {where}, and its seal fits what stands ",
                              "there" if where == "here" else "here")]  # fmt: skip
    edits = _edits(difference)
    if edits:
        blank = " " * (width + 2)
        return [Text.assemble(label if number == 0 else blank, line) for number, line in enumerate(edits)]
    here, there = _value(difference, difference.here), _value(difference, difference.there)
    return [Text.assemble(label, here, Text(" │ ", style=STYLES["muted"]), there)]


def _edits(difference: FieldDifference) -> list[Text]:
    """What turns the JSON value here into the one there, path by path; nothing where one is no JSON value."""
    if difference.column not in JSON_COLUMNS or difference.here is None or difference.there is None:
        return []
    return edit_lines(diff(read_json(difference.here), read_json(difference.there)))[:12]


def _value(difference: FieldDifference, value: str | None) -> Text:
    if value is None:
        return Text("NULL", style=STYLES["muted"])
    if difference.column in CHAIN_COLUMNS:
        return role(short_hash(value))
    return role(value, limit=_VALUE_LIMIT)


def _rest(tenant: TenantComparison) -> str | None:
    """What the events that are not shown say."""
    if tenant.differing is None or tenant.looked_through is None:
        return None
    more = tenant.differing - len(tenant.pairs)
    told = f"{plural(more, 'more event')} differ (--json counts them)" if more > 0 else ""
    if tenant.parted_at is None:
        return told or None
    looked = tenant.looked_through - tenant.parted_at + 1
    said = f"{count(tenant.differing)} of {plural(looked, 'event')} from {tenant.parted_at} on"
    only = "the others differ in their hashes alone, which follow from it"
    tail = f", {only}" if looked > tenant.differing else ""
    end = "" if tenant.looked_through >= (tenant.last_compared or 0) else (
        f" (looked through {tenant.looked_through} of {tenant.last_compared})"
    )  # fmt: skip
    verb = "says" if tenant.differing == 1 else "say"
    return f"{said} {verb} something else{tail}{end}"


def _print_remarks(paper: Paper, comparison: Comparison) -> None:
    told = [(tenant.tenant_id, remark) for tenant in comparison.tenants for remark in tenant.remarks]
    if told:
        paper.line()
    for tenant_id, remark in told[:_REMARKS_SHOWN]:
        text = Text.assemble(glyph(words.NOTICE), " ", role(tenant_id), ": ", role(remark, limit=400))
        paper.paragraph(text, indent=2, hanging=4)
    if len(told) > _REMARKS_SHOWN:
        paper.line(role(f"  and {plural(len(told) - _REMARKS_SHOWN, 'more remark')} (--json lists them)"))
    if comparison.cut_off is not None:
        paper.paragraph(Text.assemble(glyph(words.INCONCLUSIVE), " ", role(tally(comparison), limit=400)))
