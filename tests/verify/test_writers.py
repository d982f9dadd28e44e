"""Version 1 events of writers anywhere, at any time and in any session: intact to both verifiers."""

from pathlib import Path

import psycopg
import pytest

from audit_tui.core.oldzones import OLD_OFFSETS, OLD_UNTIL_US
from audit_tui.embedded import tamper
from audit_tui.embedded.guide import install_guide
from tests.conftest import Templates
from tests.verify import chains
from tests.verify.chains import ACME, Conn
from tests.verify.verifiers import both_say, client_says, report_of
from tools.historical_offsets import read_offsets

OLD: tuple[tuple[str, str, str], ...] = (
    ("Asia/Kolkata", "1850-06-01 12:00+00", "+05:53:28"),
    ("Asia/Kolkata", "1900-06-01 12:00:00.25+00", "+05:21:10"),
    ("Europe/London", "1840-01-01 00:00+00", "-00:01:15"),
    ("Africa/Monrovia", "1971-12-31 23:59+00", "-00:44:30"),
    ("Pacific/Kiritimati", "1979-09-30 00:00+00", "-10:40"),
    ("Asia/Manila", "1800-01-01 00:00+00", ""),
    ("America/New_York", "1880-01-01 00:00+00", "-04:56:02"),
)


@pytest.mark.parametrize(("zone", "time", "offset"), OLD)
def test_local_mean_times_and_old_zones(
    zone: str, time: str, offset: str, adopted: str, tmp_path: Path
) -> None:
    with psycopg.connect(adopted) as conn:
        tamper.edit_field(conn, ACME, 1, "timestamp", time)
        tamper.rehash_from(conn, ACME, 1, zone)
    told = both_say(adopted, tmp_path)
    assert told.valid is True
    first = next(f for f in told.findings if f.kind == "foreign_zone")
    assert first.first == 1
    assert not offset or first.found == offset


@pytest.mark.parametrize("year", ["1979", "1980"])
def test_an_edit_is_found_on_either_side_of_the_search(year: str, adopted: str, tmp_path: Path) -> None:
    with psycopg.connect(adopted) as conn:
        tamper.edit_field(conn, ACME, 5, "timestamp", f"{year}-06-01 12:00+00")
    assert both_say(adopted, tmp_path).places == (("uncovered_columns", 1, 12), ("content_mismatch", 5, 5))


def test_both_verifiers_search_the_same_offsets(ours: str) -> None:
    with psycopg.connect(ours) as conn:
        row = conn.execute("SELECT audit.verify_old_offsets()").fetchone()
    assert row is not None
    assert tuple(row[0]) == OLD_OFFSETS


def test_every_offset_of_this_servers_zones_is_searched(ours: str) -> None:
    with psycopg.connect(ours) as conn:
        row = conn.execute("SELECT setting FROM pg_config() WHERE name = 'SHAREDIR'").fetchone()
    own = Path(row[0] if row else "", "timezone")
    files = [p for p in (own if own.is_dir() else Path("/usr/share/zoneinfo")).rglob("*") if p.is_file()]
    seen = [each for path in files if "right" not in path.parts for each in read_offsets(path.read_bytes())]
    if not seen:
        pytest.skip("this machine has no time zone files")
    odd = [(offset, end) for offset, end in seen if offset % 900]
    assert {offset for offset, _ in odd} <= set(OLD_OFFSETS)
    assert max(end for _, end in odd) * 1_000_000 < OLD_UNTIL_US


def _write(conn: Conn, hours: int, zone: str, style: str = "ISO, MDY") -> None:
    """Events of every hour, by a session in that zone and style."""
    conn.execute(
        "SELECT set_config('TimeZone', %s, false), set_config('DateStyle', %s, false)", (zone, style)
    )
    for hour in range(hours):
        conn.execute(
            "INSERT INTO audit.logs (event_id, tenant_id, timestamp, event_type, actor_type, actor_id,"
            " resource_type, resource_id, changes) VALUES (%s, %s,"
            " timestamptz '2024-03-30 22:30:00.125+00' + %s * interval '1 hour',"
            " 'a.b', 'user', 'u', 'r', '1',"
            " jsonb_build_object('rate', 1.10, 'b', 1e2))",
            (f"evt_{len(zone)}at{hour}", ACME, hour),
        )


def test_summer_begins_in_the_middle_of_the_chain(guide_db: str, tmp_path: Path) -> None:
    with psycopg.connect(guide_db) as conn:
        _write(conn, 6, "Europe/Berlin")
    told = client_says(report_of(guide_db, tmp_path))
    assert told.valid is True
    zoned = [(f.first, f.last, f.found) for f in told.findings if f.kind == "foreign_zone"]
    assert zoned == [(1, 3, "+01:00"), (4, 6, "+02:00")]


@pytest.mark.parametrize("style", ["German, DMY", "SQL, DMY", "Postgres, MDY", "ISO, YMD"])
def test_the_style_of_dates_has_no_say(style: str, guide_db: str, tmp_path: Path) -> None:
    with psycopg.connect(guide_db) as conn:
        _write(conn, 3, "America/St_Johns", style)
        _write(conn, 3, "UTC", style)
    told = client_says(report_of(guide_db, tmp_path))
    assert told.valid is True
    assert [f.found for f in told.findings if f.kind == "foreign_zone"] == ["-02:30"]


def test_every_zone_that_the_server_knows(templates: Templates, tmp_path: Path) -> None:
    """One event per time zone, in the years when zones were odd: nothing is called tampered."""
    dsn = templates.copy("every_zone", install_guide)
    with psycopg.connect(dsn) as conn:
        names = conn.execute(
            "SELECT name FROM pg_timezone_names"
            " WHERE name NOT LIKE 'posix%' AND name <> 'localtime' ORDER BY name"
        )
        zones = [row[0] for row in names]
        for number, zone in enumerate(zones):
            conn.execute("SELECT set_config('TimeZone', %s, false)", (zone,))
            year = (1850, 1905, 1925, 1945, 1975, 2024)[number % 6]
            row = chains.event(ACME, number) | {"tenant_id": ACME, "timestamp": f"{year}-07-01 12:00+00"}
            chains.insert(conn, row)
    told = client_says(report_of(dsn, tmp_path))
    assert told.valid is True
    assert len(zones) > 300
