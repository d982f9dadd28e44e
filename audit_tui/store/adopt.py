"""Adopting a log that was built from the guide: what SQL does, before, within and without the transaction.

The order is: look at everything and refuse what cannot be adopted (`preview`), have the chains verified by
the client, build the missing indexes one by one while applications go on logging (`build_indexes`), then turn
the table over in one short transaction (`store.adopt_turn`).
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import psycopg
from psycopg import errors, sql
from psycopg.rows import tuple_row

from audit_tui.core.errors import AuditError
from audit_tui.service.adopting import OldChain, ReportLine
from audit_tui.store.install import Connection, lock_holders, told
from audit_tui.store.script import InstallOptions, Statement, build_script, format_script, list_made_names
from audit_tui.store.sql_files import read_sql

_ADOPTING = 0x61756469742D6164
"""'audit-ad' in ASCII: held from the first index to the end."""
_LAST_LOOK = "schema/0016_adopt_rights.sql"
INDEX_WAIT = "5min"
"""An index waits for transactions that are open when it begins, and keeps no writer waiting meanwhile."""


def build_adoption(options: InstallOptions, chains: Mapping[str, OldChain]) -> tuple[Statement, ...]:
    """Return the script of `build_script` with what was verified in it, for one transaction."""
    header, *files = build_script(options)
    return (replace(header, text=header.text + _verified(chains, list_made_names(files))), *files)


def format_adoption(script: tuple[Statement, ...], report: tuple[ReportLine, ...]) -> str:
    """Return the script for psql: what was found as comments, the indexes, then the one transaction."""
    remarks = "".join(f"-- {line.what}: {_one_line(line.sentence)}\n" for line in report)
    indexes = read_sql("adopt/indexes.sql").rstrip().removesuffix(";")
    prologue = (
        "\n-- ======== adopt/indexes.sql\nSET search_path = pg_catalog, pg_temp;\n"
        f"SET lock_timeout = '{INDEX_WAIT}';\n{indexes}\n\\gexec\n"
    )
    title = "Adoption of an audit.logs that was built from the guide"
    return remarks + format_script(script, title=title, prologue=prologue)


def preview(conn: Connection, options: InstallOptions) -> tuple[ReportLine, ...] | None:
    """Look at everything that adopting touches, and return what stays, ends and is replaced; change nothing.

    None: the log was adopted already. Raises as `turn_over` does for a log that cannot be adopted.
    """
    try:
        with conn.transaction(force_rollback=True), conn.cursor(row_factory=tuple_row) as cursor:
            cursor.execute("SET LOCAL audit_install.adopt_preview = 'on'")
            for statement in build_adoption(options, {}):
                cursor.execute(statement.text.encode())
                if statement.name == _LAST_LOOK:
                    break
            row = cursor.execute("SELECT current_setting('audit_install.adopt_report', true)").fetchone()
            if row is None or not row[0]:
                return None
            reserved = [sentence for (sentence,) in cursor.execute(read_sql("adopt/reserved.sql"))]
    except psycopg.Error as error:
        raise told(error, conn, "adopt") from error
    lines = [ReportLine(what, sentence) for what, sentence in json.loads(row[0])]
    return (*lines, *(ReportLine("mind", sentence) for sentence in reserved))


def list_indexes(conn: Connection) -> tuple[str, ...]:
    """Return the statements that build the indexes which are missing (or left half built), in order."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        return tuple(row[0] for row in cursor.execute(read_sql("adopt/indexes.sql")))


def build_indexes(conn: Connection, tell: Callable[[str], None]) -> None:
    """Build them one by one on an autocommit connection; applications go on logging meanwhile.

    AuditError where one cannot be built: what it left behind is built again by the next attempt. While this
    connection is open nobody else adopts.
    """
    _take_turn(conn)
    try:
        conn.execute("SELECT pg_catalog.set_config('lock_timeout', %s, false)", [INDEX_WAIT])
        for statement in list_indexes(conn):
            tell(f"{statement}: applications go on logging")
            conn.execute(statement.encode())
    except psycopg.Error as error:
        holders = lock_holders(conn) if isinstance(error, errors.LockNotAvailable) else None
        held = f", held by {holders}" if holders else ""
        raise AuditError(
            f"an index could not be built: {error.diag.message_primary or error}{held}",
            "the log is as it was; adopting again begins with that index",
        ) from error
    finally:
        if not conn.closed:
            conn.execute("RESET lock_timeout")


def _take_turn(conn: Connection) -> None:
    """Whoever waited for this lock within a statement would keep the indexes waiting: so nobody waits."""
    row = conn.execute("SELECT pg_catalog.pg_try_advisory_lock(%s)", [_ADOPTING]).fetchone()
    if row is None or not row[0]:
        raise AuditError("someone else is adopting this log", "wait for it, then look with: audit-tui doctor")


def _verified(chains: Mapping[str, OldChain], names: tuple[str, ...]) -> str:
    """Settings of the transaction. The JSON is plain ASCII, whatever tenants are called."""
    found: dict[str, Any] = {
        tenant: {
            "last": chain.last_sequence,
            "hash": chain.last_hash,
            "events": chain.events,
            "findings": [{"kind": f.kind, "first": f.first, "last": f.last} for f in chain.findings],
            "counts": dict(chain.counts),
        }
        for tenant, chain in sorted(chains.items())
    }
    return (
        f"SET LOCAL audit_install.adopt_names = '{' '.join(names)}';\n"
        "SET LOCAL standard_conforming_strings = on;\n"
        f"SET LOCAL audit_install.adopt_verified = {_quoted(json.dumps(found))};\n"
    )


def _quoted(text: str) -> str:
    return sql.Literal(text).as_string(None).strip()


def _one_line(text: str) -> str:
    """Names of objects may hold anything, and a line break would end the comment."""
    return "".join(character if character.isprintable() else "?" for character in text)
