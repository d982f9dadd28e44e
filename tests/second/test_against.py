"""A log against copies of it: what an intruder did is bisected, what is only older accuses nobody."""

import psycopg
import pytest

from audit_tui.core.errors import ConnectError, PermissionMissingError, UsageError
from audit_tui.core.findings import Axis, StoryKind, Verdict
from audit_tui.core.model import State
from audit_tui.core.second.model import Changed, Method, Relation
from audit_tui.embedded import tamper
from tests.schema.erasing import erase, group
from tests.second.logs import Bench, attack, differences, found, told
from tests.service.conftest import log_events


def rewrite(conn: psycopg.Connection, sequence: int) -> None:
    tamper.edit_field(conn, "org_a", sequence, "actor_id", "usr_else")
    tamper.rehash_from(conn, "org_a", sequence)


@pytest.mark.parametrize("sequence", [1, 500, 622, 999, 1000])
def test_a_chain_rewritten_to_its_head_is_bisected(long_log: str, bench: Bench, sequence: int) -> None:
    copy = bench.copy(long_log)
    attack(long_log, lambda conn: rewrite(conn, sequence))
    compared = bench.compare(long_log, copy)
    assert compared.report.verdict is Verdict.TAMPERED
    assert found(compared) == [("tampered", sequence, 1000)]
    known = told(compared)
    assert (known.method, known.relation) == (Method.BISECTION, Relation.DIFFERENT)
    assert known.comparisons <= 10
    assert compared.comparison.comparisons == known.comparisons
    (pair,) = known.pairs
    assert {each.column for each in pair.fields} == {"actor_id", "event_hash"}
    assert (known.differing, known.looked_through) == (1, 1000)
    (finding,) = differences(compared)
    assert "not known" in finding.message
    assert psycopg.conninfo.conninfo_to_dict(copy)["dbname"] in finding.message
    report = compared.report.tenants[0]
    assert report.axes[Axis.WITNESS].state is State.FAILED
    assert [story.kind for story in report.stories] == [StoryKind.DISAGREEMENT]
    assert report.proven_through == (sequence - 1 or None)


def test_copies_are_the_same_and_that_is_what_the_witness_axis_says(log: str, bench: Bench) -> None:
    compared = bench.compare(log, bench.copy(log))
    assert compared.report.verdict is Verdict.INTACT
    assert [each.relation for each in compared.comparison.tenants] == [Relation.SAME] * 2
    assert [each.comparisons for each in compared.comparison.tenants] == [1, 1]
    axes = [each.axes[Axis.WITNESS] for each in compared.report.tenants]
    assert {axis.state for axis in axes} == {State.OK}
    assert "second source" in (axes[0].reason or "")
    assert [note.sequence for note in bench.open(log).list_witnesses()] == [60, 5]


def test_what_the_second_source_contradicts_is_not_witnessed(log: str, bench: Bench) -> None:
    copy = bench.copy(log)
    attack(log, lambda conn: rewrite(conn, 30))
    bench.compare(log, copy)
    assert [note.tenant_id for note in bench.open(log).list_witnesses()] == ["org_b"]
    assert bench.open(copy).list_witnesses() == ()


def test_an_older_copy_accuses_nobody(log: str, bench: Bench) -> None:
    copy = bench.copy(log)
    log_events(log, "org_a", 7)
    log_events(log, "org_new", 3)
    compared = bench.compare(log, copy)
    assert compared.report.verdict is Verdict.INTACT
    assert told(compared).relation is Relation.BEHIND
    assert told(compared, "org_new").relation is Relation.ONLY_HERE
    assert "7 events earlier" in " ".join(told(compared).remarks)
    assert "7 more events here" in compared.report.tenants[0].claim


def test_a_cut_tail_and_a_removed_tenant_are_found(log: str, bench: Bench) -> None:
    copy = bench.copy(log)
    attack(log, lambda c: tamper.cut_tail(c, "org_a", 58), lambda c: tamper.remove_tenant(c, "org_b"))
    compared = bench.compare(log, copy)
    assert found(compared) == [("tampered", 58, 60)]
    assert found(compared, "org_b") == [("tampered", 1, 5)]
    for tenant_id in ("org_a", "org_b"):
        (finding,) = differences(compared, tenant_id)
        assert "restored from a backup" in finding.message
    assert told(compared).relation is Relation.AHEAD


def test_which_side_fails_its_own_check_is_said(log: str, bench: Bench) -> None:
    for side in (Changed.HERE, Changed.THERE):
        here, there = bench.copy(log), bench.copy(log)
        attack(
            here if side is Changed.HERE else there,
            lambda c: tamper.edit_field(c, "org_a", 7, "actor_email", "x@example.com"),
            lambda c: tamper.drop_rows(c, "org_a", 20, 22),
            lambda c: tamper.swap(c, "org_a", 40, 50),
        )
        compared = bench.compare(here, there)
        assert compared.report.verdict is Verdict.TAMPERED
        spans = [(7, 7), (20, 22), (40, 40), (50, 50)]
        assert found(compared) == [("tampered", *span) for span in spans]
        known = told(compared)
        assert (known.method, known.changed, known.comparisons) == (Method.IN_LINE, side, 0)
        which = "This log" if side is Changed.HERE else "The second source"
        assert all(f"{which} was changed: it fails" in each.message for each in differences(compared))
        assert compared.report.tenants[0].proven_through == (6 if side is Changed.HERE else 60)


def test_a_witness_decides_between_two_chains_that_verify(log: str, bench: Bench) -> None:
    bench.verify(log)
    copy = bench.copy(log)
    attack(copy, lambda conn: rewrite(conn, 30))
    compared = bench.compare(log, copy)
    assert told(compared).changed is Changed.THERE
    assert "as it was witnessed" in differences(compared)[0].message
    assert compared.report.tenants[0].proven_through == 60
    other = bench.copy(log)
    attack(log, lambda conn: rewrite(conn, 30))
    again = bench.compare(log, other)
    assert told(again).changed is Changed.HERE
    assert "the second source still has event 60" in differences(again)[0].message


def test_two_changes_of_the_same_event_leave_open_who(log: str, bench: Bench) -> None:
    copy = bench.copy(log)
    for dsn, who in ((log, "usr_x"), (copy, "usr_y")):
        attack(dsn, lambda c, who=who: tamper.edit_field(c, "org_a", 9, "actor_id", who))  # type: ignore[misc] # bound now
    compared = bench.compare(log, copy)
    assert found(compared) == [("tampered", 9, 9)]
    assert told(compared).changed is None
    assert "both fail their own checks" in differences(compared)[0].message


def test_the_same_tampering_on_both_sides_is_no_difference(log: str, bench: Bench) -> None:
    attack(log, lambda c: tamper.edit_field(c, "org_a", 9, "actor_id", "usr_x"))
    compared = bench.compare(log, bench.copy(log))
    assert compared.report.verdict is Verdict.TAMPERED
    assert found(compared) == []
    assert told(compared).relation is Relation.SAME
    assert "by its own check the second source is tampered" in " ".join(told(compared).remarks)


def test_another_log_is_told_from_a_copy(log: str, audit_db: str, bench: Bench) -> None:
    log_events(audit_db, "org_a", 30)
    compared = bench.compare(log, audit_db)
    assert compared.report.verdict is Verdict.INCONCLUSIVE
    assert compared.comparison.same_log is False
    assert found(compared) == [("inconclusive", 1, 30)]
    assert "two different logs" in differences(compared)[0].message
    back = bench.compare(audit_db, log)
    assert back.report.verdict is Verdict.INCONCLUSIVE
    assert [each.tenant_id for each in back.report.tenants] == ["org_a"]


def test_a_log_without_anything_in_common_decides_nothing(log: str, audit_db: str, bench: Bench) -> None:
    log_events(audit_db, "org_z", 3)
    assert bench.compare(log, audit_db).report.verdict is Verdict.INCONCLUSIVE


def test_only_the_tenants_named_are_compared(log: str, bench: Bench) -> None:
    copy = bench.copy(log)
    attack(log, lambda conn: rewrite(conn, 30), lambda c: tamper.remove_tenant(c, "org_b"))
    compared = bench.compare(log, copy, ("org_b",))
    assert [each.tenant_id for each in compared.report.tenants] == ["org_b"]
    assert found(compared, "org_b") == [("tampered", 1, 5)]


def test_an_erasure_since_the_copy_was_made_is_the_same_history(log: str, bench: Bench) -> None:
    copy = bench.copy(log)
    attack(log, lambda conn: erase(conn, group([3, 3], actor_id="pseudonym"), tenant="org_a"))
    compared = bench.compare(log, copy)
    assert compared.report.verdict is Verdict.INTACT
    assert told(compared).relation is Relation.BEHIND
    assert "erased here with authority" in " ".join(told(compared).remarks)


def test_the_log_itself_is_refused(log: str, bench: Bench) -> None:
    with pytest.raises(UsageError, match="is the log itself"):
        bench.compare(log, f"{log} application_name=other")


def test_a_second_source_that_cannot_be_opened_is_named_without_its_password(log: str, bench: Bench) -> None:
    with pytest.raises(ConnectError, match="the second source: no server answers") as refused:
        bench.compare(log, "postgresql://u:s3cret-horse@localhost:1/x")
    assert "s3cret" not in str(refused.value)


def test_rights_that_are_missing_there_are_named(log: str, bench: Bench) -> None:
    copy = bench.copy(log)
    attack(copy, lambda c: c.execute("DROP ROLE IF EXISTS nobody_here"))
    attack(copy, lambda c: c.execute("CREATE ROLE nobody_here LOGIN"))
    try:
        with pytest.raises(PermissionMissingError, match="the second source: the role nobody_here"):
            bench.compare(log, f"{copy} user=nobody_here")
    finally:
        attack(copy, lambda c: c.execute("DROP ROLE nobody_here"))
