"""Who may load what: the contracts, and what a start really brings into memory."""

import json
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import audit_tui
from tests.shape.sources import ROOT

HEAVY = {"textual", "psycopg", "typer", "rich", "platformdirs"}
SCREENS = {"textual", "typer", "rich"}


def modules_below(package: str) -> list[str]:
    """Return the package and its modules, by full name, without importing them."""
    folder = ROOT.joinpath(*package.split("."))
    found = pkgutil.walk_packages([str(folder)], prefix=package + ".")
    return [package, *(module.name for module in found)]


def loaded_by(modules: list[str]) -> set[str]:
    """Return the top-level names in memory after a fresh interpreter imported `modules`."""
    script = (
        "import importlib, json, sys\n"
        "for name in json.loads(sys.argv[1]): importlib.import_module(name)\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    )
    command = [sys.executable, "-c", script, json.dumps(modules)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    return set(json.loads(done.stdout))


def test_import_contracts_hold() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [sys.executable, program, "--no-cache"], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_version_is_answered_without_the_libraries() -> None:
    command = [sys.executable, "-X", "importtime", "-m", "audit_tui", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == f"audit-tui {audit_tui.__version__}\n"
    loaded = {line.split("|")[-1].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "audit_tui" in loaded
    assert not loaded & HEAVY


def test_core_the_filter_and_the_contract_load_the_standard_library_alone() -> None:
    pure = [*modules_below("audit_tui.core"), *modules_below("audit_tui.fast")]
    loaded = loaded_by([*pure, "audit_tui.service.api"])
    foreign = loaded - sys.stdlib_module_names - {"audit_tui", "__main__"}
    assert not {name for name in foreign if not name.startswith(("_", "sitecustomize"))}


@pytest.mark.parametrize("package", ["audit_tui.store", "audit_tui.service", "audit_tui.embedded"])
def test_headless_modules_load_no_screens(package: str) -> None:
    assert not loaded_by(modules_below(package)) & SCREENS


def test_commands_load_their_libraries_late() -> None:
    assert not loaded_by(["audit_tui.cli.app"]) & {"textual", "psycopg"}


def test_screens_load_no_database_driver() -> None:
    assert "psycopg" not in loaded_by(modules_below("audit_tui.tui"))


def test_requirements_name_what_is_imported() -> None:
    wanted = re.findall(r'^    "([a-z]+)[\[>=]', (ROOT / "pyproject.toml").read_text(), re.M)
    assert set(wanted) >= HEAVY
