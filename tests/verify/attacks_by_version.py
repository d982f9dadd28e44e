"""Attacks that mean something on one version of the seal only, as in `attacks`."""

import json
from collections.abc import Callable

from audit_tui.core.findings import StoryKind
from audit_tui.embedded import tamper
from audit_tui.embedded.tamper_guard import unrecorded
from tests.verify.attack import FORGED, Attack, all_of, edit, rehash
from tests.verify.chains import ACME, Conn, append


def _downgrade(sequence: int) -> Callable[[Conn], object]:
    return lambda conn: tamper.downgrade(conn, ACME, sequence)


def _erase_then_edit_the_record(conn: Conn) -> None:
    """An authorised erasure of events 3 to 5, whose `audit.erased` event 13 is then edited."""
    group = {"sequences": [[3, 5]], "parts": ["snapshots"]}
    conn.execute(
        "SELECT audit.erase(%s, %s, 'asked', 'GDPR 17', 'dpo', p_single_operator := true)",
        (ACME, json.dumps([group])),
    )
    tamper.edit_field(conn, ACME, 13, "actor_id", "x")


def _forge_a_boundary(conn: Conn) -> None:
    """The first four events go, and an `audit.archived` event gives another last hash than theirs."""
    recorded = {"first_sequence": 1, "last_sequence": 4, "last_hash": FORGED}
    append(conn, "audit.archived", recorded)
    tamper.drop_first(conn, ACME, 4)


def _replace_the_verifier(conn: Conn) -> None:
    """Event 5 is edited, and audit.verify_chain says that all is well."""
    tamper.edit_field(conn, ACME, 5, "actor_id", "x")
    with unrecorded(conn):
        conn.execute(
            "CREATE OR REPLACE FUNCTION audit.verify_chain(p_tenant_id varchar) RETURNS TABLE ("
            " is_valid boolean, broken_at_sequence bigint, broken_event_id varchar, message text, kind text,"
            " severity text, first_sequence bigint, last_sequence bigint, expected text, found text,"
            " columns text[]) LANGUAGE sql STABLE AS $$ SELECT true, NULL::bigint, NULL::varchar,"
            " 'Audit chain is valid - no tampering detected', NULL, NULL, NULL::bigint, NULL::bigint, NULL,"
            " NULL, NULL::text[] $$"
        )


IN_OUR_SCHEMA: tuple[Attack, ...] = (
    Attack(
        "T11 verifier replaced",
        _replace_the_verifier,
        (("content_mismatch", 5, 5),),
        (StoryKind.EDITED_IN_PLACE,),
        by_sql=(),
    ),
)
"""On our schema, whichever version the events have."""

ON_VERSION_2: tuple[Attack, ...] = (
    Attack(
        "T2 edit a column that the guide's hash leaves out",
        edit(5, "actor_email", "x@example.com"),
        (("content_mismatch", 5, 5),),
        (StoryKind.EDITED_IN_PLACE,),
    ),
    Attack(
        "T1 SQL NULL becomes JSON null",
        edit(6, "changes", "null"),
        (("content_mismatch", 6, 6),),
        (StoryKind.EDITED_IN_PLACE,),
    ),
    Attack(
        "T14 downgrade",
        _downgrade(5),
        (("uncovered_columns", 5, 5), ("version_downgrade", 5, 5), ("link_mismatch", 6, 6)),
        (StoryKind.DOWNGRADED,),
    ),
    Attack(
        "T14 downgrade of all that follow",
        all_of(*(_downgrade(sequence) for sequence in range(10, 13))),
        (
            ("version_downgrade", 10, 10), ("uncovered_columns", 10, 12), ("link_mismatch", 11, 11),
            ("link_mismatch", 12, 12),
        ),
        (StoryKind.DOWNGRADED,),
    ),
    Attack(
        "T14 no version",
        edit(5, "hash_version", None),
        (("version_downgrade", 5, 5),),
        (StoryKind.DOWNGRADED,),
    ),
    Attack(
        "T14 unknown versions side by side",
        all_of(edit(5, "hash_version", 3), edit(6, "hash_version", 0), edit(7, "hash_version", -1)),
        (("version_downgrade", 5, 5), ("version_downgrade", 6, 6), ("version_downgrade", 7, 7)),
        (StoryKind.DOWNGRADED,),
    ),
    Attack(
        "T14 no version and no hash",
        all_of(edit(5, "hash_version", None), edit(5, "event_hash", None)),
        (("malformed_hash", 5, 5), ("version_downgrade", 5, 5)),
        (StoryKind.DOWNGRADED,),
    ),
    Attack(
        "T14 erased without authority",
        lambda conn: tamper.erase_without_authority(conn, ACME, 5, "snapshots", "details"),
        (("unauthorised_erasure", 5, 5),),
        (StoryKind.ERASED_WITHOUT_AUTHORITY,),
    ),
    Attack(
        "no salts",
        edit(5, "part_salts", None),
        (("content_mismatch", 5, 5),),
        (StoryKind.EDITED_IN_PLACE,),
    ),
    Attack(
        "short salts",
        edit(5, "part_salts", b"\0" * 63),
        (("content_mismatch", 5, 5),),
        (StoryKind.EDITED_IN_PLACE,),
    ),
    Attack(
        "T14 the record of an erasure edited",
        _erase_then_edit_the_record,
        (*(("unauthorised_erasure", n, n) for n in (3, 4, 5)), ("content_mismatch", 13, 13)),
        (StoryKind.ERASED_WITHOUT_AUTHORITY, StoryKind.EDITED_IN_PLACE),
    ),
    Attack(
        "T9 a boundary that does not fit",
        _forge_a_boundary,
        (("genesis_mismatch", 5, 5),),
        (StoryKind.START_DELETED,),
    ),
    Attack(
        "T10 time set back in the middle",
        all_of(edit(5, "timestamp", "2020-01-01 00:00+00"), rehash(5)),
        (("time_disorder", 5, 5), ("link_mismatch", 6, 6)),
        (StoryKind.EDITED_AND_REHASHED,),
    ),
    Attack(
        "T10 head dated back",
        all_of(edit(12, "timestamp", "2020-01-01 00:00:00.25+00"), rehash(12)),
        (("time_disorder", 12, 12),),
        (),
    ),
    Attack(
        "time is not judged beside a broken event",
        all_of(edit(5, "timestamp", "2030-01-01 00:00+00")),
        (("content_mismatch", 5, 5),),
        (StoryKind.EDITED_IN_PLACE,),
    ),
)  # fmt: skip

ON_VERSION_1: tuple[Attack, ...] = (
    Attack("T2 edit outside the hash", edit(5, "metadata", "{}"), (), ()),
    Attack("T1 SQL NULL and JSON null are one to the guide", edit(6, "changes", "null"), (), ()),
    Attack(
        "T10 head dated back",
        all_of(edit(12, "timestamp", "2020-01-01 00:00+00"), rehash(12)),
        (("time_disorder", 12, 12),),
        (),
    ),
)
