"""The witnesses of a log: what is remembered, compared with what is there, and accepted anew."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg

from audit_tui.core.checkpoint import Checkpoint, log_name
from audit_tui.core.clock import rfc3339
from audit_tui.core.errors import TamperedLogError, UnknownTenantError, UsageError
from audit_tui.core.findings import Axis, Severity, TenantReport, Verdict
from audit_tui.core.heads import digest_heads
from audit_tui.core.model import State
from audit_tui.core.note import PublicKey
from audit_tui.core.witness import LogIdentity, Source, Witness, list_current, list_newest
from audit_tui.service.api import AuditService, Cancel, VerifyRequest
from audit_tui.service.live.proving import Prover
from audit_tui.service.live.witness_anchors import with_signers
from audit_tui.service.live.witness_desk import Desk
from audit_tui.service.live.witness_export import Exporter
from audit_tui.service.live.witness_import import Importer, WrongSignatureError, signers_of
from audit_tui.service.live.witnesses import WitnessBook, target_of
from audit_tui.service.witnessing import (
    Accepted,
    Answer,
    Comparison,
    Exported,
    ExportRequest,
    Imported,
    ImportRequest,
    Listing,
    OnStatus,
    Proof,
    ProofRequest,
    Remembered,
    Says,
)
from audit_tui.store.probe import probe
from audit_tui.store.session import reading
from audit_tui.store.signing import read_public_key
from audit_tui.store.tenants import is_valid_text, list_heads
from audit_tui.store.witness_directory import Found, WitnessDirectory
from audit_tui.store.witness_file import WitnessFile

_FITS = frozenset({Says.INTACT, Says.OUT_OF_REACH})
_OTHER_IDENTITY = frozenset({Says.MOVED, Says.RESTORED, Says.ANOTHER_DATABASE})
_LIST = "list them with: audit-tui witness list"
_OF_THE_CHAIN = (Axis.CONTENT, Axis.LINK, Axis.SEQUENCE, Axis.GENESIS, Axis.VERSION, Axis.ERASURE)


@dataclass(frozen=True, slots=True)
class _Shared:
    """A folder's files: those to compare, how many are of other logs or unsigned, and what is none."""

    signed: tuple[Found, ...] = ()
    others: int = 0
    unverified: int = 0
    let_go: int = 0
    refused: tuple[str, ...] = ()


class LiveWitnessing:
    """`service.witnessing.WitnessingService`. Construct with `bootstrap.open_witnessing`."""

    def __init__(
        self, service: AuditService, conn: psycopg.Connection, *, state_dir: Path, now_us: Callable[[], int]
    ) -> None:
        """`service` verifies, `conn` is a connection of this one's own; both are closed by `close`."""
        seen, file = probe(conn), WitnessFile(state_dir)
        book = WitnessBook(file, target_of(conn), seen.identity, now_us, isolated=seen.isolated)
        self._desk = Desk(service, conn, seen, book, file, now_us)

    @property
    def log(self) -> AuditService:
        return self._desk.service

    def list_newest(self) -> Listing:
        desk = self._desk
        history = desk.history()
        newest = sorted(list_newest(history).values(), key=lambda witness: witness.tenant_id)
        digest, heads = digest_heads(newest)
        remembered = tuple(with_signers(witness, history) for witness in newest)
        return Listing(desk.book.target, remembered, digest, heads, desk.now_us(), desk.book.warnings)

    def list_history(self, tenant_id: str) -> tuple[Remembered, ...]:
        history = [each for each in self._desk.history() if each.tenant_id == tenant_id]
        if not history:
            raise UnknownTenantError(
                f"no witness of {tenant_id} is remembered",
                "a complete check takes one: audit-tui verify",
            )
        return tuple(with_signers(witness, [witness]) for witness in history)

    def compare(
        self,
        tenants: tuple[str, ...] | None = None,
        *,
        everything: bool = False,
        directory: Path | None = None,
        public_keys: tuple[str, ...] = (),
    ) -> Comparison:
        desk = self._desk
        keys = tuple(read_public_key(given) for given in public_keys)
        chosen = self._chosen(tenants, everything=everything)
        warnings = desk.book.warnings
        shared = self._shared(directory, tenants, keys)
        signed = shared.signed
        with reading(desk.conn):
            answers = desk.answer(
                [*chosen, *(_as_witness(desk.book.target, each) for each in signed)],
                [*([None] * len(chosen)), *(str(each.path) for each in signed)],
            )
            heads = [head.tenant_id for head in list_heads(desk.conn) if is_valid_text(head.tenant_id)]
        files_of = {str(each.path): each.checkpoint for each in signed}
        answers = tuple(_of_this_log(answer, files_of.get(answer.place or "")) for answer in answers)
        known = {answer.witness.tenant_id for answer in answers}
        bare = [each for each in heads if each not in known and (tenants is None or each in tenants)]
        _refuse_unknown(tenants, known, bare)
        passed = (shared.others, shared.unverified, shared.let_go)
        return Comparison(answers, tuple(bare), *passed, shared.refused, warnings)

    def _shared(
        self, directory: Path | None, tenants: tuple[str, ...] | None, keys: tuple[PublicKey, ...]
    ) -> "_Shared":
        """What of a shared folder can be compared with this log."""
        if directory is None:
            return _Shared()
        folder = WitnessDirectory(directory)
        files = [e for e in folder.list_all() if tenants is None or e.checkpoint.tenant_id in tenants]
        mine = [each for each in files if self._may_be_ours(each)]
        gone = self._desk.let_go()
        ours = [each for each in mine if each.checkpoint.place not in gone]
        signed, refused = [], [why for _, why in folder.refused]
        for each in ours:
            try:
                if not keys or signers_of(each, keys):
                    signed.append(each)
            except WrongSignatureError as error:
                refused.append(str(error))
        unverified = len(ours) - len(signed) - len(refused) + len(folder.refused)
        passed = (len(files) - len(mine), unverified, len(mine) - len(ours))
        return _Shared(tuple(signed), *passed, tuple(refused))

    def _chosen(self, tenants: tuple[str, ...] | None, *, everything: bool) -> list[Witness]:
        history = self._desk.history()
        if everything:
            found = [witness for each in list_current(history).values() for witness in each]
        else:
            found = list(list_newest(history).values())
        wanted = [each for each in found if tenants is None or each.tenant_id in tenants]
        return sorted(wanted, key=lambda witness: (witness.tenant_id, witness.sequence))

    def _may_be_ours(self, found: Found) -> bool:
        """A shared folder may hold several logs, and a checkpoint of another one accuses nobody."""
        return found.checkpoint.names_chain or found.checkpoint.log == self._desk.seen.identity.log_id

    def accept(self, tenants: tuple[str, ...] | None, reason: str) -> tuple[Accepted, ...]:
        desk = self._desk
        with reading(desk.conn):
            answers = desk.answer(self._chosen(tenants, everything=False))
        known = {answer.witness.tenant_id for answer in answers}
        for tenant in tenants or ():
            if tenant not in known:
                raise UnknownTenantError(f"no witness of {tenant} is remembered", _LIST)
        due = [answer for answer in answers if answer.says not in _FITS]
        if tenants is None:
            unnamed = [answer for answer in due if answer.says not in _OTHER_IDENTITY]
            if unnamed:
                names = ", ".join(answer.witness.tenant_id for answer in unnamed[:5])
                raise UsageError(
                    f"what looks like tampering is accepted by name alone: {names}",
                    "after an investigation: --tenant T",
                )
        accepted = [self._baseline(answer, reason) for answer in due]
        desk.file.append([each.new for each in accepted])
        return tuple(accepted)

    def _baseline(self, answer: Answer, reason: str) -> Accepted:
        desk, old = self._desk, answer.witness
        taken_at = rfc3339(desk.now_us())
        if answer.head_sequence is None:
            closed = replace(old, taken_at=taken_at, anchors=(), source=Source.CLOSED, reason=reason)
            return Accepted(old, closed, answer.says)
        request = VerifyRequest.of_chains((old.tenant_id,), record_witness=False)
        report = desk.service.verify(request).tenants[0]
        _refuse_broken(report)
        new = Witness(
            desk.book.target, old.tenant_id, report.last_sequence or 0, report.head_hash or "",
            report.first_hash, desk.seen.identity, taken_at,
            full_at=taken_at, source=Source.BASELINE, reason=reason,
        )  # fmt: skip
        return Accepted(old, new, answer.says)

    def export(
        self, request: ExportRequest, on_status: OnStatus | None = None, cancel: Cancel | None = None
    ) -> tuple[Exported, ...]:
        return Exporter(self._desk).run(request, on_status, cancel)

    def take_in(self, request: ImportRequest) -> tuple[Imported, ...]:
        return Importer(self._desk).run(request)

    def prove(self, request: ProofRequest) -> Proof:
        return Prover(self._desk).run(request)

    def close(self) -> None:
        self._desk.conn.close()
        self._desk.service.close()


def _as_witness(target: str, found: Found) -> Witness:
    """A file of the shared folder, to be compared like any other witness. Its own time is not known."""
    checkpoint = found.checkpoint
    log_id = None if checkpoint.names_chain else checkpoint.log
    return Witness(
        target, checkpoint.tenant_id, checkpoint.size, checkpoint.head, None,
        LogIdentity(log_id=log_id), f"a checkpoint ({found.path.name})",
        source=Source.IMPORT,
    )  # fmt: skip


def _of_this_log(answer: Answer, checkpoint: Checkpoint | None) -> Answer:
    """A checkpoint that names its log by event 1 accuses nobody where the log begins with another one."""
    begins_with = log_name(None, answer.begins_with)
    by_chain = checkpoint is not None and checkpoint.names_chain and begins_with is not None
    if not by_chain or checkpoint is None or begins_with == checkpoint.log or answer.says is Says.INTACT:
        return answer
    softer = tuple(replace(each, severity=Severity.INCONCLUSIVE) for each in answer.findings)
    told = "The chain begins with another event: it is another log, or one rewritten from event 1 on."
    return replace(answer, says=Says.ANOTHER_DATABASE, sentence=told, findings=softer)


def _refuse_unknown(tenants: tuple[str, ...] | None, known: set[str], bare: list[str]) -> None:
    for tenant in tenants or ():
        if tenant not in known and tenant not in bare:
            raise UnknownTenantError(
                f"there is no tenant {tenant}, and no witness of one", "list them with: audit-tui tenants"
            )


def _refuse_broken(report: TenantReport) -> None:
    """A baseline is of a chain that is whole by itself: only its witnesses may say otherwise."""
    whole = report.events > 0 and all(report.axes[axis].state is State.OK for axis in _OF_THE_CHAIN)
    if not whole:
        word = "tampered with" if report.verdict is Verdict.TAMPERED else "not decided"
        raise TamperedLogError(
            f"the chain of {report.tenant_id} is {word} by itself, so there is no baseline to accept",
            "audit-tui verify tells what was found",
        )
