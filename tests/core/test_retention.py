"""Which retention rule counts, and how periods are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit_tui.core.errors import UsageError
from audit_tui.core.periods import Period, parse_keep, parse_period
from audit_tui.core.retention import Rule, check_rule, rule_for

YEAR = Period(months=12)


def rule(name: str, pattern: str, tenant: str | None = None) -> Rule:
    return Rule(name, pattern, tenant, YEAR, YEAR, YEAR)


RULES = (
    rule("everything", "*"),
    rule("auth", "auth.*"),
    rule("auth-key", "auth.key.*"),
    rule("login", "auth.login"),
    rule("acme", "*", "acme"),
    rule("acme-key", "auth.key.*", "acme"),
)


@pytest.mark.parametrize(
    ("tenant", "event_type", "name"),
    [
        ("other", "user.updated", "everything"),
        ("other", "auth.logout", "auth"),
        ("other", "auth.login", "login"),
        ("other", "auth.login_failed", "auth"),
        ("other", "auth.key.made", "auth-key"),
        ("other", "auth", "everything"),
        ("other", "authentic.x", "everything"),
        ("other", "AUTH.login", "everything"),
        ("acme", "auth.login", "acme"),
        ("acme", "auth.key.made", "acme-key"),
        ("acme", "", "acme"),
    ],
)
def test_the_most_specific_rule_counts(tenant: str, event_type: str, name: str) -> None:
    for order in (RULES, tuple(reversed(RULES))):
        found = rule_for(order, tenant, event_type)
        assert found is not None
        assert found.name == name


def test_without_a_rule_nothing_counts() -> None:
    assert rule_for(RULES[1:4], "other", "user.updated") is None


@pytest.mark.parametrize(
    ("typed", "period", "told"),
    [
        ("7y", Period(84), "7 years"),
        ("1 year", Period(12), "1 year"),
        ("18mo", Period(18), "18 months"),
        ("2 weeks", Period(days=14), "14 days"),
        ("90d", Period(days=90), "90 days"),
        ("1000y", Period(12_000), "1,000 years"),
    ],
)
def test_periods_as_typed_and_told(typed: str, period: Period, told: str) -> None:
    assert parse_period(typed) == period
    assert str(period) == told


@pytest.mark.parametrize(
    "typed", ["", "7", "y", "-1y", "0d", "1.5y", "1001y", "7m", "1h", "permanently", "٧y"]
)
def test_what_is_no_period(typed: str) -> None:
    with pytest.raises(UsageError, match=r"period"):
        parse_period(typed)


def test_permanent_is_no_period() -> None:
    assert parse_keep("Permanent") is None
    assert parse_keep("90d") == Period(days=90)


@given(months=st.integers(0, 12_000), days=st.integers(0, 99_999))
def test_a_period_is_told_in_whole_parts(months: int, days: int) -> None:
    told = str(Period(months, days))
    assert bool(told) is bool(months or days)
    assert Period(months, days).sql == f"P{months}M{days}D"


@pytest.mark.parametrize("pattern", ["", "user*", "*.updated", "a.*.b", "x" * 101, "**"])
def test_patterns_that_no_rule_can_have(pattern: str) -> None:
    with pytest.raises(UsageError, match="pattern"):
        check_rule("mine", pattern)


@pytest.mark.parametrize("name", ["", "Upper", "9x", "a b", "x" * 64, "a\n"])
def test_names_that_no_rule_can_have(name: str) -> None:
    with pytest.raises(UsageError, match="called"):
        check_rule(name, "*")
    check_rule("a", "user.*")
