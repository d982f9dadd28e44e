"""One address, one night, four doors; and a last visit to org_delta on the day before New Year's Eve."""

from audit_tui.embedded.story import records
from audit_tui.embedded.story.beats import (
    Beat,
    Scene,
    deletes,
    fails_to_sign_in,
    logs,
    signs_in,
    signs_out,
    updates,
)
from audit_tui.embedded.story.cast import STRANGER_ADDRESS, Person
from audit_tui.embedded.story.daily import Action
from audit_tui.embedded.story.world import World

STRANGER_AGENT = "curl/8.4.0"


def _stolen(person: Person) -> Person:
    return person.from_elsewhere(STRANGER_ADDRESS, STRANGER_AGENT)


def _guess(scene: Scene, who: Person, times: int) -> None:
    """Passwords tried one after the other: seconds apart, as a script does."""
    for attempt in range(1, times + 1):
        scene.then(0 if attempt == 1 else 1.9 + 0.13 * (attempt % 5), fails_to_sign_in(who, attempt))


def _enters(who: Person) -> Action:
    return signs_in(who, method="password", new_device=True)


def _exports(world: World, who: Person, what: str, rows: int) -> Action:
    return logs(
        who, f"{what}.exported", "export", f"exp_{what}",
        endpoint=f"/v1/orgs/{world.tenant_id}/admin/exports", http_method="POST",
        metadata={"format": "csv", "rows": rows, "columns": ["email", "name", "address", "phone"]},
    )  # fmt: skip


def _issues_key(who: Person, resource_id: str) -> Action:
    def act(world: World) -> None:
        record = records.api_key(world, resource_id, who)
        record["scopes"] = ["orders:read", "invoices:read", "users:read"]
        world.create(who, "api_key", resource_id, record)

    return act


def _deletes_newest_document(who: Person) -> Action:
    return lambda world: world.delete(who, "document", world.living("document")[-1])


def night_at_xyz789(world: World) -> list[Beat]:
    """The whole night as it happened; this tenant's log was left alone, so here it can be read."""
    scene, who = Scene("2024-09-14 22:04:10.112"), _stolen(world.admin)
    _guess(scene, who, 18)
    scene.then(4.4, _enters(who))
    scene.then(12.4, updates(who, "user", "usr_789", {"role": "admin"}))
    scene.then(71.0, _exports(world, who, "customers", 48_211))
    scene.then(66.0, _issues_key(who, "key_backup"))
    for resource_id, pause in (("doc_301", 31.0), ("doc_302", 6.2), ("doc_303", 5.8)):
        scene.then(pause, deletes(who, "document", resource_id))
    scene.then(44.0, signs_out(who))
    return scene.beats


def morning_after(world: World) -> list[Beat]:
    """Somebody noticed: the key goes, the role goes back, the network is closed."""
    scene, admin = Scene("2024-09-15 07:52:18"), world.admin
    revoked = {"event_type": "api_key.revoked", "snapshots": True}
    closed = {"security.mfa": "required", "security.allowed_networks": ["192.168.1.0/24"]}
    scene.then(0, updates(admin, "api_key", "key_backup", {"status": "revoked"}, **revoked))
    scene.then(48.0, updates(admin, "user", "usr_789", {"role": "member"}))
    scene.then(95.0, updates(admin, "organisation", world.tenant_id, closed, snapshots=True))
    return scene.beats


def night_at_acme(world: World) -> list[Beat]:
    """Event 812 sends the company's money elsewhere; later its address is made to look like the office."""
    scene, who = Scene("2024-09-14 22:31:02.410"), _stolen(world.admin)
    account = {
        "billing.payout_account.iban": "GB33BUKB20201555555555",
        "billing.payout_account.bank": "Barclays London",
    }
    _guess(scene, who, 6)
    scene.then(3.2, _enters(who))
    scene.then(58.7, updates(who, "organisation", world.tenant_id, account, snapshots=True))
    scene.then(21.0, signs_out(who))
    return scene.beats


def night_at_borealis(world: World) -> list[Beat]:
    """Event 455 makes a clerk an admin; later it is rewritten and given a fresh hash."""
    scene, who, clerk = Scene("2024-09-14 22:46:40.030"), _stolen(world.admin), world.people[4]
    scene.then(0, _enters(who))
    scene.then(31.0, lambda w: w.log(who, "invoice.viewed", "invoice", w.living("invoice")[-1]))
    scene.then(27.5, updates(who, "user", clerk.id, {"role": "admin"}))
    scene.then(42.2, logs(_stolen(clerk), "user.viewed", "user", world.admin.id))
    scene.then(63.0, signs_out(who))
    return scene.beats


def night_at_cobalt(world: World) -> list[Beat]:
    """Events 301 to 303: an export, a key, and the key gone again. Later all three are deleted."""
    scene, who = Scene("2024-09-14 23:02:17.555"), _stolen(world.admin)
    scene.then(0, _enters(who))
    scene.then(35.2, _exports(world, who, "customers", 9_604))
    scene.then(18.4, _issues_key(who, "key_tmp"))
    scene.then(240.0, deletes(who, "api_key", "key_tmp"))
    scene.then(15.0, signs_out(who))
    return scene.beats


def last_visit_to_delta(world: World) -> list[Beat]:
    """The last 26 things that happened at org_delta; the whole tail is cut after a witness was taken."""
    scene, who = Scene("2024-12-30 23:10:00.700"), _stolen(world.admin)
    _guess(scene, who, 19)
    scene.then(5.1, _enters(who))
    scene.then(40.3, _exports(world, who, "customers", 31_077))
    scene.then(25.0, _exports(world, who, "invoices", 12_480))
    scene.then(33.0, _issues_key(who, "key_sync"))
    scene.then(61.0, _deletes_newest_document(who))
    scene.then(5.5, _deletes_newest_document(who))
    scene.then(12.0, signs_out(who))
    return scene.beats
