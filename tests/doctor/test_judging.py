"""What the judges rest on: names in SQL, roles and their members, paths, and how findings become checks."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit_tui.core.doctor.guide_bodies import (
    always_refuses,
    code_of,
    compares,
    covered_columns,
    prints_time_by_session,
    stops_at_the_first,
)
from audit_tui.core.doctor.ledger import Ledger
from audit_tui.core.doctor.model import CheckState, DoctorReport, Weight
from audit_tui.core.doctor.planted import front_schemas, split_path
from audit_tui.core.doctor.roles import Membership, Role, build_roles
from audit_tui.core.doctor.seen import RoleSetting
from audit_tui.core.doctor.settings import judge_clock
from audit_tui.core.doctor.sqltext import ident, listed, literal
from audit_tui.core.doctor.words import headline
from audit_tui.core.safe import safe_line


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("audit_owner", "audit_owner"),
        ("Mixed", '"Mixed"'),
        ("user", '"user"'),
        ('a"b', '"a""b"'),
        ("a\nb", 'U&"a\\000Ab"'),
        ("back\\slash\x1b", 'U&"back\\\\slash\\001B"'),
        ("plain\\slash", '"plain\\slash"'),
        ("\U000e0041", 'U&"\\+0E0041"'),
    ],
)
def test_a_name_in_sql_means_exactly_that_name(name: str, told: str) -> None:
    assert ident(name) == told


@given(st.text(min_size=1, max_size=20).filter(lambda text: "\0" not in text))
def test_no_name_changes_what_a_terminal_does_or_ends_its_quotes_early(name: str) -> None:
    told = ident(name)
    assert safe_line(told, limit=1000) == told
    if told.startswith(('"', 'U&"')):
        inside = told[told.index('"') + 1 : -1].replace('""', "")
        assert '"' not in inside
    else:
        assert set(told) <= set(string.ascii_lowercase + string.digits + "_$")


@given(st.text(max_size=20).filter(lambda text: "\0" not in text))
def test_no_constant_ends_early(text: str) -> None:
    told = literal(text)
    assert "'" not in told[told.index("'") + 1 : -1].replace("''", "")


def test_what_is_listed_is_bounded_and_counted() -> None:
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert listed([str(n) for n in range(100)], 3) == "0, 1 and 98 more"


def test_rights_reach_through_every_membership_but_a_useless_one() -> None:
    roles = build_roles(
        [Role(name) for name in "abcd"],
        [Membership("a", "b"), Membership("b", "c"), Membership("a", "d", admin=True, usable=False)],
    )
    assert roles.members_of("a") == ["b", "c"]
    assert roles.groups_of("c") == ["a", "b"]
    assert roles.groups_of("d") == []


def test_a_circle_of_members_ends() -> None:
    """No server makes one, but a catalogue that somebody edited may hold it."""
    roles = build_roles([], [Membership("a", "b"), Membership("b", "a")])
    assert roles.members_of("a") == ["b"]


@pytest.mark.parametrize(
    ("path", "schemas"),
    [
        ('"$user", public', ["$user", "public"]),
        ("PUBLIC,pg_catalog", ["public", "pg_catalog"]),
        ('"we""ird, one", pg_catalog', ['we"ird, one', "pg_catalog"]),
        ("", []),
    ],
)
def test_a_search_path_is_read_as_the_server_reads_it(path: str, schemas: list[str]) -> None:
    assert split_path(path) == schemas


def test_only_what_comes_before_pg_catalog_is_in_front() -> None:
    own = [RoleSetting(None, "r", "search_path", "app, pg_catalog, other"),
           RoleSetting("d", None, "search_path", "app, public")]  # fmt: skip
    assert front_schemas(own, '"$user", public').keys() == {"app"}


def test_a_hole_outranks_what_was_not_looked_at_and_that_outranks_a_notice() -> None:
    ledger = Ledger()
    ledger.look("fsync", "trigger-extra", "trigger-mode", "rule-extra")
    ledger.notice("trigger-extra", "A notice.")
    ledger.skip(["trigger-extra", "trigger-mode"], "something")
    ledger.hole("trigger-mode", "A hole.", "A;", Weight.LOW)
    ledger.hole("trigger-mode", "Another.", "B;", Weight.HIGH)
    ledger.hole("trigger-mode", "Another.", "B;", Weight.HIGH)
    states = {check.id: check for check in ledger.checks()}
    assert states["fsync"].state is CheckState.OK
    assert states["trigger-extra"].state is CheckState.NOT_RUN
    mode = states["trigger-mode"]
    assert (mode.state, mode.weight, mode.message, mode.remedy) == (
        CheckState.HOLE, Weight.HIGH, "A hole. Another.", "A;\nB;",
    )  # fmt: skip
    assert [check.id for check in ledger.checks()] == ["trigger-mode", "trigger-extra", "rule-extra", "fsync"]


def test_many_findings_of_a_kind_are_counted_and_not_all_told() -> None:
    ledger = Ledger()
    for number in range(1000):
        ledger.hole("rule-extra", f"Rule {number}.", f"DROP {number};")
    (check,) = ledger.checks()
    assert check.message.endswith("And 995 more.")
    assert check.remedy is not None
    assert check.remedy.count("\n") == 40
    assert check.remedy.endswith("-- and 960 more")


def test_the_first_line_is_the_answer() -> None:
    ledger = Ledger()
    ledger.look("fsync")
    report = DoctorReport(None, None, None, None, "", ledger.checks())
    assert headline(report) == "No hole in 1 check."
    ledger.hole("rule-extra", "x.")
    ledger.skip(["preloaded"], "y")
    report = DoctorReport(None, None, None, None, "", ledger.checks())
    assert headline(report) == "1 hole in 3 checks: rule-extra. 1 could not be run."


@pytest.mark.parametrize(
    ("apart_s", "state", "word"),
    [
        (0, "ok", "agrees"),
        (30, "ok", "30 s ahead"),
        (-30, "ok", "30 s behind"),
        (3600, "hole", "60 min ahead"),
    ],
)
def test_clocks_that_differ_are_told(apart_s: int, state: str, word: str) -> None:
    ledger = Ledger()
    judge_clock(ledger, 10**15 + apart_s * 10**6, 10**15)
    (check,) = ledger.checks()
    assert check.state == state
    assert word in check.message


BODY = """
BEGIN -- NEW.comment
  /* NEW.block */ NEW.sequence_number := 1;
  x := json_build_object('NEW.constant', NEW.tenant_id, 'it''s', NEW.timestamp, 's', NEW.sequence_number);
  NEW.event_hash := encode(digest(x, 'sha256'), 'hex'); NEW.previous_hash := y;
END
"""


def test_only_columns_that_are_read_are_covered() -> None:
    assert covered_columns(BODY) == {"tenant_id", "timestamp", "sequence_number"}


def test_comments_and_constants_are_no_code() -> None:
    assert "comment" not in code_of(BODY)
    assert "constant" not in code_of(BODY)


def test_what_a_body_does_is_read_from_its_code() -> None:
    assert compares("IF r.previous_hash IS DISTINCT FROM before THEN", "previous_hash")
    assert compares("IF before <> r.previous_hash THEN", "previous_hash")
    assert not compares("x := f('previous_hash', r.previous_hash)", "previous_hash")
    assert prints_time_by_session(BODY)
    assert not prints_time_by_session("x := NEW.timestamp AT TIME ZONE 'UTC';")
    assert stops_at_the_first("FOR r IN SELECT 1 LOOP IF x THEN RETURN; END IF; END LOOP;")
    assert not stops_at_the_first("FOR r IN SELECT 1 LOOP RETURN NEXT r; END LOOP; RETURN;")
    assert always_refuses("BEGIN RAISE EXCEPTION 'no'; END;")
    assert not always_refuses("BEGIN IF a THEN RAISE EXCEPTION 'no'; END IF; RETURN NEW; END;")
