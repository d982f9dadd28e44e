"""How an intruder with the owner's rights gets past the table's protection, and puts it back afterwards.

Nothing here is clever: triggers are switched off and on again in one transaction, and a constraint that
stands in the way is dropped. That is what the seal has to survive, so the tests and the demo do it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, LiteralString

from psycopg import Connection, errors, sql

Conn = Connection[Any]
Query = LiteralString | sql.SQL | sql.Composed

_TRIGGERS: LiteralString = """
    SELECT tgname, tgenabled::text FROM pg_catalog.pg_trigger
    WHERE tgrelid = 'audit.logs'::pg_catalog.regclass AND NOT tgisinternal AND tgenabled <> 'D'
"""
_HAS_COLUMN: LiteralString = """
    SELECT EXISTS (SELECT FROM pg_catalog.pg_attribute
                   WHERE attrelid = 'audit.logs'::pg_catalog.regclass
                     AND attname = %s AND attnum > 0 AND NOT attisdropped)
"""
_COLUMNS: LiteralString = """
    SELECT attname::text FROM pg_catalog.pg_attribute
    WHERE attrelid = 'audit.logs'::pg_catalog.regclass AND attnum > 0 AND NOT attisdropped
    ORDER BY attnum
"""
_PRIMARY_KEY: LiteralString = """
    SELECT conname::text FROM pg_catalog.pg_constraint
    WHERE conrelid = 'audit.logs'::pg_catalog.regclass AND contype = 'p'
      AND conkey @> ARRAY[(SELECT attnum FROM pg_catalog.pg_attribute
                           WHERE attrelid = 'audit.logs'::pg_catalog.regclass AND attname = %s)]
"""
_IS_CONSTRAINT: LiteralString = """
    SELECT EXISTS (SELECT FROM pg_catalog.pg_constraint
                   WHERE conrelid = 'audit.logs'::pg_catalog.regclass AND conname = %s)
"""
_MODE: dict[str, LiteralString] = {"O": "ENABLE", "A": "ENABLE ALWAYS", "R": "ENABLE REPLICA"}
_TRIES = 12
_RECORDERS: LiteralString = """
    SELECT e.evtname::text, e.evtenabled::text FROM pg_catalog.pg_event_trigger e
    WHERE e.evtname LIKE 'audit\\_record\\_%' AND e.evtenabled <> 'D'
      AND (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = current_user)
"""


@contextmanager
def unrecorded(conn: Conn) -> Iterator[None]:
    """A transaction whose changes of the schema leave no `audit.ddl` event, as only a superuser can manage.

    The event triggers are as they were at the end. Without a superuser's rights nothing is switched off: what
    is done then is recorded. Commits on leaving where the connection was outside a transaction.
    """
    with conn.transaction():
        recorders = conn.execute(_RECORDERS).fetchall()
        for name, _ in recorders:
            conn.execute(sql.SQL("ALTER EVENT TRIGGER {} DISABLE").format(sql.Identifier(name)))
        yield
        for name, mode in recorders:
            conn.execute(
                sql.SQL("ALTER EVENT TRIGGER {} {}").format(sql.Identifier(name), sql.SQL(_MODE[mode]))
            )


@contextmanager
def unguarded(conn: Conn) -> Iterator[None]:
    """A transaction in which no trigger of `audit.logs` fires; each is as it was at the end.

    As superuser it is `unrecorded` as well. Commits on leaving where the connection was outside a
    transaction, else leaves that to the caller.
    """
    with unrecorded(conn):
        triggers = conn.execute(_TRIGGERS).fetchall()
        conn.execute("ALTER TABLE audit.logs DISABLE TRIGGER USER")
        yield
        for name, mode in triggers:
            conn.execute(
                sql.SQL("ALTER TABLE audit.logs {} TRIGGER {}").format(
                    sql.SQL(_MODE[mode]), sql.Identifier(name)
                )
            )


def force(conn: Conn, statement: Query, params: Sequence[object] = ()) -> int:
    """Runs a statement, dropping every constraint that refuses it, and returns the rows it touched."""
    for _ in range(_TRIES):
        try:
            with conn.transaction():
                return conn.execute(statement, params).rowcount
        except errors.IntegrityError as refusal:
            _drop_what_refused(conn, refusal)
    msg = "the table's constraints could not be dropped"
    raise RuntimeError(msg)


def has_column(conn: Conn, column: str) -> bool:
    """Whether `audit.logs` has that column: a guide schema has no `hash_version`."""
    return bool(_scalar(conn, _HAS_COLUMN, column))


def columns(conn: Conn) -> tuple[str, ...]:
    """The table's column names in their order."""
    return tuple(row[0] for row in conn.execute(_COLUMNS).fetchall())


def _drop_what_refused(conn: Conn, refusal: errors.IntegrityError) -> None:
    diag = refusal.diag
    if isinstance(refusal, errors.NotNullViolation):
        column = diag.column_name or ""
        key = _scalar(conn, _PRIMARY_KEY, column)
        if key is not None:
            conn.execute(sql.SQL("ALTER TABLE audit.logs DROP CONSTRAINT {}").format(sql.Identifier(key)))
        conn.execute(
            sql.SQL("ALTER TABLE audit.logs ALTER COLUMN {} DROP NOT NULL").format(sql.Identifier(column))
        )
        return
    name = diag.constraint_name or ""
    if _scalar(conn, _IS_CONSTRAINT, name):
        conn.execute(
            sql.SQL("ALTER TABLE audit.logs DROP CONSTRAINT {} CASCADE").format(sql.Identifier(name))
        )
    else:
        conn.execute(sql.SQL("DROP INDEX audit.{}").format(sql.Identifier(name)))


def _scalar(conn: Conn, query: LiteralString, param: str) -> Any:
    row = conn.execute(query, (param,)).fetchone()
    return row[0] if row else None
