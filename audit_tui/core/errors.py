"""What can go wrong, as one family: a title for the first line, a hint that says how to mend it.

An exception means "could not check" or "could not do"; a finding is data (`core.findings`). The exit
codes: 2 wrong usage, 3 interrupted or inconclusive, 4 could not do it.
"""

from typing import ClassVar


class AuditError(Exception):
    """The base of everything the tool reports in one line. `title` never holds a password.

    Text in `title` and `hint` may quote the database: it is untrusted, `core.safe` is applied at display.
    """

    exit_code: ClassVar[int] = 4

    def __init__(self, title: str, hint: str | None = None) -> None:
        super().__init__(title)
        self.title = title
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.title} ({self.hint})" if self.hint else self.title


class UsageError(AuditError):
    """What was typed cannot be understood: a time, a filter, a DSN, a zone, a sequence out of range."""

    exit_code = 2


class ConnectError(AuditError):
    """No connection: no server, wrong password, unknown database, TLS refused."""


class ConnectionLostError(AuditError):
    """The server went away in the middle of something."""


class SnapshotLostError(AuditError):
    """The server ended a reading transaction: a standby had to replay what the snapshot still needed."""


class SnapshotNotSharedError(AuditError):
    """The server does not let several connections read one snapshot: then one has to do."""


class LogChangedError(AuditError):
    """Between two snapshots of one run the log became another one, so nothing can be joined."""

    exit_code = 3


class PermissionMissingError(AuditError):
    """The role lacks a right; the hint is the statement that grants it."""


class NoAuditSchemaError(AuditError):
    """The database has no `audit.logs`; the hint is the install command."""


class UnsupportedSchemaError(AuditError):
    """There is an `audit.logs` that this tool does not know; the title names the missing columns."""


class UnknownTenantError(AuditError):
    """No event carries that tenant, and no witness remembers it."""


class UnknownEventError(AuditError):
    """No event has that sequence or event_id."""


class InterruptedCheckError(AuditError):
    """A check was cancelled; the title says through which sequence it was proven."""

    exit_code = 3


class QueryTimeoutError(AuditError):
    """The server ended a query that ran beyond its time limit."""


class ArchiveMismatchError(AuditError):
    """An archive's files do not hold what the chain, the log or their manifest says: found, not failed."""

    exit_code = 1


class TamperedLogError(AuditError):
    """What was to be done wants a log that verifies, and this one was found tampered with."""

    exit_code = 1
