"""audit.check_and_alert: what it says of each tenant, whom it tells, and what it remembers."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from psycopg import errors

from audit_tui.embedded import tamper
from audit_tui.embedded.tamper_guard import unguarded
from tests.schema.conftest import Connection, Login
from tests.schema.events import log, value

HOSTILE = 'x\n\u202e\x7f"\\'


@dataclass
class Told:
    """One run: the rows by tenant, the warnings, and the documents that a listener received."""

    rows: dict[str | None, dict[str, Any]]
    warnings: list[str]
    notes: list[dict[str, Any]]

    def status(self) -> dict[str | None, str]:
        """By tenant, but for the schema's own, whose chain grows by every ALTER TABLE of an intruder."""
        return {tenant: row["status"] for tenant, row in self.rows.items() if tenant != "_audit"}


@pytest.fixture
def listener(audit_db: str) -> Iterator[Connection]:
    with psycopg.connect(audit_db, autocommit=True) as conn:
        conn.execute("LISTEN audit_alert")
        yield conn


@pytest.fixture
def admin(login: Login) -> Connection:
    return login("person_who_monitors", "audit_admin")


def check(admin: Connection, listener: Connection, silence: str | None = None, *, full: bool = False) -> Told:
    warnings: list[str] = []

    def hear(notice: psycopg.errors.Diagnostic) -> None:
        assert notice.severity_nonlocalized == "WARNING"
        warnings.append(notice.message_primary or "")

    admin.add_notice_handler(hear)
    with admin.cursor(row_factory=psycopg.rows.dict_row) as cursor:
        cursor.execute("SELECT * FROM audit.check_and_alert(%s, %s)", [silence, full])
        rows = {row["tenant_id"]: row for row in cursor.fetchall()}
    admin.remove_notice_handler(hear)
    return Told(rows, warnings, heard(listener))


def heard(listener: Connection) -> list[dict[str, Any]]:
    """What was told so far: they come in the order of commits, so a word of its own ends the wait."""
    listener.execute("NOTIFY audit_alert, 'that is all'")
    notes: list[dict[str, Any]] = []
    for note in listener.notifies(timeout=60):
        if note.payload == "that is all":
            return notes
        assert len(note.payload.encode()) < 8000
        notes.append(json.loads(note.payload))
    raise AssertionError("the listener heard nothing")


@pytest.fixture
def two(db: Connection) -> Connection:
    """Six events of `acme`, three of `other`."""
    for _ in range(6):
        log(db, "acme")
    for _ in range(3):
        log(db, "other")
    return db


def state(db: Connection) -> dict[str, int]:
    found = db.execute("SELECT tenant_id, sequence FROM audit.checked WHERE tenant_id <> '_audit'").fetchall()
    return dict(found)


def test_intact_chains_are_told_to_nobody(two: Connection, admin: Connection, listener: Connection) -> None:
    told = check(admin, listener)
    assert told.status() == {"acme": "intact", "other": "intact"}
    assert told.warnings == []
    assert told.notes == []
    acme = told.rows["acme"]
    assert acme["is_valid"] is True
    assert (acme["from_sequence"], acme["through_sequence"], acme["events_checked"]) == (1, 6, 6)
    assert (acme["findings"], acme["broken_at_sequence"], acme["broken_event_id"]) == (0, None, None)
    assert state(two) == {"acme": 6, "other": 3}


def test_the_next_run_reads_what_is_new(two: Connection, admin: Connection, listener: Connection) -> None:
    check(admin, listener)
    log(two, "acme")
    rows = check(admin, listener).rows
    assert (rows["acme"]["from_sequence"], rows["acme"]["events_checked"]) == (7, 1)
    assert (rows["other"]["events_checked"], rows["other"]["message"]) == (0, "No new events.")
    again = check(admin, listener, full=True).rows
    assert (again["acme"]["from_sequence"], again["acme"]["events_checked"]) == (1, 7)


def test_what_was_never_intact_is_read_whole_every_time(
    two: Connection, admin: Connection, listener: Connection
) -> None:
    tamper.edit_field(two, "acme", 4, "actor_id", "evil")
    for _ in range(2):
        told = check(admin, listener)
        assert told.status() == {"acme": "tampered", "other": "intact"}
        row = told.rows["acme"]
        assert (row["is_valid"], row["findings"], row["broken_at_sequence"]) == (False, 1, 4)
        assert row["broken_event_id"] is not None
        assert told.warnings == ["SECURITY ALERT: Audit chain tampered for tenant acme"]
        (note,) = told.notes
        assert (note["tenant_id"], note["status"], note["broken_at_sequence"]) == ("acme", "tampered", 4)
        assert note["format"] == "audit-tui/alert/1"
    assert state(two) == {"other": 3}


def test_a_failed_check_does_not_overwrite_what_is_remembered(
    two: Connection, admin: Connection, listener: Connection
) -> None:
    check(admin, listener)
    log(two, "acme")
    tamper.edit_field(two, "acme", 7, "resource_id", "x")
    for _ in range(2):
        assert check(admin, listener).rows["acme"]["broken_at_sequence"] == 7
    assert state(two)["acme"] == 6


def test_an_older_event_is_the_business_of_a_full_run(
    two: Connection, admin: Connection, listener: Connection
) -> None:
    check(admin, listener)
    tamper.edit_field(two, "acme", 2, "actor_id", "evil")
    assert check(admin, listener).status()["acme"] == "intact"
    assert check(admin, listener, full=True).rows["acme"]["broken_at_sequence"] == 2


def test_a_rewritten_head_is_found_without_a_new_event(
    two: Connection, admin: Connection, listener: Connection
) -> None:
    check(admin, listener)
    tamper.edit_field(two, "acme", 3, "actor_id", "evil")
    tamper.rehash_from(two, "acme", 3)
    for full in (False, True):
        row = check(admin, listener, full=full).rows["acme"]
        assert (row["status"], row["broken_at_sequence"]) == ("tampered", 6)
        assert "rewritten" in row["message"]


def test_a_cut_tail_is_found(two: Connection, admin: Connection, listener: Connection) -> None:
    check(admin, listener)
    tamper.cut_tail(two, "acme", 5)
    row = check(admin, listener).rows["acme"]
    assert (row["status"], row["broken_at_sequence"]) == ("tampered", 5)
    assert "Events 5 to 6" in row["message"]
    log(two, "acme")
    log(two, "acme")  # as many as before, but others
    assert check(admin, listener).status()["acme"] == "tampered"


@pytest.mark.parametrize("remembered", [True, False])
def test_a_tenant_that_vanished_is_told(
    two: Connection, admin: Connection, listener: Connection, remembered: bool
) -> None:
    if remembered:
        check(admin, listener)
    with unguarded(two):
        two.execute("DELETE FROM audit.logs WHERE tenant_id = 'acme'")
    told = check(admin, listener)
    assert told.status() == {"acme": "tampered", "other": "intact"}
    assert ("6" in told.rows["acme"]["message"]) is remembered
    assert told.warnings == ["SECURITY ALERT: Audit chain tampered for tenant acme"]


def test_a_beginning_that_went_is_found_without_reading_the_chain(
    two: Connection, admin: Connection, listener: Connection
) -> None:
    check(admin, listener)
    tamper.drop_first(two, "acme", 2)
    row = check(admin, listener).rows["acme"]
    assert (row["status"], row["broken_at_sequence"], row["events_checked"]) == ("tampered", 3, 0)


def _archive(db: Connection, tenant: str, last: int) -> None:
    """Records a prefix as archived and removes it, with the owner's rights."""
    db.execute("SET ROLE audit_owner")
    db.execute(
        "INSERT INTO audit.logs (event_id, event_type, tenant_id, actor_type, actor_id, resource_type,"
        " resource_id, metadata) SELECT 'evt_archived', 'audit.archived', %(tenant)s::text, 'user', 'u',"
        " 'audit_archive', 'a', jsonb_build_object('first_sequence', min(sequence_number), 'last_sequence',"
        " %(last)s::int, 'last_hash', max(event_hash) FILTER (WHERE sequence_number = %(last)s::int))"
        " FROM audit.logs WHERE tenant_id = %(tenant)s AND sequence_number <= %(last)s",
        {"last": last, "tenant": tenant},
    )
    db.execute("RESET ROLE")
    db.execute("DELETE FROM audit.logs WHERE tenant_id = %s AND sequence_number <= %s", [tenant, last])


@pytest.mark.parametrize(("last", "begins"), [(3, 7), (6, 7), (7, 8)])
def test_an_archived_prefix_does_not_disturb(
    two: Connection, admin: Connection, listener: Connection, last: int, begins: int
) -> None:
    """Archived below what is remembered, through it, and beyond it."""
    check(admin, listener)
    log(two, "acme")
    log(two, "acme")
    _archive(two, "acme", last)
    row = check(admin, listener).rows["acme"]
    assert (row["status"], row["from_sequence"]) == ("intact", begins)


def test_an_erasure_in_what_is_new_has_older_events_read_again(
    two: Connection, admin: Connection, listener: Connection
) -> None:
    check(admin, listener)
    two.execute("SET ROLE audit_owner")
    two.execute(
        'SELECT audit.erase(\'acme\', \'[{"sequences": [[2, 3]], "parts": ["details"]}]\','
        " 'reason', 'basis', 'someone', NULL, true)"
    )
    two.execute("RESET ROLE")
    row = check(admin, listener).rows["acme"]
    assert (row["status"], row["events_checked"]) == ("intact", 1)
    two.execute(
        "UPDATE audit.checked SET sequence = 6, event_hash = l.event_hash FROM audit.logs l"
        " WHERE l.tenant_id = 'acme' AND l.sequence_number = 6 AND checked.tenant_id = 'acme'"
    )
    tamper.edit_field(two, "acme", 2, "resource_id", "x")
    assert check(admin, listener).rows["acme"]["broken_at_sequence"] == 2


def test_a_tenant_that_cannot_be_read_hides_no_other(
    two: Connection, admin: Connection, listener: Connection
) -> None:
    two.execute("ALTER FUNCTION audit.check_memory RENAME TO elsewhere")
    two.execute(
        "CREATE FUNCTION audit.check_memory(k audit.checked, f bigint, p varchar, h bigint,"
        " OUT broken_at bigint, OUT message text) LANGUAGE plpgsql AS"
        " $$BEGIN IF h = 6 THEN RAISE 'no such luck'; END IF; END$$"
    )
    told = check(admin, listener)
    assert told.status() == {"acme": "inconclusive", "other": "intact"}
    assert told.rows["acme"]["is_valid"] is None
    assert "no such luck" in told.rows["acme"]["message"]
    assert told.warnings == ["Audit chain of tenant acme could not be checked"]
    assert [note["status"] for note in told.notes] == ["inconclusive"]


def test_bytes_that_are_no_text_are_inconclusive_and_stop_nothing(
    two: Connection, admin: Connection, listener: Connection
) -> None:
    with unguarded(two):
        two.execute("CREATE CAST (bytea AS varchar) WITHOUT FUNCTION")
        two.execute(r"UPDATE audit.logs SET actor_id = '\xff'::bytea::varchar WHERE tenant_id = 'acme'"
                    " AND sequence_number = 2")  # fmt: skip
        two.execute("DROP CAST (bytea AS varchar)")
    status = check(admin, listener).status()
    assert status["acme"] in ("inconclusive", "tampered")
    assert status["other"] == "intact"


def test_rows_that_name_no_tenant_or_sequence_are_told(
    two: Connection, admin: Connection, listener: Connection
) -> None:
    with unguarded(two):
        two.execute("ALTER TABLE audit.logs DROP CONSTRAINT logs_pkey")
        two.execute("ALTER TABLE audit.logs ALTER sequence_number DROP NOT NULL")
        two.execute(
            "UPDATE audit.logs SET sequence_number = NULL WHERE tenant_id = 'other' AND sequence_number = 3"
        )
    told = check(admin, listener)
    assert told.status()[None] == "tampered"
    assert told.warnings == ["SECURITY ALERT: Audit chain tampered for tenant (none)"]


def test_hostile_names_are_harmless_and_exact(
    db: Connection, admin: Connection, listener: Connection
) -> None:
    log(db, HOSTILE)
    log(db, HOSTILE)
    tamper.edit_field(db, HOSTILE, 1, "actor_id", "evil")
    told = check(admin, listener)
    assert told.rows[HOSTILE]["status"] == "tampered"
    assert told.warnings == ['SECURITY ALERT: Audit chain tampered for tenant x\\u000a\\u202e\\u007f"\\']
    assert [note["tenant_id"] for note in told.notes] == [HOSTILE]


def test_a_payload_fits_into_a_notification(db: Connection, listener: Connection) -> None:
    tenant = "\u202e" * 50
    db.execute(
        "SELECT audit.raise_alert(%s, 'tampered', now(), 1, %s, 1, repeat(chr(8238), 5000))",
        [tenant, "evt_" + "x" * 46],
    )
    (note,) = heard(listener)
    assert note["tenant_id"] == tenant


def test_only_admins_may(two: Connection, login: Login) -> None:
    for role in ("audit_reader", "audit_writer", "audit_eraser", "audit_archivist"):
        with pytest.raises(errors.InsufficientPrivilege):
            login(f"monitor_{role}", role).execute("SELECT audit.check_and_alert()")


def test_nobody_reads_or_writes_what_is_remembered(two: Connection, admin: Connection) -> None:
    admin.execute("SELECT audit.check_and_alert()")
    for statement in ("SELECT * FROM audit.checked", "DELETE FROM audit.checked"):
        with pytest.raises(errors.InsufficientPrivilege):
            admin.execute(statement)


def test_a_read_only_session_checks_and_remembers_nothing(two: Connection, admin: Connection) -> None:
    admin.execute("BEGIN READ ONLY")
    assert admin.execute("SELECT status FROM audit.check_and_alert()").fetchall() == [("intact",)] * 2
    admin.execute("COMMIT")
    assert state(two) == {}


def test_two_runs_at_once_get_on(two: Connection, audit_db: str) -> None:
    """The second waits for the first's rows only when it writes, and neither moves the other's back."""
    with psycopg.connect(audit_db) as first, psycopg.connect(audit_db, autocommit=True) as second:
        first.execute("SELECT audit.check_and_alert()")
        log(two, "acme")
        second.execute("SET lock_timeout = '50ms'")
        with pytest.raises(errors.LockNotAvailable):
            second.execute("SELECT audit.check_and_alert()")
        first.commit()
        second.execute("SELECT audit.check_and_alert()")
    assert state(two) == {"acme": 7, "other": 3}


def test_no_lock_is_held_that_a_writer_could_feel(two: Connection, audit_db: str) -> None:
    with psycopg.connect(audit_db) as run:
        run.execute("SELECT audit.check_and_alert()")
        modes = run.execute(
            "SELECT DISTINCT mode FROM pg_locks WHERE pid = pg_backend_pid()"
            " AND relation IN ('audit.logs'::regclass, 'audit.chains'::regclass)"
        ).fetchall()
        assert modes == [("AccessShareLock",)]
        log(two, "acme")


def test_forced_row_security_is_an_error_not_a_verdict(two: Connection, admin: Connection) -> None:
    two.execute("CREATE POLICY logging ON audit.logs USING (true)")
    two.execute("ALTER TABLE audit.logs ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    with pytest.raises(errors.InsufficientPrivilege, match="row-level security"):
        admin.execute("SELECT audit.check_and_alert()")


def test_a_long_day_is_read_by_index(two: Connection, admin: Connection, listener: Connection) -> None:
    """A thousand tenants share one plan; a chain's old events are not visited."""
    check(admin, listener)
    log(two, "acme")
    before = value(two, "SELECT seq_tup_read FROM pg_stat_xact_user_tables WHERE relname = 'logs'")
    with two.transaction():
        two.execute("SET LOCAL enable_seqscan = off")
        two.execute("SELECT audit.check_and_alert()")
        read = two.execute(
            "SELECT seq_tup_read, idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'logs'"
        ).fetchone()
    assert before is not None
    assert read is not None
    assert read[0] == 0


def test_a_run_that_saw_less_does_not_move_back_what_another_remembers(
    two: Connection, audit_db: str
) -> None:
    """It waits for the row of the quick one, and then finds it further on."""
    two.execute("SELECT audit.check_and_alert()")
    with psycopg.connect(audit_db) as quick, psycopg.connect(audit_db, autocommit=True) as late:
        log(quick, "acme")
        quick.execute("SELECT audit.check_and_alert()")
        thread = threading.Thread(target=late.execute, args=("SELECT audit.check_and_alert()",))
        thread.start()
        waiting = "SELECT 1 FROM pg_locks WHERE pid = %s AND NOT granted"
        while thread.is_alive() and not two.execute(waiting, [late.info.backend_pid]).fetchone():
            pass
        quick.commit()
        thread.join()
    assert state(two) == {"acme": 7, "other": 3}
