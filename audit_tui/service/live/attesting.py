"""The axis of attestation: the schema's protection, examined beside a verification."""

from collections.abc import Callable

import psycopg

from audit_tui.core.attestation import Attestation, attest, not_attested
from audit_tui.core.errors import AuditError, InterruptedCheckError
from audit_tui.service.live.doctor import examine
from audit_tui.store.session import translated


def attest_schema(conn: psycopg.Connection, now_us: Callable[[], int]) -> Attestation:
    """Examines the schema in a READ ONLY transaction of its own (`conn` must be in none) and judges it.

    What keeps it from being examined (rights, a lost connection, a schema that is not known) is the reason
    why the axis was not run; only an interruption is raised, as InterruptedCheckError.
    """
    try:
        with translated(conn):
            return attest(examine(conn, now_us))
    except InterruptedCheckError:
        raise
    except AuditError as error:
        return not_attested(error.title)
