"""Attacks that no reading of one table by one index can see: found by a second way to look (T12, T13)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg

from audit_tui.embedded import tamper
from audit_tui.embedded.tamper_guard import unguarded
from tests.cli.program import Ran, call
from tests.verify.chains import ACME, Conn

CopyOf = Callable[[str], str]
"""Makes a copy of a database (its DSN) and returns the copy's DSN."""


@dataclass(frozen=True)
class OtherRow:
    """An attack, the command that finds it, and how it ended. `wrong`: what should have been."""

    name: str
    schema: str
    command: str
    told: tuple[tuple[str, int, int], ...]
    code: int
    wrong: str


def hide_from_index(conn: Conn, sequence: int) -> None:
    """T12: a row that is written while the index of the chain's order is not kept up."""
    flag = """UPDATE pg_index SET indisready = %s WHERE indexrelid = (
        SELECT i.indexrelid FROM pg_index i WHERE i.indrelid = 'audit.logs'::regclass AND i.indisunique
           AND (SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute a
                 WHERE a.attrelid = i.indexrelid) <@ ARRAY['tenant_id', 'sequence_number']
         LIMIT 1)"""
    conn.execute(flag, (False,))
    with unguarded(conn):
        conn.execute("UPDATE audit.logs SET actor_id = 'usr_evil' WHERE sequence_number = %s", (sequence,))
    conn.execute(flag, (True,))


def try_other_ways(schema: str, dsn: str, copy_of: CopyOf) -> tuple[OtherRow, ...]:
    """Both attacks on a log, which is left tampered with."""
    second = copy_of(dsn)
    with psycopg.connect(dsn) as conn:
        tamper.edit_field(conn, ACME, 5, "actor_id", "usr_evil")
        tamper.rehash_from(conn, ACME, 5)
    shown = call(dsn, "verify", "--tenant", ACME, "--against", second, "--json")
    with psycopg.connect(second, autocommit=True) as conn:
        hide_from_index(conn, 9)
        conn.execute("VACUUM audit.logs")
    counted = call(second, "evidence", "9", "--tenant", ACME, "--count", "--json")
    shown_findings = shown.document["tenants"][0]["findings"]
    counted_finding = counted.document["finding"]
    return (
        _row(
            "T13 another history shown here", schema, "verify --against COPY", shown, shown_findings,
            ("source_difference", 5),
        ),
        _row(
            "T12 an index that hides a row", schema, "evidence 9 --count", counted,
            [counted_finding] if counted_finding else [], ("index_disagreement", 9),
        ),
    )  # fmt: skip


def _row(
    name: str,
    schema: str,
    command: str,
    ran: Ran,
    findings: list[dict[str, Any]],
    must: tuple[str, int],
) -> OtherRow:
    told = tuple(
        (str(each["kind"]), int(each["first_sequence"]), int(each["last_sequence"]))
        for each in findings
        if each["severity"] == "tampered"
    )
    fits = [(kind, first) for kind, first, _ in told] == [must] and ran.code == 1
    return OtherRow(name, schema, command, told, ran.code, "" if fits else f"{must} and exit 1 expected")
