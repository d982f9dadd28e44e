"""JSON for programs: one document per run, or one per line, each naming its format.

Text is printed as it is in the database, with everything a terminal could act on written as `\\uXXXX`. JSON
columns are embedded as JSON, with numbers as the server printed them.
"""

import re
import sys
from typing import Any

from audit_tui.cli import streams
from audit_tui.core import jsontext
from audit_tui.core.clock import rfc3339_of
from audit_tui.core.model import COLUMNS, CheckedEvent, Event, EventCheck
from audit_tui.core.safe import BAD

JSON_COLUMNS = frozenset({"changes", "resource_before", "resource_after", "metadata", "erased_parts"})
_BLANKS = str.maketrans("\n\r\t", "   ")


def print_document(command: str, fields: dict[str, Any]) -> None:
    """The one document of a command on stdout, `"format"` first."""
    streams.write(to_text(command, fields) + "\n")


def to_text(command: str, fields: dict[str, Any]) -> str:
    """A document on one line. Only escapes, never raw control or invisible characters, inside strings."""
    text = jsontext.dump({"format": f"audit-tui/{command}/1", **fields})
    # Inside strings these are escaped already: what is left stands between values of a `json` column.
    text = BAD.sub(_escape, text.translate(_BLANKS))
    encoding = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("-", "")
    return text if encoding.startswith("utf") else re.sub(r"[^\x00-\x7f]", _escape, text)


def event_fields(checked: CheckedEvent) -> dict[str, Any]:
    """`event` with every column under its own name, and `check` with what was proved about it."""
    return {"event": event_columns(checked.event), "check": _check(checked.check)}


def event_columns(event: Event) -> dict[str, Any]:
    """Every column of an event under its own name."""
    return {name: _column(name, getattr(event, name)) for name in COLUMNS}


def embed(text: str | None) -> Any:
    """JSON text as a value of a document: None for None; text that is no JSON stays a string."""
    if text is None:
        return None
    try:
        return jsontext.load(text)
    except ValueError:
        return text


def _column(name: str, value: Any) -> Any:
    if name in JSON_COLUMNS:
        return embed(value)
    if name == "timestamp":
        return rfc3339_of(value)
    return value.hex() if isinstance(value, bytes) else value


def _check(check: EventCheck) -> dict[str, Any]:
    return {
        "content": str(check.content),
        "link": str(check.link),
        "expected_hash": check.expected_hash,
        "zone_offset_seconds": check.zone_offset_seconds,
        "erased": [str(part) for part in check.erased],
        "covered": check.covered,
        "uncovered_columns": list(check.uncovered_columns),
    }


def _escape(match: re.Match[str]) -> str:
    units = match.group().encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))
