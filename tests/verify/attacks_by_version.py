"""Attacks that mean something on one version of the seal only, as in `attacks`."""

from collections.abc import Callable

from audit_tui.core.findings import StoryKind
from audit_tui.embedded import tamper
from tests.verify.attacks import Attack, all_of, edit, rehash
from tests.verify.chains import ACME, Conn


def _downgrade(sequence: int) -> Callable[[Conn], object]:
    return lambda conn: tamper.downgrade(conn, ACME, sequence)


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
    ),
    Attack(
        "T14 downgrade of all that follow",
        all_of(*(_downgrade(sequence) for sequence in range(10, 13))),
        (
            ("version_downgrade", 10, 10), ("uncovered_columns", 10, 12), ("link_mismatch", 11, 11),
            ("link_mismatch", 12, 12),
        ),
    ),
    Attack("T14 no version", edit(5, "hash_version", None), (("version_downgrade", 5, 5),)),
    Attack(
        "T14 unknown versions side by side",
        all_of(edit(5, "hash_version", 3), edit(6, "hash_version", 0), edit(7, "hash_version", -1)),
        (("version_downgrade", 5, 5), ("version_downgrade", 6, 6), ("version_downgrade", 7, 7)),
    ),
    Attack(
        "T14 no version and no hash",
        all_of(edit(5, "hash_version", None), edit(5, "event_hash", None)),
        (("malformed_hash", 5, 5), ("version_downgrade", 5, 5)),
    ),
    Attack(
        "T14 erased without authority",
        lambda conn: tamper.erase_without_authority(conn, ACME, 5, "snapshots", "details"),
        (("unauthorised_erasure", 5, 5),),
        (StoryKind.ERASED_WITHOUT_AUTHORITY,),
    ),
    Attack("no salts", edit(5, "part_salts", None), (("content_mismatch", 5, 5),)),
    Attack("short salts", edit(5, "part_salts", b"\0" * 63), (("content_mismatch", 5, 5),)),
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
