"""Try the attacks: python -m tests.verify prints the table of them, python -m tests.verify random [N [SEED]]
tampers with chains at random.
"""

import os
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from time import perf_counter

import psycopg
from psycopg.conninfo import conninfo_to_dict

from audit_tui.embedded.server import EmbeddedServer
from tests.verify.other_ways import OtherRow, try_other_ways
from tests.verify.random_chains import run_random
from tests.verify.table import SCHEMAS, Row, try_attack
from tests.verify.verifiers import Place

_WIDTH = 46


def main(arguments: Sequence[str]) -> int:
    """0 where everything came out as it must, else 1."""
    if arguments[:1] == ["random"]:
        return run_random(*map(int, arguments[1:3]))
    began = perf_counter()
    rows: list[Row] = []
    others: list[OtherRow] = []
    with EmbeddedServer.start(in_memory=True) as server:
        print(f"PostgreSQL {server.binaries.version}\n")
        for schema, (build, attacks) in SCHEMAS.items():
            template = server.create_database(name=f"attacks_{schema}")
            with psycopg.connect(template) as conn:
                build(conn)
            for attack in attacks:
                dsn = server.create_database(template=f"attacks_{schema}")
                with tempfile.TemporaryDirectory() as state:
                    os.environ["AUDIT_TUI_STATE_DIR"] = state
                    rows.append(try_attack(attack, schema, dsn))
                server.drop_database(dsn)
                print_row(rows[-1])
            dsn = server.create_database(template=f"attacks_{schema}")
            for other in try_other_ways(
                schema, dsn, lambda one: server.create_database(template=name_of(one))
            ):
                others.append(other)
                print_other(other)
    wrong: list[Row | OtherRow] = [row for row in (*rows, *others) if row.wrong]
    each = ", ".join(
        f"{number} on {schema}" for schema, number in Counter(r.schema for r in (*rows, *others)).items()
    )
    took = f"{perf_counter() - began:.0f} s"
    total = len(rows) + len(others)
    print(f"\n{total} attacks ({each}), {len(wrong)} otherwise than expected, {took}")
    return 1 if wrong else 0


def print_row(row: Row) -> None:
    """The attack, then a line per answer."""
    verdict = "FAIL" if row.wrong else "ok"
    print(f"{verdict:<5}{row.schema:<9}{row.attack.name}")
    print(f"{'':14}expected  {_places(row.expected)}")
    print(f"{'':14}client    {_places(row.client)}   exit {row.code}")
    print(f"{'':14}SQL       {'no verifier of ours' if row.by_sql is None else _places(row.by_sql)}")
    told = ", ".join(f"{kind} ({sure})" for kind, sure in zip(row.stories, row.sure, strict=True))
    print(f"{'':14}story     {told or '-'}")
    for difference in row.wrong:
        print(f"{'':14}DIFFERS   {difference}")


def print_other(row: OtherRow) -> None:
    """An attack that takes a second look: which one, and what it gave."""
    print(f"{'FAIL' if row.wrong else 'ok':<5}{row.schema:<9}{row.name}")
    print(f"{'':14}{row.command}   {_places(row.told)}   exit {row.code}")
    if row.wrong:
        print(f"{'':14}DIFFERS   {row.wrong}")


def name_of(dsn: str) -> str:
    """The database of a DSN."""
    return str(conninfo_to_dict(dsn)["dbname"])


def _places(places: tuple[Place, ...]) -> str:
    """`content_mismatch 5, sequence_gap 7-9`, neighbours of a kind counted together where they are many."""
    words = [f"{kind} {first}" if first == last else f"{kind} {first}-{last}" for kind, first, last in places]
    if len(words) > 8:
        counts = Counter(kind for kind, _, _ in places)
        words = [f"{number} x {kind}" for kind, number in counts.items()]
    return ", ".join(words) or "none"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
