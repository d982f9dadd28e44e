"""Verifies a proof of one event with nothing but Python 3:  python verify_proof.py PROOF [CHECKPOINT]

It rebuilds the event's hash from what the proof shows, climbs the tree (RFC 6962, section 2.1) to the
checkpoint's root, and compares that with CHECKPOINT where one is given: the proof is worth what that one is,
a checkpoint that you had before, from somebody you trust. Signatures are not looked at: `audit-tui prove
--check` does that. Exit codes: 0 proven, 1 does not fit, 2 not readable. Needs no other file of the project.
"""

import base64
import hashlib
import json
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote

FORMAT = "audit-tui/proof/1"
PARTS = ("identity", "changes", "snapshots", "details")
PLAIN = ("event_type", "actor_type", "resource_type", "resource_id", "http_method", "request_id")
UNREADABLE = (LookupError, TypeError, ValueError, AttributeError, RecursionError)
_Tree = tuple[str, int, str]  # origin, size, root as hex


class DoesNotFitError(Exception):
    """The proof contradicts itself or the checkpoint; the message says where."""


def _quote(value: object) -> str:
    """A column as PostgreSQL's json_build_array prints it."""
    if value is not None and type(value) not in (str, int):
        raise TypeError("a column is neither text nor number")
    return "null" if value is None else json.dumps(value, ensure_ascii=False)


def _digest(part: Any) -> str | None:
    """SHA-256 over salt and text of a part that is shown, else the digest given; None: the part is empty."""
    if part is None or part["state"] != "shown":
        return None if part is None else bytes.fromhex(part["digest"]).hex()
    return hashlib.sha256(bytes.fromhex(part["salt"]) + part["text"].encode()).hexdigest()


def event_hash(proof: Any) -> str:
    """The event's hash as its shown columns and parts give it, hex."""
    event = proof["event"]
    if event["hash_version"] == 1:
        sealed = json.loads(event["preimage"])
        names = (sealed["tenant_id"], sealed["sequence_number"], sealed["event_id"])
        if names != (proof["tenant_id"], proof["sequence"], proof["event_id"]):
            raise DoesNotFitError("what was hashed is another event than the proof names")
        return hashlib.sha256(event["preimage"].encode(event["encoding"])).hexdigest()
    if event["hash_version"] != 2:
        raise ValueError("an unknown version of the seal")
    values = ["audit/2", proof["tenant_id"], proof["sequence"], event["previous_hash"], proof["event_id"]]
    values += [event["occurred_us"], *(event[name] for name in PLAIN)]
    values += [_digest(proof["parts"][name]) for name in PARTS]
    return hashlib.sha256(("[" + ", ".join(map(_quote, values)) + "]").encode()).hexdigest()


def root_of(leaf: bytes, index: int, size: int, path: list[str]) -> str:
    """The tree's root from a leaf's 32 bytes, counted from 0, and its path (RFC 9162, 2.1.3.2), as hex."""
    made, low, high = hashlib.sha256(b"\x00" + leaf).digest(), index, size - 1
    if not 0 <= low <= high:
        raise DoesNotFitError(f"a tree of {size} events has no event {index + 1}")
    for sibling in map(bytes.fromhex, path):
        if high == 0 or len(sibling) != 32:
            raise DoesNotFitError("the path through the tree is of another length")
        if low & 1 or low == high:
            made = hashlib.sha256(b"\x01" + sibling + made).digest()
            while low and not low & 1:
                low, high = low >> 1, high >> 1
        else:
            made = hashlib.sha256(b"\x01" + made + sibling).digest()
        low, high = low >> 1, high >> 1
    if high:
        raise DoesNotFitError("the path through the tree is of another length")
    return made.hex()


def _read(checkpoint: str) -> tuple[_Tree, list[str]]:
    """(origin, tree size, root) and extension lines of a checkpoint, signed or not (C2SP tlog-checkpoint)."""
    origin, size, root, *more = checkpoint.partition("\n\n")[0].split("\n")
    return (origin, int(size), base64.b64decode(root, validate=True).hex()), more


def check(proof: Any, checkpoint: str | None = None) -> dict[str, Any]:
    """What is proven. DoesNotFitError where something contradicts; UNREADABLE where this is no proof."""
    if proof["format"] != FORMAT:
        raise ValueError("its format is another")
    found, sequence = event_hash(proof), proof["sequence"]
    (origin, size, root), more = _read(proof["checkpoint"])
    if found != proof["event"]["event_hash"]:
        raise DoesNotFitError("what the proof shows of the event does not give the event's hash")
    if unquote(origin.rpartition("/")[2], errors="strict") != proof["tenant_id"]:
        raise DoesNotFitError("the proof's own checkpoint is of another tenant")
    if root_of(bytes.fromhex(found), sequence - 1, size, proof["path"]) != root:
        raise DoesNotFitError("the event's path does not lead to the root of the proof's own checkpoint")
    if sequence == size and f"head {found}" not in more:
        raise DoesNotFitError("the event is the last one, and the proof's checkpoint names another head")
    if checkpoint is not None:
        _compare(_read(checkpoint)[0], (origin, size, root))
    return {"tenant_id": proof["tenant_id"], "sequence": sequence, "event_id": proof["event_id"],
            "event_hash": found, "origin": origin, "tree_size": size, "root": root,
            "compared_with_another_checkpoint": checkpoint is not None}  # fmt: skip


def _compare(given: _Tree, own: _Tree) -> None:
    if given[0] != own[0]:
        raise DoesNotFitError("the checkpoint given is of another log or tenant")
    if given[1] != own[1]:
        raise DoesNotFitError(f"the checkpoint given is of {given[1]} events, the proof's of {own[1]}")
    if given[2] != own[2]:
        raise DoesNotFitError(f"the checkpoint given has another root over its {own[1]} events")


if __name__ == "__main__":
    try:
        _texts = [Path(name).read_bytes().decode() for name in sys.argv[1:3]]
        _proven = check(json.loads(_texts[0]), *_texts[1:])
    except DoesNotFitError as misfit:
        sys.exit(sys.stderr.write(f"does not fit: {misfit}\n") and 1)
    except (*UNREADABLE, OSError) as problem:
        sys.exit(sys.stderr.write(f"not a readable proof or checkpoint: {type(problem).__name__}\n") and 2)
    sys.stdout.write(json.dumps({"proven": True, **_proven}) + "\n")
