"""Proofs of single events: what they show, what they hide, and that nothing in them can be changed."""

import json
import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit_tui.core import proof_check
from audit_tui.core.checkpoint import Checkpoint
from audit_tui.core.inclusion import PathBuilder
from audit_tui.core.merkle import Frontier
from audit_tui.core.model import PARTS, Event, Part
from audit_tui.core.proof import build_proof
from audit_tui.core.proof_check import UNREADABLE, DoesNotFitError, check
from audit_tui.core.seal import hash_v1, sealed_hash
from tests.core.builders import make_event

SIZE, AT = 21, 13
TENANT = 'org_\n\x1b"\U0001f511'


def sealed(sequence: int, version: int = 2, offset: int = 0) -> Event:
    event = make_event(
        sequence, "user.updated", changes={"role": {"old": "a", "new": "b\u2028"}}, after={"n": 1.5},
        metadata={"k": [None]}, tenant_id=TENANT, hash_version=version,
    )  # fmt: skip
    event = event._replace(actor_email="secret@example.com", endpoint="/v1\n\u00e9", previous_hash="0" * 64)
    if version == 1:
        return event._replace(event_hash=hash_v1(event, offset))
    event = event._replace(part_salts=bytes(range(64)))
    return event._replace(event_hash=sealed_hash(event))


def placed(event: Event, *, shown: tuple[Part, ...] = PARTS, offset: int = 0) -> dict[str, Any]:
    """The proof of an event at AT in a chain of SIZE, all others being what they may."""
    hashes = [bytes([number]) * 32 for number in range(SIZE)]
    hashes[AT - 1] = bytes.fromhex(event.event_hash or "")
    builder, tree = PathBuilder(AT - 1, SIZE), Frontier()
    for entry in hashes:
        builder.add(entry)
        tree.append(entry)
    checkpoint = Checkpoint("a log", TENANT, SIZE, tree.root, hashes[-1].hex())
    return build_proof(event, builder.path, checkpoint.text, shown=shown, offset_seconds=offset)


def test_a_proof_proves_its_event() -> None:
    proof = json.loads(json.dumps(placed(sealed(AT))))
    proven = check(proof, proof["checkpoint"])
    assert (proven["tenant_id"], proven["sequence"], proven["tree_size"]) == (TENANT, AT, SIZE)
    assert proven["compared_with_another_checkpoint"]
    assert not check(proof)["compared_with_another_checkpoint"]


@pytest.mark.parametrize("offset", [0, 19800, -12600])
def test_a_version_1_event_is_proved_as_it_was_hashed(offset: int) -> None:
    proof = placed(sealed(AT, 1, offset), offset=offset)
    assert check(proof)["sequence"] == AT
    assert "secret@example.com" not in json.dumps(proof), "what its hash does not cover proves nothing"
    with pytest.raises(DoesNotFitError):
        check(placed(sealed(AT, 1, offset), offset=offset + 900))


@given(st.sets(st.sampled_from(PARTS)))
def test_what_is_hidden_is_not_in_the_proof_and_the_rest_still_holds(hidden: set[Part]) -> None:
    shown = tuple(part for part in PARTS if part not in hidden)
    event = sealed(AT)
    proof = placed(event, shown=shown)
    assert check(proof)["sequence"] == AT
    text = json.dumps(proof)
    assert ("secret@example.com" in text) == (Part.IDENTITY in shown)
    assert ("/v1" in text) == (Part.DETAILS in shown)
    for number, part in enumerate(PARTS):
        salt = (event.part_salts or b"")[number * 16 : number * 16 + 16].hex()
        assert (salt in text) == (part in shown), "a salt would let the hidden text be guessed"


def test_an_erased_part_and_an_empty_one_say_so() -> None:
    event = sealed(AT)
    digest = placed(event, shown=())["parts"]["details"]["digest"]
    erased = event._replace(metadata=None, endpoint=None, erased_parts=json.dumps({"details": digest}))
    proof = placed(erased)
    assert proof["parts"]["details"] == {"state": "erased", "digest": digest}
    assert check(proof)["event_hash"] == event.event_hash
    bare = sealed(AT)._replace(changes=None)
    bare = bare._replace(event_hash=sealed_hash(bare))
    assert placed(bare)["parts"]["changes"] is None
    assert check(placed(bare))["sequence"] == AT


def leaves(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The place of every value in a document."""
    if isinstance(value, dict):
        return [place for key, item in value.items() for place in leaves(item, (*at, key))]
    if isinstance(value, list):
        return [place for number, item in enumerate(value) for place in leaves(item, (*at, number))]
    return [at]


def changed(proof: dict[str, Any], place: tuple[Any, ...], value: object) -> dict[str, Any]:
    copy = deepcopy(proof)
    inner: Any = copy
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    return copy


TOLD_BESIDES = {("timestamp",), ("event", "zone_offset_seconds")}
"""Helps for people, derived from what is hashed."""


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("value", [None, "", "x", 0, True, [], {}, "ff" * 32, -1, 1.5, "\ud800"])
def test_no_value_of_a_proof_can_be_changed(version: int, value: object) -> None:
    proof = placed(sealed(AT, version))
    for place in leaves(proof):
        if place in TOLD_BESIDES:
            continue
        attempt = changed(proof, place, value)
        if attempt == proof:
            continue
        with pytest.raises((DoesNotFitError, *UNREADABLE)):
            check(attempt)


@given(
    st.recursive(st.none() | st.integers() | st.text(), lambda s: st.lists(s) | st.dictionaries(st.text(), s))
)
def test_what_is_no_proof_is_never_more_than_unreadable(document: object) -> None:
    with pytest.raises((DoesNotFitError, *UNREADABLE)):
        check(document)


def test_another_checkpoint_is_told_apart() -> None:
    proof = placed(sealed(AT))
    own = Checkpoint("a log", TENANT, SIZE, "aa" * 32, "bb" * 32)
    for other, why in (
        (own, "another root"),
        (Checkpoint("a log", TENANT, SIZE - 1, own.root, own.head), f"of {SIZE - 1} events"),
        (Checkpoint("a log", "else", SIZE, own.root, own.head), "another log or tenant"),
        (Checkpoint("b log", TENANT, SIZE, own.root, own.head), "another log or tenant"),
    ):
        with pytest.raises(DoesNotFitError, match=why):
            check(proof, other.text)


def test_the_last_event_must_be_the_head_that_is_named() -> None:
    event = sealed(1)
    tree = Frontier()
    tree.append(bytes.fromhex(event.event_hash or ""))
    right = Checkpoint("log", TENANT, 1, tree.root, event.event_hash or "")
    assert check(build_proof(event, (), right.text))["tree_size"] == 1
    wrong = Checkpoint("log", TENANT, 1, tree.root, "ee" * 32)
    with pytest.raises(DoesNotFitError, match="another head"):
        check(build_proof(event, (), wrong.text))


def run_alone(folder: Path, *names: str) -> subprocess.CompletedProcess[str]:
    """The script by itself: no packages, no environment, not even the folder it came from."""
    script = folder / "verify_proof.py"
    script.write_bytes(Path(proof_check.__file__).read_bytes())
    command = [sys.executable, "-I", "-S", script.name, *names]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, env={}, check=False, timeout=60
    )


def test_the_script_needs_nothing_else(tmp_path: Path) -> None:
    proof = placed(sealed(AT), shown=(Part.CHANGES,))
    (tmp_path / "p.json").write_text(json.dumps(proof))
    (tmp_path / "mine").write_text(proof["checkpoint"])
    (tmp_path / "other").write_text(Checkpoint("a log", TENANT, SIZE, "aa" * 32, "bb" * 32).text)
    (tmp_path / "junk").write_bytes(b"\xff\x00")
    (tmp_path / "v1.json").write_text(json.dumps(placed(sealed(AT, 1, 3600), offset=3600)))
    proven = run_alone(tmp_path, "p.json", "mine")
    assert (proven.returncode, proven.stderr) == (0, "")
    assert json.loads(proven.stdout)["proven"] is True
    assert proven.stdout.isascii(), "a hostile name must not reach a terminal raw"
    assert "\x1b" not in proven.stdout
    assert run_alone(tmp_path, "v1.json").returncode == 0
    misfit = run_alone(tmp_path, "p.json", "other")
    assert (misfit.returncode, misfit.stdout) == (1, "")
    assert "another root" in misfit.stderr
    for names in (("junk",), ("p.json", "junk"), ("absent",), ()):
        assert run_alone(tmp_path, *names).returncode == 2


def test_the_script_is_short_enough_to_be_read() -> None:
    assert len(Path(proof_check.__file__).read_text().splitlines()) <= 125
