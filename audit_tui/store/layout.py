"""Which columns an `audit.logs` has, and how a row of it becomes an Event whatever is missing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from audit_tui.core.errors import UnsupportedSchemaError
from audit_tui.core.model import COLUMNS, GUIDE_COLUMNS, V1_SEALED_COLUMNS, Event, SchemaKind

OUR_COLUMNS = COLUMNS[len(GUIDE_COLUMNS) :]
_ESSENTIAL = ("id", "event_id", "tenant_id", "sequence_number", "timestamp", "previous_hash", "event_hash")
_TEXT = ("varchar", "text", "bpchar", "citext", "uuid", "name")
_TYPES: dict[str, tuple[str, ...]] = {
    "id": ("int8", "int4"),
    "sequence_number": ("int8", "int4"),
    "timestamp": ("timestamptz",),
    "actor_ip_address": ("inet", "cidr"),
    "hash_version": ("int2", "int4"),
    "part_salts": ("bytea",),
    **dict.fromkeys(
        ("changes", "resource_before", "resource_after", "metadata", "erased_parts"), ("jsonb", "json")
    ),
}
"""What a column may be; every other one is a text. Another type would print, and so be sealed, otherwise."""

_AS_IT_IS, _AS_TEXT = sql.SQL("{}"), sql.SQL("{}::pg_catalog.text")
_ABSENT = {
    "id": "NULL::pg_catalog.int8",
    "hash_version": "1::pg_catalog.int2",
    "part_salts": "NULL::pg_catalog.bytea",
}


@dataclass(frozen=True, slots=True)
class Layout:
    """`missing` and `unknown` are column names; an essential column is never among the missing."""

    kind: SchemaKind
    missing: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """One line per difference from what the tool knows, for the header and stderr."""
        lines = []
        if self.missing:
            lines.append(f"audit.logs lacks {_listed(self.missing)}; it is shown as empty")
        if self.unknown:
            lines.append(f"audit.logs has {_listed(self.unknown)} besides, which no seal covers")
        return tuple(lines)

    @property
    def unsealable(self) -> tuple[str, ...]:
        """Missing columns that the seal is over: without them no content can be checked."""
        sealed = V1_SEALED_COLUMNS if self.kind is SchemaKind.GUIDE else frozenset(COLUMNS) - {"id"}
        return tuple(column for column in self.missing if column in sealed)

    @property
    def has_erasures(self) -> bool:
        """Whether parts of events may have been erased with authority: the guide's table knows none."""
        return self.kind is SchemaKind.OURS

    def columns(self, alias: str = "l", only: Collection[str] = COLUMNS) -> sql.Composed:
        """The select list in the order of Event's fields; absent columns read as NULL (version: 1), and so do
        those that are not among `only`.
        """
        parts: list[sql.Composable] = []
        for column in COLUMNS:
            if column not in only and self.has(column):
                parts.append(sql.SQL("NULL"))
            elif self.has(column):
                form = _AS_IT_IS if column in _TYPES else _AS_TEXT
                parts.append(form.format(sql.Identifier(alias, column)))
            else:
                parts.append(sql.SQL(_ABSENT.get(column, "NULL::pg_catalog.text")))
        return sql.SQL(", ").join(parts)

    def previous_version(self, alias: str = "p") -> sql.Composable:
        """The seal version of the row before, for the link and version rules."""
        return sql.Identifier(alias, "hash_version") if self.has("hash_version") else sql.SQL("1::int2")

    def has(self, column: str) -> bool:
        """Whether the table has that column."""
        if column in OUR_COLUMNS and self.kind is SchemaKind.GUIDE:
            return False
        return column not in self.missing


def recognise(columns: Mapping[str, str]) -> Layout:
    """The layout of a table with these columns and types. UnsupportedSchemaError names what it cannot do
    without, or what is of a type that the tool does not know there.
    """
    present = set(columns)
    lacking = [column for column in _ESSENTIAL if column not in present]
    if lacking:
        raise UnsupportedSchemaError(
            f"audit.logs lacks {_listed(lacking)}, without which there is no chain to check",
            "connect to the database that holds the log, or run `audit-tui install` in an empty one",
        )
    odd = [f"{c} is {columns[c]}" for c in COLUMNS if c in columns and columns[c] not in _TYPES.get(c, _TEXT)]
    if odd:
        raise UnsupportedSchemaError(
            f"audit.logs has columns of a type that is not known there: {', '.join(odd[:8])}",
            "no hash of the guide or of this tool could have been made over them as they are",
        )
    ours = all(column in present for column in OUR_COLUMNS)
    kind = SchemaKind.OURS if ours else SchemaKind.GUIDE
    known = COLUMNS if ours else GUIDE_COLUMNS
    missing = tuple(column for column in known if column not in present)
    unknown = tuple(column for column in columns if column not in known)
    return Layout(kind, missing, unknown)


def to_event(row: Sequence[Any]) -> Event:
    """An Event from the first 26 values of a row read with `Layout.columns`."""
    return Event._make(row[: len(COLUMNS)])


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
    return f"the column{'s' if len(names) > 1 else ''} {shown}"
