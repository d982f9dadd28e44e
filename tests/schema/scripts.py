"""The script as a DBA runs it: psql, and what the catalogue says afterwards, line by line."""

import subprocess
from pathlib import Path

import psycopg

from audit_tui.embedded.binaries import find_binaries
from audit_tui.store.catalogue import list_lines

VERSION_1 = Path(__file__).parent / "versions" / "version_1.sql"


def run_psql(dsn: str, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Feed a script to psql, as `audit-tui install --dry-run | psql` does."""
    psql = find_binaries().bin_dir / "psql"
    command = [str(psql), "-X", "-d", dsn, *arguments, "-f", "-"]
    return subprocess.run(command, input=script, capture_output=True, text=True, timeout=120, check=False)


def catalogue(dsn: str) -> list[str]:
    """Return all that the catalogue says of the audit schema, sorted; equal lists are equal schemas."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute("SET search_path = pg_catalog, pg_temp")
        return list_lines(conn.cursor())


def install_version_1(dsn: str) -> None:
    """Make the schema as the first version of this tool made it."""
    with psycopg.connect(dsn) as conn:
        conn.execute("SELECT set_config('audit_install.tool_version', '0.1.0', true)")
        conn.execute(VERSION_1.read_bytes())
