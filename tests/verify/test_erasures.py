"""Which erasures the chain authorises: coverage judged by both verifiers, and never an exception."""

import json
from pathlib import Path

import psycopg
import pytest

from audit_tui.embedded import tamper
from tests.verify import chains
from tests.verify.chains import ACME, Conn
from tests.verify.verifiers import both_say

PSEUDONYM = "pseudonymized_1"
GROUPS: list[dict[str, object]] = [
    {"sequences": [[3, 5]], "parts": ["identity", "snapshots"], "actor_id": "x", "actor_email": PSEUDONYM},
    {"sequences": [[8, 8], [10, 10]], "parts": ["details", "changes"], "actor_id": None, "actor_email": None},
]
COVERING = 13
NAMED = (3, 4, 5, 8, 10)


@pytest.fixture
def erased(ours: str) -> str:
    """Our chain after an erasure by the schema's own function: event 13 covers 3 to 5, 8 and 10."""
    with psycopg.connect(ours) as conn:
        conn.execute(
            "SELECT audit.erase(%s, %s, 'asked', 'GDPR 17', 'dpo', p_single_operator := true)",
            (ACME, json.dumps(GROUPS)),
        )
    return ours


def test_an_authorised_erasure_is_intact(erased: str, tmp_path: Path) -> None:
    told = both_say(erased, tmp_path)
    assert told.valid is True
    assert told.findings == ()


def test_a_covered_event_may_be_erased_further_by_a_later_event(erased: str, tmp_path: Path) -> None:
    again = [GROUPS[0] | {"parts": ["identity"], "sequences": [[8, 8]]}]
    with psycopg.connect(erased) as conn:
        conn.execute(
            "SELECT audit.erase(%s, %s, 'asked', 'GDPR 17', 'dpo', p_single_operator := true)",
            (ACME, json.dumps(again)),
        )
    assert both_say(erased, tmp_path).findings == ()


@pytest.mark.parametrize(
    ("sequence", "column", "value", "offending"),
    [
        (3, "actor_email", "someone@example.com", "identity"),
        (3, "actor_email", None, "identity"),
        (3, "actor_id", "usr_0", "identity"),
        (4, "user_agent", "curl", "identity"),
        (5, "resource_before", "null", "snapshots"),
        (8, "endpoint", "", "details"),
        (8, "changes", "{}", "changes"),
        (4, "part_salts", b"\0" * 15 + b"\1" + b"\2" * 16 + b"\0" * 16 + b"\2" * 16, "identity"),
    ],
)
def test_what_an_erasure_left_is_not_to_be_touched(
    sequence: int, column: str, value: object, offending: str, erased: str, tmp_path: Path
) -> None:
    with psycopg.connect(erased) as conn:
        tamper.edit_field(conn, ACME, sequence, column, value)
    told = both_say(erased, tmp_path)
    assert ("unauthorised_erasure", sequence, sequence) in told.places
    named = next(f for f in told.findings if f.kind == "unauthorised_erasure")
    wanted = {"identity": "actor_id", "snapshots": "resource_before", "details": "metadata"}
    assert named.columns[0] == wanted.get(offending, offending)
    others = {finding.kind for finding in told.findings} - {"unauthorised_erasure"}
    assert others == ({"content_mismatch"} if column == "part_salts" else set())


def test_an_edit_of_the_covering_event_takes_its_authority(erased: str, tmp_path: Path) -> None:
    with psycopg.connect(erased) as conn:
        tamper.edit_field(conn, ACME, COVERING, "actor_id", "x")
    told = both_say(erased, tmp_path)
    assert told.places == (
        *(("unauthorised_erasure", n, n) for n in NAMED),
        ("content_mismatch", COVERING, COVERING),
    )


def test_an_event_of_the_log_itself_is_never_erased(erased: str, tmp_path: Path) -> None:
    with psycopg.connect(erased) as conn:
        tamper.erase_without_authority(conn, ACME, COVERING, "details")
    told = both_say(erased, tmp_path)
    assert told.places == tuple(("unauthorised_erasure", n, n) for n in (*NAMED, COVERING))


@pytest.mark.parametrize("event_type", ["audit.note", "AUDIT.Note"])
def test_reserved_types_are_not_covered_in_any_case(event_type: str, ours: str, tmp_path: Path) -> None:
    with psycopg.connect(ours) as conn:
        tamper.edit_field(conn, ACME, 12, "event_type", event_type)
        tamper.rehash(conn, ACME, 12)
        tamper.erase_without_authority(conn, ACME, 12, "identity")
        cover(conn, {"sequences": [[12, 12]], "parts": ["identity"], "actor_id": "usr_0"})
    assert both_say(ours, tmp_path).places == (("unauthorised_erasure", 12, 12),)


def test_only_a_later_event_covers(ours: str, tmp_path: Path) -> None:
    with psycopg.connect(ours) as conn:
        covering = cover(conn, {"sequences": [[10, 14]], "parts": ["details"]})
        chains.append(conn, "user.updated", {"n": 14}, endpoint="/x")
        for sequence in (11, 14):
            tamper.erase_without_authority(conn, ACME, sequence, "details")
    told = both_say(ours, tmp_path)
    assert told.places == (("erasure_incomplete", covering, covering), ("unauthorised_erasure", 14, 14))


@pytest.mark.parametrize("sequences", [[[3, 6]], [[3, 5], [99, 99]], [[1, 9999999999999999999]]])
def test_an_erasure_that_is_not_wholly_there(sequences: list[list[int]], erased: str, tmp_path: Path) -> None:
    with psycopg.connect(erased) as conn:
        rewrite(conn, {"erased": [GROUPS[0] | {"sequences": sequences}, GROUPS[1]]})
    told = both_say(erased, tmp_path)
    assert told.valid is True, "suspicious, not tampered"
    assert told.places == (("erasure_incomplete", COVERING, COVERING),)


WELL_FORMED = GROUPS[0]
ODD_METADATA: dict[str, object] = {
    "metadata is null": None,
    "metadata is a list": [WELL_FORMED],
    "metadata is a scalar": 3,
    "no list of groups": {"erased": WELL_FORMED},
    "no groups": {"erased": []},
    "group is a list": {"erased": [[WELL_FORMED]]},
    "group is null": {"erased": [None]},
}
ODD_GROUPS: dict[str, dict[str, object]] = {
    "sequences missing": {"sequences": None},
    "sequences is a number": {"sequences": 3},
    "no ranges": {"sequences": []},
    "1,001 ranges": {"sequences": [[n, n] for n in range(3, 1004)]},
    "a flat range": {"sequences": [3, 5]},
    "a range of one": {"sequences": [[3]]},
    "a range of three": {"sequences": [[3, 5, 5]]},
    "a range of texts": {"sequences": [["3", "5"]]},
    "a range with null": {"sequences": [[3, None]]},
    "a fraction": {"sequences": [[3, 5.0]]},
    "20 digits": {"sequences": [[3, 10**19]]},
    "5,000 digits": {"sequences": [[3, 10**4000]]},
    "negative": {"sequences": [[-3, 5]]},
    "backwards": {"sequences": [[5, 3]]},
    "one bad range among good ones": {"sequences": [[3, 5], [9, 8]]},
    "no parts": {"parts": []},
    "parts is a text": {"parts": "identity"},
    "unknown part": {"parts": ["identity", "snapshots", "seal"]},
    "repeated part": {"parts": ["identity", "identity", "snapshots"]},
    "part is a number": {"parts": ["identity", 1]},
    "actor_id is a number": {"actor_id": 1},
    "actor_email is a list": {"actor_email": [PSEUDONYM]},
    "pseudonym without identity": {"parts": ["snapshots"]},
}
MALFORMED = ODD_METADATA | {name: {"erased": [WELL_FORMED | change]} for name, change in ODD_GROUPS.items()}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_group_covers_nothing(name: str, erased: str, tmp_path: Path) -> None:
    with psycopg.connect(erased) as conn:
        rewrite(conn, MALFORMED[name])
    assert both_say(erased, tmp_path).places == tuple(("unauthorised_erasure", n, n) for n in NAMED)


def test_a_malformed_group_leaves_the_others_alone(erased: str, tmp_path: Path) -> None:
    with psycopg.connect(erased) as conn:
        rewrite(conn, {"erased": [GROUPS[0] | {"actor_id": {}}, GROUPS[1], "junk"]})
    assert both_say(erased, tmp_path).places == tuple(("unauthorised_erasure", n, n) for n in (3, 4, 5))


def rewrite(conn: Conn, metadata: object) -> None:
    """The covering event, the head, gets other metadata and a hash that fits."""
    value = None if metadata is None else json.dumps(metadata)
    tamper.edit_field(conn, ACME, COVERING, "metadata", value)
    tamper.rehash(conn, ACME, COVERING)


def cover(conn: Conn, *groups: dict[str, object]) -> int:
    """Appends an `audit.erased` event of these groups; returns its sequence."""
    return chains.append(conn, "audit.erased", {"erased": list(groups)})
