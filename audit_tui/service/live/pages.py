"""Rows of the log as they are shown: each is checked when it is read, with what an erasure may explain."""

from dataclasses import dataclass

import psycopg

from audit_tui.core.coverage import Coverage, build_coverage
from audit_tui.core.model import MAX_SEQUENCE, CheckedEvent, Head
from audit_tui.service.live.checking import check_placed
from audit_tui.store import events as reads
from audit_tui.store.chain import list_authority
from audit_tui.store.conditions import Conditions
from audit_tui.store.events import Placed
from audit_tui.store.probe import Probe


@dataclass(slots=True)
class Pages:
    """Reads and checks rows of one log. `open_end`: a later part of the chain lies elsewhere (archives).

    It remembers in which UTC offset a version 1 event was sealed: its neighbours were too, and the search
    begins there.
    """

    seen: Probe
    open_end: bool
    offset: int = 0

    def read(
        self, conn: psycopg.Connection, conditions: Conditions, limit: int, *, descending: bool = False
    ) -> list[CheckedEvent]:
        """At most `limit` matching events, ascending."""
        placed = reads.list_page(conn, self.seen.layout, conditions, limit=limit, descending=descending)
        erased = {p.event.tenant_id for p in placed if p.event.erased_parts is not None}
        coverages = {tenant: self.coverage(conn, tenant) for tenant in erased if tenant is not None}
        return [self.check(one, coverages.get(one.event.tenant_id or "")) for one in placed]

    def check(self, placed: Placed, coverage: Coverage | None) -> CheckedEvent:
        """One event with what its own columns and the row before it say."""
        checked = check_placed(placed, coverage, self.offset, self.seen.encoding)
        if checked.check.zone_offset_seconds:
            self.offset = checked.check.zone_offset_seconds
        return checked

    def coverage(self, conn: psycopg.Connection, tenant_id: str) -> Coverage | None:
        """What the tenant's own events say was erased; None in a guide-built log, where nothing can be."""
        if not self.seen.layout.has_erasures:
            return None
        everything = Head(tenant_id, 1, MAX_SEQUENCE, None)
        return build_coverage(list_authority(conn, self.seen.layout, everything), open_end=self.open_end)
