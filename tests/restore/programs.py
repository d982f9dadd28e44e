"""PostgreSQL's own programs against the throwaway servers: dump, restore, roles."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import psycopg

from audit_tui.embedded.binaries import PostgresBinaries

NEEDED = ("pg_dump", "pg_dumpall", "pg_restore", "psql")
REPLICA = {"PGOPTIONS": "-c session_replication_role=replica"}


def has_programs(binaries: PostgresBinaries) -> bool:
    """Whether this PostgreSQL comes with the programs that dump and restore."""
    return all((binaries.bin_dir / name).exists() for name in NEEDED)


@dataclass(frozen=True, slots=True)
class Programs:
    """The programs of one version. As the manual advises, those of the newer one read the older server."""

    binaries: PostgresBinaries

    def dump(self, dsn: str, file: Path, *options: str) -> Path:
        """Dump a database in the custom format; every complaint is an error."""
        assert self.run("pg_dump", "-Fc", *options, "-f", str(file), dsn) == ""
        return file

    def restore(self, dsn: str, file: Path, *options: str, **environment: str) -> str:
        """Restore a dump; return what was complained about."""
        return self.run("pg_restore", *options, "-d", dsn, str(file), **environment)

    def copy_roles(self, source: str, target: str) -> str:
        """Carry the cluster's roles over; return what was complained about."""
        roles = self._call("pg_dumpall", "--globals-only", "-d", source).stdout
        return self._call("psql", "-X", "-q", "-d", target, input_text=roles).stderr

    def run(self, program: str, *arguments: str, **environment: str) -> str:
        """Run a program and return what it said on standard error."""
        return self._call(program, *arguments, **environment).stderr

    def _call(
        self, program: str, *arguments: str, input_text: str = "", **environment: str
    ) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [self.binaries.bin_dir / program, *arguments],
            env={**os.environ, "LC_ALL": "C", **environment},
            input=input_text,
            capture_output=True,
            text=True,
            check=False,
        )


def everything(dsn: str, table: str = "audit.logs", order: str = "tenant_id, sequence_number") -> bytes:
    """Return every column of every row as the server prints it, bit for bit."""
    with psycopg.connect(dsn) as conn:
        conn.execute("SET timezone = 'UTC'")
        columns = conn.execute(
            "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attname) FROM pg_attribute"
            " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
            [table],
        ).fetchone()
        assert columns is not None
        with conn.cursor().copy(
            f"COPY (SELECT {columns[0]} FROM {table} ORDER BY {order}) TO STDOUT"
        ) as copy:
            return b"".join(bytes(piece) for piece in copy)
