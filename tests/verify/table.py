"""The table of attacks, tried: what the command and the verifier in SQL say of each, and what they must."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg

from audit_tui.core.findings import StoryKind
from tests.cli.program import Ran, call
from tests.verify import chains
from tests.verify.attack import Attack, in_order
from tests.verify.attacks import ON_BOTH
from tests.verify.attacks_by_version import IN_OUR_SCHEMA, ON_VERSION_1, ON_VERSION_2
from tests.verify.attacks_witnessed import ON_BOTH_WITNESSED
from tests.verify.chains import ACME, Conn
from tests.verify.verifiers import Named, Place, Told, sql_says

SCHEMAS: dict[str, tuple[Callable[[Conn], None], tuple[Attack, ...]]] = {
    "ours": (chains.build_ours, ON_BOTH + ON_BOTH_WITNESSED + ON_VERSION_2 + IN_OUR_SCHEMA),
    "guide": (chains.build_guide, ON_BOTH + ON_BOTH_WITNESSED + ON_VERSION_1),
    "adopted": (chains.build_adopted, ON_BOTH + ON_BOTH_WITNESSED + ON_VERSION_1 + IN_OUR_SCHEMA),
}
WITNESS_KINDS = ("head_rewound", "head_rewritten", "tenant_missing", "log_replaced")


@dataclass(frozen=True)
class Row:
    """An attack on a schema as it went. `by_sql` is None where the schema has no verifier of ours."""

    attack: Attack
    schema: str
    expected: tuple[Place, ...]
    client: tuple[Place, ...]
    by_sql: tuple[Place, ...] | None
    code: int
    stories: tuple[StoryKind, ...]
    sure: tuple[str, ...]
    wrong: tuple[str, ...]


CHECK = ("verify", "--tenant", ACME, "--no-continuity", "--no-attest", "--json")
"""What both verifiers judge: SQL knows neither histories nor the schema's protection."""


def try_attack(attack: Attack, schema: str, dsn: str) -> Row:
    """Attacks the database and asks both verifiers; what a check remembers goes to the state folder."""
    if attack.witnessed:
        before = call(dsn, *CHECK)
        assert before.code == 0, before.err or before.out
    with psycopg.connect(dsn) as conn:
        attack.act(conn)
    ran = call(dsn, *CHECK)
    tenant = ran.document["tenants"][0]
    named = tuple(_named(finding) for finding in tenant["findings"])
    by_sql = None if schema == "guide" else sql_says(dsn)
    expected = in_order((*attack.told, *_coverage(attack, schema, tenant)))
    places = tuple(each.place for each in named)
    stories = tuple(StoryKind(story["kind"]) for story in tenant["stories"])
    wrong = _differences(attack, ran, expected, named, by_sql, stories)
    return Row(
        attack, schema, expected, places, None if by_sql is None else by_sql.places, ran.code, stories,
        tuple(story["confidence"] for story in tenant["stories"]),
        tuple(wrong),
    )  # fmt: skip


def _coverage(attack: Attack, schema: str, tenant: dict[str, Any]) -> tuple[Place, ...]:
    """The notices about what version 1 seals leave out."""
    if schema == "ours":
        return ()
    last = tenant["last_sequence"] or 0
    return tuple(("uncovered_columns", first, end or last) for first, end in attack.runs)


def _named(finding: dict[str, Any]) -> Named:
    return Named(
        finding["kind"], finding["severity"], finding["first_sequence"], finding["last_sequence"],
        finding["event_id"], finding["expected"], finding["found"], tuple(finding["columns"]),
        finding["message"],
    )  # fmt: skip


def _differences(
    attack: Attack,
    ran: Ran,
    expected: tuple[Place, ...],
    named: tuple[Named, ...],
    by_sql: Told | None,
    stories: tuple[StoryKind, ...],
) -> list[str]:
    wrong = []
    if tuple(each.place for each in named) != expected:
        wrong.append(f"expected {expected}")
    if ran.code != attack.code:
        wrong.append(f"exit code {attack.code} expected")
    if stories != attack.stories:
        wrong.append(f"stories {[str(story) for story in attack.stories]} expected")
    own = tuple(each for each in named if each.kind not in WITNESS_KINDS)
    if by_sql is not None and attack.by_sql is not None and by_sql.places != attack.by_sql:
        wrong.append(f"SQL {attack.by_sql} expected")
    if by_sql is not None and attack.by_sql is None and by_sql.findings != own:
        wrong.append(f"SQL says {by_sql.findings}, the client {own}")
    return wrong
