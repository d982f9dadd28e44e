"""The install as text: one script that `install` runs, `--dry-run` prints and psql executes alike.

Every decision that depends on the server is taken in SQL, from the settings in the header and from what
audit.schema_info recorded, so that the text is the same whoever runs it and wherever.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from audit_tui import __version__
from audit_tui.core.errors import UsageError
from audit_tui.store.rolename import DEFAULT_OWNER, check_owner, with_owner
from audit_tui.store.sql_files import list_schema_files, list_upgrade_files, read_sql

SCHEMA_VERSION = 2
"""The version of the audit schema that these files make; `sql/upgrade/NNNN_*` leads to version NNNN."""

LOCK_TIMEOUT = "3s"
"""How long an install waits for a table: while it does, every writer waits behind it."""
TURN_TIMEOUT = "60s"
"""How long it waits for another install, here or over roles in another database: nobody waits behind it."""
INSTALL_LOCK = 0x61756469742D7475
"""'audit-tu' in ASCII: two installs into one database wait for each other."""
_STEPS_FOLLOW = "schema/0025_version.sql"
"""By then it is known which version is installed, and the owner's rights are taken."""
_PLANTED = "schema/0010_planted.sql"
_LOOK_AGAIN = ("schema/0081_partitions.sql", "schema/0092_adopt_seam.sql")
"""Before these, what must not run is looked for once more: by now nobody else can put anything there."""

_MAKES = re.compile(r"^ *CREATE (?:OR REPLACE FUNCTION|TABLE IF NOT EXISTS) audit\.(\w+)", re.MULTILINE)
_TRIGGER = re.compile(
    r"CREATE OR REPLACE TRIGGER (\w+)\b[^;]*?\bON audit\.(\w+|%I)[^;]*?EXECUTE FUNCTION audit\.(\w+)\("
)

Layout = Literal["plain", "partitioned"]


@dataclass(frozen=True, slots=True)
class InstallOptions:
    """What an install is asked for. None: as recorded in the database, else the default.

    `layout` is chosen once, when the log is made (default plain); `adopt` takes over a log that was built
    from the guide (`adopt_tampered`: even where its chains do not verify; the findings are recorded).
    """

    owner: str = DEFAULT_OWNER
    layout: Layout | None = None
    tenant_isolation: bool | None = None
    roles: bool | None = None
    adopt: bool = False
    adopt_tampered: bool = False
    ddl_trigger: bool | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """One piece of the script: where it comes from, and SQL that may hold several commands."""

    name: str
    text: str


def build_script(options: InstallOptions | None = None, *, upgrade: bool = False) -> tuple[Statement, ...]:
    """Return what an install (or an upgrade) executes, in order, within one transaction.

    Raises UsageError for options that contradict each other and for an owner that cannot be one.
    """
    chosen = options or InstallOptions()
    check_options(chosen)
    pieces = [Statement("options", _header(chosen, upgrade=upgrade))]
    for file in list_schema_files():
        if file in _LOOK_AGAIN:
            pieces.append(Statement(_PLANTED, with_owner(read_sql(_PLANTED), chosen.owner)))
        pieces.append(Statement(file, with_owner(read_sql(file), chosen.owner)))
        if upgrade and file == _STEPS_FOLLOW:
            pieces += [Statement(step, _step(step, chosen.owner)) for step in list_upgrade_files()]
    return tuple(pieces)


def list_made_names(statements: Iterable[Statement]) -> tuple[str, ...]:
    """Return the names of the functions and tables that these statements make in the schema, sorted."""
    return tuple(sorted({name for statement in statements for name in _MAKES.findall(statement.text)}))


def list_made_triggers() -> tuple[str, ...]:
    """Return the triggers that the schema's files make as `table.trigger.function`; partitions are `logs`."""
    found = {made for file in list_schema_files() for made in _TRIGGER.findall(read_sql(file))}
    return tuple(sorted(f"{'logs' if at == '%I' else at}.{name}.{calls}" for name, at, calls in found))


def check_options(options: InstallOptions) -> None:
    """Raise UsageError for what can be refused without asking a server."""
    check_owner(options.owner)
    if options.adopt_tampered and not options.adopt:
        raise UsageError("--adopt-tampered says how to adopt: it needs --adopt", "add --adopt")
    if options.adopt and options.layout is not None:
        raise UsageError(
            "an adopted log keeps the layout that it has", f"leave out --{options.layout}, or --adopt"
        )


BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;"
"""Not as the database's defaults say: what another install made is seen only once its turn is over."""


def format_script(statements: tuple[Statement, ...], *, title: str, prologue: str = "") -> str:
    """Return the script as `psql -f` takes it: one transaction that ends at the first error.

    `prologue` is what has to be done before that transaction, and outside of it.
    """
    lines = [f"-- {title}, written by audit-tui {__version__}. Run it with: psql -X -f FILE", ""]
    lines += ["\\set ON_ERROR_STOP on", "\\set QUIET on", *([prologue] if prologue else []), BEGIN]
    for statement in statements:
        lines += ["", f"-- ======== {statement.name}", statement.text.rstrip("\n")]
    return "\n".join([*lines, "", "COMMIT;", "\\echo The audit schema is in place.", ""])


def _header(options: InstallOptions, *, upgrade: bool) -> str:
    settings = {
        "tool_version": __version__,
        "version": str(SCHEMA_VERSION),
        "owner": options.owner,
        "layout": options.layout or "",
        "tenant_isolation": _given(options.tenant_isolation),
        "roles": _given(options.roles),
        "ddl_trigger": _given(options.ddl_trigger),
        "adopt": "on" if options.adopt else "off",
        "adopt_tampered": "on" if options.adopt_tampered else "off",
        "upgrade": "on" if upgrade else "off",
        "triggers": " ".join(dict.fromkeys(list_made_triggers())),
        "lock_timeout": LOCK_TIMEOUT,
        # What the files fill in: a setting of the database or of a role must not get there first.
        "made": "",
        "steps": "",
    }
    lines = [
        "SET LOCAL statement_timeout = 0;",  # locks are bounded; what is being made is not cut off half way
        f"SET LOCAL lock_timeout = '{TURN_TIMEOUT}';",
        # A DO block, since psql would print what a SELECT returns.
        f"DO $lock$ BEGIN PERFORM pg_catalog.pg_advisory_xact_lock({INSTALL_LOCK}); END $lock$;",
    ]
    lines += [f"SET LOCAL audit_install.{name} = '{value}';" for name, value in settings.items()]
    return "\n".join(lines) + "\n"


def _given(value: bool | None) -> str:
    return "" if value is None else "on" if value else "off"


def _step(file: str, owner: str) -> str:
    """One upgrade step, to be passed over where the server has that version already."""
    name = file.removeprefix("upgrade/").removesuffix(".sql")
    return (
        f"DO $upgrade$\nBEGIN\n"
        f"  IF current_setting('audit_install.installed')::int < {int(name[:4])} THEN\n"
        f"    EXECUTE $step$\n{with_owner(read_sql(file), owner)}$step$;\n"
        f"    PERFORM set_config('audit_install.steps',"
        f" concat_ws(' ', nullif(current_setting('audit_install.steps', true), ''), '{name}'), true);\n"
        f"  END IF;\nEND\n$upgrade$;\n"
    )
