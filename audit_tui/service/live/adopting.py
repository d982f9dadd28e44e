"""Adopting at work: look, verify, build, catch up with what was logged meanwhile, turn over."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from psycopg import IsolationLevel

from audit_tui.core.errors import AuditError, TamperedLogError
from audit_tui.core.findings import SEVERITY, Kind, Report, Severity, Verdict, VerifyStatus
from audit_tui.core.words import plural
from audit_tui.service.adopting import Adoption, Examined, OldChain
from audit_tui.service.api import AuditService, Cancel, VerifyRequest
from audit_tui.service.live.old_chains import chains_of, extend
from audit_tui.store import adopt as steps
from audit_tui.store.adopt_turn import PAUSES, Adopted, turn_over
from audit_tui.store.connect import Dsn, connect
from audit_tui.store.install import install
from audit_tui.store.probe import probe
from audit_tui.store.script import InstallOptions
from audit_tui.store.session import NO_TIMEOUT, reading
from audit_tui.store.tenants import list_heads

CLOSE_ENOUGH = 2_000
"""Events that may be left for the transaction to verify while writers wait: some hundredths of a second."""
TENANT_WEIGHT = 100
"""What beginning with one more tenant costs there, in events."""
_ROUNDS = 5
"""Catching up ends after these: where logging outruns verifying, the transaction takes the rest."""

Tell = Callable[[str], None]
Chains = dict[str, OldChain]


class LiveAdopter:
    """`service.adopting.Adopter` over a PostgreSQL. `service` is the same log, for verifying it; `pauses` are
    the seconds between attempts to have the table."""

    def __init__(
        self,
        dsn: Dsn,
        service: AuditService,
        options: InstallOptions,
        pauses: tuple[float, ...] = PAUSES,
    ) -> None:
        self._dsn, self._service, self._options, self._pauses = dsn, service, options, pauses

    def examine(
        self, on_status: Callable[[VerifyStatus], None] | None = None, cancel: Cancel | None = None
    ) -> Examined:
        with self._writing() as conn:
            lines = steps.preview(conn, self._options)
            if lines is None:
                again = steps.format_adoption(steps.build_adoption(self._options, {}), ())
                return Examined(None, (), (), None, again)
            indexes = steps.list_indexes(conn)
        report = self._service.verify(VerifyRequest.of_chains(record_witness=False), on_status, cancel)
        cut_off = cancel is not None and cancel.is_set()
        refused = _refusal(report, tampered_too=self._options.adopt_tampered, cut_off=cut_off)
        script = None
        if refused is None:
            script = steps.format_adoption(steps.build_adoption(self._options, chains_of(report)), lines)
        return Examined(report, lines, indexes, refused, script)

    def adopt(self, examined: Examined, tell: Tell) -> Adoption:
        if examined.refused is not None:
            raise AuditError(examined.refused)
        with self._writing() as conn:
            if examined.report is None:
                return _adoption(Adopted(install(conn, self._options), 1, 0.0), None)
            steps.build_indexes(conn, tell)
            chains = self._catch_up(conn, chains_of(examined.report), tell)
            tell("turning the table over: applications wait for a moment")
            done = turn_over(conn, steps.build_adoption(self._options, chains), tell, self._pauses)
        return _adoption(done, chains)

    def _catch_up(
        self, conn: psycopg.Connection, chains: dict[str, OldChain], tell: Tell
    ) -> dict[str, OldChain]:
        """What was logged since the verification is verified too, until little enough of it is left."""
        seen = probe(conn)
        for _ in range(_ROUNDS):
            with reading(conn, timeout=NO_TIMEOUT, snapshot=True):
                heads = list_heads(conn)
                lags = [h.sequence - _through(chains.get(h.tenant_id)) for h in heads]
                behind, tenants = sum(lags), sum(lag > 0 for lag in lags)
                if behind + TENANT_WEIGHT * tenants <= CLOSE_ENOUGH:
                    break
                tell(f"verifying {plural(behind, 'event')} more, logged meanwhile")
                chains = {h.tenant_id: extend(conn, seen, h, chains.get(h.tenant_id)) for h in heads}
            if not self._options.adopt_tampered:
                _refuse_findings(chains)
        conn.read_only, conn.isolation_level = False, IsolationLevel.READ_COMMITTED
        return chains

    @contextmanager
    def _writing(self) -> Iterator[psycopg.Connection]:
        conn = connect(self._dsn)
        try:
            conn.read_only, conn.isolation_level = False, IsolationLevel.READ_COMMITTED
            yield conn
        finally:
            conn.close()


def _through(chain: OldChain | None) -> int:
    return 0 if chain is None else chain.last_sequence


def _refuse_findings(chains: Chains) -> None:
    """What was logged after a verification that found nothing must verify as well."""
    for tenant, chain in chains.items():
        for finding in chain.findings:
            severity = SEVERITY[Kind(finding.kind)]
            if severity is Severity.SUSPICIOUS:
                continue
            refusal = TamperedLogError if severity is Severity.TAMPERED else AuditError
            raise refusal(
                f"what tenant {tenant} logged while the adoption was prepared does not verify: "
                f"{finding.kind} at event {finding.first}",
                "verify the log again; --adopt-tampered records what is found",
            )


def _refusal(report: Report, *, tampered_too: bool, cut_off: bool) -> str | None:
    if cut_off:
        return "the verification was interrupted: nothing was adopted"
    if report.verdict is Verdict.INTACT or tampered_too:
        return None
    return (
        f"the log is {report.verdict}, so it is not adopted: --adopt-tampered adopts it as it is, and "
        "records what was found in the event that begins the new part"
    )


def _adoption(done: Adopted, chains: Chains | None) -> Adoption:
    first, *rest = done.result.messages
    if chains is None or done.result.earlier:
        what = ["The log was adopted before."]
    else:
        events = sum(chain.events for chain in chains.values())
        old = f"{plural(events, 'event')} of {plural(len(chains), 'tenant')}"
        what = [f"Adopted audit.logs: {old}. Writers waited for {done.seconds_locked:.2f} s at most."]
    return Adoption(
        changed=done.result.changed,
        version=done.result.version,
        digest=done.result.digest,
        messages=(*what, first, *rest),
        tenants=len(chains or {}),
        events=sum(chain.events for chain in (chains or {}).values()),
        attempts=done.attempts,
        seconds_locked=done.seconds_locked,
    )
