"""What a comparison reads of one source: which server it is, where chains end, what stands at a place."""

from collections.abc import Mapping
from dataclasses import dataclass

import psycopg

from audit_tui.core.second.bisection import Look
from audit_tui.store.queries import load


@dataclass(frozen=True, slots=True)
class Server:
    """A running server and a database in it; equal for two connections to the same one, however named.

    A replica and a copy were started at another moment, or hold the log under another oid.
    """

    database: str
    oid: int
    started_at: str
    is_standby: bool

    def is_same(self, other: "Server") -> bool:
        """Whether two connections lead to one and the same database of one running server."""
        return (self.oid, self.database, self.started_at) == (other.oid, other.database, other.started_at)


def read_server(conn: psycopg.Connection) -> Server:
    """Inside the caller's transaction."""
    row = conn.execute(load("second_server")).fetchone() or ("", 0, "", False)
    return Server(*row)


def read_ends(conn: psycopg.Connection, tenants: tuple[str, ...]) -> dict[str, int]:
    """The last sequence of each of these tenants; those without events are left out."""
    return dict(conn.execute(load("second_heads"), {"tenants": list(tenants)}).fetchall())


def look_up(conn: psycopg.Connection, places: Mapping[str, int]) -> dict[str, Look]:
    """What stands at one sequence of each tenant: one index look-up each, all in one query. Where nothing
    stands, the tenant is left out.
    """
    parameters = {"tenants": list(places), "sequences": list(places.values())}
    return {row[0]: Look(*row[1:]) for row in conn.execute(load("second_look"), parameters)}
