"""What stands behind a witness: the checkpoint that it was imported or exported as, with its signatures."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from audit_tui.core.checkpoint import Checkpoint, CheckpointError, parse_checkpoint
from audit_tui.core.note import NoteError, parse_note
from audit_tui.core.witness import Witness
from audit_tui.service.witnessing import Remembered

_KIND = "checkpoint"


@dataclass(frozen=True, slots=True)
class Anchor:
    """A checkpoint and the labels of the keys whose signatures were found right when it was remembered."""

    checkpoint: Checkpoint
    content: str
    signers: tuple[str, ...]


def write_anchor(content: str, signers: Iterable[str]) -> str:
    """The anchor of a note's whole content, as a witness keeps it."""
    return json.dumps({"kind": _KIND, "note": content, "signers": list(signers)})


def read_anchors(witness: Witness) -> tuple[Anchor, ...]:
    """The checkpoints among a witness's anchors; what is of another kind, or damaged, says nothing."""
    found = (_read(text) for text in witness.anchors)
    return tuple(anchor for anchor in found if anchor is not None)


def _read(text: str) -> Anchor | None:
    try:
        said = json.loads(text)
        signers = said["signers"]
        if said["kind"] != _KIND or not all(isinstance(each, str) for each in signers):
            return None
        checkpoint = parse_checkpoint(parse_note(said["note"].encode()).text)
    except (LookupError, TypeError, AttributeError, CheckpointError, NoteError, ValueError, RecursionError):
        return None
    return Anchor(checkpoint, said["note"], tuple(signers))


def known_roots(witnesses: Iterable[Witness]) -> Mapping[int, str]:
    """Roots by size, of one tenant's witnesses that count."""
    anchors = (anchor for witness in witnesses for anchor in read_anchors(witness))
    return {anchor.checkpoint.size: anchor.checkpoint.root for anchor in anchors}


def with_signers(witness: Witness, history: Iterable[Witness]) -> Remembered:
    """The witness with everybody who signed its very head, whenever that was learned."""
    same = (
        each
        for each in history
        if (each.tenant_id, each.sequence, each.event_hash)
        == (witness.tenant_id, witness.sequence, witness.event_hash)
    )
    signers = (label for each in same for anchor in read_anchors(each) for label in anchor.signers)
    return Remembered(witness, tuple(dict.fromkeys(signers)))
