"""Ines asks to be forgotten: one person approves, another applies, and the chain stays proven."""

import hashlib
import hmac
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from psycopg import Connection, sql

from audit_tui.core.model import PART_COLUMNS, Part
from audit_tui.embedded.story.cast import INES
from audit_tui.embedded.story.events import StoryEvent

TENANT = "org_zenith"
APPROVER = "claire_dpo"
OPERATOR = "erik_ops"
REASON = "request of 2024-11-18 by the person concerned"
LEGAL_BASIS = "GDPR Art. 17(1)(b)"
REQUESTER = "privacy desk, ticket PRV-118"
_KEY = b"the demo's pseudonym key; a real one lives outside the database"
_NAMES = (INES.id, "ines.m", "marchetti", "+39 055 555 0142")


def footprint(events: Iterable[StoryEvent]) -> dict[int, tuple[Part, ...]]:
    """Which parts of which sequences name her. The story's events are sequences 1, 2, ... of one import."""
    found = {}
    for sequence, event in enumerate(events, start=1):
        parts = tuple(part for part in Part if _names_her(event, part))
        if parts:
            found[sequence] = parts
    return found


def _names_her(event: StoryEvent, part: Part) -> bool:
    """Her id within an endpoint stays: resource_id is sealed in clear anyway."""
    if part is Part.IDENTITY:
        return event.actor_id == INES.id
    columns = asdict(event)
    values = [columns[name] for name in PART_COLUMNS[part] if name != "endpoint"]
    text = json.dumps([value for value in values if value is not None], ensure_ascii=False).lower()
    return any(name in text for name in _NAMES)


def pseudonym(identifier: str) -> str:
    """`pseudonymized_` and 32 hex digits: the same person, tenant and key give the same."""
    message = TENANT.encode() + b"\0" + identifier.lower().encode()
    return "pseudonymized_" + hmac.new(_KEY, message, hashlib.sha256).hexdigest()[:32]


def erased_groups(events: Iterable[StoryEvent]) -> list[dict[str, object]]:
    """The `erased` list of the covering event: one group per set of parts."""
    by_parts: dict[tuple[Part, ...], list[int]] = defaultdict(list)
    for sequence, parts in footprint(events).items():
        by_parts[parts].append(sequence)
    return [
        {
            "sequences": [[sequence, sequence] for sequence in sequences],
            "parts": [str(part) for part in parts],
            "actor_id": pseudonym(INES.id) if Part.IDENTITY in parts else None,
            "actor_email": pseudonym(str(INES.email)) if Part.IDENTITY in parts else None,
        }
        for parts, sequences in by_parts.items()
    ]


def erase_ines(conn: Connection[Any], events: Iterable[StoryEvent]) -> None:
    """Approves as one login, applies as another, by the schema's functions. `conn` is a superuser's."""
    groups = json.dumps(erased_groups(events))
    plan = hashlib.sha256(groups.encode()).hexdigest()
    for login in (APPROVER, OPERATOR):
        _make_login(conn, login)
    with _login(conn, APPROVER):
        conn.execute(
            "SELECT audit.approve_erasure(%s, %s, %s, %s, %s)",
            (TENANT, plan, REASON, LEGAL_BASIS, REQUESTER),
        )
    with _login(conn, OPERATOR):
        conn.execute(
            "SELECT audit.erase(%s, %s::jsonb, %s, %s, %s, %s)",
            (TENANT, groups, REASON, LEGAL_BASIS, REQUESTER, plan),
        )


def _make_login(conn: Connection[Any], name: str) -> None:
    """Logins belong to the whole server: another database's story may have made them already."""
    if conn.execute("SELECT FROM pg_roles WHERE rolname = %s", (name,)).fetchone() is None:
        conn.execute(sql.SQL("CREATE ROLE {} LOGIN IN ROLE audit_eraser").format(sql.Identifier(name)))


@contextmanager
def _login(conn: Connection[Any], name: str) -> Iterator[None]:
    """One transaction of a superuser's connection under another database login."""
    with conn.transaction():
        conn.execute(sql.SQL("SET LOCAL SESSION AUTHORIZATION {}").format(sql.Identifier(name)))
        yield
