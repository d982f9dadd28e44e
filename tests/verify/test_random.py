"""Chains tampered with at random: both verifiers and the plain reference agree.

`python -m tests.verify random` tries a thousand of them.
"""

from pathlib import Path

from hypothesis import given, settings

from audit_tui.embedded.server import EmbeddedServer
from tests.conftest import Templates
from tests.verify.random_acts import ACTS, CHAINS, Act, Chain
from tests.verify.random_chains import open_arena, strip_guards


def test_all_three_agree(server: EmbeddedServer, templates: Templates, tmp_path: Path) -> None:
    dsn = templates.copy("stripped", strip_guards)
    with open_arena(dsn, tmp_path) as arena:

        @settings(max_examples=100)
        @given(CHAINS, ACTS)
        def agree(chain: Chain, acts: list[Act]) -> None:
            arena.judge(chain, acts)

        agree()
        assert arena.chains >= 100
    server.drop_database(dsn)


def test_untouched_chains_are_intact(server: EmbeddedServer, templates: Templates, tmp_path: Path) -> None:
    dsn = templates.copy("stripped", strip_guards)
    with open_arena(dsn, tmp_path) as arena:

        @settings(max_examples=15)
        @given(CHAINS)
        def intact(chain: Chain) -> None:
            arena.judge(chain, [])

        intact()
        assert arena.intact == arena.chains
    server.drop_database(dsn)


def test_a_time_is_judged_for_the_row_that_fits_whatever_stands_beside_it(
    server: EmbeddedServer, templates: Templates, tmp_path: Path
) -> None:
    dsn = templates.copy("stripped", strip_guards)
    middle = 500_000
    acts: list[Act] = [
        ("edit", middle, 0, ("timestamp", 0)),
        ("rehash", middle, 0, None),
        ("insert", middle, middle, False),
    ]
    with open_arena(dsn, tmp_path) as arena:
        arena.judge(Chain(9, 0, (0,)), acts)
        assert arena.kinds == {
            "time_disorder": 1, "content_mismatch": 1, "duplicate_sequence": 1, "link_mismatch": 1,
        }  # fmt: skip
    server.drop_database(dsn)
