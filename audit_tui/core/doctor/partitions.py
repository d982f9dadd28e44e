"""The partitions of a log by time range: each is to be protected as the whole log is."""

import re
from collections.abc import Mapping

from audit_tui.core.clock import microseconds
from audit_tui.core.doctor.catalogue import LOG, Catalogue, Key, Object, Properties, relation_of
from audit_tui.core.doctor.expected import Shipped
from audit_tui.core.doctor.ledger import Ledger

TEMPLATE = "partition"
"""The part of the shipped data that describes one partition, whose name is written as _NAME."""
_NAME = "{partition}"
_BOUND = "partition bound"
DEFAULT_BOUND = "DEFAULT"
_RANGE = re.compile(r"FOR VALUES FROM \(('[^']+'|MINVALUE)\) TO \(('[^']+'|MAXVALUE)\)")
_EVER = 2**63
_SOON_US = 7 * 86_400 * 1_000_000


def partitions_of(catalogue: Catalogue) -> frozenset[Object]:
    """The partitions of the log, by name."""
    return frozenset(
        name
        for name, found in catalogue.of("relation")
        if _BOUND in found and found.get("parents") == ".".join(LOG)
    )


def make_template(objects: Mapping[Key, Properties], partition: Object) -> dict[Key, Properties]:
    """What a partition of these consists of, with the token in the place of its name."""
    old = re.compile(rf"\b{re.escape(partition[1])}(?=_|\b)")
    kept: dict[Key, Properties] = {}
    for key, found in objects.items():
        if relation_of(key) == partition:
            values = {name: old.sub(_NAME, value) for name, value in found.items() if name != _BOUND}
            kept[key[0], tuple(old.sub(_NAME, part) for part in key[1])] = values
    return kept


def expect_partitions(shipped: Shipped, catalogue: Catalogue, owner: str) -> dict[Key, Properties]:
    """What every partition of the schema that was found should consist of. Its bounds may be any."""
    template = shipped.part(TEMPLATE, owner)
    expected: dict[Key, Properties] = {}
    for name in partitions_of(catalogue):
        if name[0] != LOG[0]:
            continue  # no installation puts one elsewhere
        bound = (catalogue.get("relation", *name) or {})[_BOUND]
        for (class_, where), found in template.items():
            values = {key: value.replace(_NAME, name[1]) for key, value in found.items()}
            if class_ == "relation":
                values[_BOUND] = bound
            expected[class_, tuple(part.replace(_NAME, name[1]) for part in where)] = values
    return expected


def judge_partitions(ledger: Ledger, catalogue: Catalogue, now_us: int, default_used: bool | None) -> None:
    """Whether events find a partition: a default one that is empty, one for now, one for the coming month.

    `now_us` is the server's clock; `default_used` is None where the role may not look into it.
    """
    ledger.look("partition-default", "partition-now")
    partitions = partitions_of(catalogue)
    bounds = {name: (catalogue.get("relation", *name) or {})[_BOUND] for name in partitions}
    if DEFAULT_BOUND not in bounds.values():
        ledger.hole(
            "partition-default", "There is no default partition: an event without a partition is refused.",
            "audit-tui install",
        )  # fmt: skip
    elif default_used is None:
        ledger.skip(["partition-default"], "SELECT on the default partition")
    elif default_used:
        ledger.hole(
            "partition-default", "Events lie in the default partition.", "SELECT audit.settle_default();"
        )
    covered = [span for span in (_span(bound) for bound in bounds.values()) if span is not None]
    if not _covers(covered, now_us):
        ledger.hole(
            "partition-now", "There is no partition for now: events go to the default partition.",
            "SELECT audit.ensure_partitions();",
        )  # fmt: skip
    elif not _covers(covered, now_us + _SOON_US):
        ledger.notice(
            "partition-now", "There is no partition for the time a week from now.",
            "SELECT audit.ensure_partitions();",
        )  # fmt: skip


def _covers(spans: list[tuple[int, int]], moment_us: int) -> bool:
    return any(first <= moment_us < end for first, end in spans)


def _span(bound: str) -> tuple[int, int] | None:
    """The times of a partition in microseconds since 1970; None for the default one."""
    found = _RANGE.fullmatch(bound)
    if found is None:
        return None
    first, end = (_moment(side, -_EVER if n == 0 else _EVER) for n, side in enumerate(found.groups()))
    return first, end


def _moment(text: str, open_end: int) -> int:
    moment = microseconds(text.strip("'")) if text.startswith("'") else None
    return open_end if moment is None else moment
