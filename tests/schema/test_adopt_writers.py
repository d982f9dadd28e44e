"""Adopting while applications log: no writer fails, whatever the writer holds, has planned or has begun."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from psycopg import IsolationLevel, errors

from audit_tui.core.errors import AuditError
from audit_tui.store import adopt as steps
from tests.schema.adopting import TENANTS, Connection, adopt, fill, seam
from tests.schema.events import chain, insert, log, rows, value
from tests.verify.verifiers import both_say


@pytest.fixture
def guide(guide_db: str) -> Iterator[Connection]:
    """A log of the guide with 300 events of three tenants."""
    with psycopg.connect(guide_db, autocommit=True) as conn:
        fill(conn, 300)
        yield conn


class Writer:
    """Logs for one tenant until told to stop, on a connection of its own, by a prepared statement."""

    def __init__(self, dsn: str, tenant: str, *, directly: bool = False) -> None:
        self._dsn, self._tenant, self._directly = dsn, tenant, directly
        self.stop = threading.Event()
        self.logged = 0
        self._progress = threading.Condition()

    def wait_for(self, events: int, running: Future[int]) -> None:
        """Return once that many events were logged, or the writer has failed."""
        with self._progress:
            self._progress.wait_for(lambda: self.logged >= events or running.done(), timeout=60)

    def run(self) -> int:
        """Return how many events were logged; raises what a writer would see."""
        with psycopg.connect(self._dsn, autocommit=True, prepare_threshold=0) as conn:
            while not self.stop.is_set():
                if self._directly:
                    insert(conn, event_id=f"evt_{self._tenant[-1]}{self.logged}d", tenant_id=self._tenant)
                else:
                    log(conn, tenant=self._tenant)
                with self._progress:
                    self.logged += 1
                    self._progress.notify_all()
        return self.logged


@pytest.mark.parametrize("directly", [False, True], ids=["log_event", "insert"])
def test_writers_go_on(guide: Connection, guide_db: str, tmp_path: Path, directly: bool) -> None:
    """One writer per tenant (two would fail by the guide's own race) logs before, during and after."""
    writers = [Writer(guide_db, tenant, directly=directly) for tenant in TENANTS]
    with ThreadPoolExecutor(len(writers)) as pool:
        running: list[Future[int]] = [pool.submit(writer.run) for writer in writers]
        try:
            adopt(guide_db)
            after = [writer.logged for writer in writers]
            for writer, count, future in zip(writers, after, running, strict=True):
                writer.wait_for(count + 5, future)
        finally:
            for writer in writers:
                writer.stop.set()
        logged = [future.result() for future in running]
    for tenant, events in zip(TENANTS, logged, strict=True):
        assert chain(guide, tenant) == (100 + events + 1, True)
        versions = [row["hash_version"] for row in rows(guide, tenant)]
        last = seam(guide, tenant)["last_sequence"]
        assert versions == [1] * last + [2] * (len(versions) - last)
        assert seam(guide, tenant)["events"] == last > 100
        assert both_say(guide_db, tmp_path, tenant).valid


def test_what_was_logged_after_the_verification_is_in_the_old_part(guide: Connection, guide_db: str) -> None:
    told: list[str] = []
    adopt(guide_db, meanwhile=lambda: (fill(guide, 9_000), fill(guide, 5, ("org_new",))), tell=told.append)
    assert any("verifying 9,005 events more" in line for line in told)
    assert seam(guide, "org_a")["events"] == 3_100
    assert seam(guide, "org_new") == {
        "first_sequence": 1, "last_sequence": 5, "events": 5, "findings": [], "finding_counts": {},
        "last_hash": rows(guide, "org_new")[4]["event_hash"],
    }  # fmt: skip


def test_a_writer_in_an_open_transaction_goes_on(guide: Connection, guide_db: str) -> None:
    """It has logged and waits: adopting gives way, says who holds the table, and comes back."""
    with psycopg.connect(guide_db) as writer:
        told: list[str] = []

        def tell(line: str) -> None:
            told.append(line)
            if "turning the table over" in line:
                log(writer, tenant="org_a")
            if "attempt 2" in line:
                log(writer, tenant="org_a")
                writer.commit()

        assert adopt(guide_db, tell=tell, pauses=(0.0,)).attempts == 2
        pid = writer.info.backend_pid
        assert any(f"held by {pid} (postgres, idle in transaction for" in line for line in told)
        log(writer, tenant="org_a")
    assert chain(guide, "org_a") == (104, True)
    assert seam(guide, "org_a")["last_sequence"] == 102


def test_a_table_that_is_never_free_is_left_as_it_is(guide: Connection, guide_db: str) -> None:
    with psycopg.connect(guide_db) as writer:

        def tell(line: str) -> None:
            if "turning the table over" in line:
                log(writer, tenant="org_a")

        with pytest.raises(AuditError, match="could not be had for a moment, held by") as caught:
            adopt(guide_db, tell=tell, pauses=())
        assert "nothing changed" in str(caught.value.hint)
        writer.commit()
    assert value(guide, "SELECT to_regclass('audit.schema_info') IS NULL") is True
    assert value(guide, "SELECT count(*) FROM pg_trigger WHERE tgrelid = 'audit.logs'::regclass") == 3
    log(guide, tenant="org_a")
    adopt(guide_db)
    assert chain(guide, "org_a") == (103, True)


def test_an_index_that_is_kept_waiting_is_built_by_the_next_attempt(
    guide: Connection, guide_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits for transactions that were open when it began; cut off, it leaves an invalid index."""
    monkeypatch.setattr(steps, "INDEX_WAIT", "100ms")
    with psycopg.connect(guide_db) as writer:
        log(writer, tenant="org_a")
        with pytest.raises(AuditError, match=r"index could not be built: .* held by"):
            adopt(guide_db)
        assert value(guide, "SELECT count(*) FROM pg_index WHERE NOT indisvalid") == 1
        log(guide, tenant="org_b")
        writer.commit()
    adopt(guide_db)
    assert value(guide, "SELECT count(*) FROM pg_index WHERE NOT indisvalid") == 0


def test_two_adoptions_at_once_are_one(guide: Connection, guide_db: str) -> None:
    """The second finds out when its turn comes, and has changed nothing."""
    refused: list[str] = []

    def tell(line: str) -> None:
        if "turning" in line:
            with pytest.raises(AuditError, match="someone else is adopting this log") as caught:
                adopt(guide_db)
            refused.append(str(caught.value))

    adopt(guide_db, tell=tell)
    assert refused
    assert value(guide, "SELECT count(*) FROM audit.logs WHERE event_type = 'audit.adopted'") == 3


def test_what_was_adopted_while_one_was_looking_is_not_adopted_again(
    guide: Connection, guide_db: str
) -> None:
    second = adopt(guide_db, meanwhile=lambda: adopt(guide_db))
    assert "adopted before" in second.messages[0]
    assert value(guide, "SELECT count(*) FROM audit.logs WHERE event_type = 'audit.adopted'") == 3


def test_a_stale_snapshot_is_told_to_retry(guide: Connection, guide_db: str) -> None:
    """REPEATABLE READ from before the adoption: 40001, as for any event logged since, and never a fork."""
    with psycopg.connect(guide_db) as stale:
        stale.isolation_level = IsolationLevel.REPEATABLE_READ
        adopt(guide_db, tell=lambda line: stale.execute("SELECT 1") if "turning" in line else None)
        with pytest.raises(errors.SerializationFailure):
            log(stale, tenant="org_a")
        stale.rollback()
        log(stale, tenant="org_a")
    assert chain(guide, "org_a") == (102, True)


def test_functions_that_a_session_has_planned_go_on(guide: Connection, guide_db: str) -> None:
    with psycopg.connect(guide_db, autocommit=True, prepare_threshold=0) as session:
        session.execute(
            "CREATE FUNCTION pg_temp.act() RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN audit.log_event("
            "'a.b', 'org_a', 'user', 'u', NULL, NULL, 'user', 'r', NULL, NULL); END $$"
        )
        for _ in range(7):
            session.execute("SELECT pg_temp.act()")
            session.execute("SELECT is_valid FROM audit.verify_chain('org_a')")
        adopt(guide_db)
        session.execute("SELECT pg_temp.act()")
        assert value(session, "SELECT bool_and(is_valid) FROM audit.verify_chain('org_a')") is True
    assert chain(guide, "org_a") == (109, True)
