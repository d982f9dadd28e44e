"""Archiving a log that was adopted from the guide: the old part goes, the seam too, and the rest verifies."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from audit_tui.core.errors import AuditError
from audit_tui.embedded.guide import install_guide
from audit_tui.embedded.server import EmbeddedServer
from audit_tui.service.archiving import ArchiveRequest
from tests.archive.conftest import Archivers, Connection
from tests.conftest import Templates, _lend
from tests.schema.adopting import adopt, fill
from tests.schema.events import event, log, value
from tests.verify.verifiers import both_say


def _guide(connection: Connection) -> None:
    install_guide(connection)
    fill(connection)


@pytest.fixture
def old(server: EmbeddedServer, templates: Templates) -> Iterator[str]:
    """The DSN of a log of the guide with ten events in each of three tenants."""
    yield from _lend(server, templates.copy("archive_guide", _guide))


def _now_us(conn: Connection) -> int:
    return int(str(value(conn, "SELECT (EXTRACT(epoch FROM clock_timestamp()) * 1000000)::bigint")))


@pytest.mark.parametrize("seam_too", [False, True], ids=["old part", "old part and seam"])
def test_the_old_part_goes_and_the_rest_verifies(
    old: str, open_archiver: Archivers, folder: Path, tmp_path: Path, seam_too: bool
) -> None:
    with psycopg.connect(old, autocommit=True) as conn:
        before = _now_us(conn)
        adopt(old)
        moment = _now_us(conn) if seam_too else before
        for tenant in ("org_a", "org_b", "org_c"):
            log(conn, tenant=tenant)
        result = open_archiver(old).archive(ArchiveRequest(folder, moment))
        assert sum(each.events for each in result.finished) == (33 if seam_too else 30)
        assert both_say(old, tmp_path, "org_a").valid
        assert event(conn, 12, "org_a")["hash_version"] == 2


def test_columns_that_an_archive_does_not_hold_stop_it(
    old: str, open_archiver: Archivers, folder: Path
) -> None:
    with psycopg.connect(old, autocommit=True) as conn:
        conn.execute("ALTER TABLE audit.logs ADD COLUMN region text DEFAULT 'eu'")
        adopt(old)
        log(conn, tenant="org_a")
        with pytest.raises(AuditError, match="an archive does not hold: region"):
            open_archiver(old).archive(ArchiveRequest(folder, _now_us(conn)))
        assert value(conn, "SELECT count(*) FROM audit.logs") == 34
        assert not list(folder.glob("*/manifest.json"))
