"""What the story's resources look like when they are made: nested, with arrays, as applications log them."""

from audit_tui.core.state import JsonValue
from audit_tui.embedded.story.cast import Person
from audit_tui.embedded.story.events import rfc3339
from audit_tui.embedded.story.world import World

CUSTOMERS = (
    ("Hartmann & Söhne GmbH", "DE"), ("Lumière SARL", "FR"), ("Northwind Traders", "GB"),
    ("Tamworth Dairy", "GB"), ("Kowalski i Syn", "PL"), ("Bergström Bygg AB", "SE"),
    ("Olivar del Sur", "ES"), ("Quayside Books", "IE"), ("Alpenrad AG", "CH"), ("Vento Novo Lda", "PT"),
)  # fmt: skip
GOODS = (
    ("SKU-1001", "Field notebook", 12.50, ("paper", "office")),
    ("SKU-1017", "Desk lamp", 48.00, ("light", "office")),
    ("SKU-2040", "Steel bottle", 21.90, ("kitchen",)),
    ("SKU-2203", "Canvas bag", 34.00, ("textile", "gift")),
    ("SKU-3110", "Bicycle bell", 9.80, ("bike",)),
    ("SKU-3307", "Rain cover", 27.40, ("bike", "textile")),
    ("SKU-4008", "Tool roll", 63.25, ("workshop", "gift")),
    ("SKU-5120", "Wall clock", 89.00, ("home",)),
)
CITIES = (
    ("Hamburg", "20095", "DE"), ("Lyon", "69002", "FR"), ("Leeds", "LS1 4AP", "GB"),
    ("Gdańsk", "80-831", "PL"),
    ("Malmö", "211 20", "SE"), ("Sevilla", "41001", "ES"), ("Cork", "T12 W8KP", "IE"), ("Bern", "3011", "CH"),
)  # fmt: skip


def user(world: World, person: Person, role: str | None = None) -> dict[str, JsonValue]:
    """A user's record: flat fields, nested settings, a list of groups."""
    return {
        "id": person.id,
        "email": person.email,
        "name": person.name,
        "role": role or person.role,
        "status": "active",
        "phone": None,
        "groups": [person.department],
        "settings": {
            "theme": "light",
            "locale": "en-GB",
            "notifications": {"email": True, "sms": False, "digest": "weekly"},
        },
        "created_at": rfc3339(world.now),
    }


def order(world: World, resource_id: str) -> dict[str, JsonValue]:
    """An order with its items (id, sku, price, quantity, tags) and where it goes."""
    rng = world.random
    customer, _ = rng.choice(CUSTOMERS)
    city, postcode, country = rng.choice(CITIES)
    items = [item(world, number) for number in range(1, rng.randint(1, 4) + 1)]
    return {
        "id": resource_id,
        "status": "open",
        "customer": customer,
        "items": items,
        "total": total(items),
        "currency": "EUR",
        "shipping": {
            "method": rng.choice(("standard", "express")),
            "address": {"city": city, "postcode": postcode, "country": country},
            "tracking": None,
        },
    }


def item(world: World, number: int) -> dict[str, JsonValue]:
    """One line of an order or an invoice."""
    sku, name, price, tags = world.random.choice(GOODS)
    quantity = world.random.randint(1, 12)
    return {"id": number, "sku": sku, "name": name, "price": price, "quantity": quantity, "tags": list(tags)}


def total(items: list[JsonValue]) -> float:
    return round(float(sum(one["price"] * one["quantity"] for one in items)), 2)


def invoice(world: World, resource_id: str) -> dict[str, JsonValue]:
    """An invoice: customer, lines, terms."""
    rng = world.random
    name, country = rng.choice(CUSTOMERS)
    lines = [item(world, number) for number in range(1, rng.randint(1, 3) + 1)]
    net = total(lines)
    return {
        "id": resource_id,
        "status": "draft",
        "customer": {"name": name, "country": country},
        "lines": lines,
        "net": net,
        "vat": round(net * 0.2, 2),
        "currency": "EUR",
        "terms": {"days": 30, "reminders": 0},
        "paid_at": None,
    }


def document(world: World, resource_id: str) -> dict[str, JsonValue]:
    rng = world.random
    title = rng.choice(
        ("Price list", "Supplier contract", "Onboarding notes", "Quarterly report", "Audit reply")
    )
    return {
        "id": resource_id,
        "title": f"{title} {world.now:%Y-%m}",
        "folder": rng.choice(("contracts", "finance", "people", "sales")),
        "bytes": rng.randint(8_000, 900_000),
        "shared_with": rng.sample(("finance", "sales", "support", "product"), k=2),
    }


def api_key(world: World, resource_id: str, owner: Person) -> dict[str, JsonValue]:
    """A key's record, never the key itself: only how it begins."""
    return {
        "id": resource_id,
        "prefix": f"ak_{world.random.getrandbits(24):06x}",
        "owner": owner.id,
        "scopes": world.random.sample(("orders:read", "orders:write", "invoices:read", "users:read"), k=2),
        "status": "active",
        "expires_at": None,
    }


def role(name: str, permissions: tuple[str, ...]) -> dict[str, JsonValue]:
    return {"id": f"role_{name}", "name": name, "permissions": list(permissions), "members_only": True}


def feature_flag(name: str) -> dict[str, JsonValue]:
    return {
        "id": f"flag_{name}",
        "enabled": False,
        "rollout": {"percent": 0, "regions": []},
        "owners": ["product"],
    }
