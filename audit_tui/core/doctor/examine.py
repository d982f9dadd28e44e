"""The examination: from what was read to one check of each kind."""

from collections.abc import Collection

from audit_tui.core.doctor import adopted
from audit_tui.core.doctor.catalogue import LOG, Catalogue
from audit_tui.core.doctor.differences import compare
from audit_tui.core.doctor.expected import Shipped
from audit_tui.core.doctor.functions import judge_functions
from audit_tui.core.doctor.grants import Granted, judge_grants
from audit_tui.core.doctor.guide import ADOPT, Bodies, judge_guide
from audit_tui.core.doctor.guide_table import GUIDE_PART, judge_guide_functions, judge_guide_table
from audit_tui.core.doctor.indexes import judge_indexes
from audit_tui.core.doctor.ledger import Ledger
from audit_tui.core.doctor.membership import judge_members, judge_our_roles, judge_powers, judge_trust
from audit_tui.core.doctor.model import Check
from audit_tui.core.doctor.ownership import judge_lent, judge_objects, judge_owner
from audit_tui.core.doctor.partitions import expect_partitions, judge_partitions
from audit_tui.core.doctor.planted import judge_builtins, judge_creators, judge_planted
from audit_tui.core.doctor.rows import judge_replication, judge_row_security
from audit_tui.core.doctor.seen import Seen
from audit_tui.core.doctor.settings import judge_clock, judge_parameters, judge_settings, judge_zones
from audit_tui.core.doctor.tables import TABLE_CHECKS, judge_place, judge_tables
from audit_tui.core.doctor.triggers import judge_event_trigger, judge_other_event_triggers, judge_triggers
from audit_tui.core.model import SchemaKind

_OUR_COLUMNS = ("hash_version", "part_salts", "erased_parts")
_GUIDE_COLUMNS = ("tenant_id", "sequence_number", "event_hash", "previous_hash")
_OUR_FUNCTIONS = frozenset(("seal_event", "seal_v2", "guard_insert"))
_DEFAULT_OWNER = "audit_owner"
OF_THE_SCHEMA = (
    *TABLE_CHECKS, "strange-objects", "function-missing", "function-body", "function-attributes",
    "function-extra", "grants-schema", "grants-table", "grants-sequence", "grants-function", "grants-missing",
    "grants-default", "owner-of-objects", "event-trigger",
)  # fmt: skip


def kind_of(catalogue: Catalogue) -> SchemaKind | None:
    """Who built the schema; None where it holds no log that is known."""
    columns = {name[2] for name, _ in catalogue.of("column") if name[:2] == LOG}
    functions = {name[0] for name, _ in catalogue.of("function")}
    if catalogue.get("relation", "audit", "schema_info") is not None or functions & _OUR_FUNCTIONS:
        return SchemaKind.OURS
    if columns.issuperset(_OUR_COLUMNS):
        return SchemaKind.OURS
    return SchemaKind.GUIDE if columns.issuperset(_GUIDE_COLUMNS) else None


def layout_of(seen: Seen) -> str:
    """The layout as recorded, else as the table looks."""
    recorded = seen.info.options.get("layout") if seen.info is not None else None
    if isinstance(recorded, str):
        return recorded
    log = seen.catalogue.get("relation", *LOG) or {}
    if log.get("kind") == "p":
        return "partitioned"
    keys = {name[2] for name, _ in seen.catalogue.of("constraint") if name[:2] == LOG}
    return "adopted" if "logs_event_id_key" in keys else "plain"


def examine_ours(seen: Seen, shipped: Shipped) -> tuple[Check, ...]:
    """Every check of a schema that this tool installed."""
    ledger = Ledger()
    owner = seen.catalogue.owner or _DEFAULT_OWNER
    _judge_version(ledger, seen, shipped)
    judge_place(ledger, seen.catalogue)
    if seen.info is not None and seen.info.version != shipped.schema_version:
        ledger.skip(OF_THE_SCHEMA, f"schema version {shipped.schema_version}, which this audit-tui knows")
    else:
        _judge_schema(ledger, seen, shipped, owner)
    judge_owner(ledger, owner, seen.roles)
    judge_lent(ledger, owner, seen.lent)
    with_roles = seen.info is None or seen.info.options.get("roles") is not False
    judge_our_roles(ledger, seen.roles, owner, expected=with_roles)
    judge_members(ledger, seen.roles)
    judge_surroundings(ledger, seen, shipped, guide=False)
    return ledger.checks()


def judge_surroundings(
    ledger: Ledger, seen: Seen, shipped: Shipped, *, guide: bool, harmless: Collection[str] = ()
) -> None:
    """What holds for every log: roles above it, settings, time, what was planted, replication.

    `harmless` are digests of functions that are known to do what their names say.
    """
    judge_powers(ledger, seen.roles, seen.server.version, seen.server.database_owner)
    judge_trust(ledger, seen.trusts)
    judge_settings(ledger, seen.settings, seen.role_settings)
    judge_parameters(ledger, seen.parameters, seen.roles)
    judge_other_event_triggers(ledger, seen.event_triggers)
    judge_zones(ledger, seen.role_settings, seen.settings.get("TimeZone", "UTC"), guide=guide)
    judge_clock(ledger, seen.server.clock_us, seen.our_clock_us)
    judge_planted(
        ledger, seen.planted, seen.role_settings, seen.settings.get("search_path"), harmless,
        unpinned=guide,
    )  # fmt: skip
    judge_creators(ledger, seen.server.public_create)
    judge_builtins(ledger, shipped.builtins, seen.builtins)
    judge_replication(ledger, seen.publications, seen.subscriptions)


def _judge_schema(ledger: Ledger, seen: Seen, shipped: Shipped, owner: str) -> None:
    catalogue = seen.catalogue
    options = seen.info.options if seen.info is not None else _guessed(catalogue)
    chosen = [layout_of(seen)]
    chosen += [name for name in ("tenant_isolation", "ddl_trigger") if options.get(name) is True]
    expected = {**shipped.choose(chosen, owner).objects, **expect_partitions(shipped, catalogue, owner)}
    is_adopted = layout_of(seen) == adopted.LAYOUT
    if is_adopted:
        expected = adopted.without_the_guides(expected, catalogue)
    if layout_of(seen) == "partitioned":
        judge_partitions(ledger, catalogue, seen.server.clock_us, seen.default_used)
    diff = compare(expected, catalogue)
    judge_tables(ledger, diff)
    judge_indexes(ledger, diff)
    judge_triggers(ledger, diff)
    installed = options.get("ddl_trigger")
    judge_event_trigger(ledger, catalogue, diff, installed if isinstance(installed, bool) else None)
    judge_functions(ledger, diff, catalogue)
    judge_objects(ledger, diff, seen.roles)
    judge_row_security(ledger, diff, hidden_from_us=seen.server.rows_hidden)
    with_roles = options.get("roles") is not False
    granted = Granted(expected, catalogue.objects, seen.roles, owner, is_adopted)
    # What nobody installed is told as such, whatever was granted on it.
    strange = {name for name, _ in catalogue.of("relation") if ("relation", name) not in expected}
    judge_grants(ledger, granted, strange, with_roles=with_roles)


def _guessed(catalogue: Catalogue) -> dict[str, object]:
    """Options as the catalogue suggests them, where the role may not read what was recorded."""
    policies = any(
        name[:2] == LOG and name[2].startswith("tenant_isolation_") for name, _ in catalogue.of("policy")
    )
    return {"tenant_isolation": policies, "ddl_trigger": any(catalogue.of("event trigger")) or None}


def _judge_version(ledger: Ledger, seen: Seen, shipped: Shipped) -> None:
    ledger.look("schema-version")
    if seen.info is None and not seen.server.info_readable:
        ledger.skip(["schema-version"], "SELECT on audit.schema_info")
    elif seen.info is None:
        ledger.hole(
            "schema-version",
            "audit.schema_info holds no row: what was installed is unknown.",
            "audit-tui install",
        )
    elif seen.info.version < shipped.schema_version:
        ledger.hole(
            "schema-version",
            f"The schema is version {seen.info.version}; this audit-tui makes version"
            f" {shipped.schema_version}.",
            "audit-tui upgrade",
        )
    elif seen.info.version > shipped.schema_version:
        # Whoever may write the number could otherwise keep every examination from looking.
        ledger.hole(
            "schema-version",
            f"The schema says that it is version {seen.info.version}, newer than this audit-tui knows"
            f" ({shipped.schema_version}): nothing of it was compared.",
            "-- examine it with a newer audit-tui; where nobody upgraded it, somebody wrote that number",
        )
    else:
        ledger.fine("schema-version", f"The schema is version {seen.info.version}, layout {layout_of(seen)}.")


def examine_guide(seen: Seen, shipped: Shipped, bodies: Bodies) -> tuple[Check, ...]:
    """Every check of a log that was built by hand; `bodies` are the texts of its functions and views."""
    ledger = Ledger()
    catalogue, roles = seen.catalogue, seen.roles
    judge_place(ledger, catalogue)
    owner = (catalogue.get("relation", *LOG) or {}).get("owner")
    if catalogue.has_log:
        judge_guide(ledger, catalogue, roles, bodies)
        judge_guide_table(ledger, catalogue, roles, bodies)
        judge_guide_functions(ledger, catalogue, shipped)
    if owner is not None:
        judge_owner(ledger, owner, roles, remedy=ADOPT)
    stand_ins = [found["body"] for found in shipped.part(GUIDE_PART, "").values() if "body" in found]
    judge_surroundings(ledger, seen, shipped, guide=True, harmless=stand_ins)
    return ledger.checks()
