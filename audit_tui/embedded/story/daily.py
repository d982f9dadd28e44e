"""An ordinary day: what people and services do when nobody attacks. Every action tells exactly one event."""

from collections.abc import Callable

from audit_tui.embedded.story import records
from audit_tui.embedded.story.cast import BILLING_SERVICE, SHIPPING_SERVICE, Person
from audit_tui.embedded.story.world import World

Action = Callable[[World], None]


def _anyone(world: World) -> Person:
    return world.random.choice(world.people)


def sign_in(world: World) -> None:
    by = _anyone(world)
    method = world.random.choice(("password", "password+totp", "sso"))
    world.log(by, "auth.login", "user", by.id, endpoint="/v1/auth/login", http_method="POST",
              metadata={"method": method})  # fmt: skip


def sign_out(world: World) -> None:
    by = _anyone(world)
    world.log(by, "auth.logout", "user", by.id, endpoint="/v1/auth/logout", http_method="POST")


def mistype_password(world: World) -> None:
    by = _anyone(world)
    world.log(by, "auth.login_failed", "user", by.id, endpoint="/v1/auth/login", http_method="POST",
              session_id=None, metadata={"failure_reason": "bad password", "attempt": 1})  # fmt: skip


def create_invoice(world: World) -> None:
    resource_id = f"inv_{world.next_number('invoice', 2001)}"
    world.create(_anyone(world), "invoice", resource_id, records.invoice(world, resource_id))


def send_invoice(world: World) -> None:
    drafts = world.living("invoice", status="draft")
    if not drafts:
        return create_invoice(world)
    return world.update(_anyone(world), "invoice", drafts[0], {"status": "sent"}, event_type="invoice.sent")


def pay_invoice(world: World) -> None:
    sent = world.living("invoice", status="sent")
    if not sent:
        return send_invoice(world)
    paid_at = f"{world.now:%Y-%m-%d}"
    return world.update(BILLING_SERVICE, "invoice", world.random.choice(sent),
                        {"status": "paid", "paid_at": paid_at}, event_type="invoice.paid",
                        metadata={"job": "bank-import", "matched_by": "reference"})  # fmt: skip


def remind(world: World) -> None:
    sent = world.living("invoice", status="sent")
    if not sent:
        return create_invoice(world)
    reminders = world.state["invoice", sent[0]]["terms"]["reminders"] + 1
    return world.update(BILLING_SERVICE, "invoice", sent[0], {"terms.reminders": reminders})


def view_invoice(world: World) -> None:
    known = world.living("invoice")
    if not known:
        return create_invoice(world)
    return world.log(_anyone(world), "invoice.viewed", "invoice", world.random.choice(known[-40:]))


def delete_draft(world: World) -> None:
    drafts = world.living("invoice", status="draft")
    if not drafts:
        return create_invoice(world)
    return world.delete(_anyone(world), "invoice", drafts[-1], metadata={"reason": "duplicate"})


def create_order(world: World) -> None:
    resource_id = f"ord_{world.next_number('order', 7001)}"
    world.create(_anyone(world), "order", resource_id, records.order(world, resource_id))


def edit_order(world: World) -> None:
    """Changes a quantity or adds an item: the whole array travels in `changes`."""
    known = world.living("order", status="open")
    if not known:
        return create_order(world)
    resource_id = world.random.choice(known[-20:])
    items = [dict(one) for one in world.state["order", resource_id]["items"]]
    if world.random.random() < 0.5:
        items.append(records.item(world, max(one["id"] for one in items) + 1))
    else:
        world.random.choice(items)["quantity"] += world.random.randint(1, 5)
    edits = {"items": items, "total": records.total(items)}
    return world.update(_anyone(world), "order", resource_id, edits)


def ship_order(world: World) -> None:
    known = world.living("order", status="open")
    if not known:
        return create_order(world)
    edits = {"status": "shipped", "shipping.tracking": f"TRK{world.random.randint(10**8, 10**9 - 1)}"}
    return world.update(SHIPPING_SERVICE, "order", known[0], edits, event_type="order.shipped")


def view_order(world: World) -> None:
    known = world.living("order")
    if not known:
        return create_order(world)
    return world.log(_anyone(world), "order.viewed", "order", world.random.choice(known[-40:]))


def change_own_settings(world: World) -> None:
    by = _anyone(world)
    settings = world.state["user", by.id]["settings"]
    if world.random.random() < 0.6:
        theme = "dark" if settings["theme"] == "light" else "light"
        return world.update(by, "user", by.id, {"settings.theme": theme})
    wants = not settings["notifications"]["email"]
    edits = {
        "settings.notifications.email": wants,
        "settings.notifications.digest": "daily" if wants else "off",
    }
    return world.update(by, "user", by.id, edits)


def view_user(world: World) -> None:
    world.log(_anyone(world), "user.viewed", "user", _anyone(world).id)


def share_document(world: World) -> None:
    resource_id = f"doc_{world.next_number('document', 301)}"
    world.create(_anyone(world), "document", resource_id, records.document(world, resource_id))


def view_document(world: World) -> None:
    known = world.living("document")
    if not known:
        return share_document(world)
    return world.log(_anyone(world), "document.viewed", "document", world.random.choice(known))


def change_permissions(world: World) -> None:
    """Sensitive: carries the change and both snapshots."""
    resource_id = world.random.choice(world.living("role"))
    held = list(world.state["role", resource_id]["permissions"])
    extra = world.random.choice(("orders:write", "reports:export", "users:read", "invoices:void"))
    wanted = [one for one in held if one != extra] if extra in held else [*held, extra]
    world.update(world.admin, "role", resource_id, {"permissions": wanted}, snapshots=True)


def roll_out_flag(world: World) -> None:
    resource_id = world.random.choice(world.living("feature_flag"))
    percent = (world.state["feature_flag", resource_id]["rollout"]["percent"] + 25) % 125
    regions = ["eu-west", "eu-north", "us-east"][: percent // 40]
    edits = {"enabled": percent > 0, "rollout.percent": percent, "rollout.regions": regions}
    world.update(world.people[-1], "feature_flag", resource_id, edits)


def issue_key(world: World) -> None:
    by, resource_id = _anyone(world), f"key_{world.next_number('api_key', 51)}"
    world.create(by, "api_key", resource_id, records.api_key(world, resource_id, by))


def revoke_key(world: World) -> None:
    active = world.living("api_key", status="active")
    if not active:
        return issue_key(world)
    edits = {"status": "revoked"}
    return world.update(
        world.admin, "api_key", active[0], edits, event_type="api_key.revoked", snapshots=True
    )


def export_report(world: World) -> None:
    kind = world.random.choice(("sales", "vat", "stock"))
    about = {"format": "csv", "rows": world.random.randint(40, 900), "columns": ["id", "date", "total"]}
    world.log(_anyone(world), "report.exported", "report", f"rep_{kind}", metadata=about)


def help_as_user(world: World) -> None:
    """An admin looks at the product as somebody else: the actor is the user, `act` says who it really was."""
    helped = world.random.choice(world.people[1:])
    world.log(helped, "order.listed", "user", helped.id, http_method="GET",
              actor_ip_address=world.admin.address, user_agent=world.admin.agent,
              metadata={"act": {"sub": world.admin.id, "email": world.admin.email},
                        "ticket": f"SUP-{world.random.randint(400, 999)}"})  # fmt: skip


ORDINARY: tuple[tuple[Action, int], ...] = (
    (sign_in, 14), (sign_out, 6), (mistype_password, 2), (create_invoice, 9), (send_invoice, 8),
    (pay_invoice, 7), (remind, 3), (view_invoice, 9), (delete_draft, 1), (create_order, 8), (edit_order, 7),
    (ship_order, 6), (view_order, 6), (change_own_settings, 5), (view_user, 4), (share_document, 4),
    (view_document, 4), (change_permissions, 2), (roll_out_flag, 2), (issue_key, 1), (revoke_key, 1),
    (export_report, 3), (help_as_user, 1),
)  # fmt: skip


def something_ordinary(world: World) -> None:
    """One event of a usual day."""
    actions, weights = zip(*ORDINARY, strict=True)
    world.random.choices(actions, weights)[0](world)
