"""What stands on the tables runs when an install writes: its owner cannot get an installer's rights so."""

import pytest

from audit_tui.core.errors import UnsupportedSchemaError
from audit_tui.store.install import install
from tests.schema.conftest import Connection, Login
from tests.schema.events import chain, log, value

BODY = (
    "BEGIN BEGIN PERFORM set_config('role', 'none', true);"
    " EXECUTE 'ALTER ROLE spring_setter SUPERUSER'; PERFORM set_config('role', 'audit_owner', true);"
    " EXCEPTION WHEN OTHERS THEN NULL; END; RETURN {}; END"
)
TRIGGER = f"CREATE FUNCTION audit.spring() RETURNS trigger LANGUAGE plpgsql AS $${BODY.format('new')}$$"
CHECK = (
    "CREATE FUNCTION audit.passes(text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE"
    f" AS $${BODY.format('true')}$$"
)


@pytest.mark.parametrize(
    ("statements", "sentence"),
    [
        ([TRIGGER, "CREATE TRIGGER logs_05_x BEFORE INSERT ON audit.logs FOR EACH ROW"
                   " EXECUTE FUNCTION audit.spring()"],
         "the trigger logs_05_x on audit.logs calls audit.spring"),
        ([TRIGGER, "CREATE TRIGGER logs_90_seal_event BEFORE UPDATE ON audit.schema_info FOR EACH ROW"
                   " EXECUTE FUNCTION audit.spring()"],
         "the trigger logs_90_seal_event on audit.schema_info"),
        (["CREATE TRIGGER logs_90_seal_event BEFORE UPDATE ON audit.chains FOR EACH ROW"
          " EXECUTE FUNCTION audit.seal_event()"],
         "the trigger logs_90_seal_event on audit.chains"),
        ([CHECK, "CREATE OR REPLACE TRIGGER logs_10_guard_insert BEFORE INSERT ON audit.logs FOR EACH ROW"
                 " WHEN (audit.passes(NEW.tenant_id)) EXECUTE FUNCTION audit.guard_insert()"],
         "the trigger logs_10_guard_insert on audit.logs"),
        ([CHECK, "ALTER TABLE audit.schema_info ADD CHECK (audit.passes(tool_version))"],
         "checks, defaults or indexes"),
        ([CHECK, "ALTER TABLE audit.chains ADD COLUMN x boolean DEFAULT audit.passes('a')"],
         "checks, defaults or indexes"),
        ([CHECK, "CREATE INDEX lure ON audit.logs (audit.passes(actor_id))"], "checks, defaults or indexes"),
        (["CREATE RULE also AS ON INSERT TO audit.retention_rules DO ALSO SELECT 1"],
         "the rule also on audit.retention_rules"),
        ([CHECK, "CREATE POLICY lure ON audit.schema_info USING (audit.passes(tool_version))",
          "ALTER TABLE audit.schema_info ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY"],
         "policies of audit.schema_info"),
        (["CREATE FUNCTION audit.record_install(p_command text, p_statement varchar) RETURNS varchar"
          " LANGUAGE sql AS 'SELECT p_statement'"], "share a name"),
    ],
)  # fmt: skip
def test_code_of_the_owner_never_runs_with_the_installers_rights(
    db: Connection, owner: Connection, login: Login, statements: list[str], sentence: str
) -> None:
    login("spring_setter")
    log(db)
    for statement in statements:
        owner.execute(statement)  # type: ignore[arg-type]
    with pytest.raises(UnsupportedSchemaError, match=sentence) as caught:
        install(db)
    assert any(word in str(caught.value.hint) for word in ("DROP", "drop", "NO FORCE"))
    assert value(db, "SELECT rolsuper FROM pg_roles WHERE rolname = 'spring_setter'") is False


def test_a_function_that_was_replaced_is_made_anew_before_it_runs(
    db: Connection, owner: Connection, login: Login
) -> None:
    login("spring_setter")
    for name in ("seal_event", "guard_insert"):
        owner.execute(  # type: ignore[call-overload]
            f"CREATE OR REPLACE FUNCTION audit.{name}() RETURNS trigger LANGUAGE plpgsql"
            f" AS $${BODY.format('new')}$$"
        )
    assert install(db).changed
    log(db)
    assert chain(db) == (1, True)
    assert value(db, "SELECT rolsuper FROM pg_roles WHERE rolname = 'spring_setter'") is False


def test_a_trigger_of_a_superuser_may_stay(db: Connection) -> None:
    db.execute("CREATE FUNCTION public.watch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END'")
    db.execute(
        "CREATE TRIGGER logs_05_watch BEFORE INSERT ON audit.logs FOR EACH ROW"
        " EXECUTE FUNCTION public.watch()"
    )
    assert install(db).changed in (True, False)
    log(db)
    assert chain(db) == (1, True)


def test_a_seal_is_recomputed_by_no_function_of_the_callers_search_path(db: Connection) -> None:
    log(db, resource_after={"a": 1})
    db.execute(
        "CREATE FUNCTION public.concat(jsonb, text, jsonb) RETURNS text LANGUAGE sql AS $$ SELECT 'x' $$;"
        "CREATE FUNCTION public.convert_to(text, text) RETURNS bytea LANGUAGE sql AS $$ SELECT ''::bytea $$"
    )
    # NULL: no other seal than the one that is there.
    fits = "SELECT audit.verify_seal_v2(l) IS NULL FROM audit.logs l WHERE tenant_id = 't1'"
    assert value(db, fits) is True
