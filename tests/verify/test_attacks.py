"""Every attack of the table, on every layout: exactly the findings of the rules, from both verifiers."""

from pathlib import Path

import psycopg
import pytest

from audit_tui.core.findings import TenantReport, Verdict
from tests.verify.attacks import ON_BOTH, Attack
from tests.verify.attacks_by_version import ON_VERSION_1, ON_VERSION_2
from tests.verify.chains import ACME
from tests.verify.verifiers import Place, both_say, client_says, report_of, sql_says


def names(attack: Attack) -> str:
    return attack.name


@pytest.mark.parametrize("attack", ON_BOTH + ON_VERSION_2, ids=names)
def test_on_our_schema(attack: Attack, ours: str, tmp_path: Path) -> None:
    commit(attack, ours)
    report = report_of(ours, tmp_path)
    assert client_says(report).places == attack.places
    assert sql_says(ours) == client_says(report)
    assert_told(attack, report)


@pytest.mark.parametrize("attack", ON_BOTH + ON_VERSION_1, ids=names)
def test_on_a_guide_schema(attack: Attack, guide: str, tmp_path: Path) -> None:
    commit(attack, guide)
    report = report_of(guide, tmp_path)
    assert client_says(report).places == on_version_1(attack, report)
    assert_told(attack, report)


@pytest.mark.parametrize("attack", ON_BOTH + ON_VERSION_1, ids=names)
def test_on_an_adopted_table(attack: Attack, adopted: str, tmp_path: Path) -> None:
    commit(attack, adopted)
    report = report_of(adopted, tmp_path)
    assert client_says(report).places == on_version_1(attack, report)
    assert sql_says(adopted) == client_says(report)
    assert_told(attack, report)


def test_the_other_tenant_of_a_moved_event(ours: str, tmp_path: Path) -> None:
    moved = next(attack for attack in ON_BOTH if attack.name == "moved to another tenant")
    commit(moved, ours)
    assert both_say(ours, tmp_path, "other").places == (("content_mismatch", 5, 5), ("link_mismatch", 5, 5))


def commit(attack: Attack, dsn: str) -> None:
    with psycopg.connect(dsn) as conn:
        attack.act(conn)


def on_version_1(attack: Attack, report: TenantReport) -> tuple[Place, ...]:
    """The attack's findings with the notices about coverage, in the order of the list."""
    last = report.last_sequence or 0
    runs = tuple(("uncovered_columns", first, end or last) for first, end in attack.runs)
    return tuple(sorted((*attack.places, *runs), key=lambda place: (place[1], place[2], place[0])))


def assert_told(attack: Attack, report: TenantReport) -> None:
    tampered = any(kind not in ("time_disorder", "uncovered_columns") for kind, _, _ in attack.places)
    assert report.tenant_id == ACME
    assert report.verdict is (Verdict.TAMPERED if tampered else Verdict.INTACT)
    if attack.stories is not None:
        assert tuple(story.kind for story in report.stories) == attack.stories
