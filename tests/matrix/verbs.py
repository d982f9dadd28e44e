"""What a person could try on the audit schema, and who may: the permission matrix as data.

A verb is one attempt. Its outcome is `yes` (the server let it happen), `no` (PostgreSQL's permission denied)
or `refused` (allowed by rights, stopped by the schema itself). Roles that a verb does not name get `no`.
"""

from dataclasses import dataclass, field

ROLES = ("writer", "reader", "admin", "eraser", "archivist", "stranger", "owner", "superuser")
"""Who tries: people with one of the schema's roles, one without any, the owner role and a superuser."""

READERS = ("reader", "admin", "eraser", "archivist")
MASTERS = ("owner", "superuser")
WRITES = ("writer", *MASTERS)
YES, NO, REFUSED = "yes", "no", "refused"

_COLUMNS = "event_id, event_type, tenant_id, actor_type, actor_id, resource_type, resource_id"
_VALUES = "VALUES ('evt_m1', 'a.b', 't1', 'user', 'u', 'user', 'r')"
_INSERT = f"INSERT INTO audit.logs ({_COLUMNS}) {_VALUES}"
_LOG = "SELECT audit.log_event('a.b', 't1', 'user', 'u', NULL, NULL, 'user', 'r', NULL, NULL)"
# Whoever holds any right on the table gets a warning instead of an error, and nothing is granted.
_GRANT = """DO $$ BEGIN
  GRANT UPDATE ON audit.logs TO PUBLIC;
  IF NOT has_table_privilege('audit.logs', 'UPDATE') THEN
    RAISE insufficient_privilege USING MESSAGE = 'permission denied: nothing was granted';
  END IF;
END $$"""
_SHARE = "LOCK audit.logs IN ACCESS SHARE MODE"
_REPLICA = "SET LOCAL session_replication_role = replica;"


PLAIN, PARTITIONED, ISOLATED = "plain", "partitioned", "isolated"
LAYOUTS = (PLAIN, PARTITIONED, ISOLATED)
_ONE_TABLE = (PLAIN, ISOLATED)
"""Where the log is one table with indexes over all of it; elsewhere the server knows no such statement."""


@dataclass(frozen=True, slots=True)
class Verb:
    """One attempt. `copy_in` is what a COPY ... FROM STDIN is fed; `since` and `until` bound the majors,
    `layouts` names those that know the statement at all."""

    name: str
    sql: str
    yes: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    copy_in: str | None = None
    since: int = 14
    until: int = 99
    layouts: tuple[str, ...] = LAYOUTS
    area: str = field(default="events")

    def expected(self, role: str) -> str:
        """The outcome that this role has to get."""
        return YES if role in self.yes else REFUSED if role in self.refused else NO


EVENTS = (
    Verb("INSERT", _INSERT, WRITES),
    Verb("log_event", _LOG, WRITES),
    Verb("INSERT of audit.*", _INSERT.replace("a.b", "audit.erased"), ("owner",)),
    Verb("INSERT ... RETURNING", f"{_INSERT} RETURNING event_hash", MASTERS),
    Verb("INSERT ... RETURNING tenant", f"{_INSERT} RETURNING tenant_id", MASTERS),
    Verb("ON CONFLICT DO NOTHING", f"{_INSERT} ON CONFLICT DO NOTHING", WRITES),
    Verb("ON CONFLICT (keys)", f"{_INSERT} ON CONFLICT (tenant_id, event_id) DO NOTHING", MASTERS,
         layouts=_ONE_TABLE),
    Verb(
        "ON CONFLICT DO UPDATE",
        f"{_INSERT.replace('evt_m1', 'evt_first')} ON CONFLICT (tenant_id, event_id)"
        " DO UPDATE SET actor_email = 'x'",
        (),
        MASTERS,
        layouts=_ONE_TABLE,
    ),
    Verb("COPY FROM", f"COPY audit.logs ({_COLUMNS}) FROM STDIN", WRITES,
         copy_in="evt_m2\ta.b\tt1\tuser\tu\tuser\tr\n", layouts=(PLAIN, PARTITIONED)),
    Verb("SELECT", "SELECT event_id FROM audit.logs", (*READERS, *MASTERS)),
    Verb("SELECT nothing", "SELECT FROM audit.logs", (*READERS, *MASTERS)),
    Verb("SELECT count(*)", "SELECT count(*) FROM audit.logs", (*READERS, *MASTERS)),
    Verb("SELECT of the tenant", "SELECT tenant_id FROM audit.logs", (*READERS, *MASTERS)),
    Verb("SELECT FOR UPDATE", "SELECT 1 FROM audit.logs FOR UPDATE", MASTERS),
    Verb("SELECT FOR KEY SHARE", "SELECT 1 FROM audit.logs FOR KEY SHARE", MASTERS),
    Verb("COPY TO", "COPY audit.logs TO STDOUT", (*READERS, *MASTERS), layouts=_ONE_TABLE),
    Verb("VERIFY", "SELECT * FROM audit.verify_chain('t1')", ("admin", *MASTERS)),
    Verb("UPDATE", "UPDATE audit.logs SET actor_email = NULL", (), MASTERS),
    Verb("UPDATE of no row", "UPDATE audit.logs SET actor_email = NULL WHERE false", MASTERS),
    Verb("DELETE", "DELETE FROM audit.logs", (), MASTERS),
    Verb("TRUNCATE", "TRUNCATE audit.logs", (), MASTERS),
    Verb("TRUNCATE ... CASCADE", "TRUNCATE audit.chains, audit.logs CASCADE", (), MASTERS),
    Verb(
        "MERGE",
        "MERGE INTO audit.logs l USING (SELECT 'evt_first' AS e) s ON l.event_id = s.e"
        " WHEN MATCHED THEN UPDATE SET actor_email = 'x'",
        (),
        MASTERS,
        since=15,
    ),
    Verb("MERGE that deletes",
         "MERGE INTO audit.logs l USING (SELECT 'evt_first' AS e) s ON l.event_id = s.e"
         " WHEN MATCHED THEN DELETE", (), MASTERS, since=15),
)  # fmt: skip

REPLICA = (
    Verb("session_replication_role", f"{_REPLICA} SELECT 1", ("superuser",), area="replica mode"),
    Verb(
        "UPDATE",
        f"{_REPLICA} UPDATE audit.logs SET actor_email = NULL",
        (),
        ("superuser",),
        area="replica mode",
    ),
    Verb("DELETE", f"{_REPLICA} DELETE FROM audit.logs", (), ("superuser",), area="replica mode"),
    Verb("TRUNCATE", f"{_REPLICA} TRUNCATE audit.logs", (), ("superuser",), area="replica mode"),
)

LOCKS = (
    # Since 16 whoever may insert may also take the weaker locks.
    Verb("LOCK ACCESS SHARE", _SHARE, (*READERS, *MASTERS), until=15, area="locks"),
    Verb("LOCK ACCESS SHARE", _SHARE, ("writer", *READERS, *MASTERS), since=16, area="locks"),
    Verb("LOCK ROW EXCLUSIVE", "LOCK audit.logs IN ROW EXCLUSIVE MODE", WRITES, area="locks"),
    Verb("LOCK SHARE", "LOCK audit.logs IN SHARE MODE", MASTERS, area="locks"),
    Verb("LOCK ACCESS EXCLUSIVE", "LOCK audit.logs", MASTERS, area="locks"),
    Verb("LOCK a chain's row", "SELECT FROM audit.chains FOR UPDATE", MASTERS, area="locks"),
)

# What would keep its own record out of the chain is refused to everyone but a superuser.
_RECORDED = (("superuser",), ("owner",))
DEFINITION = (
    Verb("CREATE in audit", "CREATE TABLE audit.mine (a int)", MASTERS, area="definition"),
    Verb("CREATE FUNCTION in audit", "CREATE FUNCTION audit.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
         MASTERS, area="definition"),
    Verb("ALTER TABLE", "ALTER TABLE audit.logs ADD COLUMN mine int", MASTERS, area="definition"),
    Verb("DISABLE TRIGGER", "ALTER TABLE audit.logs DISABLE TRIGGER ALL", MASTERS, area="definition"),
    Verb("CREATE TRIGGER",
         "CREATE TRIGGER mine BEFORE UPDATE ON audit.logs FOR EACH ROW"
         " EXECUTE FUNCTION suppress_redundant_updates_trigger()",
         MASTERS, area="definition"),
    Verb("CREATE RULE", "CREATE RULE mine AS ON INSERT TO audit.logs DO INSTEAD NOTHING", *_RECORDED,
         area="definition"),
    Verb("CREATE POLICY", "CREATE POLICY mine ON audit.logs", MASTERS, area="definition"),
    Verb("CREATE INDEX", "CREATE INDEX mine ON audit.logs (actor_id)", MASTERS, area="definition"),
    Verb("REFERENCES", "CREATE TABLE {scratch}.r (t varchar, s bigint,"
         " FOREIGN KEY (t, s) REFERENCES audit.logs (tenant_id, sequence_number))", MASTERS,
         area="definition", layouts=_ONE_TABLE),
    Verb("INHERITS", "CREATE TEMP TABLE i () INHERITS (audit.logs)", MASTERS, area="definition",
         layouts=_ONE_TABLE),
    Verb("GRANT", _GRANT, MASTERS, area="definition"),
    Verb("COMMENT", "COMMENT ON TABLE audit.logs IS 'mine'", MASTERS, area="definition"),
    Verb("ALTER OWNER", "ALTER TABLE audit.logs OWNER TO CURRENT_USER", MASTERS, area="definition"),
    Verb("DROP TABLE", "DROP TABLE audit.logs CASCADE", *_RECORDED, area="definition"),
    Verb("DROP FUNCTION", "DROP FUNCTION audit.seal_event() CASCADE", MASTERS, area="definition"),
    Verb("DROP SCHEMA", "DROP SCHEMA audit CASCADE", MASTERS, area="definition"),
    Verb("SET ROLE owner", "SET LOCAL ROLE {owner}", MASTERS, area="definition"),
)  # fmt: skip

VERBS = (*EVENTS, *REPLICA, *LOCKS, *DEFINITION)

TABLES_READ: dict[str, tuple[str, ...]] = {
    "logs": READERS,
    "schema_info": READERS,
    "tenant_readers": READERS,
    "retention_rules": READERS,
}
"""Relations of the schema that someone else than the owner may read; nobody writes any of them but logs."""

FUNCTIONS: dict[str, tuple[str, ...]] = {
    "log_event": ("writer",),
    **dict.fromkeys(
        (
            "identity_text", "snapshots_text", "details_text", "part_digest", "occurred_us", "seal_v2",
            "part_slice", "part_text", "is_erased_parts", "sealed_hash_v2", "sealed_hash_v1",
            "event_verifies", "list_holds", "holds_of", "held_events",
        ),
        READERS,
    ),
    "approve_erasure": ("eraser",),
    "erase": ("eraser",),
    **dict.fromkeys(
        (
            "record_archive", "remove_archived", "add_partitions", "add_months", "ensure_partitions",
            "settle_default",
            "drop_archived_partition", "place_hold", "release_hold", "set_retention_rule",
            "remove_retention_rule",
        ),
        ("archivist",),
    ),
    "list_partitions": ("admin", "archivist"),
    "check_and_alert": ("admin",),
}  # fmt: skip
"""Who may call what besides owner and superuser; a function that is not named here is for nobody else."""


OWNER_LACKS = ("record_ddl", "record_recorder")
"""Entry points of the event triggers: the owner must not be able to put anything in their place."""


def callers(function: str, layout: str) -> tuple[str, ...]:
    """Everyone who may call a function of the schema; verification may use all of its own."""
    if function == "take_turn":
        return ("writer", *MASTERS) if layout == PARTITIONED else MASTERS
    if function in OWNER_LACKS:
        return ("superuser",)
    return (*(("admin",) if function.startswith("verify") else FUNCTIONS.get(function, ())), *MASTERS)
