"""Witnesses at work: what stands now at the places remembered, and remembering new heads."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import psycopg

from audit_tui.core.clock import rfc3339
from audit_tui.core.findings import AcceptedBoundary, AxisResult, Finding, TenantReport
from audit_tui.core.model import State
from audit_tui.core.witness import LogIdentity, Observed, Source, Witness, judge, list_differences
from audit_tui.store.queries import load
from audit_tui.store.witness_file import WitnessFile

_NO_WITNESS = AxisResult(
    State.NOT_RUN, "no earlier witness: this is the first complete check from this machine"
)


def target_of(conn: psycopg.Connection) -> str:
    """The name under which a log's witnesses are kept: host, port and database, as the user named them."""
    info = conn.info
    return f"{info.host or 'localhost'}:{info.port}/{info.dbname}"


@dataclass(frozen=True, slots=True)
class Compared:
    """A witness beside what the log shows at its place; `boundary_last` is known after the walk."""

    witness: Witness
    head_sequence: int | None
    first_sequence: int | None
    first_previous_hash: str | None
    first_hash: str | None
    hash_at_witnessed: str | None


@dataclass(frozen=True, slots=True)
class WitnessJudgement:
    axis: AxisResult
    findings: tuple[Finding, ...]
    note: str


@dataclass(frozen=True, slots=True)
class WitnessBook:
    """The witnesses of one target. `file` is None where nothing may be remembered (then none is compared)."""

    file: WitnessFile | None
    target: str
    identity: LogIdentity
    now_us: Callable[[], int]
    isolated: bool = False
    """Tenants that are not in sight are not missing: their witnesses are not compared."""

    def list_newest(self) -> Mapping[str, Witness]:
        """The newest witness per tenant."""
        return self.file.list_newest(self.target) if self.file is not None else {}

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was odd about the file when it was last read: a line cut short by a crash."""
        return self.file.warnings if self.file is not None else ()

    def compare(self, conn: psycopg.Connection, known: Mapping[str, Witness]) -> dict[str, Compared]:
        """Reads what stands at each witnessed place, in one query of the caller's transaction."""
        return {each.witness.tenant_id: each for each in self.compare_each(conn, tuple(known.values()))}

    def compare_each(self, conn: psycopg.Connection, witnesses: Sequence[Witness]) -> list[Compared]:
        """As `compare`, for any number of witnesses per tenant, in the order given."""
        places = dict.fromkeys((witness.tenant_id, witness.sequence) for witness in witnesses)
        if not places:
            return []
        parameters = {"tenants": [place[0] for place in places], "sequences": [place[1] for place in places]}
        stands = {(row[0], row[6]): row[1:6] for row in conn.execute(load("witnessed"), parameters)}
        found = []
        for witness in witnesses:
            first, previous, first_hash, last, at = stands[witness.tenant_id, witness.sequence]
            if not (self.isolated and last is None):
                found.append(Compared(witness, last, first, previous, first_hash, at))
        return found

    def judge(
        self,
        compared: Compared | None,
        boundary: AcceptedBoundary | None,
        archived: Mapping[int, str | None] | None = None,
    ) -> WitnessJudgement:
        """The witness axis of one tenant, its findings, and the words for the claim.

        `archived` are hashes that a proven archive holds of events below the boundary.
        """
        if compared is None:
            return WitnessJudgement(_NO_WITNESS, (), "no earlier witness to compare with")
        witness = compared.witness
        result = judge(
            witness,
            Observed(
                head_sequence=compared.head_sequence,
                first_sequence=compared.first_sequence,
                hash_at_witnessed=compared.hash_at_witnessed,
                first_previous_hash=compared.first_previous_hash,
                boundary_last=boundary.last_sequence if boundary is not None else None,
                archived=archived or {},
            ),
            self.identity,
        )
        note = f"compared with the witness of {witness.taken_at} at sequence {witness.sequence}"
        return WitnessJudgement(result.axis, result.findings, note)

    def start_of(self, compared: Compared) -> int | None:
        """The witnessed event where an incremental check may begin: it still stands in the witnessed log.

        None where everything has to be looked at again; so it is behind an imported witness, since nothing
        on this machine ever checked what stands before it.
        """
        witness = compared.witness
        if witness.source is Source.IMPORT:
            return None
        first, last = compared.first_sequence, compared.head_sequence
        if first is None or last is None or not first <= witness.sequence <= last:
            return None
        if compared.hash_at_witnessed != witness.event_hash or compared.first_hash != witness.first_hash:
            return None
        return None if list_differences(witness.identity, self.identity) else witness.sequence

    def glance(self, conn: psycopg.Connection) -> tuple[Finding, ...]:
        """The quick look at connect: findings of every witness, boundaries taken at their word.

        A missing beginning is left to the full check, which knows whether a boundary explains it.
        """
        findings: list[Finding] = []
        for compared in self.compare(conn, self.list_newest()).values():
            first = compared.first_sequence or 1
            presumed = AcceptedBoundary(first - 1, "") if first > 1 else None
            findings.extend(self.judge(compared, presumed).findings)
        return tuple(sorted(findings, key=lambda finding: (finding.tenant_id or "", finding.order)))

    def record(self, intact: Iterable[TenantReport], identity: LogIdentity) -> None:
        """Appends a witness for each tenant that a complete check found intact."""
        if self.file is None:
            return
        taken_at = rfc3339(self.now_us())
        self.file.append(
            [
                Witness(
                    target=self.target,
                    tenant_id=report.tenant_id,
                    sequence=report.last_sequence or 0,
                    event_hash=report.head_hash or "",
                    first_hash=report.first_hash,
                    identity=identity,
                    taken_at=taken_at,
                    full_at=report.full_at or taken_at,
                )
                for report in intact
            ]
        )
