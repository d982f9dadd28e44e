"""Periods of keeping: calendar months and days, as people write and read them (`7y`, `18mo`, `90d`)."""

import re
from dataclasses import dataclass

from audit_tui.core.errors import UsageError
from audit_tui.core.words import plural

PERMANENT = "permanent"
_WRITTEN = re.compile(r"(\d{1,5})\s*(y|years?|mo|months?|w|weeks?|d|days?)\Z", re.ASCII | re.IGNORECASE)
_LONGEST_MONTHS = 12_000


@dataclass(frozen=True, slots=True)
class Period:
    """Months and days, neither negative, one of them positive. A year is twelve months, a week seven days."""

    months: int = 0
    days: int = 0

    @property
    def sql(self) -> str:
        """As PostgreSQL reads an interval, whatever its style."""
        return f"P{self.months}M{self.days}D"

    def __str__(self) -> str:
        """`7 years`, `18 months`, `1 year 90 days`."""
        years, months = divmod(self.months, 12)
        parts = [(years, "year"), (months, "month"), (self.days, "day")]
        if years and months:
            parts = [(self.months, "month"), (self.days, "day")]
        return " ".join(plural(number, unit) for number, unit in parts if number)


def parse_period(text: str) -> Period:
    """What was typed, up to a thousand years. UsageError for anything else."""
    match = _WRITTEN.match(text.strip())
    if match is None:
        raise UsageError(f"this is not a period: {text[:40]!r}", "write 7y, 18mo, 12w or 90d")
    number, unit = int(match[1]), match[2].lower()
    months = number * 12 if unit.startswith("y") else number if unit.startswith("mo") else 0
    days = number * 7 if unit.startswith("w") else number if unit.startswith("d") else 0
    if number == 0 or months > _LONGEST_MONTHS:
        raise UsageError(f"a period of {text.strip()} makes no sense", "write 7y, 18mo, 12w or 90d")
    return Period(months, days)


def parse_keep(text: str) -> Period | None:
    """A period, or None for `permanent`. UsageError for anything else."""
    return None if text.strip().lower() in (PERMANENT, "forever") else parse_period(text)
