"""Calling the erasure functions: what the tests of erasures have in common."""

from typing import Any

from psycopg.types.json import Jsonb

from tests.schema.conftest import Connection

PLAN = "a" * 64
PARTS = ("identity", "changes", "snapshots", "details")


def group(
    *ranges: list[int], parts: tuple[str, ...] = ("identity",), actor_id: str | None = None, **more: Any
) -> dict[str, Any]:
    if "identity" in parts and actor_id is None:
        actor_id = "usr_1"
    return {
        "sequences": list(ranges),
        "parts": list(parts),
        "actor_id": actor_id,
        "actor_email": None,
        **more,
    }


def erase(
    conn: Connection, *groups: object, tenant: str = "t1", alone: bool = True, plan: str | None = None
) -> str:
    row = conn.execute(
        "SELECT audit.erase(%s, %s, 'a request', 'Art. 17', 'the person', %s, %s)",
        [tenant, Jsonb(list(groups)), plan, alone],
    ).fetchone()
    assert row is not None
    return str(row[0])


def approve(conn: Connection, plan: str = PLAN, tenant: str = "t1") -> str:
    row = conn.execute(
        "SELECT audit.approve_erasure(%s, %s, 'a request', 'Art. 17', 'the person')", [tenant, plan]
    ).fetchone()
    assert row is not None
    return str(row[0])
