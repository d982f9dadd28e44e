"""What the catalogue says of the schema: described to the last object, and keyed by tenant."""

from tests.schema.conftest import Connection

UNDESCRIBED = """
SELECT 'relation ' || c.relname FROM pg_class c
  WHERE c.relnamespace = 'audit'::regnamespace AND obj_description(c.oid, 'pg_class') IS NULL
UNION ALL
SELECT 'column ' || c.relname || '.' || a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
  WHERE c.relnamespace = 'audit'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND a.attnum > 0
    AND NOT a.attisdropped AND col_description(c.oid, a.attnum) IS NULL
UNION ALL
SELECT 'function ' || p.oid::regprocedure FROM pg_proc p
  WHERE p.pronamespace = 'audit'::regnamespace AND obj_description(p.oid, 'pg_proc') IS NULL
UNION ALL
SELECT 'trigger ' || t.tgname FROM pg_trigger t
  WHERE t.tgrelid = 'audit.logs'::regclass AND NOT t.tgisinternal
    AND obj_description(t.oid, 'pg_trigger') IS NULL
UNION ALL
SELECT 'constraint ' || k.conname FROM pg_constraint k
  WHERE k.connamespace = 'audit'::regnamespace AND k.contype <> 'n'
    AND obj_description(k.oid, 'pg_constraint') IS NULL
UNION ALL
SELECT 'schema' WHERE obj_description('audit'::regnamespace, 'pg_namespace') IS NULL
UNION ALL
SELECT 'type ' || t.typname FROM pg_type t WHERE t.typnamespace = 'audit'::regnamespace AND t.typrelid = 0
  AND t.typelem = 0 AND obj_description(t.oid, 'pg_type') IS NULL
UNION ALL
SELECT 'role ' || r.rolname FROM pg_roles r
  WHERE r.rolname ~ '^audit_(owner|reader|writer|admin|eraser|archivist)$'
    AND shobj_description(r.oid, 'pg_authid') IS NULL
"""

GUIDE = [
    ("event_id", "character varying(50)", True),
    ("sequence_number", "bigint", True),
    ("timestamp", "timestamp with time zone", True),
    ("event_type", "character varying(100)", True),
    ("tenant_id", "character varying(50)", True),
    ("actor_type", "character varying(50)", True),
    ("actor_id", "character varying(50)", True),
    ("actor_email", "character varying(255)", False),
    ("actor_ip_address", "inet", False),
    ("resource_type", "character varying(100)", True),
    ("resource_id", "character varying(50)", True),
    ("endpoint", "character varying(500)", False),
    ("http_method", "character varying(10)", False),
    ("changes", "jsonb", False),
    ("resource_before", "jsonb", False),
    ("resource_after", "jsonb", False),
    ("previous_hash", "character varying(64)", False),
    ("event_hash", "character varying(64)", True),
    ("request_id", "character varying(50)", False),
    ("session_id", "character varying(50)", False),
    ("user_agent", "text", False),
    ("metadata", "jsonb", False),
]


def test_every_object_has_a_comment(db: Connection) -> None:
    assert db.execute(UNDESCRIBED).fetchall() == []


def test_the_guides_columns_are_there_as_they_were(db: Connection) -> None:
    found = db.execute(
        "SELECT attname, format_type(atttypid, atttypmod), attnotnull FROM pg_attribute"
        " WHERE attrelid = 'audit.logs'::regclass AND attnum > 1 AND NOT attisdropped ORDER BY attnum"
    ).fetchall()
    assert found[: len(GUIDE)] == GUIDE
    assert found[len(GUIDE) :] == [
        ("hash_version", "smallint", False),
        ("part_salts", "bytea", False),
        ("erased_parts", "jsonb", False),
    ]


def test_every_key_leads_with_the_tenant(db: Connection) -> None:
    keys = db.execute(
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid, 1, false) FROM pg_index i"
        " WHERE i.indrelid = 'audit.logs'::regclass AND (i.indisunique OR i.indisprimary) ORDER BY 1"
    ).fetchall()
    assert keys == [("audit.logs_pkey", "tenant_id"), ("audit.logs_tenant_id_event_id_key", "tenant_id")]


def test_log_event_has_the_guides_signature(guide_db: str, db: Connection) -> None:
    import psycopg

    signature = (
        "SELECT pg_get_function_arguments(p.oid) FROM pg_proc p WHERE p.oid = 'audit.log_event'::regproc"
    )
    with psycopg.connect(guide_db) as guide:
        assert db.execute(signature).fetchone() == guide.execute(signature).fetchone()


def test_the_readers_index_paths_exist(db: Connection) -> None:
    db.execute("SET enable_seqscan = off")
    for condition, order in (
        ("tenant_id = 't' AND sequence_number > 5", "sequence_number"),
        ("tenant_id = 't' AND timestamp >= '2024-01-01'", "timestamp, sequence_number"),
        ("tenant_id = 't' AND actor_id = 'u'", "sequence_number"),
        ("tenant_id = 't' AND resource_type = 'u' AND resource_id = '1'", "sequence_number"),
        ("tenant_id = 't' AND event_type = 'a.b'", "sequence_number"),
    ):
        query = f"EXPLAIN SELECT id FROM audit.logs WHERE {condition} ORDER BY {order} LIMIT 10"
        plan = "\n".join(line for (line,) in db.execute(query))
        assert "Index" in plan
        assert "Sort" not in plan, plan


def test_every_function_body_is_sound(db: Connection) -> None:
    """The install does not check bodies, since one file may call what a later one makes."""
    db.execute("SET check_function_bodies = on")
    definitions = db.execute(
        "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'audit'::regnamespace"
    ).fetchall()
    assert definitions
    with db.transaction(force_rollback=True):
        for (definition,) in definitions:
            db.execute(definition)
