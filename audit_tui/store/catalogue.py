"""The audit schema as lines of text: what an installation compares before and after itself.

The query is the one that `doctor` compares with what was installed: what one of the two sees, the other does.
"""

import json
from hashlib import sha256
from typing import Any

import psycopg

from audit_tui.store.queries import load


def list_lines(cursor: psycopg.Cursor[tuple[Any, ...]]) -> list[str]:
    """One line per property of an object of the schema, sorted. It wants search_path = pg_catalog."""
    cursor.execute("SELECT pg_catalog.set_config('jit', 'off', true)")  # compiling would take seconds
    rows = cursor.execute(load("doctor_catalogue")).fetchall()
    return sorted(
        f"{class_} | {json.dumps(name, ensure_ascii=False)} | {property_} | {value}"
        for class_, name, property_, value in rows
        if value is not None
    )


def catalogue_digest(cursor: psycopg.Cursor[tuple[Any, ...]]) -> str:
    """The SHA-256, in hex, of all that the catalogue knows of the audit schema."""
    text = "\n".join(list_lines(cursor))
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
