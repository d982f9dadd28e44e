"""Opening a connection, and what of its DSN may be said aloud. No password leaves this module."""

import re
from dataclasses import dataclass

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.types.string import TextLoader

from audit_tui.core.errors import ConnectError, UsageError

APPLICATION_NAME = "audit-tui"
_SECRET_KEYS = frozenset({"password", "sslpassword", "passfile", "oauth_client_secret"})
_AS_PRINTED = ("timestamptz", "timestamp", "jsonb", "json", "inet", "cidr", "numeric", "date", "uuid", "xml")
"""Types that are read as the server's text: the seal is over that text, and infinity or BC must not raise."""


@dataclass(frozen=True, slots=True)
class Dsn:
    """Connection parameters as given (empty: libpq's environment and service files decide)."""

    parameters: dict[str, str]

    @property
    def name(self) -> str:
        """What the user would call it: the service, else the database."""
        return self.parameters.get("service") or self.parameters.get("dbname") or "default"

    @property
    def without_secrets(self) -> str:
        """The same DSN as a connection string that may be printed."""
        shown = {key: value for key, value in self.parameters.items() if key not in _SECRET_KEYS}
        return make_conninfo("", **shown)

    def scrub(self, text: str) -> str:
        """The text with any secret of this DSN blotted out."""
        for key in _SECRET_KEYS - {"passfile"}:
            secret = self.parameters.get(key)
            if secret:
                text = text.replace(secret, "****")
        return text


def parse_dsn(dsn: str | None) -> Dsn:
    """Reads a URI or key=value DSN. UsageError where libpq cannot: the message quotes nothing of it, since
    the part that libpq stumbles over may be the password.
    """
    if dsn and _hides_a_password(dsn):
        raise UsageError(
            "the DSN cannot be read: its user or password holds characters that a URI keeps for itself",
            "write @ as %40, / as %2F, ? as %3F, # as %23 and : as %3A, or use ~/.pgpass",
        )
    try:
        found = conninfo_to_dict(dsn or "")
    except psycopg.Error:
        raise UsageError(
            "the DSN cannot be read",
            "write postgresql://USER@HOST:PORT/DATABASE or 'host=HOST dbname=DATABASE user=USER'",
        ) from None
    return Dsn({key: str(value) for key, value in found.items() if value is not None})


def _hides_a_password(dsn: str) -> bool:
    """Whether libpq would take a part of the password for a host, port or database, and so say it aloud."""
    scheme, found, rest = dsn.partition("://")
    if not found or scheme not in ("postgresql", "postgres"):
        return False
    before_query = re.split(r"[?#]", rest, maxsplit=1)[0]
    authority = before_query.split("/", 1)[0]
    if before_query.count("@") > 1 or ("@" in before_query and "@" not in authority):
        return True
    hosts = re.sub(r"\[[^\]]*\]", "", authority.rpartition("@")[2])
    return any(":" in host and not host.rpartition(":")[2].isdigit() for host in hosts.split(",") if host)


def connect(dsn: Dsn) -> psycopg.Connection:
    """An autocommit connection whose transactions are read-only unless asked otherwise. ConnectError."""
    defaults = {"application_name": APPLICATION_NAME, "connect_timeout": "10", "client_encoding": "utf8"}
    forced = {"application_name", "client_encoding"}
    parameters = {k: v for k, v in defaults.items() if k in forced or k not in dsn.parameters}
    try:
        conn = psycopg.connect(
            make_conninfo("", **{**dsn.parameters, **parameters}), autocommit=True, prepare_threshold=None
        )
    except psycopg.Error as error:
        raise _refused(dsn, error) from None
    conn.read_only = True
    for name in _AS_PRINTED:
        conn.adapters.register_loader(name, TextLoader)
    return conn


def target_text(conn: psycopg.Connection) -> str:
    """`user@host:port/database` of an open connection; a socket folder counts as localhost."""
    info = conn.info
    host = "localhost" if info.host.startswith("/") or not info.host else info.host
    return f"{info.user}@{host}:{info.port}/{info.dbname}"


def _refused(dsn: Dsn, error: psycopg.Error) -> ConnectError:
    said = dsn.scrub(" ".join(str(error).split()))
    where = _where(dsn)
    lowered = said.lower()
    if "no password supplied" in lowered:
        return ConnectError(f"no password given for {where}", "set PGPASSWORD, ~/.pgpass or a service file")
    if "password authentication failed" in lowered:
        return ConnectError(f"the password for {where} was refused", "check PGPASSWORD or ~/.pgpass")
    if "does not exist" in lowered and "database" in lowered:
        return ConnectError(
            f"there is no such database: {where}", "check the name after the last slash of the DSN"
        )
    if "definition of service" in lowered or "service file" in lowered:
        return ConnectError("the service is not defined", "look at ~/.pg_service.conf or PGSERVICEFILE")
    reasons = ("connection refused", "no such file", "could not translate", "failed to resolve", "timeout")
    if any(reason in lowered for reason in reasons):
        return ConnectError(f"no server answers at {where}", f"is it running and reachable? {_brief(said)}")
    return ConnectError(f"could not connect to {where}", _brief(said))


def _where(dsn: Dsn) -> str:
    known = dsn.parameters
    host = known.get("host") or known.get("hostaddr") or "the default host"
    user = f"{known['user']}@" if "user" in known else ""
    port = f":{known['port']}" if "port" in known else ""
    database = f"/{known['dbname']}" if "dbname" in known else ""
    return f"{user}{host}{port}{database}"


def _brief(said: str, limit: int = 160) -> str:
    marker = "failed: "
    tail = said[said.rfind(marker) + len(marker) :] if marker in said else said
    tail = tail.partition(" Is the server running")[0]  # the question is ours already
    return tail if len(tail) <= limit else tail[: limit - 1] + "…"
