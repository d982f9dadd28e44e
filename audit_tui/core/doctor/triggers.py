"""Judges triggers and rules: all there, enabled, in their mode, and no others."""

from collections.abc import Iterable

from audit_tui.core.doctor.catalogue import Catalogue, Object, Properties
from audit_tui.core.doctor.differences import Differences
from audit_tui.core.doctor.ledger import Ledger
from audit_tui.core.doctor.model import Weight
from audit_tui.core.doctor.sqltext import ident, said
from audit_tui.core.doctor.tables import INSTALL, dotted, sql

SEALING = "logs_90_seal_event"
_MODES = {"O": "ENABLE", "A": "ENABLE ALWAYS", "R": "ENABLE REPLICA", "D": "DISABLE"}
_FIRES = {"O": "as ORIGIN only", "A": "always", "R": "as REPLICA only", "D": "never"}


def judge_triggers(ledger: Ledger, diff: Differences) -> None:
    """Triggers and rules of the tables."""
    ledger.look("trigger-missing", "trigger-disabled", "trigger-mode", "trigger-changed", "trigger-extra")
    ledger.look("rule-extra")
    for name, _ in diff.missing_of("trigger"):
        ledger.hole("trigger-missing", f"{dotted(name)} has no trigger {said(name[2])}.", INSTALL)
    for name, props in diff.extra_of("trigger"):
        extra_trigger(ledger, "trigger-extra", name, props)
    for change in diff.changed_of("trigger"):
        if change.name == "mode":
            trigger_mode(ledger, change.key[1], change.expected or "O", change.found or "D")
        elif change.name == "definition":
            ledger.hole(
                "trigger-changed",
                f"The trigger {said(change.key[1][2])} of {dotted(change.key[1])} says {change.found}.",
                INSTALL,
            )
    for name, props in diff.extra_of("rule"):
        ledger.hole(
            "rule-extra", f"{dotted(name)} has a rule {said(name[2])}: {props['definition']}",
            f"DROP RULE {ident(name[2])} ON {sql(name)};",
        )  # fmt: skip


def trigger_mode(ledger: Ledger, name: Object, expected: str, found: str) -> None:
    """A trigger that does not fire when it should."""
    remedy = f"ALTER TABLE {sql(name)} {_MODES[expected]} TRIGGER {ident(name[2])};"
    trigger = f"The trigger {said(name[2])} of {dotted(name)}"
    if found == "D":
        ledger.hole("trigger-disabled", f"{trigger} is disabled.", remedy)
    else:
        told = f"{trigger} fires {_FIRES.get(found, found)} (installed: {_FIRES[expected]})."
        ledger.hole("trigger-mode", told, remedy)


def extra_trigger(ledger: Ledger, ident_: str, name: Object, props: Properties) -> None:
    """A trigger that nobody installed; one that fires after the sealing one can change what was sealed."""
    after = props["before insert"] == "true" and name[2].encode() > SEALING.encode()
    more = ", which fires after the event is sealed" if after else ""
    what = f"{dotted(name)} has a trigger {said(name[2])} that no installation made{more}"
    told = f"{what}: {props['definition']}."
    idle = Weight.LOW if props["mode"] == "D" else None
    ledger.hole(ident_, told, f"DROP TRIGGER {ident(name[2])} ON {sql(name)};", idle)


def judge_other_event_triggers(ledger: Ledger, others: Iterable[tuple[str, str, str]]) -> None:
    """Those of extensions and of the database's own people, who see every command on the log too."""
    for name, event, function in others:
        what = f"The event trigger {said(name)} runs {said(function)}() on {event}."
        if event == "login":
            ledger.hole("event-trigger", f"{what} It sets what it likes in every session that begins.",
                        f"ALTER EVENT TRIGGER {ident(name)} DISABLE;")  # fmt: skip
        else:
            ledger.notice("event-trigger", what)


def judge_event_trigger(
    ledger: Ledger, catalogue: Catalogue, diff: Differences, installed: bool | None
) -> None:
    """The event triggers that record DDL. `installed` is what the schema recorded (None: unknown)."""
    ledger.look("event-trigger")
    for name, _ in diff.missing_of("event trigger"):
        ledger.hole("event-trigger", f"The event trigger {said(name[0])} is missing.", INSTALL)
    for change in diff.changed_of("event trigger", "event", "mode", "function", "tags"):
        remedy = f"ALTER EVENT TRIGGER {ident(change.key[1][0])} {_MODES[change.expected or 'O']};"
        if change.name == "mode":
            fires = _FIRES.get(change.found or "D", change.found or "")
            ledger.hole("event-trigger", f"The event trigger {said(change.key[1][0])} fires {fires}.", remedy)
        else:
            ledger.hole(
                "event-trigger",
                f"The {change.name} of the event trigger {said(change.key[1][0])} is {change.found}.",
                INSTALL,
            )
    for name, _ in diff.extra_of("event trigger"):
        if installed is not False:
            ledger.hole("event-trigger", f"The event trigger {said(name[0])} runs a function of this schema.")
    if installed is False and not any(catalogue.of("event trigger")):
        ledger.notice(
            "event-trigger", "DDL on the schema is not recorded: a superuser has to install that.", INSTALL
        )
