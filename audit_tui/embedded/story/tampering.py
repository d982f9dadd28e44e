"""What the intruder did afterwards, with the rights of the log's owner, to make the night disappear."""

from typing import Any

from psycopg import Connection

from audit_tui.embedded import tamper

EDITED = ("org_acme", 812)
REHASHED = ("org_borealis", 455)
DELETED = ("org_cobalt", 301, 303)
CUT = ("org_delta", 991)
GUIDE_EDITED = ("org_lumen", 97)


def tamper_with(conn: Connection[Any]) -> None:
    """Four tenants of the main database, each in another way. `conn` is a superuser's."""
    tenant, sequence = EDITED
    # Only the address: the guide's hash would not even notice.
    tamper.edit_field(conn, tenant, sequence, "actor_ip_address", "10.16.0.11")
    tenant, sequence = REHASHED
    for column, value in (("actor_id", "usr_bor02"), ("actor_email", "aksel.berg@borealis.example")):
        tamper.edit_field(conn, tenant, sequence, column, value)
    tamper.rehash(conn, tenant, sequence)
    tamper.drop_rows(conn, *DELETED)
    tamper.cut_tail(conn, *CUT)


def tamper_with_guide(conn: Connection[Any]) -> None:
    """One event of the guide-built log: a price that fell to a tenth becomes a modest discount."""
    tenant, sequence = GUIDE_EDITED
    tamper.edit_field(conn, tenant, sequence, "changes", '{"total": {"old": 4800.0, "new": 4560.0}}')
