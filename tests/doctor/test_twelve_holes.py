"""Twelve holes, made one at a time: the examination names each one, and only it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from audit_tui.core.doctor.model import CheckState
from tests.doctor.conftest import Fresh, Making, examined, role, run, unrecorded


def by(*statements: str) -> Making:
    @contextmanager
    def make(dsn: str) -> Iterator[object]:
        run(dsn, *statements)
        yield None

    return make


@contextmanager
def reader_through_another(dsn: str) -> Iterator[object]:
    with role(dsn, "twelve_helpers"):
        run(dsn, "GRANT UPDATE ON audit.logs TO twelve_helpers", "GRANT twelve_helpers TO audit_reader")
        yield None


@contextmanager
def view_in_place(dsn: str) -> Iterator[object]:
    with unrecorded(dsn) as conn:
        conn.execute("ALTER TABLE audit.logs RENAME TO logs_real")
        conn.execute(
            "CREATE VIEW audit.logs AS SELECT * FROM audit.logs_real WHERE event_type <> 'auth.login'"
        )
    yield None


@contextmanager
def owner_logs_in(dsn: str) -> Iterator[object]:
    run(dsn, "ALTER ROLE audit_owner LOGIN")
    try:
        yield None
    finally:
        run(dsn, "ALTER ROLE audit_owner NOLOGIN")


CHANGED = """
CREATE OR REPLACE FUNCTION audit.refuse_truncate() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS 'BEGIN RETURN NULL; END'
"""
# A partitioned table has no file of its own: one of its partitions then.
UNLOG = """
DO $$ BEGIN
  IF (SELECT relkind FROM pg_class WHERE oid = 'audit.logs'::regclass) = 'p' THEN
    ALTER TABLE audit.logs_default SET UNLOGGED;
  ELSE
    ALTER TABLE audit.logs SET UNLOGGED;
  END IF;
END $$
"""
PLANTED = "CREATE FUNCTION public.sha256(bytea) RETURNS bytea LANGUAGE sql AS $$ SELECT '\\x00'::bytea $$"

HOLES: dict[str, tuple[str, str, Making]] = {
    "trigger disabled": (
        "trigger-disabled", "logs_90_refuse_delete",
        by("ALTER TABLE audit.logs DISABLE TRIGGER logs_90_refuse_delete"),
    ),
    "trigger set to replica only": (
        "trigger-mode", "logs_90_seal_event",
        by("ALTER TABLE audit.logs ENABLE REPLICA TRIGGER logs_90_seal_event"),
    ),
    "function body changed": ("function-body", "refuse_truncate", by(CHANGED)),
    "PUBLIC granted EXECUTE": (
        "grants-function", "PUBLIC", by("GRANT EXECUTE ON FUNCTION audit.verify_chain TO PUBLIC")
    ),
    "reader granted UPDATE through another role": ("grants-table", "audit_reader", reader_through_another),
    "view in the table's place": ("table-in-place", "logs_real", view_in_place),
    "rule ON INSERT": (
        "rule-extra", "swallow",
        by("CREATE RULE swallow AS ON INSERT TO audit.logs WHERE NEW.tenant_id = 'x' DO INSTEAD NOTHING"),
    ),
    "owner can log in": ("owner-login", "audit_owner", owner_logs_in),
    "RLS hiding rows from the verifier": (
        "row-security", "hidden",
        by(
            "CREATE POLICY hidden ON audit.logs FOR SELECT USING (tenant_id <> 'org_acme')",
            "ALTER TABLE audit.logs ENABLE ROW LEVEL SECURITY",
        ),
    ),
    "unlogged": ("table-unlogged", "audit.logs", by(UNLOG)),
    "index invalid": (
        "indexes-invalid", "logs_tenant_type_idx",
        by(
            "UPDATE pg_index SET indisvalid = false"
            " WHERE indexrelid = 'audit.logs_tenant_type_idx'::regclass"
        ),
    ),
    "a function planted in front of sha256": ("names-shadowed", "sha256", by(PLANTED)),
}  # fmt: skip


@pytest.mark.parametrize("name", HOLES)
@pytest.mark.parametrize("layout", ["plain", "adopted", "partitioned"])
def test_each_hole_is_named_and_only_it(fresh: Fresh, layout: str, name: str) -> None:
    ident, word, make = HOLES[name]
    dsn = fresh(layout)
    with make(dsn):
        report = examined(dsn)
    assert {check.id: check.message for check in report.holes}.keys() == {ident}
    (hole,) = report.holes
    assert word in hole.message
    assert hole.attack
    assert hole.remedy
    assert all(check.state is CheckState.OK for check in report.checks if check.id != ident)
