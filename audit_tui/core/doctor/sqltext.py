"""SQL to copy: names as identifiers that mean exactly that object, in characters a terminal shows."""

import re
from unicodedata import category

from audit_tui.core.safe import safe_line

_PLAIN = re.compile(r"[a-z_][a-z0-9_$]*")
# Words that cannot stand unquoted as the name of a table, column or role, in any of PostgreSQL 14 to 18.
_KEPT = """
all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate
collation column concurrently constraint create cross current_catalog current_date current_role
current_schema current_time current_timestamp current_user default deferrable desc distinct do else end
except false fetch for foreign freeze from full grant group having ilike in initially inner intersect into
is isnull join lateral leading left like limit localtime localtimestamp natural not notnull null offset on
only or order outer overlaps placing primary public references returning right select session_user similar
some symmetric system_user table tablesample then timestamp to trailing true union unique user using
variadic verbose when where window with none
"""
_RESERVED = frozenset(_KEPT.split())


def ident(name: str) -> str:
    """The name as an identifier. What a terminal must not see is written as `U&"..."` escapes."""
    if _PLAIN.fullmatch(name) and name not in _RESERVED:
        return name
    if not (_unfit(name)):
        return '"' + name.replace('"', '""') + '"'
    escaped = "".join(_escape(c) if _unfit(c) or c == "\\" else c for c in name)
    return 'U&"' + escaped.replace('"', '""') + '"'


def qualified(name: str, schema: str = "audit") -> str:
    """A relation as the catalogue names it: bare within `audit`, else with its schema."""
    home, _, bare = name.rpartition(".")
    return f"{ident(home or schema)}.{ident(bare)}"


def grantee(name: str) -> str:
    """A role in a GRANT or REVOKE; the empty name is PUBLIC."""
    return ident(name) if name else "PUBLIC"


def said(name: str) -> str:
    """A name in a sentence: quoted only where it could be misread."""
    return name if re.fullmatch(r"[\w$.-]+", name) else ident(name)


def listed(names: list[str], limit: int = 6) -> str:
    """`a, b and c`, at most `limit` of them: `a, b and 12 more`."""
    if len(names) > limit:
        return f"{', '.join(names[: limit - 1])} and {len(names) - limit + 1} more"
    return " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else "".join(names)


def _unfit(text: str) -> bool:
    """Whether a terminal would be shown something else in its place: then it could not be copied."""
    return any(safe_line(c) != c or category(c).startswith("M") for c in text)


def _escape(character: str) -> str:
    if character == "\\":
        return "\\\\"
    code = ord(character)
    return f"\\{code:04X}" if code <= 0xFFFF else f"\\+{code:06X}"


def literal(text: str) -> str:
    """The text as a string constant that a terminal can show."""
    if not _unfit(text) and "\\" not in text:
        return "'" + text.replace("'", "''") + "'"
    escaped = "".join(_escape(c) if _unfit(c) or c == "\\" else c for c in text)
    return "U&'" + escaped.replace("'", "''") + "'"
