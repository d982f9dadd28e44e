"""audit.check_and_alert under what writers, intruders and other runs can do to it."""

import json
from collections.abc import Iterator

import psycopg
import pytest

from audit_tui.embedded.tamper_guard import unguarded
from audit_tui.store.install import install
from audit_tui.store.script import InstallOptions
from tests.schema.adopting import adopt, fill
from tests.schema.conftest import Connection
from tests.schema.events import log

CHECK = "SELECT tenant_id, status, message FROM audit.check_and_alert() WHERE tenant_id <> '_audit'"
MOST = 2**63 - 1


@pytest.fixture
def adopted(guide_db: str) -> Iterator[Connection]:
    """A log of the guide, adopted; the superuser's connection."""
    with psycopg.connect(guide_db, autocommit=True) as conn:
        fill(conn)
        adopt(guide_db)
        yield conn


def said(conn: Connection) -> dict[str, tuple[str, str]]:
    """Status and message by tenant."""
    return {tenant: (status, message) for tenant, status, message in conn.execute(CHECK).fetchall()}


def test_taking_a_turn_makes_no_lost_tenant(partitioned: Connection) -> None:
    partitioned.execute("SELECT audit.take_turn('ghost')")
    status, message = said(partitioned)["ghost"]
    assert status == "inconclusive"
    assert "never found with any" in message


def test_a_conflict_makes_no_lost_tenant(adopted: Connection) -> None:
    adopted.execute(
        "INSERT INTO audit.logs"
        " (event_id, event_type, tenant_id, actor_type, actor_id, resource_type, resource_id)"
        " SELECT event_id, 'a.b', 'ghost', 'user', 'u', 'user', 'r' FROM audit.logs LIMIT 1"
        " ON CONFLICT DO NOTHING"
    )
    assert adopted.execute("SELECT count(*) FROM audit.chains WHERE tenant_id = 'ghost'").fetchone() == (1,)
    status, message = said(adopted)["ghost"]
    assert status == "inconclusive"
    assert "never found with any" in message


@pytest.mark.parametrize("layout", ["partitioned", "adopted"])
def test_a_remembered_tenant_that_is_gone_stays_tampered(layout: str, request: pytest.FixtureRequest) -> None:
    conn: Connection = request.getfixturevalue(layout)
    log(conn, "gone")
    said(conn)
    with unguarded(conn):
        conn.execute("DELETE FROM audit.logs WHERE tenant_id = 'gone'")
    status, message = said(conn)["gone"]
    assert status == "tampered"
    assert message.endswith("through event 1.")


@pytest.mark.parametrize("encoding", ["UTF8", "LATIN1"])
def test_a_tenant_whose_name_is_no_text_hides_no_other(db: Connection, encoding: str) -> None:
    for tenant in ("acme", "broken", "zeta"):
        log(db, tenant)
    with unguarded(db):
        db.execute("CREATE CAST (bytea AS varchar) WITHOUT FUNCTION")
        db.execute(r"UPDATE audit.logs SET tenant_id = '\xff41'::bytea::varchar WHERE tenant_id = 'broken'")
        db.execute("ALTER TABLE audit.chains DISABLE TRIGGER USER")
        db.execute(r"UPDATE audit.chains SET tenant_id = '\xff41'::bytea::varchar WHERE tenant_id = 'broken'")
        db.execute("DROP CAST (bytea AS varchar)")
    warnings: list[str] = []
    db.add_notice_handler(lambda notice: warnings.append(notice.message_primary or ""))
    db.execute(f"SET client_encoding = {encoding}")
    found = said(db)
    assert found.pop("acme")[0] == found.pop("zeta")[0] == "intact"
    ((name, (status, _)),) = found.items()
    assert name == r"\377A" if encoding == "UTF8" else name.startswith("no text, md5 ")
    assert status != "intact"
    assert any(name in warning for warning in warnings)


@pytest.mark.parametrize("first", [-(2**63), 0])
def test_sequences_at_the_ends_are_tampered(db: Connection, first: int) -> None:
    for _ in range(3):
        log(db, "acme")
    for remembered in (False, True):
        if remembered:
            db.execute(
                "INSERT INTO audit.checked SELECT tenant_id, 2, event_hash, 1, now(), now() FROM audit.logs"
                " WHERE sequence_number = 2"
            )
        with unguarded(db):
            db.execute("UPDATE audit.logs SET sequence_number = %s WHERE sequence_number = 1", [first])
            db.execute("UPDATE audit.logs SET sequence_number = %s WHERE sequence_number = 3", [MOST])
        assert said(db)["acme"][0] == "tampered"


def test_a_head_at_the_end_that_is_remembered_is_no_error(db: Connection) -> None:
    log(db, "acme")
    db.execute(
        "INSERT INTO audit.checked SELECT tenant_id, %s, event_hash, 1, now(), now() FROM audit.logs", [MOST]
    )
    with unguarded(db):
        db.execute("UPDATE audit.logs SET sequence_number = %s", [MOST])
    assert said(db)["acme"][0] == "tampered"


def test_an_older_snapshot_returns_what_it_found(db: Connection, audit_db: str) -> None:
    log(db, "acme")
    said(db)
    with psycopg.connect(audit_db) as old:
        old.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        old.execute("SELECT count(*) FROM audit.logs")
        log(db, "acme")
        said(db)
        assert said(old)["acme"][0] == "intact"
        old.commit()
    assert db.execute("SELECT sequence FROM audit.checked").fetchone() == (2,)


def test_under_tenant_isolation_a_notification_names_nobody(empty_db: str) -> None:
    with psycopg.connect(empty_db, autocommit=True) as conn:
        install(conn, InstallOptions(tenant_isolation=True))
        conn.execute("LISTEN audit_alert")
        conn.execute("SELECT audit.raise_alert('acme', 'tampered', now(), 1, 'evt_1', 1, 'Event 1 of acme')")
        (note,) = conn.notifies(timeout=60, stop_after=1)
        assert json.loads(note.payload).keys() == {"format", "database", "status"}
