"""A log of six tenants as the demo tells it, small, in memory."""

from tests.builders import drop, edit, make_chain, rehash
from tests.fakes import FakeService


def tampered_service(**options: object) -> FakeService:
    """acme edited at 12, borealis rehashed at 15, cobalt lacks 21 to 23, delta cut after 35, one vanished."""
    acme, borealis = make_chain("org_acme", 40), make_chain("org_borealis", 40)
    cobalt, delta = make_chain("org_cobalt", 40), make_chain("org_delta", 40)
    head = delta[-1].event_hash or ""
    edit(acme, 12, actor_email="other@example.com")
    edit(borealis, 15, actor_email="other@example.com")
    rehash(borealis, 15)
    drop(cobalt, 21, 23)
    drop(delta, 36, 40)
    chains = {"org_acme": acme, "org_borealis": borealis, "org_cobalt": cobalt, "org_delta": delta}
    chains["org_xyz789"] = make_chain("org_xyz789", 30)
    witnesses = {"org_delta": (40, head), "org_gone": (17, "ab" * 32)}
    return FakeService(chains, witnesses=witnesses, **options)  # type: ignore[arg-type]


def clean_service(tenants: int = 2, name: str = "quiet") -> FakeService:
    chains = {f"org_{number:04d}": make_chain(f"org_{number:04d}", 5) for number in range(tenants)}
    return FakeService(chains, name=name)
