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
