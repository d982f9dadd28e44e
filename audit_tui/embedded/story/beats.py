"""Beats of a scripted scene, and short words for what happens in one."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from audit_tui.core.state import JsonValue
from audit_tui.embedded.story.cast import Person
from audit_tui.embedded.story.daily import Action
from audit_tui.embedded.story.events import moment


@dataclass(frozen=True, slots=True)
class Beat:
    """One action at one moment; it tells exactly one event."""

    at: datetime
    act: Action


class Scene:
    """Collects beats that follow each other from a moment on."""

    def __init__(self, start: str) -> None:
        self.at = moment(start)
        self.beats: list[Beat] = []

    def then(self, seconds: float, act: Action) -> None:
        """`seconds` after the beat before."""
        self.at += timedelta(seconds=seconds)
        self.beats.append(Beat(self.at, act))


def logs(by: Person, event_type: str, kind: str, resource_id: str, **more: JsonValue) -> Action:
    """An event that changes nothing: viewed, exported, signed in."""
    return lambda world: world.log(by, event_type, kind, resource_id, **more)


def creates(kind: str, resource_id: str, after: dict[str, JsonValue]) -> Action:
    """The tenant's admin makes something."""
    return lambda world: world.create(world.admin, kind, resource_id, after)


def updates(
    by: Person, kind: str, resource_id: str, edits: dict[str, JsonValue], **more: JsonValue
) -> Action:
    """`edits` maps dotted paths to new values."""
    return lambda world: world.update(by, kind, resource_id, edits, **more)


def deletes(by: Person, kind: str, resource_id: str, **more: JsonValue) -> Action:
    return lambda world: world.delete(by, kind, resource_id, **more)


def signs_in(by: Person, **metadata: JsonValue) -> Action:
    return logs(
        by, "auth.login", "user", by.id,
        endpoint="/v1/auth/login", http_method="POST", metadata=metadata or None,
    )  # fmt: skip


def signs_out(by: Person) -> Action:
    return logs(by, "auth.logout", "user", by.id, endpoint="/v1/auth/logout", http_method="POST")


def fails_to_sign_in(by: Person, attempt: int) -> Action:
    return logs(
        by, "auth.login_failed", "user", by.id,
        endpoint="/v1/auth/login", http_method="POST", session_id=None,
        metadata={"failure_reason": "bad password", "attempt": attempt},
    )  # fmt: skip
