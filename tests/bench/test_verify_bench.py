"""The benchmark's command works: with a few events, and without a word about how long they took."""

from pathlib import Path

import pytest

from tests.bench import monitor_bench, storage_bench, verify_bench


def test_it_writes_a_ratio_for_every_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify_bench, "SMALL_TENANTS", 3)
    verify_bench.run(events=500, rounds=1, page=tmp_path / "page.md")
    page = (tmp_path / "page.md").read_text(encoding="utf-8")
    assert "PostgreSQL" in page
    rows = [line.split("|") for line in page.splitlines() if line.startswith("| ")]
    assert len(rows) == 8
    assert rows[1][-2].strip() == "1.00"


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
