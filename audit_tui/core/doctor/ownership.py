"""Judges the owner role and who owns the objects of the schema."""

from collections.abc import Iterable

from audit_tui.core.doctor.differences import Changed, Differences
from audit_tui.core.doctor.functions import signature, told
from audit_tui.core.doctor.ledger import Ledger
from audit_tui.core.doctor.model import Weight
from audit_tui.core.doctor.roles import Roles
from audit_tui.core.doctor.seen import Lent
from audit_tui.core.doctor.sqltext import ident, listed, said
from audit_tui.core.doctor.tables import INSTALL, dotted, sql

_POWERS = {
    "superuser": "NOSUPERUSER", "bypass_rls": "NOBYPASSRLS", "create_role": "NOCREATEROLE",
    "create_db": "NOCREATEDB", "replication": "NOREPLICATION",
}  # fmt: skip
_POWER_WORDS = {
    "superuser": "is a superuser", "bypass_rls": "bypasses row security", "create_role": "may create roles",
    "create_db": "may create databases", "replication": "may replicate",
}  # fmt: skip


def judge_owner(ledger: Ledger, owner: str, roles: Roles, *, remedy: str | None = None) -> None:
    """The owner role: nobody logs in as it, it has no powers, it has no members.

    `remedy` is the way out where the role is one that people need (a log that was built by hand).
    """
    ledger.look("owner-login", "owner-attributes", "owner-members")
    role = roles.get(owner)
    if role is None:
        return
    if role.login:
        ledger.hole(
            "owner-login",
            f"The owner {said(owner)} can log in.",
            remedy or f"ALTER ROLE {ident(owner)} NOLOGIN;",
        )
    for power, word in _POWERS.items():
        if getattr(role, power) and (power == "superuser" or not role.superuser):
            ledger.hole(
                "owner-attributes", f"The owner {said(owner)} {_POWER_WORDS[power]}.",
                remedy or f"ALTER ROLE {ident(owner)} {word};",
                Weight.LOW if power in ("create_db", "replication") else None,
            )  # fmt: skip
    _judge_members(ledger, owner, roles)


def _judge_members(ledger: Ledger, owner: str, roles: Roles) -> None:
    for one in roles.memberships:
        if one.role != owner or roles.is_superuser(one.member):
            continue
        if one.usable:
            through = [name for name in roles.members_of(one.member) if not roles.is_superuser(name)]
            more = f", and through it {listed([said(n) for n in through])}" if through else ""
            ledger.hole(
                "owner-members", f"{said(one.member)} is a member of the owner {said(owner)}{more}.",
                f"REVOKE {ident(owner)} FROM {ident(one.member)};",
            )  # fmt: skip
        elif one.admin:
            ledger.notice(
                "owner-members",
                f"{said(one.member)} may make itself a member of the owner {said(owner)}: it created the"
                " role.",
                f"REVOKE ADMIN OPTION FOR {ident(owner)} FROM {ident(one.member)};",
            )


ENTRIES = ("record_ddl", "record_recorder")
"""What the event triggers call: every command of anybody runs them first, so they must be a superuser's."""


def judge_objects(ledger: Ledger, diff: Differences, roles: Roles) -> None:
    """Every object belongs to the owner role; what the event triggers call belongs to a superuser."""
    ledger.look("owner-of-objects")
    for class_, name in sorted(key for key in diff.found if key[0] == "function" and key[1][0] in ENTRIES):
        owner = diff.found[class_, name].get("owner", "")
        if (class_, name) in diff.expected and not roles.is_superuser(owner):
            ledger.hole(
                "owner-of-objects",
                f"{told(name)} belongs to {said(owner)}, who is no superuser, and runs with every command.",
                INSTALL,
            )
    for change in diff.changed:
        class_, name = change.key
        if change.name != "owner" or class_ == "index" or (class_ == "function" and name[0] in ENTRIES):
            continue  # an index belongs to whoever owns its table
        whose = f"belongs to {said(change.found or 'nobody')}"
        new = f"OWNER TO {ident(change.expected or '')};"
        if class_ == "function":
            ledger.hole(
                "owner-of-objects", f"{told(name)} {whose}.", f"ALTER FUNCTION {signature(name)} {new}"
            )
        elif class_ == "schema":
            ledger.hole("owner-of-objects", f"The schema audit {whose}.", f"ALTER SCHEMA audit {new}")
        elif class_ == "relation" and not _follows_its_table(diff, change):
            ledger.hole("owner-of-objects", f"{dotted(name)} {whose}.", f"ALTER TABLE {sql(name)} {new}")


def judge_lent(ledger: Ledger, owner: str, lent: Iterable[Lent]) -> None:
    """What lies outside the schema and belongs to the owner role lends its rights to whoever uses it."""
    ledger.look("owner-lends")
    for one in lent:
        name = f"{ident(one.schema)}.{ident(one.name)}"
        call, remedy = "", f"DROP VIEW {name};"
        if one.kind == "function":
            call, remedy = "()", f"ALTER ROUTINE {name}({one.arguments}) SECURITY INVOKER;"
        what = f"The {one.kind} {said(one.schema)}.{said(one.name)}{call}"
        ledger.hole("owner-lends", f"{what} runs with the rights of {said(owner)}.", remedy)


def _follows_its_table(diff: Differences, change: Changed) -> bool:
    """The sequence of a column cannot belong to anyone but the owner of its table."""
    if diff.found[change.key]["kind"] != "S":
        return False
    return any(c.found == change.found and c != change for c in diff.changed_of("relation", "owner"))
