"""Who acts in the story: the people of each tenant, its services, and the stranger of that night."""

from dataclasses import dataclass, replace

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Firefox/115.0"
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/119.0.0.0 Safari/537.36"
)
SAFARI = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_1) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.1 Safari/605.1.15"
)
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.1 Mobile/15E148 Safari/604.1"
)
SCRIPT = "python-requests/2.31.0"
AGENTS = (FIREFOX, CHROME, SAFARI, PHONE)

STRANGER_ADDRESS = "203.0.113.77"
"""Where every act of the intrusion comes from (TEST-NET-3: it belongs to nobody)."""


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who acts. `actor_type` is `user` or `service`."""

    id: str
    email: str | None
    name: str
    role: str
    department: str
    address: str | None
    agent: str | None
    actor_type: str = "user"
    has_session: bool = True

    def from_elsewhere(self, address: str, agent: str = SCRIPT) -> "Person":
        """The same account, used from another address."""
        return replace(self, address=address, agent=agent)


_NAMES = {
    "org_acme": ("Rosa Lindqvist", "Tom Okafor", "Mara Fischer", "Kenji Mori", "Paul Dubois",
                 "Anita Rao", "Lena Novak", "Sam Whitlock", "Elif Demir"),
    "org_borealis": ("Ingrid Solheim", "Aksel Berg", "Freya Nilsen", "Oskar Lind", "Maja Strand",
                     "Jonas Vik", "Sara Dahl"),
    "org_cobalt": ("Diego Ramos", "Lucía Ortega", "Pablo Serra", "Nuria Vidal", "Hugo Campos",
                   "Elena Prats", "Marc Soler"),
    "org_delta": ("Grace Mensah", "Peter Novotny", "Aoi Watanabe", "Liam Byrne", "Zoë Maes",
                  "Omar Haddad", "Julia Wagner", "Ravi Menon"),
    "org_zenith": ("Claire Fontaine", "Marek Wolski", "Noor Jansen", "David Cohen"),
    "org_harbor": ("Helen Marsh", "Ian Pryce", "Joan Tully", "Karl Eng"),
    "org_lumen": ("Bea Costa", "Rui Alves", "Inga Olsen", "Max Kranz"),
}  # fmt: skip
_ROLES = ("admin", "billing", "member", "member", "support", "member", "billing", "viewer", "member")
_DEPARTMENTS = ("operations", "finance", "sales", "product", "support", "sales", "finance", "audit", "sales")

ADMIN_123 = Person(
    "usr_admin123", "admin@example.com", "Ada Byrne", "admin", "operations", "192.168.1.100", None,
    has_session=False,
)  # fmt: skip
"""The admin of the guide's examples, exactly as they log: without session and user agent."""

USER_456 = Person(
    "usr_456", "alex.person@example.com", "Alex Person", "member", "sales", "192.168.1.56", FIREFOX
)
USER_789 = Person("usr_789", "newuser@example.com", "New User", "member", "sales", "192.168.1.79", CHROME)

INES = Person(
    "usr_zen41",
    "ines.marchetti@zenith.example",
    "Ines Marchetti",
    "member",
    "finance",
    "198.51.100.24",
    SAFARI,
)
"""The person of org_zenith who asks to be forgotten."""

_XYZ = (
    replace(ADMIN_123, agent=CHROME, has_session=True),
    USER_456,
    Person("usr_201", "b.keller@example.com", "Bruno Keller", "billing", "finance", "192.168.1.21", SAFARI),
    Person("usr_202", "c.adeyemi@example.com", "Chidi Adeyemi", "support", "support", "192.168.1.22", CHROME),
    Person("usr_203", "d.horvat@example.com", "Dora Horvat", "member", "sales", "192.168.1.23", FIREFOX),
    Person("usr_204", "e.lund@example.com", "Emil Lund", "viewer", "audit", "192.168.1.24", PHONE),
)

BILLING_SERVICE = Person(
    "svc_billing", None, "Billing worker", "service", "operations", "10.0.8.11", None, "service",
    has_session=False,
)  # fmt: skip
SHIPPING_SERVICE = Person(
    "svc_shipping", None, "Shipping worker", "service", "operations", "10.0.8.12", None, "service",
    has_session=False,
)  # fmt: skip


def people_of(tenant_id: str) -> tuple[Person, ...]:
    """The people of a tenant; the first is its admin."""
    if tenant_id == "org_xyz789":
        return _XYZ
    word = tenant_id.removeprefix("org_")
    network = 16 + sorted(_NAMES).index(tenant_id)
    return tuple(
        Person(
            f"usr_{word[:3]}{number:02d}",
            f"{name.lower().replace(' ', '.').replace('ë', 'e').replace('í', 'i')}@{word}.example",
            name,
            _ROLES[number - 1],
            _DEPARTMENTS[number - 1],
            f"10.{network}.0.{10 + number}",
            AGENTS[(number + network) % len(AGENTS)],
        )
        for number, name in enumerate(_NAMES[tenant_id], start=1)
    )
