"""Partitions: each is held to what the log is held to, and events need one to go to."""

import pytest

from tests.doctor.conftest import Fresh, examined, holes, run

FIRST = "(SELECT min(partition) FROM audit.partition_spans() WHERE NOT is_default)"


def on_first(statement: str) -> str:
    """A statement about the first partition, whatever it is called this month; {} is its name."""
    text = statement.replace("{}", "%1$I")
    return f"DO $$ DECLARE p name := {FIRST}; BEGIN EXECUTE format('{text}', p); END $$"


@pytest.fixture
def parted(fresh: Fresh) -> str:
    return fresh("partitioned")


def test_partitions_that_were_added_later_are_as_good(parted: str) -> None:
    run(parted, "SELECT audit.ensure_partitions(12)")
    report = examined(parted)
    assert (report.layout, report.holes, report.not_run) == ("partitioned", (), ())


MADE = [
    ("trigger-disabled", "logs_refuse_truncate", "ALTER TABLE audit.{} DISABLE TRIGGER logs_refuse_truncate"),
    ("trigger-missing", "logs_91_prove_removal", "DROP TRIGGER logs_91_prove_removal ON audit.{}"),
    ("trigger-mode", "logs_90_refuse_update", "ALTER TABLE audit.{} ENABLE TRIGGER logs_90_refuse_update"),
    ("rule-extra", "quiet", "CREATE RULE quiet AS ON INSERT TO audit.{} DO INSTEAD NOTHING"),
    ("grants-table", "PUBLIC", "GRANT DELETE ON audit.{} TO PUBLIC"),
    ("table-unlogged", "unlogged", "ALTER TABLE audit.{} SET UNLOGGED"),
    ("row-security", "is on", "ALTER TABLE audit.{} ENABLE ROW LEVEL SECURITY"),
    ("owner-of-objects", "postgres", "ALTER TABLE audit.{} OWNER TO postgres"),
    ("table-constraints", "no installation", "ALTER TABLE audit.{} ADD CHECK (true)"),
    ("table-storage", "plpgsql", "ALTER EXTENSION plpgsql ADD TABLE audit.{}"),
    ("strange-objects", "holds events", "ALTER TABLE audit.logs DETACH PARTITION audit.{}"),
]


@pytest.mark.parametrize(("ident", "word", "statement"), MADE, ids=[f"{m[0]}: {m[1]}" for m in MADE])
def test_what_is_done_to_one_partition_is_named_alone(
    parted: str, ident: str, word: str, statement: str
) -> None:
    run(parted, on_first(statement))
    found = holes(parted)
    # The first is this month's: without it events, that of the change itself too, go to the default one.
    consequences = {"partition-now", "partition-default"} if ident == "strange-objects" else set()
    assert found.keys() == {ident} | consequences
    assert word in found[ident]


def test_a_stranger_among_the_partitions_is_one_hole_and_its_remedy_takes_it_out(parted: str) -> None:
    run(parted, "CREATE TABLE public.stranger (LIKE audit.logs INCLUDING ALL)",
        "ALTER TABLE audit.logs ATTACH PARTITION public.stranger"
        " FOR VALUES FROM ('1990-01-01') TO ('1990-02-01')")  # fmt: skip
    (hole,) = examined(parted).holes
    assert hole.id == "table-inheritance"
    assert "public.stranger" in hole.message
    run(parted, str(hole.remedy))
    assert "table-inheritance" not in holes(parted)


def test_a_log_without_a_default_partition_would_refuse_events(parted: str) -> None:
    run(parted, "ALTER TABLE audit.logs DETACH PARTITION audit.logs_default",
        "ALTER TABLE audit.logs_default SET SCHEMA public", "DROP TABLE public.logs_default")  # fmt: skip
    assert holes(parted).keys() == {"partition-default"}


def test_a_missing_partition_for_now_is_mended_by_its_remedy(parted: str) -> None:
    run(parted, on_first("ALTER TABLE audit.logs DETACH PARTITION audit.{}"), on_first_gone())
    found = {check.id: check for check in examined(parted).holes}
    assert found.keys() == {"partition-now", "partition-default"}
    run(parted, str(found["partition-now"].remedy))
    assert holes(parted) == {}


def on_first_gone() -> str:
    return (
        "DO $$ DECLARE p name := (SELECT min(c.relname) FROM pg_class c WHERE c.relkind = 'r' AND"
        " c.relnamespace = 'audit'::regnamespace AND c.relname LIKE 'logs\\_2%' AND NOT c.relispartition);"
        " BEGIN EXECUTE format('DROP TABLE audit.%I', p); END $$"
    )
