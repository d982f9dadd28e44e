"""A log built by hand: each thing that the guide leaves open is found, and found closed when it is."""

from pathlib import Path

import psycopg
import pytest

from audit_tui.core.doctor.model import CheckState
from audit_tui.core.model import SchemaKind
from audit_tui.embedded.guide import install_guide
from tests.doctor.conftest import Fresh, examined, holes, role, run

AS_IT_IS = {
    "owner-login", "owner-attributes", "guide-verifies-links", "guide-verifies-gaps", "guide-uncovered",
    "guide-zone", "guide-first-only", "guide-race", "guide-public", "guide-truncate", "guide-update",
    "guide-erasure", "guide-time", "guide-search-path",
}  # fmt: skip
"""What the guide's own SQL leaves open, where nothing was granted to its optional roles."""


@pytest.fixture
def guide(fresh: Fresh) -> str:
    return fresh("guide")


def test_the_guides_own_sql_has_these_holes(guide: str) -> None:
    report = examined(guide)
    assert report.schema is SchemaKind.GUIDE
    found = {check.id for check in report.holes}
    assert found == AS_IT_IS
    uncovered = next(check for check in report.holes if check.id == "guide-uncovered")
    assert "11 of 23 columns" in uncovered.message
    assert "actor_ip_address" in uncovered.message
    assert "tenant_id" not in uncovered.message


def test_only_what_is_there_is_judged(fresh: Fresh, bare_log: str) -> None:
    with psycopg.connect(bare_log) as conn:
        install_guide(conn, verification=False)
    found = holes(bare_log)
    assert "guide-verifies-links" not in found
    told = {check.id: check.message for check in examined(bare_log).notices}
    assert "no verify_chain" in told["guide-verifies-links"]


SEALED_AFRESH = (Path(__file__).parent / "hand_made.sql").read_text(encoding="utf-8")


def test_a_hand_made_log_that_closed_them_has_none_of_them(guide: str) -> None:
    run(guide, SEALED_AFRESH)
    with role(guide, "doctor_hand_owner"):
        run(
            guide,
            "ALTER SCHEMA audit OWNER TO doctor_hand_owner",
            "ALTER TABLE audit.logs OWNER TO doctor_hand_owner",
        )
        found = holes(guide)
        run(guide, "REASSIGN OWNED BY doctor_hand_owner TO postgres")
    assert found.keys() == {"guide-function"}, found
    assert "verify_chain" in found["guide-function"]


MADE = [
    ("trigger-disabled", "trigger_prevent_update", (
        "ALTER TABLE audit.logs DISABLE TRIGGER trigger_prevent_update",)),
    ("trigger-mode", "REPLICA", (
        "ALTER TABLE audit.logs ENABLE REPLICA TRIGGER trigger_prevent_delete",)),
    ("rule-extra", "quiet", ("CREATE RULE quiet AS ON INSERT TO audit.logs DO INSTEAD NOTHING",)),
    ("row-security", "on", ("ALTER TABLE audit.logs ENABLE ROW LEVEL SECURITY",)),
    ("table-unlogged", "unlogged", ("ALTER TABLE audit.logs SET UNLOGGED",)),
    ("table-inheritance", "child", ("CREATE TABLE public.child () INHERITS (audit.logs)",)),
    ("grants-table", "UPDATE", ("GRANT UPDATE ON audit.logs TO PUBLIC",)),
    ("grants-schema", "PUBLIC", ("GRANT CREATE ON SCHEMA audit TO PUBLIC",)),
    ("guide-function", "calculate_event_hash", (
        "CREATE OR REPLACE FUNCTION audit.calculate_event_hash() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN NEW.event_hash := 'x'; RETURN NEW; END $$",)),
    ("trigger-extra", "after the event was hashed", (
        "CREATE FUNCTION public.later() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "CREATE TRIGGER zz BEFORE INSERT ON audit.logs FOR EACH ROW EXECUTE FUNCTION public.later()")),
    ("guide-pseudonym", "forget", (
        "CREATE FUNCTION audit.forget(a text) RETURNS text LANGUAGE sql AS $$ SELECT md5(a) $$",)),
    ("guide-reconstruction", "last_state", (
        "CREATE VIEW audit.last_state AS SELECT resource_after FROM audit.logs"
        " ORDER BY timestamp DESC LIMIT 1",)),
    ("guide-partitions", "logs_partitioned", (
        "CREATE TABLE audit.logs_partitioned (LIKE audit.logs) PARTITION BY RANGE (timestamp)",)),
    ("names-shadowed", "digest", (
        "CREATE SCHEMA before_it",
        "CREATE FUNCTION before_it.digest(text, text) RETURNS bytea LANGUAGE sql AS $$ SELECT ''::bytea $$")),
    ("table-in-place", "view", (
        "ALTER TABLE audit.logs RENAME TO logs_real",
        "CREATE VIEW audit.logs AS SELECT * FROM audit.logs_real")),
    ("indexes-invalid", "idx_audit_logs_sequence", (
        "UPDATE pg_index SET indisvalid = false"
        " WHERE indexrelid = 'audit.idx_audit_logs_sequence'::regclass",)),
]  # fmt: skip


@pytest.mark.parametrize(("ident", "word", "made"), MADE, ids=[f"{m[0]}: {m[1]}" for m in MADE])
def test_what_is_done_to_it_is_named(guide: str, ident: str, word: str, made: tuple[str, ...]) -> None:
    before = holes(guide)
    run(guide, *made)
    after = holes(guide)
    assert ident in after.keys() - before.keys()
    assert word in after[ident]


def test_a_writer_who_cannot_log_is_told(fresh: Fresh, guide: str) -> None:
    fresh("plain")  # makes the role, which belongs to the whole server
    run(guide, "GRANT USAGE ON SCHEMA audit TO audit_writer", "GRANT INSERT ON audit.logs TO audit_writer")
    assert "cannot log" in holes(guide)["guide-writer"]
    run(guide, "GRANT SELECT ON audit.logs TO audit_writer")
    assert "guide-writer" not in holes(guide)


def test_nothing_is_said_to_log_that_was_granted_nothing(fresh: Fresh, guide: str) -> None:
    fresh("plain")
    told = {check.id: check.message for check in examined(guide).checks}
    assert "granted nothing" in told["guide-writer"]


def test_zones_that_differ_matter_for_a_hand_made_log_only(fresh: Fresh) -> None:
    guide, ours = fresh("guide"), fresh("plain")
    with role(guide, "doctor_in_berlin"):
        run(guide, "ALTER ROLE doctor_in_berlin SET timezone = 'Europe/Berlin'")
        assert "Europe/Berlin" in holes(guide)["zones"]
        assert holes(ours) == {}


def test_facts_that_are_no_holes_are_told_as_such(guide: str) -> None:
    identity = next(check for check in examined(guide).checks if check.id == "guide-identity")
    assert identity.state is CheckState.OK
    assert "rolled-back inserts" in identity.message
