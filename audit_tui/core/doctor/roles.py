"""The cluster's roles and who is a member of whom: what a role may really do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

OUR_ROLES = ("audit_reader", "audit_writer", "audit_admin", "audit_eraser", "audit_archivist")
"""What people and applications are made members of; the owner role has a name of its own."""


@dataclass(frozen=True, slots=True)
class Role:
    """A role's attributes."""

    name: str
    login: bool = False
    superuser: bool = False
    bypass_rls: bool = False
    create_role: bool = False
    create_db: bool = False
    replication: bool = False


@dataclass(frozen=True, slots=True)
class Membership:
    """`member` is in `role`. `usable` is False where it may neither inherit nor SET ROLE (16 and later)."""

    role: str
    member: str
    admin: bool = False
    usable: bool = True


@dataclass(frozen=True)
class Roles:
    """All roles and memberships of the cluster."""

    roles: Mapping[str, Role]
    memberships: tuple[Membership, ...]
    _members: dict[str, list[str]] = field(default_factory=dict, repr=False)
    _groups: dict[str, list[str]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        for one in self.memberships:
            if one.usable:
                self._members.setdefault(one.role, []).append(one.member)
                self._groups.setdefault(one.member, []).append(one.role)

    def get(self, name: str) -> Role | None:
        return self.roles.get(name)

    def is_superuser(self, name: str) -> bool:
        found = self.roles.get(name)
        return found is not None and found.superuser

    def members_of(self, name: str) -> list[str]:
        """Everyone who can act with that role's rights, directly or through others, by name."""
        return sorted(_reach(self._members, name))

    def groups_of(self, name: str) -> list[str]:
        """Every role whose rights that role can use, by name."""
        return sorted(_reach(self._groups, name))

    def who(self, attribute: str) -> list[str]:
        """The names of the roles with an attribute, predefined ones apart."""
        return sorted(
            name for name, role in self.roles.items() if getattr(role, attribute) and not predefined(name)
        )


def build_roles(roles: Iterable[Role], memberships: Iterable[Membership]) -> Roles:
    return Roles({role.name: role for role in roles}, tuple(memberships))


def predefined(name: str) -> bool:
    """PostgreSQL's own roles; nobody can make another that begins so."""
    return name.startswith("pg_")


def _reach(step: Mapping[str, list[str]], start: str) -> set[str]:
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        for name in step.get(waiting.pop(), ()):
            if name not in reached and name != start:
                reached.add(name)
                waiting.append(name)
    return reached
