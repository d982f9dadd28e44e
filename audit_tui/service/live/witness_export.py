"""Checkpoints of heads that were verified a moment ago, signed where there is a key."""

from dataclasses import dataclass

from audit_tui.core.checkpoint import Checkpoint, log_name
from audit_tui.core.clock import rfc3339
from audit_tui.core.errors import AuditError, TamperedLogError
from audit_tui.core.findings import TenantReport, Verdict
from audit_tui.core.model import Head
from audit_tui.core.note import Note
from audit_tui.core.witness import Witness
from audit_tui.core.words import verdict_phrase
from audit_tui.service.api import Cancel, VerifyRequest
from audit_tui.service.live.witness_anchors import known_roots, write_anchor
from audit_tui.service.live.witness_desk import Desk
from audit_tui.service.live.witness_tree import Tree, read_tree
from audit_tui.service.witnessing import Exported, ExportRequest, OnStatus
from audit_tui.store.session import NO_TIMEOUT, reading
from audit_tui.store.signing import Signer, read_signer
from audit_tui.store.witness_directory import WitnessDirectory


@dataclass(frozen=True, slots=True)
class Exporter:
    """A checkpoint is made of a chain that a complete check found intact, and only while its hashes still
    lead to the head that was checked; and never beside one that was exported or imported before and tells
    another history: two inconsistent checkpoints of one log must never be signed (C2SP tlog-checkpoint).
    """

    desk: Desk

    def run(
        self, request: ExportRequest, on_status: OnStatus | None, cancel: Cancel | None
    ) -> tuple[Exported, ...]:
        """One result per tenant. The check's own witnesses are remembered, as by any complete check."""
        signer = read_signer(request.key_file) if request.key_file is not None else None
        directory = WitnessDirectory(request.directory) if request.directory is not None else None
        report = self.desk.service.verify(VerifyRequest.of_chains(request.tenants), on_status, cancel)
        return tuple(self._one(tenant, signer, directory) for tenant in report.tenants)

    def _one(
        self, tenant: TenantReport, signer: Signer | None, directory: WitnessDirectory | None
    ) -> Exported:
        if tenant.verdict is not Verdict.INTACT or tenant.head_hash is None:
            return Exported(tenant.tenant_id, tenant.verdict, problem=verdict_phrase(tenant))
        try:
            checkpoint = self.checkpoint_of(tenant)
        except TamperedLogError as error:
            return Exported(tenant.tenant_id, Verdict.TAMPERED, problem=str(error))
        except AuditError as error:
            return Exported(tenant.tenant_id, Verdict.INCONCLUSIVE, problem=str(error))
        note = sign(checkpoint, signer)
        label = signer.public.label if signer is not None else None
        if label is not None:
            self._remember(tenant, write_anchor(note.content, [label]))
        path, is_new = directory.add(checkpoint, note) if directory is not None else (None, False)
        return Exported(tenant.tenant_id, tenant.verdict, checkpoint, note.content, label, path, is_new)

    def checkpoint_of(self, tenant: TenantReport) -> Checkpoint:
        """The checkpoint of a head that was just found intact. TamperedLogError where the log moved on from
        it, or from what was exported or imported before.
        """
        last = tenant.last_sequence or 0
        known = known_roots(self.desk.current(tenant.tenant_id))
        with reading(self.desk.conn, timeout=NO_TIMEOUT, snapshot=True):
            head = self.desk.head(tenant.tenant_id)
            head = Head(head.tenant_id, head.first_sequence, last, tenant.head_hash)
            tree = read_tree(
                self.desk.conn, self.desk.seen.layout, head, last, at=[s for s in known if s <= last]
            )
        if tree.head_hash != tenant.head_hash:
            raise TamperedLogError(
                f"event {last} of {tenant.tenant_id} has another hash than a moment ago", "run it again"
            )
        for size, root in tree.roots.items():
            if known[size] != root:
                raise TamperedLogError(
                    f"a checkpoint of {size} events of {tenant.tenant_id} is remembered with another root",
                    "audit-tui witness show lists who signed it",
                )
        return make_checkpoint(self.desk, tenant.tenant_id, tree)

    def _remember(self, tenant: TenantReport, anchor: str) -> None:
        desk = self.desk
        witness = Witness(
            desk.book.target, tenant.tenant_id, tenant.last_sequence or 0, tenant.head_hash or "",
            tenant.first_hash, desk.seen.identity, rfc3339(desk.now_us()), (anchor,),
            full_at=tenant.full_at or tenant.checked_at,
        )  # fmt: skip
        desk.file.append([witness])


def make_checkpoint(desk: Desk, tenant_id: str, tree: Tree) -> Checkpoint:
    """The tree as a checkpoint. AuditError where nothing names the log."""
    log = log_name(desk.seen.identity.log_id, tree.first_hash)
    if log is None:
        raise AuditError(
            f"nothing names the log: it has no id that may be read, and event 1 of {tenant_id} was archived",
            "GRANT SELECT ON audit.schema_info TO this role",
        )
    return Checkpoint(log, tenant_id, tree.size, tree.root, tree.head_hash)


def sign(checkpoint: Checkpoint, signer: Signer | None) -> Note:
    """The checkpoint as a note, signed where there is a key."""
    note = Note(checkpoint.text)
    return note if signer is None else signer.signed(note)
