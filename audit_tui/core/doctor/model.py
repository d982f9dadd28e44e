"""What an examination found: checks, each with its state, its weight and the way to mend it.

Texts may quote the database (names of roles, triggers, schemas): they are untrusted, and `core.safe` is
applied where they are shown.
"""

from dataclasses import dataclass
from enum import StrEnum

from audit_tui.core.model import SchemaKind


class CheckState(StrEnum):
    """What became of one check. One that could not run is never ok."""

    OK = "ok"
    HOLE = "hole"
    NOT_RUN = "not_run"


class Weight(StrEnum):
    """How much a hole opens; `notice` is never a hole: true of many ordinary servers, and worth knowing."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    NOTICE = "notice"


class Area(StrEnum):
    """What a check looks at, in the order in which areas are told."""

    TABLE = "table"
    TRIGGERS = "triggers"
    FUNCTIONS = "functions"
    GRANTS = "grants"
    ROLES = "roles"
    ROWS = "rows"
    SETTINGS = "settings"
    TIME = "time"
    GUIDE = "guide"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    `id` is stable and kebab-case. `message` is a sentence: what is so. `attack` says what someone could do
    with it, `remedy` is SQL (or a command) to copy, which nothing here ever runs. `needs` names the right
    that a check that did not run would need.
    """

    id: str
    area: Area
    state: CheckState
    weight: Weight
    message: str
    attack: str | None = None
    remedy: str | None = None
    needs: str | None = None

    @property
    def is_notice(self) -> bool:
        """Whether it is no hole, yet worth knowing."""
        return self.state is CheckState.OK and self.weight is Weight.NOTICE


@dataclass(frozen=True, slots=True)
class DoctorReport:
    """A whole examination. `checked_at` is RFC 3339 UTC by this machine's clock.

    `schema` is None where an audit schema stands that is neither ours nor the guide's; `version`, `layout`
    ("plain", "partitioned", "adopted") and `owner` are None where they are unknown.
    """

    schema: SchemaKind | None
    version: int | None
    layout: str | None
    owner: str | None
    checked_at: str
    checks: tuple[Check, ...]

    @property
    def holes(self) -> tuple[Check, ...]:
        """The holes, the heaviest first."""
        found = (check for check in self.checks if check.state is CheckState.HOLE)
        return tuple(sorted(found, key=lambda check: tuple(Weight).index(check.weight)))

    @property
    def not_run(self) -> tuple[Check, ...]:
        """What could not be looked at."""
        return tuple(check for check in self.checks if check.state is CheckState.NOT_RUN)

    @property
    def notices(self) -> tuple[Check, ...]:
        """What is no hole and yet worth knowing."""
        return tuple(check for check in self.checks if check.is_notice)

    @property
    def passed(self) -> tuple[Check, ...]:
        """What is as it should be, notices apart."""
        return tuple(c for c in self.checks if c.state is CheckState.OK and not c.is_notice)
