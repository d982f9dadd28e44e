"""What no source file may hold: values built into markup or SQL, addresses, this machine's paths."""

import ast
import re

import pytest

from audit_tui import __version__
from tests.shape.sources import ROOT, calls, is_built_text, project_files, python_files

# Each of these reads a plain str as markup: "[/x]" in a value crashes the app, "[@click=...]" runs code.
MARKUP_TAKERS = {
    "Static", "Label", "Button", "Checkbox", "Collapsible", "TabPane", "Option", "Select", "OptionList",
    "SelectionList", "ListItem", "Hit", "DiscoveryHit", "notify", "update", "add_row", "add_column",
    "add_option", "add_leaf", "from_markup",
}  # fmt: skip
SQL_TAKERS = {"execute", "executemany", "copy", "stream", "SQL"}
# Spelled in two pieces: this file is checked as well.
FORBIDDEN_TEXT = [
    (re.compile(r"/(?:ro" + r"ot|wo" + r"rk)/\w"), "a path of one machine"),
    (re.compile(r"\bpy" + r"pi\.|pythonho" + r"sted|/sim" + r"ple/?\"|index-u" + r"rl", re.I), "a registry"),
]  # fmt: skip


def built_into(code: str, takers: set[str]) -> list[str]:
    """Return the places where a call of one of `takers` gets a string put together from values."""
    found = []
    for name, call in calls(ast.parse(code)):
        literal = any(k.arg == "markup" and getattr(k.value, "value", None) is False for k in call.keywords)
        if name in takers and not literal and any(is_built_text(argument) for argument in call.args):
            found.append(f"line {call.lineno}: {ast.unparse(call)[:80]}")
    return found


def test_screens_build_no_markup_from_values() -> None:
    bad = {str(path): built_into(path.read_text(), MARKUP_TAKERS) for path in python_files("audit_tui/tui")}
    assert not {path: places for path, places in bad.items() if places}


def test_no_sql_is_built_from_values() -> None:
    folders = ("audit_tui/store", "audit_tui/service", "audit_tui/embedded", "audit_tui/cli")
    bad = {str(path): built_into(path.read_text(), SQL_TAKERS) for path in python_files(*folders)}
    assert not {path: places for path, places in bad.items() if places}


@pytest.mark.parametrize(
    "code",
    [
        'Static(f"{x}")',
        'self.notify("hello " + name)',
        'Content.from_markup("[b]{}[/b]".format(x))',
        'cursor.execute("SELECT %s" % x)',
        'conn.execute(f"SELECT {x}")',
        'sql.SQL(f"{x}")',
    ],
)
def test_the_two_checks_see_what_they_look_for(code: str) -> None:
    assert built_into(code, MARKUP_TAKERS | SQL_TAKERS)


@pytest.mark.parametrize(
    "code",
    ['Static("plain")', 'Static(Content(f"{x}"))', 'notify(f"{x}", markup=False)', 'execute("SELECT 1")'],
)
def test_the_two_checks_pass_what_is_safe(code: str) -> None:
    assert not built_into(code, MARKUP_TAKERS | SQL_TAKERS)


def test_no_file_names_this_machine_or_a_registry() -> None:
    bad = [
        f"{path.relative_to(ROOT)}: {what}: {match[0]}"
        for path in project_files()
        for pattern, what in FORBIDDEN_TEXT
        for match in [pattern.search(path.read_text(encoding="utf-8"))]
        if match
    ]
    assert not bad


def test_every_exception_from_a_rule_gives_its_reason() -> None:
    bare = re.compile(r"# (?:noqa(?:: [A-Z]+\d+(?:, ?[A-Z]+\d+)*)?|type: ignore(?:\[[\w, -]+\])?)\s*$")
    bad = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in python_files("audit_tui", "tools", "screenshots")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if bare.search(line)
    ]
    assert not bad


def test_the_changelog_knows_this_version() -> None:
    versions = re.findall(r"^## \[(\d[^\]]*)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)
    assert versions[0] == __version__


def test_every_schema_file_explains_itself() -> None:
    files = sorted((ROOT / "sql" / "schema").glob("*.sql"))
    assert files
    assert not [path.name for path in files if "--" not in path.read_text(encoding="utf-8")[:200]]
