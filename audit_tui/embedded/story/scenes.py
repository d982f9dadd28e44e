"""The scripted moments of peace: how a tenant begins, the guide's examples, what one person leaves behind."""

from dataclasses import replace

from audit_tui.core.state import JsonValue
from audit_tui.embedded.story import records
from audit_tui.embedded.story.beats import Beat, Scene, creates, logs, signs_in, signs_out, updates
from audit_tui.embedded.story.cast import ADMIN_123, INES, USER_456, Person
from audit_tui.embedded.story.daily import Action
from audit_tui.embedded.story.events import moment
from audit_tui.embedded.story.world import World

_ROLES = (
    ("billing", ("invoices:read", "invoices:write")),
    ("support", ("users:read", "orders:read")),
    ("member", ("orders:read", "orders:write", "documents:read")),
)
_FLAGS = ("new_checkout", "dark_mode", "bulk_export")


def founding(world: World) -> list[Beat]:
    """The first morning: the organisation, its people, roles and flags, each with a full snapshot."""
    scene = Scene("2023-11-01 08:00:00")
    profile = {
        "id": world.tenant_id,
        "plan": "business",
        "billing": {
            "currency": "EUR",
            "cycle": "monthly",
            "payout_account": {"iban": "DE02120300000000202051", "bank": "DKB Berlin"},
        },
        "security": {"mfa": "optional", "session_hours": 12, "allowed_networks": []},
    }
    scene.then(0, creates("organisation", world.tenant_id, profile))
    for person in world.people:
        scene.then(41.3, _joins(person))
    for name, held in _ROLES:
        scene.then(33.1, creates("role", f"role_{name}", records.role(name, held)))
    for name in _FLAGS:
        scene.then(27.9, creates("feature_flag", f"flag_{name}", records.feature_flag(name)))
    return scene.beats


def _joins(person: Person) -> Action:
    return lambda world: world.create(world.admin, "user", person.id, records.user(world, person))


def guide_examples(_: World) -> list[Beat]:
    """The three examples of the guide's step 6, as they stand there."""
    scene = Scene("2024-01-15 10:30:00")
    users = "/v1/orgs/org_xyz789/users"
    promotion = updates(
        ADMIN_123, "user", "usr_456", {"role": "admin"},
        endpoint=f"{users}/usr_456", request_id="req_abc123",
    )  # fmt: skip
    newcomer = {
        "id": "usr_789",
        "email": "newuser@example.com",
        "name": "New User",
        "role": "member",
        "created_at": "2024-01-15T10:30:00Z",
    }
    look = logs(
        ADMIN_123, "payment_methods.viewed", "user", "usr_456",
        endpoint=f"{users}/usr_456?include=payment_methods", http_method="GET", request_id="req_ghi789",
        metadata={"included_relations": ["payment_methods"], "payment_method_count": 2},
    )  # fmt: skip
    scene.then(0, promotion)
    scene.then(0.412, lambda w: w.create(ADMIN_123, "user", "usr_789", newcomer, request_id="req_def456"))
    scene.then(66.5, look)
    return scene.beats


def life_of_usr_456(_: World) -> list[Beat]:
    """Enough change on one user to make reconstruction worth looking at."""
    life: tuple[tuple[str, dict[str, JsonValue]], ...] = (
        ("2023-12-04 09:12:40", {"phone": "+44 20 7946 0456"}),
        ("2024-03-01 14:20:05", {"groups": ["sales", "approvers"]}),
        ("2024-06-02 09:14:22", {"settings.locale": "de-DE", "settings.notifications.sms": True}),
        ("2024-10-21 08:47:19", {"groups": ["sales", "approvers", "auditors"], "phone": "+44 20 7946 0099"}),
    )
    return [Beat(moment(at), updates(USER_456, "user", "usr_456", edits)) for at, edits in life]


def life_of_ines(_: World) -> list[Beat]:
    """The footprint of a person who later asks to be forgotten: 14 events that name her."""
    return [Beat(moment(at), act) for at, act in LIFE_OF_INES]


def _searched_for(her: Person) -> Action:
    return lambda w: w.log(w.admin, "user.viewed", "user", her.id, metadata={"searched_for": "marchetti"})


def _leaves(her: Person) -> Action:
    edits = {"status": "leaving", "groups": []}
    return lambda w: w.update(w.admin, "user", her.id, edits, snapshots=True)


def _is_removed(her: Person) -> Action:
    return lambda w: w.delete(w.admin, "user", her.id, metadata={"reason": "left"})


def _writes_to_support(her: Person) -> Action:
    about = {"customer": her.email, "topic": "last payslip"}
    return lambda w: w.log(w.admin, "ticket.closed", "ticket", "tic_0093", metadata=about)


def repriced_order(world: World) -> list[Beat]:
    """In the guide-built database: an order loses nine tenths of its price, which somebody later hides."""
    scene = Scene("2024-07-02 10:04:12")
    large = {"total": 4800.00, "status": "quoted"}
    scene.then(0, lambda w: w.create(w.admin, "order", "ord_9001", records.order(w, "ord_9001") | large))
    scene.then(48, updates(world.admin, "order", "ord_9001", {"total": 480.00}))
    return scene.beats


_RENAMED = replace(INES, email="ines.m@zenith.example", name="Ines Marchetti-Lang")
_FROM_HOME = replace(INES, address="198.51.100.31")
_TO_HER = {"format": "csv", "rows": 87, "sent_to": INES.email}
_LAST_EXPORT = {"format": "pdf", "rows": 212, "sent_to": _RENAMED.email}
_NEW_NAME = {"name": _RENAMED.name, "email": _RENAMED.email}

LIFE_OF_INES: tuple[tuple[str, Action], ...] = (
    ("2023-11-06 08:20:30", _joins(INES)),
    ("2023-11-06 08:31:12", signs_in(INES)),
    ("2023-11-06 08:40:02", updates(INES, "user", INES.id, {"phone": "+39 055 555 0142"})),
    ("2023-12-11 17:02:44", signs_in(_FROM_HOME)),
    ("2024-01-22 10:12:30", logs(INES, "report.exported", "report", "rep_vat", metadata=_TO_HER)),
    ("2024-02-05 09:03:55", _searched_for(INES)),
    ("2024-03-18 11:26:08", signs_in(INES)),
    ("2024-04-09 15:41:37", updates(INES, "user", INES.id, _NEW_NAME, snapshots=True)),
    ("2024-04-10 08:15:03", logs(_RENAMED, "document.viewed", "document", "doc_301")),
    ("2024-06-27 16:48:51", logs(_RENAMED, "invoice.exported", "report", "rep_inv", metadata=_LAST_EXPORT)),
    ("2024-08-29 12:05:20", _leaves(INES)),
    ("2024-09-30 16:59:58", signs_out(_RENAMED)),
    ("2024-10-01 07:30:00", _is_removed(INES)),
    ("2024-10-14 09:22:41", _writes_to_support(INES)),
)
