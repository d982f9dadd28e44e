"""The proof of a single event: what it shows of the event, and the path to a checkpoint's root.

`core.proof_check` verifies it, alone and without this package. A part that is not shown is there as its
digest: salted, so nobody can guess what it was (as SD-JWT, RFC 9901, leaves out a claim).
"""

from collections.abc import Collection
from typing import Any

from audit_tui.core.clock import microseconds, rfc3339_of
from audit_tui.core.model import PARTS, Event, Part
from audit_tui.core.proof_check import FORMAT, PLAIN
from audit_tui.core.seal import erased_parts, part_digest, part_text, preimage_v1, salt_slice


def build_proof(
    event: Event,
    path: Collection[str],
    checkpoint: str,
    *,
    shown: Collection[Part] = PARTS,
    offset_seconds: int = 0,
    encoding: str = "utf-8",
) -> dict[str, Any]:
    """The document of an event that was found as sealed. `checkpoint` is the note's whole content.

    `offset_seconds` and `encoding` are those under which a version 1 event's hash fits.
    """
    sealed = (
        _version_1(event, offset_seconds, encoding) if event.hash_version == 1 else _version_2(event, shown)
    )
    return {
        "format": FORMAT,
        "tenant_id": event.tenant_id,
        "sequence": event.sequence_number,
        "event_id": event.event_id,
        "timestamp": rfc3339_of(event.timestamp),
        **sealed,
        "path": list(path),
        "checkpoint": checkpoint,
    }


def _version_1(event: Event, offset_seconds: int, encoding: str) -> dict[str, Any]:
    """All that the guide's hash covers, as it was hashed; what it does not cover is left out."""
    preimage = preimage_v1(event, offset_seconds)
    return {
        "event": {
            "hash_version": 1,
            "event_hash": event.event_hash,
            "preimage": preimage,
            "encoding": encoding,
            "zone_offset_seconds": offset_seconds,
        }
    }


def _version_2(event: Event, shown: Collection[Part]) -> dict[str, Any]:
    plain = {name: getattr(event, name) for name in PLAIN}
    return {
        "event": {
            "hash_version": 2,
            "event_hash": event.event_hash,
            "previous_hash": event.previous_hash,
            "occurred_us": microseconds(event.timestamp),
            **plain,
        },
        "parts": {str(part): _part(event, part, shown) for part in PARTS},
    }


def _part(event: Event, part: Part, shown: Collection[Part]) -> dict[str, str] | None:
    recorded = (erased_parts(event) or {}).get(part)
    if recorded is not None:
        return {"state": "erased", "digest": recorded}
    text = part_text(event, part)
    if text is None:
        return None
    if part not in shown:
        return {"state": "hidden", "digest": part_digest(event, part) or ""}
    return {"state": "shown", "salt": salt_slice(event, part).hex(), "text": text}
