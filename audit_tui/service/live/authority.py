"""What a chain itself authorises, read before its ranges are judged: erasures and archived beginnings."""

from dataclasses import replace

import psycopg

from audit_tui.core.coverage import build_coverage, parse_boundaries
from audit_tui.core.errors import LogChangedError
from audit_tui.core.model import MAX_SEQUENCE
from audit_tui.service.live.chains import ChainCheck
from audit_tui.store.chain import list_authority
from audit_tui.store.layout import Layout
from audit_tui.store.tenants import get_hash_at

_ANOTHER_LOG = "the log is not the one that was begun with: event {} is no longer there, or has another hash"


def read(conn: psycopg.Connection, layout: Layout, chain: ChainCheck, through: int | None = None) -> None:
    """Reads the `audit.*` events of a chain up to its head (or `through`), in the caller's snapshot."""
    head = chain.head if through is None else replace(chain.head, sequence=through)
    events = list_authority(conn, layout, head) if layout.has_erasures else []
    excerpt = chain.excerpt
    spans = excerpt.spans if excerpt is not None else None
    coverage = build_coverage(events, within=spans, open_end=excerpt is not None)
    chain.authorise(coverage, parse_boundaries(events))


def renew(conn: psycopg.Connection, layout: Layout, chain: ChainCheck) -> None:
    """Reads it again in a later snapshot: whatever was erased meanwhile is authorised behind the head.

    LogChangedError where the chain's head is no longer what it was at the start of the run.
    """
    head = chain.head
    if head.span > 0 and get_hash_at(conn, head.tenant_id, head.sequence) != head.event_hash:
        raise LogChangedError(_ANOTHER_LOG.format(head.sequence), "check again from the start")
    if not chain.is_begun:
        return
    before = chain.recorded.groups if chain.recorded is not None else ()
    read(conn, layout, chain, through=MAX_SEQUENCE)
    if chain.coverage is None or chain.coverage.groups[: len(before)] != before:
        raise LogChangedError("what authorised erasures is no longer as it was", "check again from the start")
