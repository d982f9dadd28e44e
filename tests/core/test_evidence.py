"""What physical marks are taken for, and what they are not."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit_tui.core.evidence import (
    CAVEATS,
    Counters,
    EvidenceName,
    EvidenceState,
    PathCounts,
    RowMark,
    index_disagreement,
    judge_commit_time,
    judge_counters,
    judge_paths,
    judge_transaction,
)
from audit_tui.core.heap import VALUE_CAP, DeadRow, decode, judge_dead_rows


def rows(*ages: int, first: int = 1, frozen_age: int = 1_000) -> list[RowMark]:
    """Rows of transactions that many transactions ago, in the chain's order."""
    return [
        RowMark(number, 5_000 - age, age, frozen_age, erased=False, table="audit.logs", page=0)
        for number, age in enumerate(ages, first)
    ]


@pytest.mark.parametrize(
    ("ages", "state"),
    [
        ((50, 49, 48, 47), EvidenceState.QUIET),
        ((50, 1, 48, 47), EvidenceState.ODD),
        ((50, 1, 2, 47, 46), EvidenceState.ODD),
        ((50, 49, 48, 2, 1), EvidenceState.QUIET),
        ((50, 47, 48, 46, 45), EvidenceState.QUIET),  # two writers that met at once
        ((9, 9, 9, 9), EvidenceState.NOT_AVAILABLE),
        ((9, 5, 9, 9), EvidenceState.ODD),  # restored, then changed
        ((2_000, 1_999, 1_998), EvidenceState.NOT_AVAILABLE),
        ((2_000, 5, 1_998), EvidenceState.ODD),  # changed after a freeze
        ((3, 2), EvidenceState.NOT_AVAILABLE),
    ],
)
def test_the_transaction_of_event_2(ages: tuple[int, ...], state: EvidenceState) -> None:
    assert judge_transaction(rows(*ages), 2, covered=False).state is state


def test_only_an_authorised_erasure_explains_a_newer_row() -> None:
    seen = rows(50, 1, 48, 47)
    seen[1] = replace(seen[1], erased=True)
    assert judge_transaction(seen, 2, covered=True).state is EvidenceState.QUIET
    assert judge_transaction(seen, 2, covered=False).state is EvidenceState.ODD
    seen[1] = replace(seen[1], erased=False)
    assert judge_transaction(seen, 2, covered=True).state is EvidenceState.ODD


def test_a_row_that_is_gone_is_said() -> None:
    assert judge_transaction(rows(3, 2), 9, covered=False).sentence == (
        "Not available: there is no row of event 9."
    )


def test_commit_times_that_are_not_kept_tell_nothing() -> None:
    seen = [replace(row, committed_us=us) for row, us in zip(rows(5, 4, 3), (1, 9_000_000, 2), strict=True)]
    judged = [
        judge_commit_time(each, 2, tracked=tracked, covered=False, timestamp=None).state
        for each, tracked in ((seen, True), (seen, False), (rows(5, 4, 3), True))
    ]
    assert judged == [EvidenceState.ODD, EvidenceState.NOT_AVAILABLE, EvidenceState.NOT_AVAILABLE]


def test_counters_are_odd_only_where_the_log_explains_nothing() -> None:
    assert judge_counters(Counters(0, 0, 0, None, recorded=False)).state is EvidenceState.QUIET
    assert judge_counters(Counters(2, 1, 0, None, recorded=True)).state is EvidenceState.QUIET
    odd = judge_counters(Counters(2, 1, 3, "2026-01-01T00:00:00Z", recorded=False))
    assert odd.state is EvidenceState.ODD
    assert odd.sentence == (
        "The table counts 2 updates (1 of them in place) and 3 deletes since 2026-01-01T00:00:00Z,"
        " and the log records nothing that would be one."
    )


def test_table_and_index() -> None:
    agreeing = PathCounts("logs_pkey", 5, 5, (), ())
    assert judge_paths(agreeing).state is EvidenceState.QUIET
    assert index_disagreement("t", agreeing) is None
    finding = index_disagreement("t", PathCounts("logs_pkey", 5, 4, (3,), ()))
    assert finding is not None
    assert (finding.first_sequence, finding.last_sequence) == (3, 3)
    assert index_disagreement("t", PathCounts("logs_pkey", 5, 4, (), ())) is not None


def test_every_piece_has_its_caveat() -> None:
    assert CAVEATS.keys() == set(EvidenceName)


@pytest.mark.parametrize(
    ("raw", "kind", "text"),
    [
        (b"\x0bacme", "character varying", "acme"),
        (b"\x20\x00\x00\x00acme", "text", "acme"),
        (b"\x01\x12" + b"x" * 16, "text", "(18 bytes, packed or kept outside the row)"),
        (b"\x22\x00\x00\x00abcd", "text", "(8 bytes, packed or kept outside the row)"),
        (b"\x07\x00\x00\x00\x00\x00\x00\x00", "bigint", "7"),
        (b"\xff\xff", "smallint", "-1"),
        (b"\x00" * 8, "timestamp with time zone", "2000-01-01T00:00:00.000000Z"),
        (b"\xff" * 7 + b"\x7f", "timestamp with time zone", "(out of range)"),
        (b"\x0b\x1b[2J", "text", "\u241b[2J"),
        (b"", "text", "(0 bytes, packed or kept outside the row)"),
        (b"\x01" * 9, "jsonb", "(jsonb, 9 bytes)"),
    ],
)
def test_attributes_as_text(raw: bytes, kind: str, text: str) -> None:
    assert decode(raw, kind) == text


@given(
    st.binary(max_size=300), st.sampled_from(["text", "bigint", "timestamp with time zone", "jsonb", "inet"])
)
def test_whatever_a_file_holds_is_bounded_and_safe(raw: bytes, kind: str) -> None:
    told = decode(raw, kind)
    assert len(told) <= VALUE_CAP
    assert "\x1b" not in told


def test_dead_rows_of_the_event_come_first() -> None:
    dead = [
        DeadRow(9, {"tenant_id": "t", "sequence_number": str(n), "actor_id": f"a{n}"}) for n in (3, 8, 5)
    ] + [DeadRow(9, {"tenant_id": "other", "sequence_number": "5"})]
    piece = judge_dead_rows(dead, "t", 5)
    assert piece.sentence == (
        "The pages around it hold 3 dead rows of this tenant, 1 of event 5: what was deleted or replaced."
    )
    assert piece.details[0] == "event 5, removed by transaction 9: actor_id a5"
