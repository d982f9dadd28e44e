"""Proofs read from files and verified, signatures included. No database is needed."""

import json
from pathlib import Path
from typing import Any

from audit_tui.core.checkpoint import CheckpointError, parse_checkpoint
from audit_tui.core.errors import AuditError
from audit_tui.core.note import Note, NoteError, PublicKey, find_signers, parse_note
from audit_tui.core.proof_check import UNREADABLE, DoesNotFitError, check
from audit_tui.store.signing import read_public_key, verify_ed25519
from audit_tui.store.small_files import read_small
from audit_tui.store.witness_directory import read_checkpoint

MAX_BYTES = 256 * 1024 * 1024
"""Of a proof: one event with everything that it shows."""


def check_file(
    file: Path, checkpoint: Path | None, public_keys: tuple[str, ...]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """(what is proven, the proof itself).

    The keys are looked for under the checkpoint given, else under the proof's own; one of them must have
    signed it. DoesNotFitError where the proof, the checkpoint or a signature does not fit; AuditError for a
    file that is no proof or no checkpoint.
    """
    keys = [read_public_key(given) for given in public_keys]
    given = read_checkpoint(checkpoint).note if checkpoint is not None else None
    proof = _load(file)
    try:
        own = parse_note(proof["checkpoint"].encode())
        parse_checkpoint(own.text)
        proven = check(proof, given.content if given is not None else None)
    except (*UNREADABLE, CheckpointError, NoteError) as problem:
        raise _no_proof(file, str(problem)) from None
    return {**proven, "signers": list(_signers(given or own, keys))}, proof


def _signers(note: Note, keys: list[PublicKey]) -> tuple[str, ...]:
    try:
        found = find_signers(note, keys, verify_ed25519)
    except NoteError as problem:
        raise DoesNotFitError(str(problem)) from None
    if keys and not found:
        raise DoesNotFitError("none of the keys given signed the checkpoint")
    return tuple(key.label for key in found)


def _load(file: Path) -> dict[str, Any]:
    content = read_small(file, "proof", MAX_BYTES)
    try:
        proof = json.loads(content)
    except (ValueError, RecursionError):
        raise _no_proof(file, "it is not JSON") from None
    if not isinstance(proof, dict):
        raise _no_proof(file, "it is no JSON object")
    return proof


def _no_proof(file: Path, why: str) -> AuditError:
    return AuditError(f"{file} is no proof of this tool: {why}", "ask for it again")
