"""Judges the server's settings: what loses events in a crash, and what switches protections off."""

from collections.abc import Iterable, Mapping

from audit_tui.core.doctor.ledger import Ledger
from audit_tui.core.doctor.roles import Roles
from audit_tui.core.doctor.seen import RoleSetting
from audit_tui.core.doctor.sqltext import grantee, ident, literal, said

_RELOAD = "SELECT pg_reload_conf();"
_NEEDS = "pg_read_all_settings (this setting is hidden from the role)"
_FIXED = {
    "fsync": ("fsync", "on"),
    "full_page_writes": ("full-page-writes", "on"),
    "zero_damaged_pages": ("damage-ignored", "off"),
    "ignore_checksum_failure": ("damage-ignored", "off"),
    "allow_system_table_mods": ("catalog-writable", "off"),
    "session_replication_role": ("replication-role", "origin"),
    "event_triggers": ("event-triggers-off", "on"),
}
"""What a setting must be, for the server and for every role and database: check, value."""
_NOTED = {
    "data_checksums": (
        "checksums", "off", "Data checksums are off.", "pg_checksums --enable -- while the server is stopped",
    ),
    "track_commit_timestamp": (
        "commit-timestamps", "off", "Commit timestamps are not kept (track_commit_timestamp is off).",
        "ALTER SYSTEM SET track_commit_timestamp = on; -- then restart the server",
    ),
    "log_statement": (
        "ddl-log", "none", "The server's log does not hold DDL (log_statement is none).",
        f"ALTER SYSTEM SET log_statement = 'ddl'; {_RELOAD}",
    ),
    "wal_level": (
        "wal-level", "minimal", "The write-ahead log is minimal: no replica and no archive can be fed.",
        "ALTER SYSTEM SET wal_level = 'replica'; -- then restart the server",
    ),
    "synchronous_commit": (
        "synchronous-commit", "off", "A commit does not wait for the disk (synchronous_commit is off).",
        f"ALTER SYSTEM SET synchronous_commit = on; {_RELOAD}",
    ),
    "ssl": ("encryption", "off", "The server offers no TLS (ssl is off).",
            "ALTER SYSTEM SET ssl = on; -- with ssl_cert_file and ssl_key_file"),
}  # fmt: skip
_LIBRARIES = ("session_preload_libraries", "local_preload_libraries")
_ON = frozenset(("on", "true", "yes", "1"))
_OFF = frozenset(("off", "false", "no", "0"))


def judge_settings(ledger: Ledger, settings: Mapping[str, str], own: Iterable[RoleSetting]) -> None:
    """`settings` as sessions of this server begin with them; `own` those of roles and databases."""
    own = tuple(own)
    for name, (check, must) in _FIXED.items():
        if name in settings:
            ledger.look(check)
            if settings[name] != must:
                remedy = f"ALTER SYSTEM SET {name} = {must}; {_RELOAD}"
                ledger.hole(check, f"{name} is {settings[name]}.", remedy)
    for name, (check, bad, what, remedy) in _NOTED.items():
        if name in settings:
            ledger.look(check)
            if settings[name] == bad:
                ledger.notice(check, what, remedy)
    for one in own:
        _judge_own(ledger, one)
    _judge_libraries(ledger, settings, own)


def judge_parameters(ledger: Ledger, parameters: Iterable[tuple[str, str, str]], roles: Roles) -> None:
    """Who may change a setting that protects the log, though they are no superuser."""
    for name, whom, right in parameters:
        check = _FIXED.get(name, ("preloaded", ""))[0]
        verb = {"set": "SET", "alter system": "ALTER SYSTEM"}.get(right, right.upper())
        if not roles.is_superuser(whom):
            ledger.hole(
                check, f"{said(whom) if whom else 'Everyone'} may {right} {name}.",
                f"REVOKE {verb} ON PARAMETER {ident(name)} FROM {grantee(whom)};",
            )  # fmt: skip


def _judge_own(ledger: Ledger, one: RoleSetting) -> None:
    if one.name in _FIXED:
        check, must = _FIXED[one.name]
        if _plain(one.value) != must:
            ledger.hole(check, f"{_whose(one)} sets {one.name} = {one.value}.", _reset(one))


def _judge_libraries(ledger: Ledger, settings: Mapping[str, str], own: Iterable[RoleSetting]) -> None:
    ledger.look("preloaded")
    for one in own:
        if one.name in _LIBRARIES and one.value.strip('" '):
            ledger.hole("preloaded", f"{_whose(one)} loads {one.value} ({one.name}).", _reset(one))
    for name in (*_LIBRARIES, "shared_preload_libraries"):
        if settings.get(name):
            ledger.notice("preloaded", f"The server loads {settings[name]} ({name}).")
    if "session_preload_libraries" not in settings:
        ledger.skip(["preloaded"], _NEEDS)


def _plain(value: str) -> str:
    lowered = value.strip("'\" ").lower()
    return "on" if lowered in _ON else "off" if lowered in _OFF else lowered


def _whose(one: RoleSetting) -> str:
    if one.role is not None and one.database is not None:
        return f"The role {said(one.role)} in the database {said(one.database)}"
    return (
        f"The role {said(one.role)}" if one.role is not None else f"The database {said(one.database or '')}"
    )


def _reset(one: RoleSetting) -> str:
    if one.role is None:
        return f"ALTER DATABASE {ident(one.database or '')} RESET {ident(one.name)};"
    within = f" IN DATABASE {ident(one.database)}" if one.database is not None else ""
    return f"ALTER ROLE {ident(one.role)}{within} RESET {ident(one.name)};"


def judge_zones(ledger: Ledger, own: Iterable[RoleSetting], zone: str, *, guide: bool) -> None:
    """Time zones: they enter the hash of a log built from the guide, and of nothing else."""
    ledger.look("zones")
    if not guide:
        return
    others = [one for one in own if one.name.lower() == "timezone" and _plain(one.value) != zone.lower()]
    for one in others:
        ledger.hole(
            "zones", f"{_whose(one)} sets TimeZone = {one.value}, the server {zone}.",
            f"{_reset(one)} -- or the same zone for all: ALTER DATABASE ... SET timezone = {literal(zone)};",
        )  # fmt: skip


def judge_clock(ledger: Ledger, server_us: int, our_us: int) -> None:
    """The server's clock against this machine's, in microseconds since 1970, read at one moment."""
    ledger.look("clock")
    apart = (server_us - our_us) / 1_000_000
    how = (
        f"The server's clock is {_spoken(abs(apart))} {'ahead of' if apart > 0 else 'behind'} this machine's."
    )
    if abs(apart) > 60:
        ledger.hole("clock", f"{how} One of them is wrong.", "timedatectl timesync-status")
    elif abs(apart) > 5:
        ledger.notice("clock", how)


def _spoken(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < 172_800 else f"{seconds / 86_400:.0f} days"
