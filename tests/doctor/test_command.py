"""`audit-tui doctor` as people and programs meet it."""

import psycopg
import pytest

from audit_tui.core.doctor.kinds import KINDS
from tests.cli.program import assert_told, call, run
from tests.doctor.conftest import Fresh
from tests.doctor.conftest import run as change

BROKEN = "ALTER TABLE audit.logs DISABLE TRIGGER logs_90_refuse_delete"
REMEDY = "ALTER TABLE audit.logs ENABLE ALWAYS TRIGGER logs_90_refuse_delete;"


def test_a_log_in_order_is_said_to_be_so_and_exits_with_0(log: str) -> None:
    ran = call(log, "doctor")
    assert ran.code == 0, ran.out
    lines = ran.out.splitlines()
    assert lines[0].startswith("✓ No hole in ")
    assert lines[-1].endswith("--all shows them.")
    assert ran.err == ""


def test_a_hole_comes_first_with_its_remedy_on_a_line_of_its_own(log: str) -> None:
    change(log, BROKEN)
    ran = call(log, "doctor")
    assert ran.code == 1
    lines = ran.out.splitlines()
    assert lines[0].startswith("✗ 1 hole in ")
    assert "trigger-disabled" in lines[0]
    assert lines[2].startswith("✗ trigger-disabled (high): The trigger logs_90_refuse_delete of audit.logs")
    assert lines[3].startswith("  An attacker: ")
    assert lines[4] == f"    {REMEDY}"


def test_what_is_printed_to_be_copied_mends_it(log: str) -> None:
    change(log, BROKEN)
    change(log, call(log, "doctor").out.splitlines()[4])
    assert call(log, "doctor").code == 0


def test_all_shows_every_check(log: str) -> None:
    shown = call(log, "doctor", "--all").out
    document = call(log, "doctor", "--json").document
    for check in document["checks"]:
        assert f" {check['id']}: " in shown
    assert "--all" not in shown


def test_the_document_says_everything_about_each_check(log: str) -> None:
    change(log, BROKEN)
    ran = call(log, "doctor", "--json")
    assert ran.code == 1
    told = ran.document
    assert told["format"] == "audit-tui/doctor/1"
    assert told["schema"] == {"kind": "audit-tui", "version": 2, "layout": "plain", "owner": "audit_owner"}
    assert (told["holes"], told["not_run"]) == (1, 0)
    assert {check["id"] for check in told["checks"]} <= KINDS.keys()
    for check in told["checks"]:
        assert check.keys() == {"id", "area", "state", "severity", "message", "attack", "remedy", "needs"}
        assert check["state"] in {"ok", "hole", "not_run"}
        assert check["severity"] in {"high", "medium", "low", "notice"}
    (hole,) = [check for check in told["checks"] if check["state"] == "hole"]
    assert (hole["id"], hole["severity"], hole["remedy"]) == ("trigger-disabled", "high", REMEDY)


def test_a_hand_made_log_is_examined_as_one(fresh: Fresh) -> None:
    told = call(fresh("guide"), "doctor", "--json").document
    assert told["schema"] == {"kind": "guide", "version": None, "layout": None, "owner": "postgres"}
    assert told["holes"] > 10


def test_a_database_without_the_schema_is_told(bare_log: str) -> None:
    assert_told(call(bare_log, "doctor"), 4, "has no audit schema", "audit-tui install")
    change(bare_log, "CREATE SCHEMA audit")
    assert_told(call(bare_log, "doctor"), 4, "has no audit schema")


def test_a_schema_of_somebody_elses_is_told(bare_log: str) -> None:
    change(bare_log, "CREATE SCHEMA audit", "CREATE TABLE audit.logs (id int)")
    assert_told(call(bare_log, "doctor"), 4, "neither by this tool nor from the guide")


@pytest.mark.parametrize("kept", ["schema_info", "chains"])
def test_a_half_made_schema_has_holes_and_no_traceback(log: str, kept: str) -> None:
    with psycopg.connect(log, autocommit=True) as conn:
        for name in ("ddl", "drop", "recorder"):
            conn.execute(f"DROP EVENT TRIGGER audit_record_{name}".encode())
        conn.execute("DROP TABLE audit.logs CASCADE")
        for table in ("schema_info", "chains", "tenant_readers"):
            if table != kept:
                conn.execute(f"DROP TABLE audit.{table} CASCADE".encode())
    ran = call(log, "doctor", "--json")
    assert ran.code == 1
    states = {check["id"]: check["state"] for check in ran.document["checks"]}
    assert states["table-in-place"] == "hole"
    assert states["trigger-disabled"] == "not_run"


def test_no_server_is_told_in_one_line() -> None:
    ran = run("doctor", "--dsn", "host=/nowhere dbname=x")
    assert_told(ran, 4, "no server answers")


HOSTILE = 'x"; DROP TABLE audit.logs; --\x1b[2J\u202e[/red]\nz'


def test_hostile_names_neither_reach_the_terminal_nor_break_out_of_the_remedy(log: str) -> None:
    name = '"' + HOSTILE.replace('"', '""') + '"'
    change(log, f"CREATE ROLE {name}")
    try:
        change(
            log,
            f"GRANT TRUNCATE ON audit.logs TO {name}",
            f"CREATE RULE {name} AS ON INSERT TO audit.chains DO ALSO NOTHING",
        )
        ran = call(log, "doctor")
        assert ran.code == 1
        assert not set(ran.out) & {"\x1b", "\u202e"}
        remedies = [line.strip() for line in ran.out.splitlines() if line.startswith("    ")]
        assert all('U&"' in line for line in remedies)
        change(log, *remedies)
        assert call(log, "doctor").code == 0
    finally:
        change(log, f"DROP OWNED BY {name}", f"DROP ROLE {name}")


def test_five_thousand_roles_are_looked_at_in_one_go(log: str) -> None:
    change(log, """
        DO $$ BEGIN
          FOR n IN 1..5000 LOOP
            EXECUTE format('CREATE ROLE crowd_%s LOGIN', n);
            EXECUTE format('GRANT %s TO crowd_%s',
                           CASE WHEN n = 1 THEN 'audit_reader' ELSE 'crowd_' || n / 2 END, n);
          END LOOP;
        END $$""", "GRANT DELETE ON audit.logs TO crowd_3")  # fmt: skip
    try:
        ran = call(log, "doctor", "--json")
        holes = [check for check in ran.document["checks"] if check["state"] == "hole"]
        assert [hole["id"] for hole in holes] == ["grants-table"]
        assert len(holes[0]["message"]) < 400
        assert "crowd_3 has DELETE on audit.logs; through it " in holes[0]["message"]
        members = next(check for check in ran.document["checks"] if check["id"] == "role-members")
        assert "and 4995 more" in members["message"]
    finally:
        change(log, "REVOKE DELETE ON audit.logs FROM crowd_3", """
            DO $$ BEGIN
              FOR n IN REVERSE 5000..1 LOOP EXECUTE format('DROP ROLE crowd_%s', n); END LOOP;
            END $$""")  # fmt: skip
