"""One event of the story, as it is handed to the schema: the columns a caller may choose, and no more."""

from dataclasses import dataclass, fields
from datetime import UTC, datetime

from audit_tui.core.state import JsonValue


@dataclass(frozen=True, slots=True)
class StoryEvent:
    """Field names are columns of `audit.logs`; None is a SQL NULL. `timestamp` is RFC 3339 in UTC."""

    event_id: str
    timestamp: str
    event_type: str
    actor_type: str
    actor_id: str
    resource_type: str
    resource_id: str
    actor_email: str | None = None
    actor_ip_address: str | None = None
    endpoint: str | None = None
    http_method: str | None = None
    changes: JsonValue = None
    resource_before: JsonValue = None
    resource_after: JsonValue = None
    request_id: str | None = None
    session_id: str | None = None
    user_agent: str | None = None
    metadata: JsonValue = None

    def row(self) -> dict[str, JsonValue]:
        """The columns that hold something, ready for `audit.import_events`."""
        return {name: value for name in FIELDS if (value := getattr(self, name)) is not None}


FIELDS: tuple[str, ...] = tuple(field.name for field in fields(StoryEvent))
JSON_FIELDS = frozenset({"changes", "resource_before", "resource_after", "metadata"})


def moment(text: str) -> datetime:
    """`2024-01-15 10:30:00` (fraction allowed) as an aware datetime in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def rfc3339(at: datetime) -> str:
    """Milliseconds are what applications log, and what a screen can show."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
