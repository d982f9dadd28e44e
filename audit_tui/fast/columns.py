"""Which columns a row in COPY's binary format brings, in which order, and how each of them travels.

The order is that of `core.model.COLUMNS`; the kernel knows it by number.
"""

from enum import StrEnum


class Form(StrEnum):
    """How a column's value travels."""

    NUMBER = "number"
    """A signed whole number of 2, 4 or 8 bytes."""
    TIME = "time"
    """Eight bytes: microseconds since 2000-01-01 UTC."""
    TEXT = "text"
    """UTF-8, as the server prints the value (so `inet` without the /32 that its cast to text adds)."""
    JSONB = "jsonb"
    """The version byte 1, then the text as the server prints it."""
    BYTES = "bytes"
    """The bytes themselves."""


FORMS: dict[str, Form] = {
    "id": Form.NUMBER,
    "tenant_id": Form.TEXT,
    "sequence_number": Form.NUMBER,
    "event_id": Form.TEXT,
    "timestamp": Form.TIME,
    "event_type": Form.TEXT,
    "actor_type": Form.TEXT,
    "actor_id": Form.TEXT,
    "actor_email": Form.TEXT,
    "actor_ip_address": Form.TEXT,
    "resource_type": Form.TEXT,
    "resource_id": Form.TEXT,
    "endpoint": Form.TEXT,
    "http_method": Form.TEXT,
    "changes": Form.JSONB,
    "resource_before": Form.JSONB,
    "resource_after": Form.JSONB,
    "previous_hash": Form.TEXT,
    "event_hash": Form.TEXT,
    "request_id": Form.TEXT,
    "session_id": Form.TEXT,
    "user_agent": Form.TEXT,
    "metadata": Form.JSONB,
    "hash_version": Form.NUMBER,
    "part_salts": Form.BYTES,
    "erased_parts": Form.JSONB,
}
COPIED: tuple[str, ...] = tuple(FORMS)
"""Every column of our schema."""
COPIED_OF_GUIDE: tuple[str, ...] = COPIED[:23]
"""Those of a guide schema: all its rows are version 1."""
