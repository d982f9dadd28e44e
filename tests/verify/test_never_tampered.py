"""What must never read "tampered": every line of the list, on a chain of 5,000 events."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from audit_tui.bootstrap import open_service
from audit_tui.core.findings import Axis, StoryKind, TenantReport, Verdict, VerifyStatus
from audit_tui.core.model import State
from audit_tui.embedded import tamper
from audit_tui.embedded.guide import install_guide
from audit_tui.embedded.server import EmbeddedServer
from audit_tui.embedded.tamper_guard import unguarded
from audit_tui.service.api import VerifyRequest
from audit_tui.store.install import install
from tests.cli.program import call
from tests.conftest import Templates
from tests.verify import chains
from tests.verify.chains import ACME, Conn
from tests.verify.verifiers import both_say, client_says, report_of, run_client, sql_says

EVENTS = 5000
ODD_JSON = (
    '{"b": 1.10, "a": 1e3, "aa": 1E-7, "z": -0.0, "n": 12345678901234567890.00}',
    '{"z":[1,{"y":null,"x":true}],"a":"\\u00e9\\t\\"","A":""}',
)


def build_long(conn: Conn) -> None:
    install(conn)
    chains.import_chain(conn, ACME, EVENTS)


def build_guide_in_india(conn: Conn) -> None:
    install_guide(conn)
    conn.execute("SET TimeZone = 'Asia/Kolkata'")
    for number in range(1, EVENTS + 1):
        chains.insert(conn, chains.event(ACME, number) | {"tenant_id": ACME})
    conn.commit()


@pytest.fixture
def long(lend: Callable[[str, Callable[[Conn], None]], str]) -> str:
    return lend("long", build_long)


@pytest.fixture
def long_guide(lend: Callable[[str, Callable[[Conn], None]], str]) -> str:
    return lend("long_guide", build_guide_in_india)


@pytest.fixture
def witnessed(long: str, tmp_path: Path) -> str:
    """The long chain after a check that remembered its head."""
    assert check(long, tmp_path).verdict is Verdict.INTACT
    return long


def check(dsn: str, state: Path, on_status: Callable[[VerifyStatus], None] | None = None) -> TenantReport:
    """A complete check that remembers what it found, in `state`."""
    service = open_service(dsn, state_dir=state)
    try:
        return service.verify(VerifyRequest((ACME,)), on_status).tenants[0]
    finally:
        service.close()


def intact(dsn: str, state: Path) -> None:
    told = both_say(dsn, state)
    assert told.valid is True
    assert told.findings == ()


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati"])
def test_the_time_zone_of_the_session(zone: str, long: str, long_guide: str, tmp_path: Path) -> None:
    for dsn in (long, long_guide):
        with psycopg.connect(dsn, autocommit=True) as conn:
            name = psycopg.sql.Identifier(conn.info.dbname)
            conn.execute(psycopg.sql.SQL("ALTER DATABASE {} SET TimeZone = {}").format(name, zone))
    intact(long, tmp_path)
    told = client_says(report_of(long_guide, tmp_path))
    assert told.valid is True
    assert told.places == (("foreign_zone", 1, EVENTS), ("uncovered_columns", 1, EVENTS))


def test_key_order_and_number_formatting_of_json(long: str, tmp_path: Path) -> None:
    with psycopg.connect(long) as conn:
        for number, text in enumerate(ODD_JSON):
            columns = dict.fromkeys(("changes", "resource_before", "resource_after"), text)
            chains.append(conn, "user.updated", json.loads(text), event_id=f"evt_odd{number}", **columns)
        conn.commit()
        with unguarded(conn):  # the same values, written in another order
            conn.execute(
                "UPDATE audit.logs SET changes = (SELECT jsonb_object_agg(key, value ORDER BY key DESC)"
                " FROM jsonb_each(changes)), metadata = (metadata::text)::json::jsonb"
                " WHERE jsonb_typeof(changes) = 'object'"
            )
    intact(long, tmp_path)


def test_events_appended_while_the_check_runs(long: str, tmp_path: Path) -> None:
    appended = 0

    def append(status: VerifyStatus) -> None:
        nonlocal appended
        if appended < 5:
            appended += 1
            with psycopg.connect(long) as conn:
                chains.append(conn, "user.updated", {}, event_id=f"evt_meanwhile{appended}")

    report = check(long, tmp_path, append)
    assert appended > 0
    assert (report.verdict, report.events, report.findings) == (Verdict.INTACT, EVENTS, ())
    assert check(long, tmp_path).events == EVENTS + appended


def test_an_archived_prefix_with_a_recorded_boundary(witnessed: str, tmp_path: Path) -> None:
    with psycopg.connect(witnessed) as conn:
        row = conn.execute(
            "SELECT event_hash FROM audit.logs WHERE tenant_id = %s AND sequence_number = 2000", (ACME,)
        ).fetchone()
        recorded = {"first_sequence": 1, "last_sequence": 2000, "last_hash": row[0] if row else None}
        chains.append(conn, "audit.archived", recorded)
        tamper.drop_first(conn, ACME, 2000)
    intact(witnessed, tmp_path)
    report = check(witnessed, tmp_path)
    assert (report.verdict, report.axes[Axis.WITNESS].state) == (Verdict.INTACT, State.OK)


def test_an_authorised_erasure(witnessed: str, tmp_path: Path) -> None:
    group = {"sequences": [[7, 7], [1000, 1500]], "parts": ["identity", "details"], "actor_id": "p"}
    some = [n for n in range(1000, 1501) if n % 6] + [7]  # every sixth event has no details to erase
    group["sequences"] = [[n, n] for n in sorted(some)]
    with psycopg.connect(witnessed) as conn:
        conn.execute(
            "SELECT audit.erase(%s, %s, 'asked', 'GDPR 17', 'dpo', p_single_operator := true)",
            (ACME, json.dumps([group])),
        )
    intact(witnessed, tmp_path)
    report = check(witnessed, tmp_path)
    assert (report.verdict, report.erased_events) == (Verdict.INTACT, len(some))


@pytest.mark.parametrize(("first", "last"), [(1, 1), (2000, 3000), (4999, None), (None, 10), (5000, 6000)])
def test_a_partial_range(first: int | None, last: int | None, long: str) -> None:
    with psycopg.connect(long) as conn:
        rows = conn.execute("SELECT * FROM audit.verify_range(%s, %s, %s)", (ACME, first, last)).fetchall()
    assert [(row[0], row[4]) for row in rows] == [(True, None)]


def test_a_witness_that_is_simply_older(witnessed: str, tmp_path: Path) -> None:
    with psycopg.connect(witnessed) as conn:
        for number in range(40):
            chains.append(conn, "user.updated", {"n": number}, event_id=f"evt_later{number}")
    report = check(witnessed, tmp_path)
    assert (report.verdict, report.findings) == (Verdict.INTACT, ())
    assert report.axes[Axis.WITNESS].state is State.OK
    intact(witnessed, tmp_path)


@pytest.fixture
def restored(server: EmbeddedServer, templates: Templates, tmp_path: Path) -> Iterator[str]:
    """A database of the same name, restored from a backup that lacks the last three witnessed events."""
    dsn = templates.copy("verify_long", build_long)
    with psycopg.connect(dsn) as conn:
        name = conn.info.dbname
        for number in range(3):
            chains.append(conn, "user.updated", {}, event_id=f"evt_lost{number}")
    assert check(dsn, tmp_path).last_sequence == EVENTS + 3
    server.drop_database(dsn)
    again = server.create_database(name=name, template="template_verify_long")
    assert again == dsn
    yield again
    server.drop_database(again)


def test_a_restored_database_whose_identity_changed(restored: str, tmp_path: Path) -> None:
    report = check(restored, tmp_path)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert {f.kind.value for f in report.findings} == {"head_rewound", "log_replaced"}
    assert [story.kind for story in report.stories] == [StoryKind.RESTORED]
    assert sql_says(restored).valid is True
    assert call(restored, "verify", "--tenant", ACME).code in (0, 3), "this one remembers nothing"


def test_a_restored_database_without_such_a_sign_names_the_restore(witnessed: str, tmp_path: Path) -> None:
    with psycopg.connect(witnessed) as conn:
        tamper.cut_tail(conn, ACME, 4990)
    report = check(witnessed, tmp_path)
    assert report.verdict is Verdict.TAMPERED, "nothing tells it from a cut tail"
    (finding,) = report.findings
    assert finding.kind == "head_rewound"
    assert "a database restored from a backup older than that looks the same" in finding.message
    (story,) = report.stories
    assert "restored from a backup" in (story.alternative or "")


def test_gaps_in_id(long: str, tmp_path: Path) -> None:
    with psycopg.connect(long) as conn, unguarded(conn):
        conn.execute("UPDATE audit.logs SET id = id * 3 + 100000")
    with psycopg.connect(long) as conn:
        chains.append(conn, "user.updated", {}, event_id="evt_undone")
        conn.rollback()
        chains.append(conn, "user.updated", {}, event_id="evt_done")
    intact(long, tmp_path)


def test_a_check_that_lacked_privileges(long: str, tmp_path: Path) -> None:
    with psycopg.connect(long, autocommit=True) as conn:
        for role, granted in (("never_reader", "audit_reader"), ("never_stranger", None)):
            conn.execute(f"DROP ROLE IF EXISTS {role}")  # type: ignore[arg-type]
            conn.execute(f"CREATE ROLE {role} LOGIN" + (f" IN ROLE {granted}" if granted else ""))  # type: ignore[arg-type]
    try:
        report = run_client(_as(long, "never_reader"), tmp_path, ACME).tenants[0]
        assert (report.verdict, report.findings) == (Verdict.INTACT, ())
        not_run = report.axes[Axis.ATTESTATION]
        assert (not_run.state, bool(not_run.reason)) == (State.NOT_RUN, True)
        refused = call(_as(long, "never_stranger"), "verify", "--tenant", ACME)
        assert refused.code == 4
        assert "tampered" not in refused.out + refused.err
    finally:
        with psycopg.connect(long, autocommit=True) as conn:
            conn.execute("DROP ROLE never_reader, never_stranger")


def _as(dsn: str, role: str) -> str:
    settings: dict[str, Any] = psycopg.conninfo.conninfo_to_dict(dsn)
    return psycopg.conninfo.make_conninfo(**(settings | {"user": role}))
