"""What goes wrong on the way: the log's own check stands, and nothing that was not compared is called so."""

import os
import signal
import threading
from collections.abc import Callable, Mapping
from typing import Any

import psycopg
import pytest

from audit_tui import bootstrap
from audit_tui.core.errors import ConnectionLostError
from audit_tui.core.findings import Axis, Verdict, VerifyStatus
from audit_tui.core.model import State
from audit_tui.core.second.bisection import Look
from audit_tui.core.second.model import Relation
from audit_tui.embedded import tamper
from audit_tui.embedded.server import EmbeddedServer
from audit_tui.service.against import AgainstRequest, Compared
from audit_tui.service.live import second_sides
from audit_tui.service.live.second_sides import DatabaseSide, DatabaseView
from audit_tui.store.install import install
from tests.second.logs import Bench, attack, found, told
from tests.service.conftest import log_events


def lose(*_: object, **__: object) -> Any:
    raise ConnectionLostError("the connection to the server was lost", "try again")


def fail_after(rounds: int, method: Callable[..., Any]) -> Callable[..., Any]:
    """The method of a view, until it was called that often on the second source."""
    left = [rounds]

    def failing(view: DatabaseView, *arguments: Any) -> Any:
        if view.word == "the second source":
            left[0] -= 1
            if left[0] < 0:
                raise ConnectionLostError("the second source: the connection to the server was lost")
        return method(view, *arguments)

    return failing


def rewrite(conn: psycopg.Connection) -> None:
    tamper.edit_field(conn, "org_a", 31, "actor_id", "x")
    tamper.rehash_from(conn, "org_a", 31)


def assert_own_check_stands(compared: Compared) -> None:
    report = compared.report
    assert report.verdict is Verdict.INCONCLUSIVE
    for tenant in report.tenants:
        assert tenant.axes[Axis.CONTENT].state is State.OK
        assert tenant.axes[Axis.WITNESS].state is State.INCONCLUSIVE
        assert "the second source" in (tenant.axes[Axis.WITNESS].reason or "")


@pytest.mark.parametrize("rounds", [0, 2])
def test_a_second_source_that_goes_away_while_it_is_compared(
    log: str, bench: Bench, monkeypatch: pytest.MonkeyPatch, rounds: int
) -> None:
    copy = bench.copy(log)
    attack(log, rewrite)
    monkeypatch.setattr(DatabaseView, "look", fail_after(rounds, DatabaseView.look))
    compared = bench.compare(log, copy)
    assert_own_check_stands(compared)
    assert "connection to the server was lost" in (compared.comparison.cut_off or "")
    assert bench.open(log).list_witnesses() == ()


def test_a_second_source_that_goes_away_before_its_check(
    log: str, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = bench.copy(log)
    check = DatabaseSide.check
    monkeypatch.setattr(DatabaseSide, "check", lose)
    assert_own_check_stands(bench.compare(log, copy))
    monkeypatch.setattr(DatabaseSide, "check", check)
    monkeypatch.setattr(second_sides, "probe", lose)
    assert_own_check_stands(bench.compare(log, copy))


def test_what_was_found_before_the_connection_was_lost_counts(
    log: str, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = bench.copy(log)
    attack(log, rewrite)
    monkeypatch.setattr(DatabaseView, "stream", fail_after(0, DatabaseView.stream))
    compared = bench.compare(log, copy)
    assert compared.report.verdict is Verdict.TAMPERED
    assert found(compared) == [("tampered", 31, 60)]


def test_a_comparison_event_by_event_that_is_cut_off_says_through_where(
    log: str, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = bench.copy(log)
    attack(copy, lambda c: tamper.edit_field(c, "org_a", 30, "actor_id", "x"))
    stream = DatabaseView.stream

    def cut(view: DatabaseView, tenant_id: str, first: int, last: int) -> Any:
        for row in stream(view, tenant_id, first, last):
            if row.sequence_number == 20 and view.word == "the second source":
                raise ConnectionLostError("the second source: the connection to the server was lost")
            yield row

    monkeypatch.setattr(DatabaseView, "stream", cut)
    compared = bench.compare(log, copy)
    assert compared.report.verdict is Verdict.INCONCLUSIVE
    known = told(compared)
    assert known.relation is Relation.NOT_COMPARED
    assert "through 19 only" in (known.reason or "")


def test_cancelling_keeps_the_logs_own_check(log: str, bench: Bench) -> None:
    cancel = threading.Event()

    def stop_at_the_end(status: VerifyStatus) -> None:
        if status.tenants_done == status.tenants_total:
            cancel.set()

    against = bootstrap.open_against(log, bench.copy(log), state_dir=bench.folder)
    try:
        compared = against.verify(AgainstRequest(), stop_at_the_end, cancel)
    finally:
        against.close()
    assert_own_check_stands(compared)
    assert compared.comparison.cut_off == "the check was interrupted"


def test_what_is_logged_while_the_second_source_is_checked_is_missing_nowhere(
    log: str, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with a replica: by the time it is checked it has events that the log's own check had not seen."""
    copy = bench.copy(log)
    check = DatabaseSide.check

    def meanwhile(side: DatabaseSide, *arguments: Any) -> Any:
        attack(log, lambda c: _append(c, copy))
        return check(side, *arguments)

    monkeypatch.setattr(DatabaseSide, "check", meanwhile)
    compared = bench.compare(log, copy)
    assert compared.report.verdict is Verdict.INTACT
    assert told(compared).relation is Relation.SAME
    assert told(compared).last_compared == 60


def _append(conn: psycopg.Connection, copy: str) -> None:
    """Both get the same number of events more: what they say does not matter beyond the checked head."""
    log_events(conn.info.dsn, "org_a", 3)
    log_events(copy, "org_a", 3)


def test_a_standby_that_lags_is_not_cut(log: str, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = bench.copy(log)
    log_events(copy, "org_a", 4)
    log_events(copy, "org_new", 4)
    ask = DatabaseSide._ask

    def as_standby(side: DatabaseSide) -> Any:
        found = ask(side)
        return second_sides.Server(found.database, found.oid, found.started_at, is_standby=True)

    monkeypatch.setattr(DatabaseSide, "_ask", as_standby)
    compared = bench.compare(log, copy)
    assert compared.report.verdict is Verdict.INTACT
    assert told(compared).relation is Relation.AHEAD
    assert "standby" in " ".join(told(compared).remarks)


def test_an_event_that_vanishes_meanwhile_leaves_it_open(
    log: str, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = DatabaseView.look

    def without(view: DatabaseView, places: Mapping[str, int]) -> Mapping[str, Look]:
        return {t: found for t, found in look(view, places).items() if t != "org_a"}

    monkeypatch.setattr(DatabaseView, "look", without)
    compared = bench.compare(log, bench.copy(log))
    assert compared.report.verdict is Verdict.INCONCLUSIVE
    assert told(compared).reason == "event 60 was removed while they were compared"
    assert told(compared, "org_b").relation is Relation.SAME


def test_a_server_that_is_killed_is_told_apart_from_the_other_by_its_whole_name(
    log: str, monkeypatch: pytest.MonkeyPatch, bench: Bench
) -> None:
    """Two throwaway servers look alike but for their sockets."""
    with EmbeddedServer.start(in_memory=True) as other:
        name = str(psycopg.conninfo.conninfo_to_dict(log)["dbname"])
        copy = other.create_database(name=name)
        with psycopg.connect(copy) as conn:
            install(conn)
        log_events(copy, "org_a", 3)
        check = DatabaseSide.check

        def kill(side: DatabaseSide, *arguments: Any) -> Any:
            report = check(side, *arguments)
            assert other.pid is not None
            os.kill(other.pid, signal.SIGQUIT)
            with pytest.raises(psycopg.Error), psycopg.connect(copy) as conn:
                conn.execute("SELECT pg_sleep(60)")
            return report

        monkeypatch.setattr(DatabaseSide, "check", kill)
        compared = bench.compare(log, copy)
    assert_own_check_stands(compared)
    here, there = compared.comparison.here.target, compared.comparison.there.target
    assert here != there
    assert (compared.comparison.cut_off or "").startswith("the second source: ")
