"""Judges rights: what was granted beyond an installation, to whom, and who else gets it through them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from audit_tui.core.doctor.adopted import was_there
from audit_tui.core.doctor.catalogue import Key, Object, Properties, relation_of
from audit_tui.core.doctor.ledger import Ledger
from audit_tui.core.doctor.model import Weight
from audit_tui.core.doctor.roles import OUR_ROLES, Roles
from audit_tui.core.doctor.sqltext import grantee, ident, listed, said

_CHECK = {
    "schema": "grants-schema",
    "table": "grants-table",
    "column": "grants-table",
    "sequence": "grants-sequence",
    "function": "grants-function",
}
_WEIGHTS = {
    ("schema", "create"): Weight.HIGH,
    ("schema", "usage"): Weight.LOW,
    ("table", "select"): Weight.MEDIUM,
    ("table", "insert"): Weight.MEDIUM,
    ("table", "references"): Weight.LOW,
    ("table", "maintain"): Weight.LOW,
    ("column", "select"): Weight.MEDIUM,
    ("column", "insert"): Weight.MEDIUM,
    ("column", "references"): Weight.LOW,
}


@dataclass(frozen=True, slots=True)
class Granted:
    """What the judge of grants needs: the schema's objects with their owners, and the cluster's roles.

    In an adopted log, roles keep what they were granted before, as far as a log can allow it.
    """

    expected: Mapping[Key, Properties]
    found: Mapping[Key, Properties]
    roles: Roles
    owner: str
    adopted: bool = False


def judge_grants(
    ledger: Ledger, granted: Granted, leave_out: Collection[Object], *, with_roles: bool
) -> None:
    """Every right beyond or below an installation's. `leave_out` are relations that are judged apart.

    Without `with_roles` the schema was installed for roles that need not be there.
    """
    ledger.look(*dict.fromkeys(_CHECK.values()), "grants-missing", "grants-default")
    for key, found in sorted(granted.found.items()):
        if key[0] == "grant" and relation_of(key) not in leave_out:
            _judge_granted(ledger, granted, key, found)
        elif key[0] == "default grant":
            _default(ledger, key[1], found)
    for key, wanted in sorted(granted.expected.items()):
        if key[0] == "grant" and _present(granted, key):
            _judge_missing(ledger, granted, key, wanted, with_roles=with_roles)


def _judge_granted(ledger: Ledger, granted: Granted, key: Key, found: Properties) -> None:
    kind, *where, whom = key[1]
    if whom == granted.owner or whom == _owner_of(granted, key) or granted.roles.is_superuser(whom):
        return
    wanted = granted.expected.get(key, {})
    for right, value in found.items():
        if right not in wanted and granted.adopted and whom and was_there(kind, where, right):
            ledger.notice(_CHECK[kind], _sentence(granted, kind, where, whom, right))
        elif right not in wanted:
            ledger.hole(
                _CHECK[kind], _sentence(granted, kind, where, whom, right),
                f"REVOKE {_spelled(kind, where, right)} FROM {grantee(whom)};", _weight(granted, key, right),
            )  # fmt: skip
        elif value == "grantable" and wanted[right] != "grantable":
            ledger.hole(
                _CHECK[kind], f"{_who(whom)} may hand on {right.upper()} on {_object(kind, where)}.",
                f"REVOKE GRANT OPTION FOR {_spelled(kind, where, right)} FROM {grantee(whom)} CASCADE;",
            )  # fmt: skip


def _judge_missing(
    ledger: Ledger, granted: Granted, key: Key, wanted: Properties, *, with_roles: bool
) -> None:
    kind, *where, whom = key[1]
    if whom == granted.owner or whom not in granted.roles.roles or not with_roles:
        return
    for right in wanted.keys() - granted.found.get(key, {}).keys():
        ledger.hole(
            "grants-missing", f"{said(whom)} has no {right.upper()} on {_object(kind, where)}.",
            f"GRANT {_spelled(kind, where, right)} TO {ident(whom)};",
        )  # fmt: skip


def _present(granted: Granted, key: Key) -> bool:
    """Whether the object of an expected grant is there: else its absence has been told."""
    kind, *where, _ = key[1]
    class_ = {"schema": "schema", "function": "function"}.get(kind, "relation")
    return (class_, tuple(where[:2])) in granted.found


def _owner_of(granted: Granted, key: Key) -> str | None:
    kind, *where, _ = key[1]
    class_ = {"schema": "schema", "function": "function"}.get(kind, "relation")
    return granted.found.get((class_, tuple(where[:2])), {}).get("owner")


def _sentence(granted: Granted, kind: str, where: list[str], whom: str, right: str) -> str:
    told = f"{_who(whom)} has {right.upper()} on {_object(kind, where)}"
    others = [said(name) for name in granted.roles.members_of(whom)] if whom else []
    return f"{told}; through it {listed(others)} too." if others else f"{told}."


def _weight(granted: Granted, key: Key, right: str) -> Weight | None:
    kind, *where, _ = key[1]
    if kind == "function":
        lends = granted.found.get(("function", tuple(where[:2])), {}).get("security") == "definer"
        return Weight.HIGH if lends else Weight.MEDIUM
    return _WEIGHTS.get((kind, right))


def _object(kind: str, where: list[str]) -> str:
    if kind == "schema":
        return f"the schema {said(where[0])}"
    if kind == "function":
        return f"audit.{said(where[0])}()"
    table = f"{said(where[0])}.{said(where[1])}"
    return f"{table}.{said(where[2])}" if kind == "column" else table


def _spelled(kind: str, where: list[str], right: str) -> str:
    """`UPDATE ON audit.logs`, as GRANT and REVOKE take it."""
    if kind == "schema":
        return f"{right.upper()} ON SCHEMA {ident(where[0])}"
    if kind == "function":
        return f"EXECUTE ON FUNCTION audit.{ident(where[0])}({where[1]})"
    table = f"{ident(where[0])}.{ident(where[1])}"
    if kind == "column":
        return f"{right.upper()} ({ident(where[2])}) ON {table}"
    return f"{right.upper()} ON {'SEQUENCE ' if kind == 'sequence' else ''}{table}"


def _who(whom: str) -> str:
    return said(whom) if whom else "PUBLIC (everyone)"


_BORN = {
    "r": "TABLES",
    "S": "SEQUENCES",
    "f": "FUNCTIONS",
    "T": "TYPES",
    "n": "SCHEMAS",
    "L": "LARGE OBJECTS",
}


def _default(ledger: Ledger, name: Object, found: Properties) -> None:
    maker, schema, kind, whom = name
    what = _BORN.get(kind, "TABLES")
    within = f" IN SCHEMA {ident(schema)}" if schema else ""
    for right in found:
        if not schema and not whom and _born_so(kind, right):
            continue  # the server's own default, which the installation revokes object by object
        ledger.hole(
            "grants-default",
            f"{what.capitalize()} that {said(maker)} makes{' in the schema audit' if schema else ''}"
            f" are born with {right.upper()} for {_who(whom)}.",
            f"ALTER DEFAULT PRIVILEGES FOR ROLE {ident(maker)}{within} "
            f"REVOKE {right.upper()} ON {what} FROM {grantee(whom)};",
        )


def _born_so(kind: str, right: str) -> bool:
    return (kind, right) in {("f", "execute"), ("T", "usage")}


def nested_rights(roles: Roles, owner: str) -> list[tuple[str, str]]:
    """(one of our roles, a role it is in that widens it): another of ours, or one of the server's own."""
    widening = (*OUR_ROLES, *(name for name in roles.roles if name.startswith("pg_")))
    return [
        (ours, group)
        for ours in OUR_ROLES
        for group in roles.groups_of(ours)
        if group in widening and group != owner
    ]
