"""Judges the table of a hand-made log: what protects it is known only by what it should do, not by name."""

import re

from audit_tui.core.doctor.catalogue import LOG, Catalogue, Object, Properties
from audit_tui.core.doctor.expected import Shipped
from audit_tui.core.doctor.guide import ADOPT, Bodies, sealing_functions
from audit_tui.core.doctor.guide_bodies import always_refuses
from audit_tui.core.doctor.ledger import Ledger
from audit_tui.core.doctor.model import Weight
from audit_tui.core.doctor.roles import Roles
from audit_tui.core.doctor.sqltext import grantee, ident, said
from audit_tui.core.doctor.tables import dotted, sql
from audit_tui.core.doctor.triggers import trigger_mode

GUIDE_PART = "guide"
"""The part of the shipped data with the functions of a schema that was built literally."""
_FIRES = frozenset("OA")
_TOO_MUCH = {"update": Weight.HIGH, "delete": Weight.HIGH, "truncate": Weight.HIGH, "trigger": Weight.HIGH}


def judge_guide_table(ledger: Ledger, catalogue: Catalogue, roles: Roles, bodies: Bodies) -> None:
    """Triggers, rules, row security, relatives, storage and rights of the log's table."""
    _judge_triggers(ledger, catalogue, bodies)
    _judge_around(ledger, catalogue)
    _judge_rights(ledger, catalogue, roles)


def judge_guide_functions(ledger: Ledger, catalogue: Catalogue, shipped: Shipped) -> None:
    """Functions that bear a name of the guide and are not its text."""
    ledger.look("guide-function")
    for (class_, name), found in shipped.parts.get(GUIDE_PART, {}).items():
        now = catalogue.get(class_, *name)
        if found is not None and now is not None and now["body"] != found["body"]:
            ledger.hole("guide-function", f"audit.{said(name[0])}() is not the guide's text.")
    for name, _ in catalogue.of("function"):
        if name[0] in ("digest", "sha256", "encode", "gen_random_bytes"):
            ledger.hole("guide-function", f"audit.{said(name[0])}() bears the name of what it hashes with.")


def _judge_triggers(ledger: Ledger, catalogue: Catalogue, bodies: Bodies) -> None:
    ledger.look("trigger-disabled", "trigger-mode", "trigger-extra")
    ledger.look("guide-update", "guide-truncate", "guide-erasure")
    triggers = [(name, found) for name, found in catalogue.of("trigger") if name[:2] == LOG]
    for name, found in triggers:
        if found["mode"] in ("D", "R"):
            trigger_mode(ledger, name, "O", found["mode"])
    for event in ("UPDATE", "DELETE"):
        _judge_refusal(ledger, event, [(n, f) for n, f in triggers if _is_before(f, event)], bodies)
    truncating = [f for _, f in triggers if _is_before(f, "TRUNCATE") and f["mode"] in _FIRES]
    if not truncating:
        ledger.hole(
            "guide-truncate", "No trigger refuses TRUNCATE: the owner can empty the log.",
            "CREATE FUNCTION audit.prevent_truncate() RETURNS trigger LANGUAGE plpgsql AS\n"
            "  $$ BEGIN RAISE EXCEPTION 'Audit logs are immutable. TRUNCATE is not allowed.'; END $$;\n"
            "CREATE TRIGGER trigger_prevent_truncate BEFORE TRUNCATE ON audit.logs\n"
            "  FOR EACH STATEMENT EXECUTE FUNCTION audit.prevent_truncate();\n"
            "ALTER TABLE audit.logs ENABLE ALWAYS TRIGGER trigger_prevent_truncate;",
        )  # fmt: skip
    _judge_order(ledger, triggers, sealing_functions(catalogue, bodies))


def _judge_refusal(
    ledger: Ledger, event: str, triggers: list[tuple[Object, Properties]], bodies: Bodies
) -> None:
    firing = [(name, found) for name, found in triggers if found["mode"] in _FIRES]
    if not triggers:
        ledger.hole("guide-update", f"No trigger refuses {event}.", ADOPT)
    elif firing and not any(found["mode"] == "A" for _, found in firing):
        names = [ident(name[2]) for name, _ in firing]
        remedy = "\n".join(f"ALTER TABLE audit.logs ENABLE ALWAYS TRIGGER {name};" for name in names)
        what = f"{event} is not refused under session_replication_role = replica."
        ledger.hole("guide-update", what, remedy, Weight.MEDIUM)
    refusing = {name for name, body in bodies.items() if always_refuses(body)}
    if event == "UPDATE" and any(_calls(found, name) for _, found in firing for name in refusing):
        ledger.hole("guide-erasure", "Every UPDATE is refused: nobody's data can be erased.", ADOPT)


def _judge_order(ledger: Ledger, triggers: list[tuple[Object, Properties]], sealing: Bodies) -> None:
    """A BEFORE INSERT trigger that fires after the sealing one changes what was hashed."""
    inserting = sorted(
        (name[2].encode(), name, found) for name, found in triggers if found["before insert"] == "true"
    )
    seals = [key for key, _, found in inserting if any(_calls(found, name) for name in sealing)]
    for key, name, found in inserting:
        if seals and key > max(seals):
            ledger.hole(
                "trigger-extra",
                f"The trigger {said(name[2])} fires after the event was hashed: {found['definition']}.",
                f"DROP TRIGGER {ident(name[2])} ON {sql(name)};",
            )


def _judge_around(ledger: Ledger, catalogue: Catalogue) -> None:
    ledger.look("table-unlogged", "indexes-invalid", "rule-extra", "row-security", "table-inheritance")
    log = catalogue.get("relation", *LOG) or {}
    if log.get("persistence") == "u":
        ledger.hole("table-unlogged", "audit.logs is unlogged.", "ALTER TABLE audit.logs SET LOGGED;")
    if log.get("row security", "off") != "off":
        ledger.hole(
            "row-security", f"Row security of audit.logs is {log['row security']}.",
            "ALTER TABLE audit.logs DISABLE ROW LEVEL SECURITY;",
        )  # fmt: skip
    for name, found in catalogue.of("index"):
        if name[:2] == LOG and found["state"] == "invalid":
            ledger.hole("indexes-invalid", f"The index {said(name[2])} is invalid.",
                        f"REINDEX INDEX {ident(name[0])}.{ident(name[2])};")  # fmt: skip
    for name, found in catalogue.of("rule"):
        if name[:2] == LOG:
            ledger.hole("rule-extra", f"audit.logs has a rule {said(name[2])}: {found['definition']}",
                        f"DROP RULE {ident(name[2])} ON audit.logs;")  # fmt: skip
    for name, found in catalogue.of("relation"):
        if found.get("parents") == "audit.logs" and "partition bound" not in found:
            what = f"{dotted(name)} inherits from audit.logs: its rows appear in the log."
            ledger.hole("table-inheritance", what, f"ALTER TABLE {sql(name)} NO INHERIT audit.logs;")


def _judge_rights(ledger: Ledger, catalogue: Catalogue, roles: Roles) -> None:
    """Only what nobody should have: who may log and read was never written down."""
    ledger.look("grants-table", "grants-schema")
    owner = (catalogue.get("relation", *LOG) or {}).get("owner")
    for name, found in catalogue.of("grant"):
        kind, whom = name[0], name[-1]
        if whom == owner or roles.is_superuser(whom):
            continue
        who = said(whom) if whom else "PUBLIC (everyone)"
        if kind in ("table", "column") and name[1:3] == LOG:
            for right in found:
                if right in _TOO_MUCH or (not whom and right in ("select", "insert")):
                    ledger.hole("grants-table", f"{who} has {right.upper()} on audit.logs.",
                                f"REVOKE {right.upper()} ON audit.logs FROM {grantee(whom)};")  # fmt: skip
        elif kind == "schema" and "create" in found:
            ledger.hole("grants-schema", f"{who} may make objects in the schema audit.",
                        f"REVOKE CREATE ON SCHEMA audit FROM {grantee(whom)};", Weight.HIGH)  # fmt: skip


def _is_before(found: Properties, event: str) -> bool:
    return re.search(rf"\bBEFORE (?:\w+ OR )*{event}\b", found["definition"]) is not None


def _calls(found: Properties, name: tuple[str, str]) -> bool:
    return f"audit.{ident(name[0])}(" in found["definition"]
