"""The log's side of archiving: what is old, what is held, the sealed record, the removal."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import psycopg
from psycopg import IsolationLevel
from psycopg.types.json import Jsonb

from audit_tui.core.archive.manifest import ArchivedTenant
from audit_tui.core.clock import to_datetime
from audit_tui.core.errors import AuditError, PermissionMissingError, UnsupportedSchemaError
from audit_tui.store.probe import Probe
from audit_tui.store.queries import load
from audit_tui.store.session import NO_TIMEOUT, translated

LOCK_TIMEOUT = "5s"
"""How long a record or a removal waits for a lock: writers of the chain queue behind it meanwhile."""

_ARCHIVERS_LOCK = 0x61756469742D6172
"""'audit-ar' in ASCII. Losing it costs order, not safety: the record's function refuses a second record."""


class RefusedError(AuditError):
    """The log does not let this tenant's events go: held, erased meanwhile, another record. Others may go."""


@dataclass(frozen=True, slots=True)
class Rights:
    """What this role may do of archiving."""

    sees_holds: bool


@dataclass(frozen=True, slots=True)
class Older:
    """The events of a tenant before a time: how many, and the highest sequence among them (None: none)."""

    events: int
    last_sequence: int | None


@dataclass(frozen=True, slots=True)
class Disorder:
    """Why the older events are no beginning of the chain: `early` is not older, `late` after it is."""

    early: int
    early_time: str
    late: int
    late_time: str


@dataclass(frozen=True, slots=True)
class StretchFacts:
    """Times as the server prints them; `row_bytes` on average; `only_records`: nothing but old records."""

    first_time: str | None
    last_time: str | None
    row_bytes: int
    only_records: bool


@dataclass(frozen=True, slots=True)
class Written:
    """What the sealed record tells beside the stretch: the archive's name and digest, who and why."""

    archive: str
    digest: str
    place: str
    requester: str
    reason: str | None


def check_rights(conn: psycopg.Connection, seen: Probe) -> Rights:
    """UnsupportedSchemaError for a schema without archiving, PermissionMissingError for a role without it,
    AuditError for a standby.
    """
    row = conn.execute(load("archive_rights")).fetchone() or (0, 0, False, False)
    if row[0] < 2:
        raise UnsupportedSchemaError(
            "this audit schema cannot archive",
            "bring it up to date with: audit-tui upgrade (a hand-made one: audit-tui install --adopt)",
        )
    if row[1] < 2:
        raise PermissionMissingError(
            f"the role {seen.username} may not archive", f'GRANT audit_archivist TO "{seen.username}"'
        )
    if row[3]:
        raise AuditError("this server is a standby: nothing can be recorded here", "connect to the primary")
    return Rights(sees_holds=bool(row[2]))


@contextmanager
def alone(conn: psycopg.Connection) -> Iterator[None]:
    """Holds the archivers' lock of this database. AuditError names who has it."""
    parameters = {"key": _ARCHIVERS_LOCK}
    with translated(conn):
        row = conn.execute("SELECT pg_catalog.pg_try_advisory_lock(%(key)s)", parameters).fetchone()
        if row is None or not row[0]:
            holder = conn.execute(load("archive_holder"), parameters).fetchone()
            who = f" (process {holder[0]}, {holder[1]}, {holder[2]})" if holder else ""
            raise AuditError(f"another archiver is at work on this log{who}", "wait until it ends")
    try:
        yield
    finally:
        with suppress(psycopg.Error):  # a lost connection has let go of it already
            conn.execute("SELECT pg_catalog.pg_advisory_unlock(%(key)s)", parameters)


def read_layout(conn: psycopg.Connection) -> str:
    """The layout that schema_info records, else plain."""
    row = conn.execute(
        "SELECT pg_catalog.to_jsonb(i) -> 'options' ->> 'layout' FROM audit.schema_info i"
    ).fetchone()
    return str(row[0]) if row is not None and row[0] is not None else "plain"


def count_older(conn: psycopg.Connection, tenant_id: str, before_us: int) -> Older:
    """The events before that moment (microseconds since 1970 UTC)."""
    row = conn.execute(
        load("archive_older"), {"tenant": tenant_id, "before": to_datetime(before_us)}
    ).fetchone()
    return Older(row[0], row[1]) if row is not None else Older(0, None)


def find_disorder(conn: psycopg.Connection, tenant_id: str, before_us: int, last: int) -> Disorder | None:
    """An event below `last` that is not older though a later one is; None where there is none."""
    parameters = {"tenant": tenant_id, "before": to_datetime(before_us), "last": last}
    row = conn.execute(load("archive_disorder"), parameters).fetchone()
    return None if row is None else Disorder(*row)


def read_facts(conn: psycopg.Connection, tenant_id: str, first: int, last: int) -> StretchFacts:
    """What a person wants to know of these sequences before they go."""
    parameters = {"tenant": tenant_id, "first": first, "last": last}
    row = conn.execute(load("archive_stretch"), parameters).fetchone() or (None, None, 0, True)
    return StretchFacts(row[0], row[1], row[2] or 0, not row[3])


def find_hold(conn: psycopg.Connection, tenant_id: str, first: int, last: int) -> str | None:
    """The first hold on these sequences as a sentence, None where nothing is held. Untrusted text."""
    parameters = {"tenant": tenant_id, "first": first, "last": last}
    rows = conn.execute(load("archive_held"), parameters).fetchall()
    if not rows:
        return None
    more = f" (and {len(rows) - 1} more)" if len(rows) > 1 else ""
    verb = "is" if rows[0][2] == 1 else "are"
    return f"{rows[0][2]} of these events {verb} held by {rows[0][0]}{more}: {rows[0][1]}"


def record(conn: psycopg.Connection, tenant: ArchivedTenant, written: Written, *, read_at: int,
           replaces: str | None) -> str:  # fmt: skip
    """Commits the sealed record and returns its event_id. `read_at` is the head when the rows were compared.

    The chain is locked for one insert. AuditError where the log refuses: held, erased meanwhile, recorded.
    """
    parameters = {
        "tenant": tenant.tenant_id, "archive": written.archive, "manifest": written.digest,
        "first": tenant.first_sequence, "last": tenant.last_sequence, "last_hash": tenant.last_hash,
        "tree": Jsonb({"size": tenant.tree.size, "hashes": list(tenant.tree.hashes)}), "read_at": read_at,
        "place": written.place, "requester": written.requester, "reason": written.reason,
        "replaces": replaces,
    }  # fmt: skip
    with writing(conn, f"the chain of {tenant.tenant_id}"):
        row = conn.execute(load("archive_record"), parameters).fetchone()
    if row is None:
        raise AuditError("the server recorded nothing")
    return str(row[0])


def remove(conn: psycopg.Connection, tenant_id: str, event_id: str) -> int:
    """Removes what the record names, in one statement; returns how many events went (0: gone already)."""
    with writing(conn, f"the chain of {tenant_id}"):
        row = conn.execute(
            "SELECT audit.remove_archived(%(tenant)s, %(event)s)", {"tenant": tenant_id, "event": event_id}
        ).fetchone()
    return int(row[0]) if row is not None else 0


@contextmanager
def writing(conn: psycopg.Connection, subject: str) -> Iterator[None]:
    """One transaction that writes; what the log refuses comes out as one line about the subject."""
    try:
        with translated(conn), _refusals(subject):
            conn.isolation_level = IsolationLevel.READ_COMMITTED
            conn.read_only = False
            with conn.transaction():
                conn.execute(load("session"), {"statement_timeout": NO_TIMEOUT})
                conn.execute("SELECT pg_catalog.set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])
                yield
    finally:
        if not conn.closed:
            conn.read_only = True


@contextmanager
def _refusals(subject: str) -> Iterator[None]:
    try:
        yield
    except psycopg.errors.LockNotAvailable:
        title = f"somebody else holds {subject} for more than {LOCK_TIMEOUT}"
        raise RefusedError(title, "run this again when it is quiet: it goes on where it stopped") from None
    except (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected):
        title = f"somebody else changed {subject} at the same moment"
        raise RefusedError(title, "run this again: it goes on where it stopped") from None
    except (psycopg.errors.InvalidParameterValue, psycopg.errors.RestrictViolation) as error:
        said = " ".join((error.diag.message_primary or str(error)).split())
        raise RefusedError(f"{subject}: {said}", "nothing of it was removed") from None
    except psycopg.errors.ForeignKeyViolation as error:
        said = " ".join((error.diag.message_primary or str(error)).split())
        raise RefusedError(
            f"{subject}: rows of another table refer to these events: {said}",
            "nothing of it was removed; take those references away first",
        ) from None
