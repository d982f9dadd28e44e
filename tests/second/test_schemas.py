"""Hand-made logs and their copies, adopted ones, and archives as the second source."""

from pathlib import Path

import psycopg
import pytest

from audit_tui.core.errors import UsageError
from audit_tui.core.findings import Verdict
from audit_tui.core.second.model import Changed, Method, Relation
from audit_tui.embedded import tamper
from tests.archive_files import build
from tests.archive_files.build import FEBRUARY, JANUARY
from tests.schema.adopting import adopt
from tests.second.logs import Bench, attack, differences, found, told


def rewrite(conn: psycopg.Connection, sequence: int, zone: str = "UTC") -> None:
    tamper.edit_field(conn, "org_a", sequence, "actor_id", "usr_else")
    tamper.rehash_from(conn, "org_a", sequence, zone)


def test_a_hand_made_log_is_compared_whatever_zones_it_was_written_in(guide_log: str, bench: Bench) -> None:
    compared = bench.compare(guide_log, bench.copy(guide_log))
    assert (told(compared).relation, found(compared)) == (Relation.SAME, [])
    assert told(compared).in_line == 40
    copy = bench.copy(guide_log)
    attack(guide_log, lambda conn: rewrite(conn, 12))
    compared = bench.compare(guide_log, copy)
    assert found(compared) == [("tampered", 12, 40)]
    assert told(compared).method is Method.BISECTION
    assert compared.comparison.comparisons <= 6


def test_a_column_outside_the_version_1_seal_is_compared_all_the_same(guide_log: str, bench: Bench) -> None:
    copy = bench.copy(guide_log)
    attack(guide_log, lambda conn: tamper.edit_field(conn, "org_a", 7, "actor_email", "x@example.com"))
    compared = bench.compare(guide_log, copy)
    assert found(compared) == [("tampered", 7, 7)]
    (finding,) = differences(compared)
    assert finding.columns == ("actor_email",)
    assert "leaves actor_email out" in finding.message
    assert told(compared).comparisons == 1


def test_both_kinds_of_difference_are_named(guide_log: str, bench: Bench) -> None:
    copy = bench.copy(guide_log)
    attack(
        guide_log,
        lambda conn: tamper.edit_field(conn, "org_a", 7, "actor_email", "x@example.com"),
        lambda conn: rewrite(conn, 30),
    )
    compared = bench.compare(guide_log, copy)
    assert found(compared) == [("tampered", 7, 7), ("tampered", 30, 40)]
    assert told(compared).first_difference == 7
    assert compared.report.tenants[0].proven_through == 6


def test_an_adopted_copy_goes_on_where_the_hand_made_one_ends(guide_log: str, bench: Bench) -> None:
    adopted = bench.copy(guide_log)
    adopt(adopted)
    compared = bench.compare(adopted, guide_log)
    assert compared.report.verdict is Verdict.INTACT
    assert told(compared).relation is Relation.BEHIND
    back = bench.compare(guide_log, adopted)
    assert found(back) == [("tampered", 41, 41)]
    assert told(back).relation is Relation.AHEAD


def test_a_hand_made_log_rewritten_from_its_first_event_is_no_other_log(guide_log: str, bench: Bench) -> None:
    copy = bench.copy(guide_log)
    attack(guide_log, lambda conn: rewrite(conn, 1))
    compared = bench.compare(guide_log, copy)
    assert compared.comparison.same_log is True
    assert found(compared) == [("tampered", 1, 40)]


def archive(dsn: str, place: Path, *spans: tuple[int, int]) -> Path:
    before: list[build.Event] = []
    for name, span in zip((JANUARY, FEBRUARY), spans, strict=False):
        events = build.read_events(dsn, "org_a", span)
        build.write(place, name, [("org_a", list(before), events)])
        before = build.read_events(dsn, "org_a", (1, span[1]))
    return place


def test_archives_are_a_second_source(log: str, bench: Bench, tmp_path: Path) -> None:
    place = archive(log, tmp_path / "a", (1, 10), (11, 40))
    compared = bench.compare(log, str(place))
    assert compared.report.verdict is Verdict.INTACT
    assert (told(compared).relation, told(compared).last_compared) == (Relation.BEHIND, 40)
    attack(log, lambda conn: rewrite(conn, 23))
    compared = bench.compare(log, str(place))
    assert found(compared) == [("tampered", 23, 40)]
    assert [each.column for each in told(compared).pairs[0].fields] == ["actor_id", "event_hash"]


def test_archives_with_a_hole_are_compared_where_they_hold_something(
    log: str, bench: Bench, tmp_path: Path
) -> None:
    place = tmp_path / "a"
    archive(log, place, (1, 10))
    build.write(place, FEBRUARY, [("org_a", build.read_events(log, "org_a", (1, 20)),
                                   build.read_events(log, "org_a", (21, 30)))])  # fmt: skip
    compared = bench.compare(log, str(place))
    known = told(compared)
    assert (known.method, known.in_line, found(compared)) == (Method.IN_LINE, 20, [])
    attack(log, lambda conn: rewrite(conn, 25))
    assert found(bench.compare(log, str(place))) == [("tampered", 25, 30)]


def test_an_archive_that_was_changed_is_the_side_that_was(log: str, bench: Bench, tmp_path: Path) -> None:
    copy = bench.copy(log)
    attack(copy, lambda conn: tamper.edit_field(conn, "org_a", 4, "actor_id", "usr_else"))
    place = archive(copy, tmp_path / "a", (1, 10))
    compared = bench.compare(log, str(place))
    assert found(compared) == [("tampered", 4, 4)]
    assert told(compared).changed is Changed.THERE


def test_a_folder_without_archives_is_wrong_usage(log: str, bench: Bench, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the second source: there is no archive"):
        bench.compare(log, str(tmp_path))
