"""The benchmark's command works: with a few events, and without a word about how long they took."""

import pytest

from tests.bench import monitor_bench, storage_bench, verify_bench


def test_it_prints_a_ratio_for_every_way(capsys: pytest.CaptureFixture[str]) -> None:
    verify_bench.run(events=500, rounds=1)
    printed = capsys.readouterr().out
    assert "PostgreSQL" in printed
    table = printed.partition("ratio")[2].strip().splitlines()
    assert [line[:6] for line in table] == ["the gu", "audit.", "client", "client"]
    assert table[0].split()[-1] == "1.00"


def test_the_daily_check_reads_a_days_events(capsys: pytest.CaptureFixture[str]) -> None:
    monitor_bench.run(events=500, _rounds=1, small_tenants=3)
    table = capsys.readouterr().out.partition("of full")[2].strip().splitlines()
    read = [int(line[46:59].replace(",", "")) for line in table]
    assert read == [530, 0, 8, 538]


def test_every_way_to_keep_a_month_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    storage_bench.run(events=60, rounds=1)
    printed = capsys.readouterr().out
    for way in (*storage_bench.WAYS, storage_bench.Way("archived")):
        assert printed.count(f"\n{way.name:<22}") == 2
