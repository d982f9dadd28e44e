"""What every piece of work with witnesses needs at hand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import psycopg

from audit_tui.core.coverage import parse_boundaries
from audit_tui.core.errors import UnknownTenantError
from audit_tui.core.findings import AcceptedBoundary
from audit_tui.core.model import Head
from audit_tui.core.witness import Witness, list_current
from audit_tui.service.api import AuditService
from audit_tui.service.live.witness_answers import what_it_says
from audit_tui.service.live.witnesses import Compared, WitnessBook
from audit_tui.service.witnessing import Answer
from audit_tui.store.chain import list_authority
from audit_tui.store.probe import Probe
from audit_tui.store.tenants import get_head
from audit_tui.store.witness_file import WitnessFile


@dataclass(frozen=True, slots=True)
class Desk:
    """`service` verifies on connections of its own; `conn` reads hashes. `now_us` is the clock."""

    service: AuditService
    conn: psycopg.Connection
    seen: Probe
    book: WitnessBook
    file: WitnessFile
    now_us: Callable[[], int]

    def history(self) -> tuple[Witness, ...]:
        return self.file.list_all(self.book.target)

    def current(self, tenant_id: str) -> tuple[Witness, ...]:
        """The tenant's witnesses that count, oldest first."""
        return list_current(self.history()).get(tenant_id, ())

    def let_go(self) -> frozenset[tuple[str, int, str]]:
        """(tenant, sequence, hash) of heads that a baseline accepted since stands in for."""
        history = self.history()
        counts = {each for current in list_current(history).values() for each in current}
        gone = {(w.tenant_id, w.sequence, w.event_hash) for w in history if w not in counts}
        return frozenset(gone - {(w.tenant_id, w.sequence, w.event_hash) for w in counts})

    def head(self, tenant_id: str) -> Head:
        """UnknownTenantError where the tenant has no events."""
        found = get_head(self.conn, tenant_id)
        if found is None:
            raise UnknownTenantError(f"there is no tenant {tenant_id}", "list them with: audit-tui tenants")
        return found

    def answer(
        self, witnesses: Sequence[Witness], places: Sequence[str | None] | None = None
    ) -> tuple[Answer, ...]:
        """What each witness says of the log, inside the caller's transaction, in the order given.

        A beginning that was archived counts as such where an intact record in the chain explains it.
        """
        where = dict(zip(witnesses, places or [None] * len(witnesses), strict=True))
        boundaries: dict[str, AcceptedBoundary | None] = {}
        found = []
        for compared in self.book.compare_each(self.conn, witnesses):
            tenant = compared.witness.tenant_id
            if tenant not in boundaries:
                boundaries[tenant] = self._boundary(compared)
            judged = self.book.judge(compared, boundaries[tenant])
            says, sentence = what_it_says(compared.witness, judged, self.seen.identity)
            place = where[compared.witness]
            begins_with = compared.first_hash if compared.first_sequence == 1 else None
            told = (judged.findings, compared.head_sequence, place, begins_with)
            found.append(Answer(compared.witness, says, sentence, *told))
        return tuple(found)

    def _boundary(self, compared: Compared) -> AcceptedBoundary | None:
        tenant, first = compared.witness.tenant_id, compared.first_sequence
        if first is None or first <= 1 or compared.head_sequence is None:
            return None
        head = Head(tenant, first, compared.head_sequence, None)
        for each in reversed(parse_boundaries(list_authority(self.conn, self.seen.layout, head))):
            if (each.last_sequence, each.last_hash) == (first - 1, compared.first_previous_hash):
                return AcceptedBoundary(each.last_sequence, each.event_id)
        return None
