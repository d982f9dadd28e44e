"""The documents of `witness ... --json`."""

from typing import Any

from audit_tui.core.checkpoint import Checkpoint
from audit_tui.core.clock import rfc3339
from audit_tui.core.witness import Witness
from audit_tui.service.witnessing import Accepted, Answer, Comparison, Exported, Imported, Listing, Remembered


def listing_fields(listing: Listing) -> dict[str, Any]:
    return {
        "target": listing.target,
        "at": rfc3339(listing.now_us),
        "witnesses": [remembered_fields(each) for each in listing.newest],
        "events": sum(each.witness.sequence for each in listing.newest),
        "digest": {"root": listing.digest, "heads": list(listing.heads)},
    }


def remembered_fields(remembered: Remembered) -> dict[str, Any]:
    return {**_witness(remembered.witness), "signers": list(remembered.signers)}


def comparison_fields(found: Comparison) -> dict[str, Any]:
    return {
        "answers": [_answer(each) for each in found.answers],
        "unwitnessed": list(found.unwitnessed),
        "of_other_logs": found.others,
        "unverified": found.unverified,
        "let_go": found.let_go,
        "refused": list(found.refused),
    }


def accepted_fields(accepted: Accepted) -> dict[str, Any]:
    return {
        "tenant_id": accepted.old.tenant_id,
        "said": str(accepted.says),
        "old": _witness(accepted.old),
        "new": _witness(accepted.new),
    }


def exported_fields(exported: Exported) -> dict[str, Any]:
    return {
        "tenant_id": exported.tenant_id,
        "verdict": str(exported.verdict),
        "problem": exported.problem,
        "signer": exported.signer,
        "file": None if exported.path is None else str(exported.path),
        "is_new": exported.is_new,
        "checkpoint": _checkpoint(exported.checkpoint),
        "note": exported.content,
    }


def imported_fields(imported: Imported) -> dict[str, Any]:
    return {
        "file": str(imported.path),
        "problem": imported.problem,
        "contradicts": imported.contradicts,
        "is_new": imported.is_new,
        "signers": list(imported.signers),
        "log_says": imported.log_says,
        "checkpoint": _checkpoint(imported.checkpoint),
    }


def _answer(answer: Answer) -> dict[str, Any]:
    return {
        "tenant_id": answer.witness.tenant_id,
        "says": str(answer.says),
        "message": answer.sentence,
        "file": answer.place,
        "head_sequence": answer.head_sequence,
        "findings": [{"kind": str(f.kind), "severity": str(f.severity)} for f in answer.findings],
        "witness": _witness(answer.witness),
    }


def _witness(witness: Witness) -> dict[str, Any]:
    identity = witness.identity
    return {
        "tenant_id": witness.tenant_id,
        "sequence": witness.sequence,
        "event_hash": witness.event_hash,
        "first_hash": witness.first_hash,
        "taken_at": witness.taken_at if witness.taken_at.endswith("Z") else None,
        "source": str(witness.source),
        "reason": witness.reason,
        "log_id": identity.log_id,
        "system_identifier": identity.system_identifier,
        "timeline": identity.timeline,
        "database_oid": identity.database_oid,
    }


def _checkpoint(checkpoint: Checkpoint | None) -> dict[str, Any] | None:
    if checkpoint is None:
        return None
    return {
        "origin": checkpoint.origin,
        "tree_size": checkpoint.size,
        "root": checkpoint.root,
        "head": checkpoint.head,
    }
