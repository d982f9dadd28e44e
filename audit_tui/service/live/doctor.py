"""Examines a connected database: reads the catalogue in one snapshot, and lets core judge."""

from collections.abc import Callable

import psycopg

from audit_tui.core.clock import rfc3339
from audit_tui.core.doctor.model import DoctorReport
from audit_tui.core.doctor.settings import judge_settings
from audit_tui.core.model import SchemaKind
from audit_tui.store.doctor import read_settings
from audit_tui.store.session import reading


def examine(
    conn: psycopg.Connection, kind: SchemaKind, version: int | None, now_us: Callable[[], int]
) -> DoctorReport:
    """Every check that this connection's role can run; the others are reported as not run."""
    with reading(conn, snapshot=True):
        settings = read_settings(conn)
    return DoctorReport(kind, version, None, None, rfc3339(now_us()), tuple(judge_settings(settings)))
