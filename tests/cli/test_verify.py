"""`verify` on real logs: verdicts, exit codes, what a closed pipe or a full disk may not change."""

import subprocess

import psycopg
import pytest

from audit_tui.embedded import tamper
from tests.cli.program import COMMAND, call, run


def break_acme(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        tamper.edit_field(connection, "org_acme", 12, "actor_id", "usr_intruder")


def test_an_untouched_log_is_intact(either_log: str) -> None:
    ran = call(either_log, "verify")
    assert ran.code == 0
    assert ran.out.startswith("✓ All 2 tenants are intact.\n")
    assert call(either_log, "verify", "--all", "--json").document["verdict"] == "intact"


def test_an_edit_is_tampering(either_log: str) -> None:
    break_acme(either_log)
    ran = call(either_log, "verify", "--json")
    assert ran.code == 1
    told = ran.document
    acme, xyz = told["tenants"]
    assert (told["verdict"], acme["verdict"], xyz["verdict"]) == ("tampered", "tampered", "intact")
    broken = [each for each in acme["findings"] if each["severity"] == "tampered"]
    assert [(each["kind"], each["first_sequence"]) for each in broken] == [("content_mismatch", 12)]
    text = call(either_log, "verify")
    assert text.code == 1
    assert text.out.startswith("✗ 1 of 2 tenants is tampered with.\n")
    assert "edited in place at 12" in text.out


def test_only_the_tenant_that_is_named_is_checked(either_log: str) -> None:
    break_acme(either_log)
    ran = call(either_log, "verify", "--tenant", "org_xyz789", "--json")
    assert ran.code == 0
    assert [each["tenant_id"] for each in ran.document["tenants"]] == ["org_xyz789"]


def test_quiet_says_it_with_the_exit_code_alone(either_log: str) -> None:
    assert call(either_log, "verify", "-q").out == ""
    break_acme(either_log)
    ran = call(either_log, "verify", "-q")
    assert (ran.code, ran.out, ran.err) == (1, "", "")


def test_a_cut_tail_and_a_missing_tenant_are_found_at_the_second_check(log: str) -> None:
    assert call(log, "verify", "-q").code == 0
    with psycopg.connect(log, autocommit=True) as connection:
        tamper.cut_tail(connection, "org_acme", 25)
        tamper.remove_tenant(connection, "org_xyz789")
    ran = call(log, "verify", "--json")
    assert ran.code == 1
    found = {each["tenant_id"]: each["finding_counts"] for each in ran.document["tenants"]}
    assert found == {"org_acme": {"head_rewound": 1}, "org_xyz789": {"tenant_missing": 1}}
    assert call(log, "verify", "-q", "--tenant", "org_xyz789").code == 1


def test_a_tampered_tenant_wins_over_one_that_is_not_there(log: str) -> None:
    break_acme(log)
    both = ("--tenant", "org_acme", "--tenant", "org_nowhere")
    ran = call(log, "verify", *both, "--json")
    assert ran.code == 1
    assert "there is no tenant org_nowhere" in ran.complaint
    assert len(ran.document["tenants"]) == 1
    assert call(log, "verify", "--tenant", "org_xyz789", "--tenant", "org_nowhere").code == 4


def test_all_and_a_tenant_contradict_each_other(log: str) -> None:
    ran = call(log, "verify", "--all", "--tenant", "org_acme")
    assert ran.code == 2
    assert "--all" in ran.complaint


def test_an_empty_log_says_so(audit_db: str) -> None:
    ran = call(audit_db, "verify")
    assert ran.code == 0
    assert "The log holds no events." in ran.out


@pytest.mark.parametrize("arguments", [("verify",), ("verify", "--json")])
def test_a_reader_that_leaves_does_not_change_the_verdict(log: str, arguments: tuple[str, ...]) -> None:
    assert _into_a_closed_pipe(log, *arguments) == (0, "")
    break_acme(log)
    assert _into_a_closed_pipe(log, *arguments) == (1, "")


def test_a_reader_that_leaves_ends_a_stream_without_a_word(long_log: str) -> None:
    with subprocess.Popen(
        [*COMMAND, "timeline", "--json", "--dsn", long_log], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0


def test_a_full_disk_is_said_and_tampering_still_counts(log: str) -> None:
    for verdict, code in (("intact", 4), ("tampered", 1)):
        if verdict == "tampered":
            break_acme(log)
        with open("/dev/full", "wb") as full:  # noqa: PTH123 - a device
            done = subprocess.run(
                [*COMMAND, "verify", "--dsn", log], stdout=full, stderr=subprocess.PIPE, check=False
            )
        assert done.returncode == code
        assert done.stderr.decode().startswith("audit-tui: the results could not be written: No space left")
        assert done.stderr.count(b"\n") == 1


def test_a_missing_stdout_is_no_reason_to_fail(log: str) -> None:
    break_acme(log)
    script = '"$@" >&-'
    done = subprocess.run(
        ["sh", "-c", script, "sh", *COMMAND, "verify", "--dsn", log], stderr=subprocess.PIPE, check=False
    )
    assert (done.returncode, done.stderr) == (1, b"")


def test_colour_is_for_terminals(log: str) -> None:
    assert "\x1b" not in run("verify", "--dsn", log, TERM="xterm-256color").out


def test_a_locale_that_lacks_the_glyphs_still_gets_the_text(log: str) -> None:
    ran = run("verify", "--dsn", log, PYTHONIOENCODING="latin-1")
    assert ran.code == 0
    assert "All 2 tenants are intact." in ran.out
    assert run("verify", "--json", "--dsn", log, PYTHONIOENCODING="latin-1").document["verdict"] == "intact"


def _into_a_closed_pipe(dsn: str, *arguments: str) -> tuple[int, str]:
    """Runs a command whose reader is gone before it writes: the exit code and what stderr says."""
    with subprocess.Popen(
        [*COMMAND, *arguments, "--dsn", dsn], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read().decode()
        return process.wait(), said
