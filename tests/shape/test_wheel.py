"""The wheel: holds the SQL, finds it from anywhere, and works on a real database."""

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from audit_tui.fast.build import LIBRARY, find_compiler
from tests.shape.sources import ROOT

COMPILED = f"audit_tui/fast/{LIBRARY}"
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this checkout without the network."""
    return build(tmp_path_factory.mktemp("wheel"))


def build(place: Path, **variables: str) -> Path:
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(place), str(ROOT)]
    environment = {**os.environ, **variables}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(place.glob("*.whl"))


@pytest.fixture(scope="module")
def run(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs Python in another directory, where `audit_tui` is the one of the installed wheel."""
    target, elsewhere = tmp_path_factory.mktemp("site"), tmp_path_factory.mktemp("elsewhere")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    subprocess.run([*pip, "--no-deps", "--no-index", "--target", str(target), str(wheel)], check=True)

    def python(*arguments: str) -> "subprocess.CompletedProcess[str]":
        environment = {**os.environ, "PYTHONPATH": str(target)}
        command = [sys.executable, *arguments]
        return subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=elsewhere, env=environment
        )

    return python


def test_the_wheel_holds_the_package_and_its_sql(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    sql = {f"audit_tui/_sql/{path.relative_to(ROOT / 'sql')}" for path in (ROOT / "sql").rglob("*.sql")}
    package = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "audit_tui").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.name != LIBRARY
    }
    assert sql
    assert sql <= names
    assert package <= names
    assert not [name for name in names if name.startswith(("tests/", "tools/", "screenshots/"))]
    assert [name for name in names if name.endswith("licenses/LICENSE")]


def test_a_wheel_made_with_a_compiler_is_of_this_platform_and_of_every_python(wheel: Path, run: Run) -> None:
    if find_compiler() is None:
        pytest.skip("no C compiler")
    assert COMPILED in zipfile.ZipFile(wheel).namelist()
    assert "-py3-none-" in wheel.name
    assert not wheel.name.endswith("-any.whl")
    script = "from audit_tui import fast; k = fast.load(); print(k is not None, fast.__file__)"
    found, place = run("-c", script).stdout.split()
    assert found == "True"
    assert str(ROOT) not in place


def test_a_wheel_made_without_a_compiler_runs_anywhere(tmp_path: Path) -> None:
    pure = build(tmp_path, CC="no-such-compiler")
    assert pure.name.endswith("-py3-none-any.whl")
    assert COMPILED not in zipfile.ZipFile(pure).namelist()


def test_the_installed_wheel_finds_its_own_sql(run: Run) -> None:
    script = (
        "import json, audit_tui; from audit_tui.store import sql_files as s;"
        "names = list(s.list_schema_files());"
        "print(json.dumps([audit_tui.__file__, names, len(s.read_sql(names[0]))]))"
    )
    done = run("-c", script)
    assert done.returncode == 0, done.stderr
    place, schema, length = json.loads(done.stdout)
    assert str(ROOT) not in place
    assert schema == sorted(f"schema/{path.name}" for path in (ROOT / "sql" / "schema").glob("*.sql"))
    assert length > 0


def test_the_installed_wheel_installs_and_verifies(run: Run, empty_db: str) -> None:
    first = run("-m", "audit_tui", "install", "--dsn", empty_db)
    assert first.returncode == 0, first.stderr
    second = run("-m", "audit_tui", "install", "--dsn", empty_db)
    assert second.returncode == 0, second.stderr
    with psycopg.connect(empty_db) as connection:
        connection.execute(
            "SELECT audit.log_event('user.created', 't', 'user', 'u', NULL, NULL, 'user', 'x', '/', 'POST')"
        )
    done = run("-m", "audit_tui", "verify", "--dsn", empty_db, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["verdict"] == "intact"


def test_the_installed_wheel_tells_its_version(run: Run) -> None:
    assert run("-m", "audit_tui", "--version").stdout.startswith("audit-tui ")
