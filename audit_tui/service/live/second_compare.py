"""The comparison of two sources after both were checked: what is looked up, and in which order."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from audit_tui.core.findings import Report, TenantReport
from audit_tui.core.second import deciding
from audit_tui.core.second.bisection import Bisection
from audit_tui.core.second.blame import Testimony
from audit_tui.core.second.in_line import InLine
from audit_tui.core.second.model import Comparison, Method, Relation, TenantComparison
from audit_tui.service.api import WitnessNote
from audit_tui.service.live.second_walk import Pair, why

LOOKED_THROUGH = 200_000
"""Events from the first difference on that are compared one by one, to tell which say something else."""


@dataclass(slots=True)
class Comparer:
    """Compares what two reports are about. `results` holds what was decided, also where work ends early.

    `witnesses` are those of both targets as they were before the check.
    """

    own: Mapping[str, TenantReport]
    other: Mapping[str, TenantReport]
    whole: Comparison
    witnesses: tuple[WitnessNote, ...]
    results: dict[str, TenantComparison] = field(default_factory=dict)

    @classmethod
    def of(
        cls, own: Report, other: Report, whole: Comparison, witnesses: tuple[WitnessNote, ...]
    ) -> "Comparer":
        """From the reports of both sides; a tenant of which a side holds no event is not on it."""
        return cls(_present(own), _present(other), whole, witnesses)

    def run(self, pair: Pair) -> None:
        """Everything. Errors of either side are raised; what was decided before them stands."""
        try:
            self._compare_hashes(pair)
            self._ask_witnesses(pair)
            for known in list(self.results.values()):
                if known.method is Method.IN_LINE and known.relation is not Relation.NOT_COMPARED:
                    self._walk(pair, known, self._whole_span(known, pair))
        finally:
            self.results, same = deciding.tell_logs_apart(self.results, self.whole)
            self.whole = replace(self.whole, same_log=same)
        for known in list(self.results.values()):
            self._look_closer(pair, known)

    def _compare_hashes(self, pair: Pair) -> None:
        now = pair.here.ends(tuple(filter(self._ends_later, self.other)))
        searches: dict[str, Bisection] = {}
        begun: dict[str, TenantComparison] = {}
        for tenant_id in sorted({*self.own, *self.other}):
            base = deciding.begin(
                tenant_id, self.own.get(tenant_id), self.other.get(tenant_id), now.get(tenant_id), self.whole
            )
            low, high = deciding.common(base)
            if base.here is None or base.there is None:
                self.results[tenant_id] = base
            elif low > high:
                self.results[tenant_id] = self._meet(pair, base)
            elif base.method is Method.IN_LINE:
                # Until it was walked nothing is known of it: an error before that must not leave "the same".
                self.results[tenant_id] = replace(base, reason="it was not reached")
            else:
                searches[tenant_id], begun[tenant_id] = Bisection(low, high), base
        failed = pair.bisect(searches)
        for tenant_id, search in searches.items():
            self.results[tenant_id] = deciding.bisected(begun[tenant_id], search, failed.get(tenant_id))

    def _ends_later(self, tenant_id: str) -> bool:
        ours, theirs = self.own.get(tenant_id), self.other[tenant_id]
        return ours is None or (theirs.last_sequence or 0) > (ours.last_sequence or 0)

    def _meet(self, pair: Pair, base: TenantComparison) -> TenantComparison:
        """Where no event is held by both: whether one side goes on where the other ends."""
        at = deciding.joint(base)
        if at is None or base.here is None:
            return deciding.joined(base, None)
        later = pair.here if base.here.first_sequence == at else pair.there
        return deciding.joined(base, later.look({base.tenant_id: at}).get(base.tenant_id))

    def _ask_witnesses(self, pair: Pair) -> None:
        """What stands where searches ended, and at witnessed places behind: which side was changed."""
        parted = {t: each.parted_at for t, each in self.results.items() if each.parted_at is not None}
        if not parted:
            return
        ours, theirs = pair.look(parted)
        for tenant_id, at in parted.items():
            told = [self._testimony(pair, n) for n in self.witnesses if self._is_due(n, tenant_id, at)]
            self.results[tenant_id] = deciding.decided(
                self.results[tenant_id], ours.get(tenant_id), theirs.get(tenant_id), told
            )

    def _is_due(self, note: WitnessNote, tenant_id: str, at: int) -> bool:
        return note.tenant_id == tenant_id and note.sequence >= at

    def _testimony(self, pair: Pair, note: WitnessNote) -> Testimony:
        ours, theirs = pair.look({note.tenant_id: note.sequence})
        here, there = ours.get(note.tenant_id), theirs.get(note.tenant_id)
        return Testimony(
            note.sequence, note.taken_at, note.event_hash,
            here.event_hash if here else None, there.event_hash if there else None,
        )  # fmt: skip

    def _look_closer(self, pair: Pair, known: TenantComparison) -> None:
        """Event by event what hashes do not tell: columns outside the seal, and what parted chains say."""
        low, high = deciding.common(known)
        skipped = known.relation in (Relation.OTHER_LOG, Relation.NOT_COMPARED)
        if skipped or low > high or known.method is Method.IN_LINE:
            return
        at = known.parted_at
        if (span := deciding.unsealed(known)) is not None:
            through = high if at is None else at - 1
            self._walk(pair, known, (max(low, span[0]), min(through, span[1])))
        if at is not None:
            self._count(pair, self.results[known.tenant_id], at, min(high, at + LOOKED_THROUGH - 1))

    def _whole_span(self, known: TenantComparison, pair: Pair) -> tuple[int, int]:
        """As far as both go. What one lacks at the beginning without a recorded boundary is a difference."""
        low, high = deciding.common(known)
        if known.here is None or known.there is None:
            return low, high
        ours, theirs = known.here.first_sequence or 1, known.there.first_sequence or 1
        later, view = (known.here, pair.here) if ours > theirs else (known.there, pair.there)
        explained = later.boundary is not None or view.is_partial
        return (low if explained else min(ours, theirs)), high

    def _walk(self, pair: Pair, known: TenantComparison, span: tuple[int, int]) -> None:
        if span[0] > span[1]:
            return
        found, tenant_id = InLine(), known.tenant_id
        try:
            pair.walk(tenant_id, *span, found)
        except BaseException as error:
            self.results[tenant_id] = deciding.walked(known, found, why(error))
            raise
        self.results[tenant_id] = deciding.walked(known, found, None)

    def _count(self, pair: Pair, known: TenantComparison, first: int, last: int) -> None:
        found = InLine(saying=True)
        try:
            pair.walk(known.tenant_id, first, last, found)
        finally:
            self.results[known.tenant_id] = deciding.counted(known, found)


def _present(report: Report) -> dict[str, TenantReport]:
    return {each.tenant_id: each for each in report.tenants if each.last_sequence is not None}
