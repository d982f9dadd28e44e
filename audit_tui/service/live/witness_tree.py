"""The tree over a chain: from the hashes in the log and, where a beginning was archived, its record."""

from collections.abc import Collection
from dataclasses import dataclass, field

import psycopg

from audit_tui.core.archive.records import parse_records
from audit_tui.core.errors import AuditError, TamperedLogError
from audit_tui.core.inclusion import PathBuilder
from audit_tui.core.merkle import Frontier
from audit_tui.core.model import Head
from audit_tui.core.seal import is_hash
from audit_tui.store.chain import list_authority
from audit_tui.store.event_hashes import stream_hashes
from audit_tui.store.layout import Layout


class OutOfReachError(AuditError):
    """The tree of that size lies within what was archived."""


@dataclass(slots=True)
class Tree:
    """The first `size` events. `head_hash` is the last one's, `first_hash` that of event 1 where it is in the
    log, `roots` the roots at the sizes asked for, `path` that of the event asked for.
    """

    size: int
    root: str
    head_hash: str
    first_hash: str | None = None
    roots: dict[int, str] = field(default_factory=dict)
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Start:
    """What was archived: the tree over it, and the hash of its last event."""

    tree: Frontier
    last_hash: str | None


def read_tree(
    conn: psycopg.Connection,
    layout: Layout,
    head: Head,
    size: int,
    *,
    at: Collection[int] = (),
    prove: int | None = None,
) -> Tree:
    """Reads the tree over events 1..size of the chain that ends in `head`, inside the caller's transaction.

    `prove` is the sequence of the event whose path is wanted. TamperedLogError where the chain breaks,
    OutOfReachError where a part was archived without a record of its tree, or the event itself was.
    """
    start = _find_start(conn, layout, head)
    if size < start.tree.size or (prove is not None and prove <= start.tree.size):
        raise OutOfReachError(
            f"event {min(size, prove or size)} of {head.tenant_id} was archived, with those up to "
            f"{start.tree.size}",
            "open the archive instead: audit-tui open DIR",
        )
    builder = None if prove is None else PathBuilder(prove - 1, size, start.tree)
    found = _Reading(head.tenant_id, start.tree.copy(), start.last_hash, builder, frozenset(at))
    if size > start.tree.size:
        for row in stream_hashes(conn, head.tenant_id, start.tree.size + 1, size):
            found.add(*row)
    return found.finish(size)


@dataclass(slots=True)
class _Reading:
    tenant_id: str
    tree: Frontier
    last_hash: str | None
    builder: PathBuilder | None
    at: frozenset[int]
    first_hash: str | None = None
    roots: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._mark()

    def add(self, sequence: int, event_hash: str | None, previous_hash: str | None) -> None:
        if sequence != self.tree.size + 1 or previous_hash != self.last_hash or not is_hash(event_hash):
            raise _broken(self.tenant_id, sequence)
        entry = bytes.fromhex(event_hash or "")
        self.tree.append(entry)
        if self.builder is not None:
            self.builder.add(entry)
        if sequence == 1:
            self.first_hash = event_hash
        self.last_hash = event_hash
        self._mark()

    def _mark(self) -> None:
        if self.tree.size in self.at:
            self.roots[self.tree.size] = self.tree.root

    def finish(self, size: int) -> Tree:
        if self.tree.size != size or self.last_hash is None:
            raise _broken(self.tenant_id, self.tree.size + 1)
        path = self.builder.path if self.builder is not None else ()
        return Tree(size, self.tree.root, self.last_hash, self.first_hash, self.roots, path)


def _find_start(conn: psycopg.Connection, layout: Layout, head: Head) -> _Start:
    last = head.first_sequence - 1
    if last == 0:
        return _Start(Frontier(), None)
    records = [
        each for each in parse_records(list_authority(conn, layout, head)) if each.last_sequence == last
    ]
    for record in reversed(records):
        if record.tree is not None:
            return _Start(Frontier.from_hashes(record.tree.size, record.tree.hashes), record.last_hash)
    if records:
        raise OutOfReachError(
            f"the record of what was archived of {head.tenant_id} holds no tree",
            "the archive itself holds it: audit-tui verify --archive DIR",
        )
    raise _broken(head.tenant_id, head.first_sequence)


def _broken(tenant_id: str, sequence: int) -> TamperedLogError:
    return TamperedLogError(
        f"the chain of {tenant_id} breaks at event {sequence}", "audit-tui verify tells what was done"
    )
