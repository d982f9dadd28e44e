"""Judges the partitions of a log by time range: each is protected as the whole log is."""

from audit_tui.core.doctor.catalogue import LOG, Catalogue, Object
from audit_tui.core.doctor.expected import Expected
from audit_tui.core.doctor.ledger import Ledger
from audit_tui.core.doctor.seen import Seen


def partitions_of(catalogue: Catalogue) -> frozenset[Object]:
    """The partitions of the log, by name."""
    return frozenset(
        name
        for name, found in catalogue.of("relation")
        if "partition bound" in found and found.get("parents") == ".".join(LOG)
    )


def judge_partitions(ledger: Ledger, seen: Seen, expected: Expected) -> frozenset[Object]:
    """The partitions, which are then left out of what is compared with the installation."""
    return partitions_of(seen.catalogue)
