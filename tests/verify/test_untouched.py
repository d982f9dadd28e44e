"""What was not tampered with is intact to both verifiers, however odd."""

from pathlib import Path

import psycopg

from audit_tui.embedded.tamper import remove_tenant
from tests.verify import chains
from tests.verify.verifiers import both_say, client_says, report_of, sql_says


def test_our_chain_has_no_findings(ours: str, tmp_path: Path) -> None:
    told = both_say(ours, tmp_path)
    assert told.valid is True
    assert told.findings == ()


def test_guide_chain_has_only_the_notice_about_its_coverage(guide: str, tmp_path: Path) -> None:
    told = client_says(report_of(guide, tmp_path))
    assert told.valid is True
    assert told.places == (("uncovered_columns", 1, chains.EVENTS),)


def test_adopted_chain_has_only_the_notice_about_its_coverage(adopted: str, tmp_path: Path) -> None:
    told = both_say(adopted, tmp_path)
    assert told.valid is True
    assert told.places == (("uncovered_columns", 1, chains.EVENTS),)


def test_adopted_chain_goes_on_in_version_2(adopted: str, tmp_path: Path) -> None:
    with psycopg.connect(adopted) as conn:
        chains.append(conn, "user.updated", {"n": 1})
    told = both_say(adopted, tmp_path)
    assert told.valid is True
    assert told.places == (("uncovered_columns", 1, chains.EVENTS),)


def test_without_events_nothing_can_be_said(ours: str) -> None:
    with psycopg.connect(ours) as conn:
        remove_tenant(conn, chains.ACME)
    told = sql_says(ours)
    assert told.valid is None
    assert told.findings == ()
