"""Everything that one examination read, before anything is judged."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from audit_tui.core.doctor.catalogue import Catalogue
from audit_tui.core.doctor.roles import Roles


@dataclass(frozen=True, slots=True)
class RoleSetting:
    """A setting of a role, a database, or a role in a database (None: of any)."""

    database: str | None
    role: str | None
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Planted:
    """An object of a user's making that bears the name of one of the server's own.

    `kind` is function, operator, type, relation or cast. `exact` tells that it takes the same arguments,
    `builtin_arguments` that it takes the server's own types only. `body` is its SHA-256 (functions).
    """

    kind: str
    schema: str
    name: str
    arguments: str
    exact: bool = False
    builtin_arguments: bool = False
    body: str | None = None


@dataclass(frozen=True, slots=True)
class Lent:
    """A function or view (`kind`) outside the schema that runs with the owner's rights."""

    kind: str
    schema: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Publication:
    """A publication that hands on a table of the log: whole, where `row_filter` and `columns` are None."""

    name: str
    relation: str
    row_filter: str | None
    columns: str | None
    operations: str


@dataclass(frozen=True, slots=True)
class Trust:
    """A line of the server's pg_hba.conf that lets people in without any proof. `address` None: a socket."""

    kind: str
    databases: str
    users: str
    address: str | None


@dataclass(frozen=True, slots=True)
class SchemaInfo:
    """The row of audit.schema_info; `options` as version 2 keeps them."""

    version: int
    options: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Server:
    """Who asks whom, and what they may read. `clock_us` is the server's clock (microseconds since 1970)."""

    version: int
    username: str
    database: str
    database_owner: str
    rows_hidden: bool
    public_create: tuple[str, ...]
    clock_us: int
    info_exists: bool = True
    info_readable: bool = True
    hba_readable: bool = True


@dataclass(frozen=True, slots=True)
class Seen:
    """The whole reading. What is None could not be read by this role.

    `parameters` are grants on settings: name, role (empty: PUBLIC), right. `event_triggers` are those of
    others: name, event, function.
    """

    catalogue: Catalogue
    roles: Roles
    server: Server
    our_clock_us: int
    settings: Mapping[str, str] = field(default_factory=dict)
    role_settings: tuple[RoleSetting, ...] = ()
    planted: tuple[Planted, ...] = ()
    builtins: Mapping[str, str] = field(default_factory=dict)
    publications: tuple[Publication, ...] = ()
    subscriptions: tuple[str, ...] = ()
    info: SchemaInfo | None = None
    default_used: bool | None = None
    trusts: tuple[Trust, ...] | None = None
    parameters: tuple[tuple[str, str, str], ...] = ()
    event_triggers: tuple[tuple[str, str, str], ...] = ()
    lent: tuple[Lent, ...] = ()
