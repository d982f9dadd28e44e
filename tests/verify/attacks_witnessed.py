"""Attacks that leave a chain which agrees with itself: what a head that was remembered before them says."""

from audit_tui.core.findings import StoryKind
from audit_tui.embedded import tamper
from tests.verify.attack import Attack, all_of, edit, rehash
from tests.verify.chains import ACME, Conn

_REWRITTEN = (("head_rewritten", 12, 12),)


def _rewrite(conn: Conn) -> None:
    edit(5, "actor_id", "x")(conn)
    tamper.rehash_from(conn, ACME, 5)


def _pair(name: str, attack: Attack) -> tuple[Attack, Attack]:
    """The attack with and without a witness: without one it leaves what `places` says, often nothing."""
    blind = Attack(f"{name}, no witness", attack.act, attack.places, (), attack.runs)
    return blind, attack


ON_BOTH_WITNESSED: tuple[Attack, ...] = (
    *_pair(
        "T3 at the head",
        Attack(
            "T3 at the head",
            all_of(edit(12, "resource_id", "x"), rehash(12)),
            stories=(StoryKind.REWRITTEN_TO_HEAD,),
            witnessed=True,
            missed=_REWRITTEN,
        ),
    ),
    *_pair(
        "T4 rewritten to the head",
        Attack(
            "T4 rewritten to the head",
            _rewrite,
            stories=(StoryKind.REWRITTEN_TO_HEAD,),
            witnessed=True,
            missed=_REWRITTEN,
        ),
    ),
    *_pair(
        "T6 deleted, renumbered, re-chained",
        Attack(
            "T6 deleted, renumbered, re-chained",
            lambda conn: tamper.drop_and_rechain(conn, ACME, 5, 6),
            stories=(StoryKind.TAIL_CUT,),
            witnessed=True,
            missed=(("head_rewound", 11, 12),),
        ),
    ),
    Attack(
        "T6 deleted, renumbered, re-chained, others appended",
        all_of(
            lambda conn: tamper.drop_and_rechain(conn, ACME, 5, 6),
            lambda conn: tamper.insert_copy(conn, ACME, 3, at=11),
            lambda conn: tamper.insert_copy(conn, ACME, 4, at=12),
            lambda conn: tamper.rehash_from(conn, ACME, 11),
        ),
        (("time_disorder", 11, 11),),
        (StoryKind.REWRITTEN_TO_HEAD,),
        witnessed=True,
        missed=_REWRITTEN,
    ),
    *_pair(
        "T7 tail cut",
        Attack(
            "T7 tail cut",
            lambda conn: tamper.cut_tail(conn, ACME, 10),
            stories=(StoryKind.TAIL_CUT,),
            witnessed=True,
            missed=(("head_rewound", 10, 12),),
        ),
    ),
    Attack(
        "T7 tail cut, an event edited",
        all_of(lambda conn: tamper.cut_tail(conn, ACME, 10), edit(3, "actor_id", "x")),
        (("content_mismatch", 3, 3),),
        (StoryKind.EDITED_IN_PLACE, StoryKind.TAIL_CUT),
        witnessed=True,
        missed=(("head_rewound", 10, 12),),
    ),
    Attack(
        "T8 tenant removed",
        lambda conn: tamper.remove_tenant(conn, ACME),
        stories=(StoryKind.TENANT_REMOVED,),
        runs=(),
        witnessed=True,
        missed=(("tenant_missing", 1, 12),),
    ),
    Attack(
        "T8 table emptied",
        tamper.truncate,
        stories=(StoryKind.TENANT_REMOVED,),
        runs=(),
        witnessed=True,
        missed=(("tenant_missing", 1, 12),),
    ),
    Attack(
        "T5 the witnessed event deleted with others",
        all_of(
            lambda conn: tamper.insert_copy(conn, ACME, 5, at=13),
            lambda conn: tamper.rehash_from(conn, ACME, 13),
            lambda conn: tamper.drop_rows(conn, ACME, 11, 12),
        ),
        (("sequence_gap", 11, 12),),
        (StoryKind.DELETED,),
        ((1, 10), (13, None)),
        witnessed=True,
        missed=_REWRITTEN,
    ),
    Attack(
        "NULL hash at the witnessed head",
        lambda conn: tamper.null_hash(conn, ACME, 12),
        (("malformed_hash", 12, 12),),
        (StoryKind.HASH_DAMAGED,),
        witnessed=True,
        missed=_REWRITTEN,
    ),
    Attack(
        "T10 head dated back, with a witness",
        all_of(edit(12, "timestamp", "2020-01-01 00:00:00.25+00"), rehash(12)),
        (("time_disorder", 12, 12),),
        (StoryKind.REWRITTEN_TO_HEAD,),
        witnessed=True,
        missed=_REWRITTEN,
    ),
)
