"""What the server itself keeps about a row, read beside a finding: evidence, never a verdict of its own.

docs/evidence.md tells each piece with what else it can mean. Texts are made safe where they quote a row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from audit_tui.core.clock import rfc3339
from audit_tui.core.findings import SEVERITY, Finding, Kind
from audit_tui.core.words import count, plural


class EvidenceState(StrEnum):
    """`odd`: out of line, and nothing that the log records explains it; `quiet`: looked at, and in line."""

    ODD = "odd"
    QUIET = "quiet"
    NOT_AVAILABLE = "not_available"


class EvidenceName(StrEnum):
    TRANSACTION = "transaction"
    COMMIT_TIME = "commit_time"
    COUNTERS = "counters"
    INDEX = "index"
    DEAD_ROWS = "dead_rows"
    WAL = "wal"


CAVEATS: dict[EvidenceName, str] = {
    EvidenceName.TRANSACTION: (
        "A transaction that began earlier and logged later has a lower number too; a dump and restore gives "
        "every row one number; an authorised erasure rewrites its row."
    ),
    EvidenceName.COMMIT_TIME: (
        "The time is that of the row's last writing, by the server's clock; restored and imported rows bear "
        "the time of that."
    ),
    EvidenceName.COUNTERS: (
        "The counters are of the whole table, count work that was rolled back, start anew at a reset or a "
        "crash, and do not follow a restore; authorised erasures are updates, archiving deletes."
    ),
    EvidenceName.INDEX: (
        "A damaged index (a crash, a changed collation) hides rows too: REINDEX, then compare again."
    ),
    EvidenceName.DEAD_ROWS: (
        "Vacuum and ordinary reads clear dead rows away; rolled-back work and authorised erasures leave some."
    ),
    EvidenceName.WAL: "The write-ahead log is recycled within hours unless it is archived.",
}


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece. `sentence` says what was seen, or why it is not available; `details` are lines below it."""

    name: EvidenceName
    state: EvidenceState
    sentence: str
    details: tuple[str, ...] = ()

    @property
    def caveat(self) -> str:
        """What else it can mean."""
        return CAVEATS[self.name]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything about one place of a chain. `finding` is index_disagreement, the only piece that is one."""

    tenant_id: str
    sequence: int
    taken_at: str
    pieces: tuple[Piece, ...]
    finding: Finding | None = None


@dataclass(frozen=True, slots=True)
class RowMark:
    """The physical marks of one row. `age` is how many transactions ago it was written, `frozen_age` beyond
    which age its table's rows are frozen; `committed_us` is None where the server did not keep it. `page` is
    the block of the table's file.
    """

    sequence: int
    transaction: int
    age: int
    frozen_age: int
    erased: bool
    table: str
    page: int
    committed_us: int | None = None

    @property
    def is_frozen(self) -> bool:
        return self.age > self.frozen_age or self.transaction < _FIRST_NORMAL


@dataclass(frozen=True, slots=True)
class Counters:
    """Of all tables of the log together. `since` is the reset (RFC 3339); `recorded` whether the log holds
    authorised erasures or removals.
    """

    updates: int
    hot_updates: int
    deletes: int
    since: str | None
    recorded: bool


@dataclass(frozen=True, slots=True)
class PathCounts:
    """One tenant's rows counted by reading the whole table, and by the index of that name. `hidden` are
    sequences that only the table has, `phantom` those that only the index gives (the first of each).
    """

    index: str
    by_table: int
    by_index: int
    hidden: tuple[int, ...]
    phantom: tuple[int, ...]


_FIRST_NORMAL = 3


def not_available(name: EvidenceName, why: str) -> Piece:
    return Piece(name, EvidenceState.NOT_AVAILABLE, f"Not available: {why}.")


def judge_transaction(rows: Sequence[RowMark], sequence: int, *, covered: bool) -> Piece:
    """The row's transaction against those of its successors: a chain is written in order.

    `covered`: an authorised erasure of the event is recorded and covers what is gone.
    """
    name = EvidenceName.TRANSACTION
    row = next((row for row in rows if row.sequence == sequence), None)
    later = [other for other in rows if other.sequence > sequence and not other.erased]
    why = _not_comparable(row, rows, later, sequence)
    if row is None or why is not None:
        return not_available(name, why or "")
    older = [other for other in later if other.is_frozen or other.age > row.age]
    wrote = f"The row of event {sequence} was written by transaction {count(row.transaction)}"
    if 2 * len(older) <= len(later):
        return Piece(name, EvidenceState.QUIET, f"{wrote}, in line with the rows around it.")
    beyond = f"{wrote}, later than the rows of {len(older)} of the {plural(len(later), 'event')} after it"
    if row.erased and covered:
        return Piece(name, EvidenceState.QUIET, f"{beyond}, as its authorised erasure explains.")
    details = tuple(_transaction_of(other) for other in rows)
    return Piece(name, EvidenceState.ODD, f"{beyond}: it was rewritten after they were logged.", details)


def _not_comparable(
    row: RowMark | None, rows: Sequence[RowMark], later: Sequence[RowMark], sequence: int
) -> str | None:
    """Why the row's transaction tells nothing; None where it does."""
    if row is None:
        return f"there is no row of event {sequence}"
    if row.is_frozen:
        return "the row was frozen by vacuum, so its transaction number tells nothing"
    if not later:
        return "no later event is there to compare with"
    if len({other.transaction for other in rows}) == 1:
        return f"all {plural(len(rows), 'row')} around it bear one transaction number, as after a restore"
    return None


def judge_commit_time(
    rows: Sequence[RowMark], sequence: int, *, tracked: bool, covered: bool, timestamp: str | None
) -> Piece:
    """When the row was last written against when its successors were. `timestamp` is the event's own."""
    name = EvidenceName.COMMIT_TIME
    row = next((row for row in rows if row.sequence == sequence), None)
    if not tracked:
        return not_available(name, "track_commit_timestamp is off")
    if row is None:
        return not_available(name, f"there is no row of event {sequence}")
    if row.is_frozen or row.committed_us is None:
        return not_available(name, "the server does not keep the time of the row's transaction any more")
    written = f"The row of event {sequence} was last written at {rfc3339(row.committed_us)}"
    own = f" (the event itself says {timestamp})" if timestamp else ""
    later = [o for o in rows if o.sequence > sequence and not o.erased and o.committed_us is not None]
    before = [o for o in later if (o.committed_us or 0) < row.committed_us]
    if not later or 2 * len(before) <= len(later):
        return Piece(name, EvidenceState.QUIET, f"{written}{own}, in line with the rows after it.")
    nearest = before[0]
    beyond = f"{written}{own}, after the row of event {nearest.sequence}, which was written at "
    beyond += rfc3339(nearest.committed_us or 0)
    if row.erased and covered:
        return Piece(name, EvidenceState.QUIET, f"{beyond}; its authorised erasure explains that.")
    return Piece(name, EvidenceState.ODD, f"{beyond}.")


def judge_counters(seen: Counters) -> Piece:
    """Updates and deletes of a table that is only ever appended to."""
    name = EvidenceName.COUNTERS
    since = f"since {seen.since}" if seen.since else "since the server began to count"
    if not seen.updates and not seen.deletes:
        return Piece(name, EvidenceState.QUIET, f"The table counts no update and no delete {since}.")
    hot = f" ({count(seen.hot_updates)} of them in place)" if seen.hot_updates else ""
    told = (
        f"The table counts {plural(seen.updates, 'update')}{hot} and {plural(seen.deletes, 'delete')} {since}"
    )
    if seen.recorded:
        return Piece(
            name, EvidenceState.QUIET, f"{told}; the log records erasures or removals, which are such."
        )
    return Piece(name, EvidenceState.ODD, f"{told}, and the log records nothing that would be one.")


def judge_paths(seen: PathCounts) -> Piece:
    """The table against its index: one tenant's rows by both."""
    name = EvidenceName.INDEX
    if not seen.hidden and not seen.phantom and seen.by_table == seen.by_index:
        told = (
            f"The table and its index {seen.index} both hold {plural(seen.by_table, 'row')} of this tenant."
        )
        return Piece(name, EvidenceState.QUIET, told)
    return Piece(name, EvidenceState.ODD, _path_sentence(seen))


def index_disagreement(tenant_id: str, seen: PathCounts) -> Finding | None:
    """The finding, where table and index do not hold the same rows; None where they do."""
    if judge_paths(seen).state is not EvidenceState.ODD:
        return None
    differing = sorted({*seen.hidden, *seen.phantom})
    kind = Kind.INDEX_DISAGREEMENT
    return Finding(
        kind, SEVERITY[kind], tenant_id,
        differing[0] if differing else None, differing[-1] if differing else None, None,
        _path_sentence(seen), f"{seen.by_table} rows in the table", f"{seen.by_index} rows by {seen.index}",
        ("sequence_number",),
    )  # fmt: skip


def _path_sentence(seen: PathCounts) -> str:
    parts = [
        f"The table holds {plural(seen.by_table, 'row')} of this tenant, its index {seen.index} gives"
        f" {count(seen.by_index)}"
    ]
    if seen.hidden:
        parts.append(f"hidden from whoever reads by the index: {_sequences(seen.hidden)}")
    if seen.phantom:
        parts.append(f"in the index alone: {_sequences(seen.phantom)}")
    return "; ".join(parts) + "."


def _sequences(found: tuple[int, ...], shown: int = 10) -> str:
    more = f" and {len(found) - shown} more" if len(found) > shown else ""
    return f"event{'s' if len(found) > 1 else ''} {', '.join(map(str, found[:shown]))}{more}"


def _transaction_of(row: RowMark) -> str:
    told = "frozen" if row.is_frozen else f"transaction {count(row.transaction)}"
    return f"event {row.sequence}: {told}" + (", erased in part" if row.erased else "")
