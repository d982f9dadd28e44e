"""Values as a table's file holds them (as pageinspect splits its rows), made readable, safe and bounded."""

from collections.abc import Sequence
from dataclasses import dataclass

from audit_tui.core.clock import rfc3339
from audit_tui.core.evidence import EvidenceName, EvidenceState, Piece
from audit_tui.core.safe import safe_line
from audit_tui.core.words import count, plural

VALUE_CAP = 80
ROWS_SHOWN = 10
_TEXTS = frozenset(("text", "character varying", "character", "json"))
_INTEGERS = {"smallint": 2, "integer": 4, "bigint": 8}
_EPOCH_2000_US = 946_684_800_000_000
_SHOWN = (
    "event_id", "timestamp", "event_type", "actor_id", "actor_email", "resource_type", "resource_id",
    "changes", "resource_before", "resource_after", "event_hash",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DeadRow:
    """A row that no query shows any more. `removed_by` is the transaction that deleted or replaced it."""

    removed_by: int
    columns: dict[str, str]

    @property
    def tenant_id(self) -> str | None:
        return self.columns.get("tenant_id")

    @property
    def sequence(self) -> int | None:
        text = self.columns.get("sequence_number", "")
        return int(text) if text.isascii() and text.isdigit() else None


def decode_row(
    attributes: Sequence[bytes | None], columns: Sequence[tuple[str, str]], removed_by: int
) -> DeadRow:
    """A row of raw attributes; `columns` are (name, type) in the table's order. NULLs are left out."""
    pairs = zip(columns, attributes, strict=False)
    told = {name: decode(value, kind) for (name, kind), value in pairs if value is not None}
    return DeadRow(removed_by, told)


def decode(value: bytes, kind: str) -> str:
    """One attribute as text, at most VALUE_CAP characters and safe; what is not readable is said so.

    Machines that keep the high byte first are not known to this (no common server does).
    """
    if kind in _INTEGERS and len(value) == _INTEGERS[kind]:
        return str(int.from_bytes(value, "little", signed=True))
    if kind == "timestamp with time zone" and len(value) == 8:
        return _moment(int.from_bytes(value, "little", signed=True))
    if kind in _TEXTS:
        plain = _plain(value)
        if plain is not None:
            return safe_line(plain.decode("utf-8", "replace"), VALUE_CAP)
        return f"({count(len(value))} bytes, packed or kept outside the row)"
    return f"({kind if kind.isascii() else 'value'}, {count(len(value))} bytes)"


def _plain(value: bytes) -> bytes | None:
    """The bytes of a variable-length value that is neither compressed nor kept elsewhere."""
    if not value or value[0] == 1:
        return None
    if value[0] & 1:
        return value[1:]
    return value[4:] if len(value) >= 4 and not value[0] & 2 else None


def _moment(us: int) -> str:
    try:
        return rfc3339(us + _EPOCH_2000_US)
    except (ValueError, OverflowError):
        return "(out of range)"


def judge_dead_rows(rows: Sequence[DeadRow], tenant_id: str, sequence: int) -> Piece:
    """Dead rows of the tenant on the pages around a place, those of that sequence first."""
    shown_id = safe_line(tenant_id, VALUE_CAP)
    own = [row for row in rows if row.tenant_id == shown_id]
    if not own:
        told = "The pages around it hold no dead row of this tenant."
        return Piece(EvidenceName.DEAD_ROWS, EvidenceState.QUIET, told)
    own.sort(key=lambda row: (row.sequence != sequence, row.sequence or 0))
    exact = sum(row.sequence == sequence for row in own)
    told = f"The pages around it hold {plural(len(own), 'dead row')} of this tenant"
    told += f", {count(exact)} of event {sequence}: what was deleted or replaced." if exact else "."
    return Piece(EvidenceName.DEAD_ROWS, EvidenceState.ODD, told, tuple(map(_told, own[:ROWS_SHOWN])))


def _told(row: DeadRow) -> str:
    values = [f"{name} {row.columns[name]}" for name in _SHOWN if name in row.columns]
    where = f"event {row.sequence}" if row.sequence is not None else "an event"
    return f"{where}, removed by transaction {count(row.removed_by)}: {', '.join(values)}"
