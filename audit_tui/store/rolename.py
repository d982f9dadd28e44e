"""The owner's name: which names can be one, and how it enters the SQL files."""

import re

from audit_tui.core.errors import UsageError

DEFAULT_OWNER = "audit_owner"
"""What the files call the owner role. Another name takes its place everywhere, comments too."""

OUR_ROLES = ("audit_reader", "audit_writer", "audit_admin", "audit_eraser", "audit_archivist")
"""The roles that people and applications are made members of: none of them may own the log."""

_PLAIN = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_TOKEN = re.compile(r"\baudit_owner\b")
# PostgreSQL 18's reserved words (pg_get_keywords, catcode R and T), and what GRANT takes for no name.
_KEPT = """
all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate
collation column concurrently constraint create cross current_catalog current_date current_role
current_schema current_time current_timestamp current_user default deferrable desc distinct do else end
except false fetch for foreign freeze from full grant group having ilike in initially inner intersect
into is isnull join lateral leading left like limit localtime localtimestamp natural not notnull null
offset on only or order outer overlaps placing primary references returning right select session_user
similar some symmetric system_user table tablesample then to trailing true union unique user using
variadic verbose when where window with none public
"""
RESERVED = frozenset(_KEPT.split())


def check_owner(name: str) -> None:
    """Raise UsageError unless the name can own the log: a plain identifier that needs no quoting."""
    if not _PLAIN.fullmatch(name):
        raise UsageError(
            f"an owner cannot be called {name!r}",
            "lower-case letters, digits and _, at most 63, not beginning with a digit",
        )
    if name in RESERVED or name.startswith("pg_"):
        raise UsageError(f"an owner cannot be called {name!r}: PostgreSQL keeps that word for itself")
    if name in OUR_ROLES:
        raise UsageError(
            f"the role {name} cannot own the log: people and applications are members of it",
            "name a role that nobody logs in as and nobody is a member of",
        )


def with_owner(text: str, owner: str) -> str:
    """Return the SQL with this owner in the place of audit_owner; the name has passed `check_owner`."""
    return text if owner == DEFAULT_OWNER else _TOKEN.sub(owner, text)
