"""docs/verification.md: every example of it gives what it says there, from both verifiers."""

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from audit_tui.bootstrap import open_service
from audit_tui.core.findings import SEVERITY, Kind, StoryKind, TenantReport
from audit_tui.core.oldzones import OLD_OFFSETS
from audit_tui.core.seal import SEARCHED_OFFSETS
from audit_tui.service.api import VerifyRequest
from tests.verify import chains
from tests.verify.chains import ACME, Conn
from tests.verify.documented import Documented, perform, places, read_page, sentences, split
from tests.verify.table import WITNESS_KINDS
from tests.verify.verifiers import client_says, sql_says

LINES = tuple(read_page())
RULES = [line for line in LINES if line.table == "finding"]
GIVEN = [line.cells[2:4] for line in RULES if line.cells[2]]
GIVEN += [line.cells for line in LINES if line.table == "example"]
STORIES = [line for line in LINES if line.table == "story"]
ELSEWHERE = {
    Kind.INDEX_DISAGREEMENT, Kind.SNAPSHOT_DISCONTINUITY, Kind.CHANGE_DISAGREEMENT,
    Kind.PROTECTION_MISSING,
}  # fmt: skip
"""Not of a walk over one chain: other pages tell of them."""
NOT_ALONE = {StoryKind.UNREADABLE, StoryKind.DISAGREEMENT}
"""Stories that need damaged storage or a second copy."""


@pytest.fixture
def try_example(
    lend: Callable[[str, Callable[[Conn], None]], str], tmp_path: Path
) -> Callable[[str], tuple[str, TenantReport]]:
    """Performs an example on a chain of its own; the database and the client's report."""

    def performed(example: str) -> tuple[str, TenantReport]:
        old, acts = split(example)
        dsn = lend("adopted", chains.build_adopted) if old else lend("ours", chains.build_ours)
        for act in acts:
            if act == "witness":
                _check(dsn, tmp_path)
                continue
            with psycopg.connect(dsn) as conn:
                perform(conn, act)
        return dsn, _check(dsn, tmp_path)

    return performed


def _check(dsn: str, state: Path) -> TenantReport:
    service = open_service(dsn, state_dir=state)
    try:
        return service.verify(VerifyRequest.of_chains((ACME,))).tenants[0]
    finally:
        service.close()


@pytest.mark.parametrize(("example", "gives"), GIVEN)
def test_an_example_gives_what_the_page_says(
    example: str, gives: str, try_example: Callable[[str], tuple[str, TenantReport]]
) -> None:
    dsn, report = try_example(example)
    told = client_says(report)
    assert told.places == places(gives)
    own = tuple(f for f in told.findings if f.kind not in WITNESS_KINDS)
    assert sql_says(dsn).findings == own


@pytest.mark.parametrize("line", STORIES, ids=lambda line: f"{line.cells[0]}: {line.cells[1]}")
def test_a_story_is_told_as_the_page_says(
    line: Documented, try_example: Callable[[str], tuple[str, TenantReport]]
) -> None:
    kind, example, sure, other = line.cells
    _, report = try_example(example)
    told = next(story for story in report.stories if story.kind == kind)
    assert told.confidence == sure
    assert bool(told.alternative) is bool(other)


def test_every_kind_of_finding_has_its_rule_and_weight() -> None:
    named = {name.strip(): line.cells[4] for line in RULES for name in line.cells[0].split(",")}
    assert set(named) == {str(kind) for kind in Kind} - {str(kind) for kind in ELSEWHERE}
    for name, weighs in named.items():
        assert weighs.startswith(str(SEVERITY[Kind(name)]))


def test_every_story_has_its_line() -> None:
    assert {line.cells[0] for line in STORIES} == {str(k) for k in StoryKind} - {str(k) for k in NOT_ALONE}


def test_what_the_search_for_a_zone_costs_is_as_said() -> None:
    every = 1 + len(SEARCHED_OFFSETS)
    assert (
        f"a tampered one costs {every}, and {every + len(OLD_OFFSETS)} if its time is before" in sentences()
    )
    assert f"the {len(OLD_OFFSETS)} other offsets" in sentences()
