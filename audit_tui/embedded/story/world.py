"""What is true in a tenant while its story is told: every event leaves the state that it claims to leave.

A log whose snapshots and changes contradict each other would read as forged, so nothing is logged that the
world did not do.
"""

import copy
import hashlib
import random
from datetime import datetime

from audit_tui.core.state import JsonValue
from audit_tui.embedded.story.cast import Person, people_of
from audit_tui.embedded.story.events import StoryEvent, rfc3339

_PLURALS = {"api_key": "api-keys", "feature_flag": "feature-flags", "organisation": "settings"}
_METHODS = {"created": "POST", "deleted": "DELETE", "viewed": "GET", "exported": "POST", "revoked": "DELETE"}


class World:
    """One tenant: its people, its living resources, and the events told so far; `now` is the script's."""

    def __init__(self, tenant_id: str, start: datetime) -> None:
        self.tenant_id = tenant_id
        self.people = list(people_of(tenant_id))
        self.random = random.Random(f"audit-tui story, {tenant_id}")  # noqa: S311 - a story, not a secret
        self.now = start
        self.state: dict[tuple[str, str], dict[str, JsonValue]] = {}
        self.events: list[StoryEvent] = []
        self._numbers: dict[str, int] = {}

    @property
    def admin(self) -> Person:
        return self.people[0]

    def next_number(self, kind: str, first: int) -> int:
        """Counts up per kind of resource: invoice numbers run without holes."""
        self._numbers[kind] = self._numbers.get(kind, first - 1) + 1
        return self._numbers[kind]

    def living(self, resource_type: str, **fields: JsonValue) -> list[str]:
        """Ids of what exists of a type and has those values, oldest first."""
        return [
            resource_id
            for (kind, resource_id), value in self.state.items()
            if kind == resource_type and all(value.get(key) == wanted for key, wanted in fields.items())
        ]

    def create(
        self,
        by: Person,
        resource_type: str,
        resource_id: str,
        after: dict[str, JsonValue],
        **more: JsonValue,
    ) -> None:
        """A creation carries the full snapshot."""
        self.state[resource_type, resource_id] = copy.deepcopy(after)
        name = f"{resource_type}.created"
        self.log(by, name, resource_type, resource_id, resource_after=copy.deepcopy(after), **more)

    def update(
        self,
        by: Person,
        resource_type: str,
        resource_id: str,
        edits: dict[str, JsonValue],
        *,
        event_type: str | None = None,
        snapshots: bool = False,
        **more: JsonValue,
    ) -> None:
        """`edits` maps dotted paths to new values; sensitive updates carry both snapshots as well."""
        value = self.state[resource_type, resource_id]
        before = copy.deepcopy(value)
        changes: dict[str, JsonValue] = {}
        for path, new in edits.items():
            _set(value, path.split("."), new, changes)
        if snapshots:
            more |= {"resource_before": before, "resource_after": copy.deepcopy(value)}
        name = event_type or f"{resource_type}.updated"
        self.log(by, name, resource_type, resource_id, changes=changes, **more)

    def delete(self, by: Person, resource_type: str, resource_id: str, **more: JsonValue) -> None:
        """A deletion carries what was lost."""
        before = self.state.pop((resource_type, resource_id))
        self.log(by, f"{resource_type}.deleted", resource_type, resource_id, resource_before=before, **more)

    def log(
        self, by: Person, event_type: str, resource_type: str, resource_id: str, **more: JsonValue
    ) -> None:
        """Tells one event at `now`; `more` overrides any column."""
        verb = event_type.rpartition(".")[2]
        columns: dict[str, JsonValue] = {
            "actor_email": by.email,
            "actor_ip_address": by.address,
            "endpoint": self._endpoint(resource_type, resource_id, verb),
            "http_method": _METHODS.get(verb, "PATCH"),
            "request_id": f"req_{self.random.getrandbits(48):012x}",
            "session_id": self._session(by) if by.has_session else None,
            "user_agent": by.agent,
        } | more
        number = len(self.events) + 1
        digest = hashlib.sha256(f"{self.tenant_id}/{number}".encode()).hexdigest()
        self.events.append(
            StoryEvent(
                event_id=f"evt_{digest[:24]}",
                timestamp=rfc3339(self.now),
                event_type=event_type,
                actor_type=by.actor_type,
                actor_id=by.id,
                resource_type=resource_type,
                resource_id=resource_id,
                **columns,
            )
        )

    def _endpoint(self, resource_type: str, resource_id: str, verb: str) -> str:
        plural = _PLURALS.get(resource_type, f"{resource_type}s")
        collection = f"/v1/orgs/{self.tenant_id}/{plural}"
        return collection if verb == "created" else f"{collection}/{resource_id}"

    def _session(self, by: Person) -> str:
        """One session per person, address and day."""
        seed = f"{self.tenant_id}/{by.id}/{by.address}/{self.now:%Y-%m-%d}"
        return f"ses_{hashlib.sha256(seed.encode()).hexdigest()[:12]}"


def _set(value: dict[str, JsonValue], path: list[str], new: JsonValue, changes: dict[str, JsonValue]) -> None:
    """Sets one path, and writes {old, new} at the same place of `changes`."""
    for key in path[:-1]:
        value = value.setdefault(key, {})
        changes = changes.setdefault(key, {})
    changes[path[-1]] = {"old": copy.deepcopy(value.get(path[-1])), "new": copy.deepcopy(new)}
    value[path[-1]] = copy.deepcopy(new)
