"""Checkpoints of others become witnesses: after their signatures, and after what is known here was asked."""

from collections.abc import Sequence
from dataclasses import dataclass

from audit_tui.core.checkpoint import Checkpoint, log_name
from audit_tui.core.clock import rfc3339
from audit_tui.core.errors import AuditError, TamperedLogError, UsageError
from audit_tui.core.model import Head
from audit_tui.core.note import Note, NoteError, PublicKey, find_signers
from audit_tui.core.witness import LogIdentity, Source, Witness
from audit_tui.service.live.witness_anchors import known_roots, read_anchors, write_anchor
from audit_tui.service.live.witness_desk import Desk
from audit_tui.service.live.witness_tree import OutOfReachError, read_tree
from audit_tui.service.witnessing import Imported, ImportRequest
from audit_tui.store.event_hashes import stream_hashes
from audit_tui.store.session import NO_TIMEOUT, reading
from audit_tui.store.signing import read_public_key, verify_ed25519
from audit_tui.store.tenants import get_head
from audit_tui.store.witness_directory import Found, WitnessDirectory, read_checkpoint

CONFIRMED = "the log holds these events, and gives this root"


class WrongSignatureError(AuditError):
    """A line claims to be of a known key, and is not: the note was changed, or somebody forged it."""


class ContradictsError(TamperedLogError):
    """The checkpoint and what is known here tell two histories."""


@dataclass(frozen=True, slots=True)
class Importer:
    """A signature by a key that the user named makes a checkpoint a witness, whatever the log says: that it
    no longer holds the events is what a witness is for. Where it holds them, the root is built anew.
    """

    desk: Desk

    def run(self, request: ImportRequest) -> tuple[Imported, ...]:
        """One result per file. Of a single file every refusal is raised; of a folder it is a result."""
        keys = tuple(read_public_key(given) for given in request.public_keys)
        if not keys and not request.unsigned:
            raise UsageError(
                "whose signature counts? Give the key with --public-key",
                "or --unsigned, and the log itself has to confirm the checkpoint",
            )
        if request.file is not None:
            return (self._one(read_checkpoint(request.file), request, keys),)
        if request.directory is None:
            raise UsageError("nothing to import", "name a file, or a folder with --directory")
        shared = WitnessDirectory(request.directory)
        wanted = [e for e in shared.list_all() if request.tenant in {None, e.checkpoint.tenant_id}]
        told = [self._told(each, request, keys) for each in wanted]
        return (*told, *(Imported(path, problem=why) for path, why in shared.refused))

    def _told(self, found: Found, request: ImportRequest, keys: Sequence[PublicKey]) -> Imported:
        try:
            return self._one(found, request, keys)
        except ContradictsError as error:
            return Imported(found.path, found.checkpoint, problem=str(error), contradicts=True)
        except AuditError as error:
            return Imported(found.path, found.checkpoint, problem=str(error))

    def _one(self, found: Found, request: ImportRequest, keys: Sequence[PublicKey]) -> Imported:
        checkpoint = found.checkpoint
        if request.tenant not in {None, checkpoint.tenant_id}:
            raise AuditError(f"{found.path} is of the tenant {checkpoint.tenant_id}", "leave out --tenant")
        signers = signers_of(found, keys)
        if not signers and not request.unsigned:
            raise AuditError(
                f"no key that you named signed {found.path}", "--unsigned has the log itself confirm it"
            )
        if checkpoint.place in self.desk.let_go():
            said = "a baseline that was accepted since stands in for it"
            return Imported(found.path, checkpoint, signers, said, is_new=False)
        said, first_hash = self._ask_the_log(checkpoint)
        self._refuse_contradiction(checkpoint)
        if not signers and said != CONFIRMED:
            raise AuditError(
                f"nobody whose key you named vouches for {found.path}, and the log can't: {said}",
                "ask for a signed one",
            )
        is_new = self._append(checkpoint, found.note, signers, first_hash)
        return Imported(found.path, checkpoint, signers, said, is_new)

    def _refuse_contradiction(self, checkpoint: Checkpoint) -> None:
        """What is remembered of the same event must be the same."""
        current = self.desk.current(checkpoint.tenant_id)
        root = known_roots(current).get(checkpoint.size, checkpoint.root)
        same = [each for each in current if each.sequence == checkpoint.size]
        differs = root != checkpoint.root or any(each.event_hash != checkpoint.head for each in same)
        if differs:
            raise ContradictsError(
                f"what is remembered of event {checkpoint.size} of {checkpoint.tenant_id} says otherwise",
                "two histories were shown: keep the file, and see audit-tui witness show",
            )

    def _ask_the_log(self, checkpoint: Checkpoint) -> tuple[str, str | None]:
        """(what the log says, hash of event 1). ContradictsError where it tells another history."""
        desk, tenant, size = self.desk, checkpoint.tenant_id, checkpoint.size
        with reading(desk.conn, timeout=NO_TIMEOUT, snapshot=True):
            head = get_head(desk.conn, tenant)
            first_hash = next((row[1] for row in stream_hashes(desk.conn, tenant, 1, 1)), None)
            self._refuse_another_log(checkpoint, first_hash)
            if head is None:
                said = f"it has no tenant {tenant}; verify will say that it is missing"
            elif head.sequence < size:
                said = f"it ends at event {head.sequence}; verify will say that it was rewound"
            else:
                said = self._compare_roots(checkpoint, head)
        if said != CONFIRMED and self._names_an_unseen_id(checkpoint):
            raise AuditError(
                "the checkpoint names its log by an id, and this one shows none",
                "connect as a role that may read audit.schema_info",
            )
        return said, first_hash

    def _compare_roots(self, checkpoint: Checkpoint, head: Head) -> str:
        try:
            tree = read_tree(self.desk.conn, self.desk.seen.layout, head, checkpoint.size)
        except OutOfReachError as error:
            return error.title
        except TamperedLogError as error:
            raise ContradictsError(error.title, error.hint) from None
        if (tree.root, tree.head_hash) == (checkpoint.root, checkpoint.head):
            return CONFIRMED
        told = f"the first {checkpoint.size} events of {head.tenant_id} in the log give another root"
        if self._names_an_unseen_id(checkpoint):
            return told
        raise ContradictsError(
            f"{told} than the checkpoint", "the log was rewritten, or shown differently then: keep the file"
        )

    def _names_an_unseen_id(self, checkpoint: Checkpoint) -> bool:
        return not checkpoint.names_chain and self.desk.seen.identity.log_id is None

    def _refuse_another_log(self, checkpoint: Checkpoint, first_hash: str | None) -> None:
        """A checkpoint by log id is compared with that; by the hash of event 1, where that is known."""
        if first_hash is None:
            known = [each.first_hash for each in self.desk.current(checkpoint.tenant_id)]
            first_hash = next((each for each in known if each is not None), None)
        mine = log_name(None if checkpoint.names_chain else self.desk.seen.identity.log_id, first_hash)
        unknown = mine is None or self._names_an_unseen_id(checkpoint)
        if not unknown and checkpoint.log != mine:
            raise AuditError(
                f"the checkpoint is of the log {checkpoint.log}, this one is {mine}",
                "connect to the log that it is of",
            )

    def _append(
        self, checkpoint: Checkpoint, note: Note, signers: tuple[str, ...], first_hash: str | None
    ) -> bool:
        desk = self.desk
        witness = Witness(
            desk.book.target, checkpoint.tenant_id, checkpoint.size, checkpoint.head, first_hash,
            LogIdentity(log_id=None if checkpoint.names_chain else checkpoint.log), rfc3339(desk.now_us()),
            (write_anchor(note.content, signers),), source=Source.IMPORT,
        )  # fmt: skip
        if any(set(signers) <= known for known in self._signed_before(checkpoint)):
            return False
        desk.file.append([witness])
        return True

    def _signed_before(self, checkpoint: Checkpoint) -> list[set[str]]:
        anchors = (a for each in self.desk.current(checkpoint.tenant_id) for a in read_anchors(each))
        return [set(anchor.signers) for anchor in anchors if anchor.checkpoint == checkpoint]


def signers_of(found: Found, keys: Sequence[PublicKey]) -> tuple[str, ...]:
    """The labels of those keys that signed the note. AuditError where a signature by one of them is wrong."""
    try:
        return tuple(key.label for key in find_signers(found.note, keys, verify_ed25519))
    except NoteError as problem:
        title = f"{found.path} is not what was signed: {problem}"
        raise WrongSignatureError(title, "ask for it again") from None
