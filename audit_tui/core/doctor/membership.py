"""Judges the roles around the log: ours, those above every protection, and who is a member of what."""

from audit_tui.core.doctor.grants import nested_rights
from audit_tui.core.doctor.ledger import Ledger
from audit_tui.core.doctor.model import Weight
from audit_tui.core.doctor.roles import OUR_ROLES, Roles, predefined
from audit_tui.core.doctor.seen import Trust
from audit_tui.core.doctor.sqltext import ident, listed, said

_POWERS = {
    "superuser": ("is a superuser", "NOSUPERUSER", Weight.HIGH),
    "bypass_rls": ("bypasses row security", "NOBYPASSRLS", Weight.MEDIUM),
    "create_role": ("may create roles", "NOCREATEROLE", Weight.HIGH),
    "create_db": ("may create databases", "NOCREATEDB", Weight.LOW),
    "replication": ("may replicate everything", "NOREPLICATION", Weight.HIGH),
    "login": ("can log in: a name that is nobody's", "NOLOGIN", Weight.LOW),
}
_SERVER_PROGRAMS = ("pg_execute_server_program", "pg_write_server_files")
_ROLES_SELF_SERVICE = 160000
"""Before this version whoever may create roles may make themselves a member of any."""
_USES = {
    "audit_writer": "log", "audit_reader": "read", "audit_admin": "read and verify", "audit_eraser": "erase",
    "audit_archivist": "archive",
}  # fmt: skip


def judge_our_roles(ledger: Ledger, roles: Roles, owner: str, *, expected: bool) -> None:
    """The roles audit_*: there (where `expected`), without powers, in no role that widens them."""
    ledger.look("role-attributes", "role-nested")
    if expected:
        ledger.look("role-missing")
    for name in OUR_ROLES:
        role = roles.get(name)
        if role is None:
            if expected:
                ledger.hole("role-missing", f"There is no role {name}.", "audit-tui install")
            continue
        for power, (told, word, weight) in _POWERS.items():
            if getattr(role, power):
                ledger.hole("role-attributes", f"{name} {told}.", f"ALTER ROLE {name} {word};", weight)
    for ours, group in nested_rights(roles, owner):
        ledger.hole(
            "role-nested",
            f"{ours} is a member of {said(group)}, and so may what {said(group)} may.",
            f"REVOKE {ident(group)} FROM {ours};",
        )


def judge_powers(ledger: Ledger, roles: Roles, version: int, database_owner: str) -> None:
    """Who stands above every protection: true of every server, and worth knowing by name."""
    ledger.look("role-powers")
    groups = [
        ("superuser", roles.who("superuser"), "get round everything here"),
        ("role with BYPASSRLS", roles.who("bypass_rls"), "see every row"),
        ("role that may replicate", roles.who("replication"), "read everything at its source"),
    ]
    if version < _ROLES_SELF_SERVICE:
        groups.append(
            ("role that may create roles", roles.who("create_role"), "make themselves a member of the owner")
        )
    groups += [
        (f"member of {name}", roles.members_of(name), "act as the server's own user")
        for name in _SERVER_PROGRAMS
    ]
    groups += [
        ("member of pg_write_all_data", roles.members_of("pg_write_all_data"), "insert into every table"),
        ("member of pg_maintain", roles.members_of("pg_maintain"), "lock every table"),
        ("owner of the database", [database_owner], "drop it with everything in it"),
    ]
    for what, names, power in groups:
        people = [name for name in names if not predefined(name)]
        if what != "superuser":
            people = [name for name in people if not roles.is_superuser(name)]
        if people:
            many = f"{len(people)} {_plural(what, len(people))} can {power}"
            ledger.notice("role-powers", f"{many}: {listed([said(name) for name in people])}.")


def judge_trust(ledger: Ledger, trusts: tuple[Trust, ...] | None) -> None:
    """Whether anyone is let in without proof of who they are. None: this role may not read that."""
    if trusts is None:
        ledger.skip(["trust"], "EXECUTE on pg_hba_file_rules()")
        return
    ledger.look("trust")
    for one in trusts:
        whom = "anyone" if one.users == "all" else said(one.users)
        if _is_near(one):
            ledger.notice("trust", f"Whoever is on the server's machine may log in as {whom} without proof.")
        else:
            ledger.hole(
                "trust",
                f"Whoever comes from {said(one.address or 'anywhere')} may log in as {whom} without proof.",
                "-- pg_hba.conf: scram-sha-256 in the place of trust, then\nSELECT pg_reload_conf();",
            )


def _is_near(one: Trust) -> bool:
    return one.address is None or one.address.startswith("127.") or one.address in ("::1", "localhost")


def judge_members(ledger: Ledger, roles: Roles) -> None:
    """Who may log, read, verify, erase, archive through the roles that are there for it."""
    ledger.look("role-members")
    for name, use in _USES.items():
        members = [
            one for one in roles.members_of(name) if not roles.is_superuser(one) and one not in OUR_ROLES
        ]
        if members:
            ledger.notice("role-members", f"May {use}: {listed([said(one) for one in members])}.")


def _plural(what: str, number: int) -> str:
    if number == 1:
        return what
    head, _, rest = what.partition(" ")
    return f"{head}s{' ' + rest if rest else ''}"
