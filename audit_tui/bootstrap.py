"""The only place that wires a DSN to store, service and front end."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import psycopg

from audit_tui.core.doctor.model import DoctorReport
from audit_tui.service.adopting import Adopter
from audit_tui.service.against import Against
from audit_tui.service.api import AuditService
from audit_tui.service.archived import ArchivedFiles, Opened
from audit_tui.service.archiving import ArchivingService
from audit_tui.service.live import LiveService
from audit_tui.service.live.second_sides import Side
from audit_tui.service.partitions import PartitionService
from audit_tui.service.retention import RetentionService
from audit_tui.service.witnessing import WitnessingService
from audit_tui.store.connect import Dsn, connect, parse_dsn
from audit_tui.store.install import InstallResult, install, upgrade
from audit_tui.store.script import InstallOptions, build_script, check_options, format_script

Made = TypeVar("Made")

DSN_VARIABLE = "AUDIT_TUI_DSN"
STATE_VARIABLE = "AUDIT_TUI_STATE_DIR"


def state_directory() -> Path:
    """Where witnesses live: AUDIT_TUI_STATE_DIR, else the platform's state directory for this user."""
    chosen = os.environ.get(STATE_VARIABLE)
    return Path(chosen) if chosen else _own_state_directory()


def _own_state_directory() -> Path:
    from platformdirs import user_state_path

    return user_state_path("audit-tui", appauthor=False)


def resolve_dsn(dsn: str | None) -> str:
    """The DSN given, else AUDIT_TUI_DSN, else the empty one (libpq's environment and service files)."""
    return dsn if dsn is not None else os.environ.get(DSN_VARIABLE, "")


def now_us() -> int:
    """The clock of the front ends: whole microseconds since 1970 UTC."""
    return time.time_ns() // 1000


def open_service(
    dsn: str | None = None,
    *,
    name: str | None = None,
    state_dir: Path | None = None,
    opened: Opened | None = None,
) -> AuditService:
    """Connects and probes. Raises ConnectError, NoAuditSchemaError, PermissionMissingError, UsageError,
    UnsupportedSchemaError. `name` is what the header calls the target (default: the database's name);
    `opened` tells that the database is a copy of archives.
    """
    parsed = parse_dsn(resolve_dsn(dsn))
    folder = state_directory() if state_dir is None else state_dir
    return LiveService(
        parsed,
        name=name or parsed.name,
        state_dir=folder,
        now_us=now_us,
        repeat_with=_start_of_a_repeat(folder) if opened is None else ("audit-tui",),
        opened=opened,
    )


def examine_schema(dsn: str | None = None) -> DoctorReport:
    """Examines the audit schema at a DSN, of which nothing need be readable. Raises ConnectError, UsageError,
    NoAuditSchemaError, UnsupportedSchemaError.
    """
    from audit_tui.service.live.doctor import examine

    conn = connect(parse_dsn(resolve_dsn(dsn)))
    try:
        return examine(conn, now_us)
    finally:
        conn.close()


def open_archives(places: tuple[Path, ...]) -> ArchivedFiles:
    """The archives in these folders, to be proved from their files. Nothing is connected.

    UsageError where a folder holds none, AuditError where one cannot be read.
    """
    from audit_tui.service.live.archived import Files

    return Files.open(places, now_us)


def open_against(dsn: str | None, second: str, *, state_dir: Path | None = None) -> Against:
    """A log beside a second source: a DSN, or a folder that holds archives. Raises as `open_service` for
    either (the title tells which), and UsageError where both are the same database.
    """
    from audit_tui.service.live.against import LiveAgainst
    from audit_tui.service.live.second_sides import DatabaseSide

    folder = state_directory() if state_dir is None else state_dir
    here = parse_dsn(resolve_dsn(dsn))
    with ExitStack() as opened:
        log = _open_live(here, folder)
        opened.callback(log.close)
        there = _open_second(second, folder)
        opened.callback(there.close)
        against = LiveAgainst(log, DatabaseSide(log, here, "this log"), there)
        opened.pop_all()
        return against


def _open_second(second: str, folder: Path) -> Side:
    from audit_tui.service.live.archived import Files
    from audit_tui.service.live.second_archive import ArchiveSide
    from audit_tui.service.live.second_sides import DatabaseSide, named

    word = "the second source"
    with named(word):
        if (place := Path(second)).is_dir():
            return ArchiveSide(Files.open((place,), now_us), place)
        dsn = parse_dsn(second)
        copy = _open_live(dsn, folder)
    try:
        return DatabaseSide(copy, dsn, word)
    except BaseException:
        copy.close()
        raise


def _open_live(dsn: Dsn, folder: Path) -> LiveService:
    return LiveService(
        dsn, name=dsn.name, state_dir=folder, now_us=now_us, repeat_with=_start_of_a_repeat(folder)
    )


def _start_of_a_repeat(folder: Path) -> tuple[str, ...]:
    """Without the same witnesses a repeated check could miss what this one found."""
    if folder == _own_state_directory():
        return ("audit-tui",)
    return ("env", f"{STATE_VARIABLE}={folder}", "audit-tui")


def install_schema(dsn: str | None = None, options: InstallOptions | None = None) -> InstallResult:
    """Installs the audit schema in one transaction. Raises the family of core.errors."""
    check_options(options or InstallOptions())
    with _writing(dsn) as conn:
        return install(conn, options)


def upgrade_schema(dsn: str | None = None, options: InstallOptions | None = None) -> InstallResult:
    """Brings an older audit schema to this version in one transaction. Raises the family of core.errors."""
    check_options(options or InstallOptions())
    with _writing(dsn) as conn:
        return upgrade(conn, options)


def write_script(options: InstallOptions | None = None, *, upgrade: bool = False) -> str:
    """The SQL of an install or an upgrade, for psql. UsageError for options that contradict each other."""
    what = "Upgrade" if upgrade else "Install"
    return format_script(build_script(options, upgrade=upgrade), title=f"{what} of the audit schema")


@contextmanager
def open_adopter(
    dsn: str | None, options: InstallOptions, pauses: tuple[float, ...] | None = None
) -> Iterator[Adopter]:
    """What adopts the log at a DSN. Raises as `open_service`, and UsageError for contradictory options.

    `pauses` are the seconds between attempts to have the table for a moment (None: the usual ones).
    """
    from audit_tui.service.live.adopting import LiveAdopter
    from audit_tui.store.adopt_turn import PAUSES

    check_options(options)
    service = open_service(dsn)
    try:
        yield LiveAdopter(parse_dsn(resolve_dsn(dsn)), service, options, PAUSES if pauses is None else pauses)
    finally:
        service.close()


def open_retention(dsn: str | None = None) -> RetentionService:
    """Connects for rules and holds. Raises as `open_service`, and for a schema that has neither."""
    from audit_tui.service.live.retention import LiveRetention

    return _keeping(connect(parse_dsn(resolve_dsn(dsn))), lambda conn: LiveRetention(conn, now_us=now_us))


def open_partitions(dsn: str | None = None) -> PartitionService:
    """Connects to the partitions of a log. Raises as `open_service`, and for a log of another layout."""
    from audit_tui.service.live.partitions import LivePartitions

    return _keeping(connect(parse_dsn(resolve_dsn(dsn))), LivePartitions)


def _keeping(conn: psycopg.Connection, make: Callable[[psycopg.Connection], Made]) -> Made:
    """What is made over a connection, which is closed where it cannot be made."""
    try:
        return make(conn)
    except BaseException:
        conn.close()
        raise


def _beside(service: AuditService, dsn: str | None, make: Callable[[psycopg.Connection], Made]) -> Made:
    """What is made over a service and a further connection; both are closed where it cannot be made."""
    try:
        return _keeping(connect(parse_dsn(resolve_dsn(dsn))), make)
    except BaseException:
        service.close()
        raise


@contextmanager
def _writing(dsn: str | None) -> Iterator[psycopg.Connection]:
    conn = connect(parse_dsn(resolve_dsn(dsn)))
    try:
        conn.read_only = False
        conn.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        yield conn
    finally:
        conn.close()


def open_archiving(dsn: str | None = None, *, state_dir: Path | None = None) -> ArchivingService:
    """Connects for archiving: one connection that verifies, one that writes. Raises as `open_service`."""
    from audit_tui.service.live.archiving import LiveArchiver

    service = open_service(dsn, state_dir=state_dir)
    return _beside(service, dsn, lambda conn: LiveArchiver(service, conn, now_us=now_us))


def open_witnessing(dsn: str | None = None, *, state_dir: Path | None = None) -> WitnessingService:
    """Connects for witnesses and proofs: connections that verify, one that reads hashes. Raises as
    `open_service`.
    """
    from audit_tui.service.live.witnessing import LiveWitnessing

    folder = state_directory() if state_dir is None else state_dir
    service = open_service(dsn, state_dir=folder)
    return _beside(service, dsn, lambda conn: LiveWitnessing(service, conn, state_dir=folder, now_us=now_us))


def make_signing_key(name: str, path: Path) -> str:
    """Writes a new private key to a file (0600); the public half as one word. Raises as `store.signing`."""
    from audit_tui.store.signing import make_key

    return make_key(name, path).text


def write_new_file(path: Path, content: bytes) -> None:
    """Writes a file that was not there before. UsageError where it was."""
    from audit_tui.store.small_files import write_new

    write_new(path, content)


def check_proof(
    file: Path, checkpoint: Path | None, public_keys: tuple[str, ...]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """(what is proven, the proof) of a file, without a database. Raises as `store.proof_file.check_file`."""
    from audit_tui.store.proof_file import check_file

    return check_file(file, checkpoint, public_keys)
