"""Judges a log that was built by hand from the common guide: what its own SQL leaves open."""

from collections.abc import Callable, Mapping

from audit_tui.core.doctor import guide_bodies as read
from audit_tui.core.doctor.catalogue import LOG, Catalogue
from audit_tui.core.doctor.ledger import Ledger
from audit_tui.core.doctor.model import Weight
from audit_tui.core.doctor.roles import Roles
from audit_tui.core.doctor.sqltext import ident, listed, said

Bodies = Mapping[tuple[str, str], str]
ADOPT = "audit-tui install --adopt"
_UNHASHED = frozenset(("id", "event_hash"))
_LOOKED_UP = ("digest", "encode", "gen_random_bytes", "sha256", "hmac", "crypt", "md5")


def judge_guide(ledger: Ledger, catalogue: Catalogue, roles: Roles, bodies: Bodies) -> None:
    """Everything that the guide's own SQL is known to leave open, where it is so here."""
    sealing = sealing_functions(catalogue, bodies)
    _judge_sealing(ledger, catalogue, sealing)
    _judge_verifying(ledger, {name: body for name, body in bodies.items() if name[0] == "verify_chain"})
    _judge_writer(ledger, catalogue, roles, sealing)
    _judge_public(ledger, catalogue)
    _judge_search_path(ledger, catalogue, bodies)
    _judge_data(ledger, catalogue, bodies)


def sealing_functions(catalogue: Catalogue, bodies: Bodies) -> Bodies:
    """The functions that a trigger of the log calls and that set event_hash."""
    called = [found["definition"] for name, found in catalogue.of("trigger") if name[:2] == LOG]
    return {
        name: body
        for name, body in bodies.items()
        if any(f"audit.{ident(name[0])}(" in text for text in called) and read.hashes(body)
    }


def _judge_sealing(ledger: Ledger, catalogue: Catalogue, sealing: Bodies) -> None:
    ledger.look("guide-uncovered", "guide-zone", "guide-race", "guide-time")
    if not sealing:
        ledger.hole("guide-uncovered", "No trigger of the log sets event_hash.", ADOPT)
        ledger.skip(["guide-zone", "guide-race", "guide-time"], "a trigger that seals: there is none")
        return
    columns = {name[2] for name, _ in catalogue.of("column") if name[:2] == LOG}
    covered = frozenset[str]().union(*(read.covered_columns(body) for body in sealing.values()))
    open_ = sorted(columns - covered - _UNHASHED)
    if open_:
        what = f"The hash does not cover {len(open_)} of {len(columns)} columns: {listed(open_, 20)}."
        ledger.hole("guide-uncovered", what, ADOPT)
    for name, body in sealing.items():
        function = f"audit.{said(name[0])}()"
        pinned = "timezone" in (catalogue.get("function", *name) or {}).get("settings", "").lower()
        if read.prints_time_by_session(body) and not pinned:
            ledger.hole(
                "guide-zone", f"{function} hashes the time as the session's time zone prints it.",
                f"ALTER FUNCTION audit.{ident(name[0])}({name[1]}) SET timezone = 'UTC';"
                " -- only where every event was written in UTC",
            )  # fmt: skip
        if not read.serialises(body):
            ledger.hole("guide-race", f"{function} reads the last event without a lock.", ADOPT)
    default = (catalogue.get("column", *LOG, "timestamp") or {}).get("default")
    if not any(read.sets_time(body) for body in sealing.values()):
        ledger.hole(
            "guide-time",
            f"No trigger sets the time: it is the caller's, else {default or 'missing'}.", ADOPT,
        )  # fmt: skip


def _judge_verifying(ledger: Ledger, verifying: Bodies) -> None:
    checks: dict[str, tuple[Callable[[str], bool], str]] = {
        "guide-verifies-links": (
            lambda body: read.compares(body, "previous_hash") or read.looks_back(body),
            "verify_chain never compares previous_hash with the event before.",
        ),
        "guide-verifies-gaps": (
            lambda body: read.compares(body, "sequence_number") or read.looks_back(body),
            "verify_chain never looks at sequence_number: missing events are not noticed.",
        ),
        "guide-first-only": (
            lambda body: not read.stops_at_the_first(body), "verify_chain stops at the first break.",
        ),
    }  # fmt: skip
    ledger.look(*checks)
    for ident_, (is_fine, what) in checks.items():
        if not verifying:
            ledger.notice(
                ident_, "There is no verify_chain here: nothing in the database verifies.", "audit-tui verify"
            )
        elif not all(is_fine(body) for body in verifying.values()):
            ledger.hole(ident_, what, "audit-tui verify")


def _judge_writer(ledger: Ledger, catalogue: Catalogue, roles: Roles, sealing: Bodies) -> None:
    ledger.look("guide-writer")
    lends = all((catalogue.get("function", *name) or {}).get("security") == "definer" for name in sealing)
    if roles.get("audit_writer") is None:
        ledger.fine("guide-writer", "There is no role audit_writer here.")
        return
    groups = ["audit_writer", "", *roles.groups_of("audit_writer")]
    held = {right for group in groups for right in catalogue.get("grant", "table", *LOG, group) or {}}
    if "insert" not in held:
        ledger.fine(
            "guide-writer", "The role audit_writer was granted nothing here: applications log otherwise."
        )
    elif "select" not in held and not lends:
        ledger.hole(
            "guide-writer",
            "audit_writer has no SELECT, which the sealing trigger needs: it cannot log.",
            ADOPT,
        )


def _judge_public(ledger: Ledger, catalogue: Catalogue) -> None:
    ledger.look("guide-public")
    open_ = [n[1:3] for n, found in catalogue.of("grant") if n[0] == "function" and n[-1] == "" and found]
    if open_:
        names = sorted({f"{said(name)}()" for name, _ in open_})
        ledger.hole(
            "guide-public", f"PUBLIC may execute {listed(names)}.",
            "REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA audit FROM PUBLIC;\n"
            "-- then, for the roles that log: GRANT EXECUTE ON FUNCTION audit.log_event TO ...;",
        )  # fmt: skip


def _judge_search_path(ledger: Ledger, catalogue: Catalogue, bodies: Bodies) -> None:
    ledger.look("guide-search-path")
    for name, found in catalogue.of("function"):
        unpinned = "search_path" not in found.get("settings", "")
        called = read.calls_unpinned(bodies.get((name[0], name[1]), ""), _LOOKED_UP)
        if unpinned and called:
            names = listed([f"{one}()" for one in called])
            ledger.hole(
                "guide-search-path",
                f"audit.{said(name[0])}() calls {names} by the search_path of whoever runs it.",
                f"ALTER FUNCTION audit.{ident(name[0])}({name[1]}) SET search_path = pg_catalog, public,"
                " pg_temp;",
                Weight.HIGH if {"digest", "sha256", "hmac"} & set(called) else Weight.MEDIUM,
            )


def _judge_data(ledger: Ledger, catalogue: Catalogue, bodies: Bodies) -> None:
    """Pseudonyms, reconstructions, the guide's second table, gaps in id."""
    ledger.look("guide-pseudonym", "guide-reconstruction", "guide-partitions", "guide-identity")
    for name, body in sorted(bodies.items()):
        if read.uses_md5(body):
            ledger.hole("guide-pseudonym", f"audit.{said(name[0])} takes md5() for a pseudonym.")
        if read.takes_the_last_snapshot(body):
            ledger.hole("guide-reconstruction", f"audit.{said(name[0])} takes the last snapshot for the"
                                                " state.",
                        "audit-tui reconstruct TYPE/ID --at TIME")  # fmt: skip
    for table, found in catalogue.of("relation"):
        if table != LOG and found.get("partition key"):
            ledger.hole(
                "guide-partitions", f"{said('.'.join(table))} is a partitioned table beside the log.",
                "audit-tui install --partitioned -- into another database",
            )  # fmt: skip
    ledger.fine("guide-identity", "Gaps in id mean nothing: rolled-back inserts leave them.")
