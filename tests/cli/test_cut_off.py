"""A check that does not come to its end: what was proven, what was not, and the exit code."""

import json
import os
import subprocess
import sys

import psycopg
import pytest

from audit_tui.embedded import tamper
from tests.cli.program import Ran


def ending_badly(act: str, *arguments: str) -> Ran:
    done = subprocess.run(
        [sys.executable, "-m", "tests.cli.ending_badly", act, *arguments],
        env=os.environ,
        capture_output=True,
        check=False,
        timeout=120,
    )
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def test_ctrl_c_says_through_where_it_was_proven(long_log: str) -> None:
    ran = ending_badly("interrupt", "verify", "--json", "--dsn", long_log)
    assert ran.code == 3
    tenant = ran.document["tenants"][0]
    through = tenant["proven_through"]
    assert 0 < through < 3000
    assert ran.complaint == f"audit-tui: interrupted: org_long is proven through {through} and not beyond"
    assert tenant["verdict"] == "inconclusive"
    assert tenant["axes"]["content"]["state"] == "inconclusive"
    assert ran.document["verdict"] == "inconclusive"


def test_ctrl_c_after_tampering_was_found_is_tampered(long_log: str) -> None:
    with psycopg.connect(long_log, autocommit=True) as connection:
        tamper.edit_field(connection, "org_long", 2, "actor_id", "usr_intruder")
    ran = ending_badly("interrupt", "verify", "--dsn", long_log)
    assert ran.code == 1
    assert ran.out.startswith("✗ 1 of 1 tenant is tampered with.\n")
    assert ran.complaint == "audit-tui: interrupted: org_long is proven through 1 and not beyond"


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_a_server_that_goes_away_leaves_nothing_half_checked_called_proven(
    long_log: str, form: tuple[str, ...]
) -> None:
    ran = ending_badly("lose-server", "verify", *form, "--reconnect", "0", "--dsn", long_log)
    assert ran.code == 3
    assert "Traceback" not in ran.err
    if form:
        tenant = json.loads(ran.out)["tenants"][0]
        assert tenant["verdict"] == "inconclusive"
        assert tenant["last_sequence"] < 3000
    else:
        assert ran.out.startswith("? 1 of 1 tenant could not be decided.\n")
        assert "connection to the server was lost" in ran.out


def test_a_check_goes_on_after_a_lost_connection(long_log: str) -> None:
    ran = ending_badly("lose-server", "verify", "--json", "--dsn", long_log)
    assert ran.code == 0
    assert ran.document["tenants"][0]["proven_through"] == 3000
    assert "the connection was lost, and the rest was read in a later snapshot" in ran.document["claim"]


@pytest.mark.parametrize("act", ["interrupt", "lose-server"])
def test_a_check_that_was_cut_off_leaves_no_witness(long_log: str, act: str) -> None:
    ending_badly(act, "verify", "--reconnect", "0", "--dsn", long_log)
    with psycopg.connect(long_log, autocommit=True) as connection:
        tamper.cut_tail(connection, "org_long", 100)
    ran = ending_badly(act, "tenants", "--json", "--dsn", long_log)
    assert ran.document["tenants"][0]["witness"] is None
