"""`verify --against` as people and programs meet it: text, document, exit codes."""

import re
from pathlib import Path

import psycopg
import pytest

from audit_tui.embedded import tamper
from tests.cli.events import HOSTILE
from tests.cli.program import PASSWORD, call, run
from tests.second.logs import Bench, attack
from tests.service.conftest import log_events
from tests.shape.sources import ROOT

PAGE = (ROOT / "docs" / "second-source.md").read_text(encoding="utf-8")


def rewrite(conn: psycopg.Connection) -> None:
    tamper.edit_field(conn, "org_a", 617, "actor_id", "usr_mallory")
    tamper.rehash_from(conn, "org_a", 617)


def test_the_example_of_the_page_is_what_the_program_prints(long_log: str, bench: Bench) -> None:
    copy = bench.copy(long_log)
    attack(long_log, rewrite)
    ran = run("verify", "--dsn", long_log, "--against", copy)
    assert ran.code == 1
    (example,) = re.findall(r"^```text\n(.*?)^```", PAGE, re.M | re.S)
    assert _plain(ran.out, {_name(long_log): "app", _name(copy): "backup"}) == _plain(example, {})


def _name(dsn: str) -> str:
    return str(psycopg.conninfo.conninfo_to_dict(dsn)["dbname"])


def _plain(text: str, names: dict[str, str]) -> str:
    """Without what differs from run to run: moments, hashes, ids; blanks count once, for table columns."""
    for name, shown in names.items():
        text = text.replace(f"/{name}", f"/{shown}")
    text = re.sub(r"\d{4}-\d\d-\d\d[T ][\d:.]+(?:Z|\+00)?", "MOMENT", text)
    text = re.sub(r"[0-9a-f]{4}…[0-9a-f]{4}", "HASH", text)
    text = re.sub(r"evt_\w+", "EVENT", text)
    text = re.sub(r"\w+@[\w.]+(?::\d+)?/", "TARGET/", text)
    return "\n".join(" ".join(line.split()) for line in text.strip().splitlines())


def test_the_document_names_its_format_and_counts_comparisons(long_log: str, bench: Bench) -> None:
    copy = bench.copy(long_log)
    attack(long_log, rewrite)
    ran = call(long_log, "verify", "--json", "--against", copy)
    assert ran.code == 1
    told = ran.document
    assert (told["format"], told["against"]["format"]) == ("audit-tui/verify/1", "audit-tui/against/1")
    assert told["against"]["comparisons"] <= 10
    (tenant,) = told["against"]["tenants"]
    assert (tenant["relation"], tenant["first_difference"]) == ("different", 617)
    assert (tenant["differing_events"], tenant["looked_through"]) == (1, 1000)
    (event,) = tenant["events"]
    assert {each["column"] for each in event["fields"]} == {"actor_id", "event_hash"}
    assert event["here"]["actor_id"] == "usr_mallory"
    documented = set(re.findall(r'"(\w+)":', PAGE))
    assert {*told["against"], *tenant, *event} <= documented


@pytest.mark.parametrize(("behind", "code"), [(True, 0), (False, 1)])
def test_exit_codes_of_what_is_shorter(log: str, bench: Bench, behind: bool, code: int) -> None:
    copy = bench.copy(log)
    log_events(log if behind else copy, "org_a", 2)
    ran = call(log, "verify", "--against", copy)
    assert ran.code == code, ran.out + ran.err
    assert ("2 more events here" if behind else "2 more events there") in ran.out


def test_another_log_is_inconclusive(log: str, audit_db: str) -> None:
    log_events(audit_db, "org_a", 5)
    ran = call(log, "verify", "--against", audit_db)
    assert ran.code == 3
    assert "two different logs" in ran.out
    assert "the second source is another log" in ran.out


def test_wrong_usage(log: str, tmp_path: Path) -> None:
    assert call(log, "verify", "--against", log).code == 2
    assert call(log, "verify", "--against", str(tmp_path)).code == 2
    assert call(log, "verify", "--against", log, "--archive", str(tmp_path)).code == 2
    assert call(log, "verify", "--against", "neither a DSN nor a folder").code == 2


def test_a_password_of_the_second_source_is_never_shown(log: str, bench: Bench) -> None:
    ran = call(log, "verify", "--against", f"postgresql://u:{PASSWORD}@localhost:1/x")
    assert ran.code == 4
    assert "the second source" in ran.complaint
    copy = f"{bench.copy(log)} password={PASSWORD}"
    for arguments in ((), ("--json",)):
        shown = call(log, "verify", "--against", copy, *arguments)
        assert shown.code == 0
        assert PASSWORD not in shown.out + shown.err


def test_hostile_text_reaches_neither_text_nor_document_raw(log: str, bench: Bench) -> None:
    copy = bench.copy(log)
    attack(log, lambda conn: tamper.edit_field(conn, "org_a", 7, "user_agent", HOSTILE))
    attack(copy, lambda conn: tamper.edit_field(conn, "org_b", 2, "metadata", '{"\x7f\u202e[/x]": "\u009b"}'))
    for arguments in ((), ("--json",)):
        ran = call(log, "verify", "--against", copy, *arguments)
        assert ran.code == 1
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", ran.out + ran.err)
    assert "␛[2J" in call(log, "verify", "--against", copy).out


def test_tenants_that_are_named(log: str, bench: Bench) -> None:
    copy = bench.copy(log)
    attack(log, lambda conn: tamper.remove_tenant(conn, "org_b"))
    named = ("verify", "--against", copy, "--tenant", "org_b")
    gone = call(log, *named, "--json")
    assert gone.code == 1
    assert [each["tenant_id"] for each in gone.document["tenants"]] == ["org_b"]
    unknown = call(log, "verify", "--against", copy, "--tenant", "org_nowhere")
    assert (unknown.code, unknown.out) == (4, "")
    assert "there is no tenant org_nowhere" in unknown.complaint


def test_quiet_says_it_with_the_exit_code_alone(log: str, bench: Bench) -> None:
    ran = call(log, "verify", "-q", "--against", bench.copy(log))
    assert (ran.code, ran.out, ran.err) == (0, "", "")
