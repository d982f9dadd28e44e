"""The attacks of the threat model on any schema, each with exactly what a verifier must name."""

from audit_tui.core.findings import StoryKind
from audit_tui.embedded import tamper
from tests.verify.attack import FORGED, Attack, all_of, edit, rehash
from tests.verify.chains import ACME, OTHER, Conn


def put_in_the_middle(conn: Conn) -> None:
    """A foreign row 6 that names event 5 and has a hash that fits; the events from 6 on make room."""
    tamper.renumber_from(conn, ACME, 6, 1)
    tamper.insert_copy(conn, ACME, 5, at=6)
    row = conn.execute(
        "SELECT event_hash FROM audit.logs WHERE tenant_id = %s AND sequence_number = 5", (ACME,)
    ).fetchone()
    tamper.edit_field(conn, ACME, 6, "previous_hash", row[0] if row else None)
    tamper.rehash(conn, ACME, 6)


ON_BOTH: tuple[Attack, ...] = (
    Attack(
        "T1 edit in place",
        edit(5, "actor_id", "usr_evil"),
        (("content_mismatch", 5, 5),),
        (StoryKind.EDITED_IN_PLACE,),
    ),
    Attack(
        "T1 edit of two places",
        all_of(edit(3, "changes", "{}"), edit(9, "resource_id", "x")),
        (("content_mismatch", 3, 3), ("content_mismatch", 9, 9)),
        (StoryKind.EDITED_IN_PLACE, StoryKind.EDITED_IN_PLACE),
    ),
    Attack(
        "T1 time of the first event by a microsecond",
        edit(1, "timestamp", "2024-01-15 10:07:00.500001+00"),
        (("content_mismatch", 1, 1),),
        (StoryKind.EDITED_IN_PLACE,),
    ),
    Attack(
        "T3 edit and rehash",
        all_of(edit(5, "resource_id", "usr_999"), rehash(5)),
        (("link_mismatch", 6, 6),),
        (StoryKind.EDITED_AND_REHASHED,),
    ),
    Attack(
        "T5 delete one",
        lambda conn: tamper.drop_rows(conn, ACME, 5, 5),
        (("sequence_gap", 5, 5),),
        (StoryKind.DELETED,),
        ((1, 4), (6, None)),
    ),
    Attack(
        "T5 delete a run",
        lambda conn: tamper.drop_rows(conn, ACME, 5, 7),
        (("sequence_gap", 5, 7),),
        (StoryKind.DELETED,),
        ((1, 4), (8, None)),
    ),
    Attack(
        "T9 delete the first",
        lambda conn: tamper.drop_first(conn, ACME),
        (("genesis_mismatch", 2, 2),),
        (StoryKind.START_DELETED,),
        ((2, None),),
    ),
    Attack(
        "T9 delete the first three",
        lambda conn: tamper.drop_first(conn, ACME, 3),
        (("genesis_mismatch", 4, 4),),
        (StoryKind.START_DELETED,),
        ((4, None),),
    ),
    Attack(
        "T9 forged predecessor of the first",
        all_of(edit(1, "previous_hash", FORGED), rehash(1)),
        (("genesis_mismatch", 1, 1), ("link_mismatch", 2, 2)),
        (StoryKind.FORGED_START,),
    ),
    Attack(
        "T9 chain from 1 that does not begin there",
        all_of(
            lambda conn: tamper.drop_first(conn, ACME, 2),
            edit(3, "previous_hash", None),
            lambda conn: tamper.rehash_from(conn, ACME, 3),
        ),
        (("genesis_mismatch", 3, 3),),
        (StoryKind.START_DELETED,),
        ((3, None),),
    ),
    Attack(
        "swap",
        lambda conn: tamper.swap(conn, ACME, 5, 8),
        (
            ("content_mismatch", 5, 5), ("link_mismatch", 5, 5), ("link_mismatch", 6, 6),
            ("content_mismatch", 8, 8), ("link_mismatch", 8, 8), ("link_mismatch", 9, 9),
        ),
        (StoryKind.SWAPPED,),
    ),
    Attack(
        "swap of neighbours",
        lambda conn: tamper.swap(conn, ACME, 5, 6),
        (
            ("content_mismatch", 5, 5), ("link_mismatch", 5, 5), ("content_mismatch", 6, 6),
            ("link_mismatch", 6, 6), ("link_mismatch", 7, 7),
        ),
        (StoryKind.SWAPPED,),
    ),
    Attack(
        "NULL hash",
        lambda conn: tamper.null_hash(conn, ACME, 5),
        (("malformed_hash", 5, 5),),
        (StoryKind.HASH_DAMAGED,),
    ),
    Attack("empty hash", edit(5, "event_hash", ""), (("malformed_hash", 5, 5),), (StoryKind.HASH_DAMAGED,)),
    Attack(
        "upper-case hash",
        edit(5, "event_hash", FORGED.upper()),
        (("malformed_hash", 5, 5),),
        (StoryKind.HASH_DAMAGED,),
    ),
    Attack(
        "hash of other content",
        edit(5, "event_hash", FORGED),
        (("content_mismatch", 5, 5), ("link_mismatch", 6, 6)),
        (StoryKind.HASH_DAMAGED,),
    ),
    Attack(
        "link of another event",
        edit(5, "previous_hash", FORGED),
        (("content_mismatch", 5, 5), ("link_mismatch", 5, 5)),
        (StoryKind.EDITED_IN_PLACE,),
    ),
    Attack(
        "NULL link, rehashed",
        all_of(edit(5, "previous_hash", None), rehash(5)),
        (("link_mismatch", 5, 5), ("link_mismatch", 6, 6)),
        (StoryKind.EDITED_AND_REHASHED,),
    ),
    Attack(
        "duplicate",
        lambda conn: tamper.insert_copy(conn, ACME, 5),
        (("content_mismatch", 5, 5), ("duplicate_sequence", 5, 5)),
        (StoryKind.DUPLICATED,),
    ),
    Attack(
        "insert between",
        all_of(
            lambda conn: tamper.renumber_from(conn, ACME, 12, 1),
            lambda conn: tamper.insert_copy(conn, ACME, 5, at=12),
        ),
        (("content_mismatch", 12, 12), ("link_mismatch", 12, 12), ("content_mismatch", 13, 13),
         ("link_mismatch", 13, 13)),
        (StoryKind.INSERTED,),
    ),
    Attack(
        "moved to another tenant",
        lambda conn: tamper.move_to_tenant(conn, ACME, 5, OTHER),
        (("sequence_gap", 5, 5),),
        (StoryKind.DELETED,),
        ((1, 4), (6, None)),
    ),
    Attack(
        "deleted, then rehashed behind the gap",
        all_of(
            lambda conn: tamper.drop_rows(conn, ACME, 5, 5),
            lambda conn: tamper.rehash_from(conn, ACME, 6),
        ),
        (("sequence_gap", 5, 5),),
        (StoryKind.DELETED,),
        ((1, 4), (6, None)),
    ),
    Attack(
        "a row put in the middle and chained, the rest renumbered",
        put_in_the_middle,
        (*(("content_mismatch", n, n) for n in range(7, 14)), ("link_mismatch", 7, 7)),
        (StoryKind.INSERTED,),
    ),
    Attack(
        "deleted, the rest renumbered",
        all_of(
            lambda conn: tamper.drop_rows(conn, ACME, 5, 6),
            lambda conn: tamper.renumber_from(conn, ACME, 7, -2),
        ),
        (*(("content_mismatch", n, n) for n in range(5, 11)), ("link_mismatch", 5, 5)),
        (StoryKind.RENUMBERED,),
    ),
    Attack(
        "renumbered upwards",
        lambda conn: tamper.renumber_from(conn, ACME, 5, 3),
        (("sequence_gap", 5, 7), *(("content_mismatch", n, n) for n in range(8, 16))),
        (StoryKind.RENUMBERED,),
        ((1, 4), (8, None)),
    ),
    Attack(
        "T4 rewritten in part",
        all_of(edit(4, "actor_id", "x"), lambda conn: tamper.rehash_from(conn, ACME, 4, through=8)),
        (("link_mismatch", 9, 9),),
        (StoryKind.EDITED_AND_REHASHED,),
    ),
    Attack(
        "hash and content changed",
        all_of(edit(5, "actor_id", "x"), edit(5, "event_hash", FORGED)),
        (("content_mismatch", 5, 5), ("link_mismatch", 6, 6)),
        (StoryKind.EDITED_IN_PLACE,),
    ),
    Attack(
        "neighbours edited and rehashed",
        all_of(edit(5, "actor_id", "x"), rehash(5), edit(6, "actor_id", "x"), rehash(6)),
        (("link_mismatch", 6, 6), ("link_mismatch", 7, 7)),
        (StoryKind.EDITED_AND_REHASHED,),
    ),
    Attack(
        "T11 trigger disabled, a row put at the end",
        lambda conn: tamper.insert_copy(conn, ACME, 5, at=13),
        (("content_mismatch", 13, 13), ("link_mismatch", 13, 13)),
        (StoryKind.INSERTED,),
    ),
)  # fmt: skip
