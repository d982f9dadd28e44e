"""Judges the functions of the schema: all there, letter by letter, with the rights and settings they had."""

from audit_tui.core.doctor.catalogue import Catalogue, Object, Properties
from audit_tui.core.doctor.differences import Changed, Differences
from audit_tui.core.doctor.ledger import Ledger
from audit_tui.core.doctor.model import Weight
from audit_tui.core.doctor.sqltext import ident, said
from audit_tui.core.doctor.tables import INSTALL

_CODE = frozenset(("body", "language", "library", "kind"))
_TOLD = {
    "security": "with the rights of its {}",
    "settings": "with the settings {}",
    "volatility": "as volatility {}",
    "parallel": "as parallel {}",
    "strict": "strict: {}",
    "leakproof": "leakproof: {}",
    "result": "returning {}",
    "arguments": "with the arguments ({})",
    "extension": "as a part of the extension {}",
}


def told(name: Object) -> str:
    """A function in a sentence: `audit.erase()`."""
    return f"audit.{said(name[0])}()"


def signature(name: Object) -> str:
    """A function in SQL, with its argument types."""
    return f"audit.{ident(name[0])}({name[1]})"


def judge_functions(ledger: Ledger, diff: Differences, catalogue: Catalogue) -> None:
    """Bodies by digest, attributes, and functions that nobody installed."""
    ledger.look("function-missing", "function-body", "function-attributes", "function-extra")
    gone = {name[0] for name, _ in diff.missing_of("function")}
    for name, _ in diff.missing_of("function"):
        if catalogue.has_log or "audit.logs" not in name[1]:
            ledger.hole("function-missing", f"{told(name)} is missing.", INSTALL)
    for name, props in diff.extra_of("function"):
        _extra(ledger, name, props, replaces=name[0] in gone)
    changed_code: set[Object] = set()
    for change in diff.changed_of("function"):
        if change.name in _CODE and change.key[1] not in changed_code:
            changed_code.add(change.key[1])
            ledger.hole("function-body", _other_body(change), INSTALL)
    for change in diff.changed_of("function", *_TOLD):
        if catalogue.has_log or change.name not in ("arguments", "result"):
            ledger.hole("function-attributes", _other_attribute(change), INSTALL)


def _other_body(change: Changed) -> str:
    if change.name == "language":
        return f"{told(change.key[1])} is written in {said(change.found or '?')} now, not {change.expected}."
    return f"The body of {told(change.key[1])} is not the one that was installed."


def _other_attribute(change: Changed) -> str:
    how = _TOLD[change.name]
    now = how.format(change.found) if change.found is not None else f"without {change.name}"
    was = change.expected if change.expected is not None else f"no {change.name}"
    return f"{told(change.key[1])} is there {now} (installed: {was})."


def _extra(ledger: Ledger, name: Object, props: Properties, *, replaces: bool) -> None:
    lends = props["security"] == "definer"
    what = " that runs with its owner's rights" if lends else ""
    also = ", beside the one that is missing" if replaces else ""
    ledger.hole(
        "function-extra",
        f"The schema holds a function {told(name)}{what} that no installation made{also}.",
        f"DROP {'PROCEDURE' if props['kind'] == 'p' else 'FUNCTION'} {signature(name)};",
        Weight.HIGH if lends else Weight.MEDIUM,
    )
