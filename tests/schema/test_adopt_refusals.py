"""What cannot be adopted is refused in one line before anything happens; the merely odd is adopted."""

from collections.abc import Iterator

import psycopg
import pytest

from audit_tui.core.errors import AuditError, UsageError
from audit_tui.store.install import install
from audit_tui.store.script import InstallOptions, build_script
from tests.schema.adopting import Connection, adopt, examine, fill, lines_of
from tests.schema.events import chain, insert, log, value
from tests.schema.scripts import catalogue


@pytest.fixture
def guide(guide_db: str) -> Iterator[Connection]:
    with psycopg.connect(guide_db, autocommit=True) as conn:
        fill(conn)
        yield conn


OVERLOAD = "CREATE FUNCTION audit.log_event(text) RETURNS text LANGUAGE sql AS 'SELECT $1'"
RENAME = (
    "CREATE FUNCTION audit.enrich() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN NEW.metadata := '{\"enriched\": true}'; RETURN NEW; END $$;"
    "CREATE TRIGGER %s BEFORE INSERT ON audit.logs FOR EACH ROW EXECUTE FUNCTION audit.enrich()"
)


@pytest.mark.parametrize(
    ("before", "sentence"),
    [
        ("ALTER TABLE audit.logs SET UNLOGGED", "is unlogged"),
        ("ALTER TABLE audit.logs ENABLE ROW LEVEL SECURITY", "row-level security is on"),
        ("CREATE TABLE child () INHERITS (audit.logs)", "inherits"),
        ("CREATE RULE silent AS ON UPDATE TO audit.logs DO INSTEAD NOTHING", "has rules .*: silent"),
        (
            "ALTER TABLE audit.logs ALTER COLUMN user_agent TYPE varchar(500)",
            "user_agent is character varying.500., not text",
        ),
        (
            "ALTER TABLE audit.logs ALTER COLUMN tenant_id TYPE varchar(60)",
            "tenant_id is character varying.60.",
        ),
        ("ALTER TABLE audit.logs ALTER COLUMN actor_id DROP NOT NULL", "actor_id may be NULL"),
        ("ALTER TABLE audit.logs DROP COLUMN session_id", "session_id is missing"),
        ("ALTER TABLE audit.logs ADD COLUMN part_salts bytea", "names that this tool adds: part_salts"),
        (
            "ALTER TABLE audit.logs ADD COLUMN region text;"
            "UPDATE pg_attribute SET attnotnull = true WHERE attname = 'region'",
            "does not know: region",
        ),
        ("ALTER TABLE audit.logs ADD CONSTRAINT timestamp_range CHECK (true)", "need.*: timestamp_range"),
        (RENAME % "zz_enrich", "after they are sealed: zz_enrich"),
        (RENAME % "logs_90_mine", "after they are sealed: logs_90_mine"),
        (OVERLOAD, "are not the guide's: audit.log_event.text."),
        (
            "ALTER FUNCTION audit.log_event RENAME TO log_it; CREATE FUNCTION audit.log_event(a text)"
            " RETURNS text LANGUAGE sql AS 'SELECT $1'",
            "are not the guide's: audit.log_event.text.",
        ),
        (
            "CREATE FUNCTION audit.erase() RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "are not the guide's: audit.erase",
        ),
        ("CREATE TABLE audit.chains (a int)", "relations of names that this tool needs: chains"),
        (
            "CREATE VIEW public.health AS SELECT * FROM audit.verify_chain('org_a')",
            "depends on a function whose result changes: .*public.health.* needs audit.verify_chain",
        ),
    ],
)
def test_a_log_of_another_form_is_refused(
    guide: Connection, guide_db: str, before: str, sentence: str
) -> None:
    for statement in before.split(";\n") if "$$" in before else [before]:
        guide.execute(statement)  # type: ignore[arg-type]
    was = catalogue(guide_db)
    with pytest.raises(AuditError, match=sentence) as caught:
        adopt(guide_db)
    assert caught.value.hint
    assert catalogue(guide_db) == was
    assert value(guide, "SELECT count(*) FROM audit.logs") == 30


def test_what_is_no_table_is_refused(guide: Connection, guide_db: str) -> None:
    guide.execute("ALTER TABLE audit.logs RENAME TO hidden")
    guide.execute("CREATE VIEW audit.logs AS SELECT * FROM audit.hidden")
    with pytest.raises(AuditError, match="is a view, not a plain table"):
        adopt(guide_db)


def test_a_partitioned_table_is_refused(guide: Connection, guide_db: str) -> None:
    guide.execute("ALTER TABLE audit.logs RENAME TO parts")
    guide.execute("CREATE TABLE audit.logs (LIKE audit.parts) PARTITION BY RANGE (timestamp)")
    with pytest.raises(AuditError, match="is partitioned, not a plain table"):
        adopt(guide_db)


@pytest.mark.parametrize(
    "before",
    [
        "ALTER TABLE audit.logs ADD COLUMN region text NOT NULL DEFAULT 'eu', ADD CHECK (region <> '')",
        RENAME % "aa_enrich",
        "DROP INDEX audit.idx_audit_logs_tenant_sequence;"
        "CREATE UNIQUE INDEX mine ON audit.logs (tenant_id, sequence_number)",
        "ALTER TABLE audit.logs DROP CONSTRAINT logs_pkey",
        "ALTER TABLE audit.logs RENAME CONSTRAINT logs_pkey TO audit_logs_pk",
        "ALTER TABLE audit.logs DROP CONSTRAINT event_id_format",
        "DROP TRIGGER trigger_prevent_update ON audit.logs; DROP FUNCTION audit.prevent_update()",
        "ALTER TRIGGER trigger_prevent_delete ON audit.logs RENAME TO zz_no_delete",
        "CREATE TABLE other (a int);"
        "CREATE TRIGGER keep BEFORE DELETE ON other EXECUTE FUNCTION audit.prevent_delete()",
        "DROP FUNCTION audit.verify_chain",
        "ALTER SEQUENCE audit.logs_id_seq RENAME TO audit_numbers",
        "ALTER TABLE audit.logs ALTER COLUMN id DROP DEFAULT;"
        "ALTER TABLE audit.logs ALTER COLUMN id"
        " ADD GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME audit.gen START WITH 40)",
        "CREATE TABLE sharing (id bigint DEFAULT nextval('audit.logs_id_seq'))",
        "CREATE PUBLICATION everything FOR ALL TABLES",
        "CREATE FUNCTION audit.check_and_alert() RETURNS void LANGUAGE plpgsql AS 'BEGIN END'",
        "CREATE TABLE audit.settings (a int); CREATE VIEW audit.recent AS SELECT * FROM audit.logs",
    ],
)
def test_an_odd_log_is_adopted(guide: Connection, guide_db: str, before: str) -> None:
    for statement in [before] if "$$" in before else before.split(";"):
        guide.execute(statement)  # type: ignore[arg-type]
    adopt(guide_db)
    log(guide, tenant="org_a")
    insert(guide, event_id="evt_direct", tenant_id="org_a")
    assert chain(guide, "org_a") == (13, True)
    assert value(guide, "SELECT count(DISTINCT id) = count(*) FROM audit.logs") is True
    assert not install(guide).changed


def test_what_is_kept_is_said(guide: Connection, guide_db: str) -> None:
    guide.execute("ALTER TABLE audit.logs ADD COLUMN region text")
    guide.execute("CREATE TABLE notes (log_id bigint REFERENCES audit.logs (id))")
    guide.execute(RENAME % "aa_enrich")
    guide.execute("CREATE PUBLICATION everything FOR ALL TABLES")
    log(guide, tenant="_audit", event_type="Audit.Login")
    examined = examine(guide_db)
    assert lines_of(examined, "kept") == [
        "column region: no seal covers it",
        "trigger aa_enrich, which runs audit.enrich()",
        "constraint notes_log_id_fkey of public.notes: FOREIGN KEY (log_id) REFERENCES audit.logs(id)",
        "function audit.enrich(), which belongs to postgres",
    ]
    publication, event_type, tenant = lines_of(examined, "mind")
    assert "publication everything" in publication
    assert "of the type Audit.Login (1 of them)" in event_type
    assert "tenant called _audit" in tenant


def test_options_that_contradict_adopting_are_wrong_usage() -> None:
    for options in (InstallOptions(adopt_tampered=True), InstallOptions(adopt=True, layout="partitioned")):
        with pytest.raises(UsageError):
            build_script(options)
