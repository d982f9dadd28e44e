"""Version 1 seals hold the time as the writer's session printed it: no zone is ever called tampering."""

from pathlib import Path

import psycopg
import pytest

from audit_tui.core.findings import StoryKind, Verdict
from audit_tui.embedded import tamper
from tests.verify import chains
from tests.verify.chains import ACME, KOLKATA_EVENTS, Conn
from tests.verify.verifiers import Place, both_say, client_says, report_of

IN_INDIA = "Asia/Kolkata"
NOTICES = ("foreign_zone", "uncovered_columns")


def test_written_in_kolkata_read_in_new_york(kolkata: str, tmp_path: Path) -> None:
    read_from(kolkata, "America/New_York")
    report = report_of(kolkata, tmp_path)
    assert report.verdict is Verdict.INTACT
    told = client_says(report)
    assert told.places == (("foreign_zone", 1, KOLKATA_EVENTS), ("uncovered_columns", 1, KOLKATA_EVENTS))
    assert told.findings[0].found == "+05:30"


def tampered_in_kolkata(name: str, conn: Conn) -> None:
    match name:
        case "edit":
            tamper.edit_field(conn, ACME, 500, "actor_id", "usr_evil")
        case "rehash":
            tamper.edit_field(conn, ACME, 500, "actor_id", "usr_evil")
            tamper.rehash(conn, ACME, 500, IN_INDIA)
        case "delete-middle":
            tamper.drop_rows(conn, ACME, 400, 449)
        case "delete-first":
            tamper.drop_first(conn, ACME)
        case "swap":
            tamper.swap(conn, ACME, 300, 700)
        case _:
            tamper.null_hash(conn, ACME, 500)


@pytest.mark.parametrize(
    ("name", "expected", "story"),
    [
        ("edit", [("content_mismatch", 500, 500)], StoryKind.EDITED_IN_PLACE),
        ("rehash", [("link_mismatch", 501, 501)], StoryKind.EDITED_AND_REHASHED),
        ("delete-middle", [("sequence_gap", 400, 449)], StoryKind.DELETED),
        ("delete-first", [("genesis_mismatch", 2, 2)], StoryKind.START_DELETED),
        (
            "swap",
            [
                ("content_mismatch", 300, 300), ("link_mismatch", 300, 300), ("link_mismatch", 301, 301),
                ("content_mismatch", 700, 700), ("link_mismatch", 700, 700), ("link_mismatch", 701, 701),
            ],
            StoryKind.SWAPPED,
        ),
        ("null hash", [("malformed_hash", 500, 500)], StoryKind.HASH_DAMAGED),
    ],
)  # fmt: skip
def test_tampered_in_kolkata(
    name: str, expected: list[Place], story: StoryKind, kolkata: str, tmp_path: Path
) -> None:
    with psycopg.connect(kolkata) as conn:
        tampered_in_kolkata(name, conn)
    read_from(kolkata, "America/New_York")
    report = report_of(kolkata, tmp_path)
    places = client_says(report).places
    assert [place for place in places if place[0] not in NOTICES] == expected
    assert [told.kind for told in report.stories] == [story]
    assert report.verdict is Verdict.TAMPERED


def test_zone_runs_end_where_an_event_does_not_verify(kolkata: str, tmp_path: Path) -> None:
    with psycopg.connect(kolkata) as conn:
        tampered_in_kolkata("swap", conn)
    places = client_says(report_of(kolkata, tmp_path)).places
    zones = [place[1:] for place in places if place[0] == "foreign_zone"]
    assert zones == [(1, 299), (301, 699), (701, KOLKATA_EVENTS)]


@pytest.mark.parametrize(
    ("zone", "offset"),
    [
        ("Asia/Kathmandu", "+05:45"),
        ("America/St_Johns", "-03:30"),
        ("Pacific/Kiritimati", "+14:00"),
        ("Pacific/Marquesas", "-09:30"),
        ("<+15:45>-15:45", "+15:45"),
        ("<-15:45>+15:45", "-15:45"),
    ],
)
def test_any_quarter_of_an_hour(zone: str, offset: str, adopted: str, tmp_path: Path) -> None:
    with psycopg.connect(adopted) as conn:
        tamper.rehash_from(conn, ACME, 1, zone)
    told = both_say(adopted, tmp_path)
    assert told.valid is True
    assert told.places == (("foreign_zone", 1, 12), ("uncovered_columns", 1, 12))
    assert told.findings[0].found == offset


def test_writers_in_several_zones(adopted: str, tmp_path: Path) -> None:
    zones = ["UTC", "UTC", IN_INDIA, IN_INDIA, "Europe/Berlin", IN_INDIA, "UTC", "America/New_York"]
    with psycopg.connect(adopted) as conn:
        for number, zone in enumerate(zones, start=1):
            tamper.rehash_from(conn, ACME, number, zone)
    told = both_say(adopted, tmp_path)
    assert told.valid is True
    zoned = [(f.first, f.last, f.found) for f in told.findings if f.kind == "foreign_zone"]
    assert zoned == [(3, 4, "+05:30"), (5, 5, "+01:00"), (6, 6, "+05:30"), (8, 12, "-05:00")]


def test_zone_of_an_event_whose_version_fell_back(adopted: str, tmp_path: Path) -> None:
    with psycopg.connect(adopted) as conn:
        chains.append(conn, "user.updated", {})
        chains.adopt(conn, ACME, 3, IN_INDIA, first=14)
    told = both_say(adopted, tmp_path)
    assert told.places == (
        ("uncovered_columns", 1, 12),
        ("version_downgrade", 14, 14),
        ("uncovered_columns", 14, 16),
        ("foreign_zone", 15, 16),
    )


def test_years_at_the_edge(adopted: str, tmp_path: Path) -> None:
    with psycopg.connect(adopted) as conn:
        for number, time in ((3, "0001-01-01 00:00+00"), (9, "9999-12-31 23:59:59.999999+00")):
            tamper.edit_field(conn, ACME, number, "timestamp", time)
        tamper.rehash_from(conn, ACME, 1)
        tamper.edit_field(conn, ACME, 4, "timestamp", "0001-01-01 12:00+00")
        tamper.edit_field(conn, ACME, 10, "timestamp", "9999-12-31 23:00:00+00")
    told = both_say(adopted, tmp_path)
    assert [place for place in told.places if place[0] == "content_mismatch"] == [
        ("content_mismatch", 4, 4),
        ("content_mismatch", 10, 10),
    ]


def read_from(dsn: str, zone: str) -> None:
    """Sessions of this database begin in that zone from now on."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        name = psycopg.sql.Identifier(conn.info.dbname)
        conn.execute(psycopg.sql.SQL("ALTER DATABASE {} SET TimeZone = {}").format(name, zone))
