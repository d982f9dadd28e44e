"""Every attack of the table, on every layout: exactly the findings of the rules, from both verifiers."""

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from audit_tui.embedded.server import EmbeddedServer
from tests.verify.__main__ import name_of
from tests.verify.attack import Attack
from tests.verify.attacks import ON_BOTH
from tests.verify.chains import Conn
from tests.verify.other_ways import try_other_ways
from tests.verify.table import SCHEMAS, try_attack
from tests.verify.verifiers import both_say

EVERY = [(schema, attack) for schema, (_, attacks) in SCHEMAS.items() for attack in attacks]


@pytest.mark.parametrize(("schema", "attack"), EVERY, ids=[f"{s}: {a.name}" for s, a in EVERY])
def test_an_attack(schema: str, attack: Attack, lend: Callable[[str, Callable[[Conn], None]], str]) -> None:
    row = try_attack(attack, schema, lend(schema, SCHEMAS[schema][0]))
    assert not row.wrong, row


@pytest.mark.parametrize("schema", SCHEMAS)
def test_what_takes_a_second_way_to_look(
    schema: str, lend: Callable[[str, Callable[[Conn], None]], str], server: EmbeddedServer
) -> None:
    copies: list[str] = []

    def copy_of(dsn: str) -> str:
        copies.append(server.create_database(template=name_of(dsn)))
        return copies[-1]

    try:
        rows = try_other_ways(schema, lend(schema, SCHEMAS[schema][0]), copy_of)
    finally:
        for copy in copies:
            server.drop_database(copy)
    assert [row.wrong for row in rows] == ["", ""], rows


def test_the_names_of_a_schemas_attacks_are_told_apart() -> None:
    assert len({(schema, attack.name) for schema, attack in EVERY}) == len(EVERY)


def test_the_other_tenant_of_a_moved_event(ours: str, tmp_path: Path) -> None:
    moved = next(attack for attack in ON_BOTH if attack.name == "moved to another tenant")
    with psycopg.connect(ours) as conn:
        moved.act(conn)
    assert both_say(ours, tmp_path, "other").places == (("content_mismatch", 5, 5), ("link_mismatch", 5, 5))
