"""Judges what hides, hands on or brings in rows: row security, publications, subscriptions."""

from collections.abc import Iterable

from audit_tui.core.doctor.differences import Differences
from audit_tui.core.doctor.ledger import Ledger
from audit_tui.core.doctor.model import Weight
from audit_tui.core.doctor.seen import Publication
from audit_tui.core.doctor.sqltext import ident, listed, said
from audit_tui.core.doctor.tables import INSTALL, dotted, sql

_SWITCH = {
    "off": ("DISABLE ROW LEVEL SECURITY", "NO FORCE ROW LEVEL SECURITY"),
    "on": ("ENABLE ROW LEVEL SECURITY", "NO FORCE ROW LEVEL SECURITY"),
    "forced": ("ENABLE ROW LEVEL SECURITY", "FORCE ROW LEVEL SECURITY"),
}


def judge_row_security(ledger: Ledger, diff: Differences, *, hidden_from_us: bool) -> None:
    """Row security and policies against what was installed; `hidden_from_us`: it applies to this role."""
    ledger.look("row-security")
    more = " It hides events from the role that asks." if hidden_from_us else ""
    for change in diff.changed_of("relation", "row security"):
        name = change.key[1]
        switches = ", ".join(_SWITCH[change.expected or "off"])
        ledger.hole(
            "row-security", f"Row security of {dotted(name)} is {change.found} (installed:"
                            f" {change.expected}).{more}",
            f"ALTER TABLE {sql(name)} {switches};",
        )  # fmt: skip
    for name, props in diff.extra_of("policy"):
        using = f": USING {props['using']}" if "using" in props else ""
        ledger.hole(
            "row-security", f"{dotted(name)} has a policy {said(name[2])} that no installation made{using}.",
            f"DROP POLICY {ident(name[2])} ON {sql(name)};",
        )  # fmt: skip
    for name, _ in diff.missing_of("policy"):
        ledger.hole("row-security", f"{dotted(name)} has no policy {said(name[2])}.", INSTALL)
    for change in diff.changed_of("policy"):
        ledger.hole(
            "row-security",
            f"The policy {said(change.key[1][2])} of {dotted(change.key[1])} says {change.name}"
            f" {change.found}.",
            INSTALL,
        )


def judge_replication(
    ledger: Ledger, publications: Iterable[Publication], subscriptions: Iterable[str]
) -> None:
    """Publications that hand on the log, whole or in part; subscriptions that write into it."""
    ledger.look("publication", "subscription")
    for one in publications:
        what = f"The publication {said(one.name)} hands on audit.{said(one.relation)}"
        if one.row_filter is not None:
            ledger.hole("publication", f"{what} only where {one.row_filter}.", _take_out(one))
        elif one.columns is not None:
            ledger.hole("publication", f"{what} without some columns: only {one.columns}.", _take_out(one))
        elif "insert" not in one.operations or "update" not in one.operations:
            ledger.hole(
                "publication", f"{what}, but only {one.operations}.",
                f"ALTER PUBLICATION {ident(one.name)} SET (publish = 'insert, update, delete, truncate');",
                Weight.LOW,
            )  # fmt: skip
        else:
            ledger.notice("publication", f"{what}.")
    names = [said(name) for name in subscriptions]
    if names:
        ledger.notice(
            "subscription",
            f"The log is filled by replication ({listed(names)}): it is sealed where it is written.",
        )


def _take_out(one: Publication) -> str:
    table = f"audit.{ident(one.relation)}"
    return (
        f"ALTER PUBLICATION {ident(one.name)} DROP TABLE {table};\n"
        f"ALTER PUBLICATION {ident(one.name)} ADD TABLE {table};"
    )
