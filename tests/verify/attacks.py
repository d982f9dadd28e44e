"""The attacks of the threat model that need no witness, each with exactly what a verifier must name."""

from collections.abc import Callable
from dataclasses import dataclass

from audit_tui.core.findings import StoryKind
from audit_tui.embedded import tamper
from tests.verify.chains import ACME, OTHER, Conn
from tests.verify.verifiers import Place

FORGED = "f" * 64


@dataclass(frozen=True)
class Attack:
    """One attack. `places` are the findings but for coverage, in order; `stories` (None: any) what is told.

    On version 1 a notice per run of consecutive events is added: `runs`, with None for the chain's last.
    """

    name: str
    act: Callable[[Conn], object]
    places: tuple[Place, ...]
    stories: tuple[StoryKind, ...] | None = None
    runs: tuple[tuple[int, int | None], ...] = ((1, None),)


def edit(sequence: int, column: str, value: object) -> Callable[[Conn], object]:
    return lambda conn: tamper.edit_field(conn, ACME, sequence, column, value)


def all_of(*acts: Callable[[Conn], object]) -> Callable[[Conn], object]:
    return lambda conn: [act(conn) for act in acts]


def rehash(sequence: int) -> Callable[[Conn], object]:
    return lambda conn: tamper.rehash(conn, ACME, sequence)


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
    Attack("T3 at the head", all_of(edit(12, "resource_id", "x"), rehash(12)), (), ()),
    Attack(
        "T4 rewritten to the head",
        all_of(edit(5, "actor_id", "x"), lambda conn: tamper.rehash_from(conn, ACME, 5)),
        (),
        (),
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
    Attack("T6 delete and renumber", lambda conn: tamper.drop_and_rechain(conn, ACME, 5, 6), (), ()),
    Attack("T7 cut the tail", lambda conn: tamper.cut_tail(conn, ACME, 10), (), ()),
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
    ),
    Attack(
        "duplicate",
        lambda conn: tamper.insert_copy(conn, ACME, 5),
        (("content_mismatch", 5, 5), ("duplicate_sequence", 5, 5)),
    ),
    Attack(
        "insert between",
        all_of(
            lambda conn: tamper.renumber_from(conn, ACME, 12, 1),
            lambda conn: tamper.insert_copy(conn, ACME, 5, at=12),
        ),
        (("content_mismatch", 12, 12), ("link_mismatch", 12, 12), ("content_mismatch", 13, 13),
         ("link_mismatch", 13, 13)),
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
)  # fmt: skip
