"""The proof of one event: read, checked against its seal, and placed in the tree, in one snapshot."""

from dataclasses import dataclass

from audit_tui.core.checkpoint import Checkpoint
from audit_tui.core.errors import TamperedLogError, UnknownEventError, UsageError
from audit_tui.core.findings import Severity, Verdict
from audit_tui.core.model import PARTS, CheckedEvent, Event, Head, State
from audit_tui.core.note import Note
from audit_tui.core.proof import build_proof
from audit_tui.core.proof_check import DoesNotFitError, check
from audit_tui.service.api import VerifyRequest
from audit_tui.service.live.witness_desk import Desk
from audit_tui.service.live.witness_export import make_checkpoint, sign
from audit_tui.service.live.witness_tree import Tree, read_tree
from audit_tui.service.witnessing import Proof, ProofRequest
from audit_tui.store.session import NO_TIMEOUT, reading
from audit_tui.store.signing import Signer, read_signer
from audit_tui.store.witness_directory import Found, read_checkpoint


@dataclass(frozen=True, slots=True)
class Prover:
    """A proof is of the chain as it is now, and says so: what it is worth is decided by the checkpoint that
    its reader had before. A signature is only put under a chain that a complete check found intact.
    """

    desk: Desk

    def run(self, request: ProofRequest) -> Proof:
        """Raises as `service.witnessing.WitnessingService.prove`."""
        signer = read_signer(request.key_file) if request.key_file is not None else None
        wanted = read_checkpoint(request.checkpoint) if request.checkpoint is not None else None
        if signer is not None and wanted is not None:
            raise UsageError("a checkpoint that is there needs no key", "leave out --key, or --checkpoint")
        checked = self.desk.service.get_event(request.tenant, request.event)
        event = checked.event
        self._refuse_unsealed(checked, request)
        tenant = event.tenant_id or ""
        head = self._head(tenant, signer)
        tree = self._tree(head, event, wanted)
        checkpoint = make_checkpoint(self.desk, tenant, tree)
        note, signers = self._note(checkpoint, wanted, signer)
        document = build_proof(
            event,
            tree.path,
            note.content,
            shown=request.shown,
            offset_seconds=checked.check.zone_offset_seconds or 0,
            encoding=self.desk.seen.encoding,
        )
        try:
            check(document)
        except DoesNotFitError as misfit:
            raise TamperedLogError(f"the log changed while it was read: {misfit}", "run it again") from None
        return Proof(document, checkpoint, signers, self._warnings(tenant))

    def _refuse_unsealed(self, checked: CheckedEvent, request: ProofRequest) -> None:
        event = checked.event
        if checked.check.content is not State.OK:
            raise TamperedLogError(
                f"event {event.sequence_number} of {event.tenant_id} is not as it was sealed",
                "audit-tui show shows it",
            )
        if event.hash_version == 1 and set(request.shown) != set(PARTS):
            raise UsageError(
                "a version 1 event shows all that its hash covers, or nothing", "leave out --parts and --hide"
            )

    def _head(self, tenant: str, signer: Signer | None) -> Head:
        """The head that the proof leads to: a verified one where it is to be signed."""
        with reading(self.desk.conn):
            head = self.desk.head(tenant)
        if signer is None:
            return head
        report = self.desk.service.verify(VerifyRequest.of_chains((tenant,))).tenants[0]
        if report.verdict is not Verdict.INTACT:
            raise TamperedLogError(
                f"the chain of {tenant} is {report.verdict}, and nothing is signed over it",
                "audit-tui verify tells what was found",
            )
        return Head(tenant, head.first_sequence, report.last_sequence or 0, report.head_hash)

    def _tree(self, head: Head, event: Event, wanted: Found | None) -> Tree:
        sequence = event.sequence_number or 0
        size = head.sequence if wanted is None else wanted.checkpoint.size
        if sequence > size:
            raise UnknownEventError(
                f"event {sequence} came after the checkpoint of {size} events", "prove it against a newer one"
            )
        if size > head.sequence:
            raise TamperedLogError(
                f"the checkpoint is of {size} events; the log of {head.tenant_id} ends at {head.sequence}",
                "audit-tui witness import remembers it, audit-tui verify then tells more",
            )
        with reading(self.desk.conn, timeout=NO_TIMEOUT, snapshot=True):
            tree = read_tree(self.desk.conn, self.desk.seen.layout, head, size, prove=sequence)
        if wanted is None and head.event_hash is not None and tree.head_hash != head.event_hash:
            raise TamperedLogError(f"the head of {head.tenant_id} changed in between", "run it again")
        return tree

    def _note(
        self, checkpoint: Checkpoint, wanted: Found | None, signer: Signer | None
    ) -> tuple[Note, tuple[str, ...]]:
        """The note that goes into the proof, and whose signatures it bears (as the lines say, unchecked)."""
        if wanted is None:
            note = sign(checkpoint, signer)
        elif wanted.checkpoint != checkpoint:
            raise TamperedLogError(
                f"{wanted.path} does not fit the log: {_difference(wanted.checkpoint, checkpoint)}",
                "keep it: it is a witness of what the log was",
            )
        else:
            note = wanted.note
        return note, tuple(f"{line.name}+{line.key_id.hex()}" for line in note.signatures)

    def _warnings(self, tenant: str) -> tuple[str, ...]:
        """What witnesses say against the chain that the proof is of."""
        newest = self.desk.book.list_newest().get(tenant)
        if newest is None:
            return ()
        with reading(self.desk.conn):
            answers = self.desk.answer([newest])
        bad = {Severity.TAMPERED, Severity.INCONCLUSIVE}
        return tuple(each.sentence for each in answers if any(f.severity in bad for f in each.findings))


def _difference(theirs: Checkpoint, ours: Checkpoint) -> str:
    if theirs.tenant_id != ours.tenant_id:
        return f"it is of the tenant {theirs.tenant_id}"
    if theirs.log != ours.log:
        return f"it is of the log {theirs.log}"
    return f"its first {ours.size} events give another root"
