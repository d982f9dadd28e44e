"""A cluster of a test's own, where it decides which roles exist."""

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from audit_tui.embedded.server import EmbeddedServer
from tests.schema.conftest import Connection

ROLES = ("audit_reader", "audit_writer", "audit_admin", "audit_eraser", "audit_archivist")


class Cluster:
    """A cluster of its own: which roles exist in it is what these tests are about."""

    def __init__(self, server: EmbeddedServer) -> None:
        self.server = server
        self.dsn = server.create_database()
        self.dba: Connection = psycopg.connect(self.dsn, autocommit=True)
        self.database = self.dba.info.dbname

    def connect(self, user: str, **more: str) -> Connection:
        return psycopg.connect(make_conninfo(self.dsn, user=user, **more), autocommit=True)

    def run(self, *statements: str) -> None:
        for statement in statements:
            self.dba.execute(statement)

    def grant_create(self, user: str) -> None:
        grant = sql.SQL("GRANT CREATE ON DATABASE {} TO {}")
        self.dba.execute(grant.format(sql.Identifier(self.database), sql.Identifier(user)))

    def clear(self) -> None:
        """Drop the database and every role that a test made."""
        self.dba.close()
        self.server.drop_database(self.database)
        with psycopg.connect(self.server.dsn(), autocommit=True) as conn:
            made = conn.execute(
                "SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_' AND oid > 10"
            ).fetchall()
            for (name,) in made:
                conn.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(name)))
            for (name,) in made:
                conn.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))
