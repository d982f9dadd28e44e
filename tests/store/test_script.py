"""The script as text: its order, its header, the owner's name, and the steps of an upgrade."""

import contextlib
import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit_tui.core.errors import UsageError
from audit_tui.store.rolename import OUR_ROLES, RESERVED, check_owner, with_owner
from audit_tui.store.script import BEGIN, SCHEMA_VERSION, InstallOptions, build_script, format_script
from audit_tui.store.sql_files import list_schema_files, list_upgrade_files, read_sql


def test_an_install_is_the_options_and_every_file_in_order() -> None:
    script = build_script()
    assert script[0].name == "options"
    assert once([piece.name for piece in script[1:]]) == list_schema_files()
    for piece in script[1:]:
        assert piece.text == read_sql(piece.name)


def test_an_upgrade_runs_its_steps_once_the_version_is_known() -> None:
    names = [piece.name for piece in build_script(upgrade=True)]
    at = names.index("schema/0025_version.sql")
    assert tuple(names[at + 1 : at + 1 + len(list_upgrade_files())]) == list_upgrade_files()
    assert once([n for n in names[1:] if n not in list_upgrade_files()]) == list_schema_files()


def once(names: list[str]) -> tuple[str, ...]:
    """The order without the looks that are taken again: at first, before our functions run, before events."""
    planted = "schema/0010_planted.sql"
    again = [names[at + 1] for at, name in enumerate(names) if name == planted][1:]
    assert again == ["schema/0081_partitions.sql", "schema/0092_adopt_seam.sql"]
    return tuple(dict.fromkeys(names))


def test_no_step_leads_beyond_the_present_version() -> None:
    numbers = [int(file.split("/")[1][:4]) for file in list_upgrade_files()]
    assert numbers
    assert set(numbers) == set(range(2, SCHEMA_VERSION + 1))


def test_every_choice_is_in_the_header() -> None:
    options = InstallOptions(
        owner="keeper", layout="partitioned", tenant_isolation=True, roles=False, ddl_trigger=False
    )
    header = build_script(options)[0].text
    for setting in (
        "owner = 'keeper'", "layout = 'partitioned'", "tenant_isolation = 'on'", "roles = 'off'",
        "ddl_trigger = 'off'", "adopt = 'off'", "adopt_tampered = 'off'", "upgrade = 'off'",
        f"version = '{SCHEMA_VERSION}'",
    ):  # fmt: skip
        assert f"SET LOCAL audit_install.{setting};" in header
    assert "tenant_isolation = '';" in build_script()[0].text


def test_another_owner_stands_wherever_the_first_one_did() -> None:
    plain = "\n".join(piece.text for piece in build_script())
    other = "\n".join(piece.text for piece in build_script(InstallOptions(owner="keeper")))
    assert "audit_owner" not in other
    assert plain.replace("audit_owner", "keeper") == other


def test_only_the_whole_word_is_the_owner() -> None:
    text = "audit_owner, my_audit_owner, audit_owners, 'audit_owner'"
    assert with_owner(text, "x") == "x, my_audit_owner, audit_owners, 'x'"


@given(st.text(max_size=70))
def test_what_can_own_the_log_needs_no_quoting_anywhere(name: str) -> None:
    with contextlib.suppress(UsageError):
        check_owner(name)
        assert re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", name)


@pytest.mark.parametrize("name", sorted(RESERVED) + list(OUR_ROLES) + ["pg_x", "A", "1a", "a-b", "a\n", "é"])
def test_what_cannot_own_the_log(name: str) -> None:
    with pytest.raises(UsageError):
        check_owner(name)


@pytest.mark.parametrize("name", ["audit_owner", "a", "_", "a" * 63, "keeper_2", "pgx"])
def test_what_can(name: str) -> None:
    check_owner(name)


def test_the_script_for_psql_is_one_transaction_of_plain_text() -> None:
    text = format_script(build_script(upgrade=True), title="Upgrade")
    assert set(text) <= set(string.printable)
    lines = text.split("\n")
    assert [line for line in lines if line.startswith("\\")] == [
        "\\set ON_ERROR_STOP on", "\\set QUIET on", "\\echo The audit schema is in place."
    ]  # fmt: skip
    assert lines.index(BEGIN) < lines.index("-- ======== options")
    assert lines[-3] == "COMMIT;"
    for piece in build_script(upgrade=True):
        assert f"-- ======== {piece.name}" in lines
