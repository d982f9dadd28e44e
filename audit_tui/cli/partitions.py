"""`audit-tui partitions`: lists the partitions of a log by time range, and adds those to come."""

import re
from datetime import UTC, datetime
from itertools import pairwise
from typing import Annotated, Any

import typer
from rich.text import Text

from audit_tui.cli.common import DsnOption, JsonOption, resolve_dsn
from audit_tui.cli.jsonout import print_document
from audit_tui.cli.moments import in_zone
from audit_tui.cli.paper import STYLES, Paper, role
from audit_tui.cli.table import Column, print_table
from audit_tui.core.clock import from_datetime
from audit_tui.core.errors import UsageError
from audit_tui.core.words import count, plural
from audit_tui.service.partitions import Partition, PartitionService

ABOUT = "List the partitions of a log by time, and add those to come."
EXAMPLES = """\b
Examples:
  audit-tui partitions
  audit-tui partitions --create 3
  audit-tui partitions --create 12 --from 2023-01
  audit-tui partitions --settle --json

A line for cron, on the 20th of each month:
  0 3 20 * *  audit-tui partitions --create 3 --dsn "service=audit"
"""
_MOST_MONTHS = 120

_COLUMNS = (
    Column("PARTITION", least=14),
    Column("FROM (UTC)"),
    Column("TO (UTC)"),
    Column("EVENTS, ABOUT", right=True),
    Column("SIZE", right=True, drop=1),
    Column("OLDEST", drop=3),
    Column("NEWEST", drop=2),
    Column(""),
)


def register(app: typer.Typer) -> None:
    app.command("partitions", short_help=ABOUT, epilog=EXAMPLES)(partitions)


def partitions(
    context: typer.Context,
    create: Annotated[
        int | None,
        typer.Option(
            "--create",
            metavar="N",
            min=0,
            max=_MOST_MONTHS,
            show_default=False,
            help="Add what is missing of this month and the N that follow.",
        ),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="YYYY-MM", show_default=False, help="With --create: begin at that month."
        ),
    ] = None,
    settle: Annotated[
        bool,
        typer.Option("--settle", help="Give months whose events lie in the default partition their own."),
    ] = False,
    as_json: JsonOption = False,
    dsn: DsnOption = None,
) -> None:
    """List the partitions of a log that was installed with --partitioned; add missing ones.

    Without --create and --settle nothing is written. Adding is granted to audit_archivist, as is listing
    (and to audit_admin). Logging goes on meanwhile; where events have to move out of the default partition
    it waits until they are there.
    """
    first_us = None if start is None else _first_moment(start)
    if start is not None and create is None:
        raise UsageError("--from says where to begin to create", "add --create N")
    from audit_tui.bootstrap import open_partitions

    service = open_partitions(resolve_dsn(context, dsn))
    try:
        added = _add(service, create, first_us, settle=settle)
        found = service.list_partitions()
    finally:
        service.close()
    if as_json:
        print_document("partitions", {"added": list(added), "partitions": [_fields(each) for each in found]})
        return
    _print(Paper(), added, found, asked=create is not None or settle)


def _add(
    service: PartitionService, create: int | None, first_us: int | None, *, settle: bool
) -> tuple[str, ...]:
    added = () if create is None else service.create_months(create + 1, first_us)
    return (*added, *service.settle_default()) if settle else added


def _first_moment(month: str) -> int:
    """The first moment of a month of UTC, in microseconds since 1970. UsageError for anything else."""
    title = f"--from takes a month, and this is none: {month}"
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}", month) is None:
        raise UsageError(title, "for example --from 2024-01")
    try:
        return from_datetime(datetime(int(month[:4]), int(month[5:]), 1, tzinfo=UTC))
    except ValueError:
        raise UsageError(title, "for example --from 2024-01") from None


def _fields(each: Partition) -> dict[str, Any]:
    return {
        "partition": each.name,
        "from": each.range_from,
        "to": each.range_to,
        "default": each.is_default,
        "takes_now": each.takes_now,
        "events_estimate": each.events,
        "bytes": each.bytes,
        "oldest": each.oldest,
        "newest": each.newest,
        "missing_guards": list(each.missing_guards),
    }


def _print(paper: Paper, added: tuple[str, ...], found: tuple[Partition, ...], *, asked: bool) -> None:
    if asked:
        told = (
            f"Added {plural(len(added), 'partition')}: {', '.join(added)}." if added else "None was missing."
        )
        paper.paragraph(role(told, limit=5000))
        paper.line()
    paper.paragraph(role(_answer(found)))
    for trouble in _troubles(found):
        paper.paragraph(role(trouble, "suspicious", limit=500))
    paper.line()
    print_table(paper, _COLUMNS, [_row(each) for each in found])


def _answer(found: tuple[Partition, ...]) -> str:
    now = _taking_now(found)
    if now is None:
        return f"{plural(len(found), 'partition')}; events of now go to the default partition."
    ends = [str(each.range_to) for each in found if each.range_to is not None]
    through = min([*(start for start, _ in _gaps_to_come(found)), max(ends)])[:10]
    return (
        f"{plural(len(found), 'partition')}; events of now go to {now.name}"
        f" and there is one for every time up to {through}."
    )


def _taking_now(found: tuple[Partition, ...]) -> Partition | None:
    return next((each for each in found if each.takes_now and not each.is_default), None)


def _gaps_to_come(found: tuple[Partition, ...]) -> list[tuple[str, str]]:
    """From when to when, after now, only the default partition takes events, though there are later ones."""
    now = _taking_now(found)
    ranges = sorted((str(each.range_from), str(each.range_to)) for each in found if not each.is_default)
    pairs = [(this[1], after[0]) for this, after in pairwise(ranges) if this[1] < after[0]]
    return [pair for pair in pairs if now is not None and pair[0] >= str(now.range_to)]


def _troubles(found: tuple[Partition, ...]) -> list[str]:
    """What somebody should do something about, as sentences."""
    troubles = []
    if not any(each.takes_now for each in found):
        troubles.append("There is no partition for now: audit-tui partitions --create 3")
    for start, end in _gaps_to_come(found):
        troubles.append(
            f"There is no partition from {start[:10]} to {end[:10]}:"
            f" audit-tui partitions --create {_months(start, end) - 1} --from {start[:7]}"
        )
    for each in found:
        if each.is_default and each.oldest is not None:
            troubles.append("Events lie in the default partition: audit-tui partitions --settle")
        if each.missing_guards:
            lacks = ", ".join(each.missing_guards)
            troubles.append(f"{each.name} is not guarded as the log is ({lacks}): audit-tui install")
    return troubles


def _months(start: str, end: str) -> int:
    """How many months of the calendar lie in a gap, begun ones too."""
    months = (int(end[:4]) - int(start[:4])) * 12 + int(end[5:7]) - int(start[5:7])
    return months + (end[8:10] != "01")


def _row(each: Partition) -> list[Text]:
    if each.is_default:
        bounds = (Text("default", style=STYLES["muted"]), Text())
    else:
        bounds = (_day(each.range_from), _day(each.range_to))
    return [
        role(each.name, limit=63),
        *bounds,
        Text(count(each.events)),
        Text(_size(each.bytes)),
        in_zone(each.oldest, UTC, to_seconds=True),
        in_zone(each.newest, UTC, to_seconds=True),
        Text("now") if each.takes_now else Text(),
    ]


def _day(moment: str | None) -> Text:
    """A bound of a month is a day; any other keeps its time."""
    midnight = moment is not None and moment.endswith("T00:00:00.000000Z")
    return Text(str(moment)[:10]) if midnight else in_zone(moment, UTC, to_seconds=True)


def _size(octets: int) -> str:
    for unit, power in (("GB", 30), ("MB", 20)):
        if octets >= 1 << power:
            return f"{octets / (1 << power):.1f} {unit}"
    return f"{octets // 1024} kB"
