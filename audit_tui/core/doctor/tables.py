"""Judges the tables: what stands in their place, their columns, keys, indexes, storage and relatives."""

import re

from audit_tui.core.doctor.catalogue import LOG, TABLE_KINDS, Catalogue, Key, Object, Properties
from audit_tui.core.doctor.differences import Changed, Differences
from audit_tui.core.doctor.ledger import Ledger
from audit_tui.core.doctor.model import Weight
from audit_tui.core.doctor.sqltext import ident, literal, said

INSTALL = "audit-tui install"
_KINDS = {
    "v": ("a view", "VIEW"), "m": ("a materialised view", "MATERIALIZED VIEW"),
    "f": ("a foreign table", "FOREIGN TABLE"), "S": ("a sequence", "SEQUENCE"),
    "c": ("a composite type", "TYPE"), "r": ("a table", "TABLE"), "p": ("a partitioned table", "TABLE"),
}  # fmt: skip
TABLE_CHECKS = (
    "table-columns", "table-constraints", "indexes-changed", "indexes-invalid", "indexes-extra",
    "table-inheritance", "table-storage", "table-unlogged", "trigger-missing", "trigger-disabled",
    "trigger-mode", "trigger-changed", "trigger-extra", "rule-extra", "row-security",
)  # fmt: skip
"""What cannot be looked at where the table of the log is not there."""


def dotted(name: Object) -> str:
    """A relation in a sentence: `audit.logs`."""
    return ".".join(said(part) for part in name[:2])


def sql(name: Object) -> str:
    """A relation in SQL."""
    return ".".join(ident(part) for part in name[:2])


def judge_place(ledger: Ledger, catalogue: Catalogue) -> None:
    """Whether audit.logs is the table of the log."""
    ledger.look("table-in-place")
    front, real = catalogue.front, catalogue.real
    if front is not None and real is None and catalogue.has_log:
        return
    aside = ""
    if front is not None:
        what, word = _KINDS.get(front["kind"], ("no table", "TABLE"))
        aside = f"ALTER {word} audit.logs RENAME TO not_the_log;"
        told = f"audit.logs is {what}"
    else:
        told = "There is no audit.logs"
    if real is None:
        ledger.hole(
            "table-in-place", f"{told}, and no table of the log was found.",
            "\n".join(filter(None, (aside, "-- restore the log's table from a backup"))),
        )  # fmt: skip
        ledger.skip(TABLE_CHECKS, "the table of the log: it is not there")
        return
    back = [] if real[0] == "audit" else [f"ALTER TABLE {sql(real)} SET SCHEMA audit;"]
    if real[1] != "logs":
        back.append(f"ALTER TABLE {sql(('audit', real[1]))} RENAME TO logs;")
    ledger.hole(
        "table-in-place",
        f"{told}; the table of the log is {dotted(real)}.",
        "\n".join(filter(None, (aside, *back))),
    )


def judge_tables(ledger: Ledger, diff: Differences) -> None:
    """Columns, keys, indexes, relatives, storage, and what nobody installed."""
    ledger.look(
        "table-columns", "table-constraints", "indexes-changed", "indexes-invalid", "indexes-extra",
        "table-inheritance", "table-storage", "table-unlogged", "strange-objects",
    )  # fmt: skip
    for name, _ in diff.missing_of("relation"):
        if name != LOG:
            ledger.hole("table-columns", f"{dotted(name)} is missing.", INSTALL)
    for name, props in diff.extra_of("relation"):
        _extra_relation(ledger, name, props, holds_events=("column", (*name, "event_hash")) in diff.found)
    for class_ in ("type", "operator", "collation"):
        for name, _ in diff.extra_of(class_):
            ledger.hole("strange-objects", f"The schema holds the {class_} {said(name[0])}.")
    for change in diff.changed_of("relation"):
        _changed_relation(ledger, diff, change)
    _judge_columns(ledger, diff)
    _judge_constraints(ledger, diff)


def _extra_relation(ledger: Ledger, name: Object, props: Properties, *, holds_events: bool) -> None:
    what, word = _KINDS.get(props["kind"], ("an object", "TABLE"))
    ours = [parent for parent in props.get("parents", "").split(", ") if parent.startswith("audit.")]
    if ours:
        ledger.hole(
            "table-inheritance",
            f"{dotted(name)} inherits from {ours[0]}: its rows appear there.",
            f"ALTER TABLE {ours[0]} DETACH PARTITION {sql(name)};"
            if "partition bound" in props
            else f"ALTER TABLE {sql(name)} NO INHERIT {ours[0]};",
        )
    elif props["kind"] in TABLE_KINDS and holds_events and name[0] == "audit":
        ledger.hole(
            "strange-objects",
            f"{dotted(name)} holds events and is no part of the log: a detached partition, or a copy.",
            "-- look whether its events are archived before anything else is done with it",
        )
    elif name[0] != "audit":
        ledger.hole("strange-objects", f"{dotted(name)} has a trigger that runs a function of this schema.")
    else:
        ledger.hole(
            "strange-objects",
            f"{dotted(name)} is {what} that no installation made.",
            f"ALTER {word} {sql(name)} SET SCHEMA public;",
        )


def _changed_relation(ledger: Ledger, diff: Differences, change: Changed) -> None:
    name = change.key[1]
    if change.name == "persistence" and change.found == "u":
        is_sequence = diff.found[change.key]["kind"] == "S"
        if is_sequence and any(
            c.found == "u" for c in diff.changed_of("relation", "persistence") if c != change
        ):
            return  # a table's sequence follows its table
        word = "SEQUENCE" if is_sequence else "TABLE"
        ledger.hole("table-unlogged", f"{dotted(name)} is unlogged.", f"ALTER {word} {sql(name)} SET LOGGED;")
    elif change.name in _FLAGS:
        _switched_off(ledger, change)
    elif change.name == "numbers":
        what = f"{dotted(name)} counts {change.found} (installed: {change.expected})."
        ledger.hole("table-columns", what, _mend_numbers(change))
    elif change.name == "kind":
        ledger.hole(
            "table-columns", f"{dotted(name)} is {_KINDS.get(change.found or '', ('another', ''))[0]}."
        )
    elif change.name == "parents":
        ledger.hole(
            "table-inheritance", f"{dotted(name)} inherits from {change.found or 'nothing any more'}.",
            f"ALTER TABLE {sql(name)} NO INHERIT {change.found};" if change.found else None, Weight.MEDIUM,
        )  # fmt: skip
    elif change.name in ("partition key", "partition bound"):
        ledger.hole("table-columns", f"{dotted(name)} has another {change.name}: {change.found or 'none'}.")
    elif change.name in ("access method", "extension", "options", "tablespace"):
        _stored_otherwise(ledger, diff, change)


def _stored_otherwise(ledger: Ledger, diff: Differences, change: Changed) -> None:
    name = change.key[1]
    if change.name == "access method":
        ledger.hole(
            "table-storage", f"{dotted(name)} is stored by {said(change.found or '')}.", None, Weight.MEDIUM
        )
    elif change.name != "extension":
        ledger.notice(
            "table-storage", f"The {change.name} of {dotted(name)}: {change.found or 'the default'}."
        )
    elif change.found:
        word = "SEQUENCE" if diff.found[change.key]["kind"] == "S" else "TABLE"
        ledger.hole(
            "table-storage",
            f"{dotted(name)} belongs to the extension {said(change.found)}: a dump leaves it out.",
            f"ALTER EXTENSION {ident(change.found)} DROP {word} {sql(name)};",
            Weight.HIGH,
        )


_NUMBERS = re.compile(r"by (-?\d+) through (-?\d+)")
_FLAGS = {
    "fires triggers": ("trigger-disabled", "relhastriggers", "triggers"),
    "keeps indexes": ("indexes-invalid", "relhasindex", "indexes"),
    "checks": ("table-constraints", "relchecks", "CHECK constraints"),
}
"""What the server goes by: to unset it in the catalogue switches all of them off, and changes none."""


def _switched_off(ledger: Ledger, change: Changed) -> None:
    """More than expected is told where it stands; less means that what stands there is passed over."""
    check, column, what = _FLAGS[change.name]
    order = {"false": -1, "true": 1}
    expected, found = (order.get(v or "0") or int(v or "0") for v in (change.expected, change.found))
    if found < expected:
        table = dotted(change.key[1])
        whose = f"WHERE oid = {literal(sql(change.key[1]))}::regclass;"
        ledger.hole(
            check,
            f"The server passes over {what} of {table}: pg_class.{column} says {change.found}.",
            " ".join(("UPDATE pg_class", f"SET {column} = {change.expected}", whose)),
        )


def _mend_numbers(change: Changed) -> str | None:
    was = _NUMBERS.fullmatch(change.expected or "")
    if was is None:
        return None
    step, last = was.groups()
    return f"ALTER SEQUENCE {sql(change.key[1])} INCREMENT BY {step} MAXVALUE {last} NO CYCLE;"


def _judge_columns(ledger: Ledger, diff: Differences) -> None:
    for name, _ in diff.missing_of("column"):
        ledger.hole("table-columns", f"{dotted(name)} has no column {said(name[2])}.")
    for name, _ in diff.extra_of("column"):
        ledger.hole("table-columns", f"{dotted(name)} has a column {said(name[2])}, which no seal covers.")
    for change in diff.changed_of("column"):
        if change.name == "place":
            continue
        now = f"is {change.found}" if change.found else "is gone"
        ledger.hole(
            "table-columns",
            f"{change.name.capitalize()} of {dotted(change.key[1])}.{said(change.key[1][2])} {now}"
            f" (installed: {change.expected or 'none'}).",
            _mend_column(change),
        )


def _mend_column(change: Changed) -> str | None:
    alter = f"ALTER TABLE {sql(change.key[1])} ALTER COLUMN {ident(change.key[1][2])}"
    if change.name == "not null":
        return f"{alter} {'SET' if change.expected == 'yes' else 'DROP'} NOT NULL;"
    if change.name == "default":
        return f"{alter} SET DEFAULT {change.expected};" if change.expected else f"{alter} DROP DEFAULT;"
    return None


def _judge_constraints(ledger: Ledger, diff: Differences) -> None:
    for name, props in diff.missing_of("constraint"):
        ledger.hole(
            "table-constraints", f"{dotted(name)} has no constraint {said(name[2])}.",
            f"ALTER TABLE {sql(name)} ADD CONSTRAINT {ident(name[2])} {props['definition']};",
        )  # fmt: skip
    for name, props in diff.extra_of("constraint"):
        ledger.hole(
            "table-constraints",
            f"{dotted(name)} has a constraint {said(name[2])} that no installation made:"
            f" {props['definition']}.",
            f"ALTER TABLE {sql(name)} DROP CONSTRAINT {ident(name[2])};",
            Weight.MEDIUM,
        )
    for change in diff.changed_of("constraint", "definition", "state"):
        table, constraint = change.key[1][:2], change.key[1][2]
        now = f"is {change.found}" if change.name == "state" else f"says {change.found}"
        ledger.hole("table-constraints", f"The constraint {said(constraint)} of {dotted(table)} {now}.",
                    _mend_constraint(diff, change.key, change))  # fmt: skip


def _mend_constraint(diff: Differences, key: Key, change: Changed) -> str:
    table, name = sql(key[1]), ident(key[1][2])
    if change.found == "not validated":
        return f"ALTER TABLE {table} VALIDATE CONSTRAINT {name};"
    return (
        f"ALTER TABLE {table} DROP CONSTRAINT {name}, "
        f"ADD CONSTRAINT {name} {diff.expected[key]['definition']};"
    )
