"""Judges the indexes: there, valid, and no others that matter."""

from audit_tui.core.doctor.catalogue import Object, Properties
from audit_tui.core.doctor.differences import Differences
from audit_tui.core.doctor.ledger import Ledger
from audit_tui.core.doctor.model import Weight
from audit_tui.core.doctor.sqltext import ident, literal, said
from audit_tui.core.doctor.tables import dotted


def judge_indexes(ledger: Ledger, diff: Differences) -> None:
    """An index that belongs to a key comes and goes with it: `table-constraints` tells that."""
    for name, props in diff.missing_of("index"):
        if "of constraint" not in props:
            ledger.hole(
                "indexes-changed", f"{dotted(name)} has no index {said(name[2])}.", f"{props['definition']};"
            )
    for name, props in diff.extra_of("index"):
        if "of constraint" not in props:
            _extra(ledger, name, props)
    for change in diff.changed_of("index"):
        table, index = change.key[1][:2], change.key[1][2]
        where = f"{ident(table[0])}.{ident(index)}"
        if change.name == "state":
            ledger.hole(
                "indexes-invalid", f"The index {said(index)} of {dotted(table)} is {change.found}.",
                f"REINDEX INDEX {where};" if change.found == "invalid" else _make_immediate(where),
            )  # fmt: skip
        elif change.name in ("definition", "unique", "computed"):
            ledger.hole(
                "indexes-changed", f"The index {said(index)} of {dotted(table)} says {change.found}.",
                f"DROP INDEX {where};\n{diff.expected[change.key]['definition']};",
            )  # fmt: skip


def _make_immediate(index: str) -> str:
    """A key that is kept only in the end: nothing but a superuser's hand in the catalogue makes one so."""
    whose = f"WHERE indexrelid = {literal(index)}::regclass;"
    return " ".join(("UPDATE pg_index", "SET indimmediate = true", whose))


def _extra(ledger: Ledger, name: Object, props: Properties) -> None:
    drop = f"DROP INDEX {ident(name[0])}.{ident(name[2])};"
    what = f"{dotted(name)} has an index {said(name[2])} that no installation made"
    if props["state"] == "invalid":
        ledger.hole("indexes-invalid", f"{what}, and it is invalid.", drop, Weight.LOW)
    elif props["computed"] == "true" or props["unique"] == "true":
        ledger.hole("indexes-extra", f"{what}: {props['definition']}.", drop)
    else:
        ledger.notice("indexes-extra", f"{what}.")
