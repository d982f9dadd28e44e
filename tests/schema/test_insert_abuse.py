"""What writers can do to other people's logging and reading with an INSERT of their own."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import errors
from psycopg.conninfo import make_conninfo

from tests.schema.adopting import adopt, fill
from tests.schema.conftest import Connection
from tests.schema.events import chain, event, insert, log, value

SEALED = {"sequence_number": None, "previous_hash": None, "event_hash": None, "part_salts": None}
RULES = (
    "ALTER TABLE audit.logs ADD COLUMN region text NOT NULL DEFAULT 'eu',"
    " ADD CONSTRAINT site CHECK (region <> 'moon'), ADD CONSTRAINT sane CHECK (sequence_number > 0)"
)


def _adopted(dsn: str, before: str, login: str) -> Iterator[Connection]:
    with psycopg.connect(dsn, autocommit=True) as conn:
        fill(conn)
        conn.execute(before)  # type: ignore[arg-type]
        adopt(dsn)
        if not conn.execute("SELECT FROM pg_roles WHERE rolname = %s", [login]).rowcount:
            conn.execute(f"CREATE ROLE {login} LOGIN IN ROLE audit_writer")  # type: ignore[arg-type]
        yield conn


@pytest.fixture
def adopted(guide_db: str) -> Iterator[Connection]:
    yield from _adopted(guide_db, "SELECT 1", "abusive_writer")


@pytest.fixture
def strict(guide_db: str) -> Iterator[Connection]:
    """An adopted log whose site has rules of its own."""
    yield from _adopted(guide_db, RULES, "abusive_writer")


@pytest.fixture
def writer(guide_db: str) -> Iterator[Connection]:
    """Asked for after the log was adopted, which makes the login."""
    with psycopg.connect(make_conninfo(guide_db, user="abusive_writer"), autocommit=True) as conn:
        yield conn


def test_ids_to_come_cannot_be_taken(adopted: Connection, writer: Connection) -> None:
    most = value(adopted, "SELECT max(id) FROM audit.logs")
    assert isinstance(most, int)
    for number in range(1, 9):
        insert(writer, event_id=f"evt_taken{number}", tenant_id="org_x", id=most + number)
    for _ in range(9):
        log(adopted, "org_a")
    assert chain(adopted, "org_a") == (20, True)
    assert value(adopted, "SELECT count(DISTINCT id) = count(*) AND max(id) < 1000 FROM audit.logs") is True


def test_overriding_an_identity_takes_no_ids(guide_db: str) -> None:
    always = (
        "ALTER TABLE audit.logs ALTER COLUMN id DROP DEFAULT, ALTER COLUMN id"
        " ADD GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME audit.gen START WITH 40)"
    )
    for conn in _adopted(guide_db, always, "abusive_writer"):
        conn.execute(
            "INSERT INTO audit.logs (id, event_id, event_type, tenant_id, actor_type, actor_id,"
            " resource_type, resource_id)"
            " OVERRIDING SYSTEM VALUE VALUES (9999, 'evt_x', 'a.b', 'org_x', 'u', 'u', 'r', 'r')"
        )
        assert event(conn, 1, "org_x")["id"] < 100


@pytest.mark.parametrize(
    ("region", "error"),
    [(None, errors.NotNullViolation), ("moon", errors.CheckViolation)],
)
def test_a_rule_of_the_site_shows_nothing_of_the_chain(
    strict: Connection, writer: Connection, region: str | None, error: type[psycopg.Error]
) -> None:
    with pytest.raises(error) as caught:
        insert(writer, tenant_id="org_a", region=region, **SEALED)
    head = value(
        strict, "SELECT event_hash FROM audit.logs WHERE tenant_id = 'org_a' ORDER BY sequence_number DESC"
    )
    diagnosis = caught.value.diag
    assert diagnosis.message_detail is None
    assert str(head) not in str(caught.value)
    assert "region" in str(caught.value) or "site" in str(caught.value)


def test_what_keeps_the_rules_of_the_site_is_logged(strict: Connection, writer: Connection) -> None:
    insert(writer, tenant_id="org_a", region="us")
    log(writer, "org_a")
    assert chain(strict, "org_a") == (13, True)
    strict.execute("ALTER TABLE audit.logs ADD CONSTRAINT later CHECK (actor_id <> 'nobody') NOT VALID")
    with pytest.raises(errors.CheckViolation, match="later") as caught:
        insert(writer, event_id="evt_2", tenant_id="org_a", actor_id="nobody", **SEALED)
    assert caught.value.diag.message_detail is None


def _numbers(count: int) -> str:
    return "[" + ",".join(["1e131071"] * count) + "]"


@pytest.mark.parametrize("layout", ["db", "partitioned", "adopted"])
def test_few_bytes_cannot_become_many(layout: str, request: pytest.FixtureRequest) -> None:
    conn: Connection = request.getfixturevalue(layout)
    with pytest.raises(errors.ProgramLimitExceeded, match="16 MiB"):
        insert(conn, event_id="evt_a", metadata=_numbers(400))
    with pytest.raises(errors.ProgramLimitExceeded, match="16 MiB"):
        insert(conn, event_id="evt_b", changes=_numbers(70), resource_after=_numbers(70))
    insert(conn, event_id="evt_c", user_agent="x" * (2**24 - 200))
    insert(conn, event_id="evt_d", metadata=_numbers(120))
    sealed = "SELECT bool_and(audit.event_verifies(l)), count(*) FROM audit.logs l WHERE tenant_id = 't1'"
    assert value(conn, sealed) == (True, 2)
