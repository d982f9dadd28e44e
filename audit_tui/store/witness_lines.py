"""One witness as one line of JSON, read back strictly: a line that is not exactly such is refused."""

import json
import re
from typing import Any

from audit_tui.core.witness import LogIdentity, Source, Witness

FORMAT = "audit-tui/witness/1"
"""Fields may be added under this name; a change of meaning needs another."""

_HASH = re.compile(r"[0-9a-f]{64}\Z", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z\Z", re.ASCII)


class MalformedLineError(ValueError):
    """Why a line is no witness."""


def write_line(witness: Witness) -> bytes:
    """The line, with its line feed. ValueError for a witness that could not be read back."""
    identity = witness.identity
    document = {
        "format": FORMAT,
        "target": witness.target,
        "tenant_id": witness.tenant_id,
        "sequence": witness.sequence,
        "event_hash": witness.event_hash,
        "first_hash": witness.first_hash,
        "log_id": identity.log_id,
        "system_identifier": identity.system_identifier,
        "timeline": identity.timeline,
        "database_oid": identity.database_oid,
        "taken_at": witness.taken_at,
        "anchors": list(witness.anchors),
        "full_at": witness.full_at,
        "source": str(witness.source),
        "reason": witness.reason,
    }
    line = json.dumps(document).encode()
    if read_line(line) != witness:
        msg = f"the witness of {witness.tenant_id} changes when it is written down"
        raise ValueError(msg)
    return line + b"\n"


def read_line(line: bytes) -> Witness:
    """The witness of a line (without its line feed). MalformedLineError says what is wrong with it."""
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        raise MalformedLineError("it is not JSON") from None
    if not isinstance(document, dict):
        raise MalformedLineError("it is not a JSON object")
    if document.get("format") != FORMAT:
        raise MalformedLineError(f"its format is {document.get('format')!r}, this tool knows {FORMAT!r}")
    sequence = _number(document, "sequence")
    if sequence is None or sequence < 1:
        raise MalformedLineError("it has no sequence")
    anchors = document.get("anchors")
    if not isinstance(anchors, list) or not all(isinstance(anchor, str) for anchor in anchors):
        raise MalformedLineError("its anchors are not a list of texts")
    return Witness(
        target=_text(document, "target"),
        tenant_id=_text(document, "tenant_id"),
        sequence=sequence,
        event_hash=_matching(document, "event_hash", _HASH),
        first_hash=_optional_matching(document, "first_hash", _HASH),
        identity=LogIdentity(
            system_identifier=_optional_text(document, "system_identifier"),
            timeline=_number(document, "timeline"),
            database_oid=_number(document, "database_oid"),
            log_id=_optional_text(document, "log_id"),
        ),
        taken_at=_matching(document, "taken_at", _MOMENT),
        anchors=tuple(anchors),
        full_at=None if document.get("full_at") is None else _matching(document, "full_at", _MOMENT),
        source=_source(document),
        reason=_optional_text(document, "reason"),
    )


def _source(document: dict[str, Any]) -> Source:
    """A line from before sources were written down is of a check."""
    try:
        return Source(document.get("source", Source.CHECK))
    except ValueError:
        raise MalformedLineError("its source is unknown: a later version wrote it") from None


def _number(document: dict[str, Any], name: str) -> int | None:
    value = document.get(name)
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise MalformedLineError(f"its {name} is not a whole number")


def _optional_text(document: dict[str, Any], name: str) -> str | None:
    value = document.get(name)
    if value is None or isinstance(value, str):
        return value
    raise MalformedLineError(f"its {name} is not a text")


def _text(document: dict[str, Any], name: str) -> str:
    value = _optional_text(document, name)
    if value is None:
        raise MalformedLineError(f"it has no {name}")
    return value


def _optional_matching(document: dict[str, Any], name: str, pattern: re.Pattern[str]) -> str | None:
    return None if document.get(name) is None else _matching(document, name, pattern)


def _matching(document: dict[str, Any], name: str, pattern: re.Pattern[str]) -> str:
    value = _text(document, name)
    if not pattern.match(value):
        raise MalformedLineError(f"its {name} is not well-formed")
    return value
