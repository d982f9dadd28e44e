"""Retention rules: which of them counts for an event. Pure; the database keeps them and counts events."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from audit_tui.core.errors import UsageError
from audit_tui.core.periods import PERMANENT, Period

_PATTERN = re.compile(r"[^*]+(\.\*)?\Z", re.DOTALL)
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}\Z")
LONGEST_PATTERN = 100


@dataclass(frozen=True, slots=True)
class Rule:
    """How long the events of a pattern are kept. `tenant_id` None: every tenant's; `keep` None: permanently.

    Until the age `hot` they are in daily use, until `warm` in the database, and then due for an archive.
    """

    name: str
    pattern: str
    tenant_id: str | None
    keep: Period | None
    hot: Period
    warm: Period

    @property
    def kept(self) -> str:
        """`7 years` or `permanent`."""
        return PERMANENT if self.keep is None else str(self.keep)

    @property
    def rank(self) -> tuple[bool, int, int]:
        """The greater counts: a tenant's own, then an exact type, then the longer prefix, `*` last."""
        exact = not self.pattern.endswith("*")
        return (self.tenant_id is not None, 2 if exact else int(self.pattern != "*"), len(self.pattern))

    def covers(self, tenant_id: str, event_type: str) -> bool:
        """Whether the rule is about such an event, ever if another counts."""
        if self.tenant_id is not None and self.tenant_id != tenant_id:
            return False
        if self.pattern == "*":
            return True
        if self.pattern.endswith(".*"):
            return event_type.startswith(self.pattern[:-1])
        return event_type == self.pattern


def rule_for(rules: Iterable[Rule], tenant_id: str, event_type: str) -> Rule | None:
    """The rule that counts for such an event; None where none is about it (it is then kept)."""
    return max((r for r in rules if r.covers(tenant_id, event_type)), key=lambda r: r.rank, default=None)


def check_rule(name: str, pattern: str) -> None:
    """UsageError for a name or a pattern that no rule can have."""
    if _NAME.match(name) is None:
        raise UsageError(
            f"a rule cannot be called {name[:80]!r}", "use up to 63 lower-case letters, digits, - and _"
        )
    if len(pattern) > LONGEST_PATTERN or not (pattern == "*" or _PATTERN.match(pattern)):
        raise UsageError(
            f"this is no pattern of event types: {pattern[:110]!r}", "write user.updated, user.* or *"
        )
