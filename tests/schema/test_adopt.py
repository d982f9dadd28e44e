"""Adopting a log of the guide: nothing is rewritten, both parts verify, applications find what they knew."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.types.json import Jsonb

from audit_tui.core.errors import UnsupportedSchemaError
from audit_tui.store.install import install
from audit_tui.store.script import InstallOptions
from tests.schema.adopting import EVERY_ROW, TENANTS, Connection, adopt, examine, fill, seam
from tests.schema.events import chain, event, insert, log, rows, value
from tests.schema.test_catalogue import GUIDE, UNDESCRIBED
from tests.verify.verifiers import both_say

HEAP = "SELECT pg_relation_filenode('audit.logs')"


@pytest.fixture
def guide(guide_db: str) -> Iterator[Connection]:
    """A log of the guide with 30 events of three tenants."""
    with psycopg.connect(guide_db, autocommit=True) as conn:
        fill(conn)
        yield conn


def test_no_event_is_rewritten(guide: Connection, guide_db: str) -> None:
    before = guide.execute(EVERY_ROW, [30]).fetchone(), value(guide, HEAP)
    adopt(guide_db)
    assert (guide.execute(EVERY_ROW, [30]).fetchone(), value(guide, HEAP)) == before
    assert value(guide, "SELECT count(*) FROM audit.logs WHERE id <= 30 AND hash_version = 1") == 30
    assert (
        value(guide, "SELECT count(*) FROM audit.logs WHERE part_salts IS NULL AND erased_parts IS NULL")
        == 30
    )


def test_both_parts_verify_by_client_and_in_sql(guide: Connection, guide_db: str, tmp_path: Path) -> None:
    done = adopt(guide_db)
    assert (done.events, done.tenants, done.attempts) == (30, 3, 1)
    for tenant in TENANTS:
        log(guide, tenant=tenant)
        said = both_say(guide_db, tmp_path, tenant)
        assert said.valid
        assert said.places == (("uncovered_columns", 1, 10),)
        assert chain(guide, tenant) == (12, True)
        assert [row["hash_version"] for row in rows(guide, tenant)] == [1] * 10 + [2, 2]


def test_the_seam_names_the_head_of_the_old_part(guide: Connection, guide_db: str) -> None:
    adopt(guide_db)
    for tenant in TENANTS:
        old, new = event(guide, 10, tenant), event(guide, 11, tenant)
        assert new["event_type"] == "audit.adopted"
        assert (new["resource_type"], new["actor_type"], new["actor_id"]) == (
            "audit_adoption", "database_login", "postgres",
        )  # fmt: skip
        assert new["previous_hash"] == old["event_hash"]
        assert seam(guide, tenant) == {
            "first_sequence": 1, "last_sequence": 10, "last_hash": old["event_hash"], "events": 10,
            "findings": [], "finding_counts": {},
        }  # fmt: skip


def test_a_log_without_events_is_adopted_without_a_seam(guide_db: str) -> None:
    adopt(guide_db)
    with psycopg.connect(guide_db, autocommit=True) as conn:
        assert value(conn, "SELECT count(*) FROM audit.logs") == 0
        log(conn)
        assert chain(conn) == (1, True)


def test_a_second_install_and_a_second_adoption_change_nothing(guide: Connection, guide_db: str) -> None:
    first = adopt(guide_db)
    assert value(guide, "SELECT options ->> 'layout' FROM audit.schema_info") == "adopted"
    assert not install(guide).changed
    again = adopt(guide_db)
    assert not again.changed
    assert again.digest == first.digest
    assert "adopted before" in again.messages[0]
    assert value(guide, "SELECT count(*) FROM audit.logs") == 33


@pytest.mark.parametrize(
    "damage",
    [
        "ALTER TABLE audit.logs DISABLE TRIGGER USER",
        "ALTER TABLE audit.logs DROP CONSTRAINT timestamp_range",
        "ALTER TABLE audit.logs DROP CONSTRAINT logs_tenant_id_event_id_key",
        "DROP INDEX audit.logs_tenant_type_idx",
        "COMMENT ON INDEX audit.idx_audit_logs_tenant_sequence IS NULL",
        "REVOKE EXECUTE ON FUNCTION audit.verify_seal FROM audit_admin",
    ],
)
def test_an_install_puts_an_adopted_log_back_in_order(guide: Connection, guide_db: str, damage: str) -> None:
    sound = adopt(guide_db).digest
    guide.execute(damage)
    result = install(guide)
    assert result.changed
    assert result.digest == sound


def test_the_guides_keys_stay_for_those_who_count_on_them(guide: Connection, guide_db: str) -> None:
    guide.execute("CREATE TABLE notes (log_id bigint REFERENCES audit.logs (id), note text)")
    guide.execute("INSERT INTO notes VALUES (7, 'old')")
    adopt(guide_db)
    guide.execute(
        "INSERT INTO audit.logs"
        " (event_id, event_type, tenant_id, actor_type, actor_id, resource_type, resource_id) VALUES"
        " ('evt_once', 'a.b', 'org_a', 'user', 'u', 'user', 'r'),"
        " ('evt_once', 'a.b', 'org_a', 'user', 'u', 'user', 'r') ON CONFLICT (event_id) DO NOTHING"
    )
    assert chain(guide, "org_a") == (12, True)
    guide.execute("INSERT INTO notes SELECT id, 'new' FROM audit.logs WHERE event_id = 'evt_once'")
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        guide.execute("INSERT INTO notes VALUES (999, 'nothing')")
    indexes = value(guide, "SELECT array_agg(indexname::text) FROM pg_indexes WHERE tablename = 'logs'")
    assert {
        "logs_pkey",
        "logs_event_id_key",
        "idx_audit_logs_tenant_sequence",
        "idx_audit_logs_actor",
    } <= set(indexes)


def test_numbers_go_on_where_the_serial_left_off(guide: Connection, guide_db: str) -> None:
    guide.execute("SELECT nextval('audit.logs_id_seq')")
    adopt(guide_db)
    log(guide, tenant="org_a")
    # Each draws two: the identity's number gives way to the trigger's, so that nobody takes numbers to come.
    assert value(guide, "SELECT array_agg(id ORDER BY id) FROM audit.logs WHERE id > 30") == [33, 35, 37, 39]
    assert value(guide, "SELECT pg_get_serial_sequence('audit.logs', 'id')") == "audit.logs_id_seq"
    assert value(guide, "SELECT attidentity::text FROM pg_attribute WHERE attname = 'id'"
                        " AND attrelid = 'audit.logs'::regclass") == "d"  # fmt: skip


def test_every_object_of_an_adopted_log_is_described(guide: Connection, guide_db: str) -> None:
    guide.execute("ALTER TABLE audit.logs ADD COLUMN region text, ADD CHECK (region <> '')")
    adopt(guide_db)
    assert guide.execute(UNDESCRIBED).fetchall() == []
    found = guide.execute(
        "SELECT attname, format_type(atttypid, atttypmod), attnotnull FROM pg_attribute"
        " WHERE attrelid = 'audit.logs'::regclass AND attnum > 1 AND NOT attisdropped ORDER BY attnum"
    ).fetchall()
    assert found[: len(GUIDE)] == GUIDE
    assert [name for name, *_ in found[len(GUIDE) :]] == [
        "region",
        "hash_version",
        "part_salts",
        "erased_parts",
    ]


def test_everything_is_refused_that_is_refused_elsewhere(guide: Connection, guide_db: str) -> None:
    adopt(guide_db)
    for statement in (
        "UPDATE audit.logs SET actor_email = NULL",
        "DELETE FROM audit.logs",
        "TRUNCATE audit.logs CASCADE",
        "UPDATE audit.logs SET actor_email = NULL WHERE sequence_number = 11",
    ):
        for role in ("origin", "replica"):
            guide.execute(f"SET session_replication_role = {role}")
            with pytest.raises(psycopg.errors.RestrictViolation):
                guide.execute(statement)
    guide.execute("RESET session_replication_role")
    guide.execute("SET ROLE audit_writer")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="reserved"):
        insert(guide, event_type="audit.adopted")


def test_an_audit_event_of_the_old_part_has_no_authority(
    guide: Connection, guide_db: str, tmp_path: Path
) -> None:
    """Before adoption anyone could log audit.archived: it must not explain a missing beginning."""
    claim = {"first_sequence": 1, "last_sequence": 3, "last_hash": event(guide, 3, "org_a")["event_hash"]}
    log(guide, tenant="org_a", event_type="audit.archived", metadata=claim)
    adopt(guide_db)
    assert both_say(guide_db, tmp_path, "org_a").valid
    with pytest.raises(psycopg.errors.RestrictViolation):
        guide.execute("DELETE FROM audit.logs WHERE tenant_id = 'org_a' AND sequence_number <= 3")


def test_an_erasure_reaches_the_old_part(guide: Connection, guide_db: str, tmp_path: Path) -> None:
    adopt(guide_db)
    actor = event(guide, 3, "org_b")["actor_id"]
    group = {"sequences": [[3, 3]], "parts": ["identity", "details"], "actor_id": actor, "actor_email": None}
    guide.execute(
        "SELECT audit.erase('org_b', %s, 'a request', 'Art. 17', 'the person', NULL, true)", [Jsonb([group])]
    )
    assert event(guide, 3, "org_b")["actor_email"] is None
    assert both_say(guide_db, tmp_path, "org_b").valid


def test_a_witness_from_before_still_fits(guide: Connection, guide_db: str, tmp_path: Path) -> None:
    from audit_tui.bootstrap import open_service
    from audit_tui.core.findings import Axis, Verdict
    from audit_tui.core.model import State
    from audit_tui.service.api import VerifyRequest

    def verify() -> tuple[Verdict, set[State]]:
        service = open_service(guide_db, state_dir=tmp_path)
        try:
            report = service.verify(VerifyRequest())
        finally:
            service.close()
        return report.verdict, {tenant.axes[Axis.WITNESS].state for tenant in report.tenants}

    assert verify() == (Verdict.INTACT, {State.NOT_RUN})
    adopt(guide_db)
    assert verify() == (Verdict.INTACT, {State.OK})
    assert verify() == (Verdict.INTACT, {State.OK})


def test_events_sealed_in_other_zones_and_of_other_minds(guide_db: str, tmp_path: Path) -> None:
    with psycopg.connect(guide_db, autocommit=True) as conn:
        for zone in ("Asia/Kolkata", "America/St_Johns", "UTC"):
            conn.execute(f"SET TimeZone = '{zone}'")
            fill(conn, 6)
        adopt(guide_db)
        said = both_say(guide_db, tmp_path, "org_a")
        assert said.valid
        assert {place[0] for place in said.places} == {"foreign_zone", "uncovered_columns"}


def test_there_must_be_something_to_adopt(empty_db: str, audit_db: str) -> None:
    with (
        psycopg.connect(empty_db, autocommit=True) as conn,
        pytest.raises(UnsupportedSchemaError, match="nothing to adopt"),
    ):
        install(conn, InstallOptions(adopt=True))
    with pytest.raises(UnsupportedSchemaError, match="nothing to adopt"):
        adopt(audit_db)


def test_nothing_is_adopted_that_was_not_verified(guide: Connection) -> None:
    """The plain install with the option set, without what the client found: refused."""
    with pytest.raises(UnsupportedSchemaError, match="indexes that an adopted log needs"):
        install(guide, InstallOptions(adopt=True))
    assert examine(guide.info.dsn).refused is None
