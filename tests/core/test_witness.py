"""What a remembered head proves: every row of the design's witness rules."""

from dataclasses import replace

import pytest

from audit_tui.core.findings import Axis, Kind, Severity
from audit_tui.core.model import State
from audit_tui.core.witness import Judgement, LogIdentity, Observed, Witness, judge

HERE = LogIdentity("7301", 1, 16384, "log-1")
SEEN = Witness("db", "org_a", 100, "a" * 64, "f" * 64, HERE, "2026-11-01T00:00:00.000000Z")
SAME = Observed(
    head_sequence=120,
    first_sequence=1,
    hash_at_witnessed="a" * 64,
    first_previous_hash=None,
    boundary_last=None,
)


def told(judgement: Judgement) -> list[tuple[Kind, Severity, int | None, int | None]]:
    return [(f.kind, f.severity, f.first_sequence, f.last_sequence) for f in judgement.findings]


@pytest.mark.parametrize("head", [100, 101, 120])
def test_a_log_that_grew_or_stood_still_fits(head: int) -> None:
    made = judge(SEEN, replace(SAME, head_sequence=head), HERE)
    assert (made.axis.state, made.findings, made.due_new_witness) == (State.OK, (), False)


@pytest.mark.parametrize(
    ("observed", "finding"),
    [
        (replace(SAME, head_sequence=99, hash_at_witnessed=None), (Kind.HEAD_REWOUND, 100, 100)),
        (replace(SAME, head_sequence=60, hash_at_witnessed=None), (Kind.HEAD_REWOUND, 61, 100)),
        (replace(SAME, hash_at_witnessed="b" * 64), (Kind.HEAD_REWRITTEN, 100, 100)),
        (replace(SAME, head_sequence=100, hash_at_witnessed="b" * 64), (Kind.HEAD_REWRITTEN, 100, 100)),
        (replace(SAME, hash_at_witnessed=None), (Kind.HEAD_REWRITTEN, 100, 100)),
        (Observed(None, None, None, None, None), (Kind.TENANT_MISSING, 1, 100)),
    ],
)
def test_what_no_longer_fits_is_one_finding(observed: Observed, finding: tuple[Kind, int, int]) -> None:
    made = judge(SEEN, observed, HERE)
    kind, first, last = finding
    assert told(made) == [(kind, Severity.TAMPERED, first, last)]
    assert made.axis.state is State.FAILED
    assert made.findings[0].axis is Axis.WITNESS
    assert made.findings[0].event_id is None
    assert made.findings[0].expected == "a" * 64
    assert not made.due_new_witness


def test_a_rewound_head_names_the_restored_backup() -> None:
    (finding,) = judge(SEEN, replace(SAME, head_sequence=60, hash_at_witnessed=None), HERE).findings
    assert "restored from a backup" in finding.message


def test_a_witness_just_before_a_boundary_is_compared_with_what_the_first_row_names() -> None:
    archived = Observed(120, 101, None, "a" * 64, 100)
    assert judge(SEEN, archived, HERE).axis.state is State.OK
    other = judge(SEEN, replace(archived, first_previous_hash="b" * 64), HERE)
    assert told(other) == [(Kind.HEAD_REWRITTEN, Severity.TAMPERED, 100, 100)]
    nothing = judge(SEEN, replace(archived, first_previous_hash=None), HERE)
    assert told(nothing) == [(Kind.HEAD_REWRITTEN, Severity.TAMPERED, 100, 100)]


def test_a_witness_further_below_a_boundary_decides_nothing() -> None:
    made = judge(SEEN, Observed(220, 201, None, "c" * 64, 200), HERE)
    assert (made.axis.state, made.findings) == (State.INCONCLUSIVE, ())
    assert made.axis.reason is not None
    assert "200" in made.axis.reason


def test_a_start_that_no_boundary_explains_is_no_excuse() -> None:
    made = judge(SEEN, Observed(220, 201, None, "a" * 64, None), HERE)
    assert told(made) == [(Kind.HEAD_REWRITTEN, Severity.TAMPERED, 100, 100)]


@pytest.mark.parametrize(
    "now",
    [
        replace(HERE, system_identifier="9"), replace(HERE, timeline=2), replace(HERE, database_oid=5),
        LogIdentity("9", 2, 5, "log-1"),
    ],
)  # fmt: skip
def test_the_same_log_on_another_server_is_a_notice_and_wants_a_new_witness(now: LogIdentity) -> None:
    made = judge(SEEN, SAME, now)
    assert told(made) == [(Kind.LOG_REPLACED, Severity.NOTICE, 1, 100)]
    assert (made.axis.state, made.due_new_witness) == (State.OK, True)


@pytest.mark.parametrize(
    ("then", "now", "observed"),
    [
        (HERE, replace(HERE, log_id="log-2"), SAME),
        (replace(HERE, log_id=None), replace(HERE, system_identifier="9", log_id=None), SAME),
        (HERE, replace(HERE, system_identifier="9", log_id=None), SAME),
    ],
)
def test_another_log_at_the_same_place_decides_nothing(
    then: LogIdentity, now: LogIdentity, observed: Observed
) -> None:
    made = judge(replace(SEEN, identity=then), observed, now)
    assert told(made) == [(Kind.LOG_REPLACED, Severity.INCONCLUSIVE, 1, 100)]
    assert (made.axis.state, made.due_new_witness) == (State.INCONCLUSIVE, False)


@pytest.mark.parametrize(
    ("observed", "kind"),
    [
        (replace(SAME, head_sequence=60, hash_at_witnessed=None), Kind.HEAD_REWOUND),
        (replace(SAME, hash_at_witnessed="b" * 64), Kind.HEAD_REWRITTEN),
        (Observed(None, None, None, None, None), Kind.TENANT_MISSING),
    ],
)
def test_what_another_target_lacks_is_inconclusive_and_names_the_other_causes(
    observed: Observed, kind: Kind
) -> None:
    made = judge(SEEN, observed, replace(HERE, system_identifier="9"))
    assert [(f.kind, f.severity) for f in made.findings] == [
        (kind, Severity.INCONCLUSIVE), (Kind.LOG_REPLACED, Severity.INCONCLUSIVE),
    ]  # fmt: skip
    assert all("restore" in f.message and "upgrade" in f.message for f in made.findings)
    assert made.axis.state is State.INCONCLUSIVE


def test_what_is_unknown_on_either_side_is_no_difference() -> None:
    assert judge(SEEN, SAME, LogIdentity()).findings == ()
    assert judge(replace(SEEN, identity=LogIdentity()), SAME, HERE).findings == ()
