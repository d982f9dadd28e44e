"""The benchmark's command works: with a few events, and without a word about how long they took."""

import pytest

from tests.bench import verify_bench


def test_it_prints_a_ratio_for_every_way(capsys: pytest.CaptureFixture[str]) -> None:
    verify_bench.run(events=500, rounds=1)
    printed = capsys.readouterr().out
    assert "PostgreSQL" in printed
    table = printed.partition("ratio")[2].strip().splitlines()
    assert [line[:6] for line in table] == ["the gu", "audit.", "client", "client"]
    assert table[0].split()[-1] == "1.00"
