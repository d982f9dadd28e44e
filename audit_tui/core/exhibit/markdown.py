"""Exhibits as Markdown for a report or a ticket: no value of the log is read as markup, or hides anything."""

import re
from collections.abc import Iterable, Sequence

from audit_tui.core.exhibit.model import Exhibit, Origin, named
from audit_tui.core.findings import Finding, TenantReport
from audit_tui.core.model import State
from audit_tui.core.safe import safe, safe_line
from audit_tui.core.words import OF_CONFIDENCE

TEXT_MOST = 4000
VALUE_MOST = 500
_MARKUP = re.compile(r"([\\`*_{}\[\]<>|~#&@])")
_STARTS = re.compile(r"^(\s*\d*)([-+=.)])")
_BACKTICKS = re.compile("`+")


def as_markdown(origin: Origin, exhibits: Sequence[Exhibit]) -> str:
    """One document. Text of the log is escaped, values stand as code with every character visible."""
    lines: list[str] = []
    if len(exhibits) != 1:
        lines += ["# Audit log findings", "", *_where(origin), ""]
    for exhibit in exhibits:
        lines += [*_exhibit(exhibit, origin if len(exhibits) == 1 else None), ""]
    if not exhibits:
        lines += ["Nothing was found.", ""]
    return "\n".join(lines)


def escaped(text: str) -> str:
    """One line of text that Markdown shows as it stands: no markup, no link, nothing invisible."""
    shown = _MARKUP.sub(r"\\\1", safe_line(text, TEXT_MOST))
    return _STARTS.sub(r"\1\\\2", shown).replace("://", ":\\//").replace("www.", "www\\.")


def code(text: str) -> str:
    """A value as code on one line, between more backticks than it holds itself."""
    shown = safe_line(text, VALUE_MOST)
    fence = "`" * (max((len(run) for run in _BACKTICKS.findall(shown)), default=0) + 1)
    edge = " " if len(fence) > 1 or shown != shown.strip() or not shown else ""
    return f"{fence}{edge}{shown}{edge}{fence}"


def block(text: str) -> list[str]:
    """Lines to be taken as they are, such as a command, between more backticks than they hold."""
    shown = safe(text, TEXT_MOST)
    fence = "`" * max(3, max((len(run) for run in _BACKTICKS.findall(shown)), default=0) + 1)
    return [f"{fence}sh", *shown.split("\n"), fence]


def _exhibit(exhibit: Exhibit, origin: Origin | None) -> list[str]:
    depth = "#" if origin is not None else "##"
    lines = [f"{depth} {str(exhibit.severity).capitalize()}: {escaped(exhibit.title)}", ""]
    lines += [f"**{escaped(exhibit.sentence)}**", ""]
    lines += [f"- Tenant: {code(exhibit.tenant_id) if exhibit.tenant_id is not None else 'none'}"]
    lines += [*_where(origin), ""] if origin is not None else [""]
    lines += _verdict(exhibit.report, depth)
    lines += _told(exhibit, depth)
    lines += [f"{depth}# {_evidence_title(exhibit)}", ""]
    for number, finding in enumerate(exhibit.findings, 1):
        lines += [*_finding(number, finding), ""]
    lines += [f"{depth}# To repeat the check", "", *block(exhibit.command), ""]
    lines += ["Exit code 1 means that tampering was found, 0 that none was, 3 that nothing could be decided."]
    return lines


def _where(origin: Origin) -> list[str]:
    return [
        f"- Database: {code(origin.target)}, {escaped(origin.server)}",
        f"- Log: {code(origin.log_id) if origin.log_id else 'no identity recorded'}",
        f"- Written: {origin.written_at} by audit-tui {origin.version}",
    ]


def _verdict(report: TenantReport | None, depth: str) -> list[str]:
    lines = [f"{depth}# Verdict on the tenant", ""]
    if report is None:
        return [*lines, "Not decided: the check had not ended when this was written.", ""]
    lines += [f"> {escaped(report.claim)}", ""]
    not_run = [(axis, r) for axis, r in report.axes.items() if r.state in (State.NOT_RUN, State.INCONCLUSIVE)]
    for axis, result in not_run:
        word = "not run" if result.state is State.NOT_RUN else "not decided"
        lines.append(f"- {axis}: {word}{f' ({escaped(result.reason)})' if result.reason else ''}")
    return [*lines, ""] if not_run else lines


def _told(exhibit: Exhibit, depth: str) -> list[str]:
    story = exhibit.story
    parts: list[tuple[str, str | None]] = [("What it means", exhibit.meaning)]
    if story is not None:
        parts += [("How sure this is", f"{OF_CONFIDENCE[story.confidence]}.".capitalize())]
        parts += [("Still proven", story.still_proven), ("Not known", story.not_known)]
        parts += [("What else it could be", story.alternative)]
    lines: list[str] = []
    for title, text in parts:
        lines += [f"{depth}# {title}", "", escaped(text), ""] if text else []
    return lines


def _evidence_title(exhibit: Exhibit) -> str:
    return "Finding" if len(exhibit.findings) == 1 else f"Findings of this cause: {len(exhibit.findings):,}"


def _finding(number: int, finding: Finding) -> Iterable[str]:
    yield f"{number}. {named(finding)} ({finding.severity}): {escaped(finding.message)}"
    indent = " " * (len(str(number)) + 2)
    values = (("row judged", finding.event_id), ("expected", finding.expected), ("found", finding.found))
    for label, value in values:
        if value is not None:
            yield f"{indent}- {label}: {code(value)}"
    if finding.columns:
        yield f"{indent}- columns: {', '.join(code(column) for column in finding.columns)}"
