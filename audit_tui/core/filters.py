"""What a person types to narrow the timeline, as a value; `store` turns it into parameterised SQL."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Conditions that an event meets all of. Empty means every event.

    Patterns of `event_type` and `actor` may hold `*`. `actor` matches actor_id or actor_email. `text` is
    searched without regard to case in the identifying columns and the JSON's text. Times are microseconds
    since 1970 UTC: `since_us` inclusive, `until_us` exclusive.
    """

    event_type: str | None = None
    actor: str | None = None
    resource_type: str | None = None
    resource_id: str | None = None
    ip: str | None = None
    since_us: int | None = None
    until_us: int | None = None
    text: str | None = None

    @property
    def is_empty(self) -> bool:
        return self == EventFilter()
