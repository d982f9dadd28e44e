"""Print the permission matrix, expected and got: python -m tests.matrix [LAYOUT ...].

Of every layout unless some are named, on every PostgreSQL of this machine, oldest first.
"""

import sys
from collections.abc import Sequence
from itertools import groupby

import psycopg

from audit_tui.embedded.binaries import find_versions
from audit_tui.embedded.server import EmbeddedServer
from audit_tui.store.install import install
from audit_tui.store.script import InstallOptions
from tests.matrix.attempts import Attempt, try_everything
from tests.matrix.verbs import ISOLATED, LAYOUTS, PARTITIONED, PLAIN, ROLES
from tests.schema.events import insert

OPTIONS = {
    PLAIN: InstallOptions(),
    PARTITIONED: InstallOptions(layout="partitioned"),
    ISOLATED: InstallOptions(tenant_isolation=True),
}
_AREAS = ("events", "replica mode", "locks", "definition", "tables", "sequences", "functions")


def main(layouts: Sequence[str]) -> int:
    """Return 0 where every role got what it should, else 1. A cell that differs reads `expected>got`."""
    wrong = 0
    for version in find_versions():
        with EmbeddedServer.start(binaries=version, in_memory=True) as server:
            wrong = max(wrong, *(_try(server, layout) for layout in layouts))
    return wrong


def _try(server: EmbeddedServer, layout: str) -> int:
    dsn = server.create_database()
    with psycopg.connect(dsn, autocommit=True) as conn:
        install(conn, OPTIONS[layout])
        insert(conn, event_id="evt_first")
    attempts = try_everything(dsn, f"matrix_{layout}", layout)
    print(f"PostgreSQL {server.binaries.version}, {layout}")
    _print(attempts)
    wrong = [each for each in attempts if not each.fits]
    print(f"{layout}: {len(attempts)} attempts, {len(wrong)} with another outcome than expected\n")
    return 1 if wrong else 0


def _print(attempts: list[Attempt]) -> None:
    width = max(len(each.verb) for each in attempts) + 2
    for area in _AREAS:
        rows = [each for each in attempts if each.area == area]
        print(f"\n{area.upper():<{width}}" + "".join(f"{role:>11}" for role in ROLES))
        for verb, cells in groupby(rows, key=lambda each: each.verb):
            print(f"{verb:<{width}}" + "".join(f"{_cell(each):>11}" for each in cells))
    print()


def _cell(each: Attempt) -> str:
    return each.got if each.fits else f"{each.expected}>{each.got}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or LAYOUTS))
