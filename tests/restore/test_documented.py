"""The commands of docs/restoring.md, run as they stand there."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from audit_tui import bootstrap
from audit_tui.core.doctor.model import CheckState
from audit_tui.embedded.server import EmbeddedServer
from tests.restore.programs import everything
from tests.restore.test_replication import COPIED, wait_until
from tests.shape.sources import ROOT

pytestmark = pytest.mark.parametrize("source_server", ["older"], indirect=True)
PAGE = (ROOT / "docs" / "restoring.md").read_text(encoding="utf-8")
BLOCKS = {
    heading: re.findall(r"^```sh\n(.*?)^```", section, re.M | re.S)
    for heading, section in re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S)
}


def run(block: str, folder: Path, old: str, new: str, programs: Path) -> str:
    """Run a block in a shell that stops at the first command that fails; return what it said."""
    path = os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        [shutil.which("bash") or "bash", "-e", "-c", block],
        env={**os.environ, "PATH": path, "OLD": old, "NEW": new},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout + done.stderr
    # doctor's 1 is about the throwaway server's settings; the holes are compared one by one below
    assert done.returncode == 0 or "audit-tui doctor" in block, said
    return said


def holes(dsn: str) -> set[str]:
    """What doctor finds, apart from the server's own settings."""
    report = bootstrap.examine_schema(dsn)
    return {
        f"{check.id}: {check.message}"
        for check in report.checks
        if check.state is CheckState.HOLE and check.area.value != "settings"
    }


@pytest.fixture
def programs_folder(new: EmbeddedServer) -> Path:
    return new.binaries.bin_dir


def with_layout(block: str, layout: str) -> str:
    """Let the first install of a block make this layout."""
    option = " --partitioned" if layout == "partitioned" else ""
    return block.replace("audit-tui install", f"audit-tui install{option}", 1)


def test_the_whole_database(source: str, target: str, tmp_path: Path, programs_folder: Path) -> None:
    first, again = BLOCKS["The whole database"]
    said = run(first, tmp_path, source, target, programs_folder)
    assert "intact" in said
    assert everything(source) == everything(target)
    assert holes(target) == holes(source)
    run(again, tmp_path, source, target, programs_folder)
    assert everything(source) == everything(target)
    assert holes(target) == holes(source)


def test_data_alone(source: str, target: str, layout: str, tmp_path: Path, programs_folder: Path) -> None:
    replica, _ = BLOCKS["Data alone"]
    said = run(with_layout(replica, layout), tmp_path, source, target, programs_folder)
    assert "intact" in said
    assert "Nothing changed" in said
    assert everything(source) == everything(target)
    assert holes(target) == holes(source)


def test_data_alone_with_disabled_triggers(
    source: str, target: str, layout: str, tmp_path: Path, programs_folder: Path
) -> None:
    _, disabled = BLOCKS["Data alone"]
    restore, mend = with_layout(disabled, layout).split("audit-tui install --ddl-trigger")
    run(restore, tmp_path, source, target, programs_folder)
    assert everything(source) == everything(target)
    assert any(hole.startswith("trigger") for hole in holes(target) - holes(source))
    said = run(f"audit-tui install --ddl-trigger{mend}", tmp_path, source, target, programs_folder)
    assert "intact" in said
    assert holes(target) == holes(source)


def test_logical_replication(
    source: str, target: str, layout: str, tmp_path: Path, programs_folder: Path
) -> None:
    begin, promote = BLOCKS["Logical replication"]
    run(with_layout(begin, layout), tmp_path, source, target, programs_folder)
    with psycopg.connect(target, autocommit=True) as conn:
        wait_until(conn, COPIED)
    assert everything(source) == everything(target)
    said = run(promote, tmp_path, source, target, programs_folder)
    assert "intact" in said
    with psycopg.connect(source) as before, psycopg.connect(target) as after:
        name = "SELECT log_id FROM audit.schema_info"
        assert before.execute(name).fetchone() == after.execute(name).fetchone()
