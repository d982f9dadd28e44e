"""Hostile bytes under the address and undefined-behaviour sanitizers, in a program of their own."""

import subprocess
from pathlib import Path
from random import Random

import pytest

from audit_tui.fast.build import FOLDER, find_compiler
from tests.builders import seal_chain
from tests.fast.encoding import encode
from tests.fast.random_events import FIRST_US, TENANT, event

ROUNDS = 40_000
WARNINGS = ("-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Werror")
SANITIZERS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g", "-O1")


def compiled(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    compiler = find_compiler()
    if compiler is None:
        pytest.skip("no C compiler")
    command = [*compiler, "-std=c11", f"-I{FOLDER}", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "empty.c").write_text("int main(void) { return 0; }\n")
    if compiled(folder, *SANITIZERS, "-o", "empty", "empty.c").returncode != 0:
        pytest.skip("this compiler has no sanitizers")
    source = Path(__file__).with_name("fuzz_driver.c")
    done = compiled(folder, *SANITIZERS, "-o", "driver", str(source))
    assert done.returncode == 0, done.stderr
    return folder / "driver"


@pytest.mark.parametrize("version", [1, 2])
def test_hostile_bytes_are_read_within_their_bounds(driver: Path, tmp_path: Path, version: int) -> None:
    random = Random(version)
    events = seal_chain([event(random, 1 + number, FIRST_US + number, version) for number in range(6)])
    tenant = TENANT.encode()
    rows = b"".join(encode(row) for row in events[1:])
    (tmp_path / "rows").write_bytes(
        (events[0].event_hash or "").encode() + bytes([len(tenant)]) + tenant + rows
    )
    done = subprocess.run(
        [str(driver), str(tmp_path / "rows"), str(ROUNDS)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.mark.parametrize("level", ["-O2", "-O0"])
def test_the_sources_compile_without_a_warning(tmp_path: Path, level: str) -> None:
    done = compiled(tmp_path, *WARNINGS, level, "-c", "-o", "kernel.o", str(FOLDER / "kernel.c"))
    assert (done.returncode, done.stderr) == (0, "")
