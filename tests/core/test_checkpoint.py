"""A head as a checkpoint: one text for it, whatever the tenant is called, and nothing else is read as one."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit_tui.core.checkpoint import Checkpoint, CheckpointError, log_name, parse_checkpoint
from audit_tui.core.heads import digest_heads, head_line
from audit_tui.core.note import parse_note
from audit_tui.core.witness import LogIdentity, Witness
from tests.core.test_merkle import grown, tree_hash

ROOT, HEAD = "ab" * 32, "cd" * 32
PLAIN = Checkpoint("5f0c61e2-8d41-4f0e-9a55-3f1d7c2b9e10", "org_acme", 1000, ROOT, HEAD)
NAMES = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=40)


def test_the_four_lines() -> None:
    root = base64.b64encode(bytes.fromhex(ROOT)).decode()
    assert PLAIN.text.split("\n") == [
        "audit-tui/5f0c61e2-8d41-4f0e-9a55-3f1d7c2b9e10/org_acme", "1000", root, f"head {HEAD}", "",
    ]  # fmt: skip


@given(NAMES, NAMES, st.integers(1, 2**63 - 1))
def test_any_name_comes_back_and_breaks_no_line(log: str, tenant: str, size: int) -> None:
    made = Checkpoint(log, tenant, size, ROOT, HEAD)
    assert parse_checkpoint(parse_note(made.text.encode()).text) == made
    assert made.text.isascii()
    assert made.text.count("\n") == 4
    assert not set(made.origin) & set(" +\x1b\n\t\u202e")


@given(NAMES, NAMES, NAMES, NAMES)
def test_no_two_names_share_an_origin(log: str, tenant: str, other_log: str, other: str) -> None:
    one, two = (Checkpoint(*pair, 1, ROOT, HEAD) for pair in ((log, tenant), (other_log, other)))
    assert (one.origin == two.origin) == ((log, tenant) == (other_log, other))


def test_lines_that_others_added_are_passed_over() -> None:
    assert parse_checkpoint(PLAIN.text + "more of another tool\n") == PLAIN


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("audit-tui/", "sum.golang.org/"),
        ("/org_acme", ""),
        ("/org_acme", "/"),
        ("/org_acme", "/org/acme"),
        ("org_acme", "org%5Facme"),
        ("org_acme", "org acme"),
        ("org_acme", "%ff"),
        ("1000", "0"),
        ("1000", "01000"),
        ("1000", "1e3"),
        ("1000", "-5"),
        ("1000", "9" * 19),
        ("1000", "9" * 400),
        ("q6ur", "q6u"),
        ("q6ur", "!6ur"),
        ("head ", "tail "),
        ("cdcd", "CDCD"),
        (f"head {HEAD}\n", ""),
    ],
)
def test_what_is_spelled_otherwise_is_no_checkpoint(old: str, new: str) -> None:
    assert old in PLAIN.text
    with pytest.raises(CheckpointError):
        parse_checkpoint(PLAIN.text.replace(old, new, 1))


@given(st.text(max_size=200))
def test_no_text_does_more_than_be_refused(text: str) -> None:
    with pytest.raises(CheckpointError):
        parse_checkpoint(text)


def test_a_log_without_an_id_is_named_by_its_first_event() -> None:
    assert log_name("an-id", HEAD) == "an-id"
    assert log_name(None, HEAD) == f"chain-{HEAD}"
    assert log_name(None, None) is None


def witness(tenant: str, sequence: int = 7) -> Witness:
    return Witness("t", tenant, sequence, HEAD, ROOT, LogIdentity(), "2026-11-01T00:00:00Z")


def test_one_digest_covers_all_heads_in_the_order_of_their_names() -> None:
    mine = [witness("b"), witness("\U0001f511"), witness('a\n\x1b"'), witness("\ufb00")]
    root, lines = digest_heads(mine)
    assert [line.split(", ")[1] for line in lines] == [
        '"a\\n\\u001b\\""', '"b"', '"\ufb00"', '"\U0001f511"',
    ]  # fmt: skip
    assert root == tree_hash([line.encode() for line in lines]).hex()
    assert digest_heads(reversed(mine)) == (root, lines)
    assert head_line(witness("b")) == f'["audit-tui/head/1", "b", 7, "{HEAD}"]'


def test_a_thousand_heads_and_none() -> None:
    many = [witness(f"org_{number}", number + 1) for number in range(1000)]
    root, lines = digest_heads(many)
    assert root == grown([line.encode() for line in lines]).root
    changed = [*many[:500], witness("org_500", 999), *many[501:]]
    assert digest_heads(changed)[0] != root
    assert digest_heads([]) == (grown([]).root, ())
